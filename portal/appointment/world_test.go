package appointment

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/calendar"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/signin"
)

// Monday, before the agencies open.
var monday = time.Date(2026, 11, 23, 7, 0, 0, 0, locales.ICT)

// world is two agencies with a counter each, a person who has signed in, and officers.
type world struct {
	*Service
	t          *testing.T
	now        time.Time
	ward, port int64
	mai        Who
	phone      Who // somebody at a browser of their own
	clerk      agency.Officer
	admin      agency.Officer
}

const packOfCounters = `{"counters": [
	{"code": "ward", "agency": "X01.1", "name": {"vi": "Quầy phường"}, "minutes": 15, "places": 1, "ahead": 7, "valid_from": "2026-01-01"},
	{"code": "port", "agency": "X01.2", "name": {"vi": "Quầy cảng"}, "fields": ["thuy"], "minutes": 30, "places": 2, "ahead": 7, "valid_from": "2026-01-01",
		"week": {"1": [{"from": "08:00", "to": "09:00"}], "6": [{"from": "08:00", "to": "08:30"}]}}]}`

func fill(db *sqlx.DB) {
	db.MustExec(`INSERT INTO agencies (code, name, level, valid_from) VALUES
		('X01.1', '{"vi": "Phường Một"}', 'commune', '2025-07-01'), ('X01.2', '{"vi": "Cảng vụ"}', 'department', '2025-07-01')`)
	db.MustExec(`INSERT INTO province (pack, at) VALUES ('{"code": "01", "name": {"vi": "Tỉnh Mẫu"}, "open": [{"from": "07:30", "to": "08:30"}], "cut_off": "08:00"}', now())`)
	db.MustExec(`INSERT INTO calendar_days (day, working, name) VALUES ('2026-11-25', false, 'Ngày nghỉ'), ('2026-11-28', true, 'Làm bù')`)
	db.MustExec(`INSERT INTO persons (issuer, sub, id_number, id_hash, name, email, lang) VALUES ('i', 'mai', '1', 'hash', 'Mai', 'mai@example.vn', 'vi')`)
	db.MustExec(`INSERT INTO officers (id_hash, name) VALUES ('o', 'Cán bộ')`)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db := pgtest.Filled(t, "appointments", fill)
	w := &world{t: t, now: monday}
	now := func() time.Time { return w.now }
	at := &agency.Service{DB: db, Key: pg.LookupKey(strings.Repeat("k", 32)), Now: now}
	w.Service = &Service{DB: db, Key: at.Key, Agency: at, Now: now,
		Notices: &notification.Service{DB: db, Now: now, Settings: notification.Settings{From: "Cổng <a@b.vn>", PortalURL: "https://p.vn"}}}
	if err := w.Import(t.Context(), fstest.MapFS{"counters.json": {Data: []byte(packOfCounters)}}); err != nil {
		t.Fatal(err)
	}
	var officer int64
	for _, q := range []struct {
		into  *int64
		query string
	}{{&w.ward, `SELECT id FROM agencies WHERE code = 'X01.1'`}, {&w.port, `SELECT id FROM agencies WHERE code = 'X01.2'`},
		{&w.mai.Person.ID, `SELECT id FROM persons`}, {&officer, `SELECT id FROM officers`}} {
		if err := db.Get(q.into, q.query); err != nil {
			t.Fatal(err)
		}
	}
	w.mai.Person = signin.Person{ID: w.mai.Person.ID, Name: "Mai", IDHash: []byte("hash")}
	w.phone = Who{Browser: []byte("browser")}
	w.clerk = agency.Officer{ID: officer, Roles: []agency.Role{{AgencyID: w.ward, Role: agency.Intake}}}
	w.admin = agency.Officer{ID: officer, Roles: []agency.Role{{AgencyID: w.ward, Role: agency.Admin}}}
	return w
}

func key() once.Key { return once.Key{Person: "3", Key: uuid.NewString(), Route: "POST /"} }

func at(hour, minute int) time.Time {
	return calendar.DayOf(monday).At(calendar.At(hour, minute))
}

// by is what somebody asks for at the ward.
func (w *world) by(who Who, starts time.Time) Asked {
	return Asked{AgencyID: w.ward, Starts: starts, Who: who, Name: "Nguyễn Văn Bình", Phone: "0912 345 678", Lang: locales.VI, IP: "192.0.2.1"}
}

func (w *world) book(a Asked) string {
	w.t.Helper()
	id, err := w.Book(w.t.Context(), a, key())
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	if err := w.DB.Get(&n, query, args...); err != nil {
		w.t.Fatal(err)
	}
	return n
}
