package bulk

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/xuri/excelize/v2"

	"motcua/assets"
	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/blob"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/queue"
	"motcua/portal/registry"
	"motcua/portal/registry/sandbox"
	"motcua/portal/signin"
	"motcua/portal/standin"
	"motcua/portal/worldtest"
)

const (
	promotion = "2.000033"
	rice      = "1600199903"
)

var quiet = slog.New(slog.DiscardHandler)

// world is the service with real neighbours and a business register that answers.
type world struct {
	*Service
	clock  *worldtest.Clock
	worker *queue.Worker
	lan    signin.Person
	rev    *catalogue.Revision
}

func newService(t *testing.T) *world {
	t.Helper()
	w := &world{clock: worldtest.Monday()}
	db, key, now := pgtest.Filled(t, "promotion", func(db *sqlx.DB) { worldtest.Ship(t, db, w.clock.Now, assets.CatalogueOf(promotion)) }), worldtest.Hashes, w.clock.Now
	blobs, err := blob.OpenFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	business, err := sandbox.StartBusiness(standin.Options{}, sandbox.BusinessConfig{Key: "k", Secret: "s", Enterprises: []sandbox.Enterprise{
		{TaxCode: rice, Name: "CÔNG TY GẠO MẪU", Status: "Đang hoạt động", Founded: "2019-04-01", Address: "Số 88 đường Tôn Đức Thắng, phường Long Xuyên, tỉnh Mẫu",
			Representatives: []sandbox.Representative{{Name: "LÊ THỊ LAN", IDNumber: "089188000103"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { business.Close() })
	places, procedures, acting := &agency.Service{DB: db, Key: key, Now: now}, &catalogue.Service{DB: db, Now: now}, &applicant.Service{DB: db, Key: key, Now: now}
	notices := &notification.Service{DB: db, Settings: notification.Settings{PortalURL: "https://portal.example"}, Now: now, Log: quiet}
	registries := &registry.Service{DB: db, Key: key, Now: now, Log: quiet,
		Business: &registry.BusinessClient{URL: business.Endpoint(), TokenURL: business.TokenURL(), Key: "k", Secret: "s"}}
	drafts := &draft.Service{DB: db, Blobs: blobs, Catalogue: procedures, Agency: places, Applicant: acting, Registry: registries, Notices: notices, Now: now, Log: quiet}
	dossiers := &dossier.Service{DB: db, Key: key, Blobs: blobs, Catalogue: procedures, Agency: places, Applicant: acting, Drafts: drafts, Notices: notices,
		Payments: &payments.Service{DB: db, Now: now}, PortalURL: "https://portal.example", Now: now, Log: quiet}
	w.Service = &Service{DB: db, Catalogue: procedures, Applicant: acting, Drafts: drafts, Dossiers: dossiers, Now: now, Log: quiet}
	w.worker = &queue.Worker{DB: db, Handlers: w.Handlers(), Now: now}
	w.load(t)
	return w
}

func (w *world) load(t *testing.T) {
	t.Helper()
	w.lan = signin.Person{Name: "Lê Thị Lan", IDNumber: "089188000103", Level: 2, Lang: locales.VI}
	err := w.DB.Get(&w.lan.ID, `INSERT INTO persons (issuer, sub, id_number, id_hash, name, level) VALUES ('i', 'lan', $1, $2, $3, 2) RETURNING id`,
		w.lan.IDNumber, []byte(w.lan.IDNumber), w.lan.Name)
	if err != nil {
		t.Fatal(err)
	}
	w.represents(t, rice)
	if w.rev, err = w.Procedure(t.Context(), w.lan, rice, promotion); err != nil {
		t.Fatal(err)
	}
}

// represents makes Lan one who acts for the businesses named, as a sign-in does.
func (w *world) represents(t *testing.T, codes ...string) {
	t.Helper()
	err := pg.InTx(t.Context(), w.DB, func(tx *sqlx.Tx) error {
		var named []applicant.Business
		for _, c := range codes {
			named = append(named, applicant.Business{TaxCode: c, Name: "GẠO"})
		}
		return applicant.Remember(t.Context(), tx, w.lan.ID, named, w.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) entry(t *testing.T) func(file []byte) (Book, error) {
	t.Helper()
	lists, err := w.listsOf(t.Context(), w.rev)
	if err != nil {
		t.Fatal(err)
	}
	return func(file []byte) (Book, error) { return w.Read(file, w.rev.Form.Entry(lists)) }
}

// template is the workbook of the procedure, to be filled.
func (w *world) template(t *testing.T) *excelize.File {
	t.Helper()
	var b bytes.Buffer
	if err := w.Template(t.Context(), &b, Filling{Revision: w.rev, Lang: locales.VI}); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// put writes a value under the column of that code.
func put(t *testing.T, f *excelize.File, sheet int, row int, code string, value any) {
	t.Helper()
	name := f.GetSheetList()[sheet]
	rows, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.Index(rows[0], code)
	if i < 0 {
		t.Fatalf("no column %s on %s: %v", code, name, rows[0])
	}
	if err := f.SetCellValue(name, columnName(i+1)+fmt.Sprint(row), value); err != nil {
		t.Fatal(err)
	}
}

// promotions are a workbook with so many lines that are right, but for the papers.
func (w *world) promotions(t *testing.T, n int) *excelize.File {
	t.Helper()
	f := w.template(t)
	for i := range n {
		row := firstRow + i
		for code, value := range map[string]any{
			lineCode: i + 1, "business_phone": "0296 3841 555", "contact_name": "Lê Thị Lan", "contact_phone": "0912345678",
			"promotion_name": fmt.Sprintf("Khuyến mại số %d", i+1), "promotion_forms": "Tặng hàng hóa, cung ứng dịch vụ không thu tiền; discount",
			"promotion_from": "05/12/2026", "promotion_to": "31/12/2026", "promotion_area": "Toàn tỉnh", "goods": "Gạo thơm", "goods_quantity": "5.000 bao",
			"customers": "Mọi người mua lẻ", "promotion_details": "Mua 5 tặng 1", "return_by": "Bản điện tử",
		} {
			put(t, f, 0, row, code, value)
		}
		if len(w.agencies(t)) > 1 {
			put(t, f, 0, row, "agency", w.agencies(t)[0])
		}
		put(t, f, 1, row, lineCode, i+1)
		put(t, f, 1, row, "prizes.prize_name", "Bao gạo 5 kg")
		put(t, f, 1, row, "prizes.prize_quantity", 100)
		put(t, f, 1, row, "prizes.prize_value", 120000)
	}
	return f
}

func (w *world) agencies(t *testing.T) []string {
	t.Helper()
	lists, err := w.listsOf(t.Context(), w.rev)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, o := range lists["agencies"] {
		all = append(all, o.Label.VI)
	}
	return append(all, "")
}

func data(t *testing.T, f *excelize.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func newKey(p signin.Person) once.Key { return worldtest.Key(fmt.Sprint(p.ID)) }

// start uploads a file and has it checked.
func (w *world) start(t *testing.T, f *excelize.File) string {
	t.Helper()
	id, err := w.Start(t.Context(), w.lan, rice, promotion, File{Name: "khuyen-mai.xlsx", Data: data(t, f)}, newKey(w.lan))
	if err != nil {
		t.Fatal(err)
	}
	w.drain(t)
	return id
}

func (w *world) drain(t *testing.T) {
	t.Helper()
	if _, err := w.worker.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) of(t *testing.T, id string) Whole {
	t.Helper()
	got, err := w.Of(t.Context(), w.lan, id)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

var pdf = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>endobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n166\n%%EOF\n"

// rules attaches the rules of the promotion to the lines.
func (w *world) rules(t *testing.T, id string, lines ...int) {
	t.Helper()
	key := newKey(w.lan)
	for range 2 { // pressed twice
		err := w.Attach(t.Context(), w.lan, id, lines, draft.Upload{Component: "the_le_chuong_trinh", Name: "the-le.pdf", Body: strings.NewReader(pdf)}, key)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) confirm(t *testing.T, id string) error {
	t.Helper()
	return w.Confirm(t.Context(), w.lan, id, true, w.of(t, id).Seen, newKey(w.lan))
}

func (w *world) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	return worldtest.Count(t, w.DB, query, args...)
}

func (w *world) breaks(t *testing.T, when, table string) (mend func()) {
	t.Helper()
	worldtest.Break(t, w.DB, when, table)
	return func() { worldtest.Mend(t, w.DB, table) }
}

// fuzzForm is a small form with a day and a group.
func fuzzForm(t testing.TB) *eforms.Form {
	t.Helper()
	form, err := eforms.Load([]byte(`{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"Trang","questions":[
		{"id":"name","kind":"text","label":"Tên"},{"id":"day","kind":"near_date","label":"Ngày"},
		{"id":"people","kind":"group","label":"Người","item":"Người","max_rows":5,"questions":[{"id":"who","kind":"text","label":"Ai"}]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return form
}
