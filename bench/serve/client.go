package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A request is what is sent over and over, and the status that must come back.
type request struct {
	address string // host:port
	bytes   []byte
	status  int
}

func newRequest(address, path string, status int, headers ...string) request {
	lines := append([]string{"GET " + path + " HTTP/1.1", "Host: " + address}, headers...)
	return request{address: address, bytes: []byte(strings.Join(lines, "\r\n") + "\r\n\r\n"), status: status}
}

// A connection is kept alive. It parses as little as it can: what the client
// takes, the servers beside it on the same processors do not get.
type connection struct {
	conn   net.Conn
	reader *bufio.Reader
}

func connect(ctx context.Context, address string) (*connection, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn, reader: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// answerTimeout is far above what any answer may take.
const answerTimeout = 30 * time.Second

// ask sends the request and reads the answer, of which it returns the length and
// the header with that name.
func (c *connection) ask(r *request, header string) (length int, value string, err error) {
	if err := c.conn.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return 0, "", err
	}
	if _, err := c.conn.Write(r.bytes); err != nil {
		return 0, "", err
	}
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return 0, "", err
	}
	if len(line) < len("HTTP/1.1 200") || string(line[9:12]) != strconv.Itoa(r.status) {
		return 0, "", fmt.Errorf("want status %d: %s", r.status, bytes.TrimSpace(line))
	}
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, "", err
		}
		if len(line) <= len("\r\n") {
			break
		}
		if text, ok := cutHeader(line, "Content-Length"); ok {
			if length, err = strconv.Atoi(text); err != nil {
				return 0, "", err
			}
		}
		if text, ok := cutHeader(line, header); ok {
			value = text
		}
	}
	_, err = c.reader.Discard(length)
	return length, value, err
}

func cutHeader(line []byte, name string) (string, bool) {
	if len(line) <= len(name) || name == "" || line[len(name)] != ':' || !strings.EqualFold(string(line[:len(name)]), name) {
		return "", false
	}
	return string(bytes.TrimSpace(line[len(name)+1:])), true
}

// rate is how many answers a second some connections get that ask as fast as
// they can.
func rate(ctx context.Context, r request, connections int, during time.Duration) (float64, error) {
	var group sync.WaitGroup
	var answers atomic.Int64
	errs := make([]error, connections)
	start := time.Now()
	for i := range connections {
		group.Go(func() {
			c, err := connect(ctx, r.address)
			if err != nil {
				errs[i] = err
				return
			}
			defer func() { _ = c.conn.Close() }()
			for time.Since(start) < during && ctx.Err() == nil {
				if _, _, err := c.ask(&r, ""); err != nil {
					errs[i] = err
					return
				}
				answers.Add(1)
			}
		})
	}
	group.Wait()
	return float64(answers.Load()) / time.Since(start).Seconds(), errors.Join(errs...)
}

// waits are how long readers waited.
type waits []time.Duration

func (w waits) percentile(p float64) time.Duration {
	return w[min(int(float64(len(w))*p/100), len(w)-1)]
}

func (w waits) String() string {
	at := func(p float64) string { return fmt.Sprintf("%.2f ms", w.percentile(p).Seconds()*1e3) }
	return fmt.Sprintf("p50 %s, p99 %s, longest %s (%d answers)", at(50), at(99), at(100), len(w))
}

// ask200 asks 200 times a second, at fixed times, whether answers come or not. A
// reader's wait begins when its time has come: a server that stalls makes all
// wait who come meanwhile.
func ask200(ctx context.Context, requests []request, during time.Duration) (waits, error) {
	const perSecond, readers = 200, 64
	due := make(chan time.Time, int(during.Seconds()*perSecond)+1)
	results := make([]waits, readers)
	errs := make([]error, readers)
	var group sync.WaitGroup
	for i := range readers {
		group.Go(func() { results[i], errs[i] = read(ctx, requests, due) })
	}
	clock := time.NewTicker(time.Second / perSecond)
	defer clock.Stop()
	for end := time.Now().Add(during); time.Now().Before(end); {
		select {
		case at := <-clock.C:
			due <- at
		case <-ctx.Done():
			close(due)
			return nil, ctx.Err()
		}
	}
	close(due)
	group.Wait()
	all := slices.Concat(results...)
	slices.Sort(all)
	if len(all) == 0 {
		return nil, errors.Join(append(errs, errors.New("nobody was answered"))...)
	}
	return all, errors.Join(errs...)
}

// read is one reader with a connection of its own to each address.
func read(ctx context.Context, requests []request, due <-chan time.Time) (waits, error) {
	var found waits
	connections := make([]*connection, len(requests))
	for i, r := range requests {
		c, err := connect(ctx, r.address)
		if err != nil {
			return nil, err
		}
		defer func() { _ = c.conn.Close() }()
		connections[i] = c
	}
	n := 0
	for at := range due {
		n++
		i := n % len(requests)
		if _, _, err := connections[i].ask(&requests[i], ""); err != nil {
			return found, err
		}
		found = append(found, time.Since(at))
	}
	return found, nil
}
