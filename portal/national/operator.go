package national

import (
	"context"
	"fmt"
	"io"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/pg"
)

// mostTold is how many faults an operator is told on the screen.
const mostTold = 200

// Import reads a file at the machine and reports. Unless it is a dry run it is kept as the
// national list; nothing of it is in the catalogue by that.
func (s *Service) Import(ctx context.Context, name string, file []byte, dry bool, out io.Writer) error {
	about, all, err := s.apart(ctx, file)
	if err != nil {
		return err
	}
	wrong, told := 0, 0
	for _, r := range all {
		if r.Wrong() {
			wrong++
		}
		for _, f := range r.Faults {
			if told++; told <= mostTold {
				text, _ := f.Says.In(locales.EN)
				fmt.Fprintf(out, "%d\t%s\t%s\t%s\t%s\n", f.Line, f.At, f.Column, r.Code, text)
			}
		}
	}
	fmt.Fprintf(out, "%s %s: %d procedures, %d of them cannot be taken, %d faults and notes\n", about.Format, about.Encoding, len(all), wrong, told)
	if len(about.Unknown) > 0 {
		fmt.Fprintf(out, "not known: %q\n", about.Unknown)
	}
	if dry {
		return nil
	}
	var id string
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		id, _, err = s.insert(ctx, tx, 0, name, file)
		return err
	})
	if err != nil {
		return err
	}
	u, err := upload(ctx, s.DB, id)
	if err == nil && u.State == Reading {
		err = s.store(ctx, id, about, all)
	}
	if err != nil || u.State == Kept {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error { return s.keep(ctx, tx, 0, id, true) })
}
