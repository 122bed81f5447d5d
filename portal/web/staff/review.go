package staff

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/problem"
	"motcua/portal/review"
	"motcua/portal/web"
)

const (
	catalogueAt = "/can-bo/danh-muc"
	queueAt     = catalogueAt + "/duyet"
	sheetAt     = catalogueAt + "/sua"
	batchAt     = catalogueAt + "/loat"
)

// reviews are the pages on which what editors changed is compared, talked over, decided on
// and published.
func (h *Pages) reviews(app fiber.Router) {
	app.Get(queueAt, h.queue)
	app.Post(queueAt, h.queueDeed)
	app.Get(sheetAt+"/:id/so-sanh", h.comparing(review.Sheet))
	app.Post(sheetAt+"/:id/so-sanh", h.reviewDeed(review.Sheet))
	app.Get(sheetAt+"/:id/cong-bo", h.publishingPage(review.Sheet))
	app.Post(sheetAt+"/:id/cong-bo", h.publishing(review.Sheet))
	app.Get(batchAt+"/:id", h.comparing(review.Batch))
	app.Post(batchAt+"/:id", h.reviewDeed(review.Batch))
	app.Get(batchAt+"/:id/cong-bo", h.publishingPage(review.Batch))
	app.Post(batchAt+"/:id/cong-bo", h.publishing(review.Batch))
	app.Get(builderAt+"/:id/so-sanh", h.comparing(review.Form))
	app.Post(builderAt+"/:id/so-sanh", h.reviewDeed(review.Form))
}

// reviewed is a subject on the screen.
type reviewed struct {
	Subject review.Subject
	Version int
	Open    bool
	Code    string // of the procedure, "" for a batch
	Name    web.Words
	Ends    bool   // what is reviewed is that the procedure ends
	Next    string // code of what takes its place
	InBatch string // the batch that a sheet's edit belongs to: it is decided on with it
	Moved   bool
	Status  review.Status
	Own     bool // the reader is one of its authors
	Editor  agency.Officer

	candidate *editorial.Candidate
	before    *catalogue.Revision
	after     *catalogue.Revision
}

// At is the page where the subject is compared, Publish where it is published.
func (r reviewed) At() string { return editorial.LinkTo(r.Subject) }

// Publish is the page where it is published.
func (r reviewed) Publish() string {
	return strings.TrimSuffix(r.At(), "/so-sanh") + "/cong-bo"
}

// Sheet is the work whose tab the page is; none when no sheet is under edit.
func (r reviewed) Sheet(tab string) *sheetWork {
	if r.Subject.Kind != review.Sheet || !r.Open {
		return nil
	}
	return &sheetWork{Edit: editorial.Edit{ID: r.Subject.ID, Batch: r.InBatch, Ends: r.Ends}, Tab: tab}
}

// EditAt is where it is edited.
func (r reviewed) EditAt() string {
	switch r.Subject.Kind {
	case review.Form:
		return builderAt + "/" + r.Subject.ID
	case review.Sheet:
		return sheetAt + "/" + r.Subject.ID
	}
	return ""
}

// Stands says whether the review's state is that of the version on the screen.
func (r reviewed) Stands(state string) bool { return r.Status.Stands(state, r.Version) }

// reviewed opens a subject for an editor.
func (h *Pages) reviewed(c *fiber.Ctx, by catalogue.Editing, kind string) (reviewed, error) {
	r := reviewed{Subject: review.Subject{Kind: kind, ID: c.Params("id")}, Editor: by.Officer}
	err := h.openReviewed(c.UserContext(), by.Officer, &r)
	if err != nil {
		return r, err
	}
	r.Status, err = h.Editorial.Status(c.UserContext(), by.Officer, r.Subject)
	r.Own = r.Status.Own(by.Officer)
	return r, err
}

func (h *Pages) openReviewed(ctx context.Context, by agency.Officer, r *reviewed) error {
	switch r.Subject.Kind {
	case review.Sheet:
		e, err := h.Editorial.Edit(ctx, by, r.Subject.ID)
		if err != nil {
			return err
		}
		r.Version, r.Open, r.Code, r.Ends, r.Next, r.InBatch, r.Moved = e.Version, e.Open(), e.Code, e.Ends, e.ReplacedBy, e.Batch, e.Moved()
		r.Name = e.Sheet().Name
		if e.Open() {
			if r.candidate, err = h.Editorial.Candidate(ctx, e); err == nil {
				r.before, r.after = r.candidate.Before, r.candidate.Revision
			}
		}
		return err
	case review.Form:
		e, err := h.Catalogue.FormEdit(ctx, by, r.Subject.ID)
		if err != nil {
			return err
		}
		r.Version, r.Open, r.Code, r.Moved = e.Version, e.Open(), e.Code, e.Moved()
		base, err := h.Catalogue.ByID(ctx, e.BaseID)
		if err != nil {
			return err
		}
		r.Name = base.Sheet.Name
		if e.Open() {
			var cand *catalogue.Candidate
			if cand, err = h.Catalogue.Candidate(ctx, by, r.Subject.ID); err == nil {
				r.before, r.after = cand.Before, cand.Revision
			}
		}
		return err
	}
	b, err := h.Editorial.Batch(ctx, by, r.Subject.ID)
	r.Version, r.Open, r.Name = b.Version, b.Open(), locales.V(b.Title)
	return err
}

// section is a part of the comparison.
type section struct {
	Name                    locales.Message
	Lines                   []compared
	Added, Removed, Changed int
}

// compared is a difference with what was said about it.
type compared struct {
	editorial.Difference
	Comments []review.Remark
}

// Place is by what a comment names it.
func (d compared) Place() string { return d.Part + d.Difference.Place }

// ID is the element's.
func (d compared) ID() string { return "d-" + strings.ReplaceAll(d.Place(), "/", "-") }

// sections are the differences by section, with the comments on each. What was said about
// places that differ no more, or about the whole, is left over.
func sections(all []editorial.Difference, comments []review.Remark) (list []section, rest []review.Remark) {
	byPlace := map[string][]review.Remark{}
	for _, c := range comments {
		byPlace[c.Place] = append(byPlace[c.Place], c)
	}
	for _, d := range all {
		name := d.Section()
		if n := len(list); n == 0 || list[n-1].Name.Key != name.Key {
			list = append(list, section{Name: name})
		}
		s, line := &list[len(list)-1], compared{Difference: d}
		line.Comments = byPlace[line.Place()]
		delete(byPlace, line.Place())
		s.Lines = append(s.Lines, line)
		switch {
		case d.Added():
			s.Added++
		case d.Removed():
			s.Removed++
		default:
			s.Changed++
		}
	}
	for _, c := range comments {
		if _, left := byPlace[c.Place]; left {
			rest = append(rest, c)
		}
	}
	return list, rest
}

// comparePage is what is different, what was said about it, and what can be done.
type comparePage struct {
	R        reviewed
	Sections []section
	Rest     []review.Remark
	Total    int
	Refused  int // how many things keep it from being published
	Edits    []editorial.Edit
	Batch    editorial.Batch
	Page     int
	More     bool
	Values   url.Values
}

// Talk says whether anything can be said or done about it here.
func (p comparePage) Talk() bool { return p.R.Open && p.R.InBatch == "" }

// Value is what was typed into a field that comes back.
func (p comparePage) Value(name string) string { return p.Values.Get(name) }

// Before is the page of a batch before this one.
func (p comparePage) Before() int { return p.Page - 1 }

// After is the one after it.
func (p comparePage) After() int { return p.Page + 1 }

// batchEdits is how many edits of a batch a page lists.
const batchEdits = 50

func (h *Pages) comparing(kind string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		by, err := h.editor(c)
		if err != nil {
			return err
		}
		return h.showCompare(c, by, kind, fiber.StatusOK, nil, nil)
	}
}

func (h *Pages) showCompare(c *fiber.Ctx, by catalogue.Editing, kind string, status int, values url.Values, faults []web.ErrorLink) error {
	r, err := h.reviewed(c, by, kind)
	if err != nil {
		return err
	}
	p := comparePage{R: r, Values: values}
	if r.after != nil && !r.Ends {
		all := editorial.Differences(r.before, r.after)
		p.Total = len(all)
		p.Sections, p.Rest = sections(all, r.Status.Comments)
	} else {
		p.Rest = r.Status.Comments
	}
	if r.candidate != nil {
		found, err := h.Editorial.Check(c.UserContext(), r.candidate)
		if err != nil {
			return err
		}
		for _, f := range found {
			if f.Refusal {
				p.Refused++
			}
		}
	}
	if kind == review.Batch {
		if err := h.batchPart(c, by, &p); err != nil {
			return err
		}
	}
	page := web.Page{Title: locales.M("review.compare"), Frame: web.FrameStaff, Menu: menu(by.Officer), Errors: faults, Data: p,
		Crumbs: []web.Crumb{{Path: queueAt, Name: locales.M("review.queue")}}}
	if at := r.EditAt(); at != "" {
		page.Crumbs = append(page.Crumbs, web.Crumb{Path: at, Name: r.Name})
	}
	return h.Show(c, status, "staff/review-compare", page)
}

func (h *Pages) batchPart(c *fiber.Ctx, by catalogue.Editing, p *comparePage) error {
	var err error
	if p.Batch, err = h.Editorial.Batch(c.UserContext(), by.Officer, p.R.Subject.ID); err != nil {
		return err
	}
	no, _ := strconv.Atoi(c.Query("trang"))
	p.Page = min(max(no, 1), 10_000)
	p.Edits, p.More, err = h.Editorial.BatchPage(c.UserContext(), by.Officer, p.R.Subject.ID, batchEdits, p.Page)
	return err
}

// commentFields are where on the page a fault lies.
var commentFields = map[string]string{"review.no_note": "ly-do", "review.no_text": "chung", "review.too_long": "chung", "review.open_comments": "ly-do"}

// reviewDeed sends, decides, recalls, comments, or settles a comment.
func (h *Pages) reviewDeed(kind string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		by, body, err := h.sent(c)
		if err != nil {
			return err
		}
		of := review.Subject{Kind: kind, ID: c.Params("id")}
		version, _ := strconv.Atoi(body.Get("ban"))
		at := editorial.LinkTo(of)
		switch deed, arg, _ := strings.Cut(body.Get("lam"), " "); deed {
		case "gui":
			err = h.Editorial.Send(c.UserContext(), by, of, version, body.Get("ghi-chu"))
		case "duyet", "tra":
			err = h.Editorial.Decide(c.UserContext(), by, of, version, deed == "duyet", body.Get("ly-do"))
		case "rut":
			err = h.Editorial.Recall(c.UserContext(), by, of, version)
		case "gop-y":
			err = h.Editorial.Comment(c.UserContext(), by, of, version, body.Get("o"), body.Get("gop-y")+body.Get("chung")) // a place, or the whole
			at += "#" + compared{Difference: editorial.Difference{Part: body.Get("o")}}.ID()
		case "xong":
			comment, _ := strconv.ParseInt(arg, 10, 64)
			err = h.Editorial.Resolve(c.UserContext(), by, of, version, comment)
		default:
			err = problem.New(problem.NotFound, "catalogue.not_found")
		}
		if fault, ok := errors.AsType[*problem.Error](err); ok {
			if field, here := commentFields[fault.Message.Key]; here {
				return h.showCompare(c, by, kind, fiber.StatusUnprocessableEntity, body, []web.ErrorLink{{Field: field, Message: fault.Message}})
			}
		}
		if err != nil {
			return err
		}
		return h.Redirect(c, at)
	}
}
