package portal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/portal/audit"
	"motcua/portal/blob"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
)

// kept is a portal with one paid dossier, told as the rows and files that it leaves.
type kept struct {
	*Portal
	t     *testing.T
	owner *sqlx.DB // who could do damage
	blobs map[string]blob.Info
}

const (
	theDossier = "6a1f6a52-2c1c-4a35-9d0a-000000000001"
	theDraft   = "6a1f6a52-2c1c-4a35-9d0a-000000000002"
	theOrder   = "6a1f6a52-2c1c-4a35-9d0a-000000000003"
	theAttempt = "6a1f6a52-2c1c-4a35-9d0a-000000000004"
	theReceipt = "6a1f6a52-2c1c-4a35-9d0a-000000000005"
	theEntry   = "6a1f6a52-2c1c-4a35-9d0a-000000000006"
)

func keep(t *testing.T) *kept {
	t.Helper()
	db := pgtest.Open(t)
	p := &Portal{DB: db, Config: Config{BlobDir: filepath.Join(t.TempDir(), "blobs"), LookupKey: make([]byte, 32), Log: slog.New(slog.DiscardHandler)}}
	if err := p.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	k := &kept{Portal: p, t: t, owner: pgtest.Owner(t, db), blobs: map[string]blob.Info{}}
	for _, name := range []string{"attachment", "draft", "paper", "receipt", "copy", "thumbnail", "working copy", "part"} {
		info, err := p.Blobs.Put(t.Context(), strings.NewReader("%PDF of the "+name), 1<<10)
		if err != nil {
			t.Fatal(err)
		}
		k.blobs[name] = info
	}
	k.fill()
	return k
}

// fill writes the rows, as the app role does.
func (k *kept) fill() {
	k.t.Helper()
	canonical, err := eforms.Canonical(eforms.Answers{"name": "Nguyễn <Thị> Mai", "copies": "2", "who": []any{"a", "b"}})
	if err != nil {
		k.t.Fatal(err)
	}
	sum := sha256.Sum256(canonical)
	file := func(name string) []any { i := k.blobs[name]; return []any{i.Name, i.Size, i.SHA256} }
	k.put(k.DB, `INSERT INTO agencies (code, name, level, valid_from) VALUES ('H01.15', '{}', 'commune', '2025-07-01')`)
	k.put(k.DB, `INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ('i', 's', '0', '\x00', 'Mai')`)
	k.put(k.DB, `INSERT INTO procedures (code) VALUES ('2.000635')`)
	k.put(k.DB, `INSERT INTO revisions (procedure_code, no, doc, sha256, in_force_from) VALUES ('2.000635', 1, '{}', '\x00', now())`)
	k.put(k.DB, `INSERT INTO drafts (id, person_id, procedure_code, revision_id, made_at, saved_at, lapses_at)
		SELECT '`+theDraft+`', p.id, '2.000635', r.id, now(), now(), now() FROM persons p, revisions r`)
	k.put(k.DB, `INSERT INTO draft_files (id, draft_id, component, position, name, media, blob, size, sha256, at)
		VALUES (gen_random_uuid(), '`+theDraft+`', 'c', 1, 'n', 'image/png', $1, $2, $3, now())`, file("draft")...)
	k.copies(file)
	k.put(k.DB, `INSERT INTO dossiers (id, code, agency_id, procedure_code, revision_id, person_id, owner_name, owner_number, owner_hash,
			state, step, money, return_by, verified, filed_at, answer_by)
		SELECT '`+theDossier+`', 'H01.15-261121-0001', a.id, '2.000635', r.id, p.id, 'Mai', '0', '\x00', 'filed', 'tiep_nhan', 'paid', 'online', true, now(), now()
		FROM agencies a, persons p, revisions r`)
	k.put(k.DB, `INSERT INTO filings (dossier_id, no, answers, sha256, revision_id, at)
		SELECT '`+theDossier+`', 1, $1, $2, id, now() FROM revisions`, string(canonical), sum[:])
	k.put(k.DB, `INSERT INTO attachments (id, dossier_id, filing, component, position, name, media, pages, blob, size, sha256, at)
		VALUES (gen_random_uuid(), '`+theDossier+`', 1, 'c', 1, 'n', 'application/pdf', 1, $1, $2, $3, now())`, file("attachment")...)
	k.put(k.DB, `INSERT INTO papers (id, dossier_id, kind, data, lookup, blob, size, sha256, at)
		VALUES (gen_random_uuid(), '`+theDossier+`', 'acknowledgement', '{}', 'ABC', $1, $2, $3, now())`, file("paper")...)
	k.put(k.DB, `INSERT INTO papers (id, dossier_id, kind, data, lookup, at) VALUES (gen_random_uuid(), '`+theDossier+`', 'result', '{}', 'not drawn yet', now())`)
	k.put(k.DB, `INSERT INTO events (at, dossier_id, kind, to_state, actor) VALUES (now() - interval '2 min', '`+theDossier+`', 'filed', 'filed', 'person:1'),
		(now(), '`+theDossier+`', 'paid', '', 'system')`)
	k.pay()
	err = pg.InTx(k.t.Context(), k.DB, func(tx *sqlx.Tx) error {
		return audit.Write(k.t.Context(), tx, audit.Entry{Actor: "person:1", Deed: "dossier.file", Object: "dossier:" + theDossier})
	})
	k.must(err)
	k.seal()
}

// copies writes what was made of the draft's picture, and a file that is on its way.
func (k *kept) copies(file func(name string) []any) {
	k.t.Helper()
	k.put(k.DB, `INSERT INTO file_copies (file_id, turn, blob, size, sha256, small_blob, small_size, small_sha256, at)
		SELECT id, 0, $1, $2, $3, $4, $5, $6, now() FROM draft_files`, append(file("copy"), file("thumbnail")...)...)
	k.put(k.DB, `INSERT INTO working_copies (draft_id, round, component, sources, made_of, pages, blob, size, sha256, at)
		VALUES ('`+theDraft+`', 0, 'c', '[]', '', 1, $1, $2, $3, now())`, file("working copy")...)
	k.put(k.DB, `INSERT INTO uploads (id, draft_id, person_id, component, name, length, got, made_at, ends_at)
		SELECT '`+theEntry+`', '`+theDraft+`', id, 'c', 'n', 100, 16, now(), now() FROM persons`)
	k.put(k.DB, `INSERT INTO upload_parts (upload_id, start, blob, size, sha256) VALUES ('`+theEntry+`', 0, $1, $2, $3)`, file("part")...)
}

// seal goes on until the row is under a seal: transactions of other tests on the same
// server, older than it, hold that up.
func (k *kept) seal() {
	k.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		k.must(audit.Seal(k.t.Context(), k.DB, time.Now()))
		var sealed bool
		k.must(k.DB.GetContext(k.t.Context(), &sealed, `SELECT coalesce(max(last_id), 0) >= (SELECT max(id) FROM audit) FROM audit_seals`))
		if sealed {
			return
		}
	}
	k.t.Fatal("the audit row is not sealed")
}

// pay writes the money's rows.
func (k *kept) pay() {
	k.t.Helper()
	i := k.blobs["receipt"]
	k.put(k.DB, `INSERT INTO orders (id, subject, payer, payee, lines, total, paid, state, made_at, paid_at)
		VALUES ('`+theOrder+`', 'dossier:`+theDossier+`', 'Mai', 1, '[]', 8000, 8000, 'paid', now(), now())`)
	k.put(k.DB, `INSERT INTO attempts (id, order_id, provider, txn_ref, amount, state, redirect, provider_no, made_at, expires_at, settled_at, ask_at)
		VALUES ('`+theAttempt+`', '`+theOrder+`', 'vnpay', 'ABCDEFGH', 8000, 'succeeded', '', '1', now(), now(), now(), now())`)
	k.put(k.DB, `INSERT INTO ledger (at, order_id, attempt_id, entry, account, amount, provider, provider_no) VALUES
		(now(), '`+theOrder+`', '`+theAttempt+`', '`+theEntry+`', 'gateway:vnpay', 8000, 'vnpay', '1'),
		(now(), '`+theOrder+`', '`+theAttempt+`', '`+theEntry+`', 'phi:copy', -8000, NULL, NULL)`)
	k.put(k.DB, `INSERT INTO receipt_counters (payee, template, series, last) VALUES (1, '01BLP0-001', 'AB-26E', 1)`)
	k.put(k.DB, `INSERT INTO receipts (id, order_id, payee, template, series, number, data, lookup, at)
		VALUES ('`+theReceipt+`', '`+theOrder+`', 1, '01BLP0-001', 'AB-26E', 1, '{"total": 8000}', 'R', now())`)
	k.put(k.DB, `INSERT INTO receipt_files (receipt_id, blob, size, sha256) VALUES ('`+theReceipt+`', $1, $2, $3)`, i.Name, i.Size, i.SHA256)
}

func (k *kept) put(db *sqlx.DB, query string, args ...any) {
	k.t.Helper()
	if _, err := db.ExecContext(k.t.Context(), query, args...); err != nil {
		k.t.Fatalf("%v: %s", err, query)
	}
}

// damage is what somebody with all rights would do.
func (k *kept) damage(query string, args ...any) { k.t.Helper(); k.put(k.owner, query, args...) }

// path is where the bytes of a blob lie.
func (k *kept) path(of string) string {
	name := k.blobs[of].Name
	return filepath.Join(k.Config.BlobDir, name[:2], name[2:4], name)
}

// change gives a file other bytes.
func (k *kept) change(of string, f func(b []byte) []byte) {
	k.t.Helper()
	b, err := os.ReadFile(k.path(of))
	if err == nil {
		err = os.WriteFile(k.path(of), f(b), 0o600)
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

// stray leaves a file that no row knows, of that age.
func (k *kept) stray(age time.Duration) {
	k.t.Helper()
	info, err := k.Blobs.Put(context.Background(), strings.NewReader("stray"), 10)
	if err != nil {
		k.t.Fatal(err)
	}
	k.blobs["stray"] = info
	at := time.Now().Add(-age)
	if err := os.Chtimes(k.path("stray"), at, at); err != nil {
		k.t.Fatal(err)
	}
}

func flipLast(b []byte) []byte { b[len(b)-1] ^= 1; return b }
func cutLast(b []byte) []byte  { return b[:len(b)-1] }

var damages = map[string]struct {
	do   func(k *kept)
	want string // in the only finding; none where it is empty
}{
	"nothing":               {func(*kept) {}, ""},
	"a file on its way":     {func(k *kept) { k.stray(time.Hour) }, ""},
	"a stray file":          {func(k *kept) { k.stray(25 * time.Hour) }, "no row knows it"},
	"a row gone just now":   {func(k *kept) { k.damage(`DELETE FROM file_copies`); k.damage(`DELETE FROM draft_files`); k.stray(0) }, ""},
	"a lost attachment":     {func(k *kept) { k.must(os.Remove(k.path("attachment"))) }, "attachment "},
	"a lost draft file":     {func(k *kept) { k.must(os.Remove(k.path("draft"))) }, "draft file "},
	"a lost paper":          {func(k *kept) { k.must(os.Remove(k.path("paper"))) }, "paper "},
	"a lost receipt":        {func(k *kept) { k.must(os.Remove(k.path("receipt"))) }, "receipt " + theReceipt},
	"a lost copy":           {func(k *kept) { k.must(os.Remove(k.path("copy"))) }, "copy of file "},
	"a lost thumbnail":      {func(k *kept) { k.must(os.Remove(k.path("thumbnail"))) }, "thumbnail of file "},
	"a changed joined copy": {func(k *kept) { k.change("working copy", flipLast) }, "working copy " + theDraft + "/0/c: other bytes"},
	"a lost part":           {func(k *kept) { k.must(os.Remove(k.path("part"))) }, "part of upload "},
	"a changed byte":        {func(k *kept) { k.change("attachment", flipLast) }, "other bytes than were received"},
	"a cut file":            {func(k *kept) { k.change("paper", cutLast) }, "bytes, not"},
	"a changed header":      {func(k *kept) { k.change("draft", func(b []byte) []byte { b[0] = 9; return b }) }, "cannot be opened"},
	"a changed hash":        {func(k *kept) { k.damage(`UPDATE attachments SET sha256 = '\x00'`) }, "other bytes than were received"},
	"a changed answer":      {func(k *kept) { k.damage(`UPDATE filings SET answers = answers || '{"copies": "9"}'`) }, "other answers than were filed"},
	"a taken answer":        {func(k *kept) { k.damage(`UPDATE filings SET answers = answers - 'who'`) }, "other answers than were filed"},
	"another state":         {func(k *kept) { k.damage(`UPDATE dossiers SET state = 'withdrawn'`) }, "state withdrawn, the last event says filed"},
	"no event":              {func(k *kept) { k.damage(`DELETE FROM events`) }, "the last event says nothing"},
	"paid by its word only": {func(k *kept) { k.unpay() }, "paid by its own word, its order is not"},
	"an unbalanced entry":   {func(k *kept) { k.damage(`UPDATE ledger SET account = 'held' WHERE amount < 0`) }, "fees credited"},
	"another amount":        {func(k *kept) { k.damage(`UPDATE orders SET paid = 9000`) }, "has what came in for it"},
	"another total":         {func(k *kept) { k.damage(`UPDATE receipts SET data = '{"total": 1}'`) }, "over what its order owed"},
	"a skipped number":      {func(k *kept) { k.damage(`UPDATE receipt_counters SET last = 2`) }, "consecutive"},
	"a changed audit row":   {func(k *kept) { k.damage(`UPDATE audit SET actor = 'person:2'`) }, "audit"},
	"a deleted audit row":   {func(k *kept) { k.damage(`DELETE FROM audit`) }, "audit"},
}

func (k *kept) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// unpay takes the money's rows away and leaves the dossier's word.
func (k *kept) unpay() {
	k.t.Helper()
	for _, table := range []string{"receipt_files", "receipts", "receipt_counters", "ledger", "attempts"} {
		k.damage(`DELETE FROM ` + table)
	}
	k.must(os.Remove(k.path("receipt")))
	k.damage(`UPDATE orders SET state = 'due', paid = 0, paid_at = NULL`)
}

func TestVerifyFindsEachDamage(t *testing.T) {
	for name, d := range damages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := keep(t)
			d.do(k)
			var out bytes.Buffer
			err := k.Verify(t.Context(), &out)
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			switch {
			case d.want == "" && (err != nil || len(lines) != 1 || !strings.Contains(lines[0], "agree")):
				t.Errorf("%v:\n%s", err, &out)
			case d.want != "" && (err == nil || len(lines) != 1 || !strings.Contains(lines[0], d.want)):
				t.Errorf("%v:\n%s", err, &out)
			}
		})
	}
}

func TestVerifyCountsEveryFinding(t *testing.T) {
	t.Parallel()
	k := keep(t)
	k.change("attachment", flipLast)
	k.change("paper", cutLast)
	k.stray(48 * time.Hour)
	var out bytes.Buffer
	err := k.Verify(t.Context(), &out)
	if want := "verify: 3 findings"; fmt.Sprint(err) != want || strings.Count(out.String(), "\n") != 3 {
		t.Errorf("%v:\n%s", err, &out)
	}
}

// Bytes that no row knows are swept once they are a day old; what a row knows stays.
func TestSweepBytes(t *testing.T) {
	t.Parallel()
	k := keep(t)
	k.stray(25 * time.Hour)
	old := k.path("stray")
	known := []string{"attachment", "paper", "draft", "copy", "thumbnail", "working copy", "part"}
	for _, of := range known { // as old as what is swept
		at := time.Now().Add(-25 * time.Hour)
		k.must(os.Chtimes(k.path(of), at, at))
	}
	k.stray(time.Hour)
	if err := k.sweepBytes(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old stray file is still there: %v", err)
	}
	for _, of := range append(known, "stray") {
		if _, err := os.Stat(k.path(of)); err != nil {
			t.Errorf("swept what must stay: %s: %v", of, err)
		}
	}
}
