package signin

import (
	"net/url"
	"strings"
	"testing"
)

// The addresses that a sign-in may go back to, and the ways in which open redirects have
// been had: other hosts by two slashes, backslashes, schemes, what browsers drop before
// they parse, and all of it encoded once or twice.
func TestSafeNext(t *testing.T) {
	t.Parallel()
	stay := []string{
		"/", "/ho-so", "/thu-tuc?q=khai%20sinh&linh-vuc=", "/thu-tuc/1.001193/bat-dau",
		"/ho-so/5f0c7f5e-8a52-4d6e-9d5e-0c3f9a2b1c11/buoc/2", "/tra-cuu?ma=H01.15-261121-0001",
		"/can-bo/ho-so?trang=2&q=%C4%90%E1%BB%97", "/thu-tuc?q=100%25", "/ho-so#phi", "/thu-tuc?u=http://a.vn//b",
		"/a@b", "/a:b", "/ho-so;x=1", "/...", "/dang-nhap-khac", "/ho-so/", "/tra-cuu?ma=..%2F",
	}
	for _, s := range stay {
		if got := SafeNext(s); got != s {
			t.Errorf("SafeNext(%q) = %q, want it kept", s, got)
		}
	}
	home := []string{
		"", " ", "ho-so", "?q=1", "#x", ".", "..", "../", "./ho-so",
		"//evil.test", "///evil.test", "////evil.test/..", "/\\evil.test", "\\/evil.test", "\\\\evil.test", "/\\/evil.test",
		"/\t/evil.test", "/\n/evil.test", "/\r\n/evil.test", "\t//evil.test", " //evil.test", "/ /evil.test", "/ho-so\x00", "/\x7f/evil.test",
		"http://evil.test", "https://evil.test", "https:evil.test", "http:/evil.test", "HTTPS://evil.test", "javascript:alert(1)",
		"data:text/html,x", "mailto:a@evil.test", "ftp://evil.test", "//user@evil.test", "//evil.test%2f@127.0.0.1", "https://127.0.0.1:8080/ho-so",
		"/%2fevil.test", "/%2Fevil.test", "%2f%2fevil.test", "/%5cevil.test", "/%5Cevil.test", "/%252fevil.test", "/%25252fevil.test", "/%255cevil.test",
		"/ho-so%0d%0aSet-Cookie:%20a=b", "/ho-so?x=%0d%0aLocation:%20//evil.test", "/ho-so%00", "/%09/evil.test", "/?x=%250d%250a",
		"/..//evil.test", "/a/..//evil.test", "/a/%2e%2e//evil.test", "/%2e%2e/%2fevil.test", "/./ho-so", "/a//b", "/ho-so%",
		"/%zz", "/\u2028evil", "/%e2%80%a8evil", "/%e2%80%aeevil", "/%ef%bb%bf/evil.test", "/%ff", "/hồ-sơ",
		"/dang-nhap", "/dang-nhap/", "/dang-nhap?next=/dang-nhap", "/DANG-NHAP", "/dang-nhap/tra-ve?code=1", "/dang-xuat",
		"/" + strings.Repeat("a", longestNext), "/%2525252525252525",
	}
	for _, s := range home {
		if got := SafeNext(s); got != "/" {
			t.Errorf("SafeNext(%q) = %q, want /", s, got)
		}
	}
	if len(stay)+len(home) < 60 {
		t.Errorf("only %d forms", len(stay)+len(home))
	}
}

func FuzzSafeNext(f *testing.F) {
	f.Add("/ho-so?q=%2f%2f")
	base, err := url.Parse("https://portal.test/dang-nhap/tra-ve")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := SafeNext(s)
		to, err := base.Parse(got)
		if err != nil || to.Host != "portal.test" || strings.HasPrefix(to.Path, "//") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Errorf("SafeNext(%q) = %q leads to %v (%v)", s, got, to, err)
		}
	})
}
