package pipeline

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/normalizer"
)

const (
	// summaryLength in characters: what a feed carries of an article and is
	// shorter is a summary. Leads have up to 400, and the shortest whole reports 900.
	summaryLength = 700
	// pageWait is how long a refresh waits for the next turn at a host before it
	// leaves the rest of the pages to the next refresh.
	pageWait = 2 * time.Minute
	// So many pages in a row that did not come are no accident, and each may take
	// a whole deadline.
	suspicious = 3
)

// errNoTurn says that others have the host for now.
var errNoTurn = errors.New("the host is busy or asked to be left alone; the next refresh reads the page")

// readPages reads the article pages behind a listing that are not known yet,
// the oldest first: should it be stopped, what is missing is the newest, which
// stays on the listing longest. A page that gave nothing is tried once a day.
func (p *Pipeline) readPages(ctx context.Context, src Source, known article.SourceState, listing normalizer.Document) (reading, error) {
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
		if id := normalizer.PageID(src.Source, link); slices.Contains(known.Tried, id) {
			pages.out.tried = append(pages.out.tried, id)
		} else {
			pages.wanted = append(pages.wanted, link)
		}
	}
	if n := len(pages.wanted); n > 0 { // pages that stay broken must not hide the others
		first := known.Failures * suspicious % n
		pages.wanted = slices.Concat(pages.wanted[first:], pages.wanted[:first])
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
	for more := true; more && count < min(len(r.wanted), r.pipeline.PagesPerRefresh); count++ {
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

// readPage fetches and reads one article page, in its turn and where robots.txt
// lets us.
func (p *Pipeline) readPage(ctx context.Context, src Source, link normalizer.Link) (article.Article, error) {
	delay, err := p.allowed(ctx, link.URL)
	if err != nil {
		return article.Article{}, err
	}
	now := p.Now()
	turn, err := p.turn(ctx, link.URL, now, pageWait, delay)
	if err == nil && turn.After(now.Add(pageWait)) {
		err = errNoTurn
	}
	if err == nil {
		err = p.sleepUntil(ctx, turn)
	}
	if err != nil {
		return article.Article{}, err
	}
	result, err := p.Fetcher.Fetch(ctx, fetcher.Request{URL: link.URL, Accept: fetcher.AcceptPage, InsecureHost: src.InsecureHost()})
	p.holdHost(ctx, link.URL, err)
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
	if errors.Is(err, normalizer.ErrChallenged) || errors.Is(err, normalizer.ErrEmpty) || errors.Is(err, errNoTurn) {
		return true
	}
	fetchErr, ok := errors.AsType[*fetcher.Error](err)
	if !ok {
		return false // it came, and has no article; or robots.txt forbids it
	}
	// 403, 401 and others are how a host refuses for a while.
	final := []fetcher.Kind{fetcher.KindGone, fetcher.KindTooLarge, fetcher.KindBlocked}
	return !slices.Contains(final, fetchErr.Kind) && fetchErr.Status != http.StatusNotFound
}

// fillFromPages reads the pages behind the items of a feed that carries only
// summaries. What cannot be read stays as the feed has it; pages beyond
// PagesPerRefresh are left to the next refresh, with their items.
func (p *Pipeline) fillFromPages(ctx context.Context, src Source, out *reading) error {
	short := shortArticles(src, out.articles)
	if len(short) == 0 {
		return nil
	}
	known, err := p.knownOf(ctx, out.articles, short)
	if err != nil {
		return err
	}
	left := make(map[int]bool)
	missing, pages := 0, 0
	for _, i := range short {
		a := &out.articles[i]
		if _, ok := known[a.ID]; ok {
			left[i] = true // it was filled when it came; a summary must not take its place
			continue
		}
		if pages++; pages > p.PagesPerRefresh {
			left[i], out.whole = true, false
			continue
		}
		if missing == suspicious {
			continue // the summaries are better than nothing
		}
		page, err := p.readPage(ctx, src, normalizer.Link{URL: a.URL, Title: a.Title})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			missing = 0
			p.Normalizer.Fill(src.Source, a, &page)
		default:
			missing++
			a.Warnings = append(a.Warnings, fmt.Sprintf("the page was not read: %v", err))
		}
	}
	out.drop(left)
	if !out.whole {
		out.items = nil // the items that are left must be seen again
	}
	return nil
}

// shortArticles are the indexes of the articles whose pages are wanted.
func shortArticles(src Source, articles []article.Article) []int {
	if src.FullText == article.FullTextNever {
		return nil
	}
	var short []int
	for i := range articles {
		a := &articles[i]
		if a.URL != "" && (src.FullText == article.FullTextAlways || utf8.RuneCountInString(a.Text) < summaryLength) {
			short = append(short, i)
		}
	}
	return short
}

func (p *Pipeline) knownOf(ctx context.Context, articles []article.Article, indexes []int) (map[string]string, error) {
	ids := make([]string, len(indexes))
	for n, i := range indexes {
		ids[n] = articles[i].ID
	}
	known, err := p.Store.Known(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("look up known articles: %w", err)
	}
	return known, nil
}

// drop takes the articles with these indexes out. The document has them all the same.
func (r *reading) drop(left map[int]bool) {
	kept := r.articles[:0]
	for i := range r.articles {
		if !left[i] {
			kept = append(kept, r.articles[i])
		}
	}
	r.articles = kept
	r.skipped += len(left)
}
