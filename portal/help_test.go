package portal

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"motcua/portal/agency"
	"motcua/portal/draft"
	"motcua/portal/notification"
	letters "motcua/portal/notification/sandbox"
	"motcua/portal/problem"
	"motcua/portal/signin"
	provider "motcua/portal/signin/sandbox"
	"motcua/portal/standin"
)

var hung = provider.Person{Sub: "hung", Name: "Phạm Quốc Hùng", IDNumber: "089055000104", BirthDate: "1955-01-01", Phone: "0912345604"}

// texting connects the house to a messaging operator.
func (h *house) texting() *letters.SMSServer {
	h.t.Helper()
	op, err := letters.StartSMS(standin.Options{}, letters.SMSConfig{Key: "k", Secret: "s", Brand: "DVC"})
	h.must(err)
	h.t.Cleanup(func() { op.Close() })
	h.Notices.SMS = &notification.ESMS{URL: op.URL, Key: "k", Secret: "s", Brand: "DVC"}
	return op
}

// asks are the fields of the first page, for Hung.
func asks(more url.Values) url.Values {
	v := url.Values{"so-dinh-danh": {"089 055 000 104"}, "ho-ten": {"phạm quốc hùng"}, "dien-thoai": {"0912 345 604"}, "giay": {"card"}, "thu-tuc": {extract}}
	for name, values := range more {
		v[name] = values
	}
	return v
}

// helps starts to help and is where the form begins.
func (b *browser) helps(more url.Values) string {
	b.h.t.Helper()
	r := b.post("/can-bo/nop-thay", asks(more))
	id, found := strings.CutPrefix(r.Header.Get("Location"), "/ho-so/")
	if r.Status != 303 || !found {
		b.h.t.Fatalf("start: %d %s", r.Status, r.text())
	}
	return strings.TrimSuffix(id, "/buoc/1")
}

// fills fills the form of a draft as it is asked.
func (b *browser) fills(id string, more url.Values) {
	h, p := b.h, b.session().Person
	h.t.Helper()
	d, err := h.Drafts.Load(h.t.Context(), p, id)
	h.must(err)
	for no, on := d.Run(time.Now()).Next(0); on; no, on = d.Run(time.Now()).Next(no) {
		saved, err := h.Drafts.Save(h.t.Context(), p, id, no, h.answers(extract, more), keyOf(p))
		h.must(err)
		d = saved.Draft
	}
	if faults := d.Run(time.Now()).Faults(); len(faults) > 0 {
		h.t.Fatalf("not complete: %v", faults)
	}
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// code is the last code that the operator got.
func (h *house) code(op *letters.SMSServer) string {
	h.t.Helper()
	h.drain()
	texts := op.Texts()
	if len(texts) == 0 {
		h.t.Fatal("no message")
	}
	return sixDigits.FindString(texts[len(texts)-1].Content)
}

// other is a code that is not this one.
func other(code string) string { return fmt.Sprintf("%c%s", '0'+(code[0]-'0'+1)%10, code[1:]) }

// TestFilingWithHelp is the way of a person who comes to the counter without an account.
func TestFilingWithHelp(t *testing.T) {
	h := newHouse(t)
	op := h.texting()
	b := h.signedIn(h.officerAt(agency.Intake, h.isWard))
	o := b.officer()
	id := b.helps(nil)
	at, draftAt := "/can-bo/nop-thay/"+id, "/ho-so/"+id
	if r := b.get(draftAt + "/buoc/1"); r.Status != 200 || !strings.Contains(r.text(), "Đang làm giúp phạm quốc hùng") || !strings.Contains(r.text(), `href="`+at+`"`) {
		t.Fatalf("the form: %d", r.Status)
	}
	if n := h.count(`SELECT count(*) FROM lookups WHERE object = $1 AND subject = $2`, "draft:"+id, h.Signin.Key.Hash(hung.IDNumber)); n == 0 {
		t.Error("the register was not asked about whom it is for")
	}
	if n := h.count(`SELECT count(*) FROM lookups WHERE subject = $1`, b.session().IDHash); n != 0 {
		t.Error("the register was asked about the officer")
	}
	if r := b.get(at); r.Status != 200 || strings.Contains(r.text(), `name="ma"`) {
		t.Errorf("the page of the help before the form is complete: %d", r.Status)
	}
	if r := b.post(at+"/ma", nil); r.Status != 422 || len(op.Texts()) != 0 {
		t.Errorf("a code for half a form: %d", r.Status)
	}
	b.fills(id, nil)
	if r := b.get(draftAt + "/kiem-tra"); r.Status != 200 || !strings.Contains(r.text(), `href="`+at+`"`) || strings.Contains(r.text(), "data-filing") {
		t.Errorf("the check page: %d", r.Status)
	}
	if r := b.post(draftAt+"/kiem-tra", url.Values{"cam-doan": {"1"}}); r.Status != 303 || r.Header.Get("Location") != at {
		t.Errorf("filing without the person: %d to %s", r.Status, r.Header.Get("Location"))
	}

	once := url.Values{"_key": {uuid.NewString()}}
	for range 2 { // pressed twice: one message
		if r := b.post(at+"/ma", once); r.Status != 303 {
			t.Fatalf("send the code: %d %s", r.Status, r.text())
		}
	}
	code := h.code(op)
	if texts := op.Texts(); len(texts) != 1 || texts[0].Phone != "84912345604" || len(code) != 6 || strings.Contains(texts[0].Content, "Hùng") || len(texts[0].Content) > 160 {
		t.Fatalf("messages %+v", texts)
	}
	if n := h.count(`SELECT count(*) FROM assists a, sms s WHERE a::text LIKE '%' || $1 || '%' OR s::text LIKE '%' || $1 || '%'`, code); n != 0 {
		t.Error("the code is stored")
	}
	if r := b.get(at); r.Status != 200 || !strings.Contains(r.text(), "••• 604") || strings.Contains(r.text(), " +0700") {
		t.Errorf("the page of the help: %d", r.Status)
	}
	say := url.Values{"ma": {other(code)}, "cam-doan": {"1"}}
	if r := b.post(at+"/nop", say); r.Status != 422 || !strings.Contains(r.text(), "Còn 4 lần") {
		t.Errorf("a wrong code: %d", r.Status)
	}
	if r := b.post(at+"/nop", url.Values{"ma": {code}}); r.Status != 422 || h.count(`SELECT count(*) FROM dossiers`) != 0 {
		t.Errorf("nothing declared: %d", r.Status)
	}
	say.Set("ma", code[:3]+" "+code[3:])
	for range 2 { // pressed twice: one dossier
		if r := b.post(at+"/nop", say); r.Status != 303 || r.Header.Get("Location") != at {
			t.Fatalf("the right code: %d %s", r.Status, r.text())
		}
	}
	var d struct {
		Code, Channel, By, Actor string
		Officer                  int64
	}
	h.must(h.DB.Get(&d, `SELECT d.code, d.channel, d.assisted->>'by' AS by, d.assisted_by AS officer, e.actor FROM dossiers d
		JOIN events e ON e.dossier_id = d.id WHERE d.id = $1`, id))
	if d.Channel != "direct" || d.Officer != o.ID || d.By != "code" || d.Actor != fmt.Sprintf("officer:%d", o.ID) {
		t.Errorf("%+v", d)
	}
	if r := b.get(at); r.Status != 200 || !strings.Contains(r.text(), d.Code) || strings.Contains(r.text(), "Hùng") {
		t.Errorf("what the officer sees afterwards: %d", r.Status)
	}
	if r := b.get(at + "/giay-xac-nhan-nop.pdf"); r.Status != 200 || !strings.HasPrefix(r.text(), "%PDF") {
		t.Errorf("the slip: %d", r.Status)
	}
	for _, gone := range []string{draftAt, draftAt + "/buoc/1", draftAt + "/kiem-tra", draftAt + "/to-khai.pdf", draftAt + "/du-lieu.json", draftAt + "/giay-xac-nhan-nop.pdf"} {
		likeNothing(t, gone, b.get(gone), b.get(strings.Replace(gone, id, uuid.NewString(), 1)))
	}

	h.oidc.Put(hung) // and now he signs in for the first time
	v := h.signedIn("hung")
	if r := v.get("/ho-so"); r.Status != 200 || !strings.Contains(r.text(), d.Code) {
		t.Errorf("his dossiers: %d", r.Status)
	}
	for who, r := range map[string]reply{"him": v.get(draftAt), "the desk": b.get("/can-bo/ho-so/" + id)} {
		text := r.text()
		if r.Status != 200 || !strings.Contains(text, "Nộp trực tiếp, do "+o.Name) || !strings.Contains(text, "Đã nộp trực tiếp, do "+o.Name) || !strings.Contains(text, "bằng mã gửi đến điện thoại") {
			t.Errorf("what %s sees: %d", who, r.Status)
		}
	}
	if n := h.count(`SELECT count(*) FROM persons WHERE id_hash = $1`, v.session().IDHash); n != 1 {
		t.Errorf("he is %d people", n)
	}
	var deeds []string
	h.must(h.DB.Select(&deeds, `SELECT DISTINCT deed FROM audit WHERE actor = $1 AND subject = $2`, d.Actor, v.session().IDHash))
	for _, deed := range []string{"assist.begin", "assist.get", "assist.post", "assist.see", "assist.code", "assist.wrong_code", "assist.confirmed", "dossier.filed"} {
		if !slices.Contains(deeds, deed) {
			t.Errorf("%s is not on record: %v", deed, deeds)
		}
	}
}

// TestCodesOfHelp: few tries, a short time, and only what was in the form.
func TestCodesOfHelp(t *testing.T) {
	h := newHouse(t)
	op := h.texting()
	b := h.signedIn(h.officerAt(agency.Intake, h.isWard))
	id := b.helps(nil)
	b.fills(id, nil)
	at := "/can-bo/nop-thay/" + id
	send := func() string {
		if r := b.post(at+"/ma", nil); r.Status != 303 {
			t.Fatalf("send: %d %s", r.Status, r.text())
		}
		return h.code(op)
	}
	file := func(what, code, says string) {
		t.Helper()
		if r := b.post(at+"/nop", url.Values{"ma": {code}, "cam-doan": {"1"}}); r.Status != 422 || !strings.Contains(r.text(), says) {
			t.Errorf("%s: %d, want %q", what, r.Status, says)
		}
	}
	file("no code was sent", "123456", "Gửi mã khác")
	code := send()
	b.fills(id, url.Values{"copies": {"3"}})
	file("changed since", code, "Tờ khai đã thay đổi")
	first := send()
	code = send()
	if first != code {
		file("the code before", first, "Còn 4 lần")
	}
	h.owner.MustExec(`UPDATE assists SET code_until = now() - interval '1 second'`)
	file("too late", code, "hết hạn")
	code = send()
	for h.count(`SELECT tries FROM assists`) < 4 {
		file("wrong", other(code), "Mã không đúng")
	}
	file("wrong for the fifth time", other(code), "Đã nhập sai 5 lần")
	if n := h.count(`SELECT tries FROM assists`); n != 5 {
		t.Errorf("%d tries are counted", n)
	}
	file("the right one after that", code, "Đã nhập sai 5 lần")
	if r := b.post(at+"/ma", nil); r.Status != 422 {
		t.Errorf("one more code: %d", r.Status)
	}
	if n := h.count(`SELECT count(*) FROM dossiers`); n != 0 {
		t.Errorf("%d dossiers", n)
	}

	// what is left is the signature, on what the form says
	b2 := url.Values{"da-ky": {"1"}, "cam-doan": {"1"}}
	if r := b.post(at+"/nop", b2); r.Status != 422 || !strings.Contains(r.text(), "chưa in") {
		t.Errorf("signed before it was printed: %d", r.Status)
	}
	if r := b.get(at + "/to-khai.pdf"); r.Status != 200 || !strings.HasPrefix(r.text(), "%PDF") {
		t.Fatalf("print: %d", r.Status)
	}
	if r := b.post(at+"/nop", b2); r.Status != 422 || !strings.Contains(r.text(), "Chưa có ảnh") {
		t.Errorf("no signed form: %d", r.Status)
	}
	paper := "/ho-so/" + id + "/giay-to/signed_form"
	if r := b.upload(paper, part{Name: "tep", File: "ky.pdf", Value: plainPDF}); r.Status != 303 {
		t.Fatalf("upload: %d %s", r.Status, r.text())
	}
	b.fills(id, url.Values{"copies": {"4"}})
	if r := b.post(at+"/nop", b2); r.Status != 422 || !strings.Contains(r.text(), "thay đổi sau khi in") {
		t.Errorf("changed since it was printed: %d", r.Status)
	}
	b.fills(id, url.Values{"copies": {"3"}}) // as it was printed
	if r := b.post(at+"/nop", b2); r.Status != 303 {
		t.Fatalf("signed: %d %s", r.Status, r.text())
	}
	if n := h.count(`SELECT count(*) FROM attachments WHERE component = 'signed_form' AND dossier_id = $1`, id); n != 1 {
		t.Errorf("%d signed forms with the dossier", n)
	}
	if n := h.count(`SELECT count(*) FROM dossiers WHERE assisted->>'by' = 'paper'`); n != 1 {
		t.Error("the dossier does not say how it was confirmed")
	}
}

// TestHelpIsForOneDraft: nothing else of the person's is seen, and the help ends with the
// role, by the officer's word, and by itself.
func TestHelpIsForOneDraft(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	own := m.draft(birth, nil)
	b := h.signedIn(h.officerAt(agency.Intake, h.isElsewhere))
	who := url.Values{"so-dinh-danh": {mai.IDNumber}, "ho-ten": {mai.Name}, "dien-thoai": {"0987654321"}}
	for key, wrong := range map[string]url.Values{
		"ho-ten": {"ho-ten": {"Nguyễn Thị Khác"}}, "so-dinh-danh": {"so-dinh-danh": {"08919400010"}}, "dien-thoai": {"dien-thoai": {"02963123456"}},
		"giay": {"giay": {"x"}}, "thu-tuc": {"thu-tuc": {"2.000033"}}, // for businesses
	} {
		v := asks(who)
		for name, values := range wrong {
			v[name] = values
		}
		if r := b.post("/can-bo/nop-thay", v); r.Status != 422 || !strings.Contains(r.text(), `id="`+key+`-loi"`) {
			t.Errorf("wrong %s: %d", key, r.Status)
		}
	}
	if n := h.count(`SELECT (SELECT count(*) FROM assists) + (SELECT count(*) FROM drafts) - 1`); n != 0 {
		t.Errorf("%d rows of refused starts", n)
	}
	id := b.helps(who)
	if d, err := h.Drafts.Load(t.Context(), b.session().Person, id); err != nil || d.Help == nil || d.Help.Phone != "84912345601" {
		t.Errorf("codes go to the phone of the account, not to %+v (%v)", d.Help, err)
	}
	for _, address := range []string{"/ho-so/" + own, "/ho-so/" + own + "/buoc/1", "/ho-so/" + own + "/kiem-tra", "/can-bo/nop-thay/" + own} {
		likeNothing(t, address, b.get(address), b.get(strings.Replace(address, own, uuid.NewString(), 1)))
	}
	if r := b.get("/ho-so"); r.Status != 200 || strings.Contains(r.text(), own) || strings.Contains(r.text(), id) || strings.Contains(r.text(), mai.Name) {
		t.Error("the officer's own list holds something of hers")
	}
	if r := b.post("/ho-so/"+id+"/xoa", nil); r.Status != 404 {
		t.Errorf("the officer puts it away: %d", r.Status)
	}
	if r := m.get("/ho-so"); !strings.Contains(r.text(), id) {
		t.Error("she does not find it in her list")
	}
	if r := m.get("/ho-so/" + id + "/buoc/1"); r.Status != 200 || strings.Contains(r.text(), "Đang làm giúp") {
		t.Errorf("she goes on with it: %d", r.Status)
	}
	if r := h.signedIn(h.officerAt(agency.Intake, h.isWard)).get("/can-bo/nop-thay/" + id); r.Status != 404 {
		t.Errorf("another officer's help: %d", r.Status)
	}

	closed := func(what string) {
		t.Helper()
		for _, address := range []string{"/ho-so/" + id + "/buoc/1", "/ho-so/" + id + "/kiem-tra", "/ho-so/" + id} {
			likeNothing(t, what+": "+address, b.get(address), b.get(strings.Replace(address, id, uuid.NewString(), 1)))
		}
		if _, err := h.Drafts.Save(t.Context(), b.session().Person, id, 1, h.answers(extract, nil), keyOf(b.session().Person)); !problem.Is(err, problem.NotFound) {
			t.Errorf("%s: saved (%v)", what, err)
		}
		if r := b.post("/can-bo/nop-thay/"+id+"/ma", nil); r.Status != 404 {
			t.Errorf("%s: a code: %d", what, r.Status)
		}
		if r := m.get("/ho-so/" + id + "/buoc/1"); r.Status != 200 {
			t.Errorf("%s: hers: %d", what, r.Status)
		}
	}
	h.owner.MustExec(`UPDATE officer_roles SET valid_to = current_date - 1 WHERE role = 'intake' AND officer_id = $1`, b.officer().ID)
	closed("the role taken away")
	h.owner.MustExec(`UPDATE officer_roles SET valid_to = NULL`)
	h.owner.MustExec(`UPDATE assists SET until = now()`)
	closed("the time over")
	h.owner.MustExec(`UPDATE assists SET until = now() + interval '1 hour'`)
	if r := b.get("/ho-so/" + id + "/buoc/1"); r.Status != 200 {
		t.Fatalf("open again: %d", r.Status)
	}
	if r := b.post("/can-bo/nop-thay/"+id+"/ket-thuc", nil); r.Status != 303 {
		t.Fatalf("end: %d", r.Status)
	}
	closed("given back")
}

// TestCommunityHelper has the help and no other right of officers; and who has no role has
// not even that.
func TestCommunityHelper(t *testing.T) {
	h := newHouse(t)
	b := h.signedIn(h.officerAt(agency.Helper, func(agency.Agency) bool { return true }))
	if r := b.get("/can-bo"); r.Status != 200 || !strings.Contains(r.text(), `href="/can-bo/nop-thay"`) {
		t.Errorf("the day: %d", r.Status)
	}
	if r := b.get("/can-bo/ho-so"); r.Status != 404 {
		t.Errorf("the inbox: %d", r.Status)
	}
	id := b.helps(nil)
	b.fills(id, nil)
	if r := b.get("/can-bo/nop-thay/" + id); r.Status != 200 || strings.Contains(r.text(), `action="/can-bo/nop-thay/`+id+`/ma"`) || !strings.Contains(r.text(), "chưa kết nối dịch vụ tin nhắn") {
		t.Errorf("without an operator: %d", r.Status)
	}
	if r := b.post("/can-bo/nop-thay/"+id+"/ma", nil); r.Status != 422 {
		t.Errorf("a code without an operator: %d", r.Status)
	}
	own := asks(url.Values{"so-dinh-danh": {b.session().IDNumber}, "ho-ten": {b.session().Name}})
	if r := b.post("/can-bo/nop-thay", own); r.Status != 422 {
		t.Errorf("help for oneself: %d", r.Status)
	}
	for _, v := range []*browser{h.signedIn("mai"), h.signedIn(h.onlyEditor())} {
		if r := v.post("/can-bo/nop-thay", asks(nil)); r.Status != 404 {
			t.Errorf("somebody without the role: %d", r.Status)
		}
		if _, err := h.Drafts.StartHelp(t.Context(), v.session().Person, agency.Officer{ID: 1}, draft.Asked{Present: signin.Present{IDNumber: hung.IDNumber, Name: hung.Name}, Identity: "card", Procedure: extract}, keyOf(v.session().Person)); !problem.Is(err, problem.NotFound) {
			t.Errorf("asked of the room: %v", err)
		}
	}
}

// TestLateFailureOfHelp leaves nothing of a start, of a code, of a filing.
func TestLateFailureOfHelp(t *testing.T) {
	h := newHouse(t)
	h.texting()
	b := h.signedIn(h.officerAt(agency.Intake, h.isWard))
	people := h.count(`SELECT count(*) FROM persons`)
	fails := func(deed string) {
		h.owner.MustExec(`ALTER TABLE audit ADD CONSTRAINT late CHECK (deed <> '` + deed + `') NOT VALID`)
	}
	works := func() { h.owner.MustExec(`ALTER TABLE audit DROP CONSTRAINT late`) }
	fails("assist.begin")
	if r := b.post("/can-bo/nop-thay", asks(nil)); r.Status != 500 {
		t.Errorf("start: %d", r.Status)
	}
	works()
	if n := h.count(`SELECT (SELECT count(*) FROM persons) + (SELECT count(*) FROM drafts) + (SELECT count(*) FROM assists)`); n != people {
		t.Errorf("%d rows stayed", n-people)
	}
	id := b.helps(nil)
	b.fills(id, nil)
	at := "/can-bo/nop-thay/" + id
	fails("assist.code")
	if r := b.post(at+"/ma", nil); r.Status != 500 {
		t.Errorf("code: %d", r.Status)
	}
	works()
	if n := h.count(`SELECT (SELECT count(*) FROM sms) + (SELECT codes FROM assists) + (SELECT count(*) FROM jobs WHERE kind = 'sms.send')`); n != 0 {
		t.Errorf("%d of a code stayed", n)
	}
	if _, err := h.Drafts.Printed(t.Context(), b.session().Person, id); err != nil {
		t.Fatal(err)
	}
	fails("dossier.filed")
	h.owner.MustExec(`UPDATE assists SET confirmed = d.version, by = 'paper' FROM drafts d WHERE d.id = draft_id`)
	if _, err := h.Dossiers.File(t.Context(), b.session().Person, id, true, keyOf(b.session().Person)); err == nil {
		t.Error("filed")
	}
	works()
	if n := h.count(`SELECT (SELECT count(*) FROM dossiers) + (SELECT count(*) FROM drafts WHERE filed_at IS NOT NULL) + (SELECT count(*) FROM assists WHERE ended_at IS NOT NULL)`); n != 0 {
		t.Errorf("%d of a filing stayed", n)
	}
}
