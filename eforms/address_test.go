package eforms_test

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"motcua/eforms"
	"motcua/locales"
)

// merged is a province of many communes, some of which were others before.
func merged() map[string][]eforms.Option {
	l := maps.Clone(lists)
	l["communes"] = append([]eforms.Option{
		{Value: "30401", Label: locales.V("Xã Bãi Dâu"), Parent: "91", Was: "Xã Bãi Trên, Xã Bãi Dưới, Huyện Gò, Tỉnh Láng"},
		{Value: "30402", Label: locales.V("Phường Cầu Đá"), Parent: "91", Was: "Xã Bãi Dưới, Huyện Gò, Tỉnh Láng"},
	}, lists["communes"]...)
	for i := range 12 {
		l["communes"] = append(l["communes"], eforms.Option{Value: fmt.Sprint(30500 + i), Label: locales.V(fmt.Sprint("Xã Số ", i)), Parent: "91"})
	}
	l["old_units"] = []eforms.Option{
		{Value: "01001", Label: locales.V("Xã Bãi Trên"), Parent: "Huyện Gò, Tỉnh Láng", Became: []string{"30401"}},
		{Value: "01002", Label: locales.V("Xã Bãi Dưới"), Parent: "Huyện Gò, Tỉnh Láng", Became: []string{"30401", "30402"}},
		{Value: "01003", Label: locales.V("Xã Trùng Tên"), Parent: "Huyện Gò, Tỉnh Láng", Became: []string{"30401"}},
		{Value: "01004", Label: locales.V("Xã Trùng Tên"), Parent: "Huyện Khác, Tỉnh Láng", Became: []string{"30402"}},
		{Value: "89", Label: locales.V("Tỉnh Láng"), Became: []string{"91"}},
	}
	return l
}

func atHome(t *testing.T, question string, a eforms.Answers, facts ...eforms.Fact) *eforms.Run {
	t.Helper()
	r := running(asking(t, question), a, facts...)
	r.Lists = merged()
	return r
}

const (
	plainHome = `{"id":"q","kind":"address","label":"Nơi ở"}`
	oldHome   = `{"id":"q","kind":"address","label":"Nơi ở","old_address":true}`
)

func partOf(f eforms.Field, name string) *eforms.Part {
	for i := range f.Parts {
		if f.Parts[i].Part == name {
			return &f.Parts[i]
		}
	}
	return nil
}

func choicesOf(p *eforms.Part) string {
	var out []string
	if p == nil {
		return "no such part"
	}
	for _, c := range p.Choices {
		out = append(out, c.Label.VI)
	}
	return strings.Join(out, "; ")
}

// A commune is found by what it was called before, and by the district it lay in.
func TestCommunesAreSearchedByOldNames(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"bai tren":     "Xã Bãi Dâu (trước đây: Xã Bãi Trên, Xã Bãi Dưới, Huyện Gò, Tỉnh Láng)",
		"Huyện Gò":     "Xã Bãi Dâu (trước đây: Xã Bãi Trên, Xã Bãi Dưới, Huyện Gò, Tỉnh Láng); Phường Cầu Đá (trước đây: Xã Bãi Dưới, Huyện Gò, Tỉnh Láng)",
		"long xuyen":   "phường Long Xuyên",
		"không đâu cả": "",
	} {
		answers, faults, again := atHome(t, plainHome, eforms.Answers{"q": map_{"province": "91"}}).Read(1,
			body("q.province", "91", "q.commune", "", "q.find", typed, "q.detail", "12"))
		if again || len(faults) != 1 || faults[0].Field != "q.commune" {
			t.Errorf("%s: %v, again %v", typed, faults, again)
		}
		f := field(t, atHome(t, plainHome, answers).Model(1, nil), "q")
		if want == "" {
			if n := len(partOf(f, "commune").Choices); n != 16 || partOf(f, "find").Hint.EN != "Nothing has this name. The list below is whole" {
				t.Errorf("%s: %d offered, %+v", typed, n, partOf(f, "find").Hint)
			}
			continue
		}
		if got := choicesOf(partOf(f, "commune")); got != want {
			t.Errorf("%s finds %s", typed, got)
		}
	}
	answers, faults, _ := atHome(t, plainHome, eforms.Answers{"q": map_{"province": "91", "find": "bai"}}).Read(1,
		body("q.province", "91", "q.commune", "30401", "q.find", "bai", "q.detail", "12"))
	if want := (map_{"province": "91", "commune": "30401", "detail": "12"}); len(faults) > 0 || !reflect.DeepEqual(answers["q"], want) {
		t.Errorf("chosen: %v, %v", answers["q"], faults)
	}
}

// A commune that the list does not have is written out; where the list has none at all that
// is open to begin with. Of a choice and words that disagree the later one holds.
func TestACommuneCanBeWritten(t *testing.T) {
	t.Parallel()
	was := map_{"province": "91", "commune": "30401", "detail": "12"}
	typed := map_{"province": "91", "other": "Xã Mới Lập", "detail": "12"}
	for name, c := range map[string]struct {
		before map_
		sent   []string
		want   map_
	}{
		"written":              {nil, []string{"q.province", "91", "q.commune", "", "q.other", " Xã  Mới Lập ", "q.detail", "12"}, typed},
		"over the one chosen":  {was, []string{"q.province", "91", "q.commune", "30401", "q.other", "Xã Mới Lập", "q.detail", "12"}, typed},
		"then one of the list": {typed, []string{"q.province", "91", "q.commune", "30401", "q.other", "Xã Mới Lập", "q.detail", "12"}, was},
		"in another province":  {nil, []string{"q.province", "75", "q.other", "Xã Mới Lập", "q.detail", "12"}, map_{"province": "75", "other": "Xã Mới Lập", "detail": "12"}},
	} {
		before := eforms.Answers{}
		if c.before != nil {
			before["q"] = c.before
		}
		answers, faults, _ := atHome(t, plainHome, before).Read(1, body(c.sent...))
		if len(faults) > 0 || !reflect.DeepEqual(answers["q"], c.want) {
			t.Errorf("%s: %v, %v", name, answers["q"], faults)
		}
	}
	r := atHome(t, plainHome, eforms.Answers{"q": typed})
	if got := field(t, r.Model(1, nil), "q").Shown.VI; got != "12, Xã Mới Lập, tỉnh Mẫu" {
		t.Errorf("said %q", got)
	}
	if other := partOf(field(t, r.Model(1, nil), "q"), "other"); other == nil || !other.Open || !other.Last {
		t.Errorf("folded away: %+v", other)
	}
	r.Lists["communes"] = nil
	if other := partOf(field(t, r.With(eforms.Answers{"q": map_{"province": "75"}}).Model(1, nil), "q"), "other"); other == nil || !other.Open {
		t.Errorf("nothing to choose from and folded away: %+v", other)
	}
	_, faults, _ := r.Read(1, body("q.province", "91", "q.other", strings.Repeat("x", 101), "q.detail", "12"))
	if len(faults) != 1 || faults[0].Field != "q.other" {
		t.Errorf("%v", faults)
	}
}

// A select that depends on another one may have an option for what its list lacks.
func TestASelectMayHaveOthers(t *testing.T) {
	t.Parallel()
	f := asking(t, `{"id":"p","kind":"select","label":"Tỉnh","list":"provinces"}`,
		`{"id":"c","kind":"select","label":"Xã, phường","list":"communes","within":"p","other":"Không có trong danh sách"}`,
		`{"id":"name","kind":"text","label":"Tên","show_if":{"==":[{"var":"c"},"other"]}}`)
	r := running(f, eforms.Answers{"p": "75"})
	if c := field(t, r.Model(1, nil), "c").Choices; len(c) != 2 || c[1].Value != "other" {
		t.Errorf("%+v", c)
	}
	if c := field(t, running(f, nil).Model(1, nil), "c").Choices; len(c) != 0 {
		t.Errorf("before a province is chosen: %+v", c)
	}
	answers, _, again := r.Read(1, body("p", "75", "c", "other"))
	if !again {
		t.Error("the name is not asked")
	}
	answers, faults, again := r.With(answers).Read(1, body("p", "75", "c", "other", "name", "Xã Mới"))
	if again || len(faults) > 0 || answers["c"] != "other" || answers["name"] != "Xã Mới" {
		t.Errorf("%v, %v", answers, faults)
	}
	plain := asking(t, `{"id":"p","kind":"select","label":"Tỉnh","list":"provinces"}`, `{"id":"c","kind":"select","label":"Xã","list":"communes","within":"p"}`)
	if _, faults, _ := running(plain, eforms.Answers{"p": "75"}).Read(1, body("p", "75", "c", "other")); len(faults) != 1 {
		t.Errorf("taken where it is not offered: %v", faults)
	}
}

// What a register says of a commune that the list does not have stays, code and words,
// until the person chooses another; nobody can send such words themselves.
func TestARegistersUnknownCommuneStays(t *testing.T) {
	t.Parallel()
	question := `{"id":"q","kind":"address","label":"Nơi ở","fact":"population.self.residence"}`
	facts := []eforms.Fact{fact("population.self.residence.province", "91"), fact("population.self.residence.commune", "39999"),
		fact("population.self.residence.detail", "Số 5"), fact("population.self.residence.text", "Số 5, xã Vừa Lập, tỉnh Mẫu")}
	r := atHome(t, question, nil, facts...)
	f := field(t, r.Model(1, nil), "q")
	if last := partOf(f, "commune").Choices; !last[len(last)-1].Checked || last[len(last)-1].Value != "39999" || f.Source == nil {
		t.Fatalf("%+v", last)
	}
	answers, faults, _ := r.Read(1, r.Model(1, nil).Body())
	if kept := field(t, r.With(answers).Model(1, nil), "q"); len(faults) > 0 || kept.Source == nil || kept.Shown.VI != "Số 5, xã Vừa Lập, tỉnh Mẫu" {
		t.Errorf("%v, %+v", faults, kept.Shown)
	}
	answers, faults, _ = r.Read(1, body("q.province", "91", "q.commune", "39999", "q.detail", "Số 7"))
	if got := field(t, r.With(answers).Model(1, nil), "q"); len(faults) > 0 || got.Source != nil || got.Shown.VI != "Số 7, xã Vừa Lập, tỉnh Mẫu" {
		t.Errorf("%v, %+v", faults, got.Shown)
	}
	hostile := atHome(t, plainHome, nil)
	answers, _, again := hostile.Read(1, body("q.province", "91", "q.commune", "39999", "q.text", "đâu đó", "q.detail", "Số 7"))
	if !again || !reflect.DeepEqual(answers["q"], map_{"province": "91", "detail": "Số 7"}) {
		t.Errorf("kept %v", answers["q"])
	}
}

// An old address stands beside the new one. What it became is proposed, also when there is
// only one, and nothing changes before the person chooses.
func TestOldAddressesAreProposedNeverConverted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		commune, district, province string
		proposed                    string
	}{
		"one":                      {"Xã Bãi Trên", "", "", "Xã Bãi Dâu, tỉnh Mẫu; Giữ địa chỉ đã ghi ở trên"},
		"divided":                  {"bãi dưới", "Gò", "Láng", "Xã Bãi Dâu, tỉnh Mẫu; Phường Cầu Đá, tỉnh Mẫu; Giữ địa chỉ đã ghi ở trên"},
		"two of a name":            {"Trùng Tên", "", "", "Xã Bãi Dâu, tỉnh Mẫu; Phường Cầu Đá, tỉnh Mẫu; Giữ địa chỉ đã ghi ở trên"},
		"two of a name, one meant": {"Trùng Tên", "H. Khác", "", "Phường Cầu Đá, tỉnh Mẫu; Giữ địa chỉ đã ghi ở trên"},
		"another tier":             {"Phường Bãi Trên", "", "", "no such part"},
		"only the province":        {"", "", "tỉnh Láng", "tỉnh Mẫu; Giữ địa chỉ đã ghi ở trên"},
		"unknown":                  {"Xã Nào Đó", "Gò", "Láng", "no such part"},
	} {
		sent := []string{"q.province", "75", "q.commune", "26041", "q.detail", "12", "q.old_commune", c.commune, "q.old_district", c.district, "q.old_province", c.province}
		answers, faults, _ := atHome(t, oldHome, nil).Read(1, body(sent...))
		if got := answers["q"].(map_); len(faults) > 0 || got["province"] != "75" || got["commune"] != "26041" {
			t.Errorf("%s: %v, %v", name, answers["q"], faults)
		}
		f := field(t, atHome(t, oldHome, answers).Model(1, nil), "q")
		if got := choicesOf(partOf(f, "became")); got != c.proposed {
			t.Errorf("%s: proposed %s", name, got)
		}
	}
	before := eforms.Answers{"q": map_{"province": "75", "commune": "26041", "detail": "12", "old_commune": "Xã Bãi Dưới"}}
	for chosen, want := range map[string]map_{
		"30402": {"province": "91", "commune": "30402", "detail": "12", "old_commune": "Xã Bãi Dưới", "old_code": "01002"},
		"none":  {"province": "75", "commune": "26041", "detail": "12", "old_commune": "Xã Bãi Dưới", "old_code": "01002", "became": "none"},
		"30307": {"province": "75", "commune": "26041", "detail": "12", "old_commune": "Xã Bãi Dưới", "old_code": "01002"}, // not proposed
	} {
		answers, faults, _ := atHome(t, oldHome, before).Read(1,
			body("q.province", "75", "q.commune", "26041", "q.detail", "12", "q.old_commune", "Xã Bãi Dưới", "q.became", chosen))
		if len(faults) > 0 || !reflect.DeepEqual(answers["q"], want) {
			t.Errorf("%s: %v, %v", chosen, answers["q"], faults)
		}
	}
	r := atHome(t, oldHome, eforms.Answers{"q": map_{"province": "91", "commune": "30402", "detail": "12", "old_commune": "Xã Bãi Dưới", "old_district": "Huyện Gò"}})
	if f := field(t, r.Model(1, nil), "q"); f.Shown.VI != "12, Phường Cầu Đá, tỉnh Mẫu (trước đây: Xã Bãi Dưới, Huyện Gò)" || partOf(f, "became") != nil {
		t.Errorf("%s, %v", f.Shown.VI, choicesOf(partOf(f, "became")))
	}
}
