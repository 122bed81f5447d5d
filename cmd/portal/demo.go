//go:build !production

package main

import (
	"context"
	"flag"
	"log/slog"
	"os"

	"motcua/portal/demo"
)

func init() {
	commands = append([]command{{"demo", "set everything up on this machine and serve it: -listen ADDR, -data DIR, -yes", runDemo}}, commands...)
	commands = append(commands, command{"sandbox", "run the stand-ins of the outside systems alone: -data DIR, -portal URL", runSandbox})
}

func runDemo(ctx context.Context, args []string) error {
	o := demo.Options{Out: os.Stdout, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.StringVar(&o.Listen, "listen", "127.0.0.1:8080", "address of the portal")
	flags.StringVar(&o.Operator, "operator", "127.0.0.1:0", "address of the operator's pages")
	flags.StringVar(&o.URL, "url", "", "how people reach the portal, where that is not the address it listens on")
	flags.StringVar(&o.Data, "data", ".data", "folder of the database, the files and the stand-ins")
	flags.BoolVar(&o.Yes, "yes", false, "install PostgreSQL without asking, where it is missing")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return demo.Run(ctx, o)
}

func runSandbox(ctx context.Context, args []string) error {
	return demo.SandboxMain(ctx, args)
}
