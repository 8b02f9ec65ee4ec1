package pipeline

import (
	"context"
	"fmt"
	"slices"

	"bantin/internal/article"
	"bantin/internal/store"
	"bantin/publisher"
)

// AllIssues asks Site for every issue of every digest.
const AllIssues = 1 << 20

// Site renders what the store holds, with the newest issues of each digest.
func (p *Pipeline) Site(ctx context.Context, issues int) (*publisher.Site, error) {
	var content publisher.Content
	active, err := p.Store.ActiveKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("read channels: %w", err)
	}
	for _, c := range p.Channels {
		p.warnOfOtherRules(ctx, c, active[c.ID])
		articles, err := p.Store.Select(ctx, store.Query{Key: active[c.ID], Limit: c.Limit})
		if err != nil {
			return nil, fmt.Errorf("read channel %s: %w", c.ID, err)
		}
		content.Channels = append(content.Channels, publisher.ChannelContent{Channel: c, Articles: articles})
	}
	for _, d := range p.Digests {
		stored, err := p.Store.Issues(ctx, d.ID, issues)
		if err != nil {
			return nil, fmt.Errorf("read digest %s: %w", d.ID, err)
		}
		digest, err := p.digestContent(ctx, d, stored)
		if err != nil {
			return nil, err
		}
		content.Digests = append(content.Digests, digest)
	}
	return publisher.Render(p.Options.Site, content)
}

// warnOfOtherRules says when another process publishes a channel under rules that
// this one does not have: what this one stores does not come into it.
func (p *Pipeline) warnOfOtherRules(ctx context.Context, c publisher.Channel, active string) {
	p.mu.Lock()
	_, waiting := p.waiting[c.Key()]
	p.mu.Unlock()
	if active != "" && active != c.Key() && !waiting {
		p.Logger.WarnContext(ctx, "the channel is published under rules of another configuration; restart with that one", "channel", c.ID)
	}
}

// IssueSite renders the one issue of a digest with that date, for issues too
// old to be part of Site. It returns nil when there is none.
func (p *Pipeline) IssueSite(ctx context.Context, digestID, date string) (*publisher.Site, error) {
	at := slices.IndexFunc(p.Digests, func(d Digest) bool { return d.ID == digestID })
	if at < 0 {
		return nil, nil
	}
	issue, found, err := p.Store.Issue(ctx, digestID, date)
	if err != nil {
		return nil, fmt.Errorf("read digest %s: %w", digestID, err)
	}
	if !found {
		return nil, nil
	}
	digest, err := p.digestContent(ctx, p.Digests[at], []article.Issue{issue})
	if err != nil {
		return nil, err
	}
	return publisher.Render(p.Options.Site, publisher.Content{Digests: []publisher.DigestContent{digest}})
}

func (p *Pipeline) digestContent(ctx context.Context, d Digest, issues []article.Issue) (publisher.DigestContent, error) {
	content := publisher.DigestContent{ID: d.ID, Title: d.Title}
	for _, issue := range issues {
		rendered := publisher.IssueContent{Date: issue.Date, MadeAt: issue.MadeAt}
		for _, section := range issue.Sections {
			articles, err := p.Store.Articles(ctx, section.Articles)
			if err != nil {
				return content, fmt.Errorf("read digest %s of %s: %w", d.ID, issue.Date, err)
			}
			rendered.Sections = append(rendered.Sections, publisher.SectionContent{
				Channel: p.channel(section.ChannelID), Articles: articles,
			})
		}
		content.Issues = append(content.Issues, rendered)
	}
	return content, nil
}

// channel is the configured channel, or one with nothing but the id for a
// section of an old issue whose channel is gone.
func (p *Pipeline) channel(id string) publisher.Channel {
	for _, c := range p.Channels {
		if c.ID == id {
			return c
		}
	}
	return publisher.Channel{ID: id, Title: id}
}
