package vnpay

import (
	"encoding/json"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"motcua/locales"
	"motcua/payments"
)

type vectors struct {
	VNPay []struct {
		ID, Secret, Canon, Hash string
		Fields                  map[string]string
	}
	Pipe []struct{ ID, Secret, Data, Hash string } `json:"vnpay_pipe"`
	Raw  []struct{ ID, Secret, Data, Hash string } `json:"vnpay_raw"`
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.VNPay) != 4 || len(v.Pipe) != 2 || len(v.Raw) != 2 {
		t.Fatalf("vectors are missing: %d %d %d", len(v.VNPay), len(v.Pipe), len(v.Raw))
	}
	return v
}

func TestVectors(t *testing.T) {
	v := readVectors(t)
	for _, x := range v.VNPay {
		if got := canonical(x.Fields); got != x.Canon {
			t.Errorf("%s: canonical form\n%s\nwant\n%s", x.ID, got, x.Canon)
		}
		if got := sign(x.Secret, x.Canon); got != x.Hash {
			t.Errorf("%s: hash %s", x.ID, got)
		}
		fields, err := Config{Secret: x.Secret}.verify(x.Canon + "&vnp_SecureHash=" + x.Hash)
		if err != nil || fields["vnp_TxnRef"] != x.Fields["vnp_TxnRef"] {
			t.Errorf("%s: %v %v", x.ID, fields, err)
		}
	}
	for _, x := range append(v.Pipe, v.Raw...) {
		if got := sign(x.Secret, x.Data); got != x.Hash {
			t.Errorf("%s: hash %s", x.ID, got)
		}
	}
}

func TestOrdersOfTheAPI(t *testing.T) {
	v := readVectors(t)
	for i, order := range [][]string{queryOrder, replyOrder} {
		values := strings.Split(v.Pipe[i].Data, "|")
		if len(values) != len(order) {
			t.Fatalf("%d values for %d names", len(values), len(order))
		}
		fields := map[string]string{}
		for j, name := range order {
			fields["vnp_"+name] = values[j]
		}
		if got := piped(fields, order); got != v.Pipe[i].Data {
			t.Errorf("%s", got)
		}
	}
}

const secret = "VNPAYTESTSECRET0123456789ABCDEF0"

func TestVerifyRefuses(t *testing.T) {
	e := readVectors(t).VNPay[3]
	good := e.Canon + "&vnp_SecureHash=" + e.Hash
	c := Config{Secret: secret}
	if _, err := c.verify(good); err != nil {
		t.Fatal(err)
	}
	shuffled := strings.Split(e.Canon, "&")
	slices.Reverse(shuffled)
	unsorted := strings.Join(shuffled, "&")
	for name, raw := range map[string]string{
		"nothing":                   "",
		"no hash":                   e.Canon,
		"empty hash":                e.Canon + "&vnp_SecureHash=",
		"short hash":                e.Canon + "&vnp_SecureHash=" + e.Hash[:126],
		"no hex":                    e.Canon + "&vnp_SecureHash=" + strings.Repeat("zz", 64),
		"of other fields":           strings.Replace(good, "Amount=15000000", "Amount=1500000", 1),
		"of the unsorted order":     unsorted + "&vnp_SecureHash=" + sign(secret, unsorted),
		"with another key":          e.Canon + "&vnp_SecureHash=" + sign("other", e.Canon),
		"with an empty key":         e.Canon + "&vnp_SecureHash=" + sign("", e.Canon),
		"one more signed-looking":   good + "&vnp_Extra=1",
		"amount twice, good first":  good + "&vnp_Amount=1",
		"amount twice, good last":   "vnp_Amount=1&" + good,
		"the same amount twice":     good + "&vnp_Amount=15000000",
		"a name twice in disguise":  good + "&vnp%5FAmount=1",
		"hash twice":                good + "&vnp_SecureHash=" + e.Hash,
		"a foreign name twice":      good + "&a=1&a=2",
		"an escape that is none":    good + "&vnp_X=%zz",
		"longer than anything sent": good + "&x=" + strings.Repeat("x", maxQuery),
	} {
		if fields, err := c.verify(raw); err == nil {
			t.Errorf("%s: taken: %v", name, fields)
		}
	}
	for name, c := range map[string]Config{"no secrets": {}, "another secret": {Secret: "x", PreviousSecret: "y"}} {
		if _, err := c.verify(good); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := (Config{}).verify(e.Canon + "&vnp_SecureHash=" + sign("", e.Canon)); err == nil {
		t.Error("an empty secret verifies")
	}
}

func TestVerifyTakes(t *testing.T) {
	e := readVectors(t).VNPay[3]
	other := strings.Replace(e.Canon, "Le+phi", "Le+phi%7E", 1) // as PHP and JavaScript write ~
	literal := strings.Replace(e.Canon, "Le+phi", "Le+phi*(!)", 1)
	shuffled := strings.Split(e.Canon, "&")
	slices.Reverse(shuffled)
	for name, raw := range map[string]string{
		"any order of fields":          strings.Join(shuffled, "&") + "&vnp_SecureHash=" + e.Hash,
		"upper-case hex":               e.Canon + "&vnp_SecureHash=" + strings.ToUpper(e.Hash),
		"the type of version 2.0":      e.Canon + "&vnp_SecureHashType=HmacSHA512&vnp_SecureHash=" + e.Hash,
		"fields of our own address":    "hs=1&lang=vi&" + e.Canon + "&vnp_SecureHash=" + e.Hash,
		"empty fields":                 e.Canon + "&vnp_Empty=&vnp_SecureHash=" + e.Hash,
		"another encoder of ~":         other + "&vnp_SecureHash=" + sign(secret, other),
		"another encoder of * ( ! )":   literal + "&vnp_SecureHash=" + sign(secret, literal),
		"another encoder, other order": "vnp_SecureHash=" + sign(secret, other) + "&" + other,
	} {
		fields, err := (Config{Secret: secret}).verify(raw)
		if err != nil || fields["vnp_Amount"] != "15000000" || fields["hs"] != "" {
			t.Errorf("%s: %v %v", name, fields, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("vnp_Amount=1&vnp_SecureHash=00")
	f.Add("%zz=&;=&&=&vnp_\xff=%00")
	c := Config{Secret: secret}
	f.Fuzz(func(t *testing.T, raw string) {
		if fields, err := c.verify(raw); err == nil {
			t.Fatalf("%q is taken: %v", raw, fields)
		}
	})
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Nộp phí, lệ phí hồ sơ H01.15-261121-0001": "Nop phi le phi ho so H01.15-261121-0001",
		"Đường  Điện\tBiên \n":                     "Duong Dien Bien",
		"Đặng (A) * ~ ! ' é":                       "Dang A e",
		"ĐẶNG THỊ ƯỚC":                             "DANG THI UOC",
		"日本":                                       "",
		strings.Repeat("ê", 300):                   strings.Repeat("e", 255),
	} {
		if got := Fold(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		// every encoder agrees on what is left
		if got := url.QueryEscape(Fold(in)); strings.ContainsAny(got, "~*") {
			t.Errorf("%q", got)
		}
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "::1": "0000:0000:0000:0000:0000:0000:0000:0001", "::ffff:203.0.113.7": "203.0.113.7",
		"fe80::1%eth0": "fe80:0000:0000:0000:0000:0000:0000:0001", "": "0.0.0.0", "x' or": "0.0.0.0",
	} {
		if got := address(in); got != want || len(got) < 7 || len(got) > 45 {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func TestParseAmount(t *testing.T) {
	for in, want := range map[string]int64{"100": 1, "15000000": 150_000, "999999999900": 9_999_999_999} {
		if got, ok := parseAmount(in); !ok || got != want {
			t.Errorf("%q: %d %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "0", "00", "0100", "-100", "+100", "1e4", "100.0", "150", "1", "9999999999900", "99999999999999999999", "１００", " 100"} {
		if got, ok := parseAmount(in); ok {
			t.Errorf("%q: %d", in, got)
		}
	}
}

func TestVerdict(t *testing.T) {
	for codes, want := range map[string]payments.Verdict{
		"00/00": payments.SaysPaid, "00/01": payments.SaysPending, "24/02": payments.SaysCancelled, "51/02": payments.SaysFailed,
		"11/02": payments.SaysFailed, "00/02": payments.SaysFailed, "99/01": payments.SaysFailed, "75/": payments.SaysFailed,
		"07/00": payments.SaysDoubtful, "07/02": payments.SaysDoubtful, "07/": payments.SaysDoubtful, "00/04": payments.SaysDoubtful,
		"00/07": payments.SaysDoubtful, "00/05": payments.SaysDoubtful, "00/06": payments.SaysDoubtful, "00/09": payments.SaysDoubtful,
		"99/00": payments.SaysDoubtful, "24/00": payments.SaysDoubtful, "00/": payments.SaysDoubtful, "/": payments.SaysDoubtful, "00/xx": payments.SaysDoubtful,
	} {
		response, status, _ := strings.Cut(codes, "/")
		if got := verdict(response, status); got != want {
			t.Errorf("%s: %s, want %s", codes, got, want)
		}
	}
}

func TestConfigNamesEveryFault(t *testing.T) {
	good := Config{TmnCode: "DVCTEST1", Secret: "s", PayURL: "https://a.example/p", QueryURL: "https://a.example/q", ReturnURL: "https://b.example/r"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	bad := Config{PayURL: "a", QueryURL: "ftp://x", ReturnURL: "https://b.example/r?x=~"}
	err := bad.Check()
	if err == nil || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("%v", err)
	}
	if _, err := (&Client{Config: bad}).Begin(payments.Order{}, payments.Attempt{Amount: 1}, "", locales.VI); err == nil {
		t.Error("a payment began with a bad configuration")
	}
}
