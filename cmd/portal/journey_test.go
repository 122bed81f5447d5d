package main

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The agency that receives the dossiers of these tests, and its officers.
const (
	ward      = "H01.101"
	intake    = "cb-01"
	processor = "cb-02"
	leader    = "cb-03"
	clerk     = "cb-04"
)

// answersOfCopy fill 2.000635 for oneself; the rest is filled by the registry.
func answersOfCopy(returnBy string) url.Values {
	return url.Values{
		"for_whom": {"self"}, "contact_phone": {"0912345601"}, "contact_email": {"mai@example.vn"},
		"event_kind": {"birth_certificate"}, "copies": {"3"}, "agency": {ward}, "return_by": {returnBy},
	}
}

// sheets are the three kinds of files that are taken, as they lie on a person's device.
func sheets(t *testing.T) (paths []string, contents [][]byte) {
	t.Helper()
	dir := t.TempDir()
	contents = [][]byte{paperPDF(2, "Giay khai sinh"), paperJPEG(1, 600, 800), paperPNG(2, 200, 300)}
	for i, name := range []string{"giay khai sinh cũ.pdf", "mặt trước.jpg", "mặt sau.png"} {
		paths = append(paths, put(t, dir, name, contents[i]))
	}
	return paths, contents
}

// TestJourney goes the whole way of a dossier through the real program: found, filled,
// filed, paid, received, decided, brought home by post.
func TestJourney(t *testing.T) {
	t.Parallel()
	p := newDemo(t)
	t.Run("find", func(t *testing.T) { findIt(t, p) })
	t.Run("keep and resume", func(t *testing.T) { keepAndResume(t, p) })
	t.Run("files", func(t *testing.T) { tryFiles(t, p) })
	t.Run("press twice", func(t *testing.T) { pressTwice(t, p) })
	t.Run("home by post", func(t *testing.T) { homeByPost(t, p) })
	t.Run("supplement", func(t *testing.T) { supplement(t, p) })
	t.Run("refusal", func(t *testing.T) { refusal(t, p) })
	t.Run("withdrawal", func(t *testing.T) { withdrawal(t, p) })
	t.Run("birth", func(t *testing.T) { birth(t, p) })
	t.Run("business", func(t *testing.T) { promotion(t, p) })
	t.Run("registry", func(t *testing.T) { registryChanges(t, p) })
	t.Run("registry down", func(t *testing.T) { registryDown(t, p) })
	t.Run("gateway", func(t *testing.T) { gatewayFaults(t, p) })
	t.Run("verify", func(t *testing.T) { verified(t, p) })
}

// verified runs the program's own comparison of files, rows, ledger and audit log.
func verified(t *testing.T, p *program) {
	t.Helper()
	if out, err := p.command("verify"); err != nil || !strings.Contains(out, "agree") {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

// findIt finds the procedure as people type it, and from its page the way to file.
func findIt(t *testing.T, p *program) {
	w := person(t, p, "")
	for _, q := range []string{"giay khai sinh", "giấy khai sinh", "giay khai sihn", "2.000635", "trich luc khai sinh"} {
		if found := w.goTo("/thu-tuc?q=" + url.QueryEscape(q)).links("/thu-tuc/2.000635"); len(found) == 0 {
			t.Errorf("%q does not find 2.000635", q)
		}
	}
	sheet := w.goTo("/thu-tuc/2.000635")
	w.mustSay(sheet, "2.000635", "8.000")
	if len(sheet.links("/thu-tuc/2.000635/bat-dau")) == 0 {
		t.Error("the procedure's page has no way to file")
	}
	if to := w.goTo("/thu-tuc/2.000635/bat-dau"); !strings.Contains(to.URL.Path, "authorize") {
		t.Errorf("filing without a session leads to %s, not to sign-in", to.URL)
	}
}

// keepAndResume leaves a form half filled, with a fault, and goes on on another device.
func keepAndResume(t *testing.T, p *program) {
	w := person(t, p, "mai")
	first := w.start("2.000635", nil)
	second := w.must(first, "/buoc/1", entry{Set: url.Values{"for_whom": {"self"}}})
	w.mustSay(second, "Nguyễn Thị Hồng Mai", "CSDL quốc gia về dân cư")
	third := w.must(second, second.URL.Path, entry{Set: url.Values{"contact_phone": {"0912345601"}}})

	wrong := w.press(third, third.URL.Path, entry{Set: url.Values{"event_kind": {"marriage"}, "copies": {"99"}}})
	if wrong.Status != http.StatusUnprocessableEntity || len(wrong.faults()) == 0 {
		t.Fatalf("99 copies: status %d, faults %q", wrong.Status, wrong.faults())
	}
	elsewhere := person(t, p, "mai")
	again := elsewhere.goTo("/ho-so/" + first.id())
	if again.URL.Path != third.URL.Path {
		t.Errorf("on another device the draft goes on at %s, not %s", again.URL.Path, third.URL.Path)
	}
	f, err := again.form(again.URL.Path)
	if err != nil {
		t.Fatal(err)
	}
	if v := f.values(); v.Get("copies") != "99" || v.Get("event_kind") != "marriage" {
		t.Errorf("a page with a fault was not kept: %v", v)
	}
	elsewhere.must(elsewhere.goTo("/ho-so"), "/ho-so/"+first.id()+"/xoa", entry{})
	elsewhere.must(elsewhere.goTo("/ho-so?da-xoa="+first.id()), "/khoi-phuc", entry{})
	if p := w.goTo("/ho-so/" + first.id()); p.URL.Path != third.URL.Path {
		t.Errorf("a draft brought back goes on at %s", p.URL.Path)
	}
}

// tryFiles attaches, refuses by content with the reason, removes and replaces.
func tryFiles(t *testing.T, p *program) {
	w := person(t, p, "mai")
	id := w.start("2.000635", nil).id()
	paths, contents := sheets(t)
	address := "/ho-so/" + id + "/giay-to/giay_to_lien_quan"

	page := w.must(w.goTo(address), address, entry{Files: map[string][]string{"tep": paths}})
	for i, link := range slices.Compact(page.links(address + "/")) {
		if got := w.file(link); !bytes.Equal(got, contents[i]) {
			t.Errorf("file %d comes back as %d other bytes", i+1, len(got))
		}
	}
	for name, want := range map[string]string{
		"rỗng.pdf": "không có nội dung", "thu.pdf": "phải là ảnh", "hỏng.jpg": "không mở được", "khóa.pdf": "mật khẩu",
		"chương trình.pdf": "chứa chương trình", "anh.heic": "HEIC", "bom.png": "điểm ảnh", "nặng.jpg": "nhỏ hơn 20 MB",
	} {
		refused := w.press(w.goTo(address), address, entry{Files: map[string][]string{"tep": {put(t, t.TempDir(), name, badFile(name))}}})
		status := http.StatusUnprocessableEntity
		if name == "nặng.jpg" {
			status = http.StatusRequestEntityTooLarge
		}
		if refused.Status != status || !strings.Contains(strings.Join(refused.faults(), " "), want) {
			t.Errorf("%s: status %d, %q, not %q", name, refused.Status, refused.faults(), want)
		}
	}
	replaced, link := w.goTo(address), ""
	f, err := replaced.formFor(address, entry{Files: map[string][]string{"tep": nil}})
	if err != nil {
		t.Fatal(err)
	}
	fresh := paperJPEG(7, 300, 400)
	page = w.must(replaced, address, entry{Set: url.Values{"thay": {f.options("thay")[1]}}, Files: map[string][]string{"tep": {put(t, t.TempDir(), "rõ hơn.jpg", fresh)}}})
	w.mustSay(page, "rõ hơn.jpg", "mặt sau.png")
	if strings.Contains(page.says(), "mặt trước.jpg") {
		t.Error("the replaced file is still there")
	}
	for _, l := range page.links(address + "/") {
		if bytes.Equal(w.file(l), fresh) {
			link = l
		}
	}
	if link == "" {
		t.Error("the new file does not come back")
	}
	page = w.must(page, address, entry{Button: "lam=xoa"})
	if strings.Contains(page.says(), "giay khai sinh cũ.pdf") {
		t.Error("a removed file is still there")
	}
}

// pressTwice files one draft from two tabs and twice in each, all at once and once more later.
func pressTwice(t *testing.T, p *program) {
	w := person(t, p, "phuc")
	c := w.hand.(*client)
	tab := w.fill(w.start("2.000635", nil), answersOfCopy("online"), nil)
	if p := w.press(tab, "/kiem-tra", entry{}); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("filing without the declaration: status %d", p.Status)
	}
	var all sync.WaitGroup
	ends := make([]string, 6)
	for i, open := range []page{tab, w.goTo(tab.URL.Path)} {
		f, err := open.form("/kiem-tra")
		if err != nil {
			t.Fatal(err)
		}
		for j := range 3 {
			all.Go(func() {
				end, err := c.send(open, f, entry{Set: url.Values{"cam-doan": {"1"}}})
				if err != nil {
					t.Error(err)
					return
				}
				ends[3*i+j] = code(end)
			})
		}
	}
	all.Wait()
	f, _ := tab.form("/kiem-tra")
	later, err := c.send(tab, f, entry{Set: url.Values{"cam-doan": {"1"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range append(ends, code(later)) {
		if end == "" || end != ends[0] {
			t.Errorf("seven presses gave %q and %q", ends, code(later))
			break
		}
	}
	if n := strings.Count(w.goTo("/ho-so").says(), ends[0]); n != 1 {
		t.Errorf("%s stands %d times in the list", ends[0], n)
	}
}

// homeByPost is the main path with everything a person and the officers see on it.
func homeByPost(t *testing.T, p *program) {
	w := person(t, p, "mai")
	paths, contents := sheets(t)
	check := w.fill(w.start("2.000635", nil), answersOfCopy("post"), map[string][]string{"giay_to_lien_quan": paths})
	w.mustSay(check, "3 bản", "24.000 đồng", "Phường Long Xuyên", "mặt trước.jpg")
	d := w.fileIt(check)
	id, code := d.id(), code(d)
	if w.goTo("/ho-so/"+id+"/buoc/3").URL.Path != "/ho-so/"+id {
		t.Error("a page of a filed draft does not lead to the dossier")
	}
	slip(w, id, code, contents)
	for i, link := range d.links("/tep/") {
		if got := w.file(link); !bytes.Equal(got, contents[i]) {
			t.Errorf("filed file %d comes back as %d other bytes", i+1, len(got))
		}
	}
	p.lettersUntil(t, code, 1)

	back := w.pay(id)
	w.mustSay(back, "24.000 đồng")
	d = w.until("/ho-so/"+id, "Đã nhận thanh toán", "Biên lai")
	receipt := pdfText(t, w.file(d.links("/bien-lai/")[0]))
	for _, word := range []string{"24.000", "Hai mươi tư nghìn đồng", "Nguyễn Thị Hồng Mai"} {
		if !strings.Contains(receipt, word) {
			t.Errorf("the receipt does not say %q: %s", word, receipt)
		}
	}
	p.lettersUntil(t, code, 2)
	notYet(w, id)
	officersPart(w, id, code)
	form01 := pdfText(t, w.file("/ho-so/"+id+"/giay-tiep-nhan.pdf"))
	for _, word := range []string{code, "Nguyễn Thị Hồng Mai", "Nguyễn Tiếp Mẫu"} {
		if !strings.Contains(form01, word) {
			t.Errorf("Mẫu 01 does not say %q: %s", word, form01)
		}
	}
	result := pdfText(t, w.file(w.goTo("/ho-so/" + id).links("/ket-qua/")[0]))
	if !strings.Contains(result, "Nguyễn Thị Hồng Mai") || !strings.Contains(result, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") {
		t.Errorf("the result says: %s", result)
	}
	carried(p, w, id, code)
	if wrong := w.press(w.goTo("/tra-cuu?ma="+code), "/tra-cuu", entry{Set: url.Values{"ma": {code}, "so": {"9999"}}}); wrong.Status != http.StatusUnprocessableEntity {
		t.Errorf("tracking with wrong digits: status %d", wrong.Status)
	}

	inEnglish(w, id)
	w.must(w.goTo("/ho-so/"+id+"/danh-gia"), "/danh-gia", entry{Set: url.Values{"muc": {"5"}, "y-kien": {"Nhanh."}}})
	for i, l := range p.lettersUntil(t, code, 6) {
		if len(l.To) != 1 || l.To[0] != "mai@example.vn" || !strings.Contains(l.Body, p.Facts.Portal) || strings.Contains(l.Body, id) {
			t.Errorf("letter %d: to %q, not with the portal's address alone: %s", i+1, l.To, l.Body)
		}
	}
	w.mustSay(w.goTo("/tai-khoan/thong-bao"), code)
}

// inEnglish looks at the same pages in the other language and goes back.
func inEnglish(w walker, id string) {
	w.Helper()
	for _, path := range []string{"/?lang=en", "/ho-so", "/ho-so/" + id, "/ho-so/" + id + "/phi", "/tai-khoan/thong-bao", "/thu-tuc/2.000635", "/thu-tuc/2.000635/bat-dau", "/tra-cuu"} {
		p := w.goTo(path)
		if !bytes.Contains(p.Body, []byte(`<html lang="en">`)) {
			w.Errorf("%s is not in English", path)
		}
	}
	w.mustSay(w.goTo("/ho-so/"+id), "Long Xuyên")
	w.goTo("/?lang=vi")
}

// slip checks the confirmation of filing: code, every file with size and hash.
func slip(w walker, id, code string, contents [][]byte) {
	w.Helper()
	said := unspaced(pdfText(w, w.file("/ho-so/"+id+"/giay-xac-nhan-nop.pdf")))
	if !strings.Contains(said, code) || !strings.Contains(said, unspaced("Đã nộp, chờ tiếp nhận")) {
		w.Errorf("the slip says: %s", said)
	}
	for i, b := range contents {
		if !strings.Contains(said, sha(b)) {
			w.Errorf("the slip lacks the hash of file %d", i+1)
		}
	}
	if _, err := w.bytes("/ho-so/" + id + "/giay-tiep-nhan.pdf"); err == nil {
		w.Error("Mẫu 01 is there before an officer has received the dossier")
	}
}
