package queue_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"motcua/portal/pg/pgtest"
	"motcua/portal/queue"
)

// run starts the worker and gives its end.
func run(t *testing.T, w *queue.Worker) (stop func(), ended chan struct{}) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	ended = make(chan struct{})
	go func() {
		w.Run(ctx)
		close(ended)
	}()
	return cancel, ended
}

// PostgreSQL may die in the moment in which the program starts: that does not end the program.
func TestRunWaitsForADatabaseThatIsAwayAtItsBeginning(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	owner := pgtest.Owner(t, db)
	if _, err := owner.ExecContext(t.Context(), `ALTER TABLE jobs RENAME TO jobs_away`); err != nil {
		t.Fatal(err)
	}
	faults := &faultLog{said: make(chan struct{}, 100)}
	swept := make(chan struct{})
	w := &queue.Worker{DB: db, Log: slog.New(faults), Every: map[string]time.Duration{"sweep": time.Hour},
		Handlers: map[string]queue.Handler{"sweep": func(context.Context, queue.Job) error {
			close(swept)
			return nil
		}}}
	stop, ended := run(t, w)
	<-faults.said
	if _, err := owner.ExecContext(t.Context(), `ALTER TABLE jobs_away RENAME TO jobs`); err != nil {
		t.Fatal(err)
	}
	w.Wake()
	select {
	case <-swept:
	case <-ended:
		t.Fatal("the worker gave up")
	}
	stop()
	<-ended
}

// faultLog tells each line of the worker's log.
type faultLog struct {
	slog.Handler
	said chan struct{}
}

func (l *faultLog) Enabled(context.Context, slog.Level) bool { return true }

func (l *faultLog) Handle(context.Context, slog.Record) error {
	l.said <- struct{}{}
	return nil
}

func TestRunDoesWhatComesAndEndsItsTries(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	begun, goOn := make(chan struct{}), make(chan struct{})
	w := &queue.Worker{DB: db, Poll: time.Hour, Handlers: map[string]queue.Handler{
		"slow": func(ctx context.Context, j queue.Job) error {
			begun <- struct{}{}
			<-goOn
			return ctx.Err() // still alive after the end was asked for
		}}}
	stop, ended := run(t, w)
	if err := queue.Put(t.Context(), db, "slow", "a", time.Now(), nil); err != nil {
		t.Fatal(err)
	}
	w.Wake() // it polls each hour only
	<-begun
	stop()
	select {
	case <-ended:
		t.Fatal("it ended with a try in hand")
	default:
	}
	close(goOn)
	<-ended
	var left int
	if err := db.GetContext(t.Context(), &left, `SELECT count(*) FROM jobs`); err != nil || left != 0 {
		t.Errorf("%d jobs left (%v)", left, err)
	}
}

func TestTryThatOutlivesTheGraceIsCutOff(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	begun := make(chan struct{})
	w := &queue.Worker{DB: db, Poll: time.Millisecond, Grace: time.Millisecond, Handlers: map[string]queue.Handler{
		"endless": func(ctx context.Context, j queue.Job) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		}}}
	if err := queue.Put(t.Context(), db, "endless", "a", time.Now(), nil); err != nil {
		t.Fatal(err)
	}
	stop, ended := run(t, w)
	<-begun
	stop()
	<-ended
	var waiting int
	if err := db.GetContext(t.Context(), &waiting, `SELECT count(*) FROM jobs WHERE leased_to IS NULL AND last_error <> ''`); err != nil || waiting != 1 {
		t.Errorf("%d jobs wait for their next try (%v)", waiting, err)
	}
}

func TestDutyRepeatsForEver(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	runs, fail := 0, false
	d := newDesk(t, db, nil)
	d.Handlers["sweep"] = func(context.Context, queue.Job) error {
		if runs++; fail {
			return errors.New("the carrier is away")
		}
		return nil
	}
	d.Every = map[string]time.Duration{"sweep": time.Minute}
	plan(t, d)
	plan(t, d) // a second instance
	d.drain(t, 1)
	d.pass(59 * time.Second)
	d.drain(t, 0)
	d.pass(time.Second)
	d.drain(t, 1)

	fail = true
	for range 20 { // more than a job is tried
		d.pass(time.Minute + time.Second)
		if n, err := d.Drain(t.Context()); n != 1 || err == nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	if stuck, err := queue.Stuck(t.Context(), db); err != nil || len(stuck) != 1 || stuck[0].LastError != "the carrier is away" {
		t.Errorf("a failing duty is not shown: %+v (%v)", stuck, err)
	}
	fail = false
	d.pass(time.Minute)
	d.drain(t, 1)
	if stuck, err := queue.Stuck(t.Context(), db); err != nil || len(stuck) != 0 {
		t.Errorf("still shown: %+v (%v)", stuck, err)
	}

	d.Every["sweep"] = time.Second // of a newer release
	plan(t, d)
	d.pass(time.Second)
	d.drain(t, 1)
}

func plan(t *testing.T, d *desk) {
	t.Helper()
	if err := d.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
}
