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

// readQuery reads a request, element by element as it stands, because the service insists
// on the order. It returns the values by name.
func readQuery(b []byte) (map[string]string, error) {
	d := xml.NewDecoder(bytes.NewReader(b))
	for _, want := range []xml.Name{{Space: soapSpace, Local: "Envelope"}, {Space: soapSpace, Local: "Body"}, {Space: querySpace, Local: "TraCuuThongTinCongDan"}} {
		if err := opens(d, want); err != nil {
			return nil, err
		}
	}
	var names []string
	values := map[string]string{}
	for {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("khong doc duoc: %w", err)
		}
		switch t := t.(type) {
		case xml.EndElement:
			return values, ordered(names, values)
		case xml.StartElement:
			if t.Name.Space != querySpace {
				return nil, fmt.Errorf("%s khong thuoc %s", t.Name.Local, querySpace)
			}
			var v struct {
				Text         string `xml:",chardata"`
				Nam          string
				NgayThangNam string
			}
			if err := d.DecodeElement(&v, &t); err != nil {
				return nil, err
			}
			names = append(names, t.Name.Local)
			values[t.Name.Local] = strings.TrimSpace(v.Text + v.Nam + v.NgayThangNam)
		}
	}
}

// opens passes to the next element, which must have that name.
func opens(d *xml.Decoder, want xml.Name) error {
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("thieu %s", want.Local)
		}
		if err != nil {
			return err
		}
		s, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case s.Name == want:
			return nil
		case s.Name == xml.Name{Space: soapSpace, Local: "Header"}: // may be there, empty
			if err := d.Skip(); err != nil {
				return err
			}
		default:
			return fmt.Errorf("cho %s, gap %s", want.Local, s.Name.Local)
		}
	}
}

// ordered checks that the elements are the ones of service 037, filled, in their order.
func ordered(names []string, values map[string]string) error {
	got := strings.Join(names, " ")
	head, ok := strings.CutPrefix(got, "MaYeuCau MaDVC MaTichHop MaCanBo ")
	head = strings.TrimPrefix(head, "MaDonVi TaiKhoan SoDienThoai ") // newer callers
	if !ok || head != "SoDinhDanh HoVaTen NgayThangNamSinh" && head != "SoCMND HoVaTen NgayThangNamSinh" {
		return fmt.Errorf("thieu phan tu hoac sai thu tu: %s", got)
	}
	for _, n := range names {
		if values[n] == "" {
			return fmt.Errorf("%s rong", n)
		}
	}
	if values["MaTichHop"] != "037" {
		return fmt.Errorf("MaTichHop %s", values["MaTichHop"])
	}
	if name := values["HoVaTen"]; name != strings.ToUpper(name) || strings.ContainsFunc(name, func(r rune) bool { return r > 'Z' }) {
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
	}
)

func collection(c Citizen) []byte {
	w := wireCitizen{
		SoDinhDanh: c.IDNumber, SoCMND: c.OldNumber, HoVaTen: named(c.FullName, c.Shape == "ten", false),
		GioiTinh: c.Sex, DanToc: c.Ethnicity, TonGiao: or(c.Religion, "00"), TinhTrangHonNhan: c.Marital, NhomMau: "00",
		NoiDangKyKhaiSinh: place(c.Birthplace), QuocTich: or(c.Nationality, "VN"),
		QueQuan: place(c.Hometown), ThuongTru: place(c.Residence), NoiOHienTai: place(c.Current),
		Cha: relative(c.Father, c.Shape), Me: relative(c.Mother, c.Shape),
	}
	if c.Spouse.FullName != "" {
		s := relative(c.Spouse, c.Shape)
		w.VoChong = &s
	}
	w.NgayThangNamSinh.Nam, _, _ = strings.Cut(c.BirthDate, "-")
	if strings.Contains(c.BirthDate, "-") {
		w.NgayThangNamSinh.NgayThangNam = strings.ReplaceAll(c.BirthDate, "-", "")
	}
	var b bytes.Buffer
	if err := xml.NewEncoder(&b).EncodeElement(w, xml.StartElement{Name: xml.Name{Local: "CongDan"}}); err != nil {
		return faultXML("Server", err.Error())
	}
	return inEnvelope(`<CongdanCollection xmlns="` + dataSpace + `">` + b.String() + `</CongdanCollection>`)
}

func emptyCollection() []byte { return inEnvelope(`<CongdanCollection xmlns="` + dataSpace + `"/>`) }

func inEnvelope(body string) []byte {
	return []byte(xml.Header + `<soapenv:Envelope xmlns:soapenv="` + soapSpace + `"><soapenv:Header/><soapenv:Body>` + body + `</soapenv:Body></soapenv:Envelope>`)
}

func faultXML(code, text string) []byte {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text))
	return inEnvelope(`<soapenv:Fault><faultcode>soapenv:` + code + `</faultcode><faultstring>` + b.String() + `</faultstring></soapenv:Fault>`)
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
	return wirePlace{p.Province, p.District, p.Commune, p.Detail, or(p.Country, "VN")}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
