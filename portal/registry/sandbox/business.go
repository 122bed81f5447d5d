package sandbox

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"motcua/portal/standin"
)

// Enterprise is a record of the business register.
type Enterprise struct {
	TaxCode         string           `json:"tax_code"`
	Name            string           `json:"name"`
	ForeignName     string           `json:"foreign_name,omitempty"`
	ShortName       string           `json:"short_name,omitempty"`
	Status          string           `json:"status"`
	Kind            string           `json:"kind,omitempty"`
	Founded         string           `json:"founded"` // yyyy-mm-dd
	Capital         int64            `json:"capital,omitempty"`
	Street          string           `json:"street,omitempty"`
	Ward            string           `json:"ward,omitempty"`
	WardCode        string           `json:"ward_code,omitempty"`
	City            string           `json:"city,omitempty"`
	CityCode        string           `json:"city_code,omitempty"`
	Address         string           `json:"address"` // in full
	Phone           string           `json:"phone,omitempty"`
	Email           string           `json:"email,omitempty"`
	Representatives []Representative `json:"representatives"`
	Gone            bool             `json:"gone,omitempty"` // answered as a code that nobody has
}

// Representative is one who stands for the business by law.
type Representative struct {
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
	Born     string `json:"born,omitempty"`
}

// BusinessConfig says who may ask, and about what.
type BusinessConfig struct {
	Key, Secret string
	Relay       Key // of the province's platform
	Enterprises []Enterprise
}

// Business is the stand-in of the business register, with two doors: the national service
// and the province's relay. Besides the common faults it knows cut, huge, markup, other
// (another business's record), fault (a failure under status 200) and, at the relay, flags
// (the three flags contradict each other).
type Business struct {
	*standin.Server
	cfg  BusinessConfig
	held *records[Enterprise]

	mu     sync.Mutex
	tokens map[string]time.Time // until when
}

const businessPath = "/apiCSDLDKDN/1.0/chiTietDoanhNghiep"

// StartBusiness serves the stand-in.
func StartBusiness(o standin.Options, cfg BusinessConfig) (*Business, error) {
	b := &Business{cfg: cfg, tokens: map[string]time.Time{}}
	var err error
	if b.held, err = newRecords(o, "business", cfg.Enterprises, func(e Enterprise) string { return e.TaxCode }); err != nil {
		return nil, fmt.Errorf("stand-in business: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", b.token)
	mux.HandleFunc("GET "+businessPath, b.lookUp)
	mux.HandleFunc("GET "+relayPath, b.relay)
	b.held.serve(mux)
	b.Server, err = standin.Start("business", o, mux, b.page)
	return b, err
}

// Endpoint is the service's address, TokenURL where its tokens are given.
func (b *Business) Endpoint() string { return b.URL + businessPath }

// TokenURL is where tokens are given.
func (b *Business) TokenURL() string { return b.URL + "/token" }

// Edit lays a JSON object over a record, as POST /_sandbox/records does.
func (b *Business) Edit(record string) error { return b.held.edit([]byte(record)) }

// Forget makes every token that was given void.
func (b *Business) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.tokens)
}

func (b *Business) token(w http.ResponseWriter, r *http.Request) {
	key, secret, _ := r.BasicAuth()
	if r.PostFormValue("grant_type") != "client_credentials" ||
		subtle.ConstantTimeCompare([]byte(key+":"+secret), []byte(b.cfg.Key+":"+b.cfg.Secret)) != 1 {
		answerJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	t := rand.Text()
	b.mu.Lock()
	b.tokens[t] = time.Now().Add(time.Hour)
	b.mu.Unlock()
	answerJSON(w, http.StatusOK, map[string]any{"access_token": t, "token_type": "Bearer", "expires_in": 3600, "scope": "default"})
}

func (b *Business) lookUp(w http.ResponseWriter, r *http.Request) {
	t, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	b.mu.Lock()
	until, given := b.tokens[t]
	b.mu.Unlock()
	if !given || time.Now().After(until) {
		answerJSON(w, http.StatusUnauthorized, map[string]string{"fault": "Invalid Credentials"})
		return
	}
	if standin.FaultOf(r).Mode == "fault" {
		sendJSON(w, r, object{"Status": "ERROR", "affectedRows": 0, "Data": nil})
		return
	}
	e, ok := b.find(r, r.URL.Query().Get("msdn"))
	if !ok {
		sendJSON(w, r, object{"Status": "OK", "affectedRows": 0, "Data": object{"MainInformation": nil, "HOAdress": nil, "Representatives": nil}})
		return
	}
	sendJSON(w, r, object{"Status": "OK", "affectedRows": 1, "Data": e.wire()})
}

const relayPath = "/lgsp/TraCuuThongTinDoanhNghiep"

// RelayEndpoint is the address of the province's relay.
func (b *Business) RelayEndpoint() string { return b.URL + relayPath }

// relay answers as the province's platform does: always with 200, success by three flags,
// and the record flat.
func (b *Business) relay(w http.ResponseWriter, r *http.Request) {
	if err := b.cfg.Relay.known(r); err != nil {
		sendJSON(w, r, object{"StatusCode": 401, "Status": "FAILED", "ThrowException": false, "Description": err.Error(), "ResultObject": nil})
		return
	}
	e, ok := b.find(r, r.URL.Query().Get("MaSoDoanhNghiep"))
	whole := object{"StatusCode": 200, "Status": "SUCCESS", "ThrowException": false, "Description": nil, "ResultObject": nil}
	if ok {
		all := e.wire()
		flat := all["MainInformation"].(object)
		flat["HO_ADDRESS_FULLTEXT"], flat["Representatives"] = e.Address, all["Representatives"]
		whole["ResultObject"] = flat
	}
	switch standin.FaultOf(r).Mode {
	case "fault":
		whole = object{"StatusCode": 500, "Status": "FAILED", "ThrowException": true, "Description": "Object reference not set to an instance of an object.", "ResultObject": nil}
	case "flags":
		whole["ThrowException"] = true
	}
	sendJSON(w, r, whole)
}

type object = map[string]any

func (b *Business) find(r *http.Request, code string) (Enterprise, bool) {
	e, ok := b.held.get(code)
	switch standin.FaultOf(r).Mode {
	case "other":
		if e, ok = b.held.other(code); !ok {
			e, ok = Enterprise{TaxCode: "0300588569", Name: "CÔNG TY KHÁC"}, true
		}
	case "markup":
		e.Name += " " + tagged
	}
	return e, ok && !e.Gone
}

// wire is the record by the register's names. One representative is an object, several are
// an array; both are seen in the wild.
func (e Enterprise) wire() object {
	people := make([]object, len(e.Representatives))
	for i, p := range e.Representatives {
		people[i] = object{
			"FULL_NAME": p.Name, "GENDER_ID": "1", "PERS_DOC_NO": p.IDNumber, "PERS_DOC_NAME": "Căn cước",
			"PERS_DOC_ISSUE_DATE": nil, "PERS_DOC_ISSUE_PLACE": nil, "PERS_DOC_EXPIRE_DATE": nil,
			"DATE_OF_BIRTH": p.Born, "NATIONALITY_NAME": "Việt Nam",
		}
	}
	var representatives any = people
	if len(people) == 1 {
		representatives = people[0]
	}
	return object{
		"MainInformation": object{
			"ENTERPRISE_ID": "1", "ENTERPRISE_CODE": e.TaxCode, "ENTERPRISE_GDT_CODE": e.TaxCode,
			"NAME": e.Name, "NAME_F": e.ForeignName, "SHORT_NAME": e.ShortName,
			"ENTERPRISE_STATUS_ID": 1, "ENTERPRISE_STATUS_NAME": e.Status,
			"ENTERPRISE_TYPE_ID": 1, "ENTERPRISE_TYPE_NAME": e.Kind,
			"FOUNDING_DATE": e.Founded, "LAST_AMEND_DATE": e.Founded, "CAPITAL_AMOUNT": e.Capital, "NUMBER_CHANGES": 0,
			"PHONE": e.Phone, "EMAIL": e.Email,
		},
		"HOAdress": object{
			"CityID": e.CityCode, "CityName": e.City, "DistrictID": nil, "DistrictName": nil,
			"WardID": e.WardCode, "WardName": e.Ward, "StreetNumber": e.Street, "AddressFullText": e.Address,
		},
		"Representatives": representatives,
	}
}

func (b *Business) page(w io.Writer) {
	b.held.mu.Lock()
	defer b.held.mu.Unlock()
	_ = page.Execute(w, struct {
		Title   string
		Records any
	}{"Business register stand-in", b.held.all})
}

// String is the record in a line of the page.
func (e Enterprise) String() string { return e.TaxCode + " " + e.Name }
