package staff

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/draft"
	"motcua/portal/editorial"
	"motcua/portal/problem"
	"motcua/portal/review"
	"motcua/portal/web"
)

// publishingPage is what publishing would do, and how it is done.
type publishingPage struct {
	R         reviewed
	Refusals  []finding
	Foresight draft.Forecast
	HasForm   bool
	Total     int // things that differ
	Edits     int // of a batch
	Note      string
	Day, Hour string
	Later     bool
	Rest      bool
}

func (h *Pages) publishingPage(kind string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		by, err := h.editor(c)
		if err != nil {
			return err
		}
		return h.showPublishing(c, by, kind, fiber.StatusOK, publishingPage{}, nil)
	}
}

func (h *Pages) showPublishing(c *fiber.Ctx, by catalogue.Editing, kind string, status int, p publishingPage, faults []web.ErrorLink) error {
	r, err := h.reviewed(c, by, kind)
	if err != nil {
		return err
	}
	p.R = r
	if err := h.wouldDo(c, by, &p); err != nil {
		return err
	}
	page := web.Page{Title: locales.M("review.publish"), Frame: web.FrameStaff, Menu: menu(by.Officer), Errors: faults, Data: p,
		Crumbs: []web.Crumb{{Path: queueAt, Name: locales.M("review.queue")}, {Path: r.At(), Name: r.Name}}}
	return h.Show(c, status, "staff/review-publish", page)
}

// wouldDo is what publishing refuses, and what it means for drafts that are open.
func (h *Pages) wouldDo(c *fiber.Ctx, by catalogue.Editing, p *publishingPage) error {
	if p.R.Subject.Kind == review.Batch {
		b, err := h.Editorial.Batch(c.UserContext(), by.Officer, p.R.Subject.ID)
		p.Edits = b.Left
		return err
	}
	if p.R.candidate == nil {
		return nil
	}
	found, err := h.Editorial.Check(c.UserContext(), p.R.candidate)
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.Refusal {
			p.Refusals = append(p.Refusals, finding{Label: editorial.Difference{Part: f.Part, Place: f.Place}.Section(), Message: f.Message})
		}
	}
	if !p.R.Ends {
		p.Total = len(editorial.Differences(p.R.before, p.R.after))
	}
	next := p.R.after
	if p.R.Ends {
		next = p.R.before
	}
	if next == nil || next.Form == nil || p.R.before == nil {
		return nil
	}
	p.HasForm = true
	p.Foresight, err = h.Drafts.Foresee(c.UserContext(), next)
	return err
}

func (h *Pages) publishing(kind string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		by, body, err := h.sent(c)
		if err != nil {
			return err
		}
		p := publishingPage{Note: body.Get("ghi-chu"), Day: body.Get("ngay"), Hour: body.Get("gio"), Later: body.Get("luc") == "sau", Rest: body.Get("con-lai") == "1"}
		how := editorial.Publishing{Note: p.Note, Rest: p.Rest}
		how.Version, _ = strconv.Atoi(body.Get("ban"))
		if p.Later {
			if how.From, err = instant(p.Day, p.Hour); err != nil {
				return h.showPublishing(c, by, kind, fiber.StatusUnprocessableEntity, p, []web.ErrorLink{{Field: "ngay", Message: locales.M("builder.fault.instant")}})
			}
		}
		id := c.Params("id")
		if kind == review.Batch {
			_, err = h.Editorial.PublishBatch(c.UserContext(), by, id, how)
		} else {
			_, err = h.Editorial.Publish(c.UserContext(), by, id, how)
		}
		if fault, ok := errors.AsType[*problem.Error](err); ok && fault.Kind == problem.Invalid {
			return h.showPublishing(c, by, kind, fiber.StatusUnprocessableEntity, p, refusedAs(err, fault))
		}
		if err != nil {
			return err
		}
		return h.Redirect(c, editorial.LinkTo(review.Subject{Kind: kind, ID: id}))
	}
}

// mostRefused is how many refused procedures of a batch are named at once.
const mostRefused = 50

// refusedAs are the links of an answer that refuses: to the field that is wrong, or to each
// procedure of a batch that cannot be published.
func refusedAs(err error, fault *problem.Error) []web.ErrorLink {
	all := []web.ErrorLink{{Field: publishFields[fault.Message.Key], Message: fault.Message}}
	refused, ok := errors.AsType[editorial.Refused](err)
	if !ok {
		return all
	}
	for i, r := range refused {
		if i == mostRefused || len(r.Findings) == 0 {
			break
		}
		all = append(all, web.ErrorLink{Path: sheetAt + "/" + r.Edit.ID + "/kiem-tra", Message: locales.M("review.refused", locales.S("code", r.Edit.Code), locales.Sub("why", r.Findings[0].Message))})
	}
	return all
}

// queuePage is what waits: for a second person, for being published, for its day.
type queuePage struct {
	Reviews  []review.Review
	Approved []review.Review
	Waiting  []*catalogue.Revision
	Ends     []catalogue.End
	Editor   int64
}

// Mine says whether the reader may not decide on it.
func (p queuePage) Mine(r review.Review) bool {
	for _, id := range r.Authors {
		if id == p.Editor {
			return true
		}
	}
	return false
}

func (h *Pages) queue(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showQueue(c, by, fiber.StatusOK, nil)
}

func (h *Pages) showQueue(c *fiber.Ctx, by catalogue.Editing, status int, faults []web.ErrorLink) error {
	p := queuePage{Editor: by.Officer.ID}
	var err error
	if p.Reviews, err = h.Editorial.Queue(c.UserContext(), by.Officer); err != nil {
		return err
	}
	if p.Approved, err = h.Editorial.Approved(c.UserContext(), by.Officer); err != nil {
		return err
	}
	if p.Waiting, err = h.Catalogue.Waiting(c.UserContext()); err != nil {
		return err
	}
	if p.Ends, err = h.Catalogue.Ends(c.UserContext()); err != nil {
		return err
	}
	return h.Show(c, status, "staff/review-queue", web.Page{Title: locales.M("review.queue"), Frame: web.FrameStaff, Menu: menu(by.Officer), Errors: faults, Data: p,
		Crumbs: []web.Crumb{{Path: sheetsAt, Name: locales.M("editorial.title")}}})
}

// queueDeed takes a revision that waits, or an end that is planned, back.
func (h *Pages) queueDeed(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	if code := body.Get("ma"); code != "" {
		err = h.Editorial.KeepOn(c.UserContext(), by, code, body.Get("ly-do"))
	} else {
		revision, _ := strconv.ParseInt(body.Get("ban-cong-bo"), 10, 64)
		err = h.Editorial.Withdraw(c.UserContext(), by, revision, body.Get("ly-do"))
	}
	if fault, ok := errors.AsType[*problem.Error](err); ok && fault.Kind == problem.Invalid {
		return h.showQueue(c, by, fiber.StatusUnprocessableEntity, []web.ErrorLink{{Message: fault.Message}})
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, queueAt)
}
