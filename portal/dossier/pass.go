package dossier

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/queue"
)

// passedRow is a dossier that has another agency now.
type passedRow struct {
	ID      string `db:"id" json:"id"`
	State   State  `db:"state" json:"state"`
	Owner   []byte `db:"owner_hash" json:"-"`
	Version int    `db:"version" json:"-"`
}

// Pass gives what is open at one agency to another that took its work over, of one field or
// of all that nobody else took: each dossier says so in its history, its owner is told, and
// a fee that is still due is due to the other. What is closed stays with who closed it, and
// papers that went out stay as they are. An officer keeps a dossier if they work there now.
func (s *Service) Pass(ctx context.Context, tx *sqlx.Tx, p agency.Passing, ground string, now time.Time) (int, error) {
	var rows []passedRow
	err := tx.SelectContext(ctx, &rows, `
		UPDATE dossiers d SET agency_id = $2, version = version + 1,
			officer_id = CASE WHEN EXISTS (SELECT FROM officer_roles o WHERE o.officer_id = d.officer_id AND o.agency_id = $2
				AND (o.valid_to IS NULL OR o.valid_to >= $5::date)) THEN d.officer_id END
		FROM revisions r WHERE r.id = d.revision_id AND d.agency_id = $1 AND d.closed_at IS NULL AND `+passes+`
		RETURNING d.id, d.state, d.owner_hash, d.version`, p.From.ID, p.To.ID, p.Field, pg.JSON(append([]string{}, p.Named...)), now)
	if err != nil {
		return 0, fmt.Errorf("pass dossiers from %s to %s: %w", p.Pass.From, p.Pass.To, err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	args := map[string]any{"from": p.From.Name.VI, "to": p.To.Name.VI, "ground": ground}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO events (at, dossier_id, kind, from_state, to_state, actor, agency_id, args)
		SELECT $2, d.id, 'moved', d.state, d.state, 'system', $3, $4 FROM jsonb_to_recordset($1::jsonb) AS d (id uuid, state text)`,
		pg.JSON(rows), now, p.To.ID, pg.JSON(args))
	if err != nil {
		return 0, fmt.Errorf("events of dossiers passed to %s: %w", p.Pass.To, err)
	}
	var entries []audit.Entry
	var tellings []queue.Item
	var subjects []string
	for _, r := range rows {
		round := strconv.Itoa(r.Version)
		entries = append(entries, audit.Entry{Actor: "system", Deed: "dossier.moved", Object: "dossier:" + r.ID, AgencyID: p.To.ID, Subject: r.Owner,
			Args: map[string]any{"from": p.Pass.From, "to": p.Pass.To}})
		tellings = append(tellings, queue.Item{Subject: r.ID + ":moved:" + round, Body: telling{Dossier: r.ID, Kind: "moved", Round: round, Args: args}})
		subjects = append(subjects, "dossier:"+r.ID)
	}
	const most = 1000 // entries a statement bears
	for i := 0; i < len(entries); i += most {
		if err := audit.Write(ctx, tx, entries[i:min(i+most, len(entries))]...); err != nil {
			return 0, err
		}
	}
	if err := queue.PutAll(ctx, tx, "dossier.tell", tellings, now); err != nil {
		return 0, err
	}
	return len(rows), payments.Pass(ctx, tx, subjects, p.To.ID)
}

// passes narrows dossiers (with their revisions as r) to the field $3, or to those that are
// of none of the fields $4.
const passes = `CASE WHEN $3 <> '' THEN r.doc #>> '{sheet,field}' = $3
	ELSE NOT coalesce(r.doc #>> '{sheet,field}', '') IN (SELECT jsonb_array_elements_text($4::jsonb)) END`

// Open counts what Pass would give away.
func (s *Service) Open(ctx context.Context, p agency.Passing) (int, error) {
	var n int
	err := s.DB.GetContext(ctx, &n, `SELECT count(*) FROM dossiers d JOIN revisions r ON r.id = d.revision_id
		WHERE d.agency_id = $1 AND d.closed_at IS NULL AND $2::bigint >= 0 AND `+passes,
		p.From.ID, p.To.ID, p.Field, pg.JSON(append([]string{}, p.Named...)))
	if err != nil {
		return 0, fmt.Errorf("open dossiers of %s: %w", p.Pass.From, err)
	}
	return n, nil
}
