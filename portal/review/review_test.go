package review

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, locales.ICT)

// desk is a database with three editors and one who edits nothing.
type desk struct {
	*sqlx.DB
	t                  *testing.T
	an, binh, chi, duy agency.Officer
}

func newDesk(t *testing.T) desk {
	t.Helper()
	d := desk{DB: pgtest.Open(t), t: t}
	for name, o := range map[string]*agency.Officer{"An": &d.an, "Bình": &d.binh, "Chi": &d.chi, "Duy": &d.duy} {
		var id int64
		if err := d.Get(&id, `INSERT INTO officers (id_hash, name) VALUES ($1, $2) RETURNING id`, []byte(name), name); err != nil {
			t.Fatal(err)
		}
		*o = agency.Officer{ID: id, Name: name, Roles: []agency.Role{{Role: agency.Editor}}}
	}
	d.duy.Roles = []agency.Role{{Role: agency.Leader}}
	return d
}

func (d desk) do(deed func(ctx context.Context, tx *sqlx.Tx) error) error {
	return pg.InTx(d.t.Context(), d.DB, func(tx *sqlx.Tx) error { return deed(d.t.Context(), tx) })
}

func (d desk) send(by agency.Officer, s Subject, version int, authors ...int64) error {
	return d.do(func(ctx context.Context, tx *sqlx.Tx) error {
		return Send(ctx, tx, by, Sending{Subject: s, Version: version, Title: "Khai sinh", Link: "/x", Authors: authors, Note: " phí mới "}, monday)
	})
}

func (d desk) decide(by agency.Officer, s Subject, version int, approve bool, note string) error {
	return d.do(func(ctx context.Context, tx *sqlx.Tx) error {
		return Decide(ctx, tx, by, s, version, approve, note, monday.Add(time.Hour))
	})
}

func (d desk) status(s Subject) Status {
	d.t.Helper()
	all, err := Of(d.t.Context(), d.DB, s)
	if err != nil {
		d.t.Fatal(err)
	}
	return all[s]
}

func (d desk) approved(s Subject, version int) bool {
	d.t.Helper()
	r, err := Approved(d.t.Context(), d.DB, s, version)
	if err != nil && said(err) != "review.not_approved" {
		d.t.Fatal(err)
	}
	if err == nil && (r.ByID == 0 || r.Version != version) {
		d.t.Errorf("approved by nobody: %+v", r)
	}
	return err == nil
}

// said is the key of a fault.
func said(err error) string {
	var p *problem.Error
	if errors.As(err, &p) {
		return p.Message.Key
	}
	return ""
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func subject() Subject { return Subject{Sheet, uuid.NewString()} }

func TestSecondPersonApproves(t *testing.T) {
	t.Parallel()
	d, s := newDesk(t), subject()
	if st := d.status(s); st.State != "" || d.approved(s, 3) {
		t.Errorf("never sent, and %+v", st)
	}
	must(t, d.send(d.an, s, 3, d.an.ID, d.binh.ID))
	if err := d.send(d.an, s, 3, d.an.ID); said(err) != "review.already_sent" {
		t.Errorf("sent twice: %v", err)
	}
	if st := d.status(s); !st.Stands(StateSent, 3) || st.SentBy != "An" || st.Note != "phí mới" || !st.Own(d.binh) || st.Own(d.chi) {
		t.Errorf("sent: %+v", st)
	}
	if d.approved(s, 3) {
		t.Error("approved by being sent")
	}
	for _, c := range []struct {
		who  agency.Officer
		no   int
		want string
	}{{d.an, 3, "review.own"}, {d.binh, 3, "review.own"}, {d.chi, 2, "review.not_waiting"}, {d.duy, 3, "review.not_found"}} {
		if err := d.decide(c.who, s, c.no, true, ""); said(err) != c.want {
			t.Errorf("%s approves version %d: %v, not %s", c.who.Name, c.no, err, c.want)
		}
	}
	must(t, d.decide(d.chi, s, 3, true, "đúng"))
	if st := d.status(s); st.State != StateApproved || st.DecidedBy != "Chi" || st.Why != "đúng" || !st.DecidedAt.Equal(monday.Add(time.Hour)) {
		t.Errorf("approved: %+v", st)
	}
	if !d.approved(s, 3) || d.approved(s, 4) || d.approved(s, 2) || d.approved(Subject{Form, s.ID}, 3) {
		t.Error("the approval is not of that version alone")
	}
	if err := d.decide(d.chi, s, 3, false, "nein"); said(err) != "review.not_waiting" {
		t.Errorf("decided twice: %v", err)
	}
}

// Whoever sends what another wrote is no second person for it.
func TestSenderIsNoSecondPerson(t *testing.T) {
	t.Parallel()
	d, s := newDesk(t), subject()
	must(t, d.send(d.binh, s, 1, d.an.ID))
	for _, o := range []agency.Officer{d.an, d.binh} {
		if err := d.decide(o, s, 1, true, ""); said(err) != "review.own" || problem.KindOf(err) != problem.Forbidden {
			t.Errorf("%s approves: %v", o.Name, err)
		}
	}
	// the database says so too
	_, err := d.Exec(`UPDATE reviews SET state = 'approved', decided_at = now(), decided_by = $1`, d.an.ID)
	if !pg.Violates(err, "reviews_own") {
		t.Errorf("the database let the author approve: %v", err)
	}
}

func TestReturnedAndSentAgain(t *testing.T) {
	t.Parallel()
	d, s := newDesk(t), subject()
	must(t, d.send(d.an, s, 1, d.an.ID))
	if err := d.decide(d.chi, s, 1, false, "  "); said(err) != "review.no_note" {
		t.Errorf("given back without a word: %v", err)
	}
	must(t, d.decide(d.chi, s, 1, false, "thiếu căn cứ"))
	if st := d.status(s); st.State != StateReturned || st.Why != "thiếu căn cứ" || d.approved(s, 1) {
		t.Errorf("returned: %+v", st)
	}
	must(t, d.send(d.an, s, 2, d.an.ID))
	must(t, d.send(d.an, s, 3, d.an.ID)) // changed while it waited
	if err := d.decide(d.chi, s, 2, true, ""); said(err) != "review.not_waiting" {
		t.Errorf("an older version is approved: %v", err)
	}
	must(t, d.decide(d.chi, s, 3, true, ""))
	must(t, d.send(d.an, s, 4, d.an.ID))
	if d.approved(s, 3) || d.approved(s, 4) {
		t.Error("an approval outlives the next sending")
	}
}

func TestRecall(t *testing.T) {
	t.Parallel()
	d, s := newDesk(t), subject()
	recall := func(by agency.Officer) error {
		return d.do(func(ctx context.Context, tx *sqlx.Tx) error { return Recall(ctx, tx, by, s, monday) })
	}
	if err := recall(d.an); said(err) != "review.not_waiting" {
		t.Errorf("recalled what was never sent: %v", err)
	}
	must(t, d.send(d.an, s, 1, d.an.ID))
	if err := recall(d.duy); said(err) != "review.not_found" {
		t.Errorf("recalled by a stranger: %v", err)
	}
	must(t, recall(d.an))
	if err := d.decide(d.chi, s, 1, true, ""); said(err) != "review.not_waiting" || d.status(s).State != "" {
		t.Errorf("approved after the recall: %v", err)
	}
	must(t, d.send(d.an, s, 1, d.an.ID)) // the same version may go again
	must(t, d.decide(d.chi, s, 1, true, ""))
	must(t, recall(d.chi))
	if d.approved(s, 1) {
		t.Error("an approval that was taken back still counts")
	}
}

func TestComments(t *testing.T) {
	t.Parallel()
	d, s, other := newDesk(t), subject(), subject()
	comment := func(by agency.Officer, s Subject, text string) error {
		return d.do(func(ctx context.Context, tx *sqlx.Tx) error {
			return Comment(ctx, tx, by, s, 1, "sheet/channels/0/fees/0", text, monday)
		})
	}
	must(t, d.send(d.an, s, 1, d.an.ID))
	must(t, comment(d.chi, s, "8.000 đồng?"))
	must(t, comment(d.an, s, "theo Nghị quyết mới"))
	must(t, comment(d.chi, other, "khác"))
	for text, want := range map[string]string{" ": "review.no_text", string(make([]byte, most+1)): "review.too_long"} {
		if err := comment(d.chi, s, text); said(err) != want {
			t.Errorf("comment of %d bytes: %v", len(text), err)
		}
	}
	if err := comment(d.duy, s, "x"); said(err) != "review.not_found" {
		t.Errorf("a stranger comments: %v", err)
	}
	st := d.status(s)
	if len(st.Comments) != 2 || st.Open() != 2 || st.Comments[0].By != "Chi" || st.Comments[0].Place != "sheet/channels/0/fees/0" {
		t.Fatalf("comments: %+v", st.Comments)
	}
	if err := d.decide(d.chi, s, 1, true, ""); said(err) != "review.open_comments" {
		t.Errorf("approved over open comments: %v", err)
	}
	for _, c := range append(st.Comments, st.Comments[0]) { // the first one twice
		must(t, d.do(func(ctx context.Context, tx *sqlx.Tx) error { return Resolve(ctx, tx, d.an, c.ID, monday) }))
	}
	if err := d.do(func(ctx context.Context, tx *sqlx.Tx) error { return Resolve(ctx, tx, d.an, 99, monday) }); said(err) != "review.not_found" {
		t.Errorf("resolved a comment that is not there: %v", err)
	}
	if st := d.status(s); st.Open() != 0 || d.status(other).Open() != 1 {
		t.Errorf("resolved: %+v", st.Comments)
	}
	must(t, d.decide(d.chi, s, 1, true, ""))
}

func TestQueue(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	mine, theirs, done := subject(), Subject{Batch, uuid.NewString()}, subject()
	must(t, d.send(d.an, mine, 1))
	must(t, d.send(d.binh, theirs, 1))
	must(t, d.send(d.binh, done, 1))
	must(t, d.decide(d.chi, done, 1, true, ""))
	got, err := Waiting(t.Context(), d.DB, d.an)
	if err != nil || len(got) != 2 || got[0].Subject != theirs || got[1].Subject != mine || got[0].Own(d.an) || !got[1].Own(d.an) {
		t.Errorf("An's queue: %+v, %v", got, err)
	}
	if _, err := Waiting(t.Context(), d.DB, d.duy); said(err) != "review.not_found" {
		t.Errorf("a stranger sees the queue: %v", err)
	}
	if _, err := Approved(t.Context(), d.DB, Subject{Sheet, "'; --"}, 1); said(err) != "review.not_found" {
		t.Errorf("an id that is none: %v", err)
	}
}

// A deed is part of a larger one: what fails after it leaves nothing of it.
func TestLateFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	d, s := newDesk(t), subject()
	late := errors.New("late")
	fail := func(deed func(ctx context.Context, tx *sqlx.Tx) error) {
		t.Helper()
		err := d.do(func(ctx context.Context, tx *sqlx.Tx) error { return errors.Join(deed(ctx, tx), late) })
		if err == nil || err.Error() != "late" {
			t.Errorf("the deed failed before: %v", err)
		}
	}
	fail(func(ctx context.Context, tx *sqlx.Tx) error {
		return Send(ctx, tx, d.an, Sending{Subject: s, Version: 1}, monday)
	})
	if st := d.status(s); st.State != "" {
		t.Errorf("sent all the same: %+v", st)
	}
	must(t, d.send(d.an, s, 1))
	fail(func(ctx context.Context, tx *sqlx.Tx) error { return Decide(ctx, tx, d.chi, s, 1, true, "", monday) })
	fail(func(ctx context.Context, tx *sqlx.Tx) error { return Comment(ctx, tx, d.chi, s, 1, "", "x", monday) })
	fail(func(ctx context.Context, tx *sqlx.Tx) error { return Recall(ctx, tx, d.chi, s, monday) })
	if st := d.status(s); !st.Stands(StateSent, 1) || len(st.Comments) != 0 {
		t.Errorf("something stayed: %+v", st)
	}
}

func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	d, s := newDesk(t), subject()
	race := func(deeds ...func() error) (won int, lost []string) {
		errs := make([]error, len(deeds))
		var all sync.WaitGroup
		for i, deed := range deeds {
			all.Go(func() { errs[i] = deed() })
		}
		all.Wait()
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				lost = append(lost, said(err))
			}
		}
		return won, lost
	}
	send := func() error { return d.send(d.an, s, 1) }
	if won, lost := race(send, send, send); won != 1 || lost[0] != "review.already_sent" || lost[1] != lost[0] {
		t.Errorf("%d sendings, %v", won, lost)
	}
	approve := func() error { return d.decide(d.chi, s, 1, true, "") }
	refuse := func() error { return d.decide(d.binh, s, 1, false, "nein") }
	if won, lost := race(approve, refuse); won != 1 || len(lost) != 1 || lost[0] != "review.not_waiting" {
		t.Errorf("%d decisions, %v", won, lost)
	}
}
