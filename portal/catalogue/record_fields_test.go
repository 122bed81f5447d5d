package catalogue

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestShippedFormsHoldTheFieldsOfTheRecord compares each form with what the procedure's
// statutory form and national message ask for: testdata/fields*.json, from the project's
// collection of rules on Vietnamese procedures (§13, "Fields of the shipped forms"), by
// procedure, in its words, with the questions that ask it. "national X" is a field that
// must carry that name of the national message.
func TestShippedFormsHoldTheFieldsOfTheRecord(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/fields*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	record := map[string]map[string][]string{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &record); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	for _, r := range shipped(t).revisions {
		if r.Form == nil {
			continue
		}
		fields := record[r.Code]
		delete(record, r.Code)
		if len(fields) == 0 {
			t.Errorf("%s: nothing to compare its form with", r.Code)
		}
		for words, ids := range fields {
			name, national := strings.CutPrefix(words, "national ")
			if len(ids) == 0 {
				t.Errorf("%s: nothing asks %q", r.Code, words)
			}
			for _, id := range ids {
				if q, ok := r.Form.Question(id); !ok {
					t.Errorf("%s: no question %s for %q", r.Code, id, words)
				} else if national && q.National != name {
					t.Errorf("%s: %s is called %q in the national message, not %q", r.Code, id, q.National, name)
				}
			}
		}
	}
	for code := range record {
		t.Errorf("%s has no form", code)
	}
	q, _ := shipped(t).byCode["2.000033"].Form.Question("business_address")
	if parts := []string{q.Parts["province"], q.Parts["commune"], q.Parts["detail"]}; !slices.Equal(parts, []string{"MaTinh", "MaXa", "DiaChiChiTiet"}) {
		t.Errorf("the parts of the national address are %q", parts)
	}
}
