package catalogue

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestEmptyFieldsAreNotWritten holds what keeps published sheets as they are: what a sheet
// could say and does not leaves no trace in its document.
func TestEmptyFieldsAreNotWritten(t *testing.T) {
	t.Parallel()
	s := Sheet{
		Steps: []Steps{{}}, Channels: []Channel{{Fees: []Price{{}}}}, Components: []Components{{Papers: []Component{{}}}}, Legal: []Basis{{}},
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"units", "languages", "conditions", "id", "type", "when", "kind", "rule", "ground", "exempt", "reduction", "valid_from", "valid_to", "replaced_by"} {
		if strings.Contains(string(b), `"`+name+`"`) {
			t.Errorf("%s is written though it is empty: %s", name, b)
		}
	}
}

func TestPricesReadAlike(t *testing.T) {
	t.Parallel()
	p := Price{Amount: 8000, Kind: "le_phi", Rule: "le-phi", Ground: "1/2025/NQ-HĐND"}
	if !p.ReadsAs(Price{Amount: 8000}) || p.ReadsAs(Price{Amount: 5000, Kind: "le_phi"}) || p.ReadsAs(Price{Amount: 8000, Pending: true}) {
		t.Error("people read the amount and its words, not what it rests on")
	}
}
