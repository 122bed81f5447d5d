package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// A fee as it is now, as it shall be, and how people and machines write it.
const (
	feeCode = "2.000635"
	feeOld  = "8.000"
	feeNew  = "8.765"
	feeRaw  = "8765"
)

// TestBrowserFee is a changed fee on its way from one editor's desk over another's phone to
// citizens: before it is published it is nowhere, then it is everywhere; a draft begun before
// says so and files under it, what was filed before stays as it was.
func TestBrowserFee(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	dir := t.ArtifactDir()
	mai, anyone := person(t, p, "mai"), person(t, p, "")
	filed := mai.fileIt(mai.fill(mai.start(feeCode, nil), answersOfCopy("online"), nil)).id()
	begun := mai.fill(mai.start(feeCode, nil), answersOfCopy("online"), nil).id()
	mai.mustSay(mai.goTo("/ho-so/"+begun+"/kiem-tra"), "24.000")
	oldFee(anyone, "before")

	first := visitor(t, all, p, dir, screen{Name: "desktop", Width: 1280, Height: 900})
	first.signIn("cb-15")
	sheet := first.goTo("/can-bo/danh-muc/" + feeCode)
	edit := first.must(sheet, "/can-bo/danh-muc", entry{Set: url.Values{}, Button: "ma=" + feeCode}).URL.Path
	changeFee(first, edit)
	oldFee(anyone, "edited")
	first.must(first.goTo(edit+"/so-sanh"), edit+"/so-sanh", entry{Set: url.Values{"ghi-chu": {"Theo nghị quyết mới"}}, Button: "lam=gui"})

	second := visitor(t, all, p, dir, screen{Name: "phone", Width: 360, Height: 740, Phone: true, NoScript: true})
	second.signIn("cb-30")
	queue := second.goTo("/can-bo/danh-muc/duyet")
	second.mustSay(queue, "Theo nghị quyết mới")
	compare := second.goTo(queue.links(edit)[0])
	second.seen("so-sanh-phi", compare)
	second.mustSay(compare, "Mỗi bản 8.000 đồng", "Mỗi bản 8.765 đồng", "Trực tuyến – Phí Trước: 8.000 đồng → Nay: 8.765 đồng", "Mức thu Trước: 8.000 đồng → Nay: 8.765 đồng")
	second.must(compare, edit+"/so-sanh", entry{Button: "lam=duyet"})
	oldFee(anyone, "approved")

	publish := first.goTo(edit + "/cong-bo")
	first.seen("cong-bo-phi", publish)
	first.must(publish, edit+"/cong-bo", entry{Set: url.Values{"ghi-chu": {"Nghị quyết mới"}}})
	anyone.until("/thu-tuc/"+feeCode, feeNew)
	newFee(anyone)

	if fee := mai.goTo("/ho-so/" + filed + "/phi"); !strings.Contains(fee.says(), "24.000") || strings.Contains(fee.says(), "26.295") {
		t.Errorf("what was filed before: %s", fee.says())
	}
	changed := mai.goTo("/ho-so/" + begun + "/kiem-tra")
	mai.mustSay(changed, "trước là 8.000 đồng, nay là 8.765 đồng")
	check := mai.must(changed, "/thay-doi", entry{})
	mai.mustSay(check, "26.295")
	mai.fileIt(check)
	mai.mustSay(mai.goTo("/ho-so/"+begun+"/phi"), "26.295")
	verified(t, p)
	for _, b := range []walker{first, second} {
		for _, said := range b.hand.(*browser).trouble {
			t.Errorf("the browser complained: %s", said)
		}
	}
}

// changeFee writes the fee anew wherever the sheet says it, and in the rule that counts it.
func changeFee(w walker, edit string) {
	w.Helper()
	p := w.goTo(edit + "/phi")
	set := url.Values{"fees/0/unit": {feeNew}}
	for i := range 3 {
		set.Set(fmt.Sprintf("sheet/channels/%d/fees/0/amount", i), feeNew)
	}
	w.seen("phi", w.must(p, edit+"/phi", entry{Set: set}))
	p = w.goTo(edit + "/chung")
	f, err := p.form(edit + "/chung")
	if err != nil {
		w.Fatal(err)
	}
	was := f.values().Get("sheet/summary.vi")
	w.must(p, edit+"/chung", entry{Set: url.Values{"sheet/summary.vi": {strings.ReplaceAll(was, feeOld, feeNew)}}})
	check := w.goTo(edit + "/kiem-tra")
	w.seen("kiem-tra-phi", check)
	w.mustSay(check, "Không còn gì phải sửa.")
}

// feeAt are the public addresses that tell of the fee, to people and to machines.
var feeAt = []string{"/thu-tuc/" + feeCode, "/thu-tuc?q=" + feeCode, "/thu-tuc?q=" + feeRaw, "/thu-tuc/goi-y?q=" + url.QueryEscape("trích lục"), "/du-lieu-mo/thu-tuc.json", "/sitemap.xml", "/thay-doi.atom"}

func oldFee(w walker, when string) {
	w.Helper()
	for _, at := range feeAt {
		if body := string(w.file(at)); strings.Contains(strings.ReplaceAll(body, "?q="+feeRaw, ""), feeNew) {
			w.Errorf("%s, %s tells the new fee", when, at)
		}
	}
	if !strings.Contains(w.goTo(feeAt[0]).says(), feeOld) {
		w.Errorf("%s, the page does not tell the old fee", when)
	}
}

func newFee(w walker) {
	w.Helper()
	for _, at := range []string{feeAt[0], feeAt[1], "/du-lieu-mo/thu-tuc.json"} {
		if body := string(w.file(at)); !strings.Contains(body, feeNew) && !strings.Contains(body, feeRaw) {
			w.Errorf("%s does not tell the new fee", at)
		}
	}
	if page := w.goTo(feeAt[0]).says(); strings.Contains(page, feeOld) {
		w.Errorf("the page still tells the old fee: %s", page)
	}
}
