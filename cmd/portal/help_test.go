package main

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestHelpInBrowser: an officer files for a person who is present, who confirms it with the
// code on their phone and finds the dossier when they sign in.
func TestHelpInBrowser(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	dir := t.ArtifactDir()
	s := screen{Name: "phone", Width: 360, Height: 740, Phone: true}
	var tabs []*browser
	as := func(sub string) walker {
		b := s.tab(t, all, p.Facts.Portal)
		tabs = append(tabs, b)
		w := walker{t, b, func(name string, _ page) { b.look(t, dir, name) }, nil}
		w.signIn(sub)
		return w
	}
	w := as("cb-05")
	first := w.goTo("/can-bo/nop-thay")
	w.seen("lam-giup", first)
	form := w.must(first, "/can-bo/nop-thay", entry{Set: url.Values{"so-dinh-danh": {p.Facts.number("hung")}, "ho-ten": {"Phạm Quốc Hùng"},
		"dien-thoai": {"0912345604"}, "giay": {"card"}, "thu-tuc": {"2.000635"}}})
	w.mustSay(form, "Đang làm giúp Phạm Quốc Hùng")
	id, answers := form.id(), answersOfCopy("online")
	answers.Set("contact_phone", "0912345604")
	check := w.fill(form, answers, map[string][]string{})
	w.seen("doc-lai", check)
	at := "/can-bo/nop-thay/" + id
	helped := w.must(w.goTo(at), at+"/ma", entry{})
	w.seen("cho-ma", helped)
	said := p.texted(t, "84912345604")
	filed := w.must(helped, at+"/nop", entry{Set: url.Values{"ma": {said}, "cam-doan": {"1"}}})
	w.seen("da-nop-thay", filed)
	w.mustSay(filed, "Đã nộp")
	number := code(filed)
	if b := w.file(at + "/giay-xac-nhan-nop.pdf"); !strings.HasPrefix(string(b), "%PDF") {
		t.Error("no slip")
	}
	h := as("hung")
	h.mustSay(h.goTo("/ho-so"), "bản sao trích lục", number)
	own := h.goTo("/ho-so/" + id)
	h.seen("ho-so", own)
	h.mustSay(own, "Nộp trực tiếp, do Hoàng Nhận Mẫu", "bằng mã gửi đến điện thoại")
	for _, b := range tabs {
		for _, said := range b.trouble {
			t.Errorf("the browser complained: %s", said)
		}
	}
	verified(t, p)
}

// texted waits for a message to a phone and reads the code in it.
func (p *program) texted(t *testing.T, phone string) string {
	t.Helper()
	digits := regexp.MustCompile(`\b\d{6}\b`)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var texts []struct{ Phone, Content string }
		if err := json.Unmarshal(p.look(t, "sms", "/texts"), &texts); err != nil {
			t.Fatal(err)
		}
		if len(texts) > 0 && texts[0].Phone == phone {
			return digits.FindString(texts[0].Content)
		}
	}
	t.Fatal("no message")
	return ""
}
