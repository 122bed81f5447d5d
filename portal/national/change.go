package national

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/problem"
)

// What one change in many sheets is of.
const (
	OfBasis  = "can-cu"  // a legal text
	OfAgency = "co-quan" // an agency
	OfText   = "chu"     // words
)

// Replacement is one change in all sheets that it meets.
type Replacement struct {
	Of    string
	From  string          // number of the legal text, code of the agency, or the words
	To    string          // the words, or the agency's code
	Basis catalogue.Basis // the legal text that takes the place
	// Where it is looked for; empty is everywhere.
	Field string // of state management
	Level string // how far online: one of catalogue.Levels
}

// Met is a procedure that a replacement would change.
type Met struct {
	Code   string
	Name   locales.Text
	Places int // where it stands
	Lines  []Passage
	Edit   *Open // it is being edited: left out
}

// Passage is one text before and after.
type Passage struct{ Field, Before, After string }

// Label is what people call the field.
func (p Passage) Label() locales.Message { return Label(p.Field) }

// mostPassages is how many texts of a procedure are shown.
const mostPassages = 5

// clean takes what nobody can see out of a replacement and wants it to say something else.
func (r Replacement) clean() (Replacement, error) {
	r.From, r.To, r.Field, r.Level = clean(r.From), clean(r.To), clean(r.Field), clean(r.Level)
	r.Basis.Number, r.Basis.Name.VI, r.Basis.Name.EN, r.Basis.Issuer = clean(r.Basis.Number), clean(r.Basis.Name.VI), clean(r.Basis.Name.EN), clean(r.Basis.Issuer)
	switch {
	case r.Of != OfBasis && r.Of != OfAgency && r.Of != OfText:
		return r, problem.New(problem.Invalid, "national.change.of")
	case r.From == "":
		return r, problem.New(problem.Invalid, "national.change.from")
	case r.Of == OfText && len([]rune(r.From)) < 3:
		return r, problem.New(problem.Invalid, "national.change.short")
	case r.Of == OfBasis && (r.Basis.Number == "" || r.Basis.Name.VI == ""):
		return r, problem.New(problem.Invalid, "national.change.basis")
	case r.Of == OfAgency && r.To == "":
		return r, problem.New(problem.Invalid, "national.change.to")
	case r.Of == OfBasis && r.Basis.Date != "":
		day, ok := dayOf(r.Basis.Date)
		if !ok {
			return r, problem.New(problem.Invalid, "national.change.day")
		}
		r.Basis.Date = day
	}
	return r, nil
}

// with finds what the replacement needs: the agency that takes the place.
func (s *Service) with(ctx context.Context, r Replacement) (Replacement, *agency.Agency, error) {
	r, err := r.clean()
	if err != nil || r.Of != OfAgency {
		return r, nil, err
	}
	a, err := s.Agency.ByCode(ctx, r.To)
	if problem.Is(err, problem.NotFound) {
		return r, nil, problem.New(problem.Invalid, "national.change.no_agency", locales.S("code", r.To))
	}
	return r, &a, err
}

// apply is the sheet with the replacement, how often it was met, and what it changed.
func (r Replacement) apply(s catalogue.Sheet, to *agency.Agency) (catalogue.Sheet, int, []Passage, error) {
	t, err := tree(s)
	if err != nil {
		return s, 0, nil, err
	}
	w := &replacing{Replacement: r, to: to}
	for _, f := range Fields {
		if f.Path == "code" || f.Path == "field" || f.Path == "field_name" {
			continue
		}
		w.name = f.Name
		put(t, f.Path, func(v any) any { return w.value(f, v) })
	}
	if w.met == 0 {
		return s, 0, nil, nil
	}
	after, err := sheetOf(t)
	after.Code = s.Code
	return after, w.met, w.lines, err
}

// replacing walks one sheet.
type replacing struct {
	Replacement
	to    *agency.Agency
	name  string // of the field on top
	met   int
	lines []Passage
}

func (w *replacing) tell(before, after string) {
	w.met++
	if len(w.lines) < mostPassages {
		w.lines = append(w.lines, Passage{w.name, around(before, w.From), around(after, w.To)})
	}
}

// around cuts a long text to what surrounds the words.
func around(text, words string) string {
	const most = 240
	all := []rune(text)
	if len(all) <= most {
		return text
	}
	at := max(strings.Index(text, words), 0)
	from := max(len([]rune(text[:at]))-most/3, 0)
	cut := string(all[from:min(from+most, len(all))])
	if from > 0 {
		cut = "…" + cut
	}
	return cut + "…"
}

func (w *replacing) value(f *Field, v any) any {
	switch {
	case v == nil:
		return nil
	case w.Of == OfBasis && f.Path == "legal":
		return w.legal(listOf(v))
	case w.Of == OfAgency && f.Path == "agencies":
		return w.offices(listOf(v))
	case w.Of == OfBasis && f.Name == "CanCu" && v == w.From: // a fee's ground is one of the legal texts
		return w.Basis.Number
	case f.Kind == groupKind && f.Many:
		var all []any
		for _, one := range listOf(v) {
			all = append(all, w.inside(f, objectOf(one)))
		}
		return all
	case f.Kind == groupKind:
		return w.inside(f, objectOf(v))
	case w.Of != OfText:
		return v
	}
	return w.words(v)
}

func (w *replacing) inside(f *Field, object map[string]any) map[string]any {
	for _, in := range f.Inner {
		put(object, in.Path, func(v any) any { return w.value(in, v) })
	}
	return object
}

// words replaces in texts, not in symbols: what stands in quotes of the program stays.
func (w *replacing) words(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = w.words(v[i])
		}
	case map[string]any:
		for lang, text := range v {
			s, _ := text.(string)
			if after := strings.ReplaceAll(clean(s), w.From, w.To); after != clean(s) {
				w.tell(s, after)
				v[lang] = after
			}
		}
	}
	return v
}

// legal puts the new text in the place of the old one. Where it is there already the old
// one only goes.
func (w *replacing) legal(all []any) any {
	has := slices.ContainsFunc(all, func(v any) bool { return objectOf(v)["number"] == w.Basis.Number })
	var after []any
	for _, v := range all {
		b := objectOf(v)
		if b["number"] != w.From {
			after = append(after, v)
			continue
		}
		name, _ := objectOf(b["name"])["vi"].(string)
		w.tell(w.From+" "+name, w.Basis.Number+" "+w.Basis.Name.VI)
		if has && w.Basis.Number != w.From {
			continue
		}
		has = true
		after = append(after, w.Basis)
	}
	return after
}

func (w *replacing) offices(all []any) any {
	for _, v := range all {
		o := objectOf(v)
		if o["code"] != w.From {
			continue
		}
		name, _ := objectOf(o["name"])["vi"].(string)
		w.tell(w.From+" "+name, w.to.Code+" "+w.to.Name.VI)
		o["code"], o["name"] = w.to.Code, w.to.Name
	}
	var after []any
	for _, v := range all { // once in each role
		o := objectOf(v)
		if !slices.ContainsFunc(after, func(was any) bool {
			a := objectOf(was)
			return o["code"] == w.to.Code && a["code"] == o["code"] && a["role"] == o["role"]
		}) {
			after = append(after, v)
		}
	}
	return after
}

// searched are the newest sheets in which a replacement is looked for, by code.
func (s *Service) searched(ctx context.Context, q sqlx.QueryerContext, r Replacement) ([]catalogue.Stored, error) {
	all, err := s.Catalogue.All(ctx)
	if err != nil {
		return nil, err
	}
	var codes []string
	for _, rev := range all {
		if (r.Field == "" || rev.Sheet.Field == r.Field) && (r.Level == "" || rev.Sheet.Service() == r.Level) {
			codes = append(codes, rev.Code)
		}
	}
	var found []catalogue.Stored
	for part := range slices.Chunk(codes, perStatement) {
		newest, err := s.Catalogue.Newest(ctx, q, part...)
		if err != nil {
			return nil, err
		}
		for _, code := range part {
			if one, ok := newest[code]; ok {
				found = append(found, one)
			}
		}
	}
	return found, nil
}

// changes are the sheets that a replacement changes.
func (s *Service) changes(ctx context.Context, q sqlx.QueryerContext, r Replacement, to *agency.Agency, each func(Met, catalogue.Sheet) error) error {
	found, err := s.searched(ctx, q, r)
	if err != nil {
		return err
	}
	plain := !strings.ContainsAny(r.From, "\"\\\n\t") // it stands in the JSON as it is
	for _, one := range found {
		if plain && !strings.Contains(string(one.Parts["sheet"]), r.From) {
			continue
		}
		var before catalogue.Sheet
		if err := json.Unmarshal(one.Parts["sheet"], &before); err != nil {
			return fmt.Errorf("sheet of %s: %w", one.Code, err)
		}
		after, places, lines, err := r.apply(before, to)
		if err != nil {
			return err
		}
		if places == 0 {
			continue
		}
		if err := each(Met{Code: one.Code, Name: before.Name, Places: places, Lines: lines}, after); err != nil {
			return err
		}
	}
	return nil
}

// Preview are all procedures that a replacement would change, with what. Nothing is done.
func (s *Service) Preview(ctx context.Context, by agency.Officer, r Replacement) ([]Met, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return nil, err
	}
	r, to, err := s.with(ctx, r)
	if err != nil {
		return nil, err
	}
	open, err := s.Editorial.OpenEdits(ctx, by)
	if err != nil {
		return nil, err
	}
	var all []Met
	err = s.changes(ctx, s.DB, r, to, func(m Met, _ catalogue.Sheet) error {
		if e, ok := open[m.Code]; ok {
			m.Edit = &Open{e.ID, e.OpenedBy, e.Batch}
		}
		all = append(all, m)
		return nil
	})
	return all, err
}

// Replace opens one batch of edits with the replacement in every sheet that it meets but
// those left out.
func (s *Service) Replace(ctx context.Context, by catalogue.Editing, title string, r Replacement, without ...string) (Taken, error) {
	r, to, err := s.with(ctx, r)
	if err != nil {
		return Taken{}, err
	}
	if title = shown(title); title == "" {
		title = shown(r.From)
	}
	answer, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		entry := audit.Entry{Deed: "national.replace", Object: "catalogue", Args: map[string]any{"of": r.Of, "from": r.From}}
		var edits []editorial.BatchEdit
		err := s.changes(ctx, tx, r, to, func(m Met, after catalogue.Sheet) error {
			if slices.Contains(without, m.Code) {
				return nil
			}
			edit, err := editOf(after)
			edits = append(edits, edit)
			return err
		})
		if err != nil {
			return "", entry, err
		}
		return s.open(ctx, tx, by, editorial.Bulk, title, edits, entry)
	})
	return takenOf(answer), err
}
