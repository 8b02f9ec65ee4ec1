package fetcher

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"bantin/internal/article"
)

// maxRequests bounds a chain of redirects, the first request included. Real
// chains have two or three; browsers give up at 20.
const maxRequests = 10

// A Request asks for one document.
type Request struct {
	URL        string
	Validators article.Validators // of the last good answer; empty for an unconditional request
	Accept     string             // AcceptFeed, which is the default, or AcceptPage
	// InsecureHost is the name of a host whose certificate is not checked, on
	// whatever port. Any other host that a redirect leads to is checked. Empty:
	// every host is. Who stands between us and that host can read and change all
	// that comes from it.
	InsecureHost string
	// Enough is the number of bytes after which the body is read no further; 0
	// where it is wanted whole.
	Enough int64
	// MakeRoom is called once, when a body grows past LargeBody, and returns when
	// there is memory for it. The server is not blamed for the time that it takes.
	// Its error ends the fetch, as KindCanceled. Nil: there is always room.
	MakeRoom func(ctx context.Context) error
}

// A Result is an answer: a document, or the news that it has not changed.
type Result struct {
	Status      int
	NotModified bool               // 304: Body, BodyHash are empty
	Body        []byte             // whole and decoded
	BodyHash    string             // SHA-256 of Body in hexadecimal
	ContentType string             // as the header has it; may be empty
	FinalURL    string             // where the answer came from
	MovedTo     string             // where the permanent redirects at the start of the chain lead; empty without
	Validators  article.Validators // to send next time, once the body is dealt with
	MaxAge      time.Duration      // do not ask sooner; 0 to 7 days
}

// Fetch retrieves one document. A failure is always an *Error. It is safe for
// concurrent use. A redirect from https to http is followed like any other: it
// is the secure server itself that gives it.
func (f *Fetcher) Fetch(ctx context.Context, req Request) (Result, error) {
	target, err := parseTarget(req.URL)
	if err != nil {
		return Result{}, &Error{Kind: KindBlocked, URL: rawWithoutUser(req.URL), Err: err}
	}
	var (
		timeout   = newCountdown(f.options.Timeout)
		seen      []string
		movedTo   string
		permanent = true
	)
	for range maxRequests {
		got, err := f.visit(ctx, target, req, timeout)
		if err != nil {
			return Result{}, err
		}
		if got.location == nil {
			got.result.FinalURL, got.result.MovedTo = target.String(), movedTo
			return got.result, nil
		}
		// Without cookies the same question has the same got.
		seen = append(seen, target.String())
		if slices.Contains(seen, got.location.String()) {
			return Result{}, redirectError(target, got.result.Status, errors.New("redirect loop"))
		}
		permanent = permanent && isPermanent(got.result.Status)
		if permanent {
			movedTo = got.location.String()
		}
		target = got.location
	}
	return Result{}, redirectError(target, 0, fmt.Errorf("more than %d redirects", maxRequests-1))
}

// An answer is the end of the chain, or the next link of it.
type answer struct {
	result   Result
	location *url.URL // nil at the end
}

// visit makes one request of a chain. It waits for its place at the host off
// the clock.
func (f *Fetcher) visit(ctx context.Context, target *url.URL, req Request, timeout *countdown) (answer, error) {
	if err := checkHost(target); err != nil {
		return answer{}, &Error{Kind: KindBlocked, URL: withoutUser(target), Err: err}
	}
	leave, err := f.gates.enter(ctx, article.Host(target))
	if err != nil {
		return answer{}, &Error{
			Kind: kindOf(ctx, err, KindTimeout), URL: target.String(),
			Err: fmt.Errorf("wait for other requests to the host: %w", err),
		}
	}
	defer leave()
	ctx, stop := timeout.start(ctx)
	defer stop()
	if makeRoom := req.MakeRoom; makeRoom != nil {
		req.MakeRoom = func(ctx context.Context) error {
			timeout.pause()
			defer timeout.resume()
			return makeRoom(ctx)
		}
	}
	return f.exchange(ctx, target, req)
}

func (f *Fetcher) exchange(ctx context.Context, target *url.URL, req Request) (answer, error) {
	var badHandshake atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { badHandshake.Store(err != nil) },
	})
	out, err := http.NewRequestWithContext(traced, http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return answer{}, &Error{Kind: KindBlocked, URL: target.String(), Err: errNotURL}
	}
	out.Header = requestHeader(req, f.userAgent)
	// The transport itself, not an http.Client: a client would add a Referer
	// after a redirect, and credentials from a URL.
	resp, err := f.transportTo(target, req.InsecureHost).RoundTrip(out)
	if err != nil {
		otherwise := KindNetwork
		if badHandshake.Load() {
			otherwise = KindTLS // crypto/tls has no type for most of its errors
		}
		return answer{}, broken(ctx, target, otherwise, fmt.Errorf("no answer: %w", err))
	}
	defer resp.Body.Close()
	return f.read(ctx, target, req, resp)
}

// transportTo is the one that checks certificates, but for the host that the
// request excepts.
func (f *Fetcher) transportTo(target *url.URL, insecureHost string) *http.Transport {
	if insecureHost != "" && hostName(target.Hostname()) == hostName(insecureHost) {
		return f.insecure
	}
	return f.transport
}

// read takes an answer apart by its status.
func (f *Fetcher) read(ctx context.Context, target *url.URL, req Request, resp *http.Response) (answer, error) {
	result := Result{
		Status:      resp.StatusCode,
		ContentType: resp.Header.Get("Content-Type"),
		MaxAge:      maxAge(resp.Header, f.options.Now()),
	}
	switch {
	case isRedirect(resp.StatusCode):
		drain(resp.Body)
		location, err := parseLocation(target, resp.Header.Get("Location"))
		if err != nil {
			return answer{}, redirectError(target, resp.StatusCode, err)
		}
		return answer{result: result, location: location}, nil
	case resp.StatusCode == http.StatusNotModified && isConditional(resp.Request.Header):
		result.NotModified = true
		result.Validators = freshened(req.Validators, resp.Header)
		return answer{result: result}, nil
	case resp.StatusCode == http.StatusPartialContent: // though no Range was asked for
		return answer{}, &Error{Kind: KindTruncated, URL: target.String(), Status: resp.StatusCode, Err: statusError(resp.StatusCode)}
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		body, err := readBody(ctx, resp, req, f.options.MaxBodyBytes)
		if err != nil {
			return answer{}, broken(ctx, target, KindTruncated, err)
		}
		result.Body, result.BodyHash = body, hash(body)
		result.Validators = responseValidators(resp.Header)
		return answer{result: result}, nil
	}
	drain(resp.Body)
	return answer{}, &Error{
		Kind: statusKind(resp.StatusCode), URL: target.String(), Status: resp.StatusCode,
		RetryAfter: retryAfter(resp.Header, f.options.Now()), Err: statusError(resp.StatusCode),
	}
}

// broken is the error of an exchange that did not end in a whole answer.
func broken(ctx context.Context, target *url.URL, otherwise Kind, err error) *Error {
	if blocked, ok := errors.AsType[*blockedError](err); ok {
		return &Error{Kind: KindBlocked, URL: target.String(), Err: blocked} // without "dial tcp"
	}
	kind := kindOf(ctx, err, otherwise)
	if kind == KindTimeout && ctx.Err() != nil {
		err = context.Cause(ctx) // says which deadline it was
	}
	return &Error{Kind: kind, URL: target.String(), Err: err}
}

func redirectError(target *url.URL, status int, err error) *Error {
	return &Error{Kind: KindBadRedirect, URL: target.String(), Status: status, Err: err}
}

// isRedirect holds for the statuses whose Location is to be followed
// (RFC 9110 §15.4); 300 leaves the choice to a person.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func isPermanent(status int) bool {
	return status == http.StatusMovedPermanently || status == http.StatusPermanentRedirect
}
