package dossier

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"motcua/portal/applicant"
	"motcua/portal/draft"
	"motcua/portal/signin"
)

// answers are complete ones of each shipped procedure.
func (w *world) answers(code string) url.Values {
	v := url.Values{"contact_phone": {"0912345601"}, "contact_email": {"mai@example.vn"}, "return_by": {"online"}, "agency": {w.ward.Code}, "copies": {"2"}}
	more := map[string]string{}
	switch code {
	case extract:
		more = map[string]string{"for_whom": "self", "event_kind": "birth", "person_name": "Nguyễn Thị Hồng Mai", "person_birth_date.day": "12",
			"person_birth_date.month": "3", "person_birth_date.year": "1994"}
	case birth:
		more = map[string]string{"relation": "mother", "child_name": "Trần Minh Khôi", "child_sex": "male", "child_birth_date.day": "1",
			"child_birth_date.month": "11", "child_birth_date.year": "2026", "child_ethnicity": "01", "child_nationality": "VN",
			"child_hometown.province": "91", "child_hometown.commune": "30307", "birth_place_kind": "facility", "birth_facility": "Bệnh viện Mẫu",
			"birth_place.province": "91", "birth_place.commune": "30307", "birth_paper": "have", "father_declared": "no", "parents_married": "no",
			"mother_ethnicity": "01", "mother_nationality": "VN"}
	case promotion:
		more = map[string]string{"business_name": "CÔNG TY GẠO MẪU", "business_tax_code": rice, "business_address.province": "91",
			"business_address.commune": "30307", "business_address.detail": "Số 88", "representative_name": "Nguyễn Thị Hồng Mai",
			"business_phone": "02963123456", "contact_name": "Nguyễn Thị Hồng Mai", "promotion_name": "Mừng xuân", "promotion_forms": "discount",
			"promotion_from": "1/12/2026", "promotion_to": "31/12/2026", "promotion_area": "Toàn tỉnh", "goods": "Gạo", "goods_quantity": "10 tấn",
			"customers": "Mọi người", "prizes.0.prize_name": "Gạo", "prizes.0.prize_quantity": "10", "prizes.0.prize_value": "100000",
			"promotion_details": "Giảm giá"}
		v.Del("agency")
	}
	for name, value := range more {
		v.Set(name, value)
	}
	return v
}

// byPost adds where the result goes.
func byPost(v url.Values) url.Values {
	for name, value := range map[string]string{"return_by": "post", "return_name": "Nguyễn Thị Hồng Mai", "return_phone": "0912345601",
		"return_province": "91", "return_commune": "30307", "return_address": "Số 12 đường Trần Hưng Đạo"} {
		v.Set(name, value)
	}
	return v
}

// papers is what each procedure does not do without.
var papers = map[string]string{birth: "giay_chung_sinh", promotion: "the_le_chuong_trinh"}

const pdf = "%PDF-1.4\n1 0 obj\n<< /Type /Page >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"

// draft is a complete draft of the person's.
func (w *world) draft(t *testing.T, p signin.Person, code, taxCode string, v url.Values) string {
	t.Helper()
	as := applicant.Own(p)
	if taxCode != "" {
		as = must(w.Applicant.Choose(t.Context(), p, "dn:"+taxCode, code))
	}
	return w.draftAs(t, p, code, as, v)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// draftAs is a complete draft in that capacity, but for what proves it.
func (w *world) draftAs(t *testing.T, p signin.Person, code string, as applicant.Capacity, v url.Values) string {
	t.Helper()
	id, err := w.Drafts.StartAs(t.Context(), p, code, as, draft.Earlier{}, newKey(p))
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.Drafts.Load(t.Context(), p, id)
	if !v.Has("agency") {
		v.Set("agency", d.Lists["agencies"][0].Value)
	}
	for no, more := d.Run(w.Now()).Next(0); more && err == nil; no, more = d.Run(w.Now()).Next(no) {
		var saved draft.Saved
		if saved, err = w.Drafts.Save(t.Context(), p, id, no, v, newKey(p)); len(saved.Faults) > 0 || saved.Again {
			t.Logf("page %d: %#v %v", no, saved.Faults, saved.Again)
		}
		d = saved.Draft
	}
	if err != nil {
		t.Fatal(err)
	}
	if papers[code] != "" {
		w.attach(t, p, id, draft.Upload{Component: papers[code], Name: "giấy tờ.pdf"})
	}
	return id
}

func (w *world) attach(t *testing.T, p signin.Person, id string, up draft.Upload) {
	t.Helper()
	if up.Body == nil {
		up.Body = strings.NewReader(pdf)
	}
	if _, err := w.Drafts.Attach(t.Context(), p, id, up, newKey(p)); err != nil {
		t.Fatal(err)
	}
}

// filed is a dossier of Mai's about the copies of a record.
func (w *world) filed(t *testing.T) Dossier {
	t.Helper()
	return w.file(t, w.mai, w.draft(t, w.mai, extract, "", w.answers(extract)))
}

func (w *world) file(t *testing.T, p signin.Person, id string) Dossier {
	t.Helper()
	got, err := w.File(t.Context(), p, id, true, newKey(p))
	var f *Faulty
	if errors.As(err, &f) {
		t.Fatalf("not complete: %v", f.Faults)
	}
	if err != nil || got != id {
		t.Fatalf("%s, %v", got, err)
	}
	return w.see(t, id)
}

func reader(s string) io.Reader { return strings.NewReader(s) }

func hexOf(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }

// pdfText is what pdftotext reads, or a skipped test where it is not installed.
func pdfText(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed")
	}
	cmd := exec.Command(tool, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// contains does not mind where a line was broken.
func contains(text, want string) bool {
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	return strings.Contains(squeeze(text), squeeze(want))
}
