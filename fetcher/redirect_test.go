package fetcher_test

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"bantin/fetcher"
	"bantin/internal/article"
)

// newTLSOrigin serves HTTP/2 with a certificate that the pool trusts.
func newTLSOrigin(tb testing.TB, handler http.HandlerFunc) (*origin, *x509.CertPool) {
	tb.Helper()
	o := &origin{}
	o.Server = httptest.NewUnstartedServer(o.log(handler))
	o.EnableHTTP2 = true
	o.StartTLS()
	tb.Cleanup(o.Close)
	roots := x509.NewCertPool()
	roots.AddCert(o.Certificate())
	return o, roots
}

// chainServer redirects along the statuses: /0 with the first to /1, and so on.
func chainServer(tb testing.TB, statuses ...int) *origin {
	tb.Helper()
	return newOrigin(tb, func(w http.ResponseWriter, r *http.Request) {
		step, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil || step >= len(statuses) {
			serveDocument(w, r)
			return
		}
		w.Header().Set("Location", "/"+strconv.Itoa(step+1)+"#top") // relative, with a fragment
		w.WriteHeader(statuses[step])
	})
}

func TestRedirects(t *testing.T) {
	tests := []struct {
		name      string
		statuses  []int
		wantMoved string // path; empty for none
	}{
		{"301", []int{301}, "/1"},
		{"308", []int{308}, "/1"},
		{"302", []int{302}, ""},
		{"303", []int{303}, ""},
		{"307", []int{307}, ""},
		{"301 301", []int{301, 301}, "/2"},
		{"301 308 302", []int{301, 308, 302}, "/2"},
		{"302 301", []int{302, 301}, ""},
		{"301 302 301", []int{301, 302, 301}, "/1"},
		{"nine", []int{301, 301, 301, 301, 301, 301, 301, 301, 301}, "/9"},
	}
	f := newFetcher(t, fetcher.Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := chainServer(t, test.statuses...)
			etag := article.Validators{ETag: `"v1"`}
			got := fetch(t, f, fetcher.Request{URL: server.URL + "/0", Validators: etag})
			wantFinal, wantMoved := server.URL+"/"+strconv.Itoa(len(test.statuses)), ""
			if test.wantMoved != "" {
				wantMoved = server.URL + test.wantMoved
			}
			if got.FinalURL != wantFinal || got.MovedTo != wantMoved {
				t.Errorf("got final %q moved %q, want %q and %q", got.FinalURL, got.MovedTo, wantFinal, wantMoved)
			}
			if string(got.Body) != document {
				t.Errorf("got body %q", got.Body)
			}
			for i, r := range server.asked() {
				if r.Method != http.MethodGet || r.Header.Get("If-None-Match") != `"v1"` {
					t.Errorf("request %d: %s with If-None-Match %q", i, r.Method, r.Header.Get("If-None-Match"))
				}
				if got, has := r.Header["Referer"]; has {
					t.Errorf("request %d: Referer %q", i, got)
				}
			}
		})
	}
}

func TestNotModifiedAfterAMove(t *testing.T) {
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
			return
		}
		w.WriteHeader(http.StatusNotModified)
	})
	got := fetch(t, newFetcher(t, fetcher.Options{}), fetcher.Request{URL: server.URL + "/old", Validators: article.Validators{ETag: `"v"`}})
	if !got.NotModified || got.MovedTo != server.URL+"/new" {
		t.Errorf("got %+v, want not modified, moved to /new", got)
	}
}

func TestRedirectChainsEnd(t *testing.T) {
	var server *origin
	server = newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/self":
			w.Header().Set("Location", "/self")
		case "/ping":
			w.Header().Set("Location", "/pong")
		case "/pong":
			w.Header().Set("Location", server.URL+"/ping#again")
		default: // for ever, each time somewhere else
			w.Header().Set("Location", r.URL.Path+"x")
		}
		w.WriteHeader(http.StatusFound)
	})
	f := newFetcher(t, fetcher.Options{})
	for path, want := range map[string]int{"/self": 1, "/ping": 2, "/longer": 10} {
		before := len(server.asked())
		mustFail(t, f, server.URL+path, fetcher.KindBadRedirect)
		if got := len(server.asked()) - before; got != want {
			t.Errorf("%s: got %d requests, want %d", path, got, want)
		}
	}
}

func TestRedirectToNowhere(t *testing.T) {
	tests := []string{
		"", "file:///etc/passwd", "gopher://127.0.0.1:70/", "ftp://127.0.0.1/", "javascript:alert(1)",
		"data:text/xml,<rss/>", "unix:///var/run/docker.sock", "http://", "http:///path", "http:opaque", "http://[::1", "//", "https://:443/",
	}
	f := newFetcher(t, fetcher.Options{})
	for _, location := range tests {
		server := newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Location"] = []string{location}
			w.WriteHeader(http.StatusMovedPermanently)
		})
		mustFail(t, f, server.URL, fetcher.KindBadRedirect)
		if got := len(server.asked()); got != 1 {
			t.Errorf("%q: got %d requests, want 1", location, got)
		}
	}
}

func TestDowngradeIsFollowed(t *testing.T) {
	plain := newOrigin(t, serveDocument)
	for status, wantMoved := range map[int]string{301: plain.URL + "/rss", 302: ""} {
		secure, roots := newTLSOrigin(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, plain.URL+"/rss", status)
		})
		f := newFetcher(t, fetcher.Options{RootCAs: roots})
		got := fetch(t, f, fetcher.Request{URL: secure.URL})
		if got.FinalURL != plain.URL+"/rss" || got.MovedTo != wantMoved {
			t.Errorf("%d: got final %q moved %q, want moved %q", status, got.FinalURL, got.MovedTo, wantMoved)
		}
	}
	for i, r := range plain.asked() {
		if _, has := r.Header["Authorization"]; has {
			t.Errorf("request %d: Authorization sent", i)
		}
		if _, has := r.Header["Referer"]; has {
			t.Errorf("request %d: Referer sent", i)
		}
	}
}
