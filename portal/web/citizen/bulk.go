package citizen

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/bulk"
	"motcua/portal/catalogue"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// bulkPage is where several dossiers begin (ux B4): a procedure is chosen.
type bulkPage struct {
	Firm       firm
	Procedures []*catalogue.Revision
	Batches    []bulk.Batch
}

func (h *Firm) bulkStart(c *fiber.Ctx) error {
	s, f, err := h.firmOf(c)
	if err != nil {
		return err
	}
	d := bulkPage{Firm: f}
	all, err := h.Bulk.Procedures(c.UserContext())
	if err != nil {
		return err
	}
	for _, rev := range all {
		for _, r := range f.Rights {
			if r.Lets("file", rev.Code) {
				d.Procedures = append(d.Procedures, rev)
				break
			}
		}
	}
	if d.Batches, err = h.Bulk.List(c.UserContext(), s.Person, f.TaxCode); err != nil {
		return err
	}
	return h.Show(c, fiber.StatusOK, "citizen/bulk", web.Page{Of: f.Name, Title: locales.M("bulk.title"), Crumbs: f.crumbs(), Data: d})
}

// uploadPage gives the template and takes the file.
type uploadPage struct {
	Firm     firm
	Revision *catalogue.Revision
	Register []locales.Text // what a register fills
	Rows, MB int
}

func (h *Firm) bulkProcedure(c *fiber.Ctx) error {
	s, f, err := h.firmOf(c)
	if err != nil {
		return err
	}
	return h.showUpload(c, s, f, fiber.StatusOK, nil)
}

func (h *Firm) showUpload(c *fiber.Ctx, s signin.Session, f firm, status int, faults []web.ErrorLink) error {
	rev, err := h.Bulk.Procedure(c.UserContext(), s.Person, f.TaxCode, c.Params("code"))
	if err != nil {
		return err
	}
	d := uploadPage{Firm: f, Revision: rev, Rows: bulk.MaxRows, MB: bulk.MaxBytes >> 20}
	for _, col := range rev.Form.Sheets(nil)[0].Columns {
		if col.Register {
			d.Register = append(d.Register, col.Label)
		}
	}
	p := web.Page{Of: f.Name, Title: rev.Sheet.Name, Crumbs: f.crumbs(web.Crumb{Path: f.at("/nop-nhieu"), Name: locales.M("bulk.title")}), Errors: faults, Data: d}
	return h.Show(c, status, "citizen/bulk-upload", p)
}

// spreadsheet reads the one file of a multipart form.
func (h *Firm) spreadsheet(c *fiber.Ctx) (bulk.File, error) {
	parts, err := h.Parts(c)
	if err != nil {
		return bulk.File{}, err
	}
	f, err := parts.Next()
	if errors.Is(err, io.EOF) {
		return bulk.File{}, problem.New(problem.Invalid, "bulk.no_file")
	}
	if err != nil {
		return bulk.File{}, err
	}
	data, err := io.ReadAll(io.LimitReader(f, bulk.MaxBytes+1))
	return bulk.File{Name: f.Name, Data: data}, err
}

func (h *Firm) startBatch(c *fiber.Ctx) error {
	s, f, err := h.firmOf(c)
	if err != nil {
		return err
	}
	file, err := h.spreadsheet(c)
	if err == nil {
		var id string
		if id, err = h.Bulk.Start(c.UserContext(), s.Person, f.TaxCode, c.Params("code"), file, h.key(c, s)); err == nil {
			return h.Redirect(c, f.at("/nop-nhieu/lo/"+id))
		}
	}
	if fault, refused := asInvalid(err); refused {
		faults := []web.ErrorLink{{Field: "tep", Message: fault.Message}}
		return h.showUpload(c, s, f, tooLargeOr422(fault), faults)
	}
	return err
}

func tooLargeOr422(fault *problem.Error) int {
	if fault.Kind == problem.TooLarge {
		return fiber.StatusRequestEntityTooLarge
	}
	return fiber.StatusUnprocessableEntity
}

const (
	xlsxMedia = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	csvMedia  = "text/csv; charset=utf-8"
)

func (h *Firm) template(c *fiber.Ctx) error    { return h.sendTemplate(c, ".xlsx", xlsxMedia) }
func (h *Firm) templateCSV(c *fiber.Ctx) error { return h.sendTemplate(c, ".csv", csvMedia) }

func (h *Firm) sendTemplate(c *fiber.Ctx, end, media string) error {
	s, f, err := h.firmOf(c)
	if err != nil {
		return err
	}
	rev, err := h.Bulk.Procedure(c.UserContext(), s.Person, f.TaxCode, c.Params("code"))
	if err != nil {
		return err
	}
	write := h.Bulk.Template
	if end == ".csv" {
		write = h.Bulk.TemplateCSV
	}
	var b bytes.Buffer
	if err := write(c.UserContext(), &b, bulk.Filling{Revision: rev, Lang: h.Lang(c), Whole: c.Query("day-du") != ""}); err != nil {
		return err
	}
	return h.sendSheet(c, "mau-"+rev.Code+end, media, b.Bytes())
}

func (h *Firm) sendSheet(c *fiber.Ctx, name, media string, b []byte) error {
	return h.Send(c, web.Download{Name: name, Media: media, Size: int64(len(b)), Save: true}, bytes.NewReader(b))
}

// batchPage is a batch: being checked, to be confirmed, being filed, done.
type batchPage struct {
	bulk.Whole
	Firm       firm
	At         string
	Wrongs     []bulk.Standing // lines with faults
	Papers     []askedPaper    // papers that lines ask for
	Unanswered bool            // a register has not answered
	Declare    locales.Text
	Percent    int
	Left       int // lines that were not filed, of a batch that is over
}

// askedPaper is a paper with the lines that ask for it.
type askedPaper struct {
	eforms.Component
	Lines int // that ask for it
	Lack  int // that have no file of it and must
}

// batchOf is the batch of the address.
func (h *Firm) batchOf(c *fiber.Ctx) (signin.Session, firm, bulk.Whole, error) {
	s, f, err := h.firmOf(c)
	if err != nil {
		return s, f, bulk.Whole{}, err
	}
	w, err := h.Bulk.Of(c.UserContext(), s.Person, c.Params("id"))
	if err == nil && w.TaxCode != f.TaxCode {
		err = problem.New(problem.NotFound, "bulk.not_found")
	}
	return s, f, w, err
}

func (h *Firm) batch(c *fiber.Ctx) error {
	_, f, w, err := h.batchOf(c)
	if err != nil {
		return err
	}
	if c.Get(fiber.HeaderAccept) == fiber.MIMEApplicationJSON {
		return c.JSON(struct {
			State string `json:"state"`
		}{progress(w.Batch)})
	}
	return h.showBatch(c, f, w, fiber.StatusOK, nil)
}

// progress is what changes while a worker is at it.
func progress(b bulk.Batch) string { return string(b.State) + strconv.Itoa(b.Counted) }

func (h *Firm) showBatch(c *fiber.Ctx, f firm, w bulk.Whole, status int, faults []web.ErrorLink) error {
	d := batchPage{Whole: w, Firm: f, At: f.at("/nop-nhieu/lo/" + w.ID), Papers: askedPapers(w)}
	if w.Total > 0 {
		d.Percent = w.Counted * 100 / w.Total
	}
	if w.Pattern != nil {
		d.Unanswered = !w.Pattern.Verified()
	}
	if form := w.Revision.Form; form != nil {
		d.Declare = form.Declaration
	}
	for _, l := range w.Lines {
		switch {
		case l.State == bulk.Looked && (l.Wrong > 0 || len(l.Other) > 0):
			d.Wrongs = append(d.Wrongs, l)
		case l.State == bulk.Failed || l.State == bulk.Dropped:
			d.Left++
		}
	}
	if w.State == bulk.Done {
		d.Left += w.Wrong + w.Waiting
	}
	if w.Working() { // a page without the script looks again by itself
		c.Set("Refresh", "5")
	}
	p := web.Page{Of: f.Name, Title: locales.M("bulk.batch.title", locales.S("name", w.Name)), Errors: faults, Data: d,
		Crumbs: f.crumbs(web.Crumb{Path: f.at("/nop-nhieu"), Name: locales.M("bulk.title")})}
	return h.Show(c, status, "citizen/batch", p)
}

// askedPapers are the papers that any line of a batch asks for, in the form's order.
func askedPapers(w bulk.Whole) []askedPaper {
	var all []askedPaper
	at := map[string]int{}
	for _, l := range w.Lines {
		for _, c := range l.Papers {
			i, known := at[c.ID]
			if !known {
				i = len(all)
				at[c.ID], all = i, append(all, askedPaper{Component: c})
			}
			all[i].Lines++
			if c.Required && !c.Brought && len(l.Draft.FilesOf(c.ID)) == 0 {
				all[i].Lack++
			}
		}
	}
	return all
}

// changeBatch takes a corrected file (multipart), or confirms, cancels, checks again (lam).
func (h *Firm) changeBatch(c *fiber.Ctx) error {
	s, f, w, err := h.batchOf(c)
	if err != nil {
		return err
	}
	field := "tep"
	if strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm) {
		var file bulk.File
		if file, err = h.spreadsheet(c); err == nil {
			err = h.Bulk.Replace(c.UserContext(), s.Person, w.ID, file, h.key(c, s))
		}
	} else {
		field, err = h.batchDeed(c, s, w)
	}
	if fault, refused := asInvalid(err); refused {
		return h.showBatch(c, f, w, tooLargeOr422(fault), []web.ErrorLink{{Field: field, Message: fault.Message}})
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, f.at("/nop-nhieu/lo/"+w.ID))
}

func (h *Firm) batchDeed(c *fiber.Ctx, s signin.Session, w bulk.Whole) (field string, err error) {
	form, err := h.Form(c)
	if err != nil {
		return "", err
	}
	ctx, key := c.UserContext(), h.key(c, s)
	switch form.Get("lam") {
	case "nop":
		return "cam-doan", h.Bulk.Confirm(ctx, s.Person, w.ID, form.Get("cam-doan") != "", form.Get("xem"), key)
	case "huy":
		return "", h.Bulk.Cancel(ctx, s.Person, w.ID, key)
	case "kiem-tra-lai":
		return "", h.Bulk.Recheck(ctx, s.Person, w.ID, key)
	}
	return "", fiber.ErrBadRequest
}

// batchFaults is what the person gave, with the faults beside the lines that are not filed.
func (h *Firm) batchFaults(c *fiber.Ctx) error {
	_, _, w, err := h.batchOf(c)
	if err != nil {
		return err
	}
	f := bulk.Filling{Revision: w.Revision, Lang: h.Lang(c), Columns: w.Columns.V, Lines: []bulk.Row{}}
	for _, l := range w.Lines {
		if l.State != bulk.Filed {
			f.Lines = append(f.Lines, l.Row)
		}
	}
	var b bytes.Buffer
	if err := h.Bulk.Template(c.UserContext(), &b, f); err != nil {
		return err
	}
	return h.sendSheet(c, "can-sua-"+w.Procedure+".xlsx", xlsxMedia, b.Bytes())
}

// batchPaperPage puts files of one paper to lines.
type batchPaperPage struct {
	Firm      firm
	Batch     bulk.Batch
	At        string
	Component eforms.Component
	Lines     []batchLine
	Chosen    map[int]bool
}

// batchLine is a line that asks for the paper.
type batchLine struct {
	bulk.Standing
	Files []draft.File
}

func (h *Firm) batchPaper(c *fiber.Ctx) error {
	_, f, w, err := h.batchOf(c)
	if err != nil {
		return err
	}
	return h.showBatchPaper(c, f, w, fiber.StatusOK, nil, nil)
}

func (h *Firm) showBatchPaper(c *fiber.Ctx, f firm, w bulk.Whole, status int, chosen map[int]bool, faults []web.ErrorLink) error {
	at := f.at("/nop-nhieu/lo/" + w.ID)
	d := batchPaperPage{Firm: f, Batch: w.Batch, At: at + "/giay-to/" + c.Params("component"), Chosen: chosen}
	found := false
	for _, l := range w.Lines {
		for _, k := range l.Papers {
			if k.ID != c.Params("component") {
				continue
			}
			found, d.Component = true, k
			files := l.Draft.FilesOf(k.ID)
			d.Lines = append(d.Lines, batchLine{l, files})
			if chosen == nil && len(files) == 0 {
				if d.Chosen == nil {
					d.Chosen = map[int]bool{}
				}
				d.Chosen[l.Line] = true // the usual wish: one file for all that lack it
			}
		}
	}
	if !found {
		return fiber.ErrNotFound
	}
	return h.Show(c, status, "citizen/batch-paper", web.Page{Title: d.Component.Name, Back: at, Errors: faults, Data: d})
}

func (h *Firm) attachToBatch(c *fiber.Ctx) error {
	s, f, w, err := h.batchOf(c)
	if err != nil {
		return err
	}
	parts, err := h.Parts(c)
	if err != nil {
		return err
	}
	var lines []int
	chosen := map[int]bool{}
	for _, v := range parts.Values["dong"] {
		if n, err := strconv.Atoi(v); err == nil && !chosen[n] {
			chosen[n], lines = true, append(lines, n)
		}
	}
	field, err := "tep", h.attachEach(c, s, w, parts, lines)
	fault, refused := asInvalid(err)
	if !refused {
		if err != nil {
			return err
		}
		return h.Redirect(c, f.at("/nop-nhieu/lo/"+w.ID+"/giay-to/"+c.Params("component")))
	}
	if fault.Message.Key == "bulk.choose_lines" {
		field = "dong"
	}
	if w, err = h.Bulk.Of(c.UserContext(), s.Person, w.ID); err != nil {
		return err
	}
	return h.showBatchPaper(c, f, w, tooLargeOr422(fault), chosen, []web.ErrorLink{{Field: field, Message: fault.Message}})
}

// attachEach puts each file to all the lines; one that is refused ends it.
func (h *Firm) attachEach(c *fiber.Ctx, s signin.Session, w bulk.Whole, parts *web.Parts, lines []int) error {
	for n := 0; ; n++ {
		file, err := parts.Next()
		if errors.Is(err, io.EOF) && n == 0 {
			return problem.New(problem.Invalid, "draft.no_file")
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		up := draft.Upload{Component: c.Params("component"), Name: file.Name, Body: file}
		if err := h.Bulk.Attach(c.UserContext(), s.Person, w.ID, lines, up, nth(h.key(c, s), n)); err != nil {
			return err
		}
	}
}
