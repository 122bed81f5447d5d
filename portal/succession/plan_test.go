package succession

import (
	"slices"
	"testing"

	"motcua/portal/agency"
	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

func TestNobodyApprovesTheirOwnChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	press := w.by(w.an)
	id, err := w.Start(t.Context(), press)
	w.must(err)
	if again, err := w.Start(t.Context(), press); err != nil || again != id {
		t.Errorf("the same press again: %s, %v", again, err)
	}
	w.plan.Moves[1].To = "H01.99"
	w.must(w.Save(t.Context(), w.by(w.an), id, 1, w.plan))
	err = w.Send(t.Context(), w.by(w.an), id, 2, "Sắp xếp", "/", "")
	worldtest.WantFault(t, "a plan to nowhere", err, problem.Invalid, "agency.plan.refused")
	w.plan.Moves[1].To = home
	w.must(w.Save(t.Context(), w.by(w.binh), id, 2, w.plan))
	w.must(w.Send(t.Context(), w.by(w.an), id, 3, "Sắp xếp", "/", ""))
	for _, author := range []agency.Officer{w.an, w.binh} {
		err = w.Decide(t.Context(), w.by(author), id, 3, true, "")
		worldtest.WantFault(t, author.Name+" approves their own", err, problem.Forbidden, "review.own")
	}
	if c, err := w.One(t.Context(), w.an, id); err != nil || c.State != Open || c.Review.State != "sent" {
		t.Errorf("%+v, %v", c, err)
	}
	_, err = w.One(t.Context(), agency.Officer{ID: 9, Roles: []agency.Role{{Role: agency.Leader}}}, id)
	worldtest.WantFault(t, "a leader looks", err, problem.NotFound, "catalogue.not_found")
	err = w.Save(t.Context(), w.by(w.an), id, 2, w.plan)
	worldtest.WantFault(t, "an old version", err, problem.Conflict, "agency.plan.moved")
}

func TestTakenBackBeforeItsDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.approved()
	err := w.Save(t.Context(), w.by(w.an), id, 2, w.plan)
	worldtest.WantFault(t, "changed after the approval", err, problem.Conflict, "agency.plan.moved")
	w.must(w.Recall(t.Context(), w.by(w.an), id, 2))
	w.begins()
	w.must(w.Carry(t.Context(), id))
	if c, err := w.One(t.Context(), w.an, id); err != nil || c.State != Open || w.count(`SELECT count(*) FROM agencies WHERE code = $1`, economy) != 0 {
		t.Errorf("carried out although it was taken back: %+v, %v", c, err)
	}
	press := w.by(w.an)
	for range 2 {
		w.must(w.Drop(t.Context(), press, id, 2))
	}
	if all, err := w.All(t.Context(), w.an); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestPlanFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, one := range map[string]struct {
		spoil func(p *agency.Plan)
		field string
		key   string
	}{
		"today":                   {func(p *agency.Plan) { p.Day = "2026-11-23" }, "day", "agency.plan.past"},
		"no day":                  {func(p *agency.Plan) { p.Day = "mai" }, "day", "agency.plan.day"},
		"no ground":               {func(p *agency.Plan) { p.Ground = " " }, "ground", "agency.plan.ground"},
		"nothing passes":          {func(p *agency.Plan) { p.Moves, p.Begins = nil, nil }, "moves", "agency.plan.empty"},
		"a code in use":           {func(p *agency.Plan) { p.Begins[0].Code, p.Moves[0].To = home, home }, "begins-0-code", "agency.plan.taken"},
		"no name":                 {func(p *agency.Plan) { p.Begins[0].Name.EN = "" }, "begins-0-name-en", "agency.plan.name"},
		"a new district":          {func(p *agency.Plan) { p.Begins[0].Level = agency.District }, "begins-0-level", "agency.plan.level"},
		"nothing for the new one": {func(p *agency.Plan) { p.Moves[0].To = home }, "begins-0-code", "agency.plan.nothing"},
		"to one that ends":        {func(p *agency.Plan) { p.Moves[1].To = trade }, "moves-1-to", "agency.plan.to"},
		"from a body of before":   {func(p *agency.Plan) { p.Moves[1].From = "H01.51" }, "moves-1-from", "agency.plan.from"},
		"no such field":           {func(p *agency.Plan) { p.Moves[1].Field = "khong-co" }, "moves-1-field", "agency.plan.field"},
		"twice":                   {func(p *agency.Plan) { p.Moves = append(p.Moves, p.Moves[0]) }, "moves-2-from", "agency.plan.twice"},
		"the province's own":      {func(p *agency.Plan) { p.Moves[0].From = "H01.18" }, "moves-0-from", "agency.plan.province"},
		"posted to nowhere":       {func(p *agency.Plan) { p.Posts = []agency.Post{{Officer: 1, From: trade, To: home}} }, "posts-0", "agency.plan.post"},
	} {
		p := w.plan
		p.Begins, p.Moves = slices.Clone(p.Begins), slices.Clone(p.Moves)
		one.spoil(&p)
		faults, err := w.Check(t.Context(), p)
		w.must(err)
		if !slices.ContainsFunc(faults, func(f agency.PlanFault) bool { return f.Field == one.field && f.Message.Key == one.key }) {
			t.Errorf("%s: %v", name, faults)
		}
	}
	if faults, err := w.Check(t.Context(), w.plan); err != nil || len(faults) > 0 {
		t.Errorf("a plan without faults: %v, %v", faults, err)
	}
}
