package demo

import (
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"motcua/portal"
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
	if err != nil {
		o.Log.Error("sample people", "err", err)
		return
	}
	if err := o.describe(cfg, at, s); err != nil {
		o.Log.Error("demo.json", "err", err)
	}
	fmt.Fprintf(o.Out, "\nMột Cửa: %s   (Ctrl-C ends it; data in %s, database in %s)\n\n", o.URL, o.Data, server.Home)
	fmt.Fprintln(o.Out, "People (choose a card at sign-in):")
	for _, p := range s.People {
		fmt.Fprintf(o.Out, "  %-7s %s – %s\n", p.Sub, p.Name, p.Tries.EN)
	}
	fmt.Fprintln(o.Out, "\nBusinesses:")
	for _, b := range s.Businesses {
		fmt.Fprintf(o.Out, "  %s %s – represented by %s\n", b.TaxCode, b.Name, strings.Join(b.Representatives, ", "))
	}
	fmt.Fprintln(o.Out, "\nOfficers (same sign-in, then "+o.URL+"/can-bo):")
	for _, officer := range s.pack.Officers {
		fmt.Fprintf(o.Out, "  %-7s %s – %s\n", officerSub(officer), officer.Name, s.post(officer))
	}
	fmt.Fprintf(o.Out, "\nOutside world (stand-ins; each has /_sandbox/):\n  identity %s · population %s · businesses %s\n  payment %s · post %s · letters %s\n\n",
		at.OIDC, at.Population, at.Business, at.VNPay, at.Post, at.SMTP)
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
		Sandbox: map[string]string{"oidc": at.OIDC, "population": at.Population, "business": at.Business, "vnpay": at.VNPay, "post": at.Post, "smtp": at.SMTP}}
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
