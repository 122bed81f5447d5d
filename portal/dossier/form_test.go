package dossier

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"motcua/eforms"
	"motcua/portal/draft"
)

// What was filed is on the printed form and in the record, word for word.
func TestFormAndRecordHoldEveryAnswer(t *testing.T) {
	t.Parallel()
	w := newService(t)
	for _, code := range []string{extract, birth} {
		id := w.draft(t, w.mai, code, "", w.answers(code))
		if code == extract {
			w.attach(t, w.mai, id, draft.Upload{Component: "giay_to_lien_quan", Name: "giấy tờ.pdf"})
		}
		d := w.file(t, w.mai, id)
		got, form, err := w.Form(t.Context(), w.mai, id)
		_, again, againErr := w.Form(t.Context(), w.mai, id)
		if err != nil || againErr != nil || got != d.Code || string(form) != string(again) {
			t.Fatalf("%s, %v %v, the same bytes: %v", got, err, againErr, string(form) == string(again))
		}
		if dir := os.Getenv("FORMS"); dir != "" { // to look at
			if err := os.WriteFile(dir+"/"+code+".pdf", form, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		record, err := w.OwnRecord(t.Context(), w.mai, id)
		if err != nil {
			t.Fatal(err)
		}
		asJSON, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		text := pdfText(t, form)
		whole := w.whole(t, id)
		lists, err := w.Drafts.Lists(t.Context(), whole.Revision)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range whole.Run(lists).Outline() {
			for _, value := range values(section.Rows) {
				if !contains(text, value) {
					t.Errorf("%s: %q is not on the form", code, value)
				}
				if quoted, _ := json.Marshal(value); !strings.Contains(string(asJSON), string(quoted)) {
					t.Errorf("%s: %q is not in the record", code, value)
				}
			}
		}
		if !contains(text, d.Code) || !contains(text, d.Agency.Name.VI) || record.Code != d.Code || record.Filing.SHA256 != fmt.Sprintf("%x", whole.Filings[0].SHA256) {
			t.Errorf("%s: %+v", code, record.Filing)
		}
	}
}

// values are all words of an outline.
func values(rows []eforms.Row) (all []string) {
	for _, r := range rows {
		switch {
		case len(r.Parts) > 0:
			all = append(all, values(r.Parts)...)
		case r.Table != nil:
			for _, line := range r.Table.Lines {
				for _, cell := range line.Cells {
					all = append(all, cell.VI)
				}
			}
		default:
			all = append(all, r.Value.VI)
		}
		for _, g := range r.Groups {
			all = append(all, values(g.Rows)...)
		}
	}
	return all
}

// A blank form asks everything, whatever the answers would be, and is drawn once.
func TestBlankForm(t *testing.T) {
	t.Parallel()
	w := newService(t)
	for _, code := range []string{extract, birth, promotion} {
		rev, err := w.Catalogue.InForce(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		pdf, err := w.Blank(rev)
		again, againErr := w.Blank(rev)
		if err != nil || againErr != nil || &pdf[0] != &again[0] {
			t.Fatalf("%s: %v, %v", code, err, againErr)
		}
		if dir := os.Getenv("FORMS"); dir != "" {
			if err := os.WriteFile(dir+"/"+code+"-blank.pdf", pdf, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		text := pdfText(t, pdf)
		for _, q := range rev.Form.All() {
			asked := q.Group() == nil && q.Kind != eforms.Note && q.Kind != eforms.Computed && q.Kind != eforms.Attachment && q.Kind != eforms.Declaration
			if asked && !contains(text, strings.TrimRight(q.Label.VI, "?")) && rev.Form.Print == nil {
				t.Errorf("%s: %s (%s) is not asked", code, q.ID, q.Label.VI)
			}
		}
	}
}
