package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

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
	var outputs net.Listener
	if !c.Once { // before any work is done for it
		if outputs, err = listen(s.ctx, c.Listen, "--listen"); err != nil {
			return err
		}
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

	s.configPath = filepath.Join(dir, "bantin.yaml")
	text := demo.Config(origin, "sqlite:bantin.db", c.Listen)
	if err := os.WriteFile(s.configPath, text, 0o600); err != nil {
		return err
	}
	s.printf("Sample sources are served at %s\nFetching them into %s\n\n", origin, filepath.Join(dir, "bantin.db"))
	return s.withApp(slog.LevelError, func(a *app) error { return c.show(s, a, outputs) })
}

// show leads the sample sources through the whole program.
func (c demoCmd) show(s *session, a *app, outputs net.Listener) error {
	if _, err := a.fetch(s, nil); err != nil {
		return err
	}
	s.printf("\n")
	for _, d := range a.config.Digests {
		if err := a.digest(s, d.ID); err != nil {
			return err
		}
	}
	if c.Once {
		return a.export(s, c.Out)
	}
	c.tell(s, a, s.configPath)
	return a.daemon(s.ctx, outputs)
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
