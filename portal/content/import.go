package content

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/pg"
)

// files are the files of a folder of content, by kind. The words of the search come with
// the procedures.
var files = map[string]string{News: "news.json", Guide: "guides.json", Question: "questions.json", Event: "events.json"}

// Report is what an import did, and what it could not take.
type Report struct {
	New, Changed, Same int
	Faults             []Fault
}

// Fault is what is wrong at a place of a file.
type Fault struct {
	File, Place string
	Message     locales.Message
}

func (f Fault) String() string { return f.File + " " + f.Place + ": " + f.Message.String() }

// entry is a text that was read and found right.
type entry struct {
	Kind string          `json:"kind"`
	Slug string          `json:"slug"`
	Doc  json.RawMessage `json:"doc"`
	SHA  string          `json:"sha"` // in hex
	No   int             `json:"no"`
}

// Import takes a folder of content over: a trusted deed at the machine, shown at once. A
// text with a fault is left out and reported; the others come in one transaction. One that
// the folder says as it said it last stays as it is, also when editors changed it since.
func (s *Service) Import(ctx context.Context, fsys fs.FS) (Report, error) {
	var r Report
	all, err := read(fsys, &r)
	if err != nil {
		return Report{}, err
	}
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('content.publish'))`); err != nil {
			return fmt.Errorf("lock the numbers of revisions: %w", err)
		}
		return s.put(ctx, tx, all, &r)
	})
	if err != nil {
		return Report{}, fmt.Errorf("import content: %w", err)
	}
	s.renew(ctx)
	return r, nil
}

// read reads what is right of a folder.
func read(fsys fs.FS, r *Report) ([]entry, error) {
	var all []entry
	for _, kind := range Kinds {
		b, err := fs.ReadFile(fsys, files[kind])
		if files[kind] == "" || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r.file(kind, b)...)
	}
	return all, nil
}

func (r *Report) file(kind string, b []byte) []entry {
	var doc struct {
		Note  string `json:"note"`
		Items []struct {
			Slug string `json:"slug"`
			Doc
		} `json:"items"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		r.Faults = append(r.Faults, Fault{files[kind], "", locales.M("content.fault.unreadable", locales.S("why", err.Error()))})
		return nil
	}
	var all []entry
	seen := map[string]bool{}
	for _, i := range doc.Items {
		before := len(r.Faults)
		if !slugs.MatchString(i.Slug) || seen[i.Slug] {
			r.Faults = append(r.Faults, Fault{files[kind], i.Slug, locales.M("content.fault.slug")})
		}
		seen[i.Slug] = true
		for _, f := range Check(kind, i.Doc, nil) {
			if f.Refusal {
				r.Faults = append(r.Faults, Fault{files[kind], i.Slug + " " + f.Place, f.Message})
			}
		}
		if len(r.Faults) == before {
			b, err := json.Marshal(i.Doc)
			if err != nil {
				panic(err) // texts and numbers
			}
			all = append(all, entry{Kind: kind, Slug: i.Slug, Doc: b, SHA: hex.EncodeToString(i.sum())})
		}
	}
	return all
}

func (s *Service) put(ctx context.Context, tx *sqlx.Tx, all []entry, r *Report) error {
	var last []struct {
		Kind     string `db:"kind"`
		Slug     string `db:"slug"`
		No       int    `db:"no"`
		Imported string `db:"imported"` // hash of the newest that an import brought
	}
	err := tx.SelectContext(ctx, &last, `
		SELECT c.kind, c.slug, max(r.no) AS no, coalesce((array_agg(encode(r.sha256, 'hex') ORDER BY r.no DESC) FILTER (WHERE r.edit_id IS NULL))[1], '') AS imported
		FROM content_revisions r JOIN contents c ON c.id = r.content_id GROUP BY c.kind, c.slug`)
	if err != nil {
		return fmt.Errorf("newest revisions: %w", err)
	}
	var fresh []entry
	for _, e := range all {
		e.No = 1
		for _, l := range last {
			if l.Kind == e.Kind && l.Slug == e.Slug {
				if e.No = l.No + 1; l.Imported == e.SHA {
					e.No = 0
				}
			}
		}
		switch e.No {
		case 0:
			r.Same++
			continue
		case 1:
			r.New++
		default:
			r.Changed++
		}
		fresh = append(fresh, e)
	}
	return insert(ctx, tx, fresh, s.Now().Truncate(time.Microsecond))
}

func insert(ctx context.Context, tx *sqlx.Tx, fresh []entry, now time.Time) error {
	if len(fresh) == 0 {
		return nil
	}
	rows := pg.JSON(fresh)
	_, err := tx.ExecContext(ctx, `
		INSERT INTO contents (kind, slug) SELECT kind, slug FROM jsonb_to_recordset($1::jsonb) AS r (kind text, slug text) ON CONFLICT DO NOTHING`, rows)
	if err == nil {
		_, err = tx.ExecContext(ctx, `
			INSERT INTO content_revisions (content_id, no, doc, sha256, in_force_from, made_at)
			SELECT c.id, r.no, r.doc, decode(r.sha, 'hex'), $2, $2
			FROM jsonb_to_recordset($1::jsonb) AS r (kind text, slug text, no int, doc jsonb, sha text)
			JOIN contents c ON c.kind = r.kind AND c.slug = r.slug ORDER BY c.id`, rows, now)
	}
	if err != nil {
		return fmt.Errorf("put revisions: %w", err)
	}
	return nil
}
