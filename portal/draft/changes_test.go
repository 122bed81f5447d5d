package draft

import (
	"slices"
	"testing"

	"motcua/locales"
	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

func TestWhatANewerFormAsksOtherwise(t *testing.T) {
	t.Parallel()
	w, id := newSmall(t)
	w.tab(t, id, 1, "a").types(t, false, "name", "An", "job", "thợ", "sex", "male")
	old := w.tab(t, id, 1, "old")
	w.publish(t, extract, small(`{"id": "name", "kind": "text", "label": {"vi": "Họ tên"}, "max_length": 80},
		{"id": "sex", "kind": "radios", "label": {"vi": "Giới tính"}, "options": [{"value": "female", "label": {"vi": "Nữ"}}, {"value": "other", "label": {"vi": "Khác"}}]},
		{"id": "age", "kind": "integer", "label": {"vi": "Tuổi"}, "min": 0, "max": 150},
		{"id": "kin", "kind": "text", "label": {"vi": "Người thân"}, "max_length": 80}`),
		`{"deadline": {"amount": 9, "unit": "day"}, "fees": [{"id": "new_fee", "kind": "phi", "name": {"vi": "Phí mới"}, "unit": 7000, "ground": {"vi": "Nghị quyết"}}]}`)
	first := w.load(t, id)
	if none, err := w.Changes(t.Context(), first); err != nil || len(none.Lines) != 0 {
		t.Errorf("before it follows: %v %v", none, err)
	}
	for range 2 {
		if err := w.Follow(t.Context(), w.mai, id); err != nil {
			t.Fatal(err)
		}
	}
	d := w.load(t, id)
	changes, err := w.Changes(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, line := range changes.Lines {
		text, _ := locales.Say(locales.VI, line.Message)
		if !line.Answer.Empty() {
			text += " (" + line.Answer.VI + ")"
		}
		said = append(said, text)
	}
	for _, want := range []string{"Không hỏi nữa: Nghề (thợ)", "Câu hỏi \"Tên\" nay là \"Họ tên\"", "Câu hỏi \"Giới tính\" không còn lựa chọn: Nam",
		"Câu hỏi mới: Tuổi", "Cách trả lời đã khác: Người thân", "Khoản nộp mới: Phí mới, 7.000 đồng", "Thời hạn giải quyết nay là 9 ngày"} {
		if !slices.Contains(said, want) {
			t.Errorf("%q is not said:\n%q", want, said)
		}
	}

	// a page of the old form that is sent now goes to where its fields are asked
	if s := old.types(t, false, "name", "An Mới", "job", "thợ mộc"); !s.Again || len(s.Overtaken) != 0 {
		t.Errorf("again %v, overtaken %v", s.Again, s.Overtaken)
	}
	w.wantAnswers(t, "carried by field id", id, "name", "An Mới")

	if err := w.See(t.Context(), w.mai, id, first.Revision.ID); err != nil || w.load(t, id).UnseenID == nil {
		t.Errorf("what was seen was another revision (%v)", err)
	}
	worldtest.WantFault(t, "seen by another", w.See(t.Context(), w.phuc, id, d.Revision.ID), problem.NotFound, "draft.not_found")
	for range 2 {
		if err := w.See(t.Context(), w.mai, id, d.Revision.ID); err != nil {
			t.Fatal(err)
		}
	}
	if d := w.load(t, id); d.UnseenID != nil {
		t.Error("still unseen")
	}
}

func TestTwoRevisionsPassUnseen(t *testing.T) {
	t.Parallel()
	w, id := newSmall(t)
	begun := w.load(t, id).Revision.ID
	for _, label := range []string{"Hai", "Ba"} {
		w.publish(t, extract, small(`{"id": "name", "kind": "text", "label": {"vi": "`+label+`"}, "max_length": 80}`), `{}`)
		if err := w.Follow(t.Context(), w.mai, id); err != nil {
			t.Fatal(err)
		}
	}
	d := w.load(t, id)
	if d.UnseenID == nil || *d.UnseenID != begun {
		t.Errorf("compared with %v, begun on %d", d.UnseenID, begun)
	}
}
