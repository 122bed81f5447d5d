package calendar

import "time"

// Between is the working time from one instant to another; nothing when to is not later.
func (c Calendar) Between(from, to time.Time) time.Duration {
	var sum time.Duration
	for day, last := DayOf(from), DayOf(to); !last.Before(day); day = day.Add(1) {
		if !c.Working(day) {
			continue
		}
		for _, s := range c.open() {
			begin, end := later(from, day.At(s.From)), day.At(s.To)
			if end.After(to) {
				end = to
			}
			if d := end.Sub(begin); d > 0 {
				sum += d
			}
		}
	}
	return sum
}

// WorkingDays is how many working days lie after from's day up to to's day, that included.
func (c Calendar) WorkingDays(from, to time.Time) int {
	n := 0
	for day, last := DayOf(from).Add(1), DayOf(to); !last.Before(day); day = day.Add(1) {
		if c.Working(day) {
			n++
		}
	}
	return n
}

// Left is how many working days remain until due: 0 on its own day. Once due has passed,
// overdue is true and the days are those of the delay.
func (c Calendar) Left(now, due time.Time) (workingDays int, overdue bool) {
	if now.After(due) {
		return c.WorkingDays(due, now), true
	}
	return c.WorkingDays(now, due), false
}

// AddWorkingHours is the instant n working hours after from.
func (c Calendar) AddWorkingHours(from time.Time, n int) time.Time {
	due, _ := c.Due(from, Rule{Amount: n, Unit: WorkingHour})
	return due
}

// Resume is the new due time when the clock stood still from paused to resumed, as while
// a supplement is awaited: what was left at the pause counts again from the resumption, by
// the rule's own unit. A term already over when it was paused stays as it was: that delay
// is the agency's.
func (c Calendar) Resume(due, paused, resumed time.Time, r Rule) time.Time {
	if paused.After(due) || !resumed.After(paused) {
		return due
	}
	var again time.Time
	switch r.Unit {
	case WorkingHour:
		again, _ = c.dueInHours(resumed, c.Between(paused, due))
	case CalendarDay:
		day, _ := c.received(resumed)
		again, _ = c.dueInDays(day, days(paused, due), nil)
	default:
		day, _ := c.received(resumed)
		again, _ = c.dueInWorkingDays(day, c.WorkingDays(paused, due), nil)
	}
	return later(again, due)
}

// days is how many days of the calendar due's day is after from's.
func days(from, due time.Time) int {
	return int(DayOf(due).At(0).Sub(DayOf(from).At(0)) / (24 * time.Hour))
}
