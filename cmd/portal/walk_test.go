package main

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// hand is what a person works the portal with: a program's requests, or a browser.
type hand interface {
	open(path string) (page, error)
	send(p page, f form, e entry) (page, error)
	bytes(path string) ([]byte, error)
}

// walker is a signed-in person going through the portal; what they do not find ends the test.
type walker struct {
	*testing.T
	hand
	seen func(name string, p page) // called with each page that is worth a picture
	as   func(sub string) walker   // somebody else, by the same means; "" for somebody not signed in
}

// person is a walker with a program's own client, signed in.
func person(t *testing.T, p *program, sub string) walker {
	t.Helper()
	w := walker{t, newClient(p.Facts.Portal), func(string, page) {}, func(sub string) walker { return person(t, p, sub) }}
	if sub != "" {
		w.signIn(sub)
	}
	return w
}

// goTo opens a page that must be there.
func (w walker) goTo(path string) page {
	w.Helper()
	p, err := w.open(path)
	if err != nil {
		w.Fatal(err)
	}
	if p.Status != 200 && p.Status != 0 {
		w.Fatalf("%s: status %d: %s", path, p.Status, p.says())
	}
	w.sound(p)
	return p
}

// notForPeople is what no page may show: keys of texts, names of arguments, values that
// are not there.
var notForPeople = regexp.MustCompile(`<no value>|%!|\{[a-z_]+\}|\b(web|form|check|dossier|event|state|fee|staff|mine|track|draft|papers|start|supplement|desk|postal|calendar)\.[a-z_]+(\.[a-z_]+)*\b`)

// sound fails where a page shows what is not for people.
func (w walker) sound(p page) {
	w.Helper()
	if found := notForPeople.FindString(p.says()); found != "" {
		w.Errorf("%s shows %q: %s", p.URL, found, p.says())
	}
}

// press fills the form to an address and presses its button.
func (w walker) press(p page, action string, e entry) page {
	w.Helper()
	f, err := p.formFor(action, e)
	if err != nil {
		w.Fatal(err)
	}
	next, err := w.send(p, f, e)
	if err != nil {
		w.Fatal(err)
	}
	return next
}

// must is press where nothing may be at fault.
func (w walker) must(p page, action string, e entry) page {
	w.Helper()
	next := w.press(p, action, e)
	if len(next.faults()) > 0 || next.Status >= 400 {
		w.Fatalf("%s of %s: status %d, %q: %s", action, p.URL, next.Status, next.faults(), next.says())
	}
	w.sound(next)
	return next
}

// file reads a file of the portal.
func (w walker) file(path string) []byte {
	w.Helper()
	b, err := w.bytes(path)
	if err != nil {
		w.Fatal(err)
	}
	return b
}

// mustSay fails where the page does not say all of it.
func (w walker) mustSay(p page, words ...string) {
	w.Helper()
	said := p.says()
	for _, word := range words {
		if !strings.Contains(said, word) {
			w.Errorf("%s does not say %q: %s", p.URL, word, said)
		}
	}
}

func (w walker) signIn(sub string) page {
	w.Helper()
	p := w.goTo("/dang-nhap")
	w.seen("dang-nhap", p)
	return w.must(p, "/authorize", entry{Button: "sub=" + sub})
}

// start begins a draft and gives its first page.
func (w walker) start(code string, set url.Values) page {
	w.Helper()
	p := w.goTo("/thu-tuc/" + code + "/bat-dau")
	w.seen(code+"-bat-dau", p)
	p = w.must(p, "/thu-tuc/"+code+"/ho-so", entry{Set: set})
	if !p.at("/buoc/1") {
		w.Fatalf("started at %s", p.URL)
	}
	return p
}

// fill goes through a form from the page it is on to the check page, answering each
// question from the table and leaving what is filled already. papers are put to the
// components that ask for them.
func (w walker) fill(p page, answers url.Values, papers map[string][]string) page {
	w.Helper()
	for range 40 {
		if p.at("/kiem-tra") {
			return p
		}
		w.seen("trang-"+p.URL.Path[strings.LastIndex(p.URL.Path, "/")+1:], p)
		if w.attachAll(p, papers) {
			p = w.goTo(p.URL.Path)
		}
		e := w.answer(p, answers)
		next := w.press(p, p.URL.Path, e)
		if (len(next.faults()) > 0 || next.Status >= 400) && len(w.answer(next, answers).Set) <= len(e.Set) {
			w.Fatalf("%s: status %d, %q: %s", p.URL, next.Status, next.faults(), next.says())
		} // else a list came into the page after it was read: it is chosen from now
		w.sound(next)
		p = next
	}
	w.Fatal("the form does not end")
	return p
}

// answer is what the table has for a page. A list that depends on another is fetched first.
func (w walker) answer(p page, answers url.Values) entry {
	w.Helper()
	f, err := p.form(p.URL.Path)
	if err != nil {
		w.Fatal(err)
	}
	e := entry{Set: url.Values{}}
	for _, name := range f.names() {
		if v, known := answers[name]; known {
			e.Set[name] = v
		}
	}
	return e
}

// attachAll puts papers to the components that the page asks for, and says whether it left
// the page for that.
func (w walker) attachAll(p page, papers map[string][]string) (left bool) {
	w.Helper()
	for _, link := range p.links("/giay-to/") {
		component := link[strings.LastIndex(link, "/")+1:]
		for _, path := range papers[component] {
			w.attach(p.id(), component, path)
			left = true
		}
		delete(papers, component)
	}
	return left
}

// attach uploads one file and gives the page after it.
func (w walker) attach(id, component, path string) page {
	w.Helper()
	address := "/ho-so/" + id + "/giay-to/" + component
	p := w.must(w.goTo(address), address, entry{Files: map[string][]string{"tep": {path}}})
	w.seen("giay-to", p)
	return p
}

// fileIt declares and files, and gives the dossier's page.
func (w walker) fileIt(check page) page {
	w.Helper()
	p := w.must(check, "/kiem-tra", entry{Set: url.Values{"cam-doan": {"1"}}})
	if !strings.Contains(p.URL.RawQuery, "da-nop") {
		w.Fatalf("filing ended at %s: %s", p.URL, p.says())
	}
	w.seen("da-nop", p)
	return p
}

// code is the dossier code that a page shows.
func code(p page) string {
	for _, word := range strings.Fields(p.says()) {
		if parts := strings.Split(word, "-"); len(parts) == 3 && strings.Contains(parts[0], ".") && len(parts[1]) == 6 {
			return word
		}
	}
	return ""
}

// pay pays the fee of a dossier at the gateway's stand-in and gives the return page.
func (w walker) pay(id string) page {
	w.Helper()
	fee := w.goTo("/ho-so/" + id + "/phi")
	w.seen("phi", fee)
	gateway := w.must(fee, "/phi", entry{Button: "cong=vnpay"})
	if !strings.Contains(gateway.URL.Path, "vpcpay") {
		w.Fatalf("paying leads to %s: %s", gateway.URL, gateway.says())
	}
	back := w.must(gateway, gateway.URL.Path, entry{Button: "lam=tra"})
	w.seen("thanh-toan-ket-qua", back)
	return back
}

// until opens a page again and again until it says the words: a worker's part takes a moment.
func (w walker) until(path string, words ...string) page {
	w.Helper()
	var p page
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		p = w.goTo(path)
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(p.says(), word) }) {
			return p
		}
	}
	w.Fatalf("%s never says %q: %s", path, words, p.says())
	return p
}

// deed does something to a dossier as an officer.
func (w walker) deed(id, word string, set url.Values) page {
	w.Helper()
	p := w.goTo("/can-bo/ho-so/" + id + "/" + word)
	w.seen("can-bo-"+word, p)
	p = w.must(p, "/"+word, entry{Set: set})
	if !p.at("/can-bo/ho-so/" + id) {
		w.Fatalf("%s ended at %s: %s", word, p.URL, p.says())
	}
	return p
}

// forward gives a dossier to the first colleague there is.
func (w walker) forward(id string) page {
	w.Helper()
	f, err := w.goTo("/can-bo/ho-so/" + id + "/chuyen").form("/chuyen")
	if err != nil {
		w.Fatal(err)
	}
	to := f.options("nguoi")
	if len(to) == 0 {
		w.Fatal("there is nobody to forward to")
	}
	return w.deed(id, "chuyen", url.Values{"nguoi": {to[0]}})
}

// letter is a letter at the mail server's stand-in.
type letter struct {
	To        []string
	Subject   string
	Body      string
	MessageID string `json:"message_id"`
}

// letters are those that name the code, oldest first.
func (p *program) letters(t *testing.T, code string) []letter {
	t.Helper()
	var all []letter
	if err := json.Unmarshal(p.look(t, "smtp", "/letters"), &all); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(all)
	return slices.DeleteFunc(all, func(l letter) bool { return !strings.Contains(l.Subject+l.Body, code) })
}

// lettersUntil waits for so many letters about a dossier.
func (p *program) lettersUntil(t *testing.T, code string, n int) []letter {
	t.Helper()
	var got []letter
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if got = p.letters(t, code); len(got) >= n {
			return got
		}
	}
	t.Fatalf("%d letters about %s, not %d: %v", len(got), code, n, got)
	return nil
}
