package portal

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"motcua/eforms"
	"motcua/portal/agency"
	"motcua/portal/dossier"
)

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)">`)

// sheet is a drawn page of a draft with what a person would send of it.
type sheet struct {
	b       *browser
	at      string
	no      int
	field   string // a text that can be changed
	fields  url.Values
	printed string
}

// texts are kinds that take what is typed.
var texts = []eforms.Kind{eforms.TextKind, eforms.Name, eforms.LongText, eforms.Phone, eforms.Email}

// sheet opens the first page of the draft on which something can be typed.
func (b *browser) sheet(id string) *sheet {
	b.h.t.Helper()
	d, err := b.h.Drafts.Load(b.h.t.Context(), b.session().Person, id)
	b.h.must(err)
	run := d.Run(time.Now())
	for _, p := range run.Pages() {
		for _, f := range run.Model(p.No, nil).Fields {
			if slices.Contains(texts, f.Kind) && !f.Locked && f.Value != "" {
				s := &sheet{b: b, at: fmt.Sprintf("/ho-so/%s/buoc/%d", id, p.No), no: p.No, field: f.Name}
				s.open(s.at)
				return s
			}
		}
	}
	b.h.t.Fatal("nothing to type anywhere")
	return nil
}

// open reads a page's form: hidden fields, and of the rest the answers of the tests.
func (s *sheet) open(at string) {
	h := s.b.h
	h.t.Helper()
	r := s.b.get(at)
	if r.Status != 200 {
		h.t.Fatalf("%s: %d %s", at, r.Status, r.Header.Get("Location"))
	}
	_, form, _ := strings.Cut(r.text(), `<main`)
	s.printed, s.fields = form, h.answers(extract, nil)
	for _, m := range hiddenField.FindAllStringSubmatch(form, -1) {
		if !s.fields.Has(m[1]) { // the first form of the page
			s.fields.Set(m[1], html.UnescapeString(m[2]))
		}
	}
}

func (s *sheet) send(pairs ...string) reply {
	v := url.Values{}
	for name, values := range s.fields {
		v[name] = values
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			v.Del(pairs[i])
		} else {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return s.b.do(postOf(s.at, v))
}

// auto is what the script sends.
func (s *sheet) auto(pairs ...string) reply {
	v := url.Values{}
	for name, values := range s.fields {
		v[name] = values
	}
	v.Set("_key", uuid.NewString())
	v.Set("tu-luu", "1")
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	req := postOf(s.at, v)
	req.Header.Set("Accept", "application/json")
	return s.b.do(req)
}

func (h *house) endSessions() {
	h.t.Helper()
	_, err := h.owner.Exec(`UPDATE sessions SET ends_at = now() - interval '1 second'`)
	h.must(err)
}

// stored is the text of the sheet's field in the draft.
func (h *house) stored(b *browser, s *sheet) string {
	h.t.Helper()
	d, err := h.Drafts.Load(h.t.Context(), b.session().Person, strings.Split(s.at, "/")[2])
	h.must(err)
	return fmt.Sprint(d.Answers[s.field])
}

func (h *house) number(query string, args ...any) (n int) {
	h.t.Helper()
	h.must(h.owner.Get(&n, query, args...))
	return n
}

// typed is another text that the sheet's field can hold.
func (s *sheet) typed(n int) string {
	if strings.Contains(s.field, "mail") {
		return fmt.Sprintf("mai%d@example.vn", n)
	}
	return fmt.Sprintf("09123456%02d", n)
}

func TestSessionOverOnAFormPage(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.draft(extract, nil)
	s := m.sheet(id)
	h.endSessions()
	text := s.typed(11)
	r := s.send(s.field, text)
	if to := r.Header.Get("Location"); r.Status != 303 || !strings.HasPrefix(to, "/dang-nhap?tiep=") {
		t.Fatalf("%d to %s", r.Status, to)
	}
	if n := h.number(`SELECT count(*) FROM held_pages`); n != 1 {
		t.Fatalf("%d pages held", n)
	}
	back := m.enter("mai", s.at)
	if to := back.Header.Get("Location"); to != s.at+"?giu=1" {
		t.Errorf("came back to %q", to)
	}
	if got := h.stored(m, s); got != text {
		t.Errorf("stored %q, typed %q", got, text)
	}
	if n := h.number(`SELECT count(*) FROM held_pages`); n != 0 {
		t.Errorf("%d pages still held", n)
	}
	if r := m.get(s.at + "?giu=1"); r.Status != 200 || !strings.Contains(r.text(), text) {
		t.Errorf("the page: %d", r.Status)
	}
	// the browser sends the same press again: done before
	deeds := h.number(`SELECT version FROM drafts WHERE id = $1`, id)
	if r := s.send(s.field, text); r.Status != 303 || h.number(`SELECT version FROM drafts WHERE id = $1`, id) != deeds {
		t.Errorf("the press repeated: %d", r.Status)
	}

	// the script's save is held too, and told that nobody is signed in
	s.open(s.at)
	h.endSessions()
	if r := s.auto(s.field, s.typed(12)); r.Status != 401 || !strings.Contains(r.Header.Get("Content-Type"), "json") {
		t.Errorf("the script hears %d", r.Status)
	}
	m.enter("mai", "/ho-so")
	if got := h.stored(m, s); got != s.typed(12) {
		t.Errorf("stored %q after the script", got)
	}
}

func TestHeldPagesAreForTheSamePersonInTheSameBrowser(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	s := m.sheet(m.draft(extract, nil))
	before := h.stored(m, s)
	other := h.signedIn("phuc")
	theirs := other.sheet(other.draft(extract, nil))
	h.endSessions()
	for what, proof := range map[string]string{"no proof": "", "another browser's proof": theirs.fields.Get("_giu"), "half a proof": s.fields.Get("_giu")[:20]} {
		if s.send("_giu", proof, s.field, s.typed(33)); h.number(`SELECT count(*) FROM held_pages`) != 0 {
			t.Errorf("%s: held", what)
		}
	}
	if s.send(s.field, s.typed(33)); h.number(`SELECT count(*) FROM held_pages`) != 1 {
		t.Fatal("not held")
	}
	h.signedIn("mai") // elsewhere
	if h.number(`SELECT count(*) FROM held_pages`) != 1 {
		t.Error("another browser took it")
	}
	m.enter("phuc", s.at)
	if n := h.number(`SELECT count(*) FROM held_pages`); n != 0 {
		t.Error("still held after another person's sign-in")
	}
	m.enter("mai", s.at)
	if got := h.stored(m, s); got != before {
		t.Errorf("another person's sign-in saved %q", got)
	}
	h.endSessions()
	s.send(s.field, s.typed(34))
	h.must(h.Drafts.Sweep(t.Context(), time.Now().Add(12*time.Hour+time.Minute)))
	if n := h.number(`SELECT count(*) FROM held_pages`); n != 0 {
		t.Error("held for ever")
	}
}

func TestSessionRenewedInAnotherTab(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	s := m.sheet(m.draft(extract, nil))
	m.enter("mai", "/") // in another tab
	if r := s.send("_giu", "", s.field, s.typed(21)); r.Status != 403 {
		t.Errorf("an old token alone: %d", r.Status)
	}
	if r := s.send(s.field, s.typed(22)); r.Status != 303 || strings.HasPrefix(r.Header.Get("Location"), "/dang-nhap") {
		t.Errorf("the page from before: %d to %s", r.Status, r.Header.Get("Location"))
	}
	if got := h.stored(m, s); got != s.typed(22) {
		t.Errorf("stored %q", got)
	}
}

func TestSessionOverOnTheCheckPage(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.draft(extract, nil)
	s := m.sheet(id)
	s.at = "/ho-so/" + id + "/kiem-tra"
	s.open(s.at)
	h.endSessions()
	if r := s.send("cam-doan", "1"); r.Status != 303 || r.Header.Get("Location") != "/dang-nhap?tiep="+url.QueryEscape(s.at) {
		t.Fatalf("%d to %s", r.Status, r.Header.Get("Location"))
	}
	if to := m.enter("mai", s.at).Header.Get("Location"); to != s.at {
		t.Fatalf("came back to %s", to)
	}
	s.open(s.at)
	for range 2 {
		if r := s.send("cam-doan", "1"); r.Status != 303 || r.Header.Get("Location") != "/ho-so/"+id+"?da-nop=1" {
			t.Errorf("%d to %s", r.Status, r.Header.Get("Location"))
		}
	}
	if n := h.number(`SELECT count(*) FROM dossiers`); n != 1 {
		t.Errorf("%d dossiers", n)
	}
}

func TestWhatIsFiledIsWhatWasChecked(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.draft(extract, nil)
	tab, s := m.sheet(id), m.sheet(id)
	s.at = "/ho-so/" + id + "/kiem-tra"
	s.open(s.at)
	tab.send(tab.field, tab.typed(41))
	r := s.send("cam-doan", "1")
	if r.Status != 409 || !strings.Contains(ungrouped(r.text()), tab.typed(41)) || h.number(`SELECT count(*) FROM dossiers`) != 0 {
		t.Fatalf("a draft changed since: %d", r.Status)
	}
	s.open(s.at)
	if r := s.send("cam-doan", "1"); r.Status != 303 {
		t.Errorf("checked again: %d", r.Status)
	}
}

func TestTwoTabsAreToldOfEachOther(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.draft(extract, nil)
	a, b := m.sheet(id), m.sheet(id)
	first, second := a.typed(51), a.typed(52)
	if r := a.send(a.field, first); r.Status != 303 {
		t.Fatal(r.Status)
	}
	var answer struct{ At, Ban, Choose string }
	if r := b.auto(b.field, second); r.Status != 200 || json.Unmarshal(r.Body, &answer) != nil || answer.Choose == "" || answer.Ban == "" || answer.At == "" {
		t.Fatalf("the script of the older tab: %d %s", r.Status, r.text())
	}
	r := b.send(b.field, second)
	at := r.Header.Get("Location")
	if r.Status != http.StatusSeeOther || at != answer.Choose {
		t.Fatalf("%d to %s, the script to %s", r.Status, at, answer.Choose)
	}
	if got := h.stored(m, a); got != first {
		t.Errorf("overwritten: %q", got)
	}
	check := "/ho-so/" + id + "/kiem-tra"
	for range 2 {
		if r := m.get(check); r.Status != 303 || !strings.Contains(r.Header.Get("Location"), "/chon-ban") {
			t.Errorf("check while two texts wait: %d to %s", r.Status, r.Header.Get("Location"))
		}
	}
	if r := m.post(check, url.Values{"cam-doan": {"1"}}); r.Status != 303 || !strings.Contains(r.Header.Get("Location"), "/chon-ban") {
		t.Errorf("filing while two texts wait: %d to %s", r.Status, r.Header.Get("Location"))
	}
	c := &sheet{b: m, at: at}
	c.open(at)
	if shown := ungrouped(c.printed); !strings.Contains(shown, ungrouped(first)) || !strings.Contains(shown, ungrouped(second)) {
		t.Fatalf("not both texts on the page:\n%s", c.printed)
	}
	if r := c.send(); r.Status != 422 || !strings.Contains(r.text(), `id="loi"`) {
		t.Errorf("nothing picked: %d", r.Status)
	}
	pick := regexp.MustCompile(`name="ban-`+a.field+`" value="([^"]+)"`).FindAllStringSubmatch(c.printed, -1)
	if len(pick) != 2 {
		t.Fatalf("%d texts to pick from", len(pick))
	}
	if r := c.send("ban-"+a.field, pick[1][1]); r.Status != 303 {
		t.Errorf("%d", r.Status)
	}
	if got := h.stored(m, a); got != second {
		t.Errorf("picked %q, stored %q", second, got)
	}
	if r := m.get(check); r.Status != 200 {
		t.Errorf("check after the choice: %d to %s", r.Status, r.Header.Get("Location"))
	}
}

// ungrouped leaves out what a number is grouped by.
func ungrouped(s string) string {
	return strings.NewReplacer(" ", "", " ", "", ".", "").Replace(s)
}

// An item of a supplement and an answer on its copy, sent when the session was over.
func TestSessionOverOnASupplement(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.filed(birth, nil)
	intake := h.staffOf(h.isWard)[agency.Intake]
	h.must(h.Desk.AskSupplement(t.Context(), intake.press(id), []dossier.Item{{Field: "contact_phone", Name: "Điện thoại", What: "sai", How: "ghi lại"}}))
	at, copied := "/ho-so/"+id+"/bo-sung", "/ho-so/"+id+"/bo-sung/buoc/"+h.pageOf(birth, "contact_phone")
	proof := func(page string) string {
		r := m.get(page)
		for _, f := range hiddenField.FindAllStringSubmatch(r.text(), -1) {
			if f[1] == "_giu" {
				return f[2]
			}
		}
		t.Fatalf("%s: %d, no proof", page, r.Status)
		return ""
	}
	note := []part{{Name: "_giu", Value: proof(at)}, {Name: "bo-sung-1", Value: "số mới"}, {Name: "tep-1", File: "a.pdf", Value: plainPDF}, {Name: "gui", Value: "1"}}
	answer := url.Values{"_giu": {proof(copied)}, "contact_phone": {"0912345688"}, "contact_email": {"mai@example.vn"}}
	h.endSessions()
	if r := m.upload(at, note[1:]...); r.Status != 303 || h.number(`SELECT count(*) FROM held_pages`) != 0 {
		t.Errorf("without a proof: %d", r.Status)
	}
	if r := m.upload(at, note...); r.Status != 303 || !strings.HasPrefix(r.Header.Get("Location"), "/dang-nhap") {
		t.Errorf("%d to %s", r.Status, r.Header.Get("Location"))
	}
	if r := m.post(copied, answer); r.Status != 303 || h.number(`SELECT count(*) FROM held_pages`) != 2 {
		t.Errorf("%d, %d held", r.Status, h.number(`SELECT count(*) FROM held_pages`))
	}
	if to := m.enter("mai", at).Header.Get("Location"); to != at+"?giu=1" {
		t.Errorf("came back to %s", to)
	}
	w, err := h.Dossiers.OfPerson(t.Context(), m.session().Person, id)
	h.must(err)
	if w.State != dossier.Supplement || w.Request.Note(0) != "số mới" || w.Request.Copy["contact_phone"] != "0912345688" || len(w.Filings) != 1 {
		t.Errorf("%s %q %v", w.State, w.Request.Note(0), w.Request.Copy["contact_phone"])
	}
	page := ungrouped(m.get(at + "?giu=1").text())
	if !strings.Contains(page, "sốmới") || !strings.Contains(page, "0912345688") {
		t.Error("the page does not show what was kept")
	}
	intake = h.staffOf(h.isWard)[agency.Intake] // their session was over too
	if before := ungrouped(intake.get("/can-bo/ho-so/" + id).text()); !strings.Contains(before, ungrouped(mai.Phone)) || strings.Contains(before, "0912345688") || strings.Contains(before, "sốmới") {
		t.Error("the agency sees what was not sent")
	}
	if r := m.upload(at, part{Name: "gui", Value: "1"}); r.Status != 303 {
		t.Errorf("sent: %d", r.Status)
	}
	if last := ungrouped(m.get("/ho-so/" + id + "/lan-nop/2").text()); !strings.Contains(last, "0912345688") || !strings.Contains(last, ungrouped(mai.Phone)) {
		t.Error("the second filing does not say what it changed")
	}
	if after := ungrouped(intake.get("/can-bo/ho-so/" + id).text()); !strings.Contains(after, "0912345688") || !strings.Contains(after, ungrouped(mai.Phone)) || !strings.Contains(after, "sốmới") {
		t.Error("the agency does not see what has changed")
	}
	if r := m.get("/ho-so/" + id + "/lan-nop/3"); r.Status != 404 {
		t.Errorf("a filing that is not there: %d", r.Status)
	}
}
