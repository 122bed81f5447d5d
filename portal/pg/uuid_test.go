package pg

import (
	"strings"
	"testing"
)

func TestUUID(t *testing.T) {
	t.Parallel()
	const id = "6a1f6a52-2c1c-4a35-9d0a-0000000000ff"
	if !UUID(id) {
		t.Errorf("%s is one", id)
	}
	for _, s := range []string{"", strings.ToUpper(id), "{" + id + "}", "urn:uuid:" + id, strings.ReplaceAll(id, "-", ""), id[:35], id + "0", id[:35] + "g",
		id[:35] + "'", "6a1f6a522-c1c-4a35-9d0a-0000000000ff", strings.Repeat("-", 36)} {
		if UUID(s) {
			t.Errorf("%q is none", s)
		}
	}
}
