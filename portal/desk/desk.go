// Package desk is where officers work: the inbox by deadline, the case, and what they do
// to it step by step.
package desk

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/calendar"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/postal"
	"motcua/portal/problem"
	"motcua/portal/vault"
)

// Service is the officers' side of dossiers.
type Service struct {
	DB       *sqlx.DB
	Dossiers *dossier.Service
	Agency   *agency.Service
	Payments *payments.Service
	Postal   *postal.Service
	Vault    *vault.Service
	Now      func() time.Time
}

// The views of the inbox.
const (
	ViewOpen       = ""         // all that is not closed
	ViewWaiting    = "cho"      // waiting to be received
	ViewProcessing = "xu-ly"    // received and processed
	ViewSupplement = "bo-sung"  // waiting for the applicant
	ViewDecided    = "da-xu-ly" // decided, to be returned
	ViewLate       = "qua-han"  // overdue
	ViewToday      = "hom-nay"  // due today
	ViewClosed     = "da-ket-thuc"
)

// Filter is what an inbox shows.
type Filter struct {
	View string
	Text string // code, name, number
	Page int    // from 1
}

// Inbox is a page of dossiers by deadline, with the counts of the views.
type Inbox struct {
	Filter   Filter
	Dossiers []Line
	Counts   map[string]int
	Total    int
	Pages    int
}

// Line is a dossier in a list with its time left.
type Line struct {
	dossier.Dossier
	DaysLeft int
	Overdue  bool
	Today    bool
}

const (
	perPage  = 50
	lastPage = 1_000_000 // no inbox is as long; what lies beyond overflows
)

// conditions of the views, over dossiers d; $2 is now, $3 the end of today.
var conditions = map[string]string{
	ViewOpen:       `d.closed_at IS NULL`,
	ViewWaiting:    `d.closed_at IS NULL AND d.state = 'filed'`,
	ViewProcessing: `d.closed_at IS NULL AND d.state IN ('received', 'processing')`,
	ViewSupplement: `d.closed_at IS NULL AND d.state = 'supplement'`,
	ViewDecided:    `d.closed_at IS NULL AND d.state = 'decided'`,
	ViewLate:       `d.closed_at IS NULL AND d.state IN ('filed', 'received', 'processing') AND coalesce(d.due_at, d.answer_by) < $2`,
	ViewToday:      `d.closed_at IS NULL AND d.state IN ('filed', 'received', 'processing') AND coalesce(d.due_at, d.answer_by) BETWEEN $2 AND $3`,
	ViewClosed:     `d.closed_at IS NOT NULL`,
}

// Views are the inbox's views in their order.
var Views = []string{ViewOpen, ViewLate, ViewToday, ViewWaiting, ViewProcessing, ViewDecided, ViewSupplement, ViewClosed}

// Inbox lists the dossiers of the officer's agencies, nearest deadline first.
func (s *Service) Inbox(ctx context.Context, o agency.Officer, f Filter) (Inbox, error) {
	where, known := conditions[f.View]
	if !known {
		f.View, where = ViewOpen, conditions[ViewOpen]
	}
	f.Page = min(max(1, f.Page), lastPage)
	in := Inbox{Filter: f}
	agencies, err := s.agencies(o)
	if err != nil {
		return in, err
	}
	now := s.Now()
	endOfDay := calendar.DayOf(now).Add(1).At(0)
	if in.Counts, err = s.counts(ctx, agencies, now, endOfDay); err != nil {
		return in, err
	}
	order := `coalesce(d.due_at, d.answer_by), d.id`
	if f.View == ViewClosed {
		order = `d.closed_at DESC, d.id`
	}
	like := "%" + escapeLike(strings.TrimSpace(f.Text)) + "%"
	query := dossier.Select + `WHERE d.agency_id = ANY(string_to_array($1, ',')::bigint[]) AND $2::timestamptz IS NOT NULL AND $3::timestamptz IS NOT NULL AND ` + where + `
		AND ($4 = '%%' OR d.code ILIKE $4 OR vn(d.owner_name) LIKE vn($4) OR d.owner_number LIKE $4 OR d.procedure_code LIKE $4)
		ORDER BY ` + order + ` LIMIT $5 OFFSET $6`
	list, err := s.Dossiers.Query(ctx, s.DB, query, agencies, now, endOfDay, like, perPage+1, (f.Page-1)*perPage)
	if err != nil {
		return in, err
	}
	in.Total = in.Counts[f.View]
	in.Pages = f.Page
	if len(list) > perPage {
		list, in.Pages = list[:perPage], f.Page+1
	}
	in.Dossiers, err = s.lines(ctx, list, now)
	return in, err
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// agencies are those whose dossiers the officer may see, as the query wants them. Who has
// none sees nothing there is.
func (s *Service) agencies(o agency.Officer) (string, error) {
	var ids []string
	for _, id := range o.Agencies() {
		if dossier.May(dossier.Actor{Officer: &o}, dossier.See, dossier.Dossier{AgencyID: id}) {
			ids = append(ids, strconv.FormatInt(id, 10))
		}
	}
	if len(ids) == 0 {
		return "", problem.New(problem.NotFound, "dossier.not_found")
	}
	return strings.Join(ids, ","), nil
}

func (s *Service) counts(ctx context.Context, agencies string, now, endOfDay time.Time) (map[string]int, error) {
	var b strings.Builder
	b.WriteString(`SELECT `)
	for i, v := range Views {
		if i > 0 {
			b.WriteString(`, `)
		}
		fmt.Fprintf(&b, `count(*) FILTER (WHERE %s)`, conditions[v])
	}
	b.WriteString(` FROM dossiers d WHERE d.agency_id = ANY(string_to_array($1, ',')::bigint[]) AND (d.closed_at IS NULL OR d.closed_at > $2 - interval '1 year')`)
	counts := make(map[string]int, len(Views))
	into := make([]any, len(Views))
	values := make([]int, len(Views))
	for i := range values {
		into[i] = &values[i]
	}
	if err := s.DB.QueryRowxContext(ctx, b.String(), agencies, now, endOfDay).Scan(into...); err != nil {
		return nil, fmt.Errorf("count inbox: %w", err)
	}
	for i, v := range Views {
		counts[v] = values[i]
	}
	return counts, nil
}

func (s *Service) lines(ctx context.Context, list []dossier.Dossier, now time.Time) ([]Line, error) {
	c, err := s.Agency.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	lines := make([]Line, len(list))
	for i, d := range list {
		lines[i] = Line{Dossier: d, Today: calendar.DayOf(now) == calendar.DayOf(d.Deadline())}
		lines[i].DaysLeft, lines[i].Overdue = c.Left(now, d.Deadline())
	}
	return lines, nil
}

// Case is a dossier on an officer's desk.
type Case struct {
	dossier.Whole
	Order      *payments.Order
	Deeds      []dossier.Deed   // what this officer may do now
	Processors []agency.Officer // to whom it may be forwarded
	Line       Line
	Counting   Counting               // how the due date comes about, if it were received now
	Joined     []draft.Joined         // the working copies of photographed papers
	Earlier    map[string]vault.Paper // papers used again, by the id that attachments carry
}

// Counting is a due date with its explanation.
type Counting struct {
	From  time.Time
	Due   time.Time
	Steps []calendar.Step
}

// officerDeeds in the order of the action bar.
var officerDeeds = []dossier.Deed{dossier.Receive, dossier.AskSupplement, dossier.Refuse, dossier.Forward, dossier.Decide, dossier.Archive, dossier.Return}

// Case opens a dossier of the officer's agency. Another agency's is not found. That the
// officer saw it is on record before the page is.
func (s *Service) Case(ctx context.Context, o agency.Officer, id string, seen audit.Entry) (Case, error) {
	d, err := s.seen(ctx, o, id, "dossier.see", seen)
	if err != nil {
		return Case{}, err
	}
	w, err := s.Dossiers.Whole(ctx, d)
	if err != nil {
		return Case{}, err
	}
	c := Case{Whole: w}
	a := dossier.Actor{Officer: &o}
	for _, deed := range officerDeeds {
		if dossier.May(a, deed, d) && dossier.Can(deed, d) {
			c.Deeds = append(c.Deeds, deed)
		}
	}
	if c.Counting, err = s.counting(ctx, d); err != nil {
		return Case{}, err
	}
	lines, err := s.lines(ctx, []dossier.Dossier{d}, s.Now())
	if err != nil {
		return Case{}, err
	}
	c.Line = lines[0]
	if c.Joined, err = draft.JoinedOf(ctx, s.DB, d.ID); err != nil {
		return Case{}, err
	}
	if c.Earlier, err = s.Vault.ByIDs(ctx, reused(w.Attachments)); err != nil {
		return Case{}, err
	}
	colleagues, err := s.Agency.Officers(ctx, d.AgencyID)
	if err != nil {
		return Case{}, err
	}
	c.Processors = processors(colleagues, d.AgencyID)
	order, err := s.Payments.OfSubject(ctx, "dossier:"+id)
	if err == nil {
		c.Order = &order
	} else if !problem.Is(err, problem.NotFound) {
		return Case{}, err
	}
	return c, nil
}

// reused are the earlier papers that are among the attachments.
func reused(all []dossier.Attachment) []string {
	var ids []string
	for _, a := range all {
		if a.VaultID != "" && !slices.Contains(ids, a.VaultID) {
			ids = append(ids, a.VaultID)
		}
	}
	return ids
}

// seen reads a dossier the officer may see, and writes down that they did.
func (s *Service) seen(ctx context.Context, o agency.Officer, id, deed string, e audit.Entry) (dossier.Dossier, error) {
	d, err := s.Dossiers.ByID(ctx, id)
	if err != nil {
		return dossier.Dossier{}, err
	}
	if !dossier.May(dossier.Actor{Officer: &o}, dossier.See, d) {
		return dossier.Dossier{}, problem.New(problem.NotFound, "dossier.not_found")
	}
	e.Actor, e.Deed, e.Object, e.AgencyID = officer(o), deed, "dossier:"+d.ID, d.AgencyID
	e.Subject = s.Dossiers.Key.Hash(d.OwnerNumber)
	return d, audit.Write(ctx, s.DB, e)
}

// counting is the due date as of the dossier's reception, or of now.
func (s *Service) counting(ctx context.Context, d dossier.Dossier) (Counting, error) {
	cal, err := s.Agency.Calendar(ctx)
	if err != nil {
		return Counting{}, err
	}
	c := Counting{From: s.Now()}
	if d.ReceivedAt != nil {
		c.From = *d.ReceivedAt
	}
	c.Due, c.Steps = cal.Due(c.From, d.Revision.Deadline)
	return c, nil
}

// Attachment opens a filed file for an officer of the dossier's agency. A photograph that
// is in a working copy is its owner's alone: it may tell where and with what it was taken.
func (s *Service) Attachment(ctx context.Context, o agency.Officer, id, fileID string, seen audit.Entry) (dossier.Attachment, io.ReadSeekCloser, error) {
	d, err := s.seen(ctx, o, id, "attachment.see", seen)
	if err != nil {
		return dossier.Attachment{}, nil, err
	}
	joined, err := draft.JoinedOf(ctx, s.DB, d.ID)
	if err != nil {
		return dossier.Attachment{}, nil, err
	}
	if slices.ContainsFunc(joined, func(j draft.Joined) bool { return j.Of(fileID) }) {
		return dossier.Attachment{}, nil, problem.New(problem.NotFound, "dossier.not_found")
	}
	return s.Dossiers.OpenAttachment(ctx, d, fileID)
}

// Joined opens the working copy of a paper of a filing for an officer of the dossier's agency.
func (s *Service) Joined(ctx context.Context, o agency.Officer, id string, filing int, component string, seen audit.Entry) (draft.Joined, io.ReadSeekCloser, error) {
	d, err := s.seen(ctx, o, id, "attachment.see", seen)
	if err != nil {
		return draft.Joined{}, nil, err
	}
	return s.Dossiers.OpenJoined(ctx, d, filing, component)
}

// Paper is a paper of the dossier as PDF bytes, for an officer of its agency.
func (s *Service) Paper(ctx context.Context, o agency.Officer, id, paperID string, seen audit.Entry) (dossier.Paper, []byte, error) {
	d, err := s.seen(ctx, o, id, "paper.see", seen)
	if err != nil {
		return dossier.Paper{}, nil, err
	}
	return s.Dossiers.PaperOf(ctx, d, paperID)
}

// Form is the application as it was filed, for an officer of its agency.
func (s *Service) Form(ctx context.Context, o agency.Officer, id string, seen audit.Entry) (code string, pdf []byte, err error) {
	d, err := s.seen(ctx, o, id, "form.see", seen)
	if err != nil {
		return "", nil, err
	}
	w, err := s.Dossiers.Whole(ctx, d)
	if err != nil {
		return "", nil, err
	}
	pdf, err = s.Dossiers.FormOf(ctx, w)
	return d.Code, pdf, err
}

func officer(o agency.Officer) string { return fmt.Sprintf("officer:%d", o.ID) }

// Press is what every deed of an officer comes with: which dossier as they saw it, and the
// one-time key of the form.
type Press struct {
	Officer agency.Officer
	Dossier string
	Version int
	Key     once.Key
}

// do carries a deed out in one transaction: may they, has nobody changed it meanwhile, then
// the deed's own part, the move, the key. Repeated, it does nothing twice.
func (s *Service) do(ctx context.Context, p Press, deed dossier.Deed, part func(tx *sqlx.Tx, d *dossier.Known) (map[string]any, error)) error {
	k, err := s.Dossiers.Know(ctx, p.Dossier)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, p.Key, s.Now())
		if err != nil || done {
			return err
		}
		if k.Dossier, err = s.Dossiers.Lock(ctx, tx, k.Dossier); err != nil {
			return err
		}
		if err := s.allowed(p, deed, k.Dossier); err != nil {
			return err
		}
		args, err := part(tx, &k)
		if err != nil {
			return err
		}
		if err := s.Dossiers.Move(ctx, tx, &k.Dossier, dossier.Move{Deed: deed, By: officer(p.Officer), Args: args}); err != nil {
			return err
		}
		return once.Finish(ctx, tx, p.Key, k.ID)
	})
}

// allowed answers an outsider as if nothing were there; a colleague without the role is
// told so; a stale page is told what changed.
func (s *Service) allowed(p Press, deed dossier.Deed, d dossier.Dossier) error {
	a := dossier.Actor{Officer: &p.Officer}
	switch {
	case !dossier.May(a, dossier.See, d):
		return problem.New(problem.NotFound, "dossier.not_found")
	case !dossier.May(a, deed, d):
		return problem.New(problem.Forbidden, "desk.not_your_role")
	case d.Version != p.Version:
		return problem.New(problem.Conflict, "dossier.changed")
	case !dossier.Can(deed, d):
		return problem.New(problem.Conflict, "dossier.not_now")
	}
	return nil
}
