package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/gazetteer"
	"bantin/internal/pipeline"
	"bantin/internal/robots"
	"bantin/internal/schedule"
	"bantin/internal/store"
	"bantin/internal/store/sqlite"
	"bantin/normalizer"
	"bantin/publisher"
)

// An origin serves documents and logs what it is asked.
type origin struct {
	*httptest.Server
	mu      sync.Mutex
	handle  map[string]http.HandlerFunc
	asked   map[string]int
	headers map[string]http.Header // of the last request
}

func newOrigin(t *testing.T) *origin {
	t.Helper()
	o := &origin{handle: map[string]http.HandlerFunc{}, asked: map[string]int{}, headers: map[string]http.Header{}}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asked[r.URL.Path]++
		o.headers[r.URL.Path] = r.Header.Clone()
		h := o.handle[r.URL.Path]
		o.mu.Unlock()
		if h == nil {
			http.NotFound(w, r)
			return
		}
		h(w, r)
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *origin) serve(path string, h http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.handle[path] = h
}

func (o *origin) requests(path string) (int, http.Header) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[path], o.headers[path]
}

// document answers with the body, and with 304 where the ETag matches.
func document(contentType, etag, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if etag != "" {
			w.Header().Set("ETag", etag)
			if r.Header.Get("If-None-Match") == etag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	}
}

func rss(items ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Báo thử</title><link>https://bao.example/</link>` +
		strings.Join(items, "") + `</channel></rss>`
}

func item(n int) string {
	return fmt.Sprintf(`<item><title>Tin số %d</title><link>https://bao.example/tin-%d.html</link><guid>g%d</guid>`+
		`<pubDate>Mon, 16 Nov 2026 08:%02d:00 +0700</pubDate><description>Nội dung của tin số %d ở tỉnh Thái Nguyên.</description></item>`,
		n, n, n, n%60, n)
}

const feedType = "application/rss+xml; charset=utf-8"

// a setup is a pipeline on a store in a file, and its clock.
type setup struct {
	options pipeline.Options
	store   store.Store
	clock   atomic.Int64
}

func (s *setup) now() time.Time           { return time.UnixMilli(s.clock.Load()) }
func (s *setup) advance(by time.Duration) { s.clock.Add(by.Milliseconds()) }
func feedSource(id, url string) pipeline.Source {
	return pipeline.Source{Source: article.Source{ID: id, Name: "Báo " + id, FeedURL: url, Republish: article.Full, FullText: article.FullTextNever}, Schedule: schedule.Every(time.Hour)}
}

func pageSource(id, url string) pipeline.Source {
	return pipeline.Source{Source: article.Source{ID: id, Name: "Cổng " + id, PageURL: url, Republish: article.Full}, Schedule: schedule.Every(time.Hour)}
}

func newSetup(t *testing.T, sources ...pipeline.Source) *setup {
	t.Helper()
	st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "bantin.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	g, err := gazetteer.New()
	if err != nil {
		t.Fatal(err)
	}
	n, err := normalizer.New(normalizer.Options{Gazetteer: g})
	if err != nil {
		t.Fatal(err)
	}
	f := fetcher.New(fetcher.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Timeout: 2 * time.Second})
	t.Cleanup(f.Close)
	s := &setup{store: st}
	s.clock.Store(time.Date(2026, 11, 16, 10, 0, 0, 0, time.UTC).UnixMilli())
	s.options = pipeline.Options{
		Sources:     sources,
		Channels:    []publisher.Channel{{ID: "tat-ca", Title: "Tất cả", Limit: 50}},
		Site:        publisher.Options{Title: "Bản tin", BaseURL: "https://bantin.example/", Language: "vi", Location: time.UTC, Sources: byID(sources)},
		Concurrency: 8,
		PerHost:     2,

		MinInterval: time.Hour, MaxInterval: 24 * time.Hour, PagesPerRefresh: 30, Lease: time.Minute,
		Robots: robots.New(robots.Options{Fetcher: f, Agent: robots.DefaultAgent, Now: s.now}),

		Store:      st,
		Fetcher:    f,
		Normalizer: n,
		Now:        s.now,
		Logger:     slog.New(slog.DiscardHandler),
	}
	return s
}

func byID(sources []pipeline.Source) map[string]article.Source {
	out := make(map[string]article.Source)
	for _, s := range sources {
		out[s.ID] = s.Source
	}
	return out
}

func (s *setup) pipeline(t *testing.T) *pipeline.Pipeline {
	t.Helper()
	p, err := pipeline.New(s.options)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Decide(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// refresh refreshes all sources and returns the outcomes by source.
func refresh(t *testing.T, p *pipeline.Pipeline) map[string]pipeline.Outcome {
	t.Helper()
	outcomes := make(map[string]pipeline.Outcome)
	if err := p.RefreshAll(t.Context(), nil, func(o pipeline.Outcome) { outcomes[o.SourceID] = o }); err != nil {
		t.Fatal(err)
	}
	return outcomes
}

func state(t *testing.T, s *setup, id string) article.SourceState {
	t.Helper()
	states, err := s.store.States(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return states[id]
}

func titles(t *testing.T, s *setup, key string) []string {
	t.Helper()
	articles, err := s.store.Select(t.Context(), store.Query{Key: key, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, a := range articles {
		out = append(out, a.Title)
	}
	return out
}

func TestRefreshStoresOnceAndThenAsksConditionally(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, `W/"v1"`, rss(item(1), item(2))))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	p := s.pipeline(t)

	first := refresh(t, p)["bao"]
	if first.Err != nil || first.Counts.New != 2 {
		t.Fatalf("first refresh: got %+v, want 2 new articles", first)
	}
	s.advance(time.Hour)
	second := refresh(t, p)["bao"]
	if second.Err != nil || !second.Unchanged {
		t.Errorf("second refresh: got %+v, want unchanged", second)
	}
	if _, header := o.requests("/rss"); header.Get("If-None-Match") != `W/"v1"` {
		t.Errorf("If-None-Match: got %q, want the ETag as it came", header.Get("If-None-Match"))
	}
	if got := state(t, s, "bao"); !got.NextFetchAt.After(s.now().Add(time.Hour - time.Millisecond)) {
		t.Errorf("next fetch at %v, want an hour or more after %v", got.NextFetchAt, s.now())
	}
}

func TestTheSameBytesWithoutValidatorsAreNotReadAgain(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, "", rss(item(1))))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	p := s.pipeline(t)
	refresh(t, p)
	if got := refresh(t, p)["bao"]; !got.Unchanged || got.Counts != (article.Counts{}) {
		t.Errorf("got %+v, want unchanged without a single article put", got)
	}
}

func TestValidatorsBelongToTheirURL(t *testing.T) {
	o := newOrigin(t)
	o.serve("/old", document(feedType, `"same"`, rss(item(1))))
	o.serve("/new", document(feedType, `"same"`, rss(item(2))))
	s := newSetup(t, feedSource("bao", o.URL+"/old"))
	refresh(t, s.pipeline(t))
	s.options.Sources = []pipeline.Source{feedSource("bao", o.URL+"/new")}
	if got := refresh(t, s.pipeline(t))["bao"]; got.Counts.New != 1 {
		t.Errorf("after the feed moved: got %+v, want the article of the new address", got)
	}
}

// What others serve in place of a feed, and what the failure is called.
func badSources() map[string]struct {
	handler http.HandlerFunc
	failure string
} {
	return map[string]struct {
		handler http.HandlerFunc
		failure string
	}{
		"challenge": {document("text/html", "", `<html><body><script>document.cookie="D1N=0123456789abcdef0123456789abcdef"+"; path=/";window.location.reload(true);</script></body></html>`), "challenged"},
		"html":      {document("text/html", "", "<!doctype html><html><head><title>Trang chủ</title></head><body><p>Kính chào quý vị.</p></body></html>"), "not_a_feed"},
		"empty":     {document(feedType, "", ""), "empty"},
		"500":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "http_5xx"},
		"garbage":   {document(feedType, "", "\x00\x01\x02 rác rưởi \xff\xfe"), "unparsable"},
		"bomb":      {document(feedType, "", `<rss version="2.0"><channel><item>`+strings.Repeat("<a:b>", 2_000_000)), "unparsable"},
		"nothing": {func(w http.ResponseWriter, _ *http.Request) {
			hijacker, ok := w.(http.Hijacker)
			if !ok {
				panic("the test server cannot be hijacked")
			}
			conn, _, err := hijacker.Hijack()
			if err == nil {
				_ = conn.Close()
			}
		}, "network"},
		"hanging": {func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
			}
		}, "timeout"},
	}
}

func TestOneBadSourceNeverHarmsAnother(t *testing.T) {
	o := newOrigin(t)
	bad := badSources()
	sources := []pipeline.Source{feedSource("good", o.URL+"/good")}
	o.serve("/good", document(feedType, `"1"`, rss(item(1), item(2))))
	for name := range bad {
		o.serve("/"+name, document(feedType, `"good"`, rss(item(3))))
		sources = append(sources, feedSource(name, o.URL+"/"+name))
	}
	s := newSetup(t, sources...)
	p := s.pipeline(t)
	for id, outcome := range refresh(t, p) { // on a good day
		if outcome.Err != nil {
			t.Fatalf("%s: %v", id, outcome.Err)
		}
	}
	before := titles(t, s, s.options.Channels[0].Key())

	for name, b := range bad {
		o.serve("/"+name, b.handler)
	}
	o.serve("/good", document(feedType, `"2"`, rss(item(4), item(1), item(2))))
	s.advance(2 * time.Hour)
	outcomes := refresh(t, p)
	if got := outcomes["good"]; got.Err != nil || got.Counts.New != 1 {
		t.Errorf("good: got %+v, want one new article", got)
	}
	for name, b := range bad {
		if got := outcomes[name]; got.Failure != b.failure || got.Err == nil {
			t.Errorf("%s: got failure %q (%v), want %q", name, got.Failure, got.Err, b.failure)
		}
		st := state(t, s, name)
		if st.Failure != b.failure || st.Failures != 1 || st.FailureText == "" || !st.FailingSince.Equal(s.now()) {
			t.Errorf("%s: got state %+v, want its failure with text and time", name, st)
		}
		if st.Validators.ETag != `"good"` || st.LastGood.IsZero() || !st.NextFetchAt.After(s.now()) {
			t.Errorf("%s: got state %+v, want the validators of the last good document and a next fetch", name, st)
		}
	}
	if after := titles(t, s, s.options.Channels[0].Key()); len(after) != len(before)+1 {
		t.Errorf("got %d articles published, want the %d from before and one", len(after), len(before))
	}
	site, err := p.Site(t.Context(), 1)
	if err != nil || !has(site, "/c/tat-ca/rss.xml") {
		t.Errorf("the site is not rendered: %v", err)
	}
}

func TestATruncatedFeedAndVietnameseDatesStillGiveTheirArticles(t *testing.T) {
	o := newOrigin(t)
	o.serve("/cut", document(feedType, "", strings.TrimSuffix(rss(item(1), item(2), item(3)), "m></channel></rss>")))
	o.serve("/gmt7", document(feedType, "", rss(`<item><title>Tin</title><guid>g</guid><pubDate>Mon, 16 Nov 2026 08:30:00 GMT+7</pubDate></item>`)))
	s := newSetup(t, feedSource("cut", o.URL+"/cut"), feedSource("gmt7", o.URL+"/gmt7"))
	outcomes := refresh(t, s.pipeline(t))
	if got := outcomes["cut"]; got.Err != nil || got.Counts.New < 2 || len(got.Warnings) == 0 {
		t.Errorf("cut: got %+v, want the whole items and a warning", got)
	}
	articles, err := s.store.Articles(t.Context(), []string{article.NewID("gmt7", "g")})
	if err != nil || len(articles) != 1 {
		t.Fatalf("got %d articles, %v; want 1", len(articles), err)
	}
	if want := time.Date(2026, 11, 16, 1, 30, 0, 0, time.UTC); !articles[0].Published.Equal(want) {
		t.Errorf("published: got %v, want %v", articles[0].Published, want)
	}
}

// TestDatesCountFromTheFetch: what a source calls two hours ago is two hours
// before it was read.
func TestDatesCountFromTheFetch(t *testing.T) {
	o := newOrigin(t)
	o.serve("/ago", document(feedType, "", rss(`<item><title>Tin</title><guid>g</guid><pubDate>2 giờ trước</pubDate></item>`)))
	s := newSetup(t, feedSource("ago", o.URL+"/ago"))
	refresh(t, s.pipeline(t))
	articles, err := s.store.Articles(t.Context(), []string{article.NewID("ago", "g")})
	if err != nil || len(articles) != 1 {
		t.Fatalf("got %d articles, %v; want 1", len(articles), err)
	}
	if want := s.now().Add(-2 * time.Hour).Truncate(time.Hour); !articles[0].Published.Equal(want) || articles[0].Precision != article.Hour {
		t.Errorf("published: got %v %s, want %v", articles[0].Published, articles[0].Precision, want)
	}
}

// A failingStore fails its next commits that carry articles.
type failingStore struct {
	store.Store
	failures atomic.Int32
}

func (f *failingStore) Commit(ctx context.Context, refresh article.Refresh) (article.Counts, error) {
	if len(refresh.Articles) > 0 && f.failures.Add(-1) >= 0 {
		return article.Counts{}, fmt.Errorf("commit: %w", store.ErrUnavailable)
	}
	return f.Store.Commit(ctx, refresh)
}

func TestNothingIsRememberedBeforeItIsDurable(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, `"1"`, rss(item(1))))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	failing := &failingStore{Store: s.store}
	failing.failures.Store(1)
	s.options.Store = failing
	p := s.pipeline(t)

	if got := refresh(t, p)["bao"]; !errors.Is(got.Err, store.ErrUnavailable) {
		t.Fatalf("got %v, want the store's error", got.Err)
	}
	if got := state(t, s, "bao"); got.Validators.ETag != "" || got.BodyHash != "" {
		t.Errorf("after a failed commit the validators are %+v, want none", got.Validators)
	}
	if got := refresh(t, p)["bao"]; got.Counts.New != 1 {
		t.Errorf("the refresh after it: got %+v, want the article", got)
	}
}

func page(title string) string {
	return `<!doctype html><html lang="vi"><head><title>` + title + `</title><meta property="og:title" content="` + title + `"></head><body>
<nav><a href="/">Trang chủ</a></nav><article><h1>` + title + `</h1><time>16/11/2026 08:30</time>` +
		strings.Repeat("<p>Sáng nay, bà con trong xã cùng nhau sửa lại con đường dẫn ra cánh đồng, góp công và góp đá cho kịp vụ mới.</p>", 5) +
		`</article></body></html>`
}

func listing(numbers ...int) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="vi"><body><nav><a href="/">Trang chủ</a><a href="/lien-he">Liên hệ</a></nav><ul class="news-list">`)
	for _, n := range numbers {
		fmt.Fprintf(&b, `<li><h3><a href="/tin-tuc/bai-viet-so-%d.html">Bà con trong xã sửa con đường thứ %d dẫn ra cánh đồng</a></h3><p>Tóm tắt của bài.</p></li>`, n, n)
	}
	b.WriteString(`</ul></body></html>`)
	return b.String()
}

func TestAPageSourceReadsEachPageOnceAndForgetsNoneThatFailed(t *testing.T) {
	o := newOrigin(t)
	path := func(n int) string { return fmt.Sprintf("/tin-tuc/bai-viet-so-%d.html", n) }
	o.serve("/tin-tuc", document("text/html; charset=utf-8", `"l1"`, listing(3, 2, 1)))
	for n := 1; n <= 3; n++ {
		o.serve(path(n), document("text/html; charset=utf-8", "", page(fmt.Sprintf("Bà con sửa con đường thứ %d", n))))
	}
	o.serve(path(2), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	s := newSetup(t, pageSource("cong", o.URL+"/tin-tuc"))
	p := s.pipeline(t)

	first := refresh(t, p)["cong"]
	if first.Err != nil || first.Counts.New != 2 || len(first.Warnings) != 1 {
		t.Fatalf("first refresh: got %+v, want two articles and a warning", first)
	}
	o.serve(path(2), document("text/html; charset=utf-8", "", page("Bà con sửa con đường thứ 2")))
	second := refresh(t, p)["cong"]
	if second.Err != nil || second.Counts.New != 1 {
		t.Fatalf("second refresh: got %+v, want the page that failed", second)
	}
	if n, _ := o.requests(path(1)); n != 1 {
		t.Errorf("page 1 was asked for %d times, want once", n)
	}
	if third := refresh(t, p)["cong"]; !third.Unchanged {
		t.Errorf("third refresh: got %+v, want unchanged", third)
	}
}

func pagePath(n int) string { return fmt.Sprintf("/tin-tuc/bai-viet-so-%d.html", n) }

// serveListing serves a listing of the pages 1 … n, the newest first.
func (o *origin) serveListing(n int, status func(page int) http.HandlerFunc) {
	numbers := make([]int, n)
	for i := range numbers {
		numbers[i] = n - i
		o.serve(pagePath(n-i), status(n-i))
	}
	o.serve("/tin-tuc", document("text/html; charset=utf-8", "", listing(numbers...)))
}

func goodPage(n int) http.HandlerFunc {
	return document("text/html; charset=utf-8", "", page(fmt.Sprintf("Bà con sửa con đường thứ %d", n)))
}

func TestDeadPagesNeitherHideTheOthersNorAreAskedAgain(t *testing.T) {
	o := newOrigin(t)
	o.serveListing(35, func(n int) http.HandlerFunc {
		if n <= 30 {
			return http.NotFound
		}
		return goodPage(n)
	})
	s := newSetup(t, pageSource("cong", o.URL+"/tin-tuc"))
	p := s.pipeline(t)
	refresh(t, p)
	refresh(t, p)
	if got := len(titles(t, s, s.options.Channels[0].Key())); got != 5 {
		t.Errorf("after two refreshes: got %d articles, want the 5 that there are", got)
	}
	o.serve("/tin-tuc", document("text/html; charset=utf-8", "", listing(36, 35, 34, 33, 32, 31, 3, 2, 1)))
	o.serve(pagePath(36), goodPage(36))
	refresh(t, p)
	if n, _ := o.requests(pagePath(1)); n != 1 {
		t.Errorf("a dead page was asked for %d times in a day, want once", n)
	}
	s.advance(24 * time.Hour)
	o.serve("/tin-tuc", document("text/html; charset=utf-8", "", listing(36, 35, 3, 2, 1)))
	o.serve(pagePath(1), goodPage(1))
	if got := refresh(t, p)["cong"]; got.Counts.New != 1 {
		t.Errorf("a page that came to life the next day: got %+v, want its article", got)
	}
}

func TestPagesThatDoNotComeEndTheRefresh(t *testing.T) {
	tests := map[string]struct {
		handler http.HandlerFunc
		asked   int // pages, before the refresh gives up
		wait    time.Duration
	}{
		"broken": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, 3, 0},
		"asked to wait": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "36000")
			w.WriteHeader(http.StatusTooManyRequests)
		}, 1, 10 * time.Hour},
		"challenged": {badSources()["challenge"].handler, 3, 0},
		"forbidden":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, 3, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t)
			o.serveListing(10, func(int) http.HandlerFunc { return test.handler })
			s := newSetup(t, pageSource("cong", o.URL+"/tin-tuc"))
			p := s.pipeline(t)
			refresh(t, p)
			asked := 0
			for n := range 11 {
				count, _ := o.requests(pagePath(n))
				asked += count
			}
			if asked != test.asked {
				t.Errorf("%d pages were asked for, want %d", asked, test.asked)
			}
			st := state(t, s, "cong")
			if st.BodyHash != "" || st.NextFetchAt.Before(s.now().Add(test.wait)) {
				t.Errorf("got state %+v, want the listing to be read again after %v", st, test.wait)
			}
			s.advance(test.wait)
			o.serveListing(10, goodPage)
			if got := refresh(t, p)["cong"]; got.Counts.New != 10 {
				t.Errorf("when the pages came back: got %+v, want all 10", got)
			}
		})
	}
}

func TestPagesThatStayBrokenDoNotHideTheOthers(t *testing.T) {
	o := newOrigin(t)
	o.serveListing(10, func(n int) http.HandlerFunc {
		if n <= 3 {
			return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }
		}
		return goodPage(n)
	})
	s := newSetup(t, pageSource("cong", o.URL+"/tin-tuc"))
	p := s.pipeline(t)
	refresh(t, p)
	refresh(t, p)
	if got := len(titles(t, s, s.options.Channels[0].Key())); got != 7 {
		t.Errorf("after two refreshes: got %d articles, want the 7 whose pages work", got)
	}
}

func TestAPageThatComesToLifeIsReadTheNextDay(t *testing.T) {
	o := newOrigin(t)
	o.serve("/tin-tuc", document("text/html; charset=utf-8", `"1"`, listing(2, 1)))
	o.serve(pagePath(2), goodPage(2))
	s := newSetup(t, pageSource("cong", o.URL+"/tin-tuc"))
	p := s.pipeline(t)
	refresh(t, p)
	o.serve(pagePath(1), goodPage(1))
	if got := refresh(t, p)["cong"]; !got.Unchanged {
		t.Errorf("on the same day: got %+v, want unchanged", got)
	}
	s.advance(25 * time.Hour)
	if got := refresh(t, p)["cong"]; got.Counts.New != 1 {
		t.Errorf("the next day, the listing unchanged: got %+v, want the page", got)
	}
}

func TestFetchByHandIsNotHeldUpByOneHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetch := &scripted{times: map[string][]time.Time{}, takes: time.Second, slow: map[string]time.Duration{}}
		var sources []pipeline.Source
		for n := range 20 {
			url := fmt.Sprintf("http://hang.example/%02d", n)
			fetch.slow[url] = 30 * time.Second
			sources = append(sources, feedSource(fmt.Sprintf("a-hang-%02d", n), url))
		}
		sources = append(sources, feedSource("tot", "http://tot.example/"))
		s := newSetup(t, sources...)
		s.options.Fetcher, s.options.Robots, s.options.Now = fetch, allowAll{}, time.Now
		start := time.Now()
		refresh(t, s.pipeline(t))
		if times := fetch.of("http://tot.example/"); len(times) != 1 || times[0].Sub(start) > 5*time.Second {
			t.Errorf("the healthy source was fetched at %v after %v, want at once", times, start)
		}
	})
}

func TestATruncatedFeedIsReadAgain(t *testing.T) {
	o := newOrigin(t)
	whole := rss(item(1), item(2), item(3))
	o.serve("/rss", document(feedType, `"1"`, whole[:strings.LastIndex(whole, "<title>")]))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	p := s.pipeline(t)
	if got := refresh(t, p)["bao"]; got.Counts.New != 2 {
		t.Fatalf("got %+v, want the two whole items", got)
	}
	o.serve("/rss", document(feedType, `"1"`, whole))
	if got := refresh(t, p)["bao"]; got.Counts.New != 1 {
		t.Errorf("when it came whole under the same ETag: got %+v, want the third item", got)
	}
}

func TestASourceNamedTwiceIsFetchedOnce(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, "", rss(item(1))))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	if err := s.pipeline(t).RefreshAll(t.Context(), []string{"bao", "bao"}, func(pipeline.Outcome) {}); err != nil {
		t.Fatal(err)
	}
	if n, _ := o.requests("/rss"); n != 1 {
		t.Errorf("it was asked for %d times, want once", n)
	}
}
