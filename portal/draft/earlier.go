package draft

import (
	"motcua/eforms"
)

// Earlier are answers that a person has filed before, to begin a new draft with.
type Earlier struct {
	ID      string // of the dossier, for the one-time key; "" none
	Form    *eforms.Form
	Answers eforms.Answers
	Facts   map[string]bool // fields that a register filled then: it is asked anew
	Batch   string          // the batch that the draft belongs to, "" none
}

// carry are the earlier answers that hold in the form of today: by field id, of the same
// kind. What a person declares they declare each time, papers are attached anew, and what a
// register said it says again.
func (e Earlier) carry(form *eforms.Form) eforms.Answers {
	carried := eforms.Answers{}
	for id, answer := range e.Answers {
		q, asked := form.Question(id)
		old, was := e.Form.Question(id)
		if !asked || !was || q.Group() != nil || q.Kind != old.Kind || q.Locked || e.Facts[id] {
			continue
		}
		switch q.Kind {
		case eforms.Declaration, eforms.Attachment, eforms.Computed, eforms.Note:
		default:
			carried[id] = answer
		}
	}
	return carried
}
