package draft

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	"motcua/assets"
	"motcua/eforms"
	"motcua/portal/catalogue"
)

// TestForesee counts what a changed form would do to open drafts, many of them, and to no
// others; and says nothing of what is in them.
func TestForesee(t *testing.T) {
	t.Parallel()
	w := newService(t)
	const code = "2.000635"
	w.start(t, w.mai, "1.001193", "")
	for _, d := range []struct{ n, state, answers string }{
		{"1", "", `{"event_kind": "birth_certificate", "copies": "20"}`},
		{"1", ", filed_at = made_at", `{"copies": "20"}`},
		{"1", ", deleted_at = made_at", `{"copies": "20"}`},
		{"1", ", lapses_at = made_at", `{"copies": "20"}`},
		{"450", "", `{"event_kind": "birth_certificate", "copies": "3", "contact_email": "an@example.vn"}`},
	} {
		id := w.start(t, w.mai, code, "")
		if _, err := w.DB.Exec(`UPDATE drafts SET answers = $2`+d.state+` WHERE id = $1`, id, d.answers); err != nil {
			t.Fatal(err)
		}
		_, err := w.DB.Exec(`INSERT INTO drafts (id, person_id, procedure_code, revision_id, answers, facts, made_at, saved_at, lapses_at)
			SELECT gen_random_uuid(), person_id, procedure_code, revision_id, answers, facts, made_at, saved_at, lapses_at
			FROM drafts, generate_series(2, $2::int) WHERE id = $1`, id, d.n)
		if err != nil {
			t.Fatal(err)
		}
	}
	presets, _, err := catalogue.Presets(assets.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	b, err := fs.ReadFile(assets.Catalogue(), path.Join("procedures", code, "form.json"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err = eforms.Expand(b, presets); err != nil {
		t.Fatal(err)
	}
	same, err := eforms.Load(b)
	if err != nil {
		t.Fatal(err)
	}
	rev, err := w.Catalogue.InForce(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	under := func(form *eforms.Form) *catalogue.Revision {
		return &catalogue.Revision{Code: code, Sheet: rev.Sheet, Form: form}
	}
	f, err := w.Foresee(t.Context(), under(same))
	if err != nil || f.Drafts != 451 || f.Disturbed != 0 {
		t.Errorf("under the same form: %+v, %v", f, err)
	}
	changed := strings.ReplaceAll(string(b), `"id":"contact_email"`, `"id":"contact_mail"`)
	changed = strings.ReplaceAll(changed, `"max":50`, `"max":10`)
	if strings.Count(changed, "contact_mail") != 1 || strings.Count(changed, `"max":10`) != 1 {
		t.Fatal("the shipped form is another: this test changes nothing")
	}
	next, err := eforms.Load([]byte(changed))
	if err != nil {
		t.Fatal(err)
	}
	if f, err = w.Foresee(t.Context(), under(next)); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, field := range f.Fields {
		got[field.ID] = fmt.Sprintf("%d kept, %d lost, %d wrong, %d asked, %s", field.Kept, field.Lost, field.Wrong, field.Asked, field.Label.VI)
	}
	for id, want := range map[string]string{
		"event_kind": "451 kept, 0 lost, 0 wrong, 0 asked, Việc hộ tịch đã đăng ký", "contact_email": "0 kept, 450 lost, 0 wrong, 0 asked, Thư điện tử",
		"copies": "450 kept, 0 lost, 1 wrong, 0 asked, Số bản sao",
	} {
		if got[id] != want {
			t.Errorf("%s: %s, want %s", id, got[id], want)
		}
	}
	if f.Drafts != 451 || f.Disturbed != 451 {
		t.Errorf("%d drafts, %d disturbed", f.Drafts, f.Disturbed)
	}
	if told, err := json.Marshal(f); err != nil || strings.Contains(string(told), "example.vn") || strings.Contains(string(told), "Mai") {
		t.Errorf("it tells %s, %v", told, err)
	}
}
