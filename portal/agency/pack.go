package agency

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strconv"

	"motcua/locales"
	"motcua/portal/calendar"
)

// Pack is a province as configuration: the folder of files that makes one program the
// portal of this or that province.
type Pack struct {
	Province Province
	Agencies []Agency
	Heirs    []Heir // what bodies that ended became
	Units    []Unit
	Changes  []Change // what units of before became
	Years    []int    // of which Days says everything
	Days     []Day
	Officers []Person
}

// Province is the installation's own settings.
type Province struct {
	Note     string          `json:"note,omitempty"`
	Code     string          `json:"code"` // of its administrative unit
	Name     locales.Text    `json:"name"`
	Kind     string          `json:"kind"`   // province, city
	Prefix   string          `json:"prefix"` // of the identifiers of its agencies: H01
	Agency   string          `json:"agency"` // code of the People's Committee
	Centre   string          `json:"centre"` // code of the Trung tâm Phục vụ hành chính công
	Seat     locales.Text    `json:"seat"`   // place that stands before the date on papers
	Hotline  string          `json:"hotline"`
	Email    string          `json:"email,omitempty"`
	Address  locales.Text    `json:"address"`
	Hours    locales.Text    `json:"hours"`
	Open     []calendar.Span `json:"open"`
	CutOff   calendar.Clock  `json:"cut_off"`
	Receipts Receipts        `json:"receipts"`
	Postal   Postal          `json:"postal"`
}

// Receipts is how receipts of fees and charges are named and numbered (NĐ 123/2020/NĐ-CP).
type Receipts struct {
	Template string       `json:"template"` // 01BLP0-001
	Series   string       `json:"series"`   // AA-26E
	Name     locales.Text `json:"name"`
}

// Postal is how the postal carrier knows the province.
type Postal struct {
	Customer string `json:"customer"`
	Province string `json:"province"`
}

// Day is a day that is not as its weekday, with the ground that makes it so.
type Day struct {
	Day     calendar.Day `json:"day"`
	Working bool         `json:"working"`
	Name    string       `json:"name"`
	Ground  string       `json:"ground"`
}

// Person is an officer in a pack: the only place where their number stands in the clear.
type Person struct {
	IDNumber string       `json:"id_number"`
	Name     string       `json:"name"`
	Title    string       `json:"title"`
	Roles    []PersonRole `json:"roles"`
}

// PersonRole is a role between dates. A role is ended by its last day; a role that a later
// pack leaves out stays as it is.
type PersonRole struct {
	Agency string `json:"agency"`
	Role   string `json:"role"`
	From   string `json:"valid_from"`
	To     string `json:"valid_to,omitempty"`
}

// Fault is what is wrong at one place of a pack.
type Fault struct {
	File    string
	Place   string
	Message locales.Message
}

// Faults is everything that keeps a pack from being imported.
type Faults []Fault

func (f Faults) Error() string {
	return fmt.Sprintf("province pack: %d faults, the first in %s at %s: %s", len(f), f[0].File, f[0].Place, f[0].Message)
}

func (f *Faults) add(file, place, key string, args ...locales.Arg) {
	*f = append(*f, Fault{file, place, locales.M(key, args...)})
}

// The files of a pack.
const (
	provinceFile = "province.json"
	agenciesFile = "agencies.json"
	unitsFile    = "units.json"
	calendarFile = "calendar.json"
	officersFile = "officers.json"
)

// ReadPack reads the files of a pack and checks them. The error is Faults when the files
// are there but not right.
func ReadPack(fsys fs.FS) (Pack, error) {
	var p Pack
	agencies := struct {
		Note     string    `json:"note"`
		Agencies *[]Agency `json:"agencies"`
		Heirs    *[]Heir   `json:"heirs"`
	}{Agencies: &p.Agencies, Heirs: &p.Heirs}
	units := struct {
		Source  string    `json:"source"`
		Units   *[]Unit   `json:"units"`
		Changes *[]Change `json:"changes"`
	}{Units: &p.Units, Changes: &p.Changes}
	days := struct {
		Note  string `json:"note"`
		Years *[]int `json:"years"`
		Days  *[]Day `json:"days"`
	}{Years: &p.Years, Days: &p.Days}
	officers := struct {
		Note     string    `json:"note"`
		Officers *[]Person `json:"officers"`
	}{Officers: &p.Officers}
	var faults Faults
	for _, f := range []struct {
		name string
		into any
	}{{provinceFile, &p.Province}, {agenciesFile, &agencies}, {unitsFile, &units}, {calendarFile, &days}, {officersFile, &officers}} {
		b, err := fs.ReadFile(fsys, f.name)
		if errors.Is(err, fs.ErrNotExist) && f.name == officersFile {
			continue // officers may be kept elsewhere
		}
		if err != nil {
			return Pack{}, fmt.Errorf("province pack: %w", err)
		}
		if place, err := decode(b, f.into); err != nil {
			faults.add(f.name, place, "agency.import.unreadable", locales.S("why", err.Error()))
		}
	}
	if len(faults) > 0 {
		return Pack{}, faults
	}
	if faults := p.Check(); len(faults) > 0 {
		return Pack{}, faults
	}
	return p, nil
}

// decode reads one file strictly and says, where it can, at which line it stopped.
func decode(b []byte, into any) (place string, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err = d.Decode(into); err == nil {
		if _, err = d.Token(); err == io.EOF {
			return "", nil
		}
		err = errors.New("more than one value")
	}
	line := func(at int64) string { return strconv.Itoa(1 + bytes.Count(b[:min(int(at), len(b))], []byte("\n"))) }
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return line(e.Offset), err
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return line(e.Offset), err
	}
	return "", err // an unknown name: the error says which
}

var (
	agencyCode = regexp.MustCompile(`^[A-Z]\d{2}(\.\d{1,3}){0,2}$`)
	idNumber   = regexp.MustCompile(`^\d{12}$`)
	dayFormat  = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	levels     = []string{Provincial, Department, District, Communal}
)

// Check finds everything that is wrong with the pack.
func (p Pack) Check() Faults {
	var f Faults
	p.checkProvince(&f)
	p.checkUnits(&f)
	p.checkAgencies(&f)
	p.checkHeirs(&f)
	p.checkDays(&f)
	p.checkOfficers(&f)
	return f
}

func (p Pack) checkProvince(f *Faults) {
	pr := p.Province
	for _, need := range []struct{ place, value string }{
		{"name", pr.Name.VI}, {"prefix", pr.Prefix}, {"hotline", pr.Hotline}, {"seat", pr.Seat.VI},
		{"receipts.template", pr.Receipts.Template}, {"receipts.series", pr.Receipts.Series},
	} {
		if need.value == "" {
			f.add(provinceFile, need.place, "agency.import.empty")
		}
	}
	if !slices.ContainsFunc(p.Units, func(u Unit) bool { return u.Code == pr.Code && u.Parent == "" && u.To == "" }) {
		f.add(provinceFile, "code", "agency.import.no_unit", locales.S("code", pr.Code))
	}
	for place, code := range map[string]string{"agency": pr.Agency, "centre": pr.Centre} {
		if !p.hasAgency(code, "", "") {
			f.add(provinceFile, place, "agency.import.no_agency", locales.S("code", code))
		}
	}
	for i, s := range pr.Open {
		if s.From >= s.To || i > 0 && pr.Open[i-1].To > s.From {
			f.add(provinceFile, fmt.Sprintf("open[%d]", i), "agency.import.hours")
		}
	}
}

func (p Pack) checkUnits(f *Faults) {
	seen := map[string][]Unit{}
	for i, u := range p.Units {
		place := fmt.Sprintf("units[%d] %s", i, u.Code)
		if u.Code == "" || u.Name == "" {
			f.add(unitsFile, place, "agency.import.empty")
		}
		checkDates(f, unitsFile, place, u.From, u.To)
		for _, o := range seen[u.Code] {
			if overlap(o.From, o.To, u.From, u.To) {
				f.add(unitsFile, place, "agency.import.twice", locales.S("code", u.Code))
			}
		}
		seen[u.Code] = append(seen[u.Code], u)
	}
	for i, u := range p.Units {
		if u.Parent != "" && seen[u.Parent] == nil {
			f.add(unitsFile, fmt.Sprintf("units[%d] %s", i, u.Code), "agency.import.no_unit", locales.S("code", u.Parent))
		}
	}
	for i, c := range p.Changes {
		place := fmt.Sprintf("changes[%d] %s", i, c.Name)
		if c.check(unitsFile, place, f); seen[c.New] == nil {
			f.add(unitsFile, place, "agency.import.no_unit", locales.S("code", c.New))
		}
	}
}

func (p Pack) checkAgencies(f *Faults) {
	for i, a := range p.Agencies {
		place := fmt.Sprintf("agencies[%d] %s", i, a.Code)
		if !agencyCode.MatchString(a.Code) {
			f.add(agenciesFile, place, "agency.import.code", locales.S("code", a.Code))
		}
		if a.Name.VI == "" {
			f.add(agenciesFile, place, "agency.import.empty")
		}
		if !slices.Contains(levels, a.Level) {
			f.add(agenciesFile, place, "agency.import.level", locales.S("level", a.Level))
		}
		if a.Parent != "" && !p.hasAgency(a.Parent, "", "") {
			f.add(agenciesFile, place, "agency.import.no_agency", locales.S("code", a.Parent))
		}
		if a.Unit != "" && !slices.ContainsFunc(p.Units, func(u Unit) bool { return u.Code == a.Unit }) {
			f.add(agenciesFile, place, "agency.import.no_unit", locales.S("code", a.Unit))
		}
		checkDates(f, agenciesFile, place, a.From, a.To)
		for _, o := range p.Agencies[:i] {
			if o.Code == a.Code && overlap(o.From, o.To, a.From, a.To) {
				f.add(agenciesFile, place, "agency.import.twice", locales.S("code", a.Code))
			}
		}
	}
}

func (p Pack) checkDays(f *Faults) {
	seen := map[calendar.Day]bool{}
	for i, d := range p.Days {
		place := fmt.Sprintf("days[%d] %s", i, d.Day)
		if d.Name == "" || d.Ground == "" {
			f.add(calendarFile, place, "agency.import.empty")
		}
		if !slices.Contains(p.Years, d.Day.Y) {
			f.add(calendarFile, place, "agency.import.year", locales.N("year", int64(d.Day.Y)))
		}
		if seen[d.Day] {
			f.add(calendarFile, place, "agency.import.twice", locales.S("code", d.Day.String()))
		}
		seen[d.Day] = true
	}
}

// checkOfficers never puts a number into a fault: reports are read by many.
func (p Pack) checkOfficers(f *Faults) {
	seen := map[string]bool{}
	for i, o := range p.Officers {
		place := fmt.Sprintf("officers[%d]", i)
		if !idNumber.MatchString(o.IDNumber) || o.Name == "" {
			f.add(officersFile, place, "agency.import.officer")
		}
		if seen[o.IDNumber] {
			f.add(officersFile, place, "agency.import.twice", locales.S("code", o.Name))
		}
		seen[o.IDNumber] = true
		for j, r := range o.Roles {
			place := fmt.Sprintf("officers[%d].roles[%d]", i, j)
			if !slices.Contains(Roles, r.Role) {
				f.add(officersFile, place, "agency.import.role", locales.S("role", r.Role))
			}
			if checkDates(f, officersFile, place, r.From, r.To); !p.hasAgency(r.Agency, r.From, r.To) {
				f.add(officersFile, place, "agency.import.no_agency", locales.S("code", r.Agency))
			}
		}
	}
}

// hasAgency says whether the pack has an agency of that code, at some time of the period.
func (p Pack) hasAgency(code, from, to string) bool {
	return slices.ContainsFunc(p.Agencies, func(a Agency) bool { return a.Code == code && overlap(a.From, a.To, from, to) })
}

func checkDates(f *Faults, file, place, from, to string) {
	wrong := func(day string) bool {
		_, err := calendar.ParseDay(day)
		return err != nil || !dayFormat.MatchString(day)
	}
	if wrong(from) || to != "" && (wrong(to) || to < from) {
		f.add(file, place, "agency.import.dates")
	}
}

// overlap says whether two periods share a day. An empty last day is never over.
func overlap(from1, to1, from2, to2 string) bool {
	return (to1 == "" || from2 <= to1) && (to2 == "" || from1 <= to2)
}
