package payments

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/portal/problem"
)

// File is where the drawn bytes of a receipt lie.
type File struct {
	Blob   string
	Size   int64
	SHA256 []byte
}

// KeepFile notes where a worker has put the drawn receipt. The first note stays: of two
// workers the later one's bytes are the same and its blob is swept away.
func (s *Service) KeepFile(ctx context.Context, receiptID string, f File) (File, error) {
	_, err := s.DB.ExecContext(ctx, `INSERT INTO receipt_files (receipt_id, blob, size, sha256) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		receiptID, f.Blob, f.Size, f.SHA256)
	if err != nil {
		return File{}, fmt.Errorf("file of receipt %s: %w", receiptID, err)
	}
	return s.FileOf(ctx, receiptID)
}

// FileOf is where the drawn receipt lies; NotFound until it is drawn.
func (s *Service) FileOf(ctx context.Context, receiptID string) (File, error) {
	var f File
	err := sqlx.GetContext(ctx, s.DB, &f, `SELECT blob, size, sha256 FROM receipt_files WHERE receipt_id = $1`, receiptID)
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, problem.New(problem.NotFound, "payments.receipt.not_found")
	}
	if err != nil {
		return File{}, fmt.Errorf("file of receipt %s: %w", receiptID, err)
	}
	return f, nil
}
