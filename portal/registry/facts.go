package registry

import (
	"context"
	"fmt"
	"regexp"
	"slices"
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

// facts collects values under names; what a register left empty is no fact.
type facts []eforms.Fact

func (f *facts) add(name, value string) {
	if value != "" {
		*f = append(*f, eforms.Fact{Name: name, Value: value})
	}
}

// citizenFacts names what the population database said. Every value is a string: birth_date
// is yyyy-mm-dd, birth_year yyyy, sex male or female; ethnicity (01 is Kinh), nationality
// (VN), province (2 digits) and commune (5 digits) are the register's codes; the rest is words.
func (s *Service) citizenFacts(ctx context.Context, source string, c Citizen) ([]eforms.Fact, error) {
	places, err := s.places(ctx, c.Residence, c.Hometown)
	if err != nil {
		return nil, err
	}
	var f facts
	self := source + "."
	f.add(self+"id_number", c.IDNumber)
	f.add(self+"full_name", c.Name)
	f.add(self+"birth_date", c.BirthDate)
	f.add(self+"birth_year", c.BirthYear)
	f.add(self+"sex", c.Sex)
	if ethnicity.MatchString(c.Ethnicity) {
		f.add(self+"ethnicity", c.Ethnicity)
	}
	f.add(self+"nationality", c.Nationality)
	if code, ok := places.current(c.Residence.Province, provinceCode); ok {
		f.add(self+"residence.province", code)
	}
	if code, ok := places.current(c.Residence.Commune, communeCode); ok {
		f.add(self+"residence.commune", code)
	}
	f.add(self+"residence.detail", c.Residence.Detail)
	f.add(self+"residence.text", places.text(c.Residence))
	f.add(self+"hometown.text", places.text(c.Hometown))
	f.add(self+"father.full_name", c.FatherName)
	f.add(self+"mother.full_name", c.MotherName)
	f.add(self+"spouse.full_name", c.SpouseName)
	f.add(self+"spouse.id_number", c.SpouseNumber)
	return f, nil
}

// enterpriseFacts names what the business register said, if it names the person with that
// number among those who stand for the business.
func enterpriseFacts(e Enterprise, number string) ([]eforms.Fact, error) {
	i := slices.IndexFunc(e.Representatives, func(r Representative) bool { return r.IDNumber == number })
	if i < 0 {
		return nil, fmt.Errorf("%w: the person does not stand for the business there", ErrRefused)
	}
	var f facts
	const acting = BusinessActing + "."
	f.add(acting+"tax_code", e.TaxCode)
	f.add(acting+"name", e.Name)
	f.add(acting+"address", e.Address)
	f.add(acting+"status", e.Status)
	f.add(acting+"founded", e.Founded)
	f.add(acting+"representative.full_name", e.Representatives[i].Name)
	f.add(acting+"representative.id_number", e.Representatives[i].IDNumber)
	f.add(acting+"phone", e.Phone)
	f.add(acting+"email", e.Email)
	return f, nil
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

// text is the whole address in words, or "" when a part of it is a code that we have no
// name in force for: half an address is worse than none.
func (p places) text(a Address) string {
	parts := []string{a.Detail}
	for _, code := range []string{a.Commune, a.Province} {
		if code == "" {
			continue
		}
		u := p[code]
		if !u.Current {
			return ""
		}
		parts = append(parts, u.Name)
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
