package photo

import (
	"image"
	"slices"
)

// Hint is something about a picture that may make it hard to read. It never keeps a picture
// out: only the person knows what must be legible.
type Hint string

// The hints (ux UP-7).
const (
	Dark    Hint = "dark"
	Blurred Hint = "blurred"
	Small   Hint = "small"
)

const (
	smallUnder = 1000 // pixels of the longer side
	lookSide   = 1000 // pictures are compared at one size
	darkUnder  = 70   // of 255: the brightness that nine tenths of the picture stay under
	// sharpOver is the least variance of the Laplacian of a readable page at lookSide. Printed
	// text gives 500 and more; the same out of focus so that strokes run together, under 60.
	sharpOver = 60
)

// hints looks at a picture that came in that size.
func hints(size image.Rectangle, page *image.RGBA) []Hint {
	var found []Hint
	if max(size.Dx(), size.Dy()) < smallUnder {
		found = append(found, Small)
	}
	m := shrink(page, lookSide)
	p := grey(m)
	if dark(p) {
		return append(found, Dark) // what is dark has no edges either
	}
	if spread(p, m.Rect.Dx(), m.Rect.Dy()) < sharpOver {
		found = append(found, Blurred)
	}
	return found
}

// dark says whether even the bright parts, the paper, are dark. The mean would call a
// small paper on a black table dark.
func dark(p []int) bool {
	sorted := slices.Clone(p)
	slices.Sort(sorted)
	return sorted[len(sorted)*9/10] < darkUnder
}

// spread is the variance of the Laplacian: how strongly neighbouring pixels differ.
func spread(p []int, w, h int) int {
	var n, sum, squares int
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			i := y*w + x
			v := 4*p[i] - p[i-1] - p[i+1] - p[i-w] - p[i+w]
			n, sum, squares = n+1, sum+v, squares+v*v
		}
	}
	if n == 0 {
		return 0
	}
	return squares/n - (sum/n)*(sum/n)
}
