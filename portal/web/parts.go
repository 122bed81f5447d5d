package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"path"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/unicode/norm"

	"motcua/portal/problem"
)

const (
	uploadBytes = 64 << 20 // a dossier's 50 MB and what surrounds it
	partsFields = 260      // a batch of 200 lines to choose from, and what surrounds it
	nameLength  = 150
)

// Parts is a multipart form that is read while it arrives: first its fields, then its
// files one by one.
type Parts struct {
	// Values are the fields so far, without _csrf and _key: all that come before the first
	// file, after Next also those between and behind the files.
	Values url.Values
	Proven bool // the form's proof was among them

	w       *Web
	c       *fiber.Ctx
	r       *multipart.Reader
	waiting *File
	fields  int
	left    int64
}

// File is a file as it arrives. Name is the browser's, cleaned, for people only. Reading
// past a limit of the whole form gives problem.TooLarge.
type File struct {
	Field string
	Name  string
	io.Reader
}

// Parts reads the fields of a multipart form up to its first file. Token and one-time key
// must be among them: a file before them is refused, for its bytes would be written to
// disk for anyone who asks. The context of the request lasts as long as an upload may from
// here on: take it anew after this.
func (w *Web) Parts(c *fiber.Ctx) (*Parts, error) { return w.PartsOf(c, "") }

// PartsOf reads a multipart form about one thing, as FormOf does.
func (w *Web) PartsOf(c *fiber.Ctx, thing string) (*Parts, error) {
	if err := w.checkOrigin(c); err != nil {
		return nil, err
	}
	media, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || media != fiber.MIMEMultipartForm || params["boundary"] == "" {
		return nil, fiber.ErrUnsupportedMediaType
	}
	w.lengthen(c)
	p := &Parts{Values: url.Values{}, w: w, c: c, left: w.uploadMax}
	p.r = multipart.NewReader(limited{stream(c), &p.left}, params["boundary"])
	if p.waiting, err = p.advance(); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if p.waiting != nil && (!p.Values.Has("_csrf") || !p.Values.Has("_key")) {
		return nil, fiber.NewError(fiber.StatusBadRequest, "a file came before the form's token")
	}
	p.Proven = w.proves(c, thing, p.Values.Get(proofField))
	p.Values.Del(proofField)
	return p, w.admit(c, p.Values, p.Proven)
}

// Next is the next file, io.EOF after the last one.
func (p *Parts) Next() (*File, error) {
	if f := p.waiting; f != nil {
		p.waiting = nil
		return f, nil
	}
	return p.advance()
}

// advance takes in fields until a file comes. The empty part that a file field without a
// choice sends is none.
func (p *Parts) advance() (*File, error) {
	for {
		part, err := p.r.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		if err != nil {
			return nil, brokenPart(err)
		}
		name, isFile := fileName(part)
		if isFile && name == "" {
			continue
		}
		if isFile {
			if p.fields++; p.fields > partsFields { // each is written down, looked into and taken away again
				return nil, problem.New(problem.TooLarge, "web.too_large")
			}
			return &File{Field: part.FormName(), Name: name, Reader: partReader{part}}, nil
		}
		if err := p.take(part); err != nil {
			return nil, err
		}
	}
}

func (p *Parts) take(part *multipart.Part) error {
	value, err := io.ReadAll(io.LimitReader(part, formBytes+1))
	if err != nil {
		return brokenPart(err)
	}
	if p.fields++; p.fields > partsFields || len(value) > formBytes {
		return problem.New(problem.TooLarge, "web.too_large")
	}
	if !storable(string(value)) || !storable(part.FormName()) {
		return fiber.NewError(fiber.StatusBadRequest, "NUL or broken UTF-8 in a form")
	}
	p.Values.Add(part.FormName(), string(value))
	return nil
}

// fileName is the name a file part gives itself, made fit to be shown: no folders, no
// control or bidirectional characters, composed, short.
func fileName(part *multipart.Part) (string, bool) {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	raw, isFile := params["filename"]
	if err != nil || !isFile {
		return "", false
	}
	if raw == "" {
		return "", true
	}
	name := path.Base(strings.ReplaceAll(strings.ToValidUTF8(raw, ""), "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, norm.NFC.String(name))
	if runes := []rune(name); len(runes) > nameLength {
		name = string(runes[:nameLength])
	}
	if name = strings.TrimSpace(name); strings.Trim(name, "./") == "" {
		name = "tep"
	}
	return name, true
}

// limited counts the bytes of the whole form.
type limited struct {
	r    io.Reader
	left *int64
}

func (l limited) Read(b []byte) (int, error) {
	if *l.left <= 0 {
		return 0, problem.New(problem.TooLarge, "web.too_large")
	}
	n, err := l.r.Read(b)
	*l.left -= int64(n)
	return n, err
}

// partReader gives a file's bytes with errors that say whose fault they are.
type partReader struct{ r io.Reader }

func (p partReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = brokenPart(err)
	}
	return n, err
}

// brokenPart keeps our own limits apart from a line that broke.
func brokenPart(err error) error {
	var p *problem.Error
	if errors.As(err, &p) {
		return p
	}
	return broken(err)
}
