package portal

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/portal/registry"
)

// right are settings with which the portal would start.
func right() map[string]string {
	env := map[string]string{}
	for _, s := range settings {
		if s.Default == "" && !s.Optional && s.Needed == nil {
			env[s.Name] = "x"
		}
		if s.Name == "XROAD_URL" || s.Name == "SMS_URL" { // with them more would be needed
			continue
		}
		if strings.HasSuffix(s.Name, "_URL") || s.Name == "OIDC_ISSUER" {
			env[s.Name] = "https://" + strings.ToLower(s.Name) + ".example/"
		}
	}
	env["SECRET"], env["LOOKUP_KEY"] = strings.Repeat("ab", 32), strings.Repeat("cd", 32)
	return env
}

func TestConfig(t *testing.T) {
	env := right()
	c, err := ConfigFrom(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.SMTP.Port != 587 || c.Post.Every != time.Minute || c.Demo || c.SMTP.Plain {
		t.Errorf("what is not set: %+v", c)
	}
	env["TRUSTED_PROXIES"] = "10.0.0.1, 10.1.0.0/16"
	if c, err := ConfigFrom(func(name string) string { return env[name] }); err != nil || !slices.Equal(c.Proxies, []string{"10.0.0.1", "10.1.0.0/16"}) {
		t.Errorf("proxies %q (%v)", c.Proxies, err)
	}
	if c.PublicURL != "https://public_url.example" || len(c.Secret) != 32 || c.Secret[0] != 0xab || c.LookupKey[0] != 0xcd {
		t.Errorf("what is set: %+v", c)
	}
}

func TestEveryMissingSettingIsNamedAtOnce(t *testing.T) {
	_, err := ConfigFrom(func(string) string { return "" })
	if err == nil {
		t.Fatal("an empty environment was taken")
	}
	for _, s := range settings {
		missing := s.Default == "" && !s.Optional && s.Needed == nil
		if s.Name == "POPULATION_AUTH_URL" || s.Name == "BUSINESS_TOKEN_URL" { // the national platforms are the default
			missing = true
		}
		if named := strings.Contains(err.Error(), s.Name+" is not set: "+s.Says); named != missing {
			t.Errorf("%s named: %v", s.Name, named)
		}
	}
}

func TestWrongSettings(t *testing.T) {
	for name, wrong := range map[string][]string{
		"PUBLIC_URL": {"dichvucong.example", "ftp://dichvucong.example", "https://"},
		"SECRET":     {"short", strings.Repeat("ab", 31), strings.Repeat("xy", 32)},
		"LOOKUP_KEY": {strings.Repeat("0", 63)},
		"POST_EVERY": {"often", "0s", "-1m", "1ms"},
		"SMTP_PORT":  {"smtp", "0", "65536"},

		"POPULATION_PLATFORM": {"relay", "NATIONAL"},
		"BUSINESS_PLATFORM":   {"province"},
		"CIVIL_SERVICE":       {"VN/GOV/BTP/HOTICH", "VN/GOV/BTP/HOTICH/tra-cuu/1", "VN/GOV//HOTICH/tra-cuu", "VN/GOV/../HOTICH/tra-cuu", "VN/GOV/B\r\nX-Road-Client: x/HOTICH/tra-cuu"},
		"XROAD_HASH":          {"no"},
		"XROAD_CERT":          {"nowhere.pem"},
		"XROAD_CA":            {"nowhere.pem", "config_test.go"},
	} {
		for _, value := range wrong {
			env := right()
			env["XROAD_URL"], env["XROAD_CLIENT"] = "http://ss.example", "VN/GOV/H01/DVC"
			env[name] = value
			_, err := ConfigFrom(func(name string) string { return env[name] })
			if err == nil || !strings.HasPrefix(err.Error(), name+": ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s=%s: %v", name, value, err)
			}
			if err != nil && (name == "SECRET" || name == "LOOKUP_KEY") && strings.Contains(err.Error(), value) {
				t.Errorf("%s is printed: %v", name, err)
			}
		}
	}
}

// What one platform needs is not asked for with the other one.
func TestSettingsOfTheOtherPlatform(t *testing.T) {
	env := right()
	env["POPULATION_PLATFORM"], env["POPULATION_AUTH_URL"] = Province, ""
	env["BUSINESS_PLATFORM"], env["BUSINESS_TOKEN_URL"] = Relay, ""
	_, err := ConfigFrom(func(name string) string { return env[name] })
	if err == nil || strings.Contains(err.Error(), "POPULATION_AUTH_URL") || strings.Contains(err.Error(), "BUSINESS_TOKEN_URL") ||
		!strings.Contains(err.Error(), "BUSINESS_APP is not set") || !strings.Contains(err.Error(), "BUSINESS_PARTNER is not set") {
		t.Errorf("%v", err)
	}
	env["BUSINESS_APP"], env["BUSINESS_PARTNER"] = "DVC", "000.00.01.H01"
	env["LAND_SERVICE"] = "VN/GOV/BTNMT/DATDAI/tra-cuu"
	if _, err = ConfigFrom(func(name string) string { return env[name] }); err == nil || !strings.Contains(err.Error(), "XROAD_URL is not set") || !strings.Contains(err.Error(), "XROAD_CLIENT is not set") {
		t.Errorf("a register without X-Road: %v", err)
	}
	env["XROAD_URL"], env["XROAD_CLIENT"], env["XROAD_HASH"] = "http://ss.example", "VN/GOV/H01/DVC", "skip"
	c, err := ConfigFrom(func(name string) string { return env[name] })
	if err != nil || c.XRoad.Land != env["LAND_SERVICE"] || !c.XRoad.Unhashed || c.XRoad.Civil != "" {
		t.Errorf("%+v, %v", c.XRoad, err)
	}
}

// The settings decide by which way a register is asked, and whether at all.
func TestWaysToTheRegisters(t *testing.T) {
	t.Parallel()
	for way, want := range map[string]string{National: "*registry.PopulationClient", Province: "*registry.ProvincePopulation"} {
		if got := fmt.Sprintf("%T", populations(Population{Platform: way})); got != want {
			t.Errorf("%s: %s", way, got)
		}
	}
	for way, want := range map[string]string{National: "*registry.BusinessClient", Relay: "*registry.RelayBusiness"} {
		if got := fmt.Sprintf("%T", businesses(Business{Platform: way})); got != want {
			t.Errorf("%s: %s", way, got)
		}
	}
	p := Portal{Registry: &registry.Service{}}
	if err := p.connect(XRoad{URL: "http://ss.example", Client: "VN/GOV/H01/DVC", Land: "VN/GOV/BNNMT/DATDAI/tra-cuu", Unhashed: true}); err != nil {
		t.Fatal(err)
	}
	if r := p.Registry; r.Civil != nil || r.Licence != nil || r.Land == nil || r.Land.URL != "http://ss.example" || !r.Land.Unhashed || r.Land.Service == "" {
		t.Errorf("%+v", r.Land)
	}
}

func TestLoopback(t *testing.T) {
	for addr, want := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "localhost:80": true,
		"0.0.0.0:80": false, ":80": false, "10.0.0.1:80": false, "[::]:80": false, "portal.example:80": false, "": false} {
		if got := Loopback(addr); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}

// need is how README's table says whether a setting must be given.
func (s setting) need() string {
	switch {
	case s.Default != "":
		return "`" + s.Default + "`"
	case s.Optional:
		return "none"
	case s.Needed != nil:
		return "as needed"
	}
	return "must be set"
}

func TestReadmeHasEverySetting(t *testing.T) {
	var want strings.Builder
	for _, s := range settings {
		fmt.Fprintf(&want, "| `%s` | %s | %s |\n", s.Name, s.need(), s.Says)
	}
	if got := table(t, "## Settings"); got != want.String() {
		t.Errorf("README, \"Settings\", must read\n%s", want.String())
	}
}

func TestExampleHasEverySetting(t *testing.T) {
	b, err := os.ReadFile("../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for _, s := range settings {
		says := s.Says
		if s.Optional || s.Needed != nil && s.Default == "" {
			says += " (may stay empty)"
		}
		fmt.Fprintf(&want, "# %s\n%s=%s\n", says, s.Name, s.Default)
	}
	if _, got, _ := strings.Cut(string(b), "\n\n"); got != want.String() {
		t.Errorf(".env.example, below its head, must read\n%s", want.String())
	}
}

// table is the body of README's first table below a heading.
func table(t *testing.T, heading string) string {
	t.Helper()
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, below, ok := strings.Cut(string(b), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("README has no %q", heading)
	}
	var rows []string
	for line := range strings.Lines(below) {
		if strings.HasPrefix(line, "|") {
			rows = append(rows, line)
		} else if len(rows) > 0 {
			break
		}
	}
	if len(rows) < 3 {
		t.Fatalf("no table below %q", heading)
	}
	return strings.Join(rows[2:], "")
}
