// Command sandbox runs the stand-ins of the outside systems alone.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"motcua/portal/demo"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := demo.SandboxMain(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}
