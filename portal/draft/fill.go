package draft

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/registry"
	"motcua/portal/signin"
)

// Prefill asks each source that the form needs and that has not answered yet or whose answer
// is old, and keeps the facts with the draft. What cannot be asked stays to be filled by
// hand.
func (s *Service) Prefill(ctx context.Context, p signin.Person, id string) error {
	return s.prefill(ctx, p, id, Draft.wanting)
}

// Refresh is Prefill when a draft is opened or about to be filed: what has failed a moment
// ago is let alone.
func (s *Service) Refresh(ctx context.Context, p signin.Person, id string) error {
	return s.prefill(ctx, p, id, Draft.Due)
}

func (s *Service) prefill(ctx context.Context, p signin.Person, id string, which func(Draft, time.Time) []string) error {
	d, err := s.Load(ctx, p, id)
	if err != nil {
		return err
	}
	sources := which(d, s.Now())
	if len(sources) == 0 {
		return nil
	}
	answers, err := s.ask(ctx, p, d, sources)
	if err != nil {
		return err
	}
	return s.keepFacts(ctx, p, d, answers)
}

// ask puts a question to each source, all at once; what may not be asked is refused here,
// and what the person has not agreed to is let alone.
func (s *Service) ask(ctx context.Context, p signin.Person, d Draft, sources []string) ([]registry.Answer, error) {
	withheld, err := s.withheld(ctx, d, sources)
	if err != nil {
		return nil, err
	}
	p = d.Whose(p)
	asking := registry.Asking{Person: p, Object: "draft:" + d.ID, Procedure: d.Revision.Code}
	if h := d.Help; h != nil { // about the person they help, and in the officer's name
		asking.Officer, asking.OfficerName, asking.AgencyID = h.Officer, h.Name, h.AgencyID
	}
	var questions []registry.Question
	var answers []registry.Answer
	for _, source := range sources {
		if withheld[source] {
			answers = append(answers, registry.Answer{Source: source, Outcome: registry.Declined, At: s.Now()})
			continue
		}
		if q, may := s.question(ctx, p, d, source); may {
			questions = append(questions, q)
		} else {
			answers = append(answers, registry.Answer{Source: source, Outcome: registry.Refused, At: s.Now()})
		}
	}
	return append(answers, s.Registry.Ask(ctx, asking, questions)...), nil
}

// question is what is asked of a source for a draft while it is filled: only in a capacity
// that the person still has.
func (s *Service) question(ctx context.Context, p signin.Person, d Draft, source string) (registry.Question, bool) {
	if source == registry.PopulationSubject || source == registry.BusinessActing {
		if s.Applicant.May(ctx, p, d.Capacity, applicant.File, d.Revision.Code) != nil {
			return registry.Question{}, false
		}
	}
	return d.Question(source)
}

// Question is what is asked of a source for the draft: about the person themself, and about
// whom they file for. Nothing in it comes from a page: a ward counts only if a register
// names them as the person's, who gave an authorisation only if they gave it online.
func (d Draft) Question(source string) (registry.Question, bool) {
	switch c := d.Capacity; source {
	case registry.PopulationSelf:
		return registry.Self(), true
	case registry.PopulationSpouse:
		return registry.Spouse(), true
	case registry.CivilMarriage:
		return registry.OwnMarriage(), true
	case registry.LandOwn:
		return registry.OwnLand(), true
	case registry.LicenceOwn:
		return registry.OwnLicence(), true
	case registry.BusinessActing:
		return registry.Acting(d.TaxCode, c.Legal), d.TaxCode != ""
	case registry.PopulationSubject:
		if c.Kind == applicant.Authorised {
			return registry.Giver(c.Number, c.Name), c.GrantID != 0 && c.Verified
		}
		return registry.Ward(c.Number), c.Kind == applicant.Ward
	}
	return registry.Question{}, false
}

func (s *Service) keepFacts(ctx context.Context, p signin.Person, known Draft, answers []registry.Answer) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		d, err := s.Lock(ctx, tx, p, known)
		if err != nil || d.FiledAt != nil {
			return err
		}
		changed := 0
		for _, a := range answers {
			if d.take(a) {
				changed = 1 // a page that shows other values is another page
			}
		}
		sealed, err := SealFacts(d.Facts)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE drafts SET facts = $1, sources = $2, version = version + $3 WHERE id = $4`,
			sealed, pg.JSON(d.Sources), changed, d.ID)
		if err != nil {
			return fmt.Errorf("keep facts of draft %s: %w", d.ID, err)
		}
		return nil
	})
}

// SealFacts writes facts through the seam that will encrypt them.
func SealFacts(facts []eforms.Fact) (pg.Sealed, error) {
	b, err := json.Marshal(facts)
	if err != nil {
		return "", fmt.Errorf("seal facts: %w", err)
	}
	return pg.Sealed(b), nil
}

// OpenFacts reads what SealFacts wrote.
func OpenFacts(sealed pg.Sealed) ([]eforms.Fact, error) {
	var facts []eforms.Fact
	if sealed == "" {
		return nil, nil
	}
	return facts, json.Unmarshal([]byte(sealed), &facts)
}

// Lists are the choices that the portal gives a form: the agencies that take the
// procedure, and the administrative units of today.
func (s *Service) Lists(ctx context.Context, rev *catalogue.Revision) (map[string][]eforms.Option, error) {
	today := s.Now().In(locales.ICT)
	agencies, err := s.Agency.All(ctx, today)
	if err != nil {
		return nil, err
	}
	lists := map[string][]eforms.Option{}
	for _, a := range agencies {
		if rev.Sheet.TakenBy(a) {
			lists["agencies"] = append(lists["agencies"], eforms.Option{Value: a.Code, Label: a.Name})
		}
	}
	units, err := s.unitLists(ctx, today)
	if err != nil {
		return nil, err
	}
	lists[eforms.Provinces], lists[eforms.Communes], lists[eforms.OldUnits] = units.provinces, units.communes, units.old
	return lists, nil
}
