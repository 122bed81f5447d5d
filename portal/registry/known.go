package registry

import "strings"

// The facts that forms may name, by source. A test holds them to be what the readers give.
var factNames = map[string]string{
	PopulationSelf: ofPerson, PopulationSubject: ofPerson, PopulationSpouse: ofPerson,
	BusinessActing: `tax_code name short_name type capital address status founded phone email
		representative.full_name representative.id_number`,
	CivilMarriage:      `number registered_on place spouse.full_name spouse.id_number`,
	LandOwn:            `count serial book_number sheet parcel area purpose address`,
	LicenceOwn:         `count number class issued_on expires_on issued_by`,
	"computed.self":    `age`,
	"computed.spouse":  `same_residence`,
	"computed.current": `same_residence`,
	"applicant":        `capacity relation_verified`, // of who files; no register is asked
}

const ofPerson = `id_number old_id_number full_name birth_date birth_year sex ethnicity nationality marital
	residence.province residence.commune residence.detail residence.text current.province current.commune current.detail current.text
	hometown.text birthplace.text father.full_name father.id_number mother.full_name mother.id_number
	spouse.full_name spouse.id_number household.number household.head.full_name household.head.id_number household.head.relation`

// known are all names, and what several of them begin with: an address or a person is bound
// as a whole.
var known = func() map[string]bool {
	all := map[string]bool{}
	for source, names := range factNames {
		for _, name := range strings.Fields(names) {
			whole := source + "." + name
			all[whole] = true
			for i := strings.LastIndexByte(whole, '.'); i >= len(source); i = strings.LastIndexByte(whole[:i], '.') {
				all[whole[:i]] = true
			}
		}
	}
	return all
}()

// dayParts may follow the name of a day in a form's logic.
var dayParts = map[string]bool{"days": true, "year": true, "month": true, "day": true, "age": true}

// Known says whether a form may name a fact: one that a source gives, a group of them, or a
// property of a day among them.
func Known(name string) bool {
	if known[name] {
		return true
	}
	i := strings.LastIndexByte(name, '.')
	return i > 0 && dayParts[name[i+1:]] && known[name[:i]]
}
