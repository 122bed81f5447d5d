package eforms_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"motcua/eforms"
)

const person = `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[
 {"id":"name","kind":"name","label":"Tên","fact":"population.self.full_name","locked":true},
 {"id":"born","kind":"date_or_year","label":"Ngày sinh","fact":["population.self.birth_date","population.self.birth_year"],"locked":true,"not_after":"today"},
 {"id":"sex","kind":"radios","label":"Giới tính","fact":"population.self.sex","locked":true,"options":[{"value":"male","label":"Nam"},{"value":"female","label":"Nữ","same":["F","2"]}]},
 {"id":"home","kind":"address","label":"Thường trú","fact":"population.self.residence","locked":true},
 {"id":"phone","kind":"phone","label":"Điện thoại","fact":"population.self.phone"},
 {"id":"age","kind":"computed","label":"Tuổi","compute":{"var":"born.age"}},
 {"id":"mr","kind":"text","label":"X","optional":true,"show_if":{"==":[{"var":"fact.population.self.sex"},"male"]}},
 {"id":"to","kind":"select","label":"Tỉnh","list":"provinces","default":{"var":"home.province"}}]}]}`

func facts() []eforms.Fact {
	return []eforms.Fact{
		fact("population.self.full_name", "Nguyễn Thị Đào An"),
		fact("population.self.birth_date", "1990-03-31"),
		fact("population.self.birth_year", "1990"),
		fact("population.self.sex", "female"),
		fact("population.self.residence.province", "91"),
		fact("population.self.residence.commune", "30307"),
		fact("population.self.residence.detail", "Số 12"),
		fact("population.self.residence.text", "Số 12, phường Long Xuyên, tỉnh Mẫu"),
		fact("population.self.phone", "0912345678"),
	}
}

func TestFactsFillAndLock(t *testing.T) {
	f := load(t, person)
	r := running(f, nil, facts()...)
	m := r.Model(1, nil)
	for name, want := range map[string]string{
		"name": "Nguyễn Thị Đào An", "born": "31/3/1990", "sex": "Nữ", "home": "Số 12, phường Long Xuyên, tỉnh Mẫu", "phone": "0912 345 678",
	} {
		got := field(t, m, name)
		if got.Shown.VI != want || got.Source == nil || got.Source.Source.VI != "CSDL quốc gia về dân cư" || !got.Source.At.Equal(today) {
			t.Errorf("%s: %q from %v", name, got.Shown.VI, got.Source)
		}
		if got.Locked != (name != "phone") {
			t.Errorf("%s: locked %v", name, got.Locked)
		}
	}
	if got := field(t, m, "phone"); got.Value != "0912345678" {
		t.Errorf("an editable fact stands in its control as %q", got.Value)
	}
	if age := r.Quantities()["age"]; age != 36 {
		t.Errorf("age %d", age)
	}
	want := eforms.Answers{
		"name": "Nguyễn Thị Đào An", "born": "1990-03-31", "sex": "female", "phone": "0912345678", "age": int64(36), "to": "91",
		"home": map[string]any{"province": "91", "commune": "30307", "detail": "Số 12", "text": "Số 12, phường Long Xuyên, tỉnh Mẫu"},
	}
	if got := r.Visible(); !reflect.DeepEqual(got, want) {
		t.Errorf("filed %v", got)
	}
	if len(r.Faults()) > 0 {
		t.Errorf("faults %v", r.Faults())
	}
	if got := f.Sources(); !reflect.DeepEqual(got, []string{"population.self"}) {
		t.Errorf("sources %v", got)
	}
}

// A posted value never overrides what a register says of the person; other answers do.
func TestPostedValuesDoNotOverrideLockedFacts(t *testing.T) {
	r := running(load(t, person), eforms.Answers{"name": "Kẻ Mạo Danh"}, facts()...)
	answers, faults, _ := r.Read(1, body("name", "Kẻ Khác", "born.year", "1950", "sex", "male", "home.province", "75", "phone", "0987654321", "to", "75"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	got := r.With(answers).Visible()
	if got["name"] != "Nguyễn Thị Đào An" || got["born"] != "1990-03-31" || got["sex"] != "female" || got["home"].(map[string]any)["province"] != "91" {
		t.Errorf("filed %v", got)
	}
	if got["phone"] != "0987654321" || got["to"] != "75" {
		t.Errorf("filed %v", got)
	}
	if answers["name"] != "Kẻ Mạo Danh" || answers["sex"] != nil {
		t.Errorf("a locked answer was stored: %v", answers)
	}
	m := r.With(answers).Model(1, nil)
	if field(t, m, "phone").Source != nil {
		t.Error("a changed value is said to come from the register")
	}
}

// A registry that is down: the same questions are asked by hand.
func TestWithoutFactsEverythingIsAsked(t *testing.T) {
	r := running(load(t, person), nil)
	for _, f := range r.Model(1, nil).Fields {
		if f.Locked || f.Source != nil || !f.Shown.Empty() {
			t.Errorf("%s is filled: %v", f.Name, f.Shown)
		}
	}
	answers, faults, again := r.Read(1, body("name", "An", "born.year", "1990", "sex", "female", "home.province", "91", "home.commune", "30307",
		"home.detail", "12", "phone", "0912345678", "to", "91"))
	if again || len(faults) > 0 || r.With(answers).Visible()["name"] != "An" {
		t.Errorf("again %v, %v, %v", again, faults, answers)
	}
	if age := r.With(answers).Quantities()["age"]; age != 35 {
		t.Errorf("age by the year alone %d", age)
	}
}

func TestFactsOfAnyShape(t *testing.T) {
	f := load(t, person)
	for _, tt := range []struct {
		name  string
		facts []eforms.Fact
		field string
		shown string
		lock  bool
	}{
		{"the year alone", []eforms.Fact{fact("population.self.birth_year", "1950")}, "born", "1950", true},
		{"the year as a number", []eforms.Fact{fact("population.self.birth_year", 1950)}, "born", "1950", true},
		{"a day that is none", []eforms.Fact{fact("population.self.birth_date", "1990-02-30"), fact("population.self.birth_year", "1990")}, "born", "1990", true},
		{"a day to come is not judged", []eforms.Fact{fact("population.self.birth_date", "2030-01-01")}, "born", "1/1/2030", true},
		{"a choice by its label", []eforms.Fact{fact("population.self.sex", "NAM")}, "sex", "Nam", true},
		{"a choice by another name", []eforms.Fact{fact("population.self.sex", 2.0)}, "sex", "Nữ", true},
		{"a choice that is none", []eforms.Fact{fact("population.self.sex", "9")}, "sex", "", false},
		{"an address as text", []eforms.Fact{fact("population.self.residence", "Số 1, huyện cũ")}, "home", "Số 1, huyện cũ", true},
		{"an address as a record", []eforms.Fact{fact("population.self.residence", map[string]any{"province": "91", "commune": "30307", "detail": "Số 3"})}, "home", "Số 3, phường Long Xuyên, tỉnh Mẫu", true},
		{"an address of unknown codes", []eforms.Fact{fact("population.self.residence.province", "89"), fact("population.self.residence.text", "tỉnh cũ")}, "home", "tỉnh cũ", true},
		{"nothing", []eforms.Fact{fact("population.self.full_name", "")}, "name", "", false},
		{"a list for a name", []eforms.Fact{fact("population.self.full_name", []any{"x"})}, "name", "", false},
	} {
		r := running(f, nil, tt.facts...)
		if got := field(t, r.Model(1, nil), tt.field); got.Shown.VI != tt.shown || got.Locked != tt.lock {
			t.Errorf("%s: %q, locked %v", tt.name, got.Shown.VI, got.Locked)
		}
	}
}

// What was stored as JSON with the draft gives the same page as what came from the wire.
func TestFactsGoThroughJSON(t *testing.T) {
	b, err := json.Marshal(facts())
	if err != nil {
		t.Fatal(err)
	}
	var stored []eforms.Fact
	if err := json.Unmarshal(b, &stored); err != nil {
		t.Fatal(err)
	}
	f := load(t, person)
	if a, b := running(f, nil, facts()...).Visible(), running(f, nil, stored...).Visible(); !reflect.DeepEqual(a, b) {
		t.Errorf("%v\n%v", a, b)
	}
}

// What was filed shows the same outline again, with the facts it was filed with and without.
func TestFiledAnswersShowTheSame(t *testing.T) {
	f := load(t, person)
	r := running(f, nil, facts()...)
	b, err := eforms.Canonical(r.Visible())
	if err != nil {
		t.Fatal(err)
	}
	var filed eforms.Answers
	if err := json.Unmarshal(b, &filed); err != nil {
		t.Fatal(err)
	}
	want := words(r.Outline())
	if got := words(running(f, filed, facts()...).Outline()); got != want {
		t.Errorf("with facts\n%s\nwant\n%s", got, want)
	}
	if got := words(running(f, filed).Outline()); got != want {
		t.Errorf("without\n%s\nwant\n%s", got, want)
	}
}

// The same question is one's own record for the mother, and her husband's for the father.
func TestFactsThatDependOnWhoFiles(t *testing.T) {
	t.Parallel()
	f := asking(t, `{"id":"who","kind":"radios","label":"Ai","options":[{"value":"mother","label":"Mẹ"},{"value":"father","label":"Cha"},{"value":"other","label":"Khác"}]}`,
		`{"id":"name","kind":"name","label":"Mẹ","fact":["population.self.full_name","population.spouse.full_name"],"locked":true,
			"fact_if":{"population.self":{"==":[{"var":"who"},"mother"]},"population.spouse":{"==":[{"var":"who"},"father"]}}}`,
		`{"id":"person","kind":"person","label":"Mẹ","parts":["name","id_number"],"fact":["population.self","population.spouse"],
			"fact_if":{"population.self":{"==":[{"var":"who"},"mother"]},"population.spouse":{"==":[{"var":"who"},"father"]}}}`)
	facts := []eforms.Fact{fact("population.self.full_name", "Lê Thị Một"), fact("population.spouse.full_name", "Trần Văn Hai"), fact("population.spouse.id_number", "089090000102")}
	for who, want := range map[string]string{"mother": "Lê Thị Một", "father": "Trần Văn Hai", "other": "", "": ""} {
		m := running(f, eforms.Answers{"who": who}, facts...).Model(1, nil)
		name, person := field(t, m, "name"), field(t, m, "person")
		if name.Shown.VI != want || name.Locked != (want != "") || (name.Source != nil) != (want != "") || person.Fields[0].Value != want {
			t.Errorf("%s: %q, locked %v, %q", who, name.Shown.VI, name.Locked, person.Fields[0].Value)
		}
	}
	got := mistakes(t, `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[
		{"id":"name","kind":"name","label":"Mẹ","fact":"population.self.full_name","fact_if":{"population.spouse":{"==":[1,1]}}}]}]}`)
	if want := "/pages/0/questions/0/fact_if/population.spouse: eforms.load.fact_if"; !strings.Contains(strings.Join(got, " "), want) {
		t.Errorf("%v", got)
	}
}
