package paper

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	imagedraw "image/draw"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// pictures draws the pages of a file in grey.
func pictures(t testing.TB, pdf []byte, dpi string) []*image.Gray {
	t.Helper()
	path := saved(t, pdf)
	run(t, "pdftoppm", "-r", dpi, "-gray", "-png", path, path)
	names, err := filepath.Glob(path + "-*.png") // in the order of the pages: no paper here has ten
	if err != nil || len(names) == 0 {
		t.Fatalf("no pictures (%v)", err)
	}
	var all []*image.Gray
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, decoded(t, b))
	}
	return all
}

func decoded(t testing.TB, b []byte) *image.Gray {
	t.Helper()
	in, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewGray(in.Bounds())
	imagedraw.Draw(out, out.Bounds(), in, in.Bounds().Min, imagedraw.Src)
	return out
}

// The golden pictures are to look at: 45 dots an inch, compared in squares, so that
// another version of the drawing program is no difference but a moved or other word is.
func TestPictures(t *testing.T) {
	t.Parallel()
	for name := range papers {
		pdf := sample(t, name)
		for n, got := range pictures(t, pdf, "45") {
			path := filepath.Join("testdata", fmt.Sprintf("%s-%d.png", name, n+1))
			if *update {
				var b bytes.Buffer
				if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, got); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if x, y, differ := difference(got, decoded(t, b)); differ {
				t.Errorf("%s looks different at %d,%d: look at it, then go test -update", path, x, y)
			}
		}
	}
}

const square = 6

// difference finds a square whose mean grey is not the same in both.
func difference(a, b *image.Gray) (x, y int, differ bool) {
	if a.Bounds() != b.Bounds() {
		return 0, 0, true
	}
	for y := 0; y < a.Bounds().Dy(); y += square {
		for x := 0; x < a.Bounds().Dx(); x += square {
			if d := mean(a, x, y) - mean(b, x, y); d > 24 || d < -24 {
				return x, y, true
			}
		}
	}
	return 0, 0, false
}

func mean(p *image.Gray, x, y int) int {
	sum, n := 0, 0
	for j := y; j < min(y+square, p.Bounds().Dy()); j++ {
		for i := x; i < min(x+square, p.Bounds().Dx()); i++ {
			sum, n = sum+int(p.GrayAt(i, j).Y), n+1
		}
	}
	return sum / n
}

// The comparison sees what matters: one other word, another code.
func TestDifferenceIsSeen(t *testing.T) {
	t.Parallel()
	was := pictures(t, sample(t, "result"), "45")[0]
	for what, change := range map[string]func(d *ResultData){
		"another word":  func(d *ResultData) { d.Rows[3].Value = "Nam" },
		"no recipient":  func(d *ResultData) { d.Recipients = d.Recipients[:1] },
		"other address": func(d *ResultData) { d.Verify += "1" },
		"no abstract":   func(d *ResultData) { d.Abstract = "" },
	} {
		d := result()
		change(&d)
		now := pictures(t, drawn(t, func(w io.Writer) error { return Result(w, d) }), "45")[0]
		if _, _, differ := difference(was, now); !differ {
			t.Errorf("%s looks the same", what)
		}
	}
}

// Capitals with two marks under letters that reach down: between any two lines of them
// there is a row of white.
func TestMarksDoNotCollide(t *testing.T) {
	t.Parallel()
	faces := []face{plain, roman, body, body.bold(), body.italic(), body.boldItalic()}
	const each = 4
	pdf := drawn(t, func(w io.Writer) error {
		return draw(w, about{}, func(s *sheet) {
			for _, f := range faces {
				for range each {
					s.para(look{face: f}, span{"ẪẤẦẨẬỄỂẾỀỆỖỔỐỒỘỮỬ ỊỌỤỢỰẸẠ gjpqy (Ị) Ỵ,;", f})
				}
			}
		})
	})
	pic := pictures(t, pdf, "200")[0]
	lines, ink := 0, false
	for y := range pic.Bounds().Dy() {
		row := slices.Min(pic.Pix[y*pic.Stride:(y+1)*pic.Stride]) < 200
		if row && !ink {
			lines++
		}
		ink = row
	}
	if want := each * len(faces); lines != want {
		t.Errorf("%d lines look like %d", want, lines)
	}
}
