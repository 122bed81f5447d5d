package portal

import (
	"context"
	"fmt"
	"io"
	"time"

	"motcua/portal/audit"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/queue"
)

// chore is a duty that comes round again.
type chore struct {
	kind  string
	every time.Duration
	do    func(ctx context.Context, now time.Time) error
}

func (p *Portal) choreList() []chore {
	return []chore{
		{"chore.seal", time.Minute, func(ctx context.Context, now time.Time) error { return audit.Seal(ctx, p.DB, now) }},
		{"chore.sweep", time.Hour, p.sweep},
		{"chore.partitions", 24 * time.Hour, p.partitions},
	}
}

// chores are their handlers.
func (p *Portal) chores() map[string]queue.Handler {
	all := map[string]queue.Handler{}
	for _, c := range p.choreList() {
		all[c.kind] = func(ctx context.Context, _ queue.Job) error { return c.do(ctx, time.Now()) }
	}
	return all
}

// duties are the kinds that come round again, with how long after the end of one run the
// next is due.
func (p *Portal) duties() map[string]time.Duration {
	all := p.Postal.Duties()
	for _, c := range p.choreList() {
		all[c.kind] = c.every
	}
	return all
}

// sweep forgets what is over: sign-ins, sessions, one-time keys after 30 days, counted tries.
func (p *Portal) sweep(ctx context.Context, now time.Time) error {
	if err := p.Signin.Sweep(ctx); err != nil {
		return err
	}
	if err := once.Sweep(ctx, p.DB, now.Add(-30*24*time.Hour)); err != nil {
		return err
	}
	return pg.SweepLimits(ctx, p.DB, now.Add(-24*time.Hour))
}

// partitions makes the months ahead of the tables that are kept by month.
func (p *Portal) partitions(ctx context.Context, now time.Time) error {
	for _, table := range []string{"events", "audit", "notices", "lookups"} {
		if _, err := p.DB.ExecContext(ctx, `SELECT monthly($1::text::regclass, $2::date, 6)`, table, now.Format(time.DateOnly)); err != nil {
			return fmt.Errorf("partitions of %s: %w", table, err)
		}
	}
	return nil
}

// Verify compares what must agree: files with rows, the audit log with its seals, the
// ledger with the receipts. It prints each finding and fails when there is one.
func (p *Portal) Verify(ctx context.Context, out io.Writer) error {
	findings, err := p.findings(ctx)
	if err != nil {
		return err
	}
	for _, f := range findings {
		fmt.Fprintln(out, f)
	}
	if len(findings) > 0 {
		return fmt.Errorf("verify: %d findings", len(findings))
	}
	fmt.Fprintln(out, "verify: files, audit log and ledger agree")
	return nil
}
