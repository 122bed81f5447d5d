package paper

import (
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the words and the width, wrapping loses nothing and no line is too long.
func TestWrap(t *testing.T) {
	t.Parallel()
	some := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("aơẪị m.Ws-/\n  ")), rapid.Rune()))
	err := draw(io.Discard, about{}, func(s *sheet) {
		rapid.Check(t, func(t *rapid.T) {
			width := rapid.Float64Range(8, 170).Draw(t, "width")
			indent := rapid.Float64Range(0, width-7).Draw(t, "indent")
			spans := []span{{some.Draw(t, "plain"), plain}, {some.Draw(t, "bold"), plain.bold()}}
			var got, want strings.Builder
			for i, l := range s.wrap(width, indent, spans...) {
				room := width
				if i == 0 {
					room -= indent
				}
				if n := s.natural(l); n > room+0.01 {
					t.Fatalf("line %d is %.2f wide, room is %.2f: %v", i, n, room, l)
				}
				for _, w := range l.words {
					for _, p := range w {
						got.WriteString(p.text)
					}
				}
			}
			for _, sp := range spans {
				want.WriteString(strings.NewReplacer(" ", "", "\n", "").Replace(clean(sp.text)))
			}
			if got.String() != want.String() {
				t.Fatalf("%q became %q", want.String(), got.String())
			}
		})
	})
	if err != nil {
		t.Error(err)
	}
}

func TestBalanced(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ỦY BAN NHÂN DÂN XÃ MỸ HÒA HƯNG": "ỦY BAN NHÂN DÂN|XÃ MỸ HÒA HƯNG",
		"SỞ TƯ PHÁP":                   "SỞ TƯ PHÁP",
		"PHIẾU YÊU CẦU\nBỔ SUNG":       "PHIẾU YÊU CẦU|BỔ SUNG",
		strings.Repeat("W", 15) + " B": strings.Repeat("W", 15) + "|B",
	} {
		err := draw(io.Discard, about{}, func(s *sheet) {
			var lines []string
			for _, l := range s.balanced(roman, text, 68) {
				var words []string
				for _, w := range l.words {
					words = append(words, w[0].text)
				}
				lines = append(lines, strings.Join(words, " "))
			}
			if got := strings.Join(lines, "|"); got != want {
				t.Errorf("%q became %q", text, got)
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
}
