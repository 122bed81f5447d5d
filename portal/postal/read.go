package postal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Order is a parcel as its dossier shows it.
type Order struct {
	ID          string
	DossierID   string
	Direction   Direction
	Number      string // at the carrier
	Carrier     string
	State       State
	Receiver    Address
	ItemCode    string // the carrier's, "" until it has given one
	Answer      string // what the carrier said to the order
	MadeAt      time.Time
	OrderedAt   *time.Time
	DeliveredAt *time.Time
	Events      []Event // oldest first
}

// Event is one step of a parcel's way, in the carrier's own words.
type Event struct {
	At      time.Time `db:"at"`
	Code    string    `db:"code"`
	Message string    `db:"message"`
	Office  string    `db:"office"` // the carrier's code of it
	Notes   string    `db:"notes"`  // often the office in words
}

// Where is the office in the best words there are.
func (e Event) Where() string {
	if e.Notes != "" {
		return e.Notes
	}
	return e.Office
}

// State is what the event means for us, "" when we do not know its code.
func (e Event) State() State { return codes()[e.Code] }

// Message is the state in words for people.
func (s State) Message() locales.Message { return locales.M("postal.state." + string(s)) }

const columns = `id, dossier_id, direction, number, carrier, state, sender, receiver, description, item_code, answer, made_at, ordered_at, delivered_at`

type row struct {
	ID          string             `db:"id"`
	DossierID   string             `db:"dossier_id"`
	Direction   Direction          `db:"direction"`
	Number      string             `db:"number"`
	Carrier     string             `db:"carrier"`
	State       State              `db:"state"`
	Sender      pg.JSONOf[Address] `db:"sender"`
	Receiver    pg.JSONOf[Address] `db:"receiver"`
	Description string             `db:"description"`
	ItemCode    string             `db:"item_code"`
	Answer      string             `db:"answer"`
	MadeAt      time.Time          `db:"made_at"`
	OrderedAt   *time.Time         `db:"ordered_at"`
	DeliveredAt *time.Time         `db:"delivered_at"`
}

func (r row) order() Order {
	return Order{
		ID: r.ID, DossierID: r.DossierID, Direction: r.Direction, Number: r.Number, Carrier: r.Carrier, State: r.State,
		Receiver: r.Receiver.V, ItemCode: r.ItemCode, Answer: r.Answer,
		MadeAt: r.MadeAt, OrderedAt: r.OrderedAt, DeliveredAt: r.DeliveredAt,
	}
}

// OfDossier are the parcels of a dossier with their events, oldest first. Most have none.
func (s *Service) OfDossier(ctx context.Context, dossierID string) ([]Order, error) {
	var rows []row
	err := s.DB.SelectContext(ctx, &rows, `SELECT `+columns+` FROM postal_orders WHERE dossier_id = $1 ORDER BY made_at, id`, dossierID)
	if err != nil || len(rows) == 0 {
		return nil, wrap(err, "parcels of dossier "+dossierID)
	}
	var events []struct {
		Order string `db:"order_id"`
		Event
	}
	err = s.DB.SelectContext(ctx, &events, `SELECT o.id AS order_id, e.at, e.code, e.message, e.office, e.notes
		FROM postal_orders o JOIN postal_events e ON e.carrier = o.carrier AND e.number = o.number
		WHERE o.dossier_id = $1 ORDER BY e.at, e.event_id`, dossierID)
	if err != nil {
		return nil, wrap(err, "events of dossier "+dossierID)
	}
	orders := make([]Order, len(rows))
	for i, r := range rows {
		orders[i] = r.order()
		for _, e := range events {
			if e.Order == r.ID {
				orders[i].Events = append(orders[i].Events, e.Event)
			}
		}
	}
	return orders, nil
}

// ByID is one parcel without its events, read in the caller's transaction.
func (s *Service) ByID(ctx context.Context, q sqlx.QueryerContext, id string) (Order, error) {
	r, err := byID(ctx, q, id, "")
	return r.order(), err
}

func byID(ctx context.Context, q sqlx.QueryerContext, id, lock string) (row, error) {
	var r row
	err := sqlx.GetContext(ctx, q, &r, `SELECT `+columns+` FROM postal_orders WHERE id = $1 `+lock, id)
	if errors.Is(err, sql.ErrNoRows) {
		return row{}, problem.New(problem.NotFound, "postal.not_found")
	}
	return r, wrap(err, "parcel "+id)
}

func wrap(err error, what string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
