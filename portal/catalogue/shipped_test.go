package catalogue

import (
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/assets"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/calendar"
)

func TestShippedCatalogue(t *testing.T) {
	t.Parallel()
	e := shipped(t)
	information := 0
	for _, r := range e.revisions {
		if r.Form == nil {
			information++
		}
		if r.Sheet.Name.EN == "" || r.Field.Name.EN == "" {
			t.Errorf("%s: no English", r.Code)
		}
		if !r.Deadline.Valid() {
			t.Errorf("%s: deadline %+v", r.Code, r.Deadline)
		}
		for _, k := range r.Sheet.Keywords {
			if strings.TrimSpace(k) == "" || len(words(k)) > 10 {
				t.Errorf("%s: nobody searches by %q", r.Code, k)
			}
		}
	}
	if information < 320 {
		t.Errorf("%d procedures for information", information)
	}
	for _, f := range e.fields {
		if f.Source == "" {
			t.Errorf("field %s has no source", f.Code)
		}
		if !slices.ContainsFunc(e.revisions, func(r *Revision) bool { return r.Field.Code == f.Code }) {
			t.Errorf("field %s has no procedure", f.Code)
		}
	}
}

// real are the codes that the national catalogue has for procedures named in the domain
// notes. A made-up row must not stand under one of them, nor under any that could be real.
var real = []string{"1.000656", "1.000894", "1.001193", "1.001612", "1.004194", "1.004222", "1.004873", "1.012756", "1.012783", "1.012793",
	"1.013225", "1.013226", "2.000033", "2.000635", "2.000815", "2.000908", "2.002288", "3.000333", "3.000334", "3.000347", "3.000348"}

func TestMadeUpCodesStandApart(t *testing.T) {
	t.Parallel()
	for _, r := range shipped(t).revisions {
		if made := strings.HasPrefix(r.Code, "9."); made == slices.Contains(real, r.Code) {
			t.Errorf("%s %s", r.Code, r.Sheet.Name)
		}
	}
}

// TestShippedAgenciesExist holds the catalogue against the province packs: one of them has
// every agency that a sheet or a field names.
func TestShippedAgenciesExist(t *testing.T) {
	t.Parallel()
	e := shipped(t)
	whole := 0
	for _, name := range assets.Provinces() {
		folder, err := assets.Province(name)
		if err != nil {
			t.Fatal(err)
		}
		pack, err := agency.ReadPack(folder)
		if err != nil {
			t.Fatal(err)
		}
		missing := 0
		for _, r := range e.revisions {
			if !slices.ContainsFunc(pack.Agencies, r.Sheet.TakenBy) {
				missing++
				t.Logf("%s: nobody receives %s", name, r.Code)
			}
		}
		if missing == 0 {
			whole++
		}
	}
	for _, name := range assets.Provinces() {
		folder, err := assets.Province(name)
		if err != nil {
			t.Fatal(err)
		}
		pack, err := agency.ReadPack(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range pack.Heirs {
			if _, known := e.fields[h.Field]; h.Field != "" && !known {
				t.Errorf("%s: %s gave away %q, which is no field", name, h.Old, h.Field)
			}
		}
	}
	if whole == 0 {
		t.Error("no province has all agencies of the catalogue")
	}
}

func TestTheThreeThatCanBeFiled(t *testing.T) {
	t.Parallel()
	e := shipped(t)
	day := time.Date(2026, 11, 20, 9, 0, 0, 0, locales.ICT)
	for code, want := range map[string]struct {
		audience string
		deadline calendar.Rule
		fee      int64 // for three copies
		commune  bool
	}{
		"2.000635": {Citizen, calendar.Rule{Unit: calendar.SameDay}, 24000, true},
		"1.001193": {Citizen, calendar.Rule{Amount: 1, Unit: calendar.WorkingDay}, 0, true},
		"2.000033": {Business, calendar.Rule{Amount: 1, Unit: calendar.WorkingDay}, 0, false},
	} {
		r := e.byCode[code]
		if r == nil || r.Form == nil {
			t.Fatalf("%s cannot be filed", code)
		}
		if r.Sheet.Service() != Full || !slices.Equal(r.Sheet.Audience, []string{want.audience}) || len(r.Sheet.Channels) != 3 {
			t.Errorf("%s: %s for %v by %d channels", code, r.Sheet.Service(), r.Sheet.Audience, len(r.Sheet.Channels))
		}
		if r.Deadline != want.deadline || r.AnswerWithin != (calendar.Rule{Amount: 8, Unit: calendar.WorkingHour}) {
			t.Errorf("%s: %+v, %+v", code, r.Deadline, r.AnswerWithin)
		}
		_, total, err := payments.Due(r.Fees, map[string]int64{"copies": 3}, day)
		if err != nil || total != want.fee || r.Sheet.Free() != (want.fee == 0) {
			t.Errorf("%s: %d đ, %v", code, total, err)
		}
		commune := r.Sheet.TakenBy(agency.Agency{Code: "X01.101", Level: agency.Communal})
		if commune != want.commune || r.Sheet.TakenBy(agency.Agency{Code: "X01.99", Level: agency.Department}) {
			t.Errorf("%s: taken by a commune: %v", code, commune)
		}
		if len(r.Workflow.Steps) != 6 || len(r.Workflow.Check()) != 0 {
			t.Errorf("%s: %+v", code, r.Workflow)
		}
		for i, ch := range r.Sheet.Channels {
			if (calendar.Rule{Amount: ch.Time.Amount, Unit: ch.Time.Unit}) != r.Deadline {
				t.Errorf("%s: channel %d publishes another time than is counted", code, i)
			}
		}
	}
}

// TestPriceInTheSheetIsThePriceThatIsTaken compares the words with the rule.
func TestPriceInTheSheetIsThePriceThatIsTaken(t *testing.T) {
	t.Parallel()
	for _, r := range shipped(t).revisions {
		if r.Form == nil {
			continue
		}
		var units []int64
		for _, rule := range r.Fees {
			if len(rule.Tiers) == 0 {
				units = append(units, rule.Unit)
			}
			for _, tier := range rule.Tiers {
				units = append(units, tier.Unit)
			}
		}
		for _, ch := range r.Sheet.Channels {
			for _, p := range ch.Fees {
				// the rules count what is filed here; at the counter it may cost more (TT 75/2022/TT-BTC)
				if ch.Channel == Online && !slices.Contains(units, p.Amount) && (p.Amount != 0 || len(units) > 0) {
					t.Errorf("%s: the sheet says %d, the rules %v", r.Code, p.Amount, units)
				}
			}
		}
	}
}

// TestWhatIsNotSettledIsNotCalledFree holds the sheets to their rules: where the rule's ground
// waits for the province, the sheet says so too.
func TestWhatIsNotSettledIsNotCalledFree(t *testing.T) {
	t.Parallel()
	waiting := 0
	for _, r := range shipped(t).revisions {
		var rules, sheet bool
		for _, rule := range r.Fees {
			rules = rules || strings.Contains(strings.ToLower(rule.Ground.VI), "chưa có nghị quyết")
		}
		for _, ch := range r.Sheet.Channels {
			for _, p := range ch.Fees {
				sheet = sheet || p.Pending
			}
		}
		if rules != sheet || sheet && r.Sheet.Free() {
			t.Errorf("%s: the rules wait for a resolution: %v, the sheet says so: %v, free: %v", r.Code, rules, sheet, r.Sheet.Free())
		}
		if sheet {
			waiting++
		}
	}
	if waiting == 0 {
		t.Error("no procedure waits: this test tries nothing")
	}
}

// TestFieldsOfTheDecision shows that every field of the decision has its place: taking the
// parted names out of an agency's row leaves nothing.
func TestFieldsOfTheDecision(t *testing.T) {
	t.Parallel()
	var doc fieldsDoc
	b, err := fs.ReadFile(assets.Catalogue(), fieldsFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	parted := map[string][]string{}
	for _, f := range doc.Fields {
		for _, o := range f.From {
			if !slices.Contains(parted[o.Agency], o.Name) { // one field of then may be two of today
				parted[o.Agency] = append(parted[o.Agency], o.Name)
			}
		}
	}
	cells := map[string][]string{}
	hand, err := os.ReadFile("testdata/decision_fields.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(hand)), "\n") {
		if body, name, ok := strings.Cut(line, "\t"); ok {
			cells[body] = append(cells[body], name)
			if !slices.Contains(parted[body], name) {
				t.Errorf("no field comes from %q of %s", name, body)
			}
		}
	}
	decision, err := os.ReadFile("testdata/decision.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, line := range strings.Split(strings.TrimSpace(string(decision)), "\n") {
		body, text, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		rows++
		if strings.Join(cells[body], " ") != text {
			t.Errorf("%s: the cells parted by hand are not the row: %q", body, cells[body])
		}
		if len(parted[body]) != len(cells[body]) {
			t.Errorf("%s: %d fields, %d cells", body, len(parted[body]), len(cells[body]))
		}
		names := parted[body]
		delete(parted, body)
		slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // the longer first: one name may be part of another
		for _, name := range names {
			rest := strings.Replace(text, name, "", 1)
			if rest == text {
				t.Errorf("%s has no field %q", body, name)
			}
			text = rest
		}
		if rest := strings.TrimSpace(text); rest != "" {
			t.Errorf("%s: left over: %q", body, rest)
		}
	}
	if rows != 20 || len(parted) != 0 {
		t.Errorf("%d rows; not in the decision: %v", rows, parted)
	}
}
