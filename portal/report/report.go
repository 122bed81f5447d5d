// Package report counts: how many dossiers came in, how many were settled in time, by
// agency, for everybody to see.
package report

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
)

// Least is the smallest group that is shown: below it a figure would tell about a person.
const Least = 5

// Figures are what a period comes to. Settled dossiers are those decided or refused in it;
// in time are those decided by their due date, compared by day as agencies report it.
type Figures struct {
	Received int `db:"received"` // filed in the period
	Settled  int `db:"settled"`
	InTime   int `db:"in_time"`
	Online   int `db:"online"` // of the received
	Owing    int `db:"owing"`  // of the received, with a fee
	Paid     int `db:"paid"`   // of those, paid online
	Rated    int `db:"rated"`
	Content  int `db:"content"` // of the rated, content or very content
	Papers   int `db:"papers"`  // components that were filed in the period
	Reused   int `db:"reused"`  // of those, known already
}

// Share is a part of a whole in percent, -1 where there is no whole.
func Share(part, whole int) int {
	if whole == 0 {
		return -1
	}
	return (part*200 + whole) / (2 * whole)
}

// OfAgency are an agency's figures.
type OfAgency struct {
	Name locales.Text
	Figures
}

// Report is a month of the province.
type Report struct {
	Month    time.Time // its first day
	Updated  time.Time
	All      Figures
	Agencies []OfAgency // those with at least Least dossiers
	Hidden   int        // agencies left out
}

// Service counts.
type Service struct {
	DB     *sqlx.DB
	Agency *agency.Service
	Now    func() time.Time
}

// Month counts the month that day lies in. Months are Vietnam's.
func (s *Service) Month(ctx context.Context, day time.Time) (Report, error) {
	y, m, _ := day.In(locales.ICT).Date()
	from := time.Date(y, m, 1, 0, 0, 0, 0, locales.ICT)
	r := Report{Month: from, Updated: s.Now()}
	var rows []struct {
		AgencyID int64 `db:"agency_id"`
		Figures
	}
	err := s.DB.SelectContext(ctx, &rows, `
		SELECT d.agency_id,
			count(*) FILTER (WHERE d.filed_at >= $1 AND d.filed_at < $2) AS received,
			count(*) FILTER (WHERE d.decided_at >= $1 AND d.decided_at < $2 OR d.state = 'refused' AND d.closed_at >= $1 AND d.closed_at < $2) AS settled,
			count(*) FILTER (WHERE d.decided_at >= $1 AND d.decided_at < $2 AND d.decided_at::date <= d.due_at::date
				OR d.state = 'refused' AND d.closed_at >= $1 AND d.closed_at < $2 AND d.closed_at <= d.answer_by) AS in_time,
			count(*) FILTER (WHERE d.filed_at >= $1 AND d.filed_at < $2 AND d.channel = 'online') AS online,
			count(*) FILTER (WHERE d.filed_at >= $1 AND d.filed_at < $2 AND d.money <> 'none') AS owing,
			count(*) FILTER (WHERE d.filed_at >= $1 AND d.filed_at < $2 AND d.money = 'paid') AS paid,
			count(r.score) FILTER (WHERE r.at >= $1 AND r.at < $2) AS rated,
			count(r.score) FILTER (WHERE r.at >= $1 AND r.at < $2 AND r.score >= 4) AS content
		FROM dossiers d LEFT JOIN ratings r ON r.dossier_id = d.id
		WHERE d.filed_at < $2 AND (d.closed_at IS NULL OR d.closed_at >= $1)
		GROUP BY d.agency_id ORDER BY received DESC, d.agency_id`, from, from.AddDate(0, 1, 0))
	if err != nil {
		return Report{}, fmt.Errorf("figures of %s: %w", from.Format("2006-01"), err)
	}
	if err := s.papers(ctx, &r.All, from); err != nil {
		return Report{}, err
	}
	for _, row := range rows {
		r.All.add(row.Figures)
		if row.Received < Least {
			r.Hidden++
			continue
		}
		a, err := s.Agency.ByID(ctx, row.AgencyID)
		if err != nil {
			return Report{}, err
		}
		r.Agencies = append(r.Agencies, OfAgency{a.Name, row.Figures})
	}
	return r, nil
}

// papers counts the components that were filed in a month, and those that nobody had to
// upload again. A reused paper counts when it is filed, not when it is chosen.
func (s *Service) papers(ctx context.Context, all *Figures, from time.Time) error {
	err := s.DB.GetContext(ctx, all, `SELECT count(*) AS papers, count(*) FILTER (WHERE known) AS reused FROM (
			SELECT bool_and(vault_id IS NOT NULL) AS known FROM attachments WHERE at >= $1 AND at < $2 GROUP BY dossier_id, filing, component) c`,
		from, from.AddDate(0, 1, 0))
	if err != nil {
		return fmt.Errorf("papers of %s: %w", from.Format("2006-01"), err)
	}
	return nil
}

func (f *Figures) add(g Figures) {
	f.Received += g.Received
	f.Settled += g.Settled
	f.InTime += g.InTime
	f.Online += g.Online
	f.Owing += g.Owing
	f.Paid += g.Paid
	f.Rated += g.Rated
	f.Content += g.Content
}

// Few says whether there is too little to show at all.
func (r Report) Few() bool { return r.All.Received < Least }
