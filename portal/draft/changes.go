package draft

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Follow moves a draft to the revision in force. Answers are kept by field id; the draft is
// not filed before the person has seen what is different.
func (s *Service) Follow(ctx context.Context, p signin.Person, id string) error {
	d, err := s.Load(ctx, p, id)
	if err != nil {
		return err
	}
	rev, err := s.Catalogue.InForce(ctx, d.Revision.Code)
	if err != nil {
		return err
	}
	if rev.Form == nil {
		return problem.New(problem.Conflict, "draft.no_form")
	}
	_, err = s.DB.ExecContext(ctx, `UPDATE drafts SET revision_id = $1, unseen_id = coalesce(unseen_id, revision_id), version = version + 1
		WHERE id = $2 AND filed_at IS NULL AND revision_id <> $1`, rev.ID, id)
	if err != nil {
		return fmt.Errorf("follow revision, draft %s: %w", id, err)
	}
	return nil
}

// Changes are what the person has not seen yet of the revision that the draft follows now.
type Changes struct {
	Revision int64 // the one now; seen is said of this one
	Lines    []Change
}

// Change is one thing that is different now.
type Change struct {
	Message locales.Message
	Answer  locales.Text // what the person had answered and is not asked any more
	Page    int          // where it is asked, 0 for nowhere
}

// Changes compares the revision that the person knew with the one that is in force. Without
// anything unseen there are none.
func (s *Service) Changes(ctx context.Context, d Draft) (Changes, error) {
	c := Changes{Revision: d.Revision.ID}
	if d.UnseenID == nil {
		return c, nil
	}
	before, err := s.Catalogue.ByID(ctx, *d.UnseenID)
	if err != nil {
		return c, err
	}
	old := d
	old.Revision = before
	c.Lines = slices.Concat(old.gone(d.Revision.Form, old.Run(s.Now())), asked(before.Form, d.Revision.Form),
		fees(before.Fees, d.Revision.Fees), around(before, d.Revision))
	if len(c.Lines) == 0 {
		c.Lines = []Change{{Message: locales.M("change.words")}}
	}
	return c, nil
}

// See notes that the person has seen what is different in the revision.
func (s *Service) See(ctx context.Context, p signin.Person, id string, revision int64) error {
	return s.put(ctx, s.DB, p, id, `UPDATE drafts SET version = version + CASE WHEN unseen_id IS NULL OR revision_id <> $4 THEN 0 ELSE 1 END,
		unseen_id = CASE WHEN revision_id = $4 THEN NULL ELSE unseen_id END WHERE `+open, revision)
}

// counts says whether a question is one that people answer.
func counts(q *eforms.Question) bool {
	return q.Kind != eforms.Note && q.Kind != eforms.Computed
}

// gone are the questions that are not asked any more, with what was answered.
func (d Draft) gone(next *eforms.Form, run *eforms.Run) []Change {
	said := map[string]locales.Text{}
	for _, section := range run.Outline() {
		for _, row := range section.Rows {
			if !row.Empty {
				said[row.ID] = row.Value
			}
		}
	}
	var lines []Change
	for _, q := range d.Revision.Form.All() {
		if _, still := next.Question(q.ID); still || !counts(q) {
			continue
		}
		key := "change.gone"
		if q.Kind == eforms.Attachment {
			key = "change.paper_gone"
		}
		lines = append(lines, Change{Message: locales.M(key, locales.T("field", q.Label)), Answer: said[q.ID]})
	}
	return lines
}

// asked are the questions that are new or asked otherwise.
func asked(before, now *eforms.Form) []Change {
	var lines []Change
	for _, q := range now.All() {
		if !counts(q) {
			continue
		}
		say := func(key string, args ...locales.Arg) {
			lines = append(lines, Change{Message: locales.M(key, append(args, locales.T("field", q.Label))...), Page: q.Page().No})
		}
		old, there := before.Question(q.ID)
		switch {
		case !there && q.Kind == eforms.Attachment:
			say("change.paper_added")
			continue
		case !there:
			say("change.added")
			continue
		case old.Kind != q.Kind:
			say("change.kind")
		case old.Optional && !q.Optional:
			say("change.required")
		case old.Label != q.Label:
			say("change.label", locales.T("before", old.Label))
		}
		if lost := lostOptions(options(before, old), options(now, q)); len(lost) > 0 {
			say("change.options", locales.T("options", joined(lost)))
		}
	}
	return lines
}

func options(f *eforms.Form, q *eforms.Question) []eforms.Option {
	if len(q.Options) > 0 {
		return q.Options
	}
	return f.Lists[q.List]
}

func lostOptions(before, now []eforms.Option) []locales.Text {
	var lost []locales.Text
	for _, o := range before {
		if len(now) > 0 && !slices.ContainsFunc(now, func(n eforms.Option) bool { return n.Value == o.Value }) {
			lost = append(lost, o.Label)
		}
	}
	return lost
}

// joined are the texts one after another, in each language that all of them have.
func joined(all []locales.Text) locales.Text {
	in := func(l locales.Lang) string {
		var words []string
		for _, t := range all {
			word, got := t.In(l)
			if got != l {
				return ""
			}
			words = append(words, word)
		}
		return strings.Join(words, ", ")
	}
	return locales.Text{VI: in(locales.VI), EN: in(locales.EN), KM: in(locales.KM)}
}

// fees are the fees that came, went or became others.
func fees(before, now []payments.Rule) []Change {
	var lines []Change
	find := func(rules []payments.Rule, id string) *payments.Rule {
		i := slices.IndexFunc(rules, func(r payments.Rule) bool { return r.ID == id })
		if i < 0 {
			return nil
		}
		return &rules[i]
	}
	say := func(key string, args ...locales.Arg) { lines = append(lines, Change{Message: locales.M(key, args...)}) }
	for _, r := range now {
		name, amount := locales.T("name", r.Name), locales.Arg{Name: "amount", Value: locales.Money(r.Unit)}
		switch old := find(before, r.ID); {
		case old == nil:
			say("change.fee_added", name, amount)
		case old.Unit != r.Unit:
			say("change.fee", name, locales.Arg{Name: "before", Value: locales.Money(old.Unit)}, amount)
		case old.Per != r.Per || old.Max != r.Max || !slices.Equal(old.Exempt, r.Exempt):
			say("change.fee_rule", name)
		}
	}
	for _, r := range before {
		if find(now, r.ID) == nil {
			say("change.fee_gone", locales.T("name", r.Name))
		}
	}
	return lines
}

// around is what else of a procedure concerns who files it.
func around(before, now *catalogue.Revision) []Change {
	var lines []Change
	if t, changed := term(before, now); changed {
		rule := "calendar.rule." + t.Unit
		lines = append(lines, Change{Message: locales.M("change.term", locales.Sub("term", locales.M(rule, locales.N("n", int64(t.Amount)))))})
	}
	lines = append(lines, slices.Concat(prices(before, now), papers(before, now))...)
	if before.Form.Declaration != now.Form.Declaration {
		lines = append(lines, Change{Message: locales.M("change.declaration")})
	}
	return lines
}

// term is how long it takes now, where that is different: the rule that is computed with,
// or, where that stayed, what is published for filing online.
func term(before, now *catalogue.Revision) (calendar.Rule, bool) {
	if before.Deadline != now.Deadline {
		return now.Deadline, true
	}
	b, _ := before.Sheet.Channel(catalogue.Online)
	n, _ := now.Sheet.Channel(catalogue.Online)
	t := calendar.Rule{Amount: n.Time.Amount, Unit: n.Time.Unit}
	return t, t.Valid() && t != now.Deadline && t != calendar.Rule{Amount: b.Time.Amount, Unit: b.Time.Unit}
}

// prices are the fees for filing online as they are published, where no rule says them: one
// that a rule computes is among the rule's own changes.
func prices(before, now *catalogue.Revision) []Change {
	if len(before.Fees)+len(now.Fees) > 0 {
		return nil
	}
	b, _ := before.Sheet.Channel(catalogue.Online)
	n, _ := now.Sheet.Channel(catalogue.Online)
	if slices.EqualFunc(b.Fees, n.Fees, catalogue.Price.ReadsAs) {
		return nil
	}
	var lines []Change
	for i, p := range n.Fees {
		if i < len(b.Fees) && b.Fees[i].ReadsAs(p) {
			continue
		}
		switch {
		case p.Pending:
			lines = append(lines, Change{Message: locales.M("change.price_pending")})
		case p.Amount > 0:
			lines = append(lines, Change{Message: locales.M("change.price", locales.VND("amount", p.Amount), locales.T("unit", p.Unit))})
		case !p.Unit.Empty():
			lines = append(lines, Change{Message: locales.M("change.price_free")})
		default:
			lines = append(lines, Change{Message: locales.M("change.price_note", locales.T("note", p.Note))})
		}
	}
	if len(lines) == 0 { // one of several is gone
		lines = append(lines, Change{Message: locales.M("change.price_gone")})
	}
	return lines
}

// papers are those that the sheet asks for and the form does not: what is shown at the
// counter, or brought along. A paper that the form asks for is among its questions.
func papers(before, now *catalogue.Revision) []Change {
	var lines []Change
	say := func(key string, all, others []catalogue.Component) {
		for _, p := range all {
			_, was := before.Form.Question(p.Code)
			_, is := now.Form.Question(p.Code)
			if !was && !is && !slices.ContainsFunc(others, func(o catalogue.Component) bool { return samePaper(o, p) }) {
				lines = append(lines, Change{Message: locales.M(key, locales.T("field", p.Name))})
			}
		}
	}
	old, new := listed(before), listed(now)
	say("change.paper_added", new, old)
	say("change.paper_gone", old, new)
	return lines
}

func listed(r *catalogue.Revision) []catalogue.Component {
	var all []catalogue.Component
	for _, set := range r.Sheet.Components {
		all = append(all, set.Papers...)
	}
	return all
}

func samePaper(a, b catalogue.Component) bool {
	return a.Code != "" && a.Code == b.Code || a.Name.VI == b.Name.VI
}
