package pipeline_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bantin/fetcher"
	"bantin/internal/pipeline"
	"bantin/internal/robots"
	"bantin/internal/schedule"
	"bantin/publisher"
)

// allowAll is a world without robots.txt.
type allowAll struct{}

func (allowAll) Ask(context.Context, string) (robots.Answer, error) {
	return robots.Answer{Allowed: true}, nil
}

// A scripted fetcher answers without a network, so that time can be made up.
type scripted struct {
	mu    sync.Mutex
	times map[string][]time.Time // of each fetch, by URL
	takes time.Duration
	slow  map[string]time.Duration // by URL, in place of takes
}

func (s *scripted) Fetch(ctx context.Context, request fetcher.Request) (fetcher.Result, error) {
	s.mu.Lock()
	s.times[request.URL] = append(s.times[request.URL], time.Now())
	n := len(s.times[request.URL])
	s.mu.Unlock()
	select {
	case <-time.After(cmp.Or(s.slow[request.URL], s.takes)):
	case <-ctx.Done():
		return fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindCanceled, URL: request.URL, Err: ctx.Err()}
	}
	return fetcher.Result{Status: 200, Body: []byte(rss(item(n))), BodyHash: strconv.Itoa(n), FinalURL: request.URL}, nil
}

func (s *scripted) of(url string) []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.times[url]
}

// runFor runs the daemon for a while, under the made-up clock of synctest, and
// returns how often it published.
func runFor(t *testing.T, s *setup, d time.Duration) int {
	t.Helper()
	p, err := pipeline.New(s.options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	var published atomic.Int32
	if err := p.Run(ctx, func(*publisher.Site) { published.Add(1) }); err != nil {
		t.Fatal(err)
	}
	return int(published.Load())
}

func TestRunKeepsToTheSchedules(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetch := &scripted{times: map[string][]time.Time{}, takes: 3 * time.Second}
		s := newSetup(t, feedSource("mot", "http://mot.example/"), feedSource("hai", "http://hai.example/"))
		s.options.Fetcher, s.options.Robots, s.options.Now = fetch, allowAll{}, time.Now
		s.options.Digests = []pipeline.Digest{{ID: "sang", Title: "Sáng", Channels: []string{"tat-ca"}, Schedule: schedule.Every(90 * time.Minute)}}
		published := runFor(t, s, 3*time.Hour+30*time.Minute)

		first, second := fetch.of("http://mot.example/"), fetch.of("http://hai.example/")
		for _, times := range [][]time.Time{first, second} {
			if len(times) != 4 {
				t.Errorf("got %d fetches in three hours and a half, want 4", len(times))
			}
			for i := 1; i < len(times); i++ {
				if gap := times[i].Sub(times[i-1]); gap < time.Hour || gap > time.Hour+7*time.Minute {
					t.Errorf("fetch %d came %v after the one before, want an hour and a little", i, gap)
				}
			}
		}
		if len(first) > 1 && len(second) > 1 && first[1].Equal(second[1]) {
			t.Error("two sources with one schedule were fetched at the same second")
		}
		// Empty, two first fetches at once or apart, and every later article and issue.
		if published < 5 || published > 13 {
			t.Errorf("published %d times, want once for each time that the store changed", published)
		}
		issues, err := s.store.Issues(t.Context(), "sang", 10)
		if err != nil || len(issues) == 0 {
			t.Errorf("got %d issues of the digest, %v; want one", len(issues), err)
		}
	})
}

func TestRestartsAskNobodyEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetch := &scripted{times: map[string][]time.Time{}, takes: 20 * time.Second}
		s := newSetup(t, feedSource("mot", "http://mot.example/"))
		s.options.Fetcher, s.options.Robots, s.options.Now = fetch, allowAll{}, time.Now
		for range 20 { // the first ones stop in the middle of the fetch
			runFor(t, s, 10*time.Second)
		}
		if got := len(fetch.of("http://mot.example/")); got != 1 {
			t.Errorf("20 restarts within the hour asked the source %d times, want once", got)
		}
	})
}

func TestAHangingHostHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetch := &scripted{times: map[string][]time.Time{}, takes: time.Second, slow: map[string]time.Duration{}}
		var sources []pipeline.Source
		for n := range 60 {
			url := fmt.Sprintf("http://hang.example/%02d", n)
			fetch.slow[url] = 30 * time.Second
			sources = append(sources, feedSource(fmt.Sprintf("a-hang-%02d", n), url))
		}
		sources = append(sources, feedSource("tot", "http://tot.example/"))
		s := newSetup(t, sources...)
		s.options.Fetcher, s.options.Robots, s.options.Now = fetch, allowAll{}, time.Now
		start := time.Now()
		runFor(t, s, 3*time.Minute)
		times := fetch.of("http://tot.example/")
		if len(times) == 0 || times[0].Sub(start) > 5*time.Second {
			t.Errorf("the healthy source was fetched at %v after %v, want within seconds", times, start)
		}
	})
}

// panicking is what a fault in a stage, in robots.txt or in a schedule looks like.
type panicking struct{ pipeline.Fetcher }

func (p panicking) Fetch(ctx context.Context, request fetcher.Request) (fetcher.Result, error) {
	if strings.Contains(request.URL, "loi.example") {
		panic("fault")
	}
	return p.Fetcher.Fetch(ctx, request)
}

type panickingRobots struct{ allowAll }

func (p panickingRobots) Ask(ctx context.Context, address string) (robots.Answer, error) {
	if strings.Contains(address, "loi.example") {
		panic("fault")
	}
	return p.allowAll.Ask(ctx, address)
}

type panickingSchedule struct{}

func (panickingSchedule) Next(time.Time) time.Time { panic("fault") }

func TestAPanicHarmsNobodyElse(t *testing.T) {
	tests := map[string]func(*setup){
		"the fetcher": func(s *setup) { s.options.Fetcher = panicking{s.options.Fetcher} },
		"robots.txt":  func(s *setup) { s.options.Robots = panickingRobots{} },
		"a schedule":  func(s *setup) { s.options.Sources[0].Schedule = panickingSchedule{} },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, r := madeUp(t, feedSource("loi", "http://loi.example/"), feedSource("loi-nua", "http://loi.example/"), feedSource("tot", "http://tot.example/"))
				var logged strings.Builder
				s.options.Logger = slog.New(slog.NewTextHandler(&logged, nil))
				spoil(s)
				outcomes := refresh(t, s.pipeline(t))
				if outcomes["loi"].Failure != "internal" || outcomes["tot"].Counts.New != 1 {
					t.Errorf("by hand: got %+v, want a fault of one source alone", outcomes)
				}
				if !strings.Contains(logged.String(), "run_test.go") {
					t.Errorf("the log does not say where: %s", logged.String())
				}
				logged.Reset()
				time.Sleep(2 * time.Hour)
				runFor(t, s, time.Minute)
				if n := len(r.times("tot.example")); n != 2 {
					t.Errorf("as a daemon: the other source was asked %d times in all, want twice", n)
				}
				if n := strings.Count(logged.String(), "run_test.go"); n == 0 || n > 100 {
					t.Errorf("the log says it %d times in a minute", n)
				}
			})
		})
	}
}
