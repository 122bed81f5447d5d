package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// profiled is where the program's time went while it filed.
type profiled struct {
	Flat []string // most by themselves
	Ours []string // our functions with all they call
	Said string   // why there is none
}

// look files drafts while the program is profiled and PostgreSQL counts its statements.
func (r *report) look(ctx context.Context, h *house, drafts []ready) (int, error) {
	if len(drafts) == 0 {
		return 0, nil
	}
	if err := h.track(ctx, "top"); err != nil {
		return 0, err
	}
	profile := r.startProfile(ctx, h)
	m, err := r.file(ctx, h, drafts, r.Limit)
	r.profiled = <-profile
	if err != nil {
		return 0, err
	}
	if err := h.track(ctx, "none"); err != nil {
		return 0, err
	}
	r.statements, err = h.statements(ctx, m.Count)
	return m.Count, err
}

// startProfile asks the operator's listener for a CPU profile, beside the requests.
func (r *report) startProfile(ctx context.Context, h *house) <-chan profiled {
	done := make(chan profiled, 1)
	seconds := max(1, min(4, int(r.Limit/time.Second)))
	go func() {
		p, err := h.profile(ctx, seconds)
		if err != nil {
			p.Said = err.Error()
		}
		done <- p
	}()
	return done
}

func (h *house) profile(ctx context.Context, seconds int) (profiled, error) {
	address := fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", h.env["OPERATOR_LISTEN"], seconds)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return profiled{}, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return profiled{}, err
	}
	defer res.Body.Close()
	file := filepath.Join(h.dir, "cpu.pprof")
	f, err := os.Create(file)
	if err != nil {
		return profiled{}, err
	}
	defer f.Close()
	if _, err := io.Copy(f, res.Body); err != nil {
		return profiled{}, err
	}
	var p profiled
	if p.Flat, err = top(ctx, h.binary(), file, "-flat", ""); err != nil {
		return p, err
	}
	p.Ours, err = top(ctx, h.binary(), file, "-cum", "motcua/")
	return p, err
}

// top are the twelve functions at the top whose names begin with prefix, each line "share
// of itself, share with all it calls, name".
func top(ctx context.Context, binary, file, order, prefix string) ([]string, error) {
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", order, "-nodecount=600", binary, file).Output()
	if err != nil {
		return nil, fmt.Errorf("go tool pprof: %w", err)
	}
	_, table, _ := strings.Cut(string(out), "cum%\n")
	var lines []string
	for line := range strings.Lines(table) {
		f := strings.Fields(line) // flat flat% sum% cum cum% name
		if len(f) < 6 || !strings.HasPrefix(f[5], prefix) {
			continue
		}
		lines = append(lines, fmt.Sprintf("%7s %7s  %s", f[1], f[4], strings.TrimPrefix(strings.Join(f[5:], " "), "motcua/")))
		if len(lines) == 12 {
			break
		}
	}
	return lines, nil
}
