package staff

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/national"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// manyEdit is one change in many sheets: what it would do, before it is done.
type manyEdit struct {
	national.Replacement
	Title    string
	Asked    bool
	Met      []national.Met
	Left     int // of them being edited
	Fields   []catalogue.Field
	Levels   []string
	Agencies []agency.Agency
	Opened   *opened
}

// replacement reads a change from an address or a form, by the same names.
func replacement(get func(string) string) national.Replacement {
	r := national.Replacement{Of: get("loai"), From: get("tu"), To: get("thanh"), Field: get("linh-vuc"), Level: get("muc-do")}
	if r.Of == national.OfBasis {
		r.Basis = catalogue.Basis{Number: get("so"), Name: locales.Text{VI: get("ten"), EN: get("ten-en")}, Issuer: get("co-quan"), Date: get("ngay")}
	}
	return r
}

func (h *Pages) manyPage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	p := manyEdit{Replacement: replacement(func(name string) string { return strings.TrimSpace(c.Query(name)) }), Title: c.Query("ten-lo"), Opened: h.openedOf(c, by.Officer)}
	if p.Of == "" {
		p.Of = national.OfBasis
		return h.showMany(c, by, fiber.StatusOK, p, nil)
	}
	return h.preview(c, by, fiber.StatusOK, p, nil)
}

// preview shows what a change would do.
func (h *Pages) preview(c *fiber.Ctx, by catalogue.Editing, status int, p manyEdit, errs []web.ErrorLink) error {
	var err error
	p.Met, err = h.National.Preview(c.UserContext(), by.Officer, p.Replacement)
	if fault, ok := errors.AsType[*problem.Error](err); ok && fault.Kind == problem.Invalid {
		return h.showMany(c, by, fiber.StatusUnprocessableEntity, p, []web.ErrorLink{{Field: manyField(fault.Message.Key), Message: fault.Message}})
	}
	if err != nil {
		return err
	}
	p.Asked = true
	for _, m := range p.Met {
		if m.Edit != nil {
			p.Left++
		}
	}
	return h.showMany(c, by, status, p, errs)
}

// manyField is where on the page a fault lies.
func manyField(key string) string {
	switch key {
	case "national.change.of":
		return "loai-can-cu"
	case "national.change.to", "national.change.no_agency":
		return "thanh"
	case "national.change.basis":
		return "so"
	case "national.change.day":
		return "ngay"
	}
	return "tu"
}

func (h *Pages) showMany(c *fiber.Ctx, by catalogue.Editing, status int, p manyEdit, errs []web.ErrorLink) error {
	fields, err := h.Catalogue.FieldsNow(c.UserContext())
	if err != nil {
		return err
	}
	for _, f := range fields {
		p.Fields = append(p.Fields, f)
	}
	slices.SortFunc(p.Fields, func(a, b catalogue.Field) int { return strings.Compare(a.Name.VI, b.Name.VI) })
	p.Levels = catalogue.Levels
	if p.Agencies, err = h.Agency.All(c.UserContext(), h.Now()); err != nil {
		return err
	}
	return h.exchangePage(c, by.Officer, status, "exchange-many", locales.M("exchange.many"), errs, p)
}

// many opens the batch with the change in every sheet that was shown and not unticked.
func (h *Pages) many(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	p := manyEdit{Replacement: replacement(func(name string) string { return strings.TrimSpace(body.Get(name)) }), Title: strings.TrimSpace(body.Get("ten-lo"))}
	met, err := h.National.Preview(c.UserContext(), by.Officer, p.Replacement)
	if err != nil {
		return h.preview(c, by, fiber.StatusUnprocessableEntity, p, nil)
	}
	var without []string
	for _, m := range met { // also what came since the page was made: nobody has seen it
		if !slices.Contains(body["ma"], m.Code) {
			without = append(without, m.Code)
		}
	}
	taken, err := h.National.Replace(c.UserContext(), by, p.Title, p.Replacement, without...)
	if fault, ok := errors.AsType[*problem.Error](err); ok && (fault.Kind == problem.Conflict && strings.HasPrefix(fault.Message.Key, "national.nothing")) {
		return h.preview(c, by, fiber.StatusUnprocessableEntity, p, []web.ErrorLink{{Field: "danh-sach", Message: fault.Message}})
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, manyAt+told(taken))
}
