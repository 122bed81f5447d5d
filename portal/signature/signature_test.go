package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// signer makes signatures as a program for signing does.
type signer struct {
	key  crypto.Signer
	cert *x509.Certificate
	hash crypto.Hash
	alg  asn1.ObjectIdentifier
	pss  bool
	bare bool // without signed attributes
	open bool // outer lengths left open, as BER allows
	kind asn1.ObjectIdentifier
}

var (
	rsaKey = sync.OnceValue(func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, 2048)) })
	ecKey  = sync.OnceValue(func() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })

	signedOn = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)

	data  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	stamp = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newSigner(key crypto.Signer, name string, hash crypto.Hash, alg ...int) signer {
	issuer := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "VNPT-CA"}}
	about := &x509.Certificate{SerialNumber: big.NewInt(8), Subject: pkix.Name{CommonName: name}, NotBefore: signedOn, NotAfter: signedOn.AddDate(1, 0, 0)}
	der := must(x509.CreateCertificate(rand.Reader, about, issuer, key.Public(), key))
	return signer{key: key, cert: must(x509.ParseCertificate(der)), hash: hash, alg: alg, kind: data}
}

func rsaSigner() signer {
	return newSigner(rsaKey(), "Nguyễn Thị Mai", crypto.SHA256, 1, 2, 840, 113549, 1, 1, 1)
}

func ecSigner() signer {
	return newSigner(ecKey(), "Trần Phúc", crypto.SHA384, 1, 2, 840, 10045, 4, 3, 3)
}

func pssSigner() signer {
	s := newSigner(rsaKey(), "Lê Hoa", crypto.SHA512, 1, 2, 840, 113549, 1, 1, 10)
	s.pss = true
	return s
}

func oidOf(h crypto.Hash) asn1.ObjectIdentifier {
	for oid, known := range hashes {
		if known == h {
			var id asn1.ObjectIdentifier
			for part := range strings.SplitSeq(oid, ".") {
				var n int
				fmt.Sscan(part, &n)
				id = append(id, n)
			}
			return id
		}
	}
	panic("no such hash")
}

func node(tag int, class int, parts ...[]byte) []byte {
	return must(asn1.Marshal(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: bytes.Join(parts, nil)}))
}

func seq(parts ...[]byte) []byte { return node(asn1.TagSequence, 0, parts...) }
func set(parts ...[]byte) []byte { return node(asn1.TagSet, 0, parts...) }
func explicit(tag int, parts ...[]byte) []byte {
	return node(tag, asn1.ClassContextSpecific, parts...)
}
func der(v any) []byte { return must(asn1.Marshal(v)) }

// sign is the CMS over the content.
func (s signer) sign(content []byte) []byte {
	sum := func(b []byte) []byte { h := s.hash.New(); h.Write(b); return h.Sum(nil) }
	algorithm := seq(der(s.alg))
	var opts crypto.SignerOpts = s.hash
	if s.pss {
		opts = &rsa.PSSOptions{SaltLength: 32, Hash: s.hash}
		algorithm = seq(der(s.alg), seq(explicit(0, seq(der(oidOf(s.hash)))), explicit(2, der(32))))
	}
	attrs := bytes.Join([][]byte{
		seq(der(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}), set(der(s.kind))),
		seq(der(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}), set(der(signedOn))),
		seq(der(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}), set(der(sum(content)))),
	}, nil)
	what, sent := set(attrs), explicit(0, attrs)
	if s.bare {
		what, sent = content, nil
	}
	signature := must(s.key.Sign(rand.Reader, sum(what), opts))
	info := seq(der(1), seq(s.cert.RawIssuer, der(s.cert.SerialNumber)), seq(der(oidOf(s.hash))), sent, algorithm, der(signature))
	parts := [][]byte{der(1), set(seq(der(oidOf(s.hash)))), seq(der(s.kind)), explicit(0, s.cert.Raw), set(info)}
	signedData := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	if !s.open {
		return seq(der(signedData), explicit(0, seq(parts...)))
	}
	left := func(tag byte, parts ...[]byte) []byte {
		return append(append([]byte{tag, 0x80}, bytes.Join(parts, nil)...), 0, 0)
	}
	return left(0x30, der(signedData), left(0xa0, left(0x30, parts...)))
}

const room = 8192 // digits

// onto adds a revision with a signature over all of it, as programs for signing do.
func (s signer) onto(document string) string {
	document += "9 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange "
	const ranges = "[%d %d %d %d]"
	head := len(document) + 50 + len("\n/Contents ")
	tail := "\n>>\nendobj\n%%EOF\n"
	document += fmt.Sprintf("%-50s\n/Contents ", fmt.Sprintf(ranges, 0, head, head+room+2, len(tail)))
	cms := hex.EncodeToString(s.sign([]byte(document + tail)))
	return document + "<" + cms + strings.Repeat("0", room-len(cms)) + ">" + tail
}

const plain = "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n(Tôi đồng ý)\n%%EOF\n"

func states(all []Signature) (list []State) {
	for _, s := range all {
		list = append(list, s.State)
	}
	return list
}

func TestEachKindOfSignature(t *testing.T) {
	t.Parallel()
	bare, open := rsaSigner(), ecSigner()
	bare.bare, open.open = true, true
	named := newSigner(rsaKey(), "Nguyễn Thị Mai", crypto.SHA512, 1, 2, 840, 113549, 1, 1, 13)
	weak := newSigner(rsaKey(), "Nguyễn Thị Mai", crypto.SHA1, 1, 2, 840, 113549, 1, 1, 5)
	for name, s := range map[string]signer{"rsa": rsaSigner(), "rsa by name": named, "ecdsa": ecSigner(), "pss": pssSigner(),
		"without attributes": bare, "lengths left open": open, "sha-1": weak} {
		file := s.onto(plain)
		all := Read([]byte(file))
		if len(all) != 1 {
			t.Errorf("%s: %d signatures", name, len(all))
			continue
		}
		want := Signature{Signer: s.cert.Subject.CommonName, Issuer: "VNPT-CA", At: signedOn, State: Intact, Weak: name == "sha-1"}
		if s.bare {
			want.At = time.Time{}
		}
		if all[0] != want {
			t.Errorf("%s: %+v, want %+v", name, all[0], want)
		}
		if all[0].Good() == (name == "sha-1") {
			t.Errorf("%s: good %t", name, all[0].Good())
		}
		for what, changed := range map[string]struct {
			file  string
			state State
		}{
			"a byte":                     {strings.Replace(file, "đồng ý", "đồng Ý", 1), Changed},
			"a byte after the signature": {strings.Replace(file, "\n>>\nendobj\n%%EOF\n", "\n>>\nendobj\n%%EOG\n", 1), Changed},
			"its end cut off":            {file[:len(file)-3], Changed},
			"more after it":              {file + "1 0 obj\n(Tôi không đồng ý)\nendobj\n%%EOF\n", Partial},
			"a line end after it":        {file + "\r\n", Intact},
		} {
			got := Read([]byte(changed.file))
			if len(got) != 1 || got[0].State != changed.state || got[0].Signer != want.Signer {
				t.Errorf("%s, %s: %+v, want %s", name, what, got, changed.state)
			}
		}
	}
}

// The key's own signature is checked, not the digest alone.
func TestForeignKey(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]signer{"rsa": rsaSigner(), "pss": pssSigner()} {
		s.key = must(rsa.GenerateKey(rand.Reader, 2048))
		if got := Read([]byte(s.onto(plain))); !slices.Equal(states(got), []State{Changed}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTwoSigners(t *testing.T) {
	t.Parallel()
	got := Read([]byte(ecSigner().onto(rsaSigner().onto(plain))))
	if !slices.Equal(states(got), []State{Partial, Intact}) || got[0].Signer != "Nguyễn Thị Mai" || got[1].Signer != "Trần Phúc" {
		t.Errorf("%+v", got)
	}
	service := rsaSigner()
	service.kind = stamp
	if got := Read([]byte(service.onto(ecSigner().onto(plain)))); !slices.Equal(states(got), []State{Partial}) {
		t.Errorf("a timestamp is nobody's signature: %+v", got)
	}
	file := plain
	for range maxSignatures + 3 {
		file = ecSigner().onto(file)
	}
	if got := Read([]byte(file)); len(got) != maxSignatures {
		t.Errorf("%d signatures are looked at", len(got))
	}
}

// What lies between the ranges is signed by nobody, so nothing may lie there.
func TestNothingHidesBesideTheSignature(t *testing.T) {
	t.Parallel()
	file := rsaSigner().onto(plain)
	at, _, _ := strings.Cut(file, "/Contents ")
	first := len(at) + len("/Contents ")
	for what, hidden := range map[string]string{
		"an object in the gap":      file[:first] + "<" + file[first+1:first+room] + ">(x" + file[first+room+4:],
		"a range that begins later": strings.Replace(file, "[0 ", "[1 ", 1),
		"ranges that overlap":       strings.Replace(file, fmt.Sprintf("%d %d ", first, first+room+2), fmt.Sprintf("%d %d ", first+room+2, first), 1),
		"numbers beyond the file":   strings.Replace(file, fmt.Sprintf(" %d ", first+room+2), " 9999999999 ", 1),
		"no hexadecimal digits":     file[:first+1] + "xy" + file[first+3:],
		"no CMS":                    file[:first+1] + strings.Repeat("0", room) + file[first+1+room:],
		"a CMS that is torn":        file[:first+1] + file[first+1:first+900] + strings.Repeat("0", room-899) + file[first+1+room:],
	} {
		if got := Read([]byte(hidden)); !slices.Equal(states(got), []State{Unreadable}) {
			t.Errorf("%s: %+v", what, got)
		}
	}
	long := "%PDF-1.7\n/ByteRange [0 60 2000062 10] " // as much room as no signature needs
	long += strings.Repeat(" ", 60-len(long)) + "<" + strings.Repeat("0", 2_000_000) + ">          "
	if got := Read([]byte(long)); !slices.Equal(states(got), []State{Unreadable}) {
		t.Errorf("a long one: %+v", got)
	}
	if got := Read([]byte(plain + "/ByteRange [a b c d] /ByteRange")); got != nil {
		t.Errorf("unsigned: %+v", got)
	}
}

func TestNamesAreFitToBeShown(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Mai\u202egpj.\nexe":     "Maigpj.exe",
		"  ":                     "Sở Tư pháp",
		strings.Repeat("ă", 300): strings.Repeat("ă", maxName) + "…",
	} {
		if got := nameOf(pkix.Name{CommonName: name, Organization: []string{"Sở Tư pháp"}}); got != want {
			t.Errorf("%q is shown as %q", name, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	open := ecSigner()
	open.open = true
	for _, file := range []string{plain, rsaSigner().onto(plain), pssSigner().onto(plain), open.onto(plain), ecSigner().onto(rsaSigner().onto(plain))} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, pdf []byte) {
		storable(t, Read(pdf))
	})
}

// The CMS alone, which chance seldom reaches through the document around it.
func FuzzCMS(f *testing.F) {
	open := ecSigner()
	open.open = true
	for _, s := range []signer{rsaSigner(), pssSigner(), ecSigner(), open} {
		f.Add(s.sign([]byte(plain)))
	}
	f.Fuzz(func(t *testing.T, cms []byte) {
		head := "/ByteRange [0 60 0000000000 0] "
		head = strings.Replace(head, "0000000000", fmt.Sprintf("%010d", 60+2+2*len(cms)), 1)
		storable(t, Read([]byte(fmt.Sprintf("%-60s<%x>", head, cms))))
	})
}

func storable(t *testing.T, all []Signature) {
	t.Helper()
	b, err := json.Marshal(all)
	if err != nil || bytes.Contains(b, []byte(`\u0000`)) {
		t.Errorf("%s, %v", b, err)
	}
	for _, s := range all {
		if s.Read() == (s.State == Unreadable) || s.Says().Key == "" || s.Unproven().Key == "" {
			t.Errorf("%+v cannot be told", s)
		}
	}
}
