package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// calendars draws a year with some odd days.
func calendars(t *rapid.T) Calendar {
	c := Calendar{Special: map[Day]SpecialDay{}}
	for _, n := range rapid.SliceOfN(rapid.IntRange(0, 400), 0, 60).Draw(t, "odd days") {
		c.Special[on("2026-01-01").Add(n)] = SpecialDay{Working: rapid.Bool().Draw(t, "working")}
	}
	return c
}

func instants(t *rapid.T, name string) time.Time {
	return time.Unix(rapid.Int64Range(0, 370*86400).Draw(t, name)+at0, 0)
}

var at0 = on("2026-01-01").At(0).Unix()

func rules(t *rapid.T) Rule {
	return Rule{rapid.IntRange(1, 30).Draw(t, "n"), rapid.SampledFrom([]string{WorkingDay, WorkingHour, CalendarDay, SameDay}).Draw(t, "unit")}
}

func TestDueProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, r, from := calendars(t), rules(t), instants(t, "from")
		due, steps := c.Due(from, r)
		if !c.Working(DayOf(due)) || ClockOf(due) > c.closing() || ClockOf(due) < c.open()[0].From {
			t.Fatalf("due %s is out of working time", due)
		}
		if !due.After(from.Truncate(time.Second)) && r.Unit != SameDay {
			t.Fatalf("due %s is not after %s", due, from)
		}
		if next, _ := c.Due(from.Add(time.Duration(rapid.Int64Range(0, 5*86400).Draw(t, "later"))*time.Second), r); next.Before(due) {
			t.Fatalf("who comes later is served first: %s before %s", next, due)
		}
		if more, _ := c.Due(from, Rule{r.Amount + 1, r.Unit}); more.Before(due) {
			t.Fatalf("a longer term ends sooner: %s before %s", more, due)
		}
		sum := 0
		for i, s := range steps {
			if i > 0 && s.Day != steps[i-1].Day.Add(1) {
				t.Fatalf("a day is missing or twice: %v", steps)
			}
			if s.Counted && r.Unit != CalendarDay && !c.Working(s.Day) {
				t.Fatalf("a day off was counted: %v", s)
			}
			if s.Counted {
				sum += max(1, s.Minutes)
			}
		}
		if steps[0].Day != DayOf(from) || steps[len(steps)-1].Day != DayOf(due) {
			t.Fatalf("the count is not from arrival to due: %v", steps)
		}
		if want := map[string]int{SameDay: 1, WorkingHour: 60 * r.Amount}[r.Unit]; want != 0 && sum != want || want == 0 && sum != r.Amount {
			t.Fatalf("counted %d of %v: %v", sum, r, steps)
		}
	})
}

func TestWorkingTimeProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, n, from := calendars(t), rapid.IntRange(1, 40).Draw(t, "n"), instants(t, "from")
		if got := c.Between(from, c.AddWorkingHours(from, n)); got != time.Duration(n)*time.Hour {
			t.Fatalf("%d hours added, %s between", n, got)
		}
		mid, to := instants(t, "mid"), instants(t, "to")
		if from.Before(mid) && mid.Before(to) && c.Between(from, mid)+c.Between(mid, to) != c.Between(from, to) {
			t.Fatal("the parts are not the whole")
		}
		r := rules(t)
		due, _ := c.Due(from, r)
		resumed := c.Resume(due, from, to, r)
		if resumed.Before(due) {
			t.Fatalf("a pause made the term shorter: %s before %s", resumed, due)
		}
		if !c.Working(DayOf(resumed)) {
			t.Fatalf("resumed to a day off: %s", resumed)
		}
	})
}
