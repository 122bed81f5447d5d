package registry

import (
	"testing"

	"motcua/eforms"
)

// TestPlaces: a commune that is gone is no choice any more; an address is whole or not said.
func TestPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct{ residence, commune, text string }{
		{`{"province": "91", "commune": "30307", "detail": "Số 1"}`, "30307", "Số 1, phường Long Xuyên, tỉnh Mẫu"},
		{`{"province": "91", "commune": "30280", "detail": "Số 1"}`, "", ""},
		{`{"province": "91", "commune": "99999", "detail": "Số 1"}`, "99999", ""},
		{`{"province": "91", "commune": "3030", "detail": "Số 1"}`, "", ""},
		{`{"province": "91", "commune": "99999", "detail": "Số 1", "commune_name": "phường Mới"}`, "99999", "Số 1, phường Mới, tỉnh Mẫu"},
		{`{"province": "91", "commune": "30280", "detail": "Số 1", "commune_name": "phường Mỹ Long"}`, "", ""},
		{`{"province": "", "commune": "", "detail": "Thành phố Huế"}`, "", "Thành phố Huế"},
		{`{"province": "", "commune": "", "detail": "Paris", "country": "FR"}`, "", "Paris, FR"},
	} {
		if err := w.population.Edit(`{"id_number": "` + anNumber + `", "residence": ` + tt.residence + `}`); err != nil {
			t.Fatal(err)
		}
		a := w.Self(t.Context(), an(), object)
		commune, _ := value(a.Facts, "population.self.residence.commune").(string)
		text, _ := value(a.Facts, "population.self.residence.text").(string)
		if a.Outcome != Found || commune != tt.commune || text != tt.text {
			t.Errorf("%s: %s, %q, %q", tt.residence, a.Outcome, commune, text)
		}
	}
}

func value(facts []eforms.Fact, name string) any {
	for _, f := range facts {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}
