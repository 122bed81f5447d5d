package catalogue

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/portal/agency"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/review"
)

// builderDesk is a service with a small catalogue, the shipped forms and two editors.
type builderDesk struct {
	*Service
	*clock
	t        *testing.T
	an, binh agency.Officer
}

func newEditing(t *testing.T) builderDesk {
	t.Helper()
	s, c := newService(t)
	f := untried(t)
	f[informationFile] = small()[informationFile]
	f[fieldsFile].Data = []byte(strings.Replace(string(f[fieldsFile].Data), `"fields": [`, `"fields": [{"code": "ho-tich-mau", "name": {"vi": "Hộ tịch mẫu"}, "agency": "H01.02", "tier": "commune"},`, 1))
	f[informationFile].Data = []byte(strings.ReplaceAll(string(f[informationFile].Data), `"field": "ho-tich"`, `"field": "ho-tich-mau"`))
	if r := imported(t, s, f); len(r.Faults) > 0 {
		t.Fatal(r.Faults)
	}
	e := builderDesk{Service: s, clock: c, t: t}
	for _, name := range []string{"An", "Bình"} {
		var id int64
		if err := s.DB.Get(&id, `INSERT INTO officers (id_hash, name) VALUES ($1, $2) RETURNING id`, []byte(name), name); err != nil {
			t.Fatal(err)
		}
		o := agency.Officer{ID: id, Name: name, Roles: []agency.Role{{Role: agency.Editor}}}
		if name == "An" {
			e.an = o
		} else {
			e.binh = o
		}
	}
	return e
}

// untried is the folder without its recorded runs: what they hold against a form is tried
// with them.
func untried(t *testing.T) fstest.MapFS {
	t.Helper()
	f := fullFolder(t)
	for name := range f {
		if strings.Contains(name, "/tests/") {
			delete(f, name)
		}
	}
	return f
}

// eventTitle is the title of the page that the tests change.
func eventTitle(t *testing.T, r *Revision) string {
	t.Helper()
	i := slices.IndexFunc(r.Form.Pages, func(p *eforms.Page) bool { return p.ID == "event" })
	if i < 0 {
		t.Fatal("the shipped form has no page event")
	}
	return r.Form.Pages[i].Title.VI
}

// by is an officer with a new key.
func by(o agency.Officer) Editing {
	return Editing{Officer: o, Key: once.Key{Person: o.Name, Key: uuid.NewString(), Route: "POST /", Body: sha256.Sum256(nil)}}
}

func (e builderDesk) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e builderDesk) edit(id string) FormEdit {
	e.t.Helper()
	f, err := e.FormEdit(e.t.Context(), e.an, id)
	e.must(err)
	return f
}

// save puts a text in the place of another in the edit's form.
func (e builderDesk) save(o agency.Officer, id string, version int, from, to string) (int, error) {
	e.t.Helper()
	f := e.edit(id)
	if !strings.Contains(f.Definition, from) {
		e.t.Fatalf("the form has no %q:\n%s", from, f.Definition)
	}
	return e.SaveEdit(e.t.Context(), by(o), id, version, Change{[]byte(strings.Replace(f.Definition, from, to, 1)), "set", "/title"})
}

const shippedLabel = `"vi": "Bản sao cần cấp"`

func TestOneEditAForm(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	press := by(e.an)
	id, err := e.StartEdit(t.Context(), press, "2.000635")
	e.must(err)
	for _, again := range []Editing{press, by(e.binh)} { // sent twice, and another editor's
		if other, err := e.StartEdit(t.Context(), again, "2.000635"); err != nil || other != id {
			t.Errorf("%s, %v: another edit than %s", other, err, id)
		}
	}
	f := e.edit(id)
	if f.Version != 1 || f.OpenedBy != "An" || f.By != "An" || f.Moved() || !strings.Contains(f.Definition, shippedLabel) {
		t.Errorf("%+v", f)
	}
	if i, j := strings.Index(f.Definition, `"id": "for_whom"`), strings.Index(f.Definition, `"kind": "radios"`); i < 0 || j < i {
		t.Error("the members of a question are in no order that people read")
	}
	all, err := e.Forms(t.Context(), e.an)
	if err != nil || all[0].Revision.Code != "2.000635" || all[0].Edit == nil || all[0].Edit.ID != id || all[1].Edit != nil {
		t.Errorf("%v", err)
	}
	for _, code := range []string{"9.999999", "x", ""} {
		if _, err := e.StartEdit(t.Context(), by(e.an), code); !problem.Is(err, problem.NotFound) {
			t.Errorf("%q: %v", code, err)
		}
	}
}

func TestOnlyEditorsEdit(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	id, err := e.StartEdit(t.Context(), by(e.an), "2.000635")
	e.must(err)
	other := agency.Officer{ID: e.binh.ID, Roles: []agency.Role{{Role: agency.Leader}, {Role: agency.Intake}}}
	ctx := t.Context()
	_, err1 := e.Forms(ctx, other)
	_, err2 := e.FormEdit(ctx, other, id)
	_, err3 := e.StartEdit(ctx, by(other), "1.001193")
	_, err4 := e.SaveEdit(ctx, by(other), id, 1, Change{Definition: []byte(`{}`), Deed: "set"})
	_, err5 := e.PublishEdit(ctx, by(other), id, Publishing{Version: 1, Note: "x"})
	_, err6 := e.FormAt(ctx, other, id, 1)
	_, err7 := e.FormVersions(ctx, other, id)
	_, err8 := e.Candidate(ctx, other, id)
	for i, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8, e.TakeBack(ctx, by(other), id, 1), e.GiveUp(ctx, by(other), id, 1), e.Rebase(ctx, by(other), id, 1)} {
		if !problem.Is(err, problem.NotFound) {
			t.Errorf("%d: %v", i+1, err)
		}
	}
	admin := agency.Officer{ID: e.binh.ID, Roles: []agency.Role{{Role: agency.Admin}}}
	if _, err := e.FormEdit(ctx, admin, id); err != nil {
		t.Error(err)
	}
	for _, id := range []string{"", "x", uuid.NewString()} {
		if _, err := e.FormEdit(ctx, e.an, id); !problem.Is(err, problem.NotFound) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// A save from an older version changes nothing and shows what came meanwhile; each step can
// be taken back, again and again.
func TestTwoEditorsAndTakingBack(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	id, err := e.StartEdit(t.Context(), by(e.an), "2.000635")
	e.must(err)
	first := e.edit(id).Definition
	v, err := e.save(e.an, id, 1, shippedLabel, `"vi": "Bản sao A"`)
	if err != nil || v != 2 {
		t.Fatalf("%d, %v", v, err)
	}
	_, err = e.save(e.binh, id, 1, `"vi": "Bản sao A"`, `"vi": "Bản sao B"`)
	late, ok := errors.AsType[*Overtaken](err)
	if !ok || !problem.Is(err, problem.Conflict) || len(late.Since) != 1 || late.Since[0].By != "An" || !strings.Contains(late.Edit.Definition, "Bản sao A") {
		t.Fatalf("%v", err)
	}
	if f := e.edit(id); f.Version != 2 || f.By != "An" {
		t.Errorf("%+v", f)
	}
	if old, err := e.FormAt(t.Context(), e.binh, id, 1); err != nil || old != first {
		t.Errorf("the text that a late page was made of: %v", err)
	}
	_, err = e.save(e.binh, id, 2, `"vi": "Bản sao A"`, `"vi": "Bản sao B"`)
	e.must(err)
	for i, want := range []string{"Bản sao A", "Bản sao cần cấp"} {
		e.must(e.TakeBack(t.Context(), by(e.an), id, 3+i))
		if f := e.edit(id); f.Version != 4+i || !strings.Contains(f.Definition, want) || f.Deed != "undo" {
			t.Errorf("taken back %d times: %+v", i+1, f)
		}
	}
	if err := e.TakeBack(t.Context(), by(e.an), id, 5); !problem.Is(err, problem.Conflict) {
		t.Errorf("before the first: %v", err)
	}
	if e.edit(id).Definition != first {
		t.Error("not what it began with")
	}
	press := by(e.an) // sent twice
	for range 2 {
		if v, err := e.SaveEdit(t.Context(), press, id, 5, Change{[]byte(`{"a": 1}`), "import", ""}); err != nil || v != 6 {
			t.Errorf("%d, %v", v, err)
		}
	}
	if f := e.edit(id); f.Version != 6 || f.Definition != `{"a": 1}` {
		t.Errorf("%+v", f)
	}
	if _, err := e.SaveEdit(t.Context(), by(e.an), id, 6, Change{[]byte(`{"a":`), "import", ""}); !problem.Is(err, problem.Invalid) {
		t.Errorf("no JSON: %v", err)
	}
	var deeds []string
	e.must(e.DB.Select(&deeds, `SELECT deed FROM audit WHERE object = $1 ORDER BY id`, "form_edit:"+id))
	if !slices.Equal(deeds, []string{"form_edit.start", "form_edit.set", "form_edit.set", "form_edit.undo", "form_edit.undo", "form_edit.import"}) {
		t.Errorf("audit %v", deeds)
	}
}

func TestTwentyEditorsAtOnce(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	id, err := e.StartEdit(t.Context(), by(e.an), "2.000635")
	e.must(err)
	results := make(chan error, 20)
	for i := range 20 {
		text := []byte(`{"n": ` + string(rune('0'+i%10)) + `}`)
		go func() {
			_, err := e.SaveEdit(t.Context(), by(e.an), id, 1, Change{text, "set", ""})
			results <- err
		}()
	}
	kept := 0
	for range 20 {
		err := <-results
		if _, late := errors.AsType[*Overtaken](err); err == nil {
			kept++
		} else if !late {
			t.Error(err)
		}
	}
	if f := e.edit(id); kept != 1 || f.Version != 2 {
		t.Errorf("%d kept, version %d", kept, f.Version)
	}
}

func TestPublishing(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	ctx := t.Context()
	id, err := e.StartEdit(ctx, by(e.an), "2.000635")
	e.must(err)
	c, err := e.Candidate(ctx, e.an, id)
	if err != nil || len(c.Refusals) != 1 || c.Refusals[0].Message.Key != "catalogue.edit.same" {
		t.Fatalf("nothing new: %+v, %v", c, err)
	}
	_, err = e.save(e.an, id, 1, shippedLabel, `"vi": "Bản sao cần có"`)
	e.must(err)
	before, err := e.InForce(ctx, "2.000635")
	if err != nil || eventTitle(t, before) != "Bản sao cần cấp" {
		t.Fatalf("what is edited is seen by all: %v", err)
	}
	if _, err := e.PublishEdit(ctx, by(e.an), id, Publishing{Version: 2, Note: "  "}); !problem.Is(err, problem.Invalid) {
		t.Errorf("without a note: %v", err)
	}
	if _, err := e.PublishEdit(ctx, by(e.an), id, Publishing{Version: 2, Note: "x", From: e.now().Add(-time.Minute)}); !problem.Is(err, problem.Invalid) {
		t.Errorf("in the past: %v", err)
	}
	if _, err := e.PublishEdit(ctx, by(e.an), id, Publishing{Version: 2, Note: "x"}); !problem.Is(err, problem.Conflict) {
		t.Errorf("published before a second person saw it: %v", err)
	}
	approve(t, e.Service, id, 2)
	if _, err := e.PublishEdit(ctx, by(e.an), id, Publishing{Version: 1, Note: "x"}); !problem.Is(err, problem.Conflict) {
		t.Errorf("an older version: %v", err)
	}
	press := by(e.binh)
	for range 2 { // sent twice
		if no, err := e.PublishEdit(ctx, press, id, Publishing{Version: 2, Note: "Đổi tên trang"}); err != nil || no != 2 {
			t.Fatalf("%d, %v", no, err)
		}
	}
	after, err := e.InForce(ctx, "2.000635")
	if err != nil || after.No != 2 || eventTitle(t, after) != "Bản sao cần có" || after.Workflow == nil || len(after.Fees) != 1 || after.Sheet.Name != before.Sheet.Name {
		t.Errorf("%+v, %v", after, err)
	}
	e.must(e.Verify(ctx))
	f := e.edit(id)
	if f.Open() || f.RevisionID.Int64 != after.ID || f.Note != "Đổi tên trang" {
		t.Errorf("%+v", f)
	}
	if _, err := e.save(e.an, id, 2, "Bản sao", "B"); !problem.Is(err, problem.Conflict) {
		t.Errorf("an edit that is over was changed: %v", err)
	}
	var kept int
	e.must(e.DB.Get(&kept, `SELECT count(*) FROM form_versions WHERE edit_id = $1`, id))
	if kept != 1 {
		t.Errorf("%d versions kept", kept)
	}
	// the folder that was imported before takes nothing back; a changed one is a new revision
	folder := untried(t)
	delete(folder, informationFile)
	if r := imported(t, e.Service, folder); r.Changed != 0 {
		t.Errorf("%+v", r)
	}
	replace(t, folder, "procedures/2.000635/sheet.json", "Cấp bản sao", "Cấp lại bản sao")
	if r := imported(t, e.Service, folder); r.Changed != 1 {
		t.Errorf("%+v", r)
	}
}

// A revision for later is seen by nobody before its time.
func TestPublishingForLater(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	ctx := t.Context()
	id, err := e.StartEdit(ctx, by(e.an), "2.000635")
	e.must(err)
	_, err = e.save(e.an, id, 1, shippedLabel, `"vi": "Bản sao cần có"`)
	e.must(err)
	approve(t, e.Service, id, 2)
	_, err = e.PublishEdit(ctx, by(e.an), id, Publishing{Version: 2, Note: "x", From: e.now().Add(time.Hour)})
	e.must(err)
	title := func() string {
		rev, err := e.InForce(ctx, "2.000635")
		e.must(err)
		return eventTitle(t, rev)
	}
	e.add(time.Hour - time.Microsecond)
	if title() != "Bản sao cần cấp" {
		t.Error("seen before its time")
	}
	all, err := e.Forms(ctx, e.an)
	if i := slices.IndexFunc(all, func(f Form) bool { return f.Revision.Code == "2.000635" }); err != nil || all[i].Waiting == nil || all[i].Waiting.No != 2 {
		t.Errorf("editors do not see that it waits: %v", err)
	}
	e.add(time.Microsecond)
	if title() != "Bản sao cần có" {
		t.Error("not in force at its time")
	}
}

// approve lets two officers who had no part in it send and approve a version of an edit.
func approve(t *testing.T, s *Service, id string, version int) {
	t.Helper()
	of := review.Subject{Kind: review.Form, ID: id}
	var who [2]agency.Officer
	for i, name := range []string{"Sends", "Approves"} {
		who[i].Roles = []agency.Role{{Role: agency.Editor}}
		err := s.DB.Get(&who[i].ID, `INSERT INTO officers (id_hash, name) VALUES ($1, $2) ON CONFLICT (id_hash) DO UPDATE SET name = excluded.name RETURNING id`, []byte(name), name)
		if err != nil {
			t.Fatal(err)
		}
	}
	err := pg.InTx(t.Context(), s.DB, func(tx *sqlx.Tx) error {
		if err := review.Send(t.Context(), tx, who[0], review.Sending{Subject: of, Version: version}, s.Now()); err != nil {
			return err
		}
		return review.Decide(t.Context(), tx, who[1], of, version, true, "", s.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What came into force meanwhile is not overwritten unseen. Only the same part of it counts.
func TestAnotherRevisionMeanwhile(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	ctx := t.Context()
	id, err := e.StartEdit(ctx, by(e.an), "2.000635")
	e.must(err)
	_, err = e.save(e.an, id, 1, shippedLabel, `"vi": "Bản sao cần có"`)
	e.must(err)
	approve(t, e.Service, id, 2)
	folder := untried(t)
	replace(t, folder, "procedures/2.000635/sheet.json", "Cấp bản sao", "Cấp lại bản sao")
	if r := imported(t, e.Service, folder); r.Changed != 1 {
		t.Fatalf("%+v", r)
	}
	no, err := e.PublishEdit(ctx, by(e.an), id, Publishing{Version: 2, Note: "x"})
	if err != nil || no != 3 {
		t.Fatalf("%d, %v", no, err)
	}
	if rev, err := e.InForce(ctx, "2.000635"); err != nil || !strings.HasPrefix(rev.Sheet.Name.VI, "Cấp lại") {
		t.Errorf("the newer sheet is gone: %v", err)
	}

	id, err = e.StartEdit(ctx, by(e.an), "2.000635")
	e.must(err)
	_, err = e.save(e.an, id, 1, "Bản sao cần có", "Bản sao cần thêm")
	e.must(err)
	approve(t, e.Service, id, 2)
	replace(t, folder, "procedures/2.000635/form.json", shippedLabel, `"vi": "Bản sao khác"`)
	if r := imported(t, e.Service, folder); r.Changed != 1 {
		t.Fatalf("%+v", r)
	}
	if _, err := e.PublishEdit(ctx, by(e.an), id, Publishing{Version: 2, Note: "x"}); !problem.Is(err, problem.Conflict) || !e.edit(id).Moved() {
		t.Errorf("published over it: %v", err)
	}
	e.must(e.Rebase(ctx, by(e.an), id, 2))
	if no, err = e.PublishEdit(ctx, by(e.an), id, Publishing{Version: 2, Note: "x"}); err != nil || no != 5 {
		t.Fatalf("%d, %v", no, err)
	}
}

func TestRefusalsNameTheirPlaces(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	ctx := t.Context()
	id, err := e.StartEdit(ctx, by(e.an), "2.000635")
	e.must(err)
	text := e.edit(id).Definition
	for i, c := range []struct{ from, to, part, place, key string }{
		{`copies`, `copy_count`, "fees", "/0/per", "catalogue.import.no_question"},
		{`"list": "agencies"`, `"list": "provinces"`, "form", "", "catalogue.edit.no_agency"},
		{`"kind": "integer"`, `"kind": "colour"`, "form", "/pages/4/questions/1/kind", "eforms.load.schema"},
		{`{"var": "for_whom"}`, `{"var": "for_who"}`, "form", "/cases/0/when/==/0/var", "eforms.load.unknown_variable"},
		{`"id": "giay_to_lien_quan"`, `"id": "giay_khac"`, "", "", ""}, // the sheet gets it
	} {
		v, err := e.SaveEdit(ctx, by(e.an), id, i+1, Change{[]byte(replaced(text, c.from, c.to)), "set", ""})
		if err != nil || v != i+2 {
			t.Fatalf("%s: %v", c.from, err)
		}
		cand, err := e.Candidate(ctx, e.an, id)
		e.must(err)
		found := slices.ContainsFunc(cand.Refusals, func(r Refusal) bool { return r.Part == c.part && r.Place == c.place && r.Message.Key == c.key })
		if c.key == "" {
			if len(cand.Refusals) > 0 || !slices.Equal(cand.Added, []string{"components"}) {
				t.Errorf("%s: %+v, added %v", c.to, cand.Refusals, cand.Added)
			}
			continue
		}
		if !found {
			t.Errorf("%s: %+v", c.to, cand.Refusals)
		}
		if _, err := e.PublishEdit(ctx, by(e.an), id, Publishing{Version: v, Note: "x"}); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s was published: %v", c.to, err)
		}
	}
	if n := revisions(t, e.Service); n != 6 {
		t.Errorf("%d revisions", n)
	}
}

// replaced is the text with its first place changed; a bare id is changed everywhere.
func replaced(text, from, to string) string {
	if !strings.ContainsAny(from, `":{`) {
		return strings.ReplaceAll(text, from, to)
	}
	return strings.Replace(text, from, to, 1)
}

// A procedure that was only described gets a form, and with it what filing needs.
func TestAFormForAProcedureWithoutOne(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	ctx := t.Context()
	id, err := e.StartEdit(ctx, by(e.an), "9.000001")
	e.must(err)
	c, err := e.Candidate(ctx, e.an, id)
	e.must(err)
	if len(c.Refusals) > 0 || c.Before.Form != nil || !slices.Contains(c.Added, "workflow") {
		t.Fatalf("%+v", c)
	}
	approve(t, e.Service, id, 1)
	_, err = e.PublishEdit(ctx, by(e.an), id, Publishing{Version: 1, Note: "Biểu mẫu đầu tiên"})
	e.must(err)
	rev, err := e.InForce(ctx, "9.000001")
	if err != nil || rev.Form == nil || rev.Workflow == nil || len(rev.Workflow.Steps) != 6 || len(rev.Workflow.Check()) > 0 || !rev.Deadline.Valid() || !rev.AnswerWithin.Valid() ||
		rev.Papers.Result.Symbol == "" || rev.Form.Title.VI != rev.Sheet.Name.VI {
		t.Errorf("%+v, %v", rev, err)
	}
	if _, online := rev.Sheet.Channel(Online); !online || rev.Sheet.Level < 3 {
		t.Error("not filed online")
	}
	// one that goes nowhere online yet
	id, err = e.StartEdit(ctx, by(e.an), "9.000002")
	e.must(err)
	c, err = e.Candidate(ctx, e.an, id)
	if err != nil || len(c.Refusals) > 0 || !slices.Contains(c.Added, "level") {
		t.Errorf("%+v, %v", c, err)
	}
}

// A failure at the last statement leaves nothing behind, and the same press works after it.
func TestLateFailuresLeaveNothing(t *testing.T) {
	t.Parallel()
	e := newEditing(t)
	ctx := t.Context()
	owner := pgtest.Owner(t, e.DB)
	id, err := e.StartEdit(ctx, by(e.an), "2.000635")
	e.must(err)
	_, err = e.save(e.an, id, 1, shippedLabel, `"vi": "Bản sao cần có"`)
	e.must(err)
	approve(t, e.Service, id, 2)
	state := func() string {
		var s string
		e.must(owner.Get(&s, `SELECT concat_ws('/', (SELECT count(*) FROM revisions), (SELECT count(*) FROM form_edits), (SELECT string_agg(version || coalesce(closed_at::text, ''), ',' ORDER BY id) FROM form_edits),
			(SELECT count(*) FROM form_versions), (SELECT count(*) FROM deeds), (SELECT count(*) FROM audit), (SELECT string_agg(base_id::text, ',') FROM form_edits))`))
		return s
	}
	presses := map[string]func(key Editing) error{
		"start": func(k Editing) error { _, err := e.StartEdit(ctx, k, "1.001193"); return err },
		"save": func(k Editing) error {
			_, err := e.SaveEdit(ctx, k, id, 2, Change{json.RawMessage(`{}`), "set", ""})
			return err
		},
		"take back": func(k Editing) error { return e.TakeBack(ctx, k, id, 2) },
		"rebase":    func(k Editing) error { return e.Rebase(ctx, k, id, 2) },
		"give up":   func(k Editing) error { return e.GiveUp(ctx, k, id, 2) },
		"publish": func(k Editing) error {
			_, err := e.PublishEdit(ctx, k, id, Publishing{Version: 2, Note: "x"})
			return err
		},
	}
	// the answer to the one-time key is the last that a deed writes
	if _, err := owner.Exec(`ALTER TABLE deeds ADD CONSTRAINT broken CHECK (answer IS NULL) NOT VALID`); err != nil {
		t.Fatal(err)
	}
	before := state()
	keys := map[string]Editing{}
	for name, press := range presses {
		keys[name] = by(e.an)
		if err := press(keys[name]); err == nil {
			t.Errorf("%s: no failure", name)
		}
		if after := state(); after != before {
			t.Errorf("%s: left %s, was %s", name, after, before)
		}
	}
	if _, err := owner.Exec(`ALTER TABLE deeds DROP CONSTRAINT broken`); err != nil {
		t.Fatal(err)
	}
	if err := presses["publish"](keys["publish"]); err != nil {
		t.Errorf("the same press again: %v", err)
	}
	if rev, err := e.InForce(ctx, "2.000635"); err != nil || rev.No != 2 {
		t.Errorf("%v", err)
	}
}
