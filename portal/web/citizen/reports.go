package citizen

import (
	"errors"
	"io"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/privacy"
	"motcua/portal/problem"
	"motcua/portal/registry"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// reportRoutes are the pages on which a person says that a register is wrong, and reads
// what came of it.
func (h *Filing) reportRoutes(app fiber.Router) {
	app.Get("/ho-so/:id/bao-sai", h.reportForm)
	app.Post("/ho-so/:id/bao-sai", h.report)
	app.Get("/tai-khoan/bao-sai", h.reports)
	app.Get("/tai-khoan/bao-sai/:report", h.ownReport)
	app.Get("/tai-khoan/bao-sai/:report/tep", h.reportFile)
}

// reportPage says what a register has and asks what is right (ux C8, PRE-4).
type reportPage struct {
	privacy.Thing
	Said  privacy.Source
	Other []namedSource // the other registers that said something here
	Name  locales.Text
	Keeps registry.Source
	Says  string
	Path  string
}

// namedSource is a register by its name.
type namedSource struct {
	Key  string
	Name locales.Text
}

// sourceName is a register as people read it.
func sourceName(key string) locales.Text { return registry.NameOf(key) }

func (h *Filing) reportForm(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	return h.showReport(c, s, fiber.StatusOK, privacy.Told{Source: c.Query("nguon")}, nil)
}

func (h *Filing) showReport(c *fiber.Ctx, s signin.Session, status int, w privacy.Told, fault *problem.Error) error {
	t, err := h.Privacy.Thing(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	said, found := t.Source(w.Source)
	if !found {
		return fiber.ErrNotFound
	}
	d := reportPage{Thing: t, Said: said, Name: sourceName(said.Key), Keeps: registry.About(said.Key), Says: w.Says, Path: w.Path}
	for _, other := range t.Sources {
		if other.Key != said.Key {
			d.Other = append(d.Other, namedSource{other.Key, sourceName(other.Key)})
		}
	}
	p := web.Page{Title: locales.M("report.title"), Frame: web.FrameForm, Service: t.Revision.Sheet.Name, Back: thingAddress(t), Data: d}
	if fault != nil {
		p.Errors = []web.ErrorLink{{Field: reportField(fault.Message.Key), Message: fault.Message}}
	}
	return h.Show(c, status, "citizen/report", p)
}

// thingAddress is where a person goes on with a draft or looks at a dossier.
func thingAddress(t privacy.Thing) string {
	if t.Filed {
		return "/ho-so/" + t.ID
	}
	return resume(t.ID, t.Page)
}

// reportField is the field that a fault is about.
func reportField(key string) string {
	switch key {
	case "privacy.no_says", "privacy.too_long":
		return "dung"
	case "privacy.no_path":
		return "chon"
	}
	return "tep"
}

// report takes a report in (multipart: fields first, then one file at most).
func (h *Filing) report(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	parts, err := h.Parts(c)
	if err != nil {
		return err
	}
	w := privacy.Told{Source: parts.Values.Get("nguon"), Says: parts.Values.Get("dung"), Path: parts.Values.Get("chon")}
	file, err := parts.Next()
	if err == nil {
		w.File, w.Name = file, file.Name
	} else if !errors.Is(err, io.EOF) {
		return err
	}
	id, err := h.Privacy.Report(c.UserContext(), s.Person, c.Params("id"), w, h.key(c, s))
	if fault, invalid := asInvalid(err); invalid {
		status := statusOf([]web.ErrorLink{{Message: fault.Message}})
		return h.showReport(c, s, status, w, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, "/tai-khoan/bao-sai/"+id+"?moi=1")
}

func (h *Filing) reports(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	all, err := h.Privacy.Mine(c.UserContext(), s.Person)
	if err != nil {
		return err
	}
	return h.Show(c, fiber.StatusOK, "citizen/reports", web.Page{Title: locales.M("report.mine"), Crumbs: mineCrumbs(), Data: struct{ Reports []privacy.Report }{all}})
}

// mineCrumbs are the way to a page of the account.
func mineCrumbs(between ...web.Crumb) []web.Crumb {
	return append([]web.Crumb{{Path: "/ho-so", Name: locales.M("mine.title")}}, between...)
}

// ownReportPage is a report with what became of it.
type ownReportPage struct {
	privacy.Report
	Name  locales.Text
	Keeps registry.Source
	New   bool   // just sent
	Next  string // where the draft goes on, "" for none
}

func (h *Filing) ownReport(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	r, err := h.Privacy.Own(c.UserContext(), s.Person, c.Params("report"))
	if err != nil {
		return err
	}
	d := ownReportPage{Report: r, Name: sourceName(r.Source), Keeps: registry.About(r.Source), New: c.Query("moi") != ""}
	if r.ThingID != "" {
		t, err := h.Privacy.Thing(c.UserContext(), s.Person, r.ThingID)
		if err == nil {
			d.Next = thingAddress(t)
		} else if !problem.Is(err, problem.NotFound) { // a draft may be gone
			return err
		}
	}
	title := locales.M("report.one", locales.S("code", r.Code))
	if r.Kind == privacy.Question {
		title = locales.M("report.question_one", locales.S("code", r.Code))
	}
	return h.Show(c, fiber.StatusOK, "citizen/report-own", web.Page{Title: title, Crumbs: mineCrumbs(web.Crumb{Path: "/tai-khoan/bao-sai", Name: locales.M("report.mine")}), Data: d})
}

func (h *Filing) reportFile(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	f, body, err := h.Privacy.OwnFile(c.UserContext(), s.Person, c.Params("report"))
	if err != nil {
		return err
	}
	return h.Send(c, web.Download{Name: f.Name, Media: f.Media, Size: f.Size}, body)
}
