package paper

import (
	"fmt"
	"io"
	"time"

	"motcua/locales"
)

// The two kinds of money (Luật Phí và lệ phí 2015), kept apart on the receipt.
const (
	Fee    = "phi"
	Charge = "le_phi"
)

// ReceiptData is what a receipt must say (NĐ 123/2020, Điều 32 khoản 2, amended by
// NĐ 70/2025), and what helps to check it.
type ReceiptData struct {
	Name          string        `json:"name"`     // "Biên lai thu phí, lệ phí"
	Template      string        `json:"template"` // 01BLP0-001
	Symbol        string        `json:"symbol"`   // AA-26E
	Number        int           `json:"number"`
	Agency        string        `json:"agency"` // that collects
	TaxCode       string        `json:"tax_code"`
	AgencyAddress string        `json:"agency_address,omitempty"`
	Place         string        `json:"place,omitempty"`
	At            time.Time     `json:"at"`
	Payer         string        `json:"payer"`
	PayerNumber   string        `json:"payer_number,omitempty"` // identity number, shown masked
	PayerTaxCode  string        `json:"payer_tax_code,omitempty"`
	PayerAddress  string        `json:"payer_address,omitempty"`
	Code          string        `json:"code"` // of the dossier
	Lines         []ReceiptLine `json:"lines"`
	Total         int64         `json:"total"`
	Words         string        `json:"words"` // the total in words
	Method        string        `json:"method"`
	Reference     string        `json:"reference"` // of the payment
	PaidAt        time.Time     `json:"paid_at"`
	Lookup        string        `json:"lookup"`
	Verify        string        `json:"verify"` // the address that the QR opens
	Collector     string        `json:"collector,omitempty"`
	Signed        []string      `json:"signed,omitempty"` // of the electronic signature
}

// ReceiptLine is one sum.
type ReceiptLine struct {
	Kind     string `json:"kind"` // phi, le_phi
	Name     string `json:"name"`
	Unit     int64  `json:"unit"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount"`
	Note     string `json:"note,omitempty"` // why it is less: an exemption
}

// Receipt draws the view of an electronic receipt. Lines that do not make the total are an
// error: such a paper must not exist.
func Receipt(w io.Writer, d ReceiptData) error {
	sums := map[string]int64{}
	for _, l := range d.Lines {
		if l.Kind != Fee && l.Kind != Charge {
			return fmt.Errorf("receipt %s %s %07d: kind of money %q", d.Template, d.Symbol, d.Number, l.Kind)
		}
		sums[l.Kind] += l.Amount
	}
	if sums[Fee]+sums[Charge] != d.Total {
		return fmt.Errorf("receipt %s %s %07d: lines make %d, the total is %d", d.Template, d.Symbol, d.Number, sums[Fee]+sums[Charge], d.Total)
	}
	number := fmt.Sprintf("%07d", d.Number)
	a := about{title: d.Name + " " + d.Symbol + " số " + number, author: d.Agency, at: d.At, running: d.Symbol + " số " + number}
	return draw(w, a, func(s *sheet) {
		s.receiptHead(d, number)
		s.receiptTitle(d)
		s.field("Người nộp", d.Payer)
		s.field("Số căn cước/hộ chiếu", masked(d.PayerNumber))
		s.field("Mã số thuế", d.PayerTaxCode)
		s.field("Địa chỉ", d.PayerAddress)
		s.field("Mã hồ sơ", d.Code)
		s.receiptLines(d, sums)
		s.field("Số tiền bằng chữ", d.Words)
		s.field("Hình thức thanh toán", d.Method)
		s.field("Mã tham chiếu thanh toán", d.Reference)
		s.field("Thời điểm thanh toán", second(d.PaidAt))
		s.receiptFoot(d)
	})
}

// receiptHead has the collecting agency on the left, the receipt's identity on the right.
func (s *sheet) receiptHead(d ReceiptData, number string) {
	const side = 55.0
	f := roman.of(12)
	agency := s.wrap(width-side-4, 0, span{d.Agency, f.bold()})
	below := s.wrap(width-side-4, 0, span{"Mã số thuế: ", f}, span{d.TaxCode, f.bold()})
	if d.AgencyAddress != "" {
		below = append(below, s.wrap(width-side-4, 0, span{"Địa chỉ: " + d.AgencyAddress, f})...)
	}
	ids := [][]span{
		{{"Ký hiệu mẫu: ", f}, {d.Template, f.bold()}},
		{{"Ký hiệu: ", f}, {d.Symbol, f.bold()}},
		{{"Số: ", f}, {number, f.of(14).bold()}},
	}
	lh := f.lineHeight()
	s.block(0, max(float64(len(agency)+len(below)), 3.2)*lh, func(y float64) {
		for i, l := range append(agency, below...) {
			s.line(left, y+float64(i)*lh, width-side, toLeft, l, f)
		}
		for i, id := range ids {
			s.line(left+width-side, y+float64(i)*lh, side, toLeft, s.wrap(side, 0, id...)[0], f)
		}
	})
}

func (s *sheet) receiptTitle(d ReceiptData) {
	big, note := roman.of(16).bold(), roman.of(12).italic()
	s.para(look{face: big, align: centre, gap: 7, keep: true}, span{upper(d.Name), big})
	s.para(look{face: note, align: centre, keep: true}, span{"(Bản thể hiện của biên lai điện tử)", note})
	s.para(look{face: note, align: centre}, span{sentence(placeAndDate(d.Place, d.At)), note})
	s.bands[len(s.bands)-1].keep = true
	s.block(0, 3, func(float64) {})
}

func (s *sheet) receiptLines(d ReceiptData, sums map[string]int64) {
	f := roman.of(12)
	var rows [][]cell
	no := 0
	for _, kind := range []struct{ id, name, sum string }{{Fee, "Phí", "Cộng phí"}, {Charge, "Lệ phí", "Cộng lệ phí"}} {
		some := false
		for _, l := range d.Lines {
			if l.Kind != kind.id {
				continue
			}
			some = true
			no++
			name := cell{spans: []span{{l.Name, f}}}
			if l.Note != "" {
				name.spans = append(name.spans, span{"\n" + l.Note, f.of(10.5).italic()})
			}
			rows = append(rows, []cell{text(f, centre, fmt.Sprint(no)), name, text(f, centre, kind.name),
				text(f, toRight, money(l.Unit)), text(f, centre, fmt.Sprint(l.Quantity)), text(f, toRight, money(l.Amount))})
		}
		if some {
			rows = append(rows, sumRow(f.italic(), kind.sum, sums[kind.id]))
		}
	}
	rows = append(rows, sumRow(f.bold(), "Tổng cộng", d.Total))
	s.table(3, f, []column{{"TT", 10, centre}, {"Tên khoản thu", 0, toLeft}, {"Loại", 17, centre},
		{"Mức thu (đồng)", 25, toRight}, {"Số lượng", 15, centre}, {"Thành tiền (đồng)", 30, toRight}}, rows)
	s.block(0, 1.5, func(float64) {})
}

func sumRow(f face, name string, n int64) []cell {
	return []cell{{spans: []span{{name, f}}, align: toRight, wide: 5}, text(f, toRight, money(n))}
}

// receiptFoot has the code to check the receipt by on the left, who collected on the right.
func (s *sheet) receiptFoot(d ReceiptData) {
	const side = 30.0
	signed := d.Signed
	if len(signed) == 0 {
		signed = []string{"(Biên lai điện tử không cần dấu và chữ ký tay)"}
	}
	s.keepLast(2)
	small := roman.of(11)
	where := s.wrap(width/2, 0, span{"Mã tra cứu: ", small}, span{d.Lookup, small.bold()}, span{"\nTra cứu tại: " + page(d.Verify), small.of(9)})
	height, draw := s.signed(signature{title: []string{"NGƯỜI THU TIỀN"}, mark: signed, name: d.Collector}, left+width/2, width/2)
	code := newQR(d.Verify)
	s.block(6, max(height, side+float64(len(where))*small.lineHeight()), func(y float64) {
		draw(y)
		if code != nil {
			s.qr(code, left-2, y, side)
		}
		for i, l := range where {
			s.line(left, y+side+float64(i)*small.lineHeight(), width/2, toLeft, l, small)
		}
	})
}

func weekday(at time.Time) string {
	return [...]string{"Chủ Nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"}[at.In(locales.ICT).Weekday()]
}
