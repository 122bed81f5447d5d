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
			case made && name != "deed" && name != "component" && name != "no":
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
func (s stranger) mustGetNothing(method, pattern string, places known, dossiers []string) (tried int) {
	s.Helper()
	want := s.gets(method, places.fill(pattern, uuid.NewString(), true)[0])
	if !strings.HasPrefix(want, "404") && !strings.HasPrefix(want, "415") { // 415: not the kind of form that is asked for
		s.Errorf("%s %s of nothing as %s: %.200s", method, pattern, s.Sub, want)
	}
	for _, id := range dossiers {
		for _, path := range places.fill(pattern, id, false) {
			tried++
			if got := s.gets(method, path); got != want {
				s.Errorf("%s %s as %s is not the answer for nothing:\n%.300s\n%.300s", method, path, s.Sub, got, want)
			}
		}
	}
	return tried
}

// TestOthers opens everything of a commune's dossier, as officers of another commune and of
// the province, and as other people: it is the same nothing as where nothing is.
func TestOthers(t *testing.T) {
	t.Parallel()
	p := newDemo(t)
	w, id, code := filed(t, p, "mai", "online")
	attached := person(t, p, "mai")
	paths, _ := sheets(t)
	check := attached.fill(attached.start("2.000635", nil), answersOfCopy("online"), map[string][]string{"giay_to_lien_quan": paths})
	open := check.id() // a draft
	through(t, p, id, intake, leader, clerk)

	with := person(t, p, "mai") // a dossier with files, asked to be supplied
	full := with.fileIt(with.fill(with.start("2.000635", nil), answersOfCopy("online"), map[string][]string{"giay_to_lien_quan": paths[:1]}))
	desk := person(t, p, intake)
	desk.deed(full.id(), "bo-sung", url.Values{"muc-1": {"1"}, "sai-1": {"mờ"}, "sua-1": {"chụp lại"}})

	names := func(links []string) []string {
		var all []string
		for _, l := range links {
			all = append(all, l[strings.LastIndex(l, "/")+1:])
		}
		return all
	}
	done := w.goTo("/ho-so/" + id)
	places := known{
		"deed":      {"tiep-nhan", "bo-sung", "tu-choi", "chuyen", "quyet-dinh", "luu", "tra", "khong-co"},
		"component": {"giay_to_lien_quan"}, "no": {"1", "4"},
		"file":  slices.Concat(names(full.links("/tep/")), names(done.links("/ket-qua/")), names(done.links("/bien-lai/")), names(with.goTo("/ho-so/"+open+"/giay-to/giay_to_lien_quan").links("giay_to_lien_quan/"))),
		"paper": names(desk.goTo("/can-bo/ho-so/" + id).links("/giay/")),
	}
	if len(places["file"]) < 6 || len(places["paper"]) < 2 {
		t.Fatalf("too little to look at: %v", places)
	}
	strangers := map[string][]string{
		"/can-bo":   {"cb-05", "cb-06", "cb-07", "cb-08", "cb-09", "cb-10", "cb-11", "cb-15", "cb-16", "phuc", "mai"},
		"/ho-so":    {"phuc", "lan", "vang", "cb-05", "cb-09"},
		"/bien-lai": {"phuc", "cb-05"},
	}
	routes, dossiers, tried := p.routes(t), []string{id, full.id(), open}, 0
	for prefix, subs := range strangers {
		for _, sub := range subs {
			s := newStranger(t, p, sub)
			for _, r := range routes {
				switch method, pattern := r[0], r[1]; {
				case !strings.HasPrefix(pattern, prefix):
				case strings.Contains(pattern, ":"):
					tried += s.mustGetNothing(method, pattern, places, dossiers)
				case method == http.MethodGet && strings.Contains(s.gets(method, pattern), code):
					t.Errorf("%s sees %s on %s", sub, code, pattern)
				}
			}
		}
	}
	mine, officers := newStranger(t, p, "mai"), newStranger(t, p, intake)
	for _, r := range routes { // the same addresses are something to whose they are
		method, pattern := r[0], r[1]
		rightful := mine
		if strings.HasPrefix(pattern, "/can-bo") {
			rightful = officers
		} else if !strings.HasPrefix(pattern, "/ho-so") {
			continue
		}
		if method != http.MethodGet || strings.HasSuffix(pattern, "phieu-tu-choi.pdf") {
			continue
		}
		there := false
		for _, of := range dossiers {
			for _, path := range places.fill(pattern, of, false) {
				there = there || !strings.HasPrefix(rightful.gets(method, path), "404")
			}
		}
		if !there {
			t.Errorf("%s is nothing to anybody", pattern)
		}
	}
	t.Logf("%d addresses tried", tried)
	w.mustSay(w.goTo("/ho-so/"+id), "Đã trả kết quả")
	with.mustSay(with.goTo("/ho-so/"+full.id()), "Yêu cầu bổ sung giấy tờ")
	verified(t, p)
}
