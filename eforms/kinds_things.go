package eforms

import (
	"regexp"
	"slices"
	"strings"

	"motcua/locales"
)

// bankAccountKind is an account to be paid into.
func bankAccountKind() *behaviour {
	return composite(func(f *Form, q *Question) []*Question {
		bank := q.newPart("bank", TextKind)
		if len(f.Lists[banks]) > 0 {
			bank.Kind, bank.List = SearchSelect, banks
		}
		holder := q.newPart("holder", holderKind)
		holder.Hint = say("eforms.hint.holder")
		return []*Question{bank, q.newPart("number", accountKind), holder}
	})
}

// landParcelKind is a parcel of land as the cadastral map has it.
func landParcelKind() *behaviour {
	k := composite(func(_ *Form, q *Question) []*Question {
		least := 0.01
		sheet, parcel, area := q.newPart("sheet", TextKind), q.newPart("parcel", TextKind), q.newPart("area", Decimal)
		sheet.MaxLength, sheet.Width = 20, 6
		parcel.MaxLength, parcel.Width = 20, 6
		area.Min, area.Suffix = &least, same("m²")
		out := []*Question{sheet, parcel, area}
		if slices.Contains(q.Asks, "address_text") {
			out = append(out, q.newPart("address_text", TextKind))
		}
		for _, p := range out {
			for _, register := range q.Fact { // land.own.sheet, .parcel, .area, .address
				p.Fact = append(p.Fact, register+"."+strings.TrimSuffix(p.ID, "_text"))
			}
			p.Locked = q.Locked
		}
		return out
	})
	k.say = func(a asked, _ any) locales.Text {
		return a.joined(", ", func(p asked, said string, l locales.Lang) string {
			label, _ := each(p.q.name(), lowerFirst).In(l)
			return label + " " + said
		})
	}
	return k
}

// vehicleKind is a car or motorcycle.
func vehicleKind() *behaviour {
	return composite(func(_ *Form, q *Question) []*Question {
		plate, brand := q.newPart("plate", plateKind), q.newPart("brand", TextKind)
		plate.Hint, plate.Width, brand.MaxLength = say("eforms.hint.plate"), 14, 100
		frame, engine := q.newPart("frame_number", serialKind), q.newPart("engine_number", serialKind)
		frame.Width, engine.Width = 20, 20
		out := []*Question{plate, brand, frame, engine}
		if len(q.Asks) == 0 {
			return out
		}
		return slices.DeleteFunc(out, func(p *Question) bool { return !slices.Contains(q.Asks, p.ID) })
	})
}

// newPart is a part of a thing, named after it in the program's words.
func (q *Question) newPart(id string, kind Kind) *Question {
	return &Question{ID: id, Kind: kind, Label: say("eforms." + string(q.Kind) + "." + id), Optional: slices.Contains(q.Spare, id)}
}

// accountBehaviour is the number of an account: 6 to 19 digits.
func accountBehaviour() *behaviour {
	k := plain(func(b sent, a asked) any { return digitsOr(clean(b.get(a.name), false)) })
	k.check = func(a asked, answer any) *complaint {
		s := text(answer)
		switch {
		case !allDigits(s):
			return wrong(a, "id_digits")
		case len(s) < 6 || len(s) > 19:
			return wrong(a, "account", locales.N("n", int64(len(s))))
		}
		return nil
	}
	return k
}

var holderShape = regexp.MustCompile(`^[A-Z0-9][A-Z0-9 .,&'()/-]*$`)

// holderBehaviour is an account's holder as banks write names: capitals without marks. What
// was typed with marks is turned into that.
func holderBehaviour() *behaviour {
	k := plain(func(b sent, a asked) any {
		typed := collapse(clean(b.get(a.name), false))
		if s := collapse(strings.ToUpper(unmarked(typed))); holderShape.MatchString(s) {
			return s
		}
		return typed
	})
	k.check = func(a asked, answer any) *complaint {
		if !holderShape.MatchString(text(answer)) {
			return wrong(a, "holder")
		}
		return tooLong(a, answer, 100)
	}
	return k
}

// The plates of cars and motorcycles (51F-123.45, 29LD-123.45, 59-X1 123.45, 29-AA 123.45),
// of the army (KT-12-34) and of foreign missions (80-011-NG-01), without what stands between
// (Thông tư 79/2024/TT-BCA).
var plateShapes = regexp.MustCompile(`^([1-9][0-9][A-ZĐ]{1,2}[0-9]{4,5}|[1-9][0-9][A-ZĐ][0-9][0-9]{4,5}|[A-Z]{2}[0-9]{4}|[1-9][0-9][0-9]{3}(NG|NN|QT|CV)[0-9]{2})$`)

func plateBehaviour() *behaviour {
	k := plain(func(b sent, a asked) any {
		typed := collapse(clean(b.get(a.name), false))
		if s := strings.ToUpper(typed); plateShapes.MatchString(bare(s)) {
			return s
		}
		return typed
	})
	k.check = func(a asked, answer any) *complaint {
		if s := text(answer); !plateShapes.MatchString(bare(s)) || len(s) > 20 {
			return wrong(a, "plate")
		}
		return nil
	}
	return k
}

var serialShape = regexp.MustCompile(`^[A-Z0-9][A-Z0-9*/ .-]{2,29}$`)

// serialBehaviour is the number of a frame or an engine.
func serialBehaviour() *behaviour {
	k := plain(func(b sent, a asked) any {
		typed := collapse(clean(b.get(a.name), false))
		if s := strings.ToUpper(typed); serialShape.MatchString(s) {
			return s
		}
		return typed
	})
	k.check = func(a asked, answer any) *complaint {
		if !serialShape.MatchString(text(answer)) {
			return wrong(a, "serial")
		}
		return nil
	}
	return k
}
