package paper

import (
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
)

// find is where the words of a sentence stand, in their order.
func find(t testing.TB, all []seen, sentence string) []seen {
	t.Helper()
	words := strings.Fields(sentence)
	for i := 0; i+len(words) <= len(all); i++ {
		match := true
		for j, w := range words {
			match = match && all[i+j].text == w
		}
		if match {
			return all[i : i+len(words)]
		}
	}
	t.Fatalf("%q does not stand on the page", sentence)
	return nil
}

// widthOf is how wide a word is in a face; with the size, it tells bold and italics apart.
func widthOf(t testing.TB, f face, word string) (w float64) {
	t.Helper()
	if err := draw(io.Discard, about{}, func(s *sheet) { w = s.width(f, word) }); err != nil {
		t.Fatal(err)
	}
	return w
}

// Phụ lục I of NĐ 30/2020, measured in the finished file by another program.
func TestFrameOfND30(t *testing.T) {
	t.Parallel()
	all := measured(t, sample(t, "result-long"))
	if last := all[len(all)-1].page; last != 2 {
		t.Fatalf("the long result has %d pages, the test is about 2", last)
	}

	// Margins: 20–25 mm at top and bottom, left 30–35, right 15–20; the page number alone
	// stands in the top one.
	box := map[int]*seen{}
	for _, w := range all {
		if w.text == "2" && w.top < 20 {
			if centre := (w.left + w.right) / 2; w.page != 2 || math.Abs(centre-(left+width/2)) > 0.5 || w.size < 12.95 || w.size > 14.05 {
				t.Errorf("page number: %+v", w)
			}
			continue
		}
		b, ok := box[w.page]
		if !ok {
			c := w
			box[w.page], b = &c, &c
		}
		b.left, b.top, b.right, b.bottom = min(b.left, w.left), min(b.top, w.top), max(b.right, w.right), max(b.bottom, w.bottom)
	}
	for page, b := range box {
		if b.left < 30 || b.left > 35 || 210-b.right < 15 || 210-b.right > 20 || b.top < 20 || b.top > 25 || 297-b.bottom < 20 {
			t.Errorf("margins of page %d: left %.1f, right %.1f, top %.1f, bottom %.1f", page, b.left, 210-b.right, b.top, 297-b.bottom)
		}
	}
	if 297-box[1].bottom > 35 {
		t.Errorf("page 1 ends %.1f mm above its end", 297-box[1].bottom)
	}

	country := find(t, all, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
	motto := find(t, all, "Độc lập - Tự do - Hạnh phúc")
	set := func(what string, words []seen, f face, from, to float64) {
		t.Helper()
		for _, w := range words {
			if w.size < from-0.05 || w.size > to+0.05 {
				t.Errorf("%s: %q is %.2f points, not %g–%g", what, w.text, w.size, from, to)
			}
			if want := widthOf(t, f.of(w.size), w.text); math.Abs(w.right-w.left-want) > 0.15 {
				t.Errorf("%s: %q is %.2f mm wide, in %q of %g points it would be %.2f", what, w.text, w.right-w.left, f.style, w.size, want)
			}
		}
	}
	set("Quốc hiệu", country, roman.bold(), 12, 13)
	set("Tiêu ngữ", motto, roman.bold(), 13, 14)
	set("cơ quan chủ quản", find(t, all, "TỈNH THỬ NGHIỆM"), roman, 12, 13)
	set("cơ quan ban hành", find(t, all, "XÃ MỸ HÒA HƯNG"), roman.bold(), 12, 13)
	set("số", find(t, all, "Số: 123/QĐ-UBND"), roman, 13, 13)
	set("địa danh, ngày tháng", find(t, all, "Mỹ Hòa Hưng, ngày 05 tháng 01 năm 2026"), roman.italic(), 13, 14)
	set("tên loại", find(t, all, "QUYẾT ĐỊNH"), roman.bold(), 13, 14)
	set("trích yếu", find(t, all, "Về việc cấp phép"), roman.bold(), 13, 14)
	set("nội dung", find(t, all, "Căn cứ Luật Tổ chức"), roman, 13, 14)
	set("nơi nhận", find(t, all, "Nơi nhận:"), roman.boldItalic(), 12, 12)
	set("danh sách nơi nhận", find(t, all, "- Lưu: VT, HT."), roman, 11, 11)
	set("quyền hạn", find(t, all, "TM. ỦY BAN NHÂN DÂN"), roman.bold(), 13, 14)
	set("họ tên", find(t, all, "Phạm Quốc Ưu"), roman.bold(), 13, 14)

	middle := func(w []seen) float64 { return (w[0].left + w[len(w)-1].right) / 2 }
	if math.Abs(middle(country)-middle(motto)) > 0.3 || motto[0].top < country[0].top {
		t.Error("the motto is not centred below the name of the country")
	}
	if country[0].left < left+issuerWidth || middle(country) < 140 {
		t.Error("the name of the country is not on the right-hand side")
	}
	if number, date := find(t, all, "Số:")[0], find(t, all, "Mỹ Hòa Hưng, ngày")[0]; math.Abs(number.top-date.top) > 0.3 {
		t.Error("number and date are not on one line")
	}
	if title := find(t, all, "QUYẾT ĐỊNH"); math.Abs(middle(title)-(left+width/2)) > 0.3 {
		t.Error("the title is not centred")
	}
}

// Justified with the first line 10–12.7 mm in, 6 points between paragraphs, lines single
// to one and a half.
func TestBodyOfND30(t *testing.T) {
	t.Parallel()
	all := measured(t, sample(t, "result-long"))
	first := find(t, all, "Căn cứ Luật Tổ chức")[0]
	second := find(t, all, "xét đề nghị của Trưởng")
	if in := first.left - left; in < 9.9 || in > 12.8 {
		t.Errorf("first line is %.2f mm in", in)
	}
	if second[0].left > left+0.2 {
		t.Errorf("second line begins at %.2f", second[0].left)
	}
	if spacing := (second[0].top - first.top) / (1.15 * first.size * mmPerPoint); spacing < 1 || spacing > 1.5 {
		t.Errorf("line spacing is %.2f of single", spacing)
	}
	ends := map[float64]float64{} // the right edge of each line, by its top
	for _, w := range all {
		if w.page == 1 && w.size > 13.5 && w.top >= first.top-0.1 {
			ends[math.Round(w.top*10)] = max(ends[math.Round(w.top*10)], w.right)
		}
	}
	full, ragged := 0, 0
	for _, right := range ends {
		if math.Abs(right-(left+width)) < 0.3 {
			full++
		} else {
			ragged++
		}
	}
	if full < 2*ragged || ragged == 0 {
		t.Errorf("%d lines end at the margin, %d before it", full, ragged)
	}
	var begins []float64
	for i, w := range all {
		if w.page == 1 && w.text == "Căn" && all[i+1].text == "cứ" {
			begins = append(begins, w.top)
		}
	}
	if gap := begins[1] - begins[0] - 3*body.lineHeight(); gap < 6*mmPerPoint-0.05 {
		t.Errorf("%.2f mm between paragraphs", gap)
	}
}

var hex = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// However many files, each page of the table begins with its head and has a row below it.
func TestTablesOverPages(t *testing.T) {
	t.Parallel()
	for _, n := range []int{5, 6, 7, 20} {
		rows := 0
		for i, page := range pages(t, drawn(t, func(w io.Writer) error { return FilingSlip(w, slip(n)) })) {
			heads, here := strings.Count(page, "Dung lượng"), strings.Count(page, "bản quét")
			if rows += here; heads > 1 || heads == 1 != (here > 0) {
				t.Errorf("%d files, page %d: %d heads, %d rows", n, i+1, heads, here)
			}
			if here > 0 && i > 0 {
				if lines := strings.Fields(page); lines[0] != "2" && lines[0] != "3" || !strings.Contains(strings.Join(lines[:9], " "), "TT") {
					t.Errorf("%d files, page %d does not begin with number and head: %q", n, i+1, lines[:9])
				}
			}
			if hashes := len(hex.FindAllString(page, -1)); here > 0 && hashes != here && hashes != here+1 { // one more is the form's
				t.Errorf("%d files, page %d: a row is parted", n, i+1)
			}
		}
		if rows != n {
			t.Errorf("%d files, %d rows", n, rows)
		}
	}
}

// Wherever a paper ends, office, hint and name of the signer are on one page, and not alone.
func TestSignaturesStayWhole(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 16; n += 3 {
		d := supplement()
		for len(d.Defects) < n {
			d.Defects = append(d.Defects, d.Defects[len(d.Defects)%2])
		}
		all := pages(t, drawn(t, func(w io.Writer) error { return SupplementRequest(w, d) }))
		last := all[len(all)-1]
		for _, want := range []string{"NGƯỜI HƯỚNG DẪN", "(Ký và ghi rõ họ tên)", "Theo dõi hồ sơ tại"} {
			if !strings.Contains(last, want) {
				t.Errorf("%d defects: the last page has no %q:\n%s", n, want, last)
			}
		}
		if i := strings.Index(last, "NGƯỜI HƯỚNG DẪN"); i < 0 || !strings.Contains(last[i:], "Trần Văn Được") {
			t.Errorf("%d defects: the signature is parted:\n%s", n, last)
		}
	}
}

// A name of 90 letters and one without spaces stay within the margins.
func TestLongNames(t *testing.T) {
	t.Parallel()
	long := "Công Tằng Tôn Nữ Hoàng Thị Phương Thảo Nguyên Ngọc Khánh Quỳnh Hương Trâm Anh Bảo Châu Uẩn"
	if n := len([]rune(long)); n != 90 {
		t.Fatalf("the name has %d letters", n)
	}
	for _, name := range []string{long, strings.Repeat("Nguyễn", 60)} {
		slip, ack, result, receipt := slip(2), acknowledgement(), result(), receipt()
		slip.Owner, slip.Agency, slip.Files[0].Name, slip.Code = name, name, name, name
		ack.Submitter, ack.Officer, ack.Components[0].Name, ack.Agency = name, name, name, name
		result.Rows[1].Value, result.Rows[2].Label, result.Signature.Name, result.Place, result.Title = name, name, name, name, name
		receipt.Payer, receipt.Lines[0].Name, receipt.Agency, receipt.Collector, receipt.Words = name, name, name, name, name
		for what, p := range map[string]func(w io.Writer) error{
			"slip":            func(w io.Writer) error { return FilingSlip(w, slip) },
			"acknowledgement": func(w io.Writer) error { return Acknowledgement(w, ack) },
			"result":          func(w io.Writer) error { return Result(w, result) },
			"receipt":         func(w io.Writer) error { return Receipt(w, receipt) },
		} {
			pdf := drawn(t, p)
			all := measured(t, pdf)
			for i, w := range all {
				if w.left < left-0.3 || w.right > left+width+0.3 || w.bottom > pageHeight-bottom+1.5 {
					t.Errorf("%s: %q stands outside: %.1f–%.1f, to %.1f", what, w.text, w.left, w.right, w.bottom)
				}
				for _, v := range all[i+1:] {
					if v.page == w.page && min(v.right, w.right)-max(v.left, w.left) > 0.3 && min(v.bottom, w.bottom)-max(v.top, w.top) > 1.2 {
						t.Errorf("%s: %q and %q stand on one another", what, w.text, v.text)
					}
				}
			}
		}
	}
}

// A cell longer than a page is parted between lines, and nothing of it is lost.
func TestCellLongerThanPage(t *testing.T) {
	t.Parallel()
	d := supplement()
	d.Defects[0].Fix = strings.Repeat("Chụp lại trang này cho rõ. ", 200)
	all := pages(t, drawn(t, func(w io.Writer) error { return SupplementRequest(w, d) }))
	text := strings.Join(all, "")
	if n := strings.Count(text, "Chụp"); n < 200 {
		t.Errorf("%d of 200 sentences are there", n)
	}
	if heads := strings.Count(text, "Giấy tờ, thông tin"); heads != len(all) && heads != len(all)-1 {
		t.Errorf("%d heads on %d pages", heads, len(all))
	}
}
