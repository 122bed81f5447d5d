package eforms_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"

	"motcua/eforms"
)

// large is a form of n questions on pages of 7, with 40 rules and a group of rows, each
// with rows of its own, and a full set of answers.
func large(t testing.TB, n, rows, inner int) (*eforms.Run, url.Values) {
	t.Helper()
	var pages []any
	answers := eforms.Answers{}
	text := func(id string) map[string]any {
		return map[string]any{"id": id, "kind": "text", "label": "Nhãn của câu hỏi"}
	}
	for len(pages)*7 < n {
		var questions []any
		for i := range 7 {
			id := fmt.Sprintf("q%d", len(pages)*7+i)
			q := text(id)
			answers[id] = "Câu trả lời"
			if i == 6 {
				q["show_if"] = map[string]any{"!=": []any{map[string]any{"var": fmt.Sprintf("q%d", len(pages)*7)}, "không"}}
			}
			questions = append(questions, q)
		}
		pages = append(pages, map[string]any{"id": fmt.Sprintf("p%d", len(pages)), "title": "Trang", "questions": questions})
	}
	pages = append(pages, map[string]any{"id": "group", "title": "Nhóm", "questions": []any{
		map[string]any{"id": "g", "kind": "group", "label": "Nhóm", "item": "Dòng", "max_rows": max(rows, 1), "questions": []any{
			map[string]any{"id": "name", "kind": "name", "label": "Tên"}, map[string]any{"id": "born", "kind": "date", "label": "Ngày sinh", "not_after": "today"},
			map[string]any{"id": "n", "kind": "integer", "label": "Số"}, map[string]any{"id": "v", "kind": "money", "label": "Giá"},
			map[string]any{"id": "s", "kind": "computed", "label": "Tiền", "compute": json.RawMessage(`{"*":[{"var":"row.n"},{"var":"row.v"}]}`)},
			map[string]any{"id": "why", "kind": "text", "label": "Lý do", "show_if": json.RawMessage(`{">":[{"var":"row.s"},1000000]}`)},
			map[string]any{"id": "parts", "kind": "group", "label": "Phần", "item": "Phần", "max_rows": 20, "questions": []any{
				map[string]any{"id": "part", "kind": "text", "label": "Phần"}, map[string]any{"id": "weight", "kind": "integer", "label": "Nặng"},
				map[string]any{"id": "note", "kind": "text", "label": "Ghi chú", "show_if": json.RawMessage(`{">":[{"var":"row.weight"},{"var":"outer.n"}]}`)},
			}},
			map[string]any{"id": "all", "kind": "computed", "label": "Cân nặng", "compute": json.RawMessage(`{"reduce":[{"var":"row.parts"},{"+":[{"var":"accumulator"},{"var":"current.weight"}]},0]}`)},
		}},
		map[string]any{"id": "sum", "kind": "computed", "label": "Tổng", "compute": json.RawMessage(`{"reduce":[{"var":"g"},{"+":[{"var":"accumulator"},{"var":"current.s"}]},0]}`)},
		map[string]any{"id": "heavy", "kind": "computed", "label": "Nặng", "compute": json.RawMessage(`{"reduce":[{"var":"g"},{"+":[{"var":"accumulator"},{"reduce":[{"var":"current.parts"},{"+":[{"var":"accumulator"},{"var":"current.weight"}]},0]}]},0]}`)},
	}})
	var rules, filled []any
	for i := range 40 {
		rules = append(rules, map[string]any{"id": fmt.Sprintf("r%d", i), "field": fmt.Sprintf("q%d", i), "message": "Sai",
			"check": map[string]any{"!=": []any{map[string]any{"var": fmt.Sprintf("q%d", i)}, map[string]any{"cat": []any{map[string]any{"var": fmt.Sprintf("q%d", i+7)}, "x"}}}}})
	}
	for range rows {
		var parts []any
		for range inner {
			parts = append(parts, map[string]any{"part": "Bánh xe", "weight": "12", "note": "x"})
		}
		filled = append(filled, map[string]any{"name": "Nguyễn Văn A", "born": "1986-03-31", "n": "3", "v": "500000", "why": "x", "parts": parts})
	}
	answers["g"] = filled
	data, err := json.Marshal(map[string]any{"format": 1, "id": "t", "title": "T", "pages": pages, "rules": rules})
	if err != nil {
		t.Fatal(err)
	}
	r := running(load(t, string(data)), answers)
	sent := url.Values{}
	for i := range rows {
		for name, value := range map[string]string{"name": "Nguyễn Văn A", "born.day": "31", "born.month": "3", "born.year": "1986", "n": "3", "v": "500.000", "why": "x"} {
			sent.Set(fmt.Sprintf("g.%d.%s", i, name), value)
		}
		for j := range inner {
			for name, value := range map[string]string{"part": "Bánh xe", "weight": "12", "note": "x"} {
				sent.Set(fmt.Sprintf("g.%d.parts.%d.%s", i, j, name), value)
			}
		}
	}
	return r, sent
}

// BenchmarkPage is what one page costs the server, by how many questions and rows the whole
// form has: a page in its middle read, judged and the next one drawn; the page of the group
// read, judged and drawn again; and the check page, which is the whole form.
func BenchmarkPage(b *testing.B) {
	for _, size := range []struct{ questions, rows, inner int }{
		{100, 0, 0}, {200, 0, 0}, {400, 0, 0}, {800, 0, 0}, {700, 10, 0}, {700, 50, 0}, {700, 100, 0}, {700, 10, 10}, {700, 50, 10}, {700, 100, 10},
	} {
		r, sent := large(b, size.questions, size.rows, size.inner)
		name := fmt.Sprintf("questions=%d/rows=%d/inner=%d/", size.questions, size.rows, size.inner)
		b.Run(name+"page", func(b *testing.B) {
			for b.Loop() {
				answers, faults, _ := r.With(r.Answers).Read(3, body("q14", "a", "q15", "b", "q16", "c", "q17", "d", "q18", "e", "q19", "f", "q20", "g"))
				next := r.With(answers)
				no, _ := next.Next(3)
				next.Model(no, faults)
			}
		})
		b.Run(name+"group", func(b *testing.B) {
			no := len(r.Form.Pages)
			for b.Loop() {
				answers, faults, _ := r.With(r.Answers).Read(no, sent)
				r.With(answers).Model(no, faults)
			}
		})
		wrong := url.Values{}
		for name := range sent {
			wrong.Set(name, "?")
		}
		b.Run(name+"wrong", func(b *testing.B) { // every field of the group is at fault
			no := len(r.Form.Pages)
			for b.Loop() {
				answers, faults, _ := r.With(r.Answers).Read(no, wrong)
				r.With(answers).Model(no, faults)
			}
		})
		b.Run(name+"check", func(b *testing.B) {
			for b.Loop() {
				next := r.With(r.Answers)
				next.Faults()
				next.Outline()
				next.Visible()
			}
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	data, err := shipped(b, "1.001193").MarshalJSON()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := eforms.Load(data); err != nil {
			b.Fatal(err)
		}
	}
}

// The large form is filled without a fault, so the benchmark measures what it says.
func TestLargeForm(t *testing.T) {
	r, sent := large(t, 700, 100, 10)
	if faults := r.Faults(); len(faults) > 0 {
		t.Fatalf("%d faults: %s", len(faults), vi(faults[0].Message))
	}
	if got := r.Quantities(); got["sum"] != 150_000_000 || got["heavy"] != 12_000 || got["g.99.all"] != 120 {
		t.Errorf("sum %d, weight %d, last %d", got["sum"], got["heavy"], got["g.99.all"])
	}
	answers, faults, again := r.Read(len(r.Form.Pages), sent)
	if again || len(faults) > 0 || len(answers["g"].([]any)) != 100 {
		t.Errorf("again %v, %v", again, faults)
	}
}
