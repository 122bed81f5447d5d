package payments

import (
	"math"
	"testing"
	"time"

	"motcua/locales"
	"motcua/portal/problem"
)

var day = time.Date(2026, 11, 21, 12, 0, 0, 0, locales.ICT)

func copies() Rule {
	return Rule{ID: "trich-luc", Kind: Fee, Name: locales.V("Phí khai thác, sử dụng thông tin hộ tịch"), Unit: 8000,
		Per: "copies", Ground: locales.V("TT 281/2016/TT-BTC"), From: "2017-01-01"}
}

func card() Rule {
	return Rule{ID: "the", Kind: Charge, Name: locales.V("Lệ phí"), Unit: 135_000, Ground: locales.V("TT 37/2023/TT-BTC"),
		Exempt: []Exemption{{When: "poor", Name: locales.V("Hộ nghèo")}, {When: "online", Off: 50, Name: locales.V("Nộp trực tuyến")}}}
}

func TestDue(t *testing.T) {
	capped := copies()
	capped.ID, capped.Max = "capped", 20_000
	rest := copies()
	rest.ID, rest.Per, rest.Optional = "rest", "rest", true
	odd := card()
	odd.Unit, odd.Exempt = 333, []Exemption{{When: "online", Off: 50, Name: locales.V("Nộp trực tuyến")}}
	for name, c := range map[string]struct {
		rules   []Rule
		q       map[string]int64
		amounts []int64
	}{
		"per copy":                     {[]Rule{copies()}, map[string]int64{"copies": 3}, []int64{24_000}},
		"once":                         {[]Rule{card()}, nil, []int64{135_000}},
		"both":                         {[]Rule{copies(), card()}, map[string]int64{"copies": 1}, []int64{8000, 135_000}},
		"exempt":                       {[]Rule{card()}, map[string]int64{"poor": 1, "online": 1}, []int64{0}},
		"half":                         {[]Rule{card()}, map[string]int64{"online": 1}, []int64{67_500}},
		"half of an odd amount":        {[]Rule{odd}, map[string]int64{"online": 1}, []int64{166}},
		"capped":                       {[]Rule{capped}, map[string]int64{"copies": 100}, []int64{20_000}},
		"optional and none":            {[]Rule{rest}, map[string]int64{"rest": 0}, nil},
		"no fees":                      {nil, nil, nil},
		"the largest that can be said": {[]Rule{{ID: "x", Kind: Fee, Name: locales.V("x"), Ground: locales.V("x"), Unit: 1, Per: "n"}}, map[string]int64{"n": math.MaxInt64}, []int64{math.MaxInt64}},
	} {
		lines, total, err := Due(c.rules, c.q, day)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var sum int64
		if len(lines) != len(c.amounts) {
			t.Fatalf("%s: %d lines", name, len(lines))
		}
		for i, l := range lines {
			sum += l.Amount
			if l.Amount != c.amounts[i] {
				t.Errorf("%s: line %d is %d, want %d", name, i, l.Amount, c.amounts[i])
			}
		}
		if sum != total {
			t.Errorf("%s: total %d of lines %d", name, total, sum)
		}
	}
}

func TestExemptionGivesItsReason(t *testing.T) {
	lines, total, err := Due([]Rule{card()}, map[string]int64{"poor": 1}, day)
	if err != nil || total != 0 || lines[0].Exempt == nil || lines[0].Exempt.VI != "Hộ nghèo" || lines[0].Unit != 135_000 {
		t.Fatalf("%+v %d %v", lines, total, err)
	}
}

func TestQuantitiesThatCannotBe(t *testing.T) {
	huge := copies()
	huge.Unit = math.MaxInt64 / 2
	for name, c := range map[string]struct {
		rules []Rule
		q     map[string]int64
	}{
		"zero":             {[]Rule{copies()}, map[string]int64{"copies": 0}},
		"not given":        {[]Rule{copies()}, nil},
		"negative":         {[]Rule{copies()}, map[string]int64{"copies": -1}},
		"negative exempts": {[]Rule{card()}, map[string]int64{"poor": -1}},
		"product overflow": {[]Rule{huge}, map[string]int64{"copies": 3}},
		"sum overflow":     {[]Rule{huge, func() Rule { r := huge; r.ID = "2"; return r }(), card()}, map[string]int64{"copies": 2}},
	} {
		if lines, total, err := Due(c.rules, c.q, day); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v %d %v", name, lines, total, err)
		}
	}
}

func TestRulesByDay(t *testing.T) {
	old, next := copies(), copies()
	old.To = "2026-11-20"
	next.From, next.Unit = "2026-11-21", 10_000
	for at, want := range map[string]int64{
		"2026-11-20T23:59:59+07:00": 8000,
		"2026-11-20T16:59:59Z":      8000, // the same second, as a server in UTC has it
		"2026-11-20T17:00:00Z":      10_000,
		"2026-11-21T00:00:00+07:00": 10_000,
	} {
		day, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if _, total, err := Due([]Rule{old, next}, map[string]int64{"copies": 1}, day); err != nil || total != want {
			t.Errorf("%s: %d, want %d (%v)", at, total, want, err)
		}
	}
	if _, _, err := Due([]Rule{copies(), next}, map[string]int64{"copies": 1}, day); err == nil || problem.Is(err, problem.Invalid) {
		t.Errorf("two texts in force on one day: %v", err)
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*Rule){
		"no id":         func(r *Rule) { r.ID = "" },
		"kind":          func(r *Rule) { r.Kind = "fee" },
		"no ground":     func(r *Rule) { r.Ground = locales.Text{} },
		"negative unit": func(r *Rule) { r.Unit = -1 },
		"day":           func(r *Rule) { r.To = "2026-02-30" },
		"days swapped":  func(r *Rule) { r.From, r.To = "2026-02-02", "2026-02-01" },
		"percent":       func(r *Rule) { r.Exempt[0].Off = 101 },
	} {
		r := card()
		change(&r)
		if _, _, err := Due([]Rule{r}, nil, day); err == nil || problem.KindOf(err) != problem.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
}
