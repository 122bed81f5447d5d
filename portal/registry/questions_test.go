package registry

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/eforms"
	"motcua/portal/signin"
	"motcua/portal/standin"
)

// TestEverySource asks all of them at once, as one page does; each fact is known by its name.
func TestEverySource(t *testing.T) {
	t.Parallel()
	w := newConnected(t)
	questions := []Question{Self(), Spouse(), Ward(childNumber), Acting(rice, anNumber), OwnMarriage(), OwnLand(), OwnLicence()}
	answers := w.Ask(t.Context(), Asking{Person: an(), Object: object, Procedure: "2.000635"}, questions)
	var all []eforms.Fact
	for i, a := range answers {
		if a.Outcome != Found || a.Source != questions[i].Source() || len(a.Facts) == 0 {
			t.Errorf("%s: %s, %d facts", questions[i].Source(), a.Outcome, len(a.Facts))
		}
		for _, f := range a.Facts {
			if eforms.SourceOf(f.Name) != a.Source || !Known(f.Name) || f.By != "person:7" || f.RequestID == "" || f.Service == "" || f.Source != Sources[a.Source].Name {
				t.Errorf("%+v", f)
			}
		}
		all = append(all, a.Facts...)
	}
	for name, want := range map[string]string{
		"population.subject.full_name": "Trần An Hân", "population.spouse.id_number": spouseNumber, "population.self.household.number": "HO-1",
		"population.self.household.head.relation": "Chủ hộ", "civil.marriage.number": "3/1999", "civil.marriage.spouse.full_name": "Trần Văn Bình",
		"land.own.count": "1", "land.own.parcel": "345", "licence.own.count": "1", "licence.own.class": "A1", "licence.own.expires_on": "2032-06-15",
	} {
		if got := value(all, name); got != want {
			t.Errorf("%s = %v, want %s", name, got, want)
		}
	}
	// the own record was asked for once: for the page and to know the spouse
	if n := w.count(t, `SELECT count(*) FROM lookups WHERE source = 'population.self'`); n != 1 {
		t.Errorf("%d look-ups of the own record", n)
	}
	if n := w.count(t, `SELECT count(*) FROM lookups WHERE procedure_code = '2.000635' AND purpose = 'fill' AND person_id = 7`); n != w.count(t, `SELECT count(*) FROM audit`) || n != 9 {
		t.Errorf("%d look-ups on record", n)
	}
}

// TestWards: whom a register names for the person, and whom not. What is asked about them is
// asked after that.
func TestWards(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, number string
		want         Outcome
		about        bool
	}{
		{"a child", childNumber, Found, true},
		{"a ward", wardNumber, Found, true},
		{"a child that only the household knows", houseNumber, Found, true},
		{"a lodger", lodgerNumber, Refused, true}, // the two registers name both together
		{"a child of age", grownNumber, Refused, false},
		{"a stranger", foreignOne, Refused, false},
		{"themself", anNumber, Refused, false},
		{"no number", "08932400020", Refused, false},
		{"two numbers", childNumber + "," + foreignOne, Refused, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newConnected(t)
			for range 2 {
				a := w.put(t, Ward(tt.number))
				if a.Outcome != tt.want || (len(a.Facts) > 0) != (tt.want == Found) {
					t.Errorf("%s with %d facts", a.Outcome, len(a.Facts))
				}
			}
			if n := w.about(tt.number); (n > 0) != tt.about && tt.number != anNumber {
				t.Errorf("%d questions about them", n)
			}
			for _, e := range w.population.Entries() {
				if tt.want != Found && strings.Contains(e.Body, "<SoDinhDanh>"+tt.number+"</SoDinhDanh>") && tt.number != anNumber {
					t.Errorf("asked for their record: %s", e.Body)
				}
			}
		})
	}
}

// TestSilenceIsNotNo: while a register does not answer nobody is called a stranger.
func TestSilenceIsNotNo(t *testing.T) {
	t.Parallel()
	w := newConnected(t)
	w.civil.Set(standin.Fault{Mode: "dead"})
	for range 3 {
		for _, number := range []string{childNumber, foreignOne, "001190000992", "001190000993"} {
			if a := w.put(t, Ward(number)); a.Outcome != Unavailable {
				t.Errorf("%s: %s", number, a.Outcome)
			}
		}
	}
	if locked, err := w.Locked(t.Context(), 7); err != nil || locked || w.about(foreignOne) > 0 {
		t.Errorf("locked %v, %d questions (%v)", locked, w.about(foreignOne), err)
	}
}

func TestWardsOfAPerson(t *testing.T) {
	t.Parallel()
	w := newConnected(t)
	a := Asking{Person: an(), Object: "person:7", Procedure: "2.000635"}
	want := []WardOf{{childNumber, "Trần An Hân", "2024-02-10", "child"}, {wardNumber, "Phạm Được Giữ", "2012-01-01", "ward"}}
	if all, o := w.Wards(t.Context(), a); o != Found || !slices.Equal(all, want) {
		t.Errorf("%s %v", o, all)
	}
	if n := w.count(t, `SELECT count(*) FROM lookups WHERE purpose = 'wards' AND subject = $1`, w.Key.Hash(anNumber)); n != 2 {
		t.Errorf("%d look-ups on record", n)
	}
	a.Person = signin.Person{ID: 8, IDNumber: giverNumber}
	if all, o := w.Wards(t.Context(), a); o != Found || len(all) != 0 {
		t.Errorf("of somebody without: %s %v", o, all)
	}
	w.civil.Set(standin.Fault{Mode: "other"})
	if all, o := w.Wards(t.Context(), a); o != Refused || len(all) != 0 {
		t.Errorf("other people's: %s %v", o, all)
	}
	w.Civil = nil
	if all, o := w.Wards(t.Context(), a); o != Unavailable || len(all) != 0 {
		t.Errorf("not connected: %s %v", o, all)
	}
}

func TestSpouseIsWhomTheOwnRecordNames(t *testing.T) {
	t.Parallel()
	w := newConnected(t)
	for record, want := range map[string]Outcome{
		`{"full_name": "", "id_number": ""}`: NotFound, `{"full_name": "Ai Đó", "id_number": "` + anNumber + `"}`: NotFound, `{"full_name": "Ai Đó", "id_number": "1"}`: NotFound,
	} {
		if err := w.population.Edit(`{"id_number": "` + anNumber + `", "spouse": ` + record + `}`); err != nil {
			t.Fatal(err)
		}
		if a := w.put(t, Spouse()); a.Outcome != want {
			t.Errorf("%s: %s", record, a.Outcome)
		}
	}
}

func TestNobodyAsksNothing(t *testing.T) {
	t.Parallel()
	w := newConnected(t)
	p := an()
	p.ID = 0
	for _, q := range []Question{Self(), Ward(childNumber), OwnLand(), {}} {
		if a := w.Ask(t.Context(), Asking{Person: p, Object: object}, []Question{q})[0]; a.Outcome == Found || len(a.Facts) > 0 {
			t.Errorf("%+v: %+v", q, a)
		}
	}
	if n := w.upstream() + len(w.xroad.Entries()); n != 0 {
		t.Errorf("%d questions left the house", n)
	}
}

// TestSlowRegisters: a page waits once for all of them.
func TestSlowRegisters(t *testing.T) {
	t.Parallel()
	w := newConnected(t)
	w.Wait = 2 * time.Second // ample for the one that answers; the others never do
	w.xroad.Set(standin.Fault{Mode: "slow"})
	w.population.Set(standin.Fault{Mode: "slow"})
	for _, a := range w.Ask(t.Context(), Asking{Person: an(), Object: object}, []Question{Self(), Spouse(), OwnLand(), OwnLicence(), OwnMarriage(), Acting(rice, anNumber)}) {
		if want := map[bool]Outcome{true: Found, false: Unavailable}[a.Source == BusinessActing]; a.Outcome != want {
			t.Errorf("%s: %s", a.Source, a.Outcome)
		}
	}
}

func TestKnown(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"population.self.full_name": true, "population.self": true, "population.spouse.residence": true, "population.subject.father": true,
		"population.self.birth_date.age": true, "computed.self.age": true, "applicant.capacity": true, "civil.marriage": true,
		"population.self.shoe_size": false, "population.other.full_name": false, "population": false, "": false, "population.self.": false,
		"business.self.name": false, "computed.other.age": false, "population.self.full_name.x": false, "land.area": false,
	} {
		if Known(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

func TestComputed(t *testing.T) {
	t.Parallel()
	form, err := eforms.Load([]byte(`{"format":1,"id":"f","title":"F","declaration":"Tôi cam đoan","pages":[{"id":"p","title":"P","questions":[
		{"id":"age","kind":"integer","label":"Tuổi","fact":"computed.self.age"},
		{"id":"same","kind":"yesno","label":"Cùng chỗ ở","fact":"computed.spouse.same_residence"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(Needed(form)); got != "[population.self population.spouse]" {
		t.Errorf("needs %s", got)
	}
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	known := []eforms.Fact{{Name: "population.self.birth_date", Value: "2006-11-24", At: at}, {Name: "population.self.residence.commune", Value: "30307"},
		{Name: "population.self.residence.detail", Value: "Số 12, đường A"}, {Name: "population.spouse.residence.commune", Value: "30307"},
		{Name: "population.spouse.residence.detail", Value: "số 12 đường A"}}
	got := WithComputed(form, known, at)
	if value(got, "computed.self.age") != 19 || value(got, "computed.spouse.same_residence") != true || value(got, "computed.current.same_residence") != nil {
		t.Errorf("%v", said(got))
	}
	if got = WithComputed(form, got, at.AddDate(0, 0, 1)); value(got, "computed.self.age") != 20 || len(got) != len(known)+2 {
		t.Errorf("the next day: %v", said(got))
	}
	run := &eforms.Run{Form: form, Facts: got, Today: at}
	if v := run.Visible(); v["age"] == nil || v["same"] != true {
		t.Errorf("the form has %v", v)
	}
}
