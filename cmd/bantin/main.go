// Command bantin gathers Vietnamese provincial news from feeds and pages and
// publishes it again as curated feeds, pages and digests.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"bantin/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	report(err)
	os.Exit(exitCode(err))
}

// report prints an error. Problems of the configuration stand alone, each on a
// line that begins with its file and place; of sources that failed the summary
// has told already.
func report(err error) {
	switch _, isConfig := errors.AsType[*config.Error](err); {
	case err == nil, errors.Is(err, errSourcesFailed):
	case isConfig:
		fmt.Fprintln(os.Stderr, err)
	default:
		fmt.Fprintln(os.Stderr, "bantin:", err)
	}
}

// exitCode is 0 when all went well, 2 when the command line or the
// configuration is wrong, and 1 for every other failure.
func exitCode(err error) int {
	var configErr *config.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &configErr), errors.Is(err, errUsage):
		return 2
	}
	return 1
}
