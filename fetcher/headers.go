package fetcher

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bantin/internal/article"
)

// What a Request may accept. Everything else is accepted too, at the lowest
// weight: many servers answer 406 to a list without it, and send feeds as
// text/html.
const (
	AcceptFeed = "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
	AcceptPage = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
)

// maxWait is the longest that a header can make a source wait. A server that
// says ten years by mistake must not fall silent for ever.
const maxWait = 7 * 24 * time.Hour

// maxValidatorBytes is the longest validator that is sent back: servers give a
// whole request header 8 KB and answer 400 above it, and a source whose own
// ETag locks it out would be lost.
const maxValidatorBytes = 2 << 10

// requestHeader is all that a server is told. Accept-Encoding is left to the
// transport, which then decodes the answer itself.
func requestHeader(req Request, userAgent string) http.Header {
	h := make(http.Header)
	h.Set("User-Agent", userAgent)
	h.Set("Accept", req.Accept)
	if req.Accept == "" {
		h.Set("Accept", AcceptFeed)
	}
	// Both are sent when both are known (RFC 9110 §13.1.3).
	if etag := validator(req.Validators.ETag); etag != "" {
		h.Set("If-None-Match", etag)
	}
	if modified := validator(req.Validators.LastModified); modified != "" {
		h.Set("If-Modified-Since", modified)
	}
	return h
}

func isConditional(h http.Header) bool {
	return h.Get("If-None-Match") != "" || h.Get("If-Modified-Since") != ""
}

// responseValidators are the answer's own, byte for byte; none where it has none.
func responseValidators(h http.Header) article.Validators {
	return article.Validators{
		ETag:         validator(h.Get("ETag")),
		LastModified: validator(h.Get("Last-Modified")),
	}
}

// freshened are the validators after a 304: those that it brings replace the
// ones that were sent (RFC 9111 §4.3.4).
func freshened(sent article.Validators, h http.Header) article.Validators {
	newest := responseValidators(h)
	if newest.ETag == "" {
		newest.ETag = sent.ETag
	}
	if newest.LastModified == "" {
		newest.LastModified = sent.LastModified
	}
	return newest
}

// validator returns value if it can be sent in a header, else nothing: the next
// request is then unconditional, which is always right.
func validator(value string) string {
	unsendable := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f } // RFC 9110 §5.5
	if len(value) > maxValidatorBytes || strings.ContainsFunc(value, unsendable) {
		return ""
	}
	return value
}

// maxAge is how long the answer asks not to be asked again: max-age, else
// Expires less Date (RFC 9111 §4.2.1). Age is not subtracted: what a cache
// between us kept is no reason to ask sooner.
func maxAge(h http.Header, now time.Time) time.Duration {
	age, hasAge := time.Duration(0), false
	for directive := range strings.SplitSeq(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
		switch strings.ToLower(name) {
		case "no-cache", "no-store":
			return 0
		case "max-age":
			if !hasAge { // of several the first counts (RFC 9111 §4.2.1)
				age, hasAge = seconds(strings.Trim(value, `"`)), true
			}
		}
	}
	if hasAge {
		return age
	}
	// "Expires: 0" and other non-dates mean "already" (RFC 9111 §5.3).
	return until(h.Get("Expires"), h, now)
}

// retryAfter is the server's wish in either form (RFC 9110 §10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if wait := seconds(value); wait > 0 {
		return wait
	}
	return until(value, h, now)
}

// seconds reads a count of seconds, at most maxWait. What overflows is very
// long (RFC 9111 §1.2.2); what is no such number is 0.
func seconds(value string) time.Duration {
	n, err := strconv.ParseUint(value, 10, 64)
	if errors.Is(err, strconv.ErrRange) || n > uint64(maxWait/time.Second) {
		return maxWait
	}
	return time.Duration(n) * time.Second
}

// until measures from the answer's own Date to a time in it, so that a server
// whose clock is wrong still means what it says; now stands in for a Date.
func until(value string, h http.Header, now time.Time) time.Duration {
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(at.Sub(now), 0), maxWait)
}
