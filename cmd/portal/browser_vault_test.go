package main

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// answersOfRegister ask for a copy from the original register, for one of the family.
func answersOfRegister() url.Values {
	return url.Values{"for_whom": {"family"}, "contact_phone": {"0912345601"}, "contact_email": {"mai@example.vn"},
		"holder_name": {"Nguyễn Văn Tư"}, "holder_birth_date.day": {"1"}, "holder_birth_date.month": {"5"}, "holder_birth_date.year": {"1960"},
		"holder_id":                 {"351234567"},
		"documents.0.document_kind": {"certificate"}, "documents.0.document_name": {"Bằng tốt nghiệp"}, "documents.0.document_number": {"123"},
		"documents.0.document_year": {"1980"}, "documents.0.document_copies": {"1"}, "agency": {"H01.101"}, "return_by": {"online"}}
}

// TestBrowserVault is a second filing that needs no upload, and a paper shown to somebody
// else, in a real browser: on a desktop, without JavaScript, on a phone.
func TestBrowserVault(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	dir := t.ArtifactDir()
	for _, s := range []screen{
		{Name: "desktop", Width: 1280, Height: 900},
		{Name: "no-script", Width: 1280, Height: 900, NoScript: true},
		{Name: "phone", Width: 360, Height: 740, Phone: true},
	} {
		t.Run(s.Name, func(t *testing.T) { twiceInBrowser(t, p, s, all, dir) })
	}
	verified(t, p)
}

var sharedCode = regexp.MustCompile(`[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}`)

func twiceInBrowser(t *testing.T, p *program, s screen, all context.Context, dir string) {
	var open func(sub string) walker
	open = func(sub string) walker {
		b := s.tab(t, all, p.Facts.Portal)
		w := walker{t, b, func(name string, _ page) { b.look(t, dir, name) }, open}
		if sub != "" {
			w.signIn(sub)
		}
		return w
	}
	const code, component = "2.000908", "giay_to_quan_he"
	w := open("mai")
	paths, _ := sheets(t)
	first := w.fileIt(w.fill(w.start(code, nil), answersOfRegister(), map[string][]string{component: paths[:1]}))
	w.seen("giay-to-chua-kiem-tra", w.goTo("/tai-khoan/giay-to"))
	w.as(intake).deed(first.id(), "tiep-nhan", nil)

	draft := w.start(code, nil)
	w.must(draft, "/buoc/1", entry{Set: url.Values{"for_whom": {"family"}}})
	w.seen("trang-giay-to-da-co", w.goTo("/ho-so/"+draft.id()+"/buoc/6"))
	at := "/ho-so/" + draft.id() + "/giay-to/" + component
	offer := w.goTo(at)
	w.seen("giay-to-da-co", offer)
	w.mustSay(offer, "Dùng bản đã có", "đã kiểm tra ngày")
	used := w.must(offer, at, entry{Button: "lam=dung"})
	w.seen("giay-to-dung-lai", used)
	w.mustSay(used, "Dùng lại bản đã có.")
	second := w.fileIt(w.fill(w.goTo("/ho-so/"+draft.id()+"/buoc/2"), answersOfRegister(), nil))
	desk := w.as(intake)
	file := desk.goTo("/can-bo/ho-so/" + second.id())
	desk.seen("can-bo-giay-to-da-co", file)
	desk.mustSay(file, "Đã có trong kho:")

	mine := w.goTo("/tai-khoan/giay-to")
	w.seen("kho", mine)
	links := mine.links("/tai-khoan/giay-to/")
	if len(links) == 0 {
		t.Fatal("no papers")
	}
	paper := w.goTo(links[0])
	w.seen("kho-mot-giay", paper)
	shared := w.must(paper, "/chia-se", entry{Set: url.Values{"thoi-han": {"1h"}}})
	w.seen("kho-ma", shared)
	word := sharedCode.FindString(shared.says())
	guest := w.as("")
	form := guest.goTo("/giay-to?ma=" + word)
	guest.seen("xem-chung-ma", form)
	shown := guest.must(form, "/giay-to", entry{Set: url.Values{"ma": {word}}})
	guest.seen("xem-chung", shown)
	guest.mustSay(shown, "còn nguyên", "Nguyễn Thị Hồng Mai")
	after := w.goTo(links[0])
	w.mustSay(after, "Đã xem 1 lần")
	w.must(after, "/dung", entry{})
	if again := guest.press(guest.goTo("/giay-to?ma="+word), "/giay-to", entry{Set: url.Values{"ma": {word}}}); !strings.Contains(again.says(), "thu hồi") {
		t.Error("a code that was taken back still works")
	}
}
