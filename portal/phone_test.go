package portal

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"motcua/portal/draft"
)

// handOff makes a link to the paper's page and returns its path.
func (b *browser) handOff(id string) string {
	h := b.h
	h.t.Helper()
	secret, err := h.Drafts.PhoneLink(h.t.Context(), b.session().Person, id, "giay_chung_sinh")
	h.must(err)
	return "/dien-thoai/mo/" + secret
}

// openedOn opens the link on a phone where nobody is signed in.
func (h *house) openedOn(link string) (*browser, reply) {
	h.t.Helper()
	phone := h.visitor()
	return phone, phone.post(link, nil)
}

func TestThePageShowsACodeThatAPhoneOpensOnce(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.draft(birth, nil)
	at := "/ho-so/" + id + "/giay-to/giay_chung_sinh"
	if r := m.post(at, url.Values{"lam": {"dien-thoai"}}); r.Status != 200 || !strings.Contains(r.text(), `<svg class="qr"`) {
		t.Fatalf("%d: %s", r.Status, says(r))
	}
	link := m.handOff(id)
	for range 2 { // programs that look at links before people do
		if r := h.visitor().get(link); r.Status != 200 || strings.Contains(r.text(), mai.Name) {
			t.Errorf("looked at: %d", r.Status)
		}
	}
	phone, r := h.openedOn(link)
	if r.Status != 303 || r.Header.Get("Location") != "/dien-thoai" {
		t.Fatalf("opened: %d to %s", r.Status, r.Header.Get("Location"))
	}
	if cookie := r.Header.Get("Set-Cookie"); !strings.Contains(strings.ToLower(strings.Join(r.Header.Values("Set-Cookie"), " ")), "httponly") {
		t.Errorf("cookie %q", cookie)
	}
	if again := phone.post(link, nil); again.Status != 303 { // its answer was lost
		t.Errorf("pressed again: %d", again.Status)
	}
	for name, got := range map[string]reply{"another phone": second(h.openedOn(link)), "looked at": h.visitor().get(link), "without the token": phone.do(postOf(link, nil))} {
		if got.Status != 403 {
			t.Errorf("%s, once it is used: %d", name, got.Status)
		}
	}
	page := phone.get("/dien-thoai")
	if page.Status != 200 || strings.Contains(page.text(), "/ho-so/") || strings.Contains(page.text(), mai.Name) || strings.Contains(page.text(), mai.IDNumber) {
		t.Errorf("the page on the phone: %d, or it says more than it must", page.Status)
	}
	if r := phone.upload("/dien-thoai", part{Name: "tep", File: "từ điện thoại.jpg", Value: photo()}); r.Status != 303 || r.Header.Get("Location") != "/dien-thoai" {
		t.Errorf("uploaded: %d %s", r.Status, says(r))
	}
	h.drain()
	files, err := draft.FilesOf(t.Context(), h.DB, id, 0)
	h.must(err)
	last := files[len(files)-1]
	if len(files) != 3 || last.Name != "từ điện thoại.jpg" {
		t.Fatalf("%d files, the last %s", len(files), last.Name)
	}
	for _, path := range []string{"/dien-thoai/" + last.ID, "/dien-thoai/" + last.ID + "?nho", "/dien-thoai/ban-ghep.pdf"} {
		if r := phone.get(path); r.Status != 200 {
			t.Errorf("%s: %d", path, r.Status)
		}
	}
	for _, deed := range []string{"xoay-trai", "len", "xoa"} {
		if r := phone.post("/dien-thoai", url.Values{"lam": {deed}, "tep": {last.ID}}); r.Status != 303 {
			t.Errorf("%s: %d", deed, r.Status)
		}
	}
	if r := m.get(at); r.Status != 200 || strings.Contains(r.text(), "từ điện thoại.jpg") {
		t.Errorf("what was taken away on the phone is still there: %d", r.Status)
	}
	var seen int
	h.must(h.DB.Get(&seen, `SELECT count(*) FROM audit WHERE deed = 'draft.phone' AND object = $1`, "draft:"+id))
	if seen == 0 {
		t.Error("not on record")
	}
}

func second(_ *browser, r reply) reply { return r }

// The phone's page is all that its link opens: every other address treats it as nobody,
// and it cannot hand on.
func TestAPhoneOpensNothingElse(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	id := c.words.Replace("{draft}")
	phone, _ := h.openedOn(c.mai.handOff(id))
	if r := phone.get("/dien-thoai"); r.Status != 200 {
		t.Fatal(r.Status)
	}
	files, err := draft.FilesOf(t.Context(), h.DB, c.mai.draft(birth, nil), 0)
	h.must(err)
	before, blobs := h.snapshot(), h.blobs()
	for _, l := range offers {
		if !l.personal() {
			continue
		}
		if r := phone.do(l.request(phone, c.words)); r.Status != 303 || !strings.HasPrefix(r.Header.Get("Location"), "/dang-nhap") {
			t.Errorf("%s: %d to %s", l.route, r.Status, r.Header.Get("Location"))
		}
	}
	if r := phone.post("/dien-thoai", url.Values{"lam": {"dien-thoai"}}); r.Status != 404 {
		t.Errorf("handed on: %d", r.Status)
	}
	back := c.words.Replace("{attachment}")
	for _, file := range []string{files[0].ID, back, uuid.NewString(), "x"} {
		if r := phone.get("/dien-thoai/" + file); r.Status != 404 {
			t.Errorf("a file of another draft: %d", r.Status)
		}
		for _, deed := range []string{"xoa", "len", "xoay-trai"} {
			phone.post("/dien-thoai", url.Values{"lam": {deed}, "tep": {file}})
		}
	}
	for _, table := range changed(before, h.snapshot()) {
		if !slices.Contains([]string{"drafts", "deeds", "jobs"}, table) { // its own draft was worked on
			t.Errorf("changed %s", table)
		}
	}
	var removed int
	h.must(h.DB.Get(&removed, `SELECT count(*) FROM draft_files WHERE removed_at IS NOT NULL OR turn <> 0`))
	if removed > 0 || h.blobs() != blobs {
		t.Errorf("%d files of others changed, %d blobs more", removed, h.blobs()-blobs)
	}
}

func TestAPhonesPageIsOverInTime(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.draft(birth, nil)
	late := m.handOff(id)
	_, err := h.owner.Exec(`UPDATE phones SET ends_at = now()`)
	h.must(err)
	if r := second(h.openedOn(late)); r.Status != 403 {
		t.Errorf("a link after its time: %d", r.Status)
	}
	phone, _ := h.openedOn(m.handOff(id))
	token := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	if !token.MatchString(phone.cookies["motcua_phone"]) {
		t.Errorf("cookies %v", phone.cookies)
	}
	_, err = h.owner.Exec(`UPDATE phones SET ends_at = now()`)
	h.must(err)
	if r := phone.get("/dien-thoai"); r.Status != 403 {
		t.Errorf("the page after its time: %d", r.Status)
	}
	if r := phone.upload("/dien-thoai", part{Name: "tep", File: "a.pdf", Value: plainPDF}); r.Status != 403 {
		t.Errorf("an upload after its time: %d", r.Status)
	}
	live, _ := h.openedOn(m.handOff(id))
	_, err = h.Dossiers.File(t.Context(), m.session().Person, id, true, keyOf(m.session().Person))
	h.must(err)
	if r := live.upload("/dien-thoai", part{Name: "tep", File: "a.pdf", Value: plainPDF}); r.Status < 400 {
		t.Errorf("a file for what has been filed: %d", r.Status)
	}
	if r := h.visitor().get("/dien-thoai"); r.Status != 403 {
		t.Errorf("nobody: %d", r.Status)
	}
}
