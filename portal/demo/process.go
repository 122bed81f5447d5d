package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// standins is the process of the stand-ins. It is one of its own, so that killing the
// portal leaves the outside world standing.
type standins struct {
	cmd *exec.Cmd
	at  Addresses
}

// startStandins stops what a killed demo left behind and starts the stand-ins afresh, on the
// same ports where those are free. They read back what they had received.
func (o *Options) startStandins(ctx context.Context) (*standins, error) {
	dir := filepath.Join(o.Data, "sandbox")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := stopLeftover(dir); err != nil {
		return nil, err
	}
	ready := filepath.Join(dir, "ready.json")
	if err := os.Remove(ready); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(dir, "sandbox.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(self, "sandbox", "-data", dir, "-portal", o.URL)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start stand-ins: %w", err)
	}
	s := &standins{cmd: cmd}
	if err := writeFile(filepath.Join(dir, "pid"), []byte(strconv.Itoa(cmd.Process.Pid))); err != nil {
		return s, err
	}
	s.at, err = await(ctx, ready, cmd)
	return s, err
}

// await waits until the stand-ins have said where they listen.
func await(ctx context.Context, ready string, cmd *exec.Cmd) (Addresses, error) {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(20 * time.Second); ; {
		if b, err := os.ReadFile(ready); err == nil {
			var at Addresses
			return at, json.Unmarshal(b, &at)
		}
		select {
		case <-tick.C:
		case err := <-ended:
			return Addresses{}, fmt.Errorf("the stand-ins ended: %w; see sandbox.log", err)
		case <-deadline:
			return Addresses{}, errors.New("the stand-ins did not start in 20 s; see sandbox.log")
		case <-ctx.Done():
			return Addresses{}, ctx.Err()
		}
	}
}

func (s *standins) stop() {
	if s == nil || s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	gone(s.cmd.Process.Pid, 3*time.Second)
}

// stopLeftover ends the stand-ins of a demo that was killed, and nothing else: the process
// must be one of ours on this folder.
func stopLeftover(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "pid"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return nil
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || !strings.Contains(string(line), "\x00sandbox\x00") || !strings.Contains(string(line), dir) {
		return nil // gone, or the number belongs to somebody else now
	}
	_ = syscall.Kill(pid, syscall.SIGTERM)
	if !gone(pid, 3*time.Second) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
		gone(pid, 2*time.Second)
	}
	return nil
}

// gone waits until a process has ended; a zombie has.
func gone(pid int, limit time.Duration) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return true
		}
		if _, rest, ok := strings.Cut(string(stat), ") "); ok && strings.HasPrefix(rest, "Z") {
			return true
		}
	}
	return false
}
