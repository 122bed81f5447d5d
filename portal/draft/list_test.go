package draft

import (
	"testing"
	"time"

	"motcua/eforms"
	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

const day = 24 * time.Hour

// remind runs the duty twice, as two instances would.
func (w *world) remind(t *testing.T) int {
	t.Helper()
	for range 2 {
		if err := w.Remind(t.Context(), w.Now()); err != nil {
			t.Fatal(err)
		}
	}
	return w.count(t, `SELECT count(*) FROM notices WHERE kind = 'draft_lapses'`)
}

func TestRemindedAtSevenDaysAndAtOne(t *testing.T) {
	t.Parallel()
	w, id := newSmall(t)
	if _, err := w.DB.Exec(`UPDATE persons SET email = 'mai@example.vn'`); err != nil {
		t.Fatal(err)
	}
	away := w.start(t, w.mai, extract, "")
	if err := w.Delete(t.Context(), w.mai, away); err != nil {
		t.Fatal(err)
	}
	want := func(what string, pass time.Duration, n int) {
		t.Helper()
		w.clock.Pass(pass)
		if got := w.remind(t); got != n {
			t.Errorf("%s: %d notices, want %d", what, got, n)
		}
	}
	want("fresh", 0, 0)
	want("eight days left", Life-8*day, 0)
	want("seven days left", day, 1)
	want("six days left", day, 1)
	want("one day left", 5*day, 2)
	want("half a day left", day/2, 2)
	w.tab(t, id, 1, "a").types(t, false, "name", "An")
	want("saved", 0, 2)
	want("seven days left once more", Life-7*day, 3)
	want("over", 8*day, 3)

	late := w.start(t, w.mai, extract, "")
	want("the worker was away for the seven", Life-day/2, 4)
	if n := w.count(t, `SELECT count(*) FROM letters WHERE address = 'mai@example.vn' AND subject LIKE '%1 ngày'`); n != 2 {
		t.Errorf("%d letters of the last day", n)
	}
	var link string
	if err := w.DB.Get(&link, `SELECT link FROM notices ORDER BY id DESC LIMIT 1`); err != nil || link != "/ho-so/"+late {
		t.Errorf("%q, %v", link, err)
	}
}

func TestLateFailureOfAReminderLeavesNothing(t *testing.T) {
	t.Parallel()
	w, _ := newSmall(t)
	w.clock.Pass(Life - 6*day)
	w.breakTable(t, "INSERT", "notices")
	if err := w.Remind(t.Context(), w.Now()); err == nil {
		t.Fatal("it was not broken")
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM drafts WHERE reminded > 0) + (SELECT count(*) FROM notice_keys)`); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
}

func TestDeletedDraftsComeBackForThirtyDays(t *testing.T) {
	t.Parallel()
	w, id := newSmall(t)
	w.tab(t, id, 1, "a").types(t, false, "name", "An")
	w.clock.Pass(Life - time.Hour) // an hour before it would have lapsed
	if err := w.Delete(t.Context(), w.mai, id); err != nil {
		t.Fatal(err)
	}
	w.clock.Pass(Life - time.Hour)
	away, err := w.Deleted(t.Context(), w.mai, "")
	if err != nil || len(away) != 1 || away[0].ID != id || away[0].DeletedAt == nil || away[0].DaysLeft(w.Now()) != 1 {
		t.Fatalf("%+v %v", away, err)
	}
	if open, err := w.List(t.Context(), w.mai); err != nil || len(open) != 0 {
		t.Errorf("%d open, %v", len(open), err)
	}
	if others, err := w.Deleted(t.Context(), w.phuc, ""); err != nil || len(others) != 0 {
		t.Errorf("another sees %d, %v", len(others), err)
	}
	if err := w.Restore(t.Context(), w.mai, id); err != nil {
		t.Fatal(err)
	}
	w.wantAnswers(t, "restored", id, "name", "An")
	if err := w.Delete(t.Context(), w.mai, id); err != nil {
		t.Fatal(err)
	}
	w.clock.Pass(Life)
	worldtest.WantFault(t, "after thirty days", w.Restore(t.Context(), w.mai, id), problem.NotFound, "draft.not_found")
}

func TestBeginWithEarlierAnswers(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.publish(t, extract, small(threeFields), `{}`)
	before, err := w.Catalogue.InForce(t.Context(), extract)
	if err != nil {
		t.Fatal(err)
	}
	w.publish(t, extract, small(`{"id": "name", "kind": "text", "label": {"vi": "Tên"}, "max_length": 80, "fact": "population.self.full_name", "locked": true},
		{"id": "job", "kind": "text", "label": {"vi": "Nghề"}, "max_length": 80},
		{"id": "kin", "kind": "text", "label": {"vi": "Người thân"}, "max_length": 80},
		{"id": "promise", "kind": "declaration", "label": {"vi": "Cam đoan"}, "text": {"vi": "Tôi cam đoan"}}`), `{}`)
	from := Earlier{ID: "x", Form: before.Form, Facts: map[string]bool{"last": true}, Answers: eforms.Answers{
		"name": "Ai đó", "job": "thợ", "sex": "male", "kin": []any{map[string]any{"who": "mẹ"}}, "last": "cũ", "promise": true}}
	key := newKey(w.mai)
	for range 2 { // pressed twice
		id, err := w.StartFrom(t.Context(), w.mai, extract, "", from, key)
		if err != nil {
			t.Fatal(err)
		}
		if d := w.load(t, id); len(d.Answers) != 1 || d.Answers["job"] != "thợ" {
			t.Errorf("carried: %v", d.Answers)
		}
	}
	if n := w.count(t, `SELECT count(*) FROM drafts`); n != 1 {
		t.Errorf("%d drafts", n)
	}
	_, err = w.StartFrom(t.Context(), w.mai, extract, "", Earlier{}, key)
	worldtest.WantFault(t, "the key with another beginning", err, problem.Conflict, "once.other_body")
}
