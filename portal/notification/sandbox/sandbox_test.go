package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/smtp"
	"regexp"
	"strings"
	"testing"

	"motcua/portal/standin"
)

// start gives a running stand-in that is closed at the end of the test.
func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(Options{Options: standin.Options{Dir: dir}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// send hands a letter over with the standard library's client, not the portal's.
func send(s *Server, no int) error {
	letter := fmt.Sprintf("Message-ID: <%d@test>\r\nSubject: =?utf-8?q?H=E1=BB=93_s=C6=A1_%d?=\r\n"+
		"Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n=C3=94ng/b=C3=A0\r\n", no, no)
	return smtp.SendMail(s.SMTP(), nil, "cong@test", []string{"dan@test"}, []byte(letter))
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLettersAreShownDecodedNewestFirst(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	for no := 1; no <= 2; no++ {
		if err := send(s, no); err != nil {
			t.Fatal(err)
		}
	}
	var letters []Letter
	if err := json.Unmarshal([]byte(get(t, s.URL+"/letters")), &letters); err != nil {
		t.Fatal(err)
	}
	if len(letters) != 2 || letters[0].Subject != "Hồ sơ 2" || letters[1].MessageID != "<1@test>" {
		t.Fatalf("letters: %+v", letters)
	}
	if l := letters[0]; l.Body != "Ông/bà\n" || l.From != "cong@test" || l.To[0] != "dan@test" {
		t.Errorf("letter: %+v", l)
	}
	for _, path := range []string{"/", "/_sandbox/"} {
		if page := get(t, s.URL+path); strings.Index(page, "Hồ sơ 2") > strings.Index(page, "Hồ sơ 1") || !strings.Contains(page, "Ông/bà") {
			t.Errorf("%s: %s", path, page)
		}
	}
	if n := len(s.Entries()); n != 2 {
		t.Errorf("%d entries: looking at the page was logged", n)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode, want string
		taken      int
	}{
		{"refuse", "550", 0},
		{"later", "451", 0},
		{"sender", "550", 0},
		{"dead", "EOF|reset", 0},
		{"slow", "<nil>", 1},
		{"silent", "EOF|reset", 1},
		{"hangup", "EOF|reset", 1},
	} {
		t.Run(c.mode, func(t *testing.T) {
			t.Parallel()
			s := start(t, "")
			s.Set(standin.Fault{Mode: c.mode, Times: 1, DelayMS: 1})
			err := send(s, 1)
			if !regexp.MustCompile(c.want).MatchString(fmt.Sprint(err)) {
				t.Errorf("said %v, want %s", err, c.want)
			}
			if n := len(s.Letters()); n != c.taken {
				t.Errorf("%d letters taken, want %d", n, c.taken)
			}
			if err := send(s, 2); err != nil {
				t.Errorf("the fault outlived its time: %v", err)
			}
		})
	}
}

func TestLettersOutliveTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := start(t, dir)
	if err := send(s, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if again := start(t, dir).Letters(); len(again) != 1 || again[0].Subject != "Hồ sơ 1" {
		t.Fatalf("after a new start: %+v", again)
	}
}
