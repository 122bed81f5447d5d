package catalogue

import (
	"encoding/json"
	"errors"
	"testing"

	"motcua/portal/pg/pgtest"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"names are sorted":      {`{"b": 1, "a": [true, null, {"d":"", "c":2}]}`, `{"a":[true,null,{"c":2,"d":""}],"b":1}`},
		"spaces go":             {"{ \"a\" :\n 1 }", `{"a":1}`},
		"texts are composed":    {`{"a": "Ho\u0323\u0302 ti\u0323ch"}`, `{"a":"Hộ tịch"}`},
		"names are composed":    {"{\"ho\u0323\": 1}", `{"họ":1}`},
		"signs are not escaped": {`{"a": "<b> & \u003c"}`, `{"a":"<b> & <"}`},
		"numbers stay":          {`[1.50, -0, 9007199254740993]`, `[1.50,0,9007199254740993]`},
	} {
		got, err := canonical([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v", name, got, err)
		}
		if again, err := canonical(got); err != nil || string(again) != string(got) {
			t.Errorf("%s: not the same the second time: %s, %v", name, again, err)
		}
	}
	if _, err := canonical([]byte(`{"a": 1e3}`)); !errors.Is(err, errExponent) {
		t.Errorf("exponent: %v", err)
	}
	if _, err := canonical([]byte(`{"a": "x\u0000"}`)); !errors.Is(err, errNul) {
		t.Errorf("U+0000: %v", err)
	}
	if _, err := canonical([]byte(`{"a"`)); err == nil {
		t.Error("half an object passed")
	}
}

// TestHashOutlivesTheDatabase takes a document through a jsonb column, which writes it
// its own way.
func TestHashOutlivesTheDatabase(t *testing.T) {
	t.Parallel()
	in := `{"z": "Giấy khai sinh <sao>", "aaaa": [1.50, 0.10, -0, 12345678901234567890], "b": {"y": null, "x": "\u2028 \"q\" \\"}}`
	canon, sha, err := sum(json.RawMessage(in))
	if err != nil {
		t.Fatal(err)
	}
	var stored string
	if err := pgtest.Open(t).Get(&stored, `SELECT ($1::jsonb)::text`, string(canon)); err != nil {
		t.Fatal(err)
	}
	if stored == string(canon) {
		t.Fatal("jsonb gave the same bytes: this test shows nothing")
	}
	again, shaAgain, err := sum(json.RawMessage(stored))
	if err != nil || string(again) != string(canon) || string(shaAgain) != string(sha) {
		t.Errorf("%s\n%s\n%v", canon, again, err)
	}
}
