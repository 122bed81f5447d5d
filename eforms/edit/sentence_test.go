package edit

import (
	"testing"

	"motcua/locales"

	"pgregory.net/rapid"
)

const asking = `{"format":1,"id":"t","title":"T","cases":[{"id":"late","name":"Quá hạn"},{"id":"intime","name":"Đúng hạn"}],"pages":[{"id":"p","title":"P","questions":[
	{"id":"state","kind":"radios","label":"Tình trạng hôn nhân","options":[{"value":"married","label":"Đã kết hôn"},{"value":"single","label":"Chưa kết hôn"}]},
	{"id":"ticks","kind":"checkboxes","label":"Giấy tờ","options":[{"value":"x","label":"X"},{"value":"y","label":"Y"}]},
	{"id":"age","kind":"integer","label":"Tuổi"},{"id":"born","kind":"date","label":"Ngày sinh"},{"id":"home","kind":"address","label":"Nơi ở"},
	{"id":"name","kind":"text","label":"Tên"},{"id":"kin","kind":"yesno","label":"Có họ hàng"},
	{"id":"goods","kind":"group","label":"Hàng hóa","item":"X","max_rows":3,"questions":[{"id":"price","kind":"money","label":"Giá"},{"id":"about","kind":"text","label":"Tả"}]}]}]}`

// value draws a literal that fits the variable.
func value(rt *rapid.T, d *Doc, v Var) *Node {
	if all := d.OptionsOf("/pages/0/show_if", v.Name); len(all) > 0 {
		return scalar(all[rapid.IntRange(0, len(all)-1).Draw(rt, "option")].Value)
	}
	switch {
	case v.Numeric():
		return &Node{raw: rapid.StringMatching(`-?(0|[1-9][0-9]{0,5})(\.[0-9]{1,3})?`).Draw(rt, "number")}
	case v.Kind == "yesno":
		return scalar(rapid.Bool().Draw(rt, "flag"))
	case v.isDay():
		return scalar(rapid.SampledFrom([]string{"2026-01-31", "1994-12-01", "2000"}).Draw(rt, "day"))
	}
	return scalar(rapid.StringMatching(`[a-zđ0-9]([a-zA-ZĐđ0-9 .:"\\-]{0,10}[a-z0-9])?`).Draw(rt, "text"))
}

func clauses(rt *rapid.T, d *Doc) Sentence {
	s := Sentence{}
	vars := d.Vars("/pages/0/show_if")
	for range rapid.IntRange(1, MaxClauses).Draw(rt, "clauses") {
		v := vars[rapid.IntRange(0, len(vars)-1).Draw(rt, "var")]
		c := Clause{Var: v.Name, Op: rapid.SampledFrom(Ops).Draw(rt, "op")}
		switch {
		case c.Op.Bare():
		case c.Op.Several():
			for range rapid.IntRange(1, 3).Draw(rt, "values") {
				c.Values = append(c.Values, value(rt, d, v))
			}
		case rapid.Bool().Draw(rt, "other"):
			c.Other = vars[rapid.IntRange(0, len(vars)-1).Draw(rt, "other var")].Name
		default:
			c.Value = value(rt, d, v)
		}
		s.Clauses = append(s.Clauses, c)
	}
	s.Any = len(s.Clauses) > 1 && rapid.Bool().Draw(rt, "any")
	return s
}

// What is said is written as logic, read back as what was said, and typed into the fields
// of its page it is the same logic again.
func TestSentencesGoRound(t *testing.T) {
	d := parsed(t, asking)
	rapid.Check(t, func(rt *rapid.T) {
		s := clauses(rt, d)
		logic := s.Logic()
		read, ok := Read(logic)
		if !ok || !same(read.Logic(), logic) || read.Any != s.Any || len(read.Clauses) != len(s.Clauses) {
			rt.Fatalf("%s: read as %+v (%v)", logic.Compact(), read, ok)
		}
		for i, c := range read.Clauses {
			if c.Var != s.Clauses[i].Var || c.Op != s.Clauses[i].Op || c.Other != s.Clauses[i].Other {
				rt.Fatalf("%s: clause %+v, was %+v", logic.Compact(), c, s.Clauses[i])
			}
		}
		typed, faults := d.Sentence("/pages/0/show_if", d.Typed("/pages/0/show_if", read))
		if len(faults) > 0 || !same(typed.Logic(), logic) {
			rt.Fatalf("%s: typed it is %s (%v)", logic.Compact(), typed.Logic().Compact(), faults)
		}
	})
}

func TestComputationsGoRound(t *testing.T) {
	d := parsed(t, asking)
	rapid.Check(t, func(rt *rapid.T) {
		c := Calc{Op: rapid.SampledFrom(Calcs).Draw(rt, "op")}
		n := rapid.IntRange(1, MaxClauses).Draw(rt, "operands")
		switch c.Op {
		case "difference":
			n = 2
		case "count", "total":
			n = 0
			c.Operands = []Operand{{Var: map[string]string{"count": "goods", "total": "goods.price"}[c.Op]}}
		}
		for range n {
			if rapid.Bool().Draw(rt, "constant") {
				c.Operands = append(c.Operands, Operand{Number: &Node{raw: rapid.StringMatching(`[1-9][0-9]{0,4}`).Draw(rt, "number")}})
			} else {
				c.Operands = append(c.Operands, Operand{Var: "age"})
			}
		}
		logic := c.Logic()
		read, ok := ReadCalc(logic)
		if !ok || !same(read.Logic(), logic) || read.Op != c.Op {
			rt.Fatalf("%s: read as %+v", logic.Compact(), read)
		}
		typed, fault := d.Calc(read.Typed())
		if fault != nil || !same(typed.Logic(), logic) {
			rt.Fatalf("%s: typed it is %+v (%v)", logic.Compact(), typed, fault)
		}
	})
}

// Any logic at all is read or not read, and put into words, without a panic; what is read
// as a sentence says the same.
func TestAnyLogicIsSaid(t *testing.T) {
	d := parsed(t, asking)
	leaf := rapid.SampledFrom([]string{`{"var":"age"}`, `{"var":["age"]}`, `{"var":"state"}`, `{"var":["age",1]}`, `"married"`, `60`, `true`, `null`, `[]`, `["x","y"]`, `{}`, `{"missing":["age"]}`, `""`})
	ops := rapid.SampledFrom([]string{"==", "!=", "===", "<", ">=", "in", "and", "or", "!", "!!", "if", "+", "-", "*", "reduce", "cat", "var"})
	var logic func(depth int) *rapid.Generator[string]
	logic = func(depth int) *rapid.Generator[string] {
		return rapid.Custom(func(rt *rapid.T) string {
			if depth == 0 || rapid.IntRange(0, 3).Draw(rt, "leaf") == 0 {
				return leaf.Draw(rt, "leaf")
			}
			text := ""
			for range rapid.IntRange(0, 3).Draw(rt, "operands") {
				if text != "" {
					text += ","
				}
				text += logic(depth-1).Draw(rt, "operand")
			}
			return `{"` + ops.Draw(rt, "op") + `":[` + text + `]}`
		})
	}
	rapid.Check(t, func(rt *rapid.T) {
		text := logic(3).Draw(rt, "logic")
		c, err := Parse([]byte(text))
		if err != nil {
			rt.Fatal(err)
		}
		d.At("/pages/0").Set("show_if", c.Root)
		if words, _ := locales.Say(locales.VI, d.Say("/pages/0/show_if")); words == "" {
			rt.Fatalf("%s: no words", text)
		}
		if s, ok := Read(c.Root); ok && len(s.Clauses) > 0 {
			again, ok := Read(s.Logic())
			if !ok || !again.Says(s) {
				rt.Fatalf("%s: %s", text, s.Logic().Compact())
			}
		}
		if calc, ok := ReadCalc(c.Root); ok {
			if again, ok := ReadCalc(calc.Logic()); !ok || !same(again.Logic(), calc.Logic()) {
				rt.Fatalf("%s: %s", text, calc.Logic().Compact())
			}
		}
	})
}

func TestSaid(t *testing.T) {
	d := parsed(t, asking)
	for logic, want := range map[string]string{
		`{"==":[{"var":"state"},"married"]}`:                                                               "[Tình trạng hôn nhân] là [Đã kết hôn]",
		`{"and":[{">":[{"var":"born.age"},18]},{"!":{"in":["x",{"var":"ticks"}]}}]}`:                       "tuổi theo [Ngày sinh] lớn hơn 18 và [Giấy tờ] không chứa [X]",
		`{"or":[{"==":[{"var":"kin"},true]},{"!":{"missing":["name"]}}]}`:                                  "[Có họ hàng] là Có hoặc [Tên] đã trả lời",
		`{"==":[{"var":"case"},"late"]}`:                                                                   "[trường hợp] là [Quá hạn]",
		`{"<":[{"var":"born"},"2000-01-31"]}`:                                                              "[Ngày sinh] nhỏ hơn 31/01/2000",
		`{"in":[{"var":"state"},["married","single"]]}`:                                                    "[Tình trạng hôn nhân] là [Đã kết hôn] hoặc [Chưa kết hôn]",
		`{"-":[{"var":"today.days"},{"var":"born.days"}]}`:                                                 "[hôm nay, tính bằng số ngày] − số ngày của [Ngày sinh]",
		`{"reduce":[{"var":"goods"},{"+":[{"var":"accumulator"},{"var":"current.price"}]},0]}`:             "tổng [Giá] của [Hàng hóa]",
		`{"reduce":[{"var":"goods"},{"+":[1,{"var":"accumulator"}]},0]}`:                                   "số dòng của [Hàng hóa]",
		`{"and":[{"or":[{"==":[{"var":"age"},1]},{"==":[{"var":"age"},2]}]},{"!=":[{"var":"name"},"x"]}]}`: "(([Tuổi] là 1 hoặc [Tuổi] là 2) và [Tên] không là x)",
	} {
		d.At("/pages/0").Set("show_if", parsed(t, logic).Root)
		if got, _ := locales.Say(locales.VI, d.Say("/pages/0/show_if")); got != want {
			t.Errorf("%s\n  is said %q\n  want    %q", logic, got, want)
		}
	}
}

// What cannot be right is named at its field.
func TestTypedFaults(t *testing.T) {
	d := parsed(t, asking)
	for _, c := range []struct {
		row  TypedRow
		want string
	}{
		{TypedRow{Var: "state", Op: "is", Value: "Đã kết hôn"}, ""},
		{TypedRow{Var: "state", Op: "is", Value: "widowed"}, "gia-tri-1 no_option"},
		{TypedRow{Var: "age", Op: "more", Value: "mười"}, "gia-tri-1 number"},
		{TypedRow{Var: "age", Op: "more", Value: "1,5"}, ""},
		{TypedRow{Var: "born", Op: "less", Value: "31/2/2026"}, "gia-tri-1 day"},
		{TypedRow{Var: "kin", Op: "is", Value: "ja"}, "gia-tri-1 yes_no"},
		{TypedRow{Var: "name", Op: "is"}, "gia-tri-1 no_value"},
		{TypedRow{Var: "name", Op: "like", Value: "x"}, "phep-1 no_op"},
		{TypedRow{Op: "is"}, ""},
	} {
		_, faults := d.Sentence("/pages/0/show_if", Typed{Rows: []TypedRow{c.row}})
		got := ""
		if len(faults) > 0 {
			got = faults[0].Field + " " + faults[0].Message.Key[len("builder.fault."):]
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.row, got, c.want)
		}
	}
}
