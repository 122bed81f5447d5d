package postal

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/queue"
)

// Whatever the carrier does first, it has one parcel in the end.
func TestFaultsWhileOrdering(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"dead", "garbage", "silent", "slow"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			c := newCounter(t)
			if _, err := c.Carrier.bearer(t.Context()); err != nil { // the fault is to meet the order
				t.Fatal(err)
			}
			// twice: the standard library's client repeats a request by itself when a connection
			// that was used before is cut
			c.post.Set(fault(mode, 2))
			if mode == "slow" { // its thirty seconds are more than we wait
				c.Carrier.HTTP = &http.Client{Timeout: 50 * time.Millisecond}
			}
			c.open(t, parcel())
			if err := c.work(t); err == nil {
				t.Fatal("no error")
			}
			if o := c.order(t); o.State != Waiting {
				t.Fatalf("after a lost answer: %s", o.State)
			}
			c.post.Set(fault("ok", 0))
			c.Carrier.HTTP = &http.Client{Timeout: 5 * time.Second}
			if err := c.later(t, time.Hour); err != nil {
				t.Fatal(err)
			}
			o := c.order(t)
			want := map[string]string{"silent": "101", "slow": "10"}[mode] // it was, or may have been, taken before
			if want == "" {
				want = "100"
			}
			if o.State != Ordered || !strings.HasPrefix(o.Answer, want) || len(c.post.Parcels()) != 1 || len(c.heard) != 1 {
				t.Errorf("%+v, %d parcels, told %d times", o, len(c.post.Parcels()), len(c.heard))
			}
		})
	}
}

func TestTheSameJobTwice(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.open(t, parcel())
	var j queue.Job
	if err := c.DB.GetContext(t.Context(), &j, `SELECT id, kind, subject, body FROM jobs`); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := c.place(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	asked := 0
	for _, e := range c.post.Entries() {
		if e.Method == "POST" && strings.HasSuffix(e.Path, "/order/post") {
			asked++
		}
	}
	if asked != 1 || len(c.post.Parcels()) != 1 {
		t.Errorf("asked %d times for %d parcels", asked, len(c.post.Parcels()))
	}
	if err := c.place(t.Context(), queue.Job{Body: []byte(`{"order":"` + dossier + `"}`)}); err != nil {
		t.Errorf("a parcel whose term is over: %v", err)
	}
}

// The platform was started anew and knows our token no more.
func TestEndedTokens(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	if err := c.look(t); err != nil {
		t.Fatal(err)
	}
	c.post.EndTokens()
	c.open(t, parcel())
	if err := c.work(t); err != nil || c.order(t).State != Ordered {
		t.Errorf("%v, %s", err, c.order(t).State)
	}
	c.Carrier.Secret = "wrong"
	c.post.EndTokens()
	if err := c.look(t); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("wrong secret: %v", err)
	}
}

// What the carrier will not take is for an officer: no repeat, and the dossier hears of it.
func TestRefusedOrders(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.Carrier.Customer = "khac"
	c.open(t, parcel())
	if err := c.work(t); err != nil {
		t.Fatal(err)
	}
	o := c.order(t)
	if o.State != Refused || !strings.HasPrefix(o.Answer, "102 Không có khách hàng") || o.OrderedAt != nil || len(c.heard) != 1 {
		t.Errorf("%+v, told %d times", o, len(c.heard))
	}
	if c.rows(t, "jobs") != 0 {
		t.Error("it would be ordered again")
	}
}

// Writing down the answer is one deed with telling the dossier.
func TestAnAnswerIsWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.open(t, parcel())
	id := c.order(t).ID
	_ = pg.InTx(t.Context(), c.DB, func(tx *sqlx.Tx) error {
		if err := c.placed(t.Context(), tx, id, Ordered, "100"); err != nil {
			return err
		}
		_, err := tx.ExecContext(t.Context(), `SELECT 1/0`)
		return err
	})
	if o := c.order(t); o.State != Waiting || o.Answer != "" || c.rows(t, "jobs") != 1 {
		t.Errorf("%+v, %d jobs", o, c.rows(t, "jobs"))
	}
}

// The carrier's answer comes after its feed has told more: the parcel does not go back.
func TestTheAnswerIsSlowerThanTheFeed(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	c.open(t, parcel())
	if err := c.work(t); err != nil {
		t.Fatal(err)
	}
	c.push(t, "")
	if err := c.look(t); err != nil {
		t.Fatal(err)
	}
	id := c.order(t).ID
	if err := pg.InTx(t.Context(), c.DB, func(tx *sqlx.Tx) error { return c.placed(t.Context(), tx, id, Ordered, "101") }); err != nil {
		t.Fatal(err)
	}
	if o := c.order(t); o.State != Accepted || o.Answer != "101" {
		t.Errorf("%+v", o)
	}
}
