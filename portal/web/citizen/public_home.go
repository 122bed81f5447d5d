package citizen

import (
	"cmp"
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/content"
	"motcua/portal/web"
)

// homePage is the front door (ux P1): what people come for, one announcement at most and no pictures.
type homePage struct {
	Try    []string // words people use, as examples
	Tasks  []taskCard
	Total  int
	Events []contentGroup
	Top    *content.Item // the announcement above everything, if there is one
}

// taskCard is a procedure that many people need.
type taskCard struct {
	Code string
	Name locales.Text
	Icon string
	Time web.Words
	Cost web.Words
}

// fieldIcons are drawings for fields of state management; the others have a sheet of paper.
var fieldIcons = map[string]string{
	"ho-tich": "book", "chung-thuc": "stamp", "cu-tru": "home", "can-cuoc": "card", "ly-lich-tu-phap": "user",
	"giao-thong-duong-bo": "car", "ho-kinh-doanh": "shop", "dat-dai": "land", "thanh-lap-doanh-nghiep": "business",
	"xuc-tien-thuong-mai": "business", "xay-dung": "home",
}

// How many tasks the front page has, how many of one field, and how many examples.
const (
	homeTasks    = 8
	tasksOfField = 3
	homeExamples = 4
)

func (h *Pages) home(c *fiber.Ctx) error {
	version, err := h.contentEdition(c)
	if err != nil {
		return err
	}
	return h.Web.Public(c, version, func() (string, web.Page, error) {
		data, err := h.homeOf(c.UserContext())
		return "public/home", web.Page{Title: locales.M("public.home.title"), Linked: h.linkedSite(c), Data: data}, err
	})
}

// edition is what pages made of the whole catalogue depend on: what is published, and the
// day, because a revision published beforehand comes into force at its beginning.
func (h *Pages) edition(ctx context.Context) (string, error) {
	print, err := h.Catalogue.Edition(ctx)
	return print + " " + locales.FormatDate(h.Now()), err
}

func (h *Pages) homeOf(ctx context.Context) (homePage, error) {
	all, err := h.Catalogue.All(ctx)
	if err != nil {
		return homePage{}, err
	}
	p := homePage{Total: len(all)}
	uses, err := h.Catalogue.Uses(ctx)
	if err != nil {
		return homePage{}, err
	}
	for _, rev := range common(all, uses) {
		icon, ok := fieldIcons[rev.Sheet.Field]
		if !ok {
			icon = "file"
		}
		p.Tasks = append(p.Tasks, taskCard{rev.Code, rev.Sheet.Name, icon, timeOf(rev.Sheet), shortCost(rev.Sheet)})
		if len(rev.Sheet.Keywords) > 0 && len(p.Try) < homeExamples {
			p.Try = append(p.Try, rev.Sheet.Keywords[0])
		}
	}
	if p.Top, err = h.Content.Top(ctx); err != nil {
		return p, err
	}
	p.Events, err = h.events(ctx)
	return p, err
}

// common are the procedures of the front page: first those that can be filed here, then
// those whose sheet was written out for people; of each, what is needed most, and of what is
// needed alike, what was written out.
func common(all []*catalogue.Revision, uses map[string]int) []*catalogue.Revision {
	all = slices.Clone(all)
	plain := func(r *catalogue.Revision) int {
		if r.Sheet.Summary.Empty() {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b *catalogue.Revision) int {
		return cmp.Or(uses[b.Code]-uses[a.Code], plain(a)-plain(b))
	})
	var out []*catalogue.Revision
	ofField := map[string]int{}
	for _, fits := range []func(*catalogue.Revision) bool{
		func(r *catalogue.Revision) bool { return r.Form != nil },
		func(r *catalogue.Revision) bool { return r.Form == nil && !r.Sheet.Summary.Empty() },
	} {
		for _, rev := range all {
			if len(out) < homeTasks && fits(rev) && ofField[rev.Sheet.Field] < tasksOfField {
				ofField[rev.Sheet.Field]++
				out = append(out, rev)
			}
		}
	}
	return out
}

// events are the life events of citizens and of businesses.
func (h *Pages) events(ctx context.Context) ([]contentGroup, error) {
	all, err := h.Content.All(ctx, content.Event)
	return grouped(content.Event, all), err
}
