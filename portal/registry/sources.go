package registry

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"motcua/eforms"
	"motcua/locales"
)

// The sources: a register, and whose record in it.
const (
	PopulationSelf    = "population.self"
	PopulationSubject = "population.subject" // a ward, or who gave an authorisation online
	PopulationSpouse  = "population.spouse"  // whom the own record names
	BusinessActing    = "business.acting"
	CivilMarriage     = "civil.marriage"
	LandOwn           = "land.own"
	LicenceOwn        = "licence.own"
)

// The registers, by the first word of their sources.
const (
	Population = "population"
	Business   = "business"
	Civil      = "civil"
	Land       = "land"
	Licences   = "licence"
)

// Registers are all of them, in the order in which pages name them.
var Registers = []string{Population, Business, Civil, Land, Licences}

// Source is what people are told of one before it is asked.
type Source struct {
	Key      string
	Register string
	Name     locales.Text // of the register, as people read it beside a value
	Whose    locales.Text // about whom it is asked
	Agency   locales.Text // who keeps it
	Basis    locales.Text // by which law the portal may ask
	Consent  bool         // it is asked only when the person agrees
	Kept     locales.Text // how long the portal keeps the answer
	Correct  locales.Text // where and how a person has it corrected

	freshness []freshness
}

// freshness is how long an answer counts as new, from a day on.
type freshness struct {
	From  string `json:"from"`
	Hours int    `json:"hours"`
}

//go:embed sources.json
var sourcesJSON []byte

// Sources are what there is to know of each source, by its name.
var Sources = readSources()

func readSources() map[string]Source {
	var file struct {
		Registers map[string]struct {
			Name, Agency, Basis, Kept, Correct locales.Text
			Consent                            bool
			Freshness                          []freshness
		}
		Whose map[string]locales.Text
	}
	if err := json.Unmarshal(sourcesJSON, &file); err != nil {
		panic("registry: sources.json: " + err.Error()) // embedded
	}
	all := map[string]Source{}
	for key, whose := range file.Whose {
		r := file.Registers[RegisterOf(key)]
		all[key] = Source{Key: key, Register: RegisterOf(key), Whose: whose, Name: r.Name, Agency: r.Agency, Basis: r.Basis,
			Consent: r.Consent, Kept: r.Kept, Correct: r.Correct, freshness: r.Freshness}
	}
	return all
}

// RegisterOf is the register of a source: the first word of its name.
func RegisterOf(source string) string {
	register, _, _ := strings.Cut(source, ".")
	return register
}

// NameOf is a register or a source of one as people read it.
func NameOf(source string) locales.Text { return About(source).Name }

// About is what there is to know of the register that a source belongs to.
func About(source string) Source {
	for _, key := range allSources {
		if RegisterOf(key) == RegisterOf(source) {
			return Sources[key]
		}
	}
	return Source{}
}

// allSources in the order in which they are asked.
var allSources = []string{PopulationSelf, PopulationSubject, PopulationSpouse, BusinessActing, CivilMarriage, LandOwn, LicenceOwn}

// Fresh is how long an answer of the source counts as new on a day.
func (s Source) Fresh(day time.Time) time.Duration {
	on, hours := day.In(locales.ICT).Format(time.DateOnly), 0
	for _, f := range s.freshness {
		if f.From <= on {
			hours = f.Hours
		}
	}
	return time.Duration(hours) * time.Hour
}

// computed facts stand on what sources said.
var standsOn = map[string][]string{
	"computed.self":    {PopulationSelf},
	"computed.spouse":  {PopulationSelf, PopulationSpouse},
	"computed.current": {PopulationSelf},
}

// Feeds are a source and the computed ones that stand on it.
func Feeds(source string) []string {
	all := []string{source}
	for computed, on := range standsOn {
		if slices.Contains(on, source) {
			all = append(all, computed)
		}
	}
	return all
}

// Needed are the sources that have to be asked for a form's facts: computed ones need what
// they stand on, and a spouse is known from the own record. What is no source is left out.
func Needed(form *eforms.Form) []string {
	var named []string
	for _, source := range form.Sources() {
		named = append(named, source)
		named = append(named, standsOn[source]...)
	}
	if slices.Contains(named, PopulationSpouse) {
		named = append(named, PopulationSelf)
	}
	var needed []string
	for _, source := range allSources {
		if slices.Contains(named, source) {
			needed = append(needed, source)
		}
	}
	return needed
}

// earlier are the names that sources had when a register had one only.
var earlier = map[string]string{Population: PopulationSelf, Business: BusinessActing}

// NowCalled is a source by its name of today.
func NowCalled(source string) string {
	if now, old := earlier[source]; old {
		return now
	}
	return source
}
