package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"os"
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
