package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// socketPort is part of a socket's file name only: nothing listens on it.
const socketPort = 5432

// maxSocketPath is what the kernel takes for a socket's address, less its end mark.
const maxSocketPath = 107

// passwords reads the roles' passwords from their files, making what is missing.
func (s *Server) passwords() error {
	s.Passwords = map[string]string{}
	for _, role := range []string{Super, Owner, App} {
		path := filepath.Join(s.Home, role+".password")
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			b = []byte(rand.Text())
			err = writeDurably(path, b)
		}
		if err != nil {
			return err
		}
		s.Passwords[role] = strings.TrimSpace(string(b))
	}
	return nil
}

// initialise makes the cluster when there is none. It is made beside its place and renamed
// into it, so a crash on the way leaves no half of one.
func (s *Server) initialise(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(s.data(), "PG_VERSION")); err == nil {
		return nil
	}
	making := s.data() + ".tmp"
	if err := removeAll(making); err != nil {
		return err
	}
	if err := os.Mkdir(making, 0o700); err != nil {
		return err
	}
	password := filepath.Join(s.Home, "initdb.password")
	defer os.Remove(password)
	if err := os.WriteFile(password, []byte(s.Passwords[Super]+"\n"), 0o600); err != nil {
		return err
	}
	if err := errors.Join(s.uid.give(making), s.uid.give(password)); err != nil {
		return err
	}
	if err := s.initdb(ctx, making, password); err != nil {
		return err
	}
	return errors.Join(os.Rename(making, s.data()), syncDir(s.Home))
}

// removeAll bears with a child of a killed initdb that is still writing while it dies.
func removeAll(path string) error {
	err := os.RemoveAll(path)
	for try := 0; err != nil && try < 20; try++ {
		time.Sleep(50 * time.Millisecond)
		err = os.RemoveAll(path)
	}
	return err
}

func (s *Server) initdb(ctx context.Context, data, password string) error {
	args := []string{"-D", data, "-U", Super, "--auth=scram-sha-256", "--pwfile=" + password,
		"--data-checksums", "-E", "UTF8", "--locale=C.UTF-8", "--lc-messages=C"}
	if s.opts.NoFsync {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, "initdb"), args...)
	cmd.Dir = s.Home
	cmd.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")}
	// it must not go on over the next start's head; the signal is tied to this thread
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: s.uid.credential()}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make the cluster in %s: %w\n%s", data, err, out)
	}
	return nil
}

// tidy leaves nothing of an earlier life that could stop the next one.
func (s *Server) tidy() error {
	if err := stopLeftover(s.data(), s.log); err != nil {
		return err
	}
	// The folder is the server's alone and none runs now: a killed one's socket and its lock
	// file, which names a process like postmaster.pid does, are worth nothing.
	if err := os.RemoveAll(s.run()); err != nil {
		return err
	}
	if err := os.Mkdir(s.run(), 0o700); err != nil {
		return err
	}
	return s.uid.give(s.run())
}

// listenOn chooses the address: a socket in the home folder, which no other user can even
// try; loopback where the path is too long for a socket.
func (s *Server) listenOn() error {
	s.Port = s.opts.Port
	if s.sockets() != "" {
		s.Host = s.run()
		if s.Port == 0 {
			s.Port = socketPort
		}
		return nil
	}
	s.Host = "127.0.0.1"
	if s.Port != 0 {
		return nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("find a free port: %w", err)
	}
	s.Port = l.Addr().(*net.TCPAddr).Port
	return l.Close()
}

// listen is the server's listen_addresses.
func (s *Server) listen() string {
	if s.opts.Port != 0 || s.sockets() == "" {
		return "127.0.0.1"
	}
	return ""
}

func (s *Server) run() string { return filepath.Join(s.Home, "run") }

// sockets is the server's unix_socket_directories.
func (s *Server) sockets() string {
	if len(s.run())+len("/.s.PGSQL.65535") > maxSocketPath || strings.ContainsAny(s.run(), `",`) {
		return ""
	}
	return s.run()
}
