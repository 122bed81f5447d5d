package eforms_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"motcua/eforms"
)

// stay is a form with a case, a page that not everyone sees, a question that opens on its
// page, a group, a paper and lists of the portal.
const stay = `{"format":1,"id":"t","title":"T",
 "cases":[{"id":"family","name":"F","when":{">":[{"var":"size"},1]}},{"id":"alone","name":"A"}],
 "pages":[
 {"id":"who","title":"Ai","questions":[
  {"id":"who_name","kind":"name","label":"Họ tên","fact":"population.self.full_name","locked":true},
  {"id":"home","kind":"address","label":"Nơi ở"},
  {"id":"rents","kind":"yesno","label":"Thuê nhà"},
  {"id":"rent","kind":"money","label":"Tiền thuê","show_if":{"var":"rents"}}]},
 {"id":"others","title":"Người cùng ở","questions":[
  {"id":"people","kind":"group","label":"Người cùng ở","item":"Người","max_rows":3,"questions":[
   {"id":"person","kind":"name","label":"Tên"},{"id":"born","kind":"date_or_year","label":"Sinh"},{"id":"from","kind":"select","label":"Từ tỉnh","list":"provinces","optional":true}]},
  {"id":"size","kind":"computed","label":"Số người","compute":{"reduce":[{"var":"people"},{"+":[{"var":"accumulator"},1]},1]}}]},
 {"id":"family_page","title":"Gia đình","cases":["family"],"questions":[{"id":"head","kind":"text","label":"Chủ hộ"}]},
 {"id":"papers","title":"Giấy tờ","questions":[
  {"id":"lease","kind":"attachment","label":"Hợp đồng thuê","max_files":2,"require_if":{"var":"rents"}},
  {"id":"agency","kind":"select","label":"Nơi nộp","list":"agencies"},
  {"id":"copies","kind":"integer","label":"Số bản","min":1}]}]}`

const stayed = `{"name":{"vi":"Thuê nhà, hai người"},"today":"2026-11-23",
 "facts":{"population.self.full_name":"Nguyễn Thị Đào An"},
 "answers":{"home":{"province":"91","commune":"30307","detail":"Số 12"},"rents":true,"rent":"2000000",
  "people":[{"person":"Trần Văn Bình","born":"1985","from":"75"}],"head":"An","agency":"X.1","copies":2},
 "attached":{"lease":1},
 "expect":{"case":"family","pages":["who","others","family_page","papers"],
  "summary":["Ai / Họ tên: Nguyễn Thị Đào An","Ai / Nơi ở: Số 12, 30307, 91","Ai / Thuê nhà: Có","Ai / Tiền thuê: 2.000.000 đồng",
   "Người cùng ở / Người cùng ở / Người 1 / Tên: Trần Văn Bình","Người cùng ở / Người cùng ở / Người 1 / Sinh: 1985","Người cùng ở / Người cùng ở / Người 1 / Từ tỉnh: 75",
   "Người cùng ở / Số người: 2","Gia đình / Chủ hộ: An","Giấy tờ / Nơi nộp: X.1","Giấy tờ / Số bản: 2"],
  "components":["lease*"],"quantities":{"rent":2000000,"people":1,"size":2,"copies":2}}}`

func recorded(t testing.TB, text string) eforms.Recording {
	t.Helper()
	var rec eforms.Recording
	if err := json.Unmarshal([]byte(text), &rec); err != nil {
		t.Fatal(err)
	}
	return rec
}

// replayed are the differences, as "place: words".
func replayed(t testing.TB, form, recording string) []string {
	t.Helper()
	_, differences, err := load(t, form).Replay(recorded(t, recording), nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range differences {
		out = append(out, d.String())
	}
	return out
}

func TestARecordingReplays(t *testing.T) {
	if got := replayed(t, stay, stayed); len(got) > 0 {
		t.Errorf("it differs from itself:\n%s", strings.Join(got, "\n"))
	}
}

// A question that an answer of its own page opens is asked before the page is left, though
// a default would do for it: the person may want another number.
func TestADefaultThatOpensIsSeen(t *testing.T) {
	form := `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[
 {"id":"wish","kind":"yesno","label":"Wish"},
 {"id":"many","kind":"integer","label":"Many","min":1,"default":1,"show_if":{"var":"wish"}},
 {"id":"people","kind":"group","label":"People","item":"One","min_rows":0,"max_rows":3,"questions":[
  {"id":"big","kind":"yesno","label":"Big"},
  {"id":"size","kind":"integer","label":"Size","default":7,"show_if":{"var":"row.big"}}]}]}]}`
	r := running(load(t, form), nil)
	answers, faults, again := r.Read(1, body("wish", "yes"))
	if !again || len(faults) > 0 {
		t.Errorf("gone on without a question that has a default: %v, %v", faults, answers)
	}
	r = r.With(answers)
	if answers, _, again = r.Read(1, r.Model(1, nil).Body()); again || answers["many"] != "1" {
		t.Errorf("asked for ever: %v", answers)
	}
	r = r.With(answers)
	if _, _, again = r.Read(1, body("people.0.big", "yes")); !again {
		t.Error("gone on without a row's question that has a default")
	}
	if _, _, again = r.With(eforms.Answers{"wish": false, "many": "3"}).Read(1, body("wish", "yes")); again {
		t.Error("asked again what was answered before")
	}
	for _, many := range []string{"1", "4"} {
		got := replayed(t, form, `{"name":"x","today":"2026-11-23","answers":{"wish":true,"many":"`+many+`"},
 "expect":{"pages":["p"],"summary":["P / Wish: Có","P / Many: `+many+`","P / People: -"],"quantities":{"many":`+many+`,"people":0}}}`)
		if len(got) > 0 {
			t.Errorf("%s: %v", many, got)
		}
	}
}

func TestWhatAReplayTells(t *testing.T) {
	for name, tt := range map[string]struct {
		form, recording [2]string // what is replaced by what
		want            []string
	}{
		"a page comes to a fault": {form: [2]string{`"label":"Số bản","min":1`, `"label":"Số bản","min":3`}, want: []string{
			"/answers/copies: Page “Giấy tờ”: Số bản must be 3 or more", "/expect/quantities/copies: No longer there: 2"}},
		"a question is new": {form: [2]string{`{"id":"rents"`, `{"id":"since","kind":"date","label":"Từ ngày"},{"id":"rents"`}, want: []string{
			"/answers/since.day: Page “Ai”: Enter từ ngày", "/expect/summary: New: Ai / Từ ngày: -"}},
		"a question is gone": {form: [2]string{`,{"id":"from","kind":"select","label":"Từ tỉnh","list":"provinces","optional":true}`, ``}, want: []string{
			"/answers/people: The answer recorded for “people” reads back as another", "/expect/summary: No longer there: Người cùng ở / Người cùng ở / Người 1 / Từ tỉnh: 75"}},
		"a page is not for this case": {form: [2]string{`"cases":["family"]`, `"cases":["alone"]`}, want: []string{
			"/answers/head: “head” was recorded but the form does not ask it", "/expect/pages: No longer there: family_page", "/expect/summary: No longer there: Gia đình / Chủ hộ: An"}},
		"another case": {form: [2]string{`{"var":"size"},1`, `{"var":"size"},2`}, want: []string{
			"/answers/head: “head” was recorded but the form does not ask it", "/expect/case: Recorded as family, now alone",
			"/expect/pages: No longer there: family_page", "/expect/summary: No longer there: Gia đình / Chủ hộ: An"}},
		"a paper is not asked for": {form: [2]string{`"require_if":{"var":"rents"}`, `"optional":true`}, want: []string{
			"/expect/components: No longer there: lease*", "/expect/components: New: lease"}},
		"a paper is missing": {recording: [2]string{`"attached":{"lease":1},`, ``}, want: []string{
			"/answers/lease: Page “Giấy tờ”: Upload hợp đồng thuê"}},
		"a paper that there is not": {recording: [2]string{`"lease":1`, `"lease":1,"rent":2,"what":1`}, want: []string{
			"/attached/rent: “rent” was recorded but the form does not ask it", "/attached/what: “what” was recorded but the form does not ask it"}},
		"another quantity": {form: [2]string{`{"var":"accumulator"},1]},1]`, `{"var":"accumulator"},1]},2]`}, want: []string{
			"/expect/summary: No longer there: Người cùng ở / Số người: 2", "/expect/summary: New: Người cùng ở / Số người: 3", "/expect/quantities/size: Recorded as 2, now 3"}},
		"another label": {form: [2]string{`"label":"Chủ hộ"`, `"label":"Tên chủ hộ"`}, want: []string{
			"/expect/summary: No longer there: Gia đình / Chủ hộ: An", "/expect/summary: New: Gia đình / Tên chủ hộ: An"}},
		"another order": {form: [2]string{`{"id":"agency","kind":"select","label":"Nơi nộp","list":"agencies"},
  {"id":"copies","kind":"integer","label":"Số bản","min":1}`, `{"id":"copies","kind":"integer","label":"Số bản","min":1},{"id":"agency","kind":"select","label":"Nơi nộp","list":"agencies"}`},
			want: []string{"/expect/summary: The order is another"}},
		"an answer that a register gives": {recording: [2]string{`"head":"An"`, `"head":"An","who_name":"Another"`}, want: []string{
			"/answers/who_name: “who_name” was recorded but the form does not ask it"}},
		"an answer that is written otherwise": {recording: [2]string{`"head":"An"`, `"head":" An "`}, want: []string{
			"/answers/head: The answer recorded for “head” reads back as another"}},
		"an option that is gone": {form: [2]string{`"kind":"text","label":"Chủ hộ"`, `"kind":"radios","label":"Chủ hộ","options":[{"value":"B","label":"B"},{"value":"C","label":"C"}]`}, want: []string{
			"/answers/head: Page “Gia đình”: Select chủ hộ", "/answers/head: The answer recorded for “head” reads back as another",
			"/expect/summary: No longer there: Gia đình / Chủ hộ: An", "/expect/summary: New: Gia đình / Chủ hộ: -"}},
		"it stops": {form: [2]string{`"title":"T",
`, `"title":"T","ends":[{"id":"out","after":"others","when":{">":[{"var":"size"},1]},"title":"O","text":"O"}],`},
			recording: [2]string{`"copies":2}}}`, `"copies":2},"end":""}}`}, want: []string{
				"/answers/agency: “agency” was recorded but the form does not ask it", "/answers/copies: “copies” was recorded but the form does not ask it",
				"/answers/head: “head” was recorded but the form does not ask it", "/attached/lease: “lease” was recorded but the form does not ask it",
				"/expect/pages: No longer there: family_page", "/expect/pages: No longer there: papers", "/expect/summary: No longer there: Gia đình / Chủ hộ: An",
				"/expect/summary: No longer there: Giấy tờ / Nơi nộp: X.1", "/expect/summary: No longer there: Giấy tờ / Số bản: 2", "/expect/components: No longer there: lease*",
				"/expect/quantities/copies: No longer there: 2", "/expect/quantities/people: No longer there: 1", "/expect/quantities/rent: No longer there: 2000000",
				"/expect/quantities/size: No longer there: 2", "/expect/end: New: out"}},
		"an end that was": {recording: [2]string{`"case":"family",`, `"case":"family","end":"out",`}, want: []string{"/expect/end: No longer there: out"}},
	} {
		form, recording := stay, stayed
		for _, r := range []struct {
			in   *string
			pair [2]string
		}{{&form, tt.form}, {&recording, tt.recording}} {
			if r.pair[0] == "" {
				continue
			}
			if strings.Count(*r.in, r.pair[0]) != 1 {
				t.Fatalf("%s: %q is there %d times", name, r.pair[0], strings.Count(*r.in, r.pair[0]))
			}
			*r.in = strings.Replace(*r.in, r.pair[0], r.pair[1], 1)
		}
		if got := replayed(t, form, recording); !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}

// What a replay gives is what it expects: a recording can be written anew from it.
func TestAReplayWritesTheNextRecording(t *testing.T) {
	f, rec := load(t, stay), recorded(t, stayed)
	rec.Expect = eforms.Expect{}
	seen, differences, err := f.Replay(rec, nil)
	if err != nil || len(differences) == 0 {
		t.Fatalf("an empty expectation was met: %v", err)
	}
	rec.Expect = seen
	if _, differences, err = f.Replay(rec, nil); err != nil || len(differences) > 0 {
		t.Errorf("%v, %v", differences, err)
	}
}

// The portal's names of agencies and places are used where they are given, and the
// recording's own where it has them.
func TestNamesOfPlacesInAReplay(t *testing.T) {
	f, rec := load(t, stay), recorded(t, stayed)
	rec.Lists = map[string][]eforms.Option{"agencies": {{Value: "X.1", Label: lists["agencies"][0].Label}}}
	seen, _, err := f.Replay(rec, map[string][]eforms.Option{"provinces": lists["provinces"], "communes": lists["communes"]})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Ai / Nơi ở: Số 12, phường Long Xuyên, tỉnh Mẫu", "Giấy tờ / Nơi nộp: Sở Tư pháp"} {
		if !slices.Contains(seen.Summary, want) {
			t.Errorf("no %q in\n%s", want, strings.Join(seen.Summary, "\n"))
		}
	}
}

func TestARecordingWithoutADay(t *testing.T) {
	for _, day := range []string{"", "23/11/2026", "2026-02-30"} {
		if _, _, err := load(t, stay).Replay(eforms.Recording{Today: day}, nil); err == nil {
			t.Errorf("%q passed for a day", day)
		}
	}
}

// Whatever a recording holds, its replay ends, without a panic, and always the same way.
func TestNoRecordingCanPanic(t *testing.T) {
	forms := []*eforms.Form{load(t, every), load(t, stay)}
	for _, code := range codes(t) {
		forms = append(forms, shipped(t, code))
	}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(forms).Draw(t, "form")
		rec := eforms.Recording{Today: "2026-11-23", Answers: eforms.Answers{}, Facts: map[string]any{}, Attached: map[string]int{}}
		for _, q := range f.All() {
			if rapid.Bool().Draw(t, "answered") {
				rec.Answers[q.ID] = anything(3).Draw(t, q.ID)
			}
			for _, name := range q.Fact {
				rec.Facts[name] = anything(1).Draw(t, name)
			}
			if rapid.IntRange(0, 9).Draw(t, "attached") == 0 {
				rec.Attached[q.ID] = 1
			}
		}
		seen, first, err := f.Replay(rec, nil)
		if err != nil {
			t.Fatal(err)
		}
		rec.Expect = seen
		_, second, err := f.Replay(rec, nil)
		if err != nil || slices.ContainsFunc(second, func(d eforms.Difference) bool { return strings.HasPrefix(d.Place, "/expect/") }) {
			t.Fatalf("%v, then %v, %v", first, second, err)
		}
	})
}
