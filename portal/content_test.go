package portal

import (
	"net/url"
	"strings"
	"testing"
)

// writer is an editor at work on one text of the portal.
type writer struct {
	*browser
	at string // address of the edit
}

// sends a form of the edit's page as it stands, with what is changed, and wants it answered
// with the status.
func (w writer) sends(page string, status int, v url.Values) reply {
	w.h.t.Helper()
	all := fields(w.h.t, w.get(w.at+page), w.at+page)
	for name, values := range v {
		all[name] = values
	}
	r := w.post(w.at+page, all)
	if r.Status != status {
		w.h.t.Fatalf("%s %v: %d, want %d\n%s", page, v, r.Status, status, faultsIn(r))
	}
	return r
}

// An announcement from its first word to its last day: written, sent, approved by another,
// published, read, taken off. No public page has a word of it before.
func TestAnnouncement(t *testing.T) {
	h := newHouse(t)
	b, second, people := h.signedIn(h.onlyEditor()), h.signedIn(h.administrator()), h.visitor()
	r := b.post("/can-bo/noi-dung", url.Values{"loai": {"tin"}, "ten": {" "}})
	if r.Status != 422 || !strings.Contains(r.text(), `id="ten-loi"`) {
		t.Errorf("without a title: %d", r.Status)
	}
	r = b.post("/can-bo/noi-dung", url.Values{"loai": {"tin"}, "ten": {"Nghỉ lễ ngày mai"}})
	w := writer{b, r.Header.Get("Location")}
	if r.Status != 303 {
		t.Fatalf("%d", r.Status)
	}
	w.sends("/so-sanh", 422, url.Values{"lam": {"gui"}}) // nothing is said yet
	w.sends("", 303, url.Values{"summary-vi": {"Quầy đóng một ngày."}, "body-vi": {"Quầy nghỉ.\n\n- Mở lại hôm sau, xem [thủ tục](/thu-tuc)."},
		"body-en": {"Closed."}, "top": {"1"}, "until": {"31/12/2099"}, "lam": {"luu"}})
	if page := w.get(w.at).text(); !strings.Contains(page, `value="31/12/2099"`) || !strings.Contains(page, "Quầy đóng một ngày.") {
		t.Error("what was saved is not on the page")
	}
	preview := w.get(w.at + "/xem")
	if !strings.Contains(preview.text(), "Bản nháp") || !strings.Contains(preview.text(), `<a href="/thu-tuc">thủ tục</a>`) || preview.Header.Get("Cache-Control") != "no-store" {
		t.Error("no preview marked as a draft")
	}
	w.sends("/so-sanh", 303, url.Values{"lam": {"gui"}, "ghi-chu": {"Gấp"}})
	w.sends("/so-sanh", 403, url.Values{"lam": {"duyet"}})
	other := writer{second, w.at}
	other.sends("/so-sanh", 422, url.Values{"lam": {"tra-lai"}})
	other.sends("/so-sanh", 303, url.Values{"lam": {"duyet"}})
	unseen := func(when string) {
		t.Helper()
		for _, at := range []string{"/", "/tin", "/tin/nghi-le-ngay-mai", "/sitemap.xml", "/huong-dan?q=Nghỉ+lễ", "/thu-tuc?q=nghỉ+lễ"} {
			page := people.get(at)
			if strings.Contains(page.text(), "ghỉ lễ ngày mai") || strings.Contains(page.text(), "nghi-le") {
				t.Errorf("%s: %s speaks of it", when, at)
			}
		}
	}
	unseen("before")
	w.sends("/cong-bo", 422, url.Values{"ghi-chu": {""}})
	w.sends("/cong-bo", 422, url.Values{"ghi-chu": {"x"}, "luc": {"sau"}, "ngay": {"31/2/2027"}})
	w.sends("/cong-bo", 303, url.Values{"ghi-chu": {"Theo lịch nghỉ"}, "luc": {"nay"}})
	for at, want := range map[string]string{"/": `href="/tin/nghi-le-ngay-mai"`, "/tin": "Quầy đóng một ngày.", "/tin/nghi-le-ngay-mai": "Mở lại hôm sau", "/sitemap.xml": "/tin/nghi-le-ngay-mai"} {
		if page := people.get(at); page.Status != 200 || !strings.Contains(page.text(), want) {
			t.Errorf("%s: %d without %s", at, page.Status, want)
		}
	}
	home := writer{second, "/can-bo/noi-dung/tin/nghi-le-ngay-mai"}
	if page := home.get(home.at).text(); !strings.Contains(page, "Theo lịch nghỉ") {
		t.Error("the history does not say why")
	}
	home.sends("", 422, url.Values{"lam": {"go"}, "so": {"1"}, "ly-do": {""}})
	home.sends("", 303, url.Values{"lam": {"go"}, "so": {"1"}, "ly-do": {"Đổi lịch"}})
	unseen("afterwards")
	if r := people.get("/tin/nghi-le-ngay-mai"); r.Status != 404 {
		t.Errorf("taken off: %d", r.Status)
	}
}

// Steps are added, moved and taken out by buttons, and the two languages stay apart; a late
// page loses nothing of what was typed.
func TestStepsByButtons(t *testing.T) {
	h := newHouse(t)
	b := h.signedIn(h.onlyEditor())
	r := b.post("/can-bo/noi-dung/huong-dan/tra-phi", url.Values{"lam": {"sua"}})
	w := writer{b, r.Header.Get("Location")}
	late := fields(t, w.get(w.at), w.at)
	first := late.Get("steps-0-title-vi")
	w.sends("", 303, url.Values{"lam": {"xuong 0"}})
	if got := fields(t, w.get(w.at), w.at).Get("steps-1-title-vi"); got != first || first == "" {
		t.Errorf("moved down: %q", got)
	}
	if to := w.sends("", 303, url.Values{"lam": {"them"}}).Header.Get("Location"); !strings.HasSuffix(to, "#f-steps-4-title-vi") {
		t.Errorf("a new step: %s", to)
	}
	w.sends("", 303, url.Values{"lam": {"xoa 1"}})
	v := fields(t, w.get(w.at), w.at)
	if v.Get("steps") != "4" || v.Get("steps-1-title-vi") == first || v.Get("steps-0-title-en") == "" {
		t.Errorf("taken out: %v", v)
	}
	late.Set("title-vi", "Muộn mất rồi")
	late.Set("lam", "luu")
	if r := w.post(w.at, late); r.Status != 409 || !strings.Contains(r.text(), "Muộn mất rồi") {
		t.Errorf("late: %d", r.Status)
	}
	w.sends("", 303, url.Values{"lam": {"hoan-tac"}})
	if v := fields(t, w.get(w.at), w.at); v.Get("steps") != "5" {
		t.Errorf("undone: %s steps", v.Get("steps"))
	}
}

// The words of the search are one list, a line a word.
func TestWordsOfTheSearch(t *testing.T) {
	h := newHouse(t)
	b := h.signedIn(h.onlyEditor())
	w := writer{b, b.post("/can-bo/noi-dung", url.Values{"loai": {"tu-tim-kiem"}}).Header.Get("Location")}
	lines := fields(t, w.get(w.at), w.at).Get("words")
	if !strings.Contains(lines, "sổ đỏ = ") {
		t.Fatalf("no words: %.80s", lines)
	}
	w.sends("", 303, url.Values{"words": {lines + "\nbìa hồng = giấy khai sinh; khai sinh\nBÌA HỒNG = x\n"}})
	if page := w.get(w.at).text(); !strings.Contains(page, "“bìa hồng” có hai lần") {
		t.Error("a word twice is not refused")
	}
	w.sends("", 303, url.Values{"words": {lines + "\nbìa hồng = giấy khai sinh; khai sinh\n"}})
	if page := w.get(w.at + "/so-sanh").text(); !strings.Contains(page, "bìa hồng = giấy khai sinh; khai sinh") || strings.Count(page, "<ins>") != 1 {
		t.Error("the difference is another one than the new word")
	}
}
