package web

import (
	"bytes"
	"fmt"
	"net/url"
	"testing"
	"time"

	"motcua/eforms"
	"motcua/locales"
)

// BenchmarkFields is what the server does for one press on a page whose group has that many
// rows, but for the database: read, judge, and draw the page again, all of its HTML.
func BenchmarkFields(b *testing.B) {
	f, err := eforms.Load([]byte(`{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"Trang","questions":[
		{"id":"g","kind":"group","label":"Người","item":"Người","max_rows":200,"questions":[
		{"id":"name","kind":"name","label":"Họ tên"},{"id":"born","kind":"date","label":"Ngày sinh","not_after":"today"},{"id":"number","kind":"personal_id","label":"Số định danh","birth":"born"},
		{"id":"kin","kind":"radios","label":"Quan hệ","options":[{"value":"a","label":"Con"},{"value":"b","label":"Vợ, chồng"}]},{"id":"pay","kind":"money","label":"Thu nhập"},
		{"id":"phone","kind":"phone","label":"Điện thoại"}]}]}]}`))
	if err != nil {
		b.Fatal(err)
	}
	look, err := shipped()
	if err != nil {
		b.Fatal(err)
	}
	for _, rows := range []int{10, 50, 100, 200} {
		sent := url.Values{}
		for i := range rows {
			for name, value := range map[string]string{"name": "Nguyễn Văn A", "born.day": "31", "born.month": "3", "born.year": "1986", "number": "001086000001", "kin": "a", "pay": "500.000", "phone": "0912345678"} {
				sent.Set(fmt.Sprintf("g.%d.%s", i, name), value)
			}
		}
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			for b.Loop() {
				run := &eforms.Run{Form: f, Today: time.Date(2026, 11, 21, 9, 0, 0, 0, locales.ICT)}
				answers, faults, _ := run.Read(1, sent)
				var out bytes.Buffer
				if err := look.templates[locales.VI].ExecuteTemplate(&out, "fields", run.With(answers).Model(1, faults).Fields); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(out.Len()))
			}
		})
	}
}
