package pg_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/jmoiron/sqlx/types"

	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
)

func jobs(t *testing.T, db *sqlx.DB) (n int) {
	t.Helper()
	if err := db.GetContext(t.Context(), &n, `SELECT count(*) FROM jobs`); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestInTxIsAllOrNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	insert := func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO jobs (kind, subject, due) VALUES ('a', 'b', now())`)
		return err
	}
	late := errors.New("late")
	err := pg.InTx(t.Context(), db, func(tx *sqlx.Tx) error { return errors.Join(insert(tx), late) })
	if !errors.Is(err, late) || jobs(t, db) != 0 {
		t.Errorf("after a late failure (%v) there are %d rows", err, jobs(t, db))
	}
	func() {
		defer func() { recover() }()
		pg.InTx(t.Context(), db, func(tx *sqlx.Tx) error { insert(tx); panic("late") })
	}()
	if jobs(t, db) != 0 {
		t.Error("a row stayed after a panic")
	}
	if err := pg.InTx(t.Context(), db, insert); err != nil || jobs(t, db) != 1 {
		t.Errorf("%v, %d rows", err, jobs(t, db))
	}
	if err := pg.InTx(t.Context(), db, insert); !pg.Violates(err, "jobs_kind_subject_key") || pg.Violates(err, "jobs_pkey") {
		t.Errorf("the second of a kind and subject: %v", err)
	}
}

func TestDaysAreVietnamese(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	var day string
	at := time.Date(2026, 11, 20, 17, 0, 0, 0, time.UTC) // midnight of the 21st in Vietnam
	if err := db.GetContext(t.Context(), &day, `SELECT $1::timestamptz::date::text`, at); err != nil || day != "2026-11-21" {
		t.Errorf("%s (%v)", day, err)
	}
}

func TestValuesComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	type answers map[string]any
	body := answers{"name": "Đỗ Thị Ổi <b>", "ages": []any{float64(1), "hai"}, "none": nil}
	_, err := db.ExecContext(t.Context(), `INSERT INTO jobs (kind, subject, body, due) VALUES ('a', $1, $2, now())`,
		pg.Sealed("091086000001"), pg.JSON(body))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Subject pg.Sealed          `db:"subject"`
		Body    pg.JSONOf[answers] `db:"body"`
		Text    types.JSONText     `db:"text"`
	}
	got.Body.V = answers{"from": "before"}
	if err := db.GetContext(t.Context(), &got, `SELECT subject, body, body AS text FROM jobs`); err != nil {
		t.Fatal(err)
	}
	if got.Subject != "091086000001" || len(got.Body.V) != 3 || got.Body.V["name"] != body["name"] || len(got.Text) == 0 {
		t.Errorf("%+v", got)
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE jobs SET body = $1`, got.Body); err != nil {
		t.Errorf("writing it back: %v", err)
	}
	var null pg.JSONOf[answers]
	null.V = body
	if err := db.GetContext(t.Context(), &null, `SELECT NULL::jsonb`); err != nil || null.V != nil {
		t.Errorf("NULL reads as %v (%v)", null.V, err)
	}
}

func TestLookupKey(t *testing.T) {
	a, b := pg.LookupKey("one key"), pg.LookupKey("another")
	if !bytes.Equal(a.Hash("091086000001"), a.Hash("091086000001")) {
		t.Error("the same number has two hashes")
	}
	if bytes.Equal(a.Hash("091086000001"), b.Hash("091086000001")) || bytes.Equal(a.Hash("1"), a.Hash("2")) {
		t.Error("keys or numbers do not matter")
	}
}

func TestOpenNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"postgres://%zz", "host=/nowhere user=a dbname=b", "sslmode=maybe"} {
		if db, err := pg.Open(t.Context(), dsn); err == nil {
			db.Close()
			t.Errorf("%s opened", dsn)
		}
	}
}
