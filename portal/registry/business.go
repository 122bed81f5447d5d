package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
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

// Enterprise asks about one tax code.
func (c *BusinessClient) Enterprise(ctx context.Context, _ Request, code string) (Enterprise, error) {
	e, err := enterpriseOf(ctx, code, c.get, readEnterprise)
	if err != nil {
		return Enterprise{}, fmt.Errorf("business: %w", err)
	}
	return e, nil
}

// enterpriseOf is one question about one code, and the answer when it is about that code.
func enterpriseOf(ctx context.Context, code string, get func(context.Context, string) ([]byte, error), read func([]byte) (Enterprise, error)) (Enterprise, error) {
	if !taxCode.MatchString(code) {
		return Enterprise{}, fmt.Errorf("%w: not a code that may be asked for", ErrRefused)
	}
	b, err := get(ctx, code)
	if err != nil {
		return Enterprise{}, err
	}
	e, err := read(b)
	switch {
	case err != nil:
		return Enterprise{}, err
	case e.TaxCode != code:
		return Enterprise{}, fmt.Errorf("%w: another business's record", ErrRefused)
	case e.Name == "":
		return Enterprise{}, fmt.Errorf("%w: a business without a name", ErrRefused)
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
		answer, err := call(c.HTTP, r)
		switch {
		case err != nil:
			return nil, err
		case answer.status == http.StatusUnauthorized && !fresh:
		case answer.status != http.StatusOK:
			return nil, fmt.Errorf("status %d", answer.status)
		default:
			return answer.body, nil
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
	var said *oauth2.RetrieveError // would quote the whole answer
	if errors.As(err, &said) {
		return nil, fmt.Errorf("token: status %d", said.Response.StatusCode)
	}
	if err != nil {
		return nil, fmt.Errorf("token: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = t
	return t, nil
}

// readEnterprise reads the answer. 200 alone is not success, and a code that nobody has
// comes back without MainInformation.
func readEnterprise(b []byte) (Enterprise, error) {
	root, err := readJSON(b)
	if err != nil {
		return Enterprise{}, err
	}
	if err := unfailed(root); err != nil {
		return Enterprise{}, err
	}
	data := root.all("Data")
	if len(data) != 1 || len(data[0].kids) == 0 {
		return Enterprise{}, fmt.Errorf("%w: no data in it", ErrRefused)
	}
	return enterpriseIn(data[0])
}

// unfailed says whether no flag that is there tells of a failure. The national service has
// been seen with several ways to say that all is well.
func unfailed(root *node) error {
	ok := []string{"", "1", "200", "OK", "SUCCESS", "true"}
	status, code, threw := root.at("Status").text, root.at("StatusCode").text, root.at("ThrowException").text
	if threw != "" && threw != "false" || !slices.Contains(ok, status) || !slices.Contains(ok, code) {
		return fmt.Errorf("status %s %s in the answer", quoted(status), quoted(code))
	}
	return nil
}

// enterpriseIn reads a record by the register's names; "HOAdress" is how it spells it.
func enterpriseIn(data *node) (Enterprise, error) {
	main := data.all("MainInformation")
	if len(main) != 1 {
		return Enterprise{}, fmt.Errorf("%w: not one record in it", ErrRefused)
	}
	m := main[0]
	if m.null {
		return Enterprise{}, ErrNotFound
	}
	if err := m.flat("ENTERPRISE_GDT_CODE", "NAME", "ENTERPRISE_STATUS_NAME"); err != nil {
		return Enterprise{}, err
	}
	e := Enterprise{
		TaxCode: m.at("ENTERPRISE_GDT_CODE").text, Name: m.at("NAME").words(), ShortName: m.at("SHORT_NAME").words(),
		Type: m.at("ENTERPRISE_TYPE_NAME").words(), Capital: m.at("CAPITAL_AMOUNT").text, Status: m.at("ENTERPRISE_STATUS_NAME").words(),
		Founded: m.at("FOUNDING_DATE").day(), Phone: m.at("PHONE").text, Email: m.at("EMAIL").text,
	}
	a := data.at("HOAdress")
	if e.Address = a.at("AddressFullText").words(); e.Address == "" {
		e.Address = joined(a.at("StreetNumber").words(), a.at("WardName").words(), a.at("DistrictName").words(), a.at("CityName").words())
	}
	var err error
	e.Representatives, err = representatives(data)
	return e, err
}

// representatives reads one object or a list of them.
func representatives(data *node) ([]Representative, error) {
	var some []Representative
	for _, r := range data.all("Representatives") {
		if r.null {
			continue
		}
		if r.text != "" {
			return nil, fmt.Errorf("%w: words for a representative", ErrRefused)
		}
		if err := r.flat("FULL_NAME", "PERS_DOC_NO"); err != nil {
			return nil, err
		}
		some = append(some, Representative{Name: r.at("FULL_NAME").words(), IDNumber: r.at("PERS_DOC_NO").text})
	}
	return some, nil
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
