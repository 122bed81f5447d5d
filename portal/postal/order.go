package postal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

// place makes one parcel known to the carrier. An error means "again later": the carrier
// may have the order already, and a repeat is answered with "exists".
func (s *Service) place(ctx context.Context, j queue.Job) error {
	var b jobBody
	if err := json.Unmarshal(j.Body, &b); err != nil {
		return fmt.Errorf("%s: %w", j.Subject, err)
	}
	r, err := byID(ctx, s.DB, b.Order, "")
	if problem.Is(err, problem.NotFound) { // its term is over
		return nil
	}
	if err != nil || r.State != Waiting {
		return err
	}
	answer, err := s.Carrier.order(ctx, r.shipment())
	state := Ordered
	if _, no := errors.AsType[*errRefused](err); no {
		state = Refused
	} else if err != nil {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error { return s.placed(ctx, tx, r.ID, state, answer) })
}

// placed writes down the carrier's answer. A parcel that its feed has moved on meanwhile
// keeps its state.
func (s *Service) placed(ctx context.Context, tx *sqlx.Tx, id string, state State, answer string) error {
	var dossier string
	err := tx.GetContext(ctx, &dossier, `UPDATE postal_orders
		SET answer = $3, ordered_at = coalesce(ordered_at, CASE WHEN $2 = 'ordered' THEN $4::timestamptz END),
		    state = CASE WHEN state = 'waiting' THEN $2 ELSE state END
		WHERE id = $1 RETURNING dossier_id`, id, state, answer, s.Now())
	if err != nil {
		return fmt.Errorf("parcel %s: %w", id, err)
	}
	return wrap(s.tellDossier(ctx, tx, dossier, id), "parcel "+id)
}

func (r row) shipment() shipment {
	from, to := r.Sender.V, r.Receiver.V
	return shipment{
		OrderNumber:    r.Number,
		SenderProvince: provinces()[from.Province], SenderAddress: from.Line, SenderName: from.Name,
		SenderEmail: from.Email, SenderTel: from.Phone, SenderDesc: r.Description, Description: r.Description,
		ReceiverProvince: provinces()[to.Province], ReceiverAddress: to.Line, ReceiverName: to.Name,
		ReceiverEmail: to.Email, ReceiverTel: to.Phone,
	}
}
