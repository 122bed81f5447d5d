package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"motcua/assets"
	"motcua/portal/agency"
)

// countryFile is a file of units of the country's size: the provinces that ship, the demo
// province with its own communes, the others with as many made ones as the largest has.
func countryFile(t *testing.T) []byte {
	t.Helper()
	pack := shippedPack(t)
	var b bytes.Buffer
	b.WriteString("# Made for tests: administrative units in force since 2026-07-01\n")
	code := 50000
	for _, u := range pack.Units {
		if u.To != "" {
			continue
		}
		fmt.Fprintf(&b, "%s\t%s\t%s\n", u.Code, u.Name, u.Parent)
		for i := range 168 {
			if u.Parent == "" && u.Code != pack.Province.Code {
				code++
				fmt.Fprintf(&b, "%d\tPhường Thử Nghiệm %d\t%s\n", code, i, u.Code)
			}
		}
	}
	return b.Bytes()
}

func shippedPack(t *testing.T) agency.Pack {
	t.Helper()
	folder, err := assets.Province(assets.Provinces()[0])
	if err != nil {
		t.Fatal(err)
	}
	pack, err := agency.ReadPack(folder)
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

// landPage is the page of a first registration of land that asks where the land lies.
func landPage(w walker) page {
	w.Helper()
	p := w.must(w.start("1.012756", nil), "/buoc/1", entry{Set: url.Values{"registered": {"no"}}})
	p = w.must(p, p.URL.Path, entry{Set: url.Values{"contact_phone": {"0912345601"}}})
	return w.must(p, p.URL.Path, entry{Set: url.Values{"user_kind": {"single"}}})
}

// TestAddresses imports a country of units and gives an address: without a script, on a
// phone and on a desktop.
func TestAddresses(t *testing.T) {
	t.Parallel()
	all := startChromium(t)
	p := newDemo(t)
	file := put(t, t.TempDir(), "units.tsv", countryFile(t))
	for _, want := range []string{"added: 5544", "added: 0"} { // 33 provinces of 168; then nothing
		if out, err := p.command("import", "units", file); err != nil || !strings.Contains(out, want) {
			t.Fatalf("%v: %s", err, out)
		}
	}
	broken := put(t, t.TempDir(), "broken.tsv", []byte("# in force since 2026-07-01\n01\tThành phố\n"))
	if out, err := p.command("import", "units", broken); err == nil || !strings.Contains(out, "broken.tsv:2:") {
		t.Errorf("%v: %s", err, out)
	}
	dir := t.ArtifactDir()
	for _, s := range []screen{
		{Name: "desktop", Width: 1280, Height: 900},
		{Name: "no-script", Width: 360, Height: 740, NoScript: true},
		{Name: "phone", Width: 360, Height: 740, Phone: true},
	} {
		t.Run(s.Name, func(t *testing.T) {
			b := s.tab(t, all, p.Facts.Portal)
			w := walker{t, b, func(name string, _ page) { b.look(t, dir, name) }, nil}
			w.signIn("mai")
			addressInBrowser(w, b, s)
			for _, said := range b.trouble {
				t.Errorf("the browser complained: %s", said)
			}
		})
	}
	t.Run("weight", func(t *testing.T) { addressWeight(person(t, p, "phuc")) })
}

// addressWeight holds the page of an address to the budget of a citizen's page: of the
// country's thousands of communes only those of the chosen province are in it.
func addressWeight(w walker) {
	p := landPage(w)
	p = w.press(p, p.URL.Path, entry{Set: url.Values{"land_address.province": {"01"}}, Button: "chon=land_address"})
	f, err := p.form(p.URL.Path)
	if err != nil {
		w.Fatal(err)
	}
	if got := f.options("land_address.commune"); len(got) != 168 {
		w.Errorf("%d communes to choose from", len(got))
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(p.Body)
	_ = z.Close()
	nodes := len(all_(p))
	w.Logf("%d bytes, %d packed, %d elements", len(p.Body), packed.Len(), nodes)
	if packed.Len() > 15<<10 || nodes > 600 {
		w.Errorf("%d bytes packed, %d elements", packed.Len(), nodes)
	}
}

func all_(p page) []*html.Node { return all(p.root, func(*html.Node) bool { return true }) }

// addressInBrowser gives the land's address by a name from before 2025, with what an old
// paper says beside it: one unit that was divided is proposed, and chosen.
func addressInBrowser(w walker, b *browser, s screen) {
	const at = "land_address."
	p := landPage(w)
	w.seen("dia-chi-1", p)
	own := shippedPack(w.T).Province.Code
	fetch := func(set url.Values) {
		p = w.press(p, p.URL.Path, entry{Set: set, Button: "chon=land_address"})
	}
	if s.NoScript {
		fetch(url.Values{at + "province": {own}})
		fetch(url.Values{at + "find": {"vinh hoi dong"}})
	} else {
		b.run(w.T, `(function (s) { s.value = '`+own+`'; s.dispatchEvent(new Event('change', {bubbles: true})) })(document.querySelector('[name="`+at+`province"]'))`)
		b.until(w.T, `!!document.querySelector('[name="`+at+`commune"]')`)
		b.run(w.T, `(function (i) { i.value = 'vinh hoi dong'; i.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('[data-filter]'))`)
		var err error
		if p, err = b.now(); err != nil {
			w.Fatal(err)
		}
	}
	w.seen("dia-chi-2", p)
	f, err := p.form(p.URL.Path)
	if err != nil {
		w.Fatal(err)
	}
	if found := f.options(at + "commune"); len(found) != 1 {
		w.Fatalf("an old name finds %v", found)
	}
	w.mustSay(p, "Xã Vĩnh Hội Đông", "trước đây")
	fetch(url.Values{"parcel.area": {"120"}, "land_purpose": {"ONT"}, "own_area": {"120"},
		at + "old_commune": {"Phước Hưng"}, at + "old_district": {"Huyện An Phú"}})
	w.seen("dia-chi-3", p)
	w.mustSay(p, "Nơi này nay thuộc", "Xã Nhơn Hội", "Xã Phú Hữu")
	var became string
	for _, c := range all(p.root, func(n *html.Node) bool { return n.Data == "label" && text(n) != "" }) {
		if strings.HasPrefix(text(c), "Xã Nhơn Hội") {
			became = attr(c, "for")
		}
	}
	for _, c := range all(p.root, func(n *html.Node) bool { return attr(n, "id") == became && n.Data == "input" }) {
		p = w.must(p, p.URL.Path, entry{Set: url.Values{attr(c, "name"): {attr(c, "value")}}})
	}
	if p.at("/buoc/6") {
		w.Fatalf("still at %s", p.URL)
	}
	check := w.goTo("/ho-so/" + p.id() + "/kiem-tra")
	w.seen("dia-chi-4", check)
	w.mustSay(check, "Xã Nhơn Hội", "(trước đây: Phước Hưng, Huyện An Phú)")
}

// run runs a script in the page; until waits for one to say true.
func (b *browser) run(t *testing.T, script string) {
	t.Helper()
	if _, err := eval[bool](b, script+`, true`); err != nil {
		t.Fatal(err)
	}
}

func (b *browser) until(t *testing.T, script string) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); pause() {
		if yes, err := eval[bool](b, script); err == nil && yes {
			return
		}
	}
	t.Fatalf("never: %s", script)
}
