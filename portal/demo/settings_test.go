package demo

import (
	"reflect"
	"strings"
	"testing"

	"motcua/portal"
)

// What demo.env says is what the demo runs with.
func TestSettingsAreWhole(t *testing.T) {
	o := Options{Listen: "127.0.0.1:8080", Operator: "127.0.0.1:8081", URL: "http://127.0.0.1:8080", Data: "/data"}
	secret := []byte(strings.Repeat("s", 32))
	want := o.config(keys{secret, secret}, "postgres://app@/motcua", Addresses{
		OIDC: "http://127.0.0.1:1", PopulationEndpoint: "http://127.0.0.1:2/037", BusinessEndpoint: "http://127.0.0.1:3/r",
		BusinessToken: "http://127.0.0.1:3/token", VNPay: "http://127.0.0.1:4", Post: "http://127.0.0.1:5", SMTPServer: "127.0.0.1:2525", SMS: "http://127.0.0.1:6", XRoad: "http://127.0.0.1:7"})
	set := map[string]string{}
	for _, line := range environment(want) {
		name, value, _ := strings.Cut(line, "=")
		if strings.Contains(value, "\n") {
			t.Errorf("%s has more than one line", name)
		}
		set[name] = value
	}
	got, err := portal.ConfigFrom(func(name string) string { return set[name] })
	if err != nil {
		t.Fatal(err)
	}
	want.Demo, want.SMTP.Plain = false, false // no setting: the demo's alone
	if !reflect.DeepEqual(got, want) {
		t.Errorf("demo.env gives\n%+v, the demo runs with\n%+v", got, want)
	}
}
