package eforms_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"motcua/eforms"
)

// formLists are the lists that the parts of people and accounts need, cut short.
const formLists = `"lists":{
 "sexes":[{"value":"male","label":{"vi":"Nam","en":"Male"}},{"value":"female","label":{"vi":"Nữ","en":"Female"}}],
 "ethnicities":[{"value":"01","label":"Kinh"},{"value":"02","label":"Tày"},{"value":"12","label":"Ê Đê","same":["Rhade"]}],
 "countries":[{"value":"VN","label":{"vi":"Việt Nam","en":"Viet Nam"}},{"value":"LA","label":{"vi":"Lào","en":"Laos"}},{"value":"DE","label":{"vi":"Đức","en":"Germany"}}],
 "banks":[{"value":"VCB","label":"Vietcombank"},{"value":"AGR","label":"Agribank"}]}`

// withLists is asking with the lists above.
func withLists(t testing.TB, questions ...string) *eforms.Form {
	t.Helper()
	return load(t, fmt.Sprintf(`{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[%s]}],%s}`, strings.Join(questions, ","), formLists))
}

const (
	tempStay = `{"id":"q","kind":"period","label":{"vi":"Thời hạn tạm trú","en":"Time of stay"},"not_after":"2027-12-31"}`
	worked   = `{"id":"q","kind":"period","label":{"vi":"Thời gian làm việc","en":"Time of work"},"precision":"month","open":true,"not_after":"today"}`
	someone  = `{"id":"q","kind":"person","label":{"vi":"Người mẹ","en":"Mother"},"parts":["name","birth_date","sex","id_number"],"optional_parts":["id_number"]}`
	account  = `{"id":"q","kind":"bank_account","label":"Tài khoản nhận tiền"}`
	parcel   = `{"id":"q","kind":"land_parcel","label":"Thửa đất","parts":["address_text"],"optional_parts":["address_text"]}`
	bike     = `{"id":"q","kind":"vehicle","label":"Xe","optional_parts":["brand","engine_number"]}`
	income   = `{"id":"q","kind":"table","label":{"vi":"Thu nhập","en":"Income"},"columns":[{"id":"what","kind":"text","label":"Nguồn","optional":true},{"id":"amount","kind":"money","label":{"vi":"Số tiền","en":"Amount"}}],
		"lines":[{"id":"r1","label":{"vi":"Tiền lương","en":"Salary"}},{"id":"r2","label":{"vi":"Khác","en":"Other"},"optional":true}],"totals":["amount"]}`
	job  = `{"id":"q","kind":"search_select","label":{"vi":"Dân tộc","en":"Ethnicity"},"list":"ethnicities"}`
	home = `{"id":"q","kind":"address","label":{"vi":"Nơi ở","en":"Home"},"abroad":true}`
	old  = `{"id":"q","kind":"personal_id","label":{"vi":"Số giấy tờ","en":"Number"},"old":true}`
)

// One row is one way to fill a question with parts: what is sent, what is kept, and every
// fault as "field: words", in Vietnamese.
func TestKindsWithParts(t *testing.T) {
	for _, tt := range []struct {
		name     string
		question string
		sent     []string
		want     any
		faults   string
	}{
		{"period", tempStay, []string{"q.from", "1/2/2026", "q.to", "28.2.2026"}, map_{"from": "2026-02-01", "to": "2026-02-28"}, ""},
		{"period of a day", tempStay, []string{"q.from", "1/2/2026", "q.to", "01022026"}, map_{"from": "2026-02-01", "to": "2026-02-01"}, ""},
		{"period backwards", tempStay, []string{"q.from", "2/2/2026", "q.to", "1/2/2026"}, map_{"from": "2026-02-02", "to": "2026-02-01"}, "q.to: Ngày kết thúc phải từ 2/2/2026 trở đi"},
		{"period wrong", tempStay, []string{"q.from", "30/2/2026", "q.to", "1/1/2028"}, map_{"from": "30/2/2026", "to": "2028-01-01"}, "q.from: Ngày bắt đầu phải là ngày có thật, ví dụ 28/11/2026|q.to: Ngày kết thúc phải từ ngày 31/12/2027 trở về trước"},
		{"period missing", tempStay, []string{"q.from", "", "q.to", " "}, "", "q.from: Nhập ngày bắt đầu|q.to: Nhập ngày kết thúc"},
		{"period half", tempStay, []string{"q.from", "1/2/2026", "q.to", ""}, map_{"from": "2026-02-01"}, "q.to: Nhập ngày kết thúc"},
		{"months", worked, []string{"q.from", "1/2020", "q.to", "tháng ba năm 2021"}, map_{"from": "2020-01", "to": "2021-03"}, ""},
		{"months open", worked, []string{"q.from", "2020-01", "q.to", ""}, map_{"from": "2020-01"}, ""},
		{"months wrong", worked, []string{"q.from", "13/2020", "q.to", "12/2026"}, map_{"from": "13/2020", "to": "2026-12"}, "q.from: Tháng bắt đầu phải là tháng có thật, ví dụ 11/2026|q.to: Tháng kết thúc phải là hôm nay hoặc trước hôm nay"},
		{"this month has begun", worked, []string{"q.from", "112026", "q.to", "11/2026"}, map_{"from": "2026-11", "to": "2026-11"}, ""},

		{"person", someone, []string{"q.name", " Lê  Thị  Bình ", "q.birth_date.day", "31/3/1986", "q.birth_date.month", "", "q.birth_date.year", "", "q.sex", "female", "q.id_number", ""}, map_{"name": "Lê Thị Bình", "birth_date": "1986-03-31", "sex": "female"}, ""},
		{"person missing", someone, []string{"q.name", ""}, "", "q.name: Nhập họ, chữ đệm và tên|q.birth_date.day: Nhập ngày sinh|q.sex: Chọn giới tính"},
		{"person wrong", someone, []string{"q.name", "A", "q.birth_date.day", "31", "q.birth_date.month", "", "q.birth_date.year", "1986", "q.sex", "x", "q.id_number", "12"}, map_{"name": "A", "birth_date": map_{"day": "31", "month": "", "year": "1986"}, "id_number": "12"},
			"q.birth_date.month: Ngày sinh phải có tháng|q.sex: Chọn giới tính|q.id_number: Số định danh cá nhân phải có đúng 12 chữ số, hiện có 2"},
		{"person to come", someone, []string{"q.name", "A", "q.birth_date.year", "2030", "q.sex", "male"}, map_{"name": "A", "birth_date": "2030", "sex": "male"}, "q.birth_date.day: Ngày sinh phải là hôm nay hoặc trước hôm nay"},

		{"account", account, []string{"q.bank.text", "vietcombank", "q.number", "0123 456 789", "q.holder", "Đỗ Thị Hồng"}, map_{"bank": "VCB", "number": "0123456789", "holder": "DO THI HONG"}, ""},
		{"account wrong", account, []string{"q.bank.text", "zz", "q.number", "123", "q.holder", "អ"}, map_{"bank": map_{"typed": "zz"}, "number": "123", "holder": "អ"},
			"q.bank.text: Không có mục nào khớp với “zz”. Nhập từ khác để tìm ngân hàng|q.number: Số tài khoản phải có từ 6 đến 19 chữ số, hiện có 3|q.holder: Tên chủ tài khoản chỉ gồm chữ cái, chữ số và dấu cách, không có dấu tiếng Việt"},

		{"parcel", parcel, []string{"q.sheet", "12", "q.parcel", "345a", "q.area", "120.5", "q.address_text", ""}, map_{"sheet": "12", "parcel": "345a", "area": "120,5"}, ""},
		{"parcel of nothing", parcel, []string{"q.sheet", "12", "q.parcel", "3", "q.area", "0"}, map_{"sheet": "12", "parcel": "3", "area": "0"}, "q.area: Diện tích phải từ 0,01 trở lên"},

		{"vehicle", bike, []string{"q.plate", "59-x1 123.45", "q.brand", "Honda", "q.frame_number", "rlhjc4306", "q.engine_number", ""}, map_{"plate": "59-X1 123.45", "brand": "Honda", "frame_number": "RLHJC4306"}, ""},
		{"vehicle wrong", bike, []string{"q.plate", "ABC", "q.frame_number", "số 1"}, map_{"plate": "ABC", "frame_number": "số 1"}, "q.plate: Biển số phải theo dạng 51F-123.45 hoặc 59-X1 123.45|q.frame_number: Số khung phải có từ 3 đến 30 chữ cái không dấu và chữ số"},

		{"table", income, []string{"q.r1.what", "Công ty A", "q.r1.amount", "10.000.000 đ", "q.r2.what", "", "q.r2.amount", ""}, map_{"r1": map_{"what": "Công ty A", "amount": "10000000"}}, ""},
		{"table missing", income, []string{"q.r1.what", "", "q.r1.amount", ""}, "", "q.r1.amount: Nhập số tiền (tiền lương)"},
		{"table wrong", income, []string{"q.r1.amount", "x", "q.r2.what", "Thuê nhà", "q.r2.amount", ""}, map_{"r1": map_{"amount": "x"}, "r2": map_{"what": "Thuê nhà"}}, "q.r1.amount: Số tiền (tiền lương) phải là số tiền tròn đồng, ví dụ 50.000|q.r2.amount: Nhập số tiền (khác)"},

		{"search by label", job, []string{"q.text", "Ê Đê"}, "12", ""},
		{"search without marks", job, []string{"q.text", "e de"}, "12", ""},
		{"search picked", job, []string{"q.text", "", "q", "02"}, "02", ""},
		{"search by value alone", job, []string{"q", "02"}, "02", ""},
		{"search not decided", job, []string{"q.text", "k"}, map_{"typed": "k"}, "q.text: Chọn dân tộc"},
		{"search of nothing", job, []string{"q.text", "xyz"}, map_{"typed": "xyz"}, "q.text: Không có mục nào khớp với “xyz”. Nhập từ khác để tìm dân tộc"},
		{"search missing", job, []string{"q.text", ""}, "", "q.text: Chọn dân tộc"},

		{"abroad", home, []string{"q.where", "abroad", "q.country", "LA", "q.line1", "12 Rue", "q.line2", "", "q.line3", "Vientiane"}, map_{"country": "LA", "line1": "12 Rue", "line3": "Vientiane"}, ""},
		{"here", home, []string{"q.where", "vn", "q.province", "91", "q.commune", "30307", "q.detail", "12", "q.country", "LA"}, map_{"province": "91", "commune": "30307", "detail": "12"}, ""},
		{"neither here nor abroad", home, []string{"q.province", ""}, "", "q.province: Chọn tỉnh, thành phố cho nơi ở"},
		{"abroad without a line", home, []string{"q.where", "abroad", "q.country", "LA"}, map_{"country": "LA"}, "q.line1: Nhập địa chỉ, dòng 1"},

		{"old number", old, []string{"q", "012 345 678"}, "012345678", ""},
		{"neither old nor new", old, []string{"q", "1234567890"}, "1234567890", "q: Số giấy tờ phải có đúng 12 chữ số, hoặc 9 chữ số với chứng minh nhân dân cũ, hiện có 10"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := running(withLists(t, tt.question), nil)
			answers, faults, again := r.Read(1, body(tt.sent...))
			if again {
				t.Fatal("asked to show the page again")
			}
			if !reflect.DeepEqual(answers["q"], tt.want) {
				t.Errorf("kept %#v\nwant %#v", answers["q"], tt.want)
			}
			var said []string
			for _, f := range faults {
				said = append(said, f.Field+": "+vi(f.Message))
				if words := en(f.Message); words == vi(f.Message) || strings.Contains(words, "{") {
					t.Errorf("in English %q", words)
				}
			}
			if got := strings.Join(said, "|"); got != tt.faults {
				t.Errorf("said %s\nwant %s", got, tt.faults)
			}
			model := r.With(answers).Model(1, faults)
			if got := marked(model.Fields); len(got) != len(faults) {
				t.Errorf("the page shows %v", got)
			}
			if whole := r.With(answers).Faults(); !reflect.DeepEqual(whole, faults) {
				t.Errorf("the whole form says %v", whole)
			}
		})
	}
}

// marked are the fields that show a fault.
func marked(fields []eforms.Field) []string {
	var out []string
	for _, f := range fields {
		if f.Fault != nil {
			out = append(out, f.Name)
		}
		out = append(out, marked(f.Fields)...)
		for _, r := range f.Rows {
			out = append(out, marked(r.Fields)...)
		}
	}
	return out
}
