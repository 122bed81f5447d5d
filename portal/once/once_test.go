package once_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func newKey() once.Key {
	return once.Key{Person: "7", Key: uuid.NewString(), Route: "POST /ho-so", Body: sha256.Sum256([]byte("body"))}
}

// press is a deed with a one-time key: it leaves a job as its trace and answers with the
// number of the job.
func press(ctx context.Context, db *sqlx.DB, k once.Key, late error) (answer string, done bool, err error) {
	err = pg.InTx(ctx, db, func(tx *sqlx.Tx) error {
		if answer, done, err = once.Begin(ctx, tx, k, now); err != nil || done {
			return err
		}
		if err := tx.GetContext(ctx, &answer, `
			INSERT INTO jobs (kind, subject, due) VALUES ('deed', gen_random_uuid(), now()) RETURNING id::text`); err != nil {
			return err
		}
		if err := once.Finish(ctx, tx, k, answer); err != nil {
			return err
		}
		return late
	})
	return answer, done, err
}

func deeds(t *testing.T, db *sqlx.DB) (n int) {
	t.Helper()
	if err := db.GetContext(t.Context(), &n, `SELECT count(*) FROM jobs`); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTwentyPressesAreOneDeed(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	k := newKey()
	var mu sync.Mutex
	answers, firsts := map[string]int{}, 0
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			answer, done, err := press(t.Context(), db, k, nil)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			answers[answer]++
			if !done {
				firsts++
			}
		})
	}
	wg.Wait()
	if n := deeds(t, db); n != 1 || firsts != 1 || len(answers) != 1 {
		t.Errorf("%d deeds, %d firsts, answers %v", n, firsts, answers)
	}
}

// A second press that waits for a first that fails is the first.
func TestFailureOfTheHolderFreesTheKey(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	k := newKey()
	late := errors.New("late")
	second := make(chan error, 1)
	err := pg.InTx(t.Context(), db, func(tx *sqlx.Tx) error {
		if _, _, err := once.Begin(t.Context(), tx, k, now); err != nil {
			return err
		}
		go func() {
			_, done, err := press(t.Context(), db, k, nil)
			if done {
				err = errors.New("the second press was told that it was done")
			}
			second <- err
		}()
		waitForWaiter(t, db)
		return late
	})
	if !errors.Is(err, late) {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Error(err)
	}
	if n := deeds(t, db); n != 1 {
		t.Errorf("%d deeds", n)
	}
}

// waitForWaiter returns when another transaction waits for one of ours.
func waitForWaiter(t *testing.T, db *sqlx.DB) {
	t.Helper()
	for waiting := 0; waiting == 0; {
		err := db.GetContext(t.Context(), &waiting, `
			SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestLateFailureLeavesNoKey(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	k := newKey()
	late := errors.New("late")
	if _, _, err := press(t.Context(), db, k, late); !errors.Is(err, late) {
		t.Fatal(err)
	}
	if _, done, err := press(t.Context(), db, k, nil); err != nil || done {
		t.Errorf("the next press: done %v, %v", done, err)
	}
	if n := deeds(t, db); n != 1 {
		t.Errorf("%d deeds", n)
	}
}

func TestKeyIsForOneBodyOneRouteOnePerson(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	k := newKey()
	first, _, err := press(t.Context(), db, k, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, done, err := press(t.Context(), db, k, nil); again != first || !done || err != nil {
		t.Errorf("the same again: %q, %v, %v", again, done, err)
	}
	other := k
	other.Body = sha256.Sum256([]byte("other"))
	elsewhere := k
	elsewhere.Route = "POST /phi"
	for _, k := range []once.Key{other, elsewhere} {
		if _, _, err := press(t.Context(), db, k, nil); !problem.Is(err, problem.Conflict) {
			t.Errorf("%s: %v", k.Route, err)
		}
	}
	stranger := k
	stranger.Person = "8"
	if answer, done, err := press(t.Context(), db, stranger, nil); done || err != nil || answer == first {
		t.Errorf("another person sees the first one's answer: %q, %v, %v", answer, done, err)
	}
}

func TestBadKeysAreTheSendersFault(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	for _, bad := range []string{"", "7", "x" + uuid.NewString()[1:], "urn:uuid:" + uuid.NewString(), "\x00", strings.Repeat("0", 32)} {
		k := newKey()
		k.Key = bad
		if _, _, err := press(t.Context(), db, k, nil); !problem.Is(err, problem.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestForgottenFinishIsNoAnswer(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	k := newKey()
	err := pg.InTx(t.Context(), db, func(tx *sqlx.Tx) error {
		_, _, err := once.Begin(t.Context(), tx, k, now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, done, err := press(t.Context(), db, k, nil); err == nil || done {
		t.Errorf("done %v, %v", done, err)
	}
	err = pg.InTx(t.Context(), db, func(tx *sqlx.Tx) error { return once.Finish(t.Context(), tx, newKey(), "x") })
	if err == nil {
		t.Error("a key that was not begun was finished")
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	k := newKey()
	if _, _, err := press(t.Context(), db, k, nil); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		before time.Time
		done   bool
	}{{now, true}, {now.Add(time.Second), false}} {
		if err := once.Sweep(t.Context(), db, c.before); err != nil {
			t.Fatal(err)
		}
		if _, done, err := press(t.Context(), db, k, nil); done != c.done || err != nil {
			t.Errorf("%d: done %v, %v", i, done, err)
		}
	}
}

func TestWordsAreThere(t *testing.T) {
	for _, key := range []string{"once.bad_key", "once.other_body"} {
		for _, l := range []locales.Lang{locales.VI, locales.EN} {
			if _, in := locales.Say(l, locales.M(key)); in != l || !locales.Has(key) {
				t.Errorf("%s is not there in %s", key, l)
			}
		}
	}
}
