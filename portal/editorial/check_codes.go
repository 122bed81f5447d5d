package editorial

import (
	"fmt"
	"slices"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/catalogue"
)

// codes wants every code of the sheet to be one that its list has on the day.
func (c *checking) codes() {
	s := c.rev.Sheet
	decides := false
	for i, o := range s.Agencies {
		decides = decides || o.Role == catalogue.Decides
		if _, there := c.known.Agencies[o.Code]; o.Code != "" && !there {
			c.refuse("sheet", fmt.Sprintf("/agencies/%d/code", i), "finding.agency", locales.S("code", o.Code))
		}
	}
	if len(s.Agencies) > 0 && !decides {
		c.refuse("sheet", "/agencies", "finding.empty.decides")
	}
	for i, unit := range s.Units {
		if !c.known.Units[unit] {
			c.refuse("sheet", fmt.Sprintf("/units/%d", i), "finding.unit", locales.S("code", unit))
		}
	}
	for i, l := range s.Languages {
		if lang, known := locales.ParseLang(l); !known || lang == locales.VI {
			c.refuse("sheet", fmt.Sprintf("/languages/%d", i), "catalogue.import.unknown", locales.S("value", l))
		}
	}
	c.componentCodes()
	for i, r := range s.Results {
		c.listed("sheet", fmt.Sprintf("/results/%d/code", i), r.Code, c.known.Results, "finding.result")
	}
	c.cases()
}

// componentCodes wants each paper once in a case, of a known type.
func (c *checking) componentCodes() {
	for i, set := range c.rev.Sheet.Components {
		seen := map[string]bool{}
		for j, p := range set.Papers {
			place := fmt.Sprintf("/components/%d/papers/%d", i, j)
			if p.Code != "" && seen[p.Code] {
				c.refuse("sheet", place+"/code", "catalogue.import.twice", locales.S("value", p.Code))
			}
			seen[p.Code] = true
			if _, known := c.known.Components[p.Type]; p.Type != "" && !known {
				c.refuse("sheet", place+"/type", "catalogue.import.unknown", locales.S("value", p.Type))
			}
			c.listed("sheet", place+"/type", p.Type, c.known.Components, "")
			if p.Originals < 0 || p.Copies < 0 || p.Certified < 0 || p.Originals+p.Copies+p.Certified == 0 {
				c.refuse("sheet", place+"/originals", "finding.count")
			}
		}
	}
}

// listed refuses a code that has ended and, where a list is not whole, warns of one that it
// does not have.
func (c *checking) listed(part, place, code string, list map[string]catalogue.Entry, unknown string) {
	e, there := list[code]
	switch {
	case code == "":
	case there && e.Over(c.known.Day):
		c.refuse(part, place, "finding.ended", locales.S("code", code), day("day", e.To))
	case !there && unknown != "":
		c.warn(part, place, unknown, locales.S("code", code))
	}
}

// cases wants the cases that the sheet names by id to be those of the form.
func (c *checking) cases() {
	check := func(list string, i int, id string) {
		if id == "" || c.rev.Form != nil && slices.ContainsFunc(c.rev.Form.Cases, func(k *eforms.Case) bool { return k.ID == id }) {
			return
		}
		c.refuse("sheet", fmt.Sprintf("/%s/%d/id", list, i), "finding.case", locales.S("id", id))
	}
	for i, set := range c.rev.Sheet.Steps {
		check("steps", i, set.ID)
	}
	for i, set := range c.rev.Sheet.Components {
		check("components", i, set.ID)
	}
	for i, set := range c.rev.Sheet.Conditions {
		check("conditions", i, set.ID)
	}
}
