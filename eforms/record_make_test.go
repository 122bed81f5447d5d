package eforms_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"motcua/eforms"
	"motcua/locales"
)

// A run that was filled is recorded, goes through a file, and replays the same with no list
// of the portal's at hand.
func TestARunIsRecorded(t *testing.T) {
	f := load(t, stay)
	r := running(f, eforms.Answers{
		"home": map[string]any{"province": "91", "commune": "30307", "detail": "Số 12"}, "rents": false, "rent": "3000000", "agency": "H01.15", "copies": "2",
		"people": []any{}, "gone": "of a form before", "who_name": "typed before the register answered",
	}, fact("population.self.full_name", "Nguyễn Thị Đào An"), fact("business.acting.name", "not of this form"))
	r.Attached = map[string]int{"lease": 1, "other": 2}
	rec := r.Record(locales.V("Ở một mình"))
	if seen, _, err := f.Replay(rec, nil); err != nil {
		t.Fatal(err)
	} else {
		rec.Expect = seen
	}
	file, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	var back eforms.Recording
	if err := json.Unmarshal(file, &back); err != nil {
		t.Fatal(err)
	}
	seen, differences, err := f.Replay(back, nil)
	if err != nil || len(differences) > 0 {
		t.Errorf("%v, %v", differences, err)
	}
	if got := strings.Join(seen.Summary, "\n"); !strings.Contains(got, "Ai / Nơi ở: Số 12, phường Long Xuyên, tỉnh Mẫu") || !strings.Contains(got, "Giấy tờ / Nơi nộp: Sở Tư pháp") {
		t.Errorf("places without their names:\n%s", got)
	}
	var ids []string
	for id := range back.Answers {
		ids = append(ids, id)
	}
	if len(ids) != 4 || back.Answers["rent"] != nil || back.Answers["who_name"] != nil || back.Facts["business.acting.name"] != nil {
		t.Errorf("recorded %v with %v", back.Answers, back.Facts)
	}
	if !reflect.DeepEqual(back.Attached, map[string]int{"lease": 1}) || len(back.Lists["communes"]) != 1 || back.Today != "2026-11-21" {
		t.Errorf("%+v", back)
	}
}
