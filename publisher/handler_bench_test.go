package publisher_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"bantin/publisher"
)

// silent is a ResponseWriter that writes nowhere.
type silent struct{ header http.Header }

func (s silent) Header() http.Header         { return s.header }
func (s silent) Write(p []byte) (int, error) { return len(p), nil }
func (s silent) WriteHeader(int)             {}

func BenchmarkHandler(b *testing.B) {
	site, err := publisher.Render(sampleOptions(), sampleContent())
	if err != nil {
		b.Fatal(err)
	}
	f, _ := site.File(feedPath)
	handler := publisher.Handler(func() *publisher.Site { return site })
	for _, test := range []struct{ name, header, value string }{
		{"200", "Accept-Encoding", "gzip, deflate, br"},
		{"304", "If-None-Match", f.ETag},
		{"200 to an older tag", "If-None-Match", `"an-older-one"`},
	} {
		b.Run(test.name, func(b *testing.B) {
			request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, feedPath, http.NoBody)
			request.Header.Set(test.header, test.value)
			b.ReportAllocs()
			for b.Loop() {
				handler.ServeHTTP(silent{make(http.Header)}, request)
			}
		})
	}
}
