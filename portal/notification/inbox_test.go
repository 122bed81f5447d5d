package notification

import (
	"testing"
	"time"
)

func TestInbox(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	unread := func(want int) {
		t.Helper()
		if n, err := o.Unread(t.Context(), 7); err != nil || n != want {
			t.Errorf("unread: %d %v, want %d", n, err, want)
		}
	}
	unread(0)
	for i := range 3 {
		o.tell(t, received(event(i)))
		o.clock.pass(time.Hour)
	}
	other := received("other")
	other.Person = 8
	o.tell(t, other)
	unread(3)

	first, err := o.Inbox(t.Context(), 7, 2)
	if err != nil || len(first) != 2 || !first[0].At.After(first[1].At) {
		t.Fatalf("inbox: %+v %v", first, err)
	}
	// one more comes while the page is being read
	o.tell(t, received(event(3)))
	if err := o.Seen(t.Context(), 7, first[0].At); err != nil {
		t.Fatal(err)
	}
	unread(1)
	if err := o.Seen(t.Context(), 7, first[1].At); err != nil { // an older page, opened again
		t.Fatal(err)
	}
	unread(1)
	all, err := o.Inbox(t.Context(), 7, 10)
	if err != nil || len(all) != 4 || !all[0].New || all[1].New {
		t.Fatalf("inbox: %+v %v", all, err)
	}

	o.mail.Set(faults("refuse", 1))
	_ = o.work(t)
	states := map[string]int{}
	all, err = o.Inbox(t.Context(), 7, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		states[i.Letter]++
	}
	if states[sent] != 3 || states[refused] != 1 {
		t.Errorf("what became of the letters: %v", states)
	}
	if n, err := o.Unread(t.Context(), 8); err != nil || n != 1 {
		t.Errorf("the other person: %d %v", n, err)
	}
}
