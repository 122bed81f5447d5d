package editorial

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
	"motcua/portal/pg/pgtest"
	"motcua/portal/workflow"
)

// shippedService is the whole shipped catalogue in the shipped province.
func shippedService(t *testing.T) *Service {
	t.Helper()
	now := func() time.Time { return morning }
	db := pgtest.Filled(t, "editorial-shipped", func(db *sqlx.DB) {
		pack, err := assets.Province(assets.Provinces()[0])
		if err != nil {
			t.Fatal(err)
		}
		read, err := agency.ReadPack(pack)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (&agency.Service{DB: db, Now: now}).Import(t.Context(), read); err != nil {
			t.Fatal(err)
		}
		if r, err := (&catalogue.Service{DB: db, Now: now}).Import(t.Context(), assets.Catalogue()); err != nil || len(r.Faults) > 0 {
			t.Fatal(err, r.Faults)
		}
	})
	return &Service{DB: db, Catalogue: &catalogue.Service{DB: db, Now: now}, Agency: &agency.Service{DB: db, Now: now}, Now: now}
}

func knownOf(t *testing.T, s *Service) Known {
	t.Helper()
	k, err := s.Known(t.Context(), morning)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// What ships with a form passes what every editor has to pass, and nothing in it is left
// unexplained. Those that are only described are not told in full: whoever edits one
// completes it.
func TestShippedProceduresPassTheirChecks(t *testing.T) {
	t.Parallel()
	s := shippedService(t)
	known := knownOf(t, s)
	all, err := s.Catalogue.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, r := range all {
		if r.Form == nil {
			continue
		}
		passed++
		for _, f := range CheckRevision(r, nil, known) {
			if words, _ := locales.Say(locales.VI, f.Message); f.Refusal || f.Message.Key == "finding.abbreviation" || f.Message.Key == "finding.legal.unlisted" {
				t.Errorf("%s %s%s: %s", r.Code, f.Part, f.Place, words)
			}
		}
	}
	if passed < 16 {
		t.Errorf("%d procedures with a form", passed)
	}
}

// copied is a revision whose sheet, fees and workflow can be changed.
func copied(t *testing.T, r *catalogue.Revision) *catalogue.Revision {
	t.Helper()
	c := *r
	c.Sheet, c.Fees, c.Workflow, c.Recordings = catalogue.Sheet{}, nil, nil, nil
	first := slices.Min(slices.Collect(maps.Keys(r.Recordings))) // one will do
	c.Recordings = map[string]eforms.Recording{first: r.Recordings[first]}
	for _, part := range []struct{ from, into any }{{r.Sheet, &c.Sheet}, {r.Fees, &c.Fees}, {r.Workflow, &c.Workflow}} {
		b, err := json.Marshal(part.from)
		if err == nil {
			err = json.Unmarshal(b, part.into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return &c
}

// copyOf is what people read of a copy of a civil-status entry: it has a fee, a form and
// recorded runs.
const copyOf = "2.000635"

func TestEachRefusalHasItsPlace(t *testing.T) {
	t.Parallel()
	s := shippedService(t)
	known := knownOf(t, s)
	base, err := s.Catalogue.InForce(t.Context(), copyOf)
	if err != nil {
		t.Fatal(err)
	}
	before := CheckRevision(base, nil, known)
	for name, one := range map[string]struct {
		change func(r *catalogue.Revision)
		part   string
		place  string
		key    string
	}{
		"no name":                   {func(r *catalogue.Revision) { r.Sheet.Name.VI = "" }, "sheet", "/name", "finding.empty.name"},
		"no steps":                  {func(r *catalogue.Revision) { r.Sheet.Steps = nil }, "sheet", "/steps", "finding.empty.steps"},
		"no ways":                   {func(r *catalogue.Revision) { r.Sheet.Channels = nil }, "sheet", "/channels", "finding.empty.channels"},
		"no papers":                 {func(r *catalogue.Revision) { r.Sheet.Components = nil }, "sheet", "/components", "finding.empty.components"},
		"no number of sets":         {func(r *catalogue.Revision) { r.Sheet.Sets = 0 }, "sheet", "/sets", "finding.empty.sets"},
		"nobody it is for":          {func(r *catalogue.Revision) { r.Sheet.Audience = nil }, "sheet", "/audience", "finding.empty.audience"},
		"no requirements":           {func(r *catalogue.Revision) { r.Sheet.Requirements = nil }, "sheet", "/requirements", "finding.empty.requirements"},
		"no result":                 {func(r *catalogue.Revision) { r.Sheet.Results = nil }, "sheet", "/results", "finding.empty.results"},
		"no legal basis":            {func(r *catalogue.Revision) { r.Sheet.Legal = nil }, "sheet", "/legal", "finding.empty.legal"},
		"no decision":               {func(r *catalogue.Revision) { r.Sheet.Decision.Number = "" }, "sheet", "/decision/number", "finding.empty.decision_number"},
		"nobody decides":            {func(r *catalogue.Revision) { r.Sheet.Agencies = r.Sheet.Agencies[:1] }, "sheet", "/agencies", "finding.empty.decides"},
		"a way without time":        {func(r *catalogue.Revision) { r.Sheet.Channels[1].Time.Unit = "" }, "sheet", "/channels/1/time", "catalogue.import.time"},
		"a way without fee":         {func(r *catalogue.Revision) { r.Sheet.Channels[2].Fees = nil }, "sheet", "/channels/2/fees", "finding.empty.channels_fees"},
		"a fee without ground":      {func(r *catalogue.Revision) { r.Sheet.Channels[1].Fees[0].Ground = "" }, "sheet", "/channels/1/fees/0/ground", "finding.fee.ground"},
		"a ground it does not have": {func(r *catalogue.Revision) { r.Sheet.Channels[1].Fees[0].Ground = "1/2016/TT-BTC" }, "sheet", "/channels/1/fees/0/ground", "finding.fee.ground_unknown"},
		"a rule that is not there":  {func(r *catalogue.Revision) { r.Sheet.Channels[0].Fees[0].Rule = "khac" }, "sheet", "/channels/0/fees/0/rule", "finding.fee.no_rule"},
		"another price than taken":  {func(r *catalogue.Revision) { r.Sheet.Channels[0].Fees[0].Amount = 5000 }, "sheet", "/channels/0/fees/0/amount", "finding.fee.differs"},
		"another kind than taken":   {func(r *catalogue.Revision) { r.Sheet.Channels[0].Fees[0].Kind = payments.Charge }, "sheet", "/channels/0/fees/0/kind", "finding.fee.kind"},
		"a rule without ground":     {func(r *catalogue.Revision) { r.Fees[0].Ground = locales.V("Theo quy định") }, "fees", "/0/ground", "finding.fee.rule_ground"},
		"a rule nothing counts":     {func(r *catalogue.Revision) { r.Fees[0].Per = "khac" }, "fees", "/0", "finding.fee.uncomputed"},
		"a reduction of nothing": {func(r *catalogue.Revision) {
			r.Sheet.Channels[0].Fees[0].Reduction = &catalogue.Reduction{Percent: 0, Ground: "281/2016/TT-BTC"}
		}, "sheet", "/channels/0/fees/0/reduction/percent", "finding.fee.percent"},
		"a reduction without ground": {func(r *catalogue.Revision) { r.Sheet.Channels[0].Fees[0].Reduction = &catalogue.Reduction{Percent: 50} }, "sheet", "/channels/0/fees/0/reduction/ground", "finding.fee.reduction_ground"},
		"a required paper unasked": {func(r *catalogue.Revision) {
			r.Sheet.Components[0].Papers = append(r.Sheet.Components[0].Papers, catalogue.Component{Code: "moi", Name: locales.V("Giấy mới"), Copies: 1})
		}, "sheet", "/components/0/papers/2/code", "finding.paper"},
		"a paper that nobody counts": {func(r *catalogue.Revision) { r.Sheet.Components[0].Papers[0].Originals = 0 }, "sheet", "/components/0/papers/0/originals", "finding.count"},
		"a type that is not listed":  {func(r *catalogue.Revision) { r.Sheet.Components[0].Papers[0].Type = "khac_nua" }, "sheet", "/components/0/papers/0/type", "catalogue.import.unknown"},
		"another deadline":           {func(r *catalogue.Revision) { r.Deadline = calendar.Rule{Amount: 3, Unit: calendar.WorkingDay} }, "sheet", "/channels/0/time/amount", "finding.workflow.deadline"},
		"steps longer than promised": {func(r *catalogue.Revision) {
			r.Workflow.Steps[2].Within = calendar.Rule{Amount: 3, Unit: calendar.WorkingDay}
		}, "sheet", "/channels/1/time/amount", "finding.workflow.longer"},
		"nothing handed over": {func(r *catalogue.Revision) {
			for i, s := range r.Workflow.Steps {
				if s.Does == workflow.Return {
					r.Workflow.Steps[i].Does = workflow.Process
				}
			}
		}, "workflow", "", "finding.workflow.no_return"},
		"a step without time":      {func(r *catalogue.Revision) { r.Workflow.Steps[2].Within = calendar.Rule{} }, "workflow", "/steps/2", "workflow.no_time"},
		"filed online, never told": {func(r *catalogue.Revision) { r.Sheet.Channels = r.Sheet.Channels[1:] }, "sheet", "/channels", "catalogue.import.not_online"},
		"a promised language": {func(r *catalogue.Revision) { r.Sheet.Languages, r.Sheet.Results[0].Name.EN = []string{"en"}, "" },
			"sheet", "/results/0/name/en", "finding.untranslated"},
		"a fee's promised language": {func(r *catalogue.Revision) { r.Sheet.Languages, r.Fees[0].Name.EN = []string{"en"}, "" }, "fees", "/0/name/en", "finding.untranslated"},
		"no such language":          {func(r *catalogue.Revision) { r.Sheet.Languages = []string{"fr"} }, "sheet", "/languages/0", "catalogue.import.unknown"},
		"a text that was replaced": {func(r *catalogue.Revision) { r.Sheet.Legal[1].Number = "158/2005/NĐ-CP" },
			"sheet", "/legal/1/number", "finding.legal.replaced"},
		"a text that the sheet ends": {func(r *catalogue.Revision) { r.Sheet.Legal[1].To = "2026-11-19" }, "sheet", "/legal/1/number", "finding.legal.over"},
		"a number that is none":      {func(r *catalogue.Revision) { r.Sheet.Legal[1].Number = "Nghị định 123" }, "sheet", "/legal/1/number", "catalogue.list.number"},
		"a code that is none":        {func(r *catalogue.Revision) { r.Sheet.Code = "2.635" }, "sheet", "/code", "catalogue.import.code"},
		"a field that is none":       {func(r *catalogue.Revision) { r.Sheet.Field = "khong-co" }, "sheet", "/field", "catalogue.import.unknown"},
		"an agency that is none":     {func(r *catalogue.Revision) { r.Sheet.Agencies[0].Code = "X99" }, "sheet", "/agencies/0/code", "finding.agency"},
		"a unit that is none":        {func(r *catalogue.Revision) { r.Sheet.Units = []string{"00000"} }, "sheet", "/units/0", "finding.unit"},
		"a case the form has not":    {func(r *catalogue.Revision) { r.Sheet.Components[1].ID = "khac" }, "sheet", "/components/1/id", "finding.case"},
		"a paper twice in one case": {func(r *catalogue.Revision) {
			r.Sheet.Components[0].Papers[1].Code = r.Sheet.Components[0].Papers[0].Code
		}, "sheet", "/components/0/papers/1/code", "catalogue.import.twice"},
		"a legal text twice":           {func(r *catalogue.Revision) { r.Sheet.Legal[1] = r.Sheet.Legal[0] }, "sheet", "/legal/1/number", "catalogue.import.twice"},
		"a decision without its day":   {func(r *catalogue.Revision) { r.Sheet.Decision.Date = "" }, "sheet", "/decision/date", "finding.empty.decision_date"},
		"a paper's name in no letters": {func(r *catalogue.Revision) { r.Sheet.Components[0].Papers[0].Name = locales.Text{} }, "sheet", "/components/0/papers/0/name", "finding.empty.components_papers_name"},
	} {
		r := copied(t, base)
		one.change(r)
		found := CheckRevision(r, nil, known)
		if !slices.ContainsFunc(found, func(f Finding) bool {
			return f.Refusal && f.Part == one.part && f.Place == one.place && f.Message.Key == one.key
		}) {
			t.Errorf("%s: not at %s%s with %s: %+v", name, one.part, one.place, one.key, found[:min(len(found), 4)])
		}
		if Refuses(before) {
			t.Fatal(before)
		}
	}
}

func TestWarningsDoNotRefuse(t *testing.T) {
	t.Parallel()
	s := shippedService(t)
	known := knownOf(t, s)
	known.Dead = map[string]locales.Message{"https://example.org/mau.docx": locales.M("link.status", locales.N("status", 404))}
	base, err := s.Catalogue.InForce(t.Context(), copyOf)
	if err != nil {
		t.Fatal(err)
	}
	r := copied(t, base)
	r.Sheet.Summary.VI = "Nộp tại UBND xã. Lệ phí theo HĐND tỉnh; Hội đồng nhân dân (HĐND) đã quyết theo Thông tư 281/2016/TT-BTC. " + strings.Repeat("dài ", 21)
	r.Sheet.Components[0].Papers[0].URL = "https://example.org/mau.docx"
	r.Sheet.Legal = append(r.Sheet.Legal, catalogue.Basis{Number: "999/2026/NĐ-CP", Name: locales.V("Nghị định chưa biết")})
	r.Sheet.Results[0].Code = "KQ.LA"
	r.Fees[0].Unit, r.Sheet.Channels[0].Fees[0].Amount = 9000, 9000
	found := CheckRevision(r, nil, known)
	if Refuses(found) {
		t.Fatal(found[0])
	}
	for place, key := range map[string]string{"/summary/vi": "finding.long_sentence", "/components/0/papers/0/url": "finding.dead_link", "/legal/8/number": "finding.legal.unlisted",
		"/results/0/code": "finding.result", "/languages": "finding.unpromised"} {
		if !slices.ContainsFunc(found, func(f Finding) bool { return f.Place == place && f.Message.Key == key }) {
			t.Errorf("no %s at %s: %v", key, place, found)
		}
	}
	short := slices.DeleteFunc(slices.Clone(found), func(f Finding) bool { return f.Message.Key != "finding.abbreviation" || f.Place != "/summary/vi" })
	if len(short) != 1 || short[0].Message.Args[0].Value != "UBND" {
		t.Errorf("abbreviations: %v", short)
	}
	if !slices.ContainsFunc(found, func(f Finding) bool { return f.Message.Key == "finding.fee.recorded" && f.Part == "tests" }) {
		t.Errorf("a run that came to another fee is not told: %v", found)
	}
}

// An edit is checked on what it would publish: the lists of the day, something new, nothing
// undone that was published meanwhile.
func TestCheckOfAnEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(online)
	check := func() []Finding {
		t.Helper()
		c, err := w.Candidate(t.Context(), w.edit(id))
		w.must(err)
		found, err := w.Check(t.Context(), c)
		w.must(err)
		return found
	}
	if found := check(); len(found) == 0 || found[0].Message.Key != "editorial.same" {
		t.Errorf("an edit of nothing: %v", found)
	}
	_, err := w.set(w.an, id, 1, func(s *catalogue.Sheet) { s.Sets = 2 })
	w.must(err)
	if found := check(); Refuses(found) {
		t.Errorf("a sheet with two sets: %v", found)
	}
	w.published(online, time.Time{}, named("Tên khác"))
	if found := check(); !Refuses(found) || found[0].Message.Key != "editorial.moved" {
		t.Errorf("after another was published: %v", found)
	}
	later := morning.AddDate(0, 6, 0) // the law of civil status ends meanwhile
	c, err := w.Candidate(t.Context(), w.edit(id))
	w.must(err)
	found, err := w.Checks(t.Context(), later, c, c)
	w.must(err)
	if len(found) != 2 || !slices.ContainsFunc(found[1], func(f Finding) bool { return f.Refusal && f.Message.Key == "finding.legal.replaced" }) {
		t.Errorf("on %v: %v", later, found)
	}
}
