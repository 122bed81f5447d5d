package payments

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/portal/blob"
	"motcua/portal/problem"
)

// KeepReceiptFile notes where a worker has put the drawn receipt. Of two that drew it at
// once the first is kept; the other is told false, and its bytes, the same, can go.
func (s *Service) KeepReceiptFile(ctx context.Context, receiptID string, f blob.Info) (kept bool, err error) {
	r, err := s.DB.ExecContext(ctx, `INSERT INTO receipt_files (receipt_id, blob, size, sha256) VALUES ($1, $2, $3, $4)
		ON CONFLICT (receipt_id) DO NOTHING`, receiptID, f.Name, f.Size, f.SHA256)
	if err != nil {
		return false, fmt.Errorf("file of receipt %s: %w", receiptID, err)
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// ReceiptFile is the blob of the drawn receipt; NotFound until it is drawn.
func (s *Service) ReceiptFile(ctx context.Context, receiptID string) (string, error) {
	var name string
	err := sqlx.GetContext(ctx, s.DB, &name, `SELECT blob FROM receipt_files WHERE receipt_id = $1`, receiptID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", problem.New(problem.NotFound, "payments.receipt.not_found")
	}
	if err != nil {
		return "", fmt.Errorf("file of receipt %s: %w", receiptID, err)
	}
	return name, nil
}
