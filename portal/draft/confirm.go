package draft

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// What is filed with help is confirmed by the person it is for: with a code that goes to
// their phone, or with their signature on the printed form. Either counts for what is in the
// draft at that moment; a change after it asks again.
const (
	codeTime  = 10 * time.Minute
	mostTries = 5  // wrong codes on one draft; then only the signature is left
	mostCodes = 5  // sent for one draft
	phoneDay  = 10 // sent to one phone in a day
)

// SignedForm is the printed form with the signature of the person that is helped.
const SignedForm = "signed_form"

var (
	// SignedName is what that paper is called.
	SignedName  = locales.Text{VI: "Tờ khai có chữ ký xác nhận", EN: "The form, signed to confirm it"}
	signedShort = locales.Text{VI: "tờ khai đã ký", EN: "signed form"}
	signedHint  = locales.Text{VI: "Tờ khai in từ trang làm giúp, có chữ ký hoặc điểm chỉ của người được giúp.", EN: "The form printed from the page of the help, signed or fingerprinted by the person helped."}
)

// signed is the paper that a draft asks for once its form has been printed to be signed.
func (d Draft) signed() []eforms.Component {
	if d.Help == nil || d.Help.Printed == nil || d.Revision == nil || len(d.Revision.Form.Pages) == 0 {
		return nil
	}
	return []eforms.Component{{ID: SignedForm, Page: 1, MaxFiles: 5, Name: SignedName, Short: signedShort, Hint: signedHint, Sample: proofSample}}
}

// CanCode says whether a code can be sent for the draft.
func (s *Service) CanCode(h Help) bool {
	return s.Notices != nil && s.Notices.CanText() && h.Phone != "" && h.Tries < mostTries && h.Codes < mostCodes
}

// Ends are the last three digits of the phone that codes go to.
func (h Help) Ends() string { return h.Phone[max(0, len(h.Phone)-3):] }

// TriesLeft is how many wrong codes are still borne.
func (h Help) TriesLeft() int { return max(0, mostTries-h.Tries) }

// Waits says whether a code is on its way for what is in the draft now.
func (d Draft) Waits(now time.Time) bool {
	h := d.Help
	return h != nil && h.CodeFor == d.Version && h.CodeUntil != nil && now.Before(*h.CodeUntil)
}

// helpDeed is a deed of a helper on a draft that is open and theirs to help with.
func (s *Service) helpDeed(ctx context.Context, p signin.Person, id string, do func(tx *sqlx.Tx, d Draft) error) error {
	known, err := s.Load(ctx, p, id)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		d, err := s.Lock(ctx, tx, p, known)
		if err != nil {
			return err
		}
		if d.Help == nil || d.FiledAt != nil {
			return notFound()
		}
		return do(tx, d)
	})
}

// whole refuses what cannot be filed as it is: nobody confirms half a form.
func (s *Service) whole(d Draft) error {
	if len(d.Overtaken) > 0 || d.UnseenID != nil || len(d.Run(s.Now()).Faults()) > 0 {
		return problem.New(problem.Conflict, "assist.incomplete")
	}
	return nil
}

// SendCode sends a code to the phone of the person that is helped. The same press sends one.
func (s *Service) SendCode(ctx context.Context, p signin.Person, id string, key once.Key) error {
	known, err := s.Load(ctx, p, id)
	if err != nil {
		return err
	}
	if known.Help == nil {
		return notFound()
	}
	phone := hex.EncodeToString(s.Applicant.Key.Hash("phone " + known.Help.Phone))
	allowed, err := pg.Allow(ctx, s.DB, "assist.phone", phone, phoneDay, 24*time.Hour, s.Now())
	if err != nil {
		return err
	}
	if !allowed {
		return problem.New(problem.TooMany, "assist.phone_busy")
	}
	return s.helpDeed(ctx, p, id, func(tx *sqlx.Tx, d Draft) error {
		now, key := s.Now(), BodyKey(key, id)
		if _, done, err := once.Begin(ctx, tx, key, now); err != nil || done {
			return err
		}
		if err := s.whole(d); err != nil {
			return err
		}
		if !s.CanCode(*d.Help) {
			return problem.New(problem.Conflict, "assist.no_code")
		}
		code, err := newCode()
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE assists SET code_hash = $2, code_for = $3, code_until = $4, codes = codes + 1 WHERE draft_id = $1`,
			id, s.codeHash(id, code), d.Version, now.Add(codeTime))
		if err != nil {
			return fmt.Errorf("code for draft %s: %w", id, err)
		}
		if err := s.textCode(ctx, tx, d, code, now); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, "sent")
	})
}

// longestAgency is how much of an agency's name fits into one message.
const longestAgency = 60

func (s *Service) textCode(ctx context.Context, tx *sqlx.Tx, d Draft, code string, now time.Time) error {
	h := d.Help
	name, _ := h.Agency.In(h.For.Lang)
	agency := []rune(name)
	body, _ := locales.Say(h.For.Lang, locales.M("assist.sms", locales.S("code", code), locales.S("procedure", d.Revision.Code),
		locales.S("agency", string(agency[:min(len(agency), longestAgency)]))))
	_, err := s.Notices.Text(ctx, tx, notification.SMS{Person: d.PersonID, Object: "draft:" + d.ID, Phone: h.Phone, Body: body, Until: now.Add(codeTime)})
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, s.helpEntry(d, "assist.code", nil))
}

func (s *Service) helpEntry(d Draft, deed string, args map[string]any) audit.Entry {
	return audit.Entry{Actor: officerActor(d.Help.Officer), Deed: deed, Object: "draft:" + d.ID, Subject: d.Help.For.IDHash, AgencyID: d.Help.AgencyID, Args: args}
}

func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%06d", n), nil
}

// codeHash is keyed: six digits alone would be found in no time by who reads the table.
func (s *Service) codeHash(id, code string) []byte {
	return s.Applicant.Key.Hash("code " + id + " " + code)
}

var sixDigits = regexp.MustCompile(`^\d{6}$`)

// Confirm takes the code that the person reads out. A wrong one is counted, whatever comes
// of the rest of the request.
func (s *Service) Confirm(ctx context.Context, p signin.Person, id, code string) error {
	code = strings.Join(strings.Fields(code), "")
	if !sixDigits.MatchString(code) {
		return problem.New(problem.Invalid, "assist.code_form")
	}
	var wrong error
	err := s.helpDeed(ctx, p, id, func(tx *sqlx.Tx, d Draft) error {
		h, now := d.Help, s.Now()
		switch {
		case h.Confirmed == d.Version:
			return nil // said twice
		case h.Tries >= mostTries:
			return problem.New(problem.Conflict, "assist.locked")
		case len(h.codeHash) == 0 || h.CodeUntil == nil || !now.Before(*h.CodeUntil):
			return problem.New(problem.Invalid, "assist.code_over")
		case h.CodeFor != d.Version:
			return problem.New(problem.Invalid, "assist.code_changed")
		}
		if subtle.ConstantTimeCompare(h.codeHash, s.codeHash(id, code)) != 1 {
			wrong = wrongCode(h.TriesLeft() - 1)
			_, err := tx.ExecContext(ctx, `UPDATE assists SET tries = tries + 1, code_hash = CASE WHEN tries + 1 >= $2 THEN NULL ELSE code_hash END WHERE draft_id = $1`, id, mostTries)
			if err != nil {
				return fmt.Errorf("wrong code of draft %s: %w", id, err)
			}
			return audit.Write(ctx, tx, s.helpEntry(d, "assist.wrong_code", map[string]any{"tries": h.Tries + 1}))
		}
		return s.confirmed(ctx, tx, d, "code")
	})
	if err != nil {
		return err
	}
	return wrong
}

func wrongCode(left int) error {
	if left <= 0 {
		return problem.New(problem.Conflict, "assist.locked")
	}
	return problem.New(problem.Invalid, "assist.wrong_code", locales.N("left", int64(left)))
}

func (s *Service) confirmed(ctx context.Context, tx *sqlx.Tx, d Draft, by string) error {
	if err := s.whole(d); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE assists SET confirmed = $2, by = $3, code_hash = NULL WHERE draft_id = $1`, d.ID, d.Version, by)
	if err != nil {
		return fmt.Errorf("confirm draft %s: %w", d.ID, err)
	}
	return audit.Write(ctx, tx, s.helpEntry(d, "assist.confirmed", map[string]any{"by": by, "version": d.Version}))
}

// Printed notes that the form is being printed to be signed, as it is now.
func (s *Service) Printed(ctx context.Context, p signin.Person, id string) (Draft, error) {
	var printed Draft
	err := s.helpDeed(ctx, p, id, func(tx *sqlx.Tx, d Draft) error {
		if err := s.whole(d); err != nil {
			return err
		}
		sum, err := d.sum(s.Now())
		if err != nil {
			return err
		}
		now := s.Now()
		if d.Help.Printed == nil || subtle.ConstantTimeCompare(sum, d.Help.printed) != 1 { // the same once more is the same
			_, err = tx.ExecContext(ctx, `UPDATE assists SET printed_at = $2, printed = $3 WHERE draft_id = $1`, id, now, sum)
			if err != nil {
				return fmt.Errorf("print draft %s: %w", id, err)
			}
		}
		printed = d
		return audit.Write(ctx, tx, s.helpEntry(d, "assist.printed", nil))
	})
	return printed, err
}

// sum is the hash of what the form says now.
func (d Draft) sum(now time.Time) ([]byte, error) {
	canonical, err := eforms.Canonical(d.Run(now).Visible())
	if err != nil {
		return nil, fmt.Errorf("draft %s: %w", d.ID, err)
	}
	sum := sha256.Sum256(canonical)
	return sum[:], nil
}

// Sum is how a printed form says which answers are on it.
func (d Draft) Sum(now time.Time) (string, error) {
	sum, err := d.sum(now)
	return fmt.Sprintf("%X", sum[:min(8, len(sum))]), err
}

// ConfirmSigned takes the signed form that was added to the draft after it was printed. What
// was printed must be what the form still says.
func (s *Service) ConfirmSigned(ctx context.Context, p signin.Person, id string) error {
	return s.helpDeed(ctx, p, id, func(tx *sqlx.Tx, d Draft) error {
		if d.Help.Confirmed == d.Version {
			return nil
		}
		sum, err := d.sum(s.Now())
		if err != nil {
			return err
		}
		if d.Help.Printed == nil || subtle.ConstantTimeCompare(sum, d.Help.printed) != 1 {
			return problem.New(problem.Invalid, "assist.print_changed")
		}
		for _, f := range d.FilesOf(SignedForm) {
			if !f.At.Before(*d.Help.Printed) {
				return s.confirmed(ctx, tx, d, "paper")
			}
		}
		return problem.New(problem.Invalid, "assist.not_signed")
	})
}

// Confirmed is asked in the filing's transaction: nil when nobody helps, or when the person
// has confirmed what is in the draft.
func (d Draft) Confirmed() error {
	if d.Help != nil && d.Help.Confirmed != d.Version {
		return problem.New(problem.Conflict, "assist.not_confirmed")
	}
	return nil
}
