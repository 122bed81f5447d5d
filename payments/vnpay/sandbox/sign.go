package sandbox

import (
	"crypto/hmac"
	"crypto/sha512"
	"crypto/subtle"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// canon writes the fields as VNPAY's paper says: without the empty ones and the two of the
// hash, sorted by name, form-encoded, joined by &. It is written out here rather than
// taken from net/url, so that a mistake about the encoding cannot hide on both sides.
func canon(fields map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] == "" || name == "vnp_SecureHash" || name == "vnp_SecureHashType" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		encode(&b, name)
		b.WriteByte('=')
		encode(&b, fields[name])
	}
	return b.String()
}

func encode(b *strings.Builder, s string) {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.~", c) >= 0:
			b.WriteByte(c)
		case c == ' ':
			b.WriteByte('+')
		default:
			fmt.Fprintf(b, "%%%02X", c)
		}
	}
}

func seal(secret, data string) string {
	m := hmac.New(sha512.New, []byte(secret))
	m.Write([]byte(data))
	return fmt.Sprintf("%x", m.Sum(nil))
}

func fits(secret, data, hash string) bool {
	return subtle.ConstantTimeCompare([]byte(seal(secret, data)), []byte(strings.ToLower(hash))) == 1
}

// spoil makes a hash that does not fit.
func spoil(hash string) string {
	if hash[0] == '0' {
		return "1" + hash[1:]
	}
	return "0" + hash[1:]
}

// pipes joins the values of the API's messages in their order.
func pipes(fields map[string]string, names string) string {
	var values []string
	for name := range strings.FieldsSeq(names) {
		values = append(values, fields["vnp_"+name])
	}
	return strings.Join(values, "|")
}
