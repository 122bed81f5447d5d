package appointment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/calendar"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Week is when a counter is open on each weekday. None at all: as the province's agencies.
type Week map[time.Weekday][]calendar.Span

// Counter is where people are received with an appointment.
type Counter struct {
	ID      int64        `json:"-"`
	Code    string       `json:"code"`
	Agency  string       `json:"agency"` // code
	Name    locales.Text `json:"name"`
	Fields  []string     `json:"fields,omitempty"` // codes of fields; none: all that the agency takes
	Week    Week         `json:"week,omitempty"`
	Minutes int          `json:"minutes"` // that an appointment lasts
	Places  int          `json:"places"`  // people who are served at a time
	Ahead   int          `json:"ahead"`   // days for which one can book
	From    string       `json:"valid_from"`
	To      string       `json:"valid_to,omitempty"`
	Version int          `json:"-"`

	AgencyID int64 `json:"-"`
}

// Serves says whether people come to the counter in matters of a field.
func (c Counter) Serves(field string) bool {
	return len(c.Fields) == 0 || field == "" || slices.Contains(c.Fields, field)
}

func (c Counter) on(day calendar.Day) bool {
	d := day.String()
	return c.From <= d && (c.To == "" || d <= c.To)
}

// bounds of what can be set.
const (
	shortest, longest = 5, 240 // minutes
	mostPlaces        = 50
	mostAhead         = 90 // days
	longestName       = 120
)

// check finds what cannot be; the fault names its field.
func (c Counter) check() error {
	fault := func(key string, args ...locales.Arg) error { return problem.New(problem.Invalid, key, args...) }
	switch {
	case c.Name.VI == "" || len([]rune(c.Name.VI)) > longestName || len([]rune(c.Name.EN)) > longestName:
		return fault("counter.name_wanted", locales.N("max", longestName))
	case c.Minutes < shortest || c.Minutes > longest:
		return fault("counter.minutes_wanted", locales.N("min", shortest), locales.N("max", longest))
	case c.Places < 1 || c.Places > mostPlaces:
		return fault("counter.places_wanted", locales.N("max", mostPlaces))
	case c.Ahead < 1 || c.Ahead > mostAhead:
		return fault("counter.ahead_wanted", locales.N("max", mostAhead))
	}
	if _, err := calendar.ParseDay(c.From); err != nil {
		return fault("counter.dates_wanted")
	}
	if _, err := calendar.ParseDay(c.To); c.To != "" && (err != nil || c.To < c.From) {
		return fault("counter.dates_wanted")
	}
	for _, spans := range c.Week {
		if len(spans) > 0 && (calendar.Calendar{Open: spans, CutOff: spans[0].From}).Check() != nil {
			return fault("counter.hours_wanted")
		}
	}
	return nil
}

// counterRow is a row of the table.
type counterRow struct {
	ID       int64                   `db:"id"`
	Code     string                  `db:"code"`
	AgencyID int64                   `db:"agency_id"`
	Agency   string                  `db:"agency"`
	Name     pg.JSONOf[locales.Text] `db:"name"`
	Fields   pq.StringArray          `db:"fields"`
	Week     pg.JSONOf[Week]         `db:"week"`
	Minutes  int                     `db:"minutes"`
	Places   int                     `db:"places"`
	Ahead    int                     `db:"ahead"`
	From     string                  `db:"valid_from"`
	To       string                  `db:"valid_to"`
	Version  int                     `db:"version"`
}

const selectCounters = `
	SELECT c.id, c.code, c.agency_id, g.code AS agency, c.name, c.fields, c.week, c.minutes, c.places, c.ahead, c.version,
		c.valid_from::text AS valid_from, coalesce(c.valid_to::text, '') AS valid_to
	FROM counters c JOIN agencies g ON g.id = c.agency_id `

func counters(ctx context.Context, q sqlx.QueryerContext, where string, args ...any) ([]Counter, error) {
	var rows []counterRow
	if err := sqlx.SelectContext(ctx, q, &rows, selectCounters+where, args...); err != nil {
		return nil, fmt.Errorf("counters: %w", err)
	}
	all := make([]Counter, len(rows))
	for i, r := range rows {
		all[i] = Counter{ID: r.ID, Code: r.Code, Agency: r.Agency, Name: r.Name.V, Fields: r.Fields, Week: r.Week.V, Minutes: r.Minutes, Places: r.Places,
			Ahead: r.Ahead, From: r.From, To: r.To, Version: r.Version, AgencyID: r.AgencyID}
	}
	return all, nil
}

// Counters are those of an agency that are open today or will be, in the order they were made.
func (s *Service) Counters(ctx context.Context, agencyID int64) ([]Counter, error) {
	return counters(ctx, s.DB, `WHERE c.agency_id = $1 AND coalesce(c.valid_to, 'infinity') >= $2::date ORDER BY c.id`, agencyID, s.today())
}

// AllCounters are those of every agency, also the ones that are over, for who sets them.
func (s *Service) AllCounters(ctx context.Context) ([]Counter, error) {
	return counters(ctx, s.DB, `ORDER BY g.code, c.id`)
}

// Counter is one, for who sets it.
func (s *Service) Counter(ctx context.Context, id int64) (Counter, error) {
	all, err := counters(ctx, s.DB, `WHERE c.id = $1`, id)
	if err != nil || len(all) == 0 {
		return Counter{}, errors.Join(err, problem.New(problem.NotFound, "counter.not_found"))
	}
	return all[0], nil
}

func (s *Service) today() string { return calendar.DayOf(s.Now()).String() }

// maySet says whether an officer sets counters. To others there is nothing to set.
func maySet(by agency.Officer) error {
	if slices.ContainsFunc(by.Roles, func(r agency.Role) bool { return r.Role == agency.Editor || r.Role == agency.Admin }) {
		return nil
	}
	return problem.New(problem.NotFound, "counter.not_found")
}

// Set makes a counter (ID 0) or changes one that is still at its version, and gives its id.
// What was booked stays at its time; how many of those no longer fit is said by Outside.
func (s *Service) Set(ctx context.Context, by agency.Officer, c Counter, key once.Key) (id int64, err error) {
	if err := maySet(by); err != nil {
		return 0, err
	}
	if err := c.check(); err != nil {
		return 0, err
	}
	at, err := s.Agency.ByCode(ctx, c.Agency)
	if err != nil {
		return 0, problem.New(problem.Invalid, "counter.agency_wanted")
	}
	c.AgencyID = at.ID
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		answer, done, err := once.Begin(ctx, tx, key, s.Now())
		if err == nil && done {
			_, err = fmt.Sscan(answer, &id)
		}
		if err != nil || done {
			return err
		}
		if id, err = s.set(ctx, tx, c, sql.NullInt64{Int64: by.ID, Valid: true}); err != nil {
			return err
		}
		err = audit.Write(ctx, tx, audit.Entry{Actor: fmt.Sprintf("officer:%d", by.ID), Deed: "counter.set", Object: fmt.Sprintf("counter:%d", id), AgencyID: at.ID,
			Args: map[string]any{"minutes": c.Minutes, "places": c.Places, "from": c.From, "to": c.To}})
		if err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, fmt.Sprint(id))
	})
	return id, err
}

func (s *Service) set(ctx context.Context, tx *sqlx.Tx, c Counter, by sql.NullInt64) (id int64, err error) {
	if c.Code == "" {
		c.Code = uuid.NewString()
	}
	if c.Fields == nil {
		c.Fields = []string{}
	}
	if c.Week == nil {
		c.Week = Week{}
	}
	if c.ID == 0 {
		err = tx.GetContext(ctx, &id, `
			INSERT INTO counters (agency_id, code, name, fields, week, minutes, places, ahead, valid_from, valid_to, changed_by, changed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::date, nullif($10, '')::date, $11, $12) RETURNING id`,
			c.AgencyID, c.Code, pg.JSON(c.Name), pq.StringArray(c.Fields), pg.JSON(c.Week), c.Minutes, c.Places, c.Ahead, c.From, c.To, by, s.Now())
		if err != nil {
			return 0, fmt.Errorf("new counter: %w", err)
		}
		return id, nil
	}
	err = tx.GetContext(ctx, &id, `
		UPDATE counters SET name = $3, fields = $4, week = $5, minutes = $6, places = $7, ahead = $8, valid_from = $9::date,
			valid_to = nullif($10, '')::date, changed_by = $11, changed_at = $12, version = version + 1
		WHERE id = $1 AND version = $2 RETURNING id`,
		c.ID, c.Version, pg.JSON(c.Name), pq.StringArray(c.Fields), pg.JSON(c.Week), c.Minutes, c.Places, c.Ahead, c.From, c.To, by, s.Now())
	if errors.Is(err, sql.ErrNoRows) {
		return 0, problem.New(problem.Conflict, "counter.changed")
	}
	if err != nil {
		return 0, fmt.Errorf("counter %d: %w", c.ID, err)
	}
	return id, nil
}

// Pass gives the counters and the appointments to come of an agency to the one that takes
// its work over, in the caller's transaction; a move of one field takes only what was
// booked for it. What is over stays where it was. It says how many counters moved.
func Pass(ctx context.Context, tx sqlx.ExtContext, p agency.Passing, at time.Time) (int, error) {
	_, err := tx.ExecContext(ctx, `
		UPDATE appointments SET agency_id = $2 WHERE agency_id = $1 AND state = 'booked' AND starts_at >= $3
			AND ($4 = '' AND NOT field = ANY ($5) OR $4 <> '' AND field = $4)`, p.From.ID, p.To.ID, at, p.Field, pq.StringArray(append([]string{}, p.Named...)))
	if err != nil {
		return 0, fmt.Errorf("pass appointments from %s to %s: %w", p.Pass.From, p.Pass.To, err)
	}
	if p.Field != "" { // a counter is there for more than one
		return 0, nil
	}
	res, err := tx.ExecContext(ctx, `UPDATE counters SET agency_id = $2 WHERE agency_id = $1`, p.From.ID, p.To.ID)
	if err != nil {
		return 0, fmt.Errorf("pass counters from %s to %s: %w", p.Pass.From, p.Pass.To, err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
