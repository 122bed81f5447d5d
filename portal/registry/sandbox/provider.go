package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"motcua/portal/standin"
)

// Party is somebody whom an entry of a register names.
type Party struct {
	Name     string `json:"name"`
	IDNumber string `json:"id_number"`
	Born     string `json:"born,omitempty"`
	Sex      string `json:"sex,omitempty"` // 1 male, 2 female
}

func (p Party) wire(mark string) object {
	return object{"hoTen": p.Name + mark, "soDinhDanh": p.IDNumber, "ngaySinh": p.Born, "gioiTinh": p.Sex}
}

// Entry is an entry of one of the registers behind X-Road. What a kind of entry has no use
// for stays empty.
type Entry struct {
	Kind   string  `json:"kind"`   // birth, marriage, guardianship; land; licence
	Number string  `json:"number"` // in the register, unique there
	On     string  `json:"on"`     // yyyy-mm-dd
	Place  string  `json:"place,omitempty"`
	Child  Party   `json:"child,omitzero"` // or ward
	Mother Party   `json:"mother,omitzero"`
	Father Party   `json:"father,omitzero"`
	First  Party   `json:"first,omitzero"`  // husband, guardian, holder
	Second Party   `json:"second,omitzero"` // wife
	Owners []Party `json:"owners,omitempty"`

	Book    string `json:"book,omitempty"`
	Sheet   string `json:"sheet,omitempty"`
	Parcel  string `json:"parcel,omitempty"`
	Area    string `json:"area,omitempty"`
	Purpose string `json:"purpose,omitempty"`

	Class   string `json:"class,omitempty"`
	Expires string `json:"expires,omitempty"`
	Revoked bool   `json:"revoked,omitempty"`
	Ended   bool   `json:"ended,omitempty"` // no longer in force: not told
}

// list is one of a register's services: a list of the entries about a person.
type list struct {
	kind, name string
	about      func(Entry, string) bool
	wire       func(e Entry, mark string) object
}

// Provider is the stand-in of a register behind X-Road: civil status, land or driving
// licences. Besides the common faults it knows cut, huge, markup, other (other people's
// entry), fault (its own failure, without X-Road's mark) and missing (404, as one that
// answers so for people without an entry).
type Provider struct {
	*standin.Server
	title string
	held  *records[Entry]
}

// StartCivil serves the register of civil status.
func StartCivil(o standin.Options, entries []Entry) (*Provider, error) {
	return startProvider("civil", "Civil status stand-in", o, entries, map[string]list{
		"/khai-sinh": {"birth", "khaiSinh", func(e Entry, n string) bool { return e.Mother.IDNumber == n || e.Father.IDNumber == n }, Entry.birth},
		"/ket-hon":   {"marriage", "ketHon", func(e Entry, n string) bool { return e.First.IDNumber == n || e.Second.IDNumber == n }, Entry.marriage},
		"/giam-ho":   {"guardianship", "giamHo", func(e Entry, n string) bool { return e.First.IDNumber == n }, Entry.guardianship},
	})
}

// StartLand serves the land register.
func StartLand(o standin.Options, entries []Entry) (*Provider, error) {
	return startProvider("land", "Land register stand-in", o, entries, map[string]list{
		"/giay-chung-nhan": {"land", "giayChungNhan", func(e Entry, n string) bool {
			for _, p := range e.Owners {
				if p.IDNumber == n {
					return true
				}
			}
			return false
		}, Entry.land},
	})
}

// StartLicence serves the register of driving licences.
func StartLicence(o standin.Options, entries []Entry) (*Provider, error) {
	return startProvider("licence", "Driving licences stand-in", o, entries, map[string]list{
		"/giay-phep": {"licence", "giayPhep", func(e Entry, n string) bool { return e.First.IDNumber == n }, Entry.licence},
	})
}

func startProvider(name, title string, o standin.Options, entries []Entry, lists map[string]list) (*Provider, error) {
	p := &Provider{title: title}
	var err error
	if p.held, err = newRecords(o, name, entries, func(e Entry) string { return e.Number }); err != nil {
		return nil, fmt.Errorf("stand-in %s: %w", name, err)
	}
	mux := http.NewServeMux()
	for path, l := range lists {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) { p.tell(w, r, l) })
	}
	p.held.serve(mux)
	p.Server, err = standin.Start(name, o, mux, p.page)
	return p, err
}

// Edit lays a JSON object over an entry, as POST /_sandbox/records does.
func (p *Provider) Edit(entry string) error { return p.held.edit([]byte(entry)) }

func (p *Provider) tell(w http.ResponseWriter, r *http.Request, l list) {
	number, err := provided(r)
	if err != nil {
		answerJSON(w, http.StatusBadRequest, object{"loi": err.Error()})
		return
	}
	mode, mark := standin.FaultOf(r).Mode, ""
	is := func(e Entry) bool { return e.Kind == l.kind && !e.Ended && l.about(e, number) }
	switch mode {
	case "fault":
		answerJSON(w, http.StatusInternalServerError, object{"loi": "he thong dang ban"})
		return
	case "missing":
		answerJSON(w, http.StatusNotFound, object{"loi": "khong tim thay"})
		return
	case "markup":
		mark = " " + tagged
	case "other":
		is = func(e Entry) bool { return e.Kind == l.kind && !l.about(e, number) }
	}
	all := []object{}
	for _, e := range p.held.where(is) {
		all = append(all, l.wire(e, mark))
	}
	sendJSON(w, r, object{"soDinhDanh": number, l.name: all})
}

func (e Entry) birth(mark string) object {
	return object{"so": e.Number, "ngayDangKy": e.On, "noiDangKy": e.Place, "con": e.Child.wire(mark), "me": e.Mother.wire(""), "cha": e.Father.wire("")}
}

func (e Entry) marriage(mark string) object {
	return object{"so": e.Number, "ngayDangKy": e.On, "noiDangKy": e.Place, "chong": e.First.wire(mark), "vo": e.Second.wire("")}
}

func (e Entry) guardianship(mark string) object {
	return object{"so": e.Number, "ngayDangKy": e.On, "noiDangKy": e.Place, "nguoiGiamHo": e.First.wire(""), "nguoiDuocGiamHo": e.Child.wire(mark)}
}

func (e Entry) land(mark string) object {
	owners := []object{}
	for _, p := range e.Owners {
		owners = append(owners, p.wire(mark))
	}
	return object{"soPhatHanh": e.Number, "soVaoSo": e.Book, "toBanDo": e.Sheet, "thuaDat": e.Parcel, "dienTich": json.Number(or(e.Area, "0")),
		"mucDich": e.Purpose, "diaChi": e.Place, "ngayCap": e.On, "nguoiSuDung": owners}
}

func (e Entry) licence(mark string) object {
	return object{"so": e.Number, "hang": e.Class, "ngayCap": e.On, "ngayHetHan": nullable(e.Expires), "noiCap": e.Place, "thuHoi": e.Revoked, "nguoiDuocCap": e.First.wire(mark)}
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func readAll(r *http.Request, into any) error {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

func (p *Provider) page(w io.Writer) {
	p.held.mu.Lock()
	defer p.held.mu.Unlock()
	_ = page.Execute(w, struct {
		Title   string
		Records any
	}{p.title, p.held.all})
}

// String is the entry in a line of the page.
func (e Entry) String() string {
	return e.Kind + " " + e.Number + " " + e.First.Name + " " + e.Child.Name
}
