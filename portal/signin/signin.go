// Package signin signs people in at the national identity provider and keeps their
// sessions, citizens and officers alike.
package signin

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"golang.org/x/sync/singleflight"

	"motcua/locales"
	"motcua/portal/pg"
)

// How long things last. A session ends at the first of the two: unused, or old.
const (
	IdleTime      = 30 * time.Minute
	CitizenTime   = 12 * time.Hour
	StaffTime     = 8 * time.Hour
	slideAfter    = time.Minute      // the idle time is written at most this often
	underWay      = 10 * time.Minute // from leaving for the provider to coming back
	clockSkew     = time.Minute      // between the provider's clock and ours
	askProvider   = 5 * time.Second  // one call to the provider
	freshProvider = 5 * time.Second  // how long "it answers" is believed
)

// Person is who is signed in, known by the number that the provider vouches for: whoever
// comes with another account, phone or address is the same person. The name and the
// addresses are as the provider said last.
type Person struct {
	ID       int64
	Name     string
	IDNumber string // số định danh cá nhân, 12 digits; of a foreigner P-<country>-<passport>
	Phone    string
	Email    string
	Level    int // of the identity as proven at this sign-in: 1 or 2
	Lang     locales.Lang
	IDHash   []byte // keyed hash of IDNumber
}

// Session is a person's stay, from one sign-in to its end.
type Session struct {
	Person
	Token  string // the cookie's value; only its hash is stored
	Staff  bool
	Acting string // tax code of the business for which they act now, as chosen; whether they still may is asked each time
	MadeAt time.Time
	EndsAt time.Time // even when it is used all the time
}

// Claims is what the provider says of a person, by VNeID's names.
type Claims struct {
	Sub              string          `json:"sub"`
	LoaiTaiKhoan     string          `json:"LoaiTaiKhoan"`
	SoDinhDanh       string          `json:"SoDinhDanh"`
	HoVaTen          string          `json:"HoVaTen"`
	NgayThangNamSinh string          `json:"NgayThangNamSinh"`
	TechID           string          `json:"TechID"`
	LoAs             Assurance       `json:"loAs"`
	SoDienThoai      string          `json:"SoDienThoai"`
	ThuDienTu        string          `json:"ThuDienTu"`
	DoanhNghiep      []ClaimBusiness `json:"DoanhNghiep"`

	// of a foreigner without a personal number
	SoHoChieu string `json:"SoHoChieu"`
	QuocTich  string `json:"QuocTich"` // three letters (ICAO 9303)

	// of an organisation's account: the number above is its representative's
	MaSoDoanhNghiep string `json:"MaSoDoanhNghiep"`
	TenDoanhNghiep  string `json:"TenDoanhNghiep"`
	NguoiDaiDien    string `json:"NguoiDaiDien"`
}

// organisation is the kind of account that belongs to an organisation.
const organisation = "2"

// Organisation says whether the account is an organisation's. Whoever signs in with it is
// its representative.
func (c Claims) Organisation() bool { return c.LoaiTaiKhoan == organisation }

// Assurance is the level of an identity as the provider writes it, a string or a number.
type Assurance string

// UnmarshalJSON reads either.
func (a *Assurance) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(a))
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*a = Assurance(n)
	return nil
}

// ClaimBusiness is a business that the provider says the person represents.
type ClaimBusiness struct {
	MaSoDoanhNghiep string `json:"MaSoDoanhNghiep"`
	TenDoanhNghiep  string `json:"TenDoanhNghiep"`
}

// Service signs people in. Fill the fields and use it; the provider need not be there yet.
type Service struct {
	DB           *sqlx.DB
	Key          pg.LookupKey
	Issuer       string // exactly as the provider writes it
	ClientID     string
	ClientSecret string // empty for a public client
	Redirect     string // our address of return, registered at the provider
	Now          func() time.Time
	HTTP         *http.Client // nil: a client of our own

	// OnSignIn runs in the sign-in's transaction, with the person's row written: what
	// other rooms keep of a sign-in, and whether this person is staff today. Nil: nobody is.
	OnSignIn func(ctx context.Context, tx *sqlx.Tx, p Person, c Claims) (staff bool, err error)

	mu     sync.Mutex
	known  *provider // as of the last time it answered
	asking singleflight.Group
}
