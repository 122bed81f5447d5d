package main

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"
)

// TestBrowserDrafts is what may befall a draft between two pages, in a real browser with
// its script: another device, the end of the session, a line that goes.
func TestBrowserDrafts(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	desktop := screen{Name: "desktop", Width: 1280, Height: 900}
	phone := screen{Name: "phone", Width: 360, Height: 740, Phone: true}
	open := func(t *testing.T, s screen, sub string) (walker, *browser) {
		b := s.tab(t, all, p.Facts.Portal)
		w := walker{t, b, func(string, page) {}, nil}
		w.signIn(sub)
		return w, b
	}
	t.Run("two devices", func(t *testing.T) {
		w, a := open(t, desktop, "mai")
		at := contactPage(w)
		_, b := open(t, phone, "mai")
		if _, err := b.open("/ho-so/" + at.id()); err != nil {
			t.Fatal(err)
		}
		b.types(t, "contact_email", "dien-thoai@example.vn")
		b.waitFor(t, "Đã lưu")
		a.types(t, "contact_email", "may-tinh@example.vn")
		a.waitFor(t, "nơi khác")
		choose := w.goTo("/ho-so/" + at.id() + "/chon-ban?trang=2")
		w.mustSay(choose, "dien-thoai@example.vn", "may-tinh@example.vn")
		mine := choose.choice("may-tinh@example.vn")
		w.must(choose, "/chon-ban", entry{Set: url.Values{mine.name: {mine.value}}})
		if v := values(w, at); v.Get("contact_email") != "may-tinh@example.vn" {
			t.Errorf("what was chosen is not what stays: %v", v)
		}
	})
	t.Run("the session ends", func(t *testing.T) {
		w, b := open(t, desktop, "phuc")
		at := contactPage(w)
		b.forget(t)
		signin := w.press(at, at.URL.Path, entry{Set: url.Values{"contact_phone": {"0912345602"}, "contact_email": {"giu-lai@example.vn"}}})
		w.must(signin, "/authorize", entry{Button: "sub=phuc"})
		if v := values(w, at); v.Get("contact_email") != "giu-lai@example.vn" {
			t.Errorf("what was typed when the session had ended is gone: %v", v)
		}
		answers := answersOfCopy("online")
		answers.Set("contact_email", "giu-lai@example.vn")
		check := w.fill(w.goTo(at.URL.Path), answers, nil)
		b.forget(t)
		signin = w.press(check, "/kiem-tra", entry{Set: url.Values{"cam-doan": {"1"}}})
		again := w.must(signin, "/authorize", entry{Button: "sub=phuc"})
		if !again.at("/kiem-tra") {
			again = w.goTo("/ho-so/" + at.id() + "/kiem-tra")
		}
		w.mustSay(again, "giu-lai@example.vn")
		d := w.fileIt(again)
		if mine := w.goTo("/ho-so"); strings.Count(mine.says(), code(d)) != 1 {
			t.Errorf("not one dossier: %s", mine.says())
		}
	})
	t.Run("the line goes", func(t *testing.T) {
		w, b := open(t, phone, "lan")
		at := contactPage(w)
		b.offline(t, true)
		b.types(t, "contact_email", "mat-mang@example.vn")
		b.waitFor(t, "chưa lưu")
		if text, err := eval[string](b, `document.querySelector('[name="contact_email"]').value`); err != nil || text != "mat-mang@example.vn" {
			t.Errorf("the page holds %q (%v)", text, err)
		}
		if kept, err := eval[int](b, `localStorage.length + sessionStorage.length`); err != nil || kept != 0 {
			t.Errorf("%d things in the browser's storage (%v)", kept, err)
		}
		b.offline(t, false)
		b.waitFor(t, "Đã lưu")
		if v := values(w, at); v.Get("contact_email") != "mat-mang@example.vn" {
			t.Errorf("after the line is back: %v", v)
		}
	})
	verified(t, p)
}

// contactPage is a new draft at the page that asks how to reach the person.
func contactPage(w walker) page {
	w.Helper()
	return w.must(w.start("2.000635", nil), "/buoc/1", entry{Set: url.Values{"for_whom": {"self"}}})
}

// values are what a page's form holds when it is opened anew.
func values(w walker, at page) url.Values {
	w.Helper()
	f, err := w.goTo(at.URL.Path).form(at.URL.Path)
	if err != nil {
		w.Fatal(err)
	}
	return f.values()
}

// types puts words into a field as a person does.
func (b *browser) types(t *testing.T, name, words string) {
	t.Helper()
	field := chromedp.CSS(`[name="` + name + `"]`)
	if err := b.do(chromedp.Clear(field), chromedp.SendKeys(field, words)); err != nil {
		t.Fatalf("type into %s: %v", name, err)
	}
}

// waitFor waits until the line about saving says the words.
func (b *browser) waitFor(t *testing.T, words string) {
	t.Helper()
	var said string
	for end := time.Now().Add(patience); time.Now().Before(end); pause() {
		var err error
		if said, err = eval[string](b, `(document.querySelector('p[data-saved]') || {}).textContent || ''`); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(said, words) {
			return
		}
	}
	at, err := eval[string](b, `location.pathname + ' ' + document.visibilityState + ' ' + (document.activeElement || {}).name`)
	t.Fatalf("the page never says %q but %q: %s (%v), %q", words, said, at, err, b.trouble)
}

// forget takes the browser's session away, as when it has ended.
func (b *browser) forget(t *testing.T) {
	t.Helper()
	err := b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.DeleteCookies, network.DeleteCookiesParams{Name: "motcua_session", URL: b.base})
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// connection is how a browser's connection is; the library has no words for it any more.
type connection struct {
	Offline  bool    `json:"offline"`
	Latency  float64 `json:"latency"`
	Download float64 `json:"downloadThroughput"`
	Upload   float64 `json:"uploadThroughput"`
}

var emulateLine = cdp.Command[connection, cdp.Empty]{Method: "Network.emulateNetworkConditions"}

func (b *browser) offline(t *testing.T, off bool) {
	t.Helper()
	err := b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulateLine, connection{Offline: off, Download: -1, Upload: -1})
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// choice is a radio button or a box.
type choice struct{ name, value string }

// choice is the one that says so.
func (p page) choice(words string) choice {
	for _, n := range all(p.root, func(n *html.Node) bool { return n.Data == "label" && text(n) == words }) {
		for _, in := range all(p.root, func(in *html.Node) bool { return in.Data == "input" && attr(in, "id") == attr(n, "for") }) {
			return choice{attr(in, "name"), attr(in, "value")}
		}
	}
	return choice{}
}
