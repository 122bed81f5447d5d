package desk

import (
	"testing"

	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

// TestCompareAnew: an officer of the dossier's agency asks the registers while it is open;
// pressed twice they are asked once, and it is on record before and after.
func TestCompareAnew(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.filed(t, "online").ID
	intake := w.officer(t, w.ward, agency.Intake)
	press := Press{Officer: intake, Dossier: id, Key: newKey("officer")}
	for range 2 {
		if err := w.Compare(t.Context(), press, audit.Entry{IP: "127.0.0.1"}); err != nil {
			t.Fatal(err)
		}
	}
	by := officer(intake)
	if n := w.count(t, `SELECT count(*) FROM lookups WHERE object = $1 AND officer_id = $2 AND agency_id = $3 AND purpose = 'check'`, "dossier:"+id, intake.ID, w.ward.ID); n != 1 {
		t.Errorf("asked %d times", n)
	}
	for deed, want := range map[string]int{"dossier.ask_registers": 1, "dossier.compare": 1, "registry.population": 1} {
		if n := w.count(t, `SELECT count(*) FROM audit WHERE object = $1 AND actor = $2 AND deed = $3`, "dossier:"+id, by, deed); n != want {
			t.Errorf("%s is on record %d times", deed, n)
		}
	}
	if n := w.count(t, `SELECT count(*) FROM fact_checks WHERE dossier_id = $1 AND by_whom = $2 AND outcome = 'unavailable'`, id, by); n != 1 { // no register answers here
		t.Errorf("%d checks kept", n)
	}
}

func TestWhoMayNotCompare(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.filed(t, "online").ID
	elsewhere := w.officer(t, w.other, agency.Intake)
	if err := w.Compare(t.Context(), Press{Officer: elsewhere, Dossier: id, Key: newKey("elsewhere")}, audit.Entry{}); !problem.Is(err, problem.NotFound) {
		t.Errorf("of another agency: %v", err)
	}
	intake := w.officer(t, w.ward, agency.Intake)
	if _, err := pgtest.Owner(t, w.DB).Exec(`UPDATE dossiers SET state = 'withdrawn', closed_at = now() WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	if err := w.Compare(t.Context(), Press{Officer: intake, Dossier: id, Key: newKey("closed")}, audit.Entry{}); !problem.Is(err, problem.Conflict) {
		t.Errorf("closed: %v", err)
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM lookups WHERE purpose = 'check') + (SELECT count(*) FROM fact_checks)`); n != 0 {
		t.Errorf("%d look-ups and checks", n)
	}
}
