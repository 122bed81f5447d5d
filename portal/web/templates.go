package web

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"motcua/assets"
	"motcua/locales"
)

// look is what the program ships for pages: the same for every server, read once. A page
// is a file under assets/pages, named by its path there without .html; parts are what the
// files in parts/ define.
type look struct {
	static    static
	templates map[locales.Lang]*template.Template
}

// shipped reads style, script and every template once for each language. It fails when a
// template asks for a text, an icon or a file that is not there, or defines a name twice.
var shipped = sync.OnceValues(func() (look, error) {
	files, err := loadStatic()
	if err != nil {
		return look{}, err
	}
	sources, err := sources()
	if err != nil {
		return look{}, err
	}
	if err := checkSources(sources, files); err != nil {
		return look{}, err
	}
	l := look{files, make(map[locales.Lang]*template.Template, len(locales.Langs))}
	for _, lang := range locales.Langs {
		set := template.New("").Funcs(funcs(lang, files)).Option("missingkey=error")
		for _, s := range sources {
			if _, err := set.New(s.name).Parse(s.text); err != nil {
				return look{}, fmt.Errorf("web: page %s: %w", s.name, err)
			}
		}
		l.templates[lang] = set
	}
	return l, nil
})

type source struct{ name, text string }

func sources() ([]source, error) {
	var all []source
	err := fs.WalkDir(assets.Web, "pages", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") {
			return err
		}
		b, err := fs.ReadFile(assets.Web, path)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "pages/"), ".html")
		all = append(all, source{name, string(b)})
		return nil
	})
	return all, err
}

// What a template asks for by name.
var (
	textAsked  = regexp.MustCompile(`[({|=]-?\s*(?:t|say) "([^"]+)"`)
	iconAsked  = regexp.MustCompile(`\bicon "([^"]+)"`)
	assetAsked = regexp.MustCompile(`\basset "([^"]+)"`)
	defined    = regexp.MustCompile(`{{-?\s*(?:define|block) "([^"]+)"`)
)

func checkSources(sources []source, files static) error {
	var faults []error
	names := map[string]string{}
	for _, s := range sources {
		for _, m := range textAsked.FindAllStringSubmatch(s.text, -1) {
			if !locales.Has(m[1]) {
				faults = append(faults, fmt.Errorf("web: page %s: no text %q", s.name, m[1]))
			}
		}
		for _, m := range iconAsked.FindAllStringSubmatch(s.text, -1) {
			if _, ok := icons()[m[1]]; !ok {
				faults = append(faults, fmt.Errorf("web: page %s: no icon %q", s.name, m[1]))
			}
		}
		for _, m := range assetAsked.FindAllStringSubmatch(s.text, -1) {
			if _, ok := files.address(m[1]); !ok {
				faults = append(faults, fmt.Errorf("web: page %s: no file %q", s.name, m[1]))
			}
		}
		for _, m := range defined.FindAllStringSubmatch(s.text, -1) {
			if other, twice := names[m[1]]; twice {
				faults = append(faults, fmt.Errorf("web: part %q is defined in %s and in %s", m[1], other, s.name))
			}
			names[m[1]] = s.name
		}
	}
	return errors.Join(faults...)
}
