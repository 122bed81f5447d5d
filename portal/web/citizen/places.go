package citizen

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/appointment"
	"motcua/portal/catalogue"
	"motcua/portal/web"
)

// Places are the pages of agencies, and of appointments at their counters.
type Places struct {
	*web.Web
	Catalogue *catalogue.Service
	Agency    *agency.Service
	Visits    *appointment.Service
}

const placesAddress = "/co-quan"

// Routes puts the pages at their addresses.
func (h *Places) Routes(app fiber.Router) {
	app.Get(placesAddress, h.places)
	app.Get(placesAddress+"/:code", h.place)
	app.Get(placesAddress+"/:code/dat-lich", h.slots)
	app.Post(placesAddress+"/:code/dat-lich", h.book)
	app.Get(visitAddress, h.findVisit)
	app.Post(visitAddress, h.openVisit)
	app.Get(visitAddress+"/:id", h.visit)
	app.Get(visitAddress+"/:id/lich.ics", h.calendarFile)
	app.Get(visitAddress+"/:id/doi", h.moving)
	app.Post(visitAddress+"/:id/doi", h.move)
	app.Post(visitAddress+"/:id/huy", h.cancel)
}

// placesPage is the list of agencies.
type placesPage struct {
	Text    string
	Groups  []placeGroup
	Formers []formerPlace
	None    bool
}

type placeGroup struct {
	Name   locales.Message
	Places []agency.Agency
}

// formerPlace is a body that exists no more, with who has its work today.
type formerPlace struct {
	agency.Agency
	Today []agency.Agency
}

// groups are the parts of the list in their order, by the names of their headings.
var groups = []string{"place.group.province", "place.group.commune", "place.group.local"}

// groupOf is the part of the list in which an agency is looked for: what serves the whole
// province, the committees of communes, and what provincial agencies keep in one commune, as
// its police.
func groupOf(a agency.Agency, whole map[string]bool) string {
	switch {
	case a.Level == agency.Communal || a.Level == agency.District:
		return "place.group.commune"
	case a.Level == agency.Department && a.Unit != "" && !whole[a.Unit]:
		return "place.group.local"
	}
	return "place.group.province"
}

// inOrder compares agencies of one group: the province's committee first, then by name.
func inOrder(a, b agency.Agency) int {
	first := func(x agency.Agency) int {
		if x.Level == agency.Provincial {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(catalogue.Plain(a.Name.VI), catalogue.Plain(b.Name.VI)), cmp.Compare(a.Code, b.Code))
}

func (h *Places) places(c *fiber.Ctx) error {
	d := placesPage{Text: queryOf(c).Text}
	all, err := h.Agency.All(c.UserContext(), h.Now())
	if err != nil {
		return err
	}
	whole, found := map[string]bool{}, map[string][]agency.Agency{}
	for _, a := range all {
		if a.Level == agency.Provincial {
			whole[a.Unit] = true
		}
	}
	for _, a := range all {
		if meant(a, d.Text) {
			g := groupOf(a, whole)
			found[g] = append(found[g], a)
		}
	}
	for _, g := range groups {
		if len(found[g]) > 0 {
			slices.SortFunc(found[g], inOrder)
			d.Groups = append(d.Groups, placeGroup{Name: locales.M(g), Places: found[g]})
		}
	}
	d.None = len(d.Groups) == 0
	if d.Text != "" {
		if d.Formers, err = h.formers(c, d.Text); err != nil {
			return err
		}
		d.None = d.None && len(d.Formers) == 0
	}
	return h.Show(c, fiber.StatusOK, "public/places", web.Page{Title: locales.M("place.list"), Crumbs: crumbs(), Data: d})
}

// meant says whether an agency is meant by what was typed: its name, address or code.
func meant(a agency.Agency, typed string) bool {
	return typed == "" || strings.EqualFold(a.Code, typed) || catalogue.Alike(a.Name.VI+" "+a.Name.EN+" "+a.Address, typed)
}

// formers are bodies of before that are meant by what was typed.
func (h *Places) formers(c *fiber.Ctx, typed string) ([]formerPlace, error) {
	all, err := h.Agency.Formers(c.UserContext())
	if err != nil {
		return nil, err
	}
	var found []formerPlace
	for _, f := range all {
		if !meant(f.Agency, typed) {
			continue
		}
		today, err := h.Agency.Today(c.UserContext(), f.Agency, "")
		if err != nil {
			return nil, err
		}
		found = append(found, formerPlace{f.Agency, today})
	}
	return found, nil
}

// placePage is an agency: where it is, when, what it does (ux P14).
type placePage struct {
	agency.Agency
	Over    bool
	Today   []agency.Agency // who has its work, when it is over
	Above   *agency.Agency
	Hours   locales.Text
	Work    []fieldWork
	Total   int
	Filter  string // of the search: its procedures
	Booking bool
	Waiting appointment.Waiting
}

type fieldWork struct {
	catalogue.Work
	Path string
}

func (h *Places) place(c *fiber.Ctx) error {
	a, err := h.Agency.Last(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	d := placePage{Agency: a, Over: !a.On(h.Now().In(locales.ICT).Format("2006-01-02"))}
	if err := h.about(c, &d); err != nil {
		return err
	}
	return h.Show(c, fiber.StatusOK, "public/place", web.Page{Title: a.Name, Crumbs: crumbs(web.Crumb{Path: placesAddress, Name: locales.M("place.list")}), Data: d})
}

func (h *Places) about(c *fiber.Ctx, d *placePage) error {
	ctx := c.UserContext()
	var err error
	if d.Over {
		d.Today, err = h.Agency.Today(ctx, d.Agency, "")
		return err
	}
	if province, err := h.Agency.Province(ctx); err == nil {
		d.Hours = province.Hours
	}
	if d.Parent != "" {
		if above, err := h.Agency.ByCode(ctx, d.Parent); err == nil {
			d.Above = &above
		}
	}
	work, err := h.Catalogue.TakenBy(ctx, d.Agency)
	if err != nil {
		return err
	}
	q := catalogue.Query{Agency: d.Code}
	if d.Level == agency.Communal {
		q.Agency = agency.Communal
	}
	d.Filter = address(q)
	for _, w := range work {
		q.Field = w.Field.Code
		d.Work, d.Total = append(d.Work, fieldWork{w, address(q)}), d.Total+w.N
	}
	counters, err := h.Visits.Counters(ctx, d.ID)
	if err != nil {
		return err
	}
	if d.Booking = len(counters) > 0; d.Booking {
		d.Waiting, err = h.Visits.Waiting(ctx, d.ID)
	}
	return err
}
