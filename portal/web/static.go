package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"motcua/assets"
)

const staticRoot = "/tai-nguyen/"

// static are the files of the look, by name, in memory and compressed beforehand. Their
// address holds the hash of their content, so a browser may keep them for ever.
type static map[string]*staticFile

type staticFile struct {
	hash, media       string
	plain, gzip, brot []byte
}

var media = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
}

// loadStatic reads what stands in the folders of style and script. Icons are drawn into
// the pages.
func loadStatic() (static, error) {
	files := static{}
	for _, dir := range []string{"style", "script"} {
		names, err := fs.Glob(assets.Web, dir+"/*.*")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			kind, served := media[path.Ext(name)]
			if !served {
				continue
			}
			b, err := fs.ReadFile(assets.Web, name)
			if err != nil {
				return nil, fmt.Errorf("web: %w", err)
			}
			files[path.Base(name)] = newStaticFile(kind, b)
		}
	}
	return files, nil
}

func newStaticFile(kind string, b []byte) *staticFile {
	sum := sha256.Sum256(b)
	var brot bytes.Buffer
	zw := brotli.NewWriterLevel(&brot, brotli.BestCompression)
	zw.Write(b) // into memory
	zw.Close()
	return &staticFile{
		hash: hex.EncodeToString(sum[:6]), media: kind, plain: b,
		gzip: fasthttp.AppendGzipBytesLevel(nil, b, fasthttp.CompressBestCompression), brot: brot.Bytes(),
	}
}

// address is where a file is served, false when there is none of that name.
func (s static) address(name string) (string, bool) {
	f, ok := s[name]
	if !ok {
		return "", false
	}
	return staticRoot + f.hash + "/" + name, true
}

// must is the address for a template.
func (s static) must(name string) (string, error) {
	address, ok := s.address(name)
	if !ok {
		return "", fmt.Errorf("no file %q", name)
	}
	return address, nil
}

func (w *Web) serveStatic(c *fiber.Ctx) error {
	f, ok := w.static[c.Params("name")]
	if !ok || f.hash != c.Params("hash") {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, f.media)
	c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	c.Vary(fiber.HeaderAcceptEncoding)
	accepts := c.Context().Request.Header.HasAcceptEncoding
	switch {
	case strings.HasPrefix(f.media, "image/png"):
		return c.Send(f.plain)
	case accepts("br"):
		c.Set(fiber.HeaderContentEncoding, "br")
		return c.Send(f.brot)
	case accepts("gzip"):
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(f.gzip)
	}
	return c.Send(f.plain)
}
