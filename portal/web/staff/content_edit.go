package staff

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/content"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// contentWork is an edit of a text on the screen.
type contentWork struct {
	Edit     content.Edit
	Doc      content.Doc
	Tab      string
	Findings []content.Finding
	By       catalogue.Editing
}

// At is the address of one of its pages.
func (w contentWork) At(tab string) string {
	return strings.TrimSuffix(contentAt+"/sua/"+w.Edit.ID+"/"+tab, "/")
}

// Tabs are its pages by the last word of their address.
func (w contentWork) Tabs() []string {
	if w.Edit.Kind == content.Words {
		return []string{"", "so-sanh", "cong-bo"}
	}
	return []string{"", "xem", "so-sanh", "cong-bo"}
}

// Refusals and Warnings are the findings apart.
func (w contentWork) Refusals() []content.Finding { return w.found(true) }

// Warnings are what should be looked at.
func (w contentWork) Warnings() []content.Finding { return w.found(false) }

func (w contentWork) found(refusal bool) []content.Finding {
	var all []content.Finding
	for _, f := range w.Findings {
		if f.Refusal == refusal {
			all = append(all, f)
		}
	}
	return all
}

// History is the page of the text that is edited.
func (w contentWork) History() string {
	return contentAt + "/" + contentWords[w.Edit.Kind] + "/" + w.Edit.Slug
}

// Groups are what the text can be sorted into.
func (w contentWork) Groups() []string { return content.GroupsOf(w.Edit.Kind) }

// Icons are the drawings to choose from.
func (w contentWork) Icons() []string { return content.Icons }

// Steps says whether texts of the kind have steps.
func (w contentWork) Steps() bool {
	return w.Edit.Kind == content.Event || w.Edit.Kind == content.Guide
}

// Lines are the words of the search as an editor types them.
func (w contentWork) Lines() string {
	var b strings.Builder
	for _, y := range w.Doc.Words {
		b.WriteString(y.Say + " = " + strings.Join(y.Means, "; ") + "\n")
	}
	return b.String()
}

// Until is the last day on the front page as people write it.
func (w contentWork) Until() string {
	if t, err := time.Parse(time.DateOnly, w.Doc.Until); err == nil {
		return t.Format("2/1/2006")
	}
	return w.Doc.Until
}

// contentWork opens an edit for an editor.
func (h *Pages) contentWork(c *fiber.Ctx, by catalogue.Editing, tab string) (contentWork, error) {
	w := contentWork{Tab: tab, By: by}
	var err error
	if w.Edit, err = h.Content.Edit(c.UserContext(), by.Officer, c.Params("id")); err != nil {
		return w, err
	}
	w.Doc = w.Edit.Doc.V
	knows, err := h.Content.Knows(c.UserContext())
	w.Findings = content.Check(w.Edit.Kind, w.Doc, knows)
	return w, err
}

func (h *Pages) showContentWork(c *fiber.Ctx, status int, page string, w contentWork, title web.Words, faults []web.ErrorLink, data any) error {
	p := web.Page{Title: title, Frame: web.FrameStaff, Menu: menu(w.By.Officer), Errors: faults, Data: data,
		Crumbs: []web.Crumb{{Path: contentAt, Name: locales.M("content.staff.title")}, {Path: w.History(), Name: w.Doc.Title}}}
	return h.Show(c, status, "staff/"+page, p)
}

func (h *Pages) contentEdit(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	w, err := h.contentWork(c, by, "")
	if err != nil {
		return err
	}
	return h.showContentWork(c, fiber.StatusOK, "content-edit", w, locales.M("content.staff.edit"), nil, w)
}

// contentDeed saves what was typed, then does what the button says.
func (h *Pages) contentDeed(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	w, err := h.contentWork(c, by, "")
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(body.Get("ban"))
	deed, row, _ := strings.Cut(body.Get("lam"), " ")
	next := w.At("")
	switch deed {
	case "hoan-tac":
		err = h.Content.Undo(c.UserContext(), by, w.Edit.ID, version)
	case "lay-goc":
		err = h.Content.Rebase(c.UserContext(), by, w.Edit.ID, version)
	case "bo":
		next, err = contentAt, h.Content.Discard(c.UserContext(), by, w.Edit.ID, version)
	default:
		doc, at := contentDoc(w.Edit.Kind, w.Doc, body), -1
		if doc.Steps, at = rearranged(doc.Steps, deed, row); at >= 0 {
			next += fmt.Sprintf("#f-steps-%d-title-vi", at)
		}
		_, err = h.Content.Save(c.UserContext(), by, w.Edit.ID, version, doc)
		if o, late := errors.AsType[*content.Overtaken](err); late { // what was typed stays on the page, beside who was faster
			w.Edit, w.Doc = o.Edit, doc
			return h.showContentWork(c, fiber.StatusConflict, "content-edit", w, locales.M("content.staff.edit"), contentFaults(err, ""), w)
		}
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, next)
}

// contentDoc is a document as it was typed. What the page of its kind does not ask stays as
// it was.
func contentDoc(kind string, d content.Doc, v url.Values) content.Doc {
	if kind == content.Words {
		d.Words = typedWords(v.Get("words"))
		return d
	}
	d.Title, d.Summary, d.Body = contentText(v, "title"), contentText(v, "summary"), contentText(v, "body")
	d.Icon, d.Group = v.Get("icon"), v.Get("group")
	d.Order, _ = strconv.Atoi(strings.TrimSpace(v.Get("order")))
	d.See, d.Keywords = list(v.Get("see"), ", \n"), list(v.Get("keywords"), ",\n")
	d.Top, d.Until = v.Get("top") != "", strings.TrimSpace(v.Get("until"))
	if t, err := time.Parse("2/1/2006", d.Until); err == nil {
		d.Until = t.Format(time.DateOnly)
	}
	d.Steps = nil
	n, _ := strconv.Atoi(v.Get("steps"))
	for i := range min(n, mostStepsTyped) {
		at := fmt.Sprintf("steps-%d-", i)
		d.Steps = append(d.Steps, content.Step{Title: contentText(v, at+"title"), Text: contentText(v, at+"text"), Where: contentText(v, at+"where"),
			Procedures: list(v.Get(at+"procedures"), ", \n"), Perhaps: v.Get(at+"perhaps") != ""})
	}
	return d
}

// mostStepsTyped bounds what is read of a page; a check says earlier that it is too much.
const mostStepsTyped = 60

func contentText(v url.Values, name string) locales.Text {
	one := func(lang string) string {
		return strings.TrimSpace(strings.ReplaceAll(v.Get(name+"-"+lang), "\r\n", "\n"))
	}
	return locales.Text{VI: one("vi"), EN: one("en"), KM: one("km")}
}

// list are the parts of a line, without what is empty.
func list(line, between string) []string {
	var all []string
	for _, part := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(between, r) }) {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// typedWords reads lines "sổ đỏ = giấy chứng nhận; bìa đỏ". Without a meaning it is a word
// that says nothing.
func typedWords(lines string) []catalogue.Synonym {
	var all []catalogue.Synonym
	for line := range strings.Lines(lines) {
		say, means, _ := strings.Cut(line, "=")
		if say = strings.ToLower(strings.TrimSpace(say)); say == "" && strings.TrimSpace(means) == "" {
			continue
		}
		all = append(all, catalogue.Synonym{Say: say, Means: list(means, ";")})
	}
	slices.SortStableFunc(all, func(a, b catalogue.Synonym) int { return strings.Compare(a.Say, b.Say) })
	return all
}

// rearranged are the steps after a press of one of their buttons, and which is to be looked
// at then, -1 for none.
func rearranged(steps []content.Step, deed, row string) ([]content.Step, int) {
	i, err := strconv.Atoi(row)
	there := err == nil && i >= 0 && i < len(steps)
	switch {
	case deed == "them":
		return append(steps, content.Step{}), len(steps)
	case deed == "xoa" && there:
		return slices.Delete(steps, i, i+1), max(0, i-1)
	case deed == "len" && there && i > 0:
		steps[i-1], steps[i] = steps[i], steps[i-1]
		return steps, i - 1
	case deed == "xuong" && there && i < len(steps)-1:
		steps[i+1], steps[i] = steps[i], steps[i+1]
		return steps, i + 1
	}
	return steps, -1
}

// contentPreview is the text as people would read it, seen by editors only.
func (h *Pages) contentPreview(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	w, err := h.contentWork(c, by, "xem")
	if err != nil {
		return err
	}
	if w.Edit.Kind == content.Words {
		return problem.New(problem.NotFound, "content.not_found")
	}
	return h.PreviewContent(c, &content.Item{Kind: w.Edit.Kind, Slug: w.Edit.Slug, Since: h.Now(), First: h.Now(), Doc: w.Doc})
}

// asFault is a fault that people may see.
func asFault(err error) (*problem.Error, bool) {
	p, ok := errors.AsType[*problem.Error](err)
	return p, ok && p.Kind != problem.Internal
}
