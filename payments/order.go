package payments

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/problem"
)

// State is where an order stands. Beside it, Order.InReview says that money is held.
type State string

// The states of an order. Nothing leaves OrderPaid or OrderVoid.
const (
	OrderDue    State = "due"
	OrderPaid   State = "paid"
	OrderWaived State = "waived" // nothing is owed
	OrderVoid   State = "void"   // no longer asked for
)

// Order is what is owed for one subject, and what has come in for it.
type Order struct {
	ID           string
	Subject      string // dossier:<uuid>
	Code         string // the dossier's printed code
	Payer        string
	PayerNumber  string
	PayerAddress string
	Payee        int64 // agency
	Lines        []Line
	Total        int64
	Paid         int64 // all that came in, too much included
	State        State
	MadeAt       time.Time
	PaidAt       *time.Time
	Attempts     []Attempt // newest first
	InReview     bool      // a provider holds money that may or may not be ours
}

// Owed is what is still to be paid.
func (o Order) Owed() int64 {
	if o.State != OrderDue {
		return 0
	}
	return o.Total - o.Paid
}

// Overpaid is what must be given back.
func (o Order) Overpaid() int64 {
	switch o.State {
	case OrderDue:
		return 0
	case OrderVoid:
		return o.Paid
	}
	return o.Paid - o.Total
}

// NewOrder is what Open asks for. Number and address of the payer go on the receipt when given.
type NewOrder struct {
	Subject      string
	Code         string
	Payer        string
	PayerNumber  string
	PayerAddress string
	Payee        int64
	Lines        []Line
	Total        int64
	At           time.Time
}

// Open writes down what is owed. Where that is nothing the order is waived from the start:
// what is free never meets a payment page.
func Open(ctx context.Context, tx sqlx.ExtContext, n NewOrder) (Order, error) {
	o := Order{ID: uuid.NewString(), Subject: n.Subject, Code: n.Code, Payer: n.Payer, PayerNumber: n.PayerNumber,
		PayerAddress: n.PayerAddress, Payee: n.Payee, Lines: n.Lines, Total: n.Total, State: OrderDue, MadeAt: n.At}
	if o.Total == 0 {
		o.State = OrderWaived
	}
	if err := sumsUp(o.Lines, o.Total); err != nil {
		return Order{}, fmt.Errorf("open order of %s: %w", n.Subject, err)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO orders (id, subject, code, payer, payer_number, payer_address, payee, lines, total, state, made_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, o.ID, o.Subject, o.Code, pg.Sealed(o.Payer), pg.Sealed(o.PayerNumber),
		pg.Sealed(o.PayerAddress), o.Payee, pg.JSON(o.Lines), o.Total, o.State, o.MadeAt)
	if pg.Violates(err, "orders_subject_key") {
		return Order{}, problem.New(problem.Conflict, "payments.ordered")
	}
	if err != nil {
		return Order{}, fmt.Errorf("open order of %s: %w", n.Subject, err)
	}
	return o, nil
}

// sumsUp keeps a total that its lines do not give out of the books.
func sumsUp(lines []Line, total int64) error {
	left := total
	for _, l := range lines {
		if l.Amount < 0 || l.Amount > left {
			return fmt.Errorf("line %s of %d does not fit a total of %d", l.Rule, l.Amount, total)
		}
		left -= l.Amount
	}
	if left != 0 {
		return fmt.Errorf("lines give %d, not %d", total-left, total)
	}
	return nil
}

// Change gives an order that is not paid other lines, as when an officer corrects the
// quantities. What the payer had begun is closed on our side; should its money come in all
// the same, it counts towards the new total.
func Change(ctx context.Context, tx *sqlx.Tx, orderID string, lines []Line, total int64) (Order, error) {
	o, err := lock(ctx, tx, orderID)
	if err != nil {
		return Order{}, err
	}
	switch {
	case o.State == OrderPaid:
		return Order{}, problem.New(problem.Conflict, "payments.already_paid")
	case o.State == OrderVoid:
		return Order{}, problem.New(problem.Conflict, "payments.void")
	case o.Paid > 0 && total <= o.Paid:
		return Order{}, problem.New(problem.Conflict, "payments.below_paid")
	}
	if err := sumsUp(lines, total); err != nil {
		return Order{}, fmt.Errorf("change order %s: %w", orderID, err)
	}
	o.Lines, o.Total, o.State = lines, total, OrderDue
	if total == 0 {
		o.State = OrderWaived
	}
	_, err = tx.ExecContext(ctx, `UPDATE orders SET lines = $2, total = $3, state = $4 WHERE id = $1`, o.ID, pg.JSON(o.Lines), o.Total, o.State)
	if err != nil {
		return Order{}, fmt.Errorf("change order %s: %w", orderID, err)
	}
	return o, closeAttempts(ctx, tx, o.ID)
}

// Cancel makes an order void: the dossier was withdrawn or refused before it was paid. A
// part that has come in is now owed to the payer. Done twice it is done once.
func Cancel(ctx context.Context, tx *sqlx.Tx, orderID string, now time.Time) error {
	o, err := lock(ctx, tx, orderID)
	if err != nil || o.State == OrderVoid {
		return err
	}
	if o.State == OrderPaid {
		return problem.New(problem.Conflict, "payments.already_paid")
	}
	if o.Paid > 0 {
		back := []posting{{Account: held, Amount: o.Paid}, {Account: overpaid, Amount: -o.Paid}}
		if err := post(ctx, tx, o.ID, nil, back, now); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE orders SET state = 'void' WHERE id = $1`, o.ID); err != nil {
		return fmt.Errorf("cancel order %s: %w", orderID, err)
	}
	return closeAttempts(ctx, tx, o.ID)
}

// closeAttempts ends what is open on our side only: settled_at stays empty, so that the
// sweep goes on asking the provider until it has said its last word.
func closeAttempts(ctx context.Context, tx sqlx.ExtContext, orderID string) error {
	_, err := tx.ExecContext(ctx, `UPDATE attempts SET state = 'cancelled' WHERE order_id = $1 AND state IN ('created', 'pending')`, orderID)
	if err != nil {
		return fmt.Errorf("close attempts of %s: %w", orderID, err)
	}
	return nil
}

type orderRow struct {
	ID           string
	Subject      string
	Code         string
	Payer        pg.Sealed
	PayerNumber  pg.Sealed `db:"payer_number"`
	PayerAddress pg.Sealed `db:"payer_address"`
	Payee        int64
	Lines        pg.JSONOf[[]Line]
	Total        int64
	Paid         int64
	State        State
	MadeAt       time.Time  `db:"made_at"`
	PaidAt       *time.Time `db:"paid_at"`
}

const orderColumns = `id, subject, code, payer, payer_number, payer_address, payee, lines, total, paid, state, made_at, paid_at`

func (r orderRow) order() Order {
	return Order{ID: r.ID, Subject: r.Subject, Code: r.Code, Payer: string(r.Payer), PayerNumber: string(r.PayerNumber),
		PayerAddress: string(r.PayerAddress), Payee: r.Payee, Lines: r.Lines.V, Total: r.Total, Paid: r.Paid, State: r.State,
		MadeAt: r.MadeAt, PaidAt: r.PaidAt}
}

func oneOrder(ctx context.Context, q sqlx.QueryerContext, where string, arg any) (Order, error) {
	var r orderRow
	err := sqlx.GetContext(ctx, q, &r, `SELECT `+orderColumns+` FROM orders WHERE `+where, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return Order{}, problem.New(problem.NotFound, "payments.not_found")
	}
	if err != nil {
		return Order{}, fmt.Errorf("order %v: %w", arg, err)
	}
	return r.order(), nil
}

// lock holds the order until the end of the transaction; every change of its attempts, its
// ledger lines and its receipt is made under this lock.
func lock(ctx context.Context, tx sqlx.QueryerContext, id string) (Order, error) {
	return oneOrder(ctx, tx, `id = $1 FOR UPDATE`, id)
}

// withAttempts completes an order for those who look at it.
func withAttempts(ctx context.Context, q sqlx.QueryerContext, o Order, err error) (Order, error) {
	if err != nil {
		return Order{}, err
	}
	if o.Attempts, err = attemptsOf(ctx, q, o.ID); err != nil {
		return Order{}, err
	}
	for _, a := range o.Attempts {
		o.InReview = o.InReview || a.State == Review
	}
	return o, nil
}
