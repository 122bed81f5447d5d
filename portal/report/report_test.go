package report

import (
	"context"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
)

// newService has the shipped province and nothing filed.
func newService(t *testing.T) *Service {
	t.Helper()
	db := pgtest.Open(t)
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, locales.ICT) }
	agencies := &agency.Service{DB: db, Key: pg.LookupKey("0123456789abcdef0123456789abcdef"), Now: now}
	folder, err := assets.Province(assets.Provinces()[0])
	if err != nil {
		t.Fatal(err)
	}
	pack, err := agency.ReadPack(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := agencies.Import(t.Context(), pack); err != nil {
		t.Fatal(err)
	}
	return &Service{DB: db, Agency: agencies, Now: now}
}

// file puts a decided dossier straight into the table: filed, due and decided on days of November.
func file(t *testing.T, db *sqlx.DB, agencyID int64, n, filed, due, decided int) {
	t.Helper()
	day := func(d int) time.Time { return time.Date(2026, 11, d, 10, 0, 0, 0, locales.ICT) }
	must := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(context.Background(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	must(`INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ('i', 's', '1', 'h', 'Mẫu') ON CONFLICT DO NOTHING`)
	must(`INSERT INTO procedures VALUES ('1.000001') ON CONFLICT DO NOTHING`)
	must(`INSERT INTO revisions (procedure_code, no, doc, sha256, in_force_from) VALUES ('1.000001', 1, '{}', 's', '2026-01-01') ON CONFLICT DO NOTHING`)
	must(`INSERT INTO dossiers (id, code, agency_id, procedure_code, revision_id, person_id, owner_name, owner_number, owner_hash,
			state, step, return_by, verified, outcome, filed_at, answer_by, received_at, due_at, decided_at)
		SELECT gen_random_uuid(), 'C-' || $1::bigint || '-' || $2::int, $1, '1.000001', (SELECT id FROM revisions LIMIT 1), (SELECT id FROM persons LIMIT 1),
			'Mẫu', '1', 'h', 'decided', 'tra', 'online', true, 'granted', $3, $3, $3, $4, $5`, agencyID, n, day(filed), day(due), day(decided))
}

func TestMonth(t *testing.T) {
	t.Parallel()
	s := newService(t)
	all, err := s.Agency.All(t.Context(), s.Now())
	if err != nil {
		t.Fatal(err)
	}
	a, b := all[1].ID, all[2].ID
	for n := range 6 { // four in time (two of them on the very day), two late
		decided := []int{3, 4, 5, 5, 6, 9}[n]
		file(t, s.DB, a, n, 2, 5, decided)
	}
	file(t, s.DB, b, 1, 2, 5, 4) // alone: not to be shown by itself

	r, err := s.Month(t.Context(), s.Now())
	if err != nil {
		t.Fatal(err)
	}
	if r.All.Received != 7 || r.All.Settled != 7 || r.All.InTime != 5 {
		t.Errorf("all: %+v, want 7 received, 7 settled, 5 in time", r.All)
	}
	if len(r.Agencies) != 1 || r.Hidden != 1 || r.Agencies[0].Received != 6 || r.Agencies[0].InTime != 4 {
		t.Errorf("agencies: %+v, hidden %d; want the one with 6, and the small one hidden", r.Agencies, r.Hidden)
	}
	before, err := s.Month(t.Context(), s.Now().AddDate(0, -1, 0))
	if err != nil {
		t.Fatal(err)
	}
	if before.All.Received != 0 || !before.Few() {
		t.Errorf("October: %+v, want nothing", before.All)
	}
}

// A component counts as known when all of its files are of an earlier paper.
func TestPapersUsedAgain(t *testing.T) {
	t.Parallel()
	s := newService(t)
	all, err := s.Agency.All(t.Context(), s.Now())
	if err != nil {
		t.Fatal(err)
	}
	file(t, s.DB, all[1].ID, 1, 2, 5, 4)
	for _, q := range []string{
		`INSERT INTO filings (dossier_id, no, answers, sha256, revision_id, at) SELECT id, 1, '{}', 's', revision_id, filed_at FROM dossiers`,
		`INSERT INTO vault_papers (id, owner_hash, name, status, agency_id, at, handed_in, limited, pages, sha256, dossier_id, filing, component)
			SELECT gen_random_uuid(), 'h', '{}', 'accepted', agency_id, filed_at, filed_at, false, 1, 's', id, 1, 'a' FROM dossiers`,
		`INSERT INTO attachments (id, dossier_id, filing, component, position, name, media, size, pages, sha256, blob, at, vault_id)
			SELECT gen_random_uuid(), d.id, 1, c.component, 1, 'n', 'application/pdf', 1, 1, 's', 'b', d.filed_at, CASE WHEN c.known THEN (SELECT id FROM vault_papers) END
			FROM dossiers d, (VALUES ('a', true), ('a', true), ('b', true), ('b', false), ('c', false)) AS c (component, known)`} {
		if _, err := s.DB.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	r, err := s.Month(t.Context(), s.Now())
	if err != nil {
		t.Fatal(err)
	}
	if r.All.Papers != 3 || r.All.Reused != 1 {
		t.Errorf("%d of %d papers, want 1 of 3", r.All.Reused, r.All.Papers)
	}
	if r, err = s.Month(t.Context(), s.Now().AddDate(0, -1, 0)); err != nil || r.All.Papers != 0 {
		t.Errorf("October: %d papers, %v", r.All.Papers, err)
	}
}

func TestShare(t *testing.T) {
	for _, c := range []struct{ part, whole, want int }{{0, 0, -1}, {0, 5, 0}, {1, 3, 33}, {2, 3, 67}, {5, 5, 100}, {1, 200, 1}} {
		if got := Share(c.part, c.whole); got != c.want {
			t.Errorf("Share(%d, %d) = %d, want %d", c.part, c.whole, got, c.want)
		}
	}
}

// What was begun and what was filed in the last ninety days counts, by procedure; what is
// older does not.
func TestUses(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var id int64
	if err := s.DB.Get(&id, `SELECT min(id) FROM agencies`); err != nil {
		t.Fatal(err)
	}
	file(t, s.DB, id, 1, 2, 6, 5)
	file(t, s.DB, id, 2, 3, 6, 5)
	_, err := s.DB.Exec(`
		INSERT INTO drafts (id, person_id, procedure_code, revision_id, made_at, saved_at, lapses_at)
		SELECT gen_random_uuid(), p.id, '1.000001', r.id, at, at, at + interval '1 year'
		FROM persons p, revisions r, (VALUES ('2026-11-20'::timestamptz), ('2026-08-01')) v (at)`)
	if err != nil {
		t.Fatal(err)
	}
	if uses, err := s.Uses(t.Context(), s.Now()); err != nil || len(uses) != 1 || uses["1.000001"] != 3 {
		t.Errorf("%v, %v", uses, err)
	}
}
