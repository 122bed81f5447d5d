package audit

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
)

var now = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// write adds an entry for each object, all by one transaction.
func write(t *testing.T, tx sqlx.ExtContext, objects ...string) {
	t.Helper()
	var all []Entry
	for _, o := range objects {
		all = append(all, Entry{Actor: "officer:7", Deed: "seen", Object: o, Subject: []byte{1, 2}, AgencyID: 3,
			Args: map[string]any{"n": 1}, IP: "192.0.2.1", Request: "r"})
	}
	if err := Write(t.Context(), tx, all...); err != nil {
		t.Fatal(err)
	}
}

// sealUntil seals until so many rows are. Transactions of other tests hold sealing up, as
// the server counts them together.
func sealUntil(t *testing.T, db *sqlx.DB, rows int) {
	t.Helper()
	for number(t, db, sealedRows) < rows {
		if err := Seal(t.Context(), db, now); err != nil {
			t.Fatal(err)
		}
	}
}

func sound(t *testing.T, db *sqlx.DB) {
	t.Helper()
	if err := Verify(t.Context(), db); err != nil {
		t.Errorf("verify: %v", err)
	}
}

func number(t *testing.T, db *sqlx.DB, query string) (n int) {
	t.Helper()
	if err := db.GetContext(t.Context(), &n, query); err != nil {
		t.Fatal(err)
	}
	return n
}

const sealedRows = `SELECT coalesce(sum(rows), 0) FROM audit_seals`

func TestWriteIsPartOfTheDeed(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	late := errors.New("late")
	err := pg.InTx(t.Context(), db, func(tx *sqlx.Tx) error {
		write(t, tx, "dossier:1")
		return late
	})
	if !errors.Is(err, late) || number(t, db, `SELECT count(*) FROM audit`) != 0 {
		t.Errorf("an entry stayed after a late failure (%v)", err)
	}
	err = Write(t.Context(), db, Entry{Actor: "system", Deed: "swept", Object: "drafts"}, Entry{Actor: "person:1", Deed: "seen", Object: "draft:2", AgencyID: 5, Subject: []byte("h")})
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(t.Context(), db); err != nil {
		t.Errorf("no entries: %v", err)
	}
	got := number(t, db, `SELECT count(*) FROM audit WHERE
		(deed = 'swept' AND subject IS NULL AND agency_id IS NULL AND args = '{}') OR
		(deed = 'seen' AND subject = 'h' AND agency_id = 5)`)
	if got != 2 {
		t.Errorf("%d rows are as they were written", got)
	}
}

// A row of a transaction that still runs has a smaller number than rows that are there: it
// must find its place in a seal all the same.
func TestRunningTransactionsAreWaitedFor(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	write(t, db, "before")
	sealUntil(t, db, 1)
	tx, err := db.BeginTxx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	write(t, tx, "running")
	write(t, db, "after")
	if err := Seal(t.Context(), db, now); err != nil {
		t.Fatal(err)
	}
	if n := number(t, db, sealedRows); n != 1 {
		t.Errorf("%d rows sealed while one that comes before the last is on its way", n)
	}
	sound(t, db)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	sealUntil(t, db, 3)
	if err := Seal(t.Context(), db, now); err != nil { // there is nothing left to seal
		t.Fatal(err)
	}
	if n, empty := number(t, db, sealedRows), number(t, db, `SELECT count(*) FROM audit_seals WHERE rows = 0`); n != 3 || empty != 0 {
		t.Errorf("%d rows are sealed, %d seals are empty", n, empty)
	}
	sound(t, db)
}

// meddle runs statements as the owner, who may do anything, and expects what Verify says.
func meddle(t *testing.T, db, owner *sqlx.DB, want string, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := owner.ExecContext(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	err := Verify(t.Context(), db)
	var b *Broken
	if !errors.As(err, &b) || b.Error() != want {
		t.Errorf("after %v\n got %v\nwant %s", statements, err, want)
	}
}

func TestVerifyNamesTheRow(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	owner := pgtest.Owner(t, db)
	for n := range 3 {
		write(t, db, fmt.Sprintf("dossier:%d", 3*n), fmt.Sprintf("dossier:%d", 3*n+1), fmt.Sprintf("dossier:%d", 3*n+2))
		sealUntil(t, db, 3*n+3)
	}
	write(t, db, "unsealed")
	sound(t, db)
	keep := func(table, overriding string) (undo []string) {
		if _, err := owner.ExecContext(t.Context(), `CREATE TABLE kept_`+table+` AS SELECT * FROM `+table); err != nil {
			t.Fatal(err)
		}
		return []string{`DELETE FROM ` + table, `INSERT INTO ` + table + ` ` + overriding + ` SELECT * FROM kept_` + table}
	}
	undo := append(keep("audit", "OVERRIDING SYSTEM VALUE"), keep("audit_seals", "")...)

	for _, c := range []struct{ do, want string }{
		{`UPDATE audit SET actor = 'officer:8' WHERE id = 5`, "audit row 5 was changed (seal 2)"},
		{`UPDATE audit SET at = at + interval '1 microsecond' WHERE id = 5`, "audit row 5 was changed (seal 2)"},
		{`UPDATE audit SET args = '{"n": 2}' WHERE id = 4`, "audit row 4 was changed (seal 2)"},
		{`UPDATE audit SET subject = NULL WHERE id = 6`, "audit row 6 was changed (seal 2)"},
		{`UPDATE audit SET ip = request, request = ip WHERE id = 1`, "audit row 1 was changed (seal 1)"},
		{`UPDATE audit SET deed = 'see', object = 'n' || object WHERE id = 1`, "audit row 1 was changed (seal 1)"},
		{`UPDATE audit SET xid = (SELECT xid FROM audit WHERE id = 9) WHERE id = 5`, "audit row 5 is missing (seal 2)"},
		{`DELETE FROM audit WHERE id = 5`, "audit row 5 is missing (seal 2)"},
		{`DELETE FROM audit WHERE id = 9`, "audit row 9 is missing (seal 3)"},
		{`DELETE FROM audit`, "audit row 1 is missing (seal 1)"},
		{`INSERT INTO audit (actor, deed, object, xid) SELECT 'person:1', 'seen', 'x', xid FROM audit WHERE id = 5`, "audit row 11 was put in afterwards (seal 2)"},
		{`INSERT INTO audit (id, actor, deed, object, xid) OVERRIDING SYSTEM VALUE SELECT -5, 'person:1', 'seen', 'x', xid FROM audit WHERE id = 8`, "audit row -5 was put in afterwards (seal 3)"},
		{`UPDATE audit_seals SET digests = set_byte(digests, 20, 7) WHERE no = 2`, "audit seal 2 does not fit the one before"},
		{`UPDATE audit_seals SET sha256 = '\x00' WHERE no = 1`, "audit seal 1 does not fit the one before"},
		{`UPDATE audit_seals SET rows = rows - 1, digests = substr(digests, 41) WHERE no = 1`, "audit seal 1 does not fit the one before"},
		{`DELETE FROM audit_seals WHERE no = 2`, "audit seal 2 is missing"},
		{`DELETE FROM audit_seals WHERE no = 1`, "audit seal 1 is missing"},
	} {
		meddle(t, db, owner, c.want, c.do)
		for _, q := range undo {
			if _, err := owner.ExecContext(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
		sound(t, db)
	}
}

// A cluster restored from a dump counts its transactions anew, from far below those of the
// rows it was given.
func TestRestoredLogIsSealedAndVerified(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	owner := pgtest.Owner(t, db)
	const far = 1_000_000_000
	write(t, db, "sealed before the dump", "sealed before the dump")
	shift := fmt.Sprintf(`UPDATE audit SET xid = (xid::text::bigint + %d)::text::xid8 WHERE xid < '%d'`, far, far)
	if _, err := owner.ExecContext(t.Context(), shift); err != nil {
		t.Fatal(err)
	}
	var upTo uint64
	if err := db.GetContext(t.Context(), &upTo, `SELECT max(xid)::text::bigint + 1 FROM (SELECT xid::text::bigint AS xid FROM audit) a`); err != nil {
		t.Fatal(err)
	}
	err := pg.InTx(t.Context(), db, func(tx *sqlx.Tx) error {
		s, err := stretch(t.Context(), tx, none, upTo)
		if err != nil {
			return err
		}
		return insertSeal(t.Context(), tx, s, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, db)
	write(t, db, "written before the dump, not sealed")
	if _, err := owner.ExecContext(t.Context(), shift); err != nil {
		t.Fatal(err)
	}

	for i := range 3 {
		if i > 0 {
			write(t, db, "written after it")
		}
		sealUntil(t, db, 3+i)
		if err := Seal(t.Context(), db, now); err != nil {
			t.Fatal(err)
		}
		sound(t, db)
		if n := number(t, db, sealedRows); n != 3+i {
			t.Errorf("round %d: %d rows are sealed", i, n)
		}
	}
	for id, want := range map[int]string{
		1: "audit row 1 was changed (seal 1)", 3: "audit row 3 was changed (seal 2)",
		4: "audit row 4 was changed (seal 3)", 5: "audit row 5 was changed (seal 4)",
	} {
		meddle(t, db, owner, want, fmt.Sprintf(`UPDATE audit SET request = 'x' WHERE id = %d`, id))
		if _, err := owner.ExecContext(t.Context(), `UPDATE audit SET request = 'r'`); err != nil {
			t.Fatal(err)
		}
		sound(t, db)
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	if no, sum, err := Head(t.Context(), db); no != 0 || sum != nil || err != nil {
		t.Errorf("of an empty log: %d, %x, %v", no, sum, err)
	}
	write(t, db, "a")
	sealUntil(t, db, 1)
	if no, sum, err := Head(t.Context(), db); no != 1 || len(sum) != 32 || err != nil {
		t.Errorf("%d, %x, %v", no, sum, err)
	}
}
