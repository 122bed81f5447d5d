package main

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestBrowserBuilder is an editor who makes a form of twelve questions with two rules and a
// repeated group, without code, tries it, keeps the run, publishes it; then a citizen files it.
// Once on a desktop with its script, once on a small screen without.
func TestBrowserBuilder(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	dir := t.ArtifactDir()
	for _, tt := range []struct {
		screen
		code string
	}{
		{screen{Name: "builder-desktop", Width: 1280, Height: 900}, "9.001001"},
		{screen{Name: "builder-no-script", Width: 360, Height: 740, NoScript: true}, "9.001002"},
	} {
		t.Run(tt.Name, func(t *testing.T) {
			open := func(sub string) walker {
				b := tt.tab(t, all, p.Facts.Portal)
				w := walker{t, b, func(name string, _ page) { b.look(t, dir, name) }, nil}
				w.signIn(sub)
				return w
			}
			makeForm(open("cb-15"), open("cb-30"), tt.code)
			fileForm(open("mai"), tt.code)
		})
	}
	verified(t, p)
}

// editing is an editor with one form before them.
type editing struct {
	walker
	at string
}

// add puts a part into a list and gives its place.
func (e editing) add(list, kind, words string) string {
	e.Helper()
	set := url.Values{"nhan": {words}}
	if kind != "" {
		set.Set("loai", kind)
	}
	next := e.must(e.goTo(e.at+"/them?o="+url.QueryEscape(list)), e.at+"/them", entry{Set: set})
	place := next.URL.Query().Get("o")
	if place == "" {
		e.Fatalf("adding %s to %s ends at %s", words, list, next.URL)
	}
	return place
}

// set changes the settings of a part.
func (e editing) set(place string, v url.Values) {
	e.Helper()
	e.must(e.goTo(e.at+"/muc?o="+url.QueryEscape(place)), e.at+"/muc", entry{Set: v})
}

// rule says a condition or a sum as a sentence.
func (e editing) rule(place string, v url.Values) {
	e.Helper()
	p := e.goTo(e.at + "/dieu-kien?o=" + url.QueryEscape(place))
	e.seen("quy-tac", p)
	e.must(p, e.at+"/dieu-kien", entry{Set: v, Button: "lam=luu"})
}

// press does something on the outline.
func (e editing) does(deed string) {
	e.Helper()
	e.must(e.goTo(e.at), e.at, entry{Button: "lam=" + deed})
}

func makeForm(w, second walker, code string) {
	w.Helper()
	first := w.must(w.goTo("/can-bo/bieu-mau?q="+code), "/can-bo/bieu-mau", entry{Button: "ma=" + code})
	e := editing{w, first.URL.Path}
	w.seen("khung", first)
	e.add("/pages", "", "Vật nuôi")
	pets := place(w, w.goTo(e.at), "Vật nuôi")
	for pets != "/pages/1" { // after the first page, before the one that asks for the agency
		e.does("len " + pets)
		pets = place(w, w.goTo(e.at), "Vật nuôi")
	}
	q := pets + "/questions"
	e.set(e.add(q, "radios", "Nhà có vật nuôi"), url.Values{"id": {"owns"}, "label.en": {"Pets at home"}, "options.0.value": {"yes"}, "options.0.label.vi": {"Có nuôi"},
		"options.0.label.en": {"Yes"}, "options.1.value": {"no"}, "options.1.label.vi": {"Không nuôi"}, "options.1.label.en": {"No"}})
	since := e.add(q, "near_date", "Nuôi từ ngày")
	e.set(since, url.Values{"id": {"since"}, "label.en": {"Since"}, "not_after": {"today"}})
	e.rule(since+"/show_if", url.Values{"cau-1": {"owns"}, "phep-1": {"is"}, "gia-tri-1": {"Có nuôi"}})
	seen := e.add(q, "near_date", "Ngày khám gần nhất")
	e.set(seen, url.Values{"id": {"seen"}, "label.en": {"Last visit"}, "optional": {"1"}})
	e.set(e.add(q, "yesno", "Đã tiêm phòng dại"), url.Values{"id": {"vaccinated"}, "label.en": {"Vaccinated"}})
	group := e.add(q, "group", "Các con vật")
	e.set(group, url.Values{"id": {"pets"}, "label.en": {"Pets"}, "item.vi": {"Con vật"}, "item.en": {"Pet"}, "max_rows": {"5"}, "min_rows": {"1"}})
	e.set(group+"/questions/0", url.Values{"id": {"pet_name"}, "label.vi": {"Tên gọi"}, "label.en": {"Name"}})
	e.set(e.add(group+"/questions", "integer", "Số con"), url.Values{"id": {"pet_count"}, "label.en": {"How many"}, "min": {"1"}, "max": {"100"}})
	total := e.add(q, "computed", "Tổng số con")
	e.set(total, url.Values{"id": {"pet_total"}, "label.en": {"In all"}})
	e.rule(total+"/compute", url.Values{"phep": {"total"}, "so-1": {"pets.pet_count"}})
	rule := e.add("/rules", "", "Ngày khám phải sau ngày bắt đầu nuôi.")
	e.set(rule, url.Values{"field": {"seen"}, "message.en": {"The visit must be after the beginning."}})
	e.rule(rule+"/check", url.Values{"cau-1": {"seen"}, "phep-1": {"at_least"}, "so-voi-1": {"since"}})
	w.seen("xong", w.goTo(e.at))

	check := w.goTo(e.at + "/kiem-tra")
	w.seen("kiem-tra", check)
	w.mustSay(check, "Không còn gì cản việc công bố")
	tryIt(e)
	review(w, second, e.at+"/so-sanh")
	publish := w.goTo(e.at + "/cong-bo")
	w.seen("cong-bo", publish)
	w.must(publish, e.at+"/cong-bo", entry{Set: url.Values{"ghi-chu": {"Biểu mẫu đầu tiên"}}})
}

// review sends what an editor changed to a second one, who says something about it, has it
// settled and approves it.
func review(w, second walker, at string) {
	w.Helper()
	w.must(w.goTo(at), at, entry{Set: url.Values{"ghi-chu": {"Bản đầu tiên"}}, Button: "lam=gui"})
	w.mustSay(w.goTo(at), "Chờ duyệt", "người khác phải duyệt")
	second.mustSay(second.goTo("/can-bo/danh-muc/duyet"), "Bản đầu tiên")
	p := second.goTo(at)
	second.seen("so-sanh", p)
	p = second.must(p, at, entry{Set: url.Values{"chung": {"Đã kiểm tra với phòng tư pháp chưa?"}}, Button: "lam=gop-y"})
	if refused := second.press(p, at, entry{Button: "lam=duyet"}); len(refused.faults()) == 0 {
		second.Error("approved while a comment is open")
	}
	second.mustSay(second.goTo(at), "Đã kiểm tra với phòng tư pháp chưa?", "Chờ duyệt")
	p = w.goTo(at)
	for _, b := range all(p.root, func(n *html.Node) bool { return strings.HasPrefix(attr(n, "value"), "xong ") }) {
		w.must(p, at, entry{Button: "lam=" + attr(b, "value")})
	}
	second.must(second.goTo(at), at, entry{Button: "lam=duyet"})
	w.mustSay(w.goTo(at), "Đã duyệt")
}

// tryIt runs the form as a sample person and keeps the run, which publishing replays.
func tryIt(e editing) {
	e.Helper()
	p := e.must(e.goTo(e.at+"/chay-thu"), e.at+"/chay-thu", entry{})
	for range 10 {
		if f, err := p.form("/chay-thu"); err == nil && f.takes(entry{Button: "_di=ghi"}) {
			e.seen("chay-thu", p)
			e.mustSay(p, "Tổng số con", "5")
			e.must(p, e.at+"/chay-thu", entry{Set: url.Values{"_ten": {"Nuôi hai con mèo"}}, Button: "_di=ghi"})
			e.mustSay(e.goTo(e.at+"/bai-chay"), "Nuôi hai con mèo")
			return
		}
		set := e.answer(p, animals()).Set
		next := e.press(p, e.at+"/chay-thu", entry{Set: set, Button: "_di=tiep"})
		if len(next.faults()) > 0 && len(e.answer(next, animals()).Set) <= len(set) {
			e.Fatalf("the trial stops: %q: %s", next.faults(), next.says())
		}
		p = next
	}
	e.Fatalf("the trial does not end: %s", p.says())
}

// animals answer the form.
func animals() url.Values {
	return url.Values{"contact_phone": {"0912345601"}, "owns": {"yes"}, "since": {"31/3/2026"}, "seen": {"1/4/2026"}, "vaccinated": {"yes"},
		"pets.0.pet_name": {"Mướp"}, "pets.0.pet_count": {"5"}, "agency": {ward}, "return_by": {"online"}}
}

// fileForm is a citizen who meets the new form.
func fileForm(w walker, code string) {
	w.Helper()
	check := w.fill(w.start(code, nil), animals(), nil)
	w.seen("to-khai", check)
	w.mustSay(check, "Mướp", "Tổng số con")
	w.fileIt(check)
}

// place is where the outline shows a part.
func place(w walker, outline page, words string) string {
	w.Helper()
	for _, link := range outline.links("/muc?o=") {
		u, err := url.Parse(link)
		if err != nil {
			w.Fatal(err)
		}
		if at := u.Query().Get("o"); strings.Count(at, "/") == 2 && strings.Contains(outline.textOf(link), words) {
			return at
		}
	}
	w.Fatalf("%q is not on the outline: %s", words, outline.says())
	return ""
}
