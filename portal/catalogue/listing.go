package catalogue

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/calendar"
)

// listing is a row of information.json: a procedure in few words. What the rows have in
// common comes from the list of fields.
type listing struct {
	Code     string         `json:"code"`
	Name     locales.Text   `json:"name"`
	Summary  locales.Text   `json:"summary"`
	Field    string         `json:"field"`
	Agency   string         `json:"agency"` // code, when it is not the field's
	Tier     string         `json:"tier"`
	Audience []string       `json:"audience"`
	Level    int            `json:"level"`
	Deadline calendar.Rule  `json:"deadline"`
	Fee      locales.Text   `json:"fee"` // empty: free
	Papers   []locales.Text `json:"papers"`
	Result   locales.Text   `json:"result"`
	Legal    []Basis        `json:"legal"`
	Keywords []string       `json:"keywords"`
}

func (f *folder) readInformation(fsys fs.FS) error {
	var doc struct {
		Note       string    `json:"note"`
		Procedures []listing `json:"procedures"`
	}
	if !f.file(fsys, informationFile, &doc) {
		return nil
	}
	rows := map[string]fieldRow{}
	for _, r := range f.wide.Fields {
		rows[r.Code] = r
	}
	for i, l := range doc.Procedures {
		before := len(f.faults)
		c := check{fmt.Sprintf("%s [%d] %s", informationFile, i, l.Code), &f.faults}
		s := f.wide.sheet(l, rows[l.Field])
		c.sheet(s, f.byField)
		b, err := json.Marshal(s)
		if err != nil {
			return fmt.Errorf("catalogue: %s: %w", l.Code, err)
		}
		if len(f.faults) == before {
			f.add(c, s, document{Sheet: b, Deadline: l.Deadline})
		}
	}
	return nil
}

// sheet spells a row out.
func (d fieldsDoc) sheet(l listing, field fieldRow) Sheet {
	s := Sheet{Code: l.Code, Name: l.Name, Summary: l.Summary, Field: l.Field, Tiers: []string{l.Tier}, Level: l.Level,
		Audience: l.Audience, Legal: l.Legal, Keywords: l.Keywords}
	office := Office{Code: l.Agency, Role: Receives}
	switch {
	case office.Code != "":
	case l.Tier == agency.Communal && field.Commune.Empty():
		office.Level = agency.Communal
	default:
		office.Code = field.Agency
	}
	office.Name = d.Offices[office.key()]
	if l.Tier == agency.Communal && !field.Commune.Empty() {
		office.Name = field.Commune
	}
	s.Agencies = []Office{office}
	price := d.Free
	if !l.Fee.Empty() {
		price = Price{Note: l.Fee}
	}
	for _, name := range Channels {
		if name == Online && l.Level < 3 {
			continue
		}
		s.Channels = append(s.Channels, Channel{Channel: name, Time: Time{Amount: l.Deadline.Amount, Unit: l.Deadline.Unit}, Fees: []Price{price}})
	}
	if len(l.Papers) > 0 {
		set := Components{}
		for _, name := range l.Papers {
			set.Papers = append(set.Papers, Component{Name: name})
		}
		s.Components = []Components{set}
	}
	if !l.Result.Empty() {
		s.Results = []Result{{Name: l.Result}}
	}
	return s
}
