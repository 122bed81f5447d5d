package photo

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
)

// header is what a picture says of itself before it is decoded.
type header struct {
	orientation int // as EXIF counts, 1 = upright
}

// look reads the headers and refuses what would cost too much to open.
func look(content []byte) (header, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return header{}, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	h := header{orientation: 1}
	pixels, each, passes := int64(config.Width)*int64(config.Height), int64(4), int64(1)
	switch format {
	case "jpeg":
		s := segments(content)
		h.orientation, passes = s.orientation, s.scans
		if s.progressive {
			each = 15 // the coefficients of all passes are held beside the pixels
		}
	case "png":
		if config.ColorModel == color.RGBA64Model || config.ColorModel == color.NRGBA64Model {
			each = 8
		}
		const interlace = 28 // byte of the first chunk
		if len(content) > interlace && content[interlace] != 0 {
			each *= 2
		}
	}
	if pixels == 0 || pixels > maxPixels || pixels*each > maxBytes || pixels*passes > maxPasses {
		return header{}, fmt.Errorf("%w: %d × %d in %d passes", ErrTooMuch, config.Width, config.Height, passes)
	}
	return h, nil
}

// jpegAbout is what the segments of a JPEG say.
type jpegAbout struct {
	orientation int
	progressive bool
	scans       int64
}

// segments goes through a JPEG from marker to marker, decoding nothing.
func segments(b []byte) jpegAbout {
	a := jpegAbout{orientation: 1}
	for i := 2; i+3 < len(b); {
		marker := b[i+1]
		switch {
		case b[i] != 0xFF: // within a scan
			if next := bytes.IndexByte(b[i:], 0xFF); next >= 0 {
				i += next
				continue
			}
			return a
		case marker == 0xFF: // filling
			i++
			continue
		case marker == 0 || marker >= 0xD0 && marker <= 0xD8 || marker == 1:
			i += 2
			continue
		case marker == 0xD9:
			return a
		}
		size := int(binary.BigEndian.Uint16(b[i+2:]))
		body := b[min(len(b), i+4):min(len(b), max(i+4, i+2+size))]
		switch marker {
		case 0xC2:
			a.progressive = true
		case 0xDA:
			a.scans++
		case 0xE1:
			if exif, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok {
				a.orientation = orientation(exif)
			}
		}
		i += 2 + max(2, size)
	}
	return a
}

// orientation is tag 0x0112 of a TIFF's first directory, 1 when it says nothing sensible.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(tiff[:2]) {
	case "II":
	case "MM":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for n := int(order.Uint16(tiff[at:])); n > 0 && len(entries) >= 12; n-- {
		const tag, short = 0x0112, 3
		if order.Uint16(entries) == tag {
			v := int(order.Uint16(entries[8:]))
			if order.Uint16(entries[2:]) != short || v < 1 || v > 8 {
				return 1
			}
			return v
		}
		entries = entries[12:]
	}
	return 1
}
