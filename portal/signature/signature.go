// Package signature reads who signed a PDF digitally, and whether it is unchanged since. Who
// issued a signer's certificate is told as the certificate tells it: there are no roots here
// to hold it to.
package signature

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"motcua/locales"
)

// State is what became of the content since it was signed.
type State string

// The states: Partial is an intact signed part with more bytes after it, which may be another
// signature or other content.
const (
	Intact     State = "intact"
	Partial    State = "partial"
	Changed    State = "changed"
	Unreadable State = "unreadable"
)

// Signature is one signature in a PDF, by what its own certificate and attributes say.
type Signature struct {
	Signer string    `json:"signer,omitempty"`
	Issuer string    `json:"issuer,omitempty"`
	At     time.Time `json:"at,omitzero"` // by the signer's clock, or none
	State  State     `json:"state"`
	Weak   bool      `json:"weak,omitempty"` // made with SHA-1, which can be forged
}

// What a hostile document may cost: each signature has the whole document hashed.
const (
	maxSignatures = 10
	maxContents   = 512 << 10 // hexadecimal digits of one signature, its padding too
	maxName       = 120
)

var byteRange = regexp.MustCompile(`/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]`)

// Read finds the signatures of a PDF, in their order in the file; the first ten of them.
// Timestamps of a service are no signatures of anybody.
func Read(pdf []byte) []Signature {
	var all []Signature
	for _, at := range byteRange.FindAllSubmatchIndex(pdf, maxSignatures) {
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(string(pdf[at[2+2*i]:at[3+2*i]])) // ten digits at most
		}
		if s, ok := read(pdf, n, at[0]); ok {
			all = append(all, s)
		}
	}
	return all
}

// read checks the signature over two ranges of the document. Between them may lie nothing
// but the signature itself, and what names the ranges must lie in them: else something that
// nobody signed could be shown as signed.
func read(pdf []byte, n [4]int, named int) (Signature, bool) {
	first, gap, second := n[1], n[2]-n[1], n[3]
	end := n[2] + second
	unreadable := Signature{State: Unreadable}
	switch {
	case n[0] != 0 || gap < 2 || gap > maxContents || n[2] > len(pdf):
		return unreadable, true
	case named >= first && named < n[2]:
		return unreadable, true
	}
	der, ok := contents(pdf[first:n[2]])
	if !ok {
		return unreadable, true
	}
	c, ok := parse(der)
	if !ok {
		return unreadable, true
	}
	if c.stamp {
		return Signature{}, false
	}
	s := Signature{Signer: nameOf(c.cert.Subject), Issuer: nameOf(c.cert.Issuer), At: c.at, Weak: c.weak()}
	switch {
	case end > len(pdf) || named >= end: // cut off, or its own dictionary is not signed
		s.State = Changed
	case !c.holds(pdf[:first], pdf[n[2]:end]):
		s.State = Changed
	case len(bytes.Trim(pdf[end:], "\r\n ")) > 0:
		s.State = Partial
	default:
		s.State = Intact
	}
	return s, true
}

// contents are the bytes of <hex>, and nothing beside it.
func contents(part []byte) ([]byte, bool) {
	part, opened := bytes.CutPrefix(part, []byte("<"))
	part, closed := bytes.CutSuffix(part, []byte(">"))
	if !opened || !closed {
		return nil, false
	}
	part = bytes.Map(func(r rune) rune {
		if strings.ContainsRune("\r\n\t\f\x00 ", r) {
			return -1
		}
		return r
	}, part)
	der := make([]byte, hex.DecodedLen(len(part)))
	_, err := hex.Decode(der, part)
	return der, err == nil
}

// nameOf is what people know somebody by, fit to be shown: one line, no marks that turn text.
func nameOf(n pkix.Name) string {
	text := n.CommonName
	if strings.TrimSpace(text) == "" {
		text = strings.Join(n.Organization, " ")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if runes := []rune(text); len(runes) > maxName {
		text = string(runes[:maxName]) + "…"
	}
	return strings.TrimSpace(text)
}

// Says is, in a sentence for people, whose name the signature bears and what became of the
// content since.
func (s Signature) Says() locales.Message {
	who := named("signer", s.Signer)
	switch s.State {
	case Intact:
		return locales.M("signature.intact", who)
	case Partial:
		return locales.M("signature.partial", who)
	case Changed:
		return locales.M("signature.changed", who)
	}
	return locales.M("signature.unreadable")
}

// Unproven says what stands in the certificate and is not checked here.
func (s Signature) Unproven() locales.Message {
	if s.At.IsZero() {
		return locales.M("signature.unproven", named("issuer", s.Issuer))
	}
	return locales.M("signature.unproven_at", named("issuer", s.Issuer), locales.D("at", s.At))
}

func named(arg, name string) locales.Arg {
	if name == "" {
		return locales.Sub(arg, locales.M("signature.nameless"))
	}
	return locales.S(arg, name)
}

// Good says whether there is nothing to be warned of beside what is not checked here.
func (s Signature) Good() bool { return s.State == Intact && !s.Weak }

// Read says whether there is a signer to be named.
func (s Signature) Read() bool { return s.State != Unreadable }
