package vnpay_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/payments"
	"motcua/payments/vnpay"
	"motcua/payments/vnpay/sandbox"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/queue"
	"motcua/portal/standin"
)

const (
	tmn    = "DVCTEST1"
	secret = "VNPAYTESTSECRET0123456789ABCDEF0"
)

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// counter is everything between a payer and the books: PostgreSQL, the portal's two
// addresses, and the gateway's stand-in, each on its own socket.
type counter struct {
	t       *testing.T
	db      *sqlx.DB
	service *payments.Service
	client  *vnpay.Client
	gate    *sandbox.Server
	portal  *httptest.Server
	clock   *clock
	issuer  payments.Issuer
	replies chan string // of the notices that came by the socket
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	t.Parallel()
	c := &counter{t: t, db: pgtest.Open(t), clock: &clock{at: time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)}, replies: make(chan string, 1000),
		issuer: payments.Issuer{Name: "UBND phường Long Xuyên", TaxCode: "1600000001", Address: "1 Lê Lợi", Template: "01BLP0-001", Series: "AA-{yy}E"}}
	c.portal = httptest.NewServer(http.HandlerFunc(c.ipn))
	t.Cleanup(c.portal.Close)
	var err error
	c.gate, err = sandbox.Start(standin.Options{}, sandbox.Config{TmnCode: tmn, Secret: secret, NoticeURL: c.portal.URL + "/thanh-toan/vnpay/ipn",
		Every: time.Millisecond, Now: c.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.gate.Close() })
	c.client = &vnpay.Client{Config: vnpay.Config{TmnCode: tmn, Secret: secret, PayURL: c.gate.PayURL(), QueryURL: c.gate.QueryURL(),
		ReturnURL: "https://dvc.example.gov.vn/thanh-toan/vnpay/ket-qua?lang=vi"}, Now: c.clock.Now}
	c.service = &payments.Service{DB: c.db, Providers: map[string]payments.Provider{vnpay.Name: c.client}, Now: c.clock.Now,
		Issuer: func(context.Context, int64, time.Time) (payments.Issuer, error) { return c.issuer, nil }}
	c.client.Payments = c.service
	return c
}

// ipn is the portal's address for notices.
func (c *counter) ipn(w http.ResponseWriter, r *http.Request) {
	code, message := c.client.IPN(r.Context(), r.URL.RawQuery)
	_ = json.NewEncoder(w).Encode(map[string]string{"RspCode": code, "Message": message})
	c.replies <- code
}

func (c *counter) tx(fn func(tx *sqlx.Tx) error) {
	c.t.Helper()
	if err := pg.InTx(c.t.Context(), c.db, fn); err != nil {
		c.t.Fatal(err)
	}
}

func copies(n int64) []payments.Line {
	return []payments.Line{{Rule: "trich-luc", Kind: payments.Fee, Name: locales.V("Phí khai thác thông tin hộ tịch"),
		Ground: locales.V("TT 281/2016/TT-BTC"), Unit: 8000, Quantity: n, Amount: 8000 * n}}
}

// order opens an order for n copies at 8.000 đồng.
func (c *counter) order(n int64) payments.Order {
	c.t.Helper()
	var o payments.Order
	c.tx(func(tx *sqlx.Tx) (err error) {
		o, err = payments.Open(c.t.Context(), tx, payments.NewOrder{Subject: "dossier:" + uuid.NewString(), Code: "H01.15-261121-0001",
			Payer: "Nguyễn Thị Bình", PayerNumber: "089186000123", Payee: 7, Lines: copies(n), Total: 8000 * n, At: c.clock.Now()})
		return err
	})
	return o
}

func key() once.Key {
	return once.Key{Person: "1", Key: uuid.NewString(), Route: "/ho-so/phi"}
}

func (c *counter) start(o payments.Order) payments.Attempt {
	c.t.Helper()
	_, a, err := c.service.Start(c.t.Context(), o.ID, vnpay.Name, key(), "203.0.113.7", locales.VI)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

// press opens the pay page and presses one of its buttons, as a browser without JavaScript
// does; it returns the query with which the browser is sent back.
func (c *counter) press(redirect, lam string) string {
	c.t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	page, err := browser.Get(redirect)
	if err != nil {
		c.t.Fatal(err)
	}
	page.Body.Close()
	if page.StatusCode != http.StatusOK {
		c.t.Fatalf("the pay page answers %d", page.StatusCode)
	}
	back, err := browser.PostForm(redirect, url.Values{"lam": {lam}})
	if err != nil {
		c.t.Fatal(err)
	}
	back.Body.Close()
	at, err := back.Location()
	if err != nil {
		c.t.Fatalf("%v: status %d", err, back.StatusCode)
	}
	return at.RawQuery
}

func (c *counter) mode(mode string) { c.gate.Set(standin.Fault{Mode: mode}) }

// words is a truly signed notice about an attempt, with some fields as told.
func words(a payments.Attempt, change map[string]string) string {
	f := map[string]string{"vnp_Amount": fmt.Sprint(a.Amount * 100), "vnp_BankCode": "NCB", "vnp_CardType": "ATM", "vnp_OrderInfo": "Nop phi",
		"vnp_PayDate": "20261121100100", "vnp_ResponseCode": "00", "vnp_TmnCode": tmn, "vnp_TransactionNo": "14000001",
		"vnp_TransactionStatus": "00", "vnp_TxnRef": a.Ref}
	for name, v := range change {
		f[name] = v
	}
	return signed(secret, f)
}

func signed(secret string, fields map[string]string) string {
	v := url.Values{}
	for name, value := range fields {
		if value != "" {
			v.Set(name, value)
		}
	}
	m := hmac.New(sha512.New, []byte(secret))
	m.Write([]byte(v.Encode()))
	return v.Encode() + fmt.Sprintf("&vnp_SecureHash=%x", m.Sum(nil))
}

// hear gives the client a notice and wants a code.
func (c *counter) hear(raw, want string) {
	c.t.Helper()
	if code, message := c.client.IPN(c.t.Context(), raw); code != want || message == "" {
		c.t.Errorf("answered %s %q, want %s", code, message, want)
	}
}

// books are the figures that a scenario is about.
type books struct {
	Attempt payments.AttemptState
	Order   payments.State
	Paid    int64
	Credits int // gateway lines of the order
	Receipt int
	Told    int // queue rows of the subject
}

func (c *counter) books(a payments.Attempt) books {
	c.t.Helper()
	ctx, b := c.t.Context(), books{}
	o, err := c.service.ByID(ctx, a.OrderID)
	if err != nil {
		c.t.Fatal(err)
	}
	b.Order, b.Paid = o.State, o.Paid
	for _, x := range o.Attempts {
		if x.ID == a.ID {
			b.Attempt = x.State
		}
	}
	for q, into := range map[string]*int{
		`SELECT count(*) FROM ledger WHERE order_id = $1 AND account LIKE 'gateway:%'`:                                   &b.Credits,
		`SELECT count(*) FROM receipts WHERE order_id = $1`:                                                              &b.Receipt,
		`SELECT count(*) FROM jobs j JOIN orders o ON o.subject = j.subject AND j.kind = 'dossier.paid' WHERE o.id = $1`: &b.Told,
	} {
		if err := c.db.GetContext(ctx, into, q, a.OrderID); err != nil {
			c.t.Fatal(err)
		}
	}
	return b
}

func (c *counter) want(a payments.Attempt, want books) {
	c.t.Helper()
	if got := c.books(a); got != want {
		c.t.Errorf("books: %+v\nwant:  %+v", got, want)
	}
	c.sound()
}

// standinLate sends the notice a millisecond after the browser has gone back.
var standinLate = standin.Fault{Mode: "late", DelayMS: 1}

var settled = books{Attempt: payments.Succeeded, Order: payments.OrderPaid, Paid: 8000, Credits: 1, Receipt: 1, Told: 1}

var untouched = books{Attempt: payments.Created, Order: payments.OrderDue}

// sound wants every promise of the books kept.
func (c *counter) sound() {
	c.t.Helper()
	breaks, err := payments.Verify(c.t.Context(), c.db)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, b := range breaks {
		c.t.Errorf("broken: %s (%s)", b.Rule, b.Object)
	}
}

func (c *counter) count(query string, args ...any) int {
	c.t.Helper()
	var n int
	if err := c.db.GetContext(c.t.Context(), &n, query, args...); err != nil {
		c.t.Fatal(err)
	}
	return n
}

func (c *counter) sweep() {
	c.t.Helper()
	if err := c.service.Sweep(c.t.Context(), queue.Job{}); err != nil {
		c.t.Fatal(err)
	}
}

// queries are how often the gateway was asked.
func (c *counter) queries() int {
	n := 0
	for _, e := range c.gate.Entries() {
		if strings.HasPrefix(e.Path, "/merchant_webapi/") {
			n++
		}
	}
	return n
}
