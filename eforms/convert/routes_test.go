package convert_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/eforms"
	"motcua/eforms/convert"
	"motcua/locales"
)

// leads is a route of a form of GOV.UK Forms with yes-or-no questions.
type leads struct {
	Routing int     `json:"routing_page_id"`
	Check   int     `json:"check_page_id"`
	Goto    *int    `json:"goto_page_id"`
	Answer  *string `json:"answer_value"`
	End     bool    `json:"skip_to_end"`
}

// visited are the pages that a person with these answers comes to there: from each to the
// page that its first fitting route names, else to the next.
func visited(routes map[int][]leads, answers []string) []int {
	var out []int
	for no := 1; no <= len(answers); {
		out = append(out, no)
		next := no + 1
		for _, r := range routes[no] {
			if r.Answer != nil && answers[r.Check-1] != *r.Answer {
				continue
			}
			if next = len(answers) + 1; r.Goto != nil {
				next = *r.Goto
			}
			break
		}
		no = next
	}
	return out
}

// Whatever is answered, the pages that are shown here are those that are come to there.
func TestRoutesLeadToTheSamePages(t *testing.T) {
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 9).Draw(t, "pages")
		routes := map[int][]leads{}
		var pages []any
		for no := 1; no <= n; no++ {
			page := map[string]any{"id": no, "question_text": "Q", "answer_type": "selection",
				"answer_settings": map[string]any{"only_one_option": "true", "selection_options": []any{map[string]any{"name": "yes"}, map[string]any{"name": "no"}}}}
			for _, answer := range []string{"yes", "no", ""} {
				if rapid.IntRange(0, 4).Draw(t, "route") > 0 || answer == "" && len(routes[no]) > 0 {
					continue
				}
				r := leads{Routing: no, Check: no, End: rapid.IntRange(0, 3).Draw(t, "end") == 0}
				if answer != "" {
					r.Answer = &answer
				}
				if to := rapid.IntRange(no+1, n+1).Draw(t, "to"); to <= n && !r.End {
					r.Goto = &to
				} else {
					r.End = true
				}
				routes[no] = append(routes[no], r)
			}
			if len(routes[no]) > 0 {
				page["routing_conditions"] = routes[no]
			}
			pages = append(pages, page)
		}
		source, err := json.Marshal(map[string]any{"name": "T", "pages": pages})
		if err != nil {
			t.Fatal(err)
		}
		result, err := convert.GOVUK(source, convert.Options{ID: "t"})
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(result.Lines, func(l convert.Line) bool { return len(l.Remarks) > 0 }) {
			return // it says that it did not understand
		}
		f, err := eforms.Load(result.Definition)
		if err != nil {
			return // a page that nobody can come to: said as a mistake
		}
		answers := make([]string, n)
		run := &eforms.Run{Form: f, Answers: eforms.Answers{}, Today: time.Date(2026, 11, 23, 9, 0, 0, 0, locales.ICT)}
		for i := range answers {
			answers[i] = rapid.SampledFrom([]string{"yes", "no"}).Draw(t, "answer "+strconv.Itoa(i+1))
			run.Answers[f.Pages[i].Questions[0].ID] = answers[i]
		}
		compared++
		var shown []int
		for _, p := range run.Pages() {
			shown = append(shown, p.No)
		}
		if want := visited(routes, answers); !slices.Equal(shown, want) {
			t.Fatalf("%v: shown %v, come to there %v\n%s\n%s", answers, shown, want, source, result.Definition)
		}
	})
	if compared < 30 {
		t.Errorf("only %d forms were taken: this compares nothing", compared)
	}
}

// A jump past the second branch, whatever was answered before it.
func TestTheSecondBranchIsPassedOver(t *testing.T) {
	r, err := convert.GOVUK(sample(t, "govuk.json"), convert.Options{ID: "t", Lang: locales.EN})
	if err != nil {
		t.Fatal(err)
	}
	f, err := eforms.Load(r.Definition)
	if err != nil {
		t.Fatal(err)
	}
	for answer, want := range map[string]string{"Yes": "[1 2 3 4 6 7 8 9 10 11 12]", "No": "[1 2 5 6 7 8 9 10 11 12]"} {
		run := &eforms.Run{Form: f, Answers: eforms.Answers{"will_you_close_a_road": answer}}
		var got []int
		for _, p := range run.Pages() {
			got = append(got, p.No)
		}
		if fmt.Sprint(got) != want || run.End() != nil {
			t.Errorf("%s: %v, %v", answer, got, run.End())
		}
	}
	run := &eforms.Run{Form: f, Answers: eforms.Answers{"will_you_close_a_road": "a_main_road"}}
	if e := run.End(); e == nil || e.Title.EN != "You cannot use this form" || e.Text.EN != "Main roads\n\nAsk the county (https://example.org/roads)." {
		t.Errorf("%+v", e)
	}
}

func FuzzFormIO(f *testing.F) {
	f.Add(sample(f, "formio.json"))
	f.Add([]byte(`{"components":[{"type":"select","key":"k","data":{"values":[{"label":"a","value":1}]},"conditional":{"json":{"var":"k"}}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) { converts(t, convert.FormIO, data) })
}

func FuzzGOVUK(f *testing.F) {
	f.Add(sample(f, "govuk.json"))
	f.Add(sample(f, "govuk-steps.json"))
	f.Fuzz(func(t *testing.T, data []byte) { converts(t, convert.GOVUK, data) })
}

// converts holds what any source comes to: an error, or a definition that the loader reads
// to its end, the same each time.
func converts(t *testing.T, read func([]byte, convert.Options) (convert.Result, error), data []byte) {
	r, err := read(data, convert.Options{ID: "t", Lang: locales.EN})
	if err != nil {
		return
	}
	if !json.Valid(r.Definition) {
		t.Fatalf("no JSON: %s", r.Definition)
	}
	for _, m := range r.Mistakes {
		if m.Message.Key == "eforms.load.not_json" || m.Message.Key == "eforms.load.schema" {
			t.Errorf("%s: %s\n%s", m.Place, m.Message, r.Definition)
		}
	}
	again, err := read(data, convert.Options{ID: "t", Lang: locales.EN})
	if err != nil || string(again.Definition) != string(r.Definition) {
		t.Errorf("another the second time: %v", err)
	}
}
