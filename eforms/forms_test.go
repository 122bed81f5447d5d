package eforms_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"motcua/eforms"
)

// codes are the procedures that have a form.
func codes(t testing.TB) (out []string) {
	t.Helper()
	forms, err := filepath.Glob("../assets/catalogue/procedures/*/form.json")
	if err != nil || len(forms) < 3 {
		t.Fatalf("%v, %v", forms, err)
	}
	for _, f := range forms {
		out = append(out, filepath.Base(filepath.Dir(f)))
	}
	return out
}

// shipped loads a form of the catalogue.
func shipped(t testing.TB, code string) *eforms.Form {
	t.Helper()
	f, err := eforms.Load(definition(t, code))
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	if f.ID != code {
		t.Errorf("the form of %s says it is %s", code, f.ID)
	}
	return f
}

// definition is a form of the catalogue with its presets put in.
func definition(t testing.TB, code string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../assets/catalogue/procedures", code, "form.json"))
	if err != nil {
		t.Fatal(err)
	}
	if data, err = eforms.Expand(data, presets(t)); err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return data
}

// presets are those of the catalogue.
func presets(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../assets/catalogue/presets/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	out := map[string][]byte{}
	for _, file := range files {
		if out[strings.TrimSuffix(filepath.Base(file), ".json")], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// Every wrong number of copies is refused, and what is charged is what was asked for.
func TestCopies(t *testing.T) {
	f := shipped(t, "2.000635")
	q, _ := f.Question("copies")
	for n, wrong := range map[string]bool{"1": false, "50": false, "0": true, "51": true, "1,5": true, "": true} {
		r := running(f, nil)
		answers, faults, _ := r.Read(q.Page().No, body("event_kind", "birth", "copies", n))
		if (len(faults) > 0) != wrong {
			t.Errorf("%s copies: %v", n, faults)
		}
		if got := r.With(answers).Quantities()["copies"]; !wrong && fmt.Sprint(got) != n || wrong && got != 0 {
			t.Errorf("%s copies count as %d", n, got)
		}
	}
}

func TestBirthCases(t *testing.T) {
	f := shipped(t, "1.001193")
	for _, tt := range []struct {
		born, paper, want string
		shows             bool // the page for the reason of the delay
	}{
		{"2026-09-22", "have", "in_time", false}, // day 60
		{"2026-09-21", "have", "late", true},
		{"2026-09-21", "none", "no_paper", true},
		{"2026-11-21", "witness", "no_paper", false},
		{"", "have", "in_time", false},
	} {
		r := running(f, eforms.Answers{"child_birth_date": tt.born, "birth_paper": tt.paper})
		q, _ := f.Question("late_reason")
		if got := r.Case().ID; got != tt.want || r.Shows(q.Page().No) != tt.shows {
			t.Errorf("born %s with %s: case %s, reason asked %v", tt.born, tt.paper, got, r.Shows(q.Page().No))
		}
	}
}

func TestPromotionDates(t *testing.T) {
	f := shipped(t, "2.000033")
	q, _ := f.Question("promotion_to")
	for _, tt := range []struct{ from, to, want string }{
		{"22/11/2026", "22/11/2026", ""},
		{"21/11/2026", "30/11/2026", "Ngày bắt đầu khuyến mại phải sau hôm nay"},
		{"30/11/2026", "29/11/2026", "Ngày kết thúc phải từ ngày bắt đầu trở đi"},
	} {
		_, faults, _ := running(f, nil).Read(q.Page().No, body("promotion_name", "x", "promotion_forms", "gifts", "promotion_from", tt.from, "promotion_to", tt.to, "promotion_area", "x"))
		if len(faults) > 1 || len(faults) == 1 && vi(faults[0].Message) != tt.want || len(faults) == 0 && tt.want != "" {
			t.Errorf("%s–%s: %v, want %q", tt.from, tt.to, faults, tt.want)
		}
	}
}

// The fields that the statutory forms ask for (and the national message of 2.000033, by
// its own names), from the project's collection of rules, §13.
func TestShippedFormsAskWhatTheLawAsks(t *testing.T) {
	reserved := "agency copies return_by return_name return_phone return_province return_commune return_commune_other return_address contact_phone contact_email"
	for code, ids := range map[string]string{
		"2.000635": reserved + ` requester_name requester_id requester_birth_date requester_residence relation authoriser_name authoriser_id
			person_name person_birth_date person_id event_kind register_number register_date register_agency giay_to_lien_quan van_ban_uy_quyen`,
		"1.001193": reserved + ` requester_name requester_id requester_residence relation child_name child_birth_date child_sex child_ethnicity child_nationality
			birth_facility birth_place child_hometown mother_name mother_birth_date mother_ethnicity mother_nationality mother_residence mother_id
			father_declared father_name father_birth_date father_ethnicity father_nationality father_residence father_id
			marriage_number marriage_date marriage_agency late_reason witnesses witness_name witness_id witness_address
			giay_chung_sinh van_ban_nguoi_lam_chung giay_cam_doan days_since_birth requester_age`,
		"2.000033": strings.ReplaceAll(reserved, "copies ", "") + ` business_tax_code prizes_value the_le_chuong_trinh`,
	} {
		f := shipped(t, code)
		for _, id := range strings.Fields(ids) {
			if _, ok := f.Question(id); !ok {
				t.Errorf("%s does not ask %s", code, id)
			}
		}
	}
	national := map[string]bool{}
	for _, q := range shipped(t, "2.000033").All() {
		for _, name := range []string{q.National, q.Parts["province"], q.Parts["commune"], q.Parts["detail"]} {
			national[name] = true
		}
	}
	for _, name := range strings.Fields(`TenThuongNhan DiaChiDoanhNghiep MaTinh MaXa DiaChiChiTiet DienThoai Fax Email NguoiLienHe SoDienThoaiNguoiLienHe
		TenChuongTrinhKhuyenMai HinhThucKhuyenMai ThoiGianKhuyenMaiTu ThoiGianKhuyenMaiDen HangHoaDichVuKhuyenMai SoLuongHangHoaDichVu KhachHang
		CoCauGiaiThuong TongGiaTriHangHoa NoiDungChiTiet TenCacThuongNhanCungThucHien TepDonDangKy`) {
		if !national[name] {
			t.Errorf("2.000033 has no field for %s", name)
		}
	}
}

// One decision a page: at most 6 controls to fill for a citizen, 15 for a business; hints
// and labels in both languages, none left to machines in the third.
func TestShippedFormsAreFitForPeople(t *testing.T) {
	for _, code := range codes(t) {
		f := shipped(t, code)
		most := map[string]int{"citizen": 6, "business": 15}[f.Audience]
		for _, p := range f.Pages {
			asked := 0
			for _, q := range p.Questions {
				if q.Kind != eforms.Computed && q.Kind != eforms.Note {
					asked++
				}
			}
			if asked > most {
				t.Errorf("%s: page %s asks %d things", code, p.ID, asked)
			}
			if (p.Task == "") != (len(f.Tasks) == 0) {
				t.Errorf("%s: page %s belongs to no task", code, p.ID)
			}
		}
		data, err := f.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := json.Unmarshal(data, &document); err != nil {
			t.Fatal(err)
		}
		checkTexts(t, code, document)
	}
}

// checkTexts looks at every text of a definition.
func checkTexts(t *testing.T, place string, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			checkTexts(t, fmt.Sprintf("%s/%d", place, i), e)
		}
	case map[string]any:
		if words, ok := v["vi"].(string); ok {
			if v["en"] == nil || v["km"] != nil {
				t.Errorf("%s: %q in the wrong languages", place, words)
			}
			for _, banned := range []string{"Vui lòng", "Quý khách", "không hợp lệ", "bắt buộc"} {
				if strings.Contains(words, banned) {
					t.Errorf("%s: %q says %q", place, words, banned)
				}
			}
			for _, sentence := range strings.FieldsFunc(words, func(r rune) bool { return r == '.' || r == ';' }) {
				if n := len(strings.Fields(sentence)); n > 30 {
					t.Errorf("%s: a sentence of %d words: %q", place, n, sentence)
				}
			}
		}
		for name, e := range v {
			checkTexts(t, place+"/"+name, e)
		}
	}
}
