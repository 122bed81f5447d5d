package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/pg"
)

// fingerprint changes with everything that an edition is made of. Revisions are only ever
// added; their number tells of one that was committed after a later one.
func fingerprint(ctx context.Context, q sqlx.QueryerContext) (string, error) {
	var print string
	err := sqlx.GetContext(ctx, q, &print, `
		SELECT concat_ws('/', (SELECT coalesce(max(id), 0) FROM revisions), (SELECT count(*) FROM revisions),
			(SELECT max(at) FROM fields), (SELECT count(*) FROM fields), (SELECT max(at) FROM synonyms), (SELECT count(*) FROM synonyms),
			(SELECT max(at) FROM paper_types), (SELECT count(*) FROM paper_types),
			(SELECT count(*) FROM withdrawals), (SELECT count(*) FROM procedure_ends), (SELECT max(revoked_at) FROM procedure_ends),
			(SELECT count(*) FROM units), (SELECT count(*) FROM unit_changes), (SELECT count(*) FROM agencies), (SELECT count(*) FROM agency_heirs),
			(SELECT max(at) FROM procedure_uses), (SELECT count(*) FROM procedure_uses))`)
	if err != nil {
		return "", fmt.Errorf("catalogue's fingerprint: %w", err)
	}
	return print, nil
}

// row is a row of the revisions table.
type row struct {
	ID     int64     `db:"id"`
	Code   string    `db:"procedure_code"`
	No     int       `db:"no"`
	Doc    string    `db:"doc"`
	SHA256 []byte    `db:"sha256"`
	From   time.Time `db:"in_force_from"`
}

const columns = `id, procedure_code, no, doc::text AS doc, sha256, in_force_from`

// revision opens a stored row.
func (r row) revision(fields map[string]Field) (*Revision, error) {
	var doc document
	if err := json.Unmarshal([]byte(r.Doc), &doc); err != nil {
		return nil, fmt.Errorf("revision %d of %s: %w", r.No, r.Code, err)
	}
	rev, err := doc.open()
	if err != nil {
		return nil, fmt.Errorf("revision %d of %s: %w", r.No, r.Code, err)
	}
	rev.ID, rev.Code, rev.No, rev.SHA256, rev.InForceFrom = r.ID, r.Code, r.No, r.SHA256, r.From.In(locales.ICT)
	rev.Field = fieldOf(fields, rev.Sheet.Field)
	return rev, nil
}

// load reads the edition in force at an instant, and what is published for later. Of the
// revisions that the edition before it had none is read again: they never change.
func load(ctx context.Context, db *sqlx.DB, now time.Time, print string, known *edition) (*edition, error) {
	l, err := readLists(ctx, db)
	if err != nil {
		return nil, err
	}
	ends, err := readEnds(ctx, db)
	if err != nil {
		return nil, err
	}
	var ids []int64
	// in one reading: asked for each procedure by itself it takes seconds at six thousand
	err = db.SelectContext(ctx, &ids, `
		SELECT id FROM (
			SELECT id, in_force_from > $1 AS waits,
				row_number() OVER (PARTITION BY procedure_code, in_force_from > $1 ORDER BY no DESC) AS place
			FROM revisions r WHERE `+standing+`) AS standing
		WHERE waits OR place = 1
		ORDER BY id`, now)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	all, err := readRevisions(ctx, db, ids, known.all(), l.fields)
	if err != nil {
		return nil, err
	}
	var revisions, waiting []*Revision
	for _, rev := range all {
		if rev.InForceFrom.After(now) {
			waiting = append(waiting, rev)
		} else {
			revisions = append(revisions, rev)
		}
	}
	var before *index
	if known != nil {
		before = known.index
	}
	return newEdition(print, l, revisions, waiting, endings(ends, now), before), nil
}

func readLists(ctx context.Context, db *sqlx.DB) (l lists, err error) {
	if l.fields, err = readFields(ctx, db); err != nil {
		return l, err
	}
	if l.synonyms, err = readSynonyms(ctx, db); err != nil {
		return l, err
	}
	if l.types, err = readPaperTypes(ctx, db); err != nil {
		return l, err
	}
	if l.beside, err = readBeside(ctx, db); err != nil {
		return l, err
	}
	l.uses, err = readUses(ctx, db)
	return l, err
}

// readRevisions gives the revisions of those ids: from what is known, the others opened,
// so many at a time.
func readRevisions(ctx context.Context, db *sqlx.DB, ids []int64, known map[int64]*Revision, fields map[string]Field) ([]*Revision, error) {
	all := make([]*Revision, 0, len(ids))
	var missing []int64
	for _, id := range ids {
		rev, ok := known[id]
		if !ok {
			missing = append(missing, id)
			continue
		}
		if f := fieldOf(fields, rev.Sheet.Field); !reflect.DeepEqual(f, rev.Field) { // a field may be called otherwise today
			again := *rev
			again.Field, rev = f, &again
		}
		all = append(all, rev)
	}
	for some := range slices.Chunk(missing, batch) {
		var rows []row
		if err := db.SelectContext(ctx, &rows, `SELECT `+columns+` FROM revisions WHERE id = ANY ($1)`, pq.Array(some)); err != nil {
			return nil, fmt.Errorf("catalogue: %w", err)
		}
		for _, r := range rows {
			rev, err := r.revision(fields)
			if err != nil {
				return nil, err
			}
			all = append(all, rev)
		}
	}
	return all, nil
}

// fieldOf is a field by its code. A code the list does not have stands for itself.
func fieldOf(fields map[string]Field, code string) Field {
	if f, ok := fields[code]; ok {
		return f
	}
	return Field{Code: code, Name: locales.V(code)}
}

func readFields(ctx context.Context, db *sqlx.DB) (map[string]Field, error) {
	var rows []struct {
		Code   string                  `db:"code"`
		Name   pg.JSONOf[locales.Text] `db:"name"`
		Agency string                  `db:"agency"`
		Source string                  `db:"source"`
		From   string                  `db:"valid_from"`
		To     string                  `db:"valid_to"`
	}
	if err := db.SelectContext(ctx, &rows, `
		SELECT code, name, agency, source, coalesce(valid_from::text, '') AS valid_from, coalesce(valid_to::text, '') AS valid_to FROM fields`); err != nil {
		return nil, fmt.Errorf("fields: %w", err)
	}
	fields := make(map[string]Field, len(rows))
	for _, r := range rows {
		fields[r.Code] = Field{Code: r.Code, Name: r.Name.V, Agency: r.Agency, Source: r.Source, From: r.From, To: r.To}
	}
	return fields, nil
}

func readSynonyms(ctx context.Context, db *sqlx.DB) ([]Synonym, error) {
	var rows []struct {
		Say   string              `db:"say"`
		Means pg.JSONOf[[]string] `db:"means"`
	}
	if err := db.SelectContext(ctx, &rows, `SELECT say, means FROM synonyms WHERE NOT gone ORDER BY say`); err != nil {
		return nil, fmt.Errorf("synonyms: %w", err)
	}
	all := make([]Synonym, len(rows))
	for i, r := range rows {
		all[i] = Synonym{Say: r.Say, Means: r.Means.V}
	}
	return all, nil
}
