package payments

import (
	"fmt"
	"math"
	"strconv"

	"motcua/locales"
)

// Tier is a price up to a quantity: the first two pages of a copy, every page after them
// (TT 226/2016/TT-BTC, Điều 4).
type Tier struct {
	To   int64        `json:"to,omitempty"` // the last that it is taken for; the last tier has none
	Unit int64        `json:"unit"`         // đồng
	Name locales.Text `json:"name"`
}

// A price by tiers is bounded so that no sum of it can overflow.
const (
	mostUnits = 100_000   // of a row, and times that it is taken
	mostRows  = 200       // of a list
	mostPrice = 1_000_000 // đồng of a tier's unit
)

// checkTiers says what is wrong with a price by tiers.
func (r Rule) checkTiers() error {
	if len(r.Tiers) == 0 {
		if r.Each != "" || r.Times != "" || r.Cap != nil {
			return fmt.Errorf("fee rule %s: each, times and cap are for a price by tiers", r.ID)
		}
		return nil
	}
	if r.Unit != 0 || r.Max != 0 || r.Per == "" {
		return fmt.Errorf("fee rule %s: tiers need a quantity and stand in the place of unit and max", r.ID)
	}
	if r.Cap != nil && (r.Cap.Amount <= 0 || r.Cap.Name.VI == "") {
		return fmt.Errorf("fee rule %s: a cap needs an amount and its words", r.ID)
	}
	before := int64(0)
	for i, t := range r.Tiers {
		last := i == len(r.Tiers)-1
		switch {
		case t.Unit < 0 || t.Unit > mostPrice || t.Name.VI == "":
			return fmt.Errorf("fee rule %s: tier %d needs a price of at most %d đồng and a name", r.ID, i, mostPrice)
		case last != (t.To == 0) || !last && t.To <= before:
			return fmt.Errorf("fee rule %s: tier %d: each ends after the one before, the last is open", r.ID, i)
		}
		before = t.To
	}
	return nil
}

// tiered prices each row of the list, or the one quantity when there is no list. A line is
// a tier over all rows; what a cap takes off, it takes off the line whose price passed it.
func (r Rule) tiered(quantities map[string]int64) ([]Line, error) {
	lines := make([]Line, len(r.Tiers))
	for i, t := range r.Tiers {
		lines[i] = r.row(t.Name, t.Unit, 0, 0)
	}
	if rows := quantities[r.Each]; r.Each == "" {
		if err := r.price(lines, quantities, "", quantities[r.Per]); err != nil {
			return nil, err
		}
	} else if rows < 0 || rows > mostRows {
		return nil, r.wrong(rows)
	} else {
		for i := range rows {
			row := r.Each + "." + strconv.FormatInt(i, 10) + "."
			if err := r.price(lines, quantities, row, quantities[row+r.Per]); err != nil {
				return nil, err
			}
		}
	}
	used := lines[:0]
	for _, l := range lines {
		if l.Quantity > 0 {
			used = append(used, l)
		}
	}
	if len(used) == 0 && !r.Optional {
		return nil, r.wrong(0)
	}
	return used, r.exempt(used, quantities)
}

// price adds one row's n to the lines.
func (r Rule) price(lines []Line, quantities map[string]int64, prefix string, n int64) error {
	times := int64(1)
	if r.Times != "" {
		times = quantities[prefix+r.Times]
	}
	if (n == 0 || times == 0) && r.Optional {
		return nil
	}
	if n <= 0 {
		return r.wrong(n)
	}
	if times <= 0 {
		return r.wrong(times)
	}
	if n > mostUnits || times > mostUnits {
		return r.tooMuch()
	}
	left, before := int64(math.MaxInt64), int64(0)
	if r.Cap != nil {
		left = r.Cap.Amount
	}
	for i, t := range r.Tiers {
		here := n - before
		if t.To > 0 {
			here = min(here, t.To-before)
		}
		if here <= 0 {
			break
		}
		before = t.To
		amount := min(here*t.Unit, left)
		if amount < here*t.Unit {
			lines[i].Exempt = &r.Cap.Name
		}
		left -= amount
		lines[i].Quantity += here * times
		lines[i].Amount += amount * times
	}
	return nil
}
