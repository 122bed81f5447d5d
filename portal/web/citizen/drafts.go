package citizen

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/privacy"
	"motcua/portal/problem"
	"motcua/portal/registry"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// startPage is what is said before the first question (ux C2).
type startPage struct {
	Revision   *catalogue.Revision
	Open       []draftLine
	Earlier    []dossier.Dossier // of this procedure, to begin with their answers
	Whom       forWhom
	Businesses []applicant.Capacity // to choose from, when it is for a business
	ForFirm    bool
	Chosen     string
	Term       locales.Message
	sourcesPage
}

func (h *Filing) start(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	sent := url.Values{} // from a business's page the business is chosen already
	if tax := c.Query("doanh-nghiep"); tax != "" {
		sent.Set("doanh-nghiep", tax)
	}
	return h.showStart(c, s, fiber.StatusOK, sent, nil)
}

func (h *Filing) showStart(c *fiber.Ctx, s signin.Session, status int, sent url.Values, fault *problem.Error) error {
	rev, err := h.Catalogue.InForce(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	if rev.Form == nil {
		return problem.New(problem.NotFound, "draft.no_form")
	}
	if s.Proves(rev.Sheet.Assurance) != nil {
		return h.showLevel(c, fiber.StatusOK, c.OriginalURL(), false)
	}
	d := startPage{Revision: rev, Chosen: cmp.Or(sent.Get("doanh-nghiep"), s.Acting), Term: locales.M("calendar.rule."+rev.Deadline.Unit, locales.N("n", int64(rev.Deadline.Amount)))}
	d.sourcesPage = sourcesOf(rev)
	if d.Whom, d.Businesses, err = h.whom(c, s.Person, rev); err != nil {
		return err
	}
	d.ForFirm = slices.Contains(draft.Kinds(rev), applicant.ForFirm)
	d.Whom.Chosen, d.Whom.Values = cmp.Or(sent.Get("vai"), string(applicant.Self)), sent
	open, err := h.Drafts.Open(c.UserContext(), s.Person, rev.Code)
	if err != nil {
		return err
	}
	d.Open = h.draftLines(open)
	if d.Earlier, err = h.earlier(c, s, rev.Code); err != nil {
		return err
	}
	p := web.Page{Title: rev.Sheet.Name, Frame: web.FrameForm, Service: rev.Sheet.Name, Back: "/thu-tuc/" + rev.Code, Data: d}
	if fault != nil {
		d.Whom.Field = whomField(fault)
		p.Data = d
		p.Errors = []web.ErrorLink{{Field: d.Whom.Field, Message: fault.Message}}
	}
	return h.Show(c, status, "citizen/start", p)
}

// open starts a draft and goes to its first page.
func (h *Filing) open(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	code := c.Params("code")
	from, err := h.answersOf(c, s, code, form.Get("tu"))
	if err != nil {
		return err
	}
	var id string
	as, err := h.capacity(c, s, code, form)
	if err == nil {
		id, err = h.Drafts.StartTold(c.UserContext(), s.Person, code, as, from, takeOf(form), h.key(c, s))
	}
	var fault *problem.Error
	if errors.As(err, &fault) && fault.Kind == problem.Invalid {
		return h.showStart(c, s, fiber.StatusUnprocessableEntity, form, fault)
	}
	if err != nil {
		return h.leveled(c, "/thu-tuc/"+code+"/bat-dau", err)
	}
	if as.TaxCode != s.Acting { // what is begun is what the person goes on as
		if err := h.Signin.Act(c.UserContext(), s, as.TaxCode); err != nil {
			return err
		}
	}
	return h.Redirect(c, "/ho-so/"+id+"/buoc/1")
}

// mostEarlier is how many earlier dossiers are offered to begin with.
const mostEarlier = 5

// earlier are the person's last dossiers of a procedure.
func (h *Filing) earlier(c *fiber.Ctx, s signin.Session, code string) ([]dossier.Dossier, error) {
	mine, err := h.Dossiers.Mine(c.UserContext(), s.Person)
	if err != nil {
		return nil, err
	}
	mine = slices.DeleteFunc(mine, func(d dossier.Dossier) bool { return d.Revision.Code != code })
	return mine[:min(len(mine), mostEarlier)], nil
}

// answersOf are the answers of an earlier dossier of the person's, without what a register
// had filled: it is asked anew.
func (h *Filing) answersOf(c *fiber.Ctx, s signin.Session, code, id string) (draft.Earlier, error) {
	if id == "" {
		return draft.Earlier{}, nil
	}
	w, err := h.Dossiers.OfPerson(c.UserContext(), s.Person, id)
	if err != nil {
		return draft.Earlier{}, err
	}
	if w.Revision.Code != code || w.Revision.Form == nil {
		return draft.Earlier{}, fiber.ErrNotFound
	}
	from := draft.Earlier{ID: w.ID, Form: w.Revision.Form, Answers: w.Filings[len(w.Filings)-1].Answers, Facts: map[string]bool{}}
	for _, section := range w.Run(nil).Outline() {
		for _, row := range section.Rows {
			from.Facts[row.ID] = row.Source != nil
		}
	}
	return from, nil
}

// draftOf loads a draft for a page; one whose registries were never asked (the program was
// killed in between), or long ago, is filled now, one of an older revision is moved to the one in force.
func (h *Filing) draftOf(c *fiber.Ctx, s signin.Session) (draft.Draft, error) {
	ctx, id := c.UserContext(), c.Params("id")
	d, err := h.Drafts.Load(ctx, s.Person, id)
	if err != nil {
		return draft.Draft{}, err
	}
	outdated, err := h.Drafts.Outdated(ctx, d)
	if err != nil {
		return draft.Draft{}, err
	}
	if !outdated && len(d.Due(h.Drafts.Now())) == 0 {
		return d, nil
	}
	if outdated {
		if err := h.Drafts.Follow(ctx, s.Person, id); err != nil {
			return draft.Draft{}, err
		}
	}
	if err := h.Drafts.Refresh(ctx, s.Person, id); err != nil {
		return draft.Draft{}, err
	}
	return h.Drafts.Load(ctx, s.Person, id)
}

// formPage is a page of a form.
type formPage struct {
	Draft   draft.Draft
	Model   eforms.PageModel
	Sources []sourceLine
	Proof   string        // that this browser was shown the page
	Shown   draft.Shown   // what it shows, for the save that comes of it
	Kept    bool          // typed when the session was over, saved now
	Change  bool          // came from the check page and goes back there
	Keepers []namedSource // the registers whose answers this page shows
	Done    int           // tasks that are done, of a form that has a task list
	Tasks   int

	Proposal []proposed         // earlier papers for all that is lacking
	Offered  []eforms.Component // of this page, that there is an earlier paper for
}

// sourceLine says what became of a registry, where it gave nothing.
type sourceLine struct {
	Name  locales.Text
	Says  locales.Message
	Chose bool // the person wanted no answer
}

func (h *Filing) sources(ctx context.Context, d draft.Draft) ([]sourceLine, error) {
	var lines []sourceLine
	var own locales.Text // the registers that the person chose not to have asked
	out, err := h.outages(ctx, d)
	if err != nil {
		return nil, err
	}
	for _, source := range d.Needed() {
		src, asked := d.Sources[source]
		nothing := src.Outcome == registry.NotFound && registry.MayKnowNothing(source) // not everybody is married
		if !asked || src.Outcome == registry.Found || nothing {
			continue
		}
		name, at := registry.NameOf(source), src.At.In(locales.ICT).Format("15:04")
		if src.Outcome != registry.Declined {
			says := locales.M("form.source."+string(src.Outcome), locales.S("at", at), locales.T("source", name))
			if o, is := out[registry.RegisterOf(source)]; is && src.Outcome == registry.Outage {
				says = locales.M("form.outage", locales.T("source", name), locales.S("from", locales.FormatTime(o.From)), locales.S("until", locales.FormatTime(o.Until)))
			}
			lines = append(lines, sourceLine{Name: name, Says: says})
		} else if own.Empty() {
			own = name
		} else if !strings.Contains(own.VI, name.VI) { // a register can be more than one source
			own.VI, own.EN = own.VI+", "+name.VI, own.EN+", "+name.EN
		}
	}
	if !own.Empty() {
		lines = append(lines, sourceLine{Name: own, Says: locales.M("form.source.declined", locales.T("source", own)), Chose: true})
	}
	return lines, nil
}

// outages are those in force, by their registers, for a draft that one kept something from.
func (h *Filing) outages(ctx context.Context, d draft.Draft) (map[string]registry.DeclaredOutage, error) {
	out := map[string]registry.DeclaredOutage{}
	kept := func(src draft.Source) bool { return src.Outcome == registry.Outage }
	if !slices.ContainsFunc(slices.Collect(maps.Values(d.Sources)), kept) {
		return out, nil
	}
	all, err := h.Drafts.Registry.Outages(ctx)
	for _, o := range all {
		out[o.Register] = o
	}
	return out, err
}

func (h *Filing) page(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	no, err := number(c, "no")
	if err != nil {
		return err
	}
	d, err := h.draftOf(c, s)
	if err != nil {
		return h.filedInstead(c, s, err)
	}
	if no, err = h.shown(d, no); err != nil {
		return err
	}
	if c.Query("goi-y") != "" {
		return h.suggest(c, d, no)
	}
	return h.showPage(c, fiber.StatusOK, d, no, nil)
}

// filedInstead sends who comes back to a draft that has been filed on to its dossier.
func (h *Filing) filedInstead(c *fiber.Ctx, s signin.Session, err error) error {
	if problem.Is(err, problem.NotFound) {
		if _, dossierErr := h.Dossiers.OfPerson(c.UserContext(), s.Person, c.Params("id")); dossierErr == nil {
			return h.Redirect(c, "/ho-so/"+c.Params("id"))
		}
	}
	return err
}

// shown is the page itself, or the next one when a rule hides it.
func (h *Filing) shown(d draft.Draft, no int) (int, error) {
	pages := d.Run(h.Drafts.Now()).Pages()
	for _, p := range pages {
		if p.No >= no {
			return p.No, nil
		}
	}
	return 0, fiber.ErrNotFound
}

func (h *Filing) showPage(c *fiber.Ctx, status int, d draft.Draft, no int, faults eforms.Faults) error {
	run := d.Run(h.Drafts.Now())
	data := formPage{Draft: d, Model: run.Model(no, faults), Change: c.Query("sua") != "",
		Proof: h.Proof(c, draftThing(d.ID)), Shown: d.Shown(run, no, newTab()), Kept: c.Query("giu") != ""}
	var err error
	if data.Sources, err = h.sources(c.UserContext(), d); err != nil {
		return err
	}
	p := web.Page{Title: data.Model.Title, Frame: web.FrameForm, Service: d.Revision.Sheet.Name, Of: ofWhom(d.Capacity.Kind, d.Capacity.Name), Back: h.before(d, run, no), Errors: web.Faults(faults), Data: data}
	p.Step = step(data.Model)
	for _, f := range data.Model.Fields {
		for _, f := range append(f.Fields, f) {
			if f.Source != nil {
				keeper := namedSource{privacy.SourceOf(d.Revision.Form, f.Source.Name), f.Source.Source}
				if !slices.Contains(data.Keepers, keeper) {
					data.Keepers = append(data.Keepers, keeper)
				}
			}
		}
	}
	data.Done, data.Tasks = tasksDone(run)
	if err := h.offerOn(c, &data, run); err != nil {
		return err
	}
	p.Data = data
	return h.Show(c, status, "citizen/page", p)
}

// step is "Bước 2 trên 6": without a total while answers to come may change it, and with
// the task that the page belongs to.
func step(m eforms.PageModel) locales.Message {
	no := locales.N("n", int64(m.Step))
	switch {
	case m.Task != nil:
		return locales.M("form.step_task", no, locales.T("task", m.Task.Name))
	case m.Steps == 0:
		return locales.M("form.step", no)
	}
	return locales.M("form.step_of", no, locales.N("of", int64(m.Steps)))
}

func (h *Filing) before(d draft.Draft, run *eforms.Run, no int) string {
	if prev, ok := run.Prev(no); ok {
		return fmt.Sprintf("/ho-so/%s/buoc/%d", d.ID, prev)
	}
	return "/thu-tuc/" + d.Revision.Code + "/bat-dau"
}

// draftDeed is Delete or Restore.
type draftDeed = func(ctx context.Context, p signin.Person, id string) error

func (h *Filing) putAway(c *fiber.Ctx) error {
	return h.putDraft(c, "/ho-so?da-xoa=", h.Drafts.Delete)
}

func (h *Filing) bringBack(c *fiber.Ctx) error {
	return h.putDraft(c, "/ho-so?khoi-phuc=", h.Drafts.Restore)
}

func (h *Filing) putDraft(c *fiber.Ctx, then string, do draftDeed) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	if _, err := h.Form(c); err != nil {
		return err
	}
	id := c.Params("id")
	if err := do(c.UserContext(), s.Person, id); err != nil {
		return err
	}
	return h.Redirect(c, then+url.QueryEscape(id))
}
