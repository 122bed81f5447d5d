package vnpay_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"motcua/payments"
	"motcua/portal/problem"
)

// TestS4ReturnBeforeNotice is also I10: a truly signed return proves nothing.
func TestS4ReturnBeforeNotice(t *testing.T) {
	c := newCounter(t)
	c.mode("silent")
	a := c.start(c.order(1))
	back := c.press(a.Redirect, "tra")
	for range 3 {
		if r, err := c.client.Return(t.Context(), back); err != nil || r.Says != payments.SaysPaid {
			t.Fatalf("%+v %v", r, err)
		}
	}
	c.want(a, untouched)
	c.hear(back, "00") // the notice, later: the same words from VNPAY itself
	c.want(a, settled)
}

func TestS4ReturnHasThePortalAsk(t *testing.T) {
	c := newCounter(t)
	c.mode("silent")
	a := c.start(c.order(1))
	back := c.press(a.Redirect, "tra")
	for range 3 { // the page is reloaded
		o, err := c.service.Check(t.Context(), a.OrderID)
		if err != nil || o.State != payments.OrderPaid {
			t.Fatalf("%+v %v", o, err)
		}
	}
	c.hear(back, "02")
	c.want(a, settled)
	if n := c.queries(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestS5NoticeNeverComes(t *testing.T) {
	c := newCounter(t)
	c.mode("silent")
	a := c.start(c.order(1))
	c.press(a.Redirect, "tra")
	c.sweep()
	c.want(a, untouched)
	c.clock.Add(5 * time.Minute)
	c.sweep()
	c.sweep()
	want := settled
	c.want(a, want)
	if n := c.queries(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestS6ForgedReturn(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	raw := words(a, nil)
	for name, forged := range map[string]string{
		"hash":     raw[:len(raw)-1] + string(rune('0'+(raw[len(raw)-1]+1)%10)),
		"unsigned": raw[:strings.Index(raw, "&vnp_SecureHash")],
		"terminal": words(a, map[string]string{"vnp_TmnCode": "OTHER001"}),
	} {
		if r, err := c.client.Return(t.Context(), forged); !problem.Is(err, problem.Invalid) || r.Order != "" {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
	if n := c.client.Refused()["return"]; n != 3 {
		t.Errorf("%d counted", n)
	}
	c.want(a, untouched)
}

func TestS7ReturnHoldsNothingPersonal(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	r, err := c.client.Return(t.Context(), words(a, nil))
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r)
	if err != nil || strings.Contains(string(b), "Bình") || strings.Contains(string(b), "089186000123") {
		t.Errorf("%s %v", b, err)
	}
	if _, err := c.client.Return(t.Context(), words(payments.Attempt{Ref: "PNOTOURS1", Amount: 1}, nil)); !problem.Is(err, problem.NotFound) {
		t.Errorf("%v", err)
	}
}

func TestS40RepliesThatAreNone(t *testing.T) {
	for _, mode := range []string{"unsigned", "forged", "garbage", "dead"} {
		t.Run(mode, func(t *testing.T) {
			c := newCounter(t)
			c.mode("silent")
			a := c.start(c.order(1))
			c.press(a.Redirect, "tra")
			c.mode(mode)
			if o, err := c.service.Check(t.Context(), a.OrderID); err != nil || o.State != payments.OrderDue {
				t.Errorf("%+v %v", o, err)
			}
			c.want(a, untouched)
			c.mode("ok")
			c.clock.Add(6 * time.Minute)
			if _, err := c.service.Check(t.Context(), a.OrderID); err != nil {
				t.Error(err)
			}
			c.want(a, settled)
		})
	}
}
