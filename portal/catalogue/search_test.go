package catalogue

import (
	"encoding/json"
	"io/fs"
	"os"
	"strings"
	"testing"

	"motcua/assets"
)

// editionOf makes the edition of a folder without a database.
func editionOf(t testing.TB, fsys fs.FS) *edition {
	t.Helper()
	f, err := read(fsys)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.faults) > 0 {
		t.Fatalf("%d faults, the first: %v", len(f.faults), f.faults[0])
	}
	e := &edition{byCode: map[string]*Revision{}, fields: f.byField}
	for i, entry := range f.entries {
		var doc document
		if err := json.Unmarshal(entry.doc, &doc); err != nil {
			t.Fatal(err)
		}
		r, err := doc.open()
		if err != nil {
			t.Fatal(err)
		}
		r.ID, r.Field = int64(i+1), e.field(r.Sheet.Field)
		e.byCode[r.Code] = r
		e.revisions = append(e.revisions, r)
	}
	e.index = newIndex(e.revisions, f.synonyms)
	return e
}

func shipped(t testing.TB) *edition { return editionOf(t, assets.Catalogue()) }

type judged struct{ query, code string }

func judgedList(t testing.TB, name string) []judged {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var all []judged
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		if query, code, ok := strings.Cut(line, "\t"); ok && !strings.HasPrefix(line, "#") {
			all = append(all, judged{query, code})
		}
	}
	return all
}

func TestJudgedQueries(t *testing.T) {
	t.Parallel()
	e := shipped(t)
	list := judgedList(t, "queries.tsv")
	if len(list) < 40 {
		t.Fatalf("%d queries", len(list))
	}
	for _, j := range list {
		r := e.search(Query{Text: j.query})
		if r.Total == 0 || r.Hits[0].Code != j.code {
			var got []string
			for _, h := range r.Hits[:min(4, len(r.Hits))] {
				got = append(got, h.Code+" "+h.Sheet.Name.VI)
			}
			t.Errorf("%q (%s) of %d: want %s\n\t%s", j.query, r.Corrected, r.Total, j.code, strings.Join(got, "\n\t"))
		}
	}
}

// TestUnseenQueries holds the search to a list that it was not made with: most first hits
// right, nearly all in the first three.
func TestUnseenQueries(t *testing.T) {
	t.Parallel()
	e := shipped(t)
	list := judgedList(t, "unseen.tsv")
	first, three := 0, 0
	for _, j := range list {
		r := e.search(Query{Text: j.query})
		for i, h := range r.Hits[:min(3, len(r.Hits))] {
			if h.Code == j.code {
				three++
				if i == 0 {
					first++
				} else {
					t.Logf("%q: %s is number %d", j.query, j.code, i+1)
				}
			}
		}
	}
	t.Logf("of %d: %d first, %d in the first three", len(list), first, three)
	if first*100 < 85*len(list) || three*100 < 95*len(list) {
		t.Errorf("of %d: %d first, %d in the first three", len(list), first, three)
	}
}
