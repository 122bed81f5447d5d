package national

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"motcua/locales"
	"motcua/portal/catalogue"
)

// TestEveryFieldOfTheSheetHasAName shows that nothing of a sheet is lost between two
// portals, and that the record names nothing that a sheet does not have.
func TestEveryFieldOfTheSheetHasAName(t *testing.T) {
	t.Parallel()
	var told []string
	for _, l := range leaves() {
		var path []string
		for _, f := range l.chain {
			path = append(path, f.Path)
		}
		if at := strings.Join(path, "."); !slices.Contains(told, at) {
			told = append(told, at)
		}
	}
	told = slices.DeleteFunc(told, func(p string) bool { return p == "field_name" || p == "no" || strings.HasSuffix(p, ".no") })
	have := jsonLeaves(reflect.TypeFor[catalogue.Sheet](), "")
	for _, p := range have {
		if !slices.Contains(told, p) {
			t.Errorf("the sheet's %s has no name in the record", p)
		}
	}
	for _, p := range told {
		if !slices.Contains(have, p) {
			t.Errorf("the record names %s, which no sheet has", p)
		}
	}
}

func jsonLeaves(typ reflect.Type, prefix string) []string {
	for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[locales.Text]() {
		return []string{strings.TrimSuffix(prefix, ".")}
	}
	var all []string
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		all = append(all, jsonLeaves(typ.Field(i).Type, prefix+name+".")...)
	}
	return all
}

// TestTitles shows how exports write the same columns.
func TestTitles(t *testing.T) {
	t.Parallel()
	known := allTitles()
	for title, want := range map[string]string{
		"MATTHC": "MaTTHC", "Mã TTHC": "MaTTHC", "mã thủ tục": "MaTTHC", "TÊN TTHC": "TENTTHC",
		"CACHTHUCTHUCHIEN.PHILEPHI.SOTIEN": "CACHTHUCTHUCHIEN.PHILEPHI.SOTIEN",
		"CACHTHUCTHUCHIEN/PHILEPHI/SOTIEN": "CACHTHUCTHUCHIEN.PHILEPHI.SOTIEN",
		"SOTIEN":                           "CACHTHUCTHUCHIEN.PHILEPHI.SOTIEN",
		"PHILEPHI.MOTA":                    "CACHTHUCTHUCHIEN.PHILEPHI.MOTA",
		"KENH":                             "CACHTHUCTHUCHIEN.KENH",
		"Lĩnh vực":                         "TENLINHVUC",
		"Cơ quan thực hiện":                "COQUANTHUCHIEN.TENDONVI",
		"Số văn bản":                       "CANCUPHAPLY.SOVANBAN",
		"TENTTHC_EN":                       "TENTTHC_EN",
		"QĐ công bố":                       "QuyetDinhCongBo",
		"KETQUATHUCHIEN":                   "KETQUATHUCHIEN.TENKETQUA",
	} {
		if l := known[fold(title)]; l == nil || l.name != want {
			t.Errorf("%q is %v, want %s", title, l, want)
		}
	}
	for _, title := range []string{"MOTA", "TRUONGHOP", "URLX", "", "!!"} { // several have it, or none
		if l := known[fold(title)]; l != nil {
			t.Errorf("%q is %s", title, l.name)
		}
	}
}
