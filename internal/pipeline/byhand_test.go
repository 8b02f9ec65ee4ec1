package pipeline_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/pipeline"
	"bantin/internal/store"
)

// While one source is refreshed by hand, somebody else refreshes the next one.
func TestFetchByHandReadsTheStateJustBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedSource("mot", "http://mot.example/"), feedSource("hai", "http://hai.example/"))
		s.options.Concurrency = 1
		r.takes = func(string) time.Duration { return 5 * time.Minute }
		r.reply = func(address string, n int) (fetcher.Result, error) {
			if strings.Contains(address, "mot") {
				newer := article.SourceState{SourceID: "hai", URL: "http://hai.example/", Validators: article.Validators{ETag: `"newer"`}, BodyHash: "x"}
				newer.Habits.LastWhole = time.Now()
				if _, err := s.store.Commit(t.Context(), article.Refresh{State: newer}); err != nil {
					t.Error(err)
				}
			}
			return newsEachTime(address, n)
		}
		var sent article.Validators
		s.options.Fetcher = watchingFetcher{r, func(request fetcher.Request) {
			if strings.Contains(request.URL, "hai") {
				sent = request.Validators
			}
		}}
		refresh(t, s.pipeline(t))
		if sent.ETag != `"newer"` {
			t.Errorf("asked with %+v, want the validators that came minutes before", sent)
		}
	})
}

// A watchingFetcher shows each request.
type watchingFetcher struct {
	pipeline.Fetcher
	see func(fetcher.Request)
}

func (w watchingFetcher) Fetch(ctx context.Context, request fetcher.Request) (fetcher.Result, error) {
	w.see(request)
	return w.Fetcher.Fetch(ctx, request)
}

func TestFetchByHandWritesTheNextFetchBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedSource("bao", "http://bao.example/"))
		var before time.Duration
		r.reply = func(address string, n int) (fetcher.Result, error) {
			before = time.Until(state(t, s, "bao").NextFetchAt)
			return newsEachTime(address, n)
		}
		refresh(t, s.pipeline(t))
		if before < time.Hour-2*time.Second || before > time.Hour+slack {
			t.Errorf("while it was fetched, its next fetch was %v away, want an hour", before)
		}
		if got := time.Until(state(t, s, "bao").NextFetchAt); !isAbout(got, time.Hour-time.Second) {
			t.Errorf("after it, its next fetch is %v away, want an hour", got)
		}
	})
}

// An overtakenStore is one in which a daemon commits a source just after its state was read.
type overtakenStore struct {
	store.Store
	t     *testing.T
	newer article.SourceState
	once  sync.Once
}

func (o *overtakenStore) States(ctx context.Context, ids ...string) (map[string]article.SourceState, error) {
	states, err := o.Store.States(ctx, ids...)
	if len(ids) > 0 {
		o.once.Do(func() {
			if _, err := o.Commit(ctx, article.Refresh{State: o.newer}); err != nil {
				o.t.Error(err)
			}
		})
	}
	return states, err
}

func TestFetchByHandUndoesNothingThatADaemonWrote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := madeUp(t, feedSource("bao", "http://bao.example/"))
		if err := s.store.SetSources(t.Context(), map[string]time.Time{"bao": time.Now()}, time.Time{}); err != nil {
			t.Fatal(err)
		}
		newer := article.SourceState{
			SourceID: "bao", URL: "http://bao.example/", Validators: article.Validators{ETag: `"newer"`}, BodyHash: "x",
			LastFetch: time.Now(), LastGood: time.Now(), NextFetchAt: time.Now().Add(time.Hour),
		}
		newer.Habits.LastWhole = time.Now()
		s.options.Store = &overtakenStore{Store: s.store, t: t, newer: newer}
		var during article.SourceState
		r.reply = func(address string, n int) (fetcher.Result, error) {
			during = state(t, s, "bao")
			return newsEachTime(address, n)
		}
		var sent article.Validators
		s.options.Fetcher = watchingFetcher{r, func(request fetcher.Request) { sent = request.Validators }}
		refresh(t, s.pipeline(t))
		if sent != newer.Validators || during.Validators != newer.Validators || !during.LastGood.Equal(newer.LastGood) {
			t.Errorf("asked with %+v while the store had %+v, want what the daemon wrote", sent, during)
		}
	})
}

// A brokenTurns is a store that gives no turns.
type brokenTurns struct {
	store.Store
	err error
}

func (b brokenTurns) Turn(context.Context, store.Claim) (store.Turn, error) {
	return store.Turn{}, b.err
}

func TestFetchByHandNamesWhatFailed(t *testing.T) {
	o := newOrigin(t)
	o.serve("/rss", document(feedType, "", rss(item(1))))
	one := func(ctx context.Context, t *testing.T, p *pipeline.Pipeline) (outcomes []pipeline.Outcome) {
		t.Helper()
		err := p.RefreshAll(ctx, nil, func(out pipeline.Outcome) { outcomes = append(outcomes, out) })
		if !errors.Is(err, ctx.Err()) {
			t.Errorf("got error %v, want %v", err, ctx.Err())
		}
		return outcomes
	}
	t.Run("store", func(t *testing.T) {
		s := newSetup(t, feedSource("bao", o.URL+"/rss"))
		s.options.Store = brokenTurns{s.store, errors.New("disk full")}
		if got := one(t.Context(), t, s.pipeline(t)); len(got) != 1 || got[0].Failure != "store" {
			t.Errorf("got %+v, want a failure of the store", got)
		}
	})
	t.Run("held", func(t *testing.T) {
		s := newSetup(t, feedSource("bao", o.URL+"/rss"))
		if err := s.store.Hold(t.Context(), hostOf(o.URL), s.now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got := one(t.Context(), t, s.pipeline(t)); len(got) != 1 || got[0].Failure != "rate_limited" {
			t.Errorf("got %+v, want a host that is held", got)
		}
	})
	t.Run("held and full", func(t *testing.T) {
		s := newSetup(t, feedSource("bao", o.URL+"/rss"))
		for _, token := range []string{"a", "b"} {
			claim := store.Claim{Lease: article.Lease{Host: hostOf(o.URL), Token: token}, Now: s.now(), Latest: s.now(), Places: 2, For: time.Minute}
			if _, err := s.store.Turn(t.Context(), claim); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.store.Hold(t.Context(), hostOf(o.URL), s.now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		got := one(t.Context(), t, s.pipeline(t))
		if until := s.now().Add(time.Hour).Format(time.RFC3339); len(got) != 1 || got[0].Failure != "rate_limited" || !strings.Contains(got[0].Err.Error(), until) {
			t.Errorf("got %+v, want a host that is held until %s", got, until)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		s := newSetup(t, feedSource("bao", o.URL+"/rss"))
		if err := s.store.Hold(t.Context(), hostOf(o.URL), s.now().Add(30*time.Second)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if got := one(ctx, t, s.pipeline(t)); len(got) != 0 {
			t.Errorf("got %+v, want no word of a source that was not asked", got)
		}
	})
	if n, _ := o.requests("/rss"); n != 0 {
		t.Errorf("it was asked for %d times, want never", n)
	}
}

// moved is a setup whose source has moved from /old to /new, each on its own host.
func moved(t *testing.T) (s *setup, front, behind *origin) {
	t.Helper()
	front, behind = newOrigin(t), newOrigin(t)
	front.serve("/old", redirect(http.StatusMovedPermanently, behind.URL+"/new"))
	behind.serve("/new", document(feedType, `"1"`, rss(item(1))))
	s = newSetup(t, feedSource("bao", front.URL+"/old"))
	p := s.pipeline(t)
	for range 3 {
		refresh(t, p)
		s.advance(7 * 24 * time.Hour)
	}
	if got := state(t, s, "bao").URL; got != behind.URL+"/new" {
		t.Fatalf("it is read from %s, want its new address", got)
	}
	return s, front, behind
}

// The address that a source moved to can die, and the configured one live on.
func TestAMoveToAnAddressThatDiesIsUndone(t *testing.T) {
	dead := map[string]http.HandlerFunc{
		"not found": http.NotFound,
		"gone":      answer(http.StatusGone),
		"a page":    badSources()["html"].handler, // a domain that somebody else has now
		"no answer": badSources()["nothing"].handler,
	}
	for name, handler := range dead {
		t.Run(name, func(t *testing.T) {
			s, front, behind := moved(t)
			p := s.pipeline(t)
			behind.serve("/new", handler)
			front.serve("/old", document(feedType, `"2"`, rss(item(2), item(1))))
			before, _ := front.requests("/old")
			died := s.now()
			for s.now().Sub(died) < 14*24*time.Hour {
				refresh(t, p)
				wait(t, s)
			}
			if after, _ := front.requests("/old"); after != before {
				t.Errorf("the configured address was asked %d times within two weeks, want never", after-before)
			}
			for state(t, s, "bao").Failure != "" && s.now().Sub(died) < 60*24*time.Hour {
				refresh(t, p)
				wait(t, s)
			}
			got := state(t, s, "bao")
			if got.URL != front.URL+"/old" || len(got.FormerURLs) != 0 || got.Failure != "" {
				t.Errorf("two weeks later: got state %+v, want the configured address", got)
			}
			if late := s.now().Sub(died); late > 30*24*time.Hour {
				t.Errorf("it was found after %v, want two weeks and two looks", late)
			}
			if got := titles(t, s, s.options.Channels[0].Key()); !slices.Contains(got, "Tin số 2") || len(got) != 2 {
				t.Errorf("got articles %q, want those of the configured address, each once", got)
			}
			refresh(t, p)
			if _, header := front.requests("/old"); header.Get("If-None-Match") != `"2"` {
				t.Errorf("asked with If-None-Match %q, want the one of the configured address", header.Get("If-None-Match"))
			}
		})
	}
}

// Where both addresses are dead, the one that comes back is found.
func TestAMovedSourceComesBackAtEitherAddress(t *testing.T) {
	for name, redirects := range map[string]bool{"the configured one is dead": false, "the configured one redirects": true} {
		t.Run(name, func(t *testing.T) {
			s, front, behind := moved(t)
			p := s.pipeline(t)
			if !redirects {
				front.serve("/old", http.NotFound)
			}
			behind.serve("/new", http.NotFound)
			died := s.now()
			for s.now().Sub(died) < 30*24*time.Hour {
				refresh(t, p)
				wait(t, s)
			}
			behind.serve("/new", document(feedType, `"2"`, rss(item(2))))
			back := s.now()
			for state(t, s, "bao").Failure != "" && s.now().Sub(back) < 10*24*time.Hour {
				refresh(t, p)
				wait(t, s)
			}
			got := state(t, s, "bao")
			if got.URL != behind.URL+"/new" || got.Failure != "" || s.now().Sub(back) > 4*24*time.Hour {
				t.Errorf("got state %+v after %v, want the new address, within days", got, s.now().Sub(back))
			}
		})
	}
}

// Two sources that move to one third address: the first in the configuration moves.
func TestOfTwoSourcesThatMoveToOneAddressTheFirstDoes(t *testing.T) {
	o := newOrigin(t)
	o.serve("/mot", redirect(http.StatusMovedPermanently, o.URL+"/new"))
	o.serve("/hai", redirect(http.StatusMovedPermanently, o.URL+"/new"))
	o.serve("/new", document(feedType, `"1"`, rss(item(1))))
	s := newSetup(t, feedSource("mot", o.URL+"/mot"), feedSource("hai", o.URL+"/hai"))
	p := s.pipeline(t)
	for range 30 {
		refresh(t, p)
		s.advance(24 * time.Hour)
	}
	if got := state(t, s, "mot").URL; got != o.URL+"/new" {
		t.Errorf("the first is read from %s, want the new address", got)
	}
	got := state(t, s, "hai")
	if got.URL != o.URL+"/hai" || len(got.FormerURLs) != 0 || got.Failure != "" {
		t.Errorf("the second: got state %+v, want its own address", got)
	}
	if got.Move.To != o.URL+"/new" {
		t.Errorf("the second: got move %+v, want it noted for the operator", got.Move)
	}
}

// A second source may begin to move when the first has moved long ago, and stand
// before it in the configuration.
func TestAnAddressThatAnotherSourceHasMovedToIsTaken(t *testing.T) {
	o := newOrigin(t)
	o.serve("/mot", document(feedType, "", rss(item(1))))
	o.serve("/hai", redirect(http.StatusMovedPermanently, o.URL+"/new"))
	o.serve("/new", document(feedType, `"1"`, rss(item(1))))
	s := newSetup(t, feedSource("mot", o.URL+"/mot"), feedSource("hai", o.URL+"/hai"))
	p := s.pipeline(t)
	for day := range 60 {
		if day == 20 {
			o.serve("/mot", redirect(http.StatusMovedPermanently, o.URL+"/new"))
		}
		refresh(t, p)
		s.advance(24 * time.Hour)
	}
	if first, second := state(t, s, "mot").URL, state(t, s, "hai").URL; first != o.URL+"/mot" || second != o.URL+"/new" {
		t.Errorf("they are read from %s and %s, want the second alone from the new address", first, second)
	}
}

// Sources that moved to one host share its turns, whatever hosts they are configured with.
func TestMovedSourcesShareTheTurnsOfTheirNewHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sources := manyHosts("cu", 30)
		s, r := madeUp(t, sources...)
		s.options.HostGap = 5 * time.Second
		for _, src := range sources {
			state := article.SourceState{SourceID: src.ID, URL: "http://moi.example/" + src.ID, FormerURLs: []string{src.URL()}}
			if _, err := s.store.Commit(t.Context(), article.Refresh{State: state}); err != nil {
				t.Fatal(err)
			}
		}
		due := make(map[string]time.Time)
		for _, src := range sources {
			due[src.ID] = time.Now()
		}
		if err := s.store.SetSources(t.Context(), due, time.Time{}); err != nil {
			t.Fatal(err)
		}
		watching := &watchingStore{Store: s.store}
		s.options.Store = watching
		r.takes = func(string) time.Duration { return 12 * time.Second }
		runFor(t, s, 5*time.Minute)
		if times := r.times("moi.example"); len(times) != 30 || r.most > 2 {
			t.Errorf("%d requests, %d at once; want one for each of 30 feeds, at most 2 at once", len(times), r.most)
		}
		checkSpacing(t, r.times("moi.example"), 5*time.Second)
		// Before and after each fetch, and about once while it waited.
		if got := watching.commits.Load(); got > 30*4 {
			t.Errorf("%d writes for 30 fetches, want four for each at most", got)
		}
	})
}

// One that asks by hand for sources that moved to one host waits in their turns.
func TestMovedSourcesCanAllBeAskedForByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sources := manyHosts("cu", 30)
		s, r := madeUp(t, sources...)
		s.options.HostGap, s.options.Concurrency = 10*time.Second, 32
		for _, src := range sources {
			state := article.SourceState{SourceID: src.ID, URL: "http://moi.example/" + src.ID, FormerURLs: []string{src.URL()}}
			if _, err := s.store.Commit(t.Context(), article.Refresh{State: state}); err != nil {
				t.Fatal(err)
			}
		}
		outcomes := refresh(t, s.pipeline(t))
		for id, outcome := range outcomes {
			if outcome.Err != nil {
				t.Errorf("%s: %v", id, outcome.Err)
			}
		}
		if got := len(r.times("moi.example")); got != 30 || len(outcomes) != 30 {
			t.Errorf("got %d requests and %d outcomes, want 30", got, len(outcomes))
		}
		checkSpacing(t, r.times("moi.example"), 10*time.Second)
	})
}
