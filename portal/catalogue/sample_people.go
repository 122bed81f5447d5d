package catalogue

import (
	_ "embed"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"motcua/eforms"
	"motcua/locales"
)

// SamplePerson is somebody who does not exist, as whom an editor tries a form.
type SamplePerson struct {
	ID    string            `json:"id"`
	Name  locales.Text      `json:"name"`
	Known map[string]string `json:"facts"` // what registers would say
}

//go:embed people.json
var peopleFile []byte

var samples = func() (s struct {
	Source locales.Text   `json:"source"`
	People []SamplePerson `json:"people"`
}) {
	if err := json.Unmarshal(peopleFile, &s); err != nil {
		panic(err) // embedded: a test reads it
	}
	return s
}()

// SamplePeople are all there are.
func SamplePeople() []SamplePerson { return samples.People }

// Facts are what registers would say of the person today. Where they live is the first
// commune of the lists: a sample belongs to no province of its own.
func (p SamplePerson) Facts(lists map[string][]eforms.Option, at time.Time) []eforms.Fact {
	var out []eforms.Fact
	add := func(name, value string) {
		out = append(out, eforms.Fact{Name: name, Value: value, Source: samples.Source, At: at})
	}
	const home = "population.self.residence"
	for _, name := range slices.Sorted(maps.Keys(p.Known)) {
		add(name, p.Known[name])
	}
	if p.Known[home+".detail"] == "" || len(lists[eforms.Communes]) == 0 {
		return out
	}
	commune := lists[eforms.Communes][0]
	add(home+".province", commune.Parent)
	add(home+".commune", commune.Value)
	return out
}
