package postal

import (
	"encoding/json"
	"os"
	"testing"
)

func TestS10(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/s10.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Digits         []struct{ Serial, Check string }
		Valid, Invalid []string
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	for _, d := range v.Digits {
		if c, ok := CheckDigit(d.Serial); !ok || string(c) != d.Check {
			t.Errorf("check digit of %s: %q, want %s", d.Serial, c, d.Check)
		}
	}
	for _, id := range v.Valid {
		if !ValidS10(id) {
			t.Errorf("%s is valid", id)
		}
		if made, ok := MakeS10(id[:2], id[2:10], id[11:]); !ok || made != id {
			t.Errorf("made %s, want %s", made, id)
		}
	}
	for _, id := range v.Invalid {
		if ValidS10(id) {
			t.Errorf("%q is not valid", id)
		}
	}
	for _, serial := range []string{"1234567", "1234567x", "123456789"} {
		if _, ok := MakeS10("RA", serial, "VN"); ok {
			t.Errorf("made an identifier of serial %q", serial)
		}
	}
	if got := NormalS10(" ra 123 456 785 vn"); got != "RA123456785VN" {
		t.Errorf("normal form: %q", got)
	}
}
