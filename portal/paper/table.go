package paper

// column of a table.
type column struct {
	head  string
	width float64 // in mm; one column may have 0 and takes what is left
	align align
}

// cell is what stands in a table; over is for a row of its own that spans some columns.
type cell struct {
	spans []span
	align align
	wide  int // how many columns it takes; 0 is 1
}

// pad is the room between a cell's words and its lines: less in small print.
func pad(f face) float64 { return 0.09 * f.size }

// tallest is how high a row may be before it is parted between lines.
const tallest = 90.0

// table adds rows under a head that is repeated on every page and never stands alone.
func (s *sheet) table(gap float64, f face, columns []column, rows [][]cell) {
	columns = fill(columns)
	var names []cell
	for _, c := range columns {
		names = append(names, cell{spans: []span{{c.head, f.bold()}}, align: centre})
	}
	head := s.row(f, columns, names)[0]
	first := head
	first.gap, first.keep = gap, true
	s.add(first)
	for _, r := range rows {
		for _, b := range s.row(f, columns, r) {
			b.head = &head
			s.add(b)
		}
	}
}

func fill(columns []column) []column {
	all := append([]column(nil), columns...)
	rest := width
	for _, c := range all {
		rest -= c.width
	}
	for i := range all {
		if all[i].width == 0 {
			all[i].width = rest
		}
	}
	return all
}

// row is one band, or several when a cell has more lines than a page should give it.
func (s *sheet) row(f face, columns []column, cells []cell) []band {
	type placed struct {
		cell
		x, w  float64
		lines []line
	}
	pad, lh, step := pad(f), f.lineHeight(), int(tallest/f.lineHeight())
	var all []placed
	x, most, at := left, 1, 0
	for _, c := range cells {
		w := 0.0
		for range max(1, c.wide) {
			w += columns[at].width
			at++
		}
		lines := s.wrap(w-2*pad, 0, c.spans...)
		all = append(all, placed{c, x, w, lines})
		x, most = x+w, max(most, len(lines))
	}
	var bands []band
	for from := 0; from < most; from += step {
		to := min(most, from+step)
		height := float64(to-from)*lh + 2*pad
		bands = append(bands, band{height: height, draw: func(y float64) {
			for _, p := range all {
				s.box(p.x, y, p.w, height)
				for n := from; n < min(to, len(p.lines)); n++ {
					s.line(p.x+pad, y+pad+float64(n-from)*lh, p.w-2*pad, p.align, p.lines[n], f)
				}
			}
		}})
	}
	return bands
}

func (s *sheet) box(x, y, w, h float64) {
	s.f.SetLineWidth(0.2)
	s.f.Rect(x, y, w, h, "D")
}

// text is a cell of plain words.
func text(f face, a align, words string) cell { return cell{spans: []span{{words, f}}, align: a} }
