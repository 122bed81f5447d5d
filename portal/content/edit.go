package content

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/review"
)

// Edit is a text that is being written, or was. Nothing of it is seen by people before it is
// published.
type Edit struct {
	ID        string         `db:"id"`
	ContentID int64          `db:"content_id"`
	Kind      string         `db:"kind"`
	Slug      string         `db:"slug"`
	BaseNo    int            `db:"base_no"` // the revision it began from, 0 for none
	LastNo    int            `db:"last_no"` // the newest revision of the text
	Version   int            `db:"version"`
	OpenedBy  string         `db:"opened_by"`
	OpenedAt  time.Time      `db:"opened_at"`
	ClosedAt  *time.Time     `db:"closed_at"`
	Published sql.NullInt64  `db:"published"`
	Back      int            `db:"back"` // where taking the last change back leads to, 0 for nowhere
	Deed      string         `db:"deed"` // the last one
	By        string         `db:"by"`   // who did it
	At        time.Time      `db:"at"`
	Doc       pg.JSONOf[Doc] `db:"doc"`
	Review    review.Status  `db:"-"`
}

// Open says whether the edit goes on.
func (e Edit) Open() bool { return e.ClosedAt == nil }

// Moved says whether the text was published anew since the edit began.
func (e Edit) Moved() bool { return e.LastNo != e.BaseNo }

// Subject is the edit to those who review it.
func (e Edit) Subject() review.Subject { return review.Subject{Kind: review.Content, ID: e.ID} }

// Link is where an edit is looked at by those who review it.
func Link(id string) string { return "/can-bo/noi-dung/sua/" + id + "/so-sanh" }

const editColumns = `SELECT e.id, e.content_id, c.kind, c.slug, e.base_no, e.version, o.name AS opened_by, e.opened_at, e.closed_at, e.published,
	(SELECT coalesce(max(r.no), 0) FROM content_revisions r WHERE r.content_id = e.content_id) AS last_no, v.back, v.deed, w.name AS by, v.at, v.doc
	FROM content_edits e JOIN contents c ON c.id = e.content_id JOIN officers o ON o.id = e.opened_by
	JOIN content_versions v ON v.edit_id = e.id AND v.no = e.version JOIN officers w ON w.id = v.officer_id `

// Edit is an edit as it stands, also one that is over.
func (s *Service) Edit(ctx context.Context, by agency.Officer, id string) (Edit, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return Edit{}, err
	}
	e, err := edit(ctx, s.DB, id)
	if err != nil {
		return e, err
	}
	known, err := review.Of(ctx, s.DB, e.Subject())
	e.Review = known[e.Subject()]
	return e, err
}

func edit(ctx context.Context, q sqlx.QueryerContext, id string) (Edit, error) {
	if !pg.UUID(id) {
		return Edit{}, problem.New(problem.NotFound, "content.not_found")
	}
	var e Edit
	err := sqlx.GetContext(ctx, q, &e, editColumns+`WHERE e.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return e, problem.New(problem.NotFound, "content.not_found")
	}
	if err != nil {
		return e, fmt.Errorf("content edit %s: %w", id, err)
	}
	return e, nil
}

// Before is what the edit would change: the newest revision of its text. Of the words of the
// search it is what the search goes by now.
func (s *Service) Before(ctx context.Context, e Edit) (Doc, error) {
	if e.Kind == Words {
		return s.wordsNow(ctx)
	}
	return newest(ctx, s.DB, e.ContentID)
}

func (s *Service) wordsNow(ctx context.Context) (Doc, error) {
	all, err := s.Catalogue.Synonyms(ctx)
	return Doc{Title: locales.Text{VI: "Từ đồng nghĩa khi tìm", EN: "Words of the search"}, Words: all}, err
}

// newest is the last published document of a text, the zero one where there is none.
func newest(ctx context.Context, q sqlx.QueryerContext, content int64) (Doc, error) {
	var doc pg.JSONOf[Doc]
	err := sqlx.GetContext(ctx, q, &doc, `SELECT doc FROM content_revisions WHERE content_id = $1 ORDER BY no DESC LIMIT 1`, content)
	if errors.Is(err, sql.ErrNoRows) {
		return Doc{}, nil
	}
	if err != nil {
		return Doc{}, fmt.Errorf("newest revision of content %d: %w", content, err)
	}
	return doc.V, nil
}

// Knows says which procedures are in force, for Check.
func (s *Service) Knows(ctx context.Context) (func(code string) bool, error) {
	all, err := s.Catalogue.All(ctx)
	if err != nil {
		return nil, err
	}
	codes := make(map[string]bool, len(all))
	for _, r := range all {
		codes[r.Code] = true
	}
	return func(code string) bool { return codes[code] }, nil
}

// Listed is a text in the editors' list.
type Listed struct {
	Kind      string     `db:"kind"`
	Slug      string     `db:"slug"`
	Title     string     `db:"title"`   // in Vietnamese; of the edit where nothing was published
	ShownNo   int        `db:"shown"`   // number of the revision that people see, 0 for none
	Since     *time.Time `db:"since"`   // of that
	Waiting   *time.Time `db:"waiting"` // when the next one comes
	EditID    string     `db:"edit_id"`
	EditedBy  string     `db:"edited_by"`
	EditedAt  *time.Time `db:"edited_at"`
	Reviewing review.Status
	Version   int `db:"version"`
}

// List are all texts, those with an open edit first, the last changed before the others.
func (s *Service) List(ctx context.Context, by agency.Officer, kind, text string) ([]Listed, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return nil, err
	}
	var all []Listed
	err := s.DB.SelectContext(ctx, &all, `
		SELECT c.kind, c.slug, coalesce(nullif(v.doc->'title'->>'vi', ''), n.doc->'title'->>'vi', c.slug) AS title, coalesce(i.no, 0) AS shown, i.in_force_from AS since,
			(SELECT min(f.in_force_from) FROM content_revisions f LEFT JOIN content_withdrawals x ON x.revision_id = f.id
				WHERE f.content_id = c.id AND f.in_force_from > $1 AND x.at IS NULL AND f.no > coalesce(i.no, 0)) AS waiting,
			coalesce(e.id::text, '') AS edit_id, coalesce(w.name, '') AS edited_by, v.at AS edited_at, coalesce(e.version, 0) AS version
		FROM contents c
		LEFT JOIN LATERAL (SELECT doc, in_force_from FROM content_revisions r WHERE r.content_id = c.id ORDER BY no DESC LIMIT 1) n ON true
		LEFT JOIN LATERAL (SELECT l.no, l.in_force_from FROM (
			SELECT r.no, r.in_force_from, x.at FROM content_revisions r LEFT JOIN content_withdrawals x ON x.revision_id = r.id
			WHERE r.content_id = c.id AND r.in_force_from <= $1 AND (x.at IS NULL OR x.at >= r.in_force_from) ORDER BY r.no DESC LIMIT 1) l
			WHERE l.at IS NULL) i ON true
		LEFT JOIN content_edits e ON e.content_id = c.id AND e.closed_at IS NULL
		LEFT JOIN content_versions v ON v.edit_id = e.id AND v.no = e.version LEFT JOIN officers w ON w.id = v.officer_id
		WHERE ($2 = '' OR c.kind = $2) AND (e.id IS NOT NULL OR n.doc IS NOT NULL)
		ORDER BY e.id IS NULL, coalesce(v.at, n.in_force_from) DESC, c.kind, c.slug`, s.Now(), kind)
	if err != nil {
		return nil, fmt.Errorf("list content: %w", err)
	}
	var found []Listed
	var subjects []review.Subject
	for _, l := range all {
		if catalogue.SaysIn(text, l.Title, l.Slug) {
			found = append(found, l)
			subjects = append(subjects, review.Subject{Kind: review.Content, ID: l.EditID})
		}
	}
	known, err := review.Of(ctx, s.DB, subjects...)
	for i := range found {
		found[i].Reviewing = known[subjects[i]]
	}
	return found, err
}

// Published is a revision in the history of a text.
type Published struct {
	ID        int64          `db:"id"`
	No        int            `db:"no"`
	Doc       pg.JSONOf[Doc] `db:"doc"`
	From      time.Time      `db:"in_force_from"`
	Note      string         `db:"note"`
	By        string         `db:"published_by"` // empty: an operator imported it
	Approved  string         `db:"approved_by"`
	Withdrawn *time.Time     `db:"withdrawn"`
	Taker     string         `db:"withdrawn_by"`
	Why       string         `db:"why"`
}

// History is a text with all that was published of it, the newest first.
type History struct {
	Kind, Slug string
	Edit       *Edit // open
	Revisions  []Published
	Shown      int // number of the one that people see, 0 for none
	Helpful    int // how often people said that it helped, and that it did not
	Useless    int
}

// History is all there is of a text.
func (s *Service) History(ctx context.Context, by agency.Officer, kind, slug string) (History, error) {
	h := History{Kind: kind, Slug: slug}
	if err := catalogue.MayEdit(by); err != nil {
		return h, err
	}
	id, err := s.idOf(ctx, s.DB, kind, slug)
	if err != nil {
		return h, err
	}
	err = s.DB.SelectContext(ctx, &h.Revisions, `
		SELECT r.id, r.no, r.doc, r.in_force_from, r.note, coalesce(p.name, '') AS published_by, coalesce(a.name, '') AS approved_by,
			w.at AS withdrawn, coalesce(o.name, '') AS withdrawn_by, coalesce(w.why, '') AS why
		FROM content_revisions r LEFT JOIN officers p ON p.id = r.published_by LEFT JOIN officers a ON a.id = r.approved_by
		LEFT JOIN content_withdrawals w ON w.revision_id = r.id LEFT JOIN officers o ON o.id = w.officer_id
		WHERE r.content_id = $1 ORDER BY r.no DESC LIMIT 200`, id)
	if err != nil {
		return h, fmt.Errorf("history of content %d: %w", id, err)
	}
	now := s.Now()
	for _, r := range h.Revisions {
		if (row{From: r.From, Withdrawn: r.Withdrawn}).counts(now) {
			if r.Withdrawn == nil {
				h.Shown = r.No
			}
			break
		}
	}
	var open string
	err = s.DB.GetContext(ctx, &open, `SELECT coalesce((SELECT id::text FROM content_edits WHERE content_id = $1 AND closed_at IS NULL), '')`, id)
	if err == nil && open != "" {
		var e Edit
		if e, err = s.Edit(ctx, by, open); err == nil {
			h.Edit = &e
		}
	}
	if err != nil {
		return h, fmt.Errorf("open edit of content %d: %w", id, err)
	}
	return h, s.votes(ctx, id, &h)
}

// idOf is a text by its address.
func (s *Service) idOf(ctx context.Context, q sqlx.QueryerContext, kind, slug string) (int64, error) {
	var id int64
	err := sqlx.GetContext(ctx, q, &id, `SELECT id FROM contents WHERE kind = $1 AND slug = $2`, kind, slug)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, problem.New(problem.NotFound, "content.not_found")
	}
	if err != nil {
		return 0, fmt.Errorf("content %s %s: %w", kind, slug, err)
	}
	return id, nil
}

// marshal is a document as it is stored.
func (d Doc) marshal() string {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // texts and numbers
	}
	return string(b)
}
