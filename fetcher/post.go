package fetcher

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"bantin/internal/article"
)

// Post sends a form to an address under the same guard, deadline and manners as
// Fetch. Every 2xx is a success, whatever it says. A redirect is not followed:
// it would be a GET without the form, or a form at a place that nobody chose.
// A failure is always an *Error. It is safe for concurrent use.
func (f *Fetcher) Post(ctx context.Context, address string, form url.Values) error {
	target, err := parseTarget(address)
	if err == nil {
		err = checkHost(target)
	}
	if err != nil {
		return &Error{Kind: KindBlocked, URL: rawWithoutUser(address), Err: err}
	}
	leave, err := f.gates.enter(ctx, article.Host(target))
	if err != nil {
		return &Error{
			Kind: kindOf(ctx, err, KindTimeout), URL: target.String(),
			Err: fmt.Errorf("wait for other requests to the host: %w", err),
		}
	}
	defer leave()
	ctx, cancel := context.WithTimeoutCause(ctx, f.options.Timeout,
		fmt.Errorf("no complete answer within %s: %w", f.options.Timeout, context.DeadlineExceeded))
	defer cancel()
	out, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return &Error{Kind: KindBlocked, URL: target.String(), Err: errNotURL}
	}
	out.Header.Set("User-Agent", f.userAgent)
	out.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	// A connection that the server has closed meanwhile is no failure: with an
	// empty key the transport sends the form again on another one.
	out.Header["Idempotency-Key"] = []string{}
	resp, err := f.transport.RoundTrip(out)
	if err != nil {
		return broken(ctx, target, KindNetwork, fmt.Errorf("no answer: %w", err))
	}
	defer resp.Body.Close()
	drain(resp.Body)
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return nil
	case isRedirect(resp.StatusCode):
		return redirectError(target, resp.StatusCode, errors.New("a form does not follow a redirect"))
	}
	return &Error{
		Kind: statusKind(resp.StatusCode), URL: target.String(), Status: resp.StatusCode,
		RetryAfter: retryAfter(resp.Header, f.options.Now()), Err: statusError(resp.StatusCode),
	}
}
