package signin

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/signin/sandbox"
	"motcua/portal/standin"
)

const returnTo = "http://portal.test/dang-nhap/tra-ve"

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a portal's sign-in, its provider and the people there.
type world struct {
	*Service
	clock    *clock
	provider *sandbox.Server
}

func an() sandbox.Person {
	return sandbox.Person{
		Sub: "an", Name: "Nguyễn Thị An", IDNumber: "089190000001", BirthDate: "1990-03-31", Phone: "0912345678", Email: "an@example.test",
		Businesses: []sandbox.Business{{TaxCode: "0300588569", Name: "CÔNG TY GẠO"}},
	}
}

func binh() sandbox.Person {
	return sandbox.Person{Sub: "binh", Name: "Trần Văn Bình", IDNumber: "089085000002", BirthDate: "1985-01-02", Level: 1, Email: "an@example.test"}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := &clock{at: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	p := newProvider(t, c.Now, "")
	return &world{clock: c, provider: p, Service: &Service{
		DB: pgtest.Open(t), Key: pg.LookupKey("a key for tests"), Issuer: p.Issuer(), ClientID: "portal", ClientSecret: "secret",
		Redirect: returnTo, Now: c.Now,
	}}
}

func newProvider(t *testing.T, now func() time.Time, addr string) *sandbox.Server {
	t.Helper()
	p, err := sandbox.Start(standin.Options{Addr: addr}, sandbox.Config{
		People: []sandbox.Person{an(), binh()}, Clients: map[string]string{"portal": "secret"}, Redirects: []string{returnTo}, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// back is what the provider sends along when the person comes back.
type back struct{ state, code, issuer string }

// leave begins a sign-in in a browser and chooses the card at the provider.
func (w *world) leave(t *testing.T, browser, sub, next string) back {
	t.Helper()
	to, err := w.Begin(t.Context(), browser, "192.0.2.7", next)
	if err != nil {
		t.Fatal(err)
	}
	return w.choose(t, to, url.Values{"sub": {sub}})
}

func (w *world) signIn(t *testing.T, sub string) Session {
	t.Helper()
	b := w.leave(t, "browser of "+sub, sub, "/")
	s, _, err := w.Complete(t.Context(), "browser of "+sub, b.state, b.code, b.issuer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (w *world) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	var n int
	if err := w.DB.Get(&n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// wants checks that err is a fault of that kind and text.
func wants(t *testing.T, what string, err error, kind problem.Kind, key string) {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) || p.Kind != kind || p.Message.Key != key {
		t.Errorf("%s: %v, want %s", what, err, key)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var told Claims
	w.OnSignIn = func(_ context.Context, _ *sqlx.Tx, p Person, c Claims) (bool, error) {
		told = c
		return p.IDNumber == an().IDNumber, nil
	}
	b := w.leave(t, "one", "an", "/ho-so?trang=2")
	s, next, err := w.Complete(t.Context(), "one", b.state, b.code, b.issuer)
	if err != nil {
		t.Fatal(err)
	}
	if next != "/ho-so?trang=2" || !s.Staff || !s.EndsAt.Equal(w.Now().Add(StaffTime)) || len(s.Token) != 43 {
		t.Errorf("%+v to %s", s, next)
	}
	if told.Sub != "an" || told.TechID != "TECH-an" || told.NgayThangNamSinh != "19900331" || len(told.DoanhNghiep) != 1 || told.DoanhNghiep[0].MaSoDoanhNghiep != "0300588569" {
		t.Errorf("told %+v", told)
	}
	got, err := w.Session(t.Context(), s.Token)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != s.ID || got.Name != "Nguyễn Thị An" || got.IDNumber != "089190000001" || got.Email != "an@example.test" ||
		got.Phone != "0912345678" || got.Level != 2 || !got.Staff || got.Lang != "vi" || string(got.IDHash) != string(w.Key.Hash("089190000001")) {
		t.Errorf("session %+v", got)
	}
	if n := w.count(t, `SELECT count(*) FROM sessions s WHERE s::text LIKE '%' || $1 || '%'`, s.Token); n != 0 {
		t.Error("the token itself is stored")
	}
	if n := w.count(t, `SELECT count(*) FROM sessions s WHERE s::text LIKE '%089190000001%'`); n != 0 {
		t.Error("the session holds the number")
	}
	if n := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'signin.begin' AND subject = $1 AND audit::text NOT LIKE '%089190000001%'`, got.IDHash); n != 1 {
		t.Errorf("%d audit rows", n)
	}
}

// TestReturns are the ways to come back wrongly. The state is used up by each.
func TestReturns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.leave(t, "other", "binh", "/")
	tests := []struct {
		name    string
		spoil   func(b *back, browser *string)
		key     string
		audited int
	}{
		{"wrong state", func(b *back, _ *string) { b.state += "x" }, "signin.state", 0},
		{"no state", func(b *back, _ *string) { b.state = "" }, "signin.state", 0},
		{"another browser", func(_ *back, browser *string) { *browser = "thief" }, "signin.state", 1},
		{"no browser", func(_ *back, browser *string) { *browser = "" }, "signin.state", 1},
		{"another issuer", func(b *back, _ *string) { b.issuer = "https://evil.test" }, "signin.refused", 1},
		{"no issuer", func(b *back, _ *string) { b.issuer = "" }, "signin.refused", 1},
		{"another sign-in's code", func(b *back, _ *string) { b.code = other.code }, "signin.refused", 1},
		{"invented code", func(b *back, _ *string) { b.code = "x" }, "signin.refused", 1},
		{"nobody signed in", func(b *back, _ *string) { b.code = "" }, "signin.cancelled", 1},
		{"too late", func(*back, *string) { w.clock.pass(underWay + time.Second) }, "signin.state", 1},
	}
	for _, tt := range tests {
		before := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'signin.refused'`)
		b, browser := w.leave(t, "one", "an", "/"), "one"
		right := b
		tt.spoil(&b, &browser)
		_, _, err := w.Complete(t.Context(), browser, b.state, b.code, b.issuer)
		wants(t, tt.name, err, problem.Invalid, tt.key)
		if n := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'signin.refused'`) - before; n != tt.audited {
			t.Errorf("%s: %d audit rows, want %d", tt.name, n, tt.audited)
		}
		if b.state == right.state {
			_, _, err := w.Complete(t.Context(), "one", right.state, right.code, right.issuer)
			wants(t, tt.name+", then rightly", err, problem.Invalid, "signin.state")
		}
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM persons)`); n != 0 {
		t.Errorf("%d rows of people and sessions", n)
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.leave(t, "one", "an", "/")
	if _, _, err := w.Complete(t.Context(), "one", b.state, b.code, b.issuer); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.Complete(t.Context(), "one", b.state, b.code, b.issuer)
	wants(t, "the same return twice", err, problem.Invalid, "signin.state")
	again := w.leave(t, "one", "an", "/")
	_, _, err = w.Complete(t.Context(), "one", again.state, b.code, again.issuer)
	wants(t, "a used code", err, problem.Invalid, "signin.refused")
	if n := w.count(t, `SELECT count(*) FROM sessions`); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func TestFalseTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, mode := range []string{"none", "hs256", "forged", "nonce", "expired", "early", "issuer", "audience", "azp", "other"} {
		b := w.leave(t, "one", "an", "/")
		w.provider.Set(standin.Fault{Mode: mode})
		_, _, err := w.Complete(t.Context(), "one", b.state, b.code, b.issuer)
		wants(t, mode, err, problem.Invalid, "signin.refused")
		w.provider.Set(standin.Fault{Mode: "ok"})
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM persons)`); n != 0 {
		t.Errorf("%d rows of people and sessions", n)
	}
	if n := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'signin.refused'`); n != 10 {
		t.Errorf("%d audit rows of refusals, want 10", n)
	}
	w.signIn(t, "an") // the same way, with a true one
}

// TestSkew lets the clocks differ by a minute, not more.
func TestSkew(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		behind time.Duration
		ok     bool
	}{{10*time.Minute + 59*time.Second, true}, {11 * time.Minute, false}, {-59 * time.Second, true}, {-61 * time.Second, false}} {
		w := newWorld(t)
		w.provider = newProvider(t, func() time.Time { return w.Now().Add(-tt.behind) }, "")
		w.Issuer = w.provider.Issuer()
		b := w.leave(t, "one", "an", "/")
		if _, _, err := w.Complete(t.Context(), "one", b.state, b.code, b.issuer); (err == nil) != tt.ok {
			t.Errorf("provider %s behind: %v", tt.behind, err)
		}
	}
}

// TestLateFailure: whoever keeps something of a sign-in last can still undo all of it.
func TestLateFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	late := errors.New("late")
	w.OnSignIn = func(ctx context.Context, tx *sqlx.Tx, p Person, _ Claims) (bool, error) {
		_, err := tx.ExecContext(ctx, `UPDATE persons SET name = 'half' WHERE id = $1`, p.ID)
		return true, errors.Join(late, err)
	}
	b := w.leave(t, "one", "an", "/")
	if _, _, err := w.Complete(t.Context(), "one", b.state, b.code, b.issuer); !errors.Is(err, late) {
		t.Errorf("%v, want the hook's failure", err)
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM persons) + (SELECT count(*) FROM audit WHERE deed = 'signin.begin')`); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
}
