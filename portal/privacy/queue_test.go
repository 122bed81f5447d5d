package privacy

import (
	"context"
	"testing"

	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

// doings are the officers' deeds with where they lead.
var doings = map[string]struct {
	do func(ctx context.Context, w *world, p Press) error
	to State
}{
	DeedAnswer:  {func(ctx context.Context, w *world, p Press) error { return w.Answer(ctx, p, "Đã kiểm tra") }, Answered},
	DeedClose:   {func(ctx context.Context, w *world, p Press) error { return w.Close(ctx, p, "Gửi trùng") }, Closed},
	DeedPass:    {func(ctx context.Context, w *world, p Press) error { return w.Pass(ctx, p, "Công an phường", "") }, Passed},
	DeedForward: {func(ctx context.Context, w *world, p Press) error { return w.Forward(ctx, p, w.other.Code, "") }, Open},
}

func (w *world) press(t *testing.T, r Report) Press {
	t.Helper()
	o := w.officer(t, w.ward, agency.Processor)
	return Press{Officer: o, Report: r.ID, Version: 1, Key: newKey(w.phuc)}
}

func TestDeedsOnAReport(t *testing.T) {
	t.Parallel()
	w := newService(t)
	for name, one := range doings {
		r := w.reported(t)
		p := w.press(t, r)
		old := p
		old.Version, old.Key = 7, newKey(w.phuc)
		worldtest.WantFault(t, name+" of another version", one.do(t.Context(), w, old), problem.Conflict, "privacy.changed")
		for range 2 {
			if err := one.do(t.Context(), w, p); name != DeedForward && err != nil { // a report that went away is not there any more
				t.Fatal(name, err)
			}
		}
		got, err := w.Own(t.Context(), w.mai, r.ID)
		if err != nil || got.State != one.to || len(got.Steps) != 1 || got.Steps[0].Deed != name || got.Steps[0].Agency != w.ward.Name || got.Version != 2 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		told := 1
		if name == DeedForward {
			told = 0
			if got.Agency.ID != w.other.ID {
				t.Errorf("it is at %s", got.Agency.Code)
			}
		}
		if n := w.count(t, `SELECT count(*) FROM notices WHERE event_key = 'report:' || $1 || ':1'`, r.ID); n != told {
			t.Errorf("%s: %d notices", name, n)
		}
		if n := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'report.' || $1 AND object = 'report:' || $2 AND agency_id = $3`, name, r.ID, w.ward.ID); n != 1 {
			t.Errorf("%s: %d entries in the audit log", name, n)
		}
		if got.Done() {
			p.Version, p.Key = 2, newKey(w.phuc)
			worldtest.WantFault(t, name+" and then an answer", w.Answer(t.Context(), p, "x"), problem.Conflict, "privacy.done")
		}
	}
	l, err := w.Queue(t.Context(), w.officer(t, w.ward, agency.Intake), Filter{View: ViewDone})
	if err != nil || len(l.Reports) != 2 || l.Counts[ViewOpen] != 0 || l.Counts[ViewPassed] != 1 {
		t.Errorf("%d done, %v, %v", len(l.Reports), l.Counts, err)
	}
}

func TestLateFailureOfADeedOnAReportLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newService(t)
	reports := map[string]Report{}
	for name := range doings {
		reports[name] = w.reported(t)
	}
	before := w.shape(t)
	worldtest.Break(t, w.DB, "UPDATE", "deeds")
	for name, one := range doings {
		if err := one.do(t.Context(), w, w.press(t, reports[name])); err == nil {
			t.Fatal(name, "was not broken")
		}
		if after := w.shape(t); after != before {
			t.Errorf("%s: something stayed:\n%s\n%s", name, before, after)
		}
	}
}

func TestWhatADeedMustSay(t *testing.T) {
	t.Parallel()
	w := newService(t)
	ctx, p := t.Context(), w.press(t, w.reported(t))
	worldtest.WantFault(t, "answer", w.Answer(ctx, p, " "), problem.Invalid, "privacy.no_answer")
	worldtest.WantFault(t, "close", w.Close(ctx, p, "\n"), problem.Invalid, "privacy.no_answer")
	worldtest.WantFault(t, "pass", w.Pass(ctx, p, " ", "x"), problem.Invalid, "privacy.no_keeper")
	worldtest.WantFault(t, "forward", w.Forward(ctx, p, "không có", ""), problem.Invalid, "privacy.no_agency")
}

// Who reads a report is on record, and the person can read that.
func TestReadingAReportIsOnRecord(t *testing.T) {
	t.Parallel()
	w := newService(t)
	r := w.reported(t)
	if _, err := w.See(t.Context(), w.officer(t, w.ward, agency.Leader), r.ID, audit.Entry{IP: "127.0.0.1"}); err != nil {
		t.Fatal(err)
	}
	looks, err := w.Looks(t.Context(), w.mai, Window{Most: 10})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, l := range looks {
		if l.Deed == "report.see" && l.ByOfficer && l.Own && l.ThingID == r.ThingID && l.Agency == w.ward.Name && !l.Procedure.Empty() {
			found++
		}
	}
	if found != 1 {
		t.Errorf("%+v", looks)
	}
}
