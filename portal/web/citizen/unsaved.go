package citizen

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// unsavedAddress is where a person reads what they had typed and what could not be saved.
const unsavedAddress = "/ho-so/chua-luu"

// unsavedPage gives back what was typed on pages that could not be saved.
type unsavedPage struct {
	Pages []unsavedSheet
	Held  bool   // they are kept until the person has seen them
	Next  string // where the person was going
}

// unsavedSheet is one of those pages.
type unsavedSheet struct {
	Held    string // names it among the held ones
	Service locales.Text
	Title   web.Words
	Why     locales.Message
	Rows    []eforms.Row
	To      string // the way on
}

// couldNot says whether an error is one that a page that was typed in can meet later: what
// was typed is given back then.
func couldNot(err error) bool {
	return problem.Is(err, problem.Conflict) || problem.Is(err, problem.NotFound) || problem.Is(err, problem.Invalid)
}

// giveBack answers a page that could not be saved with what was typed on it. What is not
// the person's, and what the script sends, is answered as any error.
func (h *Filing) giveBack(c *fiber.Ctx, s signin.Session, form url.Values, err error) error {
	if !couldNot(err) || form.Has("tu-luu") {
		return err
	}
	sheet, _, told := h.sheetOf(c, s, draft.Held{Path: c.Path(), DraftID: c.Params("id"), Body: form.Encode()})
	if told != nil || len(sheet.Rows) == 0 {
		return err
	}
	return h.showUnsaved(c, fiber.StatusConflict, unsavedPage{Pages: []unsavedSheet{sheet}, Next: sheet.To})
}

// unsaved shows what this browser left when the session was over and could not be saved.
func (h *Filing) unsaved(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	pages, err := h.unsavedSheets(c, s)
	if err != nil {
		return err
	}
	next := cmp.Or(signin.SafeNext(c.Query("tiep")), "/")
	if len(pages) == 0 {
		return h.Redirect(c, next)
	}
	for _, p := range pages { // what is gone is no way on
		path, _, _ := strings.Cut(next, "?")
		if sheet, _, _ := strings.Cut(p.Held, " "); next == "/" || path == sheet {
			next = p.To
		}
	}
	return h.showUnsaved(c, fiber.StatusOK, unsavedPage{Pages: pages, Held: true, Next: next})
}

func (h *Filing) showUnsaved(c *fiber.Ctx, status int, d unsavedPage) error {
	return h.Show(c, status, "citizen/unsaved", web.Page{Title: locales.M("unsaved.title"), Frame: web.FrameForm, Data: d})
}

func (h *Filing) unsavedSheets(c *fiber.Ctx, s signin.Session) ([]unsavedSheet, error) {
	held, err := h.Drafts.HeldBy(c.UserContext(), h.BrowserMark(c))
	if err != nil {
		return nil, err
	}
	var pages []unsavedSheet
	for _, one := range held {
		sheet, waits, err := h.sheetOf(c, s, one)
		if problem.Is(err, problem.NotFound) || err == nil && waits { // another's, or the page itself shows it
			continue
		}
		if err != nil {
			return nil, err
		}
		pages = append(pages, sheet)
	}
	return pages, nil
}

// seenUnsaved lets go of the pages that were shown.
func (h *Filing) seenUnsaved(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	held, err := h.Drafts.HeldBy(c.UserContext(), h.BrowserMark(c))
	if err != nil {
		return err
	}
	for _, one := range held {
		if !slices.Contains(form["trang"], heldName(one)) {
			continue
		}
		if _, err := h.Drafts.Theirs(c.UserContext(), s.Person, one.DraftID); problem.Is(err, problem.NotFound) {
			continue
		} else if err != nil {
			return err
		}
		if err := h.Drafts.Drop(c.UserContext(), one); err != nil {
			return err
		}
	}
	return h.Redirect(c, signin.SafeNext(form.Get("tiep")))
}

func heldName(one draft.Held) string { return one.Path + " " + one.Key }

// sheetOf is a page of the person's in words, with why it cannot be saved. One that waits
// comes back on its own page: nothing is lost of it.
func (h *Filing) sheetOf(c *fiber.Ctx, s signin.Session, one draft.Held) (sheet unsavedSheet, waits bool, err error) {
	d, err := h.Drafts.Theirs(c.UserContext(), s.Person, one.DraftID)
	if err != nil {
		return unsavedSheet{}, false, err
	}
	form, err := url.ParseQuery(one.Body)
	if err != nil {
		return unsavedSheet{}, false, err
	}
	sheet = unsavedSheet{Held: heldName(one), Service: d.Revision.Sheet.Name, To: "/ho-so/" + d.ID, Why: d.Gone(h.Drafts.Now())}
	if onDossier(one.Path) {
		return h.dossierSheet(c, s, one, form, sheet)
	}
	in := h.sent(c, heldNo(one.Path), form)
	sheet.Rows = h.Drafts.Typed(c.UserContext(), d, in)
	if in.No <= len(d.Revision.Form.Pages) {
		sheet.Title = d.Revision.Form.Pages[in.No-1].Title
	}
	switch now := h.Drafts.Now(); {
	case sheet.Why.Key == "":
		sheet.Why = d.WhyNot(in, now, now)
	case d.FiledAt == nil: // put away, or lapsed
		sheet.To = "/ho-so"
	}
	return sheet, false, nil
}

// dossierSheet is a page of a dossier that is filed: of its supplement, or a word to it.
func (h *Filing) dossierSheet(c *fiber.Ctx, s signin.Session, one draft.Held, form url.Values, sheet unsavedSheet) (unsavedSheet, bool, error) {
	w, err := h.Dossiers.OfPerson(c.UserContext(), s.Person, one.DraftID)
	if err != nil {
		return sheet, false, err
	}
	sheet.Why = locales.M("dossier.not_now")
	say := func(label locales.Text, text string) {
		if text != "" {
			sheet.Rows = append(sheet.Rows, eforms.Row{Label: label, Value: locales.V(text)})
		}
	}
	waits := false
	switch path := one.Path; {
	case strings.HasSuffix(path, withdrawalEnd):
		sheet.Title, waits = locales.M("withdraw.title"), dossier.Can(dossier.Withdraw, w.Dossier)
		say(inWords("withdraw.reason"), form.Get("ly-do"))
	case strings.HasSuffix(path, ratingEnd):
		sheet.Title, waits = locales.M("rate.title"), dossier.Can(dossier.Rate, w.Dossier)
		say(inWords("rate.note"), form.Get("y-kien"))
	case isCopy(path):
		return h.copySheet(c, w, heldNo(path), form, sheet)
	default:
		sheet.Title = locales.M("supplement.title")
		h.noteSheet(w, form, &sheet, say)
	}
	return sheet, waits, nil
}

// noteSheet is what was written to the items of a request.
func (h *Filing) noteSheet(w dossier.Whole, form url.Values, sheet *unsavedSheet, say func(locales.Text, string)) {
	asked := w.Request != nil && w.State == dossier.Supplement
	for i := range mostItems {
		label := inWords("supplement.note")
		if w.Request != nil && i < len(w.Request.Items) {
			label = locales.V(w.Request.Items[i].Name)
		}
		say(label, strings.TrimSpace(form.Get(dossier.ItemComponent(i))))
	}
	if asked {
		sheet.Why, sheet.To = locales.M("dossier.note_too_long", locales.N("max", dossier.MaxNote)), "/ho-so/"+w.ID+"/bo-sung"
	}
}

func (h *Filing) copySheet(c *fiber.Ctx, w dossier.Whole, no int, form url.Values, sheet unsavedSheet) (unsavedSheet, bool, error) {
	lists, err := h.Drafts.Lists(c.UserContext(), w.Revision)
	if err != nil {
		return sheet, false, err
	}
	copied, in := w.Copy(lists), h.sent(c, no, form)
	sheet.Rows = copied.Run(w.Last().At).Typed(no, form)
	if no <= len(w.Revision.Form.Pages) {
		sheet.Title = w.Revision.Form.Pages[no-1].Title
	}
	switch {
	case w.Request == nil || w.State != dossier.Supplement:
	case slices.Contains(w.Editable(copied), no):
		sheet.Why, sheet.To = copied.WhyNot(in, w.Last().At, h.Drafts.Now()), copyAddress(w.ID, no)
	default:
		sheet.Why, sheet.To = locales.M("draft.page_gone"), "/ho-so/"+w.ID+"/bo-sung"
	}
	return sheet, false, nil
}

// inWords is a message as a text that stands among a form's own.
func inWords(key string) locales.Text {
	vi, _ := locales.Say(locales.VI, locales.M(key))
	en, _ := locales.Say(locales.EN, locales.M(key))
	return locales.Text{VI: vi, EN: en}
}

// The ends of the addresses at which a person has a word on their dossier.
const (
	withdrawalEnd = "/rut"
	ratingEnd     = "/danh-gia"
)

// isWord says whether a held page is such a word: it is not sent for the person, it comes
// back on its page.
func isWord(path string) bool {
	return strings.HasSuffix(path, withdrawalEnd) || strings.HasSuffix(path, ratingEnd)
}

func onDossier(path string) bool {
	return isWord(path) || isCopy(path) || strings.HasSuffix(path, "/bo-sung")
}

// heldNo is the page's number that an address ends with.
func heldNo(path string) int { return atLeastOne(path[strings.LastIndexByte(path, '/')+1:]) }
