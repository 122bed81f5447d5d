package eforms_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"motcua/eforms"
	"motcua/locales"
)

// found are the labels of what fits.
func found(choices []eforms.Choice) string {
	var out []string
	for _, c := range choices {
		out = append(out, c.Label.VI)
	}
	return strings.Join(out, ", ")
}

// What begins so comes first, then words that begin so, then what holds it; marks are
// optional, and one typing error is forgiven where nothing else fits.
func TestSearchInALongList(t *testing.T) {
	long := map[string][]eforms.Option{"agencies": {
		{Value: "4711", Label: locales.V("Bán lẻ lương thực")}, {Value: "4719", Label: locales.V("Bán lẻ khác")}, {Value: "4620", Label: locales.V("Bán buôn nông, lâm sản")},
		{Value: "5610", Label: locales.V("Nhà hàng và dịch vụ ăn uống"), Same: []string{"quán cơm"}}, {Value: "9631", Label: locales.V("Cắt tóc, gội đầu")},
		{Value: "0118", Label: locales.V("Trồng rau, đậu các loại")}, {Value: "0119", Label: locales.V("Trồng cây đậu tương")},
	}}
	f := withLists(t, `{"id":"q","kind":"search_select","label":"Ngành nghề","list":"agencies"}`)
	r := &eforms.Run{Form: f, Lists: long, Today: today}
	for typed, want := range map[string]string{
		"bán lẻ": "Bán lẻ lương thực, Bán lẻ khác", "ban le": "Bán lẻ lương thực, Bán lẻ khác", "BÁN LẺ  khác": "Bán lẻ khác", "le ban": "Bán lẻ lương thực, Bán lẻ khác",
		"47": "Bán lẻ lương thực, Bán lẻ khác", "4620": "Bán buôn nông, lâm sản", "dau": "Cắt tóc, gội đầu, Trồng rau, đậu các loại, Trồng cây đậu tương",
		"quan com": "Nhà hàng và dịch vụ ăn uống", "trong": "Trồng rau, đậu các loại, Trồng cây đậu tương", "trog": "Trồng rau, đậu các loại, Trồng cây đậu tương",
		"torng": "Trồng rau, đậu các loại, Trồng cây đậu tương", "luonh thuc": "Bán lẻ lương thực", "ong": "Trồng rau, đậu các loại, Trồng cây đậu tương, Bán lẻ lương thực, Bán buôn nông, lâm sản",
		"": "", "  ": "", "xyz": "", "xy": "", "toc goi": "Cắt tóc, gội đầu", "\xff\x00": "",
	} {
		got := found(r.Suggest(1, "q", typed))
		if typed == "ong" { // its order is that of the list within one tier
			if len(strings.Split(got, ", ")) < 4 {
				t.Errorf("%q finds %s", typed, got)
			}
			continue
		}
		if got != want {
			t.Errorf("%q finds %s\nwant %s", typed, got, want)
		}
	}
	for _, name := range []string{"", "x", "q.text", "q."} {
		if got := r.Suggest(1, name, "ban"); got != nil {
			t.Errorf("%q finds %v", name, got)
		}
	}
	if r.Suggest(0, "q", "ban") != nil || r.Suggest(2, "q", "ban") != nil {
		t.Error("a page that is not there finds something")
	}
}

// Twenty at most are offered, and how many there are is said; a list of over two hundred is
// not in the page.
func TestSearchOffersTwenty(t *testing.T) {
	var many []eforms.Option
	for i := range 201 {
		many = append(many, eforms.Option{Value: fmt.Sprint(i), Label: locales.V(fmt.Sprintf("Ngành %d", i))})
	}
	r := &eforms.Run{Form: withLists(t, `{"id":"q","kind":"search_select","label":"Ngành nghề","list":"agencies"}`), Lists: map[string][]eforms.Option{"agencies": many}, Today: today}
	answers, faults, again := r.Read(1, body("q.text", "ngành", "chon", "q"))
	if !again || len(faults) > 0 {
		t.Fatalf("again %v, %v", again, faults)
	}
	if f := field(t, r.With(answers).Model(1, nil), "q"); len(f.Choices) != 20 || f.Found != 201 || f.Whole != nil || f.Value != "ngành" || f.Choose != "q" {
		t.Errorf("%d of %d offered, list of %d", len(f.Choices), f.Found, len(f.Whole))
	}
	answers, faults, again = r.With(answers).Read(1, body("q.text", "ngành", "q", "7"))
	if again || len(faults) > 0 || answers["q"] != "7" {
		t.Errorf("chosen %v, %v", answers, faults)
	}
	if f := field(t, r.With(answers).Model(1, nil), "q"); f.Chosen != "7" || f.Shown.VI != "Ngành 7" || len(f.Choices) > 0 {
		t.Errorf("shown %+v", f.Choices)
	}
	r.Lists["agencies"] = many[:200]
	if f := field(t, r.Model(1, nil), "q"); len(f.Whole) != 200 {
		t.Errorf("list of %d in the page", len(f.Whole))
	}
}

// Two options of one name are told apart by what was chosen; other words are a new search;
// no words take the choice back.
func TestSearchKeepsWhatWasChosen(t *testing.T) {
	r := running(withLists(t, `{"id":"q","kind":"search_select","label":"Xã","list":"communes"}`), nil)
	r.Lists = map[string][]eforms.Option{"communes": {{Value: "1", Label: locales.V("xã Tân Lập")}, {Value: "2", Label: locales.V("xã Tân Lập")}, {Value: "3", Label: locales.V("xã Hòa Bình")}}}
	for _, tt := range []struct {
		before any
		sent   []string
		want   any
	}{
		{nil, []string{"q.text", "xã Tân Lập"}, map_{"typed": "xã Tân Lập"}},
		{map_{"typed": "tân"}, []string{"q.text", "tân", "q", "2"}, "2"},
		{"2", []string{"q.text", "xã Tân Lập", "q", "2"}, "2"},
		{"2", []string{"q.text", "xã Tân Lập"}, "2"},
		{nil, []string{"q.text", "xã Tân Lập", "q", "1"}, "1"},
		{"2", []string{"q.text", "hoa binh", "q", "2"}, map_{"typed": "hoa binh"}},
		{"2", []string{"q.text", "xa hoa binh", "q", ""}, "3"},
		{"2", []string{"q.text", "", "q", "2"}, ""},
		{"2", []string{"q.text", "", "q", ""}, ""},
		{map_{"typed": "tân"}, []string{"q.text", "bình", "q", "2"}, map_{"typed": "bình"}},
		{"2", []string{"q.text", "x", "q", "999"}, map_{"typed": "x"}},
	} {
		answers, _, _ := r.With(eforms.Answers{"q": tt.before}).Read(1, body(tt.sent...))
		if !reflect.DeepEqual(answers["q"], tt.want) {
			t.Errorf("%v then %v: %v, want %v", tt.before, tt.sent, answers["q"], tt.want)
		}
	}
}
