package desk

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/dossier"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/worldtest"
)

// twice does a deed with one form pressed twice.
func twice(t *testing.T, what string, p Press, deed func(ctx context.Context, p Press) error) {
	t.Helper()
	for range 2 {
		if err := deed(t.Context(), p); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// received is a dossier that has been paid and received.
func (w *world) received(t *testing.T, by string) dossier.Dossier {
	t.Helper()
	d := w.paid(t, by)
	twice(t, "receive", w.press(t, agency.Intake, d), w.Receive)
	return w.see(t, d.ID)
}

func (w *world) processing(t *testing.T, by string) dossier.Dossier {
	t.Helper()
	d := w.received(t, by)
	to := w.officer(t, w.ward, agency.Processor)
	twice(t, "forward", w.press(t, agency.Intake, d), func(ctx context.Context, p Press) error { return w.Forward(ctx, p, to.ID) })
	return w.see(t, d.ID)
}

func (w *world) decided(t *testing.T, by string) dossier.Dossier {
	t.Helper()
	d := w.processing(t, by)
	twice(t, "decide", w.press(t, agency.Leader, d), func(ctx context.Context, p Press) error {
		return w.Decide(ctx, p, Decision{Granted: true, Text: "Đã ghi vào sổ.\n\nBản sao có giá trị."})
	})
	return w.see(t, d.ID)
}

func (w *world) archived(t *testing.T, by string) dossier.Dossier {
	t.Helper()
	d := w.decided(t, by)
	twice(t, "archive", w.press(t, agency.Clerk, d), w.Archive)
	return w.see(t, d.ID)
}

func (w *world) returned(t *testing.T, by string) dossier.Dossier {
	t.Helper()
	d := w.archived(t, by)
	twice(t, "return", w.press(t, agency.Intake, d), func(ctx context.Context, p Press) error {
		return w.Return(ctx, p, Handing{Receiver: "Nguyễn Thị Hồng Mai", Evidence: "thẻ căn cước"})
	})
	return w.see(t, d.ID)
}

// paper is the text of a paper of the dossier, drawn by the worker.
func (w *world) paper(t *testing.T, d dossier.Dossier, kind string) string {
	t.Helper()
	w.drain(t)
	if n := w.count(t, `SELECT count(*) FROM papers WHERE dossier_id = $1 AND kind = $2 AND blob <> ''`, d.ID, kind); n != 1 {
		t.Fatalf("%d papers %s drawn", n, kind)
	}
	p, pdf, err := w.Dossiers.LastPaper(t.Context(), d, kind)
	if err != nil {
		t.Fatal(err)
	}
	_, again, err := w.Paper(t.Context(), w.officer(t, w.ward, agency.Intake), d.ID, p.ID, audit.Entry{})
	if err != nil || !bytes.Equal(pdf, again) {
		t.Errorf("%s is not the same to the officer: %v", kind, err)
	}
	return pdfText(t, pdf)
}

func TestTheWholeLifeByPost(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filed(t, "post")
	worldtest.WantFault(t, "receive while the fee is due", w.Receive(t.Context(), w.press(t, agency.Intake, d)), problem.Conflict, "desk.fee_unpaid")
	w.pay(t, d.ID)
	intake := w.officer(t, w.ward, agency.Intake)
	twice(t, "receive", w.pressOf(t, intake, d), w.Receive)
	d = w.see(t, d.ID)
	// received at 9:00 and due the same day, as the procedure says
	if want := time.Date(2026, 11, 23, 17, 0, 0, 0, locales.ICT); d.State != dossier.Received || !d.DueAt.Equal(want) || *d.OfficerID != intake.ID {
		t.Fatalf("%s, due %v", d.State, d.DueAt)
	}
	c, err := w.Case(t.Context(), intake, d.ID, audit.Entry{})
	if err != nil || !c.Counting.Due.Equal(*d.DueAt) || len(c.Counting.Steps) == 0 || c.Order == nil || !slices.Equal(c.Deeds, []dossier.Deed{dossier.Forward}) {
		t.Errorf("%+v %v %v", c.Counting, c.Deeds, err)
	}
	text := w.paper(t, d, dossier.Acknowledgement)
	for _, want := range []string{d.Code, "Mẫu số 01", d.OwnerName, "16.000", "17 giờ 00", "23/11/2026"} {
		if !contains(text, want) {
			t.Errorf("Mẫu 01 does not say %q", want)
		}
	}

	processor := w.officer(t, w.ward, agency.Processor)
	twice(t, "forward", w.pressOf(t, intake, d), func(ctx context.Context, p Press) error { return w.Forward(ctx, p, processor.ID) })
	if n := w.count(t, `SELECT count(*) FROM jobs WHERE subject LIKE '%:forward:%'`); n != 0 {
		t.Error("the owner is told who works on it")
	}
	if d = w.see(t, d.ID); d.State != dossier.Processing || *d.OfficerID != processor.ID || d.OfficerName != processor.Name {
		t.Fatalf("%s with %s", d.State, d.OfficerName)
	}
	twice(t, "decide", w.press(t, agency.Leader, d), func(ctx context.Context, p Press) error {
		return w.Decide(ctx, p, Decision{Granted: true, Text: "Đã ghi vào sổ."})
	})
	if d = w.see(t, d.ID); d.State != dossier.Decided || d.Outcome != "granted" || d.DecidedAt == nil || d.StepDoes() != "archive" {
		t.Fatalf("%+v", d)
	}
	text = w.paper(t, d, dossier.Result)
	for _, want := range []string{"01/TLHT-BS", d.Code, "Nguyễn Thị Hồng Mai", "Đã ghi vào sổ.", w.officer(t, w.ward, agency.Leader).Name} {
		if !contains(text, want) {
			t.Errorf("the result does not say %q", want)
		}
	}
	w.back(t, d)
}

// back brings the result of a decided dossier home by post.
func (w *world) back(t *testing.T, d dossier.Dossier) {
	t.Helper()
	result, _, err := w.Dossiers.LastPaper(t.Context(), d, dossier.Result)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = w.Dossiers.OwnResult(t.Context(), w.mai, d.ID, result.ID)
	worldtest.WantFault(t, "the result before it is returned", err, problem.NotFound, "dossier.not_found")
	worldtest.WantFault(t, "return before it is on record", w.Return(t.Context(), w.press(t, agency.Intake, d), Handing{}), problem.Conflict, "dossier.not_now")
	twice(t, "archive", w.press(t, agency.Clerk, d), w.Archive)
	twice(t, "return", w.press(t, agency.Intake, d), func(ctx context.Context, p Press) error { return w.Return(ctx, p, Handing{}) })
	if d = w.see(t, d.ID); d.State != dossier.Returned || d.Handover != "ordered" || d.ClosedAt != nil || d.ReturnedAt == nil {
		t.Fatalf("%s, %s, closed %v", d.State, d.Handover, d.ClosedAt)
	}
	w.drain(t)
	parcels := w.post.Parcels()
	if len(parcels) != 1 {
		t.Fatalf("%d parcels", len(parcels))
	}
	for step := 0; w.see(t, d.ID).ClosedAt == nil; step++ {
		if err := w.post.Advance("all", "", ""); err != nil || step > 10 {
			t.Fatalf("step %d, %v: %s", step, err, w.see(t, d.ID).Handover)
		}
		w.clock.Pass(time.Hour)
		w.drain(t)
		if err := queue.Put(t.Context(), w.DB, "dossier.postal", "dossier:"+d.ID, w.Now(), nil); err != nil { // said again, it is no news
			t.Fatal(err)
		}
		w.drain(t)
	}
	if n := w.count(t, `SELECT count(*) FROM events WHERE kind = 'postal'`); n != 2 { // taken over, on its way
		t.Errorf("%d events of the parcel", n)
	}
	if d = w.see(t, d.ID); d.Handover != "delivered" || d.State != dossier.Returned {
		t.Errorf("%s, %s", d.State, d.Handover)
	}
	if _, _, err := w.Dossiers.OwnResult(t.Context(), w.mai, d.ID, result.ID); err != nil {
		t.Errorf("the result is not to be had: %v", err)
	}
	w.onRecord(t, d)
}

// onRecord checks that each deed left one event and one entry, and each told event one notice.
func (w *world) onRecord(t *testing.T, d dossier.Dossier) {
	t.Helper()
	for _, deed := range []string{"filed", "paid", "receive", "forward", "decide", "archive", "return", "delivered"} {
		if n := w.count(t, `SELECT count(*) FROM events WHERE dossier_id = $1 AND kind = $2`, d.ID, deed); n != 1 {
			t.Errorf("%d events %s", n, deed)
		}
		if n := w.count(t, `SELECT count(*) FROM audit WHERE object = 'dossier:' || $1 AND deed = 'dossier.' || $2 AND subject IS NOT NULL`, d.ID, deed); n != 1 {
			t.Errorf("%d entries of %s in the audit log", n, deed)
		}
	}
	var told []string
	if err := w.DB.Select(&told, `SELECT kind FROM notices ORDER BY kind`); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(told, " "); got != "decided delivered filed_due paid received returned_post" {
		t.Errorf("told %s", got)
	}
	if n := w.count(t, `SELECT count(*) FROM notices WHERE subject || body LIKE '%{%'`); n != 0 {
		t.Errorf("%d notices with a hole in them", n)
	}
	if n := w.count(t, `SELECT count(*) FROM events e JOIN dossiers d ON d.id = e.dossier_id WHERE e.kind = 'delivered' AND e.to_state = d.state`); n != 1 {
		t.Error("the last event does not say the state")
	}
}

func TestReturnOnline(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.returned(t, "online")
	if d.State != dossier.Returned || d.Handover != "delivered" || d.ClosedAt == nil {
		t.Errorf("%s, %s, closed %v", d.State, d.Handover, d.ClosedAt)
	}
	w.drain(t)
	if n := w.count(t, `SELECT count(*) FROM notices WHERE kind = 'returned_online'`); n != 1 || len(w.post.Parcels()) != 0 {
		t.Errorf("told %d times, %d parcels", n, len(w.post.Parcels()))
	}
	for _, score := range []int{0, 6} {
		if err := w.Dossiers.Rate(t.Context(), w.mai, d.ID, score, ""); err == nil {
			t.Errorf("%d stars", score)
		}
	}
	for _, score := range []int{4, 5} {
		if err := w.Dossiers.Rate(t.Context(), w.mai, d.ID, score, "nhanh"); err != nil {
			t.Error(err)
		}
	}
	if n := w.count(t, `SELECT score FROM ratings WHERE dossier_id = $1`, d.ID); n != 5 {
		t.Errorf("%d stars", n)
	}
}

func TestReturnAtTheCounter(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.archived(t, "counter")
	w.drain(t)
	if n := w.count(t, `SELECT count(*) FROM notices WHERE kind = 'returned_counter'`); d.Handover != "ready" || n != 1 {
		t.Errorf("%s, told %d times", d.Handover, n)
	}
	worldtest.WantFault(t, "to nobody", w.Return(t.Context(), w.press(t, agency.Intake, d), Handing{Receiver: " "}), problem.Invalid, "desk.no_receiver")
	if err := w.Return(t.Context(), w.press(t, agency.Intake, d), Handing{Receiver: "Trần Văn Phúc", Evidence: "giấy ủy quyền"}); err != nil {
		t.Fatal(err)
	}
	w.drain(t)
	if d = w.see(t, d.ID); d.Handover != "collected" || d.ClosedAt == nil || w.count(t, `SELECT count(*) FROM notices WHERE kind LIKE 'returned%'`) != 1 {
		t.Errorf("%s, closed %v", d.Handover, d.ClosedAt)
	}
	events, err := w.Dossiers.Events(t.Context(), d.ID)
	if err != nil || events[0].Arg("receiver") != "Trần Văn Phúc" || events[0].Arg("evidence") != "giấy ủy quyền" {
		t.Errorf("%+v, %v", events[0], err)
	}
}

func TestAnOverdueDossierIsReturnedAllTheSame(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.archived(t, "online")
	w.clock.Pass(30 * 24 * time.Hour)
	in, err := w.Inbox(t.Context(), w.officer(t, w.ward, agency.Intake), Filter{})
	if err != nil || len(in.Dossiers) != 1 || !in.Dossiers[0].Overdue {
		t.Errorf("%+v, %v", in.Dossiers, err)
	}
	if err := w.Return(t.Context(), w.press(t, agency.Intake, d), Handing{}); err != nil {
		t.Error(err)
	}
}

// A transaction that waits for a second connection waits for ever once as many of them
// begin together as there are connections. Here there is one, and what rooms hold in
// memory is always too old.
func TestNoDeedNeedsASecondConnection(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.DB.SetMaxOpenConns(1)
	w.clock.Tick(2 * time.Second)
	stuck := time.AfterFunc(2*time.Minute, func() { panic("a deed waits for a second connection") })
	defer stuck.Stop()
	d := w.returned(t, "post")
	w.drain(t)
	if err := w.Dossiers.Rate(t.Context(), w.mai, d.ID, 5, ""); err != nil {
		t.Error(err)
	}
	d = w.filed(t, "online")
	if err := w.AskSupplement(t.Context(), w.press(t, agency.Intake, d), []dossier.Item{{Name: "Số", What: "Sai", How: "Sửa"}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Dossiers.SendSupplement(t.Context(), w.mai, d.ID, map[string]string{dossier.ItemComponent(0): "12"}, newKey("mai")); err != nil {
		t.Fatal(err)
	}
	if err := w.Refuse(t.Context(), w.press(t, agency.Intake, d), "Không thuộc thẩm quyền", "Luật Hộ tịch"); err != nil {
		t.Fatal(err)
	}
	d = w.filed(t, "online")
	if err := w.Dossiers.Withdraw(t.Context(), w.mai, d.ID, "", newKey("mai")); err != nil {
		t.Fatal(err)
	}
	w.drain(t)
}
