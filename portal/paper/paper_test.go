package paper

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"motcua/locales"
)

func TestReadersFindNoFault(t *testing.T) {
	t.Parallel()
	for name := range papers {
		pdf := sample(t, name)
		if out := run(t, "qpdf", "--check", saved(t, pdf)); !strings.Contains(out, "No syntax or stream encoding errors") {
			t.Errorf("%s: %s", name, out)
		}
		if !bytes.HasPrefix(pdf, []byte("%PDF-1.4")) {
			t.Errorf("%s is %s", name, pdf[:8])
		}
		fonts := strings.Split(strings.TrimSpace(run(t, "pdffonts", saved(t, pdf))), "\n")[2:]
		for _, f := range fonts {
			if !regexp.MustCompile(`(?i)^utf8Liberation(Serif|Mono)\w* +CID TrueType +Identity-H +yes \w+ +yes`).MatchString(f) {
				t.Errorf("%s has a font that is not embedded, not readable or not ours: %s", name, f)
			}
		}
	}
}

// strings of the data, wherever they stand in it.
func wordsOf(t testing.TB, data any) []string {
	t.Helper()
	b, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	var all []string
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, e := range v {
				walk(k, e)
			}
		case []any:
			for _, e := range v {
				walk(key, e)
			}
		case string:
			// Instants and kinds stand on the paper in words, numbers masked, addresses without query.
			if _, err := time.Parse(time.RFC3339, v); err == nil || key == "kind" || key == "id_number" || key == "payer_number" || key == "tracking" || key == "verify" {
				return
			}
			all = append(all, strings.Fields(v)...)
		}
	}
	walk("", data)
	if v != nil {
		walk("", v)
	}
	return all
}

// squeezed is text without spaces and case: long words are parted, letterheads in capitals.
func squeezed(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s))
}

func TestEveryWordIsThere(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]any{
		"slip": slip(3), "slip-30": slip(30), "acknowledgement": acknowledgement(), "supplement": supplement(),
		"refusal": refusal(), "receipt": receipt(), "result": result(), "result-long": longResult(),
	} {
		text := squeezed(run(t, "pdftotext", "-raw", saved(t, sample(t, name)), "-"))
		words := wordsOf(t, data)
		if len(words) < 40 {
			t.Fatalf("%s: only %d words to look for", name, len(words))
		}
		for _, w := range words {
			if !strings.Contains(text, squeezed(w)) {
				t.Errorf("%s: %q is not in the text of the file", name, w)
			}
		}
	}
}

// What the templates of the papers say, and what must never be on them.
func TestWhatPapersSay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ says, never []string }{
		"slip": {[]string{"GIẤY XÁC NHẬN NỘP HỒ SƠ TRỰC TUYẾN", "Đã nộp, chờ tiếp nhận", "14 giờ 05 phút 09 giây, ngày 05/01/2026", "16.000 đồng", "77.455 byte", hash("1"), "Độc lập - Tự do - Hạnh phúc"},
			[]string{"HẸN TRẢ KẾT QUẢ\n", "NGƯỜI TIẾP NHẬN"}},
		"acknowledgement": {[]string{"GIẤY TIẾP NHẬN HỒ SƠ", "VÀ HẸN TRẢ KẾT QUẢ", "chính", "Bản chứng", "photo", "2. Số lượng hồ sơ: 01 (bộ)", "15 giờ 06 phút, ngày 05/01/2026", "17 giờ 00 phút, ngày 09/01/2026",
			"Cách tính", "Thứ Sáu, 09/01/2026", "NGƯỜI NỘP HỒ SƠ", "NGƯỜI TIẾP NHẬN HỒ SƠ", "001••••••017"}, []string{"001300000017"}},
		"supplement": {[]string{"PHIẾU YÊU CẦU", "NGƯỜI HƯỚNG DẪN", "trước 17 giờ 00 phút, ngày 20/01/2026", "02 nội dung"}, nil},
		"refusal":    {[]string{"PHIẾU TỪ CHỐI", "Căn cứ pháp lý", "NGƯỜI TỪ CHỐI", "ngày 06 tháng 01 năm 2026"}, nil},
		"receipt": {[]string{"BIÊN LAI THU PHÍ, LỆ PHÍ", "01BLP0-001", "AA-26E", "0000042", "Cộng phí", "16.000", "Cộng lệ phí", "10.000", "26.000", "Hai mươi sáu nghìn đồng", "1600000001", "001••••••017", "14 giờ 05 phút 59 giây"},
			[]string{"001300000017"}},
		"result": {[]string{"Số: 05/TL-UBND", "TRÍCH LỤC KHAI SINH", "Mỹ Hòa Hưng, ngày 05 tháng 01 năm 2026", "Nơi nhận:", "- Lưu: VT, HT.", "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "001300000017"}, nil},
	} {
		text := strings.ReplaceAll(strings.Join(pages(t, sample(t, name)), ""), "\u00a0", " ")
		for _, w := range c.says {
			if !strings.Contains(text, w) {
				t.Errorf("%s does not say %q:\n%s", name, w, text)
			}
		}
		for _, w := range c.never {
			if strings.Contains(text, w) {
				t.Errorf("%s says %q", name, w)
			}
		}
	}
}

func TestSameBytes(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for name, p := range papers {
		once := sample(t, name)
		wg.Go(func() {
			var b bytes.Buffer
			if err := p(&b); err != nil || !bytes.Equal(b.Bytes(), once) {
				t.Errorf("%s drawn beside others differs (%v)", name, err)
			}
		})
	}
	wg.Wait()
}

// A paper is drawn again from what was stored of it.
func TestDataKeep(t *testing.T) {
	t.Parallel()
	keep(t, slip(3), FilingSlip)
	keep(t, acknowledgement(), Acknowledgement)
	keep(t, supplement(), SupplementRequest)
	keep(t, refusal(), Refusal)
	keep(t, receipt(), Receipt)
	keep(t, longResult(), Result)
}

var lowerSnake = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func keep[T any](t *testing.T, data T, d func(io.Writer, T) error) {
	t.Helper()
	b, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"([^"]*)":`).FindAllStringSubmatch(string(b), -1) {
		if !lowerSnake.MatchString(m[1]) {
			t.Errorf("%T: key %q", data, m[1])
		}
	}
	var again T
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	first := drawn(t, func(w io.Writer) error { return d(w, data) })
	if !bytes.Equal(first, drawn(t, func(w io.Writer) error { return d(w, again) })) {
		t.Errorf("%T is drawn otherwise once it has been stored", data)
	}
}

func TestFaultsAreErrors(t *testing.T) {
	t.Parallel()
	wrong, odd, long := receipt(), receipt(), result()
	wrong.Total++
	odd.Lines[0].Kind = "tax"
	long.Verify = strings.Repeat("x", 3000)
	for name, p := range map[string]func(w io.Writer) error{
		"sum":     func(w io.Writer) error { return Receipt(w, wrong) },
		"kind":    func(w io.Writer) error { return Receipt(w, odd) },
		"QR":      func(w io.Writer) error { return Result(w, long) },
		"a panic": func(w io.Writer) error { return draw(w, about{}, func(*sheet) { panic("odd") }) },
		"no such": func(w io.Writer) error { return draw(w, about{}, func(s *sheet) { s.f.SetFont("Nowhere", "", 1) }) },
		"an emoji…": func(w io.Writer) error {
			return draw(w, about{}, func(s *sheet) { s.use(roman); s.f.Text(0, 0, "😀"); s.width(roman, "😀") })
		},
	} {
		var b bytes.Buffer
		if err := p(&b); err == nil || b.Len() > 0 {
			t.Errorf("%s: %v, and %d bytes were written", name, err, b.Len())
		}
	}
	full := errors.New("disk full")
	if err := Result(failing{full}, result()); !errors.Is(err, full) {
		t.Errorf("a writer's fault came as %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestNothingGiven(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]func(w io.Writer) error{
		"slip":            func(w io.Writer) error { return FilingSlip(w, FilingSlipData{}) },
		"acknowledgement": func(w io.Writer) error { return Acknowledgement(w, AcknowledgementData{}) },
		"supplement":      func(w io.Writer) error { return SupplementRequest(w, SupplementData{}) },
		"refusal":         func(w io.Writer) error { return Refusal(w, RefusalData{}) },
		"receipt":         func(w io.Writer) error { return Receipt(w, ReceiptData{}) },
		"result":          func(w io.Writer) error { return Result(w, ResultData{}) },
	} {
		if err := p(io.Discard); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSmallWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{placeAndDate("Long Xuyên", time.Date(2026, 2, 9, 0, 0, 0, 0, locales.ICT)), "Long Xuyên, ngày 09 tháng 02 năm 2026"},
		{placeAndDate("Long Xuyên", time.Date(2026, 3, 10, 0, 0, 0, 0, locales.ICT)), "Long Xuyên, ngày 10 tháng 3 năm 2026"},
		{placeAndDate("", time.Date(2025, 12, 31, 17, 0, 0, 0, time.UTC)), "ngày 01 tháng 01 năm 2026"},
		{Number(5, "TL-UBND"), "05/TL-UBND"},
		{Number(105, "TL-UBND"), "105/TL-UBND"},
		{masked("001300000017"), "001••••••017"},
		{masked("C1234567"), "••••••••"},
		{masked(masked("001300000017")), "001••••••017"},
		{size(999), "999 byte"},
		{size(1000), "1 KB"},
		{size(1_250_000), "1,2 MB"},
		{fee(0, ""), "Không thu"},
		{fee(8000, "1 bản"), "8.000 đồng (1 bản)"},
		{weekday(filed), "Thứ Hai"},
		{sentence("ẩn danh"), "Ẩn danh"},
		{page("https://a.vn/tra-cuu?ma=1"), "https://a.vn/tra-cuu"},
	} {
		if got := strings.ReplaceAll(c.got, "\u00a0", " "); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// The dots of a code are those the encoder gave, with four free ones around (ISO/IEC 18004).
func TestQR(t *testing.T) {
	t.Parallel()
	code := newQR(tracking)
	n := code.Bounds().Dx()
	const dots = 4 // pixels a module
	side := float64(n+2*quiet) * 2
	pdf := drawn(t, func(w io.Writer) error {
		return draw(w, about{}, func(s *sheet) { s.block(0, side, func(y float64) { s.qr(code, left, y, side) }) })
	})
	dpi := dots * 25.4 / 2
	pic := pictures(t, pdf, fmt.Sprint(dpi))[0]
	at := func(mm float64) int { return int(mm / 2 * dots) }
	for y := -quiet; y < n+quiet; y++ {
		for x := -quiet; x < n+quiet; x++ {
			want := x >= 0 && y >= 0 && x < n && y < n && dark(code, x, y)
			px, py := at(left)+(x+quiet)*dots+dots/2, at(top)+(y+quiet)*dots+dots/2
			if got := pic.GrayAt(px, py).Y < 128; got != want {
				t.Fatalf("dot %d,%d is %v, want %v", x, y, got, want)
			}
		}
	}
}
