package national

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/pg/pgtest"
)

var morning = time.Date(2026, 11, 20, 9, 0, 0, 0, locales.ICT)

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

// shipped are the sheets that come with the program, and their fields.
func shipped(t *testing.T) ([]catalogue.Sheet, Lists) {
	t.Helper()
	db := pgtest.Filled(t, "catalogue", func(db *sqlx.DB) {
		s := &catalogue.Service{DB: db, Now: at(morning)}
		if _, err := s.Import(t.Context(), assets.Catalogue()); err != nil {
			t.Fatal(err)
		}
	})
	s := &catalogue.Service{DB: db, Now: at(morning)}
	revisions, err := s.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var sheets []catalogue.Sheet
	var lists Lists
	seen := map[string]bool{}
	for _, r := range revisions {
		sheets = append(sheets, r.Sheet)
		if !seen[r.Field.Code] {
			seen[r.Field.Code] = true
			lists.Fields = append(lists.Fields, r.Field)
		}
	}
	return sheets, lists
}

// everything is a sheet that fills every field, with what is hard to write down.
func everything() catalogue.Sheet {
	v := func(vi, en string) locales.Text { return locales.Text{VI: vi, EN: en} }
	return catalogue.Sheet{
		Code: "9.000100", Name: locales.Text{VI: "Cấp \"giấy\"; mẫu,\nhai dòng", EN: "A paper", KM: "លិខិត"}, Summary: v("- Tóm tắt", ""),
		Field: "ho-tich", Kind: "=1+1", Tiers: []string{"province", "commune"}, Level: 3, Assurance: 2,
		Audience: []string{"citizen", "business", "organisation"},
		Agencies: []catalogue.Office{
			{Code: "X01.02", Name: v("Sở Mẫu", "Sample"), Role: catalogue.Receives},
			{Level: "commune", Name: v("Ủy ban nhân dân cấp xã", ""), Role: catalogue.Decides}},
		Steps: []catalogue.Steps{
			{ID: "in_time", Case: v("Đúng hạn", "In time"), Steps: []locales.Text{v("Nộp", "File"), v("Chờ", ""), v("Chờ", "")}},
			{Steps: []locales.Text{v("Bước của trường hợp không tên", "")}},
			{Case: v("Đúng hạn", "Again"), Steps: []locales.Text{v("'=Nộp", "")}}},
		Channels: []catalogue.Channel{
			{Channel: "online", Time: catalogue.Time{Amount: 3, Unit: "working_day", Note: v("chú thích", "note")}, Fees: []catalogue.Price{
				{Amount: 1_250_000, Unit: v("đồng/lần", ""), Kind: "le_phi", Rule: "r1", Ground: "1/NQ",
					Exempt: []locales.Text{v("Người cao tuổi", "The old"), v("Trẻ em", "")}, Reduction: &catalogue.Reduction{Percent: 50, From: "2026-01-01", To: "2026-12-31", Ground: "2/NQ"}},
				{Unit: v("đồng", ""), Pending: true, Note: v("chưa có nghị quyết", "")},
				{Unit: v("đồng", ""), Pending: true, Note: v("chưa có nghị quyết", "")}}},
			{Channel: "direct", Time: catalogue.Time{Unit: "same_day"}, Fees: []catalogue.Price{{Note: v("theo hợp đồng", "")}}}},
		Components: []catalogue.Components{
			{Case: v("Một", ""), Papers: []catalogue.Component{
				{Code: "a", Name: v("Đơn", "Form"), Form: v("Mẫu 01", ""), URL: "https://example.org/a?b=1&c=2", Originals: 1, Copies: 2, Certified: 3, Optional: true,
					Type: "don", When: v("khi cần", "if needed"), Note: v("ghi chú", "note")},
				{Code: "b", Name: v("Giấy", "")}}},
			{ID: "two", Case: v("Hai", ""), Papers: []catalogue.Component{{Code: "a", Name: v("Đơn", "")}}}},
		Sets: 2, Requirements: []locales.Text{v("Đủ 18 tuổi", "18"), v("+ Có mặt", "")},
		Conditions: []catalogue.Conditions{{ID: "two", Case: v("Hai", ""), Conditions: []locales.Text{v("Điều kiện", "")}}},
		Results:    []catalogue.Result{{Code: "K1", Name: v("Giấy phép", "Permit")}, {Name: v("Văn bản", "")}},
		Legal: []catalogue.Basis{{Number: "60/2014/QH13", Name: v("Luật Hộ tịch", "Law"), Issuer: "Quốc hội", Date: "2014-11-20", From: "2016-01-01", To: "2027-02-28", ReplacedBy: "03/2026/QH16"},
			{Number: "1/2020/NĐ-CP", Name: v("Nghị định", "")}},
		Decision: catalogue.Decision{Number: "01/QĐ", Date: "2025-07-01", Issuer: v("Chủ tịch", "Chair")},
		Keywords: []string{"giấy, mẫu"}, Capacities: []string{"self", "authorised"}, Units: []string{"30001", "30002"}, Languages: []string{"en", "km"}, From: "2025-07-01",
	}
}

func encoded(t *testing.T, s catalogue.Sheet) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRoundTrip writes the shipped catalogue in each format and reads it again: a portal
// that has nothing gets the same sheets, one that has them sees no difference.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	sheets, lists := shipped(t)
	sheets = append(sheets, everything())
	lists.Agencies = nil
	for _, format := range Formats {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			var file bytes.Buffer
			if err := Write(&file, format, sheets, lists); err != nil {
				t.Fatal(err)
			}
			i := 0
			about, err := Read(file.Bytes(), lists, func(r Record) error {
				want := sheets[i]
				i++
				if r.Code != want.Code || r.Wrong() {
					t.Fatalf("%s, not %s: %v", r.Code, want.Code, r.Faults)
				}
				for _, base := range []catalogue.Sheet{{}, want} {
					got, err := Merge(base, r.Said)
					if err != nil {
						t.Fatal(err)
					}
					if encoded(t, got) != encoded(t, want) {
						changed, err := Changed(want, got)
						t.Errorf("%s: other in %v, %v", r.Code, changed, err)
					}
				}
				return nil
			})
			if err != nil || i != len(sheets) || about.Records != len(sheets) || about.Format != format || len(about.Unknown) > 0 {
				t.Errorf("%d of %d, %+v, %v", i, len(sheets), about, err)
			}
		})
	}
}
