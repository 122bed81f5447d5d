package eforms

import "strings"

var digitWords = [10]string{"không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"}

// words writes a day as civil-status papers do: ngày ba mươi mốt tháng ba năm một nghìn
// chín trăm tám mươi sáu. Tháng tư, not tháng bốn.
func (v day) words() string {
	month := countWords(v.m)
	if v.m == 4 {
		month = "tư"
	}
	return "ngày " + countWords(v.d) + " tháng " + month + " năm " + countWords(v.y)
}

// countWords writes a number up to 9999.
func countWords(n int) string {
	var out []string
	if n >= 1000 {
		out = append(out, digitWords[n/1000], "nghìn")
	}
	if n%1000 > 0 && n >= 100 {
		out = append(out, digitWords[n/100%10], "trăm")
	}
	return strings.Join(append(out, underHundred(n%100, n >= 100)...), " ")
}

// underHundred has the changes of sound: hai mươi mốt, hai mươi lăm, một trăm linh năm.
func underHundred(n int, more bool) []string {
	tens, ones := n/10, n%10
	switch {
	case n == 0 && more:
		return nil
	case tens == 0 && more:
		return []string{"linh", digitWords[ones]}
	case tens == 0:
		return []string{digitWords[ones]}
	}
	out := []string{digitWords[tens], "mươi"}
	if tens == 1 {
		out = []string{"mười"}
	}
	switch {
	case ones == 1 && tens > 1:
		return append(out, "mốt")
	case ones == 5:
		return append(out, "lăm")
	case ones > 0:
		return append(out, digitWords[ones])
	}
	return out
}
