package applicant

import (
	"fmt"
	"testing"
	"time"

	"motcua/portal/notification"
	"motcua/portal/queue"
	"motcua/portal/signin"
)

// told are the kinds of notices in the person's inbox, oldest first.
func (w *town) told(t *testing.T, p signin.Person) string {
	t.Helper()
	var kinds []string
	if err := w.DB.Select(&kinds, `SELECT kind FROM notices WHERE person_id = $1 ORDER BY id`, p.ID); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(kinds)
}

// TestTheOtherSideIsTold: who is invited, whose invitation was taken, whose power ended; and
// whoever has no account yet is no fault.
func TestTheOtherSideIsTold(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.Notices = &notification.Service{DB: w.DB, Now: w.Now, Settings: notification.Settings{PortalURL: "https://portal.example"}}
	worker := &queue.Worker{DB: w.DB, Handlers: w.Handlers(), Now: w.Now}
	turn := func() {
		t.Helper()
		w.at = w.at.Add(time.Minute)
		if _, err := worker.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	id := w.invite(t, w.lan, w.mai, rice, Terms{File: true})
	w.invite(t, w.lan, signin.Person{Name: "Chưa Có", IDNumber: "089194999999"}, rice, Terms{})
	turn()
	if err := w.Accept(t.Context(), w.mai, id, newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	turn()
	for range 2 { // said twice
		if err := w.Revoke(t.Context(), w.lan, id, newKey(w.lan)); err != nil {
			t.Log(err)
		}
	}
	turn()
	if got := w.told(t, w.mai); got != "[standing_asked standing_over]" {
		t.Errorf("the member was told %s", got)
	}
	if got := w.told(t, w.lan); got != "[standing_begun]" {
		t.Errorf("the representative was told %s", got)
	}
	if n := w.told(t, w.phuc); n != "[]" {
		t.Errorf("somebody else was told %s", n)
	}
	var stuck int
	if err := w.DB.Get(&stuck, `SELECT count(*) FROM jobs WHERE last_error <> ''`); err != nil || stuck != 0 {
		t.Errorf("%d jobs failed, %v", stuck, err)
	}
	var body string
	if err := w.DB.Get(&body, `SELECT subject || body FROM notices WHERE person_id = $1 LIMIT 1`, w.mai.ID); err != nil || len(body) == 0 {
		t.Errorf("%q, %v", body, err)
	}
}
