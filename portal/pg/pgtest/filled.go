package pgtest

import (
	"crypto/rand"
	"strings"
	"sync"
	"testing"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg/embedded"
)

// filled are the databases that tests of this process begin with, by name.
var filled = struct {
	sync.Mutex
	databases map[string]string
}{databases: map[string]string{}}

// Filled is Open, but the database begins with what fill has put into the first one of that
// name: importing the shipped data anew for each test would take longer than the test.
// Databases to copy from are dropped when the shared server starts anew.
func Filled(t testing.TB, name string, fill func(*sqlx.DB)) *sqlx.DB {
	t.Helper()
	return open(t, filledOnce(t, name, fill), embedded.App)
}

func filledOnce(t testing.TB, name string, fill func(*sqlx.DB)) string {
	t.Helper()
	filled.Lock()
	defer filled.Unlock()
	if from, ok := filled.databases[name]; ok {
		return from
	}
	s := sharedFor(t)
	from := "test_from_" + strings.ToLower(rand.Text()[:16])
	if err := s.create(t.Context(), from, template); err != nil {
		t.Fatalf("make the database to copy from: %v", err)
	}
	db := connect(t, s.DSN(embedded.App, from))
	fill(db)
	if err := db.Close(); err != nil { // nobody may be connected to what is copied
		t.Fatal(err)
	}
	filled.databases[name] = from
	return from
}
