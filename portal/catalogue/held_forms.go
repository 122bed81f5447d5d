package catalogue

import (
	"crypto/sha256"
	"sync"

	"motcua/eforms"
)

// Loading a form with every check, and replaying its recorded runs, takes tens of
// milliseconds and comes to the same each time: a form is never changed once loaded, and a
// recording has its own day. So what was loaded or replayed stays known, by its bytes.

// heldForms bounds the forms that are kept; a province has some dozens in force.
const heldForms = 512

var known = struct {
	sync.Mutex
	forms    map[[32]byte]*eforms.Form
	replayed map[[32]byte]bool // documents whose recorded runs came to what they did
}{forms: map[[32]byte]*eforms.Form{}, replayed: map[[32]byte]bool{}}

// loadForm is eforms.Load, once for the same bytes. Forms that are refused are not kept.
func loadForm(definition []byte) (*eforms.Form, error) {
	key := sha256.Sum256(definition)
	known.Lock()
	form := known.forms[key]
	known.Unlock()
	if form != nil {
		return form, nil
	}
	form, err := eforms.Load(definition)
	if err != nil {
		return nil, err
	}
	known.Lock()
	defer known.Unlock()
	if len(known.forms) >= heldForms {
		clear(known.forms)
	}
	known.forms[key] = form
	return form, nil
}

// replayedBefore says whether a document's runs are known to come to what they did.
func replayedBefore(sha []byte) bool {
	known.Lock()
	defer known.Unlock()
	return known.replayed[[32]byte(sha)]
}

func replayedNow(sha []byte) {
	known.Lock()
	defer known.Unlock()
	if len(known.replayed) >= heldForms {
		clear(known.replayed)
	}
	known.replayed[[32]byte(sha)] = true
}
