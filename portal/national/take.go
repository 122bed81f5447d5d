package national

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"golang.org/x/sync/errgroup"

	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/problem"
)

// Chosen are the procedures of a list that are to be taken over: those named, or all that a
// filter finds.
type Chosen struct {
	Codes  []string
	All    bool
	Filter Filter
}

// Taken is what came of taking over.
type Taken struct {
	Batch   string
	Skipped int // being edited by somebody, or nothing would change
}

// Take opens edits that say what the list says: drafts in one batch, which somebody else
// reviews. Nothing is in force by it.
func (s *Service) Take(ctx context.Context, by catalogue.Editing, id string, which Chosen) (Taken, error) {
	answer, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		u, err := upload(ctx, tx, id)
		switch {
		case err != nil:
			return "", audit.Entry{}, err
		case !u.Listed():
			return "", audit.Entry{}, notFound()
		}
		codes, err := which.codes(ctx, tx, id)
		if err != nil {
			return "", audit.Entry{}, err
		}
		var edits []editorial.BatchEdit
		for part := range slices.Chunk(codes, perStatement) {
			some, err := s.edits(ctx, tx, id, part)
			if err != nil {
				return "", audit.Entry{}, err
			}
			edits = append(edits, some...)
		}
		return s.open(ctx, tx, by, editorial.Import, u.Name, edits, audit.Entry{Deed: "national.take", Object: "national:" + id})
	})
	return takenOf(answer), err
}

// open opens a batch of edits that changes something.
func (s *Service) open(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, kind, title string, edits []editorial.BatchEdit, entry audit.Entry) (string, audit.Entry, error) {
	if len(edits) == 0 {
		return "", entry, problem.New(problem.Conflict, "national.nothing_chosen")
	}
	b, skipped, err := s.Editorial.OpenBatch(ctx, tx, by, kind, title, edits)
	if err != nil {
		return "", entry, err
	}
	if b.Edits == 0 {
		return "", entry, problem.New(problem.Conflict, "national.nothing_taken")
	}
	if entry.Args == nil {
		entry.Args = map[string]any{}
	}
	entry.Args["batch"], entry.Args["edits"], entry.Args["skipped"] = b.ID, b.Edits, len(skipped)
	return b.ID + " " + strconv.Itoa(len(skipped)), entry, nil
}

func takenOf(answer string) Taken {
	batch, skipped, _ := strings.Cut(answer, " ")
	n, _ := strconv.Atoi(skipped)
	return Taken{batch, n}
}

// codes are the procedures that are chosen and not the same already.
func (w Chosen) codes(ctx context.Context, tx *sqlx.Tx, id string) ([]string, error) {
	var codes []string
	var err error
	if w.All {
		where, args := w.Filter.known().found()
		err = tx.SelectContext(ctx, &codes, `SELECT code FROM national_rows WHERE`+where+` AND state <> 'same' ORDER BY code`, append([]any{id}, args...)...)
	} else {
		named := make([]string, len(w.Codes))
		for i, c := range w.Codes {
			named[i] = clean(c)
		}
		err = tx.SelectContext(ctx, &codes, `SELECT code FROM national_rows WHERE upload_id = $1 AND NOT wrong AND code = ANY ($2) ORDER BY code`, id, pq.Array(named))
	}
	if err != nil {
		return nil, fmt.Errorf("chosen of upload %s: %w", id, err)
	}
	return codes, nil
}

// edits put what a list says over the newest revisions.
func (s *Service) edits(ctx context.Context, tx *sqlx.Tx, id string, codes []string) ([]editorial.BatchEdit, error) {
	var rows []struct {
		Code string `db:"code"`
		Said string `db:"said"`
	}
	if err := tx.SelectContext(ctx, &rows, `SELECT code, said FROM national_rows WHERE upload_id = $1 AND NOT wrong AND code = ANY ($2) ORDER BY code`, id, pq.Array(codes)); err != nil {
		return nil, fmt.Errorf("rows of upload %s: %w", id, err)
	}
	newest, err := s.Catalogue.Newest(ctx, tx, codes...)
	if err != nil {
		return nil, err
	}
	all := make([]*editorial.BatchEdit, len(rows))
	var cores errgroup.Group
	cores.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range rows {
		cores.Go(func() (err error) {
			base, known := newest[r.Code]
			if all[i], err = taken(r.Code, r.Said, base, known); err != nil {
				return fmt.Errorf("row %s of upload %s: %w", r.Code, id, err)
			}
			return nil
		})
	}
	if err := cores.Wait(); err != nil {
		return nil, err
	}
	var edits []editorial.BatchEdit
	for _, e := range all {
		if e != nil {
			edits = append(edits, *e)
		}
	}
	return edits, nil
}

// taken is what a record says put over the newest revision, nil when nothing is otherwise.
func taken(code, row string, base catalogue.Stored, known bool) (*editorial.BatchEdit, error) {
	var said map[string]any
	if err := json.Unmarshal([]byte(row), &said); err != nil {
		return nil, err
	}
	before := blank(code)
	if known {
		before = catalogue.Sheet{}
		if err := json.Unmarshal(base.Parts["sheet"], &before); err != nil {
			return nil, err
		}
	}
	after, err := Merge(before, said)
	if err != nil {
		return nil, err
	}
	if known {
		if changed, err := Changed(before, after); err != nil || len(changed) == 0 {
			return nil, err
		}
	}
	edit, err := editOf(after)
	return &edit, err
}

// blank is a sheet of a procedure that is not in the catalogue yet: people can read about
// it, until editors say more.
func blank(code string) catalogue.Sheet {
	return catalogue.Sheet{Code: code, Level: 2, Tiers: []string{}, Audience: []string{}, Agencies: []catalogue.Office{}, Channels: []catalogue.Channel{}}
}

func editOf(s catalogue.Sheet) (editorial.BatchEdit, error) {
	for i := range s.Channels {
		if s.Channels[i].Fees == nil {
			s.Channels[i].Fees = []catalogue.Price{}
		}
	}
	for i := range s.Components {
		if s.Components[i].Papers == nil {
			s.Components[i].Papers = []catalogue.Component{}
		}
	}
	b, err := json.Marshal(s)
	if err != nil {
		return editorial.BatchEdit{}, fmt.Errorf("sheet of %s: %w", s.Code, err)
	}
	return editorial.BatchEdit{Code: s.Code, Parts: editorial.Parts{"sheet": b}}, nil
}
