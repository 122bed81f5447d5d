package eforms

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"motcua/locales"
)

// TestGuideEndsWhereTheFormDoes: for every recorded run of every shipped form the guide,
// given the same answers, ends in the same case, papers, counted things and end, having
// asked a handful of questions and nothing that the form does not ask.
func TestGuideEndsWhereTheFormDoes(t *testing.T) {
	t.Parallel()
	forms, err := filepath.Glob("../assets/catalogue/procedures/*/form.json")
	if err != nil || len(forms) == 0 {
		t.Fatal(err)
	}
	for _, path := range forms {
		dir := filepath.Dir(path)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			f := shippedForm(t, path)
			runs, _ := filepath.Glob(filepath.Join(dir, "tests", "*.json"))
			if len(runs) == 0 {
				t.Fatal("no recorded runs")
			}
			g := f.Guide(feeQuantities(t, dir)...)
			for _, run := range runs {
				guided(t, g, filepath.Base(run), readRecording(t, run))
			}
		})
	}
}

// guided answers the guide as the recording answers the form.
func guided(t *testing.T, g *Guide, name string, rec Recording) {
	t.Helper()
	day, err := time.ParseInLocation(time.DateOnly, rec.Today, locales.ICT)
	if err != nil {
		t.Fatal(err)
	}
	w := &replay{written: inFinalForm(map[string]any(rec.Answers)).(map[string]any)}
	lists := g.Form.listsOf(rec, w.written, nil)
	w.run = &Run{Form: g.Form, Facts: rec.facts(day), Today: day.Add(9 * time.Hour), Attached: map[string]int{}, Lists: lists}
	w.pages()
	w.look()
	known := w.run.Visible() // with what registers said: the guide's reader knows it too

	at := Guided{Run: &Run{Form: g.Form, Today: day.Add(9 * time.Hour), Lists: lists}}
	body, through, asked := url.Values{}, 0, 0
	for at = g.Go(at.Run, 0, body); at.Page != nil; at = g.Go(&Run{Form: g.Form, Today: day.Add(9 * time.Hour), Lists: lists}, through, body) {
		if asked++; asked > 40 || len(at.Page.Faults) > 0 {
			t.Fatalf("%s: page %s asked again: %+v", name, at.Page.ID, []Fault(at.Page.Faults))
		}
		answers := maps.Clone(at.Run.Answers)
		if answers == nil {
			answers = Answers{}
		}
		for _, f := range at.Page.Fields {
			if v, ok := known[f.Name]; ok {
				answers[f.Name] = v
			}
		}
		m := g.model(at.Run.With(answers), at.Page.No, nil)
		m.Fields = slices.DeleteFunc(m.Fields, func(f Field) bool { return !slices.Contains(names(at.Page.Fields), f.Name) })
		maps.Copy(body, m.Body())
		for _, n := range names(at.Page.Fields) {
			if !slices.Contains(body[AskedNames], n) {
				body.Add(AskedNames, n)
			}
		}
		through = at.Page.No
	}
	if len(at.Asked) > 9 {
		t.Errorf("%s: %d pages are asked", name, len(at.Asked))
	}
	if got := at.Run.caseID(); got != rec.Expect.Case {
		t.Errorf("%s: case %q, the form's is %q", name, got, rec.Expect.Case)
	}
	end := ""
	if e := at.Run.End(); e != nil {
		end = e.ID
	}
	if end != rec.Expect.End {
		t.Errorf("%s: end %q, the form's is %q", name, end, rec.Expect.End)
	}
	if end != "" {
		return
	}
	var papers []string
	for _, c := range at.Run.Components() {
		papers = append(papers, c.starred())
	}
	if !slices.Equal(papers, rec.Expect.Components) {
		t.Errorf("%s: papers %q, the form's are %q", name, papers, rec.Expect.Components)
	}
	quantities := at.Run.Quantities()
	for id, n := range rec.Expect.Quantities {
		if q := g.Form.byID[id]; q != nil && (g.asks[q] || g.seen[q]) && quantities[id] != n {
			t.Errorf("%s: %d %s, the form counts %d", name, quantities[id], id, n)
		}
	}
	again := g.Go(&Run{Form: g.Form, Today: day.Add(9 * time.Hour), Lists: lists}, through, at.Body)
	if again.Page != nil || again.Run.caseID() != at.Run.caseID() {
		t.Errorf("%s: what the guide hands on does not lead to the same end", name)
	}
}

func readRecording(t *testing.T, path string) (rec Recording) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &rec)
	}
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func shippedForm(t *testing.T, path string) *Form {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../assets/catalogue/presets/*.json")
	if err != nil {
		t.Fatal(err)
	}
	presets := map[string][]byte{}
	for _, p := range files {
		if presets[presetName(p)], err = os.ReadFile(p); err != nil {
			t.Fatal(err)
		}
	}
	if b, err = Expand(b, presets); err != nil {
		t.Fatal(err)
	}
	f, err := Load(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func presetName(path string) string {
	name := filepath.Base(path)
	return name[:len(name)-len(filepath.Ext(name))]
}

// feeQuantities are what the fee rules of a procedure count.
func feeQuantities(t *testing.T, dir string) (ids []string) {
	t.Helper()
	var rules []struct {
		Per, Each, Times string
		Exempt           []struct{ When string }
	}
	b, err := os.ReadFile(filepath.Join(dir, "fees.json"))
	if err != nil || json.Unmarshal(b, &rules) != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		ids = append(ids, r.Per, r.Each, r.Times)
		for _, e := range r.Exempt {
			ids = append(ids, e.When)
		}
	}
	return ids
}
