package desk

import (
	"io"
	"testing"
	"time"

	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/dossier"
	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

func TestInbox(t *testing.T) {
	t.Parallel()
	w := newService(t)
	intake := w.officer(t, w.ward, agency.Intake)
	waiting, decided := w.filed(t, "online"), w.decided(t, "online")
	received := w.received(t, "online") // due today at 17:00
	done := w.returned(t, "online")
	asked := w.filed(t, "online")
	if err := w.AskSupplement(t.Context(), w.press(t, agency.Intake, asked), items); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter Filter
		want   []dossier.Dossier
	}{
		{Filter{}, []dossier.Dossier{decided, received, waiting, asked}},
		{Filter{View: "unknown"}, []dossier.Dossier{decided, received, waiting, asked}},
		{Filter{View: ViewWaiting}, []dossier.Dossier{waiting}},
		{Filter{View: ViewProcessing}, []dossier.Dossier{received}},
		{Filter{View: ViewSupplement}, []dossier.Dossier{asked}},
		{Filter{View: ViewDecided}, []dossier.Dossier{decided}},
		{Filter{View: ViewToday}, []dossier.Dossier{received}},
		{Filter{View: ViewClosed}, []dossier.Dossier{done}},
		{Filter{View: ViewLate}, nil},
		{Filter{Text: waiting.Code}, []dossier.Dossier{waiting}},
		{Filter{Text: "hong MAI", View: ViewWaiting}, []dossier.Dossier{waiting}}, // without marks
		{Filter{Text: "089194000101", View: ViewDecided}, []dossier.Dossier{decided}},
		{Filter{Text: "_%"}, nil},
		{Filter{Page: 2}, nil},
	} {
		in, err := w.Inbox(t.Context(), intake, c.filter)
		if err != nil {
			t.Fatalf("%+v: %v", c.filter, err)
		}
		got, want := map[string]bool{}, map[string]bool{}
		for _, l := range in.Dossiers {
			got[l.ID] = true
		}
		for _, d := range c.want {
			want[d.ID] = true
		}
		for id := range want {
			if !got[id] || len(got) != len(want) {
				t.Errorf("%+v: %d dossiers, want %d", c.filter, len(got), len(want))
			}
		}
		if len(want) == 0 && len(got) != 0 {
			t.Errorf("%+v: %d dossiers, want none", c.filter, len(got))
		}
		if c.filter.Text == "" && c.filter.Page == 0 && in.Total != len(c.want) {
			t.Errorf("%+v: counted %d, want %d", c.filter, in.Total, len(c.want))
		}
		for i := 1; i < len(in.Dossiers); i++ {
			if in.Dossiers[i].Deadline().Before(in.Dossiers[i-1].Deadline()) {
				t.Errorf("%+v: not by deadline", c.filter)
			}
		}
	}
	w.clock.Pass(48 * time.Hour)
	in, err := w.Inbox(t.Context(), intake, Filter{View: ViewLate})
	if err != nil || len(in.Dossiers) != 2 || !in.Dossiers[0].Overdue {
		t.Errorf("%d late, %v", len(in.Dossiers), err)
	}
}

func TestInboxOfOthers(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.filed(t, "online")
	in, err := w.Inbox(t.Context(), w.officer(t, w.other, agency.Intake), Filter{})
	if err != nil || len(in.Dossiers) != 0 || in.Counts[ViewOpen] != 0 {
		t.Errorf("another agency sees %d, %v", len(in.Dossiers), err)
	}
	for _, role := range []string{agency.Editor, agency.Admin, ""} {
		o := agency.Officer{ID: 1, Roles: []agency.Role{{AgencyID: w.ward.ID, Role: role}}}
		_, err := w.Inbox(t.Context(), o, Filter{})
		worldtest.WantFault(t, "the inbox of role "+role, err, problem.NotFound, "dossier.not_found")
	}
}

func TestWhatAnOfficerSeesIsOnRecord(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.received(t, "online")
	w.drain(t)
	leader, stranger := w.officer(t, w.ward, agency.Leader), w.officer(t, w.other, agency.Leader)
	ack, _, err := w.Dossiers.LastPaper(t.Context(), d, dossier.Acknowledgement)
	if err != nil {
		t.Fatal(err)
	}
	e := audit.Entry{IP: "10.0.0.7", Request: "r-1"}
	c, err := w.Case(t.Context(), leader, d.ID, e)
	if err != nil || len(c.Deeds) != 0 || len(c.Processors) != 1 || c.Line.DaysLeft != 0 || c.Order == nil {
		t.Errorf("%v %v %+v %v", c.Deeds, c.Processors, c.Line, err)
	}
	if _, _, err := w.Paper(t.Context(), leader, d.ID, ack.ID, e); err != nil {
		t.Error(err)
	}
	_, body, err := w.Attachment(t.Context(), leader, d.ID, d.ID, e)
	worldtest.WantFault(t, "a file that is not there", err, problem.NotFound, "dossier.not_found")
	if body != nil {
		io.Copy(io.Discard, body)
	}
	for deed, want := range map[string]int{"dossier.see": 1, "paper.see": 1, "attachment.see": 1} {
		n := w.count(t, `SELECT count(*) FROM audit WHERE deed = $1 AND actor = $2 AND object = $3 AND ip = '10.0.0.7' AND request = 'r-1' AND agency_id = $4`,
			deed, officer(leader), "dossier:"+d.ID, w.ward.ID)
		if n != want {
			t.Errorf("%d entries %s, want %d", n, deed, want)
		}
	}
	before := w.count(t, `SELECT count(*) FROM audit`)
	_, err = w.Case(t.Context(), stranger, d.ID, e)
	worldtest.WantFault(t, "another's case", err, problem.NotFound, "dossier.not_found")
	_, _, err = w.Paper(t.Context(), stranger, d.ID, ack.ID, e)
	worldtest.WantFault(t, "another's paper", err, problem.NotFound, "dossier.not_found")
	_, _, err = w.Attachment(t.Context(), stranger, d.ID, d.ID, e)
	worldtest.WantFault(t, "another's file", err, problem.NotFound, "dossier.not_found")
	if n := w.count(t, `SELECT count(*) FROM audit`); n != before {
		t.Errorf("%d more entries of what nobody saw", n-before)
	}
}
