package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/pipeline"
	"bantin/internal/robots"
	"bantin/internal/schedule"
)

// A request that replies were asked for.
type asked struct {
	url string
	at  time.Time
}

// replies are a network that is made up, under a clock that is made up.
type replies struct {
	takes func(url string) time.Duration
	reply func(url string, n int) (fetcher.Result, error) // to the n-th request for a URL

	mu    sync.Mutex
	log   []asked
	count map[string]int
	under map[string]int // requests under way, by host
	most  int            // of them at once on one host
}

func (r *replies) Fetch(ctx context.Context, request fetcher.Request) (fetcher.Result, error) {
	host := hostOf(request.URL)
	r.mu.Lock()
	r.log = append(r.log, asked{request.URL, time.Now()})
	r.count[request.URL]++
	n := r.count[request.URL]
	r.under[host]++
	r.most = max(r.most, r.under[host])
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.under[host]--
	}()
	select {
	case <-time.After(r.takes(request.URL)):
		return r.reply(request.URL, n)
	case <-ctx.Done():
		return fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindCanceled, URL: request.URL, Err: ctx.Err()}
	}
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u.Host
}

// times are when requests were made, to all URLs that contain the text.
func (r *replies) times(text string) []time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	var times []time.Time
	for _, a := range r.log {
		if strings.Contains(a.url, text) {
			times = append(times, a.at)
		}
	}
	return times
}

func second(string) time.Duration { return time.Second }

func newsEachTime(address string, n int) (fetcher.Result, error) {
	return fetcher.Result{Status: 200, Body: []byte(rss(item(n))), BodyHash: strconv.Itoa(n), FinalURL: address}, nil
}

// madeUp is a setup under the clock of synctest, in a network that is made up.
func madeUp(t *testing.T, sources ...pipeline.Source) (*setup, *replies) {
	t.Helper()
	r := &replies{takes: second, reply: newsEachTime, count: map[string]int{}, under: map[string]int{}}
	s := newSetup(t, sources...)
	s.options.Fetcher, s.options.Robots, s.options.Now = r, allowAll{}, time.Now
	return s, r
}

func feedsOf(host string, n int) []pipeline.Source {
	sources := make([]pipeline.Source, n)
	for i := range sources {
		sources[i] = feedSource(fmt.Sprintf("%s-%04d", strings.TrimSuffix(host, ".example"), i), fmt.Sprintf("http://%s/%04d", host, i))
	}
	return sources
}

func checkSpacing(t *testing.T, times []time.Time, gap time.Duration) {
	t.Helper()
	for i := 1; i < len(times); i++ {
		if got := times[i].Sub(times[i-1]); got < gap {
			t.Errorf("request %d came %v after the one before, want %v or more", i+1, got, gap)
		}
	}
}

func TestTheNextFetchIsWrittenBeforeTheFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedSource("bao", "http://bao.example/"))
		var before time.Duration
		r.reply = func(address string, n int) (fetcher.Result, error) {
			before = time.Until(state(t, s, "bao").NextFetchAt)
			return newsEachTime(address, n)
		}
		runFor(t, s, 10*time.Second)
		if before < time.Hour-2*time.Second || before > time.Hour+slack {
			t.Errorf("while it was fetched, its next fetch was %v away, want an hour", before)
		}
	})
}

func TestARestartStormAsksNobodyTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sources []pipeline.Source
		for n := range 30 {
			sources = append(sources, feedsOf(fmt.Sprintf("h%02d.example", n), 2)...)
		}
		s, r := madeUp(t, sources...)
		r.takes = func(string) time.Duration { return 8 * time.Second } // some are stopped in the middle
		for range 20 {
			runFor(t, s, 7*time.Second)
		}
		for address, n := range r.count {
			if n != 1 {
				t.Errorf("%s was asked for %d times in 20 restarts within the hour, want once", address, n)
			}
		}
		if len(r.count) != len(sources) {
			t.Errorf("%d sources were asked, want all %d", len(r.count), len(sources))
		}
	})
}

func TestMissedRunsAreCaughtUpOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedsOf("bao.example", 10)...)
		s.options.HostGap = 5 * time.Second
		runFor(t, s, 5*time.Minute)
		time.Sleep(3 * 24 * time.Hour)
		back := time.Now()
		runFor(t, s, 30*time.Minute)
		times := r.times("bao.example")
		missed := slices.DeleteFunc(times, func(at time.Time) bool { return at.Before(back) })
		if len(missed) != 10 {
			t.Errorf("after three days away 10 sources were asked %d times in half an hour, want once each", len(missed))
		}
		checkSpacing(t, missed, 5*time.Second)
	})
}

func TestAHostIsAskedByTwoAtATimeAndInTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedsOf("bao.example", 20)...)
		s.options.HostGap = 3 * time.Second
		r.takes = func(string) time.Duration { return 10 * time.Second }
		runFor(t, s, 10*time.Minute)
		times := r.times("bao.example")
		if len(times) != 20 || r.most > 2 {
			t.Errorf("%d requests, %d at once; want one for each of 20 feeds, at most 2 at once", len(times), r.most)
		}
		checkSpacing(t, times, 3*time.Second)
	})
}

func TestTwoDaemonsShareTheTurnsOfAHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedsOf("bao.example", 10)...)
		s.options.HostGap = 5 * time.Second
		var daemons sync.WaitGroup
		for range 2 {
			daemons.Go(func() { runFor(t, s, 5*time.Minute) })
		}
		daemons.Wait()
		times := r.times("bao.example")
		if len(times) != 10 {
			t.Errorf("two daemons asked 10 sources %d times, want once each", len(times))
		}
		checkSpacing(t, times, 5*time.Second)
	})
}

func TestAHostThatAskedToWaitIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, append(feedsOf("ban.example", 5), feedsOf("ranh.example", 1)...)...)
		s.options.HostGap = 5 * time.Second
		r.reply = func(address string, n int) (fetcher.Result, error) {
			if len(r.times("ban.example")) == 1 && strings.Contains(address, "ban.example") {
				return fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindRateLimited, URL: address, Status: 429, RetryAfter: 80 * time.Minute, Err: errors.New("status 429")}
			}
			return newsEachTime(address, n)
		}
		runFor(t, s, 90*time.Minute)
		busy := r.times("ban.example")
		if len(busy) < 6 {
			t.Fatalf("got %d requests, want one before and five after the wait", len(busy))
		}
		if got := busy[1].Sub(busy[0]); got < 80*time.Minute || got > 81*time.Minute {
			t.Errorf("the host was asked again after %v, want 80 minutes", got)
		}
		checkSpacing(t, busy, 5*time.Second)
		if got := len(r.times("ranh.example")); got != 2 {
			t.Errorf("the other host was asked %d times in an hour and a half, want twice", got)
		}
	})
}

func TestSkippedHoursHoldAfterASleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is midnight, UTC
		src := feedSource("bao", "http://bao.example/")
		src.Schedule = schedule.Every(30 * time.Minute)
		s, r := madeUp(t, src)
		r.reply = func(address string, _ int) (fetcher.Result, error) {
			body := feedThatAsks(`<skipHours><hour>1</hour></skipHours>`)
			return fetcher.Result{Status: 200, Body: []byte(body), BodyHash: "1", FinalURL: address}, nil
		}
		runFor(t, s, 2*time.Minute) // due at half past
		time.Sleep(time.Hour)
		runFor(t, s, 65*time.Minute)
		times := r.times("bao.example")
		if len(times) < 2 {
			t.Fatal("it was not asked again")
		}
		if got := times[1].UTC(); got.Hour() != 2 {
			t.Errorf("asked again at %v, want at two, after the hour that it names", got)
		}
	})
}

// delaying is a world in which robots.txt asks for a delay.
type delaying time.Duration

func (d delaying) Ask(context.Context, string) (robots.Answer, error) {
	return robots.Answer{Allowed: true, CrawlDelay: time.Duration(d)}, nil
}

func TestCrawlDelayIsBetweenAllPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, pageSource("cong", "http://cong.example/tin-tuc"))
		s.options.Robots = delaying(20 * time.Second)
		s.options.HostGap = time.Second
		r.reply = func(address string, _ int) (fetcher.Result, error) {
			body := listing(5, 4, 3, 2, 1)
			if strings.HasSuffix(address, ".html") {
				body = page("Bà con sửa con đường " + address)
			}
			return fetcher.Result{Status: 200, Body: []byte(body), BodyHash: address, FinalURL: address, ContentType: "text/html"}, nil
		}
		runFor(t, s, 5*time.Minute)
		times := r.times("cong.example")
		if len(times) != 6 {
			t.Errorf("got %d requests, want the listing and five pages", len(times))
		}
		checkSpacing(t, times, 20*time.Second)
	})
}

// lateness runs a daemon in which all sources are due at once, and returns how
// late the last of the healthy ones was asked.
func lateness(t *testing.T, s *setup, r *replies, d time.Duration) (asked int, late time.Duration) {
	t.Helper()
	start := time.Now()
	due := make(map[string]time.Time)
	for _, src := range s.options.Sources {
		due[src.ID] = start
	}
	if err := s.store.SetSources(t.Context(), due, time.Time{}); err != nil {
		t.Fatal(err)
	}
	runFor(t, s, d)
	healthy := r.times("khoe")
	for _, at := range healthy {
		late = max(late, at.Sub(start))
	}
	return len(healthy), late
}

// manyHosts are n feeds, each on a host of its own.
func manyHosts(name string, n int) []pipeline.Source {
	var sources []pipeline.Source
	for i := range n {
		sources = append(sources, feedsOf(fmt.Sprintf("%s%05d.example", name, i), 1)...)
	}
	return sources
}

// A tenth of an hour, the shortest interval, is six minutes.
func TestDeadHostsHoldUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, append(manyHosts("chet", 10_000), manyHosts("khoe", 100)...)...)
		s.options.Concurrency = 32 // the default
		r.takes = func(address string) time.Duration {
			if strings.Contains(address, "chet") {
				return 35 * time.Second // for robots.txt and for the feed
			}
			return time.Second
		}
		r.reply = func(address string, n int) (fetcher.Result, error) {
			if strings.Contains(address, "chet") {
				return fetcher.Result{}, &fetcher.Error{Kind: fetcher.KindTimeout, URL: address, Err: context.DeadlineExceeded}
			}
			return newsEachTime(address, n)
		}
		n, late := lateness(t, s, r, 10*time.Minute)
		t.Logf("%d healthy sources, the last %v late", n, late)
		if n != 100 || late > 6*time.Minute {
			t.Errorf("%d healthy sources were asked, the last %v late; want 100 within six minutes", n, late)
		}
	})
}

func TestATenthThatHangsHoldsUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, append(manyHosts("treo", 200), manyHosts("khoe", 1800)...)...)
		s.options.Concurrency = 32 // the default
		r.takes = func(address string) time.Duration {
			if strings.Contains(address, "treo") {
				return 30 * time.Second
			}
			return 300 * time.Millisecond
		}
		n, late := lateness(t, s, r, 5*time.Minute)
		t.Logf("%d healthy sources, the last %v late", n, late)
		if n != 1800 || late > 2*time.Minute {
			t.Errorf("%d healthy sources were asked, the last %v late; want 1,800 within two minutes", n, late)
		}
	})
}

// stopsAt is a robots.txt that forbids what stands under a path, and names Bantin
// or everybody.
func stopsAt(agent, path string) http.HandlerFunc {
	return document("text/plain", "", "User-agent: "+agent+"\nDisallow: "+path+"\n")
}

func TestRobots(t *testing.T) {
	feed, list := "/rss", "/tin-tuc"
	tests := map[string]struct {
		robots  http.HandlerFunc
		page    bool // a listing, not a feed
		failure string
		pages   int // that are asked for, of two
	}{
		"no robots.txt, feed":        {http.NotFound, false, "", 0},
		"no robots.txt, listing":     {http.NotFound, true, "", 2},
		"everybody out, feed":        {stopsAt("*", "/"), false, "", 0},
		"everybody out, listing":     {stopsAt("*", "/"), true, "robots", 0},
		"Bantin out, feed":           {stopsAt("Bantin", "/"), false, "robots", 0},
		"Bantin out, listing":        {stopsAt("Bantin", "/"), true, "robots", 0},
		"another out, feed":          {stopsAt("Khac", "/"), false, "", 0},
		"article pages out, listing": {stopsAt("*", "/tin-tuc/"), true, "", 0},
		"robots.txt is broken, feed": {answer(500), false, "", 0},
		"robots.txt is broken, list": {answer(500), true, "robots", 0},
		"one article page out, list": {stopsAt("*", pagePath(1)), true, "", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t)
			o.serve("/robots.txt", test.robots)
			o.serve(feed, document(feedType, "", rss(item(1))))
			o.serveListing(2, goodPage)
			src, path := feedSource("bao", o.URL+feed), feed
			if test.page {
				src, path = pageSource("bao", o.URL+list), list
			}
			s := newSetup(t, src)
			got := refresh(t, s.pipeline(t))["bao"]
			if got.Failure != test.failure {
				t.Errorf("got failure %q (%v), want %q", got.Failure, got.Err, test.failure)
			}
			asked := 1
			if test.failure != "" {
				asked = 0
			}
			if n, _ := o.requests(path); n != asked {
				t.Errorf("the document was asked for %d times, want %d", n, asked)
			}
			first, _ := o.requests(pagePath(1))
			second, _ := o.requests(pagePath(2))
			if first+second != test.pages {
				t.Errorf("%d pages were asked for, want %d", first+second, test.pages)
			}
		})
	}
}

// hangingRobots is a setup with one feed, whose host answers a request for
// robots.txt with answers in turn, each after it took so long.
func hangingRobots(t *testing.T, takes func(n int) time.Duration, reply func(n int) (fetcher.Result, error)) (*setup, *replies) {
	t.Helper()
	s, r := madeUp(t, feedSource("bao", "http://bao.example/rss"))
	r.takes = func(address string) time.Duration {
		if strings.HasSuffix(address, "/robots.txt") {
			return takes(len(r.times("/robots.txt")))
		}
		return time.Second
	}
	r.reply = func(address string, n int) (fetcher.Result, error) {
		if strings.HasSuffix(address, "/robots.txt") {
			return reply(n)
		}
		return newsEachTime(address, n)
	}
	s.options.Robots = robots.New(robots.Options{Fetcher: r, Agent: robots.DefaultAgent, Now: time.Now})
	return s, r
}

// RFC 9309 §2.4: the copy is used while nothing better can be had.
func TestAHangingHostDoesNotVoidItsRobots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		takes := func(n int) time.Duration { return time.Duration(n-1) * 20 * time.Second }
		s, r := hangingRobots(t, takes, func(n int) (fetcher.Result, error) {
			if n == 1 {
				return fetcher.Result{Status: 200, Body: []byte("User-agent: Bantin\nDisallow: /\n")}, nil
			}
			return fetcher.Result{Status: 200}, nil // nothing is forbidden
		})
		p := s.pipeline(t)
		for _, pause := range []time.Duration{25 * time.Hour, time.Hour} {
			if got := refresh(t, p)["bao"]; got.Failure != "robots" {
				t.Errorf("got %+v, want what robots.txt forbids", got)
			}
			time.Sleep(pause)
		}
		if got := refresh(t, p)["bao"]; got.Counts.New != 1 { // the answer came when nobody waited any more
			t.Errorf("later: got %+v, want the article", got)
		}
		if feed, file := len(r.times("/rss")), len(r.times("/robots.txt")); feed != 1 || file != 2 {
			t.Errorf("asked for the feed %d times and for robots.txt %d times, want once and twice", feed, file)
		}
	})
}

func TestAHangingRobotsIsNotAskedForEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := &fetcher.Error{Kind: fetcher.KindTimeout, URL: "http://bao.example/robots.txt", Err: context.DeadlineExceeded}
		s, r := hangingRobots(t, func(int) time.Duration { return 30 * time.Second },
			func(int) (fetcher.Result, error) { return fetcher.Result{}, late })
		p := s.pipeline(t)
		for range 3 {
			if got := refresh(t, p)["bao"]; got.Counts.New != 1 {
				t.Errorf("got %+v, want an article: what cannot be read names nobody", got)
			}
			time.Sleep(25 * time.Second)
		}
		if asked := len(r.times("/robots.txt")); asked != 1 {
			t.Errorf("asked for robots.txt %d times in two minutes, want once", asked)
		}
	})
}

// A linking feed has items that link to pages of the origin, with a text of so
// many sentences.
func linkingFeed(o *origin, sentences, n int) string {
	var items []string
	for i := n; i > 0; i-- {
		items = append(items, fmt.Sprintf(`<item><title>Bà con sửa con đường thứ %d</title><link>%s</link><guid>g%d</guid><description>%s</description></item>`,
			i, o.URL+pagePath(i), i, strings.Repeat("Bà con góp công sửa con đường dẫn ra cánh đồng cho kịp vụ mới. ", sentences)))
	}
	return rss(items...)
}

func TestFullText(t *testing.T) {
	const short, long = 1, 30
	tests := map[string]struct {
		policy    article.FullText
		sentences int
		pages     int
	}{
		"auto, summary":   {article.FullTextAuto, short, 1},
		"auto, whole":     {article.FullTextAuto, long, 0},
		"always, summary": {article.FullTextAlways, short, 1},
		"always, whole":   {article.FullTextAlways, long, 1},
		"never, summary":  {article.FullTextNever, short, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t)
			o.serve("/rss", document(feedType, "", linkingFeed(o, test.sentences, 1)))
			o.serve(pagePath(1), goodPage(1))
			src := feedSource("bao", o.URL+"/rss")
			src.FullText = test.policy
			s := newSetup(t, src)
			p := s.pipeline(t)
			for range 3 {
				if got := refresh(t, p)["bao"]; got.Err != nil {
					t.Fatal(got.Err)
				}
				s.advance(time.Hour)
			}
			if n, _ := o.requests(pagePath(1)); n != test.pages {
				t.Errorf("the page was asked for %d times in three turns, want %d", n, test.pages)
			}
			stored, err := s.store.Articles(t.Context(), []string{article.NewID("bao", "g1")})
			if err != nil || len(stored) != 1 {
				t.Fatalf("got %d articles, %v; want 1", len(stored), err)
			}
			if got := strings.Contains(stored[0].Text, "góp đá"); got != (test.pages > 0) {
				t.Errorf("got the text of the page: %t, want %t", got, test.pages > 0)
			}
		})
	}
}

func TestPagesBeyondTheLimitAreReadNextTime(t *testing.T) {
	for _, kind := range []string{"feed", "listing"} {
		t.Run(kind, func(t *testing.T) {
			o := newOrigin(t)
			o.serveListing(7, goodPage)
			o.serve("/rss", document(feedType, `"1"`, linkingFeed(o, 1, 7)))
			src := pageSource("bao", o.URL+"/tin-tuc")
			if kind == "feed" {
				src = feedSource("bao", o.URL+"/rss")
				src.FullText = article.FullTextAlways
			}
			s := newSetup(t, src)
			s.options.PagesPerRefresh = 3
			p := s.pipeline(t)
			var fresh []int
			for range 4 {
				fresh = append(fresh, refresh(t, p)["bao"].Counts.New)
				s.advance(time.Hour)
			}
			if want := []int{3, 3, 1, 0}; !slices.Equal(fresh, want) {
				t.Errorf("got %v new articles in four turns, want %v", fresh, want)
			}
			for n := 1; n <= 7; n++ {
				if got, _ := o.requests(pagePath(n)); got != 1 {
					t.Errorf("page %d was asked for %d times, want once", n, got)
				}
			}
			s.advance(4 * 24 * time.Hour)
			if quiet := pipeline.Quiet(src, state(t, s, "bao"), s.now()); quiet != "" {
				t.Errorf("got quiet %q, want none", quiet)
			}
		})
	}
}

// A page that was no article is tried again the next day, also when that begins badly.
func TestPagesAreTriedAgainAfterABadMorning(t *testing.T) {
	for name, morning := range map[string]http.HandlerFunc{"a good one": nil, "a bad one": answer(http.StatusInternalServerError)} {
		t.Run(name, func(t *testing.T) {
			good := document("text/html; charset=utf-8", `"l1"`, listing(3, 2, 1))
			o := newOrigin(t)
			o.serveListing(3, goodPage)
			o.serve("/tin-tuc", good)
			o.serve(pagePath(2), http.NotFound)
			s := newSetup(t, pageSource("cong", o.URL+"/tin-tuc"))
			p := s.pipeline(t)
			refresh(t, p)
			o.serve(pagePath(2), goodPage(2))
			s.advance(24 * time.Hour)
			if morning != nil {
				o.serve("/tin-tuc", morning)
				refresh(t, p)
				if got := state(t, s, "cong").Validators.ETag; got != `"l1"` {
					t.Errorf("after the failure: got ETag %q, want that of the last good listing", got)
				}
				o.serve("/tin-tuc", good)
				s.advance(2 * time.Hour)
			}
			refresh(t, p)
			if n, _ := o.requests(pagePath(2)); n != 2 {
				t.Errorf("the page was asked for %d times, want once on each day", n)
			}
		})
	}
}

func TestAllSourcesOfAHostCanBeAskedForByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedsOf("bao.example", 30)...)
		s.options.HostGap, s.options.Concurrency = 10*time.Second, 32
		for id, outcome := range refresh(t, s.pipeline(t)) {
			if outcome.Err != nil {
				t.Errorf("%s: %v", id, outcome.Err)
			}
		}
		checkSpacing(t, r.times("bao.example"), 10*time.Second)
	})
}

// Sources that wait for their host are told when to come back, one after the other.
func TestWaitingForAHostCostsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedsOf("bao.example", 60)...)
		s.options.HostGap = 5 * time.Second
		watching := &watchingStore{Store: s.store}
		s.options.Store = watching
		runFor(t, s, 10*time.Minute)
		if got := len(r.times("bao.example")); got != 60 {
			t.Errorf("%d requests, want one for each of 60 feeds", got)
		}
		// Before and after each fetch, and about once while it waited.
		if got := watching.commits.Load(); got > 60*4 {
			t.Errorf("%d writes for 60 fetches, want four for each at most", got)
		}
	})
}

// Feeds of half the room each, whose pages take half a minute, keep nobody from
// being stored: what counts is when an article is in, and not when it was asked for.
func TestSlowPagesHoldUpNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := manyHosts("cham", 60)
		for i := range slow {
			slow[i].FullText = article.FullTextAlways
		}
		s, r := madeUp(t, append(slow, manyHosts("khoe", 100)...)...)
		s.options.Concurrency = 32
		ballast := "<channel><!--" + strings.Repeat("x", 300<<10) + "-->"
		r.takes = func(address string) time.Duration {
			if strings.Contains(address, "tin-tuc") {
				return 28 * time.Second
			}
			return 300 * time.Millisecond
		}
		r.reply = func(address string, n int) (fetcher.Result, error) {
			result := fetcher.Result{Status: 200, BodyHash: address + strconv.Itoa(n), FinalURL: address}
			switch {
			case strings.Contains(address, "tin-tuc"):
				result.ContentType, result.Body = "text/html; charset=utf-8", []byte(page("Bà con sửa "+address))
			case strings.Contains(address, "cham"):
				var items []string
				for i := range 30 {
					items = append(items, fmt.Sprintf(`<item><title>Tin %d</title><link>http://%s/tin-tuc/%d.html</link><guid>%s-%d</guid><description>x</description></item>`,
						i, hostOf(address), i, address, i))
				}
				result.Body = []byte(strings.Replace(rss(items...), "<channel>", ballast, 1))
			default:
				return newsEachTime(address, n)
			}
			return result, nil
		}
		start := time.Now()
		lateness(t, s, r, 5*time.Minute)
		stored, last := 0, time.Duration(0)
		for _, a := range all(t, s) {
			if strings.HasPrefix(a.SourceID, "khoe") {
				stored++
				last = max(last, a.FirstSeen.Sub(start))
			}
		}
		if stored < 100 || last > 30*time.Second {
			t.Errorf("%d articles of healthy sources were stored, the last after %v; want 100 and seconds", stored, last)
		}
	})
}

func all(t *testing.T, s *setup) []article.Article {
	t.Helper()
	articles, err := s.store.Scan(t.Context(), "", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return articles
}
