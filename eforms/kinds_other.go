package eforms

import (
	"strconv"

	"motcua/locales"
)

// declarationKind is a box that must be ticked.
func declarationKind() *behaviour {
	return &behaviour{
		ticks: true,
		read:  func(b sent, a asked) any { return b.get(a.name) != "" },
		value: func(_ asked, answer any) any { return answer == true },
		check: func(a asked, answer any) *complaint {
			if answer != true && a.required() {
				return &complaint{message: message("declare")}
			}
			return nil
		},
		say: func(_ asked, answer any) locales.Text {
			if answer == true {
				return say("eforms.declared")
			}
			return locales.Text{}
		},
		draw: func(_ asked, answer any, f *Field) { f.Checked = answer == true },
	}
}

// attachmentKind keeps only whether the paper will be brought; files are kept elsewhere.
func attachmentKind() *behaviour {
	return &behaviour{
		ticks: true,
		read: func(b sent, a asked) any {
			if a.q.Counter && b.has(a.name, "counter") {
				return "counter"
			}
			return ""
		},
		draw: func(a asked, answer any, f *Field) {
			c := a.component()
			f.Component, f.Files, f.Checked = &c, a.s.run.Attached[a.q.ID], c.Brought
		},
	}
}

// computedKind is a whole number that the form works out.
func computedKind() *behaviour {
	return &behaviour{
		check: func(a asked, answer any) *complaint { return nil },
		say: func(a asked, answer any) locales.Text {
			n, ok := answer.(int64)
			switch {
			case !ok:
				return locales.Text{}
			case a.q.As == "money":
				return amount(strconv.FormatInt(n, 10))
			}
			return grouped(strconv.FormatInt(n, 10))
		},
	}
}
