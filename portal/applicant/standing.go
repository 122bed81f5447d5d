package applicant

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// Deed is what a power lets a member do.
type Deed string

// The deeds.
const (
	See  Deed = "see"
	File Deed = "file" // begin, fill, file, supplement, withdraw
	Sign Deed = "sign"
	Pay  Deed = "pay"
)

// Owned is what a draft or a dossier says of as whom it was made.
type Owned struct {
	PersonID  int64 // who made it
	Kind      Kind
	TaxCode   string
	GrantID   int64
	Procedure string
}

// Standing is one right of a person over what is not their own.
type Standing struct {
	TaxCode   string `db:"tax_code"` // of the business; empty for an authorisation
	Business  string `db:"business"`
	GrantID   int64  `db:"power_id"` // 0: the legal representative's own right
	Procedure string `db:"procedure_code"`
	See       bool   `db:"may_see"`
	File      bool   `db:"may_file"`
	Sign      bool   `db:"may_sign"`
	Pay       bool   `db:"may_pay"`
}

// Lets says whether the standing covers the deed in the procedure.
func (s Standing) Lets(deed Deed, procedure string) bool {
	if s.Procedure != "" && s.Procedure != procedure {
		return false
	}
	switch deed {
	case See:
		return s.See
	case File:
		return s.File
	case Sign:
		return s.Sign
	case Pay:
		return s.Pay
	}
	return false
}

// Standings are all rights of a person at one instant.
type Standings struct {
	Person    int64
	All       []Standing
	GivenAway []int64 // authorisations that they gave: what came of them is theirs
}

// May says whether the person may do the deed to what is owned like this, and by which
// power or authorisation; their own right comes first.
func (st Standings) May(o Owned, deed Deed) (grant int64, may bool) {
	if st.Person == 0 {
		return 0, false
	}
	if o.Kind != ForFirm && (o.Kind != Authorised || o.GrantID == 0) {
		return 0, st.Person == o.PersonID
	}
	if o.Kind == Authorised {
		for _, id := range st.GivenAway {
			if id == o.GrantID {
				return 0, true
			}
		}
	}
	for _, s := range st.All { // in the order of their grants
		match := s.TaxCode == o.TaxCode && (o.Kind == ForFirm || s.GrantID == o.GrantID)
		if match && s.Lets(deed, o.Procedure) {
			return s.GrantID, true
		}
	}
	return 0, false
}

// StandingsOf reads the rights of a person now; q may be a transaction.
func (s *Service) StandingsOf(ctx context.Context, q sqlx.QueryerContext, personID int64) (Standings, error) {
	var rows []struct {
		Standing
		Given bool `db:"given"`
	}
	err := sqlx.SelectContext(ctx, q, &rows, `
		SELECT tax_code, business, power_id, procedure_code, may_see, may_file, may_sign, may_pay, false AS given FROM standings($2) WHERE person_id = $1
		UNION ALL
		SELECT '', '', id, procedure_code, true, true, true, true, false FROM authorised($2) WHERE taker_id = $1
		UNION ALL
		SELECT '', '', id, '', true, true, true, true, true FROM authorisations WHERE giver_id = $1 AND given_at IS NOT NULL
		ORDER BY given, power_id, tax_code`, personID, s.now())
	if err != nil {
		return Standings{}, fmt.Errorf("standings: %w", err)
	}
	st := Standings{Person: personID}
	for _, r := range rows {
		if r.Given {
			st.GivenAway = append(st.GivenAway, r.GrantID)
		} else {
			st.All = append(st.All, r.Standing)
		}
	}
	return st, nil
}

// Hold is asked in the transaction of a deed: it keeps what the person's right rests on as
// it is until the transaction ends, so that a revocation comes wholly before the deed or
// wholly after it. It says by which power or authorisation the deed is done.
func (s *Service) Hold(ctx context.Context, tx *sqlx.Tx, personID int64, o Owned, deed Deed) (int64, error) {
	var err error
	switch {
	case o.Kind == ForFirm:
		_, err = tx.ExecContext(ctx, `SELECT FROM representations WHERE tax_code = $1 AND ended_at IS NULL ORDER BY person_id FOR SHARE`, o.TaxCode)
		if err == nil {
			_, err = tx.ExecContext(ctx, `SELECT FROM powers WHERE tax_code = $1 AND member_id = $2 AND accepted_at IS NOT NULL
				AND revoked_at IS NULL AND left_at IS NULL ORDER BY id FOR SHARE`, o.TaxCode, personID)
		}
	case o.Kind == Authorised && o.GrantID > 0:
		_, err = tx.ExecContext(ctx, `SELECT FROM authorisations WHERE id = $1 FOR SHARE`, o.GrantID)
	}
	if err != nil {
		return 0, fmt.Errorf("hold a standing: %w", err)
	}
	st, err := s.StandingsOf(ctx, tx, personID) // a statement of its own: it sees what the locks waited for
	if err != nil {
		return 0, err
	}
	grant, may := st.May(o, deed)
	if !may {
		return 0, noStanding()
	}
	return grant, nil
}
