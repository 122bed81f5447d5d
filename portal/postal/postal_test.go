package postal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/postal/sandbox"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/standin"
)

// counter is a service on its own database with its own carrier.
type counter struct {
	*Service
	now    *atomic.Int64
	post   *sandbox.Server
	worker *queue.Worker
	heard  []string // parcels that the dossier was told of
	log    *lines
}

// lines is what was logged.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const (
	dossier = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	code    = "H01.15-261123-0001"
)

func newCounter(t *testing.T) *counter {
	t.Helper()
	post, err := sandbox.Start(sandbox.Options{Key: "key", Secret: "secret", Customer: "tinh"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = post.Close() })
	c := &counter{now: &atomic.Int64{}, post: post, log: &lines{}}
	c.now.Store(time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC).Unix())
	now := func() time.Time { return time.Unix(c.now.Load(), 0) }
	c.Service = &Service{
		DB: pgtest.Open(t), Now: now, Log: slog.New(slog.NewTextHandler(c.log, nil)), Every: 5 * time.Second,
		Carrier: &Carrier{URL: post.URL + "/", Key: "key", Secret: "secret", Customer: "tinh", HTTP: &http.Client{Timeout: 5 * time.Second}, Now: now},
	}
	handlers := c.Handlers()
	handlers[dossierKind] = func(_ context.Context, j queue.Job) error {
		c.heard = append(c.heard, j.Subject)
		return nil
	}
	c.worker = &queue.Worker{DB: c.DB, Handlers: handlers, Now: now, Log: c.Log}
	return c
}

// parcel is the result of a dossier on its way to a person.
func parcel() New {
	return New{
		DossierID: dossier, Code: code, Direction: Result, Description: "Kết quả hồ sơ " + code,
		Sender:   Address{Name: "Trung tâm phục vụ hành chính công", Phone: "02963000000", Province: "91", Line: "1 Lê Lợi"},
		Receiver: Address{Name: "Trần Thị B", Phone: "0912345678", Province: "38", Line: "2 Hùng Vương"},
	}
}

func (c *counter) open(t *testing.T, n New) {
	t.Helper()
	if err := pg.InTx(t.Context(), c.DB, func(tx *sqlx.Tx) error { return c.Open(t.Context(), tx, n) }); err != nil {
		t.Fatal(err)
	}
}

// work does what is due now.
func (c *counter) work(t *testing.T) error {
	t.Helper()
	_, err := c.worker.Drain(t.Context())
	return err
}

// later does what is due by then.
func (c *counter) later(t *testing.T, d time.Duration) error {
	t.Helper()
	c.now.Add(int64(d / time.Second))
	return c.work(t)
}

// look reads the feed once and then tells the dossiers.
func (c *counter) look(t *testing.T) error {
	t.Helper()
	err := c.feed(t.Context(), queue.Job{})
	return errors.Join(err, c.work(t))
}

func (c *counter) order(t *testing.T) Order {
	t.Helper()
	orders, err := c.OfDossier(t.Context(), dossier)
	if err != nil || len(orders) != 1 {
		t.Fatalf("orders: %+v %v", orders, err)
	}
	return orders[0]
}

func (c *counter) push(t *testing.T, code string) {
	t.Helper()
	if err := c.post.Advance(c.order(t).Number, code, ""); err != nil {
		t.Fatal(err)
	}
}

func (c *counter) rows(t *testing.T, table string) int {
	t.Helper()
	var n int
	if err := c.DB.GetContext(t.Context(), &n, `SELECT count(*) FROM `+table); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAParcelToItsReceiver(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.open(t, parcel())
	if o := c.order(t); o.State != Waiting {
		t.Fatalf("before the worker: %s", o.State)
	}
	if err := c.work(t); err != nil {
		t.Fatal(err)
	}
	if o := c.order(t); o.State != Ordered || o.OrderedAt == nil || !strings.HasPrefix(o.Answer, "100") {
		t.Fatalf("ordered: %+v", o)
	}
	p := c.post.Parcels()
	if len(p) != 1 || p[0].OrderNumber != code || p[0].SenderProvince != "88" || p[0].ReceiverProvince != "44" || p[0].ReceiverTel != "0912345678" {
		t.Fatalf("at the carrier: %+v", p)
	}
	for _, want := range []State{Accepted, InTransit, Out, Delivered, Delivered} {
		c.push(t, "")
		for range 2 { // a second look brings nothing new
			if err := c.look(t); err != nil {
				t.Fatal(err)
			}
		}
		if o := c.order(t); o.State != want {
			t.Fatalf("state %s, want %s", o.State, want)
		}
	}
	o := c.order(t)
	if len(o.Events) != 4 || o.Events[3].State() != Delivered || o.Events[3].Where() != "Bưu cục phát" || o.Events[3].Office != "440000" {
		t.Errorf("events: %+v", o.Events)
	}
	if o.DeliveredAt == nil || !o.DeliveredAt.Equal(o.Events[3].At) || !ValidS10(o.ItemCode) {
		t.Errorf("order: %+v", o)
	}
	if got := fmt.Sprint(c.heard); got != fmt.Sprint([]string{"dossier:" + dossier, "dossier:" + dossier, "dossier:" + dossier, "dossier:" + dossier, "dossier:" + dossier}) {
		t.Errorf("the dossier heard %s", got)
	}
}

func TestOpeningTwiceOrdersOnce(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.open(t, parcel())
	c.open(t, parcel())
	_ = c.work(t)
	c.open(t, parcel())
	if err := c.work(t); err != nil {
		t.Fatal(err)
	}
	if n := len(c.post.Parcels()); n != 1 || c.rows(t, "postal_orders") != 1 {
		t.Errorf("%d parcels", n)
	}
	papers := parcel() // the other direction is another parcel
	papers.Direction, papers.Sender, papers.Receiver = Papers, papers.Receiver, papers.Sender
	c.open(t, papers)
	if err := c.work(t); err != nil {
		t.Fatal(err)
	}
	if p := c.post.Parcels(); len(p) != 2 || p[0].OrderNumber == p[1].OrderNumber {
		t.Errorf("parcels: %+v", p)
	}
}

func TestALateFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	boom := errors.New("boom")
	err := pg.InTx(t.Context(), c.DB, func(tx *sqlx.Tx) error {
		if err := c.Open(t.Context(), tx, parcel()); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if c.rows(t, "postal_orders")+c.rows(t, "jobs") != 0 {
		t.Error("something stayed")
	}
}

func TestIncompleteAddresses(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	for name, spoil := range map[string]func(*New){
		"name":     func(n *New) { n.Receiver.Name = "" },
		"phone":    func(n *New) { n.Receiver.Phone = "" },
		"line":     func(n *New) { n.Sender.Line = "" },
		"province": func(n *New) { n.Sender.Province = "99" },
	} {
		n := parcel()
		spoil(&n)
		if err := c.Open(t.Context(), c.DB, n); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c.rows(t, "postal_orders") != 0 {
		t.Error("opened all the same")
	}
}

func TestByID(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.open(t, parcel())
	want := c.order(t)
	if got, err := c.ByID(t.Context(), c.DB, want.ID); err != nil || got.Number != code || got.Receiver != parcel().Receiver {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := c.ByID(t.Context(), c.DB, dossier); !problem.Is(err, problem.NotFound) {
		t.Errorf("unknown: %v", err)
	}
	if orders, err := c.OfDossier(t.Context(), want.ID); err != nil || len(orders) != 0 {
		t.Errorf("a dossier without parcels: %+v %v", orders, err)
	}
}

// One postal code for each of the 34 provinces, none twice.
func TestProvinces(t *testing.T) {
	t.Parallel()
	units := map[int]string{}
	for unit, code := range provinces() {
		if other := units[code]; other != "" || code < 10 || code > 97 || len(unit) != 2 {
			t.Errorf("%s has code %d, as %q", unit, code, other)
		}
		units[code] = unit
	}
	if len(units) != 34 {
		t.Errorf("%d provinces", len(units))
	}
}

func TestEveryStateHasWords(t *testing.T) {
	t.Parallel()
	for _, l := range []locales.Lang{locales.VI, locales.EN} {
		for _, s := range States {
			if _, ok := locales.Keys(l)[s.Message().Key]; !ok {
				t.Errorf("%s: no words for %s", l, s)
			}
		}
	}
}

func fault(mode string, times int) standin.Fault { return standin.Fault{Mode: mode, Times: times} }
