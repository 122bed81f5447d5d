package editorial

import (
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/review"
)

// approve sends the edit as An and approves it as Bình.
func (w world) approve(of review.Subject, version int) {
	w.t.Helper()
	w.must(w.Send(w.t.Context(), by(w.an), of, version, "phí mới"))
	w.must(w.Decide(w.t.Context(), by(w.binh), of, version, true, ""))
}

func onSheet(id string) review.Subject { return review.Subject{Kind: review.Sheet, ID: id} }

// ready is an approved edit of a procedure with another name.
func (w world) ready(code, name string) (id string, version int) {
	w.t.Helper()
	id = w.open(code)
	version, err := w.set(w.an, id, 1, named(name))
	w.must(err)
	w.approve(onSheet(id), version)
	return id, version
}

func (w world) nameOf(code string) string {
	w.t.Helper()
	rev, err := w.Catalogue.InForce(w.t.Context(), code)
	w.must(err)
	return rev.Sheet.Name.VI
}

func (w world) count(table string) (n int) {
	w.t.Helper()
	w.must(w.DB.Get(&n, `SELECT count(*) FROM `+table))
	return n
}

func TestPublishNeedsASecondPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(online)
	v, err := w.set(w.an, id, 1, named("Tên mới"))
	w.must(err)
	publish := func(o agency.Officer, version int) error {
		_, err := w.Publish(t.Context(), by(o), id, Publishing{Version: version, Note: "theo Nghị quyết"})
		return err
	}
	w.refused(publish(w.binh, v), problem.Conflict, "review.not_approved")
	w.must(w.Send(t.Context(), by(w.an), onSheet(id), v, ""))
	w.refused(w.Decide(t.Context(), by(w.an), onSheet(id), v, true, ""), problem.Forbidden, "review.own")
	w.must(w.Decide(t.Context(), by(w.binh), onSheet(id), v, true, ""))
	later, err := w.set(w.an, id, v, named("Tên khác nữa"))
	w.must(err)
	w.refused(publish(w.an, later), problem.Conflict, "review.not_approved") // changed since
	w.approve(onSheet(id), later)
	w.refused(publish(w.cuoi, later), problem.NotFound, "catalogue.not_found")
	_, err = w.Publish(t.Context(), by(w.an), id, Publishing{Version: later})
	w.refused(err, problem.Invalid, "catalogue.edit.no_note")
	if got := w.nameOf(online); got == "Tên khác nữa" {
		t.Fatal("published before it was")
	}
	as := by(w.an)
	for range 2 { // sent twice
		if no, err := w.Publish(t.Context(), as, id, Publishing{Version: later, Note: " theo Nghị quyết "}); err != nil || no != 2 {
			t.Fatalf("revision %d, %v", no, err)
		}
	}
	if got := w.nameOf(online); got != "Tên khác nữa" {
		t.Errorf("in force: %s", got)
	}
	var p struct {
		Note     string
		Edit     string `db:"edit_id"`
		By       int64  `db:"published_by"`
		Approved int64  `db:"approved_by"`
	}
	w.must(w.DB.Get(&p, `SELECT note, edit_id, published_by, approved_by FROM publications`))
	if p.Note != "theo Nghị quyết" || p.Edit != id || p.By != w.an.ID || p.Approved != w.binh.ID {
		t.Errorf("noted: %+v", p)
	}
	if e := w.edit(id); e.Open() || !e.RevisionID.Valid {
		t.Errorf("still open: %+v", e)
	}
	w.refused(publish(w.an, later), problem.Conflict, "editorial.closed")
	w.refused(w.Recall(t.Context(), by(w.an), onSheet(id), later), problem.Conflict, "editorial.closed")
}

// Before its second a revision is nowhere, from it on everywhere; until then it can be taken back.
func TestPublishedForLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.nameOf(online)
	id, v := w.ready(online, "Tên mới")
	from := morning.Add(2 * time.Hour)
	_, err := w.Publish(t.Context(), by(w.an), id, Publishing{Version: v, Note: "x", From: morning.Add(-time.Second)})
	w.refused(err, problem.Invalid, "catalogue.edit.past")
	_, err = w.Publish(t.Context(), by(w.an), id, Publishing{Version: v, Note: "x", From: from})
	w.must(err)
	w.pass(2*time.Hour - time.Microsecond)
	if got := w.nameOf(online); got != before {
		t.Errorf("in force before its second: %s", got)
	}
	waiting, err := w.Catalogue.Waiting(t.Context())
	if err != nil || len(waiting) != 1 {
		t.Fatalf("waiting: %v %v", waiting, err)
	}
	w.refused(w.Withdraw(t.Context(), by(w.an), waiting[0].ID, " "), problem.Invalid, "editorial.no_why")
	w.refused(w.Withdraw(t.Context(), by(w.cuoi), waiting[0].ID, "x"), problem.NotFound, "catalogue.not_found")
	as := by(w.an)
	for range 2 {
		w.must(w.Withdraw(t.Context(), as, waiting[0].ID, "nhầm"))
	}
	w.pass(time.Hour)
	if got := w.nameOf(online); got != before {
		t.Errorf("came into force though it was taken back: %s", got)
	}

	// another one comes, and can not be taken back once it has begun
	id, v = w.ready(online, "Tên thứ ba")
	_, err = w.Publish(t.Context(), by(w.an), id, Publishing{Version: v, Note: "x", From: morning.Add(5 * time.Hour)})
	w.must(err)
	w.pass(2*time.Hour + time.Microsecond)
	if got := w.nameOf(online); got != "Tên thứ ba" {
		t.Errorf("not in force in its second: %s", got)
	}
	rev, err := w.Catalogue.InForce(t.Context(), online)
	w.must(err)
	w.refused(w.Withdraw(t.Context(), by(w.an), rev.ID, "x"), problem.Conflict, "catalogue.begun")
}

func TestProcedureEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.OpenEnd(t.Context(), by(w.an), "9.000001", "9.000002")
	w.must(err)
	publish := func(from time.Time) error {
		_, err := w.Publish(t.Context(), by(w.an), id, Publishing{Version: 1, Note: "bãi bỏ", From: from})
		return err
	}
	w.refused(publish(time.Time{}), problem.Conflict, "review.not_approved")
	w.approve(onSheet(id), 1)
	w.must(publish(morning.Add(time.Hour)))
	if w.nameOf("9.000001") == "" {
		t.Error("ended before its second")
	}
	if n := w.count(`jobs WHERE kind = 'procedure.ended' AND subject = '9.000001'`); n != 1 {
		t.Errorf("%d jobs tell the people with drafts", n)
	}
	w.pass(time.Hour)
	if _, err := w.Catalogue.InForce(t.Context(), "9.000001"); !problem.Is(err, problem.NotFound) {
		t.Errorf("still in force: %v", err)
	}
	rev, end, err := w.Catalogue.Ended(t.Context(), "9.000001")
	if err != nil || end.ReplacedBy != "9.000002" || rev.Sheet.Name.VI != "Đăng ký giám hộ" {
		t.Errorf("ended: %+v %+v %v", rev, end, err)
	}
	w.refused(w.KeepOn(t.Context(), by(w.an), "9.000001", "x"), problem.NotFound, "catalogue.not_found")

	// published anew it is there again, at once
	again, v := w.ready("9.000001", "Đăng ký giám hộ lại")
	_, err = w.Publish(t.Context(), by(w.an), again, Publishing{Version: v, Note: "x", From: w.Now().Add(time.Hour)})
	w.refused(err, problem.Invalid, "editorial.over")
	_, err = w.Publish(t.Context(), by(w.an), again, Publishing{Version: v, Note: "x"})
	w.must(err)
	if got := w.nameOf("9.000001"); got != "Đăng ký giám hộ lại" {
		t.Errorf("revived: %s", got)
	}
}

func TestPlannedEndTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.OpenEnd(t.Context(), by(w.an), "9.000001", "")
	w.must(err)
	w.approve(onSheet(id), 1)
	_, err = w.Publish(t.Context(), by(w.an), id, Publishing{Version: 1, Note: "x", From: morning.Add(time.Hour)})
	w.must(err)
	as := by(w.binh)
	for range 2 {
		w.must(w.KeepOn(t.Context(), as, "9.000001", "còn áp dụng"))
	}
	w.pass(2 * time.Hour)
	if w.nameOf("9.000001") == "" {
		t.Error("it ended all the same")
	}
}

// Form and sheet are published by different people at different times: neither undoes the
// other. The same part published meanwhile is a conflict.
func TestPublishOverANewerRevision(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, v := w.ready(online, "Tên của An")
	newest, err := w.Catalogue.Newest(t.Context(), w.DB, online)
	w.must(err)
	parts := newest[online].Parts
	parts["tests"] = nil // the form's editors took the recorded runs out
	tx := w.DB.MustBegin()
	_, err = w.Catalogue.Put(t.Context(), tx, []catalogue.New{{Code: online, Parts: parts}})
	w.must(err)
	w.must(tx.Commit())
	no, err := w.Publish(t.Context(), by(w.an), id, Publishing{Version: v, Note: "x"})
	w.must(err)
	rev, err := w.Catalogue.InForce(t.Context(), online)
	if err != nil || no != 3 || rev.Sheet.Name.VI != "Tên của An" || len(rev.Recordings) != 0 {
		t.Errorf("revision %d: %s with %d runs, %v", no, rev.Sheet.Name.VI, len(rev.Recordings), err)
	}

	id, v = w.ready(online, "Tên khác của An")
	w.published(online, time.Time{}, named("Tên của người khác"))
	_, err = w.Publish(t.Context(), by(w.an), id, Publishing{Version: v, Note: "x"})
	refused, ok := errors.AsType[Refused](err)
	if !ok || len(refused) != 1 || refused[0].Findings[0].Message.Key != "editorial.moved" {
		t.Errorf("published over another's change: %v", err)
	}
}

func TestPublishIsRefusedByTheMachine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(online)
	v, err := w.set(w.an, id, 1, func(s *catalogue.Sheet) { s.Channels = s.Channels[:0] })
	w.must(err)
	w.approve(onSheet(id), v)
	_, err = w.Publish(t.Context(), by(w.an), id, Publishing{Version: v, Note: "x"})
	refused, ok := errors.AsType[Refused](err)
	if !ok || !problem.Is(err, problem.Invalid) || len(refused[0].Findings) == 0 || refused[0].Findings[0].Part != "sheet" {
		t.Fatalf("published without a way to file: %v", err)
	}
	if w.count("publications") != 0 || !w.edit(id).Open() {
		t.Error("something of it stayed")
	}
}

func (w world) many(names map[string]string) Batch {
	w.t.Helper()
	var all []BatchEdit
	newest, err := w.Catalogue.Newest(w.t.Context(), w.DB, "9.000001", "9.000002", "9.000003")
	w.must(err)
	for code, name := range names {
		var s catalogue.Sheet
		w.must(json.Unmarshal(newest[code].Parts["sheet"], &s))
		if s.Name.VI = name; name == "" {
			s.Audience = nil
		}
		b, err := json.Marshal(s)
		w.must(err)
		all = append(all, BatchEdit{code, Parts{"sheet": b}})
	}
	tx := w.DB.MustBegin()
	b, skipped, err := w.OpenBatch(w.t.Context(), tx, by(w.an), Bulk, "Đổi tên", all)
	w.must(err)
	w.must(tx.Commit())
	if len(skipped) > 0 {
		w.t.Fatal(skipped)
	}
	return b
}

func TestBatchIsReviewedAndPublishedAsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.many(map[string]string{"9.000001": "Một", "9.000002": "Hai", "9.000003": "Ba"})
	of := review.Subject{Kind: review.Batch, ID: b.ID}
	edits, err := w.BatchEdits(t.Context(), w.DB, b.ID)
	w.must(err)
	w.refused(w.Send(t.Context(), by(w.an), onSheet(edits[0].ID), 1, ""), problem.Conflict, "editorial.in_batch")
	_, err = w.PublishBatch(t.Context(), by(w.an), b.ID, Publishing{Version: b.Version, Note: "x"})
	w.refused(err, problem.Conflict, "review.not_approved")
	w.approve(of, b.Version)
	_, err = w.Publish(t.Context(), by(w.an), edits[0].ID, Publishing{Version: 1, Note: "x"})
	w.refused(err, problem.Conflict, "editorial.in_batch")
	as := by(w.an)
	for range 2 {
		if n, err := w.PublishBatch(t.Context(), as, b.ID, Publishing{Version: b.Version, Note: "x"}); err != nil || n != 3 {
			t.Fatalf("%d published, %v", n, err)
		}
	}
	if w.nameOf("9.000001") != "Một" || w.nameOf("9.000003") != "Ba" || w.count("publications") != 3 {
		t.Error("not all are in force")
	}
	if b, err := w.Batch(t.Context(), w.an, b.ID); err != nil || b.Open() || b.Left != 0 {
		t.Errorf("still open: %+v %v", b, err)
	}
}

// One that is refused keeps the batch back, or stays behind where the editor says so.
func TestBatchWithARefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.many(map[string]string{"9.000001": "Một", "9.000002": ""})
	w.approve(review.Subject{Kind: review.Batch, ID: b.ID}, b.Version)
	how := Publishing{Version: b.Version, Note: "x"}
	_, err := w.PublishBatch(t.Context(), by(w.an), b.ID, how)
	if refused, ok := errors.AsType[Refused](err); !ok || len(refused) != 1 || refused[0].Edit.Code != "9.000002" {
		t.Fatalf("published: %v", err)
	}
	if w.nameOf("9.000001") == "Một" || w.count("publications") != 0 {
		t.Error("a part was published")
	}
	how.Rest = true
	if n, err := w.PublishBatch(t.Context(), by(w.an), b.ID, how); err != nil || n != 1 {
		t.Fatalf("%d published, %v", n, err)
	}
	if b, err := w.Batch(t.Context(), w.an, b.ID); err != nil || !b.Open() || b.Left != 1 || w.nameOf("9.000001") != "Một" {
		t.Errorf("the rest: %+v %v", b, err)
	}
}

func TestCommentsAreOfTheirSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, other := w.open(online), w.open("9.000001")
	w.must(w.Comment(t.Context(), by(w.binh), onSheet(id), 1, "sheet/name", "viết đủ"))
	st, err := w.Status(t.Context(), w.an, onSheet(id))
	if err != nil || len(st.Comments) != 1 || st.Comments[0].Text != "viết đủ" {
		t.Fatalf("%+v %v", st, err)
	}
	w.refused(w.Resolve(t.Context(), by(w.an), onSheet(other), 1, st.Comments[0].ID), problem.NotFound, "review.not_found")
	as := by(w.an)
	for range 2 {
		w.must(w.Resolve(t.Context(), as, onSheet(id), 1, st.Comments[0].ID))
	}
	if w.count("audit WHERE deed = 'review.resolve'") != 1 {
		t.Error("resolved twice")
	}
	if _, err := w.Status(t.Context(), w.cuoi, onSheet(id)); !problem.Is(err, problem.NotFound) {
		t.Errorf("a stranger reads comments: %v", err)
	}
}

// What fails after the revision was written leaves nothing: no revision, no closed edit.
func TestLateFailureOfPublishing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, v := w.ready(online, "Tên mới")
	b := w.many(map[string]string{"9.000001": "Một"})
	w.approve(review.Subject{Kind: review.Batch, ID: b.ID}, b.Version)
	end, err := w.OpenEnd(t.Context(), by(w.an), "9.000003", "")
	w.must(err)
	w.approve(onSheet(end), 1)
	revisions := w.count("revisions")
	pgtest.Owner(t, w.DB).MustExec(`ALTER TABLE deeds ADD CONSTRAINT late CHECK (answer IS NULL) NOT VALID`) // a deed's last statement
	for name, deed := range map[string]func() error{
		"publish": func() error {
			_, err := w.Publish(t.Context(), by(w.an), id, Publishing{Version: v, Note: "late"})
			return err
		},
		"publish a batch": func() error {
			_, err := w.PublishBatch(t.Context(), by(w.an), b.ID, Publishing{Version: b.Version, Note: "late"})
			return err
		},
		"end": func() error {
			_, err := w.Publish(t.Context(), by(w.an), end, Publishing{Version: 1, Note: "late"})
			return err
		},
	} {
		if err := deed(); err == nil || problem.KindOf(err) != problem.Internal {
			t.Errorf("%s: %v, want the late failure", name, err)
		}
	}
	if w.count("revisions") != revisions || w.count("publications") != 0 || w.count("procedure_ends") != 0 || !w.edit(id).Open() || !w.edit(end).Open() {
		t.Error("something stayed")
	}
	if n := w.count("jobs WHERE kind = 'procedure.ended'"); n != 0 {
		t.Error("people would be told of an end that is none")
	}
}

// Two who publish the same edit at once make one revision.
func TestTwoPublishAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, v := w.ready(online, "Tên mới")
	revisions := w.count("revisions")
	errs := make([]error, 3)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			_, errs[i] = w.Publish(t.Context(), by(w.an), id, Publishing{Version: v, Note: "x"})
		})
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !problem.Is(err, problem.Conflict) {
			t.Error(err)
		}
	}
	if won != 1 || w.count("revisions") != revisions+1 {
		t.Errorf("%d published, %d revisions more", won, w.count("revisions")-revisions)
	}
}
