package signin

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/problem"
)

func (w *world) over(t *testing.T, what, token string) {
	t.Helper()
	_, err := w.Session(t.Context(), token)
	wants(t, what, err, problem.SignIn, "signin.needed")
}

func (w *world) alive(t *testing.T, what, token string) {
	t.Helper()
	if _, err := w.Session(t.Context(), token); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// TestFixation: a session known before the sign-in is never the one after it.
func TestFixation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, given := range []string{"", "attacker123", strings.Repeat("A", 43), "\x00", strings.Repeat("x", 1<<16)} {
		w.over(t, "before", given)
		b := w.leave(t, given+"!", "an", "/")
		s, _, err := w.Complete(t.Context(), given+"!", b.state, b.code, b.issuer)
		if err != nil || s.Token == given || s.Token == given+"!" {
			t.Fatalf("session %q: %v", s.Token, err)
		}
		w.over(t, "after", given)
		w.over(t, "the browser's own cookie", given+"!")
	}
	one, two := w.signIn(t, "an"), w.signIn(t, "an")
	if one.Token == two.Token {
		t.Error("two sign-ins, one session")
	}
	if _, err := w.Begin(t.Context(), "", "192.0.2.7", "/"); !problem.Is(err, problem.Invalid) {
		t.Errorf("a browser without a cookie began: %v", err)
	}
}

// Each begun sign-in is a row: one address may not fill the disk with them.
func TestBegunSignInsOfAnAddressAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// all but one of what an address may
	if _, err := w.DB.Exec(`INSERT INTO limits (name, key, start, count) VALUES ('signin.begin', '198.51.100.9', $1, 599)`, w.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Begin(t.Context(), "one", "198.51.100.9", "/"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Begin(t.Context(), "two", "198.51.100.9", "/"); !problem.Is(err, problem.TooMany) {
		t.Errorf("one more: %v", err)
	}
	if _, err := w.Begin(t.Context(), "three", "198.51.100.10", "/"); err != nil {
		t.Errorf("another address: %v", err)
	}
	var rows int
	if err := w.DB.Get(&rows, `SELECT count(*) FROM signins`); err != nil || rows != 2 {
		t.Errorf("%d rows (%v)", rows, err)
	}
	w.clock.pass(10 * time.Minute)
	if _, err := w.Begin(t.Context(), "two", "198.51.100.9", "/"); err != nil {
		t.Errorf("ten minutes later: %v", err)
	}
}

func TestTokensDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 10_000 {
		seen[secret()] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("%d different of 10000", len(seen))
	}
}

func TestIdleTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.signIn(t, "an")
	seen := func() time.Time {
		var at time.Time
		if err := w.DB.Get(&at, `SELECT seen_at FROM sessions`); err != nil {
			t.Fatal(err)
		}
		return at
	}
	began := seen()
	w.clock.pass(slideAfter - time.Second)
	w.alive(t, "within the minute", s.Token)
	if !seen().Equal(began) {
		t.Error("written within the minute")
	}
	w.clock.pass(time.Second)
	w.alive(t, "after a minute", s.Token)
	if !seen().Equal(w.Now()) {
		t.Errorf("not moved: %s", seen())
	}
	w.clock.pass(IdleTime - time.Second)
	w.alive(t, "just used", s.Token)
	w.clock.pass(IdleTime - time.Second)
	w.alive(t, "used again", s.Token)
	w.clock.pass(IdleTime)
	w.over(t, "unused for half an hour", s.Token)
	w.clock.pass(-time.Minute)
	w.alive(t, "reading it did not prolong it", s.Token)
}

func TestLongestTime(t *testing.T) {
	t.Parallel()
	for _, staff := range []bool{false, true} {
		w := newWorld(t)
		w.OnSignIn = func(context.Context, *sqlx.Tx, Person, Claims) (bool, error) { return staff, nil }
		s := w.signIn(t, "an")
		end := s.MadeAt.Add(map[bool]time.Duration{false: 12 * time.Hour, true: 8 * time.Hour}[staff])
		for w.Now().Add(20 * time.Minute).Before(end) {
			w.clock.pass(20 * time.Minute)
			w.alive(t, "in use", s.Token)
		}
		w.clock.pass(end.Sub(w.Now()) - time.Second)
		w.alive(t, "the last second", s.Token)
		w.clock.pass(time.Second)
		w.over(t, fmt.Sprintf("staff %v, at the end", staff), s.Token)
	}
}

func TestEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, other := w.signIn(t, "an"), w.signIn(t, "an")
	to, err := w.End(t.Context(), s.Token)
	if err != nil {
		t.Fatal(err)
	}
	w.over(t, "after signing out", s.Token)
	w.alive(t, "the other session", other.Token)
	u, err := url.Parse(to)
	if err != nil || u.Query().Get("id_token_hint") == "" || u.Query().Get("post_logout_redirect_uri") != "http://portal.test/" {
		t.Errorf("%s: %v", to, err)
	}
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Get(to)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if at := resp.Header.Get("Location"); at != "http://portal.test/" {
		t.Errorf("the provider sends to %q", at)
	}
	if to, err := w.End(t.Context(), s.Token); to != "" || err != nil {
		t.Errorf("said twice: %q, %v", to, err)
	}
	w.provider.Close()
	w.clock.pass(time.Minute)
	if to, err := w.End(t.Context(), other.Token); to != "" || err != nil {
		t.Errorf("with the provider gone: %q, %v", to, err)
	}
	w.over(t, "signed out without the provider", other.Token)
	if n := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'signin.end'`); n != 2 {
		t.Errorf("%d audit rows", n)
	}
}

func TestClaimsAreChecked(t *testing.T) {
	t.Parallel()
	s := &Service{Key: []byte("k")}
	for _, c := range []Claims{
		{}, {HoVaTen: "An"}, {SoDinhDanh: "089190000001"}, {SoDinhDanh: "08919000000", HoVaTen: "An"}, {SoDinhDanh: "089190000001\n", HoVaTen: "An"},
		{SoDinhDanh: "０89190000001", HoVaTen: "An"}, {SoDinhDanh: "089190000001", HoVaTen: " \u200b\x00 "},
		{HoVaTen: "Ann", SoHoChieu: "X1234567"}, {HoVaTen: "Ann", QuocTich: "USA"}, {HoVaTen: "Ann", SoHoChieu: "x1234567", QuocTich: "USA"},
		{HoVaTen: "Ann", SoHoChieu: "X1234567", QuocTich: "US"}, {HoVaTen: "An", SoHoChieu: "C1234567", QuocTich: "VNM"},
		{HoVaTen: "Ann", SoHoChieu: "1-X", QuocTich: "USA-"}, {SoDinhDanh: "0", HoVaTen: "Ann", SoHoChieu: "X1234567", QuocTich: "USA"},
	} {
		_, err := s.read(c)
		wants(t, fmt.Sprintf("%+v", c), err, problem.Invalid, "signin.no_number")
	}
	p, err := s.read(Claims{SoDinhDanh: "089190000001", HoVaTen: "  Nguye\u0302\u0303n\x00 \u202eThị\n An" + strings.Repeat("n", 300), LoAs: "3", SoDienThoai: "0912'--", ThuDienTu: "An <an@example.test>\r\nBcc: x@y"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(p.Name, "Nguyễn Thị Ann") || len([]rune(p.Name)) != 200 || p.Phone != "" || p.Email != "" || p.Level != 1 {
		t.Errorf("%+v", p)
	}
}

func TestStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one := w.signIn(t, "an")
	w.clock.pass(time.Minute)
	two, foreign := w.signIn(t, "an"), w.signIn(t, "binh")
	stays, err := w.Stays(t.Context(), two)
	if err != nil || len(stays) != 2 || !stays[0].This || stays[1].This {
		t.Fatalf("%+v, %v", stays, err)
	}
	for _, id := range []string{"", "zz", strings.Repeat("00", 32), stays[1].ID} {
		wants(t, "a stranger ends "+id, w.EndStay(t.Context(), foreign, id), problem.NotFound, "signin.no_session")
	}
	w.over(t, "its id opens nothing", stays[1].ID)
	w.alive(t, "still there", one.Token)
	if err := w.EndStay(t.Context(), two, stays[1].ID); err != nil {
		t.Fatal(err)
	}
	w.over(t, "ended from elsewhere", one.Token)
	wants(t, "twice", w.EndStay(t.Context(), two, stays[1].ID), problem.NotFound, "signin.no_session")
	if err := w.EndAll(t.Context(), two.ID, "officer:1"); err != nil {
		t.Fatal(err)
	}
	w.over(t, "all ended", two.Token)
	w.alive(t, "somebody else's", foreign.Token)
}

func TestSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.signIn(t, "an")
	w.leave(t, "one", "an", "/")
	w.clock.pass(underWay)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM sessions) * 10 + (SELECT count(*) FROM signins)`); n != 11 {
		t.Errorf("swept what still counts: %d", n)
	}
	w.alive(t, "used after the sweep", s.Token)
	w.clock.pass(IdleTime + time.Second)
	if err := w.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM sessions) * 10 + (SELECT count(*) FROM signins)`); n != 0 {
		t.Errorf("left: %d", n)
	}
}

func TestSpeak(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.signIn(t, "an")
	if err := w.Speak(t.Context(), s.ID, locales.EN); err != nil {
		t.Fatal(err)
	}
	if got, err := w.Session(t.Context(), s.Token); err != nil || got.Lang != locales.EN {
		t.Errorf("%s, %v", got.Lang, err)
	}
}
