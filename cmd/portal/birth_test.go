package main

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// What a mother says of her child that no register knows yet, and of how to reach her.
func birthAnswers() url.Values {
	answers := url.Values{
		"contact_phone": {"0912345601"}, "relation": {"mother"}, "other_parent": {"spouse"},
		"child_name": {"Trần Nguyễn Minh Khôi"}, "child_sex": {"male"},
		"child_hometown.province": {"91"}, "child_hometown.commune": {"30307"},
		"birth_place_kind": {"facility"}, "birth_facility": {"Bệnh viện Sản Nhi"}, "birth_place.province": {"91"}, "birth_place.commune": {"30307"},
		"birth_paper": {"have"}, "copies": {"1"}, "agency": {ward}, "return_by": {"online"},
	}
	born := time.Now().AddDate(0, 0, -10)
	answers.Set("child_birth_date.day", born.Format("2"))
	answers.Set("child_birth_date.month", born.Format("1"))
	answers.Set("child_birth_date.year", born.Format("2006"))
	return answers
}

// counting counts what a person enters themselves on the pages of a form.
type counting struct {
	walker
	typed map[string]bool // names of fields whose value came from the person
	known map[string]string
}

// page answers one page, and notes what had to be entered and what stood there by a register.
func (c *counting) page(p page, answers url.Values) page {
	c.Helper()
	f, err := p.form(p.URL.Path)
	if err != nil {
		c.Fatal(err)
	}
	was, e := f.values(), c.answer(p, answers)
	for name, v := range e.Set {
		if !slices.Equal(was[name], v) {
			c.typed[name] = true
		}
	}
	for _, n := range all(p.root, func(n *html.Node) bool { return class(n, "source") && n.Data == "p" }) {
		if label := labelOf(n); label != "" {
			c.known[label] = text(n)
		}
	}
	return c.press(p, p.URL.Path, e)
}

// labelOf is the label of the field that a line about its source belongs to.
func labelOf(n *html.Node) string {
	for box := n.Parent; box != nil; box = box.Parent {
		for _, l := range all(box, func(n *html.Node) bool { return n.Data == "label" || n.Data == "legend" || n.Data == "dt" }) {
			return text(l)
		}
	}
	return ""
}

// motherRegisters goes through the form as the mother does and gives the dossier.
func motherRegisters(w walker) *counting {
	w.Helper()
	c := &counting{w, map[string]bool{}, map[string]string{}}
	answers := birthAnswers()
	papers := map[string][]string{"giay_chung_sinh": {put(w.T, w.TempDir(), "giấy chứng sinh.pdf", paperPDF(1, "Giay chung sinh"))}}
	p := w.start("1.001193", nil)
	for range 40 {
		if p.at("/kiem-tra") {
			w.seen("khai-sinh-kiem-tra", p)
			w.mustSay(p, "Trần Nguyễn Minh Khôi", "Nguyễn Thị Hồng Mai", "Trần Văn Phúc", "42/2021")
			w.fileIt(p)
			return c
		}
		w.seen("khai-sinh-"+p.URL.Path[strings.LastIndex(p.URL.Path, "/")+1:], p)
		if w.attachAll(p, papers) {
			p = w.goTo(p.URL.Path)
		}
		next := c.page(p, answers)
		if next.URL.Path == p.URL.Path && len(w.answer(next, answers).Set) <= len(w.answer(p, answers).Set) {
			w.Fatalf("%s: %q: %s", p.URL, next.faults(), next.says())
		}
		w.sound(next)
		p = next
	}
	w.Fatal("the form does not end")
	return nil
}

// TestBirthTakesWhatRegistersKnow counts what a mother has to enter: her child, the notice
// of the birth, how to reach her and how she gets the result. Everything about the parents
// and their marriage comes from the registers, with its source beside it.
func TestBirthTakesWhatRegistersKnow(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	c := motherRegisters(person(t, p, "mai"))
	allowed := birthAnswers()
	for name := range c.typed {
		if _, childs := allowed[name]; !childs {
			t.Errorf("%s had to be entered", name)
		}
	}
	if len(c.typed) != len(allowed) {
		t.Errorf("entered %d fields, not %d: %v", len(c.typed), len(allowed), c.typed)
	}
	for label, register := range map[string]string{
		"Họ, chữ đệm và tên của mẹ": "dân cư", "Ngày sinh của mẹ": "dân cư", "Số định danh cá nhân của mẹ": "dân cư",
		"Dân tộc của mẹ": "dân cư", "Quốc tịch của mẹ": "dân cư", "Nơi cư trú của mẹ": "dân cư",
		"Họ, chữ đệm và tên của cha": "dân cư", "Ngày sinh của cha": "dân cư", "Số định danh cá nhân của cha": "dân cư",
		"Dân tộc của cha": "dân cư", "Quốc tịch của cha": "dân cư", "Nơi cư trú của cha": "dân cư",
		"Số Giấy chứng nhận kết hôn": "hộ tịch", "Ngày đăng ký kết hôn": "hộ tịch", "Cơ quan đăng ký kết hôn": "hộ tịch",
	} {
		found := ""
		for l, said := range c.known {
			if strings.HasPrefix(l, label) {
				found = said
			}
		}
		if !strings.Contains(found, register) {
			t.Errorf("%s has the source %q", label, found)
		}
	}
	dir := t.ArtifactDir()
	for _, s := range []screen{{Name: "desktop", Width: 1280, Height: 900}, {Name: "phone", Width: 360, Height: 740, Phone: true}} {
		t.Run(s.Name, func(t *testing.T) {
			b := s.tab(t, all, p.Facts.Portal)
			w := walker{t, b, func(name string, _ page) { b.look(t, dir, name) }, nil}
			w.signIn("mai")
			motherRegisters(w)
			for _, said := range b.trouble {
				if !strings.Contains(said, " 422 ") { // pressed before the list of communes had come: asked again
					t.Errorf("the browser complained: %s", said)
				}
			}
		})
	}
	verified(t, p)
}
