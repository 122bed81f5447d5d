package registry

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// Token is who the portal is on a province's own exchange platform (LGSP).
type Token struct {
	AccessKey, SecretKey, AppName string
	PartnerCode                   string // the agency's identifier, "000.00.01.H29"
	Header                        string // in which it goes: "" is lgspaccesstoken; another platform takes Authorization
}

// set puts the token on a request: base64 of compact JSON, in this order of its names. No
// clock is in it and no hash, so it is only as safe as the line it goes over.
func (t Token) set(r *http.Request) error {
	s, err := t.encoded()
	if err != nil {
		return err
	}
	header := t.Header
	if header == "" {
		header = "lgspaccesstoken"
	}
	r.Header.Set(header, s)
	return nil
}

func (t Token) encoded() (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // a key may hold "&"
	err := e.Encode(struct{ AccessKey, SecretKey, AppName, PartnerCode, PartnerCodeCus string }{
		t.AccessKey, t.SecretKey, t.AppName, t.PartnerCode, t.PartnerCode})
	return base64.StdEncoding.EncodeToString(bytes.TrimRight(b.Bytes(), "\n")), err
}

// ProvincePopulation speaks with the population database through the province's own
// platform, which wraps service 037 in REST: the questions in camel case, the answer the
// envelope of the national service as JSON. Both are known from public implementations that
// differ in the case of the names and in whether the outermost Envelope is there, so either
// is read.
type ProvincePopulation struct {
	URL      string // of the wrapper; the operation's name is put behind it
	Token    Token
	Caller   string // maDVC
	Officer  string // maCanBo
	User     string // userNameService: the account of the wrapper, where there is one
	JoinName bool
	HTTP     *http.Client
}

// asking is a question in the wrapper's words.
type asking struct {
	MaYeuCau            string `json:"maYeuCau"`
	MaDVC               string `json:"maDVC"`
	MaTichHop           string `json:"maTichHop,omitempty"`
	MaCanBo             string `json:"maCanBo"`
	SoDinhDanh          string `json:"soDinhDanh"`
	SoCMND              string `json:"soCMND"`
	HoVaTen             string `json:"hoVaTen,omitempty"`
	NgayThangNam        string `json:"ngayThangNam,omitempty"`
	SoDinhDanhNguoiThan string `json:"soDinhDanhNguoiThan,omitempty"`
	UserNameService     string `json:"userNameService,omitempty"`
}

// Citizen asks about one number.
func (c *ProvincePopulation) Citizen(ctx context.Context, r Request, number, name string) (Citizen, error) {
	if err := askable(number); err != nil {
		return Citizen{}, err
	}
	q := asking{MaYeuCau: r.ID, MaTichHop: service037, SoDinhDanh: number, HoVaTen: plainName(name, c.JoinName), NgayThangNam: birthYear(number)}
	return inJSON(ctx, c, askCitizen, q, func(body *node) (Citizen, error) { return citizenIn(body, number) })
}

// Household asks who lives with a person.
func (c *ProvincePopulation) Household(ctx context.Context, r Request, number string) (Household, error) {
	if err := askable(number); err != nil {
		return Household{}, err
	}
	q := asking{MaYeuCau: r.ID, MaTichHop: service033, SoDinhDanh: number}
	return inJSON(ctx, c, askHousehold, q, func(body *node) (Household, error) { return householdIn(body, number) })
}

// Marital asks whether a person is married.
func (c *ProvincePopulation) Marital(ctx context.Context, r Request, number string) (Marital, error) {
	if err := askable(number); err != nil {
		return Marital{}, err
	}
	return inJSON(ctx, c, askMarital, asking{MaYeuCau: r.ID, SoDinhDanh: number}, func(body *node) (Marital, error) { return maritalIn(body, number) })
}

// Relation asks what other is to the person with the number.
func (c *ProvincePopulation) Relation(ctx context.Context, r Request, number, other string) (Relation, error) {
	if err := askable(number, other); err != nil {
		return "", err
	}
	return related(func(operation, mark string) (Relation, error) {
		q := asking{MaYeuCau: r.ID + mark, SoDinhDanh: number, SoDinhDanhNguoiThan: other}
		return inJSON(ctx, c, operation, q, func(body *node) (Relation, error) { return relationIn(body, number, other) })
	})
}

// inJSON puts a question and reads the Body of the answer.
func inJSON[T any](ctx context.Context, c *ProvincePopulation, operation string, q asking, read func(*node) (T, error)) (T, error) {
	var none T
	q.MaDVC, q.MaCanBo, q.UserNameService = c.Caller, c.Officer, c.User
	body, err := c.ask(ctx, operation, q)
	if err != nil {
		return none, fmt.Errorf("population: %w", err)
	}
	found, err := read(body)
	if err != nil {
		return none, fmt.Errorf("population: %w", err)
	}
	return found, nil
}

func (c *ProvincePopulation) ask(ctx context.Context, operation string, q asking) (*node, error) {
	question, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/"+operation, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	if err := c.Token.set(r); err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Accept", "application/json")
	answer, err := call(c.HTTP, r)
	if err != nil {
		return nil, err
	}
	if answer.status != http.StatusOK {
		return nil, fmt.Errorf("status %d", answer.status)
	}
	return readWrapped(answer.body)
}

// readWrapped reads the wrapper's answer down to its Body. Where the platform's three flags
// are there, they must say success; 200 alone is none.
func readWrapped(b []byte) (*node, error) {
	root, err := readJSON(b)
	if err != nil {
		return nil, err
	}
	root.capital()
	if len(root.all("StatusCode"))+len(root.all("Status"))+len(root.all("ThrowException")) > 0 {
		if err := succeeded(root); err != nil {
			return nil, err
		}
		root = root.at("ResultObject")
	}
	if in := root.all("Envelope"); len(in) == 1 {
		root = in[0]
	}
	if len(root.all("Body")) != 1 {
		return nil, fmt.Errorf("%w: no body in it", ErrRefused)
	}
	body := root.at("Body")
	if f := body.at("Fault"); len(f.kids) > 0 {
		return nil, soapFault{f.at("Faultcode").text, f.at("Faultstring").text}
	}
	return body, nil
}

// succeeded says whether the platform's three flags all say success.
func succeeded(root *node) error {
	code, status, threw := root.at("StatusCode").text, root.at("Status").text, root.at("ThrowException").text
	if code == "200" && status == "SUCCESS" && threw == "false" {
		return nil
	}
	return errors.New("the platform's answer says " + quoted(code) + " " + quoted(status) + ", exception " + quoted(threw))
}
