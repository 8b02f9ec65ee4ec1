package publisher_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bantin/publisher"
)

const (
	feedPath = "/c/tat-ca/rss.xml"
	jsonPath = "/c/tat-ca/feed.json"
)

// sampleFeed is the sample's site and its file at feedPath.
func sampleFeed(t *testing.T) (*publisher.Site, *publisher.File) {
	t.Helper()
	site := renderSite(t, sampleContent())
	f, ok := site.File(feedPath)
	if !ok {
		t.Fatalf("no file at %s", feedPath)
	}
	return site, f
}

type answer struct {
	status int
	header http.Header
	length int64 // as announced; -1 when it is not
	body   []byte
}

// ask sends a request over a real connection; headers come in pairs.
func ask(t *testing.T, site *publisher.Site, method, target string, headers ...string) answer {
	t.Helper()
	server := httptest.NewServer(publisher.Handler(func() *publisher.Site { return site }))
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.URL.Opaque = target // sent as it is
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("read answer: %v", err)
	}
	return answer{response.StatusCode, response.Header, response.ContentLength, body}
}

func TestHandlerServesEveryFile(t *testing.T) {
	site, _ := sampleFeed(t)
	for _, path := range site.Paths() {
		f, _ := site.File(path)
		got := ask(t, site, http.MethodGet, path)
		fields := map[string]any{
			"status": got.status, "type": got.header.Get("Content-Type"), "etag": got.header.Get("ETag"),
			"length": got.length, "encoding": got.header.Get("Content-Encoding"), "body": string(got.body),
			"vary": got.header.Get("Vary"), "cache": got.header.Get("Cache-Control"),
			"nosniff": got.header.Get("X-Content-Type-Options"), "referrer": got.header.Get("Referrer-Policy"),
		}
		want := map[string]any{
			"status": 200, "type": f.ContentType, "etag": f.ETag,
			"length": int64(len(f.Body)), "encoding": "", "body": string(f.Body),
			"vary": "Accept-Encoding", "cache": "public, max-age=300", "nosniff": "nosniff", "referrer": "no-referrer",
		}
		if diff := cmp.Diff(want, fields); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
		if policy := got.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none';") || strings.Contains(policy, "script") {
			t.Errorf("%s: policy %q", path, policy)
		}
		modified := got.header.Get("Last-Modified")
		if f.LastModified.IsZero() != (modified == "") {
			t.Errorf("%s: last modified %q", path, modified)
		}
	}
}

func TestHandlerContentTypes(t *testing.T) {
	site, _ := sampleFeed(t)
	for path, want := range map[string]string{
		"/": "text/html; charset=utf-8", "/opml.xml": "text/x-opml; charset=utf-8", "/style.css": "text/css; charset=utf-8",
		"/c/tat-ca/": "text/html; charset=utf-8", "/c/tat-ca/rss.xml": "application/rss+xml; charset=utf-8",
		"/c/tat-ca/atom.xml": "application/atom+xml; charset=utf-8", "/c/tat-ca/feed.json": "application/feed+json",
	} {
		if got := ask(t, site, http.MethodGet, path); got.header.Get("Content-Type") != want {
			t.Errorf("%s: %q, want %q", path, got.header.Get("Content-Type"), want)
		}
	}
}

func TestHandlerAnswers(t *testing.T) {
	site, f := sampleFeed(t)
	const modified = "Sat, 21 Nov 2026 03:00:00 GMT"
	tests := []struct {
		name           string
		method, target string
		headers        []string
		status         int
		length         int // of the body
		want           map[string]string
	}{
		{"head", "HEAD", feedPath, nil, 200, 0, map[string]string{"Etag": f.ETag, "Last-Modified": modified}},
		{"a query is ignored", "GET", feedPath + "?utm_source=x", nil, 200, len(f.Body), nil},
		{"percent-encoded", "GET", "/c/tat%2Dca/rss.xml", nil, 200, len(f.Body), nil},
		{"post", "POST", feedPath, nil, 405, -1, map[string]string{"Allow": "GET, HEAD"}},
		{"options", "OPTIONS", feedPath, nil, 405, -1, map[string]string{"Allow": "GET, HEAD"}},
		{"delete", "DELETE", "/nothing", nil, 405, -1, map[string]string{"Allow": "GET, HEAD"}},

		{"same tag", "GET", feedPath, []string{"If-None-Match", f.ETag}, 304, 0, map[string]string{
			"Etag": f.ETag, "Vary": "Accept-Encoding", "Cache-Control": "public, max-age=300", "Content-Length": "", "Content-Type": "",
		}},
		{"same tag, weak", "GET", feedPath, []string{"If-None-Match", "W/" + f.ETag}, 304, 0, nil},
		{"tag in a list", "GET", feedPath, []string{"If-None-Match", `"a", W/"b,c", ` + f.ETag}, 304, 0, nil},
		{"any tag", "GET", feedPath, []string{"If-None-Match", "*"}, 304, 0, nil},
		{"other tag", "GET", feedPath, []string{"If-None-Match", `"a"`}, 200, len(f.Body), nil},
		{"garbage tag", "GET", feedPath, []string{"If-None-Match", `a, "`}, 200, len(f.Body), nil},
		{"huge list", "GET", feedPath, []string{"If-None-Match", strings.Repeat(`"a",`, 50_000) + f.ETag}, 304, 0, nil},
		{"head, same tag", "HEAD", feedPath, []string{"If-None-Match", f.ETag}, 304, 0, nil},
		{"other tag counts more than the same date", "GET", feedPath, []string{"If-None-Match", `"a"`, "If-Modified-Since", modified}, 200, len(f.Body), nil},

		{"same date", "GET", feedPath, []string{"If-Modified-Since", modified}, 304, 0, nil},
		{"later date", "GET", feedPath, []string{"If-Modified-Since", "Sun, 22 Nov 2026 03:00:00 GMT"}, 304, 0, nil},
		{"earlier date", "GET", feedPath, []string{"If-Modified-Since", "Sat, 21 Nov 2026 02:59:59 GMT"}, 200, len(f.Body), nil},
		{"garbage date", "GET", feedPath, []string{"If-Modified-Since", "yesterday"}, 200, len(f.Body), nil},
		{"date of a file without one", "GET", "/c/trong/rss.xml", []string{"If-Modified-Since", modified}, 200, -1, nil},

		{"gzip", "GET", feedPath, []string{"Accept-Encoding", "gzip, deflate"}, 200, len(f.Encoded[2].Body), map[string]string{
			"Content-Encoding": "gzip", "Etag": f.Encoded[2].ETag, "Vary": "Accept-Encoding",
		}},
		{"gzip, head", "HEAD", feedPath, []string{"Accept-Encoding", "gzip"}, 200, 0, map[string]string{"Content-Encoding": "gzip", "Etag": f.Encoded[2].ETag}},
		{"gzip, same tag", "GET", feedPath, []string{"Accept-Encoding", "gzip", "If-None-Match", f.Encoded[2].ETag}, 304, 0, map[string]string{
			"Etag": f.Encoded[2].ETag, "Content-Encoding": "", "Content-Length": "",
		}},
		{"gzip, tag of the plain bytes", "GET", feedPath, []string{"Accept-Encoding", "gzip", "If-None-Match", f.ETag}, 200, len(f.Encoded[2].Body), nil},
		{"gzip, failed precondition", "GET", feedPath, []string{"Accept-Encoding", "gzip", "If-Match", `"a"`}, 412, 0, nil},
		{"gzip, old precondition", "GET", feedPath, []string{"Accept-Encoding", "gzip", "If-Unmodified-Since", "Sat, 21 Nov 2020 02:59:59 GMT"}, 412, 0, nil},
		{"gzip, range", "GET", feedPath, []string{"Accept-Encoding", "gzip", "Range", "bytes=0-9"}, 206, 10, map[string]string{"Content-Length": "10"}},
		{"gzip, bad range", "GET", feedPath, []string{"Accept-Encoding", "gzip", "Range", "bytes=99999999-"}, 416, -1, nil},
		{"range", "GET", feedPath, []string{"Range", "bytes=5-"}, 206, len(f.Body) - 5, nil},

		{"unfinished range", "GET", feedPath, []string{"Range", "bytes=5-9", "If-Range", `"a"`}, 200, len(f.Body), nil},
		{"range of what is known", "GET", feedPath, []string{"Range", "bytes=5-9", "If-Range", f.ETag}, 206, 5, nil},
		{"range of an encoding that is known", "GET", feedPath, []string{"Accept-Encoding", "gzip", "Range", "bytes=5-9", "If-Range", f.Encoded[2].ETag}, 206, 5, map[string]string{
			"Content-Encoding": "gzip", "Content-Range": "bytes 5-9/" + strconv.Itoa(len(f.Encoded[2].Body)),
		}},
		{"range of another encoding", "GET", feedPath, []string{"Accept-Encoding", "gzip", "Range", "bytes=5-9", "If-Range", f.ETag}, 200, len(f.Encoded[2].Body), nil},
		{"head of a range", "HEAD", feedPath, []string{"Range", "bytes=5-9"}, 206, 0, map[string]string{"Content-Length": "5"}},
		{"many ranges", "GET", feedPath, []string{"Range", "bytes=" + strings.Repeat("0-,", 1000) + "1-2"}, 200, len(f.Body), nil},
		{"same tag in the second line", "GET", feedPath, []string{"If-None-Match", `"a"`, "If-None-Match", f.ETag}, 304, 0, nil},
		{"matching tag in the second line", "GET", feedPath, []string{"If-Match", `"a"`, "If-Match", f.ETag}, 200, len(f.Body), nil},
		{"same tag, but another is wanted", "GET", feedPath, []string{"If-None-Match", f.ETag, "If-Match", `"a"`}, 412, 0, nil},

		{"json", "GET", jsonPath, nil, 200, -1, map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Link"}},
		{"json that is not there", "GET", "/c/khong-co/feed.json", nil, 404, -1, map[string]string{"Access-Control-Allow-Origin": "*"}},
		{"preflight", "OPTIONS", jsonPath, []string{"Origin", "https://doc.example", "Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "if-none-match"}, 204, 0, map[string]string{
			"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, HEAD", "Access-Control-Max-Age": "86400",
			"Access-Control-Allow-Headers": "If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, Range",
		}},
		{"rss is not for scripts", "GET", feedPath, nil, 200, len(f.Body), map[string]string{"Access-Control-Allow-Origin": ""}},

		{"page without its slash", "GET", "/c/tat-ca", nil, 301, 0, map[string]string{"Location": "tat-ca/"}},
		{"issue without its slash", "GET", "/d/sang/2026-11-22", nil, 301, 0, map[string]string{"Location": "2026-11-22/"}},
		{"unknown channel", "GET", "/c/khong-co/", nil, 404, -1, map[string]string{"Content-Type": "text/html; charset=utf-8"}},
		{"unknown format", "GET", "/c/tat-ca/feed.yaml", nil, 404, -1, nil},
		{"head of nothing", "HEAD", "/khong-co", nil, 404, 0, nil},
		{"dots", "GET", "/c/../../../../etc/passwd", nil, 404, -1, nil},
		{"encoded dots", "GET", "/c/%2e%2e/%2e%2e/etc/passwd", nil, 404, -1, nil},
		{"slashes", "GET", "//c//tat-ca//rss.xml", nil, 404, -1, nil},
		{"encoded NUL", "GET", feedPath + "%00", nil, 404, -1, nil},
		{"backslashes", "GET", "/c/..%5c..%5cetc", nil, 404, -1, nil},
		{"other case", "GET", "/C/TAT-CA/RSS.XML", nil, 404, -1, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ask(t, site, test.method, test.target, test.headers...)
			if got.status != test.status {
				t.Fatalf("status %d, want %d", got.status, test.status)
			}
			if test.length >= 0 && len(got.body) != test.length {
				t.Errorf("%d bytes, want %d", len(got.body), test.length)
			}
			for name, want := range test.want {
				if value := got.header.Get(name); value != want {
					t.Errorf("%s: %q, want %q", name, value, want)
				}
			}
			if got.header.Get("Content-Security-Policy") == "" || got.header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("headers %v", got.header)
			}
		})
	}
}

func TestHandlerChoosesEncoding(t *testing.T) {
	site, f := sampleFeed(t)
	for accept, want := range map[string]string{
		"":                            "",
		"gzip":                        "gzip",
		"GZIP":                        "gzip",
		"x-gzip":                      "gzip",
		"gzip, deflate, br":           "br",
		"gzip, deflate, br, zstd":     "br",
		"gzip, zstd":                  "zstd",
		"gzip;q=1.0, br;q=0.5":        "gzip",
		"br;q=0, zstd":                "zstd",
		"gzip;q=0":                    "",
		"gzip;q=0.0":                  "",
		"gzip;q=0.5, identity;q=0.9":  "",
		"gzip;q=0.5, identity;q=0.5":  "gzip",
		"*":                           "br",
		"*;q=0":                       "",
		"*, br;q=0":                   "zstd",
		"*;q=0, gzip":                 "gzip",
		"br;q=1, *;q=0.1":             "br",
		"deflate":                     "",
		"identity":                    "",
		"gzip;q=high":                 "",
		"gzip;q=2":                    "",
		"gzip;level=9":                "",
		"gzipped":                     "",
		",, gzip ,":                   "gzip",
		"gzip;q=0.001,identity;q=.5,": "",
	} {
		var headers []string
		if accept != "" {
			headers = []string{"Accept-Encoding", accept}
		}
		got := ask(t, site, http.MethodGet, feedPath, headers...)
		coding := got.header.Get("Content-Encoding")
		if coding != want {
			t.Errorf("%q: got %q, want %q", accept, coding, want)
		}
		if got.length != int64(len(got.body)) {
			t.Errorf("%q: length %d, body of %d", accept, got.length, len(got.body))
		}
		if coding != "" {
			got.body = decompress(t, publisher.Encoded{Coding: coding, Body: got.body})
		}
		if !bytes.Equal(got.body, f.Body) {
			t.Errorf("%q: other bytes", accept)
		}
	}
	twoLines := ask(t, site, http.MethodGet, feedPath, "Accept-Encoding", "deflate", "Accept-Encoding", "gzip")
	if twoLines.header.Get("Content-Encoding") != "gzip" {
		t.Error("the second header line is not read")
	}
}

func TestHandlerBeforeTheFirstSite(t *testing.T) {
	got := ask(t, nil, http.MethodGet, "/")
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" || got.header.Get("Cache-Control") != "" {
		t.Errorf("status %d, headers %v", got.status, got.header)
	}
}

// TestHandlerFollowsTheSite serves what current returns at the time.
func TestHandlerFollowsTheSite(t *testing.T) {
	var site *publisher.Site
	handler := publisher.Handler(func() *publisher.Site { return site })
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if w.Code != want {
			t.Errorf("status %d, want %d", w.Code, want)
		}
		site = renderSite(t, sampleContent())
	}
}

// TestNotFoundPage leads home wherever the site is.
func TestNotFoundPage(t *testing.T) {
	options := sampleOptions()
	options.BaseURL = "https://tinh.example/ban-tin/"
	site, err := publisher.Render(options, sampleContent())
	if err != nil {
		t.Fatal(err)
	}
	got := ask(t, site, http.MethodGet, "/khong/co/")
	checkPage(t, "404", string(got.body))
	for _, want := range []string{`href="/ban-tin/style.css"`, `<a href="/ban-tin/">Trang chủ</a>`} {
		if !strings.Contains(string(got.body), want) {
			t.Errorf("no %s in %s", want, got.body)
		}
	}
	if strings.Contains(string(got.body), "canonical") {
		t.Error("the page claims an address")
	}
}

// TestPagesLeadOnlyToWhatIsThere follows every relative link of every page.
func TestPagesLeadOnlyToWhatIsThere(t *testing.T) {
	site, _ := sampleFeed(t)
	followed := 0
	for _, path := range site.Paths() {
		if !strings.HasSuffix(path, "/") {
			continue
		}
		base := &url.URL{Path: path}
		for _, link := range links(t, text(t, site, path)) {
			u, err := base.Parse(link)
			if err != nil {
				t.Fatal(err)
			}
			if u.Host != "" && u.Host != "bantin.example" {
				continue
			}
			followed++
			if _, ok := site.File(u.Path); !ok {
				t.Errorf("%s leads to %s, which is not there", path, link)
			}
		}
	}
	if followed < 50 {
		t.Errorf("only %d links", followed)
	}
}

func TestAutodiscovery(t *testing.T) {
	site, _ := sampleFeed(t)
	for path, want := range map[string]int{"/": 9, "/c/tat-ca/": 3} {
		if got := strings.Count(text(t, site, path), `<link rel="alternate"`); got != want {
			t.Errorf("%s has %d feed links, want %d", path, got, want)
		}
	}
}
