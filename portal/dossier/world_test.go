package dossier

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/locales"
	"motcua/payments"
	"motcua/payments/vnpay"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/blob"
	"motcua/portal/catalogue"
	"motcua/portal/draft"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/postal"
	"motcua/portal/queue"
	"motcua/portal/registry"
	"motcua/portal/registry/sandbox"
	"motcua/portal/signin"
	"motcua/portal/standin"
	"motcua/portal/worldtest"
)

const (
	extract   = "2.000635" // copies of civil-status records: with a fee
	birth     = "1.001193"
	promotion = "2.000033" // of a business
	rice      = "1600199903"
)

var quiet = slog.New(slog.DiscardHandler)

// world is the service with real neighbours. The business register is dead in it.
type world struct {
	*Service
	clock  *worldtest.Clock
	worker *queue.Worker
	ward   agency.Agency // a commune's, with officers in every role
	mai    signin.Person
	phuc   signin.Person
}

func newService(t *testing.T) *world {
	t.Helper()
	w := &world{clock: worldtest.Monday()}
	db, key, now := pgtest.Filled(t, "shipped", func(db *sqlx.DB) {
		worldtest.Ship(t, db, w.clock.Now, assets.CatalogueOf("1.001193", "2.000635", "2.000033"))
	}), worldtest.Hashes, w.clock.Now
	blobs, err := blob.OpenFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	places, procedures := &agency.Service{DB: db, Key: key, Now: now}, &catalogue.Service{DB: db, Now: now}
	acting := &applicant.Service{DB: db, Key: key, Now: now}
	gateway := &vnpay.Client{Config: vnpay.Config{TmnCode: "MOTCUA01", Secret: "secret", PayURL: "http://127.0.0.1/pay",
		QueryURL: "http://127.0.0.1/query", ReturnURL: "http://127.0.0.1/back"}, Now: now}
	w.Service = &Service{
		DB: db, Key: key, Blobs: blobs, Catalogue: procedures, Agency: places, Applicant: acting, PortalURL: "https://portal.example", Now: now, Log: quiet,
		Drafts: &draft.Service{DB: db, Blobs: blobs, Catalogue: procedures, Agency: places, Applicant: acting, Registry: registries(t, db, now), Now: now, Log: quiet},
		Payments: &payments.Service{DB: db, Now: now, Providers: map[string]payments.Provider{vnpay.Name: gateway},
			Issuer: func(context.Context, int64, time.Time) (payments.Issuer, error) {
				return payments.Issuer{Name: "Ủy ban", TaxCode: "9199990297", Template: "01BLP0-001", Series: "AA-26E"}, nil
			}},
		Notices: &notification.Service{DB: db, Settings: notification.Settings{PortalURL: "https://portal.example"}, Now: now, Log: quiet},
		Postal:  &postal.Service{DB: db, Carrier: &postal.Carrier{Now: now}, Now: now, Log: quiet},
	}
	w.worker = &queue.Worker{DB: db, Handlers: w.Handlers(), Now: now}
	w.load(t)
	return w
}

// registries are the population's stand-in, and a business register that does not answer.
func registries(t *testing.T, db *sqlx.DB, now func() time.Time) *registry.Service {
	t.Helper()
	p, err := sandbox.StartPopulation(standin.Options{}, sandbox.PopulationConfig{
		AuthURL: "https://vdxp.example/auth", User: "DVC", Secret: "secret", Member: "VN/GOV/DVC", APIKey: "key", Now: now,
		People: []sandbox.Citizen{{IDNumber: "089194000101", FullName: "Nguyễn Thị Hồng Mai", BirthDate: "1994-03-12", Sex: "2", Ethnicity: "01",
			Nationality: "VN", Residence: sandbox.Place{Province: "91", Commune: "30307", Detail: "Số 12 đường Trần Hưng Đạo"}}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return &registry.Service{DB: db, Key: worldtest.Hashes, Now: now, Log: quiet,
		Population: &registry.PopulationClient{URL: p.Endpoint(), AuthURL: "https://vdxp.example/auth", User: "DVC", Secret: "secret",
			Member: "VN/GOV/DVC", APIKey: "key", Caller: "DVC", Officer: "dvc", Now: now},
		Business: &registry.BusinessClient{URL: "http://127.0.0.1:1/", TokenURL: "http://127.0.0.1:1/token"}}
}

// load finds the agency that tests use, and makes two people.
func (w *world) load(t *testing.T) {
	t.Helper()
	pack := worldtest.Pack(t)
	var err error
	if w.ward, err = w.Agency.ByCode(t.Context(), pack.Officers[0].Roles[0].Agency); err != nil {
		t.Fatal(err)
	}
	w.mai = w.person(t, "Nguyễn Thị Hồng Mai", "089194000101")
	w.phuc = w.person(t, "Trần Văn Phúc", "089090000102")
}

func (w *world) person(t *testing.T, name, number string) signin.Person {
	t.Helper()
	p := signin.Person{Name: name, IDNumber: number, Level: 2, Lang: locales.VI}
	err := w.DB.Get(&p.ID, `INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ('i', $1, $1, $2, $3) RETURNING id`, number, []byte(number), name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// represents makes the person one who acts for the businesses named, as a sign-in does.
func (w *world) represents(t *testing.T, p signin.Person, codes ...string) {
	t.Helper()
	w.inTx(t, func(tx *sqlx.Tx) error {
		var named []applicant.Business
		for _, c := range codes {
			named = append(named, applicant.Business{TaxCode: c, Name: "GẠO"})
		}
		return applicant.Remember(t.Context(), tx, p.ID, named, w.Now())
	})
}

func (w *world) inTx(t *testing.T, fn func(tx *sqlx.Tx) error) {
	t.Helper()
	if err := pg.InTx(t.Context(), w.DB, fn); err != nil {
		t.Fatal(err)
	}
}

func newKey(p signin.Person) once.Key { return worldtest.Key(fmt.Sprint(p.ID)) }

func (w *world) see(t *testing.T, id string) Dossier {
	t.Helper()
	d, err := w.ByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w *world) drain(t *testing.T) {
	t.Helper()
	if _, err := w.worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// pay settles what is owed for the dossier, as the gateway's notice does.
func (w *world) pay(t *testing.T, id string) {
	t.Helper()
	order, err := w.Payments.OfSubject(t.Context(), "dossier:"+id)
	if err != nil {
		t.Fatal(err)
	}
	_, a, err := w.Payments.Start(t.Context(), order.ID, vnpay.Name, newKey(w.mai), "127.0.0.1", locales.VI)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the gateway says everything twice
		_, err = w.Payments.Take(t.Context(), payments.Notice{Provider: vnpay.Name, Ref: a.Ref, Amount: a.Amount, Says: payments.SaysPaid, No: a.Ref, PaidAt: w.Now()})
		if err != nil {
			t.Fatal(err)
		}
		w.drain(t)
	}
}

func (w *world) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	return worldtest.Count(t, w.DB, query, args...)
}

// breaks makes the last statement of every deed fail, as a full disk would.
func (w *world) breaks(t *testing.T, when, table string) {
	t.Helper()
	worldtest.Break(t, w.DB, when, table)
}

// whole is Mai's dossier as she sees it.
func (w *world) whole(t *testing.T, id string) Whole {
	t.Helper()
	got, err := w.OfPerson(t.Context(), w.mai, id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
