package edit

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"motcua/eforms"
	"motcua/locales"
)

// shipped are the forms of the catalogue with their presets put in.
func shipped(t *testing.T) map[string]*Doc {
	t.Helper()
	root := os.DirFS(filepath.Join("..", "..", "assets", "catalogue"))
	presets := map[string][]byte{}
	files, err := fs.Glob(root, "presets/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if presets[strings.TrimSuffix(filepath.Base(name), ".json")], err = fs.ReadFile(root, name); err != nil {
			t.Fatal(err)
		}
	}
	forms, err := fs.Glob(root, "procedures/*/form.json")
	if err != nil || len(forms) < 3 {
		t.Fatalf("%v (%v)", forms, err)
	}
	all := map[string]*Doc{}
	for _, name := range forms {
		b, err := fs.ReadFile(root, name)
		if err == nil {
			b, err = eforms.Expand(b, presets)
		}
		if err != nil {
			t.Fatal(err)
		}
		all[name] = parsed(t, string(b))
	}
	return all
}

func parsed(t *testing.T, text string) *Doc {
	t.Helper()
	d, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// What is written out says the same as what was read, in the same order, and tidying
// changes nothing but the order.
func TestWrittenOutIsWhatWasRead(t *testing.T) {
	for name, d := range shipped(t) {
		before := d.Root.Compact()
		again := parsed(t, string(d.Bytes()))
		if again.Root.Compact() != before {
			t.Errorf("%s: written out it is another", name)
		}
		again.Tidy()
		if !same(again.Root, d.Root) {
			t.Errorf("%s: tidied it is another", name)
		}
		if !json.Valid(again.Bytes()) {
			t.Errorf("%s: no JSON", name)
		}
	}
	for _, wrong := range []string{``, `{`, `{"a":1}{}`, `{"a":1,"a":2}`, strings.Repeat("[", 60) + strings.Repeat("]", 60), strings.Repeat(" ", maxBytes) + "{}"} {
		if _, err := Parse([]byte(wrong)); err == nil {
			t.Errorf("%.20q was taken", wrong)
		}
	}
	odd := `{"z": "\u0041<&>", "a": [1.50, -0, 1e3, null, true]}`
	if got := parsed(t, odd).Root.Compact(); got != `{"z": "A<&>", "a": [1.50, -0, 1e3, null, true]}` {
		t.Error(got)
	}
}

// A part of every kind can be added and the form still loads: what a kind must have comes
// with it. Some lean on lists that only the editor can give.
func TestEveryKindCanBeAdded(t *testing.T) {
	leans := []string{"search_select", "person"}
	for _, kind := range Kinds() {
		d := parsed(t, `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[{"id":"a","kind":"text","label":"A"}]}]}`)
		at, err := d.Add("/pages/0/questions", kind, "Câu hỏi mới: đường đi")
		if err != nil || at != "/pages/0/questions/1" {
			t.Errorf("%s: %s, %v", kind, at, err)
			continue
		}
		if _, err := eforms.Load(d.Bytes()); err != nil && !slices.Contains(leans, kind) {
			t.Errorf("%s: %v\n%s", kind, err, d.Bytes())
		}
		if id := d.At(at).Get("id").Str(); id != "cau_hoi_moi_duong_di" {
			t.Errorf("%s: id %s", kind, id)
		}
		if _, err := eforms.Load(d.Bytes()); err == nil {
			if copied, err := d.Duplicate(at); err != nil || !strings.HasPrefix(d.At(copied).Get("id").Str(), "cau_hoi_moi_duong_di_") {
				t.Errorf("%s: %v", kind, err)
			}
			if _, err := eforms.Load(d.Bytes()); err != nil {
				t.Errorf("a copy of %s: %v", kind, err)
			}
		}
	}
}

// Every setting, kind, sort and list has words in both languages of the editors.
func TestEverythingHasWords(t *testing.T) {
	want := func(key string) {
		t.Helper()
		if !locales.Has(key) {
			t.Errorf("no words for %s", key)
		}
	}
	var sorts func(schema *Node, sort, kind string, depth int)
	sorts = func(schema *Node, sort, kind string, depth int) {
		for _, s := range settings(schema, kind) {
			switch s.Type {
			case Children:
				if s.Name != "questions" {
					want("builder.list." + s.Name)
				}
				want("builder.add_to." + s.Name)
				item, name := resolve(s.schema.Get("items"))
				if name == "" {
					name = s.Name
				}
				for _, what := range []string{"sort", "add", "first"} {
					want("builder." + what + "." + name)
				}
				if depth < 3 {
					sorts(item, name, "", depth+1)
				}
			case Kind:
			case Logic, Value:
				want("builder.set." + s.Name)
				want("builder.logic." + s.Name)
				want("builder.unset." + s.Name)
			default:
				want("builder.set." + s.Name)
			}
			for _, v := range s.Choices {
				if s.Type == Kind {
					break // they are asked below
				}
				want("builder.choice." + s.Name + "." + v)
			}
		}
	}
	sorts(definition().Root, "form", "", 0)
	question := definition().At("/$defs/question")
	for _, kind := range Kinds() {
		want("builder.kind." + kind)
		sorts(question, "question", kind, 2)
		for _, part := range partsOf[kind] {
			want("builder.part." + part)
		}
	}
}

// A copy of any part of a shipped form leaves a form that loads, and so does moving parts
// up and down again.
func TestDeedsOnShippedForms(t *testing.T) {
	tried := 0
	for name, d := range shipped(t) {
		text := d.Bytes()
		for p, sort := range d.all() {
			if sort == "form" {
				continue
			}
			c := parsed(t, string(text))
			at, err := c.Duplicate(p)
			if err != nil {
				t.Errorf("%s %s: %v", name, p, err)
				continue
			}
			if err := c.Delete(at); err != nil || !same(c.Root, d.Root) {
				t.Errorf("%s %s: a copy taken away again leaves another form (%v)", name, p, err)
			}
			if down, err := c.Move(p, 1); err != nil {
				t.Error(err)
			} else if down != p {
				if up, err := c.Move(down, -1); err != nil || up != p || !same(c.Root, d.Root) {
					t.Errorf("%s %s: down and up again is not there", name, p)
				}
			}
			if _, err := c.Duplicate(p); err != nil {
				t.Error(err)
			}
			if tried++; tried%15 != 0 { // a part of them: each is a loading
				continue
			}
			if _, err := eforms.Load(c.Bytes()); err != nil && sort == "question" {
				t.Errorf("%s, a copy of %s: %v", name, p, err)
			}
		}
	}
}

func TestRenameIsFollowed(t *testing.T) {
	tried := 0
	forms := shipped(t)
	for _, name := range slices.Sorted(maps.Keys(forms)) {
		d := forms[name]
		for p, sort := range d.all() {
			if tried++; sort == "form" || tried%15 != 0 { // a part of them: each is a loading
				continue
			}
			c := parsed(t, string(d.Bytes()))
			id := c.At(p).Get("id").Str()
			if err := c.Rename(p, "another_name"); err != nil {
				t.Fatal(err)
			}
			if _, err := eforms.Load(c.Bytes()); err != nil {
				t.Errorf("%s: %s renamed: %v", name, id, err)
			}
			if err := c.Rename(p, c.At("/pages/0").Get("id").Str()); err == nil && p != "/pages/0" {
				t.Errorf("%s: an id that is taken was given again", name)
			}
		}
	}
}

// A line and a column of a table are named in logic, in totals and on paper.
func TestRenamedCellsAreFollowed(t *testing.T) {
	d := parsed(t, `{"format":1,"id":"t","title":"T","print":{"blocks":[{"text":"{floors.one.area} m² {floors.two.area}"}]},"rules":[
		{"id":"r","field":"floors","check":{"==":[{"var":"floors.one.area"},{"var":["floors.total.area"]}]},"message":"M"}],
		"pages":[{"id":"p","title":"P","questions":[{"id":"floors","kind":"table","label":"L","totals":["area"],
		"columns":[{"id":"area","kind":"integer","label":"A"}],"lines":[{"id":"one","label":"1"},{"id":"two","label":"2","optional":true}]}]}]}`)
	for pointer, id := range map[string]string{"/pages/0/questions/0/columns/0": "size", "/pages/0/questions/0/lines/0": "first"} {
		if err := d.Rename(pointer, id); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := eforms.Load(d.Bytes()); err != nil {
		t.Error(err)
	}
	for _, want := range []string{`"floors.first.size"`, `"floors.total.size"`, `["size"]`, `{floors.first.size} m² {floors.two.size}`} {
		if !strings.Contains(string(d.Bytes()), want) {
			t.Errorf("%s is not there: %s", want, d.Bytes())
		}
	}
}

// Whatever is typed, a fault changes nothing that is kept, and nothing panics.
func TestRecast(t *testing.T) {
	for _, from := range Kinds() {
		for _, to := range Kinds() {
			d := parsed(t, `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[]}]}`)
			at, err := d.Add("/pages/0/questions", from, "Nhãn")
			if err == nil {
				err = d.Recast(at, to)
			}
			if err != nil {
				t.Fatalf("%s to %s: %v", from, to, err)
			}
			if _, err := eforms.Load(d.Bytes()); err != nil && to != "search_select" && to != "person" {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
	}
}

func TestMoveTo(t *testing.T) {
	d := parsed(t, `{"format":1,"id":"t","title":"T","pages":[
		{"id":"p","title":"P","questions":[{"id":"a","kind":"text","label":"A"},{"id":"g","kind":"group","label":"G","item":"X","max_rows":3,"questions":[{"id":"n","kind":"integer","label":"N"}]}]},
		{"id":"q","title":"Q","questions":[{"id":"b","kind":"text","label":"B"}]}]}`)
	var homes []string
	for _, h := range d.Homes("/pages/0/questions/0") {
		homes = append(homes, h.Pointer)
	}
	if !slices.Equal(homes, []string{"/pages/0/questions/1", "/pages/1"}) {
		t.Errorf("homes %v", homes)
	}
	at, err := d.MoveTo("/pages/0/questions/0", "/pages/1/questions")
	if err != nil || at != "/pages/1/questions/1" || d.At(at).Get("id").Str() != "a" {
		t.Errorf("%s, %v", at, err)
	}
	if _, err := d.MoveTo("/pages/0/questions/0", "/pages/0/questions/0/questions"); err == nil {
		t.Error("a group went into itself")
	}
	for _, p := range []string{"", "/pages/9", "/pages/x", "/title", "/pages/0/questions/-1"} {
		if _, err := d.Duplicate(p); err == nil {
			t.Errorf("duplicated %q", p)
		}
		if err := d.Delete(p); err == nil {
			t.Errorf("deleted %q", p)
		}
	}
}

func TestDiff(t *testing.T) {
	before := "a\nb\nc\nd\ne\nf\ng\nh\ni"
	got := Diff(before, "a\nb\nc\nd\nX\nf\ng\nh\ni\nj")
	var s []string
	for _, l := range got {
		s = append(s, l.Sign+l.Text)
	}
	if strings.Join(s, " ") != "c d -e +X f g h i +j" {
		t.Errorf("%q", s)
	}
	if len(Diff(before, before)) != 0 {
		t.Error("a difference of nothing")
	}
}

func TestWarnings(t *testing.T) {
	d := parsed(t, `{"format":1,"id":"t","title":{"vi":"T","en":"T"},"pages":[{"id":"p","title":{"vi":"Vui lòng khai","en":"P"},"questions":[
		{"id":"a","kind":"text","label":{"vi":"Ông/bà tên gì?","en":"Your name?"}},
		{"id":"b","kind":"yesno","label":"Số CMND"},
		{"id":"c","kind":"note","text":{"vi":"một hai ba bốn năm sáu bảy tám chín mười một hai ba bốn năm sáu bảy tám chín mười một. Xong.","en":"Done."}},
		{"id":"d","kind":"email","label":{"vi":"D","en":"D"}},{"id":"e","kind":"email","label":{"vi":"E","en":"E"}},{"id":"f","kind":"email","label":{"vi":"F","en":"F"}},
		{"id":"g","kind":"email","label":{"vi":"G","en":"G"}},{"id":"h","kind":"email","label":{"vi":"H","en":"H"}}]}]}`)
	var got []string
	for _, w := range d.Warnings() {
		got = append(got, w.Pointer+" "+strings.TrimPrefix(w.Message.Key, "builder.warn."))
	}
	want := []string{"/pages/0 many_fields", "/pages/0 word", "/pages/0/questions/0 no_hint", "/pages/0/questions/0 no_short",
		"/pages/0/questions/1 untranslated", "/pages/0/questions/1 word_instead", "/pages/0/questions/2 long_sentence"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if d.Missing(locales.EN) != 1 || d.Missing(locales.KM) != 10 {
		t.Errorf("missing %d, %d", d.Missing(locales.EN), d.Missing(locales.KM))
	}
}

func TestBranches(t *testing.T) {
	for name, d := range shipped(t) {
		all := d.Branches()
		if len(all) != len(d.Root.Get("pages").Items()) {
			t.Errorf("%s: %d of the pages", name, len(all))
		}
		for _, b := range all {
			if n := len(b.To); n == 0 || b.To[n-1].When != nil || b.To[n-1].More > 0 {
				t.Errorf("%s: page %s leads to %+v", name, b.Page.ID, b.To)
			}
		}
	}
}
