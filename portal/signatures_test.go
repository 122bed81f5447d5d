package portal

import (
	"os"
	"strings"
	"testing"

	"motcua/portal/agency"
)

// Who signed a PDF stands on the paper's page, before filing, in the person's dossier and
// before the officer; of a file that was changed since, no page says that it was not.
func TestPagesTellWhoSigned(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	signed, err := os.ReadFile("signature/testdata/signed.pdf")
	h.must(err)
	const whole = "Chữ ký số mang tên Nguyễn Thị Mai: nội dung không thay đổi từ khi ký."
	const broken = "Chữ ký số mang tên Nguyễn Thị Mai không khớp"
	const unproven = "Chưa xác minh được nơi cấp chứng thư: CA thu nghiem"
	for _, c := range []struct{ content, want, never string }{
		{string(signed), whole, broken},
		{strings.Replace(string(signed), "595 842", "595 843", 1), broken, whole},
	} {
		id := m.draft(birth, nil)
		at := "/ho-so/" + id
		told := func(b *browser, address string) {
			t.Helper()
			r := b.get(address)
			if text := r.text(); r.Status != 200 || !strings.Contains(text, c.want) || !strings.Contains(text, unproven) || strings.Contains(text, c.never) {
				t.Errorf("%s: %d, %q is not told as it should", address, r.Status, c.want)
			}
		}
		if r := m.upload(at+"/giay-to/giay_chung_sinh", part{Name: "tep", File: "đơn.pdf", Value: c.content}); r.Status != 303 {
			t.Fatalf("%d %s", r.Status, says(r))
		}
		told(m, at+"/giay-to/giay_chung_sinh")
		told(m, at+"/kiem-tra")
		_, err := h.Dossiers.File(t.Context(), m.session().Person, id, true, keyOf(m.session().Person))
		h.must(err)
		told(m, at)
		told(h.staffOf(h.isWard)[agency.Intake], "/can-bo/ho-so/"+id)
	}
}
