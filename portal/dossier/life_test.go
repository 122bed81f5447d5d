package dossier

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/catalogue"
	"motcua/portal/notification"
	"motcua/portal/workflow"
)

var (
	states = []State{Filed, Received, Refused, Processing, Supplement, Withdrawn, Decided, Returned}
	deeds  = []Deed{See, Receive, AskSupplement, Supply, Refuse, Forward, Decide, Archive, Return, Withdraw, Rate, PayFee}
)

// What each may do to a dossier of agency 1 that belongs to person 7.
func TestMay(t *testing.T) {
	t.Parallel()
	role := func(role string, at int64) Actor {
		return Actor{Officer: &agency.Officer{ID: 3, Roles: []agency.Role{{AgencyID: at, Role: role}}}}
	}
	owner := "see supply withdraw rate pay"
	member := func(s applicant.Standing) Actor {
		s.TaxCode, s.GrantID = rice, 5
		return Actor{Standings: applicant.Standings{Person: 8, All: []applicant.Standing{s}}}
	}
	for _, c := range []struct {
		name  string
		actor Actor
		tax   string
		want  string
	}{
		{"the applicant", individual(7), "", owner},
		{"another person", individual(8), "", ""},
		{"nobody", Actor{}, "", ""},
		{"a representative", individual(8, "x", rice), rice, owner},
		{"the applicant who has left the business", individual(7), rice, ""},
		{"a representative of another", individual(7, "x"), rice, ""},
		{"a member who may see", member(applicant.Standing{See: true}), rice, "see"},
		{"a member who may file", member(applicant.Standing{See: true, File: true}), rice, "see supply withdraw rate"},
		{"a member who may pay", member(applicant.Standing{See: true, Pay: true}), rice, "see pay"},
		{"a member for another procedure", member(applicant.Standing{Procedure: "1.000001", See: true, File: true, Pay: true}), rice, ""},
		{"intake", role(agency.Intake, 1), "", "see receive ask_supplement refuse forward return"},
		{"processor", role(agency.Processor, 1), "", "see forward archive"},
		{"leader", role(agency.Leader, 1), "", "see decide"},
		{"clerk", role(agency.Clerk, 1), "", "see archive"},
		{"editor", role(agency.Editor, 1), "", ""},
		{"admin", role(agency.Admin, 1), "", ""},
		{"intake elsewhere", role(agency.Intake, 2), "", ""},
		{"leader elsewhere", role(agency.Leader, 2), "", ""},
		{"an officer who is the applicant too", Actor{Standings: applicant.Standings{Person: 7}, Officer: role(agency.Intake, 2).Officer}, "", ""},
	} {
		var may []string
		for _, deed := range deeds {
			if May(c.actor, deed, Dossier{AgencyID: 1, PersonID: 7, TaxCode: c.tax}) {
				may = append(may, string(deed))
			}
		}
		want := strings.Fields(c.want)
		slices.Sort(may)
		slices.Sort(want)
		if !slices.Equal(may, want) {
			t.Errorf("%s may %v, want %v", c.name, may, want)
		}
	}
}

// individual is a person who is the legal representative of businesses.
func individual(id int64, businesses ...string) Actor {
	a := Actor{Standings: applicant.Standings{Person: id}}
	for _, code := range businesses {
		a.All = append(a.All, applicant.Standing{TaxCode: code, See: true, File: true, Sign: true, Pay: true})
	}
	return a
}

func TestMovesLeadOnlyWhereTheyMay(t *testing.T) {
	t.Parallel()
	for from, row := range moves {
		for deed, to := range row {
			if _, owner := roles[deed]; !owner && deed != Supply && deed != Withdraw {
				t.Errorf("%s in %s is nobody's", deed, from)
			}
			if !slices.Contains(states, to) || from.Closed() {
				t.Errorf("%s leads from %s to %s", deed, from, to)
			}
		}
	}
	for _, s := range states {
		if s.Closed() != (len(moves[s]) == 0) || s.Border() == 0 || !locales.Has("state."+string(s)) || !locales.Has("state."+string(s)+".says") {
			t.Errorf("%s: closed %v, %d moves, border %d, or no text", s, s.Closed(), len(moves[s]), s.Border())
		}
	}
}

func TestCan(t *testing.T) {
	t.Parallel()
	steps := &workflow.Workflow{Steps: []workflow.Step{{ID: "a", Does: workflow.Archive}, {ID: "r", Does: workflow.Return}, {ID: "p", Does: workflow.Process}}}
	rev := &catalogue.Revision{Workflow: steps}
	for _, c := range []struct {
		deed Deed
		d    Dossier
		want bool
	}{
		{AskSupplement, Dossier{State: Filed}, true},
		{AskSupplement, Dossier{State: Filed, Supplements: 1}, false}, // one round only
		{AskSupplement, Dossier{State: Received}, false},
		{Archive, Dossier{State: Decided, Step: "a", Revision: rev}, true},
		{Archive, Dossier{State: Decided, Step: "r", Revision: rev}, false},
		{Return, Dossier{State: Decided, Step: "a", Revision: rev}, false},
		{Return, Dossier{State: Decided, Step: "r", Revision: rev}, true},
		{Return, Dossier{State: Decided, Step: "gone", Revision: rev}, false},
		{Withdraw, Dossier{State: Decided}, false},
		{Rate, Dossier{State: Returned}, true},
		{Rate, Dossier{State: Processing}, false},
		{Decide, Dossier{State: Received}, false},
	} {
		if got := Can(c.deed, c.d); got != c.want {
			t.Errorf("%s in %s at %q: %v", c.deed, c.d.State, c.d.Step, got)
		}
	}
}

// The table of states in Go and the CHECK in SQL are the same.
func TestSQLKnowsTheSameStates(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filed(t)
	set := func(state string) error {
		_, err := w.DB.Exec(`UPDATE dossiers SET state = $2, received_at = now(), due_at = now(), decided_at = now(), returned_at = now(), outcome = 'granted' WHERE id = $1`, d.ID, state)
		return err
	}
	for _, s := range states {
		if err := set(string(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	var check string
	if err := w.DB.Get(&check, `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'dossiers_state'`); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(check, "::text"); n-strings.Count(check, "(state)") > 2*len(states)+2 || set("approved") == nil {
		t.Errorf("SQL allows more states: %s", check)
	}
	// no state without what it stands for
	for state, missing := range map[State]string{Received: "received_at", Processing: "due_at", Decided: "decided_at", Returned: "returned_at"} {
		if _, err := w.DB.Exec(`UPDATE dossiers SET state = $2, received_at = now(), due_at = now(), decided_at = now(), returned_at = now(), outcome = 'granted', `+missing+` = NULL WHERE id = $1`, d.ID, state); err == nil {
			t.Errorf("%s without %s", state, missing)
		}
	}
	if _, err := w.DB.Exec(`UPDATE filings SET answers = '{}' WHERE dossier_id = $1`, d.ID); err == nil {
		t.Error("a filing could be changed")
	}
	if _, err := w.DB.Exec(`DELETE FROM events WHERE dossier_id = $1`, d.ID); err == nil {
		t.Error("an event could be taken away")
	}
}

func TestEveryEventAndNoticeHasItsWords(t *testing.T) {
	t.Parallel()
	kinds := []string{"filed", "paid", "payment_review", "payment_due", "overpaid", "ready", "postal", "delivered"}
	for _, deed := range deeds {
		if deed != See && deed != Rate && deed != PayFee {
			kinds = append(kinds, string(deed))
		}
	}
	for _, kind := range kinds {
		if !locales.Has("event." + kind) {
			t.Errorf("no text event.%s", kind)
		}
	}
	for event, kind := range notices {
		if _, known := notification.Kinds[kind]; !known {
			t.Errorf("%s is told by %s, which is none", event, kind)
		}
	}
	for _, by := range []string{"online", "post"} {
		if kind := (telling{Kind: string(Return)}).notice(Dossier{ReturnBy: by}); notification.Kinds[kind] == nil {
			t.Errorf("a return %s is told by %s, which is none", by, kind)
		}
	}
	e := Event{Kind: "ask_supplement"}
	e.Args.V = map[string]any{"count": float64(2), "until": "3/12/2026"}
	if said, _ := locales.Say(locales.VI, e.Say()); !strings.Contains(said, "2 mục") || strings.Contains(said, "{") {
		t.Errorf("%s", said)
	}
}

func TestStale(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filed(t)
	if _, err := w.ByID(t.Context(), uuid.NewString()); err == nil {
		t.Error("none was found")
	}
	if _, err := w.ByID(t.Context(), fmt.Sprint(d.Code)); err == nil {
		t.Error("a code is no key")
	}
}
