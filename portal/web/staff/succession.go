package staff

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/succession"
	"motcua/portal/web"
)

const changesAt = listsAt + "/sap-xep"

// successions are the pages on which agencies are merged and parted on a day.
func (h *Pages) successions(app fiber.Router) {
	app.Get(changesAt, h.changeList)
	app.Post(changesAt, h.changeStart)
	app.Get(changesAt+"/:id", h.changePage)
	app.Post(changesAt+"/:id", h.changeDo)
}

type changesPage struct {
	Changes []succession.Change
	Names   map[string]locales.Text
}

// Name is an agency's name, or its code where there is none of it yet.
func (d changesPage) Name(code string) locales.Text {
	if n, ok := d.Names[code]; ok {
		return n
	}
	return locales.V(code)
}

func (h *Pages) changeList(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	d := changesPage{}
	if d.Changes, err = h.Changes.All(c.UserContext(), by.Officer); err != nil {
		return err
	}
	if d.Names, err = h.agencyNames(c); err != nil {
		return err
	}
	for _, ch := range d.Changes {
		for _, a := range ch.Plan.Begins {
			d.Names[a.Code] = a.Name
		}
	}
	return h.listPage(c, by.Officer, fiber.StatusOK, "successions", locales.M("succession.title"), nil, d,
		web.Crumb{Path: agenciesAt, Name: locales.M("list.agencies")})
}

// agencyNames are the names of all agencies by code, of one code the last.
func (h *Pages) agencyNames(c *fiber.Ctx) (map[string]locales.Text, error) {
	all, err := h.Agency.Everything(c.UserContext())
	names := make(map[string]locales.Text, len(all))
	for _, a := range all {
		names[a.Code] = a.Name
	}
	return names, err
}

func (h *Pages) changeStart(c *fiber.Ctx) error {
	by, _, err := h.sent(c)
	if err != nil {
		return err
	}
	id, err := h.Changes.Start(c.UserContext(), by)
	if err != nil {
		return err
	}
	return h.Redirect(c, changesAt+"/"+id)
}

type changePage struct {
	changesPage
	Change   succession.Change
	Plan     agency.Plan // as it is typed
	Day      string
	Effect   succession.Effect
	Left     []agency.PlanFault // what keeps it from being sent
	Bodies   []agency.Agency
	Fields   []catalogue.FieldLine
	Levels   []string
	Own      bool // this officer changed it, and does not approve it
	Note     string
	Answered string // why it was given back, as typed
}

// Waits says whether a second person has it to decide on.
func (d changePage) Waits() bool { return d.Change.Review.Stands("sent", d.Change.Version) }

// Live says whether it can be changed.
func (d changePage) Live() bool { return d.Change.State == succession.Open }

func (h *Pages) changePage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	ch, err := h.Changes.One(c.UserContext(), by.Officer, c.Params("id"))
	if err != nil {
		return err
	}
	return h.showChange(c, by.Officer, fiber.StatusOK, changePage{Change: ch, Plan: ch.Plan}, nil)
}

func (h *Pages) showChange(c *fiber.Ctx, o agency.Officer, status int, d changePage, faults []web.ErrorLink) error {
	ctx := c.UserContext()
	var err error
	if d.Bodies, err = h.Agency.All(ctx, h.Now()); err != nil {
		return err
	}
	if d.Fields, err = h.Catalogue.FieldList(ctx); err != nil {
		return err
	}
	if d.Names, err = h.agencyNames(c); err != nil {
		return err
	}
	for _, a := range d.Plan.Begins {
		d.Names[a.Code] = a.Name
	}
	d.Day, d.Levels, d.Own = typedDay(d.Plan.Day), []string{agency.Department, agency.Communal, agency.Provincial}, slices.Contains(d.Change.Authors, o.ID)
	if d.Day == "" {
		d.Day = d.Plan.Day
	}
	if d.Live() && len(faults) == 0 {
		if d.Left, err = h.Changes.Check(ctx, d.Change.Plan); err != nil {
			return err
		}
	}
	if d.Change.State != succession.Done {
		if d.Effect, err = h.Changes.Effect(ctx, d.Change.Plan); err != nil {
			return err
		}
	}
	return h.listPage(c, o, status, "succession", locales.M("succession.one", locales.S("day", d.Day)), faults, d,
		web.Crumb{Path: agenciesAt, Name: locales.M("list.agencies")}, web.Crumb{Path: changesAt, Name: locales.M("succession.title")})
}

// changeDo is a button of the page: its word, and for a row its number.
func (h *Pages) changeDo(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	ctx, id := c.UserContext(), c.Params("id")
	version, _ := strconv.Atoi(body.Get("ban"))
	word, row, _ := strings.Cut(body.Get("lam"), " ")
	var p agency.Plan
	switch word {
	case "gui":
		err = h.Changes.Send(ctx, by, id, version, "Sắp xếp cơ quan", changesAt+"/"+id, body.Get("ghi-chu"))
	case "duyet", "tra-lai":
		err = h.Changes.Decide(ctx, by, id, version, word == "duyet", body.Get("ghi-chu"))
	case "thu-hoi":
		err = h.Changes.Recall(ctx, by, id, version)
	case "bo":
		if err = h.Changes.Drop(ctx, by, id, version); err == nil {
			return h.Redirect(c, changesAt)
		}
	default:
		p = planOf(body)
		changeRow(&p, word, row)
		err = h.Changes.Save(ctx, by, id, version, p)
	}
	if refused, ok := errors.AsType[succession.Refused](err); ok {
		ch, err := h.Changes.One(ctx, by.Officer, id)
		if err != nil {
			return err
		}
		d := changePage{Change: ch, Plan: ch.Plan, Note: body.Get("ghi-chu")}
		if p.Day != "" {
			d.Plan = p
		}
		return h.showChange(c, by.Officer, fiber.StatusUnprocessableEntity, d, planFaults(refused))
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, changesAt+"/"+id+anchorOf(word, p))
}

// anchorOf is where the page goes on after a row was added.
func anchorOf(word string, p agency.Plan) string {
	switch word {
	case "them-viec":
		return fmt.Sprintf("#moves-%d-from", len(p.Moves)-1)
	case "them-co-quan":
		return fmt.Sprintf("#begins-%d-code", len(p.Begins)-1)
	}
	return ""
}

func planFaults(all []agency.PlanFault) []web.ErrorLink {
	var links []web.ErrorLink
	for _, f := range all {
		links = append(links, web.ErrorLink{Field: f.Field, Message: f.Message})
	}
	return links
}

// mostRows is how many rows of a kind a plan has at most.
const mostRows = 60

// planOf reads the plan as it was typed. Rows that say nothing are left out.
func planOf(body url.Values) agency.Plan {
	p := agency.Plan{Day: keptDay(body.Get("day")), Ground: trimmed(body, "ground")}
	for i := range mostRows {
		at := func(part string) string { return trimmed(body, fmt.Sprintf("begins-%d-%s", i, part)) }
		a := agency.Agency{Code: at("code"), Name: locales.Text{VI: at("name-vi"), EN: at("name-en")}, Level: at("level"), Parent: at("parent"),
			Unit: at("unit"), Address: at("address"), Phone: at("phone"), Email: at("email"), TaxCode: at("tax")}
		if a.Code+a.Name.VI+a.Name.EN != "" {
			p.Begins = append(p.Begins, a)
		}
	}
	for i := range mostRows {
		at := func(part string) string { return trimmed(body, fmt.Sprintf("moves-%d-%s", i, part)) }
		if m := (agency.Pass{From: at("from"), Field: at("field"), To: at("to")}); m.From+m.To != "" {
			p.Moves = append(p.Moves, m)
		}
	}
	for name := range body {
		officer, from, ok := strings.Cut(strings.TrimPrefix(name, "post-"), "-")
		n, err := strconv.ParseInt(officer, 10, 64)
		if !strings.HasPrefix(name, "post-") || !ok || err != nil {
			continue
		}
		if to := body.Get(name); to != "" && to != p.Heir(from, "") {
			p.Posts = append(p.Posts, agency.Post{Officer: n, From: from, To: to})
		}
	}
	slices.SortFunc(p.Posts, func(a, b agency.Post) int { return int(a.Officer - b.Officer) })
	return p
}

// changeRow adds an empty row, or takes one out.
func changeRow(p *agency.Plan, word, row string) {
	n, err := strconv.Atoi(row)
	switch {
	case word == "them-viec" && len(p.Moves) < mostRows:
		p.Moves = append(p.Moves, agency.Pass{})
	case word == "them-co-quan" && len(p.Begins) < mostRows:
		p.Begins = append(p.Begins, agency.Agency{Level: agency.Department})
	case word == "bo-viec" && err == nil && n >= 0 && n < len(p.Moves):
		p.Moves = slices.Delete(p.Moves, n, n+1)
	case word == "bo-co-quan" && err == nil && n >= 0 && n < len(p.Begins):
		p.Begins = slices.Delete(p.Begins, n, n+1)
	}
}
