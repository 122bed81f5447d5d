package national

import (
	"context"
	"io"

	"motcua/portal/agency"
	"motcua/portal/catalogue"
)

// Export writes the catalogue in force in one of Formats.
func (s *Service) Export(ctx context.Context, by agency.Officer, format string, w io.Writer) error {
	if err := catalogue.MayEdit(by); err != nil {
		return err
	}
	all, err := s.Catalogue.All(ctx)
	if err != nil {
		return err
	}
	lists, err := s.lists(ctx)
	if err != nil {
		return err
	}
	sheets := make([]catalogue.Sheet, len(all))
	for i, r := range all {
		sheets[i] = r.Sheet
	}
	return Write(w, format, sheets, lists)
}
