package citizen

import (
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/net/html"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/web"
)

// TestProcedurePageSaysTheWholeRecord draws a sheet that has what the shipped ones lack.
func TestProcedurePageSaysTheWholeRecord(t *testing.T) {
	t.Parallel()
	h, app := newPages(t)
	rev := &catalogue.Revision{No: 1, Sheet: catalogue.Sheet{
		Code: "9.999999", Name: locales.V("Thủ tục mẫu"), Audience: []string{catalogue.Citizen}, Tiers: []string{"commune"},
		Channels: []catalogue.Channel{{Channel: catalogue.Online, Time: catalogue.Time{Amount: 3, Unit: "working_day"}, Fees: []catalogue.Price{
			{Amount: 8000, Unit: locales.V("đồng/bản"), Kind: "phi", Ground: "12/2026/TT-BTC", Exempt: []locales.Text{locales.V("người có công"), locales.V("hộ nghèo")},
				Reduction: &catalogue.Reduction{Percent: 50, To: "2026-12-31"}},
			{Amount: 10000, Unit: locales.V("đồng"), Kind: "le_phi"}}}},
		Components:   []catalogue.Components{{Papers: []catalogue.Component{{Name: locales.V("Giấy A"), When: locales.V("người nộp ở nước ngoài")}}}},
		Requirements: []locales.Text{locales.V("Chung cho mọi người")},
		Conditions:   []catalogue.Conditions{{Case: locales.V("Trường hợp B"), Conditions: []locales.Text{locales.V("Riêng của B")}}},
		Legal:        []catalogue.Basis{{Number: "12/2026/TT-BTC", Name: locales.V("Thông tư mẫu"), To: "2027-01-31", ReplacedBy: "3/2027/TT-BTC"}},
	}}
	data := procedureOf(rev)
	data.Units = []string{"Phường Một", "Xã Hai"}
	app.Get("/mau", func(c *fiber.Ctx) error {
		return h.Show(c, fiber.StatusOK, "public/procedure", web.Page{Title: rev.Sheet.Name, Data: data})
	})
	_, body, _ := visit(t, app, "/mau")
	var page strings.Builder
	for _, n := range all(t, body, func(n *html.Node) bool { return n.Data == "main" }) {
		page.WriteString(words(n))
	}
	for _, want := range []string{"Phí: 8.000 đồng/bản", "Lệ phí: 10.000 đồng", "Đã giảm 50% vì nộp trực tuyến, đến hết ngày 31/12/2026", "Được miễn: người có công; hộ nghèo",
		"12/2026/TT-BTC", "Khi nào cần: người nộp ở nước ngoài", "Chung cho mọi người", "Trường hợp B", "Riêng của B", "Có hiệu lực đến hết ngày", "Thay bằng 3/2027/TT-BTC", "Phường Một, Xã Hai"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestCheckListToTakeAlong(t *testing.T) {
	t.Parallel()
	_, app := newPages(t)
	status, body, _ := visit(t, app, "/thu-tuc/"+withForm+"?in=giay")
	boxes := all(t, body, func(n *html.Node) bool { kind, _ := value(n, "type"); return n.Data == "input" && kind == "checkbox" })
	if status != 200 || len(boxes) < 3 || !strings.Contains(body, `class="qr"`) || strings.Contains(body, "<header") {
		t.Errorf("%d, %d boxes", status, len(boxes))
	}
	if _, body, _ := visit(t, app, "/thu-tuc/"+withForm); !strings.Contains(body, "?in=giay") {
		t.Error("the procedure's page does not lead to it")
	}
}
