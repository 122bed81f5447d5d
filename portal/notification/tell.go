package notification

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/queue"
)

// Kinds are the notices there are and the arguments each needs. The texts are the keys
// notice.<kind>.subject and notice.<kind>.body; the argument link comes by itself.
//
// No reason, name or number of a person is among them: letters travel and lie in the open,
// the portal shows the rest after sign-in.
var Kinds = map[string][]string{
	"filed":            {"code", "procedure", "agency", "answer_by"},
	"filed_due":        {"code", "procedure", "agency", "answer_by", "amount"},
	"paid":             {"code", "agency", "amount"},
	"receipt":          {"code", "receipt", "amount"},
	"payment_review":   {"code", "agency", "amount"},
	"received":         {"code", "procedure", "agency", "due"},
	"supplement":       {"code", "agency", "count", "until"},
	"supplied":         {"code", "agency", "answer_by"},
	"refused":          {"code", "agency"},
	"decided":          {"code", "agency"},
	"returned_online":  {"code"},
	"returned_counter": {"code", "agency"},
	"returned_post":    {"code", "agency"},
	"delivered":        {"code", "agency"},
	"withdrawn":        {"code", "agency"},
	"moved":            {"code", "agency"}, // another agency has its work now
	"report_made":      {"code", "until"},
	"report_passed":    {"code", "keeper"},
	"report_answered":  {"code", "agency"},
	"report_closed":    {"code", "agency"},
	"draft_lapses":     {"code", "procedure", "days", "until"}, // code is the procedure's: a draft has none
	"standing_asked":   {"code", "at"},                         // an invitation or an authorisation waits for the person's answer
	"standing_begun":   {"code", "at"},
	"standing_over":    {"code", "at"},
	"visit_booked":     {"code", "agency", "at"}, // code is the number that is called at the counter
	"visit_soon":       {"code", "agency", "at"},
	"visit_over":       {"code", "agency", "at"}, // given back, or taken back by the agency
	"procedure_ended":  {"code", "procedure"},    // code is the procedure's: the person has a draft of it
	"review_waits":     {"code"},                 // to editors: what is reviewed, the portal says
	"review_returned":  {"code"},
	"review_approved":  {"code"},
	"published":        {"code"},
	"paper_ends":       {"code", "days", "until"}, // code is that of the dossier it came from; which paper, the portal says
}

// Tell puts the notice into the person's inbox and, when there is an e-mail address, a
// letter into the post: all in the caller's transaction. A repeat of the event does nothing.
func (s *Service) Tell(ctx context.Context, tx sqlx.ExtContext, n Notice) error {
	if err := n.check(); err != nil {
		return fmt.Errorf("tell %s: %w", n.EventKey, err)
	}
	first, err := s.claim(ctx, tx, n.EventKey)
	if err != nil {
		return fmt.Errorf("tell %s: %w", n.EventKey, err)
	}
	if !first {
		return nil
	}
	words := s.render(n)
	letter, err := s.post(ctx, tx, n, words)
	if err != nil {
		return fmt.Errorf("letter of %s: %w", n.EventKey, err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO notices (at, person_id, dossier_id, kind, event_key, lang, subject, body, link, letter_id)
		VALUES ($1, $2, nullif($3, '')::uuid, $4, $5, $6, $7, $8, $9, nullif($10, '')::uuid)`,
		s.Now(), n.Person, n.Dossier, n.Kind, n.EventKey, words.lang, words.subject, words.body, n.Link, letter)
	if err != nil {
		return fmt.Errorf("tell %s: %w", n.EventKey, err)
	}
	return nil
}

// check finds what only a mistake in the calling code can have left out.
func (n Notice) check() error {
	needed, known := Kinds[n.Kind]
	if !known {
		return fmt.Errorf("no notice of kind %q", n.Kind)
	}
	if n.EventKey == "" || n.Person == 0 {
		return fmt.Errorf("a notice of kind %q without event or person", n.Kind)
	}
	for _, name := range needed {
		if !slices.ContainsFunc(n.Args, func(a locales.Arg) bool { return a.Name == name }) {
			return fmt.Errorf("a notice of kind %q needs the argument %q", n.Kind, name)
		}
	}
	return nil
}

// claim says whether this event is told for the first time. A second teller waits here
// until the first has committed or given up.
func (s *Service) claim(ctx context.Context, tx sqlx.ExtContext, key string) (bool, error) {
	r, err := tx.ExecContext(ctx, `INSERT INTO notice_keys (event_key, at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, key, s.Now())
	if err != nil {
		return false, err
	}
	rows, err := r.RowsAffected()
	return rows == 1, err
}

type words struct {
	lang                  locales.Lang
	subject, body, letter string
}

// render makes the words in the person's language, or in Vietnamese when there are none.
func (s *Service) render(n Notice) words {
	args := []locales.Arg{locales.S("link", s.Settings.PortalURL)}
	for _, a := range n.Args {
		args = append(args, tame(a))
	}
	var w words
	w.subject, w.lang = locales.Say(n.Lang, locales.M("notice."+n.Kind+".subject", args...))
	w.subject = oneLine(w.subject)
	w.body, _ = locales.Say(w.lang, locales.M("notice."+n.Kind+".body", args...))
	sender := ""
	if from, err := mail.ParseAddress(s.Settings.From); err == nil {
		sender = from.Name
	}
	w.letter, _ = locales.Say(w.lang, locales.M("notice.letter",
		locales.S("body", w.body), locales.S("sender", sender), args[0]))
	return w
}

// tame keeps an argument to one line, so that no value can pass for a line of the letter,
// and makes a number that has been through a job's JSON whole again.
func tame(a locales.Arg) locales.Arg {
	switch v := a.Value.(type) {
	case string:
		a.Value = oneLine(v)
	case float64:
		if n := int64(v); float64(n) == v {
			a.Value = n
		}
	case locales.Text:
		a.Value = locales.Text{VI: oneLine(v.VI), EN: oneLine(v.EN), KM: oneLine(v.KM)}
	}
	return a
}

// oneLine turns line breaks and other control characters into single spaces and drops the
// characters that reorder text on a screen.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// post stores the letter and queues it. An address that cannot be one is kept as refused,
// so that the inbox says so, and never reaches the mail server.
func (s *Service) post(ctx context.Context, tx sqlx.ExtContext, n Notice, w words) (id string, err error) {
	if n.Email == "" {
		return "", nil
	}
	id = uuid.NewString()
	state, answer := waiting, ""
	if !isAddress(n.Email) {
		state, answer = refused, "not an e-mail address"
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO letters (id, person_id, dossier_id, address, subject, body, lang, made_at, state, answer)
		VALUES ($1, $2, nullif($3, '')::uuid, $4, $5, $6, $7, $8, $9, $10)`,
		id, n.Person, n.Dossier, oneLine(n.Email), w.subject, w.letter, w.lang, s.Now(), state, answer)
	if err != nil || state == refused {
		return id, err
	}
	return id, queue.Put(ctx, tx, sendKind, "letter:"+id, s.Now(), struct{}{})
}

// isAddress says whether address is one bare mailbox and nothing else.
func isAddress(address string) bool {
	parsed, err := mail.ParseAddress(address)
	return err == nil && parsed.Address == address && parsed.Name == "" && oneLine(address) == address && len(address) <= 254
}
