package desk

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/dossier"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
	"motcua/portal/worldtest"
)

var items = []dossier.Item{
	{Component: "giay_to_lien_quan", Name: "Giấy tờ liên quan", What: "Ảnh mờ", How: "Chụp lại cho rõ dấu"},
	{Name: "Số đăng ký", What: "Không có trong sổ", How: "Ghi lại số"},
}

// deed is one of the officers' deeds, right in every way, with the state that it is for.
type deed struct {
	role string
	from func(w *world, t *testing.T, by string) dossier.Dossier
	do   func(ctx context.Context, w *world, p Press) error
	to   dossier.State
}

var deeds = map[dossier.Deed]deed{
	dossier.Receive:       {agency.Intake, (*world).paid, func(ctx context.Context, w *world, p Press) error { return w.Receive(ctx, p) }, dossier.Received},
	dossier.AskSupplement: {agency.Intake, (*world).filed, func(ctx context.Context, w *world, p Press) error { return w.AskSupplement(ctx, p, items) }, dossier.Supplement},
	dossier.Refuse: {agency.Intake, (*world).filed, func(ctx context.Context, w *world, p Press) error {
		return w.Refuse(ctx, p, "Không thuộc thẩm quyền", "Điều 4 Luật Hộ tịch")
	}, dossier.Refused},
	dossier.Forward: {agency.Intake, (*world).received, func(ctx context.Context, w *world, p Press) error {
		all, err := w.Agency.Officers(ctx, w.ward.ID)
		if err != nil {
			return err
		}
		return w.Forward(ctx, p, processors(all, w.ward.ID)[0].ID)
	}, dossier.Processing},
	dossier.Decide: {agency.Leader, (*world).processing, func(ctx context.Context, w *world, p Press) error {
		return w.Decide(ctx, p, Decision{Granted: true})
	}, dossier.Decided},
	dossier.Archive: {agency.Clerk, (*world).decided, func(ctx context.Context, w *world, p Press) error { return w.Archive(ctx, p) }, dossier.Decided},
	dossier.Return: {agency.Intake, (*world).archived, func(ctx context.Context, w *world, p Press) error {
		return w.Return(ctx, p, Handing{Receiver: "Nguyễn Thị Hồng Mai"})
	}, dossier.Returned},
}

func TestEveryDeedIsHere(t *testing.T) {
	t.Parallel()
	for _, d := range officerDeeds {
		if _, ok := deeds[d]; !ok {
			t.Errorf("%s is not tested", d)
		}
	}
}

// Who is of another agency sees what they would if nothing were there; a colleague without
// the role is told so; a stale page, the wrong state and a repeat change nothing.
func TestDeedsByOthers(t *testing.T) {
	t.Parallel()
	for name, one := range deeds {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			w := newService(t)
			ctx := t.Context()
			d := one.from(w, t, "post")
			before := w.shape(t)
			for _, role := range []string{agency.Intake, agency.Processor, agency.Leader, agency.Clerk} {
				stranger := w.pressOf(t, w.officer(t, w.other, role), d)
				worldtest.WantFault(t, role+" of another agency", one.do(ctx, w, stranger), problem.NotFound, "dossier.not_found")
				_, err := w.Case(ctx, stranger.Officer, d.ID, audit.Entry{})
				worldtest.WantFault(t, role+" of another agency looks", err, problem.NotFound, "dossier.not_found")
				colleague := w.press(t, role, d)
				if !dossier.May(dossier.Actor{Officer: &colleague.Officer}, name, d) {
					worldtest.WantFault(t, role, one.do(ctx, w, colleague), problem.Forbidden, "desk.not_your_role")
				}
			}
			nobody := w.press(t, one.role, d)
			nobody.Officer.Roles = nil
			worldtest.WantFault(t, "without any role", one.do(ctx, w, nobody), problem.NotFound, "dossier.not_found")
			stale := w.press(t, one.role, d)
			stale.Version--
			worldtest.WantFault(t, "a stale page", one.do(ctx, w, stale), problem.Conflict, "dossier.changed")
			none := w.press(t, one.role, d)
			none.Dossier = uuid.NewString()
			worldtest.WantFault(t, "no dossier", one.do(ctx, w, none), problem.NotFound, "dossier.not_found")
			if after := w.shape(t); after != before {
				t.Errorf("something changed:\n%s\n%s", before, after)
			}

			p := w.press(t, one.role, d)
			twice(t, string(name), p, func(ctx context.Context, p Press) error { return one.do(ctx, w, p) })
			if got := w.see(t, d.ID); got.State != one.to || got.Version != d.Version+1 {
				t.Errorf("%s at version %d, want %s at %d", got.State, got.Version, one.to, d.Version+1)
			}
			if n := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'dossier.' || $1 AND actor = $2 AND agency_id = $3`, name, officer(p.Officer), w.ward.ID); n != 1 {
				t.Errorf("%d entries in the audit log", n)
			}
			p.Key.Body[0]++
			worldtest.WantFault(t, "the key with another form", one.do(ctx, w, p), problem.Conflict, "once.other_body")
			if name != dossier.Forward { // which may be done again
				worldtest.WantFault(t, "again", one.do(ctx, w, w.press(t, one.role, d)), problem.Conflict, "dossier.not_now")
			}
			w.drain(t)
		})
	}
}

// shape is all that a deed could leave behind.
func (w *world) shape(t *testing.T) string {
	t.Helper()
	var s string
	err := w.DB.Get(&s, `SELECT concat_ws(' ', (SELECT string_agg(md5(d::text), ',' ORDER BY id) FROM dossiers d),
		(SELECT count(*) FROM events), (SELECT count(*) FROM papers), (SELECT count(*) FROM supplements), (SELECT count(*) FROM jobs),
		(SELECT count(*) FROM postal_orders), (SELECT coalesce(sum(last), 0) FROM paper_counters), (SELECT string_agg(state, ',') FROM orders),
		(SELECT count(open_round) FROM drafts), (SELECT count(*) FROM audit WHERE deed LIKE 'dossier.%' AND deed <> 'dossier.see'))`)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestLateFailureOfADeedLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, one := range deeds {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			w := newService(t)
			d := one.from(w, t, "post")
			before := w.shape(t)
			_, err := pgtest.Owner(t, w.DB).Exec(`CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken on purpose'; END $$;
				CREATE TRIGGER broken BEFORE UPDATE ON deeds FOR EACH ROW EXECUTE FUNCTION broken()`)
			if err != nil {
				t.Fatal(err)
			}
			if err := one.do(t.Context(), w, w.press(t, one.role, d)); err == nil {
				t.Fatal("it was not broken")
			}
			if after := w.shape(t); after != before {
				t.Errorf("something stayed:\n%s\n%s", before, after)
			}
		})
	}
}

func TestWhatADeedMustSay(t *testing.T) {
	t.Parallel()
	w := newService(t)
	ctx := t.Context()
	d := w.filed(t, "online")
	intake := func() Press { return w.press(t, agency.Intake, d) }
	worldtest.WantFault(t, "nothing to supply", w.AskSupplement(ctx, intake(), nil), problem.Invalid, "desk.no_items")
	for _, item := range []dossier.Item{{Name: "a", What: "mờ"}, {Name: "a", How: "chụp lại"}, {Name: "a", What: " ", How: "\n"}} {
		worldtest.WantFault(t, fmt.Sprint(item), w.AskSupplement(ctx, intake(), append(items[:1:1], item)), problem.Invalid, "desk.item_incomplete")
	}
	worldtest.WantFault(t, "refuse without a reason", w.Refuse(ctx, intake(), " ", "Luật"), problem.Invalid, "desk.no_reason")
	worldtest.WantFault(t, "refuse without a ground", w.Refuse(ctx, intake(), "sai", ""), problem.Invalid, "desk.no_ground")

	d = w.received(t, "online")
	for _, to := range []int64{0, w.officer(t, w.ward, agency.Leader).ID, w.officer(t, w.other, agency.Processor).ID} {
		worldtest.WantFault(t, fmt.Sprint("forward to ", to), w.Forward(ctx, intake(), to), problem.Invalid, "desk.no_colleague")
	}
	worldtest.WantFault(t, "decide before it is processed", w.Decide(ctx, w.press(t, agency.Leader, d), Decision{Granted: true}), problem.Conflict, "dossier.not_now")

	d = w.processing(t, "online")
	leader := func() Press { return w.press(t, agency.Leader, d) }
	worldtest.WantFault(t, "deny without a reason", w.Decide(ctx, leader(), Decision{Ground: "Luật"}), problem.Invalid, "desk.no_reason")
	worldtest.WantFault(t, "deny without a ground", w.Decide(ctx, leader(), Decision{Reason: "sai"}), problem.Invalid, "desk.no_ground")
	if n := w.count(t, `SELECT count(*) FROM papers WHERE kind IN ('result', 'refusal', 'supplement')`); n != 0 {
		t.Errorf("%d papers", n)
	}
}

func TestDenied(t *testing.T) {
	t.Parallel()
	w := newService(t)
	first, d := w.processing(t, "online"), w.processing(t, "online")
	p := w.press(t, agency.Leader, d)
	if err := w.Decide(t.Context(), p, Decision{Reason: "Không có trong sổ", Ground: "Điều 64 Luật Hộ tịch"}); err != nil {
		t.Fatal(err)
	}
	if d = w.see(t, d.ID); d.State != dossier.Decided || d.Outcome != "denied" {
		t.Errorf("%s, %s", d.State, d.Outcome)
	}
	text := w.paper(t, d, dossier.Result)
	for _, want := range []string{"01/CV-HT", d.Code, "Không có trong sổ", "Điều 64 Luật Hộ tịch"} {
		if !contains(text, want) {
			t.Errorf("the paper does not say %q", want)
		}
	}
	// each kind of paper has its own numbers
	if err := w.Decide(t.Context(), w.press(t, agency.Leader, first), Decision{Granted: true}); err != nil {
		t.Fatal(err)
	}
	if text := w.paper(t, first, dossier.Result); !contains(text, "01/TLHT-BS") {
		t.Error("the first result is not number 01")
	}
	result, _, err := w.Dossiers.LastPaper(t.Context(), d, dossier.Result)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := w.Dossiers.Verify(t.Context(), result.Lookup)
	if err != nil || seen.Number != "01/CV-HT" || seen.Code != d.Code {
		t.Errorf("%+v, %v", seen, err)
	}
	for _, lookup := range []string{"", "ABCDEFGHJKLM", "\x00", "' OR 1=1 --"} {
		_, err := w.Dossiers.Verify(t.Context(), lookup)
		worldtest.WantFault(t, lookup, err, problem.NotFound, "dossier.not_found")
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.filed(t, "online")
	if err := w.Refuse(t.Context(), w.press(t, agency.Intake, d), "Không thuộc thẩm quyền", "Điều 4 Luật Hộ tịch"); err != nil {
		t.Fatal(err)
	}
	order, err := w.Payments.OfSubject(t.Context(), "dossier:"+d.ID)
	if d = w.see(t, d.ID); d.State != dossier.Refused || d.ClosedAt == nil || d.Money != "none" || err != nil || order.State != payments.OrderVoid {
		t.Errorf("%s, closed %v, money %s, order %s", d.State, d.ClosedAt, d.Money, order.State)
	}
	text := w.paper(t, d, dossier.Refusal)
	for _, want := range []string{"Mẫu số 03", d.Code, "Không thuộc thẩm quyền", "Điều 4 Luật Hộ tịch"} {
		if !contains(text, want) {
			t.Errorf("Mẫu 03 does not say %q", want)
		}
	}
	if _, _, err := w.Dossiers.OwnPaper(t.Context(), w.mai, d.ID, dossier.Refusal); err != nil {
		t.Errorf("its owner cannot have it: %v", err)
	}
}

func TestSupplementRoundTrip(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.paid(t, "online")
	if err := w.AskSupplement(t.Context(), w.press(t, agency.Intake, d), items); err != nil {
		t.Fatal(err)
	}
	d = w.see(t, d.ID)
	text := w.paper(t, d, dossier.SupplementRequest)
	for _, want := range []string{"Mẫu số 02", d.Code, "Ảnh mờ", "Chụp lại cho rõ dấu", "Ghi lại số", "07/12/2026"} {
		if !contains(text, want) {
			t.Errorf("Mẫu 02 does not say %q", want)
		}
	}
	worldtest.WantFault(t, "receive what waits", w.Receive(t.Context(), w.press(t, agency.Intake, d)), problem.Conflict, "dossier.not_now")
	err := w.Dossiers.SendSupplement(t.Context(), w.mai, d.ID, map[string]string{dossier.ItemComponent(0): "không có", dossier.ItemComponent(1): "12"}, newKey("mai"))
	if err != nil {
		t.Fatal(err)
	}
	worldtest.WantFault(t, "a second round", w.AskSupplement(t.Context(), w.press(t, agency.Intake, d), items), problem.Conflict, "dossier.not_now")
	c, err := w.Case(t.Context(), w.officer(t, w.ward, agency.Intake), d.ID, audit.Entry{})
	if err != nil || c.Request.Answers[dossier.ItemComponent(1)] != "12" || len(c.Filings) != 2 || fmt.Sprint(c.Deeds) != "[receive refuse]" {
		t.Errorf("%+v, %d filings, %v, %v", c.Request, len(c.Filings), c.Deeds, err)
	}
	if err := w.Receive(t.Context(), w.press(t, agency.Intake, d)); err != nil {
		t.Error(err)
	}
	w.drain(t)
}

func TestTwoOfficersAtOnce(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.paid(t, "online")
	faults := make(chan error)
	deeds := []func(context.Context, Press) error{w.Receive, func(ctx context.Context, p Press) error { return w.Refuse(ctx, p, "a", "b") }}
	presses := make([]Press, 10) // all of the same page
	for k := range presses {
		presses[k] = w.press(t, agency.Intake, d)
	}
	for k, p := range presses {
		go func() { faults <- deeds[k%2](context.Background(), p) }()
	}
	done := 0
	for range 10 {
		if err := <-faults; err == nil {
			done++
		} else {
			worldtest.WantFault(t, "the later one", err, problem.Conflict, "dossier.changed")
		}
	}
	if n := w.count(t, `SELECT count(*) FROM papers`); done != 1 || n != 1 {
		t.Errorf("%d done, %d papers", done, n)
	}
}

func TestWithdrawnUnderTheOfficersHands(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d := w.processing(t, "online")
	p := w.press(t, agency.Leader, d)
	if err := w.Dossiers.Withdraw(t.Context(), w.mai, d.ID, "", newKey("mai")); err != nil {
		t.Fatal(err)
	}
	worldtest.WantFault(t, "decide", w.Decide(t.Context(), p, Decision{Granted: true}), problem.Conflict, "dossier.changed")
	worldtest.WantFault(t, "decide after looking", w.Decide(t.Context(), w.press(t, agency.Leader, d), Decision{Granted: true}), problem.Conflict, "dossier.not_now")
}
