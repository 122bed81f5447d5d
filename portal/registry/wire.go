package registry

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// What an answer may be at most.
const (
	longestAnswer = 1 << 20
	longestValue  = 1000 // characters
	deepest       = 16
)

// reply is an answer that has come whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// call sends a request and reads the whole answer. Redirects are not followed: a register
// does not move, and what a redirect points to is not the register.
func call(c *http.Client, r *http.Request) (reply, error) {
	own := http.Client{}
	if c != nil {
		own = *c
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := own.Do(r)
	if err != nil {
		var u *url.Error // names the address, and with it whom we asked about
		if errors.As(err, &u) {
			err = u.Err
		}
		return reply{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, longestAnswer+1))
	if err != nil {
		return reply{}, err
	}
	if len(b) > longestAnswer {
		return reply{}, fmt.Errorf("%w: over %d bytes", ErrRefused, longestAnswer)
	}
	return reply{resp.StatusCode, resp.Header, b}, nil
}

// bare says whether a value is words only. Whoever shows it escapes it anyhow; but a name
// with a tag in it is no name, and the rest of that answer is not to be trusted either.
func bare(s string) bool {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > longestValue {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r == '<' || r == '>' || r == unicode.ReplacementChar || unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
	})
}

var longNumber = regexp.MustCompile(`\d{6,}`)

// quoted is a register's own word as it may stand in a failure, and so in a log: short, and
// without the number of anybody.
func quoted(s string) string {
	if !bare(s) {
		return "(unreadable)"
	}
	r := []rune(longNumber.ReplaceAllString(s, "…"))
	return string(r[:min(len(r), 200)])
}

// node is an element of an answer, XML or JSON. Order and name spaces differ among the
// published samples, so the reading goes by local names.
type node struct {
	name, text string
	null       bool // JSON's null
	kids       []*node
}

// readXML reads one whole document. What a register has no need of (a DTD, text beside
// elements, anything after the end) is refused.
func readXML(b []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	top := &node{}
	open := []*node{top}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		var slip *xml.SyntaxError // would quote the answer
		if errors.As(err, &slip) {
			return nil, fmt.Errorf("%w: no XML in line %d", ErrRefused, slip.Line)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRefused, err)
		}
		in := open[len(open)-1]
		switch t := t.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local}
			in.kids = append(in.kids, n)
			open = append(open, n)
		case xml.EndElement:
			in.text = strings.TrimSpace(in.text)
			open = open[:len(open)-1]
			if in.text != "" && len(in.kids) > 0 || !bare(in.text) {
				return nil, fmt.Errorf("%w: markup in %s", ErrRefused, quoted(in.name))
			}
		case xml.CharData:
			in.text += string(t)
		case xml.Directive:
			return nil, fmt.Errorf("%w: a document type", ErrRefused)
		}
		if len(open) > deepest {
			return nil, fmt.Errorf("%w: too deep", ErrRefused)
		}
	}
	if len(top.kids) != 1 || strings.TrimSpace(top.text) != "" || len(open) != 1 {
		return nil, fmt.Errorf("%w: not one whole document", ErrRefused)
	}
	return top.kids[0], nil
}

// at is the element at the end of a path. One that is there twice is as good as none.
func (n *node) at(path ...string) *node {
	for _, name := range path {
		var found *node
		for _, k := range n.kids {
			if k.name != name {
				continue
			}
			if found != nil {
				return &node{}
			}
			found = k
		}
		if found == nil {
			return &node{}
		}
		n = found
	}
	return n
}

func (n *node) all(name string) []*node {
	var some []*node
	for _, k := range n.kids {
		if k.name == name {
			some = append(some, k)
		}
	}
	return some
}

// readJSON reads one whole document. A list becomes as many elements with its name, as in
// XML, and so does a name that an object has twice.
func readJSON(b []byte) (*node, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	t, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if t != json.Delim('{') {
		return nil, fmt.Errorf("%w: no object", ErrRefused)
	}
	top := &node{}
	if err := top.object(d, 1); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something after the end", ErrRefused)
	}
	return top, nil
}

// object reads to the end of an object of which the opening brace is behind.
func (n *node) object(d *json.Decoder, depth int) error {
	if depth > deepest {
		return errors.New("too deep")
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		if err := n.value(d, t.(string), depth); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func (n *node) value(d *json.Decoder, name string, depth int) error {
	if depth > deepest {
		return errors.New("too deep")
	}
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t == json.Delim('[') {
		if !d.More() { // an empty list is there and holds nothing
			n.kids = append(n.kids, &node{name: name, null: true})
		}
		for d.More() {
			if err := n.value(d, name, depth+1); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	}
	k := &node{name: name}
	n.kids = append(n.kids, k)
	switch t := t.(type) {
	case json.Delim:
		return k.object(d, depth+1)
	case nil:
		k.null = true
	default:
		if k.text = strings.TrimSpace(fmt.Sprint(t)); !bare(k.text) {
			return fmt.Errorf("markup in %s", quoted(name))
		}
	}
	return nil
}

// capital gives every name its first letter in upper case, as the XML of the same answer
// has it.
func (n *node) capital() *node {
	for _, k := range n.kids {
		if k.name != "" {
			k.name = strings.ToUpper(k.name[:1]) + k.name[1:]
		}
		k.capital()
	}
	return n
}

// words are the element's text in one form and with single spaces.
func (n *node) words() string {
	return norm.NFC.String(strings.Join(strings.Fields(n.text), " "))
}

// person is a personal number; what else stands in its place is none.
func (n *node) person() string {
	if !idNumber.MatchString(n.text) {
		return ""
	}
	return n.text
}

// day is a date in one of the ways that registers write it.
func (n *node) day() string {
	for _, layout := range []string{time.DateOnly, "02/01/2006", "20060102", "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.Parse(layout, n.text); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return ""
}

// flat says whether the elements are values, as they must be, and not objects.
func (n *node) flat(names ...string) error {
	for _, name := range names {
		for _, k := range n.all(name) {
			if len(k.kids) > 0 {
				return fmt.Errorf("%w: %s is no value", ErrRefused, name)
			}
		}
	}
	return nil
}
