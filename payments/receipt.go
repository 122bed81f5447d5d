package payments

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Issuer is the agency that collects, as its receipts name it. Template and series are as
// the rules of the day have them; "{yy}" in a series is the year of the receipt.
type Issuer struct {
	Name     string `json:"name"`
	TaxCode  string `json:"tax_code"`
	Address  string `json:"address"`
	Title    string `json:"title,omitempty"` // of the receipt; "" is by what is collected
	Template string `json:"template"`        // 01BLP0-001
	Series   string `json:"series"`          // AA-{yy}E
}

// ReceiptData is everything the paper says (Decree 123/2020/NĐ-CP, art. 32, as amended by
// 70/2025/NĐ-CP), in Vietnamese, as it was when the money came in.
type ReceiptData struct {
	Title    string        `json:"title"` // tên loại biên lai
	Template string        `json:"template"`
	Series   string        `json:"series"`
	Number   string        `json:"number"` // 7 digits
	Issuer   Issuer        `json:"issuer"`
	Payer    ReceiptPayer  `json:"payer"`
	Lines    []ReceiptLine `json:"lines"`
	Fees     int64         `json:"fees"`    // phí
	Charges  int64         `json:"charges"` // lệ phí
	Total    int64         `json:"total"`
	Words    string        `json:"words"` // số tiền bằng chữ
	Currency string        `json:"currency"`
	Way      string        `json:"way"`      // hình thức thanh toán
	Dossier  string        `json:"dossier"`  // its printed code
	Ref      string        `json:"ref"`      // our reference at the provider
	Provider string        `json:"provider"` // who took the money
	No       string        `json:"no"`       // the provider's number
	Bank     string        `json:"bank"`
	PaidAt   time.Time     `json:"paid_at"`
	IssuedAt time.Time     `json:"issued_at"`
	Lookup   string        `json:"lookup"` // what /xac-thuc asks for
}

// ReceiptPayer is who paid.
type ReceiptPayer struct {
	Name    string `json:"name"`
	Number  string `json:"number,omitempty"` // ID number or tax code
	Address string `json:"address,omitempty"`
}

// ReceiptLine is one fee or charge that was collected.
type ReceiptLine struct {
	Rule     string `json:"rule"`
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Ground   string `json:"ground"`
	Unit     int64  `json:"unit"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount"`
	Exempt   string `json:"exempt,omitempty"`
}

// Receipt is a stored receipt. It never changes: what was wrong is answered by another.
type Receipt struct {
	ID       string
	OrderID  string `db:"order_id"`
	Subject  string // of its order: who may see it is asked of that
	Payee    int64
	Template string
	Series   string
	Number   int
	Data     ReceiptData
	Lookup   string
	At       time.Time
}

// issue makes out the receipt of an order that is now paid. Its number is taken in the same
// statement: consecutive from 0000001 within agency, template and series, without gaps,
// since a settlement that fails gives it back.
func issue(ctx context.Context, tx *sqlx.Tx, o Order, a Attempt, n Notice, by Issuer, now time.Time) error {
	by.Series = strings.ReplaceAll(by.Series, "{yy}", now.In(locales.ICT).Format("06"))
	d := receiptData(o, a, n, by, now)
	_, err := tx.ExecContext(ctx, `WITH counter AS (
			INSERT INTO receipt_counters AS c (payee, template, series, last) VALUES ($3, $4, $5, 1)
			ON CONFLICT (payee, template, series) DO UPDATE SET last = c.last + 1 RETURNING last)
		INSERT INTO receipts (id, order_id, payee, template, series, number, data, lookup, at)
		SELECT $1, $2, $3, $4, $5, last, $6::jsonb || jsonb_build_object('number', to_char(last, 'FM0000000')), $7, $8 FROM counter`,
		uuid.NewString(), o.ID, o.Payee, by.Template, by.Series, pg.JSON(d), d.Lookup, now)
	if err != nil {
		return fmt.Errorf("receipt of order %s: %w", o.ID, err)
	}
	return nil
}

func receiptData(o Order, a Attempt, n Notice, by Issuer, now time.Time) ReceiptData {
	d := ReceiptData{Template: by.Template, Series: by.Series, Issuer: by, Payer: ReceiptPayer{o.Payer, o.PayerNumber, o.PayerAddress},
		Lines: []ReceiptLine{}, Total: o.Total, Words: Words(o.Total), Currency: "VND", Way: vietnamese("payments.way." + n.Provider),
		Dossier: o.Code, Ref: a.Ref, Provider: n.Provider, No: n.No, Bank: n.Bank, PaidAt: n.PaidAt, IssuedAt: now, Lookup: newLookup()}
	if d.PaidAt.IsZero() {
		d.PaidAt = now
	}
	for _, l := range o.Lines {
		if l.Amount == 0 {
			continue
		}
		line := ReceiptLine{Rule: l.Rule, Kind: l.Kind, Name: l.Name.VI, Ground: l.Ground.VI, Unit: l.Unit, Quantity: l.Quantity, Amount: l.Amount}
		if l.Exempt != nil {
			line.Exempt = l.Exempt.VI
		}
		if l.Kind == Fee {
			d.Fees += l.Amount
		} else {
			d.Charges += l.Amount
		}
		d.Lines = append(d.Lines, line)
	}
	switch {
	case by.Title != "":
		d.Title = by.Title
	case d.Charges == 0:
		d.Title = vietnamese("payments.receipt.fee")
	case d.Fees == 0:
		d.Title = vietnamese("payments.receipt.charge")
	default:
		d.Title = vietnamese("payments.receipt.both")
	}
	return d
}

// vietnamese is a text of the paper, whose language the law fixes.
func vietnamese(key string) string {
	s, _ := locales.Say(locales.VI, locales.M(key))
	return s
}

// newLookup is the code by which a receipt is checked: letters and digits that do not look
// alike, too many to be tried.
func newLookup() string {
	const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	for i := range b {
		b[i] = alphabet[b[i]&31]
	}
	return string(b)
}

func receiptBy(ctx context.Context, q sqlx.QueryerContext, where string, arg any) (Receipt, error) {
	var r struct {
		Receipt
		Data pg.JSONOf[ReceiptData]
	}
	err := sqlx.GetContext(ctx, q, &r, `SELECT r.id, r.order_id, o.subject, r.payee, r.template, r.series, r.number, r.data, r.lookup, r.at
		FROM receipts r JOIN orders o ON o.id = r.order_id WHERE `+where, arg)
	if errors.Is(err, sql.ErrNoRows) {
		return Receipt{}, problem.New(problem.NotFound, "payments.receipt.not_found")
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt %v: %w", arg, err)
	}
	r.Receipt.Data = r.Data.V
	return r.Receipt, nil
}

// Receipt is the receipt with that id. Who may see it is the caller's to ask, by its Subject.
func (s *Service) Receipt(ctx context.Context, id string) (Receipt, error) {
	if !pg.UUID(id) {
		return Receipt{}, problem.New(problem.NotFound, "payments.receipt.not_found")
	}
	return receiptBy(ctx, s.DB, `r.id = $1`, id)
}

// ReceiptOf is the receipt of an order.
func (s *Service) ReceiptOf(ctx context.Context, orderID string) (Receipt, error) {
	return receiptBy(ctx, s.DB, `r.order_id = $1`, orderID)
}

// ReceiptByLookup is the receipt that bears a look-up code, for whoever holds the paper.
func (s *Service) ReceiptByLookup(ctx context.Context, code string) (Receipt, error) {
	return receiptBy(ctx, s.DB, `r.lookup = $1`, strings.ToUpper(strings.TrimSpace(code)))
}
