// Command serve measures how bantin serves its outputs, as a real daemon: how
// many answers a second beside a bare net/http handler and nginx with the same
// bytes, and how long readers wait while 500 sources are fetched and while others
// misbehave.
//
//	go run ./bench/serve                  everything
//	go run ./bench/serve -only rates      or fetching, or abuse
//
// nginx is left out where it is not installed (apt-get install nginx-light).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"bantin/bench/farm"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var (
		only  = flag.String("only", "", "`measurement`: rates, fetching or abuse; empty: all")
		round = flag.Duration("round", time.Second, "how long each server is asked at a time")
		bare  = flag.String("bare", "", "be the bare server of the feed in this `directory`; used by the measurement itself")
	)
	flag.Parse()
	if *bare != "" {
		return serveBare(*bare)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	dir, err := os.MkdirTemp("", "bantin-serve-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "bantin")
	//nolint:gosec // a directory of our own
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/bantin").CombinedOutput(); err != nil {
		return fmt.Errorf("build bantin: %w\n%s", err, out)
	}
	b := bench{dir: dir, binary: binary, round: *round}
	measurements := []struct {
		name    string
		measure func(context.Context) error
	}{{"rates", b.rates}, {"fetching", b.fetching}, {"abuse", b.abuse}}
	known := false
	for _, m := range measurements {
		if *only != "" && *only != m.name {
			continue
		}
		known = true
		if err := m.measure(ctx); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	if !known {
		return fmt.Errorf("no measurement %q", *only)
	}
	return nil
}

type bench struct {
	dir, binary string
	round       time.Duration
}

// feedPath is the document that is asked for: RSS with 50 entries of about 3 KB.
const feedPath = "/c/tat-ca/rss.xml"

// A daemon is bantin as a process of its own.
type daemon struct {
	dir     string
	address string // host:port
	pid     int
	stop    func() error
}

// startDaemon runs bantin on a farm with that many feeds. Where fetchFirst is
// named they are fetched before, and the outputs written to that directory.
func (b *bench) startDaemon(ctx context.Context, name string, feeds int, fetchFirst string) (*daemon, error) {
	const items, itemBytes, hosts = 50, 1700, 100 // a feed of 150 KB
	ctx, cancel := context.WithCancel(ctx)
	_, urls, err := farm.Start(ctx, farm.Options{Feeds: feeds, Items: items, ItemBytes: itemBytes, Hosts: min(feeds, hosts)})
	if err != nil {
		cancel()
		return nil, err
	}
	d := &daemon{dir: filepath.Join(b.dir, name)}
	if d.address, err = freeAddress(ctx); err != nil {
		cancel()
		return nil, err
	}
	if err = os.MkdirAll(d.dir, 0o700); err == nil {
		err = writeConfig(filepath.Join(d.dir, "bantin.yaml"), d.address, urls)
	}
	if err != nil {
		cancel()
		return nil, err
	}
	if fetchFirst != "" {
		for _, args := range [][]string{{"fetch"}, {"publish", "--out", fetchFirst}} {
			cmd := exec.CommandContext(ctx, b.binary, args...) //nolint:gosec // built above
			cmd.Dir = d.dir
			if out, err := cmd.CombinedOutput(); err != nil {
				cancel()
				return nil, fmt.Errorf("bantin %s: %w: %s", args[0], err, out)
			}
		}
	}
	cmd := exec.CommandContext(ctx, b.binary, "run") //nolint:gosec // built above
	cmd.Dir = d.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	d.pid = cmd.Process.Pid
	d.stop = func() error {
		cancel()
		err := cmd.Wait()
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	}
	return d, nil
}

func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

func writeConfig(path, address string, urls []string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "site: {title: Đo tốc độ, url: \"http://%s/\"}\nlisten: %s\n", address, address)
	b.WriteString("store: sqlite:bantin.db\nfetch: {allow_networks: [127.0.0.0/8]}\nsources:\n")
	for i, u := range urls {
		if _, err := url.Parse(u); err != nil {
			return err
		}
		fmt.Fprintf(&b, "  - {id: nguon-%d, name: Nguồn %d, feed: %q, republish: full, full_text: never}\n", i+1, i+1, u)
	}
	b.WriteString("channels:\n  - {id: tat-ca, title: Tất cả, limit: 50}\n")
	return os.WriteFile(path, []byte(b.String()), 0o600)
}
