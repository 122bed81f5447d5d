package payments

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
)

var now = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)

// gateway answers queries as it is told.
type gateway struct {
	says map[string]Notice // by reference
	err  error
}

type room struct {
	t       *testing.T
	service *Service
	gateway *gateway
	issuer  Issuer
	now     time.Time
}

func (g *gateway) Begin(o Order, a Attempt, ip string, lang locales.Lang) (string, error) {
	return "https://pay.example/" + a.Ref, nil
}

func (g *gateway) Query(_ context.Context, a Attempt) (Notice, error) {
	if g.err != nil {
		return Notice{}, g.err
	}
	if n, ok := g.says[a.Ref]; ok {
		return n, nil
	}
	return Notice{}, ErrNotKnown
}

func newRoom(t *testing.T) *room {
	t.Helper()
	t.Parallel()
	r := &room{t: t, gateway: &gateway{says: map[string]Notice{}}, now: now,
		issuer: Issuer{Name: "UBND phường Long Xuyên", TaxCode: "1600000001", Address: "1 Lê Lợi", Template: "01BLP0-001", Series: "AA-{yy}E"}}
	r.service = &Service{DB: pgtest.Open(t), Providers: map[string]Provider{"vnpay": r.gateway}, Now: func() time.Time { return r.now },
		Issuer: func(context.Context, int64, time.Time) (Issuer, error) { return r.issuer, nil }}
	return r
}

func both() []Line {
	why := locales.V("Hộ nghèo")
	return []Line{
		{Rule: "trich-luc", Kind: Fee, Name: locales.V("Phí khai thác thông tin hộ tịch"), Ground: locales.V("TT 281/2016/TT-BTC"), Unit: 8000, Quantity: 2, Amount: 16000},
		{Rule: "ho-tich", Kind: Charge, Name: locales.V("Lệ phí hộ tịch"), Ground: locales.V("NQ 10/2025/NQ-HĐND"), Unit: 10000, Quantity: 1, Amount: 5000, Exempt: &why},
		{Rule: "mien", Kind: Charge, Name: locales.V("Lệ phí được miễn"), Ground: locales.V("NQ 10/2025/NQ-HĐND"), Unit: 10000, Quantity: 1, Amount: 0, Exempt: &why},
	}
}

func newOrder(lines []Line) NewOrder {
	n := NewOrder{Subject: "dossier:" + uuid.NewString(), Code: "H01.15-261121-0001", Payer: "Nguyễn Thị Bình", PayerNumber: "089186000123",
		PayerAddress: "Phường Long Xuyên", Payee: 7, Lines: lines, At: now}
	for _, l := range lines {
		n.Total += l.Amount
	}
	return n
}

func (r *room) open(lines []Line) Order {
	r.t.Helper()
	var o Order
	r.tx(func(tx *sqlx.Tx) (err error) { o, err = Open(r.t.Context(), tx, newOrder(lines)); return err })
	return o
}

func (r *room) tx(fn func(tx *sqlx.Tx) error) {
	r.t.Helper()
	if err := pg.InTx(r.t.Context(), r.service.DB, fn); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) start(o Order) Attempt {
	r.t.Helper()
	_, a, err := r.service.Start(r.t.Context(), o.ID, "vnpay", once.Key{Person: "1", Key: uuid.NewString()}, "203.0.113.7", locales.VI)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

func paid(a Attempt) Notice {
	return Notice{Provider: "vnpay", Ref: a.Ref, Amount: a.Amount, Says: SaysPaid, No: "N" + a.Ref, Bank: "NCB", Answer: "00/00", PaidAt: now, Raw: "paid " + a.Ref}
}

func (r *room) take(n Notice, want Outcome) {
	r.t.Helper()
	if out, err := r.service.Take(r.t.Context(), n); err != nil || out != want {
		r.t.Fatalf("%s %v, want %s", out, err, want)
	}
}

func (r *room) order(id string) Order {
	r.t.Helper()
	o, err := r.service.ByID(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return o
}

func (r *room) breaks() []Break {
	r.t.Helper()
	b, err := Verify(r.t.Context(), r.service.DB)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

func (r *room) owner(query string, args ...any) {
	r.t.Helper()
	if _, err := pgtest.Owner(r.t, r.service.DB).ExecContext(r.t.Context(), query, args...); err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) count(query string, args ...any) int {
	r.t.Helper()
	var n int
	if err := r.service.DB.GetContext(r.t.Context(), &n, query, args...); err != nil {
		r.t.Fatal(err)
	}
	return n
}
