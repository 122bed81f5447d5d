package portal

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"mime"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"motcua/locales"
)

// pngOf is a PNG that says it is that large, and holds nothing.
func pngOf(width, height uint32) string {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), width), height)
	head = append(head, 8, 2, 0, 0, 0)
	b := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), uint32(len(head)-4))
	return string(binary.BigEndian.AppendUint32(append(b, head...), crc32.ChecksumIEEE(head)))
}

func smallPNG(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// pdfWith is a PDF with something more in it.
func pdfWith(more string) string {
	return "%PDF-1.4\n1 0 obj\n<< /Type /Page >>\nendobj\n" + more + "\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
}

// packed is an object stream with something in it.
func packed(content string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write([]byte(content))
	w.Close()
	return fmt.Sprintf("9 0 obj\n<< /Type /ObjStm /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj", b.Len(), b.String())
}

const scriptPage = "<!doctype html><script>alert(document.domain)</script>"

// refusedFiles are what no paper is, with the words it is turned away with.
func refusedFiles(t *testing.T) map[string]struct{ name, content, key string } {
	photo := smallPNG(t)
	return map[string]struct{ name, content, key string }{
		"page as picture":        {"a.png", scriptPage, "draft.file_type"},
		"page as PDF":            {"a.pdf", scriptPage, "draft.file_type"},
		"drawing":                {"a.svg", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "draft.file_type"},
		"program":                {"a.pdf", "MZ\x90\x00\x03" + strings.Repeat("\x00", 500), "draft.file_type"},
		"Linux program":          {"a.jpg", "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 500), "draft.file_type"},
		"archive":                {"a.docx", "PK\x03\x04" + strings.Repeat("\x00", 100), "draft.file_type"},
		"script picture":         {"a.gif", "GIF89a=1;alert(1)", "draft.file_type"},
		"PDF behind spaces":      {"a.pdf", strings.Repeat(" ", 20) + plainPDF, "draft.file_type"},
		"page before the PDF":    {"a.pdf", scriptPage + plainPDF, "draft.file_type"},
		"nothing":                {"a.pdf", "", "draft.file_empty"},
		"XML":                    {"a.pdf", `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>`, "draft.file_type"},
		"30000 by 30000":         {"a.png", pngOf(30000, 30000), "draft.file_pixels"},
		"2^31 by 2^31":           {"a.png", pngOf(1<<31-1, 1<<31-1), "draft.file_broken"},
		"cut picture":            {"a.png", photo[:20], "draft.file_broken"},
		"only a beginning":       {"a.jpg", "\xff\xd8\xff\xe0", "draft.file_broken"},
		"JavaScript":             {"a.pdf", pdfWith("2 0 obj\n<< /S /JavaScript /JS (app.alert(1)) >>\nendobj"), "draft.file_active"},
		"JavaScript in disguise": {"a.pdf", pdfWith("2 0 obj\n<< /S /J#61vaScr#69pt /JS (app.alert(1)) >>\nendobj"), "draft.file_active"},
		"JavaScript, packed":     {"a.pdf", pdfWith(packed("2 0 << /S /JavaScript /JS (app.alert(1)) >>")), "draft.file_active"},
		"launch":                 {"a.pdf", pdfWith("2 0 obj\n<< /S /Launch /F (cmd.exe) >>\nendobj"), "draft.file_active"},
		"file inside":            {"a.pdf", pdfWith("2 0 obj\n<< /Type /EmbeddedFile >>\nendobj"), "draft.file_active"},
		"locked":                 {"a.pdf", pdfWith("trailer\n<< /Encrypt 5 0 R >>"), "draft.file_locked"},
		"cut PDF":                {"a.pdf", plainPDF[:30], "draft.file_broken"},
		"bomb":                   {"a.pdf", pdfWith(packed(strings.Repeat("0", 20<<20))), "draft.file_broken"},
		"31 pages":               {"a.pdf", pdfWith(strings.Repeat("<< /Type /Page >>\n", 31)), "draft.too_many_pages"},
		"many packed":            {"a.pdf", pdfWith(strings.Repeat("/Type/ObjStm ", 20<<20/13-100) + packed("")), "draft.file_broken"},
	}
}

// What cannot be taken is turned away with its reason, and nothing of it stays.
func TestFilesThatAreRefused(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	at := "/ho-so/" + m.draft(birth, nil) + "/giay-to/giay_chung_sinh"
	before, files := h.snapshot(), h.blobs()
	for what, f := range refusedFiles(t) {
		r := m.upload(at, part{Name: "tep", File: f.name, Value: f.content})
		if r.Status != 422 || !strings.Contains(r.text(), sentence(t, f.key)) {
			t.Errorf("%s: %d, without the words of %s", what, r.Status, f.key)
		}
		if n := h.blobs(); n != files {
			t.Fatalf("%s: %d files lie on the disk, %d before", what, n, files)
		}
	}
	for _, name := range changed(before, h.snapshot()) {
		t.Errorf("changed %s", name)
	}
}

// sentence is the longest piece of a text without arguments.
func sentence(t *testing.T, key string) string {
	t.Helper()
	text, _ := locales.Say(locales.VI, locales.M(key, locales.S("name", "\x00"), locales.N("max", -1), locales.N("pages", -1), locales.N("used", -1)))
	longest := ""
	for piece := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == 0 || r == '-' || r == '1' || r == '"' || r == '“' || r == '”' }) {
		if len(piece) > len(longest) {
			longest = piece
		}
	}
	if len(longest) < 10 {
		t.Fatalf("the text of %s is %q", key, text)
	}
	return strings.TrimSpace(longest)
}

// One byte too many is 413, takes little memory and leaves nothing.
func TestFileTooLarge(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	at := "/ho-so/" + m.draft(birth, nil) + "/giay-to/giay_chung_sinh"
	before, files := h.snapshot(), h.blobs()
	most := pdfWith("%" + strings.Repeat("x", 20<<20-len(pdfWith("%"))))
	if len(most) != 20<<20 {
		t.Fatal(len(most))
	}
	if r := m.upload(at, part{Name: "tep", File: "a.pdf", Value: most + "\n"}); r.Status != 413 || !strings.Contains(r.text(), sentence(t, "draft.file_too_large")) {
		t.Errorf("20 MB and a byte: %d", r.Status)
	}
	if diff := changed(before, h.snapshot()); len(diff) > 0 || h.blobs() != files {
		t.Errorf("changed %v, %d files more", diff, h.blobs()-files)
	}
	if r := m.upload(at, part{Name: "tep", File: "a.pdf", Value: most}); r.Status != 303 {
		t.Errorf("20 MB: %d", r.Status)
	}
	if n := h.blobs() - files; n != 1 {
		t.Errorf("%d files", n)
	}
	big := part{Name: "tep", File: "a.pdf", Value: strings.Repeat("x", 65<<20)}
	if r := m.upload(at, big); r.Status != 413 {
		t.Errorf("65 MB: %d", r.Status)
	}
	if r := m.upload(at, part{Name: "thay", Value: strings.Repeat("x", 1<<20)}); r.Status != 413 {
		t.Errorf("1 MB in a field: %d", r.Status)
	}
	var many []part
	for range 1000 {
		many = append(many, part{Name: "tep", File: "a.pdf", Value: "x"})
	}
	if r := m.upload(at, many...); r.Status != 413 {
		t.Errorf("a thousand files: %d", r.Status)
	}
	if n := h.blobs() - files; n != 1 {
		t.Errorf("%d files", n)
	}
}

// A form with files has the time of a slow line, not that of a page.
func TestFilesHaveTime(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	var page, files time.Duration
	h.web.App.Post("/boom", func(c *fiber.Ctx) error {
		end, _ := c.UserContext().Deadline()
		page = time.Until(end)
		if _, err := h.web.Parts(c); err != nil {
			return err
		}
		end, _ = c.UserContext().Deadline()
		files = time.Until(end)
		return c.UserContext().Err()
	})
	if r := m.upload("/boom", part{Name: "tep", File: "a.pdf", Value: plainPDF}); r.Status != 200 || page > time.Minute || files < 10*time.Minute {
		t.Errorf("%d: %s for a page, %s for files", r.Status, page, files)
	}
	if r := m.do(multipartOf("/boom", []part{{Name: "tep", File: "a.pdf", Value: plainPDF}})); r.Status != 400 {
		t.Errorf("without a token: %d", r.Status)
	}
}

// A file before the form's token is not written down for anyone.
func TestFileBeforeTheToken(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	at := "/ho-so/" + m.draft(birth, nil) + "/giay-to/giay_chung_sinh"
	files, csrf, key := h.blobs(), part{Name: "_csrf", Value: m.csrf()}, part{Name: "_key", Value: uuid.NewString()}
	tep := part{Name: "tep", File: "a.pdf", Value: plainPDF}
	for _, all := range [][]part{{tep, csrf, key}, {csrf, tep, key}, {key, tep, csrf}, {tep}} {
		if r := m.do(multipartOf(at, all)); r.Status != 400 || h.blobs() != files {
			t.Errorf("%s first: %d, %d files more", all[0].Name, r.Status, h.blobs()-files)
		}
	}
}

// However a file is called, it lies under a name of ours, and comes back under one that
// ends no header and leads nowhere; what is shown cannot act.
func TestNamesOfFiles(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.draft(birth, nil)
	at := "/ho-so/" + id + "/giay-to/giay_chung_sinh"
	photo := smallPNG(t) + scriptPage // a picture with a page behind it
	for sent, want := range map[string]string{
		"../../x":                     "x",
		`..\..\etc\passwd`:            "passwd",
		";id;.pdf":                    ";id;.pdf",
		"$(id).pdf":                   "$(id).pdf",
		"a\r\nX-Evil: 1.pdf":          "", // a broken header: any answer but a fault of ours
		"\u202egnp.exe":               "gnp.exe",
		"CON":                         "CON",
		`"><script>alert(1)</script>`: "", // cut at the slash
		strings.Repeat("ễ", 300):      strings.Repeat("ễ", 150),
		"Giấy chứng sinh “Mẫu”.pdf":   "Giấy chứng sinh “Mẫu”.pdf",
		"..":                          "tep",
		"%s%n%!d(.pdf":                "%s%n%!d(.pdf",
		"{{7*7}}.pdf":                 "{{7*7}}.pdf",
	} {
		for _, content := range []string{plainPDF, photo} {
			r := m.upload(at, part{Name: "tep", File: sent, Value: content})
			if r.Status != 303 && (want != "" || r.Status >= 500) {
				t.Errorf("%q: %d %s", sent, r.Status, says(r))
			}
			if r.Status != 303 {
				continue
			}
			var file struct{ ID, Name, Media string }
			h.must(h.DB.Get(&file, `SELECT id, name, media FROM draft_files WHERE draft_id = $1 AND removed_at IS NULL ORDER BY at DESC LIMIT 1`, id))
			if want != "" && file.Name != want || strings.ContainsAny(file.Name, "/\\\r\n\u202e") {
				t.Errorf("%q is kept as %q", sent, file.Name)
			}
			got := m.get(at + "/" + file.ID)
			servedSafely(t, sent, got, file.Name, file.Media)
			if got.text() != content {
				t.Errorf("%q: %d bytes of %d came back", sent, len(got.Body), len(content))
			}
			m.post(at, map[string][]string{"lam": {"xoa"}, "tep": {file.ID}})
		}
	}
	page := m.get(at).text()
	if strings.Contains(page, "<script>alert") {
		t.Error("a file's name is markup on the page")
	}
}

func servedSafely(t *testing.T, what string, r reply, name, media string) {
	t.Helper()
	how, params, err := mime.ParseMediaType(r.Header.Get("Content-Disposition"))
	if err != nil || params["filename"] != name || how != "inline" && how != "attachment" {
		t.Errorf("%q: Content-Disposition %q: %v", what, r.Header.Get("Content-Disposition"), err)
	}
	policy := r.Header.Get("Content-Security-Policy")
	if r.Status != http.StatusOK || r.Header.Get("Content-Type") != media || r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Cache-Control") != "no-store" ||
		!strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "script-src") == false || r.Header.Get("X-Evil") != "" || r.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("%q: %d %v", what, r.Status, r.Header)
	}
	if strings.HasPrefix(media, "image/") != strings.Contains(policy, "sandbox") {
		t.Errorf("%q: policy %q of %s", what, policy, media)
	}
}
