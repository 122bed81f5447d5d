package applicant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"motcua/locales"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

const (
	rice  = "0300588569"
	fish  = "0101248141"
	badge = "2.002288"
	other = "1.001612"
)

// town is a service with people, and businesses that the first of them represents.
type town struct {
	*Service
	at               time.Time
	lan, mai, phuc   signin.Person
	everybody        []signin.Person
	lastNumberOfTown int
}

func newTown(t testing.TB) *town {
	t.Helper()
	w := &town{at: time.Date(2026, 11, 23, 9, 0, 0, 0, locales.ICT)}
	w.Service = &Service{DB: pgtest.Open(t), Key: pg.LookupKey("a key for tests"), Now: func() time.Time { return w.at }}
	w.lan, w.mai, w.phuc = w.person(t, "Lan"), w.person(t, "Mai"), w.person(t, "Phúc")
	w.represents(t, w.lan, rice, fish)
	return w
}

func (w *town) person(t testing.TB, name string) signin.Person {
	t.Helper()
	w.lastNumberOfTown++
	p := signin.Person{Name: name, IDNumber: fmt.Sprintf("089194%06d", w.lastNumberOfTown)}
	p.IDHash = w.Key.Hash(p.IDNumber)
	err := w.DB.Get(&p.ID, `INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ('i', $1, $2, $3, $1) RETURNING id`, name, p.IDNumber, p.IDHash)
	if err != nil {
		t.Fatal(err)
	}
	w.everybody = append(w.everybody, p)
	return p
}

func (w *town) represents(t testing.TB, p signin.Person, codes ...string) {
	t.Helper()
	var named []Business
	for _, code := range codes {
		named = append(named, Business{TaxCode: code, Name: "CÔNG TY " + code})
	}
	if err := pg.InTx(context.Background(), w.DB, func(tx *sqlx.Tx) error { return Remember(context.Background(), tx, p.ID, named, w.at) }); err != nil {
		t.Fatal(err)
	}
}

func newKey(p signin.Person) once.Key {
	return once.Key{Person: fmt.Sprintf("person:%d", p.ID), Key: uuid.NewString(), Route: "POST /x"}
}

func (w *town) invite(t testing.TB, from, to signin.Person, code string, terms Terms) int64 {
	t.Helper()
	id, err := w.Invite(t.Context(), from, Invitation{TaxCode: code, Number: to.IDNumber, Name: "chị " + to.Name, Terms: terms}, newKey(from))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *town) member(t testing.TB, p signin.Person, code string, terms Terms) int64 {
	t.Helper()
	id := w.invite(t, w.lan, p, code, terms)
	if err := w.Accept(t.Context(), p, id, newKey(p)); err != nil {
		t.Fatal(err)
	}
	return id
}

func firm(code string) Capacity { return Capacity{Kind: ForFirm, TaxCode: code} }

// lets is the deeds that the person may do for the business, in words.
func (w *town) lets(t testing.TB, p signin.Person, code, procedure string) string {
	t.Helper()
	out := ""
	for _, deed := range []Deed{See, File, Sign, Pay} {
		err := w.May(t.Context(), p, firm(code), deed, procedure)
		if err != nil && !problem.Is(err, problem.NotFound) {
			t.Fatal(err)
		}
		if err == nil {
			out += string(deed) + " "
		}
	}
	return out
}

func (w *town) want(t testing.TB, what string, p signin.Person, code, procedure, want string) {
	t.Helper()
	if got := w.lets(t, p, code, procedure); got != want {
		t.Errorf("%s: %s may %q for %s in %s, want %q", what, p.Name, got, code, procedure, want)
	}
}

func TestAPowerFromInvitationToRevocation(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	id := w.invite(t, w.lan, w.mai, rice, Terms{Procedure: badge, File: true, To: "2026-12-31"})
	w.want(t, "only invited", w.mai, rice, badge, "")
	if err := w.Accept(t.Context(), w.phuc, id, newKey(w.phuc)); !problem.Is(err, problem.NotFound) {
		t.Errorf("somebody else accepts: %v", err)
	}
	if err := w.Leave(t.Context(), w.mai, id, newKey(w.mai)); !problem.Is(err, problem.NotFound) {
		t.Errorf("leave before accepting: %v", err)
	}
	key := newKey(w.mai)
	for range 2 { // said twice
		if err := w.Accept(t.Context(), w.mai, id, key); err != nil {
			t.Fatal(err)
		}
	}
	w.want(t, "accepted", w.mai, rice, badge, "see file ")
	w.want(t, "another procedure", w.mai, rice, other, "")
	w.want(t, "another business of the same representative", w.mai, fish, badge, "")
	w.want(t, "the representative", w.lan, rice, other, "see file sign pay ")
	w.want(t, "a stranger", w.phuc, rice, badge, "")

	w.at = time.Date(2026, 12, 31, 23, 59, 59, 0, locales.ICT)
	w.want(t, "the last second", w.mai, rice, badge, "see file ")
	w.at = w.at.Add(time.Second)
	w.want(t, "a second later", w.mai, rice, badge, "")
	w.at = time.Date(2026, 12, 1, 9, 0, 0, 0, locales.ICT)

	if err := w.Revoke(t.Context(), w.mai, id, newKey(w.mai)); !problem.Is(err, problem.NotFound) {
		t.Errorf("the member revokes: %v", err)
	}
	key = newKey(w.lan)
	for range 2 {
		if err := w.Revoke(t.Context(), w.lan, id, key); err != nil {
			t.Fatal(err)
		}
	}
	w.want(t, "revoked", w.mai, rice, badge, "")
	if err := w.Accept(t.Context(), w.mai, id, newKey(w.mai)); !problem.Is(err, problem.Conflict) {
		t.Errorf("accept a revoked one: %v", err)
	}
	for who, list := range map[string]func(context.Context, signin.Person) ([]Past, error){
		"member": w.HistoryOf,
		"giver": func(ctx context.Context, _ signin.Person) ([]Past, error) {
			return w.HistoryOfBusiness(ctx, w.lan, rice)
		},
	} {
		past, err := list(t.Context(), w.mai)
		kinds := []string{}
		for _, e := range past {
			kinds = append(kinds, e.Kind)
		}
		if err != nil || !slices.Equal(kinds, []string{"revoked", "accepted", "invited"}) {
			t.Errorf("history of the %s: %v %v", who, kinds, err)
		}
	}
	if _, err := w.HistoryOfBusiness(t.Context(), w.mai, rice); !problem.Is(err, problem.NotFound) {
		t.Errorf("the member reads the business's history: %v", err)
	}
	if _, err := w.Members(t.Context(), w.mai, rice); !problem.Is(err, problem.NotFound) {
		t.Errorf("the member reads the members: %v", err)
	}
}

func TestAPowerEndsWithItsGiverAndWithItsMember(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	id := w.member(t, w.mai, rice, Terms{File: true, Pay: true})
	w.member(t, w.phuc, rice, Terms{})
	w.want(t, "may see", w.phuc, rice, badge, "see ")
	if err := w.Leave(t.Context(), w.mai, id, newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	w.want(t, "left", w.mai, rice, badge, "")
	w.represents(t, w.lan, fish) // the register names another
	w.want(t, "of a representative who is none any more", w.phuc, rice, badge, "")
	w.represents(t, w.lan, rice, fish)
	w.want(t, "named again", w.phuc, rice, badge, "see ")
}

func TestChangingAPower(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		before, after   Terms
		now, onceAgreed string
	}{
		{"narrower is at once", Terms{File: true, Pay: true}, Terms{File: true}, "see file ", ""},
		{"shorter is at once", Terms{File: true, To: "2027-01-31"}, Terms{File: true, To: "2026-12-31"}, "see file ", ""},
		{"wider waits, the old stays", Terms{File: true}, Terms{File: true, Pay: true}, "see file ", "see file pay "},
		{"other ends the old", Terms{File: true}, Terms{Pay: true}, "", "see pay "},
		{"one procedure out of all is at once", Terms{File: true}, Terms{Procedure: other, File: true}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			id := w.member(t, w.mai, rice, c.before)
			next, err := w.ChangePower(t.Context(), w.lan, id, c.after, newKey(w.lan))
			if err != nil {
				t.Fatal(err)
			}
			w.want(t, "changed", w.mai, rice, badge, c.now)
			if c.onceAgreed == "" {
				return
			}
			if err := w.Accept(t.Context(), w.mai, next, newKey(w.mai)); err != nil {
				t.Fatal(err)
			}
			w.want(t, "agreed", w.mai, rice, badge, c.onceAgreed)
		})
	}
}

func TestWhatCannotBeGiven(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	good := Invitation{TaxCode: rice, Number: w.mai.IDNumber, Name: "Mai"}
	for key, change := range map[string]func(*Invitation){
		"power.number":          func(i *Invitation) { i.Number = "12" },
		"power.name":            func(i *Invitation) { i.Name = "" },
		"power.yourself":        func(i *Invitation) { i.Number = w.lan.IDNumber },
		"power.from":            func(i *Invitation) { i.From = "31/2/2026" },
		"power.to":              func(i *Invitation) { i.To = "2026-11-22" },
		"power.procedure":       func(i *Invitation) { i.Procedure = "'" },
		"applicant.no_business": func(i *Invitation) { i.TaxCode = "1700199921" },
	} {
		in := good
		change(&in)
		var p *problem.Error
		if _, err := w.Invite(t.Context(), w.lan, in, newKey(w.lan)); !errors.As(err, &p) || p.Message.Key != key {
			t.Errorf("%s: %v", key, err)
		}
	}
	if _, err := w.Invite(t.Context(), w.mai, Invitation{TaxCode: rice, Number: w.phuc.IDNumber, Name: "P"}, newKey(w.mai)); !problem.Is(err, problem.NotFound) {
		t.Errorf("who does not represent it invites: %v", err)
	}
	key := newKey(w.lan)
	first, err := w.Invite(t.Context(), w.lan, good, key)
	again, err2 := w.Invite(t.Context(), w.lan, good, key)
	if err != nil || err2 != nil || first != again {
		t.Errorf("said twice: %d %d (%v %v)", first, again, err, err2)
	}
	good.Pay = true
	if _, err := w.Invite(t.Context(), w.lan, good, key); !problem.Is(err, problem.Conflict) {
		t.Errorf("the key with other terms: %v", err)
	}
}

// A late failure leaves nothing of a deed: neither the power nor its history nor its key.
func TestLateFailureOfADeedOnPowers(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	id := w.invite(t, w.lan, w.mai, rice, Terms{File: true})
	kept := w.member(t, w.phuc, rice, Terms{File: true})
	mandate, err := w.AskFor(t.Context(), w.mai, Mandate{Number: w.phuc.IDNumber, Name: "Phúc"}, newKey(w.mai))
	if err != nil {
		t.Fatal(err)
	}
	pgtest.Owner(t, w.DB).MustExec(`ALTER TABLE standing_events ADD CONSTRAINT late CHECK (id < 0) NOT VALID`)
	counts := func() string {
		var n string
		err := w.DB.Get(&n, `SELECT concat_ws(' ', (SELECT count(*) FROM powers), (SELECT count(*) FROM powers WHERE accepted_at IS NULL), (SELECT count(revoked_at) + count(left_at) + count(declined_at) FROM powers),
			(SELECT count(*) FROM authorisations), (SELECT count(given_at) + count(declined_at) + count(left_at) FROM authorisations), (SELECT count(*) FROM standing_events), (SELECT count(*) FROM deeds))`)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := counts()
	ctx := t.Context()
	for what, err := range map[string]error{
		"invite":  second(w.Invite(ctx, w.lan, Invitation{TaxCode: fish, Number: w.mai.IDNumber, Name: "M"}, newKey(w.lan))),
		"accept":  w.Accept(ctx, w.mai, id, newKey(w.mai)),
		"decline": w.Decline(ctx, w.mai, id, newKey(w.mai)),
		"leave":   w.Leave(ctx, w.phuc, kept, newKey(w.phuc)),
		"revoke":  w.Revoke(ctx, w.lan, kept, newKey(w.lan)),
		"change":  second(w.ChangePower(ctx, w.lan, kept, Terms{}, newKey(w.lan))),
		"ask":     second(w.AskFor(ctx, w.phuc, Mandate{Number: w.mai.IDNumber, Name: "M"}, newKey(w.phuc))),
		"offer":   second(w.Offer(ctx, w.phuc, Mandate{Number: w.mai.IDNumber, Name: "M"}, newKey(w.phuc))),
		"give":    w.Agree(ctx, w.phuc, mandate, newKey(w.phuc)),
		"refuse":  w.Refuse(ctx, w.phuc, mandate, newKey(w.phuc)),
		"end":     w.End(ctx, w.mai, mandate, newKey(w.mai)),
	} {
		if err == nil || problem.KindOf(err) != problem.Internal {
			t.Errorf("%s: %v, want the late failure", what, err)
		}
	}
	if after := counts(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}

func second[T any](_ T, err error) error { return err }

// For any sequence of deeds and days, May is what a simple model says.
func TestMayIsAsTheModelSays(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	start, owner := w.at, pgtest.Owner(t, w.DB)
	type given struct {
		id             int64
		to             int // index of the member
		terms          Terms
		accepted, over bool
	}
	rapid.Check(t, func(r *rapid.T) {
		owner.MustExec(`DELETE FROM standing_events; DELETE FROM powers; DELETE FROM limits`)
		w.at = start
		members := []signin.Person{w.mai, w.phuc}
		var all []*given
		day := func() string { return w.at.In(locales.ICT).Format(time.DateOnly) }
		pick := func(ok func(*given) bool) *given {
			var fit []*given
			for _, g := range all {
				if ok(g) {
					fit = append(fit, g)
				}
			}
			if len(fit) == 0 {
				return nil
			}
			return rapid.SampledFrom(fit).Draw(r, "which")
		}
		ctx := context.Background()
		must := func(err error) {
			if err != nil {
				r.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			switch rapid.SampledFrom([]string{"invite", "accept", "revoke", "leave", "pass"}).Draw(r, "deed") {
			case "invite":
				g := &given{to: rapid.IntRange(0, 1).Draw(r, "member"), terms: Terms{Procedure: rapid.SampledFrom([]string{"", badge}).Draw(r, "procedure"),
					File: rapid.Bool().Draw(r, "file"), Pay: rapid.Bool().Draw(r, "pay"), From: w.at.AddDate(0, 0, rapid.IntRange(0, 2).Draw(r, "from")).Format(time.DateOnly)}}
				if n := rapid.IntRange(-1, 4).Draw(r, "to"); n >= 0 {
					g.terms.To = w.at.AddDate(0, 0, 2+n).Format(time.DateOnly)
				}
				var err error
				g.id, err = w.Invite(ctx, w.lan, Invitation{TaxCode: rice, Number: members[g.to].IDNumber, Name: "x", Terms: g.terms}, newKey(w.lan))
				must(err)
				all = append(all, g)
			case "accept":
				if g := pick(func(g *given) bool { return !g.over && !g.accepted && (g.terms.To == "" || g.terms.To >= day()) }); g != nil {
					must(w.Accept(ctx, members[g.to], g.id, newKey(members[g.to])))
					g.accepted = true
				}
			case "revoke":
				if g := pick(func(g *given) bool { return !g.over }); g != nil {
					must(w.Revoke(ctx, w.lan, g.id, newKey(w.lan)))
					g.over = true
				}
			case "leave":
				if g := pick(func(g *given) bool { return !g.over && g.accepted }); g != nil {
					must(w.Leave(ctx, members[g.to], g.id, newKey(members[g.to])))
					g.over = true
				}
			case "pass":
				w.at = w.at.Add(time.Duration(rapid.IntRange(1, 40).Draw(r, "hours")) * time.Hour)
			}
			for i, p := range members {
				for _, procedure := range []string{badge, other} {
					may := func(deed func(Terms) bool) bool {
						return slices.ContainsFunc(all, func(g *given) bool {
							return g.to == i && g.accepted && !g.over && g.terms.From <= day() && (g.terms.To == "" || g.terms.To >= day()) &&
								(g.terms.Procedure == "" || g.terms.Procedure == procedure) && deed(g.terms)
						})
					}
					for name, deed := range map[Deed]func(Terms) bool{See: func(Terms) bool { return true }, File: func(t Terms) bool { return t.File },
						Sign: func(t Terms) bool { return t.Sign }, Pay: func(t Terms) bool { return t.Pay }} {
						if err := w.May(ctx, p, firm(rice), name, procedure); may(deed) != (err == nil) {
							r.Errorf("%s may %s in %s: %v, the model says %v", p.Name, name, procedure, err, may(deed))
						}
					}
				}
			}
		}
	})
}
