// Package locales holds the words of the program: messages in Vietnamese, English and
// Khmer, and the carriers Text (words of data) and Message (words of the program).
package locales

import (
	"encoding/json"
	"fmt"
	"time"
)

// Lang is one of the three languages of the portal.
type Lang string

// The languages, in the order of the switch. Vietnamese is the default and the fallback.
const (
	VI Lang = "vi"
	EN Lang = "en"
	KM Lang = "km"
)

// Langs lists the languages in the order of the switch.
var Langs = []Lang{VI, EN, KM}

// ParseLang returns the language with that code, or false when there is none.
func ParseLang(s string) (Lang, bool) {
	switch l := Lang(s); l {
	case VI, EN, KM:
		return l, true
	}
	return VI, false
}

// Own is the language's name in itself, for the switch.
func (l Lang) Own() string {
	switch l {
	case EN:
		return "English"
	case KM:
		return "ភាសាខ្មែរ"
	}
	return "Tiếng Việt"
}

// Text is words of data (a procedure's name, a question's label) in up to three
// languages. In JSON it is an object by language, or a plain string for Vietnamese.
type Text struct {
	VI string `json:"vi"`
	EN string `json:"en,omitempty"`
	KM string `json:"km,omitempty"`
}

// V makes a Text that is Vietnamese only.
func V(vi string) Text { return Text{VI: vi} }

// In returns the words in l, or in Vietnamese when l has none, with the language they are in.
func (t Text) In(l Lang) (string, Lang) {
	switch {
	case l == EN && t.EN != "":
		return t.EN, EN
	case l == KM && t.KM != "":
		return t.KM, KM
	}
	return t.VI, VI
}

// String is the Vietnamese text, which every Text has.
func (t Text) String() string { return t.VI }

// Empty says whether there are no words at all.
func (t Text) Empty() bool { return t == Text{} }

// UnmarshalJSON reads an object by language or a plain string.
func (t *Text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*t = Text{}
		return json.Unmarshal(b, &t.VI)
	}
	type plain Text
	return json.Unmarshal(b, (*plain)(t))
}

// Message is words of the program: a key of the catalogue with named arguments. It is
// the only carrier of text below the web layer.
type Message struct {
	Key  string `json:"key"`
	Args []Arg  `json:"args,omitempty"`
}

// Arg is a named argument: a string, an int64, a Text, a Message or a time.Time (shown as
// a date). A number is shown as it is; Money marks đồng.
type Arg struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// Money is an amount in đồng, shown with separators.
type Money int64

// M makes a Message.
func M(key string, args ...Arg) Message { return Message{Key: key, Args: args} }

// N is a whole number; where a language has plurals it chooses the form.
func N(name string, n int64) Arg { return Arg{name, n} }

// S is a string shown as it is.
func S(name, s string) Arg { return Arg{name, s} }

// T is a text of data, shown in the reader's language.
func T(name string, t Text) Arg { return Arg{name, t} }

// D is an instant shown as a Vietnamese day.
func D(name string, at time.Time) Arg { return Arg{name, at} }

// VND is an amount in đồng.
func VND(name string, n int64) Arg { return Arg{name, Money(n)} }

// Sub is a message inside a message.
func Sub(name string, m Message) Arg { return Arg{name, m} }

func (m Message) String() string { return fmt.Sprintf("%s%v", m.Key, m.Args) }
