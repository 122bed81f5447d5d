package succession

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/agency"
	"motcua/portal/appointment"
	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/draft"
	"motcua/portal/pg"
	"motcua/portal/privacy"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/review"
)

// Handlers are the kinds of work that are done later.
func (s *Service) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{Kind: s.carryLater}
}

// carryLater carries out a change whose day has come. One that was taken back, or is done
// already, is left alone; one that does not fit any more fails, and the administrators see it.
func (s *Service) carryLater(ctx context.Context, j queue.Job) error {
	err := s.Carry(ctx, j.Subject)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	return err
}

// Carry does all of a change in one transaction: bodies, roles, fields, procedures, open
// dossiers with what is due for them, drafts, reports. What is closed, and every paper that
// went out, stays with the body of then.
func (s *Service) Carry(ctx context.Context, id string) error {
	r, err := byID(ctx, s.DB, id, "")
	if err != nil || r.State != Set {
		return err
	}
	if day, err := begin(r.Plan.V.Day); err != nil || s.Now().Before(day) {
		return errors.Join(err, pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error { return queue.Put(ctx, tx, Kind, id, day, nil) }))
	}
	if faults, err := s.check(ctx, r.Plan.V, true); err != nil || len(faults) > 0 {
		if err == nil {
			err = fmt.Errorf("agencies' change %s: %w", id, Refused(faults))
		}
		return err
	}
	chains, err := s.naming(ctx, r.Plan.V)
	if err != nil {
		return err
	}
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error { return s.carry(ctx, tx, id, chains) })
	if err != nil {
		return err
	}
	s.Agency.Forget()
	s.Catalogue.Renew(ctx)
	return nil
}

func (s *Service) carry(ctx context.Context, tx *sqlx.Tx, id string, chains []chain) error {
	r, err := byID(ctx, tx, id, ` FOR UPDATE OF c`)
	if err != nil || r.State != Set {
		return err
	}
	now := s.Now()
	ok, err := review.Approved(ctx, tx, subject(id), r.Version)
	if err != nil {
		return err
	}
	if err := s.Catalogue.Lock(ctx, tx); err != nil { // as an import: agencies' numbers after the catalogue's
		return err
	}
	p, did := r.Plan.V, Did{}
	passings, roles, err := s.Agency.Carry(ctx, tx, p)
	if err != nil {
		return err
	}
	did.Roles = roles
	names := map[string]agency.Agency{}
	for _, m := range passings {
		names[m.To.Code] = m.To
	}
	if did.Fields, err = s.Catalogue.PassFields(ctx, tx, p.Heir); err != nil {
		return err
	}
	by := decided{officer: r.Opener, approved: ok.ByID, ground: p.Ground, at: now}
	if did.Procedures, err = s.succeed(ctx, tx, chains, p, names, by); err != nil {
		return err
	}
	for _, m := range passings {
		if err := s.pass(ctx, tx, m, p.Ground, now, &did); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE agency_changes SET state = 'done', done_at = $2, did = $3 WHERE id = $1`, id, now, pg.JSON(did))
	if err != nil {
		return fmt.Errorf("agencies' change %s is done: %w", id, err)
	}
	return audit.Write(ctx, tx, audit.Entry{Actor: "system", Deed: "agency_change.done", Object: "agency_change:" + id,
		Args: map[string]any{"dossiers": did.Dossiers, "procedures": did.Procedures, "roles": did.Roles}})
}

// pass gives the open work of one move to who has it now.
func (s *Service) pass(ctx context.Context, tx *sqlx.Tx, m agency.Passing, ground string, now time.Time, did *Did) error {
	for _, room := range []struct {
		sum *int
		do  func() (int, error)
	}{
		{&did.Dossiers, func() (int, error) { return s.Dossiers.Pass(ctx, tx, m, ground, now) }},
		{&did.Drafts, func() (int, error) { return draft.Pass(ctx, tx, m) }},
		{&did.Reports, func() (int, error) { return privacy.Pass(ctx, tx, m) }},
		{&did.Counters, func() (int, error) { return appointment.Pass(ctx, tx, m, now) }},
	} {
		n, err := room.do()
		if err != nil {
			return err
		}
		*room.sum += n
	}
	return nil
}

// chain is a procedure's revision in force and those that wait, in the order of their
// numbers, of which one names a body that gives work away.
type chain struct {
	code string
	revs []*catalogue.Revision
}

// naming are the procedures that a plan gives new revisions.
func (s *Service) naming(ctx context.Context, p agency.Plan) ([]chain, error) {
	now, err := s.Catalogue.All(ctx)
	if err != nil {
		return nil, err
	}
	waiting, err := s.Catalogue.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	by := map[string]*chain{}
	var order []string
	for _, r := range slices.Concat(now, waiting) {
		if by[r.Code] == nil {
			by[r.Code] = &chain{code: r.Code}
			order = append(order, r.Code)
		}
		by[r.Code].revs = append(by[r.Code].revs, r)
	}
	var all []chain
	for _, code := range order {
		c := by[code]
		slices.SortFunc(c.revs, func(a, b *catalogue.Revision) int { return a.No - b.No })
		if first := slices.IndexFunc(c.revs, func(r *catalogue.Revision) bool { return touches(r, p) }); first >= 0 {
			c.revs = c.revs[first:] // what waits behind it is published again: the last number counts
			all = append(all, *c)
		}
	}
	return all, nil
}

// touches says whether a sheet names a body that gives the procedure's field away.
func touches(r *catalogue.Revision, p agency.Plan) bool {
	return slices.ContainsFunc(r.Sheet.Agencies, func(o catalogue.Office) bool { return o.Code != "" && p.Heir(o.Code, r.Sheet.Field) != "" })
}

type decided struct {
	officer, approved int64
	ground            string
	at                time.Time
}

// succeed publishes the procedures anew with the heirs in their sheets. A revision that
// another published since the plan was looked at makes the whole change try again.
func (s *Service) succeed(ctx context.Context, tx *sqlx.Tx, chains []chain, p agency.Plan, names map[string]agency.Agency, by decided) (int, error) {
	var codes []string
	var ids []int64
	rounds := 0
	for _, c := range chains {
		codes, rounds = append(codes, c.code), max(rounds, len(c.revs))
		for _, r := range c.revs {
			ids = append(ids, r.ID)
		}
	}
	newest, err := s.Catalogue.Newest(ctx, tx, codes...)
	if err != nil {
		return 0, err
	}
	docs, err := s.Catalogue.StoredByID(ctx, tx, ids...)
	if err != nil {
		return 0, err
	}
	for i := range rounds {
		var fresh []catalogue.New
		for _, c := range chains {
			if last := c.revs[len(c.revs)-1]; newest[c.code].ID != last.ID {
				return 0, fmt.Errorf("%s has revision %d by now: %w", c.code, newest[c.code].No, problem.New(problem.Conflict, "agency.plan.moved"))
			}
			if i >= len(c.revs) {
				continue
			}
			r := c.revs[i]
			parts := docs[r.ID].Parts
			if parts["sheet"], err = renamed(parts["sheet"], r.Sheet.Field, p, names); err != nil {
				return 0, fmt.Errorf("sheet of %s: %w", c.code, err)
			}
			fresh = append(fresh, catalogue.New{Code: c.code, Parts: parts, From: r.InForceFrom})
		}
		made, err := s.Catalogue.Put(ctx, tx, fresh)
		if err != nil {
			return 0, err
		}
		if err := s.publications(ctx, tx, made, by); err != nil {
			return 0, err
		}
	}
	return len(chains), nil
}

// renamed is a sheet with the heirs in the places of the bodies before; what else is in it
// stays word for word. Two that became one stand once.
func renamed(sheet json.RawMessage, field string, p agency.Plan, names map[string]agency.Agency) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(sheet, &all); err != nil {
		return nil, err
	}
	var offices []map[string]json.RawMessage
	if err := json.Unmarshal(all["agencies"], &offices); err != nil {
		return nil, err
	}
	var kept []map[string]json.RawMessage
	seen := map[string]bool{}
	for _, o := range offices {
		var code string
		_ = json.Unmarshal(o["code"], &code) // none: an office by its level
		if to, moved := names[p.Heir(code, field)]; code != "" && moved {
			o["code"], _ = json.Marshal(to.Code)
			o["name"], _ = json.Marshal(to.Name)
			code = to.Code
		}
		key := code + " " + string(o["role"])
		if code != "" && seen[key] {
			continue
		}
		seen[key] = true
		kept = append(kept, o)
	}
	var err error
	if all["agencies"], err = json.Marshal(kept); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

// publications write down by whose decision the revisions came.
func (s *Service) publications(ctx context.Context, tx *sqlx.Tx, made map[string]catalogue.Stored, by decided) error {
	var ids []int64
	for _, m := range made {
		ids = append(ids, m.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO publications (revision_id, note, published_by, approved_by, at)
		SELECT value::bigint, $2, $3, $4, $5 FROM jsonb_array_elements_text($1::jsonb)`, pg.JSON(ids), by.ground, by.officer, by.approved, by.at)
	if err != nil {
		return fmt.Errorf("publications of a change of agencies: %w", err)
	}
	return nil
}
