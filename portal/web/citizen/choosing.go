package citizen

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/draft"
	"motcua/portal/web"
)

// choosePage shows fields that two tabs or devices have changed, both texts of each.
type choosePage struct {
	Draft   draft.Draft
	Choices []chosenField
	Shown   draft.Shown
	Proof   string
	Page    int // where the person was
}

type chosenField struct {
	draft.Choice
	Name   string // of its radio buttons
	Picked string
	Texts  []chosenText
}

// chosenText is one of them, with where it came from.
type chosenText struct {
	draft.Version
	Where locales.Message
}

// choosing is the address of the choice, from the page where it was needed.
func choosing(id string, no int) string { return fmt.Sprintf("/ho-so/%s/chon-ban?trang=%d", id, no) }

func (h *Filing) choose(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	d, err := h.draftOf(c, s)
	if err != nil {
		return h.filedInstead(c, s, err)
	}
	return h.showChoices(c, d, fiber.StatusOK, nil, nil)
}

func (h *Filing) showChoices(c *fiber.Ctx, d draft.Draft, status int, picks map[string]string, faults []web.ErrorLink) error {
	page := atLeastOne(c.Query("trang"))
	choices := d.Choices(h.Drafts.Now())
	if len(choices) == 0 { // settled in another tab
		return h.Redirect(c, fmt.Sprintf("/ho-so/%s/buoc/%d", d.ID, page))
	}
	data := choosePage{Draft: d, Shown: d.ShownChoices(), Proof: h.Proof(c, draftThing(d.ID)), Page: page}
	for _, choice := range choices {
		field := chosenField{Choice: choice, Name: choiceName(choice.Field), Picked: picks[choice.Field]}
		for _, v := range append([]draft.Version{choice.Now}, choice.Other...) {
			field.Texts = append(field.Texts, chosenText{v, h.whereFrom(c, v)})
		}
		data.Choices = append(data.Choices, field)
	}
	return h.Show(c, status, "citizen/choose", web.Page{Title: locales.M("choose.title"), Frame: web.FrameForm,
		Service: d.Revision.Sheet.Name, Back: fmt.Sprintf("/ho-so/%s/buoc/%d", d.ID, page), Errors: faults, Data: data})
}

func choiceName(field string) string { return "ban-" + field }

// whereFrom says when a text was saved, and whether on this device.
func (h *Filing) whereFrom(c *fiber.Ctx, v draft.Version) locales.Message {
	at := locales.S("at", locales.FormatTime(v.At))
	switch {
	case v.At.IsZero():
		return locales.M("choose.stored")
	case v.By == "":
		return locales.M("choose.at", at)
	case v.By == h.by(c):
		return locales.M("choose.here", at)
	}
	return locales.M("choose.elsewhere", at)
}

// chosen settles what was picked; a field left open is asked for again.
func (h *Filing) chosen(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, _, err := h.FormOf(c, draftThing(c.Params("id")))
	if err != nil {
		return err
	}
	d, err := h.Drafts.Load(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return h.filedInstead(c, s, err)
	}
	picks := map[string]string{}
	var faults []web.ErrorLink
	for _, choice := range d.Choices(h.Drafts.Now()) {
		if pick := form.Get(choiceName(choice.Field)); pick != "" {
			picks[choice.Field] = pick
		} else {
			faults = append(faults, web.ErrorLink{Field: choiceName(choice.Field), Message: locales.M("choose.pick", locales.T("field", choice.Now.Row.Label))})
		}
	}
	if len(faults) > 0 {
		return h.showChoices(c, d, fiber.StatusUnprocessableEntity, picks, faults)
	}
	d, err = h.Drafts.Choose(c.UserContext(), s.Person, d.ID, picks, draft.ParseShown(form.Get(shownField)), h.by(c), h.key(c, s))
	if err != nil {
		return err
	}
	if len(d.Overtaken) > 0 { // changed once more meanwhile
		return h.Redirect(c, choosing(d.ID, atLeastOne(form.Get("trang"))))
	}
	return h.Redirect(c, fmt.Sprintf("/ho-so/%s/buoc/%d", d.ID, atLeastOne(form.Get("trang"))))
}
