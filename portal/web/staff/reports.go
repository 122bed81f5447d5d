package staff

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/privacy"
	"motcua/portal/problem"
	"motcua/portal/registry"
	"motcua/portal/web"
)

const reportsAddress = "/can-bo/bao-sai"

// reports are the pages on which officers answer who said that a register is wrong, or
// asked who looked at their data (ux S7).
func (h *Pages) reports(app fiber.Router) {
	app.Get(reportsAddress, h.reportQueue)
	app.Get(reportsAddress+"/:report", h.reportOne)
	app.Get(reportsAddress+"/:report/tep", h.reportFile)
	app.Post(reportsAddress+"/:report/:lam", h.reportDo)
}

// reportView is one way to look at the list.
type reportView struct {
	Name  string
	Count int
	Now   bool
}

type reportsPage struct {
	List   privacy.List
	Views  []reportView
	Before string
	After  string
}

func (h *Pages) reportQueue(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	page, _ := strconv.Atoi(c.Query("trang"))
	l, err := h.Privacy.Queue(c.UserContext(), o, privacy.Filter{View: c.Query("xem"), Code: c.Query("q"), Page: page})
	if err != nil {
		return err
	}
	d := reportsPage{List: l}
	for _, v := range privacy.Views {
		d.Views = append(d.Views, reportView{v, l.Counts[v], v == l.Filter.View})
	}
	at := func(page int) string {
		return reportsAddress + "?" + url.Values{"xem": {l.Filter.View}, "q": {l.Filter.Code}, "trang": {strconv.Itoa(page)}}.Encode()
	}
	if l.Filter.Page > 1 {
		d.Before = at(l.Filter.Page - 1)
	}
	if l.More {
		d.After = at(l.Filter.Page + 1)
	}
	return h.Show(c, fiber.StatusOK, "staff/reports", web.Page{Title: locales.M("staff.reports"), Frame: web.FrameStaff, Menu: menu(o), Data: d})
}

// reportPage is a report with what may be done about it.
type reportPage struct {
	privacy.Waiting
	Name     locales.Text // of the register
	Agencies []agency.Agency
	Masked   string
	Values   url.Values
	Faulty   string // the deed whose form was wrong
}

func (h *Pages) reportOne(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	return h.showReport(c, o, fiber.StatusOK, "", url.Values{}, nil)
}

func (h *Pages) showReport(c *fiber.Ctx, o agency.Officer, status int, word string, form url.Values, fault *problem.Error) error {
	r, err := h.Privacy.See(c.UserContext(), o, c.Params("report"), h.seen(c))
	if err != nil {
		return err
	}
	d := reportPage{Waiting: r, Name: registry.NameOf(r.Source), Masked: masked(r.Number), Values: form, Faulty: word}
	if !r.Done() {
		if d.Agencies, err = h.Agency.All(c.UserContext(), h.Now().In(locales.ICT)); err != nil {
			return err
		}
	}
	p := web.Page{Title: locales.M("report.one", locales.S("code", r.Code)), Frame: web.FrameStaff, Menu: menu(o), Data: d,
		Crumbs: []web.Crumb{{Path: reportsAddress, Name: locales.M("staff.reports")}}}
	if fault != nil {
		p.Errors = []web.ErrorLink{{Field: reportFields[word], Message: fault.Message}}
	}
	return h.Show(c, status, "staff/report", p)
}

// reportFields are the first fields of the forms about a report, by their deeds' words.
var reportFields = map[string]string{"tra-loi": "tra-loi", "chuyen": "co-quan", "chuyen-ngoai": "noi-nhan", "dong": "ly-do"}

func (h *Pages) reportFile(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	f, body, err := h.Privacy.SeeFile(c.UserContext(), o, c.Params("report"), h.seen(c))
	if err != nil {
		return err
	}
	return h.send(c, f.Name, f.Media, f.Size, body)
}

func (h *Pages) reportDo(c *fiber.Ctx) error {
	s, o, err := h.officer(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(form.Get("ban"))
	p := privacy.Press{Officer: o, Report: c.Params("report"), Version: version, Key: h.Key(c, fmt.Sprintf("person:%d", s.ID))}
	ctx, word := c.UserContext(), c.Params("lam")
	switch word {
	case "tra-loi":
		err = h.Privacy.Answer(ctx, p, form.Get("tra-loi"))
	case "chuyen":
		err = h.Privacy.Forward(ctx, p, form.Get("co-quan"), form.Get("ghi-chu"))
	case "chuyen-ngoai":
		err = h.Privacy.Pass(ctx, p, form.Get("noi-nhan"), form.Get("ghi-chu"))
	case "dong":
		err = h.Privacy.Close(ctx, p, form.Get("ly-do"))
	default:
		return fiber.ErrNotFound
	}
	var fault *problem.Error
	if errors.As(err, &fault) && fault.Kind == problem.Invalid {
		return h.showReport(c, o, fiber.StatusUnprocessableEntity, word, form, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, reportsAddress+"/"+p.Report)
}
