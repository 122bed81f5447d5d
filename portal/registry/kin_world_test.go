package registry

import (
	"strings"
	"testing"

	"motcua/portal/registry/sandbox"
	"motcua/portal/standin"
)

const (
	childNumber  = "089324000201"
	grownNumber  = "089100000202"
	wardNumber   = "089312000203"
	houseNumber  = "089315000204" // a child that only the household knows
	lodgerNumber = "089080000205" // lives there and is no kin
	giverNumber  = "089170000206"
	spouseNumber = "089085000002"
	foreignOne   = "001190000991"
)

// connected is a world with all five registers.
type connected struct {
	*world
	civil, land, licence *sandbox.Provider
	xroad                *sandbox.XRoad
}

func newConnected(t *testing.T) *connected {
	t.Helper()
	w := &connected{world: newWorld(t)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	head := `"household": "HO-1", "head": {"full_name": "Nguyễn Thị Đào An", "id_number": "` + anNumber + `"}`
	must(w.population.Edit(`{"id_number": "` + anNumber + `", ` + head + `, "head_relation": "Chủ hộ"}`))
	for number, record := range map[string]string{
		childNumber:  `"full_name": "Trần An Hân", "birth_date": "2024-02-10", "sex": "2"`,
		grownNumber:  `"full_name": "Trần Đã Lớn", "birth_date": "2000-01-01", "sex": "1"`,
		wardNumber:   `"full_name": "Phạm Được Giữ", "birth_date": "2012-01-01", "sex": "2"`,
		houseNumber:  `"full_name": "Trần Trong Nhà", "birth_date": "2015-01-01", "sex": "2", "mother": {"full_name": "Nguyễn Thị Đào An", "id_number": "` + anNumber + `"}, ` + head + `, "head_relation": "Con"`,
		lodgerNumber: `"full_name": "Lê Ở Trọ", "birth_date": "1980-01-01", "sex": "1", ` + head + `, "head_relation": "Ở nhờ"`,
		giverNumber:  `"full_name": "Lê Thị Ủy Quyền", "birth_date": "1970-01-01", "sex": "2"`,
		foreignOne:   `"full_name": "Người Lạ", "birth_date": "1990-01-01", "sex": "2"`,
	} {
		must(w.population.Edit(`{"id_number": "` + number + `", ` + record + `}`))
	}
	me, him := sandbox.Party{Name: "Nguyễn Thị Đào An", IDNumber: anNumber}, sandbox.Party{Name: "Trần Văn Bình", IDNumber: spouseNumber}
	var err error
	w.civil, err = sandbox.StartCivil(standin.Options{}, []sandbox.Entry{
		{Kind: "birth", Number: "1/2024", On: "2024-02-20", Child: sandbox.Party{Name: "Trần An Hân", IDNumber: childNumber, Born: "2024-02-10", Sex: "2"}, Mother: me, Father: him},
		{Kind: "birth", Number: "1/2000", On: "2000-02-20", Child: sandbox.Party{Name: "Trần Đã Lớn", IDNumber: grownNumber, Born: "2000-01-01", Sex: "1"}, Mother: me, Father: him},
		{Kind: "guardianship", Number: "2/2020", On: "2020-02-20", First: me, Child: sandbox.Party{Name: "Phạm Được Giữ", IDNumber: wardNumber, Born: "2012-01-01", Sex: "2"}},
		{Kind: "marriage", Number: "3/1999", On: "1999-09-09", Place: "Phường Mẫu", First: him, Second: me},
	})
	must(err)
	t.Cleanup(func() { w.civil.Close() })
	w.land, err = sandbox.StartLand(standin.Options{}, []sandbox.Entry{
		{Kind: "land", Number: "DA 123456", Book: "CS01", Sheet: "12", Parcel: "345", Area: "120.5", Purpose: "Đất ở", Place: "Số 1", Owners: []sandbox.Party{me}}})
	must(err)
	t.Cleanup(func() { w.land.Close() })
	w.licence, err = sandbox.StartLicence(standin.Options{}, []sandbox.Entry{
		{Kind: "licence", Number: "890121000104", Class: "A1", On: "2012-06-15", Place: "Sở X", Expires: "2032-06-15", First: me},
		{Kind: "licence", Number: "890118000104", Class: "B2", On: "2008-01-10", Expires: "2018-01-10", First: me}})
	must(err)
	t.Cleanup(func() { w.licence.Close() })
	w.xroad, err = sandbox.StartXRoad(standin.Options{}, sandbox.XRoadConfig{Client: memberClient, Services: map[string]string{
		civilService: w.civil.URL, landService: w.land.URL, licenceService: w.licence.URL}})
	must(err)
	t.Cleanup(func() { w.xroad.Close() })
	x := XRoad{URL: w.xroad.URL, Client: memberClient}
	w.Civil, w.Land, w.Licence = &CivilClient{XRoad: x, Service: civilService}, &LandClient{XRoad: x, Service: landService}, &LicenceClient{XRoad: x, Service: licenceService}
	return w
}

// about is how many questions that left the house hold a number.
func (w *connected) about(number string) int {
	n := 0
	for _, log := range [][]standin.Entry{w.population.Entries(), w.business.Entries(), w.civil.Entries(), w.land.Entries(), w.licence.Entries(), w.xroad.Entries()} {
		for _, e := range log {
			if strings.Contains(e.Body+e.Path, number) {
				n++
			}
		}
	}
	return n
}

func (w *connected) put(t *testing.T, q Question) Answer {
	t.Helper()
	return w.Ask(t.Context(), Asking{Person: an(), Object: object, Procedure: "2.000635"}, []Question{q})[0]
}
