package portal

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"motcua/locales"
	"motcua/portal/agency"
)

const connections = "/can-bo/ket-noi"

// outage is what an administrator types to say that the population database is out.
func outage(until string) url.Values {
	return url.Values{"so": {"population"}, "den": {until}, "ly-do": {"Bảo trì đường truyền"}}
}

func in(hours time.Duration, layout string) string {
	return time.Now().In(locales.ICT).Add(hours * time.Hour).Format(layout)
}

// start begins a form anew and is its first page as it is drawn.
func (b *browser) start(code string) reply {
	b.h.t.Helper()
	r := b.post("/thu-tuc/"+code+"/ho-so", nil)
	for range 3 {
		if r.Status != 303 {
			break
		}
		r = b.get(r.Header.Get("Location"))
	}
	if r.Status != 200 {
		b.h.t.Fatalf("start %s: %d to %s", code, r.Status, r.Header.Get("Location"))
	}
	return r
}

// plain is a page without its markup.
func plain(page string) string { return tags.ReplaceAllString(page, "") }

var tags = regexp.MustCompile(`<[^>]*>`)

// TestDeclaredOutageOnPages: an administrator says that a register is out; nobody asks it,
// and people read since when and until when. Ended, it is asked again.
func TestDeclaredOutageOnPages(t *testing.T) {
	h := newHouse(t)
	admin, m := h.signedIn(h.administrator()), h.signedIn("mai")
	if r := admin.get("/can-bo"); !strings.Contains(r.text(), `href="`+connections+`"`) {
		t.Error("the menu does not lead there")
	}
	if r := admin.get(connections); r.Status != 200 || !strings.Contains(r.text(), "CSDL quốc gia về dân cư") || strings.Contains(r.text(), "Đang ngừng:") {
		t.Fatalf("%d %s", r.Status, r.text())
	}
	before := len(h.people.Entries())
	until := in(2, "15:04, 2/1/2006")
	press := admin.sealed(outage(until))
	press.Set("_key", uuid.NewString())
	for range 2 { // the same press again
		if r := admin.do(postOf(connections, press)); r.Status != 303 || r.Header.Get("Location") != connections {
			t.Fatalf("declared: %d %s", r.Status, says(r))
		}
	}
	if n := h.count(`SELECT count(*) FROM outages`); n != 1 {
		t.Errorf("%d outages", n)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE deed = 'registry.outage' AND object = 'register:population'`); n != 1 {
		t.Errorf("%d times on record", n)
	}
	if r := admin.get(connections); !strings.Contains(r.text(), "Đang ngừng:") || !strings.Contains(plain(r.text()), until) || !strings.Contains(r.text(), "Bảo trì đường truyền") {
		t.Error("the administrator does not see it")
	}

	page := plain(m.start(extract).text())
	if n := len(h.people.Entries()); n != before {
		t.Errorf("asked %d times all the same", n-before)
	}
	var from time.Time
	h.must(h.DB.Get(&from, `SELECT from_at FROM outages`))
	if want := "tạm ngừng từ " + locales.FormatTime(from) + " đến " + until; !strings.Contains(page, want) {
		t.Errorf("the form does not say %q", want)
	}

	end := url.Values{"lam": {"mo"}, "so": {"population"}}
	if r := admin.post(connections, end); r.Status != 303 {
		t.Fatalf("ended: %d %s", r.Status, says(r))
	}
	if r := admin.post(connections, end); r.Status != 409 {
		t.Errorf("ended twice: %d", r.Status)
	}
	if r := admin.get(connections); strings.Contains(r.text(), "Đang ngừng:") || !strings.Contains(r.text(), "Những lần ngừng trước") || !strings.Contains(r.text(), "Bảo trì đường truyền") {
		t.Error("its history")
	}
	if page := m.start(extract).text(); strings.Contains(page, "tạm ngừng từ") || len(h.people.Entries()) == before {
		t.Errorf("after its end: asked %d times", len(h.people.Entries())-before)
	}
	if r := admin.get(connections); !strings.Contains(r.text(), `<svg class="bars"`) {
		t.Error("no answers drawn")
	}
}

// TestWhatIsNoOutageOnPages: what is wrong stands beside its field, with what was typed;
// whoever is no administrator changes nothing.
func TestWhatIsNoOutageOnPages(t *testing.T) {
	h := newHouse(t)
	admin := h.signedIn(h.administrator())
	good := in(2, "2/1/2006 15:04")
	for _, tt := range []struct{ so, until, reason, field string }{
		{"population", "chiều <mai>", "Bảo trì", "den"}, {"population", "17:00 31/2/2027", "Bảo trì", "den"}, {"population", "", "Bảo trì", "den"},
		{"population", in(-1, "15:04 2/1/2006"), "Bảo trì", "den"}, {"population", in(24*40, "15:04 2/1/2006"), "Bảo trì", "den"},
		{"population", good, " ", "ly-do"}, {"", good, "Bảo trì", "so"}, {"weather", good, "Bảo trì", "so"},
	} {
		r := admin.post(connections, url.Values{"so": {tt.so}, "den": {tt.until}, "ly-do": {tt.reason}})
		typed := strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(tt.until)
		if r.Status != 422 || !strings.Contains(r.text(), `id="`+tt.field+`-loi"`) || !strings.Contains(r.text(), `name="den" value="`+typed+`"`) || !strings.Contains(r.text(), tt.reason+"</textarea>") {
			t.Errorf("%+v: %d %s", tt, r.Status, says(r))
		}
	}
	for name, b := range map[string]*browser{"officer": h.signedIn(h.officerAt(agency.Intake, h.isWard)), "editor": h.signedIn(h.onlyEditor()), "mai": h.signedIn("mai")} {
		if r := b.post(connections, outage(good)); r.Status != 404 {
			t.Errorf("%s declares: %d", name, r.Status)
		}
		if r := b.get("/can-bo"); strings.Contains(r.text(), connections) {
			t.Errorf("%s has it in the menu", name)
		}
	}
	if n := h.count(`SELECT count(*) FROM outages`); n != 0 {
		t.Errorf("%d declared", n)
	}
}
