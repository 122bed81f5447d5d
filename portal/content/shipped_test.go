package content

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, locales.ICT)

// newService is over a database that holds the shipped texts.
func newService(t *testing.T) (*Service, *time.Time) {
	t.Helper()
	now := start
	clock := func() time.Time { return now }
	db := pgtest.Filled(t, "content", func(db *sqlx.DB) {
		r, err := (&Service{DB: db, Now: clock}).Import(t.Context(), assets.Content())
		if err != nil || len(r.Faults) > 0 || r.New == 0 {
			t.Fatal(r, err)
		}
	})
	return &Service{DB: db, Catalogue: &catalogue.Service{DB: db, Now: clock}, Now: clock}, &now
}

// Every shipped text holds against its own checks, names procedures that are shipped, and is
// in Vietnamese and English; links lead to texts that are there.
func TestShipped(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	known := shippedCodes(t)
	there := map[string]bool{}
	counts := map[string]int{}
	var all []*Item
	for _, kind := range Kinds {
		of, err := s.All(t.Context(), kind)
		if err != nil {
			t.Fatal(err)
		}
		counts[kind] = len(of)
		for _, i := range of {
			there[map[string]string{Event: "/su-kien/", Guide: "/huong-dan/", Question: "/hoi-dap/", News: "/tin/"}[kind]+i.Slug] = true
		}
		all = append(all, of...)
	}
	for _, i := range all {
		for _, f := range Check(i.Kind, i.Doc, func(code string) bool { return known[code] }) {
			t.Errorf("%s %s: %s: %v", i.Kind, i.Slug, f.Place, f.Message)
		}
		for _, text := range append([]locales.Text{i.Body}, texts(i.Steps)...) {
			for _, to := range links(text) {
				if strings.HasPrefix(to, "/su-kien/") || strings.HasPrefix(to, "/huong-dan/") || strings.HasPrefix(to, "/hoi-dap/") {
					if !there[to] {
						t.Errorf("%s %s leads to %s, which is not there", i.Kind, i.Slug, to)
					}
				}
			}
		}
	}
	if counts[Event] != 19 || counts[Guide]+counts[Question] < 24 || counts[News] == 0 {
		t.Errorf("shipped: %v", counts)
	}
}

// shippedCodes are the procedures of the shipped catalogue.
func shippedCodes(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	folders, err := fs.ReadDir(assets.Catalogue(), "procedures")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		known[f.Name()] = true
	}
	b, err := fs.ReadFile(assets.Catalogue(), "information.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Procedures []struct{ Code string } }
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	for _, p := range doc.Procedures {
		known[p.Code] = true
	}
	return known
}

func texts(steps []Step) []locales.Text {
	var all []locales.Text
	for _, s := range steps {
		all = append(all, s.Text)
	}
	return all
}

func folder(title string) fstest.MapFS {
	return fstest.MapFS{"news.json": {Data: []byte(`{"items": [{"slug": "a", "title": "` + title + `", "body": "Chữ."}]}`)}}
}

func TestImportAgain(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	for _, c := range []struct {
		files fstest.MapFS
		want  Report
	}{{folder("Một"), Report{New: 1}}, {folder("Một"), Report{Same: 1}}, {folder("Hai"), Report{Changed: 1}}, {folder("Hai"), Report{Same: 1}}} {
		r, err := s.Import(t.Context(), c.files)
		if err != nil || r.New != c.want.New || r.Same != c.want.Same || r.Changed != c.want.Changed || len(r.Faults) > 0 {
			t.Errorf("%+v (%v), want %+v", r, err, c.want)
		}
	}
	if i, err := s.One(t.Context(), News, "a"); err != nil || i.Title.VI != "Hai" || i.No != 2 {
		t.Errorf("%+v (%v)", i, err)
	}
	r, err := s.Import(t.Context(), assets.Content())
	if err != nil || r.New+r.Changed != 0 || r.Same == 0 {
		t.Errorf("the shipped folder again: %+v (%v)", r, err)
	}
}

// What is wrong leaves its own text out and no other; every fault says where.
func TestImportFaults(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	r, err := s.Import(t.Context(), fstest.MapFS{"questions.json": {Data: []byte(`{"items": [
		{"slug": "tot", "title": "Tốt?", "body": "Tốt.", "group": "filing"},
		{"slug": "Xấu", "title": "Xấu?", "body": "Xấu.", "group": "filing"},
		{"slug": "trong", "title": "Trống?", "group": "filing"},
		{"slug": "nhom", "title": "Nhóm?", "body": "Lạ.", "group": "x"},
		{"slug": "lien-ket", "title": "Liên kết?", "body": "[a](javascript:1) [b](//x)", "group": "filing"},
		{"slug": "tot", "title": "Hai lần?", "body": "Hai.", "group": "filing"}]}`)},
		"guides.json": {Data: []byte(`{"items": [{"slug": "a", "what": 1}]}`)}})
	if err != nil || r.New != 1 || len(r.Faults) != 7 {
		t.Errorf("%d new, faults %v (%v)", r.New, r.Faults, err)
	}
	for _, f := range r.Faults {
		if _, ok := locales.Say(locales.VI, f.Message); ok != locales.VI || f.File == "" {
			t.Errorf("a fault without words: %v", f)
		}
	}
}

// A late failure leaves nothing of the import.
func TestImportFailsLate(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	owner := pgtest.Owner(t, s.DB)
	if _, err := owner.ExecContext(t.Context(), `ALTER TABLE content_revisions ADD CONSTRAINT broken CHECK (doc->'title'->>'vi' <> 'Hỏng')`); err != nil {
		t.Fatal(err)
	}
	files := folder("Tốt")
	files["guides.json"] = &fstest.MapFile{Data: []byte(`{"items": [{"slug": "hong", "title": "Hỏng", "summary": "x", "group": "filing"}]}`)}
	if _, err := s.Import(t.Context(), files); err == nil {
		t.Fatal("taken")
	}
	var n int
	if err := s.DB.GetContext(t.Context(), &n, `SELECT count(*) FROM contents WHERE slug IN ('a', 'hong')`); err != nil || n != 0 {
		t.Errorf("%d texts stayed (%v)", n, err)
	}
}

// put writes a revision of an announcement as a publishing would.
func (s *Service) putNews(t *testing.T, title string, no int, from time.Time) {
	t.Helper()
	_, err := pgtest.Owner(t, s.DB).ExecContext(t.Context(), `
		WITH c AS (INSERT INTO contents (kind, slug) VALUES ('news', 'a') ON CONFLICT (kind, slug) DO UPDATE SET slug = 'a' RETURNING id)
		INSERT INTO content_revisions (content_id, no, doc, sha256, in_force_from, made_at)
		SELECT id, $1, jsonb_build_object('title', jsonb_build_object('vi', $2::text), 'top', true), '', $3, $3 FROM c`, no, title, from)
	if err != nil {
		t.Fatal(err)
	}
}

// A text is seen from its very second, not before; the last one published counts.
func TestTimes(t *testing.T) {
	t.Parallel()
	s, now := newService(t)
	s.putNews(t, "Một", 1, start.Add(-time.Hour))
	s.putNews(t, "Hai", 2, start.Add(time.Hour))
	seen := func(want string) {
		t.Helper()
		i, err := s.One(t.Context(), News, "a")
		if want == "" {
			if !problem.Is(err, problem.NotFound) {
				t.Errorf("%v: there is %v (%v)", *now, i, err)
			}
			return
		}
		if err != nil || i.Title.VI != want || !i.First.Equal(start.Add(-time.Hour)) {
			t.Errorf("%v: %+v (%v), want %s", *now, i, err, want)
		}
	}
	seen("Một")
	before, _ := s.Edition(t.Context())
	if top, err := s.Top(t.Context()); err != nil || top == nil || top.Title.VI == "" {
		t.Errorf("on top: %v (%v)", top, err)
	}
	*now = start.Add(time.Hour - time.Second)
	seen("Một")
	if same, _ := s.Edition(t.Context()); same != before {
		t.Error("another edition, and nothing has changed")
	}
	*now = start.Add(time.Hour)
	seen("Hai")
	if other, _ := s.Edition(t.Context()); other == before {
		t.Error("the same edition of another text")
	}
	s.putNews(t, "Bốn", 4, start.Add(3*time.Hour))
	s.putNews(t, "Ba", 3, start.Add(2*time.Hour))
	*now = start.Add(3*time.Hour + time.Minute)
	seen("Bốn")
	if again, _ := s.All(t.Context(), News); slices.IndexFunc(again, func(i *Item) bool { return i.Title.VI == "Ba" }) >= 0 {
		t.Error("what was overtaken is shown")
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	for text, want := range map[string]string{"": "nop-ho-so-truc-tuyen", "chup giay": "chup-giay-to", "ẢNH MỜ": "chup-giay-to"} {
		all, err := s.Find(t.Context(), Guide, text)
		if err != nil || !slices.ContainsFunc(all, func(i *Item) bool { return i.Slug == want }) {
			t.Errorf("%q does not find %s (%v)", text, want, err)
		}
	}
	if all, err := s.Find(t.Context(), Guide, "khong-co-gi-ca xyz"); err != nil || len(all) != 0 {
		t.Errorf("%d found (%v)", len(all), err)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	b := Parse(locales.Text{VI: "Một\nhai.\n\n- a\n- [b](/x)\n  tiếp\n\nXem [c](https://x.vn), [d](javascript:x) và [e](//y)."}, locales.EN)
	if b.Lang != locales.VI || len(b.Blocks) != 3 || b.Blocks[0].List || !b.Blocks[1].List || len(b.Blocks[1].Points) != 2 {
		t.Fatalf("%+v", b)
	}
	var linked []string
	for _, block := range b.Blocks {
		for _, p := range block.Points {
			for _, s := range p {
				if s.Link != "" {
					linked = append(linked, s.Link)
				}
			}
		}
	}
	if !slices.Equal(linked, []string{"/x", "https://x.vn"}) {
		t.Errorf("links %v", linked)
	}
	if got := b.Blocks[2].Points[0]; !strings.Contains(got[len(got)-1].Text, "[e](//y)") {
		t.Errorf("what may not be a link is lost: %+v", got)
	}
}
