package calendar

import "time"

// The units of a rule.
const (
	WorkingDay  = "working_day"
	WorkingHour = "working_hour"
	CalendarDay = "day"
	SameDay     = "same_day"
)

// Rule is how long something may take.
type Rule struct {
	Amount int    `json:"amount"`
	Unit   string `json:"unit"` // working_day, working_hour, day, same_day
}

// Valid says whether the rule defines a time at all: a known unit and, save for the same
// day, an amount from 1 to 3650.
func (r Rule) Valid() bool {
	switch r.Unit {
	case SameDay:
		return r.Amount >= 0 && r.Amount <= 1
	case WorkingDay, WorkingHour, CalendarDay:
		return r.Amount >= 1 && r.Amount <= 3650
	}
	return false
}

// Why a day counts or does not: keys of the catalogue of words, whose arguments are the
// fields of the Step (name, no, hours, minutes).
const (
	WhyReceived    = "calendar.why.received"      // the day that counts as that of receipt
	WhyAfterCutOff = "calendar.why.after_cut_off" // received too late in the day
	WhyAfterHours  = "calendar.why.after_hours"   // hours: no working time left that day
	WhyWeekend     = "calendar.why.weekend"
	WhyHoliday     = "calendar.why.holiday"
	WhyMakeUp      = "calendar.why.make_up"
	WhyWorkingDay  = "calendar.why.working_day"
	WhyCalendarDay = "calendar.why.day"
	WhyMoved       = "calendar.why.moved" // a term in days that would end on a day off
	WhyHours       = "calendar.why.hours"
	WhySameDay     = "calendar.why.same_day"
)

// Step is one line of "Cách tính", how a due time was counted.
type Step struct {
	Day     Day    `json:"day"`
	Counted bool   `json:"counted"`
	Why     string `json:"why"`
	Name    string `json:"name,omitempty"`    // of the holiday or make-up day
	No      int    `json:"no,omitempty"`      // which day of the term it is
	Minutes int    `json:"minutes,omitempty"` // of working time counted on it
}

// Due is when something begun at from is due under r, with the count. What comes after
// the cut-off counts as received on the next working day; working hours run from the next
// working moment instead. A term in days ends at closing time. r must be Valid.
func (c Calendar) Due(from time.Time, r Rule) (time.Time, []Step) {
	if r.Unit == WorkingHour {
		return c.dueInHours(from, time.Duration(r.Amount)*time.Hour)
	}
	day, steps := c.received(from)
	switch r.Unit {
	case WorkingDay:
		return c.dueInWorkingDays(day, r.Amount, steps)
	case CalendarDay:
		return c.dueInDays(day, r.Amount, steps)
	}
	last := &steps[len(steps)-1]
	last.Counted, last.Why = true, WhySameDay
	return day.At(c.closing()), steps
}

// received is the day that counts as that of receipt, and the days before it that do not.
func (c Calendar) received(from time.Time) (Day, []Step) {
	day := DayOf(from)
	var steps []Step
	if c.Working(day) && ClockOf(from) > c.cutOff() {
		steps = append(steps, Step{Day: day, Why: WhyAfterCutOff})
		day = day.Add(1)
	}
	day, steps = c.skip(day, steps)
	return day, append(steps, Step{Day: day, Why: WhyReceived})
}

// skip moves to the next working day and notes why each day on the way does not count.
func (c Calendar) skip(day Day, steps []Step) (Day, []Step) {
	for end := c.next(day); day.Before(end); day = day.Add(1) {
		why, name := c.off(day)
		steps = append(steps, Step{Day: day, Why: why, Name: name})
	}
	return day, steps
}

// dueInWorkingDays counts from the day after that of receipt (Bộ luật Dân sự 2015, Điều 147).
func (c Calendar) dueInWorkingDays(day Day, n int, steps []Step) (time.Time, []Step) {
	for no := 1; no <= n; no++ {
		day, steps = c.skip(day.Add(1), steps)
		steps = append(steps, c.counted(day, no, WhyWorkingDay))
	}
	return day.At(c.closing()), steps
}

// dueInDays counts every day; a term that would end on a day off ends on the next working
// day (Bộ luật Dân sự 2015, Điều 148 khoản 5).
func (c Calendar) dueInDays(day Day, n int, steps []Step) (time.Time, []Step) {
	for no := 1; no <= n; no++ {
		day = day.Add(1)
		steps = append(steps, Step{Day: day, Counted: true, Why: WhyCalendarDay, No: no})
	}
	if !c.Working(day) {
		day, steps = c.skip(day.Add(1), steps)
		steps = append(steps, Step{Day: day, Why: WhyMoved})
	}
	return day.At(c.closing()), steps
}

// dueInHours spends the time in opening hours. A term that ends with a stretch of them
// ends there, not at the beginning of the next.
func (c Calendar) dueInHours(from time.Time, left time.Duration) (time.Time, []Step) {
	t := c.NextWorking(from)
	steps := c.before(from, DayOf(t))
	var spent time.Duration
	for day := DayOf(t); ; {
		today := min(c.Between(t, day.At(c.closing())), left-spent)
		if today > 0 {
			s := c.counted(day, 0, WhyHours)
			s.Minutes = int((spent+today)/time.Minute) - int(spent/time.Minute)
			steps = append(steps, s)
		}
		spent += today
		if spent >= left {
			return c.spend(t, today), steps
		}
		day, steps = c.skip(day.Add(1), steps)
		t = day.At(c.open()[0].From)
	}
}

// before notes the days from arrival up to the first with working time left.
func (c Calendar) before(from time.Time, first Day) []Step {
	day := DayOf(from)
	if day == first {
		return nil
	}
	var steps []Step
	if c.Working(day) {
		steps = append(steps, Step{Day: day, Why: WhyAfterHours})
		day = day.Add(1)
	}
	_, steps = c.skip(day, steps)
	return steps
}

// spend moves t forward by working time that lies within its day.
func (c Calendar) spend(t time.Time, left time.Duration) time.Time {
	day := DayOf(t)
	for _, s := range c.open() {
		begin, end := later(t, day.At(s.From)), day.At(s.To)
		if room := end.Sub(begin); room > 0 {
			if left <= room {
				return begin.Add(left)
			}
			left -= room
		}
	}
	return day.At(c.closing())
}

// off is why a day is none of work.
func (c Calendar) off(d Day) (why, name string) {
	if s, ok := c.Special[d]; ok {
		return WhyHoliday, s.Name
	}
	return WhyWeekend, ""
}

// counted is a working day of the term; a make-up day says what it is.
func (c Calendar) counted(d Day, no int, why string) Step {
	s := Step{Day: d, Counted: true, Why: why, No: no}
	if special, ok := c.Special[d]; ok {
		s.Name = special.Name
		if why == WhyWorkingDay {
			s.Why = WhyMakeUp
		}
	}
	return s
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
