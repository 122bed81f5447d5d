package registry

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What an answer may be at most.
const (
	longestAnswer = 1 << 20
	longestValue  = 1000 // characters
	deepest       = 16
)

// call sends a request and reads the whole answer. Redirects are not followed: a register
// does not move, and what a redirect points to is not the register.
func call(c *http.Client, r *http.Request) (int, []byte, error) {
	own := http.Client{}
	if c != nil {
		own = *c
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := own.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, longestAnswer+1))
	if err != nil {
		return 0, nil, err
	}
	if len(b) > longestAnswer {
		return 0, nil, fmt.Errorf("%w: over %d bytes", ErrRefused, longestAnswer)
	}
	return resp.StatusCode, b, nil
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

// node is an element of an answer. Order and name spaces differ among the published
// samples, so the reading goes by local names.
type node struct {
	name, text string
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
				return nil, fmt.Errorf("%w: markup in %s", ErrRefused, in.name)
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
