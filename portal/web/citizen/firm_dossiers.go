package citizen

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/bulk"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/signin"
	"motcua/portal/vault"
	"motcua/portal/web"
)

// firmDossiersPage are the dossiers and permits of a business (ux B3).
type firmDossiersPage struct {
	Firm       firm
	Dossiers   []firmDossier
	Permits    []permit
	Filter     dossier.Filter
	Procedures []*catalogue.Revision
	Query      string // of the exports
	Page       int
	Before     string
	After      string
}

// firmDossier is a dossier of a business with how long its agency has left.
type firmDossier struct {
	dossier.Typed
	Left leftDays
	Open bool
}

// permit is a result with how long it holds.
type permit struct {
	vault.Permit
	Days  int // until it ends
	Ended bool
	Renew bool // the person may file its procedure
}

// soon is when an end is worth marking.
const soon = 60

// Soon says whether it ends within two months.
func (p permit) Soon() bool { return p.ValidTo != nil && !p.Ended && p.Days <= soon }

func filterOf(c *fiber.Ctx) dossier.Filter {
	standings := map[string]string{"dang-xu-ly": "open", "can-bo-sung": "supplement", "qua-han": "late", "da-xong": "over"}
	page, _ := strconv.Atoi(c.Query("trang"))
	code := c.Query("ma")
	if len(code) > 40 {
		code = ""
	}
	return dossier.Filter{Standing: standings[c.Query("xem")], Procedure: c.Query("thu-tuc"), Code: code, Page: min(max(page, 1), 1000)}
}

func (h *Firm) dossiers(c *fiber.Ctx) error {
	s, f, err := h.firmOf(c)
	if err != nil {
		return err
	}
	ctx, filter := c.UserContext(), filterOf(c)
	d := firmDossiersPage{Firm: f, Filter: filter, Page: filter.Page}
	list, more, err := h.Dossiers.OfFirm(ctx, s.Person, f.TaxCode, filter)
	if err != nil {
		return err
	}
	cal, err := h.Agency.Calendar(ctx)
	if err != nil {
		return err
	}
	now := h.Dossiers.Now()
	for _, t := range list {
		one := firmDossier{Typed: t, Open: !t.State.Closed() && t.State != dossier.Decided && t.State != dossier.Supplement}
		one.Left.Days, one.Left.Over = cal.Left(now, t.Deadline())
		d.Dossiers = append(d.Dossiers, one)
	}
	if d.Permits, err = h.permits(c, s, f, now); err != nil {
		return err
	}
	all, err := h.Bulk.Procedures(ctx)
	if err != nil {
		return err
	}
	d.Procedures = slices.DeleteFunc(all, func(r *catalogue.Revision) bool {
		return !slices.ContainsFunc(f.Rights, func(one applicant.Standing) bool { return one.Lets(applicant.See, r.Code) })
	})
	q := url.Values{}
	for _, name := range []string{"xem", "thu-tuc", "ma"} {
		if v := c.Query(name); v != "" {
			q.Set(name, v)
		}
	}
	d.Query = q.Encode()
	turn := func(page int) string {
		q.Set("trang", strconv.Itoa(page))
		return f.at("/ho-so?" + q.Encode())
	}
	if filter.Page > 1 {
		d.Before = turn(filter.Page - 1)
	}
	if more {
		d.After = turn(filter.Page + 1)
	}
	p := web.Page{Of: f.Name, Title: f.Name, Crumbs: []web.Crumb{{Path: "/doanh-nghiep", Name: locales.M("firm.title")}}, Data: d}
	return h.Show(c, fiber.StatusOK, "citizen/firm", p)
}

func (h *Firm) permits(c *fiber.Ctx, s signin.Session, f firm, now time.Time) ([]permit, error) {
	list, err := h.Vault.Permits(c.UserContext(), s.Person, f.TaxCode)
	if err != nil {
		return nil, err
	}
	today := now.In(locales.ICT).Format(time.DateOnly)
	all := make([]permit, len(list))
	for i, one := range list {
		all[i] = permit{Permit: one, Renew: slices.ContainsFunc(f.Rights, func(r applicant.Standing) bool { return r.Lets(applicant.File, one.Procedure) })}
		if one.ValidTo != nil {
			all[i].Ended = one.ValidTo.Format(time.DateOnly) < today
			all[i].Days = int(one.ValidTo.Sub(now)/(24*time.Hour)) + 1
		}
	}
	return all, nil
}

func (h *Firm) exportCSV(c *fiber.Ctx) error {
	return h.export(c, ".csv", csvMedia, func(b *bytes.Buffer, _ string, head []string, rows [][]string) error {
		return bulk.WriteCSV(b, head, rows)
	})
}

func (h *Firm) exportXLSX(c *fiber.Ctx) error {
	return h.export(c, ".xlsx", xlsxMedia, func(b *bytes.Buffer, name string, head []string, rows [][]string) error {
		return bulk.WriteXLSX(b, name, head, rows)
	})
}

// export is the list with its filters as a file, all pages of it.
func (h *Firm) export(c *fiber.Ctx, end, media string, write func(b *bytes.Buffer, name string, head []string, rows [][]string) error) error {
	s, f, err := h.firmOf(c)
	if err != nil {
		return err
	}
	filter := filterOf(c)
	filter.Page = 0
	list, _, err := h.Dossiers.OfFirm(c.UserContext(), s.Person, f.TaxCode, filter)
	if err != nil {
		return err
	}
	lang := h.Lang(c)
	say := func(key string) string {
		text, _ := locales.Say(lang, locales.M(key))
		return text
	}
	var head []string
	for _, key := range []string{"firm.col.code", "firm.col.procedure", "firm.col.agency", "firm.col.state", "firm.col.filed", "firm.col.deadline", "firm.col.by"} {
		head = append(head, say(key))
	}
	rows := make([][]string, len(list))
	for i, d := range list {
		name, _ := d.Revision.Sheet.Name.In(lang)
		at, _ := d.Agency.Name.In(lang)
		rows[i] = []string{d.Code, name, at, say("state." + string(d.State)), locales.FormatTime(d.FiledAt), locales.FormatDate(d.Deadline()), d.By}
	}
	var b bytes.Buffer
	if err := write(&b, say("firm.dossiers"), head, rows); err != nil {
		return err
	}
	return h.sendSheet(c, "ho-so-"+f.TaxCode+end, media, b.Bytes())
}
