package payments

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"motcua/portal/blob"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// TestReceiptSaysEverything holds the receipt to art. 32 of Decree 123/2020/NĐ-CP.
func TestReceiptSaysEverything(t *testing.T) {
	r := newRoom(t)
	a := r.start(r.open(both()))
	r.take(paid(a), Recorded)
	got, err := r.service.ReceiptOf(t.Context(), a.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	lookup := got.Lookup
	want := ReceiptData{Title: "BIÊN LAI THU TIỀN PHÍ, LỆ PHÍ", Template: "01BLP0-001", Series: "AA-26E", Number: "0000001",
		Issuer: Issuer{Name: "UBND phường Long Xuyên", TaxCode: "1600000001", Address: "1 Lê Lợi", Template: "01BLP0-001", Series: "AA-26E"},
		Payer:  ReceiptPayer{Name: "Nguyễn Thị Bình", Number: "089186000123", Address: "Phường Long Xuyên"},
		Lines: []ReceiptLine{
			{Rule: "trich-luc", Kind: Fee, Name: "Phí khai thác thông tin hộ tịch", Ground: "TT 281/2016/TT-BTC", Unit: 8000, Quantity: 2, Amount: 16000},
			{Rule: "ho-tich", Kind: Charge, Name: "Lệ phí hộ tịch", Ground: "NQ 10/2025/NQ-HĐND", Unit: 10000, Quantity: 1, Amount: 5000, Exempt: "Hộ nghèo"}},
		Fees: 16000, Charges: 5000, Total: 21000, Words: "Hai mươi mốt nghìn đồng", Currency: "VND", Way: "Thanh toán trực tuyến qua VNPAY",
		Dossier: "H01.15-261121-0001", Ref: a.Ref, Provider: "vnpay", No: "N" + a.Ref, Bank: "NCB", PaidAt: now, IssuedAt: now, Lookup: lookup}
	g, err := json.Marshal(got.Data)
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.Marshal(want)
	if err != nil || string(g) != string(w) {
		t.Errorf("%s\nwant %s", g, w)
	}
	if got.Number != 1 || len(lookup) != 12 || got.Payee != 7 || got.Series != "AA-26E" {
		t.Errorf("%+v", got)
	}
	for _, find := range []func() (Receipt, error){
		func() (Receipt, error) { return r.service.Receipt(t.Context(), got.ID) },
		func() (Receipt, error) { return r.service.ReceiptByLookup(t.Context(), " "+strings.ToLower(lookup)) },
	} {
		if again, err := find(); err != nil || again.ID != got.ID || again.Subject != r.order(a.OrderID).Subject {
			t.Errorf("%+v %v", again, err)
		}
	}
	for _, id := range []string{"x", uuid.NewString()} {
		if _, err := r.service.Receipt(t.Context(), id); !problem.Is(err, problem.NotFound) {
			t.Errorf("%v", err)
		}
	}
}

func TestTitleOfAReceipt(t *testing.T) {
	for title, o := range map[string]Order{"BIÊN LAI THU TIỀN PHÍ": {Lines: both()[:1]}, "BIÊN LAI THU TIỀN LỆ PHÍ": {Lines: both()[1:]}} {
		if d := receiptData(o, Attempt{}, Notice{}, Issuer{}, now); d.Title != title || !d.PaidAt.Equal(now) {
			t.Errorf("%q %v", d.Title, d.PaidAt)
		}
	}
	if d := receiptData(Order{}, Attempt{}, Notice{}, Issuer{Title: "Biên lai"}, now); d.Title != "Biên lai" {
		t.Errorf("%q", d.Title)
	}
}

func TestReceiptFileIsKeptOnce(t *testing.T) {
	r := newRoom(t)
	a := r.start(r.open(both()))
	r.take(paid(a), Recorded)
	receipt, err := r.service.ReceiptOf(t.Context(), a.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.service.ReceiptFile(t.Context(), receipt.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("%v", err)
	}
	for i, name := range []string{"one", "two"} {
		kept, err := r.service.KeepReceiptFile(t.Context(), receipt.ID, blob.Info{Name: name, Size: 3, SHA256: []byte{1}})
		if err != nil || kept != (i == 0) {
			t.Errorf("%s: %v %v", name, kept, err)
		}
	}
	if name, err := r.service.ReceiptFile(t.Context(), receipt.ID); err != nil || name != "one" {
		t.Errorf("%s %v", name, err)
	}
}

func TestNumbersByAgencyTemplateAndSeries(t *testing.T) {
	r := newRoom(t)
	number := func() string {
		a := r.start(r.open(both()))
		r.take(paid(a), Recorded)
		got, err := r.service.ReceiptOf(t.Context(), a.OrderID)
		if err != nil {
			t.Fatal(err)
		}
		return got.Series + " " + got.Data.Number
	}
	got := []string{number(), number()}
	r.now = time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC) // midnight in Vietnam
	got = append(got, number())
	r.issuer.Series = "AB-26E"
	got = append(got, number())
	if want := []string{"AA-26E 0000001", "AA-26E 0000002", "AA-27E 0000001", "AB-26E 0000001"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	r.owner(`UPDATE receipt_counters SET last = 9999999 WHERE series = 'AB-26E'`)
	a := r.start(r.open(both()))
	if _, err := r.service.Take(t.Context(), paid(a)); !pg.Violates(err, "receipts_number") {
		t.Errorf("the eighth digit: %v", err)
	}
}
