package paper

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/jung-kurt/gofpdf"
)

// Photo is a page of a paper as a camera took it: an upright JPEG with its size in pixels.
type Photo struct {
	JPEG          []byte
	Width, Height int
}

// photoMargin keeps a printer from cutting off the edge of a paper.
const photoMargin = 5.0

// Photos joins photographs to one document, each on an A4 page that lies as it does. The
// pictures go in as they are; at is when the last of them came.
func Photos(w io.Writer, at time.Time, photos []Photo) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("join photos: %v", r)
		}
	}()
	f := gofpdf.New("P", "mm", "A4", "")
	f.SetAutoPageBreak(false, 0)
	f.SetCatalogSort(true)
	f.SetCreationDate(at.UTC())
	f.SetModificationDate(at.UTC())
	f.SetProducer("Một Cửa", true)
	f.SetTitle("Bản ghép ảnh chụp giấy tờ", true)
	for i, p := range photos {
		lies, wide, high := "P", pageWidth, pageHeight
		if p.Width > p.Height {
			lies, wide, high = "L", pageHeight, pageWidth
		}
		f.AddPageFormat(lies, gofpdf.SizeType{Wd: pageWidth, Ht: pageHeight})
		name, o := fmt.Sprintf("photo-%03d", i), gofpdf.ImageOptions{ImageType: "JPG"}
		f.RegisterImageOptionsReader(name, o, bytes.NewReader(p.JPEG))
		scale := min((wide-2*photoMargin)/float64(p.Width), (high-2*photoMargin)/float64(p.Height))
		pw, ph := scale*float64(p.Width), scale*float64(p.Height)
		f.ImageOptions(name, (wide-pw)/2, (high-ph)/2, pw, ph, false, o, 0, "")
	}
	f.SetAlpha(1, "Normal") // as in draw: PDF 1.4
	var b bytes.Buffer
	if err := f.Output(&b); err != nil {
		return fmt.Errorf("join photos: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}
