package editorial

import (
	"motcua/locales"
)

// Finding is something about an edit that the machine sees: a refusal keeps it from being
// published, a warning does not.
type Finding struct {
	Refusal bool
	Part    string // sheet, form, fees …
	Place   string // JSON pointer in the part
	Message locales.Message
}

// refusals are why a candidate cannot be published.
func (c *Candidate) refusals(known Known) []Finding {
	var all []Finding
	for _, f := range c.findings(known) {
		if f.Refusal {
			all = append(all, f)
		}
	}
	return all
}
