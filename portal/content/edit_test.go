package content

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/once"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

// house is a service with two editors and somebody who is none.
type house struct {
	*Service
	t              *testing.T
	an, binh, cuoi agency.Officer
	now            *time.Time
}

func newHouse(t *testing.T) house {
	t.Helper()
	s, now := newService(t)
	h := house{Service: s, t: t, now: now}
	for _, o := range []struct {
		name, role string
		into       *agency.Officer
	}{{"An", agency.Editor, &h.an}, {"Bình", agency.Editor, &h.binh}, {"Cuội", agency.Leader, &h.cuoi}} {
		*o.into = agency.Officer{Name: o.name, Roles: []agency.Role{{Role: o.role}}}
		h.must(s.DB.Get(&o.into.ID, `INSERT INTO officers (id_hash, name) VALUES ($1, $2) RETURNING id`, []byte(o.name), o.name))
	}
	return h
}

func (h house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h house) refused(what string, err error, kind problem.Kind, key string) {
	h.t.Helper()
	if !problem.Is(err, kind) || err.Error() != key {
		if o, ok := err.(*Overtaken); ok && problem.Is(o.Unwrap(), kind) && o.Unwrap().Error() == key {
			return
		}
		h.t.Errorf("%s: %v, want %s", what, err, key)
	}
	if !locales.Has(key) {
		h.t.Errorf("no text %s", key)
	}
}

// by is an officer with a new key.
func by(o agency.Officer) catalogue.Editing {
	return catalogue.Editing{Officer: o, Key: once.Key{Person: o.Name, Key: uuid.NewString(), Route: "POST /", Body: sha256.Sum256(nil)}}
}

func (h house) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	h.must(h.DB.Get(&n, query, args...))
	return n
}

const slug = "nop-nham"

// changed opens the question and gives it another answer; version 2.
func (h house) changed(o agency.Officer) string {
	h.t.Helper()
	id, err := h.Open(h.t.Context(), by(o), Question, slug)
	h.must(err)
	e, err := h.Edit(h.t.Context(), o, id)
	h.must(err)
	d := e.Doc.V
	d.Body = locales.Text{VI: "Gọi cơ quan ngay.", EN: "Call at once."}
	_, err = h.Save(h.t.Context(), by(o), id, e.Version, d)
	h.must(err)
	return id
}

// approved has a change approved by the second editor.
func (h house) approved() string {
	h.t.Helper()
	id := h.changed(h.an)
	h.must(h.Send(h.t.Context(), by(h.an), id, 2, ""))
	h.must(h.Decide(h.t.Context(), by(h.binh), id, 2, true, ""))
	return id
}

func (h house) body(kind, slug string) string {
	h.t.Helper()
	i, err := h.One(h.t.Context(), kind, slug)
	if problem.Is(err, problem.NotFound) {
		return ""
	}
	h.must(err)
	return i.Body.VI
}

// From a change to its being read: nobody sees it before, nobody approves their own, and what
// was changed after the approval is not approved.
func TestPublish(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, old := t.Context(), h.body(Question, slug)
	id := h.changed(h.an)
	how := Publishing{Version: 2, Note: "Trả lời ngắn hơn"}
	_, err := h.Publish(ctx, by(h.an), id, how)
	h.refused("not sent", err, problem.Conflict, "review.not_approved")
	h.must(h.Send(ctx, by(h.an), id, 2, "Xem giúp"))
	h.refused("one's own", h.Decide(ctx, by(h.an), id, 2, true, ""), problem.Forbidden, "review.own")
	h.must(h.Comment(ctx, by(h.binh), id, 2, "body-vi", "Thiếu số điện thoại"))
	h.refused("open comments", h.Decide(ctx, by(h.binh), id, 2, true, ""), problem.Conflict, "review.open_comments")
	e, err := h.Edit(ctx, h.an, id)
	h.must(err)
	if len(e.Review.Comments) != 1 {
		t.Fatalf("%+v", e.Review)
	}
	h.must(h.Resolve(ctx, by(h.an), id, 2, e.Review.Comments[0].ID))
	h.must(h.Decide(ctx, by(h.binh), id, 2, true, ""))

	d := e.Doc.V
	d.Body.VI = "Gọi số ở cuối trang."
	_, err = h.Save(ctx, by(h.an), id, 2, d)
	h.must(err)
	how.Version = 3
	_, err = h.Publish(ctx, by(h.an), id, how)
	h.refused("changed since", err, problem.Conflict, "review.not_approved")
	h.must(h.Send(ctx, by(h.an), id, 3, ""))
	h.must(h.Decide(ctx, by(h.binh), id, 3, true, ""))
	if h.body(Question, slug) != old {
		t.Error("seen before it was published")
	}
	_, err = h.Publish(ctx, by(h.an), id, Publishing{Version: 3})
	h.refused("no note", err, problem.Invalid, "content.no_note")
	_, err = h.Publish(ctx, by(h.an), id, Publishing{Version: 3, Note: "x", From: start.Add(-time.Hour)})
	h.refused("past", err, problem.Invalid, "content.past")

	again, first := by(h.an), start.Add(time.Hour)
	how.From = first
	for range 2 { // sent twice, done once
		no, err := h.Publish(ctx, again, id, how)
		if h.must(err); no != 2 {
			t.Errorf("revision %d", no)
		}
	}
	*h.now = first.Add(-time.Second)
	if h.body(Question, slug) != old {
		t.Error("seen a second too early")
	}
	*h.now = first
	if got := h.body(Question, slug); got != d.Body.VI {
		t.Errorf("%q", got)
	}
	if n := h.count(`SELECT count(*) FROM content_revisions WHERE edit_id = $1 AND published_by = $2 AND approved_by = $3`, id, h.an.ID, h.binh.ID); n != 1 {
		t.Errorf("%d revisions", n)
	}
	_, err = h.Save(ctx, by(h.an), id, 3, d)
	h.refused("over", err, problem.Conflict, "content.closed")
}

// A late failure leaves nothing of a publishing.
func TestPublishFailsLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.approved()
	_, err := pgtest.Owner(t, h.DB).Exec(`ALTER TABLE content_edits ADD CONSTRAINT broken CHECK (published IS NULL)`)
	h.must(err)
	before, deeds := h.count(`SELECT count(*) FROM content_revisions`), h.count(`SELECT count(*) FROM deeds`)
	if _, err := h.Publish(t.Context(), by(h.an), id, Publishing{Version: 2, Note: "x"}); err == nil {
		t.Fatal("published")
	}
	if n := h.count(`SELECT count(*) FROM content_revisions`); n != before {
		t.Errorf("%d revisions stayed", n-before)
	}
	if n := h.count(`SELECT count(*) FROM deeds`); n != deeds {
		t.Errorf("%d keys stayed", n-deeds)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE deed = 'content.publish'`); n != 0 {
		t.Errorf("%d entries stayed", n)
	}
}

// An import that came meanwhile is not written over unseen.
func TestMoved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.approved()
	h.must(h.DB.Get(new(int64), `INSERT INTO content_revisions (content_id, no, doc, sha256, in_force_from, made_at)
		SELECT content_id, 2, doc, sha256, $2, $2 FROM content_revisions WHERE content_id = (SELECT content_id FROM content_edits WHERE id = $1) RETURNING id`, id, start))
	_, err := h.Publish(t.Context(), by(h.an), id, Publishing{Version: 2, Note: "x"})
	h.refused("moved", err, problem.Conflict, "content.moved")
	h.must(h.Rebase(t.Context(), by(h.an), id, 2))
	_, err = h.Publish(t.Context(), by(h.an), id, Publishing{Version: 3, Note: "x"})
	h.refused("another difference", err, problem.Conflict, "review.not_approved")
	h.must(h.Send(t.Context(), by(h.an), id, 3, ""))
	h.must(h.Decide(t.Context(), by(h.binh), id, 3, true, ""))
	if no, err := h.Publish(t.Context(), by(h.an), id, Publishing{Version: 3, Note: "x"}); err != nil || no != 3 {
		t.Errorf("%d %v", no, err)
	}
}

func TestWithdraw(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, id, old := t.Context(), h.approved(), h.body(Question, slug)
	_, err := h.Publish(ctx, by(h.an), id, Publishing{Version: 2, Note: "x", From: start.Add(time.Hour)})
	h.must(err)
	h.refused("without why", h.Withdraw(ctx, by(h.an), Question, slug, 2, " "), problem.Invalid, "content.no_why")
	again := by(h.an)
	for range 2 {
		h.must(h.Withdraw(ctx, again, Question, slug, 2, "Sai ngày"))
	}
	*h.now = start.Add(2 * time.Hour)
	if h.body(Question, slug) != old {
		t.Error("what was withdrawn came, or the one before went")
	}
	h.must(h.Withdraw(ctx, by(h.binh), Question, slug, 1, "Sai luật"))
	if got := h.body(Question, slug); got != "" {
		t.Errorf("still there: %s", got)
	}
	h.refused("again", h.Withdraw(ctx, by(h.binh), Question, slug, 1, "x"), problem.Conflict, "content.not_shown")
	hist, err := h.History(ctx, h.an, Question, slug)
	if h.must(err); hist.Shown != 0 || len(hist.Revisions) != 2 || hist.Revisions[0].Why != "Sai ngày" || hist.Revisions[1].Taker != "Bình" {
		t.Errorf("%+v", hist)
	}
	id, err = h.Restore(ctx, by(h.an), Question, slug, 1)
	h.must(err)
	h.must(h.Send(ctx, by(h.an), id, 1, ""))
	h.must(h.Decide(ctx, by(h.binh), id, 1, true, ""))
	_, err = h.Publish(ctx, by(h.an), id, Publishing{Version: 1, Note: "Đăng lại"})
	if h.must(err); h.body(Question, slug) != old {
		t.Error("not there again")
	}
}

// To whom edits nothing there is nothing; two editors do not write over one another.
func TestEditing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	_, err := h.Open(ctx, by(h.cuoi), Question, slug)
	h.refused("a leader", err, problem.NotFound, "catalogue.not_found")
	_, err = h.List(ctx, h.cuoi, "", "")
	h.refused("a leader's list", err, problem.NotFound, "catalogue.not_found")
	id := h.changed(h.an)
	if same, err := h.Open(ctx, by(h.binh), Question, slug); err != nil || same != id {
		t.Errorf("another edit %s (%v)", same, err)
	}
	_, err = h.Save(ctx, by(h.binh), id, 1, Doc{Title: locales.V("Muộn")})
	h.refused("late", err, problem.Conflict, "content.overtaken")
	h.must(h.Undo(ctx, by(h.binh), id, 2))
	if e, err := h.Edit(ctx, h.an, id); err != nil || e.Version != 3 || e.Doc.V.Body.VI != h.body(Question, slug) {
		t.Errorf("%+v (%v)", e, err)
	}
	h.refused("nothing left", h.Undo(ctx, by(h.an), id, 3), problem.Conflict, "content.nothing_to_undo")
	_, err = h.Save(ctx, by(h.an), id, 3, Doc{})
	h.must(err)
	h.refused("empty", h.Send(ctx, by(h.an), id, 4, ""), problem.Invalid, "content.refused")
	h.must(h.Discard(ctx, by(h.an), id, 4))
	if n := h.count(`SELECT count(*) FROM content_edits WHERE closed_at IS NULL`); n != 0 {
		t.Errorf("%d open", n)
	}
	fresh, err := h.OpenNew(ctx, by(h.an), News, "Đổi giờ làm việc — mùa nước nổi!")
	h.must(err)
	if e, err := h.Edit(ctx, h.an, fresh); err != nil || e.Slug != "doi-gio-lam-viec-mua-nuoc-noi" {
		t.Errorf("%+v (%v)", e, err)
	}
	_, err = h.OpenNew(ctx, by(h.an), News, "Đổi giờ làm việc, mùa nước nổi")
	h.refused("the address is taken", err, problem.Conflict, "content.taken")
	all, err := h.List(ctx, h.an, News, "gio lam")
	if h.must(err); len(all) != 1 || all[0].EditID != fresh || all[0].ShownNo != 0 {
		t.Errorf("%+v", all)
	}
}

// The words of the search are changed like any text: seen by the search when they are
// published, and kept when a folder is imported again.
func TestWords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.DB.MustExec(`INSERT INTO synonyms (say, means) VALUES ('sổ đỏ', '["đất"]'), ('cũ', '["x"]')`)
	words := func() []string {
		all, err := h.Catalogue.Synonyms(ctx)
		h.must(err)
		var said []string
		for _, y := range all {
			said = append(said, y.Say)
		}
		return said
	}
	id, err := h.Open(ctx, by(h.an), Words, TheWords)
	h.must(err)
	d := Doc{Title: locales.V("Từ"), Words: []catalogue.Synonym{{Say: "sổ đỏ", Means: []string{"giấy chứng nhận"}}, {Say: "bìa đỏ", Means: []string{"sổ đỏ"}}}}
	_, err = h.Save(ctx, by(h.an), id, 1, d)
	h.must(err)
	e, err := h.Edit(ctx, h.an, id)
	h.must(err)
	before, err := h.Before(ctx, e)
	h.must(err)
	if got := Differences(before, e.Doc.V); len(got) < 3 {
		t.Errorf("%+v", got)
	}
	h.must(h.Send(ctx, by(h.an), id, 2, ""))
	h.must(h.Decide(ctx, by(h.binh), id, 2, true, ""))
	_, err = h.Publish(ctx, by(h.an), id, Publishing{Version: 2, Note: "x", From: start.Add(time.Hour)})
	h.must(err)
	if got := words(); !slices.Equal(got, []string{"cũ", "sổ đỏ"}) {
		t.Errorf("too early: %v", got)
	}
	if n := h.count(`SELECT count(*) FROM jobs WHERE kind = 'content.words'`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	*h.now = start.Add(time.Hour)
	for range 2 { // a job may be done twice
		h.must(h.bringWords(ctx, queue.Job{Kind: wordsKind}))
	}
	if got := words(); !slices.Equal(got, []string{"bìa đỏ", "sổ đỏ"}) {
		t.Errorf("%v", got)
	}
	if n := h.count(`SELECT count(*) FROM synonyms WHERE edited AND (gone AND say = 'cũ' OR means = '["giấy chứng nhận"]')`); n != 2 {
		t.Errorf("%d rows keep what editors said", n)
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	a := Doc{Title: locales.V("Một hai ba"), Steps: []Step{{Title: locales.V("Đi")}}, Order: 10}
	b := Doc{Title: locales.Text{VI: "Một bốn ba", EN: "One"}, Steps: []Step{{Title: locales.V("Đi")}, {Title: locales.V("Về"), Perhaps: true}}, Order: 10}
	found := Differences(a, b)
	places := []string{}
	for _, d := range found {
		places = append(places, d.Place)
	}
	if !slices.Equal(places, []string{"title-vi", "title-en", "steps-1-title-vi", "steps-1-perhaps"}) {
		t.Fatalf("%v", places)
	}
	if !slices.Equal(found[0].Before, []Run{{"Một ", "same"}, {"hai", "del"}, {" ba", "same"}}) || !slices.Equal(found[0].After, []Run{{"Một ", "same"}, {"bốn", "ins"}, {" ba", "same"}}) {
		t.Errorf("%+v", found[0])
	}
	if len(Differences(b, b)) != 0 {
		t.Error("a text differs from itself")
	}
}

// A vote counts once, whoever it was, and its sending again is none; a late failure leaves
// neither vote nor key.
func TestVote(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, key := t.Context(), by(h.an).Key
	for range 2 {
		h.must(h.Vote(ctx, key, "192.0.2.1", Question, slug, true))
	}
	h.must(h.Vote(ctx, by(h.binh).Key, "192.0.2.1", Question, slug, false))
	hist, err := h.History(ctx, h.an, Question, slug)
	if h.must(err); hist.Helpful != 1 || hist.Useless != 1 {
		t.Errorf("%d helped, %d did not", hist.Helpful, hist.Useless)
	}
	h.refused("no such text", h.Vote(ctx, key, "192.0.2.1", Guide, "khong-co", true), problem.NotFound, "content.not_found")
	h.refused("an announcement", h.Vote(ctx, key, "192.0.2.1", News, "cong-mo-cua", true), problem.NotFound, "content.not_found")
	for range votesADay {
		err = h.Vote(ctx, by(h.an).Key, "192.0.2.9", Question, slug, true)
	}
	h.must(err)
	h.refused("no reader", h.Vote(ctx, by(h.an).Key, "192.0.2.9", Question, slug, true), problem.TooMany, "content.too_many")
	_, err = pgtest.Owner(t, h.DB).Exec(`ALTER TABLE deeds ADD CONSTRAINT broken CHECK (answer IS NULL) NOT VALID`)
	h.must(err)
	votes, deeds := h.count(`SELECT sum(count) FROM content_votes`), h.count(`SELECT count(*) FROM deeds`)
	if err := h.Vote(ctx, by(h.cuoi).Key, "192.0.2.2", Question, slug, true); err == nil {
		t.Error("counted")
	}
	if h.count(`SELECT sum(count) FROM content_votes`) != votes || h.count(`SELECT count(*) FROM deeds`) != deeds {
		t.Error("half a vote stayed")
	}
}
