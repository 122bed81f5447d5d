package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"motcua/assets"
)

// informationFile is where a catalogue's folder has procedures in few words.
const informationFile = "information.json"

// large is the shipped catalogue with as many more procedures as make n: rows of the list of
// those in few words, called after two of them each.
type large struct {
	fs.FS
	information []byte
	names       []string // of the procedures in the list
	codes       []string
}

// ReadFile gives the longer list, and what is shipped.
func (l large) ReadFile(name string) ([]byte, error) {
	if name == informationFile {
		return l.information, nil
	}
	return fs.ReadFile(l.FS, name)
}

// ReadDir is that of what is shipped.
func (l large) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(l.FS, name) }

func enlarge(n int) (large, error) {
	l := large{FS: assets.Catalogue()}
	b, err := fs.ReadFile(l.FS, informationFile)
	if err != nil {
		return l, err
	}
	var doc struct {
		Procedures []map[string]any `json:"procedures"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		return l, err
	}
	shipped := doc.Procedures
	for i := len(shipped); i < n; i++ {
		one, other := shipped[i%len(shipped)], shipped[(i*7+i/len(shipped))%len(shipped)]
		row := map[string]any{}
		for k, v := range one {
			row[k] = v
		}
		row["code"] = fmt.Sprintf("8.%06d", i)
		row["name"] = map[string]any{"vi": nameIn(one) + ", " + nameIn(other)}
		delete(row, "keywords")
		doc.Procedures = append(doc.Procedures, row)
	}
	for _, row := range doc.Procedures {
		l.names, l.codes = append(l.names, nameIn(row)), append(l.codes, row["code"].(string))
	}
	l.information, err = json.Marshal(doc)
	return l, err
}

// renamed is the same with one name written otherwise.
func (l large) renamed(from, to string) (large, error) {
	was, err := json.Marshal(from)
	if err != nil {
		return l, err
	}
	is, err := json.Marshal(to)
	l.information = bytes.Replace(l.information, was, is, 1)
	return l, err
}

func nameIn(row map[string]any) string {
	name, _ := row["name"].(map[string]any)
	vi, _ := name["vi"].(string)
	return vi
}

// questions are what people might type: a part of a name as it is written, without marks,
// with a letter missing or two changed about, one after the other. The same each run.
func (l large) questions(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	all := make([]string, n)
	for i := range all {
		words := strings.Fields(strings.ToLower(l.names[r.IntN(len(l.names))]))
		from := r.IntN(max(1, len(words)-3))
		q := []rune(strings.Join(words[from:min(len(words), from+2+r.IntN(4))], " "))
		switch at := r.IntN(max(1, len(q)-1)); i % 4 {
		case 1:
			q = plain(string(q))
		case 2:
			q = append(plain(string(q[:at])), plain(string(q[at+1:]))...)
		case 3:
			q[at], q[at+1] = q[at+1], q[at]
		}
		all[i] = string(q)
	}
	return all
}

// plain is a text as it is typed without Vietnamese marks.
func plain(s string) []rune {
	var out []rune
	for _, r := range norm.NFD.String(s) {
		switch {
		case r == 'đ':
			out = append(out, 'd')
		case !unicode.Is(unicode.Mn, r):
			out = append(out, r)
		}
	}
	return out
}
