package paper

import (
	"fmt"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// newQR encodes an address; nil when there is none.
func newQR(content string) barcode.Barcode {
	if content == "" {
		return nil
	}
	code, err := qr.Encode(content, qr.M, qr.Auto)
	if err != nil {
		panic(fmt.Errorf("QR of %q: %w", content, err)) // draw gives it to the caller
	}
	return code
}

// quiet is the free border of a QR code in modules (ISO/IEC 18004).
const quiet = 4

// qr draws a code with its border in a square. As rectangles: the library takes no 16-bit
// pictures, and these are sharp on any printer. Neighbours in a row are one rectangle, and
// each overlaps the next row a little, or screens show hairlines between them.
func (s *sheet) qr(code barcode.Barcode, x, y, side float64) {
	n := code.Bounds().Dx()
	m := side / float64(n+2*quiet)
	for row := range n {
		for from := 0; from < n; {
			to := from
			for to < n && dark(code, to, row) {
				to++
			}
			if to > from {
				s.f.Rect(x+float64(quiet+from)*m, y+float64(quiet+row)*m, float64(to-from)*m, m+0.02, "F")
			}
			from = to + 1
		}
	}
}

func dark(code barcode.Barcode, x, y int) bool {
	r, _, _, _ := code.At(x, y).RGBA()
	return r == 0
}
