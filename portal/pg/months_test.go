package pg_test

import (
	"strings"
	"testing"
	"time"

	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
)

func TestKeepMonths(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	// the first row of a far month comes before its month was made
	at := time.Date(2041, 1, 31, 17, 0, 0, 0, time.UTC) // the 1st of February in Vietnam
	write := func(at time.Time) {
		t.Helper()
		_, err := db.ExecContext(t.Context(), `INSERT INTO audit (at, actor, deed, object) VALUES ($1, 'system', 'x', 'y')`, at)
		if err != nil {
			t.Fatal(err)
		}
	}
	write(at)
	for range 2 {
		if err := pg.KeepMonths(t.Context(), db, at); err != nil {
			t.Fatal(err)
		}
	}
	write(at.AddDate(0, 0, 28).Add(-time.Second))
	write(at.AddDate(0, 0, 28)) // the 1st of March
	var in []string
	err := db.SelectContext(t.Context(), &in, `SELECT tableoid::regclass::text FROM audit ORDER BY at`)
	if err != nil || strings.Join(in, " ") != "audit_rest audit_rest audit_204103" {
		t.Errorf("rows lie in %v (%v)", in, err)
	}
	var made int
	err = db.GetContext(t.Context(), &made, `SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '_20410[2-4]$'`)
	if err != nil || made != 3*3+2 { // of three tables all three, of audit the two that were still empty
		t.Errorf("%d months were made (%v)", made, err)
	}
}
