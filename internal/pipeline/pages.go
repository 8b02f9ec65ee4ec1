package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/normalizer"
)

// pagesPerRefresh bounds the article pages fetched in one refresh of a listing:
// at two at a time and up to a second each, 30 keep a portal busy for a quarter
// of a minute. The rest is fetched in the next refresh.
const pagesPerRefresh = 30

// readPages reads the article pages behind a listing that are not known yet,
// the oldest first: should it be stopped, what is missing is the newest, which
// stays on the listing longest.
func (p *Pipeline) readPages(ctx context.Context, src Source, listing normalizer.Document) (reading, error) {
	links, err := p.Normalizer.Listing(src.Source, listing)
	if err != nil {
		return reading{}, err
	}
	if len(links) == 0 {
		return reading{}, fmt.Errorf("no links of articles on the page: %w", normalizer.ErrNoArticle)
	}
	fresh, err := p.unknown(ctx, src, links)
	if err != nil {
		return reading{}, err
	}
	slices.Reverse(fresh)

	out := reading{whole: len(fresh) <= pagesPerRefresh}
	for _, link := range fresh[:min(len(fresh), pagesPerRefresh)] {
		a, err := p.readPage(ctx, src, link)
		if err == nil {
			out.articles = append(out.articles, a)
			continue
		}
		if ctx.Err() != nil {
			return reading{}, err
		}
		out.warnings = append(out.warnings, fmt.Sprintf("%s: %v", link.URL, err))
		if mayRecover(err) {
			out.whole = false
		}
	}
	if len(out.articles) == 0 && len(out.warnings) > 0 && len(fresh) == len(links) {
		return reading{}, fmt.Errorf("none of the %d pages could be read, the first: %s: %w",
			len(out.warnings), out.warnings[0], normalizer.ErrNoArticle)
	}
	return out, nil
}

// unknown returns the links whose articles are not stored.
func (p *Pipeline) unknown(ctx context.Context, src Source, links []normalizer.Link) ([]normalizer.Link, error) {
	ids := make([]string, len(links))
	for i, link := range links {
		ids[i] = normalizer.PageID(src.Source, link)
	}
	known, err := p.Store.Known(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("look up known pages: %w", err)
	}
	var fresh []normalizer.Link
	for i, link := range links {
		if _, ok := known[ids[i]]; !ok {
			fresh = append(fresh, link)
		}
	}
	return fresh, nil
}

func (p *Pipeline) readPage(ctx context.Context, src Source, link normalizer.Link) (article.Article, error) {
	result, err := p.Fetcher.Fetch(ctx, fetcher.Request{URL: link.URL, Accept: fetcher.AcceptPage})
	if err != nil {
		return article.Article{}, err
	}
	p.parse <- struct{}{}
	defer func() { <-p.parse }()
	return p.Normalizer.Page(src.Source, link, normalizer.Document{
		Body: result.Body, ContentType: result.ContentType, URL: result.FinalURL,
	})
}

// mayRecover reports whether the same page may be readable at another time.
func mayRecover(err error) bool {
	var fetchErr *fetcher.Error
	if !errors.As(err, &fetchErr) {
		return false // it came, and has no article
	}
	final := []fetcher.Kind{fetcher.KindHTTP4xx, fetcher.KindGone, fetcher.KindTooLarge, fetcher.KindBlocked}
	return !slices.Contains(final, fetchErr.Kind)
}
