package photo

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// corners is a picture, wider than high, whose corners are red, green, blue and black, in
// reading order.
func corners(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, c := range []color.Color{red, green, blue, black} {
		at := image.Rect(0, 0, w/2, h/2).Add(image.Pt(i%2*w/2, i/2*h/2))
		draw.Draw(m, at, image.NewUniform(c), image.Point{}, draw.Src)
	}
	return m
}

var (
	red, green, blue = color.RGBA{200, 0, 0, 255}, color.RGBA{0, 200, 0, 255}, color.RGBA{0, 0, 200, 255}
	black            = color.RGBA{0, 0, 0, 255}
)

func jpegOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func pngOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// withExif puts what a camera writes behind the first marker of a JPEG: an orientation
// among other things, a place, and a thumbnail with scans of its own.
func withExif(content []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	tiff := []byte("II*\x00")
	if order == binary.BigEndian {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	for tag, v := range map[uint16]uint16{0x010F: 7} { // something before it
		tiff = entry(tiff, order, tag, v)
	}
	tiff = entry(tiff, order, 0x0112, orientation)
	tiff = append(tiff, "\x00\x00\x00\x00GPS 10.3759N 105.4185E \xFF\xD8\xFF\xDA\x00\x04ab\xFF\xDA"...)
	app := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte{0xFF, 0xD8, 0xFF, 0xE1}, uint16(len(app)+2))
	return slices.Concat(head, app, content[2:])
}

func entry(b []byte, order binary.AppendByteOrder, tag, v uint16) []byte {
	b = order.AppendUint16(order.AppendUint16(b, tag), 3)
	b = order.AppendUint32(b, 1)
	return order.AppendUint16(order.AppendUint16(b, v), 0)
}

func decoded(t *testing.T, p Picture) image.Image {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(p.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	if m.Bounds().Dx() != p.Width || m.Bounds().Dy() != p.Height {
		t.Errorf("%v, said to be %d × %d", m.Bounds(), p.Width, p.Height)
	}
	return m
}

// seen names the corners in reading order.
func seen(m image.Image) string {
	b := m.Bounds()
	out := ""
	for i := range 4 {
		x, y := b.Min.X+b.Dx()/4+i%2*b.Dx()/2, b.Min.Y+b.Dy()/4+i/2*b.Dy()/2
		r, g, bl, _ := m.At(x, y).RGBA()
		switch {
		case r > 0x8000:
			out += "r"
		case g > 0x8000:
			out += "g"
		case bl > 0x8000:
			out += "b"
		default:
			out += "k"
		}
	}
	return out
}

// How a camera that writes each orientation has stored the scene "rgbk" (EXIF 2.32, 4.6.4).
var stored = map[uint16]func(m *image.RGBA) *image.RGBA{
	1: func(m *image.RGBA) *image.RGBA { return m },
	2: func(m *image.RGBA) *image.RGBA { return flipX(m) },
	3: func(m *image.RGBA) *image.RGBA { return flipX(flipY(m)) },
	4: func(m *image.RGBA) *image.RGBA { return flipY(m) },
	5: func(m *image.RGBA) *image.RGBA { return transposed(m) },
	6: func(m *image.RGBA) *image.RGBA { return flipY(transposed(m)) },
	7: func(m *image.RGBA) *image.RGBA { return flipX(flipY(transposed(m))) },
	8: func(m *image.RGBA) *image.RGBA { return flipX(transposed(m)) },
}

func each(w, h int, at func(x, y int) color.Color) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.Set(x, y, at(x, y))
		}
	}
	return out
}

func flipX(m *image.RGBA) *image.RGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	return each(w, h, func(x, y int) color.Color { return m.At(w-1-x, y) })
}

func flipY(m *image.RGBA) *image.RGBA {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	return each(w, h, func(x, y int) color.Color { return m.At(x, h-1-y) })
}

func transposed(m *image.RGBA) *image.RGBA {
	return each(m.Rect.Dy(), m.Rect.Dx(), func(x, y int) color.Color { return m.At(y, x) })
}

func TestEveryOrientationComesUpright(t *testing.T) {
	t.Parallel()
	for o, store := range stored {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			content := withExif(jpegOf(store(corners(160, 96))), order, o)
			c, err := Make(t.Context(), content, 0)
			if err != nil {
				t.Fatal(o, err)
			}
			if got := decoded(t, c.Page); seen(got) != "rgbk" || got.Bounds().Dx() != 160 {
				t.Errorf("orientation %d: %s in %v", o, seen(got), got.Bounds())
			}
			if seen(decoded(t, c.Small)) != "rgbk" {
				t.Errorf("orientation %d: the thumbnail is %s", o, seen(decoded(t, c.Small)))
			}
			for _, p := range []Picture{c.Page, c.Small} {
				if bytes.Contains(p.JPEG, []byte("GPS")) || bytes.Contains(p.JPEG, []byte("Exif")) {
					t.Errorf("orientation %d: what the camera wrote is still there", o)
				}
			}
		}
	}
}

func TestThePersonTurnsOnTopOfTheCamera(t *testing.T) {
	t.Parallel()
	content := withExif(jpegOf(stored[6](corners(160, 96))), binary.BigEndian, 6)
	for turn, want := range map[int]string{0: "rgbk", 90: "brkg", 180: "kbgr", 270: "gkrb"} {
		c, err := Make(t.Context(), content, turn)
		if err != nil {
			t.Fatal(err)
		}
		if got := seen(decoded(t, c.Page)); got != want {
			t.Errorf("turned by %d: %s, not %s", turn, got, want)
		}
	}
}

func TestSizesAreBoundedAndNothingGrows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ w, h, pw, ph, sw, sh int }{
		{4678, 200, 2339, 100, 240, 10},
		{100, 60, 100, 60, 100, 60},
		{3, 5000, 1, 2339, 1, 240},
		{1, 1, 1, 1, 1, 1},
	} {
		got, err := Make(t.Context(), jpegOf(corners(c.w, c.h)), 0)
		if err != nil {
			t.Fatal(err)
		}
		p, s := got.Page, got.Small
		if p.Width != c.pw || p.Height != c.ph || s.Width != c.sw || s.Height != c.sh {
			t.Errorf("%d × %d became %d × %d and %d × %d", c.w, c.h, p.Width, p.Height, s.Width, s.Height)
		}
	}
}

func TestATransparentPictureLiesOnWhite(t *testing.T) {
	t.Parallel()
	m := image.NewNRGBA(image.Rect(0, 0, 20, 20))
	draw.Draw(m, image.Rect(0, 0, 10, 20), image.Black, image.Point{}, draw.Src)
	c, err := Make(t.Context(), pngOf(m), 0)
	if err != nil {
		t.Fatal(err)
	}
	got := decoded(t, c.Page)
	if l, _, _, _ := got.At(3, 10).RGBA(); l > 0x2000 {
		t.Error("black is not black")
	}
	if r, _, _, _ := got.At(16, 10).RGBA(); r < 0xE000 {
		t.Error("nothing is not white")
	}
}

// Shrinking takes the mean of areas: the mean of the whole stays, and one colour stays it.
func TestShrinkKeepsTheMean(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, h, most := rapid.IntRange(1, 60).Draw(t, "w"), rapid.IntRange(1, 60).Draw(t, "h"), rapid.IntRange(1, 60).Draw(t, "most")
		r := rand.New(rand.NewPCG(uint64(rapid.Int64().Draw(t, "seed")), 1))
		m := image.NewGray(image.Rect(7, 9, 7+w, 9+h)) // pictures need not begin at 0
		sum := 0
		for i := range m.Pix {
			m.Pix[i] = byte(r.IntN(256))
			sum += int(m.Pix[i])
		}
		small := shrink(m, most)
		got, n := 0, small.Rect.Dx()*small.Rect.Dy()
		for i := 0; i < len(small.Pix); i += 4 {
			if got += int(small.Pix[i]); small.Pix[i+3] != 255 {
				t.Fatal("not opaque")
			}
		}
		if d := float64(sum)/float64(w*h) - float64(got)/float64(n); d > 0.51 || d < -0.51 {
			t.Fatalf("%d × %d to %v: the mean moved by %f", w, h, small.Rect, d)
		}
	})
}

// claims is a PNG of a few bytes that says it is as large as that.
func claims(w, h uint32) []byte {
	b := bytes.Clone(pngOf(image.NewGray(image.Rect(0, 0, 1, 1))))
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

// manyScans repeats the scan of a JPEG, and says that it is progressive where asked.
func manyScans(n int, progressive bool) []byte {
	b := jpegOf(image.NewGray(image.Rect(0, 0, 6000, 6000)))
	if progressive {
		b[bytes.Index(b, []byte{0xFF, 0xC0})+1] = 0xC2
	}
	scan := b[bytes.Index(b, []byte{0xFF, 0xDA}) : len(b)-2]
	return slices.Concat(b[:len(b)-2], bytes.Repeat(scan, n-1), b[len(b)-2:])
}

func TestWhatIsNotOpened(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"nothing":                   {nil, ErrBroken},
		"no picture":                {[]byte("%PDF-1.4"), ErrBroken},
		"a torn one":                {jpegOf(corners(400, 400))[:700], ErrBroken},
		"a picture of 3.6 Gpixels":  {claims(60000, 60000), ErrTooMuch},
		"just over 40 Mpixels":      {claims(40_000_001, 1), ErrTooMuch},
		"14 passes over 36 Mpixels": {manyScans(14, false), ErrTooMuch},
		"36 Mpixels, progressive":   {manyScans(1, true), ErrTooMuch},
	} {
		if _, err := Make(t.Context(), c.content, 0); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Make(over, jpegOf(corners(40, 40)), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("when time is over: %v", err)
	}
}

// page is white with rows of strokes as letters have them, at the size a phone takes.
func page(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.NewUniform(color.Gray{235}), image.Point{}, draw.Src)
	r := rand.New(rand.NewPCG(1, 2))
	stroke := max(2, w/600)
	for y := h / 10; y < h*9/10; y += stroke * 14 {
		for x := w / 10; x < w*9/10; x += stroke * (2 + r.IntN(5)) {
			draw.Draw(m, image.Rect(x, y, x+stroke, y+stroke*8), image.NewUniform(color.Gray{40}), image.Point{}, draw.Src)
			if r.IntN(3) == 0 {
				draw.Draw(m, image.Rect(x, y, x+stroke*4, y+stroke), image.NewUniform(color.Gray{40}), image.Point{}, draw.Src)
			}
		}
	}
	return m
}

// each pixel of the result is changed.
func through(m *image.RGBA, f func(v byte) byte) *image.RGBA {
	out := image.NewRGBA(m.Rect)
	for i, v := range m.Pix {
		if out.Pix[i] = v; i%4 != 3 {
			out.Pix[i] = f(v)
		}
	}
	return out
}

// outOfFocus spreads each pixel over a square of that side.
func outOfFocus(m *image.RGBA, side int) *image.RGBA {
	small := shrink(m, max(m.Rect.Dx(), m.Rect.Dy())/side)
	return each(m.Rect.Dx(), m.Rect.Dy(), func(x, y int) color.Color {
		return between(small, float64(x)*float64(small.Rect.Dx()-1)/float64(m.Rect.Dx()), float64(y)*float64(small.Rect.Dy()-1)/float64(m.Rect.Dy()))
	})
}

func between(m *image.RGBA, x, y float64) color.Color {
	x0, y0 := int(x), int(y)
	fx, fy := x-float64(x0), y-float64(y0)
	v := func(i, j int) float64 { return float64(m.RGBAAt(min(i, m.Rect.Dx()-1), min(j, m.Rect.Dy()-1)).R) }
	top, low := v(x0, y0)*(1-fx)+v(x0+1, y0)*fx, v(x0, y0+1)*(1-fx)+v(x0+1, y0+1)*fx
	return color.Gray{byte(top*(1-fy) + low*fy)}
}

func TestHints(t *testing.T) {
	t.Parallel()
	sharp := page(1500, 2000)
	desk := image.NewRGBA(image.Rect(0, 0, 2400, 2600))
	draw.Draw(desk, desk.Rect, image.Black, image.Point{}, draw.Src)
	draw.Draw(desk, sharp.Rect.Add(image.Pt(400, 300)), sharp, image.Point{}, draw.Src)
	for name, c := range map[string]struct {
		m    *image.RGBA
		want []Hint
	}{
		"a good photo":            {sharp, nil},
		"of pale ink":             {through(sharp, func(v byte) byte { return 200 + v/5 }), nil},
		"on a black desk":         {desk, nil},
		"taken in the dark":       {through(sharp, func(v byte) byte { return v / 5 }), []Hint{Dark}},
		"out of focus":            {outOfFocus(sharp, 24), []Hint{Blurred}},
		"small":                   {page(600, 800), []Hint{Small}},
		"small and in the dark":   {through(page(600, 800), func(v byte) byte { return v / 6 }), []Hint{Small, Dark}},
		"of 1000 pixels exactly":  {page(750, 1000), nil},
		"of too few by one pixel": {page(750, 999), []Hint{Small}},
	} {
		got, err := Make(t.Context(), jpegOf(c.m), 0)
		if err != nil || !slices.Equal(got.Hints, c.want) {
			page := shrink(c.m, lookSide)
			t.Errorf("%s: %v, not %v (%v); edges %d", name, got.Hints, c.want, err, spread(grey(page), page.Rect.Dx(), page.Rect.Dy()))
		}
	}
}

func FuzzMake(f *testing.F) {
	f.Add(jpegOf(corners(16, 8)), 90)
	f.Add(withExif(jpegOf(corners(16, 8)), binary.LittleEndian, 6), 0)
	f.Add(pngOf(corners(9, 9)), 270)
	f.Add(claims(60000, 60000), 0)
	f.Fuzz(func(t *testing.T, content []byte, turn int) {
		c, err := Make(t.Context(), content, turn)
		if err != nil {
			if !errors.Is(err, ErrBroken) && !errors.Is(err, ErrTooMuch) {
				t.Fatal(err)
			}
			return
		}
		if max(c.Page.Width, c.Page.Height) > PageSide || max(c.Small.Width, c.Small.Height) > SmallSide {
			t.Errorf("%d × %d", c.Page.Width, c.Page.Height)
		}
	})
}

func BenchmarkMake12Megapixels(b *testing.B) {
	content := jpegOf(page(3000, 4000))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Make(context.Background(), content, 90); err != nil {
			b.Fatal(err)
		}
	}
}
