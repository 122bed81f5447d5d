package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"motcua/portal/standin"
)

var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

func startPopulation(t *testing.T, dir string) *Population {
	t.Helper()
	p, err := StartPopulation(standin.Options{Dir: dir}, PopulationConfig{
		AuthURL: "https://vdxp.example/auth", User: "DVCUSER", Secret: "VDXPSECRETTEST", Member: "VN/GOV/H01/DVC", APIKey: "key",
		Now:    func() time.Time { return noon },
		People: []Citizen{{IDNumber: "001099000001", FullName: "Nguyễn Văn Mẫu", BirthDate: "1999-01-01", Sex: "1"}, {IDNumber: "001099000002", FullName: "Lê Khác"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func do(t *testing.T, method, address, body string, header map[string]string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// query is a request written by hand, not by the client.
func query(children string) string {
	return `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:dan="http://dancuquocgia.bca"><soapenv:Header/><soapenv:Body><dan:TraCuuThongTinCongDan>` +
		children + `</dan:TraCuuThongTinCongDan></soapenv:Body></soapenv:Envelope>`
}

func child(name, value string) string {
	return "<dan:" + name + ">" + value + "</dan:" + name + ">"
}

const born = `<dan:NgayThangNamSinh><dan:Nam>1999</dan:Nam></dan:NgayThangNamSinh>`

func usual(request string) []string {
	return []string{child("MaYeuCau", request), child("MaDVC", "D"), child("MaTichHop", "037"), child("MaCanBo", "C"),
		child("SoDinhDanh", "001099000001"), child("HoVaTen", "NGUYEN VAN MAU"), born}
}

// headers signs as the platform asks; the hash is made by another program.
func headers(t *testing.T, at time.Time) map[string]string {
	t.Helper()
	stamp := fmt.Sprint(at.UnixMilli())
	sum := exec.Command("sha256sum")
	sum.Stdin = strings.NewReader("https://vdxp.example/authDVCUSER" + stamp + "VDXPSECRETTEST")
	out, err := sum.Output()
	if err != nil {
		t.Skipf("no sha256sum here: %v", err)
	}
	return map[string]string{
		"Timestamp": stamp, "Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("DVCUSER:"+string(out[:64]))),
		"X-Road-Client": "VN/GOV/H01/DVC", "ApiKey": "key", "SOAPAction": `""`, "Content-Type": "text/xml; charset=utf-8",
	}
}

func TestPopulationAnswers(t *testing.T) {
	t.Parallel()
	p := startPopulation(t, "")
	status, body := do(t, "POST", p.Endpoint(), query(strings.Join(usual("1"), "")), headers(t, noon))
	if status != http.StatusOK || !strings.Contains(body, `<CongdanCollection xmlns="http://www.mic.gov.vn/dancu/1.0"><CongDan><SoDinhDanh>001099000001</SoDinhDanh>`) ||
		!strings.Contains(body, "<HoVaTen><Ho>Nguyễn</Ho><ChuDem>Văn</ChuDem><Ten>Mẫu</Ten></HoVaTen>") || !strings.Contains(body, "<NgayThangNam>19990101</NgayThangNam>") {
		t.Errorf("%d %s", status, body)
	}
	status, body = do(t, "POST", p.Endpoint(), strings.ReplaceAll(query(strings.Join(usual("2"), "")), "001099000001", "001099009999"), headers(t, noon))
	if status != http.StatusOK || strings.Contains(body, "<CongDan>") || strings.Contains(body, "Fault") {
		t.Errorf("nobody: %d %s", status, body)
	}
	newer := append(append(usual("3")[:4:4], child("MaDonVi", "x"), child("TaiKhoan", "x"), child("SoDienThoai", "x")), usual("3")[4:]...)
	if status, body = do(t, "POST", p.Endpoint(), query(strings.Join(newer, "")), headers(t, noon)); status != http.StatusOK {
		t.Errorf("with the newer elements: %d %s", status, body)
	}
}

// TestPopulationInsists: elements missing, out of order or filled wrongly are a SOAP fault.
func TestPopulationInsists(t *testing.T) {
	t.Parallel()
	p := startPopulation(t, "")
	bodies := map[string]string{
		"empty": "", "no XML": "x", "no query": `<a/>`,
		"another name space": strings.Replace(query(strings.Join(usual("ns"), "")), "dancuquocgia.bca", "other", 1),
	}
	for i := range usual("") {
		u := usual(fmt.Sprint("missing ", i))
		bodies[fmt.Sprint("missing ", i)] = query(strings.Join(append(u[:i:i], u[i+1:]...), ""))
		if i > 0 {
			u = usual(fmt.Sprint("swapped ", i))
			u[i-1], u[i] = u[i], u[i-1]
			bodies[fmt.Sprint("swapped ", i)] = query(strings.Join(u, ""))
		}
	}
	for name, value := range map[string][2]string{"marks": {"NGUYEN", "NGUYỄN"}, "lower case": {"NGUYEN", "nguyen"}, "another service": {"037", "033"}, "empty number": {"001099000001", ""}} {
		bodies[name] = strings.Replace(query(strings.Join(usual(name), "")), value[0], value[1], 1)
	}
	for name, body := range bodies {
		if status, answer := do(t, "POST", p.Endpoint(), body, headers(t, noon)); status != http.StatusInternalServerError || !strings.Contains(answer, "<faultcode>soapenv:Client</faultcode>") {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	for i, want := range []int{http.StatusOK, http.StatusInternalServerError} {
		if status, answer := do(t, "POST", p.Endpoint(), query(strings.Join(usual("same"), "")), headers(t, noon)); status != want {
			t.Errorf("MaYeuCau for time %d: %d %s", i+1, status, answer)
		}
	}
}

func TestPopulationChecksWhoAsks(t *testing.T) {
	t.Parallel()
	p := startPopulation(t, "")
	for _, h := range []string{"Timestamp", "Authorization", "X-Road-Client", "ApiKey", "SOAPAction"} {
		for _, wrong := range []string{"", "x"} {
			head := headers(t, noon)
			head[h] = wrong
			if wrong == "" {
				delete(head, h)
			}
			if status, answer := do(t, "POST", p.Endpoint(), query(strings.Join(usual(h+wrong), "")), head); status != http.StatusUnauthorized {
				t.Errorf("%s %q: %d %s", h, wrong, status, answer)
			}
		}
	}
	for _, off := range []time.Duration{-6 * time.Minute, 6 * time.Minute} {
		if status, _ := do(t, "POST", p.Endpoint(), query(strings.Join(usual(off.String()), "")), headers(t, noon.Add(off))); status != http.StatusUnauthorized {
			t.Errorf("a clock %s off: %d", off, status)
		}
	}
}

// TestEdit: what is changed at a running stand-in is on the wire, and still there after a restart.
func TestEdit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := startPopulation(t, dir)
	answer := func() string {
		_, body := do(t, "POST", p.Endpoint(), query(strings.Join(usual(fmt.Sprint(time.Now().UnixNano())), "")), headers(t, noon))
		return body
	}
	p.Set(standin.Fault{Mode: "dead"}) // the buttons of the stand-in itself keep working
	status, body := do(t, "POST", p.URL+"/_sandbox/records", `[{"id_number": "001099000001", "full_name": "Nguyễn Văn Đổi", "shape": "ten"}, {"id_number": "001099000003", "full_name": "Mới"}]`, nil)
	if status != http.StatusOK || body != `{"records":2}`+"\n" {
		t.Fatalf("%d %s", status, body)
	}
	p.Set(standin.Fault{Mode: "ok"})
	want := []string{"<Ten>Nguyễn Văn Đổi</Ten>", "<NgayThangNam>19990101</NgayThangNam>"}
	for range 2 {
		got := answer()
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("no %s in %s", w, got)
			}
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		p = startPopulation(t, dir)
	}
	if _, records := do(t, "GET", p.URL+"/_sandbox/records", "", nil); !json.Valid([]byte(records)) || !strings.Contains(records, "001099000003") {
		t.Errorf("records: %s", records)
	}
	for _, bad := range []string{``, `{}`, `[`, `{"full_name": "x"}`, `{"id_number": 1}`} {
		if status, _ := do(t, "POST", p.URL+"/_sandbox/records", bad, nil); status != http.StatusBadRequest {
			t.Errorf("%q: %d", bad, status)
		}
	}
	if _, page := do(t, "GET", p.URL+"/_sandbox/", "", nil); !strings.Contains(page, "Nguyễn Văn Đổi") {
		t.Errorf("its page: %s", page)
	}
}

func TestBusiness(t *testing.T) {
	t.Parallel()
	b, err := StartBusiness(standin.Options{}, BusinessConfig{Key: "k", Secret: "s", Enterprises: []Enterprise{
		{TaxCode: "0300588569", Name: "CÔNG TY GẠO", Representatives: []Representative{{Name: "AN", IDNumber: "1"}}},
		{TaxCode: "0101248141", Name: "CÔNG TY CÁ", Representatives: []Representative{{Name: "AN"}, {Name: "BÌNH"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for _, wrong := range []string{"", "k:x", "x:s"} {
		form["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(wrong))
		if status, body := do(t, "POST", b.TokenURL(), "grant_type=client_credentials", form); status != http.StatusUnauthorized {
			t.Errorf("%q: %d %s", wrong, status, body)
		}
	}
	form["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte("k:s"))
	_, body := do(t, "POST", b.TokenURL(), "grant_type=client_credentials", form)
	var given struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &given); err != nil {
		t.Fatal(err)
	}
	if status, _ := do(t, "GET", b.Endpoint()+"?msdn=0300588569", "", map[string]string{"Authorization": "Bearer x"}); status != http.StatusUnauthorized {
		t.Errorf("with an invented token: %d", status)
	}
	for code, want := range map[string]string{
		"0300588569": `"Representatives":{"DATE_OF_BIRTH"`, "0101248141": `"Representatives":[{"DATE_OF_BIRTH"`, "0100100079": `"MainInformation":null`} {
		status, body := do(t, "GET", b.Endpoint()+"?msdn="+code, "", map[string]string{"Authorization": "Bearer " + given.AccessToken})
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", code, status, body)
		}
	}
}
