package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/netutil"

	"bantin/internal/pipeline"
	"bantin/publisher"
)

type runCmd struct{}

// Run is the daemon.
func (runCmd) Run(s *session) error {
	return s.withApp(slog.LevelInfo, func(a *app) error {
		listener, err := listen(s.ctx, a.config.Listen, "listen")
		if err != nil {
			return err
		}
		return a.daemon(s.ctx, listener)
	})
}

// listen opens a port; setting is what the operator changes where it cannot be.
func listen(ctx context.Context, address, setting string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; choose another address with %s", address, err, setting)
	}
	return listener, nil
}

// daemon serves the outputs and keeps them fresh until ctx ends. The scheduler
// stops first, then the refreshes under way, then the server.
func (a *app) daemon(ctx context.Context, listener net.Listener) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var site atomic.Pointer[publisher.Site]
	changed := make(chan struct{}, 1)
	var exports sync.WaitGroup
	if a.config.Publish.Dir != "" {
		exports.Go(func() { a.keepExported(ctx, site.Load, changed) })
		defer exports.Wait()
		defer stop(nil)
	}
	server := newServer(a.outputs(site.Load))
	served := make(chan error, 1)
	go func() {
		err := server.Serve(netutil.LimitListener(listener, maxConnections))
		stop(err) // a daemon that nobody can read is of no use
		served <- err
	}()
	a.logger.InfoContext(ctx, "listening", "url", "http://"+listener.Addr().String()+"/")

	err := a.pipeline.Run(ctx, func(s *publisher.Site) {
		site.Store(s)
		tell(changed)
	})
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(deadline) != nil {
		err = errors.Join(err, server.Close()) // who reads that slowly must ask again
	}
	if serveErr := <-served; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return err
}

// oldIssueTimeout bounds the rendering of an issue that is not kept rendered.
const oldIssueTimeout = 5 * time.Second

// outputs serves the rendered site, and what is not kept rendered: issues of
// digests that are too old for it, and archives.
func (a *app) outputs(current func() *publisher.Site) http.Handler {
	handler := publisher.Handler(current)
	mux := http.NewServeMux()
	mux.Handle("/", handler)
	mux.HandleFunc("GET /d/{id}/{date}/{$}", func(w http.ResponseWriter, r *http.Request) {
		site := current()
		if site == nil || has(site, r.URL.Path) {
			handler.ServeHTTP(w, r)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), oldIssueTimeout)
		defer cancel()
		old, err := a.pipeline.IssueSite(ctx, r.PathValue("id"), r.PathValue("date"))
		switch {
		case err != nil:
			a.logger.ErrorContext(r.Context(), "render an old issue", "path", r.URL.Path, "error", err)
			w.Header().Set("Retry-After", "60") // seconds; a store that is down takes a while
			http.Error(w, "the archive cannot be read at the moment", http.StatusServiceUnavailable)
		case old == nil:
			handler.ServeHTTP(w, r) // it says that there is no such page
		default:
			publisher.Handler(func() *publisher.Site { return old }).ServeHTTP(w, r)
		}
	})
	mux.HandleFunc("GET /{kind}/{channel}/archive/{part}/{name...}", func(w http.ResponseWriter, r *http.Request) {
		document, err := a.pipeline.Archive(r.Context(), r.URL.Path)
		switch {
		case err != nil:
			a.logger.ErrorContext(r.Context(), "render an archive", "error", err)
			w.Header().Set("Retry-After", "60") // seconds, as above
			http.Error(w, "the archive cannot be read at the moment", http.StatusServiceUnavailable)
		case document == nil:
			handler.ServeHTTP(w, r)
		default:
			document.ServeHTTP(w, r)
		}
	})
	mux.HandleFunc("GET "+healthPath, a.serveHealth)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if site := current(); site != nil && has(site, r.URL.Path) { // nearly always
			handler.ServeHTTP(w, r)
			return
		}
		publisher.SetCommonHeaders(w.Header()) // errors and redirects have them too
		mux.ServeHTTP(w, r)
	})
}

func has(site *publisher.Site, path string) bool {
	_, ok := site.File(path)
	return ok
}

// newServer bounds what one client can hold: a request, which has no body, within
// 5 s and 16 KB, an answer of some 100 KB within a minute even on a slow line,
// idle for two minutes, and less when many are idle.
func newServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:        h,
		ConnState:      newLobby().follow,
		ReadTimeout:    5 * time.Second,
		WriteTimeout:   time.Minute,
		IdleTimeout:    2 * time.Minute,
		MaxHeaderBytes: 16 << 10,
	}
}

type publishCmd struct {
	Out string `required:"" placeholder:"DIR" help:"The directory to write to; made when it is not there."`
}

// Run exports everything that is stored.
func (c publishCmd) Run(s *session) error {
	return s.withApp(slog.LevelWarn, func(a *app) error {
		if err := a.pipeline.Decide(s.ctx); err != nil {
			return err
		}
		return a.export(s, c.Out)
	})
}

func (a *app) export(s *session, dir string) error {
	site, err := a.pipeline.Site(s.ctx, pipeline.AllIssues)
	if err != nil {
		return err
	}
	result, err := publisher.NewExporter(dir).Export(s.ctx, site, func(taker *publisher.Taker) error {
		return a.pipeline.ArchiveDocuments(s.ctx, taker)
	})
	if err != nil {
		return err
	}
	s.printf("%s: %d files written, %d unchanged, %d removed\n", dir, result.Written, result.Unchanged, result.Removed)
	return nil
}
