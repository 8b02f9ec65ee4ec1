package fetcher

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// The defaults of Options.
const (
	// DefaultTimeout lets the slowest portals finish, which need 8 s and more
	// for an answer, and ends a server that sends a byte a second.
	DefaultTimeout = 30 * time.Second
	// DefaultMaxBodyBytes is 10 MB, many times the longest feed of a newspaper.
	DefaultMaxBodyBytes = 10 << 20
	// DefaultPerHost is what a browser of the days of small servers allowed
	// itself: one slow answer does not hold up the host's other feeds.
	DefaultPerHost = 2
)

// Options say how to fetch. The zero value of each field means its default.
type Options struct {
	// Contact is where a webmaster learns who asks: a URL or a mail address.
	// It stands in the User-Agent; without it the User-Agent has no comment.
	Contact string
	// Version of Bantin, for the User-Agent. Default "dev".
	Version string
	// AllowNetworks are the exceptions from the address guard. A host inside
	// them may have any port.
	AllowNetworks []netip.Prefix
	// Timeout covers a fetch from the first dial to the last byte, redirects
	// included, but not the wait for a place at the host or for room.
	Timeout time.Duration
	// MaxBodyBytes is the limit of a body after decompression.
	MaxBodyBytes int64
	// PerHost is how many requests one host (with its port) gets at a time.
	PerHost int

	// Resolver looks up names. Default: the system's.
	Resolver *net.Resolver
	// RootCAs are the certificates that are trusted. Default: the system's.
	RootCAs *x509.CertPool
	// Now is the clock that absolute times of a server are measured against
	// when its answer has no Date. Default: the system's.
	Now func() time.Time
}

// Validate returns all that is wrong with the options, joined.
func (o Options) Validate() error {
	var problems []error
	if !isComment(o.Contact) {
		problems = append(problems, errors.New("contact: only printable ASCII without parentheses can stand in a User-Agent"))
	}
	if !isComment(o.Version) || strings.Contains(o.Version, " ") {
		problems = append(problems, errors.New("version: only printable ASCII without spaces and parentheses can stand in a User-Agent"))
	}
	for _, network := range o.AllowNetworks {
		if !network.IsValid() {
			problems = append(problems, errors.New("allow networks: not a network; write it like 10.1.0.0/16"))
		}
	}
	if o.Timeout < 0 {
		problems = append(problems, fmt.Errorf("timeout: %s is negative", o.Timeout))
	}
	if o.MaxBodyBytes < 0 {
		problems = append(problems, fmt.Errorf("max body bytes: %d is negative", o.MaxBodyBytes))
	}
	if o.PerHost < 0 {
		problems = append(problems, fmt.Errorf("per host: %d is negative", o.PerHost))
	}
	return errors.Join(problems...)
}

// isComment reports whether s can stand inside a comment of a User-Agent as it
// is (RFC 9110 §5.6.5).
func isComment(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r < ' ' || r > '~' || strings.ContainsRune(`()\`, r)
	})
}

func (o Options) withDefaults() Options {
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxBodyBytes <= 0 {
		o.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if o.PerHost <= 0 {
		o.PerHost = DefaultPerHost
	}
	if o.Now == nil {
		o.Now = time.Now //nolint:forbidigo // the default of a clock that the caller can give
	}
	return o
}

// userAgent is one constant text, never a browser's (RFC 9110 §10.1.5).
func (o Options) userAgent() string {
	if o.Contact == "" {
		return "Bantin/" + o.Version
	}
	return "Bantin/" + o.Version + " (+" + o.Contact + ")"
}
