package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

const (
	rounds      = 9
	connections = 32
)

// A contestant serves the feed at an address.
type contestant struct {
	name, address string
	etag          string // of its gzip
	rates         map[string][]float64
}

// rates asks three servers for the same bytes, by turns, as fast as they answer.
func (b *bench) rates(ctx context.Context) error {
	public := filepath.Join(b.dir, "public")
	d, err := b.startDaemon(ctx, "rates", 1, public)
	if err != nil {
		return err
	}
	defer func() { _ = d.stop() }()
	bare, stopBare, err := b.startBare(ctx, public)
	if err != nil {
		return err
	}
	defer stopBare()
	contestants := []*contestant{{name: "bantin", address: d.address}, {name: "bare net/http", address: bare}}
	nginx, stopNginx, err := b.startNginx(ctx, public)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		fmt.Println("nginx is not installed and left out")
	case err != nil:
		return err
	default:
		defer stopNginx()
		contestants = append(contestants, &contestant{name: "nginx", address: nginx})
	}
	plain, packed := 0, 0
	for _, c := range contestants {
		c.rates = map[string][]float64{}
		if plain, _, err = c.first(ctx); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if packed, c.etag, err = c.first(ctx, "Accept-Encoding: gzip"); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Printf("%s: %d bytes, %d with gzip, %s\n", c.name, plain, packed, c.etag)
	}
	kinds := []string{"200 gzip", "304"}
	for range rounds {
		for _, kind := range kinds {
			for _, c := range contestants {
				got, err := rate(ctx, c.request(kind), connections, b.round)
				if err != nil {
					return fmt.Errorf("%s: %w", c.name, err)
				}
				c.rates[kind] = append(c.rates[kind], got)
			}
		}
	}
	for _, kind := range kinds {
		ours := contestants[0].rates[kind]
		for _, c := range contestants {
			fmt.Printf("%-9s %-14s %8.0f/s   bantin is %.2f times as fast\n", kind, c.name, median(c.rates[kind]), median(ratios(ours, c.rates[kind])))
		}
	}
	return nil
}

// ratios compares round by round: what else the machine does is the same for
// neighbours, and not from round to round.
func ratios(ours, theirs []float64) []float64 {
	of := make([]float64, len(ours))
	for i := range of {
		of[i] = ours[i] / theirs[i]
	}
	return of
}

func (c *contestant) request(kind string) request {
	if kind == "304" {
		return newRequest(c.address, feedPath, http.StatusNotModified, "Accept-Encoding: gzip", "If-None-Match: "+c.etag)
	}
	return newRequest(c.address, feedPath, http.StatusOK, "Accept-Encoding: gzip")
}

// first asks until the server is there.
func (c *contestant) first(ctx context.Context, headers ...string) (length int, etag string, err error) {
	r := newRequest(c.address, feedPath, http.StatusOK, headers...)
	for deadline := time.Now().Add(answerTimeout); ; {
		var conn *connection
		if conn, err = connect(ctx, c.address); err == nil {
			length, etag, err = conn.ask(&r, "ETag")
			_ = conn.conn.Close()
		}
		if err == nil || ctx.Err() != nil || time.Now().After(deadline) {
			return length, etag, err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// startBare starts this program once more as the bare server.
func (b *bench) startBare(ctx context.Context, public string) (address string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	if address, err = freeAddress(ctx); err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-bare", public) //nolint:gosec // this very program
	cmd.Env = append(os.Environ(), "ADDRESS="+address)
	cmd.Stderr = os.Stderr
	return address, func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }, cmd.Start()
}

// serveBare is the least that a handler can do: the bytes are in memory, and it
// knows their tag.
func serveBare(public string) error {
	plain, err := os.ReadFile(filepath.Join(public, filepath.FromSlash(feedPath)))
	if err != nil {
		return err
	}
	packed, err := os.ReadFile(filepath.Join(public, filepath.FromSlash(feedPath)) + ".gz")
	if err != nil {
		return err
	}
	const etag = `"0123456789abcdef0123456789abcdef"` // as long as ours
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		body := plain
		if r.Header.Get("Accept-Encoding") == "gzip" {
			body = packed
			w.Header().Set("Content-Encoding", "gzip")
		}
		w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
	server := &http.Server{Addr: os.Getenv("ADDRESS"), Handler: handler, ReadHeaderTimeout: time.Minute}
	return server.ListenAndServe()
}

// startNginx starts nginx with two workers, as it would be set up for such files.
func (b *bench) startNginx(ctx context.Context, public string) (address string, stop func(), err error) {
	binary, err := exec.LookPath("nginx")
	if err != nil {
		if binary, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			return "", nil, err
		}
	}
	if address, err = freeAddress(ctx); err != nil {
		return "", nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", nil, err
	}
	// It may run as another user, who must be able to reach the files.
	for _, path := range []string{b.dir, public} {
		if err := os.Chmod(path, 0o755); err != nil { //nolint:gosec // public files
			return "", nil, err
		}
	}
	var conf bytes.Buffer
	fmt.Fprintf(&conf, `daemon off; worker_processes 2; pid %[1]s/nginx.pid; error_log %[1]s/nginx.log;
events { worker_connections 4096; }
http {
	access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
	default_type application/octet-stream; types { application/rss+xml xml; }
	server { listen 127.0.0.1:%[2]s; root %[3]s; gzip_static on; }
}
`, b.dir, port, public)
	path := filepath.Join(b.dir, "nginx.conf")
	if err := os.WriteFile(path, conf.Bytes(), 0o600); err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, binary, "-c", path, "-e", filepath.Join(b.dir, "nginx.log")) //nolint:gosec // nginx
	// The master ends its workers.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	return address, func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() }, cmd.Start()
}
