package privacy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/signin"
)

// Look is one look at a person's data: a register that was asked about them, or an officer
// who opened something of a dossier of theirs.
type Look struct {
	ID        int64
	At        time.Time
	Deed      string // registry.<source>, dossier.see, attachment.see …
	Source    string // of a question to a register
	Outcome   string // of it
	ByOfficer bool
	ByOwner   bool         // the person themself asked, by filling a form
	Agency    locales.Text // in whose name, none for the portal
	Own       bool         // for a draft or dossier that is the person's
	ThingID   string
	Code      string // of the dossier, once it is filed
	Procedure locales.Text
	agencyID  int64
}

// Cursor is where a list goes on: after that look.
type Cursor struct {
	At time.Time
	ID int64
}

// Window is what part of the list is asked for.
type Window struct {
	From, To time.Time // zero: without an end
	After    Cursor    // zero: from the newest
	Most     int
}

// far is when nothing has happened yet.
var far = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// looks is every look at the person ($1 hash of their number) or at what they filed ($2),
// newest first. A look for somebody else's dossier – a spouse's, a ward's guardian's – is
// told, but not for what it was: that is the other one's own.
const looks = `WITH seen AS (
	(SELECT a.id, a.at, a.actor, a.deed, a.object, a.agency_id, a.args FROM audit a
		WHERE a.subject = $1 AND a.at >= $3 AND a.at < $4 AND (a.at, a.id) < ($5, $6) AND ` + isLook + `
		ORDER BY a.at DESC, a.id DESC LIMIT $7)
	UNION
	(SELECT a.id, a.at, a.actor, a.deed, a.object, a.agency_id, a.args FROM dossiers d JOIN audit a ON a.object = 'dossier:' || d.id
		WHERE d.person_id = $2 AND a.at >= $3 AND a.at < $4 AND (a.at, a.id) < ($5, $6) AND ` + isLook + `
		ORDER BY a.at DESC, a.id DESC LIMIT $7))
	SELECT s.id, s.at, s.actor, s.deed, coalesce(s.agency_id, 0) AS agency_id, coalesce(s.args->>'outcome', '') AS outcome,
		coalesce(d.id, f.id, r.thing_id)::text AS thing, coalesce(d.code, '') AS code, coalesce(d.revision_id, f.revision_id, 0) AS revision_id,
		coalesce(d.person_id = $2 OR d.owner_hash = $1, f.person_id = $2, r.person_id = $2, false) AS own
	FROM seen s
	LEFT JOIN fact_reports r ON s.object LIKE 'report:%' AND r.id = split_part(s.object, ':', 2)::uuid
	LEFT JOIN dossiers d ON d.id = CASE WHEN s.object LIKE 'dossier:%' OR s.object LIKE 'draft:%' THEN split_part(s.object, ':', 2)::uuid ELSE r.thing_id END
	LEFT JOIN drafts f ON f.id = CASE WHEN s.object LIKE 'dossier:%' OR s.object LIKE 'draft:%' THEN split_part(s.object, ':', 2)::uuid ELSE r.thing_id END
	ORDER BY s.at DESC, s.id DESC LIMIT $7`

// isLook tells looks from deeds.
const isLook = `(a.deed LIKE 'registry.%' OR a.deed LIKE '%.see')`

type lookRow struct {
	ID         int64     `db:"id"`
	At         time.Time `db:"at"`
	Actor      string    `db:"actor"`
	Deed       string    `db:"deed"`
	AgencyID   int64     `db:"agency_id"`
	Outcome    string    `db:"outcome"`
	Thing      *string   `db:"thing"`
	Code       string    `db:"code"`
	RevisionID int64     `db:"revision_id"`
	Own        bool      `db:"own"`
}

// Looks are the looks at a person's data, newest first.
func (s *Service) Looks(ctx context.Context, p signin.Person, w Window) ([]Look, error) {
	if w.To.IsZero() {
		w.To = far
	}
	if w.After.At.IsZero() {
		w.After.At = far
	}
	var rows []lookRow
	if err := s.DB.SelectContext(ctx, &rows, looks, p.IDHash, p.ID, w.From, w.To, w.After.At, w.After.ID, w.Most); err != nil {
		return nil, fmt.Errorf("looks at %d: %w", p.ID, err)
	}
	all := make([]Look, len(rows))
	for i, r := range rows {
		var err error
		if all[i], err = s.look(ctx, p, r); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Service) look(ctx context.Context, p signin.Person, r lookRow) (Look, error) {
	l := Look{ID: r.ID, At: r.At, Deed: r.Deed, Outcome: r.Outcome, Own: r.Own, agencyID: r.AgencyID,
		ByOfficer: strings.HasPrefix(r.Actor, "officer:"), ByOwner: r.Actor == fmt.Sprintf("person:%d", p.ID)}
	l.Source, _ = strings.CutPrefix(r.Deed, "registry.")
	if l.Source == r.Deed {
		l.Source = ""
	}
	if r.AgencyID != 0 {
		a, err := s.Agency.ByID(ctx, r.AgencyID)
		if err != nil {
			return l, err
		}
		l.Agency = a.Name
	}
	if !r.Own {
		return l, nil
	}
	l.Code = r.Code
	if r.Thing != nil {
		l.ThingID = *r.Thing
	}
	if r.RevisionID == 0 {
		return l, nil
	}
	var rev *catalogue.Revision
	rev, err := s.Catalogue.ByID(ctx, r.RevisionID)
	if err == nil {
		l.Procedure = rev.Sheet.Name
	}
	return l, err
}

// LookAt is one look at the person's data by where it stands in the list; one at somebody
// else's is not found.
func (s *Service) LookAt(ctx context.Context, p signin.Person, at Cursor) (Look, error) {
	after := Cursor{At: at.At, ID: at.ID + 1}
	found, err := s.Looks(ctx, p, Window{From: at.At, After: after, Most: 1})
	if err != nil {
		return Look{}, err
	}
	if len(found) == 0 || found[0].ID != at.ID {
		return Look{}, notFound()
	}
	return found[0], nil
}

// Since is when the first look at the person is on record, now when there is none.
func (s *Service) Since(ctx context.Context, p signin.Person) (time.Time, error) {
	var first *time.Time
	err := s.DB.GetContext(ctx, &first, `SELECT min(at) FROM audit WHERE subject = $1`, p.IDHash)
	if err != nil || first == nil {
		return s.Now(), err
	}
	return *first, nil
}
