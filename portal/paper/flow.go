package paper

// band is a strip of the page that is never parted: a line, a row, a block of signatures.
type band struct {
	gap    float64 // kept free above it, save at the head of a page
	height float64
	draw   func(y float64)
	keep   bool // goes on the same page as the next one
	head   *band
}

func (s *sheet) add(b band) { s.bands = append(s.bands, b) }

// block adds a strip that draws itself.
func (s *sheet) block(gap, height float64, draw func(y float64)) {
	s.add(band{gap: gap, height: height, draw: draw})
}

// keepLast keeps the last n bands with what comes next: signatures do not stand alone.
func (s *sheet) keepLast(n int) {
	for i := max(0, len(s.bands)-n); i < len(s.bands); i++ {
		s.bands[i].keep = true
	}
}

// together keeps the last n bands on one page, unless they are more than most.
func (s *sheet) together(n, most int) {
	if n <= most {
		s.keepLast(n)
		s.bands[len(s.bands)-1].keep = false
	}
}

// look is how a paragraph is set.
type look struct {
	face   face
	align  align
	indent float64 // of the first line
	inset  float64 // of all lines
	gap    float64 // above
	keep   bool    // with what comes next
}

// para adds a paragraph. Its first line is not left behind, nor its last one sent ahead.
func (s *sheet) para(l look, spans ...span) {
	lines := s.wrap(width-l.inset, l.indent, spans...)
	for i, ln := range lines {
		x, w, gap := left+l.inset, width-l.inset, 0.0
		if i == 0 {
			x, w, gap = x+l.indent, w-l.indent, l.gap
		}
		s.add(band{
			gap: gap, height: l.face.lineHeight(),
			draw: func(y float64) { s.line(x, y, w, l.align, ln, l.face) },
			keep: i < len(lines)-1 && (i == 0 || i == len(lines)-2) || i == len(lines)-1 && l.keep,
		})
	}
}

// paginate puts the bands on pages. Those kept together move together; a table's head is
// repeated where its rows go on.
func (s *sheet) paginate() {
	s.addPage()
	y, fresh := top, true
	turn := func(next band) {
		s.addPage()
		y, fresh = top, true
		if next.head != nil {
			next.head.draw(y)
			y += next.head.height
		}
	}
	for i := 0; i < len(s.bands); {
		end, need := i+1, s.bands[i].height
		if !fresh {
			need += s.bands[i].gap
		}
		for ; end < len(s.bands) && s.bands[end-1].keep; end++ {
			need += s.bands[end].gap + s.bands[end].height
		}
		if !fresh && y+need > pageHeight-bottom {
			turn(s.bands[i])
		}
		for ; i < end; i++ {
			b := s.bands[i]
			if !fresh {
				if y+b.gap+b.height > pageHeight-bottom+0.001 { // kept together, but longer than a page
					turn(b)
				} else {
					y += b.gap
				}
			}
			b.draw(y)
			y, fresh = y+b.height, false
		}
	}
}
