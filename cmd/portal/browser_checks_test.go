package main

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestBrowserChecks is a sheet with twelve faults: it is refused with twelve links, each to
// the field that it is about.
func TestBrowserChecks(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	w := visitor(t, all, p, t.ArtifactDir(), screen{Name: "no-script", Width: 360, Height: 740, NoScript: true})
	w.signIn("cb-15")
	const code = "2.000635"
	at := w.must(w.goTo("/can-bo/danh-muc?q="+code), "/can-bo/danh-muc", entry{Button: "ma=" + code}).URL.Path
	save := func(section string, set url.Values, button string) {
		t.Helper()
		w.must(w.goTo(at+"/"+section), at+"/"+section, entry{Set: set, Button: button})
	}
	save("chung", url.Values{"sheet/name.vi": {""}, "sheet/summary.vi": {""}}, "")
	save("trinh-tu", nil, "lam=xoa sheet/steps/1")
	save("trinh-tu", nil, "lam=xoa sheet/steps/0")
	save("cach-thuc", url.Values{"sheet/channels/0/time/amount": {"3"}, "sheet/channels/0/time/unit": {"working_day"}, "sheet/channels/1/time/unit": {""}}, "")
	save("phi", url.Values{"sheet/channels/0/fees/0/amount": {"9000"}, "sheet/channels/1/fees/0/ground": {""}}, "")
	save("phi", nil, "lam=xoa sheet/channels/2/fees/0")
	save("thanh-phan", url.Values{"sheet/sets": {""}, "sheet/components/0/papers/1/copies": {""}}, "")
	save("can-cu", url.Values{"sheet/legal/1/number": {"158/2005/NĐ-CP"}, "sheet/decision/number": {""}}, "")

	check := w.goTo(at + "/kiem-tra")
	w.seen("kiem-tra", check)
	w.mustSay(check, "Phải sửa: 12", "158/2005/NĐ-CP đã hết hiệu lực", "Trang thủ tục ghi 9.000", "Chưa ghi số lượng bộ hồ sơ")
	lists := fieldLinks(check, at)
	if len(lists) == 0 {
		t.Fatal(check.says())
	}
	links := lists[0]
	if len(links) != 12 {
		t.Fatalf("%d links: %q", len(links), links)
	}
	seen := map[string]bool{}
	for _, link := range links {
		page, id, _ := strings.Cut(link, "#")
		if seen[link] = true; id == "" || w.goTo(page).byID(id) == nil {
			t.Errorf("%s leads to no field", link)
		}
	}
	if len(seen) != 12 {
		t.Errorf("only %d places: %q", len(seen), links)
	}
	verified(t, p)
}

// fieldLinks are the links to fields of an edit, list by list.
func fieldLinks(p page, at string) (lists [][]string) {
	for _, ul := range all(p.root, func(n *html.Node) bool { return n.Data == "ul" }) {
		var links []string
		for _, a := range all(ul, func(n *html.Node) bool {
			return n.Data == "a" && strings.Contains(attr(n, "href"), at+"/") && strings.Contains(attr(n, "href"), "#f-")
		}) {
			links = append(links, attr(a, "href"))
		}
		if len(links) > 0 {
			lists = append(lists, links)
		}
	}
	return lists
}

// byID is the part of a page with that id, nil where there is none.
func (p page) byID(id string) *html.Node {
	for _, n := range all(p.root, func(n *html.Node) bool { return attr(n, "id") == id }) {
		return n
	}
	return nil
}
