package agency

import (
	"strings"
	"testing"

	"motcua/assets"
	"motcua/portal/calendar"
)

// shipped is the first province that ships.
func shipped(t *testing.T) Pack {
	t.Helper()
	folder, err := assets.Province(assets.Provinces()[0])
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadPack(folder)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestShippedProvinces(t *testing.T) {
	t.Parallel()
	if len(assets.Provinces()) == 0 {
		t.Fatal("no province ships")
	}
	for _, name := range assets.Provinces() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, err := assets.Province(name)
			if err != nil {
				t.Fatal(err)
			}
			p, err := ReadPack(folder)
			if err != nil {
				t.Fatal(err)
			}
			s := newService(t)
			r, err := s.Import(t.Context(), p)
			if err != nil || r.Agencies.New != len(p.Agencies) || r.Units.New != len(p.Units) || r.Days.New != len(p.Days) {
				t.Fatalf("%+v, %v", r, err)
			}
			checkShipped(t, s, p)
		})
	}
}

// checkBodies holds that every commune of today has its People's Committee and that every
// body of before leads to one of today, districts and former departments included.
func checkBodies(t *testing.T, s *Service, communes []Unit) {
	t.Helper()
	all, err := s.All(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	serves := map[string]bool{}
	for _, a := range all {
		if a.Level == District {
			t.Errorf("%s is a district and stands", a.Code)
		}
		if a.Level == Communal {
			serves[a.Unit] = true
		}
	}
	for _, u := range communes {
		if !serves[u.Code] {
			t.Errorf("%s has no People's Committee", u.Name)
		}
	}
	formers, err := s.Formers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	levels := map[string]int{}
	for _, f := range formers {
		levels[f.Level]++
		today, err := s.Today(t.Context(), f.Agency, "")
		if err != nil || len(today) == 0 || f.To != "2025-06-30" {
			t.Errorf("%s ended on %s and leads to %v, %v", f.Name.VI, f.To, today, err)
		}
		if last, err := s.Last(t.Context(), f.Code); err != nil || last.ID != f.ID {
			t.Errorf("%s is read as %+v, %v", f.Code, last, err)
		}
		if last, err := s.Last(t.Context(), f.Before[0]); err != nil || last.ID != f.ID {
			t.Errorf("by its old code %s is %+v, %v", f.Before[0], last, err)
		}
	}
	if levels[District] != 26 || levels[Department] < 7 {
		t.Errorf("bodies of before: %v", levels)
	}
}

// checkShipped holds a shipped pack against what is known of Vietnam since 2025-07-01.
func checkShipped(t *testing.T, s *Service, p Pack) {
	t.Helper()
	provinces, err := s.Units(t.Context(), "", now)
	if err != nil || len(provinces) != 34 {
		t.Errorf("%d provinces, %v", len(provinces), err)
	}
	communes, err := s.Units(t.Context(), p.Province.Code, now)
	if err != nil || len(communes) < 40 {
		t.Errorf("%d communes, %v", len(communes), err)
	}
	if len(communes) != 102 { // of the province that ships
		t.Errorf("%d communes", len(communes))
	}
	changes, err := s.Changes(t.Context())
	provincesEnded := 0
	for _, c := range changes {
		if c.Within == "" {
			provincesEnded++
		}
	}
	if err != nil || provincesEnded != 36 { // 29 codes ended, 7 live on under the neighbour's name
		t.Errorf("%d provinces became others, %v", provincesEnded, err)
	}
	for _, a := range p.Agencies {
		if a.Name.EN == "" || a.Source == "" {
			t.Errorf("agency %s lacks English or source", a.Code)
		}
		if a.To != "" {
			continue // of before: nobody goes there any more
		}
		if !strings.HasPrefix(a.Code, p.Province.Prefix) {
			t.Errorf("agency %s is not of %s", a.Code, p.Province.Prefix)
		}
		if a.Address == "" || a.Phone == "" || a.TaxCode == "" {
			t.Errorf("agency %s lacks address, phone or tax code", a.Code)
		}
	}
	checkBodies(t, s, communes)
	c, err := s.Calendar(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for day, working := range map[string]bool{"2026-02-17": false, "2026-04-27": false, "2026-08-22": true, "2026-08-31": false, "2026-09-02": false,
		"2026-11-20": true, "2026-12-25": true, "2027-01-01": false, "2027-02-05": false, "2027-04-16": false, "2027-05-03": false} {
		if d, _ := calendar.ParseDay(day); c.Working(d) != working {
			t.Errorf("%s working: %v", day, !working)
		}
	}
	roles := map[string]bool{}
	for _, o := range p.Officers {
		if !strings.HasPrefix(o.IDNumber, "0910") && !strings.HasPrefix(o.IDNumber, "0911") || !strings.HasSuffix(o.Name, "Mẫu") {
			t.Errorf("officer %s could be taken for a real person", o.Name)
		}
		for _, r := range o.Roles {
			roles[r.Role] = true
		}
	}
	if len(roles) != len(Roles) {
		t.Errorf("roles with somebody in them: %v", roles)
	}
}
