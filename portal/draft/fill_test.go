package draft

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"motcua/eforms"
	"motcua/portal/applicant"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/registry"
	"motcua/portal/standin"
	"motcua/portal/worldtest"
)

func fact(d Draft, name string) (eforms.Fact, bool) {
	for _, f := range d.Facts {
		if f.Name == name {
			return f, true
		}
	}
	return eforms.Fact{}, false
}

func TestPrefillKeepsWhoSaidItAndWhen(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.load(t, w.start(t, w.mai, extract, ""))
	name, found := fact(d, "population.self.full_name")
	if !found || name.Value != "Nguyễn Thị Hồng Mai" || name.Source != registry.NameOf(registry.Population) || !name.At.Equal(w.Now()) || name.RequestID == "" {
		t.Errorf("%+v", name)
	}
	if !d.Verified() || len(d.Due(w.Now())) != 0 || d.Sources[registry.PopulationSelf].Outcome != registry.Found {
		t.Errorf("verified %v, unasked %v, %v", d.Verified(), d.Due(w.Now()), d.Sources)
	}
	if got := d.Run(w.Now()).Visible()["requester_name"]; got != "Nguyễn Thị Hồng Mai" {
		t.Errorf("the form shows %v", got)
	}
	asked := len(w.population.Entries())
	if err := w.Prefill(t.Context(), w.mai, d.ID); err != nil || len(w.population.Entries()) != asked {
		t.Errorf("a registry that has answered was asked again (%v)", err)
	}
}

func TestPrefillOfABusiness(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.represents(t, w.mai, applicant.Business{TaxCode: rice, Name: "GẠO"})
	w.represents(t, w.phuc, applicant.Business{TaxCode: rice, Name: "GẠO"}) // so the provider says; the register does not
	d := w.load(t, w.start(t, w.mai, promotion, rice))
	if name, _ := fact(d, "business.acting.name"); name.Value != "CÔNG TY GẠO MẪU" || !d.Verified() {
		t.Errorf("%+v, verified %v", name, d.Verified())
	}
	id := w.start(t, w.phuc, promotion, rice)
	other, err := w.Load(t.Context(), w.phuc, id)
	if err != nil || other.Verified() || len(other.Facts) != 0 || other.Sources[registry.BusinessActing].Outcome != registry.Refused {
		t.Errorf("%v %v %v (%v)", other.Verified(), other.Facts, other.Sources, err)
	}
	// who no longer represents it is not asked about it
	w.represents(t, w.phuc)
	before := len(w.business.Entries())
	if err := w.Prefill(t.Context(), w.phuc, id); !problem.Is(err, problem.NotFound) || len(w.business.Entries()) != before {
		t.Errorf("asked all the same (%v)", err)
	}
}

func TestADeadRegistryStopsNothing(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.population.Set(standin.Fault{Mode: "dead", Times: 1000})
	d := w.load(t, w.start(t, w.mai, extract, ""))
	if d.Verified() || d.Sources[registry.PopulationSelf].Outcome != registry.Unavailable || len(d.Facts) != 0 {
		t.Fatalf("verified %v, %v, %d facts", d.Verified(), d.Sources, len(d.Facts))
	}
	saved, err := w.Save(t.Context(), w.mai, d.ID, page(t, d, "requester_name"), url.Values{"requester_name": {"Nguyễn Thị Hồng Mai"}}, newKey(w.mai))
	if err != nil || saved.Draft.Answers["requester_name"] != "Nguyễn Thị Hồng Mai" {
		t.Fatalf("by hand: %v, %v", saved.Draft.Answers, err)
	}
	w.population.Set(standin.Fault{Mode: "ok"})
	if err := w.Prefill(t.Context(), w.mai, d.ID); err != nil {
		t.Fatal(err)
	}
	if d = w.load(t, d.ID); !d.Verified() || d.Answers["requester_name"] != "Nguyễn Thị Hồng Mai" {
		t.Errorf("asked again: verified %v, answers %v", d.Verified(), d.Answers)
	}
}

// page is the number of the page that asks the question.
func page(t *testing.T, d Draft, question string) int {
	t.Helper()
	q, ok := d.Revision.Form.Question(question)
	if !ok {
		t.Fatalf("no question %s", question)
	}
	return q.Page().No
}

func TestSaveKeepsWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.load(t, w.start(t, w.mai, extract, ""))
	no := page(t, d, "contact_phone")
	saved, err := w.Save(t.Context(), w.mai, d.ID, no, url.Values{"contact_phone": {"không có"}}, newKey(w.mai))
	if err != nil || len(saved.Faults) == 0 {
		t.Fatalf("%v, %v", saved.Faults, err)
	}
	if got := w.load(t, d.ID); got.Answers["contact_phone"] != "không có" || !strings.HasSuffix(got.Page, "/"+itoa(no)) {
		t.Errorf("%v at %s", got.Answers, got.Page)
	}
	w.clock.Pass(time.Hour)
	saved, err = w.Save(t.Context(), w.mai, d.ID, no, url.Values{"contact_phone": {"0912 345 678"}}, newKey(w.mai))
	if err != nil || len(saved.Faults) != 0 {
		t.Fatalf("%v, %v", saved.Faults, err)
	}
	got := w.load(t, d.ID)
	if strings.HasSuffix(got.Page, "/"+itoa(no)) || !got.SavedAt.Equal(w.Now()) || !got.LapsesAt.Equal(w.Now().Add(Life)) {
		t.Errorf("at %s, saved %v, lapses %v", got.Page, got.SavedAt, got.LapsesAt)
	}
}

func itoa(n int) string { return string(rune('0' + n)) }

func TestSaveTwiceIsOnce(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.load(t, w.start(t, w.mai, extract, ""))
	key, body := newKey(w.mai), url.Values{"for_whom": {"self"}}
	first, err := w.Save(t.Context(), w.mai, d.ID, 1, body, key)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Save(t.Context(), w.mai, d.ID, 1, body, key)
	if err != nil || again.Draft.Version != first.Draft.Version || again.Draft.Page != first.Draft.Page || len(again.Faults) != len(first.Faults) {
		t.Errorf("%d at %s, %v; want %d at %s", again.Draft.Version, again.Draft.Page, err, first.Draft.Version, first.Draft.Page)
	}
	key.Body[0]++
	_, err = w.Save(t.Context(), w.mai, d.ID, 1, url.Values{"for_whom": {"relative"}}, key)
	worldtest.WantFault(t, "the key with other answers", err, problem.Conflict, "once.other_body")
	if got := w.load(t, d.ID); got.Answers["for_whom"] != "self" || got.Version != first.Draft.Version {
		t.Errorf("%v, version %d", got.Answers, got.Version)
	}
}

func TestAnswersOutliveTheProgram(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.load(t, w.start(t, w.mai, extract, ""))
	if _, err := w.Save(t.Context(), w.mai, d.ID, 1, url.Values{"for_whom": {"relative"}}, newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	if err := w.At(t.Context(), w.mai, d.ID, "buoc/2"); err != nil {
		t.Fatal(err)
	}
	db, err := pg.Open(t.Context(), pgtest.DSN(t, w.DB)) // nothing is left of the old program but the database
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w.open(t, db)
	got := w.load(t, d.ID)
	if got.Answers["for_whom"] != "relative" || got.Page != "buoc/2" || len(got.Facts) != len(d.Facts) || len(got.Facts) == 0 {
		t.Errorf("%v at %s, %d facts", got.Answers, got.Page, len(got.Facts))
	}
	if open, err := w.Open(t.Context(), w.mai, extract); err != nil || len(open) != 1 || open[0].ID != d.ID {
		t.Errorf("%v, %v", open, err)
	}
}

func TestLateFailureOfSaveLeavesTheOldAnswers(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.load(t, w.start(t, w.mai, extract, ""))
	w.breakTable(t, "UPDATE", "deeds")
	if _, err := w.Save(t.Context(), w.mai, d.ID, 1, url.Values{"for_whom": {"self"}}, newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	if got := w.load(t, d.ID); len(got.Answers) != 0 || got.Version != d.Version {
		t.Errorf("%v, version %d", got.Answers, got.Version)
	}
}

func TestLateFailureOfPrefillLeavesTheDraft(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.breakTable(t, "UPDATE", "drafts")
	d := w.load(t, w.start(t, w.mai, extract, "")) // the start stands though the facts could not be kept
	if len(d.Facts) != 0 || len(d.Sources) != 0 || d.Version != 1 {
		t.Errorf("%v %v version %d", d.Facts, d.Sources, d.Version)
	}
}

func TestDeletedAndLapsedDraftsAreGone(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	for range 2 { // twice: the second finds nothing
		err := w.Delete(t.Context(), w.mai, id)
		if _, loadErr := w.Load(t.Context(), w.mai, id); !problem.Is(loadErr, problem.NotFound) {
			t.Errorf("deleted (%v) and still there: %v", err, loadErr)
		}
	}
	if err := w.Restore(t.Context(), w.mai, id); err != nil {
		t.Fatal(err)
	}
	w.load(t, id)
	w.clock.Pass(Life)
	_, err := w.Load(t.Context(), w.mai, id)
	worldtest.WantFault(t, "lapsed", err, problem.NotFound, "draft.not_found")
	worldtest.WantFault(t, "restore a lapsed one", w.Restore(t.Context(), w.mai, id), problem.NotFound, "draft.not_found")
}
