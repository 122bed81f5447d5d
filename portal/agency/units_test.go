package agency

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/locales"
	"motcua/portal/calendar"
	"motcua/portal/pg/pgtest"
)

func unitFile(t *testing.T, name string) UnitFile {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := ReadUnits(name, b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func names(units []Unit) string {
	var out []string
	for _, u := range units {
		out = append(out, u.Code+" "+u.Name)
	}
	return strings.Join(out, ", ")
}

func TestAFileOfUnitsFollowsAnother(t *testing.T) {
	t.Parallel()
	s := newService(t)
	take := func(file string) UnitReport {
		t.Helper()
		r, err := s.ImportUnits(t.Context(), unitFile(t, file))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := take("units-2025.tsv"); len(r.Added) != 7 || len(r.Renamed)+len(r.Ended)+r.Same != 0 {
		t.Errorf("first: %+v", r)
	}
	if r := take("units-2025.tsv"); r.Same != 7 || len(r.Added)+len(r.Renamed)+len(r.Ended) != 0 {
		t.Errorf("again: %+v", r)
	}
	r := take("units-2027.tsv")
	if got := names(r.Added) + " | " + names(r.Renamed) + " | " + names(r.Ended); got != "30004 Phường Gò Mới | 00002 Phường Bãi Dâu | 30002 Xã Đồng Sậy" {
		t.Error(got)
	}
	if r.Changes.New != 2 || r.Ended[0].To != "2027-02-28" {
		t.Errorf("%+v", r)
	}
	if r := take("units-2027.tsv"); r.Same != 7 || r.Changes.Same != 2 || len(r.Added)+len(r.Renamed)+len(r.Ended) != 0 {
		t.Errorf("again: %+v", r)
	}
	for day, want := range map[string]string{
		"2025-06-30": "", "2027-02-28": "00001 Phường Ao Sen, 00002 Xã Bãi Dâu", "2027-03-01": "00001 Phường Ao Sen, 00002 Phường Bãi Dâu",
	} {
		d, _ := calendar.ParseDay(day)
		units, err := s.Units(t.Context(), "01", d.At(calendar.At(9, 0)))
		if got := names(units); err != nil || got != want {
			t.Errorf("on %s: %s, %v", day, got, err)
		}
	}
	if n := count(t, s.DB, "units"); n != 9 {
		t.Errorf("%d rows", n)
	}
}

func TestOldFilesAndPartsAreRefused(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := s.ImportUnits(t.Context(), unitFile(t, "units-2027.tsv")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ file, key string }{
		"older":              {"# in force since 2025-07-01\n01\tThành phố Một\t\n00002\tXã Bãi Dâu\t01\n91\tTỉnh Mẫu\t\n30001\tPhường Cầu Đá\t91\n", "agency.units.older"},
		"a province is gone": {"# in force since 2028-01-01\n01\tThành phố Một\t\n00001\tPhường Ao Sen\t01\n", "agency.units.province_gone"},
		"without communes":   {"# in force since 2028-01-01\n01\tThành phố Một\t\n00001\tPhường Ao Sen\t01\n91\tTỉnh Mẫu\t\n", "agency.units.no_communes"},
	} {
		f, err := ReadUnits(name, []byte(c.file))
		if err == nil {
			_, err = s.ImportUnits(t.Context(), f)
		}
		faults, _ := errors.AsType[Faults](err)
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Message.Key == c.key }) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := count(t, s.DB, "units"); n != 7 {
		t.Errorf("%d rows", n)
	}
}

// A file of the same day puts one before it right: what it lists no more never was.
func TestAUnitsFileIsCorrected(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, file := range []string{"01\tTỉnh A\t\n00001\tXã Sai\t01\n00002\tXã Thừa\t01\n", "01\tTỉnh A\t\n00001\tXã Đúng\t01\n"} {
		f, err := ReadUnits("f", []byte("# có hiệu lực từ 2026-01-01\n"+file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.ImportUnits(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	units, err := s.Units(t.Context(), "01", now)
	if got := names(units); err != nil || got != "00001 Xã Đúng" {
		t.Error(got, err)
	}
}

func TestAnImportOfUnitsLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := pgtest.Owner(t, s.DB).Exec(`REVOKE INSERT ON unit_files FROM motcua_app`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ImportUnits(t.Context(), unitFile(t, "units-2027.tsv")); err == nil {
		t.Fatal("imported, though the last table refuses")
	}
	if n := count(t, s.DB, "units") + count(t, s.DB, "unit_changes"); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
}

func TestBrokenFilesOfUnitsAreRefusedByLine(t *testing.T) {
	t.Parallel()
	const head = "# in force since 2025-07-01\n01\tTỉnh A\t\n"
	for name, c := range map[string]struct{ file, place, key string }{
		"nothing":           {"# in force since 2025-07-01\n", "", "agency.import.empty"},
		"no day":            {"# units\n01\tTỉnh A\t\n", "1", "agency.units.since"},
		"no such day":       {"# in force since 2025-02-30\n01\tTỉnh A\t\n", "1", "agency.import.dates"},
		"two fields":        {head + "00001\tXã B\n", "3", "agency.units.fields"},
		"spaces for tabs":   {head + "00001 Xã B 01\n", "3", "agency.units.fields"},
		"letters":           {head + "0000A\tXã B\t01\n", "3", "agency.units.code"},
		"a district":        {head + "001\tHuyện B\t01\n", "3", "agency.units.code"},
		"twice":             {head + "01\tTỉnh B\t\n", "3", "agency.units.twice"},
		"no name":           {head + "00001\t \t01\n", "3", "agency.import.empty"},
		"long name":         {head + "00001\t" + strings.Repeat("x", 201) + "\t01\n", "3", "agency.units.long"},
		"no province":       {head + "00001\tXã B\t\n", "3", "agency.units.tier"},
		"unknown province":  {head + "00001\tXã B\t02\n", "3", "agency.import.no_unit"},
		"bytes":             {head + "00001\tXã \xff\t01\n", "", "agency.units.text"},
		"change of no day":  {head + "00001\tXã B\t\t01\t1/7/2025\tNQ\n", "3", "agency.import.dates"},
		"change, no ground": {head + "00001\tXã B\t\t01\t2025-07-01\t\n", "3", "agency.import.empty"},
		"change, new code":  {head + "00001\tXã B\t\tx\t2025-07-01\tNQ\n", "3", "agency.units.code"},
		"change, old code":  {head + "1\tXã B\t\t01\t2025-07-01\tNQ\n", "3", "agency.units.code"},
	} {
		_, err := ReadUnits("f", []byte(c.file))
		faults, _ := errors.AsType[Faults](err)
		if len(faults) != 1 || faults[0].Place != c.place || faults[0].Message.Key != c.key {
			t.Errorf("%s: %v", name, faults)
		}
		for _, f := range faults {
			if !locales.Has(f.Message.Key) {
				t.Errorf("%s has no words", f.Message.Key)
			}
		}
	}
}

// A pack says again that a unit stands which a file has ended since: it stays ended.
func TestAPackDoesNotReviveUnits(t *testing.T) {
	t.Parallel()
	s := newService(t)
	p := sample()
	p.Changes = []Change{{Code: "01", Name: "Tỉnh Cũ", New: "02", Day: "2025-07-01", Ground: "NQ mẫu"}}
	if _, err := s.Import(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	f, err := ReadUnits("f", []byte("# in force since 2026-06-01\n02\tTỉnh Mẫu\t\n00007\tPhường Bảy\t02\n"))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := s.ImportUnits(t.Context(), f); err != nil || len(r.Ended) != 1 {
		t.Fatal(r, err)
	}
	r, err := s.Import(t.Context(), p)
	if err != nil || r.Units.Changed+r.Units.New != 0 || r.Changes.Same != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if units, err := s.Units(t.Context(), "02", now); err != nil || names(units) != "00007 Phường Bảy" {
		t.Error(names(units), err)
	}
}

// What the law made of units is data: a code means something only with a day.
func TestACodeMeansWhatItsDaySays(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := s.Import(t.Context(), shipped(t)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("testdata/codes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for line := range strings.Lines(string(b)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		at, err := time.ParseInLocation(time.DateOnly, fields[0], calendar.ICT)
		if err != nil {
			t.Fatal(err)
		}
		if u, err := s.Unit(t.Context(), fields[1], at); err != nil || u.Name != fields[2] {
			t.Errorf("%s on %s is %q, not %q (%v)", fields[1], fields[0], u.Name, fields[2], err)
		}
		checked++
	}
	if checked < 4 {
		t.Errorf("%d lines", checked)
	}
}

// The whole country's file goes in and out of memory as quickly as it must.
func TestAFileOfTheCountrysSize(t *testing.T) {
	t.Parallel()
	s := newService(t)
	var b strings.Builder
	b.WriteString("# in force since 2025-07-01\n")
	for p := 1; p <= 34; p++ {
		fmt.Fprintf(&b, "%02d\tTỉnh %d\t\n", p, p)
		for c := range 98 {
			fmt.Fprintf(&b, "%05d\tXã %d của %d\t%02d\n", p*1000+c, c, p, p)
		}
	}
	f, err := ReadUnits("f", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := s.ImportUnits(t.Context(), f); err != nil || len(r.Added) != 34*99 {
		t.Fatal(len(r.Added), err)
	}
	if units, err := s.Units(t.Context(), "34", now); err != nil || len(units) != 98 {
		t.Error(len(units), err)
	}
}
