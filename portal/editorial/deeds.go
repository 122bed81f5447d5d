package editorial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/payments"
	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Overtaken is the answer to a change that began from a version which is no longer the last:
// nothing was saved, and both texts are there to choose from.
type Overtaken struct {
	Edit  Edit    // as it stands now
	Since []Saved // what was done meanwhile, the newest first
}

func (o *Overtaken) Error() string { return "sheet edit " + o.Edit.ID + " was changed meanwhile" }

// Unwrap makes it a conflict where nobody shows both texts.
func (o *Overtaken) Unwrap() error {
	return problem.New(problem.Conflict, "editorial.overtaken", locales.S("by", o.Edit.By))
}

// Open opens an edit of a procedure's newest revision and gives its id. While one is open it
// is that one: editors of a procedure work on one text.
func (s *Service) Open(ctx context.Context, by catalogue.Editing, code string) (string, error) {
	return s.begin(ctx, by, "sheet_edit.open", opening{Code: code, Deed: "start", Join: true})
}

// OpenNew opens an edit of a procedure that is not in the catalogue yet.
func (s *Service) OpenNew(ctx context.Context, by catalogue.Editing, code, name string) (string, error) {
	if !catalogue.ProcedureCode(code) {
		return "", problem.New(problem.Invalid, "editorial.code", locales.S("code", code))
	}
	if name == "" {
		return "", problem.New(problem.Invalid, "editorial.no_name")
	}
	sheet, err := json.Marshal(catalogue.Sheet{Code: code, Name: locales.V(name), Level: 2, Sets: 1,
		Tiers: []string{}, Audience: []string{}, Agencies: []catalogue.Office{}, Channels: []catalogue.Channel{}})
	if err != nil {
		return "", err
	}
	return s.begin(ctx, by, "sheet_edit.new", opening{Code: code, Deed: "start", Own: Parts{"sheet": sheet}, New: true})
}

// Restore opens an edit that says what an older revision said.
func (s *Service) Restore(ctx context.Context, by catalogue.Editing, code string, revision int64) (string, error) {
	old, err := s.Catalogue.StoredByID(ctx, s.DB, revision)
	if err != nil {
		return "", err
	}
	from, ok := old[revision]
	if !ok || from.Code != code {
		return "", problem.New(problem.NotFound, "catalogue.not_found")
	}
	own := Parts{}
	for _, name := range catalogue.SheetParts {
		if own[name] = from.Parts[name]; len(own[name]) == 0 {
			own[name] = json.RawMessage("null") // it had none
		}
	}
	return s.begin(ctx, by, "sheet_edit.restore", opening{Code: code, Deed: "restore", Place: strconv.Itoa(from.No), Own: own})
}

// OpenEnd opens an edit that ends the procedure once it is published. Another procedure may
// take its place.
func (s *Service) OpenEnd(ctx context.Context, by catalogue.Editing, code, replacedBy string) (string, error) {
	if replacedBy == code {
		return "", problem.New(problem.Invalid, "editorial.replaced_by_itself")
	}
	if replacedBy != "" {
		if _, err := s.Catalogue.InForce(ctx, replacedBy); err != nil {
			return "", err
		}
	}
	return s.begin(ctx, by, "sheet_edit.end", opening{Code: code, Deed: "end", Ends: true, ReplacedBy: replacedBy})
}

// opening is how an edit begins.
type opening struct {
	Code, Deed, Place string
	Own               Parts
	New, Join         bool // of no revision; an open one will do
	Ends              bool
	ReplacedBy        string
}

// begin opens an edit: one transaction, once a key.
func (s *Service) begin(ctx context.Context, by catalogue.Editing, deed string, o opening) (string, error) {
	return by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		id, err := s.insert(ctx, tx, by, o)
		return id, audit.Entry{Deed: deed, Object: "sheet_edit:" + id, Args: map[string]any{"procedure": o.Code}}, err
	})
}

func (s *Service) insert(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, o opening) (string, error) {
	newest, err := s.Catalogue.Newest(ctx, tx, o.Code)
	if err != nil {
		return "", err
	}
	base, known := newest[o.Code]
	if known && o.New {
		return "", problem.New(problem.Conflict, "editorial.code_taken", locales.S("code", o.Code))
	}
	if !known && !o.New && !o.Join {
		return "", problem.New(problem.NotFound, "catalogue.not_found")
	}
	id, now := uuid.NewString(), s.Now()
	if known || o.New {
		r, err := tx.ExecContext(ctx, `
			INSERT INTO sheet_edits (id, procedure_code, base_id, ends, replaced_by, opened_by, opened_at) VALUES ($1, $2, nullif($3::bigint, 0), $4, $5, $6, $7)
			ON CONFLICT (procedure_code) WHERE closed_at IS NULL DO NOTHING`, id, o.Code, base.ID, o.Ends, o.ReplacedBy, by.Officer.ID, now)
		if err != nil {
			return "", fmt.Errorf("open a sheet edit of %s: %w", o.Code, err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 1 {
			return id, errors.Join(err, s.putVersion(ctx, tx, by, id, Saved{No: 1, Deed: o.Deed, Place: o.Place}, changed(base.Parts, o.Own)))
		}
	}
	var open []string // an edit of a new procedure has no revision either
	if err := tx.SelectContext(ctx, &open, `SELECT id FROM sheet_edits WHERE procedure_code = $1 AND closed_at IS NULL`, o.Code); err != nil {
		return "", fmt.Errorf("open sheet edit of %s: %w", o.Code, err)
	}
	switch {
	case len(open) == 0:
		return "", problem.New(problem.NotFound, "catalogue.not_found")
	case !o.Join:
		return "", problem.New(problem.Conflict, "editorial.being_edited")
	}
	return open[0], nil
}

// changed are the parts that say something else than the base.
func changed(base, own Parts) Parts {
	all := Parts{}
	for name, part := range own {
		if empty := string(part) == "null" && len(base[name]) == 0; !empty && !catalogue.SamePart(part, base[name]) {
			all[name] = part
		}
	}
	return all
}

func (s *Service) putVersion(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, id string, v Saved, own Parts) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO sheet_versions (edit_id, no, back, parts, deed, place, officer_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, v.No, v.Back, pg.JSON(own), v.Deed, v.Place, by.Officer.ID, s.Now())
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE sheet_edits SET version = $2 WHERE id = $1`, id, v.No)
	}
	if err != nil {
		return fmt.Errorf("version %d of sheet edit %s: %w", v.No, id, err)
	}
	return nil
}

// Change is a new state of parts of an edit, with what was done and where.
type Change struct {
	Parts Parts  // those that are not named stay
	Deed  string // set, add, move …
	Place string // section
}

// Save keeps a change that began from the given version and gives the new one, the same
// where nothing differs. A change of an older version is Overtaken, and nothing is kept.
func (s *Service) Save(ctx context.Context, by catalogue.Editing, id string, version int, c Change) (int, error) {
	answer, err := s.do(ctx, by, id, version, func(tx *sqlx.Tx, e Edit) (string, audit.Entry, error) {
		if err := readable(e, c.Parts); err != nil {
			return "", audit.Entry{}, err
		}
		own := changed(e.base, overlay(e.Own.V, c.Parts))
		if same(own, e.Own.V) {
			return strconv.Itoa(e.Version), audit.Entry{}, nil
		}
		v := Saved{No: e.Version + 1, Back: e.Version, Deed: c.Deed, Place: c.Place}
		return strconv.Itoa(v.No), audit.Entry{Deed: "sheet_edit." + c.Deed, Args: map[string]any{"version": v.No}}, s.putVersion(ctx, tx, by, id, v, own)
	})
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(answer)
}

func same(a, b Parts) bool {
	if len(a) != len(b) {
		return false
	}
	for name, part := range a {
		if other, ok := b[name]; !ok || !catalogue.SamePart(part, other) {
			return false
		}
	}
	return true
}

// readable wants parts of a sheet that the catalogue can read, and the code that the edit is of.
func readable(e Edit, parts Parts) error {
	if e.Ends {
		return problem.New(problem.Conflict, "editorial.ends")
	}
	var sheet catalogue.Sheet
	var fees []payments.Rule
	var terms catalogue.Terms
	var papers catalogue.Papers
	var notices map[string]locales.Text
	into := map[string]any{"sheet": &sheet, "fees": &fees, "terms": &terms, "papers": &papers, "notices": &notices}
	for name, part := range parts {
		if !slices.Contains(catalogue.SheetParts, name) {
			return fmt.Errorf("a sheet edit has no part %q", name)
		}
		if err := json.Unmarshal(part, into[name]); err != nil {
			return problem.Because(err, problem.Invalid, "editorial.unreadable", locales.S("why", err.Error()))
		}
	}
	if _, has := parts["sheet"]; has && sheet.Code != e.Code {
		return problem.New(problem.Invalid, "editorial.other_code", locales.S("code", e.Code))
	}
	return nil
}

// Undo takes the last change back; again, the one before it. What was undone stays among
// the versions.
func (s *Service) Undo(ctx context.Context, by catalogue.Editing, id string, version int) error {
	_, err := s.do(ctx, by, id, version, func(tx *sqlx.Tx, e Edit) (string, audit.Entry, error) {
		if e.Back == 0 {
			return "", audit.Entry{}, problem.New(problem.Conflict, "editorial.nothing_to_undo")
		}
		var before struct {
			Back int              `db:"back"`
			Own  pg.JSONOf[Parts] `db:"parts"`
		}
		if err := tx.GetContext(ctx, &before, `SELECT back, parts FROM sheet_versions WHERE edit_id = $1 AND no = $2`, id, e.Back); err != nil {
			return "", audit.Entry{}, fmt.Errorf("version %d of sheet edit %s: %w", e.Back, id, err)
		}
		v := Saved{No: e.Version + 1, Back: before.Back, Deed: "undo", Place: e.Place}
		return strconv.Itoa(v.No), audit.Entry{Deed: "sheet_edit.undo", Args: map[string]any{"version": v.No}}, s.putVersion(ctx, tx, by, id, v, before.Own.V)
	})
	return err
}

// Discard ends an edit without publishing it.
func (s *Service) Discard(ctx context.Context, by catalogue.Editing, id string, version int) error {
	_, err := s.do(ctx, by, id, version, func(tx *sqlx.Tx, e Edit) (string, audit.Entry, error) {
		return "", audit.Entry{Deed: "sheet_edit.discard", Args: map[string]any{"procedure": e.Code}}, s.close(ctx, tx, by, e, 0, "")
	})
	return err
}

// Rebase takes the newest revision for what the edit began from, once an editor has seen
// that there is one. What the edit says itself stays.
func (s *Service) Rebase(ctx context.Context, by catalogue.Editing, id string, version int) error {
	_, err := s.do(ctx, by, id, version, func(tx *sqlx.Tx, e Edit) (string, audit.Entry, error) {
		newest, err := s.Catalogue.Newest(ctx, tx, e.Code)
		if err != nil {
			return "", audit.Entry{}, err
		}
		last, ok := newest[e.Code]
		if !ok {
			return "", audit.Entry{}, problem.New(problem.Conflict, "editorial.nothing_newer")
		}
		if _, err = tx.ExecContext(ctx, `UPDATE sheet_edits SET base_id = $2 WHERE id = $1`, id, last.ID); err != nil {
			return "", audit.Entry{}, fmt.Errorf("rebase sheet edit %s: %w", id, err)
		}
		v := Saved{No: e.Version + 1, Back: 0, Deed: "rebase"} // its versions lie on the older revision
		return "", audit.Entry{Deed: "sheet_edit.rebase", Args: map[string]any{"revision": last.No}}, s.putVersion(ctx, tx, by, id, v, changed(last.Parts, e.Own.V))
	})
	return err
}
