package dossier

import (
	"context"

	"motcua/portal/signin"
)

// MineOf are the dossiers that the person may see: of one business by its tax code, or all,
// latest first.
func (s *Service) MineOf(ctx context.Context, p signin.Person, taxCode string) ([]Dossier, error) {
	return s.Query(ctx, s.DB, Select+`WHERE d.id IN (
			SELECT id FROM dossiers WHERE person_id = $1 AND tax_code = '' AND (capacity <> 'authorised' OR grant_id = 0) AND $3 = ''
			UNION SELECT m.id FROM standings($2) s JOIN dossiers m ON m.tax_code = s.tax_code AND s.procedure_code IN ('', m.procedure_code)
				WHERE s.person_id = $1 AND s.tax_code <> '' AND $3 IN ('', s.tax_code)
			UNION SELECT m.id FROM authorised($2) a JOIN dossiers m ON m.grant_id = a.id AND m.capacity = 'authorised' AND a.procedure_code IN ('', m.procedure_code)
				WHERE a.taker_id = $1 AND $3 = ''
			UNION SELECT m.id FROM authorisations a JOIN dossiers m ON m.grant_id = a.id AND m.capacity = 'authorised' WHERE a.giver_id = $1 AND $3 = '')
		ORDER BY d.filed_at DESC LIMIT 100`, p.ID, s.Now(), taxCode)
}

// procedure is the code of what was filed.
func (d Dossier) procedure() string {
	if d.Revision == nil {
		return ""
	}
	return d.Revision.Code
}
