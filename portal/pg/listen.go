package pg

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// How long a broken connection of a listener waits before it is tried again, and how often
// a silent one is asked whether it is still there.
const (
	leastWait = 100 * time.Millisecond
	mostWait  = 10 * time.Second
	askAlive  = time.Minute
)

// Notify tells every listener of the channel. It is called after a commit, on the pool: a
// NOTIFY inside a transaction makes all commits of the server wait for one another.
func Notify(ctx context.Context, db *sqlx.DB, channel string) error {
	if _, err := db.ExecContext(ctx, `SELECT pg_notify($1, '')`, channel); err != nil {
		return fmt.Errorf("notify %s: %w", channel, err)
	}
	return nil
}

// Listen calls heard once it listens, for each notification of the channel, and when a
// connection that broke is back, because something may have been said meanwhile. What comes
// while heard is at work is one call more. It holds a connection of its own and returns
// when ctx ends.
func Listen(ctx context.Context, dsn, channel string, log *slog.Logger, heard func(context.Context)) {
	l := pq.NewDialListener(timed{}, dsn, leastWait, mostWait, func(_ pq.ListenerEventType, err error) {
		if err != nil && log != nil && ctx.Err() == nil {
			log.Warn("the listener's connection", "channel", channel, "err", err)
		}
	})
	stop := context.AfterFunc(ctx, func() { _ = l.Close() }) // also ends a first connection that never comes
	defer stop()
	if l.Listen(channel) != nil { // only a closed one fails
		return
	}
	alive := time.NewTicker(askAlive)
	defer alive.Stop()
	for ctx.Err() == nil {
		heard(ctx)
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return
			case <-alive.C:
				_ = l.Ping() // a dead connection is found and made anew
			case <-l.NotificationChannel():
				waiting = false
			}
		}
		for n := len(l.NotificationChannel()); n > 0; n-- {
			<-l.NotificationChannel()
		}
	}
}

// timed gives up dialling in time, so that the end of the program need not wait for a host
// that does not answer.
type timed struct{}

func (timed) Dial(network, address string) (net.Conn, error) {
	return net.DialTimeout(network, address, connectTimeout)
}

func (timed) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	return net.DialTimeout(network, address, min(timeout, connectTimeout))
}
