package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// settle waits until the worker has nothing left to do; what it was doing when it was killed
// is leased for a minute.
func (p *program) settle(t *testing.T) {
	t.Helper()
	const waiting = `SELECT count(*) FROM jobs WHERE kind NOT LIKE 'chore.%' AND kind NOT LIKE '%.feed' AND kind NOT LIKE '%.sweep' AND stuck_at IS NULL AND (leased_to IS NOT NULL OR due <= now())`
	for end := time.Now().Add(100 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if p.count(t, waiting) == 0 {
			return
		}
	}
	t.Errorf("%d jobs are not done", p.count(t, waiting))
}

// checkFilings compares the journal with what the owners' own pages give back.
func checkFilings(t *testing.T, p *program, lines []line) {
	t.Helper()
	owners := map[string]walker{}
	for i, sub := range []string{"mai", "phuc"} {
		owners[fmt.Sprint(i)] = person(t, p, sub)
	}
	last, who := ends(lines), map[string]string{}
	for _, l := range lines {
		who[l.Dossier] = l.Who
	}
	totals := map[string]int{}
	for k, class := range last {
		totals[k.Deed+" "+class]++
	}
	t.Logf("journal: %v", totals)
	filedNow := 0
	for id, owner := range who {
		w := owners[owner]
		page := w.goTo("/ho-so/" + id)
		class, isFiled := last[thing{file, id, id}], page.at("/ho-so/"+id)
		if isFiled {
			filedNow++
		}
		if class == ok != isFiled && class != unknown {
			t.Errorf("%s: filing was %q, the page is %s", id, class, page.URL)
		}
		if !isFiled {
			page = w.goTo("/ho-so/" + id + "/giay-to/giay_to_lien_quan")
		}
		checkFiles(w, page, id, last)
		if n := p.count(t, `SELECT count(*) FROM events WHERE dossier_id = $1 AND kind = 'decide'`, id); class == ok && n != wanted(last[thing{decide, id, id}]) {
			t.Errorf("%s: decided %d times, the officer was told %q", id, n, last[thing{decide, id, id}])
		}
	}
	if n := p.count(t, `SELECT count(*) FROM dossiers`); n != filedNow {
		t.Errorf("%d dossiers, %d were filed", n, filedNow)
	}
	if n := p.count(t, `SELECT count(*) - count(DISTINCT code) FROM dossiers`); n != 0 {
		t.Errorf("%d codes are there twice", n)
	}
}

func wanted(class string) int {
	if class == ok {
		return 1
	}
	return 0
}

// checkFiles reads each file of a dossier or draft back, byte for byte.
func checkFiles(w walker, page page, id string, last map[thing]string) {
	w.Helper()
	found, seen := map[string]int{}, map[string]bool{}
	for _, link := range append(page.links("/tep/"), page.links("giay_to_lien_quan/")...) {
		if !seen[link] {
			seen[link] = true
			found[sha(w.file(link))]++
		}
	}
	for k, class := range last {
		if k.Deed != upload || k.Dossier != id {
			continue
		}
		n := found[k.Thing]
		delete(found, k.Thing)
		if class == ok && n != 1 || class == fail && n != 0 || n > 1 {
			w.Errorf("%s: a file whose upload was %q is there %d times", id, class, n)
		}
	}
	for hash := range found {
		w.Errorf("%s has a file that nobody sent: %s", id, hash)
	}
}

var stateLine = regexp.MustCompile(`"method":"STATE"`)

// checkMoney compares what the gateway holds for paid with receipts and ledger.
func checkMoney(t *testing.T, p *program, lines []line) {
	t.Helper()
	paid := map[string]int64{}
	for entry := range strings.Lines(string(p.look(t, "vnpay", "/_sandbox/log"))) {
		var e struct{ Body string }
		var transaction struct {
			Ref, Status string
			No          int64
		}
		if !stateLine.MatchString(entry) || json.Unmarshal([]byte(entry), &e) != nil || json.Unmarshal([]byte(e.Body), &transaction) != nil {
			continue
		}
		if transaction.Status == "00" {
			paid[transaction.Ref] = transaction.No
		}
	}
	for k, class := range ends(lines) {
		if k.Deed == notice && class == ok && paid[k.Thing] == 0 {
			t.Errorf("the payer was told that %s is paid; the gateway does not know", k.Thing)
		}
	}
	for ref, no := range paid {
		if n := p.count(t, `SELECT coalesce(sum(amount), 0) FROM ledger WHERE provider = 'vnpay' AND provider_no = $1 AND amount > 0`, fmt.Sprint(no)); n != 24_000 {
			t.Errorf("%s: the ledger holds %d đồng of it", ref, n)
		}
	}
	if receipts := p.count(t, `SELECT count(*) FROM receipts`); receipts != len(paid) {
		t.Errorf("%d receipts for %d payments", receipts, len(paid))
	}
	if n := p.count(t, `SELECT count(*) FROM dossiers d JOIN orders o ON o.subject = 'dossier:' || d.id WHERE (d.money = 'paid') <> (o.state = 'paid')`); n != 0 {
		t.Errorf("%d dossiers and their orders do not agree", n)
	}
}

// checkNotices: each event of a dossier came by letter, once, or twice after a crash.
func checkNotices(t *testing.T, p *program) {
	t.Helper()
	times := map[string]int{}
	for _, l := range p.letters(t, "") {
		times[l.MessageID]++
	}
	for id, n := range times {
		if n > 3 {
			t.Errorf("letter %s came %d times", id, n)
		}
	}
	events := p.count(t, `SELECT count(*) FROM events WHERE kind IN ('filed', 'paid', 'receive', 'decide')`)
	if len(times) != events {
		t.Errorf("%d letters for %d events", len(times), events)
	}
	t.Logf("%d events told", events)
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
