package bulk

import (
	"testing"

	"motcua/portal/problem"
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
	wantKey(t, "nothing is ready", w.confirm(t, id), problem.Conflict, "bulk.none_ready")
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
