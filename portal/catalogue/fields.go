package catalogue

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/calendar"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// FieldLine is a field as its list shows it.
type FieldLine struct {
	Field
	Procedures int // in force under it
}

// FieldList are all fields by name, with how many procedures each has.
func (s *Service) FieldList(ctx context.Context) ([]FieldLine, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for _, r := range e.revisions {
		count[r.Sheet.Field]++
	}
	lines := make([]FieldLine, 0, len(e.fields))
	for _, f := range e.fields {
		lines = append(lines, FieldLine{f, count[f.Code]})
	}
	slices.SortFunc(lines, func(a, b FieldLine) int { return strings.Compare(Plain(a.Name.VI)+a.Code, Plain(b.Name.VI)+b.Code) })
	return lines, nil
}

// Plain is a text without marks and capitals, by which lists are ordered.
func Plain(s string) string { return strings.Join(bares(words(s)), " ") }

var fieldCode = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// PutField adds a field, or puts one right that is there: its name, who answers for it, its
// source and days. answers says whether a code is that of an agency of today.
func (s *Service) PutField(ctx context.Context, by Editing, f Field, added bool, answers func(code string) bool) error {
	if err := MayEdit(by.Officer); err != nil {
		return err
	}
	if err := checkField(f, answers); err != nil {
		return err
	}
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if _, done, err := once.Begin(ctx, tx, by.Key, s.Now()); err != nil || done {
			return err
		}
		query := `UPDATE fields SET name = $2, agency = $3, source = $4, valid_from = nullif($5, '')::date, valid_to = nullif($6, '')::date, at = clock_timestamp() WHERE code = $1`
		if added {
			query = `INSERT INTO fields (code, name, agency, source, valid_from, valid_to) VALUES ($1, $2, $3, $4, nullif($5, '')::date, nullif($6, '')::date)
				ON CONFLICT (code) DO NOTHING`
		}
		res, err := tx.ExecContext(ctx, query, f.Code, pg.JSON(f.Name), f.Agency, f.Source, f.From, f.To)
		if err != nil {
			return fmt.Errorf("field %s: %w", f.Code, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			if added && err == nil {
				return agency.Wrong{"ma": locales.M("list.code_taken")}
			}
			return problem.Because(err, problem.NotFound, "catalogue.no_field")
		}
		deed := "field.change"
		if added {
			deed = "field.add"
		}
		if err := audit.Write(ctx, tx, audit.Entry{Actor: fmt.Sprintf("officer:%d", by.Officer.ID), Deed: deed, Object: "field:" + f.Code, IP: by.IP, Request: by.Request}); err != nil {
			return err
		}
		return once.Finish(ctx, tx, by.Key, "")
	})
	if err == nil {
		s.renew(ctx)
	}
	return err
}

func checkField(f Field, answers func(string) bool) error {
	w := agency.Wrong{}
	for field, value := range map[string]string{"ten-vi": f.Name.VI, "ten-en": f.Name.EN, "can-cu": f.Source} {
		if strings.TrimSpace(value) == "" {
			w[field] = locales.M("list.empty")
		}
	}
	if !fieldCode.MatchString(f.Code) || len(f.Code) > 60 {
		w["ma"] = locales.M("list.code.wrong")
	}
	if !answers(f.Agency) {
		w["co-quan"] = locales.M("list.agency")
	}
	for field, day := range map[string]string{"tu": f.From, "den": f.To} {
		if _, err := calendar.ParseDay(day); day != "" && err != nil {
			w[field] = locales.M("list.day.wrong")
		}
	}
	if f.From != "" && f.To != "" && f.To < f.From {
		w["den"] = locales.M("list.day.order")
	}
	if len(w) > 0 {
		return w
	}
	return nil
}
