package portal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"motcua/eforms"
	"motcua/payments"
	"motcua/portal/audit"
	"motcua/portal/pg"
)

// findings are the places where what must agree does not.
func (p *Portal) findings(ctx context.Context) ([]string, error) {
	var all []string
	for _, look := range []func(context.Context) ([]string, error){p.rowsWithoutFiles, p.filesWithoutRows, p.answers, p.money, p.states, p.seals} {
		found, err := look(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// stored is a row that promises bytes.
type stored struct {
	What   string `db:"what"`
	Blob   string `db:"blob"`
	Size   int64  `db:"size"`
	SHA256 []byte `db:"sha256"`
}

const storedRows = `
	SELECT 'attachment ' || id AS what, blob, size, sha256 FROM attachments UNION ALL
	SELECT 'draft file ' || id, blob, size, sha256 FROM draft_files WHERE removed_at IS NULL UNION ALL
	SELECT 'copy of file ' || f.id, c.blob, c.size, c.sha256 FROM file_copies c JOIN draft_files f ON f.id = c.file_id
		WHERE f.removed_at IS NULL AND c.fault = '' UNION ALL
	SELECT 'thumbnail of file ' || f.id, c.small_blob, c.small_size, c.small_sha256 FROM file_copies c JOIN draft_files f ON f.id = c.file_id
		WHERE f.removed_at IS NULL AND c.fault = '' UNION ALL
	SELECT 'working copy ' || draft_id || '/' || round || '/' || component, blob, size, sha256 FROM working_copies UNION ALL
	SELECT 'file ' || position || ' of vault paper ' || paper_id, blob, size, sha256 FROM vault_files UNION ALL
	SELECT 'part of upload ' || upload_id || ' from ' || start, blob, size, sha256 FROM upload_parts UNION ALL
	SELECT 'paper ' || id, blob, size, sha256 FROM papers WHERE blob <> '' UNION ALL
	SELECT 'file of report ' || code, blob, size, sha256 FROM fact_reports WHERE blob <> '' UNION ALL
	SELECT 'receipt ' || receipt_id, blob, size, sha256 FROM receipt_files`

// rowsWithoutFiles reads every promised file and compares size and hash.
func (p *Portal) rowsWithoutFiles(ctx context.Context) ([]string, error) {
	rows, err := p.DB.QueryxContext(ctx, storedRows)
	if err != nil {
		return nil, fmt.Errorf("stored files: %w", err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var s stored
		if err := rows.StructScan(&s); err != nil {
			return nil, err
		}
		if fault := p.compare(s); fault != "" {
			found = append(found, s.What+": "+fault)
		}
	}
	return found, rows.Err()
}

func (p *Portal) compare(s stored) string {
	body, size, err := p.Blobs.Open(s.Blob)
	if err != nil {
		return "its bytes cannot be opened: " + err.Error()
	}
	defer body.Close()
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return "its bytes cannot be read: " + err.Error()
	}
	switch {
	case size != s.Size:
		return fmt.Sprintf("%d bytes, not %d", size, s.Size)
	case !bytes.Equal(h.Sum(nil), s.SHA256):
		return "other bytes than were received"
	}
	return ""
}

// keepRemoved is how long the bytes of a file stay that a person took away.
const keepRemoved = 7 * 24 * time.Hour

// filesWithoutRows are bytes that no row knows.
func (p *Portal) filesWithoutRows(ctx context.Context) ([]string, error) {
	stray, err := p.stray(ctx, time.Now(), keepRemoved+24*time.Hour) // a day for the sweep to come round
	for i, name := range stray {
		stray[i] = "file " + name + ": no row knows it"
	}
	return stray, err
}

// stray are the blobs that no row knows, older than a day: younger ones may be on their way
// to a row. Bytes of files that a person took away are known for so long.
func (p *Portal) stray(ctx context.Context, now time.Time, removed time.Duration) ([]string, error) {
	var names []string
	err := p.DB.SelectContext(ctx, &names, `SELECT blob FROM attachments UNION
		SELECT blob FROM draft_files WHERE removed_at IS NULL OR removed_at > $1 UNION
		SELECT unnest(ARRAY[c.blob, c.small_blob]) FROM file_copies c JOIN draft_files f ON f.id = c.file_id
			WHERE f.removed_at IS NULL OR f.removed_at > $1 UNION
		SELECT blob FROM working_copies UNION SELECT blob FROM upload_parts UNION SELECT blob FROM vault_files UNION
		SELECT blob FROM papers UNION SELECT blob FROM receipt_files UNION SELECT blob FROM fact_reports`, now.Add(-removed))
	if err != nil {
		return nil, fmt.Errorf("known blobs: %w", err)
	}
	known := make(map[string]bool, len(names))
	for _, n := range names {
		known[n] = true
	}
	var found []string
	err = p.Blobs.Names(ctx, func(name string, _ int64, at time.Time) error {
		if !known[name] && now.Sub(at) > 24*time.Hour {
			found = append(found, name)
		}
		return nil
	})
	return found, err
}

// answers finds filings that do not say what was filed: the hash is on the applicant's slip.
func (p *Portal) answers(ctx context.Context) ([]string, error) {
	rows, err := p.DB.QueryxContext(ctx, `SELECT dossier_id, no, answers, sha256 FROM filings`)
	if err != nil {
		return nil, fmt.Errorf("filings: %w", err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var f struct {
			Dossier string                    `db:"dossier_id"`
			No      int                       `db:"no"`
			Answers pg.JSONOf[eforms.Answers] `db:"answers"`
			SHA256  []byte                    `db:"sha256"`
		}
		if err := rows.StructScan(&f); err != nil {
			return nil, err
		}
		canonical, err := eforms.Canonical(f.Answers.V)
		if err != nil {
			return nil, err
		}
		if sum := sha256.Sum256(canonical); !bytes.Equal(sum[:], f.SHA256) {
			found = append(found, fmt.Sprintf("filing %d of dossier %s: other answers than were filed", f.No, f.Dossier))
		}
	}
	return found, rows.Err()
}

// money finds orders, ledger and receipts that do not tell the same story.
func (p *Portal) money(ctx context.Context) ([]string, error) {
	breaks, err := payments.Verify(ctx, p.DB)
	found := make([]string, len(breaks))
	for i, b := range breaks {
		found[i] = "money: " + b.Rule + ": broken by " + b.Object
	}
	return found, err
}

// states finds dossiers that cannot be as they are.
func (p *Portal) states(ctx context.Context) ([]string, error) {
	return p.ask(ctx, `
		SELECT 'dossier ' || d.id || ': no first filing' FROM dossiers d LEFT JOIN filings f ON f.dossier_id = d.id AND f.no = 1
			WHERE f.no IS NULL UNION ALL
		SELECT 'dossier ' || d.id || ': state ' || d.state || ', the last event says ' || coalesce(e.to_state, 'nothing')
			FROM dossiers d LEFT JOIN LATERAL (SELECT to_state FROM events WHERE dossier_id = d.id AND to_state <> '' ORDER BY at DESC, id DESC LIMIT 1) e ON true
			WHERE e.to_state IS DISTINCT FROM d.state UNION ALL
		SELECT 'dossier ' || d.id || ': paid by its own word, its order is not' FROM dossiers d
			JOIN orders o ON o.subject = 'dossier:' || d.id AND o.state <> 'void' WHERE d.money = 'paid' AND o.state <> 'paid'`)
}

func (p *Portal) ask(ctx context.Context, query string) ([]string, error) {
	var found []string
	if err := p.DB.SelectContext(ctx, &found, query); err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	return found, nil
}

// seals recomputes the chain over the audit log.
func (p *Portal) seals(ctx context.Context) ([]string, error) {
	if err := audit.Verify(ctx, p.DB); err != nil {
		return []string{err.Error()}, nil
	}
	return nil, nil
}
