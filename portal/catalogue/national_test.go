package catalogue

import (
	"reflect"
	"strings"
	"testing"
)

// national is each field of the national procedure record (as the services of the national
// portal name them) and where the sheet has it.
var national = map[string]string{
	"MaTTHC":                           "Code",
	"TENTTHC":                          "Name",
	"MALINHVUC":                        "Field",
	"LoaiTTHC":                         "Kind",
	"CapThucHien":                      "Tiers",
	"COQUANTHUCHIEN":                   "Agencies",
	"COQUANTHUCHIEN.MADONVI":           "Agencies.Code",
	"COQUANTHUCHIEN.TENDONVI":          "Agencies.Name",
	"COQUANTHUCHIEN.CAPDONVI":          "Agencies.Level",
	"TRINHTUTHUCHIEN.TRUONGHOP":        "Steps.Case",
	"TRINHTUTHUCHIEN.TRINHTU":          "Steps.Steps",
	"CACHTHUCTHUCHIEN.KENH":            "Channels.Channel",
	"THOIGIAN.THOIGIANGIAIQUYET":       "Channels.Time.Amount",
	"THOIGIAN.DONVITINH":               "Channels.Time.Unit",
	"THOIGIAN.MOTA":                    "Channels.Time.Note",
	"PHILEPHI.SOTIEN":                  "Channels.Fees.Amount",
	"PHILEPHI.DONVI":                   "Channels.Fees.Unit",
	"PHILEPHI.MOTA":                    "Channels.Fees.Note",
	"THANHPHANHOSO.TRUONGHOP":          "Components.Case",
	"THANHPHANHOSO.GIAYTO.MAGIAYTO":    "Components.Papers.Code",
	"THANHPHANHOSO.GIAYTO.TENMAUDON":   "Components.Papers.Form",
	"THANHPHANHOSO.GIAYTO.URL":         "Components.Papers.URL",
	"THANHPHANHOSO.GIAYTO.SoBanChinh":  "Components.Papers.Originals",
	"THANHPHANHOSO.GIAYTO.SoBanSao":    "Components.Papers.Copies",
	"THANHPHANHOSO.GIAYTO.SoChungThuc": "Components.Papers.Certified",
	"SoLuongHoSo":                      "Sets",
	"YEUCAU":                           "Requirements",
	"DOITUONGTHUCHIEN":                 "Audience",
	"KETQUATHUCHIEN.MAKETQUA":          "Results.Code",
	"KETQUATHUCHIEN.TENKETQUA":         "Results.Name",
	"CANCUPHAPLY.SOVANBAN":             "Legal.Number",
	"CANCUPHAPLY.TENVANBAN":            "Legal.Name",
	"QuyetDinhCongBo":                  "Decision.Number",
	"MucDo":                            "Level",
}

// TestNationalRecord shows that each national field has its place, and that the shipped
// sheets as a whole fill every one that the law asks for.
func TestNationalRecord(t *testing.T) {
	t.Parallel()
	var full []*Revision
	for _, r := range shipped(t).revisions {
		if len(r.Sheet.Steps) > 0 {
			full = append(full, r)
		}
	}
	if len(full) < 3 {
		t.Fatalf("%d sheets in full", len(full))
	}
	mayBeEmpty := map[string]bool{"THANHPHANHOSO.GIAYTO.URL": true} // the statutory forms have no address of their own yet
	for name, path := range national {
		typ := reflect.TypeFor[Sheet]()
		for _, part := range strings.Split(path, ".") {
			for typ.Kind() == reflect.Slice {
				typ = typ.Elem()
			}
			f, ok := typ.FieldByName(part)
			if !ok {
				t.Fatalf("%s: a sheet has no %s", name, path)
			}
			if tag := f.Tag.Get("json"); tag == "" || strings.HasPrefix(tag, ",") {
				t.Errorf("%s: %s has no name in JSON", name, path)
			}
			typ = f.Type
		}
		filled := false
		for _, r := range full {
			filled = filled || anySet(reflect.ValueOf(r.Sheet), strings.Split(path, "."))
		}
		if !filled && !mayBeEmpty[name] {
			t.Errorf("%s (%s): empty in every shipped sheet", name, path)
		}
	}
}

func anySet(v reflect.Value, path []string) bool {
	if v.Kind() == reflect.Slice && len(path) > 0 {
		for i := range v.Len() {
			if anySet(v.Index(i), path) {
				return true
			}
		}
		return false
	}
	if len(path) == 0 {
		return !v.IsZero()
	}
	return anySet(v.FieldByName(path[0]), path[1:])
}
