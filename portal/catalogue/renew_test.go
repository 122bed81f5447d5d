package catalogue

import (
	"context"
	"testing"
	"time"

	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
)

// Another instance has what was published before anybody asks it, and before its clock
// would let it ask.
func TestOtherInstancesAreTold(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	other := &Service{DB: s.DB, Now: c.now}
	f := small()
	imported(t, s, f)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	renewed := make(chan struct{}, 8)
	go pg.Listen(ctx, pgtest.DSN(t, s.DB), channel, nil, func(ctx context.Context) {
		other.renew(ctx)
		renewed <- struct{}{}
	})
	<-renewed
	before := other.held.Load().edition
	replace(t, f, informationFile, "Cấp phép mẫu", "Cấp phép khác")
	imported(t, s, f)
	<-renewed
	after := other.held.Load().edition
	if got := after.byCode["9.000003"].Sheet.Name.VI; got != "Cấp phép khác" || after.name == before.name {
		t.Errorf("%q, edition %s after %s", got, after.name, before.name)
	}
	// what did not change was not read again
	for _, code := range []string{"9.000001", "9.000002"} {
		if before.byCode[code] != after.byCode[code] {
			t.Errorf("%s was read again", code)
		}
	}
	if mine, err := s.Edition(t.Context()); err != nil || mine != after.name {
		t.Errorf("two instances call the same %s and %s (%v)", mine, after.name, err)
	}
}

// A field that is called otherwise reaches the revisions that are held.
func TestAFieldIsRenamedInWhatIsHeld(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	f := small()
	imported(t, s, f)
	replace(t, f, fieldsFile, "Hộ tịch", "Hộ tịch và quốc tịch")
	imported(t, s, f)
	rev, err := s.InForce(t.Context(), "9.000001")
	if err != nil || rev.Field.Name.VI != "Hộ tịch và quốc tịch" {
		t.Errorf("%+v, %v", rev.Field, err)
	}
}

// The edition has another name from the very instant a revision's time comes, in the
// middle of a day and without anything new in the tables.
func TestTheEditionIsAnotherWhenARevisionStarts(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	f := small()
	imported(t, s, f)
	_, err := s.DB.Exec(`INSERT INTO revisions (procedure_code, no, doc, sha256, in_force_from)
		SELECT procedure_code, no + 1, doc, sha256, $1 FROM revisions WHERE procedure_code = '9.000003'`, c.now().Add(90*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	s.Renew(t.Context())
	name := func() string {
		t.Helper()
		name, err := s.Edition(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	before := name()
	c.add(90*time.Second - time.Microsecond)
	if name() != before {
		t.Error("another edition before the time")
	}
	c.add(time.Microsecond)
	started := name()
	if started == before {
		t.Error("the same edition after the time")
	}
	c.add(2 * askEach)
	if name() != started {
		t.Error("asking the database again gave another edition")
	}
	if other, err := (&Service{DB: s.DB, Now: c.now}).Edition(t.Context()); err != nil || other != started {
		t.Errorf("an instance that starts now calls it %s, not %s (%v)", other, started, err)
	}
}
