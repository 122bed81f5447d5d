package national

import (
	"reflect"

	"motcua/portal/catalogue"
)

// Changed are the fields of the record in which two sheets differ, by their names.
func Changed(a, b catalogue.Sheet) ([]string, error) {
	x, err := tree(a)
	if err != nil {
		return nil, err
	}
	y, err := tree(b)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, f := range Fields {
		if f.Path != "field_name" && !reflect.DeepEqual(cleaned(get(x, f.Path)), cleaned(get(y, f.Path))) {
			all = append(all, f.Name)
		}
	}
	return all, nil
}

// cleaned is a value with its texts as they compare: two ways of writing the same letters
// are no difference.
func cleaned(v any) any {
	switch v := v.(type) {
	case string:
		return clean(v)
	case []any:
		all := make([]any, len(v))
		for i, one := range v {
			all[i] = cleaned(one)
		}
		return all
	case map[string]any:
		all := make(map[string]any, len(v))
		for k, one := range v {
			all[k] = cleaned(one)
		}
		return all
	}
	return v
}
