package catalogue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/eforms/edit"
	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/problem"
)

// StartEdit opens an edit of a procedure's form and gives its id: a copy of the form in its
// newest revision, or a small one to begin with where it has none. While an edit of the
// procedure is open it is that one: editors of a form work on one text.
func (s *Service) StartEdit(ctx context.Context, by Editing, code string) (string, error) {
	return by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		id, err := s.startEdit(ctx, tx, by, code)
		return id, audit.Entry{Deed: "form_edit.start", Object: "form_edit:" + id, Args: map[string]any{"procedure": code}}, err
	})
}

func (s *Service) startEdit(ctx context.Context, tx *sqlx.Tx, by Editing, code string) (string, error) {
	base, err := newest(ctx, tx, code)
	if err != nil {
		return "", err
	}
	text, err := base.begin()
	if err != nil {
		return "", err
	}
	id, now := uuid.NewString(), s.Now()
	r, err := tx.ExecContext(ctx, `
		INSERT INTO form_edits (id, procedure_code, base_id, opened_by, opened_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (procedure_code) WHERE closed_at IS NULL DO NOTHING`, id, code, base.ID, by.Officer.ID, now)
	if err != nil {
		return "", fmt.Errorf("open a form edit of %s: %w", code, err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return id, errors.Join(err, tx.GetContext(ctx, &id, `SELECT id FROM form_edits WHERE procedure_code = $1 AND closed_at IS NULL`, code))
	}
	return id, putVersion(ctx, tx, id, by, s, FormVersion{No: 1, Definition: string(text), Deed: "start"})
}

// newest is the last revision of a procedure, also one that still waits for its day.
func newest(ctx context.Context, tx *sqlx.Tx, code string) (row, error) {
	var r row
	err := tx.GetContext(ctx, &r, `SELECT `+columns+` FROM revisions r WHERE procedure_code = $1 AND `+standing+` ORDER BY no DESC LIMIT 1`, code)
	if errors.Is(err, sql.ErrNoRows) {
		return r, problem.New(problem.NotFound, "catalogue.not_found")
	}
	if err != nil {
		return r, fmt.Errorf("newest revision of %s: %w", code, err)
	}
	return r, nil
}

// begin is what an edit of a revision begins with.
func (r row) begin() ([]byte, error) {
	var doc document
	if err := json.Unmarshal([]byte(r.Doc), &doc); err != nil {
		return nil, fmt.Errorf("revision %d of %s: %w", r.No, r.Code, err)
	}
	source := doc.Form
	if len(source) == 0 {
		var err error
		if source, err = firstForm(doc); err != nil {
			return nil, err
		}
	}
	d, err := edit.Parse(source)
	if err != nil {
		return nil, fmt.Errorf("form of revision %d of %s: %w", r.No, r.Code, err)
	}
	d.Tidy()
	return d.Bytes(), nil
}

func putVersion(ctx context.Context, tx *sqlx.Tx, id string, by Editing, s *Service, v FormVersion) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO form_versions (edit_id, no, back, definition, deed, place, officer_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, v.No, v.Back, v.Definition, v.Deed, v.Place, by.Officer.ID, s.Now())
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE form_edits SET version = $2 WHERE id = $1`, id, v.No)
	}
	if err != nil {
		return fmt.Errorf("version %d of form edit %s: %w", v.No, id, err)
	}
	return nil
}

// Change is a new state of a form, with what was done and where.
type Change struct {
	Definition []byte
	Deed       string // set, add, move …
	Place      string
}

// SaveEdit keeps a change that began from the given version and gives the new one. A change
// of an older version is Overtaken, and nothing is kept.
func (s *Service) SaveEdit(ctx context.Context, by Editing, id string, version int, c Change) (int, error) {
	if _, err := edit.Parse(c.Definition); err != nil {
		return 0, problem.Because(err, problem.Invalid, "catalogue.edit.no_json", locales.S("why", err.Error()))
	}
	answer, err := s.doEdit(ctx, by, id, version, func(tx *sqlx.Tx, e FormEdit) (string, audit.Entry, error) {
		v := FormVersion{No: e.Version + 1, Back: e.Version, Definition: string(c.Definition), Deed: c.Deed, Place: c.Place}
		return strconv.Itoa(v.No), audit.Entry{Deed: "form_edit." + c.Deed, Args: map[string]any{"version": v.No}}, putVersion(ctx, tx, id, by, s, v)
	})
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(answer)
}

// TakeBack undoes the last change; again, the one before it. What was undone stays among
// the versions.
func (s *Service) TakeBack(ctx context.Context, by Editing, id string, version int) error {
	_, err := s.doEdit(ctx, by, id, version, func(tx *sqlx.Tx, e FormEdit) (string, audit.Entry, error) {
		if e.Back == 0 {
			return "", audit.Entry{}, problem.New(problem.Conflict, "catalogue.edit.nothing_to_take_back")
		}
		var before FormVersion
		err := tx.GetContext(ctx, &before, `SELECT no, back, definition FROM form_versions WHERE edit_id = $1 AND no = $2`, id, e.Back)
		if err != nil {
			return "", audit.Entry{}, fmt.Errorf("version %d of form edit %s: %w", e.Back, id, err)
		}
		v := FormVersion{No: e.Version + 1, Back: before.Back, Definition: before.Definition, Deed: "undo", Place: e.Place}
		return strconv.Itoa(v.No), audit.Entry{Deed: "form_edit.undo", Args: map[string]any{"version": v.No}}, putVersion(ctx, tx, id, by, s, v)
	})
	return err
}

// GiveUp ends an edit without publishing it.
func (s *Service) GiveUp(ctx context.Context, by Editing, id string, version int) error {
	_, err := s.doEdit(ctx, by, id, version, func(tx *sqlx.Tx, e FormEdit) (string, audit.Entry, error) {
		return "", audit.Entry{Deed: "form_edit.give_up"}, s.closeEdit(ctx, tx, by, e, 0, "")
	})
	return err
}

// Rebase takes the newest revision for what the edit began from, once an editor has seen
// that there is one. The edit's text stays as it is.
func (s *Service) Rebase(ctx context.Context, by Editing, id string, version int) error {
	_, err := s.doEdit(ctx, by, id, version, func(tx *sqlx.Tx, e FormEdit) (string, audit.Entry, error) {
		last, err := newest(ctx, tx, e.Code)
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE form_edits SET base_id = $2 WHERE id = $1`, id, last.ID)
		}
		return "", audit.Entry{Deed: "form_edit.rebase", Args: map[string]any{"revision": last.No}}, err
	})
	return err
}

// closeEdit ends an edit. Of its versions the last one stays; who did what is in the audit log.
func (s *Service) closeEdit(ctx context.Context, tx *sqlx.Tx, by Editing, e FormEdit, revision int64, note string) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE form_edits SET closed_by = $2, closed_at = $3, revision_id = nullif($4::bigint, 0), note = $5 WHERE id = $1`,
		e.ID, by.Officer.ID, s.Now(), revision, note)
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM form_versions WHERE edit_id = $1 AND no <> $2`, e.ID, e.Version)
	}
	if err != nil {
		return fmt.Errorf("close form edit %s: %w", e.ID, err)
	}
	return nil
}
