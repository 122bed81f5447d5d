package draft

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"motcua/portal/applicant"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/worldtest"
)

const (
	extract   = "2.000635" // copies of civil-status records
	birth     = "1.001193"
	promotion = "2.000033" // of a business
	rice      = "1600199903"
)

func TestStartTwiceIsOneDraft(t *testing.T) {
	t.Parallel()
	w := newService(t)
	key := newKey(w.mai)
	first, err := w.Start(t.Context(), w.mai, extract, "", key)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Start(t.Context(), w.mai, extract, "", key)
	if err != nil || again != first {
		t.Fatalf("%s, %v; want %s", again, err, first)
	}
	_, err = w.Start(t.Context(), w.mai, birth, "", key)
	worldtest.WantFault(t, "the key for another procedure", err, problem.Conflict, "once.other_body")
	if n := w.count(t, `SELECT count(*) FROM drafts`); n != 1 {
		t.Errorf("%d drafts", n)
	}
}

func TestStartIsForWhomTheProcedureIs(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.represents(t, w.mai, applicant.Business{TaxCode: rice, Name: "GẠO"})
	for _, c := range []struct {
		code, tax string
		kind      problem.Kind
		key       string
	}{
		{promotion, "", problem.Invalid, "draft.choose_business"},
		{extract, rice, problem.Invalid, "draft.not_for_business"},
		{promotion, "1700199921", problem.NotFound, "applicant.no_business"},
		{"9.999999", "", problem.NotFound, "catalogue.not_found"},
		{information(t, w), "", problem.Conflict, "draft.no_form"},
	} {
		_, err := w.Start(t.Context(), w.mai, c.code, c.tax, newKey(w.mai))
		worldtest.WantFault(t, c.code+" "+c.tax, err, c.kind, c.key)
	}
	if n := w.count(t, `SELECT count(*) FROM drafts`); n != 0 {
		t.Errorf("%d drafts", n)
	}
}

// information is a procedure that can only be read about.
func information(t *testing.T, w *world) string {
	t.Helper()
	all, err := w.Catalogue.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Form == nil {
			return r.Code
		}
	}
	t.Fatal("every procedure has a form")
	return ""
}

func TestNoMoreThanTwentyAtOnce(t *testing.T) {
	t.Parallel()
	w := newService(t)
	const presses = MaxOpen + 10
	faults := make(chan error, presses)
	for range presses {
		go func() {
			_, err := w.Start(context.Background(), w.mai, extract, "", newKey(w.mai))
			faults <- err
		}()
	}
	refused := 0
	for range presses {
		if err := <-faults; err != nil {
			worldtest.WantFault(t, "one too many", err, problem.Conflict, "draft.too_many")
			refused++
		}
	}
	if n := w.count(t, `SELECT count(*) FROM drafts`); n != MaxOpen || refused != presses-MaxOpen {
		t.Fatalf("%d drafts, %d refused", n, refused)
	}
	// one put away makes room for one, and cannot come back beside it
	list, err := w.List(t.Context(), w.mai)
	if err != nil || len(list) != MaxOpen {
		t.Fatalf("%d in the list, %v", len(list), err)
	}
	if err := w.Delete(t.Context(), w.mai, list[0].ID); err != nil {
		t.Fatal(err)
	}
	w.start(t, w.mai, extract, "")
	worldtest.WantFault(t, "restore into a full house", w.Restore(t.Context(), w.mai, list[0].ID), problem.Conflict, "draft.too_many")
	w.clock.Pass(Life + time.Second) // all have lapsed
	w.start(t, w.mai, extract, "")
}

func TestAnothersDraftIsNotThere(t *testing.T) {
	t.Parallel()
	w := newService(t)
	id := w.start(t, w.mai, extract, "")
	file, err := w.Attach(t.Context(), w.mai, id, Upload{Component: "giay_to_lien_quan", Name: "a.pdf", Body: strings.NewReader(pdf())}, newKey(w.mai))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	before := w.load(t, id)
	deeds := map[string]func(p signin.Person, id string) error{
		"Load":  func(p signin.Person, id string) error { _, err := w.Load(ctx, p, id); return err },
		"Known": func(p signin.Person, id string) error { _, err := w.Known(ctx, p, id); return err },
		"Save": func(p signin.Person, id string) error {
			_, err := w.Save(ctx, p, id, 1, url.Values{}, newKey(p))
			return err
		},
		"Prefill": func(p signin.Person, id string) error { return w.Prefill(ctx, p, id) },
		"Follow":  func(p signin.Person, id string) error { return w.Follow(ctx, p, id) },
		"See":     func(p signin.Person, id string) error { return w.See(ctx, p, id, 1) },
		"At":      func(p signin.Person, id string) error { return w.At(ctx, p, id, "kiem-tra") },
		"Attach": func(p signin.Person, id string) error {
			_, err := w.Attach(ctx, p, id, Upload{Component: "giay_to_lien_quan", Name: "b.pdf", Body: strings.NewReader(pdf())}, newKey(p))
			return err
		},
		"Remove": func(p signin.Person, id string) error { return w.Remove(ctx, p, id, 0, file.Component, file.ID) },
		"Shift": func(p signin.Person, id string) error {
			return w.Shift(ctx, p, id, 0, file.Component, file.ID, 1, newKey(p))
		},
		"Turn": func(p signin.Person, id string) error {
			return w.Turn(ctx, p, id, 0, file.Component, file.ID, 90, newKey(p))
		},
		"Joined": func(p signin.Person, id string) error { _, err := w.Joined(ctx, p, id); return err },
		"OpenJoined": func(p signin.Person, id string) error {
			_, _, err := w.OpenJoined(ctx, p, id, 0, file.Component)
			return err
		},
		"OpenThumbnail": func(p signin.Person, id string) error { _, _, err := w.OpenThumbnail(ctx, p, id, file.ID); return err },
		"OpenFile":      func(p signin.Person, id string) error { _, _, err := w.OpenFile(ctx, p, id, file.ID); return err },
		"Delete":        func(p signin.Person, id string) error { return w.Delete(ctx, p, id) },
		"Restore":       func(p signin.Person, id string) error { return w.Restore(ctx, p, id) },
	}
	for name, deed := range deeds {
		worldtest.WantFault(t, name+" of another's", deed(w.phuc, id), problem.NotFound, "draft.not_found")
		worldtest.WantFault(t, name+" of none", deed(w.mai, uuid.NewString()), problem.NotFound, "draft.not_found")
		worldtest.WantFault(t, name+" of nonsense", deed(w.mai, "1 OR 1=1"), problem.NotFound, "draft.not_found")
	}
	if after := w.load(t, id); after.Version != before.Version || len(after.Files) != 1 || w.blobs(t) != 1 {
		t.Errorf("something changed: version %d to %d, %d files, %d blobs", before.Version, after.Version, len(after.Files), w.blobs(t))
	}
}

func TestLateFailureOfStartLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.breakTable(t, "UPDATE", "deeds") // the last statement
	if _, err := w.Start(t.Context(), w.mai, extract, "", newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM drafts) + (SELECT count(*) FROM deeds)`); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
}
