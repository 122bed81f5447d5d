package content

import (
	"context"
	"fmt"
	"slices"
	"time"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
)

// askEach is how often the fingerprint is compared.
const askEach = time.Second

// held is what was published when the database was last asked.
type held struct {
	print string
	rows  []row // the newest of each text and those that wait
	asked time.Time
	view  *view
}

// view is what is shown at one time.
type view struct {
	edition string
	items   []*Item
	next    time.Time // when another one's time comes; zero: nothing waits
}

const fingerprint = `SELECT concat_ws('/', (SELECT coalesce(max(id), 0) FROM content_revisions), (SELECT count(*) FROM content_revisions),
	(SELECT count(*) FROM content_withdrawals))`

// published are the revisions that are shown or will be: of each text the highest number
// whose time has come, and what waits.
const published = `
	SELECT r.id, c.kind, c.slug, r.no, r.doc::text AS doc, r.in_force_from, w.at AS withdrawn,
		(SELECT min(f.in_force_from) FROM content_revisions f WHERE f.content_id = r.content_id) AS first
	FROM content_revisions r JOIN contents c ON c.id = r.content_id LEFT JOIN content_withdrawals w ON w.revision_id = r.id
	WHERE (w.at IS NULL OR w.at >= r.in_force_from) AND (r.in_force_from > $1 OR NOT EXISTS (
		SELECT FROM content_revisions n LEFT JOIN content_withdrawals x ON x.revision_id = n.id
		WHERE n.content_id = r.content_id AND n.no > r.no AND n.in_force_from <= $1 AND (x.at IS NULL OR x.at >= n.in_force_from)))
	ORDER BY c.kind, c.slug, r.no`

// fresh is what is shown now. The database is asked at most each second, by one caller; the
// others go on with what is held.
func (s *Service) fresh(ctx context.Context) (*view, error) {
	now := s.Now().Truncate(time.Microsecond)
	h := s.held.Load()
	if h == nil {
		s.asking.Lock()
		defer s.asking.Unlock()
		if s.held.Load() == nil {
			if err := s.ask(ctx, now); err != nil {
				return nil, err
			}
		}
		return s.at(now)
	}
	if age := now.Sub(h.asked); (age < 0 || age >= askEach) && s.asking.TryLock() {
		err := s.ask(ctx, now)
		s.asking.Unlock()
		if err != nil && s.Log != nil {
			s.Log.Error("content not renewed", "err", err)
		}
	}
	return s.at(now)
}

// ask compares the fingerprint and reads anew when it differs.
func (s *Service) ask(ctx context.Context, now time.Time) error {
	next := &held{asked: now}
	if err := s.DB.GetContext(ctx, &next.print, fingerprint); err != nil {
		return fmt.Errorf("content's fingerprint: %w", err)
	}
	if h := s.held.Load(); h != nil && h.print == next.print {
		next.rows, next.view = h.rows, h.view
		s.held.Store(next)
		return nil
	}
	if err := s.DB.SelectContext(ctx, &next.rows, published, now); err != nil {
		return fmt.Errorf("read content: %w", err)
	}
	s.held.Store(next)
	return nil
}

// renew reads what was changed here.
func (s *Service) renew(ctx context.Context) {
	s.asking.Lock()
	defer s.asking.Unlock()
	if err := s.ask(ctx, s.Now().Truncate(time.Microsecond)); err != nil {
		s.held.Store(nil) // it is there: the next question reads it
	}
}

// at is the view of what is held at an instant.
func (s *Service) at(now time.Time) (*view, error) {
	h := s.held.Load()
	if v := h.view; v != nil && (v.next.IsZero() || now.Before(v.next)) {
		return v, nil
	}
	v, err := viewOf(h.rows, now)
	if err != nil {
		return nil, err
	}
	v.edition = fmt.Sprintf("%s/%d", h.print, len(v.items))
	if !v.next.IsZero() {
		v.edition += "/" + v.next.UTC().Format(time.RFC3339Nano)
	}
	s.held.CompareAndSwap(h, &held{h.print, h.rows, h.asked, v}) // lost to a reading, which the next caller sees
	return v, nil
}

// viewOf picks what is shown at an instant.
func viewOf(rows []row, now time.Time) (*view, error) {
	v := &view{}
	for i, r := range rows {
		if r.From.After(now) {
			if v.next.IsZero() || r.From.Before(v.next) {
				v.next = r.From
			}
			continue
		}
		newer := func(n row) bool { return n.Kind == r.Kind && n.Slug == r.Slug && n.No > r.No && n.counts(now) }
		if !r.counts(now) || r.Withdrawn != nil || slices.ContainsFunc(rows[i+1:], newer) {
			continue
		}
		item, err := r.item()
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
	}
	sorted(v.items)
	return v, nil
}

// Edition names what is shown now: it changes when anything of it does. Pages made ahead
// are kept under it.
func (s *Service) Edition(ctx context.Context) (string, error) {
	v, err := s.fresh(ctx)
	if err != nil {
		return "", err
	}
	return v.edition, nil
}

// All are the texts of a kind that are shown, in their order.
func (s *Service) All(ctx context.Context, kind string) ([]*Item, error) {
	v, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	var all []*Item
	for _, i := range v.items {
		if i.Kind == kind {
			all = append(all, i)
		}
	}
	return all, nil
}

// Find are the texts of a kind that speak of what was typed, marks or not. Without words it
// is All.
func (s *Service) Find(ctx context.Context, kind, text string) ([]*Item, error) {
	all, err := s.All(ctx, kind)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(i *Item) bool { return !catalogue.SaysIn(text, i.speech()...) }), nil
}

// speech is all that a text says, for whoever looks for it.
func (i *Item) speech() []string {
	all := append([]string{i.Title.VI, i.Title.EN, i.Summary.VI, i.Summary.EN, i.Body.VI, i.Body.EN}, i.Keywords...)
	for _, step := range i.Steps {
		all = append(all, step.Title.VI, step.Title.EN, step.Text.VI, step.Text.EN)
	}
	return all
}

// One is the text at an address.
func (s *Service) One(ctx context.Context, kind, slug string) (*Item, error) {
	v, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	for _, i := range v.items {
		if i.Kind == kind && i.Slug == slug {
			return i, nil
		}
	}
	return nil, problem.New(problem.NotFound, "content.not_found")
}

// Top is the announcement on the front page: the newest of those that are for there and
// whose days are not over. Nil when there is none.
func (s *Service) Top(ctx context.Context) (*Item, error) {
	all, err := s.All(ctx, News)
	today := s.Now().In(locales.ICT).Format(time.DateOnly)
	for _, i := range all {
		if i.Top && (i.Until == "" || i.Until >= today) {
			return i, nil
		}
	}
	return nil, err
}
