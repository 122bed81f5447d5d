package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

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
		if !seen[link] && !strings.HasSuffix(link, "/ban-ghep.pdf") { // the joined copy is the worker's
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
