package fetcher_test

import (
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"bantin/fetcher"
	"bantin/internal/article"
)

// A wiretap answers every request with one head, and keeps the requests as they
// came over the wire.
type wiretap struct {
	url  string
	mu   sync.Mutex
	came []string
}

func newWiretap(tb testing.TB, head string) *wiretap {
	tb.Helper()
	tap := &wiretap{}
	tap.url = "http://" + rawServer(tb, func(conn net.Conn, _ <-chan struct{}) {
		request := make([]byte, 16<<10)
		n := 0
		for !strings.Contains(string(request[:n]), "\r\n\r\n") {
			got, err := conn.Read(request[n:])
			if err != nil {
				return
			}
			n += got
		}
		tap.mu.Lock()
		tap.came = append(tap.came, string(request[:n]))
		tap.mu.Unlock()
		_, _ = io.WriteString(conn, head+"Content-Length: 6\r\nConnection: close\r\n\r\n<rss/>")
	})
	return tap
}

// check fails the test unless each request is one request with our fields alone,
// and at least so many came.
func (w *wiretap) check(tb testing.TB, least int) {
	tb.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.came) < least {
		tb.Errorf("got %d requests, want %d", len(w.came), least)
	}
	ours := []string{"Host", "User-Agent", "Accept", "Accept-Encoding", "If-None-Match", "If-Modified-Since"}
	for _, request := range w.came {
		lines := strings.Split(strings.TrimSuffix(request, "\r\n\r\n"), "\r\n")
		if words := strings.Split(lines[0], " "); len(words) != 3 || words[0] != "GET" || words[2] != "HTTP/1.1" {
			tb.Errorf("the request line is %q", lines[0])
		}
		for _, line := range lines[1:] {
			name, value, _ := strings.Cut(line, ":")
			if !slices.Contains(ours, name) || strings.ContainsAny(value, "\r\n\x00") {
				tb.Errorf("the request has the line %q", line)
			}
		}
	}
}

// What servers send as validators never becomes a line of its own in a request,
// nor does what a store that was tampered with has in their place.
func TestValidatorsInjectNoHeader(t *testing.T) {
	const evil = "X-Evil: 1"
	for name, value := range map[string]string{
		"bare CR":   "\"a\r" + evil + "\"",
		"bare LF":   "\"a\n" + evil + "\"",
		"folded":    "\"a\r\n " + evil + "\"",
		"NUL":       "\"a\x00" + evil + "\"",
		"DEL":       "\"a\x7f" + evil + "\"",
		"no quotes": "a, b",
		"high":      "\"\xff\xfe\u2028\u0085\"",
		"new line":  "\"a\"\r\n" + evil,
	} {
		t.Run(name, func(t *testing.T) {
			tap := newWiretap(t, "HTTP/1.1 200 OK\r\nETag: "+value+"\r\nLast-Modified: "+value+"\r\n")
			f := newFetcher(t, fetcher.Options{})
			stored := []article.Validators{{ETag: value}, {LastModified: value}, {ETag: value, LastModified: value}}
			first, unreadable := f.Fetch(t.Context(), fetcher.Request{URL: tap.url})
			for _, validators := range append(stored, first.Validators) {
				_, err := f.Fetch(t.Context(), fetcher.Request{URL: tap.url, Validators: validators})
				if err != nil && unreadable == nil { // the source would be lost
					t.Errorf("with %q: %v", validators, err)
				}
			}
			tap.check(t, 1+len(stored)+1)
		})
	}
}

// Nor does what stands in an address, as it is configured or as a redirect has it.
func TestAddressesInjectNoHeader(t *testing.T) {
	f := newFetcher(t, fetcher.Options{})
	for _, path := range []string{
		"/a\r\nX-Evil: 1", "/a\nX-Evil: 1", "/a HTTP/1.1\r\nX-Evil: 1", "/a\x00b", "/a?b=c\r\nX-Evil: 1", "/a?b=c HTTP/1.1", "/a#b\r\nX-Evil: 1",
		"/a%0d%0aX-Evil:%201", "/a?b=%0d%0aX-Evil:%201", "/a\u2028b", "/a\x7fb",
	} {
		tap := newWiretap(t, "HTTP/1.1 200 OK\r\n")
		_, _ = f.Fetch(t.Context(), fetcher.Request{URL: tap.url + path}) // refused, or asked for as one address
		redirect := newWiretap(t, "HTTP/1.1 302 Found\r\nLocation: "+tap.url+path+"\r\n")
		_, _ = f.Fetch(t.Context(), fetcher.Request{URL: redirect.url})
		tap.check(t, 0)
		redirect.check(t, 1)
	}
}
