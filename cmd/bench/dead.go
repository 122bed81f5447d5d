package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"motcua/portal/draft"
	"motcua/portal/standin"
)

// The load beside which other pages are read while a register is dead.
const (
	formClients = 2
	pageClients = 4
)

// beside is what reading a public page came to while forms were begun.
type beside struct {
	mode         string
	forms, pages figures
}

// dead begins n forms, each of which asks the population database, while that answers, while
// it refuses connections and while it never answers, and reads a public page beside them.
func dead(ctx context.Context, o options, n int) (err error) {
	fmt.Fprintln(o.Out, "building and starting …")
	h, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	fmt.Fprintf(o.Out, "\n%-34s %7s %10s %9s %9s %9s %7s\n", "", "done", "per second", "median", "p95", "p99", "ratio")
	var alive time.Duration
	people := (n + draft.MaxOpen - 1) / draft.MaxOpen
	for i, mode := range []string{"ok", "dead", "slow"} {
		b, err := h.beside(ctx, mode, n, i*people)
		if err != nil {
			return err
		}
		if alive == 0 {
			alive = max(b.pages.P95, 1)
		}
		for _, line := range []struct {
			what string
			figures
			ratio string
		}{{"forms begun, register " + mode, b.forms, ""}, {"  another page beside them", b.pages, fmt.Sprintf("%.2f", float64(b.pages.P95)/float64(alive))}} {
			fmt.Fprintf(o.Out, "%-34s %7d %10.0f %9s %9s %9s %7s\n", line.what, line.Count, line.perSecond(), ms(line.Median), ms(line.P95), ms(line.P99), line.ratio)
		}
	}
	return nil
}

// beside is one state of the register. Each form is begun by a person with room for it.
func (h *house) beside(ctx context.Context, mode string, n, first int) (beside, error) {
	b := beside{mode: mode}
	starts, err := h.starts(n, first)
	if err != nil {
		return b, err
	}
	h.people.Set(standin.Fault{Mode: mode, DelayMS: 5000})
	defer h.people.Set(standin.Fault{})
	reading, stop := context.WithCancel(ctx)
	read := make(chan error, 1)
	go func() {
		client := newClient(h.env["LISTEN"], pageClients)
		var err error
		b.pages, err = drive(reading, pageClients, time.Hour, func(int) (bool, error) {
			status, _, err := client.Get(nil, "http://"+client.Addr+"/thu-tuc/"+procedure)
			if err == nil && status != fasthttp.StatusOK {
				err = fmt.Errorf("a page: %d", status)
			}
			return true, err
		})
		read <- err
	}()
	var next atomic.Int64
	b.forms, err = drive(ctx, formClients, 5*time.Minute, func(int) (bool, error) {
		i := int(next.Add(1)) - 1
		if i >= len(starts) {
			return false, nil
		}
		return true, starts[i].press(h.env["PUBLIC_URL"])
	})
	stop()
	return b, errors.Join(err, <-read)
}

// start is the press that begins a form.
type start struct{ session, token string }

func (h *house) starts(n, first int) ([]start, error) {
	all := make([]start, 0, n)
	for person := first; len(all) < n; person++ {
		session, err := h.signIn(person)
		if err != nil {
			return nil, err
		}
		token, err := tokenOf(h.env["PUBLIC_URL"]+"/thu-tuc/"+procedure+"/bat-dau", session)
		if err != nil {
			return nil, err
		}
		for range min(draft.MaxOpen, n-len(all)) {
			all = append(all, start{session, token})
		}
	}
	return all, nil
}

// tokenOf is the form token of a page with a form.
func tokenOf(address, session string) (string, error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	req.AddCookie(&http.Cookie{Name: "motcua_session", Value: session})
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	found := csrf.FindSubmatch(b)
	if err != nil || found == nil {
		return "", fmt.Errorf("no token on %s (%d, %w)", address, res.StatusCode, err)
	}
	return html.UnescapeString(string(found[1])), nil
}

var unfollowed = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (s start) press(home string) error {
	form := url.Values{"_csrf": {s.token}, "_key": {uuid.NewString()}}
	req, err := http.NewRequest(http.MethodPost, home+"/thu-tuc/"+procedure+"/ho-so", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", home)
	req.AddCookie(&http.Cookie{Name: "motcua_session", Value: s.session})
	res, err := unfollowed.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("a form is not begun: %d (%w)", res.StatusCode, err)
	}
	return nil
}
