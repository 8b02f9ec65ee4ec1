package pipeline_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bantin/internal/article"
	"bantin/internal/pipeline"
	"bantin/internal/schedule"
)

// slack is the most that jitter delays.
const slack = 5 * time.Minute

// rhythmic is a feed without a schedule of its own.
func rhythmic(id, url string) pipeline.Source {
	src := feedSource(id, url)
	src.Schedule = nil
	return src
}

// pause refreshes the source "bao" and returns how long it is then left alone.
func pause(t *testing.T, s *setup, p *pipeline.Pipeline) time.Duration {
	t.Helper()
	refresh(t, p)
	return state(t, s, "bao").NextFetchAt.Sub(s.now())
}

// wait moves the clock to when the source "bao" is due.
func wait(t *testing.T, s *setup) {
	t.Helper()
	s.clock.Store(state(t, s, "bao").NextFetchAt.UnixMilli())
}

func isAbout(got, want time.Duration) bool { return got >= want && got <= want+slack }

func TestAQuietSourceIsAskedLessOftenAndNewsBringsItBack(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, `"1"`, rss(item(1))))
	s := newSetup(t, rhythmic("bao", o.URL+"/rss"))
	p := s.pipeline(t)
	if got := pause(t, s, p); !isAbout(got, time.Hour) {
		t.Errorf("after news: asked again after %v, want an hour", got)
	}
	begin := s.now()
	for s.now().Sub(begin) < 8*24*time.Hour {
		wait(t, s)
		quiet := s.now().Sub(begin)
		if got, want := pause(t, s, p), max(quiet/8, time.Hour); quiet < 8*24*time.Hour && !isAbout(got, want) {
			t.Errorf("quiet for %v: asked again after %v, want %v", quiet, got, want)
		}
	}
	wait(t, s)
	if got := pause(t, s, p); !isAbout(got, 24*time.Hour) {
		t.Errorf("quiet for more than eight days: asked again after %v, want a day", got)
	}
	wait(t, s)
	o.serve("/rss", document(feedType, `"2"`, rss(item(2), item(1))))
	if got := pause(t, s, p); !isAbout(got, time.Hour) {
		t.Errorf("after news: asked again after %v, want an hour", got)
	}
}

func dated(guid, date string) string {
	return `<item><title>Tin ` + guid + `</title><guid>` + guid + `</guid><pubDate>` + date + `</pubDate><description>Chợ phiên họp sớm.</description></item>`
}

func TestTheIntervalFollowsTheGapOfTheItems(t *testing.T) {
	every := func(gap time.Duration) string {
		at := time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)
		var items []string
		for _, guid := range []string{"a", "b", "c", "d", "e"} {
			items = append(items, dated(guid, at.Format(time.RFC1123Z)))
			at = at.Add(-gap)
		}
		return rss(items...)
	}
	tests := map[string]struct{ gap, want time.Duration }{
		"a busy paper":  {time.Minute, time.Hour},
		"a quiet paper": {5 * time.Hour, 5 * time.Hour},
		"a weekly":      {7 * 24 * time.Hour, 24 * time.Hour},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t)
			o.serve("/rss", document(feedType, "", every(test.gap)))
			s := newSetup(t, rhythmic("bao", o.URL+"/rss"))
			if got := pause(t, s, s.pipeline(t)); !isAbout(got, test.want) {
				t.Errorf("asked again after %v, want %v", got, test.want)
			}
		})
	}
}

// with adds a header to a handler's answers.
func with(name, value string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(name, value)
		h(w, r)
	}
}

func feedThatAsks(hint string) string {
	return `<?xml version="1.0"?><rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>Báo thử</title>` +
		hint + item(1) + `</channel></rss>`
}

func TestNobodyIsAskedSoonerThanItWants(t *testing.T) {
	plain := document(feedType, `"1"`, rss(item(1)))
	asking := func(hint string) http.HandlerFunc { return document(feedType, `"1"`, feedThatAsks(hint)) }
	tests := map[string]struct {
		handler http.HandlerFunc
		want    time.Duration // after a 200 and after a 304
	}{
		"nothing":              {plain, time.Hour},
		"max-age":              {with("Cache-Control", "max-age=14400", plain), 4 * time.Hour},
		"expires":              {with("Date", "Mon, 16 Nov 2026 10:00:00 GMT", with("Expires", "Mon, 16 Nov 2026 14:00:00 GMT", plain)), 4 * time.Hour},
		"expires 0":            {with("Expires", "0", plain), time.Hour},
		"max-age of ten years": {with("Cache-Control", "max-age=315360000", plain), 24 * time.Hour},
		"negative max-age":     {with("Cache-Control", "max-age=-1", plain), time.Hour},
		"max-age overflows":    {with("Cache-Control", "max-age=99999999999999999999", plain), 24 * time.Hour},
		"ttl":                  {asking(`<ttl>240</ttl>`), 4 * time.Hour},
		"ttl of ten years":     {asking(`<ttl>5256000</ttl>`), 24 * time.Hour},
		"update period":        {asking(`<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>`), 6 * time.Hour},
		"the longer counts":    {with("Cache-Control", "max-age=14400", asking(`<ttl>300</ttl>`)), 5 * time.Hour},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t)
			o.serve("/rss", test.handler)
			s := newSetup(t, feedSource("bao", o.URL+"/rss"))
			p := s.pipeline(t)
			if got := pause(t, s, p); !isAbout(got, test.want) {
				t.Errorf("after a 200: asked again after %v, want %v", got, test.want)
			}
			wait(t, s)
			if got := pause(t, s, p); !isAbout(got, test.want) {
				t.Errorf("after a 304: asked again after %v, want %v", got, test.want)
			}
		})
	}
}

func TestSkippedHoursAndDays(t *testing.T) {
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }
	var all strings.Builder
	for hour := range 24 {
		fmt.Fprintf(&all, "<hour>%d</hour>", hour)
	}
	tests := map[string]struct {
		hint      string
		now, want time.Time
	}{
		"hours":              {`<skipHours><hour>11</hour><hour>12</hour><hour>13</hour></skipHours>`, at(16, 10), at(16, 14)},
		"hours over night":   {`<skipHours><hour>23</hour><hour>0</hour><hour>1</hour></skipHours>`, at(16, 22), at(17, 2)},
		"a day":              {`<skipDays><day>Tuesday</day></skipDays>`, at(16, 23), at(18, 0)},
		"a day and an hour":  {`<skipDays><day>Tuesday</day></skipDays><skipHours><hour>0</hour></skipHours>`, at(16, 23), at(18, 1)},
		"all hours are none": {`<skipHours>` + all.String() + `</skipHours>`, at(16, 10), at(16, 11)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t)
			o.serve("/rss", document(feedType, "", feedThatAsks(test.hint)))
			s := newSetup(t, feedSource("bao", o.URL+"/rss"))
			s.clock.Store(test.now.UnixMilli())
			refresh(t, s.pipeline(t))
			if got := state(t, s, "bao").NextFetchAt; got.Before(test.want) || got.After(test.want.Add(time.Hour)) {
				t.Errorf("next fetch at %v, want %v or a little later", got, test.want)
			}
		})
	}
}

func answer(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
}

func TestBackoffDoublesUpToADayAndNeverEnds(t *testing.T) {
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			o := newOrigin(t)
			o.serve("/rss", document(feedType, `"1"`, rss(item(1))))
			s := newSetup(t, feedSource("bao", o.URL+"/rss"))
			p := s.pipeline(t)
			refresh(t, p)
			wait(t, s)

			o.serve("/rss", answer(status))
			since := s.now()
			for n := range 40 {
				want := min(time.Hour<<min(n, 10), 24*time.Hour)
				if got := pause(t, s, p); !isAbout(got, want) {
					t.Errorf("failure %d: asked again after %v, want %v", n+1, got, want)
				}
				wait(t, s)
			}
			if got := state(t, s, "bao"); got.Failures != 40 || !got.FailingSince.Equal(since) || got.Validators.ETag != `"1"` {
				t.Errorf("got state %+v, want 40 failures since %v and the validators of the last good document", got, since)
			}
			o.serve("/rss", document(feedType, `"2"`, rss(item(2))))
			if got := pause(t, s, p); !isAbout(got, time.Hour) {
				t.Errorf("after it came back: asked again after %v, want an hour", got)
			}
			if got := state(t, s, "bao"); got.Failure != "" || got.Failures != 0 || !got.FailingSince.IsZero() || !got.LastGood.Equal(s.now()) {
				t.Errorf("after it came back: got state %+v, want a source that is well", got)
			}
		})
	}
}

func TestAGoneSourceIsLookedAtOnceAWeek(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, "", rss(item(1))))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	p := s.pipeline(t)
	refresh(t, p)
	o.serve("/rss", answer(http.StatusGone))
	for range 4 {
		wait(t, s)
		if got := pause(t, s, p); !isAbout(got, 7*24*time.Hour) {
			t.Errorf("asked again after %v, want a week", got)
		}
	}
	if got := state(t, s, "bao"); got.Failure != "gone" {
		t.Errorf("got failure %q, want gone", got.Failure)
	}
	if got := titles(t, s, s.options.Channels[0].Key()); len(got) != 1 {
		t.Errorf("got %d articles, want the one from before", len(got))
	}
	wait(t, s)
	o.serve("/rss", document(feedType, "", rss(item(2), item(1))))
	if got := pause(t, s, p); !isAbout(got, time.Hour) {
		t.Errorf("after it came back: asked again after %v, want an hour", got)
	}
}

// asksToWait is a server with a date of its own, which the date in Retry-After belongs to.
func asksToWait(status int, retryAfter string) http.HandlerFunc {
	return with("Date", "Mon, 16 Nov 2026 10:00:00 GMT", with("Retry-After", retryAfter, answer(status)))
}

func TestRetryAfterHoldsTheHost(t *testing.T) {
	tests := map[string]struct {
		handler http.HandlerFunc
		want    time.Duration
	}{
		"429 seconds":        {asksToWait(http.StatusTooManyRequests, "36000"), 10 * time.Hour},
		"429 date":           {asksToWait(http.StatusTooManyRequests, "Mon, 16 Nov 2026 20:00:00 GMT"), 10 * time.Hour},
		"503 seconds":        {asksToWait(http.StatusServiceUnavailable, "36000"), 10 * time.Hour},
		"503 date":           {asksToWait(http.StatusServiceUnavailable, "Mon, 16 Nov 2026 20:00:00 GMT"), 10 * time.Hour},
		"429 for three days": {asksToWait(http.StatusTooManyRequests, "259200"), 3 * 24 * time.Hour},
		"429 for ten years":  {asksToWait(http.StatusTooManyRequests, "315360000"), 7 * 24 * time.Hour},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t)
			o.serve("/busy", test.handler)
			o.serve("/other", document(feedType, "", rss(item(1))))
			busy, other := feedSource("busy", o.URL+"/busy"), feedSource("other", o.URL+"/other")
			s := newSetup(t, busy, other)
			p := s.pipeline(t)
			one := func(id string) (out pipeline.Outcome) {
				t.Helper()
				if err := p.RefreshAll(t.Context(), []string{id}, func(o pipeline.Outcome) { out = o }); err != nil {
					t.Fatal(err)
				}
				return out
			}
			one("busy")
			if got := state(t, s, "busy").NextFetchAt.Sub(s.now()); !isAbout(got, test.want) {
				t.Errorf("asked again after %v, want %v", got, test.want)
			}
			s.advance(test.want - 2*time.Minute) // longer than a hand-asked refresh waits
			for _, id := range []string{"busy", "other"} {
				if got := one(id); got.Failure != "rate_limited" || got.Err == nil {
					t.Errorf("%s by hand: got %+v, want a word on the host's wish", id, got)
				}
			}
			if n, _ := o.requests("/busy"); n != 1 {
				t.Errorf("the busy feed was asked for %d times, want once", n)
			}
			if n, _ := o.requests("/other"); n != 0 {
				t.Errorf("the other feed of the host was asked for %d times, want never", n)
			}
			s.advance(2 * time.Minute)
			if got := one("other"); got.Counts.New != 1 {
				t.Errorf("when the time was over: got %+v, want the article", got)
			}
		})
	}
}

// A redirect may lead to a host that asks to be left alone.
func TestRetryAfterHoldsTheHostBehindARedirect(t *testing.T) {
	front, behind := newOrigin(t), newOrigin(t)
	front.serve("/rss", http.RedirectHandler(behind.URL+"/busy", http.StatusFound).ServeHTTP)
	behind.serve("/busy", asksToWait(http.StatusTooManyRequests, "36000"))
	behind.serve("/other", document(feedType, "", rss(item(1))))
	s := newSetup(t, feedSource("front", front.URL+"/rss"), feedSource("other", behind.URL+"/other"))
	s.options.Concurrency = 1 // in this order
	p := s.pipeline(t)
	refresh(t, p)
	if n, _ := behind.requests("/other"); n != 0 {
		t.Errorf("the other feed of the host was asked for %d times, want never", n)
	}
	if got := state(t, s, "front").NextFetchAt.Sub(s.now()); !isAbout(got, 10*time.Hour) {
		t.Errorf("asked again after %v, want 10 hours", got)
	}
}

// A host may say that it wants to be left alone when it is asked for robots.txt.
func TestRetryAfterOfRobotsHoldsTheHost(t *testing.T) {
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		for _, path := range []string{"/rss", "/tin-tuc"} {
			t.Run(fmt.Sprint(status, path), func(t *testing.T) {
				o := newOrigin(t)
				o.serve("/robots.txt", asksToWait(status, "7200"))
				o.serve("/rss", document(feedType, "", rss(item(1))))
				o.serveListing(1, goodPage)
				o.serve("/other", document(feedType, "", rss(item(2))))
				src := feedSource("bao", o.URL+path)
				if path == "/tin-tuc" {
					src = pageSource("bao", o.URL+path)
				}
				s := newSetup(t, src, feedSource("other", o.URL+"/other"))
				s.options.Concurrency = 1 // in this order
				p := s.pipeline(t)
				for id, got := range refresh(t, p) {
					if got.Failure != "rate_limited" {
						t.Errorf("%s: got failure %q (%v), want the host's wish", id, got.Failure, got.Err)
					}
				}
				if got := state(t, s, "bao").NextFetchAt.Sub(s.now()); !isAbout(got, 2*time.Hour) {
					t.Errorf("asked again after %v, want two hours", got)
				}
				first, _ := o.requests(path)
				if second, _ := o.requests("/other"); first+second != 0 {
					t.Errorf("the documents were asked for %d and %d times, want never", first, second)
				}
				if n, _ := o.requests("/robots.txt"); n != 1 {
					t.Errorf("robots.txt was asked for %d times, want once", n)
				}
				s.advance(2 * time.Hour)
				o.serve("/robots.txt", http.NotFound)
				for id, got := range refresh(t, p) {
					if got.Counts.New != 1 {
						t.Errorf("%s, when the time was over: got %+v, want the article", id, got)
					}
				}
			})
		}
	}
}

// So may the host of the pages behind a feed, which is another one.
func TestRetryAfterOfRobotsHoldsTheHostOfPages(t *testing.T) {
	front, behind := newOrigin(t), newOrigin(t)
	behind.serve("/robots.txt", asksToWait(http.StatusTooManyRequests, "7200"))
	behind.serve(pagePath(1), goodPage(1))
	behind.serve("/rss", document(feedType, "", rss(item(2))))
	front.serve("/rss", document(feedType, "", linkingFeed(behind, 1, 1)))
	src := feedSource("bao", front.URL+"/rss")
	src.FullText = article.FullTextAlways
	s := newSetup(t, src, feedSource("sau", behind.URL+"/rss"))
	s.options.Concurrency = 1 // in this order
	got := refresh(t, s.pipeline(t))
	if got["bao"].Counts.New != 1 || got["sau"].Failure != "rate_limited" {
		t.Errorf("got %+v, want the summary, and a host that is held", got)
	}
	if n, _ := behind.requests(pagePath(1)); n != 0 {
		t.Errorf("the page was asked for %d times, want never", n)
	}
}

func TestJitterOnlyDelaysAndTellsSourcesApart(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, "", rss(item(1))))
	spec, err := schedule.Parse("0 6 * * *", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	var sources []pipeline.Source
	for _, id := range []string{"mot", "hai", "ba", "bon"} {
		src := feedSource(id, o.URL+"/rss?"+id)
		src.Schedule = spec
		sources = append(sources, src)
	}
	s := newSetup(t, sources...)
	refresh(t, s.pipeline(t))
	six := time.Date(2026, 11, 17, 6, 0, 0, 0, time.UTC)
	met := make(map[time.Time]string)
	for _, src := range sources {
		next := state(t, s, src.ID).NextFetchAt
		if late := next.Sub(six); !isAbout(late, 0) {
			t.Errorf("%s: next fetch at %v, want at six or up to five minutes later", src.ID, next)
		}
		if other, ok := met[next]; ok {
			t.Errorf("%s and %s fall due at the same moment", src.ID, other)
		}
		met[next] = src.ID
	}
}

func TestQuiet(t *testing.T) {
	now := time.Date(2026, 11, 16, 10, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	const day = 24 * time.Hour
	src := feedSource("bao", "https://bao.example/rss")
	expecting := src
	expecting.Expect = 2 * day
	tests := map[string]struct {
		src   pipeline.Source
		state article.SourceState
		want  string
	}{
		"never read":          {src, article.SourceState{}, ""},
		"fresh":               {src, article.SourceState{Habits: article.Habits{LastNew: ago(6 * day)}}, ""},
		"frozen":              {src, article.SourceState{Habits: article.Habits{LastNew: ago(7 * day)}}, "frozen"},
		"weekly":              {src, article.SourceState{Habits: article.Habits{LastNew: ago(20 * day), Gap: 7 * day}}, ""},
		"expected sooner":     {expecting, article.SourceState{Habits: article.Habits{LastNew: ago(2 * day)}}, "frozen"},
		"empty over night":    {src, article.SourceState{Habits: article.Habits{LastNew: ago(day), EmptySince: ago(day)}}, ""},
		"empty":               {src, article.SourceState{Habits: article.Habits{LastNew: ago(4 * day), EmptySince: ago(3 * day)}}, "empty"},
		"flooding":            {src, article.SourceState{Habits: article.Habits{LastNew: ago(0), Intake: article.Intake{Since: ago(day - 1), New: 7, Flooding: ago(2 * day)}}}, "flooding"},
		"flooded":             {src, article.SourceState{Habits: article.Habits{LastNew: ago(0), Intake: article.Intake{Since: ago(day), New: 999, Flooding: ago(2 * day)}}}, ""},
		"full to the end":     {src, article.SourceState{Habits: article.Habits{LastNew: ago(0), Intake: article.Intake{Since: ago(day), New: 1000, Flooding: ago(2 * day)}}}, "flooding"},
		"a clock put back":    {src, article.SourceState{Habits: article.Habits{LastNew: ago(0), Intake: article.Intake{Since: ago(-day), New: 7, Flooding: ago(-day)}}}, ""},
		"moved":               {src, article.SourceState{FormerURLs: []string{src.URL()}, Habits: article.Habits{LastNew: ago(day)}}, "moved"},
		"moved, then told so": {src, article.SourceState{FormerURLs: []string{"https://cu.example/"}}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := pipeline.Quiet(test.src, test.state, now); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
