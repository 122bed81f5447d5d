package agency

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"motcua/locales"
	"motcua/portal/calendar"
)

func TestCheckFindsEachFault(t *testing.T) {
	t.Parallel()
	if f := sample().Check(); len(f) != 0 {
		t.Fatalf("the sample is not clean: %v", f)
	}
	for name, c := range map[string]struct {
		spoil func(*Pack)
		file  string
		key   string
	}{
		"no province unit":    {func(p *Pack) { p.Province.Code = "99" }, provinceFile, "agency.import.no_unit"},
		"no hotline":          {func(p *Pack) { p.Province.Hotline = "" }, provinceFile, "agency.import.empty"},
		"centre unknown":      {func(p *Pack) { p.Province.Centre = "X09" }, provinceFile, "agency.import.no_agency"},
		"hours cross":         {func(p *Pack) { p.Province.Open[1].From = calendar.At(10, 0) }, provinceFile, "agency.import.hours"},
		"bad code":            {func(p *Pack) { p.Agencies[0].Code = "x" }, agenciesFile, "agency.import.code"},
		"bad level":           {func(p *Pack) { p.Agencies[0].Level = "ward" }, agenciesFile, "agency.import.level"},
		"parent unknown":      {func(p *Pack) { p.Agencies[3].Parent = "X07" }, agenciesFile, "agency.import.no_agency"},
		"unit unknown":        {func(p *Pack) { p.Agencies[3].Unit = "00009" }, agenciesFile, "agency.import.no_unit"},
		"agencies overlap":    {func(p *Pack) { p.Agencies[1].To = "2025-07-01" }, agenciesFile, "agency.import.twice"},
		"units overlap":       {func(p *Pack) { p.Units[1].To = "" }, unitsFile, "agency.import.twice"},
		"unit's parent":       {func(p *Pack) { p.Units[3].Parent = "77" }, unitsFile, "agency.import.no_unit"},
		"last before first":   {func(p *Pack) { p.Units[0].To = "2003-01-01" }, unitsFile, "agency.import.dates"},
		"no such day":         {func(p *Pack) { p.Agencies[0].From = "2025-02-30" }, agenciesFile, "agency.import.dates"},
		"day of another year": {func(p *Pack) { p.Days[0].Day.Y = 2027 }, calendarFile, "agency.import.year"},
		"day twice":           {func(p *Pack) { p.Days[0].Day = p.Days[1].Day }, calendarFile, "agency.import.twice"},
		"day without ground":  {func(p *Pack) { p.Days[0].Ground = "" }, calendarFile, "agency.import.empty"},
		"number":              {func(p *Pack) { p.Officers[0].IDNumber = "12" }, officersFile, "agency.import.officer"},
		"number twice":        {func(p *Pack) { p.Officers[0].IDNumber = p.Officers[1].IDNumber }, officersFile, "agency.import.twice"},
		"role unknown":        {func(p *Pack) { p.Officers[0].Roles[0].Role = "king" }, officersFile, "agency.import.role"},
		"role at no agency":   {func(p *Pack) { p.Officers[0].Roles[0].Agency = "X05" }, officersFile, "agency.import.no_agency"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := sample()
			c.spoil(&p)
			faults := p.Check()
			var keys []string
			for _, f := range faults {
				if f.File == c.file && f.Message.Key == c.key {
					if !locales.Has(f.Message.Key) {
						t.Errorf("%s has no words", f.Message.Key)
					}
					return
				}
				keys = append(keys, f.File+" "+f.Message.Key)
			}
			t.Errorf("found %v, not %s in %s", keys, c.key, c.file)
		})
	}
}

func TestFaultsDoNotTellNumbers(t *testing.T) {
	t.Parallel()
	p := sample()
	p.Officers[0].IDNumber = p.Officers[1].IDNumber
	p.Officers[1].Roles[0].Agency = "X05"
	for _, f := range p.Check() {
		for _, a := range f.Message.Args {
			if s, ok := a.Value.(string); ok && strings.Contains(s, "0910") || strings.Contains(f.Place, "0910") {
				t.Errorf("%v", f)
			}
		}
	}
}

func TestReadPackNamesTheLine(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		provinceFile: {Data: []byte(`{}`)}, unitsFile: {Data: []byte(`{"units": []}`)}, calendarFile: {Data: []byte(`{}`)},
		agenciesFile: {Data: []byte("{\n\"agencies\": [\n{\"code\": 5}\n]}")},
	}
	_, err := ReadPack(files)
	faults, ok := errors.AsType[Faults](err)
	if !ok || len(faults) != 1 || faults[0].File != agenciesFile || faults[0].Place != "3" {
		t.Fatalf("%v", err)
	}
	files[agenciesFile].Data = []byte(`{"agencies": [], "agences": []}`)
	if _, err = ReadPack(files); !strings.Contains(err.Error(), "agences") {
		t.Errorf("a misspelt name passed: %v", err)
	}
	delete(files, agenciesFile)
	if _, err = ReadPack(files); err == nil {
		t.Error("a missing file passed")
	}
}
