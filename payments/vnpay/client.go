// Package vnpay speaks with the VNPAY gateway, version 2.1.0.
package vnpay

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
	"motcua/payments"
	"motcua/portal/problem"
)

// Name is what orders and ledger call the gateway.
const Name = "vnpay"

const (
	version  = "2.1.0"
	dateForm = "20060102150405" // always Vietnam's time
	// maxAmount fits vnp_Amount, N[1,12], which counts hundredths of a đồng.
	maxAmount = 9_999_999_999
)

// Config is the terminal that VNPAY has given to the province.
type Config struct {
	TmnCode        string
	Secret         string // signs and verifies
	PreviousSecret string // still verifies, while the secret is being changed
	PayURL         string // …/paymentv2/vpcpay.html
	QueryURL       string // …/merchant_webapi/api/transaction
	ReturnURL      string // ours: where the payer's browser comes back
}

// Check names everything that is wrong with the settings.
func (c Config) Check() error {
	var faults []error
	if c.TmnCode == "" || len(c.TmnCode) > 16 {
		faults = append(faults, errors.New("vnpay: the terminal code is missing or too long"))
	}
	if c.Secret == "" {
		faults = append(faults, errors.New("vnpay: the secret is missing"))
	}
	for name, address := range map[string]string{"pay": c.PayURL, "query": c.QueryURL, "return": c.ReturnURL} {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			faults = append(faults, fmt.Errorf("vnpay: the %s address %q is no address", name, address))
		}
	}
	// Encoders of the two sides may differ over these, and then no signature fits.
	if strings.ContainsAny(c.ReturnURL, "~*!'()") || len(c.ReturnURL) > 255 {
		faults = append(faults, errors.New("vnpay: the return address must be at most 255 long, without ~ * ! ' ( )"))
	}
	return errors.Join(faults...)
}

// Client is the gateway as payments sees it, and the reader of what it sends us.
type Client struct {
	Config
	Payments *payments.Service // takes in what IPN and Return read
	HTTP     *http.Client      // nil is one with bounded waits
	Now      func() time.Time
	Log      *slog.Logger

	mu      sync.Mutex
	refused map[string]int64
}

// patient waits no longer than a page can, and follows no redirect: the gateway's API has
// none, and what is signed must not be carried elsewhere.
var patient = &http.Client{
	Timeout:       10 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Begin makes the address of the pay page. It asks no one.
func (c *Client) Begin(o payments.Order, a payments.Attempt, ip string, lang locales.Lang) (string, error) {
	if a.Amount > maxAmount {
		return "", problem.New(problem.Invalid, "payments.too_large")
	}
	if err := c.Check(); err != nil {
		return "", err
	}
	info, _ := locales.Say(locales.VI, locales.M("payments.vnpay.order", locales.S("code", o.Code)))
	fields := map[string]string{
		"vnp_Version":    version,
		"vnp_Command":    "pay",
		"vnp_TmnCode":    c.TmnCode,
		"vnp_Amount":     hundredths(a.Amount),
		"vnp_CreateDate": a.MadeAt.In(locales.ICT).Format(dateForm),
		"vnp_ExpireDate": a.ExpiresAt.In(locales.ICT).Format(dateForm),
		"vnp_CurrCode":   "VND",
		"vnp_IpAddr":     address(ip),
		"vnp_Locale":     "vn",
		"vnp_OrderInfo":  Fold(info),
		"vnp_OrderType":  "other",
		"vnp_ReturnUrl":  c.ReturnURL,
		"vnp_TxnRef":     a.Ref,
	}
	if lang != locales.VI {
		fields["vnp_Locale"] = "en"
	}
	canon := canonical(fields)
	return c.PayURL + "?" + canon + "&" + hashField + "=" + sign(c.Secret, canon), nil
}

func hundredths(amount int64) string { return strconv.FormatInt(amount*100, 10) }

// address is a payer's address as VNPAY wants it, 7 to 45 characters: a short IPv6 one is
// written out.
func address(ip string) string {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return "0.0.0.0"
	}
	a = a.Unmap().WithZone("")
	if a.Is6() {
		return a.StringExpanded()
	}
	return a.String()
}

// Fold leaves of a text what every encoder writes alike: Latin letters without marks,
// digits, space . : _ and -, at most 255.
func Fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case r == 'đ':
			r = 'd'
		case r == 'Đ':
			r = 'D'
		case unicode.IsSpace(r):
			r = ' '
		}
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" .:_-", r)) {
			b.WriteRune(r)
		}
	}
	folded := strings.Join(strings.Fields(b.String()), " ")
	return strings.TrimSpace(folded[:min(len(folded), 255)])
}

// Refused counts the notices that were not recorded, by the code they were answered with,
// for the operator's alarm.
func (c *Client) Refused() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := make(map[string]int64, len(c.refused))
	for code, n := range c.refused {
		counts[code] = n
	}
	return counts
}

func (c *Client) refuse(code, why string, args ...any) {
	c.mu.Lock()
	if c.refused == nil {
		c.refused = map[string]int64{}
	}
	c.refused[code]++
	c.mu.Unlock()
	if c.Log != nil {
		c.Log.Warn("vnpay notice refused", append([]any{"code", code, "why", why}, args...)...)
	}
}
