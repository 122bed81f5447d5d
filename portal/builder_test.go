package portal

import (
	"bytes"
	"html"
	"io/fs"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	nethtml "golang.org/x/net/html"

	"motcua/portal/agency"
	"motcua/portal/review"
)

// formMaker is an editor at work on one form.
type formMaker struct {
	*browser
	at string // address of the edit
}

var versionField = regexp.MustCompile(`name="ban" value="(\d+)"`)

// maker opens an edit of a procedure's form.
func (h *house) maker(code string) formMaker {
	h.t.Helper()
	b := h.signedIn(h.onlyEditor())
	r := b.post("/can-bo/bieu-mau", url.Values{"ma": {code}})
	if r.Status != 303 {
		h.t.Fatalf("no edit of %s: %d", code, r.Status)
	}
	return formMaker{b, r.Header.Get("Location")}
}

// version is what the edit's pages are made of now.
func (m formMaker) version() string {
	m.h.t.Helper()
	found := versionField.FindStringSubmatch(m.get(m.at + "/muc?o=").text())
	if found == nil {
		m.h.t.Fatal("a page of an edit does not say its version")
	}
	return found[1]
}

// does sends a form of the edit and wants it taken; the answer is where it leads.
func (m formMaker) does(page string, v url.Values) string {
	m.h.t.Helper()
	v.Set("ban", m.version())
	r := m.post(m.at+page, v)
	if r.Status != 303 {
		m.h.t.Fatalf("%s %v: %d\n%s", page, v, r.Status, faultsIn(r))
	}
	return r.Header.Get("Location")
}

// add puts a part into a list and gives its place.
func (m formMaker) add(list, kind, label string) string {
	m.h.t.Helper()
	_, place, _ := strings.Cut(m.does("/them", url.Values{"o": {list}, "loai": {kind}, "nhan": {label}}), "?o=")
	place, err := url.QueryUnescape(place)
	m.h.must(err)
	return place
}

func (m formMaker) definition() string { return m.get(m.at + "/tep.json").text() }

var faultLine = regexp.MustCompile(`class="fault"[^>]*>.*?</p>|<h1>.*?</h1>`)

func faultsIn(r reply) string { return strings.Join(faultLine.FindAllString(r.text(), -1), "\n") }

// fields are what a browser would send of a page's form to that address, as it stands.
func fields(t *testing.T, page reply, action string) url.Values {
	t.Helper()
	root, err := nethtml.Parse(bytes.NewReader(page.Body))
	if err != nil {
		t.Fatal(err)
	}
	v := url.Values{}
	attr := func(n *nethtml.Node, name string) (string, bool) {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val, true
			}
		}
		return "", false
	}
	var walk func(n *nethtml.Node, in bool)
	walk = func(n *nethtml.Node, in bool) {
		if n.Type == nethtml.ElementNode {
			name, _ := attr(n, "name")
			value, _ := attr(n, "value")
			kind, _ := attr(n, "type")
			_, checked := attr(n, "checked")
			switch {
			case n.Data == "form":
				to, _ := attr(n, "action")
				in = to == action && v["o"] == nil // the page's first form to there
			case !in || name == "" || name == "_csrf" || name == "_key":
			case n.Data == "input" && (kind == "checkbox" || kind == "radio"):
				if checked {
					v.Add(name, value)
				}
			case n.Data == "input":
				v.Add(name, value)
			case n.Data == "textarea" && n.FirstChild != nil:
				v.Add(name, strings.TrimPrefix(n.FirstChild.Data, "\n"))
			case n.Data == "option":
			case n.Data == "select":
				chosen := ""
				for o := range n.Descendants() {
					if _, on := attr(o, "selected"); on {
						chosen, _ = attr(o, "value")
					}
				}
				v.Add(name, chosen)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, in)
		}
	}
	walk(root, false)
	return v
}

var partLink = regexp.MustCompile(`href="[^"]*/(muc|dieu-kien)\?o=([^"]*)"`)

// A page of any part or rule that is saved as it stands changes nothing, to the byte.
func TestPagesSavedAsTheyStandChangeNothing(t *testing.T) {
	h := newHouse(t)
	m := h.maker(birth)
	before := m.definition()
	tree := m.get(m.at)
	saved := 0
	for _, link := range partLink.FindAllStringSubmatch(tree.text(), -1) {
		place, err := url.QueryUnescape(html.UnescapeString(link[2]))
		h.must(err)
		page := m.get(m.at + "/" + link[1] + "?o=" + url.QueryEscape(place))
		if page.Status != 200 {
			t.Errorf("%s: %d", place, page.Status)
			continue
		}
		v := fields(t, page, m.at+"/"+link[1])
		if v.Get("o") != place || link[1] == "dieu-kien" && strings.Contains(page.text(), "<details open") {
			continue // JSON only
		}
		if r := m.post(m.at+"/"+link[1], v); r.Status != 303 {
			t.Errorf("%s %s: %d %s", link[1], place, r.Status, faultsIn(r))
		} else if now := m.definition(); now != before {
			t.Fatalf("%s %s changed the form:\n%v", link[1], place, v)
		}
		saved++
	}
	if saved < 20 {
		t.Errorf("only %d pages were saved", saved)
	}
}

// An editor makes a form of twelve questions with two rules and a repeated group for a
// procedure that had none, without writing any code, and publishes it; a citizen fills it.
func TestAFormIsMadeAndFilled(t *testing.T) {
	h := newHouse(t)
	h.must(h.ImportCatalogue(t.Context(), oneMore{}))
	const code = "9.999001"
	m := h.maker(code)
	mai := h.signedIn("mai")
	if r := mai.get("/thu-tuc/" + code + "/bat-dau"); r.Status == 200 && strings.Contains(r.text(), "/ho-so\"") {
		t.Fatal("what nobody has published can be begun")
	}
	pets := m.add("/pages", "", "Vật nuôi")
	m.does("", url.Values{"lam": {"len " + pets}}) // before the agency
	pets = "/pages/1"
	q := pets + "/questions"
	owns := m.add(q, "radios", "Nhà có vật nuôi")
	m.does("/muc", url.Values{"o": {owns}, "id": {"owns"}, "label.vi": {"Nhà có vật nuôi"}, "label.en": {"Pets at home"},
		"options.0.value": {"yes"}, "options.0.label.vi": {"Có nuôi"}, "options.0.label.en": {"Yes"}, "options.1.value": {"no"}, "options.1.label.vi": {"Không nuôi"}, "options.1.label.en": {"No"}})
	since := m.add(q, "near_date", "Nuôi từ ngày")
	m.does("/muc", url.Values{"o": {since}, "id": {"since"}, "label.vi": {"Nuôi từ ngày"}, "label.en": {"Since"}, "not_after": {"today"}})
	// rule one: asked only when
	m.does("/dieu-kien", url.Values{"o": {since + "/show_if"}, "cau-1": {"owns"}, "phep-1": {"is"}, "gia-tri-1": {"Có nuôi"}, "lam": {"luu"}})
	list := m.add("/pages", "", "Danh sách vật nuôi")
	m.does("", url.Values{"lam": {"len " + list}})
	list = "/pages/2"
	m.does("/dieu-kien", url.Values{"o": {list + "/show_if"}, "cau-1": {"owns"}, "phep-1": {"is"}, "gia-tri-1": {"yes"}, "lam": {"luu"}})
	group := m.add(list+"/questions", "group", "Các con vật")
	m.does("/muc", url.Values{"o": {group}, "id": {"pets"}, "label.vi": {"Các con vật"}, "label.en": {"Pets"}, "item.vi": {"Con vật"}, "item.en": {"Pet"}, "max_rows": {"5"}, "min_rows": {"1"}})
	inside := group + "/questions"
	m.does("/muc", url.Values{"o": {inside + "/0"}, "id": {"pet_name"}, "label.vi": {"Tên gọi"}, "label.en": {"Name"}})
	m.does("/muc", url.Values{"o": {m.add(inside, "integer", "Số con")}, "id": {"pet_count"}, "label.vi": {"Số con"}, "label.en": {"How many"}, "min": {"1"}, "max": {"100"}})
	total := m.add(list+"/questions", "computed", "Tổng số con")
	m.does("/muc", url.Values{"o": {total}, "id": {"pet_total"}, "label.vi": {"Tổng số con"}, "label.en": {"In all"}})
	m.does("/dieu-kien", url.Values{"o": {total + "/compute"}, "phep": {"total"}, "so-1": {"pets.pet_count"}, "lam": {"luu"}})
	seen := m.add(q, "near_date", "Ngày khám gần nhất")
	m.does("/muc", url.Values{"o": {seen}, "id": {"seen"}, "label.vi": {"Ngày khám gần nhất"}, "label.en": {"Last visit"}, "optional": {"1"}})
	// rule two: between answers, with its own words
	rule := m.add("/rules", "", "Ngày khám phải sau ngày bắt đầu nuôi.")
	m.does("/muc", url.Values{"o": {rule}, "field": {"seen"}, "message.vi": {"Ngày khám phải sau ngày bắt đầu nuôi."}, "message.en": {"The visit must be after the beginning."}})
	m.does("/dieu-kien", url.Values{"o": {rule + "/check"}, "cau-1": {"seen"}, "phep-1": {"at_least"}, "so-voi-1": {"since"}, "lam": {"luu"}})
	m.add(q, "longtext", "Điều khác") // and one that is taken back
	m.does("", url.Values{"lam": {"hoan-tac"}})
	m.does("/muc", url.Values{"o": {m.add(q, "yesno", "Đã tiêm phòng dại")}, "id": {"vaccinated"}, "label.vi": {"Đã tiêm phòng dại"}, "label.en": {"Vaccinated"}})

	definition := m.definition()
	if strings.Contains(definition, "Điều khác") || strings.Count(definition, `"kind":`) != 12 {
		t.Errorf("%d questions:\n%s", strings.Count(definition, `"kind":`), definition)
	}
	if r := m.get(m.at + "/kiem-tra"); !strings.Contains(r.text(), "Không còn gì cản việc công bố") {
		t.Fatalf("something stands in the way: %s", r.text())
	}
	if r := mai.get("/thu-tuc/" + code); strings.Contains(r.text(), "/bat-dau") {
		t.Error("seen before it is published")
	}
	h.approved(review.Form, m.at, m.version())
	m.does("/cong-bo", url.Values{"ghi-chu": {"Biểu mẫu đầu tiên"}, "luc": {"nay"}})

	r := mai.post("/thu-tuc/"+code+"/ho-so", url.Values{})
	if r.Status != 303 {
		t.Fatalf("a citizen cannot begin: %d", r.Status)
	}
	id := strings.Split(r.Header.Get("Location"), "/")[2]
	page := func(no string) string { return mai.get("/ho-so/" + id + "/buoc/" + no).text() }
	mai.post("/ho-so/"+id+"/buoc/1", url.Values{"contact_phone": {"0912345601"}})
	if got := page("2"); !strings.Contains(got, "Nhà có vật nuôi") {
		t.Fatalf("the page is not there:\n%s", got)
	}
	r = mai.post("/ho-so/"+id+"/buoc/2", url.Values{"owns": {"yes"}, "since": {"31/3/2026"}, "seen": {"1/1/2026"}, "vaccinated": {"yes"}})
	if !strings.Contains(r.text(), "Ngày khám phải sau ngày bắt đầu nuôi.") {
		t.Errorf("the rule between answers does not speak: %d", r.Status)
	}
	r = mai.post("/ho-so/"+id+"/buoc/2", url.Values{"owns": {"yes"}, "since": {"31/3/2026"}, "seen": {"1/4/2026"}, "vaccinated": {"yes"}})
	if r.Status != 303 || !strings.HasSuffix(r.Header.Get("Location"), "/buoc/3") {
		t.Errorf("%d to %s", r.Status, r.Header.Get("Location"))
	}
	mai.post("/ho-so/"+id+"/buoc/3", url.Values{"pets.0.pet_name": {"Mực"}, "pets.0.pet_count": {"2"}, "pets.1.pet_name": {"Vàng"}, "pets.1.pet_count": {"3"}})
	mai.post("/ho-so/"+id+"/buoc/4", url.Values{"agency": {h.ward()}})
	check := mai.get("/ho-so/" + id + "/kiem-tra").text()
	for _, want := range []string{"Mực", "Vàng", "Tổng số con</dt>\n<dd>5\n", "31/3/2026"} {
		if !strings.Contains(check, want) {
			t.Errorf("the check page has no %q", want)
		}
	}
	if r := mai.post("/ho-so/"+id+"/kiem-tra", url.Values{"cam-doan": {"1"}}); r.Status != 303 || r.Header.Get("Location") == "/ho-so/"+id+"/kiem-tra" {
		t.Errorf("it is not filed: %d %s", r.Status, faultsIn(r))
	}
}

// Two editors on one form: the later one is told who was faster and sees both texts, and
// nothing is overwritten.
func TestTwoEditorsOnOneForm(t *testing.T) {
	h := newHouse(t)
	one := h.maker(extract)
	two := formMaker{h.signedIn(h.onlyEditor()), one.at}
	version := two.version()
	one.does("/muc", url.Values{"o": {"/pages/0"}, "title.vi": {"Tên của người thứ nhất"}})
	r := two.post(two.at+"/muc", url.Values{"ban": {version}, "o": {"/pages/0"}, "title.vi": {"Tên của người thứ hai"}})
	if r.Status != 409 || !strings.Contains(r.text(), "Tên của người thứ nhất") || !strings.Contains(r.text(), "Tên của người thứ hai") || !strings.Contains(r.text(), one.officer().Name) {
		t.Errorf("%d\n%s", r.Status, r.text())
	}
	if d := one.definition(); !strings.Contains(d, "thứ nhất") || strings.Contains(d, "thứ hai") {
		t.Error("overwritten")
	}
	for _, late := range []url.Values{{"lam": {"xoa /pages/0"}}, {"lam": {"hoan-tac"}}, {"lam": {"bo"}}} {
		late.Set("ban", version)
		if r := two.post(two.at, late); r.Status != 409 {
			t.Errorf("%v: %d", late, r.Status)
		}
	}
	// what is not there any more is no fault of ours
	for _, gone := range []url.Values{{"lam": {"xoa /pages/99"}}, {"lam": {"len /nowhere"}}, {"lam": {"xuong"}}, {"lam": {"nhan-doi /pages/0/title"}}} {
		gone.Set("ban", one.version())
		if r := one.post(one.at, gone); r.Status != 409 {
			t.Errorf("%v: %d", gone, r.Status)
		}
	}
	for _, at := range []string{"/muc?o=/pages/99", "/muc?o=x", "/dieu-kien?o=/pages/0/title", "/dieu-kien?o=", "/them?o=/title", "/them?o="} {
		if r := one.get(one.at + at); r.Status != 404 {
			t.Errorf("%s: %d", at, r.Status)
		}
	}
}

// A file that was imported is exported again to the byte; what is no JSON is refused.
func TestFilesOfForms(t *testing.T) {
	h := newHouse(t)
	m := h.maker(extract)
	odd := "{\"format\":1,\n\n \"pages\" : [ ], \"của tôi\": [1.50, \"\\u0041\"]}\n\n"
	r := m.upload(m.at+"/nhap", part{Name: "ban", Value: m.version()}, part{Name: "tep", File: "a.json", Value: odd})
	if r.Status != 303 || m.definition() != odd {
		t.Errorf("%d, %q", r.Status, m.definition())
	}
	for _, tab := range []string{"", "/kiem-tra", "/cong-bo", "/lich-su", "/muc?o="} {
		if r := m.get(m.at + tab); r.Status != 200 {
			t.Errorf("%s of a form that is none: %d", tab, r.Status)
		}
	}
	for _, wrong := range []string{"", "{", "{}{}", "\xff", "{\"a\":1,\"a\":2}"} {
		r := m.upload(m.at+"/nhap", part{Name: "ban", Value: m.version()}, part{Name: "tep", File: "a.json", Value: wrong})
		if r.Status != 422 || m.definition() != odd {
			t.Errorf("%q: %d", wrong, r.Status)
		}
	}
	preset := `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[{"preset":"person","prefix":"mother","of":{"vi":"của mẹ","en":"of the mother"}}]}]}`
	r = m.upload(m.at+"/nhap", part{Name: "ban", Value: m.version()}, part{Name: "tep", File: "a.json", Value: preset})
	if r.Status != 303 || !strings.Contains(m.definition(), `"mother_`) {
		t.Errorf("a preset is not put in: %d", r.Status)
	}
	place := m.add("/pages/0/questions", "bo:person", "của cha")
	if d := m.definition(); !strings.Contains(d, `"cha_`) || !strings.Contains(place, "/questions/") {
		t.Errorf("%s: a preset is not added", place)
	}
}

// oneMore is a catalogue of one procedure without a form.
type oneMore struct{}

func (oneMore) Open(name string) (fs.File, error) {
	return fstest.MapFS{
		"fields.json":      {Data: []byte(`{"offices": {"commune": {"vi": "Ủy ban nhân dân cấp xã"}}, "free": {"amount": 0, "unit": {"vi": "đồng"}}, "fields": [{"code": "vat-nuoi", "name": {"vi": "Vật nuôi"}, "agency": ""}]}`)},
		"information.json": {Data: []byte(`{"procedures": [{"code": "9.999001", "name": {"vi": "Khai báo vật nuôi", "en": "Pets"}, "field": "vat-nuoi", "tier": "commune", "audience": ["citizen"], "level": 4, "deadline": {"amount": 3, "unit": "working_day"}}]}`)},
	}.Open(name)
}

// TestFormsInTheMenu: the way to the forms is in the menu of those who make them, on every
// officers' page, and of nobody else.
func TestFormsInTheMenu(t *testing.T) {
	h := newHouse(t)
	link := `<li><a href="/can-bo/bieu-mau"`
	m := h.maker(extract)
	for _, at := range []string{"/can-bo", "/can-bo/bieu-mau", m.at, m.at + "/chay-thu"} {
		if !strings.Contains(m.get(at).text(), link) {
			t.Errorf("%s: an editor's menu does not lead to the forms", at)
		}
	}
	b := h.signedIn(h.officerAt(agency.Intake, h.isElsewhere))
	for _, at := range []string{"/can-bo", "/can-bo/ho-so"} {
		if page := b.get(at).text(); !strings.Contains(page, `href="/can-bo/ho-so"`) || strings.Contains(page, link) {
			t.Errorf("%s: the menu of one who makes no forms", at)
		}
	}
}
