package notification

import (
	"strings"
	"testing"
	"time"

	"motcua/portal/queue"
)

func (o *office) letter(t *testing.T) (l struct {
	ID, State, Answer string
	SentAt            *time.Time `db:"sent_at"`
	Unsure            int
}) {
	t.Helper()
	if err := o.DB.GetContext(t.Context(), &l, `SELECT id, state, answer, sent_at, unsure FROM letters`); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestALetter(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tell(t, received("e"))
	o.clock.pass(time.Minute)
	if err := o.work(t); err != nil {
		t.Fatal(err)
	}
	got := o.mail.Letters()
	if len(got) != 1 {
		t.Fatalf("%d letters", len(got))
	}
	l, row := got[0], o.letter(t)
	if row.State != sent || !row.SentAt.Equal(o.clock.Now()) {
		t.Errorf("row: %+v", row)
	}
	if l.From != "no-reply@example.gov.vn" || strings.Join(l.To, " ") != "an@example.vn" {
		t.Errorf("envelope: %s to %v", l.From, l.To)
	}
	for header, want := range map[string]string{
		"Message-Id": "<" + row.ID + "@example.gov.vn>", "Auto-Submitted": "auto-generated", "Content-Language": "vi",
		"Content-Type": "text/plain; charset=UTF-8", "Date": "Mon, 23 Nov 2026 10:00:00 +0700", "To": "<an@example.vn>",
	} {
		if v := l.Headers[header]; len(v) != 1 || v[0] != want {
			t.Errorf("%s: %q, want %q", header, v, want)
		}
	}
	for _, header := range []string{"User-Agent", "X-Mailer", "Bcc"} {
		if l.Headers[header] != nil {
			t.Errorf("%s is there", header)
		}
	}
	if l.Subject != "Hồ sơ H01.15-261123-0001 đã được tiếp nhận, hẹn trả 27/11/2026" {
		t.Errorf("subject %q", l.Subject)
	}
	for _, want := range []string{"Kính gửi ông/bà,\n\nUBND phường đã tiếp nhận", "\n\nCổng dịch vụ công\n\n", "gõ địa chỉ https://dvc.example.gov.vn để"} {
		if !strings.Contains(l.Body, want) {
			t.Errorf("body lacks %q:\n%s", want, l.Body)
		}
	}
}

// Whatever the mail server does first, a letter that it takes in the end arrives once, and
// one that it refuses is not offered again.
func TestFaultsOfTheMailServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode    string
		times   int
		arrive  int
		state   string
		answer  string
		waiting bool // after the first try
	}{
		{"refuse", 1, 0, refused, "550 5.1.1", false},
		{"later", 2, 1, sent, "", true},
		{"sender", 2, 1, sent, "", true},
		{"dead", 2, 1, sent, "", true},
		{"hangup", 1, 1, sent, "", false},
		{"silent", 1, 2, sent, "", true},                                         // it was taken, nobody could know
		{"silent", 0, maxUnsure, refused, "handed over without an answer", true}, // never more often than that
	} {
		t.Run(c.mode, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.mail.Set(faults(c.mode, c.times))
			o.tell(t, received("e"))
			err := o.work(t)
			if got := o.letter(t).State; (got == waiting) != c.waiting || (err != nil) != c.waiting {
				t.Fatalf("after the first try: %s, %v", got, err)
			}
			if err != nil && strings.Contains(err.Error(), "an@example.vn") {
				t.Errorf("the log would name the recipient: %v", err)
			}
			o.days(t)
			l := o.letter(t)
			if l.State != c.state || l.Answer != c.answer {
				t.Errorf("in the end: %+v", l)
			}
			got := o.mail.Letters()
			if len(got) != c.arrive {
				t.Fatalf("%d arrived, want %d", len(got), c.arrive)
			}
			for _, g := range got {
				if g.MessageID != got[0].MessageID || g.Headers["Date"][0] != got[0].Headers["Date"][0] {
					t.Errorf("a repeat that cannot be known: %s %s", g.MessageID, g.Headers["Date"])
				}
			}
			if n := o.rows(t, "jobs"); n != 0 {
				t.Errorf("%d jobs left", n)
			}
		})
	}
}

// Waiting for a server that does not come back ends on an officer's page.
func TestADeadMailServerIsSeen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if err := o.mail.Close(); err != nil {
		t.Fatal(err)
	}
	o.tell(t, received("e"))
	o.days(t)
	stuck, err := queue.Stuck(t.Context(), o.DB)
	if err != nil || len(stuck) != 1 || o.letter(t).State != waiting || o.letter(t).Unsure != 0 {
		t.Fatalf("stuck: %v %v, letter %+v", stuck, err, o.letter(t))
	}
}

func TestTheSameJobTwice(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tell(t, received("e"))
	j := queue.Job{Kind: sendKind, Subject: "letter:" + o.letter(t).ID}
	for range 3 {
		if err := o.Send(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(o.mail.Letters()); n != 1 {
		t.Errorf("%d letters", n)
	}
	if err := o.Send(t.Context(), queue.Job{Subject: "letter:7c9e6679-7425-40de-944b-e07fc1f90ae7"}); err != nil {
		t.Errorf("a letter whose term is over: %v", err)
	}
	if err := o.Send(t.Context(), queue.Job{Subject: "parcel:1"}); err == nil {
		t.Error("a job that names no letter passed")
	}
}

// A program that is killed between the hand-over and writing it down leaves the count
// behind, so that the letter is not offered for ever.
func TestKilledInTheHandOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tell(t, received("e"))
	id := o.letter(t).ID
	for range maxUnsure { // as far as a killed Send gets
		if err := o.count(t.Context(), id, +1); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.work(t); err != nil {
		t.Fatal(err)
	}
	if l := o.letter(t); l.State != refused || len(o.mail.Letters()) != 0 {
		t.Errorf("letter %+v, %d more sent", l, len(o.mail.Letters()))
	}
}
