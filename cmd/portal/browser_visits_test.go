package main

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
)

// TestBrowserAppointment is the last free place at a counter, wanted by two people in the
// same moment: on a phone without an account, and signed in without JavaScript.
func TestBrowserAppointment(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	dir := t.ArtifactDir()
	phone := visitor(t, all, p, dir, screen{Name: "phone", Width: 360, Height: 740, Phone: true})
	mai := visitor(t, all, p, dir, screen{Name: "no-script", Width: 1280, Height: 900, NoScript: true})
	mai.signIn("mai")

	list := phone.goTo("/co-quan?q=so+cong+thuong")
	phone.seen("co-quan", list)
	place := phone.goTo("/co-quan/H01.02")
	phone.seen("mot-co-quan", place)
	phone.mustSay(place, "Sở Công Thương", "Đặt lịch hẹn")
	const at = "/co-quan/H01.02/dat-lich"
	first, second := phone.goTo(at), mai.goTo(at)
	phone.seen("dat-lich", first)
	times := first.choices("gio")
	if len(times) < 3 {
		t.Fatalf("times: %q", times)
	}
	last := times[len(times)-1]
	one, two := together(t,
		func() page {
			return phone.press(first, at, entry{Set: url.Values{"gio": {last}, "ho-ten": {"Trần Văn Khách"}, "dien-thoai": {"0912 345 999"}}})
		},
		func() page { return mai.press(second, at, entry{Set: url.Values{"gio": {last}}}) })
	got, lost, loser, other := one, two, mai, entry{Set: url.Values{"gio": {times[0]}}}
	if strings.Contains(two.URL.Path, "/lich-hen/") {
		got, lost, loser = two, one, phone
		other.Set = url.Values{"gio": {times[0]}, "ho-ten": {"Trần Văn Khách"}, "dien-thoai": {"0912 345 999"}}
	}
	if !strings.Contains(got.says(), "Đã đặt lịch hẹn") || !strings.Contains(lost.says(), "vừa có người đặt") {
		t.Fatalf("one: %s\nother: %s", one.says(), two.says())
	}
	loser.seen("lich-hen-het-cho", lost)
	if len(lost.choices("gio")) != len(times)-1 {
		t.Errorf("the time that is gone is still offered: %q", lost.choices("gio"))
	}
	loser.must(lost, at, other)

	mine := mai.goTo("/lich-hen")
	mai.seen("lich-hen-cua-toi", mine)
	links := mine.links("/lich-hen/")
	if len(links) != 1 {
		t.Fatalf("%q: %s", links, mine.says())
	}
	move := mai.goTo(links[0] + "/doi")
	mai.seen("doi-gio", move)
	moved := mai.must(move, "/doi", entry{Set: url.Values{"gio": {move.choices("gio")[1]}}})
	mai.seen("lich-hen", moved)
	if file := string(mai.file(links[0] + "/lich.ics")); !strings.Contains(file, "SEQUENCE:1\r\n") || !strings.Contains(file, "METHOD:PUBLISH") {
		t.Errorf("calendar file:\n%s", file)
	}
	mai.mustSay(mai.must(moved, "/huy", entry{}), "Đã hủy")
	if file := string(mai.file(links[0] + "/lich.ics")); !strings.Contains(file, "METHOD:CANCEL") {
		t.Errorf("calendar file of what was given back:\n%s", file)
	}
	desk := visitor(t, all, p, dir, screen{Name: "desktop", Width: 1280, Height: 900})
	desk.signIn("cb-09")
	day := desk.goTo("/can-bo/lich-hen?ngay=" + last[:10])
	desk.seen("can-bo-lich-hen", day)
	desk.mustSay(day, "Trần Văn Khách")
	editor := visitor(t, all, p, dir, screen{Name: "phone", Width: 360, Height: 740, Phone: true})
	editor.signIn("cb-15")
	counters := editor.goTo("/can-bo/lich-hen/quay")
	editor.seen("quay", counters)
	form := editor.goTo(counters.links("/can-bo/lich-hen/quay/")[1])
	editor.seen("mot-quay", form)
	editor.must(form, form.URL.Path, entry{Set: url.Values{"phut": {"20"}}})
	verified(t, p)
}

// visitor is somebody at a browser of their own.
func visitor(t *testing.T, all context.Context, p *program, dir string, s screen) walker {
	t.Helper()
	b := s.tab(t, all, p.Facts.Portal)
	return walker{t, b, func(name string, _ page) { b.look(t, dir, name) }, nil}
}

// together does two things at once.
func together(t *testing.T, a, b func() page) (one, two page) {
	t.Helper()
	var both sync.WaitGroup
	both.Go(func() { one = a() })
	both.Go(func() { two = b() })
	both.Wait()
	if one.root == nil || two.root == nil {
		t.FailNow()
	}
	return one, two
}

// choices are the values that a select of the page offers.
func (p page) choices(name string) []string {
	var values []string
	for _, s := range all(p.root, func(n *html.Node) bool { return n.Data == "select" && attr(n, "name") == name }) {
		for _, o := range all(s, func(n *html.Node) bool { return n.Data == "option" && attr(n, "value") != "" }) {
			values = append(values, attr(o, "value"))
		}
	}
	return values
}
