// Package problem holds the faults that people may see, as opposed to the ones that are
// only logged.
package problem

import (
	"errors"

	"motcua/locales"
)

// Kind is what sort of fault it is. The zero value is ours, so a forgotten kind leaks nothing.
type Kind int

// The kinds. The web layer maps them to status codes.
const (
	Internal    Kind = iota
	Invalid          // what was sent cannot be right: 422
	NotFound         // not there, or not yours: 404 alike
	Forbidden        // yours, but not now or not by you: 403
	Conflict         // changed meanwhile, or said twice differently: 409
	Unavailable      // another system does not answer: 503
	TooLarge         // over a limit of bytes: 413
	TooMany          // over a limit of tries: 429
	SignIn           // a session is needed: redirect to sign-in
)

// Error is a fault with a text for the person and, perhaps, a cause for the log.
type Error struct {
	Kind    Kind
	Message locales.Message
	Cause   error
}

// New makes a fault without a cause.
func New(kind Kind, key string, args ...locales.Arg) *Error {
	return &Error{Kind: kind, Message: locales.M(key, args...)}
}

// Because makes a fault with a cause for the log.
func Because(cause error, kind Kind, key string, args ...locales.Arg) *Error {
	return &Error{Kind: kind, Message: locales.M(key, args...), Cause: cause}
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message.Key + ": " + e.Cause.Error()
	}
	return e.Message.Key
}

func (e *Error) Unwrap() error { return e.Cause }

// KindOf is the kind of err, Internal when it is none of ours.
func KindOf(err error) Kind {
	var p *Error
	if errors.As(err, &p) {
		return p.Kind
	}
	return Internal
}

// Is says whether err is a fault of that kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }
