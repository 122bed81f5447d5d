// Package postal sends papers and results by the public post and follows them on their way.
//
// It orders and follows; what sending costs is left to the carrier's own counter, because
// the tariff of the public-administration service is not published in a form to calculate
// with (TT 22/2017/TT-BTTTT sets maxima only).
package postal

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

// Direction is which way a parcel goes (QĐ 45/2016/QĐ-TTg Điều 5 has the two as separate
// services).
type Direction string

// The directions.
const (
	Result Direction = "result" // from the agency to the person
	Papers Direction = "papers" // from the person to the agency
)

// Address is a sender or receiver as it stands on the parcel.
type Address struct {
	Name     string `json:"name"`
	Phone    string `json:"phone"`
	Email    string `json:"email,omitempty"`
	Province string `json:"province"` // code of the administrative unit, two digits
	Line     string `json:"line"`     // street, commune and province in words
}

// New is a parcel to be ordered for a dossier.
type New struct {
	DossierID        string
	Code             string // the dossier's printed code
	Direction        Direction
	Sender, Receiver Address
	Description      string // what lies in it; the carrier prints it, so no personal data
}

// Service keeps postal orders and talks to the carrier through the queue.
type Service struct {
	DB      *sqlx.DB
	Carrier *Carrier
	Every   time.Duration // between two looks at the carrier's feed; 0 is a minute
	Now     func() time.Time
	Log     *slog.Logger
}

// The kinds of job here. dossierKind is the dossier's own: it hears of every change.
const (
	orderKind   = "postal.order"
	feedKind    = "postal.feed"
	dossierKind = "dossier.postal"
)

// Handlers are what the queue's worker calls here.
func (s *Service) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{orderKind: s.place, feedKind: s.feed}
}

// Duties are the repeating ones among them, for the worker's Every.
func (s *Service) Duties() map[string]time.Duration {
	if s.Every == 0 {
		return map[string]time.Duration{feedKind: time.Minute}
	}
	return map[string]time.Duration{feedKind: s.Every}
}

// Open notes a parcel in the caller's transaction; a worker orders it afterwards. Opening
// the same one again does nothing.
func (s *Service) Open(ctx context.Context, tx sqlx.ExtContext, n New) error {
	if !n.Sender.complete() || !n.Receiver.complete() {
		return problem.New(problem.Invalid, "postal.address_incomplete")
	}
	id := uuid.NewString()
	r, err := tx.ExecContext(ctx, `INSERT INTO postal_orders (id, dossier_id, direction, number, carrier, state, sender, receiver, description, made_at)
		VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8, $9)
		ON CONFLICT ON CONSTRAINT postal_orders_number_key DO NOTHING`,
		id, n.DossierID, n.Direction, n.number(), s.Carrier.Name(), pg.JSON(n.Sender), pg.JSON(n.Receiver), n.Description, s.Now())
	if err != nil {
		return fmt.Errorf("open parcel of %s: %w", n.Code, err)
	}
	if rows, err := r.RowsAffected(); err != nil || rows == 0 {
		return err
	}
	if err := queue.Put(ctx, tx, orderKind, "postal:"+id, s.Now(), jobBody{id}); err != nil {
		return fmt.Errorf("open parcel of %s: %w", n.Code, err)
	}
	return nil
}

// number is our number at the carrier. It tells the two directions apart, because the
// carrier knows an order by its number alone.
func (n New) number() string {
	if n.Direction == Papers {
		return n.Code + "-N"
	}
	return n.Code
}

// complete says whether the carrier would take the address (its required fields).
func (a Address) complete() bool {
	_, known := provinces()[a.Province]
	return a.Name != "" && a.Phone != "" && a.Line != "" && known
}

// jobBody is what jobs about a parcel carry.
type jobBody struct {
	Order string `json:"order"`
}

// tellDossier queues the news of a changed parcel for the dossier.
func (s *Service) tellDossier(ctx context.Context, tx sqlx.ExtContext, dossier, order string) error {
	return queue.Put(ctx, tx, dossierKind, "dossier:"+dossier, s.Now(), jobBody{order})
}
