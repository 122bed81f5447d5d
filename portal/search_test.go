package portal

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// A long list is searched on its page: by the button without a script, by the page's own
// address with one. Nobody else's draft answers.
func TestSearchOnAPage(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id, err := h.Drafts.Start(t.Context(), m.session().Person, "3.000347", "", keyOf(m.session().Person))
	h.must(err)
	at := "/ho-so/" + id + "/buoc/3"
	r := m.get(at)
	for _, want := range []string{`name="chon" value="licence_class"`, `name="licence_class.text"`, `<datalist id="licence_class.text-ds">`, `data-search="licence_class"`} {
		if r.Status != 200 || !strings.Contains(r.text(), want) {
			t.Errorf("%d, no %s", r.Status, want)
		}
	}
	m.post(at, url.Values{"licence_class.text": {"cap truoc"}, "licence_class": {""}, "chon": {"licence_class"}})
	r = m.get(at)
	for _, want := range []string{`value="cap truoc"`, `type="radio" value="A2"`, `type="radio" value="A3"`, "chọn một mục"} {
		if !strings.Contains(r.text(), want) {
			t.Errorf("after the search there is no %s", want)
		}
	}
	if strings.Contains(r.text(), `type="hidden" name="licence_class"`) || strings.Contains(r.text(), `type="radio" value="A1"`) {
		t.Error("more is offered than what fits, or another answer goes along")
	}
	m.post(at, url.Values{"licence_class.text": {"cap truoc"}, "licence_class": {"A2"}})
	if r = m.get(at); !strings.Contains(r.text(), `type="hidden" name="licence_class" value="A2"`) || !strings.Contains(r.text(), `value="A2 – cấp trước 01/01/2025"`) {
		t.Error("what was chosen is not kept")
	}

	var found []struct{ Value, Label string }
	r = m.get(at + "?goi-y=licence_class&tim=" + url.QueryEscape("cấp trước"))
	if err := json.Unmarshal([]byte(r.text()), &found); err != nil || r.Status != 200 || len(found) < 2 || found[0].Value != "A2" || !strings.HasPrefix(found[0].Label, "A2 – cấp trước") {
		t.Errorf("%d %v: %v", r.Status, err, found)
	}
	for _, odd := range []string{"?goi-y=licence_class&tim=", "?goi-y=what&tim=a", "?goi-y=licence_number&tim=1"} {
		if r := m.get(at + odd); r.Status != 200 || r.text() != "[]" {
			t.Errorf("%s: %d %s", odd, r.Status, r.text())
		}
	}
	if r := h.signedIn("phuc").get(at + "?goi-y=licence_class&tim=a"); r.Status != 404 {
		t.Errorf("somebody else: %d %s", r.Status, r.text())
	}
}
