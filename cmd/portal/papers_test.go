package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// paperPDF is a small whole PDF of n pages, each with a word on it.
func paperPDF(n int, word string) []byte {
	var b bytes.Buffer
	var at []int
	b.WriteString("%PDF-1.4\n")
	object := func(format string, args ...any) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(at)}, args...)...)
	}
	kids := make([]string, n)
	for i := range kids {
		kids[i] = fmt.Sprintf("%d 0 R", 4+2*i)
	}
	object("<</Type /Catalog /Pages 2 0 R>>")
	object("<</Type /Pages /Kids [%s] /Count %d>>", strings.Join(kids, " "), n)
	object("<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>")
	for i := range n {
		content := fmt.Sprintf("BT /F1 24 Tf 72 700 Td (%s %d) Tj ET", word, i+1)
		object("<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources <</Font <</F1 3 0 R>>>> /Contents %d 0 R>>", 5+2*i)
		object("<</Length %d>>\nstream\n%s\nendstream", len(content), content)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

// picture is a sheet of paper on a table; no two seeds give the same one.
func picture(seed uint64, w, h int) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 1))
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	ink := color.RGBA{uint8(r.IntN(120)), uint8(r.IntN(120)), uint8(r.IntN(120)), 255}
	for y := range h {
		for x := range w {
			c := color.RGBA{250, 248, 240, 255}
			if x < w/12 || y < h/12 || x > w-w/12 || y > h-h/12 {
				c = color.RGBA{90, 70, 50, 255}
			} else if (y/8)%3 == 0 && r.IntN(3) > 0 {
				c = ink
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func paperJPEG(seed uint64, w, h int) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, picture(seed, w, h), &jpeg.Options{Quality: 80}) // a buffer takes everything
	return b.Bytes()
}

func paperPNG(seed uint64, w, h int) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, picture(seed, w, h))
	return b.Bytes()
}

// put writes a file that a person has on their device.
func put(t testing.TB, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// pdfText gives the words of a PDF back, squeezed into one line; it fails where the PDF is
// not whole.
func pdfText(t testing.TB, pdf []byte) string {
	t.Helper()
	path := put(t, t.TempDir(), "paper.pdf", pdf)
	out, err := exec.Command("pdftotext", "-layout", path, "-").CombinedOutput()
	if err != nil {
		t.Fatalf("pdftotext: %v\n%s", err, out)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

// without removes all spaces: a word that a paper breaks over two lines is the same word.
func unspaced(s string) string { return strings.Join(strings.Fields(s), "") }
