package draft

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/worldtest"
)

const paper = "giay_to_lien_quan"

// pdf is a document of one page.
func pdf() string { return pdfOf(1, "") }

// pdfOf is a document of so many pages with more objects among them.
func pdfOf(pages int, more string) string {
	var b strings.Builder
	b.WriteString("%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 >>\nendobj\n" + more)
	for i := range pages {
		fmt.Fprintf(&b, "%d 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n", i+3)
	}
	b.WriteString("trailer\n<< /Root 1 0 R >>\n%%EOF\n")
	return b.String()
}

func jpegOf(w, h int) string {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, w, h)), nil); err != nil {
		panic(err)
	}
	return b.String()
}

func pngOf(w, h int) string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		panic(err)
	}
	return b.String()
}

func (w *world) attach(t *testing.T, id, name, content string) File {
	t.Helper()
	f, err := w.Attach(t.Context(), w.mai, id, Upload{Component: paper, Name: name, Body: strings.NewReader(content)}, newKey(w.mai))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAttachKeepsWhatWasSent(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	for _, c := range []struct {
		name, content, media string
		pages                int
	}{
		{"don.pdf", pdfOf(3, ""), "application/pdf", 3},
		{"anh.jpg", jpegOf(40, 30), "image/jpeg", 1},
		{"anh.png", pngOf(40, 30), "image/png", 1},
		{"không phải ảnh.exe", jpegOf(8, 8), "image/jpeg", 1}, // judged by content, not by name
	} {
		f := w.attach(t, id, c.name, c.content)
		sum := sha256.Sum256([]byte(c.content))
		if f.Media != c.media || f.Pages != c.pages || f.Size != int64(len(c.content)) || !bytes.Equal(f.SHA256, sum[:]) {
			t.Errorf("%s: %+v", c.name, f)
		}
		again, body, err := w.OpenFile(t.Context(), w.mai, id, f.ID)
		if err != nil || again.ID != f.ID || read(t, body) != c.content {
			t.Errorf("%s: other bytes come back (%v)", c.name, err)
		}
	}
	files := w.load(t, id).FilesOf(paper)
	for i, f := range files {
		if f.Position != i+1 {
			t.Errorf("%s is at %d", f.Name, f.Position)
		}
	}
	if len(files) != 4 || w.blobs(t) != 4 {
		t.Errorf("%d files, %d blobs", len(files), w.blobs(t))
	}
}

// A signature is told as soon as the file is there, and none of them keeps a file out.
func TestAttachTellsWhoSigned(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	signed, err := os.ReadFile("../signature/testdata/signed.pdf")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ content, want string }{
		{string(signed), "Nguyễn Thị Mai intact"},
		{strings.Replace(string(signed), "595 842", "595 843", 1), "Nguyễn Thị Mai changed"},
		{string(signed) + "9 0 obj\n(thêm)\nendobj\n%%EOF\n", "Nguyễn Thị Mai partial"},
		{pdfOf(1, "8 0 obj\n<< /Type /Sig /ByteRange [0 10 20 30] >>\nendobj\n"), " unreadable"},
		{pdf(), ""},
		{jpegOf(8, 8), ""},
	} {
		said := ""
		for _, s := range w.attach(t, id, "đơn.pdf", c.content).Signatures.V {
			said += s.Signer + " " + string(s.State)
		}
		files := w.load(t, id).FilesOf(paper)
		kept := ""
		for _, s := range files[len(files)-1].Signatures.V {
			kept += s.Signer + " " + string(s.State)
		}
		if said != c.want || kept != c.want {
			t.Errorf("told %q, kept %q, want %q", said, kept, c.want)
		}
	}
	var odd int // yesterday's program leaves the column out
	if err := w.DB.GetContext(t.Context(), &odd, `SELECT count(*) FROM draft_files WHERE jsonb_typeof(signatures) <> 'array'`); err != nil || odd > 0 {
		t.Errorf("%d rows without a list (%v)", odd, err)
	}
}

func TestReplaceKeepsThePlaceAndRemoveTwiceIsOnce(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	a, b := w.attach(t, id, "1.pdf", pdf()), w.attach(t, id, "2.pdf", pdf())
	up := Upload{Component: paper, Name: "1b.pdf", Replaces: a.ID, Body: strings.NewReader(pdf())}
	if _, err := w.Attach(t.Context(), w.mai, id, up, newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	w.wantNames(t, id, "1b.pdf 2.pdf")
	if err := w.Shift(t.Context(), w.mai, id, 0, paper, b.ID, -1, newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	w.wantNames(t, id, "2.pdf 1b.pdf")
	if err := w.Shift(t.Context(), w.mai, id, 0, paper, b.ID, -1, newKey(w.mai)); err != nil { // it is the first already
		t.Fatal(err)
	}
	w.wantNames(t, id, "2.pdf 1b.pdf")
	for range 2 {
		if err := w.Remove(t.Context(), w.mai, id, 0, paper, b.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.wantNames(t, id, "1b.pdf")
	_, _, err := w.OpenFile(t.Context(), w.mai, id, b.ID)
	worldtest.WantFault(t, "a removed file", err, problem.NotFound, "draft.not_found")
}

func (w *world) wantNames(t *testing.T, id, want string) {
	t.Helper()
	var names []string
	for _, f := range w.load(t, id).Files {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAttachTwiceIsOneFile(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	key := newKey(w.mai)
	up := func(content string) (File, error) {
		return w.Attach(t.Context(), w.mai, id, Upload{Component: paper, Name: "a.pdf", Body: strings.NewReader(content)}, key)
	}
	first, err := up(pdf())
	if err != nil {
		t.Fatal(err)
	}
	again, err := up(pdf())
	if err != nil || again.ID != first.ID || again.Blob != first.Blob {
		t.Errorf("%+v, %v", again, err)
	}
	_, err = up(pdfOf(2, ""))
	worldtest.WantFault(t, "the key with other bytes", err, problem.Conflict, "once.other_body")
	if len(w.load(t, id).Files) != 1 || w.blobs(t) != 1 {
		t.Errorf("%d files, %d blobs", len(w.load(t, id).Files), w.blobs(t))
	}
}

func TestAttachingAtOnce(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	key := newKey(w.mai)
	faults := make(chan error)
	attach := func(k int) {
		use := key // five presses of one form, five of five forms
		if k%2 == 1 {
			use = newKey(w.mai)
		}
		_, err := w.Attach(context.Background(), w.mai, id, Upload{Component: paper, Name: "a.pdf", Body: strings.NewReader(pdf())}, use)
		faults <- err
	}
	for k := range 10 {
		go attach(k)
	}
	for range 10 {
		if err := <-faults; err != nil {
			t.Error(err)
		}
	}
	files := w.load(t, id).Files
	places := map[int]bool{}
	for _, f := range files {
		places[f.Position] = true
	}
	if len(files) != 6 || len(places) != 6 || w.blobs(t) != 6 {
		t.Errorf("%d files at %d places, %d blobs", len(files), len(places), w.blobs(t))
	}
}

func TestLateFailureOfAttachLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	old := w.attach(t, id, "1.pdf", pdf())
	w.breakTable(t, "UPDATE", "deeds")
	up := Upload{Component: paper, Name: "2.pdf", Replaces: old.ID, Body: strings.NewReader(pdf())}
	if _, err := w.Attach(t.Context(), w.mai, id, up, newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	w.wantNames(t, id, "1.pdf")
	if n := w.blobs(t); n != 1 {
		t.Errorf("%d blobs", n)
	}
}

// A commit whose end nobody knows may have made the row: its bytes must stay.
func TestBytesStayWhenTheCommitIsInDoubt(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	w.breakAtCommit(t, "draft_files")
	if _, err := w.Attach(t.Context(), w.mai, id, Upload{Component: paper, Name: "a.pdf", Body: strings.NewReader(pdf())}, newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	if n := w.blobs(t); n != 1 {
		t.Errorf("%d blobs", n)
	}
}

func TestFilesOfAFiledDraft(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	f := w.attach(t, id, "a.pdf", pdf())
	w.inTx(t, func(tx *sqlx.Tx) error { return MarkFiled(t.Context(), tx, id, w.Now()) })
	put := func(p signin.Person, round int) error {
		_, err := w.Attach(t.Context(), p, id, Upload{Component: "bo-sung-1", Round: round, Name: "b.pdf", Body: strings.NewReader(pdf())}, newKey(p))
		return err
	}
	worldtest.WantFault(t, "attach", put(w.mai, 0), problem.Conflict, "draft.filed_already")
	worldtest.WantFault(t, "remove", w.Remove(t.Context(), w.mai, id, 0, paper, f.ID), problem.Conflict, "draft.filed_already")
	_, err := w.Save(t.Context(), w.mai, id, 1, nil, newKey(w.mai))
	worldtest.WantFault(t, "save", err, problem.Conflict, "draft.filed_already")
	worldtest.WantFault(t, "delete", w.Delete(t.Context(), w.mai, id), problem.NotFound, "draft.not_found")

	w.inTx(t, func(tx *sqlx.Tx) error { return OpenRound(t.Context(), tx, id, 1) })
	worldtest.WantFault(t, "another round", put(w.mai, 2), problem.Conflict, "draft.filed_already")
	worldtest.WantFault(t, "another person", put(w.phuc, 1), problem.NotFound, "draft.not_found")
	if err := put(w.mai, 1); err != nil {
		t.Fatal(err)
	}
	w.inTx(t, func(tx *sqlx.Tx) error { return CloseRound(t.Context(), tx, id) })
	worldtest.WantFault(t, "a closed round", put(w.mai, 1), problem.Conflict, "draft.filed_already")
	if n := w.blobs(t); n != 2 {
		t.Errorf("%d blobs", n)
	}
}

// A transaction that waits for a second connection waits for ever once as many of them
// begin together as there are connections. Here there is one, and what rooms hold in
// memory is always too old.
func TestNothingNeedsASecondConnection(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.DB.SetMaxOpenConns(1)
	w.clock.Tick(10 * time.Second)
	stuck := time.AfterFunc(2*time.Minute, func() { panic("a deed waits for a second connection") })
	defer stuck.Stop()
	id := w.start(t, w.mai, extract, "")
	if _, err := w.Save(t.Context(), w.mai, id, 1, url.Values{"for_whom": {"self"}}, newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	a, b := w.attach(t, id, "1.pdf", pdf()), w.attach(t, id, "2.pdf", pdf())
	for what, err := range map[string]error{
		"shift":   w.Shift(t.Context(), w.mai, id, 0, paper, a.ID, 1, newKey(w.mai)),
		"remove":  w.Remove(t.Context(), w.mai, id, 0, paper, b.ID),
		"follow":  w.Follow(t.Context(), w.mai, id),
		"delete":  w.Delete(t.Context(), w.mai, id),
		"restore": w.Restore(t.Context(), w.mai, id),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
