package portal

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/desk"
)

// breaks lets the next writing to a table fail, until the returned function mends it.
func (h *house) breaks(when, table string) (mend func()) {
	h.t.Helper()
	_, err := h.owner.Exec(`CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken on purpose'; END $$;
		CREATE TRIGGER broken BEFORE ` + when + ` ON ` + table + ` FOR EACH ROW EXECUTE FUNCTION broken()`)
	h.must(err)
	return func() {
		_, err := h.owner.Exec(`DROP TRIGGER broken ON ` + table + `; DROP FUNCTION broken()`)
		h.must(err)
	}
}

// A deed that fails at its end leaves nothing behind, and can be done afterwards.
func TestLateFailuresOfTheVault(t *testing.T) {
	h := newHouse(t)
	m, o := h.signedIn("mai"), h.signedIn(h.officerAt(agency.Intake, isPolice))
	ctx, p := t.Context(), m.session().Person
	first := m.licensed()
	h.drain()
	late := func(what, when, table string, do func() error) {
		t.Helper()
		before := h.snapshot()
		mend := h.breaks(when, table)
		if err := do(); err == nil {
			t.Errorf("%s: went well", what)
		}
		mend()
		left := slices.DeleteFunc(changed(before, h.snapshot()), func(name string) bool { return name == "limits" || name == "sessions" })
		if len(left) > 0 {
			t.Errorf("%s: changed %v", what, left)
		}
		if err := do(); err != nil {
			t.Errorf("%s, afterwards: %v", what, err)
		}
	}
	receive := o.press(first)
	late("receiving", "UPDATE", "deeds", func() error { return h.Desk.Receive(ctx, receive) })
	portrait := paperOf(h, "anh_chan_dung")
	id := m.draft(licence, licenceAnswers())
	h.drain()
	use, undo, share := keyOf(p), keyOf(p), keyOf(p)
	picks := map[string]string{"anh_chan_dung": portrait}
	late("using", "UPDATE", "deeds", func() error { return h.Vault.Use(ctx, p, id, 0, picks, use) })
	h.drain()
	late("undoing", "UPDATE", "deeds", func() error { return h.Vault.Undo(ctx, p, id, 0, "anh_chan_dung", portrait, undo) })
	code := ""
	late("sharing", "UPDATE", "deeds", func() (err error) {
		code, _, err = h.Vault.Share(ctx, p, portrait, time.Hour, share)
		return err
	})
	late("seeing", "INSERT", "audit", func() error {
		_, err := h.Vault.Shown(ctx, code, audit.Entry{IP: "192.0.2.1"})
		return err
	})
	when := time.Now().AddDate(0, 6, -20)
	late("reminding", "INSERT", "notices", func() error { return h.Vault.Remind(ctx, when) })

	s, done := h.staffOf(h.isWard), m.filed(extract, nil)
	m.pay(done)
	press := s[agency.Intake]
	h.must(h.Desk.Receive(ctx, press.press(done)))
	h.must(h.Desk.Forward(ctx, press.press(done), s[agency.Processor].officer().ID))
	decide := s[agency.Leader].press(done)
	late("deciding", "UPDATE", "deeds", func() error {
		return h.Desk.Decide(ctx, decide, desk.Decision{Granted: true, Text: "Đồng ý.", ValidTo: inDays(30)})
	})
	h.must(h.Desk.Archive(ctx, s[agency.Clerk].press(done)))
	back := press.press(done)
	late("handing over", "UPDATE", "deeds", func() error { return h.Desk.Return(ctx, back, desk.Handing{}) })
	h.drain()
	if n := h.counted(`SELECT count(*) FROM vault_papers WHERE dossier_id = $1 AND status = 'issued'`, done); n != 1 {
		t.Errorf("%d papers of the result", n)
	}
	_, err := h.owner.Exec(`DELETE FROM vault_files WHERE paper_id IN (SELECT id FROM vault_papers WHERE dossier_id = $1)`, done)
	h.must(err)
	_, err = h.owner.Exec(`DELETE FROM vault_papers WHERE dossier_id = $1`, done)
	h.must(err)
	late("taking a result in", "INSERT", "vault_files", func() error { return h.Vault.Handlers()["vault.keep"](ctx, jobOf(done)) })
}

// Papers of a business are seen by who represents it, and by members as far as their power
// reaches; only the former shares them. A ward's are seen by who filed for it.
func TestWhoseThePapersAre(t *testing.T) {
	h := newHouse(t)
	m, p, o := h.signedIn("mai"), h.signedIn("phuc"), h.signedIn(h.officerAt(agency.Intake, isPolice))
	first := m.licensed()
	h.must(status(h.receives(o, first, nil), 303))
	portrait := paperOf(h, "anh_chan_dung")
	at := "/tai-khoan/giay-to/" + portrait
	sees := func(b *browser, want bool, why string) {
		t.Helper()
		listed := strings.Contains(b.get("/tai-khoan/giay-to").text(), at)
		if one := b.get(at).Status == 200; one != want || listed != want {
			t.Errorf("%s: listed %v, opened %v", why, listed, one)
		}
	}
	change := func(q string, args ...any) {
		t.Helper()
		_, err := h.owner.Exec(q, args...)
		h.must(err)
	}
	sees(m, true, "the owner")
	sees(p, false, "somebody else")

	change(`UPDATE vault_papers SET owner_hash = 'a child'`)
	change(`UPDATE dossiers SET owner_hash = 'a child', capacity = 'ward' WHERE id = $1`, first)
	sees(m, true, "who filed for a ward")
	sees(p, false, "somebody else, of a ward's")
	change(`UPDATE dossiers SET capacity = 'authorised' WHERE id = $1`, first)
	sees(m, false, "who was authorised by the owner")

	const firm = "0300588569"
	h.invited(m.session().Person) // a power that is not accepted is none
	change(`UPDATE vault_papers SET owner_hash = $1, tax_code = $2`, lookupKey.Hash(firm), firm)
	change(`UPDATE dossiers SET owner_hash = $1, tax_code = $2, capacity = '' WHERE id = $3`, lookupKey.Hash(firm), firm, first)
	sees(m, false, "who typed it, without a power")
	change(`UPDATE powers SET member_id = $1, accepted_at = now(), valid_from = '2020-01-01'`, m.session().ID)
	sees(m, true, "a member")
	h.must(status(m.post(at+"/chia-se", url.Values{"thoi-han": {"1h"}}), 404))
	h.must(status(m.post(at+"/an", url.Values{"an": {"1"}}), 404))
	if strings.Contains(m.get(at).text(), "/chia-se") {
		t.Error("a member is shown how to share")
	}
	change(`UPDATE powers SET procedure_code = $1`, birth)
	sees(m, false, "a member for another procedure")
	change(`UPDATE powers SET procedure_code = $1`, licence)
	sees(m, true, "a member for this procedure")
	change(`UPDATE powers SET revoked_at = now()`)
	sees(m, false, "a member who was")
	change(`INSERT INTO representations (person_id, tax_code, name, seen_at) VALUES ($1, $2, 'CÔNG TY MẪU', now())`, p.session().ID, firm)
	sees(p, true, "who represents it")
	h.must(status(p.post(at+"/chia-se", url.Values{"thoi-han": {"1h"}}), 200))
}
