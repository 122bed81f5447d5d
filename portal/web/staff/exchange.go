package staff

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/national"
	"motcua/portal/problem"
	"motcua/portal/web"
)

const (
	exchangeAt = "/can-bo/danh-muc"
	importAt   = exchangeAt + "/nhap"
	comparedAt = exchangeAt + "/doi-chieu"
	manyAt     = exchangeAt + "/hang-loat"
)

// exchange are the pages where editors take the catalogue home, bring the national list in,
// compare and take over, and change many sheets at once.
func (h *Pages) exchange(app fiber.Router) {
	app.Get(importAt, h.importPage)
	app.Post(importAt, h.importUpload)
	app.Get(importAt+"/:id", h.uploadPage)
	app.Post(importAt+"/:id", h.uploadDeed)
	app.Get(importAt+"/:id/bao-cao.csv", h.uploadReport)
	app.Get(exchangeAt+"/xuat.:format", h.exportAll)
	app.Get(comparedAt+"/:id", h.comparison)
	app.Post(comparedAt+"/:id", h.takeOver)
	app.Get(comparedAt+"/:id/:code", h.comparedOne)
	app.Get(manyAt, h.manyPage)
	app.Post(manyAt, h.many)
}

// exchangePage draws a page of these.
func (h *Pages) exchangePage(c *fiber.Ctx, o agency.Officer, status int, name string, title web.Words, errs []web.ErrorLink, data any, crumbs ...web.Crumb) error {
	crumbs = append([]web.Crumb{{Path: exchangeAt, Name: locales.M("exchange.catalogue")}}, crumbs...)
	return h.Show(c, status, "staff/"+name, web.Page{Title: title, Frame: web.FrameStaff, Menu: menu(o), Crumbs: crumbs, Errors: errs, Data: data})
}

// importList is where files come in and the catalogue goes out.
type importList struct {
	Uploads []national.Upload
	Formats []string
	Fields  []string // the columns of a table, for whoever makes one
	MB      int
}

func (h *Pages) importPage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showImports(c, by, fiber.StatusOK, nil)
}

func (h *Pages) showImports(c *fiber.Ctx, by catalogue.Editing, status int, errs []web.ErrorLink) error {
	p := importList{Formats: national.Formats, Fields: national.Columns(), MB: national.MaxBytes >> 20}
	var err error
	if p.Uploads, err = h.National.Uploads(c.UserContext(), by.Officer); err != nil {
		return err
	}
	return h.exchangePage(c, by.Officer, status, "exchange-import", locales.M("exchange.import"), errs, p)
}

func (h *Pages) importUpload(c *fiber.Ctx) error {
	if _, err := h.editor(c); err != nil {
		return err
	}
	parts, err := h.Parts(c)
	if err != nil {
		return err
	}
	by, err := h.editor(c) // now with the form's key
	if err != nil {
		return err
	}
	file, err := parts.Next()
	if errors.Is(err, io.EOF) {
		return h.showImports(c, by, fiber.StatusUnprocessableEntity, []web.ErrorLink{{Field: "tep", Message: locales.M("exchange.no_file")}})
	}
	if err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(file, national.MaxBytes+1))
	if err != nil {
		return err
	}
	by.Key = mixed(by.Key, data)
	id, err := h.National.Start(c.UserContext(), by, file.Name, data)
	if fault, ok := errors.AsType[*problem.Error](err); ok && (fault.Kind == problem.Invalid || fault.Kind == problem.TooLarge) {
		status := fiber.StatusUnprocessableEntity
		if fault.Kind == problem.TooLarge {
			status = fiber.StatusRequestEntityTooLarge
		}
		return h.showImports(c, by, status, []web.ErrorLink{{Field: "tep", Message: fault.Message}})
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, importAt+"/"+id)
}

// uploaded is one file: how far it is read, and then what is wrong with it.
type uploaded struct {
	Upload national.Upload
	Lines  []national.Line
	Paging pages
}

// pagesOf are the ways to the pages beside one of a list that the database parts.
func pagesOf(page, per, all int, at func(page int) string) pages {
	p := pages{Now: page, Last: (all + per - 1) / per}
	if page > 1 {
		p.Before = at(page - 1)
	}
	if page*per < all {
		p.After = at(page + 1)
	}
	return p
}

func pageOf(c *fiber.Ctx) int {
	n, _ := strconv.Atoi(c.Query("trang"))
	return min(max(n, 1), 100_000)
}

func (h *Pages) uploadPage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	var p uploaded
	if p.Upload, err = h.National.Upload(c.UserContext(), by.Officer, c.Params("id")); err != nil {
		return err
	}
	if p.Upload.State == national.Reading {
		c.Set("Refresh", "2") // the page looks again by itself, without a script
	}
	page := pageOf(c)
	if p.Lines, err = h.National.Faulty(c.UserContext(), by.Officer, p.Upload.ID, page); err != nil {
		return err
	}
	p.Paging = pagesOf(page, national.PerPage, p.Upload.Faulty, func(n int) string { return importAt + "/" + p.Upload.ID + "?trang=" + strconv.Itoa(n) })
	return h.exchangePage(c, by.Officer, fiber.StatusOK, "exchange-upload", locales.V(p.Upload.Name), nil, p, web.Crumb{Path: importAt, Name: locales.M("exchange.import")})
}

func (h *Pages) uploadDeed(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	id := c.Params("id")
	switch body.Get("lam") {
	case "giu":
		if err := h.National.Keep(c.UserContext(), by, id, body.Get("gom") != "mot-phan"); err != nil {
			return err
		}
		return h.Redirect(c, comparedAt+"/"+id)
	case "xoa":
		if err := h.National.Drop(c.UserContext(), by, id); err != nil {
			return err
		}
		return h.Redirect(c, importAt)
	}
	return fiber.ErrBadRequest
}

func (h *Pages) uploadReport(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := h.National.Report(c.UserContext(), by.Officer, c.Params("id"), h.Lang(c), &b); err != nil {
		return err
	}
	return h.Send(c, web.Download{Name: "bao-cao.csv", Media: "text/csv", Size: int64(b.Len()), Save: true}, &b)
}

// exportAll is the catalogue in force as a file.
func (h *Pages) exportAll(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	format := c.Params("format")
	media := map[string]string{"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "json": "application/json"}[format]
	if media == "" {
		return problem.New(problem.NotFound, "catalogue.not_found")
	}
	var b bytes.Buffer
	if err := h.National.Export(c.UserContext(), by.Officer, format, &b); err != nil {
		return err
	}
	return h.Send(c, web.Download{Name: "danh-muc-tthc." + format, Media: media, Size: int64(b.Len()), Save: true}, &b)
}

// opened is what taking over or a change in many sheets came to, told on the page after it.
type opened struct {
	Batch   editorial.Batch
	Skipped int
}

// openedOf reads it from the address: a batch that is there.
func (h *Pages) openedOf(c *fiber.Ctx, o agency.Officer) *opened {
	if c.Query("lo") == "" {
		return nil
	}
	b, err := h.Editorial.Batch(c.UserContext(), o, c.Query("lo"))
	if err != nil {
		return nil
	}
	n, _ := strconv.Atoi(c.Query("bo-qua"))
	return &opened{b, max(n, 0)}
}
