package main

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// report is everything that was measured.
type report struct {
	options
	about         string
	many, one     measured // the portal
	pgMany, pgOne measured
	pgParsed      measured
	bytes         map[string]int64 // in the rows of the portal
	pgBytes       map[string]int64 // and with those of pgbench
	told, filed   int
	statements    []statement
	pageRuns      []pageRun
	profiled      profiled
	crowded       bool // other work ran beside
}

// machine says on what the figures were taken.
func (r *report) machine(ctx context.Context, h *house) error {
	var version, fsyncOn, commit, sums string
	err := h.super.QueryRowContext(ctx, `SELECT current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit'),
		current_setting('data_checksums')`).Scan(&version, &fsyncOn, &commit, &sums)
	if err != nil {
		return err
	}
	sync, err := fsync(h.dir)
	if err != nil {
		return err
	}
	version, _, _ = strings.Cut(version, " ")
	r.about = fmt.Sprintf("%d cores shared by client, program and PostgreSQL %s (fsync %s, synchronous_commit %s, data checksums %s; one fsync %s) · %s · %d clients",
		runtime.NumCPU(), version, fsyncOn, commit, sums, ms(sync), runtime.Version(), r.Clients)
	return nil
}

func (r *report) print() {
	fmt.Fprintf(r.Out, "\n%s\n\n", r.about)
	fmt.Fprintf(r.Out, "%-58s %7s %10s %9s %9s %9s %7s\n", "", "done", "per second", "median", "p95", "p99", "ratio")
	r.row("filing 2.000635 at 20 agencies: portal, POST to 303", r.many, r.pgMany)
	r.row("  the same rows and bytes: pgbench, prepared", r.pgMany, r.pgMany)
	r.row("  the same, each statement planned anew: pgbench, extended", r.pgParsed, r.pgMany)
	r.row("filing 2.000635 at one agency: portal", r.one, r.pgOne)
	r.row("  the same rows and bytes: pgbench, prepared", r.pgOne, r.pgOne)
	for _, p := range r.pageRuns {
		r.row(fmt.Sprintf("page %s, %.1f KB %s: portal", p.Path, float64(len(p.Body))/1024, p.Encoding), p.portal, p.bare)
		r.row("  the same bytes: bare Fiber handler", p.bare, p.bare)
	}
	r.printShares()
	r.printCosts()
	fmt.Fprintf(r.Out, "\nbytes in rows, a filing: portal %d, pgbench %d (%s)\nbeside its filings the program's worker wrote %d notices\n",
		perFiling(r.bytes, nil, r.filed), perFiling(r.pgBytes, r.bytes, r.pgMany.Count+r.pgParsed.Count+r.pgOne.Count), strings.Join(written, " "), r.told)
}

func (r *report) row(what string, m, against measured) {
	fmt.Fprintf(r.Out, "%-58s %7d %10.0f %9s %9s %9s %7.2f\n", what, m.Count, m.perSecond(), ms(m.Median), ms(m.P95), ms(m.P99),
		m.perSecond()/max(1, against.perSecond()))
}

// printShares says who worked: share of what the measured processes used, and CPU time a piece.
func (r *report) printShares() {
	fmt.Fprintf(r.Out, "\n%-58s %15s %15s %15s %9s  %s\n", "CPU: share and time a piece", "client", "program", "PostgreSQL", "in all", "others")
	r.share("filing at 20 agencies: portal", r.many)
	r.share("  pgbench, prepared", r.pgMany)
	r.share("  pgbench, extended", r.pgParsed)
	r.share("filing at one agency: portal", r.one)
	r.share("  pgbench, prepared", r.pgOne)
	for _, p := range r.pageRuns {
		r.share("page "+p.Path+": portal", p.portal)
		r.share("  bare handler", p.bare)
	}
	if r.crowded {
		fmt.Fprintln(r.Out, "Other work took more than a quarter of a core beside some parts: their ratios are not to be trusted.")
	}
}

func (r *report) share(what string, m measured) {
	all := m.cpu.Client + m.cpu.Program + m.cpu.Postgres
	if all == 0 || m.Count == 0 {
		return
	}
	part := func(d time.Duration) string {
		return fmt.Sprintf("%.0f %% %6s", 100*float64(d)/float64(all), ms(d/time.Duration(m.Count)))
	}
	others := float64(m.cpu.others()) / float64(m.Took)
	r.crowded = r.crowded || others > 0.25
	fmt.Fprintf(r.Out, "%-58s %15s %15s %15s %9s  %.2f cores\n", what, part(m.cpu.Client), part(m.cpu.Program), part(m.cpu.Postgres),
		ms(all/time.Duration(m.Count)), others)
}

// printCosts says what costs most, from the part that was filed for it.
func (r *report) printCosts() {
	if r.profiled.Said != "" {
		fmt.Fprintf(r.Out, "\nno profile: %s\n", r.profiled.Said)
	} else if len(r.profiled.Flat) > 0 {
		fmt.Fprintln(r.Out, "\nThe program's CPU: by itself, with all it calls")
		for _, l := range r.profiled.Flat {
			fmt.Fprintln(r.Out, " ", l)
		}
		fmt.Fprintln(r.Out, "our own functions with all they call:")
		for _, l := range r.profiled.Ours {
			fmt.Fprintln(r.Out, " ", l)
		}
	}
	if len(r.statements) == 0 {
		return
	}
	fmt.Fprintln(r.Out, "\nPostgreSQL, a filing: calls, ms to plan, ms to execute (waiting included), what the worker asks too")
	for _, s := range r.statements {
		fmt.Fprintf(r.Out, "  %6.2f %7.3f %7.3f  %s\n", s.Calls, s.Plan, s.Exec, s.short())
	}
}

func perFiling(all, before map[string]int64, n int) int64 {
	if n == 0 {
		return 0
	}
	var sum int64
	for table, b := range all {
		sum += b - before[table]
	}
	return sum / int64(n)
}

func ms(d time.Duration) string {
	if d < 20*time.Millisecond {
		return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
