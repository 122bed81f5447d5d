package draft

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

// small is a form of two pages that tests change as they need.
func small(questions string) string {
	return `{"format": 1, "id": "small", "title": {"vi": "Nhỏ"}, "audience": "citizen", "declaration": {"vi": "Tôi cam đoan"},
		"pages": [{"id": "one", "title": {"vi": "Một"}, "questions": [` + questions + `]},
		{"id": "two", "title": {"vi": "Hai"}, "questions": [{"id": "last", "kind": "text", "label": {"vi": "Cuối"}, "max_length": 50}]}]}`
}

const threeFields = `{"id": "name", "kind": "text", "label": {"vi": "Tên"}, "max_length": 80},
	{"id": "job", "kind": "text", "label": {"vi": "Nghề"}, "max_length": 80, "optional": true},
	{"id": "sex", "kind": "radios", "label": {"vi": "Giới tính"}, "options": [{"value": "male", "label": {"vi": "Nam"}}, {"value": "female", "label": {"vi": "Nữ"}}]},
	{"id": "kin", "kind": "group", "label": {"vi": "Người thân"}, "item": {"vi": "người"}, "min_rows": 0, "max_rows": 5,
		"questions": [{"id": "who", "kind": "text", "label": {"vi": "Ai"}, "max_length": 80}]}`

// publish puts a form in force for the procedure, and other things over its document.
func (w *world) publish(t *testing.T, code, form, more string) {
	t.Helper()
	if _, err := eforms.Load([]byte(form)); err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(map[string]json.RawMessage{"form": json.RawMessage(form)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.DB.Exec(`INSERT INTO revisions (procedure_code, no, doc, sha256, in_force_from)
		SELECT procedure_code, no + 1, doc || $3::jsonb || $4::jsonb, sha256(random()::text::bytea), $2 FROM revisions WHERE procedure_code = $1 ORDER BY no DESC LIMIT 1`,
		code, w.Now(), string(doc), more)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Pass(10 * time.Second)
}

// tab is a drawn page of a draft.
type tab struct {
	w     *world
	id    string
	no    int
	name  string
	shown Shown
	by    string
	seq   int
	body  url.Values
}

func (w *world) tab(t *testing.T, id string, no int, name string) *tab {
	t.Helper()
	d := w.load(t, id)
	run := d.Run(w.Now())
	body := url.Values{}
	for _, f := range run.Model(no, nil).Fields {
		controls(f, body)
	}
	return &tab{w: w, id: id, no: no, name: name, shown: ParseShown(d.Shown(run, no, name).String()), by: name, body: body}
}

func (b *tab) sent(auto bool) Sent {
	b.seq++
	return Sent{No: b.no, Body: b.body, Shown: b.shown, By: b.by, Seq: b.seq, Auto: auto}
}

// types saves the page with some fields changed.
func (b *tab) types(t *testing.T, auto bool, pairs ...string) Saved {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		b.body.Set(pairs[i], pairs[i+1])
	}
	saved, err := b.w.SaveSent(t.Context(), b.w.mai, b.id, b.sent(auto), newKey(b.w.mai))
	if err != nil {
		t.Fatal(err)
	}
	if auto {
		b.shown = ParseShown(saved.Left.String())
	}
	return saved
}

func (w *world) wantAnswers(t *testing.T, what, id string, pairs ...string) {
	t.Helper()
	d := w.load(t, id)
	for i := 0; i < len(pairs); i += 2 {
		if got, _ := d.Answers[pairs[i]].(string); got != pairs[i+1] {
			t.Errorf("%s: %s is %q, want %q", what, pairs[i], got, pairs[i+1])
		}
	}
}

func newSmall(t *testing.T) (*world, string) {
	t.Helper()
	w := newService(t)
	w.publish(t, extract, small(threeFields), `{}`)
	return w, w.start(t, w.mai, extract, "")
}

func TestTwoTabsOnOneDraft(t *testing.T) {
	t.Parallel()
	w, id := newSmall(t)
	w.tab(t, id, 1, "first").types(t, false, "name", "An", "job", "thợ", "sex", "male")
	a, b := w.tab(t, id, 1, "a"), w.tab(t, id, 1, "b")

	// what only one of them touched is merged
	if s := a.types(t, false, "name", "An A"); len(s.Overtaken) != 0 {
		t.Errorf("overtaken: %v", s.Overtaken)
	}
	if s := b.types(t, false, "job", "giáo viên"); len(s.Overtaken) != 0 || len(s.Faults) != 0 {
		t.Errorf("overtaken: %v, faults %v", s.Overtaken, s.Faults)
	}
	w.wantAnswers(t, "merged", id, "name", "An A", "job", "giáo viên", "sex", "male")

	// what both did is told, and both texts are there
	w.clock.Pass(time.Minute)
	c := w.tab(t, id, 1, "c")
	w.tab(t, id, 1, "d").types(t, false, "name", "An D", "sex", "female")
	s := c.types(t, false, "name", "An C", "sex", "female")
	if !slices.Equal(s.Overtaken, []string{"name"}) {
		t.Fatalf("overtaken: %v", s.Overtaken)
	}
	w.wantAnswers(t, "overtaken", id, "name", "An D", "sex", "female")
	d := w.load(t, id)
	choices := d.Choices(w.Now())
	if len(choices) != 1 || choices[0].Now.Row.Value.VI != "An D" || choices[0].Now.By != "d" || !choices[0].Now.At.Equal(w.Now()) ||
		len(choices[0].Other) != 1 || choices[0].Other[0].Row.Value.VI != "An C" || choices[0].Other[0].By != "c" {
		t.Fatalf("%+v", choices)
	}
	shown := ParseShown(d.ShownChoices().String())
	key := newKey(w.mai)
	for range 2 { // pressed twice
		d, err := w.Choose(t.Context(), w.mai, id, map[string]string{"name": choices[0].Other[0].ID}, shown, "c", key)
		if err != nil || len(d.Overtaken) != 0 {
			t.Fatal(err, d.Overtaken)
		}
	}
	w.wantAnswers(t, "chosen", id, "name", "An C")
}

func TestChoiceOfWhatHasChangedIsAskedAgain(t *testing.T) {
	t.Parallel()
	w, id := newSmall(t)
	a, b, c := w.tab(t, id, 1, "a"), w.tab(t, id, 1, "b"), w.tab(t, id, 1, "c")
	a.types(t, false, "name", "A")
	b.types(t, false, "name", "B")
	d := w.load(t, id)
	shown, pick := d.ShownChoices(), map[string]string{"name": StoredVersion}
	c.types(t, false, "name", "C") // while the person looks at A and B
	d, err := w.Choose(t.Context(), w.mai, id, pick, shown, "", newKey(w.mai))
	if err != nil || len(d.Overtaken) != 1 || d.Overtaken[0].Value != "C" {
		t.Fatalf("%v %v", d.Overtaken, err)
	}
	shown = w.load(t, id).ShownChoices()
	w.tab(t, id, 1, "e").types(t, false, "name", "E")
	if d, err = w.Choose(t.Context(), w.mai, id, map[string]string{"name": d.Overtaken[0].ID}, shown, "", newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	w.wantAnswers(t, "E was never seen", id, "name", "E")
	if len(d.Overtaken) != 1 {
		t.Error("C is gone")
	}
	if _, err := w.Choose(t.Context(), w.mai, id, map[string]string{"name": "no such"}, d.ShownChoices(), "", newKey(w.mai)); err != nil {
		t.Error(err)
	}
	_, err = w.Choose(t.Context(), w.phuc, id, pick, shown, "", newKey(w.phuc))
	worldtest.WantFault(t, "another's choice", err, problem.NotFound, "draft.not_found")
}

func TestScriptSavesItsOwnPageOverAndOver(t *testing.T) {
	t.Parallel()
	w, id := newSmall(t)
	a := w.tab(t, id, 1, "a")
	page := w.load(t, id).Page
	a.types(t, true, "name", "A")
	a.types(t, true, "name", "An")
	lost := a.shown
	a.types(t, true, "name", "An ")
	a.shown = lost // the answer never came
	if s := a.types(t, true, "name", "An B"); len(s.Overtaken) != 0 {
		t.Errorf("its own text has overtaken it: %v", s.Overtaken)
	}
	w.wantAnswers(t, "typed", id, "name", "An B")
	if d := w.load(t, id); d.Page != page {
		t.Errorf("the script moved the person from %q to %q", page, d.Page)
	}
	late := a.sent(true) // an older save that arrives after a newer one
	late.Body = url.Values{"name": {"An"}}
	a.types(t, false, "name", "An Bình")
	if _, err := w.SaveSent(t.Context(), w.mai, id, late, newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	w.wantAnswers(t, "after the late one", id, "name", "An Bình")

	// overtaken, it says so each time, and what waits is what was typed last
	b := w.tab(t, id, 1, "b")
	w.tab(t, id, 1, "c").types(t, false, "name", "C")
	for _, text := range []string{"B", "Ba", "Bao"} {
		if s := b.types(t, true, "name", text, "job", text); !slices.Equal(s.Overtaken, []string{"name"}) {
			t.Errorf("%s: %v", text, s.Overtaken)
		}
	}
	d := w.load(t, id)
	if len(d.Overtaken) != 1 || d.Overtaken[0].Value != "Bao" || d.Answers["job"] != "Bao" || d.Answers["name"] != "C" {
		t.Errorf("%v beside %v", d.Overtaken, d.Answers)
	}
}

func TestRowsOfAGroupAreOneField(t *testing.T) {
	t.Parallel()
	w, id := newSmall(t)
	w.tab(t, id, 1, "a").types(t, false, "name", "An", "sex", "male", "kin.0.who", "mẹ")
	b, c, d := w.tab(t, id, 1, "b"), w.tab(t, id, 1, "c"), w.tab(t, id, 1, "d")
	w.tab(t, id, 1, "e").types(t, false, "kin.0.who", "cha", "kin.1.who", "chị")
	if s := b.types(t, false, "name", "An B"); len(s.Overtaken) != 0 {
		t.Errorf("rows that were not touched: %v", s.Overtaken)
	}
	if s := c.types(t, false, "kin.0.who", "bà"); !slices.Equal(s.Overtaken, []string{"kin"}) {
		t.Errorf("rows that both changed: %v", s.Overtaken)
	}
	if s := d.types(t, false, "bo", "kin.0"); !slices.Equal(s.Overtaken, []string{"kin"}) {
		t.Errorf("a row that one took away and the other changed: %v", s.Overtaken)
	}
	if kin, _ := w.load(t, id).Answers["kin"].([]any); len(kin) != 2 {
		t.Errorf("%v", kin)
	}
}

func TestAPressRepeatedTellsTheSame(t *testing.T) {
	t.Parallel()
	w, id := newSmall(t)
	b := w.tab(t, id, 1, "b")
	w.tab(t, id, 1, "a").types(t, false, "name", "A")
	b.body.Set("name", "B")
	in, key := b.sent(false), newKey(w.mai)
	for range 2 {
		s, err := w.SaveSent(t.Context(), w.mai, id, in, key)
		if err != nil || !slices.Equal(s.Overtaken, []string{"name"}) {
			t.Fatalf("%v %v", s.Overtaken, err)
		}
	}
	if d := w.load(t, id); len(d.Overtaken) != 1 {
		t.Errorf("%v", d.Overtaken)
	}
}

func TestLateFailureOfAnOvertakenSaveLeavesNothing(t *testing.T) {
	t.Parallel()
	w, id := newSmall(t)
	b := w.tab(t, id, 1, "b")
	w.tab(t, id, 1, "a").types(t, false, "name", "A")
	before := w.load(t, id)
	b.body.Set("name", "B")
	b.body.Set("job", "thợ")
	w.breakTable(t, "UPDATE", "deeds")
	if _, err := w.SaveSent(t.Context(), w.mai, id, b.sent(false), newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	if _, err := w.Choose(t.Context(), w.mai, id, nil, Shown{}, "", newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	if d := w.load(t, id); d.Version != before.Version || len(d.Overtaken) != 0 || d.Answers["job"] != before.Answers["job"] {
		t.Errorf("%+v", d)
	}
}

func TestAPageThatIsAskedNoMore(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.publish(t, extract, `{"format": 1, "id": "small", "title": {"vi": "Nhỏ"}, "audience": "citizen", "declaration": {"vi": "Tôi cam đoan"},
		"pages": [{"id": "one", "title": {"vi": "Một"}, "questions": [{"id": "more", "kind": "yesno", "label": {"vi": "Có thêm"}}]},
		{"id": "two", "title": {"vi": "Hai"}, "show_if": {"==": [{"var": "more"}, true]}, "questions": [{"id": "last", "kind": "text", "label": {"vi": "Cuối"}, "max_length": 50}]},
		{"id": "three", "title": {"vi": "Ba"}, "questions": [{"id": "end", "kind": "text", "label": {"vi": "Hết"}, "max_length": 50}]}]}`, `{}`)
	id := w.start(t, w.mai, extract, "")
	w.tab(t, id, 1, "a").types(t, false, "more", "yes")
	b := w.tab(t, id, 2, "b")
	w.tab(t, id, 1, "c").types(t, false, "more", "no")
	b.body.Set("last", "mất?")
	_, err := w.SaveSent(t.Context(), w.mai, id, b.sent(false), newKey(w.mai))
	worldtest.WantFault(t, "its text would be read by nobody", err, problem.Conflict, "draft.page_gone")
}

var saves = flag.Int("saves", 1000, "concurrent saves of TestConcurrentSaves; the full count is 10000")

// journal is what the savers of a test were told.
type journal struct {
	mu    sync.Mutex
	acked map[string]string // text → draft and field
	seen  map[string]bool   // texts that a later save was made from, or that wait to be chosen from
}

// TestConcurrentSaves: each acknowledged save is the final text of its field, or was shown
// to the person as overtaken: a later save was made by somebody who saw it, or it waits
// beside the answer.
func TestConcurrentSaves(t *testing.T) {
	t.Parallel()
	const drafts, savers = 8, 64
	w := newService(t)
	w.publish(t, extract, small(threeFields), `{}`)
	ids := make([]string, drafts)
	for i := range ids {
		ids[i] = w.start(t, w.mai, extract, "")
	}
	j := journal{acked: map[string]string{}, seen: map[string]bool{}}
	var left sync.WaitGroup
	work := make(chan int)
	for range savers {
		left.Go(func() {
			for n := range work {
				if err := w.saveOnce(t, ids[n%drafts], n, &j); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range *saves {
		work <- n
	}
	close(work)
	left.Wait()

	final, waiting := map[string]bool{}, 0
	for _, id := range ids {
		d := w.load(t, id)
		for _, field := range []string{"name", "job"} {
			final[fmt.Sprint(d.Answers[field])] = true
		}
		for _, o := range d.Overtaken {
			j.seen[fmt.Sprint(o.Value)] = true
			waiting++
		}
	}
	lost := 0
	for text, of := range j.acked {
		if !final[text] && !j.seen[text] {
			if lost++; lost < 10 {
				t.Errorf("%s of %s was acknowledged and is nowhere", text, of)
			}
		}
	}
	if len(j.acked) < *saves {
		t.Errorf("%d texts acknowledged of %d saves", len(j.acked), *saves)
	}
	t.Logf("%d texts acknowledged, %d seen by a later save or waiting (%d), %d lost", len(j.acked), len(j.seen), waiting, lost)
}

// saveOnce draws the page, types into one or both fields, and saves; when told that it was
// overtaken it chooses its own text or the stored one.
func (w *world) saveOnce(t *testing.T, id string, n int, j *journal) error {
	d, err := w.Load(t.Context(), w.mai, id)
	if err != nil {
		return err
	}
	run := d.Run(w.Now())
	body, shown := url.Values{}, d.Shown(run, 1, fmt.Sprint("tab", n))
	for _, f := range run.Model(1, nil).Fields {
		controls(f, body)
	}
	texts := map[string]string{}
	for i, field := range []string{"name", "job"} {
		if n%3 != i { // the first, the second, or both
			texts[field] = fmt.Sprintf("%s-%d", field, n)
			body.Set(field, texts[field])
		}
	}
	// what this page showed was seen by whoever changes it here
	drawn := map[string]string{"name": fmt.Sprint(d.Answers["name"]), "job": fmt.Sprint(d.Answers["job"])}
	saved, err := w.SaveSent(t.Context(), w.mai, id, Sent{No: 1, Body: body, Shown: shown, By: fmt.Sprint(n)}, newKey(w.mai))
	if problem.Is(err, problem.Conflict) { // too much waits to be chosen from: not acknowledged, so chosen first
		if err := w.chooseAll(t, id, j); err != nil {
			return err
		}
		return w.saveOnce(t, id, n, j)
	}
	if err != nil {
		return err
	}
	j.mu.Lock()
	for field, text := range texts {
		j.acked[text] = id + " " + field
		if !slices.Contains(saved.Overtaken, field) {
			j.seen[drawn[field]] = true
		}
	}
	j.mu.Unlock()
	if len(saved.Overtaken) > 0 && n%2 == 0 {
		return w.chooseAll(t, id, j)
	}
	return nil
}

// chooseAll opens the page of choices, has seen what it shows, and picks.
func (w *world) chooseAll(t *testing.T, id string, j *journal) error {
	d, err := w.Load(t.Context(), w.mai, id)
	if err != nil {
		return err
	}
	picks := map[string]string{}
	j.mu.Lock()
	for _, c := range d.Choices(w.Now()) {
		for _, v := range append([]Version{c.Now}, c.Other...) {
			text, _ := v.Row.Value.In(locales.VI)
			j.seen[text] = true
		}
		picks[c.Field] = append(c.Other, c.Now)[rand.IntN(len(c.Other)+1)].ID
	}
	j.mu.Unlock()
	_, err = w.Choose(t.Context(), w.mai, id, picks, d.ShownChoices(), "", newKey(w.mai))
	return err
}
