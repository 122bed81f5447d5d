package draft

import (
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/blob"
	"motcua/portal/catalogue"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/registry"
	"motcua/portal/registry/sandbox"
	"motcua/portal/signin"
	"motcua/portal/standin"
	"motcua/portal/worldtest"
)

var quiet = slog.New(slog.DiscardHandler)

// world is the service with real neighbours, and stand-ins of the registries.
type world struct {
	*Service
	clock      *worldtest.Clock
	dir        string // of the blobs
	population *sandbox.Population
	business   *sandbox.Business
	mai        signin.Person
	phuc       signin.Person // represents the business together with Mai
}

func newService(t *testing.T) *world {
	t.Helper()
	w := &world{clock: worldtest.Monday(), dir: t.TempDir()}
	w.registries(t)
	w.open(t, pgtest.Filled(t, "shipped", func(db *sqlx.DB) { worldtest.Ship(t, db, w.clock.Now, assets.Catalogue()) }))
	w.mai = w.person(t, "mai", "Nguyễn Thị Hồng Mai", "089194000101")
	w.phuc = w.person(t, "phuc", "Trần Văn Phúc", "089090000102")
	return w
}

func (w *world) registries(t *testing.T) {
	t.Helper()
	var err error
	w.population, err = sandbox.StartPopulation(standin.Options{}, sandbox.PopulationConfig{
		AuthURL: "https://vdxp.example/auth", User: "DVC", Secret: "secret", Member: "VN/GOV/DVC", APIKey: "key", Now: w.clock.Now,
		People: []sandbox.Citizen{{IDNumber: "089194000101", FullName: "Nguyễn Thị Hồng Mai", BirthDate: "1994-03-12", Sex: "2", Ethnicity: "01",
			Nationality: "VN", Residence: sandbox.Place{Province: "91", Commune: "30307", Detail: "Số 12 đường Trần Hưng Đạo"}}}})
	if err != nil {
		t.Fatal(err)
	}
	w.business, err = sandbox.StartBusiness(standin.Options{}, sandbox.BusinessConfig{Key: "k", Secret: "s", Enterprises: []sandbox.Enterprise{
		{TaxCode: rice, Name: "CÔNG TY GẠO MẪU", Status: "Đang hoạt động", Founded: "2019-04-01", Address: "Số 88, phường Long Xuyên",
			Representatives: []sandbox.Representative{{Name: "NGUYỄN THỊ HỒNG MAI", IDNumber: "089194000101"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.population.Close(); w.business.Close() })
}

// open is a portal over the database and the folder: the same ones again are a new start.
func (w *world) open(t *testing.T, db *sqlx.DB) {
	t.Helper()
	key := worldtest.Hashes
	blobs, err := blob.OpenFiles(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	w.Service = &Service{
		DB: db, Blobs: blobs, Now: w.clock.Now, Log: quiet,
		Catalogue: &catalogue.Service{DB: db, Now: w.clock.Now},
		Applicant: &applicant.Service{DB: db},
		Agency:    &agency.Service{DB: db, Key: key, Now: w.clock.Now},
		Notices:   &notification.Service{DB: db, Now: w.clock.Now, Log: quiet, Settings: notification.Settings{PortalURL: "https://dvc.example"}},
		Registry: &registry.Service{DB: db, Key: key, Now: w.clock.Now, Log: quiet,
			Population: &registry.PopulationClient{URL: w.population.Endpoint(), AuthURL: "https://vdxp.example/auth", User: "DVC", Secret: "secret",
				Member: "VN/GOV/DVC", APIKey: "key", Caller: "DVC", Officer: "dvc", Now: w.clock.Now},
			Business: &registry.BusinessClient{URL: w.business.Endpoint(), TokenURL: w.business.TokenURL(), Key: "k", Secret: "s"}},
	}
}

func (w *world) person(t *testing.T, sub, name, number string) signin.Person {
	t.Helper()
	p := signin.Person{Name: name, IDNumber: number, Level: 2, Lang: locales.VI}
	err := w.DB.Get(&p.ID, `INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ('i', $1, $2, $3, $4) RETURNING id`,
		sub, number, []byte(number), name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// represents makes the person one who acts for the business, as a sign-in does; or ends it.
func (w *world) represents(t *testing.T, p signin.Person, named ...applicant.Business) {
	t.Helper()
	err := pg.InTx(t.Context(), w.DB, func(tx *sqlx.Tx) error {
		return applicant.Remember(t.Context(), tx, p.ID, named, w.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
}

func newKey(p signin.Person) once.Key { return worldtest.Key(fmt.Sprint(p.ID)) }

func (w *world) start(t *testing.T, p signin.Person, code, taxCode string) string {
	t.Helper()
	id, err := w.Start(t.Context(), p, code, taxCode, newKey(p))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *world) load(t *testing.T, id string) Draft {
	t.Helper()
	d, err := w.Load(t.Context(), w.mai, id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w *world) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	return worldtest.Count(t, w.DB, query, args...)
}

// breakTable makes each writing of the kind to the table fail, as a full disk would late in
// a deed.
func (w *world) breakTable(t *testing.T, when, table string) {
	t.Helper()
	worldtest.Break(t, w.DB, when, table)
}

// breakAtCommit makes the commit fail of what has written to the table.
func (w *world) breakAtCommit(t *testing.T, table string) {
	t.Helper()
	worldtest.BreakAtCommit(t, w.DB, table)
}

// mend undoes breakTable.
func (w *world) mend(t *testing.T, table string) {
	t.Helper()
	worldtest.Mend(t, w.DB, table)
}

func (w *world) inTx(t *testing.T, fn func(tx *sqlx.Tx) error) {
	t.Helper()
	if err := pg.InTx(t.Context(), w.DB, fn); err != nil {
		t.Fatal(err)
	}
}

// blobs is how many files lie in the store.
func (w *world) blobs(t *testing.T) int {
	t.Helper()
	n := 0
	err := w.Blobs.Names(t.Context(), func(string, int64, time.Time) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func read(t *testing.T, r io.ReadCloser) string {
	t.Helper()
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
