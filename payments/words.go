package payments

import (
	"strings"
	"unicode/utf8"
)

var digits = [10]string{"không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"}

// Words writes an amount as a receipt must (số tiền bằng chữ, Decree 123/2020/NĐ-CP,
// art. 32): 1.105.000 is "Một triệu một trăm linh năm nghìn đồng".
func Words(n int64) string {
	var w []string
	u := uint64(n)
	if n < 0 {
		w, u = append(w, "âm"), -u
	}
	if u == 0 {
		w = append(w, digits[0])
	}
	w = append(number(w, u, false), "đồng")
	s := strings.Join(w, " ")
	_, size := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:size]) + s[size:]
}

// number reads billions as a number of their own before "tỷ" (a thousand billion is "một
// nghìn tỷ"), the rest in groups of three; a group of zeros is not read at all. After is
// whether something larger has been read, so that a small group begins with "không trăm".
func number(w []string, n uint64, after bool) []string {
	if high := n / 1_000_000_000; high > 0 {
		w, after = append(number(w, high, after), "tỷ"), true
	}
	for _, g := range []struct {
		value uint64
		name  string
	}{{n / 1_000_000 % 1000, "triệu"}, {n / 1000 % 1000, "nghìn"}, {n % 1000, ""}} {
		if g.value == 0 {
			continue
		}
		w, after = group(w, g.value, after), true
		if g.name != "" {
			w = append(w, g.name)
		}
	}
	return w
}

// group reads 1 to 999.
func group(w []string, g uint64, after bool) []string {
	hundreds, tens, units := g/100, g/10%10, g%10
	full := hundreds > 0 || after
	if full {
		w = append(w, digits[hundreds], "trăm")
	}
	switch {
	case tens == 0 && units > 0 && full:
		return append(w, "linh", digits[units])
	case tens == 1:
		w = append(w, "mười")
	case tens > 1:
		w = append(w, digits[tens], "mươi")
	}
	switch {
	case units == 0:
		return w
	case units == 1 && tens > 1:
		return append(w, "mốt")
	case units == 4 && tens > 1:
		return append(w, "tư")
	case units == 5 && tens > 0:
		return append(w, "lăm")
	}
	return append(w, digits[units])
}
