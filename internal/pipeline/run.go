package pipeline

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"bantin/internal/article"
	"bantin/publisher"

	"github.com/robfig/cron/v3"
)

const (
	// tick is how often the store is asked which sources are due.
	tick = time.Second
	// patience is how long a refresh keeps its slot: most take less.
	patience = time.Second
	// maxSlow is how many hanging refreshes are borne beside those in slots. With
	// 32 slots, which are lent each second, so many hang for the 35 s after which robots.txt and the source time out:
	// 10,000 dead hosts take five minutes.
	maxSlow = 1200
	// dueAtOnce is how many due sources are looked at together: more than wait for
	// one slow host, so that they do not hide the sources of others.
	dueAtOnce = 2000
	// keepEvery is how long a source that another daemon took for deleted may stay
	// off: a quarter of the shortest interval.
	keepEvery = 15 * time.Minute
	// settle is how long changes are gathered before the site is rendered again.
	settle = 2 * time.Second
	// IssuesShown is the number of newest issues of each digest that the daemon
	// keeps rendered; older ones are rendered when asked for.
	IssuesShown = 7
	// drain is how long refreshes under way may go on after the stop: with the
	// HTTP server's and the store's own time the process ends within 10 s.
	drain = 5 * time.Second
)

// Run refreshes sources as they fall due and makes digests on their schedules
// until ctx ends, then gives the refreshes under way some seconds to end, so
// that no work is lost. It calls publish with the site at the start and whenever
// the store has changed.
func (p *Pipeline) Run(ctx context.Context, publish func(*publisher.Site)) error {
	ctx, cancel := context.WithCancel(ctx)
	var follower, workers sync.WaitGroup
	tellers := p.newTellers()
	for _, t := range tellers {
		follower.Go(func() { t.run(ctx) })
	}
	follower.Go(func() { // what there is can be read while the rest begins
		p.follow(ctx, func(site *publisher.Site) {
			publish(site) // first: a hub asks for what it is told of at once
			for _, t := range tellers {
				t.tell(site.Topics())
			}
		})
	})
	defer follower.Wait()
	defer cancel()
	if err := p.setSources(ctx); err != nil {
		return err
	}
	if err := p.Decide(ctx); err != nil {
		return err
	}
	working, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()

	clock := cron.New(cron.WithLocation(p.Options.Site.Location),
		cron.WithChain(cron.Recover(cronLog{p.Logger}), cron.SkipIfStillRunning(cron.DiscardLogger)))
	slots := make(chan struct{}, max(p.Concurrency, 1))
	clock.Schedule(cron.Every(keepEvery), cron.FuncJob(func() { p.keepSources(ctx) }))
	clock.Schedule(cron.Every(tick), cron.FuncJob(func() { p.refreshDue(ctx, working, slots, &workers) }))
	p.dropRaw(ctx) // it may have been down for long
	clock.Schedule(cron.Every(dropEvery), cron.FuncJob(func() { p.dropRaw(ctx) }))
	for _, d := range p.Digests {
		clock.Schedule(d.Schedule, cron.FuncJob(func() { p.makeDigest(ctx, d) }))
	}
	missed, err := p.dueDigests(ctx, p.Now())
	if err != nil {
		return err
	}
	for _, d := range missed {
		p.makeDigest(ctx, d)
	}

	clock.Start()
	<-ctx.Done()
	<-clock.Stop().Done()
	stop := time.AfterFunc(drain, abort)
	defer stop.Stop()
	workers.Wait()
	return nil
}

// refreshDue starts a refresh of every source that is due, as slots are free,
// and returns when no other can be started. No refresh starts after ctx has ended;
// the refreshes themselves run under working.
func (p *Pipeline) refreshDue(ctx, working context.Context, slots chan struct{}, workers *sync.WaitGroup) {
	for ctx.Err() == nil {
		due, err := p.Store.Due(ctx, p.Now(), dueAtOnce)
		if err != nil {
			if ctx.Err() == nil {
				p.Logger.ErrorContext(ctx, "ask for due sources", "error", err)
			}
			return
		}
		started := 0
		for _, state := range due {
			src, configured := p.sources[state.SourceID] // another daemon's configuration may know more
			if !configured {
				continue
			}
			at := host(p.address(src, state, p.Now()))
			if !p.begin(src, at) {
				continue
			}
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				p.end(src, at)
				return
			}
			started++
			workers.Go(func() {
				giveBack := p.lend(slots)
				defer giveBack()
				defer p.end(src, at)
				p.refreshInTurn(working, src)
			})
		}
		if started == 0 {
			return
		}
	}
}

// lend returns what gives a slot back. A refresh that takes longer than patience
// gives it back early, so that hosts that hang hold up nobody else, as soon as
// fewer than maxSlow others do.
func (p *Pipeline) lend(slots <-chan struct{}) (giveBack func()) {
	var lender sync.WaitGroup
	done := make(chan struct{})
	lender.Go(func() {
		select {
		case <-time.After(patience):
		case <-done:
			<-slots
			return
		}
		select {
		case p.slow <- struct{}{}:
			<-slots
			<-done
			<-p.slow
		case <-done:
			<-slots
		}
	})
	return func() {
		close(done)
		lender.Wait()
	}
}

// begin marks a source as being refreshed at a host. It reports false when it is
// already, or when the host has as many refreshes as it gets: waiting for it would
// keep a slot from the sources of others.
func (p *Pipeline) begin(src Source, at string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inFlight[src.ID] || p.hostLoad[at] >= p.PerHost {
		return false
	}
	p.inFlight[src.ID] = true
	p.hostLoad[at]++
	return true
}

func (p *Pipeline) end(src Source, at string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.inFlight, src.ID)
	if p.hostLoad[at]--; p.hostLoad[at] == 0 {
		delete(p.hostLoad, at)
	}
}

// refreshInTurn refreshes a source that is due. Its next turn is written down
// before it is fetched: whatever happens then, be it kill -9 or a store that
// can no longer be written, the source is not asked again before its time.
func (p *Pipeline) refreshInTurn(ctx context.Context, src Source) {
	defer func() {
		if fault := recover(); fault != nil { // in a fault of ours the others go on
			p.log(ctx, Outcome{SourceID: src.ID, Failure: failureInternal, Err: p.caught(ctx, src, fault)})
			p.rest(ctx)
		}
	}()
	var held *seat
	states, err := p.Store.States(ctx, p.group(src)...)
	if err == nil {
		held, err = p.makeMine(ctx, src, states[src.ID])
	}
	switch {
	case err != nil:
		p.log(ctx, Outcome{SourceID: src.ID, Failure: failureStore, Err: err})
		p.rest(ctx)
	case held != nil:
		defer p.leave(ctx, held)
		p.refresh(withSeat(ctx, held), src, states, func(Outcome) {})
	}
}

// rest waits for a tick: a store that is down, and a source that cannot be refreshed
// by a fault of ours, are asked once a tick by each worker, not more.
func (p *Pipeline) rest(ctx context.Context) {
	select {
	case <-time.After(tick):
	case <-ctx.Done():
	}
}

// makeMine takes a turn and a place at the host of a source, or returns nil where
// this daemon is not to ask it now. Of several daemons that found it due the first
// that postpones it goes on; only then does it take a turn, so that none is lost.
func (p *Pipeline) makeMine(ctx context.Context, src Source, state article.SourceState) (*seat, error) {
	now := p.Now()
	if state.NextFetchAt.After(now) {
		return nil, nil // it was refreshed while it waited for a slot
	}
	if free := afterSkipped(now, state.Habits); free.After(now) { // it may have waited for a host, or for a daemon
		_, err := p.Store.Postpone(ctx, src.ID, state.NextFetchAt, free)
		return nil, err
	}
	next := p.promised(src, state, now)
	mine, err := p.Store.Postpone(ctx, src.ID, state.NextFetchAt, next)
	if err != nil || !mine {
		return nil, err
	}
	held, again, err := p.takeTurn(ctx, p.address(src, state, now), now)
	if held != nil {
		held.source, held.due = src.ID, next
	}
	if err != nil || held != nil {
		return held, err
	}
	_, err = p.Store.Postpone(ctx, src.ID, next, again)
	return nil, err
}

// takeTurn takes a turn and a place at the host of an address, or says when to ask
// again.
func (p *Pipeline) takeTurn(ctx context.Context, address string, now time.Time) (held *seat, again time.Time, err error) {
	claim := p.claim(address, now)
	turn, err := p.Store.Turn(ctx, claim)
	switch {
	case err != nil:
		return nil, again, err
	case turn.Taken:
		return seatOf(claim, turn), again, nil
	}
	again = turn.At
	if soon := now.Add(fullWait); turn.Full && again.After(soon) {
		again = soon
	}
	return nil, p.queue(claim.Host, again), nil
}

// promised is when a source that is asked now is due again, should nothing more be
// heard of it: not before the refresh has ended or its lease has.
func (p *Pipeline) promised(src Source, state article.SourceState, now time.Time) time.Time {
	return later(p.nextFetch(src, &state, now, 0), now.Add(p.Lease))
}

// promiseAttempts bounds how often a daemon may change a state while somebody asks
// by hand, who is served all the same.
const promiseAttempts = 3

// promise writes down when a source is due again, before it is asked by hand, and
// returns what is known of it and its followers at that moment.
func (p *Pipeline) promise(ctx context.Context, src Source) (states map[string]article.SourceState, due time.Time, err error) {
	for range promiseAttempts {
		if states, err = p.Store.States(ctx, p.group(src)...); err != nil {
			return nil, due, err
		}
		state, known := states[src.ID]
		due = p.promised(src, state, p.Now())
		if !known { // there is nothing yet that this could undo
			_, err = p.Store.Commit(ctx, article.Refresh{State: article.SourceState{SourceID: src.ID, NextFetchAt: due}})
			return states, due, err
		}
		if done, err := p.Store.Postpone(ctx, src.ID, state.NextFetchAt, due); done || err != nil {
			return states, due, err
		}
	}
	return states, due, nil
}

// group returns the ids of all sources with the address of src.
func (p *Pipeline) group(src Source) []string {
	ids := []string{src.ID}
	for _, follower := range p.followers[src.ID] {
		ids = append(ids, follower.ID)
	}
	return ids
}

// queue returns when a source that found its host taken until turn is due again:
// each of several a gap after the one before, so that they do not all ask again
// at once.
func (p *Pipeline) queue(at string, turn time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	turn = later(turn, p.queued[at])
	p.queued[at] = turn.Add(max(p.HostGap, tick))
	return turn
}

func (p *Pipeline) makeDigest(ctx context.Context, d Digest) {
	if _, err := p.makeIssue(ctx, d); err != nil {
		p.Logger.ErrorContext(ctx, "make digest", "digest", d.ID, "error", err)
	}
}

// follow renders the site whenever the store has changed, whoever changed it.
// While the store cannot be read the last good site stays.
func (p *Pipeline) follow(ctx context.Context, publish func(*publisher.Site)) {
	clock := time.NewTicker(settle)
	defer clock.Stop()
	rendered := int64(-1) // no revision
	for {
		at := p.Now()
		revision, err := p.revision(ctx)
		changed := err == nil && revision != rendered
		if changed {
			var site *publisher.Site
			if site, err = p.siteInTime(ctx); err == nil {
				publish(site)
				rendered = revision
			}
		}
		if ctx.Err() == nil {
			p.note(at, err, changed && err == nil)
		}
		if err != nil && ctx.Err() == nil {
			p.Logger.ErrorContext(ctx, "publish; the last output stays", "error", err)
		}
		select {
		case <-clock.C:
		case <-ctx.Done():
			return
		}
	}
}

// siteInTime gives up when the store stops answering in the middle.
func (p *Pipeline) siteInTime(ctx context.Context) (*publisher.Site, error) {
	const timeout = 2 * time.Minute // far more than a site takes that is rendered as a whole
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return p.Site(ctx, IssuesShown)
}

// revision asks for the store's revision, and gives up before an operator wonders
// why nothing is said of a store that does not answer.
func (p *Pipeline) revision(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return p.Store.Revision(ctx)
}

// cronLog lets cron report a job that panicked.
type cronLog struct{ *slog.Logger }

func (l cronLog) Info(string, ...any) {}

func (l cronLog) Error(err error, msg string, _ ...any) {
	l.Logger.Error("scheduled job", "event", msg, "error", err)
}
