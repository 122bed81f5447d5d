package convert

import (
	"strconv"

	"motcua/eforms"
	"motcua/locales"
)

// route is where an answer leads in GOV.UK Forms: after the routing page, when the check
// page was answered so (or with whatever, when no answer is named), to another page, to the
// end, or out.
type route struct {
	From       word    `json:"routing_page_id"`
	Check      word    `json:"check_page_id"`
	To         word    `json:"goto_page_id"`
	Answer     *phrase `json:"answer_value"`
	SkipToEnd  loose   `json:"skip_to_end"`
	OutHeading phrase  `json:"exit_page_heading"`
	OutText    phrase  `json:"exit_page_markdown"`
}

// jump is a route that passes over pages: those between from and to are not shown when it
// is taken.
type jump struct {
	from, to int
	when     any // nil: whenever page from is shown
}

// routes turns leading onwards into showing: a page is shown unless a jump passes over it.
// Jumps lead forwards only, so the pages can be taken in order.
func (g *govuk) routes() {
	for _, p := range g.pages {
		for _, r := range p.Routes {
			g.route(p, r)
		}
		g.order(p)
	}
	for _, p := range g.pages {
		if p.page == nil {
			continue
		}
		var passed []any
		for _, j := range g.jumps {
			if j.from >= p.no || p.no >= j.to {
				continue
			}
			taken := j.when
			if taken == nil {
				taken = shown(g.pages[j.from])
			}
			if passed = append(passed, opposite(taken)); len(passed) > most {
				break
			}
		}
		e := all(passed...)
		if !fits(e) {
			p.line.remark(locales.M("convert.route"))
			continue
		}
		p.page.ShowIf = e
	}
}

// shown is the condition of a page that was already decided.
func shown(p *govukPage) any {
	if p.page == nil || p.page.ShowIf == nil {
		return true
	}
	return p.page.ShowIf
}

// opposite is the negation, without saying "not" twice.
func opposite(e any) any {
	if m, ok := e.(map[string]any); ok {
		if inner, ok := m["!"].([]any); ok {
			return inner[0]
		}
	}
	if e == true { // always passed over: nobody comes here
		return logic("==", 1, 0)
	}
	return not(e)
}

func (g *govuk) route(p *govukPage, r route) {
	from, to := p, len(g.pages)
	if known := g.byID[string(r.From)]; known != nil {
		from = known
	}
	if !bool(r.SkipToEnd) && r.OutText == "" {
		target := g.byID[string(r.To)]
		if target == nil || target.no <= from.no {
			p.line.remark(locales.M("convert.route"))
			return
		}
		to = target.no
	}
	when, ok := g.answered(p, from, r)
	if !ok {
		p.line.remark(locales.M("convert.route"))
		return
	}
	if r.OutText == "" {
		g.jumps = append(g.jumps, jump{from.no, to, when})
		return
	}
	if when == nil || from.page == nil {
		p.line.remark(locales.M("convert.route"))
		return
	}
	g.form.Ends = append(g.form.Ends, end{
		ID: g.id("end_"+strconv.Itoa(len(g.form.Ends)+1), "end"), After: from.page.ID, When: when,
		Title: g.textOr(string(r.OutHeading), string(from.Text)), Text: g.textOr(markdown(string(r.OutText)), string(r.OutHeading), string(from.Text)),
	})
}

// answered is the condition that a route asks for; nil when it asks for none.
func (g *govuk) answered(p, from *govukPage, r route) (any, bool) {
	if r.Answer == nil || *r.Answer == "" {
		return nil, true
	}
	check := g.byID[string(r.Check)]
	if check == nil {
		check = p
	}
	q := check.question
	if q == nil || check.no > from.no || q.Kind != eforms.Radios && q.Kind != eforms.Select {
		return nil, false
	}
	value, ok := q.value(string(*r.Answer))
	if !ok {
		return nil, false
	}
	return logic("==", logic("var", q.ID), value), true
}

// order tells of a page whose next one is not the one behind it.
func (g *govuk) order(p *govukPage) {
	next := string(p.Next) + string(p.NextStep)
	if to := g.byID[next]; to != nil && to.no != p.no+1 {
		p.line.remark(locales.M("convert.order"))
	}
}
