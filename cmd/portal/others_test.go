package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"motcua/portal"
)

// routes are the method and pattern of every address that the program itself has.
func (p *program) routes(t *testing.T) [][2]string {
	t.Helper()
	settings, err := os.ReadFile(filepath.Join(p.Dir, "demo.env"))
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]string{}
	for line := range strings.Lines(string(settings)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		set[name] = value
	}
	cfg, err := portal.ConfigFrom(func(name string) string { return set[name] })
	if err != nil {
		t.Fatal(err)
	}
	cfg.Log = slog.New(slog.DiscardHandler)
	open, err := portal.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	web, err := open.Web()
	if err != nil {
		t.Fatal(err)
	}
	var all [][2]string
	for _, r := range web.App.GetRoutes(true) {
		if r.Method != http.MethodHead {
			all = append(all, [2]string{r.Method, r.Path})
		}
	}
	return all
}

// known are real values for the places of a pattern; made up ones take their place in turn.
type known map[string][]string

// fill puts values into a pattern, all combinations where there are several. id stands for
// the dossier; with made the other places get ids that nothing has.
func (k known) fill(pattern, id string, made bool) []string {
	paths := []string{""}
	for i, part := range strings.Split(pattern, "/") {
		values := []string{part}
		if name, isPlace := strings.CutPrefix(part, ":"); isPlace {
			switch all := k[name]; {
			case name == "id":
				values = []string{id}
			case made && name != "deed" && name != "component" && name != "no" && name != "filing" && name != "lam":
				values = slices.Repeat([]string{uuid.NewString()}, len(all))
			default:
				values = all
			}
		}
		var longer []string
		for _, path := range paths {
			for _, v := range values {
				if i > 0 {
					v = "/" + v
				}
				longer = append(longer, path+v)
			}
		}
		paths = longer
	}
	return paths
}

var changing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|name="_csrf" value="[^"]*"`)

// stranger is somebody signed in whose business the dossiers are not.
type stranger struct {
	walker
	Sub   string
	token string // of their own forms
}

func newStranger(t *testing.T, p *program, sub string) stranger {
	t.Helper()
	w := person(t, p, sub)
	f, err := w.goTo("/tra-cuu").form("/tra-cuu")
	if err != nil {
		t.Fatal(err)
	}
	return stranger{w, sub, f.values().Get("_csrf")}
}

// gets is what a request gives them, without what is new in every answer.
func (s stranger) gets(method, path string) string {
	s.Helper()
	c := s.hand.(*client)
	body := url.Values{"_csrf": {s.token}, "_key": {uuid.NewString()}, "ban": {"1"}, "cam-doan": {"1"}, "lam": {"xoa"}, "muc": {"5"}, "cong": {"vnpay"}}
	req, err := http.NewRequest(method, c.Base+path, strings.NewReader(body.Encode()))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	p, err := c.ask(req)
	if err != nil {
		s.Fatal(err)
	}
	return fmt.Sprintf("%d %s", p.Status, changing.ReplaceAllString(string(p.Body), "*"))
}

// mustGetNothing opens an address of each dossier with everything that hangs on it.
func (s stranger) mustGetNothing(method, pattern string, of private) (tried int) {
	s.Helper()
	want := s.gets(method, of.Places.fill(pattern, uuid.NewString(), true)[0])
	switch want[:3] {
	case "404", "415", "412": // 415: not the kind of form that is asked for; 412: not the protocol
	default:
		s.Errorf("%s %s of nothing as %s: %.200s", method, pattern, s.Sub, want)
	}
	for _, id := range of.ids() {
		for _, path := range of.Places.fill(pattern, id, false) {
			tried++
			if got := s.gets(method, path); got != want {
				s.Errorf("%s %s as %s is not the answer for nothing:\n%.300s\n%.300s", method, path, s.Sub, got, want)
			}
		}
	}
	return tried
}

// private is what belongs to one person and one commune: a finished dossier, one that waits
// for its supplement, a draft, and everything that hangs on them.
type private struct {
	Done, Asked, Draft string
	Code               string
	Places             known
}

func (p private) ids() []string { return []string{p.Done, p.Asked, p.Draft} }

func privateThings(t *testing.T, p *program) private {
	t.Helper()
	w, id, code := filed(t, p, "mai", "online")
	through(t, p, id, intake, leader, clerk)
	paths, _ := sheets(t)
	draft := w.fill(w.start("2.000635", nil), answersOfCopy("online"), map[string][]string{"giay_to_lien_quan": paths}).id()
	asked := w.fileIt(w.fill(w.start("2.000635", nil), answersOfCopy("online"), map[string][]string{"giay_to_lien_quan": paths[:2]}))
	desk := person(t, p, intake)
	desk.until("/can-bo/ho-so/"+asked.id(), "01-giay-to-lien-quan.pdf")
	desk.deed(asked.id(), "bo-sung", url.Values{"muc-1": {"1"}, "sai-1": {"mờ"}, "sua-1": {"chụp lại"}})

	last := func(links ...string) []string {
		for i, l := range links {
			links[i] = l[strings.LastIndex(l, "/")+1:]
		}
		return links
	}
	report := w.must(w.goTo("/ho-so/"+id+"/bao-sai?nguon=population.self"), "/bao-sai", entry{Set: url.Values{"dung": {"Tên đúng là Mai"}}, Files: map[string][]string{"tep": paths[:1]}})
	done := w.goTo("/ho-so/" + id)
	places := known{
		"deed":      {"tiep-nhan", "bo-sung", "tu-choi", "chuyen", "quyet-dinh", "luu", "tra", "khong-co"},
		"component": {"giay_to_lien_quan"}, "no": {"1", "4"}, "filing": {"1", "2"}, "lam": {"tra-loi", "chuyen", "chuyen-ngoai", "dong", "khong-co"}, "report": last(report.URL.Path), "upload": {uuid.NewString()},
		"file": last(slices.Concat(asked.links("/tep/"), done.links("/ket-qua/"), done.links("/bien-lai/"),
			w.goTo("/ho-so/"+draft+"/giay-to/giay_to_lien_quan").links("giay_to_lien_quan/"))...),
		"paper": last(desk.goTo("/can-bo/ho-so/" + id).links("/giay/")...),
	}
	if len(places["file"]) < 6 || len(places["paper"]) < 2 {
		t.Fatalf("too little to look at: %v", places)
	}
	return private{id, asked.id(), draft, code, places}
}

// TestOthers opens everything of a commune's dossier, as officers of another commune and of
// the province, and as other people: it is the same nothing as where nothing is.
func TestOthers(t *testing.T) {
	t.Parallel()
	p := newDemo(t)
	of := privateThings(t, p)
	routes, tried := p.routes(t), 0
	for prefix, subs := range map[string][]string{
		"/can-bo":   {"cb-05", "cb-06", "cb-07", "cb-08", "cb-09", "cb-10", "cb-11", "cb-15", "cb-16", "phuc", "mai"},
		"/ho-so":    {"phuc", "lan", "vang", "cb-05", "cb-09"},
		"/bien-lai": {"phuc", "cb-05"},
	} {
		for _, sub := range subs {
			s := newStranger(t, p, sub)
			for _, r := range routes {
				switch method, pattern := r[0], r[1]; {
				case !strings.HasPrefix(pattern, prefix), published(pattern):
				case sub == "cb-16" && strings.HasPrefix(pattern, "/can-bo/bao-sai"): // an administrator answers any report
				case strings.Contains(pattern, ":"):
					tried += s.mustGetNothing(method, pattern, of)
				case method == http.MethodGet && strings.Contains(s.gets(method, pattern), of.Code):
					t.Errorf("%s sees %s on %s", sub, of.Code, pattern)
				}
			}
		}
	}
	t.Logf("%d addresses tried", tried)
	mustBeSomething(newStranger(t, p, "mai"), "/ho-so", routes, of)
	mustBeSomething(newStranger(t, p, intake), "/can-bo", routes, of)
	w := person(t, p, "mai")
	w.mustSay(w.goTo("/ho-so/"+of.Done), "Đã trả kết quả")
	w.mustSay(w.goTo("/ho-so/"+of.Asked), "Yêu cầu bổ sung giấy tờ")
	verified(t, p)
}

// published says whether an address is about what the portal publishes or about times at
// counters: no dossier's things hang on it, and portal's own tests open it as others.
func published(pattern string) bool {
	return strings.HasPrefix(pattern, "/can-bo/danh-muc") || strings.HasPrefix(pattern, "/can-bo/noi-dung") || strings.HasPrefix(pattern, "/can-bo/lich-hen")
}

// mustBeSomething opens the same addresses as whose they are: each is there for one of the
// things, or the test above would prove nothing.
func mustBeSomething(s stranger, prefix string, routes [][2]string, of private) {
	s.Helper()
	for _, r := range routes {
		method, pattern := r[0], r[1]
		if published(pattern) || strings.HasPrefix(pattern, "/can-bo/bieu-mau") || pattern == "/can-bo/ket-noi" { // an editor's, an administrator's: no dossier's things hang on it
			continue
		}
		if strings.HasPrefix(pattern, "/can-bo/nop-thay/") { // nobody was helped; portal's TestHelpIsForOneDraft opens these
			continue
		}
		if method != http.MethodGet || !strings.HasPrefix(pattern, prefix) || strings.HasSuffix(pattern, "phieu-tu-choi.pdf") { // nothing was refused
			continue
		}
		there := false
		for _, id := range of.ids() {
			for _, path := range of.Places.fill(pattern, id, false) {
				there = there || !strings.HasPrefix(s.gets(method, path), "404")
			}
		}
		if !there {
			s.Errorf("%s is nothing to %s either", pattern, s.Sub)
		}
	}
}
