package editorial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"

	"github.com/lib/pq"

	"motcua/portal/catalogue"
)

// How addresses are opened. A run ends well within a job's lease.
const (
	linksARun   = 40
	linkHands   = 8
	linkTimeout = 6 * time.Second
	linkHops    = 5
	deadAfter   = 2 // failures in a row, a day apart: a site may be down for a night
)

// CheckLinks opens some of the addresses that sheets lead to, those in force and those that
// are being edited, and keeps what came of it. Where none of them answers at all, it is
// our own way out that is closed, and nothing is kept.
func (s *Service) CheckLinks(ctx context.Context, now time.Time) error {
	return s.checkLinks(ctx, now, public)
}

func (s *Service) checkLinks(ctx context.Context, now time.Time, may func(netip.Addr) bool) error {
	if err := s.noteLinks(ctx, now); err != nil {
		return err
	}
	var due []string
	if err := s.DB.SelectContext(ctx, &due, `SELECT url FROM links WHERE next_at <= $1 ORDER BY next_at, url LIMIT $2`, now, linksARun); err != nil {
		return fmt.Errorf("links that are due: %w", err)
	}
	opened := visits(ctx, due, may)
	answered := len(opened) == 0
	for _, o := range opened {
		answered = answered || o.fault != "silent"
	}
	if !answered && s.Log != nil {
		s.Log.Warn("no address that a sheet leads to answers", "asked", len(due))
	}
	for _, o := range opened {
		next := now.Add(7 * 24 * time.Hour)
		if o.failed() {
			next = now.Add(24 * time.Hour)
		}
		if !answered {
			next = now.Add(time.Hour)
		}
		_, err := s.DB.ExecContext(ctx, `
			UPDATE links SET next_at = $2, checked_at = CASE WHEN $3 THEN $4 ELSE checked_at END, status = CASE WHEN $3 THEN $5 ELSE status END,
				fault = CASE WHEN $3 THEN $6 ELSE fault END, failures = CASE WHEN NOT $3 THEN failures WHEN $7 THEN failures + $8 ELSE 0 END
			WHERE url = $1`, o.url, next, answered, now, o.status, o.fault, o.failed(), o.weight())
		if err != nil {
			return fmt.Errorf("link %s: %w", o.url, err)
		}
	}
	return nil
}

// noteLinks puts the addresses of all sheets on the list and takes off what none names.
func (s *Service) noteLinks(ctx context.Context, now time.Time) error {
	found := map[string]string{}
	all, err := s.Catalogue.All(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		for at, place := range addresses(r.Sheet) {
			found[at] = place
		}
	}
	var sheets []json.RawMessage
	err = s.DB.SelectContext(ctx, &sheets, `
		SELECT v.parts->'sheet' FROM sheet_edits e JOIN sheet_versions v ON v.edit_id = e.id AND v.no = e.version
		WHERE e.closed_at IS NULL AND v.parts ? 'sheet' AND v.parts::text LIKE '%http%'`)
	if err != nil {
		return fmt.Errorf("sheets that are being edited: %w", err)
	}
	for _, raw := range sheets {
		var sheet catalogue.Sheet
		if json.Unmarshal(raw, &sheet) == nil {
			for at, place := range addresses(sheet) {
				found[at] = place
			}
		}
	}
	urls := make([]string, 0, len(found))
	for at := range found {
		urls = append(urls, at)
	}
	_, err = s.DB.ExecContext(ctx, `
		INSERT INTO links AS l (url, seen_at, next_at) SELECT u, $2, $2 FROM unnest($1::text[]) AS u
		ON CONFLICT (url) DO UPDATE SET seen_at = excluded.seen_at`, pq.Array(urls), now)
	if err == nil {
		_, err = s.DB.ExecContext(ctx, `DELETE FROM links WHERE seen_at < $1`, now)
	}
	if err != nil {
		return fmt.Errorf("note links: %w", err)
	}
	return nil
}

// visit is what came of opening an address.
type visit struct {
	url    string
	status int
	fault  string // silent, private, address; "" when there was an answer
}

// failed says whether people would not get there. That a page asks who one is, or takes no
// machines, is no failure.
func (o visit) failed() bool {
	return o.fault != "" || o.status >= 500 || o.status == http.StatusNotFound || o.status == http.StatusGone
}

// weight is how many failures it counts for: what cannot be otherwise tomorrow is certain.
func (o visit) weight() int {
	if o.fault == "silent" || o.status >= 500 {
		return 1
	}
	return deadAfter
}

func visits(ctx context.Context, urls []string, may func(netip.Addr) bool) []visit {
	client := opener(may)
	all := make([]visit, len(urls))
	var hands sync.WaitGroup
	turn := make(chan struct{}, linkHands)
	for i, at := range urls {
		hands.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			all[i] = openOne(ctx, client, at)
		})
	}
	hands.Wait()
	return all
}

var errPrivate = errors.New("not an address of the public internet")

// opener connects to public addresses only, whatever a name resolves to and wherever an
// answer sends it: a sheet must not make the server look around in its own network.
func opener(may func(netip.Addr) bool) *http.Client {
	dial := &net.Dialer{Timeout: linkTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !may(at.Addr().Unmap()) {
			return errPrivate
		}
		return nil
	}}
	return &http.Client{
		Timeout:   linkTimeout,
		Transport: &http.Transport{DialContext: dial.DialContext, DisableKeepAlives: true, ResponseHeaderTimeout: linkTimeout, MaxResponseHeaderBytes: 64 << 10},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > linkHops || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
}

func openOne(ctx context.Context, client *http.Client, at string) visit {
	o := visit{url: at}
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		o.fault = "address"
		return o
	}
	for _, method := range []string{http.MethodHead, http.MethodGet} { // not every server knows HEAD
		r, err := http.NewRequestWithContext(ctx, method, at, nil)
		if err != nil {
			o.fault = "address"
			return o
		}
		r.Header.Set("User-Agent", "motcua-links/1")
		answer, err := client.Do(r)
		switch {
		case errors.Is(err, errPrivate):
			o.fault = "private"
			return o
		case err != nil:
			o.fault = "silent"
			continue
		}
		_ = answer.Body.Close() // what it says is of no interest
		if o.fault, o.status = "", answer.StatusCode; o.status < 400 {
			return o
		}
	}
	return o
}

// closed are networks that nothing public lies in, beside those that netip names.
var closed = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	// of IPv6 only what is given out; and of that not the ways that lead into IPv4
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

var given = netip.MustParsePrefix("2000::/3")

// public says whether an address lies in the public internet.
func public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !given.Contains(a) || a.Zone() != "" {
		return false
	}
	for _, p := range closed {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
