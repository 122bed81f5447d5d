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
		r, err := tx.ExecContext(ctx, `UPDATE outages SET ended_at = $2, ended_by = $3 WHERE register = $1 AND ended_at IS NULL`, register, s.Now(), by.Officer)
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
