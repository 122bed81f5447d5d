package main

import (
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// life is one dossier from its first page to the decision.
func (f *filer) life() error {
	c, err := f.as(f.sub)
	if err != nil {
		return err
	}
	id, err := f.draft(c)
	if err != nil {
		return err
	}
	if err := f.uploads(c, id); err != nil {
		return err
	}
	filed, err := f.file(c, id)
	if err != nil || !filed {
		return err
	}
	if err := f.pay(c, id); err != nil {
		return err
	}
	return f.decide(id)
}

// draft answers every page.
func (f *filer) draft(c *client) (string, error) {
	p, err := f.read(c, "/thu-tuc/2.000635/bat-dau")
	if err != nil {
		return "", err
	}
	to, err := f.press(c, p, "/ho-so", entry{}, step{})
	for range 20 {
		if err != nil {
			return "", err
		}
		if p, err = f.read(c, to); err != nil {
			return "", err
		}
		if p.at("/kiem-tra") {
			return p.id(), nil
		}
		var form form
		if form, err = p.form(p.URL.Path); err != nil {
			return "", err
		}
		e := entry{Set: url.Values{}}
		for _, name := range form.names() {
			if v, known := answersOfCopy("online")[name]; known {
				e.Set[name] = v
			}
		}
		to, err = f.press(c, p, p.URL.Path, e, step{})
	}
	return "", fmt.Errorf("the form does not end: %s", to)
}

// uploads sends a file that must be refused and one that must be kept; now and then one
// whose lost answer is not asked for again.
func (f *filer) uploads(c *client, id string) error {
	address := "/ho-so/" + id + "/giay-to/giay_to_lien_quan"
	for i, content := range [][]byte{[]byte("không phải tệp"), randomPaper(), randomPaper()} {
		p, err := f.read(c, address)
		if err != nil {
			return err
		}
		path := filepath.Join(f.Dir, fmt.Sprintf("%s-%d.jpg", f.who, i))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return err
		}
		_, err = f.press(c, p, address, entry{Files: map[string][]string{"tep": {path}}},
			step{deed: upload, dossier: id, thing: sha(content), giveUp: i == 1})
		if err != nil {
			return err
		}
	}
	return nil
}

// randomPaper is a picture with a long tail that no other has.
func randomPaper() []byte {
	tail := make([]byte, 300<<10)
	rand.Read(tail)
	return append(paperJPEG(1, 60, 80), tail...)
}

// file presses without the declaration, which must not file, and with it; now and then a
// lost answer is not asked for again, and the draft left as it may be.
func (f *filer) file(c *client, id string) (filed bool, err error) {
	p, err := f.read(c, "/ho-so/"+id+"/kiem-tra")
	if err != nil {
		return false, err
	}
	if to, err := f.press(c, p, "/kiem-tra", entry{}, step{}); err != nil || to != "422" {
		return false, fmt.Errorf("filing without the declaration gave %s: %w", to, err)
	}
	to, err := f.press(c, p, "/kiem-tra", entry{Set: url.Values{"cam-doan": {"1"}}}, step{deed: file, dossier: id, thing: id, giveUp: mathrand.IntN(4) == 0})
	return strings.HasPrefix(to, "/ho-so/"), err
}

// pay pays at the gateway, and asks it through the portal until the portal knows.
func (f *filer) pay(c *client, id string) error {
	p, err := f.read(c, "/ho-so/"+id+"/phi")
	if err != nil {
		return err
	}
	to, err := f.press(c, p, "/phi", entry{Button: "cong=vnpay"}, step{})
	if err != nil {
		return err
	}
	gateway, err := f.read(c, to)
	if err != nil {
		return err
	}
	ref := gateway.URL.Query().Get("vnp_TxnRef")
	if _, err := f.press(c, gateway, gateway.URL.Path, entry{Button: "lam=tra"}, step{deed: notice, dossier: id, thing: ref}); err != nil {
		return err
	}
	for range 100 {
		if p, err = f.read(c, "/ho-so/"+id+"/phi"); err != nil {
			return err
		}
		if len(p.links("/bien-lai/")) > 0 {
			return nil
		}
		if _, err := f.press(c, p, "/phi", entry{Button: "lam=kiem-tra"}, step{}); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s is never paid: %s", id, p.says())
}

// decide receives, forwards and decides as the officers of the ward.
func (f *filer) decide(id string) error {
	for _, d := range []struct {
		sub, word string
		set       url.Values
		deed      string
	}{{intake, "tiep-nhan", nil, ""}, {intake, "chuyen", url.Values{}, ""}, {leader, "quyet-dinh", url.Values{"ket-qua": {"dong-y"}}, decide}} {
		c, err := f.as(d.sub)
		if err != nil {
			return err
		}
		var to string
		err = f.insist(func() error { // the fee may be known to the order and not yet to the dossier
			p, err := f.read(c, "/can-bo/ho-so/"+id+"/"+d.word)
			if err != nil {
				return err
			}
			if form, err := p.form("/" + d.word); err == nil && len(form.options("nguoi")) > 0 {
				d.set.Set("nguoi", form.options("nguoi")[0])
			}
			to, err = f.press(c, p, "/"+d.word, entry{Set: d.set}, step{deed: d.deed, dossier: id, thing: id})
			if err == nil && !strings.HasPrefix(to, "/can-bo/") {
				err = fmt.Errorf("%s: %s", d.word, to)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
