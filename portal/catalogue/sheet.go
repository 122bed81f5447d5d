package catalogue

import (
	"slices"

	"motcua/locales"
	"motcua/portal/agency"
)

// The channels by which a dossier comes in and a result goes out.
const (
	Online = "online"
	Direct = "direct"
	Post   = "post" // bưu chính công ích
)

// Whom a procedure is for.
const (
	Citizen      = "citizen"
	Business     = "business"
	Organisation = "organisation"
)

// How far a procedure can be done online, as people read it since NĐ 42/2022.
const (
	Full        = "full"        // toàn trình
	Partial     = "partial"     // một phần
	Information = "information" // cung cấp thông tin trực tuyến
)

// What an agency does with a dossier.
const (
	Receives = "receives"
	Decides  = "decides"
)

// The values that a sheet may name, in the order people read them.
var (
	Channels   = []string{Online, Direct, Post}
	Audiences  = []string{Citizen, Business, Organisation}
	Levels     = []string{Full, Partial, Information}
	Capacities = []string{"self", "ward", "authorised", "business"} // as in portal/applicant
	Tiers      = []string{agency.Provincial, agency.Communal}
)

// Sheet is what is published about a procedure: the national record and the fields of
// level 1 of TT 32/2017/TT-BTTTT. Where a name differs from the national one, that stands
// beside it. The sheet is part of an immutable document: a field added here must be
// omitted when empty, or every revision would change.
type Sheet struct {
	Code         string         `json:"code"` // MaTTHC
	Name         locales.Text   `json:"name"` // TENTTHC
	Summary      locales.Text   `json:"summary,omitzero"`
	Field        string         `json:"field"`                  // MALINHVUC; its name is in the list of fields
	Kind         string         `json:"kind,omitempty"`         // LoaiTTHC
	Tiers        []string       `json:"tiers"`                  // CapThucHien: province, commune
	Level        int            `json:"level"`                  // 1–4 of TT 32/2017
	Assurance    int            `json:"assurance,omitempty"`    // level of identity that a person proves to file, 1 or 2; 0 is 1
	Audience     []string       `json:"audience"`               // DOITUONGTHUCHIEN
	Agencies     []Office       `json:"agencies"`               // COQUANTHUCHIEN
	Steps        []Steps        `json:"steps,omitempty"`        // TRINHTUTHUCHIEN
	Channels     []Channel      `json:"channels"`               // CACHTHUCTHUCHIEN
	Components   []Components   `json:"components,omitempty"`   // THANHPHANHOSO
	Sets         int            `json:"sets,omitempty"`         // số lượng hồ sơ
	Requirements []locales.Text `json:"requirements,omitempty"` // YEUCAU, of every case
	Conditions   []Conditions   `json:"conditions,omitempty"`   // YEUCAU of one case
	Results      []Result       `json:"results,omitempty"`      // KETQUATHUCHIEN
	Legal        []Basis        `json:"legal,omitempty"`        // CANCUPHAPLY
	Decision     Decision       `json:"decision,omitzero"`      // QuyetDinhCongBo
	Keywords     []string       `json:"keywords,omitempty"`     // daily words people search by
	Capacities   []string       `json:"capacities,omitempty"`   // in which it can be filed: self, ward, authorised, business; none: by audience
	Units        []string       `json:"units,omitempty"`        // codes of the units where it applies; none: the whole province
	Languages    []string       `json:"languages,omitempty"`    // promised besides Vietnamese: en, km
	From         string         `json:"in_force_from,omitempty"`
}

// Office is an agency that has to do with a procedure: one by its code, or every agency of
// a level. Without either it is only named.
type Office struct {
	Code  string       `json:"code,omitempty"`
	Level string       `json:"level,omitempty"`
	Name  locales.Text `json:"name"`
	Role  string       `json:"role"` // receives, decides
}

// is says whether the office means that agency.
func (o Office) is(a agency.Agency) bool {
	if o.Code != "" {
		return o.Code == a.Code
	}
	return o.Level != "" && o.Level == a.Level
}

// key is by what a search is narrowed down to the office.
func (o Office) key() string {
	if o.Code != "" {
		return o.Code
	}
	return o.Level
}

// Steps is what happens in which order in one case.
type Steps struct {
	ID    string         `json:"id,omitempty"`  // the form's case that it belongs to
	Case  locales.Text   `json:"case,omitzero"` // TRUONGHOP
	Steps []locales.Text `json:"steps"`         // TRINHTU
}

// Channel is one way to file, with how long it takes and what it costs that way.
type Channel struct {
	Channel string  `json:"channel"` // KENH
	Time    Time    `json:"time"`    // THOIGIAN
	Fees    []Price `json:"fees"`    // PHILEPHI
}

// Time is a deadline as it is published; the rule that is computed with is the revision's.
type Time struct {
	Amount int          `json:"amount"` // THOIGIANGIAIQUYET
	Unit   string       `json:"unit"`   // DONVITINH, a unit of portal/calendar
	Note   locales.Text `json:"note,omitzero"`
}

// Price is a fee as it is published; the rule that is computed with is the revision's. An
// amount of 0 with a unit is free; without a unit only the note says what it costs.
type Price struct {
	Amount int64        `json:"amount"`        // SOTIEN
	Unit   locales.Text `json:"unit,omitzero"` // DONVI
	Note   locales.Text `json:"note,omitzero"` // MOTA
	// Pending says that the amount is not settled: who may set it has not, so nothing is taken yet.
	Pending   bool           `json:"pending,omitempty"`
	Kind      string         `json:"kind,omitempty"`   // phi or le_phi, as in payments
	Rule      string         `json:"rule,omitempty"`   // id of the rule of payments that computes it
	Ground    string         `json:"ground,omitempty"` // number of one of the sheet's legal texts
	Exempt    []locales.Text `json:"exempt,omitempty"` // who does not pay
	Reduction *Reduction     `json:"reduction,omitempty"`
}

// ReadsAs says whether people read the same price, whatever it rests on.
func (p Price) ReadsAs(o Price) bool {
	return p.Amount == o.Amount && p.Unit == o.Unit && p.Note == o.Note && p.Pending == o.Pending
}

// Reduction is what is taken off a fee for filing online, for a time.
type Reduction struct {
	Percent int    `json:"percent"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"` // the last day
	Ground  string `json:"ground,omitempty"`
}

// Conditions are what has to hold in one case.
type Conditions struct {
	ID         string         `json:"id,omitempty"` // the form's case that they belong to
	Case       locales.Text   `json:"case,omitzero"`
	Conditions []locales.Text `json:"conditions"`
}

// Components are the papers of a dossier in one case.
type Components struct {
	ID     string       `json:"id,omitempty"`  // the form's case that they belong to
	Case   locales.Text `json:"case,omitzero"` // TRUONGHOP
	Papers []Component  `json:"papers"`        // GIAYTO
}

// Component is one paper, with how many of each kind are handed in.
type Component struct {
	Code      string       `json:"code,omitempty"` // MAGIAYTO
	Name      locales.Text `json:"name"`
	Form      locales.Text `json:"form,omitzero"` // TENMAUDON
	URL       string       `json:"url,omitempty"` // where the form can be had
	Originals int          `json:"originals,omitempty"`
	Copies    int          `json:"copies,omitempty"`
	Certified int          `json:"certified,omitempty"`
	Optional  bool         `json:"optional,omitempty"`
	Type      string       `json:"type,omitempty"` // of the list of component types
	When      locales.Text `json:"when,omitzero"`  // under which condition it is needed
	Note      locales.Text `json:"note,omitzero"`
}

// Result is what the person gets.
type Result struct {
	Code string       `json:"code,omitempty"` // MAKETQUA
	Name locales.Text `json:"name"`           // TENKETQUA
}

// Basis is a legal text that the procedure stands on.
type Basis struct {
	Number string       `json:"number"` // SOVANBAN
	Name   locales.Text `json:"name"`   // TENVANBAN
	Issuer string       `json:"issuer,omitempty"`
	Date   string       `json:"date,omitempty"`
	// When it holds, and what came in its stead.
	From       string `json:"valid_from,omitempty"`
	To         string `json:"valid_to,omitempty"` // the last day
	ReplacedBy string `json:"replaced_by,omitempty"`
}

// Decision is the one by which the procedure was published.
type Decision struct {
	Number string       `json:"number"`
	Date   string       `json:"date,omitempty"`
	Issuer locales.Text `json:"issuer,omitzero"`
}

// TakenBy says whether the agency receives dossiers of the procedure.
func (s Sheet) TakenBy(a agency.Agency) bool {
	return slices.ContainsFunc(s.Agencies, func(o Office) bool { return o.Role == Receives && o.is(a) })
}

// Service is how far the procedure can be done online: the four levels of TT 32/2017 in
// the words of NĐ 42/2022.
func (s Sheet) Service() string {
	switch s.Level {
	case 4:
		return Full
	case 3:
		return Partial
	}
	return Information
}

// Channel is the way to file of that name; false when the procedure does not take it.
func (s Sheet) Channel(name string) (Channel, bool) {
	i := slices.IndexFunc(s.Channels, func(c Channel) bool { return c.Channel == name })
	if i < 0 {
		return Channel{}, false
	}
	return s.Channels[i], true
}

// Free says whether no channel costs anything, and that this is settled.
func (s Sheet) Free() bool {
	for _, c := range s.Channels {
		for _, p := range c.Fees {
			if p.Amount != 0 || p.Pending || p.Unit.Empty() {
				return false
			}
		}
	}
	return true
}
