package catalogue

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
)

// Synonyms are the words of the search, by what people say. Not to be changed.
func (s *Service) Synonyms(ctx context.Context) ([]Synonym, error) {
	all, err := readSynonyms(ctx, s.DB)
	slices.SortFunc(all, func(a, b Synonym) int { return strings.Compare(a.Say, b.Say) })
	return all, err
}

// PutSynonyms makes these the words of the search, as editors want them: a folder that is
// imported again takes nothing of it back. Renew when the deed is done.
func PutSynonyms(ctx context.Context, tx *sqlx.Tx, all []Synonym) error {
	type row struct {
		Say   string   `json:"say"`
		Means []string `json:"means"`
	}
	rows := make([]row, len(all))
	for i, y := range all {
		rows[i] = row{y.Say, append([]string{}, y.Means...)}
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO synonyms AS t (say, means, edited) SELECT say, means, true FROM jsonb_to_recordset($1::jsonb) AS r (say text, means jsonb)
		ON CONFLICT (say) DO UPDATE SET means = excluded.means, edited = true, gone = false, at = clock_timestamp()
		WHERE t.gone OR t.means IS DISTINCT FROM excluded.means`, pg.JSON(rows))
	if err == nil {
		_, err = tx.ExecContext(ctx, `
			UPDATE synonyms SET gone = true, edited = true, at = clock_timestamp()
			WHERE NOT gone AND say NOT IN (SELECT say FROM jsonb_to_recordset($1::jsonb) AS r (say text))`, pg.JSON(rows))
	}
	if err != nil {
		return fmt.Errorf("words of the search: %w", err)
	}
	return nil
}
