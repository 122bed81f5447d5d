package vnpay_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/payments/vnpay"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
)

func TestS31CrashBeforeTheReply(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	ctx, cancel := context.WithCancel(t.Context())
	c.client.IPN(ctx, words(a, nil)) // committed; the reply never leaves
	cancel()
	c.hear(words(a, nil), "02")
	c.want(a, settled)
}

func TestS32LateFailureLeavesNothing(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.issuer.Series = "FF-26E" // F is no letter of a series: the receipt, the last row, is refused
	c.hear(words(a, nil), "99")
	c.want(a, untouched)
	if n := c.count(`SELECT (SELECT count(*) FROM ledger) + (SELECT count(*) FROM receipt_counters) + (SELECT count(*) FROM jobs)`); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
	c.issuer.Series = "AA-26E"
	c.hear(words(a, nil), "00")
	c.want(a, settled)
	if n := c.count(`SELECT number FROM receipts`); n != 1 {
		t.Errorf("the first receipt has number %d: a gap", n)
	}
}

func TestS33DatabaseRefusesOrIsAway(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	owner := pgtest.Owner(t, c.db)
	if _, err := owner.Exec(`REVOKE UPDATE ON attempts FROM motcua_app`); err != nil {
		t.Fatal(err)
	}
	c.hear(words(a, nil), "99")
	if _, err := owner.Exec(`GRANT UPDATE ON attempts TO motcua_app`); err != nil {
		t.Fatal(err)
	}
	c.want(a, untouched)
	away := *c.service
	var err error
	if away.DB, err = sqlx.Open("postgres", "host=127.0.0.1 port=1 connect_timeout=1 sslmode=disable"); err != nil {
		t.Fatal(err)
	}
	client := vnpay.Client{Config: c.client.Config, Payments: &away, Now: c.clock.Now}
	if code, _ := client.IPN(t.Context(), words(a, nil)); code != "99" {
		t.Errorf("answered %s", code)
	}
	if code, _ := (&vnpay.Client{Config: c.client.Config, Now: c.clock.Now}).IPN(t.Context(), words(a, nil)); code != "99" {
		t.Errorf("a panic is answered %s", code)
	}
	c.hear(words(a, nil), "00")
	c.want(a, settled)
}

func TestS41LastMinuteOfTheDay(t *testing.T) {
	c := newCounter(t)
	c.clock.at = time.Date(2026, 12, 31, 16, 59, 30, 0, time.UTC) // 23:59:30 in Vietnam
	a := c.start(c.order(1))
	if !strings.HasPrefix(a.Ref, "P261231") || !strings.Contains(a.Redirect, "vnp_CreateDate=20261231235930") ||
		!strings.Contains(a.Redirect, "vnp_ExpireDate=20270101001430") {
		t.Errorf("%s %s", a.Ref, a.Redirect)
	}
	c.clock.Add(31 * time.Second)
	c.press(a.Redirect, "tra")
	c.want(a, settled)
	r, err := c.service.ReceiptOf(t.Context(), a.OrderID)
	if err != nil || r.Series != "AA-27E" || !r.Data.PaidAt.Equal(time.Date(2026, 12, 31, 17, 0, 1, 0, time.UTC)) {
		t.Errorf("%+v %v", r, err)
	}
}

func TestS42SecretsChange(t *testing.T) {
	c := newCounter(t)
	a, b := c.start(c.order(1)), c.start(c.order(1))
	c.client.Config.Secret, c.client.Config.PreviousSecret = "THENEXTSECRET", secret
	c.hear(words(a, nil), "00") // signed with the one before
	c.want(a, settled)
	next := c.start(c.order(1))
	_, query, _ := strings.Cut(next.Redirect, "?")
	if (vnpay.Config{Secret: "THENEXTSECRET"}) == c.client.Config || !strings.HasSuffix(signed("THENEXTSECRET", fieldsOf(t, query)), query[len(query)-128:]) {
		t.Error("a payment is not signed with the current secret")
	}
	c.client.Config.PreviousSecret = ""
	c.hear(words(b, map[string]string{"vnp_TransactionNo": "14000002"}), "97")
	c.want(b, untouched)
}

func TestReceiptNumbersUnderLoad(t *testing.T) {
	c := newCounter(t)
	var all sync.WaitGroup
	for i := range 20 {
		a := c.start(c.order(1))
		all.Go(func() {
			for range 2 {
				c.client.IPN(t.Context(), words(a, map[string]string{"vnp_TransactionNo": fmt.Sprint(15000000 + i)}))
			}
		})
	}
	all.Wait()
	if n := c.count(`SELECT count(DISTINCT number) FROM receipts WHERE number BETWEEN 1 AND 20`); n != 20 {
		t.Errorf("%d numbers", n)
	}
	c.sound()
}

func TestLedgerIsAppendOnlyAndBalanced(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.hear(words(a, nil), "00")
	for _, q := range []string{`UPDATE ledger SET amount = 1`, `DELETE FROM ledger`, `TRUNCATE ledger`, `UPDATE receipts SET number = 2`, `DELETE FROM receipts`} {
		if _, err := c.db.Exec(q); err == nil {
			t.Errorf("%s: done", q)
		}
	}
	_, err := c.db.Exec(`INSERT INTO ledger (at, order_id, entry, account, amount) VALUES (now(), $1, gen_random_uuid(), 'held', 1)`, a.OrderID)
	if !pg.Violates(err, "ledger_balanced") {
		t.Errorf("half an entry: %v", err)
	}
	c.want(a, settled)
}
