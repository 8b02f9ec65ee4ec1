package pipeline

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/store"
	"bantin/normalizer"
)

const (
	// pageWait is how long a refresh waits for the next turn at a host before it
	// leaves the rest of the pages to the next refresh.
	pageWait = 2 * time.Minute
	// So many pages in a row that did not come are no accident, and each may take
	// a whole deadline.
	suspicious = 3
)

// errNoTurn says that others have the host for now.
var errNoTurn = errors.New("the next refresh reads the page")

// readPages reads the article pages behind a listing that are not known yet,
// the oldest first: should it be stopped, what is missing is the newest, which
// stays on the listing longest. A page that gave nothing is tried once a day.
func (p *Pipeline) readPages(ctx context.Context, src Source, known article.SourceState, listing normalizer.Document) (reading, error) {
	size := len(listing.Body)
	links, err := p.Normalizer.Listing(src.Source, listing)
	guestOf(ctx).settle(size, nil) // a listing leaves nothing but links
	if err != nil {
		return reading{}, err
	}
	fresh, err := p.unknown(ctx, src, links)
	if err != nil {
		return reading{}, err
	}
	pages := pageReader{pipeline: p, src: src, room: p.pageRoom(known), out: reading{pages: newPageHabits(known)}}
	vain := repeatsOf(known)
	for _, link := range slices.Backward(fresh) {
		repeated := vain.take(likeLink(link.Title, time.Time{}))
		switch id := normalizer.PageID(src.Source, link); {
		case slices.Contains(known.Tried, id):
			pages.out.tried = append(pages.out.tried, id)
		case repeated:
			pages.out.repeated++
		default:
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
	room     int // pages that may be read
	out      reading
	missing  int // pages in a row that did not come
	failure  error
}

func (r *pageReader) read(ctx context.Context) (reading, error) {
	count := 0
	r.out.held = max(0, min(len(r.wanted), r.pipeline.PagesPerRefresh)-r.room)
	for more := true; more && count < min(len(r.wanted), r.room); count++ {
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
	a, err := r.pipeline.readPage(ctx, r.src, link, normalizer.PageID(r.src.Source, link), &r.out)
	if err == nil {
		r.out.addPage(a, likeLink(link.Title, time.Time{}))
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
	return r.missing < suspicious && !errors.Is(err, errFull)
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
// lets us, by the habits of the source's pages. It adds the page to these, and to
// what is kept of the reading.
func (p *Pipeline) readPage(ctx context.Context, src Source, link normalizer.Link, id string, into *reading) (article.Article, error) {
	visitor := guestOf(ctx)
	if visitor.isFull() {
		return article.Article{}, errFull
	}
	delay, err := p.allowed(ctx, link.URL)
	if err != nil {
		p.holdHost(ctx, link.URL, err)
		return article.Article{}, err
	}
	if err := p.renew(ctx); err != nil {
		return article.Article{}, err
	}
	held, err := p.waitForPage(ctx, link.URL, delay)
	defer p.leave(ctx, held)
	if err != nil {
		return article.Article{}, err
	}
	result, err := p.Fetcher.Fetch(ctx, fetcher.Request{
		URL: link.URL, Accept: fetcher.AcceptPage, InsecureHost: src.InsecureHost(), MakeRoom: visitor.enterByPage,
	})
	p.holdHost(ctx, link.URL, err)
	if err != nil {
		return article.Article{}, err
	}
	size := len(result.Body)
	p.parse <- struct{}{}
	defer func() { <-p.parse }()
	page, err := p.Normalizer.Page(src.Source, link, normalizer.Document{
		Body: result.Body, ContentType: result.ContentType, URL: result.FinalURL, Fetched: p.Now(),
		Chrome: into.pages.chrome(), Siblings: into.pages.siblings(),
	})
	visitor.gather(size, &page.Article)
	if err == nil {
		into.pages.add(page)
		into.raw = append(into.raw, p.keep(ctx, article.Raw{
			ArticleID: id, Link: link.URL, LinkTitle: link.Title,
			URL: result.FinalURL, ContentType: result.ContentType, Body: result.Body,
		})...)
	}
	return page.Article, err
}

// waitForPage waits for a turn for a page, at least delay after the one before. On
// the host of its source the refresh has a place, and keeps it so much longer; on
// another one a place is taken for this page.
func (p *Pipeline) waitForPage(ctx context.Context, address string, delay time.Duration) (*seat, error) {
	claim := p.claim(address, p.Now())
	home := seatIn(ctx).lease
	if claim.Places > 0 {
		claim.Gap = max(claim.Gap, delay)
	}
	if home.Host == claim.Host {
		claim.Lease = home
	}
	turn, err := p.await(ctx, claim, pageWait)
	if err == nil && !turn.Taken {
		err = fmt.Errorf("%w: %w", errNoTurn, notTaken(turn))
	}
	if claim.Lease == home {
		return &seat{}, err // the refresh goes on
	}
	return seatOf(claim, turn), err
}

// mayRecover reports whether the same page may be readable at another time.
func mayRecover(err error) bool {
	for _, passing := range []error{normalizer.ErrChallenged, normalizer.ErrEmpty, errNoTurn, errNoRobots, errFull, errNoRoom, store.ErrUnavailable} {
		if errors.Is(err, passing) {
			return true
		}
	}
	fetchErr, ok := errors.AsType[*fetcher.Error](err)
	if !ok {
		return false // it came, and has no article; or robots.txt forbids it
	}
	// 403, 401 and others are how a host refuses for a while.
	final := []fetcher.Kind{fetcher.KindGone, fetcher.KindTooLarge, fetcher.KindBlocked}
	return !slices.Contains(final, fetchErr.Kind) && fetchErr.Status != http.StatusNotFound
}
