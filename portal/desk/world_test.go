package desk

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os/exec"
	"strings"
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
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg/pgtest"
	"motcua/portal/postal"
	carrier "motcua/portal/postal/sandbox"
	"motcua/portal/queue"
	"motcua/portal/registry"
	"motcua/portal/signin"
	"motcua/portal/vault"
	"motcua/portal/worldtest"
)

const extract = "2.000635" // copies of civil-status records, with a fee

var quiet = slog.New(slog.DiscardHandler)

// world is the desk with real neighbours and the stand-in of the carrier; no registry
// answers in it.
type world struct {
	*Service
	clock  *worldtest.Clock
	worker *queue.Worker
	post   *carrier.Server
	mai    signin.Person
	ward   agency.Agency // with officers in every role
	other  agency.Agency // another one like it
}

func newService(t *testing.T) *world {
	t.Helper()
	w := &world{clock: worldtest.Monday()}
	var err error
	if w.post, err = carrier.Start(carrier.Options{Key: "key", Secret: "secret", Customer: "tinh"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.post.Close() })
	w.build(t, pgtest.Filled(t, "shipped", func(db *sqlx.DB) {
		worldtest.Ship(t, db, w.clock.Now, assets.CatalogueOf("1.001193", "2.000635", "2.000033"))
	}), w.clock.Now)
	w.load(t)
	return w
}

func (w *world) build(t *testing.T, db *sqlx.DB, now func() time.Time) {
	t.Helper()
	blobs, err := blob.OpenFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	key := worldtest.Hashes
	places, procedures, acting := &agency.Service{DB: db, Key: key, Now: now}, &catalogue.Service{DB: db, Now: now}, &applicant.Service{DB: db, Key: key, Now: now}
	asked := &registry.Service{DB: db, Key: key, Now: now, Log: quiet, Population: &registry.PopulationClient{URL: "http://127.0.0.1:1/", Now: now}}
	drafts := &draft.Service{DB: db, Blobs: blobs, Catalogue: procedures, Agency: places, Applicant: acting, Registry: asked, Now: now, Log: quiet}
	gateway := &vnpay.Client{Config: vnpay.Config{TmnCode: "MOTCUA01", Secret: "secret", PayURL: "http://127.0.0.1/pay",
		QueryURL: "http://127.0.0.1/query", ReturnURL: "http://127.0.0.1/back"}, Now: now}
	money := &payments.Service{DB: db, Now: now, Providers: map[string]payments.Provider{vnpay.Name: gateway},
		Issuer: func(context.Context, int64, time.Time) (payments.Issuer, error) {
			return payments.Issuer{Name: "Ủy ban", TaxCode: "9199990297", Template: "01BLP0-001", Series: "AA-26E"}, nil
		}}
	parcels := &postal.Service{DB: db, Every: time.Hour, Now: now, Log: quiet,
		Carrier: &postal.Carrier{URL: w.post.URL + "/", Key: "key", Secret: "secret", Customer: "tinh", Now: now}}
	dossiers := &dossier.Service{DB: db, Key: key, Blobs: blobs, Drafts: drafts, Catalogue: procedures, Agency: places, Applicant: acting, Payments: money,
		Notices: &notification.Service{DB: db, Settings: notification.Settings{PortalURL: "https://portal.example"}, Now: now, Log: quiet},
		Postal:  parcels, PortalURL: "https://portal.example", Now: now, Log: quiet}
	kept := &vault.Service{DB: db, Key: key, Blobs: blobs, Catalogue: procedures, Agency: places, Applicant: acting, Drafts: drafts, Dossiers: dossiers,
		Notices: dossiers.Notices, Now: now, Log: quiet}
	w.Service = &Service{DB: db, Dossiers: dossiers, Vault: kept, Agency: places, Payments: money, Postal: parcels, Now: now}
	w.worker = &queue.Worker{DB: db, Handlers: dossiers.Handlers(), Every: parcels.Duties(), Now: now}
	w.worker.Handlers[vault.KeepKind] = kept.Handlers()[vault.KeepKind]
	for kind, h := range parcels.Handlers() {
		w.worker.Handlers[kind] = h
	}
}

// load finds the agencies that tests use, and makes a person.
func (w *world) load(t *testing.T) {
	t.Helper()
	pack := worldtest.Pack(t)
	var err error
	if w.ward, err = w.Agency.ByCode(t.Context(), pack.Officers[0].Roles[0].Agency); err != nil {
		t.Fatal(err)
	}
	for _, o := range pack.Officers {
		if a := o.Roles[0].Agency; w.other.ID == 0 && a != w.ward.Code {
			if w.other, err = w.Agency.ByCode(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.mai = signin.Person{Name: "Nguyễn Thị Hồng Mai", IDNumber: "089194000101", Level: 2, Lang: locales.VI}
	err = w.DB.Get(&w.mai.ID, `INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ('i', 'mai', $1, 'x', $2) RETURNING id`, w.mai.IDNumber, w.mai.Name)
	if err != nil {
		t.Fatal(err)
	}
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

// press is a form of the officer's for the dossier as it is now.
func (w *world) press(t *testing.T, role string, d dossier.Dossier) Press {
	t.Helper()
	return w.pressOf(t, w.officer(t, w.ward, role), d)
}

func (w *world) pressOf(t *testing.T, o agency.Officer, d dossier.Dossier) Press {
	t.Helper()
	return Press{Officer: o, Dossier: d.ID, Version: w.see(t, d.ID).Version, Key: newKey(fmt.Sprint("o", o.ID))}
}

func newKey(person string) once.Key { return worldtest.Key(person) }

// filed is Mai's dossier about two copies of a record, its result to come by post, at the
// counter or online.
func (w *world) filed(t *testing.T, by string) dossier.Dossier {
	t.Helper()
	drafts, p := w.Dossiers.Drafts, w.mai
	v := url.Values{"contact_phone": {"0912345601"}, "contact_email": {"mai@example.vn"}, "return_by": {by}, "agency": {w.ward.Code}}
	for name, value := range map[string]string{"for_whom": "self", "requester_name": p.Name, "requester_birth_date.day": "12", "requester_birth_date.month": "3",
		"requester_birth_date.year": "1994", "requester_id": p.IDNumber, "requester_residence.province": "91", "requester_residence.commune": "30307",
		"requester_residence.detail": "Số 12", "event_kind": "birth", "copies": "2", "return_name": p.Name, "return_phone": "0912345601",
		"return_province": "91", "return_commune": "30307", "return_address": "Số 12 đường Trần Hưng Đạo"} {
		v.Set(name, value)
	}
	id, err := drafts.Start(t.Context(), p, extract, "", newKey("mai"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := drafts.Load(t.Context(), p, id)
	for no, more := d.Run(w.Now()).Next(0); more && err == nil; no, more = d.Run(w.Now()).Next(no) {
		var saved draft.Saved
		saved, err = drafts.Save(t.Context(), p, id, no, v, newKey("mai"))
		d = saved.Draft
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Dossiers.File(t.Context(), p, id, true, newKey("mai")); err != nil {
		t.Fatal(err)
	}
	return w.see(t, id)
}

// paid is one whose fee has come in.
func (w *world) paid(t *testing.T, by string) dossier.Dossier {
	t.Helper()
	d := w.filed(t, by)
	w.pay(t, d.ID)
	return w.see(t, d.ID)
}

func (w *world) pay(t *testing.T, id string) {
	t.Helper()
	order, err := w.Payments.OfSubject(t.Context(), "dossier:"+id)
	if err != nil {
		t.Fatal(err)
	}
	_, a, err := w.Payments.Start(t.Context(), order.ID, vnpay.Name, newKey("mai"), "127.0.0.1", locales.VI)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Payments.Take(t.Context(), payments.Notice{Provider: vnpay.Name, Ref: a.Ref, Amount: a.Amount, Says: payments.SaysPaid, No: a.Ref, PaidAt: w.Now()})
	if err != nil {
		t.Fatal(err)
	}
	w.drain(t)
}

func (w *world) see(t *testing.T, id string) dossier.Dossier {
	t.Helper()
	d, err := w.Dossiers.ByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// drain does all that is due, twice.
func (w *world) drain(t *testing.T) {
	t.Helper()
	if err := w.worker.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := w.worker.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	return worldtest.Count(t, w.DB, query, args...)
}

// pdfText is what pdftotext reads, or a skipped test where it is not installed.
func pdfText(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed")
	}
	cmd := exec.Command(tool, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// contains does not mind where a line was broken.
func contains(text, want string) bool {
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	return strings.Contains(squeeze(text), squeeze(want))
}
