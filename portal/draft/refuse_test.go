package draft

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

func TestAttachRefusesByReason(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	bigPNG := []byte(pngOf(1, 1))
	copy(bigPNG[16:24], "\x00\x00\x20\x00\x00\x00\x20\x00") // 8192 × 8192 in its header
	binary.BigEndian.PutUint32(bigPNG[29:], crc32.ChecksumIEEE(bigPNG[12:29]))
	packed := "9 0 obj\n<< /Type /ObjStm /N 1 /Filter /FlateDecode >>\nstream\n%s\nendstream\nendobj\n"
	for what, c := range map[string]struct{ name, content, key string }{
		"empty":                           {"a.pdf", "", "draft.file_empty"},
		"a text":                          {"a.pdf", "chỉ là chữ", "draft.file_type"},
		"a zip":                           {"a.docx", "PK\x03\x04 word", "draft.file_type"},
		"a page":                          {"a.jpg", "<html><script>", "draft.file_type"},
		"HEIC":                            {"IMG_1.HEIC", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "draft.file_heic"},
		"HEIC called JPG":                 {"IMG_1.jpg", "\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00", "draft.file_heic"},
		"half a JPEG":                     {"a.jpg", jpegOf(40, 30)[:20], "draft.file_broken"},
		"half a PNG":                      {"a.png", pngOf(40, 30)[:20], "draft.file_broken"},
		"67 megapixels":                   {"a.png", string(bigPNG), "draft.file_pixels"},
		"half a PDF":                      {"a.pdf", pdf()[:60], "draft.file_broken"},
		"a locked PDF":                    {"a.pdf", pdfOf(1, "trailer << /Encrypt 9 0 R >>\n"), "draft.file_locked"},
		"a script":                        {"a.pdf", pdfOf(1, "9 0 obj\n<< /S /JavaScript /JS (app.alert(1)) >>\nendobj\n"), "draft.file_active"},
		"a script in disguise":            {"a.pdf", pdfOf(1, "9 0 obj\n<< /S /J#61vaScript /JS (x) >>\nendobj\n"), "draft.file_active"},
		"a script behind a word":          {"a.pdf", pdfOf(1, "% stream\n9 0 obj\n<< /S /JavaScript /JS (x) >>\nendobj\n% endstream\n"), "draft.file_active"},
		"a packed script":                 {"a.pdf", pdfOf(1, fmt.Sprintf(packed, deflated("<< /S /JavaScript /JS (x) >>"))), "draft.file_active"},
		"a program to start":              {"a.pdf", pdfOf(1, "9 0 obj\n<< /S /Launch /F (cmd.exe) >>\nendobj\n"), "draft.file_active"},
		"objects that unfold to too much": {"a.pdf", pdfOf(1, fmt.Sprintf(packed, deflated(strings.Repeat(" ", maxPacked+1)))), "draft.file_broken"},
		"objects that do not unfold":      {"a.pdf", pdfOf(1, fmt.Sprintf(packed, "not zlib")), "draft.file_broken"},
		"31 pages":                        {"a.pdf", pdfOf(31, ""), "draft.too_many_pages"},
	} {
		_, err := w.Attach(t.Context(), w.mai, id, Upload{Component: paper, Name: c.name, Body: strings.NewReader(c.content)}, newKey(w.mai))
		worldtest.WantFault(t, what, err, problem.Invalid, c.key)
	}
	_, err := w.Attach(t.Context(), w.mai, id, Upload{Component: paper, Name: "a.pdf", Body: io.LimitReader(zeros{}, MaxFile+1)}, newKey(w.mai))
	worldtest.WantFault(t, "20 MB and a byte", err, problem.TooLarge, "draft.file_too_large")
	_, err = w.Attach(t.Context(), w.mai, id, Upload{Component: "van_ban_uy_quyen", Name: "a.pdf", Body: strings.NewReader(pdf())}, newKey(w.mai))
	worldtest.WantFault(t, "a paper that is not asked for", err, problem.NotFound, "draft.not_found")
	_, err = w.Attach(t.Context(), w.mai, id, Upload{Component: paper, Round: 1, Name: "a.pdf", Body: strings.NewReader(pdf())}, newKey(w.mai))
	worldtest.WantFault(t, "a round that nobody asked for", err, problem.Conflict, "draft.filed_already")
	torn := io.MultiReader(strings.NewReader(pdf()), errReader{})
	if _, err := w.Attach(t.Context(), w.mai, id, Upload{Component: paper, Name: "a.pdf", Body: torn}, newKey(w.mai)); err == nil {
		t.Error("half an upload was taken")
	}
	if n := len(w.load(t, id).Files); n != 0 || w.blobs(t) != 0 {
		t.Errorf("%d files and %d blobs of what was refused", n, w.blobs(t))
	}
}

func deflated(s string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	io.WriteString(z, s)
	z.Close()
	return b.String()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errors.New("the connection broke") }

func TestStreamsAreNotReadAsObjects(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	f := w.attach(t, id, "a.pdf", pdfOf(2, "9 0 obj\n<< /Length 20 >>\nstream\n/Type /Page /JS (x) \nendstream\nendobj\n"+
		"10 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\r\n"+deflated("<< /Type /Page >> << /Type /Pages >>")+"\nendstream\nendobj\n"))
	if f.Pages != 3 { // two in the open, one in the object stream
		t.Errorf("%d pages", f.Pages)
	}
}

func TestLimitsOfAPaperAndADossier(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	try := func(content, replaces string) error {
		_, err := w.Attach(t.Context(), w.mai, id, Upload{Component: paper, Name: "a.pdf", Replaces: replaces, Body: strings.NewReader(content)}, newKey(w.mai))
		return err
	}
	first := w.attach(t, id, "a.pdf", pdfOf(29, ""))
	worldtest.WantFault(t, "29 and 2 pages", try(pdfOf(2, ""), ""), problem.Invalid, "draft.too_many_pages")
	if err := try(pdfOf(30, ""), first.ID); err != nil {
		t.Errorf("30 pages in the place of 29: %v", err)
	}
	for _, f := range w.load(t, id).Files {
		if err := w.Remove(t.Context(), w.mai, id, 0, paper, f.ID); err != nil {
			t.Fatal(err)
		}
	}
	for range 10 {
		w.attach(t, id, "a.pdf", pdf())
	}
	worldtest.WantFault(t, "the eleventh file", try(pdf(), ""), problem.Invalid, "draft.too_many_files")
	big := w.load(t, id).Files[0]
	if _, err := w.DB.Exec(`UPDATE draft_files SET size = $1 WHERE id = $2`, MaxDossier-100, big.ID); err != nil {
		t.Fatal(err)
	}
	worldtest.WantFault(t, "50 MB", try(pdf(), w.load(t, id).Files[1].ID), problem.Invalid, "draft.dossier_too_large")
	if err := try(pdf(), big.ID); err != nil {
		t.Errorf("the big one replaced: %v", err)
	}
}

func TestAFileOfAnotherPaperIsNotReplaced(t *testing.T) {
	t.Parallel()
	f := File{Size: 10, Pages: 1}
	others := []File{{ID: "x", Component: "other", Size: MaxDossier, Position: 7}}
	err := place(others, Upload{Component: paper, Replaces: "x"}, 10, &f)
	worldtest.WantFault(t, "its bytes still count", err, problem.Invalid, "draft.dossier_too_large")
	if f.Position != 1 {
		t.Errorf("at %d", f.Position)
	}
}

func TestCleanName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Giấy khai sinh.pdf":              "Giấy khai sinh.pdf",
		"Gia\u0302\u0301y khai sinh.pdf":  "Giấy khai sinh.pdf", // composed
		`C:\Users\An\đơn.pdf`:             "đơn.pdf",
		"../../etc/passwd":                "passwd",
		"..":                              "tep",
		"":                                "tep",
		" . ":                             "tep",
		"ảnh\u202Efdp.exe":                "ảnhfdp.exe",
		"a\r\nSet-Cookie: x=1.pdf":        "aSet-Cookie: x=1.pdf",
		"a\x00b\xff.pdf":                  "ab.pdf",
		"👍.png":                           "png",
		strings.Repeat("ă", 200) + ".pdf": strings.Repeat("ă", 146) + ".pdf",
	} {
		if got := CleanName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
