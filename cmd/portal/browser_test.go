package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// screen is how a browser is used.
type screen struct {
	Name          string
	Width, Height int64
	Phone         bool
	NoScript      bool
}

// browser is a tab of Chromium with cookies of its own.
type browser struct {
	screen
	base string
	ctx  context.Context

	mu      sync.Mutex
	trouble []string // what the page's script or its policy complained of
}

// chromium is where the browser lies; without one the test is skipped, on CI it fails.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no Chromium here; install the package chromium")
	}
	t.Skip("no Chromium here: the browser journey is not run (install the package chromium)")
	return ""
}

// startChromium gives a context in which tabs can be opened.
func startChromium(t *testing.T) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.WindowSize(1280, 900))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() { end(); stop() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// tab opens one with cookies of its own.
func (s screen) tab(t *testing.T, all context.Context, base string) *browser {
	t.Helper()
	ctx, end := chromedp.NewContext(all, chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	b := &browser{screen: s, base: base, ctx: ctx}
	viewport := chromedp.EmulateViewport(s.Width, s.Height)
	if s.Phone {
		viewport = chromedp.EmulateViewport(s.Width, s.Height, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	if err := chromedp.Do(ctx, viewport); err != nil {
		t.Fatal(err)
	}
	if s.NoScript {
		off := emulation.SetScriptExecutionDisabledParams{Value: true}
		err := chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, off)
			return err
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	return b
}

// hear keeps what went wrong in the page.
func (b *browser) hear(ev any) {
	said := ""
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		said = "script: " + ev.ExceptionDetails.Text
	case *log.EventEntryAdded:
		if ev.Entry.Level == log.EntryLevelError && strings.HasPrefix(ev.Entry.URL, b.base) {
			said = fmt.Sprintf("%s: %s %s", ev.Entry.Source, ev.Entry.Text, ev.Entry.URL)
		}
	}
	if said != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.trouble = append(b.trouble, said)
	}
}

const patience = 60 * time.Second

// do runs steps, for so long and no longer.
func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// eval asks the page; it works where the page's own scripts are switched off, too.
func eval[T any](b *browser, script string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script))
}

func (b *browser) open(path string) (page, error) {
	if strings.HasPrefix(path, "/") {
		path = b.base + path
	}
	if err := b.do(chromedp.Navigate(path)); err != nil {
		return page{}, fmt.Errorf("%s: %w", path, err)
	}
	return b.now()
}

// now is the page that the browser shows.
func (b *browser) now() (page, error) {
	address, err := eval[string](b, "location.href")
	if err != nil {
		return page{}, err
	}
	html, err := eval[string](b, "document.documentElement.outerHTML")
	if err != nil {
		return page{}, err
	}
	u, err := url.Parse(address)
	if err != nil {
		return page{}, err
	}
	return readPage(u, 0, []byte(html))
}

// send fills the form in as a person does and clicks its button.
func (b *browser) send(p page, f form, e entry) (page, error) {
	// what is folded away a person opens first
	mark := `(function (f) { f.dataset.now = '1'; f.querySelectorAll('details').forEach(function (d) { d.open = true }); return true })(document.forms[%d])`
	if _, err := eval[bool](b, fmt.Sprintf(mark, p.indexOf(f))); err != nil {
		return page{}, err
	}
	for name, values := range e.Set {
		if err := b.put(f, name, values); err != nil {
			return page{}, fmt.Errorf("%s: field %s: %w", p.URL, name, err)
		}
	}
	for name, files := range e.Files {
		if err := b.do(chromedp.SetUploadFiles(chromedp.CSS(within+`input[type=file][name="`+name+`"]`), files)); err != nil {
			return page{}, err
		}
	}
	tries := 3
	button := within + "button:not([name]):not(.out), " + within + `button[name="du-lieu"][value="co"]` // yes to the notice on registers
	if name, value, named := strings.Cut(e.Button, "="); named {
		button = within + `button[name="` + name + `"][value="` + value + `"]:not(.out):not([hidden])`
	}
	for {
		err := b.press(button)
		if err == nil {
			return b.now()
		}
		// a list that came late can move the button from under the mouse: a person presses again
		there, gone := eval[bool](b, `!!document.querySelector("form[data-now]")`)
		if tries--; tries == 0 || gone != nil || !there {
			return page{}, fmt.Errorf("%s: %s: %w", p.URL, button, errors.Join(err, gone))
		}
	}
}

// press clicks and waits for the page that comes.
func (b *browser) press(button string) error {
	ctx, cancel := context.WithTimeout(b.ctx, patience/3)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.WaitEvent(cdppage.LoadEventFired, nil, chromedp.Click(chromedp.CSS(button))))
	return err
}

const within = "form[data-now] "

// put enters a field's values: clicks on choices, types into fields.
func (b *browser) put(f form, name string, values []string) error {
	for _, n := range f.controls() {
		if attr(n, "name") != name {
			continue
		}
		switch {
		case n.Data == "select":
			script := fmt.Sprintf(`(function (s) { s.value = %q; s.dispatchEvent(new Event('change', {bubbles: true})); return s.value })(document.querySelector(%q))`, values[0], within+`[name="`+name+`"]`)
			if got, err := eval[string](b, script); err != nil || got != values[0] {
				return errors.Join(err, fmt.Errorf("the list takes %q for %q", got, values[0]))
			}
			return nil
		case attr(n, "type") == "radio" || attr(n, "type") == "checkbox":
			wanted := false
			for _, v := range values {
				wanted = wanted || v == attr(n, "value")
			}
			if wanted != has(n, "checked") && (wanted || attr(n, "type") == "checkbox") {
				if err := b.do(chromedp.Click(chromedp.CSS(`label[for="` + attr(n, "id") + `"]`))); err != nil {
					return err
				}
			}
		default:
			field := chromedp.CSS(within + `[name="` + name + `"]`)
			if n.Data == "textarea" && raw(n) == "" { // the library cannot clear an empty one
				return b.do(chromedp.SendKeys(field, values[0]))
			}
			return b.do(chromedp.Clear(field), chromedp.SendKeys(field, values[0]))
		}
	}
	return nil
}

// bytes reads a file with the browser's cookies.
func (b *browser) bytes(path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	kept, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) (network.GetCookiesResult, error) {
		return cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{URLs: []string{b.base}})
	})
	if err != nil {
		return nil, err
	}
	c, base := newClient(b.base), &url.URL{}
	if base, err = url.Parse(b.base); err != nil {
		return nil, err
	}
	jar, _ := cookiejar.New(nil)
	var cookies []*http.Cookie
	for _, k := range kept.Cookies {
		cookies = append(cookies, &http.Cookie{Name: k.Name, Value: k.Value})
	}
	jar.SetCookies(base, cookies)
	c.HTTP.Jar = jar
	return c.bytes(path)
}

// look checks what every page must keep, and takes its picture.
func (b *browser) look(t *testing.T, dir, name string) {
	t.Helper()
	wide, err := eval[int64](b, "document.documentElement.scrollWidth")
	if err != nil {
		t.Fatal(err)
	}
	if wide > b.Width {
		t.Errorf("%s is %d px wide on a screen of %d", name, wide, b.Width)
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(80))
	if err != nil {
		t.Fatalf("picture of %s: %v", name, err)
	}
	put(t, dir, fmt.Sprintf("%s-%s.jpg", b.Name, name), picture)
}

// TestBrowserJourney is the main path in a real browser: on a desktop, without JavaScript,
// on a phone.
func TestBrowserJourney(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	dir := t.ArtifactDir()
	for _, s := range []screen{
		{Name: "desktop", Width: 1280, Height: 900},
		{Name: "no-script", Width: 1280, Height: 900, NoScript: true},
		{Name: "phone", Width: 360, Height: 740, Phone: true},
	} {
		t.Run(s.Name, func(t *testing.T) { journeyInBrowser(t, p, s, all, dir) })
	}
	verified(t, p)
}

func journeyInBrowser(t *testing.T, p *program, s screen, all context.Context, dir string) {
	var tabs []*browser
	var open func(sub string) walker
	open = func(sub string) walker {
		b := s.tab(t, all, p.Facts.Portal)
		tabs = append(tabs, b)
		w := walker{t, b, func(name string, _ page) { b.look(t, dir, name) }, open}
		if sub != "" {
			w.signIn(sub)
		}
		return w
	}
	w := open("mai")
	found := w.goTo("/thu-tuc?q=" + url.QueryEscape("giay khai sinh"))
	w.seen("tim", found)
	if len(found.links("/thu-tuc/2.000635")) == 0 {
		t.Error("the procedure is not found")
	}
	w.seen("thu-tuc", w.goTo("/thu-tuc/2.000635"))
	paths, contents := sheets(t)
	check := w.fill(w.start("2.000635", nil), answersOfCopy("post"), map[string][]string{"giay_to_lien_quan": paths})
	w.seen("kiem-tra", check)
	d := w.fileIt(check)
	id, number := d.id(), code(d)
	slip(w, id, number, contents)
	w.pay(id)
	w.seen("ho-so", w.until("/ho-so/"+id, "Đã nhận thanh toán", "Biên lai"))
	w.seen("ho-so-cua-toi", w.goTo("/ho-so"))
	if !s.NoScript {
		tab := s.tab(t, all, p.Facts.Portal)
		searchInBrowser(t, tab)
		procedureInBrowser(t, tab)
	}
	officersPart(w, id, number)
	carried(p, w, id, number)
	w.must(w.goTo("/ho-so/"+id+"/danh-gia"), "/danh-gia", entry{Set: url.Values{"muc": {"5"}}})
	w.seen("thong-bao", w.goTo("/tai-khoan/thong-bao"))
	for _, b := range tabs {
		for _, said := range b.trouble {
			t.Errorf("the browser complained: %s", said)
		}
	}
	if pictures, err := filepath.Glob(filepath.Join(dir, s.Name+"-*.jpg")); err != nil || len(pictures) < 20 {
		t.Errorf("%d pictures, %v", len(pictures), err)
	}
}
