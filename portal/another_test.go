package portal

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/unicode/norm"

	"motcua/assets"
	"motcua/portal/pg/pgtest"
)

// anotherPack is a province that there is not.
func anotherPack() fstest.MapFS {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"province.json": file(`{"code": "99", "name": {"vi": "Tỉnh Bạch Vân", "en": "Bach Van Province"}, "kind": "province", "prefix": "Z09", "agency": "Z09", "centre": "Z09.01",
			"seat": {"vi": "Vân Phố", "en": "Van Pho"}, "hotline": "1900 9999", "email": "dvc@bachvan.example", "address": {"vi": "Số 1 phố Mây, phường Vân Phố", "en": "1 May Street, Van Pho Ward"},
			"hours": {"vi": "Thứ Hai đến thứ Sáu", "en": "Monday to Friday"}, "open": [{"from": "08:00", "to": "12:00"}], "cut_off": "15:00",
			"receipts": {"template": "01BLP0-009", "series": "BV-26E", "name": {"vi": "Biên lai", "en": "Receipt"}}, "postal": {"customer": "BV", "province": "99"}}`),
		"agencies.json": file(`{"agencies": [
			{"code": "Z09", "name": {"vi": "Ủy ban nhân dân tỉnh Bạch Vân", "en": "Bach Van Provincial People's Committee"}, "level": "province", "unit": "99", "valid_from": "2025-07-01"},
			{"code": "Z09.01", "name": {"vi": "Trung tâm Phục vụ hành chính công", "en": "Public Administration Service Centre"}, "level": "department", "parent": "Z09", "valid_from": "2025-07-01"},
			{"code": "Z09.101", "name": {"vi": "Ủy ban nhân dân phường Vân Phố", "en": "People's Committee of Van Pho Ward"}, "level": "commune", "parent": "Z09", "unit": "99001", "address": "Số 2 phố Mây", "phone": "0299 111", "valid_from": "2025-07-01"},
			{"code": "Z09.31", "name": {"vi": "Ủy ban nhân dân huyện Mây Trắng", "en": "People's Committee of May Trang District"}, "level": "district", "parent": "Z09", "valid_from": "2004-01-01", "valid_to": "2025-06-30"}],
			"heirs": [{"old_code": "Z09.31", "new_code": "Z09.101", "day": "2025-07-01", "ground": "NQ"}]}`),
		"units.json": file(`{"source": "mẫu", "units": [{"code": "99", "name": "Tỉnh Bạch Vân", "valid_from": "2025-07-01"},
			{"code": "99001", "name": "Phường Vân Phố", "parent": "99", "valid_from": "2025-07-01"}], "changes": []}`),
		"calendar.json": file(`{"years": [2026], "days": []}`),
	}
}

var linked = regexp.MustCompile(`(?:href="|<loc>)(?:https://[a-z.]+)?(/[^"<#]*)`)

// TestAnotherProvince makes the whole program that of another province by its pack alone and
// walks every public page: none says a word of the one that ships.
func TestAnotherProvince(t *testing.T) {
	t.Parallel()
	p := &Portal{DB: pgtest.Open(t), Config: Config{PublicURL: "https://another.example", BlobDir: filepath.Join(t.TempDir(), "blobs"),
		Secret: bytes.Repeat([]byte{7}, 32), LookupKey: lookupKey, Log: slog.New(slog.DiscardHandler)}}
	if err := p.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.ImportProvince(t.Context(), anotherPack()); err != nil {
		t.Fatal(err)
	}
	if err := p.ImportContent(t.Context(), assets.Content()); err != nil {
		t.Fatal(err)
	}
	if err := p.ImportCatalogue(t.Context(), assets.CatalogueOf(birth, "1.000894")); err != nil {
		t.Fatal(err)
	}
	w, err := p.Web()
	if err != nil {
		t.Fatal(err)
	}
	first := &house{t: t}
	first.readPack()
	words := []string{}
	for _, name := range []string{first.pack.Province.Name.VI, first.pack.Province.Name.EN, first.pack.Province.Seat.VI, first.pack.Province.Seat.EN, first.pack.Province.Hotline, first.pack.Province.Email} {
		name = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "Tỉnh "), "Thành phố "), " Province")
		if len(name) > 3 {
			words = append(words, strings.ToLower(name))
		}
	}
	seen, ours := map[string]bool{}, 0
	todo := []string{"/", "/?lang=en", "/thu-tuc?q=khai+sinh", "/co-quan", "/co-quan?q=may+trang", "/co-quan/Z09.101", "/co-quan/Z09.31", "/thong-ke", "/tra-cuu", "/xac-thuc", "/style",
		"/sitemap.xml", "/thay-doi.atom", "/du-lieu-mo/thu-tuc.json", "/du-lieu-mo/thu-tuc.csv", "/can-giay-gi", "/lich-hen", "/thu-tuc/" + birth + "/to-khai.pdf", "/thu-tuc/" + birth + "?lang=en"}
	for len(todo) > 0 && len(seen) < 160 {
		at := todo[0]
		todo = todo[1:]
		if seen[at] || strings.Contains(at, "lang=km") || strings.HasPrefix(at, "/dang-nhap") || strings.HasPrefix(at, "/tai-nguyen") || strings.HasPrefix(at, "/assets") {
			continue
		}
		seen[at] = true
		req, _ := http.NewRequest("GET", strings.ReplaceAll(at, "&amp;", "&"), nil)
		res, err := w.App.Test(req, -1)
		if err != nil {
			t.Fatal(at, err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode >= 500 {
			t.Errorf("%s: %d, %v", at, res.StatusCode, err)
		}
		text := strings.ToLower(norm.NFC.String(string(body)))
		for _, word := range words {
			if strings.Contains(text, word) {
				t.Errorf("%s says %q", at, word)
			}
		}
		if strings.Contains(text, "bạch vân") || strings.Contains(text, "bach van") {
			ours++
		}
		for _, m := range linked.FindAllStringSubmatch(string(body), -1) {
			todo = append(todo, m[1])
		}
	}
	if len(seen) < 40 || ours < 20 || len(words) < 4 {
		t.Errorf("%d pages walked for %v, %d name the province", len(seen), words, ours)
	}
}
