package draft

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the two picture formats that are taken
	_ "image/png"
	"io"
	"iter"
	"path/filepath"
	"regexp"
	"strings"

	"motcua/locales"
	"motcua/portal/blob"
	"motcua/portal/problem"
	"motcua/portal/signature"
)

// MaxPixels bounds a picture before anything decodes it (40 megapixels).
const MaxPixels = 40_000_000

// found is what a file turned out to be.
type found struct {
	media      string
	pages      int
	signatures []signature.Signature
}

// inspect judges a stored file by its content, never by its name, and returns its media
// type, number of pages and signatures. Nothing is decoded: headers only, so that a bomb
// stays shut.
func (s *Service) inspect(ctx context.Context, stored blob.Info, name string) (found, error) {
	refuse := func(key string, args ...locales.Arg) (found, error) {
		return found{}, problem.New(problem.Invalid, key, append([]locales.Arg{locales.S("name", name)}, args...)...)
	}
	if stored.Size == 0 {
		return refuse("draft.file_empty")
	}
	head := stored.Head
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return s.inspectPDF(ctx, stored, refuse)
	case bytes.HasPrefix(head, []byte("\xFF\xD8\xFF")):
		return s.inspectImage(stored, "image/jpeg", refuse)
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return s.inspectImage(stored, "image/png", refuse)
	case isHEIC(head, name):
		return refuse("draft.file_heic")
	}
	return refuse("draft.file_type")
}

func isHEIC(head []byte, name string) bool {
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		switch string(head[8:11]) {
		case "hei", "hev", "mif", "msf": // heic, heix, heim, hevc …, mif1
			return true
		}
	}
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".heic" || ext == ".heif"
}

type refusal func(key string, args ...locales.Arg) (found, error)

func (s *Service) inspectImage(stored blob.Info, media string, refuse refusal) (found, error) {
	body, _, err := s.Blobs.Open(stored.Name)
	if err != nil {
		return found{}, fmt.Errorf("inspect: %w", err)
	}
	defer body.Close()
	config, _, err := image.DecodeConfig(body)
	if err != nil {
		return refuse("draft.file_broken")
	}
	if int64(config.Width)*int64(config.Height) > MaxPixels {
		return refuse("draft.file_pixels", locales.N("max", MaxPixels/1_000_000))
	}
	return found{media: media, pages: 1}, nil
}

var (
	pdfPage    = regexp.MustCompile(`/Type\s*/Page[^s\w]`)
	pdfActive  = regexp.MustCompile(`/(JavaScript|Launch|Rendition|RichMedia|EmbeddedFile)\W`)
	pdfEncrypt = regexp.MustCompile(`/Encrypt\s+\d+\s+\d+\s+R|/Encrypt\s*<<`)
	objStream  = regexp.MustCompile(`/Type\s*/ObjStm`)
)

// documents is how many PDFs are looked into at a time: each is held in memory with what it
// unfolds to, up to four times MaxFile.
const documents = 2

// inspectPDF reads a PDF's objects, those in compressed object streams too, as text: it is
// locked, holds programs, or has so many pages.
func (s *Service) inspectPDF(ctx context.Context, stored blob.Info, refuse refusal) (found, error) {
	leave, err := s.documents.enter(ctx, documents)
	if err != nil {
		return found{}, fmt.Errorf("inspect: %w", err)
	}
	defer leave()
	body, _, err := s.Blobs.Open(stored.Name)
	if err != nil {
		return found{}, fmt.Errorf("inspect: %w", err)
	}
	defer body.Close()
	content := make([]byte, stored.Size) // at most MaxFile
	if _, err := io.ReadFull(body, content); err != nil {
		return found{}, fmt.Errorf("inspect: %w", err)
	}
	if !bytes.Contains(content[max(0, len(content)-2048):], []byte("%%EOF")) {
		return refuse("draft.file_broken")
	}
	if pdfEncrypt.Match(content) {
		return refuse("draft.file_locked")
	}
	packed, whole := inflated(content)
	if !whole { // what cannot be looked into is not taken
		return refuse("draft.file_broken")
	}
	pages := pagesIn(packed)
	for part := range outsideStreams(content) {
		pages += pagesIn(part)
	}
	signatures := signature.Read(content) // before names in it are unescaped
	// inside streams too: a word in a comment can make an object look like part of one
	if pdfActive.Match(unescaped(content)) || pdfActive.Match(unescaped(packed)) {
		return refuse("draft.file_active")
	}
	return found{"application/pdf", max(1, pages), signatures}, nil
}

func pagesIn(part []byte) int { return len(pdfPage.FindAllIndex(part, 10_000)) }

// outsideStreams are the parts of the document between its streams, where chance bytes
// could look like anything.
func outsideStreams(content []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for {
			before, rest, more := bytes.Cut(content, []byte("stream"))
			if !yield(before) || !more {
				return
			}
			if _, content, more = bytes.Cut(rest, []byte("endstream")); !more {
				return
			}
		}
	}
}

// maxPacked bounds what the object streams of one document unfold to, maxStreams how many
// there are: each costs a search and a decoder, also when nothing is in it.
const (
	maxPacked     = 16 << 20
	maxStreams    = 5000
	maxDictionary = 64 << 10 // from a stream's kind to its beginning
)

// inflated are the contents of the object streams; false when one does not unfold, all of
// them unfold to more than maxPacked, or there are too many.
func inflated(content []byte) ([]byte, bool) {
	streams := objStream.FindAllIndex(content, maxStreams+1)
	if len(streams) > maxStreams {
		return nil, false
	}
	var out bytes.Buffer
	for _, at := range streams {
		start := bytes.Index(content[at[0]:min(len(content), at[0]+maxDictionary)], []byte("stream"))
		if start < 0 {
			return nil, false
		}
		data := bytes.TrimLeft(content[at[0]+start+len("stream"):], "\r\n")
		r, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, false
		}
		_, err = io.Copy(&out, io.LimitReader(r, maxPacked+1-int64(out.Len())))
		torn := err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, zlib.ErrChecksum) // readers bear these two
		if torn || out.Len() > maxPacked {
			return nil, false
		}
	}
	return out.Bytes(), true
}

// unescaped undoes #xx in names, in place: /J#61vaScript is /JavaScript.
func unescaped(b []byte) []byte {
	out := b[:0]
	for i := 0; i < len(b); i++ {
		if b[i] == '#' && i+2 < len(b) {
			if _, err := hex.Decode(b[i+2:i+3], b[i+1:i+3]); err == nil {
				i += 2
			}
		}
		out = append(out, b[i])
	}
	return out
}
