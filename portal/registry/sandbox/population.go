package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"motcua/portal/standin"
)

// Citizen is a record of the population database.
type Citizen struct {
	IDNumber    string   `json:"id_number"`
	OldNumber   string   `json:"old_number,omitempty"` // CMND, 9 digits
	FullName    string   `json:"full_name"`
	BirthDate   string   `json:"birth_date"` // yyyy-mm-dd, or yyyy when the day is unknown
	Sex         string   `json:"sex"`        // 1 male, 2 female
	Ethnicity   string   `json:"ethnicity"`  // 01 Kinh …
	Religion    string   `json:"religion,omitempty"`
	Marital     string   `json:"marital,omitempty"`
	Nationality string   `json:"nationality"`
	Birthplace  Place    `json:"birthplace"`
	Hometown    Place    `json:"hometown"`
	Residence   Place    `json:"residence"`
	Current     Place    `json:"current"`
	Father      Relative `json:"father"`
	Mother      Relative `json:"mother"`
	Spouse      Relative `json:"spouse"`
	Guardian    Relative `json:"guardian"`          // of a minor without parents
	Married     string   `json:"married,omitempty"` // yyyy-mm-dd

	Household    string   `json:"household,omitempty"` // its number
	Head         Relative `json:"head"`                // of the household
	HeadRelation string   `json:"head_relation,omitempty"`

	Shape string `json:"shape,omitempty"` // "": name in parts; ten: all of it in Ten; plain: relatives' names as text
	Gone  bool   `json:"gone,omitempty"`  // answered as a number that nobody has
}

// Place is an address by codes; District is from before 1 July 2025.
type Place struct {
	Province string `json:"province,omitempty"`
	District string `json:"district,omitempty"`
	Commune  string `json:"commune,omitempty"`
	Detail   string `json:"detail,omitempty"`
	Country  string `json:"country,omitempty"`

	ProvinceName string `json:"province_name,omitempty"`
	CommuneName  string `json:"commune_name,omitempty"`
}

// Relative is a parent or the spouse.
type Relative struct {
	FullName    string `json:"full_name,omitempty"`
	IDNumber    string `json:"id_number,omitempty"`
	Nationality string `json:"nationality,omitempty"`
}

// PopulationConfig says who may ask, and about whom.
type PopulationConfig struct {
	AuthURL string
	User    string
	Secret  string
	Member  string // X-Road-Client
	APIKey  string
	Key     Key              // of the province's platform
	Now     func() time.Time // nil is the clock
	People  []Citizen
}

// Population is the stand-in of the population database, with two doors: the national
// platform's SOAP and the province's REST. Besides the common faults it knows cut, huge,
// markup, other (another person's record) and fault (a fault of the database).
type Population struct {
	*standin.Server
	cfg  PopulationConfig
	held *records[Citizen]

	mu   sync.Mutex
	seen map[string]bool // MaYeuCau of this run
}

const populationPath = "/vdxp/dancuquocgia/037"

// StartPopulation serves the stand-in.
func StartPopulation(o standin.Options, cfg PopulationConfig) (*Population, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	p := &Population{cfg: cfg, seen: map[string]bool{}}
	var err error
	if p.held, err = newRecords(o, "population", cfg.People, func(c Citizen) string { return c.IDNumber }); err != nil {
		return nil, fmt.Errorf("stand-in population: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+populationPath, p.lookUp)
	mux.HandleFunc("POST "+provincePath+"/{operation}", p.lookUpREST)
	p.held.serve(mux)
	p.Server, err = standin.Start("population", o, mux, p.page)
	return p, err
}

// Endpoint is the service's address.
func (p *Population) Endpoint() string { return p.URL + populationPath }

// Edit lays a JSON object over a record, as POST /_sandbox/records does.
func (p *Population) Edit(record string) error { return p.held.edit([]byte(record)) }

func (p *Population) lookUp(w http.ResponseWriter, r *http.Request) {
	if err := p.known(r); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	if standin.FaultOf(r).Mode == "fault" {
		p.fault(w, r, "Server", "He thong dang ban")
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		p.fault(w, r, "Client", err.Error())
		return
	}
	q, err := readQuery(body)
	if err != nil {
		p.fault(w, r, "Client", err.Error())
		return
	}
	if p.repeated(q.values["MaYeuCau"]) {
		p.fault(w, r, "Client", "MaYeuCau da duoc dung")
		return
	}
	b, err := p.tell(r, q).asXML()
	if err != nil {
		p.fault(w, r, "Server", err.Error())
		return
	}
	send(w, r, http.StatusOK, "text/xml; charset=utf-8", b)
}

// known checks the headers by code of its own: the password is
// hex(SHA256(auth URL + user + timestamp + secret)).
func (p *Population) known(r *http.Request) error {
	stamp := r.Header.Get("Timestamp")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return fmt.Errorf("header Timestamp: %w", err)
	}
	if d := p.cfg.Now().Sub(time.UnixMilli(ms)); d > 5*time.Minute || d < -5*time.Minute {
		return fmt.Errorf("header Timestamp is %s off", d)
	}
	h := sha256.New()
	for _, part := range []string{p.cfg.AuthURL, p.cfg.User, stamp, p.cfg.Secret} {
		io.WriteString(h, part)
	}
	want := "Basic " + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s:%x", p.cfg.User, h.Sum(nil)))
	action, there := r.Header["Soapaction"]
	switch {
	case r.Header.Get("Authorization") != want:
		return errors.New("header Authorization is wrong")
	case r.Header.Get("X-Road-Client") != p.cfg.Member:
		return errors.New("header X-Road-Client is not a member")
	case r.Header.Get("ApiKey") != p.cfg.APIKey:
		return errors.New("header ApiKey is wrong")
	case !there || strings.Trim(action[0], `"`) != "":
		return errors.New("header SOAPAction is to be empty")
	}
	return nil
}

func (p *Population) repeated(request string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.seen[request]
	p.seen[request] = true
	return was
}

func (p *Population) fault(w http.ResponseWriter, r *http.Request, code, text string) {
	send(w, r, http.StatusInternalServerError, "text/xml; charset=utf-8", faultXML(code, text))
}

// page is the stand-in's own page.
func (p *Population) page(w io.Writer) {
	p.held.mu.Lock()
	defer p.held.mu.Unlock()
	_ = page.Execute(w, struct {
		Title   string
		Records any
	}{"Population database stand-in", p.held.all})
}

var page = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}}</title></head>
<body><h1>{{.Title}}</h1>
<p><a href="/_sandbox/log">Log</a> · <a href="/_sandbox/records">Records</a> (POST an object with the number and what changes)</p>
<ul>{{range .Records}}<li>{{.}}</li>{{end}}</ul></body></html>`))

// String is the record in a line of the page.
func (c Citizen) String() string { return c.IDNumber + " " + c.FullName }
