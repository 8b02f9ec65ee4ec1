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

// maxHeld is the weight of the documents that are read at once: hundreds of
// common feeds, or three of the largest that are fetched at all. What is made of
// a document takes several times its size.
const maxHeld = 32 << 20

// A Fetcher retrieves one document. *fetcher.Fetcher is one.
type Fetcher interface {
	Fetch(ctx context.Context, request fetcher.Request) (fetcher.Result, error)
}

// A Source is a source with its schedule.
type Source struct {
	article.Source
	Schedule schedule.Schedule
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
	PerHost     int // of them on one host

	Store      store.Store
	Fetcher    Fetcher
	Normalizer *normalizer.Normalizer
	Now        func() time.Time
	Logger     *slog.Logger
}

// A Pipeline refreshes sources and renders the site. It does not own its store.
type Pipeline struct {
	Options
	rules   *publisher.Rules
	sources map[string]Source
	keys    []string // of all channels

	// parse bounds the documents that are normalized at once: each may take
	// many times its size while it is parsed, and more than one a processor
	// gains nothing.
	parse chan struct{}
	// held bounds the bytes of the documents that are read and not yet committed.
	held *semaphore.Weighted

	mu       sync.Mutex
	waiting  map[string]publisher.Channel // by key, while they are published under older rules
	inFlight map[string]bool              // by source
	hostLoad map[string]int               // refreshes under way, by host
	started  time.Time
}

// New returns a Pipeline.
func New(opts Options) (*Pipeline, error) {
	if opts.Store == nil || opts.Fetcher == nil || opts.Normalizer == nil || opts.Now == nil {
		return nil, errors.New("new pipeline: store, fetcher, normalizer and clock are required")
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	p := &Pipeline{
		Options:  opts,
		rules:    publisher.NewRules(opts.Channels),
		sources:  make(map[string]Source, len(opts.Sources)),
		parse:    make(chan struct{}, runtime.GOMAXPROCS(0)),
		held:     semaphore.NewWeighted(maxHeld),
		waiting:  make(map[string]publisher.Channel),
		inFlight: make(map[string]bool),
		hostLoad: make(map[string]int),
		started:  opts.Now(),
	}
	for _, s := range opts.Sources {
		p.sources[s.ID] = s
	}
	p.keys = p.rules.Keys()
	return p, nil
}

// setSources tells the store which sources there are.
func (p *Pipeline) setSources(ctx context.Context) error {
	now := p.Now()
	due := make(map[string]time.Time, len(p.Sources))
	for _, s := range p.Sources {
		due[s.ID] = now
	}
	if err := p.Store.SetSources(ctx, due); err != nil {
		return fmt.Errorf("register sources: %w", err)
	}
	return nil
}

// Knows reports whether a source with that id is configured.
func (p *Pipeline) Knows(sourceID string) bool {
	_, ok := p.sources[sourceID]
	return ok
}
