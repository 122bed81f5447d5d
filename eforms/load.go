package eforms

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"motcua/locales"
)

// Mistake is one thing that keeps a definition from being published.
type Mistake struct {
	Place   string // JSON pointer into the definition
	Message locales.Message
}

// Mistakes are all of them.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		words, _ := locales.Say(locales.EN, one.Message)
		lines[i] = one.Place + ": " + words
	}
	return "eforms: definition refused: " + strings.Join(lines, "; ")
}

// Load reads a definition. What is wrong with it comes back all at once, as Mistakes.
func Load(data []byte) (*Form, error) {
	if m := wellFormed(data); m != nil {
		return nil, Mistakes{*m}
	}
	l := &loader{form: &Form{}, mistakes: againstSchema(data)}
	type plain Form // without UnmarshalJSON, which would come back here
	if err := json.Unmarshal(data, (*plain)(l.form)); err != nil {
		if len(l.mistakes) == 0 {
			l.report("", "eforms.load.not_json", locales.S("detail", err.Error()))
		}
		return nil, l.mistakes
	}
	l.form.source = slices.Clone(data)
	l.link()
	l.compile()
	l.linkEnds()
	l.check()
	if len(l.mistakes) == 0 {
		l.arrange()
	}
	if len(l.mistakes) == 0 {
		l.reach()
	}
	if len(l.mistakes) > 0 {
		return nil, l.mistakes
	}
	return l.form, nil
}

// loader builds a form and collects what is wrong with it.
type loader struct {
	form     *Form
	mistakes Mistakes
	places   map[any]string // of pages, questions, cases, rules
	steps    int            // of trying conditions so far
}

func (l *loader) report(place, key string, args ...locales.Arg) {
	l.mistakes = append(l.mistakes, Mistake{place, locales.M(key, args...)})
}

// reserved are the names that questions may not have: variables of logic and the names
// that a page's own fields and buttons use.
var reserved = []string{
	"today", "case", "fact", "row", "row_no", "outer", "outer_no", "current", "accumulator", addRow, removeRow, fetchList, "lam", "tep", "lang",
}

// link gives pages and questions their places and one another.
func (l *loader) link() {
	f := l.form
	l.places = map[any]string{}
	f.byID = map[string]*Question{}
	f.Pages = slices.DeleteFunc(f.Pages, func(p *Page) bool { return p == nil })
	if f.Audience == "" {
		f.Audience = "citizen"
	}
	pages := map[string]bool{}
	for i, p := range f.Pages {
		place := fmt.Sprintf("/pages/%d", i)
		p.No = i + 1
		l.places[p] = place
		if pages[p.ID] {
			l.report(place+"/id", "eforms.load.twice", locales.S("id", p.ID))
		}
		pages[p.ID] = true
		p.Questions = l.linkQuestions(p.Questions, p, nil, place)
	}
	for i, c := range f.Cases {
		l.places[c] = fmt.Sprintf("/cases/%d", i)
	}
}

func (l *loader) linkQuestions(questions []*Question, p *Page, group *Question, place string) []*Question {
	f := l.form
	questions = slices.DeleteFunc(questions, func(q *Question) bool { return q == nil })
	for i, q := range questions {
		q.page, q.group, q.at = p, group, i
		l.places[q] = fmt.Sprintf("%s/questions/%d", place, i)
		if q.Preset != "" {
			l.report(l.places[q]+"/preset", "eforms.load.preset_left", locales.S("id", q.Preset))
			continue
		}
		if f.byID[q.ID] != nil {
			l.report(l.places[q]+"/id", "eforms.load.twice", locales.S("id", q.ID))
		}
		if slices.Contains(reserved, q.ID) {
			l.report(l.places[q]+"/id", "eforms.load.reserved", locales.S("id", q.ID))
		}
		f.byID[q.ID] = q
		f.all = append(f.all, q)
		if group == nil {
			q.seq = f.count
			f.count++
		}
		if q.options = q.Options; q.options == nil {
			q.options = f.Lists[q.List]
		}
		if does := q.does(); does.inner != nil {
			q.inner = l.linkInner(q, does.inner(f, q))
		}
		if q.Kind == Group && (group == nil || group.group == nil) {
			q.Questions = l.linkQuestions(q.Questions, p, q, l.places[q])
		}
	}
	return questions
}

// compile turns every expression of the definition into one that can be evaluated.
func (l *loader) compile() {
	f := l.form
	for _, c := range f.Cases {
		if c != nil {
			c.when = l.expr(c.When, l.places[c]+"/when", nil)
		}
	}
	for _, p := range f.Pages {
		p.show = l.expr(p.ShowIf, l.places[p]+"/show_if", nil)
	}
	for _, q := range f.all {
		place := l.places[q]
		q.show = l.expr(q.ShowIf, place+"/show_if", q.group)
		q.require = l.expr(q.RequireIf, place+"/require_if", q.group)
		q.compute = l.expr(q.Compute, place+"/compute", q.group)
		q.preset = l.expr(q.Default, place+"/default", q.group)
		for _, source := range slices.Sorted(maps.Keys(q.FactIf)) {
			if q.factIf == nil {
				q.factIf = map[string]*expr{}
			}
			q.factIf[source] = l.expr(q.FactIf[source], place+"/fact_if/"+source, q.group)
		}
		for i := range q.Options {
			o := &q.Options[i]
			o.show = l.expr(o.ShowIf, fmt.Sprintf("%s/options/%d/show_if", place, i), q.group)
		}
		l.rules(q.Rules, place, q)
	}
	l.rules(f.Rules, "", nil)
	for _, name := range slices.Sorted(maps.Keys(f.Lists)) {
		options := f.Lists[name]
		for i := range options {
			o := &options[i]
			o.show = l.expr(o.ShowIf, fmt.Sprintf("/lists/%s/%d/show_if", name, i), nil)
		}
	}
}

func (l *loader) rules(rules []*Rule, place string, group *Question) {
	for i, r := range rules {
		if r == nil {
			continue
		}
		l.places[r] = fmt.Sprintf("%s/rules/%d", place, i)
		r.check = l.expr(r.Check, l.places[r]+"/check", group)
		if q := l.form.byID[r.Field]; q != nil && r.check != nil {
			q.held = append(q.held, r)
		}
	}
}

// expr compiles one expression; nothing written is no expression.
func (l *loader) expr(raw json.RawMessage, place string, row *Question) *expr {
	if len(raw) == 0 {
		return nil
	}
	resolve := l.form.resolver(row)
	c := compiler{report: l.report, resolve: func(name string, in *items) (*ref, bool) {
		r, ok := resolve(name, in)
		if ok && r.base == atFact {
			l.form.looked = append(l.form.looked, r.fact)
		}
		return r, ok
	}}
	e := c.compile(raw, place)
	if e != nil {
		l.knownValues(e.root, place)
	}
	return e
}
