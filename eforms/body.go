package eforms

import "net/url"

// Body is what a browser sends of the page when nothing more is written on it. Shown and
// read back, answers are equal: a property test holds every kind to it.
func (m PageModel) Body() url.Values {
	out := url.Values{}
	for _, f := range m.Fields {
		f.send(out)
	}
	return out
}

func (f Field) send(out url.Values) {
	switch {
	case f.Locked, f.Kind == Computed, f.Kind == Note:
	case len(f.Fields) > 0:
		for _, p := range f.Fields {
			p.send(out)
		}
	case f.Kind == SearchSelect && f.Chosen != "":
		out.Add(f.Name, f.Chosen)
		out.Add(f.Name+".text", f.Shown.VI)
	case f.Kind == SearchSelect:
		out.Add(f.Name+".text", f.Value)
	case f.Kind == Group || f.Kind == Table:
		for _, row := range f.Rows {
			for _, child := range row.Fields {
				child.send(out)
			}
		}
	case f.Kind == Declaration:
		if f.Checked {
			out.Add(f.Name, "yes")
		}
	case f.Kind == Attachment:
		if f.Checked {
			out.Add(f.Name, "counter")
		}
	case len(f.Parts) > 0:
		for _, p := range f.Parts {
			out.Add(p.Name, p.Value)
		}
	case len(f.Choices) > 0:
		for _, c := range f.Choices {
			if c.Checked {
				out.Add(f.Name, c.Value)
			}
		}
	default:
		out.Add(f.Name, f.Value)
	}
}
