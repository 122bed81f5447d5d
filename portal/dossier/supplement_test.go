package dossier

import (
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/payments"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

var items = []Item{
	{Component: "giay_to_lien_quan", Name: "Giấy tờ liên quan", What: "Mờ", How: "Chụp lại"},
	{Name: "Số đăng ký", What: "Sai", How: "Ghi lại số trong sổ"},
}

// ask sends a dossier back for two things, as the desk does.
func (w *world) ask(t *testing.T, id string) {
	t.Helper()
	seen := w.see(t, id)
	w.inTx(t, func(tx *sqlx.Tx) error {
		d, err := w.Lock(t.Context(), tx, seen)
		if err != nil {
			return err
		}
		if err := w.Ask(t.Context(), tx, d, items, w.Now().Add(10*24*time.Hour)); err != nil {
			return err
		}
		return w.Move(t.Context(), tx, &d, Move{Deed: AskSupplement, By: "officer:1", Args: map[string]any{"count": len(items), "until": "7/12/2026"}})
	})
}

func TestSupplement(t *testing.T) {
	t.Parallel()
	w := newService(t)
	ctx := t.Context()
	d := w.filed(t)
	first := w.whole(t, d.ID).First()
	worldtest.WantFault(t, "nobody asked", w.SendSupplement(ctx, w.mai, d.ID, nil, newKey(w.mai)), problem.Conflict, "dossier.not_now")
	w.ask(t, d.ID)
	w.clock.Pass(24 * time.Hour)

	w.attach(t, w.mai, d.ID, draft.Upload{Component: ItemComponent(0), Round: 1, Name: "rõ.pdf"})
	if err := w.NoteSupplement(ctx, w.mai, d.ID, map[string]string{ItemComponent(0): "đã chụp lại"}); err != nil {
		t.Fatal(err)
	}
	worldtest.WantFault(t, "half of it", w.SendSupplement(ctx, w.mai, d.ID, nil, newKey(w.mai)), problem.Invalid, "dossier.item_unanswered")
	if got := w.whole(t, d.ID); got.State != Supplement || got.Request.Answers[ItemComponent(0)] != "đã chụp lại" || len(got.Request.FilesOf(0)) != 1 || len(got.Attachments) != 0 {
		t.Fatalf("%+v", got.Request)
	}

	key := newKey(w.mai)
	for range 2 {
		if err := w.SendSupplement(ctx, w.mai, d.ID, map[string]string{ItemComponent(1): "số 12/2026"}, key); err != nil {
			t.Fatal(err)
		}
	}
	got := w.whole(t, d.ID)
	if got.State != Filed || len(got.Filings) != 2 || got.Request.SentAt == nil || got.Request.Answers[ItemComponent(1)] != "số 12/2026" {
		t.Fatalf("%s, %d filings, %+v", got.State, len(got.Filings), got.Request)
	}
	if a := got.Attachments; len(a) != 1 || a[0].Filing != 2 || a[0].Name != "rõ.pdf" || a[0].Component != ItemComponent(0) {
		t.Errorf("%+v", a)
	}
	if again := got.First(); string(again.SHA256) != string(first.SHA256) || !again.At.Equal(first.At) {
		t.Error("the first filing has changed")
	}
	if want := time.Date(2026, 11, 25, 9, 30, 0, 0, got.AnswerBy.Location()); !got.AnswerBy.Equal(want) {
		t.Errorf("answer by %v: the agency has its 8 hours again", got.AnswerBy)
	}
	worldtest.WantFault(t, "a second time", w.SendSupplement(ctx, w.mai, d.ID, nil, newKey(w.mai)), problem.Conflict, "dossier.not_now")
	if Can(AskSupplement, got.Dossier) {
		t.Error("a second round could be asked for")
	}
	worldtest.WantFault(t, "a note after it", w.NoteSupplement(ctx, w.mai, d.ID, map[string]string{ItemComponent(1): "x"}), problem.Conflict, "dossier.not_now")
	_, err := w.Drafts.Attach(ctx, w.mai, d.ID, draft.Upload{Component: ItemComponent(0), Round: 1, Name: "x.pdf", Body: reader(pdf)}, newKey(w.mai))
	worldtest.WantFault(t, "a file after it", err, problem.Conflict, "draft.filed_already")
	w.drain(t)
	w.drain(t)
	if n := w.count(t, `SELECT (SELECT count(*) FROM notices WHERE kind = 'supplement') * 10 + (SELECT count(*) FROM notices WHERE kind = 'supplied')`); n != 11 {
		t.Errorf("notices %02d", n)
	}
}

func TestTheSecondRepresentativeSupplies(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.represents(t, w.mai, rice)
	w.represents(t, w.phuc, rice)
	d := w.file(t, w.mai, w.draft(t, w.mai, promotion, rice, w.answers(promotion)))
	w.ask(t, d.ID)
	w.represents(t, w.mai)
	_, err := w.Drafts.Attach(t.Context(), w.mai, d.ID, draft.Upload{Component: ItemComponent(0), Round: 1, Name: "x.pdf", Body: reader(pdf)}, newKey(w.mai))
	worldtest.WantFault(t, "who has left the business", err, problem.NotFound, "draft.not_found")
	w.attach(t, w.phuc, d.ID, draft.Upload{Component: ItemComponent(0), Round: 1, Name: "x.pdf"})
	if err := w.SendSupplement(t.Context(), w.phuc, d.ID, map[string]string{ItemComponent(1): "đã sửa"}, newKey(w.phuc)); err != nil {
		t.Fatal(err)
	}
	if got, err := w.OfPerson(t.Context(), w.phuc, d.ID); err != nil || len(got.Filings) != 2 || len(got.Attachments) != 2 {
		t.Errorf("%d filings, %d files, %v", len(got.Filings), len(got.Attachments), err)
	}
}

func TestLateFailureOfASupplementLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filed(t)
	w.ask(t, d.ID)
	w.attach(t, w.mai, d.ID, draft.Upload{Component: ItemComponent(0), Round: 1, Name: "a.pdf"})
	before := w.see(t, d.ID)
	w.breaks(t, "UPDATE", "deeds")
	if err := w.SendSupplement(t.Context(), w.mai, d.ID, map[string]string{ItemComponent(1): "x"}, newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	got := w.whole(t, d.ID)
	if got.State != Supplement || got.Version != before.Version || len(got.Filings) != 1 || len(got.Attachments) != 0 || len(got.Request.Answers) != 0 || got.Request.SentAt != nil {
		t.Errorf("%+v", got)
	}
	if w.count(t, `SELECT count(*) FROM drafts WHERE open_round = 1`) != 1 {
		t.Error("the round is closed")
	}
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filed(t)
	key := newKey(w.mai)
	for range 2 {
		if err := w.Withdraw(t.Context(), w.mai, d.ID, "không cần nữa", key); err != nil {
			t.Fatal(err)
		}
	}
	worldtest.WantFault(t, "withdraw again", w.Withdraw(t.Context(), w.mai, d.ID, "", newKey(w.mai)), problem.Conflict, "dossier.not_now")
	order, err := w.Payments.OfSubject(t.Context(), "dossier:"+d.ID)
	if got := w.see(t, d.ID); got.State != Withdrawn || got.ClosedAt == nil || got.Money != "none" || err != nil || order.State != payments.OrderVoid {
		t.Errorf("%+v, order %s, %v", got, order.State, err)
	}
	w.drain(t)
	w.drain(t)
	if n := w.count(t, `SELECT count(*) FROM notices WHERE kind = 'withdrawn'`); n != 1 {
		t.Errorf("told %d times", n)
	}
	worldtest.WantFault(t, "rate what was withdrawn", w.Rate(t.Context(), w.mai, d.ID, 5, ""), problem.Conflict, "dossier.not_now")
}

func TestWithdrawWhatIsPaidAndWhatWaits(t *testing.T) {
	t.Parallel()
	w := newService(t)
	paid := w.filed(t)
	w.pay(t, paid.ID)
	if err := w.Withdraw(t.Context(), w.mai, paid.ID, "", newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	order, err := w.Payments.OfSubject(t.Context(), "dossier:"+paid.ID)
	if got := w.see(t, paid.ID); got.State != Withdrawn || got.Money != "paid" || err != nil || order.State != payments.OrderPaid {
		t.Errorf("%s, money %s, order %s, %v", got.State, got.Money, order.State, err)
	}
	waits := w.filed(t)
	w.ask(t, waits.ID)
	if err := w.Withdraw(t.Context(), w.mai, waits.ID, "", newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	_, err = w.Drafts.Attach(t.Context(), w.mai, waits.ID, draft.Upload{Component: ItemComponent(0), Round: 1, Name: "x.pdf", Body: reader(pdf)}, newKey(w.mai))
	worldtest.WantFault(t, "a file for what was withdrawn", err, problem.Conflict, "draft.filed_already")
}

func TestLateFailureOfWithdrawingLeavesTheOrder(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filed(t)
	w.breaks(t, "UPDATE", "deeds")
	if err := w.Withdraw(t.Context(), w.mai, d.ID, "", newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	order, err := w.Payments.OfSubject(t.Context(), "dossier:"+d.ID)
	if got := w.see(t, d.ID); got.State != Filed || got.Money != "due" || err != nil || order.State != payments.OrderDue {
		t.Errorf("%s, money %s, order %s, %v", got.State, got.Money, order.State, err)
	}
}

func TestSlip(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.draft(t, w.mai, extract, "", w.answers(extract))
	w.attach(t, w.mai, id, draft.Upload{Component: "giay_to_lien_quan", Name: "giấy tờ.pdf"})
	d := w.file(t, w.mai, id)
	code, slip, err := w.Slip(t.Context(), w.mai, id)
	_, again, againErr := w.Slip(t.Context(), w.mai, id)
	if err != nil || againErr != nil || code != d.Code || string(slip) != string(again) {
		t.Fatalf("%s, %v %v, the same bytes: %v", code, err, againErr, string(slip) == string(again))
	}
	text := pdfText(t, slip)
	for _, want := range []string{d.Code, "giấy tờ.pdf", hexOf(pdf)[:16], "Nguyễn Thị Hồng Mai", "16.000"} {
		if !contains(text, want) {
			t.Errorf("the slip does not say %s", want)
		}
	}
}
