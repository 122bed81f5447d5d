package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// filerEnv makes the test binary a process of people who file while the program is killed:
// what they were told is kept by them, not by the system.
const filerEnv = "MOTCUA_FILER"

// task is what the process is asked to do.
type task struct {
	Facts   facts
	Journal string
	Dir     string // for the files that they upload
	People  []string
}

// filerMain files, pays and decides until standard input ends.
func filerMain(text string) int {
	var t task
	err := json.Unmarshal([]byte(text), &t)
	var j *journal
	if err == nil {
		j, err = openJournal(t.Journal)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var over atomic.Bool
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		over.Store(true)
	}()
	var all errgroup.Group
	for i, sub := range t.People {
		all.Go(func() error {
			f := &filer{task: t, journal: j, who: fmt.Sprintf("%d", i), sub: sub}
			for !over.Load() {
				if err := f.life(); err != nil {
					return fmt.Errorf("%s: %w", sub, err)
				}
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// filer is one of those people, and the officers who work on their dossiers.
type filer struct {
	task
	journal  *journal
	who, sub string
	signed   map[string]*client
}

// as is somebody's client, signed in once.
func (f *filer) as(sub string) (*client, error) {
	if c := f.signed[sub]; c != nil {
		return c, nil
	}
	c := newClient(f.Facts.Portal)
	c.HTTP.Timeout = 20 * time.Second
	err := f.insist(func() error {
		p, err := c.open("/dang-nhap")
		if err != nil {
			return err
		}
		form, err := p.formFor("/authorize", entry{Button: "sub=" + sub})
		if err != nil {
			return err
		}
		if p, err = c.send(p, form, entry{Button: "sub=" + sub}); err == nil && p.Status != http.StatusOK {
			err = fmt.Errorf("sign-in: status %d", p.Status)
		}
		return err
	})
	if f.signed == nil {
		f.signed = map[string]*client{}
	}
	f.signed[sub] = c
	return c, err
}

// insist does something again until it works: the program is away for seconds at a time.
func (f *filer) insist(do func() error) error {
	var err error
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if err = do(); err == nil {
			return nil
		}
	}
	return err
}

// read opens a page, however often it takes.
func (f *filer) read(c *client, path string) (p page, err error) {
	err = f.insist(func() error {
		if p, err = c.open(path); err == nil && p.Status != http.StatusOK {
			err = fmt.Errorf("%s: status %d: %.300s", path, p.Status, p.says())
		}
		return err
	})
	return p, err
}

// step is a press that is in the journal.
type step struct {
	deed, dossier, thing string
	giveUp               bool // do not ask again when the answer was lost
}

// press sends a form and repeats the very same request until there is an answer. It gives
// where the answer leads, "" for one that was lost and given up.
func (f *filer) press(c *client, p page, action string, e entry, s step) (to string, err error) {
	form, err := p.formFor(action, e)
	if err != nil {
		return "", err
	}
	req, err := c.prepare(p, form, e)
	if err != nil {
		return "", err
	}
	if s.thing == "" {
		s.thing = form.values().Get("_key")
	}
	note := func(class, note string) error {
		if s.deed == "" {
			return nil
		}
		return f.journal.write(line{f.who, s.deed, s.dossier, s.thing, class, note})
	}
	err = f.insist(func() error {
		if err := note(begun, ""); err != nil {
			return err
		}
		status, location, err := once(c, f.patience(req, s))
		switch {
		case err == nil && status < 400:
			to = location
			return note(ok, location)
		case err == nil && status < 500:
			to = fmt.Sprint(status)
			return note(fail, to)
		case s.giveUp:
			return note(unknown, fmt.Sprint(status, err))
		}
		return errors.Join(fmt.Errorf("%s: status %d", req.URL, status), err, note(unknown, fmt.Sprint(status, err)))
	})
	return to, err
}

// patience gives every third press in the journal a line that breaks while the answer is
// on its way, or before.
func (f *filer) patience(req *http.Request, s step) *http.Request {
	if s.deed == "" || mathrand.IntN(3) > 0 {
		return req
	}
	ctx, cancel := context.WithCancel(req.Context())
	time.AfterFunc(time.Duration(mathrand.Int64N(int64(40*time.Millisecond))), cancel)
	return req.WithContext(ctx)
}

// once sends a request without following where it leads: the answer itself is the word.
func once(c *client, req *http.Request) (status int, location string, err error) {
	again := req.Clone(req.Context())
	if again.Body, err = req.GetBody(); err != nil {
		return 0, "", err
	}
	direct := *c.HTTP
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := direct.Do(again)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, resp.Header.Get("Location"), err
}

// life is one dossier from its first page to the decision.
func (f *filer) life() error {
	c, err := f.as(f.sub)
	if err != nil {
		return err
	}
	id, err := f.draft(c)
	if err != nil {
		return err
	}
	if err := f.uploads(c, id); err != nil {
		return err
	}
	filed, err := f.file(c, id)
	if err != nil || !filed {
		return err
	}
	if err := f.pay(c, id); err != nil {
		return err
	}
	return f.decide(id)
}

// draft answers every page.
func (f *filer) draft(c *client) (string, error) {
	p, err := f.read(c, "/thu-tuc/2.000635/bat-dau")
	if err != nil {
		return "", err
	}
	to, err := f.press(c, p, "/ho-so", entry{}, step{})
	for range 20 {
		if err != nil {
			return "", err
		}
		if p, err = f.read(c, to); err != nil {
			return "", err
		}
		if p.at("/kiem-tra") {
			return p.id(), nil
		}
		var form form
		if form, err = p.form(p.URL.Path); err != nil {
			return "", err
		}
		e := entry{Set: url.Values{}}
		for _, name := range form.names() {
			if v, known := answersOfCopy("online")[name]; known {
				e.Set[name] = v
			}
		}
		to, err = f.press(c, p, p.URL.Path, e, step{})
	}
	return "", fmt.Errorf("the form does not end: %s", to)
}

// uploads sends a file that must be refused and one that must be kept; now and then one
// whose lost answer is not asked for again.
func (f *filer) uploads(c *client, id string) error {
	address := "/ho-so/" + id + "/giay-to/giay_to_lien_quan"
	for i, content := range [][]byte{[]byte("không phải tệp"), randomPaper(), randomPaper()} {
		p, err := f.read(c, address)
		if err != nil {
			return err
		}
		path := filepath.Join(f.Dir, fmt.Sprintf("%s-%d.jpg", f.who, i))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
		_, err = f.press(c, p, address, entry{Files: map[string][]string{"tep": {path}}},
			step{deed: upload, dossier: id, thing: sha(content), giveUp: i == 1})
		if err != nil {
			return err
		}
	}
	return nil
}

// randomPaper is a picture with a long tail that no other has.
func randomPaper() []byte {
	tail := make([]byte, 300<<10)
	rand.Read(tail)
	return append(paperJPEG(1, 60, 80), tail...)
}

// file presses without the declaration, which must not file, and with it; now and then a
// lost answer is not asked for again, and the draft left as it may be.
func (f *filer) file(c *client, id string) (filed bool, err error) {
	p, err := f.read(c, "/ho-so/"+id+"/kiem-tra")
	if err != nil {
		return false, err
	}
	if to, err := f.press(c, p, "/kiem-tra", entry{}, step{}); err != nil || to != "422" {
		return false, fmt.Errorf("filing without the declaration gave %s: %w", to, err)
	}
	to, err := f.press(c, p, "/kiem-tra", entry{Set: url.Values{"cam-doan": {"1"}}}, step{deed: file, dossier: id, thing: id, giveUp: mathrand.IntN(4) == 0})
	return strings.HasPrefix(to, "/ho-so/"), err
}

// pay pays at the gateway, and asks it through the portal until the portal knows.
func (f *filer) pay(c *client, id string) error {
	p, err := f.read(c, "/ho-so/"+id+"/phi")
	if err != nil {
		return err
	}
	to, err := f.press(c, p, "/phi", entry{Button: "cong=vnpay"}, step{})
	if err != nil {
		return err
	}
	gateway, err := f.read(c, to)
	if err != nil {
		return err
	}
	ref := gateway.URL.Query().Get("vnp_TxnRef")
	if _, err := f.press(c, gateway, gateway.URL.Path, entry{Button: "lam=tra"}, step{deed: notice, dossier: id, thing: ref}); err != nil {
		return err
	}
	for range 100 {
		if p, err = f.read(c, "/ho-so/"+id+"/phi"); err != nil {
			return err
		}
		if len(p.links("/bien-lai/")) > 0 {
			return nil
		}
		if _, err := f.press(c, p, "/phi", entry{Button: "lam=kiem-tra"}, step{}); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s is never paid: %s", id, p.says())
}

// decide receives, forwards and decides as the officers of the ward.
func (f *filer) decide(id string) error {
	for _, d := range []struct {
		sub, word string
		set       url.Values
		deed      string
	}{{intake, "tiep-nhan", nil, ""}, {intake, "chuyen", url.Values{}, ""}, {leader, "quyet-dinh", url.Values{"ket-qua": {"dong-y"}}, decide}} {
		c, err := f.as(d.sub)
		if err != nil {
			return err
		}
		var to string
		err = f.insist(func() error { // the fee may be known to the order and not yet to the dossier
			p, err := f.read(c, "/can-bo/ho-so/"+id+"/"+d.word)
			if err != nil {
				return err
			}
			if form, err := p.form("/" + d.word); err == nil && len(form.options("nguoi")) > 0 {
				d.set.Set("nguoi", form.options("nguoi")[0])
			}
			to, err = f.press(c, p, "/"+d.word, entry{Set: d.set}, step{deed: d.deed, dossier: id, thing: id})
			if err == nil && !strings.HasPrefix(to, "/can-bo/") {
				err = fmt.Errorf("%s: %s", d.word, to)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
