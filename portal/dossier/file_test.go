package dossier

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/signature"
	"motcua/portal/worldtest"
)

func TestFileTheShippedProcedures(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.represents(t, w.mai, rice)
	for _, c := range []struct {
		code, tax, owner, number, money string
		verified                        bool
	}{
		{extract, "", "Nguyễn Thị Hồng Mai", "089194000101", "due", true},
		{birth, "", "Nguyễn Thị Hồng Mai", "089194000101", "none", true},
		{promotion, rice, "CÔNG TY GẠO MẪU", rice, "none", false}, // the business register is down
	} {
		d := w.file(t, w.mai, w.draft(t, w.mai, c.code, c.tax, w.answers(c.code)))
		if d.State != Filed || d.Money != c.money || d.Verified != c.verified || d.OwnerName != c.owner || d.OwnerNumber != c.number ||
			d.ReturnBy != "online" || d.Phone != "0912345601" || d.Email != "mai@example.vn" || d.StepDoes() != "intake" {
			t.Errorf("%s: %+v", c.code, d)
		}
		if want := fmt.Sprintf("%s-261123-0001", d.Agency.Code); c.code != birth && d.Code != want {
			t.Errorf("%s: code %s, want %s", c.code, d.Code, want)
		}
		if want := time.Date(2026, 11, 24, 9, 30, 0, 0, locales.ICT); !d.AnswerBy.Equal(want) { // 8 working hours, of which a day has 7½
			t.Errorf("%s: answer by %v", c.code, d.AnswerBy)
		}
	}
}

func TestWhatWasFiledIsKept(t *testing.T) {
	t.Parallel()
	w := newService(t)
	v := byPost(w.answers(extract))
	v.Set("relation", "parent") // of a page that is not shown
	id := w.draft(t, w.mai, extract, "", v)
	w.attach(t, w.mai, id, draft.Upload{Component: "giay_to_lien_quan", Name: "giấy tờ.pdf"})
	w.file(t, w.mai, id)
	got, err := w.OfPerson(t.Context(), w.mai, id)
	if err != nil || len(got.Filings) != 1 || len(got.Attachments) != 1 {
		t.Fatalf("%d filings, %d files, %v", len(got.Filings), len(got.Attachments), err)
	}
	first, a := got.First(), got.Attachments[0]
	canonical, err := eforms.Canonical(first.Answers)
	if sum := sha256.Sum256(canonical); err != nil || !bytes.Equal(first.SHA256, sum[:]) {
		t.Errorf("the hash is not that of the answers (%v)", err)
	}
	if first.Answers["copies"] != "2" || first.Answers["relation"] != nil || first.Answers["requester_name"] != "Nguyễn Thị Hồng Mai" || len(first.Facts) == 0 {
		t.Errorf("%v, %d facts", first.Answers, len(first.Facts))
	}
	if sum := sha256.Sum256([]byte(pdf)); a.Name != "giấy tờ.pdf" || a.Size != int64(len(pdf)) || !bytes.Equal(a.SHA256, sum[:]) {
		t.Errorf("%+v", a)
	}
	_, body, err := w.Attachment(t.Context(), w.mai, id, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(body); err != nil || b.String() != pdf {
		t.Errorf("other bytes: %v", err)
	}
	to := got.ReturnTo
	if to.Province != "91" || to.Name != "Nguyễn Thị Hồng Mai" || to.Phone != "0912345601" ||
		!regexp.MustCompile(`^Số 12 đường Trần Hưng Đạo, \pL+ \pL[\pL ]+, \pL+ \pL[\pL ]+$`).MatchString(to.Line()) {
		t.Errorf("%+v: %s", to, to.Line())
	}
}

// What was read of a signature when the file came is what the officer sees of it.
func TestSignaturesGoWithTheFile(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.draft(t, w.mai, extract, "", byPost(w.answers(extract)))
	signed, err := os.Open("../signature/testdata/signed.pdf")
	if err != nil {
		t.Fatal(err)
	}
	defer signed.Close()
	w.attach(t, w.mai, id, draft.Upload{Component: "giay_to_lien_quan", Name: "đơn.pdf", Body: signed})
	w.attach(t, w.mai, id, draft.Upload{Component: "giay_to_lien_quan", Name: "chưa ký.pdf"})
	w.file(t, w.mai, id)
	got, err := w.OfPerson(t.Context(), w.mai, id)
	if err != nil || len(got.Attachments) != 2 {
		t.Fatalf("%d files, %v", len(got.Attachments), err)
	}
	first, second := got.Attachments[0].Signatures.V, got.Attachments[1].Signatures.V
	if len(first) != 1 || first[0].Signer != "Nguyễn Thị Mai" || first[0].State != signature.Intact || first[0].At.IsZero() || len(second) != 0 {
		t.Errorf("%+v and %+v", first, second)
	}
}

func TestFileWhatIsNotComplete(t *testing.T) {
	t.Parallel()
	w := newService(t)
	v := w.answers(birth)
	v.Del("child_name")
	v.Set("contact_phone", "không có")
	id := w.draft(t, w.mai, birth, "", v)
	d, err := w.Drafts.Load(t.Context(), w.mai, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Drafts.Remove(t.Context(), w.mai, id, 0, papers[birth], d.Files[0].ID); err != nil {
		t.Fatal(err)
	}
	_, err = w.File(t.Context(), w.mai, id, false, newKey(w.mai))
	var f *Faulty
	if !errors.As(err, &f) || !f.Undeclared {
		t.Fatal(err)
	}
	var fields []string
	for _, fault := range f.Faults {
		fields = append(fields, fault.Field)
	}
	if want := "contact_phone child_name giay_chung_sinh"; strings.Join(fields, " ") != want {
		t.Errorf("%v, want %s", fields, want)
	}
	id = w.draft(t, w.mai, extract, "", w.answers(extract))
	_, err = w.File(t.Context(), w.mai, id, false, newKey(w.mai))
	if !errors.As(err, &f) || len(f.Faults) != 0 || !f.Undeclared {
		t.Errorf("undeclared: %v", err)
	}
	if n := w.count(t, `SELECT count(*) FROM dossiers`); n != 0 {
		t.Errorf("%d dossiers", n)
	}
}

func TestPressedOftenIsOneDossier(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.draft(t, w.mai, extract, "", w.answers(extract))
	same := newKey(w.mai)
	faults := make(chan error)
	for k := range 20 {
		key := same // ten presses in one tab, ten of other forms
		if k%2 == 1 {
			key = newKey(w.mai)
		}
		go func() {
			got, err := w.File(context.Background(), w.mai, id, true, key)
			if err == nil && got != id {
				err = errors.New(got)
			}
			faults <- err
		}()
	}
	for range 20 {
		if err := <-faults; err != nil {
			t.Error(err)
		}
	}
	w.drain(t)
	w.drain(t)
	for what, want := range map[string]int{"dossiers": 1, "filings": 1, "events": 1, "orders": 1, "notices": 1, "letters": 1, "audit WHERE deed = 'dossier.filed'": 1} {
		if n := w.count(t, `SELECT count(*) FROM `+what); n != want {
			t.Errorf("%d %s, want %d", n, what, want)
		}
	}
}

func TestFileTheFee(t *testing.T) {
	t.Parallel()
	w := newService(t)
	v := w.answers(extract)
	v.Set("copies", "3")
	d := w.file(t, w.mai, w.draft(t, w.mai, extract, "", v))
	order, err := w.Payments.OfSubject(t.Context(), "dossier:"+d.ID)
	if err != nil || order.Total != 24_000 || order.State != payments.OrderDue || order.Code != d.Code || order.Payee != w.ward.ID ||
		len(order.Lines) != 1 || order.Lines[0].Kind != "phi" || order.Lines[0].Quantity != 3 {
		t.Errorf("%+v, %v", order, err)
	}
	var subject string
	w.drain(t)
	if err := w.DB.Get(&subject, `SELECT subject FROM notices WHERE kind = 'filed_due'`); err != nil || !strings.Contains(subject, "24.000") {
		t.Errorf("told %q, %v", subject, err)
	}
	w.pay(t, d.ID)
	if d = w.see(t, d.ID); d.Money != "paid" {
		t.Errorf("money %s", d.Money)
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM notices WHERE kind = 'paid') * 100 + (SELECT count(*) FROM events WHERE kind = 'paid') * 10 + (SELECT count(*) FROM receipt_files)`); n != 111 {
		t.Errorf("notices, events, receipts: %03d", n)
	}
	var id string
	if err := w.DB.Get(&id, `SELECT id FROM receipts`); err != nil {
		t.Fatal(err)
	}
	_, pdf, err := w.Receipt(t.Context(), w.mai, id)
	_, again, againErr := w.Receipt(t.Context(), w.mai, id)
	if err != nil || againErr != nil || !bytes.Equal(pdf, again) || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Errorf("receipt: %d bytes, %v %v", len(pdf), err, againErr)
	}
	_, _, err = w.Receipt(t.Context(), w.phuc, id)
	worldtest.WantFault(t, "another's receipt", err, problem.NotFound, "payments.receipt.not_found")
}

func TestCodesWithoutGapOrDouble(t *testing.T) {
	t.Parallel()
	w := newService(t)
	const parallel = 200
	ids := w.copies(t, w.draft(t, w.mai, extract, "", w.answers(extract)), parallel)
	faults := make(chan error)
	for _, id := range ids {
		go func() {
			_, err := w.File(context.Background(), w.mai, id, true, newKey(w.mai))
			faults <- err
		}()
	}
	for range ids {
		if err := <-faults; err != nil {
			t.Fatal(err)
		}
	}
	var codes []string
	if err := w.DB.Select(&codes, `SELECT code FROM dossiers ORDER BY code`); err != nil {
		t.Fatal(err)
	}
	if len(codes) != parallel {
		t.Fatalf("%d codes", len(codes))
	}
	for i, code := range codes {
		if want := fmt.Sprintf("%s-261123-%04d", w.ward.Code, i+1); code != want {
			t.Fatalf("code %s, want %s", code, want)
		}
	}
	w.clock.Pass(15 * time.Hour) // one second past midnight is the next day's
	if d := w.filed(t); d.Code != w.ward.Code+"-261124-0001" {
		t.Errorf("the next day begins with %s", d.Code)
	}
}

// copies are drafts alike.
func (w *world) copies(t *testing.T, id string, n int) []string {
	t.Helper()
	var ids []string
	err := w.DB.Select(&ids, `INSERT INTO drafts (id, person_id, procedure_code, revision_id, answers, facts, sources, made_at, saved_at, lapses_at)
		SELECT gen_random_uuid(), person_id, procedure_code, revision_id, answers, facts, sources, made_at, saved_at, lapses_at
		FROM drafts, generate_series(1, $2) WHERE id = $1 RETURNING id`, id, n)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestLateFailureOfFilingLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.draft(t, w.mai, extract, "", w.answers(extract))
	w.attach(t, w.mai, id, draft.Upload{Component: "giay_to_lien_quan", Name: "a.pdf"})
	jobs := w.count(t, `SELECT count(*) FROM jobs`)
	w.breaks(t, "INSERT", "orders") // after the dossier has its code
	if _, err := w.File(t.Context(), w.mai, id, true, newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM dossiers) + (SELECT count(*) FROM filings) + (SELECT count(*) FROM attachments) +
		(SELECT count(*) FROM events) + (SELECT count(*) FROM code_counters) + (SELECT count(*) FROM audit WHERE deed LIKE 'dossier.%')`); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
	d, err := w.Drafts.Load(t.Context(), w.mai, id)
	if err != nil || len(d.Files) != 1 || w.count(t, `SELECT count(*) FROM jobs`) != jobs {
		t.Errorf("the draft is not as it was: %v", err)
	}
}

func TestFileOnlyWhatIsInForce(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.draft(t, w.mai, extract, "", w.answers(extract))
	_, err := w.DB.Exec(`INSERT INTO revisions (procedure_code, no, doc, sha256, in_force_from)
		SELECT procedure_code, no + 1, doc || '{"deadline": {"amount": 2, "unit": "working_day"}}', 'x', $2 FROM revisions WHERE procedure_code = $1`, extract, w.Now())
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Pass(10 * time.Second)
	_, err = w.File(t.Context(), w.mai, id, true, newKey(w.mai))
	worldtest.WantFault(t, "an old form", err, problem.Conflict, "draft.outdated")
	if err := w.Drafts.Follow(t.Context(), w.mai, id); err != nil {
		t.Fatal(err)
	}
	_, err = w.File(t.Context(), w.mai, id, true, newKey(w.mai))
	worldtest.WantFault(t, "changes that nobody has looked at", err, problem.Conflict, "draft.outdated")
	now, err := w.Drafts.Load(t.Context(), w.mai, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Drafts.See(t.Context(), w.mai, id, now.Revision.ID); err != nil {
		t.Fatal(err)
	}
	if d := w.file(t, w.mai, id); d.Revision.No != 2 || d.Revision.Deadline.Amount != 2 {
		t.Errorf("filed under revision %d", d.Revision.No)
	}
}

func TestTheAgencyMustTakeTheProcedure(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.draft(t, w.mai, extract, "", w.answers(extract))
	d, err := w.Drafts.Load(t.Context(), w.mai, id)
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.Agency.All(t.Context(), w.Now())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(a agency.Agency) bool { return !d.Revision.Sheet.TakenBy(a) })
	if _, err := w.DB.Exec(`UPDATE drafts SET answers = answers || jsonb_build_object('agency', $2::text) WHERE id = $1`, id, all[i].Code); err != nil {
		t.Fatal(err)
	}
	var f *Faulty
	if _, err = w.File(t.Context(), w.mai, id, true, newKey(w.mai)); !errors.As(err, &f) && !problem.Is(err, problem.Invalid) {
		t.Errorf("filed at %s: %v", all[i].Code, err)
	}
}
