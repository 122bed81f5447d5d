package privacy

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/dossier"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// The views of the officers' list.
const (
	ViewOpen   = ""
	ViewPassed = "da-chuyen"
	ViewDone   = "da-xong"
)

// Views are they in their order.
var Views = []string{ViewOpen, ViewPassed, ViewDone}

var conditions = map[string]string{
	ViewOpen:   `r.closed_at IS NULL AND r.state = 'open'`,
	ViewPassed: `r.closed_at IS NULL AND r.state = 'passed'`,
	ViewDone:   `r.closed_at IS NOT NULL`,
}

// Filter is what a list shows.
type Filter struct {
	View string
	Code string
	Page int // from 1
}

// Waiting is a report in an officer's list, with the time left.
type Waiting struct {
	Report
	DaysLeft int
	Overdue  bool
}

// List is a page of reports by deadline.
type List struct {
	Filter  Filter
	Reports []Waiting
	Counts  map[string]int
	More    bool
}

// reach is which reports an officer may see: those of the agencies for whose dossiers they
// work, and an administrator every one, so that none lies with nobody.
func reach(o agency.Officer) (agencies []int64, all bool) {
	agencies = []int64{}
	for _, id := range o.Agencies() {
		if dossier.May(dossier.Actor{Officer: &o}, dossier.See, dossier.Dossier{AgencyID: id}) {
			agencies = append(agencies, id)
		}
	}
	return agencies, slices.ContainsFunc(o.Roles, func(r agency.Role) bool { return r.Role == agency.Admin })
}

// May says whether the officer has any part in reports.
func May(o agency.Officer) bool {
	agencies, all := reach(o)
	return all || len(agencies) > 0
}

const within = `(coalesce(r.agency_id, d.agency_id) = ANY($1) OR $2) AND `

// Queue lists the reports that the officer may answer, nearest deadline first.
func (s *Service) Queue(ctx context.Context, o agency.Officer, f Filter) (List, error) {
	if conditions[f.View] == "" {
		f.View = ViewOpen
	}
	f.Page = min(max(1, f.Page), 10_000)
	l := List{Filter: f, Counts: map[string]int{}}
	agencies, all := reach(o)
	if !all && len(agencies) == 0 {
		return l, notFound()
	}
	var counts struct{ Open, Passed, Done int }
	err := s.DB.GetContext(ctx, &counts, `SELECT count(*) FILTER (WHERE `+conditions[ViewOpen]+`) AS open, count(*) FILTER (WHERE `+conditions[ViewPassed]+`) AS passed,
		count(*) FILTER (WHERE `+conditions[ViewDone]+`) AS done
		FROM fact_reports r LEFT JOIN dossiers d ON d.id = r.thing_id WHERE `+within+`(r.closed_at IS NULL OR r.closed_at > $3)`,
		pq.Array(agencies), all, s.Now().AddDate(-1, 0, 0))
	if err != nil {
		return l, fmt.Errorf("count reports: %w", err)
	}
	l.Counts = map[string]int{ViewOpen: counts.Open, ViewPassed: counts.Passed, ViewDone: counts.Done}
	order := `r.due_at, r.id`
	if f.View == ViewDone {
		order = `r.closed_at DESC, r.id`
	}
	found, err := s.query(ctx, s.DB, `WHERE `+within+conditions[f.View]+` AND ($3 = '' OR upper(r.code) = $3 OR upper(coalesce(d.code, '')) = $3)
		ORDER BY `+order+` LIMIT $4 OFFSET $5`, pq.Array(agencies), all, strings.ToUpper(strings.TrimSpace(f.Code)), perPage+1, (f.Page-1)*perPage)
	if err != nil {
		return l, err
	}
	if l.More = len(found) > perPage; l.More {
		found = found[:perPage]
	}
	l.Reports, err = s.waiting(ctx, found)
	return l, err
}

func (s *Service) waiting(ctx context.Context, all []Report) ([]Waiting, error) {
	cal, err := s.Agency.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Waiting, len(all))
	for i, r := range all {
		out[i].Report = r
		out[i].DaysLeft, out[i].Overdue = cal.Left(s.Now(), r.DueAt)
	}
	return out, nil
}

// See opens a report for an officer who may answer it; for any other it is not there. That
// they saw it is on record before the page is.
func (s *Service) See(ctx context.Context, o agency.Officer, id string, seen audit.Entry) (Waiting, error) {
	r, err := s.seen(ctx, o, id, "report.see", seen)
	if err != nil {
		return Waiting{}, err
	}
	w, err := s.waiting(ctx, []Report{r})
	if err != nil {
		return Waiting{}, err
	}
	return w[0], nil
}

// SeeFile opens the file of a report.
func (s *Service) SeeFile(ctx context.Context, o agency.Officer, id string, seen audit.Entry) (File, io.ReadSeekCloser, error) {
	r, err := s.seen(ctx, o, id, "report_file.see", seen)
	if err != nil {
		return File{}, nil, err
	}
	return s.open(r)
}

func (s *Service) seen(ctx context.Context, o agency.Officer, id, deed string, e audit.Entry) (Report, error) {
	r, err := s.forOfficer(ctx, o, id)
	if err != nil {
		return Report{}, err
	}
	e.Actor, e.Deed, e.Object, e.AgencyID, e.Subject = officer(o), deed, "report:"+r.ID, inName(o, r), r.Subject
	return r, audit.Write(ctx, s.DB, e)
}

// inName is the agency in whose name the officer acts on a report.
func inName(o agency.Officer, r Report) int64 {
	if agencies, _ := reach(o); slices.Contains(agencies, r.Agency.ID) {
		return r.Agency.ID
	}
	for _, role := range o.Roles {
		if role.Role == agency.Admin {
			return role.AgencyID
		}
	}
	return r.Agency.ID
}

func (s *Service) forOfficer(ctx context.Context, o agency.Officer, id string) (Report, error) {
	r, err := s.one(ctx, id)
	if err != nil {
		return Report{}, err
	}
	if agencies, all := reach(o); !all && !slices.Contains(agencies, r.Agency.ID) {
		return Report{}, notFound()
	}
	return r, nil
}

func officer(o agency.Officer) string { return fmt.Sprintf("officer:%d", o.ID) }

// Press is an officer's press of a button on a report as they saw it.
type Press struct {
	Officer agency.Officer
	Report  string
	Version int
	Key     once.Key
}

// The deeds on a report.
const (
	DeedAnswer  = "answer"
	DeedForward = "forward" // to another agency of the province
	DeedPass    = "pass"    // to whom keeps the register
	DeedClose   = "close"
)

// Answer ends a report with what the person is told.
func (s *Service) Answer(ctx context.Context, p Press, text string) error {
	if err := answer(text); err != nil {
		return err
	}
	return s.do(ctx, p, deed{name: DeedAnswer, to: Answered, note: text, notice: "report_answered"})
}

// Close ends a report without an answer to the matter, with the reason: it came twice …
func (s *Service) Close(ctx context.Context, p Press, reason string) error {
	if err := answer(reason); err != nil {
		return err
	}
	return s.do(ctx, p, deed{name: DeedClose, to: Closed, note: reason, notice: "report_closed"})
}

// Forward gives a report to another agency of the province, whose deadline stays the same.
func (s *Service) Forward(ctx context.Context, p Press, code, note string) error {
	to, err := s.Agency.ByCode(ctx, code)
	if problem.Is(err, problem.NotFound) {
		return problem.New(problem.Invalid, "privacy.no_agency")
	}
	if err != nil {
		return err
	}
	return s.do(ctx, p, deed{name: DeedForward, to: Open, note: strings.TrimSpace(note), agency: to, receiver: to.Name})
}

// Pass says that a report went to whom keeps the register, in writing or by their own
// channel. It stays here until it is answered.
func (s *Service) Pass(ctx context.Context, p Press, keeper, note string) error {
	if keeper = strings.TrimSpace(keeper); keeper == "" {
		return problem.New(problem.Invalid, "privacy.no_keeper")
	}
	return s.do(ctx, p, deed{name: DeedPass, to: Passed, note: strings.TrimSpace(note), receiver: locales.V(keeper), notice: "report_passed"})
}

func answer(text string) error {
	if strings.TrimSpace(text) == "" {
		return problem.New(problem.Invalid, "privacy.no_answer")
	}
	return words(text)
}

// deed is what a press does.
type deed struct {
	name     string
	to       State
	note     string
	agency   agency.Agency // of Forward
	receiver locales.Text
	notice   string // kind of the word to the person, "" for none
}

// do carries a deed out in one transaction: the report, its history, the word to the
// person, the record. The same key does it once.
func (s *Service) do(ctx context.Context, p Press, d deed) error {
	r, err := s.forOfficer(ctx, p.Officer, p.Report)
	if err != nil {
		return err
	}
	now := s.Now()
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, p.Key, now)
		if err != nil || done {
			return err
		}
		if err := lock(ctx, tx, r, p.Version); err != nil {
			return err
		}
		if r.Done() {
			return problem.New(problem.Conflict, "privacy.done")
		}
		if err := s.step(ctx, tx, r, p.Officer, d, now); err != nil {
			return err
		}
		return once.Finish(ctx, tx, p.Key, r.ID)
	})
}

func (s *Service) step(ctx context.Context, tx *sqlx.Tx, r Report, o agency.Officer, d deed, now time.Time) error {
	in := inName(o, r)
	step := Step{At: now, Deed: d.name, OfficerID: o.ID, To: d.receiver, Note: d.note}
	for _, role := range o.Roles {
		if role.AgencyID == in {
			step.Agency = role.AgencyName
		}
	}
	var closed *time.Time
	if d.to == Answered || d.to == Closed {
		closed = &now
	}
	_, err := tx.ExecContext(ctx, `UPDATE fact_reports SET state = $2, closed_at = $3, steps = steps || $4::jsonb,
		agency_id = coalesce(nullif($5::bigint, 0), agency_id), version = version + 1 WHERE id = $1`,
		r.ID, d.to, closed, pg.JSON([]Step{step}), d.agency.ID)
	if err != nil {
		return fmt.Errorf("%s report %s: %w", d.name, r.Code, err)
	}
	if err := s.tell(ctx, tx, r, d, step); err != nil {
		return err
	}
	return audit.Write(ctx, tx, audit.Entry{Actor: officer(o), Deed: "report." + d.name, Object: "report:" + r.ID, AgencyID: in,
		Args: map[string]any{"code": r.Code}})
}

func (s *Service) tell(ctx context.Context, tx *sqlx.Tx, r Report, d deed, step Step) error {
	if d.notice == "" {
		return nil
	}
	args := []locales.Arg{locales.S("code", r.Code)}
	if d.notice == "report_passed" {
		args = append(args, locales.T("keeper", d.receiver))
	} else {
		args = append(args, locales.T("agency", step.Agency))
	}
	return s.Notices.Tell(ctx, tx, notification.Notice{Person: r.PersonID, EventKey: fmt.Sprintf("report:%s:%d", r.ID, r.Version),
		Kind: d.notice, Args: args, Email: r.Email, Lang: r.Lang, Link: address(r.ID)})
}
