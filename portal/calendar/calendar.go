// Package calendar counts working time: from an instant and a rule to the day and hour
// something is due, and how much of it is left.
package calendar

import (
	"fmt"
	"time"
)

// ICT is Vietnam's zone. Legal clocks are in it whatever the machine's zone is; a fixed
// offset, because a container may lack the zone files.
var ICT = time.FixedZone("ICT", 7*3600)

// Day is a day of the calendar, without hours. Its text form is 2006-01-02.
type Day struct {
	Y int
	M time.Month
	D int
}

// DayOf is the day in Vietnam of an instant.
func DayOf(t time.Time) Day {
	y, m, d := t.In(ICT).Date()
	return Day{y, m, d}
}

// ParseDay reads 2006-01-02.
func ParseDay(s string) (Day, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, ICT)
	if err != nil {
		return Day{}, fmt.Errorf("day %q: %w", s, err)
	}
	return DayOf(t), nil
}

// At is the instant of that day at a time of the clock.
func (d Day) At(c Clock) time.Time { return time.Date(d.Y, d.M, d.D, 0, 0, int(c), 0, ICT) }

// Add is the day n days later.
func (d Day) Add(n int) Day { return DayOf(time.Date(d.Y, d.M, d.D+n, 12, 0, 0, 0, ICT)) }

// Before says whether d is an earlier day than e.
func (d Day) Before(e Day) bool { return d.At(0).Before(e.At(0)) }

// Weekday is the day's name in the week.
func (d Day) Weekday() time.Weekday { return d.At(0).Weekday() }

func (d Day) String() string { return d.At(0).Format(time.DateOnly) }

// MarshalText writes 2006-01-02, also where a day is the key of a JSON object.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 2006-01-02.
func (d *Day) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDay(string(b))
	return err
}

// Clock is a time of the day, in seconds since midnight. Its text form is 15:04, or
// 15:04:05 when it has seconds.
type Clock int

// At makes a Clock.
func At(hour, minute int) Clock { return Clock(hour*3600 + minute*60) }

// ClockOf is the time of the day in Vietnam of an instant. Parts of a second are dropped:
// who files at 15:00:00.9 reads 15:00:00 on the slip and is treated so.
func ClockOf(t time.Time) Clock {
	h, m, s := t.In(ICT).Clock()
	return Clock(h*3600 + m*60 + s)
}

func (c Clock) String() string {
	if c%60 == 0 {
		return fmt.Sprintf("%02d:%02d", c/3600, c/60%60)
	}
	return fmt.Sprintf("%02d:%02d:%02d", c/3600, c/60%60, c%60)
}

// MarshalText writes 15:04 or 15:04:05.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads 15:04 or 15:04:05.
func (c *Clock) UnmarshalText(b []byte) error {
	t, err := time.Parse("15:04", string(b))
	if err != nil {
		if t, err = time.Parse(time.TimeOnly, string(b)); err != nil {
			return fmt.Errorf("time of day %q: %w", b, err)
		}
	}
	*c = Clock(t.Hour()*3600 + t.Minute()*60 + t.Second())
	return nil
}

// Span is a stretch of opening hours, from its first second to its last.
type Span struct {
	From Clock `json:"from"`
	To   Clock `json:"to"`
}

// SpecialDay is a day that is not as its weekday: a holiday off, or a make-up day on.
type SpecialDay struct {
	Working bool   `json:"working"`
	Name    string `json:"name"`
}

// Calendar is when agencies work. Monday to Friday are working days unless Special says
// otherwise. Without Open it is 07:30–11:30 and 13:30–17:00; without CutOff, 15:00.
type Calendar struct {
	Special map[Day]SpecialDay `json:"special,omitempty"`
	Open    []Span             `json:"open,omitempty"` // in order, not overlapping
	CutOff  Clock              `json:"cut_off,omitempty"`
}

// Check names what is wrong with opening hours or cut-off, which come from outside.
func (c Calendar) Check() error {
	end := Clock(-1)
	for _, s := range c.open() {
		if s.From <= end || s.To <= s.From || s.To >= At(24, 0) {
			return fmt.Errorf("opening hours %s–%s: not in order within one day", s.From, s.To)
		}
		end = s.To
	}
	if at := c.cutOff(); at < c.open()[0].From || at > end {
		return fmt.Errorf("cut-off %s: not within opening hours", at)
	}
	return nil
}

// officeHours are the usual ones of provincial agencies; the province pack may give others.
var officeHours = []Span{{At(7, 30), At(11, 30)}, {At(13, 30), At(17, 0)}}

func (c Calendar) open() []Span {
	if len(c.Open) == 0 {
		return officeHours
	}
	return c.Open
}

func (c Calendar) closing() Clock {
	o := c.open()
	return o[len(o)-1].To
}

// cutOff is 15:00 by NĐ 61/2018 Điều 18, kept by the procedures published since.
func (c Calendar) cutOff() Clock {
	if c.CutOff == 0 {
		return At(15, 0)
	}
	return c.CutOff
}

// Working says whether agencies work on that day.
func (c Calendar) Working(d Day) bool {
	if s, ok := c.Special[d]; ok {
		return s.Working
	}
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
}

// atMost bounds every search: a calendar with a year of days off is a mistake, which must
// not hang a filing.
const atMost = 366

// next is the first working day from d on, d included.
func (c Calendar) next(d Day) Day {
	for range atMost {
		if c.Working(d) {
			break
		}
		d = d.Add(1)
	}
	return d
}

// NextWorking is the first moment of working time from t on: t itself in opening hours.
func (c Calendar) NextWorking(t time.Time) time.Time {
	t = t.In(ICT).Truncate(time.Second)
	if d := DayOf(t); c.Working(d) {
		for _, s := range c.open() {
			switch at := ClockOf(t); {
			case at < s.From:
				return d.At(s.From)
			case at < s.To:
				return t
			}
		}
	}
	return c.next(DayOf(t).Add(1)).At(c.open()[0].From)
}

// Hours are the opening hours of a working day.
func (c Calendar) Hours() []Span { return c.open() }
