package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// service037 is "tra cứu thông tin công dân" by its code on the exchange platform. The code
// of a household's is 033; those of the others are not public.
const (
	service037 = "037"
	service033 = "033"
	askCitizen = "TraCuuThongTinCongDan"
)

// PopulationClient speaks with the population database through the national exchange
// platform (VDXP): SOAP. The message of service 037 is known from two public
// implementations, not from an official paper; what they disagree on is a setting.
type PopulationClient struct {
	URL     string // of the service
	AuthURL string // goes into the authorisation, is never called
	User    string
	Secret  string
	Member  string // X-Road-Client
	APIKey  string
	Caller  string // MaDVC: the code under which the portal is registered
	Officer string // MaCanBo: the account that asks for people
	// JoinName leaves the spaces out of the name, as one of the two implementations does.
	JoinName bool
	HTTP     *http.Client
	Now      func() time.Time
}

// field is an element of a question: a value, or elements.
type field struct {
	name, value string
	inner       []field
}

// envelope writes a question. The service insists on the order of its elements.
func envelope(operation string, fields []field) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><` + operation + ` xmlns="http://dancuquocgia.bca">`)
	writeFields(&b, fields)
	b.WriteString(`</` + operation + `></Body></Envelope>`)
	return b.Bytes()
}

func writeFields(b *bytes.Buffer, fields []field) {
	for _, f := range fields {
		b.WriteString("<" + f.name + ">")
		_ = xml.EscapeText(b, []byte(f.value)) // a buffer takes everything
		writeFields(b, f.inner)
		b.WriteString("</" + f.name + ">")
	}
}

// Citizen asks about one number.
func (c *PopulationClient) Citizen(ctx context.Context, r Request, number, name string) (Citizen, error) {
	if err := askable(number); err != nil {
		return Citizen{}, err
	}
	return inBody(ctx, c, askCitizen, []field{
		{name: "MaYeuCau", value: r.ID}, {name: "MaDVC", value: c.Caller}, {name: "MaTichHop", value: service037}, {name: "MaCanBo", value: c.Officer},
		{name: "SoDinhDanh", value: number}, {name: "HoVaTen", value: plainName(name, c.JoinName)},
		{name: "NgayThangNamSinh", inner: []field{{name: "Nam", value: birthYear(number)}}},
	}, func(body *node) (Citizen, error) { return citizenIn(body, number) })
}

// Household asks who lives with a person.
func (c *PopulationClient) Household(ctx context.Context, r Request, number string) (Household, error) {
	if err := askable(number); err != nil {
		return Household{}, err
	}
	fields := slices.Insert(c.about(r.ID, number), 2, field{name: "MaTichHop", value: service033})
	return inBody(ctx, c, askHousehold, fields, func(body *node) (Household, error) { return householdIn(body, number) })
}

// Marital asks whether a person is married.
func (c *PopulationClient) Marital(ctx context.Context, r Request, number string) (Marital, error) {
	if err := askable(number); err != nil {
		return Marital{}, err
	}
	return inBody(ctx, c, askMarital, c.about(r.ID, number), func(body *node) (Marital, error) { return maritalIn(body, number) })
}

// Relation asks what other is to the person with the number: kin first, and where there is
// no kinship whether one is the other's guardian. Every question has a number of its own,
// so the second one's is the first one's with a mark.
func (c *PopulationClient) Relation(ctx context.Context, r Request, number, other string) (Relation, error) {
	if err := askable(number, other); err != nil {
		return "", err
	}
	return related(func(operation, mark string) (Relation, error) {
		return inBody(ctx, c, operation, append(c.about(r.ID+mark, number), field{name: "SoDinhDanhNguoiThan", value: other}),
			func(body *node) (Relation, error) { return relationIn(body, number, other) })
	})
}

func (c *PopulationClient) about(request, number string) []field {
	return []field{{name: "MaYeuCau", value: request}, {name: "MaDVC", value: c.Caller}, {name: "MaCanBo", value: c.Officer}, {name: "SoDinhDanh", value: number}}
}

// askable says whether the numbers are ones that people have.
func askable(numbers ...string) error {
	for _, n := range numbers {
		if !idNumber.MatchString(n) {
			return fmt.Errorf("population: %w: not a number that may be asked for", ErrRefused)
		}
	}
	return nil
}

// inBody puts a question and reads the Body of the answer.
func inBody[T any](ctx context.Context, c *PopulationClient, operation string, fields []field, read func(*node) (T, error)) (T, error) {
	var none T
	body, err := c.ask(ctx, envelope(operation, fields))
	if err != nil {
		return none, fmt.Errorf("population: %w", err)
	}
	found, err := read(body)
	if err != nil {
		return none, fmt.Errorf("population: %w", err)
	}
	return found, nil
}

func (c *PopulationClient) ask(ctx context.Context, question []byte) (*node, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(question))
	if err != nil {
		return nil, err
	}
	c.sign(r)
	answer, err := call(c.HTTP, r)
	if err != nil {
		return nil, err
	}
	// SOAP 1.1 sends its faults with 500
	if answer.status != http.StatusOK && answer.status != http.StatusInternalServerError {
		return nil, fmt.Errorf("status %d", answer.status)
	}
	body, err := readBody(answer.body)
	if answer.status != http.StatusOK && !errors.As(err, new(soapFault)) {
		return nil, fmt.Errorf("status %d", answer.status)
	}
	return body, err
}

func (c *PopulationClient) sign(r *http.Request) {
	at := strconv.FormatInt(c.Now().UnixMilli(), 10)
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("SOAPAction", `""`)
	r.Header.Set("Timestamp", at)
	r.Header.Set("Authorization", basic(c.AuthURL, c.User, at, c.Secret))
	r.Header.Set("X-Road-Client", c.Member)
	r.Header.Set("ApiKey", c.APIKey)
}

// basic is the platform's authorisation: the password is a hash over the moment.
func basic(authURL, user, at, secret string) string {
	sum := sha256.Sum256([]byte(authURL + user + at + secret))
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+hex.EncodeToString(sum[:])))
}

// plainName is a name as the service wants it: upper case, without marks, and with joined
// without spaces.
func plainName(s string, joined bool) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToUpper(s)) {
		switch {
		case r == 'Đ':
			b.WriteByte('D')
		case r == ' ' && !joined, r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// birthYear is the year of birth that a personal number holds: its fourth digit is the
// century and the sex, the next two the year (NĐ 137/2015, Điều 13).
func birthYear(number string) string {
	century := 19 + int(number[3]-'0')/2
	return strconv.Itoa(century) + number[4:6]
}

// soapFault is a fault that the service declares.
type soapFault struct{ code, text string }

func (f soapFault) Error() string { return "fault " + quoted(f.code) + ": " + quoted(f.text) }

// Is says that a fault of ours (Client) is a refusal; one of theirs is an outage.
func (f soapFault) Is(target error) bool {
	return target == ErrRefused && strings.HasSuffix(f.code, "Client")
}

// readBody reads an envelope down to its Body.
func readBody(b []byte) (*node, error) {
	root, err := readXML(b)
	if err != nil {
		return nil, err
	}
	body := root.at("Body")
	if f := body.at("Fault"); len(f.kids) > 0 {
		return nil, soapFault{f.at("faultcode").text, f.at("faultstring").text}
	}
	return body, nil
}
