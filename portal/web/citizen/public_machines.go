package citizen

import (
	"bytes"
	"context"
	"encoding/xml"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/content"
)

// Addresses for machines: where all pages are, and what has changed.

// feedEntries is how many changes the feed names.
const feedEntries = 100

// siteLangs are the languages in which search engines are told of a page.
var siteLangs = []locales.Lang{locales.VI, locales.EN}

type sitemap struct {
	XMLName xml.Name   `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	XHTML   string     `xml:"xmlns:xhtml,attr"`
	URLs    []sitePage `xml:"url"`
}

type sitePage struct {
	Loc   string     `xml:"loc"`
	Mod   string     `xml:"lastmod,omitempty"`
	Links []siteLink `xml:"xhtml:link"`
}

type siteLink struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

// mapped is a page of this portal by its path, with the day of its last change.
type mapped struct {
	path string
	at   time.Time
}

// fixedPlaces are the pages for everybody that are always there.
var fixedPlaces = []mapped{{path: "/"}, {path: "/thu-tuc"}, {path: "/tra-cuu"}, {path: "/thong-ke"}, {path: "/du-lieu-mo"}, {path: "/tro-nang"}, {path: "/bao-ve-du-lieu"}, {path: "/dieu-khoan"}}

// sitemap lists every page for everybody, in each language, with its last change.
func (h *Pages) sitemap(c *fiber.Ctx) error {
	version, err := h.contentEdition(c)
	if err != nil {
		return err
	}
	return h.Prepared(c, version, "application/xml; charset=utf-8", func() ([]byte, error) {
		places, err := h.places(c.UserContext())
		if err != nil {
			return nil, err
		}
		doc := sitemap{XHTML: "http://www.w3.org/1999/xhtml"}
		for _, p := range places {
			doc.URLs = append(doc.URLs, h.listed(p))
		}
		return marshal(doc)
	})
}

func (h *Pages) places(ctx context.Context) ([]mapped, error) {
	all, err := h.Catalogue.All(ctx)
	if err != nil {
		return nil, err
	}
	places := append([]mapped{}, fixedPlaces...)
	for _, rev := range all {
		places = append(places, mapped{"/thu-tuc/" + rev.Code, rev.InForceFrom})
	}
	for _, kind := range content.Kinds {
		at, has := ContentAt[kind]
		if !has {
			continue // the words of the search have no page
		}
		said, err := h.Content.All(ctx, kind)
		if err != nil {
			return nil, err
		}
		places = append(places, mapped{path: at})
		for _, i := range said {
			places = append(places, mapped{at + "/" + i.Slug, i.Since})
		}
	}
	return places, nil
}

func (h *Pages) listed(p mapped) sitePage {
	page := sitePage{Loc: h.Address(p.path)}
	if !p.at.IsZero() {
		page.Mod = p.at.In(locales.ICT).Format(time.DateOnly)
	}
	for _, l := range siteLangs {
		page.Links = append(page.Links, siteLink{"alternate", string(l), page.Loc + "?lang=" + string(l)})
	}
	return page
}

// marshal is a document as XML with its first line.
func marshal(doc any) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := xml.NewEncoder(&b).Encode(doc); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary"`
}

// feed tells what was published last, in Vietnamese: it has one address and one reader's
// language (RFC 4287).
func (h *Pages) feed(c *fiber.Ctx) error {
	version, err := h.Catalogue.Edition(c.UserContext())
	if err != nil {
		return err
	}
	return h.Prepared(c, version, "application/atom+xml; charset=utf-8", func() ([]byte, error) {
		latest, err := h.Catalogue.Latest(c.UserContext(), feedEntries)
		if err != nil {
			return nil, err
		}
		return marshal(h.feedOf(latest, h.Web.Site(c.UserContext()).Name.VI))
	})
}

func (h *Pages) feedOf(latest []catalogue.Published, name string) atomFeed {
	say := func(key string, args ...locales.Arg) string {
		words, _ := locales.Say(locales.VI, locales.M(key, args...))
		return words
	}
	f := atomFeed{Lang: string(locales.VI), ID: h.Address("/thay-doi.atom"), Title: say("public.feed.title", locales.S("name", name)), Author: name,
		Links: []atomLink{{"self", "application/atom+xml", h.Address("/thay-doi.atom")}, {"alternate", "text/html", h.Address("/thu-tuc")}}}
	for i, p := range latest {
		at := p.At.In(locales.ICT).Format(time.RFC3339)
		if i == 0 {
			f.Updated = at
		}
		key := "public.feed.changed"
		if p.No == 1 {
			key = "public.feed.new"
		}
		f.Entries = append(f.Entries, atomEntry{ID: h.Address("/thu-tuc/"+p.Code) + "#" + at, Title: p.Name.V.VI, Updated: at,
			Link: atomLink{"alternate", "text/html", h.Address("/thu-tuc/" + p.Code)}, Summary: say(key, locales.D("from", p.At))})
	}
	return f
}
