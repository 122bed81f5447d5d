package editorial

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
)

// Known is what a procedure is held against: the lists of the province, on a day.
type Known struct {
	Day        string // on which it would be published, 2006-01-02
	Fields     map[string]catalogue.Field
	Papers     map[string]catalogue.PaperType
	Agencies   map[string]agency.Agency // that exist on the day, by code
	Units      map[string]bool          // codes of those that exist on the day
	Legal      map[string]catalogue.Entry
	Components map[string]catalogue.Entry
	Results    map[string]catalogue.Entry
	Dead       map[string]locales.Message // addresses that cannot be opened, with what came of it
}

// checking is one check of one procedure.
type checking struct {
	rev   *catalogue.Revision
	form  json.RawMessage
	known Known
	found []Finding
	all   []placed // what texts found
}

// CheckRevision is all that is found in a procedure as it would be published: refusals
// first, each in the order of the page. form is its form's definition, to point into.
func CheckRevision(rev *catalogue.Revision, form json.RawMessage, known Known) []Finding {
	c := &checking{rev: rev, form: form, known: known}
	for _, wrong := range catalogue.Wrong(rev, form, known.Fields, known.Papers) {
		c.found = append(c.found, Finding{true, wrong.Part, wrong.Place, said(wrong)})
	}
	c.codes()
	c.legal()
	c.fees()
	c.papers()
	c.workflow()
	c.translations()
	c.words()
	c.links()
	return sorted(c.found)
}

func (c *checking) refuse(part, place, key string, args ...locales.Arg) {
	c.found = append(c.found, Finding{true, part, place, locales.M(key, args...)})
}

func (c *checking) warn(part, place, key string, args ...locales.Arg) {
	c.found = append(c.found, Finding{false, part, place, locales.M(key, args...)})
}

// said gives what is missing its own words: which field is empty.
func said(r catalogue.Refusal) locales.Message {
	if r.Message.Key != "catalogue.import.empty" || r.Part != "sheet" {
		return r.Message
	}
	var words []string
	for _, w := range strings.Split(strings.Trim(r.Place, "/"), "/") {
		if strings.Trim(w, "0123456789") != "" {
			words = append(words, w)
		}
	}
	if key := "finding.empty." + strings.Join(words, "_"); locales.Has(key) {
		return locales.M(key)
	}
	return r.Message
}

// order is that of the parts on the pages, and of the sheet's fields within theirs.
var (
	partOrder  = []string{"sheet", "fees", "terms", "papers", "notices", "workflow", "form", "tests"}
	fieldOrder = []string{"code", "name", "summary", "field", "kind", "tiers", "level", "assurance", "audience", "capacities", "units", "languages", "keywords",
		"in_force_from", "steps", "channels", "components", "sets", "agencies", "results", "requirements", "conditions", "legal", "decision"}
)

// sorted puts refusals before warnings, each by part, field and place; what is said twice of
// one place stands once.
func sorted(all []Finding) []Finding {
	rank := func(f Finding) int {
		field, _, _ := strings.Cut(strings.TrimPrefix(f.Place, "/"), "/")
		return slices.Index(partOrder, f.Part)*100 + slices.Index(fieldOrder, field)
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		switch {
		case a.Refusal != b.Refusal && a.Refusal:
			return -1
		case a.Refusal != b.Refusal:
			return 1
		case rank(a) != rank(b):
			return rank(a) - rank(b)
		}
		return comparePlaces(a.Place, b.Place)
	})
	return slices.CompactFunc(all, func(a, b Finding) bool {
		return a.Refusal == b.Refusal && a.Part == b.Part && a.Place == b.Place && a.Message.String() == b.Message.String()
	})
}

// comparePlaces orders pointers with their numbers as numbers.
func comparePlaces(a, b string) int {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	for i := range min(len(as), len(bs)) {
		if as[i] == bs[i] {
			continue
		}
		if len(as[i]) != len(bs[i]) && strings.Trim(as[i]+bs[i], "0123456789") == "" {
			return len(as[i]) - len(bs[i])
		}
		return strings.Compare(as[i], bs[i])
	}
	return len(as) - len(bs)
}

// Refuses says whether any of the findings refuses.
func Refuses(all []Finding) bool {
	return slices.ContainsFunc(all, func(f Finding) bool { return f.Refusal })
}

// day is a day of data as a message shows it.
func day(name, d string) locales.Arg {
	at, err := time.ParseInLocation(time.DateOnly, d, locales.ICT)
	if err != nil {
		return locales.S(name, d)
	}
	return locales.D(name, at)
}
