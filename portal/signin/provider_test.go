package signin

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"motcua/portal/problem"
	"motcua/portal/standin"
)

// TestProviderComesLate: the portal is there before its provider.
func TestProviderComesLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := ln.Addr().String()
	ln.Close()
	w.Issuer = "http://" + addr
	_, err = w.Begin(t.Context(), "one", "192.0.2.7", "/")
	wants(t, "nobody there", err, problem.Unavailable, "signin.provider_down")
	w.provider = newProvider(t, w.Now, addr)
	w.signIn(t, "an")
}

// TestProviderGoes: whoever leaves for the provider finds it, or is told before.
func TestProviderGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.signIn(t, "an")
	for _, mode := range []string{"dead", "garbage", "slow"} {
		w.clock.pass(freshProvider)
		w.provider.Set(standin.Fault{Mode: mode})
		ctx, cancel := context.WithCancel(t.Context())
		if mode == "slow" { // the person gives up waiting; so do we for them
			cancel()
		}
		_, err := w.Begin(ctx, "one", "192.0.2.7", "/")
		cancel()
		wants(t, mode, err, problem.Unavailable, "signin.provider_down")
	}
	w.alive(t, "who is signed in stays so", s.Token)
}

func TestProviderFailsInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, mode := range []string{"dead", "garbage"} {
		b := w.leave(t, "one", "an", "/")
		w.provider.Set(standin.Fault{Mode: mode})
		_, _, err := w.Complete(t.Context(), "one", b.state, b.code, b.issuer)
		wants(t, mode, err, problem.Unavailable, "signin.provider_down")
		w.provider.Set(standin.Fault{Mode: "ok"})
	}
	w.signIn(t, "an")
}

func TestProviderIsAskedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := func() (n int) {
		for _, e := range w.provider.Entries() {
			if strings.HasPrefix(e.Path, "/.well-known/") {
				n++
			}
		}
		return n
	}
	for range 20 {
		if _, err := w.Begin(t.Context(), "one", "192.0.2.7", "/"); err != nil {
			t.Fatal(err)
		}
	}
	if n := asked(); n != 1 {
		t.Errorf("asked %d times about itself for 20 sign-ins", n)
	}
	w.clock.pass(freshProvider + time.Second)
	w.signIn(t, "an")
	if n := asked(); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
}

func TestProviderOfAnotherName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Issuer += "/"
	_, err := w.Begin(t.Context(), "one", "192.0.2.7", "/")
	wants(t, "metadata of another issuer", err, problem.Unavailable, "signin.provider_down")
}

func TestPublicClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ClientSecret = ""
	b := w.leave(t, "one", "an", "/")
	_, _, err := w.Complete(t.Context(), "one", b.state, b.code, b.issuer)
	wants(t, "without the secret", err, problem.Invalid, "signin.refused")
}
