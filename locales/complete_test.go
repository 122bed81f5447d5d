package locales_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"motcua/locales"
)

func TestLanguagesSayTheSame(t *testing.T) {
	vi, en, km := locales.Keys(locales.VI), locales.Keys(locales.EN), locales.Keys(locales.KM)
	for key := range vi {
		if _, ok := en[key]; !ok {
			t.Errorf("%s is not in English", key)
		}
	}
	for name, other := range map[string]map[string]string{"English": en, "Khmer": km} { // Khmer may lack texts: it falls back
		for key, text := range other {
			first, ok := vi[key]
			if !ok {
				t.Errorf("%s is in %s and not in Vietnamese", key, name)
				continue
			}
			if want, got := arguments(first), arguments(text); !slices.Equal(got, want) {
				t.Errorf("%s takes %v in Vietnamese and %v in %s", key, want, got, name)
			}
		}
	}
}

// arguments are the names that a text has places for, in order.
func arguments(text string) []string {
	names := map[string]bool{}
	places, _ := split(text)
	for _, inner := range places {
		name, forms, _ := strings.Cut(inner, "|")
		names[name] = true
		for _, n := range arguments(forms) {
			names[n] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// split gives what stands between the outermost braces of a text.
func split(text string) (places []string, err error) {
	depth, from := 0, 0
	for i := range len(text) {
		switch text[i] {
		case '{':
			if depth++; depth == 1 {
				from = i + 1
			}
		case '}':
			if depth--; depth < 0 {
				return places, fmt.Errorf("a brace closes what none opened")
			}
			if depth == 0 {
				places = append(places, text[from:i])
			}
		}
	}
	if depth > 0 {
		return places, fmt.Errorf("a brace is not closed")
	}
	return places, nil
}

var argument = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// place says what is wrong between two braces: {name}, or {n|one form|the other}, whose
// forms hold simple places only.
func place(inner string) error {
	parts := strings.Split(inner, "|")
	switch {
	case !argument.MatchString(parts[0]):
		return fmt.Errorf("{%s}: %q is no name", inner, parts[0])
	case len(parts) != 1 && len(parts) != 3:
		return fmt.Errorf("{%s}: a plural has two forms", inner)
	}
	for _, form := range parts[1:] {
		places, err := split(form)
		if err != nil {
			return fmt.Errorf("{%s}: %w", inner, err)
		}
		for _, p := range places {
			if !argument.MatchString(p) {
				return fmt.Errorf("{%s}: %q is no name", inner, p)
			}
		}
	}
	return nil
}

func TestPlacesAndPlurals(t *testing.T) {
	for _, l := range locales.Langs {
		for key, text := range locales.Keys(l) {
			places, err := split(text)
			for _, p := range places {
				if err == nil {
					err = place(p)
				}
			}
			if err != nil {
				t.Errorf("%s in %s: %v", key, l, err)
			}
			if strings.TrimSpace(text) != text || text == "" {
				t.Errorf("%s in %s: %q is empty, or has spaces around it", key, l, text)
			}
		}
	}
	for _, wrong := range []string{"", "Name", "n|one", "n|one|two|three", "n|{|x", "n|one {x|y|z}|other", "a b"} {
		if place(wrong) == nil {
			t.Errorf("{%s} was taken", wrong)
		}
	}
}

// A key that stands twice in one file would silently be the last one's; twice in two
// files, the program does not start.
func TestNoKeyTwice(t *testing.T) {
	for _, l := range locales.Langs {
		names, err := filepath.Glob(filepath.Join(string(l), "*.json"))
		if err != nil || len(names) == 0 {
			t.Fatalf("no files of %s (%v)", l, err)
		}
		seen := map[string]string{}
		for _, name := range names {
			for _, key := range keysOf(t, name) {
				if before, twice := seen[key]; twice {
					t.Errorf("%s is in %s and in %s", key, before, name)
				}
				seen[key] = name
			}
		}
	}
}

// keysOf are the keys of a file as they stand, doubles too.
func keysOf(t *testing.T, name string) []string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if _, err := dec.Token(); err != nil { // {
		t.Fatalf("%s: %v", name, err)
	}
	var keys []string
	for dec.More() {
		key, err := dec.Token()
		if err == nil {
			_, err = dec.Token()
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		keys = append(keys, key.(string))
	}
	return keys
}
