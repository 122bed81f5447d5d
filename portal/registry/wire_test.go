package registry

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestPlainName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"Nguyễn Thị Đào An":        {"NGUYEN THI DAO AN", "NGUYENTHIDAOAN"},
		"Nguye\u0302\u0303n Ở Ự đ": {"NGUYEN O U D", "NGUYENOUD"},
		"H'Hen Niê <b>&\x00":       {"HHEN NIE B", "HHENNIEB"},
	} {
		for i, joined := range []bool{false, true} {
			if got := plainName(name, joined); got != want[i] {
				t.Errorf("%q: %q, want %q", name, got, want[i])
			}
		}
	}
}

func TestBirthYear(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{"001099000001": "1999", "001154000001": "1954", "001203000001": "2003", "001310000001": "2010"} {
		if got := birthYear(number); got != want {
			t.Errorf("%s: %s, want %s", number, got, want)
		}
	}
}

func soap(inner string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>` + inner + `</s:Body></s:Envelope>`
}

func people(inner string) string {
	return soap(`<CongdanCollection xmlns="http://www.mic.gov.vn/dancu/1.0">` + inner + `</CongdanCollection>`)
}

// TestReadCitizen holds the traps that the public samples show: names in parts, in one part
// or as text; a year without a day; nobody as an empty collection or an empty name.
func TestReadCitizen(t *testing.T) {
	t.Parallel()
	const id = `<SoDinhDanh>001099000001</SoDinhDanh>`
	const name = `<HoVaTen><Ho>NGUYỄN</Ho><ChuDem>VĂN</ChuDem><Ten>MẪU</Ten></HoVaTen>`
	sample, err := os.ReadFile("testdata/037.xml")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, xml, want string
		err             error
	}{
		{"sample", string(sample), "001099000001|NGUYỄN VĂN MẪU|1999-01-01|1999|male|01|VN|{VN 01 00004 Số 1  }|NGUYỄN VĂN CHA|LÊ THỊ MẸ", nil},
		{"parts", people(`<CongDan>` + id + name + `</CongDan>`), "001099000001|NGUYỄN VĂN MẪU||||||{     }||", nil},
		{"all in the last part", people(`<CongDan>` + id + `<HoVaTen><Ho/><ChuDem/><Ten>NGUYỄN VĂN  MẪU</Ten></HoVaTen></CongDan>`), "001099000001|NGUYỄN VĂN MẪU||||||{     }||", nil},
		{"text", people(`<CongDan>` + id + `<HoVaTen>NGUYỄN VĂN MẪU</HoVaTen><Cha><HoVaTen>CHA</HoVaTen></Cha><Me><HoVaTen><Ten>MẸ</Ten></HoVaTen></Me></CongDan>`), "001099000001|NGUYỄN VĂN MẪU||||||{     }|CHA|MẸ", nil},
		{"only the year", people(`<CongDan>` + id + name + `<NgayThangNamSinh><Nam>1955</Nam></NgayThangNamSinh></CongDan>`), "001099000001|NGUYỄN VĂN MẪU||1955||||{     }||", nil},
		{"a year in the day", people(`<CongDan>` + id + name + `<NgayThangNamSinh><NgayThangNam>19550000</NgayThangNam></NgayThangNamSinh></CongDan>`), "001099000001|NGUYỄN VĂN MẪU||1955||||{     }||", nil},
		{"no date at all", people(`<CongDan>` + id + name + `<NgayThangNamSinh><NgayThangNam>31/12/1955</NgayThangNam><Nam>x</Nam></NgayThangNamSinh></CongDan>`), "001099000001|NGUYỄN VĂN MẪU||||||{     }||", nil},
		{"district of before", people(`<CongDan>` + id + name + `<ThuongTru><MaTinhThanh>89</MaTinhThanh><MaQuanHuyen>883</MaQuanHuyen><MaPhuongXa>30280</MaPhuongXa></ThuongTru></CongDan>`), "001099000001|NGUYỄN VĂN MẪU||||||{ 89 30280   }||", nil},
		{"nobody", people(``), "", ErrNotFound},
		{"empty name", people(`<CongDan>` + id + `<HoVaTen><Ho/><ChuDem/><Ten/></HoVaTen></CongDan>`), "", ErrNotFound},
		{"two people", people(`<CongDan>` + id + name + `</CongDan><CongDan>` + id + name + `</CongDan>`), "", ErrRefused},
		{"two numbers", people(`<CongDan>` + id + `<SoDinhDanh>001099000002</SoDinhDanh>` + name + `</CongDan>`), "", ErrRefused},
		{"tags in a value", people(`<CongDan>` + id + `<HoVaTen><Ten>NGUYỄN <b>VĂN</b> MẪU</Ten></HoVaTen></CongDan>`), "", ErrRefused},
		{"escaped tags", people(`<CongDan>` + id + `<HoVaTen><Ten>&lt;b&gt;</Ten></HoVaTen></CongDan>`), "", ErrRefused},
		{"turned writing", people(`<CongDan>` + id + "<HoVaTen><Ten>A\u202eB</Ten></HoVaTen></CongDan>"), "", ErrRefused},
		{"a very long value", people(`<CongDan>` + id + `<HoVaTen><Ten>` + strings.Repeat("Ă", longestValue+1) + `</Ten></HoVaTen></CongDan>`), "", ErrRefused},
		{"their fault", soap(`<s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring></s:Fault>`), "", errors.New("fault s:Server: x")},
		{"our fault", soap(`<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring></s:Fault>`), "", ErrRefused},
		{"no body", `<a/>`, "", ErrRefused},
		{"empty", ``, "", ErrRefused},
		{"cut", people(``)[:120], "", ErrRefused},
		{"something after the end", people(``) + people(``), "", ErrRefused},
		{"text after the end", people(``) + "x", "", ErrRefused},
		{"a document type", `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>` + people(``), "", ErrRefused},
		{"an unknown entity", people(`<CongDan>` + id + `<HoVaTen><Ten>&b;</Ten></HoVaTen></CongDan>`), "", ErrRefused},
		{"another charset", strings.Replace(people(``), "UTF-8", "windows-1258", 1), "", ErrRefused},
		{"not UTF-8", people("<CongDan>" + id + "<HoVaTen><Ten>\xff</Ten></HoVaTen></CongDan>"), "", ErrRefused},
		{"very deep", soap(strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)), "", ErrRefused},
	}
	for _, tt := range tests {
		var c Citizen
		body, err := readBody([]byte(tt.xml))
		if err == nil {
			c, err = citizenIn(body, "001099000001")
		}
		got := ""
		if err == nil {
			got = strings.Join([]string{c.IDNumber, c.Name, c.BirthDate, c.BirthYear, c.Sex, c.Ethnicity, c.Nationality, fmt.Sprint(c.Residence), c.FatherName, c.MotherName}, "|")
		}
		if got != tt.want || (err == nil) != (tt.err == nil) || err != nil && !errors.Is(err, tt.err) && err.Error() != tt.err.Error() {
			t.Errorf("%s: %s, %v", tt.name, got, err)
		}
	}
}

func TestReadEnterprise(t *testing.T) {
	t.Parallel()
	const main = `"MainInformation":{"ENTERPRISE_GDT_CODE":"0300588569","NAME":"A","FOUNDING_DATE":"06/05/2020"}`
	tests := []struct {
		name, json, want string
		err              error
	}{
		{"object", `{"Status":"OK","Data":{` + main + `,"Representatives":{"FULL_NAME":"AN","PERS_DOC_NO":"1"}}}`, "0300588569|A|2020-05-06||[{AN 1}]", nil},
		{"array", `{"Data":{` + main + `,"Representatives":[{"FULL_NAME":"AN","PERS_DOC_NO":1},{"FULL_NAME":null}]}}`, "0300588569|A|2020-05-06||[{AN 1} { }]", nil},
		{"address in parts", `{"Data":{` + main + `,"HOAdress":{"StreetNumber":"Số 1","WardName":"phường B","DistrictName":null,"CityName":"tỉnh C"}}}`, "0300588569|A|2020-05-06|Số 1, phường B, tỉnh C|[]", nil},
		{"nobody", `{"Status":"OK","Data":{"MainInformation":null}}`, "", ErrNotFound},
		{"no data", `{"Status":"OK"}`, "", ErrRefused},
		{"not success under 200", `{"StatusCode":500,"Data":{` + main + `}}`, "", errors.New("status  500 in the answer")},
		{"an exception under 200", `{"ThrowException":true,"StatusCode":200,"Data":{` + main + `}}`, "", errors.New("status  200 in the answer")},
		{"markup where it is not read", `{"Data":{` + main + `,"HOAdress":{"WardID":"<b>"}}}`, "", ErrRefused},
		{"an object for a value", `{"Data":{"MainInformation":{"NAME":{"a":1}}}}`, "", ErrRefused},
		{"text for representatives", `{"Data":{` + main + `,"Representatives":"AN"}}`, "", ErrRefused},
		{"two answers", `{"Data":{` + main + `}}{}`, "", ErrRefused},
		{"empty", ``, "", ErrRefused},
	}
	for _, tt := range tests {
		e, err := readEnterprise([]byte(tt.json))
		got := ""
		if err == nil {
			got = strings.Join([]string{e.TaxCode, e.Name, e.Founded, e.Address, fmt.Sprint(e.Representatives)}, "|")
		}
		if got != tt.want || (err == nil) != (tt.err == nil) || err != nil && !errors.Is(err, tt.err) && err.Error() != tt.err.Error() {
			t.Errorf("%s: %s, %v", tt.name, got, err)
		}
	}
}

// TestDepth: an answer nested beyond what registers send is given up early.
func TestDepth(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"objects": strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000),
		"lists":   `{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "}",
		"both":    strings.Repeat(`{"a":[`, 500) + "1" + strings.Repeat("]}", 500),
	} {
		if _, err := readJSON([]byte(answer)); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "too deep") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readXML([]byte(strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000))); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "too deep") {
		t.Errorf("elements: %v", err)
	}
}
