package main

import (
	"bufio"
	"context"
	"crypto/md5"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"motcua/portal/pg/embedded"
)

// filingSQL is what pgbench runs.
//
//go:embed filing.sql
var filingSQL string

// sample is a dossier that the portal has filed: its bytes are what pgbench writes.
type sample struct {
	ID          string `db:"id"`
	Revision    string `db:"revision"`
	Answers     string `db:"answers"`
	SHA         string `db:"sha"`
	Facts       string `db:"facts"`
	Sources     string `db:"sources"`
	OwnerName   string `db:"owner_name"`
	OwnerNumber string `db:"owner_number"`
	Phone       string `db:"phone"`
	Step        string `db:"step"`
	ReturnTo    string `db:"return_to"`
	Lines       string `db:"lines"`
	Day         string `db:"day"`
	Stamp       string `db:"stamp"`
	Persons     string `db:"persons"`
	People      string `db:"people"`
}

const sampleQuery = `SELECT d.id, d.revision_id::text AS revision, f.answers, encode(f.sha256, 'hex') AS sha, f.facts, f.sources, d.owner_name, d.owner_number, d.phone, d.step, d.return_to,
		o.lines, c.day::text AS day, '-' || to_char(c.day, 'YYMMDD') || '-' AS stamp,
		(SELECT array_agg(id) FROM persons)::text AS persons, (SELECT count(*) FROM persons)::text AS people
	FROM dossiers d JOIN filings f ON f.dossier_id = d.id JOIN orders o ON o.subject = 'dossier:' || d.id
	JOIN code_counters c ON c.agency_id = d.agency_id ORDER BY c.day DESC, d.filed_at DESC LIMIT 1`

// limits lets pgbench write the same rows with the same bytes on the same server, the
// program being stopped: what is left when there is no portal at all.
func (r *report) limits(ctx context.Context, h *house) (err error) {
	if r.bytes, err = h.bytes(ctx); err != nil {
		return err
	}
	for _, part := range []struct {
		into      *measured
		run, mode string
		n, at     int
	}{
		{&r.pgMany, "many", "prepared", r.Filings, agenciesMany},
		{&r.pgParsed, "parsed", "extended", r.Filings, agenciesMany},
		{&r.pgOne, "one", "prepared", r.Filings / 2, 1},
	} {
		if *part.into, err = r.pgbench(ctx, h, part.run, part.mode, part.n, part.at); err != nil {
			return err
		}
	}
	r.pgBytes, err = h.bytes(ctx)
	return err
}

// pgbench makes n drafts and files them by filing.sql: prepared once, or (extended) with
// every statement parsed and planned anew.
func (r *report) pgbench(ctx context.Context, h *house, run, mode string, n, agencies int) (measured, error) {
	program := filepath.Join(h.programs(), "pgbench")
	if _, err := os.Stat(program); err != nil {
		return measured{}, errors.New("pgbench is not installed beside the server (Debian, Ubuntu: apt-get install postgresql-contrib)")
	}
	var s sample
	if err := h.super.GetContext(ctx, &s, sampleQuery); err != nil {
		return measured{}, fmt.Errorf("a filed dossier to go by: %w", err)
	}
	each := n / r.Clients
	drafts, agency := make([]string, r.Clients*(each+1)), make([]string, r.Clients*(each+1))
	for i := range drafts {
		drafts[i], agency[i] = numbered(run, i), "H01"
	}
	if err := h.copyDraft(ctx, s.ID, drafts, agency); err != nil {
		return measured{}, err
	}
	ids, codes, err := h.agencies(ctx, agencies)
	if err != nil {
		return measured{}, err
	}
	script := filepath.Join(h.dir, "filing.sql")
	if err := os.WriteFile(script, []byte(filingSQL), 0o600); err != nil {
		return measured{}, err
	}
	args := []string{"-n", "-M", mode, "-f", script, "-c", strconv.Itoa(r.Clients), "-j", "2", "-t", strconv.Itoa(each),
		"-l", "--log-prefix=" + filepath.Join(h.dir, "pgbench-"+run)}
	for name, value := range map[string]string{"i": "0", "each": strconv.Itoa(each + 1), "run": run, "agencies": strconv.Itoa(agencies), "people": s.People,
		"persons": s.Persons, "agency_ids": ids, "agency_codes": codes, "revision": s.Revision, "answers": s.Answers, "sha": s.SHA, "facts": s.Facts, "sources": s.Sources,
		"owner_name": s.OwnerName, "owner_number": s.OwnerNumber, "phone": s.Phone, "step": s.Step, "return_to": s.ReturnTo, "lines": s.Lines,
		"day": s.Day, "stamp": s.Stamp} {
		args = append(args, "-D", name+"="+value)
	}
	if err := h.level(ctx); err != nil {
		return measured{}, err
	}
	return h.runPgbench(ctx, run, exec.CommandContext(ctx, program, args...))
}

func (h *house) runPgbench(ctx context.Context, run string, cmd *exec.Cmd) (measured, error) {
	cmd.Env = append(os.Environ(), "PGHOST="+h.server.Host, "PGPORT="+strconv.Itoa(h.server.Port), "PGDATABASE="+database,
		"PGUSER="+embedded.App, "PGPASSWORD="+h.server.Passwords[embedded.App], "LC_ALL=C")
	before := h.spent()
	out, err := cmd.CombinedOutput()
	used := h.spent().less(before)
	if err != nil {
		return measured{}, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		used.Client += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	f, err := pgbenchLog(filepath.Join(h.dir, "pgbench-"+run))
	return measured{f, used}, err
}

// pgbenchLog reads the log of each transaction: client, number, microseconds, script,
// and when it ended (seconds, microseconds).
func pgbenchLog(prefix string) (figures, error) {
	files, err := filepath.Glob(prefix + ".*")
	if err != nil {
		return figures{}, err
	}
	var all []time.Duration
	var first, last time.Time
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return figures{}, err
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var client, no, us, script, sec, usec int64
			if _, err := fmt.Sscan(lines.Text(), &client, &no, &us, &script, &sec, &usec); err != nil {
				return figures{}, fmt.Errorf("%s: %w", name, err)
			}
			took, end := time.Duration(us)*time.Microsecond, time.Unix(sec, usec*1000)
			all = append(all, took)
			if begin := end.Add(-took); first.IsZero() || begin.Before(first) {
				first = begin
			}
			if end.After(last) {
				last = end
			}
		}
	}
	return newFigures(all, last.Sub(first)), nil
}

// numbered is the id that filing.sql makes of a number.
func numbered(run string, n int) string {
	return uuid.UUID(md5.Sum(fmt.Appendf(nil, "%s%d", run, n))).String()
}

// programs is the folder of the running server's programs.
func (h *house) programs() string {
	exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", h.server.PID())) // empty: nothing is found there
	return filepath.Dir(exe)
}

// agencies are ids and codes of agencies that dossiers went to, as arrays of PostgreSQL.
func (h *house) agencies(ctx context.Context, n int) (ids, codes string, err error) {
	err = h.super.QueryRowContext(ctx, `SELECT array_agg(id)::text, array_agg(code)::text FROM
		(SELECT a.id, a.code FROM agencies a JOIN code_counters c ON c.agency_id = a.id ORDER BY c.last DESC LIMIT $1) a`, n).Scan(&ids, &codes)
	return ids, codes, err
}

// written are the tables that a filing adds rows to. Jobs are not among them: they go when
// they are done.
var written = strings.Fields("deeds filings attachments events dossiers orders")

// bytes is how much stands in the rows of each such table.
func (h *house) bytes(ctx context.Context) (map[string]int64, error) {
	all := map[string]int64{}
	for _, table := range written {
		where := ""
		if table == "deeds" { // drafts were filled with keys too
			where = ` WHERE route LIKE '%/kiem-tra'`
		}
		var n int64
		if err := h.super.GetContext(ctx, &n, `SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM `+table+` t`+where); err != nil {
			return nil, err
		}
		all[table] = n
	}
	return all, nil
}
