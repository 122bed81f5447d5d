// Package portal puts the rooms together: settings in, a running portal out.
package portal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/locales"
	"motcua/migrations"
	"motcua/payments"
	"motcua/payments/vnpay"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/appointment"
	"motcua/portal/blob"
	"motcua/portal/bulk"
	"motcua/portal/catalogue"
	"motcua/portal/content"
	"motcua/portal/desk"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/editorial"
	"motcua/portal/national"
	"motcua/portal/notification"
	"motcua/portal/pg"
	"motcua/portal/postal"
	"motcua/portal/privacy"
	"motcua/portal/queue"
	"motcua/portal/registry"
	"motcua/portal/signin"
	"motcua/portal/succession"
	"motcua/portal/vault"
)

// Portal is every room with its neighbours, over one database and one folder of files.
type Portal struct {
	Config    Config
	DB        *sqlx.DB
	Blobs     *blob.Files
	Signin    *signin.Service
	Agency    *agency.Service
	Applicant *applicant.Service
	Registry  *registry.Service
	Catalogue *catalogue.Service
	Editorial *editorial.Service
	National  *national.Service
	Content   *content.Service
	Drafts    *draft.Service
	Payments  *payments.Service
	VNPay     *vnpay.Client
	Notices   *notification.Service
	Postal    *postal.Service
	Visits    *appointment.Service
	Changes   *succession.Service
	Dossiers  *dossier.Service
	Bulk      *bulk.Service
	Vault     *vault.Service
	Desk      *desk.Service
	Privacy   *privacy.Service
	Worker    *queue.Worker
}

// Open connects the rooms without serving: for Run, and for commands on the data. It
// refuses a database whose schema is not this program's.
func Open(ctx context.Context, cfg Config) (*Portal, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	db, err := pg.Open(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	p := &Portal{Config: cfg, DB: db}
	if err := p.open(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return p, nil
}

func (p *Portal) open(ctx context.Context) error {
	if err := migrations.Check(ctx, p.DB.DB); err != nil {
		return err
	}
	if err := os.MkdirAll(p.Config.BlobDir, 0o700); err != nil {
		return err
	}
	var err error
	if p.Blobs, err = blob.OpenFiles(p.Config.BlobDir); err != nil {
		return err
	}
	p.field()
	if err := p.connect(p.Config.XRoad); err != nil {
		return err
	}
	p.main()
	p.Worker = &queue.Worker{DB: p.DB, Handlers: p.handlers(), Every: p.duties(), Log: p.Config.Log, Now: time.Now}
	return nil
}

// field are the rooms that know people, agencies and the systems outside.
func (p *Portal) field() {
	cfg, key := p.Config, pg.LookupKey(p.Config.LookupKey)
	p.Agency = &agency.Service{DB: p.DB, Key: key, Now: time.Now}
	p.Applicant = &applicant.Service{DB: p.DB, Key: key, Now: time.Now}
	p.Signin = &signin.Service{DB: p.DB, Key: key, Issuer: cfg.OIDC.Issuer, ClientID: cfg.OIDC.ClientID, ClientSecret: cfg.OIDC.ClientSecret,
		Redirect: cfg.PublicURL + "/dang-nhap/tra-ve", Now: time.Now, OnSignIn: p.onSignIn}
	p.Registry = &registry.Service{DB: p.DB, Key: key, Now: time.Now, Log: cfg.Log,
		Population: populations(cfg.Population), Business: businesses(cfg.Business)}
	p.Catalogue = &catalogue.Service{DB: p.DB, Now: time.Now, Log: cfg.Log, Shared: shippedPresets()}
	p.Content = &content.Service{DB: p.DB, Catalogue: p.Catalogue, Now: time.Now, Log: cfg.Log}
	mail := notification.Settings{Host: cfg.SMTP.Host, Port: cfg.SMTP.Port, User: cfg.SMTP.User, Password: cfg.SMTP.Password,
		TLS: notification.StartTLS, From: cfg.SMTP.From, PortalURL: cfg.PublicURL}
	if cfg.SMTP.Plain {
		mail.TLS = notification.NoTLS
	}
	p.Notices = &notification.Service{DB: p.DB, Settings: mail, Now: time.Now, Log: cfg.Log}
	p.Applicant.Notices = p.Notices
	if cfg.SMS.URL != "" {
		p.Notices.SMS = &notification.ESMS{URL: cfg.SMS.URL, Key: cfg.SMS.Key, Secret: cfg.SMS.Secret, Brand: cfg.SMS.Brand}
	}
	p.Postal = &postal.Service{DB: p.DB, Carrier: &postal.Carrier{URL: cfg.Post.URL, Key: cfg.Post.Key, Secret: cfg.Post.Secret, Customer: cfg.Post.Customer, Now: time.Now},
		Every: cfg.Post.Every, Now: time.Now, Log: cfg.Log}
	p.Visits = &appointment.Service{DB: p.DB, Key: key, Agency: p.Agency, Notices: p.Notices, Now: time.Now, Log: cfg.Log}
	p.Payments = &payments.Service{DB: p.DB, Issuer: p.issuer, Now: time.Now, Log: cfg.Log}
	p.VNPay = &vnpay.Client{Config: vnpay.Config{TmnCode: cfg.VNPay.TmnCode, Secret: cfg.VNPay.Secret, PreviousSecret: cfg.VNPay.PreviousSecret,
		PayURL: cfg.VNPay.PayURL, QueryURL: cfg.VNPay.QueryURL, ReturnURL: cfg.PublicURL + "/thanh-toan/vnpay/ket-qua"},
		Payments: p.Payments, Now: time.Now, Log: cfg.Log}
	p.Payments.Providers = map[string]payments.Provider{vnpay.Name: p.VNPay}
}

// populations is the population database by the way that is set.
func populations(c Population) registry.Populations {
	if c.Platform == Province {
		return &registry.ProvincePopulation{URL: c.URL, Caller: c.Service, Officer: c.Officer, User: c.User,
			Token: registry.Token{AccessKey: c.APIKey, SecretKey: c.Secret, AppName: c.User, PartnerCode: c.Client}}
	}
	return &registry.PopulationClient{URL: c.URL, AuthURL: c.AuthURL, User: c.User, Secret: c.Secret, Member: c.Client, APIKey: c.APIKey,
		Caller: c.Service, Officer: c.Officer, Now: time.Now}
}

// businesses is the business register by the way that is set.
func businesses(c Business) registry.Businesses {
	if c.Platform == Relay {
		return &registry.RelayBusiness{URL: c.URL, Token: registry.Token{AccessKey: c.Key, SecretKey: c.Secret, AppName: c.App, PartnerCode: c.Partner}}
	}
	return &registry.BusinessClient{URL: c.URL, TokenURL: c.TokenURL, Key: c.Key, Secret: c.Secret}
}

// connect gives the registers on X-Road that have a service.
func (p *Portal) connect(c XRoad) error {
	client, err := registry.MutualTLS(c.Cert, c.CA)
	if err != nil {
		return err
	}
	x := registry.XRoad{URL: c.URL, Client: c.Client, Unhashed: c.Unhashed, HTTP: client}
	if c.Civil != "" {
		p.Registry.Civil = &registry.CivilClient{XRoad: x, Service: c.Civil}
	}
	if c.Land != "" {
		p.Registry.Land = &registry.LandClient{XRoad: x, Service: c.Land}
	}
	if c.Licence != "" {
		p.Registry.Licence = &registry.LicenceClient{XRoad: x, Service: c.Licence}
	}
	return nil
}

// shippedPresets are the sets of questions that editors may put into forms. A test holds
// them to be right, so what is wrong with one here only leaves it out.
func shippedPresets() map[string][]byte {
	presets, _, err := catalogue.Presets(assets.Catalogue())
	if err != nil {
		return nil
	}
	return presets
}

// main are the rooms on the main path.
func (p *Portal) main() {
	p.Editorial = &editorial.Service{DB: p.DB, Catalogue: p.Catalogue, Agency: p.Agency, Notices: p.Notices, Now: time.Now, Log: p.Config.Log}
	p.National = &national.Service{DB: p.DB, Catalogue: p.Catalogue, Editorial: p.Editorial, Agency: p.Agency, Now: time.Now, Log: p.Config.Log}
	p.Drafts = &draft.Service{DB: p.DB, Blobs: p.Blobs, Catalogue: p.Catalogue, Registry: p.Registry, Applicant: p.Applicant,
		Agency: p.Agency, Notices: p.Notices, Now: time.Now, Log: p.Config.Log}
	p.Dossiers = &dossier.Service{DB: p.DB, Key: pg.LookupKey(p.Config.LookupKey), Blobs: p.Blobs, Drafts: p.Drafts, Catalogue: p.Catalogue,
		Agency: p.Agency, Applicant: p.Applicant, Payments: p.Payments, Notices: p.Notices, Postal: p.Postal,
		PortalURL: p.Config.PublicURL, Now: time.Now, Log: p.Config.Log}
	p.Privacy = &privacy.Service{DB: p.DB, Catalogue: p.Catalogue, Agency: p.Agency, Drafts: p.Drafts, Dossiers: p.Dossiers, Notices: p.Notices,
		Now: time.Now, Log: p.Config.Log}
	p.Bulk = &bulk.Service{DB: p.DB, Catalogue: p.Catalogue, Applicant: p.Applicant, Drafts: p.Drafts, Dossiers: p.Dossiers, Now: time.Now, Log: p.Config.Log}
	p.Vault = &vault.Service{DB: p.DB, Key: pg.LookupKey(p.Config.LookupKey), Blobs: p.Blobs, Catalogue: p.Catalogue, Agency: p.Agency, Applicant: p.Applicant,
		Drafts: p.Drafts, Dossiers: p.Dossiers, Notices: p.Notices, Now: time.Now, Log: p.Config.Log}
	p.Changes = &succession.Service{DB: p.DB, Agency: p.Agency, Catalogue: p.Catalogue, Drafts: p.Drafts, Dossiers: p.Dossiers, Now: time.Now, Log: p.Config.Log}
	p.Desk = &desk.Service{DB: p.DB, Dossiers: p.Dossiers, Vault: p.Vault, Agency: p.Agency, Payments: p.Payments, Postal: p.Postal, Now: time.Now}
}

// onSignIn remembers what the provider said of a person's businesses and says whether they
// are staff today.
func (p *Portal) onSignIn(ctx context.Context, tx *sqlx.Tx, person signin.Person, c signin.Claims) (bool, error) {
	businesses := make([]applicant.Business, len(c.DoanhNghiep))
	for i, b := range c.DoanhNghiep {
		businesses[i] = applicant.Business{TaxCode: b.MaSoDoanhNghiep, Name: b.TenDoanhNghiep}
	}
	remember := applicant.Remember
	if c.Organisation() { // says of itself only: what the person represents besides is not its to end
		businesses, remember = []applicant.Business{{TaxCode: c.MaSoDoanhNghiep, Name: c.TenDoanhNghiep}}, applicant.Add
	}
	if err := remember(ctx, tx, person.ID, businesses, time.Now()); err != nil {
		return false, err
	}
	return p.Agency.IsStaff(ctx, tx, person.IDHash)
}

// issuer says in whose name receipts of an agency are made out.
func (p *Portal) issuer(ctx context.Context, payee int64, _ time.Time) (payments.Issuer, error) {
	a, err := p.Agency.ByID(ctx, payee)
	if err != nil {
		return payments.Issuer{}, err
	}
	province, err := p.Agency.Province(ctx)
	if err != nil {
		return payments.Issuer{}, err
	}
	return payments.Issuer{Name: a.Name.VI, TaxCode: a.TaxCode, Address: a.Address,
		Title: province.Receipts.Name.VI, Template: province.Receipts.Template, Series: province.Receipts.Series}, nil
}

// handlers are all kinds of work that are done later.
func (p *Portal) handlers() map[string]queue.Handler {
	all := map[string]queue.Handler{payments.SweepKind: p.Payments.Sweep,
		registry.AlarmKind: func(context.Context, queue.Job) error { return nil }} // seen to: the task is over
	for _, room := range []map[string]queue.Handler{p.Applicant.Handlers(), p.Content.Handlers(), p.Drafts.Handlers(), p.Dossiers.Handlers(), p.Vault.Handlers(), p.Changes.Handlers(), p.Bulk.Handlers(), p.National.Handlers(), p.Notices.Handlers(), p.Postal.Handlers(), p.Visits.Handlers(), p.chores()} {
		for kind, h := range room {
			all[kind] = h
		}
	}
	return all
}

// Close ends the connections.
func (p *Portal) Close() error { return p.DB.Close() }

// Migrate brings the schema up, as its owner.
func Migrate(ctx context.Context, dsn string) error {
	if dsn == "" {
		return errors.New("MIGRATE_DATABASE_URL is not set: PostgreSQL as motcua_owner")
	}
	db, err := pg.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return migrations.Up(ctx, db.DB)
}

// ImportProvince takes a province pack in, all or nothing.
func (p *Portal) ImportProvince(ctx context.Context, pack fs.FS) error {
	read, err := agency.ReadPack(pack)
	if err != nil {
		return fmt.Errorf("province pack: %w", err)
	}
	if _, err := p.Agency.Import(ctx, read); err != nil {
		return fmt.Errorf("import province: %w", err)
	}
	if err := p.Visits.Import(ctx, pack); err != nil {
		return fmt.Errorf("import province: %w", err)
	}
	return nil
}

// ImportUnits takes a file of the country's administrative units in, all or nothing, and
// says what came of it. What is wrong is named by line.
func (p *Portal) ImportUnits(ctx context.Context, name string, file []byte, say io.Writer) error {
	units, err := agency.ReadUnits(name, file)
	var report agency.UnitReport
	if err == nil {
		report, err = p.Agency.ImportUnits(ctx, units)
	}
	if faults, ok := errors.AsType[agency.Faults](err); ok {
		for _, f := range faults {
			words, _ := locales.Say(locales.EN, f.Message)
			fmt.Fprintf(say, "%s:%s: %s\n", f.File, f.Place, words)
		}
		return fmt.Errorf("%s: %d faults, nothing was imported", name, len(faults))
	}
	if err != nil {
		return err
	}
	for _, list := range []struct {
		deed  string
		units []agency.Unit
	}{{"added", report.Added}, {"renamed", report.Renamed}, {"ended", report.Ended}} {
		fmt.Fprintf(say, "%s: %d\n", list.deed, len(list.units))
		for i, u := range list.units {
			if i == mostNamed {
				fmt.Fprintf(say, "  … and %d more\n", len(list.units)-i)
				break
			}
			fmt.Fprintf(say, "  %s %s\n", u.Code, u.Name)
		}
	}
	fmt.Fprintf(say, "unchanged: %d\nwhat units became: %d new, %d put right, %d known\n",
		report.Same, report.Changes.New, report.Changes.Changed, report.Changes.Same)
	return nil
}

// mostNamed bounds how many units of a kind a report names.
const mostNamed = 50

// ImportNational keeps a file of national records as the list that editors compare with, or
// only says what is wrong with it.
func (p *Portal) ImportNational(ctx context.Context, name string, file []byte, dry bool, say io.Writer) error {
	return p.National.Import(ctx, name, file, dry, say)
}

// ImportCatalogue takes a folder of procedures in. What is wrong is named by file and place.
func (p *Portal) ImportCatalogue(ctx context.Context, folder fs.FS) error {
	report, err := p.Catalogue.Import(ctx, folder)
	if err != nil {
		return fmt.Errorf("import catalogue: %w", err)
	}
	if len(report.Faults) > 0 {
		return fmt.Errorf("import catalogue: %d faults, the first: %v", len(report.Faults), report.Faults[0])
	}
	return nil
}

// ImportContent takes a folder of texts in: guides, questions, events, announcements.
func (p *Portal) ImportContent(ctx context.Context, folder fs.FS) error {
	report, err := p.Content.Import(ctx, folder)
	if err == nil && len(report.Faults) > 0 {
		err = fmt.Errorf("%d faults, the first: %v", len(report.Faults), report.Faults[0])
	}
	if err != nil {
		return fmt.Errorf("import content: %w", err)
	}
	return nil
}
