package notification

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/portal/notification/sandbox"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/standin"
)

// phones is a service with a messaging operator and a person to write to.
type phones struct {
	*Service
	clock    *clock
	operator *sandbox.SMSServer
	worker   *queue.Worker
	person   int64
}

func newPhones(t *testing.T) *phones {
	t.Helper()
	op, err := sandbox.StartSMS(standin.Options{}, sandbox.SMSConfig{Key: "k", Secret: "s", Brand: "DVC"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = op.Close() })
	c := &clock{}
	c.at.Store(time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC).Unix())
	s := &Service{DB: pgtest.Open(t), Now: c.Now, SMS: &ESMS{URL: op.URL, Key: "k", Secret: "s", Brand: "DVC"}}
	p := &phones{Service: s, clock: c, operator: op, worker: &queue.Worker{DB: s.DB, Handlers: s.Handlers(), Now: c.Now}}
	if err := s.DB.Get(&p.person, `INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ('i', 's', '1', 'h', 'An') RETURNING id`); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *phones) text(t *testing.T, phone, body string) error {
	t.Helper()
	return pg.InTx(t.Context(), p.DB, func(tx *sqlx.Tx) error {
		_, err := p.Text(t.Context(), tx, SMS{Person: p.person, Object: "draft:1", Phone: phone, Body: body, Until: p.Now().Add(10 * time.Minute)})
		return err
	})
}

func (p *phones) state(t *testing.T) (s struct{ State, Answer, Body string }) {
	t.Helper()
	if err := p.DB.Get(&s, `SELECT state, answer, body FROM sms`); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestASMS(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	if err := p.text(t, "0912 345.604", "Mã xác nhận của ông/bà là 123456 – Đừng cho ai biết."); err != nil {
		t.Fatal(err)
	}
	if _, err := p.worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := p.operator.Texts()
	if len(got) != 1 || got[0].Phone != "84912345604" || got[0].Content != "Ma xac nhan cua ong/ba la 123456 - Dung cho ai biet." || got[0].Wide || got[0].Brand != "DVC" {
		t.Fatalf("%+v", got)
	}
	if s := p.state(t); s.State != sent || !strings.HasPrefix(s.Answer, "100 ") || s.Body != "" {
		t.Errorf("afterwards: %+v", s)
	}
	last, err := p.LastSMS(t.Context(), "draft:1")
	if err != nil || last.State != sent || last.Ends() != "604" {
		t.Errorf("%+v, %v", last, err)
	}
	if none, err := p.LastSMS(t.Context(), "draft:2"); err != nil || none.State != "" || none.Ends() != "" {
		t.Errorf("about another thing: %+v, %v", none, err)
	}
}

// Whatever the operator does first, a message arrives once; one that it will never take is
// not offered again; none is sent when it is worth nothing any more.
func TestFaultsOfTheOperator(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode, state, answer string
		arrive              int
		wait                bool // after the first try
	}{
		{"silent", sent, "124", 1, true},
		{"dead", sent, "100 sandbox-1", 1, true},
		{"garbage", sent, "100 sandbox-1", 1, true},
		{"balance", sent, "100 sandbox-1", 1, true},
		{"template", refused, "146", 0, false},
	} {
		t.Run(c.mode, func(t *testing.T) {
			t.Parallel()
			p := newPhones(t)
			p.operator.Set(standin.Fault{Mode: c.mode, Times: 1})
			if err := p.text(t, "0912345604", "Ma 1"); err != nil {
				t.Fatal(err)
			}
			_, _ = p.worker.Drain(t.Context())
			if s := p.state(t); (s.State == waiting) != c.wait {
				t.Errorf("after the first try: %+v", s)
			}
			p.clock.pass(5 * time.Minute)
			_, _ = p.worker.Drain(t.Context())
			s := p.state(t)
			if n := len(p.operator.Texts()); n != c.arrive || s.State != c.state || s.Answer != c.answer {
				t.Errorf("%d arrived, %+v", n, s)
			}
			id := ""
			if err := p.DB.Get(&id, `SELECT id FROM sms`); err != nil {
				t.Fatal(err)
			}
			if err := p.sendSMS(t.Context(), queue.Job{Subject: "sms:" + id}); err != nil {
				t.Errorf("the job once more: %v", err)
			}
			if n := len(p.operator.Texts()); n != c.arrive {
				t.Errorf("then %d arrived", n)
			}
		})
	}
	t.Run("too late", func(t *testing.T) {
		t.Parallel()
		p := newPhones(t)
		p.operator.Set(standin.Fault{Mode: "dead"})
		if err := p.text(t, "0912345604", "Ma 1"); err != nil {
			t.Fatal(err)
		}
		_, _ = p.worker.Drain(t.Context())
		p.operator.Set(standin.Fault{Mode: "ok"})
		p.clock.pass(10 * time.Minute)
		_, _ = p.worker.Drain(t.Context())
		if s := p.state(t); s.State != refused || s.Body != "" || len(p.operator.Texts()) != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestSameRequestTwice: the operator is asked twice under one id, as after a lost answer.
func TestSameRequestTwice(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	id := uuid.NewString()
	for _, want := range []string{"100 sandbox-1", "124"} {
		if got, err := p.SMS.Send(t.Context(), id, "84912345604", "Ma 1"); err != nil || got != want {
			t.Errorf("%q, %v, want %s", got, err, want)
		}
	}
	if n := len(p.operator.Texts()); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestWrongAccountWaits(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	for _, e := range []ESMS{{Key: "x", Secret: "s", Brand: "DVC"}, {Key: "k", Secret: "s", Brand: "OTHER"}} {
		e.URL = p.operator.URL
		_, err := e.Send(t.Context(), uuid.NewString(), "84912345604", "Ma 1")
		var last refusal
		if err == nil || errors.As(err, &last) || strings.Contains(err.Error(), "84912345604") {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

func TestTextThatCannotBe(t *testing.T) {
	t.Parallel()
	p := newPhones(t)
	for _, phone := range []string{"", "02963123456", "0123456789", "+1 212 555 0100", "091234560", "09123456040", "O912345604", "8491234560a"} {
		var fault *problem.Error
		if err := p.text(t, phone, "Ma 1"); !errors.As(err, &fault) || fault.Message.Key != "sms.not_mobile" {
			t.Errorf("%q: %v", phone, err)
		}
	}
	p.SMS = nil
	if err := p.text(t, "0912345604", "Ma 1"); !problem.Is(err, problem.Unavailable) {
		t.Errorf("without an operator: %v", err)
	}
	var n int
	if err := p.DB.Get(&n, `SELECT (SELECT count(*) FROM sms) + (SELECT count(*) FROM jobs)`); err != nil || n != 0 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestMobile(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"0912345604": "84912345604", "+84912345604": "84912345604", "84912345604": "84912345604", "(+84) 91-234.56 04": "84912345604", "0385123456": "84385123456"} {
		if got, ok := Mobile(s); !ok || got != want {
			t.Errorf("%s: %s, %v", s, got, ok)
		}
	}
}

func TestSegments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		n    int
		wide bool
	}{
		{"", 1, false}, {strings.Repeat("a", 160), 1, false}, {strings.Repeat("a", 161), 2, false}, {strings.Repeat("a", 306), 2, false}, {strings.Repeat("a", 307), 3, false},
		{strings.Repeat("{", 80), 1, false}, {strings.Repeat("{", 81), 2, false},
		{"đ" + strings.Repeat("a", 69), 1, true}, {"đ" + strings.Repeat("a", 70), 2, true}, {strings.Repeat("ế", 134), 2, true}, {strings.Repeat("ế", 135), 3, true},
	} {
		if n, wide := Segments(c.text); n != c.n || wide != c.wide {
			t.Errorf("%d letters: %d, %v", len([]rune(c.text)), n, wide)
		}
	}
	if s := unmarked("Đường Nguyễn Huệ, ấp Phú Thạnh – ỷ ỹ"); s != "Duong Nguyen Hue, ap Phu Thanh - y y" {
		t.Errorf("%q", s)
	}
	if !slices.Equal([]rune(unmarked("ខ្មែរ"))[:1], []rune("ខ")) {
		t.Error("Khmer is lost")
	}
}
