// Command bench measures the portal against what the same machine could do: filings beside
// pgbench with the same rows, public pages beside a bare handler with the same bytes. It
// starts everything itself in a folder of its own, checks the data afterwards, and leaves
// nothing behind. Figures of two machines are not comparable; the ratios of one run are.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"motcua/portal/draft"
	"motcua/portal/national"
)

// options are what the command line says.
type options struct {
	Filings int           // over twenty agencies; half as many at one
	Clients int           // concurrent
	Limit   time.Duration // of each measured part
	Profile bool
	Out     io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "bare" { // the process of the bare handler
		return serveBare(ctx, os.Stdin, os.Stdout)
	}
	o := options{Out: os.Stdout}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&o.Filings, "n", 2400, "filings over twenty agencies; half as many at one agency")
	flags.IntVar(&o.Clients, "clients", 8, "concurrent clients")
	seconds := flags.Int("seconds", 8, "longest time of each measured part")
	flags.BoolVar(&o.Profile, "profile", true, "look what costs most: profile the program and count PostgreSQL's statements in a part of its own")
	silent := flags.Int("dead", 0, "measure only this: a public page beside so many forms while the population database is dead")
	procedures := flags.Int("catalogue", 0, "measure only this: searches and procedure pages of a catalogue of so many procedures")
	listed := flags.Int("import", 0, "measure only this: a national list of so many procedures from the file to what is published")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *silent < 0 || *silent > crowd*draft.MaxOpen/3-draft.MaxOpen {
		return errors.New("fewer forms than that")
	}
	if *listed < 0 || *listed > national.MaxRecords {
		return errors.New("fewer procedures than that")
	}
	if *listed > 0 {
		return imported(ctx, o, *listed)
	}
	if *silent > 0 {
		return dead(ctx, o, *silent)
	}
	o.Limit = time.Duration(*seconds) * time.Second
	if o.Filings < 20 || o.Filings > 20_000 || o.Clients < 1 || o.Clients > 64 || *seconds < 1 || *seconds > 60 {
		return errors.New("between 20 and 20000 filings, 1 and 64 clients, 1 and 60 seconds")
	}
	if *procedures != 0 {
		if *procedures < 500 || *procedures > 20_000 {
			return errors.New("between 500 and 20000 procedures")
		}
		return search(ctx, o, *procedures)
	}
	return bench(ctx, o)
}

// bench is the whole run, from nothing to nothing.
func bench(ctx context.Context, o options) (err error) {
	fmt.Fprintln(o.Out, "building and starting …")
	h, err := open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	r := &report{options: o}
	if err := r.machine(ctx, h); err != nil {
		return err
	}
	if err := r.filings(ctx, h); err != nil {
		return err
	}
	if err := r.pages(ctx, h); err != nil {
		return err
	}
	if err := h.stopProgram(); err != nil {
		return err
	}
	if err := r.limits(ctx, h); err != nil {
		return err
	}
	r.print()
	return h.verify(ctx, o.Out)
}
