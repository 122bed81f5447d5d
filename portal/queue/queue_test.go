package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/queue"
)

var morning = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// desk is a worker with a clock that a test moves, and what its jobs said.
type desk struct {
	*queue.Worker
	mu   sync.Mutex
	now  time.Time
	done []string
}

// newDesk handles the kind "letter" by noting subject and body, after first.
func newDesk(t *testing.T, db *sqlx.DB, first func(ctx context.Context, j queue.Job) error) *desk {
	t.Helper()
	d := &desk{now: morning}
	d.Worker = &queue.Worker{DB: db, Now: d.clock, Handlers: map[string]queue.Handler{
		"letter": func(ctx context.Context, j queue.Job) error {
			if first != nil {
				if err := first(ctx, j); err != nil {
					return err
				}
			}
			var body string
			if err := json.Unmarshal(j.Body, &body); err != nil {
				body = string(j.Body)
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			d.done = append(d.done, j.Subject+" "+body)
			return nil
		}}}
	return d
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) pass(t time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(t)
}

// drain does what is due and expects so many tries and this to have been said in them.
func (d *desk) drain(t *testing.T, tries int, said ...string) {
	t.Helper()
	n, err := d.Drain(t.Context())
	if err != nil {
		t.Errorf("drain: %v", err)
	}
	if n != tries || strings.Join(d.done, ", ") != strings.Join(said, ", ") {
		t.Errorf("%d tries, done: %q; wanted %d, %q", n, d.done, tries, said)
	}
	d.done = nil
}

func put(t *testing.T, db sqlx.ExtContext, subject string, due time.Time, body any) {
	t.Helper()
	if err := queue.Put(t.Context(), db, "letter", subject, due, body); err != nil {
		t.Fatal(err)
	}
}

func TestJobIsThereWithItsDeedOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	d := newDesk(t, db, nil)
	late := errors.New("late")
	err := pg.InTx(t.Context(), db, func(tx *sqlx.Tx) error {
		put(t, tx, "undone", morning, nil)
		return late
	})
	if !errors.Is(err, late) {
		t.Fatal(err)
	}
	err = pg.InTx(t.Context(), db, func(tx *sqlx.Tx) error {
		put(t, tx, "done", morning, "hello")
		put(t, tx, "later", morning.Add(time.Minute), nil)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d.drain(t, 1, "done hello")
	d.drain(t, 0)
	d.pass(time.Minute)
	d.drain(t, 1, "later {}")
}

func TestSecondPutKeepsOneJobWithTheNewestBodyAndTheEarlierTime(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	d := newDesk(t, db, nil)
	put(t, db, "a", morning, "first")
	put(t, db, "a", morning.Add(time.Hour), "second")
	d.drain(t, 1, "a second")
	put(t, db, "b", morning.Add(time.Hour), "first")
	put(t, db, "b", morning, "second")
	d.drain(t, 1, "b second")
	d.pass(2 * time.Hour)
	d.drain(t, 0)
}

func TestPutWhileInHandRunsOnceMore(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	tomorrow := morning.Add(24 * time.Hour)
	var d *desk
	d = newDesk(t, db, func(ctx context.Context, j queue.Job) error {
		switch string(j.Body) {
		case `"first"`:
			put(t, db, j.Subject, d.clock(), "second")
			put(t, db, j.Subject, d.clock().Add(time.Second), "third")
		case `"third"`:
			put(t, db, j.Subject, tomorrow, "tomorrow's")
		}
		return nil
	})
	put(t, db, "a", morning, "first")
	d.drain(t, 2, "a first", "a third")
	d.pass(23 * time.Hour)
	d.drain(t, 0)
	d.pass(time.Hour)
	d.drain(t, 1, "a tomorrow's")
	d.pass(48 * time.Hour)
	d.drain(t, 0)
}

func TestFailureIsTriedAgainLaterAndLater(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	refuse := true
	d := newDesk(t, db, func(context.Context, queue.Job) error {
		if refuse {
			return errors.New("the post is shut \x00\xff")
		}
		return nil
	})
	put(t, db, "a", morning, "hello")
	waited := []time.Duration{}
	for try := 1; try <= 12; try++ {
		if n, err := d.Drain(t.Context()); n != 1 || err == nil || !strings.Contains(err.Error(), "the post is shut") {
			t.Fatalf("try %d: %d, %v", try, n, err)
		}
		var due time.Time
		if err := db.GetContext(t.Context(), &due, `SELECT due FROM jobs`); err != nil {
			t.Fatal(err)
		}
		waited = append(waited, due.Sub(d.clock()))
		d.pass(waited[try-1] - time.Second)
		d.drain(t, 0) // not before its time
		d.pass(time.Second)
	}
	if waited[0] < 5*time.Second || waited[0] > 7*time.Second || waited[10] < 6*time.Hour || waited[10] > 8*time.Hour {
		t.Errorf("pauses: %v", waited)
	}
	d.drain(t, 0)
	stuck, err := queue.Stuck(t.Context(), db)
	if err != nil || len(stuck) != 1 || stuck[0].Subject != "a" || !strings.Contains(stuck[0].LastError, "the post is shut") {
		t.Fatalf("stuck: %+v (%v)", stuck, err)
	}

	refuse = false
	if err := queue.Retry(t.Context(), db, stuck[0].ID, d.clock()); err != nil {
		t.Fatal(err)
	}
	d.drain(t, 1, "a hello")
	if stuck, err := queue.Stuck(t.Context(), db); err != nil || len(stuck) != 0 {
		t.Errorf("still stuck: %+v (%v)", stuck, err)
	}
}

func TestStuckJobStartsAfreshWhenPutAnew(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	d := newDesk(t, db, nil)
	put(t, db, "a", morning.Add(-time.Hour), "old")
	if _, err := db.ExecContext(t.Context(), `UPDATE jobs SET stuck_at = now(), tries = 12, due = $1`, morning.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	put(t, db, "a", morning.Add(time.Minute), "new")
	d.drain(t, 0)
	d.pass(time.Minute)
	d.drain(t, 1, "a new")
}

func TestPanicIsAFailure(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	d := newDesk(t, db, func(context.Context, queue.Job) error { panic("boom") })
	put(t, db, "a", morning, nil)
	if n, err := d.Drain(t.Context()); n != 1 || err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("%d, %v", n, err)
	}
	var tries int
	if err := db.GetContext(t.Context(), &tries, `SELECT tries FROM jobs WHERE leased_to IS NULL`); err != nil || tries != 1 {
		t.Errorf("tries %d (%v)", tries, err)
	}
}

// A worker that is killed in a try writes nothing down: the claim itself was the schedule.
func TestKilledWorkersJobIsDoneByAnother(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	killed := newDesk(t, db, func(context.Context, queue.Job) error {
		other := newDesk(t, db, nil)
		other.pass(59 * time.Second)
		other.drain(t, 0) // leased
		other.pass(time.Second)
		other.drain(t, 1, "a hello")
		return nil
	})
	put(t, db, "a", morning, "hello")
	if n, err := killed.Drain(t.Context()); err != nil || n != 1 {
		t.Errorf("%d tries, %v", n, err)
	}
}

func TestEndOfALostLeaseChangesNothing(t *testing.T) {
	t.Parallel()
	for _, fault := range []error{nil, errors.New("late")} {
		db := pgtest.Open(t)
		slow := newDesk(t, db, func(context.Context, queue.Job) error {
			// the lease ran out and another worker has the job in hand
			if _, err := db.ExecContext(t.Context(), `UPDATE jobs SET tries = 2, leased_to = $1, due = $1`, morning.Add(time.Hour)); err != nil {
				t.Error(err)
			}
			return fault
		})
		put(t, db, "a", morning, nil)
		if _, err := slow.Drain(t.Context()); !errors.Is(err, fault) {
			t.Error(err)
		}
		var others int
		err := db.GetContext(t.Context(), &others, `SELECT count(*) FROM jobs WHERE leased_to = $1 AND last_error = ''`, morning.Add(time.Hour))
		if err != nil || others != 1 {
			t.Errorf("after %v the other's job is changed (%v)", fault, err)
		}
	}
}

func TestJobThatEndsItsProgramIsGivenUp(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	d := newDesk(t, db, func(context.Context, queue.Job) error { t.Error("tried once more"); return nil })
	put(t, db, "a", morning, nil)
	if _, err := db.ExecContext(t.Context(), `UPDATE jobs SET tries = 12, leased_to = $1, due = $1`, morning); err != nil {
		t.Fatal(err)
	}
	if n, err := d.Drain(t.Context()); n != 1 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
	d.pass(100 * time.Hour)
	d.drain(t, 0)
	if stuck, err := queue.Stuck(t.Context(), db); err != nil || len(stuck) != 1 {
		t.Errorf("stuck: %+v (%v)", stuck, err)
	}
}

func TestUnknownKindsAreLeftToOthers(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	if err := queue.Put(t.Context(), db, "of a newer program", "a", morning, nil); err != nil {
		t.Fatal(err)
	}
	newDesk(t, db, nil).drain(t, 0)
}

func TestManyWorkersDoEachJobOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	const jobs = 100
	for i := range jobs {
		put(t, db, fmt.Sprint(i), morning, nil)
	}
	d := newDesk(t, db, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := d.Drain(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, s := range d.done {
		seen[s] = true
	}
	if len(d.done) != jobs || len(seen) != jobs {
		t.Errorf("%d done, %d different", len(d.done), len(seen))
	}
}
