// Command whole measures bantin as a whole process: how long one `bantin fetch`
// takes and how much memory it needs, on a farm of feeds, beside a bare Go client
// that asks for the same addresses and does nothing with the answers.
//
//	go run ./bench/whole                      a farm of its own: 1,000 feeds of 30 items
//	go run ./bench/whole -opml URL            the feeds of an OPML document of another farm
//
// It builds bantin and fetches into an empty SQLite store, again with nothing
// changed, and, from the farm of its own, with three new items in every tenth feed
// and where every answer is a 200 with the whole body.
package main

import (
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"bantin/bench/farm"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "whole:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var (
		opml  = flag.String("opml", "", "`URL` of an OPML document with the feeds; empty: a farm of its own")
		feeds = flag.Int("feeds", 1000, "feeds of the own farm")
		items = flag.Int("items", 30, "items per feed of the own farm")
		hosts = flag.Int("hosts", 200, "loopback addresses of the own farm")
		keep  = flag.String("dir", "", "work in this `directory` and keep it")
	)
	flag.Parse()

	dir := *keep
	if dir == "" {
		temp, err := os.MkdirTemp("", "bantin-bench-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(temp) }()
		dir = temp
	}
	var (
		urls []string
		own  *farm.Farm // nil for another one
		err  error
	)
	if *opml != "" {
		urls, err = readOPML(ctx, *opml)
	} else {
		own, urls, err = farm.Start(ctx, farm.Options{Feeds: *feeds, Items: *items, ItemBytes: 2500, Hosts: *hosts})
	}
	if err != nil {
		return err
	}
	binary := filepath.Join(dir, "bantin")
	//nolint:gosec // the operator names the directory
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/bantin").CombinedOutput(); err != nil {
		return fmt.Errorf("build bantin: %w\n%s", err, out)
	}
	if err := writeConfig(filepath.Join(dir, "bantin.yaml"), urls); err != nil {
		return err
	}
	return measure(ctx, dir, binary, urls, own)
}

// A round is one refresh of all feeds.
type round struct {
	name    string
	advance bool // every tenth feed has three new items
	deaf    bool // the farm answers 200 to every request
}

// measure runs the rounds, each beside the bare client.
func measure(ctx context.Context, dir, binary string, urls []string, own *farm.Farm) error {
	rows := []string{"run\twall s\tcpu s\tpeak MB\tbare client s\tstore MB\t\n"}
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 2}}
	validators := make([]validator, len(urls))
	rounds := []round{{name: "empty store"}, {name: "nothing changed"}}
	if own != nil {
		rounds = append(rounds,
			round{name: "10 % with 3 new items", advance: true},
			round{name: "nothing changed, same bytes", deaf: true},
			round{name: "10 % with 3 new items, others same bytes", advance: true, deaf: true})
	}
	for _, one := range rounds {
		if one.advance {
			own.Advance()
		}
		if own != nil {
			own.Deaf.Store(one.deaf)
		}
		bare, err := bareClient(ctx, client, urls, validators)
		if err != nil {
			return err
		}
		usage, err := bantin(ctx, dir, binary)
		if err != nil {
			return err
		}
		rows = append(rows, fmt.Sprintf("%s\t%.2f\t%.2f\t%.0f\t%.2f\t%.0f\t\n", one.name,
			usage.wall.Seconds(), usage.cpu.Seconds(), usage.peakMB, bare.Seconds(), storeMB(dir)))
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	if _, err := io.WriteString(w, strings.Join(rows, "")); err != nil {
		return err
	}
	return w.Flush()
}

type usage struct {
	wall, cpu time.Duration
	peakMB    float64
}

// bantin runs one fetch as a process of its own.
func bantin(ctx context.Context, dir, binary string) (usage, error) {
	cmd := exec.CommandContext(ctx, binary, "fetch")
	cmd.Dir = dir
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	peak := make(chan float64)
	ended := make(chan struct{})
	go func() { peak <- peakMB(cmd.Process.Pid, ended) }()
	err := cmd.Wait()
	wall := time.Since(start)
	close(ended)
	u := usage{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peakMB: <-peak}
	if err != nil {
		text := out.String()
		return u, fmt.Errorf("bantin fetch: %w: %s", err, text[max(0, len(text)-500):])
	}
	return u, nil
}

// peakMB watches a process until it has ended. The kernel's own figure for an
// ended child will not do: it counts this process, from before the exec.
func peakMB(pid int, ended <-chan struct{}) (peak float64) {
	clock := time.NewTicker(5 * time.Millisecond)
	defer clock.Stop()
	for {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid)) // 0 where there is no /proc
		for line := range strings.Lines(string(status)) {
			var kB float64
			if _, err := fmt.Sscanf(line, "VmHWM: %f", &kB); err == nil {
				peak = max(peak, kB/1024)
			}
		}
		select {
		case <-clock.C:
		case <-ended:
			return peak
		}
	}
}

func storeMB(dir string) float64 {
	total := int64(0)
	for _, name := range []string{"bantin.db", "bantin.db-wal"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			total += info.Size()
		}
	}
	return float64(total) / 1e6
}

type validator struct{ etag, modified string }

// bareClient asks for every address once, with the validators of the last
// time, 32 at once, and throws the answers away.
func bareClient(ctx context.Context, client *http.Client, urls []string, validators []validator) (time.Duration, error) {
	start := time.Now()
	next := make(chan int)
	var group sync.WaitGroup
	errs := make([]error, len(urls))
	for range 32 {
		group.Go(func() {
			for i := range next {
				errs[i] = get(ctx, client, urls[i], &validators[i])
			}
		})
	}
	for i := range urls {
		next <- i
	}
	close(next)
	group.Wait()
	return time.Since(start), errors.Join(errs...)
}

func get(ctx context.Context, client *http.Client, address string, v *validator) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	if v.etag != "" {
		request.Header.Set("If-None-Match", v.etag)
	}
	if v.modified != "" {
		request.Header.Set("If-Modified-Since", v.modified)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		*v = validator{response.Header.Get("ETag"), response.Header.Get("Last-Modified")}
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

func readOPML(ctx context.Context, address string) ([]string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var urls []string
	decoder := xml.NewDecoder(response.Body)
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return urls, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", address, err)
		}
		if start, ok := token.(xml.StartElement); ok {
			for _, attr := range start.Attr {
				if attr.Name.Local == "xmlUrl" {
					urls = append(urls, attr.Value)
				}
			}
		}
	}
}

func writeConfig(path string, urls []string) error {
	var b strings.Builder
	b.WriteString("site: {title: Đo tốc độ, url: \"http://127.0.0.1:8080/\"}\n" +
		"store: sqlite:bantin.db\nfetch: {allow_networks: [127.0.0.0/8]}\nsources:\n")
	for i, u := range urls {
		if _, err := url.Parse(u); err != nil {
			return err
		}
		fmt.Fprintf(&b, "  - {id: nguon-%d, name: Nguồn %d, feed: %q, republish: full}\n", i+1, i+1, u)
	}
	b.WriteString("channels:\n" +
		"  - {id: tat-ca, title: Tất cả}\n" +
		"  - {id: cong-nghiep, title: Công nghiệp, topics: [cong-nghiep]}\n" +
		"  - {id: cau, title: Cầu đường, any: [\"cầu\", \"đường\"], none: [\"xổ số\"]}\n")
	return os.WriteFile(path, []byte(b.String()), 0o600)
}
