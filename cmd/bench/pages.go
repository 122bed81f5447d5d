package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// page is an answer as it was sent: what the bare handler sends too.
type page struct {
	Path     string
	Type     string
	Encoding string
	Body     []byte
}

// pageRun is a public page beside a bare handler.
type pageRun struct {
	page
	portal, bare measured
}

// pages measures public pages, as somebody who is not signed in gets them.
func (r *report) pages(ctx context.Context, h *house) error {
	for _, path := range []string{"/thu-tuc/" + procedure, "/"} {
		run, err := r.page(ctx, h, path)
		if err != nil {
			return err
		}
		r.pageRuns = append(r.pageRuns, run)
	}
	return nil
}

func (r *report) page(ctx context.Context, h *house, path string) (pageRun, error) {
	p, err := fetch(h.env["LISTEN"], path)
	if err != nil {
		return pageRun{}, err
	}
	run := pageRun{page: p}
	if run.portal, err = r.read(ctx, h, h.env["LISTEN"], p, h.program.Process.Pid); err != nil {
		return pageRun{}, err
	}
	addr, pid, stop, err := startBare(p)
	if err != nil {
		return pageRun{}, err
	}
	defer stop()
	run.bare, err = r.read(ctx, h, addr, p, pid)
	return run, err
}

// fetch asks for a page once, compressed, as browsers do.
func fetch(addr, path string) (page, error) {
	client, req, res := newClient(addr, 1), newRequest(addr, path), &fasthttp.Response{}
	if err := client.Do(req, res); err != nil {
		return page{}, fmt.Errorf("GET %s: %w", path, err)
	}
	if res.StatusCode() != fasthttp.StatusOK {
		return page{}, fmt.Errorf("GET %s: %d", path, res.StatusCode())
	}
	return page{path, string(res.Header.ContentType()), string(res.Header.Peek("Content-Encoding")), bytes.Clone(res.Body())}, nil
}

func newRequest(addr, path string) *fasthttp.Request {
	req := &fasthttp.Request{}
	req.SetRequestURI("http://" + addr + path)
	req.Header.Set("Accept-Encoding", "gzip")
	return req
}

// read lets the clients ask for the page again and again over connections that stay open.
func (r *report) read(ctx context.Context, h *house, addr string, p page, pid int) (measured, error) {
	client := newClient(addr, r.Clients)
	reqs, ress := make([]*fasthttp.Request, r.Clients), make([]fasthttp.Response, r.Clients)
	for i := range reqs {
		reqs[i] = newRequest(addr, p.Path)
	}
	do := func(i int) (bool, error) {
		if err := client.Do(reqs[i], &ress[i]); err != nil {
			return false, fmt.Errorf("GET %s: %w", p.Path, err)
		}
		if len(ress[i].Body()) != len(p.Body) || ress[i].StatusCode() != fasthttp.StatusOK {
			return false, fmt.Errorf("GET %s: %d with %d bytes, not %d", p.Path, ress[i].StatusCode(), len(ress[i].Body()), len(p.Body))
		}
		return true, nil
	}
	if _, err := drive(ctx, r.Clients, 300*time.Millisecond, do); err != nil { // warm
		return measured{}, err
	}
	before := spent(pid, h.server.PID())
	f, err := drive(ctx, r.Clients, min(r.Limit, 3*time.Second), do)
	return measured{f, spent(pid, h.server.PID()).less(before)}, err
}

// startBare starts this program once more as a server of one page.
func startBare(p page) (addr string, pid int, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", 0, nil, err
	}
	said, err := json.Marshal(p)
	if err != nil {
		return "", 0, nil, err
	}
	cmd := exec.Command(self, "bare")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(said), os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", 0, nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", 0, nil, err
	}
	stop = func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() }
	if _, err := fmt.Fscanln(out, &addr); err != nil {
		stop()
		return "", 0, nil, errors.New("the bare handler did not start")
	}
	return addr, cmd.Process.Pid, stop, nil
}

// serveBare is the least that Fiber can do: one handler, the bytes of the page, the two
// headers without which they are no page.
func serveBare(ctx context.Context, in io.Reader, out io.Writer) error {
	var p page
	if err := json.NewDecoder(in).Decode(&p); err != nil {
		return err
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get(p.Path, func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, p.Type)
		c.Set(fiber.HeaderContentEncoding, p.Encoding)
		return c.Send(p.Body)
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(out, ln.Addr())
	go func() { <-ctx.Done(); _ = app.Shutdown() }()
	return app.Listener(ln)
}
