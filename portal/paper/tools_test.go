package paper

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// run calls an outside reader of PDF. Where it is not installed the test is skipped and
// says what is missing; in CI, which installs it, that is a failure.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		const advice = "%s is not installed: apt-get install poppler-utils qpdf"
		if os.Getenv("CI") == "true" {
			t.Fatalf(advice, name)
		}
		t.Skipf(advice, name)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func saved(t testing.TB, pdf []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// pages is the text of each page as another program reads it.
func pages(t testing.TB, pdf []byte) []string {
	t.Helper()
	all := strings.Split(run(t, "pdftotext", "-layout", saved(t, pdf), "-"), "\f")
	return all[:len(all)-1]
}

// seen is a word where it stands on the page, in mm, with the size it is set in.
type seen struct {
	page                     int
	text                     string
	left, top, right, bottom float64
	size                     float64 // points
}

// measured reads every word of a file with its place. The box that poppler gives a word is
// as high as ascent and descent together: 1.107 em in Liberation Serif.
func measured(t testing.TB, pdf []byte) []seen {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(run(t, "pdftotext", "-bbox", saved(t, pdf), "-")))
	var all []seen
	page := 0
	for {
		tok, err := d.Token()
		if err != nil {
			return all
		}
		start, ok := tok.(xml.StartElement)
		switch {
		case ok && start.Name.Local == "page":
			page++
		case ok && start.Name.Local == "word":
			var text string
			if err := d.DecodeElement(&text, &start); err != nil {
				t.Fatal(err)
			}
			at := map[string]float64{}
			for _, a := range start.Attr {
				v, _ := strconv.ParseFloat(a.Value, 64)
				at[a.Name.Local] = v
			}
			all = append(all, seen{page, text, at["xMin"] * mmPerPoint, at["yMin"] * mmPerPoint, at["xMax"] * mmPerPoint, at["yMax"] * mmPerPoint,
				(at["yMax"] - at["yMin"]) / 1.107})
		}
	}
}
