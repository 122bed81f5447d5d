package registry

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// inBodyXML and inBodyJSON are one record in the two ways in which it comes.
func inBodyXML(collection string) func() (*node, error) {
	return func() (*node, error) { return readBody([]byte(soap(collection))) }
}

func inBodyJSON(collection string) func() (*node, error) {
	return func() (*node, error) { return readWrapped([]byte(`{"body":{` + collection + `}}`)) }
}

// TestTraps037 holds the seven traps of service 037, at both platforms.
func TestTraps037(t *testing.T) {
	t.Parallel()
	const number = "001099000001"
	one := func(c Citizen) string {
		return strings.Join([]string{c.Name, c.BirthDate, c.BirthYear, c.Sex, c.Marital, c.Ethnicity, c.Residence.Commune,
			c.FatherName, c.MotherName, c.SpouseName, c.Head, c.HeadRelation}, "|")
	}
	for _, tt := range []struct {
		trap, xml, json, want string
		err                   error
	}{
		{"1 a name in its parts", `<HoVaTen><Ho>NGUYỄN</Ho><ChuDem>VĂN</ChuDem><Ten>MẪU</Ten></HoVaTen>`, `"hoVaTen":{"ho":"NGUYỄN","chuDem":"VĂN","ten":"MẪU"}`, "NGUYỄN VĂN MẪU|||||||||||", nil},
		{"1 no family name, no middle name", `<HoVaTen><Ho/><ChuDem></ChuDem><Ten>NGUYỄN VĂN MẪU</Ten></HoVaTen>`, `"hoVaTen":{"ho":"","chuDem":null,"ten":"NGUYỄN VĂN MẪU"}`, "NGUYỄN VĂN MẪU|||||||||||", nil},
		{"1 only the last part is there", `<HoVaTen><Ten>MẪU</Ten></HoVaTen>`, `"hoVaTen":{"ten":"MẪU"}`, "MẪU|||||||||||", nil},
		{"1 spaces and decomposed letters", "<HoVaTen><Ho> NGUYE\u0302\u0303N </Ho><ChuDem/><Ten>VĂN  MẪU</Ten></HoVaTen>", `"hoVaTen":{"ho":" NGUYE\u0302\u0303N ","ten":"VĂN  MẪU"}`, "NGUYỄN VĂN MẪU|||||||||||", nil},
		{"2 relatives' names as text", `<HoVaTen>A</HoVaTen><Cha><HoVaTen>CHA</HoVaTen></Cha><Me><HoVaTen>MẸ</HoVaTen></Me><VoChong><HoVaTen>VỢ</HoVaTen></VoChong><ChuHo><HoVaTen>HỘ</HoVaTen><QuanHe>CH01</QuanHe></ChuHo>`,
			`"hoVaTen":"A","cha":{"hoVaTen":"CHA"},"me":{"hoVaTen":"MẸ"},"voChong":{"hoVaTen":"VỢ"},"chuHo":{"hoVaTen":"HỘ","quanHe":"CH01"}`, "A|||||||CHA|MẸ|VỢ|HỘ|CH01", nil},
		{"2 relatives' names in parts", `<HoVaTen>A</HoVaTen><Cha><HoVaTen><Ho>C</Ho><Ten>CHA</Ten></HoVaTen></Cha><Me><HoVaTen><Ho>M</Ho><ChuDem>E</ChuDem><Ten>MẸ</Ten></HoVaTen></Me><VoChong><HoVaTen><Ten>VỢ</Ten></HoVaTen></VoChong><ChuHo><HoVaTen><Ten>HỘ</Ten></HoVaTen></ChuHo>`,
			`"hoVaTen":"A","cha":{"hoVaTen":{"ho":"C","ten":"CHA"}},"me":{"hoVaTen":{"ho":"M","chuDem":"E","ten":"MẸ"}},"voChong":{"hoVaTen":{"ten":"VỢ"}},"chuHo":{"hoVaTen":{"ten":"HỘ"}}`, "A|||||||C CHA|M E MẸ|VỢ|HỘ|", nil},
		{"2 no relatives at all", `<HoVaTen>A</HoVaTen><Cha/><Me></Me>`, `"hoVaTen":"A","cha":null,"me":{}`, "A|||||||||||", nil},
		{"3 without a district", `<HoVaTen>A</HoVaTen><ThuongTru><MaTinhThanh>01</MaTinhThanh><MaPhuongXa>00004</MaPhuongXa></ThuongTru>`, `"hoVaTen":"A","thuongTru":{"maTinhThanh":"01","maPhuongXa":"00004"}`, "A||||||00004|||||", nil},
		{"3 with the district of before", `<HoVaTen>A</HoVaTen><ThuongTru><MaTinhThanh>01</MaTinhThanh><MaQuanHuyen>001</MaQuanHuyen><MaPhuongXa>00004</MaPhuongXa></ThuongTru>`, `"hoVaTen":"A","thuongTru":{"maTinhThanh":"01","maQuanHuyen":"001","maPhuongXa":"00004"}`, "A||||||00004|||||", nil},
		{"4 the day of birth", `<HoVaTen>A</HoVaTen><NgayThangNamSinh><Nam>1999</Nam><NgayThangNam>19990131</NgayThangNam></NgayThangNamSinh>`, `"hoVaTen":"A","ngayThangNamSinh":{"nam":"1999","ngayThangNam":"19990131"}`, "A|1999-01-31|1999|||||||||", nil},
		{"4 only its year", `<HoVaTen>A</HoVaTen><NgayThangNamSinh><Nam>1955</Nam></NgayThangNamSinh>`, `"hoVaTen":"A","ngayThangNamSinh":{"nam":1955}`, "A||1955|||||||||", nil},
		{"4 no such day", `<HoVaTen>A</HoVaTen><NgayThangNamSinh><Nam>1955</Nam><NgayThangNam>19550231</NgayThangNam></NgayThangNamSinh>`, `"hoVaTen":"A","ngayThangNamSinh":{"nam":"1955","ngayThangNam":"19550231"}`, "A||1955|||||||||", nil},
		{"5 nobody: an empty collection", "-", "-", "", ErrNotFound},
		{"5 nobody: no last part of a name", `<HoVaTen><Ho>NGUYỄN</Ho><ChuDem/><Ten/></HoVaTen>`, `"hoVaTen":{"ho":"NGUYỄN","ten":""}`, "", ErrNotFound},
		{"5 nobody: no name", `<GioiTinh>1</GioiTinh>`, `"gioiTinh":"1"`, "", ErrNotFound},
		{"6 codes", `<HoVaTen>A</HoVaTen><GioiTinh>1</GioiTinh><DanToc>01</DanToc><TinhTrangHonNhan>2</TinhTrangHonNhan>`, `"hoVaTen":"A","gioiTinh":1,"danToc":"01","tinhTrangHonNhan":"2"`, "A|||male|married|01||||||", nil},
		{"6 unknown codes", `<HoVaTen>A</HoVaTen><GioiTinh>0</GioiTinh><TonGiao>00</TonGiao><NhomMau>00</NhomMau><TinhTrangHonNhan>0</TinhTrangHonNhan>`, `"hoVaTen":"A","gioiTinh":"0","tonGiao":"00","nhomMau":"00","tinhTrangHonNhan":"0"`, "A|||||||||||", nil},
		{"7 no sample for what cannot be read", `<HoVaTen>A`, `"hoVaTen":"A`, "", ErrRefused},
		{"7 no sample for markup", `<HoVaTen>A &lt;b&gt;</HoVaTen>`, `"hoVaTen":"A \u003cb\u003e"`, "", ErrRefused},
		{"7 no sample for two of one name", `<HoVaTen>A</HoVaTen><HoVaTen>B</HoVaTen>`, `"hoVaTen":"A","hoVaTen":"B"`, "", ErrRefused},
		{"another person's record", `<SoDinhDanh>001099000002</SoDinhDanh><HoVaTen>A</HoVaTen>`, `"soDinhDanh":"001099000002","hoVaTen":"A"`, "", ErrRefused},
	} {
		xml, json := `<CongDan><SoDinhDanh>`+number+`</SoDinhDanh>`+tt.xml+`</CongDan>`, `"congDan":{"soDinhDanh":"`+number+`",`+tt.json+`}`
		if tt.xml == "-" {
			xml, json = "", ""
		}
		for way, read := range map[string]func() (*node, error){
			"national": inBodyXML(`<CongdanCollection xmlns="http://www.mic.gov.vn/dancu/1.0">` + xml + `</CongdanCollection>`),
			"province": inBodyJSON(`"congdanCollection":{` + json + `}`),
		} {
			var c Citizen
			body, err := read()
			if err == nil {
				c, err = citizenIn(body, number)
			}
			got := ""
			if err == nil {
				got = one(c)
			}
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%s, %s: %s, %v", tt.trap, way, got, err)
			}
		}
	}
}

// TestRelativesNumbers: what stands where a number should be and is none is left out.
func TestRelativesNumbers(t *testing.T) {
	t.Parallel()
	body, err := inBodyXML(`<CongdanCollection><CongDan><SoDinhDanh>001099000001</SoDinhDanh><SoCMND>001099000001</SoCMND><HoVaTen>A</HoVaTen>` +
		`<Cha><SoDinhDanh>012345678</SoDinhDanh></Cha><Me><SoDinhDanh>001070000002</SoDinhDanh></Me><VoChong><SoDinhDanh>không</SoDinhDanh></VoChong></CongDan></CongdanCollection>`)()
	if err != nil {
		t.Fatal(err)
	}
	c, err := citizenIn(body, "001099000001")
	if err != nil || c.FatherNumber != "" || c.MotherNumber != "001070000002" || c.SpouseNumber != "" || c.OldNumber != "" {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestProvinceShapes: the wrapper's answer in all the shapes that public callers read.
func TestProvinceShapes(t *testing.T) {
	t.Parallel()
	const record = `{"CongdanCollection":{"CongDan":{"SoDinhDanh":"001099000001","HoVaTen":{"Ho":"A","ChuDem":"","Ten":"B"}}}}`
	const camel = `{"congdanCollection":{"congDan":{"soDinhDanh":"001099000001","hoVaTen":{"ho":"A","chuDem":"","ten":"B"}}}}`
	flags := func(code, status, threw, result string) string {
		return `{"StatusCode":` + code + `,"Status":"` + status + `","ThrowException":` + threw + `,"ResultObject":` + result + `}`
	}
	for _, tt := range []struct {
		name, json, want string
		err              error
	}{
		{"with the envelope", `{"Envelope":{"Body":` + record + `}}`, "A B", nil},
		{"without it", `{"Body":` + record + `}`, "A B", nil},
		{"in camel case", `{"envelope":{"body":` + camel + `}}`, "A B", nil},
		{"under the platform's flags", flags("200", "SUCCESS", "false", `{"Body":`+record+`}`), "A B", nil},
		{"a list of one", `{"Body":{"CongdanCollection":{"CongDan":[{"SoDinhDanh":"001099000001","HoVaTen":"A B"}]}}}`, "A B", nil},
		{"an empty list", `{"Body":{"CongdanCollection":{"CongDan":[]}}}`, "", ErrNotFound},
		{"nothing in the collection", `{"Body":{"CongdanCollection":null}}`, "", ErrNotFound},
		{"an empty text for the collection", `{"Body":{"CongdanCollection":""}}`, "", ErrNotFound},
		{"no collection", `{"Body":{}}`, "", ErrRefused},
		{"two people", `{"Body":{"CongdanCollection":{"CongDan":[{"SoDinhDanh":"001099000001","HoVaTen":"A"},{"SoDinhDanh":"001099000001","HoVaTen":"B"}]}}}`, "", ErrRefused},
		{"two bodies", `{"Body":` + record + `,"Body":` + record + `}`, "", ErrRefused},
		{"no body", `{"data":` + record + `}`, "", ErrRefused},
		{"a list for an answer", `[` + record + `]`, "", ErrRefused},
		{"text for an answer", `"x"`, "", ErrRefused},
		{"nothing", `null`, "", ErrRefused},
		{"empty", ``, "", ErrRefused},
		{"two answers", `{"Body":` + record + `}{}`, "", ErrRefused},
		{"our fault", `{"body":{"fault":{"faultcode":"soapenv:Client","faultstring":"x"}}}`, "", ErrRefused},
		{"their fault", `{"Body":{"Fault":{"faultcode":"soapenv:Server","faultstring":"x"}}}`, "", errors.New("fault soapenv:Server: x")},
		{"flags that say no", flags("500", "FAILED", "true", "null"), "", errors.New("the platform's answer says 500 FAILED, exception true")},
		{"flags that disagree", flags("200", "SUCCESS", "true", `{"Body":`+record+`}`), "", errors.New("the platform's answer says 200 SUCCESS, exception true")},
		{"very deep", `{"Body":` + strings.Repeat(`{"a":`, 100) + `1` + strings.Repeat(`}`, 101), "", ErrRefused},
		{"very deep lists", `{"Body":` + strings.Repeat(`[`, 10000) + strings.Repeat(`]`, 10000) + `}`, "", ErrRefused},
	} {
		var c Citizen
		body, err := readWrapped([]byte(tt.json))
		if err == nil {
			c, err = citizenIn(body, "001099000001")
		}
		if c.Name != tt.want || (err == nil) != (tt.err == nil) || err != nil && !errors.Is(err, tt.err) && err.Error() != tt.err.Error() {
			t.Errorf("%s: %s, %v", tt.name, c.Name, err)
		}
	}
}

// TestKinTraps: the answers that are our own, where they are not about the question.
func TestKinTraps(t *testing.T) {
	t.Parallel()
	const n, o = "001190000011", "001324000013"
	for _, tt := range []struct {
		name, xml string
		read      func(*node) (any, error)
		want      string
		err       error
	}{
		{"a household without the person", `<HoGiaDinh><SoDinhDanh>` + n + `</SoDinhDanh><ThanhVien><SoDinhDanh>` + o + `</SoDinhDanh><HoVaTen>A</HoVaTen></ThanhVien></HoGiaDinh>`, household(n), "", ErrRefused},
		{"another's household", `<HoGiaDinh><SoDinhDanh>` + o + `</SoDinhDanh><ThanhVien><SoDinhDanh>` + n + `</SoDinhDanh><HoVaTen>A</HoVaTen></ThanhVien></HoGiaDinh>`, household(n), "", ErrRefused},
		{"no household", `<HoGiaDinh/>`, household(n), "", ErrNotFound},
		{"two households", `<HoGiaDinh/><HoGiaDinh/>`, household(n), "", ErrRefused},
		{"a kinship for an answer", `<NhanThan/>`, household(n), "", ErrRefused},
		{"an unknown state", `<TinhTrangHonNhan><SoDinhDanh>` + n + `</SoDinhDanh><TinhTrang>9</TinhTrang></TinhTrangHonNhan>`, maritalOf(n), "", ErrRefused},
		{"not married, with a spouse", `<TinhTrangHonNhan><SoDinhDanh>` + n + `</SoDinhDanh><TinhTrang>3</TinhTrang><VoChong><HoVaTen>A</HoVaTen></VoChong></TinhTrangHonNhan>`, maritalOf(n), "{divorced   }", nil},
		{"an unknown relation", `<NhanThan><SoDinhDanh>` + n + `</SoDinhDanh><SoDinhDanhNguoiThan>` + o + `</SoDinhDanhNguoiThan><QuanHe>BAN</QuanHe></NhanThan>`, relation(n, o), "", ErrRefused},
		{"to another one", `<NhanThan><SoDinhDanh>` + n + `</SoDinhDanh><SoDinhDanhNguoiThan>` + n + `</SoDinhDanhNguoiThan><QuanHe>CON</QuanHe></NhanThan>`, relation(n, o), "", ErrRefused},
		{"of another one", `<NhanThan><SoDinhDanh>` + o + `</SoDinhDanh><SoDinhDanhNguoiThan>` + o + `</SoDinhDanhNguoiThan><QuanHe>CON</QuanHe></NhanThan>`, relation(n, o), "", ErrRefused},
		{"the relation turned round", `<NhanThan><SoDinhDanh>` + o + `</SoDinhDanh><SoDinhDanhNguoiThan>` + n + `</SoDinhDanhNguoiThan><QuanHe>CON</QuanHe></NhanThan>`, relation(n, o), "", ErrRefused},
		{"two relations", `<NhanThan><SoDinhDanh>` + n + `</SoDinhDanh><SoDinhDanhNguoiThan>` + o + `</SoDinhDanhNguoiThan><QuanHe>KHONG</QuanHe><QuanHe>CON</QuanHe></NhanThan>`, relation(n, o), "", ErrRefused},
	} {
		body, err := readBody([]byte(soap(tt.xml)))
		var found any
		if err == nil {
			found, err = tt.read(body)
		}
		if got := fmt.Sprint(found); !errors.Is(err, tt.err) || err == nil && got != tt.want {
			t.Errorf("%s: %s, %v", tt.name, got, err)
		}
	}
}

func household(n string) func(*node) (any, error) {
	return func(b *node) (any, error) { return gave(householdIn(b, n)) }
}

func maritalOf(n string) func(*node) (any, error) {
	return func(b *node) (any, error) { return gave(maritalIn(b, n)) }
}

func relation(n, o string) func(*node) (any, error) {
	return func(b *node) (any, error) { return gave(relationIn(b, n, o)) }
}

// TestTrapsBusiness holds those of the business register, at the national service and at
// the relay.
func TestTrapsBusiness(t *testing.T) {
	t.Parallel()
	const record = `"ENTERPRISE_GDT_CODE":"0101243150","NAME":"A"`
	success := `"StatusCode":200,"Status":"SUCCESS","ThrowException":false,`
	for _, tt := range []struct {
		trap, national, relayed, want string
		err                           error
	}{
		{"one representative is an object", `{"Data":{"MainInformation":{` + record + `},"Representatives":{"FULL_NAME":"AN","PERS_DOC_NO":"1"}}}`,
			`{` + success + `"ResultObject":{` + record + `,"Representatives":{"FULL_NAME":"AN","PERS_DOC_NO":"1"}}}`, "0101243150|A||[{AN 1}]", nil},
		{"several are a list", `{"Data":{"MainInformation":{` + record + `},"Representatives":[{"FULL_NAME":"AN","PERS_DOC_NO":"1"},{"FULL_NAME":"BA","PERS_DOC_NO":2}]}}`,
			`{` + success + `"ResultObject":{` + record + `,"Representatives":[{"FULL_NAME":"AN","PERS_DOC_NO":"1"},{"FULL_NAME":"BA","PERS_DOC_NO":2}]}}`, "0101243150|A||[{AN 1} {BA 2}]", nil},
		{"none is null", `{"Data":{"MainInformation":{` + record + `},"Representatives":null}}`, `{` + success + `"ResultObject":{` + record + `,"Representatives":null}}`, "0101243150|A||[]", nil},
		{"none is an empty list", `{"Data":{"MainInformation":{` + record + `},"Representatives":[]}}`, `{` + success + `"ResultObject":{` + record + `,"Representatives":[]}}`, "0101243150|A||[]", nil},
		{"words for one", `{"Data":{"MainInformation":{` + record + `},"Representatives":"AN"}}`, `{` + success + `"ResultObject":{` + record + `,"Representatives":"AN"}}`, "", ErrRefused},
		{"HOAdress with one d", `{"Data":{"MainInformation":{` + record + `},"HOAdress":{"AddressFullText":"Số 1"}}}`, `{` + success + `"ResultObject":{` + record + `,"HO_ADDRESS_FULLTEXT":"Số 1"}}`, "0101243150|A|Số 1|[]", nil},
		{"HOAddress with two is not it", `{"Data":{"MainInformation":{` + record + `},"HOAddress":{"AddressFullText":"Số 1"}}}`, `{` + success + `"ResultObject":{` + record + `,"HOAddress":"Số 1"}}`, "0101243150|A||[]", nil},
		{"nobody", `{"Status":"OK","Data":{"MainInformation":null,"HOAdress":null,"Representatives":null}}`, `{` + success + `"ResultObject":null}`, "", ErrNotFound},
		{"nobody, in the national shape", `{"Data":{"MainInformation":null}}`, `{` + success + `"ResultObject":{"MainInformation":null}}`, "", ErrNotFound},
		{"the national shape relayed", `{"Data":{"MainInformation":{` + record + `},"HOAdress":{"AddressFullText":"Số 1"}}}`, `{` + success + `"ResultObject":{"MainInformation":{` + record + `},"HOAdress":{"AddressFullText":"Số 1"}}}`, "0101243150|A|Số 1|[]", nil},
		{"no record at all", `{"Status":"OK","Data":{"HOAdress":null}}`, `{` + success + `"Description":""}`, "", ErrRefused},
		{"two records", `{"Data":{"MainInformation":[{` + record + `},{` + record + `}]}}`, `{` + success + `"ResultObject":[{` + record + `},{` + record + `}]}`, "", ErrRefused},
		{"an object for a name", `{"Data":{"MainInformation":{"ENTERPRISE_GDT_CODE":"0101243150","NAME":{"a":"b"}}}}`, `{` + success + `"ResultObject":{"ENTERPRISE_GDT_CODE":"0101243150","NAME":{"a":"b"}}}`, "", ErrRefused},
	} {
		for way, read := range map[string]func() (Enterprise, error){
			"national": func() (Enterprise, error) { return readEnterprise([]byte(tt.national)) },
			"relay":    func() (Enterprise, error) { return readRelayed([]byte(tt.relayed)) },
		} {
			e, err := read()
			got := ""
			if err == nil {
				got = strings.Join([]string{e.TaxCode, e.Name, e.Address, fmt.Sprint(e.Representatives)}, "|")
			}
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%s, %s: %s, %v", tt.trap, way, got, err)
			}
		}
	}
}

// TestThreeFlags: of all that the relay's three flags can say, one thing is success.
func TestThreeFlags(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"200", `"200"`, "500", "201", "0", "null", "-"} {
		for _, status := range []string{`"SUCCESS"`, `"success"`, `"FAILED"`, `""`, "null", "true", "-"} {
			for _, threw := range []string{"false", `"false"`, "true", "null", `"no"`, "-"} {
				answer := `{"ResultObject":{"ENTERPRISE_GDT_CODE":"0101243150","NAME":"A"}`
				for name, v := range map[string]string{"StatusCode": code, "Status": status, "ThrowException": threw} {
					if v != "-" {
						answer += `,"` + name + `":` + v
					}
				}
				_, err := readRelayed([]byte(answer + `}`))
				agreed := strings.Trim(code, `"`) == "200" && status == `"SUCCESS"` && strings.Trim(threw, `"`) == "false"
				if (err == nil) != agreed || errors.Is(err, ErrNotFound) || errors.Is(err, ErrRefused) {
					t.Errorf("%s %s %s: %v", code, status, threw, err)
				}
			}
		}
	}
}
