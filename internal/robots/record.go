package robots

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
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
	heldUntil    time.Time // the host asked to be left alone; zero when it did not
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
// host and the others wait for it. The request goes on when nobody waits any more,
// so that its answer, or that there is none, is known the next time. Who cannot
// wait gets the copy that there is, fresh or not (RFC 9309 §2.4).
func (r *Rules) current(ctx context.Context, robotsURL string) (record, error) {
	if known, ok := r.fresh(robotsURL); ok {
		return known, nil
	}
	flight := r.flights.DoChan(robotsURL, func() (any, error) { return r.refresh(context.WithoutCancel(ctx), robotsURL) })
	select {
	case landed := <-flight:
		if landed.Err != nil {
			return record{}, landed.Err
		}
		return landed.Val.(record), nil
	case <-ctx.Done():
		if old, _ := r.cache.get(robotsURL); old.file != nil {
			return old, nil
		}
		return record{}, ctx.Err()
	}
}

func (r *Rules) fresh(robotsURL string) (record, bool) {
	known, ok := r.cache.get(robotsURL)
	return known, ok && r.now().Before(known.askAgain)
}

// refresh asks the host. Its only error is a panic, which no caller could catch: a
// flight is a goroutine of its own.
func (r *Rules) refresh(ctx context.Context, robotsURL string) (_ record, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v\n%s", ErrPanic, fault, debug.Stack())
		}
	}()
	if known, ok := r.fresh(robotsURL); ok { // another caller was a moment faster
		return known, nil
	}
	old, _ := r.cache.get(robotsURL)
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	result, failure := r.fetcher.Fetch(ctx, fetcher.Request{
		URL: robotsURL, Validators: old.validators, Accept: accept, Enough: maxFileBytes + 1, // one more shows that there is more
	})
	next := r.renewed(old, result, failure)
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
	next.heldUntil = time.Time{}
	if isHeld(err) {
		next.heldUntil = now.Add(retryAfter(err))
	}
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

// isHeld reports whether an answer's Retry-After is the wish of a host to be left
// alone (RFC 9110 §15.6.4, RFC 6585 §4).
func isHeld(err error) bool {
	failure, ok := errors.AsType[*fetcher.Error](err)
	return ok && (failure.Kind == fetcher.KindRateLimited || failure.Status == http.StatusServiceUnavailable)
}

func retryAfter(err error) time.Duration {
	failure, ok := errors.AsType[*fetcher.Error](err)
	if !ok {
		return 0
	}
	return failure.RetryAfter
}
