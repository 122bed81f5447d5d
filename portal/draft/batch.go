package draft

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/eforms"
	"motcua/portal/blob"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signature"
	"motcua/portal/signin"
)

// A batch is several drafts of one procedure for one owner, made from a spreadsheet. What
// the registers say is asked once, for the pattern, and copied to each. They stand in no
// list of the person's and leave room for others.

// PutLine makes a draft of the pattern's batch with these answers, or gives an open one of
// it these answers and the facts of today.
func PutLine(ctx context.Context, tx *sqlx.Tx, pattern Draft, id string, answers eforms.Answers, now time.Time) (string, error) {
	if id == "" {
		id = uuid.NewString()
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO drafts AS d (id, person_id, tax_code, procedure_code, revision_id, answers, facts, sources, batch_id, page, made_at, saved_at, lapses_at,
			capacity, grant_id, subject, subject_hash, subject_verified)
		SELECT $1, person_id, tax_code, procedure_code, revision_id, $3, facts, sources, batch_id, 'kiem-tra', $4, $4, $5,
			capacity, grant_id, subject, subject_hash, subject_verified FROM drafts WHERE id = $2
		ON CONFLICT (id) DO UPDATE SET answers = excluded.answers, facts = excluded.facts, sources = excluded.sources, revision_id = excluded.revision_id,
			capacity = excluded.capacity, grant_id = excluded.grant_id, subject = excluded.subject, subject_hash = excluded.subject_hash,
			subject_verified = excluded.subject_verified, saved_at = excluded.saved_at, lapses_at = excluded.lapses_at, deleted_at = NULL, version = d.version + 1
		WHERE d.filed_at IS NULL`, id, pattern.ID, pg.JSON(answers), now, now.Add(Life))
	if err != nil {
		return "", fmt.Errorf("draft of a line: %w", err)
	}
	return id, nil
}

// DropLines puts drafts of a batch away whose lines are no longer there.
func DropLines(ctx context.Context, tx *sqlx.Tx, ids []string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE drafts SET deleted_at = $2, version = version + 1
		WHERE id = ANY($1::uuid[]) AND filed_at IS NULL AND deleted_at IS NULL`, pq.Array(ids), now)
	if err != nil {
		return fmt.Errorf("drop drafts of lines: %w", err)
	}
	return nil
}

// OfBatch are the person's drafts of a batch with their files, filed ones too.
func (s *Service) OfBatch(ctx context.Context, p signin.Person, batch string) ([]Draft, error) {
	if !pg.UUID(batch) {
		return nil, notFound()
	}
	var rows []row
	err := s.DB.SelectContext(ctx, &rows, `SELECT `+columns+` FROM drafts
		WHERE batch_id = $1 AND person_id = $2 AND deleted_at IS NULL AND (filed_at IS NOT NULL OR lapses_at > $3) ORDER BY made_at, id`, batch, p.ID, s.Now())
	if err != nil {
		return nil, fmt.Errorf("drafts of batch %s: %w", batch, err)
	}
	files, err := s.filesOfBatch(ctx, s.DB, batch)
	if err != nil {
		return nil, err
	}
	list := make([]Draft, len(rows))
	lists := map[int64]map[string][]eforms.Option{}
	for i, r := range rows {
		rev, err := s.Catalogue.ByID(ctx, r.RevisionID)
		if err != nil {
			return nil, err
		}
		if lists[rev.ID] == nil {
			if lists[rev.ID], err = s.Lists(ctx, rev); err != nil {
				return nil, err
			}
		}
		if list[i], err = r.over(p, Draft{Revision: rev, Lists: lists[rev.ID], Files: files[r.ID]}); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) filesOfBatch(ctx context.Context, q sqlx.QueryerContext, batch string) (map[string][]File, error) {
	var rows []struct {
		File
		Draft string `db:"draft_id"`
	}
	err := sqlx.SelectContext(ctx, q, &rows, `SELECT f.draft_id, `+fileColumns+fileTables+`
		JOIN drafts d ON d.id = f.draft_id WHERE d.batch_id = $1 AND f.round = 0 AND f.removed_at IS NULL ORDER BY f.component, f.position, f.at`, batch)
	if err != nil {
		return nil, fmt.Errorf("files of batch %s: %w", batch, err)
	}
	files := map[string][]File{}
	for _, r := range rows {
		files[r.Draft] = append(files[r.Draft], r.File)
	}
	return files, nil
}

// AttachToEach stores a file once and puts it to several drafts of a batch, or to none.
func (s *Service) AttachToEach(ctx context.Context, p signin.Person, batch string, ids []string, up Upload, key once.Key) error {
	all, err := s.OfBatch(ctx, p, batch)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(d Draft) bool { return !slices.Contains(ids, d.ID) })
	if len(all) == 0 || len(all) != len(ids) {
		return notFound()
	}
	up.Name = CleanName(up.Name)
	stored, err := s.Blobs.Put(ctx, up.Body, MaxFile)
	if err != nil {
		return tooLarge(err, up.Name)
	}
	kept, err := s.attachToEach(ctx, p, batch, all, up, stored, key)
	if !kept {
		if removeErr := s.Blobs.Remove(stored.Name); removeErr != nil {
			s.Log.Warn("blob left without a row", "blob", stored.Name, "err", removeErr)
		}
	}
	return err
}

// attachToEach is kept as attach is.
func (s *Service) attachToEach(ctx context.Context, p signin.Person, batch string, all []Draft, up Upload, stored blob.Info, key once.Key) (kept bool, err error) {
	is, err := s.inspect(ctx, stored, up.Name)
	if err != nil {
		return false, err
	}
	file := File{Component: up.Component, Name: up.Name, Media: is.media, Size: stored.Size, Pages: is.pages, SHA256: stored.SHA256, Blob: stored.Name, At: s.Now()}
	file.Signatures.V = append([]signature.Signature{}, is.signatures...) // never null
	ids := idsOf(all)
	key = BodyKey(key, batch, up.Component, up.Name, strings.Join(ids, ","), hex.EncodeToString(stored.SHA256))
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, key, s.Now())
		if err != nil || done {
			return err
		}
		if err := s.insertToEach(ctx, tx, p, batch, all, up, file); err != nil {
			return err
		}
		err = once.Finish(ctx, tx, key, "attached")
		kept = err == nil
		return err
	})
	return kept, err
}

func idsOf(all []Draft) []string {
	ids := make([]string, len(all))
	for i, d := range all {
		ids[i] = d.ID
	}
	slices.Sort(ids)
	return ids
}

func (s *Service) insertToEach(ctx context.Context, tx *sqlx.Tx, p signin.Person, batch string, all []Draft, up Upload, file File) error {
	var open []string
	err := tx.SelectContext(ctx, &open, `SELECT id FROM drafts WHERE id = ANY($1::uuid[]) AND filed_at IS NULL AND deleted_at IS NULL
		AND `+stands+` ORDER BY id FOR UPDATE`, pq.Array(idsOf(all)), p.ID, s.Now())
	if err != nil {
		return fmt.Errorf("lock drafts of batch %s: %w", batch, err)
	}
	if len(open) != len(all) {
		return problem.New(problem.Conflict, "draft.filed_already")
	}
	files, err := s.filesOfBatch(ctx, tx, batch)
	if err != nil {
		return err
	}
	var drafts, rows []string
	var positions []int64
	for _, d := range all {
		most, err := s.mostFiles(d, up)
		if err != nil {
			return err
		}
		one := file
		if err := place(files[d.ID], up, most, &one); err != nil {
			return err
		}
		drafts, rows, positions = append(drafts, d.ID), append(rows, uuid.NewString()), append(positions, int64(one.Position))
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO draft_files (id, draft_id, round, component, position, name, media, size, pages, sha256, blob, signatures, at)
		SELECT l.id, l.draft, 0, $4, l.position, $5, $6, $7, $8, $9, $10, $11, $12
		FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS l (id, draft, position)`,
		pq.Array(rows), pq.Array(drafts), pq.Array(positions), file.Component, file.Name, file.Media, file.Size, file.Pages, file.SHA256, file.Blob, file.Signatures, file.At)
	if err != nil {
		return fmt.Errorf("insert a file of batch %s: %w", batch, err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE drafts SET saved_at = $2, lapses_at = $3, version = version + 1 WHERE id = ANY($1::uuid[])`, pq.Array(drafts), file.At, file.At.Add(Life))
	if err != nil {
		return fmt.Errorf("touch drafts of batch %s: %w", batch, err)
	}
	for _, id := range drafts {
		if err := s.queueCopies(ctx, tx, paperAt{id, 0, file.Component}); err != nil {
			return err
		}
	}
	return nil
}
