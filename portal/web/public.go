package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"motcua/locales"
)

// keptBytes bounds the pages in memory: six thousand procedures in two languages are about
// ninety megabytes, compressed.
const keptBytes = 128 << 20

// kept are public pages, and files for machines, as they were drawn, compressed, until site or catalogue change.
type kept struct {
	mu    sync.Mutex
	pages map[keptName]*keptPage
	bytes int
}

type keptName struct {
	lang locales.Lang
	name string
}

type keptPage struct {
	site    *Site
	version string
	lang    locales.Lang // "" of what is not a page
	media   string
	gzip    []byte
	etag    string
}

// Public shows a page that is the same for everybody who is not signed in: it is drawn
// once for each address, language and version of what it is made of, and answered from
// memory. For those who are signed in it is drawn with their name in the header.
func (w *Web) Public(c *fiber.Ctx, version string, make func() (name string, p Page, err error)) error {
	if w.Token(c) != "" || asks(c) {
		name, p, err := make()
		if err != nil {
			return err
		}
		p.Canonical = w.Address(c.Path())
		return w.Show(c, fiber.StatusOK, name, p)
	}
	page, err := w.keep(c, c.Path(), version, make)
	if err != nil {
		return err
	}
	c.Vary(fiber.HeaderCookie)
	if c.Query("lang") != "" { // the answer sets a cookie
		return page.send(c, fiber.StatusOK)
	}
	return page.answer(c)
}

// Prepared answers with bytes for machines that are the same for everybody: made once for
// each version of what they are made of, kept compressed, asked for by their ETag.
func (w *Web) Prepared(c *fiber.Ctx, version, media string, make func() ([]byte, error)) error {
	key := keptName{"", c.Path()}
	page := w.kept.get(key)
	if page == nil || page.version != version {
		b, err := make()
		if err != nil {
			return err
		}
		page = pack(b)
		page.version, page.media = version, media
		w.kept.put(key, page)
	}
	return page.answer(c)
}

// answer sends the page, or says that the asker has it.
func (p *keptPage) answer(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-cache") // may be stored, must be asked for: the ETag answers
	c.Set(fiber.HeaderETag, p.etag)
	if has(c.Get(fiber.HeaderIfNoneMatch), p.etag) {
		return c.SendStatus(fiber.StatusNotModified)
	}
	return p.send(c, fiber.StatusOK)
}

// has says whether an If-None-Match names the tag; a proxy that packs or unpacks makes it weak.
func has(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/"); tag == etag || tag == "*" {
			return true
		}
	}
	return false
}

// pack is bytes on their way into memory.
func pack(b []byte) *keptPage {
	sum := sha256.Sum256(b)
	return &keptPage{gzip: fasthttp.AppendGzipBytesLevel(nil, b, fasthttp.CompressBestCompression), etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
}

// asks says whether the address has a question in it besides the language.
func asks(c *fiber.Ctx) bool {
	args := c.Context().QueryArgs()
	return args.Len() > 1 || (args.Len() == 1 && !args.Has("lang"))
}

// keep is the page in memory under that name, drawn when it is not there or is stale.
func (w *Web) keep(c *fiber.Ctx, name, version string, make func() (string, Page, error)) (*keptPage, error) {
	lang, site := w.Lang(c), w.Site(c.UserContext())
	key := keptName{lang, name}
	if page := w.kept.get(key); page != nil && page.site == site && page.version == version {
		return page, nil
	}
	template, p, err := make()
	if err != nil {
		return nil, err
	}
	if name != "404" { // the page for what is not there must not repeat the address
		p.Path, p.Canonical = name, w.Address(name)
	}
	var buf bytes.Buffer
	if err := w.draw(c, &buf, template, &p); err != nil {
		return nil, err
	}
	page := pack(buf.Bytes())
	page.site, page.version, page.lang, page.media = site, version, lang, fiber.MIMETextHTMLCharsetUTF8
	w.kept.put(key, page)
	return page, nil
}

func (k *kept) get(key keptName) *keptPage {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.pages[key]
}

func (k *kept) put(key keptName, page *keptPage) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.pages == nil {
		k.pages = map[keptName]*keptPage{}
	}
	if old := k.pages[key]; old != nil {
		k.bytes -= len(old.gzip)
	}
	k.pages[key] = page
	k.bytes += len(page.gzip)
	for other, old := range k.pages { // any: a page that is missed is drawn again
		if k.bytes <= keptBytes {
			break
		}
		if other != key {
			delete(k.pages, other)
			k.bytes -= len(old.gzip)
		}
	}
}

// send answers with the kept page. The few that do not take gzip get it unpacked.
func (p *keptPage) send(c *fiber.Ctx, status int) error {
	c.Set(fiber.HeaderContentType, p.media)
	if p.lang != "" {
		c.Set(fiber.HeaderContentLanguage, string(p.lang))
	}
	c.Vary(fiber.HeaderAcceptEncoding)
	c.Status(status)
	if c.Context().Request.Header.HasAcceptEncoding("gzip") {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(p.gzip)
	}
	plain, err := fasthttp.AppendGunzipBytes(nil, p.gzip)
	if err != nil {
		return err
	}
	return c.Send(plain)
}

// Routes lists what the router answers, "GET /thu-tuc/:code" and so on, for tests that
// look at every route there is.
func Routes(app *fiber.App) []string {
	var all []string
	for _, r := range app.GetRoutes(true) {
		if r.Method != fiber.MethodHead && !strings.HasPrefix(r.Path, staticRoot) {
			all = append(all, r.Method+" "+r.Path)
		}
	}
	return all
}
