package registry

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/lib/pq"

	"motcua/eforms"
	"motcua/locales"
)

var (
	ethnicity    = regexp.MustCompile(`^(0[1-9]|[1-9]\d)$`) // 00 is unknown
	provinceCode = regexp.MustCompile(`^\d{2}$`)
	communeCode  = regexp.MustCompile(`^\d{5}$`)
)

// facts collects values of a source under names; what a register left empty is no fact.
type facts struct {
	source string
	all    []eforms.Fact
}

func (f *facts) add(name, value string) {
	if value != "" {
		f.all = append(f.all, eforms.Fact{Name: f.source + "." + name, Value: value})
	}
}

// citizenFacts names what the population database said. Every value is a string: birth_date
// is yyyy-mm-dd, birth_year yyyy, sex male or female, marital never, married, divorced or
// widowed; ethnicity (01 is Kinh), nationality (VN), province (2 digits) and commune
// (5 digits) are the register's codes; the rest is words.
func (s *Service) citizenFacts(ctx context.Context, source string, c Citizen) ([]eforms.Fact, error) {
	places, err := s.places(ctx, c.Residence, c.Current, c.Hometown, c.Birthplace)
	if err != nil {
		return nil, err
	}
	f := facts{source: source}
	f.add("id_number", c.IDNumber)
	f.add("old_id_number", c.OldNumber)
	f.add("full_name", c.Name)
	f.add("birth_date", c.BirthDate)
	f.add("birth_year", c.BirthYear)
	f.add("sex", c.Sex)
	if ethnicity.MatchString(c.Ethnicity) {
		f.add("ethnicity", c.Ethnicity)
	}
	f.add("nationality", c.Nationality)
	f.add("marital", c.Marital)
	f.address("residence", c.Residence, places)
	f.address("current", c.Current, places)
	f.add("hometown.text", places.text(c.Hometown))
	f.add("birthplace.text", places.text(c.Birthplace))
	f.person("father", c.FatherName, c.FatherNumber)
	f.person("mother", c.MotherName, c.MotherNumber)
	f.person("spouse", c.SpouseName, c.SpouseNumber)
	f.add("household.number", c.Household)
	f.person("household.head", c.Head, c.HeadNumber)
	f.add("household.head.relation", c.HeadRelation)
	return f.all, nil
}

func (f *facts) person(under, name, number string) {
	f.add(under+".full_name", name)
	f.add(under+".id_number", number)
}

func (f *facts) address(under string, a Address, p places) {
	if code, ok := p.current(a.Province, provinceCode); ok {
		f.add(under+".province", code)
	}
	if code, ok := p.current(a.Commune, communeCode); ok {
		f.add(under+".commune", code)
	}
	f.add(under+".detail", a.Detail)
	f.add(under+".text", p.text(a))
}

// marriageFacts names what the civil-status register said of the person's marriage.
func marriageFacts(m Marriage) []eforms.Fact {
	f := facts{source: CivilMarriage}
	f.add("number", m.Number)
	f.add("registered_on", m.RegisteredOn)
	f.add("place", m.Place)
	f.person("spouse", m.SpouseName, m.SpouseNumber)
	return f.all
}

// landFacts names the one certificate that there is; of several, nobody but the person
// knows which one is meant.
func landFacts(all []Certificate) []eforms.Fact {
	f := facts{source: LandOwn}
	f.add("count", strconv.Itoa(len(all)))
	if len(all) != 1 {
		return f.all
	}
	c := all[0]
	f.add("serial", c.Serial)
	f.add("book_number", c.BookNumber)
	f.add("sheet", c.Sheet)
	f.add("parcel", c.Parcel)
	f.add("area", c.Area)
	f.add("purpose", c.Purpose)
	f.add("address", c.Address)
	return f.all
}

// licenceFacts names the licence in force today, if there is one only.
func licenceFacts(all []Licence, today string) []eforms.Fact {
	valid := slices.DeleteFunc(slices.Clone(all), func(l Licence) bool { return l.Revoked || l.ExpiresOn != "" && l.ExpiresOn < today })
	f := facts{source: LicenceOwn}
	f.add("count", strconv.Itoa(len(valid)))
	if len(valid) != 1 {
		return f.all
	}
	l := valid[0]
	f.add("number", l.Number)
	f.add("class", l.Class)
	f.add("issued_on", l.IssuedOn)
	f.add("expires_on", l.ExpiresOn)
	f.add("issued_by", l.IssuedBy)
	return f.all
}

// enterpriseFacts names what the business register said, if it names the person with that
// number among those who stand for the business.
func enterpriseFacts(e Enterprise, number string) ([]eforms.Fact, error) {
	i := slices.IndexFunc(e.Representatives, func(r Representative) bool { return r.IDNumber == number })
	if i < 0 {
		return nil, fmt.Errorf("%w: the person does not stand for the business there", ErrRefused)
	}
	f := facts{source: BusinessActing}
	f.add("tax_code", e.TaxCode)
	f.add("name", e.Name)
	f.add("short_name", e.ShortName)
	f.add("type", e.Type)
	if e.Capital != "0" { // which is how the register says that it does not know
		f.add("capital", e.Capital)
	}
	f.add("address", e.Address)
	f.add("status", e.Status)
	f.add("founded", e.Founded)
	f.person("representative", e.Representatives[i].Name, e.Representatives[i].IDNumber)
	f.add("phone", e.Phone)
	f.add("email", e.Email)
	return f.all, nil
}

// unit is an administrative unit that the portal knows by its code.
type unit struct {
	Code    string `db:"code"`
	Name    string `db:"name"`
	Current bool   `db:"current"`
}

// places are the units that the addresses of one answer speak of. A code is only
// meaningful with a day: 91 has been one province until
// 30 June 2025 and another one since.
type places map[string]unit

func (s *Service) places(ctx context.Context, addresses ...Address) (places, error) {
	var codes []string
	for _, a := range addresses {
		codes = append(codes, a.Province, a.Commune)
	}
	var known []unit
	err := s.DB.SelectContext(ctx, &known, `
		SELECT DISTINCT ON (code) code, name, coalesce(valid_to >= $2::date, true) AS current FROM units
		WHERE code = ANY($1) AND valid_from <= $2::date ORDER BY code, valid_from DESC`,
		pq.Array(codes), s.Now().In(locales.ICT).Format(time.DateOnly))
	if err != nil {
		return nil, fmt.Errorf("units: %w", err)
	}
	p := places{}
	for _, u := range known {
		p[u.Code] = u
	}
	return p, nil
}

// current is a code that may stand in a field: well formed, and not of a unit that we know
// to be gone.
func (p places) current(code string, form *regexp.Regexp) (string, bool) {
	u, known := p[code]
	return code, form.MatchString(code) && (!known || u.Current)
}

// text is the whole address in words, or "" when a part of it is a code that neither we nor
// the register have a name in force for: half an address is worse than none.
func (p places) text(a Address) string {
	parts := []string{a.Detail}
	for _, unit := range [][2]string{{a.Commune, a.CommuneName}, {a.Province, a.ProvinceName}} {
		code, name := unit[0], unit[1]
		if code == "" {
			continue
		}
		if u, known := p[code]; known {
			name = u.Name
			if !u.Current {
				name = ""
			}
		}
		if name == "" {
			return ""
		}
		parts = append(parts, name)
	}
	if a.Country != "" && a.Country != "VN" {
		parts = append(parts, a.Country)
	}
	return joined(parts...)
}

// folded is an address without what is no difference: capitals, spaces, punctuation.
func folded(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// MayKnowNothing says of a source that it answers also when it knows nothing of the kind:
// not everybody is married.
func MayKnowNothing(source string) bool {
	return source == CivilMarriage || source == PopulationSpouse || source == LandOwn || source == LicenceOwn
}
