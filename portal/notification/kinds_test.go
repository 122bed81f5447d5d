package notification

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"motcua/locales"
)

var (
	placeRE = regexp.MustCompile(`\{([a-z_]+)[|}]`)
	// an abbreviation or a number with a dot is no end of a sentence here: texts have none
	sentenceRE = regexp.MustCompile(`[.!?](\s|$)|\n`)
)

func places(text string) []string {
	var names []string
	for _, m := range placeRE.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// Each kind has its texts in both languages, with the arguments it asks for and no others.
func TestEveryKindHasItsTexts(t *testing.T) {
	t.Parallel()
	for _, lang := range []locales.Lang{locales.VI, locales.EN} {
		texts := locales.Keys(lang)
		for kind, args := range Kinds {
			subject, body := texts["notice."+kind+".subject"], texts["notice."+kind+".body"]
			if subject == "" || body == "" {
				t.Errorf("%s: %s has no texts", lang, kind)
				continue
			}
			used := places(subject + body)
			for _, name := range used {
				if name != "link" && !slices.Contains(args, name) {
					t.Errorf("%s: %s uses {%s}, which nobody gives", lang, kind, name)
				}
			}
			for _, name := range append([]string{"link", "code"}, args...) {
				if !slices.Contains(used, name) {
					t.Errorf("%s: %s does not say {%s}", lang, kind, name)
				}
			}
			if !slices.Contains(places(subject), "code") {
				t.Errorf("%s: the subject of %s lacks the code", lang, kind)
			}
		}
		for key := range texts {
			if kind, ok := strings.CutPrefix(key, "notice."); ok && kind != "letter" {
				kind, _, _ = strings.Cut(kind, ".")
				if Kinds[kind] == nil {
					t.Errorf("%s: %s is the text of no kind", lang, key)
				}
			}
		}
	}
}

// The rules for letters: short sentences, the right address, no word of the forbidden list.
func TestTextsFollowTheRules(t *testing.T) {
	t.Parallel()
	never := regexp.MustCompile(`(?i)vui lòng|quý khách|không hợp lệ|hệ thống|kính mời|mật khẩu.*https?:`)
	for _, lang := range []locales.Lang{locales.VI, locales.EN} {
		for key, text := range locales.Keys(lang) {
			if !strings.HasPrefix(key, "notice.") {
				continue
			}
			if m := never.FindString(text); m != "" {
				t.Errorf("%s: %s says %q", lang, key, m)
			}
			for _, sentence := range sentenceRE.Split(text, -1) {
				if n := len(strings.Fields(sentence)); n > 20 {
					t.Errorf("%s: %s has a sentence of %d words: %s", lang, key, n, sentence)
				}
			}
			if lang == locales.VI && strings.HasSuffix(key, ".body") && !strings.Contains(strings.ToLower(text), "ông/bà") {
				t.Errorf("%s addresses nobody", key)
			}
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	good := Settings{Host: "mail.example.gov.vn", TLS: StartTLS, From: "Cổng <no-reply@example.gov.vn>", PortalURL: "https://example.gov.vn"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	local := good
	local.Host, local.TLS = "127.0.0.1", NoTLS
	if err := local.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Settings){
		"in the open":        func(s *Settings) { s.TLS = NoTLS },
		"TLS is starttls":    func(s *Settings) { s.TLS = "" },
		"no host":            func(s *Settings) { s.Host = "" },
		"sender":             func(s *Settings) { s.From = "Cổng" },
		"no portal address":  func(s *Settings) { s.PortalURL = "" },
		"starttls, tls or n": func(s *Settings) { s.TLS = "ssl" },
	} {
		bad := good
		spoil(&bad)
		if err := bad.Check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
