package draft

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Choice is a field with the texts that two pages or devices have given it.
type Choice struct {
	Field string
	Page  int
	Now   Version   // what is stored
	Other []Version // what came after it, oldest first
}

// Version is one of the texts of a field.
type Version struct {
	ID  string // what is sent to choose it; "" the stored one
	Row eforms.Row
	At  time.Time // none when nobody has saved it
	By  string
}

// StoredVersion is what is sent to leave a field as it is stored.
const StoredVersion = "nay"

// Choices are the fields that wait for the person to choose, in the form's order.
func (d Draft) Choices(now time.Time) []Choice {
	var all []Choice
	for _, page := range d.Revision.Form.Pages {
		for _, q := range page.Questions {
			c := Choice{Field: q.ID, Page: page.No}
			for _, o := range d.Overtaken {
				if o.Field == q.ID {
					c.Other = append(c.Other, Version{ID: o.ID, Row: d.rowWith(q, o.Value, now), At: o.At, By: o.By})
				}
			}
			if len(c.Other) > 0 {
				stamp := d.Stamps[q.ID]
				c.Now = Version{ID: StoredVersion, Row: d.rowWith(q, d.Answers[q.ID], now), At: stamp.At, By: stamp.By}
				all = append(all, c)
			}
		}
	}
	return all
}

// rowWith is the field in words if its answer were this one.
func (d Draft) rowWith(q *eforms.Question, value any, now time.Time) eforms.Row {
	answers := maps.Clone(d.Answers)
	answers[q.ID] = value
	for _, section := range d.Run(now).With(answers).Outline() {
		for _, row := range section.Rows {
			if row.ID == q.ID {
				return row
			}
		}
	}
	return eforms.Row{ID: q.ID, Kind: q.Kind, Label: q.Label, Empty: true} // not asked any more
}

// Choose settles the fields for which the person picked one of the texts, by field. A field
// whose stored text is not the one that was shown is left to be chosen again.
func (s *Service) Choose(ctx context.Context, p signin.Person, id string, picks map[string]string, shown Shown, by string, key once.Key) (Draft, error) {
	known, err := s.Known(ctx, p, id)
	if err != nil {
		return Draft{}, err
	}
	var d Draft
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		now := s.Now()
		_, done, err := once.Begin(ctx, tx, key, now)
		if err != nil {
			return err
		}
		if d, err = s.Lock(ctx, tx, p, known); err != nil || done {
			return err
		}
		if d.FiledAt != nil {
			return problem.New(problem.Conflict, "draft.filed_already")
		}
		for field, pick := range picks {
			d.choose(field, pick, shown, Stamp{At: now, By: by})
		}
		if err := s.keep(ctx, tx, &d, now); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, "chosen")
	})
	return d, err
}

func (d *Draft) choose(field, pick string, shown Shown, stamp Stamp) {
	if shown.Fields[field].answer != digest(d.Answers[field]) {
		return
	}
	if pick != StoredVersion {
		i := slices.IndexFunc(d.Overtaken, func(o Overtaken) bool { return o.Field == field && o.ID == pick })
		if i < 0 {
			return
		}
		d.Answers[field], d.Stamps[field] = d.Overtaken[i].Value, stamp
	}
	d.Overtaken = slices.DeleteFunc(d.Overtaken, func(o Overtaken) bool {
		return o.Field == field && shown.knows(o)
	})
}

// knows says whether the page that was chosen on showed that text: one that came later
// waits to be seen.
func (s Shown) knows(o Overtaken) bool {
	_, there := s.Fields[o.Field+"."+o.ID]
	return there
}

// ShownChoices is what a page shows that lets the person choose.
func (d Draft) ShownChoices() Shown {
	s := Shown{Fields: map[string]trace{}}
	for _, o := range d.Overtaken {
		s.Fields[o.Field] = trace{answer: digest(d.Answers[o.Field])}
		s.Fields[o.Field+"."+o.ID] = trace{}
	}
	return s
}
