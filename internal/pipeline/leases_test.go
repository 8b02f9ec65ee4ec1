package pipeline_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/pipeline"
	"bantin/internal/schedule"
	"bantin/internal/store"
)

// A claimsStore notes how places at hosts are taken and given back.
type claimsStore struct {
	store.Store
	claims, places, releases, commits atomic.Int32
}

func (c *claimsStore) Turn(ctx context.Context, claim store.Claim) (store.Turn, error) {
	c.claims.Add(1)
	if claim.Places > 0 {
		c.places.Add(1)
	}
	return c.Store.Turn(ctx, claim)
}

func (c *claimsStore) Release(ctx context.Context, lease article.Lease) error {
	c.releases.Add(1)
	return c.Store.Release(ctx, lease)
}

func (c *claimsStore) Commit(ctx context.Context, refresh article.Refresh) (article.Counts, error) {
	c.commits.Add(1)
	return c.Store.Commit(ctx, refresh)
}

// runTwo runs two daemons on one store.
func runTwo(t *testing.T, s *setup, d time.Duration) {
	t.Helper()
	var daemons sync.WaitGroup
	for range 2 {
		daemons.Go(func() { runFor(t, s, d) })
	}
	daemons.Wait()
}

func TestTwoDaemonsAskAHostByTwoAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedsOf("bao.example", 20)...)
		s.options.HostGap = time.Second
		r.takes = func(string) time.Duration { return 8 * time.Second }
		runTwo(t, s, 10*time.Minute)
		times := r.times("bao.example")
		if len(times) != 20 || r.most != 2 {
			t.Errorf("%d requests, %d at once; want one for each of 20 feeds, two at once", len(times), r.most)
		}
		checkSpacing(t, times, time.Second)
		// Two at a time take 80 s; a place that is free is found within some seconds.
		if took := times[len(times)-1].Sub(times[0]); took > 4*time.Minute {
			t.Errorf("the last was asked after %v, want four minutes at most", took)
		}
	})
}

// Pages on another host than that of their source have places there.
func TestPagesOfTwoDaemonsAreReadByTwoAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sources := manyHosts("bao", 12)
		for i := range sources {
			sources[i].FullText = article.FullTextAlways
		}
		s, r := madeUp(t, sources...)
		s.options.HostGap = time.Second
		r.takes = func(string) time.Duration { return 4 * time.Second }
		r.reply = func(address string, _ int) (fetcher.Result, error) {
			name := strings.TrimSuffix(hostOf(address), ".example")
			body := rss(fmt.Sprintf(`<item><title>Tin của %s</title><link>http://trang.example/%s.html</link><guid>%s</guid></item>`, name, name, name))
			if name == "trang" {
				body = page("Bà con sửa con đường " + address)
			}
			return fetcher.Result{Status: 200, Body: []byte(body), BodyHash: address, FinalURL: address, ContentType: "text/html"}, nil
		}
		runTwo(t, s, 10*time.Minute)
		if got := len(r.times("trang.example")); got != 12 || r.most != 2 {
			t.Errorf("%d pages, %d at once; want 12, two at once", got, r.most)
		}
		checkSpacing(t, r.times("trang.example"), time.Second)
	})
}

// takeAll takes all places of a host, as a daemon that is killed then.
func takeAll(t *testing.T, s *setup, host string) {
	t.Helper()
	for _, token := range []string{"a", "b"} {
		turn, err := s.store.Turn(t.Context(), store.Claim{
			Lease: article.Lease{Host: host, Token: token},
			Now:   time.Now(), Latest: time.Now(), Places: s.options.PerHost, For: s.options.Lease,
		})
		if err != nil || !turn.Taken {
			t.Fatalf("got %+v, %v; want a turn", turn, err)
		}
	}
}

func TestAKilledDaemonsPlacesAreFreeWhenItsLeaseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, append(feedsOf("bao.example", 4), feedsOf("khac.example", 1)...)...)
		s.options.HostGap = time.Second
		start := time.Now()
		takeAll(t, s, "bao.example")
		runFor(t, s, 3*time.Minute)
		times := r.times("bao.example")
		if len(times) != 4 {
			t.Fatalf("%d requests, want one for each of 4 feeds", len(times))
		}
		if first := times[0].Sub(start); first < s.options.Lease || first > s.options.Lease+10*time.Second {
			t.Errorf("the first request came after %v, want one when the lease of %v ended", first, s.options.Lease)
		}
		if other := r.times("khac.example"); len(other) != 1 || other[0].Sub(start) > 5*time.Second {
			t.Errorf("the other host was asked at %v, want at once", other)
		}
	})
}

func TestAStoppedRefreshGivesItsPlaceBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedsOf("bao.example", 4)...)
		s.options.HostGap = time.Second
		r.takes = func(string) time.Duration { return 30 * time.Second }
		runFor(t, s, 5*time.Second) // two are asked, and stopped in the middle
		r.takes = second
		back := time.Now()
		runFor(t, s, 20*time.Second)
		times := r.times("bao.example")
		if len(times) != 4 || times[2].Before(back) {
			t.Fatalf("requests at %v, back at %v; want two before and two after", times, back)
		}
		if took := times[3].Sub(back); took > 15*time.Second {
			t.Errorf("the last was asked %v after the restart, want some seconds", took)
		}
	})
}

func TestFetchByHandWaitsForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedsOf("bao.example", 3)...)
		s.options.Lease = 30 * time.Second
		takeAll(t, s, "bao.example")
		start := time.Now()
		for id, outcome := range refresh(t, s.pipeline(t)) {
			if outcome.Err != nil {
				t.Errorf("%s: %v", id, outcome.Err)
			}
		}
		times := r.times("bao.example")
		if len(times) != 3 || times[0].Sub(start) < s.options.Lease {
			t.Errorf("requests at %v, want three after %v", times, start.Add(s.options.Lease))
		}
		if r.most > 2 {
			t.Errorf("%d at once, want 2 at most", r.most)
		}
		s.options.Lease = time.Hour
		takeAll(t, s, "bao.example")
		for id, outcome := range refresh(t, s.pipeline(t)) {
			if outcome.Failure != "busy" || outcome.Err == nil {
				t.Errorf("%s: got %+v, want a word on the places", id, outcome)
			}
		}
	})
}

// What a place costs: nothing beside the turn and the commits that there are anyway.
func TestAPlaceCostsNoWrite(t *testing.T) {
	refused := func(address string, _ int) (fetcher.Result, error) {
		return fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindRefused, URL: address, Err: context.DeadlineExceeded}
	}
	twins := feedsOf("bao.example", 2)
	twins[1].FeedURL = twins[0].FeedURL // one address, two sources
	tests := map[string]struct {
		sources []pipeline.Source
		reply   func(string, int) (fetcher.Result, error)
		own     bool
		places  int32
		commits int32
	}{
		"well":        {feedsOf("bao.example", 1), newsEachTime, false, 1, 1},
		"fails":       {feedsOf("bao.example", 1), refused, false, 1, 1},
		"two of one":  {twins, newsEachTime, false, 1, 2},
		"host of own": {feedsOf("bao.example", 1), newsEachTime, true, 0, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, r := madeUp(t, test.sources...)
				s.options.HostGap = time.Second
				s.options.Own = func(string) bool { return test.own }
				r.reply = test.reply
				watching := &claimsStore{Store: s.store}
				s.options.Store = watching
				runFor(t, s, 10*time.Second)
				if got := watching.claims.Load(); got != 1 || watching.places.Load() != test.places {
					t.Errorf("%d claims, %d of them of a place; want 1 and %d", got, watching.places.Load(), test.places)
				}
				if got := watching.commits.Load(); got != test.commits || watching.releases.Load() != 0 {
					t.Errorf("%d commits and %d releases, want %d and none", got, watching.releases.Load(), test.commits)
				}
				claim := store.Claim{Lease: article.Lease{Host: "bao.example", Token: "a"}, Now: time.Now(), Latest: time.Now(), Places: 1, For: time.Minute}
				if turn, err := s.store.Turn(t.Context(), claim); err != nil || !turn.Taken {
					t.Errorf("after it: got %+v, %v; want a host that is free", turn, err)
				}
			})
		})
	}
}

func TestWhatWasMissedIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, manyHosts("bao", 500)...)
		s.options.Concurrency = 32
		r.takes = func(string) time.Duration { return 100 * time.Millisecond }
		runFor(t, s, 2*time.Minute)
		time.Sleep(24 * time.Hour)
		back := time.Now()
		runFor(t, s, 2*time.Minute)
		missed, most := 0, 0
		seconds := make(map[int]int)
		for _, at := range r.times("bao") {
			if after := at.Sub(back); after >= 0 {
				missed++
				seconds[int(after/time.Second)]++
				most = max(most, seconds[int(after/time.Second)])
			}
		}
		// Twenty a second, for 25 seconds.
		if missed != 500 || most > 40 || len(seconds) < 20 {
			t.Errorf("%d requests within %d seconds, %d in one of them; want 500, spread", missed, len(seconds), most)
		}
	})
}

// A daemon that ends again after seconds, for a while, catches up all the same.
func TestARestartStormPushesNobodyAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, manyHosts("bao", 1000)...)
		s.options.Concurrency = 32
		r.takes = func(string) time.Duration { return 100 * time.Millisecond }
		due := make(map[string]time.Time)
		for _, src := range s.options.Sources {
			due[src.ID] = time.Now().Add(-24 * time.Hour)
		}
		if err := s.store.SetSources(t.Context(), due, time.Time{}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 20 {
			runFor(t, s, 3*time.Second)
			time.Sleep(7 * time.Second)
		}
		times := r.times("bao")
		if len(times) != 1000 || len(r.count) != 1000 {
			t.Errorf("%d requests for %d of 1,000 sources, want one for each", len(times), len(r.count))
		}
		// Spread over 50 seconds, and each within the run after its time.
		if last := times[len(times)-1].Sub(start); last > time.Minute+3*time.Second {
			t.Errorf("the last was asked after %v, want about a minute", last)
		}
	})
}

// Pages that come slowly make a refresh outlast its interval.
func TestARefreshThatOutlastsItsIntervalIsNotBegunTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := pageSource("cong", "http://cong.example/tin-tuc")
		src.Schedule = schedule.Every(2 * time.Minute)
		s, r := madeUp(t, src)
		r.takes = func(string) time.Duration { return 20 * time.Second }
		r.reply = func(address string, _ int) (fetcher.Result, error) {
			body := listing(20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)
			if strings.HasSuffix(address, ".html") {
				body = page("Bà con sửa con đường " + address)
			}
			return fetcher.Result{Status: 200, Body: []byte(body), BodyHash: "1", FinalURL: address, ContentType: "text/html"}, nil
		}
		runTwo(t, s, 20*time.Minute)
		pages := 0
		for address, n := range r.count {
			if !strings.HasSuffix(address, ".html") {
				continue
			}
			pages++
			if n != 1 {
				t.Errorf("%s was read %d times, want once", address, n)
			}
		}
		if pages != 20 || r.most != 1 {
			t.Errorf("%d pages were read, %d requests at once; want 20, one after the other", pages, r.most)
		}
	})
}

// Pages may stand on a host that others have, or that asked to be left alone.
func TestAnArticleSaysWhyItsPageWasNotRead(t *testing.T) {
	tests := map[string]struct {
		spoil func(*testing.T, *setup)
		want  string
	}{
		"held": {func(t *testing.T, s *setup) {
			t.Helper()
			if err := s.store.Hold(t.Context(), "trang.example", time.Now().Add(time.Hour)); err != nil {
				t.Error(err)
			}
		}, "asked to be left alone until 2000-01-01T01:00:00Z"},
		"full": {func(t *testing.T, s *setup) {
			t.Helper()
			s.options.Lease = time.Hour
			takeAll(t, s, "trang.example")
		}, "others ask the host"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				src := feedSource("bao", "http://bao.example/rss")
				src.FullText = article.FullTextAlways
				s, r := madeUp(t, src)
				r.reply = func(address string, _ int) (fetcher.Result, error) {
					body := rss(`<item><title>Xã mở chợ</title><link>http://trang.example/cho.html</link><guid>g1</guid></item>`)
					return fetcher.Result{Status: 200, Body: []byte(body), BodyHash: "1", FinalURL: address}, nil
				}
				test.spoil(t, s)
				if got := refresh(t, s.pipeline(t))["bao"]; got.Counts.New != 1 {
					t.Errorf("got %+v, want the article", got)
				}
				if got := strings.Join(storedArticle(t, s, "g1").Warnings, " "); !strings.Contains(got, test.want) {
					t.Errorf("got warnings %q, want %q", got, test.want)
				}
			})
		})
	}
}

// Daemons on one store may have different configurations.
func TestASourceOfAnyDaemonStaysDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedSource("mot", "http://mot.example/"), feedSource("chung", "http://chung.example/"))
		other, _ := madeUp(t, feedSource("hai", "http://hai.example/"), feedSource("chung", "http://chung.example/"))
		other.options.Store, other.options.Fetcher = s.store, r
		var daemons sync.WaitGroup
		daemons.Go(func() { runFor(t, s, 6*time.Hour) })
		daemons.Go(func() {
			time.Sleep(time.Minute)
			runFor(t, other, 6*time.Hour)
		})
		daemons.Wait()
		for _, name := range []string{"mot", "hai", "chung"} {
			times := r.times(name)
			if len(times) < 5 || len(times) > 6 {
				t.Errorf("%s was asked %d times in six hours, want each hour", name, len(times))
			}
			checkSpacing(t, times, time.Hour)
		}
	})
}
