package draft

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signature"
	"motcua/portal/signin"
)

// Reuse is an earlier paper that takes the place of an upload. ID of each of its files is
// that of the file it was, whose pictures are used again.
type Reuse struct {
	Component string
	VaultID   string
	Files     []File
}

// Reuse puts earlier papers to the draft in one transaction, all or none, without a byte
// being stored anew. A paper that stands there already is left as it is. Who may use the
// papers again is for also to find out, in the same transaction.
func (s *Service) Reuse(ctx context.Context, p signin.Person, id string, round int, papers []Reuse, key once.Key, also func(tx *sqlx.Tx, d Draft) error) error {
	parts := []string{id, fmt.Sprint(round)}
	for _, r := range papers {
		parts = append(parts, r.Component, r.VaultID)
	}
	key = BodyKey(key, parts...)
	return s.changeEach(ctx, p, id, round, componentsOf(papers), &key, func(tx *sqlx.Tx, d Draft) error {
		for _, r := range papers {
			if err := s.reuse(ctx, tx, d, round, r); err != nil {
				return err
			}
		}
		return also(tx, d)
	})
}

func componentsOf(papers []Reuse) []string {
	all := make([]string, len(papers))
	for i, r := range papers {
		all[i] = r.Component
	}
	return all
}

func (s *Service) reuse(ctx context.Context, tx *sqlx.Tx, d Draft, round int, r Reuse) error {
	up := Upload{Component: r.Component, Round: round}
	most, err := s.mostFiles(d, up)
	if err != nil {
		return err
	}
	files, err := FilesOf(ctx, tx, d.ID, round)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Component == r.Component && f.VaultID == r.VaultID {
			return nil
		}
	}
	for _, f := range r.Files {
		from := f.ID
		f.ID, f.Position, f.At = uuid.NewString(), 0, s.Now()
		up.Name = f.Name
		if err := place(files, up, most, &f); err != nil {
			return err
		}
		f.Signatures.V = append([]signature.Signature{}, f.Signatures.V...) // never null
		_, err = tx.ExecContext(ctx, `INSERT INTO draft_files (id, draft_id, round, component, position, name, media, size, pages, sha256, blob, turn, signatures, vault_id, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
			f.ID, d.ID, round, r.Component, f.Position, f.Name, f.Media, f.Size, f.Pages, f.SHA256, f.Blob, f.Turn, f.Signatures, r.VaultID, f.At)
		if err != nil {
			return fmt.Errorf("reuse of file %s: %w", from, err)
		}
		if err := copyOfCopy(ctx, tx, from, f.ID); err != nil {
			return err
		}
		f.Component = r.Component
		files = append(files, f)
	}
	return nil
}

// copyOfCopy gives a file the upright picture and the small one of the file it is the same
// as: the worker need not make them again.
func copyOfCopy(ctx context.Context, tx *sqlx.Tx, from, to string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO file_copies (file_id, turn, fault, hints, width, height, size, sha256, blob, small_width, small_height, small_size, small_sha256, small_blob, at)
		SELECT $2, turn, fault, hints, width, height, size, sha256, blob, small_width, small_height, small_size, small_sha256, small_blob, at
		FROM file_copies WHERE file_id = $1 ON CONFLICT DO NOTHING`, from, to)
	if err != nil {
		return fmt.Errorf("copy of file %s: %w", from, err)
	}
	return nil
}

// Unuse takes an earlier paper away again, as if it had not been used.
func (s *Service) Unuse(ctx context.Context, p signin.Person, id string, round int, component, vaultID string, key once.Key, also func(tx *sqlx.Tx, d Draft) error) error {
	key = BodyKey(key, id, fmt.Sprint(round), component, vaultID)
	return s.changeEach(ctx, p, id, round, []string{component}, &key, func(tx *sqlx.Tx, d Draft) error {
		_, err := tx.ExecContext(ctx, `UPDATE draft_files SET removed_at = $1
			WHERE draft_id = $2 AND round = $3 AND component = $4 AND vault_id::text = $5 AND removed_at IS NULL`, s.Now(), id, round, component, strings.ToLower(vaultID))
		if err != nil {
			return fmt.Errorf("take back %s: %w", vaultID, err)
		}
		return also(tx, d)
	})
}

// changeEach does something to the files of several papers in a round that is open, once for
// a key. The papers' copies are made anew.
func (s *Service) changeEach(ctx context.Context, p signin.Person, id string, round int, components []string, key *once.Key, do func(tx *sqlx.Tx, d Draft) error) error {
	known, err := s.Known(ctx, p, id)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if key != nil {
			if _, done, err := once.Begin(ctx, tx, *key, s.Now()); err != nil || done {
				return err
			}
		}
		d, err := s.Lock(ctx, tx, p, known)
		if err != nil {
			return err
		}
		if !d.takes(round) {
			return problem.New(problem.Conflict, "draft.filed_already")
		}
		if err := do(tx, d); err != nil {
			return err
		}
		if err := s.touch(ctx, tx, id); err != nil {
			return err
		}
		for _, component := range components {
			if err := s.queueCopies(ctx, tx, paperAt{id, round, component}); err != nil {
				return err
			}
		}
		if key == nil {
			return nil
		}
		return once.Finish(ctx, tx, *key, "changed")
	})
}
