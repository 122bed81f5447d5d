package editorial

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"motcua/portal/problem"
)

func sheetOf(code, name string) Parts {
	return Parts{"sheet": json.RawMessage(fmt.Sprintf(`{"code": %q, "name": {"vi": %q}, "field": "mau", "tiers": ["commune"], "level": 2, "audience": ["citizen"], "agencies": [], "channels": []}`, code, name))}
}

func (w world) batch(all ...BatchEdit) (Batch, []string) {
	w.t.Helper()
	tx := w.DB.MustBegin()
	defer func() { _ = tx.Rollback() }()
	b, skipped, err := w.OpenBatch(w.t.Context(), tx, by(w.an), Bulk, "Thay căn cứ", all)
	w.must(err)
	w.must(tx.Commit())
	return b, skipped
}

func TestBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	taken := w.open("9.000002")
	now, err := w.Catalogue.Newest(t.Context(), w.DB, "9.000003")
	w.must(err)
	b, skipped := w.batch(BatchEdit{"9.000001", sheetOf("9.000001", "Một")}, BatchEdit{"9.000002", sheetOf("9.000002", "Hai")},
		BatchEdit{"9.000003", Parts{"sheet": now["9.000003"].Parts["sheet"]}}, BatchEdit{"9.000009", sheetOf("9.000009", "Chín")})
	if slices.Sort(skipped); b.Edits != 2 || b.Left != 2 || b.Version != 1 || !slices.Equal(skipped, []string{"9.000002", "9.000003"}) {
		t.Errorf("%+v without %v", b, skipped)
	}
	all, err := w.BatchEdits(t.Context(), w.DB, b.ID)
	if err != nil || len(all) != 2 || all[0].Sheet().Name.VI != "Một" || !all[1].New() {
		t.Fatalf("%+v, %v", all, err)
	}
	if c, err := w.Candidates(t.Context(), w.DB, all...); err != nil || c[0].Before.Sheet.Name.VI != "Đăng ký giám hộ" || c[1].Before != nil || c[1].Revision.Sheet.Name.VI != "Chín" {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := w.set(w.binh, all[0].ID, 1, named("Khác")); err != nil {
		t.Fatal(err)
	}
	if b, err = w.Batch(t.Context(), w.an, b.ID); err != nil || b.Version != 2 {
		t.Errorf("version %d, %v: a changed edit makes another batch", b.Version, err)
	}
	w.refused(w.DiscardBatch(t.Context(), by(w.an), b.ID, 1), problem.Conflict, "editorial.batch_changed")
	press := by(w.an)
	for range 2 { // sent twice
		w.must(w.DiscardBatch(t.Context(), press, b.ID, 2))
	}
	open, err := w.OpenEdits(t.Context(), w.an)
	if err != nil || len(open) != 1 || open["9.000002"].ID != taken {
		t.Errorf("%v, %v", open, err)
	}
	if left, err := w.Batches(t.Context(), w.an); err != nil || len(left) != 0 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestBatchOfThousands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var many []BatchEdit
	for i := range perStatement + 3 {
		code := fmt.Sprintf("8.%06d", i)
		many = append(many, BatchEdit{code, sheetOf(code, "Nhiều")})
	}
	if b, skipped := w.batch(many...); b.Edits != len(many) || len(skipped) != 0 {
		t.Errorf("%d edits without %v", b.Edits, skipped)
	}
}
