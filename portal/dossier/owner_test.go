package dossier

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

func TestABusinessOwnsItsDossier(t *testing.T) {
	t.Parallel()
	w := newService(t)
	stranger := w.person(t, "Người Lạ", "089090000199")
	w.represents(t, w.mai, rice)
	w.represents(t, w.phuc, rice, "1700199921")
	late := w.draft(t, w.mai, promotion, rice, w.answers(promotion))
	d := w.file(t, w.mai, w.draft(t, w.mai, promotion, rice, w.answers(promotion)))
	if _, err := w.OfPerson(t.Context(), w.phuc, d.ID); err != nil {
		t.Errorf("the second representative: %v", err)
	}
	if mine, err := w.Mine(t.Context(), w.phuc); err != nil || len(mine) != 1 {
		t.Errorf("%d dossiers of the second representative, %v", len(mine), err)
	}
	w.represents(t, w.mai) // has left the business
	for _, p := range []string{"mai", "stranger"} {
		who := map[string]int64{"mai": w.mai.ID, "stranger": stranger.ID}[p]
		as := w.mai
		as.ID = who
		_, err := w.OfPerson(t.Context(), as, d.ID)
		worldtest.WantFault(t, p, err, problem.NotFound, "dossier.not_found")
		worldtest.WantFault(t, p+" withdraws", w.Withdraw(t.Context(), as, d.ID, "", newKey(as)), problem.NotFound, "dossier.not_found")
		if mine, err := w.Mine(t.Context(), as); err != nil || len(mine) != 0 {
			t.Errorf("%s has %d dossiers, %v", p, len(mine), err)
		}
	}
	_, err := w.File(t.Context(), w.mai, late, true, newKey(w.mai))
	worldtest.WantFault(t, "file for a business that one has left", err, problem.NotFound, "draft.not_found")
}

func TestAPersonOwnsTheirDossier(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filed(t)
	ctx := t.Context()
	w.drain(t)
	for what, err := range map[string]error{
		"see":        second(w.OfPerson(ctx, w.phuc, d.ID)),
		"file again": second(w.File(ctx, w.phuc, d.ID, true, newKey(w.phuc))),
		"withdraw":   w.Withdraw(ctx, w.phuc, d.ID, "", newKey(w.phuc)),
		"supply":     w.SendSupplement(ctx, w.phuc, d.ID, nil, newKey(w.phuc)),
		"note":       w.NoteSupplement(ctx, w.phuc, d.ID, nil),
		"rate":       w.Rate(ctx, w.phuc, d.ID, 5, ""),
		"slip":       third(w.Slip(ctx, w.phuc, d.ID)),
		"form":       third(w.Form(ctx, w.phuc, d.ID)),
		"record":     second(w.OwnRecord(ctx, w.phuc, d.ID)),
		"file":       third(w.Attachment(ctx, w.phuc, d.ID, d.ID)),
		"paper":      third(w.OwnPaper(ctx, w.phuc, d.ID, Acknowledgement)),
		"result":     third(w.OwnResult(ctx, w.phuc, d.ID, d.ID)),
	} {
		if !problem.Is(err, problem.NotFound) {
			t.Errorf("%s by another: %v", what, err)
		}
	}
	_, _, err := w.OwnPaper(ctx, w.mai, d.ID, Acknowledgement)
	worldtest.WantFault(t, "Mẫu 01 before it is received", err, problem.NotFound, "dossier.not_found")
}

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }

func TestTrack(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filed(t)
	got, err := w.Track(t.Context(), " "+strings.ToLower(d.Code)+" ", "0101", "10.0.0.1")
	if err != nil || got.Code != d.Code || got.State != Filed || len(got.Events) != 1 || len(got.Events[0].Args.V) != 0 || got.Events[0].Actor != "" {
		t.Errorf("%+v, %v", got, err)
	}
	other := strings.Replace(d.Code, "0001", "0002", 1)
	for _, c := range [][2]string{{d.Code, "0102"}, {other, "0101"}, {d.Code, "101"}, {d.Code, ""}, {d.Code, "' OR"}, {"\x00", "0101"}, {"%", "%%%%"}} {
		_, err := w.Track(t.Context(), c[0], c[1], "10.0.0.1")
		worldtest.WantFault(t, fmt.Sprintf("%q", c), err, problem.NotFound, "track.unknown")
	}
	tries := 0
	for ; tries < 100; tries++ {
		if _, err = w.Track(t.Context(), d.Code, fmt.Sprintf("9%03d", tries), fmt.Sprintf("10.0.1.%d", tries)); problem.Is(err, problem.TooMany) {
			break
		}
	}
	worldtest.WantFault(t, "guessing from many addresses", err, problem.TooMany, "track.too_many")
	if tries > tracksPerCode {
		t.Errorf("%d guesses", tries)
	}
	for tries = 0; tries < 100; tries++ {
		if _, err = w.Track(t.Context(), fmt.Sprintf("X01-261123-%04d", tries), "0101", "10.0.0.9"); problem.Is(err, problem.TooMany) {
			break
		}
	}
	if tries != tracksPerAddress {
		t.Errorf("%d tries of one address", tries)
	}
	w.clock.Pass(time.Hour)
	if _, err := w.Track(t.Context(), d.Code, "0101", "10.0.0.9"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}
