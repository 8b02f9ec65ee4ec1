package pipeline

import (
	"context"
	"fmt"
	"time"

	"bantin/publisher"
)

// Outputs is how the site that Run publishes stands to the store.
type Outputs struct {
	Rendered time.Time // when it was last rendered; zero before the first time
	// StaleSince is when the store could last be read, or when the daemon began:
	// what came since then is not in the outputs. Zero while they follow the store.
	StaleSince time.Time
}

// Outputs is safe for concurrent use.
func (p *Pipeline) Outputs() Outputs {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.outputs
}

// note remembers a look at the store: it was read at that time, or could not be.
func (p *Pipeline) note(at time.Time, look error, rendered bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case look == nil:
		p.lookedAt = at
		p.outputs.StaleSince = time.Time{}
	case p.outputs.StaleSince.IsZero():
		p.outputs.StaleSince = p.lookedAt
	}
	if rendered {
		p.outputs.Rendered = at
	}
}

// OlderIssues hands over the pages of the issues that are not among the newest
// few of their digests, where taker does not hold them.
func (p *Pipeline) OlderIssues(ctx context.Context, newest int, taker Taker) error {
	for _, d := range p.Digests {
		issues, err := p.Store.Issues(ctx, d.ID, AllIssues)
		if err != nil {
			return fmt.Errorf("read digest %s: %w", d.ID, err)
		}
		for i := range issues[min(newest, len(issues)):] {
			issue := &issues[newest+i]
			version, err := p.issueVersion(ctx, issue)
			if err == nil {
				err = p.handOver(ctx, d.ID, issue.Date, version, taker)
			}
			if err != nil {
				return fmt.Errorf("read digest %s of %s: %w", d.ID, issue.Date, err)
			}
		}
	}
	return nil
}

func (p *Pipeline) handOver(ctx context.Context, digestID, date, version string, taker Taker) error {
	path := publisher.IssuePath(digestID, date)
	if taker.Holds(path, version) {
		return nil
	}
	site, err := p.IssueSite(ctx, digestID, date)
	if err != nil || site == nil {
		return err
	}
	page, ok := site.File(path)
	if !ok {
		return nil
	}
	return taker.Take(path, version, page)
}
