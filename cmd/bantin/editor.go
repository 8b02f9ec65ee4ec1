package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"bantin/config"
	"bantin/internal/article"
	"bantin/publisher"
)

type digestCmd struct {
	ID string `arg:"" help:"The id of the digest."`
}

// Run makes today's issue.
func (c digestCmd) Run(s *session) error {
	return s.withApp(slog.LevelWarn, func(a *app) error {
		if !slices.ContainsFunc(a.config.Digests, func(d config.Digest) bool { return d.ID == c.ID }) {
			return fmt.Errorf("%w: no digest %q in %s", errUsage, c.ID, s.configPath)
		}
		if err := a.pipeline.Decide(s.ctx); err != nil {
			return err
		}
		return a.digest(s, c.ID)
	})
}

func (a *app) digest(s *session, id string) error {
	issue, err := a.pipeline.MakeIssue(s.ctx, id)
	if err != nil {
		return err
	}
	articles := 0
	for _, section := range issue.Sections {
		articles += len(section.Articles)
	}
	s.printf("digest %s of %s: %d articles, at %sd/%s/%s/\n",
		id, issue.Date, articles, a.config.Site.URL, id, issue.Date)
	return nil
}

type whyCmd struct {
	URL string `arg:"" help:"The address of the article, as the source has it."`
}

// Run tells what is stored under the address, and what each channel says of it.
func (c whyCmd) Run(s *session) error {
	return s.withApp(slog.LevelError, func(a *app) error {
		found, err := a.articles(s, c.URL)
		var b strings.Builder
		for i := range found {
			a.explain(&b, &found[i])
		}
		s.printf("%s", b.String())
		return err
	})
}

// articles returns what is stored under the address, and fails when nothing is.
func (a *app) articles(s *session, url string) ([]article.Article, error) {
	found, err := a.store.ArticlesByURL(s.ctx, url)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("no article with the address %s is stored; no source has carried it yet", url)
	}
	return found, err
}

func (a *app) explain(b *strings.Builder, found *article.Article) {
	fmt.Fprintf(b, "%s\n  from %s, first seen %s\n", found.Title, found.SourceID, found.FirstSeen.In(a.config.Site.Timezone).Format(time.RFC3339))
	if !found.TakenDown.IsZero() {
		fmt.Fprintf(b, "  taken down %s: %s\n", found.TakenDown.In(a.config.Site.Timezone).Format(time.RFC3339), found.TakenDownReason)
		return
	}
	if found.Unselected != "" {
		fmt.Fprintf(b, "  when it was stored no channel took it: %s\n", found.Unselected)
	}
	for _, c := range a.pipeline.Channels {
		if taken, reason := c.Takes(found); taken {
			fmt.Fprintf(b, "  channel %s takes it\n", c.ID)
		} else if c.Listing != publisher.Facet { // of a hundred facets nobody wants to read
			fmt.Fprintf(b, "  channel %s does not: %s\n", c.ID, reason)
		}
	}
}

type takedownCmd struct {
	URL    string `arg:"" help:"The address of the article, as the source has it."`
	Reason string `required:"" help:"Who asked for it, or why; kept with the tombstone."`
}

// Run buries every article with the address.
func (c takedownCmd) Run(s *session) error {
	return s.withApp(slog.LevelError, func(a *app) error {
		found, err := a.articles(s, c.URL)
		for _, article := range found {
			if _, err := a.store.Bury(s.ctx, article.ID, c.Reason, s.now()); err != nil {
				return err
			}
			s.printf("taken down: %s (%s)\n", article.Title, article.SourceID)
		}
		return err
	})
}
