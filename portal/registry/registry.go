// Package registry asks the base registries of the state: the population database about
// the person who is signed in and those the registers themselves name as theirs, the
// business register about a business they act for.
package registry

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/portal/pg"
	"motcua/portal/signin"
)

// Outcome is what came of a look-up.
type Outcome string

// The outcomes. Only Found comes with facts.
const (
	Found       Outcome = "found"
	NotFound    Outcome = "not_found"   // the register knows no such number
	Refused     Outcome = "refused"     // asked too often, or the answer cannot be taken for this person
	Unavailable Outcome = "unavailable" // no answer in time
	Outage      Outcome = "outage"      // an outage is declared: nobody was asked
	Declined    Outcome = "declined"    // the person chose to type it
)

// Answer is what a registry said, or that it did not.
type Answer struct {
	Source  string
	Outcome Outcome
	At      time.Time
	Facts   []eforms.Fact
	Later   bool // it was not asked because of a limit: another day it may be
}

// What the clients' failures mean; every other error is "no answer".
var (
	ErrNotFound = errors.New("the register knows no such number")
	ErrRefused  = errors.New("the answer cannot be used")

	errLimit        = fmt.Errorf("%w: asked too often", ErrRefused)
	errOutage       = errors.New("an outage is declared")
	errNotConnected = errors.New("the register is not connected")
)

// Asking is who asks and for what; without it nothing is asked.
type Asking struct {
	Person      signin.Person // whose dossier it is: the session's, or who filed
	Officer     int64         // who asks about a dossier in hand, 0 for the person
	OfficerName string
	AgencyID    int64
	System      bool   // a worker asks about what the person has filed
	Object      string // "draft:<id>" or "dossier:<id>"
	Procedure   string
	Purpose     Purpose // "" is Fill
}

// Purpose is what a look-up is for.
type Purpose string

// The purposes.
const (
	Fill  Purpose = "fill"  // to fill a form
	Check Purpose = "check" // to compare what was filed
	Kin   Purpose = "wards" // for whom a person may file
)

// by is the asker as records name them.
func (a Asking) by() string {
	switch {
	case a.Officer != 0:
		return fmt.Sprintf("officer:%d", a.Officer)
	case a.System:
		return "system"
	}
	return fmt.Sprintf("person:%d", a.Person.ID)
}

// Service asks and keeps record. It never fails: the outcome says what came of it, and the
// person goes on by hand.
type Service struct {
	DB         *sqlx.DB
	Key        pg.LookupKey
	Population Populations
	Business   Businesses
	Civil      *CivilClient // nil: not connected, as with the next two
	Land       *LandClient
	Licence    *LicenceClient
	Now        func() time.Time
	Log        *slog.Logger  // nil: the default one
	Wait       time.Duration // for all answers that a page waits for; 0 is three seconds
	Rest       time.Duration // in which a register that failed is let alone; 0 is ten seconds

	once  sync.Once
	doors map[string]*door
}

var (
	idNumber = regexp.MustCompile(`^\d{12}$`)
	taxCode  = regexp.MustCompile(`^\d{10}(-\d{3})?$`)
)

func outcome(err error) Outcome {
	switch {
	case err == nil:
		return Found
	case errors.Is(err, ErrNotFound):
		return NotFound
	case errors.Is(err, ErrRefused):
		return Refused
	case errors.Is(err, errOutage):
		return Outage
	}
	return Unavailable
}

func (s *Service) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.Default()
}
