package pg_test

import (
	"context"
	"testing"

	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
)

// A listener is called when it listens, when somebody notifies, and when its connection is
// back after it was cut.
func TestListen(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	heard, done := make(chan struct{}), make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		defer close(done)
		pg.Listen(ctx, pgtest.DSN(t, db), "news", nil, func(ctx context.Context) {
			select {
			case heard <- struct{}{}:
			case <-ctx.Done():
			}
		})
	}()
	<-heard
	for range 2 {
		if err := pg.Notify(t.Context(), db, "news"); err != nil {
			t.Fatal(err)
		}
		<-heard
		var cut int
		err := db.Get(&cut, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`)
		if err != nil || cut != 1 {
			t.Fatalf("%d listeners cut (%v)", cut, err)
		}
		<-heard
	}
	stop()
	<-done
}

// A listener that never reached the server ends with its context.
func TestListenNowhere(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		pg.Listen(ctx, "postgres://nobody@127.0.0.1:9/nothing?sslmode=disable", "news", nil, func(context.Context) { t.Error("heard something") })
	}()
	stop()
	<-done
}
