package draft

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"motcua/eforms"
	"motcua/portal/registry"
)

// again is after how long a source that gave no answer is asked once more when the draft is
// opened, by what came of it.
var again = map[registry.Outcome]time.Duration{
	registry.Unavailable: 10 * time.Minute, registry.Outage: 10 * time.Minute,
	registry.NotFound: 24 * time.Hour, registry.Refused: 24 * time.Hour,
}

// Sources is what became of the look-up in each source, by its name.
type Sources map[string]Source

// Source is the outcome of one look-up.
type Source struct {
	Outcome registry.Outcome `json:"outcome"`
	At      time.Time        `json:"at"`
	Failed  *time.Time       `json:"failed,omitempty"` // when an old answer could not be had anew
}

// UnmarshalJSON reads rows from when a register had one source, by its name of then.
func (s *Sources) UnmarshalJSON(b []byte) error {
	var kept map[string]Source
	if err := json.Unmarshal(b, &kept); err != nil {
		return err
	}
	*s = Sources{}
	for name, source := range kept {
		(*s)[registry.NowCalled(name)] = source
	}
	return nil
}

// Needed are the sources to ask for this draft as it is answered now: the person's own record
// or the business's wherever the form names it, every other one when there is a place for
// what it says. Nobody is asked about another person where people file for themselves, nor
// about one who is named on paper only.
func (d Draft) Needed() []string {
	run := d.Run(d.SavedAt)
	return slices.DeleteFunc(registry.Needed(d.Revision.Form), func(source string) bool {
		_, may := d.Question(source)
		own := source == registry.PopulationSelf || source == registry.BusinessActing
		return !may || !own && !slices.ContainsFunc(registry.Feeds(source), run.Asks)
	})
}

// Verified says whether every source that the form needs has answered. One that knows
// nothing of the kind has answered too, when nothing of the kind was typed.
func (d Draft) Verified() bool {
	for _, source := range d.Needed() {
		switch known := d.Sources[source]; {
		case known.Outcome == registry.Found && known.Failed == nil:
		case known.Outcome == registry.NotFound && registry.MayKnowNothing(source) && !d.Run(d.SavedAt).Bound(source):
		default:
			return false
		}
	}
	return true
}

// wanting are the sources that the form needs and that have not answered, or long ago.
// Those that the person did not want asked are not.
func (d Draft) wanting(now time.Time) []string {
	return d.which(func(source string, known Source) bool {
		return known.Outcome != registry.Declined && (known.Outcome != registry.Found || d.old(source, known, now))
	})
}

// Due are the sources to ask when the draft is opened or about to be filed.
func (d Draft) Due(now time.Time) []string {
	return d.which(func(source string, known Source) bool {
		switch known.Outcome {
		case "":
			return true
		case registry.Found:
			tried := known.Failed != nil && now.Sub(*known.Failed) < again[registry.Unavailable]
			return !tried && d.old(source, known, now)
		}
		wait, some := again[known.Outcome]
		return some && now.Sub(known.At) >= wait
	})
}

func (d Draft) which(wanted func(string, Source) bool) []string {
	return slices.DeleteFunc(d.Needed(), func(source string) bool { return !wanted(source, d.Sources[source]) })
}

func (d Draft) old(source string, known Source, now time.Time) bool {
	return now.Sub(known.At) > registry.Sources[source].Fresh(now)
}

// take puts an answer into the draft and says whether that makes it another draft. An answer
// from before stays while no new one can be had.
func (d *Draft) take(a registry.Answer) bool {
	before := d.Sources[a.Source]
	if before.Outcome == registry.Found && (a.Outcome == registry.Unavailable || a.Outcome == registry.Outage || a.Later) {
		before.Failed = &a.At
		d.Sources[a.Source] = before
		return false
	}
	was := values(d.Facts, a.Source)
	d.Sources[a.Source] = Source{Outcome: a.Outcome, At: a.At}
	d.Facts = append(without(d.Facts, a.Source), a.Facts...)
	return before.Outcome != a.Outcome || !maps.Equal(was, values(d.Facts, a.Source))
}

// without drops the facts that came from a source before.
func without(facts []eforms.Fact, source string) []eforms.Fact {
	return slices.DeleteFunc(slices.Clone(facts), func(f eforms.Fact) bool { return eforms.SourceOf(f.Name) == source })
}

// values are the facts of a source by name.
func values(facts []eforms.Fact, source string) map[string]any {
	all := map[string]any{}
	for _, f := range facts {
		if eforms.SourceOf(f.Name) == source {
			all[f.Name] = f.Value
		}
	}
	return all
}
