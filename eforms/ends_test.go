package eforms_test

import (
	"slices"
	"strings"
	"testing"

	"motcua/eforms"
)

const ending = `{"format":1,"id":"t","title":"T","pages":[
 {"id":"who","title":"Who","questions":[{"id":"age","kind":"integer","label":"Age"},{"id":"citizen","kind":"yesno","label":"Citizen"}]},
 {"id":"place","title":"Place","show_if":{"==":[{"var":"citizen"},true]},"questions":[{"id":"here","kind":"yesno","label":"Here"}]},
 {"id":"rest","title":"Rest","questions":[{"id":"name","kind":"name","label":"Name"}]}],
 "ends":[
 {"id":"elsewhere","after":"place","when":{"==":[{"var":"here"},false]},"title":"Nơi khác","text":"Vì ở nơi khác.","links":[{"label":"Tìm thủ tục","href":"/thu-tuc"}]},
 {"id":"young","after":"who","when":{"<":[{"var":"age"},18]},"title":{"vi":"Chưa đủ 18 tuổi","en":"Under 18"},"text":"Vì chưa đủ tuổi."}]}`

func TestEnds(t *testing.T) {
	f := load(t, ending)
	for _, tt := range []struct {
		name    string
		answers eforms.Answers
		end     string
	}{
		{"nothing yet", nil, ""},
		{"of age", eforms.Answers{"age": "20", "citizen": true}, ""},
		{"young", eforms.Answers{"age": "17", "citizen": true}, "young"},
		{"elsewhere", eforms.Answers{"age": "20", "citizen": true, "here": false}, "elsewhere"},
		{"both: the first page's", eforms.Answers{"age": "17", "citizen": true, "here": false}, "young"},
		{"a page that is hidden ends nothing", eforms.Answers{"age": "20", "citizen": false, "here": false}, ""},
	} {
		end := running(f, tt.answers).End()
		if end == nil && tt.end != "" || end != nil && end.ID != tt.end {
			t.Errorf("%s: %+v", tt.name, end)
		}
	}
}

// An end is come to from its own page and keeps everything behind it out.
func TestNothingFollowsAnEnd(t *testing.T) {
	f := load(t, ending)
	r := running(f, eforms.Answers{"age": "20", "citizen": true, "here": false, "name": "An"})
	if no, more := r.Next(1); no != 2 || !more {
		t.Errorf("before the end: %d, %v", no, more)
	}
	if no, more := r.Next(2); more {
		t.Errorf("behind the end: %d", no)
	}
	faults := r.Faults()
	if len(faults) != 1 || faults[0].Page != 2 || faults[0].Field != "here" || vi(faults[0].Message) != "Hồ sơ này không nộp được: Nơi khác" {
		t.Errorf("%v", faults)
	}
	r = r.With(eforms.Answers{"age": "20", "citizen": true, "here": true, "name": "An"})
	if no, more := r.Next(2); no != 3 || !more || len(r.Faults()) > 0 {
		t.Errorf("another answer: %d, %v, %v", no, more, r.Faults())
	}
}

// A condition about what is not answered holds before anybody was asked.
func TestAnEndWaitsForItsPage(t *testing.T) {
	f := load(t, strings.Replace(ending, `{"<":[{"var":"age"},18]}`, `{"!":{"var":"citizen"}}`, 1))
	if end := running(f, nil).End(); end != nil {
		t.Errorf("%+v before the page was filled", end)
	}
	if end := running(f, eforms.Answers{"age": "20", "citizen": false}).End(); end == nil || end.Page().ID != "who" {
		t.Errorf("%+v", end)
	}
}

func TestLoadRefusesEndsAndPrints(t *testing.T) {
	with := func(properties string) string {
		return strings.TrimSuffix(page(`{"id":"a","kind":"text","label":"A"},{"id":"n","kind":"note","text":"N"},
			{"id":"g","kind":"group","label":"G","item":"X","max_rows":3,"questions":[{"id":"x","kind":"text","label":"X"}]}`), "}") + "," + properties + "}"
	}
	end := func(rest string) string {
		return with(`"ends":[{"id":"e","title":"T","text":"T",` + rest + `}]`)
	}
	for _, tt := range []struct{ name, definition, want string }{
		{"end after no page", end(`"after":"x","when":{"var":"a"}`), "/ends/0/after: eforms.load.reference"},
		{"end by no variable", end(`"after":"p","when":{"var":"x"}`), "/ends/0/when/var: eforms.load.unknown_variable"},
		{"end before its answer", strings.Replace(ending, `"after":"place"`, `"after":"who"`, 1), "/ends/0/when: eforms.load.end_early"},
		{"end twice", strings.Replace(ending, `"young"`, `"elsewhere"`, 1), "/ends/1/id: eforms.load.twice"},
		{"end with a link that runs", end(`"after":"p","when":{"var":"a"},"links":[{"label":"L","href":"javascript:alert(1)"}]`), "/ends/0/links/0/href: eforms.load.schema"},
		{"end with a link to another host", end(`"after":"p","when":{"var":"a"},"links":[{"label":"L","href":"//elsewhere.vn"}]`), "/ends/0/links/0/href: eforms.load.schema"},
		{"print: no question", with(`"print":{"blocks":[{"heading":"H"},{"text":"Tôi là {b}"}]}`), "/print/blocks/1/text: eforms.load.reference"},
		{"print: no question in English", with(`"print":{"blocks":[{"text":{"vi":"Tôi là {a}","en":"I am {b.text}"}}]}`), "/print/blocks/0/text: eforms.load.reference"},
		{"print: a question of a row", with(`"print":{"blocks":[{"text":"Tôi là {x}"}]}`), "/print/blocks/0/text: eforms.load.reference"},
		{"print: a note", with(`"print":{"blocks":[{"rows":["a","n"]}]}`), "/print/blocks/0/rows/1: eforms.load.reference"},
		{"print: no group", with(`"print":{"blocks":[{"group":"a"}]}`), "/print/blocks/0/group: eforms.load.reference"},
		{"print: two in one", with(`"print":{"blocks":[{"group":"g","heading":"H"}]}`), "/print/blocks/0: eforms.load.schema"},
	} {
		if got := mistakes(t, tt.definition); !slices.Contains(got, tt.want) {
			t.Errorf("%s: want %s\ngot %v", tt.name, tt.want, got)
		}
	}
	f := load(t, with(`"print":{"number":"Mẫu số 01","to":true,"blocks":[{"text":"Tôi là {a}, ngày {today}"},{"rows":["a","g"]},{"group":"g"},{"sign":["Người khai"]}]}`))
	if f.Print == nil || !f.Print.To || len(f.Print.Blocks) != 4 || f.Print.Blocks[3].Sign[0].VI != "Người khai" {
		t.Errorf("%+v", f.Print)
	}
}
