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
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// service037 is "tra cứu thông tin công dân" by its code on the exchange platform.
const service037 = "037"

// PopulationClient speaks with the population database through the national exchange
// platform (VDXP): SOAP, service 037. The message is known from two public
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

// Citizen is a person as the population database has them, as far as forms ask.
type Citizen struct {
	IDNumber, Name                     string
	BirthDate, BirthYear               string // yyyy-mm-dd, yyyy; the day may be unknown
	Sex                                string // male, female
	Ethnicity, Nationality             string // codes
	Hometown, Residence                Address
	FatherName, MotherName, SpouseName string
	SpouseNumber                       string
}

// Address is a place by its codes: since 1 July 2025 a province and a commune, no district.
type Address struct{ Country, Province, Commune, Detail string }

// The request. encoding/xml writes fields in their order, which the service insists on.
type (
	envelope struct {
		XMLName xml.Name `xml:"http://schemas.xmlsoap.org/soap/envelope/ Envelope"`
		Body    struct {
			Query query `xml:"http://dancuquocgia.bca TraCuuThongTinCongDan"`
		} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
	}
	query struct {
		MaYeuCau         string
		MaDVC            string
		MaTichHop        string
		MaCanBo          string
		SoDinhDanh       string
		HoVaTen          string
		NgayThangNamSinh struct{ Nam string }
	}
)

// Citizen asks about one number. The request is known by its id on both sides.
func (c *PopulationClient) Citizen(ctx context.Context, request, number, name string) (Citizen, error) {
	var e envelope
	e.Body.Query = query{
		MaYeuCau: request, MaDVC: c.Caller, MaTichHop: service037, MaCanBo: c.Officer,
		SoDinhDanh: number, HoVaTen: c.plainName(name),
	}
	e.Body.Query.NgayThangNamSinh.Nam = birthYear(number)
	body, err := xml.Marshal(e)
	if err != nil {
		return Citizen{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(append([]byte(xml.Header), body...)))
	if err != nil {
		return Citizen{}, err
	}
	c.sign(r)
	status, answer, err := call(c.HTTP, r)
	if err != nil {
		return Citizen{}, fmt.Errorf("population: %w", err)
	}
	// SOAP 1.1 sends its faults with 500
	if status != http.StatusOK && status != http.StatusInternalServerError {
		return Citizen{}, fmt.Errorf("population: status %d", status)
	}
	found, err := readCitizen(answer)
	if status != http.StatusOK && !errors.As(err, new(soapFault)) {
		return Citizen{}, fmt.Errorf("population: status %d", status)
	}
	if err != nil {
		return Citizen{}, fmt.Errorf("population: %w", err)
	}
	if found.IDNumber != number {
		return Citizen{}, fmt.Errorf("population: %w: another person's record", ErrRefused)
	}
	return found, nil
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

// plainName is a name as the service wants it: upper case, without marks.
func (c *PopulationClient) plainName(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToUpper(s)) {
		switch {
		case r == 'Đ':
			b.WriteByte('D')
		case r == ' ' && !c.JoinName, r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
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

func (f soapFault) Error() string { return "fault " + f.code + ": " + f.text }

// Is says that a fault of ours (Client) is a refusal; one of theirs is an outage.
func (f soapFault) Is(target error) bool {
	return target == ErrRefused && strings.HasSuffix(f.code, "Client")
}

// readCitizen reads the answer. A number that nobody has comes back as an empty collection
// or as a record without a name, not as a fault.
func readCitizen(b []byte) (Citizen, error) {
	root, err := readXML(b)
	if err != nil {
		return Citizen{}, err
	}
	body := root.at("Body")
	if f := body.at("Fault"); len(f.kids) > 0 {
		return Citizen{}, soapFault{f.at("faultcode").text, f.at("faultstring").text}
	}
	if len(body.all("CongdanCollection")) != 1 {
		return Citizen{}, fmt.Errorf("%w: no collection in it", ErrRefused)
	}
	found := body.at("CongdanCollection").all("CongDan")
	switch len(found) {
	case 0:
		return Citizen{}, ErrNotFound
	case 1:
	default:
		return Citizen{}, fmt.Errorf("%w: several people", ErrRefused)
	}
	n := found[0]
	c := Citizen{
		IDNumber: n.at("SoDinhDanh").text, Name: fullName(n.at("HoVaTen")),
		Sex:       map[string]string{"1": "male", "2": "female"}[n.at("GioiTinh").text],
		Ethnicity: n.at("DanToc").text, Nationality: n.at("QuocTich").text,
		Hometown: address(n.at("QueQuan")), Residence: address(n.at("ThuongTru")),
		FatherName: fullName(n.at("Cha", "HoVaTen")), MotherName: fullName(n.at("Me", "HoVaTen")),
		SpouseName: fullName(n.at("VoChong", "HoVaTen")), SpouseNumber: n.at("VoChong", "SoDinhDanh").text,
	}
	if c.Name == "" {
		return Citizen{}, ErrNotFound
	}
	c.BirthDate, c.BirthYear = birth(n.at("NgayThangNamSinh"))
	return c, nil
}

// fullName reads a name in parts, of which the first ones may be empty with all of it in
// the last, or as plain text.
func fullName(n *node) string {
	parts := []string{n.text, n.at("Ho").text, n.at("ChuDem").text, n.at("Ten").text}
	return norm.NFC.String(strings.Join(strings.Fields(strings.Join(parts, " ")), " "))
}

// birth reads a date of birth, of which only the year may be known.
func birth(n *node) (day, year string) {
	year = n.at("Nam").text
	written := n.at("NgayThangNam").text
	if t, err := time.Parse("20060102", written); err == nil {
		return t.Format(time.DateOnly), t.Format("2006")
	}
	if year == "" && len(written) >= 4 { // 19990000
		year = written[:4]
	}
	if _, err := time.Parse("2006", year); err != nil {
		return "", ""
	}
	return "", year
}

func address(n *node) Address {
	return Address{
		Country: n.at("QuocGia").text, Province: n.at("MaTinhThanh").text, Commune: n.at("MaPhuongXa").text,
		Detail: norm.NFC.String(n.at("ChiTiet").text),
	}
}
