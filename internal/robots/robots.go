package robots

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"bantin/fetcher"
	"bantin/internal/article"
)

// ErrPanic says that reading a file failed by a fault of ours.
var ErrPanic = errors.New("panic")

// ErrAddress says that robots.txt has no say on a URL, because it is not an
// absolute http or https URL, or is longer than any server need take.
var ErrAddress = errors.New("not a web address")

// DefaultAgent is the name in the User-Agent that fetcher sends, without the
// version. A webmaster writes it into robots.txt to speak to us alone.
const DefaultAgent = "Bantin"

// maxURLBytes bounds the work of a question. RFC 9110 §4.1 asks servers for
// 8,000 octets; no article stands at a longer address.
const maxURLBytes = 8000

// A Fetcher retrieves one document, following redirects: at least five of them
// (RFC 9309 §2.3.1.2). An HTTP status that is no success is a *fetcher.Error.
type Fetcher interface {
	Fetch(ctx context.Context, req fetcher.Request) (fetcher.Result, error)
}

// Options say who asks, and how.
type Options struct {
	Fetcher Fetcher
	// Agent is our product token (RFC 9309 §2.2.1); what follows the token, as
	// a version does, is left out. Default DefaultAgent.
	Agent string
	// Now is the clock. Default: the system's.
	Now func() time.Time
	// Timeout ends a request that nobody may be waiting for any more, with the wait
	// for its place at the host. Default: twice that of a fetcher.
	Timeout time.Duration
}

// Rules knows the robots.txt of the hosts that it was asked about. It is safe
// for concurrent use.
type Rules struct {
	fetcher Fetcher
	agent   string
	now     func() time.Time
	timeout time.Duration
	cache   *cache
	flights singleflight.Group
	parsing sync.Mutex
}

// New makes Rules that know nothing yet.
func New(options Options) *Rules {
	r := &Rules{
		fetcher: options.Fetcher,
		agent:   productToken(options.Agent),
		now:     options.Now,
		timeout: options.Timeout,
		cache:   newCache(),
	}
	if r.agent == "" {
		r.agent = DefaultAgent
	}
	if r.now == nil {
		r.now = time.Now //nolint:forbidigo // the default of a clock that the caller can give
	}
	if r.timeout <= 0 {
		r.timeout = 2 * fetcher.DefaultTimeout
	}
	return r
}

// An Answer is what a host's robots.txt says of one URL.
type Answer struct {
	Allowed    bool
	Unknown    bool          // the file could not be read: it is not the host that forbids
	Named      bool          // a group of the file names our agent
	CrawlDelay time.Duration // between two requests to the host; 0 to 60 s
	RetryAfter time.Duration // the host's wish to be left alone, told when it was asked for the file; 0 without
	Reason     string        // one line for people
}

// Ask returns what robots.txt says of a URL, and asks the host for the file
// where the copy at hand is too old. A host that cannot be asked is an Answer,
// not an error, and so is one that takes longer than ctx where there is a copy: the
// errors are ErrAddress, ErrPanic and the end of ctx.
func (r *Rules) Ask(ctx context.Context, rawURL string) (Answer, error) {
	at, err := locate(rawURL)
	if err != nil {
		return Answer{}, fmt.Errorf("ask robots.txt: %w", err)
	}
	if at.uri == "/robots.txt$" { // RFC 9309 §2.2.2
		return Answer{Allowed: true, Reason: "robots.txt itself may always be read"}, nil
	}
	known, err := r.current(ctx, at.robotsURL)
	if err != nil {
		return Answer{}, fmt.Errorf("ask robots.txt: %w", err)
	}
	answer := known.answer(at.uri, r.now())
	answer.RetryAfter = max(0, known.heldUntil.Sub(r.now()))
	return answer, nil
}

// A location is a URL as this package needs it.
type location struct {
	robotsURL string // of the file that speaks for it: one for a scheme, host and port (RFC 9309 §2.3)
	uri       string // path and query as matching compares them
}

func locate(rawURL string) (location, error) {
	if len(rawURL) > maxURLBytes {
		return location{}, fmt.Errorf("%w: longer than %d bytes", ErrAddress, maxURLBytes)
	}
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return location{}, ErrAddress // without the cause, which may quote a part of a password
	}
	robotsURL := url.URL{Scheme: u.Scheme, Host: article.Host(u), Path: "/robots.txt"}
	return location{robotsURL: robotsURL.String(), uri: matchable(u.RequestURI())}, nil
}
