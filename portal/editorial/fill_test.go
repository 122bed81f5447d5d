package editorial

import (
	"encoding/json"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/catalogue"
)

// shippedParts are the parts that editors change of every shipped procedure, by code.
func shippedParts(t *testing.T) map[string]Parts {
	t.Helper()
	fsys, all := assets.Catalogue(), map[string]Parts{}
	dirs, err := fs.ReadDir(fsys, "procedures")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		all[d.Name()] = Parts{}
		for _, name := range catalogue.SheetParts {
			if b, err := fs.ReadFile(fsys, path.Join("procedures", d.Name(), name+".json")); err == nil {
				all[d.Name()][name] = b
			}
		}
	}
	return all
}

// typed is what a page of a section sends when nobody touches it.
func typed(d *Doc, s Section) url.Values {
	body := url.Values{}
	var walk func(f Field, place string)
	text := func(place string) {
		t := d.Text(place)
		body.Set(place+".vi", strings.ReplaceAll(t.VI, "\n", "\r\n")) // as browsers send it
		body.Set(place+".en", t.EN)
		body.Set(place+".km", t.KM)
	}
	walk = func(f Field, place string) {
		switch f.Sort {
		case Object:
			for _, inner := range f.Fields {
				walk(inner, child(place, inner.Name))
			}
		case Rows:
			for i := range d.Len(place) {
				for _, inner := range f.Fields {
					walk(inner, child(rowAt(place, i), inner.Name))
				}
			}
		case Named:
			for _, name := range names(d.At(place)) {
				text(place + "/" + name)
			}
		case Words, Long:
			text(place)
		case Flag:
			body.Set(place+asked, "1")
			if d.At(place) == true {
				body.Set(place, "1")
			}
		case Many:
			body.Set(place+asked, "1")
			body[place] = d.Values(place)
			slices.Sort(body[place]) // a page has an order of its own
		case Day:
			if v := d.Value(place); v != "" {
				y, rest, _ := strings.Cut(v, "-")
				m, day, _ := strings.Cut(rest, "-")
				v = strings.TrimPrefix(day, "0") + "/" + strings.TrimPrefix(m, "0") + "/" + y
				body.Set(place, v)
			} else {
				body.Set(place, "")
			}
		default:
			body.Set(place, strings.ReplaceAll(d.Value(place), "\n", "\r\n"))
		}
	}
	for _, b := range s.Blocks {
		for _, f := range b.Fields {
			walk(f, child(b.Part, f.Name))
		}
	}
	return body
}

// A page that is sent back as it came changes nothing, of every shipped procedure.
func TestPagesSentBackChangeNothing(t *testing.T) {
	t.Parallel()
	for code, parts := range shippedParts(t) {
		for _, s := range Sections {
			d, err := NewDoc(parts)
			if err != nil {
				t.Fatal(err)
			}
			if faults := d.Fill(s, typed(d, s)); len(faults) > 0 {
				t.Errorf("%s %s: %v", code, s.Word, faults)
			}
			after, err := d.Parts(catalogue.SheetParts...)
			if err != nil {
				t.Fatal(err)
			}
			if other := changed(parts, after); len(other) > 0 {
				t.Errorf("%s %s: another %s", code, s.Word, other)
			}
		}
	}
}

// Every member of a published part can be edited: one that no page knows would be frozen.
func TestEveryFieldHasItsPlace(t *testing.T) {
	t.Parallel()
	for code, parts := range shippedParts(t) {
		for part, raw := range parts {
			var v any
			if err := json.Unmarshal(raw, &v); err != nil {
				t.Fatal(err)
			}
			eachPlace(v, "", func(pointer string) {
				if pointer == "/code" && part == "sheet" {
					return // never changes
				}
				if !knows(part, pointer) {
					t.Errorf("%s: no page has %s%s", code, part, pointer)
				}
			})
		}
	}
}

// eachPlace visits the plain values of a document; a text is one.
func eachPlace(v any, at string, visit func(pointer string)) {
	switch v := v.(type) {
	case map[string]any:
		if _, text := v["vi"].(string); text {
			visit(at)
			return
		}
		for name, inner := range v {
			eachPlace(inner, at+"/"+name, visit)
		}
	case []any:
		for _, inner := range v {
			eachPlace(inner, at+"/0", visit)
		}
	default:
		visit(at)
	}
}

// knows says whether a page has a field at a place.
func knows(part, pointer string) bool {
	s, _ := SectionOf(PlaceIn(part, pointer))
	for _, b := range s.Blocks {
		if b.Part == part && reaches(b.Fields, steps(strings.TrimPrefix(pointer, "/"))) {
			return true
		}
	}
	return false
}

func reaches(fields []Field, way []string) bool {
	for _, f := range fields {
		rest := way
		if f.Name != "" {
			if len(way) == 0 || way[0] != f.Name {
				continue
			}
			rest = way[1:]
		}
		switch f.Sort {
		case Rows:
			return len(rest) > 0 && reaches(f.Fields, rest[1:])
		case Object:
			return reaches(f.Fields, rest)
		case Named:
			return len(rest) == 1
		case Lines, Many:
			return len(rest) <= 1
		}
		return len(rest) == 0
	}
	return false
}

func TestLinksLeadToFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ part, pointer, want string }{
		{"sheet", "/channels/0/fees/1/amount", "phi#f-channels-0-fees-1-amount"},
		{"sheet", "/channels/2/time", "cach-thuc#f-channels-2-time"},
		{"sheet", "/channels/0/fees", "phi#f-channels-0-fees"},
		{"sheet", "/name", "chung#f-name"},
		{"sheet", "/components/0/papers/3", "thanh-phan#f-components-0-papers-3"},
		{"sheet", "/conditions/0/conditions/1", "dieu-kien#f-conditions-0-conditions-1"},
		{"fees", "/0/ground", "phi#f-0-ground"},
		{"terms", "/deadline", "han#f-deadline"},
		{"papers", "/result/title", "ket-qua#f-result-title"},
		{"notices", "/filed", "ket-qua#f-filed"},
		{"sheet", "/nothing", "chung#f-nothing"},
		{"fees", "", "phi"},
		{"form", "/pages/0", "/can-bo/bieu-mau?q=1.000001"},
	} {
		if got := Link(Edit{ID: "x", Code: "1.000001"}, Finding{Part: c.part, Place: c.pointer}); strings.TrimPrefix(got, "/can-bo/danh-muc/sua/x/") != c.want {
			t.Errorf("%s%s: %s", c.part, c.pointer, got)
		}
	}
}

func docOf(t *testing.T, sheet string) *Doc {
	t.Helper()
	d, err := NewDoc(Parts{"sheet": json.RawMessage(sheet)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func section(t *testing.T, word string) Section {
	t.Helper()
	s, ok := SectionOf(word)
	if !ok {
		t.Fatal(word)
	}
	return s
}

func sheetText(t *testing.T, d *Doc) string {
	t.Helper()
	parts, err := d.Parts("sheet")
	if err != nil {
		t.Fatal(err)
	}
	return string(parts["sheet"])
}

func TestFilling(t *testing.T) {
	t.Parallel()
	const before = `{"channels":[{"channel":"online","fees":[{"amount":5000,"unit":{"vi":"đồng"},"own":1}]}],"name":"Cũ","other":{"kept":true}}`
	for name, c := range map[string]struct {
		section string
		body    url.Values
		want    string // of the sheet; "": fault
		fault   string
	}{
		"money with dots": {"phi", url.Values{"sheet/channels/0/fees/0/amount": {"8.000 đ"}},
			`{"channels":[{"channel":"online","fees":[{"amount":8000,"own":1,"unit":{"vi":"đồng"}}]}],"name":"Cũ","other":{"kept":true}}`, ""},
		"no money":        {"phi", url.Values{"sheet/channels/0/fees/0/amount": {""}, "sheet/channels/0/fees/0/unit.vi": {"đồng"}}, "", "editorial.fault.no_amount"},
		"a word for it":   {"phi", url.Values{"sheet/channels/0/fees/0/amount": {"năm nghìn"}}, "", "editorial.fault.number"},
		"a negative one":  {"phi", url.Values{"sheet/channels/0/fees/0/amount": {"-1"}}, "", "editorial.fault.number"},
		"no such day":     {"can-cu", url.Values{"sheet/decision/date": {"31/2/2026"}}, "", "editorial.fault.day"},
		"a row too far":   {"phi", url.Values{"sheet/channels/0/fees/7/amount": {"1"}}, before, ""},
		"another section": {"chung", url.Values{"sheet/channels/0/fees/0/amount": {"1"}}, before, ""},
		"a plain name translated": {"chung", url.Values{"sheet/name.vi": {"Cũ"}, "sheet/name.en": {"Old"}},
			strings.Replace(before, `"Cũ"`, `{"en":"Old","vi":"Cũ"}`, 1), ""},
		"a box": {"chung", url.Values{"sheet/tiers": {"commune"}, "sheet/tiers.co": {"1"}}, strings.TrimSuffix(before, "}") + `,"tiers":["commune"]}`, ""},
		"a day": {"can-cu", url.Values{"sheet/decision/date": {"5/6/2026"}}, `{"channels":[{"channel":"online","fees":[{"amount":5000,"own":1,"unit":{"vi":"đồng"}}]}],"decision":{"date":"2026-06-05"},"name":"Cũ","other":{"kept":true}}`, ""},
	} {
		d := docOf(t, before)
		faults := d.Fill(section(t, c.section), c.body)
		switch {
		case c.fault != "" && (len(faults) != 1 || faults[0].Message.Key != c.fault):
			t.Errorf("%s: %v, want %s", name, faults, c.fault)
		case c.fault == "" && (len(faults) > 0 || sheetText(t, d) != sheetText(t, docOf(t, c.want))):
			t.Errorf("%s: %s\nwant %s\n%v", name, sheetText(t, d), c.want, faults)
		}
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	s := section(t, "trinh-tu")
	d := docOf(t, `{"steps":[{"case":{"vi":"a"},"steps":[{"vi":"1"},{"vi":"2"}]}]}`)
	for _, c := range []struct{ press, deed, place, want string }{
		{"them sheet/steps/0/steps", "add", "sheet/steps/0/steps/2", `{"steps":[{"case":{"vi":"a"},"steps":[{"vi":"1"},{"vi":"2"},{}]}]}`},
		{"len sheet/steps/0/steps/1", "move", "sheet/steps/0/steps/0", `{"steps":[{"case":{"vi":"a"},"steps":[{"vi":"2"},{"vi":"1"},{}]}]}`},
		{"len sheet/steps/0/steps/0", "move", "sheet/steps/0/steps/0", `{"steps":[{"case":{"vi":"a"},"steps":[{"vi":"2"},{"vi":"1"},{}]}]}`},
		{"xoa sheet/steps/0/steps/2", "remove", "sheet/steps/0/steps", `{"steps":[{"case":{"vi":"a"},"steps":[{"vi":"2"},{"vi":"1"}]}]}`},
		{"chep sheet/steps/0", "copy", "sheet/steps/1", `{"steps":[{"case":{"vi":"a"},"steps":[{"vi":"2"},{"vi":"1"}]},{"case":{"vi":"a"},"steps":[{"vi":"2"},{"vi":"1"}]}]}`},
		{"xuong sheet/steps/0", "move", "sheet/steps/1", `{"steps":[{"case":{"vi":"a"},"steps":[{"vi":"2"},{"vi":"1"}]},{"case":{"vi":"a"},"steps":[{"vi":"2"},{"vi":"1"}]}]}`},
	} {
		deed, place, err := d.Deed(s, c.press)
		if err != nil || deed != c.deed || place != c.place || sheetText(t, d) != c.want {
			t.Errorf("%s: %s at %s, %v\n%s\nwant %s", c.press, deed, place, err, sheetText(t, d), c.want)
		}
	}
	for _, press := range []string{"", "xoa", "them sheet/channels", "xoa sheet/steps/9", "them sheet/name", "pha sheet/steps/0", "them other/steps", "xoa sheet/steps/x"} {
		if _, _, err := d.Deed(s, press); err == nil {
			t.Errorf("%q was done", press)
		}
	}
	if _, _, err := docOf(t, `{"channels":[{}]}`).Deed(section(t, "phi"), "xoa sheet/channels/0"); err == nil {
		t.Error("the page of fees took a channel away")
	}
}

func TestMissingTranslations(t *testing.T) {
	t.Parallel()
	d := docOf(t, `{"steps":[{"case":{"vi":"a","en":"A"},"steps":[{"vi":"1"},{"vi":"2","en":"2","km":"2"},{}]}]}`)
	if en, km := d.Missing(section(t, "trinh-tu"), locales.EN), d.Missing(section(t, "trinh-tu"), locales.KM); en != 1 || km != 2 {
		t.Errorf("%d without English, %d without Khmer", en, km)
	}
	if !d.Same(docOf(t, `{"name":"x","steps":[{"case":{"en":"A","vi":"a"},"steps":["1",{"vi":"2","en":"2","km":"2"},{}]}]}`), section(t, "trinh-tu")) {
		t.Error("the same steps are taken for others")
	}
	if d.Same(docOf(t, `{}`), section(t, "trinh-tu")) {
		t.Error("no steps are taken for the same")
	}
}
