package dossier

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"motcua/locales"
	"motcua/payments"
	"motcua/portal/paper"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/signin"
)

// Receipt is a receipt of the person's dossier as PDF.
func (s *Service) Receipt(ctx context.Context, p signin.Person, id string) (payments.Receipt, []byte, error) {
	r, err := s.Payments.Receipt(ctx, id)
	if err != nil {
		return payments.Receipt{}, nil, err
	}
	subject, ok := strings.CutPrefix(r.Subject, "dossier:")
	if !ok {
		return payments.Receipt{}, nil, notFound()
	}
	if _, err := s.own(ctx, p, subject, See); err != nil {
		return payments.Receipt{}, nil, problem.New(problem.NotFound, "payments.receipt.not_found")
	}
	pdf, err := s.receiptBytes(ctx, r)
	return r, pdf, err
}

// drawReceipt is the worker's part, queued when the dossier learns that it is paid.
func (s *Service) drawReceipt(ctx context.Context, j queue.Job) error {
	r, err := s.Payments.ReceiptOf(ctx, j.Subject)
	if err != nil {
		return err
	}
	_, err = s.receiptBytes(ctx, r)
	return err
}

// receiptBytes are a receipt's bytes: the ones kept, or those drawn now from the row, which
// never changes, and kept.
func (s *Service) receiptBytes(ctx context.Context, r payments.Receipt) ([]byte, error) {
	if name, err := s.Payments.ReceiptFile(ctx, r.ID); err == nil {
		body, _, err := s.Blobs.Open(name)
		if err != nil {
			return nil, fmt.Errorf("receipt %s: %w", r.ID, err)
		}
		defer body.Close()
		return io.ReadAll(body)
	} else if !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	var b bytes.Buffer
	if err := paper.Receipt(&b, s.receiptData(r)); err != nil {
		return nil, fmt.Errorf("draw receipt %s: %w", r.ID, err)
	}
	stored, err := s.Blobs.Put(ctx, bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		return nil, fmt.Errorf("keep receipt %s: %w", r.ID, err)
	}
	kept, err := s.Payments.KeepReceiptFile(ctx, r.ID, stored)
	if err == nil && !kept { // somebody else drew it meanwhile: the same bytes
		err = s.Blobs.Remove(stored.Name)
	}
	return b.Bytes(), err
}

// receiptData is what the paper says, from what the books say.
func (s *Service) receiptData(r payments.Receipt) paper.ReceiptData {
	number, _ := strconv.Atoi(r.Data.Number)
	d := paper.ReceiptData{Name: r.Data.Title, Template: r.Template, Symbol: r.Series, Number: number, Agency: r.Data.Issuer.Name,
		TaxCode: r.Data.Issuer.TaxCode, AgencyAddress: r.Data.Issuer.Address, At: r.Data.IssuedAt, Payer: r.Data.Payer.Name,
		PayerAddress: r.Data.Payer.Address, Code: r.Data.Dossier, Total: r.Data.Total, Words: r.Data.Words, Method: r.Data.Way,
		Reference: r.Data.No, PaidAt: r.Data.PaidAt, Lookup: r.Lookup, Verify: s.checking(r.Lookup)}
	if len(strings.ReplaceAll(r.Data.Payer.Number, "-", "")) == 12 {
		d.PayerNumber = r.Data.Payer.Number
	} else {
		d.PayerTaxCode = r.Data.Payer.Number
	}
	for _, l := range r.Data.Lines {
		d.Lines = append(d.Lines, paper.ReceiptLine{Kind: l.Kind, Name: l.Name, Unit: l.Unit, Quantity: l.Quantity, Amount: l.Amount, Note: l.Exempt})
	}
	return d
}

// VerifyReceipt says whether there is a receipt with that code.
func (s *Service) VerifyReceipt(ctx context.Context, lookup string) (Verified, error) {
	r, err := s.Payments.ReceiptByLookup(ctx, lookup)
	if err != nil {
		return Verified{}, err
	}
	return Verified{Kind: "receipt", Number: r.Series + " " + r.Data.Number, Code: r.Data.Dossier, Agency: locales.V(r.Data.Issuer.Name), At: r.At}, nil
}
