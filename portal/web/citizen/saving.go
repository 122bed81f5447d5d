package citizen

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"motcua/locales"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// shownField is the hidden field that says what a page showed.
const shownField = "_ban"

// seqField counts the saves of a page, for a script.
const seqField = "_lan"

// newTab names a drawn page among a person's tabs.
func newTab() string { return uuid.NewString()[:8] }

// draftThing is what the proof of a draft's pages is about.
func draftThing(id string) string { return "draft:" + id }

// by is this browser's mark, short enough to be kept with each field.
func (h *Filing) by(c *fiber.Ctx) string {
	return base64.RawURLEncoding.EncodeToString(h.BrowserMark(c)[:9])
}

// saveAnswer is what the script hears of a save.
type saveAnswer struct {
	At     string `json:"at"`
	Shown  string `json:"ban"`              // what the page that stays open has shown now
	Choose string `json:"choose,omitempty"` // where fields that were changed elsewhere are chosen
}

// save keeps the page, right or wrong, and goes on, stays, or goes back to check. What is
// sent when the session is over waits for the same person.
func (h *Filing) save(c *fiber.Ctx) error {
	id := c.Params("id")
	s, err := h.Need(c)
	if problem.Is(err, problem.SignIn) {
		return h.hold(c, err)
	}
	if err != nil {
		return err
	}
	no, err := number(c, "no")
	if err != nil {
		return err
	}
	form, _, err := h.FormOf(c, draftThing(id))
	if err != nil {
		return err
	}
	saved, err := h.Drafts.SaveSent(c.UserContext(), s.Person, id, h.sent(c, no, form), h.key(c, s))
	if err != nil {
		return h.giveBack(c, s, form, err)
	}
	if form.Has("tu-luu") { // the script saves while the page is still being filled
		answer := saveAnswer{At: saved.Draft.SavedAt.In(locales.ICT).Format("15:04"), Shown: saved.Left.String()}
		if len(saved.Overtaken) > 0 {
			answer.Choose = choosing(id, no)
		}
		return c.JSON(answer)
	}
	return h.saved(c, saved, no, form)
}

func (h *Filing) sent(c *fiber.Ctx, no int, form url.Values) draft.Sent {
	seq, _ := strconv.Atoi(form.Get(seqField)) // without a script there is one save a page
	return draft.Sent{No: no, Body: form, Shown: draft.ParseShown(form.Get(shownField)), By: h.by(c), Seq: seq, Auto: form.Has("tu-luu")}
}

// saved is where a press leads.
func (h *Filing) saved(c *fiber.Ctx, saved draft.Saved, no int, form url.Values) error {
	id := saved.Draft.ID
	switch {
	case len(saved.Overtaken) > 0:
		return h.Redirect(c, choosing(id, no))
	case form.Has("sau"):
		return h.Redirect(c, "/ho-so?da-luu="+id)
	case saved.Again:
		return h.Redirect(c, fmt.Sprintf("/ho-so/%s/buoc/%d%s", id, no, change(form)))
	case len(saved.Faults) > 0:
		return h.showPage(c, fiber.StatusUnprocessableEntity, saved.Draft, no, saved.Faults)
	case form.Has("sua") && len(saved.Draft.Run(h.Drafts.Now()).Faults()) == 0:
		return h.Redirect(c, "/ho-so/"+id+"/kiem-tra")
	}
	run := saved.Draft.Run(h.Drafts.Now())
	if next, more := run.Next(no); more {
		return h.Redirect(c, fmt.Sprintf("/ho-so/%s/buoc/%d", id, next))
	}
	if run.End() != nil {
		return h.Redirect(c, endOf(id))
	}
	return h.Redirect(c, "/ho-so/"+id+"/kiem-tra")
}

func change(form url.Values) string {
	if form.Has("sua") {
		return "?sua=1"
	}
	return ""
}

// hold keeps a page that came without a session, if this browser was shown it, and goes on
// to the sign-in all the same.
func (h *Filing) hold(c *fiber.Ctx, signIn error) error {
	id := c.Params("id")
	form, proven, err := h.FormOf(c, draftThing(id))
	if err != nil || !proven {
		return signIn
	}
	return h.keepHeld(c, form, signIn)
}

func (h *Filing) keepHeld(c *fiber.Ctx, form url.Values, signIn error) error {
	err := h.Drafts.Hold(c.UserContext(), draft.Held{Browser: h.BrowserMark(c), Path: c.Path(), DraftID: c.Params("id"),
		Key: h.Key(c, "").Key, Body: form.Encode()})
	return cmp.Or(err, signIn)
}

// bringIn does what this browser left when its session was over, now that somebody has
// signed in: for the same person it is saved, what is another's is dropped. What cannot be
// saved any more stays until its person has seen it. It gives the address to go on at.
func (h *Filing) bringIn(c *fiber.Ctx, s signin.Session, next string) (string, error) {
	held, err := h.Drafts.HeldBy(c.UserContext(), h.BrowserMark(c))
	if err != nil {
		return next, err
	}
	lost := false
	for _, one := range held {
		to, stays, err := h.brought(c, s, one)
		if err != nil {
			return next, err
		}
		if lost = lost || stays && to == ""; !stays {
			err = h.Drafts.Drop(c.UserContext(), one)
		}
		if err != nil {
			return next, err
		}
		if path, _, _ := strings.Cut(next, "?"); to != "" && (path == one.Path || path == "/") {
			next = to
		}
	}
	if lost {
		next = unsavedAddress + "?tiep=" + url.QueryEscape(next)
	}
	return next, nil
}

// brought brings one page in. It stays when it is a word that the person sends themselves,
// and, with nowhere to go on, when it is theirs and could not be saved.
func (h *Filing) brought(c *fiber.Ctx, s signin.Session, one draft.Held) (to string, stays bool, err error) {
	to, err = h.bring(c, s, one)
	if !couldNot(err) {
		return to, isWord(one.Path), err
	}
	if _, err = h.Drafts.Theirs(c.UserContext(), s.Person, one.DraftID); problem.Is(err, problem.NotFound) {
		return "", false, nil
	}
	return "", err == nil, err
}

// bring saves one page and says where its person goes on.
func (h *Filing) bring(c *fiber.Ctx, s signin.Session, one draft.Held) (string, error) {
	form, err := url.ParseQuery(one.Body)
	if err != nil {
		return "", fmt.Errorf("held page of draft %s: %w", one.DraftID, err)
	}
	if strings.HasSuffix(one.Path, "/bo-sung") {
		return one.Path + "?giu=1", h.Dossiers.NoteSupplement(c.UserContext(), s.Person, one.DraftID, notesOf(form))
	}
	if isWord(one.Path) {
		return one.Path, h.wordTaken(c, s, one)
	}
	no := heldNo(one.Path)
	key := web.KeptKey(fmt.Sprintf("person:%d", s.ID), one.Key, fiber.MethodPost+" "+one.Path, form)
	save := h.Drafts.SaveSent
	if isCopy(one.Path) {
		save = h.Dossiers.SaveCopy
	}
	saved, err := save(c.UserContext(), s.Person, one.DraftID, h.sent(c, no, form), key)
	if err != nil {
		return "", err
	}
	if len(saved.Overtaken) > 0 {
		if isCopy(one.Path) { // nothing there keeps two texts
			return "", problem.New(problem.Conflict, "unsaved.overtaken")
		}
		return choosing(one.DraftID, no), nil
	}
	return one.Path + "?giu=1", nil
}
