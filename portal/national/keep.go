package national

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Keep makes what was read a list that the catalogue is compared with. A whole one takes the
// place of the one before.
func (s *Service) Keep(ctx context.Context, by catalogue.Editing, id string, whole bool) error {
	_, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		entry := audit.Entry{Deed: "national.keep", Object: "national:" + id, Args: map[string]any{"whole": whole}}
		return id, entry, s.keep(ctx, tx, by.Officer.ID, id, whole)
	})
	return err
}

func (s *Service) keep(ctx context.Context, tx *sqlx.Tx, officer int64, id string, whole bool) error {
	u, err := locked(ctx, tx, id)
	switch {
	case err != nil:
		return err
	case u.State != Looked:
		return problem.New(problem.Conflict, "national.not_read")
	case u.Good() == 0:
		return problem.New(problem.Conflict, "national.none_good")
	}
	if whole {
		_, err = tx.ExecContext(ctx, `UPDATE national_uploads SET state = 'replaced' WHERE state = 'kept' AND whole`)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE national_uploads SET state = 'kept', whole = $2, kept_by = nullif($3::bigint, 0), kept_at = $4 WHERE id = $1`, id, whole, officer, s.Now())
	}
	if err != nil {
		return fmt.Errorf("keep upload %s: %w", id, err)
	}
	return nil
}

// locked holds the row of an upload. Whoever keeps one waits for others who do.
func locked(ctx context.Context, tx *sqlx.Tx, id string) (Upload, error) {
	if !pg.UUID(id) {
		return Upload{}, notFound()
	}
	if _, err := tx.ExecContext(ctx, `SELECT FROM national_uploads WHERE id = $1 OR state = 'kept' AND whole ORDER BY id FOR UPDATE`, id); err != nil {
		return Upload{}, fmt.Errorf("lock upload %s: %w", id, err)
	}
	return upload(ctx, tx, id)
}

// Drop forgets a file that was not kept.
func (s *Service) Drop(ctx context.Context, by catalogue.Editing, id string) error {
	_, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		u, err := locked(ctx, tx, id)
		if err != nil {
			return "", audit.Entry{}, err
		}
		if u.Listed() {
			return "", audit.Entry{}, problem.New(problem.Conflict, "national.kept")
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM national_uploads WHERE id = $1`, id); err != nil {
			return "", audit.Entry{}, fmt.Errorf("drop upload %s: %w", id, err)
		}
		return id, audit.Entry{Deed: "national.drop", Object: "national:" + id}, nil
	})
	return err
}

// Line is a record of an upload as lists show it.
type Line struct {
	No     int                `db:"no"`
	Line   int                `db:"line"`
	Code   string             `db:"code"`
	Name   string             `db:"name"`
	Wrong  bool               `db:"wrong"`
	Faults pg.JSONOf[[]Fault] `db:"faults"`
}

// PerPage is how many rows a page of a list has.
const PerPage = 50

// Faulty are the records of an upload with faults or notes, a page of them.
func (s *Service) Faulty(ctx context.Context, by agency.Officer, id string, page int) ([]Line, error) {
	if _, err := s.Upload(ctx, by, id); err != nil {
		return nil, err
	}
	return s.faulty(ctx, id, page, PerPage)
}

func (s *Service) faulty(ctx context.Context, id string, page, per int) ([]Line, error) {
	var all []Line
	err := s.DB.SelectContext(ctx, &all, `SELECT no, line, code, name, wrong, faults FROM national_rows WHERE upload_id = $1 AND faulty ORDER BY no LIMIT $2 OFFSET $3`,
		id, per, max(page-1, 0)*per)
	if err != nil {
		return nil, fmt.Errorf("faults of upload %s: %w", id, err)
	}
	return all, nil
}

// Report writes all faults of an upload as a table: line, cell, field, code, whether it
// stops the procedure, and the words.
func (s *Service) Report(ctx context.Context, by agency.Officer, id string, lang locales.Lang, w io.Writer) error {
	if _, err := s.Upload(ctx, by, id); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\xEF\xBB\xBF"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	tell := func(key string) string { s, _ := locales.Say(lang, locales.M(key)); return s }
	head := []string{tell("national.report.line"), tell("national.report.cell"), tell("national.report.field"), tell("national.report.code"), tell("national.report.kind"), tell("national.report.says")}
	if err := out.Write(head); err != nil {
		return err
	}
	for page := 1; ; page++ {
		all, err := s.faulty(ctx, id, page, perStatement)
		if err != nil {
			return err
		}
		for _, r := range all {
			for _, f := range r.Faults.V {
				kind, says := tell("national.report.fault"), ""
				if f.Note {
					kind = tell("national.report.note")
				}
				says, _ = f.Says.In(lang)
				if err := out.Write([]string{strconv.Itoa(f.Line), f.At, f.Column, guard(r.Code), kind, guard(says)}); err != nil {
					return err
				}
			}
		}
		if len(all) < perStatement {
			out.Flush()
			return out.Error()
		}
	}
}
