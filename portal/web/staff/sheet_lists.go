package staff

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
)

// sheetLists is what fields are chosen from, by the name of the list.
type sheetLists map[string][]choice

// sheetLists are the lists for an edit.
func (h *Pages) sheetLists(c *fiber.Ctx, e editorial.Edit, doc *editorial.Doc) (sheetLists, error) {
	ctx, all := c.UserContext(), sheetLists{}
	fields, err := h.Catalogue.FieldsNow(ctx)
	if err != nil {
		return nil, err
	}
	for _, code := range slices.Sorted(maps.Keys(fields)) {
		all.add(editorial.ListFields, code, fields[code].Name)
	}
	agencies, err := h.Agency.All(ctx, h.Now())
	if err != nil {
		return nil, err
	}
	for _, a := range agencies {
		all.add(editorial.ListAgencies, a.Code, a.Name)
	}
	province, err := h.Agency.Province(ctx)
	if err != nil {
		return nil, err
	}
	units, err := h.Agency.Units(ctx, province.Code, h.Now())
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		all.add(editorial.ListUnits, u.Code, u.Name)
	}
	if err := h.entries(c, all); err != nil {
		return nil, err
	}
	for i := range doc.Len("sheet/legal") {
		if number := doc.Value("sheet/legal/" + strconv.Itoa(i) + "/number"); number != "" {
			all.add(editorial.ListGrounds, number, number)
		}
	}
	for i := range doc.Len("fees") {
		if id := doc.Value("fees/" + strconv.Itoa(i) + "/id"); id != "" {
			all.add(editorial.ListRules, id, id)
		}
	}
	return all, h.formValues(c, e, all)
}

// entries are the shared lists of legal texts, types of components and results: what holds today.
func (h *Pages) entries(c *fiber.Ctx, all sheetLists) error {
	today := h.Now().In(locales.ICT).Format(time.DateOnly)
	for list, name := range map[string]string{editorial.ListLegal: catalogue.LegalTexts, editorial.ListTypes: catalogue.ComponentTypes, editorial.ListResults: catalogue.ResultTypes} {
		entries, err := h.Catalogue.Entries(c.UserContext(), name)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !e.Over(today) {
				all.add(list, e.Code, e.Name)
			}
		}
	}
	return nil
}

// formValues are the cases and questions of the form that the procedure has.
func (h *Pages) formValues(c *fiber.Ctx, e editorial.Edit, all sheetLists) error {
	if e.New() {
		return nil
	}
	rev, err := h.Catalogue.ByID(c.UserContext(), e.BaseID.Int64)
	if err != nil || rev.Form == nil {
		return err
	}
	for _, k := range rev.Form.Cases {
		all.add(editorial.ListCases, k.ID, k.Name)
	}
	for _, q := range rev.Form.All() {
		all.add(editorial.ListQuestions, q.ID, q.Label)
		if q.Kind == eforms.Attachment {
			all.add(editorial.ListPapers, q.ID, q.Label)
		}
	}
	return nil
}

func (l sheetLists) add(list, value string, label any) {
	l[list] = append(l[list], choice{Value: value, Label: label})
}

// choices are what a field can be, with what it is marked. What nothing here knows is kept
// all the same.
func (l sheetLists) choices(f editorial.Field, chosen []string) []choice {
	var all []choice
	for _, v := range f.Values {
		word := f.Name + "." + v
		all = append(all, choice{Value: v, Label: locales.M("editorial.choice." + word)})
	}
	all = append(all, l[f.List]...)
	for _, v := range chosen {
		if v != "" && !slices.ContainsFunc(all, func(c choice) bool { return c.Value == v }) {
			all = append(all, choice{Value: v, Label: v})
		}
	}
	for i := range all {
		all[i].On = slices.Contains(chosen, all[i].Value)
	}
	return all
}

// datalists are the lists that lines of a section are chosen from.
func (l sheetLists) datalists(s editorial.Section) []datalist {
	names := map[string]bool{}
	var walk func(fields []editorial.Field)
	walk = func(fields []editorial.Field) {
		for _, f := range fields {
			if f.List != "" && f.Sort == editorial.Line {
				names[f.List] = true
			}
			walk(f.Fields)
		}
	}
	for _, b := range s.Blocks {
		walk(b.Fields)
	}
	var all []datalist
	for _, name := range slices.Sorted(maps.Keys(names)) {
		all = append(all, datalist{"l-" + name, l[name]})
	}
	return all
}
