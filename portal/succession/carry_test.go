package succession

import (
	"slices"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/queue"
	"motcua/portal/worldtest"
)

func TestCarriedOutOnItsDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e, err := w.Effect(t.Context(), w.plan)
	w.must(err)
	if len(e.Moves) != 2 || e.Moves[0].Dossiers != 1 || e.Moves[0].Drafts != 1 || e.Moves[1].Dossiers != 1 || len(e.Procedures) != 2 || len(e.Staff) == 0 {
		t.Errorf("shown before: %+v", e)
	}
	roles := w.count(`SELECT count(*) FROM officer_roles r JOIN agencies a ON a.id = r.agency_id WHERE a.code = $1`, trade)
	id := w.approved()
	w.must(w.carryLater(t.Context(), queue.Job{Subject: id}))
	if c, err := w.One(t.Context(), w.an, id); err != nil || c.State != Set {
		t.Fatalf("before its day: %+v, %v", c, err)
	}
	w.begins()
	if w.count(`SELECT count(*) FROM jobs WHERE kind = $1 AND subject = $2 AND due = $3`, Kind, id, w.Now()) != 1 {
		t.Error("no worker is asked for the day's first second")
	}
	for range 2 { // a job may be done twice
		w.must(w.carryLater(t.Context(), queue.Job{Subject: id}))
	}
	c, err := w.One(t.Context(), w.an, id)
	w.must(err)
	want := Did{Procedures: 2, Fields: c.Did.Fields, Dossiers: 2, Drafts: 2, Roles: roles, Counters: 1}
	if c.State != Done || c.Did != want || c.Did.Fields < 2 {
		t.Errorf("%s: %+v, want %+v", c.State, c.Did, want)
	}
	w.moved()
}

// moved looks at everything that the carried out plan changes, and at what it leaves alone.
func (w *world) moved() {
	t := w.t
	t.Helper()
	at := func(code string) int64 {
		a, err := w.Agency.ByCode(t.Context(), code)
		w.must(err)
		return a.ID
	}
	for what, n := range map[string]int{
		"open work of the merged":        w.count(`SELECT count(*) FROM dossiers WHERE agency_id = $1 AND closed_at IS NULL AND officer_id IS NOT NULL`, at(economy)),
		"closed work stays":              w.count(`SELECT count(*) FROM dossiers d JOIN agencies a ON a.id = d.agency_id WHERE a.code = $1 AND d.closed_at IS NOT NULL`, trade),
		"the parted field's dossier":     w.count(`SELECT count(*) FROM dossiers WHERE agency_id = $1 AND officer_id IS NULL`, at(home)),
		"the fee is due to the new body": w.count(`SELECT count(*) FROM orders WHERE payee = $1`, at(home)),
		"a draft chose the merged":       w.count(`SELECT count(*) FROM drafts WHERE answers ->> 'agency' = $1`, economy),
		"a filed draft stays":            w.count(`SELECT count(*) FROM drafts WHERE answers ->> 'agency' = $1`, trade),
		"the counter":                    w.count(`SELECT count(*) FROM counters WHERE agency_id = $1`, at(economy)),
		"the end":                        w.count(`SELECT count(*) FROM agencies WHERE code = $1 AND valid_to = '2026-11-30'`, trade),
		"a role goes on":                 min(1, w.count(`SELECT count(*) FROM officer_roles WHERE agency_id = $1 AND valid_from = '2026-12-01' AND valid_to IS NULL`, at(economy))),
		"roles of justice stay":          min(1, w.count(`SELECT count(*) FROM officer_roles WHERE agency_id = $1 AND valid_to IS NULL`, at(justice))),
	} {
		if n != 1 {
			t.Errorf("%s: %d", what, n)
		}
	}
	if n := w.count(`SELECT count(*) FROM officer_roles r JOIN agencies a ON a.id = r.agency_id WHERE a.code = $1 AND coalesce(r.valid_to, 'infinity') > '2026-11-30'`, trade); n != 0 {
		t.Errorf("%d roles go on at a body that ended", n)
	}
	if events, told := w.count(`SELECT count(*) FROM events WHERE kind = 'moved'`), w.count(`SELECT count(*) FROM jobs WHERE kind = 'dossier.tell'`); events != 2 || told != 2 {
		t.Errorf("%d events, %d owners told", events, told)
	}
	for code, office := range map[string]string{promotion: economy, extract: home} {
		rev, err := w.Catalogue.InForce(t.Context(), code)
		w.must(err)
		heir := slices.ContainsFunc(rev.Sheet.Agencies, func(o catalogue.Office) bool { return o.Code == office && o.Name.VI != "" })
		stale := slices.ContainsFunc(rev.Sheet.Agencies, func(o catalogue.Office) bool { return o.Code == trade || o.Code == justice })
		if rev.No != 2 || !heir || stale {
			t.Errorf("%s revision %d: %+v", code, rev.No, rev.Sheet.Agencies)
		}
		if w.count(`SELECT count(*) FROM publications WHERE revision_id = $1 AND published_by <> approved_by AND note = $2`, rev.ID, w.plan.Ground) != 1 {
			t.Errorf("nothing says by whose decision %s changed", code)
		}
	}
	w.must(w.Catalogue.Verify(t.Context()))
	if w.count(`SELECT count(*) FROM fields WHERE agency = $1`, trade) != 0 || w.count(`SELECT count(*) FROM fields WHERE code = 'ho-tich' AND agency = $1`, home) != 1 {
		t.Error("fields stayed with who gave them away")
	}
	old, err := w.Agency.Last(t.Context(), trade)
	w.must(err)
	if today, err := w.Agency.Today(t.Context(), old, ""); err != nil || len(today) != 1 || today[0].Code != economy {
		t.Errorf("the body of before leads to %v, %v", today, err)
	}
	worldtest.Ship(t, w.DB, w.Now, assets.CatalogueOf(extract, promotion)) // again: it says nothing new
	w.Catalogue.Renew(t.Context())
	if rev, err := w.Catalogue.InForce(t.Context(), promotion); err != nil || rev.No != 2 {
		t.Errorf("the folder again made revision %d, %v", rev.No, err)
	}
	if w.count(`SELECT count(*) FROM agencies WHERE code = $1 AND valid_to IS NULL`, trade) != 0 || w.count(`SELECT count(*) FROM fields WHERE agency = $1`, trade) != 0 {
		t.Error("the pack again brought back what had ended")
	}
}

func TestLateFailureMovesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.approved()
	w.begins()
	worldtest.Break(t, w.DB, "UPDATE", "counters")
	if err := w.Carry(t.Context(), id); err == nil {
		t.Fatal("no failure")
	}
	for what, n := range map[string]int{
		"new bodies": w.count(`SELECT count(*) FROM agencies WHERE code = $1`, economy),
		"revisions":  w.count(`SELECT count(*) FROM revisions WHERE no > 1`),
		"events":     w.count(`SELECT count(*) FROM events`),
		"roles":      w.count(`SELECT count(*) FROM officer_roles WHERE valid_from = '2026-12-01'`),
		"fields":     w.count(`SELECT count(*) FROM fields WHERE agency = $1`, economy),
		"drafts":     w.count(`SELECT count(*) FROM drafts WHERE answers ->> 'agency' = $1`, economy),
		"done":       w.count(`SELECT count(*) FROM agency_changes WHERE state = 'done'`),
	} {
		if n != 0 {
			t.Errorf("%d %s stayed", n, what)
		}
	}
	worldtest.Mend(t, w.DB, "counters")
	w.must(w.Carry(t.Context(), id))
	w.moved()
}

// TestWaitingRevisionsGetTheHeirToo shows that a revision that was published for later comes
// on its day with the heir in it.
func TestWaitingRevisionsGetTheHeirToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	later := time.Date(2026, 12, 10, 0, 0, 0, 0, locales.ICT)
	w.must(pg.InTx(t.Context(), w.DB, func(tx *sqlx.Tx) error {
		newest, err := w.Catalogue.Newest(t.Context(), tx, promotion)
		if err != nil {
			return err
		}
		parts := newest[promotion].Parts
		parts["notices"] = []byte(`{"received": {"vi": "Từ ngày 10"}}`)
		_, err = w.Catalogue.Put(t.Context(), tx, []catalogue.New{{Code: promotion, Parts: parts, From: later}})
		return err
	}))
	w.Catalogue.Renew(t.Context())
	id := w.approved()
	w.begins()
	w.must(w.Carry(t.Context(), id))
	for _, want := range []struct {
		at   time.Time
		no   int
		says string
	}{{w.Now(), 3, ""}, {later, 4, "Từ ngày 10"}} {
		w.clock.Pass(want.at.Sub(w.Now()))
		rev, err := w.Catalogue.InForce(t.Context(), promotion)
		w.must(err)
		if got := rev.Notices["received"].VI; rev.No != want.no || want.says != "" && got != want.says || rev.Sheet.Agencies[0].Code != economy {
			t.Errorf("revision %d says %q of %v", rev.No, got, rev.Sheet.Agencies)
		}
	}
}

// TestOfficersGoWhereTheyArePosted parts a body and sends one officer with the field.
func TestOfficersGoWhereTheyArePosted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan.Moves = append(w.plan.Moves, agency.Pass{From: trade, Field: "xuc-tien-thuong-mai", To: home})
	e, err := w.Effect(t.Context(), w.plan)
	w.must(err)
	if len(e.Staff) < 2 || len(e.Staff[0].Tos) != 2 {
		t.Fatalf("%+v", e.Staff)
	}
	one := e.Staff[0].ID
	w.plan.Posts = []agency.Post{{Officer: one, From: trade, To: home}}
	id := w.approved()
	w.begins()
	w.must(w.Carry(t.Context(), id))
	for _, s := range e.Staff {
		o, err := w.Agency.OfficerByID(t.Context(), s.ID)
		w.must(err)
		to := economy
		if s.ID == one {
			to = home
		}
		if len(o.Roles) == 0 || slices.ContainsFunc(o.Roles, func(r agency.Role) bool { return r.AgencyCode != to }) {
			t.Errorf("%s works at %+v, want %s", o.Name, o.Roles, to)
		}
	}
	if w.count(`SELECT count(*) FROM dossiers d JOIN agencies a ON a.id = d.agency_id WHERE a.code = $1 AND d.procedure_code = $2`, home, promotion) != 1 {
		t.Error("the field's dossier did not go with it")
	}
}
