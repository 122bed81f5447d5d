package eforms

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The coercions of JsonLogic, which are those of JavaScript.

func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case float64:
		return v != 0 && !math.IsNaN(v)
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	}
	return true
}

// number is a value in arithmetic; nothing, a list or a word is no number.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case bool:
		return oneIf(v), true
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
	}
	return 0, false
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// loose is ==.
func loose(a, b any) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if strict(a, b) {
		return true
	}
	if _, list := a.([]any); list {
		a = asString(a)
	}
	if _, list := b.([]any); list {
		b = asString(b)
	}
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return x == y
		}
	}
	x, okX := number(zeroIfBlank(a))
	y, okY := number(zeroIfBlank(b))
	return okX && okY && x == y
}

// zeroIfBlank is "" as JavaScript counts it: 0.
func zeroIfBlank(v any) any {
	if s, ok := v.(string); ok && strings.TrimSpace(s) == "" {
		return 0.0
	}
	return v
}

// strict is ===. Lists and objects are never the same one here.
func strict(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool:
		y, ok := b.(bool)
		return ok && a == y
	case float64:
		y, ok := b.(float64)
		return ok && a == y
	case string:
		y, ok := b.(string)
		return ok && a == y
	}
	return false
}

// before is < or <=.
func before(a, b any, orSame bool) bool {
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return x < y || orSame && x == y
		}
	}
	x, okX := number(zeroIfBlank(a))
	y, okY := number(zeroIfBlank(b))
	return okX && okY && (x < y || orSame && x == y)
}

func arithmetic(op string, vs []any) any {
	fs := make([]float64, len(vs))
	for i, v := range vs {
		f, ok := number(v)
		if !ok {
			return nil
		}
		fs[i] = f
	}
	sum := fs[0]
	if op == "-" && len(fs) == 1 {
		sum = -sum
	}
	for _, f := range fs[1:] {
		switch op {
		case "+":
			sum += f
		case "-":
			sum -= f
		case "*":
			sum *= f
		case "/":
			sum /= f
		case "%":
			sum = math.Mod(sum, f)
		case "min":
			sum = min(sum, f)
		case "max":
			sum = max(sum, f)
		}
	}
	if math.IsInf(sum, 0) || math.IsNaN(sum) {
		return nil
	}
	return sum + 0 // no -0
}

// within is "in": a member of a list or a piece of a string.
func within(v, in any) bool {
	switch in := in.(type) {
	case string:
		return in != "" && strings.Contains(in, asString(v))
	case []any:
		for _, e := range in {
			if strict(v, e) {
				return true
			}
		}
	}
	return false
}

// asString is how JavaScript joins a value into a string.
func asString(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return v
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			if _, deeper := e.([]any); !deeper {
				parts[i] = asString(e)
			}
		}
		return strings.Join(parts, ",")
	}
	return ""
}

// substr is {"substr": [string, start, length]}, with negative start and length from the end.
func substr(vs []any) any {
	s := asString(vs[0])
	n := float64(utf8.RuneCountInString(s))
	start, ok := number(vs[1])
	if !ok {
		start = 0
	}
	if start < 0 {
		start = max(0, n+start)
	}
	start = min(math.Trunc(start), n)
	end := n
	if len(vs) == 3 {
		if length, ok := number(vs[2]); ok {
			if end = start + math.Trunc(length); length < 0 {
				end = n + math.Trunc(length)
			}
		}
	}
	end = min(max(end, start), n)
	return string([]rune(s)[int(start):int(end)])
}
