// Package sandbox is the stand-ins of the registers: the population database (SOAP, and
// the province's REST), the business register (REST, and the province's relay), and behind
// X-Road those of civil status, land and driving licences. Their records can be edited
// while they run.
package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"motcua/portal/standin"
)

// records are what a register holds, by number. Edits are kept in the folder and win over
// what the stand-in was started with.
type records[T any] struct {
	file string // "" keeps nothing
	key  func(T) string

	mu  sync.Mutex
	all []T
}

func newRecords[T any](o standin.Options, name string, first []T, key func(T) string) (*records[T], error) {
	r := &records[T]{key: key, all: slices.Clone(first)}
	if o.Dir == "" {
		return r, nil
	}
	r.file = filepath.Join(o.Dir, name+".records.json")
	b, err := os.ReadFile(r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	var edited []T
	if err := json.Unmarshal(b, &edited); err != nil {
		return nil, fmt.Errorf("%s: %w", r.file, err)
	}
	for _, e := range edited {
		r.put(e)
	}
	return r, nil
}

func (r *records[T]) put(e T) {
	if i := r.index(r.key(e)); i >= 0 {
		r.all[i] = e
		return
	}
	r.all = append(r.all, e)
}

func (r *records[T]) index(number string) int {
	return slices.IndexFunc(r.all, func(e T) bool { return r.key(e) == number })
}

func (r *records[T]) get(number string) (T, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.index(number); i >= 0 {
		return r.all[i], true
	}
	var none T
	return none, false
}

// where are the records that are so.
func (r *records[T]) where(is func(T) bool) []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	var some []T
	for _, e := range r.all {
		if is(e) {
			some = append(some, e)
		}
	}
	return some
}

// other is somebody else's record, if there is one.
func (r *records[T]) other(number string) (T, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.all {
		if r.key(e) != number {
			return e, true
		}
	}
	var none T
	return none, false
}

// edit lays a JSON object over the record with its number, or makes a new one: what it
// does not name stays.
func (r *records[T]) edit(b []byte) error {
	var fresh T
	if err := json.Unmarshal(b, &fresh); err != nil {
		return err
	}
	number := r.key(fresh)
	if number == "" {
		return errors.New("the record has no number")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.index(number); i >= 0 {
		old, err := json.Marshal(r.all[i]) // a copy: lists in it are not to be shared
		if err != nil {
			return err
		}
		fresh = *new(T)
		if err := errors.Join(json.Unmarshal(old, &fresh), json.Unmarshal(b, &fresh)); err != nil {
			return err
		}
	}
	r.put(fresh)
	return r.save()
}

func (r *records[T]) save() error {
	if r.file == "" {
		return nil
	}
	b, err := json.MarshalIndent(r.all, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(r.file+".new", b, 0o600); err != nil {
		return err
	}
	return os.Rename(r.file+".new", r.file)
}

// serve is GET and POST /_sandbox/records.
func (r *records[T]) serve(mux *http.ServeMux) {
	mux.HandleFunc("GET /_sandbox/records", func(w http.ResponseWriter, _ *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		answerJSON(w, http.StatusOK, r.all)
	})
	mux.HandleFunc("POST /_sandbox/records", func(w http.ResponseWriter, q *http.Request) {
		b, err := io.ReadAll(io.LimitReader(q.Body, 1<<20))
		b = bytes.TrimSpace(b)
		some := []json.RawMessage{b}
		if err == nil && len(b) > 0 && b[0] == '[' {
			err = json.Unmarshal(b, &some)
		}
		for _, one := range some {
			if err == nil {
				err = r.edit(one)
			}
		}
		if err != nil {
			answerJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		answerJSON(w, http.StatusOK, map[string]int{"records": len(some)})
	})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// send writes an answer, spoilt as the fault says.
func send(w http.ResponseWriter, r *http.Request, status int, media string, b []byte) {
	switch standin.FaultOf(r).Mode {
	case "cut":
		b = b[:len(b)*2/3]
	case "huge":
		b = append(b, bytes.Repeat([]byte(" "), 2<<20)...) // still well formed
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// tagged is what the fault "markup" puts into a value.
const tagged = `<script>alert("standin")</script>`
