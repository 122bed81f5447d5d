package portal

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/pg"
	"motcua/portal/review"
)

// approved lets two officers who had no part in it send and approve a version of an edit.
func (h *house) approved(kind, at, version string) {
	h.t.Helper()
	var ids []int64
	h.must(h.DB.Select(&ids, `SELECT id FROM officers WHERE NOT id IN (SELECT officer_id FROM form_versions) ORDER BY id LIMIT 2`))
	of := review.Subject{Kind: kind, ID: at[strings.LastIndex(at, "/")+1:]}
	no, err := strconv.Atoi(version)
	h.must(err)
	as := func(i int) agency.Officer {
		return agency.Officer{ID: ids[i], Roles: []agency.Role{{Role: agency.Editor}}}
	}
	h.must(pg.InTx(h.t.Context(), h.DB, func(tx *sqlx.Tx) error {
		if err := review.Send(h.t.Context(), tx, as(0), review.Sending{Subject: of, Version: no}, h.Editorial.Now()); err != nil {
			return err
		}
		return review.Decide(h.t.Context(), tx, as(1), of, no, true, "", h.Editorial.Now())
	}))
}

// bulk is a batch with an edit of one procedure.
func (h *house) bulk(by catalogue.Editing, code string) string {
	h.t.Helper()
	newest, err := h.Catalogue.Newest(h.t.Context(), h.DB, code)
	h.must(err)
	var sheet catalogue.Sheet
	h.must(json.Unmarshal(newest[code].Parts["sheet"], &sheet))
	sheet.Name.VI += " (thử)"
	raw, err := json.Marshal(sheet)
	h.must(err)
	var b editorial.Batch
	h.must(pg.InTx(h.t.Context(), h.DB, func(tx *sqlx.Tx) error {
		var err error
		b, _, err = h.Editorial.OpenBatch(h.t.Context(), tx, by, editorial.Bulk, "Thử", []editorial.BatchEdit{{Code: code, Parts: editorial.Parts{"sheet": raw}}})
		return err
	}))
	return b.ID
}
