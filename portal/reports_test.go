package portal

import (
	"html"
	"strings"
	"testing"

	"motcua/portal/agency"
	"motcua/portal/privacy"
	"motcua/portal/registry"
)

// TestReportsOnPages: who says that a register is wrong reads who keeps it and how it is
// corrected; the officer who has the case sees that it was said, and leads on to the report
// while it is theirs to answer.
func TestReportsOnPages(t *testing.T) {
	h := newHouse(t)
	ctx, m, officer := t.Context(), h.signedIn("mai"), h.signedIn(h.officerAt(agency.Intake, h.isWard))
	id := m.filed(extract, nil)
	thing, err := h.Privacy.Thing(ctx, m.session().Person, id)
	h.must(err)
	source := registry.About(thing.Sources[0].Key)
	page := html.UnescapeString(plain(m.get("/ho-so/" + id + "/bao-sai?nguon=" + source.Key).text()))
	for _, want := range []string{source.Agency.VI, source.Correct.VI} {
		if want == "" || !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}

	at := "/can-bo/ho-so/" + id
	if r := officer.get(at); r.Status != 200 || strings.Contains(r.text(), "Báo sai dữ liệu") {
		t.Errorf("before anything was said: %d", r.Status)
	}
	report, err := h.Privacy.Report(ctx, m.session().Person, id, privacy.Told{Source: source.Key, Says: "Tên đúng là Mai"}, keyOf(m.session().Person))
	h.must(err)
	link := `href="/can-bo/bao-sai/` + report + `"`
	if r := officer.get(at); !strings.Contains(r.text(), "Báo sai dữ liệu") || !strings.Contains(r.text(), link) {
		t.Error("the case does not lead to the report")
	}
	elsewhere := ""
	for _, a := range h.pack.Agencies {
		if h.isElsewhere(a) && a.To == "" {
			elsewhere = a.Code
		}
	}
	h.must(h.Privacy.Forward(ctx, privacy.Press{Officer: officer.officer(), Report: report, Version: 1, Key: keyOf(officer.session().Person)}, elsewhere, "Nơi đăng ký"))
	if r := officer.get(at); !strings.Contains(r.text(), "Báo sai dữ liệu") || strings.Contains(r.text(), link) {
		t.Error("it leads to a report that others answer")
	}
}
