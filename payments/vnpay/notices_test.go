package vnpay_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/payments"
	"motcua/payments/vnpay"
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
	c.hear(words(a, map[string]string{"vnp_ResponseCode": "51", "vnp_TransactionStatus": "02"}), "02")
	c.hear(words(a, map[string]string{"vnp_ResponseCode": "24", "vnp_TransactionStatus": "02"}), "02")
	c.want(a, books{Attempt: payments.Failed, Order: payments.OrderDue})
}

func TestPaidAfterTheEndThoughNobodyNoticedTheEnd(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.hear(words(a, map[string]string{"vnp_PayDate": "20261121101501"}), "00")
	late := settled
	late.Attempt = payments.SucceededLate
	c.want(a, late)
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
