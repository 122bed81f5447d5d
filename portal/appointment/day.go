package appointment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/calendar"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Receives are the agencies at whose counters an officer works.
func Receives(o agency.Officer) []agency.Role {
	var all []agency.Role
	for _, r := range o.Roles {
		works := r.Role == agency.Intake || r.Role == agency.Clerk || r.Role == agency.Processor || r.Role == agency.Leader
		if works && !slices.ContainsFunc(all, func(k agency.Role) bool { return k.AgencyID == r.AgencyID }) {
			all = append(all, r)
		}
	}
	return all
}

func receives(o agency.Officer, agencyID int64) bool {
	return slices.ContainsFunc(Receives(o), func(r agency.Role) bool { return r.AgencyID == agencyID })
}

// OfDay are the appointments of an agency's day, in the order in which people come. That an
// officer saw the names is on record.
func (s *Service) OfDay(ctx context.Context, by agency.Officer, agencyID int64, day calendar.Day, seen audit.Entry) ([]Appointment, error) {
	if !receives(by, agencyID) {
		return nil, notFound()
	}
	all, err := s.rows(ctx, s.DB, `WHERE a.agency_id = $1 AND a.day = $2::date ORDER BY a.starts_at, a.counter_id, a.number LIMIT 1000`, agencyID, day.String())
	if err != nil {
		return nil, err
	}
	var looks []audit.Entry
	for _, a := range all {
		e := seen
		e.Actor, e.Deed, e.Object, e.Subject, e.AgencyID = fmt.Sprintf("officer:%d", by.ID), "appointment.see", "appointment:"+a.ID, a.owner, agencyID
		looks = append(looks, e)
	}
	return all, audit.Write(ctx, s.DB, looks...)
}

// Mark is what an officer notes on an appointment.
type Mark string

// The marks. Called is when the person is asked to the counter; Back takes the last one back.
const (
	MarkCame   Mark = "came"
	MarkCalled Mark = "called"
	MarkMissed Mark = "missed"
	MarkBack   Mark = "back"
	MarkCancel Mark = "cancel" // by the agency, with the reason
)

// mark is what each does: from which states, and to what.
var marks = map[Mark]struct {
	from []State
	set  string
}{
	MarkCame:   {[]State{Booked}, `state = 'came', came_at = $2`},
	MarkCalled: {[]State{Booked, Came}, `state = 'called', called_at = $2, came_at = coalesce(came_at, $2)`},
	MarkMissed: {[]State{Booked}, `state = 'missed'`},
	MarkBack:   {[]State{Came, Called, Missed}, `state = 'booked', came_at = NULL, called_at = NULL`},
}

const longestWhy = 300

// Note puts a mark on an appointment at one of the officer's agencies.
func (s *Service) Note(ctx context.Context, by agency.Officer, id string, m Mark, why string, key once.Key) error {
	if !pg.UUID(id) {
		return notFound()
	}
	if why = strings.TrimSpace(why); m == MarkCancel && (why == "" || len([]rune(why)) > longestWhy) {
		return problem.New(problem.Invalid, "appointment.why_wanted", locales.N("max", longestWhy))
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, key, s.Now())
		if err != nil || done {
			return err
		}
		a, err := s.one(ctx, tx, `WHERE a.id = $1 FOR UPDATE OF a`, id)
		if err != nil {
			return err
		}
		if !receives(by, a.Agency.ID) {
			return notFound()
		}
		if err := s.note(ctx, tx, a, m, why); err != nil {
			return err
		}
		if err := s.record(ctx, tx, a, fmt.Sprintf("officer:%d", by.ID), "appointment."+string(m)); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, id)
	})
}

func (s *Service) note(ctx context.Context, tx *sqlx.Tx, a Appointment, m Mark, why string) error {
	if m == MarkCancel {
		if !a.Open(s.Now()) {
			return problem.New(problem.Conflict, "appointment.over")
		}
		if err := s.cancel(ctx, tx, a, why); err != nil {
			return err
		}
		a.Sequence++
		if a.person != 0 {
			return s.tell(ctx, tx, a, "visit_over")
		}
		return s.text(ctx, tx, a, "over", locales.M("appointment.sms_over", locales.S("at", locales.FormatTime(a.Starts)), locales.T("agency", a.Agency.Name)))
	}
	deed, known := marks[m]
	if !known {
		return problem.New(problem.Invalid, "appointment.mark_unknown")
	}
	if !slices.Contains(deed.from, a.State) {
		return problem.New(problem.Conflict, "appointment.marked")
	}
	if s.Now().In(locales.ICT).Format("2006-01-02") < calendar.DayOf(a.Starts).String() {
		return problem.New(problem.Conflict, "appointment.not_yet")
	}
	if _, err := tx.ExecContext(ctx, `UPDATE appointments SET `+deed.set+`, changed_at = $2 WHERE id = $1`, a.ID, s.Now()); err != nil {
		return fmt.Errorf("mark appointment %s: %w", a.ID, err)
	}
	return nil
}
