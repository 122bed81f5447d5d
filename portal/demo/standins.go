package demo

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	gateway "motcua/payments/vnpay/sandbox"
	letters "motcua/portal/notification/sandbox"
	carrier "motcua/portal/postal/sandbox"
	registries "motcua/portal/registry/sandbox"
	provider "motcua/portal/signin/sandbox"
	"motcua/portal/standin"
)

// What the portal and the stand-ins have agreed on. None of it is worth anything outside.
const (
	clientID       = "dvc-demo"
	clientSecret   = "demo-client-secret"
	platformUser   = "dvc-demo"
	platformSecret = "demo-platform-secret"
	platformClient = "VN/GOV/DEMO/DVC"
	platformKey    = "demo-api-key"
	authURL        = "https://vdxp.example/auth"
	terminal       = "DVCDEMO1"
	terminalSecret = "DEMOVNPAYSECRET0123456789ABCDEF0"
	smsBrand       = "DVC-DEMO"
	postCustomer   = "DVCDEMO"
	civilService   = "VN/GOV/BTP/HOTICH/tra-cuu"
	landService    = "VN/GOV/BNNMT/DATDAI/tra-cuu"
	licenceService = "VN/GOV/BCA/GPLX/tra-cuu"
	postEvery      = 3 * time.Second
	parcelEvery    = 20 * time.Second // a parcel moves one step on
	noticeEvery    = 20 * time.Second // between two payment notices that are not confirmed
)

// Addresses are where the stand-ins listen.
type Addresses struct {
	OIDC       string `json:"oidc"`
	Population string `json:"population"`
	Business   string `json:"business"`
	XRoad      string `json:"xroad"` // the security server before the next three
	Civil      string `json:"civil"`
	Land       string `json:"land"`
	Licence    string `json:"licence"`
	VNPay      string `json:"vnpay"`
	Post       string `json:"post"`
	SMTP       string `json:"smtp"`      // its page
	SMTPServer string `json:"smtp_port"` // host:port of the mail protocol
	SMS        string `json:"sms"`

	PopulationEndpoint string `json:"population_endpoint"`
	BusinessEndpoint   string `json:"business_endpoint"`
	BusinessToken      string `json:"business_token"`
}

// SandboxMain runs the stand-ins as a process of their own until ctx ends.
func SandboxMain(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	dir := flags.String("data", ".data/sandbox", "folder in which they keep what they received")
	portal := flags.String("portal", "http://127.0.0.1:8080", "address of the portal they stand beside")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := readSample()
	if err != nil {
		return err
	}
	var all running
	defer all.close()
	if err := all.start(*dir, strings.TrimSuffix(*portal, "/"), s); err != nil {
		return err
	}
	b, err := json.Marshal(all.at)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(*dir, "ready.json"), b); err != nil {
		return err
	}
	if err := writeFile(filepath.Join(*dir, "ports.json"), b); err != nil {
		return err
	}
	fmt.Println(string(b))
	<-ctx.Done()
	return nil
}

// running are the stand-ins that have started.
type running struct {
	at      Addresses
	closers []func() error
}

func (r *running) close() {
	for _, c := range r.closers {
		_ = c()
	}
}

func (r *running) start(dir, portal string, s sample) error {
	before := lastAddresses(dir)
	at := func(last string) standin.Options { return standin.Options{Dir: dir, Addr: free(last)} }

	oidc, err := provider.Start(at(before.OIDC), provider.Config{People: s.cards(), Clients: map[string]string{clientID: clientSecret},
		Redirects: []string{portal + "/dang-nhap/tra-ve"}})
	if err != nil {
		return err
	}
	r.closers, r.at.OIDC = append(r.closers, oidc.Close), oidc.URL
	people, err := registries.StartPopulation(at(before.Population), registries.PopulationConfig{AuthURL: authURL, User: platformUser, Secret: platformSecret,
		Member: platformClient, APIKey: platformKey, Key: registries.Key{Access: platformKey, Secret: platformSecret, App: platformUser, Partner: platformClient}, People: s.citizens(), Now: time.Now})
	if err != nil {
		return err
	}
	r.closers, r.at.Population, r.at.PopulationEndpoint = append(r.closers, people.Close), people.URL, people.Endpoint()
	firms, err := registries.StartBusiness(at(before.Business), registries.BusinessConfig{Key: platformUser, Secret: platformSecret,
		Relay: registries.Key{Access: platformUser, Secret: platformSecret, App: platformUser, Partner: platformClient}, Enterprises: s.enterprises()})
	if err != nil {
		return err
	}
	r.closers, r.at.Business = append(r.closers, firms.Close), firms.URL
	r.at.BusinessEndpoint, r.at.BusinessToken = firms.Endpoint(), firms.TokenURL()
	if err := r.startXRoad(at, before, s); err != nil {
		return err
	}
	pay, err := gateway.Start(at(before.VNPay), gateway.Config{TmnCode: terminal, Secret: terminalSecret, NoticeURL: portal + "/thanh-toan/vnpay/ipn", Every: noticeEvery})
	if err != nil {
		return err
	}
	r.closers, r.at.VNPay = append(r.closers, pay.Close), pay.URL
	post, err := carrier.Start(carrier.Options{Options: at(before.Post), Key: platformUser, Secret: platformSecret, Customer: postCustomer, Auto: parcelEvery})
	if err != nil {
		return err
	}
	r.closers, r.at.Post = append(r.closers, post.Close), post.URL
	mail, err := letters.Start(letters.Options{Options: at(before.SMTP), SMTP: free(before.SMTPServer)})
	if err != nil {
		return err
	}
	r.closers, r.at.SMTP, r.at.SMTPServer = append(r.closers, mail.Close), mail.URL, mail.SMTP()
	texts, err := letters.StartSMS(at(before.SMS), letters.SMSConfig{Key: platformUser, Secret: platformSecret, Brand: smsBrand})
	if err != nil {
		return err
	}
	r.closers, r.at.SMS = append(r.closers, texts.Close), texts.URL
	return nil
}

// startXRoad starts a security server and the registers behind it.
func (r *running) startXRoad(at func(string) standin.Options, before Addresses, s sample) error {
	services := map[string]string{}
	for _, x := range []struct {
		service string
		last    string
		at      *string
		entries []registries.Entry
		start   func(standin.Options, []registries.Entry) (*registries.Provider, error)
	}{
		{civilService, before.Civil, &r.at.Civil, s.Civil, registries.StartCivil},
		{landService, before.Land, &r.at.Land, s.Land, registries.StartLand},
		{licenceService, before.Licence, &r.at.Licence, s.Licences, registries.StartLicence},
	} {
		p, err := x.start(at(x.last), x.entries)
		if err != nil {
			return err
		}
		r.closers = append(r.closers, p.Close)
		*x.at, services[x.service] = p.URL, p.URL
	}
	x, err := registries.StartXRoad(at(before.XRoad), registries.XRoadConfig{Client: platformClient, Services: services})
	if err != nil {
		return err
	}
	r.closers, r.at.XRoad = append(r.closers, x.Close), x.URL
	return nil
}

// lastAddresses are those of the run before, so that links and accounts go on working.
func lastAddresses(dir string) Addresses {
	var at Addresses
	b, err := os.ReadFile(filepath.Join(dir, "ports.json"))
	if errors.Is(err, os.ErrNotExist) {
		return at
	}
	if err == nil {
		_ = json.Unmarshal(b, &at) // unreadable: free ports
	}
	return at
}

// free is the address again when nobody else has taken it, or "" for any.
func free(last string) string {
	addr := strings.TrimPrefix(last, "http://")
	if addr == "" || taken(addr) {
		return ""
	}
	return addr
}
