package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bantin/internal/article"
	"bantin/internal/store"
)

// commitLag is how much later than its FirstSeen an article may become visible:
// a refresh reads up to pagesPerRefresh pages before it commits. An issue looks
// back that much further than the one before, and leaves out what that one had.
const commitLag = time.Hour

// sectionLimit bounds a section of an issue. It is far above what a channel
// brings in a day, and keeps a first issue from holding an archive.
const sectionLimit = 500

// MakeIssue makes the issue of today of a digest: the articles of its channels
// since the issue of the last earlier day, the newest first, each once. Made
// again on the same day it keeps what it had, behind what came since.
func (p *Pipeline) MakeIssue(ctx context.Context, digestID string) (article.Issue, error) {
	for _, d := range p.Digests {
		if d.ID == digestID {
			return p.makeIssue(ctx, d)
		}
	}
	return article.Issue{}, fmt.Errorf("no digest %q in the configuration", digestID)
}

func (p *Pipeline) makeIssue(ctx context.Context, d Digest) (article.Issue, error) {
	now := p.Now()
	issue := article.Issue{DigestID: d.ID, Date: now.In(p.Options.Site.Location).Format(time.DateOnly), MadeAt: now}
	previous, today, err := p.earlierIssues(ctx, issue)
	if err != nil {
		return issue, err
	}
	seen := make(map[string]bool)
	for _, section := range slices.Concat(previous.Sections, today.Sections) {
		for _, id := range section.Articles {
			seen[id] = true
		}
	}
	query := store.Query{}
	if !previous.MadeAt.IsZero() {
		query.SeenSince = previous.MadeAt.Add(-commitLag)
	}
	active, err := p.Store.ActiveKeys(ctx)
	if err != nil {
		return issue, fmt.Errorf("read channels: %w", err)
	}
	for _, id := range d.Channels {
		query.Key, query.Limit = active[id], sectionLimit
		articles, err := p.Store.Select(ctx, query)
		if err != nil {
			return issue, fmt.Errorf("read channel %s: %w", id, err)
		}
		section := article.Section{ChannelID: id}
		for _, a := range articles {
			if !seen[a.ID] {
				seen[a.ID] = true
				section.Articles = append(section.Articles, a.ID)
			}
		}
		if len(articles) == sectionLimit {
			p.Logger.WarnContext(ctx, "the digest is full; older articles are left out", "digest", d.ID, "channel", id, "limit", sectionLimit)
		}
		for _, earlier := range today.Sections {
			if earlier.ChannelID == id {
				section.Articles = append(section.Articles, earlier.Articles...)
			}
		}
		issue.Sections = append(issue.Sections, section)
	}
	if err := p.Store.PutIssue(ctx, issue); err != nil {
		return issue, fmt.Errorf("store digest %s: %w", d.ID, err)
	}
	p.Logger.InfoContext(ctx, "digest made", "digest", d.ID, "date", issue.Date)
	return issue, nil
}

// earlierIssues returns the newest issue of an earlier day, and the one of today
// that is there already; zero ones where there is none.
func (p *Pipeline) earlierIssues(ctx context.Context, issue article.Issue) (previous, today article.Issue, err error) {
	stored, err := p.Store.Issues(ctx, issue.DigestID, 2)
	if err != nil {
		return previous, today, fmt.Errorf("read digest %s: %w", issue.DigestID, err)
	}
	for _, one := range slices.Backward(stored) { // the newest last
		if one.Date < issue.Date {
			previous = one
		} else if one.Date == issue.Date {
			today = one
		}
	}
	return previous, today, nil
}

// dueDigests returns the digests whose schedule has come round since their last
// issue, or since the start where there is none. A daemon that slept over a
// date makes up for it once.
func (p *Pipeline) dueDigests(ctx context.Context, now time.Time) ([]Digest, error) {
	var due []Digest
	for _, d := range p.Digests {
		last := p.started
		stored, err := p.Store.Issues(ctx, d.ID, 1)
		if err != nil {
			return nil, fmt.Errorf("read digest %s: %w", d.ID, err)
		}
		if len(stored) > 0 {
			last = stored[0].MadeAt
		}
		if !d.Schedule.Next(last).After(now) {
			due = append(due, d)
		}
	}
	return due, nil
}
