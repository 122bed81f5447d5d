package embedded

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Not parallel, like every test here that changes the environment.
func TestNothingInstalledIsOneLine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	old := places
	defer func() { places = old }()
	places = []string{filepath.Join(t.TempDir(), "*/bin")}
	err := Missing()
	if err == nil || !strings.Contains(err.Error(), "install postgresql") || strings.Contains(err.Error(), "\n") {
		t.Errorf("said: %v", err)
	}
	if _, err := Start(t.Context(), Options{Dir: t.TempDir()}); err == nil {
		t.Error("it started without PostgreSQL")
	}
}

func TestTooOldCountsAsMissing(t *testing.T) {
	bin := fakeBin(t, map[string]string{"postgres": "echo 'postgres (PostgreSQL) 14.9'", "initdb": "true"})
	t.Setenv("PATH", bin+":/bin")
	old := places
	defer func() { places = old }()
	places = nil
	if Missing() == nil {
		t.Error("version 14 is taken")
	}
	fakeInto(t, bin, "postgres", "echo 'postgres (PostgreSQL) 17.2 (Debian 17.2-1)'")
	if err := Missing(); err != nil || Newest() != 17 {
		t.Errorf("version 17: %v, newest %d", err, Newest())
	}
}

func TestInstallRefreshesTheListsOnlyWhenNeeded(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ script, want string }{
		"at once":  {`echo "$@" >> calls`, "-q install -y --no-install-recommends postgresql\n"},
		"at twice": {`echo "$@" >> calls; [ "$2" = update ] && touch fresh; [ -e fresh ]`, "-q install -y --no-install-recommends postgresql\n-q update\n-q install -y --no-install-recommends postgresql\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(dir)
			defer os.Remove("calls")
			t.Setenv("PATH", fakeBin(t, map[string]string{"apt-get": c.script})+":/bin:/usr/bin")
			var out bytes.Buffer
			if err := install(t.Context(), &out); err != nil {
				t.Fatal(err, out.String())
			}
			if b, _ := os.ReadFile("calls"); string(b) != c.want {
				t.Errorf("apt-get was called\n%s", b)
			}
		})
	}
}

func TestAskedBeforeInstalling(t *testing.T) {
	for answer, want := range map[string]bool{"\n": true, "y\n": true, "n\n": false, "what?\n": false, "": false} {
		if got := agreed(strings.NewReader(answer), &bytes.Buffer{}); got != want {
			t.Errorf("%q: %v", answer, got)
		}
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if terminal(null) {
		t.Error("the null device is taken for a person")
	}
}

func TestDebian(t *testing.T) {
	for text, want := range map[string]bool{
		"NAME=x\nID=debian\n": true, "ID=ubuntu\nID_LIKE=debian\n": true,
		"ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n":    true,
		"ID=fedora\nHOME_URL=\"https://debian.org\"\n": false, "ID=notdebianish\n": false,
	} {
		path := filepath.Join(t.TempDir(), "os-release")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := debian(path); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func fakeBin(t *testing.T, scripts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, script := range scripts {
		fakeInto(t, dir, name, script)
	}
	return dir
}

func fakeInto(t *testing.T, dir, name, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}
