// Package worldtest is what tests of many rooms share: a clock that they move, the shipped
// province and procedures in a database, one-time keys, and ways to see that a late failure
// left nothing. No program links it.
package worldtest

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

// Hashes is the look-up key of these worlds.
var Hashes = pg.LookupKey("a key for tests")

// Clock is a time that tests move.
type Clock struct {
	mu   sync.Mutex
	at   time.Time
	tick time.Duration
}

// Monday is a clock at nine in the morning of a working week's first day.
func Monday() *Clock { return &Clock{at: time.Date(2026, 11, 23, 9, 0, 0, 0, locales.ICT)} }

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(c.tick)
	return c.at
}

// Pass moves the clock on.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// Tick lets so much time pass at each look from now on.
func (c *Clock) Tick(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick = d
}

// Pack is the shipped province.
func Pack(t testing.TB) agency.Pack {
	t.Helper()
	folder, err := assets.Province(assets.Provinces()[0])
	if err != nil {
		t.Fatal(err)
	}
	pack, err := agency.ReadPack(folder)
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

// Ship takes the shipped province and the procedures of a catalogue's folder in.
func Ship(t testing.TB, db *sqlx.DB, now func() time.Time, procedures fs.FS) {
	t.Helper()
	if _, err := (&agency.Service{DB: db, Key: Hashes, Now: now}).Import(t.Context(), Pack(t)); err != nil {
		t.Fatal(err)
	}
	if report, err := (&catalogue.Service{DB: db, Now: now}).Import(t.Context(), procedures); err != nil || len(report.Faults) > 0 {
		t.Fatal(err, report.Faults)
	}
}

// Key is the one-time key of a page that somebody sent; each is another one.
func Key(person string) once.Key {
	return once.Key{Person: person, Key: uuid.NewString(), Route: "POST /", Body: sha256.Sum256([]byte("body"))}
}

// WantFault fails unless err is the fault of that kind with that text.
func WantFault(t testing.TB, what string, err error, kind problem.Kind, key string) {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) || p.Kind != kind || p.Message.Key != key {
		t.Errorf("%s: %v, want %s (kind %d)", what, err, key, kind)
	}
	if !locales.Has(key) {
		t.Errorf("%s: no text %s", what, key)
	}
}

// Break makes each writing of the kind (INSERT, UPDATE …) to the table fail, as a full disk
// would late in a deed.
func Break(t testing.TB, db *sqlx.DB, when, table string) {
	t.Helper()
	breaks(t, db, `CREATE TRIGGER broken BEFORE `+when+` ON `+table+` FOR EACH ROW EXECUTE FUNCTION broken()`)
}

// BreakAtCommit makes the commit fail of what has written to the table.
func BreakAtCommit(t testing.TB, db *sqlx.DB, table string) {
	t.Helper()
	breaks(t, db, `CREATE CONSTRAINT TRIGGER broken AFTER INSERT ON `+table+` DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION broken()`)
}

// Mend undoes Break.
func Mend(t testing.TB, db *sqlx.DB, table string) {
	t.Helper()
	if _, err := pgtest.Owner(t, db).Exec(`DROP TRIGGER broken ON ` + table + `; DROP FUNCTION broken()`); err != nil {
		t.Fatal(err)
	}
}

func breaks(t testing.TB, db *sqlx.DB, trigger string) {
	t.Helper()
	_, err := pgtest.Owner(t, db).Exec(`CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken on purpose'; END $$; ` + trigger)
	if err != nil {
		t.Fatal(err)
	}
}

// Count is the one number that a query gives.
func Count(t testing.TB, db *sqlx.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := db.Get(&n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}
