package pipeline

import (
	"context"
	"fmt"
	"slices"

	"bantin/internal/article"
	"bantin/internal/store"
	"bantin/publisher"
)

// scanSize is the number of articles decided at once: a few megabytes.
const scanSize = 500

// Decide brings the channels up to date with their rules: under those that
// are new to the store every stored article is decided, and then the channel
// switches to them. One that would suddenly publish nothing keeps what it has,
// and the log says so, until an article comes that its new rules take.
// It comes before anything that refreshes or publishes.
func (p *Pipeline) Decide(ctx context.Context) error {
	if err := p.decideStored(ctx); err != nil {
		return err
	}
	active, err := p.Store.ActiveKeys(ctx)
	if err != nil {
		return fmt.Errorf("read channels: %w", err)
	}
	for _, c := range p.Channels {
		if active[c.ID] == c.Key() {
			continue
		}
		if switched, err := p.switchChannel(ctx, c, active[c.ID]); err != nil {
			return err
		} else if !switched {
			p.Logger.ErrorContext(ctx, "no article fits the changed rules of this channel, so it keeps its last output; check its rules", "channel", c.ID)
		}
	}
	return nil
}

// decideAttempts bounds how often stored articles are decided again because
// another process, with other rules, stored one meanwhile. The next start tries again.
const decideAttempts = 3

// decideStored decides every stored article under the keys that are new to the
// store. A mark in the store falls when another process stores an article that it
// did not decide under them; then it begins again.
func (p *Pipeline) decideStored(ctx context.Context) error {
	for range decideAttempts {
		decided, err := p.Store.Decided(ctx)
		if err != nil {
			return fmt.Errorf("read rules: %w", err)
		}
		var undecided []publisher.Channel
		var marks []string
		for _, c := range p.Channels {
			if !slices.Contains(decided, c.Key()) {
				undecided = append(undecided, c)
				marks = append(marks, "deciding "+c.Key())
			}
		}
		if len(undecided) == 0 {
			return nil
		}
		if err := p.Store.SetDecided(ctx, marks); err != nil {
			return fmt.Errorf("store rules: %w", err)
		}
		if err := p.enroll(ctx, undecided); err != nil {
			return err
		}
		if decided, err = p.Store.Decided(ctx); err != nil {
			return fmt.Errorf("read rules: %w", err)
		}
		fallen := slices.ContainsFunc(marks, func(mark string) bool { return !slices.Contains(decided, mark) })
		if !fallen {
			if err := p.Store.SetDecided(ctx, p.keys); err != nil {
				return fmt.Errorf("store rules: %w", err)
			}
			return nil
		}
	}
	p.Logger.WarnContext(ctx, "another process with other rules keeps storing articles; restart it with this configuration")
	return nil
}

// switchChannel publishes a channel under its rules of today, unless it would
// then publish nothing while it has published something.
func (p *Pipeline) switchChannel(ctx context.Context, c publisher.Channel, active string) (bool, error) {
	for _, key := range []string{c.Key(), active} {
		if key == "" {
			break // it has never been published
		}
		members, err := p.Store.Select(ctx, store.Query{Key: key, Limit: 1})
		if err != nil {
			return false, fmt.Errorf("read channel %s: %w", c.ID, err)
		}
		if key == c.Key() && len(members) > 0 {
			break
		}
		if key == active && len(members) > 0 {
			p.setWaiting(c)
			return false, nil
		}
	}
	if err := p.Store.Activate(ctx, c.ID, c.Key()); err != nil {
		return false, fmt.Errorf("switch channel %s: %w", c.ID, err)
	}
	return true, nil
}

func (p *Pipeline) setWaiting(c publisher.Channel) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[c.Key()] = c
}

// enroll adds every stored article to those of the channels that take it.
func (p *Pipeline) enroll(ctx context.Context, channels []publisher.Channel) error {
	rules := publisher.NewRules(channels)
	for after := ""; ; {
		articles, err := p.Store.Scan(ctx, after, scanSize)
		if err != nil {
			return fmt.Errorf("decide articles again: %w", err)
		}
		if len(articles) == 0 {
			return nil
		}
		members := make(map[string][]string)
		for i := range articles {
			keys, _ := rules.Decide(&articles[i])
			for _, key := range keys {
				members[key] = append(members[key], articles[i].ID)
			}
		}
		for key, ids := range members {
			if err := p.Store.Enroll(ctx, key, ids); err != nil {
				return fmt.Errorf("decide articles again: %w", err)
			}
		}
		after = articles[len(articles)-1].ID
	}
}

// switchWaiting switches the channels that waited for a first article under
// their new rules.
func (p *Pipeline) switchWaiting(ctx context.Context, articles []article.Article) {
	for _, c := range p.takeWaiting(articles) {
		members, err := p.Store.Select(ctx, store.Query{Key: c.Key(), Limit: 1})
		if err == nil && len(members) > 0 { // it may have been known, or taken down
			err = p.Store.Activate(ctx, c.ID, c.Key())
		} else {
			p.setWaiting(c)
		}
		if err != nil {
			p.Logger.ErrorContext(ctx, "switch channel", "channel", c.ID, "error", err)
			p.setWaiting(c)
		}
	}
}

// takeWaiting takes the waiting channels that want one of the articles.
func (p *Pipeline) takeWaiting(articles []article.Article) []publisher.Channel {
	p.mu.Lock()
	defer p.mu.Unlock()
	var taken []publisher.Channel
	for i := range articles {
		for _, key := range articles[i].Channels {
			if c, ok := p.waiting[key]; ok {
				taken = append(taken, c)
				delete(p.waiting, key)
			}
		}
	}
	return taken
}
