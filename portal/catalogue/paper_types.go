package catalogue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/pg"
)

// PaperType is a kind of paper that forms ask for and that may be used again once an agency
// has accepted one.
type PaperType struct {
	Code      string       `json:"code"`
	Name      locales.Text `json:"name"`
	Issuer    locales.Text `json:"issuer,omitzero"` // who issues it, where there is but one
	Validity  []Validity   `json:"validity,omitempty"`
	Sensitive bool         `json:"sensitive,omitempty"` // shown to others for a day at most, never named in a letter
	Event     bool         `json:"event,omitempty"`     // it is of one birth, one death: of no use for another
	Many      bool         `json:"many,omitempty"`      // there may be several at once: a newer one replaces no other
	Results   []string     `json:"results,omitempty"`   // codes of results that are such a paper
}

// Validity is how long papers hold that were issued from a day on: so many units, or until
// the day that the paper itself states. A type without any holds without end.
type Validity struct {
	From   string `json:"from"`
	Amount int    `json:"amount,omitempty"`
	Unit   string `json:"unit,omitempty"`  // day, month, year
	Since  string `json:"since,omitempty"` // handed_in: counted from when it was filed, for it tells no day itself
	Until  string `json:"until,omitempty"` // stated
	Basis  string `json:"basis,omitempty"` // the rule it comes from
}

// Limited says whether papers of the type that were issued on a day end some day.
func (t PaperType) Limited(day time.Time) bool { return t.at(day) != nil }

// Stated says whether the paper itself tells its last day.
func (t PaperType) Stated(day time.Time) bool {
	v := t.at(day)
	return v != nil && v.Until != ""
}

// Dated says whether the day of issue decides the last day.
func (t PaperType) Dated(day time.Time) bool {
	v := t.at(day)
	return v != nil && v.Until == "" && v.Since == ""
}

// Ends is the last day of a paper that was issued and handed in on these days, false where
// that is not known: issued is zero when nobody has read it off the paper.
func (t PaperType) Ends(issued, handedIn time.Time) (time.Time, bool) {
	begins := issued
	if issued.IsZero() {
		begins = handedIn
	}
	v := t.at(begins)
	switch {
	case v == nil || v.Until != "":
		return time.Time{}, false
	case v.Since != "":
		begins = handedIn
	case issued.IsZero():
		return time.Time{}, false
	}
	return v.after(begins), true
}

// at is the rule for papers issued on a day, nil where there is none: the last that has begun.
func (t PaperType) at(day time.Time) *Validity {
	var found *Validity
	for i, v := range t.Validity {
		if v.From <= day.In(locales.ICT).Format(time.DateOnly) && (found == nil || v.From > found.From) {
			found = &t.Validity[i]
		}
	}
	return found
}

// after is the last day of a term that began on a day. A month later is the same day of that
// month, or its last one (BLDS 2015, Điều 148).
func (v Validity) after(day time.Time) time.Time {
	y, m, d := day.In(locales.ICT).Date()
	months := 0
	switch v.Unit {
	case "day":
		return time.Date(y, m, d+v.Amount, 0, 0, 0, 0, locales.ICT)
	case "month":
		months = v.Amount
	case "year":
		months = 12 * v.Amount
	}
	last := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, locales.ICT)
	return time.Date(y, m+time.Month(months), min(d, last.Day()), 0, 0, 0, 0, locales.ICT)
}

func (f *folder) readPaperTypes(doc paperTypesDoc) {
	f.types = map[string]PaperType{}
	c, results := check{paperTypesFile, &f.faults}, map[string]bool{}
	for i, t := range doc.Types {
		place := fmt.Sprintf("types[%d] %s", i, t.Code)
		c.need(t.Code != "" && t.Name.VI != "", place)
		if _, twice := f.types[t.Code]; twice {
			c.fault(place, "catalogue.import.twice", locales.S("value", t.Code))
		}
		for j, v := range t.Validity {
			c.validity(fmt.Sprintf("%s.validity[%d]", place, j), v)
		}
		for _, r := range t.Results {
			if results[r] {
				c.fault(place+".results", "catalogue.import.twice", locales.S("value", r))
			}
			results[r] = true
		}
		f.types[t.Code] = t
	}
}

func (c check) validity(place string, v Validity) {
	c.need(v.From != "", place+".from")
	c.day(place+".from", v.From)
	switch {
	case v.Until != "":
		c.known(place+".until", v.Until, []string{"stated"})
	case v.Amount <= 0:
		c.fault(place, "catalogue.import.time")
	default:
		c.known(place+".unit", v.Unit, []string{"day", "month", "year"})
	}
	if v.Since != "" {
		c.known(place+".since", v.Since, []string{"handed_in"})
	}
}

type paperTypesDoc struct {
	Note  string      `json:"note"`
	Types []PaperType `json:"types"`
}

// papers wants the types that a form names to be known.
func (c check) papers(r *Revision, types map[string]PaperType) {
	if r.Form == nil {
		return
	}
	for _, q := range r.Form.All() {
		if _, known := types[q.Paper]; q.Kind == eforms.Attachment && q.Paper != "" && !known {
			c.fault("form.json "+q.ID, "catalogue.import.no_paper_type", locales.S("code", q.Paper))
		}
	}
}

// PaperTypes are the types of papers, by code. Not to be changed.
func (s *Service) PaperTypes(ctx context.Context) (map[string]PaperType, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return e.types, nil
}

// ResultType is the type that a result of that code is, if it is one.
func ResultType(types map[string]PaperType, code string) (PaperType, bool) {
	for _, t := range types {
		if slices.Contains(t.Results, code) {
			return t, true
		}
	}
	return PaperType{}, false
}

func putPaperTypes(ctx context.Context, tx *sqlx.Tx, types map[string]PaperType) error {
	if len(types) == 0 {
		return nil
	}
	all := make([]PaperType, 0, len(types))
	for _, t := range types {
		all = append(all, t)
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO paper_types AS t (code, doc) SELECT d->>'code', d FROM jsonb_array_elements($1::jsonb) AS d
		ON CONFLICT (code) DO UPDATE SET doc = excluded.doc, at = clock_timestamp() WHERE t.doc IS DISTINCT FROM excluded.doc`, pg.JSON(all))
	if err != nil {
		return fmt.Errorf("paper types: %w", err)
	}
	return nil
}

func readPaperTypes(ctx context.Context, db *sqlx.DB) (map[string]PaperType, error) {
	var docs []pg.JSONOf[PaperType]
	if err := db.SelectContext(ctx, &docs, `SELECT doc FROM paper_types`); err != nil {
		return nil, fmt.Errorf("paper types: %w", err)
	}
	types := make(map[string]PaperType, len(docs))
	for _, d := range docs {
		types[d.V.Code] = d.V
	}
	return types, nil
}
