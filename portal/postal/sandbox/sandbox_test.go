package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"motcua/portal/standin"
)

const base = "/apiVNPostNGSP/p1.0/order/"

// start gives a running stand-in that is closed at the end of the test.
func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(Options{Options: standin.Options{Dir: dir}, Key: "key", Secret: "secret", Customer: "tinh"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func do(t *testing.T, r *http.Request) (int, map[string]any) {
	t.Helper()
	answer, err := http.DefaultTransport.RoundTrip(r) // redirects are looked at, not followed
	if err != nil {
		return 0, map[string]any{"error": err.Error()}
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	_ = json.Unmarshal(b, &v)
	return answer.StatusCode, v
}

func request(t *testing.T, s *Server, method, path, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// token fetches an access token as the papers say.
func token(t *testing.T, s *Server) string {
	t.Helper()
	r := request(t, s, "POST", "/token", "grant_type=client_credentials")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("key", "secret")
	status, v := do(t, r)
	if status != 200 || v["token_type"] != "Bearer" {
		t.Fatalf("token: %d %v", status, v)
	}
	return v["access_token"].(string)
}

func call(t *testing.T, s *Server, token, method, path, body string) (int, map[string]any) {
	t.Helper()
	r := request(t, s, method, path, body)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	return do(t, r)
}

func order(number string) string {
	return fmt.Sprintf(`{"CustomerCode":"tinh","OrderNumber":%q,"CODAmount":0,"SenderProvince":88,"SenderDistrict":0,"SenderAddress":"1 Lê Lợi",
		"SenderName":"Trung tâm","SenderTel":"0290000000","ReceiverName":"Trần Thị B","ReceiverAddress":"2 Hùng Vương","ReceiverTel":"0912345678","ReceiverProvince":"92"}`, number)
}

func feed(t *testing.T, s *Server, token, last string) []map[string]any {
	t.Helper()
	status, v := call(t, s, token, "GET", base+"tracking?pagesize=2&lastId="+last, "")
	if status != 200 {
		t.Fatalf("feed: %d %v", status, v)
	}
	var docs []map[string]any
	for _, d := range v["_embedded"].(map[string]any)["rh:doc"].([]any) {
		docs = append(docs, d.(map[string]any))
	}
	return docs
}

func TestToken(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	r := request(t, s, "POST", "/token", "grant_type=client_credentials")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth("key", "wrong")
	if status, _ := do(t, r); status != 401 {
		t.Errorf("wrong secret: %d", status)
	}
	known := token(t, s)
	for name, tok := range map[string]string{"none": "", "made up": "abc"} {
		if status, _ := call(t, s, tok, "POST", base+"post", order("H01-1")); status != 401 {
			t.Errorf("token %s: %d", name, status)
		}
	}
	s.EndTokens()
	if status, _ := call(t, s, known, "GET", base+"tracking", ""); status != 401 {
		t.Errorf("ended token: %d", status)
	}
}

func TestOrderIsTakenOnce(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	tok := token(t, s)
	for i, want := range []string{"100", "101"} {
		if _, v := call(t, s, tok, "POST", base+"post", order("H01-1")); v["Status"] != want {
			t.Errorf("order %d: %v, want %s", i+1, v, want)
		}
	}
	for _, broken := range []string{"{", `{"OrderNumber":"H01-2"}`, strings.Replace(order("H01-2"), `"SenderProvince":88`, `"SenderProvince":0`, 1),
		strings.Replace(order("H01-2"), `"0912345678"`, `" "`, 1), strings.Replace(order("H01-2"), `"tinh"`, `"khac"`, 1)} {
		if _, v := call(t, s, tok, "POST", base+"post", broken); v["Status"] != "102" {
			t.Errorf("%s: %v", broken, v)
		}
	}
	if p := s.Parcels(); len(p) != 1 || p[0].ReceiverName != "Trần Thị B" {
		t.Errorf("parcels: %+v", p)
	}
}

func TestSilentTakesTheOrder(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	tok := token(t, s)
	s.Set(standin.Fault{Mode: "silent", Times: 1})
	if status, v := call(t, s, tok, "POST", base+"post", order("H01-1")); status != 0 {
		t.Errorf("answered %d %v", status, v)
	}
	if len(s.Parcels()) != 1 {
		t.Error("the order was not taken")
	}
}

func TestCancelOnlyBeforeCustody(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	tok := token(t, s)
	for _, n := range []string{"H01-1", "H01-2"} {
		call(t, s, tok, "POST", base+"post", order(n))
	}
	if err := s.Advance("H01-2", "", ""); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[string]string{"H01-1": "110", "H01-2": "111", "H01-3": "111"} {
		if _, v := call(t, s, tok, "GET", base+"cancel?CustomerCode=tinh&OrderNumber="+n, ""); v["Status"] != want {
			t.Errorf("cancel %s: %v, want %s", n, v, want)
		}
	}
}

func TestFeedGoesOnFromTheCursor(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	tok := token(t, s)
	call(t, s, tok, "POST", base+"post", order("H01-1"))
	for range 6 { // two more than there are steps
		if err := s.Advance("all", "", ""); err != nil {
			t.Fatal(err)
		}
	}
	var codes []any
	last := "000000000000000000000000"
	for docs := feed(t, s, tok, last); len(docs) > 0; docs = feed(t, s, tok, last) {
		for _, d := range docs {
			codes = append(codes, d["StatusCode"])
			last = d["_id"].(map[string]any)["$oid"].(string)
		}
	}
	if fmt.Sprint(codes) != "[1 2 3 4]" {
		t.Errorf("codes: %v", codes)
	}
}

func TestDoubleAndLate(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	tok := token(t, s)
	call(t, s, tok, "POST", base+"post", order("H01-1"))
	push := func(mode string) {
		s.Set(standin.Fault{Mode: mode})
		if err := s.Advance("H01-1", "", ""); err != nil {
			t.Fatal(err)
		}
		s.Set(standin.Fault{Mode: "ok"})
	}
	push("double") // 1 twice
	push("late")   // 2 held back
	push("ok")     // 3, then 2
	var codes []any
	for _, e := range s.Parcels()[0].Events {
		codes = append(codes, e.StatusCode)
	}
	if fmt.Sprint(codes) != "[1 1 3 2]" {
		t.Errorf("told: %v", codes)
	}
	events := s.Parcels()[0].Events
	if events[3].EventTime >= events[2].EventTime || events[0].ID == events[1].ID {
		t.Errorf("events: %+v", events)
	}
	s.Set(standin.Fault{Mode: "double", Times: 1})
	if n := len(feed(t, s, tok, "")); n != 4 {
		t.Errorf("a doubled page of two has %d documents", n)
	}
}

func TestParcelsOutliveTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	call(t, s, token(t, s), "POST", base+"post", order("H01-1"))
	for range 2 {
		_ = s.Advance("H01-1", "", "")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, dir)
	if err := again.Advance("H01-1", "", ""); err != nil {
		t.Fatal(err)
	}
	p := again.Parcels()
	if len(p) != 1 || len(p[0].Events) != 3 || p[0].Events[2].StatusCode != 3 {
		t.Fatalf("after a new start: %+v", p)
	}
	if _, v := call(t, again, token(t, again), "POST", base+"post", order("H01-1")); v["Status"] != "101" {
		t.Errorf("the number was forgotten: %v", v)
	}
}

func TestThePageHasButtonsThatWorkWithoutScript(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	call(t, s, token(t, s), "POST", base+"post", order("H01-1"))
	s.Set(standin.Fault{Mode: "dead"}) // the page is none of the carrier's interface
	r := request(t, s, "POST", "/_sandbox/advance", url.Values{"number": {"H01-1"}, "page": {"1"}}.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if status, v := do(t, r); status != http.StatusSeeOther {
		t.Fatalf("button: %d %v", status, v)
	}
	answer, err := http.Get(s.URL + "/_sandbox/")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, _ := io.ReadAll(answer.Body)
	for _, want := range []string{"H01-1", "Bưu điện đã nhận bưu gửi", "<button>Bưu gửi đang vận chuyển</button>"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("page lacks %q: %s", want, b)
		}
	}
}

// The identifiers hold the published vectors on their own, so that a mistake shared with
// the client would be seen.
func TestItemCodes(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/s10.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Digits []struct{ Serial, Check string }
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	for _, d := range v.Digits {
		if got, want := itemCode(atoi(d.Serial)), "RA"+d.Serial+d.Check+"VN"; got != want {
			t.Errorf("item code %s, want %s", got, want)
		}
	}
}
