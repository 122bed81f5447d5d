package payments

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/problem"
)

// AttemptState is where one try to pay stands.
type AttemptState string

// The states of an attempt. Failed, Cancelled and Expired end it for the payer, who starts
// a new one; money that comes in after them is real all the same: SucceededLate.
const (
	Created       AttemptState = "created"
	Pending       AttemptState = "pending"
	Succeeded     AttemptState = "succeeded"
	SucceededLate AttemptState = "succeeded_late"
	Failed        AttemptState = "failed"
	Cancelled     AttemptState = "cancelled"
	Expired       AttemptState = "expired"
	Review        AttemptState = "review" // the provider's words do not settle it: a person decides
)

// Attempt is one try to pay an order at a provider.
type Attempt struct {
	ID         string
	OrderID    string `db:"order_id"`
	Provider   string
	Ref        string `db:"txn_ref"` // what the provider calls it by: one attempt, for ever
	Amount     int64
	State      AttemptState
	Redirect   string
	ProviderNo *string    `db:"provider_no"`
	Bank       string     `db:"bank_code"`
	Answer     string     // the provider's codes
	MadeAt     time.Time  `db:"made_at"`
	ExpiresAt  time.Time  `db:"expires_at"`
	SettledAt  *time.Time `db:"settled_at"` // the provider's last word
	AskedAt    *time.Time `db:"asked_at"`
	Note       string     // why a person decided a review as they did
}

const attemptColumns = `id, order_id, provider, txn_ref, amount, state, redirect, provider_no, bank_code, answer, made_at, expires_at, settled_at, asked_at, note`

// Open says whether the payer can still pay by it.
func (a Attempt) Open(now time.Time) bool {
	return (a.State == Created || a.State == Pending) && now.Before(a.ExpiresAt)
}

func (a Attempt) succeeded() bool { return a.State == Succeeded || a.State == SucceededLate }

// newRef makes a reference that no provider has seen: VNPAY wants one that is unique on a
// day, we never use one twice. It begins with Vietnam's day, as people read it.
func newRef(now time.Time) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	b := make([]byte, 14)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return "P" + now.In(locales.ICT).Format("060102") + string(b)
}

func attemptsOf(ctx context.Context, q sqlx.QueryerContext, orderID string) ([]Attempt, error) {
	all := []Attempt{}
	err := sqlx.SelectContext(ctx, q, &all, `SELECT `+attemptColumns+` FROM attempts WHERE order_id = $1 ORDER BY made_at DESC, id`, orderID)
	if err != nil {
		return nil, fmt.Errorf("attempts of %s: %w", orderID, err)
	}
	return all, nil
}

func attemptBy(ctx context.Context, q sqlx.QueryerContext, where string, args ...any) (Attempt, error) {
	var a Attempt
	err := sqlx.GetContext(ctx, q, &a, `SELECT `+attemptColumns+` FROM attempts WHERE `+where, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return Attempt{}, problem.New(problem.NotFound, "payments.not_found")
	}
	if err != nil {
		return Attempt{}, fmt.Errorf("attempt %v: %w", args, err)
	}
	return a, nil
}

// firstAsk is when a provider that has been silent is first asked, and the step after it.
// VNPAY stops sending notices after 10 tries 5 minutes apart; money must be found within
// 15 minutes of everyone's recovery, so a silent first three days are asked every 10.
const (
	firstAsk = 5 * time.Minute
	asking   = 3 * 24 * time.Hour
)

// nextAsk is when an attempt without a last word is asked after again.
func (a Attempt) nextAsk(now time.Time) time.Time {
	switch age := now.Sub(a.MadeAt); {
	case age < time.Hour:
		return now.Add(firstAsk)
	case age < asking:
		return now.Add(2 * firstAsk)
	}
	return now.Add(6 * time.Hour)
}
