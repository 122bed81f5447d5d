package main

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
)

// The agency that receives the dossiers of these tests, and its officers.
const (
	ward      = "H01.101"
	intake    = "cb-01"
	processor = "cb-02"
	leader    = "cb-03"
	clerk     = "cb-04"
)

// answersOfCopy fill 2.000635 for oneself, with the result by post.
func answersOfCopy(returnBy string) url.Values {
	return url.Values{
		"for_whom": {"self"}, "contact_phone": {"0912345601"}, "contact_email": {"mai@example.vn"},
		"event_kind": {"birth_certificate"}, "copies": {"3"}, "agency": {ward}, "return_by": {returnBy},
	}
}

func TestJourney(t *testing.T) {
	p := newDemo(t)
	dir := t.TempDir()
	w := person(t, p, "mai")
	check := w.fill(w.start("2.000635", nil), answersOfCopy("post"), map[string][]string{"giay_to_lien_quan": {
		put(t, dir, "giay khai sinh cũ.pdf", paperPDF(2, "Giay")), put(t, dir, "mặt trước.jpg", paperJPEG(1, 600, 800)), put(t, dir, "mặt sau.png", paperPNG(2, 200, 300))}})
	t.Log(check.says())
	d := w.fileIt(check)
	t.Log(code(d), d.says())
	back := w.pay(d.id())
	t.Log(back.says())
	t.Log(w.until("/ho-so/"+d.id(), "Đã nhận thanh toán").says())
	_, _ = bytes.MinRead, strings.Fields
}
