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

// The kinds of failure that are not the fetcher's.
const (
	failureNotAFeed   = "not_a_feed"
	failureChallenged = "challenged"
	failureEmpty      = "empty"
	failureUnparsable = "unparsable"
	failureNoArticles = "no_articles"
	failureStore      = "store"
	failureInternal   = "internal"

	failureRateLimited = string(fetcher.KindRateLimited)
)

// RefreshAll refreshes the named sources, or all when none is named, and calls
// done after each, never twice at once. It fails only on a name that is not
// configured or when the context ends.
func (p *Pipeline) RefreshAll(ctx context.Context, ids []string, done func(Outcome)) error {
	sources, err := p.named(ids)
	if err != nil {
		return err
	}
	states, err := p.Store.States(ctx, ids...)
	if err != nil {
		return fmt.Errorf("read source states: %w", err)
	}
	var (
		mu    sync.Mutex
		group sync.WaitGroup
		next  = make(chan Source)
	)
	for range min(max(p.Concurrency, 1), len(sources)) {
		group.Go(func() {
			for src := range next {
				outcome := p.refresh(ctx, src, states[src.ID])
				mu.Lock()
				done(outcome)
				mu.Unlock()
			}
		})
	}
	for _, src := range sources {
		select {
		case next <- src:
		case <-ctx.Done():
		}
	}
	close(next)
	group.Wait()
	return ctx.Err()
}

func (p *Pipeline) named(ids []string) ([]Source, error) {
	if len(ids) == 0 {
		return p.Sources, nil
	}
	var sources []Source
	for i, id := range ids {
		src, ok := p.sources[id]
		if !ok {
			return nil, fmt.Errorf("no source %q in the configuration", id)
		}
		if !slices.Contains(ids[:i], id) {
			sources = append(sources, src)
		}
	}
	return sources, nil
}

// refresh takes one source from its state to its next. Whatever happens is in
// the outcome, and in the state of this source alone.
func (p *Pipeline) refresh(ctx context.Context, src Source, state article.SourceState) (out Outcome) {
	started, known := p.Now(), state
	defer func() {
		if r := recover(); r != nil { // one bad source never harms another
			out = p.failed(ctx, src, known, failureInternal, fmt.Errorf("panic: %v", r))
		}
		out.Took = p.Now().Sub(started)
		p.log(ctx, out)
	}()

	if !p.sameDay(state.LastFetch, started) {
		state.Tried = nil // what was no article yesterday may be one today
	}
	state.SourceID = src.ID
	state.LastFetch = started
	if state.URL != src.URL() { // what another document was recognised by says nothing of this one
		state.URL, state.Validators, state.BodyHash, state.Tried = src.URL(), article.Validators{}, "", nil
	}
	known = state // a failure, wherever it happens, remembers nothing of the new document

	accept := fetcher.AcceptFeed
	if src.PageURL != "" {
		accept = fetcher.AcceptPage
	}
	result, err := p.Fetcher.Fetch(ctx, fetcher.Request{URL: src.URL(), Validators: state.Validators, Accept: accept})
	if err != nil {
		return p.failed(ctx, src, known, "", err)
	}
	state.NextFetchAt = p.nextFetch(src, started, min(result.MaxAge, maxAge))

	if result.NotModified || result.BodyHash == state.BodyHash {
		// RFC 9111 §4.3.4: a 304 may bring newer validators; a 200 without any drops the old ones.
		if !result.NotModified || result.Validators != (article.Validators{}) {
			state.Validators = result.Validators
		}
		return p.commit(ctx, src, article.Refresh{State: state}, Outcome{SourceID: src.ID, Unchanged: true})
	}

	weight := min(int64(len(result.Body)), maxHeld)
	if err := p.held.Acquire(ctx, weight); err != nil {
		return p.failed(ctx, src, known, "", err)
	}
	defer p.held.Release(weight)
	document := normalizer.Document{Body: result.Body, ContentType: result.ContentType, URL: result.FinalURL}
	reading, err := p.read(ctx, src, state.Tried, document)
	if err != nil {
		return p.failed(ctx, src, known, "", err)
	}
	if reading.whole {
		state.Validators, state.BodyHash = result.Validators, result.BodyHash
	} else { // something is still to be read: the next refresh must see the document again
		state.Validators, state.BodyHash = article.Validators{}, ""
	}
	if reading.wait > 0 {
		state.NextFetchAt = p.nextFetch(src, started, reading.wait)
	}
	state.Warnings, state.Tried = reading.warnings, reading.tried
	seen := p.Now() // and not when the refresh began: an output may have been made since
	for i := range reading.articles {
		a := &reading.articles[i]
		a.FirstSeen, a.FetchedAt = seen, seen
		a.Channels, a.Unselected = p.rules.Decide(a)
	}
	return p.commit(ctx, src,
		article.Refresh{State: state, Articles: reading.articles, Decided: p.keys},
		Outcome{SourceID: src.ID, Warnings: reading.warnings})
}

func (p *Pipeline) sameDay(a, b time.Time) bool {
	location := p.Options.Site.Location
	return a.In(location).Format(time.DateOnly) == b.In(location).Format(time.DateOnly)
}

// A reading is what a document gave.
type reading struct {
	articles []article.Article
	warnings []string
	whole    bool          // nothing of the document is left for another refresh
	tried    []string      // see article.SourceState
	wait     time.Duration // what the server asked for while its pages were read
}

func (p *Pipeline) read(ctx context.Context, src Source, tried []string, document normalizer.Document) (reading, error) {
	if src.PageURL != "" {
		return p.readPages(ctx, src, tried, document)
	}
	return p.readFeed(src, document)
}

func (p *Pipeline) readFeed(src Source, document normalizer.Document) (reading, error) {
	p.parse <- struct{}{}
	defer func() { <-p.parse }()
	result, err := p.Normalizer.Feed(src.Source, document)
	return reading{articles: result.Articles, warnings: result.Warnings, whole: !result.Truncated}, err
}

// commit writes a refresh that went well.
func (p *Pipeline) commit(ctx context.Context, src Source, refresh article.Refresh, out Outcome) Outcome {
	state := &refresh.State
	state.LastGood = state.LastFetch
	state.Failure, state.FailureText, state.Failures, state.FailingSince = "", "", 0, time.Time{}
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
	state.NextFetchAt = p.nextFetch(src, state.LastFetch, retryAfter(err))
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
