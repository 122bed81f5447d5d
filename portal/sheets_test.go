package portal

import (
	"net/url"
	"strings"
	"testing"

	"motcua/portal/editorial"
)

// sheetMaker is an editor at work on what is published about one procedure.
type sheetMaker struct {
	*browser
	at string // address of the edit
}

func (h *house) sheetMaker(code string) sheetMaker {
	h.t.Helper()
	b := h.signedIn(h.onlyEditor())
	r := b.post("/can-bo/danh-muc", url.Values{"ma": {code}})
	if r.Status != 303 {
		h.t.Fatalf("no edit of %s: %d", code, r.Status)
	}
	return sheetMaker{b, r.Header.Get("Location")}
}

// section is what a browser would send of a section's page as it stands.
func (m sheetMaker) section(word string) url.Values {
	m.h.t.Helper()
	r := m.get(m.at + "/" + word)
	if r.Status != 200 {
		m.h.t.Fatalf("%s: %d", word, r.Status)
	}
	return fields(m.h.t, r, m.at+"/"+word)
}

// save sends a section and wants it taken; the answer is where it leads.
func (m sheetMaker) save(word string, v url.Values) string {
	m.h.t.Helper()
	r := m.post(m.at+"/"+word, v)
	if r.Status != 303 {
		m.h.t.Fatalf("%s: %d\n%s", word, r.Status, faultsIn(r))
	}
	return r.Header.Get("Location")
}

func (m sheetMaker) version() string { return m.section("han").Get("ban") }

func TestSheetIsEdited(t *testing.T) {
	h := newHouse(t)
	m := h.sheetMaker(extract)
	for _, s := range editorial.Sections {
		m.save(s.Word, m.section(s.Word)) // as a browser sends it back untouched
		if v := m.version(); v != "1" {
			t.Fatalf("%s, sent back as it came, made version %s", s.Word, v)
		}
	}
	fee := m.section("phi")
	const amount = "sheet/channels/0/fees/0/amount"
	fee.Set(amount, "tám nghìn")
	if r := m.post(m.at+"/phi", fee); r.Status != 422 || !strings.Contains(r.text(), `href="#f-channels-0-fees-0-amount"`) || !strings.Contains(r.text(), `value="tám nghìn"`) {
		t.Errorf("a word for an amount: %d\n%s", r.Status, faultsIn(r))
	}
	fee.Set(amount, "87.654 đ")
	if to := m.save("phi", fee); !strings.HasSuffix(to, "/phi?luu=1") {
		t.Errorf("saved, and on to %s", to)
	}
	if page := m.get(m.at + "/xem/trang").text(); !strings.Contains(page, "87.654") || !strings.Contains(page, "Bản nháp") {
		t.Error("the preview does not show the new fee, or that it is a draft")
	}
	if page := m.get("/thu-tuc/" + extract).text(); strings.Contains(page, "87.654") {
		t.Error("people see a fee that is not published")
	}
	for _, c := range []struct{ press, to string }{
		{"them sheet/steps/0/steps", "#f-steps-0-steps-"}, {"chep sheet/steps/0", "#f-steps-1"}, {"xoa sheet/steps/1", "#f-steps"},
	} {
		v := m.section("trinh-tu")
		v.Set("lam", c.press)
		if to := m.save("trinh-tu", v); !strings.Contains(to, "/trinh-tu"+c.to) {
			t.Errorf("%s leads to %s", c.press, to)
		}
	}
	legal := m.section("can-cu")
	legal.Set("chon", "226/2016/TT-BTC")
	to := m.save("can-cu", legal)
	_, row, _ := strings.Cut(to, "#f-")
	if got := m.section("can-cu").Get("sheet/" + strings.ReplaceAll(row, "-", "/") + "/name.vi"); !strings.Contains(got, "chứng thực") {
		t.Errorf("a legal text of the list came as %q at %s", got, row)
	}
	overview := m.get(m.at).text()
	if !strings.Contains(overview, "Đã sửa") || !strings.Contains(overview, "Hoàn tác") {
		t.Error("the overview does not say what was changed, or offers no way back")
	}
	if r := m.post(m.at, url.Values{"ban": {m.version()}, "lam": {"hoan-tac"}}); r.Status != 303 {
		t.Errorf("undo: %d", r.Status)
	}
	if page := m.get("/can-bo/danh-muc?tt=open&q=" + extract).text(); !strings.Contains(page, m.at) {
		t.Error("the list does not show the edit")
	}
	for _, other := range []string{mai.Sub, phuc.Sub} {
		if r := h.signedIn(other).get(m.at + "/xem/trang"); r.Status != 404 {
			t.Errorf("%s sees the preview: %d", other, r.Status)
		}
	}
}

func TestTwoEditorsOnOneSheet(t *testing.T) {
	h := newHouse(t)
	m := h.sheetMaker(extract)
	fee, same, name := m.section("phi"), m.section("phi"), m.section("chung")
	name.Set("sheet/name.en", "Another name")
	m.save("chung", name)
	const amount = "sheet/channels/0/fees/0/amount"
	fee.Set(amount, "87654")
	m.save("phi", fee) // from a page made before, of another section
	if got := m.section("chung").Get("sheet/name.en"); got != "Another name" {
		t.Errorf("the name is %q: saving the fees took it back", got)
	}
	same.Set(amount, "1234")
	r := m.post(m.at+"/phi", same)
	if r.Status != 409 || !strings.Contains(r.text(), "1234") || !strings.Contains(r.text(), "87654") {
		t.Errorf("two fees at once: %d, and not both shown", r.Status)
	}
	if got := m.section("phi").Get(amount); got != "87654" {
		t.Errorf("the later one won: %s", got)
	}
}

func TestProceduresOfEditors(t *testing.T) {
	h := newHouse(t)
	b := h.signedIn(h.onlyEditor())
	page := b.get("/can-bo/danh-muc/" + extract).text()
	if !strings.Contains(page, "Bản 1") || !strings.Contains(page, "Nhập từ tệp") {
		t.Error("the history does not say what was imported")
	}
	if r := b.post("/can-bo/danh-muc", url.Values{"lam": {"moi"}, "ma": {extract}, "ten": {"Trùng mã"}}); r.Status != 422 || !strings.Contains(r.text(), "Danh mục đã có") {
		t.Errorf("a code twice: %d", r.Status)
	}
	r := b.post("/can-bo/danh-muc", url.Values{"lam": {"moi"}, "ma": {"7.654321"}, "ten": {"Thủ tục chưa có"}})
	if r.Status != 303 {
		t.Fatalf("a new procedure: %d", r.Status)
	}
	m := sheetMaker{b, r.Header.Get("Location")}
	v := m.section("cach-thuc")
	v.Set("lam", "them sheet/channels")
	m.save("cach-thuc", v)
	if _, there := m.section("phi")["sheet/channels/0/fees"]; there {
		t.Error("a list is no field")
	}
	if page := b.get("/can-bo/danh-muc/7.654321"); page.Status != 200 || !strings.Contains(page.text(), "Chưa công bố") {
		t.Errorf("the new procedure's page: %d", page.Status)
	}
	if page := b.get("/thu-tuc/7.654321"); page.Status != 404 {
		t.Errorf("people see it: %d", page.Status)
	}
	end := b.post("/can-bo/danh-muc", url.Values{"lam": {"bai-bo"}, "ma": {extract}, "thay": {birth}})
	if to := end.Header.Get("Location"); end.Status != 303 || !strings.Contains(b.get(to).text(), birth) {
		t.Errorf("ending: %d to %s", end.Status, to)
	}
	for _, at := range []string{"/can-bo/danh-muc/9.999999", "/can-bo/danh-muc/x", "/can-bo/danh-muc/" + extract + "/ban/99", m.at + "/khong-co"} {
		if r := b.get(at); r.Status != 404 {
			t.Errorf("%s: %d", at, r.Status)
		}
	}
}
