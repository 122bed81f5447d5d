package paper

import (
	"bytes"
	"image"
	"image/color"
	imagedraw "image/draw"
	"image/jpeg"
	"io"
	"strings"
	"testing"
	"time"
)

// photo is grey with a black mark in its upper left quarter.
func photo(t testing.TB, w, h int) Photo {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, w, h))
	imagedraw.Draw(m, m.Rect, image.NewUniform(color.Gray{200}), image.Point{}, imagedraw.Src)
	imagedraw.Draw(m, image.Rect(0, 0, w/2, h/2), image.Black, image.Point{}, imagedraw.Src)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return Photo{b.Bytes(), w, h}
}

func TestPhotosAreJoinedInOrderEachAsItLies(t *testing.T) {
	t.Parallel()
	photos := []Photo{photo(t, 300, 400), photo(t, 400, 300), photo(t, 10, 2000)}
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	join := func(w io.Writer) error { return Photos(w, at, photos) }
	pdf := drawn(t, join)
	if !bytes.Equal(pdf, drawn(t, join)) {
		t.Error("twice the same is not the same bytes")
	}
	for i, p := range photos {
		if !bytes.Contains(pdf, p.JPEG) {
			t.Errorf("picture %d was changed", i)
		}
	}
	if out := run(t, "qpdf", "--check", saved(t, pdf)); !strings.Contains(out, "PDF Version: 1.4") {
		t.Error(out)
	}
	all := pictures(t, pdf, "45")
	if len(all) != 3 {
		t.Fatalf("%d pages", len(all))
	}
	for i, m := range all {
		w, h := m.Bounds().Dx(), m.Bounds().Dy()
		if (w > h) != (i == 1) {
			t.Errorf("page %d is %d × %d", i+1, w, h)
		}
		if m.GrayAt(w/2-2, h/2-4).Y > 60 || m.GrayAt(w/2-2, h/2+4).Y < 150 || m.GrayAt(1, 1).Y < 250 {
			t.Errorf("page %d does not lie as its picture", i+1)
		}
	}
}

func TestWhatIsNoPictureIsAnError(t *testing.T) {
	t.Parallel()
	for _, p := range []Photo{{[]byte("no picture"), 10, 10}, {nil, 0, 0}} {
		var b bytes.Buffer
		if err := Photos(&b, time.Time{}, []Photo{p}); err == nil || b.Len() > 0 {
			t.Errorf("%v and %d bytes", err, b.Len())
		}
	}
}
