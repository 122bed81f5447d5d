package appointment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/portal/calendar"
)

// lead is how long before it begins a time can be booked at the latest.
const lead = time.Hour

// Slot is a time that can be booked, with how many places are left.
type Slot struct {
	Starts, Ends time.Time
	Free         int
}

// Day is a day with its times, also those that are taken.
type Day struct {
	Day   calendar.Day
	Slots []Slot
	Free  int
}

// At is midnight at which the day begins, for what shows it.
func (d Day) At() time.Time { return d.Day.At(0) }

// spans are the opening hours of a counter on a day: none on days off; on a make-up day
// those of a Monday where the weekday itself has none.
func (c Counter) spans(cal calendar.Calendar, d calendar.Day) []calendar.Span {
	special, isSpecial := cal.Special[d]
	switch {
	case !c.on(d) || isSpecial && !special.Working:
		return nil
	case len(c.Week) == 0 && cal.Working(d):
		return cal.Hours()
	case isSpecial && len(c.Week[d.Weekday()]) == 0:
		return c.Week[time.Monday]
	}
	return c.Week[d.Weekday()]
}

// times are the times of a counter on a day.
func (c Counter) times(cal calendar.Calendar, d calendar.Day) []Slot {
	var all []Slot
	step := calendar.Clock(c.Minutes * 60)
	for _, span := range c.spans(cal, d) {
		for at := span.From; at+step <= span.To; at += step {
			all = append(all, Slot{d.At(at), d.At(at + step), c.Places})
		}
	}
	return all
}

// within says whether a counter's time can be booked at an instant.
func (c Counter) within(now, starts time.Time) bool {
	last := calendar.DayOf(now).Add(c.Ahead)
	return !starts.Before(now.Add(lead)) && !last.Before(calendar.DayOf(starts))
}

// held is a place that somebody has.
type heldPlace struct {
	CounterID int64     `db:"counter_id"`
	Place     int       `db:"place"`
	Starts    time.Time `db:"starts_at"`
	Ends      time.Time `db:"ends_at"`
}

func (h heldPlace) in(c Counter, t Slot) bool {
	return h.CounterID == c.ID && h.Place <= c.Places && h.Starts.Before(t.Ends) && t.Starts.Before(h.Ends)
}

// heldPlaces are those of counters within a time; but is the appointment that is being moved.
func heldPlaces(ctx context.Context, q sqlx.QueryerContext, of []Counter, from, to time.Time, but string) ([]heldPlace, error) {
	ids := make([]int64, len(of))
	for i, c := range of {
		ids[i] = c.ID
	}
	var all []heldPlace
	err := sqlx.SelectContext(ctx, q, &all, `
		SELECT counter_id, place, starts_at, ends_at FROM appointments
		WHERE counter_id = ANY ($1) AND state <> 'cancelled' AND day BETWEEN $2::date AND $3::date AND id <> coalesce(nullif($4, ''), '00000000-0000-0000-0000-000000000000')::uuid`,
		pq.Int64Array(ids), calendar.DayOf(from).String(), calendar.DayOf(to).String(), but)
	if err != nil {
		return nil, fmt.Errorf("places that are taken: %w", err)
	}
	return all, nil
}

// free are the places of a counter at a time that nobody has.
func (c Counter) free(t Slot, held []heldPlace) []int {
	var places []int
	for p := 1; p <= c.Places; p++ {
		if !slices.ContainsFunc(held, func(h heldPlace) bool { return h.Place == p && h.in(c, t) }) {
			places = append(places, p)
		}
	}
	return places
}

// Free are the days on which people can come to an agency in matters of a field, each with
// its times.
func (s *Service) Free(ctx context.Context, agencyID int64, field string) ([]Day, error) {
	cal, err := s.Agency.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.Counters(ctx, agencyID)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(c Counter) bool { return !c.Serves(field) })
	now, ahead := s.Now(), 0
	for _, c := range all {
		ahead = max(ahead, c.Ahead)
	}
	if ahead == 0 {
		return nil, nil
	}
	held, err := heldPlaces(ctx, s.DB, all, now, now.AddDate(0, 0, ahead), "")
	if err != nil {
		return nil, err
	}
	var days []Day
	for i := range ahead + 1 {
		d := Day{Day: calendar.DayOf(now).Add(i)}
		for _, c := range all {
			d.add(c, cal, now, held)
		}
		slices.SortFunc(d.Slots, func(a, b Slot) int { return a.Starts.Compare(b.Starts) })
		if len(d.Slots) > 0 {
			days = append(days, d)
		}
	}
	return days, nil
}

// add puts the times of a counter among the others: the same time at two is one with the
// places of both.
func (d *Day) add(c Counter, cal calendar.Calendar, now time.Time, held []heldPlace) {
	for _, t := range c.times(cal, d.Day) {
		if !c.within(now, t.Starts) {
			continue
		}
		t.Free = len(c.free(t, held))
		d.Free += t.Free
		i := slices.IndexFunc(d.Slots, func(o Slot) bool { return o.Starts.Equal(t.Starts) })
		if i < 0 {
			d.Slots = append(d.Slots, t)
			continue
		}
		d.Slots[i].Free += t.Free
	}
}
