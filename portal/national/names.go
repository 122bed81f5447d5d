package national

import (
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
)

// names finds what is meant by the names of other systems.
type names struct {
	fields   map[string]string // code or folded name → code
	agencies map[string]agency.Agency
	levels   *Field // its values are also called by the bodies that there are in each unit
}

func namesOf(l Lists) *names {
	n := &names{fields: map[string]string{}, agencies: map[string]agency.Agency{}, levels: top["coquanthuchien"].inside["capdonvi"]}
	for _, f := range l.Fields {
		n.fields[fold(f.Name.VI)] = f.Code
	}
	for _, f := range l.Fields {
		n.fields[fold(f.Code)] = f.Code
	}
	for _, a := range l.Agencies {
		n.agencies[fold(a.Name.VI)] = a
	}
	for _, a := range l.Agencies {
		n.agencies[fold(a.Code)] = a
	}
	return n
}

// resolve puts what our lists have in the place of names, and notes what they have not.
func (n *names) resolve(r *Record) {
	n.field(r)
	n.offices(r)
	for _, set := range listOf(r.Said["components"]) {
		for _, p := range listOf(objectOf(set)["papers"]) {
			paper := objectOf(p)
			if paper["name"] == nil && paper["form"] != nil { // the national record knows a paper by its form
				paper["name"] = paper["form"]
			}
		}
	}
	if name := objectOf(r.Said["name"]); r.Said["name"] == nil || name["vi"] == nil {
		r.Faults = append(r.Faults, note(r.Line, "", "TENTTHC", "national.row.no_name"))
	}
}

// field is the field's code by its code or, when that is of another list, by its name.
func (n *names) field(r *Record) {
	code, _ := r.Said["field"].(string)
	name, _ := r.Said["field_name"].(string)
	delete(r.Said, "field")
	delete(r.Said, "field_name")
	for _, say := range []string{code, name} {
		if found, ok := n.fields[fold(say)]; say != "" && ok {
			r.Said["field"] = found
			return
		}
	}
	if code != "" || name != "" {
		r.Faults = append(r.Faults, note(r.Line, "", "TENLINHVUC", "national.row.no_field", locales.S("value", shown(name+code))))
	}
}

// offices finds agencies by code or name. Who is only said to carry a procedure out both
// takes dossiers in and decides.
func (n *names) offices(r *Record) {
	var all []any
	for _, v := range listOf(r.Said["agencies"]) {
		office := objectOf(v)
		if office["role"] != nil { // of another portal like this one, which said it all
			all = append(all, office)
			continue
		}
		n.office(r, office)
		for _, role := range []string{catalogue.Receives, catalogue.Decides} {
			one := map[string]any{"role": role}
			for k, v := range office {
				one[k] = v
			}
			all = append(all, one)
		}
	}
	if all != nil {
		r.Said["agencies"] = all
	}
}

func (n *names) office(r *Record, office map[string]any) {
	code, _ := office["code"].(string)
	name, _ := objectOf(office["name"])["vi"].(string)
	found, known := n.agencies[fold(code)]
	if !known {
		found, known = n.agencies[fold(name)]
	}
	level, ofLevel := n.levels.value(name)
	switch {
	case known:
		office["code"] = found.Code
		if name == "" {
			office["name"] = map[string]any{"vi": found.Name.VI}
		}
	case office["level"] != nil:
	case ofLevel:
		office["level"] = level.Ours
	default:
		r.Faults = append(r.Faults, note(r.Line, "", "COQUANTHUCHIEN", "national.row.no_agency", locales.S("value", shown(name+code))))
	}
}

func listOf(v any) []any { l, _ := v.([]any); return l }

func objectOf(v any) map[string]any { o, _ := v.(map[string]any); return o }
