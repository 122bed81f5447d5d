package eforms_test

import (
	"encoding/json"
	"net/url"
	"testing"

	"motcua/eforms"
)

// FuzzLoad: no file can make the loader panic, and what it takes can be run.
func FuzzLoad(f *testing.F) {
	for _, code := range codes(f) {
		f.Add(definition(f, code))
	}
	for _, s := range []string{every, person, promotion, branching, households, ending, "null", "[]", `{"format":1}`, `{"pages":[null,{"questions":[null]}],"cases":[null],"tasks":[null],"rules":[null]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		form, err := eforms.Load(data)
		if err != nil {
			_ = err.Error()
			return
		}
		exercise(running(form, eforms.Answers{"a": "x"}), body("a", "1"))
	})
}

// FuzzLogic: no condition can make a form panic or run on.
func FuzzLogic(f *testing.F) {
	for _, s := range []string{
		`{"==":[{"var":"a"},"x"]}`, `{"reduce":[{"var":"g"},{"cat":[{"var":"accumulator"},{"var":"accumulator"},"ab"]},"x"]}`,
		`{"substr":[{"var":"a"},-3,-1]}`, `{"missing_some":[2,["a","d"]]}`, `{"in":[{"var":"a"},{"merge":[["x"],{"var":"a"}]}]}`,
		`{"-":[{"var":"today.days"},{"var":"d.days"}]}`, `{"all":[{"var":"g"},{">":[{"var":"n"},1]}]}`, `{"*":[1e308,1e308]}`,
		`{"<":[{"var":"span.days"},{"var":"who.birth_date.age"}]}`, `{"+":[{"var":"table.total.n"},{"var":"table.x.n"},{"var":"land.area"}]}`, `{"in":[{"var":"span.from.month"},[1,2]]}`,
		`{"cat":[{"var":"who"},{"var":"span"}]}`,
		`{"reduce":[{"var":"g"},{"+":[{"var":"accumulator"},{"reduce":[{"var":"current.h"},{"+":[{"var":"accumulator"},{"var":"current.m"}]},0]}]},0]}`,
		`{"map":[{"filter":[{"var":"g"},{"some":[{"var":"h"},{">":[{"var":"m"},1]}]}]},{"var":"n"}]}`, `{"var":["a",{"var":"d"}]}`,
	} {
		f.Add(s, "xyz", "12")
	}
	f.Fuzz(func(t *testing.T, logic, a, n string) {
		definition, err := json.Marshal(map[string]any{"format": 1, "id": "t", "title": "T", "pages": []any{map[string]any{"id": "p", "title": "P", "questions": []any{
			map[string]any{"id": "a", "kind": "text", "label": "A"},
			map[string]any{"id": "d", "kind": "date", "label": "D"},
			map[string]any{"id": "span", "kind": "period", "label": "S"},
			map[string]any{"id": "who", "kind": "person", "label": "W", "parts": []any{"name", "birth_date"}},
			map[string]any{"id": "land", "kind": "land_parcel", "label": "L"},
			map[string]any{"id": "table", "kind": "table", "label": "T", "columns": []any{map[string]any{"id": "n", "kind": "decimal", "label": "N"}}, "lines": []any{map[string]any{"id": "x", "label": "X"}}, "totals": []any{"n"}},
			map[string]any{"id": "g", "kind": "group", "label": "G", "item": "I", "max_rows": 200, "questions": []any{
				map[string]any{"id": "n", "kind": "integer", "label": "N"},
				map[string]any{"id": "h", "kind": "group", "label": "H", "item": "I", "max_rows": 10, "questions": []any{map[string]any{"id": "m", "kind": "integer", "label": "M"}}},
			}},
			map[string]any{"id": "b", "kind": "text", "label": "B", "show_if": json.RawMessage(wholeJSON(logic))},
			map[string]any{"id": "c", "kind": "computed", "label": "C", "compute": json.RawMessage(wholeJSON(logic))},
		}}}})
		if err != nil {
			t.Fatal(err)
		}
		form, err := eforms.Load(definition)
		if err != nil {
			return
		}
		rows := make([]any, 100)
		for i := range rows {
			rows[i] = map[string]any{"n": n, "h": []any{map[string]any{"m": n}, map[string]any{"m": a}}}
		}
		exercise(running(form, eforms.Answers{"a": a, "d": "1986-03-31", "g": rows,
			"span": map[string]any{"from": "2026-01-02", "to": n}, "who": map[string]any{"name": a, "birth_date": n}, "land": map[string]any{"area": n}, "table": map[string]any{"x": map[string]any{"n": n}}}), body("b", a))
	})
}

// wholeJSON is s when it is JSON, else something harmless.
func wholeJSON(s string) string {
	if json.Valid([]byte(s)) {
		return s
	}
	return "true"
}

// FuzzRead: no body can make a form panic, and reading its own page back changes nothing.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"text=a&name=Nguy%E1%BB%85n&date.day=31%2F3%2F1986&them=rows", "rows.0.rtext=x&rows.3.rint=1&bo=rows.0", "rows.0.rtext=x&rows.0.inner.0.iint=1&rows.0.inner.2.itext=y&them=rows.0.inner&bo=rows.0.inner.1", "home.province=91&home.commune=30307&home.detail=1",
		"boxes=a&boxes=none&boxes=a", "dec=1.500&money=1.500.000+%C4%91&int=-0", "span.from=1.1.2026&span.to=x&months.from=3/2020&who.name=A&who.birth_date.year=86&who.sex=male&who.ethnicity.text=e+de&who.ethnicity=12", "job.text=so&job=H01.15&job2.text=phuong&chon=job&bank.bank.text=viet&bank.number=1&bank.holder=%C4%90",
		"table.a.i=1&table.a.d=1,5&table.b.m=x&table.a.n=31/12/2030&table.=1&table.a=2", "away.where=abroad&away.country=LA&away.line1=a&away.province=91&land.area=1.500&bike.plate=51f-12345&oldid=012345678", "near=%00&tax=0100109106001&phone=%2B84912345678", "year.year=1986&year.month=th%C3%A1ng+ba&pid=001 099 000 001",
	} {
		f.Add(s)
	}
	form, err := eforms.Load([]byte(every))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		sent, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		r := running(form, nil)
		exercise(r, sent)
		answers, _, _ := r.Read(1, sent)
		answers, _, _ = r.With(answers).Read(1, r.With(answers).Model(1, nil).Body())
		again, _, _ := r.With(answers).Read(1, r.With(answers).Model(1, nil).Body())
		first, err := eforms.Canonical(answers)
		if err != nil {
			t.Fatal(err)
		}
		if second, _ := eforms.Canonical(again); string(first) != string(second) {
			t.Errorf("read %s\nthen %s", first, second)
		}
	})
}
