package eforms

import (
	"slices"
	"strings"

	"motcua/locales"
)

// The lists that a form gives under these names to the parts of people.
const (
	sexes       = "sexes"
	ethnicities = "ethnicities"
	countries   = "countries"
	banks       = "banks"
)

// personKind is a person: the parts that the definition names, in its order. The question's
// fact is the beginning of the facts' names: population.self.
func personKind() *behaviour {
	return composite(func(_ *Form, q *Question) []*Question {
		var out []*Question
		for _, id := range q.Asks {
			p := &Question{ID: id, Label: say("eforms.person." + id), Optional: slices.Contains(q.Spare, id), Locked: q.Locked}
			switch id {
			case "name":
				p.Kind, p.Autofill = Name, "name"
			case "birth_date":
				p.Kind, p.Autofill, p.NotAfter, p.Words = DateOrYear, "bday", "today", q.Words
			case "sex":
				p.Kind, p.List, p.Autofill = Radios, sexes, "sex"
			case "id_number":
				p.Kind, p.Old, p.Birth, p.sex = PersonalID, q.Old, "birth_date", "sex"
				if !slices.Contains(q.Asks, "birth_date") {
					p.Birth = q.Birth
				}
			case "id_date":
				p.Kind, p.NotAfter = Date, "today"
			case "id_place":
				p.Kind = TextKind
			case "ethnicity":
				p.Kind, p.List = SearchSelect, ethnicities
			case "nationality":
				p.Kind, p.List, p.Autofill = SearchSelect, countries, "country-name"
			case "phone":
				p.Kind, p.Autofill = Phone, "tel"
			default:
				continue // the schema has said so
			}
			for _, prefix := range q.Fact {
				for _, end := range personFacts[id] {
					p.Fact = append(p.Fact, prefix+"."+end)
				}
			}
			if own := slices.ContainsFunc(q.Fact, func(f string) bool { return strings.HasSuffix(f, ".self") }); !own && q.Autofill == "" {
				p.Autofill = "" // a browser knows only its owner
			}
			out = append(out, p)
		}
		return out
	})
}

// personFacts are how registers call the parts; the first that is there wins.
var personFacts = map[string][]string{
	"name": {"full_name"}, "birth_date": {"birth_date", "birth_year"}, "sex": {"sex"}, "id_number": {"id_number"},
	"id_date": {"id_date"}, "id_place": {"id_place"}, "ethnicity": {"ethnicity"}, "nationality": {"nationality"}, "phone": {"phone"},
}

// sexWarning compares the number with the sex that was chosen: the fourth digit is even for
// men and odd for women.
func (a asked) sexWarning() *locales.Message {
	other, ok := a.sibling(a.q.sex)
	id := text(a.cell().answer)
	if !ok || a.q.sex == "" || len(id) != 12 || !allDigits(id) {
		return nil
	}
	o := find(other.choices(), text(other.cell().answer))
	if o == nil {
		return nil
	}
	one := []Option{*o}
	is := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return matching(one, w) != nil })
	}
	man, woman := is("male", "Nam", "M"), is("female", "Nữ", "F")
	switch even := (id[3]-'0')%2 == 0; {
	case even && woman:
		return message("id_sex", locales.T("sex", say("eforms.male")))
	case !even && man:
		return message("id_sex", locales.T("sex", say("eforms.female")))
	}
	return nil
}
