package national

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"golang.org/x/sync/errgroup"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
)

// How a record stands to what is in force.
const (
	Missing  = "missing"  // not here
	Outdated = "outdated" // published anew by a later decision
	Differs  = "differs"  // otherwise
	Same     = "same"
	Extra    = "extra" // here, and not in the list
)

// Standings are the ways a record can stand, in the order of work.
var Standings = []string{Missing, Outdated, Differs, Extra, Same}

// compare brings every record up to the catalogue in force. Only those are looked at whose
// procedure has another revision than last time.
func (s *Service) compare(ctx context.Context, id string) error {
	var known []struct {
		No   int           `db:"no"`
		Code string        `db:"code"`
		Base sql.NullInt64 `db:"base_id"`
	}
	if err := s.DB.SelectContext(ctx, &known, `SELECT no, code, base_id FROM national_rows WHERE upload_id = $1 AND NOT wrong ORDER BY no`, id); err != nil {
		return fmt.Errorf("rows of upload %s: %w", id, err)
	}
	now, err := s.inForce(ctx)
	if err != nil {
		return err
	}
	var stale []int64
	for _, k := range known {
		var base int64
		if rev := now[k.Code]; rev != nil {
			base = rev.ID
		}
		if !k.Base.Valid || k.Base.Int64 != base {
			stale = append(stale, int64(k.No))
		}
	}
	for len(stale) > 0 {
		n := min(perStatement, len(stale))
		if err := s.compareSome(ctx, id, stale[:n], now); err != nil {
			return err
		}
		stale = stale[n:]
	}
	return nil
}

func (s *Service) inForce(ctx context.Context) (map[string]*catalogue.Revision, error) {
	all, err := s.Catalogue.All(ctx)
	if err != nil {
		return nil, err
	}
	byCode := make(map[string]*catalogue.Revision, len(all))
	for _, r := range all {
		byCode[r.Code] = r
	}
	return byCode, nil
}

// standing is how a record stands, on its way into the table.
type standing struct {
	No     int      `json:"no"`
	Base   int64    `json:"base"`
	State  string   `json:"state"`
	Fields []string `json:"fields"`
}

func (s *Service) compareSome(ctx context.Context, id string, some []int64, now map[string]*catalogue.Revision) error {
	var rows []struct {
		No   int    `db:"no"`
		Code string `db:"code"`
		Said string `db:"said"`
	}
	if err := s.DB.SelectContext(ctx, &rows, `SELECT no, code, said FROM national_rows WHERE upload_id = $1 AND no = ANY ($2)`, id, pq.Array(some)); err != nil {
		return fmt.Errorf("rows of upload %s: %w", id, err)
	}
	all := make([]standing, len(rows))
	var cores errgroup.Group
	cores.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range rows {
		cores.Go(func() (err error) {
			var said map[string]any
			if err = json.Unmarshal([]byte(r.Said), &said); err == nil {
				all[i], err = standingOf(now[r.Code], said)
			}
			if err != nil {
				return fmt.Errorf("row %d of upload %s: %w", r.No, id, err)
			}
			all[i].No = r.No
			return nil
		})
	}
	if err := cores.Wait(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT FROM national_uploads WHERE id = $1 FOR UPDATE`, id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE national_rows r SET base_id = n.base, state = n.state, fields = ARRAY(SELECT jsonb_array_elements_text(n.fields))
			FROM jsonb_to_recordset($2::jsonb) AS n (no int, base bigint, state text, fields jsonb) WHERE r.upload_id = $1 AND r.no = n.no`, id, pg.JSON(all))
		if err != nil {
			return fmt.Errorf("compare upload %s: %w", id, err)
		}
		return nil
	})
}

// standingOf compares a record with a revision.
func standingOf(rev *catalogue.Revision, said map[string]any) (standing, error) {
	if rev == nil {
		return standing{State: Missing, Fields: []string{}}, nil
	}
	after, err := Merge(rev.Sheet, said)
	if err != nil {
		return standing{}, err
	}
	fields, err := Changed(rev.Sheet, after)
	if err != nil {
		return standing{}, err
	}
	one := standing{Base: rev.ID, State: Differs, Fields: fields}
	before, decision := rev.Sheet.Decision, after.Decision
	switch {
	case len(fields) == 0:
		one.State, one.Fields = Same, []string{}
	case decision.Number != before.Number && (decision.Date == "" || before.Date == "" || decision.Date >= before.Date):
		one.State = Outdated
	}
	return one, nil
}

// Filter narrows a comparison down.
type Filter struct {
	State string // one of Standings, "" for all that differ
	Query string // of code or name
	Field string // of the record, that differs
	Page  int
}

// Compared is a procedure of a comparison.
type Compared struct {
	Code   string
	Name   string
	State  string
	Fields []string
	Edit   *Open // it is being edited
}

// Labels are the fields that differ, as people call them.
func (c Compared) Labels() []locales.Message {
	var all []locales.Message
	for _, f := range c.Fields {
		all = append(all, Label(f))
	}
	return all
}

// Open is an edit that goes on.
type Open struct{ ID, By, Batch string }

// Comparison is a page of what differs between a list and the catalogue.
type Comparison struct {
	Upload Upload
	Counts map[string]int
	Fields []string // that differ anywhere, by their names
	Found  int
	Rows   []Compared
}

// Compare is a page of a comparison, as the catalogue stands now.
func (s *Service) Compare(ctx context.Context, by agency.Officer, id string, f Filter) (Comparison, error) {
	c := Comparison{Counts: map[string]int{}}
	f = f.known()
	var err error
	if c.Upload, err = s.Upload(ctx, by, id); err != nil {
		return c, err
	}
	if !c.Upload.Listed() {
		return c, notFound()
	}
	if err := s.compare(ctx, id); err != nil {
		return c, err
	}
	var counts []struct {
		State string `db:"state"`
		N     int    `db:"n"`
	}
	if err := s.DB.SelectContext(ctx, &counts, `SELECT state, count(*) AS n FROM national_rows WHERE upload_id = $1 AND NOT wrong GROUP BY state`, id); err != nil {
		return c, fmt.Errorf("count rows of upload %s: %w", id, err)
	}
	for _, n := range counts {
		c.Counts[n.State] = n.N
	}
	err = s.DB.SelectContext(ctx, &c.Fields, `SELECT DISTINCT f FROM national_rows r, unnest(r.fields) f WHERE upload_id = $1 AND NOT wrong`, id)
	if err != nil {
		return c, fmt.Errorf("fields of upload %s: %w", id, err)
	}
	slices.SortFunc(c.Fields, func(a, b string) int { return order(a) - order(b) })
	extra, err := s.extra(ctx, c.Upload)
	if err != nil {
		return c, err
	}
	c.Counts[Extra] = len(extra)
	if f.State == Extra {
		c.takeExtra(extra, f)
	} else if err := s.takeRows(ctx, &c, f); err != nil {
		return c, err
	}
	open, err := s.Editorial.OpenEdits(ctx, by)
	if err != nil {
		return c, err
	}
	for i := range c.Rows {
		if e, ok := open[c.Rows[i].Code]; ok {
			c.Rows[i].Edit = &Open{e.ID, e.OpenedBy, e.Batch}
		}
	}
	return c, nil
}

func order(name string) int {
	return slices.IndexFunc(Fields, func(f *Field) bool { return f.Name == name })
}

// extra are the procedures in force that a whole list does not have.
func (s *Service) extra(ctx context.Context, u Upload) ([]*catalogue.Revision, error) {
	if !u.Whole {
		return nil, nil
	}
	var codes []string
	if err := s.DB.SelectContext(ctx, &codes, `SELECT code FROM national_rows WHERE upload_id = $1`, u.ID); err != nil {
		return nil, fmt.Errorf("codes of upload %s: %w", u.ID, err)
	}
	listed := make(map[string]bool, len(codes))
	for _, c := range codes {
		listed[c] = true
	}
	all, err := s.Catalogue.All(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(r *catalogue.Revision) bool { return listed[r.Code] }), nil
}

func (c *Comparison) takeExtra(extra []*catalogue.Revision, f Filter) {
	words := fold(f.Query)
	for _, r := range extra {
		if strings.Contains(fold(r.Code), words) || strings.Contains(fold(r.Sheet.Name.VI), words) {
			c.Rows = append(c.Rows, Compared{Code: r.Code, Name: r.Sheet.Name.VI, State: Extra})
		}
	}
	c.Found = len(c.Rows)
	from := min(max(f.Page-1, 0)*PerPage, len(c.Rows))
	c.Rows = c.Rows[from:min(from+PerPage, len(c.Rows))]
}

// known is the filter without what there is not.
func (f Filter) known() Filter {
	if !slices.Contains(Standings, f.State) {
		f.State = ""
	}
	if order(f.Field) < 0 {
		f.Field = ""
	}
	f.Query = shown(f.Query)
	return f
}

// found is the condition of a filter, its arguments after the upload's id.
func (f Filter) found() (string, []any) {
	return ` upload_id = $1 AND NOT wrong AND ($2 = '' AND state <> 'same' OR state = $2)
		AND ($3 = '' OR strpos(code, $3) > 0 OR strpos(lower(name), lower($3)) > 0) AND ($4 = '' OR $4 = ANY (fields))`,
		[]any{f.State, f.Query, f.Field}
}

func (s *Service) takeRows(ctx context.Context, c *Comparison, f Filter) error {
	where, args := f.found()
	args = append([]any{c.Upload.ID}, args...)
	if err := s.DB.GetContext(ctx, &c.Found, `SELECT count(*) FROM national_rows WHERE`+where, args...); err != nil {
		return fmt.Errorf("count what is found in upload %s: %w", c.Upload.ID, err)
	}
	var rows []struct {
		Code   string         `db:"code"`
		Name   string         `db:"name"`
		State  string         `db:"state"`
		Fields pq.StringArray `db:"fields"`
	}
	err := s.DB.SelectContext(ctx, &rows, `SELECT code, name, state, fields FROM national_rows WHERE`+where+` ORDER BY code LIMIT $5 OFFSET $6`,
		append(args, PerPage, max(f.Page-1, 0)*PerPage)...)
	if err != nil {
		return fmt.Errorf("rows of upload %s: %w", c.Upload.ID, err)
	}
	for _, r := range rows {
		c.Rows = append(c.Rows, Compared{Code: r.Code, Name: r.Name, State: r.State, Fields: r.Fields})
	}
	return nil
}

// One is a procedure as the list has it beside the one in force.
type One struct {
	Upload Upload
	Compared
	Before *catalogue.Revision // nil: not here
	After  catalogue.Sheet     // with what the list says
	Faults []Fault
}

// One is one procedure of a comparison.
func (s *Service) One(ctx context.Context, by agency.Officer, id, code string) (One, error) {
	var o One
	var err error
	if o.Upload, err = s.Upload(ctx, by, id); err != nil {
		return o, err
	}
	if !o.Upload.Listed() {
		return o, notFound()
	}
	var r struct {
		Name   string             `db:"name"`
		Said   string             `db:"said"`
		Faults pg.JSONOf[[]Fault] `db:"faults"`
	}
	err = s.DB.GetContext(ctx, &r, `SELECT name, said, faults FROM national_rows WHERE upload_id = $1 AND code = $2 AND NOT wrong`, id, clean(code))
	if errors.Is(err, sql.ErrNoRows) {
		return o, notFound()
	}
	if err != nil {
		return o, fmt.Errorf("row %s of upload %s: %w", code, id, err)
	}
	var said map[string]any
	if err := json.Unmarshal([]byte(r.Said), &said); err != nil {
		return o, fmt.Errorf("row %s of upload %s: %w", code, id, err)
	}
	now, err := s.inForce(ctx)
	if err != nil {
		return o, err
	}
	o.Before, o.Faults = now[code], r.Faults.V
	at, err := standingOf(o.Before, said)
	if err != nil {
		return o, err
	}
	o.Compared = Compared{Code: code, Name: r.Name, State: at.State, Fields: at.Fields}
	base := catalogue.Sheet{}
	if o.Before != nil {
		base = o.Before.Sheet
	}
	if o.After, err = Merge(base, said); err != nil {
		return o, err
	}
	e, open, err := s.Editorial.OpenEdit(ctx, by, code)
	if open {
		o.Edit = &Open{e.ID, e.OpenedBy, e.Batch}
	}
	return o, err
}
