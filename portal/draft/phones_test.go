package draft

import (
	"testing"
	"time"

	"motcua/portal/audit"
	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

func (w *world) link(t *testing.T, id string) string {
	t.Helper()
	secret, err := w.PhoneLink(t.Context(), w.mai, id, paper)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestALinkOpensOneBrowserOnce(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	secret := w.link(t, id)
	for range 3 { // looking does not use it up
		if p, err := w.Linked(t.Context(), secret); err != nil || p.Draft != id || p.Component != paper || p.PersonID != w.mai.ID {
			t.Fatal(p, err)
		}
	}
	var stay string
	for range 2 { // the answer was lost
		again, err := w.OpenPhone(t.Context(), secret, "phone", audit.Entry{})
		if err != nil || stay != "" && again != stay {
			t.Fatal(err)
		}
		stay = again
	}
	_, err := w.OpenPhone(t.Context(), secret, "another", audit.Entry{})
	worldtest.WantFault(t, "used", err, problem.NotFound, "draft.no_phone")
	_, err = w.Linked(t.Context(), secret)
	worldtest.WantFault(t, "looked at after its use", err, problem.NotFound, "draft.no_phone")
	_, err = w.Stay(t.Context(), secret)
	worldtest.WantFault(t, "the link's secret as the stay's", err, problem.NotFound, "draft.no_phone")
	if p, err := w.Stay(t.Context(), stay); err != nil || p.Draft != id || p.Person().IDNumber != "" {
		t.Error(p, err)
	}
	w.clock.Pass(stayLife)
	_, err = w.Stay(t.Context(), stay)
	worldtest.WantFault(t, "a stay that is over", err, problem.NotFound, "draft.no_phone")
	if err := w.SweepUploads(t.Context(), w.Now()); err != nil || w.count(t, `SELECT count(*) FROM phones`) != 0 {
		t.Error("not swept", err)
	}
}

func TestALinkLapsesAndANewOneTakesItsPlace(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	first := w.link(t, id)
	second := w.link(t, id)
	_, err := w.Linked(t.Context(), first)
	worldtest.WantFault(t, "the one before", err, problem.NotFound, "draft.no_phone")
	w.clock.Pass(LinkLife - time.Second)
	if _, err := w.Linked(t.Context(), second); err != nil {
		t.Error(err)
	}
	w.clock.Pass(time.Second)
	_, err = w.OpenPhone(t.Context(), second, "phone", audit.Entry{})
	worldtest.WantFault(t, "after 15 minutes", err, problem.NotFound, "draft.no_phone")
	_, err = w.PhoneLink(t.Context(), w.phuc, id, paper)
	worldtest.WantFault(t, "to another's draft", err, problem.NotFound, "draft.not_found")
	_, err = w.PhoneLink(t.Context(), w.mai, id, "other")
	worldtest.WantFault(t, "to a paper nobody asks for", err, problem.NotFound, "draft.not_found")
	for err = nil; err == nil; {
		_, err = w.PhoneLink(t.Context(), w.mai, id, paper)
	}
	worldtest.WantFault(t, "too many", err, problem.TooMany, "draft.too_many_links")
}

func TestALateFailureOfOpeningLeavesTheLink(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	secret := w.link(t, id)
	w.breakTable(t, "INSERT", "audit")
	if _, err := w.OpenPhone(t.Context(), secret, "phone", audit.Entry{}); err == nil {
		t.Fatal("it was not broken")
	}
	if _, err := w.Linked(t.Context(), secret); err != nil {
		t.Error(err)
	}
}
