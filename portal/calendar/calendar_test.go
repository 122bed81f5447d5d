package calendar

import (
	"encoding/json"
	"testing"
	"time"
)

// year2026 has the public holidays of 2026 as announced for state employees: Tết from
// 14 to 22 February with its weekends, two bridges made up for on Saturdays.
func year2026() Calendar {
	off := func(name string, days ...string) map[Day]SpecialDay {
		m := map[Day]SpecialDay{}
		for _, d := range days {
			m[on(d)] = SpecialDay{Name: name}
		}
		return m
	}
	c := Calendar{Special: map[Day]SpecialDay{
		on("2026-01-10"): {Working: true, Name: "Làm bù ngày 02/01"},
		on("2026-08-22"): {Working: true, Name: "Làm bù ngày 31/8"},
	}}
	for _, m := range []map[Day]SpecialDay{
		off("Tết Dương lịch", "2026-01-01", "2026-01-02"),
		off("Tết Nguyên đán", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20"),
		off("Giỗ Tổ Hùng Vương", "2026-04-27"),
		off("Ngày Chiến thắng", "2026-04-30"),
		off("Quốc tế Lao động", "2026-05-01"),
		off("Quốc khánh", "2026-08-31", "2026-09-01", "2026-09-02"),
	} {
		for d, s := range m {
			c.Special[d] = s
		}
	}
	return c
}

func on(s string) Day {
	d, err := ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.ParseInLocation(time.DateTime, s, ICT)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDue(t *testing.T) {
	t.Parallel()
	days, hours, calendar, same := WorkingDay, WorkingHour, CalendarDay, SameDay
	for _, c := range []struct {
		what, from string
		n          int
		unit, want string
	}{
		{"same day just before the cut-off", "2026-11-23 14:59:00", 0, same, "2026-11-23 17:00:00"},
		{"same day at the cut-off", "2026-11-23 15:00:00", 0, same, "2026-11-23 17:00:00"},
		{"same day one second after", "2026-11-23 15:00:01", 0, same, "2026-11-24 17:00:00"},
		{"same day on Friday at the cut-off", "2026-11-27 15:00:00", 0, same, "2026-11-27 17:00:00"},
		{"same day on Friday after it", "2026-11-27 15:00:01", 0, same, "2026-11-30 17:00:00"},
		{"same day at night", "2026-11-23 23:59:59", 0, same, "2026-11-24 17:00:00"},
		{"same day before opening", "2026-11-24 05:00:00", 0, same, "2026-11-24 17:00:00"},
		{"same day in the lunch break", "2026-11-24 12:10:00", 0, same, "2026-11-24 17:00:00"},
		{"same day on Saturday", "2026-11-28 09:00:00", 0, same, "2026-11-30 17:00:00"},
		{"same day on the eve of Tết after the cut-off", "2026-02-13 15:00:01", 0, same, "2026-02-23 17:00:00"},

		{"three days at 14:59", "2026-11-23 14:59:59", 3, days, "2026-11-26 17:00:00"},
		{"three days at 15:00:00", "2026-11-23 15:00:00", 3, days, "2026-11-26 17:00:00"},
		{"three days at 15:00:01", "2026-11-23 15:00:01", 3, days, "2026-11-27 17:00:00"},
		{"three days from Friday", "2026-11-27 10:00:00", 3, days, "2026-12-02 17:00:00"},
		{"three days from Friday evening", "2026-11-27 19:00:00", 3, days, "2026-12-03 17:00:00"},
		{"three days from Saturday", "2026-11-28 10:00:00", 3, days, "2026-12-03 17:00:00"},
		{"three days over Tết", "2026-02-12 10:00:00", 3, days, "2026-02-24 17:00:00"},
		{"three days from within Tết", "2026-02-17 00:30:00", 3, days, "2026-02-26 17:00:00"},
		{"three days over a make-up Saturday", "2026-01-08 10:00:00", 3, days, "2026-01-12 17:00:00"},
		{"one day received on a make-up Saturday", "2026-01-10 15:00:00", 1, days, "2026-01-12 17:00:00"},
		{"one day received late on a make-up Saturday", "2026-01-10 15:00:01", 1, days, "2026-01-13 17:00:00"},
		{"one day over adjoining holidays", "2026-04-29 10:00:00", 1, days, "2026-05-04 17:00:00"},
		{"two days over a bridge before a holiday", "2026-08-27 10:00:00", 2, days, "2026-09-03 17:00:00"},
		{"eight days across two holidays", "2026-04-24 10:00:00", 8, days, "2026-05-11 17:00:00"},

		{"eight hours within the week", "2026-11-23 07:30:00", 8, hours, "2026-11-24 08:00:00"},
		{"eight hours across a weekend", "2026-11-27 16:00:00", 8, hours, "2026-11-30 16:30:00"},
		{"eight hours from Friday evening", "2026-11-27 20:15:00", 8, hours, "2026-12-01 08:00:00"},
		{"eight hours from Sunday", "2026-11-29 09:00:00", 8, hours, "2026-12-01 08:00:00"},
		{"eight hours from the lunch break", "2026-11-23 12:00:00", 8, hours, "2026-11-24 14:00:00"},
		{"eight hours keep the seconds", "2026-11-23 09:10:11", 8, hours, "2026-11-24 09:40:11"},
		{"eight hours over Tết", "2026-02-13 16:00:00", 8, hours, "2026-02-23 16:30:00"},
		{"hours after 15:00 run at once", "2026-11-23 15:30:00", 1, hours, "2026-11-23 16:30:00"},
		{"four hours end with the morning", "2026-11-23 07:30:00", 4, hours, "2026-11-23 11:30:00"},
		{"hours end with the day", "2026-11-23 15:00:00", 2, hours, "2026-11-23 17:00:00"},
		{"one hour from the last second", "2026-11-23 17:00:00", 1, hours, "2026-11-24 08:30:00"},

		{"ten calendar days", "2026-11-23 09:00:00", 10, calendar, "2026-12-03 17:00:00"},
		{"calendar days after the cut-off", "2026-11-23 15:00:01", 10, calendar, "2026-12-04 17:00:00"},
		{"calendar days ending on Saturday", "2026-11-23 09:00:00", 5, calendar, "2026-11-30 17:00:00"},
		{"calendar days ending in Tết", "2026-02-09 09:00:00", 7, calendar, "2026-02-23 17:00:00"},
		{"calendar days ending on a make-up Saturday", "2026-01-05 09:00:00", 5, calendar, "2026-01-10 17:00:00"},
	} {
		due, steps := year2026().Due(at(t, c.from), Rule{c.n, c.unit})
		if got := due.In(ICT).Format(time.DateTime); got != c.want {
			t.Errorf("%s: %s + %d %s = %s, want %s\n%v", c.what, c.from, c.n, c.unit, got, c.want, steps)
		}
		// The machine's zone has no say.
		if utc, _ := year2026().Due(at(t, c.from).UTC(), Rule{c.n, c.unit}); !utc.Equal(due) {
			t.Errorf("%s: from UTC %s, want %s", c.what, utc, due)
		}
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		rule Rule
		want []Step
	}{
		{"2026-01-08 15:00:01", Rule{3, WorkingDay}, []Step{
			{Day: on("2026-01-08"), Why: WhyAfterCutOff},
			{Day: on("2026-01-09"), Why: WhyReceived},
			{Day: on("2026-01-10"), Why: WhyMakeUp, Counted: true, No: 1, Name: "Làm bù ngày 02/01"},
			{Day: on("2026-01-11"), Why: WhyWeekend},
			{Day: on("2026-01-12"), Why: WhyWorkingDay, Counted: true, No: 2},
			{Day: on("2026-01-13"), Why: WhyWorkingDay, Counted: true, No: 3},
		}},
		{"2026-04-29 10:00:00", Rule{1, WorkingDay}, []Step{
			{Day: on("2026-04-29"), Why: WhyReceived},
			{Day: on("2026-04-30"), Why: WhyHoliday, Name: "Ngày Chiến thắng"},
			{Day: on("2026-05-01"), Why: WhyHoliday, Name: "Quốc tế Lao động"},
			{Day: on("2026-05-02"), Why: WhyWeekend},
			{Day: on("2026-05-03"), Why: WhyWeekend},
			{Day: on("2026-05-04"), Why: WhyWorkingDay, Counted: true, No: 1},
		}},
		{"2026-11-28 10:00:00", Rule{0, SameDay}, []Step{
			{Day: on("2026-11-28"), Why: WhyWeekend},
			{Day: on("2026-11-29"), Why: WhyWeekend},
			{Day: on("2026-11-30"), Why: WhySameDay, Counted: true},
		}},
		{"2026-11-27 20:00:30", Rule{8, WorkingHour}, []Step{
			{Day: on("2026-11-27"), Why: WhyAfterHours},
			{Day: on("2026-11-28"), Why: WhyWeekend},
			{Day: on("2026-11-29"), Why: WhyWeekend},
			{Day: on("2026-11-30"), Why: WhyHours, Counted: true, Minutes: 450},
			{Day: on("2026-12-01"), Why: WhyHours, Counted: true, Minutes: 30},
		}},
		{"2026-11-27 09:00:00", Rule{1, CalendarDay}, []Step{
			{Day: on("2026-11-27"), Why: WhyReceived},
			{Day: on("2026-11-28"), Why: WhyCalendarDay, Counted: true, No: 1},
			{Day: on("2026-11-29"), Why: WhyWeekend},
			{Day: on("2026-11-30"), Why: WhyMoved},
		}},
	} {
		_, got := year2026().Due(at(t, c.from), c.rule)
		if g, w := asJSON(t, got), asJSON(t, c.want); g != w {
			t.Errorf("%s + %v:\n got %s\nwant %s", c.from, c.rule, g, w)
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLeft(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		now, due string
		days     int
		over     bool
	}{
		{"2026-11-23 09:00:00", "2026-11-26 17:00:00", 3, false},
		{"2026-11-26 16:59:59", "2026-11-26 17:00:00", 0, false},
		{"2026-11-26 17:00:00", "2026-11-26 17:00:00", 0, false},
		{"2026-11-26 17:00:01", "2026-11-26 17:00:00", 0, true},
		{"2026-11-28 09:00:00", "2026-11-26 17:00:00", 1, true}, // Friday
		{"2026-11-30 09:00:00", "2026-11-26 17:00:00", 2, true},
		{"2026-02-13 09:00:00", "2026-02-23 17:00:00", 1, false}, // over Tết
		{"2026-01-09 09:00:00", "2026-01-12 17:00:00", 2, false}, // make-up Saturday
	} {
		days, over := year2026().Left(at(t, c.now), at(t, c.due))
		if days != c.days || over != c.over {
			t.Errorf("%s to %s: %d %v, want %d %v", c.now, c.due, days, over, c.days, c.over)
		}
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		want     time.Duration
	}{
		{"2026-11-23 00:00:00", "2026-11-23 23:59:59", 7*time.Hour + 30*time.Minute},
		{"2026-11-23 11:00:00", "2026-11-23 14:00:00", time.Hour},
		{"2026-11-23 11:45:00", "2026-11-23 13:15:00", 0},
		{"2026-11-27 16:00:00", "2026-11-30 08:30:00", 2 * time.Hour},
		{"2026-02-13 16:00:00", "2026-02-23 08:30:00", 2 * time.Hour},
		{"2026-11-24 09:00:00", "2026-11-23 09:00:00", 0},
	} {
		if got := year2026().Between(at(t, c.from), at(t, c.to)); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

func TestNextWorking(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"2026-11-23 07:29:59": "2026-11-23 07:30:00",
		"2026-11-23 07:30:00": "2026-11-23 07:30:00",
		"2026-11-23 11:29:59": "2026-11-23 11:29:59",
		"2026-11-23 11:30:00": "2026-11-23 13:30:00",
		"2026-11-23 16:59:59": "2026-11-23 16:59:59",
		"2026-11-23 17:00:00": "2026-11-24 07:30:00",
		"2026-11-27 17:00:00": "2026-11-30 07:30:00",
		"2026-02-15 09:00:00": "2026-02-23 07:30:00",
		"2026-01-10 09:00:00": "2026-01-10 09:00:00",
	} {
		if got := year2026().NextWorking(at(t, from)).Format(time.DateTime); got != want {
			t.Errorf("after %s: %s, want %s", from, got, want)
		}
	}
}

func TestResume(t *testing.T) {
	t.Parallel()
	three, eight, ten := Rule{3, WorkingDay}, Rule{8, WorkingHour}, Rule{10, CalendarDay}
	for _, c := range []struct {
		what, due, paused, resumed string
		rule                       Rule
		want                       string
	}{
		{"answered the same day", "2026-11-26 17:00:00", "2026-11-24 09:00:00", "2026-11-24 14:00:00", three, "2026-11-26 17:00:00"},
		{"answered after the cut-off", "2026-11-26 17:00:00", "2026-11-24 09:00:00", "2026-11-24 15:00:01", three, "2026-11-27 17:00:00"},
		{"answered a week later", "2026-11-26 17:00:00", "2026-11-24 09:00:00", "2026-12-01 09:00:00", three, "2026-12-03 17:00:00"},
		{"answered on Sunday", "2026-11-26 17:00:00", "2026-11-24 09:00:00", "2026-11-29 09:00:00", three, "2026-12-02 17:00:00"},
		{"paused on the last day", "2026-11-26 17:00:00", "2026-11-26 10:00:00", "2026-11-27 10:00:00", three, "2026-11-27 17:00:00"},
		{"was late already", "2026-11-26 17:00:00", "2026-11-27 10:00:00", "2026-12-01 10:00:00", three, "2026-11-26 17:00:00"},
		{"hours", "2026-11-24 08:00:00", "2026-11-23 16:30:00", "2026-11-30 10:00:00", eight, "2026-11-30 11:00:00"},
		{"calendar days", "2026-12-03 17:00:00", "2026-11-25 10:00:00", "2026-11-30 10:00:00", ten, "2026-12-08 17:00:00"},
	} {
		got := year2026().Resume(at(t, c.due), at(t, c.paused), at(t, c.resumed), c.rule)
		if s := got.Format(time.DateTime); s != c.want {
			t.Errorf("%s: %s, want %s", c.what, s, c.want)
		}
	}
}

func TestTextForms(t *testing.T) {
	t.Parallel()
	in := `{"special":{"2026-01-10":{"working":true,"name":"Làm bù"}},"open":[{"from":"07:00","to":"11:30"}],"cut_off":"11:00:30"}`
	var c Calendar
	if err := json.Unmarshal([]byte(in), &c); err != nil {
		t.Fatal(err)
	}
	if out, _ := json.Marshal(c); string(out) != in {
		t.Errorf("read and written again: %s", out)
	}
	for _, bad := range []string{`{"cut_off":"25:00"}`, `{"special":{"2026-02-30":{}}}`} {
		if json.Unmarshal([]byte(bad), &c) == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, good := range []Calendar{{}, year2026(), {Open: []Span{{At(7, 0), At(16, 0)}}}} {
		if err := good.Check(); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []Calendar{
		{Open: []Span{{At(11, 0), At(7, 0)}}},
		{Open: []Span{{At(7, 0), At(17, 0)}, {At(13, 0), At(18, 0)}}},
		{Open: []Span{{At(7, 0), At(7, 0)}}},
		{CutOff: At(18, 0)},
	} {
		if bad.Check() == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

func TestValid(t *testing.T) {
	t.Parallel()
	for r, want := range map[Rule]bool{
		{3, WorkingDay}: true, {8, WorkingHour}: true, {10, CalendarDay}: true, {0, SameDay}: true,
		{0, WorkingDay}: false, {-1, WorkingHour}: false, {3, ""}: false, {3, "week"}: false, {1 << 30, WorkingDay}: false, {}: false,
	} {
		if r.Valid() != want {
			t.Errorf("%v: %v", r, !want)
		}
	}
}

func TestYearOff(t *testing.T) {
	t.Parallel()
	c := Calendar{Special: map[Day]SpecialDay{}}
	for i, d := 0, on("2026-01-01"); i < 900; i++ {
		c.Special[d.Add(i)] = SpecialDay{}
	}
	c.Due(at(t, "2026-01-01 09:00:00"), Rule{3, WorkingHour}) // comes back at all
}
