package editorial

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
)

// sheet is a small one with what the tests change.
func sheet() *catalogue.Revision {
	return &catalogue.Revision{
		Sheet: catalogue.Sheet{Code: "1.000001", Name: locales.Text{VI: "Đăng ký khai sinh", EN: "Birth"}, Level: 3, Audience: []string{"citizen"},
			Steps: []catalogue.Steps{{Steps: []locales.Text{locales.V("Nộp hồ sơ"), locales.V("Nhận kết quả")}}},
			Channels: []catalogue.Channel{
				{Channel: "online", Time: catalogue.Time{Amount: 5, Unit: "working_day"}, Fees: []catalogue.Price{{Amount: 5000, Unit: locales.V("bản"), Kind: "le_phi"}}},
				{Channel: "direct", Time: catalogue.Time{Amount: 5, Unit: "working_day"}, Fees: []catalogue.Price{{Amount: 8000, Unit: locales.V("bản")}}}},
			Components: []catalogue.Components{{Papers: []catalogue.Component{{Code: "a", Name: locales.V("Tờ khai"), Copies: 1}, {Code: "b", Name: locales.V("Giấy chứng sinh"), Originals: 1}}}},
			Legal:      []catalogue.Basis{{Number: "60/2014/QH13", Name: locales.V("Luật Hộ tịch"), Date: "2014-11-20"}}},
		Fees:     []payments.Rule{{ID: "copy", Kind: "le_phi", Name: locales.V("Lệ phí bản sao"), Unit: 5000, Per: "copies"}},
		Deadline: calendar.Rule{Amount: 5, Unit: "working_day"},
		Notices:  map[string]locales.Text{"received": locales.V("Mang giấy tờ tùy thân")},
	}
}

// told is a difference as an editor reads it: −gone− and +new+.
func told(d Difference) string {
	label, _ := locales.Say(locales.VI, d.Label)
	side := func(runs []Run) string {
		var b strings.Builder
		for _, r := range runs {
			text := r.Text
			if text == "" {
				text, _ = locales.Say(locales.VI, r.Say)
			}
			switch r.Kind {
			case Ins:
				text = "+" + text + "+"
			case Del:
				text = "−" + text + "−"
			}
			b.WriteString(text)
		}
		return b.String()
	}
	return fmt.Sprintf("%s%s %s: %s → %s", d.Part, d.Place, label, side(d.Before), side(d.After))
}

func tell(all []Difference) []string {
	lines := make([]string, len(all))
	for i, d := range all {
		lines[i] = told(d)
	}
	return lines
}

func TestDifferencesInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(r *catalogue.Revision)
		want   []string
	}{
		{"nothing", func(r *catalogue.Revision) {}, nil},
		{"a fee", func(r *catalogue.Revision) { r.Sheet.Channels[0].Fees[0].Amount = 8000 },
			[]string{"sheet/channels/0/fees/0/amount Trực tuyến – Lệ phí: −5.000 đồng− → +8.000 đồng+"}},
		{"a time", func(r *catalogue.Revision) { r.Sheet.Channels[1].Time.Amount = 3 },
			[]string{"sheet/channels/1/time/amount Trực tiếp – Thời hạn: −5 ngày làm việc− → +3 ngày làm việc+"}},
		{"a name", func(r *catalogue.Revision) { r.Sheet.Name.VI = "Đăng ký lại khai sinh" },
			[]string{"sheet/name/vi Tên: Đăng ký khai sinh → Đăng ký +lại +khai sinh"}},
		{"a translation", func(r *catalogue.Revision) { r.Sheet.Name.EN = "" },
			[]string{"sheet/name/en Tên (tiếng Anh): −Birth− → "}},
		{"a paper that moved and one between", func(r *catalogue.Revision) {
			p := r.Sheet.Components[0].Papers
			r.Sheet.Components[0].Papers = []catalogue.Component{p[0], {Name: locales.V("Sổ hộ khẩu"), Copies: 2}, p[1]}
		}, []string{"sheet/components/0/papers/1 Giấy tờ:  → +Sổ hộ khẩu++ · ++Bản sao++: ++2+"}},
		{"a paper that went", func(r *catalogue.Revision) {
			r.Sheet.Components[0].Papers = r.Sheet.Components[0].Papers[1:]
		}, []string{"sheet/components/0/papers Giấy tờ: −Tờ khai−− · −−Mã−−: −−a−− · −−Bản sao−−: −−1− → "}},
		{"other order", func(r *catalogue.Revision) { slices.Reverse(r.Sheet.Components[0].Papers) },
			[]string{"sheet/components/0/papers Giấy tờ: −Thứ tự cũ− → +Thứ tự mới+"}},
		{"a step between", func(r *catalogue.Revision) {
			r.Sheet.Steps[0].Steps = slices.Insert(r.Sheet.Steps[0].Steps, 1, locales.V("Đóng lệ phí"))
		}, []string{"sheet/steps/0/steps/1/vi Trình tự thực hiện:  → +Đóng lệ phí+"}},
		{"a step in other words", func(r *catalogue.Revision) { r.Sheet.Steps[0].Steps[1] = locales.V("Nhận kết quả tại xã") },
			[]string{"sheet/steps/0/steps/1/vi Trình tự thực hiện: Nhận kết quả → Nhận kết quả+ tại xã+"}},
		{"who", func(r *catalogue.Revision) { r.Sheet.Audience = []string{"citizen", "business"} },
			[]string{"sheet/audience Đối tượng thực hiện: Công dân → Công dân, +Doanh nghiệp+"}},
		{"a day", func(r *catalogue.Revision) { r.Sheet.Legal[0].To = "2026-12-31" },
			[]string{"sheet/legal/0/valid_to Luật Hộ tịch – Hiệu lực đến hết:  → +31/12/2026+"}},
		{"a rule", func(r *catalogue.Revision) { r.Fees[0].Unit = 8000 },
			[]string{"fees/0/unit Lệ phí bản sao – Mức thu: −5.000 đồng− → +8.000 đồng+"}},
		{"terms", func(r *catalogue.Revision) { r.Deadline.Amount = 3 },
			[]string{"terms/deadline Thời hạn giải quyết: −5 ngày làm việc− → +3 ngày làm việc+"}},
		{"a notice", func(r *catalogue.Revision) { r.Notices = nil },
			[]string{"notices/received/vi received: −Mang giấy tờ tùy thân− → "}},
	} {
		after := sheet()
		c.change(after)
		if got := tell(Differences(sheet(), after)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestNewProcedureIsAllNew(t *testing.T) {
	t.Parallel()
	all := Differences(nil, sheet())
	for _, d := range all {
		if !d.Added() || d.Removed() {
			t.Errorf("not new: %s", told(d))
		}
	}
	if len(all) < 10 {
		t.Errorf("only %q", tell(all))
	}
}

// Whatever an editor can change is shown, at its place, in a field that has a name.
func TestEveryFieldShows(t *testing.T) {
	t.Parallel()
	for _, part := range []struct {
		name string
		of   func(r *catalogue.Revision) any
	}{
		{"sheet", func(r *catalogue.Revision) any { return &r.Sheet }},
		{"fees", func(r *catalogue.Revision) any { return &r.Fees }},
		{"papers", func(r *catalogue.Revision) any { return &r.Papers }},
	} {
		full := func() *catalogue.Revision {
			r := &catalogue.Revision{}
			fill(reflect.ValueOf(part.of(r)).Elem())
			return r
		}
		leaves := 0
		for i := 0; ; i++ {
			after := full()
			at := i
			place, done := touch(reflect.ValueOf(part.of(after)).Elem(), "", &at)
			if !done {
				break
			}
			leaves++
			found := Differences(full(), after)
			if len(found) == 0 {
				t.Errorf("%s%s changes unseen", part.name, place)
				continue
			}
			if at := found[len(found)-1].Place; !strings.HasPrefix(place, at) && !strings.HasPrefix(at, place) && place != "/channels/0/time/unit" {
				t.Errorf("%s%s is shown at %s", part.name, place, at)
			}
			for _, d := range found {
				for _, key := range unnamed(d.Label) {
					t.Errorf("%s%s has no name for people: %v", part.name, place, key)
				}
			}
		}
		if leaves < 10 {
			t.Errorf("%s: only %d fields were tried", part.name, leaves)
		}
	}
}

// unnamed are the fields that are called as in the document.
func unnamed(m locales.Message) (all []string) {
	if m.Key == "difference.raw" {
		all = append(all, m.String())
	}
	for _, a := range m.Args {
		if sub, ok := a.Value.(locales.Message); ok {
			all = append(all, unnamed(sub)...)
		}
	}
	return all
}

// fill gives every field something to say.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.String:
		v.SetString("một hai")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	}
}

// touch changes the n-th leaf and says where it is.
func touch(v reflect.Value, place string, n *int) (string, bool) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if at, done := touch(v.Field(i), place+"/"+name, n); done {
				return at, true
			}
		}
		return "", false
	case reflect.Slice:
		return touch(v.Index(0), place+"/0", n)
	case reflect.Pointer:
		return touch(v.Elem(), place, n)
	}
	if *n--; *n >= 0 {
		return "", false
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("một ba")
	case reflect.Int, reflect.Int64:
		v.SetInt(8)
	case reflect.Bool:
		v.SetBool(true)
	}
	return place, true
}

// What a difference shows is what was there, and what is: no word is lost or made up.
func TestRunsAreTheTexts(t *testing.T) {
	t.Parallel()
	text := func(runs []Run) string {
		var b strings.Builder
		for _, r := range runs {
			b.WriteString(r.Text)
		}
		return b.String()
	}
	long := strings.Repeat("nộp hồ sơ tại bộ phận một cửa ", 400)
	for _, c := range [][2]string{{"", "a"}, {"a b c", "a x c"}, {"nộp  hồ sơ,", "Nộp hồ sơ."}, {"a b", "b a"}, {"ế", "e\u0302\u0301"}, {long, "x " + long + "y"},
		{long, strings.ReplaceAll(long, "cửa", "chỗ")}, {"một", "hai ba"}, {"a, b; c", "a; b, c d"}} {
		b, a := words(c[0], c[1])
		if text(b) != c[0] || text(a) != c[1] {
			t.Errorf("%.40q → %.40q became %.40q → %.40q", c[0], c[1], text(b), text(a))
		}
		for _, r := range b {
			if r.Kind == Ins {
				t.Errorf("%.40q: new words before", c[0])
			}
		}
	}
}

// A number is one word, whatever marks are within it.
func TestNumbersAreWords(t *testing.T) {
	t.Parallel()
	b, a := words("Mỗi bản 8.000 đồng, từ 1/7/2025.", "Mỗi bản 8.500 đồng, từ 1/9/2025.")
	want := func(got []Run, kind string, words ...string) {
		t.Helper()
		var changed []string
		for _, r := range got {
			if r.Kind == kind {
				changed = append(changed, r.Text)
			}
		}
		if !slices.Equal(changed, words) {
			t.Errorf("%q, not %q", changed, words)
		}
	}
	want(b, Del, "8.000", "1/7/2025")
	want(a, Ins, "8.500", "1/9/2025")
}

func FuzzWords(f *testing.F) {
	f.Add("a b c", "a c d")
	f.Fuzz(func(t *testing.T, x, y string) {
		if len(x)+len(y) > 2000 || strings.ToValidUTF8(x, "") != x || strings.ToValidUTF8(y, "") != y {
			t.Skip()
		}
		b, a := words(x, y)
		var bs, as string
		for _, r := range b {
			bs += r.Text
		}
		for _, r := range a {
			as += r.Text
		}
		if bs != x || as != y {
			t.Errorf("%q → %q became %q → %q", x, y, bs, as)
		}
	})
}

// A form is compared by its questions, wherever they stand now.
func TestFormInWords(t *testing.T) {
	t.Parallel()
	load := func(questions ...string) *catalogue.Revision {
		form, err := eforms.Load([]byte(`{"format": 1, "id": "x", "title": {"vi": "X"}, "pages": [{"id": "p", "title": {"vi": "Trang"}, "questions": [` + strings.Join(questions, ",") + `]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		return &catalogue.Revision{Form: form}
	}
	name := func(label string, optional bool) string {
		l, _ := json.Marshal(label)
		return `{"id": "name", "kind": "text", "label": {"vi": ` + string(l) + `}, "max_length": 80, "optional": ` + strconv.FormatBool(optional) + `}`
	}
	age := `{"id": "age", "kind": "integer", "label": {"vi": "Tuổi"}, "min": 0, "max": 150}`
	if got := Differences(load(name("Tên", true), age), load(name("Tên", true), age)); len(got) != 0 {
		t.Errorf("the same form: %q", tell(got))
	}
	got := strings.Join(tell(Differences(load(name("Tên", true), age), load(age, name("Họ tên", false)))), "\n")
	for _, want := range []string{"form/pages/0/questions/1/label/vi Trang – Họ tên – Câu hỏi: −Tên− → +Họ tên+", "Không bắt buộc: −Có− → +Không+", "Thứ tự mới"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not said:\n%s", want, got)
		}
	}
}
