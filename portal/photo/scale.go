package photo

import (
	"image"
	"image/draw"
)

// shrink draws a picture on white with its longer side at most so long. Each new pixel is
// the exact mean of the area it covers, so that thin strokes stay. The source is read in
// strips: beside it only the small picture is in memory.
func shrink(src image.Image, most int) *image.RGBA {
	from := src.Bounds()
	sw, sh := from.Dx(), from.Dy()
	dw, dh := fit(sw, sh, most)
	out := image.NewRGBA(image.Rect(0, 0, dw, dh))
	const stripHeight = 16
	strip := image.NewRGBA(image.Rect(0, 0, sw, min(stripHeight, sh)))
	sums := make([]uint64, dw*3) // of the row of out that is being filled
	next := make([]uint64, dw*3)
	row := make([]uint64, dw*3)
	y := 0 // of out
	for top := 0; top < sh; top += stripHeight {
		area := image.Rect(0, 0, sw, min(stripHeight, sh-top))
		draw.Draw(strip, area, image.White, image.Point{}, draw.Src)
		draw.Draw(strip, area, src, from.Min.Add(image.Pt(0, top)), draw.Over)
		for line := range area.Dy() {
			means(strip.Pix[line*strip.Stride:line*strip.Stride+4*sw], sw, dw, row)
			// row sy of the source covers [sy·dh, (sy+1)·dh), row y of out [y·sh, (y+1)·sh)
			sy := top + line
			inside := min(dh, (y+1)*sh-sy*dh)
			add(sums, row, inside)
			add(next, row, dh-inside)
			if (sy+1)*dh >= (y+1)*sh {
				write(out.Pix[y*out.Stride:], sums, uint64(sw)*uint64(sh))
				sums, next = next, sums
				clear(next)
				y++
			}
		}
	}
	return out
}

// fit is a size with its longer side at most so long, never larger than it was.
func fit(w, h, most int) (int, int) {
	if long := max(w, h); long > most {
		w, h = max(1, w*most/long), max(1, h*most/long)
	}
	return w, h
}

// means are the weighted sums of a row, three colours a pixel: the weights of each sum are sw
// together.
func means(pix []byte, sw, dw int, row []uint64) {
	clear(row)
	x := 0
	for sx := range sw {
		r, g, b := uint64(pix[4*sx]), uint64(pix[4*sx+1]), uint64(pix[4*sx+2])
		inside := min(dw, (x+1)*sw-sx*dw)
		w := uint64(inside)
		row[3*x], row[3*x+1], row[3*x+2] = row[3*x]+w*r, row[3*x+1]+w*g, row[3*x+2]+w*b
		if (sx+1)*dw < (x+1)*sw {
			continue
		}
		x++
		if w = uint64(dw - inside); w > 0 {
			row[3*x], row[3*x+1], row[3*x+2] = row[3*x]+w*r, row[3*x+1]+w*g, row[3*x+2]+w*b
		}
	}
}

func add(sums, row []uint64, weight int) {
	if weight <= 0 {
		return
	}
	for i, v := range row {
		sums[i] += v * uint64(weight)
	}
}

func write(pix []byte, sums []uint64, all uint64) {
	for i := 0; i < len(sums); i += 3 {
		at := i / 3 * 4
		pix[at], pix[at+1], pix[at+2], pix[at+3] = byte((sums[i]+all/2)/all), byte((sums[i+1]+all/2)/all), byte((sums[i+2]+all/2)/all), 255
	}
}

// upright undoes an EXIF orientation, then turns clockwise by so many degrees.
func upright(m *image.RGBA, orientation, turn int) *image.RGBA {
	switch orientation {
	case 2:
		m = mirrored(m)
	case 3:
		m = turned(m, 180)
	case 4:
		m = mirrored(turned(m, 180))
	case 5:
		m = mirrored(turned(m, 90))
	case 6:
		m = turned(m, 90)
	case 7:
		m = mirrored(turned(m, 270))
	case 8:
		m = turned(m, 270)
	}
	return turned(m, turn)
}

// turned is the picture turned clockwise.
func turned(m *image.RGBA, degrees int) *image.RGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	switch degrees {
	case 90:
		return moved(m, h, w, func(x, y int) (int, int) { return y, h - 1 - x })
	case 180:
		return moved(m, w, h, func(x, y int) (int, int) { return w - 1 - x, h - 1 - y })
	case 270:
		return moved(m, h, w, func(x, y int) (int, int) { return w - 1 - y, x })
	}
	return m
}

// mirrored has left and right changed.
func mirrored(m *image.RGBA) *image.RGBA {
	w := m.Rect.Dx()
	return moved(m, w, m.Rect.Dy(), func(x, y int) (int, int) { return w - 1 - x, y })
}

// moved is a picture of that size whose pixels come from where from says.
func moved(m *image.RGBA, w, h int, from func(x, y int) (int, int)) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			fx, fy := from(x, y)
			copy(out.Pix[y*out.Stride+4*x:][:4], m.Pix[fy*m.Stride+4*fx:])
		}
	}
	return out
}

// grey is the brightness of each pixel.
func grey(m *image.RGBA) []int {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := make([]int, w*h)
	for y := range h {
		for x := range w {
			p := m.Pix[y*m.Stride+4*x:]
			out[y*w+x] = (19595*int(p[0]) + 38470*int(p[1]) + 7471*int(p[2]) + 1<<15) >> 16 // as image/color has it
		}
	}
	return out
}
