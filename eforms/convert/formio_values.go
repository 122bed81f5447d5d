package convert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// unmarshal reads a source. A property of an unexpected type is as if it were not there:
// people's exports have many.
func unmarshal(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !odd {
		return fmt.Errorf("%w: %w", ErrNotForm, err)
	}
	return nil
}

// loose is a yes or no that is written as true, "true" or not at all.
type loose bool

func (l *loose) UnmarshalJSON(b []byte) error {
	*l = string(b) == "true" || string(b) == `"true"`
	return nil
}

// amount is a number that may be written as a text; NaN-like ones are none.
type amount float64

func (a *amount) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	if err == nil {
		*a = amount(f)
	} else {
		*a = -1
	}
	return nil
}

// word is a value that may be written as a text, a number or a yes.
type word string

func (w *word) UnmarshalJSON(b []byte) error {
	var v any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return err
	}
	*w = word(wordOf(v))
	return nil
}

// wordOf is a plain value as text; anything else is none.
func wordOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// layout are the components within a box that asks nothing itself.
func (c *component) layout() ([]*component, bool) {
	switch c.Type {
	case "panel", "fieldset", "well", "container":
		return c.Components, true
	case "columns":
		return inside(c.Columns), true
	case "tabs":
		return inside(c.Components), true
	case "table":
		var rows [][]*component
		if json.Unmarshal(c.Rows, &rows) != nil {
			return nil, true
		}
		var out []*component
		for _, row := range rows {
			out = append(out, inside(row)...)
		}
		return out, true
	}
	return nil, false
}

func inside(boxes []*component) []*component {
	var out []*component
	for _, b := range boxes {
		if b != nil {
			out = append(out, b.Components...)
		}
	}
	return out
}

// choices are the values that a component offers; false when they come from outside.
func (c *component) choices() ([]value, bool) {
	if c.Type != "select" {
		return c.Values, len(c.Values) > 0
	}
	var data struct {
		Values []value `json:"values"`
	}
	if c.DataSrc != "" && c.DataSrc != "values" || json.Unmarshal(c.Data, &data) != nil {
		return nil, false
	}
	var out []value
	for _, v := range data.Values {
		if v.Label != "" || v.Value != "" {
			out = append(out, v)
		}
	}
	return out, len(out) > 0
}
