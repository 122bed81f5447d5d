package pg_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
)

func TestAllowLetsThroughExactlyTheLimit(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	var let atomic.Int32
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			ok, err := pg.Allow(t.Context(), db, "track", "192.0.2.1", 3, time.Minute, now)
			if err != nil {
				t.Error(err)
			}
			if ok {
				let.Add(1)
			}
		})
	}
	wg.Wait()
	if let.Load() != 3 {
		t.Errorf("%d tries were let through, not 3", let.Load())
	}
}

func TestAllowForgetsWithTheWindow(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	start := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		after time.Duration
		key   string
		want  bool
	}{
		{0, "a", true}, {time.Second, "a", true}, {2 * time.Second, "a", false},
		{2 * time.Second, "b", true}, // another key
		{59 * time.Second, "a", false},
		{60 * time.Second, "a", true}, // refused tries did not prolong it
		{61 * time.Second, "a", true}, {62 * time.Second, "a", false},
	} {
		ok, err := pg.Allow(t.Context(), db, "track", c.key, 2, time.Minute, start.Add(c.after))
		if err != nil || ok != c.want {
			t.Errorf("%s after %s: %v (%v)", c.key, c.after, ok, err)
		}
	}
	if ok, err := pg.Allow(t.Context(), db, "closed", "a", 0, time.Minute, start); ok || err != nil {
		t.Errorf("a limit of none: %v (%v)", ok, err)
	}
	if err := pg.SweepLimits(t.Context(), db, start.Add(30*time.Second)); err != nil {
		t.Fatal(err)
	}
	var left []string
	if err := db.SelectContext(t.Context(), &left, `SELECT key FROM limits`); err != nil || len(left) != 1 || left[0] != "a" {
		t.Errorf("after the sweep: %v (%v)", left, err)
	}
}
