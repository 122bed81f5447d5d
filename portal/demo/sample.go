package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/agency"
	registries "motcua/portal/registry/sandbox"
	provider "motcua/portal/signin/sandbox"
)

// person is a sample person: who can sign in, and what the population registry knows.
type person struct {
	Sub         string       `json:"sub"`
	IDNumber    string       `json:"id_number"`
	Name        string       `json:"name"`
	BirthDate   string       `json:"birth_date"`
	BirthYear   string       `json:"birth_year"` // instead, where the registry knows no more
	Sex         string       `json:"sex"`
	Ethnicity   string       `json:"ethnicity"`
	Nationality string       `json:"nationality"`
	Phone       string       `json:"phone"`
	Email       string       `json:"email"`
	Level       int          `json:"level"`
	Province    string       `json:"province"`
	Commune     string       `json:"commune"`
	Detail      string       `json:"detail"`
	Hometown    string       `json:"hometown"`
	Marital     string       `json:"marital"`
	OldNumber   string       `json:"old_number"`
	Father      string       `json:"father"`
	FatherID    string       `json:"father_number"`
	Mother      string       `json:"mother"`
	MotherID    string       `json:"mother_number"`
	Spouse      *relative    `json:"spouse"`
	Married     string       `json:"married"`
	Guardian    *relative    `json:"guardian"`
	Household   string       `json:"household"`
	Head        *relative    `json:"head"`
	HeadIs      string       `json:"head_relation"`
	Businesses  []string     `json:"businesses"`
	Unknown     bool         `json:"unknown"` // to the population registry
	Tries       locales.Text `json:"tries"`
}

type relative struct {
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
}

// known is a relative as the population registry has them.
func (r *relative) known() registries.Relative {
	if r == nil {
		return registries.Relative{}
	}
	return registries.Relative{FullName: r.Name, IDNumber: r.IDNumber}
}

// business is a sample business as the register knows it.
type business struct {
	TaxCode         string   `json:"tax_code"`
	Name            string   `json:"name"`
	Type            string   `json:"type"`
	Founded         string   `json:"founded"`
	Status          string   `json:"status"`
	Province        string   `json:"province"`
	Commune         string   `json:"commune"`
	Street          string   `json:"street"`
	Representatives []string `json:"representatives"` // subs
}

// sample is everybody of the demo: people, those whom only registries know, businesses, and
// the officers of the pack.
type sample struct {
	People     []person           `json:"people"`
	Children   []person           `json:"children"`
	Businesses []business         `json:"businesses"`
	Civil      []registries.Entry `json:"civil"`
	Land       []registries.Entry `json:"land"`
	Licences   []registries.Entry `json:"licences"`
	pack       agency.Pack
}

// readSample reads the first shipped province with its sample people.
func readSample() (sample, error) {
	folder, err := province()
	if err != nil {
		return sample{}, err
	}
	var s sample
	b, err := fs.ReadFile(folder, "sample.json")
	if err != nil {
		return sample{}, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return sample{}, fmt.Errorf("sample.json: %w", err)
	}
	s.pack, err = agency.ReadPack(folder)
	return s, err
}

// province is the folder of the demo's province: the first one shipped.
func province() (fs.FS, error) {
	names := assets.Provinces()
	if len(names) == 0 {
		return nil, errors.New("no province pack is shipped")
	}
	return assets.Province(names[0])
}

func (s sample) business(code string) business {
	for _, b := range s.Businesses {
		if b.TaxCode == code {
			return b
		}
	}
	return business{}
}

func (s sample) bySub(sub string) person {
	for _, p := range s.People {
		if p.Sub == sub {
			return p
		}
	}
	return person{}
}

// officerSub is how an officer of the pack is called at the identity provider.
func officerSub(o agency.Person) string { return "cb-" + o.IDNumber[len(o.IDNumber)-2:] }

// cards are who can sign in: people first, then officers.
func (s sample) cards() []provider.Person {
	var all []provider.Person
	for _, p := range s.People {
		card := provider.Person{Sub: p.Sub, Name: p.Name, IDNumber: p.IDNumber, BirthDate: p.birth(), Phone: p.Phone, Email: p.Email, Level: p.Level, Note: p.Tries.VI}
		for _, code := range p.Businesses {
			card.Businesses = append(card.Businesses, provider.Business{TaxCode: code, Name: s.business(code).Name})
		}
		all = append(all, card)
	}
	for _, o := range s.pack.Officers {
		all = append(all, provider.Person{Sub: officerSub(o), Name: o.Name, IDNumber: o.IDNumber, BirthDate: "19" + o.IDNumber[4:6] + "-01-01", Level: 2,
			Note: s.post(o)})
	}
	return all
}

func (p person) birth() string {
	if p.BirthDate != "" {
		return p.BirthDate
	}
	return p.BirthYear
}

// post is an officer's work in a line: title, agencies, roles.
func (s sample) post(o agency.Person) string {
	var roles []string
	for _, r := range o.Roles {
		role, _ := locales.Say(locales.VI, locales.M("staff.role."+r.Role))
		roles = append(roles, s.agencyName(r.Agency)+" ("+role+")")
	}
	return o.Title + " – " + strings.Join(roles, ", ")
}

func (s sample) agencyName(code string) string {
	for _, a := range s.pack.Agencies {
		if a.Code == code {
			return a.Name.VI
		}
	}
	return code
}

// citizens are what the population registry knows.
func (s sample) citizens() []registries.Citizen {
	var all []registries.Citizen
	for _, p := range slices.Concat(s.People, s.Children) {
		if p.Unknown {
			continue
		}
		home := registries.Place{Province: p.Province, Commune: p.Commune, Detail: p.Detail, Country: p.Nationality}
		c := registries.Citizen{IDNumber: p.IDNumber, FullName: p.Name, BirthDate: p.birth(), Sex: p.Sex, Ethnicity: p.Ethnicity, Marital: p.Marital,
			Nationality: p.Nationality, Hometown: registries.Place{Detail: p.Hometown, Country: p.Nationality}, Residence: home, Current: home,
			Birthplace: home, OldNumber: p.OldNumber, Father: registries.Relative{FullName: p.Father, IDNumber: p.FatherID},
			Mother: registries.Relative{FullName: p.Mother, IDNumber: p.MotherID}, Spouse: p.Spouse.known(), Married: p.Married,
			Guardian: p.Guardian.known(), Household: p.Household, Head: p.Head.known(), HeadRelation: p.HeadIs}
		all = append(all, c)
	}
	return all
}

// enterprises are what the business register knows.
func (s sample) enterprises() []registries.Enterprise {
	var all []registries.Enterprise
	for _, b := range s.Businesses {
		ward, city := s.unitName(b.Commune), s.unitName(b.Province)
		e := registries.Enterprise{TaxCode: b.TaxCode, Name: b.Name, Kind: b.Type, Founded: b.Founded, Status: b.Status, Street: b.Street,
			Ward: ward, WardCode: b.Commune, City: city, CityCode: b.Province, Address: b.Street + ", " + ward + ", " + city}
		for _, sub := range b.Representatives {
			p := s.bySub(sub)
			e.Representatives = append(e.Representatives, registries.Representative{Name: p.Name, IDNumber: p.IDNumber, Born: p.BirthDate})
		}
		all = append(all, e)
	}
	return all
}

// unitName is a unit's name today: the last one in the pack with that code.
func (s sample) unitName(code string) string {
	name := code
	for _, u := range s.pack.Units {
		if u.Code == code && u.To == "" {
			name = u.Name
		}
	}
	return name
}
