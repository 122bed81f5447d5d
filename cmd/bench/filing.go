package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"
)

// measured is one part of the run with what it cost.
type measured struct {
	figures
	cpu cpu
}

const (
	agenciesMany = 20
	warm         = 40 // filings before anything is counted: connections, caches
)

// filings prepares the drafts and files them: over many agencies, at one, and some more
// only to see what costs most, for looking has its price.
func (r *report) filings(ctx context.Context, h *house) error {
	many, one, err := r.drafts(ctx, h)
	if err != nil {
		return err
	}
	begin, end := many[:warm], many[warm+r.Filings:]
	if _, err := r.file(ctx, h, begin, time.Minute); err != nil {
		return err
	}
	if r.many, err = r.file(ctx, h, many[warm:warm+r.Filings], r.Limit); err != nil {
		return err
	}
	if r.one, err = r.file(ctx, h, one, r.Limit); err != nil {
		return err
	}
	looked, err := r.look(ctx, h, end)
	if err != nil {
		return err
	}
	if r.told, err = h.drain(ctx); err != nil {
		return err
	}
	r.filed = warm + r.many.Count + r.one.Count + looked
	return r.count(ctx, h, r.filed)
}

// looks is how many filings are made only to look.
func (o options) looks() int {
	if !o.Profile {
		return 0
	}
	return o.Filings / 3
}

func (r *report) drafts(ctx context.Context, h *house) (many, one []ready, err error) {
	start := time.Now()
	p, err := h.inside(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer p.Close()
	if many, err = h.prepare(ctx, p, 0, warm+r.Filings+r.looks(), agenciesMany); err != nil {
		return nil, nil, err
	}
	if one, err = h.prepare(ctx, p, crowd/2, r.Filings/2, 1); err != nil {
		return nil, nil, err
	}
	fmt.Fprintf(r.Out, "%d drafts prepared in %.0f s\n", len(many)+len(one), time.Since(start).Seconds())
	return many, one, nil
}

// file sends the last press of each draft and waits for its 303, which comes after commit.
func (r *report) file(ctx context.Context, h *house, drafts []ready, limit time.Duration) (measured, error) {
	if err := h.level(ctx); err != nil {
		return measured{}, err
	}
	client := newClient(h.env["LISTEN"], r.Clients)
	var next atomic.Int64
	before := h.spent()
	f, err := drive(ctx, r.Clients, limit, func(int) (bool, error) {
		i := int(next.Add(1)) - 1
		if i >= len(drafts) {
			return false, nil
		}
		return true, press(client, drafts[i])
	})
	return measured{f, h.spent().less(before)}, err
}

func newClient(addr string, clients int) *fasthttp.HostClient {
	return &fasthttp.HostClient{Addr: addr, MaxConns: clients, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second,
		NoDefaultUserAgentHeader: true}
}

// press is the POST of the check page.
func press(client *fasthttp.HostClient, d ready) error {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	path := "/ho-so/" + d.id + "/kiem-tra"
	req.SetRequestURI("http://" + client.Addr + path)
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/x-www-form-urlencoded")
	req.Header.Set("Origin", "http://"+client.Addr)
	req.Header.SetCookie("motcua_session", d.by.session)
	req.SetBodyString(url.Values{"_csrf": {d.by.token}, "_key": {uuid.NewString()}, "cam-doan": {"1"}}.Encode())
	if err := client.Do(req, res); err != nil {
		return fmt.Errorf("POST %s: %w", path, err)
	}
	to := string(res.Header.Peek("Location"))
	if res.StatusCode() != fasthttp.StatusSeeOther || !strings.HasSuffix(strings.TrimSuffix(to, "?da-nop=1"), "/ho-so/"+d.id) {
		return fmt.Errorf("POST %s: %d %s", path, res.StatusCode(), to)
	}
	return nil
}

// spent reads everybody's clocks.
func (h *house) spent() cpu {
	program := 0
	if h.program != nil {
		program = h.program.Process.Pid
	}
	return spent(program, h.server.PID())
}

// level makes every part begin alike: statistics are fresh, as on a server that has run for
// a day, and the first change of a page is written to the log whole.
func (h *house) level(ctx context.Context) error {
	for _, q := range []string{`ANALYZE`, `CHECKPOINT`} {
		if _, err := h.super.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// drain waits until the program has told everybody: jobs that were queued by filings must
// not run beside what is measured next. It returns how many notices there are.
func (h *house) drain(ctx context.Context) (notices int, err error) {
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		var left int
		if err := h.super.GetContext(ctx, &left, `SELECT count(*) FROM jobs WHERE kind = 'dossier.tell'`); err != nil {
			return 0, err
		}
		if left == 0 || time.Now().After(end) {
			return notices, h.super.GetContext(ctx, &notices, `SELECT count(*) FROM notices`)
		}
	}
}

// count holds what was answered against what is there: each filing once, with its code,
// papers, event and order, and the codes of an agency's day without a gap.
func (r *report) count(ctx context.Context, h *house, answered int) error {
	checks := []struct {
		what, query string
		want        int
	}{
		{"dossiers", `SELECT count(DISTINCT code) FROM dossiers`, answered},
		{"first filings", `SELECT count(*) FROM filings f JOIN dossiers d ON d.id = f.dossier_id WHERE f.no = 1`, answered},
		{"attachments", `SELECT count(*) FROM attachments`, 2 * answered},
		{"events", `SELECT count(*) FROM events WHERE kind = 'filed'`, answered},
		{"orders", `SELECT count(*) FROM orders WHERE total = 24000`, answered},
		{"codes by the counters", `SELECT sum(last) FROM code_counters`, answered},
	}
	for _, c := range checks {
		var n int
		if err := h.super.GetContext(ctx, &n, c.query); err != nil {
			return fmt.Errorf("%s: %w", c.what, err)
		}
		if n != c.want {
			return fmt.Errorf("%s: %d, not %d", c.what, n, c.want)
		}
	}
	return nil
}

// fsync measures what one durable write of a page costs here: the median of fifty.
func fsync(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, "fsync-")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var all []time.Duration
	for range 50 {
		start := time.Now()
		if _, err := f.WriteAt(make([]byte, 8192), 0); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		all = append(all, time.Since(start))
	}
	return newFigures(all, 0).Median, nil
}
