package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bantin/internal/article"
	"bantin/normalizer"
)

// keptType is of every feed that is kept: the normalizer gives it in UTF-8.
const keptType = "text/xml; charset=utf-8"

// A Revision is an article that today's rules read otherwise than those under
// which it was stored.
type Revision struct {
	Article article.Article // as it is now
	Changed []string        // names of its fields
}

// Renormalize reads again what is kept of the named sources, or of all, since a
// time, and puts what today's rules make of it in the place of what is stored. Ids,
// and when an article was first seen, stay; an article of which not all is kept any
// more stays as it is. It calls report with each change and returns how many
// articles it has read. With dry nothing is written.
func (p *Pipeline) Renormalize(ctx context.Context, ids []string, since time.Time, dry bool, report func(Revision)) (int, error) {
	if len(ids) == 0 {
		for _, s := range p.Sources {
			ids = append(ids, s.ID)
		}
	}
	read := 0
	for _, id := range ids {
		src, ok := p.sources[id]
		if !ok {
			return read, fmt.Errorf("no source %q in the configuration", id)
		}
		articles, err := p.readKept(ctx, src, since)
		if err != nil {
			return read, fmt.Errorf("read what is kept of %s: %w", id, err)
		}
		read += len(articles)
		for batch := range slices.Chunk(articles, scanSize) {
			revisions, err := p.revisions(ctx, batch)
			if err != nil {
				return read, err
			}
			if err := p.revise(ctx, id, revisions, dry); err != nil {
				return read, err
			}
			for _, revision := range revisions {
				report(revision)
			}
		}
	}
	return read, nil
}

// revise stores the articles of revisions.
func (p *Pipeline) revise(ctx context.Context, sourceID string, revisions []Revision, dry bool) error {
	if dry || len(revisions) == 0 {
		return nil
	}
	refresh := article.Refresh{State: article.SourceState{SourceID: sourceID}, Decided: p.keys, Again: true}
	for _, revision := range revisions {
		refresh.Articles = append(refresh.Articles, revision.Article)
	}
	if _, err := p.Store.Commit(ctx, refresh); err != nil {
		return fmt.Errorf("store what was read again: %w", err)
	}
	p.switchWaiting(ctx, refresh.Articles)
	return nil
}

// revisions are those of the articles that differ from what is stored.
func (p *Pipeline) revisions(ctx context.Context, articles []article.Article) ([]Revision, error) {
	ids := make([]string, len(articles))
	for i := range articles {
		ids[i] = articles[i].ID
	}
	found, err := p.Store.Articles(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read stored articles: %w", err)
	}
	stored := make(map[string]*article.Article, len(found))
	for i := range found {
		stored[found[i].ID] = &found[i]
	}
	var revisions []Revision
	for i := range articles {
		a := articles[i]
		known, ok := stored[a.ID]
		if !ok || !known.TakenDown.IsZero() || known.FetchedAt.After(a.FetchedAt) {
			continue // it is no longer there, or has changed since what is kept
		}
		if changed := differences(known, &a); len(changed) > 0 {
			a.FirstSeen, a.FetchedAt, a.Warnings = known.FirstSeen, known.FetchedAt, known.Warnings
			a.Channels, a.Unselected = p.rules.Decide(&a)
			revisions = append(revisions, Revision{Article: a, Changed: changed})
		}
	}
	return revisions, nil
}

// differences are the names of the fields that two forms of an article do not
// share. Warnings are not among them: some tell of the fetch, which is not made again.
func differences(old, now *article.Article) []string {
	var names []string
	for _, field := range []struct {
		name string
		same bool
	}{
		{"title", old.Title == now.Title},
		{"address", old.URL == now.URL},
		{"lead", old.Lead == now.Lead},
		{"body", old.HTML == now.HTML && old.Text == now.Text},
		{"author", old.Author == now.Author},
		{"origin", old.Origin == now.Origin},
		{"date", old.Published.UnixMilli() == now.Published.UnixMilli() && old.Precision == now.Precision && old.Updated.UnixMilli() == now.Updated.UnixMilli()},
		{"images", slices.Equal(old.Images, now.Images)},
		{"categories", slices.Equal(old.Categories, now.Categories)},
		{"places", slices.Equal(old.Places, now.Places)},
		{"topics", slices.Equal(old.Topics, now.Topics)},
		{"language", old.Language == now.Language},
	} {
		if !field.same {
			names = append(names, field.name)
		}
	}
	return names
}

// readKept reads the newest form of every article of which the source's bytes are
// kept, in the order in which they came.
func (p *Pipeline) readKept(ctx context.Context, src Source, since time.Time) ([]article.Article, error) {
	states, err := p.Store.States(ctx, src.ID)
	if err != nil {
		return nil, err
	}
	k := keptReader{
		pipeline: p, src: src, habits: newPageHabits(states[src.ID]),
		at: make(map[string]int), pages: make(map[string]article.Article), partial: make(map[string]bool),
	}
	err = p.Store.ScanRaw(ctx, src.ID, since, func(raw article.Raw) error {
		if ctx.Err() == nil {
			k.add(raw)
		}
		return ctx.Err()
	})
	k.readFeed()
	// What was completed from a page that is not there to be read stays whole.
	return slices.DeleteFunc(k.articles, func(a article.Article) bool { return k.partial[a.ID] }), err
}

// A keptReader reads what is kept of one source, refresh by refresh.
type keptReader struct {
	pipeline *Pipeline
	src      Source
	habits   *pageHabits
	feed     *article.Raw    // of the refresh whose pages are being read
	partial  map[string]bool // articles, by id, without the page that they may have been completed from
	pages    map[string]article.Article
	articles []article.Article
	at       map[string]int // where the article with an id stands
}

// add reads a page at once, and a feed when the pages of its refresh have come.
// What cannot be read today was stored by other rules and stays as it is.
func (k *keptReader) add(raw article.Raw) {
	if k.feed != nil && !raw.FetchedAt.Equal(k.feed.FetchedAt) {
		k.readFeed()
	}
	if raw.ArticleID == "" {
		k.readFeed()
		k.feed = &raw
		return
	}
	doc, err := document(&raw)
	var page normalizer.PageResult
	if err == nil {
		doc.Chrome, doc.Siblings = k.habits.chrome(), k.habits.siblings()
		page, err = k.pipeline.Normalizer.Page(k.src.Source, normalizer.Link{URL: raw.Link, Title: raw.LinkTitle}, doc)
	}
	switch {
	case err != nil:
	case k.src.PageURL != "":
		page.Article.ID = raw.ArticleID
		k.put(page.Article, raw.FetchedAt)
	default:
		k.pages[raw.ArticleID] = page.Article
	}
}

// readFeed reads the feed of a refresh, and completes its articles with the pages
// that were read for them, then or before.
func (k *keptReader) readFeed() {
	if k.feed == nil {
		return
	}
	fetched := k.feed.FetchedAt
	doc, err := document(k.feed)
	k.feed = nil
	if err != nil {
		return
	}
	result, err := k.pipeline.Normalizer.Feed(k.src.Source, doc)
	if err != nil {
		return
	}
	for i := range result.Articles {
		a := result.Articles[i]
		page, ok := k.pages[a.ID]
		if ok {
			k.pipeline.Normalizer.Fill(k.src.Source, &a, &page)
		}
		k.partial[a.ID] = !ok && k.mayBeCompleted(&a)
		k.put(a, fetched)
	}
}

// mayBeCompleted reports whether the pipeline reads the page behind an article as
// the feed has it.
func (k *keptReader) mayBeCompleted(a *article.Article) bool {
	return len(shortArticles(k.src, []article.Article{*a})) > 0
}

// put takes the newest form of an article.
func (k *keptReader) put(a article.Article, fetched time.Time) {
	a.FetchedAt = fetched
	if i, known := k.at[a.ID]; known {
		k.articles[i] = a
		return
	}
	k.at[a.ID] = len(k.articles)
	k.articles = append(k.articles, a)
}
