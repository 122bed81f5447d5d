package appointment

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
)

// packFile is the counters' file in a province pack; a pack may be without it.
const packFile = "counters.json"

// Import takes the counters of a province pack over, all or nothing. One that somebody has
// set since stays as they set it; the same pack again changes nothing.
func (s *Service) Import(ctx context.Context, pack fs.FS) error {
	b, err := fs.ReadFile(pack, packFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", packFile, err)
	}
	var doc struct {
		Note     string    `json:"note"`
		Counters []Counter `json:"counters"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		return fmt.Errorf("%s: %w", packFile, err)
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		for _, c := range doc.Counters {
			if err := s.take(ctx, tx, c); err != nil {
				return fmt.Errorf("%s: counter %s: %w", packFile, c.Code, err)
			}
		}
		return nil
	})
}

func (s *Service) take(ctx context.Context, tx *sqlx.Tx, c Counter) error {
	if err := c.check(); err != nil || c.Code == "" {
		return errors.Join(err, fmt.Errorf("not a counter: %+v", c))
	}
	err := tx.GetContext(ctx, &c.AgencyID, `SELECT id FROM agencies WHERE code = $1 AND valid_from <= $2::date AND coalesce(valid_to, 'infinity') >= $2::date`, c.Agency, c.From)
	if err != nil {
		return fmt.Errorf("agency %s: %w", c.Agency, err)
	}
	known, err := counters(ctx, tx, `WHERE c.code = $1 AND c.changed_by IS NULL FOR UPDATE OF c`, c.Code)
	if err != nil {
		return err
	}
	if len(known) > 0 {
		before := known[0]
		c.ID, c.Version, before.Agency, before.AgencyID = before.ID, before.Version, c.Agency, c.AgencyID
		if same(c, before) {
			return nil
		}
		_, err = s.set(ctx, tx, c, sql.NullInt64{})
		return err
	}
	var theirs bool
	if err := tx.GetContext(ctx, &theirs, `SELECT EXISTS (SELECT FROM counters WHERE code = $1)`, c.Code); err != nil || theirs {
		return err
	}
	_, err = s.set(ctx, tx, c, sql.NullInt64{})
	return err
}

func same(a, b Counter) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}
