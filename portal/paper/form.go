package paper

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// FormData is an application (tờ khai, đơn): filled, or blank to be filled by hand.
type FormData struct {
	Number      string     `json:"number,omitempty"` // of the statutory form: Mẫu số …
	Title       string     `json:"title"`
	To          string     `json:"to,omitempty"` // Kính gửi
	Parts       []FormPart `json:"parts"`
	Declaration string     `json:"declaration,omitempty"`
	Signs       []string   `json:"signs"` // who signs, from left to right; Name is the last one's
	Name        string     `json:"name,omitempty"`
	Marks       []string   `json:"marks,omitempty"` // how the portal knows that it was declared, and by whom
	Place       string     `json:"place,omitempty"`
	At          time.Time  `json:"at,omitzero"`
	Code        string     `json:"code,omitempty"` // of the dossier
	Blank       bool       `json:"blank,omitempty"`
}

// FormPart is one of: a heading, a paragraph, rows, a table.
type FormPart struct {
	Heading string     `json:"heading,omitempty"`
	Words   []FormWord `json:"words,omitempty"`
	Rows    []Row      `json:"rows,omitempty"`
	Table   *FormTable `json:"table,omitempty"`
}

// FormWord is printed words, or what was filled in between them.
type FormWord struct {
	Text   string `json:"text"`
	Filled bool   `json:"filled,omitempty"`
}

// FormTable is the rows of a repeated group, or a table.
type FormTable struct {
	Head     []string   `json:"head"`
	Rows     [][]string `json:"rows"`
	Labelled bool       `json:"labelled,omitempty"` // the first column names the lines, which are not numbered
}

// widestTable is how many columns fit beside one another; a table with more is set as rows.
const widestTable = 7

// Blanks is the room left in a sentence for what is written by hand.
const Blanks = "…………………………"

// Form draws an application. A blank one has dots where answers belong.
func Form(w io.Writer, d FormData) error {
	a := about{title: strings.TrimSpace(d.Title + " " + d.Code), at: d.At, form: d.Number}
	if d.Code != "" {
		a.running = "Hồ sơ " + d.Code
	}
	return draw(w, a, func(s *sheet) {
		s.country()
		below := ""
		if d.Code != "" {
			below = "Mã hồ sơ: " + d.Code
		}
		s.formTitle(upper(d.Title), below)
		if d.To != "" {
			s.para(look{face: plain, align: centre, gap: 2}, span{"Kính gửi: ", plain}, span{d.To, plain.bold()})
		}
		for _, p := range d.Parts {
			s.part(p, d.Blank)
		}
		if d.Declaration != "" {
			s.para(look{face: plain, align: justify, gap: 3}, span{d.Declaration, plain})
		}
		s.formFoot(d)
	})
}

// country is the head of an application, which no body issues: the name of the country and
// the motto, in the middle.
func (s *sheet) country() {
	name, motto := roman.of(12).bold(), roman.bold()
	s.block(0, name.lineHeight()+motto.lineHeight()+3, func(y float64) {
		l := s.oneLine(motto, "Độc lập - Tự do - Hạnh phúc")
		s.line(left, y, width, centre, s.oneLine(name, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), name)
		s.line(left, y+name.lineHeight(), width, centre, l, motto)
		s.under(left, y+name.lineHeight()+motto.lineHeight()+0.8, width, s.natural(l))
	})
}

func (s *sheet) formTitle(title, below string) {
	big, small := roman.of(14).bold(), plain.italic()
	lines, under := s.balanced(big, title, width-20), s.balanced(small, below, width-20)
	if below == "" {
		under = nil
	}
	s.block(6, float64(len(lines))*big.lineHeight()+float64(len(under))*small.lineHeight(), func(y float64) {
		s.stack(left, s.stack(left, y, width, big, lines), width, small, under)
	})
}

func (s *sheet) part(p FormPart, blank bool) {
	switch {
	case p.Heading != "":
		s.para(look{face: plain.bold(), gap: 3, keep: true}, span{p.Heading, plain.bold()})
	case len(p.Words) > 0:
		s.filled(p.Words, blank)
	case p.Table != nil && len(p.Table.Head) <= widestTable:
		s.formTable(*p.Table, blank)
	case p.Table != nil:
		for no, row := range p.Table.Rows {
			s.para(look{face: plain.bold(), gap: 2, keep: true}, span{fmt.Sprint(no+1, "."), plain.bold()})
			for i, value := range row {
				s.formRow(p.Table.Head[i], value, blank)
			}
		}
	}
	for _, r := range p.Rows {
		s.formRow(r.Label, r.Value, blank)
	}
}

// filled is a sentence of a statutory form with its answers in it.
func (s *sheet) filled(words []FormWord, blank bool) {
	var spans []span
	for _, w := range words {
		switch {
		case !w.Filled:
			spans = append(spans, span{w.Text, plain})
		case w.Text == "" && blank:
			spans = append(spans, span{Blanks, plain})
		case w.Text == "":
			spans = append(spans, span{"–", plain})
		default:
			spans = append(spans, span{w.Text, plain.bold()})
		}
	}
	s.para(look{face: plain, gap: fieldGap}, spans...)
}

// formRow is "label: value"; on a blank form the rest of the line is dotted, and one more.
func (s *sheet) formRow(label, value string, blank bool) {
	label = strings.TrimRight(strings.TrimSpace(label), ":?") + ":"
	if !blank || value != "" {
		if value == "" {
			value = "–"
		}
		answer := plain.bold()
		if blank {
			answer = plain // boxes to tick
		}
		s.para(look{face: plain, gap: fieldGap}, span{label + " ", plain}, span{value, answer})
		return
	}
	lines := s.wrap(width, 0, span{label, plain})
	for i, l := range lines {
		s.add(band{gap: fieldGap, height: plain.lineHeight(), keep: i < len(lines)-1, draw: func(y float64) {
			s.line(left, y, width, toLeft, l, plain)
			if i == len(lines)-1 {
				s.dots(left+s.natural(l)+1.5, y, width-s.natural(l)-1.5)
			}
		}})
	}
}

// dots fill a strip to write on.
func (s *sheet) dots(x, y, w float64) {
	if n := int(w / s.width(plain, ".")); n > 0 {
		s.line(x, y, w, toLeft, s.oneLine(plain, strings.Repeat(".", n)), plain)
	}
}

// formTable sets rows under a head; a blank one's are high enough for a hand.
func (s *sheet) formTable(t FormTable, blank bool) {
	f := roman.of(10.5)
	var columns []column
	numbers := 0.0
	if !t.Labelled {
		numbers = 9
		columns = append(columns, column{"TT", numbers, centre})
	}
	share := (width - numbers) / float64(len(t.Head))
	for _, name := range t.Head {
		columns = append(columns, column{name, share, toLeft})
	}
	var rows [][]cell
	for i, r := range t.Rows {
		var cells []cell
		if !t.Labelled {
			cells = append(cells, text(f, centre, fmt.Sprint(i+1)))
		}
		for _, v := range r {
			if blank && v == "" {
				v = "\n"
			}
			cells = append(cells, text(f, toLeft, v))
		}
		rows = append(rows, cells)
	}
	s.table(1.5, f, columns, rows)
}

// formFoot dates and signs the form. A filled one says how it was declared instead of
// leaving room for a hand.
func (s *sheet) formFoot(d FormData) {
	dated := placeAndDate(d.Place, d.At)
	if d.Blank {
		dated = "………………, ngày …… tháng …… năm ………"
	}
	s.para(look{face: plain.italic(), align: toRight, gap: 4, keep: true}, span{dated, plain.italic()})
	var sides []signature
	for i, title := range d.Signs {
		side := signature{title: []string{upper(title)}, hint: "(Ký, ghi rõ họ, chữ đệm, tên)"}
		if i == len(d.Signs)-1 && !d.Blank {
			side.hint, side.mark, side.name = "", slices.Clone(d.Marks), d.Name
		}
		sides = append(sides, side)
	}
	if len(sides) == 1 {
		sides = append([]signature{{}}, sides...) // on the right
	}
	s.signatures(2, sides...)
}
