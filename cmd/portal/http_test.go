package main

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// client is a person with a browser that is a program: cookies, redirects, forms.
type client struct {
	Base string
	HTTP *http.Client
}

func newClient(base string) *client {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &client{Base: base, HTTP: &http.Client{Jar: jar, Timeout: 60 * time.Second}}
}

// open reads a page, following redirects.
func (c *client) open(path string) (page, error) {
	req, err := http.NewRequest(http.MethodGet, c.address(path), nil)
	if err != nil {
		return page{}, err
	}
	return c.ask(req)
}

func (c *client) address(path string) string {
	if strings.HasPrefix(path, "/") {
		return c.Base + path
	}
	return path
}

func (c *client) ask(req *http.Request) (page, error) {
	resp, err := c.HTTP.Do(req)
	if err != nil {
		return page{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return page{}, fmt.Errorf("%s: %w", req.URL, err)
	}
	return readPage(resp.Request.URL, resp.StatusCode, body)
}

// send fills a form of a page in and presses a button.
func (c *client) send(p page, f form, e entry) (page, error) {
	req, err := c.prepare(p, f, e)
	if err != nil {
		return page{}, err
	}
	return c.ask(req)
}

// prepare is the request that send makes; made once and sent twice it is the same press.
func (c *client) prepare(p page, f form, e entry) (*http.Request, error) {
	to, err := p.URL.Parse(f.Action)
	if err != nil {
		return nil, err
	}
	values := f.values()
	for name, v := range e.Set {
		values[name] = v
	}
	body, media, err := encoded(f, values, e)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", media)
	return req, nil
}

func encoded(f form, values url.Values, e entry) ([]byte, string, error) {
	if f.Multi {
		return multipartBody(f, values, e)
	}
	if name, value, named := strings.Cut(e.Button, "="); named {
		values.Set(name, value)
	}
	return []byte(values.Encode()), "application/x-www-form-urlencoded", nil
}

// multipartBody writes fields and files in the form's order, as browsers do, then the button.
func multipartBody(f form, values url.Values, e entry) ([]byte, string, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	written := map[string]bool{}
	for _, n := range f.controls() {
		name := attr(n, "name")
		if written[name] {
			continue
		}
		written[name] = true
		if err := writeParts(w, name, values[name], e.Files[name]); err != nil {
			return nil, "", err
		}
	}
	if name, value, named := strings.Cut(e.Button, "="); named {
		if err := w.WriteField(name, value); err != nil {
			return nil, "", err
		}
	}
	err := w.Close()
	return b.Bytes(), w.FormDataContentType(), err
}

func writeParts(w *multipart.Writer, name string, values, files []string) error {
	for _, v := range values {
		if err := w.WriteField(name, v); err != nil {
			return err
		}
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		part, err := w.CreateFormFile(name, filepath.Base(path))
		if err != nil {
			return err
		}
		if _, err := part.Write(content); err != nil {
			return err
		}
	}
	return nil
}

// bytes reads a file of the portal.
func (c *client) bytes(path string) ([]byte, error) {
	resp, err := c.HTTP.Get(c.address(path))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", path, resp.StatusCode)
	}
	return b, err
}
