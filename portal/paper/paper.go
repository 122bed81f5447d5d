// Package paper draws what people hold in their hands: slips, receipts and results, as
// PDF in the frame of NĐ 30/2020.
//
// The words on a paper are those of its legal template, in Vietnamese whatever language
// its reader uses the portal in; so they stand here and not in locales.
//
// Equal data gives equal bytes: nothing but the data goes into a file, not even the hour.
package paper

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/go-fonts/liberation/liberationmonoregular"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifbolditalic"
	"github.com/go-fonts/liberation/liberationserifitalic"
	"github.com/go-fonts/liberation/liberationserifregular"
	"github.com/jung-kurt/gofpdf"
)

// A4 with margins inside what NĐ 30/2020, Phụ lục I allows: top and bottom 20–25 mm, left
// 30–35, right 15–20.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	top        = 21.0
	bottom     = 21.0
	left       = 31.0
	right      = 16.0
	width      = pageWidth - left - right
)

const mmPerPoint = 25.4 / 72

// The families; their names stand in the file.
const (
	serif      = "LiberationSerif"
	monospaced = "LiberationMono"
)

// Liberation Serif has the widths of Times New Roman, which NĐ 30 asks for and which is
// not free.
var fonts = map[string][]byte{
	serif:        liberationserifregular.TTF,
	serif + "B":  liberationserifbold.TTF,
	serif + "I":  liberationserifitalic.TTF,
	serif + "BI": liberationserifbolditalic.TTF,
	monospaced:   liberationmonoregular.TTF,
}

// about is what a file says of itself.
type about struct {
	title, author string
	at            time.Time
	form          string // the legal form it is made by, said in the corner of the first page
	running       string // stands at the head of the second page and the following ones
}

// sheet is a document being made: what stands on it, from top to bottom, and the file.
type sheet struct {
	f      *gofpdf.Fpdf
	loaded map[string]bool
	about  about
	pages  int
	bands  []band
}

// draw makes a document and writes it when it is whole. The library panics on input it
// cannot draw; that is an error here, and nothing is written.
func draw(w io.Writer, a about, compose func(s *sheet)) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("draw %s: %v", a.title, r)
		}
	}()
	s := &sheet{f: gofpdf.New("P", "mm", "A4", ""), loaded: map[string]bool{}, about: a}
	s.f.SetAutoPageBreak(false, 0)
	s.f.SetCatalogSort(true)
	s.f.SetCreationDate(a.at.UTC())
	s.f.SetModificationDate(a.at.UTC())
	s.f.SetProducer("Một Cửa", true)
	s.f.SetTitle(clean(a.title), true)
	s.f.SetAuthor(clean(a.author), true)
	compose(s)
	s.paginate()
	s.f.SetAlpha(1, "Normal") // for its side effect: the file becomes PDF 1.4, the least TT 01/2023 takes
	var b bytes.Buffer
	if err := s.f.Output(&b); err != nil {
		return fmt.Errorf("draw %s: %w", a.title, err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// face is a font in a size, in points.
type face struct {
	family, style string
	size          float64
}

var (
	roman = face{serif, "", 13}
	mono  = face{monospaced, "", 7.5}
)

func (f face) bold() face           { f.style = "B"; return f }
func (f face) italic() face         { f.style = "I"; return f }
func (f face) boldItalic() face     { f.style = "BI"; return f }
func (f face) of(size float64) face { f.size = size; return f }

// lineHeight leaves room for two marks above a capital (Ễ) and one below the line above (Ị).
func (f face) lineHeight() float64 { return f.size * mmPerPoint * 1.25 }

// use makes f the current font. A font is read on first use, so that a file carries only
// those it needs; its bytes are copied because the library writes into them
// (jung-kurt/gofpdf#316), which is a race between documents.
func (s *sheet) use(f face) {
	if key := f.family + f.style; !s.loaded[key] {
		s.f.AddUTF8FontFromBytes(f.family, f.style, bytes.Clone(fonts[key]))
		s.loaded[key] = true
	}
	s.f.SetFont(f.family, f.style, f.size)
}

func (s *sheet) width(f face, text string) float64 {
	s.use(f)
	return s.f.GetStringWidth(text)
}

// addPage begins a page: NĐ 30 has its number centred in the top margin, from the second on.
func (s *sheet) addPage() {
	s.f.AddPage()
	s.pages++
	s.f.SetDrawColor(0, 0, 0)
	s.f.SetFillColor(0, 0, 0)
	s.f.SetTextColor(0, 0, 0)
	small := roman.of(10).italic()
	if s.pages == 1 {
		if s.about.form != "" {
			s.line(left, 14, width, toRight, s.fitting(small, s.about.form, width), small)
		}
		return
	}
	s.line(left, 10, width, centre, s.oneLine(roman, fmt.Sprint(s.pages)), roman)
	if s.about.running != "" {
		s.line(left, 10.8, width, toRight, s.fitting(small, s.about.running, 0.4*width), small)
	}
}

// rule draws a thin line.
func (s *sheet) rule(x1, y1, x2, y2 float64) {
	s.f.SetLineWidth(0.2)
	s.f.Line(x1, y1, x2, y2)
}
