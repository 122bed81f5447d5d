package dossier

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/calendar"
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

// filing is a draft on its way to becoming a dossier, with what that takes from other rooms.
type filing struct {
	person   signin.Person // whose it is; not an officer who helps them
	declared bool
	seen     int // the version of the draft that the person has checked; 0 is not said
	draft    draft.Draft
	calendar calendar.Calendar
	agencies []agency.Agency // that take the procedure today
	now      time.Time
}

// File turns a draft into a dossier in one transaction and returns its id, which is the
// draft's: pressed twice, in two tabs, or again after a broken connection, it is the same
// dossier. The lock on the agency's counter, held until commit, is taken as late as can be.
func (s *Service) File(ctx context.Context, p signin.Person, draftID string, declared bool, key once.Key) (string, error) {
	return s.FileSeen(ctx, p, draftID, declared, 0, key)
}

// FileSeen files what the person has checked: a draft that was changed elsewhere since then
// is a Conflict.
func (s *Service) FileSeen(ctx context.Context, p signin.Person, draftID string, declared bool, seen int, key once.Key) (string, error) {
	f, err := s.prepare(ctx, p, draftID)
	if err != nil {
		return "", err
	}
	f.declared, f.seen = declared, seen
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, key, f.now)
		if err != nil || done {
			return err
		}
		if f.draft, err = s.Drafts.Lock(ctx, tx, p, f.draft); err != nil {
			return err
		}
		if f.draft.FiledAt == nil {
			if err := s.file(ctx, tx, f); err != nil {
				return err
			}
		}
		return once.Finish(ctx, tx, key, draftID)
	})
	if err != nil {
		return "", err
	}
	return draftID, nil
}

// prepare asks all that the transaction must not wait for, and refuses what need not begin:
// a draft of a revision that is no longer in force, or of a business that the person no
// longer acts for.
func (s *Service) prepare(ctx context.Context, p signin.Person, draftID string) (filing, error) {
	f := filing{person: p, now: s.Now()}
	var err error
	if f.draft, err = s.Drafts.Known(ctx, p, draftID); err != nil {
		return f, err
	}
	if f.draft.FiledAt == nil {
		f.person = f.draft.Whose(p)
		if err := s.mayFile(ctx, f.person, f.draft); err != nil {
			return f, err
		}
	}
	if f.calendar, err = s.Agency.Calendar(ctx); err != nil {
		return f, err
	}
	all, err := s.Agency.All(ctx, f.now.In(locales.ICT))
	f.agencies = slices.DeleteFunc(all, func(a agency.Agency) bool { return !f.draft.Revision.Sheet.TakenBy(a) })
	return f, err
}

func (s *Service) mayFile(ctx context.Context, p signin.Person, d draft.Draft) error {
	outdated, err := s.Drafts.Outdated(ctx, d)
	if err != nil {
		return err
	}
	if outdated {
		return problem.New(problem.Conflict, "draft.outdated")
	}
	if err := p.Proves(d.Revision.Sheet.Assurance); err != nil && d.Help == nil { // an officer has seen who it is
		return err
	}
	return s.Applicant.May(ctx, p, d.Capacity, applicant.File, d.Revision.Code)
}

func (s *Service) file(ctx context.Context, tx *sqlx.Tx, f filing) error {
	d, run := f.draft, f.draft.Run(f.now)
	grant, err := s.Applicant.Hold(ctx, tx, f.person.ID, applicant.Owned{PersonID: d.PersonID, Kind: d.Capacity.Kind, TaxCode: d.TaxCode,
		GrantID: d.Capacity.GrantID, Procedure: d.Revision.Code}, applicant.File)
	if err != nil {
		return err
	}
	if err := f.settled(); err != nil {
		return err
	}
	if err := d.Confirmed(); err != nil {
		return err
	}
	if faults := run.Faults(); len(faults) > 0 || !f.declared {
		return &Faulty{Faults: faults, Undeclared: !f.declared}
	}
	answers := run.Visible()
	at, err := f.receiver(text(answers, "agency"))
	if err != nil {
		return err
	}
	lines, total, err := payments.Due(d.Revision.Fees, run.Quantities(), f.now)
	if err != nil {
		return fmt.Errorf("fee of draft %s: %w", d.ID, err)
	}
	next := f.opened(answers, at, total)
	if next.Capacity == applicant.ForFirm {
		next.GrantID = grant // whoever began it, this is by what right it is filed
	}
	if err := s.Applicant.Used(ctx, tx, f.person, next.Capacity, next.GrantID, "filed", d.ID); err != nil {
		return err
	}
	if err := s.keepFiling(ctx, tx, d, answers, run, 1, f.now); err != nil {
		return err
	}
	if err := draft.MarkFiled(ctx, tx, d.ID, f.now); err != nil {
		return err
	}
	args := map[string]any{}
	if total > 0 {
		args["amount"] = total
	}
	event := Event{At: f.now, Kind: "filed", To: Filed, Actor: person(f.person)}
	if h := d.Help; h != nil {
		event.Actor = fmt.Sprintf("officer:%d", h.Officer)
		args["officer"], args["office"], args["by"] = h.Name, h.Agency.VI, h.By
	}
	if err := s.event(ctx, tx, next, event, args); err != nil {
		return err
	}
	if err := s.askLater(ctx, tx, d, f.now); err != nil {
		return err
	}
	if err := s.insert(ctx, tx, &next); err != nil || total == 0 {
		return err
	}
	_, err = payments.Open(ctx, tx, payments.NewOrder{Subject: "dossier:" + d.ID, Code: next.Code, Payer: next.OwnerName,
		PayerNumber: next.OwnerNumber, Payee: at.ID, Lines: lines, Total: total, At: f.now})
	return err
}

// settled refuses a draft that the person does not know as it is.
func (f filing) settled() error {
	switch {
	case f.draft.UnseenID != nil:
		return problem.New(problem.Conflict, "draft.outdated")
	case len(f.draft.Overtaken) > 0:
		return problem.New(problem.Conflict, "draft.choose_before_filing")
	case f.seen != 0 && f.seen != f.draft.Version:
		return problem.New(problem.Conflict, "draft.changed_elsewhere")
	}
	return nil
}

// receiver is the agency that the dossier goes to: the one chosen, or the only one there is.
func (f filing) receiver(code string) (agency.Agency, error) {
	if code == "" && len(f.agencies) == 1 {
		return f.agencies[0], nil
	}
	i := slices.IndexFunc(f.agencies, func(a agency.Agency) bool { return a.Code == code })
	if i < 0 {
		return agency.Agency{}, problem.New(problem.Invalid, "dossier.no_agency")
	}
	return f.agencies[i], nil
}

// opened is the dossier as it is on its first second.
func (f filing) opened(answers eforms.Answers, at agency.Agency, total int64) Dossier {
	d, p := f.draft, f.person
	next := Dossier{ID: d.ID, AgencyID: at.ID, Agency: at, Revision: d.Revision, PersonID: p.ID, TaxCode: d.TaxCode,
		Capacity: d.Capacity.Kind, GrantID: d.Capacity.GrantID, Relation: d.Capacity.Relation, Proven: d.Capacity.Verified,
		OwnerName: p.Name, OwnerNumber: p.IDNumber, Lang: string(p.Lang), State: Filed, Money: "none", Handover: "none", Channel: "online",
		Email: cmp.Or(text(answers, "contact_email"), p.Email), Phone: cmp.Or(text(answers, "contact_phone"), p.Phone),
		ReturnBy: cmp.Or(text(answers, "return_by"), "online"), ReturnTo: returnTo(d, answers), Verified: d.Verified(),
		FiledAt: f.now, AnswerBy: f.calendar.AddWorkingHours(f.now, d.Revision.AnswerWithin.Amount), Version: 1}
	switch d.Capacity.Kind {
	case applicant.ForFirm: // the business owns it, by the name that the register or the applicant gave
		next.OwnerNumber, next.OwnerName = d.TaxCode, cmp.Or(text(answers, "business_name"), d.Capacity.Name, d.TaxCode)
	case applicant.Ward, applicant.Authorised:
		next.OwnerNumber, next.OwnerName = d.Capacity.Number, d.Capacity.Name
	}
	if h := d.Help; h != nil {
		next.Channel, next.AssistedBy = "direct", h.Officer
		next.Assisted = Assisted{Officer: h.Name, Agency: h.Agency, By: h.By}
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

// returnTo is the address that the form asked for, its codes in words as they are today.
func returnTo(d draft.Draft, a eforms.Answers) ReturnTo {
	return ReturnTo{Name: text(a, "return_name"), Phone: text(a, "return_phone"), Address: text(a, "return_address"),
		Province: text(a, "return_province"), ProvinceName: label(d.Lists["provinces"], text(a, "return_province")),
		Commune: cmp.Or(label(d.Lists["communes"], text(a, "return_commune")), text(a, "return_commune_other"))}
}

func label(options []eforms.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label.VI
		}
	}
	return ""
}

func text(a eforms.Answers, id string) string {
	s, _ := a[id].(string)
	return s
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
	shown := []string{}
	for _, c := range run.Components() {
		shown = append(shown, c.ID)
	}
	return attach(ctx, tx, d.ID, no, no-1, shown, now)
}

// attach gives the files of a round to the dossier. Those of a paper that is no longer
// asked for stay behind with the draft. Without a list of components: all of the round.
func attach(ctx context.Context, tx *sqlx.Tx, id string, filing, round int, components []string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO attachments (id, dossier_id, filing, component, position, name, media, size, pages, sha256, blob, signatures, vault_id, at)
		SELECT id, draft_id, $2, component, position, name, media, size, pages, sha256, blob, signatures, vault_id, $5
		FROM draft_files WHERE draft_id = $1 AND round = $3 AND removed_at IS NULL AND ($4::text[] IS NULL OR component = ANY($4))`,
		id, filing, round, pq.Array(components), now)
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
			email, phone, lang, state, step, money, channel, return_by, return_to, verified, filed_at, answer_by,
			capacity, grant_id, relation, subject_verified, assisted_by, assisted)
		SELECT $1, $2 || to_char(last, CASE WHEN last > 9999 THEN 'FM999999' ELSE 'FM0000' END), $3, $5, $6, $7, $8, $9, $10, $11,
			$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, nullif($28::bigint, 0), $29 FROM counter RETURNING code`,
		d.ID, d.Agency.Code+"-"+day.Format("060102")+"-", d.AgencyID, day.Format("2006-01-02"), d.Revision.Code, d.Revision.ID,
		d.PersonID, d.TaxCode, pg.Sealed(d.OwnerName), pg.Sealed(d.OwnerNumber), s.Key.Hash(d.OwnerNumber),
		d.Email, d.Phone, d.Lang, d.State, d.Step, d.Money, d.Channel, d.ReturnBy, pg.JSON(d.ReturnTo), d.Verified, d.FiledAt, d.AnswerBy,
		stored(*d), d.GrantID, d.Relation, d.Proven, d.AssistedBy, pg.JSON(d.Assisted))
	if err != nil {
		return fmt.Errorf("insert dossier %s: %w", d.ID, err)
	}
	return nil
}

func stored(d Dossier) string { return applicant.Capacity{Kind: d.Capacity}.Stored() }

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
