package sandbox

import (
	"net/http"
	"slices"

	"motcua/portal/standin"
)

// told is an answer: an element, and what is in it.
type told struct {
	space, name string
	value       any
}

// ownSpace is the name space of the answers that are our own.
const ownSpace = "urn:motcua:dancu:1"

// The answers. The first is the database's; of the other three nothing is published, so
// they are our own.
type (
	wireCollection struct{ CongDan *wireCitizen }
	wireHousehold  struct {
		SoDinhDanh string       `xml:",omitempty" json:",omitempty"`
		SoSoHoKhau string       `xml:",omitempty" json:",omitempty"`
		ThuongTru  *wirePlace   `json:",omitempty"`
		ChuHo      *wireHead    `json:",omitempty"`
		ThanhVien  []wireMember `json:",omitempty"`
	}
	wireMember struct {
		SoDinhDanh string
		HoVaTen    wireName
		QuanHe     string
	}
	wireMarital struct {
		SoDinhDanh string        `xml:",omitempty" json:",omitempty"`
		TinhTrang  string        `xml:",omitempty" json:",omitempty"`
		TuNgay     string        `xml:",omitempty" json:",omitempty"`
		VoChong    *wireRelative `json:",omitempty"`
	}
	wireKin struct {
		SoDinhDanh          string `xml:",omitempty" json:",omitempty"`
		SoDinhDanhNguoiThan string `xml:",omitempty" json:",omitempty"`
		QuanHe              string `xml:",omitempty" json:",omitempty"`
	}
)

// tell answers a question. A number that nobody has gets an empty answer, not a fault.
func (p *Population) tell(r *http.Request, q question) told {
	number := q.values["SoDinhDanh"]
	c, ok := p.held.get(number)
	mark := ""
	switch standin.FaultOf(r).Mode {
	case "other":
		if c, ok = p.held.other(number); !ok {
			c, ok = Citizen{IDNumber: "001099000999", FullName: "Người Khác", BirthDate: "1999-01-01", Marital: "1", Household: "x"}, true
		}
	case "markup":
		mark = " " + tagged
	}
	ok = ok && !c.Gone
	c.FullName += mark
	other := q.values["SoDinhDanhNguoiThan"]
	switch q.operation {
	case "CungCapThongTinHoGiaDinh":
		return told{ownSpace, "HoGiaDinh", p.household(c, ok, mark)}
	case "XacMinhTinhTrangHonNhan":
		return told{ownSpace, "TinhTrangHonNhan", marital(c, ok, mark)}
	case "XacMinhThongTinNhanThan":
		return told{ownSpace, "NhanThan", p.kin(c, ok, other, mark, kinOf)}
	case "XacMinhThongTinNguoiGiamHo":
		return told{ownSpace, "NhanThan", p.kin(c, ok, other, mark, guardianOf)}
	}
	if !ok {
		return told{dataSpace, "CongdanCollection", wireCollection{}}
	}
	return told{dataSpace, "CongdanCollection", wireCollection{record(c)}}
}

func (p *Population) household(c Citizen, ok bool, mark string) wireHousehold {
	if !ok || c.Household == "" {
		return wireHousehold{}
	}
	home := place(c.Residence)
	h := wireHousehold{SoDinhDanh: c.IDNumber, SoSoHoKhau: c.Household, ThuongTru: &home,
		ChuHo: &wireHead{SoDinhDanh: c.Head.IDNumber, HoVaTen: named(c.Head.FullName, false, false)}}
	for _, m := range p.held.where(func(m Citizen) bool { return m.Household == c.Household }) {
		h.ThanhVien = append(h.ThanhVien, wireMember{SoDinhDanh: m.IDNumber, HoVaTen: named(m.FullName+mark, false, c.Shape == "plain"), QuanHe: m.HeadRelation})
	}
	return h
}

func marital(c Citizen, ok bool, mark string) wireMarital {
	if !ok || c.Marital == "" {
		return wireMarital{}
	}
	m := wireMarital{SoDinhDanh: c.IDNumber, TinhTrang: c.Marital, TuNgay: c.Married + mark}
	if c.Spouse.FullName != "" {
		s := relative(c.Spouse, c.Shape)
		m.VoChong = &s
	}
	return m
}

func (p *Population) kin(c Citizen, ok bool, number, mark string, is func(c, other Citizen) string) wireKin {
	other, known := p.held.get(number)
	if !ok || !known || other.Gone {
		return wireKin{}
	}
	return wireKin{SoDinhDanh: c.IDNumber, SoDinhDanhNguoiThan: number, QuanHe: is(c, other) + mark}
}

// kinOf is what the second is to the first by blood or marriage.
func kinOf(c, other Citizen) string {
	switch {
	case other.IDNumber == c.IDNumber:
	case slices.Contains([]string{other.Father.IDNumber, other.Mother.IDNumber}, c.IDNumber):
		return "CON"
	case other.IDNumber == c.Father.IDNumber:
		return "CHA"
	case other.IDNumber == c.Mother.IDNumber:
		return "ME"
	case other.IDNumber == c.Spouse.IDNumber && c.Sex == "1":
		return "VO"
	case other.IDNumber == c.Spouse.IDNumber:
		return "CHONG"
	}
	return "KHONG"
}

// guardianOf is what the second is to the first by guardianship.
func guardianOf(c, other Citizen) string {
	switch {
	case other.IDNumber == c.IDNumber:
	case other.Guardian.IDNumber == c.IDNumber:
		return "NGUOI_DUOC_GIAM_HO"
	case other.IDNumber == c.Guardian.IDNumber:
		return "NGUOI_GIAM_HO"
	}
	return "KHONG"
}
