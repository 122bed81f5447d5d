package draft

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

func (w *world) begin(t *testing.T, id, name string, length int) Pending {
	t.Helper()
	u, err := w.BeginUpload(t.Context(), w.mai, id, Upload{Component: paper, Name: name}, int64(length))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (w *world) piece(u Pending, at, to int, content string) (Pending, error) {
	return w.Piece(context.Background(), w.mai, u.Draft, u.Component, u.ID, int64(at), []byte(content[at:to]))
}

// long is a document of so many bytes.
func long(n int) string {
	return pdfOf(1, "% "+strings.Repeat("x", n-len(pdfOf(1, "% \n")))+"\n")
}

func TestAFileInPiecesGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	content := long(1_200_000)
	u := w.begin(t, id, "../dài.pdf", len(content))
	if u.Name != "dài.pdf" || u.Got != 0 {
		t.Errorf("%+v", u)
	}
	for at, to := range map[int]int{0: MaxPiece} {
		if got, err := w.piece(u, at, to, content); err != nil || got.Got != MaxPiece {
			t.Fatal(got, err)
		}
	}
	w.open(t, w.DB) // killed and begun anew
	got, err := w.Pending(t.Context(), w.mai, id, paper, u.ID)
	if err != nil || got.Got != MaxPiece || got.FileID != nil {
		t.Fatal(got, err)
	}
	if _, err := w.piece(u, MaxPiece, 2*MaxPiece, content); err != nil {
		t.Fatal(err)
	}
	if len(w.load(t, id).Files) != 0 {
		t.Error("attached before it is whole")
	}
	got, err = w.piece(u, 2*MaxPiece, len(content), content)
	if err != nil || got.FileID == nil {
		t.Fatal(got, err)
	}
	for range 2 { // the answer was lost: the end is asked for again
		again, err := w.piece(u, len(content), len(content), content)
		if err != nil || *again.FileID != *got.FileID {
			t.Fatal(again, err)
		}
	}
	files := w.load(t, id).Files
	if len(files) != 1 || files[0].ID != *got.FileID || files[0].Name != "dài.pdf" || w.blobs(t) != 1 {
		t.Fatalf("%+v, %d blobs", files, w.blobs(t))
	}
	if _, body, err := w.OpenFile(t.Context(), w.mai, id, files[0].ID); err != nil || read(t, body) != content {
		t.Error("other bytes than were sent", err)
	}
}

// Killed between the last piece and the attachment, or between that and its note: the
// empty piece at the end makes it whole, once.
func TestTheEndOfAnUploadIsMadeUpFor(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"INSERT draft_files", "UPDATE deeds", "DELETE upload_parts"} {
		w := newService(t)
		id := w.start(t, w.mai, extract, "")
		content := pdf()
		u := w.begin(t, id, "a.pdf", len(content))
		when, table, _ := strings.Cut(broken, " ")
		w.breakTable(t, when, table)
		if _, err := w.piece(u, 0, len(content), content); err == nil {
			t.Fatalf("%s was not broken", broken)
		}
		if got, err := w.Pending(t.Context(), w.mai, id, paper, u.ID); err != nil || got.Got != int64(len(content)) || got.FileID != nil {
			t.Errorf("%s: %+v, %v", broken, got, err)
		}
		w.mend(t, table)
		got, err := w.piece(u, len(content), len(content), content)
		if err != nil || got.FileID == nil || len(w.load(t, id).Files) != 1 {
			t.Errorf("%s: %+v, %v, %d files", broken, got, err, len(w.load(t, id).Files))
		}
		if n := w.count(t, `SELECT count(*) FROM upload_parts`); n != 0 {
			t.Errorf("%s: %d pieces stayed", broken, n)
		}
	}
}

func TestALateFailureOfAPieceLeavesTheOffset(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	u := w.begin(t, id, "a.pdf", 100)
	w.breakTable(t, "INSERT", "upload_parts")
	if _, err := w.piece(u, 0, 50, long(1000)); err == nil {
		t.Fatal("it was not broken")
	}
	if got, err := w.Pending(t.Context(), w.mai, id, paper, u.ID); err != nil || got.Got != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestPiecesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	content := long(MaxPiece + 100)
	u := w.begin(t, id, "a.pdf", len(content))
	if _, err := w.piece(u, 0, 40, content); err != nil {
		t.Fatal(err)
	}
	blobs := w.blobs(t)
	for name, c := range map[string]struct {
		from, to int
		kind     problem.Kind
		key      string
	}{
		"the same again": {0, 40, problem.Conflict, "draft.upload_offset"},
		"with a gap":     {50, 60, problem.Conflict, "draft.upload_offset"},
		"too large":      {40, 40 + MaxPiece + 1, problem.TooLarge, "draft.upload_too_long"},
	} {
		_, err := w.piece(u, c.from, c.to, content)
		worldtest.WantFault(t, name, err, c.kind, c.key)
	}
	_, err := w.Piece(t.Context(), w.mai, id, paper, u.ID, 40, make([]byte, 1+MaxPiece))
	worldtest.WantFault(t, "longer than it was said to be", err, problem.TooLarge, "draft.upload_too_long")
	for name, try := range map[string]func() error{
		"another's": func() error { _, err := w.Pending(t.Context(), w.phuc, id, paper, u.ID); return err },
		"a piece of another's": func() error {
			_, err := w.Piece(t.Context(), w.phuc, id, paper, u.ID, 40, []byte("x"))
			return err
		},
		"dropping another's": func() error { return w.DropUpload(t.Context(), w.phuc, id, paper, u.ID) },
		"another paper's":    func() error { _, err := w.Pending(t.Context(), w.mai, id, "other", u.ID); return err },
		"nonsense":           func() error { _, err := w.Pending(t.Context(), w.mai, id, paper, "1 OR 1=1"); return err },
		"nonsense draft":     func() error { _, err := w.Pending(t.Context(), w.mai, "'", paper, u.ID); return err },
	} {
		worldtest.WantFault(t, name, try(), problem.NotFound, "draft.no_upload")
	}
	_, err = w.BeginUpload(t.Context(), w.phuc, id, Upload{Component: paper, Name: "a.pdf"}, 10)
	worldtest.WantFault(t, "begun for another's draft", err, problem.NotFound, "draft.not_found")
	if n := w.blobs(t); n != blobs {
		t.Errorf("%d blobs more", n-blobs)
	}
	if got, _ := w.Pending(t.Context(), w.mai, id, paper, u.ID); got.Got != 40 {
		t.Errorf("%+v", got)
	}
}

func TestTwoPiecesForOnePlace(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	content := long(4000)
	u := w.begin(t, id, "a.pdf", len(content))
	faults := make(chan error)
	for range 8 {
		go func() { _, err := w.piece(u, 0, 2000, content); faults <- err }()
	}
	taken := 0
	for range 8 {
		if err := <-faults; err == nil {
			taken++
		} else if !problem.Is(err, problem.Conflict) {
			t.Error(err)
		}
	}
	if got, _ := w.Pending(t.Context(), w.mai, id, paper, u.ID); taken != 1 || got.Got != 2000 || w.blobs(t) != 1 {
		t.Errorf("%d taken, %+v, %d blobs", taken, got, w.blobs(t))
	}
	for range 8 {
		go func() { _, err := w.piece(u, 2000, 4000, content); faults <- err }()
	}
	for range 8 {
		<-faults
	}
	if files := w.load(t, id).Files; len(files) != 1 || w.blobs(t) != 1 {
		t.Errorf("%d files, %d blobs", len(files), w.blobs(t))
	}
}

func TestLimitsAreHeldBeforeTheFirstByte(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	begin := func(component string, length int64) error {
		_, err := w.BeginUpload(t.Context(), w.mai, id, Upload{Component: component, Name: "a.pdf"}, length)
		return err
	}
	worldtest.WantFault(t, "too large", begin(paper, MaxFile+1), problem.TooLarge, "draft.file_too_large")
	worldtest.WantFault(t, "empty", begin(paper, 0), problem.Invalid, "draft.file_empty")
	worldtest.WantFault(t, "a paper nobody asks for", begin("other", 10), problem.NotFound, "draft.not_found")
	if err := begin(paper, MaxFile); err != nil {
		t.Error(err)
	}
	f := w.attach(t, id, "a.pdf", pdf())
	if _, err := w.DB.Exec(`UPDATE draft_files SET size = $1`, MaxDossier-100); err != nil {
		t.Fatal(err)
	}
	worldtest.WantFault(t, "no room left", begin(paper, 101), problem.TooLarge, "draft.dossier_too_large")
	_, err := w.BeginUpload(t.Context(), w.mai, id, Upload{Component: paper, Name: "a.pdf", Replaces: f.ID}, 101)
	if err != nil {
		t.Errorf("in place of the one that fills it: %v", err)
	}
	for n := range uploadsHour {
		if err = begin(paper, 10); err != nil {
			worldtest.WantFault(t, fmt.Sprint("after ", n), err, problem.TooMany, "draft.too_many_uploads")
			break
		}
	}
	if n := w.count(t, `SELECT count(*) FROM uploads`); err == nil || n != openUploads {
		t.Errorf("%d open uploads (%v)", n, err)
	}
}

// What is whole and no paper is refused with its reason and forgotten.
func TestAFileInPiecesIsJudgedWhenItIsWhole(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	for key, content := range map[string]string{"draft.file_heic": "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "draft.file_type": "<html>not a paper</html>"} {
		u := w.begin(t, id, "a.jpg", len(content))
		_, err := w.piece(u, 0, len(content), content)
		worldtest.WantFault(t, key, err, problem.Invalid, key)
		if w.count(t, `SELECT count(*) FROM uploads`) != 0 || w.blobs(t) != 0 {
			t.Errorf("%s: something stayed", key)
		}
	}
}

func TestUploadsThatStopAreSwept(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	content := long(4000)
	old, dropped := w.begin(t, id, "a.pdf", len(content)), w.begin(t, id, "b.pdf", len(content))
	for _, u := range []Pending{old, dropped} {
		if _, err := w.piece(u, 0, 1000, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.DropUpload(t.Context(), w.mai, id, paper, dropped.ID); err != nil || w.blobs(t) != 1 {
		t.Error(err, w.blobs(t))
	}
	w.clock.Pass(uploadLife - time.Minute)
	fresh := w.begin(t, id, "c.pdf", len(content))
	if _, err := w.piece(fresh, 0, 1000, content); err != nil {
		t.Fatal(err)
	}
	if _, err := w.piece(old, 1000, 2000, content); err != nil { // each piece gives it another day
		t.Fatal(err)
	}
	w.clock.Pass(2 * time.Minute)
	if err := w.SweepUploads(t.Context(), w.Now()); err != nil || w.blobs(t) != 3 {
		t.Error(err, w.blobs(t))
	}
	w.clock.Pass(uploadLife)
	_, err := w.Pending(t.Context(), w.mai, id, paper, fresh.ID)
	worldtest.WantFault(t, "after a day", err, problem.NotFound, "draft.no_upload")
	if err := w.SweepUploads(t.Context(), w.Now()); err != nil || w.blobs(t) != 0 || w.count(t, `SELECT count(*) FROM uploads`) != 0 {
		t.Error(err, w.blobs(t))
	}
}
