package eforms_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"motcua/eforms"
	"motcua/locales"
)

func TestShippedPresets(t *testing.T) {
	for id, data := range presets(t) {
		if err := eforms.CheckPreset(id, data); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	for _, id := range []string{"person", "child", "house", "business"} {
		if presets(t)[id] == nil {
			t.Errorf("no preset %s", id)
		}
	}
}

// household looks at its own questions in every way that a preset may.
var household = []byte(`{"id":"household","title":"T","lists":{"kinds":[{"value":"a","label":"A"}],"unused":[{"value":"b","label":"B"}]},"questions":[
 {"id":"born","kind":"date","label":{"vi":"Ngày sinh {of}","en":"Date of birth {of}"},"not_after":"today"},
 {"id":"married","kind":"date","label":"M","after":"born","show_if":{">=":[{"var":"born.age"},18]}},
 {"id":"number","kind":"personal_id","label":"N {of} (12 số)","birth":"born","require_if":{"missing":["married"]}},
 {"id":"kind","kind":"select","label":"K","list":"kinds"},
 {"id":"children","kind":"group","label":"C","item":"Con {of}","max_rows":5,"questions":[
   {"id":"age","kind":"integer","label":"A"},
   {"id":"school","kind":"text","label":"S","show_if":{">":[{"var":"row.age"},5]}}],
  "rules":[{"id":"younger","field":"age","check":{"<":[{"var":"row.age"},{"var":"born.age"}]},"message":"{of}!"}]},
 {"id":"sum","kind":"computed","label":"S","compute":{"reduce":[{"filter":[{"var":"children"},{">":[{"var":"age"},5]}]},{"+":[{"var":"accumulator"},{"var":"current.age"}]},0]}}]}`)

func expanded(t testing.TB, definition string) string {
	t.Helper()
	b, err := eforms.Expand([]byte(definition), map[string][]byte{"household": household})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAPresetSpeaksOfItselfUnderItsPrefix(t *testing.T) {
	b := expanded(t, page(`{"id":"far","kind":"text","label":"F"},{"preset":"household","prefix":"mother","of":{"vi":"của mẹ","en":"of the mother"},
		"with":{"married":{"show_if":{"==":[{"var":"far"},"born"]},"not_after":"today"},"born":{"not_after":null}}}`))
	for _, want := range []string{
		`"vi":"Ngày sinh của mẹ"`, `"en":"Date of birth of the mother"`, `"label":"N của mẹ (12 số)"`, `"item":"Con của mẹ"`, `"message":"của mẹ!"`,
		`"after":"mother_born"`, `"birth":"mother_born"`, `{"var":"row.mother_age"}`, `{"var":"mother_born.age"}`, `{"missing":["mother_married"]}`,
		`{"var":"mother_children"}`, `{">":[{"var":"mother_age"},5]}`, `{"var":"current.mother_age"}`, `{"var":"accumulator"}`, `"field":"mother_age"`,
		`{"==":[{"var":"far"},"born"]}`, // what with says is the form's own
		`"from":{"prefix":"mother","preset":"household"}`, `"kinds":[`,
	} {
		if !strings.Contains(b, want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
	if strings.Contains(b, "unused") || strings.Count(b, `"not_after"`) != 1 {
		t.Errorf("too much in %s", b)
	}
	f := load(t, b)
	if q, ok := f.Question("mother_number"); !ok || *q.From != (eforms.Origin{Preset: "household", Prefix: "mother"}) {
		t.Errorf("%+v", q)
	}
	if !slices.Equal(f.Presets(), []string{"household"}) {
		t.Errorf("presets %v", f.Presets())
	}
	r := running(f, eforms.Answers{"mother_born": "1986-03-31", "mother_children": []any{map[string]any{"mother_age": "7"}, map[string]any{"mother_age": "4"}}})
	if got := r.Quantities()["mother_sum"]; got != 7 {
		t.Errorf("sum %d", got)
	}
}

func TestAPresetInAGroupSpeaksOfItsRow(t *testing.T) {
	b := expanded(t, page(`{"id":"people","kind":"group","label":"P","item":"P","max_rows":3,"questions":[{"preset":"household","prefix":"p","only":["born","married","number"]}]}`))
	f := load(t, b)
	for _, want := range []string{`{"var":"row.p_born.age"}`, `{"missing":["row.p_married"]}`, `"label":"N (12 số)"`} {
		if !strings.Contains(b, want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
	if _, ok := f.Question("p_kind"); ok || strings.Contains(b, "kinds") {
		t.Error("more than was asked for")
	}
	r := running(f, eforms.Answers{"people": []any{map[string]any{"p_born": "2020-01-01"}, map[string]any{"p_born": "1990-01-01"}}})
	rows := field(t, r.Model(1, nil), "people").Rows
	if len(rows[0].Fields) != 2 || len(rows[1].Fields) != 3 {
		t.Errorf("%+v", rows)
	}
}

func TestWhatHasNoPresetStaysAsItIs(t *testing.T) {
	if b, err := eforms.Expand([]byte(every), nil); err != nil || string(b) != every {
		t.Errorf("%s, %v", b, err)
	}
}

func TestExpandRefuses(t *testing.T) {
	broken := map[string][]byte{"household": household, "other": []byte(`{"id":"x","title":"T","questions":[]}`), "odd": []byte(`{"id":"odd","questions":7}`), "half": []byte(`{`)}
	for name, tt := range map[string]struct{ definition, want string }{
		"no JSON":           {`{`, ": eforms.load.not_json"},
		"unknown":           {page(`{"preset":"x","prefix":"a"}`), "/pages/0/questions/0/preset: eforms.load.unknown_preset"},
		"another's name":    {page(`{"preset":"other","prefix":"a"}`), "/pages/0/questions/0/preset: eforms.load.unknown_preset"},
		"unreadable":        {page(`{"preset":"odd","prefix":"a"}`), "/pages/0/questions/0/preset: eforms.load.unknown_preset"},
		"no JSON either":    {page(`{"preset":"half","prefix":"a"}`), "/pages/0/questions/0/preset: eforms.load.unknown_preset"},
		"no prefix":         {page(`{"preset":"household"}`), "/pages/0/questions/0: eforms.load.preset_reference"},
		"something else":    {page(`{"preset":"household","prefix":"a","label":"L"}`), "/pages/0/questions/0: eforms.load.preset_reference"},
		"unknown question":  {page(`{"preset":"household","prefix":"a","only":["born","x"]}`), "/pages/0/questions/0: eforms.load.preset_question"},
		"unknown to change": {page(`{"preset":"household","prefix":"a","with":{"x":{}}}`), "/pages/0/questions/0: eforms.load.preset_question"},
	} {
		_, err := eforms.Expand([]byte(tt.definition), broken)
		all, ok := errors.AsType[eforms.Mistakes](err)
		if !ok || len(all) != 1 || all[0].Place+": "+all[0].Message.Key != tt.want {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !locales.Has(all[0].Message.Key) {
			t.Errorf("no words for %s", all[0].Message.Key)
		}
	}
}

// The schema describes what editors write, with references to presets; Load takes only
// what has none left.
func TestAReferenceThatIsLeftIsRefused(t *testing.T) {
	got := mistakes(t, page(`{"preset":"person","prefix":"mother"}`))
	if !slices.Equal(got, []string{"/pages/0/questions/0/preset: eforms.load.preset_left"}) {
		t.Errorf("%v", got)
	}
	got = mistakes(t, page(`{"preset":"person"}`))
	if !slices.Contains(got, "/pages/0/questions/0: eforms.load.schema") {
		t.Errorf("%v", got)
	}
}
