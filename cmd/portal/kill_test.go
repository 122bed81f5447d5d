package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// people who file in another process, whose journal is not the program's to lose.
type filers struct {
	cmd     *exec.Cmd
	stdin   io.Closer
	said    chan line
	journal string
	errors  bytes.Buffer
}

func startFilers(t *testing.T, p *program, people ...string) *filers {
	t.Helper()
	f := &filers{said: make(chan line, 10_000), journal: filepath.Join(t.TempDir(), "journal.jsonl")}
	b, err := json.Marshal(task{Facts: p.Facts, Journal: f.journal, Dir: t.TempDir(), People: people})
	if err != nil {
		t.Fatal(err)
	}
	f.cmd = exec.Command(os.Args[0])
	f.cmd.Env = append(os.Environ(), filerEnv+"="+string(b))
	f.cmd.Stderr = &f.errors
	if f.stdin, err = f.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := f.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.cmd.Process.Kill() })
	go func() {
		defer close(f.said)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var l line
			if json.Unmarshal(lines.Bytes(), &l) == nil {
				f.said <- l
			}
		}
	}()
	return f
}

// begins waits until somebody begins a deed, now.
func (f *filers) begins(t *testing.T, deed string) line {
	t.Helper()
	for drained := false; !drained; {
		select {
		case <-f.said:
		default:
			drained = true
		}
	}
	limit := time.After(90 * time.Second) // what was leased when it was killed is done a minute later
	for {
		select {
		case l, going := <-f.said:
			if !going {
				t.Fatalf("the filers ended: %s", f.errors.String())
			}
			if l.Deed == deed && l.Class == begun {
				return l
			}
		case <-limit:
			t.Fatalf("nobody comes to %s", deed)
		}
	}
}

// answered says whether the attempt has had its answer by now.
func (f *filers) answered(of line) bool {
	for {
		select {
		case l := <-f.said:
			if l.Who == of.Who && l.Deed == of.Deed && l.Thing == of.Thing && l.Class != begun {
				return true
			}
		default:
			return false
		}
	}
}

// finish lets everybody come to an end.
func (f *filers) finish(t *testing.T) []line {
	t.Helper()
	_ = f.stdin.Close()
	go func() {
		for range f.said {
		}
	}()
	if err := f.cmd.Wait(); err != nil {
		t.Fatalf("the filers: %v\n%s", err, f.errors.String())
	}
	lines, err := readJournal(f.journal)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestKillWhileFiling kills the program at random instants of an upload, a filing, a payment
// notice and a decision: alone, or PostgreSQL with it, or PostgreSQL alone. Afterwards every
// thing that somebody was told is there, once, and nothing else.
func TestKillWhileFiling(t *testing.T) {
	t.Parallel()
	p := newDemo(t)
	f := startFilers(t, p, "mai", "phuc")
	for _, deed := range []string{upload, file, decide, notice} {
		hits, kills := 0, 0
		for ; kills < 4 || hits < 1 && kills < 8; kills++ { // the program three times, PostgreSQL alone once
			l := f.begins(t, deed)
			time.Sleep(time.Duration(rand.Int64N(int64(8 * time.Millisecond)))) // a random instant of it
			server, err := p.postgres()
			if err != nil {
				t.Fatal(err)
			}
			if mode := kills % 4; mode == 1 || mode == 2 {
				_ = syscall.Kill(server, syscall.SIGKILL)
			}
			if kills%4 == 2 { // the program starts it again by itself
				if !f.answered(l) {
					hits++
				}
				p.recover(t)
				continue
			}
			p.kill()
			if !f.answered(l) {
				hits++
			}
			if err := p.start(); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("%s: %d kills, %d of them before its answer", deed, kills, hits)
	}
	lines := f.finish(t)
	p.settle(t)
	checkFilings(t, p, lines)
	checkMoney(t, p, lines)
	checkNotices(t, p)
	verified(t, p)
	_, _, code := filed(t, p, "hung", "online") // and a new person is served as before
	if code == "" {
		t.Error("no code")
	}
}

// recover waits until the program has its PostgreSQL again.
func (p *program) recover(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := p.postgres(); err == nil && p.ready() {
			return
		}
	}
	t.Fatal("PostgreSQL was killed and does not come back")
}

// TestKillAfterRedirect kills program and PostgreSQL at the instant a page says it is saved:
// the answers are there.
func TestKillAfterRedirect(t *testing.T) {
	t.Parallel()
	p := newDemo(t)
	w := person(t, p, "hung")
	c := w.hand.(*client)
	at := w.must(w.start("2.000635", nil), "/buoc/1", entry{Set: url.Values{"for_whom": {"self"}}})
	for i, phone := range []string{"0912345001", "0912345002", "0912345003"} {
		page := w.goTo(at.URL.Path)
		f, err := page.form(at.URL.Path)
		if err != nil {
			t.Fatal(err)
		}
		req, err := c.prepare(page, f, entry{Set: url.Values{"contact_phone": {phone}}})
		if err != nil {
			t.Fatal(err)
		}
		server, err := p.postgres()
		if err != nil {
			t.Fatal(err)
		}
		status, _, err := once(c, req)
		if i > 0 {
			_ = syscall.Kill(server, syscall.SIGKILL)
		}
		p.kill()
		if err != nil || status != 303 {
			t.Fatalf("save: %d, %v", status, err)
		}
		if err := p.start(); err != nil {
			t.Fatal(err)
		}
		f, err = w.goTo(at.URL.Path).form(at.URL.Path)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(f.values().Get("contact_phone"), " ", ""); got != phone {
			t.Errorf("saved %s, killed, found %q", phone, got)
		}
	}
	verified(t, p)
}
