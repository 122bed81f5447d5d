package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/text/unicode/norm"
)

// serviceBusiness is the register's operation on the exchange platform.
const serviceBusiness = "chiTietDoanhNghiep"

// BusinessClient speaks with the business register through the exchange platform (NGSP):
// a token for the portal's key, then one GET. The message is known from public
// implementations; the name of the parameter is a setting.
type BusinessClient struct {
	URL      string // of chiTietDoanhNghiep
	TokenURL string
	Key      string
	Secret   string
	Param    string // "" is msdn
	HTTP     *http.Client

	mu    sync.Mutex
	token *oauth2.Token
}

// Enterprise is a business as the register has it.
type Enterprise struct {
	TaxCode, Name, Status, Founded, Address, Phone, Email string
	Representatives                                       []Representative
}

// Representative is one who stands for the business by law.
type Representative struct{ Name, IDNumber string }

// Enterprise asks about one tax code.
func (c *BusinessClient) Enterprise(ctx context.Context, code string) (Enterprise, error) {
	answer, err := c.get(ctx, code)
	if err != nil {
		return Enterprise{}, fmt.Errorf("business: %w", err)
	}
	e, err := readEnterprise(answer)
	if err != nil {
		return Enterprise{}, fmt.Errorf("business: %w", err)
	}
	if e.TaxCode != code {
		return Enterprise{}, fmt.Errorf("business: %w: another business's record", ErrRefused)
	}
	return e, nil
}

func (c *BusinessClient) get(ctx context.Context, code string) ([]byte, error) {
	param := c.Param
	if param == "" {
		param = "msdn"
	}
	address := c.URL + "?" + url.Values{param: {code}}.Encode()
	for fresh := false; ; fresh = true { // a second time with a new token when the old one is not taken
		t, err := c.bearer(ctx, fresh)
		if err != nil {
			return nil, err
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		t.SetAuthHeader(r)
		r.Header.Set("Accept", "application/json")
		status, b, err := call(c.HTTP, r)
		switch {
		case err != nil:
			return nil, err
		case status == http.StatusUnauthorized && !fresh:
		case status != http.StatusOK:
			return nil, fmt.Errorf("status %d", status)
		default:
			return b, nil
		}
	}
}

// bearer is the token for the portal's key, kept while it lasts.
func (c *BusinessClient) bearer(ctx context.Context, fresh bool) (*oauth2.Token, error) {
	c.mu.Lock()
	t := c.token
	c.mu.Unlock()
	if t.Valid() && !fresh {
		return t, nil
	}
	if c.HTTP != nil {
		ctx = context.WithValue(ctx, oauth2.HTTPClient, c.HTTP)
	}
	cfg := clientcredentials.Config{ClientID: c.Key, ClientSecret: c.Secret, TokenURL: c.TokenURL, AuthStyle: oauth2.AuthStyleInHeader}
	t, err := cfg.Token(ctx)
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = t
	return t, nil
}

// loose is a value that registers write as a string, a number or nothing.
type loose string

// UnmarshalJSON reads either.
func (l *loose) UnmarshalJSON(b []byte) error {
	switch {
	case bytes.Equal(b, []byte("null")):
		*l = ""
		return nil
	case b[0] == '"':
		var s string
		err := json.Unmarshal(b, &s)
		*l = loose(norm.NFC.String(strings.TrimSpace(s)))
		return err
	case b[0] == '{', b[0] == '[':
		return errors.New("a value was expected")
	}
	*l = loose(b)
	return nil
}

// wireEnterprise is the answer by the register's names; "HOAdress" is how it spells it.
type wireEnterprise struct {
	Status, StatusCode loose
	ThrowException     bool
	Data               *struct {
		MainInformation *struct {
			ENTERPRISE_GDT_CODE, NAME, ENTERPRISE_STATUS_NAME, FOUNDING_DATE, PHONE, EMAIL loose
		}
		HOAdress *struct {
			StreetNumber, WardName, DistrictName, CityName, AddressFullText loose
		}
		Representatives json.RawMessage
	}
}

type wireRepresentative struct{ FULL_NAME, PERS_DOC_NO loose }

// readEnterprise reads the answer. 200 alone is not success, and a code that nobody has
// comes back without MainInformation.
func readEnterprise(b []byte) (Enterprise, error) {
	var w wireEnterprise
	var whole any
	if err := errors.Join(json.Unmarshal(b, &w), json.Unmarshal(b, &whole)); err != nil {
		return Enterprise{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	ok := []loose{"", "1", "200", "OK", "SUCCESS", "true"}
	if w.ThrowException || !slices.Contains(ok, w.Status) || !slices.Contains(ok, w.StatusCode) {
		return Enterprise{}, fmt.Errorf("status %s %s in the answer", w.Status, w.StatusCode)
	}
	if w.Data == nil {
		return Enterprise{}, fmt.Errorf("%w: no data in it", ErrRefused)
	}
	if !allBare(whole) {
		return Enterprise{}, fmt.Errorf("%w: markup in a value", ErrRefused)
	}
	m := w.Data.MainInformation
	if m == nil || m.ENTERPRISE_GDT_CODE == "" && m.NAME == "" {
		return Enterprise{}, ErrNotFound
	}
	e := Enterprise{
		TaxCode: string(m.ENTERPRISE_GDT_CODE), Name: string(m.NAME), Status: string(m.ENTERPRISE_STATUS_NAME),
		Founded: day(string(m.FOUNDING_DATE)), Phone: string(m.PHONE), Email: string(m.EMAIL),
	}
	if a := w.Data.HOAdress; a != nil {
		if e.Address = string(a.AddressFullText); e.Address == "" {
			e.Address = joined(string(a.StreetNumber), string(a.WardName), string(a.DistrictName), string(a.CityName))
		}
	}
	var err error
	e.Representatives, err = representatives(w.Data.Representatives)
	return e, err
}

// representatives reads one object or an array of them.
func representatives(b json.RawMessage) ([]Representative, error) {
	b = bytes.TrimSpace(b)
	var some []wireRepresentative
	switch {
	case len(b) == 0 || bytes.Equal(b, []byte("null")):
	case b[0] == '[':
		if err := json.Unmarshal(b, &some); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRefused, err)
		}
	default:
		some = make([]wireRepresentative, 1)
		if err := json.Unmarshal(b, &some[0]); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRefused, err)
		}
	}
	all := make([]Representative, len(some))
	for i, r := range some {
		all[i] = Representative{Name: string(r.FULL_NAME), IDNumber: string(r.PERS_DOC_NO)}
	}
	return all, nil
}

// day reads a date in one of the ways that the relays of the register write it.
func day(s string) string {
	for _, layout := range []string{time.DateOnly, "02/01/2006", "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return ""
}

func allBare(v any) bool {
	switch v := v.(type) {
	case string:
		return bare(v)
	case []any:
		return !slices.ContainsFunc(v, func(x any) bool { return !allBare(x) })
	case map[string]any:
		for _, x := range v {
			if !allBare(x) {
				return false
			}
		}
	}
	return true
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
