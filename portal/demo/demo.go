// Package demo sets the whole portal up on one machine: a private PostgreSQL, the shipped
// catalogue, sample people, and stand-ins of every outside system.
package demo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sync/errgroup"

	"motcua/assets"
	"motcua/migrations"
	"motcua/portal"
	"motcua/portal/pg"
	"motcua/portal/pg/embedded"
)

// Options are what the command line says.
type Options struct {
	Listen   string // address of the portal
	Operator string // address of the operator's pages
	URL      string // how people reach it, where that is not Listen
	Data     string // folder of everything
	Yes      bool   // install PostgreSQL without asking
	Out      io.Writer
	Log      *slog.Logger
}

const database = "motcua"

// Run serves the demo until ctx ends, then stops everything it started. A second start on
// the same folder is quick and keeps the data.
func Run(ctx context.Context, o Options) error {
	unlock, err := o.prepare()
	if err != nil {
		return err
	}
	defer unlock()
	keys, err := readKeys(o.Data)
	if err != nil {
		return err
	}
	if err := embedded.Install(ctx, o.Yes); err != nil {
		return err
	}
	var server *embedded.Server
	var stands *standins
	both, bothCtx := errgroup.WithContext(ctx)
	both.Go(func() (err error) { server, err = o.database(bothCtx); return err })
	both.Go(func() (err error) { stands, err = o.startStandins(bothCtx); return err })
	err = both.Wait()
	defer func() {
		stands.stop()
		if server != nil {
			if err := server.Stop(); err != nil {
				o.Log.Error("stop PostgreSQL", "err", err)
			}
		}
	}()
	if err != nil {
		return err
	}
	cfg := o.config(keys, server.DSN(embedded.App, database), stands.at)
	if err := o.load(ctx, cfg); err != nil {
		return err
	}
	cfg.Ready = func(operator string) { cfg.Operator = operator; o.announce(cfg, server, stands.at) }
	return portal.Run(ctx, cfg)
}

// prepare makes the folder and takes its lock, as two demos must not share one, and looks
// whether the portal's address is free before anything is started.
func (o *Options) prepare() (unlock func(), err error) {
	if o.Data, err = filepath.Abs(o.Data); err != nil {
		return nil, err
	}
	// passable, so that PostgreSQL's user finds its cluster in it; what is secret is closed itself
	if err := os.MkdirAll(o.Data, 0o711); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(o.Data, "demo.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, fmt.Errorf("another demo runs on %s: stop it, or choose another folder with -data", o.Data)
	}
	if err := o.address(); err != nil {
		lock.Close()
		return nil, err
	}
	_ = os.Remove(filepath.Join(o.Data, "demo.json")) // of the run before: programs wait for the new one
	return func() { lock.Close() }, nil
}

// address settles where the portal listens and how people reach it.
func (o *Options) address() error {
	ln, err := net.Listen("tcp", o.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program: stop it, or choose another address with -listen", o.Listen)
	}
	if err != nil {
		return fmt.Errorf("-listen %s: %w", o.Listen, err)
	}
	defer ln.Close()
	at := ln.Addr().(*net.TCPAddr)
	if host, port, _ := net.SplitHostPort(o.Listen); port == "0" { // any free one
		o.Listen = net.JoinHostPort(host, strconv.Itoa(at.Port))
	}
	if o.URL == "" {
		host, port, _ := net.SplitHostPort(o.Listen)
		if host == "" || at.IP.IsUnspecified() {
			host = "127.0.0.1"
		}
		o.URL = "http://" + net.JoinHostPort(host, port)
	}
	return nil
}

// database starts PostgreSQL and brings the schema up, as the owner; the portal itself
// runs as the app role.
func (o *Options) database(ctx context.Context) (*embedded.Server, error) {
	server, err := embedded.Start(ctx, embedded.Options{Dir: o.Data, Log: o.Log})
	if err != nil {
		return nil, err
	}
	if err := server.Create(ctx, database); err != nil {
		return server, err
	}
	owner, err := pg.Open(ctx, server.DSN(embedded.Owner, database))
	if err != nil {
		return server, err
	}
	defer owner.Close()
	return server, migrations.Up(ctx, owner.DB)
}

// load imports the province pack and the catalogue by the importers an agency would use.
// What has not changed is left as it is.
func (o *Options) load(ctx context.Context, cfg portal.Config) error {
	p, err := portal.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer p.Close()
	pack, err := province()
	if err != nil {
		return err
	}
	if err := p.ImportProvince(ctx, pack); err != nil {
		return err
	}
	if err := p.ImportCatalogue(ctx, assets.Catalogue()); err != nil {
		return err
	}
	return p.ImportContent(ctx, assets.Content())
}

// config is the portal's, pointed at the stand-ins.
func (o *Options) config(keys keys, dsn string, at Addresses) portal.Config {
	host, port := splitPort(at.SMTPServer)
	return portal.Config{
		Listen: o.Listen, Operator: o.Operator, PublicURL: o.URL, Database: dsn, BlobDir: filepath.Join(o.Data, "blobs"),
		Secret: keys.Secret, LookupKey: keys.Lookup, Demo: true, Log: o.Log,
		OIDC: portal.OIDC{Issuer: at.OIDC, ClientID: clientID, ClientSecret: clientSecret},
		Population: portal.Population{Platform: portal.National, URL: at.PopulationEndpoint, AuthURL: authURL, User: platformUser, Secret: platformSecret,
			Client: platformClient, APIKey: platformKey, Officer: "CONG-DVC", Service: "DVC"},
		Business: portal.Business{Platform: portal.National, URL: at.BusinessEndpoint, TokenURL: at.BusinessToken, Key: platformUser, Secret: platformSecret},
		XRoad:    portal.XRoad{URL: at.XRoad, Client: platformClient, Civil: civilService, Land: landService, Licence: licenceService},
		VNPay: portal.VNPay{PayURL: at.VNPay + "/paymentv2/vpcpay.html", QueryURL: at.VNPay + "/merchant_webapi/api/transaction",
			TmnCode: terminal, Secret: terminalSecret},
		Post: portal.Post{URL: at.Post, Key: platformUser, Secret: platformSecret, Customer: postCustomer, Every: postEvery},
		SMTP: portal.SMTP{Host: host, Port: port, From: "Cổng dịch vụ công (thử nghiệm) <khong-tra-loi@dvc.example.vn>", Plain: true},
		SMS:  portal.SMS{URL: at.SMS, Key: platformUser, Secret: platformSecret, Brand: smsBrand},
	}
}

// keys are made at the first start and kept in the folder.
type keys struct{ Secret, Lookup []byte }

func readKeys(dir string) (keys, error) {
	path := filepath.Join(dir, "keys.json")
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		fresh := map[string]string{"secret": random(), "lookup": random()}
		if b, err = json.Marshal(fresh); err == nil {
			err = writeFile(path, b)
		}
	}
	if err != nil {
		return keys{}, err
	}
	var text map[string]string
	if err := json.Unmarshal(b, &text); err != nil {
		return keys{}, fmt.Errorf("%s: %w", path, err)
	}
	var k keys
	if k.Secret, err = hex.DecodeString(text["secret"]); err == nil {
		k.Lookup, err = hex.DecodeString(text["lookup"])
	}
	return k, err
}

func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return hex.EncodeToString(b)
}

// writeFile replaces a file whole or not at all.
func writeFile(path string, b []byte) error {
	if err := os.WriteFile(path+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func splitPort(addr string) (host string, port int) {
	host, text, _ := net.SplitHostPort(addr)
	port, _ = strconv.Atoi(text)
	return host, port
}
