package national

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/once"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

// world is a catalogue of three procedures with an editor and somebody who is none.
type world struct {
	*Service
	t        *testing.T
	an, cuoi agency.Officer
}

func newWorld(t *testing.T) world {
	t.Helper()
	db := pgtest.Filled(t, "national", func(db *sqlx.DB) {
		s := &catalogue.Service{DB: db, Now: at(morning)}
		fsys := fstest.MapFS{"fields.json": {Data: []byte(`{"offices": {"commune": {"vi": "Ủy ban nhân dân cấp xã"}}, "free": {"amount": 0, "unit": {"vi": "đồng", "en": "VND"}},
				"fields": [{"code": "ho-tich", "name": {"vi": "Hộ tịch"}, "agency": "X01.02"}, {"code": "dat-dai", "name": {"vi": "Đất đai"}, "agency": "X01.02"}]}`)},
			"information.json": {Data: []byte(`{"procedures": [
				{"code": "9.000001", "name": {"vi": "Đăng ký giám hộ", "en": "Guardianship"}, "field": "ho-tich", "tier": "commune", "audience": ["citizen"], "level": 4, "deadline": {"amount": 3, "unit": "working_day"}},
				{"code": "9.000002", "name": {"vi": "Chấm dứt giám hộ"}, "field": "ho-tich", "tier": "commune", "audience": ["citizen"], "level": 2, "deadline": {"amount": 2, "unit": "working_day"}},
				{"code": "9.000003", "name": {"vi": "Cấp phép mẫu"}, "field": "dat-dai", "tier": "commune", "audience": ["business"], "level": 3, "deadline": {"amount": 5, "unit": "day"}}]}`)}}
		if r, err := s.Import(t.Context(), fsys); err != nil || len(r.Faults) > 0 {
			t.Fatal(err, r.Faults)
		}
		db.MustExec(`INSERT INTO agencies (code, name, level, valid_from) VALUES ('X01.02', '{"vi": "Sở Mẫu"}', 'department', '2025-07-01')`)
		for _, name := range []string{"An", "Cuội"} {
			db.MustExec(`INSERT INTO officers (id_hash, name) VALUES ($1, $2)`, []byte(name), name)
		}
	})
	now := at(morning)
	w := world{t: t}
	c := &catalogue.Service{DB: db, Now: now}
	w.Service = &Service{DB: db, Catalogue: c, Editorial: &editorial.Service{DB: db, Catalogue: c, Now: now}, Agency: &agency.Service{DB: db, Now: now}, Now: now}
	for _, o := range []struct {
		name, role string
		into       *agency.Officer
	}{{"An", agency.Editor, &w.an}, {"Cuội", agency.Leader, &w.cuoi}} {
		*o.into = agency.Officer{Name: o.name, Roles: []agency.Role{{Role: o.role}}}
		w.must(db.Get(&o.into.ID, `SELECT id FROM officers WHERE name = $1`, o.name))
	}
	return w
}

func (w world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w world) refused(err error, kind problem.Kind, key string) {
	w.t.Helper()
	if !problem.Is(err, kind) || err.Error() != key {
		w.t.Errorf("%v, want %s", err, key)
	}
}

func by(o agency.Officer) catalogue.Editing {
	return catalogue.Editing{Officer: o, Key: once.Key{Person: o.Name, Key: uuid.NewString(), Route: "POST /", Body: sha256.Sum256(nil)}}
}

// count counts rows.
func (w world) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	w.must(w.DB.Get(&n, query, args...))
	return n
}

// read does what the queue has to do, of one upload.
func (w world) read(id string) {
	w.t.Helper()
	w.must(w.Handlers()[readKind](w.t.Context(), queue.Job{Subject: id}))
}

func (w world) upload(id string) Upload {
	w.t.Helper()
	u, err := w.Upload(w.t.Context(), w.an, id)
	w.must(err)
	return u
}

// list is the national list of the world: one that is the same, one with another name by a
// later decision, one with another time, one that is missing, one that is wrong.
const list = `MaTTHC;TENTTHC;TENLINHVUC;CapThucHien;DOITUONGTHUCHIEN;MucDo;KENH;THOIGIANGIAIQUYET;DONVITINH;QuyetDinhCongBo;SOTIEN
9.000001;Đăng ký việc giám hộ;Hộ tịch;Cấp Xã;Công dân Việt Nam;4;;;;7/QĐ-BTP;
9.000002;Chấm dứt giám hộ;Hộ tịch;Cấp Xã;Công dân Việt Nam;2;;;;;
9.000004;Thủ tục mới;Đất đai;Cấp Tỉnh;Doanh nghiệp;3;Trực tiếp;3;Ngày làm việc;8/QĐ;5.000
9.000005;Sai;Đất đai;Cấp Tỉnh;Doanh nghiệp;3;Trực tiếp;3;Ngày làm việc;8/QĐ;nhiều
`

// kept is that list, read and kept.
func (w world) kept(text string, whole bool) string {
	w.t.Helper()
	id, err := w.Start(w.t.Context(), by(w.an), "ds.csv", []byte(text))
	w.must(err)
	w.read(id)
	w.must(w.Keep(w.t.Context(), by(w.an), id, whole))
	return id
}

func TestUpload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	press := by(w.an)
	id, err := w.Start(t.Context(), press, "ds\x00\u202e.csv", []byte(list))
	w.must(err)
	for _, again := range []catalogue.Editing{press, by(w.an)} { // sent twice, and the same file later
		same, err := w.Start(t.Context(), again, "ds\x00\u202e.csv", []byte(list))
		if err != nil || same != id {
			t.Errorf("%s, %v: not %s", same, err, id)
		}
	}
	u := w.upload(id)
	if u.State != Reading || u.Name != "ds.csv" || u.By != "An" || w.count(`SELECT count(*) FROM jobs WHERE kind = $1 AND subject = $2`, readKind, id) != 1 {
		t.Errorf("%+v", u)
	}
	w.refused(w.Keep(t.Context(), by(w.an), id, true), problem.Conflict, "national.not_read")
	for range 2 { // a worker that was killed does it again
		w.read(id)
	}
	u = w.upload(id)
	if u.State != Looked || u.Records != 4 || u.Wrong != 1 || u.Faulty != 1 || u.Done != 4 || u.About.V.Separator != ";" || w.count(`SELECT count(*) FROM national_bytes`) != 0 {
		t.Errorf("%+v", u)
	}
	lines, err := w.Faulty(t.Context(), w.an, id, 1)
	if err != nil || len(lines) != 1 || lines[0].Code != "9.000005" || lines[0].Faults.V[0].At != "K5" {
		t.Errorf("%+v, %v", lines, err)
	}
	var report bytes.Buffer
	w.must(w.Report(t.Context(), w.an, id, "vi", &report))
	if !strings.Contains(report.String(), "5;K5;CACHTHUCTHUCHIEN.PHILEPHI.SOTIEN;9.000005;") {
		t.Errorf("%s", report.String())
	}
	_, err = w.Compare(t.Context(), w.an, id, Filter{})
	w.refused(err, problem.NotFound, "catalogue.not_found") // it is not kept yet
	press = by(w.an)
	for range 2 {
		w.must(w.Keep(t.Context(), press, id, true))
	}
	w.refused(w.Drop(t.Context(), by(w.an), id), problem.Conflict, "national.kept")
	second := w.kept(list+"9.000006;Nữa;Hộ tịch;;;;;;;;\n", true)
	if w.upload(id).State != Replaced || w.upload(second).State != Kept {
		t.Errorf("two lists")
	}
	if part := w.kept("MaTTHC,TENTTHC\n9.000007,Một phần\n", false); w.upload(part).State != Kept || w.upload(second).State != Kept {
		t.Error("a part took the place of the list")
	}
	bad, err := w.Start(t.Context(), by(w.an), "x.csv", []byte("a,b\n1,2\n"))
	w.must(err)
	w.read(bad)
	if u := w.upload(bad); u.State != Failed || u.Why.V.VI == "" || w.count(`SELECT count(*) FROM national_bytes`) != 0 {
		t.Errorf("%+v", u)
	}
	press = by(w.an)
	for range 2 {
		w.must(w.Drop(t.Context(), press, bad))
	}
	_, err = w.Upload(t.Context(), w.an, bad)
	w.refused(err, problem.NotFound, "catalogue.not_found")
	w.must(w.Sweep(t.Context(), morning.Add(ForgetKept+time.Hour)))
	if n := w.count(`SELECT count(*) FROM national_uploads`); n != 1 || w.count(`SELECT count(DISTINCT upload_id) FROM national_rows`) != 1 {
		t.Errorf("%d uploads stay, the list only", n)
	}
}

// TestOnlyEditors shows that to others nothing of it exists.
func TestOnlyEditors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.kept(list, true)
	ctx := t.Context()
	for name, do := range map[string]func() error{
		"start":   func() error { _, err := w.Start(ctx, by(w.cuoi), "x", []byte(list)); return err },
		"upload":  func() error { _, err := w.Service.Upload(ctx, w.cuoi, id); return err },
		"uploads": func() error { _, err := w.Uploads(ctx, w.cuoi); return err },
		"keep":    func() error { return w.Keep(ctx, by(w.cuoi), id, true) },
		"drop":    func() error { return w.Drop(ctx, by(w.cuoi), id) },
		"faulty":  func() error { _, err := w.Faulty(ctx, w.cuoi, id, 1); return err },
		"report":  func() error { return w.Report(ctx, w.cuoi, id, "vi", &bytes.Buffer{}) },
		"compare": func() error { _, err := w.Compare(ctx, w.cuoi, id, Filter{}); return err },
		"one":     func() error { _, err := w.One(ctx, w.cuoi, id, "9.000001"); return err },
		"take":    func() error { _, err := w.Take(ctx, by(w.cuoi), id, Chosen{All: true}); return err },
		"export":  func() error { return w.Export(ctx, w.cuoi, "csv", &bytes.Buffer{}) },
		"preview": func() error {
			_, err := w.Preview(ctx, w.cuoi, Replacement{Of: OfText, From: "giám hộ"})
			return err
		},
		"replace": func() error {
			_, err := w.Replace(ctx, by(w.cuoi), "", Replacement{Of: OfText, From: "giám hộ"})
			return err
		},
	} {
		if err := do(); !problem.Is(err, problem.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, strange := range []string{"", "x", uuid.NewString()} {
		if _, err := w.Service.Upload(ctx, w.an, strange); !problem.Is(err, problem.NotFound) {
			t.Errorf("%q: %v", strange, err)
		}
	}
}

func TestCompareAndTake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.kept(list, true)
	c, err := w.Compare(t.Context(), w.an, id, Filter{})
	w.must(err)
	if fmt.Sprint(c.Counts) != fmt.Sprint(map[string]int{Missing: 1, Outdated: 1, Same: 1, Extra: 1}) || c.Found != 2 || fmt.Sprint(c.Fields) != "[TENTTHC QuyetDinhCongBo]" {
		t.Errorf("%+v", c)
	}
	for f, want := range map[Filter]string{{State: Missing}: "9.000004", {State: Outdated}: "9.000001", {State: Extra}: "9.000003", {State: Same}: "9.000002",
		{Query: "GIÁM HỘ"}: "9.000001", {Field: "TENTTHC"}: "9.000001", {State: "x", Field: "\x00", Query: "000004\x00"}: "9.000004"} {
		if c, err := w.Compare(t.Context(), w.an, id, f); err != nil || c.Found != 1 || c.Rows[0].Code != want {
			t.Errorf("%+v: %+v, %v", f, c.Rows, err)
		}
	}
	one, err := w.One(t.Context(), w.an, id, "9.000001")
	if err != nil || one.State != Outdated || one.After.Name.VI != "Đăng ký việc giám hộ" || one.After.Name.EN != "" || one.After.Channels[0].Time.Amount != 3 {
		t.Errorf("%+v, %v", one, err)
	}
	press := by(w.an)
	var taken Taken
	for range 2 { // sent twice
		taken, err = w.Take(t.Context(), press, id, Chosen{Codes: []string{"9.000001", "9.000004", "9.000005", "9.000002", "x\x00"}})
		w.must(err)
	}
	edits, err := w.Editorial.BatchEdits(t.Context(), w.DB, taken.Batch)
	if err != nil || len(edits) != 2 || edits[0].Sheet().Name.VI != "Đăng ký việc giám hộ" || !edits[1].New() || edits[1].Sheet().Channels[0].Fees[0].Amount != 5000 {
		t.Fatalf("%+v, %v", edits, err)
	}
	if c, err := w.Compare(t.Context(), w.an, id, Filter{}); err != nil || c.Rows[0].Edit == nil || c.Rows[0].Edit.Batch != taken.Batch {
		t.Errorf("%+v, %v", c.Rows, err)
	}
	_, err = w.Take(t.Context(), by(w.an), id, Chosen{All: true}) // both are being edited
	w.refused(err, problem.Conflict, "national.nothing_taken")
	_, err = w.Take(t.Context(), by(w.an), id, Chosen{})
	w.refused(err, problem.Conflict, "national.nothing_chosen")
	if n := w.count(`SELECT count(*) FROM edit_batches`); n != 1 {
		t.Errorf("%d batches: one that takes nothing stayed", n)
	}
	// once it is published, the list says nothing new
	tx := w.DB.MustBegin()
	for _, e := range edits {
		_, err := w.Catalogue.Put(t.Context(), tx, []catalogue.New{{Code: e.Code, Parts: e.Parts}})
		w.must(err)
	}
	w.must(tx.Commit())
	w.Catalogue.Renew(t.Context())
	if c, err := w.Compare(t.Context(), w.an, id, Filter{}); err != nil || c.Counts[Same] != 3 || c.Found != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestReplace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := Replacement{Of: OfText, From: "giám hộ", To: "giám hộ trẻ em"}
	met, err := w.Preview(t.Context(), w.an, all)
	if err != nil || len(met) != 2 || met[0].Places != 1 || met[0].Lines[0].After != "Đăng ký giám hộ trẻ em" {
		t.Fatalf("%+v, %v", met, err)
	}
	all.Level = catalogue.Full
	if met, err := w.Preview(t.Context(), w.an, all); err != nil || len(met) != 1 || met[0].Code != "9.000001" {
		t.Errorf("%+v, %v", met, err)
	}
	all.Level = ""
	press := by(w.an)
	var taken Taken
	for range 2 {
		taken, err = w.Replace(t.Context(), press, "", all, "9.000002")
		w.must(err)
	}
	edits, err := w.Editorial.BatchEdits(t.Context(), w.DB, taken.Batch)
	if err != nil || len(edits) != 1 || edits[0].Sheet().Name.VI != "Đăng ký giám hộ trẻ em" {
		t.Errorf("%+v, %v", edits, err)
	}
	for key, r := range map[string]Replacement{"national.change.of": {From: "abc"}, "national.change.from": {Of: OfText, From: " "}, "national.change.short": {Of: OfText, From: "ab"},
		"national.change.basis": {Of: OfBasis, From: "1/L"}, "national.change.to": {Of: OfAgency, From: "X"}, "national.change.no_agency": {Of: OfAgency, From: "X", To: "Y"},
		"national.change.day": {Of: OfBasis, From: "1/L", Basis: catalogue.Basis{Number: "2/L", Name: sample.Fields[0].Name, Date: "hôm nay"}}} {
		_, err := w.Preview(t.Context(), w.an, r)
		w.refused(err, problem.Invalid, key)
	}
	_, err = w.Replace(t.Context(), by(w.an), "", Replacement{Of: OfText, From: "không ở đâu có"})
	w.refused(err, problem.Conflict, "national.nothing_chosen")
}

// TestReplacementOfALegalText replaces it where it stands, in grounds of fees too, and
// leaves one where both stand.
func TestReplacementOfALegalText(t *testing.T) {
	t.Parallel()
	s := everything()
	s.Channels[0].Fees[0].Ground, s.Channels[0].Fees[0].Reduction.Ground = "60/2014/QH13", "60/2014/QH13"
	r := Replacement{Of: OfBasis, From: "60/2014/QH13", Basis: catalogue.Basis{Number: "03/2026/QH16", Name: sample.Fields[0].Name}}
	after, n, lines, err := r.apply(s, nil)
	want := everything()
	want.Legal[0] = r.Basis
	want.Channels[0].Fees[0].Ground, want.Channels[0].Fees[0].Reduction.Ground = "03/2026/QH16", "03/2026/QH16"
	if err != nil || n != 1 || len(lines) != 1 || encoded(t, after) != encoded(t, want) {
		t.Errorf("%d, %v, %v\n%s\n%s", n, lines, err, encoded(t, after), encoded(t, want))
	}
	r.Basis = catalogue.Basis{Number: "1/2020/NĐ-CP", Name: sample.Fields[0].Name}
	if after, _, _, err := r.apply(s, nil); err != nil || len(after.Legal) != 1 || after.Legal[0].Name.VI != "Nghị định" {
		t.Errorf("%+v, %v", after.Legal, err)
	}
	to := agency.Agency{Code: "X01.03", Name: sample.Agencies[0].Name}
	if after, n, _, err := (Replacement{Of: OfAgency, From: "X01.02", To: "X01.03"}).apply(s, &to); err != nil || n != 1 || after.Agencies[0].Code != "X01.03" || len(after.Agencies) != 2 {
		t.Errorf("%+v, %v", after.Agencies, err)
	}
}

// TestAFailureLeavesNothing breaks the last statement of each deed.
func TestAFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.kept(list, true)
	other, err := w.Start(t.Context(), by(w.an), "b.csv", []byte(list+"\n"))
	w.must(err)
	w.read(other)
	before := w.shape()
	for name, do := range map[string]func(e catalogue.Editing) error{
		"start": func(e catalogue.Editing) error {
			_, err := w.Start(t.Context(), e, "c.csv", []byte(list+"\n\n"))
			return err
		},
		"keep": func(e catalogue.Editing) error { return w.Keep(t.Context(), e, other, true) },
		"drop": func(e catalogue.Editing) error { return w.Drop(t.Context(), e, other) },
		"take": func(e catalogue.Editing) error { _, err := w.Take(t.Context(), e, id, Chosen{All: true}); return err },
		"replace": func(e catalogue.Editing) error {
			_, err := w.Replace(t.Context(), e, "", Replacement{Of: OfText, From: "giám hộ", To: "x"})
			return err
		},
	} {
		e := by(w.an)
		e.Request = "\x00" // the audit log, which is written last, cannot hold it
		if err := do(e); err == nil {
			t.Errorf("%s did not fail", name)
		}
		if after := w.shape(); after != before {
			t.Errorf("%s left %s, not %s", name, after, before)
		}
	}
}

func (w world) shape() string {
	w.t.Helper()
	var s string
	w.must(w.DB.Get(&s, `SELECT concat_ws(' ', (SELECT string_agg(state, ',' ORDER BY state) FROM national_uploads), (SELECT count(*) FROM national_rows),
		(SELECT count(*) FROM national_bytes), (SELECT count(*) FROM sheet_edits), (SELECT count(*) FROM edit_batches), (SELECT count(*) FROM jobs), (SELECT count(*) FROM deeds))`))
	return s
}

func TestOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var out bytes.Buffer
	w.must(w.Import(t.Context(), "ds.csv", []byte(list), true, &out))
	if w.count(`SELECT count(*) FROM national_uploads`) != 0 || !strings.Contains(out.String(), "K5") || !strings.Contains(out.String(), "4 procedures, 1 of them cannot be taken") {
		t.Errorf("%s", out.String())
	}
	for range 2 {
		w.must(w.Import(t.Context(), "ds.csv", []byte(list), false, &out))
	}
	all, err := w.Uploads(t.Context(), w.an)
	if err != nil || len(all) != 1 || all[0].State != Kept || all[0].By != "" {
		t.Errorf("%+v, %v", all, err)
	}
	var file bytes.Buffer
	w.must(w.Export(t.Context(), w.an, "csv", &file))
	w.must(w.Import(t.Context(), "x.csv", file.Bytes(), false, &out))
	var now string
	w.must(w.DB.Get(&now, `SELECT id FROM national_uploads WHERE state = 'kept'`))
	if c, err := w.Compare(t.Context(), w.an, now, Filter{}); err != nil || c.Counts[Same] != 3 || len(c.Counts) != 2 {
		t.Errorf("what was exported differs: %+v, %v", c, err) // Extra is counted, with none
	}
}
