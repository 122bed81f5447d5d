package vnpay_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"motcua/payments"
	"motcua/payments/vnpay"
)

var replyNames = strings.Fields("ResponseId Command ResponseCode Message TmnCode TxnRef Amount BankCode PayDate TransactionNo TransactionType TransactionStatus OrderInfo PromotionCode PromotionAmount")

// reply is the gateway's truly signed answer about an attempt, with some fields as told.
func reply(a payments.Attempt, change map[string]string) string {
	f := map[string]string{"ResponseId": "1", "Command": "querydr", "ResponseCode": "00", "Message": "QueryDR Success", "TmnCode": tmn, "TxnRef": a.Ref,
		"Amount": fmt.Sprint(a.Amount * 100), "TransactionNo": "14000001", "TransactionType": "01", "TransactionStatus": "00"}
	for name, v := range change {
		f[name] = v
	}
	var values, fields []string
	for _, name := range replyNames {
		values = append(values, f[name])
		fields = append(fields, fmt.Sprintf("%q:%q", "vnp_"+name, f[name]))
	}
	m := hmac.New(sha512.New, []byte(secret))
	m.Write([]byte(strings.Join(values, "|")))
	return "{" + strings.Join(fields, ",") + fmt.Sprintf(`,"vnp_SecureHash":"%x"}`, m.Sum(nil))
}

// answering is a client of a gateway that always answers alike.
func answering(t *testing.T, handler http.HandlerFunc) *vnpay.Client {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return &vnpay.Client{Config: vnpay.Config{TmnCode: tmn, Secret: secret, QueryURL: s.URL}, Now: time.Now}
}

func TestQueryAnswers(t *testing.T) {
	a := payments.Attempt{Ref: "P261121AAAAAAAA", Amount: 8000}
	b := payments.Attempt{Ref: "P261121BBBBBBBB", Amount: 8000}
	for name, c := range map[string]struct {
		body string
		want error
		says payments.Verdict
	}{
		"paid":                      {reply(a, nil), nil, payments.SaysPaid},
		"about another attempt":     {reply(b, nil), payments.ErrNoAnswer, ""},
		"another one is not known":  {reply(b, map[string]string{"ResponseCode": "91"}), payments.ErrNoAnswer, ""},
		"not known":                 {reply(a, map[string]string{"ResponseCode": "91"}), payments.ErrNotKnown, ""},
		"of another terminal":       {reply(a, map[string]string{"TmnCode": "OTHER001"}), payments.ErrNoAnswer, ""},
		"to another command":        {reply(a, map[string]string{"Command": "refund"}), payments.ErrNoAnswer, ""},
		"asked too often":           {reply(a, map[string]string{"ResponseCode": "94"}), payments.ErrNoAnswer, ""},
		"changed after signing":     {strings.Replace(reply(a, map[string]string{"TransactionStatus": "02"}), `"02"`, `"00"`, 1), payments.ErrNoAnswer, ""},
		"paid without an amount":    {reply(a, map[string]string{"Amount": ""}), payments.ErrNoAnswer, ""},
		"not paid, without amount":  {reply(a, map[string]string{"Amount": "", "TransactionStatus": "01"}), nil, payments.SaysPending},
		"a number that is no text":  {strings.Replace(reply(a, nil), `"vnp_Amount":"800000"`, `"vnp_Amount":800000`, 1), nil, payments.SaysPaid},
		"longer than anything sent": {`{"x":"` + strings.Repeat("x", 1<<20) + `"}`, payments.ErrNoAnswer, ""},
	} {
		client := answering(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, c.body) })
		n, err := client.Query(t.Context(), a)
		if !errors.Is(err, c.want) || n.Says != c.says || err == nil && (n.Ref != a.Ref || n.Amount != a.Amount) {
			t.Errorf("%s: %+v %v", name, n, err)
		}
	}
}

func TestQueryFollowsNoRedirect(t *testing.T) {
	a := payments.Attempt{Ref: "P261121AAAAAAAA", Amount: 8000}
	reached := false
	client := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			reached = true
			fmt.Fprint(w, reply(a, nil))
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	if _, err := client.Query(t.Context(), a); !errors.Is(err, payments.ErrNoAnswer) || reached {
		t.Errorf("%v, reached %v", err, reached)
	}
}

func TestAskedAfterWithAPause(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	for range 3 {
		if _, err := c.service.Check(t.Context(), a.OrderID); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.queries(); n != 1 {
		t.Errorf("asked %d times at once", n)
	}
	c.clock.Add(5 * time.Second)
	if _, err := c.service.Check(t.Context(), a.OrderID); err != nil || c.queries() != 2 {
		t.Errorf("asked %d times: %v", c.queries(), err)
	}
	c.want(a, untouched)
}

func TestGraceAfterExpiry(t *testing.T) {
	c := newCounter(t)
	a := c.start(c.order(1))
	c.clock.Add(29*time.Minute + 59*time.Second) // 15 minutes, and the payer may be at the bank's page
	c.sweep()
	c.want(a, untouched)
	c.clock.Add(5*time.Minute + time.Second)
	c.sweep()
	c.want(a, books{Attempt: payments.Expired, Order: payments.OrderDue})
}
