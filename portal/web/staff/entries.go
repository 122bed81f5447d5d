package staff

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// entryWords are the lists that sheets draw from, by the word in their address.
var entryWords = map[string]string{"van-ban": catalogue.LegalTexts, "loai-giay-to": catalogue.ComponentTypes, "loai-ket-qua": catalogue.ResultTypes}

// entryWord is the word of the list that an address is about.
func entryWord(c *fiber.Ctx) string {
	return strings.Split(strings.TrimPrefix(c.Path(), listsAt+"/"), "/")[0]
}

// entryLists are the pages of legal texts, types of components and types of results, and the
// page that leads to all lists.
func (h *Pages) entryLists(app fiber.Router) {
	app.Get(listsAt, h.listIndex)
	for word := range entryWords {
		app.Get(listsAt+"/"+word, h.entryList)
		app.Get(listsAt+"/"+word+"/muc", h.entry)
		app.Post(listsAt+"/"+word+"/muc", h.putEntry)
	}
}

// listLink is one list with its page.
type listLink struct {
	Path string
	Name locales.Message
}

func (h *Pages) listIndex(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	all := []listLink{{agenciesAt, locales.M("list.agencies")}, {fieldsAt, locales.M("list.fields")}, {daysAt, locales.M("list.days")}, {unitsAt, locales.M("list.units")}}
	for _, word := range []string{"van-ban", "loai-giay-to", "loai-ket-qua"} {
		all = append(all, listLink{listsAt + "/" + word, locales.M("entry." + entryWords[word])})
	}
	return h.Show(c, fiber.StatusOK, "staff/lists", web.Page{Title: locales.M("list.title"), Frame: web.FrameStaff, Menu: menu(by.Officer),
		Crumbs: []web.Crumb{{Path: sheetsAt, Name: locales.M("editorial.title")}}, Data: all})
}

type entriesPage struct {
	List  string
	At    string
	Text  string
	State string // "" of today, cu: of before, het: all
	Rows  []entryLine
	All   int
	Pages pages
}

// entryLine is an entry with how many sheets in force draw on it.
type entryLine struct {
	catalogue.Entry
	Over bool
	Used int
	Link string
}

func (h *Pages) entryList(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	word := entryWord(c)
	d := entriesPage{List: entryWords[word], At: listsAt + "/" + word, Text: strings.TrimSpace(c.Query("q")), State: c.Query("xem")}
	all, err := h.Catalogue.Entries(c.UserContext(), d.List)
	if err != nil {
		return err
	}
	used, err := h.drawnOn(c, d.List)
	if err != nil {
		return err
	}
	today := h.Now().In(locales.ICT).Format(time.DateOnly)
	var rows []entryLine
	for _, e := range all {
		over := e.Over(today)
		if d.State == "" && over || d.State == "cu" && !over || !catalogue.SaysIn(d.Text, e.Code+" "+e.Name.VI+" "+e.Name.EN+" "+e.Issuer) {
			continue
		}
		rows = append(rows, entryLine{e, over, len(used[e.Code]), d.At + "/muc?ma=" + url.QueryEscape(e.Code)})
	}
	d.All = len(rows)
	d.Rows, d.Pages = cutList(c, rows)
	return h.listPage(c, by.Officer, fiber.StatusOK, "entries", locales.M("entry."+d.List), nil, d)
}

// drawnOn are the sheets in force by the entries that they draw on.
func (h *Pages) drawnOn(c *fiber.Ctx, list string) (map[string][]*catalogue.Revision, error) {
	all, err := h.Catalogue.All(c.UserContext())
	if err != nil {
		return nil, err
	}
	used := map[string][]*catalogue.Revision{}
	for _, r := range all {
		for _, code := range drawn(r.Sheet, list) {
			if of := used[code]; len(of) == 0 || of[len(of)-1] != r {
				used[code] = append(of, r)
			}
		}
	}
	return used, nil
}

// drawn are the codes of a list that a sheet names.
func drawn(s catalogue.Sheet, list string) []string {
	var codes []string
	switch list {
	case catalogue.LegalTexts:
		for _, b := range s.Legal {
			codes = append(codes, b.Number)
		}
	case catalogue.ComponentTypes:
		for _, set := range s.Components {
			for _, p := range set.Papers {
				codes = append(codes, p.Type)
			}
		}
	case catalogue.ResultTypes:
		for _, r := range s.Results {
			codes = append(codes, r.Code)
		}
	}
	return codes
}

type entryPage struct {
	List     string
	At       string // of the list
	New      bool
	Entry    catalogue.Entry
	From, To string // as typed
	Date     string
	Others   []catalogue.Entry // that may take its place
	Used     []*catalogue.Revision
	More     int // sheets beyond those shown
}

// usedShown is how many sheets an entry's page names.
const usedShown = 30

func (h *Pages) entry(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	var e catalogue.Entry
	if code := c.Query("ma"); code != "" {
		if e, err = h.Catalogue.Entry(c.UserContext(), entryWords[entryWord(c)], code); err != nil {
			return err
		}
	}
	d := entryPage{New: e.Code == "", Entry: e, Date: typedDay(e.Date), From: typedDay(e.From), To: typedDay(e.To)}
	return h.showEntry(c, by, fiber.StatusOK, d, nil)
}

func (h *Pages) showEntry(c *fiber.Ctx, by catalogue.Editing, status int, d entryPage, faults []web.ErrorLink) error {
	word := entryWord(c)
	d.List, d.At = entryWords[word], listsAt+"/"+word
	all, err := h.Catalogue.Entries(c.UserContext(), d.List)
	if err != nil {
		return err
	}
	today := h.Now().In(locales.ICT).Format(time.DateOnly)
	d.Others = slices.DeleteFunc(all, func(e catalogue.Entry) bool { return e.Over(today) || e.Code == d.Entry.Code })
	used, err := h.drawnOn(c, d.List)
	if err != nil {
		return err
	}
	d.Used = used[d.Entry.Code]
	if d.More = len(d.Used) - usedShown; d.More > 0 {
		d.Used = d.Used[:usedShown]
	}
	var title web.Words = d.Entry.Code
	if d.New {
		title = locales.M("entry.new." + d.List)
	}
	return h.listPage(c, by.Officer, status, "entry", title, faults, d, web.Crumb{Path: d.At, Name: locales.M("entry." + d.List)})
}

// entryFields are the fields of the form by what a fault calls them.
var entryFields = map[string]string{"code": "ma", "name": "ten-vi", "issuer": "noi-ban-hanh", "date": "ngay", "source": "can-cu", "valid_from": "tu", "valid_to": "den", "replaced_by": "thay-the"}

func (h *Pages) putEntry(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	word := entryWord(c)
	e := catalogue.Entry{Code: trimmed(body, "ma"), Name: locales.Text{VI: trimmed(body, "ten-vi"), EN: trimmed(body, "ten-en"), KM: trimmed(body, "ten-km")},
		Issuer: trimmed(body, "noi-ban-hanh"), Date: keptDay(body.Get("ngay")), Source: trimmed(body, "can-cu"),
		From: keptDay(body.Get("tu")), To: keptDay(body.Get("den")), ReplacedBy: trimmed(body, "thay-the")}
	e.Version, _ = strconv.Atoi(body.Get("ban"))
	err = h.Catalogue.PutEntry(c.UserContext(), by, entryWords[word], e, e.Version)
	if faults, ok := errors.AsType[catalogue.EntryFaults](err); ok {
		var links []web.ErrorLink
		for _, f := range faults {
			links = append(links, web.ErrorLink{Field: entryFields[f.Field], Message: f.Message})
		}
		d := entryPage{New: e.Version == 0, Entry: e, Date: trimmed(body, "ngay"), From: trimmed(body, "tu"), To: trimmed(body, "den")}
		return h.showEntry(c, by, fiber.StatusUnprocessableEntity, d, links)
	}
	if problem.Is(err, problem.Conflict) {
		fault := []web.ErrorLink{{Field: "ten-vi", Message: locales.M("catalogue.list.overtaken")}}
		now, loadErr := h.Catalogue.Entry(c.UserContext(), entryWords[word], e.Code)
		if loadErr != nil {
			return loadErr
		}
		d := entryPage{Entry: now, Date: typedDay(now.Date), From: typedDay(now.From), To: typedDay(now.To)}
		return h.showEntry(c, by, fiber.StatusConflict, d, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, listsAt+"/"+word+"?xem=het&q="+url.QueryEscape(e.Code))
}
