package registry

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"motcua/portal/registry/sandbox"
	"motcua/portal/standin"
)

// A family of made-up people.
const (
	mother = "001190000011"
	father = "001088000012"
	infant = "001324000013"
	keeper = "001055000014"
	kept   = "001212000015"
	nobody = "001190000099"

	shop      = "0101243150"
	otherShop = "0101248141"

	civilService   = "VN/GOV/BTP/HOTICH/tra-cuu"
	landService    = "VN/GOV/BNNMT/DATDAI/tra-cuu"
	licenceService = "VN/GOV/BCA/GPLX/tra-cuu"
	memberClient   = "VN/GOV/H01/DVC"
)

// outside is every register with its stand-in, without any database of ours.
type outside struct {
	people               *sandbox.Population
	firms                *sandbox.Business
	xroad                *sandbox.XRoad
	civil, land, licence *sandbox.Provider

	national *PopulationClient
	province *ProvincePopulation
	business *BusinessClient
	relay    *RelayBusiness
	births   *CivilClient
	parcels  *LandClient
	licences *LicenceClient
	asked    atomic.Int64
}

func family() []sandbox.Citizen {
	home := sandbox.Place{Province: "01", Commune: "00004", Detail: "Số 1", Country: "VN"}
	m, f := sandbox.Relative{FullName: "Lê Thị Mẹ", IDNumber: mother}, sandbox.Relative{FullName: "Trần Văn Cha", IDNumber: father}
	k := sandbox.Relative{FullName: "Phạm Giám Hộ", IDNumber: keeper}
	return []sandbox.Citizen{
		{IDNumber: mother, OldNumber: "012345678", FullName: "Lê Thị Mẹ", BirthDate: "1990-02-03", Sex: "2", Ethnicity: "01", Marital: "2", Married: "2020-01-02",
			Residence: home, Current: sandbox.Place{Province: "01", Commune: "00008", Detail: "Số 2"}, Birthplace: sandbox.Place{Province: "04", ProvinceName: "Tỉnh Cao Bằng"}, Hometown: home,
			Father: sandbox.Relative{FullName: "Lê Ông", IDNumber: "001060000021"}, Mother: sandbox.Relative{FullName: "Vũ Bà"}, Spouse: f,
			Household: "010004001", Head: f, HeadRelation: "Vợ"},
		{IDNumber: father, FullName: "Trần Văn Cha", BirthDate: "1988-01-01", Sex: "1", Marital: "2", Spouse: m, Household: "010004001", Head: f, HeadRelation: "Chủ hộ"},
		{IDNumber: infant, FullName: "Trần Lê Con", BirthDate: "2024-05-06", Sex: "2", Mother: m, Father: f, Household: "010004001", Head: f, HeadRelation: "Con"},
		{IDNumber: keeper, FullName: "Phạm Giám Hộ", BirthDate: "1955", Sex: "1", Marital: "4", Household: "010004002", Head: k},
		{IDNumber: kept, FullName: "Phạm Được Giữ", BirthDate: "2012-01-01", Sex: "1", Guardian: k},
	}
}

func entriesOf() (civil, land, licence []sandbox.Entry) {
	m, f := sandbox.Party{Name: "Lê Thị Mẹ", IDNumber: mother}, sandbox.Party{Name: "Trần Văn Cha", IDNumber: father}
	k := sandbox.Party{Name: "Phạm Giám Hộ", IDNumber: keeper}
	x, y := sandbox.Party{Name: "Người Khác", IDNumber: "001077000031"}, sandbox.Party{Name: "Kẻ Khác", IDNumber: "001177000032"}
	civil = []sandbox.Entry{
		{Kind: "birth", Number: "15/2024", On: "2024-05-16", Place: "Phường Ba Đình", Child: sandbox.Party{Name: "Trần Lê Con", IDNumber: infant, Born: "2024-05-06", Sex: "2"}, Mother: m, Father: f},
		{Kind: "birth", Number: "16/2024", On: "2024-05-17", Child: sandbox.Party{Name: "Con Khác"}, Mother: y, Father: x},
		{Kind: "marriage", Number: "42/2020", On: "2020-01-02", Place: "Phường Ba Đình", First: f, Second: m},
		{Kind: "marriage", Number: "43/2020", On: "2020-01-03", First: x, Second: y},
		{Kind: "marriage", Number: "1/2015", On: "2015-01-03", First: x, Second: m, Ended: true},
		{Kind: "guardianship", Number: "03/2020", On: "2020-08-11", Place: "Phường Ba Đình", First: k, Child: sandbox.Party{Name: "Phạm Được Giữ", IDNumber: kept, Born: "2012-01-01", Sex: "1"}},
		{Kind: "guardianship", Number: "04/2020", On: "2020-08-12", First: x, Child: sandbox.Party{Name: "Con Khác"}},
	}
	land = []sandbox.Entry{
		{Kind: "land", Number: "DA 123456", Book: "CS01234", Sheet: "12", Parcel: "345", Area: "120.5", Purpose: "Đất ở", Place: "Số 1, phường Ba Đình", Owners: []sandbox.Party{f, m}},
		{Kind: "land", Number: "DA 999999", Book: "CS9", Owners: []sandbox.Party{x}},
	}
	licence = []sandbox.Entry{
		{Kind: "licence", Number: "890121000104", Class: "A1", On: "2012-06-15", Place: "Sở X", First: m},
		{Kind: "licence", Number: "890118000104", Class: "B2", On: "2008-01-10", Expires: "2018-01-10", Revoked: true, First: m},
		{Kind: "licence", Number: "890000000001", Class: "C", On: "2012-06-15", First: x},
	}
	return civil, land, licence
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	key := sandbox.Key{Access: "AKTEST", Secret: "SK&TEST", App: "DVC", Partner: "000.00.01.H29"}
	token := Token{AccessKey: "AKTEST", SecretKey: "SK&TEST", AppName: "DVC", PartnerCode: "000.00.01.H29"}
	o.people, err = sandbox.StartPopulation(standin.Options{}, sandbox.PopulationConfig{
		AuthURL: "https://vdxp.example/auth", User: "DVCUSER", Secret: "secret", Member: memberClient, APIKey: "key", Key: key, People: family()})
	must(err)
	t.Cleanup(func() { o.people.Close() })
	boss := []sandbox.Representative{{Name: "LÊ THỊ MẸ", IDNumber: mother}}
	o.firms, err = sandbox.StartBusiness(standin.Options{}, sandbox.BusinessConfig{Key: "k", Secret: "s", Relay: key, Enterprises: []sandbox.Enterprise{
		{TaxCode: shop, Name: "CÔNG TY GẠO", ShortName: "GẠO", Kind: "Công ty cổ phần", Capital: 5_000_000_000, Status: "Đang hoạt động", Founded: "2020-05-06", Address: "Số 1, phường Ba Đình", Representatives: boss},
		{TaxCode: otherShop, Name: "CÔNG TY CÁ", Representatives: boss}}})
	must(err)
	t.Cleanup(func() { o.firms.Close() })
	civil, land, licence := entriesOf()
	o.civil, err = sandbox.StartCivil(standin.Options{}, civil)
	must(err)
	t.Cleanup(func() { o.civil.Close() })
	o.land, err = sandbox.StartLand(standin.Options{}, land)
	must(err)
	t.Cleanup(func() { o.land.Close() })
	o.licence, err = sandbox.StartLicence(standin.Options{}, licence)
	must(err)
	t.Cleanup(func() { o.licence.Close() })
	o.xroad, err = sandbox.StartXRoad(standin.Options{}, sandbox.XRoadConfig{Client: memberClient, Services: map[string]string{
		civilService: o.civil.URL, landService: o.land.URL, licenceService: o.licence.URL}})
	must(err)
	t.Cleanup(func() { o.xroad.Close() })

	o.national = &PopulationClient{URL: o.people.Endpoint(), AuthURL: "https://vdxp.example/auth", User: "DVCUSER", Secret: "secret",
		Member: memberClient, APIKey: "key", Caller: "H01.DVC", Officer: "dvc.h01", Now: time.Now}
	o.province = &ProvincePopulation{URL: o.people.ProvinceEndpoint(), Token: token, Caller: "H01.DVC", Officer: "dvc.h01", User: "dvc"}
	o.business = &BusinessClient{URL: o.firms.Endpoint(), TokenURL: o.firms.TokenURL(), Key: "k", Secret: "s"}
	o.relay = &RelayBusiness{URL: o.firms.RelayEndpoint(), Token: token}
	x := XRoad{URL: o.xroad.URL, Client: memberClient}
	o.births = &CivilClient{XRoad: x, Service: civilService}
	o.parcels = &LandClient{XRoad: x, Service: landService}
	o.licences = &LicenceClient{XRoad: x, Service: licenceService}
	return o
}

// request is a new question's.
func (o *outside) request() Request {
	return Request{ID: fmt.Sprintf("0b2c9a4e-0000-4000-8000-%012d", o.asked.Add(1)), By: "person-7", Issue: "draft:5f0c7f5e-8a52-4d6e-9d5e-0c3f9a2b1c11"}
}

// method is one method of a client, with the stand-in that answers it.
type method struct {
	name   string
	at     *standin.Server
	ask    func(ctx context.Context, number string) (any, error)
	knows  string // whom or what the register knows
	not    string // and what it does not
	want   string
	absent error // for what it does not know
}

func gave[T any](v T, err error) (any, error) { return v, err }

func (o *outside) methods() []method {
	both := func(name string, p Populations) []method {
		return []method{
			{name + " citizen", o.people.Server, func(ctx context.Context, n string) (any, error) {
				return gave(p.Citizen(ctx, o.request(), n, "Lê Thị Mẹ"))
			}, mother, nobody,
				"{001190000011 012345678 Lê Thị Mẹ 1990-02-03 1990 female married 01 VN {VN 04   Tỉnh Cao Bằng } {VN 01 00004 Số 1  } {VN 01 00004 Số 1  } {VN 01 00008 Số 2  } " +
					"Lê Ông 001060000021 Vũ Bà  Trần Văn Cha 001088000012 Trần Văn Cha 001088000012 Vợ 010004001}", ErrNotFound},
			{name + " household", o.people.Server, func(ctx context.Context, n string) (any, error) { return gave(p.Household(ctx, o.request(), n)) }, mother, nobody,
				"{010004001 Trần Văn Cha 001088000012 {VN 01 00004 Số 1  } [{Lê Thị Mẹ 001190000011 Vợ} {Trần Văn Cha 001088000012 Chủ hộ} {Trần Lê Con 001324000013 Con}]}", ErrNotFound},
			{name + " marital", o.people.Server, func(ctx context.Context, n string) (any, error) { return gave(p.Marital(ctx, o.request(), n)) }, mother, nobody,
				"{married 2020-01-02 Trần Văn Cha 001088000012}", ErrNotFound},
			{name + " relation", o.people.Server, func(ctx context.Context, n string) (any, error) { return gave(p.Relation(ctx, o.request(), n, infant)) }, mother, nobody, "child", ErrNotFound},
		}
	}
	r := o.request
	all := append(both("national", o.national), both("province", o.province)...)
	return append(all,
		method{"national enterprise", o.firms.Server, func(ctx context.Context, n string) (any, error) { return gave(o.business.Enterprise(ctx, r(), n)) }, shop, "0100100079",
			"{0101243150 CÔNG TY GẠO GẠO Công ty cổ phần 5000000000 Đang hoạt động 2020-05-06 Số 1, phường Ba Đình   [{LÊ THỊ MẸ 001190000011}]}", ErrNotFound},
		method{"relayed enterprise", o.firms.Server, func(ctx context.Context, n string) (any, error) { return gave(o.relay.Enterprise(ctx, r(), n)) }, shop, "0100100079",
			"{0101243150 CÔNG TY GẠO GẠO Công ty cổ phần 5000000000 Đang hoạt động 2020-05-06 Số 1, phường Ba Đình   [{LÊ THỊ MẸ 001190000011}]}", ErrNotFound},
		method{"births", o.civil.Server, func(ctx context.Context, n string) (any, error) { return gave(o.births.Births(ctx, r(), n)) }, mother, nobody,
			"[{{Trần Lê Con 001324000013 2024-05-06 female} 15/2024 2024-05-16 Phường Ba Đình Lê Thị Mẹ 001190000011 Trần Văn Cha 001088000012}]", ErrNotFound},
		method{"marriage", o.civil.Server, func(ctx context.Context, n string) (any, error) { return gave(o.births.Marriage(ctx, r(), n)) }, mother, nobody,
			"{42/2020 2020-01-02 Phường Ba Đình Trần Văn Cha 001088000012}", ErrNotFound},
		method{"guardianships", o.civil.Server, func(ctx context.Context, n string) (any, error) { return gave(o.births.Guardianships(ctx, r(), n)) }, keeper, nobody,
			"[{{Phạm Được Giữ 001212000015 2012-01-01 male} 03/2020 2020-08-11 Phường Ba Đình}]", ErrNotFound},
		method{"certificates", o.land.Server, func(ctx context.Context, n string) (any, error) { return gave(o.parcels.Certificates(ctx, r(), n)) }, mother, nobody,
			"[{DA 123456 CS01234 12 345 120.5 Đất ở Số 1, phường Ba Đình}]", ErrNotFound},
		method{"licences", o.licence.Server, func(ctx context.Context, n string) (any, error) { return gave(o.licences.Licences(ctx, r(), n)) }, mother, nobody,
			"[{890121000104 A1 2012-06-15  Sở X false} {890118000104 B2 2008-01-10 2018-01-10  true}]", ErrNotFound},
	)
}

// serve is a server that answers by the handler.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}
