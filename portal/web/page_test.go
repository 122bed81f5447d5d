package web

import (
	"compress/gzip"
	"context"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/gofiber/fiber/v2"
	"golang.org/x/net/html"

	"motcua/locales"
)

// showPage answers /page with the page of an error, the only one without data of its own.
func showPage(w *Web, change func(*Page)) {
	w.App.Get("/page", func(c *fiber.Ctx) error {
		p := Page{Title: locales.Text{VI: "Đăng ký khai sinh", EN: "Birth registration"}, Data: fault{Status: 422}}
		if change != nil {
			change(&p)
		}
		return w.Show(c, 200, "public/error", p)
	})
}

func TestShow(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	showPage(w, func(p *Page) { p.Errors = []ErrorLink{{Field: "ten", Message: locales.M("web.too_large")}} })
	res := get(t, w.App, "/page?a=%22%3E%3Cb%3E&lang=en", "Cookie", "motcua_session=good")
	page := text(t, res)
	if got := res.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a personal page may be kept: %q", got)
	}
	for _, want := range []string{`<html lang="en">`, "<title>Error: Birth registration – Public Service Portal – Sample Province</title>", "Nguyễn Thị Thuỷ Ường",
		`<span lang="vi">Ủy ban nhân dân tỉnh Mẫu</span>`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page, `"><b>`) {
		t.Error("the query stands in the page as it came")
	}
	links := find(t, page, func(n *html.Node) bool { return attr(n, "hreflang") != "" })
	if len(links) != 3 || attr(links[0], "href") != "/page?a=%22%3E%3Cb%3E&lang=vi" || attr(links[1], "aria-current") == "" {
		t.Errorf("languages: %d, first to %q", len(links), attr(links[0], "href"))
	}
	keys := values(t, page, "_key")
	if len(keys) < 2 || keys[0] == keys[1] {
		t.Errorf("one-time keys of two forms: %v", keys)
	}
	if !strings.Contains(text(t, get(t, w.App, "/page", "Cookie", "motcua_lang=en")), `<html lang="en">`) {
		t.Error("the language is not kept")
	}
}

func TestPageOfNobodySetsNoCookie(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	showPage(w, nil)
	if c := get(t, w.App, "/page").Cookies(); len(c) != 0 {
		t.Errorf("a page without a form leaves %v", c)
	}
}

func TestDynamicPagesAreCompressed(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	showPage(w, nil)
	plain := text(t, get(t, w.App, "/page"))
	res := get(t, w.App, "/page", "Accept-Encoding", "gzip")
	zr, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(zr); err != nil || string(b) != plain || res.Header.Get("Vary") == "" {
		t.Errorf("compressed: %v, same: %v, vary %q", err, string(b) == plain, res.Header.Get("Vary"))
	}
}

func TestPublicPagesAreKept(t *testing.T) {
	t.Parallel()
	site, version, drawn := testSite, "1", 0
	w := newWeb(t, func(o *Options) { o.Site = func(context.Context) *Site { return site } })
	w.App.Get("/kept", func(c *fiber.Ctx) error {
		return w.Public(c, version, func() (string, Page, error) {
			drawn++
			return "public/error", Page{Title: "Trang " + version, Data: fault{Status: 422}}, nil
		})
	})
	first := get(t, w.App, "/kept")
	page, etag := text(t, first), first.Header.Get("ETag")
	if get(t, w.App, "/kept"); drawn != 1 {
		t.Errorf("drawn %d times", drawn)
	}
	if first.Header.Get("Cache-Control") != "no-cache" || !strings.Contains(first.Header.Get("Vary"), "Cookie") || etag == "" {
		t.Errorf("headers %v", first.Header)
	}
	if res := get(t, w.App, "/kept", "If-None-Match", etag); res.StatusCode != 304 || text(t, res) != "" {
		t.Errorf("the same page again: %d", res.StatusCode)
	}
	if res := get(t, w.App, "/kept", "If-None-Match", etag, "Cookie", "motcua_lang=en"); res.StatusCode != 200 || res.Header.Get("ETag") == etag {
		t.Errorf("in another language: %d", res.StatusCode)
	}
	mine := text(t, get(t, w.App, "/kept", "Cookie", "motcua_session=good"))
	if !strings.Contains(mine, "Thuỷ Ường") || strings.Contains(text(t, get(t, w.App, "/kept")), "Thuỷ Ường") {
		t.Error("somebody's name is missing from their page or stands on everybody's")
	}
	version = "2"
	if !strings.Contains(text(t, get(t, w.App, "/kept")), "Trang 2") {
		t.Error("a new version is not shown")
	}
	before := drawn
	site = &Site{Name: locales.V("Tỉnh Khác")}
	if got := text(t, get(t, w.App, "/kept")); !strings.Contains(got, "Tỉnh Khác") || drawn != before+1 {
		t.Error("a new province is not shown")
	}
	if page == "" {
		t.Error("the first page was empty")
	}
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	address, ok := w.static.address("site.css")
	if !ok {
		t.Fatal("no site.css")
	}
	plain := get(t, w.App, address)
	want := text(t, plain)
	if plain.Header.Get("Content-Type") != "text/css; charset=utf-8" || plain.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("headers %v", plain.Header)
	}
	br := get(t, w.App, address, "Accept-Encoding", "gzip, br")
	if b, err := io.ReadAll(brotli.NewReader(br.Body)); err != nil || string(b) != want {
		t.Errorf("brotli: %v, same: %v", err, string(b) == want)
	}
	gz := get(t, w.App, address, "Accept-Encoding", "gzip")
	if zr, err := gzip.NewReader(gz.Body); err != nil {
		t.Error(err)
	} else if b, err := io.ReadAll(zr); err != nil || string(b) != want {
		t.Errorf("gzip: %v, same: %v", err, string(b) == want)
	}
	for _, path := range []string{"/tai-nguyen/", "/tai-nguyen/000000000000/site.css", strings.TrimSuffix(address, "css") + "js", address + "/x"} {
		if res := get(t, w.App, path); res.StatusCode != 404 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

// Pages in memory stay within their room, the newest among them, and a page drawn again
// counts once.
func TestKeptPagesStayWithinTheirRoom(t *testing.T) {
	t.Parallel()
	var k kept
	big := make([]byte, keptBytes/4)
	for i := range 40 {
		key := keptName{locales.VI, strconv.Itoa(i % 8)}
		k.put(key, &keptPage{gzip: big})
		if k.get(key) == nil || k.bytes > keptBytes || k.bytes != len(k.pages)*len(big) {
			t.Fatalf("after %d: %d pages, %d bytes", i, len(k.pages), k.bytes)
		}
	}
	if len(k.pages) != 4 {
		t.Errorf("%d pages are kept", len(k.pages))
	}
}

// The budgets of ux 7.3 for the whole site.
func TestStyleAndScriptAreSmall(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	for name, most := range map[string]int{"site.css": 12 << 10, "site.js": 8 << 10} {
		if n := len(w.static[name].gzip); n > most {
			t.Errorf("%s is %d bytes compressed, more than %d", name, n, most)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	say := words{locales.EN}
	link, err := say.link("tel:1022", "<1022>")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		got  func() (template.HTML, error)
		want string
	}{
		"a link in a sentence": {func() (template.HTML, error) { return say.key("web.help.call", "phone", link) }, `Call <a href="tel:1022">&lt;1022&gt;</a>`},
		"markup in a value":    {func() (template.HTML, error) { return say.key("web.help.call", "phone", "<b>") }, "Call &lt;b&gt;"},
		"a plural":             {func() (template.HTML, error) { return say.key("web.files", "n", 1) }, "1 file"},
		"another plural":       {func() (template.HTML, error) { return say.key("web.files", "n", 2) }, "2 files"},
		"a missing language":   {func() (template.HTML, error) { return say.text(locales.V("Hộ tịch & <b>")) }, `<span lang="vi">Hộ tịch &amp; &lt;b&gt;</span>`},
		"a message by pointer": {func() (template.HTML, error) { m := locales.M("web.back"); return say.text(&m) }, "Back"},
		"nothing":              {func() (template.HTML, error) { return say.text(nil) }, ""},
		"long words": {func() (template.HTML, error) {
			return say.brief(locales.V("Cấp giấy phép xây dựng mới, nhà ở"), 28)
		}, `<span lang="vi">Cấp giấy phép xây dựng mới …</span>`},
		"words with room":  {func() (template.HTML, error) { return say.brief(locales.Text{VI: "x", EN: "Permit"}, 6) }, "Permit"},
		"a link that runs": {func() (template.HTML, error) { return say.link("javascript:alert(1)", "x") }, "x"},
		"a link elsewhere": {func() (template.HTML, error) { return say.link("//evil.test", "x") }, "x"},
		"a day":            {func() (template.HTML, error) { return day("2025-07-01"), nil }, `<time datetime="2025-07-01">1/7/2025</time>`},
		"no day":           {func() (template.HTML, error) { return day("<2025>"), nil }, "&lt;2025&gt;"},
		"an instant": {func() (template.HTML, error) {
			return timed(time.RFC3339, locales.FormatTime)(time.Date(2026, 11, 21, 7, 5, 0, 0, time.UTC))
		}, `<time datetime="2026-11-21T14:05:00&#43;07:00">14:05, 21/11/2026</time>`},
	} {
		got, err := c.got()
		if err != nil || string(got) != strings.ReplaceAll(c.want, "&#43;", "+") {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
	if _, err := say.text(7); err == nil {
		t.Error("a number passes for words")
	}
	if got := Number(locales.VI, int64(-1234567)); got != "-1.234.567" {
		t.Errorf("number %s", got)
	}
}

func TestNamesWithinASentence(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Con vật": "con vật", "Đơn": "đơn", "GPLX": "GPLX", "": "", "Ô": "Ô"} {
		if got := inner(locales.Text{VI: in, EN: in}); got.VI != want || got.EN != want {
			t.Errorf("%q within a sentence is %q", in, got.VI)
		}
	}
}

func TestQRIsReadableInTheDark(t *testing.T) {
	t.Parallel()
	got, err := words{locales.VI}.qr("https://example.vn/tra-cuu?ma=1", locales.M("web.back"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`role="img"`, `aria-label="Quay lại"`, `fill="#fff" d="M0 0h`, `fill="#000"`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("the code lacks %s", want)
		}
	}
}

func TestDownloads(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.App.Get("/d", func(c *fiber.Ctx) error {
		return w.Send(c, Download{Frame: true, Name: "Giấy \"chứng\" sinh\r\n.pdf", Media: c.Query("media"), Size: 4}, strings.NewReader("data"))
	})
	pdf := get(t, w.App, "/d?media=application/pdf")
	if got := pdf.Header.Get("Content-Disposition"); got != `inline; filename="Gi_y _ch_ng_ sinh__.pdf"; filename*=UTF-8''Gi%E1%BA%A5y%20%22ch%E1%BB%A9ng%22%20sinh%0D%0A.pdf` {
		t.Errorf("disposition %s", got)
	}
	if !strings.Contains(pdf.Header.Get("Content-Security-Policy"), "frame-ancestors 'self'") || text(t, pdf) != "data" {
		t.Error("our viewer may not frame it, or it is not whole")
	}
	page := get(t, w.App, "/d?media=text/html")
	if !strings.HasPrefix(page.Header.Get("Content-Disposition"), "attachment;") || page.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("what was uploaded as a page is shown as one: %v", page.Header)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.App.Post("/thu-tuc/:code/ho-so", func(*fiber.Ctx) error { return nil })
	all := strings.Join(Routes(w.App), "\n")
	if !strings.Contains(all, "POST /thu-tuc/:code/ho-so") || strings.Contains(all, http.MethodHead) || strings.Contains(all, staticRoot) {
		t.Errorf("routes:\n%s", all)
	}
}
