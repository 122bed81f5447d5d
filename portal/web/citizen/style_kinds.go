package citizen

import (
	_ "embed"
	"encoding/json"
	"net/url"
	"sync"
	"time"

	"motcua/eforms"
	"motcua/locales"
)

//go:embed style_form.json
var styleForm []byte

// styleFilled is a form of the kinds of question, and what somebody filled it with: some of
// it right, some wrong, some left out.
type styleFilled struct {
	Form  *eforms.Form      `json:"form"`
	Facts map[string]string `json:"facts"`
	Sent  map[string]string `json:"sent"`
}

var loadStyleForm = sync.OnceValue(func() styleFilled {
	var f styleFilled
	if err := json.Unmarshal(styleForm, &f); err != nil {
		panic(err) // a fault of the program, and of no one's data
	}
	return f
})

// styleRun is the form filled, with the faults of each page.
func styleRun(at time.Time) (*eforms.Run, eforms.Faults) {
	f := loadStyleForm()
	run := &eforms.Run{Form: f.Form, Today: at.In(locales.ICT)}
	for name, value := range f.Facts {
		run.Facts = append(run.Facts, eforms.Fact{Name: name, Value: value, Source: locales.Text{VI: "CSDL quốc gia về dân cư", EN: "National population database"}, At: at})
	}
	sent := url.Values{}
	for name, value := range f.Sent {
		sent.Set(name, value)
	}
	var faults eforms.Faults
	for _, p := range f.Form.Pages {
		for range 2 { // an address abroad opens its fields first
			answers, wrong, again := run.Read(p.No, sent)
			if run = run.With(answers); !again {
				faults = append(faults, wrong...)
				break
			}
		}
	}
	return run, faults
}

// styleKinds are the pages of that form as sections, and what is said of it afterwards.
func styleKinds(at time.Time) (sections []styleFields, rows []eforms.Row) {
	run, faults := styleRun(at)
	for _, p := range run.Pages() {
		sections = append(sections, styleFields{p.Title, run.Model(p.No, faults).Fields})
	}
	for _, s := range run.Outline() {
		for _, row := range s.Rows {
			if len(row.Parts) > 0 || row.Table != nil || row.Kind == eforms.Period {
				rows = append(rows, row)
			}
		}
	}
	return sections, rows
}
