package privacy

import (
	"strings"
	"sync"
	"testing"

	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

const plainPDF = "%PDF-1.4\n1 0 obj\n<< /Type /Page >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"

// told is a report as Mai would send it.
func (w *world) told(t *testing.T, id string) Told {
	t.Helper()
	thing, err := w.Thing(t.Context(), w.mai, id)
	if err != nil || len(thing.Sources) != 1 {
		t.Fatalf("%+v, %v", thing.Sources, err)
	}
	return Told{Source: thing.Sources[0].Key, Says: "Tên đệm là Thị Hồng", Path: GoOn}
}

func (w *world) reported(t *testing.T) Report {
	t.Helper()
	id := w.draft(t)
	made, err := w.Report(t.Context(), w.mai, id, w.told(t, id), newKey(w.mai))
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Own(t.Context(), w.mai, made)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReport(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.draft(t)
	told, key := w.told(t, id), newKey(w.mai)
	told.Path = Stop
	var made string
	for range 2 { // a second press is the same report, its bytes too
		told.File, told.Name = strings.NewReader(plainPDF), "khai sinh.pdf"
		again, err := w.Report(t.Context(), w.mai, id, told, key)
		if err != nil || made != "" && again != made {
			t.Fatalf("%s, then %s: %v", made, again, err)
		}
		made = again
	}
	if n := w.files(t); n != 1 {
		t.Errorf("%d files on the disk", n)
	}
	r, err := w.Own(t.Context(), w.mai, made)
	if err != nil || r.Code != "BS-261123-0001" || r.Kind != Wrong || r.State != Open || r.Path != Stop || r.Agency.ID != w.ward.ID || r.ThingID != id {
		t.Fatalf("%+v, %v", r, err)
	}
	if len(r.Shown) == 0 || r.Shown[0].Value.VI != "Nguyễn Thị Mai" || r.Says != told.Says || r.File == nil || r.File.Name != "khai sinh.pdf" {
		t.Errorf("shown %+v, file %+v", r.Shown, r.File)
	}
	if want := "2026-11-30"; r.DueAt.Format("2006-01-02") != want {
		t.Errorf("due %s, want %s", r.DueAt, want)
	}
	if n := w.count(t, `SELECT count(*) FROM notices WHERE person_id = $1 AND body LIKE '%BS-261123-0001%'`, w.mai.ID); n != 1 {
		t.Errorf("%d notices", n)
	}
	if n := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'report.wrong' AND object = 'report:' || $1`, made); n != 1 {
		t.Errorf("%d entries in the audit log", n)
	}
	if next := w.reported(t); next.Code != "BS-261123-0002" {
		t.Errorf("the next one is %s", next.Code)
	}
	told.File, told.Says = nil, "khác"
	_, err = w.Report(t.Context(), w.mai, id, told, key)
	worldtest.WantFault(t, "the key with other words", err, problem.Conflict, "once.other_body")
}

func TestWhatAReportMustSay(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.draft(t)
	for want, change := range map[string]func(*Told){
		"privacy.no_says":  func(w *Told) { w.Says = " \n" },
		"privacy.too_long": func(w *Told) { w.Says = strings.Repeat("ă", mostWords+1) },
		"privacy.no_path":  func(w *Told) { w.Path = "" },
		"draft.file_type":  func(w *Told) { w.File, w.Name = strings.NewReader("MZ"), "a.exe" },
	} {
		told := w.told(t, id)
		change(&told)
		_, err := w.Report(t.Context(), w.mai, id, told, newKey(w.mai))
		worldtest.WantFault(t, want, err, problem.Invalid, want)
	}
	if n := w.count(t, `SELECT count(*) FROM fact_reports`); n != 0 || w.files(t) != 0 {
		t.Errorf("%d reports, %d files", n, w.files(t))
	}
	told := w.told(t, id)
	told.Source = "land.own"
	_, err := w.Report(t.Context(), w.mai, id, told, newKey(w.mai))
	worldtest.WantFault(t, "a register that said nothing", err, problem.NotFound, "privacy.not_found")
}

func TestLateFailureOfAReportLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.draft(t)
	told := w.told(t, id)
	told.File, told.Name = strings.NewReader(plainPDF), "a.pdf"
	before := w.shape(t)
	worldtest.Break(t, w.DB, "INSERT", "notices")
	if _, err := w.Report(t.Context(), w.mai, id, told, newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	if after := w.shape(t); after != before {
		t.Errorf("something stayed:\n%s\n%s", before, after)
	}
}

func TestOthersReportsAreNotThere(t *testing.T) {
	t.Parallel()
	w := newService(t)
	ctx, r := t.Context(), w.reported(t)
	_, err := w.Own(ctx, w.phuc, r.ID)
	worldtest.WantFault(t, "own", err, problem.NotFound, "privacy.not_found")
	_, _, err = w.OwnFile(ctx, w.phuc, r.ID)
	worldtest.WantFault(t, "file", err, problem.NotFound, "privacy.not_found")
	if _, err = w.Report(ctx, w.phuc, r.ThingID, Told{Source: r.Source, Says: "x", Path: GoOn}, newKey(w.phuc)); !problem.Is(err, problem.NotFound) {
		t.Errorf("a report about another's draft: %v", err)
	}
	if all, err := w.Mine(ctx, w.phuc); err != nil || len(all) != 0 {
		t.Errorf("%d of Mai's, %v", len(all), err)
	}
	stranger := w.officer(t, w.other, agency.Intake)
	_, err = w.See(ctx, stranger, r.ID, audit.Entry{})
	worldtest.WantFault(t, "an officer elsewhere", err, problem.NotFound, "privacy.not_found")
	worldtest.WantFault(t, "their answer", w.Answer(ctx, Press{Officer: stranger, Report: r.ID, Version: 1, Key: newKey(w.phuc)}, "x"), problem.NotFound, "privacy.not_found")
	if l, err := w.Queue(ctx, stranger, Filter{}); err != nil || len(l.Reports) != 0 || l.Counts[ViewOpen] != 0 {
		t.Errorf("their list: %+v, %v", l, err)
	}
	editor := agency.Officer{ID: 1, Roles: []agency.Role{{AgencyID: w.ward.ID, Role: agency.Editor}}}
	if _, err := w.Queue(ctx, editor, Filter{}); !problem.Is(err, problem.NotFound) || May(editor) {
		t.Errorf("an editor's list: %v", err)
	}
	if l, err := w.Queue(ctx, w.admin(t), Filter{}); err != nil || len(l.Reports) != 1 {
		t.Errorf("an administrator's list: %+v, %v", l, err)
	}
}

// Twenty waiting reports are enough for one person, also when they are sent at once.
func TestNoMoreThanSoManyReportsWait(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.draft(t)
	told := w.told(t, id)
	var sent sync.WaitGroup
	for range mostOpen + 5 {
		sent.Go(func() { _, _ = w.Report(t.Context(), w.mai, id, told, newKey(w.mai)) })
	}
	sent.Wait()
	if n := w.count(t, `SELECT count(*) FROM fact_reports`); n != mostOpen {
		t.Errorf("%d reports", n)
	}
	_, err := w.Report(t.Context(), w.mai, id, told, newKey(w.mai))
	worldtest.WantFault(t, "one more", err, problem.Conflict, "privacy.too_many")
}
