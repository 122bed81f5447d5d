package privacy

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"motcua/assets"
	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/blob"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/registry"
	"motcua/portal/signin"
	"motcua/portal/worldtest"
)

const extract = "2.000635" // copies of civil-status records

var quiet = slog.New(slog.DiscardHandler)

// world is the service with real neighbours; no registry answers in it.
type world struct {
	*Service
	blobs *blob.Files
	mu    sync.Mutex
	at    time.Time
	key   pg.LookupKey
	mai   signin.Person
	phuc  signin.Person
	ward  agency.Agency
	other agency.Agency
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func newService(t *testing.T) *world {
	t.Helper()
	w := &world{at: time.Date(2026, 11, 23, 9, 0, 0, 0, locales.ICT), key: worldtest.Hashes} // a Monday
	db := pgtest.Open(t)
	var err error
	if w.blobs, err = blob.OpenFiles(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.blobs.Close() })
	places, procedures, acting := &agency.Service{DB: db, Key: w.key, Now: w.now}, &catalogue.Service{DB: db, Now: w.now}, &applicant.Service{DB: db}
	asked := &registry.Service{DB: db, Key: w.key, Now: w.now, Log: quiet, Population: &registry.PopulationClient{URL: "http://127.0.0.1:1/", Now: w.now}}
	drafts := &draft.Service{DB: db, Blobs: w.blobs, Catalogue: procedures, Agency: places, Applicant: acting, Registry: asked, Now: w.now, Log: quiet}
	notices := &notification.Service{DB: db, Settings: notification.Settings{PortalURL: "https://portal.example"}, Now: w.now, Log: quiet}
	dossiers := &dossier.Service{DB: db, Key: w.key, Blobs: w.blobs, Drafts: drafts, Catalogue: procedures, Agency: places, Applicant: acting, Notices: notices, Now: w.now, Log: quiet}
	w.Service = &Service{DB: db, Catalogue: procedures, Agency: places, Drafts: drafts, Dossiers: dossiers, Notices: notices, Now: w.now, Log: quiet}
	w.load(t)
	return w
}

func (w *world) load(t *testing.T) {
	t.Helper()
	worldtest.Ship(t, w.DB, w.now, assets.CatalogueOf(extract))
	pack := worldtest.Pack(t)
	var err error
	if w.ward, err = w.Agency.ByCode(t.Context(), pack.Officers[0].Roles[0].Agency); err != nil {
		t.Fatal(err)
	}
	for _, o := range pack.Officers {
		if a := o.Roles[0]; w.other.ID == 0 && a.Agency != w.ward.Code && a.Role == agency.Intake {
			if w.other, err = w.Agency.ByCode(t.Context(), a.Agency); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.mai = w.person(t, "mai", "Nguyễn Thị Hồng Mai", "089194000101")
	w.phuc = w.person(t, "phuc", "Trần Văn Phúc", "089090000102")
}

func (w *world) person(t *testing.T, sub, name, number string) signin.Person {
	t.Helper()
	p := signin.Person{Name: name, IDNumber: number, Level: 2, Lang: locales.VI, IDHash: w.key.Hash(number)}
	err := w.DB.Get(&p.ID, `INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ('i', $1, $2, $3, $4) RETURNING id`, sub, number, p.IDHash, name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// draft is one of Mai's for the ward, in which the population database has said her name.
func (w *world) draft(t *testing.T) string {
	t.Helper()
	id, err := w.Drafts.Start(t.Context(), w.mai, extract, "", newKey(w.mai))
	if err != nil {
		t.Fatal(err)
	}
	facts, err := draft.SealFacts([]eforms.Fact{{Name: registry.PopulationSelf + ".full_name", Value: "Nguyễn Thị Mai", Source: locales.V("CSDL"), At: w.now()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.DB.Exec(`UPDATE drafts SET facts = $2, answers = $3 WHERE id = $1`, id, facts, pg.JSON(eforms.Answers{"for_whom": "self", "agency": w.ward.Code})); err != nil {
		t.Fatal(err)
	}
	return id
}

// officer is one of the agency who holds the role.
func (w *world) officer(t *testing.T, at agency.Agency, role string) agency.Officer {
	t.Helper()
	all, err := w.Agency.Officers(t.Context(), at.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if o.Has(role, at.ID) {
			return o
		}
	}
	t.Fatalf("no %s at %s", role, at.Code)
	return agency.Officer{}
}

// admin is an administrator who works with no dossiers.
func (w *world) admin(t *testing.T) agency.Officer {
	t.Helper()
	return agency.Officer{ID: w.officer(t, w.ward, agency.Intake).ID, Roles: []agency.Role{{AgencyID: w.other.ID, AgencyName: w.other.Name, Role: agency.Admin}}}
}

func newKey(p signin.Person) once.Key { return worldtest.Key(fmt.Sprintf("person:%d", p.ID)) }

func (w *world) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	return worldtest.Count(t, w.DB, query, args...)
}

// shape is all that reports could leave behind.
func (w *world) shape(t *testing.T) string {
	t.Helper()
	var s string
	err := w.DB.Get(&s, `SELECT concat_ws(' ', (SELECT string_agg(md5(r::text), ',' ORDER BY id) FROM fact_reports r), (SELECT sum(last) FROM report_counters),
		(SELECT count(*) FROM notices), (SELECT count(*) FROM deeds), (SELECT count(*) FROM audit WHERE deed LIKE 'report.%' AND deed NOT LIKE '%.see'))`)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// files is how many blobs lie on the disk.
func (w *world) files(t *testing.T) int {
	t.Helper()
	n := 0
	if err := w.blobs.Names(t.Context(), func(string, int64, time.Time) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}
