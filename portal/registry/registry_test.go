package registry

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/eforms"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/registry/sandbox"
	"motcua/portal/signin"
	"motcua/portal/standin"
)

const (
	object   = "draft:5f0c7f5e-8a52-4d6e-9d5e-0c3f9a2b1c11"
	rice     = "0300588569"
	branch   = "0101248141-001"
	anNumber = "089190000001"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

type world struct {
	*Service
	clock      *clock
	population *sandbox.Population
	business   *sandbox.Business
}

func an() signin.Person {
	return signin.Person{ID: 7, Name: "Nguyễn Thị Đào An", IDNumber: anNumber}
}

func citizen() sandbox.Citizen {
	home := sandbox.Place{Province: "91", Commune: "30307", Detail: "Số 12, đường Trần Hưng Đạo"}
	return sandbox.Citizen{
		IDNumber: anNumber, FullName: "Nguyễn Thị Đào An", BirthDate: "1990-03-31", Sex: "2", Ethnicity: "01", Nationality: "VN",
		Residence: home, Hometown: sandbox.Place{Province: "91", Commune: "30742"},
		Father: sandbox.Relative{FullName: "Nguyễn Văn Cha"}, Mother: sandbox.Relative{FullName: "Lê Thị Mẹ"},
		Spouse: sandbox.Relative{FullName: "Trần Văn Bình", IDNumber: "089085000002"},
	}
}

func enterprise() sandbox.Enterprise {
	return sandbox.Enterprise{
		TaxCode: rice, Name: "CÔNG TY GẠO", Status: "Đang hoạt động", Founded: "2020-05-06", Address: "Số 1, phường Long Xuyên, tỉnh Mẫu",
		Phone: "02963123456", Email: "gao@example.test",
		Representatives: []sandbox.Representative{{Name: "NGUYỄN THỊ ĐÀO AN", IDNumber: anNumber}},
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := &clock{at: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	w := &world{clock: c}
	var err error
	w.population, err = sandbox.StartPopulation(standin.Options{}, sandbox.PopulationConfig{
		AuthURL: "https://vdxp.example/auth", User: "DVCUSER", Secret: "secret", Member: "VN/GOV/H01/DVC", APIKey: "key", Now: c.Now,
		People: []sandbox.Citizen{citizen(), {IDNumber: "089085000002", FullName: "Trần Văn Bình", BirthDate: "1985"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.population.Close() })
	w.business, err = sandbox.StartBusiness(standin.Options{}, sandbox.BusinessConfig{
		Key: "k", Secret: "s", Enterprises: []sandbox.Enterprise{enterprise(), {TaxCode: branch, Name: "CHI NHÁNH CÁ", Representatives: enterprise().Representatives}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.business.Close() })
	w.Service = &Service{
		DB: pgtest.Open(t), Key: pg.LookupKey("a key for tests"), Now: c.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Population: &PopulationClient{URL: w.population.Endpoint(), AuthURL: "https://vdxp.example/auth", User: "DVCUSER", Secret: "secret",
			Member: "VN/GOV/H01/DVC", APIKey: "key", Caller: "H01.DVC", Officer: "dvc.h01", Now: c.Now},
		Business: &BusinessClient{URL: w.business.Endpoint(), TokenURL: w.business.TokenURL(), Key: "k", Secret: "s"},
	}
	_, err = w.DB.Exec(`INSERT INTO units (code, parent, name, valid_from, valid_to) VALUES
		('91', '', 'tỉnh Cũ', '2000-01-01', '2025-06-30'), ('91', '', 'tỉnh Mẫu', '2025-07-01', NULL),
		('30307', '91', 'phường Long Xuyên', '2025-07-01', NULL), ('30742', '91', 'phường Rạch Giá', '2025-07-01', NULL),
		('30280', '91', 'phường Mỹ Long', '2000-01-01', '2025-06-30')`)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Self and Acting ask one question, as a draft's page does.
func (w *world) Self(ctx context.Context, p signin.Person, object string) Answer {
	return w.Ask(ctx, Asking{Person: p, Object: object, Procedure: "2.000635"}, []Question{Self()})[0]
}

func (w *world) Acting(ctx context.Context, p signin.Person, code, object string) Answer {
	return w.Ask(ctx, Asking{Person: p, Object: object, Procedure: "2.000635"}, []Question{Acting(code, p.IDNumber)})[0]
}

// upstream is how many questions have left the house.
func (w *world) upstream() int { return len(w.population.Entries()) + len(w.business.Entries()) }

func (w *world) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	var n int
	if err := w.DB.Get(&n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// said is the facts as lines of name=value.
func said(facts []eforms.Fact) string {
	lines := make([]string, len(facts))
	for i, f := range facts {
		lines[i] = fmt.Sprintf("%s=%v", f.Name, f.Value)
	}
	return strings.Join(lines, "\n")
}

// TestSelf asks twice: the same facts, and each look-up on record.
func TestSelf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const want = `population.self.id_number=089190000001
population.self.full_name=Nguyễn Thị Đào An
population.self.birth_date=1990-03-31
population.self.birth_year=1990
population.self.sex=female
population.self.ethnicity=01
population.self.nationality=VN
population.self.residence.province=91
population.self.residence.commune=30307
population.self.residence.detail=Số 12, đường Trần Hưng Đạo
population.self.residence.text=Số 12, đường Trần Hưng Đạo, phường Long Xuyên, tỉnh Mẫu
population.self.hometown.text=phường Rạch Giá, tỉnh Mẫu
population.self.father.full_name=Nguyễn Văn Cha
population.self.mother.full_name=Lê Thị Mẹ
population.self.spouse.full_name=Trần Văn Bình
population.self.spouse.id_number=089085000002`
	for range 2 {
		a := w.Self(t.Context(), an(), object)
		if a.Outcome != Found || said(a.Facts) != want {
			t.Fatalf("%s\n%s", a.Outcome, said(a.Facts))
		}
		f := a.Facts[0]
		if f.Source.VI != "CSDL quốc gia về dân cư" || f.Service != "037" || !f.At.Equal(w.Now()) || len(f.RequestID) != 36 {
			t.Errorf("%+v", f)
		}
		sent := w.population.Entries()[len(w.population.Entries())-1]
		if !strings.Contains(sent.Body, "<MaYeuCau>"+f.RequestID+"</MaYeuCau><MaDVC>H01.DVC</MaDVC><MaTichHop>037</MaTichHop><MaCanBo>dvc.h01</MaCanBo>"+
			"<SoDinhDanh>089190000001</SoDinhDanh><HoVaTen>NGUYEN THI DAO AN</HoVaTen><NgayThangNamSinh><Nam>1990</Nam></NgayThangNamSinh>") {
			t.Errorf("sent %s", sent.Body)
		}
	}
	subject := w.Key.Hash(anNumber)
	if n := w.count(t, `SELECT count(DISTINCT request_id) FROM lookups WHERE source = 'population.self' AND service = '037' AND person_id = 7
		AND subject = $1 AND object = $2 AND outcome = 'found'`, subject, object); n != 2 {
		t.Errorf("%d look-ups on record", n)
	}
	if n := w.count(t, `SELECT count(*) FROM audit WHERE actor = 'person:7' AND deed = 'registry.population' AND subject = $1 AND object = $2`, subject, object); n != 2 {
		t.Errorf("%d audit rows", n)
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM lookups l WHERE l::text LIKE '%89190000001%') + (SELECT count(*) FROM audit a WHERE a::text LIKE '%89190000001%')`); n != 0 {
		t.Error("the number itself is on record")
	}
}

func TestActing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const want = `business.acting.tax_code=0300588569
business.acting.name=CÔNG TY GẠO
business.acting.address=Số 1, phường Long Xuyên, tỉnh Mẫu
business.acting.status=Đang hoạt động
business.acting.founded=2020-05-06
business.acting.representative.full_name=NGUYỄN THỊ ĐÀO AN
business.acting.representative.id_number=089190000001
business.acting.phone=02963123456
business.acting.email=gao@example.test`
	for range 2 {
		a := w.Acting(t.Context(), an(), rice, object)
		if a.Outcome != Found || said(a.Facts) != want || a.Facts[0].Source.EN != "National Business Registration Database" {
			t.Fatalf("%s\n%s", a.Outcome, said(a.Facts))
		}
	}
	if n := w.count(t, `SELECT count(*) FROM lookups WHERE source = 'business.acting' AND subject = $1 AND outcome = 'found'`, w.Key.Hash(rice)); n != 2 {
		t.Errorf("%d look-ups on record", n)
	}
	// one token serves both
	if n := len(w.business.Entries()); n != 3 {
		t.Errorf("%d requests, want a token and two questions", n)
	}
	w.business.Forget()
	if a := w.Acting(t.Context(), an(), rice, object); a.Outcome != Found {
		t.Errorf("after the token was forgotten: %s", a.Outcome)
	}
	w.Business.(*BusinessClient).Secret = "wrong"
	w.business.Forget()
	if a := w.Acting(t.Context(), an(), rice, object); a.Outcome != Unavailable {
		t.Errorf("without a token: %s", a.Outcome)
	}
}

// TestRepresentatives: the register has the last word on who stands for a business.
func TestRepresentatives(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct {
		record string
		want   Outcome
	}{
		{`{"tax_code": "0300588569", "representatives": [{"name": "KHÁC", "id_number": "089085000002"}]}`, Refused},
		{`{"tax_code": "0300588569", "representatives": [{"name": "KHÁC", "id_number": "089085000002"}, {"name": "AN", "id_number": "089190000001"}]}`, Found},
		{`{"tax_code": "0300588569", "representatives": [{"name": "AN", "id_number": ""}, {"name": "AN", "id_number": "89190000001"}]}`, Refused},
		{`{"tax_code": "0300588569", "representatives": []}`, Refused},
		{`{"tax_code": "0300588569", "gone": true}`, NotFound},
	} {
		if err := w.business.Edit(tt.record); err != nil {
			t.Fatal(err)
		}
		a := w.Acting(t.Context(), an(), rice, object)
		if a.Outcome != tt.want || (len(a.Facts) > 0) != (tt.want == Found) {
			t.Errorf("%s: %s with %d facts", tt.record, a.Outcome, len(a.Facts))
		}
		if tt.want == Found && value(a.Facts, "business.acting.representative.full_name") != "AN" {
			t.Errorf("another representative's name: %s", said(a.Facts))
		}
	}
}

// TestFaults: whatever a register does, the page gets an outcome, and no facts but true ones.
func TestFaults(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]Outcome{
		"ok": Found, "dead": Unavailable, "fault": Unavailable, "slow": Unavailable,
		"garbage": Refused, "cut": Refused, "huge": Refused, "markup": Refused, "other": Refused,
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.Acting(t.Context(), an(), branch, object) // has its token
			if mode == "slow" {
				w.Wait = 50 * time.Millisecond
			}
			w.population.Set(standin.Fault{Mode: mode})
			w.business.Set(standin.Fault{Mode: mode})
			for source, a := range map[string]Answer{
				PopulationSelf: w.Self(t.Context(), an(), object), BusinessActing: w.Acting(t.Context(), an(), rice, object)} {
				if a.Outcome != want || a.Source != source || (len(a.Facts) > 0) != (want == Found) {
					t.Errorf("%s: %s, want %s; %d facts", source, a.Outcome, want, len(a.Facts))
				}
				if n := w.count(t, `SELECT count(*) FROM lookups WHERE source = $1 AND outcome = $2 AND subject <> $3`, source, string(want), w.Key.Hash(branch)); n != 1 {
					t.Errorf("%s: %d look-ups on record", source, n)
				}
				if n := w.count(t, `SELECT count(*) FROM audit WHERE args->>'source' = $1 AND deed = 'registry.' || split_part($1, '.', 1) AND args->>'outcome' = $2 AND subject <> $3`, source, string(want), w.Key.Hash(branch)); n != 1 {
					t.Errorf("%s: %d audit rows", source, n)
				}
			}
		})
	}
}

func TestUnknownNumbers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := an()
	p.IDNumber = "089190999999"
	if a := w.Self(t.Context(), p, object); a.Outcome != NotFound || a.Facts != nil {
		t.Errorf("%+v", a)
	}
	if a := w.Acting(t.Context(), an(), "0100100079", object); a.Outcome != NotFound || a.Facts != nil {
		t.Errorf("%+v", a)
	}
}

// TestNothingElseIsAsked: what is no number of the session or no tax code never leaves.
func TestNothingElseIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, number := range []string{"", "08919000000", "0891900000011", "08919000000x", "089190000001\n", " 89190000001", "０89190000001", "' OR 1=1 --"} {
		p := an()
		p.IDNumber = number
		if a := w.Self(t.Context(), p, object); a.Outcome != Refused || a.Facts != nil {
			t.Errorf("%q: %+v", number, a)
		}
		if a := w.Acting(t.Context(), p, rice, object); a.Outcome != Refused || a.Facts != nil {
			t.Errorf("acting as %q: %+v", number, a)
		}
	}
	for _, code := range []string{"", "030058856", "03005885699", "0300588569&x=1", "0300588569-01", "../token", anNumber, "0300588569\x00"} {
		if a := w.Acting(t.Context(), an(), code, object); a.Outcome != Refused || a.Facts != nil {
			t.Errorf("%q: %+v", code, a)
		}
	}
	if n := w.upstream(); n != 0 {
		t.Errorf("%d questions left the house", n)
	}
	if n := w.count(t, `SELECT count(*) FROM lookups WHERE outcome = 'refused'`); n != 24 {
		t.Errorf("%d refusals on record, want 24", n)
	}
}

// leaver is a connection on which the person goes away.
type leaver struct{ leave func() }

func (l leaver) RoundTrip(r *http.Request) (*http.Response, error) {
	l.leave()
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestPersonGoesAway: it is on record that they asked, and the register is not blamed.
func TestPersonGoesAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range failuresOpen + 1 {
		ctx, cancel := context.WithCancel(t.Context())
		w.Population.(*PopulationClient).HTTP = &http.Client{Transport: leaver{cancel}}
		if a := w.Self(ctx, an(), object); a.Outcome != Unavailable {
			t.Errorf("%s", a.Outcome)
		}
	}
	w.Population.(*PopulationClient).HTTP = nil
	if n := w.count(t, `SELECT count(*) FROM lookups WHERE outcome = 'unavailable'`); n != failuresOpen+1 {
		t.Errorf("%d look-ups on record", n)
	}
	if a := w.Self(t.Context(), an(), object); a.Outcome != Found {
		t.Errorf("the next one: %s", a.Outcome)
	}
}
