package registry

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// RelayBusiness speaks with the business register through the relay of the province's own
// platform (LGSP): one GET with the platform's token. The message is known from a public
// implementation: three flags, and the record either flat in ResultObject or in the shape of
// the national service.
type RelayBusiness struct {
	URL   string // of TraCuuThongTinDoanhNghiep
	Token Token
	HTTP  *http.Client
}

// Enterprise asks about one tax code.
func (c *RelayBusiness) Enterprise(ctx context.Context, _ Request, code string) (Enterprise, error) {
	e, err := enterpriseOf(ctx, code, c.get, readRelayed)
	if err != nil {
		return Enterprise{}, fmt.Errorf("business: %w", err)
	}
	return e, nil
}

func (c *RelayBusiness) get(ctx context.Context, code string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+"?"+url.Values{"MaSoDoanhNghiep": {code}}.Encode(), nil)
	if err != nil {
		return nil, err
	}
	if err := c.Token.set(r); err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	answer, err := call(c.HTTP, r)
	if err != nil {
		return nil, err
	}
	if answer.status != http.StatusOK {
		return nil, fmt.Errorf("status %d", answer.status)
	}
	return answer.body, nil
}

// readRelayed reads the relay's answer: the flags first, all three of which must say
// success; a code that nobody has comes back with an empty ResultObject.
func readRelayed(b []byte) (Enterprise, error) {
	root, err := readJSON(b)
	if err != nil {
		return Enterprise{}, err
	}
	if err := succeeded(root); err != nil {
		return Enterprise{}, err
	}
	all := root.all("ResultObject")
	if len(all) != 1 {
		return Enterprise{}, fmt.Errorf("%w: not one record in it", ErrRefused)
	}
	n := all[0]
	if n.null {
		return Enterprise{}, ErrNotFound
	}
	if len(n.all("MainInformation")) > 0 {
		return enterpriseIn(n)
	}
	if err := n.flat("ENTERPRISE_GDT_CODE", "NAME", "ENTERPRISE_STATUS_NAME", "HO_ADDRESS_FULLTEXT"); err != nil {
		return Enterprise{}, err
	}
	e := Enterprise{
		TaxCode: n.at("ENTERPRISE_GDT_CODE").text, Name: n.at("NAME").words(), ShortName: n.at("SHORT_NAME").words(),
		Type: n.at("ENTERPRISE_TYPE_NAME").words(), Capital: n.at("CAPITAL_AMOUNT").text, Status: n.at("ENTERPRISE_STATUS_NAME").words(),
		Founded: n.at("FOUNDING_DATE").day(), Address: n.at("HO_ADDRESS_FULLTEXT").words(), Phone: n.at("PHONE").text, Email: n.at("EMAIL").text,
	}
	e.Representatives, err = representatives(n)
	return e, err
}
