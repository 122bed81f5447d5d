// Package content holds what the portal says besides the procedures: announcements, guides,
// questions and answers, life events, and the words by which people search.
package content

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/catalogue"
)

// The kinds of content.
const (
	Event    = "event"    // life and business events: what to do in which order
	Guide    = "guide"    // how something is done, in steps
	Question = "question" // one question with its answer
	News     = "news"     // announcements
	Words    = "words"    // what people say for what the procedures say: one list
)

// Kinds are all kinds in the order in which editors read them.
var Kinds = []string{News, Guide, Question, Event, Words}

// TheWords is the slug of the one list of words.
const TheWords = "tim-kiem"

// The groups of events, and the topics of guides and questions.
var (
	Groups = []string{catalogue.Citizen, catalogue.Business}
	Topics = []string{"account", "filing", "papers", "paying", "tracking", "rights"}
)

// GroupsOf are the groups that content of a kind is sorted into.
func GroupsOf(kind string) []string {
	switch kind {
	case Event:
		return Groups
	case Guide, Question:
		return Topics
	}
	return nil
}

// Doc is one text of the portal as it is published: an immutable document. A field added
// here must be omitted when empty, or every revision would change.
type Doc struct {
	Title    locales.Text        `json:"title"`
	Summary  locales.Text        `json:"summary,omitzero"`
	Body     locales.Text        `json:"body,omitzero"` // paragraphs, lists and links, as BodyIn reads them
	Icon     string              `json:"icon,omitempty"`
	Group    string              `json:"group,omitempty"`
	Order    int                 `json:"order,omitempty"`
	Steps    []Step              `json:"steps,omitempty"`
	See      []string            `json:"see,omitempty"` // codes of procedures that it is about
	Keywords []string            `json:"keywords,omitempty"`
	Top      bool                `json:"top,omitempty"`   // of an announcement: it stands on the front page
	Until    string              `json:"until,omitempty"` // its last day there
	Words    []catalogue.Synonym `json:"words,omitempty"`
}

// Step is one thing to do: by one of some procedures, or only said in words.
type Step struct {
	Title      locales.Text `json:"title"`
	Text       locales.Text `json:"text,omitzero"`
	Where      locales.Text `json:"where,omitzero"` // who does it, where no procedure says so
	Procedures []string     `json:"procedures,omitempty"`
	Perhaps    bool         `json:"perhaps,omitempty"` // only some people need it
}

// sum is the hash of a document.
func (d Doc) sum() []byte {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // texts and numbers
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// Item is a text of the portal that is shown now.
type Item struct {
	ID    int64 // of the revision
	Kind  string
	Slug  string
	No    int
	Since time.Time // shown as it is
	First time.Time // shown at all
	Doc
}

// Service answers from what is published, which it holds in memory, and keeps what editors
// write.
type Service struct {
	DB        *sqlx.DB
	Catalogue *catalogue.Service
	Now       func() time.Time
	Log       *slog.Logger

	held   atomic.Pointer[held]
	asking sync.Mutex
}

var slugs = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// row is a published revision with what it is of.
type row struct {
	ID        int64      `db:"id"`
	Kind      string     `db:"kind"`
	Slug      string     `db:"slug"`
	No        int        `db:"no"`
	Doc       string     `db:"doc"`
	From      time.Time  `db:"in_force_from"`
	First     time.Time  `db:"first"`
	Withdrawn *time.Time `db:"withdrawn"`
}

func (r row) item() (*Item, error) {
	i := &Item{ID: r.ID, Kind: r.Kind, Slug: r.Slug, No: r.No, Since: r.From, First: r.First}
	if err := json.Unmarshal([]byte(r.Doc), &i.Doc); err != nil {
		return nil, fmt.Errorf("%s %s, revision %d: %w", r.Kind, r.Slug, r.No, err)
	}
	return i, nil
}

// counts says whether the revision is one of those whose time has come: one that was
// withdrawn while it waited never comes.
func (r row) counts(now time.Time) bool {
	return !now.Before(r.From) && (r.Withdrawn == nil || !r.Withdrawn.Before(r.From))
}

// sorted puts items in the order in which people read them.
func sorted(items []*Item) {
	slices.SortFunc(items, func(a, b *Item) int {
		if a.Kind == News && b.Kind == News {
			return cmp.Or(b.First.Compare(a.First), cmp.Compare(a.Slug, b.Slug))
		}
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), slices.Index(GroupsOf(a.Kind), a.Group)-slices.Index(GroupsOf(b.Kind), b.Group),
			a.Order-b.Order, cmp.Compare(a.Slug, b.Slug))
	})
}
