package workflow

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"motcua/locales"
	"motcua/portal/calendar"
)

// sample is a workflow of the Đồng Nai model (decision of 30/12/2016, III.1).
func sample(t testing.TB, name string) Workflow {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var w Workflow
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSamplesAreSound(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"six": 6, "ten": 10} {
		w := sample(t, name)
		if faults := w.Check(); len(faults) != 0 {
			t.Errorf("%s: %v", name, faults)
		}
		if len(w.Steps) != n {
			t.Errorf("%s has %d steps, want %d", name, len(w.Steps), n)
		}
	}
}

func TestWalk(t *testing.T) {
	t.Parallel()
	w := sample(t, "ten")
	if s, ok := w.First(); !ok || s.ID != "nop" {
		t.Errorf("first: %v %v", s, ok)
	}
	for _, c := range []struct{ from, does, want string }{
		{"nop", Intake, "tiep_nhan"},
		{"tiep_nhan", Process, "xu_ly"},
		{"xu_ly", Process, "b_xu_ly"},
		{"xu_ly", Archive, "b_luu"},
		{"b_luu", Archive, "luu"},
		{"tiep_nhan", File, "nop"},
		{"nop", Receive, "nhan"},
		{"tra", Process, ""},
		{"nowhere", Process, ""},
	} {
		s, ok := w.After(c.from, c.does)
		if s.ID != c.want || ok != (c.want != "") {
			t.Errorf("after %s, %s: %q %v, want %q", c.from, c.does, s.ID, ok, c.want)
		}
	}
	if _, ok := w.Step("nowhere"); ok {
		t.Error("a step that is not drawn was found")
	}
	if _, ok := (Workflow{}).First(); ok {
		t.Error("an empty drawing has a first step")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what  string
		spoil func(w *Workflow)
		want  []string // step: key
	}{
		{"no steps", func(w *Workflow) { w.Steps = nil }, []string{": workflow.empty"}},
		{"unknown kind", func(w *Workflow) { w.Kind = "" }, []string{": workflow.kind_unknown"}},
		{"no role", func(w *Workflow) { w.Steps[2].Role = "" }, []string{"xu_ly: workflow.no_role"}},
		{"no time", func(w *Workflow) { w.Steps[2].Within = calendar.Rule{} }, []string{"xu_ly: workflow.no_time"}},
		{"unit without amount", func(w *Workflow) { w.Steps[2].Within.Amount = 0 }, []string{"xu_ly: workflow.no_time"}},
		{"no name", func(w *Workflow) { w.Steps[2].Name = locales.Text{EN: "Process"} }, []string{"xu_ly: workflow.no_name"}},
		{"unknown deed", func(w *Workflow) { w.Steps[2].Does = "dance" }, []string{"xu_ly: workflow.deed_unknown"}},
		{"other agency in one", func(w *Workflow) { w.Steps[2].At = Partner }, []string{"xu_ly: workflow.agency_unknown"}},
		{"begins with intake", func(w *Workflow) { w.Steps = w.Steps[1:]; w.Steps[0].Next = []string{"xu_ly"} }, []string{"tiep_nhan: workflow.begins_otherwise"}},
		{"unknown next", func(w *Workflow) { w.Steps[3].Next = []string{"tra", "nowhere"} }, []string{"luu: workflow.next_unknown"}},
		{"the same id twice", func(w *Workflow) { w.Steps = append(w.Steps, w.Steps[5]) }, []string{"nhan: workflow.id_twice"}},
		{"branch without end", func(w *Workflow) { w.Steps[3].Next = nil },
			[]string{"luu: workflow.no_end", "tra: workflow.unreached", "nhan: workflow.unreached"}},
		{"one branch of two without end", func(w *Workflow) {
			w.Steps[2].Next = append(w.Steps[2].Next, "hop")
			w.Steps = append(w.Steps, Step{ID: "hop", Name: locales.V("Họp"), Does: Process, Role: "leader", Within: calendar.Rule{Amount: 1, Unit: calendar.WorkingDay}})
		}, []string{"hop: workflow.no_end"}},
		{"endless loop", func(w *Workflow) { w.Steps[3].Next = []string{"xu_ly"} },
			[]string{"xu_ly: workflow.endless", "luu: workflow.endless", "tra: workflow.unreached", "nhan: workflow.unreached"}},
		{"a step that waits for itself", func(w *Workflow) { w.Steps[3].Next = []string{"luu"} },
			[]string{"luu: workflow.endless", "tra: workflow.unreached", "nhan: workflow.unreached"}},
		{"step beside the way", func(w *Workflow) { w.Steps[2].Next = []string{"tra"} }, []string{"luu: workflow.unreached"}},
		{"all at once", func(w *Workflow) { w.Steps[2].Role, w.Steps[2].Within = "", calendar.Rule{} },
			[]string{"xu_ly: workflow.no_role", "xu_ly: workflow.no_time"}},
	} {
		w := sample(t, "six")
		c.spoil(&w)
		var got []string
		for _, f := range w.Check() {
			got = append(got, f.Step+": "+f.Message.Key)
			for _, l := range []locales.Lang{locales.VI, locales.EN} {
				if words, in := locales.Say(l, f.Message); in != l || strings.Contains(words, "{") || words == f.Message.Key {
					t.Errorf("%s: %s is not worded in %s: %q", c.what, f.Message.Key, l, words)
				}
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.what, got, c.want)
		}
	}
}

// Whatever is drawn, a workflow without faults has a way to the end from every step.
func TestSoundOnesEnd(t *testing.T) {
	t.Parallel()
	ids := []string{"nop", "tiep_nhan", "xu_ly", "luu", "tra", "nhan"}
	rapid.Check(t, func(rt *rapid.T) {
		w := sample(t, "six")
		for i := range w.Steps {
			if rapid.Bool().Draw(rt, "redrawn") {
				w.Steps[i].Next = rapid.SliceOfN(rapid.SampledFrom(ids), 0, 3).Draw(rt, "next")
			}
		}
		if len(w.Check()) > 0 {
			return
		}
		for _, s := range w.Steps {
			if _, ok := w.After(s.ID, Receive); !ok && s.Does != Receive {
				rt.Fatalf("no end after %s: %v", s.ID, w)
			}
		}
	})
}
