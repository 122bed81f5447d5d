package desk

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/calendar"
	"motcua/portal/dossier"
	"motcua/portal/postal"
	"motcua/portal/problem"
	"motcua/portal/vault"
)

// Receive accepts a dossier: the due date by working days, and Mẫu 01. What has to be paid
// first is paid first.
func (s *Service) Receive(ctx context.Context, p Press) error { return s.ReceiveRead(ctx, p, nil) }

// ReceiveRead accepts a dossier together with its papers, which need not be asked for again;
// read are the days that the officer has read off them, by component.
func (s *Service) ReceiveRead(ctx context.Context, p Press, read map[string]vault.Dates) error {
	types, err := s.Vault.Catalogue.PaperTypes(ctx)
	if err != nil {
		return err
	}
	return s.do(ctx, p, dossier.Receive, func(tx *sqlx.Tx, d *dossier.Known) (map[string]any, error) {
		if d.Money == "due" || d.Money == "review" {
			return nil, problem.New(problem.Conflict, "desk.fee_unpaid")
		}
		now := s.Now()
		due, _ := d.Calendar.Due(now, d.Revision.Deadline)
		d.ReceivedAt, d.DueAt, d.OfficerID = &now, &due, &p.Officer.ID
		maps.DeleteFunc(read, func(component string, _ vault.Dates) bool {
			q, asked := d.Revision.Form.Question(component)
			return !asked || q.Kind != eforms.Attachment
		})
		if err := s.Vault.Read(ctx, tx, d.ID, read, p.Officer.ID); err != nil {
			return nil, err
		}
		if err := s.Vault.Accept(ctx, tx, d.Dossier, types); err != nil {
			return nil, err
		}
		if err := s.Dossiers.AddAcknowledgement(ctx, tx, *d, p.Officer); err != nil {
			return nil, err
		}
		return map[string]any{"due": locales.FormatTime(due)}, nil
	})
}

// SupplementDays is how long an applicant has to supply, in working days.
const SupplementDays = 10

// AskSupplement sends a dossier back for all its defects at once: Mẫu 02. Once only.
func (s *Service) AskSupplement(ctx context.Context, p Press, items []dossier.Item) error {
	if len(items) == 0 {
		return problem.New(problem.Invalid, "desk.no_items")
	}
	for _, item := range items {
		if strings.TrimSpace(item.What) == "" || strings.TrimSpace(item.How) == "" {
			return problem.New(problem.Invalid, "desk.item_incomplete", locales.S("item", item.Name))
		}
	}
	return s.do(ctx, p, dossier.AskSupplement, func(tx *sqlx.Tx, d *dossier.Known) (map[string]any, error) {
		until, _ := d.Calendar.Due(s.Now(), calendar.Rule{Amount: SupplementDays, Unit: calendar.WorkingDay})
		d.OfficerID = &p.Officer.ID
		if err := s.Dossiers.Ask(ctx, tx, d.Dossier, items, until); err != nil {
			return nil, err
		}
		if err := s.Dossiers.AddSupplementRequest(ctx, tx, *d, items, until, p.Officer); err != nil {
			return nil, err
		}
		return map[string]any{"count": len(items), "until": locales.FormatDate(until)}, nil
	})
}

// Refuse turns a dossier away with a legal reason: Mẫu 03.
func (s *Service) Refuse(ctx context.Context, p Press, reason, ground string) error {
	if strings.TrimSpace(reason) == "" {
		return problem.New(problem.Invalid, "desk.no_reason")
	}
	if strings.TrimSpace(ground) == "" {
		return problem.New(problem.Invalid, "desk.no_ground")
	}
	return s.do(ctx, p, dossier.Refuse, func(tx *sqlx.Tx, d *dossier.Known) (map[string]any, error) {
		d.OfficerID = &p.Officer.ID
		if err := s.Dossiers.AddRefusal(ctx, tx, *d, reason, ground, p.Officer); err != nil {
			return nil, err
		}
		return map[string]any{"reason": reason, "ground": ground}, nil
	})
}

// Forward hands a dossier to a colleague who processes it.
func (s *Service) Forward(ctx context.Context, p Press, to int64) error {
	return s.do(ctx, p, dossier.Forward, func(_ *sqlx.Tx, d *dossier.Known) (map[string]any, error) {
		for _, c := range processors(d.Colleagues, d.AgencyID) {
			if c.ID == to {
				d.OfficerID = &c.ID
				return map[string]any{"to": c.Name}, nil
			}
		}
		return nil, problem.New(problem.Invalid, "desk.no_colleague")
	})
}

// processors are the officers of an agency who may process.
func processors(all []agency.Officer, agencyID int64) []agency.Officer {
	return slices.DeleteFunc(all, func(o agency.Officer) bool { return !o.Has(agency.Processor, agencyID) })
}

// Decision is how a dossier ends.
type Decision struct {
	Granted bool
	Reason  string // due when it is not granted
	Ground  string
	Text    string    // of the result paper, paragraphs by empty lines
	ValidTo time.Time // the result's last day; zero: none, or by the rule of its type
}

// Decide ends the processing: granted, with the result paper numbered and drawn; or not,
// with the reason.
func (s *Service) Decide(ctx context.Context, p Press, dec Decision) error {
	switch {
	case !dec.Granted && strings.TrimSpace(dec.Reason) == "":
		return problem.New(problem.Invalid, "desk.no_reason")
	case !dec.Granted && strings.TrimSpace(dec.Ground) == "":
		return problem.New(problem.Invalid, "desk.no_ground")
	}
	return s.do(ctx, p, dossier.Decide, func(tx *sqlx.Tx, d *dossier.Known) (map[string]any, error) {
		now := s.Now()
		d.DecidedAt, d.Outcome = &now, "granted"
		args := map[string]any{"outcome": "granted"}
		if !dec.Granted {
			d.Outcome = "denied"
			args = map[string]any{"outcome": "denied", "reason": dec.Reason, "ground": dec.Ground}
		}
		number, err := s.Dossiers.AddResult(ctx, tx, *d, dossier.Verdict{Granted: dec.Granted, Reason: dec.Reason, Ground: dec.Ground, Text: dec.Text, Signer: p.Officer})
		if err != nil {
			return nil, err
		}
		if dec.Granted && !dec.ValidTo.IsZero() {
			if err := s.Vault.Read(ctx, tx, d.ID, map[string]vault.Dates{vault.ResultDates: {ValidTo: dec.ValidTo}}, p.Officer.ID); err != nil {
				return nil, err
			}
		}
		args["number"] = number
		return args, nil
	})
}

// Archive puts the dossier on record; a result for the counter is then ready to be fetched.
func (s *Service) Archive(ctx context.Context, p Press) error {
	return s.do(ctx, p, dossier.Archive, func(tx *sqlx.Tx, d *dossier.Known) (map[string]any, error) {
		if d.ReturnBy != "counter" {
			return nil, nil
		}
		d.Handover = "ready"
		return nil, s.Dossiers.TellReady(ctx, tx, d.Dossier)
	})
}

// Handing is how a result was handed over at the counter.
type Handing struct {
	Receiver string // who came for it
	Evidence string // signed slip, card shown …
}

// Return hands the result over: online at once, at the counter to who comes for it, by post
// with an order to the carrier. An overdue dossier is returned all the same.
func (s *Service) Return(ctx context.Context, p Press, h Handing) error {
	return s.do(ctx, p, dossier.Return, func(tx *sqlx.Tx, d *dossier.Known) (map[string]any, error) {
		now := s.Now()
		d.ReturnedAt = &now
		if err := s.Vault.Later(ctx, tx, d.ID); err != nil {
			return nil, err
		}
		switch d.ReturnBy {
		case "counter":
			if strings.TrimSpace(h.Receiver) == "" {
				return nil, problem.New(problem.Invalid, "desk.no_receiver")
			}
			d.Handover = "collected"
			return map[string]any{"by": "counter", "receiver": h.Receiver, "evidence": h.Evidence}, nil
		case "post":
			d.Handover = "ordered"
			return map[string]any{"by": "post"}, s.order(ctx, tx, *d)
		}
		d.Handover = "delivered"
		return map[string]any{"by": "online"}, nil
	})
}

// order opens the parcel that brings the result to whom the applicant named.
func (s *Service) order(ctx context.Context, tx *sqlx.Tx, d dossier.Known) error {
	return s.Postal.Open(ctx, tx, postal.New{
		DossierID: d.ID, Code: d.Code, Direction: postal.Result, Description: d.Revision.Sheet.Name.VI,
		Sender:   postal.Address{Name: d.Agency.Name.VI, Phone: d.Agency.Phone, Email: d.Agency.Email, Province: d.Province.Code, Line: d.Agency.Address},
		Receiver: postal.Address{Name: d.ReturnTo.Name, Phone: d.ReturnTo.Phone, Province: d.ReturnTo.Province, Line: d.ReturnTo.Line()},
	})
}
