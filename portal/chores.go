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
	"motcua/portal/report"
)

// chore is a duty that comes round again.
type chore struct {
	kind  string
	every time.Duration
	do    func(ctx context.Context, now time.Time) error
}

func (p *Portal) choreList() []chore {
	return []chore{
		{"chore.seal", audit.SealEvery, func(ctx context.Context, now time.Time) error { return audit.Seal(ctx, p.DB, now) }},
		{"chore.sweep", time.Hour, p.sweep},
		{"chore.bytes", 24 * time.Hour, p.sweepBytes},
		{"chore.drafts", time.Hour, p.Drafts.Remind},
		{"chore.appointments", 24 * time.Hour, p.Visits.Sweep},
		{"chore.vault", time.Hour, p.Vault.Remind},
		{"chore.uses", 24 * time.Hour, p.countUses},
		{"chore.links", time.Hour, p.Editorial.CheckLinks},
		{"chore.months", pg.MonthsEvery, func(ctx context.Context, now time.Time) error { return pg.KeepMonths(ctx, p.DB, now) }},
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

// countUses tells the catalogue what people need often.
func (p *Portal) countUses(ctx context.Context, now time.Time) error {
	uses, err := (&report.Service{DB: p.DB, Agency: p.Agency, Now: time.Now}).Uses(ctx, now)
	if err != nil {
		return err
	}
	return p.Catalogue.SetUses(ctx, uses)
}

// sweep forgets what is over: sign-ins, sessions, one-time keys after 30 days, counted tries,
// uploads that did not come whole.
func (p *Portal) sweep(ctx context.Context, now time.Time) error {
	if err := p.Signin.Sweep(ctx); err != nil {
		return err
	}
	if err := p.Drafts.Sweep(ctx, now); err != nil {
		return err
	}
	if err := p.Drafts.SweepUploads(ctx, now); err != nil {
		return err
	}
	if err := p.National.Sweep(ctx, now); err != nil {
		return err
	}
	if err := p.Bulk.Sweep(ctx, now); err != nil {
		return err
	}
	if err := once.Sweep(ctx, p.DB, now.Add(-once.Keep)); err != nil {
		return err
	}
	return pg.SweepLimits(ctx, p.DB, now.Add(-24*time.Hour))
}

// sweepBytes removes bytes that no row knows or will: uploads that broke off a day ago,
// files taken away seven days ago.
func (p *Portal) sweepBytes(ctx context.Context, now time.Time) error {
	stray, err := p.stray(ctx, now, keepRemoved)
	if err != nil {
		return err
	}
	for _, name := range stray {
		if err := p.Blobs.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// Verify compares what must agree: files with rows, filings and the audit log with their
// hashes, the ledger with the receipts. It prints each finding and fails when there is one.
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
	fmt.Fprintln(out, "verify: files, filings, audit log and ledger agree")
	return nil
}
