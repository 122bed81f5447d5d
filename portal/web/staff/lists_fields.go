package staff

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// newField is the word in the address of a field that is not there yet.
const newField = "moi"

type fieldsPage struct {
	Text  string
	Rows  []fieldRow
	All   int
	Pages pages
}

type fieldRow struct {
	catalogue.FieldLine
	Answers locales.Text // the agency's name
	Over    bool
}

func (h *Pages) fieldList(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	all, err := h.Catalogue.FieldList(c.UserContext())
	if err != nil {
		return err
	}
	bodies, err := h.Agency.All(c.UserContext(), h.Now())
	if err != nil {
		return err
	}
	names := map[string]locales.Text{}
	for _, a := range bodies {
		names[a.Code] = a.Name
	}
	d := fieldsPage{Text: strings.TrimSpace(c.Query("q"))}
	today := h.Now().In(locales.ICT).Format(time.DateOnly)
	var rows []fieldRow
	for _, f := range all {
		if catalogue.SaysIn(d.Text, f.Code+" "+f.Name.VI+" "+f.Name.EN+" "+names[f.Agency].VI) {
			rows = append(rows, fieldRow{f, names[f.Agency], f.To != "" && f.To < today})
		}
	}
	d.All = len(rows)
	d.Rows, d.Pages = cutList(c, rows)
	return h.listPage(c, by.Officer, fiber.StatusOK, "list-fields", locales.M("list.fields"), nil, d)
}

type fieldPage struct {
	Field    catalogue.Field
	New      bool
	From, To string // as typed
	Bodies   []agency.Agency
}

func (h *Pages) fieldPage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	f, err := h.fieldOf(c)
	if err != nil {
		return err
	}
	return h.showField(c, by.Officer, fiber.StatusOK, f, nil)
}

func (h *Pages) fieldOf(c *fiber.Ctx) (catalogue.Field, error) {
	if c.Params("code") == newField {
		return catalogue.Field{}, nil
	}
	all, err := h.Catalogue.FieldList(c.UserContext())
	if err != nil {
		return catalogue.Field{}, err
	}
	i := slices.IndexFunc(all, func(f catalogue.FieldLine) bool { return f.Code == c.Params("code") })
	if i < 0 {
		return catalogue.Field{}, problem.New(problem.NotFound, "catalogue.no_field")
	}
	return all[i].Field, nil
}

func (h *Pages) showField(c *fiber.Ctx, o agency.Officer, status int, f catalogue.Field, faults []web.ErrorLink) error {
	bodies, err := h.Agency.All(c.UserContext(), h.Now())
	if err != nil {
		return err
	}
	d := fieldPage{Field: f, New: c.Params("code") == newField, From: typedDay(f.From), To: typedDay(f.To)}
	for _, a := range bodies {
		if a.Level != agency.Communal {
			d.Bodies = append(d.Bodies, a)
		}
	}
	var title web.Words = f.Name
	if d.New {
		title = locales.M("list.field.new")
	}
	return h.listPage(c, o, status, "list-field", title, faults, d, web.Crumb{Path: fieldsAt, Name: locales.M("list.fields")})
}

func (h *Pages) fieldPut(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	f, err := h.fieldOf(c)
	if err != nil {
		return err
	}
	added := c.Params("code") == newField
	if added {
		f.Code = trimmed(body, "ma")
	}
	f.Name.VI, f.Name.EN, f.Name.KM = trimmed(body, "ten-vi"), trimmed(body, "ten-en"), trimmed(body, "ten-km")
	f.Agency, f.Source, f.From, f.To = trimmed(body, "co-quan"), trimmed(body, "can-cu"), keptDay(body.Get("tu")), keptDay(body.Get("den"))
	err = h.Catalogue.PutField(c.UserContext(), by, f, added, func(code string) bool {
		_, err := h.Agency.ByCode(c.UserContext(), code)
		return err == nil
	})
	if links, ok := wrong(err); ok {
		return h.showField(c, by.Officer, fiber.StatusUnprocessableEntity, f, links)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, fieldsAt)
}
