package web

import (
	"context"
	"net/url"
)

// Hat is as whom a person acts, for the header.
type Hat struct {
	Name   string // of the business, "" for themself
	Others bool   // there is something to change to
}

// Hats says as whom a person acts who has chosen that tax code, and whether there is a
// choice. A choice that is not theirs any more counts for nothing.
type Hats func(ctx context.Context, personID int64, acting string) (Hat, error)

// Switch is where the person changes as whom they act, and comes back from.
func (p *Page) Switch() string { return "/tai-khoan/vai?tiep=" + url.QueryEscape(p.Path) }
