package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
)

// The deeds during which the program is killed.
const (
	upload = "upload"
	file   = "file"
	notice = "notice"
	decide = "decide"
)

// How an attempt ended for who made it.
const (
	begun   = "begun"
	ok      = "ok"
	fail    = "fail"    // refused: must leave nothing
	unknown = "unknown" // the answer was lost: done once or not at all
)

// line is one attempt or its end, in the journal of those who acted.
type line struct {
	Who     string `json:"who"`
	Deed    string `json:"deed"`
	Dossier string `json:"dossier"`
	Thing   string `json:"thing"` // hash of a file, reference of a payment, key of a press
	Class   string `json:"class"`
	Note    string `json:"note"`
}

// journal is the ledger of truth outside the system: each line is on disk before the next
// thing is done. What stands in it is also said on standard output, for whoever kills.
type journal struct {
	mu   sync.Mutex
	file *os.File
}

func openJournal(path string) (*journal, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	return &journal{file: f}, err
}

func (j *journal) write(l line) error {
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(append(b, '\n')); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	_, err = fmt.Printf("%s\n", b)
	return err
}

// readJournal gives the lines in their order.
func readJournal(path string) ([]line, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []line
	lines := bufio.NewScanner(strings.NewReader(string(b)))
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, lines.Err()
}

// thing is what the journal says of one deed on one thing in the end.
type thing struct{ Deed, Dossier, Thing string }

// ends are the last word on each thing: a press that was repeated until it was answered is
// ok; one that was given up stays unknown.
func ends(lines []line) map[thing]string {
	last := map[thing]string{}
	for _, l := range lines {
		k := thing{l.Deed, l.Dossier, l.Thing}
		switch {
		case l.Class == begun && last[k] == "":
			last[k] = unknown
		case l.Class == ok || l.Class == fail:
			last[k] = l.Class
		}
	}
	return last
}
