package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cpu is the time that processors have worked, by whom.
type cpu struct {
	Client   time.Duration // this process: it sends the requests
	Program  time.Duration // what is measured
	Postgres time.Duration
	Machine  time.Duration // everybody, other work on the machine included
}

func (c cpu) less(before cpu) cpu {
	return cpu{c.Client - before.Client, c.Program - before.Program, c.Postgres - before.Postgres, c.Machine - before.Machine}
}

// others is what the rest of the machine took.
func (c cpu) others() time.Duration { return max(0, c.Machine-c.Client-c.Program-c.Postgres) }

// tick is the unit of /proc: 1/100 s on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// spent reads the clocks of this process, of the program (a process id, or 0) and of
// PostgreSQL with its children.
func spent(program, postmaster int) cpu {
	var self syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &self) // never fails for ourselves
	c := cpu{Client: time.Duration(self.Utime.Nano() + self.Stime.Nano()), Machine: machine()}
	if s, ok := readStat(program); ok {
		c.Program = s.own
	}
	if s, ok := readStat(postmaster); ok {
		c.Postgres = s.own + s.ended
	}
	for _, s := range children(postmaster) {
		c.Postgres += s.own
	}
	return c
}

// stat is a line of /proc/PID/stat: time of the process and of its children that have ended.
type stat struct {
	parent     int
	own, ended time.Duration
}

func readStat(pid int) (stat, bool) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, false
	}
	_, after, ok := strings.Cut(string(b), ") ") // the name may hold anything
	f := strings.Fields(after)
	if !ok || len(f) < 15 {
		return stat{}, false
	}
	n := func(i int) int { v, _ := strconv.Atoi(f[i]); return v }
	return stat{parent: n(1), own: time.Duration(n(11)+n(12)) * tick, ended: time.Duration(n(13)+n(14)) * tick}, true
}

func children(parent int) []stat {
	paths, _ := filepath.Glob("/proc/[0-9]*") // only a bad pattern fails
	var all []stat
	for _, p := range paths {
		pid, _ := strconv.Atoi(filepath.Base(p))
		if s, ok := readStat(pid); ok && s.parent == parent {
			all = append(all, s)
		}
	}
	return all
}

// machine is the time that all processors were not idle.
func machine() time.Duration {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	var busy int
	for i, field := range strings.Fields(line) {
		if i >= 1 && i <= 8 && i != 4 && i != 5 { // user nice system idle iowait irq softirq steal
			n, _ := strconv.Atoi(field)
			busy += n
		}
	}
	return time.Duration(busy) * tick
}
