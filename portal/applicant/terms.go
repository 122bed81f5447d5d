package applicant

import (
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"motcua/locales"
	"motcua/portal/problem"
)

// Terms are how far a power or an authorisation goes. Whoever may do anything may see it.
type Terms struct {
	Procedure string `db:"procedure_code"` // '' is every procedure
	File      bool   `db:"may_file"`
	Sign      bool   `db:"may_sign"`
	Pay       bool   `db:"may_pay"`
	From      string `db:"valid_from"` // yyyy-mm-dd, whole days in Viet Nam's time
	To        string `db:"valid_to"`   // the last day; '' is until it is revoked
}

// longest is for how many years a power can be given at once, and begin ahead.
const longest = 10

var (
	personNumber  = regexp.MustCompile(`^\d{12}$`)
	procedureCode = regexp.MustCompile(`^[0-9][0-9.]{1,30}$`)
)

// checked is the terms made whole, or what is wrong with them; today is the legal day.
func (t Terms) checked(today string) (Terms, error) {
	if t.From == "" {
		t.From = today
	}
	from, err := time.Parse(time.DateOnly, t.From)
	if err != nil {
		return t, problem.New(problem.Invalid, "power.from")
	}
	now, _ := time.Parse(time.DateOnly, today)
	if from.Before(now.AddDate(-1, 0, 0)) || from.After(now.AddDate(longest, 0, 0)) {
		return t, problem.New(problem.Invalid, "power.from")
	}
	if t.To != "" {
		to, err := time.Parse(time.DateOnly, t.To)
		if err != nil || to.Before(from) || to.Before(now) || to.After(from.AddDate(longest, 0, 0)) {
			return t, problem.New(problem.Invalid, "power.to")
		}
	}
	if t.Procedure != "" && !procedureCode.MatchString(t.Procedure) {
		return t, problem.New(problem.Invalid, "power.procedure")
	}
	return t, nil
}

// within says whether everything that t lets happen o lets happen too.
func (t Terms) within(o Terms) bool {
	return (o.Procedure == "" || o.Procedure == t.Procedure) && (o.File || !t.File) && (o.Sign || !t.Sign) && (o.Pay || !t.Pay) &&
		t.From >= o.From && (o.To == "" || t.To != "" && t.To <= o.To)
}

// today is the day of the legal clock.
func (s *Service) today() string { return s.now().In(locales.ICT).Format(time.DateOnly) }

func (t Terms) parts() []string {
	return []string{t.Procedure, fmt.Sprint(t.File, t.Sign, t.Pay), t.From, t.To}
}

// named refuses what cannot be a person's number or name.
func named(number, name string) error {
	switch {
	case !personNumber.MatchString(number):
		return problem.New(problem.Invalid, "power.number")
	case name == "" || utf8.RuneCountInString(name) > 200:
		return problem.New(problem.Invalid, "power.name")
	}
	return nil
}
