package portal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/portal/registry"
)

// Config is everything that an installation sets. README and .env.example say the same; a
// test compares the three.
type Config struct {
	Listen    string   // address of the public listener
	Operator  string   // address of the operator's listener: metrics, profiles, status
	PublicURL string   // how people reach the portal, without a slash at the end
	Proxies   []string // whose X-Forwarded-For is believed
	Database  string   // as motcua_app
	BlobDir   string
	Secret    []byte // signs form tokens
	LookupKey []byte // hashes ID numbers for look-up; changing it loses every look-up
	Demo      bool   // says so on every page; set by the demo only
	Log       *slog.Logger
	Ready     func(operator string) // called once the portal listens, with the operator's address

	OIDC       OIDC
	Population Population
	Business   Business
	XRoad      XRoad
	VNPay      VNPay
	Post       Post
	SMTP       SMTP
	SMS        SMS
}

// OIDC is the identity provider.
type OIDC struct{ Issuer, ClientID, ClientSecret string }

// Population is the population registry behind the national exchange platform or the
// province's own.
type Population struct{ Platform, URL, AuthURL, User, Secret, Client, APIKey, Officer, Service string }

// Business is the business register behind the national exchange platform, or the
// province's relay of it.
type Business struct{ Platform, URL, TokenURL, Key, Secret, App, Partner string }

// XRoad is our security server and the registers that are asked through it. One without a
// service is not connected.
type XRoad struct {
	URL, Client          string
	Civil, Land, Licence string
	Unhashed             bool
	Cert, CA             string // PEM files
}

// The platforms on which a register can be reached.
const (
	National = "national"
	Province = "province"
	Relay    = "relay"
)

// VNPay is the payment gateway's account.
type VNPay struct{ PayURL, QueryURL, TmnCode, Secret, PreviousSecret string }

// Post is the carrier's account.
type Post struct {
	URL, Key, Secret, Customer string
	Every                      time.Duration // between looks at the feed
}

// SMTP is the mail relay.
type SMTP struct {
	Host, User, Password, From string
	Port                       int
	Plain                      bool // no TLS: on this machine only
}

// SMS is the account at the messaging operator; without an address none is sent.
type SMS struct{ URL, Key, Secret, Brand string }

// setting is one environment variable.
type setting struct {
	Name     string
	Default  string              // used when it is not set
	Optional bool                // may stay empty
	Needed   func(c Config) bool // nil: always, unless Optional; else only where it says so
	Says     string              // one line for the README
	put      func(c *Config, value string) error
}

func text(put func(c *Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error { *put(c) = v; return nil }
}

func address(put func(c *Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		u, err := url.Parse(v)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return errors.New("is not an http(s) address")
		}
		*put(c) = strings.TrimSuffix(v, "/")
		return nil
	}
}

func key(put func(c *Config) *[]byte) func(*Config, string) error {
	return func(c *Config, v string) error {
		b, err := hex.DecodeString(v)
		if err != nil || len(b) < 32 {
			return errors.New("must be at least 64 hexadecimal digits (openssl rand -hex 32)")
		}
		*put(c) = b
		return nil
	}
}

// oneOf is a setting with few values.
func oneOf(put func(c *Config) *string, values ...string) func(*Config, string) error {
	return func(c *Config, v string) error {
		if !slices.Contains(values, v) {
			return fmt.Errorf("is one of %s", strings.Join(values, ", "))
		}
		*put(c) = v
		return nil
	}
}

// xroadID is a setting that names a client or a service of X-Road.
func xroadID(check func(string) (string, error), put func(c *Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		_, err := check(v)
		*put(c) = v
		return err
	}
}

// pemFile is a setting that names a file of certificates.
func pemFile(read func(string) (*http.Client, error), put func(c *Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		_, err := read(v)
		*put(c) = v
		return err
	}
}

func onXRoad(c Config) bool {
	return c.XRoad.URL != "" || c.XRoad.Civil != "" || c.XRoad.Land != "" || c.XRoad.Licence != ""
}

func texting(c Config) bool { return c.SMS.URL != "" }

// settings are all there are, in the order of the README's table.
var settings = []setting{
	{Name: "LISTEN", Default: "127.0.0.1:8080", Says: "address of the portal; beyond loopback a proxy with TLS stands in front", put: text(func(c *Config) *string { return &c.Listen })},
	{Name: "OPERATOR_LISTEN", Default: "127.0.0.1:8081", Says: "address of the operator's pages: status, metrics, profiles", put: text(func(c *Config) *string { return &c.Operator })},
	{Name: "PUBLIC_URL", Says: "how people reach the portal, https://…", put: address(func(c *Config) *string { return &c.PublicURL })},
	{Name: "TRUSTED_PROXIES", Optional: true, Says: "addresses or networks of the proxies in front, with commas between; only their X-Forwarded-For is believed", put: func(c *Config, v string) error {
		c.Proxies = strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' })
		return nil
	}},
	{Name: "DATABASE_URL", Says: "PostgreSQL as motcua_app", put: text(func(c *Config) *string { return &c.Database })},
	{Name: "BLOB_DIR", Says: "folder of the attachments' bytes", put: text(func(c *Config) *string { return &c.BlobDir })},
	{Name: "SECRET", Says: "64 hexadecimal digits; signs form tokens", put: key(func(c *Config) *[]byte { return &c.Secret })},
	{Name: "LOOKUP_KEY", Says: "64 hexadecimal digits; hashes ID numbers for look-up, never changes", put: key(func(c *Config) *[]byte { return &c.LookupKey })},
	{Name: "OIDC_ISSUER", Says: "identity provider", put: address(func(c *Config) *string { return &c.OIDC.Issuer })},
	{Name: "OIDC_CLIENT_ID", Says: "the portal's name there", put: text(func(c *Config) *string { return &c.OIDC.ClientID })},
	{Name: "OIDC_CLIENT_SECRET", Optional: true, Says: "its secret, where the provider gives one", put: text(func(c *Config) *string { return &c.OIDC.ClientSecret })},
	{Name: "POPULATION_PLATFORM", Default: National, Says: "way to the population database: `national` (VDXP, SOAP) or `province` (the province's own platform, REST)", put: oneOf(func(c *Config) *string { return &c.Population.Platform }, National, Province)},
	{Name: "POPULATION_URL", Says: "service 037 on the exchange platform; of the province's, the address before the operations' names", put: address(func(c *Config) *string { return &c.Population.URL })},
	{Name: "POPULATION_AUTH_URL", Says: "the address that enters the time-stamped hash (national)", Needed: func(c Config) bool { return c.Population.Platform == National }, put: text(func(c *Config) *string { return &c.Population.AuthURL })},
	{Name: "POPULATION_USER", Says: "account on the platform; AppName (province)", put: text(func(c *Config) *string { return &c.Population.User })},
	{Name: "POPULATION_SECRET", Says: "its secret; SecretKey (province)", put: text(func(c *Config) *string { return &c.Population.Secret })},
	{Name: "POPULATION_CLIENT", Says: "X-Road-Client; PartnerCode (province)", put: text(func(c *Config) *string { return &c.Population.Client })},
	{Name: "POPULATION_API_KEY", Says: "ApiKey; AccessKey (province)", put: text(func(c *Config) *string { return &c.Population.APIKey })},
	{Name: "POPULATION_OFFICER", Says: "MaCanBo of look-ups by the portal itself", put: text(func(c *Config) *string { return &c.Population.Officer })},
	{Name: "POPULATION_SERVICE", Says: "MaDVC", put: text(func(c *Config) *string { return &c.Population.Service })},
	{Name: "BUSINESS_PLATFORM", Default: National, Says: "way to the business register: `national` (NGSP) or `relay` (the province's own platform)", put: oneOf(func(c *Config) *string { return &c.Business.Platform }, National, Relay)},
	{Name: "BUSINESS_URL", Says: "business register on the exchange platform", put: address(func(c *Config) *string { return &c.Business.URL })},
	{Name: "BUSINESS_TOKEN_URL", Says: "where its token is had (national)", Needed: func(c Config) bool { return c.Business.Platform == National }, put: address(func(c *Config) *string { return &c.Business.TokenURL })},
	{Name: "BUSINESS_KEY", Says: "consumer key; AccessKey (relay)", put: text(func(c *Config) *string { return &c.Business.Key })},
	{Name: "BUSINESS_SECRET", Says: "consumer secret; SecretKey (relay)", put: text(func(c *Config) *string { return &c.Business.Secret })},
	{Name: "BUSINESS_APP", Says: "AppName (relay)", Needed: func(c Config) bool { return c.Business.Platform == Relay }, put: text(func(c *Config) *string { return &c.Business.App })},
	{Name: "BUSINESS_PARTNER", Says: "PartnerCode (relay)", Needed: func(c Config) bool { return c.Business.Platform == Relay }, put: text(func(c *Config) *string { return &c.Business.Partner })},
	{Name: "CIVIL_SERVICE", Optional: true, Says: "register of civil status on X-Road, instance/class/member/subsystem/service; not connected when empty", put: xroadID(registry.ServiceIdentifier, func(c *Config) *string { return &c.XRoad.Civil })},
	{Name: "LAND_SERVICE", Optional: true, Says: "land register, likewise", put: xroadID(registry.ServiceIdentifier, func(c *Config) *string { return &c.XRoad.Land })},
	{Name: "LICENCE_SERVICE", Optional: true, Says: "register of driving licences, likewise", put: xroadID(registry.ServiceIdentifier, func(c *Config) *string { return &c.XRoad.Licence })},
	{Name: "XROAD_URL", Says: "our X-Road security server, where one of these three is connected", Needed: onXRoad, put: address(func(c *Config) *string { return &c.XRoad.URL })},
	{Name: "XROAD_CLIENT", Says: "who we are there: instance/class/member/subsystem", Needed: onXRoad, put: xroadID(registry.ClientIdentifier, func(c *Config) *string { return &c.XRoad.Client })},
	{Name: "XROAD_CERT", Optional: true, Says: "PEM file with our certificate and key, where the security server asks for one", put: pemFile(func(v string) (*http.Client, error) { return registry.MutualTLS(v, "") }, func(c *Config) *string { return &c.XRoad.Cert })},
	{Name: "XROAD_CA", Optional: true, Says: "PEM file with the security server's certificate, where the machine does not know its issuer", put: pemFile(func(v string) (*http.Client, error) { return registry.MutualTLS("", v) }, func(c *Config) *string { return &c.XRoad.CA })},
	{Name: "XROAD_HASH", Default: "check", Says: "X-Road-Request-Hash of answers: `check`, or `skip` where a proxy in between changes headers", put: func(c *Config, v string) error {
		var kept string
		err := oneOf(func(*Config) *string { return &kept }, "check", "skip")(c, v)
		c.XRoad.Unhashed = kept == "skip"
		return err
	}},
	{Name: "VNPAY_PAY_URL", Says: "payment page of the gateway", put: address(func(c *Config) *string { return &c.VNPay.PayURL })},
	{Name: "VNPAY_QUERY_URL", Says: "its query service", put: address(func(c *Config) *string { return &c.VNPay.QueryURL })},
	{Name: "VNPAY_TMN_CODE", Says: "terminal", put: text(func(c *Config) *string { return &c.VNPay.TmnCode })},
	{Name: "VNPAY_SECRET", Says: "secret of the terminal", put: text(func(c *Config) *string { return &c.VNPay.Secret })},
	{Name: "VNPAY_SECRET_PREVIOUS", Optional: true, Says: "the one before, while both are in use", put: text(func(c *Config) *string { return &c.VNPay.PreviousSecret })},
	{Name: "POST_URL", Says: "carrier", put: address(func(c *Config) *string { return &c.Post.URL })},
	{Name: "POST_KEY", Says: "consumer key", put: text(func(c *Config) *string { return &c.Post.Key })},
	{Name: "POST_SECRET", Says: "consumer secret", put: text(func(c *Config) *string { return &c.Post.Secret })},
	{Name: "POST_CUSTOMER", Says: "CustomerCode", put: text(func(c *Config) *string { return &c.Post.Customer })},
	{Name: "POST_EVERY", Default: "1m", Says: "time between looks at the carrier's feed", put: func(c *Config, v string) (err error) {
		c.Post.Every, err = time.ParseDuration(v)
		if err == nil && c.Post.Every < time.Second {
			return errors.New("must be at least 1s")
		}
		return err
	}},
	{Name: "SMTP_HOST", Says: "mail relay", put: text(func(c *Config) *string { return &c.SMTP.Host })},
	{Name: "SMTP_PORT", Default: "587", Says: "its port", put: func(c *Config, v string) (err error) {
		c.SMTP.Port, err = strconv.Atoi(v)
		if err == nil && (c.SMTP.Port < 1 || c.SMTP.Port > 65535) {
			return errors.New("is not a port")
		}
		return err
	}},
	{Name: "SMTP_USER", Optional: true, Says: "account at the relay", put: text(func(c *Config) *string { return &c.SMTP.User })},
	{Name: "SMTP_PASSWORD", Optional: true, Says: "its password", put: text(func(c *Config) *string { return &c.SMTP.Password })},
	{Name: "SMTP_FROM", Says: "sender of the letters", put: text(func(c *Config) *string { return &c.SMTP.From })},
	{Name: "SMS_URL", Optional: true, Says: "messaging operator (eSMS) before /MainService.svc; without it no codes are sent to phones", put: address(func(c *Config) *string { return &c.SMS.URL })},
	{Name: "SMS_KEY", Says: "ApiKey there", Needed: texting, put: text(func(c *Config) *string { return &c.SMS.Key })},
	{Name: "SMS_SECRET", Says: "SecretKey", Needed: texting, put: text(func(c *Config) *string { return &c.SMS.Secret })},
	{Name: "SMS_BRAND", Says: "registered name of the sender", Needed: texting, put: text(func(c *Config) *string { return &c.SMS.Brand })},
}

// ConfigFrom reads the settings. Every one that is missing or cannot be right is named in
// the one error.
func ConfigFrom(getenv func(string) string) (Config, error) {
	var c Config
	var faults []error
	for _, s := range settings {
		v := getenv(s.Name)
		if v == "" {
			v = s.Default
		}
		switch {
		case v == "" && (s.Optional || s.Needed != nil && !s.Needed(c)):
		case v == "":
			faults = append(faults, fmt.Errorf("%s is not set: %s", s.Name, s.Says))
		default:
			if err := s.put(&c, v); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", s.Name, err))
			}
		}
	}
	return c, errors.Join(faults...)
}

// Loopback says whether an address can be reached from this machine only.
func Loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
