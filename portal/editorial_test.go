package portal

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/once"
	"motcua/portal/review"
)

// secret is a word that only an unpublished revision has.
const secret = "Bạchđànhương"

// editing is an editor at work, with a new key for each deed.
type editing struct {
	h *house
	o agency.Officer
}

func (e editing) as() catalogue.Editing {
	return catalogue.Editing{Officer: e.o, Key: once.Key{Person: "test", Key: uuid.NewString(), Route: "POST /"}}
}

// changed is an edit of a sheet, sent and approved.
func (e editing) changed(code string, change func(s *catalogue.Sheet, fees []map[string]any)) (id string, version int) {
	e.h.t.Helper()
	ctx := e.h.t.Context()
	id, err := e.h.Editorial.Open(ctx, e.as(), code)
	e.h.must(err)
	edit, err := e.h.Editorial.Edit(ctx, e.o, id)
	e.h.must(err)
	sheet := edit.Sheet()
	var fees []map[string]any
	e.h.must(json.Unmarshal(edit.Parts["fees"], &fees))
	change(&sheet, fees)
	parts := editorial.Parts{}
	parts["sheet"], err = json.Marshal(sheet)
	e.h.must(err)
	parts["fees"], err = json.Marshal(fees)
	e.h.must(err)
	version, err = e.h.Editorial.Save(ctx, e.as(), id, edit.Version, editorial.Change{Parts: parts, Deed: "set", Place: "phi"})
	e.h.must(err)
	return id, version
}

// reads are the public addresses at which a procedure may be told of.
func reads(code string) []string {
	return []string{"/", "/thu-tuc", "/thu-tuc/" + code, "/thu-tuc/" + code + "?in=1", "/thu-tuc/" + code + "?in=giay", "/thu-tuc/" + code + "/can-giay-gi", "/thu-tuc?q=" + code,
		"/thu-tuc?q=" + url.QueryEscape("bản sao trích lục"), "/thu-tuc/goi-y?q=" + url.QueryEscape("bản sao trích lục"), "/thu-tuc/goi-y?q=" + url.QueryEscape(secret), "/sitemap.xml", "/thay-doi.atom",
		"/du-lieu-mo", "/du-lieu-mo/thu-tuc.json", "/du-lieu-mo/thu-tuc.csv", "/api/v1/thu-tuc", "/api/v1/thu-tuc/" + code, "/su-kien", "/co-quan"}
}

// nowhere wants a word at no public address.
func (h *house) nowhere(when, code, word string) {
	h.t.Helper()
	v := h.visitor()
	answered := 0
	for _, at := range reads(code) {
		r := v.get(at)
		if r.Status == 200 {
			answered++
		}
		if strings.Contains(r.text(), word) {
			h.t.Errorf("%s, %s says %q", when, at, word)
		}
	}
	if answered < 8 {
		h.t.Errorf("only %d public addresses answered", answered)
	}
}

// offered is how often a search for a word leads to the procedure: as often as before, as
// long as nothing with the word is published.
func (h *house) offered(code, word string) int {
	return strings.Count(h.visitor().get("/thu-tuc?q="+url.QueryEscape(word)).text(), "/thu-tuc/"+code)
}

// A changed fee on its way from an editor to citizens: nowhere before its second, then
// everywhere; a draft begun before shows it and files under it, a dossier filed before keeps
// what it was filed under.
func TestAChangedFeeReachesPeople(t *testing.T) {
	h := newHouse(t)
	mai, e := h.signedIn("mai"), editing{h, h.signedIn(h.onlyEditor()).officer()}
	offered := h.offered(extract, secret)
	filed, begun := mai.filed(extract, nil), mai.draft(extract, nil)
	before, err := h.Catalogue.InForce(t.Context(), extract)
	h.must(err)
	change := func(s *catalogue.Sheet, fees []map[string]any) {
		s.Name.VI += " " + secret
		for i := range s.Channels {
			for j := range s.Channels[i].Fees {
				s.Channels[i].Fees[j].Amount = 9876
			}
		}
		for _, f := range fees {
			f["unit"] = 9876
		}
	}
	id, version := e.changed(extract, change)
	of := review.Subject{Kind: review.Sheet, ID: id}
	h.nowhere("while it is edited", extract, secret)
	h.must(h.Editorial.Send(t.Context(), e.as(), of, version, ""))
	var second agency.Officer
	h.must(h.DB.Get(&second.ID, `SELECT id FROM officers WHERE id <> $1 ORDER BY id LIMIT 1`, e.o.ID))
	second.Roles = e.o.Roles
	h.must(h.Editorial.Decide(t.Context(), editing{h, second}.as(), of, version, true, ""))
	h.nowhere("approved", extract, secret)
	_, err = h.Editorial.Publish(t.Context(), e.as(), id, editorial.Publishing{Version: version, Note: "Nghị quyết mới", From: time.Now().Add(time.Hour)})
	h.must(err)
	h.nowhere("published for later", extract, secret)
	waiting, err := h.Catalogue.Waiting(t.Context())
	h.must(err)
	if n := h.offered(extract, secret); n != offered {
		t.Errorf("published for later, a search leads to it %d times, before %d", n, offered)
	}
	h.must(h.Editorial.Withdraw(t.Context(), e.as(), waiting[0].ID, "công bố ngay"))
	h.nowhere("withdrawn", extract, secret)

	id, version = e.changed(extract, change)
	of.ID = id
	h.must(h.Editorial.Send(t.Context(), e.as(), of, version, ""))
	h.must(h.Editorial.Decide(t.Context(), editing{h, second}.as(), of, version, true, ""))
	_, err = h.Editorial.Publish(t.Context(), e.as(), id, editorial.Publishing{Version: version, Note: "Nghị quyết mới"})
	h.must(err)
	for _, at := range []string{"/thu-tuc/" + extract, "/thu-tuc?q=" + extract} {
		if !strings.Contains(h.visitor().get(at).text(), secret) {
			t.Errorf("%s does not say what was published", at)
		}
	}
	if !strings.Contains(h.visitor().get("/thu-tuc/"+extract).text(), "9.876") {
		t.Error("the new fee is not on the page")
	}
	if w, err := h.Dossiers.OfPerson(t.Context(), mai.session().Person, filed); err != nil || w.Revision.ID != before.ID {
		t.Errorf("the dossier filed before is under revision %d: %v", w.Revision.No, err)
	}
	r := mai.get("/ho-so/" + begun + "/kiem-tra")
	if r.Status == 303 {
		r = mai.get(r.Header.Get("Location"))
	}
	if !strings.Contains(r.text(), "nay là 9.876 đồng") {
		t.Errorf("the draft does not show the new fee: %d %s", r.Status, r.text())
	}
	if d, err := h.Drafts.Load(t.Context(), mai.session().Person, begun); err != nil || d.Revision.ID == before.ID {
		t.Errorf("the draft stays under the old revision: %v", err)
	}
}

// A procedure that ended says so and leads on; nothing of it can be begun or filed.
func TestAProcedureEnds(t *testing.T) {
	h := newHouse(t)
	mai, e := h.signedIn("mai"), editing{h, h.signedIn(h.onlyEditor()).officer()}
	begun := mai.draft(extract, nil)
	id, err := h.Editorial.OpenEnd(t.Context(), e.as(), extract, birth)
	h.must(err)
	h.approved(review.Sheet, "/"+id, "1")
	_, err = h.Editorial.Publish(t.Context(), e.as(), id, editorial.Publishing{Version: 1, Note: "bãi bỏ"})
	h.must(err)
	h.drain()
	r := h.visitor().get("/thu-tuc/" + extract)
	if r.Status != 410 || !strings.Contains(r.text(), "/thu-tuc/"+birth) {
		t.Errorf("the page: %d %s", r.Status, r.text())
	}
	if r := h.visitor().get("/thu-tuc/" + uuid.NewString()); r.Status != 404 {
		t.Errorf("a code that never was: %d", r.Status)
	}
	if r := mai.post("/thu-tuc/"+extract+"/ho-so", url.Values{}); r.Status != 404 {
		t.Errorf("begun: %d", r.Status)
	}
	if r := mai.get("/ho-so/" + begun + "/kiem-tra"); r.Status != 409 || !strings.Contains(r.text(), "đã bãi bỏ") {
		t.Errorf("the draft: %d", r.Status)
	}
	var told int
	h.must(h.DB.Get(&told, `SELECT count(*) FROM notices WHERE kind = 'procedure_ended'`))
	if told != 1 {
		t.Errorf("%d were told", told)
	}
}
