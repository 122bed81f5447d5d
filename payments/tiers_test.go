package payments

import (
	"math"
	"testing"

	"motcua/locales"
	"motcua/portal/problem"

	"pgregory.net/rapid"
)

// certified is the fee for certifying copies: TT 226/2016/TT-BTC, Điều 4.
func certified() Rule {
	return Rule{ID: "chung-thuc", Kind: Fee, Name: locales.V("Phí chứng thực bản sao"), Ground: locales.V("TT 226/2016/TT-BTC"),
		Each: "papers", Per: "pages", Times: "copies",
		Tiers: []Tier{{To: 2, Unit: 2000, Name: locales.V("Trang 1 và 2")}, {Unit: 1000, Name: locales.V("Từ trang 3")}},
		Cap:   &Cap{200_000, locales.V("Tối đa 200.000 đồng một bản")}}
}

// papers are rows of pages and copies.
func papers(rows ...[2]int64) map[string]int64 {
	q := map[string]int64{"papers": int64(len(rows))}
	for i, r := range rows {
		at := "papers." + string(rune('0'+i)) + "."
		q[at+"pages"], q[at+"copies"] = r[0], r[1]
	}
	return q
}

func TestPriceByTiers(t *testing.T) {
	for name, c := range map[string]struct {
		q       map[string]int64
		amounts []int64 // by tier that is used
	}{
		"one page":                        {papers([2]int64{1, 1}), []int64{2000}},
		"two pages":                       {papers([2]int64{2, 1}), []int64{4000}},
		"the third is cheaper":            {papers([2]int64{3, 1}), []int64{4000, 1000}},
		"each copy costs the same":        {papers([2]int64{3, 4}), []int64{16_000, 4000}},
		"each paper begins anew":          {papers([2]int64{2, 1}, [2]int64{2, 1}), []int64{8000}},
		"the last page before the cap":    {papers([2]int64{198, 1}), []int64{4000, 196_000}},
		"a page more costs nothing":       {papers([2]int64{199, 1}), []int64{4000, 196_000}},
		"the cap is of one copy":          {papers([2]int64{500, 2}), []int64{8000, 392_000}},
		"the cap of one is not another's": {papers([2]int64{500, 1}, [2]int64{1, 3}), []int64{10_000, 196_000}},
	} {
		lines, total, err := Due([]Rule{certified()}, c.q, day)
		if err != nil || len(lines) != len(c.amounts) {
			t.Errorf("%s: %+v %v", name, lines, err)
			continue
		}
		var sum int64
		for i, l := range lines {
			sum += l.Amount
			if l.Amount != c.amounts[i] || (l.Exempt != nil) != (l.Amount < l.Unit*l.Quantity) {
				t.Errorf("%s: line %d: %+v, want %d", name, i, l, c.amounts[i])
			}
		}
		if sum != total {
			t.Errorf("%s: total %d of lines %d", name, total, sum)
		}
	}
	plain := certified()
	plain.Each, plain.Times = "", ""
	if _, total, err := Due([]Rule{plain}, map[string]int64{"pages": 5}, day); err != nil || total != 7000 {
		t.Errorf("tiers without a list: %d %v", total, err)
	}
	free := certified()
	free.Exempt = []Exemption{{When: "poor", Name: locales.V("Hộ nghèo")}}
	q := papers([2]int64{3, 1})
	q["poor"] = 1
	if lines, total, err := Due([]Rule{free}, q, day); err != nil || total != 0 || len(lines) != 2 || lines[1].Exempt.VI != "Hộ nghèo" {
		t.Errorf("exempt: %+v %d %v", lines, total, err)
	}
}

// What is due by tiers is what the circular's sentence says, copy by copy and page by page.
func TestPriceByTiersIsTheSentence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [2]int64 {
			return [2]int64{rapid.Int64Range(1, 400).Draw(t, "pages"), rapid.Int64Range(1, 30).Draw(t, "copies")}
		}), 1, 9).Draw(t, "rows")
		var want int64
		for _, r := range rows {
			for range r[1] {
				var copy int64
				for page := range r[0] {
					if page < 2 {
						copy += 2000
					} else {
						copy += 1000
					}
				}
				want += min(copy, 200_000)
			}
		}
		if _, total, err := Due([]Rule{certified()}, papers(rows...), day); err != nil || total != want {
			t.Fatalf("%v: %d, want %d (%v)", rows, total, want, err)
		}
	})
}

func TestQuantitiesOfTiersThatCannotBe(t *testing.T) {
	half := papers([2]int64{2, 1}, [2]int64{2, 1})
	delete(half, "papers.1.pages") // a row that says nothing must not be free
	for name, q := range map[string]map[string]int64{
		"no list":         nil,
		"no rows":         papers(),
		"no pages":        papers([2]int64{0, 1}),
		"no copies":       papers([2]int64{1, 0}),
		"negative":        papers([2]int64{-1, 1}),
		"negative copies": papers([2]int64{1, -1}),
		"a row untold":    half,
		"pages overflow":  papers([2]int64{math.MaxInt64, 1}),
		"copies overflow": papers([2]int64{1, math.MaxInt64}),
		"rows overflow":   {"papers": math.MaxInt64},
		"negative rows":   {"papers": -1},
	} {
		if lines, total, err := Due([]Rule{certified()}, q, day); !problem.Is(err, problem.Invalid) {
			t.Errorf("%s: %v %d %v", name, lines, total, err)
		}
	}
	rest := certified()
	rest.Optional = true
	if lines, total, err := Due([]Rule{rest}, papers([2]int64{2, 0}), day); err != nil || total != 0 || len(lines) != 0 {
		t.Errorf("optional and none: %v %d %v", lines, total, err)
	}
}

func TestTiersThatCannotBe(t *testing.T) {
	for name, change := range map[string]func(*Rule){
		"a unit beside tiers": func(r *Rule) { r.Unit = 1 },
		"nothing to count":    func(r *Rule) { r.Per = "" },
		"the last one ends":   func(r *Rule) { r.Tiers[1].To = 9 },
		"an open one before":  func(r *Rule) { r.Tiers[0].To = 0 },
		"backwards":           func(r *Rule) { r.Tiers = []Tier{r.Tiers[0], {To: 1, Unit: 1, Name: locales.V("x")}, r.Tiers[1]} },
		"no name":             func(r *Rule) { r.Tiers[0].Name = locales.Text{} },
		"negative":            func(r *Rule) { r.Tiers[0].Unit = -1 },
		"beyond sums":         func(r *Rule) { r.Tiers[0].Unit = math.MaxInt64 },
		"a cap of nothing":    func(r *Rule) { r.Cap = &Cap{0, locales.V("x")} },
		"a cap without words": func(r *Rule) { r.Cap = &Cap{1, locales.Text{}} },
		"a list, no tiers":    func(r *Rule) { r.Tiers = nil },
	} {
		r := certified()
		change(&r)
		if err := r.Check(); err == nil {
			t.Errorf("%s: passes", name)
		}
	}
}
