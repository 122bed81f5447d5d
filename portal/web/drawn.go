package web

import (
	"fmt"
	"html/template"
	"image/color"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/boombuler/barcode/qr"

	"motcua/assets"
)

// icons are the drawings in assets/icons, by name: what stands inside their 24 × 24 grid.
// Colour and stroke are the style's.
var icons = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	names, err := fs.Glob(assets.Web, "icons/*.svg")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(assets.Web, name)
		if err != nil {
			panic(err)
		}
		_, inside, _ := strings.Cut(string(b), ">")
		inside, _, _ = strings.Cut(inside, "</svg>")
		all[strings.TrimSuffix(path.Base(name), ".svg")] = inside
	}
	return all
})

// icon draws an icon beside words; it says nothing by itself.
func icon(name string) (template.HTML, error) {
	inside, ok := icons()[name]
	if !ok {
		return "", fmt.Errorf("no icon %q", name)
	}
	return template.HTML(`<svg class="icon" width="24" height="24" viewBox="0 0 24 24" aria-hidden="true" focusable="false">` + inside + `</svg>`), nil
}

// quiet is the empty border a reader of QR codes needs, in modules.
const quiet = 4

// qr draws an address as a QR code, black on white also in the dark, with its name for
// those who do not see it.
func (s words) qr(address string, name Words) (template.HTML, error) {
	code, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil {
		return "", fmt.Errorf("qr: %w", err)
	}
	label, err := s.plain(name)
	if err != nil {
		return "", err
	}
	n := code.Bounds().Dx()
	var d strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			run := 0
			for x+run < n && dark(code.At(x+run, y)) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&d, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	side := n + 2*quiet
	return template.HTML(fmt.Sprintf(`<svg class="qr" role="img" aria-label="%s" width="264" height="264" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="%s"/></svg>`,
		template.HTMLEscapeString(label), side, side, side, side, d.String())), nil
}

func dark(c color.Color) bool {
	r, _, _, _ := c.RGBA()
	return r == 0
}
