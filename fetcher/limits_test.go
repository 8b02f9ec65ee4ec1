package fetcher_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bantin/fetcher"
)

// serveBytes answers with the body under the content encodings.
func serveBytes(body []byte, encodings ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if len(encodings) > 0 {
			w.Header()["Content-Encoding"] = encodings
		}
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write(body)
	}
}

func TestForcedGzipIsDecoded(t *testing.T) {
	server := newOrigin(t, serveBytes(zip(t, []byte(document)), "gzip"))
	got := fetch(t, newFetcher(t, fetcher.Options{}), fetcher.Request{URL: server.URL})
	if string(got.Body) != document {
		t.Errorf("got %q", got.Body)
	}
}

func TestEncodings(t *testing.T) {
	once := zip(t, []byte(document))
	twice := zip(t, once)
	tests := []struct {
		name      string
		body      []byte
		encodings []string
		want      fetcher.Kind // empty when decoded
	}{
		{"identity", []byte(document), []string{"identity"}, ""},
		{"GZIP", once, []string{"GZIP"}, ""},
		{"br", []byte(document), []string{"br"}, fetcher.KindBadEncoding},
		{"deflate", []byte(document), []string{"deflate"}, fetcher.KindBadEncoding},
		{"stacked in one line", twice, []string{"gzip, gzip"}, fetcher.KindBadEncoding},
		{"stacked in two lines", twice, []string{"gzip", "gzip"}, fetcher.KindBadEncoding},
		{"stacked and hidden", twice, []string{"gzip"}, fetcher.KindBadEncoding},
		{"gzip without a header", once, nil, fetcher.KindBadEncoding},
		{"no gzip under the header", []byte(document), []string{"gzip"}, fetcher.KindBadEncoding},
		{"corrupt gzip", append(append([]byte{}, once[:10]...), bytes.Repeat([]byte{0xff}, 40)...), []string{"gzip"}, fetcher.KindBadEncoding},
		{"cut gzip", once[:len(once)-12], []string{"gzip"}, fetcher.KindTruncated},
	}
	f := newFetcher(t, fetcher.Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := newOrigin(t, serveBytes(test.body, test.encodings...))
			if test.want != "" {
				mustFail(t, f, server.URL, test.want)
				return
			}
			if got := fetch(t, f, fetcher.Request{URL: server.URL}); string(got.Body) != document {
				t.Errorf("got %q", got.Body)
			}
		})
	}
}

func TestBodyLimit(t *testing.T) {
	const limit = 100_000
	f := newFetcher(t, fetcher.Options{MaxBodyBytes: limit})
	body := bytes.Repeat([]byte("x"), limit+1)
	tests := map[string]func(body []byte) http.HandlerFunc{
		"announced": func(body []byte) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				serveBytes(body)(w, r)
			}
		},
		"chunked": func(body []byte) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				_ = http.NewResponseController(w).Flush()
				serveBytes(body)(w, r)
			}
		},
		"gzip": func(body []byte) http.HandlerFunc { return serveBytes(zip(t, body), "gzip") },
	}
	for name, serve := range tests {
		t.Run(name, func(t *testing.T) {
			server := newOrigin(t, serve(body[:limit]))
			if got := fetch(t, f, fetcher.Request{URL: server.URL}); len(got.Body) != limit {
				t.Errorf("at the limit: got %d bytes, want %d", len(got.Body), limit)
			}
			server = newOrigin(t, serve(body))
			mustFail(t, f, server.URL, fetcher.KindTooLarge)
		})
	}
}

func TestBombsStayWithinMemory(t *testing.T) {
	bomb := bytes.Repeat(zip(t, make([]byte, 1<<20)), 100) // gzip members add up (RFC 1952 §2.2)
	bombs := map[string]http.HandlerFunc{
		"gzip": serveBytes(bomb, "gzip"),
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			chunk := make([]byte, 64<<10)
			for {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		},
	}
	for name, serve := range bombs {
		t.Run(name, func(t *testing.T) {
			server := newOrigin(t, serve)
			f := newFetcher(t, fetcher.Options{})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			mustFail(t, f, server.URL, fetcher.KindTooLarge)
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 48<<20 {
				t.Errorf("allocated %d MB, want at most 48", got>>20)
			}
		})
	}
}

// Large bodies are read in another way than small ones.
func TestSmallAndLargeBodies(t *testing.T) {
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		size := 1000
		if r.URL.Path == "/large" {
			size = 3 << 20
		}
		_, _ = w.Write(bytes.Repeat([]byte(r.URL.RawQuery), size))
	})
	f := newFetcher(t, fetcher.Options{})
	for _, path := range []string{"/small", "/large"} {
		first := fetch(t, f, fetcher.Request{URL: server.URL + path + "?a"}).Body
		second := fetch(t, f, fetcher.Request{URL: server.URL + path + "?b"}).Body
		if first[0] != 'a' || second[0] != 'b' || len(first) != len(second) {
			t.Errorf("%s: got %d× %q and %d× %q", path, len(first), first[0], len(second), second[0])
		}
	}
}

func TestTruncatedBody(t *testing.T) {
	tests := map[string]string{
		"content-length": "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>",
		"chunked":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n",
		"no bytes":       "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
	}
	f := newFetcher(t, fetcher.Options{})
	for name, raw := range tests {
		t.Run(name, func(t *testing.T) {
			address := rawServer(t, func(conn net.Conn, _ <-chan struct{}) {
				readRequest(conn)
				_, _ = io.WriteString(conn, raw)
			})
			mustFail(t, f, "http://"+address, fetcher.KindTruncated)
		})
	}
}

// No way of being slow or endless outlives the total deadline.
func TestTotalDeadline(t *testing.T) {
	drip := func(head, piece string) func(net.Conn, <-chan struct{}) {
		return func(conn net.Conn, done <-chan struct{}) {
			readRequest(conn)
			_, err := io.WriteString(conn, head)
			for err == nil {
				select {
				case <-done:
					return
				case <-time.After(20 * time.Millisecond):
					_, err = io.WriteString(conn, piece)
				}
			}
		}
	}
	silent := func(_ net.Conn, done <-chan struct{}) { <-done }
	tests := []struct {
		name, scheme string
		serve        func(net.Conn, <-chan struct{})
	}{
		{"silence", "http", silent},
		{"tls stall", "https", silent},
		{"status line byte by byte", "http", drip("HTTP/1.1 200 OK\r\nX: ", "x")},
		{"body byte by byte", "http", drip("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "x")},
		{"endless body", "http", drip("HTTP/1.1 200 OK\r\n\r\n", "x")},
		{"endless error page", "http", drip("HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 1000\r\n\r\n", "x")},
		{"silence after the header", "http", func(conn net.Conn, done <-chan struct{}) {
			readRequest(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
			<-done
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFetcher(t, fetcher.Options{Timeout: 200 * time.Millisecond})
			address := rawServer(t, test.serve)
			within(t, time.Second, func() {
				failure := failureOf(t, f, test.scheme+"://"+address, fetcher.KindTimeout)
				if !strings.Contains(failure.Error(), "no complete answer within 200ms") {
					t.Errorf("got %q", failure)
				}
			})
		})
	}
}

// The deadline is for the chain, not for each of its requests.
func TestDeadlineCoversRedirects(t *testing.T) {
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(80 * time.Millisecond)
		w.Header().Set("Location", r.URL.Path+"x")
		w.WriteHeader(http.StatusFound)
	})
	f := newFetcher(t, fetcher.Options{Timeout: 200 * time.Millisecond})
	mustFail(t, f, server.URL, fetcher.KindTimeout)
}

func TestHugeHeaders(t *testing.T) {
	// Without the limit each of the first four would be a good answer.
	long := func(head, piece, tail string) func(net.Conn, <-chan struct{}) {
		return func(conn net.Conn, _ <-chan struct{}) {
			readRequest(conn)
			_, err := io.WriteString(conn, head)
			for range 1 << 20 / len(piece) { // four times the limit
				if err != nil {
					return
				}
				_, err = io.WriteString(conn, piece)
			}
			_, _ = io.WriteString(conn, tail)
		}
	}
	tests := map[string]func(net.Conn, <-chan struct{}){
		"one long line":    long("HTTP/1.1 200 OK\r\nX: ", strings.Repeat("x", 1024), "\r\n\r\n"),
		"many lines":       long("HTTP/1.1 200 OK\r\n", "X-A: "+strings.Repeat("x", 50)+"\r\n", "\r\n"),
		"endless 1xx":      long("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"),
		"long status line": long("HTTP/1.1 200 ", strings.Repeat("x", 1024), "\r\n\r\n"),
		"not HTTP":         long("SSH-2.0-x\r\n", "x", ""),
		"switch of protocol": func(conn net.Conn, _ <-chan struct{}) {
			readRequest(conn)
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
		},
		"nothing": func(conn net.Conn, _ <-chan struct{}) { readRequest(conn) },
	}
	for name, serve := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFetcher(t, fetcher.Options{Timeout: 2 * time.Second})
			failure := failureOf(t, f, "http://"+rawServer(t, serve), fetcher.KindNetwork)
			if got := len(failure.Error()); got > 1000 {
				t.Errorf("the error's text has %d bytes", got)
			}
		})
	}
}

func TestConnectionErrors(t *testing.T) {
	closed := rawServer(t, func(net.Conn, <-chan struct{}) {})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := listener.Addr().String()
	drop(listener)
	untrusted, _ := newTLSOrigin(t, serveDocument)
	untrusted.Config.ErrorLog = discardLog()
	plain := newOrigin(t, serveDocument)
	plain.Config.ErrorLog = discardLog()
	f := newFetcher(t, fetcher.Options{Resolver: newResolver(t, map[string][][]netip.Addr{})})
	for url, kind := range map[string]fetcher.Kind{
		"http://" + dead:       fetcher.KindRefused,
		"http://nowhere.test/": fetcher.KindDNS,
		untrusted.URL:          fetcher.KindTLS, // a certificate that nobody vouches for
		"https://" + plain.Listener.Addr().String(): fetcher.KindTLS, // no TLS there
		"https://" + closed:                         fetcher.KindTLS, // hangs up on the handshake
	} {
		mustFail(t, f, url, kind)
	}
}

func TestGatePerHost(t *testing.T) {
	const perHost, fetches = 2, 7
	var now, most atomic.Int32
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for {
			seen := most.Load()
			if n <= seen || most.CompareAndSwap(seen, n) {
				break
			}
		}
		time.Sleep(100 * time.Millisecond)
		serveDocument(w, r)
	})
	// Four rounds take 400 ms, more than the deadline: waiting is not counted.
	f := newFetcher(t, fetcher.Options{PerHost: perHost, Timeout: 300 * time.Millisecond})
	var group sync.WaitGroup
	for range fetches {
		group.Go(func() {
			if _, err := f.Fetch(t.Context(), fetcher.Request{URL: server.URL}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := most.Load(); got != perHost {
		t.Errorf("got %d requests at once, want %d", got, perHost)
	}
	if got := server.connected(); got != perHost {
		t.Errorf("got %d connections, want %d", got, perHost)
	}
	if got := f.Gates(); got != 0 {
		t.Errorf("got %d gates after all have left, want 0", got)
	}
}

// Two hosts redirect to each other's slow pages; nobody holds a place at one
// while waiting for the other.
func TestGatesDoNotDeadlock(t *testing.T) {
	var a, b *origin
	cross := func(other func() *origin) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(20 * time.Millisecond)
			if r.URL.Path == "/" {
				http.Redirect(w, r, other().URL+"/end", http.StatusFound)
				return
			}
			serveDocument(w, r)
		}
	}
	a = newOrigin(t, cross(func() *origin { return b }))
	b = newOrigin(t, cross(func() *origin { return a }))
	f := newFetcher(t, fetcher.Options{PerHost: 1, Timeout: 2 * time.Second})
	var group sync.WaitGroup
	for _, url := range []string{a.URL, b.URL, a.URL, b.URL} {
		group.Go(func() {
			if _, err := f.Fetch(t.Context(), fetcher.Request{URL: url + "/"}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestCallerGivesUp(t *testing.T) {
	arrived := make(chan struct{}, 1)
	address := rawServer(t, func(_ net.Conn, done <-chan struct{}) {
		arrived <- struct{}{}
		<-done
	})
	f := newFetcher(t, fetcher.Options{PerHost: 1})
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for range 2 { // one waits for the answer, the other for its place
		group.Go(func() {
			_, err := f.Fetch(ctx, fetcher.Request{URL: "http://" + address})
			failure, ok := errors.AsType[*fetcher.Error](err)
			if !ok || failure.Kind != fetcher.KindCanceled || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want kind canceled", err)
			}
		})
	}
	<-arrived
	cancel()
	group.Wait()
	if got := f.Gates(); got != 0 {
		t.Errorf("got %d gates after all have left, want 0", got)
	}
}

// A large body waits for its room, and the server is not blamed for it. A small one
// asks for none.
func TestLargeBodyWaitsForRoom(t *testing.T) {
	const timeout = time.Second
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		size, _ := strconv.Atoi(r.URL.RawQuery)
		if r.URL.Path == "/announced" {
			w.Header().Set("Content-Length", r.URL.RawQuery)
		}
		_, _ = w.Write(make([]byte, size))
	})
	f := newFetcher(t, fetcher.Options{Timeout: timeout})
	tests := []struct {
		size, asked int
		wait        time.Duration
	}{
		{fetcher.LargeBody - 1, 0, 0},
		{fetcher.LargeBody + 1, 1, 0},
		{4 * fetcher.LargeBody, 1, timeout + timeout/4},
	}
	for _, path := range []string{"/announced", "/chunked"} {
		for _, test := range tests {
			asked := 0
			got := fetch(t, f, fetcher.Request{URL: fmt.Sprintf("%s%s?%d", server.URL, path, test.size), MakeRoom: func(context.Context) error {
				asked++
				time.Sleep(test.wait)
				return nil
			}})
			if len(got.Body) != test.size || asked != test.asked {
				t.Errorf("%s: got %d bytes of %d, and %d requests for room, want %d", path, len(got.Body), test.size, asked, test.asked)
			}
		}
	}
}

// After the wait the server has what is left of its time, and no more.
func TestNoRoom(t *testing.T) {
	endless := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, 2*fetcher.LargeBody))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	f := newFetcher(t, fetcher.Options{Timeout: 200 * time.Millisecond})
	noRoom := errors.New("no room")
	tests := map[string]struct {
		makeRoom func(context.Context) error
		want     fetcher.Kind
		is       error
	}{
		"room": {func(context.Context) error { return nil }, fetcher.KindTimeout, context.DeadlineExceeded},
		"late": {func(context.Context) error { time.Sleep(300 * time.Millisecond); return nil }, fetcher.KindTimeout, context.DeadlineExceeded},
		"none": {func(context.Context) error { return noRoom }, fetcher.KindCanceled, noRoom},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			within(t, 5*time.Second, func() {
				_, err := f.Fetch(t.Context(), fetcher.Request{URL: endless.URL, MakeRoom: test.makeRoom})
				failure, ok := errors.AsType[*fetcher.Error](err)
				if !ok || failure.Kind != test.want || !errors.Is(err, test.is) {
					t.Errorf("got %v, want kind %s", err, test.want)
				}
			})
		})
	}
}

// Of a body of which a part is enough no more is read, however long it is.
func TestEnough(t *testing.T) {
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/announced" {
			w.Header().Set("Content-Length", strconv.Itoa(1<<30))
		}
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	f := newFetcher(t, fetcher.Options{})
	for _, path := range []string{"/announced", "/endless"} {
		for _, enough := range []int64{1, 1000, fetcher.LargeBody, 3 * fetcher.LargeBody} {
			if got := fetch(t, f, fetcher.Request{URL: server.URL + path, Enough: enough}); int64(len(got.Body)) != enough {
				t.Errorf("%s: got %d bytes, want %d", path, len(got.Body), enough)
			}
		}
	}
	whole := newOrigin(t, serveDocument)
	if got := fetch(t, f, fetcher.Request{URL: whole.URL, Enough: 1 << 20}); string(got.Body) != document {
		t.Errorf("got %q, want the whole document", got.Body)
	}
}
