package eforms_test

import (
	"reflect"
	"strings"
	"testing"

	"motcua/eforms"
)

// What rules see of the parts of an answer; a part that cannot be right is nothing.
func TestPartsInLogic(t *testing.T) {
	for _, tt := range []struct {
		name, question, compute string
		sent                    []string
		want                    string
	}{
		{"both ends count", tempStay, `{"var":"q.days"}`, []string{"q.from", "1/2/2026", "q.to", "28/2/2026"}, "28"},
		{"one day", tempStay, `{"var":"q.days"}`, []string{"q.from", "1/2/2026", "q.to", "1/2/2026"}, "1"},
		{"backwards is nothing", tempStay, `{"var":["q.days",-1]}`, []string{"q.from", "2/2/2026", "q.to", "1/2/2026"}, "-1"},
		{"an end of a period", tempStay, `{"var":"q.to.month"}`, []string{"q.from", "1/2/2026", "q.to", "3/3/2026"}, "3"},
		{"months to their last day", worked, `{"var":"q.days"}`, []string{"q.from", "1/2026", "q.to", "2/2026"}, "59"},
		{"until today", worked, `{"var":"q.days"}`, []string{"q.from", "11/2026", "q.to", ""}, "21"},
		{"the year of a month", worked, `{"var":"q.from.year"}`, []string{"q.from", "11/2020", "q.to", ""}, "2.020"},
		{"age of a person", someone, `{"var":"q.birth_date.age"}`, []string{"q.name", "A", "q.birth_date.year", "1986", "q.sex", "male"}, "39"},
		{"sex of a person", someone, `{"if":[{"==":[{"var":"q.sex"},"female"]},1,2]}`, []string{"q.name", "A", "q.birth_date.year", "1986", "q.sex", "female"}, "1"},
		{"a wrong part is nothing", someone, `{"if":[{"var":"q.id_number"},1,2]}`, []string{"q.name", "A", "q.id_number", "12"}, "2"},
		{"area", parcel, `{"*":[{"var":"q.area"},2]}`, []string{"q.sheet", "1", "q.parcel", "2", "q.area", "120,5"}, "241"},
		{"a cell", income, `{"var":"q.r2.amount"}`, []string{"q.r1.amount", "1", "q.r2.amount", "2.000"}, "2.000"},
		{"a column", income, `{"var":"q.total.amount"}`, []string{"q.r1.amount", "10.000", "q.r2.amount", "2.000"}, "12.000"},
		{"a column with a cell that is wrong", income, `{"var":"q.total.amount"}`, []string{"q.r1.amount", "10.000", "q.r2.amount", "x"}, "10.000"},
		{"a bank", account, `{"if":[{"==":[{"var":"q.bank"},"VCB"]},1,2]}`, []string{"q.bank.text", "vietcombank", "q.number", "123456", "q.holder", "A"}, "1"},
		{"a country", home, `{"if":[{"==":[{"var":"q.country"},"LA"]},1,2]}`, []string{"q.where", "abroad", "q.country", "LA", "q.line1", "x"}, "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := running(withLists(t, tt.question, `{"id":"n","kind":"computed","label":"N","compute":`+tt.compute+`}`), nil)
			answers, _, _ := r.Read(1, body(tt.sent...))
			if got := field(t, r.With(answers).Model(1, nil), "n").Shown.VI; got != tt.want {
				t.Errorf("%q, want %q of %v", got, tt.want, answers)
			}
		})
	}
}

// A name that the parts do not have, or a value that one never has, is refused with its place.
func TestPartsThatAreNotThere(t *testing.T) {
	for _, tt := range []struct{ name, question, logic, want string }{
		{"no such part", someone, `{"var":"q.phone"}`, "show_if/var: eforms.load.unknown_variable"},
		{"no such property", someone, `{"var":"q.name.age"}`, "show_if/var: eforms.load.unknown_variable"},
		{"a dot too many", someone, `{"var":"q.name."}`, "show_if/var: eforms.load.unknown_variable"},
		{"days of an end that is a month", worked, `{"var":"q.from.what"}`, "show_if/var: eforms.load.unknown_variable"},
		{"no such line", income, `{"var":"q.r9.amount"}`, "show_if/var: eforms.load.unknown_variable"},
		{"no total of words", income, `{"var":"q.total.what"}`, "show_if/var: eforms.load.unknown_variable"},
		{"no such sex", someone, `{"==":[{"var":"q.sex"},"Nam"]}`, "show_if: eforms.load.unknown_value"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mistakes(t, `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[`+tt.question+`,{"id":"n","kind":"text","label":"N","show_if":`+tt.logic+`}]}],`+formLists+`}`)
			if len(got) != 1 || !strings.HasSuffix(got[0], tt.want) {
				t.Errorf("%v, want %s", got, tt.want)
			}
		})
	}
	for _, tt := range []struct{ name, question, want string }{
		{"a part twice", `{"id":"q","kind":"person","label":"L","parts":["name","name"]}`, "eforms.load.schema"},
		{"an optional part that is not asked", `{"id":"q","kind":"person","label":"L","parts":["name"],"optional_parts":["phone"]}`, "/pages/0/questions/0/optional_parts/0: eforms.load.reference"},
		{"no list of sexes", `{"id":"q","kind":"person","label":"L","parts":["sex"]}`, "/pages/0/questions/0: eforms.load.unknown_list"},
		{"no list of countries", `{"id":"q","kind":"address","label":"L","abroad":true}`, "/pages/0/questions/0/abroad: eforms.load.unknown_list"},
		{"a line twice", strings.Replace(income, `"r2"`, `"r1"`, 1), "eforms.load.twice"},
		{"a line called total", strings.Replace(income, `"r2"`, `"total"`, 1), "/pages/0/questions/0/lines/1/id: eforms.load.reserved"},
		{"a total of words", strings.Replace(income, `["amount"]`, `["what"]`, 1), "/pages/0/questions/0/totals/0: eforms.load.reference"},
		{"a column that is a group", strings.Replace(income, `"text"`, `"group"`, 1), "eforms.load.schema"},
		{"too many cells", `{"id":"g","kind":"group","label":"G","item":"I","max_rows":200,"questions":[` + strings.Replace(income, `"r2"`, `"r3"`, 1) + `,` + strings.NewReplacer(`"q"`, `"t"`, `"lines":[`, `"lines":[{"id":"a","label":"A"},{"id":"b","label":"B"},{"id":"c","label":"C"},{"id":"d","label":"D"},{"id":"e","label":"E"},{"id":"f","label":"F"},{"id":"h","label":"H"},{"id":"i","label":"I"},{"id":"j","label":"J"},`).Replace(income) + `]}`, "/pages/0/questions/0/questions/1: eforms.load.cells"},
		{"a column's limit", strings.Replace(income, `"kind":"text"`, `"kind":"near_date","after":"2026-02-30"`, 1), "/pages/0/questions/0/columns/0/after: eforms.load.not_day"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := mistakes(t, `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[`+tt.question+`]}]}`)
			if !strings.Contains(strings.Join(got, "|"), tt.want) {
				t.Errorf("%v, want %s", got, tt.want)
			}
		})
	}
}

// Two periods on a page: a fault says which one it is about.
func TestFaultsSayWhichOfTwo(t *testing.T) {
	f := withLists(t, tempStay, strings.Replace(tempStay, `"q"`, `"other"`, 1))
	_, faults, _ := running(f, nil).Read(1, body("q.from", "", "other.from", "1/1/2026", "other.to", "1/1/2026"))
	if len(faults) != 2 || vi(faults[0].Message) != "Nhập ngày bắt đầu (thời hạn tạm trú)" || en(faults[0].Message) != "Enter first day (time of stay)" {
		t.Errorf("%v", faults)
	}
}

// A person takes what a register says part by part: what is locked stays, what is not is
// the person's to change, what the register does not know is asked.
func TestPersonFromRegister(t *testing.T) {
	known := []eforms.Fact{fact("population.self.full_name", "Lê Thị Bình"), fact("population.self.birth_year", "1950"), fact("population.self.sex", "female"),
		fact("population.self.ethnicity", "12"), fact("population.self.nationality", "VN"), fact("population.self.id_number", "089150000001")}
	const parts = `"parts":["name","birth_date","sex","ethnicity","nationality","id_number","phone"],"fact":"population.self"`
	f := withLists(t, `{"id":"q","kind":"person","label":"Người yêu cầu",`+parts+`,"locked":true}`)
	want := map_{"name": "Lê Thị Bình", "birth_date": "1950", "sex": "female", "ethnicity": "12", "nationality": "VN", "id_number": "089150000001", "phone": "0912345678"}
	r := running(f, nil, known...)
	answers, faults, _ := r.Read(1, body("q.name", "Kẻ Khác", "q.sex", "male", "q.phone", "0912345678"))
	if r = r.With(answers); len(faults) > 0 || !reflect.DeepEqual(r.Visible()["q"], want) {
		t.Errorf("filed %v, %v", r.Visible()["q"], faults)
	}
	if m := field(t, r.Model(1, nil), "q"); m.Locked || !m.Fields[0].Locked || m.Fields[0].Source == nil || m.Fields[6].Locked {
		t.Errorf("drawn %+v", m.Fields)
	}
	if r.Form.Sources()[0] != "population.self" {
		t.Errorf("asks %v", r.Form.Sources())
	}

	free := running(withLists(t, `{"id":"q","kind":"person","label":"Người yêu cầu",`+parts+`}`), nil, known...)
	row := free.Outline()[0].Rows[0]
	if row.Source == nil || row.Value.VI != "Họ, chữ đệm và tên: Lê Thị Bình; Ngày sinh: 1950; Giới tính: Nữ; Dân tộc: Ê Đê; Quốc tịch: Việt Nam; Số định danh cá nhân: 089 150 000 001" {
		t.Errorf("said %q from %v", row.Value.VI, row.Source)
	}
	answers, _, _ = free.Read(1, body("q.name", "Lê Thị Bính", "q.birth_date.year", "1950", "q.sex", "female", "q.ethnicity.text", "Ê Đê", "q.nationality.text", "Viet Nam", "q.id_number", "", "q.phone", "0912345678"))
	free = free.With(answers)
	row = free.Outline()[0].Rows[0]
	if row.Source != nil || row.Parts[0].Source != nil || row.Parts[1].Source == nil || row.Parts[0].Value.VI != "Lê Thị Bính" || !row.Parts[5].Empty {
		t.Errorf("after a change %+v", row)
	}
}

// The number on the card is held against sex and birth, and doubted only.
func TestPersonNumberIsDoubted(t *testing.T) {
	for id, want := range map[string]string{
		"089186000001": "", "089086000001": "Giới tính trong số định danh là nam, khác giới tính đã chọn",
		"089190000001": "Năm sinh trong số định danh là 1990, khác năm đã nhập", "12": "",
	} {
		r := running(withLists(t, someone), eforms.Answers{"q": map_{"name": "A", "birth_date": "1986-03-31", "sex": "female", "id_number": id}})
		got := ""
		if w := field(t, r.Model(1, nil), "q").Fields[3].Warning; w != nil {
			got = vi(*w)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
}

// What is said of each kind on the check page, and its parts and tables.
func TestWhatIsSaidOfParts(t *testing.T) {
	for _, tt := range []struct {
		name, question string
		sent           []string
		vi, en         string
		parts          int
	}{
		{"period", tempStay, []string{"q.from", "1/2/2026", "q.to", "28/2/2026"}, "từ 1/2/2026 đến 28/2/2026", "from 1/2/2026 to 28/2/2026", 0},
		{"period going on", worked, []string{"q.from", "2/2020", "q.to", ""}, "từ 2/2020 đến nay", "from 2/2020 until now", 0},
		{"half a period", tempStay, []string{"q.from", "", "q.to", "1/2/2026"}, "đến 1/2/2026", "until 1/2/2026", 0},
		{"account", account, []string{"q.bank.text", "Agribank", "q.number", "0123456", "q.holder", "Lê A"}, "Ngân hàng: Agribank; Số tài khoản: 0123456; Tên chủ tài khoản: LE A", "Bank: Agribank; Account number: 0123456; Name of the account holder: LE A", 3},
		{"parcel", parcel, []string{"q.sheet", "12", "q.parcel", "34", "q.area", "1200,5"}, "tờ bản đồ số 12, thửa đất số 34, diện tích 1.200,5 m²", "map sheet number 12, parcel number 34, area 1,200.5 m²", 4},
		{"vehicle", bike, []string{"q.plate", "51f-123.45", "q.frame_number", "ABC123"}, "Biển số: 51F-123.45; Số khung: ABC123", "Number plate: 51F-123.45; Frame number: ABC123", 4},
		{"table", income, []string{"q.r1.what", "Lương", "q.r1.amount", "1.000", "q.r2.amount", "500"}, "Nguồn (tiền lương): Lương; Số tiền (tiền lương): 1.000 đồng; Số tiền (khác): 500 đồng", "Nguồn (salary): Lương; Amount (salary): 1,000 VND; Amount (other): 500 VND", 0},
		{"search", job, []string{"q.text", "tay"}, "Tày", "Tày", 0},
		{"abroad", home, []string{"q.where", "abroad", "q.country", "LA", "q.line1", "12 Rue A", "q.line2", "Vientiane"}, "12 Rue A, Vientiane, Lào", "12 Rue A, Vientiane, Laos", 0},
		{"old number", old, []string{"q", "012345678"}, "012 345 678", "012 345 678", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := running(withLists(t, tt.question), nil)
			answers, _, _ := r.Read(1, body(tt.sent...))
			row := r.With(answers).Outline()[0].Rows[0]
			english, _ := row.Value.In("en")
			if row.Value.VI != tt.vi || english != tt.en && tt.name != "table" || len(row.Parts) != tt.parts {
				t.Errorf("said %q, %q in %d parts", row.Value.VI, english, len(row.Parts))
			}
			if tt.name != "table" {
				return
			}
			if g := row.Table; len(g.Lines) != 2 || len(g.Columns) != 2 || g.Lines[0].Cells[0].VI != "Lương" || !g.Lines[1].Cells[0].Empty() || g.Totals[1].VI != "1.500 đồng" || !g.Totals[0].Empty() {
				t.Errorf("drawn %+v", g)
			}
		})
	}
}

// An address may turn to another country and back: the page opens the fields, in peace.
func TestAddressGoesAbroadAndBack(t *testing.T) {
	r := running(withLists(t, home), nil)
	answers, faults, again := r.Read(1, body("q.where", "abroad", "q.province", ""))
	if !again || len(faults) > 0 {
		t.Fatalf("again %v, %v", again, faults)
	}
	r = r.With(answers)
	if parts := field(t, r.Model(1, nil), "q").Parts; len(parts) != 6 || parts[1].Part != "country" || parts[5].Part != "line4" || !parts[0].Choices[1].Checked {
		t.Fatalf("parts %+v", parts)
	}
	if _, faults, again = r.Read(1, body("q.where", "abroad", "q.country", "")); again || len(faults) != 1 || vi(faults[0].Message) != "Chọn quốc gia, vùng lãnh thổ cho nơi ở" {
		t.Fatalf("again %v, %v", again, faults)
	}
	answers, faults, again = r.Read(1, body("q.where", "vn", "q.country", "LA"))
	if !again || len(faults) > 0 {
		t.Fatalf("again %v, %v", again, faults)
	}
	if parts := field(t, r.With(answers).Model(1, nil), "q").Parts; parts[1].Part != "province" {
		t.Fatalf("parts %+v", parts)
	}
}

// A province that was saved in the background is no commune chosen: the press shows the
// communes instead of finding fault with what was never offered.
func TestCommunesThatWereNotOfferedAreNoFault(t *testing.T) {
	t.Parallel()
	f := asking(t, `{"id":"home","kind":"address","label":"Nơi ở"}`)
	saved, _, again := running(f, nil).Read(1, body("home.province", "91", "home.detail", ""))
	if !again {
		t.Error("the save does not ask for the communes")
	}
	_, faults, again := running(f, saved).Read(1, body("home.province", "91", "home.detail", "Số 12"))
	if !again || len(faults) > 0 {
		t.Errorf("again %v, faults %v", again, faults)
	}
	_, faults, again = running(f, saved).Read(1, body("home.province", "91", "home.commune", "", "home.detail", "Số 12"))
	if again || len(faults) != 1 || faults[0].Field != "home.commune" {
		t.Errorf("offered and not chosen: again %v, faults %v", again, faults)
	}
}
