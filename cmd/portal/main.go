// Command portal serves Một Cửa. See README.md for its commands.
package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"motcua/portal"
)

// command is a word after "portal".
type command struct {
	name, says string
	run        func(ctx context.Context, args []string) error
}

var commands = []command{
	{"serve", "run the portal; settings come by the environment (README, \"Settings\")", serve},
	{"migrate", "bring the database's schema up, as its owner (MIGRATE_DATABASE_URL)", migrate},
	{"import", "import province FOLDER or ZIP | catalogue FOLDER | content FOLDER | units FILE | national FILE [-dry]", imports},
	{"verify", "compare files with rows, the audit log with its seals, the ledger with receipts", verify},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "portal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		if i := slices.IndexFunc(commands, func(c command) bool { return c.name == args[0] }); i >= 0 {
			return commands[i].run(ctx, args[1:])
		}
	}
	var b strings.Builder
	b.WriteString("say what to do:\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "  portal %-8s %s\n", c.name, c.says)
	}
	return errors.New(b.String())
}

func logger() *slog.Logger { return slog.New(slog.NewJSONHandler(os.Stderr, nil)) }

func serve(ctx context.Context, _ []string) error {
	cfg, err := portal.ConfigFrom(os.Getenv)
	if err != nil {
		return err
	}
	cfg.Log = logger()
	return portal.Run(ctx, cfg)
}

func migrate(ctx context.Context, _ []string) error {
	return portal.Migrate(ctx, os.Getenv("MIGRATE_DATABASE_URL"))
}

// withPortal opens the portal's rooms without serving, for the commands on its data.
func withPortal(ctx context.Context, do func(p *portal.Portal) error) error {
	cfg, err := portal.ConfigFrom(os.Getenv)
	if err != nil {
		return err
	}
	cfg.Log = logger()
	p, err := portal.Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer p.Close()
	return do(p)
}

func imports(ctx context.Context, args []string) error {
	dry := len(args) == 3 && args[0] == "national" && args[2] == "-dry"
	if len(args) != 2 && !dry {
		return errors.New("say what to import: province FOLDER or ZIP, catalogue FOLDER, content FOLDER, units FILE or national FILE [-dry]")
	}
	return withPortal(ctx, func(p *portal.Portal) error {
		switch args[0] {
		case "province":
			return importProvince(ctx, p, args[1])
		case "catalogue":
			return p.ImportCatalogue(ctx, os.DirFS(args[1]))
		case "content":
			return p.ImportContent(ctx, os.DirFS(args[1]))
		case "units":
			file, err := os.ReadFile(args[1])
			if err != nil {
				return err
			}
			return p.ImportUnits(ctx, filepath.Base(args[1]), file, os.Stdout)
		case "national":
			file, err := os.ReadFile(args[1])
			if err != nil {
				return err
			}
			return p.ImportNational(ctx, filepath.Base(args[1]), file, dry, os.Stdout)
		}
		return fmt.Errorf("there is no import of %q", args[0])
	})
}

// importProvince takes a pack in from its folder, or from that folder as one ZIP file.
func importProvince(ctx context.Context, p *portal.Portal, at string) error {
	info, err := os.Stat(at)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return p.ImportProvince(ctx, os.DirFS(at))
	}
	file, err := zip.OpenReader(at)
	if err != nil {
		return fmt.Errorf("province pack %s: %w", at, err)
	}
	defer file.Close()
	return p.ImportProvince(ctx, file)
}

func verify(ctx context.Context, _ []string) error {
	return withPortal(ctx, func(p *portal.Portal) error { return p.Verify(ctx, os.Stdout) })
}
