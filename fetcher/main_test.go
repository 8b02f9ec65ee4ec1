package fetcher_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bantin/fetcher"
)

// TestMain runs all tests under proxy variables that point at a closed port.
// They are set this early because net/http reads them once.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"} {
		if err := os.Setenv(name, "http://127.0.0.1:9"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}

// An origin is a server on loopback that remembers what it was asked.
type origin struct {
	*httptest.Server

	mu          sync.Mutex
	requests    []*http.Request
	connections int
}

func newOrigin(tb testing.TB, handler http.HandlerFunc) *origin {
	tb.Helper()
	o := &origin{}
	o.Server = httptest.NewUnstartedServer(o.log(handler))
	o.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.connections++
		}
	}
	o.Start()
	tb.Cleanup(o.Close)
	return o
}

func (o *origin) log(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.requests = append(o.requests, r)
		o.mu.Unlock()
		next(w, r)
	}
}

func (o *origin) asked() []*http.Request {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]*http.Request(nil), o.requests...)
}

func (o *origin) connected() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.connections
}

// loopback is what tests must allow.
func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// newFetcher returns a Fetcher that may ask loopback, if the options allow
// nothing else.
func newFetcher(tb testing.TB, options fetcher.Options) *fetcher.Fetcher {
	tb.Helper()
	if options.AllowNetworks == nil {
		options.AllowNetworks = loopback()
	}
	if err := options.Validate(); err != nil {
		tb.Fatalf("options: %v", err)
	}
	f := fetcher.New(options)
	tb.Cleanup(f.Close)
	return f
}

func fetch(tb testing.TB, f *fetcher.Fetcher, req fetcher.Request) fetcher.Result {
	tb.Helper()
	result, err := f.Fetch(tb.Context(), req)
	if err != nil {
		tb.Fatalf("Fetch(%s): %v", req.URL, err)
	}
	return result
}

// mustFail fetches the URL, which must fail in this way.
func mustFail(tb testing.TB, f *fetcher.Fetcher, url string, want fetcher.Kind) {
	tb.Helper()
	_ = failureOf(tb, f, url, want)
}

// failureOf does the same and returns the error.
func failureOf(tb testing.TB, f *fetcher.Fetcher, url string, want fetcher.Kind) *fetcher.Error {
	tb.Helper()
	_, err := f.Fetch(tb.Context(), fetcher.Request{URL: url})
	failure, ok := errors.AsType[*fetcher.Error](err)
	if !ok {
		tb.Fatalf("Fetch(%s): got error %v, want kind %s", url, err, want)
	}
	if failure.Kind != want {
		tb.Fatalf("Fetch(%s): got kind %s (%v), want %s", url, failure.Kind, failure, want)
	}
	return failure
}

// drop closes what a test needs no more; whether that goes well is not its question.
func drop(c io.Closer) { c.Close() }

func zip(tb testing.TB, body []byte) []byte {
	tb.Helper()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(body); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return zipped.Bytes()
}

// rawServer answers each connection with what serve writes, HTTP or not.
// serve ends when done is closed, or when writing fails.
func rawServer(tb testing.TB, serve func(conn net.Conn, done <-chan struct{})) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				defer drop(conn)
				serve(conn, done)
			})
		}
	})
	tb.Cleanup(func() {
		close(done)
		drop(listener)
		group.Wait()
	})
	return listener.Addr().String()
}

// readRequest reads the head of a request, so that closing the connection
// later does not reset it.
func readRequest(conn net.Conn) {
	buffer := make([]byte, 4096)
	for n := 0; n < len(buffer); {
		got, err := conn.Read(buffer[n:])
		n += got
		if err != nil || bytes.Contains(buffer[:n], []byte("\r\n\r\n")) {
			return
		}
	}
}

// within fails the test when a fetch took longer than its deadline explains.
func within(tb testing.TB, limit time.Duration, do func()) {
	tb.Helper()
	start := time.Now()
	do()
	if took := time.Since(start); took > limit {
		tb.Errorf("took %s, want at most %s", took, limit)
	}
}
