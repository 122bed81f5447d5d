package eforms_test

import (
	"slices"
	"strings"
	"testing"

	"motcua/eforms"
)

// browser fills a form page by page, as a person without JavaScript does: it sends every
// control that the page shows, with what is written for it, or as it stands.
func browser(t *testing.T, r *eforms.Run, writes map[string]string) *eforms.Run {
	t.Helper()
	no, more := r.Next(0)
	for more {
		for tries := 0; ; tries++ {
			var controls []string
			for _, f := range r.Model(no, nil).Fields {
				controls = append(controls, controlsOf(f, writes)...)
			}
			answers, faults, again := r.Read(no, body(controls...))
			if len(faults) > 0 {
				t.Fatalf("page %d: %s: %s", no, faults[0].Field, vi(faults[0].Message))
			}
			r = r.With(answers)
			if !again {
				break
			}
			if tries > 3 {
				t.Fatalf("page %d is shown again and again", no)
			}
		}
		no, more = r.Next(no)
	}
	return r
}

// controlsOf are the names and values that a browser sends for a field.
func controlsOf(f eforms.Field, writes map[string]string) []string {
	if f.Locked || f.Kind == eforms.Note || f.Kind == eforms.Computed {
		return nil
	}
	var out []string
	send := func(name, value string) {
		if w, ok := writes[name]; ok {
			value = w
		}
		out = append(out, name, value)
	}
	switch {
	case f.Kind == eforms.Group:
		for _, r := range f.Rows {
			for _, child := range r.Fields {
				out = append(out, controlsOf(child, writes)...)
			}
		}
	case len(f.Parts) > 0:
		for _, p := range f.Parts {
			send(p.Name, p.Value)
		}
	case f.Kind == eforms.Checkboxes:
		for _, c := range f.Choices {
			if c.Checked || slices.Contains(strings.Fields(writes[f.Name]), c.Value) {
				out = append(out, f.Name, c.Value)
			}
		}
	case f.Kind == eforms.Attachment:
		if writes[f.Name] != "" {
			send(f.Name, "")
		}
	case f.Kind == eforms.YesNo:
		if writes[f.Name] != "" {
			send(f.Name, "")
		}
	default:
		send(f.Name, f.Value)
	}
	return out
}
