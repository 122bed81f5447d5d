package catalogue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// The lists that sheets draw from.
const (
	LegalTexts     = "legal"
	ComponentTypes = "component"
	ResultTypes    = "result"
)

// Lists are their names in the order people read them.
var Lists = []string{LegalTexts, ComponentTypes, ResultTypes}

// Types of components that mean something to the program.
const (
	Declaration = "to_khai"    // filled online it is the form itself
	Shown       = "xuat_trinh" // shown to be compared, never handed in
)

// Entry is one of a list, with where it comes from and how long it holds. A legal text's
// code is its number.
type Entry struct {
	Code       string       `json:"code"`
	Name       locales.Text `json:"name"`
	Issuer     string       `json:"issuer,omitempty"`
	Date       string       `json:"date,omitempty"` // signed on
	Source     string       `json:"source,omitempty"`
	From       string       `json:"valid_from,omitempty"`
	To         string       `json:"valid_to,omitempty"` // the last day
	ReplacedBy string       `json:"replaced_by,omitempty"`
	Version    int          `json:"-"`
	ChangedBy  string       `json:"-"` // name of the officer; "" when a folder brought it
	ChangedAt  time.Time    `json:"-"`
}

// On says whether the entry holds on a day, 2006-01-02.
func (e Entry) On(day string) bool { return e.From <= day && (e.To == "" || day <= e.To) }

// Over says whether it has ended before a day.
func (e Entry) Over(day string) bool { return e.To != "" && e.To < day }

type entryRow struct {
	Doc       pg.JSONOf[Entry] `db:"doc"`
	Version   int              `db:"version"`
	ChangedBy string           `db:"changed_by"`
	ChangedAt time.Time        `db:"changed_at"`
}

func (r entryRow) entry() Entry {
	e := r.Doc.V
	e.Version, e.ChangedBy, e.ChangedAt = r.Version, r.ChangedBy, r.ChangedAt.In(locales.ICT)
	return e
}

const entryColumns = `l.doc, l.version, coalesce(o.name, '') AS changed_by, l.changed_at FROM list_entries l LEFT JOIN officers o ON o.id = l.changed_by`

// Entries are the entries of a list, by code, those that ended too.
func (s *Service) Entries(ctx context.Context, list string) ([]Entry, error) {
	var rows []entryRow
	if err := s.DB.SelectContext(ctx, &rows, `SELECT `+entryColumns+` WHERE l.list = $1 ORDER BY l.code`, list); err != nil {
		return nil, fmt.Errorf("list %s: %w", list, err)
	}
	all := make([]Entry, len(rows))
	for i, r := range rows {
		all[i] = r.entry()
	}
	return all, nil
}

// Entry is one of a list.
func (s *Service) Entry(ctx context.Context, list, code string) (Entry, error) {
	var r entryRow
	err := s.DB.GetContext(ctx, &r, `SELECT `+entryColumns+` WHERE l.list = $1 AND l.code = $2`, list, code)
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, problem.New(problem.NotFound, "catalogue.list.not_found")
	}
	if err != nil {
		return Entry{}, fmt.Errorf("list %s, %s: %w", list, code, err)
	}
	return r.entry(), nil
}

// EntryFault is what is wrong with one field of an entry, by its name in JSON.
type EntryFault struct {
	Field   string
	Message locales.Message
}

// EntryFaults are all that were found.
type EntryFaults []EntryFault

func (f EntryFaults) Error() string { return fmt.Sprintf("%d faults of an entry", len(f)) }

// Unwrap makes it a fault that people may see.
func (f EntryFaults) Unwrap() error { return problem.New(problem.Invalid, "catalogue.list.faults") }

func (f *EntryFaults) add(field, key string, args ...locales.Arg) {
	*f = append(*f, EntryFault{field, locales.M(key, args...)})
}

// The forms of codes. A legal text's number has its year and its kind or issuer:
// 281/2016/TT-BTC, 60/2014/QH13, 663/QĐ-UBND.
var (
	entryCode   = regexp.MustCompile(`^[\pL\pN][\pL\pN._-]{0,39}$`)
	legalNumber = regexp.MustCompile(`^\d{1,5}(/\d{4})?/[\pLĐ][\pL\pN.-]{1,30}$`)
)

// LegalNumber says whether a text is written as the number of a legal text.
func LegalNumber(number string) bool { return legalNumber.MatchString(number) }

func (e Entry) check(list string) EntryFaults {
	var f EntryFaults
	switch {
	case e.Code == "":
		f.add("code", "catalogue.list.no_code")
	case list == LegalTexts && !legalNumber.MatchString(e.Code):
		f.add("code", "catalogue.list.number", locales.S("code", e.Code))
	case list != LegalTexts && !entryCode.MatchString(e.Code):
		f.add("code", "catalogue.list.code", locales.S("code", e.Code))
	}
	if e.Name.VI == "" {
		f.add("name", "catalogue.list.no_name")
	}
	if e.Source == "" {
		f.add("source", "catalogue.list.no_source")
	}
	for field, day := range map[string]string{"date": e.Date, "valid_from": e.From, "valid_to": e.To} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			f.add(field, "catalogue.import.day", locales.S("value", day))
		}
	}
	if e.To != "" && e.To < e.From {
		f.add("valid_to", "catalogue.list.ends_first")
	}
	switch {
	case e.ReplacedBy == "":
	case e.ReplacedBy == e.Code:
		f.add("replaced_by", "catalogue.list.by_itself")
	case e.To == "":
		f.add("valid_to", "catalogue.list.no_end")
	}
	return f
}

// PutEntry adds an entry, for version 0, or changes the one that has this version: one
// transaction, once a key.
func (s *Service) PutEntry(ctx context.Context, by Editing, list string, e Entry, version int) error {
	if err := MayEdit(by.Officer); err != nil {
		return err
	}
	if faults := e.check(list); len(faults) > 0 {
		return faults
	}
	_, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		before, err := putEntry(ctx, tx, by.Officer, list, e, version, s.Now())
		deed := "list.change"
		if version == 0 {
			deed = "list.add"
		}
		return e.Code, audit.Entry{Deed: deed, Object: "list:" + list + ":" + e.Code, Args: map[string]any{"before": before, "after": e}}, err
	})
	return err
}

// putEntry writes the row and gives what it said before.
func putEntry(ctx context.Context, tx *sqlx.Tx, by agency.Officer, list string, e Entry, version int, now time.Time) (*Entry, error) {
	if e.ReplacedBy != "" {
		var there bool
		if err := tx.GetContext(ctx, &there, `SELECT EXISTS (SELECT FROM list_entries WHERE list = $1 AND code = $2)`, list, e.ReplacedBy); err != nil {
			return nil, fmt.Errorf("list %s, %s: %w", list, e.ReplacedBy, err)
		}
		if !there {
			return nil, EntryFaults{{"replaced_by", locales.M("catalogue.list.unknown", locales.S("code", e.ReplacedBy))}}
		}
	}
	if version == 0 {
		res, err := tx.ExecContext(ctx, `
			INSERT INTO list_entries (list, code, doc, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			list, e.Code, pg.JSON(e), by.ID, now)
		if err != nil {
			return nil, fmt.Errorf("list %s, %s: %w", list, e.Code, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return nil, err
		}
		return nil, EntryFaults{{"code", locales.M("catalogue.list.taken", locales.S("code", e.Code))}}
	}
	var was struct {
		Doc     pg.JSONOf[Entry] `db:"doc"`
		Version int              `db:"version"`
	}
	err := tx.GetContext(ctx, &was, `SELECT doc, version FROM list_entries WHERE list = $1 AND code = $2 FOR UPDATE`, list, e.Code)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, problem.New(problem.NotFound, "catalogue.list.not_found")
	case err != nil:
		return nil, fmt.Errorf("list %s, %s: %w", list, e.Code, err)
	case was.Version != version:
		return nil, problem.New(problem.Conflict, "catalogue.list.overtaken")
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE list_entries SET doc = $3, version = version + 1, changed_by = $4, changed_at = $5 WHERE list = $1 AND code = $2`,
		list, e.Code, pg.JSON(e), by.ID, now)
	if err != nil {
		return nil, fmt.Errorf("list %s, %s: %w", list, e.Code, err)
	}
	return &was.Doc.V, nil
}

// listFiles are the files of a catalogue's folder that bring entries, by list.
var listFiles = map[string]string{LegalTexts: "legal.json", ComponentTypes: "component_types.json", ResultTypes: "result_types.json"}

func (f *folder) readLists(file func(name string, into any) bool) {
	f.lists = map[string][]Entry{}
	for _, list := range Lists {
		var doc struct {
			Note    string  `json:"note"`
			Entries []Entry `json:"entries"`
		}
		if !file(listFiles[list], &doc) {
			continue
		}
		c, seen := check{listFiles[list], &f.faults}, map[string]bool{}
		for i, e := range doc.Entries {
			place := fmt.Sprintf("entries[%d] %s", i, e.Code)
			for _, fault := range e.check(list) {
				*c.faults = append(*c.faults, Fault{c.file, place + " " + fault.Field, fault.Message})
			}
			if seen[e.Code] {
				c.fault(place, "catalogue.import.twice", locales.S("value", e.Code))
			}
			seen[e.Code] = true
		}
		for i, e := range doc.Entries {
			if e.ReplacedBy != "" && !seen[e.ReplacedBy] {
				c.fault(fmt.Sprintf("entries[%d] %s", i, e.Code), "catalogue.list.unknown", locales.S("code", e.ReplacedBy))
			}
		}
		f.lists[list] = doc.Entries
	}
}

// putLists takes over the entries that a folder says anew; what editors changed since it
// said the same stays.
func putLists(ctx context.Context, tx *sqlx.Tx, lists map[string][]Entry, now time.Time) error {
	for _, list := range Lists {
		if len(lists[list]) == 0 {
			continue
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO list_entries AS l (list, code, doc, imported, changed_at)
			SELECT $1, d->>'code', d, d, $3 FROM jsonb_array_elements($2::jsonb) AS d
			ON CONFLICT (list, code) DO UPDATE SET doc = excluded.doc, imported = excluded.imported, version = l.version + 1,
				changed_by = NULL, changed_at = excluded.changed_at
			WHERE l.imported IS DISTINCT FROM excluded.imported`, list, pg.JSON(lists[list]), now)
		if err != nil {
			return fmt.Errorf("list %s: %w", list, err)
		}
	}
	return nil
}
