package payments

import (
	"fmt"
	"math"
	"time"

	"motcua/locales"
	"motcua/portal/problem"
)

// The two kinds of money that the Law on fees and charges (97/2015/QH13) tells apart and
// that the books must keep apart.
const (
	Fee    = "phi"    // covers the cost of a service
	Charge = "le_phi" // a fixed amount for state management
)

// Rule is one fee as a legal text sets it: dated data of a procedure's revision. Several
// rules may share an ID when their days do not meet: the text of each day is then found.
type Rule struct {
	ID       string       `json:"id"`
	Kind     string       `json:"kind"` // phi or le_phi
	Name     locales.Text `json:"name"`
	Unit     int64        `json:"unit"`               // đồng; 0 where Tiers say it
	Per      string       `json:"per,omitempty"`      // the quantity it is taken per; "" is once
	Each     string       `json:"each,omitempty"`     // a repeated list: the fee is taken for each of its rows, Per and Times are theirs
	Times    string       `json:"times,omitempty"`    // how many times the row's fee is taken: copies of one paper
	Tiers    []Tier       `json:"tiers,omitempty"`    // prices that change as the quantity grows
	Cap      *Cap         `json:"cap,omitempty"`      // most đồng for one time of one row
	Optional bool         `json:"optional,omitempty"` // a quantity of 0 leaves the line out, else 0 is refused
	Max      int64        `json:"max,omitempty"`      // most đồng for the whole line; 0 is no bound
	Ground   locales.Text `json:"ground"`             // the legal text
	From     string       `json:"from,omitempty"`     // first day, 2006-01-02; "" is always
	To       string       `json:"to,omitempty"`       // last day; "" is until further notice
	Exempt   []Exemption  `json:"exempt,omitempty"`
}

// Exemption frees from a fee, or from a part of it, when its quantity is 1 or more. The
// first that applies counts.
type Exemption struct {
	When string       `json:"when"` // a quantity of the form, 1 for yes
	Off  int64        `json:"off"`  // percent; 0 is all of it
	Name locales.Text `json:"name"` // the reason, as people read it
}

// Cap is the most that is taken, and why it is less than the price says.
type Cap struct {
	Amount int64        `json:"amount"`
	Name   locales.Text `json:"name"`
}

// Line is one row of what is owed.
type Line struct {
	Rule     string        `json:"rule"`
	Kind     string        `json:"kind"`
	Name     locales.Text  `json:"name"`
	Ground   locales.Text  `json:"ground"`
	Unit     int64         `json:"unit"`
	Quantity int64         `json:"quantity"`
	Amount   int64         `json:"amount"`
	Exempt   *locales.Text `json:"exempt,omitempty"` // why it is less than unit × quantity
}

const dayForm = "2006-01-02"

// Check says what is wrong with a rule before it is published.
func (r Rule) Check() error {
	switch {
	case r.ID == "":
		return fmt.Errorf("fee rule without id")
	case r.Kind != Fee && r.Kind != Charge:
		return fmt.Errorf("fee rule %s: kind %q is neither %s nor %s", r.ID, r.Kind, Fee, Charge)
	case r.Name.VI == "" || r.Ground.VI == "":
		return fmt.Errorf("fee rule %s: name and legal ground are needed in Vietnamese", r.ID)
	case r.Unit < 0 || r.Max < 0:
		return fmt.Errorf("fee rule %s: a negative amount", r.ID)
	case r.To != "" && r.To < r.From:
		return fmt.Errorf("fee rule %s: ends before it begins", r.ID)
	}
	for _, d := range []string{r.From, r.To} {
		if _, err := time.Parse(dayForm, d); d != "" && err != nil {
			return fmt.Errorf("fee rule %s: %q is not a day", r.ID, d)
		}
	}
	for _, e := range r.Exempt {
		if e.When == "" || e.Name.VI == "" || e.Off < 0 || e.Off > 100 {
			return fmt.Errorf("fee rule %s: an exemption needs a quantity, a reason and 0 to 100 percent", r.ID)
		}
	}
	return r.checkTiers()
}

// inForce compares days as the legal text does: both ends belong to it.
func (r Rule) inForce(day string) bool {
	return (r.From == "" || r.From <= day) && (r.To == "" || day <= r.To)
}

// Due computes what is owed on a day (Vietnam's) for the quantities a form gives. A fault
// of the quantities is a problem that people see; a fault of the rules is ours.
func Due(rules []Rule, quantities map[string]int64, day time.Time) ([]Line, int64, error) {
	on := day.In(locales.ICT).Format(dayForm)
	lines := make([]Line, 0, len(rules))
	seen := make(map[string]bool, len(rules))
	var total int64
	for _, r := range rules {
		if err := r.Check(); err != nil {
			return nil, 0, err
		}
		if !r.inForce(on) {
			continue
		}
		if seen[r.ID] {
			return nil, 0, fmt.Errorf("fee rule %s: two texts in force on %s", r.ID, on)
		}
		seen[r.ID] = true
		found, err := r.lines(quantities)
		if err != nil {
			return nil, 0, err
		}
		for _, l := range found {
			if l.Amount > math.MaxInt64-total {
				return nil, 0, r.tooMuch()
			}
			total += l.Amount
		}
		lines = append(lines, found...)
	}
	return lines, total, nil
}

func (r Rule) tooMuch() error {
	return problem.New(problem.Invalid, "payments.too_much", locales.T("fee", r.Name))
}

// wrong is a quantity that cannot be.
func (r Rule) wrong(n int64) error {
	return problem.New(problem.Invalid, "payments.quantity", locales.T("fee", r.Name), locales.N("n", n))
}

// lines are the rule's rows for the quantities, exemptions taken off; none when an optional
// quantity is 0.
func (r Rule) lines(quantities map[string]int64) ([]Line, error) {
	if len(r.Tiers) > 0 {
		return r.tiered(quantities)
	}
	n := int64(1)
	if r.Per != "" {
		n = quantities[r.Per]
		if n == 0 && r.Optional {
			return nil, nil
		}
		if n <= 0 {
			return nil, r.wrong(n)
		}
	}
	if r.Unit > 0 && n > math.MaxInt64/r.Unit {
		return nil, r.tooMuch()
	}
	l := r.row(r.Name, r.Unit, n, r.Unit*n)
	if r.Max > 0 {
		l.Amount = min(l.Amount, r.Max)
	}
	all := []Line{l}
	return all, r.exempt(all, quantities)
}

func (r Rule) row(name locales.Text, unit, n, amount int64) Line {
	return Line{Rule: r.ID, Kind: r.Kind, Name: name, Ground: r.Ground, Unit: unit, Quantity: n, Amount: amount}
}

// exempt takes off what the first exemption that applies frees from.
func (r Rule) exempt(lines []Line, quantities map[string]int64) error {
	for _, e := range r.Exempt {
		yes := quantities[e.When]
		if yes < 0 {
			return r.wrong(yes)
		}
		if yes > 0 {
			for i := range lines {
				lines[i].Amount, lines[i].Exempt = e.left(lines[i].Amount), &e.Name
			}
			break
		}
	}
	return nil
}

// left is what stays of an amount, rounded down to whole đồng, for the payer.
func (e Exemption) left(amount int64) int64 {
	if e.Off == 0 {
		return 0
	}
	keep := 100 - e.Off
	return amount/100*keep + amount%100*keep/100
}
