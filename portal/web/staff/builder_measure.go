package staff

import (
	"strings"

	"motcua/eforms"
	"motcua/locales"
)

// measure estimates how long pages take.
type measure struct {
	pages, asked, papers, words int
}

// How long people take, as a rough guide: careful reading, a plain field, finding and
// photographing a paper.
const (
	wordsAMinute   = 180
	secondsAField  = 12
	secondsAPaper  = 60
	secondsAMinute = 60
)

func (m *measure) page(p eforms.PageModel) {
	m.pages++
	m.read(p.Title, p.Intro)
	m.fields(p.Fields)
}

func (m *measure) fields(all []eforms.Field) {
	for _, f := range all {
		m.read(f.Label, f.Hint, f.Text)
		for _, c := range f.Choices {
			m.read(c.Label, c.Hint)
		}
		switch {
		case f.Kind == eforms.Attachment:
			m.asked++
			m.papers++
		case f.Kind == eforms.Group || f.Kind == eforms.Table:
			for _, r := range f.Rows {
				m.fields(r.Fields)
			}
		case len(f.Fields) > 0:
			m.fields(f.Fields)
		case !f.Locked && f.Kind != eforms.Note && f.Kind != eforms.Computed:
			m.asked++
		}
	}
}

func (m *measure) read(texts ...locales.Text) {
	for _, t := range texts {
		m.words += min(len(strings.Fields(t.VI)), 200) // nobody reads a list of all communes
	}
}

// minutes rounds up: nobody minds being done before.
func (m *measure) minutes() int {
	seconds := m.words*secondsAMinute/wordsAMinute + (m.asked-m.papers)*secondsAField + m.papers*secondsAPaper
	return max(1, (seconds+secondsAMinute-1)/secondsAMinute)
}
