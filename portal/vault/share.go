package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Terms are for how long a paper may be shared.
var Terms = []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

// sensitiveTerm is the longest for papers that tell of health, court or record.
const sensitiveTerm = 24 * time.Hour

// Limits of sharing.
const (
	sharesDay    = 30 // made by a person in a day
	triesAnHour  = 30 // of codes, by an address
	codeLength   = 12 // 60 bits: not to be guessed in the life of a code
	codeAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
)

// Terms are those for which the paper may be shared.
func (p Paper) Terms() []time.Duration {
	if !p.Sensitive {
		return Terms
	}
	return slices.DeleteFunc(slices.Clone(Terms), func(t time.Duration) bool { return t > sensitiveTerm })
}

// Share is a paper shown to others for a time.
type Share struct {
	ID        string     `db:"id"`
	MadeAt    time.Time  `db:"made_at"`
	EndsAt    time.Time  `db:"ends_at"`
	RevokedAt *time.Time `db:"revoked_at"`
	Views     int        `db:"views"`
	LastView  *time.Time `db:"last_view"`
}

// Open says whether the code still works.
func (s Share) Open(now time.Time) bool { return s.RevokedAt == nil && s.EndsAt.After(now) }

// Share makes a code that shows the paper for a term. The code is nowhere but in the answer:
// only its hash is kept, and a repeat of the press gives none.
func (s *Service) Share(ctx context.Context, p signin.Person, id string, term time.Duration, key once.Key) (code string, ends time.Time, err error) {
	paper, err := s.own(ctx, p, id)
	if err != nil {
		return "", time.Time{}, err
	}
	if !slices.Contains(paper.Terms(), term) {
		return "", time.Time{}, problem.New(problem.Invalid, "vault.no_term")
	}
	allowed, err := pg.Allow(ctx, s.DB, "vault.share", fmt.Sprint(p.ID), sharesDay, 24*time.Hour, s.Now())
	if err != nil {
		return "", time.Time{}, err
	}
	if !allowed {
		return "", time.Time{}, problem.New(problem.TooMany, "vault.too_many_shares")
	}
	code, now := newCode(), s.Now()
	ends = now.Add(term)
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, key, now)
		if err != nil {
			return err
		}
		if done {
			return problem.New(problem.Conflict, "vault.share_made")
		}
		share := uuid.NewString()
		_, err = tx.ExecContext(ctx, `INSERT INTO vault_shares (id, paper_id, person_id, code_hash, made_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			share, paper.ID, p.ID, s.codeHash(code), now, ends)
		if err != nil {
			return fmt.Errorf("share paper %s: %w", paper.ID, err)
		}
		err = audit.Write(ctx, tx, audit.Entry{Actor: fmt.Sprintf("person:%d", p.ID), Deed: "vault.share", Object: "vault:" + paper.ID, Subject: paper.Owner})
		if err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, share)
	})
	return code, ends, err
}

// newCode is one that a person can read out: without letters and digits that look alike.
func newCode() string {
	raw := make([]byte, codeLength)
	rand.Read(raw) // never fails
	for i, b := range raw {
		raw[i] = codeAlphabet[b&31]
	}
	return string(raw)
}

// plain is a code as it is hashed, however it was typed.
func plain(code string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeAlphabet, r) {
			return r
		}
		return -1
	}, strings.ToUpper(code))
}

func (s *Service) codeHash(code string) []byte { return s.Key.Hash("vault share " + code) }

// Shares are the codes of a paper, newest first, with how often each was used.
func (s *Service) Shares(ctx context.Context, paper Paper) ([]Share, error) {
	var all []Share
	err := s.DB.SelectContext(ctx, &all, `SELECT h.id, h.made_at, h.ends_at, h.revoked_at, count(w.id) AS views, max(w.at) AS last_view
		FROM vault_shares h LEFT JOIN vault_views w ON w.share_id = h.id WHERE h.paper_id = $1 GROUP BY h.id ORDER BY h.made_at DESC LIMIT 50`, paper.ID)
	if err != nil {
		return nil, fmt.Errorf("shares of paper %s: %w", paper.ID, err)
	}
	return all, nil
}

// Revoke ends a code at once.
func (s *Service) Revoke(ctx context.Context, p signin.Person, id, share string) error {
	paper, err := s.own(ctx, p, id)
	if err != nil {
		return err
	}
	if !pg.UUID(share) {
		return notFound()
	}
	_, err = s.DB.ExecContext(ctx, `UPDATE vault_shares SET revoked_at = $3 WHERE id = $1 AND paper_id = $2 AND revoked_at IS NULL`, share, paper.ID, s.Now())
	if err != nil {
		return fmt.Errorf("revoke share %s: %w", share, err)
	}
	return nil
}

// Shared is a paper as whoever has its code sees it.
type Shared struct {
	Paper
	OwnerName string
	EndsAt    time.Time
	Unchanged bool // its bytes are those that were accepted or issued

	share string
}

// Shown is the paper of a code, and that it was seen is on record before it is. A code that
// is wrong, over or taken back is one answer.
func (s *Service) Shown(ctx context.Context, code string, seen audit.Entry) (Shared, error) {
	d, err := s.shared(ctx, code, seen.IP)
	if err != nil {
		return Shared{}, err
	}
	if err := s.viewed(ctx, d, 0, seen); err != nil {
		return Shared{}, err
	}
	d.Unchanged = s.unchanged(d.Paper)
	return d, nil
}

func (s *Service) shared(ctx context.Context, code, ip string) (Shared, error) {
	allowed, err := pg.Allow(ctx, s.DB, "vault.code", ip, triesAnHour, time.Hour, s.Now())
	if err != nil {
		return Shared{}, err
	}
	if !allowed {
		return Shared{}, problem.New(problem.TooMany, "vault.too_many_tries")
	}
	var found struct {
		ID        string    `db:"id"`
		Paper     string    `db:"paper_id"`
		EndsAt    time.Time `db:"ends_at"`
		OwnerName pg.Sealed `db:"owner_name"`
	}
	err = s.DB.GetContext(ctx, &found, `SELECT h.id, h.paper_id, h.ends_at, d.owner_name FROM vault_shares h
		JOIN vault_papers v ON v.id = h.paper_id JOIN dossiers d ON d.id = v.dossier_id
		WHERE h.code_hash = $1 AND h.revoked_at IS NULL AND h.ends_at > $2`, s.codeHash(plain(code)), s.Now())
	if errors.Is(err, sql.ErrNoRows) {
		return Shared{}, problem.New(problem.NotFound, "vault.share_unknown")
	}
	if err != nil {
		return Shared{}, fmt.Errorf("share: %w", err)
	}
	all, err := s.papers(ctx, selectPapers+`WHERE v.id = $1`, found.Paper)
	if err != nil || len(all) == 0 {
		return Shared{}, errors.Join(err, notFound())
	}
	return Shared{Paper: all[0], OwnerName: string(found.OwnerName), EndsAt: found.EndsAt, share: found.ID}, nil
}

// viewed writes down that a shared paper was seen: for its owner, and in the audit log.
func (s *Service) viewed(ctx context.Context, d Shared, position int, seen audit.Entry) error {
	seen.Actor, seen.Deed, seen.Object, seen.Subject = "share:"+d.share, "vault.share.see", "vault:"+d.ID, d.Owner
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO vault_views (share_id, position, at) VALUES ($1, $2, $3)`, d.share, position, s.Now()); err != nil {
			return fmt.Errorf("view of share %s: %w", d.share, err)
		}
		return audit.Write(ctx, tx, seen)
	})
}

// unchanged compares the bytes with the hashes of when they came.
func (s *Service) unchanged(p Paper) bool {
	for _, f := range p.Files {
		body, _, err := s.Blobs.Open(f.Blob)
		if err != nil {
			return false
		}
		h := sha256.New()
		_, err = io.Copy(h, body)
		if errors.Join(err, body.Close()) != nil || !bytes.Equal(h.Sum(nil), f.SHA256) {
			return false
		}
	}
	return true
}

// OpenShared opens a file of a shared paper. Of a photograph it is the upright copy: the
// original may tell where and with what it was taken.
func (s *Service) OpenShared(ctx context.Context, code string, position int, seen audit.Entry) (File, int64, io.ReadSeekCloser, error) {
	d, err := s.shared(ctx, code, seen.IP)
	if err != nil {
		return File{}, 0, nil, err
	}
	i := slices.IndexFunc(d.Files, func(f File) bool { return f.Position == position })
	if i < 0 || d.Files[i].Image() && d.Files[i].CleanBlob == "" {
		return File{}, 0, nil, notFound()
	}
	if err := s.viewed(ctx, d, position, seen); err != nil {
		return File{}, 0, nil, err
	}
	f := d.Files[i]
	name, size := f.Blob, f.Size
	if f.Image() {
		name, size, f.Media = f.CleanBlob, f.CleanSize, "image/jpeg"
	}
	body, _, err := s.Blobs.Open(name)
	if err != nil {
		return File{}, 0, nil, fmt.Errorf("file %d of paper %s: %w", position, d.ID, err)
	}
	return f, size, body, nil
}

// Grouped is a code in groups of four, to be read out.
func Grouped(code string) string {
	var groups []string
	for rest := range slices.Chunk([]byte(code), 4) {
		groups = append(groups, string(rest))
	}
	return strings.Join(groups, "-")
}

// TermWords is how long a share lasts, in words.
func TermWords(t time.Duration) locales.Message {
	if t < 24*time.Hour {
		return locales.M("vault.hours", locales.N("n", int64(t/time.Hour)))
	}
	return locales.M("vault.days", locales.N("n", int64(t/(24*time.Hour))))
}
