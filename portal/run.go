package portal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/errgroup"

	"motcua/eforms"
	"motcua/portal/queue"
	"motcua/portal/registry"
	"motcua/portal/report"
	"motcua/portal/web"
	"motcua/portal/web/citizen"
	"motcua/portal/web/staff"
)

// Run serves the portal until ctx ends, then lets what is under way finish.
func Run(ctx context.Context, cfg Config) error {
	p, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer p.Close()
	w, err := p.Web()
	if err != nil {
		return err
	}
	return p.serve(ctx, w)
}

// Web is the server with every page at its address.
func (p *Portal) Web() (*web.Web, error) {
	w, err := web.New(web.Options{PublicURL: p.Config.PublicURL, Secret: p.Config.Secret, Session: p.Signin.Session, Hats: p.hats, Site: citizen.Site(p.Agency),
		FormTargets: p.formTargets(), TrustedProxies: p.Config.Proxies, Demo: p.Config.Demo, Log: p.Config.Log, Now: time.Now})
	if err != nil {
		return nil, err
	}
	w.App.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	w.App.Get("/readyz", p.ready)
	w.App.Get("/api/v1/bieu-mau.schema.json", formSchema)
	public := &citizen.Pages{Web: w, Catalogue: p.Catalogue, Agency: p.Agency, Content: p.Content}
	public.Public(w.App)
	(&citizen.Places{Web: w, Catalogue: p.Catalogue, Agency: p.Agency, Visits: p.Visits}).Routes(w.App)
	filing := &citizen.Filing{Web: w, Signin: p.Signin, Catalogue: p.Catalogue, Agency: p.Agency, Applicant: p.Applicant, Drafts: p.Drafts,
		Dossiers: p.Dossiers, Payments: p.Payments, VNPay: p.VNPay, Postal: p.Postal, Notices: p.Notices, Privacy: p.Privacy, Vault: p.Vault}
	filing.Routes(w.App)
	(&citizen.Firm{Filing: filing, Bulk: p.Bulk}).Routes(w.App)
	(&citizen.Figures{Web: w, Report: &report.Service{DB: p.DB, Agency: p.Agency, Now: time.Now}}).Routes(w.App)
	(&staff.Pages{Web: w, Agency: p.Agency, Catalogue: p.Catalogue, Editorial: p.Editorial, Preview: public.Preview, National: p.National, Desk: p.Desk, Drafts: p.Drafts, Privacy: p.Privacy, Registry: p.Registry, Visits: p.Visits, Changes: p.Changes, Content: p.Content, PreviewContent: public.PreviewContent, Stuck: p.stuck}).Routes(w.App)
	return w, nil
}

// hats says as whom a person acts, for the header of every page.
func (p *Portal) hats(ctx context.Context, personID int64, acting string) (web.Hat, error) {
	all, err := p.Applicant.Businesses(ctx, personID)
	hat := web.Hat{Others: len(all) > 0}
	for _, b := range all {
		if b.TaxCode == acting {
			hat.Name = b.Name
		}
	}
	return hat, err
}

func (p *Portal) stuck(c *fiber.Ctx) ([]queue.Job, error) { return queue.Stuck(c.UserContext(), p.DB) }

// formSchema publishes the format of form definitions, a JSON Schema of 2020-12.
func formSchema(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "application/schema+json; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	return c.Send(eforms.Schema)
}

// formTargets are the origins to which a form may lead: the identity provider and the gateway.
func (p *Portal) formTargets() []string {
	var all []string
	for _, address := range []string{p.Config.OIDC.Issuer, p.Config.VNPay.PayURL} {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			all = append(all, u.Scheme+"://"+u.Host)
		}
	}
	return all
}

// ready says whether requests can be served: the database answers.
func (p *Portal) ready(c *fiber.Ctx) error {
	if err := p.DB.PingContext(c.UserContext()); err != nil {
		return c.Status(fiber.StatusServiceUnavailable).SendString("database\n")
	}
	return c.SendString("ready\n")
}

// serve listens, works, and on the end of ctx drains: no new requests, those under way get
// twenty seconds.
func (p *Portal) serve(ctx context.Context, w *web.Web) error {
	ln, err := net.Listen("tcp", p.Config.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if !Loopback(p.Config.Listen) && !strings.HasPrefix(p.Config.PublicURL, "https:") {
		p.Config.Log.Warn("the portal listens beyond this machine without TLS: put a proxy with TLS in front and set PUBLIC_URL to https://…")
	}
	if err := p.Payments.Schedule(ctx); err != nil {
		return errors.Join(err, ln.Close())
	}
	operator, err := p.operator()
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return w.App.Listener(ln) })
	group.Go(func() error {
		p.Worker.Run(ctx)
		return nil
	})
	group.Go(func() error {
		p.Catalogue.Listen(ctx, p.Config.Database)
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		return errors.Join(w.App.ShutdownWithTimeout(20*time.Second), operator.Close())
	})
	if p.Config.Ready != nil {
		p.Config.Ready(p.Config.Operator)
	}
	if err := group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// operator serves status and profiles on a second listener, for the operator only.
func (p *Portal) operator() (*http.Server, error) {
	ln, err := net.Listen("tcp", p.Config.Operator)
	if err != nil {
		return nil, fmt.Errorf("operator's listener: %w", err)
	}
	p.Config.Operator = ln.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", p.status)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(ln) }()
	return server, nil
}

// status says in a few lines how the portal is.
func (p *Portal) status(w http.ResponseWriter, r *http.Request) {
	var waiting, stuck int
	err := p.DB.QueryRowContext(r.Context(), `SELECT count(*) FILTER (WHERE stuck_at IS NULL AND due <= now()), count(*) FILTER (WHERE stuck_at IS NOT NULL) FROM jobs`).Scan(&waiting, &stuck)
	if err != nil {
		http.Error(w, "database: "+err.Error(), http.StatusServiceUnavailable)
		return
	}
	if p.registers(w, r) != nil {
		return
	}
	pool := p.DB.Stats()
	fmt.Fprintf(w, "jobs_waiting %d\njobs_stuck %d\ndb_open %d\ndb_in_use %d\ndb_wait_count %d\n", waiting, stuck, pool.OpenConnections, pool.InUse, pool.WaitCount)
}

// registers adds how each register is, and how many alarms wait for somebody.
func (p *Portal) registers(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Registry.Status(r.Context())
	if err != nil {
		http.Error(w, "registers: "+err.Error(), http.StatusServiceUnavailable)
		return err
	}
	var alarms int
	if err := p.DB.GetContext(r.Context(), &alarms, `SELECT count(*) FROM jobs WHERE kind = $1`, registry.AlarmKind); err != nil {
		http.Error(w, "alarms: "+err.Error(), http.StatusServiceUnavailable)
		return err
	}
	fmt.Fprintf(w, "registry_alarms %d\n", alarms)
	for _, s := range all {
		fmt.Fprintf(w, "registry_hour{register=%q,outcome=%q} %d\n", s.Register, registry.Found, s.Hour[registry.Found])
		fmt.Fprintf(w, "registry_hour{register=%q,outcome=%q} %d\n", s.Register, registry.Unavailable, s.Hour[registry.Unavailable])
	}
	return nil
}
