package portal

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/content"
	letters "motcua/portal/notification/sandbox"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	carrier "motcua/portal/postal/sandbox"
	registries "motcua/portal/registry/sandbox"
	provider "motcua/portal/signin/sandbox"
	"motcua/portal/standin"
	"motcua/portal/web"
)

const (
	homeURL  = "http://127.0.0.1:8080"
	terminal = "MOTCUA01"
	gateway  = "VNPAYTESTSECRET0123456789ABCDEF0"
	extract  = "2.000635" // copies of civil-status records, with a fee
	birth    = "1.001193" // with papers
	nowhere  = "00000000-0000-4000-8000-000000000000"
)

// house is the whole portal, every page at its address, over a database of its own, with
// stand-ins of the systems outside.
type house struct {
	*Portal
	t      *testing.T
	web    *web.Web
	owner  *sqlx.DB
	tables *sqlx.Stmt // of snapshot
	oidc   *provider.Server
	mail   *letters.Server
	people *registries.Population
	pack   agency.Pack
	log    *logbook
}

// logbook is what the portal writes down, for tests to read while it does.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Sample people: Mai has dossiers, Phuc would like to see them.
var (
	mai  = provider.Person{Sub: "mai", Name: "Nguyễn Thị Hồng Mai", IDNumber: "089194000101", BirthDate: "1994-03-12", Phone: "0912345601", Email: "mai@example.vn"}
	phuc = provider.Person{Sub: "phuc", Name: "Trần Văn Phúc", IDNumber: "089090000102", BirthDate: "1990-05-20", Phone: "0912345602", Email: "phuc@example.vn"}
)

func newHouse(t *testing.T) *house {
	t.Helper()
	t.Parallel()
	h := &house{t: t, log: &logbook{}}
	h.readPack()
	cards := []provider.Person{mai, phuc}
	for _, o := range h.pack.Officers {
		cards = append(cards, provider.Person{Sub: o.IDNumber, Name: o.Name, IDNumber: o.IDNumber, BirthDate: "1980-01-01"})
	}
	var err error
	h.oidc, err = provider.Start(standin.Options{}, provider.Config{People: cards, Clients: map[string]string{"dvc": "client-secret"},
		Redirects: []string{homeURL + "/dang-nhap/tra-ve"}})
	h.must(err)
	home := registries.Place{Province: "91", Commune: "30307", Detail: "Số 12 đường Trần Hưng Đạo"}
	citizen := func(p provider.Person) registries.Citizen {
		return registries.Citizen{IDNumber: p.IDNumber, FullName: p.Name, BirthDate: p.BirthDate, Sex: "2", Ethnicity: "01", Nationality: "VN", Residence: home}
	}
	h.people, err = registries.StartPopulation(standin.Options{}, registries.PopulationConfig{AuthURL: "https://vdxp.example/auth", User: "DVC", Secret: "s", Member: "VN/GOV/DVC", APIKey: "key", Now: time.Now,
		People: []registries.Citizen{citizen(mai), citizen(phuc), citizen(hung)}})
	h.must(err)
	h.mail, err = letters.Start(letters.Options{})
	h.must(err)
	post, err := carrier.Start(carrier.Options{Key: "DVC", Secret: "s", Customer: "DVC"})
	h.must(err)
	t.Cleanup(func() { h.oidc.Close(); h.people.Close(); post.Close(); h.mail.Close() })
	db := pgtest.Filled(t, "shipped", func(db *sqlx.DB) { h.ship(db) })
	h.owner = pgtest.Owner(t, db)
	h.Portal = &Portal{DB: db, Config: Config{PublicURL: homeURL, BlobDir: filepath.Join(t.TempDir(), "blobs"),
		Secret: bytes.Repeat([]byte{7}, 32), LookupKey: lookupKey,
		Log:  slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		OIDC: OIDC{Issuer: h.oidc.Issuer(), ClientID: "dvc", ClientSecret: "client-secret"},
		Population: Population{URL: h.people.Endpoint(), AuthURL: "https://vdxp.example/auth", User: "DVC", Secret: "s", Client: "VN/GOV/DVC",
			APIKey: "key", Officer: "dvc", Service: "DVC"},
		Business: Business{URL: "http://127.0.0.1:1", TokenURL: "http://127.0.0.1:1/token"},
		VNPay:    VNPay{PayURL: "http://127.0.0.1:1/pay", QueryURL: "http://127.0.0.1:1/query", TmnCode: terminal, Secret: gateway},
		Post:     Post{URL: post.URL, Key: "DVC", Secret: "s", Customer: "DVC", Every: time.Hour},
		SMTP:     h.smtp()}}
	h.must(h.open(t.Context()))
	h.web, err = h.Web()
	h.must(err)
	return h
}

// ship takes the shipped province and few procedures in.
func (h *house) ship(db *sqlx.DB) {
	h.t.Helper()
	_, err := (&agency.Service{DB: db, Key: lookupKey, Now: time.Now}).Import(h.t.Context(), h.pack)
	h.must(err)
	said, err := (&content.Service{DB: db, Now: time.Now}).Import(h.t.Context(), assets.Content())
	h.must(err)
	report, err := (&catalogue.Service{DB: db, Now: time.Now}).Import(h.t.Context(), assets.CatalogueOf(birth, extract, "2.000033", "3.000347"))
	h.must(err)
	if len(report.Faults)+len(said.Faults) > 0 {
		h.t.Fatal(report.Faults, said.Faults)
	}
}

// lookupKey is the house's.
var lookupKey = pg.LookupKey(bytes.Repeat([]byte{9}, 32))

func (h *house) smtp() SMTP {
	at := h.mail.SMTP()
	host, port, _ := strings.Cut(at, ":")
	s := SMTP{Host: host, From: "Cổng <khong-tra-loi@dvc.example.vn>", Plain: true}
	_, err := fmt.Sscan(port, &s.Port)
	h.must(err)
	return s
}

func (h *house) readPack() {
	h.t.Helper()
	folder, err := assets.Province(assets.Provinces()[0])
	h.must(err)
	h.pack, err = agency.ReadPack(folder)
	h.must(err)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// ward is the agency that Mai files with, elsewhere another commune's, office a department.
func (h *house) ward() string { return h.pack.Officers[0].Roles[0].Agency }

// officerAt is the ID number of who has a role at an agency that fits.
func (h *house) officerAt(role string, fits func(agency.Agency) bool) string {
	h.t.Helper()
	for _, o := range h.pack.Officers {
		for _, r := range o.Roles {
			for _, a := range h.pack.Agencies {
				if r.Role == role && a.Code == r.Agency && fits(a) {
					return o.IDNumber
				}
			}
		}
	}
	h.t.Fatalf("nobody in the pack is %s there", role)
	return ""
}

func (h *house) isWard(a agency.Agency) bool      { return a.Code == h.ward() }
func (h *house) isElsewhere(a agency.Agency) bool { return a.Level == "commune" && a.Code != h.ward() }
func isDepartment(a agency.Agency) bool           { return a.Level == "department" }

func (h *house) administrator() string {
	return h.officerAt(agency.Admin, func(agency.Agency) bool { return true })
}

// onlyEditor is who has no other role than that of an editor.
func (h *house) onlyEditor() string {
	for _, o := range h.pack.Officers {
		if !slices.ContainsFunc(o.Roles, func(r agency.PersonRole) bool { return r.Role != agency.Editor && r.Role != agency.Admin }) {
			return o.IDNumber
		}
	}
	h.t.Fatal("nobody in the pack is an editor only")
	return ""
}
