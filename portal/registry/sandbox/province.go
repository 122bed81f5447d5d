package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"motcua/portal/standin"
)

// Key is who may ask on a province's own platform.
type Key struct{ Access, Secret, App, Partner string }

// known checks the token by code of its own.
func (k Key) known(r *http.Request) error {
	want := fmt.Sprintf(`{"AccessKey":"%s","SecretKey":"%s","AppName":"%s","PartnerCode":"%s","PartnerCodeCus":"%s"}`, k.Access, k.Secret, k.App, k.Partner, k.Partner)
	got, err := base64.StdEncoding.DecodeString(r.Header.Get("lgspaccesstoken"))
	if err != nil || k.Access == "" || string(got) != want {
		return errors.New("header lgspaccesstoken is wrong")
	}
	return nil
}

const provincePath = "/lgsp/dancu"

// ProvinceEndpoint is where the province's platform has its operations.
func (p *Population) ProvinceEndpoint() string { return p.URL + provincePath }

// lookUpREST is the province's door: the same questions and answers in JSON and camel case.
func (p *Population) lookUpREST(w http.ResponseWriter, r *http.Request) {
	if err := p.cfg.Key.known(r); err != nil {
		answerJSON(w, http.StatusUnauthorized, object{"message": err.Error()})
		return
	}
	if standin.FaultOf(r).Mode == "fault" {
		sendJSON(w, r, object{"envelope": object{"body": object{"fault": object{"faultcode": "soapenv:Server", "faultstring": "He thong dang ban"}}}})
		return
	}
	q, err := readREST(r)
	if err == nil && p.repeated(q.values["MaYeuCau"]) {
		err = errors.New("maYeuCau da duoc dung")
	}
	if err != nil {
		sendJSON(w, r, object{"envelope": object{"body": object{"fault": object{"faultcode": "soapenv:Client", "faultstring": err.Error()}}}})
		return
	}
	a := p.tell(r, q)
	body, err := camel(object{a.name: a.value})
	if err != nil {
		answerJSON(w, http.StatusInternalServerError, object{"message": err.Error()})
		return
	}
	sendJSON(w, r, object{"envelope": object{"body": body}})
}

// readREST reads a question. The wrapper takes its names in any order; all that the
// operation needs must be there.
func readREST(r *http.Request) (question, error) {
	q := question{r.PathValue("operation"), map[string]string{}}
	needs, ok := operations[q.operation]
	if !ok {
		return q, fmt.Errorf("khong co %s", q.operation)
	}
	var given map[string]string
	if err := json.NewDecoder(r.Body).Decode(&given); err != nil {
		return q, err
	}
	for _, name := range strings.Fields(needs) {
		key := strings.ToLower(name[:1]) + name[1:]
		if name == "NgayThangNamSinh" {
			key = "ngayThangNam"
		}
		if q.values[name] = given[key]; given[key] == "" {
			return q, fmt.Errorf("thieu %s", key)
		}
	}
	return q, q.right()
}

func sendJSON(w http.ResponseWriter, r *http.Request, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		answerJSON(w, http.StatusInternalServerError, object{"message": err.Error()})
		return
	}
	send(w, r, http.StatusOK, "application/json; charset=utf-8", b)
}

// MarshalJSON writes a name as text or in its parts.
func (n wireName) MarshalJSON() ([]byte, error) {
	if n.Ho == nil {
		return json.Marshal(n.Text)
	}
	return json.Marshal(object{"Ho": *n.Ho, "ChuDem": *n.ChuDem, "Ten": *n.Ten})
}

// camel is a value with the first letter of every name in lower case.
func camel(v any) (any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var plain any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&plain); err != nil {
		return nil, err
	}
	return lowered(plain), nil
}

func lowered(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = lowered(v[i])
		}
	case map[string]any:
		low := object{}
		for name, in := range v {
			low[strings.ToLower(name[:1])+name[1:]] = lowered(in)
		}
		return low
	}
	return v
}
