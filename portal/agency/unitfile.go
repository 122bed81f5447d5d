package agency

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
)

// UnitFile is a file of administrative units: all that stand in the country since a day,
// and what became of older ones. Either part may be missing.
type UnitFile struct {
	Name    string // of the file, for what is said about it
	Day     string // since when its units are in force
	Source  string // its first line
	SHA256  string
	Units   []Unit
	Changes []Change

	at map[string]int // line by code
}

// Change says what a unit became. One old unit that was divided has several.
type Change struct {
	Code   string `json:"old_code,omitempty" db:"old_code"`     // empty where it is not known
	Name   string `json:"old_name" db:"old_name"`               // Xã Hòa Lạc
	Within string `json:"old_within,omitempty" db:"old_within"` // Huyện Phú Tân, Tỉnh …; empty for a province
	New    string `json:"new_code" db:"new_code"`
	Day    string `json:"day" db:"day"` // the first day of the new one
	Ground string `json:"ground" db:"ground"`
}

var (
	unitCode = regexp.MustCompile(`^(\d{2}|\d{5})$`)
	oldCode  = regexp.MustCompile(`^(\d{2}|\d{3}|\d{5})?$`)
	since    = regexp.MustCompile(`(?:in force since|có hiệu lực từ) (\d{4}-\d{2}-\d{2})`)
)

// The fields of a line, parted by tabs.
const (
	unitFields   = 3 // code, full name, code of the province (empty for a province)
	changeFields = 6 // old code, old name, where it lay, new code, day, ground
	longestName  = 200
)

// ReadUnits reads a file of administrative units. A line that begins with # is a comment;
// one comment says "in force since 2025-07-01". The error is Faults, each with its line.
func ReadUnits(name string, b []byte) (UnitFile, error) {
	sum := sha256.Sum256(b)
	f := UnitFile{Name: name, SHA256: hex.EncodeToString(sum[:]), at: map[string]int{}}
	var faults Faults
	if !utf8.Valid(b) {
		faults.add(name, "", "agency.units.text")
		return f, faults
	}
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	lines.Buffer(nil, 1<<20)
	for no := 1; lines.Scan(); no++ {
		line := norm.NFC.String(strings.TrimRight(lines.Text(), "\r"))
		switch {
		case strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "#"):
			f.comment(line)
		default:
			f.line(no, strings.Split(line, "\t"), &faults)
		}
	}
	if err := lines.Err(); err != nil {
		faults.add(name, "", "agency.import.unreadable", locales.S("why", err.Error()))
	}
	f.complete(&faults)
	if len(faults) > 0 {
		return f, faults
	}
	return f, nil
}

func (f *UnitFile) comment(line string) {
	if f.Source == "" {
		f.Source = strings.TrimSpace(strings.TrimLeft(line, "#"))
	}
	if m := since.FindStringSubmatch(line); m != nil && f.Day == "" {
		f.Day = m[1]
	}
}

func (f *UnitFile) line(no int, fields []string, faults *Faults) {
	for i := range fields {
		fields[i] = strings.Join(strings.Fields(fields[i]), " ")
	}
	place := fmt.Sprint(no)
	switch len(fields) {
	case unitFields:
		u := Unit{Code: fields[0], Name: fields[1], Parent: fields[2]}
		f.checkUnit(place, u, faults)
		f.at[u.Code] = no
		f.Units = append(f.Units, u)
	case changeFields:
		c := Change{Code: fields[0], Name: fields[1], Within: fields[2], New: fields[3], Day: fields[4], Ground: fields[5]}
		c.check(f.Name, place, faults)
		f.Changes = append(f.Changes, c)
	default:
		faults.add(f.Name, place, "agency.units.fields", locales.N("n", int64(len(fields))))
	}
}

func (f *UnitFile) checkUnit(place string, u Unit, faults *Faults) {
	switch {
	case !unitCode.MatchString(u.Code):
		faults.add(f.Name, place, "agency.units.code", locales.S("code", cut(u.Code)))
	case f.at[u.Code] > 0:
		faults.add(f.Name, place, "agency.units.twice", locales.S("code", u.Code), locales.N("line", int64(f.at[u.Code])))
	}
	if u.Name == "" {
		faults.add(f.Name, place, "agency.import.empty")
	}
	if utf8.RuneCountInString(u.Name) > longestName {
		faults.add(f.Name, place, "agency.units.long")
	}
	if len(u.Code) == 2 && u.Parent != "" || len(u.Code) == 5 && u.Parent == "" {
		faults.add(f.Name, place, "agency.units.tier", locales.S("code", u.Code))
	}
}

func (c Change) check(file, place string, faults *Faults) {
	if !oldCode.MatchString(c.Code) {
		faults.add(file, place, "agency.units.code", locales.S("code", cut(c.Code)))
	}
	if !unitCode.MatchString(c.New) {
		faults.add(file, place, "agency.units.code", locales.S("code", cut(c.New)))
	}
	if c.Name == "" || c.Ground == "" {
		faults.add(file, place, "agency.import.empty")
	}
	if max(utf8.RuneCountInString(c.Name), utf8.RuneCountInString(c.Within), utf8.RuneCountInString(c.Ground)) > longestName {
		faults.add(file, place, "agency.units.long")
	}
	checkDates(faults, file, place, c.Day, "")
}

// complete checks what only the whole file shows.
func (f *UnitFile) complete(faults *Faults) {
	if len(f.Units)+len(f.Changes) == 0 {
		faults.add(f.Name, "", "agency.import.empty")
	}
	if len(f.Units) == 0 {
		return
	}
	if f.Day == "" {
		faults.add(f.Name, "1", "agency.units.since")
	} else {
		checkDates(faults, f.Name, "1", f.Day, "")
	}
	for i, u := range f.Units {
		f.Units[i].From = f.Day
		if u.Parent != "" && (f.at[u.Parent] == 0 || len(u.Parent) != 2) {
			faults.add(f.Name, fmt.Sprint(f.at[u.Code]), "agency.import.no_unit", locales.S("code", cut(u.Parent)))
		}
	}
}

// cut keeps what stands in a broken file from filling the report.
func cut(s string) string {
	const most = 20
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
