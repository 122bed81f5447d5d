package eforms_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/eforms"
	"motcua/locales"
)

const printed = `{"format":1,"id":"t","title":"Đơn","print":{"number":"Mẫu số 01","to":true,"blocks":[
	{"heading":"I. Người khai"},
	{"text":"Tôi là {who}, sinh ngày {born.day} tháng {born.month} năm {born.year}, ở {home.commune}; {home.detail}."},
	{"rows":["sex","hidden"]},
	{"group":"children"},
	{"sign":["Chủ hộ","Người khai"]}
]},"pages":[{"id":"p","title":"Trang một","questions":[
	{"id":"who","kind":"name","label":"Họ tên"},
	{"id":"born","kind":"date","label":"Ngày sinh"},
	{"id":"home","kind":"address","label":"Nơi ở"},
	{"id":"sex","kind":"radios","label":"Giới tính","options":[{"value":"f","label":"Nữ"},{"value":"m","label":"Nam"}]},
	{"id":"hidden","kind":"text","label":"Không hỏi","show_if":{"==":[{"var":"sex"},"m"]}}
]},{"id":"q","title":"Trang hai","questions":[
	{"id":"children","kind":"group","label":"Các con","item":"Con","max_rows":5,"questions":[
		{"id":"name","kind":"name","label":"Tên"},{"id":"year","kind":"text","label":"Năm"}]},
	{"id":"note","kind":"longtext","label":"Ghi chú","optional":true},
	{"id":"count","kind":"computed","label":"Số con","compute":{"reduce":[{"var":"children"},{"+":[{"var":"accumulator"},1]},0]}}
]}]}`

// onPaper is a layout as text: headings in brackets, answers in angle brackets.
func onPaper(l eforms.Layout) string {
	var b strings.Builder
	for _, p := range l.Parts {
		switch {
		case !p.Heading.Empty():
			fmt.Fprintf(&b, "[%s]", p.Heading.VI)
		case p.Row != nil:
			fmt.Fprintf(&b, "%s: <%s>", p.Row.Label.VI, p.Row.Value.VI)
			groupsOnPaper(&b, p.Row.Groups)
		}
		for _, w := range p.Words {
			if w.Answer {
				fmt.Fprintf(&b, "<%s>", w.Text.VI)
			} else {
				b.WriteString(w.Text.VI)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func groupsOnPaper(b *strings.Builder, groups []eforms.RowGroup) {
	for _, g := range groups {
		b.WriteString(" |")
		for _, r := range g.Rows {
			fmt.Fprintf(b, " %s: <%s>", r.Label.VI, r.Value.VI)
			groupsOnPaper(b, r.Groups)
		}
	}
}

func TestStatutoryLayout(t *testing.T) {
	t.Parallel()
	f, err := eforms.Load([]byte(printed))
	if err != nil {
		t.Fatal(err)
	}
	r := running(f, eforms.Answers{"who": "NGUYỄN THỊ ÚT", "born": "1986-03-01", "sex": "f",
		"home":     map[string]any{"province": "91", "commune": "30307", "detail": "25 Trần Hưng Đạo"},
		"children": []any{map[string]any{"name": "AN", "year": "2010"}, map[string]any{"name": "BÌNH", "year": "2012"}}, "note": "Không."})
	l := r.Layout()
	want := `[I. Người khai]
Tôi là <NGUYỄN THỊ ÚT>, sinh ngày <01> tháng <03> năm <1986>, ở <phường Long Xuyên>; <25 Trần Hưng Đạo>.
Giới tính: <Nữ>
Các con: <> | Tên: <AN> Năm: <2010> | Tên: <BÌNH> Năm: <2012>
[Thông tin khác]
Nơi ở: <25 Trần Hưng Đạo, phường Long Xuyên, tỉnh Mẫu>
Ghi chú: <Không.>
Số con: <2>
`
	if got := onPaper(l); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if l.Number.VI != "Mẫu số 01" || l.Title.VI != "Đơn" || !l.To || len(l.Signs) != 2 {
		t.Errorf("head and foot: %+v", l)
	}

	blank := `[I. Người khai]
Tôi là <>, sinh ngày <> tháng <> năm <>, ở <>; <>.
Giới tính: <□ Nữ   □ Nam>
Không hỏi: <>
Các con: <> | Tên: <> Năm: <> | Tên: <> Năm: <> | Tên: <> Năm: <>
[Thông tin khác]
Nơi ở: <>
Ghi chú: <>
`
	if got := onPaper(f.Blank()); got != blank {
		t.Errorf("blank:\n%swant\n%s", got, blank)
	}
}

func TestLayoutOfItsOwn(t *testing.T) {
	t.Parallel()
	f := asking(t, `{"id":"day","kind":"date_or_year","label":"Ngày"}`, `{"id":"n","kind":"integer","label":"Số","optional":true}`)
	if got := onPaper(running(f, eforms.Answers{"day": "1950"}).Layout()); got != "[P]\nNgày: <1950>\nSố: <>\n" {
		t.Error(got)
	}
}

// Whatever a form asks and a person answers stands on its paper; answers that are missing
// there are a known failing of other engines.
func TestEveryVisibleAnswerIsOnPaper(t *testing.T) {
	t.Parallel()
	for name, r := range recordedRuns(t) {
		paper := onPaper(r.Layout())
		for _, s := range r.Outline() {
			onIt(t, name, paper, s.Rows)
		}
	}
}

func onIt(t *testing.T, name, paper string, rows []eforms.Row) {
	t.Helper()
	for _, row := range rows {
		bare, _, _ := strings.Cut(row.Value.VI, " ") // of an amount in a sentence, which has the unit itself
		if !strings.Contains(paper, "<"+row.Value.VI+">") && !strings.Contains(paper, "<"+bare+">") {
			t.Errorf("%s: %s (%s) is not on paper", name, row.ID, row.Value.VI)
		}
		for _, g := range row.Groups {
			onIt(t, name, paper, g.Rows)
		}
	}
}

// recordedRuns are the recorded tests of all shipped forms, as they were filed.
func recordedRuns(t *testing.T) map[string]*eforms.Run {
	t.Helper()
	files, err := filepath.Glob("../assets/catalogue/procedures/*/tests/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recordings (%v)", len(files), err)
	}
	all := map[string]*eforms.Run{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var rec eforms.Recording
		if err := json.Unmarshal(data, &rec); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		day, err := time.ParseInLocation(time.DateOnly, rec.Today, locales.ICT)
		if err != nil {
			t.Fatal(err)
		}
		code := filepath.Base(filepath.Dir(filepath.Dir(file)))
		r := &eforms.Run{Form: shipped(t, code), Answers: rec.Answers, Lists: maps.Clone(lists), Today: day}
		maps.Copy(r.Lists, rec.Lists)
		for name, value := range rec.Facts {
			r.Facts = append(r.Facts, fact(name, value))
		}
		all[code+" "+filepath.Base(file)] = r
	}
	return all
}

// Of what has parts a sentence may hold each; what lacks a part is added whole.
func TestPartsOnPaper(t *testing.T) {
	t.Parallel()
	form := func(sentence string) string {
		return `{"format":1,"id":"t","title":"Đơn","print":{"blocks":[{"text":"` + sentence + `"}]},"pages":[{"id":"p","title":"P","questions":[
			{"id":"head","kind":"person","label":"Chủ hộ","parts":["name","birth_date"]},
			{"id":"stay","kind":"period","label":"Thời hạn"},
			{"id":"floors","kind":"table","label":"Diện tích","columns":[{"id":"area","kind":"integer","label":"m²"}],"lines":[{"id":"one","label":"Tầng 1"}]}
		]}]}`
	}
	whole := "{head.name} sinh {head.birth_date.day}/{head.birth_date.month}/{head.birth_date.year} từ {stay.from} đến {stay.to}: {floors.one.area}"
	answers := eforms.Answers{"head": map[string]any{"name": "AN", "birth_date": "1986-03-01"}, "stay": map[string]any{"from": "2026-01-02", "to": "2026-03-04"},
		"floors": map[string]any{"one": map[string]any{"area": "70"}}}
	for _, tt := range []struct{ sentence, want string }{
		{whole, "<AN> sinh <01>/<03>/<1986> từ <2/1/2026> đến <4/3/2026>: <70>\n"},
		{"{head.birth_date.year} {floors} {stay.from.month}", "<1986> <m² (tầng 1): 70> <01>\n[Thông tin khác]\nChủ hộ: <Họ, chữ đệm và tên: AN; Ngày sinh: 1/3/1986>\nThời hạn: <từ 2/1/2026 đến 4/3/2026>\n"},
	} {
		f, err := eforms.Load([]byte(form(tt.sentence)))
		if err != nil {
			t.Fatal(err)
		}
		if got := onPaper(running(f, answers).Layout()); got != tt.want {
			t.Errorf("got\n%swant\n%s", got, tt.want)
		}
	}
	for _, wrong := range []string{"{head.shoe}", "{head.name.first}", "{floors.two.area}", "{stay.days}", "{nobody}"} {
		if got := mistakes(t, form(wrong)); len(got) != 1 || got[0] != "/print/blocks/0/text: eforms.load.reference" {
			t.Errorf("%s: %v", wrong, got)
		}
	}
}
