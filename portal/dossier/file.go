package dossier

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Faulty is the answer to filing what is not complete: every fault, missing papers among them.
type Faulty struct {
	Faults     eforms.Faults
	Undeclared bool
}

func (f *Faulty) Error() string { return "dossier: not complete" }

// File turns a draft into a dossier in one transaction and returns its id, which is the
// draft's: pressed twice, in two tabs, or again after a broken connection, it is the same
// dossier. The lock on the agency's counter, held until commit, is taken as late as can be.
func (s *Service) File(ctx context.Context, p signin.Person, draftID string, declared bool, key once.Key) (string, error) {
	if err := s.follows(ctx, p, draftID); err != nil {
		return "", err
	}
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		now := s.Now()
		_, done, err := once.Begin(ctx, tx, key, now)
		if err != nil || done {
			return err
		}
		d, err := s.Drafts.Lock(ctx, tx, p, draftID)
		if err != nil {
			return err
		}
		if d.FiledAt == nil {
			if err := s.file(ctx, tx, p, d, declared, now); err != nil {
				return err
			}
		}
		return once.Finish(ctx, tx, key, draftID)
	})
	return draftID, err
}

// follows refuses to file under a revision that is no longer in force.
func (s *Service) follows(ctx context.Context, p signin.Person, draftID string) error {
	d, err := s.Drafts.Load(ctx, p, draftID)
	if problem.Is(err, problem.NotFound) {
		return nil // filed already, or not theirs: the transaction says which
	}
	if err != nil {
		return err
	}
	outdated, err := s.Drafts.Outdated(ctx, d)
	if err == nil && outdated {
		return problem.New(problem.Conflict, "draft.outdated")
	}
	return err
}

func (s *Service) file(ctx context.Context, tx *sqlx.Tx, p signin.Person, d draft.Draft, declared bool, now time.Time) error {
	run := d.Run(now)
	if faults := run.Faults(); len(faults) > 0 || !declared {
		return &Faulty{Faults: faults, Undeclared: !declared}
	}
	answers := run.Visible()
	at, err := s.receiver(ctx, d, answers)
	if err != nil {
		return err
	}
	lines, total, err := payments.Due(d.Revision.Fees, run.Quantities(), now)
	if err != nil {
		return fmt.Errorf("fee of draft %s: %w", d.ID, err)
	}
	calendar, err := s.Agency.Calendar(ctx)
	if err != nil {
		return err
	}
	next := opened(p, d, answers, at, total, now)
	next.AnswerBy = calendar.AddWorkingHours(now, d.Revision.AnswerWithin.Amount)
	if err := s.keepFiling(ctx, tx, d, answers, run, 1, now); err != nil {
		return err
	}
	if err := draft.MarkFiled(ctx, tx, d.ID, now); err != nil {
		return err
	}
	e := Event{At: now, Kind: "filed", To: Filed, Actor: fmt.Sprintf("person:%d", p.ID)}
	if err := s.event(ctx, tx, next, e, nil, false); err != nil {
		return err
	}
	if err := s.insert(ctx, tx, &next); err != nil {
		return err
	}
	if total == 0 {
		return nil
	}
	_, err = payments.Open(ctx, tx, payments.NewOrder{Subject: "dossier:" + d.ID, Code: next.Code, Payer: next.OwnerName, PayerNumber: next.OwnerNumber, Payee: at.ID, Lines: lines, Total: total, At: now})
	return err
}

// opened is the dossier as it is on its first second.
func opened(p signin.Person, d draft.Draft, answers eforms.Answers, at agency.Agency, total int64, now time.Time) Dossier {
	next := Dossier{ID: d.ID, AgencyID: at.ID, Agency: at, Revision: d.Revision, PersonID: p.ID, TaxCode: d.TaxCode,
		OwnerName: p.Name, OwnerNumber: p.IDNumber, Email: text(answers, "contact_email"), Phone: text(answers, "contact_phone"), Lang: string(p.Lang),
		State: Filed, Money: "none", Handover: "none", Channel: "online", ReturnBy: text(answers, "return_by"), Verified: d.Verified(),
		FiledAt: now, Version: 1,
		ReturnTo: ReturnTo{Name: text(answers, "return_name"), Phone: text(answers, "return_phone"), Province: text(answers, "return_province"),
			Commune: text(answers, "return_commune"), Address: text(answers, "return_address")}}
	if d.TaxCode != "" {
		next.OwnerNumber = d.TaxCode
		for _, f := range d.Facts {
			if f.Name == "business.acting.name" {
				next.OwnerName = fmt.Sprint(f.Value)
			}
		}
		if name := text(answers, "business_name"); name != "" {
			next.OwnerName = name
		}
	}
	if next.ReturnBy == "" {
		next.ReturnBy = "online"
	}
	if next.Email == "" {
		next.Email = p.Email
	}
	if total > 0 {
		next.Money = "due"
	}
	if w := d.Revision.Workflow; w != nil {
		first, _ := w.First()
		next.Step = stepAfter(w, first.ID, "file")
	}
	return next
}

func text(a eforms.Answers, id string) string {
	s, _ := a[id].(string)
	return s
}

// receiver is the agency that the dossier goes to: the one chosen, or the only one there is.
func (s *Service) receiver(ctx context.Context, d draft.Draft, answers eforms.Answers) (agency.Agency, error) {
	code := text(answers, "agency")
	if code == "" && len(d.Lists["agencies"]) == 1 {
		code = d.Lists["agencies"][0].Value
	}
	for _, option := range d.Lists["agencies"] {
		if option.Value == code {
			return s.Agency.ByCode(ctx, code)
		}
	}
	return agency.Agency{}, problem.New(problem.Invalid, "dossier.no_agency")
}

// keepFiling stores what was filed in round no: the visible answers, hashed, with the facts
// they were compared with, and the files of the round.
func (s *Service) keepFiling(ctx context.Context, tx *sqlx.Tx, d draft.Draft, answers eforms.Answers, run *eforms.Run, no int, now time.Time) error {
	canonical, err := eforms.Canonical(answers)
	if err != nil {
		return fmt.Errorf("filing %d of %s: %w", no, d.ID, err)
	}
	sum := sha256.Sum256(canonical)
	facts, err := draft.SealFacts(run.Facts)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO filings (dossier_id, no, answers, facts, sources, sha256, revision_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, d.ID, no, string(canonical), facts, pg.JSON(d.Sources), sum[:], d.Revision.ID, now)
	if err != nil {
		return fmt.Errorf("filing %d of %s: %w", no, d.ID, err)
	}
	shown := make([]string, 0, 4)
	for _, c := range run.Components() {
		shown = append(shown, c.ID)
	}
	return attach(ctx, tx, d.ID, no, no-1, shown, now)
}

// attach gives the files of a round to the dossier. Those of a paper that is no longer
// asked for stay behind with the draft. No component named: all of the round.
func attach(ctx context.Context, tx *sqlx.Tx, id string, filing, round int, components []string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO attachments (id, dossier_id, filing, component, position, name, media, size, pages, sha256, blob, at)
		SELECT id, draft_id, $2, component, position, name, media, size, pages, sha256, blob, $5
		FROM draft_files WHERE draft_id = $1 AND round = $3 AND removed_at IS NULL
		AND ($4 = '' OR component = ANY(string_to_array($4, ',')))`, id, filing, round, joined(components), now)
	if err != nil {
		return fmt.Errorf("attachments of %s: %w", id, err)
	}
	return nil
}

// insert takes the next code of the agency's day and writes the dossier in one statement,
// so that the counter is locked only from here to the commit. Code: AGENCY-yyMMdd-NNNN
// (TT 03/2025/TT-VPCP), each day from 0001.
func (s *Service) insert(ctx context.Context, tx *sqlx.Tx, d *Dossier) error {
	day := d.FiledAt.In(locales.ICT)
	err := sqlx.GetContext(ctx, tx, &d.Code, `WITH counter AS (
			INSERT INTO code_counters AS c (agency_id, day, last) VALUES ($3, $4::date, 1)
			ON CONFLICT (agency_id, day) DO UPDATE SET last = c.last + 1 RETURNING last)
		INSERT INTO dossiers (id, code, agency_id, procedure_code, revision_id, person_id, tax_code, owner_name, owner_number, owner_hash,
			email, phone, lang, state, step, money, channel, return_by, return_to, verified, filed_at, answer_by)
		SELECT $1, $2 || to_char(last, CASE WHEN last > 9999 THEN 'FM999999' ELSE 'FM0000' END), $3, $5, $6, $7, $8, $9, $10, $11,
			$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23 FROM counter RETURNING code`,
		d.ID, d.Agency.Code+"-"+day.Format("060102")+"-", d.AgencyID, day.Format("2006-01-02"), d.Revision.Code, d.Revision.ID,
		d.PersonID, d.TaxCode, pg.Sealed(d.OwnerName), pg.Sealed(d.OwnerNumber), s.Key.Hash(d.OwnerNumber),
		d.Email, d.Phone, d.Lang, d.State, d.Step, d.Money, d.Channel, d.ReturnBy, pg.JSON(d.ReturnTo), d.Verified, d.FiledAt, d.AnswerBy)
	if err != nil {
		return fmt.Errorf("insert dossier %s: %w", d.ID, err)
	}
	return nil
}

// newLookup is a code that a printed paper is checked by: 12 letters and digits that do not look alike.
func newLookup() string {
	const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	raw := uuid.New()
	code := make([]byte, 12)
	for i := range code {
		code[i] = alphabet[raw[i]&31]
	}
	return string(code)
}
