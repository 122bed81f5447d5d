package eforms_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"motcua/eforms"
	"motcua/locales"
)

// today is a Saturday in Vietnam.
var today = time.Date(2026, 11, 21, 9, 0, 0, 0, locales.ICT)

// lists are what the portal gives, cut short.
var lists = map[string][]eforms.Option{
	"agencies":  {{Value: "H01.15", Label: locales.Text{VI: "Sở Tư pháp", EN: "Department of Justice"}}, {Value: "H01.101", Label: locales.V("Ủy ban nhân dân phường Long Xuyên")}},
	"provinces": {{Value: "91", Label: locales.V("tỉnh Mẫu")}, {Value: "75", Label: locales.V("thành phố Đồng Nai")}},
	"communes": {
		{Value: "30307", Label: locales.V("phường Long Xuyên"), Parent: "91"},
		{Value: "30742", Label: locales.V("phường Rạch Giá"), Parent: "91"},
		{Value: "26041", Label: locales.V("phường Trấn Biên"), Parent: "75"},
	},
}

// asking is a form of one page with these questions, given as JSON objects.
func asking(t testing.TB, questions ...string) *eforms.Form {
	t.Helper()
	f, err := eforms.Load([]byte(fmt.Sprintf(
		`{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[%s]}]}`, strings.Join(questions, ","))))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func running(f *eforms.Form, a eforms.Answers, facts ...eforms.Fact) *eforms.Run {
	return &eforms.Run{Form: f, Answers: a, Facts: facts, Lists: lists, Today: today}
}

// body is what a browser sends: name, value, name, value …
func body(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func vi(m locales.Message) string {
	s, _ := locales.Say(locales.VI, m)
	return s
}

func en(m locales.Message) string {
	s, _ := locales.Say(locales.EN, m)
	return s
}

// field is a field of a page's model, by the id of its question or the name of its control.
func field(t testing.TB, m eforms.PageModel, name string) eforms.Field {
	t.Helper()
	var find func(fields []eforms.Field) *eforms.Field
	find = func(fields []eforms.Field) *eforms.Field {
		for i, f := range fields {
			if f.Name == name {
				return &fields[i]
			}
			for _, r := range f.Rows {
				if found := find(r.Fields); found != nil {
					return found
				}
			}
		}
		return nil
	}
	if f := find(m.Fields); f != nil {
		return *f
	}
	t.Fatalf("page %d has no field %s", m.No, name)
	return eforms.Field{}
}

// mistakes are the faults of a definition, as "place: key".
func mistakes(t testing.TB, definition string) []string {
	t.Helper()
	_, err := eforms.Load([]byte(definition))
	if err == nil {
		return nil
	}
	var all eforms.Mistakes
	if !errors.As(err, &all) {
		t.Fatalf("not mistakes: %v", err)
	}
	out := make([]string, len(all))
	for i, m := range all {
		out[i] = m.Place + ": " + m.Message.Key
		if words := en(m.Message); words == m.Message.Key || strings.Contains(words, "{") {
			t.Errorf("no words for %v", m.Message)
		}
	}
	return out
}

// fact makes a fact of the population register.
func fact(name string, value any) eforms.Fact {
	return eforms.Fact{Name: name, Value: value, Source: locales.V("CSDL quốc gia về dân cư"), At: today}
}

// words is an outline as text, one row a line.
func words(sections []eforms.Section) string {
	var b strings.Builder
	var write func(rows []eforms.Row, indent string)
	write = func(rows []eforms.Row, indent string) {
		for _, r := range rows {
			value := r.Value.VI
			if r.Empty {
				value = "-"
			}
			if english, _ := r.Value.In(locales.EN); english != r.Value.VI {
				value += " / " + english
			}
			fmt.Fprintf(&b, "%s%s: %s\n", indent, r.Label.VI, value)
			for _, g := range r.Groups {
				fmt.Fprintf(&b, "%s  [%s]\n", indent, g.Title.VI)
				write(g.Rows, indent+"    ")
			}
		}
	}
	for _, s := range sections {
		fmt.Fprintf(&b, "%d %s\n", s.Page, s.Title.VI)
		write(s.Rows, "  ")
	}
	return b.String()
}
