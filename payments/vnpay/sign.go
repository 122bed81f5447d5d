package vnpay

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strings"
)

const (
	hashField = "vnp_SecureHash"
	hashType  = "vnp_SecureHashType" // of version 2.0, never part of what is signed
	// requestField is what only a request to the gateway has.
	requestField = "vnp_Command"
)

// maxQuery is far above what VNPAY sends; nothing longer is looked at.
const maxQuery = 8 << 10

var errUnsigned = errors.New("vnpay: not a word signed by VNPAY")

// sign is lower(hex(HMAC-SHA512)).
func sign(secret, data string) string { return hex.EncodeToString(mac(secret, data)) }

func mac(secret, data string) []byte {
	m := hmac.New(sha512.New, []byte(secret))
	m.Write([]byte(data))
	return m.Sum(nil)
}

// canonical is what is signed of a query: its fields that are not empty, form-encoded and
// sorted by name. url.Values.Encode is exactly that encoding.
func canonical(fields map[string]string) string {
	v := make(url.Values, len(fields))
	for name, value := range fields {
		if value != "" && name != hashField && name != hashType {
			v.Set(name, value)
		}
	}
	return v.Encode()
}

// signed compares in constant time with each secret in use: the one we sign with, and
// while it is being changed the one before. An empty secret verifies nothing.
func (c Config) signed(hash string, forms ...string) bool {
	given, err := hex.DecodeString(hash)
	if err != nil || len(given) != sha512.Size {
		return false
	}
	ok := false
	for _, secret := range []string{c.Secret, c.PreviousSecret} {
		for _, data := range forms {
			if secret != "" && hmac.Equal(given, mac(secret, data)) {
				ok = true
			}
		}
	}
	return ok
}

// verify reads the fields of a signed query. A name that comes twice is refused outright:
// which of the two was signed and which is read must never be a question. Fields without
// the vnp_ prefix are not VNPAY's (our own return address may have some).
func (c Config) verify(raw string) (map[string]string, error) {
	if len(raw) > maxQuery {
		return nil, errUnsigned
	}
	fields, pairs := map[string]string{}, []string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(k)
		if err != nil {
			return nil, errUnsigned
		}
		value, err := url.QueryUnescape(v)
		if err != nil {
			return nil, errUnsigned
		}
		if _, twice := fields[name]; twice {
			return nil, errUnsigned
		}
		fields[name] = value
		if value != "" && name != hashField && name != hashType && strings.HasPrefix(name, "vnp_") {
			pairs = append(pairs, pair)
		}
	}
	for name := range fields {
		if !strings.HasPrefix(name, "vnp_") {
			delete(fields, name)
		}
	}
	// Encoders differ over ~ and *: as the sender wrote it is the second form tried.
	slices.SortFunc(pairs, func(a, b string) int {
		ka, _, _ := strings.Cut(a, "=")
		kb, _, _ := strings.Cut(b, "=")
		return strings.Compare(ka, kb)
	})
	if !c.signed(fields[hashField], canonical(fields), strings.Join(pairs, "&")) {
		return nil, errUnsigned
	}
	return fields, nil
}

// word reads what VNPAY says. Our own request to it is under the same secret, and every
// payer has seen it: sent back to us it is no word.
func (c Config) word(raw string) (map[string]string, error) {
	fields, err := c.verify(raw)
	if err == nil && fields[requestField] != "" {
		return nil, errUnsigned
	}
	return fields, err
}

// piped is what is signed of a query or answer of the API: values as they are, an absent
// one empty, between pipes.
func piped(fields map[string]string, order []string) string {
	values := make([]string, len(order))
	for i, name := range order {
		values[i] = fields["vnp_"+name]
	}
	return strings.Join(values, "|")
}
