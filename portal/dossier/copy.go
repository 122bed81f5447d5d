package dossier

import (
	"context"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Last is what was filed last.
func (w Whole) Last() Filing { return w.Filings[len(w.Filings)-1] }

// Copy is the form as the supplement would file it: the answers filed last, with what the
// person has changed of them since. It counts from the day of that filing.
func (w Whole) Copy(lists map[string][]eforms.Option) draft.Draft {
	last := w.Last()
	d := draft.Draft{ID: w.ID, PersonID: w.PersonID, TaxCode: w.TaxCode, Revision: w.Revision, Answers: last.Answers, Facts: last.Facts,
		Sources: last.Sources, Lists: lists, Stamps: map[string]draft.Stamp{}, Overtaken: []draft.Overtaken{}, SavedAt: last.At}
	if w.Request != nil && w.Request.Copy != nil {
		d.Answers, d.Stamps = w.Request.Copy, w.Request.Stamps
	}
	if d.Stamps == nil {
		d.Stamps = map[string]draft.Stamp{}
	}
	return d
}

// copyRun is the copy as of the day it was filed. Papers are answered for by the items.
func copyRun(d draft.Draft, day time.Time) *eforms.Run {
	run := d.Run(day)
	run.Attached = nil
	return run
}

// Editable are the pages whose answers the applicant may change for the request: those of
// the answers that it names, and those that such a change has opened or made faulty. A
// request that names neither paper nor answer leaves all open.
func (w Whole) Editable(copied draft.Draft) []int {
	if w.Request == nil || w.State != Supplement {
		return nil
	}
	day := w.Last().At.In(locales.ICT)
	filed := w.Run(copied.Lists)
	now := copyRun(copied, day)
	open := map[int]bool{}
	for _, item := range w.Request.Items {
		q, found := w.Revision.Form.Question(item.Field)
		switch {
		case found:
			open[q.Page().No] = true
		case item.Component == "" && item.Field == "":
			for _, p := range now.Pages() {
				open[p.No] = true
			}
		}
	}
	for _, fault := range now.Faults() {
		open[fault.Page] = open[fault.Page] || len(open) > 0
	}
	var pages []int
	for _, p := range now.Pages() {
		if open[p.No] || len(open) > 0 && !filed.Shows(p.No) {
			pages = append(pages, p.No)
		}
	}
	return pages
}

// SaveCopy keeps a page of the supplement's copy; what is filed stays as it is. Fields that
// another page has changed since this one was drawn are named and left alone.
func (s *Service) SaveCopy(ctx context.Context, p signin.Person, id string, in draft.Sent, key once.Key) (draft.Saved, error) {
	seen, err := s.own(ctx, p, id, Supply)
	if err != nil {
		return draft.Saved{}, err
	}
	lists, err := s.Drafts.Lists(ctx, seen.Revision)
	if err != nil {
		return draft.Saved{}, err
	}
	var saved draft.Saved
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, key, s.Now())
		if err != nil {
			return err
		}
		d, err := s.Lock(ctx, tx, seen)
		if err != nil {
			return err
		}
		if saved, err = s.layCopy(ctx, tx, d, lists, in); err != nil || done {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE supplements SET copy = $3, stamps = $4 WHERE dossier_id = $1 AND no = $2 AND sent_at IS NULL`,
			d.ID, d.Supplements, pg.JSON(saved.Draft.Answers), pg.JSON(saved.Draft.Stamps))
		if err != nil {
			return fmt.Errorf("copy of %s: %w", d.ID, err)
		}
		return once.Finish(ctx, tx, key, "saved")
	})
	return saved, err
}

func (s *Service) layCopy(ctx context.Context, tx *sqlx.Tx, d Dossier, lists map[string][]eforms.Option, in draft.Sent) (draft.Saved, error) {
	w := Whole{Dossier: d}
	var err error
	if w.Filings, err = s.filings(ctx, tx, d.ID); err != nil {
		return draft.Saved{}, err
	}
	if w.Request, err = s.request(ctx, tx, d.ID); err != nil {
		return draft.Saved{}, err
	}
	if d.State != Supplement || w.Request == nil || w.Request.SentAt != nil {
		return draft.Saved{}, problem.New(problem.Conflict, "dossier.not_now")
	}
	copied := w.Copy(lists)
	if !slices.Contains(w.Editable(copied), in.No) {
		return draft.Saved{}, notFound()
	}
	saved, err := draft.Lay(copied, in, w.Last().At, s.Now())
	if err != nil {
		return draft.Saved{}, err
	}
	saved.Draft.Overtaken = nil // the page is shown again with both texts instead
	saved.Faults = slices.DeleteFunc(saved.Faults, func(f eforms.Fault) bool { return w.ofPaper(f) })
	return saved, nil
}

// ofPaper says whether a fault is about a paper: the request's items see to those.
func (w Whole) ofPaper(f eforms.Fault) bool {
	q, found := w.Revision.Form.Question(f.Field)
	return found && q.Kind == eforms.Attachment
}

// Changed is a field that two filings, or a filing and the copy, have differently.
type Changed struct {
	Page   int
	Before eforms.Row
	After  eforms.Row
}

// Differences are the answers that are others in the second run, in the form's order.
func Differences(before, after *eforms.Run) []Changed {
	was := map[string]eforms.Row{}
	var order []Changed
	for _, section := range before.Outline() {
		for _, row := range section.Rows {
			was[row.ID] = row
		}
	}
	met := map[string]bool{}
	for _, section := range after.Outline() {
		for _, row := range section.Rows {
			met[row.ID] = true
			old, there := was[row.ID]
			if !there {
				old = eforms.Row{ID: row.ID, Kind: row.Kind, Label: row.Label, Empty: true}
			}
			if !same(old, row) {
				order = append(order, Changed{section.Page, old, row})
			}
		}
	}
	for _, section := range before.Outline() {
		for _, row := range section.Rows {
			if !met[row.ID] && !row.Empty {
				order = append(order, Changed{section.Page, row, eforms.Row{ID: row.ID, Kind: row.Kind, Label: row.Label, Empty: true}})
			}
		}
	}
	return order
}

// same says whether two rows read the same.
func same(a, b eforms.Row) bool {
	if a.Empty && b.Empty {
		return true
	}
	return a.Empty == b.Empty && a.Value == b.Value && reflect.DeepEqual(spoken(a.Groups), spoken(b.Groups))
}

// spoken is what the rows of a group say.
func spoken(groups []eforms.RowGroup) []string {
	var all []string
	for _, g := range groups {
		for _, row := range g.Rows {
			all = append(all, row.ID+"="+row.Value.VI)
			all = append(all, spoken(row.Groups)...)
		}
	}
	return all
}

// RunOf is the form as it was filed in the round of that place in Filings.
func (w Whole) RunOf(i int, lists map[string][]eforms.Option) *eforms.Run {
	f := w.Filings[i]
	return &eforms.Run{Form: w.Revision.Form, Answers: f.Answers, Facts: f.Facts, Lists: lists, Today: f.At.In(locales.ICT)}
}

// History is what each filing after the first has changed.
func (w Whole) History(lists map[string][]eforms.Option) [][]Changed {
	all := make([][]Changed, len(w.Filings))
	for i := 1; i < len(w.Filings); i++ {
		all[i] = Differences(w.RunOf(i-1, lists), w.RunOf(i, lists))
	}
	return all
}

// CopyChanges are the answers that the copy would file otherwise.
func (w Whole) CopyChanges(lists map[string][]eforms.Option) []Changed {
	if w.Request == nil || w.Request.Copy == nil || w.Request.SentAt != nil {
		return nil
	}
	return Differences(w.RunOf(len(w.Filings)-1, lists), copyRun(w.Copy(lists), w.Last().At.In(locales.ICT)))
}

// fileCopy inserts the next filing: the copy where something in it is changed, else the
// answers filed last.
func (s *Service) fileCopy(ctx context.Context, tx *sqlx.Tx, d *Dossier, w Whole, lists map[string][]eforms.Option, now time.Time) error {
	last := w.Last()
	answers := last.Answers
	if len(w.CopyChanges(lists)) > 0 {
		copied := w.Copy(lists)
		var err error
		if answers, err = w.checked(copied); err != nil {
			return err
		}
		d.follow(copied, answers)
		if err := storeContact(ctx, tx, *d); err != nil {
			return err
		}
	}
	canonical, err := eforms.Canonical(answers)
	if err != nil {
		return fmt.Errorf("filing of %s: %w", d.ID, err)
	}
	sum := sha256.Sum256(canonical)
	_, err = tx.ExecContext(ctx, `INSERT INTO filings (dossier_id, no, answers, facts, sources, sha256, revision_id, at)
		SELECT dossier_id, no + 1, $3, facts, sources, $4, revision_id, $5 FROM filings WHERE dossier_id = $1 AND no = $2`,
		d.ID, last.No, string(canonical), sum[:], now)
	if err != nil {
		return fmt.Errorf("filing %d of %s: %w", last.No+1, d.ID, err)
	}
	return nil
}

// checked are the answers of the copy, when they can be filed: without a fault, with the
// same fee, for the same agency. A dossier that owes otherwise, or elsewhere, is another one.
func (w Whole) checked(copied draft.Draft) (eforms.Answers, error) {
	day := w.Last().At.In(locales.ICT)
	run := copyRun(copied, day)
	faults := slices.DeleteFunc(run.Faults(), func(f eforms.Fault) bool { return w.ofPaper(f) })
	if len(faults) > 0 {
		return nil, &Faulty{Faults: faults}
	}
	if run.End() != nil {
		return nil, problem.New(problem.Invalid, "dossier.copy_ends")
	}
	answers, filed := run.Visible(), w.Run(copied.Lists)
	_, was, err := payments.Due(w.Revision.Fees, filed.Quantities(), w.FiledAt)
	if err != nil {
		return nil, fmt.Errorf("fee of %s as filed: %w", w.ID, err)
	}
	if _, now, err := payments.Due(w.Revision.Fees, run.Quantities(), w.FiledAt); err != nil || now != was {
		return nil, problem.New(problem.Invalid, "dossier.copy_fee")
	}
	if text(answers, "agency") != text(w.Last().Answers, "agency") {
		return nil, problem.New(problem.Invalid, "dossier.copy_agency")
	}
	return answers, nil
}

// follow takes what the dossier itself holds of the answers from the new ones.
func (d *Dossier) follow(copied draft.Draft, answers eforms.Answers) {
	for _, one := range []struct {
		field string
		to    *string
	}{{"contact_email", &d.Email}, {"contact_phone", &d.Phone}, {"return_by", &d.ReturnBy}} {
		if v := text(answers, one.field); v != "" {
			*one.to = v
		}
	}
	d.ReturnTo = returnTo(copied, answers)
}

func storeContact(ctx context.Context, tx *sqlx.Tx, d Dossier) error {
	_, err := tx.ExecContext(ctx, `UPDATE dossiers SET email = $2, phone = $3, return_by = $4, return_to = $5 WHERE id = $1`,
		d.ID, d.Email, d.Phone, d.ReturnBy, pg.JSON(d.ReturnTo))
	if err != nil {
		return fmt.Errorf("contact of %s: %w", d.ID, err)
	}
	return nil
}
