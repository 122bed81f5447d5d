package migrations_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"motcua/migrations"
	"motcua/portal/pg/pgtest"
)

func TestEveryTableSaysWhetherItHoldsPersonalData(t *testing.T) {
	t.Parallel()
	columns := schema(t)
	listed := map[string]bool{}
	list := func(table string) {
		if listed[table] {
			t.Errorf("%s is listed twice", table)
		}
		listed[table] = true
		if columns[table] == nil {
			t.Errorf("%s is listed and not in the schema", table)
		}
	}
	for _, k := range migrations.Retention {
		list(k.Table)
	}
	for _, table := range migrations.Impersonal {
		list(table)
	}
	for table := range columns {
		if !listed[table] {
			t.Errorf("%s is neither in Retention nor in Impersonal", table)
		}
	}
}

// schema is the columns of every table, months aside.
func schema(t *testing.T) map[string][]string {
	t.Helper()
	var rows []struct {
		Table  string `db:"table"`
		Column string `db:"column"`
	}
	err := pgtest.Open(t).SelectContext(t.Context(), &rows, `
		SELECT c.relname AS table, a.attname AS column FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, r := range rows {
		all[r.Table] = append(all[r.Table], r.Column)
	}
	return all
}

func TestRetentionNamesOwnerAndTerm(t *testing.T) {
	t.Parallel()
	columns := schema(t)
	for _, k := range migrations.Retention {
		for _, column := range []string{k.Owner, k.From} {
			if column != "" && !slices.Contains(columns[k.Table], column) {
				t.Errorf("%s has no column %s", k.Table, column)
			}
		}
		above := slices.IndexFunc(migrations.Retention, func(a migrations.Kept) bool { return a.Table == k.Through })
		switch {
		case k.Owner == "" || k.Why == "" || k.Days < migrations.Forever:
			t.Errorf("%s: owner, term or reason is missing", k.Table)
		case k.Through != "" && above < 0:
			t.Errorf("%s leads to %s, which has no owner", k.Table, k.Through)
		case k.From == "" && k.Days != migrations.Forever && (k.Through == "" || migrations.Retention[above].Days != k.Days):
			t.Errorf("%s: its term counts from nothing", k.Table)
		}
	}
}

// What is plainly a person's cannot be called impersonal.
func TestImpersonalTablesNameNobody(t *testing.T) {
	t.Parallel()
	person := regexp.MustCompile(`^(person|persons?_.*|id_number|id_hash|owner_.*|payer.*|ip)$`)
	columns := schema(t)
	for _, table := range migrations.Impersonal {
		for _, c := range columns[table] {
			if person.MatchString(c) {
				t.Errorf("%s.%s is about a person", table, c)
			}
		}
	}
}

func TestForwardOnly(t *testing.T) {
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("%v (%v)", names, err)
	}
	for _, name := range names {
		b, err := migrations.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		if strings.Count(text, "-- +goose Up\n") != 1 || strings.Contains(text, "+goose Down") {
			t.Errorf("%s: one way up and none down", name)
		}
		if strings.Contains(text, "NO TRANSACTION") {
			t.Errorf("%s runs outside of a transaction", name)
		}
	}
}
