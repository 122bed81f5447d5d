package eforms

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	printer "golang.org/x/text/message"

	"motcua/locales"
)

// Schema is the published JSON Schema (2020-12) of a definition.
//
//go:embed form.schema.json
var Schema []byte

var schema = sync.OnceValue(func() *jsonschema.Schema {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		panic(err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{}) // nothing is fetched
	const id = "urn:motcua:eforms:form:1"
	if err := c.AddResource(id, doc); err != nil {
		panic(err)
	}
	return c.MustCompile(id)
})

// Limits of a definition's file.
const (
	maxBytes   = 2 << 20
	maxNesting = 48
)

// wellFormed refuses what is no JSON, too deep, or names a property twice, which a decoder
// would pass over.
func wellFormed(data []byte) *Mistake {
	if len(data) > maxBytes {
		return &Mistake{Message: locales.M("eforms.load.too_many_bytes", locales.N("n", maxBytes))}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if place, err := walk(d, "", 0); err != nil {
		return &Mistake{Place: place, Message: locales.M("eforms.load.not_json", locales.S("detail", err.Error()))}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &Mistake{Message: locales.M("eforms.load.not_json", locales.S("detail", "more than one value"))}
	}
	return nil
}

// walk reads one value and returns the place of what is wrong with it.
func walk(d *json.Decoder, place string, depth int) (string, error) {
	if depth > maxNesting {
		return place, fmt.Errorf("deeper than %d", maxNesting)
	}
	t, err := d.Token()
	if err != nil {
		return place, err
	}
	open, nested := t.(json.Delim)
	if !nested {
		return "", nil
	}
	seen := map[string]bool{}
	for i := 0; d.More(); i++ {
		inner := fmt.Sprintf("%s/%d", place, i)
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return place, err
			}
			name, _ := key.(string)
			inner = place + "/" + escape(name)
			if seen[name] {
				return inner, errors.New("twice the same name")
			}
			seen[name] = true
		}
		if at, err := walk(d, inner, depth+1); err != nil {
			return at, err
		}
	}
	_, err = d.Token()
	return place, err
}

// againstSchema lists where a definition departs from the schema.
func againstSchema(data []byte) Mistakes {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return Mistakes{{Message: locales.M("eforms.load.not_json", locales.S("detail", err.Error()))}}
	}
	err = schema().Validate(doc)
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	var out Mistakes
	leaves(invalid, func(e *jsonschema.ValidationError) {
		detail := e.ErrorKind.LocalizedString(printer.NewPrinter(language.English))
		out = append(out, Mistake{
			Place:   pointer(e.InstanceLocation),
			Message: locales.M("eforms.load.schema", locales.S("detail", detail)),
		})
	})
	return out
}

// leaves visits the causes that have no cause of their own.
func leaves(e *jsonschema.ValidationError, visit func(*jsonschema.ValidationError)) {
	if len(e.Causes) == 0 {
		visit(e)
	}
	for _, c := range e.Causes {
		leaves(c, visit)
	}
}

func pointer(steps []string) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteString("/" + escape(s))
	}
	return b.String()
}
