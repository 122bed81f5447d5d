package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Bounds of a declared outage.
const (
	longestOutage = 31 * oneDay
	longestReason = 500 // characters
)

// DeclaredOutage is a time in which a register is not asked: people type, and the answers
// are compared afterwards.
type DeclaredOutage struct {
	ID       int64     `db:"id"`
	Register string    `db:"register"`
	From     time.Time `db:"from_at"`
	Until    time.Time `db:"until_at"`
	Reason   string    `db:"reason"`
	Officer  int64     `db:"declared_by"`
}

// Declarer is the officer who declares or ends an outage; that they may is the caller's to
// have asked.
type Declarer struct{ Officer, AgencyID int64 }

// declared are the registers with an outage in force.
func (s *Service) declared(ctx context.Context) (map[string]bool, error) {
	all, err := s.Outages(ctx)
	declared := map[string]bool{}
	for _, o := range all {
		declared[o.Register] = true
	}
	return declared, err
}

// Outages are those in force.
func (s *Service) Outages(ctx context.Context) ([]DeclaredOutage, error) {
	var all []DeclaredOutage
	err := s.DB.SelectContext(ctx, &all, `
		SELECT id, register, from_at, until_at, reason, declared_by FROM outages
		WHERE ended_at IS NULL AND until_at > $1 ORDER BY register`, s.Now())
	if err != nil {
		return nil, fmt.Errorf("declared outages: %w", err)
	}
	return all, nil
}

// PastOutage is an outage with how it ended, and the names of who declared and ended it.
type PastOutage struct {
	DeclaredOutage
	Ended   *time.Time `db:"ended_at"` // nil: it is in force
	By      string     `db:"by_name"`
	EndedBy string     `db:"ended_name"` // "": it ran out
}

// mostOutages is how many the history shows.
const mostOutages = 50

// History are the outages that were declared, those in force first, then the newest first.
func (s *Service) History(ctx context.Context) ([]PastOutage, error) {
	var all []PastOutage
	err := s.DB.SelectContext(ctx, &all, `
		SELECT u.id, u.register, u.from_at, u.until_at, u.reason, u.declared_by, coalesce(d.name, '') AS by_name, coalesce(e.name, '') AS ended_name,
			coalesce(u.ended_at, CASE WHEN u.until_at <= $1 THEN u.until_at END) AS ended_at
		FROM outages u LEFT JOIN officers d ON d.id = u.declared_by LEFT JOIN officers e ON e.id = u.ended_by
		ORDER BY (u.ended_at IS NULL AND u.until_at > $1) DESC, u.id DESC LIMIT $2`, s.Now(), mostOutages)
	if err != nil {
		return nil, fmt.Errorf("outages that were declared: %w", err)
	}
	return all, nil
}

// DeclareOutage lets nobody ask a register until then. One that is declared already gets
// the new end and reason.
func (s *Service) DeclareOutage(ctx context.Context, by Declarer, register string, until time.Time, reason string, key once.Key) error {
	now := s.Now()
	register = RegisterOf(register)
	switch length := len([]rune(reason)); {
	case NameOf(register).Empty():
		return problem.New(problem.NotFound, "registry.no_such_register")
	case !until.After(now) || until.Sub(now) > longestOutage:
		return problem.New(problem.Invalid, "registry.outage_until", locales.N("days", int64(longestOutage/oneDay)))
	case length == 0 || length > longestReason:
		return problem.New(problem.Invalid, "registry.outage_reason", locales.N("max", longestReason))
	}
	return s.change(ctx, by, "registry.outage", register, key, func(tx *sqlx.Tx) error {
		// one that has run out by itself was ended by nobody
		if _, err := tx.ExecContext(ctx, `UPDATE outages SET ended_at = until_at WHERE register = $1 AND ended_at IS NULL AND until_at <= $2`, register, now); err != nil {
			return fmt.Errorf("end what ran out: %w", err)
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO outages (register, from_at, until_at, reason, declared_by) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (register) WHERE ended_at IS NULL DO UPDATE SET until_at = excluded.until_at, reason = excluded.reason, declared_by = excluded.declared_by`,
			register, now, until, reason, by.Officer)
		if err != nil {
			return fmt.Errorf("declare an outage: %w", err)
		}
		return nil
	})
}

// EndOutage lets a register be asked again.
func (s *Service) EndOutage(ctx context.Context, by Declarer, register string, key once.Key) error {
	register = RegisterOf(register)
	return s.change(ctx, by, "registry.outage_end", register, key, func(tx *sqlx.Tx) error {
		r, err := tx.ExecContext(ctx, `UPDATE outages SET ended_at = $2, ended_by = $3 WHERE register = $1 AND ended_at IS NULL AND until_at > $2`, register, s.Now(), by.Officer)
		if err != nil {
			return fmt.Errorf("end an outage: %w", err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return problem.New(problem.Conflict, "registry.no_outage")
		}
		return nil
	})
}

// change is a deed on a register, once and on record.
func (s *Service) change(ctx context.Context, by Declarer, deed, register string, key once.Key, part func(tx *sqlx.Tx) error) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, key, s.Now())
		if err != nil || done {
			return err
		}
		if err := part(tx); err != nil {
			return err
		}
		err = audit.Write(ctx, tx, audit.Entry{Actor: fmt.Sprintf("officer:%d", by.Officer), Deed: deed, Object: "register:" + register, AgencyID: by.AgencyID})
		if err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, register)
	})
}
