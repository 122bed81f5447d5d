package citizen

import (
	"context"
	"sync/atomic"

	"motcua/portal/agency"
	"motcua/portal/web"
)

// Site says whose portal this is, from the province's settings. The pointer stays the same
// until they change, which is how pages kept in memory know that they are stale.
func Site(agencies *agency.Service) func(context.Context) *web.Site {
	var last atomic.Pointer[web.Site]
	last.Store(&web.Site{})
	return func(ctx context.Context) *web.Site {
		p, err := agencies.Province(ctx)
		if err != nil {
			return last.Load() // a header without its newest phone number beats no page
		}
		now := web.Site{Name: p.Name, Address: p.Address, Phone: p.Hotline, Email: p.Email, Hours: p.Hours}
		if a, err := agencies.ByCode(ctx, p.Agency); err == nil {
			now.Agency = a.Name
		}
		known := last.Load()
		if *known == now {
			return known
		}
		last.Store(&now)
		return &now
	}
}
