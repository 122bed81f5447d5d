package payments

import (
	"math"
	"testing"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

func TestOpen(t *testing.T) {
	r := newRoom(t)
	o := r.open(both())
	got := r.order(o.ID)
	if got.State != OrderDue || got.Owed() != 21000 || len(got.Lines) != 3 || got.Lines[1].Exempt.VI != "Hộ nghèo" || got.Payer != "Nguyễn Thị Bình" ||
		!got.MadeAt.Equal(now) || got.InReview || got.Overpaid() != 0 {
		t.Errorf("%+v", got)
	}
	if again, err := r.service.OfSubject(t.Context(), o.Subject); err != nil || again.ID != o.ID {
		t.Errorf("%+v %v", again, err)
	}
	for name, change := range map[string]func(*NewOrder){
		"too high":     func(n *NewOrder) { n.Total++ },
		"too low":      func(n *NewOrder) { n.Total-- },
		"negative":     func(n *NewOrder) { n.Lines[0].Amount, n.Total = -1, 5000-1 },
		"overflow":     func(n *NewOrder) { n.Lines[0].Amount, n.Lines[1].Amount, n.Total = math.MaxInt64, math.MaxInt64, -2 },
		"said already": func(n *NewOrder) { n.Subject = o.Subject },
	} {
		n := newOrder(both())
		change(&n)
		err := pg.InTx(t.Context(), r.service.DB, func(tx *sqlx.Tx) error { _, err := Open(t.Context(), tx, n); return err })
		if err == nil || problem.Is(err, problem.Conflict) != (name == "said already") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := r.count(`SELECT count(*) FROM orders`); n != 1 {
		t.Errorf("%d orders", n)
	}
	if _, err := r.service.ByID(t.Context(), uuid.NewString()); !problem.Is(err, problem.NotFound) {
		t.Errorf("%v", err)
	}
}

func TestFreeNeverMeetsAPayPage(t *testing.T) {
	r := newRoom(t)
	free := both()[2:]
	o := r.open(free)
	if o.State != OrderWaived {
		t.Errorf("%s", o.State)
	}
	_, _, err := r.service.Start(t.Context(), o.ID, "vnpay", once.Key{Person: "1", Key: uuid.NewString()}, "", locales.VI)
	if !problem.Is(err, problem.Conflict) {
		t.Errorf("%v", err)
	}
	if n := r.count(`SELECT (SELECT count(*) FROM attempts) + (SELECT count(*) FROM receipts)`); n != 0 || len(r.breaks()) != 0 {
		t.Errorf("%d rows, %v", n, r.breaks())
	}
}

func TestChange(t *testing.T) {
	r := newRoom(t)
	o := r.open(both())
	a := r.start(o)
	change := func(lines []Line, total int64) error {
		return pg.InTx(t.Context(), r.service.DB, func(tx *sqlx.Tx) error { _, err := Change(t.Context(), tx, o.ID, lines, total); return err })
	}
	if err := change(both()[:1], 1); err == nil {
		t.Error("a total that its lines do not give")
	}
	if err := change(both()[:1], 16000); err != nil {
		t.Fatal(err)
	}
	if got := r.order(o.ID); got.Total != 16000 || len(got.Lines) != 1 || got.Attempts[0].State != Cancelled || got.Attempts[0].SettledAt != nil {
		t.Errorf("%+v", got)
	}
	if err := change(both()[2:], 0); err != nil {
		t.Fatal(err)
	}
	if got := r.order(o.ID); got.State != OrderWaived {
		t.Errorf("%+v", got)
	}
	if err := change(both(), 21000); err != nil { // and back
		t.Fatal(err)
	}
	// the old attempt was over 21.000: as much as is owed again
	r.take(paid(a), Recorded)
	if got := r.order(o.ID); got.State != OrderPaid || got.Attempts[0].State != SucceededLate {
		t.Errorf("%+v", got)
	}
	if err := change(both()[:1], 16000); !problem.Is(err, problem.Conflict) {
		t.Errorf("a paid order changed: %v", err)
	}
	if b := r.breaks(); len(b) != 0 {
		t.Errorf("%v", b)
	}
}

func TestChangeBelowWhatCameIn(t *testing.T) {
	r := newRoom(t)
	o := r.open(both())
	a := r.start(o)
	more := append(both(), Line{Rule: "more", Kind: Fee, Amount: 9000})
	r.tx(func(tx *sqlx.Tx) error { _, err := Change(t.Context(), tx, o.ID, more, 30000); return err })
	r.take(paid(a), Recorded) // 21.000 of 30.000
	err := pg.InTx(t.Context(), r.service.DB, func(tx *sqlx.Tx) error { _, err := Change(t.Context(), tx, o.ID, both(), 21000); return err })
	if !problem.Is(err, problem.Conflict) || r.order(o.ID).Owed() != 9000 {
		t.Errorf("%v", err)
	}
	for range 2 { // void: the part goes back
		r.tx(func(tx *sqlx.Tx) error { return Cancel(t.Context(), tx, o.ID, now) })
	}
	if got := r.order(o.ID); got.State != OrderVoid || got.Overpaid() != 21000 || got.Owed() != 0 {
		t.Errorf("%+v", got)
	}
	if n := r.count(`SELECT -sum(amount) FROM ledger WHERE account = 'overpaid'`); n != 21000 || len(r.breaks()) != 0 {
		t.Errorf("%d %v", n, r.breaks())
	}
}

// TestS29WithdrawnAfterPayment keeps what was paid: giving it back is an object of its own.
func TestS29WithdrawnAfterPayment(t *testing.T) {
	r := newRoom(t)
	o := r.open(both())
	r.take(paid(r.start(o)), Recorded)
	err := pg.InTx(t.Context(), r.service.DB, func(tx *sqlx.Tx) error { return Cancel(t.Context(), tx, o.ID, now) })
	if !problem.Is(err, problem.Conflict) || r.order(o.ID).State != OrderPaid {
		t.Errorf("%v", err)
	}
}

func TestAVoidOrderMakesRoomForAnother(t *testing.T) {
	r := newRoom(t)
	o := r.open(both())
	r.tx(func(tx *sqlx.Tx) error { return Cancel(t.Context(), tx, o.ID, now) })
	if got, err := r.service.OfSubject(t.Context(), o.Subject); err != nil || got.State != OrderVoid {
		t.Errorf("%+v %v", got, err)
	}
	n := newOrder(both())
	n.Subject = o.Subject
	r.tx(func(tx *sqlx.Tx) error { _, err := Open(t.Context(), tx, n); return err })
	if got, err := r.service.OfSubject(t.Context(), o.Subject); err != nil || got.ID == o.ID || got.State != OrderDue {
		t.Errorf("%+v %v", got, err)
	}
	_, _, err := r.service.Start(t.Context(), o.ID, "vnpay", once.Key{Person: "1", Key: uuid.NewString()}, "", locales.VI)
	if !problem.Is(err, problem.Conflict) {
		t.Errorf("a void order is payable: %v", err)
	}
}

func TestUnknownProvider(t *testing.T) {
	r := newRoom(t)
	o := r.open(both())
	_, _, err := r.service.Start(t.Context(), o.ID, "momo", once.Key{Person: "1", Key: uuid.NewString()}, "", locales.VI)
	if !problem.Is(err, problem.Invalid) {
		t.Errorf("%v", err)
	}
}
