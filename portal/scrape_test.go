package portal

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"

	"motcua/assets"
	"motcua/portal/registry"
)

var scraped = flag.Int("scrape", 72, "numbers that the harvest tries (300 is the full count)")

// harvester is somebody who sends strangers' numbers from many addresses.
type harvester struct {
	*house
	server   string
	clients  []*http.Client
	accounts []*browser
	names    []string
}

// askingForOthers is a procedure whose form asks about whom one files for.
func askingForOthers(h *house) {
	folder := fstest.MapFS{}
	shipped := assets.CatalogueOf(extract)
	h.must(fs.WalkDir(shipped, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(shipped, path)
		if errors.Is(err, fs.ErrNotExist) { // listed, of those that are left out
			return nil
		}
		if strings.HasSuffix(path, extract+"/form.json") {
			b = bytes.ReplaceAll(b, []byte(`"fact": "population.self.full_name"`), []byte(`"fact": ["population.self.full_name", "population.subject.full_name"]`))
		}
		folder[path] = &fstest.MapFile{Data: b}
		return err
	}))
	h.must(h.ImportCatalogue(h.t.Context(), folder))
}

func newHarvester(t *testing.T) *harvester {
	h := &harvester{house: newHouse(t)}
	askingForOthers(h.house)
	h.server = h.listen()
	for i := range 100 {
		from := &net.TCPAddr{IP: net.IPv4(127, 1, 0, byte(i+1))}
		h.clients = append(h.clients, &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{LocalAddr: from}).DialContext},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }})
	}
	for _, sub := range []string{"mai", "phuc"} {
		h.names = append(h.names, sub)
		h.accounts = append(h.accounts, h.signedIn(sub))
	}
	return h
}

// send is one request over the wire, from the i-th address.
func (h *harvester) send(i int, b *browser, method, at, media, body string, heads ...string) int {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), method, "http://"+h.server+at, strings.NewReader(body))
	h.must(err)
	req.Host = strings.TrimPrefix(homeURL, "http://")
	req.Header.Set("Origin", homeURL)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	for name, value := range b.cookies {
		req.Header.Add("Cookie", name+"="+value)
	}
	for j := 0; j+1 < len(heads); j += 2 {
		req.Header.Add(heads[j], heads[j+1])
	}
	res, err := h.clients[i%len(h.clients)].Do(req)
	h.must(err)
	_, err = io.Copy(io.Discard, res.Body)
	h.must(err)
	res.Body.Close()
	return res.StatusCode
}

// ways are all that a number can come by.
var ways = []string{"ward", "authorised", "query", "fields", "header", "cookie", "json", "start page"}

func (h *harvester) try(i int, way string, b *browser, number string) int {
	const form = "application/x-www-form-urlencoded"
	at := "/thu-tuc/" + extract + "/ho-so"
	fields := func(more ...string) string {
		v := url.Values{"_csrf": {b.csrf()}, "_key": {uuid.NewString()}}
		for j := 0; j+1 < len(more); j += 2 {
			v.Add(more[j], more[j+1])
		}
		return v.Encode()
	}
	switch way {
	case "ward":
		return h.send(i, b, "POST", at, form, fields("vai", "moi-ward", "ho-ten", "Trần Thị Lạ", "so-dinh-danh", number, "quan-he", "child"))
	case "authorised":
		return h.send(i, b, "POST", at, form, fields("vai", "moi-authorised", "ho-ten", "Trần Thị Lạ", "so-dinh-danh", number))
	case "query":
		return h.send(i, b, "POST", at+"?so-dinh-danh="+number+"&id_number="+number+"&vai=con:"+number, form, fields())
	case "fields":
		return h.send(i, b, "POST", at, form, fields("so-dinh-danh", number, "so", number, "id_number", number, "vai", "con:"+number))
	case "header":
		return h.send(i, b, "POST", at, form, fields(), "X-User-Id", number, "X-SoDinhDanh", number, "X-Road-UserId", number, "Authorization", "Basic "+number)
	case "cookie":
		return h.send(i, b, "POST", at, form, fields(), "Cookie", "so_dinh_danh="+number+"; motcua_person="+number)
	case "json":
		body := fmt.Sprintf(`{"_csrf":%q,"_key":%q,"vai":"moi-ward","ho-ten":"Trần Thị Lạ","so-dinh-danh":%q,"so-dinh-danh":%q,"quan-he":"child"}`,
			b.csrf(), uuid.NewString(), b.session().IDNumber, number)
		first := h.send(i, b, "POST", at, "application/json", body)
		return max(first, h.send(i, b, "POST", at, "application/json", body))
	}
	return h.send(i, b, "GET", "/thu-tuc/"+extract+"/bat-dau?so-dinh-danh="+number+"&vai=moi-ward&id="+number, "", "")
}

// TestHarvest is what happened to Estonia's photographs: strangers' numbers, one after the
// other, in every place of a request and from a hundred addresses. None of them reaches a
// register, three lock an account, and somebody is told.
func TestHarvest(t *testing.T) {
	h := newHarvester(t)
	numbers := make([]string, *scraped)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("0011%02d%06d", 60+i%40, 990000+i)
		b, way := h.accounts[(i/len(ways))%len(h.accounts)], ways[i%len(ways)]
		if status := h.try(i, way, b, numbers[i]); status >= 500 {
			t.Errorf("number %d by %s: %d", i, way, status)
		}
		if i%len(ways) == 0 { // twenty open drafts would be an end of it, too
			_, err := h.owner.Exec(`UPDATE drafts SET deleted_at = now() WHERE deleted_at IS NULL`)
			h.must(err)
		}
	}
	for _, e := range h.house.people.Entries() {
		for _, number := range numbers {
			if strings.Contains(e.Body+e.Path, number) {
				t.Fatalf("a stranger's number left the house: %s", e.Body)
			}
		}
	}
	second := &registry.Service{DB: h.DB, Key: h.Registry.Key, Population: h.Registry.Population, Now: h.Registry.Now, Log: h.Config.Log}
	for i, b := range h.accounts {
		p := b.session().Person
		if locked, err := second.Locked(t.Context(), p.ID); err != nil || !locked {
			t.Errorf("%s is not locked on another instance (%v)", h.names[i], err)
		}
		if n := h.number(`SELECT count(*) FROM audit WHERE deed = 'registry.alarm' AND object = $1`, fmt.Sprintf("person:%d", p.ID)); n != 1 {
			t.Errorf("%s: %d alarms on record", h.names[i], n)
		}
		before := len(h.house.people.Entries())
		if a := second.Ask(t.Context(), registry.Asking{Person: p, Object: "draft:x"}, []registry.Question{registry.Self()})[0]; a.Outcome != registry.Refused || len(h.house.people.Entries()) != before {
			t.Errorf("%s is still served on another instance: %s", h.names[i], a.Outcome)
		}
	}
	if n := h.number(`SELECT count(*) FROM jobs WHERE kind = 'registry.alarm' AND stuck_at IS NOT NULL`); n != len(h.accounts) {
		t.Errorf("%d tasks for people", n)
	}
	if !strings.Contains(h.log.String(), "level=ERROR msg=\"registry look-ups look like a harvest\"") {
		t.Error("the log does not tell")
	}
	if n := h.number(`SELECT count(*) FROM lookups WHERE outcome = 'found' AND subject NOT IN (SELECT id_hash FROM persons)`); n != 0 {
		t.Errorf("%d records of strangers were given", n)
	}
}

// TestHarvestOfManyAccounts: the cap over everybody counts people, not addresses.
func TestHarvestOfManyAccounts(t *testing.T) {
	h := newHarvester(t)
	_, err := h.owner.Exec(`INSERT INTO limits (name, key, start, count) VALUES ('registry.all', 'population', now(), 20000)`)
	h.must(err)
	for i := range 6 {
		if status := h.try(17*i, "header", h.accounts[i%2], "001160990000"); status != http.StatusSeeOther {
			t.Errorf("a draft is not begun by hand: %d", status)
		}
	}
	if n := len(h.house.people.Entries()); n != 0 {
		t.Errorf("%d questions left the house", n)
	}
	if n := h.number(`SELECT count(*) FROM jobs WHERE kind = 'registry.alarm' AND subject = 'global:population'`); n != 1 {
		t.Errorf("%d tasks", n)
	}
}
