package citizen

import (
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/catalogue"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// whoChoice is somebody for whom a person may file.
type whoChoice struct {
	applicant.Capacity
	Vai string
}

// forWhom is the question "for whom" before the first page (ux C4).
type forWhom struct {
	Choices []whoChoice // known ones, self first
	Typed   []string    // kinds of whom one can type: ward, authorised
	Chosen  string
	Values  url.Values // as typed
	Field   string     // at fault
}

// Asked says whether there is anything to choose.
func (f forWhom) Asked() bool { return len(f.Choices)+len(f.Typed) > 1 }

// Wards says whether a child or a ward can be typed.
func (f forWhom) Wards() bool { return slices.Contains(f.Typed, string(applicant.Ward)) }

// whom finds for whom the person may file a procedure. Businesses have a question of their own.
func (h *Filing) whom(c *fiber.Ctx, p signin.Person, rev *catalogue.Revision) (f forWhom, firms []applicant.Capacity, err error) {
	kinds := draft.Kinds(rev)
	all, err := h.Applicant.Capacities(c.UserContext(), p, rev.Code)
	if err != nil {
		return f, nil, err
	}
	for _, as := range all {
		switch {
		case !slices.Contains(kinds, as.Kind):
		case as.Kind == applicant.ForFirm:
			firms = append(firms, as)
		default:
			f.Choices = append(f.Choices, whoChoice{as, as.Vai()})
		}
	}
	for _, kind := range []applicant.Kind{applicant.Ward, applicant.Authorised} {
		if slices.Contains(kinds, kind) {
			f.Typed = append(f.Typed, string(kind))
		}
	}
	return f, firms, nil
}

// capacity is as whom a form wants to file: chosen from what is known, or typed.
func (h *Filing) capacity(c *fiber.Ctx, s signin.Session, code string, form url.Values) (applicant.Capacity, error) {
	vai := form.Get("vai")
	if firm := form.Get("doanh-nghiep"); firm != "" {
		vai = "dn:" + firm
	}
	switch vai {
	case "moi-" + string(applicant.Ward), "moi-" + string(applicant.Authorised):
		return h.Applicant.Typed(s.Person, applicant.Typed{Kind: applicant.Kind(vai[len("moi-"):]), Name: form.Get("ho-ten"),
			Number: form.Get("so-dinh-danh"), Relation: form.Get("quan-he")})
	}
	return h.Applicant.Choose(c.UserContext(), s.Person, vai, code)
}

// whomField is the field of the question that a fault is about.
func whomField(fault *problem.Error) string {
	switch fault.Message.Key {
	case "power.number", "power.yourself":
		return "so-dinh-danh"
	case "power.name":
		return "ho-ten"
	case "power.relation":
		return "quan-he"
	case "draft.not_for_others", "draft.not_for_business":
		return "vai"
	}
	return "doanh-nghiep"
}

// ofWhom says whose a draft or a dossier is where it is not the person's own.
func ofWhom(kind applicant.Kind, name string) *locales.Message {
	if kind == applicant.Self || kind == "" || name == "" {
		return nil
	}
	m := locales.M("whom.of", locales.S("name", name))
	return &m
}
