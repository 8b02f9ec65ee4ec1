package fetcher_test

import (
	"bytes"
	"net/http"
	"strconv"
	"testing"

	"bantin/fetcher"
)

// BenchmarkFetch is one feed of 150 KB over a kept connection. B/op should stay
// near the size of the body where the server announces it.
func BenchmarkFetch(b *testing.B) {
	body := bytes.Repeat([]byte(document), 150_000/len(document))
	for name, server := range map[string]*origin{
		"plain": newOrigin(b, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			serveBytes(body)(w, r)
		}),
		"gzip": newOrigin(b, serveBytes(zip(b, body), "gzip")),
	} {
		b.Run(name, func(b *testing.B) {
			f := newFetcher(b, fetcher.Options{})
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				fetch(b, f, fetcher.Request{URL: server.URL})
			}
		})
	}
}
