package editorial

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"motcua/locales"
	"motcua/portal/catalogue"
)

func TestOnlyPublicAddressesAreOpened(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "198.18.0.1", "224.0.0.1",
		"255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "fc00::1", "ff02::1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "::ffff:10.0.0.1", "192.0.2.1", "240.0.0.1"} {
		if a := netip.MustParseAddr(at); public(a.Unmap()) {
			t.Errorf("%s would be opened", at)
		}
	}
	for _, at := range []string{"1.1.1.1", "203.162.4.1", "2400:cb00::1", "2606:4700::1111"} {
		if !public(netip.MustParseAddr(at)) {
			t.Errorf("%s would not be opened", at)
		}
	}
	asked := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer inside.Close()
	port := inside.URL[strings.LastIndex(inside.URL, ":"):]
	for at, fault := range map[string]string{inside.URL: "private", "http://localhost" + port: "private", "http://[::ffff:127.0.0.1]" + port: "private",
		"ftp://example.org/a": "address", "http://user:secret@example.org/": "address", "file:///etc/passwd": "address", "http:///a": "address"} {
		if got := visits(t.Context(), []string{at}, public)[0]; got.fault != fault || !got.failed() {
			t.Errorf("%s: %+v", at, got)
		}
	}
	if asked {
		t.Error("the server asked its own network")
	}
}

// A public page that sends the asker inside is not followed there.
func TestARedirectIsNoWayIn(t *testing.T) {
	t.Parallel()
	asked := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer inside.Close()
	outside := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusFound))
	defer outside.Close()
	connections := atomic.Int32{}
	may := func(netip.Addr) bool { return connections.Add(1) == 1 } // the first host is public, the next is not
	client := opener(may)
	if got := openOne(t.Context(), client, outside.URL); got.fault != "private" || asked {
		t.Errorf("%+v, asked inside: %v", got, asked)
	}
}

func TestDeadLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	down := atomic.Bool{}
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/gone":
			rw.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/shy" && r.Method == http.MethodHead:
			rw.WriteHeader(http.StatusMethodNotAllowed)
		case r.URL.Path == "/late" && down.Load():
			rw.WriteHeader(http.StatusBadGateway)
		}
	}))
	everybody := func(netip.Addr) bool { return true }
	id := w.open("9.000001")
	links := func(paths ...string) {
		t.Helper()
		_, err := w.set(w.an, id, w.edit(id).Version, func(s *catalogue.Sheet) {
			s.Components = []catalogue.Components{{}}
			for _, p := range paths {
				s.Components[0].Papers = append(s.Components[0].Papers, catalogue.Component{Name: locales.V(p), URL: site.URL + p})
			}
		})
		w.must(err)
	}
	check := func() map[string]locales.Message {
		t.Helper()
		w.must(w.checkLinks(t.Context(), w.Now(), everybody))
		dead, err := w.dead(t.Context())
		w.must(err)
		return dead
	}
	links("/ok", "/gone", "/shy", "/late")
	down.Store(true)
	dead := check()
	if len(dead) != 1 || dead[site.URL+"/gone"].Key != "link.status" {
		t.Errorf("at first only what is gone is dead: %v", dead)
	}
	if dead = check(); len(dead) != 1 {
		t.Errorf("asked again at once: %v", dead)
	}
	w.pass(25 * time.Hour)
	if dead = check(); len(dead) != 2 {
		t.Errorf("a day later: %v", dead)
	}
	down.Store(false)
	w.pass(25 * time.Hour)
	if dead = check(); len(dead) != 1 {
		t.Errorf("it is back: %v", dead)
	}
	site.Close() // the network is away: nothing is learnt
	w.pass(8 * 24 * time.Hour)
	for range 3 {
		if dead = check(); len(dead) != 1 {
			t.Errorf("without a network: %v", dead)
		}
		w.pass(25 * time.Hour)
	}
	links()
	if dead = check(); len(dead) != 0 {
		t.Errorf("named by no sheet any more: %v", dead)
	}
}
