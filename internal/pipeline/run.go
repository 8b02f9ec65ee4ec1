package pipeline

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"bantin/internal/article"
	"bantin/publisher"

	"github.com/robfig/cron/v3"
)

const (
	// tick is how often the store is asked which sources are due.
	tick = time.Second
	// settle is how long changes are gathered before the site is rendered again.
	settle = 2 * time.Second
	// IssuesShown is the number of newest issues of each digest that the daemon
	// keeps rendered; older ones are rendered when asked for.
	IssuesShown = 7
	// drain is how long refreshes under way may go on after the stop: with the
	// HTTP server's and the store's own time the process ends within 10 s.
	drain = 6 * time.Second
)

// Run refreshes sources as they fall due and makes digests on their schedules
// until ctx ends, then gives the refreshes under way some seconds to end, so
// that no work is lost. It calls publish with
// the site at the start and whenever the store has changed.
func (p *Pipeline) Run(ctx context.Context, publish func(*publisher.Site)) error {
	if err := p.Register(ctx); err != nil {
		return err
	}
	var follower, workers sync.WaitGroup
	follower.Go(func() { p.follow(ctx, publish) })
	defer follower.Wait()
	working, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()

	clock := cron.New(cron.WithLocation(p.Options.Site.Location),
		cron.WithChain(cron.Recover(cronLog{p.Logger}), cron.SkipIfStillRunning(cron.DiscardLogger)))
	slots := make(chan struct{}, max(p.Concurrency, 1))
	clock.Schedule(cron.Every(tick), cron.FuncJob(func() { p.refreshDue(ctx, working, slots, &workers) }))
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
// and returns when no other is due. No refresh starts after ctx has ended; the
// refreshes themselves run under working.
func (p *Pipeline) refreshDue(ctx, working context.Context, slots chan struct{}, workers *sync.WaitGroup) {
	for ctx.Err() == nil {
		due, err := p.notInFlight(ctx)
		if err != nil {
			if ctx.Err() == nil {
				p.Logger.ErrorContext(ctx, "ask for due sources", "error", err)
			}
			return
		}
		if len(due) == 0 {
			return
		}
		for _, state := range due {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			p.begin(state.SourceID)
			workers.Go(func() {
				defer func() { <-slots }()
				defer p.end(state.SourceID)
				p.refreshInTurn(working, state)
			})
		}
	}
}

// notInFlight returns due sources that are not being refreshed already, at most
// as many as can be refreshed at once.
func (p *Pipeline) notInFlight(ctx context.Context) ([]article.SourceState, error) {
	p.mu.Lock()
	busy := len(p.inFlight)
	p.mu.Unlock()
	due, err := p.Store.Due(ctx, p.Now(), busy+max(p.Concurrency, 1))
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.DeleteFunc(due, func(s article.SourceState) bool {
		_, configured := p.sources[s.SourceID] // another daemon's configuration may know more
		return p.inFlight[s.SourceID] || !configured
	}), nil
}

// refreshInTurn refreshes a source that is due. Its next turn is written down
// before it is fetched: whatever happens then, be it kill -9 or a store that
// can no longer be written, the source is not asked again before its time.
func (p *Pipeline) refreshInTurn(ctx context.Context, state article.SourceState) {
	src := p.sources[state.SourceID]
	state.NextFetchAt = p.nextFetch(src, p.Now(), 0)
	if _, err := p.Store.Commit(ctx, article.Refresh{State: state}); err != nil {
		p.log(ctx, Outcome{SourceID: src.ID, Failure: failureStore, Err: err})
		select { // a store that is down is asked once a tick by each worker, not more
		case <-time.After(tick):
		case <-ctx.Done():
		}
		return
	}
	p.refresh(ctx, src, state)
}

func (p *Pipeline) begin(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight[id] = true
}

func (p *Pipeline) end(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.inFlight, id)
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
		revision, err := p.Store.Revision(ctx)
		if err == nil && revision != rendered {
			var site *publisher.Site
			if site, err = p.Site(ctx, IssuesShown); err == nil {
				publish(site)
				rendered = revision
			}
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

// cronLog lets cron report a job that panicked.
type cronLog struct{ *slog.Logger }

func (l cronLog) Info(string, ...any) {}

func (l cronLog) Error(err error, msg string, _ ...any) {
	l.Logger.Error("scheduled job", "event", msg, "error", err)
}
