package citizen

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jmoiron/sqlx"
	"golang.org/x/net/html"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/content"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// Procedures of the shipped catalogue: one with a form, one without.
const (
	withForm    = "1.001193"
	withoutForm = "1.004222"
)

// ship takes the shipped province and catalogue in.
func ship(t *testing.T, db *sqlx.DB, now func() time.Time) {
	t.Helper()
	if _, err := (&agency.Service{DB: db, Key: []byte(strings.Repeat("k", 32)), Now: now}).Import(t.Context(), shippedPack(t)); err != nil {
		t.Fatal(err)
	}
	if report, err := (&catalogue.Service{DB: db, Now: now}).Import(t.Context(), assets.Catalogue()); err != nil || len(report.Faults) > 0 {
		t.Fatal(err, report.Faults)
	}
	if said, err := (&content.Service{DB: db, Now: now}).Import(t.Context(), assets.Content()); err != nil || len(said.Faults) > 0 {
		t.Fatal(err, said.Faults)
	}
}

func shippedPack(t *testing.T) agency.Pack {
	t.Helper()
	folder, err := assets.Province(assets.Provinces()[0])
	if err != nil {
		t.Fatal(err)
	}
	pack, err := agency.ReadPack(folder)
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

// newPages is the public site over a database with the shipped catalogue and province.
func newPages(t *testing.T) (*Pages, *fiber.App) {
	t.Helper()
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, locales.ICT) }
	db := pgtest.Filled(t, "shipped", func(db *sqlx.DB) { ship(t, db, now) })
	h := &Pages{Catalogue: &catalogue.Service{DB: db, Now: now}, Content: &content.Service{DB: db, Now: now}, Agency: &agency.Service{DB: db, Key: []byte(strings.Repeat("k", 32)), Now: now}}
	var err error
	h.Web, err = web.New(web.Options{
		PublicURL: "http://127.0.0.1:8080", Secret: []byte(strings.Repeat("k", 32)), Site: Site(h.Agency), Now: now, Demo: true,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Session: func(_ context.Context, token string) (signin.Session, error) {
			if token != "good" {
				return signin.Session{}, problem.New(problem.SignIn, "signin.over")
			}
			return signin.Session{Person: signin.Person{ID: 7, Name: "Nguyễn Thị Thuỷ Ường"}, Token: token}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Public(h.App)
	return h, h.App
}

func visit(t *testing.T, app *fiber.App, path string, headers ...string) (int, string, http.Header) {
	t.Helper()
	req := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := app.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Header
}

// all lists the elements of a page that match; words is the text under one.
func all(t *testing.T, page string, match func(*html.Node) bool) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			out = append(out, n)
		}
	}
	return out
}

func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func value(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func tag(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == name }
}

// linkTo matches links to an address.
func linkTo(href string) func(*html.Node) bool {
	return func(n *html.Node) bool { h, ok := value(n, "href"); return ok && h == href && n.Data == "a" }
}

func TestPublicPages(t *testing.T) {
	t.Parallel()
	_, app := newPages(t)
	t.Run("sound", func(t *testing.T) { testSound(t, app) })
	t.Run("home", func(t *testing.T) { testHome(t, app) })
	t.Run("procedure", func(t *testing.T) { testProcedure(t, app) })
	t.Run("search", func(t *testing.T) { testSearch(t, app) })
	t.Run("suggestions", func(t *testing.T) { testSuggest(t, app) })
}

// testSound looks at every public page in every language: what the audit needs a browser
// for is left to it.
func testSound(t *testing.T, app *fiber.App) {
	for _, path := range []string{"/", "/thu-tuc", "/thu-tuc?q=khai+sinh", "/thu-tuc?q=zzzzzz", "/thu-tuc/" + withForm, "/thu-tuc/" + withForm + "?in=1",
		"/thu-tuc/" + withoutForm, "/tro-nang", "/bao-ve-du-lieu", "/dieu-khoan", "/style",
		"/su-kien", "/su-kien/co-con-nho", "/huong-dan", "/huong-dan?q=zzzz", "/huong-dan/nop-ho-so-truc-tuyen", "/hoi-dap", "/hoi-dap/nop-thay-nguoi-khac", "/hoi-dap/nop-nham/gop-y", "/hoi-dap/nop-nham/gop-y?xong=1", "/tin", "/tin/cong-mo-cua"} {
		for _, lang := range []string{"vi", "en", "km"} {
			status, page, _ := visit(t, app, path, "Cookie", "motcua_lang="+lang)
			if status != 200 {
				t.Errorf("%s in %s: %d", path, lang, status)
				continue
			}
			for _, fault := range unsound(t, page) {
				t.Errorf("%s in %s: %s", path, lang, fault)
			}
		}
	}
}

// unsound says what is wrong with a page's skeleton: ids, labels, headings, buttons.
func unsound(t *testing.T, page string) []string {
	var faults []string
	ids := map[string]int{}
	for _, n := range all(t, page, func(n *html.Node) bool { _, ok := value(n, "id"); return ok }) {
		id, _ := value(n, "id")
		if ids[id]++; ids[id] == 2 {
			faults = append(faults, "two elements have the id "+id)
		}
	}
	labelled := map[string]bool{}
	for _, n := range all(t, page, func(*html.Node) bool { return true }) {
		for _, ref := range []string{"for", "aria-describedby", "aria-labelledby"} {
			refs, _ := value(n, ref)
			for _, id := range strings.Fields(refs) {
				if ids[id] == 0 {
					faults = append(faults, fmt.Sprintf("%s of <%s> names %q, which is not there", ref, n.Data, id))
				}
				if ref == "for" {
					labelled[id] = true
				}
			}
		}
		for _, a := range n.Attr {
			if a.Key == "style" || a.Key == "placeholder" || strings.HasPrefix(a.Key, "on") {
				faults = append(faults, fmt.Sprintf("<%s> has the attribute %s", n.Data, a.Key))
			}
		}
		if n.Data == "button" {
			if kind, _ := value(n, "type"); kind == "" {
				faults = append(faults, "a button without a type: "+words(n))
			}
		}
		if _, disabled := value(n, "disabled"); disabled {
			faults = append(faults, "something is disabled")
		}
	}
	for _, n := range all(t, page, func(n *html.Node) bool { return n.Data == "input" || n.Data == "select" || n.Data == "textarea" }) {
		id, _ := value(n, "id")
		if kind, _ := value(n, "type"); kind != "hidden" && !labelled[id] {
			faults = append(faults, fmt.Sprintf("<%s id=%q> has no label", n.Data, id))
		}
	}
	for _, name := range []string{"h1", "main"} {
		if n := len(all(t, page, tag(name))); n != 1 {
			faults = append(faults, fmt.Sprintf("%d <%s>", n, name))
		}
	}
	if h1, title := all(t, page, tag("h1")), all(t, page, tag("title")); len(h1) == 1 && len(title) == 1 && !strings.HasPrefix(words(title[0]), words(h1[0])) {
		faults = append(faults, fmt.Sprintf("the title %q does not begin with the heading %q", words(title[0]), words(h1[0])))
	}
	for _, internal := range []string{"public.", "web.", "%!", "<no value>", "{n}"} {
		for _, n := range all(t, page, tag("main")) {
			if strings.Contains(words(n), internal) {
				faults = append(faults, "the page shows "+internal)
			}
		}
	}
	return faults
}

func testHome(t *testing.T, app *fiber.App) {
	status, page, header := visit(t, app, "/")
	if status != 200 || header.Get("ETag") == "" {
		t.Fatalf("%d, ETag %q", status, header.Get("ETag"))
	}
	for _, href := range []string{"/thu-tuc/" + withForm, "/ho-so", "/thu-tuc", "/su-kien/co-con-nho", "/tin/cong-mo-cua"} {
		if len(all(t, page, linkTo(href))) == 0 {
			t.Errorf("no link to %s", href)
		}
	}
	cards := all(t, page, func(n *html.Node) bool { class, _ := value(n, "class"); return class == "card" })
	if len(cards) < 6 || len(cards) > 8 {
		t.Errorf("%d tasks, want six to eight", len(cards))
	}
	for _, name := range []string{"q", "ma"} {
		if len(all(t, page, func(n *html.Node) bool { v, _ := value(n, "name"); return n.Data == "input" && v == name })) != 1 {
			t.Errorf("no field %s", name)
		}
	}
	if _, mine, _ := visit(t, app, "/", "Cookie", "motcua_session=good"); !strings.Contains(mine, "Thuỷ Ường") {
		t.Error("who is signed in is not named")
	}
}

func testProcedure(t *testing.T, app *fiber.App) {
	_, page, header := visit(t, app, "/thu-tuc/"+withForm)
	if len(all(t, page, linkTo("/thu-tuc/"+withForm+"/bat-dau"))) != 1 {
		t.Error("what can be filed here has no way in")
	}
	if len(all(t, page, func(n *html.Node) bool { v, _ := value(n, "type"); return v == "checkbox" })) < 2 {
		t.Error("no check list of papers")
	}
	// the fields of the national record, in its order
	last := 0
	for _, label := range []string{"Mã thủ tục", "Tên thủ tục", "Cấp thực hiện", "Lĩnh vực", "Đối tượng thực hiện", "Trình tự thực hiện", "Cách thức thực hiện",
		"Thành phần hồ sơ", "Thời hạn giải quyết", "Phí, lệ phí</dt>", "Cơ quan thực hiện", "Kết quả", "Căn cứ pháp lý", "Yêu cầu, điều kiện"} {
		at := strings.Index(page[last:], label)
		if at < 0 {
			t.Errorf("%s is missing or out of order", label)
			continue
		}
		last += at
	}
	if status, _, _ := visit(t, app, "/thu-tuc/"+withForm, "If-None-Match", header.Get("ETag")); status != 304 {
		t.Errorf("the same page again: %d", status)
	}
	_, elsewhere, _ := visit(t, app, "/thu-tuc/"+withoutForm)
	if len(all(t, elsewhere, linkTo("/thu-tuc/"+withoutForm+"/bat-dau"))) != 0 || !strings.Contains(elsewhere, "Chưa nộp được trên trang này") {
		t.Error("what cannot be filed here does not say where to go")
	}
	if status, _, _ := visit(t, app, "/thu-tuc/0.000000"); status != 404 {
		t.Errorf("a procedure that is not there: %d", status)
	}
	if _, printed, _ := visit(t, app, "/thu-tuc/"+withForm+"?in=1"); len(all(t, printed, tag("footer"))) != 0 {
		t.Error("the version to print has a footer")
	}
}

func testSearch(t *testing.T, app *fiber.App) {
	_, page, _ := visit(t, app, "/thu-tuc?q=giay+khai+sinh")
	if first := all(t, page, func(n *html.Node) bool { return n.Data == "h3" }); len(first) == 0 || words(first[0]) != "Đăng ký khai sinh" {
		t.Error("the first hit is another one")
	}
	_, page, _ = visit(t, app, "/thu-tuc?q=khai+sinh&doi-tuong=citizen&muc-do=full")
	if len(all(t, page, linkTo("/thu-tuc?doi-tuong=citizen&q=khai+sinh"))) != 1 || len(all(t, page, linkTo("/thu-tuc?muc-do=full&q=khai+sinh"))) != 1 {
		t.Error("a filter that is on cannot be taken away")
	}
	_, page, _ = visit(t, app, "/thu-tuc")
	if len(all(t, page, linkTo("/thu-tuc?trang=2"))) != 1 || len(all(t, page, linkTo("/thu-tuc?muc-do=full"))) != 1 {
		t.Error("no second page, or no filters")
	}
	for path, want := range map[string]string{
		"/thu-tuc?q=zzzzzz": "Chưa tìm thấy thủ tục nào cho “zzzzzz”.", "/thu-tuc?q=%3Cb%3E": "&lt;b&gt;", "/thu-tuc?trang=-9": "thủ tục", "/thu-tuc?trang=999999999999999999999": "thủ tục",
		"/thu-tuc?linh-vuc=x": "Bỏ các điều kiện lọc", "/thu-tuc?q=%28%28%28%25_": "((",
	} {
		if status, page, _ := visit(t, app, path); status != 200 || !strings.Contains(page, want) {
			t.Errorf("%s: %d, shows %q: %v", path, status, want, strings.Contains(page, want))
		}
	}
	if status, _, _ := visit(t, app, "/thu-tuc?q="+strings.Repeat("a", 5000)); status != 200 {
		t.Errorf("a long text: %d", status)
	}
}

func testSuggest(t *testing.T, app *fiber.App) {
	var found []suggestion
	status, body, header := visit(t, app, "/thu-tuc/goi-y?q=giay+khai+si")
	if err := json.Unmarshal([]byte(body), &found); err != nil || status != 200 || len(found) == 0 || found[0].Label != "Đăng ký khai sinh" || header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v %s: %s", status, err, header, body)
	}
	for _, nothing := range []string{"", "?q=", "?q=%20-", "?q=zzzzzz"} {
		if status, body, _ := visit(t, app, "/thu-tuc/goi-y"+nothing); status != 200 || body != "[]" {
			t.Errorf("%q: %d %s", nothing, status, body)
		}
	}
	if status, _, header := visit(t, app, "/thu-tuc/goi-y?q=a+b", "Accept", "text/html"); status != 303 || header.Get("Location") != "/thu-tuc?q=a+b" {
		t.Errorf("a browser gets %d %s", status, header.Get("Location"))
	}
	_, page, _ := visit(t, app, "/thu-tuc?q=khai+sinh")
	if n := len(all(t, page, func(n *html.Node) bool {
		to, ok := value(n, "data-to")
		return ok && to == "/thu-tuc/" && n.Data == "input"
	})); n != 1 {
		t.Errorf("%d search fields offer while one types", n)
	}
}

func TestSiteKeepsItsPointer(t *testing.T) {
	t.Parallel()
	h, _ := newPages(t)
	site := Site(h.Agency)
	first := site(t.Context())
	if first.Name.Empty() || first.Phone == "" || first.Agency.Empty() {
		t.Errorf("the province says %+v", first)
	}
	if site(t.Context()) != first {
		t.Error("the same province is another one each time: nothing can be kept")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("gone"))
	if site(ctx) != first {
		t.Error("a database that is gone takes the header with it")
	}
}
