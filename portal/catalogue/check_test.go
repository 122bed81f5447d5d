package catalogue

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"motcua/locales"
)

const one = "procedures/2.000635/"

// TestEachFaultIsFound spoils one thing of a procedure that is right, and wants to be told
// of it at its place.
func TestEachFaultIsFound(t *testing.T) {
	t.Parallel()
	sheet := one + "sheet.json"
	change := func(file, from, to string) func(*testing.T, fstest.MapFS) {
		return func(t *testing.T, f fstest.MapFS) { replace(t, f, file, from, to) }
	}
	for name, c := range map[string]struct {
		spoil      func(*testing.T, fstest.MapFS)
		place, key string
	}{
		"code of another folder": {change(sheet, `"code": "2.000635"`, `"code": "2.000636"`), "sheet.json code", "catalogue.import.folder"},
		"no code":                {change(sheet, `"code": "2.000635"`, `"code": "635"`), "code", "catalogue.import.code"},
		"no name":                {change(sheet, `"vi": "Cấp bản sao trích lục hộ tịch, bản sao Giấy khai sinh"`, `"vi": ""`), "name", "catalogue.import.empty"},
		"unknown field":          {change(sheet, `"ho-tich"`, `"ho-tic"`), "field", "catalogue.import.unknown"},
		"unknown tier":           {change(sheet, `["commune", "province"]`, `["commune", "county"]`), "tiers[1]", "catalogue.import.unknown"},
		"level 5":                {change(sheet, `"level": 4`, `"level": 5`), "level", "catalogue.import.level"},
		"unknown audience":       {change(sheet, `["citizen"]`, `["everybody"]`), "audience[0]", "catalogue.import.unknown"},
		"nobody receives":        {change(sheet, `"role": "receives"`, `"role": "decides"`), "agencies", "catalogue.import.empty"},
		"unknown role":           {change(sheet, `"role": "decides"`, `"role": "signs"`), "agencies[2].role", "catalogue.import.unknown"},
		"unknown channel":        {change(sheet, `"channel": "post"`, `"channel": "fax"`), "channels[2].channel", "catalogue.import.unknown"},
		"channel twice":          {change(sheet, `"channel": "post"`, `"channel": "direct"`), "channels[2]", "catalogue.import.twice"},
		"no time":                {change(sheet, `"unit": "same_day"`, `"unit": ""`), "channels[0].time", "catalogue.import.time"},
		"no unit of money":       {change(sheet, `"unit": {"vi": "đồng/bản sao trích lục/sự kiện hộ tịch đã đăng ký", "en": "VND per copy of one registered event"}, `, ``), "channels[0].fees[0]", "catalogue.import.price"},
		"no sets":                {change(sheet, `"sets": 1`, `"sets": 0`), "sets", "catalogue.import.empty"},
		"no decision":            {change(sheet, `"01/QĐ-UBND (số mẫu)"`, `""`), "decision.number", "catalogue.import.empty"},
		"no such day":            {change(sheet, `"in_force_from": "2025-07-01"`, `"in_force_from": "1/7/2025"`), "in_force_from", "catalogue.import.day"},
		"legal text's day":       {change(sheet, `"2014-11-20"`, `"2014-11-31"`), "legal[0].date", "catalogue.import.day"},
		"legal text's number":    {change(sheet, `"60/2014/QH13"`, `""`), "legal[0]", "catalogue.import.empty"},
		"an address of no kind":  {change(sheet, `"code": "to_khai",`, `"code": "to_khai", "url": "javascript:alert(1)",`), "components[0].papers[0].url", "catalogue.import.url"},
		"a paper not in the sheet": {change(sheet, `"code": "van_ban_uy_quyen"`, `"code": "uy_quyen"`),
			"form.json van_ban_uy_quyen", "catalogue.import.no_component"},
		"a result's unknown row":   {change(one+"papers.json", `"event_kind"`, `"event"`), "papers.json result.fields", "catalogue.import.no_question"},
		"a result without title":   {change(one+"papers.json", `"vi": "Trích lục hộ tịch (bản sao)"`, `"vi": ""`), "papers.json result", "catalogue.import.empty"},
		"a fee by nothing":         {change(one+"fees.json", `"per": "copies"`, `"per": "pages"`), "fees.json [0].per", "catalogue.import.no_question"},
		"a fee without ground":     {change(one+"fees.json", `"vi": "Thông tư 281/2016/TT-BTC"`, `"vi": ""`), "fees.json [0]", "catalogue.import.unreadable"},
		"a step that leads astray": {change(one+"workflow.json", `"next": ["tra"]`, `"next": ["tre"]`), "workflow.json luu", "workflow.next_unknown"},
		"no deadline":              {change(one+"terms.json", `"same_day"`, `"soon"`), "terms.json deadline", "catalogue.import.time"},
		"no time to answer":        {change(one+"terms.json", `"amount": 8`, `"amount": 0`), "terms.json answer_within", "catalogue.import.time"},
		"a form, but not online":   {change(sheet, `"channel": "online"`, `"channel": "offline"`), "sheet.json channels", "catalogue.import.not_online"},
		"no sheet":                 {func(_ *testing.T, f fstest.MapFS) { delete(f, sheet) }, "sheet.json", "catalogue.import.empty"},
		"a misspelt file": {func(_ *testing.T, f fstest.MapFS) { f[one+"fee.json"] = &fstest.MapFile{Data: []byte("[]")} },
			"fee.json", "catalogue.import.file"},
		"a fact that nobody gives": {change(one+"form.json", `"population.self.id_number"`, `"population.self.shoe_size"`), "form.json requester_id", "catalogue.import.no_fact"},
		"a broken form": {func(_ *testing.T, f fstest.MapFS) {
			f[one+"form.json"] = &fstest.MapFile{Data: []byte(`{"format": 1}`)}
		}, "form.json", ""},
		"a number with an exponent": {func(t *testing.T, f fstest.MapFS) {
			replace(t, f, one+"fees.json", `"unit": 8000`, `"unit": 8e3`)
		}, "fees.json:", "catalogue.import.unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := fullFolder(t)
			c.spoil(t, f)
			got, err := read(f)
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(got.entries, func(e entry) bool { return e.code == "2.000635" }) {
				t.Error("it was taken in all the same")
			}
			if len(got.entries) != 2 {
				t.Errorf("%d others, not 2", len(got.entries))
			}
			if !slices.ContainsFunc(got.faults, func(f Fault) bool {
				return strings.HasPrefix(one, f.File+"/") && strings.HasPrefix(f.Place, c.place) && (c.key == "" || f.Message.Key == c.key)
			}) {
				t.Errorf("not told of %s at %s, but %v", c.key, c.place, got.faults)
			}
			for _, f := range got.faults {
				if strings.HasPrefix(f.Message.Key, "catalogue.") && !locales.Has(f.Message.Key) {
					t.Errorf("%s has no words", f.Message.Key)
				}
			}
		})
	}
}

func TestACodeIsTakenOnce(t *testing.T) {
	t.Parallel()
	f := small()
	replace(t, f, informationFile, `"9.000002"`, `"9.000001"`)
	got, err := read(f)
	if err != nil || len(got.entries) != 2 || len(got.faults) != 1 || got.faults[0].Message.Key != "catalogue.import.twice" {
		t.Errorf("%d entries, %v, %v", len(got.entries), got.faults, err)
	}
}

func TestAFaultyRowIsNamedByItsPlace(t *testing.T) {
	t.Parallel()
	f := small()
	replace(t, f, informationFile, `"amount": 2`, `"amount": -2`)
	got, err := read(f)
	if err != nil || len(got.entries) != 2 || len(got.faults) == 0 || got.faults[0].File != "information.json [1] 9.000002" {
		t.Errorf("%d entries, %v, %v", len(got.entries), got.faults, err)
	}
	replace(t, f, informationFile, `"tier"`, `"teir"`)
	if got, err = read(f); err != nil || len(got.entries) != 0 || !strings.Contains(got.faults[0].Message.String(), "teir") {
		t.Errorf("a misspelt name: %v, %v", got.faults, err)
	}
}
