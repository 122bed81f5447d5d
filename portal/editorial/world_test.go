package editorial

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/once"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

var morning = time.Date(2026, 11, 20, 9, 0, 0, 0, locales.ICT)

// world is a catalogue of three described procedures and one that can be filed, with two
// editors and somebody who is none.
type world struct {
	*Service
	t              *testing.T
	an, binh, cuoi agency.Officer
	mu             *sync.Mutex
	at             *time.Time
}

// online is the procedure of the world that can be filed.
const online = "1.004873"

func newWorld(t *testing.T) world {
	t.Helper()
	db := pgtest.Filled(t, "editorial", func(db *sqlx.DB) {
		s := &catalogue.Service{DB: db, Now: func() time.Time { return morning }}
		for _, from := range []string{"shipped", "small"} {
			fsys := assets.CatalogueOf(online)
			if from == "small" {
				fsys = described(t)
			}
			if r, err := s.Import(t.Context(), fsys); err != nil || len(r.Faults) > 0 {
				t.Fatal(err, r.Faults)
			}
		}
		for _, name := range []string{"An", "Bình", "Cuội"} {
			db.MustExec(`INSERT INTO officers (id_hash, name) VALUES ($1, $2)`, []byte(name), name)
		}
	})
	now := morning
	w := world{t: t, mu: &sync.Mutex{}, at: &now}
	clock := func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return now }
	w.Service = &Service{DB: db, Catalogue: &catalogue.Service{DB: db, Now: clock}, Agency: &agency.Service{DB: db, Now: clock}, Now: clock}
	for _, o := range []struct {
		name, role string
		into       *agency.Officer
	}{{"An", agency.Editor, &w.an}, {"Bình", agency.Admin, &w.binh}, {"Cuội", agency.Leader, &w.cuoi}} {
		*o.into = agency.Officer{Name: o.name, Roles: []agency.Role{{Role: o.role}}}
		w.must(db.Get(&o.into.ID, `SELECT id FROM officers WHERE name = $1`, o.name))
	}
	return w
}

// described is a folder of three procedures that one can but read about, published in full.
func described(t *testing.T) fstest.MapFS {
	t.Helper()
	text := locales.V
	folder := fstest.MapFS{
		"fields.json": {Data: []byte(`{"fields": [{"code": "mau", "name": {"vi": "Lĩnh vực mẫu"}, "agency": "X01.02"}]}`)},
		"legal.json":  {Data: []byte(`{"entries": [{"code": "1/2025/NĐ-CP", "name": {"vi": "Nghị định mẫu"}, "source": "Công báo", "valid_from": "2025-07-01"}]}`)},
	}
	free := catalogue.Price{Unit: text("đồng"), Note: text("Không thu.")}
	for _, p := range []struct {
		code, name, audience string
		level, days          int
		unit                 string
		fee                  catalogue.Price
	}{
		{"9.000001", "Đăng ký giám hộ", catalogue.Citizen, 4, 3, "working_day", free},
		{"9.000002", "Chấm dứt giám hộ", catalogue.Citizen, 2, 2, "working_day", free},
		{"9.000003", "Cấp phép mẫu", catalogue.Business, 3, 5, "day", catalogue.Price{Note: text("10.000 đồng/lần")}},
	} {
		commune := catalogue.Office{Level: agency.Communal, Name: text("Ủy ban nhân dân cấp xã")}
		receives, decides := commune, commune
		receives.Role, decides.Role = catalogue.Receives, catalogue.Decides
		sheet, err := json.Marshal(catalogue.Sheet{Code: p.code, Name: text(p.name), Summary: text(p.name), Field: "mau", Kind: "TTHC", Tiers: []string{agency.Communal}, Level: p.level,
			Audience: []string{p.audience}, Agencies: []catalogue.Office{receives, decides}, Steps: []catalogue.Steps{{Steps: []locales.Text{text("Nộp hồ sơ.")}}},
			Channels:   []catalogue.Channel{{Channel: catalogue.Direct, Time: catalogue.Time{Amount: p.days, Unit: p.unit}, Fees: []catalogue.Price{p.fee}}},
			Components: []catalogue.Components{{Papers: []catalogue.Component{{Name: text("Đơn"), Originals: 1}}}}, Sets: 1, Requirements: []locales.Text{text("Không có.")},
			Results: []catalogue.Result{{Name: text("Quyết định")}}, Legal: []catalogue.Basis{{Number: "1/2025/NĐ-CP", Name: text("Nghị định mẫu")}},
			Decision: catalogue.Decision{Number: "1/QĐ-UBND", Date: "2025-07-01"}})
		if err != nil {
			t.Fatal(err)
		}
		folder["procedures/"+p.code+"/sheet.json"] = &fstest.MapFile{Data: sheet}
		folder["procedures/"+p.code+"/terms.json"] = &fstest.MapFile{Data: fmt.Appendf(nil, `{"deadline": {"amount": %d, "unit": %q}}`, p.days, p.unit)}
	}
	return folder
}

// pass moves the world's time.
func (w world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*w.at = w.at.Add(d)
}

func (w world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// refused wants a fault of a kind with a key.
func (w world) refused(err error, kind problem.Kind, key string) {
	w.t.Helper()
	if p := problem.New(kind, key); !problem.Is(err, kind) || err.Error() != p.Error() {
		w.t.Errorf("%v, want %s", err, key)
	}
}

// by is an officer with a new key.
func by(o agency.Officer) catalogue.Editing {
	return catalogue.Editing{Officer: o, Key: once.Key{Person: o.Name, Key: uuid.NewString(), Route: "POST /", Body: sha256.Sum256(nil)}}
}

func (w world) open(code string) string {
	w.t.Helper()
	id, err := w.Open(w.t.Context(), by(w.an), code)
	w.must(err)
	return id
}

func (w world) edit(id string) Edit {
	w.t.Helper()
	e, err := w.Edit(w.t.Context(), w.an, id)
	w.must(err)
	return e
}

// set saves the edit's sheet after a change and gives the new version.
func (w world) set(o agency.Officer, id string, version int, change func(s *catalogue.Sheet)) (int, error) {
	w.t.Helper()
	s := w.edit(id).Sheet()
	change(&s)
	b, err := json.Marshal(s)
	w.must(err)
	return w.Save(w.t.Context(), by(o), id, version, Change{Parts{"sheet": b}, "set", "chung"})
}

// named gives a change of the name.
func named(name string) func(*catalogue.Sheet) {
	return func(s *catalogue.Sheet) { s.Name.VI = name }
}

// published makes a sheet with another name the procedure's newest revision.
func (w world) published(code string, from time.Time, change func(*catalogue.Sheet)) catalogue.Stored {
	w.t.Helper()
	newest, err := w.Catalogue.Newest(w.t.Context(), w.DB, code)
	w.must(err)
	parts := newest[code].Parts
	var s catalogue.Sheet
	w.must(json.Unmarshal(parts["sheet"], &s))
	change(&s)
	parts["sheet"], err = json.Marshal(s)
	w.must(err)
	tx := w.DB.MustBegin()
	defer func() { _ = tx.Rollback() }()
	made, err := w.Catalogue.Put(w.t.Context(), tx, []catalogue.New{{Code: code, Parts: parts, From: from}})
	w.must(err)
	w.must(tx.Commit())
	w.Catalogue.Renew(w.t.Context())
	return made[code]
}
