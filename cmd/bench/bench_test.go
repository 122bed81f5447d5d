package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test program be the bare handler that a run starts.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "bare" {
		if err := run(context.Background(), os.Args[1:]); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A small run files, compares, and leaves data that the portal's own verification finds
// whole. Its figures mean nothing.
func TestSmallRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and starts the whole portal")
	}
	var out bytes.Buffer
	if err := bench(t.Context(), options{Filings: 20, Clients: 4, Limit: time.Second, Out: &out}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"verify: files, ", "filing 2.000635 at 20 agencies: portal", "pgbench, prepared", "bare Fiber handler"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, out.String())
		}
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "motcua-bench-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A few forms are begun whatever the register does.
func TestDeadRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and starts the whole portal")
	}
	var out bytes.Buffer
	if err := dead(t.Context(), options{Out: &out}, 20); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if n := strings.Count(out.String(), "forms begun, register"); n != 3 {
		t.Errorf("the report has %d parts:\n%s", n, out.String())
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	all := make([]time.Duration, 100)
	for i := range all {
		all[i] = time.Duration(100-i) * time.Millisecond
	}
	f := newFigures(all, 2*time.Second)
	if f.Median != 51*time.Millisecond || f.P95 != 96*time.Millisecond || f.P99 != 100*time.Millisecond || f.perSecond() != 50 {
		t.Errorf("%+v, %v a second", f, f.perSecond())
	}
	if f := newFigures(nil, 0); f.perSecond() != 0 {
		t.Errorf("nothing: %v", f.perSecond())
	}
}

func TestPgbenchLog(t *testing.T) {
	t.Parallel()
	prefix := filepath.Join(t.TempDir(), "log")
	for name, text := range map[string]string{".1": "0 1 2000 0 100 500000\n1 1 4000 0 100 900000\n", ".1.1": "2 1 1000 0 101 498000\n"} {
		if err := os.WriteFile(prefix+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := pgbenchLog(prefix)
	if err != nil || f.Count != 3 || f.Took != time.Second || f.Median != 2*time.Millisecond {
		t.Errorf("%+v (%v)", f, err)
	}
}

// What pgbench writes names its columns as the portal's statements do; a colon before a
// letter inside a literal would be taken for a variable.
func TestFilingScript(t *testing.T) {
	t.Parallel()
	for _, table := range append(strings.Fields("jobs code_counters"), written...) {
		if !strings.Contains(filingSQL, "INSERT INTO "+table+" ") {
			t.Errorf("filing.sql writes nothing to %s", table)
		}
	}
	for i, part := range strings.Split(filingSQL, "'") {
		if i%2 == 1 && strings.Contains(part, ":") && !strings.HasSuffix(part, ":") && !strings.Contains(part, `":"`) && !strings.Contains(part, `":{`) {
			t.Errorf("filing.sql: literal %q", part)
		}
	}
}

// The larger catalogue has as many procedures as asked for, each named, and the questions
// of a run are the same the next time.
func TestEnlarged(t *testing.T) {
	t.Parallel()
	l, err := enlarge(700)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, code := range l.codes {
		if seen[code] || l.names[i] == "" {
			t.Fatalf("%s %q", code, l.names[i])
		}
		seen[code] = true
	}
	if len(l.codes) != 700 {
		t.Errorf("%d procedures", len(l.codes))
	}
	b, err := fs.ReadFile(l, informationFile)
	if err != nil || !bytes.Contains(b, []byte(l.codes[699])) {
		t.Errorf("the folder does not have %s (%v)", l.codes[699], err)
	}
	if again := l.questions(50); !slices.Equal(l.questions(50), again) || slices.Contains(again, "") {
		t.Errorf("%q", again)
	}
	r, err := l.renamed(l.names[699], "Khác")
	if b, _ := fs.ReadFile(r, informationFile); err != nil || !bytes.Contains(b, []byte(`"Khác"`)) {
		t.Errorf("not renamed (%v)", err)
	}
}
