package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bantin/internal/article"
	"bantin/internal/store"
	"bantin/publisher"
)

// AllIssues asks Site for every issue of every digest.
const AllIssues = 1 << 20

// Site renders what the store holds, with the newest issues of each digest. What
// has not changed since the last call is neither read nor rendered again. It is
// not safe for concurrent use.
func (p *Pipeline) Site(ctx context.Context, issues int) (*publisher.Site, error) {
	var content publisher.Content
	active, err := p.Store.ActiveKeys(ctx)
	if err != nil {
		return nil, fmt.Errorf("read channels: %w", err)
	}
	left, err := p.Store.LastLeft(ctx)
	if err != nil {
		return nil, fmt.Errorf("read channels: %w", err)
	}
	reach, err := p.span(ctx)
	if err != nil {
		return nil, fmt.Errorf("read archives: %w", err)
	}
	for _, c := range p.Channels {
		p.warnOfOtherRules(ctx, c, active[c.ID])
		channel, err := p.channelContent(ctx, publisher.ChannelContent{Channel: c, Left: left[active[c.ID]], Archive: reach.newestPart()}, active[c.ID])
		if err != nil {
			return nil, fmt.Errorf("read channel %s: %w", c.ID, err)
		}
		content.Channels = append(content.Channels, channel)
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
	return p.publisher.Render(content)
}

// channelContent reads what a channel shows, where it is not what it showed last.
func (p *Pipeline) channelContent(ctx context.Context, content publisher.ChannelContent, key string) (publisher.ChannelContent, error) {
	ids, err := p.Store.Members(ctx, store.Query{Key: key, Limit: content.Limit})
	if err == nil {
		content.Version, err = p.version(ctx, key+" "+content.Left.String()+" "+content.Archive, ids)
	}
	if err == nil && !p.publisher.HoldsChannel(content.Channel, content.Version) {
		content.Articles, err = p.Store.Articles(ctx, ids)
	}
	return content, err
}

// version names articles and their content, and where they stand.
func (p *Pipeline) version(ctx context.Context, where string, ids []string) (string, error) {
	revisions, err := p.Store.Revisions(ctx, ids)
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, id := range ids {
		all.WriteString(id + " " + strconv.FormatInt(revisions[id], 10) + "\n")
	}
	sum := sha256.Sum256([]byte(all.String()))
	return where + " " + hex.EncodeToString(sum[:]), nil
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
	sections, err := p.sections(ctx, &issue)
	if err != nil {
		return nil, fmt.Errorf("read digest %s of %s: %w", digestID, date, err)
	}
	return publisher.Render(p.Options.Site, publisher.Content{Digests: []publisher.DigestContent{{
		ID: digestID, Title: p.Digests[at].Title,
		Issues: []publisher.IssueContent{{Date: issue.Date, MadeAt: issue.MadeAt, Sections: sections}},
	}}})
}

func (p *Pipeline) digestContent(ctx context.Context, d Digest, issues []article.Issue) (publisher.DigestContent, error) {
	content := publisher.DigestContent{ID: d.ID, Title: d.Title}
	for i := range issues {
		issue, err := p.issueContent(ctx, &issues[i])
		if err != nil {
			return content, fmt.Errorf("read digest %s of %s: %w", d.ID, issues[i].Date, err)
		}
		content.Issues = append(content.Issues, issue)
	}
	return content, nil
}

// issueContent reads what an issue shows, where it is not what it showed last.
func (p *Pipeline) issueContent(ctx context.Context, issue *article.Issue) (publisher.IssueContent, error) {
	content := publisher.IssueContent{Date: issue.Date, MadeAt: issue.MadeAt}
	var err error
	if content.Version, err = p.issueVersion(ctx, issue); err != nil {
		return content, err
	}
	if !p.publisher.HoldsIssue(issue.DigestID, issue.Date, content.Version) {
		content.Sections, err = p.sections(ctx, issue)
	}
	return content, err
}

// issueVersion names what an issue shows.
func (p *Pipeline) issueVersion(ctx context.Context, issue *article.Issue) (string, error) {
	var ids []string
	where := []string{issue.MadeAt.String()}
	for _, section := range issue.Sections {
		where = append(where, section.ChannelID, strconv.Itoa(len(section.Articles)))
		ids = append(ids, section.Articles...)
	}
	return p.version(ctx, strings.Join(where, " "), ids)
}

// sections reads the articles of an issue.
func (p *Pipeline) sections(ctx context.Context, issue *article.Issue) ([]publisher.SectionContent, error) {
	var sections []publisher.SectionContent
	for _, section := range issue.Sections {
		articles, err := p.Store.Articles(ctx, section.Articles)
		if err != nil {
			return nil, err
		}
		sections = append(sections, publisher.SectionContent{Channel: p.channel(section.ChannelID), Articles: articles})
	}
	return sections, nil
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
