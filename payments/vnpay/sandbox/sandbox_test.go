package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"motcua/portal/standin"
)

const secret = "VNPAYTESTSECRET0123456789ABCDEF0"

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, ict)

func TestVectors(t *testing.T) {
	b, err := os.ReadFile("../testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		VNPay []struct {
			ID, Secret, Canon, Hash string
			Fields                  map[string]string
		}
		Pipe []struct{ ID, Secret, Data, Hash string } `json:"vnpay_pipe"`
	}
	if err := json.Unmarshal(b, &v); err != nil || len(v.VNPay) != 4 || len(v.Pipe) != 2 {
		t.Fatalf("%d %d %v", len(v.VNPay), len(v.Pipe), err)
	}
	for _, x := range v.VNPay {
		if got := canon(x.Fields); got != x.Canon || !fits(x.Secret, got, x.Hash) || fits(x.Secret, got, spoil(x.Hash)) {
			t.Errorf("%s: %s", x.ID, got)
		}
	}
	for i, names := range []string{queryNames, replyNames} {
		values, fields := strings.Split(v.Pipe[i].Data, "|"), map[string]string{}
		for j, name := range strings.Fields(names) {
			fields["vnp_"+name] = values[j]
		}
		if got := pipes(fields, names); got != v.Pipe[i].Data || seal(v.Pipe[i].Secret, got) != v.Pipe[i].Hash {
			t.Errorf("%s: %s", v.Pipe[i].ID, got)
		}
	}
}

// merchant hears notices and answers them with codes in turn, the last one for ever.
type merchant struct {
	*httptest.Server
	heard chan url.Values
}

func newMerchant(t *testing.T, codes ...string) *merchant {
	m := &merchant{heard: make(chan url.Values, 100)}
	var n atomic.Int64
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"RspCode":%q,"Message":""}`, codes[min(int(n.Add(1)), len(codes))-1])
		m.heard <- r.URL.Query()
	}))
	t.Cleanup(m.Close)
	return m
}

func start(t *testing.T, dir string, m *merchant) *Server { return startAt(t, dir, m, noon) }

func startAt(t *testing.T, dir string, m *merchant, at time.Time) *Server {
	t.Helper()
	s, err := Start(standin.Options{Dir: dir}, Config{TmnCode: "DVCTEST1", Secret: secret, NoticeURL: m.URL + "/ipn", Every: time.Millisecond,
		Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func payment() map[string]string {
	return map[string]string{"vnp_Version": "2.1.0", "vnp_Command": "pay", "vnp_TmnCode": "DVCTEST1", "vnp_Amount": "15000000",
		"vnp_CreateDate": "20261121115900", "vnp_ExpireDate": "20261121121400", "vnp_CurrCode": "VND", "vnp_IpAddr": "127.0.0.1",
		"vnp_Locale": "vn", "vnp_OrderInfo": "Nop phi ho so H01.15-261121-0001", "vnp_OrderType": "other",
		"vnp_ReturnUrl": "https://dvc.example.gov.vn/ket-qua?lang=vi", "vnp_TxnRef": "P2611210001"}
}

func (s *Server) address(f map[string]string) string {
	return s.PayURL() + "?" + canon(f) + "&vnp_SecureHash=" + seal(secret, canon(f))
}

var browser = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	resp, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func press(t *testing.T, address, lam string) url.Values {
	t.Helper()
	resp, err := browser.PostForm(address, url.Values{"lam": {lam}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	at, err := resp.Location()
	if err != nil {
		t.Fatalf("status %d: %v", resp.StatusCode, err)
	}
	return at.Query()
}

func TestPayPage(t *testing.T) {
	s := start(t, "", newMerchant(t, "00"))
	status, page := get(t, s.address(payment()))
	for _, want := range []string{"150.000 đồng", "Nop phi ho so H01.15-261121-0001", "P2611210001", `<form method="post">`, "Thanh toán</button>", "Hủy</button>", "Không đủ tiền</button>"} {
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("status %d, %q is missing in %s", status, want, page)
		}
	}
	if strings.Contains(page, "<script") {
		t.Error("the page needs JavaScript")
	}
}

func TestPayPageRefuses(t *testing.T) {
	s := start(t, "", newMerchant(t, "00"))
	if status, _ := get(t, s.address(payment())+"0"); status != http.StatusBadRequest {
		t.Errorf("a wrong hash: %d", status)
	}
	for name, change := range map[string][2]string{
		"terminal": {"vnp_TmnCode", "OTHER001"}, "version": {"vnp_Version", "2.0.0"}, "expired": {"vnp_ExpireDate", "20261121120000"},
		"no expiry": {"vnp_ExpireDate", ""}, "amount 0": {"vnp_Amount", "0"}, "amount too long": {"vnp_Amount", "1000000000000"},
		"half a dong": {"vnp_Amount", "150"}, "marks": {"vnp_OrderInfo", "Nộp phí"}, "short address": {"vnp_IpAddr", "::1"}, "no reference": {"vnp_TxnRef", ""},
	} {
		f := payment()
		f[change[0]] = change[1]
		if status, page := get(t, s.address(f)); status != http.StatusBadRequest || strings.Contains(page, "<form") {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status, _ := get(t, s.address(payment())); status != http.StatusOK {
		t.Fatal(status)
	}
	f := payment()
	f["vnp_Amount"] = "100"
	if status, _ := get(t, s.address(f)); status != http.StatusBadRequest {
		t.Errorf("the reference again with another amount: %d", status)
	}
}

func TestButtons(t *testing.T) {
	for lam, want := range map[string]string{"tra": "00/00", "huy": "24/02", "thieu": "51/02"} {
		m := newMerchant(t, "00")
		s := start(t, "", m)
		back := press(t, s.address(payment()), lam)
		notice := <-m.heard
		for _, v := range []url.Values{back, notice} {
			if got := v.Get("vnp_ResponseCode") + "/" + v.Get("vnp_TransactionStatus"); got != want {
				t.Errorf("%s: %s", lam, got)
			}
			f := map[string]string{}
			for name := range v {
				if strings.HasPrefix(name, "vnp_") {
					f[name] = v.Get(name)
				}
			}
			if !fits(secret, canon(f), f["vnp_SecureHash"]) {
				t.Errorf("%s: the signature does not fit", lam)
			}
		}
		if back.Get("lang") != "vi" {
			t.Error("the return address lost its own field")
		}
		if again := press(t, s.address(payment()), "tra"); again.Get("vnp_ResponseCode")+"/"+again.Get("vnp_TransactionStatus") != want {
			t.Errorf("%s: pressed again it is %v", lam, again)
		}
		if len(m.heard) != 0 {
			t.Error("pressed again there is another notice")
		}
	}
}

func TestRetriesHonourTheAnswer(t *testing.T) {
	for _, codes := range [][]string{{"00"}, {"02"}, {"97", "01", "04", "99", "00"}, {"99"}} {
		m := newMerchant(t, codes...)
		s := start(t, "", m)
		press(t, s.address(payment()), "tra")
		want := len(codes)
		if codes[0] == "99" {
			want = 10
		}
		for range want {
			<-m.heard
		}
		s.Close() // waits for what is under way
		if tx := s.Transactions()[0]; tx.Sent != want || !tx.Done || len(m.heard) != 0 {
			t.Errorf("%v: %+v", codes, tx)
		}
	}
}

func TestFaults(t *testing.T) {
	for mode, want := range map[string]int{"silent": 0, "double": 12, "forged": 10, "amount": 10} {
		m := newMerchant(t, map[string]string{"double": "02"}[mode])
		s := start(t, "", m)
		s.Set(standin.Fault{Mode: mode, Times: 1}) // meets the page, and holds for its button
		get(t, s.address(payment()))
		if back := press(t, s.address(payment()), "tra"); back.Get("vnp_Amount") != "15000000" {
			t.Errorf("%s: %v", mode, back)
		}
		for range want {
			v := <-m.heard
			f := map[string]string{}
			for name := range v {
				f[name] = v.Get(name)
			}
			if fits(secret, canon(f), f["vnp_SecureHash"]) == (mode == "forged") || (f["vnp_Amount"] != "15000000") != (mode == "amount") {
				t.Errorf("%s: %v", mode, f)
			}
		}
		s.Close()
		if tx := s.Transactions()[0]; tx.Sent != want || !tx.Paid() {
			t.Errorf("%s: %+v", mode, tx)
		}
	}
}

func (s *Server) post(t *testing.T, f map[string]string) map[string]string {
	t.Helper()
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(s.QueryURL(), "application/json", strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var reply map[string]string
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
		t.Fatal(err)
	}
	return reply
}

func asked(id string, change map[string]string) map[string]string {
	f := map[string]string{"vnp_RequestId": id, "vnp_Version": "2.1.0", "vnp_Command": "querydr", "vnp_TmnCode": "DVCTEST1", "vnp_TxnRef": "P2611210001",
		"vnp_TransactionDate": "20261121115900", "vnp_CreateDate": "20261121120000", "vnp_IpAddr": "127.0.0.1", "vnp_OrderInfo": "Truy van"}
	for name, v := range change {
		f[name] = v
	}
	f["vnp_SecureHash"] = seal(secret, pipes(f, queryNames))
	return f
}

func TestQuery(t *testing.T) {
	s := start(t, "", newMerchant(t, "00"))
	want := func(f map[string]string, code, status string) {
		t.Helper()
		reply := s.post(t, f)
		if reply["vnp_ResponseCode"] != code || reply["vnp_TransactionStatus"] != status || !fits(secret, pipes(reply, replyNames), reply["vnp_SecureHash"]) {
			t.Errorf("%v, want %s %s", reply, code, status)
		}
	}
	want(asked("1", nil), "91", "")
	get(t, s.address(payment()))
	want(asked("2", nil), "00", "01")
	press(t, s.address(payment()), "tra")
	want(asked("3", nil), "00", "00")
	want(asked("3", nil), "94", "")
	want(asked("4", map[string]string{"vnp_TransactionDate": "20261121115901"}), "91", "")
	want(asked("5", map[string]string{"vnp_TmnCode": "OTHER001"}), "02", "")
	want(asked("", nil), "03", "")
	bad := asked("6", nil)
	bad["vnp_TxnRef"] = "P2611210002"
	want(bad, "97", "")
	s.Set(standin.Fault{Mode: "unsigned", Times: 1})
	if reply := s.post(t, asked("7", nil)); reply["vnp_SecureHash"] != "" {
		t.Errorf("%v", reply)
	}
	s.Set(standin.Fault{Mode: "forged", Times: 1})
	if reply := s.post(t, asked("8", nil)); fits(secret, pipes(reply, replyNames), reply["vnp_SecureHash"]) {
		t.Errorf("%v", reply)
	}
}

// TestRestart stops the stand-in while a notice waits to be sent again.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	m := newMerchant(t, "99", "00")
	first, err := Start(standin.Options{Dir: dir}, Config{TmnCode: "DVCTEST1", Secret: secret, NoticeURL: m.URL, Every: time.Hour, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	press(t, first.address(payment()), "tra")
	<-m.heard
	silent := payment()
	silent["vnp_TxnRef"] = "P2611210002"
	first.Set(standin.Fault{Mode: "silent"})
	press(t, first.address(silent), "tra")
	before := first.Transactions()
	first.Close()
	s := startAt(t, dir, m, noon.Add(time.Hour)) // the notice's next turn
	if v := <-m.heard; v.Get("vnp_TxnRef") != "P2611210001" || v.Get("vnp_TransactionNo") != before[0].no() {
		t.Errorf("%v", v)
	}
	if reply := s.post(t, asked("1", nil)); reply["vnp_TransactionStatus"] != "00" || reply["vnp_TransactionNo"] != before[0].no() {
		t.Errorf("%v", reply)
	}
	third := payment()
	third["vnp_TxnRef"], third["vnp_ExpireDate"] = "P2611210003", "20261121131400"
	press(t, s.address(third), "tra")
	<-m.heard
	s.Close()
	after := s.Transactions()
	if len(after) != 3 || after[0].Sent != 2 || after[1].Sent != 0 || after[2].No <= after[1].No || after[1].No <= after[0].No {
		t.Errorf("%+v", after)
	}
	log, err := os.ReadFile(dir + "/vnpay.jsonl")
	if err != nil || strings.Count(string(log), `RspCode`) != 3 {
		t.Errorf("the log has not all notices with their answers: %v\n%s", err, log)
	}
}
