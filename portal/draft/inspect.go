package draft

import (
	"bytes"
	"compress/zlib"
	"database/sql"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // the two picture formats that are taken
	_ "image/png"
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"motcua/locales"
	"motcua/portal/blob"
	"motcua/portal/problem"
)

var errNoRows = sql.ErrNoRows

// MaxPixels bounds a picture before anything decodes it (40 megapixels).
const MaxPixels = 40_000_000

// inspect judges a stored file by its content, never by its name, and returns its media
// type and number of pages. Nothing is decoded: headers only, so that a bomb stays shut.
func (s *Service) inspect(stored blob.Info, name string) (media string, pages int, err error) {
	refuse := func(key string, args ...locales.Arg) (string, int, error) {
		return "", 0, problem.New(problem.Invalid, key, append([]locales.Arg{locales.S("name", name)}, args...)...)
	}
	if stored.Size == 0 {
		return refuse("draft.file_empty")
	}
	head := stored.Head
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return s.inspectPDF(stored, refuse)
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
		switch string(head[8:12]) {
		case "heic", "heix", "hevc", "hevx", "mif1", "msf1", "avif":
			return true
		}
	}
	ext := strings.ToLower(filepath.Ext(name))
	return ext == ".heic" || ext == ".heif"
}

type refusal func(key string, args ...locales.Arg) (string, int, error)

func (s *Service) inspectImage(stored blob.Info, media string, refuse refusal) (string, int, error) {
	body, _, err := s.Blobs.Open(stored.Name)
	if err != nil {
		return "", 0, fmt.Errorf("inspect: %w", err)
	}
	defer body.Close()
	config, _, err := image.DecodeConfig(body)
	if err != nil {
		return refuse("draft.file_broken")
	}
	if int64(config.Width)*int64(config.Height) > MaxPixels {
		return refuse("draft.file_pixels", locales.N("max", MaxPixels/1_000_000))
	}
	return media, 1, nil
}

var (
	pdfPage    = regexp.MustCompile(`/Type\s*/Page[^s\w]`)
	pdfActive  = regexp.MustCompile(`/(JavaScript|JS|Launch|RichMedia|EmbeddedFile)[\s/(<\[]`)
	pdfEncrypt = regexp.MustCompile(`/Encrypt\s+\d+\s+\d+\s+R|/Encrypt\s*<<`)
	objStream  = regexp.MustCompile(`/Type\s*/ObjStm`)
)

// inspectPDF reads a PDF's objects, those in compressed object streams too, as text: it is
// locked, holds programs, or has so many pages.
func (s *Service) inspectPDF(stored blob.Info, refuse refusal) (string, int, error) {
	body, _, err := s.Blobs.Open(stored.Name)
	if err != nil {
		return "", 0, fmt.Errorf("inspect: %w", err)
	}
	defer body.Close()
	content, err := io.ReadAll(body) // at most MaxFile
	if err != nil {
		return "", 0, fmt.Errorf("inspect: %w", err)
	}
	if !bytes.Contains(content[max(0, len(content)-2048):], []byte("%%EOF")) {
		return refuse("draft.file_broken")
	}
	if pdfEncrypt.Match(content) {
		return refuse("draft.file_locked")
	}
	objects := append(outsideStreams(content), inflated(content)...)
	if pdfActive.Match(objects) {
		return refuse("draft.file_active")
	}
	return "application/pdf", max(1, len(pdfPage.FindAll(objects, -1))), nil
}

// outsideStreams is the document without the contents of its streams, where chance bytes
// could look like anything.
func outsideStreams(content []byte) []byte {
	var out []byte
	for {
		start := bytes.Index(content, []byte("stream"))
		if start < 0 {
			return append(out, content...)
		}
		out = append(out, content[:start]...)
		end := bytes.Index(content[start:], []byte("endstream"))
		if end < 0 {
			return out
		}
		content = content[start+end+len("endstream"):]
	}
}

// inflated are the contents of the object streams, 16 MB in all at most.
func inflated(content []byte) []byte {
	var out bytes.Buffer
	budget := int64(16 << 20)
	for _, at := range objStream.FindAllIndex(content, -1) {
		start := bytes.Index(content[at[0]:], []byte("stream"))
		if start < 0 || budget <= 0 {
			break
		}
		data := bytes.TrimLeft(content[at[0]+start+len("stream"):], "\r\n")
		r, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			continue
		}
		n, err := io.Copy(&out, io.LimitReader(r, budget))
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			continue
		}
		budget -= n
	}
	return out.Bytes()
}
