package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/payments"
	"motcua/portal/notification"
	"motcua/portal/pg"
	"motcua/portal/postal"
	"motcua/portal/queue"
)

// Handlers are the kinds of work that are done later, each bearing a repeat.
func (s *Service) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{
		"dossier.tell":   s.tell,
		"dossier.paid":   s.paid,
		"dossier.postal": s.postalMoved,
		"paper.draw":     s.draw,
		"receipt.draw":   s.drawReceipt,
		FillKind:         s.fillLater,
		UnverifiedKind:   s.fillAnew,
	}
}

// telling is the body of a dossier.tell job.
type telling struct {
	Dossier string         `json:"dossier"`
	Kind    string         `json:"kind"`
	Round   string         `json:"round"`
	Args    map[string]any `json:"args"`
}

// notices is what the owner is told of which event.
var notices = map[string]string{
	"filed": "filed", "paid": "paid", "payment_review": "payment_review",
	string(Receive): "received", string(AskSupplement): "supplement", string(Supply): "supplied", string(Refuse): "refused",
	string(Decide): "decided", string(Withdraw): "withdrawn", "ready": "returned_counter", "delivered": "delivered", "moved": "moved",
}

// told says whether the owner hears of the event: not of what goes on inside the agency, nor
// of each step of a parcel.
func told(kind string) bool { return notices[kind] != "" || Deed(kind) == Return }

// tell writes word of an event to the owner: in the portal, and a letter where there is an address.
func (s *Service) tell(ctx context.Context, j queue.Job) error {
	var t telling
	if err := json.Unmarshal(j.Body, &t); err != nil {
		return fmt.Errorf("tell: %w", err)
	}
	d, err := s.ByID(ctx, t.Dossier)
	if err != nil {
		return err
	}
	kind := t.notice(d)
	if kind == "" {
		return nil
	}
	all, err := s.addressees(ctx, d)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		for _, to := range all {
			key := t.Dossier + ":" + t.Kind + ":" + t.Round
			if to.ID != d.PersonID { // there may be several
				key += fmt.Sprintf(":%d", to.ID)
			}
			err := s.Notices.Tell(ctx, tx, notification.Notice{Person: to.ID, Dossier: d.ID, EventKey: key,
				Kind: kind, Args: s.noticeArgs(d, t.Args), Email: to.Email, Lang: to.lang(), Link: "/ho-so/" + d.ID})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// notice is the kind of notice that word of the event is given by, or none.
func (t telling) notice(d Dossier) string {
	switch {
	case Deed(t.Kind) == Return && d.ReturnBy == "counter": // they have it in their hands
		return ""
	case Deed(t.Kind) == Return:
		return "returned_" + d.ReturnBy
	case t.Kind == "filed" && t.Args["amount"] != nil:
		return "filed_due"
	}
	return notices[t.Kind]
}

// noticeArgs are what every notice may name, and what the event said.
func (s *Service) noticeArgs(d Dossier, more map[string]any) []locales.Arg {
	lang, _ := locales.ParseLang(d.Lang)
	args := []locales.Arg{
		locales.S("code", d.Code), locales.T("procedure", d.Revision.Sheet.Name), locales.T("agency", d.Agency.Name),
		locales.S("link", strings.TrimSuffix(s.PortalURL, "/")+"/ho-so/"+d.ID),
		locales.S("answer_by", locales.FormatTime(d.AnswerBy)),
	}
	if d.DueAt != nil {
		args = append(args, locales.S("due", locales.FormatDeadline(lang, *d.DueAt)))
	}
	for name, v := range more {
		if name == "amount" {
			if n, ok := v.(float64); ok {
				v = locales.Money(n)
			}
		}
		args = append(args, locales.Arg{Name: name, Value: v})
	}
	return args
}

// paid gives the dossier what the settlement of its order came to.
func (s *Service) paid(ctx context.Context, j queue.Job) error {
	id, ok := strings.CutPrefix(j.Subject, "dossier:")
	if !ok {
		return fmt.Errorf("paid: subject %q", j.Subject)
	}
	order, err := s.Payments.OfSubject(ctx, j.Subject)
	if err != nil {
		return err
	}
	seen, err := s.ByID(ctx, id)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		d, err := s.Lock(ctx, tx, seen)
		if err != nil {
			return err
		}
		money, kind := moneyOf(order, d)
		if kind == "" {
			return nil // said before
		}
		if d.Money == money { // more came in than was owed: on the timeline, once
			return s.overpaid(ctx, tx, d, order)
		}
		d.Money = money
		if err := s.store(ctx, tx, &d); err != nil {
			return err
		}
		if money == "paid" {
			if err := queue.Put(ctx, tx, "receipt.draw", order.ID, s.Now(), nil); err != nil {
				return err
			}
		}
		args := map[string]any{"amount": order.Total}
		return s.event(ctx, tx, d, Event{At: s.Now(), Kind: kind, From: d.State, To: d.State, Actor: "system"}, args)
	})
}

// moneyOf is where the dossier's money stands by its order, and what that is called when it
// is news.
func moneyOf(order payments.Order, d Dossier) (money, kind string) {
	switch {
	case order.State == payments.OrderPaid && d.Money != "paid":
		return "paid", "paid"
	case order.State == payments.OrderPaid && order.Overpaid() > 0:
		return "paid", "overpaid"
	case order.InReview && d.Money == "due":
		return "review", "payment_review"
	case order.State == payments.OrderDue && !order.InReview && d.Money == "review":
		return "due", "payment_due"
	}
	return d.Money, ""
}

// overpaid writes once that money came in twice and is to be given back.
func (s *Service) overpaid(ctx context.Context, tx *sqlx.Tx, d Dossier, order payments.Order) error {
	var said bool
	err := sqlx.GetContext(ctx, tx, &said, `SELECT EXISTS (SELECT FROM events WHERE dossier_id = $1 AND kind = 'overpaid')`, d.ID)
	if err != nil || said {
		return err
	}
	e := Event{At: s.Now(), Kind: "overpaid", From: d.State, To: d.State, Actor: "system"}
	return s.event(ctx, tx, d, e, map[string]any{"amount": order.Overpaid()})
}

// handovers is what a parcel's state is on the dossier's own axis.
var handovers = map[string]string{
	"waiting": "ordered", "ordered": "ordered", "accepted": "accepted", "in_transit": "in_transit", "at_office": "in_transit",
	"out": "in_transit", "attempt_failed": "in_transit", "delivered": "delivered", "returning": "failed", "returned": "failed",
	"cancelled": "failed", "exception": "failed", "refused": "failed",
}

// postalMoved follows the parcel of a result: each new state is an event; delivered closes the dossier.
func (s *Service) postalMoved(ctx context.Context, j queue.Job) error {
	id, ok := strings.CutPrefix(j.Subject, "dossier:")
	if !ok {
		return fmt.Errorf("postal: subject %q", j.Subject)
	}
	parcels, err := s.Postal.OfDossier(ctx, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(parcels, func(o postal.Order) bool { return o.Direction == postal.Result })
	if i < 0 {
		return nil
	}
	parcel := parcels[i]
	seen, err := s.ByID(ctx, id)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		d, err := s.Lock(ctx, tx, seen)
		if err != nil {
			return err
		}
		now, next := s.Now(), handovers[string(parcel.State)]
		if next == "" || next == d.Handover || d.Handover == "delivered" {
			return nil
		}
		d.Handover = next
		kind := "postal"
		if next == "delivered" {
			d.ClosedAt, kind = &now, "delivered"
		}
		if err := s.store(ctx, tx, &d); err != nil {
			return err
		}
		args := map[string]any{"state": string(parcel.State), "item": parcel.ItemCode}
		return s.event(ctx, tx, d, Event{At: now, Kind: kind, From: d.State, To: d.State, Actor: "carrier"}, args)
	})
}
