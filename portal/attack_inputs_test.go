package portal

import (
	"bytes"
	"html"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"motcua/eforms"
	"motcua/portal/dossier"
	provider "motcua/portal/signin/sandbox"
)

// canary is text that means something to HTML, SQL, templates, formats, shells and sheets.
const canary = `=1+1 <img src=x onerror=alert(1)> & "it's" </script><script>alert(2)</script> {{7*7}} ${7*7} %s%n%!d( '; DROP TABLE drafts;-- javascript:alert(3) Ế`

// hostile are values that no form expects, by name. Those that cannot be stored at all are
// refused with 400, those that are too much with 413.
func hostile() map[string]string {
	return map[string]string{
		"NUL": "a\x00b", "broken UTF-8": "a\xc3\x28", "half a sign": "\xe1\xba", "direction": "a\u202eb\u2066", "line ends": "a\r\nX-Evil: 1\r\n\r\n<b>", "controls": "\x01\x1b[31m\x7f",
		"canary": canary, "long": strings.Repeat("ễ", 3000), "number": "-1", "large": "99999999999999999999", "huge": "1e309", "NaN": "NaN", "bom": "\ufeffa", "not composed": "e\u0302\u0301",
		"emoji": "👩‍👩‍👧 \U000e0001", "spaces": " \t\u00a0\u200b", "sheet": "\t=cmd|' /C calc'!A0", "json": `{"$ne":null}`, "zalgo": "a" + strings.Repeat("\u0301", 300),
	}
}

// fields are the names that a form's page takes, each with its parts.
func fieldsOf(form *eforms.Form, no int) []string {
	var names []string
	for _, q := range form.Pages[no-1].Questions {
		names = append(names, q.ID, q.ID+".day", q.ID+".month", q.ID+".year", q.ID+".province", q.ID+".commune", q.ID+".detail", q.ID+".0."+q.ID, q.ID+".99999999999."+q.ID, q.ID+".-1.x")
	}
	return names
}

// Every field of every form with every hostile value: never a fault of ours.
func TestHostileFields(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	sent := 0
	var some thin
	try := func(b *browser, what, at string, names []string) {
		t.Helper()
		for kind, value := range hostile() {
			if some.out() {
				continue
			}
			v := b.sealed(nil)
			for _, name := range names {
				v[name] = []string{value, value} // twice, too
			}
			r := b.do(postOf(at, v))
			sent++
			unstorable := kind == "NUL" || kind == "broken UTF-8" || kind == "half a sign"
			if r.Status >= 500 || unstorable && r.Status != 400 || r.Header.Get("X-Evil") != "" || strings.Contains(r.text(), "<img src=x") {
				t.Errorf("%s, %s: %d %s", what, kind, r.Status, says(r))
			}
		}
	}
	for _, code := range []string{extract, birth} {
		id := c.mai.draft(code, nil)
		d, err := h.Drafts.Load(t.Context(), c.mai.session().Person, id)
		h.must(err)
		for no := range d.Revision.Form.Pages {
			at := "/ho-so/" + id + "/buoc/" + strconv.Itoa(no+1)
			try(c.mai, at, at, fieldsOf(d.Revision.Form, no+1))
			if r := c.mai.get(at); r.Status >= 500 || strings.Contains(r.text(), "<img src=x") {
				t.Errorf("%s afterwards: %d", at, r.Status)
			}
		}
		if r := c.mai.get("/ho-so/" + id + "/kiem-tra"); r.Status != 200 {
			t.Errorf("the check page of what was typed: %d", r.Status)
		}
	}
	more := []string{"ma", "so", "ly-do", "muc", "y-kien", "cong", "lam", "tep", "thay", "cam-doan", "doanh-nghiep", "trang", "ban", "can-cu", "noi-dung", "nguoi", "nguoi-nhan", "chung-cu", "ket-qua", "muc-1", "sai-1", "sua-1", "sua", "tiep"}
	for _, l := range offers {
		if l.method() == "GET" || l.parts != nil || l.at == "/dang-xuat" {
			continue
		}
		b, at := c.holder(l), c.words.Replace(l.at)
		if l.who == caseOf {
			for _, deed := range []string{"tiep-nhan", "bo-sung", "tu-choi", "chuyen", "quyet-dinh", "luu", "tra"} {
				try(c.intake, deed, strings.Replace(at, "tu-choi", deed, 1), more)
			}
			continue
		}
		try(b, l.at, at, more)
	}
	t.Logf("%d forms", sent)
}

// Forms without measure are refused before anything is made of them.
func TestFormsWithoutMeasure(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	at := c.words.Replace("/ho-so/{draft}/buoc/1")
	before := h.snapshot()
	for what, v := range map[string]struct {
		add    func(v url.Values)
		status int
	}{
		"1 MiB": {func(v url.Values) { v.Set("relation", strings.Repeat("a", 1<<20)) }, 413},
		"5,000 fields": {func(v url.Values) {
			for i := range 5000 {
				v.Set("f"+strconv.Itoa(i), "1")
			}
		}, 413},
		"5,000 values":  {func(v url.Values) { v["relation"] = make([]string, 5000) }, 413},
		"NUL in a name": {func(v url.Values) { v.Set("a\x00b", "1") }, 400},
		"broken name":   {func(v url.Values) { v.Set("\xff", "1") }, 400},
	} {
		all := c.mai.sealed(nil)
		v.add(all)
		if r := c.mai.do(postOf(at, all)); r.Status != v.status {
			t.Errorf("%s: %d, want %d", what, r.Status, v.status)
		}
	}
	for what, body := range map[string]string{"half an escape": "a=%", "semicolons": "a=1;b=2", "nothing": "", "only equals": "====&&&&"} {
		req := request("POST", at, strings.NewReader(body))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if r := c.mai.do(req); r.Status != 400 && r.Status != 403 {
			t.Errorf("%s: %d", what, r.Status)
		}
	}
	if diff := changed(before, h.snapshot()); len(diff) > 0 {
		t.Errorf("changed %v", diff)
	}
	deep := c.mai.sealed(nil)
	for _, name := range []string{strings.Repeat("a.", 5000) + "x", strings.Repeat("a[", 5000), "a[99999999999]", "prizes.99999999999.x", "." + strings.Repeat("0.", 1000), "relation.", ".relation", "relation..day"} {
		deep.Set(name, "1")
	}
	if r := c.mai.do(postOf(at, deep)); r.Status >= 500 {
		t.Errorf("deep names: %d", r.Status)
	}
	twice := c.mai.sealed(url.Values{"sau": {"1"}})
	twice["_csrf"] = append(twice["_csrf"], "x")
	twice["_key"] = append(twice["_key"], uuid.NewString())
	if r := c.mai.do(postOf(at, twice)); r.Status >= 500 {
		t.Errorf("token and key twice: %d", r.Status)
	}
}

// shown wants a text on a page, as text.
func shown(t *testing.T, where string, r reply, text string) {
	t.Helper()
	page := r.text()
	if r.Status != 200 || !strings.Contains(squeezed(html.UnescapeString(page)), squeezed(text)) {
		t.Errorf("%s: %d, without what was typed", where, r.Status)
	}
	for _, markup := range []string{"<img src=x", "</script><script>", `href="javascript:`, "alert(2)</script>"} {
		if strings.Contains(page, markup) {
			t.Errorf("%s: %s is markup there", where, markup)
		}
	}
	if strings.Contains(page, " 49 ") {
		t.Errorf("%s: a template was run", where)
	}
}

func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// What a person types is kept to the byte and shown as text, to them and to officers, on
// pages, in papers and in letters.
func TestTextStaysText(t *testing.T) {
	h := newHouse(t)
	m, s := h.signedIn("mai"), h.staffOf(h.isWard)
	typed := canary + " e\u0302\u0301" // is kept composed
	kept := norm.NFC.String(typed)
	address := url.Values{"return_by": {"post"}, "return_name": {mai.Name}, "return_phone": {mai.Phone}, "return_province": {"91"}, "return_commune": {"30307"},
		"return_address": {typed}, "register_agency": {typed}}
	id := m.draft(extract, address)
	shown(t, "check page", m.get("/ho-so/"+id+"/kiem-tra"), kept)
	if r := m.post("/ho-so/"+id+"/kiem-tra", url.Values{"cam-doan": {"1"}}); r.Status != 303 {
		t.Fatalf("not filed: %d", r.Status)
	}
	var stored string
	h.must(h.DB.Get(&stored, `SELECT answers->>'return_address' FROM filings WHERE dossier_id = $1`, id))
	if stored != kept {
		t.Errorf("stored %q, typed %q", stored, kept)
	}
	m.pay(id)
	shown(t, "dossier", m.get("/ho-so/"+id), kept)
	shown(t, "case", s["intake"].get("/can-bo/ho-so/"+id), kept)
	h.hand(s["intake"], id, "tiep-nhan", nil)
	h.hand(s["intake"], id, "chuyen", url.Values{"nguoi": {strconv.FormatInt(s["processor"].officer().ID, 10)}})
	h.hand(s["leader"], id, "quyet-dinh", url.Values{"ket-qua": {"khong"}, "ly-do": {typed}, "can-cu": {typed}, "noi-dung": {typed}})
	shown(t, "decided case", s["intake"].get("/can-bo/ho-so/"+id), kept)
	h.hand(s["clerk"], id, "luu", nil)
	h.hand(s["intake"], id, "tra", nil)
	h.drain()
	shown(t, "timeline", m.get("/ho-so/"+id), kept)
	if r := m.post("/ho-so/"+id+"/danh-gia", url.Values{"muc": {"1"}, "y-kien": {typed}}); r.Status != 303 {
		t.Errorf("rating: %d", r.Status)
	}
	h.must(h.DB.Get(&stored, `SELECT note FROM ratings`))
	if norm.NFC.String(stored) != kept {
		t.Errorf("rated %q", stored)
	}
	var result string
	h.must(h.DB.Get(&result, `SELECT id FROM papers WHERE kind = 'result'`))
	inPaper(t, m.get("/ho-so/"+id+"/ket-qua/"+result+".pdf"))
	h.supplemented(m, s, typed)
	if r := m.get("/tai-khoan/thong-bao"); r.Status != 200 || strings.Contains(r.text(), "<img src=x") {
		t.Errorf("notices: %d", r.Status)
	}
	for _, l := range h.mail.Letters() {
		if len(l.To) != 1 || l.To[0] != mai.Email || len(l.Headers["Bcc"]) > 0 || strings.ContainsAny(l.Subject, "\r\n") {
			t.Errorf("letter %q to %v: %v", l.Subject, l.To, l.Headers)
		}
	}
	if len(h.mail.Letters()) == 0 {
		t.Error("no letter went out")
	}
}

// hand is a deed of an officer by its form.
func (h *house) hand(b *browser, id, deed string, v url.Values) {
	h.t.Helper()
	all := url.Values{"ban": {strconv.Itoa(b.press(id).Version)}}
	for name, values := range v {
		all[name] = values
	}
	if r := b.post("/can-bo/ho-so/"+id+"/"+deed, all); r.Status != 303 {
		h.t.Fatalf("%s: %d %s", deed, r.Status, says(r))
	}
}

// supplemented is the same with a dossier that is sent back, answered, and one refused, one
// withdrawn.
func (h *house) supplemented(m *browser, s counter, typed string) {
	t := h.t
	t.Helper()
	id := m.filed(birth, nil)
	h.must(h.Desk.AskSupplement(t.Context(), s["intake"].press(id), []dossier.Item{{Component: "giay_chung_sinh", Name: typed, What: typed, How: typed}}))
	h.drain()
	shown(t, "supplement page", m.get("/ho-so/"+id+"/bo-sung"), typed)
	inPaper(t, m.get("/ho-so/"+id+"/phieu-bo-sung.pdf"))
	if r := m.upload("/ho-so/"+id+"/bo-sung", part{Name: "bo-sung-1", Value: typed}, part{Name: "tep-1", File: "<img src=x onerror=alert(1)>.pdf", Value: plainPDF}, part{Name: "gui", Value: "1"}); r.Status != 303 {
		t.Errorf("supplement: %d %s", r.Status, says(r))
	}
	r := s["intake"].get("/can-bo/ho-so/" + id)
	shown(t, "case with a supplement", r, "<img src=x onerror=alert(1)>.pdf")
	h.must(h.Desk.Refuse(t.Context(), s["intake"].press(id), typed, typed))
	h.drain()
	inPaper(t, m.get("/ho-so/"+id+"/phieu-tu-choi.pdf"))
	shown(t, "refused", m.get("/ho-so/"+id), typed)
	gone := m.filed(birth, nil)
	if r := m.post("/ho-so/"+gone+"/rut", url.Values{"ly-do": {typed}}); r.Status != 303 {
		t.Errorf("withdrawal: %d", r.Status)
	}
	if r := m.get("/ho-so/" + gone); r.Status != 200 || strings.Contains(r.text(), "<img src=x") {
		t.Errorf("withdrawn: %d", r.Status)
	}
	if r := s["intake"].get("/can-bo/ho-so/" + gone); r.Status != 200 || strings.Contains(r.text(), "<img src=x") {
		t.Errorf("withdrawn, at the desk: %d", r.Status)
	}
}

// inPaper wants the canary's words in a PDF as they were typed.
func inPaper(t *testing.T, r reply) {
	t.Helper()
	if r.Status != http.StatusOK || !bytes.HasPrefix(r.Body, []byte("%PDF-")) {
		t.Errorf("no paper: %d", r.Status)
		return
	}
	said, read := pdfSays(t, r.Body)
	if !read {
		return
	}
	flat := strings.Join(strings.Fields(said), "")
	for _, word := range []string{"<imgsrc=xonerror=alert(1)>", "{{7*7}}", "${7*7}", "%s%n%!d(", "DROPTABLEdrafts;--"} {
		if !strings.Contains(flat, word) {
			t.Errorf("the paper lacks %s", word)
		}
	}
}

// pdfSays is what a PDF says, where there is a tool to read it with.
func pdfSays(t *testing.T, pdf []byte) (said string, read bool) {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Log("pdftotext is not installed: papers are not read")
		return "", false
	}
	cmd := exec.Command(tool, "-raw", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(text), true
}

// What the provider says of a person is text too, and no header.
func TestClaimsAreText(t *testing.T) {
	h := newHouse(t)
	for i, p := range []provider.Person{
		{Name: `<img src=x onerror=alert(1)>`, Email: "a@b.vn"},
		{Name: "Nguyễn\r\nBcc: x@evil.example", Email: "a@b.vn\r\nBcc: x@evil.example"},
		{Name: "a\x00b", Email: "a@b.vn"},
		{Name: strings.Repeat("ễ", 100_000), Email: strings.Repeat("a", 100_000) + "@b.vn"},
		{Name: "", Email: ""},
		{Name: "\u202eMai", Phone: "'; DROP TABLE persons;--"},
	} {
		p.Sub, p.IDNumber, p.BirthDate = "odd"+strconv.Itoa(i), "08919400020"+strconv.Itoa(i), "1994-03-12"
		h.oidc.Put(p)
		b := h.visitor()
		r := b.enter(p.Sub, "/")
		if r.Status >= 500 {
			t.Errorf("%.20q: %d", p.Name, r.Status)
		}
		if r := b.get("/ho-so"); r.Status >= 500 || strings.Contains(r.text(), "<img src=x") {
			t.Errorf("%.20q: %d", p.Name, r.Status)
		}
		if r.Status == 303 {
			b.filed(extract, url.Values{"requester_name": {mai.Name}, "requester_birth_date.day": {"1"}, "requester_birth_date.month": {"1"}, "requester_birth_date.year": {"1990"},
				"requester_residence.province": {"91"}, "requester_residence.commune": {"30307"}, "requester_residence.detail": {"Số 1"}, "requester_id": {p.IDNumber}})
		}
	}
	h.drain()
	for _, l := range h.mail.Letters() {
		if strings.Contains(strings.Join(l.To, " "), "evil") || len(l.Headers["Bcc"]) > 0 {
			t.Errorf("a letter to %v", l.To)
		}
	}
}
