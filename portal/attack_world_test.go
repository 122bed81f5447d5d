package portal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/assets"
	"motcua/locales"
	"motcua/payments"
	"motcua/payments/vnpay"
	"motcua/portal/agency"
	"motcua/portal/desk"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	letters "motcua/portal/notification/sandbox"
	"motcua/portal/once"
	"motcua/portal/pg/pgtest"
	carrier "motcua/portal/postal/sandbox"
	registries "motcua/portal/registry/sandbox"
	"motcua/portal/signin"
	provider "motcua/portal/signin/sandbox"
	"motcua/portal/standin"
	"motcua/portal/web"
)

const (
	homeURL  = "http://127.0.0.1:8080"
	terminal = "MOTCUA01"
	gateway  = "VNPAYTESTSECRET0123456789ABCDEF0"
	extract  = "2.000635" // copies of civil-status records, with a fee
	birth    = "1.001193" // with papers
	nowhere  = "00000000-0000-4000-8000-000000000000"
)

// house is the whole portal, every page at its address, over a database of its own, with
// stand-ins of the systems outside.
type house struct {
	*Portal
	t      *testing.T
	web    *web.Web
	owner  *sqlx.DB
	oidc   *provider.Server
	mail   *letters.Server
	people *registries.Population
	pack   agency.Pack
	log    *logbook
}

// logbook is what the portal writes down, for tests to read while it does.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Sample people: Mai has dossiers, Phuc would like to see them.
var (
	mai  = provider.Person{Sub: "mai", Name: "Nguyễn Thị Hồng Mai", IDNumber: "089194000101", BirthDate: "1994-03-12", Phone: "0912345601", Email: "mai@example.vn"}
	phuc = provider.Person{Sub: "phuc", Name: "Trần Văn Phúc", IDNumber: "089090000102", BirthDate: "1990-05-20", Phone: "0912345602", Email: "phuc@example.vn"}
)

func newHouse(t *testing.T) *house {
	t.Helper()
	t.Parallel()
	h := &house{t: t, log: &logbook{}}
	h.readPack()
	cards := []provider.Person{mai, phuc}
	for _, o := range h.pack.Officers {
		cards = append(cards, provider.Person{Sub: o.IDNumber, Name: o.Name, IDNumber: o.IDNumber, BirthDate: "1980-01-01"})
	}
	var err error
	h.oidc, err = provider.Start(standin.Options{}, provider.Config{People: cards, Clients: map[string]string{"dvc": "client-secret"},
		Redirects: []string{homeURL + "/dang-nhap/tra-ve"}})
	h.must(err)
	home := registries.Place{Province: "91", Commune: "30307", Detail: "Số 12 đường Trần Hưng Đạo"}
	citizen := func(p provider.Person) registries.Citizen {
		return registries.Citizen{IDNumber: p.IDNumber, FullName: p.Name, BirthDate: p.BirthDate, Sex: "2", Ethnicity: "01", Nationality: "VN", Residence: home}
	}
	h.people, err = registries.StartPopulation(standin.Options{}, registries.PopulationConfig{AuthURL: "https://vdxp.example/auth", User: "DVC", Secret: "s", Member: "VN/GOV/DVC", APIKey: "key", Now: time.Now,
		People: []registries.Citizen{citizen(mai), citizen(phuc)}})
	h.must(err)
	h.mail, err = letters.Start(letters.Options{})
	h.must(err)
	post, err := carrier.Start(carrier.Options{Key: "DVC", Secret: "s", Customer: "DVC"})
	h.must(err)
	t.Cleanup(func() { h.oidc.Close(); h.people.Close(); post.Close(); h.mail.Close() })
	db := pgtest.Open(t)
	h.owner = pgtest.Owner(t, db)
	h.Portal = &Portal{DB: db, Config: Config{PublicURL: homeURL, BlobDir: filepath.Join(t.TempDir(), "blobs"),
		Secret: bytes.Repeat([]byte{7}, 32), LookupKey: bytes.Repeat([]byte{9}, 32),
		Log:  slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		OIDC: OIDC{Issuer: h.oidc.Issuer(), ClientID: "dvc", ClientSecret: "client-secret"},
		Population: Population{URL: h.people.Endpoint(), AuthURL: "https://vdxp.example/auth", User: "DVC", Secret: "s", Client: "VN/GOV/DVC",
			APIKey: "key", Officer: "dvc", Service: "DVC"},
		Business: Business{URL: "http://127.0.0.1:1", TokenURL: "http://127.0.0.1:1/token"},
		VNPay:    VNPay{PayURL: "http://127.0.0.1:1/pay", QueryURL: "http://127.0.0.1:1/query", TmnCode: terminal, Secret: gateway},
		Post:     Post{URL: post.URL, Key: "DVC", Secret: "s", Customer: "DVC", Every: time.Hour},
		SMTP:     h.smtp()}}
	h.must(h.open(t.Context()))
	folder, err := assets.Province(assets.Provinces()[0])
	h.must(err)
	h.must(h.ImportProvince(t.Context(), folder))
	h.must(h.ImportCatalogue(t.Context(), filed{assets.Catalogue()}))
	h.web, err = h.Web()
	h.must(err)
	return h
}

// filed is the catalogue without the many procedures that are only described: what can be
// filed is what can be attacked.
type filed struct{ fs.FS }

func (f filed) Open(name string) (fs.File, error) {
	if name == "information.json" {
		return nil, fs.ErrNotExist
	}
	return f.FS.Open(name)
}

func (h *house) smtp() SMTP {
	at := h.mail.SMTP()
	host, port, _ := strings.Cut(at, ":")
	s := SMTP{Host: host, From: "Cổng <khong-tra-loi@dvc.example.vn>", Plain: true}
	_, err := fmt.Sscan(port, &s.Port)
	h.must(err)
	return s
}

func (h *house) readPack() {
	h.t.Helper()
	folder, err := assets.Province(assets.Provinces()[0])
	h.must(err)
	h.pack, err = agency.ReadPack(folder)
	h.must(err)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// ward is the agency that Mai files with, elsewhere another commune's, office a department.
func (h *house) ward() string { return h.pack.Officers[0].Roles[0].Agency }

// officerAt is the ID number of who has a role at an agency that fits.
func (h *house) officerAt(role string, fits func(agency.Agency) bool) string {
	h.t.Helper()
	for _, o := range h.pack.Officers {
		for _, r := range o.Roles {
			for _, a := range h.pack.Agencies {
				if r.Role == role && a.Code == r.Agency && fits(a) {
					return o.IDNumber
				}
			}
		}
	}
	h.t.Fatalf("nobody in the pack is %s there", role)
	return ""
}

func (h *house) isWard(a agency.Agency) bool      { return a.Code == h.ward() }
func (h *house) isElsewhere(a agency.Agency) bool { return a.Level == "commune" && a.Code != h.ward() }
func isDepartment(a agency.Agency) bool           { return a.Level == "department" }

// onlyEditor is who has no other role than that of an editor.
func (h *house) onlyEditor() string {
	for _, o := range h.pack.Officers {
		if !slices.ContainsFunc(o.Roles, func(r agency.PersonRole) bool { return r.Role != agency.Editor && r.Role != agency.Admin }) {
			return o.IDNumber
		}
	}
	h.t.Fatal("nobody in the pack is an editor only")
	return ""
}

// reply is an answer of the portal, read to its end.
type reply struct {
	Status int
	Header http.Header
	Body   []byte
}

func (r reply) text() string { return string(r.Body) }

// browser keeps cookies and sends what it is told to.
type browser struct {
	h       *house
	cookies map[string]string
	token   string // of its forms
}

func (h *house) visitor() *browser { return &browser{h: h, cookies: map[string]string{}} }

// request is one to the address exactly as it is written, dots, doubled slashes and all.
func request(method, address string, body io.Reader) *http.Request {
	req := httptest.NewRequest(method, "/", body)
	req.Host, req.RequestURI = "127.0.0.1:8080", address
	return req
}

func (b *browser) do(req *http.Request) reply {
	b.h.t.Helper()
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := b.h.web.App.Test(req, -1)
	if err != nil {
		b.h.t.Fatalf("%s %s: %v", req.Method, req.RequestURI, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatalf("%s %s: %v", req.Method, req.RequestURI, err)
	}
	for _, c := range res.Cookies() {
		if b.cookies[c.Name] = c.Value; c.Value == "" || c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Before(time.Now()) {
			delete(b.cookies, c.Name)
		}
	}
	return reply{res.StatusCode, res.Header, body}
}

func (b *browser) get(address string) reply {
	b.h.t.Helper()
	return b.do(request("GET", address, nil))
}

var csrfField = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

var keyField = regexp.MustCompile(`name="_key" value="([^"]+)"`)

// csrf is a token of this browser's, from a page with a form.
func (b *browser) csrf() string {
	b.h.t.Helper()
	if b.token == "" {
		found := csrfField.FindSubmatch(b.get("/tra-cuu").Body)
		if found == nil {
			b.h.t.Fatal("no token on a page with a form")
		}
		b.token = string(found[1])
	}
	return b.token
}

// sealed are the values with token and a new one-time key.
func (b *browser) sealed(v url.Values) url.Values {
	b.h.t.Helper()
	all := url.Values{"_csrf": {b.csrf()}, "_key": {uuid.NewString()}}
	for name, values := range v {
		all[name] = values
	}
	return all
}

func postOf(address string, v url.Values) *http.Request {
	req := request("POST", address, strings.NewReader(v.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

func (b *browser) post(address string, v url.Values) reply {
	b.h.t.Helper()
	return b.do(postOf(address, b.sealed(v)))
}

// part is a field of a multipart form, or a file when it has a file name.
type part struct{ Name, File, Value string }

func multipartOf(address string, parts []part) *http.Request {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, p := range parts {
		head := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"`, p.Name)}}
		if p.File != "" {
			head = textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, p.Name, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p.File))}, "Content-Type": {"application/pdf"}}
		}
		pw, _ := w.CreatePart(head)
		_, _ = io.WriteString(pw, p.Value)
	}
	w.Close()
	req := request("POST", address, bytes.NewReader(body.Bytes()))
	req.Header.Set("Content-Type", w.FormDataContentType())
	return req
}

func (b *browser) upload(address string, parts ...part) reply {
	b.h.t.Helper()
	return b.do(multipartOf(address, append([]part{{Name: "_csrf", Value: b.csrf()}, {Name: "_key", Value: uuid.NewString()}}, parts...)))
}

// enter signs the browser in: to the provider, by the card, and back.
func (b *browser) enter(sub, next string) reply {
	b.h.t.Helper()
	to := b.get("/dang-nhap?tiep=" + url.QueryEscape(next)).Header.Get("Location")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(to, url.Values{"sub": {sub}})
	b.h.must(err)
	res.Body.Close()
	back, found := strings.CutPrefix(res.Header.Get("Location"), homeURL)
	if !found {
		b.h.t.Fatalf("the provider answers %d and leads to %q", res.StatusCode, res.Header.Get("Location"))
	}
	b.token = ""
	return b.get(back)
}

func (h *house) signedIn(sub string) *browser {
	h.t.Helper()
	b := h.visitor()
	if r := b.enter(sub, "/"); r.Status != 303 || b.cookies["motcua_session"] == "" {
		h.t.Fatalf("sign-in of %s: %d %s", sub, r.Status, r.text())
	}
	return b
}

func (b *browser) session() signin.Session {
	b.h.t.Helper()
	s, err := b.h.Signin.Session(b.h.t.Context(), b.cookies["motcua_session"])
	b.h.must(err)
	return s
}

func (b *browser) officer() agency.Officer {
	b.h.t.Helper()
	o, err := b.h.Agency.OfficerOf(b.h.t.Context(), b.session().Person)
	b.h.must(err)
	return o
}

func keyOf(p signin.Person) once.Key {
	return once.Key{Person: fmt.Sprintf("person:%d", p.ID), Key: uuid.NewString(), Route: "POST /", Body: sha256.Sum256(nil)}
}

const plainPDF = "%PDF-1.4\n1 0 obj\n<< /Type /Page >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"

// answers are complete ones of a shipped procedure, with more laid over them.
func (h *house) answers(code string, more url.Values) url.Values {
	v := url.Values{"contact_phone": {mai.Phone}, "contact_email": {mai.Email}, "return_by": {"online"}, "agency": {h.ward()}, "copies": {"2"}}
	all := map[string]string{"for_whom": "self", "event_kind": "birth", "person_name": mai.Name, "person_birth_date.day": "12",
		"person_birth_date.month": "3", "person_birth_date.year": "1994"}
	born := time.Now().In(locales.ICT).AddDate(0, 0, -10) // later than sixty days is late
	if code == birth {
		all = map[string]string{"relation": "mother", "child_name": "Trần Minh Khôi", "child_sex": "male", "child_birth_date.day": born.Format("2"),
			"child_birth_date.month": born.Format("1"), "child_birth_date.year": born.Format("2006"), "child_ethnicity": "01", "child_nationality": "VN",
			"child_hometown.province": "91", "child_hometown.commune": "30307", "birth_place_kind": "facility", "birth_facility": "Bệnh viện Mẫu",
			"birth_place.province": "91", "birth_place.commune": "30307", "birth_paper": "have", "father_declared": "no", "parents_married": "no",
			"mother_ethnicity": "01", "mother_nationality": "VN", "mother_birth_date.day": "12", "mother_birth_date.month": "3", "mother_birth_date.year": "1994"}
	}
	for name, value := range all {
		v.Set(name, value)
	}
	for name, values := range more {
		v[name] = values
	}
	return v
}

// draft is a complete draft of the browser's person, with a paper where one is due.
func (b *browser) draft(code string, more url.Values) string {
	h, p := b.h, b.session().Person
	h.t.Helper()
	ctx := h.t.Context()
	id, err := h.Drafts.Start(ctx, p, code, "", keyOf(p))
	h.must(err)
	d, err := h.Drafts.Load(ctx, p, id)
	h.must(err)
	for no, on := d.Run(time.Now()).Next(0); on; no, on = d.Run(time.Now()).Next(no) {
		saved, err := h.Drafts.Save(ctx, p, id, no, h.answers(code, more), keyOf(p))
		h.must(err)
		d = saved.Draft
	}
	if code == birth {
		_, err = h.Drafts.Attach(ctx, p, id, draft.Upload{Component: "giay_chung_sinh", Name: "giấy chứng sinh.pdf", Body: strings.NewReader(plainPDF)}, keyOf(p))
		h.must(err)
	}
	return id
}

// filed is a dossier of the browser's person.
func (b *browser) filed(code string, more url.Values) string {
	b.h.t.Helper()
	p := b.session().Person
	id, err := b.h.Dossiers.File(b.h.t.Context(), p, b.draft(code, more), true, keyOf(p))
	if f, ok := err.(*dossier.Faulty); ok {
		b.h.t.Fatalf("not complete: %#v", f.Faults)
	}
	b.h.must(err)
	return id
}

// pay settles what is owed for the dossier, as the gateway's notice does.
func (b *browser) pay(id string) {
	h := b.h
	h.t.Helper()
	ctx := h.t.Context()
	order, err := h.Payments.OfSubject(ctx, "dossier:"+id)
	h.must(err)
	_, a, err := h.Payments.Start(ctx, order.ID, vnpay.Name, keyOf(b.session().Person), "127.0.0.1", locales.VI)
	h.must(err)
	_, err = h.Payments.Take(ctx, payments.Notice{Provider: vnpay.Name, Ref: a.Ref, Amount: a.Amount, Says: payments.SaysPaid, No: a.Ref, PaidAt: time.Now()})
	h.must(err)
	h.drain()
}

func (h *house) drain() {
	h.t.Helper()
	_, err := h.Worker.Drain(h.t.Context())
	h.must(err)
}

// counter are the browsers of a ward's officers by role.
type counter map[string]*browser

func (h *house) staffOf(fits func(agency.Agency) bool) counter {
	h.t.Helper()
	s := counter{}
	for _, role := range []string{agency.Intake, agency.Processor, agency.Leader, agency.Clerk} {
		s[role] = h.signedIn(h.officerAt(role, fits))
	}
	return s
}

// press is a deed of an officer on a dossier as it is now.
func (b *browser) press(id string) desk.Press {
	b.h.t.Helper()
	d, err := b.h.Dossiers.ByID(b.h.t.Context(), id)
	b.h.must(err)
	return desk.Press{Officer: b.officer(), Dossier: id, Version: d.Version, Key: keyOf(b.session().Person)}
}

// finish takes a paid dossier through the desk to its return.
func (s counter) finish(h *house, id string) {
	h.t.Helper()
	ctx := h.t.Context()
	h.must(h.Desk.Receive(ctx, s[agency.Intake].press(id)))
	h.must(h.Desk.Forward(ctx, s[agency.Intake].press(id), s[agency.Processor].officer().ID))
	h.must(h.Desk.Decide(ctx, s[agency.Leader].press(id), desk.Decision{Granted: true, Text: "Đồng ý cấp bản sao."}))
	h.must(h.Desk.Archive(ctx, s[agency.Clerk].press(id)))
	h.must(h.Desk.Return(ctx, s[agency.Intake].press(id), desk.Handing{}))
	h.drain()
}

// scene is what Mai has in the portal, one thing of each kind, by the words that stand for
// them in addresses.
func (h *house) scene(m *browser, s counter) *strings.Replacer {
	h.t.Helper()
	ctx, p := h.t.Context(), m.session().Person
	open, due := m.draft(birth, nil), m.filed(extract, nil)
	done, back, refused := m.filed(extract, nil), m.filed(birth, nil), m.filed(birth, nil)
	m.pay(done)
	s.finish(h, done)
	h.must(h.Desk.AskSupplement(ctx, s[agency.Intake].press(back), []dossier.Item{{Component: "giay_chung_sinh", Name: "Giấy chứng sinh", What: "mờ", How: "chụp lại"}}))
	_, err := h.Drafts.Attach(ctx, p, back, draft.Upload{Component: dossier.ItemComponent(0), Round: 1, Name: "lại.pdf", Body: strings.NewReader(plainPDF)}, keyOf(p))
	h.must(err)
	h.must(h.Desk.Refuse(ctx, s[agency.Intake].press(refused), "Không thuộc thẩm quyền", "Điều 1"))
	h.drain()
	files, err := draft.FilesOf(ctx, h.DB, open, 0)
	h.must(err)
	var attachment, result, mau, receipt, version string
	h.must(h.DB.Get(&attachment, `SELECT id FROM attachments WHERE dossier_id = $1`, back))
	h.must(h.DB.Get(&result, `SELECT id FROM papers WHERE dossier_id = $1 AND kind = 'result'`, done))
	h.must(h.DB.Get(&mau, `SELECT id FROM papers WHERE dossier_id = $1 AND kind = 'acknowledgement'`, done))
	h.must(h.DB.Get(&receipt, `SELECT id FROM receipts`))
	h.must(h.DB.Get(&version, `SELECT version FROM dossiers WHERE id = $1`, due))
	return strings.NewReplacer("{draft}", open, "{component}", "giay_chung_sinh", "{draftfile}", files[0].ID, "{due}", due, "{done}", done,
		"{back}", back, "{refused}", refused, "{attachment}", attachment, "{result}", result, "{mau}", mau, "{receipt}", receipt, "{version}", version)
}

// snapshot is a hash of every table's rows. Whether somebody was here a moment ago is
// left out of sessions.
func (h *house) snapshot() map[string]string {
	h.t.Helper()
	var tables []string
	h.must(h.owner.Select(&tables, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`))
	var parts []string
	for _, name := range tables {
		parts = append(parts, fmt.Sprintf(`SELECT '%s' AS name, coalesce(md5(string_agg(r, '|' ORDER BY r)), '') AS sum
			FROM (SELECT (CASE WHEN '%s' = 'sessions' THEN to_jsonb(x) - 'seen_at' ELSE to_jsonb(x) END)::text AS r FROM %s x) y`, name, name, name))
	}
	var rows []struct{ Name, Sum string }
	h.must(h.owner.SelectContext(context.Background(), &rows, strings.Join(parts, " UNION ALL ")))
	all := map[string]string{}
	for _, r := range rows {
		all[r.Name] = r.Sum
	}
	return all
}

// changed are the tables that differ.
func changed(before, after map[string]string) []string {
	var names []string
	for name := range after {
		if before[name] != after[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// blobs is how many files lie on the disk.
func (h *house) blobs() int {
	h.t.Helper()
	n := 0
	h.must(h.Blobs.Names(h.t.Context(), func(string, int64, time.Time) error { n++; return nil }))
	return n
}
