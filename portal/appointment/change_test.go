package appointment

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/calendar"
	"motcua/portal/notification"
	"motcua/portal/notification/sandbox"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/standin"
)

func TestMoveAndCancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.book(w.by(w.phone, at(8, 0)))
	other := w.book(w.by(w.mai, at(8, 15)))
	if err := w.Move(t.Context(), w.phone, id, at(8, 15), key()); said(err) != "appointment.taken" {
		t.Errorf("to a time that another has: %v", err)
	}
	if err := w.Move(t.Context(), w.mai, id, at(8, 0), key()); !problem.Is(err, problem.NotFound) {
		t.Errorf("another's: %v", err)
	}
	move, tomorrow := key(), at(7, 30).AddDate(0, 0, 1)
	for range 2 {
		if err := w.Move(t.Context(), w.phone, id, tomorrow, move); err != nil {
			t.Fatal(err)
		}
	}
	a, err := w.Mine(t.Context(), w.phone, id)
	if err != nil || !a.Starts.Equal(tomorrow) || a.Sequence != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	cancel := key()
	for range 2 {
		if err := w.Cancel(t.Context(), w.mai, other, cancel); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Cancel(t.Context(), w.mai, other, key()); said(err) != "appointment.over" {
		t.Errorf("once more: %v", err)
	}
	w.book(w.by(Who{Browser: []byte("third")}, at(8, 15))) // what was given back can be taken
	if err := w.Move(t.Context(), w.mai, other, tomorrow, key()); said(err) != "appointment.over" {
		t.Errorf("moved after it was given back: %v", err)
	}
}

// Who has not signed in comes back from any browser by the code, and only by it.
func TestCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.book(w.by(w.phone, at(8, 0)))
	a, err := w.Mine(t.Context(), w.phone, id)
	if err != nil || len(a.Code) != codeLength {
		t.Fatalf("%+v, %v", a, err)
	}
	if n := w.count(`SELECT count(*) FROM appointments a WHERE a::text LIKE '%' || $1 || '%'`, a.Code); n != 0 {
		t.Error("the code stands in the row")
	}
	elsewhere := Who{Browser: []byte("elsewhere")}
	if _, err := w.Find(t.Context(), "AAAAA AAAAA", elsewhere.Browser, "ip"); said(err) != "appointment.code_unknown" {
		t.Error(err)
	}
	found, err := w.Find(t.Context(), " "+strings.ToLower(Grouped(a.Code)), elsewhere.Browser, "ip")
	if err != nil || found != id {
		t.Fatalf("%s, %v", found, err)
	}
	if _, err := w.Mine(t.Context(), elsewhere, id); err != nil {
		t.Error(err)
	}
	for range triesAnHour {
		_, err = w.Find(t.Context(), "x", nil, "ip")
	}
	if !problem.Is(err, problem.TooMany) {
		t.Errorf("after many tries: %v", err)
	}
}

// A person is reminded in the inbox, a phone by one message; of what was moved at its new
// time only, of what was given back never.
func TestReminder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	op, err := sandbox.StartSMS(standin.Options{}, sandbox.SMSConfig{Key: "k", Secret: "s", Brand: "DVC"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = op.Close() })
	w.Notices.SMS = &notification.ESMS{URL: op.URL, Key: "k", Secret: "s", Brand: "DVC"}
	tuesday, friday := at(8, 0).AddDate(0, 0, 1), at(8, 0).AddDate(0, 0, 4)
	w.book(w.by(w.mai, friday))
	moved := w.book(w.by(w.phone, tuesday.Add(15*time.Minute)))
	if err := w.Move(t.Context(), w.phone, moved, friday.Add(15*time.Minute), key()); err != nil {
		t.Fatal(err)
	}
	gone := w.by(w.phone, friday.Add(-15*time.Minute))
	gone.Phone = "0912345679"
	if err := w.Cancel(t.Context(), w.phone, w.book(gone), key()); err != nil {
		t.Fatal(err)
	}
	worker := &queue.Worker{DB: w.DB, Handlers: w.Handlers(), Now: func() time.Time { return w.now }}
	for k, h := range w.Notices.Handlers() {
		if strings.HasPrefix(k, "sms.") {
			worker.Handlers[k] = h
		}
	}
	soon := func() string {
		t.Helper()
		if _, err := worker.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(w.count(`SELECT count(*) FROM notices WHERE kind = 'visit_soon'`), len(op.Texts()))
	}
	w.now = tuesday
	if got := soon(); got != "0 0" {
		t.Errorf("on Tuesday: %s", got)
	}
	w.now = friday.Add(-24*time.Hour + 15*time.Minute)
	for range 2 {
		if got := soon(); got != "1 1" {
			t.Errorf("on Thursday: %s", got)
		}
	}
	if text := op.Texts()[0].Content; !strings.Contains(text, "08:15, 27/11/2026") || !strings.Contains(text, w.code(moved)) || op.Texts()[0].Wide {
		t.Errorf("%q", text)
	}
	if err := w.remind(t.Context(), queue.Job{Subject: "appointment:" + moved + ":1"}); err != nil || soon() != "1 1" {
		t.Errorf("the job once more: %v, %s", err, soon())
	}
}

// The officers of the agency see the day and note who came; waiting is known after ten.
func TestDayAtTheCounter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.book(w.by(w.mai, at(8, 0)))
	missed := w.book(w.by(w.phone, at(8, 15)))
	tomorrow := w.by(w.phone, at(8, 0).AddDate(0, 0, 1))
	tomorrow.Phone = "0912345600"
	later := w.book(tomorrow)
	day := calendar.DayOf(monday)
	all, err := w.OfDay(t.Context(), w.clerk, w.ward, day, audit.Entry{})
	if err != nil || len(all) != 2 || all[0].Name != "Mai" {
		t.Fatalf("%+v, %v", all, err)
	}
	if n := w.count(`SELECT count(*) FROM audit WHERE deed = 'appointment.see' AND subject = 'hash'`); n != 1 {
		t.Errorf("%d looks at Mai's on record", n)
	}
	stranger := w.clerk
	stranger.Roles = nil
	if _, err := w.OfDay(t.Context(), stranger, w.ward, day, audit.Entry{}); !problem.Is(err, problem.NotFound) {
		t.Error(err)
	}
	if err := w.Note(t.Context(), stranger, id, MarkCame, "", key()); !problem.Is(err, problem.NotFound) {
		t.Error(err)
	}
	if err := w.Note(t.Context(), w.clerk, later, MarkCame, "", key()); said(err) != "appointment.not_yet" {
		t.Error(err)
	}
	came := key()
	w.now = at(8, 5)
	for range 2 {
		if err := w.Note(t.Context(), w.clerk, id, MarkCame, "", came); err != nil {
			t.Fatal(err)
		}
	}
	w.now = at(8, 12)
	for _, note := range []struct {
		id   string
		mark Mark
		want string
	}{{id, MarkCalled, "<nil>"}, {id, MarkCalled, "appointment.marked"}, {missed, MarkMissed, "<nil>"}, {missed, MarkBack, "<nil>"}, {later, MarkCancel, "appointment.why_wanted"}, {id, "x", "appointment.mark_unknown"}} {
		if err := w.Note(t.Context(), w.clerk, note.id, note.mark, "", key()); said(err) != note.want {
			t.Errorf("%s: %v, want %s", note.mark, err, note.want)
		}
	}
	if err := w.Note(t.Context(), w.clerk, later, MarkCancel, "Quầy sửa chữa", key()); err != nil {
		t.Fatal(err)
	}
	a, err := w.Mine(t.Context(), w.mai, id)
	if err != nil || a.State != Called || a.Wait() != 7*time.Minute {
		t.Errorf("%+v waited %s, %v", a, a.Wait(), err)
	}
	if wait, err := w.Waiting(t.Context(), w.ward); err != nil || wait.Known() || wait.Of != 1 || wait.Minutes != 7 {
		t.Errorf("%+v, %v", wait, err)
	}
	w.now = w.now.Add(keepFor + 24*time.Hour*2)
	if err := w.Sweep(t.Context(), w.now); err != nil || w.count(`SELECT count(*) FROM appointments`) != 0 {
		t.Errorf("after the sweep: %v", err)
	}
}

func TestCounters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all, err := w.Counters(t.Context(), w.ward)
	if err != nil || len(all) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	c := all[0]
	if _, err := w.Set(t.Context(), w.clerk, c, key()); !problem.Is(err, problem.NotFound) {
		t.Errorf("by who may not: %v", err)
	}
	c.Minutes, c.Places = 20, 3
	k := key()
	for range 2 {
		if id, err := w.Set(t.Context(), w.admin, c, k); err != nil || id != c.ID {
			t.Fatalf("%d, %v", id, err)
		}
	}
	if _, err := w.Set(t.Context(), w.admin, c, key()); !problem.Is(err, problem.Conflict) {
		t.Errorf("from an older version: %v", err)
	}
	if err := w.Import(t.Context(), fstest.MapFS{"counters.json": {Data: []byte(packOfCounters)}}); err != nil {
		t.Fatal(err)
	}
	if got, err := w.Counter(t.Context(), c.ID); err != nil || got.Minutes != 20 || got.Version != 2 {
		t.Errorf("after the pack came again: %+v, %v", got, err)
	}
	for want, change := range map[string]func(*Counter){
		"counter.name_wanted":    func(c *Counter) { c.Name.VI = "" },
		"counter.minutes_wanted": func(c *Counter) { c.Minutes = 3 },
		"counter.places_wanted":  func(c *Counter) { c.Places = 0 },
		"counter.ahead_wanted":   func(c *Counter) { c.Ahead = 91 },
		"counter.dates_wanted":   func(c *Counter) { c.To = "2025-01-01" },
		"counter.agency_wanted":  func(c *Counter) { c.Agency = "X99" },
		"counter.hours_wanted": func(c *Counter) {
			c.Week = Week{time.Monday: {{From: calendar.At(9, 0), To: calendar.At(8, 0)}}}
		},
	} {
		wrong := Counter{Agency: "X01.1", Name: locales.V("Quầy"), Minutes: 15, Places: 1, Ahead: 7, From: "2026-01-01"}
		if change(&wrong); said(w.setErr(wrong)) != want {
			t.Errorf("%v, want %s", w.setErr(wrong), want)
		}
	}
	id := w.book(w.by(w.mai, at(8, 10)))
	for _, m := range []struct {
		field string
		named []string
		want  int
	}{{"dat-dai", nil, 0}, {"", []string{""}, 1}, {"", nil, 0}} { // the second: what is of no field is named by another move
		p := agency.Passing{Pass: agency.Pass{Field: m.field}, From: agency.Agency{ID: w.ward}, To: agency.Agency{ID: w.port}, Named: m.named}
		if n, err := Pass(t.Context(), w.DB, p, w.now); err != nil || n != m.want {
			t.Errorf("%+v: %d moved, %v", m, n, err)
		}
	}
	if all, err := w.Counters(t.Context(), w.port); err != nil || len(all) != 2 {
		t.Errorf("after the agencies became one: %d counters, %v", len(all), err)
	}
	if a, err := w.Mine(t.Context(), w.mai, id); err != nil || a.Agency.ID != w.port {
		t.Errorf("%+v, %v", a, err)
	}
}

func (w *world) setErr(c Counter) error {
	_, err := w.Set(w.t.Context(), w.admin, c, key())
	return err
}

// The calendar file holds to RFC 5545: lines end in CRLF and have 75 octets at most, text is
// escaped, a change has a higher sequence, a cancelled one says so.
func TestICS(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.book(w.by(w.mai, at(8, 0)))
	a, err := w.Mine(t.Context(), w.mai, id)
	if err != nil {
		t.Fatal(err)
	}
	a.Agency.Name = locales.V("Ủy ban nhân dân phường Một; Hai, Ba: một tên thật là dài để phải xuống dòng giữa chữ")
	file := string(a.ICS(locales.VI, "https://p.vn/lich-hen/"+id))
	for line := range strings.SplitSeq(strings.TrimSuffix(file, "\r\n"), "\r\n") {
		if len(line) > longestLine || strings.ContainsAny(line, "\r\n") || strings.Contains(line, "\ufffd") || strings.ToValidUTF8(line, "") != line {
			t.Errorf("%q", line)
		}
	}
	whole := strings.ReplaceAll(file, "\r\n ", "")
	for _, want := range []string{"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "\r\nMETHOD:PUBLISH\r\n", "\r\nUID:" + id + "@p.vn\r\n", "\r\nSEQUENCE:0\r\n",
		"\r\nDTSTART:20261123T010000Z\r\n", "\r\nDTEND:20261123T011500Z\r\n", `phường Một\; Hai\, Ba: một`, "\r\nBEGIN:VALARM\r\n", "\r\nEND:VCALENDAR\r\n"} {
		if !strings.Contains(whole, want) {
			t.Errorf("no %q in\n%s", want, whole)
		}
	}
	if err := w.Cancel(t.Context(), w.mai, id, key()); err != nil {
		t.Fatal(err)
	}
	if a, err = w.Mine(t.Context(), w.mai, id); err != nil {
		t.Fatal(err)
	}
	file = string(a.ICS(locales.VI, "https://p.vn/lich-hen/"+id))
	for _, want := range []string{"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:1", "UID:" + id + "@p.vn"} {
		if !strings.Contains(file, want) {
			t.Errorf("cancelled: no %s", want)
		}
	}
}
