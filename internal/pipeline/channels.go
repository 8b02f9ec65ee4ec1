package pipeline

import (
	"context"
	"fmt"

	"bantin/internal/article"
	"bantin/publisher"
)

// scanSize is the number of articles decided at once: a few megabytes.
const scanSize = 500

// decideAgain brings the channels whose rules changed up to date: every stored
// article is decided again, and the channel switches when that is done. One
// that would suddenly publish nothing keeps what it has, and the log says so,
// until an article comes that its new rules take.
func (p *Pipeline) decideAgain(ctx context.Context) error {
	active, err := p.Store.ActiveKeys(ctx)
	if err != nil {
		return fmt.Errorf("read channels: %w", err)
	}
	var changed []publisher.Channel
	for _, c := range p.Channels {
		if active[c.ID] != c.Key() {
			changed = append(changed, c)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	taken, err := p.enroll(ctx, changed)
	if err != nil {
		return err
	}
	for _, c := range changed {
		if taken[c.Key()] == 0 && active[c.ID] != "" {
			p.Logger.ErrorContext(ctx, "no article fits the changed rules of this channel, so it keeps its last output; check its rules", "channel", c.ID)
			p.mu.Lock()
			p.waiting[c.Key()] = c.ID
			p.mu.Unlock()
			continue
		}
		if err := p.Store.Activate(ctx, c.ID, c.Key()); err != nil {
			return fmt.Errorf("switch channel %s: %w", c.ID, err)
		}
	}
	return nil
}

// enroll adds every stored article to those of the channels that take it, and
// returns how many each took, by key.
func (p *Pipeline) enroll(ctx context.Context, channels []publisher.Channel) (map[string]int, error) {
	rules := publisher.NewRules(channels)
	taken := make(map[string]int)
	for after := ""; ; {
		articles, err := p.Store.Scan(ctx, after, scanSize)
		if err != nil {
			return nil, fmt.Errorf("decide articles again: %w", err)
		}
		if len(articles) == 0 {
			return taken, nil
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
				return nil, fmt.Errorf("decide articles again: %w", err)
			}
			taken[key] += len(ids)
		}
		after = articles[len(articles)-1].ID
	}
}

// switchChannels activates the channels that waited for a first article under
// their new rules.
func (p *Pipeline) switchChannels(ctx context.Context, articles []article.Article) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		return
	}
	for i := range articles {
		for _, key := range articles[i].Channels {
			id, ok := p.waiting[key]
			if !ok {
				continue
			}
			if err := p.Store.Activate(ctx, id, key); err != nil {
				p.Logger.ErrorContext(ctx, "switch channel", "channel", id, "error", err)
				continue
			}
			delete(p.waiting, key)
		}
	}
}
