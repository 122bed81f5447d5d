package notification

import (
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"motcua/locales"
	"motcua/portal/notification/sandbox"
	"motcua/portal/pg/pgtest"
	"motcua/portal/queue"
	"motcua/portal/standin"
)

// clock is a clock that tests set.
type clock struct{ at atomic.Int64 }

func (c *clock) Now() time.Time       { return time.Unix(c.at.Load(), 0) }
func (c *clock) pass(d time.Duration) { c.at.Add(int64(d / time.Second)) }

// office is a service on its own database with its own mail server.
type office struct {
	*Service
	clock  *clock
	mail   *sandbox.Server
	worker *queue.Worker
}

func newOffice(t *testing.T) *office {
	t.Helper()
	mail, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mail.Close() })
	host, port, err := net.SplitHostPort(mail.SMTP())
	if err != nil {
		t.Fatal(err)
	}
	no, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{}
	c.at.Store(time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC).Unix())
	s := &Service{
		DB: pgtest.Open(t), Now: c.Now, Log: slog.New(slog.DiscardHandler),
		Settings: Settings{
			Host: host, Port: no, TLS: NoTLS, From: "Cổng dịch vụ công <no-reply@example.gov.vn>",
			PortalURL: "https://dvc.example.gov.vn", Timeout: 5 * time.Second,
		},
	}
	return &office{s, c, mail, &queue.Worker{DB: s.DB, Handlers: s.Handlers(), Now: c.Now, Log: s.Log}}
}

// tell tells one thing in a transaction of its own.
func (o *office) tell(t *testing.T, n Notice) {
	t.Helper()
	tx, err := o.DB.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if err := o.Tell(t.Context(), tx, n); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// work does what is due now; faults of jobs are what many tests want.
func (o *office) work(t *testing.T) error {
	t.Helper()
	_, err := o.worker.Drain(t.Context())
	return err
}

// days lets a week go by with the worker looking every few hours.
func (o *office) days(t *testing.T) {
	t.Helper()
	for range 24 {
		_ = o.work(t)
		o.clock.pass(8 * time.Hour)
	}
}

func (o *office) rows(t *testing.T, what string, args ...any) int {
	t.Helper()
	var n int
	if err := o.DB.GetContext(t.Context(), &n, `SELECT count(*) FROM `+what, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// received is "your dossier was received", for person 7.
func received(event string) Notice {
	return Notice{
		Person: 7, Dossier: "7c9e6679-7425-40de-944b-e07fc1f90ae7", EventKey: event, Kind: "received",
		Email: "an@example.vn", Lang: locales.VI, Link: "/ho-so/7c9e6679-7425-40de-944b-e07fc1f90ae7",
		Args: []locales.Arg{
			locales.S("code", "H01.15-261123-0001"),
			locales.T("procedure", locales.Text{VI: "Cấp bản sao trích lục", EN: "Copy of an extract"}),
			locales.T("agency", locales.Text{VI: "UBND phường", EN: "Ward People's Committee"}),
			locales.D("due", time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)),
		},
	}
}

func faults(mode string, times int) standin.Fault { return standin.Fault{Mode: mode, Times: times} }

func event(i int) string { return fmt.Sprintf("event-%d", i) }
