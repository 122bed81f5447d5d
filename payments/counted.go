package payments

import "slices"

// Counted are the quantities that the rules look at, each once: questions and lists of the
// form, without the rows' numbers.
func Counted(rules []Rule) []string {
	var ids []string
	add := func(id string) {
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for _, r := range rules {
		add(r.Each)
		add(r.Per)
		add(r.Times)
		for _, e := range r.Exempt {
			add(e.When)
		}
	}
	return ids
}
