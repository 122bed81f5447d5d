package bulk

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"motcua/locales"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

func TestThreeLinesAreFiled(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.promotions(t, 3))
	b := w.of(t, id)
	for _, l := range b.Lines {
		for _, f := range l.Faults {
			t.Errorf("line %d %s %s: %s (note %v)", l.Line, f.At, f.Name, f.Says.VI, f.Note)
		}
		if len(l.Other) > 0 || len(l.Missing) != 1 {
			t.Errorf("line %d: %v, missing %v", l.Line, l.Other, l.Missing)
		}
	}
	if b.State != Checked || b.Ready != 0 || b.Waiting != 3 || b.Total != 3 {
		t.Fatalf("%s, ready %d, waiting %d of %d", b.State, b.Ready, b.Waiting, b.Total)
	}
	worldtest.WantFault(t, "nothing is ready", w.confirm(t, id), problem.Conflict, "bulk.none_ready")
	w.rules(t, id, 1, 2)
	w.rules(t, id, 3)
	if n := w.count(t, `SELECT count(*) FROM draft_files`); n != 3 {
		t.Fatalf("%d files", n)
	}
	if b = w.of(t, id); b.Ready != 3 {
		t.Fatalf("ready %d", b.Ready)
	}
	if err := w.confirm(t, id); err != nil {
		t.Fatal(err)
	}
	w.drain(t)
	b = w.of(t, id)
	if b.State != Done || b.Sent != 3 || w.count(t, `SELECT count(*) FROM dossiers WHERE tax_code = $1`, rice) != 3 {
		t.Fatalf("%s, %d sent", b.State, b.Sent)
	}
	for _, l := range b.Lines {
		if l.State != Filed || l.Code == "" || l.Name == "" {
			t.Errorf("line %d: %s %q %v", l.Line, l.State, l.Code, l.Why)
		}
	}
}

// ready is a batch whose lines can all be filed.
func (w *world) ready(t *testing.T, n int) string {
	t.Helper()
	id := w.start(t, w.promotions(t, n))
	var lines []int
	for i := range n {
		lines = append(lines, i+1)
	}
	w.rules(t, id, lines...)
	return id
}

func (w *world) filed(t *testing.T) int {
	t.Helper()
	return w.count(t, `SELECT count(*) FROM dossiers WHERE tax_code = $1`, rice)
}

// A worker that ends at any statement is gone on from: each line is one dossier, whatever
// was heard of it. The statement that fails is the one that writes down what came of a line,
// after the dossier is there.
func TestWorkerThatIsKilledIsGoneOnFrom(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.ready(t, 4)
	if err := w.confirm(t, id); err != nil {
		t.Fatal(err)
	}
	owner := pgtest.Owner(t, w.DB)
	for round := range 4 {
		if _, err := owner.Exec(`CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'killed on purpose'; END $$;
			CREATE TRIGGER broken BEFORE UPDATE ON batch_rows FOR EACH ROW WHEN (new.state = 'filed') EXECUTE FUNCTION broken()`); err != nil {
			t.Fatal(err)
		}
		if _, err := w.worker.Drain(t.Context()); err == nil {
			t.Fatal("nothing failed: the test proves nothing")
		}
		if n := w.filed(t); n != round+1 {
			t.Fatalf("%d dossiers after %d ends", n, round+1)
		}
		owner.MustExec(`DROP TRIGGER broken ON batch_rows`)
		if line, _, err := w.claim(t.Context(), id); err != nil || line != round+1 {
			t.Fatalf("the line in hand comes first: %d, %v", line, err)
		}
		b, err := w.byID(t.Context(), w.DB, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.fileLine(t.Context(), w.lan, b, round+1, *w.of(t, id).Lines[round].DraftID); err != nil {
			t.Fatal(err)
		}
		w.clock.Pass(24 * time.Hour / 20)
	}
	w.drain(t)
	b := w.of(t, id)
	if w.filed(t) != 4 || b.State != Done || b.Sent != 4 {
		t.Errorf("%d dossiers, %s, %d sent", w.filed(t), b.State, b.Sent)
	}
}

// What cannot be written down leaves neither dossier nor code behind.
func TestLateFailureFilesNothing(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.ready(t, 2)
	mend := w.breaks(t, "INSERT", "dossiers")
	if err := w.confirm(t, id); err != nil {
		t.Fatal(err)
	}
	if _, err := w.worker.Drain(t.Context()); err == nil {
		t.Fatal("nothing failed")
	}
	if w.filed(t) != 0 || w.count(t, `SELECT count(*) FROM filings`) != 0 || w.count(t, `SELECT count(*) FROM code_counters`) != 0 {
		t.Error("something stayed")
	}
	mend()
	w.clock.Pass(time.Minute)
	w.drain(t)
	if w.filed(t) != 2 {
		t.Errorf("%d dossiers when it was mended", w.filed(t))
	}
	// nor does a confirmation that cannot be written down
	other := w.ready(t, 1)
	mend = w.breaks(t, "INSERT", "jobs")
	if err := w.confirm(t, other); err == nil {
		t.Error("confirmed without a job")
	}
	mend()
	if b := w.of(t, other); b.State != Checked || b.Ready != 1 || b.ConfirmedAt != nil {
		t.Errorf("after a confirmation that failed late: %s, %d ready", b.State, b.Ready)
	}
}

func TestTwoConfirmationsAreOne(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.ready(t, 2)
	seen := w.of(t, id).Seen
	worldtest.WantFault(t, "not declared", w.Confirm(t.Context(), w.lan, id, false, seen, newKey(w.lan)), problem.Invalid, "eforms.declare")
	worldtest.WantFault(t, "another state", w.Confirm(t.Context(), w.lan, id, true, "x", newKey(w.lan)), problem.Conflict, "bulk.changed")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := w.Confirm(t.Context(), w.lan, id, true, seen, newKey(w.lan)); err != nil && !problem.Is(err, problem.Conflict) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.drain(t)
	if err := w.Confirm(t.Context(), w.lan, id, true, seen, newKey(w.lan)); err != nil {
		t.Errorf("once more when it is done: %v", err)
	}
	if n := w.filed(t); n != 2 {
		t.Errorf("%d dossiers", n)
	}
}

// A power that ends in the middle stops the rest; what is filed stays.
func TestRevokedInTheMiddle(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.ready(t, 3)
	if err := w.confirm(t, id); err != nil {
		t.Fatal(err)
	}
	line, draftID, err := w.claim(t.Context(), id)
	if err != nil || line != 1 {
		t.Fatal(line, err)
	}
	b, err := w.byID(t.Context(), w.DB, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.fileLine(t.Context(), w.lan, b, line, draftID); err != nil {
		t.Fatal(err)
	}
	w.represents(t)
	w.drain(t)
	if _, err := w.Of(t.Context(), w.lan, id); !problem.Is(err, problem.NotFound) {
		t.Errorf("still seen: %v", err)
	}
	if n := w.filed(t); n != 1 {
		t.Errorf("%d dossiers", n)
	}
	if n := w.count(t, `SELECT count(*) FROM batch_rows WHERE batch_id = $1 AND state = 'failed' AND why IS NOT NULL`, id); n != 2 {
		t.Errorf("%d lines say why", n)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.ready(t, 3)
	if err := w.confirm(t, id); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.claim(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	key := newKey(w.lan)
	for range 2 {
		if err := w.Cancel(t.Context(), w.lan, id, key); err != nil {
			t.Fatal(err)
		}
	}
	w.drain(t)
	if b := w.of(t, id); w.filed(t) != 1 || b.State != Cancelled || b.Sent != 1 {
		t.Errorf("%d dossiers, %s", w.filed(t), b.State)
	}
	stranger := w.lan
	stranger.ID++
	if err := w.Cancel(t.Context(), stranger, id, newKey(stranger)); !problem.Is(err, problem.NotFound) {
		t.Errorf("another's: %v", err)
	}
}

// A corrected file keeps the papers of the lines that are still there.
func TestCorrectedFile(t *testing.T) {
	t.Parallel()
	w := newService(t)
	f := w.promotions(t, 3)
	put(t, f, 0, firstRow+1, "promotion_to", "31/2/2027")
	put(t, f, 0, firstRow+2, "promotion_forms", "Phát tờ rơi")
	id := w.start(t, f)
	b := w.of(t, id)
	if b.Wrong != 2 || len(b.Lines[1].Faults) != 1 || b.Lines[1].Faults[0].At != "K6" || b.Lines[2].Faults[0].Name != "promotion_forms" {
		t.Fatalf("wrong %d: %+v %+v", b.Wrong, b.Lines[1].Faults, b.Lines[2].Faults)
	}
	w.rules(t, id, 1, 2, 3)
	if err := w.Replace(t.Context(), w.lan, id, File{Name: "moi.xlsx", Data: data(t, w.promotions(t, 2))}, newKey(w.lan)); err != nil {
		t.Fatal(err)
	}
	w.drain(t)
	if b = w.of(t, id); b.Ready != 2 || len(b.Lines) != 2 {
		t.Errorf("%d ready of %d: %+v", b.Ready, len(b.Lines), b.Lines)
	}
	// the copy with the faults is a file that can be uploaded again
	var copied bytes.Buffer
	if err := w.Template(t.Context(), &copied, Filling{Revision: w.rev, Lang: locales.EN, Columns: b.Columns.V, Lines: []Row{b.Lines[0].Row, b.Lines[1].Row}}); err != nil {
		t.Fatal(err)
	}
	read, err := w.entry(t)(copied.Bytes())
	if err != nil || len(read.Lines) != 2 || read.Lines[0].Cells["prizes.0.prize_value"].Text != "120000" {
		t.Errorf("the copy: %v %+v", err, read)
	}
}
