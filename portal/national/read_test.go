package national

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	ucs "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
)

// sample are the lists that names of files are looked up in.
var sample = Lists{
	Fields:   []catalogue.Field{{Code: "ho-tich", Name: locales.V("Hộ tịch")}, {Code: "dat-dai", Name: locales.V("Đất đai")}},
	Agencies: []agency.Agency{{Code: "X01.02", Name: locales.V("Sở Mẫu"), Level: agency.Department}},
}

func readAll(t *testing.T, file []byte) ([]Record, About) {
	t.Helper()
	var all []Record
	about, err := Read(file, sample, func(r Record) error { all = append(all, r); return nil })
	if err != nil {
		t.Fatalf("%v\n%s", err, shown(string(file)))
	}
	return all, about
}

func sheet(t *testing.T, r Record) catalogue.Sheet {
	t.Helper()
	s, err := Merge(catalogue.Sheet{}, r.Said)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const foreign = `UBND TỈNH MẪU;;;
DANH MỤC THỦ TỤC HÀNH CHÍNH;;;

STT;Mã TTHC;Tên TTHC;Lĩnh vực;Cơ quan thực hiện;Cấp thực hiện;Đối tượng thực hiện;Mức độ;KENH;Thời gian giải quyết;SOTIEN;PHILEPHI.MOTA;QĐ công bố;Ghi chú riêng
1;1.00119;Đăng ký khai sinh;Hộ tịch;Ủy ban nhân dân cấp xã;Cấp Xã;Công dân Việt Nam, Người nước ngoài;Toàn trình;Trực tuyến;01 ngày làm việc;8.000 đồng;theo bản;3321/QĐ-BTP;x
;;;;;;;;Trực tiếp;3 ngày;Miễn phí;;;
;;;;;;;;;;10000;bản thứ hai;;
2;2.000635;Cấp bản sao;Lĩnh vực lạ;Sở Mẫu;Cấp Tỉnh; Doanh nghiệp;Một phần;Bưu chính công ích;;;theo hợp đồng;;
`

// TestForeignTable reads a list as offices hand it round: titles in words below a heading,
// a line for each row of the lists, a code that a spreadsheet took for a number.
func TestForeignTable(t *testing.T) {
	t.Parallel()
	all, about := readAll(t, []byte(foreign))
	if about.Separator != ";" || about.Head != 4 || !slices.Equal(about.Unknown, []string{"Ghi chú riêng"}) || len(about.Columns) != 12 {
		t.Errorf("read as %+v", about)
	}
	if len(all) != 2 || all[0].Line != 5 || all[0].Lines != 3 || all[1].Line != 8 {
		t.Fatalf("%+v", all)
	}
	s := sheet(t, all[0])
	if s.Code != "1.001190" || s.Field != "ho-tich" || s.Level != 4 || !slices.Equal(s.Audience, []string{"citizen"}) || !slices.Equal(s.Tiers, []string{"commune"}) ||
		s.Decision.Number != "3321/QĐ-BTP" || len(s.Agencies) != 2 || s.Agencies[0].Level != "commune" || s.Agencies[1].Role != catalogue.Decides {
		t.Errorf("%+v", s)
	}
	want := []catalogue.Channel{
		{Channel: "online", Time: catalogue.Time{Amount: 1, Unit: "working_day"}, Fees: []catalogue.Price{{Amount: 8000, Note: locales.V("theo bản")}}},
		{Channel: "direct", Time: catalogue.Time{Amount: 3, Unit: "day"}, Fees: []catalogue.Price{{}, {Amount: 10000, Note: locales.V("bản thứ hai")}}}}
	if fmt.Sprint(s.Channels) != fmt.Sprint(want) {
		t.Errorf("channels %+v", s.Channels)
	}
	if f := all[0].Faults; len(f) != 1 || !f[0].Note || f[0].At != "B5" || f[0].What.Key != "national.cell.code_mended" {
		t.Errorf("faults %+v", f)
	}
	if f := all[1].Faults; len(f) != 1 || f[0].What.Key != "national.row.no_field" || sheet(t, all[1]).Agencies[0].Code != "X01.02" {
		t.Errorf("faults %+v", f)
	}
}

// TestEncodings reads the same list in every encoding that programs here write.
func TestEncodings(t *testing.T) {
	t.Parallel()
	windows, err := charmap.Windows1258.NewEncoder().String(for1258(foreign))
	if err != nil {
		t.Fatal(err)
	}
	in := map[string][]byte{"utf-8": []byte(foreign), "utf-8-bom": []byte("\xEF\xBB\xBF" + foreign), "windows-1258": []byte(windows)}
	for name, e := range map[string]ucs.Endianness{"utf-16le": ucs.LittleEndian, "utf-16be": ucs.BigEndian} {
		b, err := ucs.UTF16(e, ucs.IgnoreBOM).NewEncoder().Bytes([]byte(foreign))
		if err != nil {
			t.Fatal(err)
		}
		in[name] = b
		in[name+" bom"] = append(map[string][]byte{"utf-16le": []byte("\xFF\xFE"), "utf-16be": []byte("\xFE\xFF")}[name], b...)
	}
	want, _ := readAll(t, []byte(foreign))
	for name, b := range in {
		all, about := readAll(t, b)
		if is, _, _ := strings.Cut(name, " "); about.Encoding != is {
			t.Errorf("%s is taken for %s", name, about.Encoding)
		}
		if fmt.Sprint(all) != fmt.Sprint(want) {
			t.Errorf("%s gives other records: %v", name, all)
		}
	}
	for name, b := range map[string][]byte{ // old fonts are refused, never guessed
		"TCVN3": []byte("M\xB7 TTHC;T\xAAn TTHC\n1.001193;\xA7\xA8ng k\xFD khai sinh, \xAE\xA8ng k\xFD kÕt h\xABn, x\xB8c nh\xCBn t\xD7nh tr\xB9ng\n"),
		"noise": {0xC3, 0x28, 0xA0, 0xA1, 'a', 0xB1, 'b', 0xB2, 'c'},
		"zeros": []byte("Ma TTHC;x\n1.000001;a\x00b"),
	} {
		if _, err := Read(b, sample, func(Record) error { return nil }); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s is read: %v", name, err)
		}
	}
}

// for1258 writes letters as the code page has them: with a sign for the tone behind.
func for1258(s string) string {
	var b strings.Builder
	for _, r := range s {
		if _, err := charmap.Windows1258.NewEncoder().String(string(r)); err == nil {
			b.WriteRune(r)
			continue
		}
		d := []rune(norm.NFD.String(string(r)))
		b.WriteString(norm.NFC.String(string(append(append([]rune{}, d[0]), marks(d[1:], false)...))))
		b.WriteString(string(marks(d[1:], true)))
	}
	return b.String()
}

func marks(all []rune, tone bool) []rune {
	return slices.DeleteFunc(slices.Clone(all), func(r rune) bool { return strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", r) != tone })
}

// TestSeparators reads what stands between cells off the titles.
func TestSeparators(t *testing.T) {
	t.Parallel()
	for _, sep := range []string{",", ";", "\t", "|"} {
		for _, first := range []string{"", "sep=" + sep + "\n"} {
			file := first + strings.Join([]string{"MaTTHC", "TENTTHC", "SOVANBAN"}, sep) + "\r\n" + strings.Join([]string{"1.001193", `"Tên; có, dấu` + "\nhai dòng\"", "=\"07/2025\""}, sep) + "\r\n"
			all, about := readAll(t, []byte(file))
			s := sheet(t, all[0])
			if about.Separator != sep || s.Name.VI != "Tên; có, dấu\nhai dòng" || s.Legal[0].Number != "07/2025" {
				t.Errorf("%q: %+v, %+v", sep, about, s)
			}
		}
	}
}

// TestProduct reads a join of lists as databases write it: what is said once is said on
// each line, and each row of a list comes several times.
func TestProduct(t *testing.T) {
	t.Parallel()
	all, _ := readAll(t, []byte(`MATTHC,TENTTHC,THANHPHANHOSO.TRUONGHOP,TENGIAYTO,SOVANBAN,TENVANBAN
1.000001,Một,A,Đơn,1/L,Luật
1.000001,Một,A,Đơn,2/N,Nghị định
1.000001,Một,A,Ảnh,1/L,Luật
1.000001,Một,A,Ảnh,2/N,Nghị định
1.000001,Một,B,Đơn,1/L,Luật
1.000001,Một,A,Sổ,1/L,Luật
1.000001,Khác,B,Đơn,1/L,Luật
`))
	s := sheet(t, all[0])
	if len(all) != 1 || len(s.Legal) != 2 || len(s.Components) != 2 || len(s.Components[0].Papers) != 3 || len(s.Components[1].Papers) != 1 {
		t.Errorf("%+v", s)
	}
	if f := all[0].Faults; len(f) != 1 || f[0].What.Key != "national.row.other" || f[0].At != "B8" || !all[0].Wrong() {
		t.Errorf("faults %+v", f)
	}
}

// TestFaultsSayWhere has a fault of each kind in its own cell.
func TestFaultsSayWhere(t *testing.T) {
	t.Parallel()
	all, _ := readAll(t, []byte(`MaTTHC,TENTTHC,SOTIEN,THOIGIANGIAIQUYET,KENH,NgayBanHanh,ChuaQuyDinh,CapThucHien,MucDo
1.000001,a,nhiều tiền,-3,Qua bồ câu,31/02/2026,có thể,Cấp Bộ,9
abc,b,,,,,,,
,không mã,,,,,,,
1.000003,<p>c<br>d</p>,#REF!,,,46000,x,,
1.000001,lại,,,,,,,
`))
	var got []string
	for _, r := range all {
		for _, f := range r.Faults {
			got = append(got, fmt.Sprintf("%s %s", f.At, strings.TrimPrefix(f.What.Key, "national.")))
			if f.Line == 0 || f.Says.VI == "" || f.Says.EN == "" || f.Says.VI == f.What.Key {
				t.Errorf("%+v", f)
			}
		}
	}
	want := []string{"H2 cell.not_here", "I2 cell.unknown", "D2 cell.number", "E2 cell.unknown", "C2 cell.money", "G2 cell.flag", "F2 cell.day",
		"A3 cell.code", "B4 row.other", "B5 cell.markup", "C5 cell.formula", " row.twice"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%v\nwant\n%v", got, want)
	}
	// the line without a code goes on with the one before: it is said there
	if len(all) != 4 || all[1].Lines != 2 {
		t.Errorf("%d records", len(all))
	}
	if s := sheet(t, all[2]); s.Name.VI != "c\nd" || s.Legal[0].Date != "2025-12-09" {
		t.Errorf("%+v", s)
	}
}

// TestWorkbook reads the sheet that has the titles, with numbers and days as spreadsheets
// keep them.
func TestWorkbook(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	defer f.Close()
	if _, err := f.NewSheet("Danh mục"); err != nil {
		t.Fatal(err)
	}
	for at, v := range map[string]any{"A1": "Danh mục thủ tục", "A3": "MaTTHC", "B3": "TENTTHC", "C3": "SOTIEN", "D3": "NgayBanHanh", "E3": "SoLuongHoSo",
		"A4": 1.00119, "B4": "Một", "C4": 8000, "D4": morning, "E4": 1.0} {
		if err := f.SetCellValue("Danh mục", at, v); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	all, about := readAll(t, b.Bytes())
	s := sheet(t, all[0])
	if about.Sheet != "Danh mục" || about.Head != 3 || s.Code != "1.001190" || s.Channels[0].Fees[0].Amount != 8000 || s.Sets != 1 {
		t.Errorf("%+v, %+v", about, s)
	}
	for name, file := range map[string][]byte{"old": []byte("\xD0\xCF\x11\xE0rest"), "cut": b.Bytes()[:200], "none": []byte("  \n"), "no titles": []byte("a,b\n1,2\n"), "quotes": []byte("MaTTHC,TENTTHC\n1.000001,\"a\n")} {
		if _, err := Read(file, sample, func(Record) error { return nil }); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNationalJSON reads an answer as the national services give it, wrapped, with bare
// texts where a list is meant, and the records of a line each.
func TestNationalJSON(t *testing.T) {
	t.Parallel()
	const one = `{"MATTHC":"1.000001","TENTTHC":"Một","TENLINHVUC":"HỘ TỊCH","COQUANTHUCHIEN":"Sở Mẫu","DOITUONGTHUCHIEN":["Cá nhân","Doanh nghiệp"],
		"TRINHTUTHUCHIEN":[{"TRUONGHOP":"","TRINHTU":"Nộp"}],"CACHTHUCTHUCHIEN":[{"KENH":"ONLINE","THOIGIAN":{"THOIGIANGIAIQUYET":"3","DONVITINH":"WORKING_DAY","MOTA":null},"PHILEPHI":{"SOTIEN":5000,"DONVI":"Đồng"}}],
		"THANHPHANHOSO":[{"TRUONGHOP":"","GIAYTO":[{"MAGIAYTO":"G1","TENMAUDON":"Mẫu 1","URL":"","SoBanChinh":1}]}],"YEUCAU":"Không","KETQUATHUCHIEN":[{"MAKETQUA":"K","TENKETQUA":"Giấy"}],
		"CANCUPHAPLY":[{"SOVANBAN":"1/L","TENVANBAN":"Luật"}],"LA":{"x":1},"TENTTHC_EN":"One"}`
	for name, file := range map[string]string{"wrapped": `{"success":true,"data":{"total":2,"items":[` + one + `]}}`, "list": "[" + one + "]", "lines": one + "\n", "one": one} {
		all, about := readAll(t, []byte(file))
		if len(all) != 1 || len(all[0].Faults) != 0 {
			t.Fatalf("%s: %+v", name, all)
		}
		s := sheet(t, all[0])
		want := catalogue.Channel{Channel: "online", Time: catalogue.Time{Amount: 3, Unit: "working_day"}, Fees: []catalogue.Price{{Amount: 5000, Unit: locales.V("Đồng")}}}
		if s.Name.EN != "One" || s.Field != "ho-tich" || s.Agencies[0].Code != "X01.02" || len(s.Audience) != 2 || s.Steps[0].Steps[0].VI != "Nộp" || fmt.Sprint(s.Channels[0]) != fmt.Sprint(want) ||
			s.Components[0].Papers[0].Name.VI != "Mẫu 1" || s.Requirements[0].VI != "Không" || !slices.Contains(about.Unknown, "LA") {
			t.Errorf("%s: %+v, %+v", name, s, about)
		}
	}
	all, _ := readAll(t, []byte(`[{"MATTHC":"1.000001","CACHTHUCTHUCHIEN":[{"KENH":"X","PHILEPHI":[{"SOTIEN":[1]}]}]}, 7, {"TENTTHC":"x"}]`))
	var got []string
	for _, r := range all {
		for _, f := range r.Faults {
			got = append(got, fmt.Sprintf("%d %s %s", f.Line, f.Column, f.What.Key))
		}
	}
	want := []string{"1 CACHTHUCTHUCHIEN[1].KENH national.cell.unknown", "1 CACHTHUCTHUCHIEN[1].PHILEPHI[1].SOTIEN national.cell.shape", "1 TENTTHC national.row.no_name",
		"2  national.row.no_record", "2 TENTTHC national.row.no_name", "3 MaTTHC national.row.no_code"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

// TestMergeKeepsWhatTheFileDoesNotSay puts a bare national record over a sheet in full.
func TestMergeKeepsWhatTheFileDoesNotSay(t *testing.T) {
	t.Parallel()
	base := everything()
	said := map[string]any{}
	for name, v := range map[string]string{
		"channels":     `[{"channel":"online","fees":[{"amount":9000},{"amount":0},{"amount":0}]},{"channel":"direct"}]`,
		"components":   `[{"case":{"vi":"Một"},"papers":[{"name":{"vi":"Giấy"}},{"code":"a","name":{"vi":"Đơn mới"}},{"name":{"vi":"Ảnh"}}]}]`,
		"name":         `{"vi":"Tên khác"}`,
		"requirements": `[{"vi":"+ Có mặt"},{"vi":"Đủ 18 tuổi"}]`,
		"decision":     `{"number":"9/QĐ"}`} {
		var value any
		if err := json.Unmarshal([]byte(v), &value); err != nil {
			t.Fatal(err)
		}
		said[name] = value
	}
	got, err := Merge(base, said)
	if err != nil {
		t.Fatal(err)
	}
	want := everything()
	want.Name = locales.V("Tên khác") // its translations are no longer those of these words
	want.Channels[0].Fees[0].Amount = 9000
	papers := want.Components[0].Papers
	papers[0].Name = locales.V("Đơn mới")
	want.Components = want.Components[:1]
	want.Components[0].Papers = []catalogue.Component{papers[1], papers[0], {Name: locales.V("Ảnh")}}
	want.Requirements = []locales.Text{want.Requirements[1], want.Requirements[0]}
	want.Decision.Number = "9/QĐ"
	if encoded(t, got) != encoded(t, want) {
		t.Errorf("got\n%s\nwant\n%s", encoded(t, got), encoded(t, want))
	}
	changed, err := Changed(base, got)
	if err != nil || !slices.Equal(changed, []string{"TENTTHC", "CACHTHUCTHUCHIEN", "THANHPHANHOSO", "YEUCAU", "QuyetDinhCongBo"}) {
		t.Errorf("changed in %v, %v", changed, err)
	}
	if again, err := Merge(got, said); err != nil || encoded(t, again) != encoded(t, got) {
		t.Errorf("a second time it is another: %v", err)
	}
}

// FuzzRead wants of any file either a reason or records that can be put over a sheet.
func FuzzRead(f *testing.F) {
	f.Add([]byte(foreign))
	f.Add([]byte("\xFF\xFEM\x00a\x00"))
	f.Add([]byte(`{"MATTHC":"1.000001","CACHTHUCTHUCHIEN":[{"KENH":"ONLINE","PHILEPHI":{"SOTIEN":5000}}],"YEUCAU":["a",{"NOIDUNG":"b"}]}`))
	f.Add([]byte("MaTTHC\tTENTTHC\tSTT\tTHANHPHANHOSO.STT\n1.000001\t=\"x\"\t1\t1\n"))
	f.Add([]byte("PK\x03\x04rest"))
	base := everything()
	f.Fuzz(func(t *testing.T, file []byte) {
		n := 0
		about, err := Read(file, sample, func(r Record) error {
			n++
			if r.Wrong() == (len(slices.DeleteFunc(slices.Clone(r.Faults), func(f Fault) bool { return f.Note })) == 0) {
				t.Errorf("wrong %t with %v", r.Wrong(), r.Faults)
			}
			got, err := Merge(base, r.Said)
			if err != nil {
				t.Fatalf("%v of %v", err, r.Said)
			}
			if again, err := Merge(got, r.Said); err != nil || encoded(t, again) != encoded(t, got) {
				t.Errorf("a second time it is another: %v", err)
			}
			return nil
		})
		if err == nil && n != about.Records {
			t.Errorf("%d records, %d told", n, about.Records)
		}
		if err != nil && problem.KindOf(err) == problem.Internal {
			t.Errorf("no reason for people: %v", err)
		}
	})
}
