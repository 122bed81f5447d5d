package applicant

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/notification"
	"motcua/portal/pg"
	"motcua/portal/queue"
)

// told says which notice the others get of what happened to a power or an authorisation.
// What is done by it stands in the history and is told with the dossier.
var told = map[string]string{
	"invited": "standing_asked", "asked": "standing_asked", "offered": "standing_asked", "changed": "standing_asked",
	"accepted": "standing_begun", "given": "standing_begun",
	"declined": "standing_over", "revoked": "standing_over", "left": "standing_over",
}

const tellKind = "standing.tell"

// word is for who else stands on the power or the authorisation.
type word struct {
	Kind          string    `json:"kind"` // of the notice
	Power         int64     `json:"power,omitempty"`
	Authorisation int64     `json:"authorisation,omitempty"`
	Actor         int64     `json:"actor"`
	At            time.Time `json:"at"`
}

func (e event) tell(ctx context.Context, tx *sqlx.Tx, of string, actor int64, at time.Time) error {
	kind, ok := told[e.Kind]
	if !ok {
		return nil
	}
	return queue.Put(ctx, tx, tellKind, fmt.Sprintf("%s:%s:%d", of, e.Kind, at.UnixNano()), at,
		word{Kind: kind, Power: e.Power, Authorisation: e.Authorisation, Actor: actor, At: at})
}

// Handlers are this room's kinds of work.
func (s *Service) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{tellKind: s.tell}
}

// others are the people of a power ($1) or an authorisation ($2) but who did it ($3).
const others = `SELECT p.id, coalesce(nullif(p.own_email, ''), p.email) AS email, p.lang FROM persons p WHERE p.id <> $3 AND (
	p.id = (SELECT giver_id FROM powers WHERE id = $1) OR p.id_hash = (SELECT member_hash FROM powers WHERE id = $1) OR
	p.id_hash IN (SELECT unnest(ARRAY[giver_hash, taker_hash]) FROM authorisations WHERE id = $2))`

// tell gives word to the other side. Who has no account yet reads it at their first sign-in.
func (s *Service) tell(ctx context.Context, j queue.Job) error {
	var w word
	if err := json.Unmarshal(j.Body, &w); err != nil {
		return fmt.Errorf("word of a power: %w", err)
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		var all []struct {
			ID    int64
			Email string
			Lang  string
		}
		if err := tx.SelectContext(ctx, &all, others, w.Power, w.Authorisation, w.Actor); err != nil {
			return fmt.Errorf("%s: %w", j.Subject, err)
		}
		for _, p := range all { // one, or two when another representative did it
			lang, _ := locales.ParseLang(p.Lang)
			err := s.Notices.Tell(ctx, tx, notification.Notice{Person: p.ID, EventKey: fmt.Sprintf("%s:%d", j.Subject, p.ID), Kind: w.Kind, Email: p.Email, Lang: lang,
				Link: "/tai-khoan/uy-quyen", Args: []locales.Arg{locales.S("code", reference(w.Power, w.Authorisation)), locales.S("at", locales.FormatTime(w.At))}})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// reference is how letters and pages call a power or an authorisation.
func reference(power, authorisation int64) string {
	if power != 0 {
		return fmt.Sprintf("DN-%d", power)
	}
	return fmt.Sprintf("UQ-%d", authorisation)
}

// Reference is how letters and pages call the power.
func (p Power) Reference() string { return reference(p.ID, 0) }

// Reference is how letters and pages call the authorisation.
func (m Authorisation) Reference() string { return reference(0, m.ID) }
