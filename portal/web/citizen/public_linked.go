package citizen

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
)

// What machines read of a page: JSON-LD in the words of schema.org.

// thing is one object of JSON-LD.
type thing map[string]any

const schemaOrg = "https://schema.org"

// linkedProcedure is a procedure as a GovernmentService.
func (h *Pages) linkedProcedure(c *fiber.Ctx, rev *catalogue.Revision) thing {
	lang, s := h.Lang(c), rev.Sheet
	in := func(t locales.Text) string { words, _ := t.In(lang); return words }
	service := thing{
		"@context": schemaOrg, "@type": "GovernmentService",
		"name": in(s.Name), "identifier": s.Code, "url": h.Address("/thu-tuc/" + s.Code), "inLanguage": string(lang),
		"serviceType": in(rev.Field.Name), "jurisdiction": thing{"@type": "AdministrativeArea", "name": in(h.Web.Site(c.UserContext()).Name)},
		"provider": providers(s, in), "availableChannel": h.linkedChannels(rev, in), "dateModified": rev.InForceFrom.Format("2006-01-02"),
	}
	if !s.Summary.Empty() {
		service["description"] = in(s.Summary)
	}
	if len(s.Results) > 0 {
		service["serviceOutput"] = thing{"@type": "Thing", "name": in(s.Results[0].Name)}
	}
	if len(s.Keywords) > 0 {
		service["alternateName"] = s.Keywords
	}
	return service
}

func providers(s catalogue.Sheet, in func(locales.Text) string) []thing {
	var all []thing
	for _, o := range s.Agencies {
		if o.Role == catalogue.Receives {
			all = append(all, thing{"@type": "GovernmentOrganization", "name": in(o.Name)})
		}
	}
	return all
}

// linkedChannels are the ways to file, with what is sure of their time and price: what has
// no settled amount is left out rather than said to be free.
func (h *Pages) linkedChannels(rev *catalogue.Revision, in func(locales.Text) string) []thing {
	var all []thing
	for _, ch := range rev.Sheet.Channels {
		channel := thing{"@type": "ServiceChannel", "name": ch.Channel}
		if ch.Channel == catalogue.Online && rev.Form != nil {
			channel["serviceUrl"] = h.Address("/thu-tuc/" + rev.Code + "/bat-dau")
		}
		if days, ok := isoTime(ch.Time); ok {
			channel["processingTime"] = days
		}
		for _, p := range ch.Fees {
			if !p.Pending && !p.Unit.Empty() {
				channel["potentialAction"] = thing{"@type": "PayAction", "priceSpecification": thing{"@type": "PriceSpecification",
					"price": strconv.FormatInt(p.Amount, 10), "priceCurrency": "VND", "description": in(p.Unit)}}
				break
			}
		}
		all = append(all, channel)
	}
	return all
}

// isoTime is a time as ISO 8601 writes durations; it does not know working days, so those
// are left to the words of the page.
func isoTime(t catalogue.Time) (string, bool) {
	switch t.Unit {
	case "day":
		return "P" + strconv.Itoa(t.Amount) + "D", true
	case "month":
		return "P" + strconv.Itoa(t.Amount) + "M", true
	}
	return "", false
}

// linkedSite is the portal with its search, on the front page.
func (h *Pages) linkedSite(c *fiber.Ctx) thing {
	site := h.Web.Site(c.UserContext())
	name, _ := site.Name.In(h.Lang(c))
	return thing{
		"@context": schemaOrg, "@type": "WebSite", "url": h.Address("/"), "name": name,
		"publisher": thing{"@type": "GovernmentOrganization", "name": name, "telephone": site.Phone, "email": site.Email},
		"potentialAction": thing{"@type": "SearchAction", "query-input": "required name=q",
			"target": thing{"@type": "EntryPoint", "urlTemplate": h.Address("/thu-tuc?q=") + "{q}"}},
	}
}
