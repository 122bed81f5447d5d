package portal

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"motcua/portal/agency"
	"motcua/portal/dossier"
)

const unsavedPages = "/ho-so/chua-luu"

// postal is a drawn page of an extract that is sent by post: it is no longer asked once the
// result is taken online.
func (b *browser) postal(id string) *sheet {
	b.h.t.Helper()
	no := b.h.pageOf(extract, "return_name")
	s := &sheet{b: b, at: "/ho-so/" + id + "/buoc/" + no, field: "return_name"}
	s.open(s.at)
	return s
}

var byPost = url.Values{"return_by": {"post"}, "return_name": {"Nguyễn Thị Mai"}, "return_phone": {mai.Phone}, "return_province": {"91"}, "return_commune": {"30307"}}

// takesOnline changes the answer that the page hangs on, in another tab.
func (b *browser) takesOnline(id string) {
	b.h.t.Helper()
	other := &sheet{b: b, at: "/ho-so/" + id + "/buoc/" + b.h.pageOf(extract, "return_by")}
	other.open(other.at)
	if r := other.send("return_by", "online"); r.Status != 303 {
		b.h.t.Fatalf("the other tab: %d", r.Status)
	}
}

// gaveBack holds that the page says what was typed, and why it is not saved.
func (h *house) gaveBack(what string, r reply, status int, words ...string) {
	h.t.Helper()
	page := html.UnescapeString(r.text())
	for _, w := range append(words, "Chưa lưu được vì:") {
		if r.Status != status || !strings.Contains(page, w) {
			h.t.Errorf("%s: %d to %q, without %q", what, r.Status, r.Header.Get("Location"), w)
		}
	}
}

// A page that another tab has answered away, sent while signed in.
func TestAPageNoLongerAskedGivesBackWhatWasTyped(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.draft(extract, byPost)
	s, gone := m.postal(id), m.postal(id)
	m.takesOnline(id)
	h.gaveBack("the page", s.send("return_name", "Trần Văn Bưu"), 409, "Trần Văn Bưu", "Trang này không còn trong hồ sơ")
	if r := s.auto("return_name", "Trần Văn Bưu"); r.Status != 409 || !strings.Contains(r.Header.Get("Content-Type"), "json") {
		t.Errorf("the script hears %d %s", r.Status, r.Header.Get("Content-Type"))
	}
	h.must(h.Drafts.Delete(t.Context(), m.session().Person, id))
	h.gaveBack("a draft put away", gone.send("return_name", "Trần Văn Xóa"), 409, "Trần Văn Xóa", "Hồ sơ nháp này đã được xóa")
	thief := h.signedIn("phuc")
	if r := thief.post(gone.at, url.Values{"return_name": {"Kẻ Lạ"}}); r.Status != 404 || strings.Contains(r.text(), "Kẻ Lạ") {
		t.Errorf("a stranger's page: %d", r.Status)
	}
}

// A page sent when the session was over, that cannot be saved when its person is back.
func TestAHeldPageThatCannotBeSavedIsShown(t *testing.T) {
	for what, tt := range map[string]struct {
		meanwhile func(h *house, m *browser, id string)
		why, on   string
	}{
		"no longer asked": {func(_ *house, m *browser, id string) { m.takesOnline(id) }, "Trang này không còn trong hồ sơ", "/ho-so/"},
		"put away":        {func(h *house, m *browser, id string) { h.must(h.Drafts.Delete(h.t.Context(), m.session().Person, id)) }, "Hồ sơ nháp này đã được xóa", "/ho-so"},
		"filed": {func(h *house, m *browser, id string) {
			_, err := h.Dossiers.File(h.t.Context(), m.session().Person, id, true, keyOf(m.session().Person))
			h.must(err)
		}, "Hồ sơ này đã nộp", "/ho-so/"},
	} {
		t.Run(what, func(t *testing.T) {
			h := newHouse(t)
			m := h.signedIn("mai")
			id := m.draft(extract, byPost)
			s := m.postal(id)
			h.endSessions()
			s.send("return_name", "Trần Văn Bưu")
			elsewhere := h.signedIn("mai")
			tt.meanwhile(h, elsewhere, id)
			at := m.enter("mai", s.at).Header.Get("Location")
			if !strings.HasPrefix(at, unsavedPages) {
				t.Fatalf("came back to %q", at)
			}
			h.gaveBack("elsewhere", m.get(at), 200, "Trần Văn Bưu", tt.why)
			if n := h.number(`SELECT count(*) FROM held_pages`); n != 1 {
				t.Fatalf("%d pages held before the person has gone on", n)
			}
			if r := elsewhere.get(unsavedPages); r.Status != 303 {
				t.Errorf("another browser is shown it: %d", r.Status)
			}
			if at := m.enter("mai", "/ho-so").Header.Get("Location"); !strings.HasPrefix(at, unsavedPages) {
				t.Errorf("signed in once more, and not told: %s", at)
			}
			seen := &sheet{b: m, at: unsavedPages}
			seen.open(at)
			if r := seen.send("trang", "x y"); r.Status != 303 || h.number(`SELECT count(*) FROM held_pages`) != 1 {
				t.Errorf("what was not shown is let go of: %d", r.Status)
			}
			r := seen.send()
			if to := r.Header.Get("Location"); r.Status != 303 || !strings.HasPrefix(to, tt.on) || h.number(`SELECT count(*) FROM held_pages`) != 0 {
				t.Errorf("gone on: %d to %s, %d held", r.Status, to, h.number(`SELECT count(*) FROM held_pages`))
			} else if r := m.get(to); r.Status >= 400 {
				t.Errorf("the way on %s: %d", to, r.Status)
			}
			if r := m.get(unsavedPages); r.Status != 303 {
				t.Errorf("shown again: %d", r.Status)
			}
		})
	}
}

// A page of a supplement's copy that another tab has overtaken by the time its person is back.
func TestAHeldSupplementThatWasOvertakenIsShown(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.filed(birth, nil)
	intake := h.staffOf(h.isWard)[agency.Intake]
	h.must(h.Desk.AskSupplement(t.Context(), intake.press(id), []dossier.Item{{Field: "contact_phone", Name: "Điện thoại", What: "sai", How: "ghi lại"}}))
	at := "/ho-so/" + id + "/bo-sung/buoc/" + h.pageOf(birth, "contact_phone")
	s := &sheet{b: m, at: at, field: "contact_phone"}
	s.open(at)
	h.endSessions()
	s.send("contact_phone", "0912345699")
	elsewhere := h.signedIn("mai")
	other := &sheet{b: elsewhere, at: at}
	other.open(at)
	if r := other.send("contact_phone", "0912345688"); r.Status != 303 {
		t.Fatalf("the other device: %d", r.Status)
	}
	to := m.enter("mai", at).Header.Get("Location")
	if !strings.HasPrefix(to, unsavedPages) {
		t.Fatalf("came back to %q as if it were saved", to)
	}
	r := m.get(to)
	if page := ungrouped(r.text()); r.Status != 200 || !strings.Contains(page, "0912345699") || !strings.Contains(page, ungrouped("Có chỗ đã được sửa ở nơi khác")) {
		t.Errorf("%d, without what was typed", r.Status)
	}
	w, err := h.Dossiers.OfPerson(t.Context(), m.session().Person, id)
	h.must(err)
	if w.Request.Copy["contact_phone"] != "0912345688" {
		t.Errorf("overwritten by %v", w.Request.Copy["contact_phone"])
	}
}

// Notes to a supplement that are too long, and were sent when the session was over: the
// sign-in works and they are shown.
func TestHeldNotesThatAreTooLongAreShown(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.filed(birth, nil)
	intake := h.staffOf(h.isWard)[agency.Intake]
	h.must(h.Desk.AskSupplement(t.Context(), intake.press(id), []dossier.Item{{Name: "Điện thoại", What: "sai", How: "ghi lại"}}))
	s := &sheet{b: m, at: "/ho-so/" + id + "/bo-sung"}
	s.open(s.at)
	h.endSessions()
	long := strings.Repeat("ộ", dossier.MaxNote+1)
	m.upload(s.at, part{Name: "_giu", Value: s.fields.Get("_giu")}, part{Name: "bo-sung-1", Value: long})
	back := m.enter("mai", s.at)
	if to := back.Header.Get("Location"); back.Status != 303 || !strings.HasPrefix(to, unsavedPages) {
		t.Fatalf("%d to %q", back.Status, to)
	}
	h.gaveBack("the notes", m.get(back.Header.Get("Location")), 200, long, "Điện thoại")
}

// Why a dossier is withdrawn: too long, and sent when the session was over.
func TestAWordOnADossierIsNotLost(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	rated, open := m.filed(extract, nil), m.filed(birth, nil)
	_, err := h.owner.Exec(`UPDATE dossiers SET state = 'refused' WHERE id = $1`, rated)
	h.must(err)
	long := strings.Repeat("ộ", dossier.MaxNote+1)
	for _, tt := range []struct {
		at, field string
		more      []string
	}{
		{"/ho-so/" + open + "/rut", "ly-do", nil},
		{"/ho-so/" + rated + "/danh-gia", "y-kien", []string{"muc", "4"}},
	} {
		s := &sheet{b: m, at: tt.at}
		s.open(tt.at)
		r := s.send(append(tt.more, tt.field, long)...)
		if page := r.text(); r.Status != 422 || !strings.Contains(page, long) || !strings.Contains(page, `id="`+tt.field+`-loi"`) {
			t.Errorf("%s too long: %d", tt.at, r.Status)
		}
		if tt.more != nil && !strings.Contains(r.text(), `value="4" checked`) {
			t.Errorf("%s: the score is lost", tt.at)
		}
		s.open(tt.at)
		h.endSessions()
		if r := s.send(append(tt.more, tt.field, "không cần nữa")...); r.Status != 303 || h.number(`SELECT count(*) FROM held_pages`) != 1 {
			t.Fatalf("%s after the session: %d", tt.at, r.Status)
		}
		if to := m.enter("mai", tt.at).Header.Get("Location"); to != tt.at {
			t.Fatalf("came back to %q", to)
		}
		if w, err := h.Dossiers.OfPerson(t.Context(), m.session().Person, open); tt.more == nil && (err != nil || w.State != dossier.Filed) {
			t.Errorf("withdrawn without its person: %v %v", w.State, err)
		}
		if r := m.get(tt.at); r.Status != 200 || !strings.Contains(r.text(), "không cần nữa</textarea>") || tt.more != nil && !strings.Contains(r.text(), `value="4" checked`) {
			t.Errorf("%s came back without what was written: %d", tt.at, r.Status)
		}
		s.open(tt.at)
		if r := s.send(append(tt.more, tt.field, "không cần nữa")...); r.Status != 303 || h.number(`SELECT count(*) FROM held_pages`) != 0 {
			t.Errorf("%s sent: %d, %d held", tt.at, r.Status, h.number(`SELECT count(*) FROM held_pages`))
		}
	}
	if w, err := h.Dossiers.OfPerson(t.Context(), m.session().Person, open); err != nil || w.State != dossier.Withdrawn {
		t.Errorf("not withdrawn: %v %v", w.State, err)
	}
}

// A reason for a withdrawal that cannot be any more.
func TestAHeldWordTooLateIsShown(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.filed(birth, nil)
	s := &sheet{b: m, at: "/ho-so/" + id + "/rut"}
	s.open(s.at)
	h.endSessions()
	s.send("ly-do", "chuyển nơi ở")
	_, err := h.owner.Exec(`UPDATE dossiers SET state = 'withdrawn' WHERE id = $1`, id)
	h.must(err)
	to := m.enter("mai", s.at).Header.Get("Location")
	h.gaveBack("the reason", m.get(to), 200, "chuyển nơi ở", "Lý do")
}
