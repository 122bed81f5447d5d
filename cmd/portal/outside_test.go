package main

import (
	"database/sql"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/lib/pq" // the demo's own database, looked at from outside
)

// registryChanges changes a name on the wire; the next draft has it.
func registryChanges(t *testing.T, p *program) {
	number := p.Facts.number("hung")
	change := func(name string) {
		p.tell(t, "population", "/_sandbox/records", map[string]string{"id_number": number, "full_name": name})
	}
	change("Phạm Quốc Hùng Đổi Tên")
	defer change("Phạm Quốc Hùng")
	w := person(t, p, "hung")
	second := w.must(w.start("2.000635", nil), "/buoc/1", entry{Set: url.Values{"for_whom": {"self"}}})
	w.mustSay(second, "Phạm Quốc Hùng Đổi Tên", "1955")

	p.tell(t, "business", "/_sandbox/records", map[string]string{"tax_code": "1600199903", "name": "CÔNG TY TNHH TÊN MỚI MẪU"})
	lan := person(t, p, "lan")
	lan.mustSay(lan.start("2.000033", url.Values{"doanh-nghiep": {"1600199903"}}), "CÔNG TY TNHH TÊN MỚI MẪU")
}

// byHand are the answers that the population registry would have given.
var byHand = url.Values{
	"requester_name": {"Đỗ Thị Vắng"}, "requester_birth_date.day": {"5"}, "requester_birth_date.month": {"5"}, "requester_birth_date.year": {"1996"},
	"requester_id": {"089196000107"}, "requester_residence.province": {"91"}, "requester_residence.commune": {"30307"}, "requester_residence.detail": {"Khóm 1"},
}

// registryDown fills by hand what a registry does not give that is dead or slow, talks
// nonsense, names another person, or does not know this one; the dossier says that nobody
// has compared it. Once the registry knows better a worker compares it, and the officer
// reads that all agrees.
func registryDown(t *testing.T, p *program) {
	for i, mode := range []string{"ok", "dead", "slow", "garbage", "other"} { // ok: the registry does not know this person yet
		p.fault(t, "population", mode, 0, 10_000)
		w := person(t, p, "vang")
		answers := answersOfCopy("online")
		for name, v := range byHand {
			answers[name] = v
		}
		check := w.fill(w.start("2.000635", nil), answers, nil)
		p.fault(t, "population", "ok", 0, 0)
		w.mustSay(check, "Đỗ Thị Vắng", "Khóm 1")
		d := w.fileIt(check)
		w.mustSay(w.goTo("/ho-so/"+d.id()), "Chưa đối chiếu được")
		desk := person(t, p, intake)
		if k := desk.goTo("/can-bo/ho-so/" + d.id()); !strings.Contains(k.says(), "Chưa đối chiếu với") {
			t.Errorf("registry %s: the officer is not told that nothing was compared: %s", mode, k.says())
		}
		if i == 0 {
			p.tell(t, "population", "/_sandbox/records", map[string]any{"id_number": "089196000107", "full_name": "Đỗ Thị Vắng", "birth_date": "1996-05-05",
				"sex": "2", "nationality": "VN", "residence": map[string]string{"province": "91", "commune": "30307", "detail": "Khóm 1"}})
		}
		p.compared(t, d.id())
		k := desk.goTo("/can-bo/ho-so/" + d.id())
		if !strings.Contains(k.says(), "khớp với thông tin đã nộp") || strings.Contains(k.says(), "Chưa đối chiếu với") {
			t.Errorf("registry %s: filled in later, the officer reads %s", mode, k.says())
		}
	}
}

// compared waits until a worker has compared a dossier. Its job is due in a quarter of an
// hour: the test makes it due at once, again while the registry is still let alone.
func (p *program) compared(t *testing.T, id string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if p.count(t, `WITH due AS (UPDATE jobs SET due = now() WHERE kind = 'registry.fill' AND subject = $1 AND leased_to IS NULL RETURNING 1)
			SELECT count(*) FROM dossiers WHERE id::text = $1 AND verified AND (SELECT count(*) FROM due) >= 0`, id) == 1 {
			return
		}
	}
	t.Fatalf("dossier %s is not compared", id)
}

// gatewayFaults: however often and however the gateway says it, receipts are credits.
func gatewayFaults(t *testing.T, p *program) {
	for _, mode := range []string{"double", "silent", "amount", "forged"} {
		t.Run(mode, func(t *testing.T) {
			w := person(t, p, "dai")
			d := w.fileIt(w.fill(w.start("2.000635", nil), answersOfCopy("online"), nil))
			id := d.id()
			fee := w.goTo("/ho-so/" + id + "/phi")
			p.fault(t, "vnpay", mode, 0, 0)
			gateway := w.must(fee, "/phi", entry{Button: "cong=vnpay"})
			back := w.must(gateway, gateway.URL.Path, entry{Button: "lam=tra"})
			p.fault(t, "vnpay", "ok", 0, 0)
			if receipts, credits := money(t, p, id); mode == "double" && (receipts != 1 || credits != 24_000) {
				t.Errorf("told twelve times: %d receipts, %d đồng", receipts, credits)
			} else if mode != "double" && (receipts != 0 || credits != 0) {
				t.Errorf("%s: %d receipts, %d đồng before anybody asked the gateway", mode, receipts, credits)
			} else if mode != "double" {
				if strings.Contains(back.says(), "Đã nhận 24.000") {
					t.Errorf("the return page takes the browser's word: %s", back.says())
				}
				w.must(w.goTo("/ho-so/"+id+"/phi"), "/phi", entry{Button: "lam=kiem-tra"})
			}
			w.until("/ho-so/"+id, "Đã nhận thanh toán")
			w.press(w.goTo("/ho-so/"+id), "/dang-xuat", entry{})
			if receipts, credits := money(t, p, id); receipts != 1 || credits != 24_000 {
				t.Errorf("in the end %d receipts, %d đồng", receipts, credits)
			}
		})
	}
}

// money counts a dossier's receipts and what its ledger holds.
func money(t *testing.T, p *program, id string) (receipts, credits int) {
	t.Helper()
	return p.count(t, `SELECT count(*) FROM receipts r JOIN orders o ON o.id = r.order_id WHERE o.subject = 'dossier:' || $1`, id),
		p.count(t, `SELECT coalesce(sum(l.amount), 0) FROM ledger l JOIN orders o ON o.id = l.order_id WHERE o.subject = 'dossier:' || $1 AND l.amount > 0`, id)
}

// count asks the demo's database for a number, as the app's own role.
func (p *program) count(t testing.TB, query string, args ...any) int {
	t.Helper()
	db, err := sql.Open("postgres", p.Facts.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n string
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	i, err := strconv.Atoi(n)
	if err != nil {
		t.Fatal(err)
	}
	return i
}
