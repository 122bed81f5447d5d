package catalogue

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/calendar"
	"motcua/portal/registry"
)

// Fault is what is wrong at one place of what was to be imported.
type Fault struct {
	File    string
	Place   string
	Message locales.Message
}

func (f Fault) String() string { return f.File + " " + f.Place + ": " + f.Message.String() }

// Faults are all that were found.
type Faults []Fault

func (f *Faults) add(file, place, key string, args ...locales.Arg) {
	*f = append(*f, Fault{file, place, locales.M(key, args...)})
}

var procedureCode = regexp.MustCompile(`^\d\.\d{6}$`)

// check collects the faults of one sheet.
type check struct {
	file   string
	faults *Faults
}

func (c check) fault(place, key string, args ...locales.Arg) {
	c.faults.add(c.file, place, key, args...)
}

// need asks for something that may not be missing.
func (c check) need(ok bool, place string) {
	if !ok {
		c.fault(place, "catalogue.import.empty")
	}
}

// known asks for a value of a list.
func (c check) known(place, value string, list []string) {
	if !slices.Contains(list, value) {
		c.fault(place, "catalogue.import.unknown", locales.S("value", value))
	}
}

func (c check) day(place, value string) {
	if _, err := time.Parse(time.DateOnly, value); value != "" && err != nil {
		c.fault(place, "catalogue.import.day", locales.S("value", value))
	}
}

// sheet finds what is wrong with any sheet, also one of a compact list.
func (c check) sheet(s Sheet, fields map[string]Field) {
	if !procedureCode.MatchString(s.Code) {
		c.fault("code", "catalogue.import.code", locales.S("code", s.Code))
	}
	c.need(s.Name.VI != "", "name")
	if _, ok := fields[s.Field]; !ok {
		c.fault("field", "catalogue.import.unknown", locales.S("value", s.Field))
	}
	if s.Level < 1 || s.Level > 4 {
		c.fault("level", "catalogue.import.level")
	}
	if s.Assurance < 0 || s.Assurance > 2 {
		c.fault("assurance", "catalogue.import.assurance")
	}
	c.need(len(s.Tiers) > 0, "tiers")
	for i, tier := range s.Tiers {
		c.known(fmt.Sprintf("tiers[%d]", i), tier, Tiers)
	}
	c.need(len(s.Audience) > 0, "audience")
	for i, a := range s.Audience {
		c.known(fmt.Sprintf("audience[%d]", i), a, Audiences)
	}
	for i, k := range s.Capacities {
		c.known(fmt.Sprintf("capacities[%d]", i), k, Capacities)
	}
	c.day("in_force_from", s.From)
	c.day("decision.date", s.Decision.Date)
	c.offices(s.Agencies)
	c.channels(s)
	c.lists(s)
}

func (c check) offices(all []Office) {
	c.need(slices.ContainsFunc(all, func(o Office) bool { return o.Role == Receives && o.key() != "" }), "agencies")
	for i, o := range all {
		place := fmt.Sprintf("agencies[%d]", i)
		c.need(o.Name.VI != "", place+".name")
		c.known(place+".role", o.Role, []string{Receives, Decides})
		if o.Level != "" {
			c.known(place+".level", o.Level, []string{agency.Provincial, agency.Department, agency.Communal})
		}
	}
}

// channels wants time and fee for each way: people compare them before they go.
func (c check) channels(s Sheet) {
	c.need(len(s.Channels) > 0, "channels")
	seen := map[string]bool{}
	for i, ch := range s.Channels {
		place := fmt.Sprintf("channels[%d]", i)
		c.known(place+".channel", ch.Channel, Channels)
		if seen[ch.Channel] {
			c.fault(place, "catalogue.import.twice", locales.S("value", ch.Channel))
		}
		seen[ch.Channel] = true
		if !(calendar.Rule{Amount: ch.Time.Amount, Unit: ch.Time.Unit}).Valid() {
			c.fault(place+".time", "catalogue.import.time")
		}
		c.need(len(ch.Fees) > 0, place+".fees")
		for j, p := range ch.Fees {
			if p.Amount < 0 || p.Pending && p.Amount != 0 || p.Unit.Empty() && (p.Amount != 0 || p.Note.Empty()) {
				c.fault(fmt.Sprintf("%s.fees[%d]", place, j), "catalogue.import.price")
			}
		}
	}
}

func (c check) lists(s Sheet) {
	for i, set := range s.Steps {
		c.need(len(set.Steps) > 0 && !slices.ContainsFunc(set.Steps, func(t locales.Text) bool { return t.VI == "" }), fmt.Sprintf("steps[%d]", i))
	}
	for i, set := range s.Components {
		place := fmt.Sprintf("components[%d]", i)
		c.need(len(set.Papers) > 0, place+".papers")
		for j, p := range set.Papers {
			at := fmt.Sprintf("%s.papers[%d]", place, j)
			c.need(p.Name.VI != "", at+".name")
			if u, err := url.Parse(p.URL); p.URL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
				c.fault(at+".url", "catalogue.import.url", locales.S("value", p.URL))
			}
		}
	}
	for i, r := range s.Results {
		c.need(r.Name.VI != "", fmt.Sprintf("results[%d].name", i))
	}
	for i, b := range s.Legal {
		c.need(b.Number != "" && b.Name.VI != "", fmt.Sprintf("legal[%d]", i))
		c.day(fmt.Sprintf("legal[%d].date", i), b.Date)
	}
}

// complete asks for every field of level 1 of TT 32/2017/TT-BTTTT, Điều 5: a procedure that
// has a folder of its own is published in full.
func (c check) complete(s Sheet) {
	c.need(s.Summary.VI != "", "summary")
	c.need(s.Kind != "", "kind")
	c.need(len(s.Steps) > 0, "steps")
	c.need(len(s.Components) > 0, "components")
	c.need(s.Sets > 0, "sets")
	c.need(len(s.Requirements) > 0, "requirements")
	c.need(len(s.Results) > 0, "results")
	c.need(len(s.Legal) > 0, "legal")
	c.need(s.Decision.Number != "", "decision.number")
}

// fileable asks for what a dossier needs once it can be filed here.
func (c check) fileable(r *Revision) {
	if r.Form == nil {
		return
	}
	if _, online := r.Sheet.Channel(Online); !online || r.Sheet.Level < 3 {
		c.fault("sheet.json channels", "catalogue.import.not_online")
	}
	c.need(r.Workflow != nil, "workflow.json")
	if !r.Deadline.Valid() {
		c.fault("terms.json deadline", "catalogue.import.time")
	}
	if !r.AnswerWithin.Valid() {
		c.fault("terms.json answer_within", "catalogue.import.time")
	}
	layout := r.Papers.Result
	c.need(layout.Symbol != "" && layout.DenialSymbol != "" && layout.Title.VI != "", "papers.json result")
	for _, id := range layout.Fields {
		if _, ok := r.Form.Question(id); !ok {
			c.fault("papers.json result.fields", "catalogue.import.no_question", locales.S("id", id))
		}
	}
	for i, rule := range r.Fees {
		c.counted(r, rule, fmt.Sprintf("fees.json [%d].", i))
	}
	c.attachments(r)
	c.facts(r)
}

// facts wants every fact that the form names to be one that a register gives.
func (c check) facts(r *Revision) {
	for _, q := range r.Form.All() {
		for _, name := range q.Fact {
			if !registry.Known(name) {
				c.fault("form.json "+q.ID, "catalogue.import.no_fact", locales.S("name", name))
			}
		}
	}
	for _, name := range r.Form.Looked() {
		if !registry.Known(name) {
			c.fault("form.json", "catalogue.import.no_fact", locales.S("name", name))
		}
	}
}

// counted wants what a fee is taken per in the form; of a list, in its rows.
func (c check) counted(r *Revision, rule payments.Rule, place string) {
	list, ok := r.Form.Question(rule.Each)
	if rule.Each != "" && (!ok || list.Kind != eforms.Group) {
		c.fault(place+"each", "catalogue.import.no_question", locales.S("id", rule.Each))
	}
	for _, named := range [][2]string{{"per", rule.Per}, {"times", rule.Times}} {
		if q, ok := r.Form.Question(named[1]); named[1] != "" && (!ok || q.Group() != list) {
			c.fault(place+named[0], "catalogue.import.no_question", locales.S("id", named[1]))
		}
	}
}

// attachments wants each paper that the form asks for in the sheet: what people read before
// they begin is what they are asked.
func (c check) attachments(r *Revision) {
	var codes []string
	for _, set := range r.Sheet.Components {
		for _, p := range set.Papers {
			codes = append(codes, p.Code)
		}
	}
	for _, q := range r.Form.All() {
		if q.Kind == eforms.Attachment && !slices.Contains(codes, q.ID) {
			c.fault("form.json "+q.ID, "catalogue.import.no_component", locales.S("id", q.ID))
		}
	}
}

// engines asks fees and workflow for their own faults.
func (c check) engines(r *Revision) {
	for i, rule := range r.Fees {
		if err := rule.Check(); err != nil {
			c.fault(fmt.Sprintf("fees.json [%d]", i), "catalogue.import.unreadable", locales.S("why", err.Error()))
		}
	}
	if r.Workflow == nil {
		return
	}
	for _, f := range r.Workflow.Check() {
		*c.faults = append(*c.faults, Fault{c.file, "workflow.json " + f.Step, f.Message})
	}
}
