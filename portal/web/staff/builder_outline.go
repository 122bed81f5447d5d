package staff

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms/edit"
	"motcua/locales"
	"motcua/portal/catalogue"
)

// outlinePage is the form as a tree.
type outlinePage struct {
	work
	Pages   edit.List
	Others  []edit.List
	Open    int // the page whose questions are shown, -1 for all
	Missing map[string]int
}

// allOpen is up to how many questions the whole tree is shown at once.
const allOpen = 60

func (h *Pages) outline(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	w, err := h.work(c, by, "")
	if err != nil {
		return err
	}
	return h.showOutline(c, fiber.StatusOK, w, nil)
}

func (h *Pages) showOutline(c *fiber.Ctx, status int, w work, faults []edit.Fault) error {
	p := outlinePage{work: w, Pages: w.Doc.Outline(), Others: w.Doc.Others(), Open: -1,
		Missing: map[string]int{"en": w.Doc.Missing(locales.EN), "km": w.Doc.Missing(locales.KM)}}
	if count(p.Pages) > allOpen {
		p.Open, _ = strconv.Atoi(c.Query("trang"))
	}
	return h.showWork(c, status, "builder-outline", w, w.Name, faults, p)
}

func count(l edit.List) int {
	n := 0
	for _, p := range l.Parts {
		n++
		for _, inner := range p.Lists {
			n += count(inner)
		}
	}
	return n
}

// outlineDeeds are what a button in the tree does: its word and then the place.
var outlineDeeds = map[string]func(d *edit.Doc, pointer string) (string, error){
	"len":      func(d *edit.Doc, p string) (string, error) { return d.Move(p, -1) },
	"xuong":    func(d *edit.Doc, p string) (string, error) { return d.Move(p, 1) },
	"nhan-doi": func(d *edit.Doc, p string) (string, error) { return d.Duplicate(p) },
	"xoa":      func(d *edit.Doc, p string) (string, error) { return p, d.Delete(p) },
}

// deedNames are the names of deeds in the history.
var deedNames = map[string]string{"len": "move", "xuong": "move", "nhan-doi": "duplicate", "xoa": "delete"}

func (h *Pages) outlineDeed(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	word, pointer, _ := strings.Cut(body.Get("lam"), " ")
	at := builderAt + "/" + c.Params("id")
	switch word {
	case "hoan-tac", "bo", "goc":
		return h.whole(c, by, body, word)
	}
	do, known := outlineDeeds[word]
	if !known {
		return fiber.ErrNotFound
	}
	place, err := h.change(c, by, body, deedNames[word], func(d *edit.Doc) (string, error) { return do(d, pointer) })
	return h.answer(c, by, gone(err), treeAt(at, place, word))
}

// treeAt is the tree at a part; of a part that was deleted, at what holds it.
func treeAt(at, pointer, word string) string {
	if word == "xoa" {
		list, _ := edit.Split(pointer)
		pointer, _ = edit.Split(list)
	}
	query := ""
	if all := strings.Split(pointer, "/"); len(all) > 2 && all[1] == "pages" {
		query = "?trang=" + all[2]
	}
	if pointer == "" {
		return at
	}
	return at + query + "#" + anchor(pointer)
}

// whole are the deeds on an edit as a whole: take back, give up, take the newest for the base.
func (h *Pages) whole(c *fiber.Ctx, by catalogue.Editing, body url.Values, word string) error {
	id, next := c.Params("id"), builderAt+"/"+c.Params("id")
	version, _ := strconv.Atoi(body.Get("ban"))
	var err error
	switch word {
	case "hoan-tac":
		err = h.Catalogue.TakeBack(c.UserContext(), by, id, version)
	case "goc":
		err, next = h.Catalogue.Rebase(c.UserContext(), by, id, version), next+"/cong-bo"
	default:
		err, next = h.Catalogue.GiveUp(c.UserContext(), by, id, version), builderAt
	}
	return h.answer(c, by, err, next)
}

// historyPage is who did what.
type historyPage struct {
	work
	Versions []catalogue.FormVersion
}

func (h *Pages) history(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	w, err := h.work(c, by, "lich-su")
	if err != nil {
		return err
	}
	p := historyPage{work: w}
	if p.Versions, err = h.Catalogue.FormVersions(c.UserContext(), by.Officer, w.Edit.ID); err != nil {
		return err
	}
	return h.showWork(c, fiber.StatusOK, "builder-history", w, locales.M("builder.tab.lich-su"), nil, p)
}

// addPage is where a new part begins: what kind it is, and its first words.
type addPage struct {
	work
	List  string // where it goes
	Sort  string // question, page …
	Home  locales.Text
	Kinds []string
	Sets  []catalogue.Preset
	Typed url.Values
}

func (h *Pages) addPage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showAdd(c, by, fiber.StatusOK, url.Values{"o": {c.Query("o")}}, nil)
}

func (h *Pages) showAdd(c *fiber.Ctx, by catalogue.Editing, status int, typed url.Values, faults []edit.Fault) error {
	w, err := h.work(c, by, "")
	if err != nil {
		return err
	}
	p := addPage{work: w, List: typed.Get("o"), Typed: typed}
	if p.Sort = w.Doc.ItemSort(p.List); p.Sort == "" {
		return fiber.ErrNotFound
	}
	home, _ := edit.Split(p.List)
	p.Home = w.Doc.TitleOf(home)
	p.Kinds = w.Doc.KindsFor(p.List)
	if p.Sort == "question" {
		p.Sets = h.Catalogue.SharedPresets()
	}
	return h.showWork(c, status, "builder-add", w, locales.M("builder.add."+p.Sort), faults, p)
}

func (h *Pages) add(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	place, err := h.change(c, by, body, "add", func(d *edit.Doc) (string, error) {
		if set, isSet := strings.CutPrefix(body.Get("loai"), "bo:"); isSet {
			return d.AddPreset(body.Get("o"), set, strings.TrimSpace(body.Get("nhan")), h.Catalogue.Shared)
		}
		return d.Add(body.Get("o"), body.Get("loai"), strings.TrimSpace(body.Get("nhan")))
	})
	if faults, ours := faultsOf(err); ours {
		return h.showAdd(c, by, fiber.StatusUnprocessableEntity, body, faults)
	}
	return h.answer(c, by, gone(err), builderAt+"/"+c.Params("id")+"/muc?o="+url.QueryEscape(place))
}
