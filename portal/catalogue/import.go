package catalogue

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io/fs"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/pg"
)

// Report is what an import did, and what it could not take.
type Report struct {
	New      int // procedures that were not there
	Changed  int // procedures with a new revision
	Same     int
	Fields   int // fields new or changed
	Synonyms int // synonyms new or changed
	Faults   Faults
}

// Import takes a catalogue's folder over. A procedure with a fault is left out whole and
// reported; the others come in one transaction. A procedure whose document has the hash
// of its last revision stays as it is, so the same folder again changes nothing.
func (s *Service) Import(ctx context.Context, fsys fs.FS) (Report, error) {
	f, err := read(fsys)
	if err != nil {
		return Report{}, err
	}
	var r Report
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		r = Report{Faults: f.faults}
		return s.importInto(ctx, tx, f, &r)
	})
	if err != nil {
		return Report{}, fmt.Errorf("import catalogue: %w", err)
	}
	s.Renew(ctx)
	return r, nil
}

// lockNumbers keeps others from publishing: the number of a procedure's next revision is
// the last one's and one.
func lockNumbers(ctx context.Context, tx *sqlx.Tx) error {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('catalogue.import'))`); err != nil {
		return fmt.Errorf("lock the numbers of revisions: %w", err)
	}
	return nil
}

func (s *Service) importInto(ctx context.Context, tx *sqlx.Tx, f *folder, r *Report) error {
	if err := lockNumbers(ctx, tx); err != nil {
		return err
	}
	var err error
	if r.Fields, err = putFields(ctx, tx, f.fields); err != nil {
		return err
	}
	if r.Synonyms, err = putSynonyms(ctx, tx, f.synonyms); err != nil {
		return err
	}
	if err := putPaperTypes(ctx, tx, f.types); err != nil {
		return err
	}
	if err := putLists(ctx, tx, f.lists, s.Now()); err != nil {
		return err
	}
	last, err := latest(ctx, tx)
	if err != nil {
		return err
	}
	return putRevisions(ctx, tx, r.news(f.entries, last, s.Now()))
}

// lastRow is the newest revision of a procedure, and the newest that an import brought. A
// folder that says nothing new does not take back what editors published since.
type lastRow struct {
	Code     string `db:"procedure_code"`
	No       int    `db:"no"`
	Imported []byte `db:"imported"` // its hash
}

func latest(ctx context.Context, tx *sqlx.Tx) (map[string]lastRow, error) {
	var rows []lastRow
	err := tx.SelectContext(ctx, &rows, `
		SELECT procedure_code, max(no) AS no,
			(array_agg(sha256 ORDER BY no DESC) FILTER (WHERE NOT EXISTS (SELECT FROM form_edits e WHERE e.revision_id = r.id)
				AND NOT EXISTS (SELECT FROM publications p WHERE p.revision_id = r.id)))[1] AS imported
		FROM revisions r GROUP BY procedure_code`)
	if err != nil {
		return nil, fmt.Errorf("latest revisions: %w", err)
	}
	last := make(map[string]lastRow, len(rows))
	for _, r := range rows {
		last[r.Code] = r
	}
	return last, nil
}

// fresh is a revision on its way into the table.
type fresh struct {
	Code string
	No   int
	Doc  []byte
	SHA  string // in hex
	From time.Time
}

// news are the revisions that have to be written.
func (r *Report) news(entries []entry, last map[string]lastRow, now time.Time) []fresh {
	var all []fresh
	for _, e := range entries {
		before, known := last[e.code]
		switch {
		case !known:
			r.New++
		case bytes.Equal(before.Imported, e.sha):
			r.Same++
			continue
		default:
			r.Changed++
		}
		all = append(all, fresh{e.code, before.No + 1, e.doc, hex.EncodeToString(e.sha), inForce(e.from, known, now)})
	}
	return all
}

// inForce is when a revision comes into force: on the sheet's day, but a changed one never
// before now.
func inForce(day string, known bool, now time.Time) time.Time {
	from, err := time.ParseInLocation(time.DateOnly, day, locales.ICT)
	if err != nil || known && from.Before(now) {
		return now.Truncate(time.Microsecond) // as PostgreSQL keeps it, never rounded up
	}
	return from
}

// batch is how many revisions one statement carries.
const batch = 500

func putRevisions(ctx context.Context, tx *sqlx.Tx, all []fresh) error {
	for len(all) > 0 {
		n := min(batch, len(all))
		var codes, docs, shas, from []string // as columns: documents in one big document would be read twice
		var no []int64
		for _, r := range all[:n] {
			codes, no, docs, shas, from = append(codes, r.Code), append(no, int64(r.No)), append(docs, string(r.Doc)), append(shas, r.SHA), append(from, r.From.Format(time.RFC3339Nano))
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO procedures (code) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, pq.Array(codes))
		if err != nil {
			return fmt.Errorf("procedures: %w", err)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO revisions (procedure_code, no, doc, sha256, in_force_from)
			SELECT code, no, doc::jsonb, decode(sha, 'hex'), "from"
			FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::timestamptz[]) AS r (code, no, doc, sha, "from")
			ORDER BY code`, pq.Array(codes), pq.Array(no), pq.Array(docs), pq.Array(shas), pq.Array(from))
		if err != nil {
			return fmt.Errorf("revisions: %w", err)
		}
		all = all[n:]
	}
	return nil
}

// putFields writes what the folder says anew of the fields: what editors changed since, and
// whom a merge gave a field to, stays.
func putFields(ctx context.Context, tx *sqlx.Tx, fields []Field) (int, error) {
	n := 0
	for _, f := range fields {
		res, err := tx.ExecContext(ctx, `
			INSERT INTO fields AS t (code, name, agency, source, valid_from, valid_to, imported) VALUES ($1, $2, $3, $4, nullif($5, '')::date, nullif($6, '')::date, $7)
			ON CONFLICT (code) DO UPDATE SET name = excluded.name, agency = excluded.agency, source = excluded.source,
				valid_from = excluded.valid_from, valid_to = coalesce(excluded.valid_to, t.valid_to), imported = excluded.imported, at = clock_timestamp()
			WHERE t.imported IS DISTINCT FROM excluded.imported`, f.Code, pg.JSON(f.Name), f.Agency, f.Source, f.From, f.To, pg.JSON(f))
		if err != nil {
			return 0, fmt.Errorf("field %s: %w", f.Code, err)
		}
		changed, err := res.RowsAffected()
		if err != nil {
			return 0, err
		}
		n += int(changed)
	}
	return n, nil
}

// putSynonyms takes a folder's words in, but for those that editors have changed since.
func putSynonyms(ctx context.Context, tx *sqlx.Tx, synonyms []Synonym) (int, error) {
	n := 0
	for _, y := range synonyms {
		means := append([]string{}, y.Means...)
		res, err := tx.ExecContext(ctx, `
			INSERT INTO synonyms AS t (say, means) VALUES ($1, $2)
			ON CONFLICT (say) DO UPDATE SET means = excluded.means, at = clock_timestamp()
			WHERE NOT t.edited AND t.means IS DISTINCT FROM excluded.means`, y.Say, pg.JSON(means))
		if err != nil {
			return 0, fmt.Errorf("synonym %s: %w", y.Say, err)
		}
		changed, err := res.RowsAffected()
		if err != nil {
			return 0, err
		}
		n += int(changed)
	}
	return n, nil
}
