package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"testing"

	"motcua/assets"
	"motcua/portal/catalogue"
	"motcua/portal/national"
)

// TestBrowserExchange is a national list of six thousand procedures: an editor has it read,
// keeps it, compares, takes forty over; a second editor approves them, and they are public.
func TestBrowserExchange(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	dir := t.ArtifactDir()
	w := visitor(t, all, p, dir, screen{Name: "desktop", Width: 1280, Height: 900})
	w.signIn("cb-15")
	file := put(t, t.TempDir(), "danh-muc.csv", nationalList(t, 6000, 40))

	home := w.goTo("/can-bo/danh-muc")
	if len(home.links("/can-bo/danh-muc/nhap")) == 0 {
		t.Fatal(home.says())
	}
	at := w.must(w.goTo("/can-bo/danh-muc/nhap"), "/can-bo/danh-muc/nhap", entry{Files: map[string][]string{"tep": {file}}}).URL.Path
	read := w.until(at, "6000 thủ tục dùng được")
	w.seen("nhap", read)
	compared := w.must(read, at, entry{Button: "lam=giu"})
	list := strings.Replace(at, "/nhap/", "/doi-chieu/", 1)
	if !compared.at(list) {
		compared = w.goTo(list)
	}
	w.seen("doi-chieu", compared)
	forty := w.goTo(list + "?q=" + url.QueryEscape("theo danh mục quốc gia") + "&tt=missing")
	w.mustSay(forty, "40")
	taken := w.must(forty, list, entry{Button: "lam=tat-ca"})
	w.mustSay(taken, "40")
	batches := taken.links("/can-bo/danh-muc/loat/")
	if len(batches) != 1 {
		t.Fatalf("%q: %s", batches, taken.says())
	}
	batch := batches[0]
	w.must(w.goTo(batch), batch, entry{Set: url.Values{"ghi-chu": {"Lấy từ danh mục quốc gia"}}, Button: "lam=gui"})

	second := visitor(t, all, p, dir, screen{Name: "no-script", Width: 360, Height: 740, NoScript: true})
	const code = "8.000007"
	second.mustSay(second.goTo("/thu-tuc/"+code), "Không tìm thấy trang")
	second.signIn("cb-30")
	waiting := second.goTo(batch)
	second.seen("loat", waiting)
	second.must(waiting, batch, entry{Button: "lam=duyet"})
	publish := w.goTo(batch + "/cong-bo")
	w.seen("loat-cong-bo", publish)
	w.must(publish, batch+"/cong-bo", entry{Set: url.Values{"ghi-chu": {"Theo danh mục quốc gia"}}})
	public := second.goTo("/thu-tuc/" + code)
	second.seen("thu-tuc", public)
	second.mustSay(public, "theo danh mục quốc gia số 7")
	verified(t, p)
}

// nationalList is a file of so many procedures, the first of them with all that a sheet
// says, the others with code and name.
func nationalList(t *testing.T, n, full int) []byte {
	t.Helper()
	var sheet catalogue.Sheet
	var fields struct {
		Fields []catalogue.Field `json:"fields"`
	}
	for name, into := range map[string]any{"procedures/1.001193/sheet.json": &sheet, "fields.json": &fields} {
		b, err := fs.ReadFile(assets.Catalogue(), name)
		if err == nil {
			err = json.Unmarshal(b, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	sheet.Level = 2 // without a form it can only be read about
	sheets := make([]catalogue.Sheet, full)
	for i := range sheets {
		sheets[i] = sheet
		sheets[i].Code, sheets[i].Name.VI = fmt.Sprintf("8.%06d", i), fmt.Sprintf("Đăng ký theo danh mục quốc gia số %d", i)
	}
	var b bytes.Buffer
	if err := national.Write(&b, "csv", sheets, national.Lists{Fields: fields.Fields}); err != nil {
		t.Fatal(err)
	}
	for i := full; i < n; i++ {
		fmt.Fprintf(&b, "8.%06d;Thủ tục chỉ có tên số %d\r\n", i, i)
	}
	return b.Bytes()
}
