package edit

import "strings"

// DiffLine is a line of what was changed: taken out (-), put in (+), or around it ( ). A gap
// stands for lines that nobody touched.
type DiffLine struct {
	Sign string // "-", "+", "", "gap"
	Text string
}

// Limits of a difference that is shown.
const (
	diffAround = 2
	diffMost   = 1500 // lines that are compared one by one
)

// Diff is what was changed between two texts, by lines.
func Diff(before, after string) []DiffLine {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var all []DiffLine
	for _, line := range a[:head] {
		all = append(all, DiffLine{"", line})
	}
	all = append(all, middle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	for _, line := range a[len(a)-tail:] {
		all = append(all, DiffLine{"", line})
	}
	return folded(all)
}

// middle is the longest common part of two texts that differ at both ends, with what is not.
func middle(a, b []string) []DiffLine {
	var all []DiffLine
	if len(a)*len(b) > diffMost*diffMost {
		a, b = a[:min(len(a), diffMost)], b[:min(len(b), diffMost)]
	}
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, DiffLine{"", a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			all = append(all, DiffLine{"-", a[i]})
			i++
		default:
			all = append(all, DiffLine{"+", b[j]})
			j++
		}
	}
	return all
}

// folded leaves out what is far from any change.
func folded(all []DiffLine) []DiffLine {
	near := make([]bool, len(all))
	for i, l := range all {
		if l.Sign != "" {
			for j := max(0, i-diffAround); j <= min(len(all)-1, i+diffAround); j++ {
				near[j] = true
			}
		}
	}
	var out []DiffLine
	for i, l := range all {
		switch {
		case near[i]:
			out = append(out, l)
		case i > 0 && near[i-1] && i < len(all)-1:
			out = append(out, DiffLine{Sign: "gap"})
		}
	}
	return out
}
