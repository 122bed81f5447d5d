package citizen

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// wordPage is a small page on which a person has a word on their dossier: why they
// withdraw it, how they were served.
type wordPage struct {
	dossier.Whole
	Score int
	Text  string
	Proof string
	Kept  bool // written when the session was over, and not sent yet
}

// word is one of those pages.
type word struct {
	page  string
	title locales.Message
	field string // of the text
	deed  dossier.Deed
}

var (
	withdrawalWord = word{"citizen/withdraw", locales.M("withdraw.title"), "ly-do", dossier.Withdraw}
	ratingWord     = word{"citizen/rate", locales.M("rate.title"), "y-kien", dossier.Rate}
)

func (h *Filing) withdrawal(c *fiber.Ctx) error { return h.askWord(c, withdrawalWord) }

func (h *Filing) rating(c *fiber.Ctx) error { return h.askWord(c, ratingWord) }

// askWord shows the page, with what was written on it when the session was over.
func (h *Filing) askWord(c *fiber.Ctx, of word) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	w, err := h.Dossiers.OfPerson(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	one, kept, err := h.heldHere(c)
	if err != nil {
		return err
	}
	form, err := url.ParseQuery(one.Body)
	if err != nil {
		return err
	}
	return h.showWord(c, fiber.StatusOK, of, w, form, kept)
}

func (h *Filing) showWord(c *fiber.Ctx, status int, of word, w dossier.Whole, form url.Values, kept bool, faults ...web.ErrorLink) error {
	score, _ := strconv.Atoi(form.Get("muc"))
	d := wordPage{Whole: w, Score: score, Text: form.Get(of.field), Proof: h.Proof(c, draftThing(w.ID)), Kept: kept}
	return h.Show(c, status, of.page, web.Page{Title: of.title, Frame: web.FrameForm, Service: w.Revision.Sheet.Name, Back: "/ho-so/" + w.ID, Errors: faults, Data: d})
}

// heldHere is what this browser has left at the address, if anything. Whose it is is the
// caller's to have asked.
func (h *Filing) heldHere(c *fiber.Ctx) (draft.Held, bool, error) {
	held, err := h.Drafts.HeldBy(c.UserContext(), h.BrowserMark(c))
	for _, one := range held {
		if one.Path == c.Path() {
			return one, true, nil
		}
	}
	return draft.Held{}, false, err
}

// wordTaken says whether a word that was held can be sent still.
func (h *Filing) wordTaken(c *fiber.Ctx, s signin.Session, one draft.Held) error {
	w, err := h.Dossiers.OfPerson(c.UserContext(), s.Person, one.DraftID)
	if err != nil {
		return err
	}
	of := ratingWord
	if one.Path == "/ho-so/"+w.ID+withdrawalEnd {
		of = withdrawalWord
	}
	if !dossier.Can(of.deed, w.Dossier) {
		return problem.New(problem.Conflict, "dossier.not_now")
	}
	return nil
}

// wordFault is a fault in words for a page that takes no file.
func wordFault(m locales.Message) locales.Message {
	if m.Key == "dossier.note_too_long" {
		return locales.M("unsaved.too_long", m.Args...)
	}
	return m
}

func (h *Filing) withdraw(c *fiber.Ctx) error {
	return h.takeWord(c, withdrawalWord, "", func(s signin.Session, id string, form url.Values) error {
		return h.Dossiers.Withdraw(c.UserContext(), s.Person, id, form.Get("ly-do"), h.key(c, s))
	})
}

func (h *Filing) rate(c *fiber.Ctx) error {
	return h.takeWord(c, ratingWord, "?da-danh-gia=1", func(s signin.Session, id string, form url.Values) error {
		score, _ := strconv.Atoi(form.Get("muc"))
		return h.Dossiers.Rate(c.UserContext(), s.Person, id, score, form.Get("y-kien"))
	})
}

// takeWord does what the page asks for. What cannot be right is shown again as it was
// written; what comes when the session is over waits for the same person.
func (h *Filing) takeWord(c *fiber.Ctx, of word, then string, do func(s signin.Session, id string, form url.Values) error) error {
	id := c.Params("id")
	s, err := h.Need(c)
	if problem.Is(err, problem.SignIn) {
		return h.hold(c, err)
	}
	if err != nil {
		return err
	}
	form, _, err := h.FormOf(c, draftThing(id))
	if err != nil {
		return err
	}
	w, err := h.Dossiers.OfPerson(c.UserContext(), s.Person, id)
	if err != nil {
		return err
	}
	var faults []web.ErrorLink
	if score, _ := strconv.Atoi(form.Get("muc")); of.deed == dossier.Rate && (score < 1 || score > 5) {
		faults = append(faults, web.ErrorLink{Field: "muc-5", Message: locales.M("rate.choose")})
	}
	if len(faults) == 0 {
		err = do(s, id, form)
	}
	if fault, invalid := asInvalid(err); invalid {
		faults = append(faults, web.ErrorLink{Field: of.field, Message: wordFault(fault.Message)})
	} else if err != nil {
		return h.giveBack(c, s, form, err)
	}
	if len(faults) > 0 {
		return h.showWord(c, fiber.StatusUnprocessableEntity, of, w, form, false, faults...)
	}
	if one, kept, err := h.heldHere(c); err != nil {
		return err
	} else if kept {
		if err := h.Drafts.Drop(c.UserContext(), one); err != nil {
			return err
		}
	}
	return h.Redirect(c, "/ho-so/"+id+then)
}
