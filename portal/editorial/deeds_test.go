package editorial

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"motcua/portal/catalogue"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

func TestOneEditAProcedure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	press := by(w.an)
	id, err := w.Open(t.Context(), press, "9.000001")
	w.must(err)
	for _, again := range []catalogue.Editing{press, by(w.binh)} { // sent twice, and another editor's
		if other, err := w.Open(t.Context(), again, "9.000001"); err != nil || other != id {
			t.Errorf("%s, %v: another edit than %s", other, err, id)
		}
	}
	e := w.edit(id)
	if e.Version != 1 || e.OpenedBy != "An" || e.New() || e.Moved() || e.Sheet().Name.VI != "Đăng ký giám hộ" || len(e.Own.V) != 0 {
		t.Errorf("%+v", e)
	}
	for _, code := range []string{"9.999999", "x", ""} {
		_, err := w.Open(t.Context(), by(w.an), code)
		w.refused(err, problem.NotFound, "catalogue.not_found")
	}
	all, err := w.OpenEdits(t.Context(), w.binh)
	if err != nil || len(all) != 1 || all["9.000001"].ID != id {
		t.Errorf("%v, %v", all, err)
	}
}

func TestOnlyEditorsEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, ctx := w.open("9.000001"), t.Context()
	_, edit := w.Edit(ctx, w.cuoi, id)
	_, open := w.Open(ctx, by(w.cuoi), "9.000002")
	_, fresh := w.OpenNew(ctx, by(w.cuoi), "9.000009", "Mới")
	_, save := w.Save(ctx, by(w.cuoi), id, 1, Change{Deed: "set"})
	_, end := w.OpenEnd(ctx, by(w.cuoi), "9.000002", "")
	_, edits := w.OpenEdits(ctx, w.cuoi)
	_, _, batch := w.OpenBatch(ctx, nil, by(w.cuoi), Bulk, "", nil)
	for _, err := range []error{edit, open, fresh, save, end, edits, batch, w.Undo(ctx, by(w.cuoi), id, 1), w.Discard(ctx, by(w.cuoi), id, 1)} {
		w.refused(err, problem.NotFound, "catalogue.not_found")
	}
}

func TestSavingAndTakingBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open("9.000001")
	press := by(w.an)
	b, err := json.Marshal(func() catalogue.Sheet { s := w.edit(id).Sheet(); s.Name.VI = "Một"; return s }())
	w.must(err)
	for range 2 { // sent twice
		if v, err := w.Save(t.Context(), press, id, 1, Change{Parts{"sheet": b}, "set", "chung"}); err != nil || v != 2 {
			t.Fatal(v, err)
		}
	}
	if v, err := w.Save(t.Context(), by(w.an), id, 2, Change{Parts{"sheet": b}, "set", "chung"}); err != nil || v != 2 {
		t.Errorf("the same again is version %d, %v", v, err)
	}
	if v, err := w.set(w.binh, id, 2, named("Hai")); err != nil || v != 3 {
		t.Fatal(v, err)
	}
	var late *Overtaken
	if _, err := w.set(w.an, id, 2, named("Ba")); !errors.As(err, &late) || len(late.Since) != 1 || late.Edit.By != "Bình" || !problem.Is(err, problem.Conflict) {
		t.Errorf("%v, want to be overtaken", err)
	}
	for i, want := range []string{"Một", "Đăng ký giám hộ"} {
		w.must(w.Undo(t.Context(), by(w.an), id, 3+i))
		if e := w.edit(id); e.Sheet().Name.VI != want || e.Version != 4+i {
			t.Errorf("%s in version %d, want %s", e.Sheet().Name.VI, e.Version, want)
		}
	}
	w.refused(w.Undo(t.Context(), by(w.an), id, 5), problem.Conflict, "editorial.nothing_to_undo")
	if e, err := w.At(t.Context(), w.an, id, 3); err != nil || e.Sheet().Name.VI != "Hai" {
		t.Errorf("%v, %v", e.Sheet().Name, err)
	}
	if all, err := Authors(t.Context(), w.DB, id); err != nil || !slices.Equal(all, []int64{w.an.ID, w.binh.ID}) {
		t.Errorf("authors %v, %v", all, err)
	}
	if r, err := w.Catalogue.InForce(t.Context(), "9.000001"); err != nil || r.Sheet.Name.VI != "Đăng ký giám hộ" {
		t.Errorf("in force: %v, %v", r, err)
	}
}

func TestWhatCannotBeSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open("9.000001")
	for name, c := range map[string]struct {
		parts Parts
		key   string
	}{
		"another code": {Parts{"sheet": json.RawMessage(`{"code": "9.000002", "name": {"vi": "x"}}`)}, "editorial.other_code"},
		"no sheet":     {Parts{"sheet": json.RawMessage(`"x"`)}, "editorial.unreadable"},
		"no rules":     {Parts{"fees": json.RawMessage(`{}`)}, "editorial.unreadable"},
	} {
		_, err := w.Save(t.Context(), by(w.an), id, 1, Change{c.parts, "set", "chung"})
		var p *problem.Error
		if !errors.As(err, &p) || p.Message.Key != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
	if _, err := w.Save(t.Context(), by(w.an), id, 1, Change{Parts{"form": json.RawMessage(`{}`)}, "set", "chung"}); err == nil {
		t.Error("an edit of the sheet took a form")
	}
	if e := w.edit(id); e.Version != 1 {
		t.Errorf("version %d", e.Version)
	}
}

func TestDiscarding(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open("9.000001")
	_, err := w.set(w.an, id, 1, named("Một"))
	w.must(err)
	press := by(w.an)
	for range 2 { // sent twice
		w.must(w.Discard(t.Context(), press, id, 2))
	}
	_, err = w.Save(t.Context(), by(w.an), id, 2, Change{Deed: "set"})
	w.refused(err, problem.Conflict, "editorial.closed")
	if other := w.open("9.000001"); other == id {
		t.Error("the edit that was given up goes on")
	}
}

func TestNewProcedure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	press := by(w.an)
	id, err := w.OpenNew(t.Context(), press, "9.000009", "Thủ tục mới")
	w.must(err)
	if again, err := w.OpenNew(t.Context(), press, "9.000009", "Thủ tục mới"); err != nil || again != id {
		t.Errorf("%s, %v", again, err)
	}
	if e := w.edit(id); !e.New() || e.Sheet().Name.VI != "Thủ tục mới" || e.Sheet().Code != "9.000009" {
		t.Errorf("%+v", e)
	}
	if other, err := w.Open(t.Context(), by(w.binh), "9.000009"); err != nil || other != id {
		t.Errorf("%s, %v: its open edit is found by its code", other, err)
	}
	c, err := w.Candidate(t.Context(), w.edit(id))
	if err != nil || c.Before != nil || c.Revision.Sheet.Name.VI != "Thủ tục mới" || c.Revision.No != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	for _, x := range []struct {
		code, name, key string
		kind            problem.Kind
	}{{"9.000001", "Có rồi", "editorial.code_taken", problem.Conflict}, {"9.000009", "Đang mở", "editorial.being_edited", problem.Conflict},
		{"9.9", "Mã sai", "editorial.code", problem.Invalid}, {"9.000010", "", "editorial.no_name", problem.Invalid}} {
		_, err := w.OpenNew(t.Context(), by(w.an), x.code, x.name)
		w.refused(err, x.kind, x.key)
	}
}

func TestRestoring(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, err := w.Catalogue.InForce(t.Context(), "9.000001")
	w.must(err)
	w.published("9.000001", time.Time{}, named("Tên sau"))
	_, err = w.Restore(t.Context(), by(w.an), "9.000002", first.ID)
	w.refused(err, problem.NotFound, "catalogue.not_found")
	id, err := w.Restore(t.Context(), by(w.an), "9.000001", first.ID)
	w.must(err)
	c, err := w.Candidate(t.Context(), w.edit(id))
	if err != nil || c.Before.Sheet.Name.VI != "Tên sau" || string(c.SHA256) != string(first.SHA256) || c.Same() || c.Revision.No != 3 {
		t.Errorf("%+v, %v: not what the first revision was", c, err)
	}
	_, err = w.Restore(t.Context(), by(w.an), "9.000001", first.ID)
	w.refused(err, problem.Conflict, "editorial.being_edited")
}

func TestAnEditFollowsWhatItDoesNotChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(online)
	if c, err := w.Candidate(t.Context(), w.edit(id)); err != nil || !c.Same() {
		t.Errorf("%v: nothing was changed, and another document would come", err)
	}
	_, err := w.Save(t.Context(), by(w.an), id, 1, Change{Parts{"terms": json.RawMessage(`{"deadline": {"amount": 9, "unit": "working_day"}, "answer_within": {"amount": 8, "unit": "working_hour"}}`)}, "set", "han"})
	w.must(err)
	w.published(online, time.Time{}, named("Tên sau"))
	c, err := w.Candidate(t.Context(), w.edit(id))
	if err != nil || len(c.Moved) != 0 || c.Revision.Sheet.Name.VI != "Tên sau" || c.Revision.Deadline.Amount != 9 || c.Revision.Form == nil {
		t.Errorf("%+v, %v", c, err)
	}
	w.must(w.Rebase(t.Context(), by(w.an), id, 2))
	if e := w.edit(id); e.Moved() || e.Sheet().Name.VI != "Tên sau" || len(e.Own.V) != 1 || e.Version != 3 {
		t.Errorf("%+v", e)
	}
	_, err = w.set(w.an, id, 3, named("Tên của bản sửa"))
	w.must(err)
	w.published(online, time.Time{}, named("Tên khác nữa"))
	if c, err = w.Candidate(t.Context(), w.edit(id)); err != nil || !slices.Equal(c.Moved, []string{"sheet"}) {
		t.Errorf("%v, %v: both changed the sheet", c.Moved, err)
	}
}

func TestEndsAreOpenedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.OpenEnd(t.Context(), by(w.an), "9.000001", "9.000001")
	w.refused(err, problem.Invalid, "editorial.replaced_by_itself")
	_, err = w.OpenEnd(t.Context(), by(w.an), "9.000001", "9.999999")
	w.refused(err, problem.NotFound, "catalogue.not_found")
	press := by(w.an)
	id, err := w.OpenEnd(t.Context(), press, "9.000001", "9.000002")
	w.must(err)
	if again, err := w.OpenEnd(t.Context(), press, "9.000001", "9.000002"); err != nil || again != id {
		t.Errorf("%s, %v", again, err)
	}
	if e := w.edit(id); !e.Ends || e.ReplacedBy != "9.000002" {
		t.Errorf("%+v", e)
	}
	_, err = w.set(w.an, id, 1, named("x"))
	w.refused(err, problem.Conflict, "editorial.ends")
}

// A late failure leaves nothing of a deed: neither the edit nor its versions nor its key.
func TestLateFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open("9.000001")
	_, err := w.set(w.an, id, 1, named("Một"))
	w.must(err)
	count := func() (all [4]int) {
		for i, table := range []string{"sheet_edits WHERE closed_at IS NULL", "sheet_versions", "edit_batches", "deeds"} {
			w.must(w.DB.Get(&all[i], `SELECT count(*) FROM `+table))
		}
		return all
	}
	before := count()
	pgtest.Owner(t, w.DB).MustExec(`ALTER TABLE audit ADD CONSTRAINT late CHECK (id < 0) NOT VALID`)
	_, open := w.Open(t.Context(), by(w.an), "9.000002")
	_, fresh := w.OpenNew(t.Context(), by(w.an), "9.000009", "Mới")
	_, save := w.set(w.an, id, 2, named("Hai"))
	_, end := w.OpenEnd(t.Context(), by(w.an), "9.000002", "")
	for what, err := range map[string]error{"open": open, "new": fresh, "save": save, "end": end, "undo": w.Undo(t.Context(), by(w.an), id, 2),
		"discard": w.Discard(t.Context(), by(w.an), id, 2), "rebase": w.Rebase(t.Context(), by(w.an), id, 2)} {
		if err == nil || problem.KindOf(err) != problem.Internal {
			t.Errorf("%s: %v, want the late failure", what, err)
		}
	}
	if after := count(); after != before {
		t.Errorf("%v, before %v", after, before)
	}
	if e := w.edit(id); e.Version != 2 || e.Sheet().Name.VI != "Một" {
		t.Errorf("%+v", e)
	}
}
