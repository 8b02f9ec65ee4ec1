package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
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
	failureBusy       = "busy"

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
	hand := byHand{pipeline: p, done: done}
	slots := make(chan struct{}, max(p.Concurrency, 1))
	freed := make(chan struct{}, len(sources))
	var group sync.WaitGroup
	for waiting := sources; len(waiting) > 0 && ctx.Err() == nil; {
		var busy []Source // their hosts have as many refreshes as they get
		for _, src := range waiting {
			address := p.address(src, states[src.ID], p.Now())
			if !p.begin(src, host(address)) {
				busy = append(busy, src)
				continue
			}
			slots <- struct{}{}
			group.Go(func() {
				hand.refresh(ctx, src, address)
				p.end(src, host(address))
				<-slots
				freed <- struct{}{}
			})
		}
		if waiting = busy; len(busy) > 0 {
			<-freed
		}
	}
	group.Wait()
	p.dropRaw(ctx) // where no daemon runs, nobody else does
	return ctx.Err()
}

// byHand refreshes sources that somebody asked for.
type byHand struct {
	pipeline *Pipeline

	mu   sync.Mutex
	done func(Outcome)
}

// refresh refreshes a source in its turn. Only as many sources of a host as it
// gets at once wait for a turn, so that one that is far away is the host's wish.
// Minutes may have gone by since the command began, in which a daemon refreshed
// the source: its state is read when the turn has come.
func (h *byHand) refresh(ctx context.Context, src Source, address string) {
	p := h.pipeline
	defer func() {
		if fault := recover(); fault != nil {
			h.report(Outcome{SourceID: src.ID, Failure: failureInternal, Err: p.caught(ctx, src, fault)})
		}
	}()
	held, err := p.waitForTurn(ctx, address)
	defer p.leave(ctx, held)
	var states map[string]article.SourceState
	if err == nil {
		states, held.due, err = p.promise(ctx, src)
		held.source = src.ID
	}
	switch {
	case ctx.Err() != nil: // we were stopped, and nothing was asked
	case errors.Is(err, errHeld), errors.Is(err, errTaken):
		h.report(Outcome{SourceID: src.ID, Failure: failureKind(err), Err: err})
	case err != nil:
		h.report(Outcome{SourceID: src.ID, Failure: failureStore, Err: err})
	default:
		p.refresh(withSeat(ctx, held), src, states, h.report)
	}
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
		if leader := p.leaderOf(src); !asked[leader] {
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
	visitor := &guest{pipeline: p}
	defer visitor.leave()
	ctx = withGuest(ctx, visitor)
	got := p.ask(ctx, group, states, started)
	for i, one := range group {
		seatIn(ctx).last = i == len(group)-1
		visitor.more = i < len(group)-1
		state := p.adopt(one, states[one.ID])
		state.LastFetch = started
		if got.err == nil && got.whole {
			state.Habits.LastWhole = started
		}
		out := p.take(ctx, one, state, got)
		out.Took = p.Now().Sub(started)
		p.log(ctx, out)
		done(out)
	}
}

// ask asks the address of a group, whose first source leads.
func (p *Pipeline) ask(ctx context.Context, group []Source, states map[string]article.SourceState, now time.Time) (got *response) {
	got = &response{readers: len(group)}
	src := group[0]
	defer func() {
		if fault := recover(); fault != nil {
			got.err = p.caught(ctx, src, fault)
		}
	}()
	leader := p.adopt(src, states[src.ID])
	request := fetcher.Request{URL: p.address(src, leader, now), Accept: accept(src), InsecureHost: src.InsecureHost()}
	if request.URL == leader.URL {
		request.Validators = leader.Validators
	}
	for _, one := range group {
		state := states[one.ID]
		if state.BodyHash != leader.BodyHash || now.Sub(leader.Habits.LastWhole) >= wholeEvery || p.triesAgain(state, now) {
			request.Validators = article.Validators{} // all must see the body
		}
	}
	request.MakeRoom = guestOf(ctx).enter
	got.asked, got.whole = request.URL, request.Validators == (article.Validators{})
	got.result, got.err = p.fetch(ctx, src, request)
	return got
}

func accept(src Source) string {
	if src.PageURL != "" {
		return fetcher.AcceptPage
	}
	return fetcher.AcceptFeed
}

// A response is what came of asking an address.
type response struct {
	asked   string
	whole   bool // asked without validators
	result  fetcher.Result
	err     error
	readers int // sources that are still to read the body
}

// body gives a source the body. The last one takes it along, so that it does not
// stay in memory while articles are made of it.
func (r *response) body() []byte {
	body := r.result.Body
	if r.readers--; r.readers == 0 {
		r.result.Body = nil
	}
	return body
}

// fetch retrieves the document of a source, where robots.txt lets us.
func (p *Pipeline) fetch(ctx context.Context, src Source, request fetcher.Request) (fetcher.Result, error) {
	if err := p.mayFetch(ctx, src, request.URL); err != nil {
		p.holdHost(ctx, request.URL, err)
		return fetcher.Result{}, err
	}
	result, err := p.Fetcher.Fetch(ctx, request)
	p.holdHost(ctx, request.URL, err)
	return result, err
}

// take leads what was fetched for one source through the stages. A failure,
// wherever it happens, remembers nothing of the new document.
func (p *Pipeline) take(ctx context.Context, src Source, known article.SourceState, got *response) (out Outcome) {
	defer func() {
		if fault := recover(); fault != nil { // one bad source never harms another
			out = p.failed(ctx, src, known, failureInternal, p.caught(ctx, src, fault))
		}
	}()
	if got.err != nil {
		return p.failed(ctx, src, known, "", got.err)
	}
	state, body := known, got.body()
	if p.isNewDay(known, known.LastFetch) {
		p.beginDay(src, &state)
	}
	asked := min(got.result.MaxAge, maxAsked)
	if got.result.NotModified || got.result.BodyHash == state.BodyHash {
		// RFC 9111 §4.3.4: a 304 may bring newer validators; a 200 without any drops the old ones.
		if !got.result.NotModified || got.result.Validators != (article.Validators{}) {
			state.Validators = got.result.Validators
		}
		p.follows(ctx, src, &state, got)
		keepOwnValidators(&state, got)
		return p.commit(ctx, src, article.Refresh{State: state}, asked, Outcome{SourceID: src.ID, Unchanged: true})
	}

	size := len(body)
	if size <= fetcher.LargeBody { // a large one has a place of its own
		visitor := guestOf(ctx)
		if err := visitor.weigh(ctx, size); err != nil {
			return p.failed(ctx, src, known, "", err)
		}
		defer visitor.lighten(0)
	}
	document := normalizer.Document{
		Body: body, ContentType: got.result.ContentType, URL: got.result.FinalURL, Fetched: p.Now(), Seen: state.Habits.Items,
	}
	reading, err := p.read(ctx, src, state, document)
	if err != nil {
		return p.failed(ctx, src, known, "", err)
	}
	changes, err := p.changes(ctx, src, reading.articles)
	if err != nil {
		return p.failed(ctx, src, known, "", err)
	}
	if len(changes) > 0 {
		state.Habits.LastNew = state.LastFetch
	}
	admit(&state, &reading, changes)
	p.learn(src, &state, &reading, got.result)
	p.follows(ctx, src, &state, got)
	keepOwnValidators(&state, got)
	seen := p.Now() // and not when the refresh began: an output may have been made since
	for i := range reading.articles {
		a := &reading.articles[i]
		a.FirstSeen, a.FetchedAt = seen, seen
		a.Channels, a.Unselected = p.rules.Decide(a)
	}
	var raw []article.Raw
	if len(changes) > 0 {
		raw = slices.Concat(reading.raw, p.keep(ctx, article.Raw{
			URL: document.URL, ContentType: keptType, Body: reading.kept,
		}))
		for i := range raw {
			raw[i].SourceID, raw[i].FetchedAt = src.ID, seen
		}
	}
	return p.commit(ctx, src,
		article.Refresh{State: state, Articles: reading.articles, Decided: p.keys, Raw: raw}, max(asked, reading.wait),
		Outcome{SourceID: src.ID, Unchanged: len(reading.articles) == 0, Warnings: reading.warnings})
}

// caught logs a panic with the place where it happened, and returns it as an error.
func (p *Pipeline) caught(ctx context.Context, src Source, fault any) error {
	p.Logger.ErrorContext(ctx, "panic", "source", src.ID, "fault", fault, "stack", string(debug.Stack()))
	return fmt.Errorf("panic: %v", fault)
}

// keepOwnValidators forgets the validators of an address that is not the one from
// which the source will be read: it moved just now, or is fetched with one that did.
func keepOwnValidators(state *article.SourceState, got *response) {
	if !isSame(state.URL, got.asked) {
		state.Validators = article.Validators{}
	}
}

// isNewDay reports whether a day has begun since a source was read well.
func (p *Pipeline) isNewDay(state article.SourceState, now time.Time) bool {
	location := p.Options.Site.Location
	return state.LastGood.In(location).Format(time.DateOnly) != now.In(location).Format(time.DateOnly)
}

// triesAgain reports whether pages that gave nothing yesterday are to be tried
// again, for which the document must be seen.
func (p *Pipeline) triesAgain(state article.SourceState, now time.Time) bool {
	return len(state.Tried) > 0 && p.isNewDay(state, now)
}

// beginDay forgets what held for a day. What was no article yesterday may be one today.
func (p *Pipeline) beginDay(src Source, state *article.SourceState) {
	state.Habits.ReadAgain = 0
	if len(state.Tried) > 0 {
		state.BodyHash = ""
	}
	if src.PageURL != "" {
		state.Tried = nil // of a feed they are the order in which pages are tried
	}
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
	said     []uint64      // see article.Habits
	again    int           // ReadAgain of article.Habits
	wait     time.Duration // what the server asked for while its pages were read
	pages    *pageHabits   // with the pages of this reading
	kept     []byte        // what the feed's items were read from; see normalizer.Result
	raw      []article.Raw // the pages

	links    map[string]uint64 // of the pages that were read, by the article's id; see likeLink
	repeated int               // pages that were not read because they would be in vain
	held     int               // articles and pages for which there was no room
}

func (p *Pipeline) read(ctx context.Context, src Source, known article.SourceState, document normalizer.Document) (reading, error) {
	if src.PageURL == "" {
		return p.readFeed(ctx, src, known, document)
	}
	return p.readPages(ctx, src, known, document)
}

func (p *Pipeline) readFeed(ctx context.Context, src Source, known article.SourceState, document normalizer.Document) (reading, error) {
	size := len(document.Body)
	result, err := p.parseFeed(src, document)
	guestOf(ctx).settle(size, result.Articles)
	if err != nil {
		return reading{}, err
	}
	out := reading{
		articles: result.Articles, warnings: result.Warnings, items: result.Items,
		hints: result.Hints, skipped: result.Skipped, whole: !result.Truncated, pages: newPageHabits(known),
		kept: result.Kept,
	}
	return out, p.fillFromPages(ctx, src, known, &out)
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
	refresh.Release = seatIn(ctx).leaves()
	counts, err := p.Store.Commit(ctx, refresh)
	if err != nil {
		return p.failed(ctx, src, refresh.State, failureStore, err)
	}
	seatIn(ctx).left(state)
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
	if ctx.Err() != nil || out.Failure == failureStore || out.Failure == failureBusy {
		return out // we were stopped, cannot write, or have no room: that says nothing of the source
	}
	if state.Failures == 0 {
		state.FailingSince = state.LastFetch
	}
	state.Failures++
	state.Failure, state.FailureText = out.Failure, err.Error()
	state.NextFetchAt = p.nextFetch(src, &state, state.LastFetch, retryAfter(err))
	if _, err := p.Store.Commit(ctx, article.Refresh{State: state, Release: seatIn(ctx).leaves()}); err != nil {
		out.Err = errors.Join(out.Err, err)
		return out
	}
	seatIn(ctx).left(&state)
	return out
}

func failureKind(err error) string {
	var fetchErr *fetcher.Error
	switch {
	case errors.Is(err, errNoRoom), errors.Is(err, errTaken):
		return failureBusy
	case errors.Is(err, errHeld):
		return failureRateLimited
	case errors.As(err, &fetchErr):
		return string(fetchErr.Kind)
	case errors.Is(err, store.ErrUnavailable):
		return failureStore
	case errors.Is(err, errForbidden), errors.Is(err, errNoRobots):
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
