package portal

import (
	"crypto/sha256"
	"fmt"
	"image"
	"image/jpeg"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/payments"
	"motcua/payments/vnpay"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/appointment"
	"motcua/portal/bulk"
	"motcua/portal/catalogue"
	"motcua/portal/content"
	"motcua/portal/desk"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/privacy"
	"motcua/portal/signin"
)

func keyOf(p signin.Person) once.Key {
	return once.Key{Person: fmt.Sprintf("person:%d", p.ID), Key: uuid.NewString(), Route: "POST /", Body: sha256.Sum256(nil)}
}

const plainPDF = "%PDF-1.4\n1 0 obj\n<< /Type /Page >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"

// photo is a picture of a paper as a phone sends it.
func photo() string {
	var b strings.Builder
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 40)), nil); err != nil {
		panic(err)
	}
	return b.String()
}

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
		_, err = h.Drafts.Attach(ctx, p, id, draft.Upload{Component: "giay_chung_sinh", Name: "mặt sau.jpg", Body: strings.NewReader(photo())}, keyOf(p))
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

// pageOf is the number of the page that asks the question.
func (h *house) pageOf(code, field string) string {
	h.t.Helper()
	rev, err := h.Catalogue.InForce(h.t.Context(), code)
	h.must(err)
	q, found := rev.Form.Question(field)
	if !found {
		h.t.Fatalf("%s does not ask %s", code, field)
	}
	return strconv.Itoa(q.Page().No)
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
	h.must(h.Desk.AskSupplement(ctx, s[agency.Intake].press(back), []dossier.Item{{Component: "giay_chung_sinh", Name: "Giấy chứng sinh", What: "mờ", How: "chụp lại"},
		{Field: "contact_phone", Name: "Điện thoại", What: "sai", How: "ghi lại"}}))
	_, err := h.Drafts.Attach(ctx, p, back, draft.Upload{Component: dossier.ItemComponent(0), Round: 1, Name: "lại.pdf", Body: strings.NewReader(plainPDF)}, keyOf(p))
	h.must(err)
	h.must(h.Desk.Refuse(ctx, s[agency.Intake].press(refused), "Không thuộc thẩm quyền", "Điều 1"))
	h.drain()
	thing, err := h.Privacy.Thing(ctx, p, due)
	h.must(err)
	source := thing.Sources[0].Key
	report, err := h.Privacy.Report(ctx, p, due, privacy.Told{Source: source, Says: "Tên đúng là Mai", File: strings.NewReader(plainPDF), Name: "khai sinh.pdf"}, keyOf(p))
	h.must(err)
	looks, err := h.Privacy.Looks(ctx, p, privacy.Window{Most: 1})
	h.must(err)
	look := fmt.Sprintf("%d-%d", looks[0].At.UnixMicro(), looks[0].ID)
	files, err := draft.FilesOf(ctx, h.DB, open, 0)
	h.must(err)
	maker := h.signedIn(h.onlyEditor())
	edit, err := h.Catalogue.StartEdit(ctx, catalogue.Editing{Officer: maker.officer(), Key: keyOf(maker.session().Person)}, birth)
	h.must(err)
	change, err := h.Changes.Start(ctx, catalogue.Editing{Officer: maker.officer(), Key: keyOf(maker.session().Person)})
	h.must(err)
	as := func() catalogue.Editing {
		return catalogue.Editing{Officer: maker.officer(), Key: keyOf(maker.session().Person)}
	}
	sheet, err := h.Editorial.Open(ctx, as(), birth)
	h.must(err)
	bulk := h.bulk(as(), extract)
	help, err := h.Drafts.StartHelp(ctx, s[agency.Intake].session().Person, s[agency.Intake].officer(), draft.Asked{
		Present: signin.Present{IDNumber: "089055000104", Name: "Phạm Quốc Hùng"}, Identity: "card", Procedure: extract}, keyOf(s[agency.Intake].session().Person))
	h.must(err)
	var attachment, result, mau, receipt, version string
	h.must(h.DB.Get(&attachment, `SELECT id FROM attachments WHERE dossier_id = $1 AND media = 'application/pdf'`, back))
	h.must(h.DB.Get(&result, `SELECT id FROM papers WHERE dossier_id = $1 AND kind = 'result'`, done))
	h.must(h.DB.Get(&mau, `SELECT id FROM papers WHERE dossier_id = $1 AND kind = 'acknowledgement'`, done))
	h.must(h.DB.Get(&receipt, `SELECT id FROM receipts`))
	h.must(h.DB.Get(&version, `SELECT version FROM dossiers WHERE id = $1`, due))
	var paper, share string
	h.must(h.DB.Get(&paper, `SELECT id FROM vault_papers WHERE dossier_id = $1`, done))
	_, _, err = h.Vault.Share(ctx, p, paper, time.Hour, keyOf(p))
	h.must(err)
	h.must(h.DB.Get(&share, `SELECT id FROM vault_shares`))
	// short numbers would look like other addresses when they are cut
	h.owner.MustExec(`ALTER TABLE authorisations ALTER id RESTART WITH 48151; ALTER TABLE powers ALTER id RESTART WITH 62342`)
	mandate, err := h.Applicant.Offer(ctx, p, applicant.Mandate{Number: "001099000002", Name: "Người Được Ủy Quyền"}, keyOf(p))
	h.must(err)
	text, err := h.Content.Open(ctx, catalogue.Editing{Officer: maker.officer(), Key: keyOf(maker.session().Person)}, content.Question, "nop-nham")
	h.must(err)
	power := h.invited(p)
	batch, member := h.trade(p)
	visits := h.visits(p, s)
	upload, kept := h.lists(maker)
	return strings.NewReplacer("{ward}", visits.ward, "{desk}", fmt.Sprint(visits.desk), "{visit}", visits.one, "{visit2}", visits.other, "{mandate}", fmt.Sprint(mandate), "{power}", fmt.Sprint(power), "{firm}", riceFirm, "{batch}", batch, "{member}", fmt.Sprint(member), "{paper}", paper, "{share}", share, "{draft}", open, "{component}", "giay_chung_sinh", "{draftfile}", files[0].ID, "{due}", due, "{done}", done,
		"{back}", back, "{copypage}", h.pageOf(birth, "contact_phone"), "{refused}", refused, "{attachment}", attachment, "{result}", result, "{mau}", mau, "{receipt}", receipt, "{version}", version, "{edit}", edit, "{upload}", upload, "{kept}", kept, "{text}", text, "{change}", change, "{sheet}", sheet, "{bulk}", bulk, "{report}", report, "{source}", source, "{look}", look, "{help}", help)
}

// visiting is a counter of the ward with two appointments of Mai's.
type visiting struct {
	ward, one, other string
	desk             int64
}

func (h *house) visits(p signin.Person, s counter) (v visiting) {
	h.t.Helper()
	ctx := h.t.Context()
	at := s[agency.Intake].officer().Roles[0]
	v.ward = at.AgencyCode
	h.owner.MustExec(`ALTER TABLE counters ALTER id RESTART WITH 77123`)
	var err error
	v.desk, err = h.Visits.Set(ctx, s[agency.Intake].h.signedIn(h.onlyEditor()).officer(), appointment.Counter{Agency: v.ward, Name: locales.V("Quầy 1"), Minutes: 30, Places: 2, Ahead: 14, From: "2026-01-01"}, keyOf(p))
	h.must(err)
	days, err := h.Visits.Free(ctx, at.AgencyID, "")
	h.must(err)
	for i, id := range []*string{&v.one, &v.other} {
		*id, err = h.Visits.Book(ctx, appointment.Asked{AgencyID: at.AgencyID, Starts: days[len(days)-1].Slots[i].Starts, Who: appointment.Who{Person: p}, Lang: locales.VI}, keyOf(p))
		h.must(err)
	}
	return v
}

// invited is a power that the representative of a business offers the person.
func (h *house) invited(p signin.Person) int64 {
	h.t.Helper()
	ctx := h.t.Context()
	giver := signin.Person{Name: "Người Đại Diện", IDNumber: "001080000001"}
	giver.IDHash = h.Applicant.Key.Hash(giver.IDNumber)
	h.must(h.DB.Get(&giver.ID, `INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ('i', 'giver', $1, $2, $3) RETURNING id`, giver.IDNumber, giver.IDHash, giver.Name))
	h.must(pg.InTx(ctx, h.DB, func(tx *sqlx.Tx) error {
		return applicant.Remember(ctx, tx, giver.ID, []applicant.Business{{TaxCode: "0300588569", Name: "CÔNG TY MẪU"}}, time.Now())
	}))
	id, err := h.Applicant.Invite(ctx, giver, applicant.Invitation{TaxCode: "0300588569", Number: p.IDNumber, Name: p.Name}, keyOf(giver))
	h.must(err)
	return id
}

// riceFirm is a business that Mai represents in these tests.
const riceFirm = "1600199903"

// trade gives Mai a business with a file of dossiers and an invited member.
func (h *house) trade(p signin.Person) (batch string, member int64) {
	h.t.Helper()
	ctx := h.t.Context()
	h.must(applicant.Add(ctx, h.DB, p.ID, []applicant.Business{{TaxCode: riceFirm, Name: "GẠO MẪU"}}, time.Now()))
	batch, err := h.Bulk.Start(ctx, p, riceFirm, "2.000033", bulk.File{Name: "khuyen-mai.csv", Data: []byte("dong;promotion_name\n1;Mua năm tặng một\n")}, keyOf(p))
	h.must(err)
	member, err = h.Applicant.Invite(ctx, p, applicant.Invitation{TaxCode: riceFirm, Number: "089300000777", Name: "Thành Viên"}, keyOf(p))
	h.must(err)
	h.drain()
	return batch, member
}

// snapshot is a hash of every table's rows. Whether somebody was here a moment ago is
// left out of sessions.
func (h *house) snapshot() map[string]string {
	h.t.Helper()
	if h.tables == nil {
		h.tables = h.hashes()
	}
	var rows []struct{ Name, Sum string }
	h.must(h.tables.Select(&rows))
	all := map[string]string{}
	for _, r := range rows {
		all[r.Name] = r.Sum
	}
	return all
}

// hashes is the statement of snapshot, prepared: to plan it over all tables and their parts
// takes longer than to carry it out.
func (h *house) hashes() *sqlx.Stmt {
	h.t.Helper()
	var tables []string
	h.must(h.owner.Select(&tables, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`))
	var parts []string
	for _, name := range tables {
		row := `to_jsonb(x)::text`
		switch name {
		case "sessions":
			row = `(to_jsonb(x) - 'seen_at')::text`
		case "revisions", "units", "unit_changes": // much that is never changed: by the versions of the rows
			row = `x.ctid::text || x.xmin::text`
		}
		parts = append(parts, fmt.Sprintf(`SELECT '%s' AS name, count(*) || ' ' || coalesce(sum(hashtextextended(%s, 0)), 0) AS sum FROM %s x`, name, row, name))
	}
	h.owner.SetMaxOpenConns(1) // a statement is planned once a connection
	stmt, err := h.owner.Preparex(strings.Join(parts, " UNION ALL "))
	h.must(err)
	h.t.Cleanup(func() { stmt.Close() })
	return stmt
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
