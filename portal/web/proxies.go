package web

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// proxies are the machines whose X-Forwarded-For is believed.
type proxies []netip.Prefix

func parseProxies(all []string) (proxies, error) {
	var out proxies
	for _, s := range all {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, aerr := netip.ParseAddr(s)
			if aerr != nil {
				return nil, fmt.Errorf("web: %q is neither an address nor a network", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}

func (p proxies) has(s string) bool {
	a, err := netip.ParseAddr(strings.TrimSpace(s))
	if err != nil {
		return false
	}
	for _, prefix := range p {
		if prefix.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// IP is where the request comes from: the peer, or what our own proxies say of it. Of
// X-Forwarded-For only the last entry that is not a proxy of ours counts; what stands
// before it was written by the client.
func (w *Web) IP(c *fiber.Ctx) string {
	ip := c.Context().RemoteIP().String()
	if !w.proxies.has(ip) {
		return ip
	}
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		if ip = hop; !w.proxies.has(hop) {
			break
		}
	}
	return ip
}
