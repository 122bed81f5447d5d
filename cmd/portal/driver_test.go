package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"motcua/portal/pg/embedded"
)

// built is the real program, built once for all tests of the package.
var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "portal")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

var buildDir string

func TestMain(m *testing.M) {
	if task := os.Getenv(filerEnv); task != "" {
		os.Exit(filerMain(task))
	}
	var err error
	if buildDir, err = os.MkdirTemp("", "motcua-program-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(buildDir)
	os.Exit(code)
}

// facts are what demo.json says.
type facts struct {
	Portal   string            `json:"portal"`
	Operator string            `json:"operator"`
	Database string            `json:"database"`
	Sandbox  map[string]string `json:"sandbox"`
	People   []struct {
		Name, Sub  string
		IDNumber   string `json:"id_number"`
		Businesses []struct {
			TaxCode string `json:"tax_code"`
		}
	} `json:"people"`
	Officers []struct {
		Name, Sub, Agency string
		Roles             []string
	} `json:"officers"`
}

// number is the ID number of a sample person.
func (f facts) number(sub string) string {
	for _, p := range f.People {
		if p.Sub == sub {
			return p.IDNumber
		}
	}
	return ""
}

// program is a demo on a folder of its own, with fsync as in production. It can be killed
// and started again on the same folder.
type program struct {
	Dir   string
	Facts facts

	path   string
	listen string
	done   chan struct{} // closed when the present life has ended
	pid    int
}

// newDemo starts the program for a test and ends it with the test.
func newDemo(t *testing.T) *program {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Dir: t.TempDir(), path: path, listen: freePort(t)}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the program said:\n%s", p.said())
		}
		p.stop()
		if err := embedded.Remove(p.Dir); err != nil {
			t.Errorf("remove the cluster: %v", err)
		}
	})
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// freePort is below the range from which the system gives ports to everybody else, so that
// it is free again after a kill.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(10_000)))
		if err == nil {
			defer ln.Close()
			return ln.Addr().String()
		}
	}
	t.Fatal("no free port")
	return ""
}

// start begins a life and waits until the portal answers.
func (p *program) start() error {
	facts := filepath.Join(p.Dir, "demo.json")
	if err := os.Remove(facts); err != nil && !os.IsNotExist(err) {
		return err
	}
	log, err := os.OpenFile(filepath.Join(p.Dir, "program.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(p.path, "demo", "-data", p.Dir, "-listen", p.listen, "-yes")
	cmd.Stderr = log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} // a test that is killed leaves nothing
	if err := p.live(cmd); err != nil {
		return err
	}
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		select {
		case <-p.done:
			return fmt.Errorf("the program ended:\n%s", p.said())
		default:
		}
		if b, err := os.ReadFile(facts); err == nil && json.Unmarshal(b, &p.Facts) == nil && p.ready() {
			return nil
		}
	}
	return fmt.Errorf("the program is not ready after a minute:\n%s", p.said())
}

// live starts the process on a thread that lives as long as it: the kernel sends the death
// signal when that thread ends.
func (p *program) live(cmd *exec.Cmd) error {
	p.done = make(chan struct{})
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(p.done)
		}
	}()
	err := <-started
	if err == nil {
		p.pid = cmd.Process.Pid
	}
	return err
}

func (p *program) ready() bool {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Facts.Portal+"/readyz", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// kill is kill -9 of the portal's process alone; the stand-ins stay.
func (p *program) kill() {
	_ = syscall.Kill(p.pid, syscall.SIGKILL)
	<-p.done
}

// postgres is the process of the private PostgreSQL.
func (p *program) postgres() (int, error) {
	_, socket, _ := strings.Cut(p.Facts.Database, "host=")
	socket, _, _ = strings.Cut(socket, "&")
	socket = strings.ReplaceAll(socket, "%2F", "/")
	b, err := os.ReadFile(filepath.Join(filepath.Dir(socket), "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(b), "\n")
	return strconv.Atoi(first)
}

// stop ends it as an operator would.
func (p *program) stop() {
	if p.done == nil {
		return
	}
	_ = syscall.Kill(p.pid, syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		p.kill()
	}
}

// said is the end of what the program has printed.
func (p *program) said() string {
	b, err := os.ReadFile(filepath.Join(p.Dir, "program.log"))
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-8<<10):])
}

// command runs a command of the program with the demo's settings.
func (p *program) command(args ...string) (string, error) {
	settings, err := os.ReadFile(filepath.Join(p.Dir, "demo.env"))
	if err != nil {
		return "", err
	}
	cmd := exec.Command(p.path, args...)
	cmd.Env = append(os.Environ(), strings.Split(strings.TrimSpace(string(settings)), "\n")...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// fault makes a stand-in misbehave; mode ok mends it.
func (p *program) fault(t *testing.T, standin, mode string, times, delay int) {
	t.Helper()
	p.tell(t, standin, "/_sandbox/fault", map[string]any{"mode": mode, "times": times, "delay_ms": delay})
}

// tell sends JSON to a stand-in's own address.
func (p *program) tell(t *testing.T, standin, path string, body any) []byte {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(p.Facts.Sandbox[standin]+path, "application/json", bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return answered(t, resp)
}

// look reads a stand-in's own address.
func (p *program) look(t *testing.T, standin, path string) []byte {
	t.Helper()
	resp, err := http.Get(p.Facts.Sandbox[standin] + path)
	if err != nil {
		t.Fatal(err)
	}
	return answered(t, resp)
}

func answered(t *testing.T, resp *http.Response) []byte {
	t.Helper()
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s answered %d: %s", resp.Request.URL, resp.StatusCode, b)
	}
	return b
}
