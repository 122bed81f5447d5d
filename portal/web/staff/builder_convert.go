package staff

import (
	"errors"
	"io"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms/convert"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// converters are the programs whose forms can be read, by the word of the page's field.
var converters = map[string]func([]byte, convert.Options) (convert.Result, error){"formio": convert.FormIO, "govuk": convert.GOVUK}

// convertPage is where a form of another program is taken over, and what became of it.
type convertPage struct {
	work
	From   string
	Lang   string
	Result *convert.Result
	Whole  int
	Part   int
	Left   int
}

func (h *Pages) convertPage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showConvert(c, by, fiber.StatusOK, convertPage{From: "formio", Lang: "vi"}, nil)
}

func (h *Pages) showConvert(c *fiber.Ctx, by catalogue.Editing, status int, p convertPage, faults []web.ErrorLink) error {
	var err error
	if p.work, err = h.work(c, by, ""); err != nil {
		return err
	}
	return h.showTried(c, status, "builder-convert", p.work, locales.M("builder.convert"), faults, p)
}

// convert puts what came of a file in the place of the edit's form, and reports. The form
// before is one press of "take back" away.
func (h *Pages) convert(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	parts, err := h.Parts(c)
	if err != nil {
		return err
	}
	by.Key = h.Key(c, by.Key.Person)
	p := convertPage{From: parts.Values.Get("nguon"), Lang: parts.Values.Get("tieng")}
	read, known := converters[p.From]
	if !known {
		return fiber.ErrBadRequest
	}
	fault := func(m locales.Message) error {
		return h.showConvert(c, by, fiber.StatusUnprocessableEntity, p, []web.ErrorLink{{Field: "tep", Message: m}})
	}
	file, err := parts.Next()
	if errors.Is(err, io.EOF) {
		return fault(locales.M("builder.fault.no_file"))
	}
	if err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(file, maxDefinition+1))
	if err != nil {
		return err
	}
	by.Key = mixed(by.Key, data)
	e, err := h.Catalogue.FormEdit(c.UserContext(), by.Officer, c.Params("id"))
	if err != nil {
		return err
	}
	lang, _ := locales.ParseLang(p.Lang)
	result, err := read(data, convert.Options{ID: e.Code, Lang: lang})
	switch {
	case errors.Is(err, convert.ErrTooLarge):
		return problem.New(problem.TooLarge, "web.too_large")
	case errors.Is(err, convert.ErrNotForm):
		return fault(locales.M("builder.convert.fault"))
	case err != nil:
		return err
	}
	version, _ := strconv.Atoi(parts.Values.Get("ban"))
	_, err = h.Catalogue.SaveEdit(c.UserContext(), by, c.Params("id"), version, catalogue.Change{Definition: result.Definition, Deed: "import"})
	if err != nil {
		return h.answer(c, by, err, "")
	}
	p.Result = &result
	p.Whole, p.Part, p.Left = result.Counts()
	return h.showConvert(c, by, fiber.StatusOK, p, nil)
}
