package sandbox

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"motcua/portal/standin"
)

const (
	civilAt = "VN/GOV/BTP/Hộ tịch/tra-cuu"
	askedAt = "/r1/VN/GOV/BTP/H%E1%BB%99%20t%E1%BB%8Bch/tra-cuu/khai-sinh"
	client  = "VN/GOV/S%E1%BB%9F/DVC"
	about   = `{"soDinhDanh":"001190000011"}`
)

func startXRoad(t *testing.T, dir string) (*XRoad, *Provider) {
	t.Helper()
	civil, err := StartCivil(standin.Options{Dir: dir}, []Entry{
		{Kind: "birth", Number: "1", Child: Party{Name: "Con"}, Mother: Party{Name: "Mẹ", IDNumber: "001190000011"}},
		{Kind: "birth", Number: "2", Child: Party{Name: "Cũ"}, Mother: Party{IDNumber: "001190000011"}, Ended: true},
		{Kind: "birth", Number: "3", Child: Party{Name: "Khác"}, Mother: Party{IDNumber: "001190000012"}},
		{Kind: "marriage", Number: "4", First: Party{IDNumber: "001190000011"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { civil.Close() })
	x, err := StartXRoad(standin.Options{}, XRoadConfig{Client: client, Services: map[string]string{civilAt: civil.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x, civil
}

// answer is what came of a question, with its headers.
func answer(t *testing.T, x *XRoad, path, id string, more map[string]string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, x.URL+path, strings.NewReader(about))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Road-Client", client)
	r.Header.Set("X-Road-Id", id)
	r.Header.Set("Accept-Encoding", "identity")
	for k, v := range more {
		r.Header.Set(k, v)
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return 0, nil, ""
	}
	defer resp.Body.Close()
	var b strings.Builder
	buf := make([]byte, 1<<16)
	for {
		n, err := resp.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return resp.StatusCode, resp.Header, b.String()
		}
	}
}

func TestXRoadPassesOn(t *testing.T) {
	t.Parallel()
	x, civil := startXRoad(t, "")
	status, head, body := answer(t, x, askedAt, "id-1", nil)
	if status != http.StatusOK || body != `{"khaiSinh":[{"cha":{"gioiTinh":"","hoTen":"","ngaySinh":"","soDinhDanh":""},"con":{"gioiTinh":"","hoTen":"Con","ngaySinh":"","soDinhDanh":""},`+
		`"me":{"gioiTinh":"","hoTen":"Mẹ","ngaySinh":"","soDinhDanh":"001190000011"},"ngayDangKy":"","noiDangKy":"","so":"1"}],"soDinhDanh":"001190000011"}` {
		t.Errorf("%d %s", status, body)
	}
	if head.Get("X-Road-Id") != "id-1" || head.Get("X-Road-Client") != client || head.Get("X-Road-Error") != "" {
		t.Errorf("%v", head)
	}
	first := sha512.Sum512([]byte("POST\r\n" + askedAt + "\r\nAccept-Encoding:identity\r\nX-Road-Client:" + client + "\r\nX-Road-Id:id-1\r\nx-road-request-id:" + head.Get("X-Road-Request-Id") + "\r\n"))
	second := sha512.Sum512([]byte(about))
	both := sha512.Sum512(append(first[:], second[:]...))
	if got := head.Get("X-Road-Request-Hash"); got != base64.StdEncoding.EncodeToString(both[:]) {
		t.Errorf("hash %s", got)
	}
	e := civil.Entries()
	if len(e) != 1 || e[0].Path != "/khai-sinh" || e[0].Body != about {
		t.Errorf("the provider got %+v", e)
	}
}

// TestXRoadsOwnWord: what the security server says itself carries its mark, what the
// provider says does not.
func TestXRoadsOwnWord(t *testing.T) {
	t.Parallel()
	x, civil := startXRoad(t, "")
	for i, tt := range []struct {
		what   string
		fault  string // of the security server
		theirs string // of the provider
		path   string
		head   map[string]string
		status int
		mark   string
	}{
		{"a stranger", "", "", askedAt, map[string]string{"X-Road-Client": "VN/GOV/X/DVC"}, 400, "Client.UnknownMember"},
		{"an id that was there", "", "", askedAt, map[string]string{"X-Road-Id": "used"}, 400, "Client.DuplicateId"},
		{"no such service", "", "", strings.Replace(askedAt, "tra-cuu", "khac", 1), nil, 500, "Server.ServerProxy.NetworkError"},
		{"fault", "fault", "", askedAt, nil, 500, "Server.ServerProxy.NetworkError"},
		{"client", "client", "", askedAt, nil, 400, "Client.BadRequest"},
		{"redirect", "redirect", "", askedAt, nil, 302, ""},
		{"the provider's failure", "", "fault", askedAt, nil, 500, ""},
		{"the provider knows nobody", "", "missing", askedAt, nil, 404, ""},
		{"the provider is dead", "", "dead", askedAt, nil, 500, "Server.ServerProxy.ServiceFailed.HttpError"},
		{"the provider has no such list", "", "", askedAt + "-khac", nil, 404, ""},
	} {
		if i == 1 {
			answer(t, x, askedAt, "used", nil)
		}
		x.Set(standin.Fault{Mode: or(tt.fault, "ok")})
		civil.Set(standin.Fault{Mode: or(tt.theirs, "ok")})
		status, head, _ := answer(t, x, tt.path, fmt.Sprint("id-", i), tt.head)
		if status != tt.status || head.Get("X-Road-Error") != tt.mark {
			t.Errorf("%s: %d %v", tt.what, status, head)
		}
	}
}

func TestProviderKeepsItsEdits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, civil := startXRoad(t, dir)
	for _, edit := range []string{`{"number": "1", "child": {"name": "Đổi"}}`, `{"number": "2", "ended": false}`, `{"kind": "birth", "number": "9", "child": {"name": "Mới"}, "father": {"id_number": "001190000011"}}`} {
		if err := civil.Edit(edit); err != nil {
			t.Fatal(err)
		}
	}
	if err := civil.Close(); err != nil {
		t.Fatal(err)
	}
	x, civil := startXRoad(t, dir)
	if _, _, body := answer(t, x, askedAt, "id-1", nil); !strings.Contains(body, "Đổi") || !strings.Contains(body, "Cũ") || !strings.Contains(body, "Mới") || strings.Contains(body, "Khác") {
		t.Errorf("%s", body)
	}
	if _, page := do(t, "GET", civil.URL+"/_sandbox/", "", nil); !strings.Contains(page, "Civil status stand-in") || !strings.Contains(page, "Mới") {
		t.Errorf("its page: %s", page)
	}
	if status, body := do(t, "POST", civil.URL+"/khai-sinh", about, nil); status != http.StatusBadRequest {
		t.Errorf("past X-Road: %d %s", status, body)
	}
}

// TestProvinceDoor speaks the province's protocol by hand; the token is vector X2.
func TestProvinceDoor(t *testing.T) {
	t.Parallel()
	const token = "eyJBY2Nlc3NLZXkiOiJBS1RFU1QiLCJTZWNyZXRLZXkiOiJTS1RFU1QiLCJBcHBOYW1lIjoiRFZDIiwiUGFydG5lckNvZGUiOiIwMDAuMDAuMDEuSDI5IiwiUGFydG5lckNvZGVDdXMiOiIwMDAuMDAuMDEuSDI5In0="
	p, err := StartPopulation(standin.Options{}, PopulationConfig{Key: Key{"AKTEST", "SKTEST", "DVC", "000.00.01.H29"}, People: []Citizen{
		{IDNumber: "001099000001", FullName: "Nguyễn Văn Mẫu", BirthDate: "1999-01-01", Sex: "1", Father: Relative{FullName: "Cha"}, Shape: "plain"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	head := map[string]string{"lgspaccesstoken": token, "Content-Type": "application/json"}
	n := 0
	question := func(change func(q map[string]string)) string {
		n++
		q := map[string]string{"maYeuCau": fmt.Sprint(n), "maDVC": "D", "maTichHop": "037", "maCanBo": "C", "soDinhDanh": "001099000001", "hoVaTen": "NGUYEN VAN MAU", "ngayThangNam": "1999"}
		change(q)
		b, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	at := p.ProvinceEndpoint() + "/TraCuuThongTinCongDan"
	_, body := do(t, "POST", at, question(func(map[string]string) {}), head)
	if !strings.Contains(body, `"congdanCollection":{"congDan":{`) || !strings.Contains(body, `"hoVaTen":{"chuDem":"Văn","ho":"Nguyễn","ten":"Mẫu"}`) || !strings.Contains(body, `"cha":{"hoVaTen":"Cha"`) {
		t.Errorf("%s", body)
	}
	if _, body = do(t, "POST", at, question(func(q map[string]string) { q["soDinhDanh"] = "001099009999" }), head); !strings.Contains(body, `{"congdanCollection":{"congDan":null}}`) {
		t.Errorf("nobody: %s", body)
	}
	for what, change := range map[string]func(q map[string]string){
		"no officer":      func(q map[string]string) { q["maCanBo"] = "" },
		"another service": func(q map[string]string) { q["maTichHop"] = "033" },
		"marks":           func(q map[string]string) { q["hoVaTen"] = "NGUYỄN" },
		"no number":       func(q map[string]string) { delete(q, "soDinhDanh") },
		"used before":     func(q map[string]string) { q["maYeuCau"] = "1" },
	} {
		if _, body := do(t, "POST", at, question(change), head); !strings.Contains(body, `"faultcode":"soapenv:Client"`) {
			t.Errorf("%s: %s", what, body)
		}
	}
	if _, body := do(t, "POST", p.ProvinceEndpoint()+"/XacMinhGiDo", question(func(map[string]string) {}), head); !strings.Contains(body, `"faultcode":"soapenv:Client"`) {
		t.Errorf("no such operation: %s", body)
	}
	for _, wrong := range []string{"", "x", token[:len(token)-4], base64.StdEncoding.EncodeToString([]byte(`{"SecretKey":"SKTEST","AccessKey":"AKTEST","AppName":"DVC","PartnerCode":"000.00.01.H29","PartnerCodeCus":"000.00.01.H29"}`))} {
		if status, _ := do(t, "POST", at, question(func(map[string]string) {}), map[string]string{"lgspaccesstoken": wrong}); status != http.StatusUnauthorized {
			t.Errorf("token %q: %d", wrong, status)
		}
	}
	closed := startPopulation(t, "")
	if status, _ := do(t, "POST", closed.ProvinceEndpoint()+"/TraCuuThongTinCongDan", question(func(map[string]string) {}), head); status != http.StatusUnauthorized {
		t.Errorf("where there is no key: %d", status)
	}
}

// TestFurtherOperations: the operations that are our own take their elements in order too.
func TestFurtherOperations(t *testing.T) {
	t.Parallel()
	p := startPopulation(t, "")
	if err := p.Edit(`{"id_number": "001099000001", "marital": "1", "household": "7", "father": {"full_name": "Lê Khác", "id_number": "001099000002"}}`); err != nil {
		t.Fatal(err)
	}
	if err := p.Edit(`{"id_number": "001099000002", "household": "7"}`); err != nil {
		t.Fatal(err)
	}
	fields := func(request string, more ...string) string {
		return strings.Join(append([]string{child("MaYeuCau", request), child("MaDVC", "D"), child("MaCanBo", "C"), child("SoDinhDanh", "001099000001")}, more...), "")
	}
	other := child("SoDinhDanhNguoiThan", "001099000002")
	for i, tt := range []struct{ operation, inner, want string }{
		{"XacMinhTinhTrangHonNhan", fields("a"), `<TinhTrangHonNhan xmlns="urn:motcua:dancu:1"><SoDinhDanh>001099000001</SoDinhDanh><TinhTrang>1</TinhTrang></TinhTrangHonNhan>`},
		{"XacMinhThongTinNhanThan", fields("b", other), `<SoDinhDanhNguoiThan>001099000002</SoDinhDanhNguoiThan><QuanHe>CHA</QuanHe>`},
		{"XacMinhThongTinNguoiGiamHo", fields("c", other), `<QuanHe>KHONG</QuanHe>`},
		{"XacMinhThongTinNhanThan", fields("d"), "Fault"},
		{"XacMinhThongTinNhanThan", other + fields("e"), "Fault"},
		{"CungCapThongTinHoGiaDinh", fields("f"), "Fault"}, // without the code of the service
		{"CungCapThongTinHoGiaDinh", strings.Replace(fields("g"), child("MaCanBo", "C"), child("MaTichHop", "033")+child("MaCanBo", "C"), 1),
			`<ThanhVien><SoDinhDanh>001099000002</SoDinhDanh><HoVaTen><Ho>Lê</Ho><ChuDem></ChuDem><Ten>Khác</Ten></HoVaTen>`},
		{"XoaHet", fields("h"), "Fault"},
	} {
		body := strings.ReplaceAll(query(tt.inner), "TraCuuThongTinCongDan", tt.operation)
		if _, answer := do(t, "POST", p.Endpoint(), body, headers(t, noon)); !strings.Contains(answer, tt.want) {
			t.Errorf("%d %s: %s", i, tt.operation, answer)
		}
	}
}

// TestRelayDoor: 200 whatever happens, and three flags.
func TestRelayDoor(t *testing.T) {
	t.Parallel()
	b, err := StartBusiness(standin.Options{}, BusinessConfig{Key: "k", Secret: "s", Relay: Key{"AKTEST", "SKTEST", "DVC", "000.00.01.H29"}, Enterprises: []Enterprise{
		{TaxCode: "0300588569", Name: "CÔNG TY GẠO", Address: "Số 1", Representatives: []Representative{{Name: "AN", IDNumber: "1"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	token := base64.StdEncoding.EncodeToString([]byte(`{"AccessKey":"AKTEST","SecretKey":"SKTEST","AppName":"DVC","PartnerCode":"000.00.01.H29","PartnerCodeCus":"000.00.01.H29"}`))
	for _, tt := range []struct{ fault, token, code, want string }{
		{"ok", token, "0300588569", `"HO_ADDRESS_FULLTEXT":"Số 1"`},
		{"ok", token, "0100100079", `"ResultObject":null,"Status":"SUCCESS","StatusCode":200,"ThrowException":false`},
		{"ok", "x", "0300588569", `"Status":"FAILED","StatusCode":401`},
		{"fault", token, "0300588569", `"Status":"FAILED","StatusCode":500,"ThrowException":true`},
		{"flags", token, "0300588569", `"Status":"SUCCESS","StatusCode":200,"ThrowException":true`},
	} {
		b.Set(standin.Fault{Mode: tt.fault})
		if status, body := do(t, "GET", b.RelayEndpoint()+"?MaSoDoanhNghiep="+tt.code, "", map[string]string{"lgspaccesstoken": tt.token}); status != http.StatusOK || !strings.Contains(body, tt.want) {
			t.Errorf("%+v: %d %s", tt, status, body)
		}
	}
}
