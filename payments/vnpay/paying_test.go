package vnpay_test

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/payments"
	"motcua/payments/vnpay"
	"motcua/portal/problem"
)

func fieldsOf(t *testing.T, query string) map[string]string {
	t.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for name := range v {
		if name != "vnp_SecureHash" {
			fields[name] = v.Get(name)
		}
	}
	return fields
}

func TestPayAddress(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(3))
	_, query, _ := strings.Cut(a.Redirect, "?")
	f := fieldsOf(t, query)
	if signed(secret, f) != query {
		t.Error("the address is not signed, or more than its fields are in it")
	}
	for name, want := range map[string]string{"vnp_Version": "2.1.0", "vnp_Command": "pay", "vnp_Amount": "2400000", "vnp_CurrCode": "VND", "vnp_Locale": "vn",
		"vnp_CreateDate": "20261121100000", "vnp_ExpireDate": "20261121101500", "vnp_OrderInfo": "Nop phi le phi ho so H01.15-261121-0001",
		"vnp_IpAddr": "203.0.113.7", "vnp_TxnRef": a.Ref, "vnp_TmnCode": tmn, "vnp_OrderType": "other"} {
		if f[name] != want {
			t.Errorf("%s is %q, want %q", name, f[name], want)
		}
	}
	if !regexp.MustCompile(`^[A-Z0-9]{21}$`).MatchString(a.Ref) {
		t.Errorf("reference %q", a.Ref)
	}
	if strings.Contains(a.Redirect, "089186000123") || strings.Contains(a.Redirect, "Nguy") {
		t.Error("the payer's name or number goes to the gateway")
	}
}

func TestS22PaidAfterOurExpiry(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.clock.Add(40 * time.Minute)
	c.sweep() // the gateway does not know it: expired
	c.want(a, books{Attempt: payments.Expired, Order: payments.OrderDue})
	c.hear(words(a, nil), "00")
	c.hear(words(a, nil), "02")
	want := settled
	want.Attempt = payments.SucceededLate
	c.want(a, want)
}

func TestExpiryWaitsForTheGatewaysWord(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.mode("dead")
	c.clock.Add(40 * time.Minute)
	c.sweep()
	c.want(a, untouched)
	c.mode("ok")
	c.clock.Add(6 * time.Minute)
	c.sweep()
	c.want(a, books{Attempt: payments.Expired, Order: payments.OrderDue})
	asked := c.queries()
	c.clock.Add(24 * time.Hour)
	c.sweep()
	if c.queries() != asked {
		t.Error("an attempt with a last word is asked after")
	}
}

func TestS23S24PaidTwice(t *testing.T) {
	c := newCounter(t)
	o := c.order(1)
	first := c.start(o)
	c.clock.Add(16 * time.Minute) // the first tab lies open, its time is over
	second := c.start(o)
	if first.Ref == second.Ref {
		t.Fatal("an attempt whose time was over was handed out again")
	}
	c.hear(words(second, map[string]string{"vnp_TransactionNo": "14000002"}), "00")
	c.hear(words(first, nil), "00")
	c.hear(words(first, nil), "02")
	c.want(first, books{Attempt: payments.SucceededLate, Order: payments.OrderPaid, Paid: 16000, Credits: 2, Receipt: 1, Told: 1})
	if n := c.count(`SELECT -sum(amount) FROM ledger WHERE account = 'overpaid'`); n != 8000 {
		t.Errorf("%d overpaid", n)
	}
	tasks, err := c.service.Refunds(t.Context(), []int64{7})
	if err != nil || len(tasks) != 1 || tasks[0].Amount != 8000 || tasks[0].OrderID != o.ID {
		t.Errorf("tasks: %+v %v", tasks, err)
	}
	if tasks, err := c.service.Refunds(t.Context(), []int64{8}); err != nil || len(tasks) != 0 {
		t.Errorf("another agency sees %+v %v", tasks, err)
	}
	got, err := c.service.ByID(t.Context(), o.ID)
	if err != nil || got.Overpaid() != 8000 || got.Owed() != 0 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestS25DoubleClick(t *testing.T) {
	c := newCounter(t)
	o := c.order(1)
	k := key()
	url1, a, err := c.service.Start(t.Context(), o.ID, vnpay.Name, k, "203.0.113.7", locales.VI)
	if err != nil {
		t.Fatal(err)
	}
	c.clock.Add(time.Hour) // even much later, and after it was paid
	c.hear(words(a, nil), "00")
	url2, b, err := c.service.Start(t.Context(), o.ID, vnpay.Name, k, "198.51.100.1", locales.EN)
	if err != nil || url1 != url2 || a.ID != b.ID {
		t.Errorf("%s %s %v", url1, url2, err)
	}
	if _, _, err := c.service.Start(t.Context(), o.ID, vnpay.Name, key(), "", locales.VI); !problem.Is(err, problem.Conflict) {
		t.Errorf("a paid order is payable: %v", err)
	}
}

func TestSecondStartGivesTheOpenAttempt(t *testing.T) {
	c := newCounter(t)
	o := c.order(1)
	if a, b := c.start(o), c.start(o); a.ID != b.ID || a.Redirect != b.Redirect {
		t.Errorf("%s %s", a.ID, b.ID)
	}
}

func TestS26SameKeyOtherAmount(t *testing.T) {
	c := newCounter(t)
	o, other := c.order(1), c.order(2)
	k := key()
	if _, _, err := c.service.Start(t.Context(), o.ID, vnpay.Name, k, "", locales.VI); err != nil {
		t.Fatal(err)
	}
	k.Body = [32]byte{1}
	if _, _, err := c.service.Start(t.Context(), o.ID, vnpay.Name, k, "", locales.VI); !problem.Is(err, problem.Conflict) {
		t.Errorf("another body: %v", err)
	}
	k.Body = [32]byte{}
	if _, _, err := c.service.Start(t.Context(), other.ID, vnpay.Name, k, "", locales.VI); !problem.Is(err, problem.Conflict) {
		t.Errorf("another order: %v", err)
	}
	c.tx(func(tx *sqlx.Tx) error {
		_, err := payments.Change(t.Context(), tx, o.ID, copies(3), 24000)
		return err
	})
	if _, _, err := c.service.Start(t.Context(), o.ID, vnpay.Name, k, "", locales.VI); !problem.Is(err, problem.Conflict) {
		t.Errorf("another total: %v", err)
	}
	if n := c.count(`SELECT count(*) FROM attempts`); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

func TestS27AtOnce(t *testing.T) {
	c := newCounter(t)
	o := c.order(1)
	same := key()
	var all sync.WaitGroup
	var mu sync.Mutex
	urls := map[string]bool{}
	for i := range 12 {
		k := same
		if i%2 == 1 { // and other tabs, with keys of their own
			k = key()
		}
		all.Go(func() {
			u, _, err := c.service.Start(t.Context(), o.ID, vnpay.Name, k, "203.0.113.7", locales.VI)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			urls[u] = true
		})
	}
	all.Wait()
	if n := c.count(`SELECT count(*) FROM attempts`); n != 1 || len(urls) != 1 {
		t.Errorf("%d attempts, %d addresses", n, len(urls))
	}
}

func TestS28FeeChangedWhileOpen(t *testing.T) {
	c := newCounter(t)
	o := c.order(1)
	old := c.start(o)
	c.tx(func(tx *sqlx.Tx) error {
		_, err := payments.Change(t.Context(), tx, o.ID, copies(3), 24000)
		return err
	})
	c.want(old, books{Attempt: payments.Cancelled, Order: payments.OrderDue})
	c.hear(words(old, nil), "00") // paid all the same: a part
	c.want(old, books{Attempt: payments.SucceededLate, Order: payments.OrderDue, Paid: 8000, Credits: 1, Told: 1})
	rest := c.start(o)
	if rest.Amount != 16000 {
		t.Fatalf("the rest is %d", rest.Amount)
	}
	c.hear(words(rest, map[string]string{"vnp_TransactionNo": "14000002"}), "00")
	c.want(rest, books{Attempt: payments.Succeeded, Order: payments.OrderPaid, Paid: 24000, Credits: 2, Receipt: 1, Told: 1})
	if n := c.count(`SELECT sum(amount) FROM ledger WHERE account = 'held'`); n != 0 {
		t.Errorf("%d still held", n)
	}
}

func TestS28FeeLoweredWhileOpen(t *testing.T) {
	c := newCounter(t)
	o := c.order(3)
	old := c.start(o)
	c.tx(func(tx *sqlx.Tx) error { _, err := payments.Change(t.Context(), tx, o.ID, copies(1), 8000); return err })
	c.hear(words(old, nil), "00")
	c.want(old, books{Attempt: payments.SucceededLate, Order: payments.OrderPaid, Paid: 24000, Credits: 1, Receipt: 1, Told: 1})
	if n := c.count(`SELECT -sum(amount) FROM ledger WHERE account = 'overpaid'`); n != 16000 {
		t.Errorf("%d overpaid", n)
	}
}

func TestS28ClosedAttemptIsStillAskedAfter(t *testing.T) {
	c := newCounter(t)
	c.mode("silent")
	o := c.order(1)
	a := c.start(o)
	c.press(a.Redirect, "tra")
	c.tx(func(tx *sqlx.Tx) error { return payments.Cancel(t.Context(), tx, o.ID, c.clock.Now()) })
	c.clock.Add(6 * time.Minute)
	c.sweep()
	c.want(a, books{Attempt: payments.SucceededLate, Order: payments.OrderVoid, Paid: 8000, Credits: 1, Told: 1})
	tasks, err := c.service.Refunds(t.Context(), []int64{7})
	if err != nil || len(tasks) != 1 || tasks[0].Amount != 8000 {
		t.Errorf("tasks: %+v %v", tasks, err)
	}
}

// TestReceiptsAreCredits says every notice ten times and twice at once, forgets it, changes
// its amount, forges it, and comes late: afterwards there is one receipt for each payment.
func TestReceiptsAreCredits(t *testing.T) {
	c := newCounter(t)
	all := map[string]payments.Attempt{}
	for _, mode := range []string{"ok", "double", "silent", "amount", "forged"} {
		c.mode(mode)
		a := c.start(c.order(int64(len(all) + 1)))
		c.press(a.Redirect, "tra")
		all[mode] = a
	}
	c.gate.Set(standinLate)
	late := c.start(c.order(9))
	c.press(late.Redirect, "tra")
	c.mode("ok")
	for range 1 + 12 + 0 + 10 + 10 + 1 { // all notices that these modes send
		<-c.replies
	}
	c.clock.Add(6 * time.Minute)
	c.sweep()
	c.sweep()
	all["late"] = late
	paid, sum := 0, int64(0)
	for _, tx := range c.gate.Transactions() {
		if tx.Paid() {
			paid++
		}
	}
	for mode, a := range all {
		sum += a.Amount
		want := books{Attempt: payments.Succeeded, Order: payments.OrderPaid, Paid: a.Amount, Credits: 1, Receipt: 1, Told: 1}
		if got := c.books(a); got != want {
			t.Errorf("%s: %+v", mode, got)
		}
	}
	if n := c.count(`SELECT count(*) FROM receipts`); n != paid || n != 6 {
		t.Errorf("%d receipts for %d payments", n, paid)
	}
	if n := c.count(`SELECT sum(amount) FROM ledger WHERE account = 'gateway:vnpay'`); int64(n) != sum {
		t.Errorf("the ledger has %d, the gateway %d", n, sum)
	}
	c.sound()
}

func TestMoreThanTheGatewayTakes(t *testing.T) {
	c := newCounter(t)
	_, _, err := c.service.Start(t.Context(), c.order(1_250_000).ID, vnpay.Name, key(), "", locales.VI) // 10.000.000.000 đồng
	if !problem.Is(err, problem.Invalid) {
		t.Errorf("%v", err)
	}
	if n := c.count(`SELECT count(*) FROM attempts`); n != 0 {
		t.Errorf("%d attempts", n)
	}
}
