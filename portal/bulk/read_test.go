package bulk

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

// What a spreadsheet makes of what people type comes out as they meant it, or is refused.
func TestCells(t *testing.T) {
	t.Parallel()
	w := newService(t)
	f := w.promotions(t, 1)
	main := f.GetSheetList()[0]
	day, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
	zeros := "0000000000"
	phone, _ := f.NewStyle(&excelize.Style{CustomNumFmt: &zeros})
	put(t, f, 0, firstRow, "promotion_from", 46361) // 5/12/2026 as a spreadsheet counts days
	put(t, f, 0, firstRow, "contact_phone", 912345678)
	put(t, f, 0, firstRow, "business_phone", 2963841555)
	put(t, f, 0, firstRow, "promotion_area", true)
	for at, style := range map[string]int{"J5": day} {
		if err := f.SetCellStyle(main, at, at, style); err != nil {
			t.Fatal(err)
		}
	}
	rows, _ := f.GetRows(main)
	for i, code := range rows[0] {
		at := columnName(i+1) + "5"
		switch code {
		case "contact_phone":
			_ = f.SetCellStyle(main, at, at, phone)
		case "goods":
			_ = f.SetCellFormula(main, at, `HYPERLINK("http://evil.example","x")`)
		}
	}
	book, err := w.entry(t)(data(t, f))
	if err != nil {
		t.Fatal(err)
	}
	cells := book.Lines[0].Cells
	for name, want := range map[string]string{"promotion_from": "5/12/2026", "contact_phone": "0912345678", "business_phone": "2963841555", "promotion_area": "yes",
		"prizes.0.prize_quantity": "100", "prizes.0.prize_value": "120000"} {
		if cells[name].Text != want {
			t.Errorf("%s is %q, want %q", name, cells[name].Text, want)
		}
	}
	if cells["goods"].Bad != "formula" {
		t.Errorf("a formula: %+v", cells["goods"])
	}
	b := w.of(t, w.start(t, f))
	said := ""
	for _, f := range b.Lines[0].Faults {
		said += f.Name + " " + f.Says.VI + "\n"
	}
	if !strings.Contains(said, "goods Ô có công thức") || !strings.Contains(said, "business_phone Điện thoại") || !strings.Contains(said, "số 0 ở đầu") {
		t.Errorf("faults:\n%s", said)
	}
}

func TestFilesOfText(t *testing.T) {
	t.Parallel()
	w := newService(t)
	read := w.entry(t)
	for what, file := range map[string]string{
		"semicolons with a mark": "\xEF\xBB\xBFdong;promotion_name;prizes.1.prize_name\r\n# Dòng;x;y\r\n1;\"Mua; tặng\";Gạo\r\n",
		"commas":                 "dong,promotion_name,prizes.1.prize_name\n1,\"Mua; tặng\",Gạo\n",
		"tabs and Excel's note":  "sep=;\ndong;promotion_name;prizes.1.prize_name\n1;\"Mua; tặng\";=\"Gạo\"\n",
	} {
		book, err := read([]byte(file))
		if err != nil || len(book.Lines) != 1 || book.Lines[0].Cells["promotion_name"].Text != "Mua; tặng" || book.Lines[0].Cells["prizes.0.prize_name"].Text != "Gạo" {
			t.Errorf("%s: %v %+v", what, err, book)
		}
	}
	many := "dong;promotion_name\n"
	for i := range MaxRows + 1 {
		many += fmt.Sprintf("%d;x\n", i+1)
	}
	for key, file := range map[string]string{
		"bulk.file.encoding": "dong;promotion_name\n1;Khuy\xEA\xB5n m\xB9i\n", "bulk.file.empty": "dong;promotion_name\n", "bulk.file.no_head": "a;b\n1;2\n",
		"bulk.file.unknown_columns": "dong;ten_gi_do\n1;x\n", "bulk.file.line_twice": "dong;promotion_name\n1;x\n1;y\n", "bulk.file.line_number": "dong;promotion_name\n;y\n",
		"bulk.file.twice": "dong;promotion_name;promotion_name\n1;x;y\n", "bulk.file.too_many": many, "bulk.file.quotes": "dong;promotion_name\n1;\"x\n",
		"bulk.file.old": "\xD0\xCF\x11\xE0\xA1\xB1", "bulk.file.broken": "PK\x03\x04nothing", "bulk.file.mixed": "dong;promotion_name;prizes.prize_name\n1;x;y\n",
	} {
		_, err := read([]byte(file))
		worldtest.WantFault(t, key, err, problem.Invalid, key)
	}
	if _, err := read(make([]byte, MaxBytes+1)); !problem.Is(err, problem.TooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// A packed file that unfolds to much more is refused before it does.
func TestPackedBomb(t *testing.T) {
	t.Parallel()
	w := newService(t)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		out, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(bytes.Repeat([]byte(" "), mostUnzip/2)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil || b.Len() > MaxBytes {
		t.Fatal(err, b.Len())
	}
	_, err := w.entry(t)(b.Bytes())
	worldtest.WantFault(t, "a bomb", err, problem.Invalid, "bulk.file.unfolds")
}

// What others typed is no formula in the spreadsheet of who takes a list home.
func TestListsHoldNoFormulas(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteCSV(&b, []string{"a"}, [][]string{{"=1+1"}, {"@SUM(A1)"}, {"+84"}, {"-1"}, {"\t=1"}, {"an"}}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(strings.TrimPrefix(b.String(), "\xEF\xBB\xBF")) {
		if strings.ContainsAny(strings.Trim(line, `"`)[:1], "=+-@\t") {
			t.Errorf("%q", line)
		}
	}
	b.Reset()
	if err := WriteXLSX(&b, "Danh sách", []string{"a"}, [][]string{{"=1+1"}}); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if formula, _ := f.GetCellFormula("Danh sách", "A2"); formula != "" {
		t.Errorf("a formula: %s", formula)
	}
	if text, _ := f.GetCellValue("Danh sách", "A2"); text != "=1+1" {
		t.Errorf("%q", text)
	}
}

// The reader takes no file down with it.
func FuzzRead(f *testing.F) {
	form := fuzzForm(f)
	for _, seed := range []string{"dong;name\n1;x\n", "dong,people.1.who\n1,\"a\nb\"\n", "sep=\t\ndong\tname\n", "PK\x03\x04"} {
		f.Add([]byte(seed))
	}
	x := excelize.NewFile()
	for at, v := range map[string]any{"A1": "dong", "B1": "name", "C1": "day", "A2": 1, "B2": "x", "C2": 46361} {
		_ = x.SetCellValue("Sheet1", at, v)
	}
	var b bytes.Buffer
	_ = x.Write(&b)
	f.Add(b.Bytes())
	s := &Service{}
	f.Fuzz(func(t *testing.T, file []byte) {
		book, err := s.Read(file, form.Entry(nil))
		if err != nil && !problem.Is(err, problem.Invalid) && !problem.Is(err, problem.TooLarge) {
			t.Fatalf("%v", err)
		}
		if err == nil && (len(book.Lines) == 0 || len(book.Lines) > MaxRows) {
			t.Fatalf("%d lines", len(book.Lines))
		}
	})
}
