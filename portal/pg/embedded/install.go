package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// Install installs PostgreSQL by the package manager, as root on Debian or Ubuntu;
// elsewhere it returns what Missing says. With PostgreSQL there it does nothing. On a
// terminal it asks first, unless yes is set.
func Install(ctx context.Context, yes bool) error {
	missing := Missing()
	if missing == nil {
		return nil
	}
	if os.Geteuid() != 0 || !debian("/etc/os-release") {
		return missing
	}
	if !yes && terminal(os.Stdin) && !agreed(os.Stdin, os.Stderr) {
		return missing
	}
	if err := install(ctx, os.Stderr); err != nil {
		return errors.Join(missing, err)
	}
	return Missing()
}

var debianLike = regexp.MustCompile(`(?m)^ID(_LIKE)?="?[^"\n]*\b(debian|ubuntu)\b`)

func debian(release string) bool {
	b, err := os.ReadFile(release)
	return err == nil && debianLike.Match(b)
}

// terminal says whether a person can answer there. The null device is a device, too.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err == nil && !os.SameFile(info, null)
}

func agreed(in io.Reader, out io.Writer) bool {
	fmt.Fprint(out, "PostgreSQL is not installed. Install it now with apt-get? [Y/n] ")
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "", "y", "yes", "c", "có":
		return true
	}
	return false
}

// install tries with the package lists as they are, and refreshes them only when that
// fails: a mirror that is out of reach must not stop what a cache can give.
func install(ctx context.Context, out io.Writer) error {
	add := []string{"install", "-y", "--no-install-recommends", "postgresql"}
	if apt(ctx, out, add...) == nil {
		return nil
	}
	if err := apt(ctx, out, "update"); err != nil {
		return err
	}
	return apt(ctx, out, add...)
}

func apt(ctx context.Context, out io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, "apt-get", append([]string{"-q"}, args...)...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("apt-get %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
