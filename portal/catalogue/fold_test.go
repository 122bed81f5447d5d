package catalogue

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestBare(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Đường": "duong", "hòa": "hoa", "hoà": "hoa", norm.NFD.String("Nghị"): "nghi",
		"kỹ": "ki", "kĩ": "ki", "quý": "qui", "quí": "qui", "thủy": "thuy", "tay": "tay", "y": "y", "ấy": "ay", "LPG": "lpg", "35kV": "35kv",
	} {
		if w := words(in); len(w) != 1 || w[0].bare != want {
			t.Errorf("%q: %+v, want %q", in, w, want)
		}
	}
}

func TestModernTone(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"hòa", "hoà"}, {"thủy", "thuỷ"}, {"khỏe", "khoẻ"}, {"hóa", "hoá"}} {
		if modern(pair[0]) != modern(pair[1]) || modern(pair[0]) != pair[1] {
			t.Errorf("%q and %q are %q and %q", pair[0], pair[1], modern(pair[0]), modern(pair[1]))
		}
	}
	for _, same := range []string{"hoàn", "của", "mía", "quý", "toán", "đ", ""} {
		if modern(same) != same {
			t.Errorf("%q became %q", same, modern(same))
		}
	}
}

func TestWordsOfADecomposedText(t *testing.T) {
	t.Parallel()
	a, b := words("Giấy khai sinh, (bản sao)"), words(norm.NFD.String("giấy  KHAI-sinh bản sao"))
	if len(a) != 5 || len(b) != 5 {
		t.Fatalf("%v %v", a, b)
	}
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("%v is not %v", a[i], b[i])
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"khai", "khai", 0}, {"kai", "khai", 1}, {"khia", "khai", 1}, {"khaai", "khai", 1}, {"sinh", "sanh", 1}, {"hon", "ket", 3}, {"", "ab", 2}, {"chung", "chugn", 1}} {
		if got := distance(c.a, c.b, 2); got != c.want {
			t.Errorf("%s %s: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a, 2); got != c.want {
			t.Errorf("%s %s: %d, want %d", c.b, c.a, got, c.want)
		}
	}
	if got := distance("ab", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop", 50); got <= 50 {
		t.Errorf("a very long word: %d", got)
	}
}

func FuzzFind(f *testing.F) {
	e := shipped(f)
	for _, s := range []string{"giấy khai sinh", "ddaawng kys", "2.0006", "", "\xff\xfe", "w", "ខ្មែរ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "a1", "khuyến mãi khuyến mãi khuyến mãi sổ đỏ sổ đỏ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := e.search(Query{Text: s})
		if r.Total < len(r.Hits) || r.Total == 0 && len(r.Suggestions) == 0 {
			t.Errorf("%q: %d of %d, %d suggestions", s, len(r.Hits), r.Total, len(r.Suggestions))
		}
	})
}
