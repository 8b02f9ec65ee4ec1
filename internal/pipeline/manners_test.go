package pipeline_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bantin/internal/article"
	"bantin/internal/pipeline"
	"bantin/internal/schedule"
	"bantin/internal/store"
)

func TestEachWeekAnOriginIsAskedUnconditionally(t *testing.T) {
	o := newOrigin(t)
	var unconditional atomic.Int32
	body := rss(item(1))
	o.serve("/rss", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"for ever"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		unconditional.Add(1)
		_, _ = w.Write([]byte(body))
	})
	src := feedSource("bao", o.URL+"/rss")
	src.Schedule = schedule.Every(24 * time.Hour)
	s := newSetup(t, src)
	p := s.pipeline(t)
	refresh(t, p)
	body = rss(item(2), item(1))
	for day := 1; day <= 14; day++ {
		s.advance(24 * time.Hour)
		got := refresh(t, p)["bao"]
		if want := day == 7; (got.Counts.New == 1) != want {
			t.Errorf("day %d: got %+v, want the new article on the seventh day", day, got)
		}
	}
	if got := unconditional.Load(); got != 3 {
		t.Errorf("asked without validators %d times in two weeks, want at first and once a week", got)
	}
}

// A watchingStore notes what is committed.
type watchingStore struct {
	store.Store
	articles, commits atomic.Int32
}

func (w *watchingStore) Commit(ctx context.Context, refresh article.Refresh) (article.Counts, error) {
	w.commits.Add(1)
	w.articles.Add(int32(len(refresh.Articles)))
	return w.Store.Commit(ctx, refresh)
}

func TestOnlyNewItemsAreReadAndWritten(t *testing.T) {
	built := func(clock string, items ...string) http.HandlerFunc {
		return document(feedType, "", strings.Replace(rss(items...), "<item>", "<lastBuildDate>Mon, 16 Nov 2026 "+clock+" +0700</lastBuildDate><item>", 1))
	}
	o := newOrigin(t)
	o.serve("/rss", built("08:00:00", item(1), item(2)))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	watching := &watchingStore{Store: s.store}
	s.options.Store = watching
	p := s.pipeline(t)
	refresh(t, p)
	before, err := s.store.Revision(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	watching.articles.Store(0)
	o.serve("/rss", built("09:00:00", item(1), item(2)))
	if got := refresh(t, p)["bao"]; !got.Unchanged || watching.articles.Load() != 0 {
		t.Errorf("a new lastBuildDate: got %+v and %d articles to write, want none", got, watching.articles.Load())
	}
	if after, err := s.store.Revision(t.Context()); err != nil || after != before {
		t.Errorf("a new lastBuildDate: revision %d after %d, %v; want nothing written", after, before, err)
	}
	o.serve("/rss", built("10:00:00", item(3), item(1), item(2)))
	if got := refresh(t, p)["bao"]; got.Counts.New != 1 || watching.articles.Load() != 1 {
		t.Errorf("a new item: got %+v and %d articles to write, want the one", got, watching.articles.Load())
	}
}

// jsonFeed has no items that can be told apart by their bytes; the comment
// changes and the item does not.
func jsonFeed(comment string, numbers ...int) string {
	items := make([]string, len(numbers))
	for i, n := range numbers {
		items[i] = fmt.Sprintf(`{"id":"g%d","url":"https://bao.example/%d","title":"Tin số %d","content_text":"Lúa trổ bông sớm ở xã ven sông."}`, n, n, n)
	}
	return `{"version":"https://jsonfeed.org/version/1.1","title":"Báo thử","user_comment":"` + comment + `","items":[` + strings.Join(items, ",") + `]}`
}

func TestTheSameArticlesAgainAreNoNews(t *testing.T) {
	o := newOrigin(t)
	o.serve("/feed.json", document("application/feed+json", "", jsonFeed("0", 1)))
	s := newSetup(t, rhythmic("bao", o.URL+"/feed.json"))
	p := s.pipeline(t)
	refresh(t, p)
	first := s.now()
	for day := 1; day <= 8; day++ {
		s.advance(24 * time.Hour)
		o.serve("/feed.json", document("application/feed+json", "", jsonFeed(strconv.Itoa(day), 1)))
		refresh(t, p)
	}
	got := state(t, s, "bao")
	if !got.Habits.LastNew.Equal(first) {
		t.Errorf("something new was seen at %v, want only at %v", got.Habits.LastNew, first)
	}
	if quiet := pipeline.Quiet(s.options.Sources[0], got, s.now()); quiet != pipeline.QuietFrozen {
		t.Errorf("got quiet %q, want frozen", quiet)
	}
}

// An operator may try another address, and find the same old articles there.
func TestANewAddressWithoutNewsIsFrozenAllTheSame(t *testing.T) {
	o := newOrigin(t)
	o.serve("/a", document(feedType, "", rss(item(1))))
	o.serve("/b", document(feedType, "", rss(item(1))))
	s := newSetup(t, feedSource("bao", o.URL+"/a"))
	refresh(t, s.pipeline(t))
	s.options.Sources = []pipeline.Source{feedSource("bao", o.URL+"/b")}
	s.options.Site.Sources = byID(s.options.Sources)
	p := s.pipeline(t)
	for range 8 {
		s.advance(24 * time.Hour)
		refresh(t, p)
	}
	if quiet := pipeline.Quiet(s.options.Sources[0], state(t, s, "bao"), s.now()); quiet != pipeline.QuietFrozen {
		t.Errorf("got quiet %q, want frozen", quiet)
	}
}

// Of two sources with one address the first has moved. When the operator deletes
// it, the other is read from the configured address, which never gave an ETag.
func TestValidatorsOfAMovedLeaderAreNotSentToTheOldAddress(t *testing.T) {
	o := newOrigin(t)
	o.serve("/a", redirect(http.StatusMovedPermanently, o.URL+"/b"))
	o.serve("/b", document(feedType, `"b"`, rss(item(1))))
	one, two := feedSource("mot", o.URL+"/a"), feedSource("hai", o.URL+"/a")
	s := newSetup(t, one)
	with := func(sources ...pipeline.Source) *pipeline.Pipeline {
		s.options.Sources, s.options.Site.Sources = sources, byID(sources)
		return s.pipeline(t)
	}
	p := with(one)
	for range 3 {
		refresh(t, p)
		s.advance(7 * 24 * time.Hour)
	}
	if got := state(t, s, "mot").URL; got != o.URL+"/b" {
		t.Fatalf("it is read from %s, want its new address", got)
	}
	p = with(one, two)
	for range 3 {
		refresh(t, p)
		s.advance(24 * time.Hour)
	}
	if _, header := o.requests("/b"); header.Get("If-None-Match") != `"b"` {
		t.Errorf("the new address was asked with If-None-Match %q, want its own", header.Get("If-None-Match"))
	}
	refresh(t, with(two))
	if _, header := o.requests("/a"); header.Get("If-None-Match") != "" {
		t.Errorf("the old address was asked with If-None-Match %q, which it never gave", header.Get("If-None-Match"))
	}
}

// A host has many spellings (RFC 3986 §3.2.2, §6.2.3) and is one all the same.
func TestSpellingsOfAHostAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sources []pipeline.Source
		for i, host := range []string{"bao.example", "Bao.Example", "bao.example:80", "bao.example."} {
			sources = append(sources, feedSource(fmt.Sprintf("bao-%d", i), fmt.Sprintf("http://%s/%d", host, i)))
		}
		sources = append(sources, feedSource("lai", "http://BAO.example:80/0"))
		s, r := madeUp(t, sources...)
		s.options.HostGap = 10 * time.Second
		outcomes := refresh(t, s.pipeline(t))
		for id, got := range outcomes {
			if got.Counts.New != 1 {
				t.Errorf("%s: got %+v, want its article", id, got)
			}
		}
		times := r.times("http")
		if len(times) != 4 || len(outcomes) != 5 {
			t.Errorf("%d requests for %d sources, want 4 for 5", len(times), len(outcomes))
		}
		checkSpacing(t, times, 10*time.Second)
	})
}

func TestAnEmptyFeedIsNoticed(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, "", rss(item(1))))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	p := s.pipeline(t)
	quiet := func() string {
		t.Helper()
		refresh(t, p)
		return pipeline.Quiet(s.options.Sources[0], state(t, s, "bao"), s.now())
	}
	if got := quiet(); got != "" {
		t.Errorf("with an item: got %q", got)
	}
	o.serve("/rss", document(feedType, "", rss()))
	if got := quiet(); got != "" {
		t.Errorf("at once: got %q", got)
	}
	s.advance(3 * 24 * time.Hour)
	if got := quiet(); got != pipeline.QuietEmpty {
		t.Errorf("after three days: got %q, want empty", got)
	}
	if got := state(t, s, "bao"); got.Failure != "" {
		t.Errorf("got failure %q, want a source that answers well", got.Failure)
	}
	o.serve("/rss", document(feedType, "", rss(item(1))))
	if got := quiet(); got != "" {
		t.Errorf("with the item again: got %q", got)
	}
}

func TestOneAddressOfTwoSourcesIsFetchedOnce(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, `"1"`, rss(item(1))))
	s := newSetup(t, feedSource("mot", o.URL+"/rss"))
	refresh(t, s.pipeline(t))
	s.options.Sources = append(s.options.Sources, feedSource("hai", o.URL+"/rss"))
	s.options.Site.Sources = byID(s.options.Sources)
	p := s.pipeline(t)
	got := refresh(t, p)
	if got["mot"].Counts.New != 0 || got["hai"].Counts.New != 1 {
		t.Errorf("when the second source came: got %+v, want its article", got)
	}
	o.serve("/rss", document(feedType, `"2"`, rss(item(2), item(1))))
	got = refresh(t, p)
	if got["mot"].Counts.New != 1 || got["hai"].Counts.New != 1 {
		t.Errorf("a new item: got %+v, want it for both", got)
	}
	got = refresh(t, p)
	if !got["mot"].Unchanged || !got["hai"].Unchanged {
		t.Errorf("nothing new: got %+v, want neither changed", got)
	}
	if n, header := o.requests("/rss"); n != 4 || header.Get("If-None-Match") != `"2"` {
		t.Errorf("asked %d times, the last with If-None-Match %q; want once a turn and its ETag", n, header.Get("If-None-Match"))
	}
}

func redirect(status int, to string) http.HandlerFunc {
	return http.RedirectHandler(to, status).ServeHTTP
}

func TestAMoveIsAdoptedAfterTwoWeeks(t *testing.T) {
	for _, status := range []int{http.StatusMovedPermanently, http.StatusPermanentRedirect} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			o := newOrigin(t)
			o.serve("/old", document(feedType, `"1"`, rss(item(1))))
			o.serve("/new", document(feedType, `"1"`, rss(item(1))))
			src := feedSource("bao", o.URL+"/old")
			src.Expect = 30 * 24 * time.Hour
			s := newSetup(t, src)
			p := s.pipeline(t)
			refresh(t, p)
			o.serve("/old", redirect(status, o.URL+"/new"))
			for range 14 {
				refresh(t, p)
				if got := state(t, s, "bao").URL; got != o.URL+"/old" {
					t.Fatalf("at %v it is read from %s already", s.now(), got)
				}
				s.advance(24 * time.Hour)
			}
			refresh(t, p)
			got := state(t, s, "bao")
			if got.URL != o.URL+"/new" || !slices.Equal(got.FormerURLs, []string{o.URL + "/old"}) || got.Move != (article.Move{}) {
				t.Errorf("after 14 days: got state %+v, want the new address and the old one kept", got)
			}
			if quiet := pipeline.Quiet(src, got, s.now()); quiet != pipeline.QuietMoved {
				t.Errorf("got quiet %q, want moved", quiet)
			}
			before, _ := o.requests("/old")
			o.serve("/new", document(feedType, `"2"`, rss(item(2), item(1))))
			if out := refresh(t, s.pipeline(t))["bao"]; out.Counts.New != 1 { // after a restart too
				t.Errorf("from the new address: got %+v, want its article", out)
			}
			if after, _ := o.requests("/old"); after != before {
				t.Error("the old address was asked again")
			}
			if got := titles(t, s, s.options.Channels[0].Key()); len(got) != 2 {
				t.Errorf("got articles %q, want each once", got)
			}
		})
	}
}

func TestTheOperatorsEditEndsAMove(t *testing.T) {
	o := newOrigin(t)
	o.serve("/old", redirect(http.StatusMovedPermanently, o.URL+"/new"))
	o.serve("/new", document(feedType, `"1"`, rss(item(1))))
	s := newSetup(t, feedSource("bao", o.URL+"/old"))
	p := s.pipeline(t)
	for range 3 {
		refresh(t, p)
		s.advance(7 * 24 * time.Hour)
	}
	edited := feedSource("bao", o.URL+"/new")
	edited.Expect = 30 * 24 * time.Hour
	s.options.Sources = []pipeline.Source{edited}
	if out := refresh(t, s.pipeline(t))["bao"]; out.Counts.New != 0 || out.Err != nil {
		t.Errorf("got %+v, want no article twice", out)
	}
	if quiet := pipeline.Quiet(edited, state(t, s, "bao"), s.now()); quiet != "" {
		t.Errorf("got quiet %q, want none", quiet)
	}
}

func TestWhatIsNoMoveChangesNothing(t *testing.T) {
	const html = "<!doctype html><html><head><title>Trang chủ</title></head><body><p>Kính chào quý vị.</p></body></html>"
	tests := map[string]func(o *origin, day int) http.HandlerFunc{
		"302":                    func(o *origin, _ int) http.HandlerFunc { return redirect(302, o.URL+"/new") },
		"303":                    func(o *origin, _ int) http.HandlerFunc { return redirect(303, o.URL+"/new") },
		"307":                    func(o *origin, _ int) http.HandlerFunc { return redirect(307, o.URL+"/new") },
		"to a page":              func(o *origin, _ int) http.HandlerFunc { return redirect(301, o.URL+"/page") },
		"to nothing":             func(o *origin, _ int) http.HandlerFunc { return redirect(301, o.URL+"/nothing") },
		"to another source":      func(o *origin, _ int) http.HandlerFunc { return redirect(301, o.URL+"/other") },
		"each day somewhere new": func(o *origin, day int) http.HandlerFunc { return redirect(301, fmt.Sprintf("%s/new?%d", o.URL, day)) },
		"now and then": func(o *origin, day int) http.HandlerFunc {
			if day%10 == 0 {
				return document(feedType, "", rss(item(1)))
			}
			return redirect(301, o.URL+"/new")
		},
	}
	for name, old := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t)
			o.serve("/new", document(feedType, `"n"`, rss(item(1))))
			o.serve("/page", document("text/html", "", html))
			o.serve("/other", document(feedType, `"o"`, rss(item(5))))
			o.serve("/old", document(feedType, `"1"`, rss(item(1))))
			s := newSetup(t, feedSource("bao", o.URL+"/old"), feedSource("other", o.URL+"/other"))
			p := s.pipeline(t)
			refresh(t, p)
			for day := range 30 {
				s.advance(24 * time.Hour)
				o.serve("/old", old(o, day))
				refresh(t, p)
			}
			if got := state(t, s, "bao"); got.URL != o.URL+"/old" || len(got.FormerURLs) != 0 {
				t.Errorf("got address %s after %v, want the configured one", got.URL, got.FormerURLs)
			}
			if got := titles(t, s, s.options.Channels[0].Key()); !slices.Contains(got, "Tin số 1") {
				t.Errorf("got articles %q, want the one from before too", got)
			}
		})
	}
}

// Whatever comes in between, the next question is asked with the validators of
// the last good document, also by another process.
func TestValidatorsAreThoseOfTheLastGoodDocument(t *testing.T) {
	good := document(feedType, `"1"`, rss(item(1)))
	tests := map[string]struct {
		between http.HandlerFunc
		want    string
	}{
		"nothing":                      {good, `"1"`},
		"500":                          {with("ETag", `"2"`, answer(http.StatusInternalServerError)), `"1"`},
		"a challenge":                  {with("ETag", `"2"`, badSources()["challenge"].handler), `"1"`},
		"a page":                       {with("ETag", `"2"`, badSources()["html"].handler), `"1"`},
		"garbage":                      {with("ETag", `"2"`, badSources()["garbage"].handler), `"1"`},
		"a body that breaks off":       {with("ETag", `"2"`, with("Content-Length", "100000", document(feedType, "", rss(item(2))))), `"1"`},
		"a 304 with a new ETag":        {with("ETag", `"2"`, answer(http.StatusNotModified)), `"2"`},
		"a 304 without an ETag":        {answer(http.StatusNotModified), `"1"`},
		"a document without an ETag":   {document(feedType, "", rss(item(2))), ""},
		"the same one without an ETag": {document(feedType, "", rss(item(1))), ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := newOrigin(t)
			s := newSetup(t, feedSource("bao", o.URL+"/rss"))
			for _, h := range []http.HandlerFunc{good, test.between, good} {
				o.serve("/rss", h)
				refresh(t, s.pipeline(t))
				s.advance(time.Hour)
			}
			if _, header := o.requests("/rss"); header.Get("If-None-Match") != test.want || header.Get("If-Modified-Since") != "" {
				t.Errorf("asked with %v, want the ETag %s", header, test.want)
			}
			if got := titles(t, s, s.options.Channels[0].Key()); !slices.Contains(got, "Tin số 1") {
				t.Errorf("got articles %q, want the one from before", got)
			}
		})
	}
}

func TestNoValidatorIsMadeUp(t *testing.T) {
	o := newOrigin(t)
	served := make(map[string]bool) // the ETags; the requests come one after the other
	asked := 0
	o.serve("/rss", func(w http.ResponseWriter, r *http.Request) {
		asked++
		if etag := r.Header.Get("If-None-Match"); etag != "" && !served[etag] {
			t.Errorf("question %d: If-None-Match %q was never given", asked, etag)
		}
		if modified := r.Header.Get("If-Modified-Since"); modified != "" {
			t.Errorf("question %d: If-Modified-Since %q was never given", asked, modified)
		}
		if asked%3 == 0 {
			etag := fmt.Sprintf(`"%d"`, asked)
			served[etag] = true
			w.Header().Set("ETag", etag)
		}
		if asked%7 == 0 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = w.Write([]byte(rss(item(asked / 5))))
	})
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	p := s.pipeline(t)
	for range 1000 {
		refresh(t, p)
		s.advance(time.Hour)
	}
	if asked != 1000 {
		t.Errorf("asked %d times, want 1000", asked)
	}
}

// A feed whose articles are all known, and filled from their pages, is not empty.
func TestAFeedWithoutNewArticlesIsNotEmpty(t *testing.T) {
	o := newOrigin(t)
	o.serve(pagePath(1), goodPage(1))
	src := feedSource("bao", o.URL+"/feed.json")
	src.FullText, src.Expect = article.FullTextAlways, 30*24*time.Hour
	s := newSetup(t, src)
	p := s.pipeline(t)
	for day := range 6 {
		body := strings.ReplaceAll(jsonFeed(strconv.Itoa(day), 1), "https://bao.example/1", o.URL+pagePath(1))
		o.serve("/feed.json", document("application/feed+json", "", body))
		if got := refresh(t, p)["bao"]; got.Err != nil {
			t.Fatal(got.Err)
		}
		s.advance(24 * time.Hour)
	}
	if got := pipeline.Quiet(src, state(t, s, "bao"), s.now()); got != "" {
		t.Errorf("got quiet %q, want none", got)
	}
}

func TestNothingElseIsAskedFor(t *testing.T) {
	o := newOrigin(t)
	icon := `<image><url>` + o.URL + `/logo.png</url></image>`
	enclosure := strings.Replace(item(1), "</item>", `<enclosure url="`+o.URL+`/anh.jpg" type="image/jpeg" length="1"/></item>`, 1)
	o.serve("/rss", document(feedType, "", strings.Replace(rss(enclosure), "<link>https://bao.example/</link>", icon, 1)))
	s := newSetup(t, feedSource("bao", o.URL+"/rss"))
	p := s.pipeline(t)
	for range 20 {
		if got := refresh(t, p)["bao"]; got.Err != nil {
			t.Fatal(got.Err)
		}
		s.advance(time.Hour)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if want := map[string]int{"/rss": 20, "/robots.txt": 1}; !maps.Equal(o.asked, want) {
		t.Errorf("asked for %v in a day, want %v", o.asked, want)
	}
}

func TestAMovedSourceTakesItsTurnsAtItsNewHost(t *testing.T) {
	front, behind := newOrigin(t), newOrigin(t)
	front.serve("/old", redirect(http.StatusMovedPermanently, behind.URL+"/new"))
	behind.serve("/new", document(feedType, "", rss(item(1))))
	behind.serve("/busy", asksToWait(http.StatusTooManyRequests, "36000"))
	s := newSetup(t, feedSource("bao", front.URL+"/old"), feedSource("busy", behind.URL+"/busy"))
	p := s.pipeline(t)
	one := func(id string) {
		t.Helper()
		if err := p.RefreshAll(t.Context(), []string{id}, func(pipeline.Outcome) {}); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		one("bao")
		s.advance(7 * 24 * time.Hour)
	}
	before, _ := behind.requests("/new")
	one("busy")
	one("bao")
	if after, _ := behind.requests("/new"); after != before {
		t.Error("the new host was asked although it wants to be left alone")
	}
}
