package registry

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

var oldNumber = regexp.MustCompile(`^(\d{9}|\d{12})$`) // of an identity card before 2016

// citizenIn reads the answer of service 037, which both platforms give in the same shape,
// one as XML and one as JSON. A number that nobody has comes back as an empty collection or
// as a record without a name, not as a fault.
func citizenIn(body *node, number string) (Citizen, error) {
	if len(body.all("CongdanCollection")) != 1 {
		return Citizen{}, fmt.Errorf("%w: no collection in it", ErrRefused)
	}
	found := body.at("CongdanCollection").all("CongDan")
	switch len(found) {
	case 0:
		return Citizen{}, ErrNotFound
	case 1:
	default:
		return Citizen{}, fmt.Errorf("%w: several people", ErrRefused)
	}
	n := found[0]
	if len(n.all("HoVaTen")) > 1 {
		return Citizen{}, fmt.Errorf("%w: two names", ErrRefused)
	}
	c := Citizen{
		IDNumber: n.at("SoDinhDanh").text, Name: fullName(n.at("HoVaTen")),
		Sex:       sexes[n.at("GioiTinh").text],
		Marital:   maritals[n.at("TinhTrangHonNhan").text],
		Ethnicity: n.at("DanToc").text, Nationality: n.at("QuocTich").text,
		Birthplace: address(n.at("NoiDangKyKhaiSinh")), Hometown: address(n.at("QueQuan")),
		Residence: address(n.at("ThuongTru")), Current: address(n.at("NoiOHienTai")),
		FatherName: fullName(n.at("Cha", "HoVaTen")), FatherNumber: n.at("Cha", "SoDinhDanh").person(),
		MotherName: fullName(n.at("Me", "HoVaTen")), MotherNumber: n.at("Me", "SoDinhDanh").person(),
		SpouseName: fullName(n.at("VoChong", "HoVaTen")), SpouseNumber: n.at("VoChong", "SoDinhDanh").person(),
		Head: fullName(n.at("ChuHo", "HoVaTen")), HeadNumber: n.at("ChuHo", "SoDinhDanh").person(),
		HeadRelation: n.at("ChuHo", "QuanHe").words(), Household: n.at("SoSoHoKhau").words(),
	}
	if name := n.at("HoVaTen"); name.text == "" && name.at("Ten").text == "" {
		return Citizen{}, ErrNotFound
	}
	if c.IDNumber != number {
		return Citizen{}, fmt.Errorf("%w: another person's record", ErrRefused)
	}
	if old := n.at("SoCMND").text; oldNumber.MatchString(old) && old != number {
		c.OldNumber = old
	}
	c.BirthDate, c.BirthYear = birth(n.at("NgayThangNamSinh"))
	return c, nil
}

// The codes that stand for words. Those of marriage are the ones seen in use (no official
// paper is public); what is not among them is not known.
var (
	sexes    = map[string]string{"1": "male", "2": "female"}
	maritals = map[string]string{"1": "never", "2": "married", "3": "divorced", "4": "widowed"}
)

// fullName reads a name in parts, of which the first ones may be empty with all of it in
// the last, or as plain text.
func fullName(n *node) string {
	parts := []string{n.text, n.at("Ho").text, n.at("ChuDem").text, n.at("Ten").text}
	return norm.NFC.String(strings.Join(strings.Fields(strings.Join(parts, " ")), " "))
}

// birth reads a date of birth, of which only the year may be known.
func birth(n *node) (day, year string) {
	year = n.at("Nam").text
	written := n.at("NgayThangNam").text
	if t, err := time.Parse("20060102", written); err == nil {
		return t.Format(time.DateOnly), t.Format("2006")
	}
	if year == "" && len(written) >= 4 { // 19990000
		year = written[:4]
	}
	if _, err := time.Parse("2006", year); err != nil {
		return "", ""
	}
	return "", year
}

// address reads a place. The district of before July 2025 may be there and is passed over.
func address(n *node) Address {
	return Address{
		Country: n.at("QuocGia").text, Province: n.at("MaTinhThanh").text, Commune: n.at("MaPhuongXa").text,
		Detail: norm.NFC.String(n.at("ChiTiet").text), ProvinceName: n.at("TenTinhThanh").words(), CommuneName: n.at("TenPhuongXa").words(),
	}
}
