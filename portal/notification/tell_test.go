package notification

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/pg"
)

func TestTellKeepsTheWordsAsTheyWentOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang, kept    locales.Lang
		subject, body string
	}{
		{locales.VI, locales.VI, "Hồ sơ H01.15-261123-0001 đã được tiếp nhận, hẹn trả 27/11/2026",
			"UBND phường đã tiếp nhận hồ sơ H01.15-261123-0001: Cấp bản sao trích lục.\nNgày hẹn trả kết quả: 27/11/2026.\n" +
				"Ông/bà xem giấy tiếp nhận hồ sơ tại https://dvc.example.gov.vn, mục Hồ sơ của tôi."},
		{locales.EN, locales.EN, "Application H01.15-261123-0001 accepted, result due on 27/11/2026", "Ward People's Committee has accepted"},
		{locales.KM, locales.VI, "Hồ sơ H01.15-261123-0001 đã được tiếp nhận, hẹn trả 27/11/2026", "UBND phường đã tiếp nhận"},
	} {
		t.Run(string(c.lang), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			n := received("e")
			n.Lang = c.lang
			o.tell(t, n)
			items, err := o.Inbox(t.Context(), 7, 10)
			if err != nil || len(items) != 1 {
				t.Fatalf("inbox: %v %v", items, err)
			}
			i := items[0]
			if i.Subject != c.subject || !strings.HasPrefix(i.Body, c.body) || i.Lang != string(c.kept) {
				t.Errorf("kept %q\n%q\n%s", i.Subject, i.Body, i.Lang)
			}
			if i.Link != n.Link || i.Dossier != n.Dossier || i.Letter != waiting || i.Address != "an@example.vn" || !i.New {
				t.Errorf("item: %+v", i)
			}
		})
	}
}

func TestTheSameEventIsToldOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tell(t, received("e"))
	again := received("e")
	again.Kind, again.Lang = "decided", locales.EN
	o.tell(t, again)
	_ = o.work(t)
	o.tell(t, received("e"))
	_ = o.work(t)
	if n, l, sent := o.rows(t, "notices"), o.rows(t, "letters"), len(o.mail.Letters()); n != 1 || l != 1 || sent != 1 {
		t.Errorf("%d notices, %d letters, %d sent", n, l, sent)
	}
}

func TestTellersAtTheSameTime(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			err := pg.InTx(t.Context(), o.DB, func(tx *sqlx.Tx) error { return o.Tell(t.Context(), tx, received("e")) })
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n, l, j := o.rows(t, "notices"), o.rows(t, "letters"), o.rows(t, "jobs"); n != 1 || l != 1 || j != 1 {
		t.Errorf("%d notices, %d letters, %d jobs", n, l, j)
	}
}

func TestALateFailureLeavesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	boom := errors.New("boom")
	for name, deed := range map[string]func(tx *sqlx.Tx) error{
		"of the caller": func(tx *sqlx.Tx) error {
			if err := o.Tell(t.Context(), tx, received("e")); err != nil {
				t.Fatal(err)
			}
			return boom
		},
		"of the last statement": func(tx *sqlx.Tx) error {
			n := received("e")
			n.Link = "/ho-so/\x00" // PostgreSQL refuses it, after letter and job are in
			return o.Tell(t.Context(), tx, n)
		},
	} {
		if err := pg.InTx(t.Context(), o.DB, deed); err == nil {
			t.Fatalf("%s: no error", name)
		}
		for _, table := range []string{"notices", "letters", "notice_keys", "jobs"} {
			if n := o.rows(t, table); n != 0 {
				t.Errorf("%s: %d %s stayed", name, n, table)
			}
		}
	}
	o.tell(t, received("e")) // and the event can still be told
	if o.rows(t, "notices") != 1 {
		t.Error("a failed try used the event up")
	}
}

// Arguments that have been through a job's JSON still choose the plural.
func TestNumbersFromJobs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for count, want := range map[float64]string{1: "There is one item to answer.", 3: "There are 3 items to answer."} {
		n := received(fmt.Sprint(count))
		n.Kind, n.Lang = "supplement", locales.EN
		n.Args = append(n.Args, locales.Arg{Name: "count", Value: count}, locales.S("until", "4/12/2026"))
		o.tell(t, n)
		items, err := o.Inbox(t.Context(), 7, 1)
		if err != nil || !strings.Contains(items[0].Body, want) {
			t.Errorf("%v: %+v %v", count, items, err)
		}
		o.clock.pass(time.Second)
	}
}

// What people and officers typed comes out as it is, on one line.
func TestValuesCannotWriteTheLetter(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	n := received("e")
	n.Args[0] = locales.S("code", "{{7*7}} ${7*7} {agency}\r\nBcc: x@y\u202e\n\nKính gửi")
	n.Args[2] = locales.T("agency", locales.Text{VI: "UBND\r\nBcc: x@y"})
	o.tell(t, n)
	_ = o.work(t)
	letters := o.mail.Letters()
	if len(letters) != 1 {
		t.Fatalf("%d letters", len(letters))
	}
	l := letters[0]
	if want := "Hồ sơ {{7*7}} ${7*7} {agency} Bcc: x@y Kính gửi đã được tiếp nhận, hẹn trả 27/11/2026"; l.Subject != want {
		t.Errorf("subject %q", l.Subject)
	}
	if l.Headers["Bcc"] != nil || len(l.To) != 1 || strings.Contains(l.Body, "\nBcc") || strings.Contains(l.Body, "\u202e") {
		t.Errorf("letter: %+v", l)
	}
}

func TestNoEmailNoLetter(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	n := received("e")
	n.Email = ""
	o.tell(t, n)
	if items, err := o.Inbox(t.Context(), 7, 1); err != nil || len(items) != 1 || items[0].Letter != "" {
		t.Errorf("inbox: %+v %v", items, err)
	}
	if o.rows(t, "letters")+o.rows(t, "jobs") != 0 {
		t.Error("a letter without address")
	}
}

// An address that carries more than a mailbox never reaches the mail server, and the inbox
// says that the letter was not sent.
func TestOddAddresses(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i, address := range []string{
		"a@b.vn\r\nBcc: x@y.vn", "a@b.vn, x@y.vn", "An <a@b.vn>", "a@b.vn\nx@y.vn", "ab.vn", "a@b.vn\x00", "<a@b.vn>", " a@b.vn", strings.Repeat("a", 250) + "@b.vn",
	} {
		n := received(event(i))
		n.Email = address
		o.tell(t, n)
		items, err := o.Inbox(t.Context(), 7, 1)
		if err != nil || items[0].Letter != refused {
			t.Errorf("%q: %+v %v", address, items, err)
		}
		o.clock.pass(1e9)
	}
	if err := o.work(t); err != nil {
		t.Error(err)
	}
	if n := len(o.mail.Letters()); n != 0 {
		t.Errorf("%d letters went out", n)
	}
}

// A notice that lacks something is the calling code's mistake and stops it.
func TestIncompleteNotices(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for name, spoil := range map[string]func(*Notice){
		"no notice of kind":        func(n *Notice) { n.Kind = "greetings" },
		`needs the argument "due"`: func(n *Notice) { n.Args = n.Args[:3] },
		"without event":            func(n *Notice) { n.EventKey = "" },
		"or person":                func(n *Notice) { n.Person = 0 },
	} {
		n := received("e")
		spoil(&n)
		if err := o.Tell(t.Context(), o.DB, n); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if o.rows(t, "notices") != 0 {
		t.Error("told all the same")
	}
}
