package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/schedule"
	"bantin/internal/store"
	"bantin/normalizer"
	"bantin/publisher"

	"golang.org/x/sync/semaphore"
)

// newSourceGap spreads the first fetches of new sources: twenty a second.
const newSourceGap = 50 * time.Millisecond

// maxHeld is the weight of the documents that are read at once, without the large
// one: hundreds of common feeds. What is made of a document takes several times
// its size.
const maxHeld = 16 << 20

// A Fetcher retrieves one document. *fetcher.Fetcher is one.
type Fetcher interface {
	Fetch(ctx context.Context, request fetcher.Request) (fetcher.Result, error)
}

// A Source is a source with its schedule.
type Source struct {
	article.Source
	Schedule schedule.Schedule // nil: by the source's own rhythm
	Expect   time.Duration     // the longest that it is quiet; 0: by its own rhythm
}

// A Digest is made from channels on a schedule.
type Digest struct {
	ID       string
	Title    string
	Channels []string
	Schedule schedule.Schedule
}

// Options is what a Pipeline is made of. All fields but Channels,
// Digests and Logger are required.
type Options struct {
	Sources     []Source
	Channels    []publisher.Channel
	Digests     []Digest
	Site        publisher.Options
	Concurrency int // sources refreshed at once
	PerHost     int // of them on one host, by all daemons on the store

	MinInterval     time.Duration // of a source without a schedule
	MaxInterval     time.Duration
	HostGap         time.Duration          // between two requests to one host
	Lease           time.Duration          // after which the place at a host of a refresh that was killed is free
	Own             func(host string) bool // hosts of the operator, which need no gap and no places; may be nil
	PagesPerRefresh int                    // article pages read in one refresh of a source
	RawRetention    time.Duration          // how long what articles are read from is kept; 0: not at all

	Store      store.Store
	Fetcher    Fetcher
	Poster     Poster // for Site.Hubs; without one no hub is told
	Robots     Robots
	Normalizer *normalizer.Normalizer
	Now        func() time.Time
	Logger     *slog.Logger
}

// A Pipeline refreshes sources and renders the site. It does not own its store.
type Pipeline struct {
	Options
	publisher *publisher.Publisher
	archive   *archive
	rules     *publisher.Rules
	sources   map[string]Source
	// Of sources with one address the first leads: it is fetched for all of them.
	leaders   []Source
	followers map[string][]Source // by the leader's id
	byURL     map[string]string   // the leader's id, by article.Address
	keys      []string            // of all channels

	// parse bounds the documents that are normalized at once: each may take
	// many times its size while it is parsed, and more than one a processor
	// gains nothing.
	parse chan struct{}
	// held bounds the bytes of the documents that are read and not yet committed,
	// and large takes those that would fill it.
	held  *semaphore.Weighted
	large chan struct{} // see guest
	// litter is the bytes of large documents whose garbage is still about. Who has
	// the place has it too.
	litter int

	mu       sync.Mutex
	waiting  map[string]publisher.Channel // by key, while they are published under older rules
	inFlight map[string]bool              // by source
	hostLoad map[string]int               // refreshes under way, by host
	queued   map[string]time.Time         // when the next of those that wait for a host is due, by host
	slow     chan struct{}                // refreshes that gave their slot back
	started  time.Time
	outputs  Outputs
	lookedAt time.Time // when the store was last read for the outputs
}

// New returns a Pipeline.
func New(opts Options) (*Pipeline, error) {
	if opts.Store == nil || opts.Fetcher == nil || opts.Normalizer == nil || opts.Robots == nil || opts.Now == nil {
		return nil, errors.New("new pipeline: store, fetcher, robots, normalizer and clock are required")
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	site, err := publisher.New(opts.Site)
	if err != nil {
		return nil, fmt.Errorf("new pipeline: %w", err)
	}
	press, err := publisher.New(opts.Site) // another one: it is used while the site is rendered
	if err != nil {
		return nil, fmt.Errorf("new pipeline: %w", err)
	}
	p := &Pipeline{
		archive:   newArchive(opts.Channels, press),
		publisher: site,
		Options:   opts,
		rules:     publisher.NewRules(opts.Channels),
		sources:   make(map[string]Source, len(opts.Sources)),
		parse:     make(chan struct{}, runtime.GOMAXPROCS(0)),
		held:      semaphore.NewWeighted(maxHeld),
		large:     make(chan struct{}, 1),
		waiting:   make(map[string]publisher.Channel),
		inFlight:  make(map[string]bool),
		hostLoad:  make(map[string]int),

		queued:    make(map[string]time.Time),
		slow:      make(chan struct{}, maxSlow),
		followers: make(map[string][]Source),
		byURL:     make(map[string]string),
		started:   opts.Now(),
		lookedAt:  opts.Now(),
	}
	for _, s := range opts.Sources {
		p.sources[s.ID] = s
		address := article.Address(s.URL())
		leader, known := p.byURL[address]
		if known {
			p.followers[leader] = append(p.followers[leader], s)
			continue
		}
		p.byURL[address] = s.ID
		p.leaders = append(p.leaders, s)
	}
	p.keys = p.rules.Keys()
	return p, nil
}

// leaderOf returns the id of the source that is fetched for src, and for itself.
func (p *Pipeline) leaderOf(src Source) string { return p.byURL[article.Address(src.URL())] }

// setSources tells the store which sources there are. Those that fell due while
// nobody ran are spread like new ones. One that waits for less than that keeps its
// time, so that restarts do not push it away again and again.
func (p *Pipeline) setSources(ctx context.Context) error {
	now := p.Now()
	spread := min(time.Duration(len(p.leaders))*newSourceGap, maxJitter)
	due := make(map[string]time.Time, len(p.leaders))
	for _, s := range p.leaders {
		due[s.ID] = now.Add(jitter(s.ID, now, spread))
	}
	if err := p.Store.SetSources(ctx, due, now.Add(-spread)); err != nil {
		return fmt.Errorf("register sources: %w", err)
	}
	return nil
}

// keepSources tells the store again which sources there are: another daemon with
// another configuration may have started since, which took them for deleted.
func (p *Pipeline) keepSources(ctx context.Context) {
	now := p.Now()
	due := make(map[string]time.Time, len(p.leaders))
	for _, s := range p.leaders {
		due[s.ID] = now
	}
	if err := p.Store.KeepSources(ctx, due); err != nil && ctx.Err() == nil {
		p.Logger.ErrorContext(ctx, "register sources", "error", err)
	}
}

// Knows reports whether a source with that id is configured.
func (p *Pipeline) Knows(sourceID string) bool {
	_, ok := p.sources[sourceID]
	return ok
}
