package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// watched is how long the waits of readers are watched.
const watched = 20 * time.Second

// requests are what feed readers ask, plain and with what they have.
func (b *bench) requests(ctx context.Context, d *daemon) ([]request, error) {
	c := contestant{name: "bantin", address: d.address}
	if _, _, err := c.first(ctx); err != nil {
		return nil, err
	}
	return []request{
		newRequest(d.address, feedPath, http.StatusOK, "Accept-Encoding: gzip, deflate"),
		newRequest(d.address, feedPath, http.StatusOK, "Accept-Encoding: gzip, deflate, br", `If-None-Match: "an-older-one"`),
		newRequest(d.address, "/", http.StatusOK),
	}, nil
}

// fetching watches readers while 500 sources are fetched for the first time,
// parsed, stored and published.
func (b *bench) fetching(ctx context.Context) error {
	const sources = 500
	d, err := b.startDaemon(ctx, "fetching", sources, "")
	if err != nil {
		return err
	}
	defer func() { _ = d.stop() }()
	requests, err := b.requests(ctx, d)
	if err != nil {
		return err
	}
	busy, err := ask200(ctx, requests, watched)
	if err != nil {
		return err
	}
	fmt.Printf("while %d sources are fetched: %v; peak memory %.0f MB\n", sources, busy, peakMB(d.pid))
	return nil
}

// abuse watches readers while nobody else is there and while others misbehave.
func (b *bench) abuse(ctx context.Context) error {
	d, err := b.startDaemon(ctx, "abuse", 1, b.dir+"/abuse-public")
	if err != nil {
		return err
	}
	defer func() { _ = d.stop() }()
	requests, err := b.requests(ctx, d)
	if err != nil {
		return err
	}
	calm, err := ask200(ctx, requests, watched)
	if err != nil {
		return err
	}
	fmt.Printf("calm:          %v; peak memory %.0f MB\n", calm, peakMB(d.pid))
	abuser, cancel := context.WithCancel(ctx)
	defer cancel()
	crowd := abuseAll(abuser, d.address)
	time.Sleep(3 * time.Second) // until all are there
	pestered, err := ask200(ctx, requests, watched)
	cancel()
	idle, others := crowd.end()
	if err != nil {
		return err
	}
	fmt.Printf("with abusers:  %v; peak memory %.0f MB\n", pestered, peakMB(d.pid))
	fmt.Printf("p99 is %.2f times the calm one; %d idle connections, %d bad requests answered or cut off\n",
		float64(pestered.percentile(99))/float64(calm.percentile(99)), idle, others)
	return nil
}

// A crowd is many who misbehave.
type crowd struct {
	group        sync.WaitGroup
	idle, others atomic.Int64
}

func (c *crowd) end() (idle, others int64) {
	c.group.Wait()
	return c.idle.Load(), c.others.Load()
}

func abuseAll(ctx context.Context, address string) *crowd {
	c := new(crowd)
	const idle, slow = 10_000, 200
	// A loopback address has 28,000 ports; each of these connects from another.
	for n := range idle {
		c.group.Go(func() {
			if conn, err := dialFrom(ctx, n, address); err == nil {
				c.idle.Add(1)
				<-ctx.Done()
				_ = conn.Close()
			}
		})
	}
	for n := range slow { // they ask for a feed and read a byte a second
		c.group.Go(func() { c.readSlowly(ctx, n, address) })
	}
	for _, text := range badRequests() {
		c.group.Go(func() { c.repeat(ctx, address, text) })
	}
	return c
}

// dialFrom connects from one of several loopback addresses.
func dialFrom(ctx context.Context, n int, address string) (net.Conn, error) {
	ips := [...]net.IP{net.IPv4(127, 2, 0, 1), net.IPv4(127, 2, 0, 2), net.IPv4(127, 2, 0, 3), net.IPv4(127, 2, 0, 4)}
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: ips[n%len(ips)]}}
	return dialer.DialContext(ctx, "tcp", address)
}

func (c *crowd) readSlowly(ctx context.Context, n int, address string) {
	for ctx.Err() == nil {
		conn, err := dialFrom(ctx, n, address)
		if err != nil {
			return
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetReadBuffer(1) // the kernel makes it some KB: less than an answer
		}
		one := []byte("GET " + feedPath + " HTTP/1.1\r\nHost: x\r\n\r\n")
		for ctx.Err() == nil && err == nil {
			if _, err = conn.Write(one); err == nil {
				_, err = conn.Read(make([]byte, 1))
			}
			time.Sleep(time.Second)
		}
		_ = conn.Close()
		c.others.Add(1)
	}
}

// badRequests are what a scanner sends, and worse.
func badRequests() []string {
	get := func(path string, headers ...string) string {
		return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(headers, "") + "\r\n"
	}
	return []string{
		get(feedPath, "X-Huge: "+strings.Repeat("a", 1<<20)+"\r\n"),
		get(feedPath, strings.Repeat("X-Many: a\r\n", 10_000)),
		get(feedPath, "If-None-Match: "+strings.Repeat(`"a",`, 3_000)+"\r\n"), // as much as gets in
		get(feedPath, "Accept-Encoding: "+strings.Repeat("a;q=0.1,", 1_500)+"\r\n"),
		get(feedPath, "Range: bytes="+strings.Repeat("0-0,", 3_000)+"1-1\r\n"),
		get("/c/../../../../etc/passwd"),
		get("/c/%2e%2e/%2e%2e/etc/passwd"),
		get(feedPath + "%00"),
		get(`/c\..\..\windows\win.ini`),
		get("/c/tat-ca/feed.yaml"),
		get("/" + strings.Repeat("a/", 4_000)),
		get("/d/khong-co/2020-01-01/"),
		get("/c/tat-ca/archive/1999-01/rss.xml"),
		"GET " + feedPath + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n",
		"POST " + feedPath + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", // TLS where there is none
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		strings.Repeat("\x00", 1000),
	}
}

// repeat sends a request on a new connection, 20 times a second.
func (c *crowd) repeat(ctx context.Context, address, text string) {
	for ctx.Err() == nil {
		c.send(ctx, address, text)
		time.Sleep(50 * time.Millisecond)
	}
}

func (c *crowd) send(ctx context.Context, address, text string) {
	conn, err := dialFrom(ctx, 0, address)
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(time.Second)) // many are not answered at all
	_, _ = conn.Write([]byte(text))
	_, err = conn.Read(make([]byte, 4096))
	if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
		c.others.Add(1)
	}
}

// peakMB is the most memory that a process had; 0 where there is no /proc.
func peakMB(pid int) float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		var kB float64
		if _, err := fmt.Sscanf(line, "VmHWM: %f", &kB); err == nil {
			return kB / 1024
		}
	}
	return 0
}
