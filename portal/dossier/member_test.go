package dossier

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/portal/applicant"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// member gives Phúc a power of Mai's business.
func (w *world) member(t *testing.T, terms applicant.Terms) int64 {
	t.Helper()
	w.represents(t, w.mai, rice)
	id, err := w.Applicant.Invite(t.Context(), w.mai, applicant.Invitation{TaxCode: rice, Number: w.phuc.IDNumber, Name: "Phúc", Terms: terms}, newKey(w.mai))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Applicant.Accept(t.Context(), w.hashed(w.phuc), id, newKey(w.phuc)); err != nil {
		t.Fatal(err)
	}
	return id
}

// hashed is the person with the hash by which an invitation finds them.
func (w *world) hashed(p signin.Person) signin.Person {
	p.IDHash = w.Key.Hash(p.IDNumber)
	return p
}

func TestAMemberFilesWithinTheirPower(t *testing.T) {
	t.Parallel()
	w := newService(t)
	ctx := t.Context()
	power := w.member(t, applicant.Terms{Procedure: promotion, File: true})
	d := w.file(t, w.phuc, w.draft(t, w.phuc, promotion, rice, w.answers(promotion)))
	left := w.draft(t, w.phuc, promotion, rice, w.answers(promotion))
	if d.GrantID != power || d.TaxCode != rice || d.OwnerNumber != rice || d.PersonID != w.phuc.ID {
		t.Errorf("filed by %d for %s, power %d", d.PersonID, d.TaxCode, d.GrantID)
	}
	for what, mine := range map[string]func() ([]Dossier, error){
		"member's":           func() ([]Dossier, error) { return w.Mine(ctx, w.phuc) },
		"business's":         func() ([]Dossier, error) { return w.MineOf(ctx, w.phuc, rice) },
		"representative's":   func() ([]Dossier, error) { return w.MineOf(ctx, w.mai, rice) },
		"of another they do": func() ([]Dossier, error) { all, err := w.MineOf(ctx, w.mai, "1700199921"); return append(all, d), err },
	} {
		if all, err := mine(); err != nil || len(all) != 1 || all[0].ID != d.ID {
			t.Errorf("%s list: %d, %v", what, len(all), err)
		}
	}
	basis, err := w.Basis(ctx, w.see(t, d.ID))
	if err != nil || basis == nil || basis.Says.Key != "basis.power" || basis.Applicant != w.phuc.Name {
		t.Errorf("%+v %v", basis, err)
	}
	if _, err := w.ToPay(ctx, w.phuc, d.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("pays without the power to: %v", err)
	}
	if _, err := w.ToPay(ctx, w.mai, d.ID); err != nil {
		t.Errorf("the representative pays: %v", err)
	}
	past, err := w.Applicant.HistoryOfBusiness(ctx, w.mai, rice)
	if err != nil || !slices.ContainsFunc(past, func(p applicant.Past) bool { return p.Kind == "filed" && p.Dossier == d.ID && p.Code == d.Code }) {
		t.Errorf("the business's history has %v, %v", past, err)
	}
	w.drain(t)
	told := func(p signin.Person) int {
		return w.count(t, `SELECT count(*) FROM notices WHERE person_id = $1 AND dossier_id = $2`, p.ID, d.ID)
	}
	if told(w.phuc) != 1 || told(w.mai) != 0 {
		t.Errorf("told the member %d times, the representative %d", told(w.phuc), told(w.mai))
	}

	if err := w.Applicant.Revoke(ctx, w.mai, power, newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"page": second(w.OfPerson(ctx, w.phuc, d.ID)), "slip": third(w.Slip(ctx, w.phuc, d.ID)), "form": third(w.Form(ctx, w.phuc, d.ID)),
		"record": second(w.OwnRecord(ctx, w.phuc, d.ID)), "pay": second(w.ToPay(ctx, w.phuc, d.ID)), "withdraw": w.Withdraw(ctx, w.phuc, d.ID, "", newKey(w.phuc)),
		"notes":    w.NoteSupplement(ctx, w.phuc, d.ID, nil),
		"file":     second(w.File(ctx, w.phuc, left, true, newKey(w.phuc))),
		"draft":    second(w.Drafts.Load(ctx, w.phuc, left)),
		"filed":    second(w.Drafts.Known(ctx, w.phuc, d.ID)),
		"new":      second(w.Drafts.Start(ctx, w.phuc, promotion, rice, newKey(w.phuc))),
		"put away": w.Drafts.Delete(ctx, w.phuc, left),
	} {
		if !problem.Is(err, problem.NotFound) {
			t.Errorf("%s after revocation: %v", what, err)
		}
	}
	if all, err := w.Drafts.List(ctx, w.phuc); err != nil || len(all) != 0 {
		t.Errorf("drafts of the former member: %d, %v", len(all), err)
	}
	if seen, err := w.Visible(ctx, w.phuc, []string{d.ID}); err != nil || seen[d.ID] {
		t.Errorf("notices of it are shown: %v %v", seen, err)
	}
	// the business goes on with what the member typed
	if all, err := w.Drafts.ListOf(ctx, w.mai, rice); err != nil || len(all) != 1 || all[0].Mine {
		t.Fatalf("drafts of the business: %+v, %v", all, err)
	}
	taken := w.file(t, w.mai, left)
	if taken.PersonID != w.mai.ID || taken.GrantID != 0 {
		t.Errorf("filed by %d with power %d", taken.PersonID, taken.GrantID)
	}
	if err := w.Withdraw(ctx, w.mai, d.ID, "", newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	w.drain(t)
	if told(w.phuc) != 1 || told(w.mai) != 1 {
		t.Errorf("after revocation told the member %d times, the representative %d", told(w.phuc), told(w.mai))
	}
}

func TestAMemberIsHeldToProcedureAndPeriod(t *testing.T) {
	t.Parallel()
	w := newService(t)
	w.member(t, applicant.Terms{Procedure: "1.000001", File: true, To: w.Now().Format(time.DateOnly)})
	if _, err := w.Drafts.Start(t.Context(), w.phuc, promotion, rice, newKey(w.phuc)); !problem.Is(err, problem.NotFound) {
		t.Errorf("another procedure: %v", err)
	}
	d := w.file(t, w.mai, w.draft(t, w.mai, promotion, rice, w.answers(promotion)))
	if _, err := w.OfPerson(t.Context(), w.phuc, d.ID); !problem.Is(err, problem.NotFound) {
		t.Errorf("a dossier of another procedure: %v", err)
	}
}

// Filing and revoking at the same moment come one after the other: once the revocation has
// been committed no dossier comes of the power.
func TestRevokingWhileFiling(t *testing.T) {
	t.Parallel()
	w := newService(t)
	ctx := t.Context()
	outcomes := map[bool]int{}
	for i := range 6 {
		power := w.member(t, applicant.Terms{File: true})
		id := w.draft(t, w.phuc, promotion, rice, w.answers(promotion))
		var wg sync.WaitGroup
		var filed, revoked error
		var atRevocation int
		wg.Go(func() { _, filed = w.File(ctx, w.phuc, id, true, newKey(w.phuc)) })
		wg.Go(func() {
			revoked = w.Applicant.Revoke(ctx, w.mai, power, newKey(w.mai))
			atRevocation = w.count(t, `SELECT count(*) FROM dossiers WHERE id = $1`, id)
		})
		wg.Wait()
		if revoked != nil {
			t.Fatal(revoked)
		}
		there := w.count(t, `SELECT count(*) FROM dossiers WHERE id = $1`, id)
		if there != atRevocation {
			t.Fatalf("round %d: %d dossiers when the revocation was committed, %d afterwards", i, atRevocation, there)
		}
		if (filed == nil) != (there == 1) || filed != nil && !problem.Is(filed, problem.NotFound) {
			t.Errorf("round %d: %d dossiers, %v", i, there, filed)
		}
		outcomes[filed == nil]++
	}
	t.Log("filed first or not:", outcomes)
}

func TestFilingForAWard(t *testing.T) {
	t.Parallel()
	w := newService(t)
	ctx := t.Context()
	typed, err := w.Applicant.Typed(w.mai, applicant.Typed{Kind: applicant.Ward, Name: "Trần Gia Hân", Number: "091 324 000 201", Relation: "child"})
	if err != nil {
		t.Fatal(err)
	}
	id := w.draftAs(t, w.mai, extract, typed, w.answers(extract))
	_, err = w.File(ctx, w.mai, id, true, newKey(w.mai))
	faulty, _ := err.(*Faulty)
	if faulty == nil || len(faulty.Faults) != 1 || faulty.Faults[0].Field != "capacity_proof" {
		t.Fatalf("without the proof: %v", err)
	}
	w.attach(t, w.mai, id, draft.Upload{Component: draft.CapacityProof, Name: "khai sinh.pdf"})
	if _, err := w.File(ctx, w.mai, id, true, newKey(w.mai)); err != nil {
		t.Fatal(err)
	}
	d := w.see(t, id)
	if d.OwnerName != "Trần Gia Hân" || d.OwnerNumber != "091324000201" || d.Proven || d.Capacity != applicant.Ward || d.PersonID != w.mai.ID {
		t.Errorf("%+v", d)
	}
	whole, err := w.OfPerson(ctx, w.mai, id)
	if err != nil || len(whole.Attachments) != 1 || !strings.Contains(whole.ComponentName(whole.Attachments[0].Component).VI, "quan hệ") {
		t.Errorf("%v %v", whole.Attachments, err)
	}
	if _, err := w.OfPerson(ctx, w.phuc, id); !problem.Is(err, problem.NotFound) {
		t.Errorf("another: %v", err)
	}
}

func TestFilingByAnAuthorisation(t *testing.T) {
	t.Parallel()
	w := newService(t)
	ctx, giver, taker := t.Context(), w.hashed(w.phuc), w.hashed(w.mai)
	no, err := w.Applicant.AskFor(ctx, taker, applicant.Mandate{Number: giver.IDNumber, Name: "anh Phúc"}, newKey(taker))
	if err != nil {
		t.Fatal(err)
	}
	vai := fmt.Sprintf("uq:%d", no)
	if _, err := w.Applicant.Choose(ctx, taker, vai, extract); !problem.Is(err, problem.NotFound) {
		t.Errorf("before it is given: %v", err)
	}
	if err := w.Applicant.Agree(ctx, giver, no, newKey(giver)); err != nil {
		t.Fatal(err)
	}
	as, err := w.Applicant.Choose(ctx, taker, vai, extract)
	if err != nil || as.Name != giver.Name || !as.Verified {
		t.Fatalf("%+v %v", as, err)
	}
	if _, err := w.Applicant.Choose(ctx, giver, vai, extract); !problem.Is(err, problem.NotFound) {
		t.Errorf("the giver takes it: %v", err)
	}
	id := w.draftAs(t, taker, extract, as, w.answers(extract))
	if _, err := w.Drafts.Load(ctx, giver, id); !problem.Is(err, problem.NotFound) {
		t.Errorf("the giver reads the draft: %v", err)
	}
	if _, err := w.File(ctx, taker, id, true, newKey(taker)); err != nil {
		t.Fatal(err)
	}
	if d := w.see(t, id); d.OwnerNumber != giver.IDNumber || d.GrantID != no || !d.Proven {
		t.Errorf("%+v", d)
	}
	for _, p := range []signin.Person{giver, taker} {
		if all, err := w.Mine(ctx, p); err != nil || len(all) != 1 {
			t.Errorf("%s has %d, %v", p.Name, len(all), err)
		}
	}
	if err := w.Applicant.End(ctx, giver, no, newKey(giver)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.OfPerson(ctx, taker, id); !problem.Is(err, problem.NotFound) {
		t.Errorf("the taker after revocation: %v", err)
	}
	if _, err := w.OfPerson(ctx, giver, id); err != nil {
		t.Errorf("the giver after revocation: %v", err)
	}
}
