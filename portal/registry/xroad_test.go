package registry

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"motcua/portal/standin"
)

// TestQuestionOnXRoad: what leaves the house, and that no personal number is in its address
// or its headers.
func TestQuestionOnXRoad(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	r := o.request()
	if _, err := o.births.Births(t.Context(), r, mother); err != nil {
		t.Fatal(err)
	}
	e := o.xroad.Entries()[0]
	if e.Method != http.MethodPost || e.Path != "/r1/VN/GOV/BTP/HOTICH/tra-cuu/khai-sinh" || e.Body != `{"soDinhDanh":"001190000011"}` {
		t.Errorf("%s %s %s", e.Method, e.Path, e.Body)
	}
	for name, want := range map[string]string{"X-Road-Client": "VN/GOV/H01/DVC", "X-Road-Id": r.ID, "X-Road-Userid": "VNperson-7", "X-Road-Issue": r.Issue, "Accept": "application/json"} {
		if got := http.Header(e.Headers).Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if strings.Contains(fmt.Sprint(e.Path, e.Headers), mother) {
		t.Errorf("the number is in %s %v", e.Path, e.Headers)
	}
	r.ID, r.By, r.Issue = o.request().ID, "", ""
	if _, err := o.births.Births(t.Context(), r, mother); err != nil {
		t.Fatal(err)
	}
	if h := o.xroad.Entries()[1].Headers; h["X-Road-Userid"] != nil || h["X-Road-Issue"] != nil {
		t.Errorf("nobody asks for nothing: %v", h)
	}
}

// TestAskedAgain: a question that is put again has another id; the same one is seen to be
// a repetition.
func TestAskedAgain(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	r := o.request()
	for i, want := range []error{nil, ErrRefused} {
		if _, err := o.licences.Licences(t.Context(), r, mother); !errors.Is(err, want) {
			t.Errorf("time %d: %v", i+1, err)
		}
	}
	if _, err := o.licences.Licences(t.Context(), o.request(), mother); err != nil {
		t.Errorf("with an id of its own: %v", err)
	}
}

// TestNothingGetsIntoHeaders: line breaks in a member's code, in a service or in a request
// begin no header of their own: nothing is sent.
func TestNothingGetsIntoHeaders(t *testing.T) {
	t.Parallel()
	const evil = "H01\r\nX-Road-UserId: VNother"
	for name, spoil := range map[string]func(o *outside, r *Request){
		"member":          func(o *outside, _ *Request) { o.births.Client = "VN/GOV/" + evil + "/DVC" },
		"member, a line":  func(o *outside, _ *Request) { o.births.Client = "VN/GOV/H01\n/DVC" },
		"member, encoded": func(o *outside, _ *Request) { o.births.Client = "VN/GOV/H01%0d%0a/DVC" },
		"member, short":   func(o *outside, _ *Request) { o.births.Client = "VN/GOV" },
		"no member":       func(o *outside, _ *Request) { o.births.Client = "" },
		"service":         func(o *outside, _ *Request) { o.births.Service = "VN/GOV/BTP/" + evil + "/tra-cuu" },
		"service, up":     func(o *outside, _ *Request) { o.births.Service = "VN/GOV/BTP/../tra-cuu" },
		"service, query":  func(o *outside, _ *Request) { o.births.Service = "VN/GOV/BTP/HOTICH/tra-cuu/x" },
		"id":              func(_ *outside, r *Request) { r.ID += "\r\nX-Road-UserId: VNother" },
		"no id":           func(_ *outside, r *Request) { r.ID = "" },
		"by":              func(_ *outside, r *Request) { r.By = "person-7\r\nX: y" },
		"by a number":     func(_ *outside, r *Request) { r.By = "person-" + mother },
		"issue":           func(_ *outside, r *Request) { r.Issue = "draft\n1" },
		"issue in words":  func(_ *outside, r *Request) { r.Issue = "hồ sơ" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOutside(t)
			r := o.request()
			spoil(o, &r)
			if _, err := o.births.Births(t.Context(), r, mother); !errors.Is(err, ErrRefused) {
				t.Errorf("%v", err)
			}
			if n := len(o.xroad.Entries()); n != 0 {
				t.Errorf("%d questions left the house", n)
			}
		})
	}
}

func TestIdentifier(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"VN/GOV/H01/DVC":            "VN/GOV/H01/DVC",
		"VN/GOV/Sở Tư pháp/Hộ tịch": "VN/GOV/S%E1%BB%9F%20T%C6%B0%20ph%C3%A1p/H%E1%BB%99%20t%E1%BB%8Bch",
		"VN/GOV/000.00.01.H29/a?b":  "VN/GOV/000.00.01.H29/a%3Fb",
		"VN/GOV/H01":                "VN/GOV/H01",
		"VN/GOV/H01/DVC/x":          "", "VN/GOV": "", "VN//H01/DVC": "", "VN/GOV/H01/": "", "/VN/GOV/H01": "",
		"VN/GOV/./DVC": "", "VN/GOV/../DVC": "", "VN/GOV/a:b/DVC": "", "VN/GOV/a;b/DVC": "", `VN/GOV/a\b/DVC`: "", "VN/GOV/a%2fb/DVC": "",
		"VN/GOV/a\tb/DVC": "", "VN/GOV/a\u200bb/DVC": "", "VN/GOV/a\ufeffb/DVC": "", "VN/GOV/a\u00adb/DVC": "", "VN/GOV/\xff/DVC": "",
	} {
		got, err := ClientIdentifier(id)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", id, got, err)
		}
	}
}

// TestXRoadErrors: the header X-Road-Error tells X-Road's word from the provider's own.
func TestXRoadErrors(t *testing.T) {
	t.Parallel()
	const fine = `{"soDinhDanh":"001190000011","khaiSinh":[]}`
	for _, tt := range []struct {
		status  int
		mark    string
		body    string
		want    error // nil: an outage
		because string
	}{
		{200, "", fine, ErrNotFound, "civil status: the register knows no such number"},
		{404, "", `{"loi":"khong co"}`, ErrNotFound, "civil status: the register knows no such number"},
		{404, "", `<html>`, ErrNotFound, "civil status: the register knows no such number"},
		{404, "Server.ServerProxy.UnknownService", fine, nil, "civil status: X-Road says Server.ServerProxy.UnknownService"},
		{500, "Server.ServerProxy.NetworkError", fine, nil, "civil status: X-Road says Server.ServerProxy.NetworkError"},
		{500, "Server.ClientProxy.IOError", ``, nil, "civil status: X-Road says Server.ClientProxy.IOError"},
		{200, "Server.ServerProxy.ServiceFailed", fine, nil, "civil status: X-Road says Server.ServerProxy.ServiceFailed"},
		{400, "Client.BadRequest", ``, ErrRefused, "civil status: the answer cannot be used: X-Road says Client.BadRequest"},
		{500, "<b>", ``, nil, "civil status: X-Road says (unreadable)"},
		{500, "", fine, nil, "civil status: status 500"},
		{503, "", fine, nil, "civil status: status 503"},
		{429, "", fine, nil, "civil status: status 429"},
		{401, "", fine, nil, "civil status: status 401"},
		{302, "", fine, nil, "civil status: status 302"},
		{204, "", ``, nil, "civil status: status 204"},
		{400, "", fine, ErrRefused, "civil status: the answer cannot be used: status 400"},
		{422, "", fine, ErrRefused, "civil status: the answer cannot be used: status 422"},
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if tt.mark != "" {
				w.Header().Set("X-Road-Error", tt.mark)
			}
			w.WriteHeader(tt.status)
			if tt.status != http.StatusNoContent {
				fmt.Fprint(w, tt.body)
			}
		})
		c := CivilClient{XRoad: XRoad{URL: server, Client: memberClient}, Service: civilService}
		_, err := c.Births(t.Context(), Request{ID: "1"}, mother)
		is := err != nil && err.Error() == tt.because && errors.Is(err, ErrNotFound) == (tt.want == ErrNotFound) && errors.Is(err, ErrRefused) == (tt.want == ErrRefused)
		if !is {
			t.Errorf("%d %s: %v", tt.status, tt.mark, err)
		}
	}
}

// TestSecurityServer: the faults of the security server itself, and of a provider that
// answers 404 for people without an entry.
func TestSecurityServer(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	for fault, want := range map[string]error{"ok": nil, "fault": nil, "client": ErrRefused, "redirect": nil, "hash": ErrRefused, "dead": nil, "garbage": ErrRefused} {
		o.xroad.Set(standin.Fault{Mode: fault})
		found, err := o.parcels.Certificates(t.Context(), o.request(), mother)
		if (err == nil) != (fault == "ok") || (len(found) == 1) != (fault == "ok") || errors.Is(err, ErrRefused) != (want == ErrRefused) || errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v, %v", fault, found, err)
		}
	}
	o.xroad.Set(standin.Fault{Mode: "hash"})
	o.parcels.Unhashed = true
	if _, err := o.parcels.Certificates(t.Context(), o.request(), mother); err != nil {
		t.Errorf("where a proxy changes headers: %v", err)
	}
	o.xroad.Set(standin.Fault{Mode: "ok"})
	o.land.Set(standin.Fault{Mode: "missing"})
	if _, err := o.parcels.Certificates(t.Context(), o.request(), mother); !errors.Is(err, ErrNotFound) {
		t.Errorf("the provider's own 404: %v", err)
	}
	if err := o.land.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := o.parcels.Certificates(t.Context(), o.request(), mother); err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrRefused) {
		t.Errorf("without a provider: %v", err)
	}
	o.parcels.Service = "VN/GOV/BNNMT/DATDAI/khac"
	if _, err := o.parcels.Certificates(t.Context(), o.request(), mother); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("a service that is not there: %v", err)
	}
	o.parcels.Client = "VN/GOV/H02/DVC"
	if _, err := o.parcels.Certificates(t.Context(), o.request(), mother); !errors.Is(err, ErrRefused) {
		t.Errorf("as somebody else: %v", err)
	}
}

// TestAnswersToOthers: an answer with another question's id or hash is not taken; one that
// has neither is judged by what is in it.
func TestAnswersToOthers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		head func(h http.Header)
		want error
	}{
		"neither":      {func(http.Header) {}, ErrNotFound},
		"its id":       {func(h http.Header) { h.Set("X-Road-Id", "id-1") }, ErrNotFound},
		"another's id": {func(h http.Header) { h.Set("X-Road-Id", "id-2") }, ErrRefused},
		"no hash":      {func(h http.Header) { h.Set("X-Road-Request-Hash", "none") }, ErrRefused},
		"half a hash":  {func(h http.Header) { h.Set("X-Road-Request-Hash", strings.Repeat("A", 44)) }, ErrRefused},
	} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			tt.head(w.Header())
			_, _ = io.WriteString(w, `{"soDinhDanh":"001190000011","khaiSinh":[]}`)
		})
		c := CivilClient{XRoad: XRoad{URL: server, Client: memberClient}, Service: civilService}
		if _, err := c.Births(t.Context(), Request{ID: "id-1"}, mother); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOneQuestionOneRequest: a client never asks twice by itself.
func TestOneQuestionOneRequest(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("X-Road-Error", "Server.ServerProxy.NetworkError")
		w.WriteHeader(http.StatusInternalServerError)
	})
	c := LandClient{XRoad: XRoad{URL: server, Client: memberClient}, Service: landService}
	if _, err := c.Certificates(t.Context(), Request{ID: "1"}, mother); err == nil || asked.Load() != 1 {
		t.Errorf("asked %d times, %v", asked.Load(), err)
	}
}

// TestEntriesOfOthers: the traps of the lists that come through X-Road.
func TestEntriesOfOthers(t *testing.T) {
	t.Parallel()
	birth := `{"so":"1","con":{"hoTen":"A"},"me":{"hoTen":"B","soDinhDanh":"001190000011"}}`
	other := `{"so":"1","con":{"hoTen":"A"},"me":{"hoTen":"B","soDinhDanh":"001190000012"}}`
	wed := `{"so":"1","chong":{"hoTen":"X","soDinhDanh":"001088000012"},"vo":{"hoTen":"B","soDinhDanh":"001190000011"}}`
	births := func(n *node, number string) (any, error) { return gave(readBirths(n, number)) }
	marriage := func(n *node, number string) (any, error) { return gave(readMarriage(n, number)) }
	guardians := func(n *node, number string) (any, error) { return gave(readGuardianships(n, number)) }
	land := func(n *node, number string) (any, error) { return gave(readCertificates(n, number)) }
	licences := func(n *node, number string) (any, error) { return gave(readLicences(n, number)) }
	for _, tt := range []struct {
		name, json string
		read       func(*node, string) (any, error)
		want       error
	}{
		{"a list", `"khaiSinh":[` + birth + `]`, births, nil},
		{"an object for one", `"khaiSinh":` + birth, births, nil},
		{"null", `"khaiSinh":null`, births, ErrNotFound},
		{"an empty list", `"khaiSinh":[]`, births, ErrNotFound},
		{"no list", `"x":[]`, births, ErrRefused},
		{"text in the list", `"khaiSinh":["A"]`, births, ErrRefused},
		{"numbers in the list", `"khaiSinh":[1,2]`, births, ErrRefused},
		{"an empty entry", `"khaiSinh":[{}]`, births, ErrRefused},
		{"one of others among them", `"khaiSinh":[` + birth + `,` + other + `]`, births, ErrRefused},
		{"a child without a name", `"khaiSinh":[` + strings.Replace(birth, `"A"`, `""`, 1) + `]`, births, ErrRefused},
		{"two mothers", `"khaiSinh":[` + strings.Replace(birth, `"me"`, `"me":{"soDinhDanh":"001190000012"},"me"`, 1) + `]`, births, ErrRefused},
		{"too many", `"khaiSinh":[` + strings.Repeat(birth+",", mostEntries) + birth + `]`, births, ErrRefused},
		{"as many as may be", `"khaiSinh":[` + strings.Repeat(birth+",", mostEntries-1) + birth + `]`, births, nil},
		{"markup where nobody reads", `"khaiSinh":[],"ghiChu":"<b>"`, births, ErrRefused},
		{"a marriage", `"ketHon":[` + wed + `]`, marriage, nil},
		{"two marriages", `"ketHon":[` + wed + `,` + wed + `]`, marriage, ErrRefused},
		{"with oneself", `"ketHon":` + strings.Replace(wed, "001088000012", "001190000011", 1), marriage, ErrRefused},
		{"with a foreigner", `"ketHon":` + strings.Replace(wed, "001088000012", "AB123456", 1), marriage, nil},
		{"of others", `"ketHon":` + strings.Replace(wed, "001190000011", "001190000012", 1), marriage, ErrRefused},
		{"another's ward", `"giamHo":[{"nguoiGiamHo":{"soDinhDanh":"001190000012"},"nguoiDuocGiamHo":{"hoTen":"A"}}]`, guardians, ErrRefused},
		{"the ward for the guardian", `"giamHo":[{"nguoiDuocGiamHo":{"soDinhDanh":"001190000011","hoTen":"A"}}]`, guardians, ErrRefused},
		{"land of others", `"giayChungNhan":[{"soPhatHanh":"1","nguoiSuDung":[{"soDinhDanh":"001190000012"}]}]`, land, ErrRefused},
		{"land of several", `"giayChungNhan":[{"soPhatHanh":"1","nguoiSuDung":[{"soDinhDanh":"001190000012"},{"soDinhDanh":"001190000011"}]}]`, land, nil},
		{"land without a paper", `"giayChungNhan":[{"nguoiSuDung":[{"soDinhDanh":"001190000011"}]}]`, land, ErrRefused},
		{"a licence of others", `"giayPhep":[{"so":"1","nguoiDuocCap":{"soDinhDanh":"001190000012"}}]`, licences, ErrRefused},
	} {
		root, err := readAbout([]byte(`{"soDinhDanh":"001190000011",`+tt.json+`}`), mother)
		if err == nil {
			_, err = tt.read(root, mother)
		}
		if !errors.Is(err, tt.want) || tt.want == nil && err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	for name, answer := range map[string]string{"another's number": `{"soDinhDanh":"001190000012","khaiSinh":[]}`, "no number": `{"khaiSinh":[]}`,
		"two numbers": `{"soDinhDanh":"001190000011","soDinhDanh":"001190000012","khaiSinh":[]}`, "a number in a list": `{"soDinhDanh":["001190000011","001190000012"]}`} {
		if _, err := readAbout([]byte(answer), mother); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
