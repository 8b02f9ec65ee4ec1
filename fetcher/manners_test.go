package fetcher_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/fetcher"
	"bantin/internal/article"
)

const document = `<rss version="2.0"><channel><title>Tin xã</title></channel></rss>`

func serveDocument(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	_, _ = io.WriteString(w, document)
}

func TestFirstFetchIsOnePlainGet(t *testing.T) {
	server := newOrigin(t, serveDocument)
	f := newFetcher(t, fetcher.Options{Contact: "https://bantin.example/about", Version: "1.2"})
	got := fetch(t, f, fetcher.Request{URL: server.URL + "/rss/tin.rss", Accept: fetcher.AcceptFeed})

	sum := sha256.Sum256([]byte(document))
	want := fetcher.Result{
		Status: http.StatusOK, Body: []byte(document), BodyHash: hex.EncodeToString(sum[:]),
		ContentType: "application/rss+xml; charset=utf-8", FinalURL: server.URL + "/rss/tin.rss",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	asked := server.asked()
	if len(asked) != 1 {
		t.Fatalf("got %d requests, want 1", len(asked))
	}
	if asked[0].Method != http.MethodGet || asked[0].URL.Path != "/rss/tin.rss" {
		t.Errorf("got %s %s, want GET /rss/tin.rss", asked[0].Method, asked[0].URL)
	}
	// The whole header: what is not here is never sent.
	wantHeader := http.Header{
		"User-Agent":      {"Bantin/1.2 (+https://bantin.example/about)"},
		"Accept":          {fetcher.AcceptFeed},
		"Accept-Encoding": {"gzip"},
	}
	if diff := cmp.Diff(wantHeader, asked[0].Header); diff != "" {
		t.Errorf("request header (-want +got):\n%s", diff)
	}
}

func TestAccept(t *testing.T) {
	server := newOrigin(t, serveDocument)
	f := newFetcher(t, fetcher.Options{})
	fetch(t, f, fetcher.Request{URL: server.URL})
	fetch(t, f, fetcher.Request{URL: server.URL, Accept: fetcher.AcceptPage})
	asked := server.asked()
	if got := asked[0].Header.Get("Accept"); got != fetcher.AcceptFeed {
		t.Errorf("default Accept: got %q, want AcceptFeed", got)
	}
	if got := asked[1].Header.Get("Accept"); got != fetcher.AcceptPage {
		t.Errorf("Accept of a page: got %q, want AcceptPage", got)
	}
	if got := asked[0].UserAgent(); got != "Bantin/dev" {
		t.Errorf("User-Agent without contact: got %q, want Bantin/dev", got)
	}
}

// Each row fetches, remembers, and fetches again.
func TestValidatorsComeBackByteForByte(t *testing.T) {
	tests := map[string]article.Validators{
		"strong":                     {ETag: `"v1"`},
		"weak":                       {ETag: `W/"w1"`},
		"unquoted":                   {ETag: `abc`},
		"with gzip suffix":           {ETag: `"v1-gzip"`},
		"with odd bytes":             {ETag: "\"b\u1ea3n, tin\""},
		"last-modified":              {LastModified: "Mon, 21 Feb 2022 01:30:00 GMT"},
		"last-modified in odd form":  {LastModified: "2019-01-01 00:00:00"},
		"last-modified in lower gmt": {LastModified: "mon, 21 feb 2022 01:30:00 gmt"},
		"both":                       {ETag: `"v1"`, LastModified: "Mon, 21 Feb 2022 01:30:00 GMT"},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
				setValidators(w, want)
				w.Header().Set("Expires", "0") // an ETag is valid all the same
				serveDocument(w, r)
			})
			f := newFetcher(t, fetcher.Options{})
			first := fetch(t, f, fetcher.Request{URL: server.URL})
			if first.Validators != want {
				t.Errorf("validators: got %+v, want %+v", first.Validators, want)
			}
			fetch(t, f, fetcher.Request{URL: server.URL, Validators: first.Validators})
			second := server.asked()[1].Header
			sent := article.Validators{ETag: second.Get("If-None-Match"), LastModified: second.Get("If-Modified-Since")}
			if sent != want {
				t.Errorf("sent back: got %+v, want %+v", sent, want)
			}
			_, hasETag := second["If-None-Match"]
			_, hasModified := second["If-Modified-Since"]
			if hasETag != (want.ETag != "") || hasModified != (want.LastModified != "") {
				t.Errorf("sent more or less than known: %v", second)
			}
		})
	}
}

func setValidators(w http.ResponseWriter, v article.Validators) {
	if v.ETag != "" {
		w.Header().Set("ETag", v.ETag)
	}
	if v.LastModified != "" {
		w.Header().Set("Last-Modified", v.LastModified)
	}
}

func TestNotModified(t *testing.T) {
	sent := article.Validators{ETag: `"old"`, LastModified: "Mon, 21 Feb 2022 01:30:00 GMT"}
	tests := map[string]struct{ brought, want article.Validators }{
		"brings none":           {article.Validators{}, sent},
		"brings a new ETag":     {article.Validators{ETag: `"new"`}, article.Validators{ETag: `"new"`, LastModified: sent.LastModified}},
		"brings a new date":     {article.Validators{LastModified: "later"}, article.Validators{ETag: sent.ETag, LastModified: "later"}},
		"brings both, both new": {article.Validators{ETag: `"n"`, LastModified: "l"}, article.Validators{ETag: `"n"`, LastModified: "l"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := newOrigin(t, func(w http.ResponseWriter, _ *http.Request) {
				setValidators(w, test.brought)
				w.Header().Set("Cache-Control", "max-age=14400")
				w.WriteHeader(http.StatusNotModified)
			})
			got := fetch(t, newFetcher(t, fetcher.Options{}), fetcher.Request{URL: server.URL, Validators: sent})
			want := fetcher.Result{
				Status: http.StatusNotModified, NotModified: true, FinalURL: server.URL,
				Validators: test.want, MaxAge: 4 * time.Hour,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGoodAnswerWithoutValidatorsDropsThem(t *testing.T) {
	server := newOrigin(t, serveDocument)
	got := fetch(t, newFetcher(t, fetcher.Options{}), fetcher.Request{URL: server.URL, Validators: article.Validators{ETag: `"old"`, LastModified: "x"}})
	if got.Validators != (article.Validators{}) {
		t.Errorf("got %+v, want none", got.Validators)
	}
}

// A validator that servers refuse to read would lock the source out for good.
func TestUnusableValidatorsAreNotKept(t *testing.T) {
	huge := `"` + strings.Repeat("v", 100_000) + `"`
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", huge)
		serveDocument(w, r)
	})
	f := newFetcher(t, fetcher.Options{})
	if got := fetch(t, f, fetcher.Request{URL: server.URL}).Validators.ETag; got != "" {
		t.Errorf("ETag of %d bytes kept", len(got))
	}
	fetch(t, f, fetcher.Request{URL: server.URL, Validators: article.Validators{ETag: "a\x01b", LastModified: huge}})
	if asked := server.asked()[1].Header; asked.Get("If-None-Match") != "" || asked.Get("If-Modified-Since") != "" {
		t.Errorf("unsendable validators were sent")
	}
}

func TestNotModifiedUnasked(t *testing.T) {
	server := newOrigin(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	failure := failureOf(t, newFetcher(t, fetcher.Options{}), server.URL, fetcher.KindBadRedirect)
	if failure.Status != http.StatusNotModified {
		t.Errorf("status: got %d, want 304", failure.Status)
	}
}

func TestMaxAge(t *testing.T) {
	const week = 7 * 24 * time.Hour
	date := "Mon, 21 Feb 2022 08:00:00 GMT"
	tests := []struct {
		name   string
		header http.Header
		want   time.Duration
	}{
		{"none", http.Header{}, 0},
		{"max-age", http.Header{"Cache-Control": {"max-age=14400"}}, 4 * time.Hour},
		{"among others", http.Header{"Cache-Control": {"public, MAX-AGE=60, must-revalidate"}}, time.Minute},
		{"quoted", http.Header{"Cache-Control": {`max-age="60"`}}, time.Minute},
		{"in a second line", http.Header{"Cache-Control": {"public", "max-age=60"}}, time.Minute},
		{"two", http.Header{"Cache-Control": {"max-age=60, max-age=3600"}}, time.Minute},
		{"for shared caches only", http.Header{"Cache-Control": {"s-maxage=3600"}}, 0},
		{"no-cache", http.Header{"Cache-Control": {"no-cache, max-age=3600"}}, 0},
		{"no-store", http.Header{"Cache-Control": {"max-age=3600, no-store"}}, 0},
		{"ten years", http.Header{"Cache-Control": {"max-age=315360000"}}, week},
		{"overflow", http.Header{"Cache-Control": {"max-age=99999999999999999999999999"}}, week},
		{"overflow of a duration", http.Header{"Cache-Control": {"max-age=18446744073709551615"}}, week},
		{"negative", http.Header{"Cache-Control": {"max-age=-5"}}, 0},
		{"no number", http.Header{"Cache-Control": {"max-age=soon"}}, 0},
		{"expires", http.Header{"Date": {date}, "Expires": {"Mon, 21 Feb 2022 09:00:00 GMT"}}, time.Hour},
		{"expires, no date", http.Header{"Date": nil, "Expires": {"Mon, 21 Feb 2022 10:00:00 GMT"}}, time.Hour},
		{"expires loses to max-age", http.Header{"Date": {date}, "Expires": {"Mon, 21 Feb 2022 09:00:00 GMT"}, "Cache-Control": {"max-age=60"}}, time.Minute},
		{"expires 0", http.Header{"Expires": {"0"}}, 0},
		{"expires in the past", http.Header{"Date": {date}, "Expires": {"Thu, 01 Jan 1970 00:00:00 GMT"}}, 0},
		{"expires in year 9999", http.Header{"Date": {date}, "Expires": {"Fri, 31 Dec 9999 23:59:59 GMT"}}, week},
	}
	clock := func() time.Time { return time.Date(2022, 2, 21, 9, 0, 0, 0, time.UTC) }
	f := newFetcher(t, fetcher.Options{Now: clock})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := newOrigin(t, answer(http.StatusOK, test.header))
			if got := fetch(t, f, fetcher.Request{URL: server.URL}).MaxAge; got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// answer is a handler with a status, a header, and a short body.
func answer(status int, header http.Header) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "ok")
	}
}

func TestRetryAfter(t *testing.T) {
	date := []string{"Mon, 21 Feb 2022 08:00:00 GMT"}
	tests := []struct {
		name   string
		status int
		header http.Header
		kind   fetcher.Kind
		want   time.Duration
	}{
		{"429 in seconds", 429, http.Header{"Retry-After": {"120"}}, fetcher.KindRateLimited, 2 * time.Minute},
		{"429 by date", 429, http.Header{"Date": date, "Retry-After": {"Mon, 21 Feb 2022 08:10:00 GMT"}}, fetcher.KindRateLimited, 10 * time.Minute},
		{"429 by date, no Date", 429, http.Header{"Date": nil, "Retry-After": {"Mon, 21 Feb 2022 09:10:00 GMT"}}, fetcher.KindRateLimited, 10 * time.Minute},
		{"429 by date in the older form", 429, http.Header{"Date": date, "Retry-After": {"Monday, 21-Feb-22 08:10:00 GMT"}}, fetcher.KindRateLimited, 10 * time.Minute},
		{"429 without", 429, nil, fetcher.KindRateLimited, 0},
		{"429 in the past", 429, http.Header{"Date": date, "Retry-After": {"Mon, 21 Feb 2022 07:00:00 GMT"}}, fetcher.KindRateLimited, 0},
		{"429 negative", 429, http.Header{"Retry-After": {"-1"}}, fetcher.KindRateLimited, 0},
		{"429 nonsense", 429, http.Header{"Retry-After": {"later"}}, fetcher.KindRateLimited, 0},
		{"429 for ever", 429, http.Header{"Retry-After": {"99999999999999999999"}}, fetcher.KindRateLimited, 7 * 24 * time.Hour},
		{"503 in seconds", 503, http.Header{"Retry-After": {"3600"}}, fetcher.KindHTTP5xx, time.Hour},
		{"503 by date", 503, http.Header{"Date": date, "Retry-After": {"Mon, 21 Feb 2022 09:00:00 GMT"}}, fetcher.KindHTTP5xx, time.Hour},
		{"403 in seconds", 403, http.Header{"Retry-After": {"60"}}, fetcher.KindHTTP4xx, time.Minute},
	}
	clock := func() time.Time { return time.Date(2022, 2, 21, 9, 0, 0, 0, time.UTC) }
	f := newFetcher(t, fetcher.Options{Now: clock})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := newOrigin(t, answer(test.status, test.header))
			failure := failureOf(t, f, server.URL, test.kind)
			if failure.RetryAfter != test.want || failure.Status != test.status {
				t.Errorf("got %s after status %d, want %s after %d", failure.RetryAfter, failure.Status, test.want, test.status)
			}
		})
	}
}

func TestStatuses(t *testing.T) {
	tests := map[int]fetcher.Kind{
		206: fetcher.KindTruncated,
		300: fetcher.KindBadRedirect, 301: fetcher.KindBadRedirect, 305: fetcher.KindBadRedirect,
		400: fetcher.KindHTTP4xx, 401: fetcher.KindHTTP4xx, 403: fetcher.KindHTTP4xx, 404: fetcher.KindHTTP4xx,
		410: fetcher.KindGone, 429: fetcher.KindRateLimited, 451: fetcher.KindHTTP4xx,
		500: fetcher.KindHTTP5xx, 502: fetcher.KindHTTP5xx, 503: fetcher.KindHTTP5xx, 999: fetcher.KindHTTP5xx,
	}
	f := newFetcher(t, fetcher.Options{})
	for status, kind := range tests {
		server := newOrigin(t, answer(status, nil))
		if failure := failureOf(t, f, server.URL, kind); failure.Status != status {
			t.Errorf("got status %d, want %d", failure.Status, status)
		}
	}
	for _, status := range []int{200, 203, 204} {
		server := newOrigin(t, answer(status, nil))
		if got := fetch(t, f, fetcher.Request{URL: server.URL}); got.Status != status {
			t.Errorf("got status %d, want %d", got.Status, status)
		}
	}
}

func TestCookiesAreNeverSentBack(t *testing.T) {
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "D1N", Value: "1", Path: "/"})
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/next", http.StatusFound)
			return
		}
		serveDocument(w, r)
	})
	f := newFetcher(t, fetcher.Options{})
	fetch(t, f, fetcher.Request{URL: server.URL + "/"})
	fetch(t, f, fetcher.Request{URL: server.URL + "/"})
	if got := len(server.asked()); got != 4 {
		t.Fatalf("got %d requests, want 4", got)
	}
	for i, r := range server.asked() {
		if got := r.Header.Get("Cookie"); got != "" {
			t.Errorf("request %d: cookie %q", i, got)
		}
	}
}

func TestURLIsSentAsConfigured(t *testing.T) {
	tests := map[string]string{ // configured: on the wire
		"/tin?b=2&a=1&&c":          "/tin?b=2&a=1&&c",
		"/tin?":                    "/tin?",
		"":                         "/",
		"//a/../b/./c":             "//a/../b/./c",
		"/Kinh-te/%2f%C3%A0;x=1":   "/Kinh-te/%2f%C3%A0;x=1",
		"/x?u=wcm:path:/a/b%20c+d": "/x?u=wcm:path:/a/b%20c+d",
		"/x?q=a b":                 "/x?q=a%20b",
		"/tin-tức?tỉnh=1":          "/tin-t%E1%BB%A9c?t%E1%BB%89nh=1",
		"/x#phần":                  "/x",
		"/x?utm_source=rss":        "/x?utm_source=rss",
	}
	f := newFetcher(t, fetcher.Options{})
	for configured, want := range tests {
		server := newOrigin(t, serveDocument)
		fetch(t, f, fetcher.Request{URL: server.URL + configured})
		if got := server.asked()[0].RequestURI; got != want {
			t.Errorf("%q: got %q, want %q", configured, got, want)
		}
	}
}

func TestConnectionsAreReused(t *testing.T) {
	server := newOrigin(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gone":
			http.Error(w, strings.Repeat("x", 10_000), http.StatusGone)
		case "/moved":
			http.Redirect(w, r, "/", http.StatusMovedPermanently)
		case "/same":
			w.WriteHeader(http.StatusNotModified)
		default:
			serveDocument(w, r)
		}
	})
	f := newFetcher(t, fetcher.Options{})
	fetch(t, f, fetcher.Request{URL: server.URL})
	mustFail(t, f, server.URL+"/gone", fetcher.KindGone)
	fetch(t, f, fetcher.Request{URL: server.URL + "/moved"})
	fetch(t, f, fetcher.Request{URL: server.URL + "/same", Validators: article.Validators{ETag: `"v"`}})
	fetch(t, f, fetcher.Request{URL: server.URL})
	if got := server.connected(); got != 1 {
		t.Errorf("got %d connections for 6 requests, want 1", got)
	}
}

func TestHTTP2(t *testing.T) {
	server, roots := newTLSOrigin(t, serveDocument)
	fetch(t, newFetcher(t, fetcher.Options{RootCAs: roots}), fetcher.Request{URL: server.URL})
	if got := server.asked()[0].Proto; got != "HTTP/2.0" {
		t.Errorf("got %s, want HTTP/2.0", got)
	}
}
