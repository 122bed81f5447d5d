package sandbox

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	soapSpace  = "http://schemas.xmlsoap.org/soap/envelope/"
	querySpace = "http://dancuquocgia.bca"
	dataSpace  = "http://www.mic.gov.vn/dancu/1.0"
)

// The operations of the database, and the elements that each takes in their order. Those of
// TraCuuThongTinCongDan are published; the other three are our own.
var operations = map[string]string{
	"TraCuuThongTinCongDan":      "MaYeuCau MaDVC MaTichHop MaCanBo SoDinhDanh HoVaTen NgayThangNamSinh",
	"CungCapThongTinHoGiaDinh":   "MaYeuCau MaDVC MaTichHop MaCanBo SoDinhDanh",
	"XacMinhTinhTrangHonNhan":    "MaYeuCau MaDVC MaCanBo SoDinhDanh",
	"XacMinhThongTinNhanThan":    "MaYeuCau MaDVC MaCanBo SoDinhDanh SoDinhDanhNguoiThan",
	"XacMinhThongTinNguoiGiamHo": "MaYeuCau MaDVC MaCanBo SoDinhDanh SoDinhDanhNguoiThan",
}

// question is what was asked.
type question struct {
	operation string
	values    map[string]string
}

// readQuery reads a request, element by element as it stands, because the service insists
// on the order.
func readQuery(b []byte) (question, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	for _, want := range []string{"Envelope", "Body"} {
		if _, err := opens(d, soapSpace, want); err != nil {
			return question{}, err
		}
	}
	operation, err := opens(d, querySpace, "")
	if err != nil {
		return question{}, err
	}
	var names []string
	q := question{operation, map[string]string{}}
	for {
		t, err := d.Token()
		if err != nil {
			return question{}, fmt.Errorf("khong doc duoc: %w", err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			return q, q.ordered(names)
		case xml.StartElement:
			if t.Name.Space != querySpace {
				return question{}, fmt.Errorf("%s khong thuoc %s", t.Name.Local, querySpace)
			}
			var v struct {
				Text         string `xml:",chardata"`
				Nam          string
				NgayThangNam string
			}
			if err := d.DecodeElement(&v, &t); err != nil {
				return question{}, err
			}
			names = append(names, t.Name.Local)
			q.values[t.Name.Local] = strings.TrimSpace(v.Text + v.Nam + v.NgayThangNam)
		}
	}
}

// opens passes to the next element, which must be of that space and have that name, or one
// of the operations' when none is given.
func opens(d *xml.Decoder, space, want string) (string, error) {
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return "", fmt.Errorf("thieu %s", want)
		}
		if err != nil {
			return "", err
		}
		s, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		_, known := operations[s.Name.Local]
		switch {
		case s.Name.Space == space && (s.Name.Local == want || want == "" && known):
			return s.Name.Local, nil
		case s.Name == xml.Name{Space: soapSpace, Local: "Header"}: // may be there, empty
			if err := d.Skip(); err != nil {
				return "", err
			}
		default:
			return "", fmt.Errorf("cho %s, gap %s", want, s.Name.Local)
		}
	}
}

// ordered checks that the elements are the operation's, filled, in their order.
func (q question) ordered(names []string) error {
	got := strings.Join(names, " ")
	plain := strings.Replace(got, "MaDonVi TaiKhoan SoDienThoai ", "", 1) // newer callers
	plain = strings.Replace(plain, "SoCMND", "SoDinhDanh", 1)
	if plain != operations[q.operation] {
		return fmt.Errorf("thieu phan tu hoac sai thu tu: %s", got)
	}
	for _, n := range names {
		if q.values[n] == "" {
			return fmt.Errorf("%s rong", n)
		}
	}
	return q.right()
}

// right checks the values that both platforms insist on.
func (q question) right() error {
	code := map[string]string{"TraCuuThongTinCongDan": "037", "CungCapThongTinHoGiaDinh": "033"}[q.operation]
	if q.values["MaTichHop"] != code {
		return fmt.Errorf("MaTichHop %s", q.values["MaTichHop"])
	}
	if name := q.values["HoVaTen"]; name != strings.ToUpper(name) || strings.ContainsFunc(name, func(r rune) bool { return r > 'Z' }) {
		return errors.New("HoVaTen phai viet hoa khong dau")
	}
	return nil
}

// The answer, as the public samples have it.
type (
	wireName struct {
		Text   string `xml:",chardata"`
		Ho     *string
		ChuDem *string
		Ten    *string
	}
	wirePlace struct {
		MaTinhThanh string
		MaQuanHuyen string `xml:",omitempty"`
		MaPhuongXa  string
		ChiTiet     string
		QuocGia     string

		TenTinhThanh string `xml:",omitempty" json:",omitempty"`
		TenPhuongXa  string `xml:",omitempty" json:",omitempty"`
	}
	wireRelative struct {
		SoDinhDanh string
		SoCMND     string
		HoVaTen    wireName
		QuocTich   string
	}
	wireCitizen struct {
		SoDinhDanh        string
		SoCMND            string
		HoVaTen           wireName
		GioiTinh          string
		DanToc            string
		TonGiao           string
		TinhTrangHonNhan  string
		NhomMau           string
		NgayThangNamSinh  struct{ Nam, NgayThangNam string }
		NoiDangKyKhaiSinh wirePlace
		QuocTich          string
		QueQuan           wirePlace
		ThuongTru         wirePlace
		NoiOHienTai       wirePlace
		Cha               wireRelative
		Me                wireRelative
		VoChong           *wireRelative
		NguoiDaiDien      *wireRelative
		ChuHo             *wireHead
		SoSoHoKhau        string
	}
	wireHead struct {
		QuanHe     string
		SoDinhDanh string
		SoCMND     string
		HoVaTen    wireName
	}
)

// record is a person as service 037 tells of them.
func record(c Citizen) *wireCitizen {
	w := &wireCitizen{
		SoDinhDanh: c.IDNumber, SoCMND: c.OldNumber, HoVaTen: named(c.FullName, c.Shape == "ten", false),
		GioiTinh: c.Sex, DanToc: c.Ethnicity, TonGiao: or(c.Religion, "00"), TinhTrangHonNhan: c.Marital, NhomMau: "00",
		NoiDangKyKhaiSinh: place(c.Birthplace), QuocTich: or(c.Nationality, "VN"),
		QueQuan: place(c.Hometown), ThuongTru: place(c.Residence), NoiOHienTai: place(c.Current),
		Cha: relative(c.Father, c.Shape), Me: relative(c.Mother, c.Shape), SoSoHoKhau: c.Household,
	}
	if c.Spouse.FullName != "" {
		s := relative(c.Spouse, c.Shape)
		w.VoChong = &s
	}
	if c.Guardian.FullName != "" {
		g := relative(c.Guardian, c.Shape)
		w.NguoiDaiDien = &g
	}
	if c.Head.FullName != "" {
		w.ChuHo = &wireHead{QuanHe: c.HeadRelation, SoDinhDanh: c.Head.IDNumber, HoVaTen: named(c.Head.FullName, c.Shape == "ten", c.Shape == "plain")}
	}
	w.NgayThangNamSinh.Nam, _, _ = strings.Cut(c.BirthDate, "-")
	if strings.Contains(c.BirthDate, "-") {
		w.NgayThangNamSinh.NgayThangNam = strings.ReplaceAll(c.BirthDate, "-", "")
	}
	return w
}

func inEnvelope(body string) []byte {
	return []byte(xml.Header + `<soapenv:Envelope xmlns:soapenv="` + soapSpace + `"><soapenv:Header/><soapenv:Body>` + body + `</soapenv:Body></soapenv:Envelope>`)
}

func faultXML(code, text string) []byte {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text))
	return inEnvelope(`<soapenv:Fault><faultcode>soapenv:` + code + `</faultcode><faultstring>` + b.String() + `</faultstring></soapenv:Fault>`)
}

// asXML is an answer as the national platform gives it.
func (a told) asXML() ([]byte, error) {
	var b bytes.Buffer
	err := xml.NewEncoder(&b).EncodeElement(a.value, xml.StartElement{Name: xml.Name{Space: a.space, Local: a.name}})
	return inEnvelope(b.String()), err
}

// named writes a name in its parts, all in the last part, or as text.
func named(s string, whole, plain bool) wireName {
	words := strings.Fields(s)
	if plain {
		return wireName{Text: strings.Join(words, " ")}
	}
	ho, dem, ten := "", "", strings.Join(words, " ")
	if !whole && len(words) > 1 {
		ho, dem, ten = words[0], strings.Join(words[1:len(words)-1], " "), words[len(words)-1]
	}
	return wireName{Ho: &ho, ChuDem: &dem, Ten: &ten}
}

func relative(r Relative, shape string) wireRelative {
	return wireRelative{SoDinhDanh: r.IDNumber, HoVaTen: named(r.FullName, shape == "ten", shape == "plain"), QuocTich: or(r.Nationality, "VN")}
}

func place(p Place) wirePlace {
	return wirePlace{p.Province, p.District, p.Commune, p.Detail, or(p.Country, "VN"), p.ProvinceName, p.CommuneName}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
