// Package photo makes a photographed paper fit to be read: upright, of a size, without what
// the camera wrote into it, and says what may be hard to read.
package photo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	_ "image/png" // with JPEG the formats that are taken
	"io"
)

// The measures of what is made, in pixels of the longer side.
const (
	PageSide  = 2339 // A4 at 200 dots an inch (ux UP-5)
	SmallSide = 240  // a thumbnail, for screens of two dots a pixel

	pageQuality  = 80
	smallQuality = 70
)

// What a picture may cost to open. A file of a few kilobytes can claim any number of
// pixels, and a progressive one any number of passes over them.
const (
	maxPixels = 40_000_000
	maxBytes  = 320 << 20   // in memory while it is decoded
	maxPasses = 480_000_000 // pixels times passes
)

// The reasons why a picture has no copy. The original is kept all the same.
var (
	ErrBroken  = errors.New("photo: cannot be decoded")
	ErrTooMuch = errors.New("photo: takes too much to decode")
)

// Copy is what was made of a picture.
type Copy struct {
	Page  Picture
	Small Picture
	Hints []Hint
}

// Picture is a JPEG with its size.
type Picture struct {
	JPEG          []byte
	Width, Height int
}

// Make turns the picture as its camera says and then by turn (0, 90, 180 or 270 degrees
// clockwise), and draws it anew at the size of a page and of a thumbnail. Nothing of the
// file but its pixels gets into them. It holds one picture in memory: who calls it bounds
// how many there are at a time.
func Make(ctx context.Context, content []byte, turn int) (c Copy, err error) {
	defer func() {
		if r := recover(); r != nil { // a decoder's own fault is the file's
			c, err = Copy{}, fmt.Errorf("%w: %v", ErrBroken, r)
		}
	}()
	about, err := look(content)
	if err != nil {
		return Copy{}, err
	}
	src, _, err := image.Decode(&pausing{ctx, bytes.NewReader(content)})
	if ctx.Err() != nil {
		return Copy{}, ctx.Err()
	}
	if err != nil {
		return Copy{}, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	page := shrink(src, PageSide)
	c.Hints = hints(src.Bounds(), page)
	page = upright(page, about.orientation, turn)
	if c.Page, err = encode(page, pageQuality); err != nil {
		return Copy{}, err
	}
	c.Small, err = encode(shrink(page, SmallSide), smallQuality)
	return c, err
}

// pausing ends a long decoding with its context.
type pausing struct {
	ctx context.Context
	r   io.Reader
}

func (p *pausing) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

func encode(m image.Image, quality int) (Picture, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		return Picture{}, fmt.Errorf("photo: %w", err)
	}
	return Picture{JPEG: b.Bytes(), Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}, nil
}
