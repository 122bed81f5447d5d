package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"
)

const firm = "/doanh-nghiep/1600199903"

// promotions fills the template with notices of promotions; faults is the line whose last
// day is no day, 0 none.
func promotions(t *testing.T, template []byte, faulty int) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(template))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	day := func(in int) string { return time.Now().AddDate(0, 0, in).Format("2/1/2006") }
	for i := range 3 {
		line := map[string]any{"dong": i + 1, "contact_name": "Lê Thị Ngọc Lan", "contact_phone": "0912345678", "business_phone": "0912345678",
			"promotion_name": fmt.Sprintf("Mua năm tặng một, đợt %d", i+1), "promotion_forms": "Tặng hàng hóa, cung ứng dịch vụ không thu tiền",
			"promotion_from": day(20), "promotion_to": day(40), "promotion_area": "Toàn tỉnh", "goods": "Gạo thơm", "goods_quantity": "5.000 bao",
			"customers": "Mọi người mua lẻ", "promotion_details": "Mua năm bao tặng một bao", "agency": "Sở Công Thương", "return_by": "Bản điện tử"}
		if faulty == i+1 {
			line["promotion_to"] = "31/2/2027"
		}
		fillRow(t, f, 0, 5+i, line)
		fillRow(t, f, 1, 5+i, map[string]any{"dong": i + 1, "prizes.prize_name": "Bao gạo 5 kg", "prizes.prize_quantity": 1000, "prizes.prize_value": 120000})
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func fillRow(t *testing.T, f *excelize.File, sheet, row int, line map[string]any) {
	t.Helper()
	name := f.GetSheetList()[sheet]
	rows, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	for code, value := range line {
		i := slices.Index(rows[0], code)
		if i < 0 {
			t.Fatalf("the template has no column %s: %q", code, rows[0])
		}
		cell, err := excelize.CoordinatesToCellName(i+1, row)
		if err == nil {
			err = f.SetCellValue(name, cell, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestBrowserSpreadsheet files three notices of promotions from one spreadsheet, in which
// one line is wrong at first: on a desktop, without JavaScript, on a phone in the dark.
func TestBrowserSpreadsheet(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	dir := t.ArtifactDir()
	for _, s := range []screen{
		{Name: "desktop", Width: 1280, Height: 900},
		{Name: "no-script", Width: 1280, Height: 900, NoScript: true},
		{Name: "phone", Width: 360, Height: 740, Phone: true},
	} {
		t.Run(s.Name, func(t *testing.T) {
			b := s.tab(t, all, p.Facts.Portal)
			if s.Phone {
				b.dark(t)
			}
			w := walker{t, b, func(name string, _ page) { b.look(t, dir, name) }, nil}
			w.signIn("lan")
			spreadsheet(w)
			for _, said := range b.trouble {
				t.Errorf("the browser complained: %s", said)
			}
		})
	}
	verified(t, p)
}

// dark is how a person has their screen at night.
func (b *browser) dark(t *testing.T) {
	t.Helper()
	night := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}
	err := chromedp.Do(b.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, night)
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
}

func spreadsheet(w walker) {
	w.seen("doanh-nghiep", w.goTo("/doanh-nghiep"))
	choose := w.goTo(firm + "/nop-nhieu")
	w.mustSay(choose, "Thông báo hoạt động khuyến mại")
	w.seen("nop-nhieu", choose)
	upload := w.goTo(firm + "/nop-nhieu/2.000033")
	w.seen("tai-len", upload)
	template, dir := w.file(firm+"/nop-nhieu/2.000033/mau.xlsx"), w.TempDir()
	wrong := put(w.T, dir, "khuyen-mai.xlsx", promotions(w.T, template, 2))
	batch := w.must(upload, "/2.000033", entry{Files: map[string][]string{"tep": {wrong}}})
	at := batch.URL.Path
	batch = w.until(at, "1 dòng cần sửa", "Dòng 2", "Ngày kết thúc khuyến mại phải là ngày có thật")
	w.seen("lo-co-loi", batch)
	if copied := w.file(at + "/loi.xlsx"); !bytes.HasPrefix(copied, []byte("PK")) {
		w.Error("the marked copy is no workbook")
	}
	right := put(w.T, dir, "khuyen-mai-da-sua.xlsx", promotions(w.T, template, 0))
	w.must(batch, at, entry{Files: map[string][]string{"tep": {right}}})
	batch = w.until(at, "thiếu ở 3 trên 3 dòng")
	w.seen("lo-thieu-giay", batch)
	rules := put(w.T, dir, "the-le.pdf", paperPDF(1, "The le"))
	paper := w.goTo(at + "/giay-to/the_le_chuong_trinh")
	w.seen("lo-giay-to", paper)
	w.must(paper, "/the_le_chuong_trinh", entry{Files: map[string][]string{"tep": {rules}}})
	batch = w.goTo(at)
	w.mustSay(batch, "đã đủ", "Nộp 3 hồ sơ")
	w.seen("lo-san-sang", batch)
	w.must(batch, at, entry{Set: url.Values{"cam-doan": {"1"}}, Button: "lam=nop"})
	batch = w.until(at, "Đã xong")
	w.seen("lo-da-nop", batch)
	if n := strings.Count(batch.says(), "Đã nộp, mã"); n != 3 {
		w.Errorf("%d lines are filed: %s", n, batch.says())
	}
	list := w.goTo(firm + "/ho-so")
	w.mustSay(list, "Lê Thị Ngọc Lan", "Mới đăng ký")
	w.seen("ho-so-doanh-nghiep", list)
	if sheet := string(w.file(firm + "/ho-so.csv")); strings.Count(sheet, "\n") < 4 {
		w.Errorf("the list as a file: %s", sheet)
	}
	w.seen("thanh-vien", w.goTo(firm+"/thanh-vien"))
	w.seen("moi", w.goTo(firm+"/thanh-vien/moi"))
}
