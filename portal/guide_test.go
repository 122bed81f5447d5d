package portal

import (
	"net/url"
	"strings"
	"testing"
)

// The guide asks, finds fault with what cannot be, and ends in the case, its papers and the
// fee; whatever an address says, it is no fault of ours, and nothing is kept.
func TestGuide(t *testing.T) {
	h := newHouse(t)
	b := h.visitor()
	before := h.snapshot()
	at := "/thu-tuc/" + extract + "/can-giay-gi"
	copies := func(n string) string {
		return at + "?" + url.Values{"_sau": {h.pageOf(extract, "copies")}, "_hoi": {"for_whom", "copies"}, "for_whom": {"relative"}, "copies": {n}}.Encode()
	}
	for _, c := range []struct {
		at     string
		status int
		says   []string
	}{
		{at, 200, []string{"Ông/bà xin bản sao cho ai?"}},
		{at + "?_sau=1&_hoi=for_whom", 422, []string{"Có lỗi cần sửa", "Ông/bà xin bản sao cho ai?"}},
		{at + "?_sau=1&_hoi=for_whom&for_whom=relative", 200, []string{"Số bản sao", "Cho người thân"}},
		{copies("51"), 422, []string{"Có lỗi cần sửa"}},
		{copies("3"), 200, []string{"Giấy tờ cần có", "Xin cho người thân", "24.000"}},
		{copies("3") + "&in=1", 200, []string{"24.000"}},
		{"/can-giay-gi?q=khai+sinh", 200, []string{"Đăng ký khai sinh"}},
		{"/thu-tuc/9.999999/can-giay-gi", 404, nil},
		{at + "?_sau=99999999999999999999&for_whom=%ff%00", 400, nil},
		{at + "?_sau=999&_hoi=for_whom&for_whom=" + url.QueryEscape(canary), 422, nil},
		{at + "?them=copies&bo=x.99999&chon=for_whom&_sau=-1", 200, nil},
		{at + "?x=" + strings.Repeat("a", 6000), 414, nil},
		{at + "?%zz", 400, nil},
	} {
		r := b.get(c.at)
		if r.Status != c.status || strings.Contains(r.text(), "<img src=x") {
			t.Errorf("%.120s: %d, want %d: %s", c.at, r.Status, c.status, says(r))
		}
		for _, want := range c.says {
			if !strings.Contains(r.text(), want) {
				t.Errorf("%.120s does not say %q: %s", c.at, want, says(r))
			}
		}
	}
	if diff := changed(before, h.snapshot()); len(diff) > 0 {
		t.Errorf("the guide changed %v", diff)
	}
}
