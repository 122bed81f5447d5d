package content

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Overtaken is the answer to a change that began from a version which is no longer the last:
// nothing was saved.
type Overtaken struct{ Edit Edit }

func (o *Overtaken) Error() string { return "content edit " + o.Edit.ID + " was changed meanwhile" }

// Unwrap makes it a conflict where nobody shows both texts.
func (o *Overtaken) Unwrap() error {
	return problem.New(problem.Conflict, "content.overtaken", locales.S("by", o.Edit.By))
}

// Open opens an edit of a text that was published and gives its id. While one is open it is
// that one: editors of a text work on one.
func (s *Service) Open(ctx context.Context, by catalogue.Editing, kind, slug string) (string, error) {
	var words Doc
	if kind == Words && slug == TheWords {
		var err error
		if words, err = s.makeWords(ctx, by); err != nil {
			return "", err
		}
	}
	return s.begin(ctx, by, "content.open", func(tx *sqlx.Tx) (string, error) {
		id, err := s.idOf(ctx, tx, kind, slug)
		if err != nil {
			return "", err
		}
		doc, err := newest(ctx, tx, id)
		if err != nil {
			return "", err
		}
		if kind == Words {
			doc = words
		}
		return s.insert(ctx, tx, by, id, doc, "start")
	})
}

// makeWords puts the one list of words among the texts, where it is not there yet, and gives
// what it says now.
func (s *Service) makeWords(ctx context.Context, by catalogue.Editing) (Doc, error) {
	if err := catalogue.MayEdit(by.Officer); err != nil {
		return Doc{}, err
	}
	_, err := s.DB.ExecContext(ctx, `INSERT INTO contents (kind, slug) VALUES ($1, $2) ON CONFLICT DO NOTHING`, Words, TheWords)
	if err != nil {
		return Doc{}, fmt.Errorf("the list of words: %w", err)
	}
	return s.wordsNow(ctx)
}

// OpenNew opens an edit of a text that is not there yet.
func (s *Service) OpenNew(ctx context.Context, by catalogue.Editing, kind, title string) (string, error) {
	slug := slugOf(title)
	if files[kind] == "" || slug == "" {
		return "", problem.New(problem.Invalid, "content.fault.empty")
	}
	return s.begin(ctx, by, "content.new", func(tx *sqlx.Tx) (string, error) {
		var id int64
		err := tx.GetContext(ctx, &id, `INSERT INTO contents (kind, slug) VALUES ($1, $2) RETURNING id`, kind, slug)
		if pg.Violates(err, "contents_slug_key") {
			return "", problem.New(problem.Conflict, "content.taken", locales.S("slug", slug))
		}
		if err != nil {
			return "", fmt.Errorf("new %s %s: %w", kind, slug, err)
		}
		return s.insert(ctx, tx, by, id, Doc{Title: locales.V(title)}, "start")
	})
}

// Restore opens an edit that says what an older revision said.
func (s *Service) Restore(ctx context.Context, by catalogue.Editing, kind, slug string, no int) (string, error) {
	return s.begin(ctx, by, "content.restore", func(tx *sqlx.Tx) (string, error) {
		id, err := s.idOf(ctx, tx, kind, slug)
		if err != nil {
			return "", err
		}
		var old []pg.JSONOf[Doc]
		err = tx.SelectContext(ctx, &old, `SELECT doc FROM content_revisions WHERE content_id = $1 AND no = $2::bigint`, id, no)
		if err != nil {
			return "", fmt.Errorf("revision %d of content %d: %w", no, id, err)
		}
		if len(old) == 0 {
			return "", problem.New(problem.NotFound, "content.not_found")
		}
		var open int
		if err := tx.GetContext(ctx, &open, `SELECT count(*) FROM content_edits WHERE content_id = $1 AND closed_at IS NULL`, id); err != nil {
			return "", err
		}
		if open > 0 {
			return "", problem.New(problem.Conflict, "content.being_edited")
		}
		return s.insert(ctx, tx, by, id, old[0].V, "restore")
	})
}

// begin opens an edit: one transaction, once a key.
func (s *Service) begin(ctx context.Context, by catalogue.Editing, deed string, open func(tx *sqlx.Tx) (string, error)) (string, error) {
	return by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		id, err := open(tx)
		return id, audit.Entry{Deed: deed, Object: "content_edit:" + id}, err
	})
}

// insert puts an edit with its first version, or gives the one that is open.
func (s *Service) insert(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, content int64, doc Doc, deed string) (string, error) {
	id := uuid.NewString()
	r, err := tx.ExecContext(ctx, `
		INSERT INTO content_edits (id, content_id, base_no, opened_by, opened_at)
		SELECT $1, $2, coalesce((SELECT max(no) FROM content_revisions WHERE content_id = $2), 0), $3, $4
		ON CONFLICT (content_id) WHERE closed_at IS NULL DO NOTHING`, id, content, by.Officer.ID, s.Now())
	if err != nil {
		return "", fmt.Errorf("open an edit of content %d: %w", content, err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return id, errors.Join(err, tx.GetContext(ctx, &id, `SELECT id FROM content_edits WHERE content_id = $1 AND closed_at IS NULL`, content))
	}
	return id, s.keep(ctx, tx, by, Edit{ID: id}, doc, deed, 0)
}

// keep writes the next version of an edit.
func (s *Service) keep(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, e Edit, doc Doc, deed string, back int) error {
	no := e.Version + 1
	_, err := tx.ExecContext(ctx, `
		INSERT INTO content_versions (edit_id, no, back, doc, deed, officer_id, at) VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7)`,
		e.ID, no, back, doc.marshal(), deed, by.Officer.ID, s.Now())
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE content_edits SET version = $2 WHERE id = $1`, e.ID, no)
	}
	if err != nil {
		return fmt.Errorf("version %d of content edit %s: %w", no, e.ID, err)
	}
	return nil
}

// do carries out a deed on an open edit: one transaction, once a key. What the deed gives is
// the answer to a repeat.
func (s *Service) do(ctx context.Context, by catalogue.Editing, id string, version int, deed string, how func(tx *sqlx.Tx, e Edit) (answer string, err error)) (string, error) {
	if !pg.UUID(id) {
		return "", problem.New(problem.NotFound, "content.not_found")
	}
	return by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		e, err := lock(ctx, tx, id, version)
		if err != nil {
			return "", audit.Entry{}, err
		}
		answer, err := how(tx, e)
		return answer, audit.Entry{Deed: deed, Object: "content_edit:" + id, Args: map[string]any{"version": version}}, err
	})
}

// lock holds an edit that is open and at the version.
func lock(ctx context.Context, tx *sqlx.Tx, id string, version int) (Edit, error) {
	if _, err := tx.ExecContext(ctx, `SELECT FROM content_edits WHERE id = $1 FOR UPDATE`, id); err != nil {
		return Edit{}, fmt.Errorf("lock content edit %s: %w", id, err)
	}
	e, err := edit(ctx, tx, id)
	switch {
	case err != nil:
		return e, err
	case !e.Open():
		return e, problem.New(problem.Conflict, "content.closed")
	case e.Version != version:
		return e, &Overtaken{Edit: e}
	}
	return e, nil
}

// Save keeps a change that began from the given version and gives the new one. A change of
// an older version is Overtaken, and nothing is kept.
func (s *Service) Save(ctx context.Context, by catalogue.Editing, id string, version int, doc Doc) (int, error) {
	answer, err := s.do(ctx, by, id, version, "content.save", func(tx *sqlx.Tx, e Edit) (string, error) {
		if string(doc.sum()) == string(e.Doc.V.sum()) {
			return strconv.Itoa(e.Version), nil // an approval of it stands
		}
		return strconv.Itoa(e.Version + 1), s.keep(ctx, tx, by, e, doc, "save", e.Version)
	})
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(answer)
}

// Undo takes the last change back; again, the one before it. What was undone stays among the
// versions.
func (s *Service) Undo(ctx context.Context, by catalogue.Editing, id string, version int) error {
	_, err := s.do(ctx, by, id, version, "content.undo", func(tx *sqlx.Tx, e Edit) (string, error) {
		if e.Back == 0 {
			return "", problem.New(problem.Conflict, "content.nothing_to_undo")
		}
		var before struct {
			Back int            `db:"back"`
			Doc  pg.JSONOf[Doc] `db:"doc"`
		}
		if err := tx.GetContext(ctx, &before, `SELECT back, doc FROM content_versions WHERE edit_id = $1 AND no = $2`, id, e.Back); err != nil {
			return "", fmt.Errorf("version %d of content edit %s: %w", e.Back, id, err)
		}
		return "", s.keep(ctx, tx, by, e, before.Doc.V, "undo", before.Back)
	})
	return err
}

// Discard ends an edit without publishing it.
func (s *Service) Discard(ctx context.Context, by catalogue.Editing, id string, version int) error {
	_, err := s.do(ctx, by, id, version, "content.discard", func(tx *sqlx.Tx, e Edit) (string, error) {
		return "", s.close(ctx, tx, by, e, 0)
	})
	return err
}

// Rebase takes the newest revision for what the edit began from, once an editor has seen
// that there is one. The edit's text stays as it is.
func (s *Service) Rebase(ctx context.Context, by catalogue.Editing, id string, version int) error {
	_, err := s.do(ctx, by, id, version, "content.rebase", func(tx *sqlx.Tx, e Edit) (string, error) {
		if !e.Moved() {
			return "", problem.New(problem.Conflict, "content.not_moved")
		}
		if _, err := tx.ExecContext(ctx, `UPDATE content_edits SET base_no = $2 WHERE id = $1`, e.ID, e.LastNo); err != nil {
			return "", fmt.Errorf("rebase content edit %s: %w", e.ID, err)
		}
		return "", s.keep(ctx, tx, by, e, e.Doc.V, "rebase", e.Back) // an approval was of the difference to the older one
	})
	return err
}

func (s *Service) close(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, e Edit, published int) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE content_edits SET closed_by = $2, closed_at = $3, published = nullif($4::int, 0) WHERE id = $1`, e.ID, by.Officer.ID, s.Now(), published)
	if err != nil {
		return fmt.Errorf("close content edit %s: %w", e.ID, err)
	}
	return nil
}
