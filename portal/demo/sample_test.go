package demo

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"motcua/portal/registry"
)

// The sample people are known to the registers as their lines on the console say, by
// whichever way the registers are asked.
func TestRegistersKnowTheSample(t *testing.T) {
	t.Parallel()
	s, err := readSample()
	if err != nil {
		t.Fatal(err)
	}
	var all running
	t.Cleanup(all.close)
	if err := all.start(t.TempDir(), "http://127.0.0.1:1", s); err != nil {
		t.Fatal(err)
	}
	o := Options{Listen: "127.0.0.1:1", URL: "http://127.0.0.1:1", Data: "/data"}
	cfg := o.config(keys{}, "", all.at)
	p := cfg.Population
	national := &registry.PopulationClient{URL: p.URL, AuthURL: p.AuthURL, User: p.User, Secret: p.Secret, Member: p.Client, APIKey: p.APIKey, Caller: p.Service, Officer: p.Officer, Now: time.Now}
	province := &registry.ProvincePopulation{URL: all.at.Population + "/lgsp/dancu", Caller: p.Service, Officer: p.Officer,
		Token: registry.Token{AccessKey: p.APIKey, SecretKey: p.Secret, AppName: p.User, PartnerCode: p.Client}}
	request := func() registry.Request { return registry.Request{ID: uuid.NewString(), By: "person-1"} }
	for _, x := range append(s.People, s.Children...) {
		var said [2]string
		for i, way := range []registry.Populations{national, province} {
			c, err := way.Citizen(t.Context(), request(), x.IDNumber, x.Name)
			if x.Unknown {
				if !errors.Is(err, registry.ErrNotFound) {
					t.Errorf("%s: %v", x.Name, err)
				}
				continue
			}
			h, errH := way.Household(t.Context(), request(), x.IDNumber)
			if err != nil || c.Name != x.Name || (x.Household != "") != (errH == nil) || h.Number != x.Household {
				t.Errorf("%s: %+v (%v), %+v (%v)", x.Name, c, err, h, errH)
			}
			said[i] = fmt.Sprint(c, h)
		}
		if said[0] != said[1] {
			t.Errorf("%s: one platform says\n%s, the other\n%s", x.Name, said[0], said[1])
		}
	}
	mai, phuc, lan, hung := s.bySub("mai").IDNumber, s.bySub("phuc").IDNumber, s.bySub("lan").IDNumber, s.bySub("hung").IDNumber
	child, ward := s.Children[0].IDNumber, s.Children[1].IDNumber
	x := registry.XRoad{URL: cfg.XRoad.URL, Client: cfg.XRoad.Client}
	civil := registry.CivilClient{XRoad: x, Service: cfg.XRoad.Civil}
	for _, parent := range []string{mai, phuc} {
		births, err := civil.Births(t.Context(), request(), parent)
		if err != nil || len(births) != 1 || births[0].Child.IDNumber != child {
			t.Errorf("births: %+v, %v", births, err)
		}
		if r, err := national.Relation(t.Context(), request(), parent, child); err != nil || r != registry.IsChild {
			t.Errorf("relation: %s, %v", r, err)
		}
	}
	if m, err := civil.Marriage(t.Context(), request(), mai); err != nil || m.SpouseNumber != phuc {
		t.Errorf("marriage: %+v, %v", m, err)
	}
	if _, err := civil.Marriage(t.Context(), request(), lan); !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("marriage of one who is not married: %v", err)
	}
	wards, err := civil.Guardianships(t.Context(), request(), hung)
	if err != nil || len(wards) != 1 || wards[0].Ward.IDNumber != ward {
		t.Errorf("guardianships: %+v, %v", wards, err)
	}
	if r, err := national.Relation(t.Context(), request(), hung, ward); err != nil || r != registry.IsWard {
		t.Errorf("relation: %s, %v", r, err)
	}
	land := registry.LandClient{XRoad: x, Service: cfg.XRoad.Land}
	if all, err := land.Certificates(t.Context(), request(), lan); err != nil || len(all) != 1 {
		t.Errorf("certificates: %+v, %v", all, err)
	}
	licences := registry.LicenceClient{XRoad: x, Service: cfg.XRoad.Licence}
	if all, err := licences.Licences(t.Context(), request(), hung); err != nil || len(all) != 2 {
		t.Errorf("licences: %+v, %v", all, err)
	}
	for _, b := range s.Businesses {
		relay := registry.RelayBusiness{URL: all.at.Business + "/lgsp/TraCuuThongTinDoanhNghiep", Token: registry.Token{AccessKey: cfg.Business.Key, SecretKey: cfg.Business.Secret, AppName: cfg.Business.Key, PartnerCode: p.Client}}
		nation := registry.BusinessClient{URL: cfg.Business.URL, TokenURL: cfg.Business.TokenURL, Key: cfg.Business.Key, Secret: cfg.Business.Secret}
		one, err := nation.Enterprise(t.Context(), request(), b.TaxCode)
		other, errR := relay.Enterprise(t.Context(), request(), b.TaxCode)
		if err != nil || errR != nil || fmt.Sprint(one) != fmt.Sprint(other) || one.Name != b.Name || len(one.Representatives) != len(b.Representatives) {
			t.Errorf("%s: %+v (%v), %+v (%v)", b.Name, one, err, other, errR)
		}
	}
}
