package succession

import (
	"log/slog"
	"testing"

	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/pg/pgtest"
	"motcua/portal/worldtest"
)

const (
	extract   = "2.000635" // taken by communes and by one department
	promotion = "2.000033" // taken by one department
	trade     = "H01.02"
	justice   = "H01.15"
	home      = "H01.07"
	economy   = "H01.60" // begins by the plan
)

var quiet = slog.New(slog.DiscardHandler)

// world is the shipped province with open and closed work at two departments.
type world struct {
	*Service
	t        *testing.T
	clock    *worldtest.Clock
	an, binh agency.Officer
	day      string
	plan     agency.Plan
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: worldtest.Monday(), day: "2026-12-01"}
	db, now := pgtest.Filled(t, "succession", func(db *sqlx.DB) {
		worldtest.Ship(t, db, w.clock.Now, assets.CatalogueOf(extract, promotion))
		fill(t, db)
	}), w.clock.Now
	places, procedures := &agency.Service{DB: db, Key: worldtest.Hashes, Now: now}, &catalogue.Service{DB: db, Now: now, Log: quiet}
	w.Service = &Service{DB: db, Agency: places, Catalogue: procedures, Now: now, Log: quiet,
		Drafts:   &draft.Service{DB: db, Catalogue: procedures, Agency: places, Now: now},
		Dossiers: &dossier.Service{DB: db, Key: worldtest.Hashes, Catalogue: procedures, Agency: places, Now: now}}
	for _, o := range []struct {
		name string
		into *agency.Officer
	}{{"An", &w.an}, {"Bình", &w.binh}} {
		*o.into = agency.Officer{Name: o.name, Roles: []agency.Role{{Role: agency.Editor}}}
		w.must(db.Get(&o.into.ID, `SELECT id FROM officers WHERE name = $1`, o.name))
	}
	w.plan = agency.Plan{Day: w.day, Ground: "NQ 01/2026/NQ-HĐND",
		Begins: []agency.Agency{{Code: economy, Name: locales.Text{VI: "Sở Kinh tế", EN: "Department of Economy"}, Level: agency.Department, Parent: "H01"}},
		Moves:  []agency.Pass{{From: trade, To: economy}, {From: justice, Field: "ho-tich", To: home}}}
	return w
}

// fill puts dossiers, drafts, an order and two editors into the world.
func fill(t *testing.T, db *sqlx.DB) {
	t.Helper()
	for _, name := range []string{"An", "Bình"} {
		db.MustExec(`INSERT INTO officers (id_hash, name) VALUES ($1, $2)`, []byte(name), name)
	}
	var person int64
	if err := db.Get(&person, `INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ('i', 's', '1', '\x01', 'Mai') RETURNING id`); err != nil {
		t.Fatal(err)
	}
	for _, d := range []struct {
		id, agency, procedure string
		closed                bool
	}{
		{"00000000-0000-4000-8000-000000000001", trade, promotion, false},
		{"00000000-0000-4000-8000-000000000002", trade, promotion, true},
		{"00000000-0000-4000-8000-000000000003", justice, extract, false},
	} {
		db.MustExec(`
			INSERT INTO dossiers (id, code, agency_id, procedure_code, revision_id, person_id, owner_name, owner_number, owner_hash, state, step, return_by,
				verified, filed_at, answer_by, received_at, due_at, closed_at, officer_id)
			SELECT $1::uuid, $1::text, a.id, r.procedure_code, r.id, $2, 'Mai', '1', '\x01', CASE WHEN $3 THEN 'withdrawn' ELSE 'received' END, 'xu_ly', 'online',
				true, now(), now(), now(), now(), CASE WHEN $3 THEN now() END,
				(SELECT officer_id FROM officer_roles o WHERE o.agency_id = a.id ORDER BY officer_id LIMIT 1)
			FROM agencies a, revisions r WHERE a.code = $4 AND a.valid_to IS NULL AND r.procedure_code = $5`, d.id, person, d.closed, d.agency, d.procedure)
		db.MustExec(`INSERT INTO drafts (id, person_id, procedure_code, revision_id, answers, made_at, saved_at, lapses_at, filed_at)
			SELECT $1, $2, r.procedure_code, r.id, jsonb_build_object('agency', $3::text, 'copies', 2), now(), now(), now() + interval '1 year',
				CASE WHEN $4 THEN now() END FROM revisions r WHERE r.procedure_code = $5`, d.id, person, d.agency, d.closed, d.procedure)
	}
	db.MustExec(`INSERT INTO orders (id, subject, payer, payee, lines, total, state, made_at)
		SELECT gen_random_uuid(), 'dossier:00000000-0000-4000-8000-000000000003', 'Mai', id, '[]', 8000, 'due', now() FROM agencies WHERE code = $1`, justice)
	db.MustExec(`INSERT INTO counters (agency_id, code, name, minutes, places, ahead, valid_from, changed_at)
		SELECT id, 'q', '{"vi": "Quầy"}', 15, 1, 30, '2026-01-01', now() FROM agencies WHERE code = $1`, trade)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) by(o agency.Officer) catalogue.Editing {
	return catalogue.Editing{Officer: o, Key: worldtest.Key("person:" + o.Name)}
}

func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	return worldtest.Count(w.t, w.DB, query, args...)
}

// approved is the plan, sent by one and approved by the other.
func (w *world) approved() string {
	w.t.Helper()
	id, err := w.Start(w.t.Context(), w.by(w.an))
	w.must(err)
	w.must(w.Save(w.t.Context(), w.by(w.an), id, 1, w.plan))
	w.must(w.Send(w.t.Context(), w.by(w.an), id, 2, "Sắp xếp", "/", ""))
	w.must(w.Decide(w.t.Context(), w.by(w.binh), id, 2, true, ""))
	return id
}

// begins moves the clock to the first second of the plan's day.
func (w *world) begins() {
	day, err := begin(w.day)
	w.must(err)
	w.clock.Pass(day.Sub(w.clock.Now()))
}
