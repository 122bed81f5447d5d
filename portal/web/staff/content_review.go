package staff

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/content"
	"motcua/portal/problem"
	"motcua/portal/review"
	"motcua/portal/web"
)

// contentReviewPage is what an edit changes, with what was said about it.
type contentReviewPage struct {
	contentWork
	Differences []content.Difference
	Note        string
	Own         bool // of those who changed it: another one decides
}

// Waits says whether this version is with a second person.
func (p contentReviewPage) Waits() bool {
	return p.Edit.Review.Stands(review.StateSent, p.Edit.Version)
}

// Approved says whether this version may be published.
func (p contentReviewPage) Approved() bool {
	return p.Edit.Review.Stands(review.StateApproved, p.Edit.Version)
}

func (h *Pages) contentReview(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showContentReview(c, by, fiber.StatusOK, "", nil)
}

func (h *Pages) showContentReview(c *fiber.Ctx, by catalogue.Editing, status int, note string, faults []web.ErrorLink) error {
	w, err := h.contentWork(c, by, "so-sanh")
	if err != nil {
		return err
	}
	before, err := h.Content.Before(c.UserContext(), w.Edit)
	if err != nil {
		return err
	}
	p := contentReviewPage{contentWork: w, Differences: content.Differences(before, w.Doc), Note: note, Own: w.Edit.Review.Own(by.Officer)}
	return h.showContentWork(c, status, "content-review", w, locales.M("content.staff.tab.so-sanh"), faults, p)
}

func (h *Pages) contentReviewDeed(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	ctx, id := c.UserContext(), c.Params("id")
	version, _ := strconv.Atoi(body.Get("ban"))
	deed, row, _ := strings.Cut(body.Get("lam"), " ")
	field := "ghi-chu"
	switch deed {
	case "gui":
		err = h.Content.Send(ctx, by, id, version, body.Get("ghi-chu"))
	case "duyet", "tra-lai":
		err = h.Content.Decide(ctx, by, id, version, deed == "duyet", body.Get("ghi-chu"))
	case "rut":
		err = h.Content.Recall(ctx, by, id, version)
	case "gop-y":
		field = "gop-y"
		err = h.Content.Comment(ctx, by, id, version, body.Get("o"), body.Get("gop-y"))
	case "xong":
		comment, _ := strconv.ParseInt(row, 10, 64)
		err = h.Content.Resolve(ctx, by, id, version, comment)
	default:
		err = problem.New(problem.Invalid, "content.staff.no_deed")
	}
	if p, ok := asFault(err); ok && p.Kind != problem.NotFound {
		return h.showContentReview(c, by, statusOf(p.Kind), body.Get(field), contentFaults(err, field))
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, contentAt+"/sua/"+id+"/so-sanh")
}

// statusOf is what a page answers with that shows a fault beside what was typed.
func statusOf(kind problem.Kind) int {
	switch kind {
	case problem.Conflict:
		return fiber.StatusConflict
	case problem.Forbidden:
		return fiber.StatusForbidden
	}
	return fiber.StatusUnprocessableEntity
}

// contentPublishing is the page that publishes an approved edit.
type contentPublishing struct {
	contentReviewPage
	Later     bool
	Day, Hour string
}

func (h *Pages) contentPublishPage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showContentPublish(c, by, fiber.StatusOK, contentPublishing{}, nil)
}

func (h *Pages) showContentPublish(c *fiber.Ctx, by catalogue.Editing, status int, p contentPublishing, faults []web.ErrorLink) error {
	w, err := h.contentWork(c, by, "cong-bo")
	if err != nil {
		return err
	}
	before, err := h.Content.Before(c.UserContext(), w.Edit)
	if err != nil {
		return err
	}
	p.contentWork, p.Differences = w, content.Differences(before, w.Doc)
	return h.showContentWork(c, status, "content-publish", w, locales.M("content.staff.tab.cong-bo"), faults, p)
}

// contentPublishFields are where on the page a fault of publishing lies.
var contentPublishFields = map[string]string{"content.no_note": "ghi-chu", "content.past": "ngay"}

func (h *Pages) contentPublish(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	p := contentPublishing{Later: body.Get("luc") == "sau", Day: body.Get("ngay"), Hour: body.Get("gio")}
	p.Note = body.Get("ghi-chu")
	how := content.Publishing{Note: p.Note}
	how.Version, _ = strconv.Atoi(body.Get("ban"))
	if p.Later {
		if how.From, err = instant(p.Day, p.Hour); err != nil {
			return h.showContentPublish(c, by, fiber.StatusUnprocessableEntity, p, []web.ErrorLink{{Field: "ngay", Message: locales.M("builder.fault.instant")}})
		}
	}
	_, err = h.Content.Publish(c.UserContext(), by, c.Params("id"), how)
	if fault, ok := asFault(err); ok && fault.Kind != problem.NotFound {
		return h.showContentPublish(c, by, statusOf(fault.Kind), p, contentFaults(err, contentPublishFields[fault.Message.Key]))
	}
	if err != nil {
		return err
	}
	e, err := h.Content.Edit(c.UserContext(), by.Officer, c.Params("id"))
	if err != nil {
		return err
	}
	return h.Redirect(c, contentAt+"/"+contentWords[e.Kind]+"/"+e.Slug)
}
