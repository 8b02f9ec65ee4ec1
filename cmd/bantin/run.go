package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"bantin/internal/pipeline"
	"bantin/publisher"
)

type runCmd struct{}

// Run is the daemon.
func (runCmd) Run(s *session) (err error) {
	logger := slog.New(slog.NewTextHandler(s.stderr, nil))
	a, err := open(s.ctx, s.config, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.daemon(s.ctx, logger)
}

// daemon serves the outputs and keeps them fresh until ctx ends. The scheduler
// stops first, then the refreshes under way, then the server.
func (a *app) daemon(ctx context.Context, logger *slog.Logger) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	var site atomic.Pointer[publisher.Site]
	server := newServer(a.outputs(site.Load))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.config.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address in listen", a.config.Listen, err)
	}
	served := make(chan error, 1)
	go func() {
		err := server.Serve(listener)
		stop(err) // a daemon that nobody can read is of no use
		served <- err
	}()
	logger.InfoContext(ctx, "listening", "url", "http://"+listener.Addr().String()+"/")

	err = a.pipeline.Run(ctx, site.Store)
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(deadline))
	if serveErr := <-served; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return err
}

// outputs serves the rendered site, and issues of digests that are too old to
// be kept rendered.
func (a *app) outputs(current func() *publisher.Site) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", publisher.Handler(current))
	mux.HandleFunc("/d/{id}/{date}/{$}", func(w http.ResponseWriter, r *http.Request) {
		site := current()
		if site != nil {
			if _, rendered := site.File(r.URL.Path); !rendered {
				old, err := a.pipeline.IssueSite(r.Context(), r.PathValue("id"), r.PathValue("date"))
				if err == nil && old != nil {
					site = old
				}
			}
		}
		publisher.Handler(func() *publisher.Site { return site }).ServeHTTP(w, r)
	})
	return mux
}

// newServer bounds what one client can hold: headers within 5 s and 16 KB, an
// answer of some 100 KB within a minute even on a slow line, idle for two minutes.
func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}

type publishCmd struct {
	Out string `required:"" placeholder:"DIR" help:"The directory to write to; made when it is not there."`
}

// Run exports everything that is stored.
func (c publishCmd) Run(s *session) (err error) {
	a, err := open(s.ctx, s.config, slog.New(slog.NewTextHandler(s.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.pipeline.Register(s.ctx); err != nil {
		return err
	}
	return a.export(s, c.Out)
}

func (a *app) export(s *session, dir string) error {
	site, err := a.pipeline.Site(s.ctx, pipeline.AllIssues)
	if err != nil {
		return err
	}
	result, err := publisher.Export(dir, site)
	if err != nil {
		return err
	}
	s.printf("%s: %d files written, %d unchanged, %d removed\n", dir, result.Written, result.Unchanged, result.Removed)
	return nil
}
