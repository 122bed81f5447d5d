package payments

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"motcua/locales"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

func TestAllocateAlwaysSumsToZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := Order{State: rapid.SampledFrom([]State{OrderDue, OrderPaid, OrderVoid, OrderWaived}).Draw(t, "state")}
		for _, amount := range rapid.SliceOfN(rapid.Int64Range(0, 1e12), 1, 5).Draw(t, "lines") {
			o.Lines = append(o.Lines, Line{Rule: "r", Kind: Fee, Amount: amount})
			o.Total += amount
		}
		if o.State == OrderDue && o.Total == 0 {
			t.Skip("nothing is owed")
		}
		if o.Paid = rapid.Int64Range(0, max(o.Total-1, 0)).Draw(t, "before"); o.State != OrderDue {
			o.Paid = o.Total
		}
		n := Notice{Provider: "vnpay", No: "1", Amount: rapid.Int64Range(1, 1e12).Draw(t, "amount")}
		sum, fees := int64(0), int64(0)
		for _, p := range allocate(o, n) {
			if sum += p.Amount; p.Amount == 0 {
				t.Fatalf("an empty line in %+v", allocate(o, n))
			}
			if strings.HasPrefix(p.Account, Fee+":") {
				fees -= p.Amount
			}
		}
		if covered := o.State == OrderDue && o.Paid+n.Amount >= o.Total; sum != 0 || covered != (fees == o.Total && fees > 0) || !covered && fees != 0 {
			t.Fatalf("sum %d, fees %d of %+v", sum, fees, o)
		}
	})
}

func TestResolve(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	doubtful := func() Attempt {
		a := r.start(r.open(both()))
		n := paid(a)
		n.Says, n.Answer = SaysDoubtful, "07/00"
		r.take(n, Recorded)
		if !r.order(a.OrderID).InReview {
			t.Fatal("not in review")
		}
		return a
	}
	yes, no, part := doubtful(), doubtful(), doubtful()
	for name, d := range map[string]Decision{
		"no reason": {Attempt: yes.ID, Taken: true, Amount: 21000, No: "1"},
		"no number": {Attempt: yes.ID, Taken: true, Amount: 21000, Why: "x"},
		"no amount": {Attempt: yes.ID, Taken: true, No: "1", Why: "x"},
	} {
		if err := r.service.Resolve(ctx, d); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	taken := Decision{Attempt: yes.ID, Actor: "officer:1", Taken: true, Amount: 21000, No: "B1", Why: "Sao kê ngày 22/11"}
	if err := r.service.Resolve(ctx, taken); err != nil {
		t.Fatal(err)
	}
	if o := r.order(yes.OrderID); o.State != OrderPaid || o.InReview || o.Attempts[0].Note != "Sao kê ngày 22/11" {
		t.Errorf("%+v", o)
	}
	if err := r.service.Resolve(ctx, taken); !problem.Is(err, problem.Conflict) {
		t.Errorf("decided twice: %v", err)
	}
	again := Decision{Attempt: part.ID, Actor: "officer:1", Taken: true, Amount: 20000, No: "B1", Why: "x"}
	if err := r.service.Resolve(ctx, again); !problem.Is(err, problem.Conflict) || !r.order(part.OrderID).InReview {
		t.Errorf("a number used twice: %v", err)
	}
	again.No = "B2"
	if err := r.service.Resolve(ctx, again); err != nil || r.order(part.OrderID).Owed() != 1000 {
		t.Errorf("%v %+v", err, r.order(part.OrderID))
	}
	if err := r.service.Resolve(ctx, Decision{Attempt: no.ID, Actor: "officer:1", Why: "Ngân hàng đã hoàn"}); err != nil {
		t.Fatal(err)
	}
	if o := r.order(no.OrderID); o.InReview || o.State != OrderDue || o.Attempts[0].State != Failed {
		t.Errorf("%+v", o)
	}
	if n := r.count(`SELECT count(*) FROM audit WHERE deed = 'payments.resolve'`); n != 3 || len(r.breaks()) != 0 {
		t.Errorf("%d %v", n, r.breaks())
	}
}

// TestLateFailures has the last statement of each deed fail: nothing of it may stay.
func TestLateFailures(t *testing.T) {
	r := newRoom(t)
	ctx, o := t.Context(), r.open(both())
	state := func() string {
		var s string
		err := r.service.DB.GetContext(ctx, &s, `SELECT concat_ws('|', (SELECT string_agg(o::text, ';' ORDER BY id) FROM orders o),
			(SELECT string_agg(a::text, ';' ORDER BY id) FROM attempts a), (SELECT count(*) FROM ledger), (SELECT count(*) FROM receipts),
			(SELECT count(*) FROM receipt_counters), (SELECT count(*) FROM jobs), (SELECT count(*) FROM deeds), (SELECT count(*) FROM orphans))`)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	fails := func(name, right string, deed func() error) {
		t.Helper()
		before := state()
		r.owner(`REVOKE ` + right + ` FROM motcua_app`)
		if err := deed(); err == nil {
			t.Errorf("%s: no failure", name)
		}
		r.owner(`GRANT ` + right + ` TO motcua_app`)
		if after := state(); after != before {
			t.Errorf("%s: before\n%s\nafter\n%s", name, before, after)
		}
	}
	key := once.Key{Person: "1", Key: uuid.NewString()}
	fails("start", "UPDATE ON deeds", func() error {
		_, _, err := r.service.Start(ctx, o.ID, "vnpay", key, "", locales.VI)
		return err
	})
	a := r.start(o)
	in := func(fn func(tx *sqlx.Tx) error) func() error {
		return func() error { return pg.InTx(ctx, r.service.DB, fn) }
	}
	fails("change", "UPDATE ON attempts", in(func(tx *sqlx.Tx) error { _, err := Change(ctx, tx, o.ID, both()[:1], 16000); return err }))
	fails("cancel", "UPDATE ON attempts", in(func(tx *sqlx.Tx) error { return Cancel(ctx, tx, o.ID, now) }))
	fails("settle", "INSERT ON receipts", func() error { _, err := r.service.Take(ctx, paid(a)); return err })
	wrong := paid(a)
	wrong.Amount--
	fails("doubt", "INSERT ON jobs", func() error { _, err := r.service.Take(ctx, wrong); return err })
	r.take(wrong, WrongAmount)
	fails("resolve", "INSERT ON audit", func() error {
		return r.service.Resolve(ctx, Decision{Attempt: a.ID, Actor: "officer:1", Taken: true, Amount: 21000, No: "1", Why: "x"})
	})
	r.take(paid(a), Recorded)
}

func TestVerifyNamesWhatIsBroken(t *testing.T) {
	r := newRoom(t)
	a, b := r.start(r.open(both())), r.start(r.open(both()))
	r.take(paid(a), Recorded)
	r.take(paid(b), Recorded)
	if got := r.breaks(); len(got) != 0 {
		t.Fatalf("%v", got)
	}
	for _, c := range []struct{ breakIt, mendIt, rule string }{
		{`UPDATE orders SET paid = paid + 1 WHERE id = $1`, `UPDATE orders SET paid = paid - 1 WHERE id = $1`, "an order has what came in for it"},
		{`UPDATE ledger SET amount = amount - 1 WHERE order_id = $1 AND account = 'phi:trich-luc'`,
			`UPDATE ledger SET amount = amount + 1 WHERE order_id = $1 AND account = 'phi:trich-luc'`, "an entry sums to zero"},
		{`UPDATE attempts SET state = 'failed' WHERE order_id = $1`, `UPDATE attempts SET state = 'succeeded' WHERE order_id = $1`, "an attempt that succeeded is in the ledger"},
		{`UPDATE receipts SET number = 9 WHERE order_id = $1`, `UPDATE receipts SET number = 1 WHERE order_id = $1`, "receipt numbers are consecutive"},
		{`UPDATE receipts SET data = data || '{"total": 1}' WHERE order_id = $1`, `UPDATE receipts SET data = data || '{"total": 21000}' WHERE order_id = $1`,
			"a receipt is over what its order owed"},
		{`DELETE FROM receipts WHERE order_id = $1`, "", "a paid order, and no other, has a receipt"},
	} {
		r.owner(c.breakIt, a.OrderID)
		if got := r.breaks(); !slices.ContainsFunc(got, func(b Break) bool { return b.Rule == c.rule }) {
			t.Errorf("%s: %v", c.breakIt, got)
		}
		if c.mendIt != "" {
			r.owner(c.mendIt, a.OrderID)
			if got := r.breaks(); len(got) != 0 {
				t.Fatalf("%v", got)
			}
		}
	}
}

func TestSweepGoesOnWithoutTheGateway(t *testing.T) {
	r := newRoom(t)
	a := r.start(r.open(both()))
	for range 5 {
		r.start(r.open(both()))
	}
	r.now = now.Add(6 * time.Minute)
	r.gateway.err = errors.Join(ErrNoAnswer, errors.New("down"))
	w := queue.Worker{DB: r.service.DB, Now: r.service.Now, Handlers: map[string]queue.Handler{SweepKind: r.service.Sweep}}
	if err := r.service.Schedule(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Drain(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d %v", n, err)
	}
	if n := r.count(`SELECT count(*) FROM attempts WHERE asked_at IS NOT NULL`); n != 3 {
		t.Errorf("%d asked: a gateway that is down is tried three times a sweep", n)
	}
	r.gateway.err = nil
	r.gateway.says[a.Ref] = paid(a)
	r.now = now.Add(12 * time.Minute)
	if n, err := w.Drain(t.Context()); n != 1 || err != nil { // it came by itself
		t.Fatalf("%d %v", n, err)
	}
	if o := r.order(a.OrderID); o.State != OrderPaid {
		t.Errorf("%+v", o)
	}
	if n := r.count(`SELECT count(*) FROM jobs WHERE kind = $1 AND due = $2`, SweepKind, r.now.Add(time.Minute)); n != 1 {
		t.Error("the sweep has not put itself into the queue again")
	}
}
