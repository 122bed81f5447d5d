package draft

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/portal/agency"
	"motcua/portal/pg"
)

// agencyAnswer is the question by which a form asks for the receiving agency.
const agencyAnswer = "agency"

// toPass are the open drafts that a move of work concerns: those that chose the body.
const toPass = `FROM revisions r WHERE r.id = d.revision_id AND d.filed_at IS NULL AND d.deleted_at IS NULL AND d.answers ->> '` + agencyAnswer + `' = $1
	AND CASE WHEN $2 <> '' THEN r.doc #>> '{sheet,field}' = $2
	ELSE NOT coalesce(r.doc #>> '{sheet,field}', '') IN (SELECT jsonb_array_elements_text($3::jsonb)) END`

// Pass lets open drafts go to the agency that took the work over. A page that was drawn
// before is merged like one saved elsewhere meanwhile.
func Pass(ctx context.Context, tx *sqlx.Tx, p agency.Passing) (int, error) {
	res, err := tx.ExecContext(ctx, `
		UPDATE drafts d SET answers = jsonb_set(d.answers, '{`+agencyAnswer+`}', to_jsonb($4::text)), version = version + 1 `+toPass,
		p.Pass.From, p.Field, pg.JSON(append([]string{}, p.Named...)), p.Pass.To)
	if err != nil {
		return 0, fmt.Errorf("pass drafts from %s to %s: %w", p.Pass.From, p.Pass.To, err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// ToPass counts what Pass would change.
func (s *Service) ToPass(ctx context.Context, p agency.Passing) (int, error) {
	var n int
	err := s.DB.GetContext(ctx, &n, `SELECT count(*) FROM drafts d WHERE EXISTS (SELECT `+toPass+`)`,
		p.Pass.From, p.Field, pg.JSON(append([]string{}, p.Named...)))
	if err != nil {
		return 0, fmt.Errorf("drafts for %s: %w", p.Pass.From, err)
	}
	return n, nil
}
