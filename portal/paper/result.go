package paper

import (
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ResultData is a result in the frame of NĐ 30/2020: an extract of a register, a
// certificate, a decision.
type ResultData struct {
	Letterhead
	Number     string    `json:"number"` // 05/TL-UBND, as Number makes it
	At         time.Time `json:"at"`     // the date it is issued
	Title      string    `json:"title"`
	Abstract   string    `json:"abstract,omitempty"`
	Opening    []string  `json:"opening,omitempty"` // paragraphs before the rows
	Rows       []Row     `json:"rows,omitempty"`
	Paragraphs []string  `json:"paragraphs,omitempty"`
	Recipients []string  `json:"recipients,omitempty"` // nơi nhận
	Signature  Signatory `json:"signature"`
	Code       string    `json:"code"`   // of the dossier
	Lookup     string    `json:"lookup"` // what /xac-thuc asks for
	Verify     string    `json:"verify"` // the address that the QR opens
}

// Row is a line of an extract; without value the label is a heading.
type Row struct {
	Label string `json:"label"`
	Value string `json:"value,omitempty"`
}

// Signatory is who signs and for whom.
type Signatory struct {
	Authority []string `json:"authority"` // "TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH": one a line
	Name      string   `json:"name"`
	Marks     []string `json:"marks,omitempty"` // of an electronic signature: by whom, when
}

// The body of a result: NĐ 30 has 13–14 points, justified, the first line in by 1–1.27 cm,
// at least 6 points between paragraphs.
var (
	body       = roman.of(14)
	bodyIndent = 12.7
	bodyGap    = 6 * mmPerPoint
)

// Result draws a result paper.
func Result(w io.Writer, d ResultData) error {
	a := about{title: d.Title + " " + d.Number, author: d.Agency, at: d.At}
	return draw(w, a, func(s *sheet) {
		s.letterhead(d.Letterhead, "Số: "+d.Number, d.At)
		s.resultTitle(d.Title, d.Abstract)
		for _, p := range d.Opening {
			s.bodyPara(p)
		}
		s.rows(d.Rows)
		for _, p := range d.Paragraphs {
			s.bodyPara(p)
		}
		s.resultFoot(d)
	})
}

func (s *sheet) resultTitle(title, abstract string) {
	bold := body.bold()
	lines, about := s.balanced(bold, upper(title), width-20), s.balanced(bold, abstract, width-20)
	if abstract == "" {
		about = nil
	}
	lh := bold.lineHeight()
	s.block(6, float64(len(lines)+len(about))*lh+5, func(y float64) {
		end := s.stack(left, s.stack(left, y, width, bold, lines), width, bold, about)
		last := append(lines, about...)
		s.under(left, end+1, width, 0.4*min(100, s.widest(last[len(last)-1:])))
	})
}

func (s *sheet) bodyPara(words string) {
	s.para(look{face: body, align: justify, indent: bodyIndent, gap: bodyGap}, span{words, body})
}

// rows sets labels and values in two columns, each row whole.
func (s *sheet) rows(rows []Row) {
	widest := 0.0
	for _, r := range rows {
		if r.Value != "" {
			widest = max(widest, s.natural(s.oneLine(body, strings.ReplaceAll(r.Label, "\n", " ")+":")))
		}
	}
	labels := min(widest+4, 68)
	bold, lh := body.bold(), body.lineHeight()
	for _, r := range rows {
		if r.Value == "" {
			s.para(look{face: bold, gap: bodyGap, keep: true}, span{r.Label, bold})
			continue
		}
		label, value := s.wrap(labels-3, 0, span{r.Label + ":", body}), s.wrap(width-labels, 0, span{r.Value, bold})
		for i := range max(len(label), len(value)) {
			gap := 0.0
			if i == 0 {
				gap = bodyGap / 2
			}
			s.add(band{gap: gap, height: lh, keep: i < max(len(label), len(value))-1, draw: func(y float64) {
				if i < len(label) {
					s.line(left, y, labels, toLeft, label[i], body)
				}
				if i < len(value) {
					s.line(left+labels, y, width-labels, toLeft, value[i], bold)
				}
			}})
		}
	}
}

// resultFoot is one block: who gets the paper and how to check it on the left, the
// signature on the right.
func (s *sheet) resultFoot(d ResultData) {
	const share, side = 0.45 * width, 24.0
	head, item := roman.of(12).boldItalic(), roman.of(11)
	var to []line
	for _, r := range d.Recipients {
		to = append(to, s.wrap(share-6, 0, span{"- " + r, item})...)
	}
	small := roman.of(9.5)
	var check []line
	if d.Lookup != "" {
		check = s.wrap(share-side-6, 0, span{"Mã tra cứu:\n", small}, span{d.Lookup, small.bold()}, span{"\nMã hồ sơ:\n" + d.Code, small}, span{"\nQuét mã để xác thực", small.italic()})
	}
	code := newQR(d.Verify)
	listed := head.lineHeight() + float64(len(to))*item.lineHeight()
	if len(to) == 0 {
		listed = 0
	}
	height, draw := s.signed(signature{title: d.Signature.Authority, mark: d.Signature.Marks, name: d.Signature.Name}, left+share, width-share)
	s.keepLast(2)
	s.block(8, max(height, listed+4+side), func(y float64) {
		draw(y)
		if len(to) > 0 {
			s.line(left, y, share, toLeft, s.oneLine(head, "Nơi nhận:"), head)
		}
		for i, l := range to {
			s.line(left, y+head.lineHeight()+float64(i)*item.lineHeight(), share, toLeft, l, item)
		}
		y += listed + 4
		if code != nil {
			s.qr(code, left-2, y, side)
		}
		for i, l := range check {
			s.line(left+side, y+2.5+float64(i)*small.lineHeight(), share-side, toLeft, l, small)
		}
	})
}

func upper(s string) string { return strings.ToUpper(s) }

// sentence begins with a capital.
func sentence(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
