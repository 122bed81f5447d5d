package payments

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Break is a place where the books contradict themselves.
type Break struct {
	Rule   string // which promise is broken
	Object string // where
}

// promises are the rules of the books, each as the rows that break it.
var promises = []struct{ rule, query string }{
	{"an entry sums to zero", `SELECT entry::text FROM ledger GROUP BY entry HAVING sum(amount) <> 0`},
	{"an order has what came in for it", `SELECT o.id::text FROM orders o
		LEFT JOIN (SELECT order_id, sum(amount) AS came FROM ledger WHERE account LIKE 'gateway:%' GROUP BY order_id) l ON l.order_id = o.id
		WHERE o.paid <> coalesce(l.came, 0)`},
	{"a paid order has its fees credited", `SELECT o.id::text FROM orders o
		LEFT JOIN (SELECT order_id, sum(-amount) AS fees FROM ledger WHERE account LIKE 'phi:%' OR account LIKE 'le_phi:%' GROUP BY order_id) l ON l.order_id = o.id
		WHERE coalesce(l.fees, 0) <> CASE WHEN o.state = 'paid' THEN o.total ELSE 0 END`},
	{"a paid order, and no other, has a receipt", `SELECT o.id::text FROM orders o
		LEFT JOIN receipts r ON r.order_id = o.id WHERE (o.state = 'paid') <> (r.id IS NOT NULL)`},
	{"a receipt is over what its order owed", `SELECT r.id::text FROM receipts r JOIN orders o ON o.id = r.order_id
		WHERE (r.data->>'total')::bigint <> o.total`},
	{"an attempt that succeeded is in the ledger", `SELECT a.id::text FROM attempts a
		WHERE (a.state IN ('succeeded', 'succeeded_late')) <> EXISTS (SELECT FROM ledger l WHERE l.attempt_id = a.id AND l.account LIKE 'gateway:%')`},
	{"receipt numbers are consecutive", `SELECT c.payee || ' ' || c.template || ' ' || c.series FROM receipt_counters c
		LEFT JOIN (SELECT payee, template, series, count(*) AS n, max(number) AS top FROM receipts GROUP BY payee, template, series) r
		USING (payee, template, series) WHERE r.n IS DISTINCT FROM c.last OR r.top IS DISTINCT FROM c.last`},
}

// Verify reads all the books and names each place where they break a promise.
func Verify(ctx context.Context, db *sqlx.DB) ([]Break, error) {
	var breaks []Break
	for _, p := range promises {
		var where []string
		if err := sqlx.SelectContext(ctx, db, &where, p.query); err != nil {
			return nil, fmt.Errorf("verify that %s: %w", p.rule, err)
		}
		for _, w := range where {
			breaks = append(breaks, Break{p.rule, w})
		}
	}
	return breaks, nil
}
