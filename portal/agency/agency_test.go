package agency

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/calendar"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

var (
	now = time.Date(2026, 11, 20, 9, 0, 0, 0, calendar.ICT)
	key = pg.LookupKey("a key of the tests")
)

func newService(t *testing.T) *Service {
	t.Helper()
	return &Service{DB: pgtest.Open(t), Key: key, Now: func() time.Time { return now }}
}

// sample is a small province: a merger in its past, an agency that ended, an officer with
// two roles and one whose role is over.
func sample() Pack {
	return Pack{
		Province: Province{Code: "02", Name: locales.V("Tỉnh Mẫu"), Kind: "province", Prefix: "X01", Agency: "X01", Centre: "X01", Hotline: "1900",
			Seat: locales.V("Mẫu"), Receipts: Receipts{Template: "01BLP0-001", Series: "AA-26E"},
			Open: []calendar.Span{{From: calendar.At(7, 0), To: calendar.At(11, 0)}, {From: calendar.At(13, 0), To: calendar.At(17, 0)}}},
		Units: []Unit{
			{Code: "01", Name: "Tỉnh Cũ", From: "2004-07-08", To: "2025-06-30"},
			{Code: "02", Name: "Tỉnh Láng Giềng", From: "2004-07-08", To: "2025-06-30"},
			{Code: "02", Name: "Tỉnh Mẫu", From: "2025-07-01"},
			{Code: "00001", Name: "Phường Một", Parent: "02", From: "2025-07-01"},
		},
		Agencies: []Agency{
			{Code: "X01", Name: locales.V("Ủy ban nhân dân tỉnh"), Level: Provincial, Unit: "02", From: "2025-07-01"},
			{Code: "X01.01", Name: locales.V("Sở Cũ"), Level: Department, Parent: "X01", From: "2018-01-01", To: "2025-06-30"},
			{Code: "X01.01", Name: locales.V("Sở Mới"), Level: Department, Parent: "X01", From: "2025-07-01"},
			{Code: "X01.101", Name: locales.V("Ủy ban nhân dân phường Một"), Level: Communal, Parent: "X01", Unit: "00001", From: "2025-07-01"},
		},
		Years: []int{2026},
		Days: []Day{
			{Day: calendar.Day{Y: 2026, M: 8, D: 22}, Working: true, Name: "Làm bù", Ground: "thông báo"},
			{Day: calendar.Day{Y: 2026, M: 9, D: 2}, Name: "Quốc khánh", Ground: "Điều 112"},
		},
		Officers: []Person{
			{IDNumber: "091071000001", Name: "A Mẫu", Title: "Công chức", Roles: []PersonRole{
				{Agency: "X01.101", Role: Intake, From: "2025-07-01"}, {Agency: "X01.01", Role: Clerk, From: "2025-07-01"}}},
			{IDNumber: "091071000002", Name: "B Mẫu", Roles: []PersonRole{
				{Agency: "X01.101", Role: Intake, From: "2025-07-01", To: "2026-11-19"},
				{Agency: "X01.101", Role: Leader, From: "2026-11-20"}}},
		},
	}
}

func person(number string) signin.Person { return signin.Person{ID: 7, IDHash: key.Hash(number)} }

func count(t *testing.T, db *sqlx.DB, table string) int {
	t.Helper()
	var n int
	if err := db.Get(&n, `SELECT count(*) FROM `+table); err != nil {
		t.Fatal(err)
	}
	return n
}

var tables = []string{"agencies", "units", "calendar_days", "officers", "officer_roles", "province"}

func TestImportTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	s := newService(t)
	first, err := s.Import(t.Context(), sample())
	if err != nil {
		t.Fatal(err)
	}
	want := Report{Agencies: Tally{New: 4}, Units: Tally{New: 4}, Days: Tally{New: 2}, Officers: Tally{New: 2}, Roles: Tally{New: 4}}
	if first != want {
		t.Errorf("first import: %+v, want %+v", first, want)
	}
	before := map[string]int{}
	for _, table := range tables {
		before[table] = count(t, s.DB, table)
	}
	second, err := s.Import(t.Context(), sample())
	if err != nil {
		t.Fatal(err)
	}
	want = Report{Agencies: Tally{Same: 4}, Units: Tally{Same: 4}, Days: Tally{Same: 2}, Officers: Tally{Same: 2}, Roles: Tally{Same: 4}}
	if second != want {
		t.Errorf("second import: %+v, want %+v", second, want)
	}
	for table, n := range before {
		if after := count(t, s.DB, table); after != n || n == 0 {
			t.Errorf("%s: %d rows, then %d", table, n, after)
		}
	}
}

func TestImportChanges(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := s.Import(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	p := sample()
	p.Agencies[3].Phone = "0297"
	p.Units[3].Name = "Phường Hai"
	p.Days = p.Days[1:]
	p.Officers[0].Title = "Chuyên viên"
	p.Officers[0].Roles[1].To = "2026-11-19"
	got, err := s.Import(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := Report{Agencies: Tally{Same: 3, Changed: 1}, Units: Tally{Same: 3, Changed: 1}, Days: Tally{Same: 1, Removed: 1},
		Officers: Tally{Same: 1, Changed: 1}, Roles: Tally{Same: 3, Changed: 1}}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if c, err := s.Calendar(t.Context()); err != nil || c.Working(calendar.Day{Y: 2026, M: 8, D: 22}) {
		t.Errorf("the make-up day was withdrawn, but counts (%v)", err)
	}
	if a, err := s.ByCode(t.Context(), "X01.101"); err != nil || a.Phone != "0297" {
		t.Errorf("phone %q, %v", a.Phone, err)
	}
}

func TestImportLeavesNothingWhenTheLastRowFails(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := pgtest.Owner(t, s.DB).Exec(`REVOKE INSERT ON province FROM motcua_app`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), sample()); err == nil {
		t.Fatal("imported, though the last table refuses")
	}
	for _, table := range tables {
		if n := count(t, s.DB, table); n != 0 {
			t.Errorf("%d rows stayed in %s", n, table)
		}
	}
}

func TestAgenciesByDay(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := s.Import(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	names := func(day time.Time) string {
		all, err := s.All(t.Context(), day)
		if err != nil {
			t.Fatal(err)
		}
		var b []string
		for _, a := range all {
			b = append(b, a.Name.VI)
		}
		return strings.Join(b, ", ")
	}
	lastDay := time.Date(2025, 6, 30, 23, 59, 59, 0, calendar.ICT)
	if got := names(lastDay); got != "Sở Cũ" {
		t.Errorf("on the last day: %s", got)
	}
	if got := names(lastDay.Add(time.Second)); got != "Ủy ban nhân dân tỉnh, Sở Mới, Ủy ban nhân dân phường Một" {
		t.Errorf("on the first day: %s", got)
	}
	a, err := s.ByCode(t.Context(), "X01.01")
	if err != nil || a.Name.VI != "Sở Mới" {
		t.Fatalf("today's X01.01 is %q, %v", a.Name, err)
	}
	var old int64
	if err := s.DB.Get(&old, `SELECT id FROM agencies WHERE name->>'vi' = 'Sở Cũ'`); err != nil {
		t.Fatal(err)
	}
	if a, err := s.ByID(t.Context(), old); err != nil || a.Name.VI != "Sở Cũ" || a.To != "2025-06-30" {
		t.Errorf("old dossiers lose their agency: %+v, %v", a, err)
	}
	if _, err := s.ByCode(t.Context(), "X09"); !problem.Is(err, problem.NotFound) {
		t.Errorf("unknown code: %v", err)
	}
}

func TestOfficerOf(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := s.Import(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	commune, _ := s.ByCode(t.Context(), "X01.101")
	department, _ := s.ByCode(t.Context(), "X01.01")
	a, err := s.OfficerOf(t.Context(), person("091071000001"))
	if err != nil {
		t.Fatal(err)
	}
	if a.PersonID != 7 || !a.Has(Intake, commune.ID) || !a.Has(Clerk, department.ID) || a.Has(Intake, department.ID) || a.Has(Leader, commune.ID) {
		t.Errorf("%+v", a)
	}
	if got := a.Agencies(); len(got) != 2 || !slices.Contains(got, commune.ID) || !slices.Contains(got, department.ID) {
		t.Errorf("agencies %v", got)
	}
	b, err := s.OfficerOf(t.Context(), person("091071000002"))
	if err != nil || b.Has(Intake, commune.ID) || !b.Has(Leader, commune.ID) {
		t.Errorf("yesterday's role is over, today's begins today: %+v, %v", b, err)
	}
	for _, who := range []signin.Person{person("091071000003"), {ID: 8}} {
		if _, err := s.OfficerOf(t.Context(), who); !problem.Is(err, problem.NotFound) {
			t.Errorf("a stranger: %v", err)
		}
	}
	// a role that is taken away ends with the next question
	if _, err := s.DB.Exec(`UPDATE officer_roles SET valid_to = '2026-11-19' WHERE role = 'leader'`); err == nil {
		t.Error("the role of today was ended before it began, and the table took it")
	}
	if _, err := s.DB.Exec(`UPDATE officer_roles SET valid_to = '2026-11-19' WHERE role IN ('intake', 'clerk')`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.OfficerOf(t.Context(), person("091071000001")); !problem.Is(err, problem.NotFound) {
		t.Errorf("all roles are over: %v", err)
	}
}

func TestIsStaff(t *testing.T) {
	t.Parallel()
	s := newService(t)
	p := sample()
	p.Officers[1].Roles = p.Officers[1].Roles[:1] // over since yesterday
	if _, err := s.Import(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]bool{"091071000001": true, "091071000002": false, "091071000003": false} {
		if got, err := s.IsStaff(t.Context(), s.DB, key.Hash(number)); err != nil || got != want {
			t.Errorf("%s: %v, %v", number, got, err)
		}
	}
}

func TestOfficersOfAnAgency(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := s.Import(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	commune, _ := s.ByCode(t.Context(), "X01.101")
	all, err := s.Officers(t.Context(), commune.ID)
	if err != nil || len(all) != 2 || all[0].Name != "A Mẫu" || len(all[0].Roles) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	one, err := s.OfficerByID(t.Context(), all[0].ID)
	if err != nil || one.Name != "A Mẫu" || len(one.Roles) != 2 {
		t.Errorf("%+v, %v", one, err)
	}
	if _, err := s.OfficerByID(t.Context(), 9999); !problem.Is(err, problem.NotFound) {
		t.Errorf("nobody: %v", err)
	}
}

// TestNumbersAreNotKept looks for the officers' numbers in everything the import wrote.
func TestNumbersAreNotKept(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := s.Import(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	var rows []string
	if err := s.DB.Select(&rows, `SELECT o::text FROM officers o UNION ALL SELECT r::text FROM officer_roles r UNION ALL SELECT p::text FROM province p`); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(rows, "\n"); strings.Contains(all, "091071") || !strings.Contains(all, "A Mẫu") {
		t.Errorf("numbers in the clear, or nothing at all:\n%s", all)
	}
	var hash []byte
	if err := s.DB.Get(&hash, `SELECT id_hash FROM officers WHERE name = 'A Mẫu'`); err != nil || !bytes.Equal(hash, key.Hash("091071000001")) {
		t.Errorf("hash %x, %v", hash, err)
	}
}

func TestUnitsAndProvince(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := s.Province(t.Context()); !problem.Is(err, problem.Unavailable) {
		t.Errorf("before any import: %v", err)
	}
	if _, err := s.Import(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	before := time.Date(2025, 6, 30, 12, 0, 0, 0, calendar.ICT)
	old, err := s.Units(t.Context(), "", before)
	if err != nil || len(old) != 2 {
		t.Fatalf("%v, %v", old, err)
	}
	if u, err := s.Unit(t.Context(), "02", before); err != nil || u.Name != "Tỉnh Láng Giềng" {
		t.Errorf("02 was %v, %v", u, err)
	}
	if u, err := s.Unit(t.Context(), "02", now); err != nil || u.Name != "Tỉnh Mẫu" {
		t.Errorf("02 is %v, %v", u, err)
	}
	if _, err := s.Unit(t.Context(), "01", now); !problem.Is(err, problem.NotFound) {
		t.Errorf("01 is over: %v", err)
	}
	p, err := s.Province(t.Context())
	if err != nil || p.Name.VI != "Tỉnh Mẫu" || p.Receipts.Series != "AA-26E" {
		t.Errorf("%+v, %v", p, err)
	}
	if c, err := s.Calendar(t.Context()); err != nil || c.Open[0].From != calendar.At(7, 0) {
		t.Errorf("hours of the pack: %+v, %v", c.Open, err)
	}
}

// TestHeldBriefly shows that another instance's import is seen after a few seconds.
func TestHeldBriefly(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if _, err := s.Import(t.Context(), sample()); err != nil {
		t.Fatal(err)
	}
	at := now
	other := &Service{DB: s.DB, Key: key, Now: func() time.Time { return at }}
	if a, _ := other.ByCode(t.Context(), "X01.101"); a.Phone != "" {
		t.Fatal("a phone already")
	}
	p := sample()
	p.Agencies[3].Phone = "0297"
	if _, err := s.Import(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if a, _ := other.ByCode(t.Context(), "X01.101"); a.Phone != "" {
		t.Error("asked again at once")
	}
	at = at.Add(holdFor)
	if a, _ := other.ByCode(t.Context(), "X01.101"); a.Phone != "0297" {
		t.Error("never asked again")
	}
}
