package robots

import (
	"context"
	"errors"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
)

const (
	// maxFresh is how long an answer is used at most, and how long without a
	// word from the server (RFC 9309 §2.4).
	maxFresh = 24 * time.Hour
	// minFresh bounds max-age from below. Sources are polled once an hour at
	// most, and the file must not cost more requests than they do.
	minFresh = time.Hour
	// retryAfterFailure lets a source that is polled every hour find the host
	// asked anew at its next turn, with two requests an hour to a host in trouble.
	retryAfterFailure = 30 * time.Minute
	// maxUnreachable is the "reasonably long period" after which a host that
	// never answered may be taken to have no rules (RFC 9309 §2.3.1.4).
	maxUnreachable = 30 * 24 * time.Hour
)

// accept names the media type that the file must have (RFC 9309 §2.3), and
// takes the others that it has.
const accept = "text/plain, */*;q=0.1"

// A record is what is known of one host's robots.txt. It is never changed, only
// replaced.
type record struct {
	file         *file  // the last one that was read; nil without one
	note         string // for people: why there is no file, or none could be had
	validators   article.Validators
	askAgain     time.Time
	failingSince time.Time // zero when the host answered the last time
}

// answer says what holds for a URI, from the best that is known.
func (r record) answer(uri string, now time.Time) Answer {
	switch {
	case r.file != nil:
		return r.file.answer(uri)
	case r.failingSince.IsZero():
		return Answer{Allowed: true, Reason: "the host has no robots.txt: " + r.note}
	case now.Sub(r.failingSince) >= maxUnreachable:
		return Answer{Allowed: true, Reason: "robots.txt could not be read for 30 days: " + r.note}
	}
	return Answer{Unknown: true, Reason: "robots.txt could not be read: " + r.note}
}

// size is about how much memory the record takes, its file included.
func (r record) size() int {
	size := len(r.note) + len(r.validators.ETag) + len(r.validators.LastModified)
	if r.file != nil {
		size += r.file.size()
	}
	return size
}

// current returns the record of a host, fresh. Of many callers one asks the
// host and the others wait for it; where that one is called off, the next asks.
func (r *Rules) current(ctx context.Context, robotsURL string) (record, error) {
	for {
		if known, ok := r.fresh(robotsURL); ok {
			return known, nil
		}
		flight := r.flights.DoChan(robotsURL, func() (any, error) { return r.refresh(ctx, robotsURL) })
		select {
		case landed := <-flight:
			if landed.Err == nil {
				return landed.Val.(record), nil
			}
			if ctx.Err() != nil {
				return record{}, ctx.Err()
			}
		case <-ctx.Done():
			return record{}, ctx.Err()
		}
	}
}

func (r *Rules) fresh(robotsURL string) (record, bool) {
	known, ok := r.cache.get(robotsURL)
	return known, ok && r.now().Before(known.askAgain)
}

// refresh asks the host. Its only error is the end of ctx, which says nothing
// of the host and is not remembered.
func (r *Rules) refresh(ctx context.Context, robotsURL string) (record, error) {
	if known, ok := r.fresh(robotsURL); ok { // another caller was a moment faster
		return known, nil
	}
	old, _ := r.cache.get(robotsURL)
	result, err := r.fetcher.Fetch(ctx, fetcher.Request{
		URL: robotsURL, Validators: old.validators, Accept: accept, Enough: maxFileBytes + 1, // one more shows that there is more
	})
	if ctx.Err() != nil {
		return record{}, ctx.Err()
	}
	next := r.renewed(old, result, err)
	r.cache.put(robotsURL, next)
	return next, nil
}

// renewed is what is known after an answer, or after none.
func (r *Rules) renewed(old record, result fetcher.Result, err error) record {
	now := r.now()
	switch {
	case err == nil && result.NotModified:
		return record{file: old.file, validators: result.Validators, askAgain: now.Add(freshFor(result))}
	case err == nil:
		return record{file: r.parse(result.Body), validators: result.Validators, askAgain: now.Add(freshFor(result))}
	case isUnavailable(err):
		return record{note: err.Error(), askAgain: now.Add(maxFresh)}
	}
	next := old // a copy is used for as long as nothing better can be had (RFC 9309 §2.4)
	next.note, next.askAgain = err.Error(), now.Add(max(retryAfterFailure, retryAfter(err)))
	if next.failingSince.IsZero() {
		next.failingSince = now
	}
	return next
}

// parse reads one file at a time: a hostile one takes some megabytes while it is read.
func (r *Rules) parse(body []byte) *file {
	r.parsing.Lock()
	defer r.parsing.Unlock()
	return parse(body, r.agent)
}

// freshFor is how long an answer is used. A server that gives no max-age, or
// forbids caching, gets what RFC 9309 §2.4 allows without it.
func freshFor(result fetcher.Result) time.Duration {
	if result.MaxAge == 0 {
		return maxFresh
	}
	return min(max(result.MaxAge, minFresh), maxFresh)
}

// isUnavailable reports whether the host said that it has no file for us: a 4xx
// (RFC 9309 §2.3.1.3) or redirects that lead nowhere (§2.3.1.2). A 429 says
// only that the host is busy, and counts as a 5xx.
func isUnavailable(err error) bool {
	failure, ok := errors.AsType[*fetcher.Error](err)
	return ok && (failure.Kind == fetcher.KindHTTP4xx ||
		failure.Kind == fetcher.KindGone ||
		failure.Kind == fetcher.KindBadRedirect)
}

func retryAfter(err error) time.Duration {
	failure, ok := errors.AsType[*fetcher.Error](err)
	if !ok {
		return 0
	}
	return failure.RetryAfter
}
