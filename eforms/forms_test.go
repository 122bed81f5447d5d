package eforms_test

import (
	"os"
	"path/filepath"
	"testing"

	"motcua/eforms"
)

// shipped loads a form of the catalogue.
func shipped(t testing.TB, code string) *eforms.Form {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../assets/catalogue/procedures", code, "form.json"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := eforms.Load(data)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return f
}

func TestShippedFormsLoad(t *testing.T) {
	for _, code := range []string{"2.000635", "1.001193", "2.000033"} {
		shipped(t, code)
	}
}
