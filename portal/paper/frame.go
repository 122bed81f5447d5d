package paper

import (
	"fmt"
	"strings"
	"time"

	"motcua/locales"
)

// Letterhead is who issues a paper and where.
type Letterhead struct {
	Parent string `json:"parent,omitempty"` // the body above, when the template names it
	Agency string `json:"agency"`
	Place  string `json:"place"` // of the place and date line
}

// How the head of a page is shared: NĐ 30 gives the motto the right-hand side.
const (
	issuerWidth = 70.0
	mottoWidth  = width - issuerWidth
)

// letterhead is the top of a paper: issuing bodies and number on the left, the name of the
// country, the motto, place and date on the right. Without number the left ends earlier.
func (s *sheet) letterhead(h Letterhead, number string, at time.Time) {
	body, motto, date := roman.of(12), roman.bold(), roman.italic()
	parent := s.balanced(body, strings.ToUpper(h.Parent), issuerWidth-2)
	agency := s.balanced(body.bold(), strings.ToUpper(h.Agency), issuerWidth-2)
	numbered := s.balanced(roman, number, issuerWidth-2)
	dated := s.balanced(date, placeAndDate(h.Place, at), mottoWidth-2)
	if h.Parent == "" {
		parent = nil
	}

	issuer := float64(len(parent)+len(agency))*body.lineHeight() + 2.5
	country := body.lineHeight() + motto.lineHeight() + 2.5
	second := max(issuer, country) + 1.5
	height := second + float64(max(len(numbered), len(dated)))*roman.lineHeight()

	s.block(0, height, func(y float64) {
		end := s.stack(left, y, issuerWidth, body, parent)
		end = s.stack(left, end, issuerWidth, body.bold(), agency)
		// The line below the issuing body is a third to a half of its name.
		s.under(left, end+0.8, issuerWidth, 0.4*s.widest(agency))
		s.stack(left, y+second, issuerWidth, roman, numbered)

		x := left + issuerWidth
		s.line(x, y, mottoWidth, centre, s.oneLine(body.bold(), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), body)
		l := s.oneLine(motto, "Độc lập - Tự do - Hạnh phúc")
		s.line(x, y+body.lineHeight(), mottoWidth, centre, l, motto)
		s.under(x, y+body.lineHeight()+motto.lineHeight()+0.8, mottoWidth, s.natural(l))
		s.stack(x, y+second, mottoWidth, date, dated)
	})
}

// placeAndDate has a 0 before days to 9 and the months 1 and 2, as NĐ 30 has it.
func placeAndDate(place string, at time.Time) string {
	at = at.In(locales.ICT)
	month := fmt.Sprint(int(at.Month()))
	if at.Month() <= time.February {
		month = "0" + month
	}
	date := fmt.Sprintf("ngày\u00a0%02d tháng\u00a0%s năm\u00a0%d", at.Day(), month, at.Year())
	if place == "" {
		return date
	}
	return place + ", " + date
}

// moment is an instant as the one-stop forms write it.
func moment(at time.Time) string {
	at = at.In(locales.ICT)
	return fmt.Sprintf("%02d\u00a0giờ %02d\u00a0phút, ngày\u00a0%s", at.Hour(), at.Minute(), day(at))
}

func day(at time.Time) string { return at.In(locales.ICT).Format("02/01/2006") }

// Number is the number of a paper with the sign of its kind and issuer: 05/TL-UBND.
// Numbers below 10 get a 0, as NĐ 30 has it.
func Number(n int, sign string) string { return fmt.Sprintf("%02d/%s", n, sign) }

// stack draws centred lines below one another and returns where they end.
func (s *sheet) stack(x, y, w float64, f face, lines []line) float64 {
	for _, l := range lines {
		s.line(x, y, w, centre, l, f)
		y += f.lineHeight()
	}
	return y
}

// under draws a line in the middle of a strip.
func (s *sheet) under(x, y, w, length float64) {
	s.rule(x+(w-length)/2, y, x+(w+length)/2, y)
}

func (s *sheet) widest(lines []line) (most float64) {
	for _, l := range lines {
		most = max(most, s.natural(l))
	}
	return most
}

// heading adds the title of a slip, with the code that opens its page on the right.
func (s *sheet) heading(title, below, address string) {
	big, small := roman.of(14).bold(), roman.of(12).bold()
	const side = 23.0 // of the QR; the title stays clear of it on both sides
	lines := s.balanced(big, title, width-2*side-6)
	notes := s.balanced(small, below, width-2*side-6)
	if below == "" {
		notes = nil
	}
	words := float64(len(lines))*big.lineHeight() + float64(len(notes))*small.lineHeight()
	code := newQR(address)
	s.block(3.5, max(words, side+3.5), func(y float64) {
		from := y
		if code != nil {
			from += (side - words) / 2
			s.qr(code, left+width-side, y, side)
			s.line(left+width-side, y+side-0.5, side, centre, s.oneLine(roman.of(8), "Quét mã để tra cứu"), roman.of(8))
		}
		s.stack(left, s.stack(left, from, width, big, lines), width, small, notes)
	})
}

// signature is one side of the block at the end.
type signature struct {
	title []string // TM. …, the office, one a line
	hint  string   // what the signer does there
	mark  []string // of an electronic signature
	name  string
}

// signatures adds the block of names beside one another, kept with what goes before it.
func (s *sheet) signatures(gap float64, sides ...signature) {
	s.keepLast(2)
	w := width / float64(len(sides))
	var blocks []func(y float64)
	height := 0.0
	for i, side := range sides {
		h, draw := s.signed(side, left+float64(i)*w, w)
		height, blocks = max(height, h), append(blocks, draw)
	}
	s.block(gap, height, func(y float64) {
		for _, draw := range blocks {
			draw(y)
		}
	})
}

// signed lays one signature out: the office, room to sign, the name.
func (s *sheet) signed(g signature, x, w float64) (height float64, draw func(y float64)) {
	f, hint, mark := roman.bold(), roman.of(11).italic(), roman.of(10)
	var title, marks []line
	for _, t := range g.title {
		title = append(title, s.balanced(f, t, w-4)...)
	}
	for _, m := range g.mark {
		marks = append(marks, s.wrap(w-4, 0, span{m, mark})...)
	}
	name := s.balanced(f, g.name, w-4)
	head := float64(len(title)) * f.lineHeight()
	if g.hint != "" {
		head += hint.lineHeight()
	}
	room := max(18, float64(len(marks))*mark.lineHeight()+6)
	height = head + room + float64(len(name))*f.lineHeight()
	return height, func(y float64) {
		end := s.stack(x, y, w, f, title)
		if g.hint != "" {
			end = s.stack(x, end, w, hint, []line{s.oneLine(hint, g.hint)})
		}
		s.stack(x, end+3, w, mark, marks)
		s.stack(x, y+head+room, w, f, name)
	}
}

// The body of a slip is a little smaller than that of a result, so that an ordinary one
// fits one page.
var plain = roman.of(12)

const fieldGap = 1.0

// field adds "label: value", as the one-stop forms have it; nothing when there is no value.
func (s *sheet) field(label, value string) {
	if strings.TrimSpace(value) == "" {
		return
	}
	s.para(look{face: plain, gap: fieldGap}, span{label + ": ", plain}, span{value, plain.bold()})
}

// say adds a paragraph of plain words.
func (s *sheet) say(words string) {
	s.para(look{face: plain, align: justify, gap: fieldGap}, span{words, plain})
}

// announce adds a paragraph that belongs to the table after it.
func (s *sheet) announce(words string) {
	s.para(look{face: plain, align: justify, gap: fieldGap, keep: true}, span{words, plain})
}

// masked shows the first and last three characters of an identity number, enough for its
// owner to know it.
func masked(number string) string {
	r := []rune(strings.TrimSpace(number))
	if len(r) < 9 {
		return strings.Repeat("•", len(r))
	}
	return string(r[:3]) + strings.Repeat("•", len(r)-6) + string(r[len(r)-3:])
}

// unbroken keeps the groups of a telephone number on one line.
func unbroken(s string) string { return strings.ReplaceAll(s, " ", "\u00a0") }

// page is an address without its query: what a person types; the QR has the whole.
func page(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address
}

func money(n int64) string { return strings.TrimSuffix(locales.FormatMoney(locales.VI, n), " đồng") }

// size is how large a file is, in the units people know.
func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d byte", n)
	case n < 1_000_000:
		return fmt.Sprintf("%d KB", (n+500)/1000)
	}
	return strings.Replace(fmt.Sprintf("%.1f MB", float64(n)/1e6), ".", ",", 1)
}

// Authority is how an officer signs for a body: for a committee in its name, a deputy in
// the head's place (NĐ 30/2020, Điều 13).
func Authority(committee, deputy bool) []string {
	switch {
	case committee && deputy:
		return []string{"TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"}
	case committee:
		return []string{"TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"}
	case deputy:
		return []string{"KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"}
	}
	return []string{"GIÁM ĐỐC"}
}
