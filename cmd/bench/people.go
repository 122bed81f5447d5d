package main

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"

	registries "motcua/portal/registry/sandbox"
	"motcua/portal/signin"
	provider "motcua/portal/signin/sandbox"
)

// crowd bounds the people, none of whom is real: twenty open drafts each. Half of them file
// at many agencies, half at one.
const crowd = 2400

// applicant is a signed-in person with what their forms carry.
type applicant struct {
	signin.Person
	session string // the cookie's value
	token   string // _csrf of a page of theirs
}

var family, middle, given = []string{"Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Đặng"},
	[]string{"Thị Hồng", "Thị Ngọc", "Thị", "Thị Kim", "Thị Bích"}, []string{"Mai", "Đào", "Hương", "Phượng", "Thủy", "Ánh"}

func nameOf(i int) string {
	return family[i%len(family)] + " " + middle[i%len(middle)] + " " + given[i%len(given)]
}

// born and number agree: digit four is sex and century, then the year (NĐ 137/2015 Điều 13).
func born(i int) string   { return fmt.Sprintf("19%02d-03-%02d", 60+i%40, 1+i%28) }
func number(i int) string { return fmt.Sprintf("0891%02d%06d", 60+i%40, i) }

// cards are who can sign in. They have no e-mail address: the portal's word to them stays
// in the portal, and no mail server is measured.
func cards() []provider.Person {
	all := make([]provider.Person, crowd)
	for i := range all {
		all[i] = provider.Person{Sub: fmt.Sprintf("p%d", i), Name: nameOf(i), IDNumber: number(i), BirthDate: born(i), Phone: "0912345678"}
	}
	return all
}

// citizens are what the population registry knows of them.
func citizens() []registries.Citizen {
	all := make([]registries.Citizen, crowd)
	for i := range all {
		home := registries.Place{Province: "91", Commune: "30307", Detail: fmt.Sprintf("Số %d đường Trần Hưng Đạo, khóm 3", i+1), Country: "VN"}
		all[i] = registries.Citizen{IDNumber: number(i), FullName: nameOf(i), BirthDate: born(i), Sex: "2", Ethnicity: "01", Marital: "2", Nationality: "VN",
			Hometown: registries.Place{Detail: "Xã Chợ Mới, tỉnh Mẫu", Country: "VN"}, Residence: home, Current: home,
			Father: registries.Relative{FullName: "Nguyễn Văn Tư"}, Mother: registries.Relative{FullName: "Lê Thị Út"}}
	}
	return all
}

// signIn goes the way a browser goes and returns the session's cookie.
func (h *house) signIn(i int) (string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	var last *url.URL
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if last = r.URL; r.URL.Host == via[0].URL.Host && len(via) < 5 {
			return nil
		}
		return http.ErrUseLastResponse
	}}
	if err := visit(browser.Get(h.env["PUBLIC_URL"] + "/dang-nhap")); err != nil {
		return "", err
	}
	choice := last.String() // the provider's page of cards
	if err := visit(browser.PostForm(choice, url.Values{"sub": {fmt.Sprintf("p%d", i)}})); err != nil {
		return "", err
	}
	if err := visit(browser.Get(last.String())); err != nil {
		return "", err
	}
	home, _ := url.Parse(h.env["PUBLIC_URL"])
	for _, c := range jar.Cookies(home) {
		if c.Name == "motcua_session" {
			return c.Value, nil
		}
	}
	return "", fmt.Errorf("sign-in of person %d gave no session", i)
}

func visit(res *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		return fmt.Errorf("%s: %s", res.Request.URL, res.Status)
	}
	return nil
}

var csrf = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)
