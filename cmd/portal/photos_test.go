package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// sheetPhoto is a photo of a sheet with lines and a dark head, as a phone stores it: upright,
// or lying on its side with a note of how it was held.
func sheetPhoto(w, h int, sideways bool) []byte {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.NewUniform(color.Gray{240}), image.Point{}, draw.Src)
	ink := image.NewUniform(color.Gray{50})
	for line := 0; line < 30; line++ {
		r := image.Rect(w/10, h*(10+line*3)/110, w*(5+line%4)/10, h*(11+line*3)/110)
		if line == 0 {
			r = image.Rect(w/10, h/20, w*9/10, h/10)
		}
		draw.Draw(m, r, ink, image.Point{}, draw.Src)
	}
	if !sideways {
		return asJPEG(m)
	}
	lying := image.NewRGBA(image.Rect(0, 0, h, w)) // its top to the left: turned left by 90°
	for y := range w {
		for x := range h {
			lying.Set(x, y, m.At(w-1-y, x))
		}
	}
	b := asJPEG(lying)
	exif := "\xFF\xE1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	return append(append(bytes.Clone(b[:2]), exif...), b[2:]...)
}

func asJPEG(m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// TestFivePhotos asks for a building permit from a phone with five photos of the land paper:
// a plain one, one held sideways, one of 30 MB, an empty one, one in HEIC. The two good ones
// are joined; each other has its reason.
func TestFivePhotos(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	dir := t.ArtifactDir()
	for _, s := range []screen{
		{Name: "photos-phone", Width: 360, Height: 740, Phone: true},
		{Name: "photos-no-script", Width: 360, Height: 740, NoScript: true},
	} {
		t.Run(s.Name, func(t *testing.T) { fivePhotos(t, p, s, all, dir) })
	}
	verified(t, p)
}

func fivePhotos(t *testing.T, p *program, s screen, all context.Context, dir string) {
	b := s.tab(t, all, p.Facts.Portal)
	w := walker{t, b, func(name string, _ page) { b.look(t, dir, name) }, nil}
	w.signIn("mai")
	draft := w.start("1.013225", nil)
	at := "/ho-so/" + draft.id() + "/giay-to/giay_to_dat"
	w.seen("truoc", w.goTo(at))
	w.choose(b, t.TempDir())
	page := w.until(at, "1. mặt trước.jpg", "2. mặt sau.jpg", "Xem bản ghép")
	w.seen("sau", page)
	w.mustSay(page, "Đã dùng 2 trang, còn 28 trang")
	first := w.file(at + "/ban-ghep.pdf")
	put(t, dir, s.Name+".pdf", first)
	if n := pdfPages(t, first); n != 2 {
		t.Errorf("%d pages", n)
	}
	w.must(page, at, entry{Button: "lam=xoay-trai", Set: nil})
	turned := w.until(at, "Xem bản ghép")
	if now := w.file(at + "/ban-ghep.pdf"); bytes.Equal(now, first) {
		t.Error("turned, the joined copy is the same")
	}
	w.seen("xoay", turned)
	w.seen("ma-qr", w.must(turned, at, entry{Button: "lam=dien-thoai"}))
	check := w.fill(w.goTo(draft.URL.Path), permit(), map[string][]string{"ban_ve": {put(t, t.TempDir(), "bản vẽ.pdf", paperPDF(6, "Ban ve"))}})
	w.seen("kiem-tra", check)
	w.mustSay(check, "345", "80,5", "mặt trước.jpg", "mặt sau.jpg", "bản vẽ.pdf")
	d := w.fileIt(check)
	filed := pdfText(t, w.file("/ho-so/"+d.id()+"/giay-xac-nhan-nop.pdf"))
	for _, photo := range [][]byte{sheetPhoto(1500, 2000, false), sheetPhoto(1500, 2000, true)} { // as they came, not as they were turned
		if !strings.Contains(unspaced(filed), sha(photo)) {
			t.Error("the slip does not hold a photo's hash")
		}
	}
	onlyTheOwnersOriginals(t, p, w, d.id())
	for _, said := range b.trouble {
		if !strings.Contains(said, "tus") { // what is refused is a failed request to the browser
			t.Errorf("the browser complained: %s", said)
		}
	}
}

// onlyTheOwnersOriginals: the owner has their photos back as they came; an officer sees the
// joined copy, without what a camera notes of place and owner, and the drawings as received.
func onlyTheOwnersOriginals(t *testing.T, p *program, w walker, id string) {
	t.Helper()
	desk := person(t, p, intake)
	desk.until("/can-bo/ho-so/"+id, "giay-to-dat.pdf")
	hidden, shown := 0, 0
	for _, link := range w.goTo("/ho-so/" + id).links("/tep/") {
		photo := bytes.HasPrefix(w.file(link), []byte("\xFF\xD8"))
		seen, err := desk.open("/can-bo" + link)
		switch {
		case err != nil:
			t.Fatal(err)
		case photo && seen.Status == 404:
			hidden++
		case !photo && seen.Status == 200:
			shown++
		default:
			t.Errorf("an officer gets %s with status %d, a photo: %v", link, seen.Status, photo)
		}
	}
	if hidden != 2 || shown != 1 {
		t.Errorf("%d photos hidden, %d drawings shown", hidden, shown)
	}
	joined, err := desk.bytes("/can-bo/ho-so/" + id + "/ban-ghep/1/giay_to_dat")
	if err != nil || bytes.Contains(joined, []byte("Exif")) {
		t.Errorf("the joined copy: %v", err)
	}
}

// permit is a house of two storeys in a town.
func permit() url.Values {
	return url.Values{
		"place_kind": {"urban"}, "contact_phone": {"0912345601"}, "parcel.sheet": {"12"}, "parcel.parcel": {"345"}, "parcel.area": {"120,5"},
		"land_address.province": {"91"}, "land_address.commune": {"30307"}, "land_address.detail": {"Số 12"}, "land_paper": {"CT 12345678"},
		"land_paper_date.day": {"20"}, "land_paper_date.month": {"8"}, "land_paper_date.year": {"2019"}, "land_owner": {"yes"},
		"house_ground_area": {"80,5"}, "house_storeys": {"2"}, "house_basements": {"0"}, "house_height": {"9,5"}, "works_grade": {"iii"}, "ground_level": {"0,3"},
		"floors.floor1.area": {"80,5"}, "floors.floor1.use": {"Phòng khách"}, "floors.floor2.area": {"85"},
		"setback_front": {"2,5"}, "setback_back": {"1"}, "setback_left": {"0"}, "setback_right": {"0"}, "adjacent": {"no"}, "designed_by": {"self"},
		"start_date": {time.Now().AddDate(0, 2, 0).Format("2/1/2006")}, "months": {"8"}, "agency": {ward}, "return_by": {"counter"},
	}
}

// choose picks the five files and sends them off.
func (w walker) choose(b *browser, dir string) {
	w.Helper()
	var paths []string
	for _, f := range []struct {
		name    string
		content []byte
	}{
		{"mặt trước.jpg", sheetPhoto(1500, 2000, false)},
		{"rỗng.jpg", nil},
		{"ba mươi.jpg", append(sheetPhoto(300, 400, false), make([]byte, 30<<20)...)},
		{"mặt sau.jpg", sheetPhoto(1500, 2000, true)},
		{"IMG_0001.HEIC", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + strings.Repeat("x", 999))},
	} {
		paths = append(paths, put(w.T, dir, f.name, f.content))
	}
	words := []string{"không có nội dung", "phải nhỏ hơn 20 MB", "Tương thích nhất"}
	if !b.NoScript {
		if err := b.do(chromedp.SetUploadFiles(chromedp.CSS("#tep"), paths), chromedp.Click(chromedp.CSS("form[data-upload] button.button"))); err != nil {
			w.Fatal(err)
		}
		w.waitSaid(b, words)
		w.seen("loi", page{})
		return
	}
	for _, some := range [][]string{paths[:2], paths[2:3], paths[3:]} { // a browser sends them all before it shows anything
		now, err := b.now()
		if err != nil {
			w.Fatal(err)
		}
		f, err := now.formFor("/giay_to_dat", entry{Files: map[string][]string{"tep": some}})
		if err != nil {
			w.Fatal(err)
		}
		next, err := b.send(now, f, entry{Files: map[string][]string{"tep": some}})
		if err != nil {
			w.Fatal(err)
		}
		w.mustSay(next, words[0])
		words = words[1:]
	}
	w.seen("loi", page{})
}

// waitSaid waits until the open page says all the words.
func (w walker) waitSaid(b *browser, words []string) {
	w.Helper()
	said := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		said, _ = eval[string](b, "document.querySelector('[data-progress]').innerText")
		missing := false
		for _, word := range words {
			missing = missing || !strings.Contains(said, word)
		}
		if !missing && !strings.Contains(said, "%") {
			return
		}
	}
	w.Fatalf("the page says %q", said)
}

func pdfPages(t *testing.T, pdf []byte) int {
	t.Helper()
	if _, err := exec.LookPath("pdfinfo"); err != nil {
		t.Skip("no pdfinfo here (install poppler-utils)")
	}
	out, err := exec.Command("pdfinfo", put(t, t.TempDir(), "a.pdf", pdf)).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	_, after, _ := strings.Cut(string(out), "Pages:")
	n := 0
	fmt.Sscan(after, &n)
	return n
}
