package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	restartPause    = 100 * time.Millisecond
	maxRestartPause = 5 * time.Second
	settleTime      = 10 * time.Second // for the processes of a killed server to let go of its memory
	stopTime        = time.Minute      // for a clean end, then an immediate one
	maxLog          = 16 << 20
)

// keep runs life after life of the server until Stop. It never gives its thread back: the
// kernel sends the death signal when the thread that started the process ends, so the
// thread must live exactly as long as this goroutine.
func (s *Server) keep() {
	runtime.LockOSThread()
	defer close(s.done)
	began, pause := time.Now(), restartPause
	for {
		born := time.Now()
		last, err := s.live()
		if s.isStopping() {
			return
		}
		if !s.isReady() && !(settling(last) && time.Since(began) < settleTime) {
			s.err = errors.Join(err, errors.New(last))
			return
		}
		if time.Since(born) > maxRestartPause {
			pause = restartPause
		}
		s.log.Warn("PostgreSQL ended by itself and is started again", "err", err, "last", last, "in", pause)
		if !s.rest(pause) {
			return
		}
		pause = min(2*pause, maxRestartPause)
		if err := s.tidy(); err != nil {
			s.log.Error("leftovers of PostgreSQL", "err", err)
		}
	}
}

// live is one life of the server: it returns when the process has ended, with the last
// thing it said.
func (s *Server) live() (string, error) {
	out, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return "", err
	}
	defer out.Close()
	if at, err := out.Seek(0, io.SeekEnd); err == nil && at > maxLog {
		out.Truncate(0)
	}
	from, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return "", err
	}
	cmd := s.command(out)
	if err := s.launch(cmd); err != nil {
		return "", err
	}
	err = cmd.Wait()
	s.mu.Lock()
	s.process = nil
	s.mu.Unlock()
	return lastWords(out, from), err
}

func (s *Server) command(out *os.File) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, "postgres"), s.arguments()...)
	cmd.Dir = s.Home
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH")} // its words are read by us: English
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:    true,           // Ctrl-C is for the program, which ends the server last
		Pdeathsig:  syscall.SIGINT, // kill -9 of the program is a clean end of the server
		Credential: s.uid.credential(),
	}
	return cmd
}

func (s *Server) arguments() []string {
	set := []string{
		"listen_addresses=" + s.listen(),
		"port=" + strconv.Itoa(s.Port),
		"unix_socket_directories=" + s.sockets(),
		"unix_socket_permissions=0700",
		"max_connections=200",
		"lc_messages=C",
		"logging_collector=off",
	}
	if s.opts.NoFsync {
		set = append(set, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
			"wal_level=minimal", "max_wal_senders=0", "min_wal_size=32MB", "max_wal_size=128MB", "max_connections=500")
	}
	args := []string{"-D", s.data()}
	for _, kv := range set {
		args = append(args, "-c", kv)
	}
	return args
}

// launch starts the process unless Stop came first.
func (s *Server) launch(cmd *exec.Cmd) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return nil
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	s.process = cmd.Process
	return nil
}

// end asks the process to end, then insists. Fast shutdown first: clients are cut off,
// nothing is lost.
func (s *Server) end(p *os.Process) error {
	if p != nil {
		p.Signal(syscall.SIGINT)
	}
	select {
	case <-s.done:
		return nil
	case <-time.After(stopTime):
	}
	if p != nil {
		p.Signal(syscall.SIGQUIT) // the next start recovers from the log
	}
	select {
	case <-s.done:
		return nil
	case <-time.After(stopTime):
		return errors.New("PostgreSQL does not end")
	}
}

// rest waits; false means that Stop came.
func (s *Server) rest(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.stop:
		return false
	case <-t.C:
		return true
	}
}

func (s *Server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

func (s *Server) isReady() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready
}

// settling recognises a start that failed only because processes of a killed server are
// still on their way out.
func settling(last string) bool {
	return strings.Contains(last, "is still in use") || strings.Contains(last, `"postmaster.pid" already exists`)
}

// toClients recognises what a server that starts or ends tells each client: hundreds of
// lines that say nothing of the cause.
func toClients(line string) bool {
	return strings.Contains(line, "the database system is ") || strings.Contains(line, "terminating connection")
}

// lastWords are the lines that matter of what the server said since from.
func lastWords(out *os.File, from int64) string {
	b, err := io.ReadAll(io.NewSectionReader(out, from, 64<<10))
	if err != nil {
		return ""
	}
	var told []string
	for line := range strings.Lines(string(b)) {
		if (strings.Contains(line, "FATAL:") || strings.Contains(line, "PANIC:")) && !toClients(line) {
			told = append(told, strings.TrimSpace(line))
		}
	}
	return strings.Join(told, "\n")
}
