package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"motcua/portal/pg"
	"motcua/portal/pg/embedded"
)

// helperEnv makes the test program the demo's program: on the folder that it names.
const helperEnv = "MOTCUA_DEMO_HELPER"

func TestMain(m *testing.M) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	dir := os.Getenv(helperEnv)
	var err error
	switch {
	case len(os.Args) > 1 && os.Args[1] == "sandbox": // as the demo starts its stand-ins
		err = SandboxMain(ctx, os.Args[2:])
	case dir != "":
		err = Run(ctx, Options{Listen: os.Args[1], Operator: "127.0.0.1:0", Data: dir, Out: os.Stdout, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	default:
		stop()
		os.Exit(m.Run())
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// life is one run of the program.
type life struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  string // file of what it says
	done chan error
	said struct {
		Portal, Database string
		Sandbox          map[string]string
	}
}

// begin starts the program and does not wait for it.
func begin(t *testing.T, dir, listen string) *life {
	t.Helper()
	l := &life{t: t, cmd: exec.Command("/proc/self/exe", listen), out: filepath.Join(t.TempDir(), "out"), done: make(chan error, 1)}
	out, err := os.Create(l.out)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	l.cmd.Env = append(os.Environ(), helperEnv+"="+dir)
	l.cmd.Stdout, l.cmd.Stderr = out, out
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { l.done <- l.cmd.Wait() }()
	t.Cleanup(func() { _ = l.cmd.Process.Kill() })
	return l
}

// start starts the program and waits until it serves.
func start(t *testing.T, dir, listen string) *life {
	t.Helper()
	_ = os.Remove(filepath.Join(dir, "demo.json"))
	l := begin(t, dir, listen)
	eventually(t, "the demo serves", func() bool {
		select {
		case err := <-l.done:
			t.Fatalf("the demo ended: %v\n%s", err, l.says())
		default:
		}
		b, err := os.ReadFile(filepath.Join(dir, "demo.json"))
		return err == nil && json.Unmarshal(b, &l.said) == nil && get(l.said.Portal+"/readyz") == "ready\n"
	})
	return l
}

func (l *life) says() string {
	l.t.Helper()
	b, err := os.ReadFile(l.out)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(b)
}

// ended waits for the end and gives all that was said.
func (l *life) ended() (string, error) {
	l.t.Helper()
	select {
	case err := <-l.done:
		return l.says(), err
	case <-time.After(time.Minute):
		l.t.Fatal("the demo does not end")
		return "", nil
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it does not come that %s", what)
		}
	}
}

func get(url string) string {
	res, err := http.Get(url)
	if err != nil {
		return ""
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return string(b)
}

// number reads a process id at the beginning of a file.
func number(t *testing.T, file string) int {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil || pid <= 1 {
		t.Fatalf("%s holds no process: %q", file, b)
	}
	return pid
}

func (l *life) standins(dir string) int { return number(l.t, filepath.Join(dir, "sandbox", "pid")) }

// server is PostgreSQL's process.
func (l *life) server() int {
	l.t.Helper()
	u, err := url.Parse(l.said.Database)
	if err != nil {
		l.t.Fatal(err)
	}
	return number(l.t, filepath.Join(u.Query().Get("host"), "..", "data", "postmaster.pid"))
}

func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() {
		if err := embedded.Remove(dir); err != nil {
			t.Errorf("remove the cluster: %v", err)
		}
	})
	return dir
}

func TestDemoLivesThroughKillsAndEndsWhole(t *testing.T) {
	if err := embedded.Install(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	dir := folder(t)
	first := start(t, dir, "127.0.0.1:0")
	listen := strings.TrimPrefix(first.said.Portal, "http://")
	if !strings.Contains(first.says(), first.said.Portal) {
		t.Errorf("the console does not say where: %s", first.says())
	}
	refused(t, first, dir, listen)

	get(first.said.Sandbox["business"] + "/was-here")
	before, people := first.standins(dir), count(t, first)
	if people == 0 {
		t.Error("the catalogue is empty")
	}
	kill(t, first.cmd.Process.Pid)
	kill(t, first.server())
	if _, err := first.ended(); err == nil {
		t.Error("a killed program ended well")
	}
	if !strings.Contains(get(first.said.Sandbox["business"]+"/_sandbox/log"), "/was-here") {
		t.Error("the stand-ins did not outlive the program")
	}

	second := start(t, dir, listen)
	if after := second.standins(dir); after == before || !gone(before, time.Second) {
		t.Errorf("the stand-ins left behind, %d, were not replaced by %d", before, after)
	}
	for name, at := range first.said.Sandbox {
		if second.said.Sandbox[name] != at {
			t.Errorf("%s moved from %s to %s", name, at, second.said.Sandbox[name])
		}
	}
	if !strings.Contains(get(second.said.Sandbox["business"]+"/_sandbox/log"), "/was-here") {
		t.Error("the stand-ins forgot what they had received")
	}
	if again := count(t, second); again != people {
		t.Errorf("%d revisions, and %d before", again, people)
	}
	standins, server := second.standins(dir), second.server()
	if err := second.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if said, err := second.ended(); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, said)
	}
	if !gone(standins, time.Second) || !gone(server, time.Second) {
		t.Error("stand-ins or server outlive the end")
	}
}

// refused tries what another demo must not do: the same folder, and the same address.
func refused(t *testing.T, l *life, dir, listen string) {
	t.Helper()
	said, err := begin(t, dir, "127.0.0.1:0").ended()
	if err == nil || !strings.Contains(said, "another demo runs on "+dir) || strings.Count(said, "\n") != 1 {
		t.Errorf("a second demo on the folder: %v\n%s", err, said)
	}
	said, err = begin(t, t.TempDir(), listen).ended()
	if err == nil || !strings.Contains(said, listen+" is taken by another program") || strings.Count(said, "\n") != 1 {
		t.Errorf("a second demo on the address: %v\n%s", err, said)
	}
	if get(l.said.Portal+"/readyz") != "ready\n" {
		t.Error("the first demo was disturbed")
	}
}

func count(t *testing.T, l *life) (n int) {
	t.Helper()
	db, err := pg.Open(t.Context(), l.said.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.GetContext(t.Context(), &n, `SELECT count(*) FROM revisions`); err != nil {
		t.Fatal(err)
	}
	return n
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func TestAddresses(t *testing.T) {
	for listen, want := range map[string]string{"127.0.0.1:0": "http://127.0.0.1:", "0.0.0.0:0": "http://127.0.0.1:", ":0": "http://127.0.0.1:"} {
		o := Options{Listen: listen}
		if err := o.address(); err != nil {
			t.Fatal(err)
		}
		_, port, _ := strings.Cut(strings.TrimPrefix(o.URL, want), ":")
		if !strings.HasPrefix(o.URL, want) || port != "" || strings.HasSuffix(o.URL, ":0") || !strings.HasSuffix(o.Listen, o.URL[len(want):]) {
			t.Errorf("-listen %s: %s, people go to %s", listen, o.Listen, o.URL)
		}
	}
	o := Options{Listen: "127.0.0.1:0", URL: "https://portal.example"}
	if err := o.address(); err != nil || o.URL != "https://portal.example" {
		t.Errorf("-url: %s (%v)", o.URL, err)
	}
	for _, wrong := range []string{"8080", "127.0.0.1:many", "127.0.0.1:99999"} {
		o := Options{Listen: wrong}
		if err := o.address(); err == nil || !strings.HasPrefix(err.Error(), "-listen "+wrong+": ") {
			t.Errorf("-listen %s: %v", wrong, err)
		}
	}
}

// The number of killed stand-ins may be somebody else's by now.
func TestStrangersAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	stranger := exec.Command("sleep", "600")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stranger.Process.Kill(); _ = stranger.Wait() })
	for _, pid := range []string{strconv.Itoa(stranger.Process.Pid), "0", "-1", "no number", ""} {
		if err := os.WriteFile(filepath.Join(dir, "pid"), []byte(pid), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := stopLeftover(dir); err != nil {
			t.Errorf("%q: %v", pid, err)
		}
	}
	if gone(stranger.Process.Pid, 50*time.Millisecond) {
		t.Error("a stranger was ended")
	}
}
