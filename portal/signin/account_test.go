package signin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"

	"motcua/portal/problem"
	"motcua/portal/signin/sandbox"
)

func ann() sandbox.Person {
	return sandbox.Person{Sub: "ann", Name: "Ann Sample", Passport: "X1234567", Country: "USA", BirthDate: "1980-05-06"}
}

// TestAccount: who it is says the number. A changed name, phone or address, and another
// account with the same number, are the same person.
func TestAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.signIn(t, "an")
	p := an()
	p.Name, p.Email, p.Phone = "Nguyễn Thị Ân", "an.moi@example.test", ""
	w.provider.Put(p)
	again := w.signIn(t, "an")
	if again.ID != first.ID || again.Name != "Nguyễn Thị Ân" || again.Email != "an.moi@example.test" || again.Phone != "0912345678" {
		t.Errorf("after a change of name: %+v", again.Person)
	}
	p.Sub, p.Level = "an-2", 1 // a new account after the old one was lost
	w.provider.Put(p)
	other := w.signIn(t, "an-2")
	if other.ID != first.ID || other.Level != 1 {
		t.Errorf("another sub with the same number: %+v", other.Person)
	}
	w.alive(t, "the first session", first.Token)
	if got, err := w.Session(t.Context(), again.Token); err != nil || got.Level != 2 {
		t.Errorf("another account's level counts for this session: %+v, %v", got.Person, err)
	}
	elsewhere := &world{clock: w.clock, provider: newProvider(t, w.Now, ""), Service: &Service{
		DB: w.DB, Key: w.Key, ClientID: "portal", ClientSecret: "secret", Redirect: returnTo, Now: w.Now}}
	elsewhere.Issuer = elsewhere.provider.Issuer()
	if other := elsewhere.signIn(t, "an"); other.ID != first.ID {
		t.Error("another issuer, another person")
	}
	if n := w.count(t, `SELECT count(*) FROM persons`); n != 1 {
		t.Errorf("%d people", n)
	}
	if n := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'signin.linked' AND subject = $1`, first.IDHash); n != 2 {
		t.Errorf("%d records of linked accounts, want 2", n)
	}
}

// TestCorrectedNumber: an account with another number is another person from then on. What
// was under the old number stays there, and what was open under it ends.
func TestCorrectedNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, other := w.signIn(t, "an"), w.signIn(t, "binh")
	p := an()
	p.IDNumber = "089190000009"
	w.provider.Put(p)
	after := w.signIn(t, "an")
	w.over(t, "under the old number", before.Token)
	w.alive(t, "somebody else's", other.Token)
	if got, err := w.Session(t.Context(), after.Token); err != nil || got.ID == before.ID || got.IDNumber != "089190000009" {
		t.Errorf("after a corrected number: %+v, %v", got, err)
	}
	p.IDNumber = binh().IDNumber // and now one that somebody has
	w.provider.Put(p)
	taken := w.signIn(t, "an")
	if taken.ID != other.ID {
		t.Errorf("with a known number: %+v", taken.Person)
	}
	w.over(t, "under the number in between", after.Token)
	w.alive(t, "of the person of that number", other.Token)
	p.IDNumber = an().IDNumber
	w.provider.Put(p)
	if back := w.signIn(t, "an"); back.ID != before.ID {
		t.Errorf("the first number again: %+v, want person %d", back.Person, before.ID)
	}
	if n := w.count(t, `SELECT count(*) FROM persons`); n != 3 {
		t.Errorf("%d people, want 3", n)
	}
	if n := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'signin.end_all'`); n != 3 {
		t.Errorf("%d records of ended sessions, want 3", n)
	}
}

// TestNewNumberAtOnce: two sign-ins of a number that nobody has yet are one person.
func TestNewNumberAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var wg sync.WaitGroup
	for _, sub := range []string{"a", "b", "c", "d"} {
		p := an()
		p.Sub = sub
		w.provider.Put(p)
		b := w.leave(t, sub, sub, "/")
		wg.Go(func() {
			if _, _, err := w.Complete(context.WithoutCancel(t.Context()), sub, b.state, b.code, b.issuer); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.count(t, `SELECT count(DISTINCT person_id) * 10 + count(*) FROM accounts`); n != 14 {
		t.Errorf("%d, want four accounts of one person", n)
	}
}

// TestRowOfYesterday: a program of yesterday, still running, writes people without accounts.
func TestRowOfYesterday(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	yesterday := func(sub, number string) int64 {
		var id int64
		err := w.DB.Get(&id, `INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ($1, $2, $3, $4, 'x')
			ON CONFLICT ON CONSTRAINT persons_issuer_sub_key DO UPDATE SET id_number = excluded.id_number, id_hash = excluded.id_hash RETURNING id`,
			w.Issuer, sub, number, w.Key.Hash(number))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	was := yesterday("an", an().IDNumber)
	if s := w.signIn(t, "an"); s.ID != was {
		t.Errorf("signed in as %d, the row is %d", s.ID, was)
	}
	if yesterday("an", an().IDNumber) != was {
		t.Error("yesterday's program finds the person no more")
	}
	old := yesterday("binh", "089185000099")
	if s := w.signIn(t, "binh"); s.ID == old || s.IDNumber != binh().IDNumber {
		t.Errorf("a row under another number: %+v", s.Person)
	}
	if yesterday("binh", binh().IDNumber) == old {
		t.Error("yesterday's program takes the row of the old number for this one")
	}
}

// TestLateFailureOfACorrection leaves the account where it was, with its sessions.
func TestLateFailureOfACorrection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.signIn(t, "an")
	p := an()
	p.IDNumber = "089190000009"
	w.provider.Put(p)
	late := errors.New("late")
	w.OnSignIn = func(context.Context, *sqlx.Tx, Person, Claims) (bool, error) { return false, late }
	b := w.leave(t, "one", "an", "/")
	if _, _, err := w.Complete(t.Context(), "one", b.state, b.code, b.issuer); !errors.Is(err, late) {
		t.Fatal(err)
	}
	w.alive(t, "the session before", before.Token)
	if n := w.count(t, `SELECT count(*) FROM persons p JOIN accounts a ON a.person_id = p.id WHERE a.sub = p.sub AND p.id = $1`, before.ID); n != 1 {
		t.Error("the account has moved")
	}
}

// TestForeigner is known by passport and country.
func TestForeigner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.provider.Put(ann())
	first := w.signIn(t, "ann")
	if first.IDNumber != "P-USA-X1234567" || string(first.IDHash) != string(w.Key.Hash("P-USA-X1234567")) {
		t.Errorf("%+v", first.Person)
	}
	p := ann()
	p.Sub, p.Country = "bob", "GBR" // the same number of another country is somebody else
	w.provider.Put(p)
	if s := w.signIn(t, "bob"); s.ID == first.ID {
		t.Error("two countries, one person")
	}
	p = ann()
	p.Sub = "ann-2"
	w.provider.Put(p)
	if s := w.signIn(t, "ann-2"); s.ID != first.ID {
		t.Error("the same passport, another person")
	}
}

// TestOrganisation: its account is its representative's way in.
func TestOrganisation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var told Claims
	w.OnSignIn = func(_ context.Context, _ *sqlx.Tx, _ Person, c Claims) (bool, error) { told = c; return false, nil }
	me := w.signIn(t, "an")
	p := an()
	p.Sub, p.Phone, p.Email = "org", "02963123456", "office@example.test"
	p.Account = &sandbox.Business{TaxCode: "0300588569", Name: "CÔNG TY GẠO"}
	w.provider.Put(p)
	s := w.signIn(t, "org")
	if s.ID != me.ID || s.Name != an().Name || s.Phone != an().Phone || s.Email != an().Email {
		t.Errorf("%+v", s.Person)
	}
	if got, err := w.Session(t.Context(), s.Token); err != nil || got.Acting != "0300588569" || s.Acting != got.Acting || me.Acting != "" {
		t.Errorf("acts for %q and %q (%v)", got.Acting, s.Acting, err)
	}
	if !told.Organisation() || told.MaSoDoanhNghiep != "0300588569" || told.TenDoanhNghiep != "CÔNG TY GẠO" {
		t.Errorf("told %+v", told)
	}
	for what, spoil := range map[string]func(*sandbox.Person){
		"nobody named": func(p *sandbox.Person) { p.Name = "" },
		"no number":    func(p *sandbox.Person) { p.IDNumber = "" },
		"no tax code":  func(p *sandbox.Person) { p.Account = &sandbox.Business{TaxCode: "12", Name: "X"} },
	} {
		q := p
		spoil(&q)
		w.provider.Put(q)
		b := w.leave(t, "one", "org", "/")
		_, _, err := w.Complete(t.Context(), "one", b.state, b.code, b.issuer)
		wants(t, what, err, problem.Invalid, "signin.organisation")
	}
}

// TestStepUp: who proves more comes back to the same place, who does not is told so.
func TestStepUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	low := w.signIn(t, "binh")
	for _, c := range []struct {
		name, keep, next string
		level            int
	}{
		{"proven", "", "/ho-so/1/kiem-tra?a=b", 2},
		{"not proven", "1", NotStepped + "?tiep=" + url.QueryEscape("/ho-so/1/kiem-tra?a=b"), 1},
	} {
		to, err := w.StepUp(t.Context(), "one", "192.0.2.7", "/ho-so/1/kiem-tra?a=b")
		if err != nil {
			t.Fatal(err)
		}
		b := w.choose(t, to, url.Values{"sub": {"binh"}, "level": {c.keep}})
		s, next, err := w.Complete(t.Context(), "one", b.state, b.code, b.issuer)
		if err != nil || s.Level != c.level || s.ID != low.ID || next != c.next {
			t.Errorf("%s: level %d, to %s: %v", c.name, s.Level, next, err)
		}
		if got, err := w.Session(t.Context(), s.Token); err != nil || got.Level != c.level {
			t.Errorf("%s: the session has level %d (%v)", c.name, got.Level, err)
		}
	}
	w.alive(t, "before", low.Token)
	if s := w.signIn(t, "binh"); s.Level != 1 {
		t.Errorf("the next sign-in has level %d by itself", s.Level)
	}
	for _, round := range []string{"/dang-nhap/nang-muc?tiep=/", NotStepped} {
		if SafeNext(round) != "/" {
			t.Errorf("%s leads round and round", round)
		}
	}
}

// choose chooses a card at the provider.
func (w *world) choose(t *testing.T, to string, form url.Values) back {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	u, err := resp.Location()
	if err != nil {
		body, _ := io.ReadAll(resp.Body)
		t.Fatalf("%s: %s", resp.Status, body)
	}
	if got := u.Scheme + "://" + u.Host + u.Path; got != returnTo {
		t.Fatalf("came back to %s", got)
	}
	q := u.Query()
	return back{q.Get("state"), q.Get("code"), q.Get("iss")}
}
