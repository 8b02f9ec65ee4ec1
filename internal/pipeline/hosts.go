package pipeline

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"bantin/fetcher"
	"bantin/internal/article"
	"bantin/internal/robots"
	"bantin/internal/store"
)

// robotsWait is how long a feed waits for robots.txt. An operator configured the
// feed; a host that hangs must not cost two deadlines.
const robotsWait = 5 * time.Second

var (
	// errForbidden says that robots.txt does not let us.
	errForbidden = errors.New("robots.txt forbids it")
	// errNoRobots says that robots.txt could not be read, which may pass.
	errNoRobots = errors.New("not without robots.txt")
	// errHeld says that a host is to be left alone: it asked for that, or others have
	// the next turns.
	errHeld = errors.New("the host asked to be left alone")
	// errTaken says that others had all places of a host while it was waited for.
	errTaken = errors.New("others ask the host, which gets no more requests at once")
)

// Robots answers what robots.txt of a host lets us do. *robots.Rules is one.
type Robots interface {
	Ask(ctx context.Context, url string) (robots.Answer, error)
}

// mayFetch asks robots.txt about a source's own document. A listing page obeys
// it; a feed that an operator configured is fetched unless it names our agent.
func (p *Pipeline) mayFetch(ctx context.Context, src Source, address string) error {
	if src.PageURL != "" {
		delay, err := p.allowed(ctx, address)
		if err != nil || delay == 0 || p.isOwn(address) {
			return err
		}
		// The listing's turn was taken before robots.txt was known.
		return p.Store.Hold(ctx, host(address), p.Now().Add(delay))
	}
	waiting, cancel := context.WithTimeout(ctx, robotsWait)
	defer cancel()
	answer, err := p.Robots.Ask(waiting, address)
	switch {
	case errors.Is(err, robots.ErrPanic):
		return err
	case err != nil:
		return nil // what cannot be read names nobody
	case answer.RetryAfter > 0:
		return busyRobots(address, answer)
	case answer.Named && !answer.Allowed:
		return fmt.Errorf("%w: %s", errForbidden, answer.Reason)
	}
	return nil
}

// allowed fails where robots.txt forbids an address, and returns the delay between
// requests that it asks for.
func (p *Pipeline) allowed(ctx context.Context, address string) (time.Duration, error) {
	answer, err := p.Robots.Ask(ctx, address)
	switch {
	case err != nil:
		return 0, err
	case answer.RetryAfter > 0:
		return 0, busyRobots(address, answer)
	case answer.Unknown:
		return 0, fmt.Errorf("%w: %s", errNoRobots, answer.Reason)
	case !answer.Allowed:
		return 0, fmt.Errorf("%w: %s", errForbidden, answer.Reason)
	}
	return answer.CrawlDelay, nil
}

// busyRobots is the failure of an address on a host that asked to be left alone when
// it was asked for robots.txt. What it says of one address holds for all of them.
func busyRobots(address string, answer robots.Answer) error {
	return &fetcher.Error{
		Kind: fetcher.KindRateLimited, URL: address, RetryAfter: answer.RetryAfter,
		Err: fmt.Errorf("robots.txt: %w", errHeld),
	}
}

func (p *Pipeline) isOwn(address string) bool { return p.Own != nil && p.Own(host(address)) }

// waitForTurn waits for a turn at the host of an address, for a refresh that
// somebody asked for by hand.
func (p *Pipeline) waitForTurn(ctx context.Context, address string) (*seat, error) {
	wait := max(handWait, time.Duration(p.PerHost)*p.HostGap) // so many of this process wait before it
	claim := p.claim(address, p.Now())
	turn, err := p.await(ctx, claim, wait)
	if err == nil && !turn.Taken {
		err = notTaken(turn)
	}
	return seatOf(claim, turn), err
}

// notTaken says why there was no turn.
func notTaken(turn store.Turn) error {
	if turn.Full { // and not held, see store.NextTurn
		return errTaken
	}
	return fmt.Errorf("%w until %s", errHeld, turn.At.Format(time.RFC3339))
}

func (p *Pipeline) sleepUntil(ctx context.Context, t time.Time) error {
	select {
	case <-time.After(t.Sub(p.Now())):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// holdHost lets nobody ask a host before the time that it named (RFC 9110
// §10.2.3): what it says of one address holds for all of them. Where a redirect
// led to it, the host that was asked is held too, or it would lead there again.
func (p *Pipeline) holdHost(ctx context.Context, address string, err error) {
	fetchErr, ok := errors.AsType[*fetcher.Error](err)
	if !ok || fetchErr.RetryAfter <= 0 {
		return
	}
	if fetchErr.Kind != fetcher.KindRateLimited && fetchErr.Status != http.StatusServiceUnavailable {
		return
	}
	until := p.Now().Add(fetchErr.RetryAfter)
	for _, held := range slices.Compact([]string{host(address), host(fetchErr.URL)}) {
		if err := p.Store.Hold(ctx, held, until); err != nil {
			p.Logger.ErrorContext(ctx, "hold host", "host", held, "error", err)
		}
	}
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return article.Host(u)
}
