package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
)

// Accounts beside those of the gateways (gateway:vnpay) and of the fees (phi:<rule>).
const (
	held     = "held"     // came in, but does not cover the order yet
	overpaid = "overpaid" // to be given back
)

// posting is one line of an entry: debit above zero, credit below.
type posting struct {
	Account    string
	Amount     int64
	Provider   *string
	ProviderNo *string
}

// allocate says where money that came in goes, given what the order had before. The lines
// sum to zero whatever the amounts: nothing that came in is ever without an account.
func allocate(o Order, n Notice) []posting {
	lines := []posting{{Account: "gateway:" + n.Provider, Amount: n.Amount, Provider: &n.Provider, ProviderNo: &n.No}}
	switch rest := o.Paid + n.Amount - o.Total; {
	case o.State != OrderDue:
		return append(lines, posting{Account: overpaid, Amount: -n.Amount})
	case rest < 0:
		return append(lines, posting{Account: held, Amount: -n.Amount})
	default:
		if o.Paid > 0 {
			lines = append(lines, posting{Account: held, Amount: o.Paid})
		}
		for _, l := range o.Lines {
			if l.Amount > 0 {
				lines = append(lines, posting{Account: l.Kind + ":" + l.Rule, Amount: -l.Amount})
			}
		}
		if rest > 0 {
			lines = append(lines, posting{Account: overpaid, Amount: -rest})
		}
		return lines
	}
}

// post writes one entry; the database refuses one that does not sum to zero.
func post(ctx context.Context, tx *sqlx.Tx, orderID string, attemptID *string, lines []posting, now time.Time) error {
	type row struct {
		posting
		At        time.Time
		OrderID   string
		AttemptID *string
		Entry     string
	}
	entry := uuid.NewString()
	rows := make([]row, len(lines))
	for i, l := range lines {
		rows[i] = row{l, now, orderID, attemptID, entry}
	}
	_, err := tx.NamedExecContext(ctx, `INSERT INTO ledger (at, order_id, attempt_id, entry, account, amount, provider, provider_no)
		VALUES (:at, :orderid, :attemptid, :entry, :account, :amount, :provider, :providerno)`, rows)
	if err != nil {
		return fmt.Errorf("ledger of order %s: %w", orderID, err)
	}
	return nil
}
