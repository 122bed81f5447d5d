package postal

import (
	"math/rand/v2"
	"testing"
	"time"
)

// day is a parcel's life in minutes of one day.
func at(minute int) time.Time {
	return time.Date(2026, 11, 23, 8, minute, 0, 0, time.UTC)
}

func TestFollow(t *testing.T) {
	t.Parallel()
	say := func(minute int, s State) word { return word{state: s, at: at(minute)} }
	for _, c := range []struct {
		name  string
		from  State
		words []word
		want  State
	}{
		{"nothing heard", Ordered, nil, Ordered},
		{"unknown code", Ordered, []word{say(1, "")}, Ordered},
		{"unknown code before the order was confirmed", Waiting, []word{say(1, "")}, Waiting},
		{"carrier had it although its answer was lost", Waiting, []word{say(1, Accepted)}, Accepted},
		{"carrier had it although we read a refusal", Refused, []word{say(1, Accepted)}, Accepted},
		{"the usual way", Ordered, []word{say(1, Accepted), say(2, InTransit), say(3, Out), say(4, Delivered)}, Delivered},
		{"old news", Out, []word{say(1, Accepted), say(3, Out), say(4, InTransit)}, Out},
		{"nobody met, then out again", Out, []word{say(1, Accepted), say(2, Out), say(3, AttemptFailed), say(4, Out)}, Out},
		{"nobody met", Out, []word{say(1, Accepted), say(2, Out), say(3, AttemptFailed)}, AttemptFailed},
		{"held and found", Exception, []word{say(1, Accepted), say(2, Exception), say(3, InTransit)}, InTransit},
		{"held, with late news from before", Exception, []word{say(1, Accepted), say(4, Exception), say(3, InTransit)}, Exception},
		{"sent back", Out, []word{say(1, Accepted), say(2, AttemptFailed), say(3, Returning), say(4, InTransit), say(5, Returned)}, Returned},
		{"cancelled", Ordered, []word{say(1, Cancelled)}, Cancelled},
		{"cancelled too late", Accepted, []word{say(1, Accepted), say(2, Cancelled)}, Accepted},
		{"cancelled, yet taken", Cancelled, []word{say(1, Cancelled), say(2, Accepted)}, Accepted},
		{"delivered is never undone", Delivered, []word{say(1, Accepted), say(2, Returned)}, Delivered},
		{"delivered, and then all sorts of things", Out, []word{say(1, Delivered), say(2, Exception), say(3, Returned)}, Delivered},
		{"back at the agency, and then all sorts of things", Out, []word{say(1, Returned), say(2, Exception), say(3, Delivered)}, Returned},
		{"two words of one second", Ordered, []word{say(1, Delivered), say(1, Out), say(1, Accepted)}, Delivered},
	} {
		if got := follow(c.from, c.words); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Whatever the order in which the carrier tells it, the end is the same; and hearing
// everything twice changes nothing.
func TestFollowDoesNotDependOnTheOrderOfHearing(t *testing.T) {
	t.Parallel()
	states := []State{"", Ordered, Cancelled, Accepted, InTransit, AtOffice, Out, AttemptFailed, Exception, Returning}
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var words []word
		for i := range 1 + r.IntN(6) {
			words = append(words, word{state: states[r.IntN(len(states))], at: at(r.IntN(5)), id: string(rune('a' + i))})
		}
		all := follow(Ordered, words)
		heard, state := []word{}, Ordered
		for _, i := range r.Perm(len(words)) {
			heard = append(heard, words[i], words[i])
			state = follow(state, heard)
		}
		if state != all {
			t.Fatalf("%v: %s at once, %s one by one", words, all, state)
		}
	}
}

func TestEveryStateHasARank(t *testing.T) {
	t.Parallel()
	for _, s := range States {
		if _, ok := rank[s]; !ok && s != Exception {
			t.Errorf("%s has no rank", s)
		}
	}
}
