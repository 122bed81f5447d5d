package privacy

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
	"motcua/portal/draft"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Thing is a draft or a dossier of the person's, with what registers have said in it.
type Thing struct {
	ID       string
	Code     string // once it is filed
	Page     string // address of the page that a draft goes on at
	Filed    bool
	Revision *catalogue.Revision
	Agency   agency.Agency // none while the person has not chosen
	Sources  []Source
}

// Source is a register with what it said in a draft or dossier.
type Source struct {
	Key   string
	Shown []Shown
}

// Source finds what one register said; "" is the first there is.
func (t Thing) Source(key string) (Source, bool) {
	for _, s := range t.Sources {
		if key == "" || s.Key == key {
			return s, true
		}
	}
	return Source{}, false
}

// Thing reads a draft or a dossier of the person's; another's is not found.
func (s *Service) Thing(ctx context.Context, p signin.Person, id string) (Thing, error) {
	d, err := s.Drafts.Load(ctx, p, id)
	if problem.Is(err, problem.NotFound) {
		return s.dossier(ctx, p, id)
	}
	if err != nil {
		return Thing{}, err
	}
	t := Thing{ID: d.ID, Page: d.Page, Revision: d.Revision, Sources: said(d.Run(s.Now()), d.Revision.Form)}
	t.Agency, err = s.receiver(ctx, d)
	return t, err
}

func (s *Service) dossier(ctx context.Context, p signin.Person, id string) (Thing, error) {
	w, err := s.Dossiers.OfPerson(ctx, p, id)
	if err != nil {
		return Thing{}, err
	}
	lists, err := s.Drafts.Lists(ctx, w.Revision)
	if err != nil {
		return Thing{}, err
	}
	return Thing{ID: w.ID, Code: w.Code, Filed: true, Revision: w.Revision, Agency: w.Agency, Sources: said(w.Run(lists), w.Revision.Form)}, nil
}

// receiver is the agency that a draft will go to, as far as that can be said.
func (s *Service) receiver(ctx context.Context, d draft.Draft) (agency.Agency, error) {
	all, err := s.Agency.All(ctx, s.Now().In(locales.ICT))
	if err != nil {
		return agency.Agency{}, err
	}
	code, _ := d.Answers["agency"].(string)
	all = slices.DeleteFunc(all, func(a agency.Agency) bool { return !d.Revision.Sheet.TakenBy(a) || code != "" && a.Code != code })
	if len(all) != 1 {
		return agency.Agency{}, nil
	}
	return all[0], nil
}

// said are the values that registers gave, by register, in the order of the form.
func said(run *eforms.Run, form *eforms.Form) []Source {
	var all []Source
	var add func(rows []eforms.Row)
	add = func(rows []eforms.Row) {
		for _, r := range rows {
			if r.Source == nil || r.Empty {
				add(r.Parts)
				continue
			}
			key := SourceOf(form, r.Source.Name)
			i := slices.IndexFunc(all, func(s Source) bool { return s.Key == key })
			if i < 0 {
				i = len(all)
				all = append(all, Source{Key: key})
			}
			all[i].Shown = append(all[i].Shown, Shown{Label: r.Label, Value: r.Value, At: r.Source.At})
		}
	}
	for _, section := range run.Outline() {
		add(section.Rows)
	}
	return all
}

// SourceOf is the form's register that a fact comes from.
func SourceOf(form *eforms.Form, fact string) string {
	for _, source := range form.Sources() {
		if strings.HasPrefix(fact, source+".") {
			return source
		}
	}
	first, _, _ := strings.Cut(fact, ".")
	return first
}

// Told is what a person says to be wrong.
type Told struct {
	Source string
	Says   string
	Path   string
	File   io.Reader // nil: none
	Name   string    // of the file
}

func (w Told) check(filed bool) error {
	if err := words(w.Says); err != nil {
		return err
	}
	if !filed && w.Path != GoOn && w.Path != Stop {
		return problem.New(problem.Invalid, "privacy.no_path")
	}
	return nil
}

func words(says string) error {
	switch n := utf8.RuneCountInString(says); {
	case strings.TrimSpace(says) == "":
		return problem.New(problem.Invalid, "privacy.no_says")
	case n > mostWords:
		return problem.New(problem.Invalid, "privacy.too_long", locales.N("max", mostWords), locales.N("n", int64(n)))
	}
	return nil
}

// Report takes a report about what a register said in a draft or dossier of the person's,
// and gives its id. The same key gives the same report.
func (s *Service) Report(ctx context.Context, p signin.Person, id string, w Told, key once.Key) (string, error) {
	t, err := s.Thing(ctx, p, id)
	if err != nil {
		return "", err
	}
	source, found := t.Source(w.Source)
	if !found || w.Source == "" {
		return "", notFound()
	}
	if t.Filed {
		w.Path = GoOn
	}
	if err := w.check(t.Filed); err != nil {
		return "", err
	}
	n := newReport{kind: Wrong, person: p, thing: t.ID, agency: t.Agency.ID, source: w.Source, shown: source.Shown, says: w.Says, path: w.Path}
	if w.File != nil {
		if n.file, err = s.Drafts.Judge(ctx, w.File, w.Name); err != nil {
			return "", err
		}
	}
	key = draft.BodyKey(key, t.ID, w.Source, w.Says, w.Path, hex.EncodeToString(n.file.SHA256))
	made, kept, err := s.make(ctx, n, key)
	if !kept && n.file.Blob != "" {
		s.Drafts.Discard(n.file)
	}
	return made, err
}

// Ask takes a question about a look at the person's data, and gives its id.
func (s *Service) Ask(ctx context.Context, p signin.Person, look Look, says string, key once.Key) (string, error) {
	if err := words(says); err != nil {
		return "", err
	}
	n := newReport{kind: Question, person: p, agency: look.agencyID, source: look.Source, says: says,
		about: &About{At: look.At, Deed: look.Deed, AgencyID: look.agencyID}}
	if look.Own {
		n.thing = look.ThingID
	}
	made, _, err := s.make(ctx, n, draft.BodyKey(key, fmt.Sprint(look.ID), says))
	return made, err
}

// newReport is one on its way.
type newReport struct {
	kind, thing, source, says, path string
	person                          signin.Person
	agency                          int64
	shown                           []Shown
	about                           *About
	file                            draft.Judged
}

// make stores a report, in one transaction with its code, the notice to the person and the
// record. kept says whether its row, or perhaps its row, is there: a connection that breaks
// during the commit leaves that open.
func (s *Service) make(ctx context.Context, n newReport, key once.Key) (id string, kept bool, err error) {
	cal, err := s.Agency.Calendar(ctx)
	if err != nil {
		return "", false, err
	}
	now := s.Now()
	due, _ := cal.Due(now, AnswerIn)
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		answer, done, err := once.Begin(ctx, tx, key, now)
		if err != nil || done {
			id = answer
			return err
		}
		if err := room(ctx, tx, n.person.ID); err != nil {
			return err
		}
		id = uuid.NewString()
		if err := s.record(ctx, tx, n, id); err != nil {
			return err
		}
		if err := once.Finish(ctx, tx, key, id); err != nil {
			return err
		}
		kept = true
		return s.insert(ctx, tx, n, id, now, due)
	})
	if err != nil {
		return "", kept, err
	}
	return id, kept, nil
}

// room refuses one more report than a person may have waiting. The person's row is the lock
// that keeps two presses from passing the limit together.
func room(ctx context.Context, tx *sqlx.Tx, personID int64) error {
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM persons WHERE id = $1 FOR UPDATE`, personID); err != nil {
		return fmt.Errorf("lock person: %w", err)
	}
	var open int
	if err := tx.GetContext(ctx, &open, `SELECT count(*) FROM fact_reports WHERE person_id = $1 AND closed_at IS NULL`, personID); err != nil {
		return fmt.Errorf("count reports: %w", err)
	}
	if open >= mostOpen {
		return problem.New(problem.Conflict, "privacy.too_many", locales.N("max", mostOpen))
	}
	return nil
}

func (s *Service) record(ctx context.Context, tx *sqlx.Tx, n newReport, id string) error {
	return audit.Write(ctx, tx, audit.Entry{Actor: fmt.Sprintf("person:%d", n.person.ID), Deed: "report." + n.kind, Object: "report:" + id,
		AgencyID: n.agency, Args: map[string]any{"source": n.source, "path": n.path}})
}

// insert takes the day's next code and writes the report in one statement, and tells the
// person: BS-yyMMdd-NNNN, each day from 0001. The counter is locked from here to the commit.
func (s *Service) insert(ctx context.Context, tx *sqlx.Tx, n newReport, id string, now, due time.Time) error {
	shown, err := sealShown(n.shown)
	if err != nil {
		return err
	}
	var about any
	if n.about != nil {
		about = pg.JSON(n.about)
	}
	var sum any // a nil []byte would be an empty value, not none
	if n.file.Blob != "" {
		sum = n.file.SHA256
	}
	day := calendar.DayOf(now)
	var code string
	err = sqlx.GetContext(ctx, tx, &code, `WITH counter AS (
			INSERT INTO report_counters AS c (day, last) VALUES ($2::date, 1)
			ON CONFLICT (day) DO UPDATE SET last = c.last + 1 RETURNING last)
		INSERT INTO fact_reports (id, code, kind, person_id, thing_id, agency_id, source, shown, says, path, about,
			file_name, file_media, file_pages, size, sha256, blob, made_at, due_at)
		SELECT $1, $3 || to_char(last, CASE WHEN last > 9999 THEN 'FM999999' ELSE 'FM0000' END), $4, $5, nullif($6, '')::uuid, nullif($7::bigint, 0), $8, $9, $10, $11, $12,
			$13, $14, $15, $16, $17, $18, $19, $20 FROM counter RETURNING code`,
		id, day.String(), "BS-"+day.At(0).Format("060102")+"-", n.kind, n.person.ID, n.thing, n.agency, n.source, shown, pg.Sealed(n.says), n.path, about,
		n.file.Name, n.file.Media, n.file.Pages, n.file.Size, sum, n.file.Blob, now, due)
	if err != nil {
		return fmt.Errorf("insert report: %w", err)
	}
	return s.Notices.Tell(ctx, tx, notification.Notice{Person: n.person.ID, EventKey: "report:" + id + ":made", Kind: "report_made",
		Args:  []locales.Arg{locales.S("code", code), locales.S("until", locales.FormatDate(due))},
		Email: n.person.Email, Lang: n.person.Lang, Link: address(id)})
}

// address is where a person reads their report.
func address(id string) string { return "/tai-khoan/bao-sai/" + id }

func sealShown(shown []Shown) (pg.Sealed, error) {
	if len(shown) == 0 {
		return "", nil
	}
	b, err := json.Marshal(shown)
	return pg.Sealed(b), err
}

func openShown(sealed pg.Sealed) ([]Shown, error) {
	if sealed == "" {
		return nil, nil
	}
	var shown []Shown
	return shown, json.Unmarshal([]byte(sealed), &shown)
}
