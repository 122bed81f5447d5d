package portal

import (
	"errors"
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/dossier"
)

// ending publishes the copies' form anew, with an end for who comes with an authorisation.
func (h *house) ending() {
	h.t.Helper()
	shipped, f := assets.Catalogue(), fstest.MapFS{}
	h.must(fs.WalkDir(shipped, ".", func(name string, d fs.DirEntry, err error) error {
		of := strings.HasPrefix(name, "procedures/"+extract+"/") && !strings.Contains(name, "/tests/")
		if err != nil || d.IsDir() || !of && name != "fields.json" && !strings.HasPrefix(name, "presets/") {
			return err
		}
		data, err := fs.ReadFile(shipped, name)
		f[name] = &fstest.MapFile{Data: data}
		return err
	}))
	form := f["procedures/"+extract+"/form.json"]
	form.Data = []byte(strings.Replace(string(form.Data), `"pages": [`, `"ends": [{"id": "in_person", "after": "who", "when": {"==": [{"var": "for_whom"}, "authorised"]},
		"title": {"vi": "Phải đến quầy", "en": "Come to the counter"}, "text": {"vi": "Người được ủy quyền nộp hồ sơ này tại quầy.", "en": "Whoever is authorised files at the counter."},
		"links": [{"label": {"vi": "Giờ làm việc", "en": "Opening hours"}, "href": "/tro-nang"}]}], "pages": [`, 1))
	h.must(h.ImportCatalogue(h.t.Context(), f))
	rev, err := h.Catalogue.InForce(h.t.Context(), extract)
	h.must(err)
	if len(rev.Form.Ends) != 1 {
		h.t.Fatal("the form with an end is not in force")
	}
}

func TestAFormEndsForWhomItIsNot(t *testing.T) {
	h := newHouse(t)
	h.ending()
	m := h.signedIn("mai")
	id, err := h.Drafts.Start(t.Context(), m.session().Person, extract, "", keyOf(m.session().Person))
	h.must(err)
	at := "/ho-so/" + id
	if r := m.get(at + "/khong-thuoc-dien"); r.Status != 303 || r.Header.Get("Location") != at+"/buoc/1" {
		t.Errorf("without such an answer: %d to %s", r.Status, r.Header.Get("Location"))
	}
	if r := m.post(at+"/buoc/1", url.Values{"for_whom": {"authorised"}}); r.Status != 303 || r.Header.Get("Location") != at+"/khong-thuoc-dien" {
		t.Fatalf("%d to %s", r.Status, r.Header.Get("Location"))
	}
	r := m.get(at + "/khong-thuoc-dien")
	for _, want := range []string{"Phải đến quầy", "Người được ủy quyền nộp hồ sơ này tại quầy.", `href="/tro-nang"`, `href="` + at + `/buoc/1"`, `href="tel:`} {
		if r.Status != 200 || !strings.Contains(r.text(), want) {
			t.Errorf("%d, no %s", r.Status, want)
		}
	}
	if r := m.get(at + "/khong-thuoc-dien?lang=en"); !strings.Contains(r.text(), "Come to the counter") || !strings.Contains(r.text(), "Change the answer") {
		t.Error("not in English")
	}
	m.get(at + "/khong-thuoc-dien?lang=vi")
	if r := m.get(at + "/kiem-tra"); r.Status != 303 || r.Header.Get("Location") != at+"/khong-thuoc-dien" {
		t.Errorf("check page: %d to %s", r.Status, r.Header.Get("Location"))
	}
	if r := m.post(at+"/kiem-tra", url.Values{"cam-doan": {"1"}}); r.Status != 422 || !strings.Contains(r.text(), "Hồ sơ này không nộp được: Phải đến quầy") {
		t.Errorf("filing: %d", r.Status)
	}
	d, err := h.Drafts.Load(t.Context(), m.session().Person, id)
	h.must(err)
	if d.Answers["for_whom"] != "authorised" {
		t.Errorf("the answer is gone: %v", d.Answers)
	}
	if r := m.post(at+"/buoc/1", url.Values{"for_whom": {"self"}}); r.Status != 303 || strings.Contains(r.Header.Get("Location"), "khong-thuoc-dien") {
		t.Errorf("another answer: %d to %s", r.Status, r.Header.Get("Location"))
	}
}

// Everything else may be answered: nothing is filed, and nothing of a dossier is there.
func TestNothingIsFiledBehindAnEnd(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.draft(extract, url.Values{"for_whom": {"authorised"}, "authoriser_name": {"Lê Văn Bảy"}, "authoriser_id": {"089050000003"},
		"authorisation_date": {time.Now().In(locales.ICT).Format("2/1/2006")}})
	h.ending()
	p := m.session().Person
	h.must(h.Drafts.Follow(t.Context(), p, id))
	rev, err := h.Catalogue.InForce(t.Context(), extract)
	h.must(err)
	h.must(h.Drafts.See(t.Context(), p, id, rev.ID))
	before := h.snapshot()
	_, err = h.Dossiers.File(t.Context(), p, id, true, keyOf(p))
	faulty, ok := errors.AsType[*dossier.Faulty](err)
	if !ok || len(faulty.Faults) != 1 || faulty.Faults[0].Page != 1 || faulty.Faults[0].Message.Key != "eforms.ended" || faulty.Faults[0].Field != "for_whom" {
		t.Fatalf("%v", err)
	}
	if diff := changed(before, h.snapshot()); len(diff) > 0 {
		t.Errorf("changed %v", diff)
	}
}
