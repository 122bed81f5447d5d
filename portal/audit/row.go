package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/jmoiron/sqlx"
)

// row is an audit row as it is hashed: times as microseconds and JSON as PostgreSQL prints
// jsonb, so that no setting of a session changes the hash.
type row struct {
	ID       int64  `db:"id"`
	At       int64  `db:"at"`
	Actor    string `db:"actor"`
	Deed     string `db:"deed"`
	Object   string `db:"object"`
	Subject  []byte `db:"subject"`
	AgencyID int64  `db:"agency_id"`
	Args     string `db:"args"`
	IP       string `db:"ip"`
	Request  string `db:"request"`
	XID      uint64 `db:"xid"`
}

// digestSize is the row's number and its hash.
const digestSize = 8 + sha256.Size

func (r row) digest() []byte {
	var b []byte
	for _, n := range []uint64{uint64(r.ID), uint64(r.At), uint64(r.AgencyID), r.XID} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	for _, s := range []string{r.Actor, r.Deed, r.Object, string(r.Subject), r.Args, r.IP, r.Request} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s))) // so that no letter can move from one to the next
		b = append(b, s...)
	}
	sum := sha256.Sum256(b)
	return append(binary.BigEndian.AppendUint64(nil, uint64(r.ID)), sum[:]...)
}

// eachRow reads the rows of a seal's stretch, in their order, up to the row number until.
// A stretch may be long: the rows are not gathered.
func eachRow(ctx context.Context, q sqlx.QueryerContext, s seal, until int64, fn func(row)) error {
	rows, err := q.QueryxContext(ctx, `
		SELECT id, (extract(epoch FROM at) * 1000000)::bigint AS at, actor, deed, object, subject,
		       coalesce(agency_id, 0) AS agency_id, args::text, ip, request, xid::text
		FROM audit
		WHERE xid >= $1::xid8 AND xid < $2::xid8 AND id > $3 AND id <= $4
		ORDER BY xid, id`, xid8(s.From), xid8(s.To), s.AfterID, until)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.StructScan(&r); err != nil {
			return err
		}
		fn(r)
	}
	return rows.Err()
}
