package draft

import (
	"testing"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/portal/applicant"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/registry"
)

// licence asks for what the register of driving licences says, which takes consent.
const licence = "3.000347"

func (w *world) told(t *testing.T, take Take) Draft {
	t.Helper()
	id, err := w.StartTold(t.Context(), w.mai, licence, applicant.Own(w.mai), Earlier{}, take, newKey(w.mai))
	if err != nil {
		t.Fatal(err)
	}
	return w.loaded(t, id)
}

func (w *world) loaded(t *testing.T, id string) Draft {
	t.Helper()
	d, err := w.Load(t.Context(), w.mai, id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w *world) counted(t *testing.T, query string, args ...any) int {
	t.Helper()
	var n int
	if err := w.DB.Get(&n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhatIsSaidToTheNotice(t *testing.T) {
	t.Parallel()
	w := newService(t)
	for take, want := range map[Take]struct {
		self    registry.Outcome
		consent string // what is kept of the licences' register
		lawful  string // and of the population's
	}{
		TakeLawful: {registry.Found, declined, told},
		TakeAll:    {registry.Found, agreed, told},
		TakeNone:   {registry.Declined, declined, declined},
	} {
		d := w.told(t, take)
		if got := d.Sources[registry.PopulationSelf].Outcome; got != want.self {
			t.Errorf("%q: the population's register: %s", take, got)
		}
		got := d.Sources[registry.LicenceOwn].Outcome
		if (got == registry.Declined) != (want.consent == declined) {
			t.Errorf("%q: the licences' register: %s", take, got)
		}
		if take == TakeNone && (len(d.Facts) > 0 || d.Verified()) {
			t.Errorf("nothing was wanted: %d facts, verified: %v", len(d.Facts), d.Verified())
		}
		for source, answer := range map[string]string{registry.LicenceOwn: want.consent, registry.PopulationSelf: want.lawful} {
			if n := w.counted(t, `SELECT count(*) FROM consents WHERE draft_id = $1 AND source = $2 AND answer = $3 AND length(wording) = 16`, d.ID, source, answer); n != 1 {
				t.Errorf("%q: %s is not kept as %s", take, source, answer)
			}
		}
		if n := w.counted(t, `SELECT count(*) FROM audit WHERE deed = 'consent.say' AND object = 'draft:' || $1`, d.ID); n != 1 {
			t.Errorf("%q: %d entries in the audit log", take, n)
		}
	}
}

// A register that takes consent is not asked without it, whoever has the sources cleared.
func TestNoConsentNoQuestion(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.told(t, TakeLawful)
	if _, err := w.DB.Exec(`UPDATE drafts SET sources = '{}' WHERE id = $1`, d.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.Prefill(t.Context(), w.mai, d.ID); err != nil {
		t.Fatal(err)
	}
	if got := w.loaded(t, d.ID).Sources[registry.LicenceOwn].Outcome; got != registry.Declined && got != "" {
		t.Errorf("it was asked: %s", got)
	}
}

func TestAgreeLaterAndTakeItBack(t *testing.T) {
	t.Parallel()
	w := newService(t)
	ctx, d := t.Context(), w.told(t, TakeNone)
	if len(d.Left()) == 0 {
		t.Fatal("nothing is left to agree to")
	}
	key := newKey(w.mai)
	for range 2 {
		if err := w.Agree(ctx, w.mai, d.ID, key); err != nil {
			t.Fatal(err)
		}
	}
	d = w.loaded(t, d.ID)
	if d.Sources[registry.PopulationSelf].Outcome != registry.Found || len(d.Left()) != 0 {
		t.Errorf("after the yes: %+v, left %v", d.Sources, d.Left())
	}
	if n := w.counted(t, `SELECT count(*) FROM consents WHERE draft_id = $1 AND answer IN ('agreed', 'told')`, d.ID); n != w.counted(t, `SELECT count(*) FROM consents WHERE draft_id = $1 AND answer = 'declined'`, d.ID) {
		t.Errorf("%d answers after a yes said twice", n)
	}
	if err := w.Agree(ctx, w.phuc, d.ID, newKey(w.phuc)); err == nil {
		t.Error("another person agreed")
	}

	err := pg.InTx(ctx, w.DB, func(tx *sqlx.Tx) error { // as if the register had answered
		sealed, err := SealFacts(append(d.Facts, eforms.Fact{Name: "licence.own.class", Value: "B"}))
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE drafts SET facts = $2 WHERE id = $1`, d.ID, sealed)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	back := newKey(w.mai)
	for range 2 {
		if err := w.Withdraw(ctx, w.mai, registry.LicenceOwn, back); err != nil {
			t.Fatal(err)
		}
	}
	d = w.loaded(t, d.ID)
	for _, f := range d.Facts {
		if eforms.SourceOf(f.Name) == registry.LicenceOwn {
			t.Errorf("%s stayed", f.Name)
		}
	}
	if d.Sources[registry.LicenceOwn].Outcome != registry.Declined || d.Sources[registry.PopulationSelf].Outcome != registry.Found {
		t.Errorf("%+v", d.Sources)
	}
	given, err := w.Consents(ctx, w.mai)
	if err != nil || len(given) != 1 || given[0].Withdrawn == nil {
		t.Errorf("%+v, %v", given, err)
	}
	if n := w.counted(t, `SELECT count(*) FROM audit WHERE deed = 'consent.withdraw'`); n != 1 {
		t.Errorf("%d entries in the audit log", n)
	}
}

func TestLateFailureOfAConsentLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.told(t, TakeAll)
	other := w.told(t, TakeNone)
	shape := func() (s string) {
		err := w.DB.Get(&s, `SELECT concat_ws(' ', (SELECT string_agg(md5(c::text), ',' ORDER BY id) FROM consents c), (SELECT string_agg(md5(d::text), ',' ORDER BY id) FROM drafts d),
			(SELECT count(*) FROM audit WHERE deed LIKE 'consent.%'), (SELECT count(*) FROM deeds))`)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := shape()
	_, err := pgtest.Owner(t, w.DB).Exec(`CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken on purpose'; END $$;
		CREATE TRIGGER broken BEFORE UPDATE ON deeds FOR EACH ROW EXECUTE FUNCTION broken()`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.StartTold(t.Context(), w.mai, licence, applicant.Own(w.mai), Earlier{}, TakeAll, newKey(w.mai))
	for what, err := range map[string]error{"start": err, "agree": w.Agree(t.Context(), w.mai, other.ID, newKey(w.mai)), "withdraw": w.Withdraw(t.Context(), w.mai, registry.LicenceOwn, newKey(w.mai))} {
		if err == nil {
			t.Error(what, "was not broken")
		}
	}
	if after := shape(); after != before {
		t.Errorf("something of draft %s stayed:\n%s\n%s", d.ID, before, after)
	}
}
