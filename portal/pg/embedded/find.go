package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// oldest is the first version whose public schema is closed to everybody but the owner.
const oldest = 15

var places = []string{
	"/usr/lib/postgresql/*/bin", // Debian, Ubuntu
	"/usr/pgsql-*/bin",          // Red Hat
	"/usr/local/pgsql/bin",
}

// Missing says in one line what to install when no usable PostgreSQL is found.
func Missing() error {
	if len(installed()) == 0 {
		return fmt.Errorf("PostgreSQL %d or newer is not installed: install it (Debian, Ubuntu: apt-get install postgresql)", oldest)
	}
	return nil
}

// Newest is the newest installed version, 0 without one.
func Newest() int {
	newest := 0
	for v := range installed() {
		newest = max(newest, v)
	}
	return newest
}

// installed are the folders of programs by major version.
func installed() map[int]string {
	var dirs []string
	for _, p := range places {
		found, _ := filepath.Glob(p) // only a bad pattern fails
		dirs = append(dirs, found...)
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	all := map[int]string{}
	for _, dir := range dirs {
		v, ok := version(dir)
		if _, have := all[v]; ok && !have && v >= oldest {
			all[v] = dir
		}
	}
	return all
}

var versionSaid = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// version asks the programs of a folder; both that we need must be there.
func version(dir string) (int, bool) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0, false
	}
	out, err := exec.Command(filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, false
	}
	m := versionSaid.FindSubmatch(out)
	if m == nil {
		return 0, false
	}
	v, err := strconv.Atoi(string(m[1]))
	return v, err == nil
}

// programsFor is the folder of the programs for a cluster: of its own version, or the
// newest for one that is yet to be made. A cluster is never touched by another version.
func programsFor(data string) (string, error) {
	all := installed()
	b, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return all[Newest()], nil
	}
	if err != nil {
		return "", err
	}
	v, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return "", fmt.Errorf("%s is not a cluster: %w", data, err)
	}
	dir, ok := all[v]
	if !ok {
		return "", fmt.Errorf("the data in %s are of PostgreSQL %d, which is not installed: install that version", data, v)
	}
	return dir, nil
}
