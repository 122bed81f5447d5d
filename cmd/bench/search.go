package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"motcua/portal/pg"
	"motcua/portal/pg/embedded"
)

// asked is how many different questions a run asks, one after the other.
const asked = 4000

// search measures searches, suggestions and procedure pages of a catalogue of n procedures:
// beside a bare indexed query of the same words, and beside a bare handler with the same
// bytes. Then one procedure is published, and the time until every page has it is taken.
func search(ctx context.Context, o options, n int) (err error) {
	fmt.Fprintln(o.Out, "building, importing", n, "procedures and starting …")
	folder, err := enlarge(n)
	if err != nil {
		return err
	}
	start := time.Now()
	h, err := openWith(ctx, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	r := &report{options: o}
	if err := r.machine(ctx, h); err != nil {
		return err
	}
	fmt.Fprintf(o.Out, "\n%s\nopened in %.1f s\n\n%-58s %7s %10s %9s %9s %9s %7s\n", r.about, time.Since(start).Seconds(), "", "done", "per second", "median", "p95", "p99", "ratio")
	questions := folder.questions(asked)
	if _, err := h.ask(ctx, 1, time.Minute, 20, func(int) string { return "/thu-tuc?q=a" }); err != nil { // warm
		return err
	}
	query, err := h.indexed(ctx)
	if err != nil {
		return err
	}
	for _, clients := range []int{1, o.Clients} {
		r.Clients = clients
		if err := r.searches(ctx, h, questions, query); err != nil {
			return err
		}
	}
	run, err := r.page(ctx, h, "/thu-tuc/"+folder.codes[len(folder.codes)-1])
	if err != nil {
		return err
	}
	r.row(fmt.Sprintf("one procedure's page, %.1f KB: portal", float64(len(run.Body))/1024), run.portal, run.bare)
	r.row("  the same bytes: bare Fiber handler", run.bare, run.bare)
	for _, what := range []string{"all procedures' pages, drawn", "all procedures' pages, kept"} {
		f, err := h.ask(ctx, o.Clients, time.Minute, len(folder.codes), func(i int) string { return "/thu-tuc/" + folder.codes[i] })
		if err != nil {
			return err
		}
		r.row(what, measured{figures: f}, run.bare)
	}
	return h.published(ctx, o, folder)
}

// searches asks each question of the portal's page, of its suggestions, and of an index.
func (r *report) searches(ctx context.Context, h *house, questions []string, query func(string) error) error {
	var next atomic.Int64
	beside, err := drive(ctx, r.Clients, r.Limit, func(int) (bool, error) {
		return true, query(questions[int(next.Add(1))%len(questions)])
	})
	if err != nil {
		return err
	}
	for _, part := range [][2]string{{"search", "/thu-tuc?q="}, {"suggestions", "/thu-tuc/goi-y?q="}} {
		what, path := part[0], part[1]
		f, err := h.ask(ctx, r.Clients, r.Limit, len(questions), func(i int) string { return path + url.QueryEscape(questions[i]) })
		if err != nil {
			return err
		}
		r.row(fmt.Sprintf("%s, %d clients: portal", what, r.Clients), measured{figures: f}, measured{figures: beside})
	}
	r.row(fmt.Sprintf("  the same words, %d clients: names in a GIN index, 20 rows", r.Clients), measured{figures: beside}, measured{figures: beside})
	return nil
}

// ask asks the portal for n addresses, each once.
func (h *house) ask(ctx context.Context, clients int, limit time.Duration, n int, path func(i int) string) (figures, error) {
	client := newClient(h.env["LISTEN"], clients)
	var next atomic.Int64
	return drive(ctx, clients, limit, func(int) (bool, error) {
		i := int(next.Add(1)) - 1
		if i >= n {
			return false, nil
		}
		req, res := newRequest(client.Addr, path(i)), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseResponse(res)
		if err := client.Do(req, res); err != nil {
			return false, err
		}
		if res.StatusCode() != http.StatusOK {
			return false, fmt.Errorf("GET %s: %d", path(i), res.StatusCode())
		}
		return true, nil
	})
}

// indexed is a bare query over the names without marks by an index of their words, as
// somebody would write it who had nothing but PostgreSQL.
func (h *house) indexed(ctx context.Context) (func(string) error, error) {
	_, err := h.super.ExecContext(ctx, `
		CREATE TABLE bench_names AS
			SELECT r.procedure_code AS code, r.doc->'sheet'->'name'->>'vi' AS name, ''::tsvector AS words FROM revisions r;
		UPDATE bench_names SET words = to_tsvector('simple', replace(regexp_replace(normalize(lower(name), NFD), '[\u0300-\u036f]', '', 'g'), 'đ', 'd'));
		CREATE INDEX bench_names_idx ON bench_names USING gin (words);
		ANALYZE bench_names;
		GRANT SELECT ON bench_names TO motcua_app`)
	if err != nil {
		return nil, fmt.Errorf("names to compare with: %w", err)
	}
	db, err := pg.Open(ctx, h.server.DSN(embedded.App, database))
	if err != nil {
		return nil, err
	}
	return func(text string) error {
		var rows []struct {
			Code string `db:"code"`
			Name string `db:"name"`
		}
		return db.SelectContext(ctx, &rows, `
			SELECT code, name FROM bench_names WHERE words @@ plainto_tsquery('simple', $1)
			ORDER BY ts_rank(words, plainto_tsquery('simple', $1)) DESC LIMIT 20`, string(plain(text)))
	}, nil
}

// published changes one procedure from another process and waits until the program's page
// says so: nobody else asks meanwhile.
func (h *house) published(ctx context.Context, o options, folder large) error {
	p, err := h.inside(ctx)
	if err != nil {
		return err
	}
	defer p.Close()
	code, before := folder.codes[len(folder.codes)-1], folder.names[len(folder.names)-1]
	changed, err := folder.renamed(before, before+" (mới)")
	if err != nil {
		return err
	}
	start := time.Now()
	if err := p.ImportCatalogue(ctx, changed); err != nil {
		return err
	}
	imported := time.Since(start)
	address := h.env["LISTEN"]
	old, err := fetch(address, "/thu-tuc/"+code)
	for seen := old; err == nil; seen, err = fetch(address, "/thu-tuc/"+code) {
		if has, err := says(seen, "(mới)"); err != nil || has {
			fmt.Fprintf(o.Out, "\none of %d procedures published by another process: imported in %.0f ms, on its page %.0f ms after\n", len(folder.codes),
				float64(imported.Milliseconds()), float64((time.Since(start) - imported).Milliseconds()))
			return err
		}
		if time.Since(start) > time.Minute {
			return errors.New("what was published does not come to be seen")
		}
	}
	return err
}

// says looks for a text in a page as it was sent.
func says(p page, text string) (bool, error) {
	body := p.Body
	if p.Encoding == "gzip" {
		var err error
		if body, err = fasthttp.AppendGunzipBytes(nil, body); err != nil {
			return false, err
		}
	}
	return bytes.Contains(body, []byte(text)), nil
}
