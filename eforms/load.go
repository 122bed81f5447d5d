package eforms

import "motcua/locales"

// Mistake is one thing that keeps a definition from being published.
type Mistake struct {
	Place   string // JSON pointer into the definition
	Message locales.Message
}

// Mistakes are all of them.
type Mistakes []Mistake

func (m Mistakes) Error() string { return "eforms: definition refused" }

// Load reads a definition. What is wrong with it comes back all at once, as Mistakes.
func Load(data []byte) (*Form, error) { return nil, Mistakes{} }

type expr struct{}
type unit struct{}
