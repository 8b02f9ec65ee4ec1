package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"bantin/config"
	"bantin/internal/demo"
)

type demoCmd struct {
	Once   bool   `help:"Do it once and end."`
	Out    string `placeholder:"DIR" help:"With --once: write the outputs to this directory."`
	Listen string `default:"127.0.0.1:8080" placeholder:"ADDRESS" help:"Where to serve the outputs (default: 127.0.0.1:8080)."`
}

// Run shows the whole program on sample sources, from the first fetch to the
// daemon. It talks to nothing but this machine.
func (c demoCmd) Run(s *session) (err error) {
	if c.Once != (c.Out != "") {
		return fmt.Errorf("%w: --once and --out DIR go together", errUsage)
	}
	dir, err := os.MkdirTemp("", "bantin-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	origin, closeOrigin, err := serveSources(s.ctx)
	if err != nil {
		return err
	}
	defer closeOrigin()

	k, err := learn()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, "bantin.yaml")
	text := demo.Config(origin, "sqlite:"+filepath.Join(dir, "bantin.db"), c.Listen)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return err
	}
	cfg, err := config.Load(path, k.known)
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(s.stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	a, err := wire(s.ctx, cfg, k, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()

	s.printf("Sample sources are served at %s\nFetching them into %s\n\n", origin, filepath.Join(dir, "bantin.db"))
	if _, err := a.fetch(s, nil); err != nil {
		return err
	}
	s.printf("\n")
	for _, d := range cfg.Digests {
		if err := a.digest(s, d.ID); err != nil {
			return err
		}
	}
	if c.Once {
		return a.export(s, c.Out)
	}
	c.tell(s, a, path)
	return a.daemon(s.ctx, logger)
}

// tell says where to look.
func (c demoCmd) tell(s *session, a *app, path string) {
	base := "http://" + c.Listen + "/"
	s.printf("\nPublished, and kept fresh until Ctrl-C:\n  %s  all channels and digests\n", base)
	for _, ch := range a.config.Channels {
		s.printf("  %sc/%s/  %s (rss.xml, atom.xml, feed.json)\n", base, ch.ID, ch.Title)
	}
	for _, d := range a.config.Digests {
		s.printf("  %sd/%s/  %s\n", base, d.ID, d.Title)
	}
	s.printf("Meanwhile, in another terminal: bantin status -c %s\n", path)
}

// serveSources serves the sample sources on a free port of the loopback address.
func serveSources(ctx context.Context) (origin string, closeServer func(), err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("serve the sample sources: %w", err)
	}
	server := newServer(demo.Handler())
	go func() { _ = server.Serve(listener) }() // should it end early, the fetch says so
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}
