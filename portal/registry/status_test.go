package registry

import (
	"testing"
	"time"

	"motcua/portal/standin"
)

func TestStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Self(t.Context(), an(), object)
	w.clock.pass(2 * time.Hour)
	w.Self(t.Context(), an(), object)
	w.population.Set(standin.Fault{Mode: "dead"})
	for range failuresOpen {
		w.Self(t.Context(), an(), object)
	}
	w.Acting(t.Context(), an(), rice, object)
	if err := w.DeclareOutage(t.Context(), admin, Business, w.Now().Add(time.Hour), "Bảo trì", key()); err != nil {
		t.Fatal(err)
	}
	all, err := w.Status(t.Context())
	if err != nil || len(all) != len(Registers) {
		t.Fatalf("%+v (%v)", all, err)
	}
	p, b, land := all[0], all[1], all[3]
	if !p.Connected || !p.Resting || !p.Failing() || p.Hour[Found] != 1 || p.Hour[Unavailable] != failuresOpen || p.Today != failuresOpen+2 ||
		p.Outage != nil || p.LastFound == nil || !p.LastFound.Equal(w.Now()) {
		t.Errorf("population %+v", p)
	}
	if b.Resting || b.Failing() || b.Hour[Found] != 1 || b.Outage == nil || b.Outage.Reason != "Bảo trì" {
		t.Errorf("businesses %+v", b)
	}
	if land.Register != Land || land.Connected || land.Today != 0 || land.LastFound != nil {
		t.Errorf("land %+v", land)
	}
}
