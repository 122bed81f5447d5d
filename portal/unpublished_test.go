package portal

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/review"
)

// hold puts the word wherever a procedure is told of, as a person would search it or read it.
func hold(word string, sheet *catalogue.Sheet, fees []map[string]any) {
	add := func(t *locales.Text) { t.VI, t.EN = t.VI+" "+word, t.EN+" "+word }
	add(&sheet.Name)
	add(&sheet.Summary)
	sheet.Keywords = append(sheet.Keywords, word)
	for i := range sheet.Steps {
		for j := range sheet.Steps[i].Steps {
			add(&sheet.Steps[i].Steps[j])
		}
	}
	for i := range sheet.Channels {
		for j := range sheet.Channels[i].Fees {
			add(&sheet.Channels[i].Fees[j].Note)
		}
	}
	for _, f := range fees {
		f["name"] = map[string]string{"vi": word, "en": word}
	}
}

// read is what a person can read in an answer: a table in its cells, a paper by its letters.
func (h *house) read(r reply) string {
	h.t.Helper()
	switch {
	case bytes.HasPrefix(r.Body, []byte("%PDF")) && bytes.Contains(r.Body, []byte("/Font")): // no picture of a paper
		said, _ := pdfSays(h.t, r.Body)
		return said
	case bytes.HasPrefix(r.Body, []byte("PK")):
		z, err := zip.NewReader(bytes.NewReader(r.Body), int64(len(r.Body)))
		h.must(err)
		var all strings.Builder
		for _, f := range z.File {
			in, err := f.Open()
			h.must(err)
			_, err = io.Copy(&all, in)
			h.must(err)
			in.Close()
		}
		return all.String()
	}
	return r.text()
}

// telling are the routes of the table that tell the word to somebody of those, and how many
// gave a page at all. Papers take long to draw.
func (c crowd) telling(h *house, word string, who map[string]*browser, papers bool) (tell []string, answered int) {
	h.t.Helper()
	word = strings.ToLower(word)
	for _, l := range offers {
		if l.method() != "GET" || !papers && strings.HasSuffix(l.at, ".pdf") {
			continue
		}
		for name, b := range who {
			r := b.do(l.request(b, c.words))
			if r.Status == 200 {
				answered++
			}
			said := strings.ToLower(h.read(r))
			if strings.Contains(said, word) || strings.Contains(said, catalogue.Plain(word)) || strings.Contains(strings.ToLower(r.Header.Get("Location")), word) {
				tell = append(tell, name+": "+l.route)
			}
		}
	}
	slices.Sort(tell)
	return tell, answered
}

// A word that only an unpublished revision has is at no address for anybody but editors:
// neither while it is edited, nor sent, nor approved, nor while it waits for its time.
func TestNothingUnpublishedIsTold(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	others := map[string]*browser{"nobody": c.nobody, "owner": c.mai, "officer elsewhere": c.elsewhere}
	e := editing{h, c.editor.officer()}
	id := c.words.Replace("{sheet}")
	offered := h.offered(birth, secret)
	quiet := func(when string) {
		t.Helper()
		if thinned > 0 && (when == "sent" || when == "approved") { // all of them in the run without the race detector
			h.nowhere(when, birth, secret)
			return
		}
		tell, answered := c.telling(h, secret, others, when == "edited" || when == "waiting")
		if len(tell) > 0 {
			t.Errorf("%s, told by %q", when, tell)
		}
		if answered < 100 {
			t.Errorf("%s, only %d pages", when, answered)
		}
		h.nowhere(when, birth, secret)
		if n := h.offered(birth, secret); n != offered {
			t.Errorf("%s, a search for the word leads to it %d times, before %d", when, n, offered)
		}
	}
	version := e.holds(id)
	quiet("edited")
	for _, at := range []string{"", "/xem/trang?tieng=en", "/chung", "/phi", "/trinh-tu", "/so-sanh"} {
		if said := c.editor.get("/can-bo/danh-muc/sua/" + id + at).text(); !strings.Contains(said, secret) {
			t.Errorf("editors do not read it at %s: the test would see nothing there", at)
		}
	}
	of := review.Subject{Kind: review.Sheet, ID: id}
	h.must(h.Editorial.Send(t.Context(), e.as(), of, version, ""))
	quiet("sent")
	second := editing{h, agency.Officer{Roles: e.o.Roles}}
	h.must(h.DB.Get(&second.o.ID, `SELECT id FROM officers WHERE id <> $1 ORDER BY id LIMIT 1`, e.o.ID))
	h.must(h.Editorial.Decide(t.Context(), second.as(), of, version, true, ""))
	quiet("approved")
	_, err := h.Editorial.Publish(t.Context(), e.as(), id, editorial.Publishing{Version: version, Note: "chờ", From: time.Now().Add(time.Hour)})
	h.must(err)
	h.drain()
	quiet("waiting")

	waiting, err := h.Catalogue.Waiting(t.Context())
	h.must(err)
	h.must(h.Editorial.Withdraw(t.Context(), e.as(), waiting[0].ID, "công bố ngay"))
	h.nowhere("withdrawn", birth, secret)
	of.ID, err = h.Editorial.Open(t.Context(), e.as(), birth)
	h.must(err)
	version = e.holds(of.ID)
	h.must(h.Editorial.Send(t.Context(), e.as(), of, version, ""))
	h.must(h.Editorial.Decide(t.Context(), second.as(), of, version, true, ""))
	_, err = h.Editorial.Publish(t.Context(), e.as(), of.ID, editorial.Publishing{Version: version, Note: "nay"})
	h.must(err)
	tell, _ := c.telling(h, secret, map[string]*browser{"nobody": c.nobody}, false)
	for _, route := range []string{"/thu-tuc", "/thu-tuc/goi-y", "/thu-tuc/:code", "/du-lieu-mo/thu-tuc.json", "/du-lieu-mo/thu-tuc.csv", "/thay-doi.atom"} {
		if !slices.Contains(tell, "nobody: GET "+route) {
			t.Errorf("published, %s does not tell: the test would see nothing there", route)
		}
	}
}

// holds saves the word into an edit.
func (e editing) holds(id string) (version int) {
	e.h.t.Helper()
	edit, err := e.h.Editorial.Edit(e.h.t.Context(), e.o, id)
	e.h.must(err)
	sheet, parts := edit.Sheet(), editorial.Parts{}
	var fees []map[string]any
	if raw := edit.Parts["fees"]; len(raw) > 0 {
		e.h.must(json.Unmarshal(raw, &fees))
	}
	hold(secret, &sheet, fees)
	parts["sheet"], err = json.Marshal(sheet)
	e.h.must(err)
	if len(fees) > 0 {
		parts["fees"], err = json.Marshal(fees)
		e.h.must(err)
	}
	version, err = e.h.Editorial.Save(e.h.t.Context(), e.as(), id, edit.Version, editorial.Change{Parts: parts, Deed: "set", Place: "chung"})
	e.h.must(err)
	return version
}
