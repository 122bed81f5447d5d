package vnpay_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/payments"
	"motcua/payments/vnpay"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

// The scenarios S1–S42 are those of the table in the paper on protocols, 4.2.

func TestS1HappyPath(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	back := c.press(a.Redirect, "tra")
	if code := <-c.replies; code != "00" {
		t.Errorf("notice answered %s", code)
	}
	c.want(a, settled)
	if r, err := c.client.Return(t.Context(), back); err != nil || r.Order != a.OrderID || r.Says != payments.SaysPaid {
		t.Errorf("return: %+v %v", r, err)
	}
}

func TestS2SameNoticeAgain(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.hear(words(a, nil), "00")
	for range 10 {
		c.hear(words(a, nil), "02")
	}
	c.want(a, settled)
}

func TestS3AtOnce(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	var all sync.WaitGroup
	codes := make([]string, 12)
	for i := range codes {
		all.Go(func() {
			resp, err := http.Get(c.portal.URL + "/?" + words(a, nil))
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			codes[i] = <-c.replies
		})
	}
	all.Wait()
	slices.Sort(codes)
	if want := append([]string{"00"}, slices.Repeat([]string{"02"}, 11)...); !slices.Equal(codes, want) {
		t.Errorf("answers %v", codes)
	}
	c.want(a, settled)
}

func TestS8ToS10AndI9Unsigned(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	good := words(a, nil)
	_, hash, _ := strings.Cut(good, "&vnp_SecureHash=")
	for name, raw := range map[string]string{
		"S8 bad hash":       strings.TrimSuffix(good, hash) + strings.Repeat("0", 128),
		"S9 no hash":        strings.TrimSuffix(good, "&vnp_SecureHash="+hash),
		"S10 amount twice":  good + "&vnp_Amount=1",
		"S10 amount before": "vnp_Amount=1&" + good,
		"empty secret":      signed("", map[string]string{"vnp_TxnRef": a.Ref, "vnp_TmnCode": tmn, "vnp_Amount": "800000"}),
		"nothing":           "",
	} {
		for range 2 {
			t.Log(name)
			c.hear(raw, "97")
		}
	}
	if n := c.client.Refused()["97"]; n != 12 {
		t.Errorf("%d refusals counted", n)
	}
	if n := c.count(`SELECT count(*) FROM orphans`); n != 0 {
		t.Errorf("%d unsigned words stored: anyone could fill the table", n)
	}
	c.want(a, untouched)
}

func TestS11UnknownReference(t *testing.T) {
	c := newCounter(t)
	raw := words(payments.Attempt{Ref: "P261121UNKNOWN", Amount: 8000}, nil)
	c.hear(raw, "01")
	c.hear(raw, "01")
	if n := c.count(`SELECT count(*) FROM orphans WHERE reason = 'unknown_ref' AND body = $1`, raw); n != 1 {
		t.Errorf("%d orphans", n)
	}
	c.sound()
}

func TestS12AnotherTerminal(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.hear(words(a, map[string]string{"vnp_TmnCode": "OTHER001"}), "01")
	c.want(a, untouched)
}

func TestS13S14AndI8AmountDiffers(t *testing.T) {
	for name, amount := range map[string]string{"S13 lower": "700000", "S14 higher": "900000", "I8 a hundredth": "8000"} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t)
			a := c.start(c.order(1))
			raw := words(a, map[string]string{"vnp_Amount": amount})
			c.hear(raw, "04")
			c.hear(raw, "04")
			c.want(a, books{Attempt: payments.Review, Order: payments.OrderDue, Told: 1})
			if n := c.count(`SELECT count(*) FROM orphans WHERE reason = 'wrong_amount'`); n != 1 {
				t.Errorf("%d orphans", n)
			}
			if _, _, err := c.service.Start(t.Context(), a.OrderID, vnpay.Name, key(), "", "vi"); !problem.Is(err, problem.Conflict) {
				t.Errorf("paying again while money may be held: %v", err)
			}
			c.hear(words(a, nil), "00") // the true one comes after all
			c.want(a, settled)
			c.hear(raw, "04")
			c.want(a, settled)
		})
	}
}

func TestI8TransactionOfAnotherDossier(t *testing.T) {
	c := newCounter(t)
	a, b := c.start(c.order(1)), c.start(c.order(1))
	c.hear(words(a, nil), "00")
	c.hear(words(b, nil), "99") // the same vnp_TransactionNo
	c.hear(words(b, nil), "99")
	c.want(a, settled)
	c.want(b, books{Attempt: payments.Review, Order: payments.OrderDue, Told: 1})
}

func TestS15AmountsThatAreNone(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	for _, amount := range []string{"", "0", "-800000", "+800000", "0800000", "800000.0", "8e5", "99999999999999999999", "9223372036854775807", "800050", "８００"} {
		c.hear(words(a, map[string]string{"vnp_Amount": amount}), "04")
	}
	c.want(a, untouched)
}

func TestS16Cancelled(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.press(a.Redirect, "huy")
	if code := <-c.replies; code != "00" {
		t.Errorf("notice answered %s", code)
	}
	c.want(a, books{Attempt: payments.Cancelled, Order: payments.OrderDue})
	next := c.start(payments.Order{ID: a.OrderID})
	if next.Ref == a.Ref {
		t.Error("the next attempt has the same reference")
	}
	c.press(next.Redirect, "tra")
	c.want(next, settled)
}

func TestFailedIsTakenIn(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.press(a.Redirect, "thieu")
	if code := <-c.replies; code != "00" { // any other answer has VNPAY call again
		t.Errorf("notice answered %s", code)
	}
	c.want(a, books{Attempt: payments.Failed, Order: payments.OrderDue})
}

func TestS17Pending(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	raw := words(a, map[string]string{"vnp_TransactionStatus": "01"})
	c.hear(raw, "00")
	c.hear(raw, "00")
	c.want(a, books{Attempt: payments.Pending, Order: payments.OrderDue})
	c.hear(words(a, nil), "00")
	c.want(a, settled)
}

func TestS18S19Doubtful(t *testing.T) {
	for name, change := range map[string]map[string]string{
		"S18 suspected": {"vnp_ResponseCode": "07"},
		"S19 reversed":  {"vnp_TransactionStatus": "04"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t)
			c.mode("silent")
			a := c.start(c.order(1))
			c.press(a.Redirect, "tra")
			c.hear(words(a, change), "00")
			c.hear(words(a, change), "00")
			c.want(a, books{Attempt: payments.Review, Order: payments.OrderDue, Told: 1})
			reviews, err := c.service.Reviews(t.Context(), []int64{7})
			if err != nil || len(reviews) != 1 || reviews[0].Attempt != a.ID {
				t.Errorf("tasks: %+v %v", reviews, err)
			}
			c.clock.Add(6 * time.Minute) // followed up by itself
			c.sweep()
			c.want(a, settled)
		})
	}
}

func TestS20FailedAfterPaid(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.hear(words(a, nil), "00")
	late := words(a, map[string]string{"vnp_ResponseCode": "51", "vnp_TransactionStatus": "02"})
	c.hear(late, "02")
	c.hear(late, "02")
	c.want(a, settled)
	if n := c.count(`SELECT count(*) FROM orphans WHERE reason = 'failed_after_paid'`); n != 1 {
		t.Errorf("%d kept", n)
	}
}

func TestS21PaidAfterFailed(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.hear(words(a, map[string]string{"vnp_ResponseCode": "51", "vnp_TransactionStatus": "02"}), "00")
	c.hear(words(a, nil), "00")
	c.hear(words(a, nil), "02")
	late := settled
	late.Attempt = payments.SucceededLate
	c.want(a, late)
}

func TestSecondTransactionOfOneAttempt(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.hear(words(a, nil), "00")
	c.hear(words(a, map[string]string{"vnp_TransactionNo": "14000002"}), "02")
	c.want(a, settled)
	if n := c.count(`SELECT count(*) FROM orphans WHERE reason = 'second_transaction'`); n != 1 {
		t.Error("money that may be real was dropped in silence")
	}
}

func TestPaidWithoutANumberIsDoubtful(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.hear(words(a, map[string]string{"vnp_TransactionNo": "0"}), "00")
	c.want(a, books{Attempt: payments.Review, Order: payments.OrderDue, Told: 1})
}

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
