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
