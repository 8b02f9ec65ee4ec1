// Command mongod starts a server that speaks MongoDB's wire protocol, for the
// tests of internal/store/mongo on a machine without MongoDB. It prints one line,
// the URI of the server, and runs until SIGINT or SIGTERM:
//
//	go run .
//	BANTIN_TEST_MONGODB=mongodb://127.0.0.1:PORT/ go test ./internal/store/mongo
//
// It is FerretDB 1.24 on SQLite, in a folder that it removes at the end. It is a
// stand-in: identity is kept there (unique indexes), but a change of one document
// is not atomic, and most queries read the whole collection. It is a module of its
// own so that Bantin's go.mod lists only what Bantin needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mongod:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends or, with -stdin, until stdin does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("mongod", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:0", "`address` to listen on; port 0 takes a free one")
	withStdin := flags.Bool("stdin", false, "stop when stdin is closed, so that no server outlives its test")
	if err := flags.Parse(args); err != nil {
		return err
	}

	folder, err := os.MkdirTemp("", "bantin-mongod-")
	if err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: *listen},
		Logger:    slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
	})
	if err != nil {
		return fmt.Errorf("start FerretDB: %w", err)
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if *withStdin {
		go func() {
			_, _ = io.Copy(io.Discard, stdin) // an error ends stdin as well
			cancel()
		}()
	}
	go func() {
		// The address is known only after Run began; MongoDBURI waits for it.
		if _, err := fmt.Fprintln(stdout, server.MongoDBURI()); err != nil {
			cancel() // nobody can find the server
		}
	}()
	return server.Run(ctx)
}
