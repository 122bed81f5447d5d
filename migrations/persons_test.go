package migrations_test

import (
	"testing"
	"testing/fstest"

	"motcua/migrations"
	"motcua/portal/pg/pgtest"
)

// TestPeopleOfOneNumber: where several accounts with one number had made several people, the
// oldest has what was told to all of them, and each account leads there.
func TestPeopleOfOneNumber(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t)
	before := fstest.MapFS{}
	for name, file := range shipped(t, nil) {
		if name < "0018" {
			before[name] = file
		}
	}
	if err := migrations.UpFrom(t.Context(), db.DB, before); err != nil {
		t.Fatal(err)
	}
	db.MustExec(`INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES
		('i', 'a', '1', 'one', 'A'), ('i', 'b', '2', 'two', 'B'), ('i', 'c', '1', 'one', 'A'), ('k', 'a', '1', 'one', 'A')`)
	db.MustExec(`INSERT INTO notices (person_id, kind, event_key, lang, subject, body)
		SELECT id, 'filed', 'event ' || id, 'vi', 's', 'b' FROM persons`)
	db.MustExec(`INSERT INTO sessions (token_hash, person_id, level, made_at, seen_at, ends_at)
		SELECT decode(lpad(id::text, 8, '0'), 'hex'), id, 1, now(), now(), now() FROM persons`)
	for range 2 { // the second time there is nothing left to do
		if err := migrations.Up(t.Context(), db.DB); err != nil {
			t.Fatal(err)
		}
	}
	for what, query := range map[string]string{
		"accounts":           `SELECT string_agg(issuer || sub || (SELECT sub FROM persons p WHERE p.id = person_id), ' ' ORDER BY issuer, sub) = 'iaa ibb ica kaa' FROM accounts`,
		"people":             `SELECT count(*) = 4 FROM persons`,
		"notices of A":       `SELECT count(*) = 3 FROM notices WHERE person_id = (SELECT id FROM persons WHERE issuer = 'i' AND sub = 'a')`,
		"notices of B":       `SELECT count(*) = 1 FROM notices WHERE person_id = (SELECT id FROM persons WHERE sub = 'b')`,
		"sessions that stay": `SELECT count(*) = 2 FROM sessions s JOIN persons p ON p.id = s.person_id WHERE p.issuer = 'i' AND p.sub IN ('a', 'b')`,
		"all sessions":       `SELECT count(*) = 2 FROM sessions`,
	} {
		var ok bool
		if err := db.Get(&ok, query); err != nil || !ok {
			t.Errorf("%s: %v (%v)", what, ok, err)
		}
	}
}
