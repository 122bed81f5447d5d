package editorial

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"golang.org/x/sync/errgroup"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/review"
)

// Publishing is how an edit becomes a revision.
type Publishing struct {
	Version int
	Note    string
	From    time.Time // in force from; zero: now
	Rest    bool      // of a batch: publish what can be, the rest stays open
}

// check wants a note, and a time that is not over.
func (p Publishing) check(now time.Time) error {
	if strings.TrimSpace(p.Note) == "" {
		return problem.New(problem.Invalid, "catalogue.edit.no_note")
	}
	if !p.From.IsZero() && p.From.Before(now) {
		return problem.New(problem.Invalid, "catalogue.edit.past")
	}
	return nil
}

// at is when it would come into force.
func (p Publishing) at(now time.Time) time.Time {
	if p.From.After(now) {
		return p.From
	}
	return now
}

// Refused are the procedures that cannot be published, with what refuses.
type Refused []Refusal

// Refusal is an edit that cannot be published as it is.
type Refusal struct {
	Edit     Edit
	Findings []Finding
}

func (r Refused) Error() string {
	return fmt.Sprintf("%d edits are refused, the first of %s: %v", len(r), r[0].Edit.Code, r[0].Findings)
}

// Unwrap makes it a fault that people may see.
func (r Refused) Unwrap() error { return problem.New(problem.Invalid, "catalogue.edit.refused") }

// EndedKind is the queue's kind of "tell whoever has a draft that the procedure ended"; its
// subject is the procedure's code.
const EndedKind = "procedure.ended"

// Publish makes the approved version of an edit the procedure's next revision, in force now
// or later, or ends the procedure, and closes the edit. It gives the revision's number, 0
// for an end.
func (s *Service) Publish(ctx context.Context, by catalogue.Editing, id string, p Publishing) (int, error) {
	if err := p.check(s.Now()); err != nil {
		return 0, err
	}
	known, err := s.Known(ctx, p.at(s.Now()))
	if err != nil {
		return 0, err
	}
	answer, err := s.do(ctx, by, id, p.Version, func(tx *sqlx.Tx, e Edit) (string, audit.Entry, error) {
		if e.Batch != "" {
			return "", audit.Entry{}, problem.New(problem.Conflict, "editorial.in_batch")
		}
		of := review.Subject{Kind: review.Sheet, ID: id}
		approved, err := review.Approved(ctx, tx, of, e.Version)
		if err != nil {
			return "", audit.Entry{}, err
		}
		entry := audit.Entry{Deed: "sheet_edit.publish", Args: map[string]any{"procedure": e.Code}}
		if e.Ends {
			return "0", entry, s.publishEnd(ctx, tx, by, e, p, approved)
		}
		done, refused, err := s.publishAll(ctx, tx, by, []Edit{e}, p, approved, "", known)
		if err == nil && len(refused) > 0 {
			err = refused
		}
		if err != nil {
			return "", entry, err
		}
		entry.Args["revision"] = done[0].No
		told := telling{Kind: "published", Of: subject{Subject: of, Version: e.Version, Code: e.Code, Link: procedureAt + e.Code}}
		return strconv.Itoa(done[0].No), entry, s.tellOfficers(ctx, tx, append(approved.Authors, approved.ByID), told)
	})
	if err != nil {
		return 0, err
	}
	s.Catalogue.Renew(ctx)
	return strconv.Atoi(answer)
}

// procedureAt is the editors' page of a procedure.
const procedureAt = "/can-bo/danh-muc/"

// publishEnd ends a procedure. Whoever has a draft is told at its time.
func (s *Service) publishEnd(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, e Edit, p Publishing, approved review.Review) error {
	at := p.From
	if at.IsZero() {
		at = s.Now()
	}
	end := catalogue.End{Code: e.Code, At: at, ReplacedBy: e.ReplacedBy, Note: strings.TrimSpace(p.Note)}
	if err := s.Catalogue.End(ctx, tx, end, by.Officer.ID, approved.ByID); err != nil {
		return err
	}
	if err := queue.Put(ctx, tx, EndedKind, e.Code, at, nil); err != nil {
		return err
	}
	if err := s.close(ctx, tx, by, e, 0, end.Note); err != nil {
		return err
	}
	told := telling{Kind: "published", Of: subject{Subject: approved.Subject, Version: e.Version, Code: e.Code, Link: procedureAt + e.Code}}
	return s.tellOfficers(ctx, tx, append(approved.Authors, approved.ByID), told)
}

// PublishBatch publishes the approved version of a batch: every procedure whole or not at
// all. While anything of it is refused nothing is published, unless the rest may wait.
func (s *Service) PublishBatch(ctx context.Context, by catalogue.Editing, batch string, p Publishing) (int, error) {
	if err := catalogue.MayEdit(by.Officer); err != nil {
		return 0, err
	}
	if err := p.check(s.Now()); err != nil {
		return 0, err
	}
	known, err := s.Known(ctx, p.at(s.Now())) // before the transaction: it needs a connection of its own
	if err != nil {
		return 0, err
	}
	answer, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		n, err := s.publishBatch(ctx, tx, by, batch, p, known)
		return strconv.Itoa(n), audit.Entry{Deed: "sheet_edit.publish_batch", Object: "edit_batch:" + batch, Args: map[string]any{"revisions": n}}, err
	})
	if err != nil {
		return 0, err
	}
	s.Catalogue.Renew(ctx)
	return strconv.Atoi(answer)
}

func (s *Service) publishBatch(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, batch string, p Publishing, known Known) (int, error) {
	b, err := s.lockBatch(ctx, tx, batch, p.Version)
	if err != nil {
		return 0, err
	}
	of := review.Subject{Kind: review.Batch, ID: batch}
	approved, err := review.Approved(ctx, tx, of, b.Version)
	if err != nil {
		return 0, err
	}
	edits, err := s.BatchEdits(ctx, tx, batch)
	if err != nil {
		return 0, err
	}
	edits = slices.DeleteFunc(edits, func(e Edit) bool { return !e.Open() })
	done, refused, err := s.publishAll(ctx, tx, by, edits, p, approved, batch, known)
	if err != nil {
		return 0, err
	}
	if len(refused) > 0 && (!p.Rest || len(done) == 0) {
		return 0, refused
	}
	if len(refused) == 0 {
		if err := s.closeBatch(ctx, tx, by, batch, strings.TrimSpace(p.Note)); err != nil {
			return 0, err
		}
	}
	told := telling{Kind: "published", Of: subject{Subject: of, Version: b.Version, Title: b.Title, Link: batchAt + batch}}
	return len(done), s.tellOfficers(ctx, tx, append(approved.Authors, approved.ByID), told)
}

// publishAll makes revisions of edits that nothing refuses; the others stay as they are. The
// candidates are made under the catalogue's lock, so that nothing comes between.
func (s *Service) publishAll(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, edits []Edit, p Publishing, approved review.Review, batch string, known Known) ([]catalogue.Stored, Refused, error) {
	if err := s.Catalogue.Lock(ctx, tx); err != nil {
		return nil, nil, err
	}
	var done []catalogue.Stored
	var refused Refused
	for len(edits) > 0 {
		n := min(perStatement, len(edits))
		some, not, err := s.publishSome(ctx, tx, by, edits[:n], p, approved, batch, known)
		if err != nil {
			return nil, nil, err
		}
		done, refused, edits = append(done, some...), append(refused, not...), edits[n:]
	}
	return done, refused, nil
}

func (s *Service) publishSome(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, edits []Edit, p Publishing, approved review.Review, batch string, known Known) ([]catalogue.Stored, Refused, error) {
	candidates, err := s.Candidates(ctx, tx, edits...)
	if err != nil {
		return nil, nil, err
	}
	findings := make([][]Finding, len(candidates))
	var cores errgroup.Group // to check some hundred sheets takes seconds of one
	cores.SetLimit(runtime.GOMAXPROCS(0))
	for i, c := range candidates {
		cores.Go(func() error { findings[i] = c.refusals(known); return nil })
	}
	if err := cores.Wait(); err != nil {
		return nil, nil, err
	}
	var refused Refused
	var all []catalogue.New
	passed := map[string]Edit{}
	for i, c := range candidates {
		if len(findings[i]) > 0 {
			refused = append(refused, Refusal{c.Edit, findings[i]})
			continue
		}
		all = append(all, catalogue.New{Code: c.Edit.Code, Parts: c.Parts, From: p.From, Doc: c.doc, SHA256: c.SHA256})
		passed[c.Edit.Code] = c.Edit
	}
	if len(all) == 0 {
		return nil, refused, nil
	}
	if err := s.revive(ctx, tx, all); err != nil {
		return nil, nil, err
	}
	made, err := s.Catalogue.Put(ctx, tx, all)
	if err != nil {
		return nil, nil, err
	}
	var done []catalogue.Stored
	var notes []catalogue.Publication
	for code, e := range passed {
		done = append(done, made[code])
		notes = append(notes, catalogue.Publication{Revision: made[code].ID, SheetEdit: e.ID, Batch: batch})
	}
	how := catalogue.PublishedBy{Note: strings.TrimSpace(p.Note), By: by.Officer.ID, Approved: approved.ByID}
	if err := s.Catalogue.NotePublished(ctx, tx, how, notes); err != nil {
		return nil, nil, err
	}
	return done, refused, s.closeAll(ctx, tx, by, passed, made, how.Note)
}

// revive takes back the end of procedures that are over: what is published anew is there
// again. That cannot be done for later, or the old revision would come back until then.
func (s *Service) revive(ctx context.Context, tx *sqlx.Tx, all []catalogue.New) error {
	for _, n := range all {
		_, _, err := s.Catalogue.Ended(ctx, n.Code)
		if problem.Is(err, problem.NotFound) {
			continue
		}
		if err == nil && !n.From.IsZero() {
			err = problem.New(problem.Invalid, "editorial.over", locales.S("code", n.Code))
		}
		if err == nil {
			err = s.Catalogue.Revoke(ctx, tx, n.Code)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// closeAll ends the edits that became revisions.
func (s *Service) closeAll(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, edits map[string]Edit, made map[string]catalogue.Stored, note string) error {
	type row struct {
		ID       string `json:"id"`
		Version  int    `json:"version"`
		Revision int64  `json:"revision"`
	}
	var rows []row
	for code, e := range edits {
		rows = append(rows, row{e.ID, e.Version, made[code].ID})
	}
	_, err := tx.ExecContext(ctx, `UPDATE sheet_edits e SET closed_by = $2, closed_at = $3, revision_id = r.revision, note = $4
		FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, revision bigint) WHERE e.id = r.id`, pg.JSON(rows), by.Officer.ID, s.Now(), note)
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM sheet_versions v USING jsonb_to_recordset($1::jsonb) AS r (id uuid, version int)
			WHERE v.edit_id = r.id AND v.no <> r.version`, pg.JSON(rows))
	}
	if err != nil {
		return fmt.Errorf("close sheet edits: %w", err)
	}
	return nil
}
