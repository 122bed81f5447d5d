package audit

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/jmoiron/sqlx"
)

// Broken is what Verify found: the first row, or the seal itself, that is not as it was.
type Broken struct {
	Seal int64
	Row  int64 // 0 when it is the seal
	What string
}

func (b *Broken) Error() string {
	if b.Row == 0 {
		return fmt.Sprintf("audit seal %d %s", b.Seal, b.What)
	}
	return fmt.Sprintf("audit row %d %s (seal %d)", b.Row, b.What, b.Seal)
}

// Verify reads the sealed log from its beginning and returns a *Broken for the first thing
// that was changed, taken out or put in since it was sealed.
func Verify(ctx context.Context, db *sqlx.DB) error {
	last := none
	for {
		s, err := sealNo(ctx, db, last.No+1)
		if errors.Is(err, sql.ErrNoRows) {
			return noneAfter(ctx, db, last)
		}
		if err != nil {
			return fmt.Errorf("verify the audit log: %w", err)
		}
		if err := follows(last, s); err != nil {
			return err
		}
		if err := verifyRows(ctx, db, s); err != nil {
			return err
		}
		last = s
	}
}

func sealNo(ctx context.Context, db *sqlx.DB, no int64) (seal, error) {
	var s seal
	err := db.GetContext(ctx, &s, `SELECT `+sealColumns+` FROM audit_seals WHERE no = $1`, no)
	return s, err
}

// noneAfter finds a gap in the numbers: a seal that was taken out.
func noneAfter(ctx context.Context, db *sqlx.DB, last seal) error {
	newest, err := lastSeal(ctx, db)
	if err != nil {
		return fmt.Errorf("verify the audit log: %w", err)
	}
	if newest.No > last.No+1 {
		return &Broken{Seal: last.No + 1, What: "is missing"}
	}
	return nil
}

// follows looks whether s goes on where last ended: at its transaction, or, in a restored
// cluster, after its rows.
func follows(last, s seal) error {
	goesOn := s.AfterID == last.AfterID && s.From == last.To
	restored := last.To == noEnd && s.AfterID == last.LastID && s.From == 0
	switch {
	case !goesOn && !restored:
		return &Broken{Seal: s.No, What: "does not go on where the one before ended"}
	case !bytes.Equal(s.Sum, s.sum(last.Sum)):
		return &Broken{Seal: s.No, What: "does not fit the one before"}
	case int64(len(s.Digests)) != s.Rows*digestSize:
		return &Broken{Seal: s.No, What: "does not hold as many rows as it says"}
	}
	return nil
}

func verifyRows(ctx context.Context, db *sqlx.DB, s seal) error {
	until, err := endOf(ctx, db, s)
	if err != nil {
		return fmt.Errorf("verify the audit log: %w", err)
	}
	var broken *Broken
	left := s.Digests
	err = eachRow(ctx, db, s, until, func(r row) {
		if broken == nil {
			broken = compare(s, left, r)
		}
		left = left[min(digestSize, len(left)):]
	})
	switch {
	case err != nil:
		return fmt.Errorf("verify the audit log: %w", err)
	case broken != nil:
		return broken
	case len(left) > 0:
		return &Broken{Seal: s.No, Row: idOf(left), What: "is missing"}
	}
	return nil
}

// endOf is the last row number that a stretch may hold: in a log that was restored, later
// rows have transactions with the same numbers.
func endOf(ctx context.Context, db *sqlx.DB, s seal) (int64, error) {
	end := int64(math.MaxInt64)
	err := db.GetContext(ctx, &end, `
		SELECT coalesce(min(after_id), $3) FROM audit_seals WHERE no > $1 AND after_id > $2`, s.No, s.AfterID, end)
	return end, err
}

// compare holds a row against the first of the digests that are left.
func compare(s seal, left []byte, r row) *Broken {
	d := r.digest()
	if len(left) >= digestSize && bytes.Equal(left[:digestSize], d) {
		return nil
	}
	for at := s.Digests; len(at) >= digestSize; at = at[digestSize:] {
		if idOf(at) != r.ID {
			continue
		}
		if bytes.Equal(at[:digestSize], d) { // itself sound: the one due before it is gone
			return &Broken{Seal: s.No, Row: idOf(left), What: "is missing"}
		}
		return &Broken{Seal: s.No, Row: r.ID, What: "was changed"}
	}
	return &Broken{Seal: s.No, Row: r.ID, What: "was put in afterwards"}
}

func idOf(digest []byte) int64 { return int64(binary.BigEndian.Uint64(digest)) }
