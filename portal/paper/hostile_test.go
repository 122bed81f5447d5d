package paper

import (
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Nguyễn Văn Ước":         "Nguyễn Văn Ước",
		"Nguye\u0302\u0303n":     "Nguyễn",
		"D\u031bo":               "D\u031bo",
		"một\ttab":               "một tab",
		"hai\r\ndòng":            "hai\ndòng",
		"😀 An":                   "□ An",
		"👨\u200d👩":               "□□",
		"An\u202eniV":            "An□niV",
		"\u2066An\u2069":         "□An□",
		"a\x00b\x1b[31m":         "a□b□[31m",
		"bad \xff\xfe utf":       "bad □ utf",
		"zero\u200bwidth\ufeff":  "zerowidth",
		"soft\u00adhyphen":       "softhyphen",
		"50.000 ₫ – “chẵn”":      "50.000 ₫ – “chẵn”",
		"\U0010ffff\uffff\ufffd": "□□□",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// hostile is what people type and programs send.
var hostile = []string{
	"", " \n\n\u00a0", "😀👨‍👩‍👧 Nguye\u0302\u0303n An\u202eNguyễn\u202c", "\x00\x01\x7f\u0085\xff\xfe\xfd (((\\))) <b>&amp;</b>", "ភាសាខ្មែរ 中文 עברית",
	strings.Repeat("W", 400), strings.Repeat("Nguyễn ", 300), strings.Repeat("\u0301", 50), strings.Repeat("dòng\n", 100),
}

func TestHostileWords(t *testing.T) {
	t.Parallel()
	for i, bad := range hostile {
		all := map[string]func(w io.Writer) error{
			"slip":            func(w io.Writer) error { return FilingSlip(w, spoilt(t, slip(2), bad)) },
			"acknowledgement": func(w io.Writer) error { return Acknowledgement(w, spoilt(t, acknowledgement(), bad)) },
			"supplement":      func(w io.Writer) error { return SupplementRequest(w, spoilt(t, supplement(), bad)) },
			"refusal":         func(w io.Writer) error { return Refusal(w, spoilt(t, refusal(), bad)) },
			"result":          func(w io.Writer) error { return Result(w, spoilt(t, result(), bad)) },
			"receipt": func(w io.Writer) error {
				d := receipt()
				d.Payer, d.Agency, d.Name, d.Words, d.Lines[0].Name, d.Lines[1].Note = bad, bad, bad, bad, bad, bad
				return Receipt(w, d)
			},
		}
		for name, p := range all {
			if i != 2 && name != "slip" { // each word on one paper, the worst on all of them
				continue
			}
			run(t, "qpdf", "--check", saved(t, drawn(t, p)))
		}
	}
}

// spoilt has bad in the place of every text; addresses for the QR stay.
func spoilt[T any](t testing.TB, data T, bad string) T {
	t.Helper()
	b, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	word, _ := json.Marshal(strings.ToValidUTF8(bad, "\ufffd"))
	spoilt := regexp.MustCompile(`"((?:[^"\\]|\\.)*)"([,}\]])`).ReplaceAllStringFunc(string(b), func(s string) string {
		if strings.Contains(s, "://") || regexp.MustCompile(`\d{4}-\d\d-\d\dT`).MatchString(s) {
			return s
		}
		return string(word) + s[len(s)-1:]
	})
	var out T
	if err := json.Unmarshal([]byte(spoilt), &out); err != nil {
		t.Fatalf("%v in %s", err, spoilt)
	}
	return out
}
