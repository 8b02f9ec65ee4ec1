package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"bantin/config"
	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/gazetteer"
	"bantin/internal/pipeline"
	"bantin/internal/robots"
	"bantin/internal/store"
	"bantin/internal/store/mongo"
	"bantin/internal/store/sqlite"
	"bantin/normalizer"
	"bantin/publisher"
)

// leaseMargin is the time of a refresh for everything but its requests: robots.txt and
// then the document, each within fetch.timeout.
const leaseMargin = 5 * time.Second

// An app is a configuration put to work: every stage, wired.
type app struct {
	config   *config.Config
	store    store.Store
	fetcher  *fetcher.Fetcher
	pipeline *pipeline.Pipeline
	logger   *slog.Logger
}

// Close ends what wire began. What was written is durable before it.
func (a *app) Close() error {
	a.fetcher.Close()
	return a.store.Close()
}

// knowledge is what the program knows of Vietnam, which no configuration changes.
type knowledge struct {
	gazetteer *gazetteer.Gazetteer
	known     config.Known
}

func learn(getenv func(string) string) (knowledge, error) {
	g, err := gazetteer.New()
	if err != nil {
		return knowledge{}, fmt.Errorf("read the embedded gazetteer: %w", err)
	}
	return knowledge{g, config.Known{
		Provinces: g.ProvinceIDs(), Topics: normalizer.Topics(nil), Getenv: getenv, CheckSelector: normalizer.CheckSelector,
	}}, nil
}

// withApp loads the configuration, wires the stages, lets do work with them and
// closes them. Messages from level up go to stderr.
func (s *session) withApp(level slog.Level, do func(*app) error) error {
	k, err := learn(s.getenv)
	if err != nil {
		return err
	}
	cfg, err := config.Load(s.configPath, k.known)
	if err != nil {
		return err
	}
	tokens := hideTokens(cfg.Channels)
	logger := slog.New(slog.NewTextHandler(hidingWriter{s.stderr, tokens}, &slog.HandlerOptions{Level: level}))
	a, err := wire(s.ctx, cfg, k, logger)
	if err != nil {
		return err
	}
	if err := errors.Join(do(a), a.Close()); err != nil {
		return &hiddenError{err, tokens}
	}
	return nil
}

func wire(ctx context.Context, cfg *config.Config, k knowledge, logger *slog.Logger) (_ *app, err error) {
	f, err := newFetcher(cfg)
	if err != nil {
		return nil, err
	}
	st, err := openStore(ctx, string(cfg.Store))
	if err != nil {
		f.Close()
		return nil, err
	}
	a := &app{config: cfg, store: st, fetcher: f, logger: logger}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	n, err := normalizer.New(normalizer.Options{Gazetteer: k.gazetteer, Topics: cfg.Topics})
	if err != nil {
		return nil, err
	}
	a.pipeline, err = pipeline.New(pipeline.Options{
		Sources:     sources(cfg),
		Channels:    channels(cfg, k.gazetteer),
		Digests:     digests(cfg),
		Site:        siteOptions(cfg, k),
		Concurrency: cfg.Fetch.Concurrency,
		PerHost:     cfg.Fetch.PerHost,

		MinInterval:     cfg.Fetch.MinInterval,
		MaxInterval:     cfg.Fetch.MaxInterval,
		HostGap:         cfg.Fetch.HostGap,
		Lease:           2*cfg.Fetch.Timeout + leaseMargin,
		Own:             func(host string) bool { return isOwn(host, cfg.Fetch.AllowNetworks) },
		PagesPerRefresh: cfg.Fetch.Pages,
		RawRetention:    cfg.Retain.Raw,

		Store:      st,
		Fetcher:    a.fetcher,
		Poster:     a.fetcher,
		Robots:     robots.New(robots.Options{Fetcher: newRobotsFetcher(a), Agent: robots.DefaultAgent, Now: time.Now, Timeout: 2 * cfg.Fetch.Timeout}),
		Normalizer: n,
		Now:        time.Now,
		Logger:     logger,
	})
	return a, err
}

// A robotsFetcher fetches the robots.txt of a host as the documents of the host
// are fetched: without a look at its certificate where a source is excepted. What
// comes is used for all sources of the host. They have its one certificate, so that
// those that check it get nothing from the host while it is wrong; and who forges a
// robots.txt can forbid what the site allows or the other way, and change no article.
type robotsFetcher struct {
	fetcher  *fetcher.Fetcher
	insecure map[string]bool // names of hosts
}

func newRobotsFetcher(a *app) robotsFetcher {
	f := robotsFetcher{fetcher: a.fetcher, insecure: make(map[string]bool)}
	for _, src := range a.config.Sources {
		if src.InsecureTLS {
			f.insecure[strings.ToLower(strings.TrimSuffix(src.InsecureHost(), "."))] = true // as robots spells it
		}
	}
	return f
}

// Fetch retrieves one robots.txt.
func (f robotsFetcher) Fetch(ctx context.Context, req fetcher.Request) (fetcher.Result, error) {
	if u, err := url.Parse(req.URL); err == nil && f.insecure[u.Hostname()] {
		req.InsecureHost = u.Hostname()
	}
	return f.fetcher.Fetch(ctx, req)
}

// isOwn reports whether a host is an address in the operator's own networks.
func isOwn(host string, networks []netip.Prefix) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	address, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(address.Unmap()) })
}

func openStore(ctx context.Context, uri string) (store.Store, error) {
	if path, ok := strings.CutPrefix(uri, "sqlite:"); ok {
		return sqlite.Open(ctx, path)
	}
	return mongo.Open(ctx, mongo.Options{URI: uri})
}

func newFetcher(cfg *config.Config) (*fetcher.Fetcher, error) {
	opts := fetcher.Options{
		Contact:       cfg.Fetch.Contact,
		Version:       version,
		AllowNetworks: cfg.Fetch.AllowNetworks,
		Timeout:       cfg.Fetch.Timeout,
		PerHost:       cfg.Fetch.PerHost,
		Now:           time.Now,
	}
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("set up the fetcher: %w", err)
	}
	return fetcher.New(opts), nil
}

func sources(cfg *config.Config) []pipeline.Source {
	out := make([]pipeline.Source, len(cfg.Sources))
	for i, s := range cfg.Sources {
		out[i] = pipeline.Source{Source: s.Source, Schedule: s.Schedule, Expect: s.Expect}
	}
	return out
}

// channels are the configured channels and the facets, where a topic stands for
// those below it too: an article of cong-nghiep is one of kinh-te.
func channels(cfg *config.Config, g *gazetteer.Gazetteer) []publisher.Channel {
	out := slices.Clone(cfg.Channels)
	if cfg.Publish.Facets {
		out = append(out, facets(cfg, g)...)
	}
	for i, c := range out {
		for _, topic := range normalizer.Topics(cfg.Topics) {
			if slices.Contains(c.Topics, topic.Parent) && !slices.Contains(c.Topics, topic.ID) {
				out[i].Topics = append(slices.Clip(out[i].Topics), topic.ID)
			}
		}
	}
	return out
}

// facets are a channel for each topic and each province, today's and former.
func facets(cfg *config.Config, g *gazetteer.Gazetteer) []publisher.Channel {
	const limit = 50 // as of a channel that says nothing else
	var out []publisher.Channel
	for _, topic := range normalizer.Topics(cfg.Topics) {
		out = append(out, publisher.Channel{
			ID: "t/" + topic.ID, Title: topic.Label, Topics: []string{topic.ID},
			Limit: limit, Path: "/t/" + topic.ID + "/", Listing: publisher.Facet,
		})
	}
	for _, id := range g.ProvinceIDs() {
		if province, ok := g.Province(id); ok {
			out = append(out, publisher.Channel{
				ID: "p/" + id, Title: province.Name, Provinces: []string{id},
				Limit: limit, Path: "/p/" + id + "/", Listing: publisher.Facet,
			})
		}
	}
	return out
}

func digests(cfg *config.Config) []pipeline.Digest {
	out := make([]pipeline.Digest, len(cfg.Digests))
	for i, d := range cfg.Digests {
		out[i] = pipeline.Digest{ID: d.ID, Title: d.Title, Channels: d.Channels, Schedule: d.Schedule}
	}
	return out
}

func siteOptions(cfg *config.Config, k knowledge) publisher.Options {
	bySource := make(map[string]article.Source, len(cfg.Sources))
	for _, s := range cfg.Sources {
		bySource[s.ID] = s.Source
	}
	places := make(map[string]string)
	for _, id := range k.gazetteer.ProvinceIDs() {
		if unit, ok := k.gazetteer.Province(id); ok {
			places[id] = unit.Name
		}
	}
	topics := make(map[string]string)
	for _, t := range normalizer.Topics(cfg.Topics) {
		topics[t.ID] = t.Label
	}
	return publisher.Options{
		Title:       cfg.Site.Title,
		BaseURL:     cfg.Site.URL,
		Language:    cfg.Site.Language,
		Version:     version,
		Location:    cfg.Site.Timezone,
		Sources:     bySource,
		TopicLabels: topics,
		PlaceNames:  places,
		Hubs:        cfg.Publish.Hubs,
	}
}
