package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/pg/embedded"
)

// statement is what one kind of statement cost PostgreSQL, per filing.
type statement struct {
	Query string  `db:"query"`
	Calls float64 `db:"calls"`
	Plan  float64 `db:"plan"` // ms
	Exec  float64 `db:"exec"` // ms, waiting for locks and disk included
}

// counted makes a new server count statements when it is asked to: the extension comes
// with PostgreSQL but must be loaded at its start. Without it nothing is counted.
func (h *house) counted(ctx context.Context) error {
	db, err := pg.Open(ctx, h.server.DSN(embedded.Super, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.GetContext(ctx, &h.counts, `SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements')`); err != nil || !h.counts {
		return err
	}
	if _, err := db.ExecContext(ctx, `ALTER SYSTEM SET shared_preload_libraries = pg_stat_statements`); err != nil {
		return err
	}
	if err := h.server.Stop(); err != nil {
		return err
	}
	if h.server, err = embedded.Start(ctx, embedded.Options{Dir: h.dir}); err != nil {
		return err
	}
	return track(ctx, db, "none")
}

// track begins or ends the counting.
func track(ctx context.Context, super *sqlx.DB, what string) error {
	for _, q := range []string{`ALTER SYSTEM SET pg_stat_statements.track = ` + what,
		`ALTER SYSTEM SET pg_stat_statements.track_planning = on`, `SELECT pg_reload_conf()`} {
		if _, err := super.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("count statements: %w", err)
		}
	}
	return nil
}

// track is track on the house's database, where there is anything to count with.
func (h *house) track(ctx context.Context, what string) error {
	if !h.counts {
		return nil
	}
	return track(ctx, h.super, what)
}

// statements are the dozen that cost most since the counting began, a filing, and the sum of all.
func (h *house) statements(ctx context.Context, filings int) ([]statement, error) {
	if !h.counts {
		return nil, nil
	}
	var all []statement
	err := h.super.SelectContext(ctx, &all, `SELECT query, sum(calls)::float8 / $1 AS calls, sum(total_plan_time) / $1 AS plan, sum(total_exec_time) / $1 AS exec
		FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = $2
		GROUP BY query ORDER BY sum(total_plan_time + total_exec_time) DESC`, float64(filings), embedded.App)
	if err != nil {
		return nil, fmt.Errorf("counted statements: %w", err)
	}
	sum := statement{Query: fmt.Sprintf("all %d kinds of statements", len(all))}
	for _, s := range all {
		sum.Calls, sum.Plan, sum.Exec = sum.Calls+s.Calls, sum.Plan+s.Plan, sum.Exec+s.Exec
	}
	return append(all[:min(12, len(all))], sum), nil
}

// short is the beginning of a statement in one line.
func (s statement) short() string {
	q := []rune(strings.Join(strings.Fields(s.Query), " "))
	return string(q[:min(len(q), 90)])
}
