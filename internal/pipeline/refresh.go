package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/store"
	"bantin/normalizer"
)

// An Outcome is what one refresh came to.
type Outcome struct {
	SourceID  string
	Unchanged bool // the source had nothing that was not known: 304, or the same bytes
	Counts    article.Counts
	Warnings  []string
	Failure   string // the kind of failure; empty when all went well
	Err       error  // the failure itself
	Took      time.Duration
}

// The kinds of failure that are not the fetcher's, and those of the fetcher that
// are asked for here.
const (
	failureNotAFeed   = "not_a_feed"
	failureChallenged = "challenged"
	failureEmpty      = "empty"
	failureUnparsable = "unparsable"
	failureNoArticles = "no_articles"
	failureStore      = "store"
	failureRobots     = "robots"
	failureInternal   = "internal"

	failureGone        = string(fetcher.KindGone)
	failureRateLimited = string(fetcher.KindRateLimited)
)

const (
	// wholeEvery is how often a source is asked without validators: some origins
	// answer 304 for ever.
	wholeEvery = 7 * 24 * time.Hour
	// handWait is how long a refresh asked for by hand waits for its turn at a host.
	handWait = time.Minute
)

// RefreshAll refreshes the named sources, or all when none is named, whether they
// are due or not, and calls done after each, never twice at once. What a host asked
// for holds all the same. It fails only on a name that is not configured or when
// the context ends.
func (p *Pipeline) RefreshAll(ctx context.Context, ids []string, done func(Outcome)) error {
	sources, err := p.named(ids)
	if err != nil {
		return err
	}
	states, err := p.Store.States(ctx)
	if err != nil {
		return fmt.Errorf("read source states: %w", err)
	}
	hand := byHand{pipeline: p, states: states, done: done}
	slots := make(chan struct{}, max(p.Concurrency, 1))
	freed := make(chan struct{}, len(sources))
	var group sync.WaitGroup
	for waiting := sources; len(waiting) > 0 && ctx.Err() == nil; {
		var busy []Source // their hosts have as many refreshes as they get
		for _, src := range waiting {
			if !p.begin(src) {
				busy = append(busy, src)
				continue
			}
			slots <- struct{}{}
			group.Go(func() {
				hand.refresh(ctx, src)
				p.end(src)
				<-slots
				freed <- struct{}{}
			})
		}
		if waiting = busy; len(busy) > 0 {
			<-freed
		}
	}
	group.Wait()
	return ctx.Err()
}

// byHand refreshes sources that somebody asked for.
type byHand struct {
	pipeline *Pipeline
	states   map[string]article.SourceState

	mu   sync.Mutex
	done func(Outcome)
}

// refresh refreshes a source in its turn. Only as many sources of a host as it
// gets at once wait for a turn, so that one that is far away is the host's wish.
func (h *byHand) refresh(ctx context.Context, src Source) {
	p := h.pipeline
	if err := p.waitForTurn(ctx, p.adopt(src, h.states[src.ID]).URL); err != nil {
		h.report(Outcome{SourceID: src.ID, Failure: failureRateLimited, Err: err})
		return
	}
	p.refresh(ctx, src, h.states, h.report)
}

func (h *byHand) report(o Outcome) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.done(o)
}

// named returns the sources to refresh for the ids. Of several with one address
// the first is refreshed, and the others with it.
func (p *Pipeline) named(ids []string) ([]Source, error) {
	if len(ids) == 0 {
		return p.leaders, nil
	}
	var sources []Source
	asked := make(map[string]bool)
	for _, id := range ids {
		src, ok := p.sources[id]
		if !ok {
			return nil, fmt.Errorf("no source %q in the configuration", id)
		}
		if leader := p.byURL[src.URL()]; !asked[leader] {
			asked[leader] = true
			sources = append(sources, p.sources[leader])
		}
	}
	return sources, nil
}

// refresh fetches a source once, for itself and for all sources with the same
// address, and takes each of them from its state to its next. Whatever happens is
// in the outcomes, and in the states of these sources alone.
func (p *Pipeline) refresh(ctx context.Context, src Source, states map[string]article.SourceState, done func(Outcome)) {
	started := p.Now()
	group := append([]Source{src}, p.followers[src.ID]...)
	leader := p.adopt(src, states[src.ID])
	request := fetcher.Request{URL: leader.URL, Validators: leader.Validators, Accept: accept(src), InsecureHost: src.InsecureHost()}
	for _, one := range group {
		state := states[one.ID]
		if state.BodyHash != leader.BodyHash || started.Sub(leader.Habits.LastWhole) >= wholeEvery || p.triesAgain(state, started) {
			request.Validators = article.Validators{} // all must see the body
		}
	}
	result, err := p.fetch(ctx, src, request)
	for _, one := range group {
		state := p.adopt(one, states[one.ID])
		if p.triesAgain(state, started) {
			state.Tried, state.BodyHash = nil, ""
		}
		state.LastFetch = started
		if err == nil && request.Validators == (article.Validators{}) {
			state.Habits.LastWhole = started
		}
		out := p.take(ctx, one, state, result, err)
		out.Took = p.Now().Sub(started)
		p.log(ctx, out)
		done(out)
	}
}

func accept(src Source) string {
	if src.PageURL != "" {
		return fetcher.AcceptPage
	}
	return fetcher.AcceptFeed
}

// fetch retrieves the document of a source, where robots.txt lets us.
func (p *Pipeline) fetch(ctx context.Context, src Source, request fetcher.Request) (fetcher.Result, error) {
	if err := p.mayFetch(ctx, src, request.URL); err != nil {
		return fetcher.Result{}, err
	}
	result, err := p.Fetcher.Fetch(ctx, request)
	p.holdHost(ctx, request.URL, err)
	return result, err
}

// take leads what was fetched for one source through the stages. A failure,
// wherever it happens, remembers nothing of the new document.
func (p *Pipeline) take(ctx context.Context, src Source, known article.SourceState, result fetcher.Result, err error) (out Outcome) {
	defer func() {
		if r := recover(); r != nil { // one bad source never harms another
			out = p.failed(ctx, src, known, failureInternal, fmt.Errorf("panic: %v", r))
		}
	}()
	if err != nil {
		return p.failed(ctx, src, known, "", err)
	}
	state := known
	asked := min(result.MaxAge, maxAsked)
	if result.NotModified || result.BodyHash == state.BodyHash {
		// RFC 9111 §4.3.4: a 304 may bring newer validators; a 200 without any drops the old ones.
		if !result.NotModified || result.Validators != (article.Validators{}) {
			state.Validators = result.Validators
		}
		p.follows(src, &state, result.MovedTo)
		return p.commit(ctx, src, article.Refresh{State: state}, asked, Outcome{SourceID: src.ID, Unchanged: true})
	}

	weight := min(int64(len(result.Body)), maxHeld)
	if err := p.held.Acquire(ctx, weight); err != nil {
		return p.failed(ctx, src, known, "", err)
	}
	defer p.held.Release(weight)
	document := normalizer.Document{Body: result.Body, ContentType: result.ContentType, URL: result.FinalURL, Seen: state.Habits.Items}
	reading, err := p.read(ctx, src, known, document)
	if err != nil {
		return p.failed(ctx, src, known, "", err)
	}
	news, err := p.hasNews(ctx, reading.articles)
	if err != nil {
		return p.failed(ctx, src, known, "", err)
	}
	if news {
		state.Habits.LastNew = state.LastFetch
	}
	p.learn(src, &state, &reading, result)
	seen := p.Now() // and not when the refresh began: an output may have been made since
	for i := range reading.articles {
		a := &reading.articles[i]
		a.FirstSeen, a.FetchedAt = seen, seen
		a.Channels, a.Unselected = p.rules.Decide(a)
	}
	return p.commit(ctx, src,
		article.Refresh{State: state, Articles: reading.articles, Decided: p.keys}, max(asked, reading.wait),
		Outcome{SourceID: src.ID, Unchanged: len(reading.articles) == 0, Warnings: reading.warnings})
}

// hasNews reports whether any of the articles is not stored as it is: feeds whose
// items cannot be told apart by their bytes bring the same ones with each change.
func (p *Pipeline) hasNews(ctx context.Context, articles []article.Article) (bool, error) {
	if len(articles) == 0 {
		return false, nil
	}
	ids := make([]string, len(articles))
	for i := range articles {
		ids[i] = articles[i].ID
	}
	known, err := p.Store.Known(ctx, ids)
	if err != nil {
		return false, fmt.Errorf("look up known articles: %w", err)
	}
	return slices.ContainsFunc(articles, func(a article.Article) bool {
		hash, ok := known[a.ID]
		return !ok || hash != "" && hash != a.ContentHash // a tombstone has none
	}), nil
}

// triesAgain reports whether a day has begun since a listing was read, and pages
// of it gave nothing: what was no article yesterday may be one today.
func (p *Pipeline) triesAgain(state article.SourceState, now time.Time) bool {
	location := p.Options.Site.Location
	return len(state.Tried) > 0 && state.LastGood.In(location).Format(time.DateOnly) != now.In(location).Format(time.DateOnly)
}

// A reading is what a document gave.
type reading struct {
	articles []article.Article
	warnings []string
	items    []uint64 // fingerprints of the items that need not be read again
	hints    normalizer.Hints
	skipped  int           // items that were known, and not read
	whole    bool          // nothing of the document is left for another refresh
	tried    []string      // see article.SourceState
	wait     time.Duration // what the server asked for while its pages were read
}

func (p *Pipeline) read(ctx context.Context, src Source, known article.SourceState, document normalizer.Document) (reading, error) {
	if src.PageURL == "" {
		return p.readFeed(ctx, src, document)
	}
	return p.readPages(ctx, src, known, document)
}

func (p *Pipeline) readFeed(ctx context.Context, src Source, document normalizer.Document) (reading, error) {
	result, err := p.parseFeed(src, document)
	if err != nil {
		return reading{}, err
	}
	out := reading{
		articles: result.Articles, warnings: result.Warnings, items: result.Items,
		hints: result.Hints, skipped: result.Skipped, whole: !result.Truncated,
	}
	return out, p.fillFromPages(ctx, src, &out)
}

func (p *Pipeline) parseFeed(src Source, document normalizer.Document) (normalizer.Result, error) {
	p.parse <- struct{}{}
	defer func() { <-p.parse }()
	return p.Normalizer.Feed(src.Source, document)
}

// commit writes a refresh that went well.
// asked is how long the server wants to be left alone.
func (p *Pipeline) commit(ctx context.Context, src Source, refresh article.Refresh, asked time.Duration, out Outcome) Outcome {
	state := &refresh.State
	state.LastGood = state.LastFetch
	state.Failure, state.FailureText, state.Failures, state.FailingSince = "", "", 0, time.Time{}
	state.NextFetchAt = p.nextFetch(src, state, state.LastFetch, asked)
	counts, err := p.Store.Commit(ctx, refresh)
	if err != nil {
		return p.failed(ctx, src, refresh.State, failureStore, err)
	}
	out.Counts = counts
	p.switchWaiting(ctx, refresh.Articles)
	return out
}

// failed writes down a failure. The validators and the body hash stay those of
// the last good document, the articles stay as they are.
func (p *Pipeline) failed(ctx context.Context, src Source, state article.SourceState, kind string, err error) Outcome {
	out := Outcome{SourceID: src.ID, Err: err, Failure: kind}
	if out.Failure == "" {
		out.Failure = failureKind(err)
	}
	if ctx.Err() != nil || out.Failure == failureStore {
		return out // we were stopped, or cannot write: that says nothing of the source
	}
	if state.Failures == 0 {
		state.FailingSince = state.LastFetch
	}
	state.Failures++
	state.Failure, state.FailureText = out.Failure, err.Error()
	state.NextFetchAt = p.nextFetch(src, &state, state.LastFetch, retryAfter(err))
	if _, err := p.Store.Commit(ctx, article.Refresh{State: state}); err != nil {
		out.Err = errors.Join(out.Err, err)
	}
	return out
}

func failureKind(err error) string {
	var fetchErr *fetcher.Error
	switch {
	case errors.As(err, &fetchErr):
		return string(fetchErr.Kind)
	case errors.Is(err, store.ErrUnavailable):
		return failureStore
	case errors.Is(err, errForbidden):
		return failureRobots
	case errors.Is(err, normalizer.ErrChallenged):
		return failureChallenged
	case errors.Is(err, normalizer.ErrNotAFeed):
		return failureNotAFeed
	case errors.Is(err, normalizer.ErrEmpty):
		return failureEmpty
	case errors.Is(err, normalizer.ErrNoArticle):
		return failureNoArticles
	case errors.Is(err, normalizer.ErrUnparsable):
		return failureUnparsable
	}
	return failureInternal
}

func (p *Pipeline) log(ctx context.Context, out Outcome) {
	if out.Failure != "" {
		p.Logger.WarnContext(ctx, "refresh failed", "source", out.SourceID,
			"failure", out.Failure, "error", out.Err, "took", out.Took)
		return
	}
	p.Logger.InfoContext(ctx, "refreshed", "source", out.SourceID, "new", out.Counts.New,
		"updated", out.Counts.Updated, "warnings", len(out.Warnings), "took", out.Took)
}
