package postal

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/queue"
)

func ordered(t *testing.T) *counter {
	t.Helper()
	c := newCounter(t)
	c.open(t, parcel())
	if err := c.work(t); err != nil {
		t.Fatal(err)
	}
	c.heard = nil
	return c
}

// Every event twice, under its id and under another: it is one event.
func TestDoubledEvents(t *testing.T) {
	t.Parallel()
	c := ordered(t)
	for range 4 {
		c.post.Set(fault("double", 0))
		c.push(t, "")
		if err := c.look(t); err != nil {
			t.Fatal(err)
		}
	}
	if o := c.order(t); o.State != Delivered || len(o.Events) != 4 || len(c.heard) != 4 {
		t.Errorf("%s after %d events, told %d times", o.State, len(o.Events), len(c.heard))
	}
}

// Steps told late, pages backwards: the parcel never goes back, and its way is in order.
func TestEventsOutOfOrder(t *testing.T) {
	t.Parallel()
	c := ordered(t)
	c.post.Set(fault("late", 0))
	for i, want := range []State{Ordered, InTransit, InTransit, Delivered} {
		c.push(t, "")
		if err := c.look(t); err != nil {
			t.Fatal(err)
		}
		if o := c.order(t); o.State != want {
			t.Errorf("after step %d: %s, want %s", i+1, o.State, want)
		}
	}
	var way []string
	for _, e := range c.order(t).Events {
		way = append(way, e.Code)
	}
	if fmt.Sprint(way) != "[1 2 3 4]" {
		t.Errorf("way: %v", way)
	}
}

func TestDeliveredIsNeverUndone(t *testing.T) {
	t.Parallel()
	c := ordered(t)
	for _, code := range []string{"1", "3", "4", "7", "8", "9"} {
		c.push(t, code)
		if err := c.look(t); err != nil {
			t.Fatal(err)
		}
	}
	o := c.order(t)
	if o.State != Delivered || len(o.Events) != 6 || len(c.heard) != 3 {
		t.Errorf("%s, %d events kept, told %d times", o.State, len(o.Events), len(c.heard))
	}
}

func TestNobodyMetAndSentBack(t *testing.T) {
	t.Parallel()
	c := ordered(t)
	for _, s := range []struct {
		code string
		want State
	}{{"1", Accepted}, {"3", Out}, {"5", AttemptFailed}, {"3", Out}, {"5", AttemptFailed}, {"6", Returning}, {"2", Returning}, {"7", Returned}} {
		c.push(t, s.code)
		if err := c.look(t); err != nil {
			t.Fatal(err)
		}
		if o := c.order(t); o.State != s.want {
			t.Errorf("after code %s: %s, want %s", s.code, o.State, s.want)
		}
	}
}

// A code nobody told us of is kept and reported, and changes nothing.
func TestUnknownCodes(t *testing.T) {
	t.Parallel()
	c := ordered(t)
	c.push(t, "77")
	if err := c.look(t); err != nil {
		t.Fatal(err)
	}
	o := c.order(t)
	if o.State != Ordered || len(o.Events) != 1 || o.Events[0].Code != "77" || o.Events[0].State() != "" || len(c.heard) != 0 {
		t.Errorf("%+v, told %d times", o, len(c.heard))
	}
	if log := c.log.String(); !strings.Contains(log, "status code unknown") || !strings.Contains(log, "code=77") {
		t.Errorf("log: %s", log)
	}
}

// The answer to the order was lost, and the parcel's first event is heard before the order
// is repeated.
func TestTheFeedIsFasterThanTheOrder(t *testing.T) {
	t.Parallel()
	c := newCounter(t)
	if _, err := c.Carrier.bearer(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.post.Set(fault("silent", 0))
	c.open(t, parcel())
	_ = c.work(t)
	c.post.Set(fault("ok", 0))
	c.push(t, "")
	if err := c.look(t); err != nil {
		t.Fatal(err)
	}
	if o := c.order(t); o.State != Accepted || o.OrderedAt == nil {
		t.Fatalf("%+v", o)
	}
	if err := c.later(t, time.Hour); err != nil {
		t.Fatal(err)
	}
	if o := c.order(t); o.State != Accepted || len(c.post.Parcels()) != 1 {
		t.Errorf("%s, %d parcels", o.State, len(c.post.Parcels()))
	}
}

// More than a page: the feed is read to its end, and again from where it ended.
func TestManyPages(t *testing.T) {
	t.Parallel()
	c := ordered(t)
	for range 2 {
		for i := range 2*pageSize + 1 {
			c.push(t, fmt.Sprint(100+i))
		}
		if err := c.look(t); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.order(t).Events); n != 4*pageSize+2 {
		t.Errorf("%d events", n)
	}
	looks := 0
	for _, e := range c.post.Entries() {
		if strings.Contains(e.Path, "/order/tracking") {
			looks++
		}
	}
	if looks != 6 {
		t.Errorf("%d looks, want 3 for each time", looks)
	}
}

func TestFaultsOfTheFeed(t *testing.T) {
	t.Parallel()
	c := ordered(t)
	c.push(t, "")
	for _, mode := range []string{"dead", "garbage"} {
		c.post.Set(fault(mode, 0))
		if err := c.look(t); err == nil {
			t.Errorf("%s: no error", mode)
		}
	}
	if c.rows(t, "postal_events")+c.rows(t, "feeds") != 0 {
		t.Error("something was kept of it")
	}
	c.post.Set(fault("ok", 0))
	if err := c.look(t); err != nil || c.order(t).State != Accepted {
		t.Errorf("%v, %s", err, c.order(t).State)
	}
}

// The duty goes on through an outage of days, at its own pace.
func TestTheFeedComesBack(t *testing.T) {
	t.Parallel()
	c := ordered(t)
	c.worker.Every = c.Duties()
	// as the worker plans it
	if err := queue.Put(t.Context(), c.DB, feedKind, "", c.Now(), nil); err != nil {
		t.Fatal(err)
	}
	c.post.Set(fault("dead", 0))
	for range 20 {
		if err := c.later(t, time.Hour); err == nil {
			t.Fatal("no error")
		}
	}
	c.post.Set(fault("ok", 0))
	c.push(t, "")
	if err := c.later(t, time.Minute); err != nil || c.order(t).State != Accepted {
		t.Fatalf("%v, %s", err, c.order(t).State)
	}
	c.push(t, "")
	if err := c.later(t, 4*time.Second); err != nil || c.order(t).State != Accepted {
		t.Errorf("looked before its time: %v, %s", err, c.order(t).State)
	}
	if err := c.later(t, time.Second); err != nil || c.order(t).State != InTransit {
		t.Errorf("%v, %s", err, c.order(t).State)
	}
}

// Events, parcels, the dossier's job and the cursor are one deed.
func TestAPageIsKeptWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	c := ordered(t)
	c.push(t, "")
	p, err := c.Carrier.tracking(t.Context(), feedStart)
	if err != nil {
		t.Fatal(err)
	}
	err = pg.InTx(t.Context(), c.DB, func(tx *sqlx.Tx) error {
		if err := c.take(t.Context(), tx, feedStart, p); err != nil {
			t.Fatal(err)
		}
		_, err := tx.ExecContext(t.Context(), `SELECT 1/0`)
		return err
	})
	if err == nil {
		t.Fatal("no error")
	}
	if o := c.order(t); o.State != Ordered || c.rows(t, "postal_events")+c.rows(t, "feeds")+c.rows(t, "jobs") != 0 {
		t.Errorf("something stayed: %s", o.State)
	}
	for range 2 { // the same page twice
		if err := pg.InTx(t.Context(), c.DB, func(tx *sqlx.Tx) error { return c.take(t.Context(), tx, feedStart, p) }); err != nil {
			t.Fatal(err)
		}
	}
	if o := c.order(t); o.State != Accepted || len(o.Events) != 1 || c.rows(t, "jobs") != 1 {
		t.Errorf("%+v, %d jobs", o, c.rows(t, "jobs"))
	}
}

// Documents as other platforms in between write them, and such as nobody should.
func TestReadingDocuments(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	c := &Carrier{Now: func() time.Time { return now }}
	at := time.Date(2026, 11, 22, 14, 5, 6, 0, ict)
	for _, d := range []struct {
		doc  string
		ok   bool
		at   time.Time
		code string
	}{
		{`{"_id":{"$oid":"a"},"OrderNumber":"x","StatusCode":4,"EventTime":"2026-11-22T14:05:06"}`, true, at, "4"},
		{`{"_id":{"$oid":"a"},"OrderNumber":" x ","StatusCode":" 4 ","EventTime":"22/11/2026 14:05:06"}`, true, at, "4"},
		{`{"_id":{"$oid":"a"},"OrderNumber":"x","StatusCode":"4","EventTime":"2026-11-22 14:05:06","POSID":880000}`, true, at, "4"},
		{`{"_id":{"$oid":"a"},"OrderNumber":"x","StatusCode":4,"EventTime":"2026-11-22T07:05:06Z"}`, true, at, "4"},
		{fmt.Sprintf(`{"_id":{"$oid":"a"},"OrderNumber":"x","StatusCode":4,"EventTime":{"$date":%d}}`, at.UnixMilli()), true, at, "4"},
		{`{"_id":{"$oid":"a"},"OrderNumber":"x","StatusCode":4,"EventTime":"hôm qua"}`, true, now, "4"},
		{`{"_id":{"$oid":"a"},"OrderNumber":"x\u0000","StatusCode":4,"StatusMessage":"a\u0000b"}`, true, now, "4"},
		{`{"_id":{"$oid":"a"},"StatusCode":4}`, false, now, "4"},
		{`{"_id":{"$oid":"a"},"OrderNumber":"x"}`, false, now, ""},
		{`{"OrderNumber":"x","StatusCode":4}`, false, now, "4"},
		{`"x"`, false, now, ""},
		{`{"_id":"a","OrderNumber":"x","StatusCode":4}`, false, now, "4"},
	} {
		h, ok := c.read([]byte(d.doc))
		if ok != d.ok || !h.At.Equal(d.at) || h.Code != d.code || strings.ContainsRune(h.Number+h.Message, 0) || ok && h.Number != "x" {
			t.Errorf("%s: %+v %v", d.doc, h, ok)
		}
	}
}

// The cursor is the furthest event of a page, wherever it stands in it.
func TestTheCursor(t *testing.T) {
	t.Parallel()
	const docs = `{"_embedded":{"rh:doc":[{"_id":{"$oid":"02"},"OrderNumber":"x","StatusCode":4},{"_id":{"$oid":"03"}},{"_id":{"$oid":"01"},"OrderNumber":"x","StatusCode":1}]}}`
	c := &Carrier{token: "t", until: time.Now().Add(time.Hour), HTTP: &http.Client{Transport: says(docs)}}
	p, err := c.tracking(t.Context(), feedStart)
	if err != nil || p.Last != "03" || len(p.Events) != 2 || p.Odd != 1 || p.More {
		t.Errorf("%+v %v", p, err)
	}
}

// A feed is not believed when it is no feed: an empty object says nothing about an end.
func TestAnswersThatAreNoFeed(t *testing.T) {
	t.Parallel()
	for answer, ok := range map[string]bool{
		`{}`: false, `[]`: false, `null`: false, `{"fault":"x"}`: false,
		`{"_returned":0}`: true, `{"_embedded":{"rh:doc":[]}}`: true,
	} {
		c := &Carrier{Now: time.Now, token: "t", until: time.Now().Add(time.Hour), HTTP: &http.Client{Transport: says(answer)}}
		if _, err := c.tracking(t.Context(), feedStart); (err == nil) != ok {
			t.Errorf("%s: %v", answer, err)
		}
	}
}

// says answers everything with one body.
type says string

func (s says) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(string(s))), Request: r}, nil
}
