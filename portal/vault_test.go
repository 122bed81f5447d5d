package portal

import (
	"encoding/hex"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/desk"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/queue"
	"motcua/portal/vault"
)

const licence = "3.000347" // exchange of a driving licence: a portrait, the licence, a health certificate

func dayFields(v url.Values, name string, day time.Time) {
	day = day.In(locales.ICT)
	v.Set(name+".day", day.Format("2"))
	v.Set(name+".month", day.Format("1"))
	v.Set(name+".year", day.Format("2006"))
}

// licenceAnswers are complete for a licence that ends soon.
func licenceAnswers() url.Values {
	v := url.Values{"reason": {"expiring"}, "licence_number": {"890123456789"}, "licence_class": {"B"}, "licence_issuer": {"Sở Giao thông vận tải tỉnh Mẫu"},
		"violation": {"no"}, "health_facility": {"Bệnh viện Mẫu"}, "health_number": {"1204/GKSK"}, "health_result": {"fit"}, "return_by": {"counter"},
		"agency": {"H01.14"}}
	now := time.Now()
	dayFields(v, "licence_issued", now.AddDate(-9, 0, 0))
	dayFields(v, "licence_expires", now.AddDate(0, 2, 0))
	dayFields(v, "health_date", now.AddDate(0, 0, -10))
	return v
}

// attach puts a file to a draft's paper by its page.
func (b *browser) attach(id, component, name, content string) {
	b.h.t.Helper()
	if r := b.upload("/ho-so/"+id+"/giay-to/"+component, part{Name: "tep", File: name, Value: content}); r.Status != 303 {
		b.h.t.Fatalf("%s: %d %s", component, r.Status, says(r))
	}
}

func (b *browser) mustFile(id string) {
	b.h.t.Helper()
	if r := b.post("/ho-so/"+id+"/kiem-tra", url.Values{"cam-doan": {"1"}}); r.Status != 303 {
		b.h.t.Fatalf("filing: %d %s", r.Status, says(r))
	}
}

// licensed files for a licence with three uploads.
func (b *browser) licensed() string {
	id := b.draft(licence, licenceAnswers())
	b.attach(id, "anh_chan_dung", "anh.jpg", photo())
	b.attach(id, "giay_phep_lai_xe", "gplx.pdf", plainPDF)
	b.attach(id, "giay_kham_suc_khoe", "kham.pdf", plainPDF+"\n%%EOF\n")
	b.mustFile(id)
	b.pay(id)
	return id
}

func isPolice(a agency.Agency) bool { return a.Code == "H01.14" }

// receives presses Tiếp nhận on the officer's page, with what was read off the papers.
func (h *house) receives(o *browser, id string, read url.Values) reply {
	h.t.Helper()
	v := url.Values{"ban": {versionOf(h, id)}}
	for name, values := range read {
		v[name] = values
	}
	return o.post("/can-bo/ho-so/"+id+"/tiep-nhan", v)
}

func versionOf(h *house, id string) (version string) {
	h.t.Helper()
	h.must(h.DB.Get(&version, `SELECT version FROM dossiers WHERE id = $1`, id))
	return version
}

func (h *house) counted(query string, args ...any) (n int) {
	h.t.Helper()
	h.must(h.DB.Get(&n, query, args...))
	return n
}

func inDays(n int) time.Time { return time.Now().In(locales.ICT).AddDate(0, 0, n) }

const asTyped = "2/1/2006"

// The second filing of a procedure needs no upload of what is still valid.
func TestTheSecondFilingNeedsNoUpload(t *testing.T) {
	h := newHouse(t)
	m, o := h.signedIn("mai"), h.signedIn(h.officerAt(agency.Intake, isPolice))
	first := m.licensed()
	if r := m.get("/tai-khoan/giay-to"); r.Status != 200 || !strings.Contains(r.text(), "Chưa cơ quan nào kiểm tra") || strings.Contains(r.text(), "/tai-khoan/giay-to/") {
		t.Errorf("before it is received: %d", r.Status)
	}
	waiting := m.draft(licence, licenceAnswers())
	if r := m.get("/ho-so/" + waiting + "/giay-to/anh_chan_dung"); r.Status != 200 || strings.Contains(r.text(), `value="dung"`) {
		t.Errorf("what nobody has checked is offered: %d", r.Status)
	}
	page := o.get("/can-bo/ho-so/" + first + "/tiep-nhan")
	for _, want := range []string{`name="han-giay_phep_lai_xe"`, `name="cap-giay_kham_suc_khoe"`} {
		if !strings.Contains(page.text(), want) {
			t.Errorf("the officer is not asked %s", want)
		}
	}
	if strings.Contains(page.text(), "anh_chan_dung") {
		t.Error("a portrait tells no day")
	}
	read := url.Values{"han-giay_phep_lai_xe": {"31/2/2027"}, "cap-giay_kham_suc_khoe": {inDays(-10).Format(asTyped)}}
	if r := h.receives(o, first, read); r.Status != 422 || !strings.Contains(r.text(), "không phải là ngày") || !strings.Contains(r.text(), `value="31/2/2027"`) {
		t.Errorf("a day that is none: %d", r.Status)
	}
	read.Set("han-giay_phep_lai_xe", inDays(60).Format(asTyped))
	if r := h.receives(o, first, read); r.Status != 303 {
		t.Fatalf("received: %d %s", r.Status, says(r))
	}
	if n := h.counted(`SELECT count(*) FROM vault_papers WHERE dossier_id = $1 AND status = 'accepted'`, first); n != 3 {
		t.Fatalf("%d papers, want 3", n)
	}
	h.drain() // again, as work of its own

	id := m.draft(licence, licenceAnswers())
	at := "/ho-so/" + id + "/giay-to/"
	r := m.get(at + "anh_chan_dung")
	for _, want := range []string{`value="dung-het"`, `value="dung"`, "Dùng bản đã có (<time", "có giá trị đến hết ngày", "Công an tỉnh"} {
		if !strings.Contains(r.text(), want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	step := "/ho-so/" + id + "/buoc/" + h.pageOf(licence, "anh_chan_dung")
	if r := m.get(step); !strings.Contains(r.text(), `value="dung-het"`) || strings.Count(r.text(), "có giá trị đến hết ngày") != 2 {
		t.Error("the form's page does not propose both")
	}
	blobs := h.blobs()
	if r := m.post(at+"anh_chan_dung", url.Values{"lam": {"dung-het"}, "ve": {"8"}}); r.Status != 303 || r.Header.Get("Location") != "/ho-so/"+id+"/buoc/8" {
		t.Fatalf("all at once: %d %s", r.Status, says(r))
	}
	health := paperOf(h, "giay_kham_suc_khoe")
	use := m.sealed(url.Values{"lam": {"dung"}, "giay": {health}})
	for range 2 { // the answer to the first was lost
		if r := m.do(postOf(at+"giay_kham_suc_khoe", use)); r.Status != 303 {
			t.Fatalf("one: %d %s", r.Status, says(r))
		}
	}
	m.post(at+"giay_kham_suc_khoe", url.Values{"lam": {"dung"}, "giay": {health}}) // another press
	if r := m.get(at + "giay_kham_suc_khoe"); !strings.Contains(r.text(), "Dùng lại bản đã có.") || !strings.Contains(r.text(), `value="bo-dung"`) {
		t.Error("the page does not say that it is an earlier one")
	}
	h.drain()
	m.mustFile(id)
	if h.blobs() > blobs+1 { // the portrait's joined copy
		t.Errorf("%d files more on the disk", h.blobs()-blobs)
	}
	same := h.counted(`SELECT count(*) FROM attachments a JOIN attachments b ON a.blob = b.blob AND a.sha256 = b.sha256 AND a.component = b.component
		WHERE a.dossier_id = $1 AND b.dossier_id = $2 AND a.vault_id IS NOT NULL`, id, first)
	if same != 3 || h.counted(`SELECT count(*) FROM attachments WHERE dossier_id = $1`, id) != 3 || h.counted(`SELECT count(*) FROM vault_uses WHERE undone_at IS NULL`) != 3 {
		t.Errorf("%d attachments are the same, want all 3, each used once", same)
	}
	m.pay(id)
	if r := o.get("/can-bo/ho-so/" + id); strings.Count(r.text(), "Đã có trong kho:") != 3 {
		t.Errorf("the officer is told of %d, want 3", strings.Count(r.text(), "Đã có trong kho:"))
	}
	if r := o.get("/can-bo/ho-so/" + id + "/tiep-nhan"); strings.Contains(r.text(), "han-giay_phep_lai_xe") {
		t.Error("a day that is known is asked again")
	}
	if r := h.receives(o, id, nil); r.Status != 303 {
		t.Fatalf("received: %d %s", r.Status, says(r))
	}
	if n := h.counted(`SELECT count(*) FROM vault_papers`); n != 3 {
		t.Errorf("%d papers after the second: a paper used again is no new one", n)
	}
	if r := m.get("/tai-khoan/giay-to/" + health); !strings.Contains(r.text(), "/ho-so/"+id) {
		t.Error("its owner does not see where it was used")
	}
	findings, err := h.findings(t.Context())
	h.must(err)
	if len(findings) > 0 {
		t.Errorf("verify: %v", findings)
	}
}

// paperOf is the newest paper of a type.
func paperOf(h *house, kind string) (id string) {
	h.t.Helper()
	h.must(h.DB.Get(&id, `SELECT id FROM vault_papers WHERE type = $1 ORDER BY at DESC LIMIT 1`, kind))
	return id
}

// What has ended, was replaced, hidden, taken by a wrong component, or is another's, is not
// offered and cannot be used by who names it.
func TestOnlyWhatHoldsIsOffered(t *testing.T) {
	h := newHouse(t)
	m, p, o := h.signedIn("mai"), h.signedIn("phuc"), h.signedIn(h.officerAt(agency.Intake, isPolice))
	first := m.licensed()
	h.must(status(h.receives(o, first, url.Values{"han-giay_phep_lai_xe": {inDays(0).Format(asTyped)}}), 303))
	portrait, old, health := paperOf(h, "anh_chan_dung"), paperOf(h, "giay_phep_lai_xe"), paperOf(h, "giay_kham_suc_khoe")
	id := m.draft(licence, licenceAnswers())
	at := "/ho-so/" + id + "/giay-to/"
	offered := func(component, paper string) bool {
		return strings.Contains(m.get(at+component).text(), `value="`+paper+`"`)
	}
	refused := func(what, at, paper string, by *browser) {
		t.Helper()
		if r := by.post(at, url.Values{"lam": {"dung"}, "giay": {paper}}); r.Status != 404 {
			t.Errorf("%s: %d", what, r.Status)
		}
	}
	if !offered("giay_phep_lai_xe", old) {
		t.Error("on its last day it still holds")
	}
	if offered("giay_kham_suc_khoe", health) {
		t.Error("a paper whose day nobody knows is offered")
	}
	refused("a paper whose day nobody knows", at+"giay_kham_suc_khoe", health, m)
	refused("a paper of another type", at+"giay_phep_lai_xe", portrait, m)
	theirs := p.draft(licence, licenceAnswers())
	refused("another's paper", "/ho-so/"+theirs+"/giay-to/anh_chan_dung", portrait, p)
	if strings.Contains(p.get("/ho-so/"+theirs+"/giay-to/anh_chan_dung").text(), `value="dung"`) {
		t.Error("another's paper is offered")
	}
	phone, _ := h.openedOnPaper(m, id, "anh_chan_dung")
	if strings.Contains(phone.get("/dien-thoai").text(), portrait) {
		t.Error("offered on a phone that was handed one page")
	}
	if r := phone.post("/dien-thoai", url.Values{"lam": {"dung"}, "giay": {portrait}}); r.Status != 404 {
		t.Errorf("used on the phone: %d", r.Status)
	}

	h.must(status(m.post("/tai-khoan/giay-to/"+portrait+"/an", url.Values{"an": {"1"}}), 303))
	if offered("anh_chan_dung", portrait) {
		t.Error("a hidden paper is offered")
	}
	refused("a hidden paper", at+"anh_chan_dung", portrait, m)
	if strings.Contains(m.get("/tai-khoan/giay-to").text(), portrait) || !strings.Contains(m.get("/tai-khoan/giay-to?an=1").text(), portrait) {
		t.Error("a hidden paper is not among the hidden ones only")
	}
	h.must(status(m.post("/tai-khoan/giay-to/"+portrait+"/an", url.Values{"an": {"0"}}), 303))
	if !offered("anh_chan_dung", portrait) {
		t.Error("a paper that was brought back is not offered")
	}

	second := m.licensed() // with newer ones of all
	h.must(status(h.receives(o, second, nil), 303))
	if now := paperOf(h, "anh_chan_dung"); offered("anh_chan_dung", portrait) || !offered("anh_chan_dung", now) {
		t.Error("the newer portrait does not stand for the older")
	}
	refused("a paper that was replaced", at+"anh_chan_dung", portrait, m)
	if r := m.get("/tai-khoan/giay-to/" + portrait); !strings.Contains(r.text(), "Đã có bản mới hơn") {
		t.Error("a replaced paper does not say so")
	}
	_, err := h.owner.Exec(`UPDATE vault_papers SET valid_to = now()::date - 2, limited = true, replaced_by = NULL WHERE id = $1`, portrait)
	h.must(err)
	if r := m.get("/tai-khoan/giay-to/" + portrait); !strings.Contains(r.text(), "Hết giá trị") {
		t.Error("an expired paper does not say so")
	}
	refused("an expired paper", at+"anh_chan_dung", portrait, m)
}

func status(r reply, want int) error {
	if r.Status != want {
		return errStatus{r.Status, says(r)}
	}
	return nil
}

type errStatus struct {
	status int
	says   string
}

func (e errStatus) Error() string { return strconv.Itoa(e.status) + " " + e.says }

func (h *house) openedOnPaper(m *browser, id, component string) (*browser, reply) {
	h.t.Helper()
	secret, err := h.Drafts.PhoneLink(h.t.Context(), m.session().Person, id, component)
	h.must(err)
	return h.openedOn("/dien-thoai/mo/" + secret)
}

// A use can be taken back, and then counts for nothing; bytes that a paper refers to stay
// when the draft lets them go.
func TestAUseIsTakenBack(t *testing.T) {
	h := newHouse(t)
	m, o := h.signedIn("mai"), h.signedIn(h.officerAt(agency.Intake, isPolice))
	first := m.licensed()
	h.must(status(h.receives(o, first, nil), 303))
	h.drain()
	portrait, id := paperOf(h, "anh_chan_dung"), m.draft(licence, licenceAnswers())
	at := "/ho-so/" + id + "/giay-to/anh_chan_dung"
	h.must(status(m.post(at, url.Values{"lam": {"dung"}, "giay": {portrait}}), 303))
	for range 2 {
		h.must(status(m.post(at, url.Values{"lam": {"bo-dung"}, "giay": {portrait}}), 303))
	}
	if n := h.counted(`SELECT count(*) FROM vault_uses WHERE undone_at IS NULL`); n != 0 {
		t.Errorf("%d uses stand", n)
	}
	files, err := draft.FilesOf(t.Context(), h.DB, id, 0)
	h.must(err)
	if len(files) != 0 {
		t.Errorf("%d files stay", len(files))
	}
	// the dossier's own rows are gone after their term: the paper still holds its bytes
	blob := ""
	h.must(h.DB.Get(&blob, `SELECT blob FROM vault_files WHERE paper_id = $1`, portrait))
	for _, q := range []string{`DELETE FROM attachments WHERE blob = $1`, `DELETE FROM file_copies WHERE file_id IN (SELECT id FROM draft_files WHERE blob = $1)`, `DELETE FROM draft_files WHERE blob = $1`} {
		_, err := h.owner.Exec(q, blob)
		h.must(err)
	}
	stray, err := h.stray(t.Context(), time.Now().AddDate(0, 1, 0), 0)
	h.must(err)
	for _, name := range stray {
		if name == blob {
			t.Error("the sweep would take the bytes of a paper")
		}
	}
}

// A result that was handed over is its owner's paper; a denial and a withdrawn dossier's
// uploads are none.
func TestWhatEntersTheVault(t *testing.T) {
	h := newHouse(t)
	m, s := h.signedIn("mai"), h.staffOf(h.isWard)
	ctx := t.Context()
	done := m.filed(extract, nil)
	m.pay(done)
	s.finish(h, done)
	h.must(h.Vault.Handlers()[vault.KeepKind](ctx, jobOf(done))) // again
	var got struct{ Status, Number, Sha string }
	h.must(h.DB.Get(&got, `SELECT v.status, v.number, encode(v.sha256, 'hex') AS sha FROM vault_papers v WHERE dossier_id = $1`, done))
	var paper struct{ Number, Sha string }
	h.must(h.DB.Get(&paper, `SELECT number, encode(sha256, 'hex') AS sha FROM papers WHERE dossier_id = $1 AND kind = 'result'`, done))
	if got.Status != "issued" || got.Number != paper.Number || got.Sha != paper.Sha || paper.Sha == "" {
		t.Errorf("in the vault %+v, the result %+v", got, paper)
	}
	if r := m.get("/tai-khoan/giay-to"); !strings.Contains(r.text(), "cấp ngày") || !strings.Contains(r.text(), got.Sha[:12]) {
		t.Error("the owner does not see the result with its hash")
	}

	denied := m.filed(extract, nil)
	m.pay(denied)
	h.must(h.Desk.Receive(ctx, s[agency.Intake].press(denied)))
	h.must(h.Desk.Forward(ctx, s[agency.Intake].press(denied), s[agency.Processor].officer().ID))
	h.must(h.Desk.Decide(ctx, s[agency.Leader].press(denied), desk.Decision{Reason: "không có sổ", Ground: "Điều 1"}))
	h.must(h.Desk.Archive(ctx, s[agency.Clerk].press(denied)))
	h.must(h.Desk.Return(ctx, s[agency.Intake].press(denied), desk.Handing{}))
	withdrawn := m.filed(birth, nil)
	h.must(status(m.post("/ho-so/"+withdrawn+"/rut", url.Values{"ly-do": {"đổi ý"}}), 303))
	h.must(h.Vault.Handlers()[vault.KeepKind](ctx, jobOf(withdrawn)))
	refused := m.filed(birth, nil)
	h.must(h.Desk.Refuse(ctx, s[agency.Intake].press(refused), "Không thuộc thẩm quyền", "Điều 1"))
	h.must(h.Vault.Handlers()[vault.KeepKind](ctx, jobOf(refused)))
	h.drain()
	if n := h.counted(`SELECT count(*) FROM vault_papers`); n != 1 {
		t.Errorf("%d papers, want the one result", n)
	}
	limited := m.filed(extract, nil)
	m.pay(limited)
	h.must(h.Desk.Receive(ctx, s[agency.Intake].press(limited)))
	h.must(h.Desk.Forward(ctx, s[agency.Intake].press(limited), s[agency.Processor].officer().ID))
	until := inDays(90)
	r := s[agency.Leader].post("/can-bo/ho-so/"+limited+"/quyet-dinh", url.Values{"ban": {versionOf(h, limited)}, "ket-qua": {"dong-y"}, "gia-tri-den": {until.Format(asTyped)}})
	h.must(status(r, 303))
	h.must(h.Desk.Archive(ctx, s[agency.Clerk].press(limited)))
	h.must(h.Desk.Return(ctx, s[agency.Intake].press(limited), desk.Handing{}))
	h.drain()
	if n := h.counted(`SELECT count(*) FROM vault_papers WHERE dossier_id = $1 AND valid_to = $2::date`, limited, until.Format(time.DateOnly)); n != 1 {
		t.Error("the decision's last day is not the paper's")
	}
}

func jobOf(id string) queue.Job { return queue.Job{Kind: vault.KeepKind, Subject: id} }

func birthDefect() []dossier.Item {
	return []dossier.Item{{Component: "giay_chung_sinh", Name: "Giấy chứng sinh", What: "mờ", How: "chụp lại"}}
}

func portraitDefect() []dossier.Item {
	return []dossier.Item{{Component: "anh_chan_dung", Name: "Ảnh chân dung", What: "tối", How: "chụp lại"}}
}

// Of what answers a supplement request, the paper that the request names is taken in.
func TestASupplementIsThePaper(t *testing.T) {
	h := newHouse(t)
	m, s := h.signedIn("mai"), h.staffOf(h.isWard)
	id := m.filed(birth, nil)
	h.must(h.Desk.AskSupplement(t.Context(), s[agency.Intake].press(id), birthDefect()))
	again := plainPDF + "\n%%EOF\n"
	h.must(status(m.upload("/ho-so/"+id+"/bo-sung", part{Name: "tep-1", File: "lại.pdf", Value: again}, part{Name: "gui", Value: "1"}), 303))
	h.must(h.Desk.Receive(t.Context(), s[agency.Intake].press(id)))
	var kept []struct{ Type, Component, Name string }
	h.must(h.DB.Select(&kept, `SELECT v.type, v.component, f.name FROM vault_papers v JOIN vault_files f ON f.paper_id = v.id WHERE v.dossier_id = $1`, id))
	if len(kept) != 1 || kept[0].Type != "giay_chung_sinh" || kept[0].Component != "bo-sung-1" || kept[0].Name != "lại.pdf" {
		t.Errorf("kept %+v", kept)
	}
	next := m.draft(birth, nil)
	if strings.Contains(m.get("/ho-so/"+next+"/giay-to/giay_chung_sinh").text(), `value="dung"`) {
		t.Error("the notice of one child's birth is offered for another's")
	}
}

// An earlier paper answers an item of a supplement request, too.
func TestAnItemIsAnsweredByAnEarlierPaper(t *testing.T) {
	h := newHouse(t)
	m, o := h.signedIn("mai"), h.signedIn(h.officerAt(agency.Intake, isPolice))
	h.must(status(h.receives(o, m.licensed(), nil), 303))
	portrait, id := paperOf(h, "anh_chan_dung"), m.licensed()
	h.must(h.Desk.AskSupplement(t.Context(), o.press(id), portraitDefect()))
	at := "/ho-so/" + id + "/bo-sung"
	if r := m.get(at); !strings.Contains(r.text(), `value="bo-sung-1:`+portrait+`"`) {
		t.Fatal("not offered")
	}
	h.must(status(m.upload(at, part{Name: "bo-sung-1", Value: "ảnh cũ vẫn giống"}, part{Name: "kho", Value: "bo-sung-1:" + portrait}), 303))
	if r := m.get(at); !strings.Contains(r.text(), "Dùng lại bản đã có.") || !strings.Contains(r.text(), "ảnh cũ vẫn giống") || strings.Contains(r.text(), `name="kho"`) {
		t.Error("the page does not show the paper with what was written")
	}
	h.must(status(m.upload(at, part{Name: "gui", Value: "1"}), 303))
	if n := h.counted(`SELECT count(*) FROM attachments WHERE dossier_id = $1 AND filing = 2 AND vault_id = $2`, id, portrait); n != 1 {
		t.Errorf("%d attachments of the second filing are the earlier paper", n)
	}
}

// A code opens one paper, to whoever has it, as long as it was made for.
func TestAPaperIsSharedByACode(t *testing.T) {
	h := newHouse(t)
	m, o := h.signedIn("mai"), h.signedIn(h.officerAt(agency.Intake, isPolice))
	h.must(status(h.receives(o, m.licensed(), nil), 303))
	h.drain()
	portrait := paperOf(h, "anh_chan_dung")
	at := "/tai-khoan/giay-to/" + portrait
	press := m.sealed(url.Values{"thoi-han": {"1h"}})
	made := m.do(postOf(at+"/chia-se", press))
	h.must(status(made, 200))
	code := regexp.MustCompile(`[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}`).FindString(made.text())
	if code == "" || !strings.Contains(made.text(), `<svg class="qr"`) {
		t.Fatal("no code")
	}
	if r := m.do(postOf(at+"/chia-se", press)); r.Status != 409 || strings.Contains(r.text(), code) || h.counted(`SELECT count(*) FROM vault_shares`) != 1 {
		t.Errorf("pressed again: %d, %d codes", r.Status, h.counted(`SELECT count(*) FROM vault_shares`))
	}
	if n := h.counted(`SELECT count(*) FROM vault_shares WHERE encode(code_hash, 'escape') LIKE '%' || $1 || '%'`, strings.ReplaceAll(code, "-", "")); n != 0 {
		t.Error("the code is kept")
	}
	guest := h.visitor()
	if r := guest.get("/giay-to?ma=" + code); r.Status != 200 || strings.Contains(r.text(), mai.Name) || h.counted(`SELECT count(*) FROM vault_views`) != 0 {
		t.Error("a look at the address shows the paper")
	}
	r := guest.post("/giay-to", url.Values{"ma": {" " + strings.ToLower(code)}})
	for _, want := range []string{"Ảnh chân dung", mai.Name, "Công an tỉnh", "còn nguyên", hashOf(h, portrait)} {
		if r.Status != 200 || !strings.Contains(r.text(), want) {
			t.Errorf("shared, %d: does not say %s", r.Status, want)
		}
	}
	if strings.Contains(r.text(), mai.IDNumber) {
		t.Error("the number is shown")
	}
	file := guest.post("/giay-to", url.Values{"ma": {code}, "tep": {"1"}})
	if file.Status != 200 || file.Header.Get("Content-Type") != "image/jpeg" || string(file.Body) == photo() {
		t.Errorf("the file: %d %s; a photograph goes out as its clean copy", file.Status, file.Header.Get("Content-Type"))
	}
	if n := h.counted(`SELECT count(*) FROM vault_views`); n != 2 {
		t.Errorf("%d views on record", n)
	}
	if n := h.counted(`SELECT count(*) FROM audit WHERE deed = 'vault.share.see' AND subject IS NOT NULL`); n != 2 {
		t.Errorf("%d in the audit log", n)
	}
	if r := m.get(at); !strings.Contains(r.text(), "Đã xem 2 lần") {
		t.Error("the owner does not see the views")
	}
	for _, no := range []string{"0", "2", "-1"} {
		if r := guest.post("/giay-to", url.Values{"ma": {code}, "tep": {no}}); r.Status != 422 {
			t.Errorf("file %s: %d", no, r.Status)
		}
	}
	share := ""
	h.must(h.DB.Get(&share, `SELECT id FROM vault_shares`))
	h.must(status(h.signedIn("phuc").post(at+"/chia-se/"+share+"/dung", nil), 404))
	h.must(status(guest.post("/giay-to", url.Values{"ma": {code}}), 200))
	h.must(status(m.post(at+"/chia-se/"+share+"/dung", nil), 303))
	revoked, unknown := guest.post("/giay-to", url.Values{"ma": {code}}), guest.post("/giay-to", url.Values{"ma": {"ABCDEFGHJK23"}})
	if revoked.Status != 422 || says(revoked) != says(unknown) {
		t.Errorf("taken back %d %q, unknown %d %q", revoked.Status, says(revoked), unknown.Status, says(unknown))
	}
	made = m.post(at+"/chia-se", url.Values{"thoi-han": {"7d"}})
	code = regexp.MustCompile(`[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}`).FindString(made.text())
	_, err := h.owner.Exec(`UPDATE vault_shares SET ends_at = now() - interval '1 second' WHERE revoked_at IS NULL`)
	h.must(err)
	h.must(status(guest.post("/giay-to", url.Values{"ma": {code}}), 422))
	h.must(status(m.post(at+"/chia-se", url.Values{"thoi-han": {"1y"}}), 422))
	health := paperOf(h, "giay_kham_suc_khoe")
	h.must(status(m.post("/tai-khoan/giay-to/"+health+"/chia-se", url.Values{"thoi-han": {"7d"}}), 422)) // it tells of health
	h.must(status(m.post("/tai-khoan/giay-to/"+health+"/chia-se", url.Values{"thoi-han": {"1d"}}), 200))
}

func hashOf(h *house, paper string) string {
	h.t.Helper()
	var sum []byte
	h.must(h.DB.Get(&sum, `SELECT sha256 FROM vault_papers WHERE id = $1`, paper))
	return hex.EncodeToString(sum)
}

// Codes are not to be guessed: few tries an hour, right or wrong.
func TestGuessingCodesIsLimited(t *testing.T) {
	h := newHouse(t)
	guest := h.visitor()
	for i := range 30 {
		if r := guest.post("/giay-to", url.Values{"ma": {"ABCDEFGHJK23"}}); r.Status != 422 {
			t.Fatalf("try %d: %d", i+1, r.Status)
		}
	}
	if r := guest.post("/giay-to", url.Values{"ma": {"ABCDEFGHJK23"}}); r.Status != 429 {
		t.Errorf("one more: %d", r.Status)
	}
}

// Bytes that are not what was accepted are said to be so.
func TestAChangedPaperIsSaidToBe(t *testing.T) {
	h := newHouse(t)
	m, o := h.signedIn("mai"), h.signedIn(h.officerAt(agency.Intake, isPolice))
	h.must(status(h.receives(o, m.licensed(), nil), 303))
	paper := paperOf(h, "giay_phep_lai_xe")
	code, _, err := h.Vault.Share(t.Context(), m.session().Person, paper, time.Hour, keyOf(m.session().Person))
	h.must(err)
	_, err = h.owner.Exec(`UPDATE vault_files SET sha256 = 'x' WHERE paper_id = $1`, paper)
	h.must(err)
	if r := h.visitor().post("/giay-to", url.Values{"ma": {code}}); r.Status != 200 || !strings.Contains(r.text(), "không còn khớp") {
		t.Errorf("%d: passes for unchanged", r.Status)
	}
	findings, err := h.findings(t.Context())
	h.must(err)
	if len(findings) == 0 || !strings.Contains(strings.Join(findings, " "), "vault paper "+paper) {
		t.Errorf("verify says %v", findings)
	}
}

// Owners are told 30 and 7 days before a paper ends, each once.
func TestRemindersOfPapers(t *testing.T) {
	h := newHouse(t)
	m, o := h.signedIn("mai"), h.signedIn(h.officerAt(agency.Intake, isPolice))
	h.must(status(h.receives(o, m.licensed(), url.Values{"han-giay_phep_lai_xe": {inDays(40).Format(asTyped)}}), 303))
	told := func(when time.Time) int {
		t.Helper()
		for range 2 {
			h.must(h.Vault.Remind(t.Context(), when))
		}
		return h.counted(`SELECT count(*) FROM notices WHERE kind = 'paper_ends' AND person_id = $1`, m.session().ID)
	}
	for _, c := range []struct{ in, want int }{{0, 0}, {9, 0}, {10, 1}, {20, 1}, {33, 2}, {39, 2}, {41, 2}} {
		if n := told(time.Now().AddDate(0, 0, c.in)); n != c.want {
			t.Errorf("in %d days: told %d times, want %d", c.in, n, c.want)
		}
	}
	var body string
	h.must(h.DB.Get(&body, `SELECT body FROM notices WHERE kind = 'paper_ends' ORDER BY at LIMIT 1`))
	if strings.Contains(body, "Giấy phép lái xe") || !strings.Contains(body, "30 ngày") {
		t.Errorf("the letter: %s", body)
	}
}
