package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/normalizer"
)

const (
	// pagesPerRefresh bounds the article pages fetched in one refresh of a listing,
	// one after the other: at up to a second each, 30 keep a portal busy for half
	// a minute. The rest is fetched in the next refresh.
	pagesPerRefresh = 30
	// So many pages in a row that did not come are no accident, and each may take
	// a whole deadline.
	suspicious = 3
)

// readPages reads the article pages behind a listing that are not known yet,
// the oldest first: should it be stopped, what is missing is the newest, which
// stays on the listing longest. A page that gave nothing is tried once a day.
func (p *Pipeline) readPages(ctx context.Context, src Source, tried []string, listing normalizer.Document) (reading, error) {
	links, err := p.Normalizer.Listing(src.Source, listing)
	if err != nil {
		return reading{}, err
	}
	fresh, err := p.unknown(ctx, src, links)
	if err != nil {
		return reading{}, err
	}
	pages := pageReader{pipeline: p, src: src}
	for _, link := range slices.Backward(fresh) {
		if id := normalizer.PageID(src.Source, link); slices.Contains(tried, id) {
			pages.out.tried = append(pages.out.tried, id)
		} else {
			pages.wanted = append(pages.wanted, link)
		}
	}
	return pages.read(ctx)
}

// A pageReader reads the pages behind one listing.
type pageReader struct {
	pipeline *Pipeline
	src      Source
	wanted   []normalizer.Link
	out      reading
	missing  int // pages in a row that did not come
	failure  error
}

func (r *pageReader) read(ctx context.Context) (reading, error) {
	count := 0
	for more := true; more && count < min(len(r.wanted), pagesPerRefresh); count++ {
		more = r.readNext(ctx, r.wanted[count])
		if ctx.Err() != nil {
			return reading{}, ctx.Err()
		}
	}
	if r.missing == count && count >= suspicious {
		return reading{}, fmt.Errorf("none of %d pages came, the last: %w", count, r.failure)
	}
	r.out.whole = count == len(r.wanted) && r.failure == nil
	return r.out, nil
}

// readNext reads one page. It reports whether it is worth to read on.
func (r *pageReader) readNext(ctx context.Context, link normalizer.Link) bool {
	a, err := r.pipeline.readPage(ctx, r.src, link)
	if err == nil {
		r.out.articles = append(r.out.articles, a)
	} else {
		r.out.warnings = append(r.out.warnings, fmt.Sprintf("%s: %v", link.URL, err))
	}
	if err == nil || !mayRecover(err) {
		r.out.tried = append(r.out.tried, normalizer.PageID(r.src.Source, link))
		r.missing = 0
		return true
	}
	r.failure = err
	r.missing++
	if r.out.wait = retryAfter(err); r.out.wait > 0 || failureKind(err) == failureRateLimited {
		return false // the server asks to be left alone
	}
	return r.missing < suspicious
}

func retryAfter(err error) time.Duration {
	if fetchErr, ok := errors.AsType[*fetcher.Error](err); ok {
		return fetchErr.RetryAfter
	}
	return 0
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
	if errors.Is(err, normalizer.ErrChallenged) || errors.Is(err, normalizer.ErrEmpty) {
		return true
	}
	fetchErr, ok := errors.AsType[*fetcher.Error](err)
	if !ok {
		return false // it came, and has no article
	}
	final := []fetcher.Kind{fetcher.KindHTTP4xx, fetcher.KindGone, fetcher.KindTooLarge, fetcher.KindBlocked}
	return !slices.Contains(final, fetchErr.Kind)
}
