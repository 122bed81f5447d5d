package catalogue

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var (
	errExponent = errors.New("a number with an exponent: write it out")
	errNul      = errors.New("a text holds the character U+0000")
)

// canonical writes JSON in the one way that hashes are taken of: names sorted, no spaces,
// texts composed (NFC). It gives the same bytes again for what PostgreSQL makes of it in
// a jsonb column.
func canonical(b []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := write(&out, v); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func write(out *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case map[string]any:
		return writeObject(out, v)
	case []any:
		out.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := write(out, e); err != nil {
				return err
			}
		}
		out.WriteByte(']')
		return nil
	case string:
		return writeText(out, v)
	case json.Number:
		return writeNumber(out, v.String())
	}
	b, err := json.Marshal(v) // true, false, null
	out.Write(b)
	return err
}

func writeObject(out *bytes.Buffer, v map[string]any) error {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	out.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeText(out, name); err != nil {
			return err
		}
		out.WriteByte(':')
		if err := write(out, v[name]); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

func writeText(out *bytes.Buffer, s string) error {
	if strings.IndexByte(s, 0) >= 0 {
		return errNul
	}
	s = norm.NFC.String(s)
	if plain(s) {
		out.WriteByte('"')
		out.WriteString(s)
		out.WriteByte('"')
		return nil
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the encoder ends with a new line
	return nil
}

// plain says whether a text stands in JSON as it is: most do, and an encoder for each is
// what most of the work was.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == 0x7f {
			return false
		}
	}
	return utf8.ValidString(s) && !strings.Contains(s, "\u2028") && !strings.Contains(s, "\u2029")
}

// writeNumber refuses exponents: jsonb would write them out and the hash would not hold.
func writeNumber(out *bytes.Buffer, s string) error {
	if strings.ContainsAny(s, "eE") {
		return fmt.Errorf("%s: %w", s, errExponent)
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		s = strconv.FormatInt(n, 10) // -0 is 0
	}
	out.WriteString(s)
	return nil
}

// sum is the hash of a document in its canonical form.
func sum(doc any) (canon, sha []byte, err error) {
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, nil, err
	}
	if canon, err = canonical(b); err != nil {
		return nil, nil, err
	}
	h := sha256.Sum256(canon)
	return canon, h[:], nil
}
