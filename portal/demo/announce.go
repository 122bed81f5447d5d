package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"motcua/portal"
	"motcua/portal/agency"
	"motcua/portal/pg/embedded"
)

// taken says whether somebody listens on the address.
func taken(addr string) bool {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return true
	}
	_ = ln.Close()
	return false
}

// announce writes demo.json, for programs, and says on the console who can be whom.
func (o *Options) announce(cfg portal.Config, server *embedded.Server, at Addresses) {
	s, err := readSample()
	if err == nil {
		err = errors.Join(o.keepSettings(cfg), o.describe(cfg, at, s))
	}
	if err != nil {
		o.Log.Error("sample people", "err", err)
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nMột Cửa is at %s – Ctrl-C ends it.\n", o.URL)
	fmt.Fprintf(&b, "The data stay in %s", o.Data)
	if !strings.HasPrefix(server.Home, o.Data+"/") {
		fmt.Fprintf(&b, ", the database in %s, as PostgreSQL's user may not enter the former", server.Home)
	}
	b.WriteString(".\n")
	s.tellPeople(&b)
	s.tellOfficers(&b, o.URL)
	b.WriteString("\nOutside systems, played by stand-ins. Their pages show what they got and make them fail:\n")
	for _, x := range [][2]string{{"identity", at.OIDC}, {"population", at.Population}, {"businesses", at.Business}, {"civil", at.Civil}, {"land", at.Land}, {"licences", at.Licence}, {"x-road", at.XRoad}, {"payment", at.VNPay}, {"post", at.Post}, {"letters", at.SMTP}, {"messages", at.SMS}} {
		fmt.Fprintf(&b, "  %-11s %s/_sandbox/\n", x[0], x[1])
	}
	fmt.Fprintln(o.Out, b.String())
}

func (s sample) tellPeople(b *strings.Builder) {
	b.WriteString("\nPeople. At sign-in, choose a card:\n")
	for _, p := range s.People {
		fmt.Fprintf(b, "  %-6s %-24s %s\n", p.Sub, short(p.Name, 24), p.Tries.EN)
	}
	b.WriteString("\nBusinesses, and who may act for them:\n")
	for _, x := range s.Businesses {
		fmt.Fprintf(b, "  %s  %-42s %s\n", x.TaxCode, short(x.Name, 42), strings.Join(x.Representatives, ", "))
	}
}

// works says what an officer of a role can try.
var works = map[string]string{
	agency.Intake:    "receives, asks for a supplement, refuses, hands over",
	agency.Processor: "processes and passes on",
	agency.Leader:    "decides",
	agency.Clerk:     "puts on record",
	agency.Helper:    "fills for people who are present",
}

func (s sample) tellOfficers(b *strings.Builder, url string) {
	fmt.Fprintf(b, "\nOfficers. The same sign-in, then %s/can-bo:\n", url)
	at := ""
	for _, o := range s.pack.Officers {
		var does []string
		for _, r := range o.Roles {
			if work, ok := works[r.Role]; ok {
				does = append(does, work)
			}
		}
		if len(does) == 0 {
			continue // editors and administrators have nothing to try yet
		}
		if name := s.agencyName(o.Roles[0].Agency); name != at {
			at = name
			fmt.Fprintf(b, "  %s\n", at)
		}
		fmt.Fprintf(b, "  %-6s %-24s %s\n", officerSub(o), short(o.Name, 24), strings.Join(does, "; "))
	}
}

// short cuts what would break the columns.
func short(s string, max int) string {
	if r := []rune(s); len(r) > max {
		return string(r[:max-1]) + "…"
	}
	return s
}

type saidBusiness struct {
	TaxCode string `json:"tax_code"`
	Name    string `json:"name"`
}

type saidPerson struct {
	Name       string         `json:"name"`
	Sub        string         `json:"sub"`
	IDNumber   string         `json:"id_number"`
	Businesses []saidBusiness `json:"businesses"`
}

type saidOfficer struct {
	Name   string   `json:"name"`
	Sub    string   `json:"sub"`
	Agency string   `json:"agency"`
	Roles  []string `json:"roles"`
}

// describe writes demo.json (DESIGN §1).
func (o *Options) describe(cfg portal.Config, at Addresses, s sample) error {
	said := struct {
		Portal   string            `json:"portal"`
		Operator string            `json:"operator"`
		Database string            `json:"database"`
		Sandbox  map[string]string `json:"sandbox"`
		People   []saidPerson      `json:"people"`
		Officers []saidOfficer     `json:"officers"`
	}{Portal: o.URL, Operator: "http://" + cfg.Operator, Database: cfg.Database,
		Sandbox: map[string]string{"oidc": at.OIDC, "population": at.Population, "business": at.Business, "xroad": at.XRoad, "civil": at.Civil, "land": at.Land, "licence": at.Licence, "vnpay": at.VNPay, "post": at.Post, "smtp": at.SMTP, "sms": at.SMS}}
	for _, p := range s.People {
		one := saidPerson{Name: p.Name, Sub: p.Sub, IDNumber: p.IDNumber, Businesses: []saidBusiness{}}
		for _, code := range p.Businesses {
			one.Businesses = append(one.Businesses, saidBusiness{code, s.business(code).Name})
		}
		said.People = append(said.People, one)
	}
	for _, officer := range s.pack.Officers {
		one := saidOfficer{Name: officer.Name, Sub: officerSub(officer)}
		for _, r := range officer.Roles {
			one.Agency = r.Agency
			one.Roles = append(one.Roles, r.Role)
		}
		said.Officers = append(said.Officers, one)
	}
	b, err := json.MarshalIndent(said, "", " ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(o.Data, "demo.json"), b)
}
