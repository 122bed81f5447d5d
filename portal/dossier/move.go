package dossier

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/payments"
	"motcua/portal/audit"
	"motcua/portal/draft"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/workflow"
)

// Event is one thing that happened: code and arguments, never rendered text.
type Event struct {
	ID    int64                     `db:"id"`
	At    time.Time                 `db:"at"`
	Kind  string                    `db:"kind"`
	From  State                     `db:"from_state"`
	To    State                     `db:"to_state"`
	Actor string                    `db:"actor"`
	Args  pg.JSONOf[map[string]any] `db:"args"`
}

// Arg is an argument of the event as text, empty when there is none.
func (e Event) Arg(name string) string {
	if v, ok := e.Args.V[name]; ok {
		return fmt.Sprint(v)
	}
	return ""
}

// Move is how a deed changes a dossier. What it leaves zero stays as it is.
type Move struct {
	Deed Deed
	By   string         // person:<id>, officer:<id>, system
	Args map[string]any // of the event
}

// Move carries a deed out: the state after it by the table of moves, the next step of the
// workflow, the changed columns, the event, and word to the owner by a worker. The caller
// has locked the dossier, asked May and set what else changes on d.
func (s *Service) Move(ctx context.Context, tx *sqlx.Tx, d *Dossier, m Move) error {
	to, possible := moves[d.State][m.Deed]
	if !possible || !Can(m.Deed, *d) {
		return problem.New(problem.Conflict, "dossier.not_now")
	}
	from := d.State
	d.State = to
	d.Step = stepAfter(d.Revision.Workflow, d.Step, m.Deed)
	now := s.Now()
	if to.Closed() && (to != Returned || d.ReturnBy != "post") {
		d.ClosedAt = &now
	}
	if to == Withdrawn || to == Refused {
		if err := s.cancelOrder(ctx, tx, d, now); err != nil {
			return err
		}
	}
	if to == Supplement {
		d.Supplements++
	}
	if from == Supplement {
		if err := draft.CloseRound(ctx, tx, d.ID); err != nil {
			return err
		}
	}
	if err := s.store(ctx, tx, d); err != nil {
		return err
	}
	return s.event(ctx, tx, *d, Event{At: now, Kind: string(m.Deed), From: from, To: to, Actor: m.By}, m.Args)
}

// cancelOrder stops asking for the fee of a dossier that is not processed. Money that has
// come in stays in the books, for giving back.
func (s *Service) cancelOrder(ctx context.Context, tx *sqlx.Tx, d *Dossier, now time.Time) error {
	order, err := orderOf(ctx, tx, d.ID)
	if err != nil || order.State != payments.OrderDue {
		return err
	}
	if d.Money == "due" {
		d.Money = "none"
	}
	return payments.Cancel(ctx, tx, order.ID, now)
}

// orderOf locks what is to be paid for a dossier; the zero order when nothing is.
func orderOf(ctx context.Context, tx *sqlx.Tx, id string) (payments.Order, error) {
	var o payments.Order
	err := sqlx.GetContext(ctx, tx, &o, `SELECT id, state, total FROM orders WHERE subject = $1 AND state <> 'void' FOR UPDATE`, "dossier:"+id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return payments.Order{}, fmt.Errorf("order of dossier %s: %w", id, err)
	}
	return o, nil
}

// leads is what the step does that a deed leads to; the other deeds stay where they are.
var leads = map[Deed]string{"file": workflow.Intake, Receive: workflow.Process, Decide: workflow.Archive, Archive: workflow.Return, Return: workflow.Receive}

func stepAfter(w *workflow.Workflow, step string, deed Deed) string {
	does, goesOn := leads[deed]
	if w == nil || !goesOn {
		return step
	}
	next, ok := w.After(step, does)
	if !ok && does == workflow.Archive { // a drawn way without a step for the record
		next, ok = w.After(step, workflow.Return)
	}
	if !ok {
		return step
	}
	return next.ID
}

// store writes what can change of a dossier, if nobody has changed it meanwhile.
func (s *Service) store(ctx context.Context, tx *sqlx.Tx, d *Dossier) error {
	res, err := tx.ExecContext(ctx, `UPDATE dossiers SET state = $3, step = $4, money = $5, handover = $6, supplements = $7, outcome = $8,
		answer_by = $9, received_at = $10, due_at = $11, decided_at = $12, returned_at = $13, closed_at = $14, officer_id = $15, version = version + 1
		WHERE id = $1 AND version = $2`,
		d.ID, d.Version, d.State, d.Step, d.Money, d.Handover, d.Supplements, d.Outcome, d.AnswerBy, d.ReceivedAt, d.DueAt,
		d.DecidedAt, d.ReturnedAt, d.ClosedAt, d.OfficerID)
	if err != nil {
		return fmt.Errorf("store dossier %s: %w", d.ID, err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return problem.New(problem.Conflict, "dossier.changed")
	}
	d.Version++
	return nil
}

// event writes what happened, in the dossier's history and in the audit log, and queues word
// to the owner of what they are told: the letter is a worker's.
func (s *Service) event(ctx context.Context, tx sqlx.ExtContext, d Dossier, e Event, args map[string]any) error {
	if args == nil {
		args = map[string]any{}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO events (at, dossier_id, kind, from_state, to_state, actor, agency_id, args)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, e.At, d.ID, e.Kind, e.From, e.To, e.Actor, d.AgencyID, pg.JSON(args))
	if err != nil {
		return fmt.Errorf("event %s of dossier %s: %w", e.Kind, d.ID, err)
	}
	err = audit.Write(ctx, tx, audit.Entry{Actor: e.Actor, Deed: "dossier." + e.Kind, Object: "dossier:" + d.ID, AgencyID: d.AgencyID,
		Subject: s.Key.Hash(d.OwnerNumber)})
	if err != nil || !told(e.Kind) {
		return err
	}
	round := strconv.Itoa(d.Version)
	return queue.Put(ctx, tx, "dossier.tell", d.ID+":"+e.Kind+":"+round, e.At,
		telling{Dossier: d.ID, Kind: e.Kind, Round: round, Args: args})
}

// Events is the history of a dossier, newest first.
func (s *Service) Events(ctx context.Context, id string) ([]Event, error) {
	var events []Event
	err := s.DB.SelectContext(ctx, &events, `SELECT id, at, kind, from_state, to_state, actor, args FROM events
		WHERE dossier_id = $1 ORDER BY at DESC, id DESC`, id)
	if err != nil {
		return nil, fmt.Errorf("events of dossier %s: %w", id, err)
	}
	return events, nil
}

// Say is the sentence of an event for people: key event.<kind> with its arguments.
func (e Event) Say() locales.Message {
	args := make([]locales.Arg, 0, len(e.Args.V))
	for name, v := range e.Args.V {
		args = append(args, locales.Arg{Name: name, Value: v})
	}
	if _, helped := e.Args.V["officer"]; helped && e.Kind == "filed" {
		return locales.M("event.filed_with_help", args...)
	}
	return locales.M("event."+e.Kind, args...)
}
