package problem

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"motcua/locales"
)

func TestKinds(t *testing.T) {
	fault := Because(io.ErrUnexpectedEOF, Conflict, "k", locales.S("a", "b"))
	for _, c := range []struct {
		err  error
		want Kind
	}{
		{nil, Internal},
		{io.EOF, Internal},
		{&Error{}, Internal}, // a forgotten kind leaks nothing
		{New(NotFound, "k"), NotFound},
		{fault, Conflict},
		{fmt.Errorf("file: %w", fault), Conflict},
		{errors.Join(io.EOF, New(TooMany, "k")), TooMany},
	} {
		if got := KindOf(c.err); got != c.want {
			t.Errorf("%v: %v", c.err, got)
		}
		for kind := Internal; kind <= SignIn; kind++ {
			if got := Is(c.err, kind); got != (c.err != nil && kind == c.want) {
				t.Errorf("%v is %v: %v", c.err, kind, got)
			}
		}
	}
}

func TestCauseIsForTheLogOnly(t *testing.T) {
	fault := Because(io.ErrUnexpectedEOF, Unavailable, "k.down", locales.S("source", "x"))
	if !errors.Is(fault, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	if got := fault.Error(); got != "k.down: unexpected EOF" {
		t.Errorf("log: %s", got)
	}
	if m := fault.Message; m.Key != "k.down" || len(m.Args) != 1 {
		t.Errorf("for people: %v", m)
	}
	if got := New(Invalid, "k").Error(); got != "k" {
		t.Errorf("without a cause: %s", got)
	}
}
