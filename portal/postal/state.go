package postal

import (
	"cmp"
	"slices"
	"time"
)

// State is where a parcel is.
type State string

// The states. Waiting, Ordered and Refused come of our own order; the others the carrier
// reports.
const (
	Waiting       State = "waiting"        // the order has not reached the carrier yet
	Refused       State = "refused"        // the carrier will not take it as it is: an officer's task
	Ordered       State = "ordered"        // the carrier knows of it
	Cancelled     State = "cancelled"      // before the carrier had it
	Accepted      State = "accepted"       // in the carrier's hands
	InTransit     State = "in_transit"     // between offices
	AtOffice      State = "at_office"      // at the office that delivers it
	Out           State = "out"            // with the postman
	AttemptFailed State = "attempt_failed" // nobody was met; it will be tried again
	Exception     State = "exception"      // held, damaged, lost: an officer's task
	Returning     State = "returning"      // on its way back to the agency
	Returned      State = "returned"       // back at the agency
	Delivered     State = "delivered"
)

// States lists them, for texts and tests.
var States = []State{
	Waiting, Refused, Ordered, Cancelled, Accepted, InTransit, AtOffice, Out, AttemptFailed, Exception, Returning, Returned, Delivered,
}

// rank is how far a parcel has come. Between equals (out, nobody met, out again) the later
// word counts; a lower rank than the one reached is old news.
var rank = map[State]int{
	Waiting: 0, Refused: 0, Ordered: 1, Cancelled: 2, Accepted: 3, InTransit: 4,
	AtOffice: 5, Out: 6, AttemptFailed: 6, Returning: 7, Returned: 8, Delivered: 9,
}

// over says whether a state is the last one. A delivered parcel is never undone by the
// feed: if that was wrong, a person says so.
func (s State) over() bool { return s == Delivered || s == Returned }

// word is what one event says of a parcel.
type word struct {
	state State // "" when we do not know the carrier's code
	at    time.Time
	id    string
}

// follow is the state of a parcel that was in from, after all its events. It depends on
// when they happened and not on the order in which they were heard, until it is over.
func follow(from State, words []word) State {
	if from.over() {
		return from
	}
	words = slices.Clone(words)
	slices.SortFunc(words, func(a, b word) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(rank[a.state], rank[b.state]), cmp.Compare(a.id, b.id))
	})
	state := from
	if rank[from] > rank[Ordered] || from == Exception { // the carrier's word: told again from the beginning
		state = Ordered
	}
	reached := rank[state]
	for _, w := range words {
		switch {
		case w.state == "" || state.over():
		case w.state == Exception:
			state = Exception
		case rank[w.state] >= reached:
			state, reached = w.state, rank[w.state]
		}
	}
	return state
}
