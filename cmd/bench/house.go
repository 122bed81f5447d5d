package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/portal"
	"motcua/portal/pg"
	"motcua/portal/pg/embedded"
	registries "motcua/portal/registry/sandbox"
	provider "motcua/portal/signin/sandbox"
	"motcua/portal/standin"
)

// house is everything that is measured or helps: the folder, PostgreSQL, the stand-ins a
// filing needs before it is measured, and the program.
type house struct {
	dir     string
	folder  fs.FS // the catalogue it begins with
	env     map[string]string
	server  *embedded.Server
	super   *sqlx.DB
	counts  bool // the server can count statements
	oidc    *provider.Server
	people  *registries.Population
	program *exec.Cmd
	ended   chan struct{} // closed when the program has
}

const (
	database = "motcua"
	nowhere  = "http://127.0.0.1:9" // outside systems that no filing speaks to
	secret   = "bench-secret"
)

// open starts everything. The program is the real one, built for production, as a process
// of its own, so that its share of the CPU can be told from the client's.
func open(ctx context.Context) (*house, error) { return openWith(ctx, assets.Catalogue()) }

// openWith is open with another catalogue than the shipped one.
func openWith(ctx context.Context, folder fs.FS) (*house, error) {
	dir, err := os.MkdirTemp("", "motcua-bench-")
	if err != nil {
		return nil, err
	}
	h := &house{dir: dir, folder: folder}
	for _, step := range []func(context.Context) error{h.build, h.startPostgres, h.startStandins, h.settle, h.load, h.startProgram} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, h.close())
		}
	}
	return h, nil
}

func (h *house) binary() string { return filepath.Join(h.dir, "portal") }

func (h *house) build(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "go", "build", "-tags", "production", "-o", h.binary(), "motcua/cmd/portal").CombinedOutput()
	if err != nil {
		return fmt.Errorf("build the portal: %w\n%s", err, out)
	}
	return nil
}

// startPostgres is the server as the portal keeps it: fsync and checksums on.
func (h *house) startPostgres(ctx context.Context) (err error) {
	if err := embedded.Install(ctx, true); err != nil {
		return err
	}
	if h.server, err = embedded.Start(ctx, embedded.Options{Dir: h.dir}); err != nil {
		return err
	}
	if err := h.counted(ctx); err != nil {
		return err
	}
	if err := h.server.Create(ctx, database); err != nil {
		return err
	}
	if h.super, err = pg.Open(ctx, h.server.DSN(embedded.Super, database)); err != nil {
		return err
	}
	if h.counts {
		if _, err := h.super.ExecContext(ctx, `CREATE EXTENSION pg_stat_statements`); err != nil {
			return err
		}
	}
	return portal.Migrate(ctx, h.server.DSN(embedded.Owner, database))
}

// startStandins gives people an identity and a record: prefilled facts are part of what is filed.
func (h *house) startStandins(context.Context) (err error) {
	if h.env, err = settings(h); err != nil {
		return err
	}
	h.oidc, err = provider.Start(standin.Options{}, provider.Config{Clients: map[string]string{h.env["OIDC_CLIENT_ID"]: secret},
		Redirects: []string{h.env["PUBLIC_URL"] + "/dang-nhap/tra-ve"}})
	if err != nil {
		return err
	}
	h.people, err = registries.StartPopulation(standin.Options{}, registries.PopulationConfig{AuthURL: h.env["POPULATION_AUTH_URL"],
		User: h.env["POPULATION_USER"], Secret: secret, Member: h.env["POPULATION_CLIENT"], APIKey: secret, People: citizens()})
	if err != nil {
		return err
	}
	for _, card := range cards() {
		h.oidc.Put(card)
	}
	h.env["OIDC_ISSUER"], h.env["POPULATION_URL"] = h.oidc.Issuer(), h.people.Endpoint()
	return nil
}

// settings are the program's, by environment as in production.
func settings(h *house) (map[string]string, error) {
	listen, err := freeAddress()
	if err != nil {
		return nil, err
	}
	operator, err := freeAddress()
	return map[string]string{
		"LISTEN": listen, "OPERATOR_LISTEN": operator, "PUBLIC_URL": "http://" + listen,
		"DATABASE_URL": h.server.DSN(embedded.App, database), "BLOB_DIR": filepath.Join(h.dir, "blobs"), "SECRET": key(), "LOOKUP_KEY": key(),
		"OIDC_CLIENT_ID": "bench", "OIDC_CLIENT_SECRET": secret,
		"POPULATION_AUTH_URL": "https://vdxp.example/auth", "POPULATION_USER": "bench", "POPULATION_SECRET": secret, "POPULATION_CLIENT": "VN/GOV/BENCH/DVC",
		"POPULATION_API_KEY": secret, "POPULATION_OFFICER": "BENCH", "POPULATION_SERVICE": "DVC",
		"BUSINESS_URL": nowhere, "BUSINESS_TOKEN_URL": nowhere, "BUSINESS_KEY": "bench", "BUSINESS_SECRET": secret,
		"VNPAY_PAY_URL": nowhere, "VNPAY_QUERY_URL": nowhere, "VNPAY_TMN_CODE": "BENCH001", "VNPAY_SECRET": secret,
		"POST_URL": nowhere, "POST_KEY": "bench", "POST_SECRET": secret, "POST_CUSTOMER": "BENCH", "POST_EVERY": "1h",
		"SMTP_HOST": "127.0.0.1", "SMTP_PORT": "9", "SMTP_FROM": "bench <bench@example.vn>",
	}, err
}

func key() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// settle opens the folders to nobody else.
func (h *house) settle(context.Context) error { return os.MkdirAll(h.env["BLOB_DIR"], 0o700) }

// inside opens the portal's rooms in this process, to prepare drafts. What is prepared need
// not be durable one by one.
func (h *house) inside(ctx context.Context) (*portal.Portal, error) {
	env := maps.Clone(h.env)
	env["DATABASE_URL"] += "&synchronous_commit=off"
	cfg, err := portal.ConfigFrom(func(name string) string { return env[name] })
	if err != nil {
		return nil, err
	}
	cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	return portal.Open(ctx, cfg)
}

// load imports the first shipped province and the shipped catalogue, as the demo does.
func (h *house) load(ctx context.Context) error {
	p, err := h.inside(ctx)
	if err != nil {
		return err
	}
	defer p.Close()
	names := assets.Provinces()
	if len(names) == 0 {
		return errors.New("no province pack is shipped")
	}
	pack, err := assets.Province(names[0])
	if err != nil {
		return err
	}
	if err := p.ImportProvince(ctx, pack); err != nil {
		return err
	}
	if err := p.ImportCatalogue(ctx, h.folder); err != nil {
		return err
	}
	return p.ImportContent(ctx, assets.Content())
}

// command is the real program with the settings.
func (h *house) command(ctx context.Context, word string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, h.binary(), word)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for _, name := range slices.Sorted(maps.Keys(h.env)) {
		cmd.Env = append(cmd.Env, name+"="+h.env[name])
	}
	return cmd
}

func (h *house) startProgram(ctx context.Context) error {
	log, err := os.Create(filepath.Join(h.dir, "portal.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	h.program = h.command(context.WithoutCancel(ctx), "serve")
	h.program.Stdout, h.program.Stderr = log, log
	h.program.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := h.program.Start(); err != nil {
		return err
	}
	h.ended = make(chan struct{})
	go func() { _ = h.program.Wait(); close(h.ended) }()
	return h.ready(ctx)
}

// ready waits until the program answers.
func (h *house) ready(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(20 * time.Second); ; {
		if res, err := http.Get(h.env["PUBLIC_URL"] + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-h.ended:
			return errors.New("the portal ended: " + h.log())
		case <-deadline:
			return errors.New("the portal does not answer: " + h.log())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// log is the end of what the program has said.
func (h *house) log() string {
	b, _ := os.ReadFile(filepath.Join(h.dir, "portal.log"))
	return string(bytes.TrimSpace(b[max(0, len(b)-2000):]))
}

// stopProgram ends the program as an operator would.
func (h *house) stopProgram() error {
	if h.program == nil || h.ended == nil {
		return nil
	}
	_ = h.program.Process.Signal(syscall.SIGTERM)
	select {
	case <-h.ended:
	case <-time.After(30 * time.Second):
		_ = h.program.Process.Kill()
		<-h.ended
		return errors.New("the portal did not end in 30 s after SIGTERM")
	}
	h.program = nil
	return nil
}

// verify runs the program's own verification.
func (h *house) verify(ctx context.Context, out io.Writer) error {
	cmd := h.command(ctx, "verify")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("portal verify: %w", err)
	}
	return nil
}

// close ends what was started and removes the folder.
func (h *house) close() error {
	errs := []error{h.stopProgram()}
	if h.oidc != nil {
		errs = append(errs, h.oidc.Close())
	}
	if h.people != nil {
		errs = append(errs, h.people.Close())
	}
	if h.super != nil {
		errs = append(errs, h.super.Close())
	}
	if h.server != nil {
		errs = append(errs, h.server.Stop(), embedded.Remove(h.dir))
	}
	return errors.Join(append(errs, os.RemoveAll(h.dir))...)
}
