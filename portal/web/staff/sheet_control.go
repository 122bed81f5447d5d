package staff

import (
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/web"
)

// control is a field on the page.
type control struct {
	editorial.Field
	Place  string // the name of its inputs
	ID     string
	Label  web.Words
	Hint   web.Words
	Words  locales.Text
	Value  string
	On     bool
	Values []choice
	Datas  string // id of the list to choose from
	Inner  []control
	Rows   []controlRow
	Used   int // characters, of a text that should stay short
	Fault  *locales.Message
}

// Short says whether all that it holds is short enough to stand side by side.
func (k control) Short() bool {
	return !slices.ContainsFunc(k.Inner, func(c control) bool {
		return !slices.Contains([]editorial.Sort{editorial.Line, editorial.Whole, editorial.Money, editorial.Day, editorial.Choice}, c.Sort)
	})
}

// controlRow is a row of a list.
type controlRow struct {
	No          int // from 1
	Place, ID   string
	Title       web.Words
	First, Last bool
	Inner       []control
}

// drawing makes controls of a document, or of what was typed.
type drawing struct {
	doc    *editorial.Doc
	typed  url.Values
	faults []editorial.Fault
	lists  sheetLists
}

func (d drawing) control(f editorial.Field, place, label string) control {
	k := control{Field: f, Place: place, ID: editorial.Anchor(place), Label: locales.M("editorial.at." + label)}
	if hint := "editorial.hint." + label; locales.Has(hint) {
		k.Hint = locales.M(hint)
	}
	if i := slices.IndexFunc(d.faults, func(x editorial.Fault) bool { return x.Place == place }); i >= 0 {
		k.Fault = &d.faults[i].Message
	}
	switch f.Sort {
	case editorial.Object:
		k.Inner = d.inner(f.Fields, place, label)
	case editorial.Rows:
		for i := range d.doc.Len(place) {
			at := place + "/" + strconv.Itoa(i)
			row := controlRow{No: i + 1, Place: at, ID: editorial.Anchor(at), First: i == 0, Last: i == d.doc.Len(place)-1, Inner: d.inner(f.Fields, at, label)}
			row.Title = d.title(at)
			k.Rows = append(k.Rows, row)
		}
	case editorial.Named:
		for _, name := range d.names(f, place) {
			inner := d.control(editorial.Field{Name: name, Sort: editorial.Long, Most: 300}, place+"/"+name, "notices.text")
			inner.Label = noticeName(name)
			k.Inner = append(k.Inner, inner)
		}
	case editorial.Words, editorial.Long:
		k.Words = d.words(place)
		k.Used = utf8.RuneCountInString(k.Words.VI)
	case editorial.Flag:
		k.On = d.doc.At(place) == true
		if d.typed != nil {
			k.On = d.typed.Has(place)
		}
	case editorial.Many:
		chosen := d.doc.Values(place)
		if d.typed != nil {
			chosen = d.typed[place]
		}
		k.Values = d.lists.choices(f, chosen)
	case editorial.Day:
		k.Value = d.value(place, web.Day(d.doc.Value(place)))
	case editorial.Choice:
		k.Value = d.value(place, d.doc.Value(place))
		k.Values = d.lists.choices(f, []string{k.Value})
	default:
		k.Value = d.value(place, d.doc.Value(place))
		if f.List != "" {
			k.Datas = "l-" + f.List
		}
	}
	return k
}

func (d drawing) inner(fields []editorial.Field, place, label string) []control {
	var all []control
	for _, f := range fields {
		at, key := place, label+".text"
		if f.Name != "" {
			at, key = place+"/"+f.Name, label+"."+f.Name
		}
		all = append(all, d.control(f, at, key))
	}
	return all
}

// value is what was typed, or else what is stored.
func (d drawing) value(name, stored string) string {
	if d.typed != nil && d.typed.Has(name) {
		return d.typed.Get(name)
	}
	return stored
}

func (d drawing) words(place string) locales.Text {
	t := d.doc.Text(place)
	return locales.Text{VI: d.value(place+".vi", t.VI), EN: d.value(place+".en", t.EN), KM: d.value(place+".km", t.KM)}
}

// names are the members that a list of named texts has or may have.
func (d drawing) names(f editorial.Field, place string) []string {
	all := slices.Clone(f.Values)
	if m, ok := d.doc.At(place).(map[string]any); ok {
		for name := range m {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
		slices.Sort(all[len(f.Values):])
	}
	return all
}

// noticeName is by what people know a notice.
func noticeName(kind string) web.Words {
	if key := "editorial.notice." + kind; locales.Has(key) {
		return locales.M(key)
	}
	return kind
}

// title is by what a row is known: its name, its case, or its way to file.
func (d drawing) title(row string) web.Words {
	for _, name := range []string{"name", "case"} {
		if t := d.doc.Text(row + "/" + name); !t.Empty() {
			return t
		}
	}
	if channel := d.doc.Value(row + "/channel"); slices.Contains(catalogue.Channels, channel) {
		return locales.M("public.channel." + channel)
	}
	return nil
}
