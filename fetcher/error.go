package fetcher

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// Kind says what went wrong, in the terms of what the caller does about it.
type Kind string

// The kinds of failure.
const (
	KindTimeout     Kind = "timeout"      // no complete answer in time
	KindDNS         Kind = "dns"          // the host's name was not resolved
	KindTLS         Kind = "tls"          // no secure connection, or a certificate that proves nothing
	KindRefused     Kind = "refused"      // nothing listens there
	KindHTTP4xx     Kind = "http_4xx"     // but 410 and 429
	KindHTTP5xx     Kind = "http_5xx"     // 503 may bring a RetryAfter
	KindRateLimited Kind = "rate_limited" // 429
	KindGone        Kind = "gone"         // 410: the server says that it will not come back
	KindTooLarge    Kind = "too_large"    // the decoded body passes MaxBodyBytes
	KindBlocked     Kind = "blocked"      // the address guard, or not a web address; the operator's to mend
	KindBadRedirect Kind = "bad_redirect" // a loop, or a 3xx that leads nowhere
	KindTruncated   Kind = "truncated"    // the body did not arrive whole
	KindBadEncoding Kind = "bad_encoding" // the body's Content-Encoding is broken or not the one asked for
	KindCanceled    Kind = "canceled"     // by the caller's context or its MakeRoom; says nothing about the source
	KindNetwork     Kind = "network"      // any other break of the connection or of HTTP
)

// An Error is the only error that Fetch returns.
type Error struct {
	Kind       Kind
	URL        string        // that failed, which a redirect may have named; without user name and password
	Status     int           // of the answer that is the failure; 0 when something else is
	RetryAfter time.Duration // the server's wish, at most 7 days; 0 when it gave none
	Err        error         // the cause
}

// maxErrorText is how much of a cause is shown. The cause may quote the server,
// which may send 256 KB where a status line belongs.
const maxErrorText = 300

// Error shows neither the query, where some feeds carry a key, nor credentials.
func (e *Error) Error() string {
	shown, _, hasQuery := strings.Cut(e.URL, "?")
	if hasQuery {
		shown += "?…"
	}
	return "fetch " + short(shown) + ": " + short(e.Err.Error())
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func short(text string) string {
	if len(text) <= maxErrorText {
		return text
	}
	return strings.ToValidUTF8(text[:maxErrorText], "") + "…"
}

// kindOf asks a failed exchange for its kind; otherwise is the kind when the
// cause itself does not tell.
func kindOf(ctx context.Context, err error, otherwise Kind) Kind {
	dns, _ := errors.AsType[*net.DNSError](err)
	switch {
	case errors.Is(err, errNoRoom), ctx.Err() != nil && !errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return KindCanceled
	case dns != nil: // before the timeout: it tells more
		return KindDNS
	case isTimeout(ctx, err):
		return KindTimeout
	case errors.Is(err, syscall.ECONNREFUSED):
		return KindRefused
	case errors.Is(err, errTooLarge):
		return KindTooLarge
	case errors.Is(err, errBadEncoding), isBadGzip(err):
		return KindBadEncoding
	}
	return otherwise
}

func isTimeout(ctx context.Context, err error) bool {
	netError, ok := errors.AsType[net.Error](err)
	return ctx.Err() != nil || ok && netError.Timeout()
}

func isBadGzip(err error) bool {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	return corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum)
}

// statusKind is the kind of an answer that is neither a document nor a redirect.
func statusKind(status int) Kind {
	switch {
	case status == http.StatusGone:
		return KindGone
	case status == http.StatusTooManyRequests:
		return KindRateLimited
	case status >= 500: // above 599 too: 999 is in use for "go away"
		return KindHTTP5xx
	case status >= 400:
		return KindHTTP4xx
	case status >= 300:
		return KindBadRedirect
	}
	return KindNetwork
}

func statusError(status int) error {
	return fmt.Errorf("status %d %s", status, strings.ToLower(http.StatusText(status)))
}
