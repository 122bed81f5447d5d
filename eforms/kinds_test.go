package eforms_test

import (
	"reflect"
	"strings"
	"testing"

	"motcua/eforms"
)

type map_ = map[string]any

// One row is one way to fill a field: what is sent, what is kept, and what is said in
// Vietnamese and English; no words means that nothing is wrong.
func TestKinds(t *testing.T) {
	long := strings.Repeat("ộ", 623)
	for _, tt := range []struct {
		name     string
		question string
		sent     []string
		want     any
		vi, en   string
		field    string // where the fault's link goes, when not to q
	}{
		{"text", `{"id":"q","kind":"text","label":{"vi":"Tên cơ sở y tế","en":"Name of the facility"}}`, []string{"q", "  Bệnh viện\tA "}, "Bệnh viện A", "", "", ""},
		{"text missing", `{"id":"q","kind":"text","label":{"vi":"Tên cơ sở y tế","en":"Name of the facility"}}`, []string{"q", "  "}, "", "Nhập tên cơ sở y tế", "Enter name of the facility", ""},
		{"text optional", `{"id":"q","kind":"text","label":"Số","optional":true}`, []string{"q", ""}, "", "", "", ""},
		{"text too long", `{"id":"q","kind":"text","label":{"vi":"Lý do","en":"Reason"},"max_length":500}`, []string{"q", long}, long, "Lý do phải từ 500 ký tự trở xuống, hiện có 623", "Reason must be 500 characters or fewer, you have 623", ""},
		{"text composed", `{"id":"q","kind":"text","label":"Số"}`, []string{"q", "Ho\u0300a"}, "Hòa", "", "", ""},
		{"text controls", `{"id":"q","kind":"text","label":"Số"}`, []string{"q", "a\x00b\u202Ec\xff"}, "abc", "", "", ""},
		{"text khmer space", `{"id":"q","kind":"text","label":"Số"}`, []string{"q", "ខ្មែរ\u200bខ្មែរ"}, "ខ្មែរ\u200bខ្មែរ", "", "", ""},
		{"text lines", `{"id":"q","kind":"longtext","label":"Lý do"}`, []string{"q", "a\r\n\r\nb\n"}, "a\n\nb", "", "", ""},
		{"text label with short", `{"id":"q","kind":"text","label":"Ông/bà tên gì?","short":{"vi":"tên","en":"your name"}}`, []string{"q", ""}, "", "Nhập tên", "Enter your name", ""},
		{"text abbreviation", `{"id":"q","kind":"text","label":"UBND cấp"}`, []string{"q", ""}, "", "Nhập UBND cấp", "Enter UBND cấp", ""},
		{"text twice", `{"id":"q","kind":"text","label":"Số"}`, []string{"q", "a", "q", "b"}, "a", "", "", ""},

		{"name", `{"id":"q","kind":"name","label":{"vi":"Họ, chữ đệm và tên","en":"Full name"}}`, []string{"q", " Y  Moan   Êñuôl "}, "Y Moan Êñuôl", "", "", ""},
		{"name missing", `{"id":"q","kind":"name","label":{"vi":"Họ, chữ đệm và tên","en":"Full name"}}`, []string{"q", ""}, "", "Nhập họ, chữ đệm và tên", "Enter full name", ""},
		{"name of 100", `{"id":"q","kind":"name","label":"Tên"}`, []string{"q", strings.Repeat("ộ", 100)}, strings.Repeat("ộ", 100), "", "", ""},
		{"name of 101", `{"id":"q","kind":"name","label":{"vi":"Họ, chữ đệm và tên","en":"Full name"}}`, []string{"q", strings.Repeat("ộ", 101)}, strings.Repeat("ộ", 101), "Họ, chữ đệm và tên phải từ 100 ký tự trở xuống, hiện có 101", "Full name must be 100 characters or fewer, you have 101", ""},

		{"email", `{"id":"q","kind":"email","label":"Thư điện tử"}`, []string{"q", " an.nguyen@example.vn "}, "an.nguyen@example.vn", "", "", ""},
		{"email wrong", `{"id":"q","kind":"email","label":"Thư điện tử"}`, []string{"q", "an@example"}, "an@example", "Nhập địa chỉ thư điện tử theo dạng ten@example.vn", "Enter an email address like name@example.vn", ""},
		{"email header", `{"id":"q","kind":"email","label":"Thư điện tử"}`, []string{"q", "an@example.vn\r\nBcc: x@y.vn"}, "an@example.vn Bcc: x@y.vn", "Nhập địa chỉ thư điện tử theo dạng ten@example.vn", "Enter an email address like name@example.vn", ""},

		{"phone", `{"id":"q","kind":"phone","label":"Số điện thoại"}`, []string{"q", "0912.345 678"}, "0912345678", "", "", ""},
		{"phone +84", `{"id":"q","kind":"phone","label":"Số điện thoại"}`, []string{"q", "+84 912 345 678"}, "0912345678", "", "", ""},
		{"phone short", `{"id":"q","kind":"phone","label":{"vi":"Số điện thoại","en":"Phone number"}}`, []string{"q", "091234567"}, "091234567", "Số điện thoại phải có 10 chữ số và bắt đầu bằng số 0", "Phone number must have 10 digits and start with 0", ""},
		{"phone letters", `{"id":"q","kind":"phone","label":{"vi":"Số điện thoại","en":"Phone number"}}`, []string{"q", "gọi 0912345678"}, "gọi 0912345678", "Số điện thoại phải có 10 chữ số và bắt đầu bằng số 0", "Phone number must have 10 digits and start with 0", ""},
		{"landline", `{"id":"q","kind":"phone","label":"Điện thoại","landline":true}`, []string{"q", "(0296) 3123 456"}, "02963123456", "", "", ""},
		{"landline wrong", `{"id":"q","kind":"phone","label":{"vi":"Điện thoại","en":"Phone"},"landline":true}`, []string{"q", "113"}, "113", "Điện thoại phải có 10 hoặc 11 chữ số và bắt đầu bằng số 0", "Phone must have 10 or 11 digits and start with 0", ""},

		{"id", `{"id":"q","kind":"personal_id","label":"Số định danh cá nhân"}`, []string{"q", "001 099.000 001"}, "001099000001", "", "", ""},
		{"id short", `{"id":"q","kind":"personal_id","label":{"vi":"Số định danh cá nhân (12 số trên thẻ căn cước)","en":"Personal ID number (12 digits)"}}`, []string{"q", "00109900000"}, "00109900000", "Số định danh cá nhân phải có đúng 12 chữ số, hiện có 11", "Personal ID number must have exactly 12 digits, you entered 11", ""},
		{"id letters", `{"id":"q","kind":"personal_id","label":{"vi":"Số định danh cá nhân","en":"Personal ID number"}}`, []string{"q", "00109900000X"}, "00109900000X", "Số định danh cá nhân chỉ gồm chữ số", "Personal ID number must contain only digits", ""},
		{"id missing", `{"id":"q","kind":"personal_id","label":{"vi":"Số định danh cá nhân","en":"Personal ID number"}}`, []string{"q", ""}, "", "Nhập số định danh cá nhân", "Enter personal ID number", ""},

		{"tax 10", `{"id":"q","kind":"tax_code","label":"Mã số thuế"}`, []string{"q", "0300588569"}, "0300588569", "", "", ""},
		{"tax 13", `{"id":"q","kind":"tax_code","label":"Mã số thuế"}`, []string{"q", "0314409058 002"}, "0314409058-002", "", "", ""},
		{"tax 10-3", `{"id":"q","kind":"tax_code","label":"Mã số thuế"}`, []string{"q", "0312687878-001"}, "0312687878-001", "", "", ""},
		{"tax person", `{"id":"q","kind":"tax_code","label":"Mã số thuế"}`, []string{"q", "089190000001"}, "089190000001", "", "", ""},
		{"tax length", `{"id":"q","kind":"tax_code","label":{"vi":"Mã số thuế","en":"Tax code"}}`, []string{"q", "030058856"}, "030058856", "Mã số thuế phải có 10 chữ số, hoặc 13 chữ số với đơn vị phụ thuộc, hoặc 12 chữ số định danh với cá nhân, hộ kinh doanh", "Tax code must have 10 digits, or 13 digits for a dependent unit, or the 12-digit personal ID number for a person or household business", ""},
		{"tax check", `{"id":"q","kind":"tax_code","label":{"vi":"Mã số thuế","en":"Tax code"}}`, []string{"q", "0300588568"}, "0300588568", "Kiểm tra lại mã số thuế: chữ số cuối không khớp", "Check the tax code: the last digit does not match", ""},
		{"tax check of a branch", `{"id":"q","kind":"tax_code","label":{"vi":"Mã số thuế","en":"Tax code"}}`, []string{"q", "0300588568-001"}, "0300588568-001", "Kiểm tra lại mã số thuế: chữ số cuối không khớp", "Check the tax code: the last digit does not match", ""},

		{"whole", `{"id":"q","kind":"integer","label":"Số bản"}`, []string{"q", " 1.500 "}, "1500", "", "", ""},
		{"whole zeros", `{"id":"q","kind":"integer","label":"Số bản"}`, []string{"q", "007"}, "7", "", "", ""},
		{"whole words", `{"id":"q","kind":"integer","label":{"vi":"Số bản","en":"Copies"}}`, []string{"q", "hai"}, "hai", "Số bản phải là số nguyên, ví dụ 12", "Copies must be a whole number, like 12", ""},
		{"whole broken", `{"id":"q","kind":"integer","label":{"vi":"Số bản","en":"Copies"}}`, []string{"q", "1,5"}, "1,5", "Số bản phải là số nguyên, ví dụ 12", "Copies must be a whole number, like 12", ""},
		{"whole negative", `{"id":"q","kind":"integer","label":{"vi":"Số bản","en":"Copies"}}`, []string{"q", "-3"}, "-3", "Số bản phải từ 0 trở lên", "Copies must be 0 or more", ""},
		{"whole range", `{"id":"q","kind":"integer","label":{"vi":"Số bản","en":"Copies"},"min":1,"max":5000}`, []string{"q", "0"}, "0", "Số bản phải từ 1 đến 5.000", "Copies must be between 1 and 5,000", ""},
		{"whole max", `{"id":"q","kind":"integer","label":{"vi":"Số bản","en":"Copies"},"max":50}`, []string{"q", "51"}, "51", "Số bản phải từ 50 trở xuống", "Copies must be 50 or less", ""},
		{"whole huge", `{"id":"q","kind":"integer","label":{"vi":"Số bản","en":"Copies"}}`, []string{"q", "9999999999999999"}, "9999999999999999", "Số bản phải là số nguyên, ví dụ 12", "Copies must be a whole number, like 12", ""},
		{"money", `{"id":"q","kind":"money","label":"Giá trị"}`, []string{"q", "1.500.000 đồng"}, "1500000", "", "", ""},
		{"money wrong", `{"id":"q","kind":"money","label":{"vi":"Giá trị","en":"Value"}}`, []string{"q", "1,5 triệu"}, "1,5 triệu", "Giá trị phải là số tiền tròn đồng, ví dụ 50.000", "Value must be an amount in whole đồng, like 50.000", ""},
		{"money max", `{"id":"q","kind":"money","label":{"vi":"Giá trị","en":"Value"},"min":0,"max":50000}`, []string{"q", "50001"}, "50001", "Giá trị phải từ 0 đồng đến 50.000 đồng", "Value must be between 0 VND and 50,000 VND", ""},
		{"decimal", `{"id":"q","kind":"decimal","label":"Diện tích"}`, []string{"q", "12,50"}, "12,5", "", "", ""},
		{"decimal dot", `{"id":"q","kind":"decimal","label":"Diện tích"}`, []string{"q", "12.5"}, "12,5", "", "", ""},
		{"decimal both", `{"id":"q","kind":"decimal","label":"Diện tích"}`, []string{"q", "1.500,25"}, "1500,25", "", "", ""},
		{"decimal english", `{"id":"q","kind":"decimal","label":"Diện tích"}`, []string{"q", "1,500.25"}, "1500,25", "", "", ""},
		{"decimal ambiguous", `{"id":"q","kind":"decimal","label":{"vi":"Diện tích","en":"Area"}}`, []string{"q", "1.500"}, "1.500", "Diện tích phải viết phần lẻ sau dấu phẩy, ví dụ 1,5", "Area must have a comma before the decimals, like 1,5", ""},
		{"decimal ambiguous that would fit", `{"id":"q","kind":"decimal","label":{"vi":"Diện tích","en":"Area"},"decimals":3}`, []string{"q", "1.125"}, "1.125", "Diện tích phải viết phần lẻ sau dấu phẩy, ví dụ 1,5", "Area must have a comma before the decimals, like 1,5", ""},
		{"decimal digits", `{"id":"q","kind":"decimal","label":{"vi":"Diện tích","en":"Area"},"decimals":1}`, []string{"q", "1,25"}, "1,25", "Diện tích chỉ được có 1 chữ số sau dấu phẩy", "Area must have no more than one digit after the comma", ""},
		{"decimal words", `{"id":"q","kind":"decimal","label":{"vi":"Diện tích","en":"Area"}}`, []string{"q", "to"}, "to", "Diện tích phải là số, ví dụ 12,5", "Area must be a number, like 12,5", ""},
		{"decimal min", `{"id":"q","kind":"decimal","label":{"vi":"Diện tích","en":"Area"},"min":1.5}`, []string{"q", "1,4"}, "1,4", "Diện tích phải từ 1,5 trở lên", "Area must be 1.5 or more", ""},

		{"date", `{"id":"q","kind":"date","label":"Ngày sinh"}`, []string{"q.day", "1", "q.month", "01", "q.year", "1986"}, "1986-01-01", "", "", ""},
		{"date word", `{"id":"q","kind":"date","label":"Ngày sinh"}`, []string{"q.day", "31", "q.month", "tháng Ba", "q.year", "1986"}, "1986-03-31", "", "", ""},
		{"date pasted", `{"id":"q","kind":"date","label":"Ngày sinh"}`, []string{"q.day", "31/3/1986", "q.month", "", "q.year", ""}, "1986-03-31", "", "", ""},
		{"date run together", `{"id":"q","kind":"date","label":"Ngày sinh"}`, []string{"q.day", "31031986", "q.month", "", "q.year", ""}, "1986-03-31", "", "", ""},
		{"date in words", `{"id":"q","kind":"date","label":"Ngày sinh"}`, []string{"q.day", "ngày 31 tháng năm năm 1986", "q.month", "", "q.year", ""}, "1986-05-31", "", "", ""},
		{"date twelfth month", `{"id":"q","kind":"date","label":"Ngày sinh"}`, []string{"q.day", "2 tháng mười hai 1986", "q.month", "", "q.year", ""}, "1986-12-02", "", "", ""},
		{"date missing", `{"id":"q","kind":"date","label":{"vi":"Ngày sinh","en":"Date of birth"}}`, []string{"q.day", "", "q.month", "", "q.year", ""}, "", "Nhập ngày sinh", "Enter date of birth", "q.day"},
		{"date part missing", `{"id":"q","kind":"date","label":{"vi":"Ngày sinh","en":"Date of birth"}}`, []string{"q.day", "31", "q.month", "", "q.year", "1986"}, map_{"day": "31", "month": "", "year": "1986"}, "Ngày sinh phải có tháng", "Date of birth must include a month", "q.month"},
		{"date two parts missing", `{"id":"q","kind":"date","label":{"vi":"Ngày sinh","en":"Date of birth"}}`, []string{"q.day", "31", "q.month", "", "q.year", ""}, map_{"day": "31", "month": "", "year": ""}, "Ngày sinh phải có tháng và năm", "Date of birth must include a month and year", "q.month"},
		{"date not real", `{"id":"q","kind":"date","label":{"vi":"Ngày sinh","en":"Date of birth"}}`, []string{"q.day", "30", "q.month", "2", "q.year", "1986"}, map_{"day": "30", "month": "2", "year": "1986"}, "Ngày sinh phải là ngày có thật", "Date of birth must be a real date", "q.day"},
		{"date american", `{"id":"q","kind":"date","label":{"vi":"Ngày sinh","en":"Date of birth"}}`, []string{"q.day", "3", "q.month", "31", "q.year", "1986"}, map_{"day": "3", "month": "31", "year": "1986"}, "Ngày sinh phải là ngày có thật", "Date of birth must be a real date", "q.day"},
		{"date short year", `{"id":"q","kind":"date","label":"Ngày sinh"}`, []string{"q.day", "31", "q.month", "3", "q.year", "86"}, map_{"day": "31", "month": "3", "year": "86"}, "Năm phải có 4 chữ số", "The year must have 4 digits", "q.year"},
		{"date short year pasted", `{"id":"q","kind":"date","label":"Ngày sinh"}`, []string{"q.day", "31/3/86", "q.month", "", "q.year", ""}, map_{"day": "31/3/86", "month": "", "year": ""}, "Năm phải có 4 chữ số", "The year must have 4 digits", "q.year"},
		{"date future", `{"id":"q","kind":"date","label":{"vi":"Ngày sinh","en":"Date of birth"},"not_after":"today"}`, []string{"q.day", "22", "q.month", "11", "q.year", "2026"}, "2026-11-22", "Ngày sinh phải là hôm nay hoặc trước hôm nay", "Date of birth must be today or in the past", "q.day"},
		{"date today", `{"id":"q","kind":"date","label":"Ngày sinh","not_after":"today"}`, []string{"q.day", "21", "q.month", "11", "q.year", "2026"}, "2026-11-21", "", "", ""},
		{"date after", `{"id":"q","kind":"date","label":{"vi":"Ngày kết hôn","en":"Date of marriage"},"after":"1990-05-12"}`, []string{"q.day", "12", "q.month", "5", "q.year", "1990"}, "1990-05-12", "Ngày kết hôn phải sau ngày 12/5/1990", "Date of marriage must be after 12/5/1990", "q.day"},
		{"date before", `{"id":"q","kind":"date","label":{"vi":"Ngày sinh","en":"Date of birth"},"before":"1990-05-12"}`, []string{"q.day", "12", "q.month", "5", "q.year", "1990"}, "1990-05-12", "Ngày sinh phải trước ngày 12/5/1990", "Date of birth must be before 12/5/1990", "q.day"},
		{"date not before", `{"id":"q","kind":"date","label":{"vi":"Ngày hẹn","en":"Appointment"},"not_before":"today+3"}`, []string{"q.day", "23", "q.month", "11", "q.year", "2026"}, "2026-11-23", "Ngày hẹn phải từ ngày 24/11/2026 trở đi", "Appointment must be 24/11/2026 or later", "q.day"},
		{"date not past", `{"id":"q","kind":"date","label":{"vi":"Ngày hẹn","en":"Appointment"},"not_before":"today"}`, []string{"q.day", "20", "q.month", "11", "q.year", "2026"}, "2026-11-20", "Ngày hẹn phải là hôm nay hoặc sau hôm nay", "Appointment must be today or in the future", "q.day"},
		{"date not after", `{"id":"q","kind":"date","label":{"vi":"Ngày cấp","en":"Issued"},"not_after":"2020-01-01"}`, []string{"q.day", "2", "q.month", "1", "q.year", "2020"}, "2020-01-02", "Ngày cấp phải từ ngày 1/1/2020 trở về trước", "Issued must be 1/1/2020 or earlier", "q.day"},

		{"year only", `{"id":"q","kind":"date_or_year","label":"Ngày sinh"}`, []string{"q.day", "", "q.month", "", "q.year", "1950"}, "1950", "", "", ""},
		{"year and month", `{"id":"q","kind":"date_or_year","label":{"vi":"Ngày sinh","en":"Date of birth"}}`, []string{"q.day", "", "q.month", "5", "q.year", "1950"}, map_{"day": "", "month": "5", "year": "1950"}, "Ngày sinh phải có ngày", "Date of birth must include a day", "q.day"},
		{"year to come", `{"id":"q","kind":"date_or_year","label":{"vi":"Ngày sinh","en":"Date of birth"},"not_after":"today"}`, []string{"q.day", "", "q.month", "", "q.year", "2027"}, "2027", "Ngày sinh phải là hôm nay hoặc trước hôm nay", "Date of birth must be today or in the past", "q.day"},

		{"near date", `{"id":"q","kind":"near_date","label":"Ngày hẹn"}`, []string{"q", "28/11/2026"}, "2026-11-28", "", "", ""},
		{"near date spaces", `{"id":"q","kind":"near_date","label":"Ngày hẹn"}`, []string{"q", " 28 - 11 . 2026"}, "2026-11-28", "", "", ""},
		{"near date wrong", `{"id":"q","kind":"near_date","label":{"vi":"Ngày hẹn","en":"Appointment"}}`, []string{"q", "thứ hai"}, "thứ hai", "Ngày hẹn phải là ngày có thật, ví dụ 28/11/2026", "Appointment must be a real date, like 28/11/2026", ""},
		{"near date short year", `{"id":"q","kind":"near_date","label":"Ngày hẹn"}`, []string{"q", "28/11/26"}, "28/11/26", "Năm phải có 4 chữ số", "The year must have 4 digits", ""},
		{"near date after today", `{"id":"q","kind":"near_date","label":{"vi":"Ngày bắt đầu","en":"First day"},"after":"today"}`, []string{"q", "21/11/2026"}, "2026-11-21", "Ngày bắt đầu phải sau hôm nay", "First day must be in the future", ""},

		{"time", `{"id":"q","kind":"time","label":"Giờ hẹn"}`, []string{"q", "8h30"}, "08:30", "", "", ""},
		{"time words", `{"id":"q","kind":"time","label":"Giờ hẹn"}`, []string{"q", "14 giờ"}, "14:00", "", "", ""},
		{"time wrong", `{"id":"q","kind":"time","label":{"vi":"Giờ hẹn","en":"Time"}}`, []string{"q", "25:00"}, "25:00", "Giờ hẹn phải là giờ có thật, ví dụ 14:05", "Time must be a real time, like 14:05", ""},

		{"yes", `{"id":"q","kind":"yesno","label":"Có con"}`, []string{"q", "yes"}, true, "", "", ""},
		{"no", `{"id":"q","kind":"yesno","label":"Có con"}`, []string{"q", "no"}, false, "", "", ""},
		{"neither", `{"id":"q","kind":"yesno","label":{"vi":"Tình trạng có con","en":"Whether you have children"}}`, nil, "", "Chọn tình trạng có con", "Select whether you have children", ""},

		{"radio", `{"id":"q","kind":"radios","label":"Nơi nhận","options":[{"value":"a","label":"A"}]}`, []string{"q", "a"}, "a", "", "", ""},
		{"radio unknown", `{"id":"q","kind":"radios","label":{"vi":"Nơi nhận kết quả","en":"Where to receive the result"},"options":[{"value":"a","label":"A"}]}`, []string{"q", "b"}, "", "Chọn nơi nhận kết quả", "Select where to receive the result", ""},
		{"select of the portal", `{"id":"q","kind":"select","label":"Cơ quan","list":"agencies"}`, []string{"q", "H01.15"}, "H01.15", "", "", ""},
		{"boxes", `{"id":"q","kind":"checkboxes","label":"Hình thức","options":[{"value":"a","label":"A"},{"value":"b","label":"B"}],"none":"Không có"}`, []string{"q", "b", "q", "a", "q", "x", "q", "a"}, []any{"a", "b"}, "", "", ""},
		{"boxes none", `{"id":"q","kind":"checkboxes","label":"Hình thức","options":[{"value":"a","label":"A"}],"none":"Không có"}`, []string{"q", "none"}, []any{"none"}, "", "", ""},
		{"boxes none and one", `{"id":"q","kind":"checkboxes","label":"Hình thức","options":[{"value":"a","label":"A"}],"none":{"vi":"Không có","en":"None"}}`, []string{"q", "none", "q", "a"}, []any{"a", "none"}, "Chọn các mục phù hợp hoặc chọn “Không có”, không chọn cả hai", "Select what applies or select “None”, not both", ""},
		{"boxes empty", `{"id":"q","kind":"checkboxes","label":{"vi":"Hình thức","en":"Form"},"options":[{"value":"a","label":"A"}]}`, nil, []any{}, "Chọn hình thức", "Select form", ""},

		{"address", `{"id":"q","kind":"address","label":"Nơi ở"}`, []string{"q.province", "91", "q.commune", "30307", "q.detail", " số 12 "}, map_{"province": "91", "commune": "30307", "detail": "số 12"}, "", "", ""},
		{"address old", `{"id":"q","kind":"address","label":"Nơi ở","old_address":true}`, []string{"q.province", "91", "q.commune", "30307", "q.detail", "12", "q.old", "huyện Châu Thành"}, map_{"province": "91", "commune": "30307", "detail": "12", "old": "huyện Châu Thành"}, "", "", ""},
		{"address missing", `{"id":"q","kind":"address","label":{"vi":"Nơi ở","en":"Home"}}`, []string{"q.province", "", "q.detail", ""}, "", "Chọn tỉnh, thành phố cho nơi ở", "Select a province or city for home", "q.province"},
		{"address province missing", `{"id":"q","kind":"address","label":{"vi":"Nơi ở","en":"Home"}}`, []string{"q.province", "99", "q.detail", "12"}, map_{"detail": "12"}, "Chọn tỉnh, thành phố cho nơi ở", "Select a province or city for home", "q.province"},
		{"address without house", `{"id":"q","kind":"address","label":"Nơi ở"}`, []string{"q.province", "91", "q.commune", "30307", "q.detail", ""}, map_{"province": "91", "commune": "30307"}, "Nhập số nhà, đường, thôn, ấp, khóm, tổ dân phố", "Enter house number, street, village or neighbourhood", "q.detail"},
		{"address without house allowed", `{"id":"q","kind":"address","label":"Quê quán","detail":"none"}`, []string{"q.province", "91", "q.commune", "30307", "q.detail", "x"}, map_{"province": "91", "commune": "30307"}, "", "", ""},

		{"declaration", `{"id":"q","kind":"declaration","label":"Cam đoan","text":"Tôi cam đoan"}`, []string{"q", "yes"}, true, "", "", ""},
		{"declaration missing", `{"id":"q","kind":"declaration","label":"Cam đoan","text":"Tôi cam đoan"}`, nil, false, "Đánh dấu vào ô cam đoan để nộp hồ sơ", "Tick the declaration to submit", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := running(asking(t, tt.question), nil)
			answers, faults, again := r.Read(1, body(tt.sent...))
			if again {
				t.Fatal("asked to show the page again")
			}
			if !reflect.DeepEqual(answers["q"], tt.want) {
				t.Errorf("kept %#v, want %#v", answers["q"], tt.want)
			}
			if tt.vi == "" {
				if len(faults) > 0 {
					t.Errorf("fault %q", vi(faults[0].Message))
				}
				return
			}
			if len(faults) != 1 {
				t.Fatalf("%d faults %v, want one", len(faults), faults)
			}
			if got := vi(faults[0].Message); got != tt.vi {
				t.Errorf("said %q\nwant %q", got, tt.vi)
			}
			if got := en(faults[0].Message); got != tt.en {
				t.Errorf("said %q\nwant %q", got, tt.en)
			}
			if want := max(tt.field, "q"); faults[0].Field != want || faults[0].Page != 1 {
				t.Errorf("at %d %s, want 1 %s", faults[0].Page, faults[0].Field, want)
			}
			shown := r.With(answers).Model(1, faults).Fields[0]
			if shown.Fault == nil || vi(*shown.Fault) != tt.vi || shown.ID != faults[0].Field && !hasPart(shown, faults[0].Field) {
				t.Errorf("the page shows %v at %s", shown.Fault, shown.ID)
			}
			if whole := r.With(answers).Faults(); !reflect.DeepEqual(whole, faults) {
				t.Errorf("the whole form says %v", whole)
			}
		})
	}
}

func hasPart(f eforms.Field, id string) bool {
	for _, p := range f.Parts {
		if p.ID == id && p.Wrong {
			return true
		}
	}
	return false
}

// A commune list belongs to its province: choosing another one asks again, in peace, and
// only what is then still missing is a fault.
func TestCommunesFollowTheProvince(t *testing.T) {
	r := running(asking(t, `{"id":"home","kind":"address","label":"Nơi ở"}`), nil)
	answers, faults, again := r.Read(1, body("home.province", "91", "home.detail", "12"))
	if !again || len(faults) > 0 {
		t.Fatalf("again %v, %v", again, faults)
	}
	r = r.With(answers)
	parts := field(t, r.Model(1, nil), "home").Parts
	if len(parts) != 4 || parts[2].Part != "other" || parts[1].Part != "commune" || len(parts[1].Choices) != 2 {
		t.Fatalf("parts %+v", parts)
	}
	_, faults, again = r.Read(1, body("home.province", "91", "home.commune", "", "home.detail", "12"))
	if again || len(faults) != 1 || vi(faults[0].Message) != "Chọn xã, phường hoặc đặc khu thuộc tỉnh Mẫu" ||
		en(faults[0].Message) != "Select a commune, ward or special zone in tỉnh Mẫu" || faults[0].Field != "home.commune" {
		t.Fatalf("again %v, %v", again, faults)
	}
	answers, _, again = r.Read(1, body("home.province", "75", "home.commune", "30307", "home.detail", "12"))
	if !again || answers["home"].(map_)["commune"] != nil {
		t.Fatalf("again %v with %v", again, answers)
	}
}

func TestListWithinAnother(t *testing.T) {
	f := asking(t, `{"id":"p","kind":"select","label":"Tỉnh","list":"provinces"}`,
		`{"id":"c","kind":"select","label":"Xã, phường","list":"communes","within":"p"}`)
	r := running(f, nil)
	if got := field(t, r.Model(1, nil), "c"); len(got.Choices) != 0 || got.Choose != "c" {
		t.Fatalf("%d communes before a province, button %q", len(got.Choices), got.Choose)
	}
	answers, _, again := r.Read(1, body("p", "91", "c", ""))
	if !again {
		t.Fatal("not asked again")
	}
	r = r.With(answers)
	if got := field(t, r.Model(1, nil), "c").Choices; len(got) != 2 || got[0].ID != "c" || got[1].ID != "c-2" {
		t.Fatalf("choices %+v", got)
	}
	_, faults, again := r.Read(1, body("p", "91", "c", ""))
	if again || len(faults) != 1 || vi(faults[0].Message) != "Chọn xã, phường hoặc đặc khu thuộc tỉnh Mẫu" {
		t.Fatalf("again %v, %v", again, faults)
	}
	answers, faults, again = r.Read(1, body("p", "91", "c", "30742"))
	if again || len(faults) > 0 || answers["c"] != "30742" {
		t.Fatalf("again %v, %v, %v", again, faults, answers)
	}
}

func TestWarningsDoNotStop(t *testing.T) {
	f := asking(t, `{"id":"n","kind":"name","label":"Tên"}`, `{"id":"d","kind":"date_or_year","label":"Ngày sinh"}`,
		`{"id":"i","kind":"personal_id","label":"Số định danh","birth":"d"}`)
	answers, faults, _ := running(f, nil).Read(1, body("n", "Nguyễn Văn 2", "d.year", "1990", "i", "089186000001"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	m := running(f, answers).Model(1, nil)
	if w := field(t, m, "n").Warning; w == nil || vi(*w) != "Họ tên có chữ số. Kiểm tra lại trước khi đi tiếp" {
		t.Errorf("name: %v", w)
	}
	if w := field(t, m, "i").Warning; w == nil || vi(*w) != "Năm sinh trong số định danh là 1986, khác năm đã nhập" ||
		en(*w) != "The birth year in the ID number is 1986, not the year you entered" {
		t.Errorf("number: %v", w)
	}
	answers["i"] = "089190000001"
	if w := field(t, running(f, answers).Model(1, nil), "i").Warning; w != nil {
		t.Errorf("warned of a year that agrees: %v", vi(*w))
	}
}

// The tax codes of real companies, from the list in the project's collection of rules.
func TestTaxCodesOfRealCompanies(t *testing.T) {
	f := asking(t, `{"id":"q","kind":"tax_code","label":"Mã số thuế"}`)
	for _, code := range strings.Fields(`0300588569 0101248141 0100112437 0100109106 0101245486 0100107370 0100150619
		0900189284 3500102710 0300583659 0303576603 0100684378 0100100079 0100686174 0100111948 0314409058-002 0312687878-001`) {
		if _, faults, _ := running(f, nil).Read(1, body("q", code)); len(faults) > 0 {
			t.Errorf("%s: %s", code, vi(faults[0].Message))
		}
		wrong := []byte(code)
		wrong[9] = '0' + (wrong[9]-'0'+1)%10
		if _, faults, _ := running(f, nil).Read(1, body("q", string(wrong))); len(faults) == 0 {
			t.Errorf("%s was taken", wrong)
		}
	}
}
