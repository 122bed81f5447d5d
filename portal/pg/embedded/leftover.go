package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopLeftover deals with what a killed program left in the folder: a server that still
// runs is ended; a postmaster.pid whose process cannot be a server of this folder (a zombie
// that nobody reaps, or a stranger that got the number) is removed, as PostgreSQL would
// refuse to start over it. The file of a process that is gone stays: PostgreSQL judges it
// itself, and finds by it whether helpers of the dead server still hold its memory.
func stopLeftover(data string, log *slog.Logger) error {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	file := filepath.Join(data, "postmaster.pid")
	pid, err := readPID(file)
	if err != nil || pid == 0 {
		return err
	}
	switch whatIs(pid, data) {
	case gone:
		return nil
	case stranger:
		log.Info("a lock file of PostgreSQL was stale", "pid", pid)
		return os.Remove(file)
	}
	log.Info("a PostgreSQL that a killed program left running is ended", "pid", pid)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("end the PostgreSQL of an earlier program (%d): %w", pid, err)
		}
		if ended(pid, data, stopTime/2) {
			return stopLeftover(data, log) // its file may have stayed
		}
	}
	return fmt.Errorf("the PostgreSQL of an earlier program (%d) does not end", pid)
}

// readPID is the number in the first line of postmaster.pid, 0 without a file.
func readPID(file string) (int, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil || pid <= 0 {
		return 0, nil // torn by a full disk: PostgreSQL says what it thinks of it
	}
	return pid, nil
}

type process int

const (
	gone process = iota
	stranger
	ours
)

// whatIs judges a process by what cannot be feigned by chance: its program and the folder
// it works in, which for a server is the data folder.
func whatIs(pid int, data string) process {
	proc := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(proc + "/stat")
	if err != nil {
		return gone
	}
	// pid (name) state …: the name may hold anything, so look after the last bracket
	_, rest, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')'):]), " ")
	if strings.HasPrefix(rest, "Z") || strings.HasPrefix(rest, "X") {
		return stranger
	}
	exe, err := os.Readlink(proc + "/exe")
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return gone // ended while we looked
		}
		return stranger // another user's: the server's own files would be readable to us
	}
	if strings.TrimSuffix(filepath.Base(exe), " (deleted)") != "postgres" {
		return stranger
	}
	if cwd, err := os.Readlink(proc + "/cwd"); err == nil && cwd == data {
		return ours
	}
	// it starts in the folder above and enters the data folder a moment later
	args, _ := os.ReadFile(proc + "/cmdline")
	if strings.Contains(string(args), "\x00-D\x00"+data+"\x00") {
		return ours
	}
	return stranger
}

// ended waits until the process is no server of this folder any more.
func ended(pid int, data string, limit time.Duration) bool {
	for until := time.Now().Add(limit); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		if whatIs(pid, data) != ours {
			return true
		}
	}
	return false
}
