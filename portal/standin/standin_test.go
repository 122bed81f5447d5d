package standin

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// echo answers with the body, and with the fault that a mode of its own asks for.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	_, _ = w.Write(append([]byte(FaultOf(r).Mode+":"), b...))
})

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start("echo", o, echo, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// post sends a body and gives the answer, "" where there was none.
func post(t *testing.T, url, body string) string {
	t.Helper()
	res, err := http.Post(url, "text/plain", strings.NewReader(body))
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryRequestIsKeptAcrossRuns(t *testing.T) {
	o := Options{Dir: t.TempDir()}
	s := start(t, o)
	post(t, s.URL+"/a?x=1", "first")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(o.Dir, "echo.jsonl")
	cut(t, file, `{"at":"2026-11-21T08:00:00Z","method":"PO`) // killed while it wrote
	s = start(t, o)
	post(t, s.URL+"/b", "second")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	all := start(t, o).Entries()
	if len(all) != 2 {
		t.Fatalf("%d entries: %+v", len(all), all)
	}
	if e := all[0]; e.Method != "POST" || e.Path != "/a?x=1" || e.Body != "first" || e.Answer != "ok:first" || e.Status != 200 {
		t.Errorf("%+v", e)
	}
	if e := all[1]; e.Path != "/b" || e.Body != "second" {
		t.Errorf("%+v", e)
	}
}

func cut(t *testing.T, file, half string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(half); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestFaults(t *testing.T) {
	s := start(t, Options{})
	for _, c := range []struct {
		fault string
		want  []string
	}{
		{`{"mode":"garbage","times":2}`, []string{"\x00\xff<<not an answer>>", "\x00\xff<<not an answer>>", "ok:x"}},
		{`{"mode":"double","times":1}`, []string{"double:x", "ok:x"}},
		{`{"mode":"late"}`, []string{"late:x", "late:x", "late:x"}},
		{`{"mode":"ok"}`, []string{"ok:x"}},
		{`{"mode":"slow","times":1,"delay_ms":1}`, []string{"slow:x", "ok:x"}},
		{`{"mode":"dead"}`, []string{"", ""}},
	} {
		post(t, s.URL+"/_sandbox/fault", c.fault)
		for i, want := range c.want {
			if got := post(t, s.URL, "x"); got != want {
				t.Errorf("%s, request %d: %q", c.fault, i+1, got)
			}
		}
	}
	post(t, s.URL+"/_sandbox/fault", `{"mode":"ok"}`)
	for _, wrong := range []string{"", "{}", "dead", `{"mode":""}`} {
		if got := post(t, s.URL+"/_sandbox/fault", wrong); !strings.Contains(got, "error") {
			t.Errorf("fault %q: %s", wrong, got)
		}
	}
	if f := s.Fault(); f.Mode != "ok" {
		t.Errorf("after wrong words: %+v", f)
	}
}

func TestOwnPagesAreNeitherLoggedNorMetByFaults(t *testing.T) {
	s := start(t, Options{Looks: []string{"/look/"}})
	s.Set(Fault{Mode: "dead"})
	for _, path := range []string{"/_sandbox/", "/_sandbox/log", "/look/x"} {
		res, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != 200 {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	if all := s.Entries(); len(all) != 0 {
		t.Errorf("logged: %+v", all)
	}
	post(t, s.URL, "cut")
	if all := s.Entries(); len(all) != 1 || all[0].Body != "cut" || all[0].Answer != "(connection cut)" {
		t.Errorf("logged: %+v", all)
	}
}

func TestLogIsJSONLines(t *testing.T) {
	s := start(t, Options{})
	post(t, s.URL+"/a", "one")
	post(t, s.URL+"/b", "\xff") // no text
	s.Record(Entry{Method: "LETTER"})
	res, err := http.Get(s.URL + "/_sandbox/log")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	if len(lines) != 3 {
		t.Fatalf("%s", b)
	}
	var e Entry
	if err := json.Unmarshal(lines[1], &e); err != nil || e.Body != `"\xff"` {
		t.Errorf("%+v (%v)", e, err)
	}
}

func TestTakenAddressIsSaid(t *testing.T) {
	s := start(t, Options{})
	if _, err := Start("other", Options{Addr: s.Addr()}, echo, nil); err == nil || !strings.Contains(err.Error(), "stand-in other") {
		t.Errorf("two on one address: %v", err)
	}
}
