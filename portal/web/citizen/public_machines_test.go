package citizen

import (
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"

	"motcua/portal/national"
)

// TestMachinesReadTheCatalogue: where all pages are, what changed, and what a procedure is.
func TestMachinesReadTheCatalogue(t *testing.T) {
	t.Parallel()
	h, app := newPages(t)

	var sitemap struct {
		URLs []struct {
			Loc   string `xml:"loc"`
			Mod   string `xml:"lastmod"`
			Links []struct {
				Rel  string `xml:"rel,attr"`
				Lang string `xml:"hreflang,attr"`
				Href string `xml:"href,attr"`
			} `xml:"http://www.w3.org/1999/xhtml link"`
		} `xml:"url"`
	}
	_, body, header := visit(t, app, "/sitemap.xml")
	if err := xml.Unmarshal([]byte(body), &sitemap); err != nil {
		t.Fatal(err)
	}
	said := len(ContentAt)
	for kind := range ContentAt {
		texts, err := h.Content.All(t.Context(), kind)
		if err != nil {
			t.Fatal(err)
		}
		said += len(texts)
	}
	all, err := h.Catalogue.All(t.Context())
	if err != nil || len(sitemap.URLs) != len(all)+len(fixedPlaces)+said {
		t.Fatalf("%d addresses, %v", len(sitemap.URLs), err)
	}
	for _, u := range sitemap.URLs {
		if len(u.Links) != 2 || u.Links[1].Lang != "en" || u.Links[1].Href != u.Loc+"?lang=en" {
			t.Fatalf("%s: other languages %+v", u.Loc, u.Links)
		}
	}
	if some, _ := url.Parse(sitemap.URLs[0].Loc); some.Host != "127.0.0.1:8080" {
		t.Errorf("addresses begin %s", some)
	}
	for _, u := range sitemap.URLs[:len(fixedPlaces)] {
		path := strings.TrimPrefix(u.Loc, "http://127.0.0.1:8080")
		if path == "/tra-cuu" || path == "/thong-ke" { // of other rooms
			continue
		}
		if status, _, _ := visit(t, app, path); status != 200 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if again, body, _ := visit(t, app, "/sitemap.xml", "If-None-Match", `"other", W/`+header.Get("ETag")); again != 304 || body != "" {
		t.Errorf("asked again: %d", again)
	}

	var feed struct {
		Updated string `xml:"updated"`
		Entries []struct {
			ID      string `xml:"id"`
			Title   string `xml:"title"`
			Updated string `xml:"updated"`
			Summary string `xml:"summary"`
		} `xml:"entry"`
	}
	_, body, _ = visit(t, app, "/thay-doi.atom")
	if err := xml.Unmarshal([]byte(body), &feed); err != nil {
		t.Fatal(err)
	}
	if len(feed.Entries) != feedEntries || feed.Updated != feed.Entries[0].Updated {
		t.Fatalf("%d entries, updated %s", len(feed.Entries), feed.Updated)
	}
	ids := map[string]bool{}
	for _, e := range feed.Entries {
		if ids[e.ID] || e.Title == "" || e.Summary == "" {
			t.Errorf("entry %+v", e)
		}
		ids[e.ID] = true
	}
}

func TestPagesSayWhatTheyAreToMachines(t *testing.T) {
	t.Parallel()
	h, app := newPages(t)
	for _, lang := range []string{"vi", "en"} {
		_, body, _ := visit(t, app, "/thu-tuc/"+withForm+"?lang="+lang)
		_, rest, found := strings.Cut(body, `<script type="application/ld+json">`)
		raw, _, ends := strings.Cut(rest, "</script>")
		var service struct {
			Type     string `json:"@type"`
			Name     string `json:"name"`
			ID       string `json:"identifier"`
			Lang     string `json:"inLanguage"`
			Channels []struct {
				Name string `json:"name"`
				URL  string `json:"serviceUrl"`
			} `json:"availableChannel"`
			Provider []struct{ Name string } `json:"provider"`
		}
		if err := json.Unmarshal([]byte(raw), &service); err != nil || !found || !ends {
			t.Fatal(err, raw)
		}
		rev, err := h.Catalogue.InForce(t.Context(), withForm)
		if err != nil {
			t.Fatal(err)
		}
		name := map[string]string{"vi": rev.Sheet.Name.VI, "en": rev.Sheet.Name.EN}[lang]
		if service.Type != "GovernmentService" || service.Name != name || service.ID != withForm || service.Lang != lang || len(service.Provider) == 0 ||
			service.Channels[0].URL != "http://127.0.0.1:8080/thu-tuc/"+withForm+"/bat-dau" {
			t.Errorf("%+v", service)
		}
		for _, want := range []string{`<link rel="canonical" href="http://127.0.0.1:8080/thu-tuc/` + withForm + `">`,
			`hreflang="en" href="http://127.0.0.1:8080/thu-tuc/` + withForm + `?lang=en"`, `hreflang="x-default"`, `href="/thay-doi.atom"`} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: no %s", lang, want)
			}
		}
	}
	if _, body, _ := visit(t, app, "/thu-tuc/9.999999"); strings.Contains(body, "canonical") {
		t.Error("a page that is not there has a canonical address")
	}
	if _, body, _ := visit(t, app, "/robots.txt"); !strings.Contains(body, "Sitemap: http://127.0.0.1:8080/sitemap.xml") {
		t.Error("robots are not led to the sitemap")
	}
}

// TestOpenDataIsReadBack: what anybody downloads is the catalogue in force, nothing more.
func TestOpenDataIsReadBack(t *testing.T) {
	t.Parallel()
	h, app := newPages(t)
	all, err := h.Catalogue.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"json", "csv"} {
		status, body, header := visit(t, app, "/du-lieu-mo/thu-tuc."+format)
		read := 0
		_, err := national.Read([]byte(body), national.Lists{}, func(r national.Record) error {
			if read++; r.Code == "" {
				t.Errorf("%s: a record without a code: %v", format, r.Faults)
			}
			return nil
		})
		if err != nil || status != 200 || read != len(all) || header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: %d, %d of %d procedures, %v", format, status, read, len(all), err)
		}
		if again, rest, _ := visit(t, app, "/du-lieu-mo/thu-tuc."+format, "If-None-Match", header.Get("ETag")); again != 304 || rest != "" {
			t.Errorf("%s again: %d", format, again)
		}
	}
	if status, body, _ := visit(t, app, "/du-lieu-mo"); status != 200 || !strings.Contains(body, `rel="license"`) || !strings.Contains(body, "MaTTHC") {
		t.Errorf("the page of the open data: %d", status)
	}
}
