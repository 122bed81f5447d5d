package dossier

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
	"motcua/portal/draft"
	"motcua/portal/paper"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/signin"
)

// Papers are in Vietnamese whatever language their reader uses.
func vi(m locales.Message) string { s, _ := locales.Say(locales.VI, m); return s }

// forms are the numbers of the statutory forms, by the day they came into force.
var forms = map[string]string{
	Acknowledgement:   "Mẫu số 01, Thông tư 03/2025/TT-VPCP",
	SupplementRequest: "Mẫu số 02, Thông tư 03/2025/TT-VPCP",
	Refusal:           "Mẫu số 03, Thông tư 03/2025/TT-VPCP",
}

// letterhead is the agency's. A People's Committee stands alone and dates its papers from
// its own unit; another body stands under the one it belongs to, in the province's seat
// (NĐ 30/2020, Phụ lục I).
func (s *Service) letterhead(ctx context.Context, a agency.Agency) (paper.Letterhead, error) {
	province, err := s.Agency.Province(ctx)
	if err != nil {
		return paper.Letterhead{}, err
	}
	head := paper.Letterhead{Agency: a.Name.VI, Place: province.Seat.VI}
	if a.Level == agency.Communal {
		unit, err := s.Agency.Unit(ctx, a.Unit, s.Now())
		if err == nil {
			head.Place = bareName(unit.Name)
		}
		return head, ignoreNotFound(err)
	}
	parent, err := s.Agency.ByCode(ctx, a.Parent)
	if err == nil {
		head.Parent = parent.Name.VI
	}
	return head, ignoreNotFound(err)
}

func ignoreNotFound(err error) error {
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	return err
}

// bareName is a unit's name without its kind, as it stands before a date.
func bareName(name string) string {
	for _, kind := range []string{"Phường ", "Xã ", "Đặc khu "} {
		if bare, ok := strings.CutPrefix(name, kind); ok {
			return bare
		}
	}
	return name
}

// tracking is the address that the QR of a paper opens.
func (s *Service) tracking(code string) string {
	return strings.TrimSuffix(s.PortalURL, "/") + "/tra-cuu?ma=" + url.QueryEscape(code)
}

func (s *Service) checking(lookup string) string {
	return strings.TrimSuffix(s.PortalURL, "/") + "/xac-thuc?ma=" + lookup
}

// returnPlace is where the result is received, in words.
func returnPlace(d Dossier) string {
	args := []locales.Arg{locales.T("agency", d.Agency.Name), locales.S("address", d.ReturnTo.Line())}
	return vi(locales.M("paper.return."+d.ReturnBy, args...))
}

// AddAcknowledgement makes Mẫu 01 of a dossier that is being received.
func (s *Service) AddAcknowledgement(ctx context.Context, tx *sqlx.Tx, d Known, officer agency.Officer) error {
	components, err := s.received(ctx, tx, d.Dossier)
	if err != nil {
		return err
	}
	order, err := orderOf(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	_, steps := d.Calendar.Due(*d.ReceivedAt, d.Revision.Deadline)
	data := paper.AcknowledgementData{Letterhead: d.Head, Form: forms[Acknowledgement], Code: d.Code, At: *d.ReceivedAt, Unit: d.Agency.Name.VI,
		Submitter: d.OwnerName, Channel: vi(locales.M("paper.channel." + d.Channel)), Address: d.ReturnTo.Line(), Phone: d.Phone, Email: d.Email,
		IDNumber: d.OwnerNumber, Request: d.Revision.Sheet.Name.VI, Owner: d.OwnerName, Components: components, Sets: 1,
		Term: Term(d.Revision.Deadline), ReceivedAt: *d.ReceivedAt, DueAt: *d.DueAt, ReturnAt: returnPlace(d.Dossier),
		Officer: officer.Name, OfficerTitle: officer.Title, Contact: d.Agency.Phone, Tracking: s.tracking(d.Code)}
	if order.State == payments.OrderPaid {
		data.Fee, data.FeeNote = order.Total, vi(locales.M("paper.fee.paid"))
	}
	for _, step := range steps {
		data.Count = append(data.Count, paper.CountedDay{Day: step.Day.At(0), Words: vi(Counted(step)), Counted: step.Counted})
	}
	return s.add(ctx, tx, Paper{ID: uuid.NewString(), Dossier: d.ID, Kind: Acknowledgement, No: 1, Lookup: newLookup(), At: *d.ReceivedAt}, data)
}

// Term is a deadline by rule, in words.
func Term(r calendar.Rule) string {
	return vi(locales.M("calendar.rule."+r.Unit, locales.N("n", int64(r.Amount))))
}

// Counted is a line of "Cách tính" as a message.
func Counted(step calendar.Step) locales.Message {
	return locales.M(step.Why, locales.S("name", step.Name), locales.N("no", int64(step.No)),
		locales.N("hours", int64(step.Minutes/60)), locales.N("minutes", int64(step.Minutes%60)))
}

// received are the components of the dossier with the number of files each came in.
func (s *Service) received(ctx context.Context, q sqlx.QueryerContext, d Dossier) ([]paper.Component, error) {
	var counted []struct {
		Component string `db:"component"`
		Files     int    `db:"files"`
	}
	err := sqlx.SelectContext(ctx, q, &counted, `SELECT component, count(*) AS files FROM attachments WHERE dossier_id = $1 GROUP BY component ORDER BY component`, d.ID)
	if err != nil {
		return nil, fmt.Errorf("components of %s: %w", d.ID, err)
	}
	list := []paper.Component{{Name: vi(locales.M("paper.form")), Files: 1}}
	for _, c := range counted {
		list = append(list, paper.Component{Name: d.ComponentName(c.Component).VI, Files: c.Files})
	}
	return list, nil
}

// ComponentName is a component as the revision calls it.
func (d Dossier) ComponentName(id string) locales.Text {
	if d.Revision.Form != nil {
		if q, ok := d.Revision.Form.Question(id); ok {
			return q.Label
		}
	}
	if id == draft.CapacityProof {
		return draft.ProofName(d.Capacity)
	}
	if id == draft.SignedForm {
		return draft.SignedName
	}
	if no, ok := strings.CutPrefix(id, "bo-sung-"); ok {
		return locales.V(vi(locales.M("paper.supplied", locales.S("no", no))))
	}
	return locales.V(id)
}

// AddSupplementRequest makes Mẫu 02.
func (s *Service) AddSupplementRequest(ctx context.Context, tx *sqlx.Tx, d Known, items []Item, until time.Time, officer agency.Officer) error {
	data := paper.SupplementData{Letterhead: d.Head, Form: forms[SupplementRequest], Code: d.Code, At: s.Now(), Unit: d.Agency.Name.VI,
		Submitter: d.OwnerName, Owner: d.OwnerName, Request: d.Revision.Sheet.Name.VI, Address: d.ReturnTo.Line(), Phone: d.Phone, Email: d.Email,
		Until: until, How: vi(locales.M("paper.supplement.how")), Officer: officer.Name, OfficerTitle: officer.Title, Contact: d.Agency.Phone, Tracking: s.tracking(d.Code)}
	for _, item := range items {
		data.Defects = append(data.Defects, paper.Defect{Item: item.Name, What: item.What, Fix: item.How})
	}
	return s.add(ctx, tx, Paper{ID: uuid.NewString(), Dossier: d.ID, Kind: SupplementRequest, No: d.Supplements + 1, Lookup: newLookup(), At: data.At}, data)
}

// AddRefusal makes Mẫu 03.
func (s *Service) AddRefusal(ctx context.Context, tx *sqlx.Tx, d Known, reason, ground string, officer agency.Officer) error {
	data := paper.RefusalData{Letterhead: d.Head, Form: forms[Refusal], Code: d.Code, At: s.Now(), Unit: d.Agency.Name.VI, Submitter: d.OwnerName,
		Owner: d.OwnerName, Address: d.ReturnTo.Line(), Phone: d.Phone, Email: d.Email, Request: d.Revision.Sheet.Name.VI, Reason: reason, Ground: ground,
		Advice: vi(locales.M("paper.refusal.advice")), Officer: officer.Name, OfficerTitle: officer.Title, Contact: d.Agency.Phone, Tracking: s.tracking(d.Code)}
	return s.add(ctx, tx, Paper{ID: uuid.NewString(), Dossier: d.ID, Kind: Refusal, No: 1, Lookup: newLookup(), At: data.At}, data)
}

// Verdict is what a result paper says.
type Verdict struct {
	Granted bool
	Reason  string
	Ground  string
	Text    string
	Signer  agency.Officer
}

// AddResult makes the result paper and returns its number, which is taken here: the
// caller does nothing after it that could keep other papers of the agency waiting.
func (s *Service) AddResult(ctx context.Context, tx *sqlx.Tx, d Known, v Verdict) (string, error) {
	data, sign, err := s.result(ctx, tx, d, v)
	if err != nil {
		return "", err
	}
	data.Letterhead = d.Head
	data.Letterhead.Parent = ""
	var n int
	err = sqlx.GetContext(ctx, tx, &n, `INSERT INTO paper_counters AS c (agency_id, kind, year, last) VALUES ($1, $2, $3, 1)
		ON CONFLICT (agency_id, kind, year) DO UPDATE SET last = c.last + 1 RETURNING last`, d.AgencyID, sign, data.At.In(locales.ICT).Year())
	if err != nil {
		return "", fmt.Errorf("number of result of %s: %w", d.ID, err)
	}
	data.Number = paper.Number(n, sign)
	return data.Number, s.add(ctx, tx, Paper{ID: uuid.NewString(), Dossier: d.ID, Kind: Result, No: 1, Number: data.Number, Lookup: data.Lookup, At: data.At}, data)
}

func (s *Service) result(ctx context.Context, tx *sqlx.Tx, d Known, v Verdict) (paper.ResultData, string, error) {
	layout := d.Revision.Papers.Result
	sign := layout.Symbol
	lookup := newLookup()
	data := paper.ResultData{At: *d.DecidedAt, Title: layout.Title.VI, Abstract: layout.Abstract.VI, Code: d.Code, Lookup: lookup, Verify: s.checking(lookup),
		Paragraphs: paragraphs(v.Text), Recipients: []string{d.OwnerName, vi(locales.M("paper.result.filed"))},
		Signature: paper.Signatory{Authority: authority(layout, d.Agency, v.Signer), Name: v.Signer.Name}}
	if !v.Granted {
		sign = layout.DenialSymbol
		data.Title, data.Abstract = vi(locales.M("paper.denial.title")), d.Revision.Sheet.Name.VI
		data.Opening = []string{vi(locales.M("paper.denial.opening", locales.S("owner", d.OwnerName), locales.S("code", d.Code)))}
		data.Paragraphs = append([]string{
			vi(locales.M("paper.denial.reason", locales.S("reason", v.Reason))),
			vi(locales.M("paper.denial.ground", locales.S("ground", v.Ground)))}, data.Paragraphs...)
		return data, sign, nil
	}
	for _, p := range layout.Opening {
		data.Opening = append(data.Opening, p.VI)
	}
	filings, err := s.filings(ctx, tx, d.ID)
	if err != nil || len(filings) == 0 {
		return data, sign, err
	}
	last := filings[len(filings)-1]
	run := &eforms.Run{Form: d.Revision.Form, Answers: last.Answers, Facts: last.Facts, Lists: d.Lists, Today: last.At.In(locales.ICT)}
	data.Rows = resultRows(run.Outline(), layout.Fields)
	return data, sign, nil
}

// authority is in whose name the officer signs: as the revision says, or by the kind of
// agency where several kinds may issue the same paper.
func authority(layout catalogue.Layout, a agency.Agency, signer agency.Officer) []string {
	if len(layout.Authority) > 0 {
		return layout.Authority
	}
	return paper.Authority(a.Level == agency.Communal || a.Level == agency.Provincial, strings.HasPrefix(signer.Title, "Phó"))
}

// resultRows are the answers that the revision's layout puts on the result.
func resultRows(outline []eforms.Section, fields []string) []paper.Row {
	var rows []paper.Row
	for _, id := range fields {
		for _, section := range outline {
			for _, row := range section.Rows {
				if row.ID == id && !row.Empty {
					rows = append(rows, paper.Row{Label: row.Label.VI, Value: row.Value.VI})
				}
			}
		}
	}
	return rows
}

func paragraphs(text string) []string {
	var list []string
	for _, p := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, strings.Join(strings.Fields(p), " "))
		}
	}
	return list
}

// TellReady queues word that a result waits at the counter.
func (s *Service) TellReady(ctx context.Context, tx *sqlx.Tx, d Dossier) error {
	return queue.Put(ctx, tx, "dossier.tell", d.ID+":ready", s.Now(), telling{Dossier: d.ID, Kind: "ready", Round: "1"})
}

// Slip draws the filing slip of a dossier of the person's: code, time, every file with its
// size and hash. The same rows give the same bytes.
func (s *Service) Slip(ctx context.Context, p signin.Person, id string) (string, []byte, error) {
	w, err := s.OfPerson(ctx, p, id)
	if err != nil {
		return "", nil, err
	}
	return s.slipOf(ctx, w)
}

// HelpedSlip is the slip of a dossier that an officer filled for its applicant a moment ago,
// to be handed to them; nothing else of it is theirs to see.
func (s *Service) HelpedSlip(ctx context.Context, p signin.Person, id string) (string, []byte, error) {
	d, err := s.HelpedDossier(ctx, p, id)
	if err != nil {
		return "", nil, err
	}
	w, err := s.Whole(ctx, d)
	if err != nil {
		return "", nil, err
	}
	err = audit.Write(ctx, s.DB, audit.Entry{Actor: fmt.Sprintf("officer:%d", d.AssistedBy), Deed: "assist.see", Object: "dossier:" + id, AgencyID: d.AgencyID, Subject: s.Key.Hash(d.OwnerNumber)})
	if err != nil {
		return "", nil, err
	}
	return s.slipOf(ctx, w)
}

// HelpedDossier is a dossier that the person filled for its applicant a moment ago.
func (s *Service) HelpedDossier(ctx context.Context, p signin.Person, id string) (Dossier, error) {
	helped, err := s.Drafts.HelpedFiled(ctx, p, id)
	if err != nil {
		return Dossier{}, err
	}
	if !helped {
		return Dossier{}, notFound()
	}
	d, err := s.ByID(ctx, id)
	if err == nil && d.AssistedBy == 0 { // the applicant went on alone and filed it
		return Dossier{}, notFound()
	}
	return d, err
}

// slipOf draws the slip; who may have it is the caller's to have asked.
func (s *Service) slipOf(ctx context.Context, w Whole) (string, []byte, error) {
	id := w.ID
	head, err := s.letterhead(ctx, w.Agency)
	if err != nil {
		return "", nil, err
	}
	last := w.Filings[len(w.Filings)-1]
	basis, err := s.Basis(ctx, w.Dossier)
	if err != nil {
		return "", nil, err
	}
	data := paper.FilingSlipData{Letterhead: head, Code: w.Code, No: last.No, FiledAt: last.At, AnswerBy: w.AnswerBy, Procedure: w.Revision.Sheet.Name.VI,
		ProcedureCode: w.Revision.Code, Receiver: w.Agency.Name.VI, Applicant: w.OwnerName, Owner: w.OwnerName, ReturnBy: returnPlace(w.Dossier),
		AnswersSHA256: hex.EncodeToString(last.SHA256), Tracking: s.tracking(w.Code)}
	if basis != nil {
		data.Applicant, data.Basis = basis.Applicant, vi(basis.Says)
	}
	if w.AssistedBy != 0 {
		data.Help = w.Assisted.Officer + ", " + w.Assisted.Agency.VI
	}
	if order, err := s.Payments.OfSubject(ctx, "dossier:"+id); err == nil {
		data.Fee = order.Total
	}
	for _, a := range w.Attachments {
		data.Files = append(data.Files, paper.SlipFile{Component: w.ComponentName(a.Component).VI, Name: a.Name, Size: a.Size, Pages: a.Pages, SHA256: hex.EncodeToString(a.SHA256)})
	}
	var b bytes.Buffer
	if err := paper.FilingSlip(&b, data); err != nil {
		return "", nil, fmt.Errorf("slip of %s: %w", id, err)
	}
	return w.Code, b.Bytes(), nil
}
