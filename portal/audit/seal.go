package audit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
)

// SealEvery is how often the log is to be sealed: a change stays unseen only when it
// happens within that time of the deed.
const SealEvery = time.Minute

// sealLock lets one instance seal at a time.
const sealLock = 0x6d6f7463756101

// noEnd is after every transaction.
const noEnd = math.MaxInt64

// seal is a row of audit_seals: it binds the rows after AfterID whose transactions are in
// [From, To).
type seal struct {
	No      int64     `db:"no"`
	AfterID int64     `db:"after_id"`
	From    uint64    `db:"from_xid"`
	To      uint64    `db:"to_xid"`
	LastID  int64     `db:"last_id"`
	Rows    int64     `db:"rows"`
	Digests []byte    `db:"digests"`
	Sum     []byte    `db:"sha256"`
	At      time.Time `db:"at"`
}

// none is before the first seal.
var none = seal{AfterID: math.MinInt64, LastID: math.MinInt64}

const sealColumns = `no, after_id, from_xid::text, to_xid::text, last_id, rows, digests, sha256, at`

// sum is the hash of the seal, bound to the one before.
func (s seal) sum(before []byte) []byte {
	var b []byte
	for _, n := range []uint64{uint64(s.No), uint64(s.AfterID), s.From, s.To, uint64(s.LastID), uint64(s.Rows)} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	h := sha256.New()
	h.Write(before)
	h.Write(b)
	h.Write(s.Digests)
	return h.Sum(nil)
}

// Seal binds all rows that can have no more company: those of transactions below the
// oldest that still runs. It is the body of a repeating job; two at once do no harm.
func Seal(ctx context.Context, db *sqlx.DB, now time.Time) error {
	err := pg.InTx(ctx, db, func(tx *sqlx.Tx) error {
		var mine bool
		if err := tx.GetContext(ctx, &mine, `SELECT pg_try_advisory_xact_lock($1)`, int64(sealLock)); err != nil || !mine {
			return err
		}
		last, err := lastSeal(ctx, tx)
		if err != nil {
			return err
		}
		// asked before the rows are read: what ended by now is seen by the statements after
		var low uint64
		if err := tx.GetContext(ctx, &low, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text`); err != nil {
			return err
		}
		if low < last.To {
			if last, err = sealRestored(ctx, tx, last, now); err != nil {
				return err
			}
		}
		next, err := stretch(ctx, tx, last, low)
		if err != nil || next.Rows == 0 {
			return err
		}
		return insertSeal(ctx, tx, next, now)
	})
	if err != nil {
		return fmt.Errorf("seal the audit log: %w", err)
	}
	return nil
}

// Head is the number and hash of the newest seal, to be kept where the database's owner
// cannot change it: the chain before it is proven by it.
func Head(ctx context.Context, db sqlx.QueryerContext) (no int64, sum []byte, err error) {
	s, err := lastSeal(ctx, db)
	return s.No, s.Sum, err
}

func lastSeal(ctx context.Context, q sqlx.QueryerContext) (seal, error) {
	var s seal
	err := sqlx.GetContext(ctx, q, &s, `SELECT `+sealColumns+` FROM audit_seals ORDER BY no DESC LIMIT 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return none, nil
	}
	return s, err
}

// sealRestored is for a cluster restored from a dump: it counts transactions anew, so that
// new rows seem older than sealed ones. No old row can come any more: what is unsealed of
// them gets a last seal without an end, and later stretches look only at the rows after.
func sealRestored(ctx context.Context, tx *sqlx.Tx, last seal, now time.Time) (seal, error) {
	if last.To != noEnd {
		end, err := stretch(ctx, tx, last, noEnd)
		if err != nil {
			return seal{}, err
		}
		if err := insertSeal(ctx, tx, end, now); err != nil {
			return seal{}, err
		}
		if last, err = lastSeal(ctx, tx); err != nil {
			return seal{}, err
		}
	}
	last.AfterID, last.To = last.LastID, 0
	return last, nil
}

// stretch is the seal after last, up to a transaction, without its own hash.
func stretch(ctx context.Context, q sqlx.QueryerContext, last seal, to uint64) (seal, error) {
	s := seal{No: last.No + 1, AfterID: last.AfterID, From: last.To, To: to, LastID: last.LastID}
	err := eachRow(ctx, q, s, math.MaxInt64, func(r row) {
		s.Rows++
		s.LastID = max(s.LastID, r.ID)
		s.Digests = append(s.Digests, r.digest()...)
	})
	s.Sum = s.sum(last.Sum)
	return s, err
}

func insertSeal(ctx context.Context, tx *sqlx.Tx, s seal, now time.Time) error {
	if s.Digests == nil {
		s.Digests = []byte{}
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO audit_seals (no, after_id, from_xid, to_xid, last_id, rows, digests, sha256, at)
		VALUES ($1, $2, $3::xid8, $4::xid8, $5, $6, $7, $8, $9)`,
		s.No, s.AfterID, xid8(s.From), xid8(s.To), s.LastID, s.Rows, s.Digests, s.Sum, now)
	return err
}

func xid8(n uint64) string { return strconv.FormatUint(n, 10) }
