package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// The worker's measures, for fields that are left zero.
const (
	defaultHands = 4
	defaultPoll  = 200 * time.Millisecond
	defaultLease = time.Minute
	defaultGrace = 20 * time.Second

	dbPause      = time.Second      // between asking a database that does not answer
	settleTime   = 10 * time.Second // to write down how a try ended, even when we are stopping
	firstPause   = 5 * time.Second
	longestPause = 6 * time.Hour
	maxCause     = 2000
)

// Handler does a job. It may be called again for the same job, also after it has
// succeeded: the second time must change nothing. Its context ends with the lease.
type Handler func(ctx context.Context, j Job) error

// Worker does the jobs of the kinds it has handlers for.
type Worker struct {
	DB       *sqlx.DB
	Handlers map[string]Handler
	Every    map[string]time.Duration // repeating duties by kind: how long after the end of one run the next is due
	Log      *slog.Logger
	Now      func() time.Time

	Hands int           // jobs at the same time
	Poll  time.Duration // how often an idle worker looks
	Lease time.Duration // how long one try may take
	Grace time.Duration // how long a try may go on after the end was asked for

	once sync.Once
	wake chan struct{}
}

// Wake makes an idle worker look at once; a deed calls it after its commit.
func (w *Worker) Wake() {
	w.once.Do(w.fill)
	select {
	case w.wake <- struct{}{}:
	default: // enough are awake
	}
}

// Run works until ctx ends, then lets the tries in hand come to their end. A database that
// is away, at its beginning too, is waited for.
func (w *Worker) Run(ctx context.Context) {
	w.once.Do(w.fill)
	for err := w.Plan(ctx); err != nil && ctx.Err() == nil; err = w.Plan(ctx) {
		w.Log.Error("the duties cannot be planned", "err", err)
		w.idle(ctx, dbPause)
	}
	var hands sync.WaitGroup
	for range w.Hands {
		hands.Go(func() { w.hand(ctx) })
	}
	hands.Wait()
}

// Drain does all that is due now and returns how many tries that took, with what went
// wrong in them. It is for tests and for commands that must leave nothing undone.
func (w *Worker) Drain(ctx context.Context) (int, error) {
	w.once.Do(w.fill)
	var faults []error
	for n := 0; ; n++ {
		j, err := w.claim(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return n, errors.Join(faults...)
		}
		if err != nil {
			return n, fmt.Errorf("claim a job: %w", err)
		}
		fault, err := w.try(ctx, j)
		if err != nil {
			return n, err
		}
		faults = append(faults, fault)
	}
}

func (w *Worker) fill() {
	if w.Hands == 0 {
		w.Hands = defaultHands
	}
	if w.Poll == 0 {
		w.Poll = defaultPoll
	}
	if w.Lease == 0 {
		w.Lease = defaultLease
	}
	if w.Grace == 0 {
		w.Grace = defaultGrace
	}
	if w.Now == nil {
		w.Now = time.Now
	}
	if w.Log == nil {
		w.Log = slog.New(slog.DiscardHandler)
	}
	w.wake = make(chan struct{}, w.Hands)
}

// Plan makes the rows of the repeating duties; Run begins with it. All instances share them, so a duty is done
// by one at a time, and a shorter interval of a new release counts at once.
func (w *Worker) Plan(ctx context.Context) error {
	w.once.Do(w.fill)
	for kind, every := range w.Every {
		_, err := w.DB.ExecContext(ctx, `
			INSERT INTO jobs AS j (kind, subject, due) VALUES ($1, '', $2)
			ON CONFLICT (kind, subject) DO UPDATE SET due = $3 WHERE j.due > $3 AND j.leased_to IS NULL`,
			kind, w.Now(), w.Now().Add(every))
		if err != nil {
			return fmt.Errorf("plan %s: %w", kind, err)
		}
	}
	return nil
}

// hand does one job after the other and looks again when there is none.
func (w *Worker) hand(ctx context.Context) {
	down := false
	for ctx.Err() == nil {
		pause := w.Poll
		j, err := w.claim(ctx)
		switch {
		case err == nil:
			down = false
			if _, err := w.try(ctx, j); err != nil {
				w.Log.Error("the end of a job could not be written down", "kind", j.Kind, "subject", j.Subject, "err", err)
			}
			continue
		case errors.Is(err, sql.ErrNoRows):
			down = false
		case ctx.Err() == nil:
			if !down { // once an outage
				w.Log.Error("the queue cannot be read", "err", err)
			}
			down, pause = true, dbPause
		}
		w.idle(ctx, pause)
	}
}

func (w *Worker) idle(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-w.wake:
	case <-t.C:
	}
}

func (w *Worker) claim(ctx context.Context) (Job, error) {
	kinds := make(pq.StringArray, 0, len(w.Handlers))
	for k := range w.Handlers {
		kinds = append(kinds, k)
	}
	return claim(ctx, w.DB, kinds, w.Now(), w.Lease)
}

// try does a claimed job once and writes down how it ended: fault is the handler's, err is
// ours.
func (w *Worker) try(ctx context.Context, j Job) (fault, err error) {
	if fault = w.overdone(j); fault == nil {
		fault = w.handle(ctx, j)
	}
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer cancel()
	every, repeats := w.Every[j.Kind]
	switch {
	case fault == nil && repeats:
		return nil, doneUntil(settle, w.DB, j, w.Now().Add(every))
	case fault == nil:
		return nil, done(settle, w.DB, j)
	}
	now := w.Now()
	next, stuck := now.Add(pause(j.Tries)), (*time.Time)(nil)
	switch {
	case repeats: // it goes on trying, at its own pace at the slowest
		next = now.Add(min(pause(j.Tries), max(every, firstPause)))
	case j.Tries >= maxTries:
		stuck = &now
	}
	w.Log.Warn("a job failed", "kind", j.Kind, "subject", j.Subject, "try", j.Tries, "stuck", stuck != nil, "err", fault)
	return fmt.Errorf("%s of %s: %w", j.Kind, j.Subject, fault),
		failed(settle, w.DB, j, cause(fault), next, stuck)
}

// overdone refuses a job whose tries ended with their program, every one of them: it may be
// what ends the program.
func (w *Worker) overdone(j Job) error {
	if _, repeats := w.Every[j.Kind]; j.Tries > maxTries && !repeats {
		return errors.New("no try came to its end: " + j.LastError)
	}
	return nil
}

// handle calls the handler. Its context outlives the worker's by the grace, so that an end
// of the program does not tear a try that is nearly through.
func (w *Worker) handle(ctx context.Context, j Job) (err error) {
	in, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.Lease)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(w.Grace, cancel) })
	defer stop()
	defer func() {
		if r := recover(); r != nil {
			w.Log.Error("a job's handler panicked", "kind", j.Kind, "subject", j.Subject, "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return w.Handlers[j.Kind](in, j)
}

// pause is the time before the next try: 5 s, 12 s, half a minute … six hours, and up to a
// quarter more so that what failed together does not come back together.
func pause(tries int) time.Duration {
	d := float64(firstPause)
	for range tries - 1 {
		d = min(d*2.5, float64(longestPause))
	}
	return time.Duration(d * (1 + rand.Float64()/4))
}

// cause is a fault's text as PostgreSQL takes it.
func cause(fault error) string {
	s := strings.ToValidUTF8(strings.ReplaceAll(fault.Error(), "\x00", ""), "")
	if len(s) > maxCause {
		s = strings.ToValidUTF8(s[:maxCause], "")
	}
	return s
}
