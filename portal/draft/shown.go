package draft

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"motcua/eforms"
)

// Shown is what a page showed of the draft when it was drawn. It travels in the page and
// comes back with what was typed, so that a save knows which fields the person has changed
// and which were changed elsewhere meanwhile. The zero Shown knows nothing: what was typed
// is taken to have been typed over the answers of now.
type Shown struct {
	Page     string // names the drawn page among the person's tabs
	Revision string // of the form that it was a page of
	Fields   map[string]trace
}

// trace is a field as a page showed it: the stored answer, and what an untouched page sends.
type trace struct{ answer, sent string }

// Shown is what page no of the draft shows now, to the tab of that name.
func (d Draft) Shown(run *eforms.Run, no int, tab string) Shown {
	s := Shown{Page: tab, Revision: strconv.FormatInt(d.Revision.ID, 10), Fields: map[string]trace{}}
	if no < 1 || no > len(d.Revision.Form.Pages) {
		return s
	}
	drawn := url.Values{}
	for _, f := range run.Model(no, nil).Fields {
		controls(f, drawn)
	}
	for _, q := range d.Revision.Form.Pages[no-1].Questions {
		s.Fields[q.ID] = trace{digest(d.Answers[q.ID]), sentOf(q.ID, drawn)}
	}
	return s
}

// controls puts what an untouched question would send. One that this does not know counts
// as touched, which asks the person once more and loses nothing.
func controls(f eforms.Field, into url.Values) {
	choices := func(name string, all []eforms.Choice) {
		for _, c := range all {
			if c.Checked {
				into.Add(name, c.Value)
			}
		}
	}
	for _, row := range f.Rows {
		for _, child := range row.Fields {
			controls(child, into)
		}
	}
	for _, child := range f.Fields {
		controls(child, into)
	}
	switch {
	case f.Locked, f.Rows != nil, f.Fields != nil:
	case f.Search != nil:
		into.Add(f.Name, f.Chosen)
		into.Add(f.Name+".text", cmp.Or(f.Value, f.Shown.VI))
	case f.Kind == eforms.Declaration:
		if f.Checked {
			into.Add(f.Name, "1")
		}
	case f.Parts != nil:
		for _, part := range f.Parts {
			if part.Choices != nil {
				choices(part.Name, part.Choices)
			} else {
				into.Add(part.Name, part.Value)
			}
		}
	case f.Choices != nil:
		choices(f.Name, f.Choices)
	default:
		into.Add(f.Name, f.Value)
	}
}

// sentOf is the trace of what a body says of a field: nothing when it says nothing.
func sentOf(field string, body url.Values) string {
	var all []string
	for name, values := range body {
		if name != field && !strings.HasPrefix(name, field+".") {
			continue
		}
		for _, v := range values {
			if v = strings.TrimSpace(strings.ReplaceAll(v, "\r\n", "\n")); v != "" {
				all = append(all, name+"="+v)
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return short([]byte(strings.Join(all, "\x00")))
}

// digest is the trace of an answer, "" of none.
func digest(answer any) string {
	answer = bare(answer)
	if answer == nil {
		return ""
	}
	b, err := json.Marshal(answer) // keys of maps come sorted
	if err != nil {
		return "?" // no answer is like this; it equals none
	}
	return short(b)
}

// short is enough to tell two texts of one person's field apart.
func short(b []byte) string {
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// bare is an answer without what was left empty in it: asked and not answered is the same
// as not asked.
func bare(answer any) any {
	switch v := answer.(type) {
	case string:
		if strings.TrimSpace(v) == "" {
			return nil
		}
	case []any:
		var kept []any
		for _, e := range v {
			if e = bare(e); e != nil {
				kept = append(kept, e)
			}
		}
		if kept == nil {
			return nil
		}
		return kept
	case map[string]any:
		kept := map[string]any{}
		for name, e := range v {
			if e = bare(e); e != nil {
				kept[name] = e
			}
		}
		if len(kept) == 0 {
			return nil
		}
		return kept
	}
	return answer
}

// String is the form that travels: the tab and the revision, then field~answer~sent for each.
func (s Shown) String() string {
	parts := []string{s.Page + "~" + s.Revision}
	for id, t := range s.Fields {
		parts = append(parts, id+"~"+t.answer+"~"+t.sent)
	}
	slices.Sort(parts[1:])
	return strings.Join(parts, "!")
}

// ParseShown reads it back. What cannot be read is the zero Shown.
func ParseShown(text string) Shown {
	if text == "" {
		return Shown{}
	}
	parts := strings.Split(text, "!")
	page, revision, _ := strings.Cut(parts[0], "~")
	s := Shown{Page: page, Revision: revision, Fields: map[string]trace{}}
	for _, part := range parts[1:] {
		words := strings.Split(part, "~")
		if len(words) != 3 {
			return Shown{}
		}
		s.Fields[words[0]] = trace{words[1], words[2]}
	}
	return s
}
