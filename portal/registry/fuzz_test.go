package registry

import (
	"os"
	"testing"
)

// FuzzReadCitizen reads anything as the national platform's answers.
func FuzzReadCitizen(f *testing.F) {
	sample, err := os.ReadFile("testdata/037.xml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Add([]byte(people(`<CongDan><SoDinhDanh>001099000001</SoDinhDanh><HoVaTen>A</HoVaTen></CongDan>`)))
	f.Add([]byte(soap(`<HoGiaDinh><SoDinhDanh>001099000001</SoDinhDanh><ThanhVien><SoDinhDanh>001099000001</SoDinhDanh><HoVaTen>A</HoVaTen></ThanhVien></HoGiaDinh>`)))
	f.Add([]byte(soap(`<TinhTrangHonNhan><SoDinhDanh>001099000001</SoDinhDanh><TinhTrang>2</TinhTrang></TinhTrangHonNhan>`)))
	f.Add([]byte(soap(`<NhanThan><SoDinhDanh>001099000001</SoDinhDanh><SoDinhDanhNguoiThan>001324000013</SoDinhDanhNguoiThan><QuanHe>CON</QuanHe></NhanThan>`)))
	f.Add([]byte(soap(`<s:Fault><faultcode>s:Client</faultcode></s:Fault>`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if body, err := readBody(b); err == nil {
			readAnything(t, body)
		}
	})
}

// FuzzProvince reads anything as a province's answers.
func FuzzProvince(f *testing.F) {
	f.Add([]byte(`{"envelope":{"body":{"congdanCollection":{"congDan":{"soDinhDanh":"001099000001","hoVaTen":{"ho":"A","ten":"B"},"ngayThangNamSinh":{"nam":1999}}}}}}`))
	f.Add([]byte(`{"Body":{"HoGiaDinh":{"SoDinhDanh":"001099000001","ThanhVien":[{"SoDinhDanh":"001099000001","HoVaTen":"A"}]}}}`))
	f.Add([]byte(`{"StatusCode":200,"Status":"SUCCESS","ThrowException":false,"ResultObject":{"Body":{"NhanThan":{"SoDinhDanh":"001099000001","SoDinhDanhNguoiThan":"001324000013","QuanHe":"CON"}}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if body, err := readWrapped(b); err == nil {
			readAnything(t, body)
		}
	})
}

// readAnything reads a Body as each of the answers that it could be.
func readAnything(t *testing.T, body *node) {
	const number, other = "001099000001", "001324000013"
	if c, err := citizenIn(body, number); err == nil {
		mustBe(t, c)
	}
	if h, err := householdIn(body, number); err == nil {
		is := false
		for _, m := range h.Members {
			is = is || m.IDNumber == number
			if !bare(m.Name+m.Relation) || m.Name == "" || !isNumber.MatchString(m.IDNumber) {
				t.Errorf("taken: %+v", m)
			}
		}
		if !is {
			t.Errorf("a household without the person: %+v", h)
		}
	}
	if m, err := maritalIn(body, number); err == nil && (m.Status == "" || m.Status != "married" && m.SpouseName != "" || !bare(m.SpouseName) || !isDay.MatchString(m.Since)) {
		t.Errorf("taken: %+v", m)
	}
	if r, err := relationIn(body, number, other); err == nil && (r == "" || body.at("NhanThan", "SoDinhDanhNguoiThan").text != other) {
		t.Errorf("taken: %s", r)
	}
}

// FuzzReadEnterprise reads anything as the business register's answers, national and relayed.
func FuzzReadEnterprise(f *testing.F) {
	f.Add([]byte(`{"Status":"OK","Data":{"MainInformation":{"ENTERPRISE_GDT_CODE":"0101243150","NAME":"A","FOUNDING_DATE":"06/05/2020"},"HOAdress":{"AddressFullText":"B"},"Representatives":{"FULL_NAME":"AN","PERS_DOC_NO":"1"}}}`))
	f.Add([]byte(`{"Data":{"MainInformation":null},"Representatives":[null]}`))
	f.Add([]byte(`{"StatusCode":200,"Status":"SUCCESS","ThrowException":false,"ResultObject":{"ENTERPRISE_GDT_CODE":"0101243150","NAME":"A","Representatives":[{"FULL_NAME":"AN"}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, read := range []func([]byte) (Enterprise, error){readEnterprise, readRelayed} {
			e, err := read(b)
			if err != nil {
				continue
			}
			for _, v := range []string{e.TaxCode, e.Name, e.ShortName, e.Type, e.Capital, e.Status, e.Phone, e.Email} {
				if !bare(v) {
					t.Errorf("taken: %q", v)
				}
			}
			if !isDay.MatchString(e.Founded) {
				t.Errorf("founded: %q", e.Founded)
			}
			for _, r := range e.Representatives {
				if !bare(r.Name) || !bare(r.IDNumber) {
					t.Errorf("taken: %+v", r)
				}
			}
		}
	})
}

// FuzzReadXRoad reads anything as the answers of the registers behind X-Road.
func FuzzReadXRoad(f *testing.F) {
	f.Add([]byte(`{"soDinhDanh":"001190000011","khaiSinh":[{"so":"1","ngayDangKy":"2024-05-16","con":{"hoTen":"A","soDinhDanh":"001324000013","ngaySinh":"2024-05-06","gioiTinh":"2"},"me":{"soDinhDanh":"001190000011"},"cha":{}}]}`))
	f.Add([]byte(`{"soDinhDanh":"001190000011","ketHon":[{"so":"1","chong":{"hoTen":"X","soDinhDanh":"001088000012"},"vo":{"hoTen":"B","soDinhDanh":"001190000011"}}]}`))
	f.Add([]byte(`{"soDinhDanh":"001190000011","giamHo":[{"nguoiGiamHo":{"soDinhDanh":"001190000011"},"nguoiDuocGiamHo":{"hoTen":"A"}}]}`))
	f.Add([]byte(`{"soDinhDanh":"001190000011","giayChungNhan":[{"soPhatHanh":"DA 1","dienTich":120.5,"nguoiSuDung":[{"soDinhDanh":"001190000011"}]}]}`))
	f.Add([]byte(`{"soDinhDanh":"001190000011","giayPhep":{"so":"1","thuHoi":false,"ngayHetHan":null,"nguoiDuocCap":{"soDinhDanh":"001190000011"}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		root, err := readAbout(b, mother)
		if err != nil {
			return
		}
		births, err := readBirths(root, mother)
		for _, x := range births {
			if err != nil || x.MotherNumber != mother && x.FatherNumber != mother || x.Child.Name == "" || !bare(x.Child.Name+x.Place+x.Number) || !isDay.MatchString(x.Child.BirthDate) {
				t.Errorf("taken: %+v", x)
			}
		}
		if m, err := readMarriage(root, mother); err == nil && (m.SpouseNumber == mother || !bare(m.SpouseName+m.Number+m.Place)) {
			t.Errorf("taken: %+v", m)
		}
		wards, _ := readGuardianships(root, mother)
		for _, g := range wards {
			if g.Ward.Name == "" || !bare(g.Ward.Name) || !isNumber.MatchString(g.Ward.IDNumber) {
				t.Errorf("taken: %+v", g)
			}
		}
		land, _ := readCertificates(root, mother)
		for _, c := range land {
			if c.Serial == "" || !bare(c.Serial+c.Address+c.Area) {
				t.Errorf("taken: %+v", c)
			}
		}
		licences, _ := readLicences(root, mother)
		for _, l := range licences {
			if l.Number == "" || !bare(l.Number+l.Class) || !isDay.MatchString(l.ExpiresOn) {
				t.Errorf("taken: %+v", l)
			}
		}
		if len(births)+len(wards)+len(land)+len(licences) > 4*mostEntries {
			t.Errorf("more than a person has")
		}
	})
}
