package draft

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/audit"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// How long an officer may go on with a draft of somebody else, and how many they may begin.
const (
	helpTime = 12 * time.Hour
	helpsDay = 60
)

// Identities are the ways in which an officer sees who is before them.
var Identities = []string{"card", "vneid", "known"}

// Help is an officer or a community helper at a draft of a person who is present.
type Help struct {
	For       signin.Person // whose draft it is
	Officer   int64
	Name      string
	AgencyID  int64
	Agency    locales.Text
	Phone     string // where codes go, 84…; "" none
	Until     time.Time
	Codes     int
	Tries     int
	CodeFor   int
	CodeUntil *time.Time
	Printed   *time.Time
	Confirmed int // the version that the person has confirmed
	By        string

	codeHash, printed []byte
}

// Whose is whose draft it is, as far as deeds and look-ups need to know: the person at it,
// or the one they help.
func (d Draft) Whose(p signin.Person) signin.Person {
	if d.Help != nil {
		return d.Help.For
	}
	return p
}

// HelpsAs is the agency in whose name an officer helps people today.
func HelpsAs(o agency.Officer) (int64, bool) {
	i := slices.IndexFunc(o.Roles, func(r agency.Role) bool { return r.Role == agency.Intake || r.Role == agency.Helper })
	if i < 0 {
		return 0, false
	}
	return o.Roles[i].AgencyID, true
}

// Asked is whom an officer is to help, with what.
type Asked struct {
	signin.Present
	Identity  string
	Procedure string
}

// StartHelp opens a draft of a person who is present and fills it from the registries as
// their own would be. The officer works on this draft only and sees nothing else of theirs.
func (s *Service) StartHelp(ctx context.Context, p signin.Person, o agency.Officer, who Asked, key once.Key) (string, error) {
	at, may := HelpsAs(o)
	if !may {
		return "", problem.New(problem.NotFound, "agency.no_officer")
	}
	rev, err := s.Catalogue.InForce(ctx, who.Procedure)
	if err != nil || rev.Form == nil || !slices.Contains(Kinds(rev), applicant.Self) {
		return "", problem.New(problem.Invalid, "assist.procedure")
	}
	if !slices.Contains(Identities, who.Identity) {
		return "", problem.New(problem.Invalid, "assist.identity")
	}
	if who.Phone != "" {
		var ok bool
		if who.Phone, ok = notification.Mobile(who.Phone); !ok {
			return "", problem.New(problem.Invalid, "sms.not_mobile")
		}
	}
	allowed, err := pg.Allow(ctx, s.DB, "assist.officer", strconv.FormatInt(o.ID, 10), helpsDay, 24*time.Hour, s.Now())
	if err != nil {
		return "", err
	}
	if !allowed {
		return "", problem.New(problem.TooMany, "assist.too_many")
	}
	var id string
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		key := BodyKey(key, rev.Code, who.IDNumber, who.Name, who.Phone, who.Identity)
		answer, done, err := once.Begin(ctx, tx, key, s.Now())
		if id = answer; err != nil || done {
			return err
		}
		if id, err = s.startHelp(ctx, tx, p, o.ID, at, rev.Code, who, Draft{Revision: rev}); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, id)
	})
	if err != nil {
		return "", err
	}
	if err := s.Prefill(ctx, p, id); err != nil {
		s.Log.Error("prefill", "draft", id, "err", err)
	}
	return id, nil
}

func (s *Service) startHelp(ctx context.Context, tx *sqlx.Tx, p signin.Person, officer, at int64, code string, who Asked, d Draft) (string, error) {
	person, err := signin.Meet(ctx, tx, s.Applicant.Key, who.Present)
	if err != nil {
		return "", err
	}
	if person.ID == p.ID { // one's own things are done as oneself
		return "", problem.New(problem.Invalid, "assist.self")
	}
	now := s.Now()
	if err := room(ctx, tx, person.ID, now); err != nil {
		return "", err
	}
	id, err := s.insert(ctx, tx, person, d.Revision, applicant.Own(person), Earlier{}, TakeLawful, now)
	if err != nil {
		return "", err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE drafts SET assistant_id = $2 WHERE id = $1`, id, p.ID); err != nil {
		return "", fmt.Errorf("help with draft %s: %w", id, err)
	}
	phone, _ := notification.Mobile(person.Phone)
	if person.Phone == "" {
		phone = ""
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO assists (draft_id, helper_id, officer_id, agency_id, identity, phone, at, until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, p.ID, officer, at, who.Identity, pg.Sealed(phone), now, now.Add(helpTime))
	if err != nil {
		return "", fmt.Errorf("help with draft %s: %w", id, err)
	}
	return id, audit.Write(ctx, tx, audit.Entry{Actor: officerActor(officer), Deed: "assist.begin", Object: "draft:" + id, Subject: person.IDHash,
		AgencyID: at, Args: map[string]any{"procedure": code, "identity": who.Identity}})
}

func officerActor(id int64) string { return fmt.Sprintf("officer:%d", id) }

// helped is who helps with a draft, and whom.
type helped struct {
	Officer   int64                   `db:"officer_id"`
	Name      string                  `db:"officer"`
	AgencyID  int64                   `db:"agency_id"`
	Agency    pg.JSONOf[locales.Text] `db:"agency"`
	Phone     pg.Sealed               `db:"phone"`
	Until     time.Time               `db:"until"`
	Codes     int                     `db:"codes"`
	Tries     int                     `db:"tries"`
	CodeHash  []byte                  `db:"code_hash"`
	CodeFor   int                     `db:"code_for"`
	CodeUntil *time.Time              `db:"code_until"`
	PrintedAt *time.Time              `db:"printed_at"`
	Printed   []byte                  `db:"printed"`
	Confirmed int                     `db:"confirmed"`
	By        string                  `db:"by"`
	PersonID  int64                   `db:"person_id"`
	Person    string                  `db:"person"`
	IDNumber  pg.Sealed               `db:"id_number"`
	IDHash    []byte                  `db:"id_hash"`
	Mobile    string                  `db:"mobile"`
	Email     string                  `db:"email"`
	Lang      string                  `db:"lang"`
}

// helpOf is the help that the person ($2) gives with the draft ($1), nil when they do not or
// may not any more.
func (s *Service) helpOf(ctx context.Context, q sqlx.QueryerContext, p signin.Person, id string) (*Help, error) {
	var r helped
	err := sqlx.GetContext(ctx, q, &r, `
		SELECT a.officer_id, o.name AS officer, a.agency_id, g.name AS agency, a.phone, a.until, a.codes, a.tries, a.code_hash, a.code_for,
			a.code_until, a.printed_at, a.printed, a.confirmed, a.by, p.id AS person_id, p.name AS person, p.id_number, p.id_hash,
			p.phone AS mobile, p.email, p.lang
		FROM assists a JOIN drafts d ON d.id = a.draft_id JOIN persons p ON p.id = d.person_id
		JOIN officers o ON o.id = a.officer_id JOIN agencies g ON g.id = a.agency_id
		WHERE a.draft_id = $1 AND a.helper_id = $2 AND d.person_id <> $2 AND assisting(d.id, $2, $3)`, id, p.ID, s.Now())
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("help with draft %s: %w", id, err)
	}
	lang, _ := locales.ParseLang(r.Lang)
	return &Help{
		For:     signin.Person{ID: r.PersonID, Name: r.Person, IDNumber: string(r.IDNumber), IDHash: r.IDHash, Phone: r.Mobile, Email: r.Email, Level: 1, Lang: lang},
		Officer: r.Officer, Name: r.Name, AgencyID: r.AgencyID, Agency: r.Agency.V, Phone: string(r.Phone), Until: r.Until, Codes: r.Codes, Tries: r.Tries,
		CodeFor: r.CodeFor, CodeUntil: r.CodeUntil, Printed: r.PrintedAt, Confirmed: r.Confirmed, By: r.By, codeHash: r.CodeHash, printed: r.Printed,
	}, nil
}

// Helping is the help that the person gives with a draft now, written to the record as a
// look at it: who it is and nothing else. Nil is none.
func (s *Service) Helping(ctx context.Context, p signin.Person, id string, e audit.Entry) (*Help, error) {
	if !pg.UUID(id) {
		return nil, nil
	}
	h, err := s.helpOf(ctx, s.DB, p, id)
	if err != nil || h == nil {
		return nil, err
	}
	e.Actor, e.Object, e.Subject, e.AgencyID = officerActor(h.Officer), "draft:"+id, h.For.IDHash, h.AgencyID
	return h, audit.Write(ctx, s.DB, e)
}

// EndHelp ends the officer's right over the draft: the person has it, and goes on alone.
func (s *Service) EndHelp(ctx context.Context, p signin.Person, id string) error {
	d, err := s.Load(ctx, p, id)
	if err != nil {
		return err
	}
	if d.Help == nil {
		return notFound()
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if err := endHelp(ctx, tx, id, s.Now()); err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: officerActor(d.Help.Officer), Deed: "assist.end", Object: "draft:" + id,
			Subject: d.Help.For.IDHash, AgencyID: d.Help.AgencyID})
	})
}

func endHelp(ctx context.Context, tx *sqlx.Tx, id string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE assists SET ended_at = $2, code_hash = NULL WHERE draft_id = $1 AND ended_at IS NULL`, id, at)
	if err != nil {
		return fmt.Errorf("end the help with draft %s: %w", id, err)
	}
	return nil
}

// Helped is a draft that an officer helped with today, without what is in it.
type Helped struct {
	ID       string     `db:"id"`
	Code     string     `db:"procedure_code"`
	At       time.Time  `db:"at"`
	FiledAt  *time.Time `db:"filed_at"`
	Open     bool       `db:"open"`
	Revision int64      `db:"revision_id"`
	Name     locales.Text
}

// HelpedBy are the drafts that the person has helped with in the last hours, newest first.
func (s *Service) HelpedBy(ctx context.Context, p signin.Person) ([]Helped, error) {
	var list []Helped
	err := s.DB.SelectContext(ctx, &list, `SELECT d.id, d.procedure_code, d.revision_id, a.at, d.filed_at,
			d.filed_at IS NULL AND d.deleted_at IS NULL AND assisting(d.id, $1, $2) AS open
		FROM assists a JOIN drafts d ON d.id = a.draft_id WHERE a.helper_id = $1 AND a.until > $2 ORDER BY a.at DESC LIMIT 50`, p.ID, s.Now())
	if err != nil {
		return nil, fmt.Errorf("drafts helped with: %w", err)
	}
	for i := range list {
		rev, err := s.Catalogue.ByID(ctx, list[i].Revision)
		if err != nil {
			return nil, err
		}
		list[i].Name = rev.Sheet.Name
	}
	return list, nil
}

// HelpedFiled says whether a draft that the person helped with in the last hours has been filed:
// its slip may be handed over.
func (s *Service) HelpedFiled(ctx context.Context, p signin.Person, id string) (bool, error) {
	if !pg.UUID(id) {
		return false, nil
	}
	var filed bool
	err := s.DB.GetContext(ctx, &filed, `SELECT EXISTS (SELECT FROM assists a JOIN drafts d ON d.id = a.draft_id
		WHERE d.id = $1 AND a.helper_id = $2 AND a.until > $3 AND a.confirmed > 0 AND d.filed_at IS NOT NULL)`, id, p.ID, s.Now())
	if err != nil {
		return false, fmt.Errorf("filed with help: %w", err)
	}
	return filed, nil
}
