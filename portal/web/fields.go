package web

import (
	"strings"

	"motcua/eforms"
)

// widths are the classes of controls by how many characters they hint at.
var widths = []struct {
	upTo  int
	class string
}{{2, "w2"}, {4, "w4"}, {6, "w6"}, {10, "w10"}, {14, "w14"}, {20, "w20"}, {32, "w32"}}

func widthClass(characters int) string {
	if characters > 0 {
		for _, w := range widths {
			if characters <= w.upTo {
				return w.class
			}
		}
	}
	return "wide"
}

// oneLine says whether a question is one plain control, which most are: asked first, so that
// a page of hundreds of them is not held against every other kind.
func oneLine(k eforms.Kind) bool {
	switch k {
	case eforms.TextKind, eforms.Name, eforms.Email, eforms.Phone, eforms.PersonalID, eforms.TaxCode, eforms.Integer, eforms.Decimal, eforms.Money, eforms.NearDate, eforms.Time:
		return true
	}
	return false
}

// inputType is the type that gives a phone the right keyboard. Checking is the server's.
func inputType(k eforms.Kind) string {
	switch k {
	case eforms.Email:
		return "email"
	case eforms.Phone:
		return "tel"
	}
	return "text"
}

// described are the ids of what stands around a control, in reading order: hint, then
// fault, then the rest. A pointer: fields come from slices, and hundreds would be copied.
func described(f *eforms.Field) string {
	var ids []string
	add := func(there bool, suffix string) {
		if there {
			ids = append(ids, f.ID+suffix)
		}
	}
	add(!f.Hint.Empty(), "-goi-y")
	add(f.Kind == eforms.LongText && f.MaxLength > 0, "-dai")
	add(f.Fault != nil, "-loi")
	add(f.Warning != nil, "-luu-y")
	add(f.Source != nil, "-nguon")
	return strings.Join(ids, " ")
}
