package robots_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/robots"
)

const (
	page   = "https://bao.example/tin/a"
	closed = "User-agent: *\nDisallow: /"
	open   = "User-agent: *\nAllow: /"
)

func TestAddresses(t *testing.T) {
	tests := []struct {
		url, asked string // asked is empty where the URL is refused
	}{
		{"https://bao.example/tin", "https://bao.example/robots.txt"},
		{"https://BAO.example:443/tin", "https://bao.example/robots.txt"},
		{"https://bao.example./tin", "https://bao.example/robots.txt"},
		{"HTTP://bao.example:80?x", "http://bao.example/robots.txt"},
		{"http://bao.example:443/", "http://bao.example:443/robots.txt"},
		{"https://bao.example:/", "https://bao.example/robots.txt"},
		{"https://ten:mat-khau@bao.example/", "https://bao.example/robots.txt"},
		{"https://[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443/robots.txt"},
		{"https://bao.example/" + strings.Repeat("a", 7000), "https://bao.example/robots.txt"},
		{"https://bao.example/" + strings.Repeat("a", 8000), ""},
		{"/tin", ""},
		{"//bao.example/tin", ""},
		{"ftp://bao.example/tin", ""},
		{"https:///tin", ""},
		{"https:tin", ""},
		{"https://bao.example/%zz", ""},
		{"", ""},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			s := newScript()
			_, err := s.rules().Ask(t.Context(), tt.url)
			if refused := errors.Is(err, robots.ErrAddress); refused != (tt.asked == "") {
				t.Fatalf("error %v", err)
			}
			if tt.asked != "" && (len(s.asked) != 1 || s.asked[0].URL != tt.asked) {
				t.Errorf("asked %+v, want %s", s.asked, tt.asked)
			}
		})
	}
}

func TestRobotsTxtItselfNeedsNoRequest(t *testing.T) {
	s := newScript()
	s.file(closed)
	if got := ask(t, s.rules(), "https://bao.example/robots.txt"); !got.Allowed || len(s.asked) != 0 {
		t.Errorf("answer %+v after %d requests", got, len(s.asked))
	}
}

func TestFailures(t *testing.T) {
	tests := []struct {
		kind    fetcher.Kind
		allowed bool
	}{
		{fetcher.KindHTTP4xx, true}, // RFC 9309 §2.3.1.3
		{fetcher.KindGone, true},
		{fetcher.KindBadRedirect, true}, // RFC 9309 §2.3.1.2
		{fetcher.KindHTTP5xx, false},    // RFC 9309 §2.3.1.4
		{fetcher.KindRateLimited, false},
		{fetcher.KindTimeout, false},
		{fetcher.KindDNS, false},
		{fetcher.KindTLS, false},
		{fetcher.KindRefused, false},
		{fetcher.KindTruncated, false},
		{fetcher.KindTooLarge, false},
		{fetcher.KindBadEncoding, false},
		{fetcher.KindBlocked, false},
		{fetcher.KindNetwork, false},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			s := newScript()
			s.failure(tt.kind)
			got := ask(t, s.rules(), page)
			if got.Allowed != tt.allowed || got.Named || !strings.Contains(got.Reason, "scripted") {
				t.Errorf("answer %+v, want allowed %t", got, tt.allowed)
			}
		})
	}
	t.Run("any other error", func(t *testing.T) {
		s := newScript()
		s.err = errors.New("broken")
		if got := ask(t, s.rules(), page); got.Allowed {
			t.Errorf("answer %+v", got)
		}
	})
}

// TestHowLong checks when the host is asked again: not one second before.
func TestHowLong(t *testing.T) {
	tests := []struct {
		name   string
		result fetcher.Result
		err    error
		want   time.Duration
	}{
		{"no word", fetcher.Result{}, nil, 24 * time.Hour},
		{"six hours", fetcher.Result{MaxAge: 6 * time.Hour}, nil, 6 * time.Hour},
		{"a week", fetcher.Result{MaxAge: 7 * 24 * time.Hour}, nil, 24 * time.Hour},
		{"a minute", fetcher.Result{MaxAge: time.Minute}, nil, time.Hour},
		{"not found", fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindHTTP4xx, Err: errors.New("404")}, 24 * time.Hour},
		{"unreachable", fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindDNS, Err: errors.New("dns")}, 30 * time.Minute},
		{"retry after a minute", fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindHTTP5xx, RetryAfter: time.Minute, Err: errors.New("503")}, 30 * time.Minute},
		{"retry after two days", fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindRateLimited, RetryAfter: 48 * time.Hour, Err: errors.New("429")}, 48 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript()
			s.result, s.err = tt.result, tt.err
			rules := s.rules()
			for _, step := range []struct {
				after time.Duration
				asked int
			}{{0, 1}, {tt.want - time.Second, 1}, {time.Second, 2}} {
				s.now = s.now.Add(step.after)
				ask(t, rules, page)
				ask(t, rules, "https://bao.example/khac")
				if len(s.asked) != step.asked {
					t.Errorf("%d requests after %s, want %d", len(s.asked), step.after, step.asked)
				}
			}
		})
	}
}

func TestValidators(t *testing.T) {
	var (
		first  = article.Validators{ETag: `W/"1"`, LastModified: "Sun, 01 Mar 2026 00:00:00 GMT"}
		second = article.Validators{ETag: `W/"2"`}
		s      = newScript()
		rules  = s.rules()
	)
	steps := []struct {
		name    string
		result  fetcher.Result
		err     error
		sent    article.Validators // that this step is expected to send
		allowed bool
	}{
		{"first time", fetcher.Result{Body: []byte(closed), Validators: first}, nil, article.Validators{}, false},
		{"not modified", fetcher.Result{NotModified: true, Validators: second}, nil, first, false},
		{"unreachable", fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindHTTP5xx, Err: errors.New("500")}, second, false},
		{"not modified after all", fetcher.Result{NotModified: true, Validators: second}, nil, second, false},
		{"taken away", fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindHTTP4xx, Err: errors.New("404")}, second, true},
		{"back again", fetcher.Result{Body: []byte(closed), Validators: first}, nil, article.Validators{}, false},
		{"without validators", fetcher.Result{Body: []byte(open)}, nil, first, true},
		{"still without", fetcher.Result{Body: []byte(open)}, nil, article.Validators{}, true},
	}
	for i, step := range steps {
		s.result, s.err = step.result, step.err
		got := ask(t, rules, page)
		if got.Allowed != step.allowed {
			t.Errorf("%s: answer %+v, want allowed %t", step.name, got, step.allowed)
		}
		if diff := cmp.Diff(step.sent, s.asked[i].Validators); diff != "" {
			t.Errorf("%s: -want +sent:\n%s", step.name, diff)
		}
		s.now = s.now.Add(24 * time.Hour)
	}
}

func TestUnreachable(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		name   string
		before func(*script)
		// What holds on the first day, the 29th and the 31st after the first request.
		want [3]bool
	}{
		{"a copy that allows", func(s *script) { s.file(open) }, [3]bool{true, true, true}},
		{"a copy that forbids", func(s *script) { s.file(closed) }, [3]bool{false, false, false}},
		{"no copy", func(s *script) { s.failure(fetcher.KindDNS) }, [3]bool{false, false, true}},
		{"no file is no copy", func(s *script) { s.failure(fetcher.KindHTTP4xx) }, [3]bool{false, false, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript()
			rules := s.rules()
			tt.before(s)
			ask(t, rules, page)
			s.failure(fetcher.KindHTTP5xx)
			var got [3]bool
			for i, days := range []time.Duration{1, 28, 2} {
				s.now = s.now.Add(days * day)
				got[i] = ask(t, rules, page).Allowed
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	t.Run("an answer in between", func(t *testing.T) {
		s := newScript()
		rules := s.rules()
		for range 3 {
			s.failure(fetcher.KindHTTP5xx)
			if got := ask(t, rules, page); got.Allowed {
				t.Errorf("answer %+v", got)
			}
			s.now = s.now.Add(20 * day)
			s.failure(fetcher.KindHTTP4xx)
			ask(t, rules, page)
			s.now = s.now.Add(day)
		}
	})
}

// A slow fetcher answers when it is let go, or when its caller gives up.
type slow struct {
	letGo chan struct{}

	mu    sync.Mutex
	asked int
}

func (s *slow) Fetch(ctx context.Context, _ fetcher.Request) (fetcher.Result, error) {
	s.mu.Lock()
	s.asked++
	s.mu.Unlock()
	select {
	case <-s.letGo:
		return fetcher.Result{Body: []byte(open)}, nil
	case <-ctx.Done():
		return fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindCanceled, Err: ctx.Err()}
	}
}

func TestOneRequestAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{letGo: make(chan struct{})}
		rules := robots.New(robots.Options{Fetcher: s})
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() { ask(t, rules, page) })
		}
		synctest.Wait()
		if s.asked != 1 {
			t.Errorf("%d requests under way, want 1", s.asked)
		}
		close(s.letGo)
		group.Wait()
		if s.asked != 1 {
			t.Errorf("%d requests in all, want 1", s.asked)
		}
	})
}

// TestGivingUp lets the callers give up while the request is under way: it goes on,
// and its answer is known the next time. Who has a copy uses it meanwhile.
func TestGivingUp(t *testing.T) {
	tests := []struct {
		name string
		copy bool // there is one, which forbids
	}{{"without a copy", false}, {"with a copy", true}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, s := newScript(), &slow{letGo: make(chan struct{})}
				first.file(closed)
				fetchers := &inTurn{first, s}
				if !tt.copy {
					fetchers = &inTurn{s}
				}
				rules := robots.New(robots.Options{Fetcher: fetchers})
				if tt.copy {
					ask(t, rules, page)
					time.Sleep(25 * time.Hour)
				}
				for range 2 {
					ctx, giveUp := context.WithTimeout(t.Context(), 5*time.Second)
					got, err := rules.Ask(ctx, page)
					giveUp()
					if tt.copy && (err != nil || got.Allowed) {
						t.Errorf("got %+v, %v; want the answer of the copy", got, err)
					}
					if !tt.copy && !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("got %+v, %v; want the end of the context", got, err)
					}
				}
				close(s.letGo)
				synctest.Wait()
				if got := ask(t, rules, page); !got.Allowed || s.asked != 1 {
					t.Errorf("answer %+v after %d requests, want the new one after one", got, s.asked)
				}
			})
		})
	}
}

// inTurn asks its fetchers one after the other, and then the last one.
type inTurn []robots.Fetcher

func (f *inTurn) Fetch(ctx context.Context, req fetcher.Request) (fetcher.Result, error) {
	next := (*f)[0]
	if len(*f) > 1 {
		*f = (*f)[1:]
	}
	return next.Fetch(ctx, req)
}

// A request that nobody waits for ends, and is not made again at once.
func TestARequestThatHangsIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{letGo: make(chan struct{})}
		rules := robots.New(robots.Options{Fetcher: s, Timeout: 20 * time.Second})
		start := time.Now()
		for range 3 {
			if got := ask(t, rules, page); !got.Unknown {
				t.Errorf("answer %+v, want none", got)
			}
		}
		if took := time.Since(start); took != 20*time.Second || s.asked != 1 {
			t.Errorf("%d requests within %v, want one that ended after 20s", s.asked, took)
		}
	})
}

// A host may say that it is to be left alone, whether there is a copy or not.
func TestRetryAfterIsTold(t *testing.T) {
	busy := &fetcher.Error{Kind: fetcher.KindHTTP5xx, Status: 503, RetryAfter: 2 * time.Hour, Err: errors.New("503")}
	broken := &fetcher.Error{Kind: fetcher.KindHTTP5xx, Status: 500, RetryAfter: 2 * time.Hour, Err: errors.New("500")}
	for _, hasCopy := range []bool{false, true} {
		s := newScript()
		rules := s.rules()
		if hasCopy {
			s.file(open)
			ask(t, rules, page)
			s.now = s.now.Add(24 * time.Hour)
		}
		s.err = busy
		for _, want := range []time.Duration{2 * time.Hour, time.Hour} {
			if got := ask(t, rules, page); got.RetryAfter != want || got.Allowed != hasCopy {
				t.Errorf("with a copy %t: answer %+v, want a wait of %v", hasCopy, got, want)
			}
			s.now = s.now.Add(time.Hour)
		}
		s.err = broken
		if got := ask(t, rules, page); got.RetryAfter != 0 {
			t.Errorf("with a copy %t: answer %+v, want no wait", hasCopy, got)
		}
	}
}

type panicking struct{}

func (panicking) Fetch(context.Context, fetcher.Request) (fetcher.Result, error) { panic("fault") }

// A panic would end the process, because no caller can catch it.
func TestAPanicIsAnError(t *testing.T) {
	rules := robots.New(robots.Options{Fetcher: panicking{}})
	if _, err := rules.Ask(t.Context(), page); !errors.Is(err, robots.ErrPanic) || !strings.Contains(err.Error(), "record_test.go") {
		t.Errorf("got %v, want the panic and its place", err)
	}
}

func TestCacheForgetsTheHostsThatWereNotAskedFor(t *testing.T) {
	tests := []struct {
		name, file string
		hosts      int // that fill the cache and more
	}{
		{"many hosts", open, 10_050},
		{"large files", "User-agent: *\n" + largeFile(), 30},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScript()
			s.file(tt.file)
			rules := s.rules()
			host := func(i int) string { return fmt.Sprintf("https://bao-%d.example/tin", i) }
			for i := range tt.hosts {
				ask(t, rules, host(i))
				ask(t, rules, host(0))
			}
			if len(s.asked) != tt.hosts {
				t.Fatalf("%d requests to %d hosts", len(s.asked), tt.hosts)
			}
			ask(t, rules, host(1))
			if len(s.asked) != tt.hosts+1 {
				t.Error("the host that was not asked for is still in the cache")
			}
			ask(t, rules, host(tt.hosts-1))
			if len(s.asked) != tt.hosts+1 {
				t.Error("the last host is not in the cache")
			}
		})
	}
}

// largeFile has rules that are all different, close to the limit.
func largeFile() string {
	var b strings.Builder
	for i := 0; b.Len() < 490<<10; i++ {
		fmt.Fprintf(&b, "Allow: /%d\n", i)
	}
	return b.String()
}

func TestManyCallers(t *testing.T) {
	s := newScript()
	s.file(open)
	rules := s.rules()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for n := range 200 {
				ask(t, rules, fmt.Sprintf("https://bao-%d.example/tin", (n+i)%50))
			}
		})
	}
	group.Wait()
	if len(s.asked) != 50 {
		t.Errorf("%d requests, want 50", len(s.asked))
	}
}

// TestOverHTTP puts the real fetcher before a server on loopback: five
// redirects, a conditional request, and statuses.
func TestOverHTTP(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path+" "+r.Header.Get("If-None-Match"))
		switch r.URL.Path {
		case "/robots.txt":
			http.Redirect(w, r, "/1", http.StatusFound)
		case "/1", "/2", "/3", "/4":
			http.Redirect(w, r, "/"+string(r.URL.Path[1]+1), http.StatusMovedPermanently)
		default:
			w.Header().Set("ETag", `"e"`)
			w.Header().Set("Cache-Control", "max-age=7200")
			http.ServeContent(w, r, "robots.txt", time.Time{}, strings.NewReader("User-agent: Bantin\nDisallow: /kin\nCrawl-delay: 3\n"))
		}
	}))
	defer server.Close()
	s := newScript()
	rules := robots.New(robots.Options{Fetcher: realFetcher(t), Now: s.clock})
	want := robots.Answer{Named: true, CrawlDelay: 3 * time.Second, Reason: "robots.txt: Disallow: /kin"}
	for range 2 {
		if diff := cmp.Diff(want, ask(t, rules, server.URL+"/kin/a")); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		s.now = s.now.Add(2 * time.Hour)
	}
	wantAsked := []string{
		"/robots.txt ", "/1 ", "/2 ", "/3 ", "/4 ", "/5 ",
		`/robots.txt "e"`, `/1 "e"`, `/2 "e"`, `/3 "e"`, `/4 "e"`, `/5 "e"`,
	}
	if diff := cmp.Diff(wantAsked, asked); diff != "" {
		t.Errorf("requests: -want +got:\n%s", diff)
	}
}

func TestStatusesOverHTTP(t *testing.T) {
	for status, allowed := range map[int]bool{
		200: false, 401: true, 403: true, 404: true, 410: true, 429: false, 500: false, 503: false, 999: false,
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = w.Write([]byte(closed))
			}))
			defer server.Close()
			rules := robots.New(robots.Options{Fetcher: realFetcher(t)})
			if got := ask(t, rules, server.URL+"/tin"); got.Allowed != allowed {
				t.Errorf("answer %+v, want allowed %t", got, allowed)
			}
		})
	}
}

func realFetcher(tb testing.TB) *fetcher.Fetcher {
	tb.Helper()
	f := fetcher.New(fetcher.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	tb.Cleanup(f.Close)
	return f
}
