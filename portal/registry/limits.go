package registry

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/queue"
)

// The limits of asking. All instances count together, in the database.
const (
	perPersonDay  = 60     // look-ups of one account
	othersDay     = 5      // other people whom one account asks about
	foreignTries  = 3      // numbers of people who are none of theirs, and the account is locked
	perOfficerDay = 200    // look-ups of one officer
	perHour       = 20_000 // of everybody in one register: five times the busiest hour there is
	oneDay        = 24 * time.Hour
)

// AlarmKind is the task that an alarm leaves for the administrators.
const AlarmKind = "registry.alarm"

func limited(err error) bool { return errors.Is(err, errLimit) }

// allowed counts a question, and says when it is one too many.
func (p *page) allowed(ctx context.Context, l look) error {
	a := p.asking
	switch {
	case a.Officer != 0:
		if err := p.daily(ctx, "registry.officer", strconv.FormatInt(a.Officer, 10), perOfficerDay); err != nil {
			return err
		}
	case a.Person.ID == 0:
		return fmt.Errorf("%w: nobody asks", ErrRefused)
	case !a.System:
		if err := p.personMay(ctx, l); err != nil {
			return err
		}
	}
	register := RegisterOf(l.source)
	ok, err := pg.Allow(ctx, p.DB, "registry.all", register, perHour, time.Hour, p.Now())
	if err != nil {
		return err
	}
	if !ok {
		p.alarm(ctx, "global", register, time.Hour)
		return fmt.Errorf("%w: all people together", errLimit)
	}
	return nil
}

func (p *page) daily(ctx context.Context, name, key string, max int) error {
	ok, err := pg.Allow(ctx, p.DB, name, key, max, oneDay, p.Now())
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%w: %s", errLimit, name)
	}
	return nil
}

func (p *page) personMay(ctx context.Context, l look) error {
	key := strconv.FormatInt(p.asking.Person.ID, 10)
	locked, err := p.Locked(ctx, p.asking.Person.ID)
	if err != nil {
		return err
	}
	if locked {
		return fmt.Errorf("%w: locked after tries with others' numbers", errLimit)
	}
	if err := p.daily(ctx, "registry.person", key, perPersonDay); err != nil || !l.other {
		return err
	}
	ok, err := pg.AllowDistinct(ctx, p.DB, "registry.other", key, p.hash(l.number), othersDay, oneDay, p.Now())
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%w: other people", errLimit)
	}
	return nil
}

func (s *Service) hash(number string) string { return hex.EncodeToString(s.Key.Hash(number)) }

// Locked says whether an account has tried others' numbers too often within a day.
func (s *Service) Locked(ctx context.Context, personID int64) (bool, error) {
	var locked bool
	err := s.DB.GetContext(ctx, &locked, `SELECT EXISTS (SELECT FROM limits WHERE name = 'registry.lock' AND key = $1 AND start > $2)`,
		strconv.FormatInt(personID, 10), s.Now().Add(-oneDay))
	if err != nil {
		return false, fmt.Errorf("look for a lock: %w", err)
	}
	return locked, nil
}

// foreign counts a number that no register names as one of the person's. The third one
// locks the account's look-ups for a day. The same number again is the same try.
func (p *page) foreign(ctx context.Context, number string) error {
	a := p.asking
	refused := fmt.Errorf("%w: no register names them as the person's", ErrRefused)
	if a.Officer != 0 || a.System {
		return refused
	}
	key := strconv.FormatInt(a.Person.ID, 10)
	ok, err := pg.AllowDistinct(ctx, p.DB, "registry.foreign", key, p.hash(number), foreignTries-1, oneDay, p.Now())
	if err != nil {
		return err
	}
	if ok {
		return refused
	}
	if _, err := pg.Allow(ctx, p.DB, "registry.lock", key, 1, oneDay, p.Now()); err != nil {
		return err
	}
	p.alarm(ctx, "foreign", "person:"+key, oneDay)
	return refused
}

// alarm tells once a window: the log, the audit, and a task on the administrators' page. It
// stops nothing itself.
func (p *page) alarm(ctx context.Context, kind, whom string, window time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	first, err := pg.Allow(ctx, p.DB, AlarmKind, kind+":"+whom, 1, window, p.Now())
	if err == nil && first {
		p.log().Error("registry look-ups look like a harvest", "kind", kind, "of", whom, "object", p.asking.Object)
		err = pg.InTx(ctx, p.DB, func(tx *sqlx.Tx) error {
			if err := queue.Raise(ctx, tx, AlarmKind, kind+":"+whom, "look-ups of shared registers over the limit", p.Now()); err != nil {
				return err
			}
			return audit.Write(ctx, tx, audit.Entry{Actor: p.asking.by(), Deed: AlarmKind, Object: whom,
				Args: map[string]any{"kind": kind, "object": p.asking.Object, "procedure": p.asking.Procedure}})
		})
	}
	if err != nil {
		p.log().Error("registry alarm not kept", "kind", kind, "of", whom, "err", err)
	}
}
