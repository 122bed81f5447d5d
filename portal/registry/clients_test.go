package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"motcua/portal/standin"
)

// TestClients: every method gives what its register knows, and ErrNotFound of others.
func TestClients(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	for _, m := range o.methods() {
		if got, err := m.ask(t.Context(), m.knows); err != nil || fmt.Sprint(got) != m.want {
			t.Errorf("%s: %v (%v), want %s", m.name, got, err, m.want)
		}
		if got, err := m.ask(t.Context(), m.not); !errors.Is(err, m.absent) {
			t.Errorf("%s of nobody: %v, %v", m.name, got, err)
		}
	}
}

// outcomes of the matrix; "" is an outage.
var refused, outage = ErrRefused, error(nil)

// TestMatrix: every method of every client with every way of its register to fail. No
// answer that is not whole, and not about the one who was asked about, gives a value.
func TestMatrix(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]error{
		"slow": outage, "dead": outage, "fault": outage,
		"garbage": refused, "cut": refused, "huge": refused, "markup": refused, "other": refused,
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			o := newOutside(t)
			if _, err := o.business.Enterprise(t.Context(), o.request(), shop); err != nil { // has its token
				t.Fatal(err)
			}
			for _, m := range o.methods() {
				ctx, cancel := t.Context(), context.CancelFunc(func() {})
				if fault == "slow" {
					ctx, cancel = context.WithTimeout(ctx, 30*time.Millisecond)
				}
				m.at.Set(standin.Fault{Mode: fault})
				got, err := m.ask(ctx, m.knows)
				cancel()
				m.at.Set(standin.Fault{Mode: "ok"})
				is := err != nil && !errors.Is(err, ErrNotFound) && errors.Is(err, ErrRefused) == (want == refused)
				if !is || !empty(got) {
					t.Errorf("%s: %v, %v", m.name, got, err)
				}
				if err != nil && (strings.Contains(err.Error(), m.knows) || strings.Contains(err.Error(), "script")) {
					t.Errorf("%s: the failure tells too much: %v", m.name, err)
				}
			}
		})
	}
}

func empty(v any) bool {
	switch fmt.Sprintf("%v", v) {
	case "", "[]", fmt.Sprint(Citizen{}), fmt.Sprint(Household{}), fmt.Sprint(Marital{}), fmt.Sprint(Enterprise{}), fmt.Sprint(Marriage{}):
		return true
	}
	return false
}

// TestRelations walks all that the database confirms, each way round.
func TestRelations(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	for name, p := range map[string]Populations{"national": o.national, "province": o.province} {
		for _, tt := range []struct {
			number, other string
			want          Relation
		}{
			{mother, infant, IsChild}, {father, infant, IsChild}, {infant, mother, IsParent}, {infant, father, IsParent},
			{mother, father, IsSpouse}, {father, mother, IsSpouse}, {keeper, kept, IsWard}, {kept, keeper, IsGuardian},
			{mother, keeper, IsNone}, {mother, mother, IsNone}, {mother, kept, IsNone},
		} {
			if got, err := p.Relation(t.Context(), o.request(), tt.number, tt.other); err != nil || got != tt.want {
				t.Errorf("%s: %s to %s: %s, %v", name, tt.other, tt.number, got, err)
			}
		}
		if got, err := p.Relation(t.Context(), o.request(), mother, nobody); got != "" || !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: to nobody: %s, %v", name, got, err)
		}
		m, err := p.Marital(t.Context(), o.request(), keeper)
		if err != nil || m != (Marital{Status: "widowed"}) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

// TestWhatIsNoNumberStaysHere: no client sends what is no number of a person or a business.
func TestWhatIsNoNumberStaysHere(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	for _, number := range []string{"", "1", "00119000001", "0011900000111", "00119000001x", "001190000011\n", "001190000011 ", "٠٠١١٩٠٠٠٠٠١١", "0101243150&x=1", "../0101243150", "0101243150-1"} {
		for _, m := range o.methods() {
			if got, err := m.ask(t.Context(), number); !errors.Is(err, ErrRefused) || !empty(got) {
				t.Errorf("%s of %q: %v, %v", m.name, number, got, err)
			}
		}
		for _, p := range []Populations{o.national, o.province} {
			if _, err := p.Relation(t.Context(), o.request(), mother, number); !errors.Is(err, ErrRefused) {
				t.Errorf("the relation to %q: %v", number, err)
			}
		}
	}
	for _, s := range []*standin.Server{o.people.Server, o.firms.Server, o.xroad.Server, o.civil.Server, o.land.Server, o.licence.Server} {
		if n := len(s.Entries()); n != 0 {
			t.Errorf("%s was asked %d times", s.Name, n)
		}
	}
}

// TestRedirectsAreNotFollowed: what a register points to is not the register.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int64
	other := serve(t, func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) })
	here := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token":"t","token_type":"Bearer","expires_in":3600}`)
			return
		}
		http.Redirect(w, r, other, http.StatusTemporaryRedirect)
	})
	o := newOutside(t)
	o.national.URL, o.province.URL, o.business.URL, o.business.TokenURL, o.relay.URL = here, here, here, here+"/token", here
	o.births.URL, o.parcels.URL, o.licences.URL = here, here, here
	for _, m := range o.methods() {
		if got, err := m.ask(t.Context(), m.knows); err == nil || errors.Is(err, ErrNotFound) || !empty(got) {
			t.Errorf("%s: %v, %v", m.name, got, err)
		}
	}
	if n := elsewhere.Load(); n != 0 {
		t.Errorf("followed %d times", n)
	}
}

// TestFailuresNameNobody: what a register says of its failure may stand in a log, so the
// numbers in it are left out.
func TestFailuresNameNobody(t *testing.T) {
	t.Parallel()
	for what, answer := range map[string]string{
		"a fault":           soap(`<s:Fault><faultcode>s:Server</faultcode><faultstring>khong co ` + mother + `, 0101243150</faultstring></s:Fault>`),
		"an element":        `<N` + mother + `>a<b/></N` + mother + `>`,
		"a slip":            `<N` + mother + `>a</M` + mother + `>`,
		"a name":            `{"` + mother + `":"<b>"}`,
		"the flags":         `{"Status":"loi ` + mother + `","StatusCode":"0101243150","Data":null}`,
		"no XML, no object": mother,
	} {
		o := newOutside(t)
		here := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				w.WriteHeader(http.StatusUnauthorized)
			}
			if strings.HasPrefix(r.URL.Path, "/r1/") {
				w.Header().Set("X-Road-Error", "Server.Cannot.Find."+mother)
			}
			fmt.Fprint(w, answer)
		})
		o.national.URL, o.province.URL, o.relay.URL, o.births.URL, o.parcels.URL, o.licences.URL = here, here, here, here, here, here
		o.business.TokenURL = here + "/token"
		for _, m := range o.methods() {
			_, err := m.ask(t.Context(), m.knows)
			if err == nil || strings.Contains(err.Error(), m.knows) || strings.Contains(err.Error(), mother) || strings.Contains(err.Error(), shop) || len(err.Error()) > 700 {
				t.Errorf("%s, %s: %v", what, m.name, err)
			}
		}
	}
}
