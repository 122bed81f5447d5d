package dossier

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/worldtest"
)

// plain is a form that this test knows, whatever the shipped ones ask.
const plain = `{"format": 1, "id": "plain", "title": {"vi": "Đơn"}, "audience": "citizen", "declaration": {"vi": "Tôi cam đoan"}, "pages": [
	{"id": "one", "title": {"vi": "Một"}, "questions": [
		{"id": "book", "kind": "text", "label": {"vi": "Số trong sổ"}, "max_length": 40},
		{"id": "agency", "kind": "select", "label": {"vi": "Cơ quan"}, "list": "agencies"},
		{"id": "contact_phone", "kind": "phone", "label": {"vi": "Điện thoại"}},
		{"id": "more", "kind": "yesno", "label": {"vi": "Có thêm"}}]},
	{"id": "two", "title": {"vi": "Hai"}, "show_if": {"==": [{"var": "more"}, true]}, "questions": [{"id": "what", "kind": "text", "label": {"vi": "Thêm gì"}, "short": {"vi": "việc thêm"}, "max_length": 40}]},
	{"id": "three", "title": {"vi": "Ba"}, "questions": [{"id": "copies", "kind": "integer", "label": {"vi": "Số bản"}, "min": 1, "max": 20}]}]}`

// filedPlain is a dossier on the plain form, sent back for those items.
func (w *world) filedPlain(t *testing.T, items ...Item) Dossier {
	t.Helper()
	if _, err := eforms.Load([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(map[string]json.RawMessage{"form": json.RawMessage(plain), "tests": json.RawMessage("null"),
		"fees": json.RawMessage(`[{"id": "copy", "kind": "le_phi", "name": {"vi": "Lệ phí"}, "unit": 8000, "per": "copies", "ground": {"vi": "Nghị quyết"}}]`)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.DB.Exec(`INSERT INTO revisions (procedure_code, no, doc, sha256, in_force_from)
		SELECT procedure_code, no + 1, doc || $3::jsonb, sha256(random()::text::bytea), $2 FROM revisions WHERE procedure_code = $1 ORDER BY no DESC LIMIT 1`,
		extract, w.Now(), string(doc))
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Pass(10 * time.Second)
	id, err := w.Drafts.Start(t.Context(), w.mai, extract, "", newKey(w.mai))
	if err != nil {
		t.Fatal(err)
	}
	for no, body := range map[int]url.Values{1: {"book": {"12/2020"}, "agency": {w.ward.Code}, "contact_phone": {"0912345601"}, "more": {"no"}}, 3: {"copies": {"2"}}} {
		if _, err := w.Drafts.Save(t.Context(), w.mai, id, no, body, newKey(w.mai)); err != nil {
			t.Fatal(err)
		}
	}
	d := w.file(t, w.mai, id)
	w.inTx(t, func(tx *sqlx.Tx) error {
		d, err := w.Lock(t.Context(), tx, d)
		if err != nil {
			return err
		}
		if err := w.Ask(t.Context(), tx, d, items, w.Now().Add(10*24*time.Hour)); err != nil {
			return err
		}
		return w.Move(t.Context(), tx, &d, Move{Deed: AskSupplement, By: "officer:1", Args: map[string]any{"count": len(items), "until": "7/12/2026"}})
	})
	return d
}

var bookItem = Item{Field: "book", Name: "Số trong sổ", What: "Sai", How: "Ghi lại"}

func (w *world) copyPage(t *testing.T, p signin.Person, id string, no int, pairs ...string) (draft.Saved, error) {
	t.Helper()
	body := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		body.Set(pairs[i], pairs[i+1])
	}
	return w.SaveCopy(t.Context(), p, id, draft.Sent{No: no, Body: body}, newKey(p))
}

func second2[T any](_ T, err error) error { return err }

func TestASupplementWorksOnACopy(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filedPlain(t, bookItem)
	first := w.whole(t, d.ID).First()
	worldtest.WantFault(t, "another's copy", second2(w.copyPage(t, w.phuc, d.ID, 1, "book", "x")), problem.NotFound, "dossier.not_found")
	worldtest.WantFault(t, "a page that nobody asked about", second2(w.copyPage(t, w.mai, d.ID, 3, "copies", "5")), problem.NotFound, "dossier.not_found")
	worldtest.WantFault(t, "no page", second2(w.copyPage(t, w.mai, d.ID, 9)), problem.NotFound, "dossier.not_found")
	worldtest.WantFault(t, "nothing mended", w.SendSupplement(t.Context(), w.mai, d.ID, nil, newKey(w.mai)), problem.Invalid, "dossier.item_unanswered")

	body := []string{"book", "", "agency", w.ward.Code, "contact_phone", "0912345699", "more", "yes"}
	if saved, err := w.copyPage(t, w.mai, d.ID, 1, body...); err != nil || len(saved.Faults) != 1 {
		t.Fatalf("%v %v", saved.Faults, err)
	}
	var faulty *Faulty
	if err := w.SendSupplement(t.Context(), w.mai, d.ID, nil, newKey(w.mai)); !errors.As(err, &faulty) || len(faulty.Faults) != 2 {
		t.Errorf("a copy with an answer left out and a page opened: %v", err)
	}
	if got := w.whole(t, d.ID); len(got.Filings) != 1 || string(got.First().SHA256) != string(first.SHA256) || got.Run(nil).Visible()["book"] != "12/2020" || got.Phone != "0912345601" {
		t.Error("what was filed has changed before anything was sent")
	}
	body[1] = "34/2021"
	if saved, err := w.copyPage(t, w.mai, d.ID, 1, body...); err != nil || len(saved.Faults) != 0 {
		t.Fatalf("%v %v", saved.Faults, err)
	}
	if saved, err := w.copyPage(t, w.mai, d.ID, 2, "what", "bản trích"); err != nil || len(saved.Faults) != 0 {
		t.Fatalf("the page that the change has opened: %v %v", saved.Faults, err)
	}
	key := newKey(w.mai)
	for range 2 {
		if err := w.SendSupplement(t.Context(), w.mai, d.ID, nil, key); err != nil {
			t.Fatal(err)
		}
	}
	got := w.whole(t, d.ID)
	if len(got.Filings) != 2 || string(got.First().SHA256) != string(first.SHA256) || got.Filings[0].Answers["book"] != "12/2020" {
		t.Fatalf("%d filings, the first has %v", len(got.Filings), got.Filings[0].Answers)
	}
	if a := got.Last().Answers; a["book"] != "34/2021" || a["what"] != "bản trích" || string(got.Last().SHA256) == string(first.SHA256) || got.Phone != "0912345699" {
		t.Errorf("filed: %v, phone %s", a, got.Phone)
	}
	changed := got.History(nil)[1]
	var fields []string
	for _, c := range changed {
		fields = append(fields, c.After.ID+":"+c.Before.Value.VI+">"+c.After.Value.VI)
	}
	if len(changed) != 4 || fields[0] != "book:12/2020>34/2021" || changed[3].Before.Empty != true {
		t.Errorf("between them: %v", fields)
	}
	worldtest.WantFault(t, "a copy after it", second2(w.copyPage(t, w.mai, d.ID, 1, "book", "x")), problem.Conflict, "dossier.not_now")
	if got.Copy(nil).Answers["book"] != "34/2021" || len(got.Editable(got.Copy(nil))) != 0 || got.CopyChanges(nil) != nil {
		t.Error("something can still be changed")
	}
}

func TestASupplementIsTheSameDossier(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filedPlain(t, Item{Name: "Chung", What: "Sai", How: "Sửa"}) // no answer named: all pages
	all, err := w.Agency.All(t.Context(), w.Now())
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := ""
	for _, a := range all {
		if a.Code != w.ward.Code && d.Revision.Sheet.TakenBy(a) {
			elsewhere = a.Code
		}
	}
	note := map[string]string{ItemComponent(0): "đã sửa"}
	for _, c := range []struct {
		no   int
		body []string
		key  string
	}{
		{3, []string{"copies", "3"}, "dossier.copy_fee"},
		{1, []string{"book", "12/2020", "agency", elsewhere, "contact_phone", "0912345601", "more", "no"}, "dossier.copy_agency"},
	} {
		if _, err := w.copyPage(t, w.mai, d.ID, c.no, c.body...); err != nil {
			t.Fatal(err)
		}
		worldtest.WantFault(t, c.key, w.SendSupplement(t.Context(), w.mai, d.ID, note, newKey(w.mai)), problem.Invalid, c.key)
		if _, err := w.copyPage(t, w.mai, d.ID, 3, "copies", "2"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTwoTabsOnACopy(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filedPlain(t, bookItem)
	copied := w.whole(t, d.ID).Copy(nil)
	shown := copied.Shown(copied.Run(copied.SavedAt), 1, "older")
	if _, err := w.copyPage(t, w.mai, d.ID, 1, "book", "1", "agency", w.ward.Code, "contact_phone", "0912345601", "more", "no"); err != nil {
		t.Fatal(err)
	}
	body := url.Values{"book": {"2"}, "agency": {w.ward.Code}, "contact_phone": {"0912345622"}, "more": {"no"}}
	saved, err := w.SaveCopy(t.Context(), w.mai, d.ID, draft.Sent{No: 1, Body: body, Shown: shown}, newKey(w.mai))
	if err != nil || len(saved.Overtaken) != 1 || saved.Overtaken[0] != "book" || saved.Typed()["book"] != "2" {
		t.Fatalf("%v %v", saved.Overtaken, err)
	}
	if got := w.whole(t, d.ID).Request.Copy; got["book"] != "1" || got["contact_phone"] != "0912345622" {
		t.Errorf("%v", got)
	}
}

func TestLateFailureOfACopyLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filedPlain(t, bookItem)
	if _, err := w.copyPage(t, w.mai, d.ID, 1, "book", "9/2021", "agency", w.ward.Code, "contact_phone", "0912345699", "more", "no"); err != nil {
		t.Fatal(err)
	}
	w.breaks(t, "UPDATE", "deeds")
	if _, err := w.copyPage(t, w.mai, d.ID, 1, "book", "10/2021"); err == nil {
		t.Fatal("it was not broken")
	}
	if err := w.SendSupplement(t.Context(), w.mai, d.ID, nil, newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	got := w.whole(t, d.ID)
	if len(got.Filings) != 1 || got.Phone != "0912345601" || got.Request.Copy["book"] != "9/2021" || got.Request.SentAt != nil || got.State != Supplement {
		t.Errorf("%+v", got.Request)
	}
}

func TestFreeTextHasABound(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filedPlain(t, bookItem)
	long, ctx := strings.Repeat("ộ", MaxNote+1), t.Context()
	for what, err := range map[string]error{
		"note":     w.NoteSupplement(ctx, w.mai, d.ID, map[string]string{ItemComponent(0): long}),
		"sent":     w.SendSupplement(ctx, w.mai, d.ID, map[string]string{ItemComponent(0): long}, newKey(w.mai)),
		"withdraw": w.Withdraw(ctx, w.mai, d.ID, long, newKey(w.mai)),
		"rate":     w.Rate(ctx, w.mai, d.ID, 5, long),
	} {
		worldtest.WantFault(t, what, err, problem.Invalid, "dossier.note_too_long")
	}
	if err := w.NoteSupplement(ctx, w.mai, d.ID, map[string]string{ItemComponent(0): long[:len(long)-len("ộ")]}); err != nil {
		t.Errorf("as long as it may be: %v", err)
	}
}
