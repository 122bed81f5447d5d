package draft

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"slices"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/worldtest"
)

// photoOf is a JPEG of a white paper with a black band at its top, as a camera held like
// that has stored it: orientation 1 upright, 6 with the phone on its side.
func photoOf(w, h, orientation int) string {
	m := image.NewGray(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	top := image.Rect(0, 0, w, h/4)
	if orientation == 6 { // to be turned right: what is the top lies on the left
		top = image.Rect(0, 0, w/4, h)
	}
	draw.Draw(m, top, image.Black, image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	exif := "\xFF\xE1\x00\x34Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(rune(orientation)) + "\x00\x00\x00\x00\x00\x00GPS 10.3759 105.4185"
	return b.String()[:2] + exif + b.String()[2:]
}

func (w *world) worker() *queue.Worker {
	return &queue.Worker{DB: w.DB, Handlers: w.Handlers(), Now: w.clock.Now, Log: quiet}
}

func (w *world) drain(t *testing.T) {
	t.Helper()
	if _, err := w.worker().Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// joinedOf is the working copy of the paper, or none, with its bytes.
func (w *world) joinedOf(t *testing.T, id string) (Joined, string) {
	t.Helper()
	all, err := w.Joined(t.Context(), w.mai, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		return Joined{}, ""
	}
	j, body, err := w.OpenJoined(t.Context(), w.mai, id, 0, paper)
	if err != nil || len(all) != 1 || j.MadeOf != all[0].MadeOf {
		t.Fatal(all, err)
	}
	content := read(t, body)
	sum := sha256.Sum256([]byte(content))
	if int64(len(content)) != j.Size || !bytes.Equal(sum[:], j.SHA256) {
		t.Errorf("the working copy has other bytes than its row says")
	}
	return j, content
}

// blackTop says whether the picture has its band where the top is.
func blackTop(t *testing.T, content string) bool {
	t.Helper()
	m, err := jpeg.Decode(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	b := m.Bounds()
	at := func(x, y int) uint8 { return color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y }
	return at(b.Dx()/2, b.Dy()/10) < 60 && at(b.Dx()/2, b.Dy()*9/10) > 200 && at(b.Dx()/10, b.Dy()/2) > 200
}

func TestPhotosOfAPaperAreJoinedUprightAndTheOriginalsStay(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	contents := []string{photoOf(600, 800, 1), pdfOf(2, ""), photoOf(800, 600, 6)}
	var files []File
	for i, name := range []string{"1.jpg", "2.pdf", "3.jpg"} {
		files = append(files, w.attach(t, id, name, contents[i]))
	}
	if all := w.load(t, id).Files; !all[0].Waiting() || all[1].Waiting() || !all[2].Waiting() {
		t.Error("before the worker came the pictures wait, and only they")
	}
	if j, _ := w.joinedOf(t, id); j.Pages != 0 {
		t.Error("a working copy before the worker came")
	}
	w.drain(t)
	j, pdf := w.joinedOf(t, id)
	if j.Pages != 2 || !strings.HasPrefix(pdf, "%PDF-1.4") || strings.Contains(pdf, "GPS") || strings.Contains(pdf, "Exif") {
		t.Errorf("%d pages", j.Pages)
	}
	for i, f := range w.load(t, id).Files {
		_, body, err := w.OpenFile(t.Context(), w.mai, id, f.ID)
		if err != nil || read(t, body) != contents[i] {
			t.Errorf("the original of %s is not what was sent (%v)", f.Name, err)
		}
		if f.Image() != f.Thumbnail() || f.Waiting() {
			t.Errorf("%s: %+v", f.Name, f.Copy)
		}
		if !f.Image() {
			continue
		}
		if _, body, err := w.OpenThumbnail(t.Context(), w.mai, id, f.ID); err != nil || !blackTop(t, read(t, body)) {
			t.Errorf("the thumbnail of %s is not upright (%v)", f.Name, err)
		}
		if page, err := w.bytes(f.CopyBlob); err != nil || !strings.Contains(pdf, string(page)) || !blackTop(t, string(page)) || f.Width != 600 || f.Height != 800 {
			t.Errorf("the page of %s is not in the working copy, or not upright (%v)", f.Name, err)
		}
	}
	var raw []byte
	var sources []source
	if err := w.DB.Get(&raw, `SELECT sources FROM working_copies`); err != nil || json.Unmarshal(raw, &sources) != nil || len(sources) != 2 ||
		sources[0].File != files[0].ID || !bytes.Equal(sources[1].SHA256, files[2].SHA256) {
		t.Errorf("sources %s (%v)", raw, err)
	}
	_, _, err := w.OpenThumbnail(t.Context(), w.mai, id, files[1].ID)
	worldtest.WantFault(t, "thumbnail of a PDF", err, problem.NotFound, "draft.not_found")
}

func TestCopiesAreMadeAnewWhenThePaperChanges(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	a, b := w.attach(t, id, "a.jpg", photoOf(300, 400, 1)), w.attach(t, id, "b.jpg", photoOf(320, 400, 1))
	w.drain(t)
	_, was := w.joinedOf(t, id)
	for name, change := range map[string]func() error{
		"order":    func() error { return w.Shift(t.Context(), w.mai, id, 0, paper, b.ID, -1, newKey(w.mai)) },
		"turn":     func() error { return w.Turn(t.Context(), w.mai, id, 0, paper, a.ID, -90, newKey(w.mai)) },
		"one more": func() error { w.attach(t, id, "c.jpg", photoOf(200, 200, 1)); return nil },
	} {
		if err := change(); err != nil {
			t.Fatal(name, err)
		}
		if j, _ := w.joinedOf(t, id); j.Pages != 0 {
			t.Errorf("%s: the old working copy is still shown", name)
		}
		w.drain(t)
		_, now := w.joinedOf(t, id)
		if now == was || now == "" {
			t.Errorf("%s: the working copy was not made anew", name)
		}
		was = now
	}
	if f := w.load(t, id).Files; !slices.ContainsFunc(f, func(f File) bool { return f.ID == a.ID && f.Turn == 270 && f.Width == 400 }) {
		t.Errorf("%+v", f)
	}
	before, row := w.blobs(t), w.one(t, `SELECT sha256 || at::text::bytea FROM working_copies`)
	for range 2 { // nothing has changed: nothing is made
		if err := w.copies(t.Context(), queue.Job{Kind: copiesKind, Subject: id + "/0/" + paper}); err != nil {
			t.Fatal(err)
		}
	}
	if w.blobs(t) != before || w.one(t, `SELECT sha256 || at::text::bytea FROM working_copies`) != row {
		t.Error("made again what was there")
	}
	for _, f := range w.load(t, id).Files {
		if err := w.Remove(t.Context(), w.mai, id, 0, paper, f.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.drain(t)
	if n := w.count(t, `SELECT count(*) FROM working_copies`); n != 0 {
		t.Error("a working copy of nothing")
	}
}

func (w *world) one(t *testing.T, query string) string {
	t.Helper()
	var s string
	if err := w.DB.Get(&s, query); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAPressSentTwiceTurnsAndMovesOnce(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	w.attach(t, id, "a.jpg", photoOf(30, 40, 1))
	w.attach(t, id, "b.jpg", photoOf(30, 40, 1))
	c := w.attach(t, id, "c.jpg", photoOf(30, 40, 1))
	turn, shift := newKey(w.mai), newKey(w.mai)
	for range 2 {
		if err := w.Turn(t.Context(), w.mai, id, 0, paper, c.ID, 90, turn); err != nil {
			t.Fatal(err)
		}
		if err := w.Shift(t.Context(), w.mai, id, 0, paper, c.ID, -1, shift); err != nil {
			t.Fatal(err)
		}
	}
	w.wantNames(t, id, "a.jpg c.jpg b.jpg")
	if f := w.load(t, id).Files[1]; f.Turn != 90 {
		t.Errorf("turned by %d", f.Turn)
	}
}

// A picture that cannot be opened is kept and said; the others are joined without it.
func TestAPictureThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	torn := photoOf(900, 900, 1)
	f := w.attach(t, id, "torn.jpg", torn[:len(torn)/2])
	w.drain(t)
	if j, _ := w.joinedOf(t, id); j.Pages != 0 {
		t.Error("a working copy of nothing")
	}
	w.attach(t, id, "good.jpg", photoOf(300, 400, 1))
	w.drain(t)
	if j, _ := w.joinedOf(t, id); j.Pages != 1 || j.Of(f.ID) {
		t.Errorf("%+v", j)
	}
	got := w.load(t, id).Files[0]
	if got.Fault != "broken" || got.Waiting() || got.Thumbnail() || !slices.Equal(w.load(t, id).Files[1].Hints(), []string{"small"}) {
		t.Errorf("%+v, %v", got.Copy, w.load(t, id).Files[1].Hints())
	}
	if _, body, err := w.OpenFile(t.Context(), w.mai, id, f.ID); err != nil || read(t, body) != torn[:len(torn)/2] {
		t.Error("the original is gone", err)
	}
}

func TestALateFailureOfCopiesLeavesThemToTheNextTry(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	w.attach(t, id, "a.jpg", photoOf(300, 400, 1))
	w.breakTable(t, "INSERT", "working_copies")
	if _, err := w.worker().Drain(t.Context()); err == nil {
		t.Fatal("it was not broken")
	}
	if j, _ := w.joinedOf(t, id); j.Pages != 0 || w.count(t, `SELECT count(*) FROM jobs`) != 1 {
		t.Error("half a working copy, or no other try")
	}
}

// Files that are filed before the worker comes get their copies all the same.
func TestCopiesOfAFiledDraft(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	w.attach(t, id, "a.jpg", photoOf(300, 400, 1))
	w.inTx(t, func(tx *sqlx.Tx) error { return MarkFiled(t.Context(), tx, id, w.Now()) })
	w.drain(t)
	if j, _ := w.joinedOf(t, id); j.Pages != 1 {
		t.Errorf("%+v", j)
	}
}

// While a picture is being made another paper's job does not wait: it comes again.
func TestOnePictureAtATime(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	w.attach(t, id, "a.jpg", photoOf(300, 400, 1))
	leave, _ := w.pictures.try(1)
	w.drain(t)
	if w.count(t, `SELECT count(*) FROM file_copies`) != 0 || w.count(t, `SELECT count(*) FROM jobs WHERE due > $1`, w.Now()) != 1 {
		t.Error("two at a time, or lost")
	}
	leave()
	w.clock.Pass(2 * busyPause)
	w.drain(t)
	if j, _ := w.joinedOf(t, id); j.Pages != 1 || w.count(t, `SELECT count(*) FROM jobs`) != 0 {
		t.Errorf("%+v", j)
	}
}

// A paper of many pictures is made in several runs, each with a lease of its own.
func TestManyPicturesTakeSeveralRuns(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	for range picturesARun + 2 {
		w.attach(t, id, "a.jpg", photoOf(30, 40, 1))
	}
	runs, err := w.worker().Drain(t.Context())
	if j, _ := w.joinedOf(t, id); err != nil || runs != 2 || j.Pages != picturesARun+2 {
		t.Errorf("%d runs, %d pages (%v)", runs, j.Pages, err)
	}
}

// Looking into documents is bounded: a third waits, and ends with its request.
func TestDocumentsAreLookedIntoAFewAtATime(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	for range documents {
		if _, err := w.documents.enter(t.Context(), documents); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	stored, err := w.Blobs.Put(ctx, strings.NewReader(pdf()), MaxFile)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := w.inspect(ctx, stored, "a.pdf"); !errors.Is(err, context.Canceled) {
		t.Errorf("a third was let in, or waits for ever: %v", err)
	}
	w.attach(t, id, "a.jpg", photoOf(30, 40, 1)) // pictures do not wait for them
}
